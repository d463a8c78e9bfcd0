//! What a browser can check of a field's rules.

mod attribute;
mod bound;

use std::borrow::Cow;

pub use self::attribute::Attribute;
use crate::ValidationError;
use crate::portable::WHITE_SPACE;

/// One thing that a browser can check, and the error that the server would answer with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Limit<T> {
    /// The limit.
    pub value: T,
    /// The error of a value that breaks it. `None` for a limit that no value breaks.
    pub error: Option<ValidationError>,
}

impl<T> Limit<T> {
    fn new(value: T, error: ValidationError) -> Self {
        Self { value, error: Some(error) }
    }
}

impl Limit<bool> {
    pub(crate) fn required(error: ValidationError) -> Self {
        Self::new(true, error)
    }
}

/// What the text of an input is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputKind {
    /// A whole number.
    Integer,
    /// A number, perhaps with a fraction and an exponent.
    Number,
    /// A date; ISO 8601 is always read.
    Date,
    /// A date and a time without a zone; ISO 8601 is always read.
    DateTime,
    /// A time of day.
    Time,
    /// An email address.
    Email,
    /// A URL.
    Url,
    /// A file.
    File,
}

impl InputKind {
    /// The kind as a word, as it stands in `data-fd-type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Time => "time",
            Self::Email => "email",
            Self::Url => "url",
            Self::File => "file",
        }
    }
}

/// How what the next rule gets comes from what was typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Passed {
    /// It is what was typed.
    #[default]
    Typed,
    /// It is what was typed, read as this.
    Read(InputKind),
    /// Nobody can say.
    Other,
}

/// What a browser can check of a field's rules, and what it needs to know to help with typing.
///
/// A browser that checks these is never stricter than the rules: whatever they accept passes here too. What cannot be
/// said that exactly is not said, and the server checks all of it again. [`Rules::constraints`](crate::Rules::constraints)
/// puts them together, anew at each call; [`attributes`](Self::attributes) lists them for an input.
///
/// # How they are to be read
/// They speak of an input with one text, as a browser submits it (line breaks are single line feeds). They hold for each
/// item of a list of inputs where they come from [`item_constraints`](crate::Rules::item_constraints).
/// - Only `required` says anything about an input that is empty *or has only white space* (Unicode's `White_Space`). Where
///   [`blank_is_empty`](Self::blank_is_empty) is set, a text of white space alone is missing too; without, only the empty
///   text is.
/// - `minlength` and `maxlength` count UTF-16 units, as browsers do; `minchars` and `maxchars` count code points, as the
///   server does, and are exact.
/// - `min` and `max` include themselves. Numbers are compared as doubles, once white space at the ends is gone and the
///   `dot` replaced by a full stop; what is then no number (an integer: no digits behind at most a sign) is not compared.
///   Dates and times are compared as moments, where they have the form that browsers write: `2008-03-03`,
///   `2008-03-03T12:40`, with or without seconds and a fraction.
/// - `pattern` has to match the whole text: `^(?:…)$` with the flag `v` (or `u`, in which it means the same).
///
/// ```
/// use frontdesk_validate::{IsIntInRange, Rules};
///
/// let age = Rules::one(IsIntInRange::new(0..150)).constraints();
/// assert_eq!(age.max.unwrap().value, "149");
/// assert_eq!(age.required.unwrap().error.unwrap().text(), "Enter an integer between 0 and 149");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Constraints {
    /// Something has to be entered: always true where it is set.
    pub required: Option<Limit<bool>>,
    /// Whether a text of white space alone is as good as none where something is required.
    pub blank_is_empty: bool,
    /// How many UTF-16 units there have to be at least, where there is a text.
    pub minlength: Option<Limit<u64>>,
    /// How many UTF-16 units there may be.
    pub maxlength: Option<Limit<u64>>,
    /// How many code points there have to be at least, where there is a text.
    pub minchars: Option<Limit<u64>>,
    /// How many code points there may be.
    pub maxchars: Option<Limit<u64>>,
    /// The least number or the first date.
    pub min: Option<Limit<String>>,
    /// The greatest number or the last date.
    pub max: Option<Limit<String>>,
    /// Between which values a number steps: `1` or `any`.
    pub step: Option<Limit<Cow<'static, str>>>,
    /// A regular expression.
    pub pattern: Option<Limit<Cow<'static, str>>>,
    /// Which files may be chosen, such as `.png,.jpg`.
    pub accept: Option<Limit<String>>,
    /// What the text is read as. It is no reason to refuse anything, but says what to write for an input of that type in
    /// which a browser finds no value.
    pub kind: Option<Limit<InputKind>>,
    /// Which keyboard a phone shows; `text` for a number that may be negative.
    pub inputmode: Option<Cow<'static, str>>,
    /// What a browser may fill in.
    pub autocomplete: Option<Cow<'static, str>>,
    /// What separates the fraction of a number, where that is not only the full stop.
    pub dot: Option<char>,
    passed: Passed,
}

