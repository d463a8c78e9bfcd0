use std::fmt::{self, Write};
use std::str::FromStr;

use frontdesk_validate::Value;

/// The identity of a row: the values of its key, as the database stores them.
///
/// It has one text form that is safe in a path and reads back to the same values: parts joined by `,`. A whole number
/// is itself; a text is itself where it begins with a letter or `_`; every other byte than `A-Z a-z 0-9 _ - .` is `~`
/// and two upper-case hexadecimal digits. `~x` begins bytes, `~r` a floating-point number, `~b` a boolean, `~e` stands
/// for the empty text.
///
/// ```
/// use frontdesk_data::{RowId, Value};
///
/// assert_eq!(RowId::from(-7).to_string(), "-7");
/// assert_eq!(RowId::from("a/b c").to_string(), "a~2Fb~20c");
/// assert_eq!(RowId::from("42").to_string(), "~342");
/// let composite: RowId = "1,~342".parse().unwrap();
/// assert_eq!(composite.values(), [Value::Int(1), Value::from("42")]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RowId(Parts);

/// The values; nearly all keys are one, which then takes no memory of its own.
#[derive(Clone, PartialEq)]
enum Parts {
    One(Value),
    Several(Vec<Value>),
}

impl Parts {
    fn new(mut values: Vec<Value>) -> Option<Self> {
        match values.len() {
            0 => None,
            1 => values.pop().map(Self::One),
            _ => Some(Self::Several(values)),
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(value) => f.debug_list().entry(value).finish(),
            Self::Several(values) => values.fmt(f),
        }
    }
}

/// A text that is no row's identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the identity of a row")]
pub struct RowIdError;

impl RowId {
    /// An identity of several values. `None` if there is no value, or one of a kind that is no part of a key (null,
    /// lists, JSON, files).
    pub fn from_values(values: impl IntoIterator<Item = Value>) -> Option<Self> {
        let parts: Vec<Value> = values
            .into_iter()
            .map(|value| match value {
                Value::Int(_) | Value::Text(_) | Value::Bytes(_) | Value::Bool(_) => Some(value),
                Value::Float(number) if number.is_finite() => Some(value),
                Value::Uuid(_) | Value::Date(_) | Value::Time(_) | Value::DateTime(_) | Value::Decimal(_) => {
                    Some(Value::Text(value.into_text()))
                }
                _ => None,
            })
            .collect::<Option<_>>()?;
        Parts::new(parts).map(Self)
    }

    /// The values of the key, in its order.
    pub fn values(&self) -> &[Value] {
        match &self.0 {
            Parts::One(value) => std::slice::from_ref(value),
            Parts::Several(values) => values,
        }
    }
}

impl From<i64> for RowId {
    fn from(id: i64) -> Self {
        Self(Parts::One(Value::Int(id)))
    }
}

impl From<&str> for RowId {
    fn from(id: &str) -> Self {
        Self(Parts::One(id.into()))
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.values().iter().enumerate() {
            if index > 0 {
                f.write_char(',')?;
            }
            match part {
                Value::Int(number) => write!(f, "{number}")?,
                Value::Bool(flag) => write!(f, "~b{}", u8::from(*flag))?,
                Value::Float(number) => write!(f, "~r{:016x}", number.to_bits())?,
                Value::Bytes(bytes) => {
                    f.write_str("~x")?;
                    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                }
                other => write_text(&other.to_text(), f)?,
            }
        }
        Ok(())
    }
}

fn write_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if text.is_empty() {
        return f.write_str("~e");
    }
    for (index, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphabetic()
            || byte == b'_'
            || (index > 0 && (byte.is_ascii_digit() || byte == b'-' || byte == b'.'));
        if plain {
            f.write_char(char::from(byte))?;
        } else {
            write!(f, "~{byte:02X}")?;
        }
    }
    Ok(())
}

impl FromStr for RowId {
    type Err = RowIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<Value> = text.split(',').map(read_part).collect::<Option<_>>().ok_or(RowIdError)?;
        let id = Parts::new(parts).map(Self).ok_or(RowIdError)?;
        // One text form for each identity: what reads but is not the canonical form is refused.
        if id.to_string() == text { Ok(id) } else { Err(RowIdError) }
    }
}

fn read_part(part: &str) -> Option<Value> {
    match part.as_bytes() {
        b"~e" => Some(Value::Text(String::new())),
        [b'~', b'b', b'0' | b'1'] => Some(Value::Bool(part.ends_with('1'))),
        [b'~', b'r', ..] => {
            u64::from_str_radix(&part[2..], 16).ok().map(|bits| Value::Float(f64::from_bits(bits)))
        }
        [b'~', b'x', hex @ ..] => hex.chunks(2).map(hex_byte).collect::<Option<Vec<u8>>>().map(Value::Bytes),
        [b'-' | b'0'..=b'9', ..] => part.parse().ok().map(Value::Int),
        _ => {
            let mut bytes = Vec::with_capacity(part.len());
            let mut rest = part.as_bytes();
            while let Some((&first, after)) = rest.split_first() {
                if first == b'~' {
                    bytes.push(hex_byte(after.get(..2)?)?);
                    rest = &after[2..];
                } else {
                    bytes.push(first);
                    rest = after;
                }
            }
            String::from_utf8(bytes).ok().map(Value::Text)
        }
    }
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    match digits {
        [high, low] => {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            u8::try_from(digit(high)? << 4 | digit(low)?).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_canonical_is_refused() {
        for text in [
            "",
            "+1",
            "01",
            "1,",
            ",",
            "~",
            "~2",
            "~2f",
            "a b",
            "~41",
            "é",
            "~x0",
            "-",
            "~r0",
            "99999999999999999999",
        ] {
            assert_eq!(text.parse::<RowId>(), Err(RowIdError), "{text}");
        }
    }

    fn part() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<i64>().prop_map(Value::Int),
            any::<String>().prop_map(Value::Text),
            any::<Vec<u8>>().prop_map(Value::Bytes),
            any::<bool>().prop_map(Value::Bool),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Float),
        ]
    }

    proptest! {
        #[test]
        fn the_text_form_round_trips_and_is_safe_in_a_path(parts in prop::collection::vec(part(), 1..4)) {
            let id = RowId::from_values(parts).unwrap();
            let text = id.to_string();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~,".contains(&b)));
            prop_assert_eq!(text.parse::<RowId>(), Ok(id));
        }

        #[test]
        fn reading_never_panics(text: String) {
            let _ = text.parse::<RowId>();
        }
    }
}
