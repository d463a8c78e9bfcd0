//! Values as the type of their field.
//!
//! Rules have run before; what arrives here from a program is brought to the field's type where that loses nothing, and
//! refused otherwise. Decimals never pass through floats.

use frontdesk_validate::{Decimal, Message, Uuid, ValidationError, Value, civil};

use crate::FieldType;

/// Brings `value` to `kind`. Null stays null, and so does an empty text where the type is no text.
///
/// # Errors
/// Code `type`, `integer_range` for a whole number beyond 64 bits, or `nul` for a text with a NUL character.
pub(crate) fn coerce(kind: &FieldType, value: Value) -> Result<Value, ValidationError> {
    if value.is_null() {
        return Ok(value);
    }
    match kind {
        FieldType::String | FieldType::Text | FieldType::Password | FieldType::Upload => text(value),
        FieldType::ListString
        | FieldType::ListInteger
        | FieldType::ListUpload
        | FieldType::ListReference { .. } => list(kind, value),
        FieldType::Blob => bytes(value),
        FieldType::Json => json(value),
        _ if is_blank(&value) => Ok(Value::Null),
        FieldType::Id | FieldType::Integer | FieldType::BigInt => {
            let too_large = is_beyond_64_bits(&value);
            integer(value).ok_or_else(|| match too_large {
                true => integer_range(i64::MIN, i64::MAX),
                false => refused("an integer"),
            })
        }
        FieldType::Double => double(value).ok_or_else(|| refused("a number")),
        FieldType::Decimal { precision, scale } => decimal(value, *precision, *scale),
        FieldType::Boolean => boolean(&value).map(Value::Bool).ok_or_else(|| refused("yes or no")),
        FieldType::Date => date(value).map(Value::Date).ok_or_else(|| refused("a date such as 2008-03-03")),
        FieldType::Time => time(value).map(Value::Time).ok_or_else(|| refused("a time such as 13:05:00")),
        FieldType::DateTime => date_time(value)
            .map(Value::DateTime)
            .ok_or_else(|| refused("a date and time such as 2008-03-03 13:05:00")),
        FieldType::Instant => instant(value)
            .map(Value::DateTime)
            .ok_or_else(|| refused("a date and time such as 2008-03-03 13:05:00")),
        FieldType::Uuid => uuid(value).ok_or_else(|| refused("a UUID")),
        // What it refers to is not known here: any value that can be a key.
        FieldType::Reference { .. } => reference(value),
    }
}

fn refused(wanted: &'static str) -> ValidationError {
    let text = match wanted {
        "an integer" => "Enter an integer",
        "a number" => "Enter a number",
        "a date such as 2008-03-03" => "Enter a date such as 2008-03-03",
        "a time such as 13:05:00" => "Enter a time such as 13:05:00",
        "a date and time such as 2008-03-03 13:05:00" => "Enter a date and time such as 2008-03-03 13:05:00",
        "a UUID" => "Enter a UUID",
        "yes or no" => "Enter yes or no",
        "a text" => "Enter a text",
        _ => "This value cannot be stored here",
    };
    ValidationError::new("type", text)
}

/// A whole number that is not among those that its column holds.
pub(crate) fn integer_range(least: i64, most: i64) -> ValidationError {
    ValidationError::with_params(
        "integer_range",
        &Message::new("Enter an integer from %(min)s to %(max)s"),
        vec![("min", Value::from(least)), ("max", Value::from(most))],
    )
}

/// Whether this is a whole number that 64 bits do not hold.
fn is_beyond_64_bits(value: &Value) -> bool {
    let is_long = |text: &str| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        digits.len() > 18
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && text.parse::<i64>().is_err()
    };
    match value {
        Value::Text(text) => is_long(text.trim()),
        Value::Decimal(number) => number.fract().is_zero() && i64::try_from(*number).is_err(),
        Value::Json(json) => json.is_number() && is_long(&json.to_string()),
        _ => false,
    }
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn text(value: Value) -> Result<Value, ValidationError> {
    let text = match value {
        Value::Text(text) => text,
        Value::List(_) | Value::File(_) | Value::Bytes(_) => return Err(refused("a text")),
        other => other.into_text(),
    };
    if text.contains('\0') {
        return Err(nul());
    }
    Ok(Value::Text(text))
}

