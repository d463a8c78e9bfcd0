use std::ops::Bound;

use super::number_rule::number_rule;
use super::range::{self, Texts, number_texts};
use crate::{Args, Message, RuleError, Value};

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

number_rule!(IsFloatInRange, "is_float_in_range", f64, Float);

fn read(value: &Value, dot: char) -> Option<f64> {
    let number = match value {
        Value::Float(number) => *number,
        #[expect(clippy::cast_precision_loss, reason = "what a float is")]
        Value::Int(number) => *number as f64,
        Value::Decimal(number) => number.to_string().parse().ok()?,
        Value::Text(text) => {
            let text = text.trim();
            // The standard library also reads `inf` and `nan`, and takes no other letter than the exponent's.
            if !text.starts_with(['+', '-', '.', dot]) && !text.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            if dot == '.' { text.parse().ok()? } else { text.replace(dot, ".").parse().ok()? }
        }
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Without a fraction where it has none.
fn shown(bound: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked: it is whole and small")]
    if bound.fract() == 0.0 && bound.abs() < 1e15 { Value::Int(bound as i64) } else { Value::Float(bound) }
}

fn written(bound: f64) -> String {
    bound.to_string()
}

/// Integers beyond this are rounded before they are compared; a schema compares them as they are.
fn said(bound: Bound<f64>) -> Bound<f64> {
    match bound {
        Bound::Included(number) | Bound::Excluded(number) if number.abs() < 9e15 => bound,
        _ => Bound::Unbounded,
    }
}

fn argument(args: &mut Args<'_>, name: &str) -> Result<Option<f64>, RuleError> {
    args.float(name)
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