impl Constraints {
    /// Says that something has to be entered. The first error stays.
    pub fn require(&mut self, error: ValidationError) {
        if self.passed == Passed::Typed && self.required.is_none() {
            self.required = Some(Limit::new(true, error));
        }
    }

    /// Says that something other than white space has to be entered.
    pub fn require_text(&mut self, error: ValidationError) {
        if self.passed == Passed::Typed {
            self.require(error);
            self.blank_is_empty = true;
        }
    }

    /// Says how many characters (code points) the text has to have. The greatest number holds.
    pub fn at_least_chars(&mut self, count: u64, error: ValidationError) {
        let is_tighter = |known: &Limit<u64>| known.value < count;
        if self.passed == Passed::Typed && self.minchars.as_ref().is_none_or(is_tighter) {
            // There are never fewer units than code points.
            self.minlength = Some(Limit::new(count, error.clone()));
            self.minchars = Some(Limit::new(count, error));
        }
    }

    /// Says how many characters (code points) the text may have. The least number holds.
    pub fn at_most_chars(&mut self, count: u64, error: ValidationError) {
        let is_tighter = |known: &Limit<u64>| count < known.value;
        if self.passed == Passed::Typed && self.maxchars.as_ref().is_none_or(is_tighter) {
            // There are at most two units to a code point. Browsers read no greater number than this.
            let units = count.checked_mul(2).filter(|&units| units <= 0x7fff_ffff);
            self.maxlength = units.map(|units| Limit::new(units, error.clone()));
            self.maxchars = Some(Limit::new(count, error));
        }
    }

    /// Says what the whole text has to match. The first expression stays, since an input can have only one.
    ///
    /// The expression has to mean the same in browsers, with their flag `v`, as here.
    pub fn match_whole(&mut self, pattern: impl Into<Cow<'static, str>>, error: ValidationError) {
        if self.passed == Passed::Typed && self.pattern.is_none() {
            self.pattern = Some(Limit::new(pattern.into(), error));
        }
    }

    /// Says which file names may be chosen, such as `.png,.jpg`. The first list stays.
    pub fn accept_files(&mut self, names: impl Into<String>, error: ValidationError) {
        if self.passed == Passed::Typed && self.accept.is_none() {
            self.accept = Some(Limit::new(names.into(), error));
        }
    }

    /// Says that the text is read as `kind`, and that the next rule gets what was read. Errors of rules over the same
    /// kind, that stand in a row, are those of the first.
    pub fn read_as(&mut self, kind: InputKind, error: ValidationError) {
        if self.passed == Passed::Typed {
            // Some phones' keyboards for numbers have no minus sign.
            let may_be_negative = self.min.as_ref().is_none_or(|min| min.value.starts_with('-'));
            let is_number = matches!(kind, InputKind::Integer | InputKind::Number);
            let mode = if is_number && may_be_negative { Some("text".into()) } else { mode(kind) };
            self.inputmode = self.inputmode.take().or(mode);
            if self.step.is_none() {
                self.step = match kind {
                    InputKind::Integer => Some(Limit::new("1".into(), error.clone())),
                    InputKind::Number => Some(Limit { value: "any".into(), error: None }),
                    _ => None,
                };
            }
            self.kind = Some(Limit::new(kind, error));
            self.passed = Passed::Read(kind);
        } else if self.passed != Passed::Read(kind) {
            self.passed = Passed::Other;
        }
    }

