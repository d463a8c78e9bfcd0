use std::ops::{Bound, RangeBounds};

use super::range::{self, Texts, number_texts};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value,
};

const TEXTS: Texts = number_texts!("is_float_in_range", "a number");

/// `IS_FLOAT_IN_RANGE`: a floating-point number within bounds. Text becomes [`Value::Float`], and so do integers and
/// decimals.
///
/// Blanks around the number are ignored, and an exponent may follow it. Infinity, and what is no number, are refused.
/// For money use [`IsDecimalInRange`](crate::IsDecimalInRange).
///
/// As data both bounds are included; in Rust the range type says it.
///
/// # Defaults
/// No bounds; the fraction stands behind a full stop.
///
/// # Errors
/// Code `is_float_in_range`, or by the bounds there are `is_float_in_range.min`, `.max` or `.between`, with `min` and
/// `max`, and `excluded` (`min`, `max` or `both`) where a bound itself does not pass.
///
/// ```
/// use frontdesk_validate::{IsFloatInRange, Rules, Value};
///
/// let percent = Rules::one(IsFloatInRange::new(0.0..=100.0).dot(','));
/// assert_eq!(percent.check_now(" 99,5 ".into()), Ok(Value::Float(99.5)));
/// assert_eq!(percent.check_now("100,1".into()).unwrap_err().text(), "Enter a number between 0 and 100");
/// assert_eq!(percent.format(&Value::Float(99.5)).as_deref(), Some("99,5"));
/// ```
#[derive(Clone, Debug)]
pub struct IsFloatInRange {
    bounds: (Bound<f64>, Bound<f64>),
    dot: char,
    message: Option<Message>,
}

impl IsFloatInRange {
    /// A number in `range`.
    pub fn new(range: impl RangeBounds<f64>) -> Self {
        Self { bounds: (range.start_bound().cloned(), range.end_bound().cloned()), dot: '.', message: None }
    }

    /// Any number.
    pub fn any() -> Self {
        Self::new(..)
    }

    /// At least `min`.
    #[must_use]
    pub fn min(mut self, min: f64) -> Self {
        self.bounds.0 = Bound::Included(min);
        self
    }

    /// At most `max`, itself included.
    #[must_use]
    pub fn max(mut self, max: f64) -> Self {
        self.bounds.1 = Bound::Included(max);
        self
    }

    /// The character between the whole part and the fraction, besides the full stop, which is always read; numbers are
    /// written with it. Letters, digits, signs and blanks change nothing.
    #[must_use]
    pub fn dot(mut self, dot: char) -> Self {
        if range::is_dot(dot) {
            self.dot = dot;
        }
        self
    }

    /// Another text for the error; it may name `%(min)s` and `%(max)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }

    fn read(&self, value: &Value) -> Option<f64> {
        let number = match value {
            Value::Float(number) => *number,
            #[expect(clippy::cast_precision_loss, reason = "what a float is")]
            Value::Int(number) => *number as f64,
            Value::Decimal(number) => number.to_string().parse().ok()?,
            Value::Text(text) => {
                let text = text.trim();
                // The standard library also reads `inf` and `nan`, and takes no other letter than the exponent's.
                if !text.starts_with(['+', '-', '.', self.dot])
                    && !text.starts_with(|c: char| c.is_ascii_digit())
                {
                    return None;
                }
                if self.dot == '.' { text.parse().ok()? } else { text.replace(self.dot, ".").parse().ok()? }
            }
            _ => return None,
        };
        number.is_finite().then_some(number)
    }
}

impl IsFloatInRange {
    /// The bounds as JavaScript writes numbers.
    fn written_bounds(&self) -> (Bound<String>, Bound<String>) {
        let (lower, upper) = self.bounds;
        (lower.map(|bound| bound.to_string()), upper.map(|bound| bound.to_string()))
    }

    fn error(&self) -> ValidationError {
        let (lower, upper) = self.bounds;
        let message = self.message.as_ref();
        TEXTS.number_error("a number", message, lower.map(shown), upper.map(shown))
    }
}

impl Validator for IsFloatInRange {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match self.read(&value) {
            Some(number) if self.bounds.contains(&number) => Ok(Value::Float(number)),
            _ => Err(self.error()),
        }
        .into()
    }

    fn format(&self, value: &Value) -> Option<String> {
        match value {
            Value::Float(_) if self.dot != '.' => {
                Some(value.to_text().replace('.', self.dot.encode_utf8(&mut [0; 4])))
            }
            _ => None,
        }
    }

    fn constraints(&self, out: &mut Constraints) {
        range::number_constraints(self.written_bounds(), self.dot, &self.error(), out);
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        // Greater integers are rounded before they are compared; a schema compares them as they are.
        let said = |bound: Bound<f64>, text| match bound {
            Bound::Included(bound) | Bound::Excluded(bound) if bound.abs() < 9e15 => text,
            _ => Bound::Unbounded,
        };
        let (lower, upper) = self.written_bounds();
        range::number_schema((said(self.bounds.0, lower), said(self.bounds.1, upper)), self.dot, out);
    }
}

/// A bound as messages show it: without a fraction where it has none.
fn shown(bound: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked: it is whole and small")]
    if bound.fract() == 0.0 && bound.abs() < 1e15 { Value::Int(bound as i64) } else { Value::Float(bound) }
}

impl FromArgs for IsFloatInRange {
    const NAME: &'static str = "is_float_in_range";
    const ARGS: &'static [&'static str] = &["minimum", "maximum", "dot", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let min = args.float("minimum")?.map_or(Bound::Unbounded, Bound::Included);
        let max = args.float("maximum")?.map_or(Bound::Unbounded, Bound::Included);
        Ok(Self { bounds: (min, max), dot: range::dot(args)?, message: args.message()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn infinity_by_any_name_is_refused() {
        let any = Rules::one(IsFloatInRange::any());
        for text in ["inf", "-inf", "+infinity", "nan", "-NaN", "1e400", ".", "-", "e5", "1_0"] {
            assert!(any.check_now(text.into()).is_err(), "{text}");
        }
        assert!(any.check_now(f64::NAN.into()).is_err());
    }

    #[test]
    fn an_excluded_bound_is_said() {
        for (rule, text) in [
            (IsFloatInRange::new(0.0..1.0), "Enter a number greater than or equal to 0 and less than 1"),
            (IsFloatInRange::new(..1.0), "Enter a number less than 1"),
            (
                IsFloatInRange::new((Bound::Excluded(0.5), Bound::Included(1.0))),
                "Enter a number greater than 0.5 and less than or equal to 1",
            ),
        ] {
            let rule = Rules::one(rule);
            assert_eq!(rule.check_now("7".into()).unwrap_err().text(), text);
            assert!(rule.check_now("0.75".into()).is_ok());
        }
        assert!(Rules::one(IsFloatInRange::new(0.0..1.0)).check_now("1".into()).is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        let rule = Rules::one(IsFloatInRange::any().dot(','));
        for number in [0.5, -1234.25, 1e300, 5e-324] {
            let text = rule.format(&number.into()).unwrap();
            assert_eq!(rule.check_now(text.into()), Ok(number.into()));
        }
    }
}
