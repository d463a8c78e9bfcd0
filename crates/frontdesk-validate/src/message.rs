use std::borrow::Cow;

use crate::Value;

/// The text of an error, with places for parameters.
///
/// A place is written as in the originals' documentation: `%(min)s` (any letter may follow the bracket, `%(min)g` means
/// the same) stands for the parameter `min`, and `%s` for the first parameter. Everything else, a lone `%` included, is
/// text.
///
/// ```
/// use frontdesk_validate::{Message, Value};
///
/// let message = Message::new("Enter from %(min)g to %(max)g characters");
/// assert_eq!(message.render(&[("min", Value::Int(0)), ("max", Value::Int(15))]), "Enter from 0 to 15 characters");
/// assert_eq!(Message::new("100% sure").render(&[]), "100% sure");
/// ```
///
/// A message that is made from a text, as in `error_message("Three letters, please")`, is the application's own word, and
/// stays as it is in every language. One made by [`new`](Self::new) is the English default of an error's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    template: Cow<'static, str>,
    own: bool,
}

impl Message {
    /// A rule's default message: a catalogue of another language may replace it by the error's code.
    pub const fn new(template: &'static str) -> Self {
        Self { template: Cow::Borrowed(template), own: true }
    }

    /// As [`new`](Self::new), with a template that was put together.
    pub(crate) const fn own(template: String) -> Self {
        Self { template: Cow::Owned(template), own: true }
    }

    /// The same message as the application's own word: no catalogue replaces it. What a setter `error_message` keeps.
    #[must_use]
    pub fn given(self) -> Self {
        Self { own: false, ..self }
    }

    /// Whether this is a rule's default, which a catalogue may replace.
    pub const fn is_own(&self) -> bool {
        self.own
    }

    /// The template as it was written.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The text with `params` in their places. Borrowed when there is nothing to put in.
    pub fn render(&self, params: &[(&'static str, Value)]) -> Cow<'static, str> {
        if params.is_empty() || !self.template.contains('%') {
            return self.template.clone();
        }
        let mut out = String::with_capacity(self.template.len() + 16);
        let mut rest: &str = &self.template;
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            match Self::place(rest, params) {
                Some((value, length)) => {
                    value.write_text(&mut out);
                    rest = &rest[length..];
                }
                None => {
                    out.push('%');
                    rest = &rest[1..];
                }
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    /// The parameter that a place at the start of `text` stands for, and the length of the place.
    fn place<'p>(text: &str, params: &'p [(&'static str, Value)]) -> Option<(&'p Value, usize)> {
        if text.starts_with("%s") {
            return params.first().map(|(_, value)| (value, 2));
        }
        let inner = text.strip_prefix("%(")?;
        let end = inner.find(')')?;
        let conversion = inner[end + 1..].chars().next().filter(char::is_ascii_alphabetic)?;
        let value = params.iter().find(|(name, _)| *name == &inner[..end]).map(|(_, value)| value)?;
        Some((value, 2 + end + 1 + conversion.len_utf8()))
    }
}

impl From<&'static str> for Message {
    fn from(template: &'static str) -> Self {
        Self { template: Cow::Borrowed(template), own: false }
    }
}

impl From<String> for Message {
    fn from(template: String) -> Self {
        Self { template: Cow::Owned(template), own: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_places_stay_as_they_are() {
        let params = [("min", Value::Int(1))];
        assert_eq!(Message::new("%(max)s %(min) %(min)s%").render(&params), "%(max)s %(min) 1%");
        assert_eq!(Message::new("bad: %s").render(&[("list", Value::from("x"))]), "bad: x");
    }
}
