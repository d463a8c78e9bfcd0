//! [`Node`]: a part of a tree.

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};

use crate::{Element, HtmlWriter, Markup, Sink, render};

/// A part of a tree: text, an element, raw HTML, or several of these side by side.
///
/// Trees may be of any depth: building, rendering, comparing, cloning, searching and dropping do not recurse.
#[derive(Clone, PartialEq, Eq)]
pub enum Node {
    /// Text, escaped when it is written.
    Text(Cow<'static, str>),
    /// HTML, written as it is. A search does not look into it.
    Markup(Markup),
    /// An element.
    Element(Element),
    /// Nodes side by side without an element around them; to a search they are children of the group's parent.
    Group(Nodes),
}

/// Several nodes in a row: a `Vec<Node>` that can be cloned, compared and dropped at any depth.
#[derive(Default)]
pub struct Nodes(pub(crate) Vec<Node>);

/// Puts nodes side by side without an element around them.
///
/// Nodes of several types, up to eight of them, go into a tuple instead, which is a node itself.
///
/// ```
/// use frontdesk_html::{Node, b, br, cat, p};
/// assert_eq!(cat(["a", "b"].map(|text| b().child(text))).to_string(), "<b>a</b><b>b</b>");
/// assert_eq!(Node::from(("a & ", b().child("c"), br())).to_string(), "a &amp; <b>c</b><br>");
/// assert_eq!(p().child(("a", br())).to_string(), "<p>a<br></p>");
/// ```
pub fn cat<N: Into<Node>>(nodes: impl IntoIterator<Item = N>) -> Node {
    Node::Group(nodes.into_iter().collect())
}

impl Node {
    /// A group without nodes, which renders as nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The HTML of the node.
    pub fn render(&self) -> Markup {
        let mut out = HtmlWriter::new();
        render::write(std::slice::from_ref(self), &mut out);
        out.into_markup()
    }

    /// Appends the HTML of the node to `out`.
    pub fn render_into(&self, out: &mut String) {
        let mut writer = HtmlWriter::append_to(mem::take(out));
        render::write(std::slice::from_ref(self), &mut writer);
        *out = writer.into_string();
    }

    /// Writes the node into `sink`.
    pub fn write_to(&self, sink: &mut dyn Sink) {
        render::write(std::slice::from_ref(self), sink);
    }

    /// All text in the node, in order, without markup. [`Node::Markup`] counts for nothing.
    ///
    /// ```
    /// use frontdesk_html::{Node, b, p};
    /// let node = Node::from(p().child("a < ").child(b().child("b")));
    /// assert_eq!(node.text_content(), "a < b");
    /// ```
    pub fn text_content(&self) -> String {
        render::text_content(std::slice::from_ref(self))
    }

    /// The element, if the node is one.
    pub fn as_element(&self) -> Option<&Element> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The element, if the node is one.
    pub fn as_element_mut(&mut self) -> Option<&mut Element> {
        match self {
            Self::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The nodes directly in this one; none for text and markup.
    pub(crate) fn inner(&self) -> &[Node] {
        match self {
            Self::Element(element) => element.child_nodes(),
            Self::Group(nodes) => nodes,
            Self::Text(_) | Self::Markup(_) => &[],
        }
    }

    pub(crate) fn inner_mut(&mut self) -> Option<&mut Vec<Node>> {
        match self {
            Self::Element(element) => Some(element.children_mut()),
            Self::Group(nodes) => Some(nodes),
            Self::Text(_) | Self::Markup(_) => None,
        }
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::Group(Nodes::default())
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render().as_str())
    }
}

/// Shows the rendered HTML, which does not recurse either.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Text(_) => "Text",
            Self::Markup(_) => "Markup",
            Self::Element(_) => "Element",
            Self::Group(_) => "Group",
        };
        f.debug_tuple(kind).field(&self.render().as_str()).finish()
    }
}

impl From<&'static str> for Node {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Cow<'static, str>> for Node {
    fn from(text: Cow<'static, str>) -> Self {
        Self::Text(text)
    }
}

