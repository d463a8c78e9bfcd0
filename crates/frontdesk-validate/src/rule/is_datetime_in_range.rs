use std::ops::{Bound, RangeBounds};

use jiff::civil::DateTime;
use jiff::{Span, ToSpan};

use super::date_format::{DateFormat, DateFormatError, native_date};
use super::date_rule::{Round, date_rule};
use super::is_date::{format_from, write};
use super::is_datetime::Formats;
use super::range::Texts;
use crate::{Args, Message, RuleError, Value};

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
}

date_rule!(IsDatetimeInRange, "is_datetime_in_range", Formats, DateTime);

fn formats(format: DateFormat) -> Formats {
    Formats::new(format)
}

fn main_format(format: &Formats) -> &DateFormat {
    &format.main
}

fn read(format: &Formats, value: &Value) -> Option<DateTime> {
    format.read(value)
}

fn shown(format: &Formats, at: DateTime) -> String {
    format.main.text(at)
}

/// A format may read what browsers write as something else; then they cannot compare. They know milliseconds.
fn native(format: &Formats, at: DateTime, round: Round) -> Option<String> {
    let beyond = i64::from(at.subsec_nanosecond() % 1_000_000);
    let at = match round {
        _ if beyond == 0 => at,
        Round::Down => at.checked_sub(beyond.nanoseconds()).ok()?,
        Round::Up => at.checked_add((1_000_000 - beyond).nanoseconds()).ok()?,
    };
    (at.year() > 0 && format.reads_native()).then(|| at.to_string())
}

/// A schema file may write the moment, or the day, as text.
fn argument(args: &mut Args<'_>, name: &str) -> Result<Option<DateTime>, RuleError> {
    match args.value(name)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Date(date)) => Ok(Some(date.at(0, 0, 0, 0))),
        Some(value) => {
            let date = || native_date(value.as_str()?).map(|date| date.at(0, 0, 0, 0));
            let at = Formats::default().read(&value).or_else(date);
            let wrong = || args.wrong(name, "a time such as 2008-03-03T13:05:00", &value.to_tagged_json());
            at.map(Some).ok_or_else(wrong)
        }
    }
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
