//! What a field holds.

mod file;
mod tagged;

use std::borrow::Cow;
use std::fmt::{self, Write};

use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use uuid::Uuid;

pub use self::file::FileValue;
pub use self::tagged::TaggedJsonError;

/// A value: of a field, a cell, a parameter of a rule.
///
/// It is dynamically typed, since tables are known at run time only. What a visitor typed enters as [`Text`](Self::Text)
/// (or as [`List`](Self::List) or [`File`](Self::File)) and leaves the rules as what the field stores.
///
/// ```
/// use frontdesk_validate::Value;
///
/// assert_eq!(Value::from("hello").as_str(), Some("hello"));
/// assert_eq!(Value::from(None::<i64>), Value::Null);
/// assert_eq!(Value::from(1.5).to_text(), "1.5");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing: SQL's NULL.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A decimal number of up to 28 digits, exact.
    Decimal(Decimal),
    /// Text.
    Text(String),
    /// A date without a time.
    Date(civil::Date),
    /// A time of day.
    Time(civil::Time),
    /// A date and a time, without a zone.
    DateTime(civil::DateTime),
    /// A UUID.
    Uuid(Uuid),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
    /// A JSON document. It is apart, since most values are none and all are moved often.
    Json(Box<serde_json::Value>),
    /// Several values: a multiple selection, a field of a `list:` type.
    List(Vec<Value>),
    /// An uploaded file.
    File(FileValue),
}

impl Value {
    /// Whether this is [`Null`](Self::Null).
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether there is nothing here: null, the empty text or only white space, the empty list. `0` and `false` are
    /// values.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// What kind of value this is, as a word for messages: `text`, `integer`, …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "integer",
            Self::Float(_) => "float",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::DateTime(_) => "datetime",
            Self::Uuid(_) => "uuid",
            Self::Bytes(_) => "bytes",
            Self::Json(_) => "json",
            Self::List(_) => "list",
            Self::File(_) => "file",
        }
    }

    /// The value as text: what an input shows, what a rule over text reads. Borrowed where it is text already.
    ///
    /// Null is the empty text. Dates and times are ISO 8601 with a blank between date and time; a float with no
    /// fraction keeps `.0`; bytes are `\x` and hexadecimal digits; lists and JSON are JSON; a file is its name.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::File(file) => Cow::Borrowed(file.name()),
            other => {
                let mut text = String::new();
                other.write_text(&mut text);
                Cow::Owned(text)
            }
        }
    }

    /// As [`to_text`](Self::to_text), when the value is no longer needed: text is moved, not copied.
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            other => other.to_text().into_owned(),
        }
    }

    /// Appends [`to_text`](Self::to_text) to `out`.
    pub fn write_text(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Null => Ok(()),
            Self::Bool(flag) => out.write_str(if *flag { "true" } else { "false" }),
            Self::Int(number) => write!(out, "{number}"),
            Self::Float(number) => write_float(*number, out),
            Self::Decimal(number) => write!(out, "{number}"),
            Self::Text(text) => out.write_str(text),
            Self::Date(date) => write!(out, "{date}"),
            Self::Time(time) => write!(out, "{time}"),
            Self::DateTime(at) => write!(out, "{} {}", at.date(), at.time()),
            Self::Uuid(uuid) => write!(out, "{uuid}"),
            Self::Bytes(bytes) => {
                out.push_str("\\x");
                bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
            }
            Self::Json(json) => write!(out, "{json}"),
            Self::List(_) => write!(out, "{}", self.to_plain_json()),
            Self::File(file) => out.write_str(file.name()),
        };
    }

    /// The value as ordinary JSON, for people and clients: dates and decimals are texts, bytes are base64.
    ///
    /// What JSON cannot say (a float that is no number) becomes null. See [`to_tagged_json`](Self::to_tagged_json) for
    /// a form that loses nothing.
    pub fn to_plain_json(&self) -> serde_json::Value {
        use base64::Engine;
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Int(number) => (*number).into(),
            Self::Float(number) => (*number).into(),
            Self::Bytes(bytes) => base64::engine::general_purpose::STANDARD.encode(bytes).into(),
            Self::Json(json) => (**json).clone(),
            Self::List(items) => items.iter().map(Self::to_plain_json).collect(),
            Self::DateTime(at) => at.to_string().into(),
            other => other.to_text().into_owned().into(),
        }
    }
}

/// Shortest text that reads back as the same float; `.0` where it would look like an integer, an exponent where the
/// digits would be many.
fn write_float(number: f64, out: &mut String) -> fmt::Result {
    if number.is_finite() && number != 0.0 && !(1e-5..1e16).contains(&number.abs()) {
        write!(out, "{number:e}")
    } else if number.is_finite() && number.fract() == 0.0 {
        write!(out, "{number:.1}")
    } else {
        write!(out, "{number}")
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool, i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => Int, u16 => Int, u32 => Int,
    f32 => Float, f64 => Float, Decimal => Decimal, &str => Text, String => Text, char => Text,
    civil::Date => Date, civil::Time => Time, civil::DateTime => DateTime, Uuid => Uuid,
    Vec<u8> => Bytes, serde_json::Value => Json, FileValue => File,
}

/// The date and time in UTC, as a point in time is stored.
impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::DateTime(Offset::UTC.to_datetime(at))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_false_are_not_empty() {
        assert!(!Value::Int(0).is_empty());
        assert!(!Value::Bool(false).is_empty());
        assert!(Value::from(" \t").is_empty());
        assert!(Value::List(vec![]).is_empty());
    }

    #[test]
    fn text_of_each_kind() {
        for (value, text) in [
            (Value::Null, ""),
            (Value::Float(3.0), "3.0"),
            (Value::Float(1e16), "1e16"),
            (Value::Float(0.1), "0.1"),
            (Value::Bytes(vec![0, 255]), "\\x00ff"),
            (Value::from(civil::date(2008, 3, 3).at(10, 0, 0, 0)), "2008-03-03 10:00:00"),
            (Value::List(vec!["a".into(), Value::Int(1)]), r#"["a",1]"#),
        ] {
            assert_eq!(value.to_text(), text);
        }
    }
}
