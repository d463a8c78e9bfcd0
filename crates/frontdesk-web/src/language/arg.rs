use std::borrow::Cow;

use fluent_bundle::FluentValue;
use frontdesk_validate::{Decimal, Value, civil};

use super::formats::Formats;

/// What stands in the place of a variable in a message.
///
/// Numbers choose the plural and are written in the language's way, as are dates and times.
///
/// ```
/// use frontdesk_web::{Arg, Languages};
///
/// let german = Languages::new().get("de").unwrap();
/// let args = [("min", Arg::from(0)), ("max", Arg::from(10_000))];
/// assert_eq!(german.say("is-length", &args).unwrap(), "Geben Sie 0 bis 10.000 Zeichen ein");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Arg<'a> {
    /// Text, as it is.
    Text(Cow<'a, str>),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A decimal number, all of whose digits are written.
    Decimal(Decimal),
    /// A date.
    Date(civil::Date),
    /// A time of day.
    Time(civil::Time),
    /// A date and a time.
    DateTime(civil::DateTime),
}

/// From here on a float has no certain last digit.
const SAFE: f64 = 9_007_199_254_740_992.0;

impl<'a> Arg<'a> {
    /// The variable as Fluent takes it. Without `formats` it is written as programs write it.
    pub(super) fn to_fluent(&self, formats: Option<&Formats>) -> FluentValue<'a> {
        let number = |text: String| {
            FluentValue::from(match formats {
                Some(formats) => formats.numbers.write_in_text(&text),
                None => text,
            })
        };
        match self {
            Self::Text(text) => FluentValue::from(text.clone()),
            // Fluent keeps numbers as floats, and its plural rules know those with few digits only.
            #[expect(clippy::cast_precision_loss, reason = "checked to be exact")]
            Self::Int(value) if value.unsigned_abs() < SAFE as u64 => FluentValue::from(*value as f64),
            Self::Int(value) => number(value.to_string()),
            Self::Float(value) if is_tame(*value) => FluentValue::from(*value),
            Self::Float(value) => number(Value::Float(*value).into_text()),
            Self::Decimal(value) => number(value.to_string()),
            Self::Date(value) => {
                text_of(formats, &value.to_string(), |formats, text| formats.dates.write_date(text))
            }
            Self::Time(value) => {
                text_of(formats, &value.to_string(), |formats, text| formats.dates.write_time(text))
            }
            Self::DateTime(value) => {
                let text = format!("{} {}", value.date(), value.time());
                text_of(formats, &text, |formats, text| formats.dates.write_datetime(text))
            }
        }
    }
}

fn text_of<'a>(
    formats: Option<&Formats>,
    text: &str,
    write: impl Fn(&Formats, &str) -> String,
) -> FluentValue<'a> {
    FluentValue::from(formats.map_or_else(|| text.to_owned(), |formats| write(formats, text)))
}

/// Whether the digits of a number are few enough for plural rules.
fn is_tame(value: f64) -> bool {
    value.is_finite() && value.abs() < SAFE && (value.fract() == 0.0 || value.abs() >= 1e-6)
}

impl<'a> From<&'a Value> for Arg<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Float(*number),
            Value::Decimal(number) => Self::Decimal(*number),
            Value::Date(date) => Self::Date(*date),
            Value::Time(time) => Self::Time(*time),
            Value::DateTime(at) => Self::DateTime(*at),
            other => Self::Text(other.to_text()),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),+) => {$(
        impl From<$type> for Arg<'_> {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

from!(i32 => Int, u32 => Int, i64 => Int, f64 => Float, Decimal => Decimal, String => Text);
from!(civil::Date => Date, civil::Time => Time, civil::DateTime => DateTime);

impl From<usize> for Arg<'_> {
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Arg<'_> {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}