    /// Says what the text looks like, where the next rule still gets the text.
    pub fn looks_like(&mut self, kind: InputKind, error: ValidationError) {
        if self.passed == Passed::Typed && self.kind.is_none() {
            self.inputmode = self.inputmode.take().or(mode(kind));
            self.kind = Some(Limit::new(kind, error));
        }
    }

    /// Says the least value that passes, of those read as `kind`: a number as JavaScript reads it, or a date or time in
    /// ISO 8601. The greatest holds.
    pub fn at_least(&mut self, kind: InputKind, value: impl Into<String>, error: ValidationError) {
        let value = value.into();
        if self.speaks_of(kind) && self.min.as_ref().is_none_or(|known| bound::is_less(&known.value, &value))
        {
            self.min = Some(Limit::new(value, error));
        }
    }

    /// Says the greatest value that passes, as [`at_least`](Self::at_least). The least holds.
    pub fn at_most(&mut self, kind: InputKind, value: impl Into<String>, error: ValidationError) {
        let value = value.into();
        if self.speaks_of(kind) && self.max.as_ref().is_none_or(|known| bound::is_less(&value, &known.value))
        {
            self.max = Some(Limit::new(value, error));
        }
    }

    /// Says that what is typed is first read as people write it in some language, so that the rules get another text: a
    /// number in which `decimal` stands before the fraction, and signs between groups of digits. What was said of the text
    /// itself no longer holds; what was said of the number does.
    ///
    /// ```
    /// use frontdesk_validate::{IsFloatInRange, Rules};
    ///
    /// let mut price = Rules::one(IsFloatInRange::new(0.0..=1000.0)).constraints();
    /// price.read_by_language(','); // "1.000,0"
    /// assert_eq!((price.pattern, price.dot), (None, Some(',')));
    /// assert_eq!(price.max.unwrap().value, "1000");
    /// ```
    pub fn read_by_language(&mut self, decimal: char) {
        self.pattern = None;
        (self.minlength, self.maxlength) = (None, None);
        (self.minchars, self.maxchars) = (None, None);
        self.dot = (decimal != '.').then_some(decimal);
    }

    /// Adds what `rules` say of a value that may also be nothing: the empty text, or white space alone.
    pub(crate) fn or_blank(&mut self, rules: impl FnOnce(&mut Self)) {
        let mut inner = Self { passed: self.passed, ..Self::default() };
        rules(&mut inner);
        self.autocomplete = self.autocomplete.take().or(inner.autocomplete);
        self.inputmode = self.inputmode.take().or(inner.inputmode);
        if self.kind.is_none() {
            self.kind = inner.kind;
            self.dot = inner.dot;
            self.step = inner.step;
        }
        if let (None, Some(Limit { value, error })) = (&self.pattern, inner.pattern) {
            let value = format!("(?:{value})|{WHITE_SPACE}*").into();
            self.pattern = Some(Limit { value, error });
        }
        // Browsers would count white space alone too; the script does not.
        let native = (self.minlength.take(), self.maxlength.take());
        if let Some(Limit { value, error: Some(error) }) = inner.minchars {
            self.at_least_chars(value, error);
        }
        if let Some(Limit { value, error: Some(error) }) = inner.maxchars {
            self.at_most_chars(value, error);
        }
        (self.minlength, self.maxlength) = native;
        self.accept = self.accept.take().or(inner.accept);
        self.min = self.min.take().or(inner.min);
        self.max = self.max.take().or(inner.max);
    }

    /// Ends what can be said: the next rule gets something else than what was typed.
    pub fn end(&mut self) {
        self.passed = Passed::Other;
    }

    fn speaks_of(&self, kind: InputKind) -> bool {
        self.passed == Passed::Typed || self.passed == Passed::Read(kind)
    }
}

fn mode(kind: InputKind) -> Option<Cow<'static, str>> {
    match kind {
        InputKind::Integer => Some("numeric".into()),
        InputKind::Number => Some("decimal".into()),
        InputKind::Email => Some("email".into()),
        InputKind::Url => Some("url".into()),
        _ => None,
    }
}
