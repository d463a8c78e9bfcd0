use std::ops::{Bound, RangeBounds};

use jiff::civil::{Date, Time};
use serde_json::json;

use super::date_format::{DateFormat, DateFormatError};
use super::is_date::{format_from, read, reads_native_dates, write};
use super::range::Texts;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value,
};

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

    /// Reads and writes dates in `format`.
    ///
    /// # Errors
    /// [`DateFormatError`], if the format has an unknown directive.
    pub fn with_format(mut self, format: &str) -> Result<Self, DateFormatError> {
        self.format = DateFormat::parse(format)?;
        Ok(self)
    }

    /// Another text for the error; it may name `%(min)s`, `%(max)s` and `%(format)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }
}

impl IsDateInRange {
    fn error(&self) -> ValidationError {
        let shown = |date: Date| Value::Text(self.format.text(date.to_datetime(Time::midnight())));
        let format = ("format", self.format.sample().into());
        TEXTS.error_with(self.message.as_ref(), self.min.map(shown), self.max.map(shown), Some(format))
    }
}

impl Validator for IsDateInRange {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match read(&self.format, &value) {
            Some(date)
                if self.min.is_none_or(|min| min <= date) && self.max.is_none_or(|max| date <= max) =>
            {
                Ok(Value::Date(date))
            }
            _ => Err(self.error()),
        }
        .into()
    }

    fn format(&self, value: &Value) -> Option<String> {
        write(&self.format, value)
    }

    fn constraints(&self, out: &mut Constraints) {
        // A format may read what browsers write as something else; then they cannot compare.
        if reads_native_dates(&self.format) {
            if let Some(min) = self.min.filter(|date| date.year() > 0).map(|date| date.to_string()) {
                out.at_least(InputKind::Date, min, self.error());
            }
            if let Some(max) = self.max.filter(|date| date.year() > 0).map(|date| date.to_string()) {
                out.at_most(InputKind::Date, max, self.error());
            }
        }
        out.read_as(InputKind::Date, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string"}));
        out.end();
    }
}

impl FromArgs for IsDateInRange {
    const NAME: &'static str = "is_date_in_range";
    const ARGS: &'static [&'static str] = &["minimum", "maximum", "format", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let format = format_from(args)?.unwrap_or_else(DateFormat::iso_date);
        let mut bound = |name| match args.value(name)? {
            None | Some(Value::Null) => Ok(None),
            // A schema file may write the date as text; the native form leaves no doubt.
            Some(value) => match read(&DateFormat::iso_date(), &value) {
                Some(date) => Ok(Some(date)),
                None => Err(args.wrong(name, "a date such as 2008-03-03", &value.to_tagged_json())),
            },
        };
        Ok(Self { min: bound("minimum")?, max: bound("maximum")?, format, message: args.message()? })
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
