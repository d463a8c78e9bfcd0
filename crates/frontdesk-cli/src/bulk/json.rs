//! Values as members of a JSON object on a line, and back.

use std::fmt::Write;

use frontdesk_data::{Field, FieldType, Value};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::cell;

/// Appends a value. Numbers have all their digits, a JSON column is its document.
pub(super) fn write(field: &Field, value: &Value, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Null => out.write_str("null"),
        Value::Bool(flag) => write!(out, "{flag}"),
        Value::Int(number) => write!(out, "{number}"),
        Value::Decimal(number) => write!(out, "{number}"),
        Value::Float(number) if number.is_finite() => out.write_str(&value.to_text()),
        Value::Json(json) => write!(out, "{json}"),
        Value::Text(text) if field.kind == FieldType::Json && field.native.is_none() => {
            match serde_json::from_str::<&RawValue>(text) {
                Ok(raw) => push_minified(raw.get(), out),
                Err(_) => push_text(text, out),
            }
            Ok(())
        }
        Value::List(_) => write!(out, "{}", value.to_plain_json()),
        Value::DateTime(at) if field.kind == FieldType::Instant => {
            write!(out, "\"{} {}Z\"", at.date(), at.time())
        }
        other => {
            push_text(&other.to_text(), out);
            Ok(())
        }
    };
}

/// Appends a text in quotes.
pub(super) fn push_text(text: &str, out: &mut String) {
    let _ = write!(out, "{}", Json::from(text));
}

/// Appends a document without the blanks and line breaks between its parts: it shall stand on one line.
fn push_minified(raw: &str, out: &mut String) {
    let (mut in_text, mut escaped) = (false, false);
    for letter in raw.chars() {
        if in_text {
            in_text = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
        } else if matches!(letter, ' ' | '\t' | '\r' | '\n') {
            continue;
        } else {
            in_text = letter == '"';
        }
        out.push(letter);
    }
}

/// The value of a member, for the rules of its field. Numbers are texts, so that no digit is lost.
///
/// # Errors
/// A sentence, where the member is no list, or no bytes.
pub(super) fn read(field: &Field, raw: &RawValue) -> Result<Value, String> {
    let text = raw.get().trim();
    let json = || serde_json::from_str::<Json>(text).map_err(|error| format!("This is no JSON: {error}"));
    if text == "null" {
        return Ok(Value::Null);
    }
    if field.kind == FieldType::Json && field.native.is_none() {
        return json().map(Value::from);
    }
    match text.as_bytes().first() {
        Some(b't' | b'f') if field.kind == FieldType::Boolean => Ok(Value::Bool(text == "true")),
        Some(b'"') => match json()? {
            Json::String(text) if field.kind == FieldType::Blob && field.native.is_none() => {
                cell::bytes(&text)
            }
            Json::String(text) if field.kind.is_list() => Ok(Value::List(vec![text.into()])),
            Json::String(text) => Ok(cell::moment(field, &text).unwrap_or_else(|| text.into())),
            other => Ok(other.into()),
        },
        Some(b'[') if field.kind.is_list() => match json()? {
            Json::Array(items) => cell::list(&items),
            other => Ok(other.into()),
        },
        Some(b'[' | b'{') => Err("A list or an object is no value of this field".to_owned()),
        _ => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: FieldType, value: Value) -> String {
        let mut out = String::new();
        write(&Field::new("x", kind), &value, &mut out);
        out
    }

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn documents_keep_their_digits_and_stand_on_one_line() {
        let document = "{ \"a\" :\n [ 0.12345678901234567890, 1e400, \" \\\" \\\\\" ] }";
        assert_eq!(
            written(FieldType::Json, document.into()),
            "{\"a\":[0.12345678901234567890,1e400,\" \\\" \\\\\"]}"
        );
        assert_eq!(written(FieldType::Json, "{".into()), "\"{\"");
        assert_eq!(written(FieldType::Text, "a\nb".into()), "\"a\\nb\"");
    }

    #[test]
    fn numbers_come_back_with_all_their_digits() {
        let decimal = Field::new("x", FieldType::Decimal { precision: 40, scale: 20 });
        let read = |text: &str| read(&decimal, &raw(text));
        assert_eq!(read("12345678901234567890.10"), Ok("12345678901234567890.10".into()));
        assert_eq!(read("\"1\""), Ok("1".into()));
        assert!(read("[1]").is_err() && read("{}").is_err());
    }
}
