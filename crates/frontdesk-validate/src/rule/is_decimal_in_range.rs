use std::borrow::Cow;
use std::ops::Bound;

use rust_decimal::Decimal;

use super::number_rule::number_rule;
use super::range::{self, Texts, number_texts};
use crate::{Args, Message, RuleError, Value};

const TEXTS: Texts = number_texts!("is_decimal_in_range", "a number");

/// `IS_DECIMAL_IN_RANGE`: a decimal number within bounds, compared exactly. Text becomes [`Value::Decimal`], and so do
/// integers and floats (a float by its shortest text: `0.1` is a tenth).
///
/// Blanks around the number are ignored, and an exponent may follow it. A number that [`Decimal`] cannot hold exactly
/// (more than 28 digits behind the point, or beyond 2^96) is refused.
///
/// As data both bounds are included; in Rust the range type says it.
///
/// # Defaults
/// No bounds; the fraction stands behind a full stop.
///
/// # Errors
/// Code `is_decimal_in_range`, or by the bounds there are `is_decimal_in_range.min`, `.max` or `.between`, with `min`
/// and `max`, and `excluded` (`min`, `max` or `both`) where a bound itself does not pass.
///
/// ```
/// use frontdesk_validate::{Decimal, IsDecimalInRange, Rules, Value};
///
/// let price = Rules::one(IsDecimalInRange::new(Decimal::ZERO..=Decimal::from(10)).dot(','));
/// assert_eq!(price.check_now("9,90".into()), Ok(Value::Decimal(Decimal::new(990, 2))));
/// assert_eq!(price.check_now("10,01".into()).unwrap_err().text(), "Enter a number between 0 and 10");
/// assert_eq!(price.format(&Value::Decimal(Decimal::new(990, 2))).as_deref(), Some("9,90"));
/// ```
#[derive(Clone, Debug)]
pub struct IsDecimalInRange {
    bounds: (Bound<Decimal>, Bound<Decimal>),
    dot: char,
    message: Option<Message>,
}

number_rule!(IsDecimalInRange, "is_decimal_in_range", Decimal, Decimal);

fn read(value: &Value, dot: char) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(*number),
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Float(_) => parse(&value.to_text()),
        Value::Text(text) if dot == '.' => parse(text),
        Value::Text(text) => parse(&text.replace(dot, ".")),
        _ => None,
    }
}

/// Reads `-12.50e3`, exactly or not at all.
fn parse(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        // Beyond four digits no number fits but zero; nobody means that.
        Some((digits, exponent)) if exponent.len() <= 5 => (digits, exponent.parse::<i32>().ok()?),
        Some(_) => return None,
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty()
        || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let fraction = if fraction.len() > 28 { fraction.trim_end_matches('0') } else { fraction };
    let mut mantissa = 0i128;
    for digit in whole.bytes().chain(fraction.bytes()) {
        mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    let mut scale = i32::try_from(fraction.len()).ok()? - exponent;
    if mantissa == 0 {
        scale = scale.clamp(0, 28);
    }
    while scale < 0 {
        mantissa = mantissa.checked_mul(10)?;
        scale += 1;
    }
    while scale > 28 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(mantissa, u32::try_from(scale).ok()?).ok()
}

fn shown(bound: Decimal) -> Value {
    Value::Decimal(bound.normalize())
}

fn written(bound: Decimal) -> String {
    bound.normalize().to_string()
}

/// A schema's numbers are doubles: a bound between two of them would, excluded, also exclude its neighbour.
fn said(bound: Bound<Decimal>) -> Bound<Decimal> {
    match bound {
        Bound::Excluded(bound) => Bound::Included(bound),
        other => other,
    }
}

fn argument(args: &mut Args<'_>, name: &str) -> Result<Option<Decimal>, RuleError> {
    match args.value(name)? {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let text = match &value {
                Value::Bool(_) | Value::List(_) | Value::Json(_) => Cow::Borrowed(""),
                other => other.to_text(),
            };
            let wrong =
                || args.senseless(name, format!("wants a decimal number, not {}", value.to_tagged_json()));
            parse(&text).map(Some).ok_or_else(wrong)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn a_number_is_held_exactly_or_refused() {
        for (text, number) in [
            ("1.50", "1.50"),
            ("-0.3e1", "-3"),
            ("1.5e-3", "0.0015"),
            ("0e9999", "0"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("1.00000000000000000000000000000000000", "1"),
            ("10e-29", "0.0000000000000000000000000001"),
        ] {
            assert_eq!(parse(text), Some(number.parse().unwrap()), "{text}");
        }
        for text in [
            "1e-29",
            "0.00000000000000000000000000001",
            "79228162514264337593543950336",
            "1e99999",
            "1e",
            "e1",
            ".",
            "+",
            "--1",
            "1.2.3",
            "1_0",
            "NaN",
            "1e1.5",
            "1e+-1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_number_is_refused_at_once() {
        let start = std::time::Instant::now();
        for text in
            ["9".repeat(1 << 20), format!("1.{}", "0".repeat(1 << 20)), format!("1e{}", "9".repeat(1 << 20))]
        {
            let _ = Rules::one(IsDecimalInRange::any()).check_now(text.into());
        }
        // Quadratic time would be minutes; a busy machine may need seconds.
        assert!(start.elapsed().as_secs() < 10);
    }
}
