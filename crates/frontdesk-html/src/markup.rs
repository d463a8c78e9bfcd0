//! [`Markup`]: HTML that is written as it is.

use std::borrow::Cow;
use std::fmt;

use crate::escape_text;

/// HTML as it is: the one way past escaping.
///
/// What a tree or a writer of this crate rendered is safe by construction. Anything else enters by
/// [`trusted`](Self::trusted), the one name to look for in a review.
///
/// ```
/// use frontdesk_html::{Markup, p};
///
/// let dash = Markup::trusted("&mdash;");
/// assert_eq!(p().child("a < b").child(dash).render().as_str(), "<p>a &lt; b&mdash;</p>");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Markup(Cow<'static, str>);

impl Markup {
    /// Takes `html` at its word: the caller answers for every byte of it.
    ///
    /// # Warnings
    /// Never give it what came from a visitor, unless a sanitizer made it.
    pub fn trusted(html: impl Into<Cow<'static, str>>) -> Self {
        Self(html.into())
    }

    /// The markup of a plain text: `text`, escaped.
    ///
    /// ```
    /// use frontdesk_html::Markup;
    /// assert_eq!(Markup::escaped("1 < 2").as_str(), "1 &lt; 2");
    /// ```
    pub fn escaped(text: &str) -> Self {
        let mut out = String::new();
        escape_text(text, &mut out);
        Self(out.into())
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML as a string of its own.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Markup").field(&self.0).finish()
    }
}

impl AsRef<str> for Markup {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Markup> for String {
    fn from(markup: Markup) -> Self {
        markup.into_string()
    }
}
