//! Trees and texts for property tests.

use frontdesk_html::{AttrValue, Markup, Name, Node, Nodes, element};
use proptest::prelude::*;

/// Any text, and more often than chance would have it one that a parser could trip over.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\r\n\0\t \u{feff}<>&\"'a;#=/!?\u{80}\u{a0}\u{fffe}\\-\\]]{0,12}",
        prop::collection::vec(
            prop::sample::select(vec![
                "&amp;",
                "&lt",
                "&#13;",
                "&#0;",
                "&notit;",
                "</textarea>",
                "</title>",
                "</option>",
                "</pre>",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "</script>",
                "<script>",
                "\r\n",
                "\n",
                "\r",
                "\0",
                "x",
            ]),
            0..5
        )
        .prop_map(|parts| parts.concat()),
    ]
}

/// What a parser makes of `text`: HTML cannot say NUL.
pub(crate) fn as_read(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

const CONTAINERS: [&str; 4] = ["div", "section", "span", "main"];
const VOIDS: [&str; 3] = ["br", "input", "img"];

fn attrs() -> impl Strategy<Value = Vec<(&'static str, AttrValue)>> {
    let class = prop::sample::subsequence(vec!["a", "b", "c"], 0..=3).prop_map(|classes| classes.join(" "));
    let value = prop_oneof![Just("x"), Just("y"), Just("x-y"), Just("xy z"), Just("X"), Just("")];
    (
        prop::option::of(class),
        prop::option::of(prop::sample::select(vec!["i", "j"])),
        prop::option::of(value),
        any::<bool>(),
        prop::option::of(text()),
    )
        .prop_map(|(class, id, name, required, title)| {
            vec![
                ("class", class.into()),
                ("id", id.into()),
                ("name", name.into()),
                ("required", required.into()),
                ("title", title.into()),
            ]
        })
}

/// A tree that a parser takes over as it is, whatever stands in what.
pub(crate) fn tree() -> impl Strategy<Value = Node> {
    let made = |tag: &'static str, attrs: Vec<(&'static str, AttrValue)>| {
        attrs.into_iter().fold(element(tag), |element, (name, value)| element.attr(Name::from(name), value))
    };
    let leaf = prop_oneof![
        text().prop_map(Node::from),
        Just(Node::from(Markup::trusted("&copy;"))),
        Just(Node::empty()),
        (prop::sample::select(&VOIDS[..]), attrs()).prop_map(move |(tag, attrs)| made(tag, attrs).into()),
    ];
    leaf.prop_recursive(6, 48, 5, move |inner| {
        let nodes = prop::collection::vec(inner, 0..5);
        prop_oneof![
            1 => nodes.clone().prop_map(|nodes| Node::Group(Nodes::from(nodes))),
            4 => (prop::sample::select(&CONTAINERS[..]), attrs(), nodes)
                .prop_map(move |(tag, attrs, nodes)| made(tag, attrs).children(nodes).into()),
        ]
    })
}
