use std::borrow::Cow;
use std::ops::{Bound, RangeBounds};

use rust_decimal::Decimal;

use super::range::{self, Texts, number_texts};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value,
};

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

impl IsDecimalInRange {
    /// A number in `range`.
    pub fn new(range: impl RangeBounds<Decimal>) -> Self {
        Self { bounds: (range.start_bound().cloned(), range.end_bound().cloned()), dot: '.', message: None }
    }

    /// Any number.
    pub fn any() -> Self {
        Self::new(..)
    }

    /// At least `min`.
    #[must_use]
    pub fn min(mut self, min: impl Into<Decimal>) -> Self {
        self.bounds.0 = Bound::Included(min.into());
        self
    }

    /// At most `max`, itself included.
    #[must_use]
    pub fn max(mut self, max: impl Into<Decimal>) -> Self {
        self.bounds.1 = Bound::Included(max.into());
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

    fn read(&self, value: &Value) -> Option<Decimal> {
        match value {
            Value::Decimal(number) => Some(*number),
            Value::Int(number) => Some(Decimal::from(*number)),
            Value::Float(_) => parse(&value.to_text()),
            Value::Text(text) if self.dot == '.' => parse(text),
            Value::Text(text) => parse(&text.replace(self.dot, ".")),
            _ => None,
        }
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

impl IsDecimalInRange {
    /// The bounds as JavaScript writes numbers.
    fn written_bounds(&self) -> (Bound<String>, Bound<String>) {
        let (lower, upper) = self.bounds;
        (lower.map(|bound| bound.normalize().to_string()), upper.map(|bound| bound.normalize().to_string()))
    }

    fn error(&self) -> ValidationError {
        let shown = |bound: Decimal| Value::Decimal(bound.normalize());
        let (lower, upper) = self.bounds;
        let message = self.message.as_ref();
        TEXTS.number_error("a number", message, lower.map(shown), upper.map(shown))
    }
}

impl Validator for IsDecimalInRange {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match self.read(&value) {
            Some(number) if self.bounds.contains(&number) => Ok(Value::Decimal(number)),
            _ => Err(self.error()),
        }
        .into()
    }

    fn format(&self, value: &Value) -> Option<String> {
        match value {
            Value::Decimal(_) if self.dot != '.' => {
                Some(value.to_text().replace('.', self.dot.encode_utf8(&mut [0; 4])))
            }
            _ => None,
        }
    }

    fn constraints(&self, out: &mut Constraints) {
        range::number_constraints(self.written_bounds(), self.dot, &self.error(), out);
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        // A schema's numbers are doubles: a bound between two of them would, excluded, also exclude its neighbour.
        let included = |bound| match bound {
            Bound::Excluded(bound) => Bound::Included(bound),
            other => other,
        };
        let (lower, upper) = self.written_bounds();
        range::number_schema((included(lower), included(upper)), self.dot, out);
    }
}

impl FromArgs for IsDecimalInRange {
    const NAME: &'static str = "is_decimal_in_range";
    const ARGS: &'static [&'static str] = &["minimum", "maximum", "dot", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let mut bound = |name| match args.value(name)? {
            None | Some(Value::Null) => Ok(Bound::Unbounded),
            Some(value) => {
                let text = match &value {
                    Value::Bool(_) | Value::List(_) | Value::Json(_) => Cow::Borrowed(""),
                    other => other.to_text(),
                };
                let wrong = || {
                    args.senseless(name, format!("wants a decimal number, not {}", value.to_tagged_json()))
                };
                parse(&text).map(Bound::Included).ok_or_else(wrong)
            }
        };
        let bounds = (bound("minimum")?, bound("maximum")?);
        Ok(Self { bounds, dot: range::dot(args)?, message: args.message()? })
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
