//! [`HtmlWriter`]: a [`Sink`] over one string.

use crate::{Markup, Name, Sink, escape_attr, escape_text};

/// Writes HTML into one string.
///
/// After the start tag of `textarea` and `pre` parsers swallow a newline; where a text begins with one, it
/// is written twice.
///
/// ```
/// use frontdesk_html::{HtmlWriter, Sink, SinkExt};
///
/// let mut out = HtmlWriter::with_capacity(64);
/// out.element("textarea", |out| {
///     out.attribute("name", "note");
///     out.text("\n</textarea>");
/// });
/// assert_eq!(out.into_string(), "<textarea name=\"note\">\n\n&lt;/textarea&gt;</textarea>");
/// ```
#[derive(Debug, Default)]
pub struct HtmlWriter {
    out: String,
    open: Vec<Name>,
    /// The start tag of the innermost element lacks its `>`.
    in_tag: bool,
    /// A newline written next would be swallowed.
    swallows: bool,
    /// How many elements are open inside a void one, where nothing is written.
    skipped: usize,
}

impl HtmlWriter {
    /// A writer over an empty string.
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer whose string has room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::append_to(String::with_capacity(capacity))
    }

    /// A writer that appends to `out`. Not public: [`into_markup`](Self::into_markup) would trust it.
    pub(crate) fn append_to(out: String) -> Self {
        Self { out, ..Self::default() }
    }

    /// What was written; elements that are still open are ended.
    pub fn into_markup(self) -> Markup {
        Markup::trusted(self.into_string())
    }

    /// What was written; elements that are still open are ended.
    pub fn into_string(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn end_start_tag(&mut self) {
        if self.in_tag {
            self.out.push('>');
            self.in_tag = false;
        }
    }

    /// Whether a child may be written here.
    fn takes_children(&self) -> bool {
        let takes = self.skipped == 0 && !self.open.last().is_some_and(Name::is_void);
        debug_assert!(takes, "a void element has no children");
        takes
    }

    /// Whether an attribute may be written here.
    fn takes_attributes(&self) -> bool {
        debug_assert!(self.in_tag, "an attribute must follow the opening of its element");
        self.in_tag && self.skipped == 0
    }
}

impl Sink for HtmlWriter {
    fn open(&mut self, tag: Name) {
        if !self.takes_children() {
            self.skipped += 1;
            return;
        }
        let tag = tag.into_tag();
        self.end_start_tag();
        self.out.push('<');
        self.out.push_str(tag.as_str());
        self.in_tag = true;
        self.swallows = tag.swallows_newline();
        self.open.push(tag);
    }

    fn attr(&mut self, name: Name, value: &str) {
        if self.takes_attributes() {
            self.out.push(' ');
            self.out.push_str(name.as_str());
            self.out.push_str("=\"");
            escape_attr(value, &mut self.out);
            self.out.push('"');
        }
    }

    fn flag(&mut self, name: Name) {
        if self.takes_attributes() {
            self.out.push(' ');
            self.out.push_str(name.as_str());
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() || !self.takes_children() {
            return;
        }
        self.end_start_tag();
        if self.swallows && text.starts_with('\n') {
            self.out.push('\n');
        }
        self.swallows = false;
        escape_text(text, &mut self.out);
    }

    fn markup(&mut self, markup: &Markup) {
        if markup.is_empty() || !self.takes_children() {
            return;
        }
        self.end_start_tag();
        self.swallows = false;
        self.out.push_str(markup.as_str());
    }

    fn close(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        debug_assert!(!self.open.is_empty(), "no element is open");
        let Some(tag) = self.open.pop() else { return };
        self.end_start_tag();
        self.swallows = false;
        if !tag.is_void() {
            self.out.push_str("</");
            self.out.push_str(tag.as_str());
            self.out.push('>');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AttrValue, SinkExt};

    fn written(write: impl FnOnce(&mut HtmlWriter)) -> String {
        let mut out = HtmlWriter::new();
        write(&mut out);
        out.into_string()
    }

    #[test]
    fn elements_attributes_and_text() {
        let html = written(|out| {
            out.element("a", |out| {
                out.attr_url("href", "/?a=1&b=2");
                out.flag_if("download", true);
                out.flag_if("hidden", false);
                out.attr_value("tabindex", &AttrValue::from(3));
                out.text("1 < 2");
                out.element("br", |_| {});
                out.markup(&Markup::trusted("<i>x</i>"));
            });
        });
        assert_eq!(html, r#"<a href="/?a=1&amp;b=2" download tabindex="3">1 &lt; 2<br><i>x</i></a>"#);
    }

    #[test]
    fn what_is_still_open_is_ended() {
        let html = written(|out| {
            out.open("ul".into());
            out.open("li".into());
            out.attribute("class", "x");
        });
        assert_eq!(html, r#"<ul><li class="x"></li></ul>"#);
    }

    #[test]
    fn only_a_first_newline_is_doubled() {
        let pre = |texts: &[&str]| {
            written(|out| {
                out.element("pre", |out| texts.iter().for_each(|text| out.text(text)));
                out.text("\n");
            })
        };
        assert_eq!(pre(&["\na"]), "<pre>\n\na</pre>\n");
        assert_eq!(pre(&["", "\n", "\n"]), "<pre>\n\n\n</pre>\n");
        assert_eq!(pre(&["a", "\n"]), "<pre>a\n</pre>\n");
        assert_eq!(pre(&["\r\n"]), "<pre>&#13;\n</pre>\n");
        assert_eq!(pre(&[]), "<pre></pre>\n");
        let nested = written(|out| out.element("pre", |out| out.text_element("b", "", "\n")));
        assert_eq!(nested, "<pre><b>\n</b></pre>");
    }

    #[test]
    fn form_08_text_cannot_leave_a_script() {
        let html = written(|out| out.element("script", |out| out.text("</script><img>")));
        assert_eq!(html, "<script>&lt;/script&gt;&lt;img&gt;</script>");
    }

    // Mistakes panic in debug builds; the release build's answer is tested by `cargo test --release`.
    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "a void element has no children"))]
    fn a_void_element_takes_no_children() {
        let html = written(|out| {
            out.element("br", |out| {
                out.element("b", |out| {
                    out.attribute("id", "x");
                    out.text("lost");
                });
                out.attribute("class", "kept");
            });
            out.text("after");
        });
        assert_eq!(html, r#"<br class="kept">after"#);
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "an attribute must follow"))]
    fn a_late_attribute_is_ignored() {
        let html = written(|out| {
            out.element("p", |out| {
                out.text("a");
                out.attribute("class", "late");
            });
        });
        assert_eq!(html, "<p>a</p>");
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "cannot be a tag"))]
    fn a_name_that_cannot_be_a_tag_is_not_written() {
        assert_eq!(written(|out| out.element("@click", |_| {})), "<unknown></unknown>");
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "no element is open"))]
    fn a_close_too_many_is_ignored() {
        assert_eq!(written(|out| out.close()), "");
    }
}
