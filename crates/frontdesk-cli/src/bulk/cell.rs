//! Values as the cells of a CSV file, and back.
//!
//! Nothing is an empty cell. A text that a spreadsheet could take for a formula gets an apostrophe in front, and so does
//! one that would be mistaken for such a text, and the empty text; reading takes it off again. Numbers stay numbers.

use std::borrow::Cow;

use frontdesk_data::{Field, FieldType, Value};
use serde_json::Value as Json;

/// Whether a spreadsheet may take a cell that begins with this for a formula. Some take the wide forms too.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// Whether a text needs the apostrophe, or has it: nothing or a formula, behind any number of apostrophes.
fn is_marked(text: &str) -> bool {
    text.trim_start_matches('\'').chars().next().is_none_or(begins_formula)
}

/// The text with the apostrophe, where it needs one.
pub(crate) fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_marked(&text) { format!("'{text}").into() } else { text }
}

/// The text without the apostrophe that [`guarded`] put there.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_marked(cell) => text,
        _ => cell,
    }
}

/// The cell of a value.
pub(crate) fn write<'v>(field: &Field, value: &'v Value) -> Cow<'v, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => value.to_text(),
        Value::Json(json) if json.is_number() => value.to_text(),
        // The text of a JSON document that is a number, and of a number of more digits than others have.
        Value::Text(text) if is_number_type(field) && text.parse::<f64>().is_ok_and(f64::is_finite) => {
            Cow::Borrowed(text)
        }
        Value::DateTime(at) if field.kind == FieldType::Instant => {
            guarded(format!("{} {}Z", at.date(), at.time()).into())
        }
        other => guarded(other.to_text()),
    }
}

fn is_number_type(field: &Field) -> bool {
    field.native.is_none() && matches!(field.kind, FieldType::Decimal { .. } | FieldType::Json)
}

/// The value of a cell, for the rules of its field.
///
/// # Errors
/// A sentence, where the cell is no list, or no bytes.
pub(crate) fn read(field: &Field, cell: &str) -> Result<Value, String> {
    if cell.is_empty() {
        return Ok(Value::Null);
    }
    let text = unguarded(cell);
    if field.native.is_some() {
        return Ok(text.into());
    }
    match &field.kind {
        FieldType::Blob => bytes(text),
        kind if kind.is_list() => match text.starts_with('[') {
            true => match serde_json::from_str(text) {
                Ok(Json::Array(items)) => list(&items),
                _ => Err("This is no list; write it as JSON, such as [\"a\",\"b\"]".to_owned()),
            },
            false => Ok(Value::List(vec![text.into()])),
        },
        _ => Ok(moment(field, text).unwrap_or_else(|| text.into())),
    }
}

/// A date or a time as it is written here, with all digits of its seconds. What people write otherwise is for the rules.
pub(super) fn moment(field: &Field, text: &str) -> Option<Value> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. ".contains(&byte));
    match field.kind {
        _ if !is_plain => None,
        FieldType::Date if text.len() >= 10 => text.parse().ok().map(Value::Date),
        FieldType::Time if text.len() >= 8 => text.parse().ok().map(Value::Time),
        FieldType::DateTime if text.len() >= 19 => text.parse().ok().map(Value::DateTime),
        _ => None,
    }
}

/// Bytes as they are written: `\x` and hexadecimal digits.
pub(super) fn bytes(text: &str) -> Result<Value, String> {
    let wrong = || "These are no bytes; write them as \\x and hexadecimal digits, such as \\x00ff".to_owned();
    let digits =
        text.strip_prefix("\\x").filter(|digits| digits.len().is_multiple_of(2)).ok_or_else(wrong)?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>().map(Value::Bytes).ok_or_else(wrong)
}

/// The items of a list.
pub(super) fn list(items: &[Json]) -> Result<Value, String> {
    let item = |item: &Json| match item {
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Number(number) => Ok(number.as_i64().map_or_else(|| number.to_string().into(), Value::Int)),
        Json::Bool(flag) => Ok(Value::Bool(*flag)),
        Json::Null | Json::Array(_) | Json::Object(_) => Err("A list has texts and numbers only".to_owned()),
    };
    items.iter().map(item).collect::<Result<_, _>>().map(Value::List)
}

