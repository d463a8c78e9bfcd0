//! Walking a tree into a [`Sink`], without recursion.

use crate::{Element, Node, Sink, SinkExt};

/// Writes `nodes` one after another.
pub(crate) fn write<S: Sink + ?Sized>(nodes: &[Node], out: &mut S) {
    // What is left to write at each level, and whether an element ends after it.
    let mut levels = vec![(nodes.iter(), false)];
    while let Some((nodes, in_element)) = levels.last_mut() {
        match nodes.next() {
            None => {
                if *in_element {
                    out.close();
                }
                levels.pop();
            }
            Some(Node::Text(text)) => {
                if !text.is_empty() {
                    out.text(text);
                }
            }
            Some(Node::Markup(markup)) => out.markup(markup),
            Some(Node::Group(nodes)) => levels.push((nodes.iter(), false)),
            Some(Node::Element(element)) => {
                let children = open(element, out);
                if children.is_empty() {
                    out.close();
                } else {
                    levels.push((children.iter(), true));
                }
            }
        }
    }
}

pub(crate) fn write_element<S: Sink + ?Sized>(element: &Element, out: &mut S) {
    write(open(element, out), out);
    out.close();
}

/// Writes the start tag and gives the children to follow.
fn open<'a, S: Sink + ?Sized>(element: &'a Element, out: &mut S) -> &'a [Node] {
    out.open(element.tag().clone());
    for (name, value) in element.attributes() {
        out.attr_value(name, value);
    }
    if element.tag().is_void() { &[] } else { element.child_nodes() }
}

pub(crate) fn text_content(nodes: &[Node]) -> String {
    let mut text = String::new();
    let mut levels = vec![nodes.iter()];
    while let Some(nodes) = levels.last_mut() {
        match nodes.next() {
            None => drop(levels.pop()),
            Some(Node::Text(part)) => text.push_str(part),
            Some(node) => levels.push(node.inner().iter()),
        }
    }
    text
}
