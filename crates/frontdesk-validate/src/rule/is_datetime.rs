use jiff::civil::DateTime;
use serde_json::json;

use super::date_format::{DateFormat, DateFormatError, native_datetime};
use super::is_date::{format_from, write};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Enter date and time as %(format)s");

/// `IS_DATETIME`: a date and time in a format, without a zone. Text becomes [`Value::DateTime`].
///
/// The directives are those of [`IsDate`](crate::IsDate). The default format also takes a `T` for the blank, and leaves
/// the seconds out. What a browser's `datetime-local` input sends, `2008-03-03T12:40`, is read whatever the format.
///
/// # Defaults
/// `%Y-%m-%d %H:%M:%S`.
///
/// # Errors
/// Code `is_datetime` with `format`: an example of it.
///
/// ```
/// use frontdesk_validate::{IsDatetime, Rules, Value, civil::date};
///
/// let start = Rules::one(IsDatetime::with_format("%m/%d/%Y %I:%M %p")?);
/// let at = Value::DateTime(date(2008, 3, 3).at(12, 40, 0, 0));
/// assert_eq!(start.check_now("3/3/2008 12:40 pm".into()), Ok(at.clone()));
/// assert_eq!(start.check_now("2008-03-03T12:40".into()), Ok(at.clone()));
/// assert_eq!(start.check_now("noon".into()).unwrap_err().text(), "Enter date and time as 08/28/1963 02:30 PM");
/// assert_eq!(start.format(&at).as_deref(), Some("03/03/2008 12:40 PM"));
/// # Ok::<(), frontdesk_validate::DateFormatError>(())
/// ```
#[derive(Clone, Debug)]
pub struct IsDatetime {
    format: Formats,
    message: Message,
}

impl Default for IsDatetime {
    fn default() -> Self {
        Self { format: Formats::default(), message: MESSAGE }
    }
}

impl IsDatetime {
    /// A date and time such as `2008-03-03 12:40:15`.
    pub fn new() -> Self {
        Self::default()
    }

    /// A date and time in `format`.
    ///
    /// # Errors
    /// [`DateFormatError`], if the format has an unknown directive.
    pub fn with_format(format: &str) -> Result<Self, DateFormatError> {
        Ok(Self { format: Formats::new(DateFormat::parse(format)?), message: MESSAGE })
    }

    /// Another text for the error; it may name `%(format)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

/// A format, and the shorter one that the default format stands for too.
#[derive(Clone, Debug)]
pub(super) struct Formats {
    pub(super) main: DateFormat,
    without_seconds: Option<DateFormat>,
}

impl Default for Formats {
    fn default() -> Self {
        Self::new(DateFormat::iso_datetime())
    }
}

impl Formats {
    pub(super) fn new(main: DateFormat) -> Self {
        let without_seconds = (main == DateFormat::iso_datetime())
            .then(|| DateFormat::parse("%Y-%m-%d %H:%M").expect("the directives are known"));
        Self { main, without_seconds }
    }

    pub(super) fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(format_from(args)?.map_or_else(Self::default, Self::new))
    }

    /// Whether a moment as browsers write it is that moment in this format too, or nothing.
    pub(super) fn reads_native(&self) -> bool {
        let at = jiff::civil::date(2001, 2, 3).at(4, 5, 0, 0);
        let native = |text: &str, wanted: DateTime| self.main.read(text).is_none_or(|at| at == wanted);
        native("2001-02-03T04:05", at) && native("2001-02-03T04:05:06", at + jiff::Span::new().seconds(6))
    }

    /// Reads a date and time in the format or in the native form.
    pub(super) fn read(&self, value: &Value) -> Option<DateTime> {
        let text = match value {
            Value::DateTime(at) => return Some(*at),
            Value::Text(text) => text,
            _ => return None,
        };
        let Some(short) = &self.without_seconds else {
            return self.main.read(text).or_else(|| native_datetime(text));
        };
        let read = |text: &str| self.main.read(text).or_else(|| short.read(text));
        read(text).or_else(|| native_datetime(text)).or_else(|| {
            // Only what could still be a moment is worth a copy.
            (text.len() <= 32 && text.contains('T')).then(|| read(&text.replacen('T', " ", 1)))?
        })
    }
}

impl IsDatetime {
    fn error(&self) -> ValidationError {
        let params = vec![("format", self.format.main.sample().into())];
        ValidationError::with_params(Self::NAME, &self.message, params)
    }
}

impl Validator for IsDatetime {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match self.format.read(&value) {
            Some(at) => Ok(Value::DateTime(at)),
            None => Err(self.error()),
        }
        .into()
    }

    fn format(&self, value: &Value) -> Option<String> {
        write(&self.format.main, value)
    }

    fn constraints(&self, out: &mut Constraints) {
        out.read_as(InputKind::DateTime, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string"}));
        out.end();
    }
}

impl FromArgs for IsDatetime {
    const NAME: &'static str = "is_datetime";
    const ARGS: &'static [&'static str] = &["format", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self { format: Formats::from_args(args)?, message: args.message()?.unwrap_or(MESSAGE) })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Rules;

    #[test]
    fn the_default_format_needs_neither_blank_nor_seconds() {
        let rule = Rules::one(IsDatetime::new());
        for text in [
            "2008-03-03 09:05:00",
            "2008-03-03T09:05:00",
            "2008-03-03T09:05",
            "2008-3-3T9:5",
            "2008-03-03 9:5",
        ] {
            assert_eq!(rule.check_now(text.into()), Ok(date(2008, 3, 3).at(9, 5, 0, 0).into()), "{text}");
        }
    }

    #[test]
    fn a_fraction_of_a_second_is_kept() {
        let rule = Rules::one(IsDatetime::new());
        let at = date(2008, 3, 3).at(9, 5, 0, 250_000_000);
        assert_eq!(rule.check_now("2008-03-03T09:05:00.25".into()), Ok(at.into()));
    }
}
