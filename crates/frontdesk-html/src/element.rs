//! [`Element`]: a tag, its attributes, its children.

use std::borrow::Cow;
use std::fmt;
use std::mem;

use crate::{AttrValue, HtmlWriter, Markup, Name, Node, Nodes, Sink, render, safe_url};

/// An element: a tag, its attributes, its children.
///
/// Made by the functions of [`tags`](crate::tags), or by [`element`] for any other tag, and completed by calls that
/// take and give it. Once built, `set_attr`, `add_class`, `children_mut` and the like change it in place, and
/// `find` and its kin search it.
///
/// ```
/// use frontdesk_html::{div, input, label};
///
/// let mut field = div()
///     .class("field")
///     .child(label().attr("for", "thing_name").child("Name"))
///     .child(input().id("thing_name").attr("name", "name").attr("required", true));
/// field.add_class("wide");
/// assert_eq!(
///     field.to_string(),
///     concat!(
///         r#"<div class="field wide"><label for="thing_name">Name</label>"#,
///         r#"<input id="thing_name" name="name" required></div>"#,
///     ),
/// );
/// ```
pub struct Element {
    tag: Name,
    attrs: Vec<(Name, AttrValue)>, // none of them absent
    children: Nodes,
    /// Set by a search for the walk that follows it.
    pub(crate) mark: bool,
}

/// An element of any tag.
///
/// A name that cannot be a tag ([`Name::is_tag`]) is a mistake: debug builds panic, others make it `unknown`.
///
/// ```
/// use frontdesk_html::{Name, element};
///
/// assert_eq!(element("x-chart").attr("data-rows", 7).to_string(), r#"<x-chart data-rows="7"></x-chart>"#);
///
/// let tag = Name::parse(String::from("h2"))?; // a name that comes from elsewhere
/// assert_eq!(element(tag).child("Things").to_string(), "<h2>Things</h2>");
/// # Ok::<(), frontdesk_html::InvalidName>(())
/// ```
pub fn element(tag: impl Into<Name>) -> Element {
    Element { tag: tag.into().into_tag(), attrs: Vec::new(), children: Nodes::default(), mark: false }
}

const CLASS: Name = Name::new_static("class");

/// Building.
impl Element {
    /// Sets the attribute `name`, in place of an earlier one; [`AttrValue::Absent`] (`false`, `None`) removes it.
    #[must_use]
    pub fn attr(mut self, name: impl Into<Name>, value: impl Into<AttrValue>) -> Self {
        self.set_attr(name, value);
        self
    }

    /// Sets an attribute that holds an address from data, such as `href`; without one that [`safe_url`] passes, the
    /// attribute is absent.
    ///
    /// ```
    /// use frontdesk_html::a;
    /// assert_eq!(a().url("href", "/x?a=1&b=2").to_string(), r#"<a href="/x?a=1&amp;b=2"></a>"#);
    /// assert_eq!(a().url("href", "javascript:alert(1)").to_string(), "<a></a>");
    /// ```
    #[must_use]
    pub fn url(self, name: impl Into<Name>, url: impl Into<Cow<'static, str>>) -> Self {
        let url = url.into();
        let safe = safe_url(&url).is_some();
        self.attr(name, safe.then_some(url))
    }

    /// [`url`](Self::url) for `href`.
    #[must_use]
    pub fn href(self, url: impl Into<Cow<'static, str>>) -> Self {
        self.url(const { Name::new_static("href") }, url)
    }

    /// [`url`](Self::url) for `src`.
    #[must_use]
    pub fn src(self, url: impl Into<Cow<'static, str>>) -> Self {
        self.url(const { Name::new_static("src") }, url)
    }

    /// Sets the attribute `id`.
    #[must_use]
    pub fn id(self, id: impl Into<Cow<'static, str>>) -> Self {
        self.attr(const { Name::new_static("id") }, id.into())
    }

    /// Adds `classes`, separated by whitespace, to those already there. Nothing for an empty string.
    #[must_use]
    pub fn class(mut self, classes: impl Into<Cow<'static, str>>) -> Self {
        let classes = classes.into();
        if self.get_attr("class").is_some() {
            self.add_class(&classes);
        } else if !classes.is_empty() {
            self.attrs.push((CLASS, AttrValue::Text(classes))); // borrowed where it can be
        }
        self
    }

    /// Adds a child: text, an element, markup, a group, or an `Option` of these.
    ///
    /// A [void](Name::is_void) element takes none: debug builds panic, others leave it out.
    #[must_use]
    pub fn child(mut self, child: impl Into<Node>) -> Self {
        debug_assert!(!self.tag.is_void(), "a void element has no children");
        self.children.push(child.into());
        self
    }

    /// Adds several children, like [`child`](Self::child).
    ///
    /// ```
    /// use frontdesk_html::{option, select};
    /// let html = select().children(["red", "blue"].map(|color| option().child(color)));
    /// assert_eq!(html.to_string(), "<select><option>red</option><option>blue</option></select>");
    /// ```
    #[must_use]
    pub fn children<N: Into<Node>>(mut self, children: impl IntoIterator<Item = N>) -> Self {
        debug_assert!(!self.tag.is_void(), "a void element has no children");
        self.children.extend(children.into_iter().map(Into::into));
        self
    }
}

