use std::ops::{Bound, RangeBounds};

use jiff::civil::{Date, Time};

use super::date_format::{DateFormat, DateFormatError};
use super::date_rule::{Round, date_rule};
use super::is_date::{format_from, read, reads_native_dates, write};
use super::range::Texts;
use crate::{Args, Message, RuleError, Value};

const TEXTS: Texts = Texts {
    any: ("is_date_in_range", Message::new("Enter date as %(format)s")),
    min: ("is_date_in_range.min", Message::new("Enter date on or after %(min)s")),
    max: ("is_date_in_range.max", Message::new("Enter date on or before %(max)s")),
    between: ("is_date_in_range.between", Message::new("Enter date in range %(min)s %(max)s")),
};

/// `IS_DATE_IN_RANGE`: a date within bounds, in a format as for [`IsDate`](crate::IsDate).
///
/// As data both bounds are included; in Rust the range type says it.
///
/// # Defaults
/// No bounds; `%Y-%m-%d`.
///
/// # Errors
/// Code `is_date_in_range`, or by the bounds there are `is_date_in_range.min`, `.max` or `.between`, with `min` and `max`
/// (the first and the last day that pass, in the format) and `format` (an example of it).
///
/// ```
/// use frontdesk_validate::{IsDateInRange, Rules, Value, civil::date};
///
/// let day = Rules::one(IsDateInRange::new(date(2008, 1, 1)..=date(2009, 12, 31)).with_format("%m/%d/%Y")?);
/// assert_eq!(day.check_now("3/3/2008".into()), Ok(Value::Date(date(2008, 3, 3))));
/// assert_eq!(
///     day.check_now("3/3/2010".into()).unwrap_err().text(),
///     "Enter date in range 01/01/2008 12/31/2009",
/// );
/// # Ok::<(), frontdesk_validate::DateFormatError>(())
/// ```
#[derive(Clone, Debug)]
pub struct IsDateInRange {
    min: Option<Date>,
    max: Option<Date>,
    format: DateFormat,
    message: Option<Message>,
}

impl IsDateInRange {
    /// A date in `range`.
    pub fn new(range: impl RangeBounds<Date>) -> Self {
        let min = match range.start_bound() {
            Bound::Included(&min) => Some(min),
            Bound::Excluded(&before) => Some(before.tomorrow().unwrap_or(before)),
            Bound::Unbounded => None,
        };
        let max = match range.end_bound() {
            Bound::Included(&max) => Some(max),
            Bound::Excluded(&after) => Some(after.yesterday().unwrap_or(after)),
            Bound::Unbounded => None,
        };
        Self { min, max, format: DateFormat::iso_date(), message: None }
    }
}

date_rule!(IsDateInRange, "is_date_in_range", DateFormat, Date);

fn formats(format: DateFormat) -> DateFormat {
    format
}

fn main_format(format: &DateFormat) -> &DateFormat {
    format
}

fn shown(format: &DateFormat, date: Date) -> String {
    format.text(date.to_datetime(Time::midnight()))
}

/// A format may read what browsers write as something else; then they cannot compare.
fn native(format: &DateFormat, date: Date, _: Round) -> Option<String> {
    (date.year() > 0 && reads_native_dates(format)).then(|| date.to_string())
}

/// A schema file may write the date as text; the native form leaves no doubt.
fn argument(args: &mut Args<'_>, name: &str) -> Result<Option<Date>, RuleError> {
    match args.value(name)? {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match read(&DateFormat::iso_date(), &value) {
            Some(date) => Ok(Some(date)),
            None => Err(args.wrong(name, "a date such as 2008-03-03", &value.to_tagged_json())),
        },
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::{Registry, Rules};

    #[test]
    fn an_excluded_end_is_the_day_before() {
        let rule = Rules::one(IsDateInRange::new(..date(2010, 1, 1)));
        assert!(rule.check_now("2009-12-31".into()).is_ok());
        let error = rule.check_now("2010-01-01".into()).unwrap_err();
        assert_eq!(
            (error.code(), error.text()),
            ("is_date_in_range.max", "Enter date on or before 2009-12-31")
        );
    }

    #[test]
    fn bounds_may_be_texts_in_data() {
        let rule = json!({"rule": "is_date_in_range", "minimum": "2008-01-01"});
        assert!(Registry::standard().rules(&rule).unwrap().check_now("2007-12-31".into()).is_err());
        let error =
            Registry::standard().rules(&json!({"rule": "is_date_in_range", "maximum": "soon"})).unwrap_err();
        assert!(error.to_string().contains("`maximum` wants a date"), "{error}");
    }
}
