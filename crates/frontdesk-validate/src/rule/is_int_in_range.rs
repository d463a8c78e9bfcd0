use std::ops::{Bound, RangeBounds};

use serde_json::json;

use super::range::{Texts, number_texts};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value, json_schema,
};

const TEXTS: Texts = number_texts!("is_int_in_range", "an integer");

const PATTERN: &str = r"[+\-]?[0-9]+";

/// `IS_INT_IN_RANGE`: a whole number within bounds. Text becomes [`Value::Int`].
///
/// Text is an optional sign and ASCII digits, nothing around them; a float is refused even where it has no fraction.
///
/// As data, `maximum` is *excluded*, as in Python's `range`; in Rust the range type says it.
///
/// # Defaults
/// No bounds but those of 64 bits.
///
/// # Errors
/// Code `is_int_in_range`, or by the bounds there are `is_int_in_range.min`, `.max` or `.between`, with `min` and `max`:
/// the least and the greatest number that pass.
///
/// ```
/// use frontdesk_validate::{IsIntInRange, Rules, Value};
///
/// let percent = Rules::one(IsIntInRange::new(0..=100));
/// assert_eq!(percent.check_now("42".into()), Ok(Value::Int(42)));
/// assert_eq!(percent.check_now("101".into()).unwrap_err().text(), "Enter an integer between 0 and 100");
///
/// let count = Rules::one(IsIntInRange::any().min(1));
/// assert_eq!(count.check_now("0".into()).unwrap_err().text(), "Enter an integer greater than or equal to 1");
/// ```
#[derive(Clone, Debug, Default)]
pub struct IsIntInRange {
    min: Option<i64>,
    max: Option<i64>,
    message: Option<Message>,
}

impl IsIntInRange {
    /// A number in `range`.
    pub fn new(range: impl RangeBounds<i64>) -> Self {
        let min = match range.start_bound() {
            Bound::Included(&min) => Some(min),
            Bound::Excluded(&under) => Some(under.saturating_add(1)),
            Bound::Unbounded => None,
        };
        let max = match range.end_bound() {
            Bound::Included(&max) => Some(max),
            Bound::Excluded(&over) => Some(over.saturating_sub(1)),
            Bound::Unbounded => None,
        };
        Self { min, max, message: None }
    }

    /// Any whole number.
    pub fn any() -> Self {
        Self::default()
    }

    /// At least `min`.
    #[must_use]
    pub fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    /// At most `max`, itself included.
    #[must_use]
    pub fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    /// Another text for the error; it may name `%(min)s` and `%(max)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }
}

impl Validator for IsIntInRange {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let number = match value {
            Value::Int(number) => Some(number),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        match number {
            Some(number)
                if self.min.is_none_or(|min| min <= number) && self.max.is_none_or(|max| number <= max) =>
            {
                Ok(Value::Int(number)).into()
            }
            _ => Err(self.error()).into(),
        }
    }

    fn constraints(&self, out: &mut Constraints) {
        out.match_whole(PATTERN, self.error());
        if let Some(min) = self.min {
            out.at_least(InputKind::Integer, min.to_string(), self.error());
        }
        if let Some(max) = self.max {
            out.at_most(InputKind::Integer, max.to_string(), self.error());
        }
        out.read_as(InputKind::Integer, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        let mut integer = json!({"type": "integer"});
        if let Some(min) = self.min {
            integer["minimum"] = min.into();
        }
        if let Some(max) = self.max {
            integer["maximum"] = max.into();
        }
        out.and(json!({"anyOf": [integer, {"type": "string", "pattern": json_schema::whole(PATTERN)}]}));
        out.end();
    }
}

impl IsIntInRange {
    fn error(&self) -> ValidationError {
        TEXTS.error(self.message.as_ref(), self.min.map(Value::Int), self.max.map(Value::Int))
    }
}

impl FromArgs for IsIntInRange {
    const NAME: &'static str = "is_int_in_range";
    const ARGS: &'static [&'static str] = &["minimum", "maximum", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let min = args.int("minimum")?.map_or(Bound::Unbounded, Bound::Included);
        let max = args.int("maximum")?.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(Self { message: args.message()?, ..Self::new((min, max)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn range_types_say_what_is_included() {
        for (rule, below, least, greatest, above) in [
            (IsIntInRange::new(1..4), 0, 1, 3, 4),
            (IsIntInRange::new(1..=4), 0, 1, 4, 5),
            (IsIntInRange::any().min(1).max(4), 0, 1, 4, 5),
        ] {
            let rule = Rules::one(rule);
            let pass = |number: i64| rule.check_now(number.into()).is_ok();
            assert_eq!([below, least, greatest, above].map(pass), [false, true, true, false], "{rule:?}");
        }
    }

    #[test]
    fn what_64_bits_cannot_hold_is_refused() {
        let any = Rules::one(IsIntInRange::any());
        assert_eq!(any.check_now("-9223372036854775808".into()), Ok(Value::Int(i64::MIN)));
        assert_eq!(any.check_now("9223372036854775808".into()).unwrap_err().code(), "is_int_in_range");
    }
}