/// Reading and changing what was built.
impl Element {
    /// The tag.
    pub fn tag(&self) -> &Name {
        &self.tag
    }

    /// The attributes, in the order in which they are written; none of them is [`AttrValue::Absent`].
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&Name, &AttrValue)> {
        self.attrs.iter().map(|(name, value)| (name, value))
    }

    /// The text of an attribute: empty for a flag, `None` where there is no such attribute.
    ///
    /// ```
    /// use frontdesk_html::input;
    /// let field = input().attr("name", "color").attr("required", true);
    /// assert_eq!(field.get_attr("name"), Some("color"));
    /// assert_eq!(field.get_attr("required"), Some(""));
    /// assert_eq!(field.get_attr("value"), None);
    /// ```
    pub fn get_attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(other, _)| *other == *name).and_then(|(_, value)| value.as_str())
    }

    /// Sets the attribute `name`, where it stands or else at the end; [`AttrValue::Absent`] removes it.
    pub fn set_attr(&mut self, name: impl Into<Name>, value: impl Into<AttrValue>) -> &mut Self {
        let (name, value) = (name.into(), value.into());
        if value == AttrValue::Absent {
            self.remove_attr(name.as_str());
        } else if let Some((_, old)) = self.attrs.iter_mut().find(|(other, _)| *other == name) {
            *old = value;
        } else {
            self.attrs.push((name, value));
        }
        self
    }

    /// Removes an attribute and gives what it was.
    pub fn remove_attr(&mut self, name: &str) -> AttrValue {
        let Some(place) = self.attrs.iter().position(|(other, _)| *other == *name) else {
            return AttrValue::Absent;
        };
        let (_, value) = self.attrs.remove(place);
        // A sink may have been told the same name twice; the second must not come to life now.
        self.attrs.retain(|(other, _)| *other != *name);
        value
    }

    /// The classes, in order.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.get_attr("class").unwrap_or_default().split_ascii_whitespace()
    }

    /// Whether `class` is among the classes; case counts.
    pub fn has_class(&self, class: &str) -> bool {
        self.classes().any(|other| other == class)
    }

    /// Adds each of `classes`, separated by whitespace, that is not there yet.
    ///
    /// ```
    /// use frontdesk_html::div;
    /// let mut el = div().class("a");
    /// el.add_class("a b");
    /// assert_eq!(el.get_attr("class"), Some("a b"));
    /// ```
    pub fn add_class(&mut self, classes: &str) -> &mut Self {
        for class in classes.split_ascii_whitespace() {
            if !self.has_class(class) {
                let mut all = self.get_attr("class").unwrap_or_default().to_owned();
                if !all.is_empty() {
                    all.push(' ');
                }
                all.push_str(class);
                self.set_attr(CLASS, all);
            }
        }
        self
    }

    /// Removes each of `classes`, separated by whitespace; with the last one goes the attribute.
    pub fn remove_class(&mut self, classes: &str) -> &mut Self {
        let gone = |class: &&str| classes.split_ascii_whitespace().any(|other| other == *class);
        if self.classes().any(|class| gone(&class)) {
            let kept: Vec<_> = self.classes().filter(|class| !gone(class)).collect();
            let kept = kept.join(" ");
            self.set_attr(CLASS, (!kept.is_empty()).then_some(kept));
        }
        self
    }

    /// The children.
    pub fn child_nodes(&self) -> &[Node] {
        &self.children
    }

    /// The children, to be changed. Those of a [void](Name::is_void) element are never written.
    pub fn children_mut(&mut self) -> &mut Vec<Node> {
        &mut self.children
    }

    /// All text in the element, in order, without markup. [`Node::Markup`] counts for nothing.
    pub fn text_content(&self) -> String {
        render::text_content(&self.children)
    }
}

/// Rendering.
impl Element {
    /// The HTML of the element.
    pub fn render(&self) -> Markup {
        let mut out = HtmlWriter::new();
        render::write_element(self, &mut out);
        out.into_markup()
    }

    /// Appends the HTML of the element to `out`.
    pub fn render_into(&self, out: &mut String) {
        let mut writer = HtmlWriter::append_to(mem::take(out));
        render::write_element(self, &mut writer);
        *out = writer.into_string();
    }

    /// Writes the element into `sink`.
    pub fn write_to(&self, sink: &mut dyn Sink) {
        render::write_element(self, sink);
    }
}

impl Element {
    pub(crate) fn without_children(&self) -> Self {
        Self { tag: self.tag.clone(), attrs: self.attrs.clone(), children: Nodes::default(), mark: false }
    }

    pub(crate) fn same_start_tag(&self, other: &Self) -> bool {
        self.tag == other.tag && self.attrs == other.attrs
    }

    /// Adds an attribute unseen: a sink writes what it is told.
    pub(crate) fn push_attr(&mut self, name: Name, value: AttrValue) {
        self.attrs.push((name, value));
    }
}

impl Clone for Element {
    fn clone(&self) -> Self {
        Self { children: self.children.clone(), ..self.without_children() }
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.same_start_tag(other) && self.children == other.children
    }
}

impl Eq for Element {}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render().as_str())
    }
}

/// Shows the rendered HTML, which does not recurse.
impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Element").field(&self.render().as_str()).finish()
    }
}
