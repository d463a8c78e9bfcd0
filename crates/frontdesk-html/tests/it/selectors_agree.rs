//! A search finds what scraper finds in the parsed HTML of the same tree.

use frontdesk_html::{Element, Node, Selector, body, head, html};
use proptest::prelude::*;

use crate::trees::tree;

fn simple() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            ".a",
            ".b",
            ".c",
            "#i",
            "#j",
            "[class]",
            "[required]",
            "[name=x]",
            "[NAME=x]",
            "[name='']",
            "[name=x i]",
            "[name~=z]",
            "[name|=x]",
            "[name^=x]",
            "[name$=y]",
            "[name*='y ']",
            "[title*='&']",
            "[title^='\\a']",
            ":empty",
            ":root",
            ":first-child",
            ":last-child",
            ":only-child",
            ":first-of-type",
            ":only-of-type",
        ])
        .prop_map(str::to_owned),
        (
            prop::sample::select(vec!["nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"]),
            prop::sample::select(vec!["odd", "even", "1", "2", "2n+1", "-n+2", "3n-1", "n+2"]),
        )
            .prop_map(|(name, nth)| format!(":{name}({nth})")),
    ]
}

fn compound(simple: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let tag = prop::sample::select(vec!["", "", "*", "div", "DIV", "section", "span", "input", "body"]);
    (tag, prop::collection::vec(simple, 0..3)).prop_map(|(tag, rest)| match (tag, rest.is_empty()) {
        ("", true) => "*".to_owned(),
        _ => format!("{tag}{}", rest.concat()),
    })
}

fn complex(compound: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = String> {
    let combinator = prop::sample::select(vec![" ", " ", " > ", " + ", " ~ "]);
    (compound.clone(), prop::collection::vec((combinator, compound), 0..3)).prop_map(|(first, rest)| {
        rest.into_iter().fold(first, |left, (combinator, right)| format!("{left}{combinator}{right}"))
    })
}

fn selector() -> impl Strategy<Value = String> {
    let flat = complex(compound(simple()).boxed().prop_map(|s| s).boxed());
    let nested =
        (prop::sample::select(vec!["not", "is", "where"]), prop::collection::vec(flat.boxed(), 1..3))
            .prop_map(|(name, list)| format!(":{name}({})", list.join(", ")));
    let any = prop_oneof![3 => simple(), 1 => nested];
    prop::collection::vec(complex(compound(any).boxed()), 1..3).prop_map(|list| list.join(", "))
}

/// The tree as a page, each element with its number in document order.
fn page(node: Node) -> Element {
    let mut page = html().child(head()).child(body().child(node));
    let mut number = 0;
    let count = page.each_mut("*", |element| {
        element.set_attr("data-n", number);
        number += 1;
    });
    assert_eq!(count, Ok(number));
    page
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn on_any_tree(node in tree(), selectors in prop::collection::vec(selector(), 8)) {
        let page = page(node);
        let parsed = scraper::Html::parse_document(&format!("<!DOCTYPE html>{page}"));
        for selector in selectors {
            let ours: Vec<_> = page.find(selector.as_str()).unwrap().iter().map(|el| el.get_attr("data-n").unwrap()).collect();
            let scraper = scraper::Selector::parse(&selector).unwrap();
            let theirs: Vec<_> = parsed.select(&scraper).map(|el| el.value().attr("data-n").unwrap()).collect();
            prop_assert_eq!(&ours, &theirs, "{} in {}", selector, page);

            // Written out and parsed again it is the same selector.
            let selector = Selector::parse(&selector).unwrap();
            let written = selector.to_string();
            let again = Selector::parse(&written).unwrap();
            prop_assert_eq!(again.to_string(), written);
            prop_assert_eq!(page.find(again).unwrap().len(), ours.len());
            let first = page.find_first(&selector).unwrap().and_then(|el| el.get_attr("data-n"));
            prop_assert_eq!(first, ours.first().copied());
        }
    }

    #[test]
    fn the_parser_sees_the_same_elements(node in tree()) {
        let page = page(node);
        let parsed = scraper::Html::parse_document(&format!("<!DOCTYPE html>{page}"));
        let ours = page.find("*").unwrap();
        let all = scraper::Selector::parse("*").unwrap();
        let theirs: Vec<_> = parsed.select(&all).collect();
        prop_assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            prop_assert_eq!(ours.tag().as_str(), theirs.value().name());
            prop_assert_eq!(ours.attributes().len(), theirs.value().attrs().count());
            for (name, value) in ours.attributes() {
                let read = theirs.value().attr(name.as_str()).map(str::to_owned);
                prop_assert_eq!(value.as_str().map(crate::trees::as_read), read);
            }
        }
    }

    /// Whatever is given as a selector, there is an answer.
    #[test]
    fn nonsense_is_refused_without_a_panic(selector in prop_oneof![any::<String>(), "[a:.#\\[\\]()=~|^$*'\"\\\\>+, n0-9-]{0,40}"]) {
        if let Err(error) = Selector::parse(&selector) {
            prop_assert!(error.to_string().contains("invalid selector"));
            prop_assert!(error.column().is_none_or(|column| column <= selector.chars().count() + 1));
        }
    }
}
