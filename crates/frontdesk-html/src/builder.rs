//! [`TreeBuilder`]: a [`Sink`] that makes nodes.

use crate::{AttrValue, Element, Markup, Name, Node, Sink, element};

/// Makes a tree of what is written into it, to be searched and changed before it is rendered.
///
/// ```
/// use frontdesk_html::{SinkExt, TreeBuilder};
///
/// let mut out = TreeBuilder::new();
/// out.text_element("p", "", "1 < 2");
/// let mut tree = out.finish();
/// tree.each_mut("p", |p| _ = p.add_class("note"))?;
/// assert_eq!(tree.to_string(), r#"<p class="note">1 &lt; 2</p>"#);
/// # Ok::<(), frontdesk_html::SelectorError>(())
/// ```
#[derive(Debug, Default)]
pub struct TreeBuilder {
    done: Vec<Node>,
    open: Vec<Element>,
    /// How many elements are open inside a void one, which takes none.
    skipped: usize,
}

impl TreeBuilder {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree; elements that are still open are ended. Without exactly one node it is a [`Node::Group`].
    pub fn finish(mut self) -> Node {
        while !self.open.is_empty() {
            self.close();
        }
        match self.done.len() {
            1 => self.done.remove(0),
            _ => self.done.into(),
        }
    }

    /// Where children go, if they may.
    fn children(&mut self) -> Option<&mut Vec<Node>> {
        let takes = self.skipped == 0 && !self.open.last().is_some_and(|parent| parent.tag().is_void());
        debug_assert!(takes, "a void element has no children");
        match self.open.last_mut() {
            _ if !takes => None,
            Some(parent) => Some(parent.children_mut()),
            None => Some(&mut self.done),
        }
    }

    fn push_attr(&mut self, name: Name, value: AttrValue) {
        let element = self.open.last_mut().filter(|element| element.child_nodes().is_empty());
        debug_assert!(element.is_some(), "an attribute must follow the opening of its element");
        if let Some(element) = element
            && self.skipped == 0
        {
            element.push_attr(name, value);
        }
    }
}

impl Sink for TreeBuilder {
    fn open(&mut self, tag: Name) {
        if self.children().is_some() {
            self.open.push(element(tag));
        } else {
            self.skipped += 1;
        }
    }

    fn attr(&mut self, name: Name, value: &str) {
        self.push_attr(name, AttrValue::Text(value.to_owned().into()));
    }

    fn flag(&mut self, name: Name) {
        self.push_attr(name, AttrValue::Flag);
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(children) = self.children() {
            // One text, one node: a search for it should not depend on how it was written.
            if let Some(Node::Text(last)) = children.last_mut() {
                last.to_mut().push_str(text);
            } else {
                children.push(text.to_owned().into());
            }
        }
    }

    fn markup(&mut self, markup: &Markup) {
        if markup.is_empty() {
            return;
        }
        if let Some(children) = self.children() {
            children.push(markup.clone().into());
        }
    }

    fn close(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        debug_assert!(!self.open.is_empty(), "no element is open");
        if let Some(element) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children_mut().push(element.into()),
                None => self.done.push(element.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Nodes, SinkExt, cat, div};

    #[test]
    fn one_node_stands_alone_and_several_are_a_group() {
        assert_eq!(TreeBuilder::new().finish(), Node::empty());

        let mut out = TreeBuilder::new();
        out.text("a");
        out.text("b");
        assert_eq!(out.finish(), Node::from("ab"));

        let mut out = TreeBuilder::new();
        out.element("div", |_| {});
        out.open("div".into());
        out.flag("hidden".into());
        out.text("x");
        assert_eq!(out.finish(), cat([div(), div().attr("hidden", true).child("x")]));
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "a void element has no children"))]
    fn a_void_element_takes_no_children() {
        let mut out = TreeBuilder::new();
        out.element("br", |out| {
            out.element("b", |out| out.attribute("id", "x"));
            out.attribute("class", "kept");
        });
        assert_eq!(out.finish().to_string(), r#"<br class="kept">"#);
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "an attribute must follow"))]
    fn a_late_attribute_is_ignored() {
        let mut out = TreeBuilder::new();
        out.element("p", |out| {
            out.text("a");
            out.attribute("class", "late");
        });
        assert_eq!(out.finish().to_string(), "<p>a</p>");
    }

    #[test]
    fn empty_text_and_markup_leave_no_node() {
        let mut out = TreeBuilder::new();
        out.text("");
        out.markup(&Markup::default());
        assert_eq!(out.finish(), Node::Group(Nodes::default()));
    }
}