fn nul() -> ValidationError {
    ValidationError::new("nul", "The text must not contain a NUL character")
}

fn integer(value: Value) -> Option<Value> {
    let number = match value {
        Value::Int(number) => number,
        Value::Bool(flag) => i64::from(flag),
        Value::Text(text) => text.trim().parse().ok()?,
        Value::Decimal(number) if number.fract().is_zero() => i64::try_from(number).ok()?,
        // Beyond 2^53 a float is no certain integer.
        Value::Float(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
            number as i64
        }
        Value::Json(json) => json.as_i64()?,
        _ => return None,
    };
    Some(Value::Int(number))
}

fn double(value: Value) -> Option<Value> {
    let number = match value {
        Value::Float(number) => number,
        // Beyond 2^53 floats leave out integers; a column that can keeps them.
        Value::Int(number) if number.unsigned_abs() > 1 << 53 => return Some(value),
        Value::Int(number) => number as f64,
        Value::Decimal(number) => number.to_string().parse().ok()?,
        Value::Text(text) if is_large_integer(&text) => return text.trim().parse().ok().map(Value::Int),
        Value::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite())?,
        Value::Json(json) => json.as_f64()?,
        _ => return None,
    };
    // SQL knows no NaN; SQLite would store NULL.
    (!number.is_nan()).then_some(Value::Float(number))
}

fn is_large_integer(text: &str) -> bool {
    text.trim().parse().is_ok_and(|number: i64| number.unsigned_abs() > 1 << 53)
}

fn decimal(value: Value, precision: u8, scale: u8) -> Result<Value, ValidationError> {
    let read = |text: &str| {
        Decimal::from_str_exact(text.trim()).or_else(|_| Decimal::from_scientific(text.trim())).ok()
    };
    if let Value::Text(text) = &value
        && read(text).is_none()
        && let Some(exact) = beyond_decimal(text.trim(), precision, scale)
    {
        return exact.map(Value::Text);
    }
    let number = match value {
        Value::Decimal(number) => Some(number),
        Value::Int(number) => Some(Decimal::from(number)),
        Value::Text(text) => read(&text),
        // The shortest text of a float is what a person wrote, 0.1 and not 0.1000000000000000055.
        Value::Float(number) => read(&number.to_string()),
        Value::Json(json) if json.is_number() => read(&json.to_string()),
        _ => None,
    }
    .ok_or_else(|| refused("a number"))?
    .normalize();
    let digits_before = number.trunc().mantissa().unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
    fits_digits(digits_before as usize, number.scale() as usize, precision, scale)?;
    Ok(Value::Decimal(number))
}

fn fits_digits(before: usize, behind: usize, precision: u8, scale: u8) -> Result<(), ValidationError> {
    if behind > usize::from(scale) {
        return Err(ValidationError::with_params(
            "decimal_places",
            &Message::new("Enter a number with at most %(max)s digits after the point"),
            vec![("max", Value::from(scale))],
        ));
    }
    if before > usize::from(precision.saturating_sub(scale)) {
        return Err(ValidationError::with_params(
            "decimal_digits",
            &Message::new("Enter a number with at most %(max)s digits before the point"),
            vec![("max", Value::from(precision.saturating_sub(scale)))],
        ));
    }
    Ok(())
}

