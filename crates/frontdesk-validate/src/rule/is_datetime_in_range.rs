use std::ops::{Bound, RangeBounds};

use jiff::civil::DateTime;
use jiff::{Span, ToSpan};
use serde_json::json;

use super::date_format::{DateFormat, DateFormatError, native_date};
use super::is_date::write;
use super::is_datetime::Formats;
use super::range::Texts;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value,
};

const TEXTS: Texts = Texts {
    any: ("is_datetime_in_range", Message::new("Enter date and time as %(format)s")),
    min: ("is_datetime_in_range.min", Message::new("Enter date and time on or after %(min)s")),
    max: ("is_datetime_in_range.max", Message::new("Enter date and time on or before %(max)s")),
    between: ("is_datetime_in_range.between", Message::new("Enter date and time in range %(min)s %(max)s")),
};

/// `IS_DATETIME_IN_RANGE`: a date and time within bounds, in a format as for [`IsDatetime`](crate::IsDatetime).
///
/// As data both bounds are included; in Rust the range type says it.
///
/// # Defaults
/// No bounds; `%Y-%m-%d %H:%M:%S`.
///
/// # Errors
/// Code `is_datetime_in_range`, or by the bounds there are `is_datetime_in_range.min`, `.max` or `.between`, with `min`
/// and `max` (the first and the last moment that pass, in the format) and `format` (an example of it).
///
/// ```
/// use frontdesk_validate::{IsDatetimeInRange, Rules, civil::date};
///
/// let start = Rules::one(IsDatetimeInRange::new(date(2008, 1, 1).at(10, 30, 0, 0)..));
/// assert!(start.check_now("2008-01-01 10:30:00".into()).is_ok());
/// assert_eq!(
///     start.check_now("2007-12-31 10:30:00".into()).unwrap_err().text(),
///     "Enter date and time on or after 2008-01-01 10:30:00",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct IsDatetimeInRange {
    min: Option<DateTime>,
    max: Option<DateTime>,
    format: Formats,
    message: Option<Message>,
}

impl IsDatetimeInRange {
    /// A moment in `range`.
    pub fn new(range: impl RangeBounds<DateTime>) -> Self {
        let step = |at: DateTime, by: Span| Some(at.checked_add(by).unwrap_or(at));
        let min = match range.start_bound() {
            Bound::Included(&min) => Some(min),
            Bound::Excluded(&before) => step(before, 1.nanosecond()),
            Bound::Unbounded => None,
        };
        let max = match range.end_bound() {
            Bound::Included(&max) => Some(max),
            Bound::Excluded(&after) => step(after, -1.nanosecond()),
            Bound::Unbounded => None,
        };
        Self { min, max, format: Formats::default(), message: None }
    }

    /// Reads and writes in `format`.
    ///
    /// # Errors
    /// [`DateFormatError`], if the format has an unknown directive.
    pub fn with_format(mut self, format: &str) -> Result<Self, DateFormatError> {
        self.format = Formats::new(DateFormat::parse(format)?);
        Ok(self)
    }

    /// Another text for the error; it may name `%(min)s`, `%(max)s` and `%(format)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }
}

impl IsDatetimeInRange {
    fn error(&self) -> ValidationError {
        let shown = |at: DateTime| Value::Text(self.format.main.text(at));
        let format = ("format", self.format.main.sample().into());
        TEXTS.error_with(self.message.as_ref(), self.min.map(shown), self.max.map(shown), Some(format))
    }
}

impl Validator for IsDatetimeInRange {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match self.format.read(&value) {
            Some(at) if self.min.is_none_or(|min| min <= at) && self.max.is_none_or(|max| at <= max) => {
                Ok(Value::DateTime(at))
            }
            _ => Err(self.error()),
        }
        .into()
    }

    fn format(&self, value: &Value) -> Option<String> {
        write(&self.format.main, value)
    }

    fn constraints(&self, out: &mut Constraints) {
        // A format may read what browsers write as something else; then they cannot compare.
        if self.format.reads_native() {
            if let Some(min) = self.min.and_then(|min| native(min, Round::Down)) {
                out.at_least(InputKind::DateTime, min, self.error());
            }
            if let Some(max) = self.max.and_then(|max| native(max, Round::Up)) {
                out.at_most(InputKind::DateTime, max, self.error());
            }
        }
        out.read_as(InputKind::DateTime, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string"}));
        out.end();
    }
}

impl FromArgs for IsDatetimeInRange {
    const NAME: &'static str = "is_datetime_in_range";
    const ARGS: &'static [&'static str] = &["minimum", "maximum", "format", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let format = Formats::from_args(args)?;
        let mut bound = |name| match args.value(name)? {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Date(date)) => Ok(Some(date.at(0, 0, 0, 0))),
            // A schema file may write the moment as text.
            Some(value) => {
                let date = || native_date(value.as_str()?).map(|date| date.at(0, 0, 0, 0));
                let at = Formats::default().read(&value).or_else(date);
                let wrong =
                    || args.wrong(name, "a time such as 2008-03-03T13:05:00", &value.to_tagged_json());
                at.map(Some).ok_or_else(wrong)
            }
        };
        Ok(Self { min: bound("minimum")?, max: bound("maximum")?, format, message: args.message()? })
    }
}

/// Browsers know milliseconds.
#[derive(Clone, Copy)]
enum Round {
    Down,
    Up,
}

/// A moment as browsers write it.
fn native(at: DateTime, round: Round) -> Option<String> {
    let beyond = i64::from(at.subsec_nanosecond() % 1_000_000);
    let at = match round {
        _ if beyond == 0 => at,
        Round::Down => at.checked_sub(beyond.nanoseconds()).ok()?,
        Round::Up => at.checked_add((1_000_000 - beyond).nanoseconds()).ok()?,
    };
    (at.year() > 0).then(|| at.to_string())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Rules;

    #[test]
    fn an_excluded_end_does_not_pass() {
        let rule = Rules::one(IsDatetimeInRange::new(..date(2010, 1, 1).at(0, 0, 0, 0)));
        assert!(rule.check_now("2009-12-31 23:59:59".into()).is_ok());
        assert_eq!(
            rule.check_now("2010-01-01 00:00:00".into()).unwrap_err().text(),
            "Enter date and time on or before 2009-12-31 23:59:59"
        );
    }
}