/// Whether a value is of its field's type, so that it reads back as what it was.
pub(crate) fn fits(field: &Field, value: &Value) -> bool {
    match (&field.kind, value) {
        (_, Value::Null) => true,
        _ if field.native.is_some() => matches!(value, Value::Text(_)),
        (FieldType::String | FieldType::Text | FieldType::Upload | FieldType::Password, _) => {
            matches!(value, Value::Text(_))
        }
        (FieldType::Id | FieldType::Integer | FieldType::BigInt, _) => matches!(value, Value::Int(_)),
        (FieldType::Double, _) => match value {
            Value::Float(number) => number.is_finite(),
            other => matches!(other, Value::Int(_)),
        },
        (FieldType::Decimal { .. } | FieldType::Uuid | FieldType::Json, Value::Text(_)) => true,
        (FieldType::Decimal { .. }, _) => matches!(value, Value::Decimal(_)),
        (FieldType::Boolean, _) => matches!(value, Value::Bool(_)),
        (FieldType::Date, _) => matches!(value, Value::Date(_)),
        (FieldType::Time, _) => matches!(value, Value::Time(_)),
        (FieldType::DateTime | FieldType::Instant, _) => matches!(value, Value::DateTime(_)),
        (FieldType::Json, _) => matches!(value, Value::Json(_)),
        (FieldType::Uuid, _) => matches!(value, Value::Uuid(_)),
        (FieldType::Blob, _) => matches!(value, Value::Bytes(_)),
        (FieldType::Reference { .. }, _) => !matches!(value, Value::Bytes(_) | Value::Float(_)),
        (kind, _) if kind.is_list() => matches!(value, Value::List(_)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crud_15_what_may_begin_a_formula_is_guarded_and_comes_back() {
        for (text, cell) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("＝1", "'＝1"),
            ("", "'"),
            ("'", "''"),
            ("'=x", "''=x"),
            ("''-", "'''-"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
            (" =1", " =1"),
        ] {
            assert_eq!(guarded(text.into()), cell);
            assert_eq!(unguarded(cell), text);
        }
        // What others wrote is as it stands.
        for cell in ["=1+1", "-5", "'tis", "x"] {
            assert_eq!(unguarded(cell), cell);
        }
    }

    #[test]
    fn crud_15_numbers_stay_numbers() {
        let field = |kind| Field::new("x", kind);
        let decimal: frontdesk_validate::Decimal = "-1.50".parse().unwrap();
        for (kind, value, cell) in [
            (FieldType::Integer, Value::Int(-5), "-5"),
            (FieldType::Double, Value::Float(-0.5), "-0.5"),
            (FieldType::MONEY, Value::Decimal(decimal), "-1.50"),
            (FieldType::Json, serde_json::json!(-2).into(), "-2"),
            (FieldType::Json, "-2".into(), "-2"),
            (FieldType::Json, "-x".into(), "'-x"),
            (FieldType::String, "-5".into(), "'-5"),
            (FieldType::String, Value::Int(-5), "-5"),
        ] {
            assert_eq!(write(&field(kind), &value), cell);
        }
    }

    #[test]
    fn bytes_and_lists_are_told_from_what_is_none() {
        let blob = Field::new("b", FieldType::Blob);
        assert_eq!(read(&blob, "\\x00ff"), Ok(Value::Bytes(vec![0, 255])));
        assert_eq!(read(&blob, "\\x"), Ok(Value::Bytes(vec![])));
        for wrong in ["00ff", "\\x0", "\\xzz", "\\xé"] {
            assert!(read(&blob, wrong).is_err(), "{wrong}");
        }
        let list = Field::new("l", FieldType::ListString);
        assert_eq!(read(&list, r#"["a","b"]"#), Ok(Value::List(vec!["a".into(), "b".into()])));
        assert_eq!(read(&list, "a"), Ok(Value::List(vec!["a".into()])));
        for wrong in ["[", "[[]]", "[null]"] {
            assert!(read(&list, wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn crud_15_every_text_comes_back(text: String, marks in "'{0,3}[=+@\\-\t\r\n]?") {
            for text in [text.clone(), format!("{marks}{text}"), marks] {
                let cell = guarded(text.as_str().into()).into_owned();
                proptest::prop_assert!(!cell.is_empty());
                proptest::prop_assert!(!cell.starts_with(begins_formula));
                proptest::prop_assert_eq!(unguarded(&cell), text);
            }
        }
    }
}
