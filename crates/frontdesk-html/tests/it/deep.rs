//! Depth and size do not matter: nothing recurses, and a search is bounded.

use std::time::{Duration, Instant};

use frontdesk_html::{Element, HtmlWriter, Node, Sink, SinkExt, TreeBuilder, cat, div, li, span, ul};

const DEPTH: usize = 100_000;

fn deep() -> Element {
    (0..DEPTH).fold(span().id("core").child("text"), |inner, _| div().child(inner))
}

#[test]
fn a_deep_tree_can_be_rendered_copied_compared_and_dropped() {
    let tree = deep();
    let html = tree.to_string();
    assert_eq!(html.matches("<div>").count(), DEPTH);
    assert_eq!(html.matches("</div>").count(), DEPTH);
    assert_eq!(tree.text_content(), "text");
    assert!(format!("{tree:?}").starts_with("Element(\"<div><div>"));

    let mut copy = tree.clone();
    assert!(copy == tree);
    copy.find_mut("#core").unwrap().unwrap().set_attr("id", "other");
    assert!(copy != tree);

    let mut built = TreeBuilder::new();
    built.node(&tree.into());
    assert!(built.finish().to_string() == html);
}

#[test]
fn a_deep_tree_can_be_searched_and_changed() {
    let mut tree = Node::from(deep());
    assert_eq!(tree.find("div > #core").unwrap().len(), 1);
    assert_eq!(tree.find("div div span").unwrap().len(), 1);
    assert_eq!(tree.find("div:not(div div)").unwrap().len(), 1);
    assert_eq!(tree.find_text("ex").len(), 1);
    assert_eq!(tree.each_mut("div", |el| _ = el.add_class("x")), Ok(DEPTH));
    assert_eq!(tree.replace("#core", |_| "gone".into()), Ok(1));
    assert_eq!(tree.text_content(), "gone");
    assert_eq!(tree.remove("div > div"), Ok(1));
    assert_eq!(tree.to_string(), r#"<div class="x"></div>"#);
}

#[test]
fn groups_may_be_deep_too() {
    let groups = (0..DEPTH).fold(cat([div()]), |inner, _| cat([inner, "x".into()]));
    let copy = groups.clone();
    assert!(copy == groups);
    assert_eq!(copy.to_string().len(), "<div></div>".len() + DEPTH);
    assert_eq!(copy.find("div:only-child").unwrap().len(), 1);
    let holder = div().child(copy);
    assert_eq!(holder.find("div > div").unwrap().len(), 1);
    assert_eq!(holder.find(":empty").unwrap().len(), 1);
    assert_eq!(holder.find_text("x").len(), 1);
}

#[test]
fn deep_writing_ends_what_is_open() {
    let mut out = HtmlWriter::new();
    let mut tree = TreeBuilder::new();
    for _ in 0..DEPTH {
        out.open("b".into());
        tree.open("b".into());
    }
    assert_eq!(out.into_string(), tree.finish().to_string());
}

#[test]
fn a_wide_tree_is_searched_in_linear_time() {
    // In debug builds `selectors` checks its counts of siblings by counting them anew.
    let count = if cfg!(debug_assertions) { 3_000 } else { 100_000 };
    let list = ul().children((0..count).map(|n| li().attr("data-n", n)));
    for (selector, expected) in [
        ("li:nth-child(2n)", count / 2),
        ("li:nth-last-child(2n)", count / 2),
        ("li:nth-last-of-type(4n)", count / 4),
        ("li:only-child", 0),
        ("ul > li + li", count - 1),
    ] {
        assert_eq!(list.find(selector).unwrap().len(), expected, "{selector}");
    }
}

#[test]
fn a_search_that_would_take_too_long_is_refused() {
    let deep = deep();
    let wide = ul().children((0..3_000).map(|_| li()));
    for (tree, selector) in [
        (&deep, "p *"),
        (&deep, ":not(:not(:not(p *) *) *)"),
        (&wide, ":is(:is(p ~ *) ~ *) ~ *"),
        (&wide, ":is(:is(:nth-child(n+3001) ~ *) ~ *) ~ *"),
    ] {
        let begun = Instant::now();
        let error = tree.find(selector).unwrap_err();
        assert!(error.to_string().ends_with("this search of this tree takes too many steps"), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(60), "{selector}"); // a debug build on a busy machine
    }
}

#[test]
fn the_longest_chain_of_combinators_fits_the_stack() {
    let tree = (0..2_000).fold(span(), |inner, _| div().child(inner));
    let chain = vec!["*"; 512].join(" ");
    assert_eq!(tree.find(chain.as_str()).unwrap().len(), 2_001 - 511);
    let broken = format!("p{}", " *".repeat(500));
    assert_eq!(tree.find(broken.as_str()).unwrap().len(), 0);
}