/// A number that [`Decimal`] does not hold, as the text of its digits: one of more than 28 digits, or one that is none
/// (`NaN`, `Infinity`), which some databases keep. `None` for what is no number at all.
fn beyond_decimal(text: &str, precision: u8, scale: u8) -> Option<Result<String, ValidationError>> {
    if matches!(text, "NaN" | "Infinity" | "-Infinity") {
        return Some(Ok(text.to_owned()));
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (before, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if before.len() + behind.len() == 0 || !are_digits(before) || !are_digits(behind) {
        return None;
    }
    let (before, behind) = (before.trim_start_matches('0'), behind.trim_end_matches('0'));
    if let Err(error) = fits_digits(before.len(), behind.len(), precision, scale) {
        return Some(Err(error));
    }
    let before = if before.is_empty() { "0" } else { before };
    let point = if behind.is_empty() { "" } else { "." };
    Some(Ok(format!("{sign}{before}{point}{behind}")))
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        Value::Json(json) => json.as_bool(),
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "on" | "yes" | "y" => Some(true),
            "false" | "f" | "0" | "off" | "no" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn date(value: Value) -> Option<civil::Date> {
    match value {
        Value::Date(date) => Some(date),
        Value::DateTime(at) if at.time() == civil::Time::midnight() => Some(at.date()),
        // jiff would take a date and a time, and drop the time.
        Value::Text(text) if text.trim().len() == 10 => text.trim().parse().ok(),
        _ => None,
    }
}

fn time(value: Value) -> Option<civil::Time> {
    match value {
        Value::Time(time) => Some(time),
        Value::Text(text) if text.trim().len() <= 18 && !text.contains('-') => text.trim().parse().ok(),
        _ => None,
    }
}

fn date_time(value: Value) -> Option<civil::DateTime> {
    match value {
        Value::DateTime(at) => Some(at),
        Value::Date(date) => Some(date.to_datetime(civil::Time::midnight())),
        Value::Text(text) => {
            let text = text.trim();
            let (date, time) = text.split_at_checked(10)?;
            let has_zone = time.contains(['+', '-', 'Z', 'z', '[']);
            (!has_zone && date.is_ascii()).then(|| text.parse().ok())?
        }
        _ => None,
    }
}

/// A point in time, in UTC. A date and time without a zone is UTC already.
fn instant(value: Value) -> Option<civil::DateTime> {
    match value {
        Value::Text(text) => instant_of(&text),
        other => date_time(other),
    }
}

/// Reads a point in time: a date and a time with `Z` or an offset from UTC, or without either.
pub(crate) fn instant_of(text: &str) -> Option<civil::DateTime> {
    let text = text.trim();
    let (date, time) = text.split_at_checked(10)?;
    if !date.is_ascii() || time.contains('[') {
        return None;
    }
    let has_zone = time.contains(['+', '-', 'Z', 'z']);
    match has_zone {
        true => text.parse::<jiff::Timestamp>().ok().map(|at| jiff::tz::Offset::UTC.to_datetime(at)),
        false => text.parse().ok().filter(|_| time.len() > 1),
    }
}

/// Upper case, or no hyphens, stay: keys that are stored so are found only so.
fn uuid(value: Value) -> Option<Value> {
    match value {
        Value::Uuid(_) => Some(value),
        Value::Text(text) => {
            let text = text.trim();
            let uuid: Uuid = text.parse().ok()?;
            let is_other_spelling = text.starts_with(|first: char| first.is_ascii_hexdigit())
                && uuid.hyphenated().encode_lower(&mut [0; 36]) != text;
            Some(if is_other_spelling { Value::from(text) } else { Value::Uuid(uuid) })
        }
        _ => None,
    }
}

fn bytes(value: Value) -> Result<Value, ValidationError> {
    match value {
        Value::Bytes(_) => Ok(value),
        Value::Text(text) => Ok(Value::Bytes(text.into_bytes())),
        Value::File(file) => {
            file.content().map(|content| Value::Bytes(content.to_vec())).ok_or_else(|| refused("bytes"))
        }
        _ => Err(refused("bytes")),
    }
}

fn json(value: Value) -> Result<Value, ValidationError> {
    let json = match value {
        Value::Json(json) => *json,
        Value::Text(text) if text.trim().is_empty() => return Ok(Value::Null),
        Value::Text(text) => {
            serde_json::from_str(&text).map_err(|_| ValidationError::new("type", "Enter valid JSON"))?
        }
        Value::File(_) | Value::Bytes(_) => return Err(refused("JSON")),
        other => other.to_plain_json(),
    };
    if has_nul(&json) { Err(nul()) } else { Ok(json.into()) }
}

/// Whether a text in it has a NUL character, or a name. The depth is bounded: what was read is.
fn has_nul(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(has_nul),
        serde_json::Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
        }
        _ => false,
    }
}

fn reference(value: Value) -> Result<Value, ValidationError> {
    match value {
        Value::Int(_) | Value::Bytes(_) | Value::Uuid(_) | Value::Float(_) | Value::Bool(_) => Ok(value),
        Value::Date(_) | Value::Time(_) | Value::DateTime(_) | Value::Decimal(_) => Ok(value),
        Value::Text(_) => text(value),
        _ => Err(refused("a key")),
    }
}

fn list(kind: &FieldType, value: Value) -> Result<Value, ValidationError> {
    let items = match value {
        Value::List(items) => items,
        Value::Text(text) if text.is_empty() => Vec::new(),
        Value::Json(json) => match json.as_array() {
            Some(items) => items
                .iter()
                .map(|item| Value::from_tagged_json(item).map_err(|_| refused("a list")))
                .collect::<Result<_, _>>()?,
            None => vec![Value::Json(json)],
        },
        single => vec![single],
    };
    let item_of: fn(Value) -> Result<Value, ValidationError> = match kind {
        FieldType::ListString | FieldType::ListUpload => text,
        FieldType::ListInteger => |item| coerce(&FieldType::BigInt, item),
        _ => |item| match item {
            // Keys are whole numbers nearly always; another one stays a text.
            Value::Text(key) => match key.trim().parse() {
                Ok(number) => Ok(Value::Int(number)),
                Err(_) => text(Value::Text(key)),
            },
            other => reference(other),
        },
    };
    items.into_iter().map(item_of).collect::<Result<Vec<_>, _>>().map(Value::List)
}

/// The value for a condition: as the type of the field where it fits, else as it is, since odd cells exist.
pub(crate) fn for_condition(kind: Option<&FieldType>, value: Value) -> Value {
    match kind {
        Some(kind) if !kind.is_list() => coerce(kind, value.clone()).unwrap_or(value),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal_10_2() -> FieldType {
        FieldType::Decimal { precision: 10, scale: 2 }
    }

    const UPPER: &str = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8";

    #[test]
    fn what_loses_nothing_is_taken() {
        for (kind, value, coerced) in [
            (FieldType::Integer, "42".into(), Value::Int(42)),
            (FieldType::Integer, " -7 ".into(), Value::Int(-7)),
            (FieldType::BigInt, Value::Float(3.0), Value::Int(3)),
            (FieldType::Integer, "".into(), Value::Null),
            (FieldType::String, Value::Int(5), "5".into()),
            (FieldType::String, "".into(), "".into()),
            (FieldType::Double, "1e3".into(), Value::Float(1000.0)),
            (decimal_10_2(), "1.10".into(), Value::Decimal("1.1".parse().unwrap())),
            (decimal_10_2(), Value::Float(0.1), Value::Decimal("0.1".parse().unwrap())),
            (decimal_10_2(), "99999999.99".into(), Value::Decimal("99999999.99".parse().unwrap())),
            (FieldType::Boolean, "on".into(), Value::Bool(true)),
            (FieldType::Boolean, Value::Int(0), Value::Bool(false)),
            (FieldType::Date, "2008-03-03".into(), Value::Date(civil::date(2008, 3, 3))),
            (
                FieldType::DateTime,
                "2008-03-03T10:00".into(),
                Value::DateTime(civil::date(2008, 3, 3).at(10, 0, 0, 0)),
            ),
            (FieldType::Time, "10:00".into(), Value::Time(civil::time(10, 0, 0, 0))),
            (FieldType::Json, r#"{"a":1}"#.into(), serde_json::json!({"a": 1}).into()),
            (FieldType::ListInteger, Value::List(vec!["1".into()]), Value::List(vec![Value::Int(1)])),
            (FieldType::ListString, "a".into(), Value::List(vec!["a".into()])),
            (FieldType::Integer, Value::Null, Value::Null),
            (FieldType::Double, "9007199254740993".into(), Value::Int(9_007_199_254_740_993)),
            (FieldType::Double, Value::Int(i64::MIN), Value::Int(i64::MIN)),
            (FieldType::Double, "9007199254740992".into(), Value::Float(9_007_199_254_740_992.0)),
            (FieldType::Uuid, UPPER.into(), UPPER.into()),
            (FieldType::Uuid, UPPER.to_lowercase().into(), Value::Uuid(UPPER.parse().unwrap())),
            (FieldType::Uuid, format!("{{{UPPER}}}").into(), Value::Uuid(UPPER.parse().unwrap())),
        ] {
            assert_eq!(coerce(&kind, value.clone()), Ok(coerced), "{kind} {value:?}");
        }
    }

    #[test]
    fn type_01_integers_beyond_64_bits_are_refused_with_what_is_possible() {
        for number in ["9223372036854775808", "-9223372036854775809", " 123456789012345678901234567890 "] {
            for kind in [FieldType::Integer, FieldType::BigInt, FieldType::Id, FieldType::ListInteger] {
                let error = coerce(&kind, number.into()).unwrap_err();
                assert_eq!(error.code(), "integer_range", "{kind} {number}");
            }
        }
        let json: serde_json::Value = serde_json::from_str("18446744073709551615").unwrap();
        assert_eq!(coerce(&FieldType::BigInt, json.into()).unwrap_err().code(), "integer_range");
        assert_eq!(coerce(&FieldType::BigInt, "9e99".into()).unwrap_err().code(), "type");
        assert_eq!(coerce(&FieldType::BigInt, i64::MIN.into()), Ok(Value::Int(i64::MIN)));
    }

    #[test]
    fn type_02_numbers_beyond_28_digits_stay_exact() {
        let long = FieldType::Decimal { precision: 60, scale: 20 };
        for (typed, kept) in [
            ("1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890"),
            (
                "+0001234567890123456789012345678901234567890.500",
                "1234567890123456789012345678901234567890.5",
            ),
            ("-12345678901234567890.12345678901234567890", "-12345678901234567890.1234567890123456789"),
            ("NaN", "NaN"),
            ("-Infinity", "-Infinity"),
        ] {
            assert_eq!(coerce(&long, typed.into()), Ok(Value::from(kept)), "{typed}");
        }
        for (typed, code) in [
            ("12345678901234567890123456789012345678901", "decimal_digits"),
            ("1.1234567890123456789012345678901234", "decimal_places"),
            ("nan", "type"),
            (".", "type"),
            ("12345678901234567890123456789012345678_0", "type"),
        ] {
            assert_eq!(coerce(&long, typed.into()).unwrap_err().code(), code, "{typed}");
        }
    }

    #[test]
    fn type_03_instants_are_utc() {
        let at = civil::date(2008, 3, 3).at(10, 0, 0, 0);
        for text in [
            "2008-03-03 10:00:00Z",
            "2008-03-03T12:00:00+02:00",
            "2008-03-03T10:00",
            "2008-03-03 04:30-05:30",
        ] {
            assert_eq!(coerce(&FieldType::Instant, text.into()), Ok(Value::DateTime(at)), "{text}");
        }
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        for (kind, value) in [
            (FieldType::Integer, "abc".into()),
            (FieldType::Integer, "1.5".into()),
            (FieldType::BigInt, "9223372036854775808".into()),
            (FieldType::BigInt, Value::Float(1e300)),
            (FieldType::Double, "nan".into()),
            (FieldType::Double, Value::Float(f64::NAN)),
            (decimal_10_2(), "1.001".into()),
            (decimal_10_2(), "100000000".into()),
            (decimal_10_2(), "99999999999999999999999999999999999999".into()),
            (decimal_10_2(), Value::Float(f64::INFINITY)),
            (FieldType::Boolean, "maybe".into()),
            (FieldType::Date, "2008-02-30".into()),
            (FieldType::Date, Value::DateTime(civil::date(2008, 3, 3).at(10, 0, 0, 0))),
            (FieldType::DateTime, "2008-03-03T10:00:00Z".into()),
            (FieldType::DateTime, "2008-03-03T10:00:00+01:00".into()),
            (FieldType::String, "a\0b".into()),
            (FieldType::String, Value::List(vec![])),
            (FieldType::Json, "{".into()),
            (FieldType::Json, r#"{"a": ["b\u0000"]}"#.into()),
            (FieldType::Json, r#"{"\u0000": 1}"#.into()),
            (FieldType::Instant, "2008-03-03".into()),
            (FieldType::Instant, "2008-03-03 25:00:00Z".into()),
            (FieldType::Instant, "2008-03-03 10:00:00[Europe/Berlin]".into()),
            (FieldType::Uuid, "x".into()),
            (FieldType::ListInteger, Value::List(vec!["a".into()])),
        ] {
            assert!(coerce(&kind, value.clone()).is_err(), "{kind} {value:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            for kind in [
                FieldType::Integer, FieldType::Double, decimal_10_2(), FieldType::Boolean, FieldType::Date,
                FieldType::Time, FieldType::DateTime, FieldType::Instant, FieldType::Json, FieldType::Uuid, FieldType::ListInteger,
            ] {
                let _ = coerce(&kind, text.as_str().into());
            }
        }
    }
}
