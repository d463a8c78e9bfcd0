//! The defaults of columns, as PostgreSQL writes them: `'new'::text`, `(-1)`, `now()`.

use frontdesk_validate::Value;

use crate::check::token::{Kind, Token, tokens};
use crate::check::{literal, without_casts};
use crate::coerce::coerce;
use crate::{DefaultValue, FieldType};

/// The default by its expression. A constant that fits the type is a value; everything else is left to the database.
pub(super) fn default_value(sql: &str, kind: &FieldType) -> DefaultValue {
    let all = without_casts(tokens(sql));
    let mut constant = &all[..];
    while let [open, inner @ .., close] = constant
        && open.is_sign("(")
        && close.is_sign(")")
        && inner.len() < 4
    {
        constant = inner;
    }
    if let [word] = constant
        && word.is_word("NULL")
    {
        return DefaultValue::None;
    }
    match constant_of(constant, sql).and_then(|value| fitting(value, kind)) {
        Some(value) => DefaultValue::Value(value),
        None => DefaultValue::Database(sql.to_owned()),
    }
}

fn constant_of(constant: &[Token<'_>], sql: &str) -> Option<Value> {
    // Two casts are one too many to tell what becomes of the text.
    if sql.matches("::").count() > 1 {
        return None;
    }
    match constant {
        // A text with backslashes, each of which is written twice.
        [prefix, text] if prefix.is_word("E") && text.kind == Kind::Text => {
            Some(Value::from(text.text.replace("\\\\", "\\")))
        }
        _ => match literal(constant)? {
            (value, []) => Some(value),
            _ => None,
        },
    }
}

/// The constant as the field holds it, if it can hold it.
fn fitting(value: Value, kind: &FieldType) -> Option<Value> {
    match (kind, &value) {
        // A reference holds what the other key holds: whole numbers stay numbers.
        (FieldType::Reference { .. }, Value::Int(_) | Value::Text(_)) => Some(value),
        (FieldType::Blob, Value::Text(text)) => bytes(text).map(Value::Bytes),
        (FieldType::ListString | FieldType::ListInteger, Value::Text(text)) => {
            (text == "{}").then(|| Value::List(Vec::new()))
        }
        // `now`, `today` and the like are worked out at each insert only if they are written so.
        (FieldType::Date | FieldType::Time | FieldType::DateTime | FieldType::Instant, Value::Text(text))
            if !text.starts_with(|first: char| first.is_ascii_digit()) =>
        {
            None
        }
        (
            FieldType::Blob
            | FieldType::ListString
            | FieldType::ListInteger
            | FieldType::Reference { .. }
            | FieldType::ListReference { .. },
            _,
        ) => None,
        (FieldType::Boolean, Value::Bool(_)) => Some(value),
        (FieldType::Boolean, _) => None,
        _ => coerce(kind, value).ok().filter(|value| !value.is_null()),
    }
}

/// The bytes of `\x0123`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .strip_prefix("\\x")?
        .chars()
        .map(|digit| digit.to_digit(16)?.try_into().ok())
        .collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_values_and_the_rest_is_the_database_s() {
        for (sql, kind, expected) in [
            ("'new'::character varying", "string", Some("new".into())),
            ("'it''s'::text", "text", Some("it's".into())),
            ("E'a\\\\b'::text", "text", Some("a\\b".into())),
            ("0", "integer", Some(Value::Int(0))),
            ("'-5'::integer", "integer", Some(Value::Int(-5))),
            ("(-1)", "bigint", Some(Value::Int(-1))),
            ("(0)::numeric", "decimal(4,2)", Some(Value::Decimal(0.into()))),
            ("1.50", "decimal(4,2)", Some(Value::Decimal("1.5".parse().unwrap()))),
            ("true", "boolean", Some(true.into())),
            ("'2020-02-03'::date", "date", Some(Value::Date("2020-02-03".parse().unwrap()))),
            ("'{}'::jsonb", "json", Some(serde_json::json!({}).into())),
            ("'\\x00ff'::bytea", "blob", Some(Value::Bytes(vec![0, 255]))),
            ("'{}'::text[]", "list:string", Some(Value::List(vec![]))),
            ("'{a,b}'::text[]", "list:string", None),
            ("now()", "instant", None),
            ("'now'::timestamp with time zone", "instant", None),
            ("CURRENT_DATE", "date", None),
            ("('now'::text)::date", "date", None),
            ("nextval('x_id_seq'::regclass)", "bigint", None),
            ("ARRAY['a'::text]", "list:string", None),
            ("('a'::text || 'b'::text)", "text", None),
            ("'101'::\"bit\"", "string", Some("101".into())),
        ] {
            let found = default_value(sql, &kind.parse().unwrap());
            match (found, expected) {
                (DefaultValue::Value(found), Some(expected)) => assert_eq!(found, expected, "{sql}"),
                (DefaultValue::Database(text), None) => assert_eq!(text, sql),
                (found, expected) => panic!("{sql}: {found:?} instead of {expected:?}"),
            }
        }
        assert!(matches!(default_value("NULL::character varying", &FieldType::String), DefaultValue::None));
    }
}