impl From<Markup> for Node {
    fn from(markup: Markup) -> Self {
        Self::Markup(markup)
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

impl From<Vec<Node>> for Node {
    fn from(nodes: Vec<Node>) -> Self {
        Self::Group(Nodes(nodes))
    }
}

impl From<Nodes> for Node {
    fn from(nodes: Nodes) -> Self {
        Self::Group(nodes)
    }
}

/// `None` is nothing.
impl<T: Into<Self>> From<Option<T>> for Node {
    fn from(node: Option<T>) -> Self {
        node.map_or_else(Self::empty, Into::into)
    }
}

macro_rules! from_tuples {
    ($(($($part:ident)*))*) => {$(
        /// The parts side by side.
        #[expect(non_snake_case, reason = "one name serves as the type and the value of a part")]
        impl<$($part: Into<Node>),*> From<($($part,)*)> for Node {
            fn from(($($part,)*): ($($part,)*)) -> Self {
                Self::Group(Nodes(vec![$($part.into()),*]))
            }
        }
    )*};
}
from_tuples!((A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H));

impl Deref for Nodes {
    type Target = Vec<Node>;

    fn deref(&self) -> &Vec<Node> {
        &self.0
    }
}

impl DerefMut for Nodes {
    fn deref_mut(&mut self) -> &mut Vec<Node> {
        &mut self.0
    }
}

impl From<Vec<Node>> for Nodes {
    fn from(nodes: Vec<Node>) -> Self {
        Self(nodes)
    }
}

impl<N: Into<Node>> FromIterator<N> for Nodes {
    fn from_iter<I: IntoIterator<Item = N>>(nodes: I) -> Self {
        Self(nodes.into_iter().map(Into::into).collect())
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

/// Takes the tree apart level by level, where the compiler's own code would recurse.
impl Drop for Nodes {
    fn drop(&mut self) {
        if self.0.iter().all(|node| node.inner().is_empty()) {
            return; // nothing below: dropping each is flat
        }
        let mut rest = mem::take(&mut self.0);
        while let Some(mut node) = rest.pop() {
            if let Some(inner) = node.inner_mut() {
                rest.append(inner);
            }
        }
    }
}

impl Clone for Nodes {
    fn clone(&self) -> Self {
        struct Level<'a> {
            source: std::slice::Iter<'a, Node>,
            done: Vec<Node>,
        }
        let level = |nodes: &'_ [Node]| Vec::with_capacity(nodes.len());
        let mut top = Level { source: self.0.iter(), done: level(&self.0) };
        let mut above: Vec<(Level<'_>, Node)> = Vec::new(); // each with the node that waits for what it holds
        loop {
            match top.source.next() {
                Some(node) => {
                    let shell = match node {
                        Node::Text(text) => Node::Text(text.clone()),
                        Node::Markup(markup) => Node::Markup(markup.clone()),
                        Node::Element(element) => Node::Element(element.without_children()),
                        Node::Group(_) => Node::empty(),
                    };
                    let inner = node.inner();
                    if inner.is_empty() {
                        top.done.push(shell);
                    } else {
                        let below = Level { source: inner.iter(), done: level(inner) };
                        above.push((mem::replace(&mut top, below), shell));
                    }
                }
                None => {
                    let Some((level, mut shell)) = above.pop() else { return Self(top.done) };
                    let done = mem::replace(&mut top, level).done;
                    if let Some(inner) = shell.inner_mut() {
                        *inner = done;
                    }
                    top.done.push(shell);
                }
            }
        }
    }
}

impl PartialEq for Nodes {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = vec![(self.0.as_slice(), other.0.as_slice())];
        while let Some((ours, theirs)) = pairs.pop() {
            if ours.len() != theirs.len() {
                return false;
            }
            for (one, two) in ours.iter().zip(theirs) {
                let same = match (one, two) {
                    (Node::Text(one), Node::Text(two)) => one == two,
                    (Node::Markup(one), Node::Markup(two)) => one == two,
                    (Node::Element(one), Node::Element(two)) => one.same_start_tag(two),
                    (Node::Group(_), Node::Group(_)) => true,
                    _ => false,
                };
                if !same {
                    return false;
                }
                pairs.push((one.inner(), two.inner()));
            }
        }
        true
    }
}

impl Eq for Nodes {}
