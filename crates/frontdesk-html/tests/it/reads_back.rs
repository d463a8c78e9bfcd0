//! Any text put in reads back unchanged from a real HTML parser.

use frontdesk_html::{
    Element, HtmlWriter, Sink, SinkExt, body, div, head, html, input, option, pre, script, select, style,
    textarea, title,
};
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};

use crate::trees::{as_read, text};

/// Parses `tree`, sees that it has `count` elements, and gives the only one called `tag`.
fn read<T>(tree: &Element, tag: &str, count: usize, read: impl FnOnce(ElementRef<'_>) -> T) -> T {
    let html = Html::parse_document(&format!("<!DOCTYPE html>{tree}"));
    let found: Vec<_> = html.select(&Selector::parse("*").expect("it is valid")).collect();
    assert_eq!(found.len(), count, "{tree}");
    let mut found = found.into_iter().filter(|element| element.value().name() == tag);
    let result = read(found.next().expect("the element is there"));
    assert!(found.next().is_none());
    result
}

fn page(inner: Element) -> Element {
    html().child(head()).child(body().child(inner))
}

fn inner_text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

proptest! {
    #[test]
    fn as_text(text in text()) {
        let tree = page(div().child(text.clone()));
        prop_assert_eq!(tree.text_content(), text.as_str());
        prop_assert_eq!(read(&tree, "div", 4, inner_text), as_read(&text));
    }

    #[test]
    fn as_attribute(text in text()) {
        let tree = page(input().attr("value", text.clone()).attr("data-x", text.clone()));
        let values = read(&tree, "input", 4, |input| {
            ["value", "data-x"].map(|name| input.value().attr(name).unwrap_or("absent").to_owned())
        });
        prop_assert_eq!(values, [as_read(&text), as_read(&text)]);
    }

    #[test]
    fn in_textarea_and_pre(text in text()) {
        let tree = page(textarea().child(text.clone()));
        prop_assert_eq!(read(&tree, "textarea", 4, inner_text), as_read(&text));
        let tree = page(pre().child(text.clone()));
        prop_assert_eq!(read(&tree, "pre", 4, inner_text), as_read(&text));
    }

    #[test]
    fn in_pieces(texts in prop::collection::vec(text(), 0..4)) {
        let tree = page(textarea().children(texts.clone()));
        prop_assert_eq!(read(&tree, "textarea", 4, inner_text), as_read(&texts.concat()));
    }

    #[test]
    fn in_title(text in text()) {
        let tree = html().child(head().child(title().child(text.clone()))).child(body());
        prop_assert_eq!(read(&tree, "title", 4, inner_text), as_read(&text));
    }

    #[test]
    fn in_option(text in text()) {
        let tree = page(select().child(option().attr("value", text.clone()).child(text.clone())));
        let read = read(&tree, "option", 5, |option| {
            (inner_text(option), option.value().attr("value").unwrap_or("absent").to_owned())
        });
        prop_assert_eq!(read, (as_read(&text), as_read(&text)));
    }

    #[test]
    fn text_stays_within_script_and_style(text in text()) {
        read(&page(script().child(text.clone())), "script", 4, |_| ());
        read(&page(style().child(text)), "style", 4, |_| ());
    }

    #[test]
    fn at_the_beginning_of_what_is_parsed(text in text()) {
        let mut out = HtmlWriter::new();
        out.text(&text);
        out.element("br", |_| {});
        let html = Html::parse_fragment(&out.into_string());
        prop_assert_eq!(html.root_element().text().collect::<String>(), as_read(&text));
    }
}
