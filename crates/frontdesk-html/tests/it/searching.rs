//! Changing what a search found.

use frontdesk_html::{
    Element, Markup, Node, Selector, cat, div, em, form, input, label, option, p, select, span, strong,
};

fn color_form() -> Element {
    form()
        .attr("method", "post")
        .child(
            div()
                .class("row")
                .child(label().attr("for", "thing_name").child("Name"))
                .child(input().id("thing_name").attr("name", "name")),
        )
        .child(cat([div().class("row").child(
            select().attr("name", "color").children(["red", "blue"].map(|color| option().child(color))),
        )]))
}

#[test]
fn find_sees_the_element_itself_and_all_below() {
    let form = color_form();
    assert_eq!(form.find("form").unwrap().len(), 1);
    assert_eq!(form.find("form > .row").unwrap().len(), 2, "a group stands between");
    assert_eq!(form.find(".row + .row").unwrap().len(), 1);
    assert_eq!(form.find_first("option:last-child").unwrap().unwrap().text_content(), "blue");
    assert_eq!(form.find_first("table").unwrap(), None);
    assert!(form.find("table[").is_err());
}

#[test]
fn find_mut_changes_the_first() {
    let mut form = color_form();
    form.find_mut("[name=color]").unwrap().unwrap().set_attr("class", "my-class");
    assert_eq!(form.find("select.my-class").unwrap().len(), 1);
    form.find_mut(":root").unwrap().unwrap().set_attr("method", "get");
    assert_eq!(form.get_attr("method"), Some("get"));
    assert!(form.find_mut("table").unwrap().is_none());

    let mut node = Node::from(color_form());
    node.find_mut("option + option").unwrap().unwrap().set_attr("selected", true);
    assert_eq!(node.find_text("blue")[0].get_attr("selected"), Some(""));
}

#[test]
fn each_mut_goes_in_document_order_over_what_matched_before() {
    let mut tree = Node::from(div().child(div().child(div())).child(div()));
    let mut number = 0;
    let count = tree.each_mut("div", |el| {
        el.set_attr("id", number);
        number += 1;
        el.children_mut().push(div().class("new").into());
    });
    assert_eq!(count, Ok(4));
    let numbers: Vec<_> =
        tree.find("div:not(.new)").unwrap().iter().map(|el| el.get_attr("id").unwrap()).collect();
    assert_eq!(numbers, ["0", "1", "2", "3"]);
    assert_eq!(tree.find(".new").unwrap().len(), 4);
}

#[test]
fn each_mut_does_not_visit_what_is_taken_out() {
    let mut tree = div().child(p().child(em())).child(p());
    let mut seen = Vec::new();
    let count = tree.each_mut("p, em", |el| {
        seen.push(el.tag().to_string());
        el.children_mut().clear();
    });
    assert_eq!(count, Ok(2));
    assert_eq!(seen, ["p", "p"]);
}

#[test]
fn replace_wraps_the_outermost_match() {
    let mut tree = Node::from(p().child(em().child(em().child("deep"))).child("and").child(em()));
    let count = tree.replace("em", |em| strong().child(em.clone()).into());
    assert_eq!(count, Ok(2));
    assert_eq!(
        tree.to_string(),
        "<p><strong><em><em>deep</em></em></strong>and<strong><em></em></strong></p>"
    );
    // No mark is left over from the copies.
    assert_eq!(tree.each_mut("em em", |el| _ = el.set_attr("id", "x")), Ok(1));
    assert_eq!(tree.find("[id]").unwrap().len(), 1);
}

#[test]
fn a_node_can_replace_or_remove_itself_and_an_element_cannot() {
    let mut node = Node::from(p());
    assert_eq!(node.replace("p", |_| "text".into()), Ok(1));
    assert_eq!(node, Node::from("text"));
    let mut node = Node::from(p());
    assert_eq!(node.remove("p"), Ok(1));
    assert_eq!(node, Node::empty());

    let mut element = p().child(p());
    assert_eq!(element.remove("p"), Ok(1));
    assert_eq!(element, p());
    assert_eq!(element.remove("p"), Ok(0));
    assert_eq!(element.replace("p", |_| "x".into()), Ok(0));
}

#[test]
fn remove_takes_matches_out_of_groups_too() {
    let mut node =
        cat([p().class("x").into(), cat([p().class("x"), p()]), "x".into(), p().class("x").into()]);
    assert_eq!(node.remove(".x"), Ok(3));
    assert_eq!(node.to_string(), "<p></p>x");
}

#[test]
fn text_search_looks_at_what_an_element_holds_directly() {
    let tree = div().child(span().child(cat(["a needle"]))).child("hay").child(p().child("needles"));
    let found: Vec<_> = tree.find_text("needle").iter().map(|el| el.tag().to_string()).collect();
    assert_eq!(found, ["span", "p"]);
    assert_eq!(tree.find_text_by(|text| text.len() == 3)[0].tag().as_str(), "div");
    assert!(tree.find_text("NEEDLE").is_empty());
}

#[test]
fn markup_is_opaque() {
    let tree = div().child(Markup::trusted("<b>needle</b>"));
    assert!(tree.find("b").unwrap().is_empty());
    assert!(tree.find_text("needle").is_empty());
    assert!(tree.find("div:empty").unwrap().is_empty());
    assert_eq!(tree.text_content(), "");
}

#[test]
fn names_of_tags_and_attributes_have_no_case() {
    let tree = div().attr("viewBox", "0 0 1 1").child(frontdesk_html::element("linearGradient"));
    let selector = Selector::parse("DIV[viewbox] > lineargradient").unwrap();
    assert_eq!(tree.find(&selector).unwrap().len(), 1);
    assert_eq!(tree.find("div[viewBox='0 0 1 1'] > linearGradient").unwrap().len(), 1);
}

#[test]
fn classes_are_added_and_removed_one_by_one() {
    let mut el = div().class("a").class("").class("b a");
    assert_eq!(el.get_attr("class"), Some("a b"));
    assert!(el.has_class("b") && !el.has_class("B"));
    el.add_class(" c  b ").remove_class("a x");
    assert_eq!(el.get_attr("class"), Some("b c"));
    el.remove_class("c b");
    assert_eq!(el.to_string(), "<div></div>");
}

#[test]
fn attributes_are_set_in_place() {
    let mut el = input().attr("a", 1).attr("b", Some("x")).attr("c", None::<String>).attr("A", 2_u64);
    assert_eq!(el.to_string(), r#"<input a="2" b="x">"#);
    el.set_attr("b", false).set_attr("d", true);
    assert_eq!(el.to_string(), r#"<input a="2" d>"#);
    assert_eq!(el.remove_attr("A"), 2.to_string().into());
    assert_eq!(el.remove_attr("A"), false.into());
}
