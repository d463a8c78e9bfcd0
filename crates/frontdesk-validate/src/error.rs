use std::borrow::Cow;
use std::fmt;

use crate::{Message, Value};

/// Why a value was refused: a stable code, parameters, and a text for the visitor.
///
/// The code is for programs and translators: the rule's name, and behind a dot the case where a rule has several
/// (`is_length`, `is_int_in_range.between`). The text is in English, or what the application gave as `error_message`.
///
/// ```
/// use frontdesk_validate::{IsLength, Rules, Value};
///
/// let error = Rules::one(IsLength::max(3)).check_now("hello".into()).unwrap_err();
/// assert_eq!(error.code(), "is_length");
/// assert_eq!(error.param("max"), Some(&Value::Int(3)));
/// assert_eq!(error.text(), "Enter from 0 to 3 characters");
/// ```
#[derive(Clone, PartialEq)]
pub struct ValidationError(Box<Parts>);

/// What an error is made of, apart: results are moved often, and seldom an error.
#[derive(Clone, PartialEq)]
struct Parts {
    code: Cow<'static, str>,
    params: Vec<(&'static str, Value)>,
    text: Cow<'static, str>,
    own: bool,
}

impl ValidationError {
    /// The code of an error that a check could not be made at all, because what it asks was out of reach.
    pub const UNAVAILABLE: &'static str = "unavailable";

    /// An error with a text that has no parameters. The text is the default of the code: a catalogue of another language
    /// may have its own ([`is_own_text`](Self::is_own_text)).
    pub fn new(code: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self::of(code.into(), text.into(), Vec::new(), true)
    }

    fn of(
        code: Cow<'static, str>,
        text: Cow<'static, str>,
        params: Vec<(&'static str, Value)>,
        own: bool,
    ) -> Self {
        Self(Box::new(Parts { code, params, text, own }))
    }

    /// An error whose text is `message` with `params` in their places. Whether a catalogue may replace the text, the
    /// message says ([`Message::is_own`]).
    pub fn with_params(
        code: impl Into<Cow<'static, str>>,
        message: &Message,
        params: Vec<(&'static str, Value)>,
    ) -> Self {
        let text = message.render(&params);
        Self::of(code.into(), text, params, message.is_own())
    }

    /// An error whose text is plain: what stands in it is never a place for a parameter.
    pub(crate) fn with_text(code: &'static str, text: String, params: Vec<(&'static str, Value)>) -> Self {
        Self::of(code.into(), text.into(), params, true)
    }

    /// The error of a check that could not be made. It is never taken for a pass; a form that meets it answers 503.
    pub fn unavailable() -> Self {
        Self::new(Self::UNAVAILABLE, "This could not be checked just now. Please try again")
    }

    /// The error of an application's own rule: code `custom`, and a text that no catalogue replaces.
    pub fn custom(text: impl Into<Cow<'static, str>>) -> Self {
        Self::of("custom".into(), text.into(), Vec::new(), false)
    }

    /// The stable code, such as `is_length` or `is_int_in_range.between`.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The parameters by name, in the order of the rule's documentation.
    pub fn params(&self) -> &[(&'static str, Value)] {
        &self.0.params
    }

    /// One parameter.
    pub fn param(&self, name: &str) -> Option<&Value> {
        self.0.params.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The text for the visitor: plain text, to be escaped where it is shown.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether the text is only the code's default in English, and not one that the application gave as
    /// `error_message`: then a catalogue of another language says it by [`code`](Self::code) and
    /// [`params`](Self::params).
    ///
    /// ```
    /// use frontdesk_validate::{IsLength, Rules};
    ///
    /// let error = |rule| Rules::one(rule).check_now("hello".into()).unwrap_err();
    /// assert!(error(IsLength::max(3)).is_own_text());
    /// assert!(!error(IsLength::max(3).error_message("Three letters")).is_own_text());
    /// ```
    pub fn is_own_text(&self) -> bool {
        self.0.own
    }

    /// The same error in another language: code and parameters stay, and so does
    /// [`is_own_text`](Self::is_own_text), so that it may be said in yet another one.
    ///
    /// ```
    /// use frontdesk_validate::ValidationError;
    ///
    /// let error = ValidationError::new("is_email", "Enter a valid email address");
    /// let translated = error.translated("Bitte eine E-Mail-Adresse angeben");
    /// assert_eq!((translated.code(), translated.text()), ("is_email", "Bitte eine E-Mail-Adresse angeben"));
    /// ```
    #[must_use]
    pub fn translated(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.set_text(text);
        self
    }

    /// Replaces the text, as [`translated`](Self::translated) does.
    pub fn set_text(&mut self, text: impl Into<Cow<'static, str>>) {
        self.0.text = text.into();
    }

    /// Whether the check could not be made ([`unavailable`](Self::unavailable)).
    pub fn is_unavailable(&self) -> bool {
        self.0.code == Self::UNAVAILABLE
    }

    /// The same error with another text; `message` may name the parameters.
    #[must_use]
    pub fn reworded(mut self, message: &Message) -> Self {
        self.0.text = message.render(&self.0.params);
        self.0.own = message.is_own();
        self
    }
}

impl fmt::Debug for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { code, params, text, own } = &*self.0;
        f.debug_struct("ValidationError")
            .field("code", code)
            .field("params", params)
            .field("text", text)
            .field("own", own)
            .finish()
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl std::error::Error for ValidationError {}

impl From<&'static str> for ValidationError {
    fn from(text: &'static str) -> Self {
        Self::custom(text)
    }
}

impl From<String> for ValidationError {
    fn from(text: String) -> Self {
        Self::custom(text)
    }
}
