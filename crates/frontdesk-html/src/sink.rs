//! [`Sink`]: where HTML goes.

use crate::{AttrValue, Markup, Name, Node, safe_url};

/// Where HTML goes: the same code writes bytes into an [`HtmlWriter`](crate::HtmlWriter) or a tree into a
/// [`TreeBuilder`](crate::TreeBuilder).
///
/// Write against `&mut dyn Sink`, with the shorter calls of [`SinkExt`]. Attributes follow the `open` of their
/// element, before its first child. Mistakes in that order do no harm to the output: what cannot be said is left out,
/// and debug builds panic.
///
/// ```
/// use frontdesk_html::{HtmlWriter, Sink, SinkExt, TreeBuilder};
///
/// fn field(out: &mut dyn Sink, name: &str, value: Option<&str>) {
///     out.element("p", |out| {
///         out.text_element("label", "", name);
///         out.element("input", |out| {
///             out.attribute("name", name);
///             out.attr_opt("value", value);
///             out.flag_if("required", value.is_none());
///         });
///     });
/// }
///
/// let mut bytes = HtmlWriter::with_capacity(256);
/// field(&mut bytes, "color", None);
/// let mut tree = TreeBuilder::new();
/// field(&mut tree, "color", None);
///
/// let html = r#"<p><label>color</label><input name="color" required></p>"#;
/// assert_eq!(bytes.into_string(), html);
/// assert_eq!(tree.finish().to_string(), html);
/// ```
pub trait Sink {
    /// Begins an element; its attributes follow until its first child or its [`close`](Self::close).
    ///
    /// A name that cannot be a tag ([`Name::is_tag`]) is a mistake: debug builds panic, others write `unknown`.
    /// The same goes for an element within a void one, which is left out.
    fn open(&mut self, tag: Name);

    /// Adds an attribute to the element just begun. Say each name once: of two, parsers keep the first.
    ///
    /// Ignored where no start tag is open; debug builds panic.
    fn attr(&mut self, name: Name, value: &str);

    /// Adds a boolean attribute, such as `checked`, to the element just begun. Otherwise like [`attr`](Self::attr).
    fn flag(&mut self, name: Name);

    /// Writes text, escaped. In a void element it is left out, and debug builds panic.
    fn text(&mut self, text: &str);

    /// Writes HTML as it is. In a void element it is left out, and debug builds panic.
    fn markup(&mut self, markup: &Markup);

    /// Ends the innermost open element; a void one gets no end tag.
    ///
    /// Ignored where none is open; debug builds panic.
    fn close(&mut self);
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn open(&mut self, tag: Name) {
        (**self).open(tag);
    }

    fn attr(&mut self, name: Name, value: &str) {
        (**self).attr(name, value);
    }

    fn flag(&mut self, name: Name) {
        (**self).flag(name);
    }

    fn text(&mut self, text: &str) {
        (**self).text(text);
    }

    fn markup(&mut self, markup: &Markup) {
        (**self).markup(markup);
    }

    fn close(&mut self) {
        (**self).close();
    }
}

/// Shorter calls for every [`Sink`], `dyn Sink` too.
///
/// Names are checked where they are converted; `name!("div")` does that at compile time.
pub trait SinkExt: Sink {
    /// An element: begins `tag`, runs `content` for its attributes and children, ends it.
    fn element(&mut self, tag: impl Into<Name>, content: impl FnOnce(&mut Self)) {
        self.open(tag.into());
        content(self);
        self.close();
    }

    /// An element that holds `text`, and has the class `class` unless that is empty.
    ///
    /// ```
    /// use frontdesk_html::{HtmlWriter, SinkExt};
    /// let mut out = HtmlWriter::new();
    /// out.text_element("p", "error", "enter a value");
    /// assert_eq!(out.into_string(), r#"<p class="error">enter a value</p>"#);
    /// ```
    fn text_element(&mut self, tag: impl Into<Name>, class: &str, text: &str) {
        self.open(tag.into());
        if !class.is_empty() {
            self.attr(const { Name::new_static("class") }, class);
        }
        if !text.is_empty() {
            self.text(text);
        }
        self.close();
    }

    /// [`Sink::attr`] for a name yet to be converted.
    fn attribute(&mut self, name: impl Into<Name>, value: &str) {
        self.attr(name.into(), value);
    }

    /// Several attributes.
    ///
    /// ```
    /// use frontdesk_html::{HtmlWriter, SinkExt};
    /// let mut out = HtmlWriter::new();
    /// out.element("input", |out| out.attrs([("type", "text"), ("name", "color")]));
    /// assert_eq!(out.into_string(), r#"<input type="text" name="color">"#);
    /// ```
    fn attrs<N: Into<Name>, V: AsRef<str>>(&mut self, attrs: impl IntoIterator<Item = (N, V)>) {
        for (name, value) in attrs {
            self.attr(name.into(), value.as_ref());
        }
    }

    /// An attribute if there is a value.
    fn attr_opt(&mut self, name: impl Into<Name>, value: Option<&str>) {
        if let Some(value) = value {
            self.attr(name.into(), value);
        }
    }

    /// An attribute with a typed value: nothing, a boolean attribute, or one with text.
    fn attr_value(&mut self, name: impl Into<Name>, value: &AttrValue) {
        match value {
            AttrValue::Absent => {}
            AttrValue::Flag => self.flag(name.into()),
            AttrValue::Text(value) => self.attr(name.into(), value),
        }
    }

    /// An attribute that holds an address from data: left out unless [`safe_url`] passes it.
    fn attr_url(&mut self, name: impl Into<Name>, url: &str) {
        self.attr_opt(name, safe_url(url));
    }

    /// A boolean attribute if `on`.
    fn flag_if(&mut self, name: impl Into<Name>, on: bool) {
        if on {
            self.flag(name.into());
        }
    }

    /// A part of a tree.
    fn node(&mut self, node: &Node) {
        crate::render::write(std::slice::from_ref(node), self);
    }
}

impl<S: Sink + ?Sized> SinkExt for S {}
