use jiff::civil::{Date, Time};
use serde_json::json;

use super::date_format::{DateFormat, DateFormatError, native_date};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Enter date as %(format)s");

/// `IS_DATE`: a date in a format. Text becomes [`Value::Date`].
///
/// The directives are `%Y` (year), `%y` (year without century: 69 to 99 are 1969 to 1999, the others 2000 to 2068), `%m`,
/// `%d`, `%b` and `%B` (English name of the month, short and full), `%H`, `%I`, `%p`, `%M`, `%S`, and `%%`. Leading zeros
/// may be left out, names may be in any case, and where the format has a blank there may be several.
///
/// A date as a browser's date input sends it, `2008-03-03`, is read whatever the format. Of a date with a time the date
/// is kept.
///
/// # Defaults
/// `%Y-%m-%d`.
///
/// # Errors
/// Code `is_date` with `format`: an example of it.
///
/// ```
/// use frontdesk_validate::{IsDate, Rules, Value, civil::date};
///
/// let day = Rules::one(IsDate::with_format("%d.%m.%Y")?);
/// assert_eq!(day.check_now("3.3.2008".into()), Ok(Value::Date(date(2008, 3, 3))));
/// assert_eq!(day.check_now("31.2.2008".into()).unwrap_err().text(), "Enter date as 28.08.1963");
/// assert_eq!(day.format(&Value::Date(date(2008, 3, 3))).as_deref(), Some("03.03.2008"));
/// # Ok::<(), frontdesk_validate::DateFormatError>(())
/// ```
#[derive(Clone, Debug)]
pub struct IsDate {
    format: DateFormat,
    message: Message,
}

impl Default for IsDate {
    fn default() -> Self {
        Self { format: DateFormat::iso_date(), message: MESSAGE }
    }
}

impl IsDate {
    /// A date such as `2008-03-03`.
    pub fn new() -> Self {
        Self::default()
    }

    /// A date in `format`.
    ///
    /// # Errors
    /// [`DateFormatError`], if the format has an unknown directive.
    pub fn with_format(format: &str) -> Result<Self, DateFormatError> {
        Ok(Self { format: DateFormat::parse(format)?, message: MESSAGE })
    }

    /// Another text for the error; it may name `%(format)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

/// Reads a date in `format` or in the native form.
pub(super) fn read(format: &DateFormat, value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(at) => Some(at.date()),
        Value::Text(text) => format.read(text).map(|at| at.date()).or_else(|| native_date(text)),
        _ => None,
    }
}

/// Whether a date as browsers write it is that date in this format too, or nothing.
pub(super) fn reads_native_dates(format: &DateFormat) -> bool {
    format.read("2001-02-03").is_none_or(|at| at.date() == jiff::civil::date(2001, 2, 3))
}

/// Writes a date in `format`.
pub(super) fn write(format: &DateFormat, value: &Value) -> Option<String> {
    match value {
        Value::Date(date) => Some(format.text(date.to_datetime(Time::midnight()))),
        Value::DateTime(at) => Some(format.text(*at)),
        _ => None,
    }
}

/// The argument `format`.
pub(super) fn format_from(args: &mut Args<'_>) -> Result<Option<DateFormat>, RuleError> {
    match args.text("format")? {
        None => Ok(None),
        Some(format) => {
            DateFormat::parse(&format).map(Some).map_err(|error| args.senseless("format", error.to_string()))
        }
    }
}

impl IsDate {
    fn error(&self) -> ValidationError {
        let params = vec![("format", self.format.sample().into())];
        ValidationError::with_params(Self::NAME, &self.message, params)
    }
}

impl Validator for IsDate {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match read(&self.format, &value) {
            Some(date) => Ok(Value::Date(date)),
            None => Err(self.error()),
        }
        .into()
    }

    fn format(&self, value: &Value) -> Option<String> {
        write(&self.format, value)
    }

    fn constraints(&self, out: &mut Constraints) {
        out.read_as(InputKind::Date, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string"}));
        out.end();
    }
}

impl FromArgs for IsDate {
    const NAME: &'static str = "is_date";
    const ARGS: &'static [&'static str] = &["format", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let format = format_from(args)?.unwrap_or_else(DateFormat::iso_date);
        Ok(Self { format, message: args.message()?.unwrap_or(MESSAGE) })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::{Registry, Rules};

    #[test]
    fn a_native_date_is_read_in_any_format() {
        let rule = Rules::one(IsDate::with_format("%m/%d/%Y").unwrap());
        assert_eq!(rule.check_now("2008-03-03".into()), Ok(Value::Date(date(2008, 3, 3))));
        assert!(rule.check_now("2008-3-3".into()).is_err());
    }

    #[test]
    fn the_time_of_a_moment_is_dropped() {
        let at = date(2008, 3, 3).at(10, 0, 0, 0);
        assert_eq!(Rules::one(IsDate::new()).check_now(at.into()), Ok(Value::Date(date(2008, 3, 3))));
    }

    #[test]
    fn a_wrong_format_is_an_error_of_the_argument() {
        let error = Registry::standard().rules(&json!({"rule": "is_date", "format": "%Q"})).unwrap_err();
        assert!(
            error.to_string().starts_with("rule `is_date`: argument `format` has the unknown directive `%Q`"),
            "{error}"
        );
    }
}
