//! The same tree comes out, whichever way it is written.

use frontdesk_html::{HtmlWriter, TreeBuilder};
use proptest::prelude::*;

use crate::trees::tree;

proptest! {
    #[test]
    fn bytes_and_trees(node in tree()) {
        let mut bytes = HtmlWriter::with_capacity(64);
        node.write_to(&mut bytes);
        let bytes = bytes.into_string();

        let mut built = TreeBuilder::new();
        node.write_to(&mut built);
        let built = built.finish();

        prop_assert_eq!(built.to_string(), bytes.as_str());
        prop_assert_eq!(built.text_content(), node.text_content());
        prop_assert_eq!(node.render().into_string(), bytes.as_str());
        prop_assert_eq!(node.to_string(), bytes.as_str());
        let mut appended = String::from("before ");
        node.render_into(&mut appended);
        prop_assert_eq!(appended, format!("before {bytes}"));
    }

    #[test]
    fn a_clone_is_equal_and_another_tree_is_not(node in tree(), other in tree()) {
        let copy = node.clone();
        prop_assert_eq!(&copy, &node);
        if copy.to_string() != other.to_string() {
            prop_assert_ne!(copy, other);
        }
    }
}
