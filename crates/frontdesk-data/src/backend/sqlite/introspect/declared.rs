//! What a column's declaration says: its type, and the value of a row that gives none.

use frontdesk_validate::civil::{Date, DateTime, Time};
use frontdesk_validate::{Decimal, Uuid, Value};

use crate::check::literal;
use crate::check::token::{Kind, Token, tokens};
use crate::{DefaultValue, FieldType};

/// The field type of a declared type, and the length of its texts.
///
/// SQLite takes any words for a type. Names that other databases use mean here what they mean there; INTEGER and INT
/// hold 64 bits, as SQLite's do, so that no number of an existing row is refused. What is left goes by SQLite's rules of
/// affinity (<https://sqlite.org/datatype3.html#determination_of_column_affinity>); what those call numeric, and what
/// has no type at all, is text, which shows any value.
pub(super) fn field_type(declared: &str) -> (FieldType, Option<u32>) {
    let (name, arguments) = name_and_arguments(declared);
    let first = arguments.first().copied();
    let is = |names: &[&str]| names.contains(&&*name);
    if is(&["BOOLEAN", "BOOL", "BIT"]) || (name == "TINYINT" && first == Some(1)) {
        return (FieldType::Boolean, None);
    }
    if is(&["TINYINT", "SMALLINT", "MEDIUMINT", "INT2", "INT4", "SMALLSERIAL", "SERIAL", "YEAR"]) {
        return (FieldType::Integer, None);
    }
    if is(&["DECIMAL", "NUMERIC", "NUMBER", "DEC", "MONEY", "SMALLMONEY"]) {
        return (decimal(&name, &arguments), None);
    }
    if is(&["TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"]) {
        return (FieldType::Instant, None);
    }
    if is(&["DATETIME", "DATETIME2", "SMALLDATETIME"]) || name.starts_with("TIMESTAMP") {
        return (FieldType::DateTime, None);
    }
    if name == "DATE" {
        return (FieldType::Date, None);
    }
    if is(&["TIME", "TIMETZ"]) || name.starts_with("TIME ") {
        return (FieldType::Time, None);
    }
    if is(&["JSON", "JSONB", "JSON TEXT"]) {
        return (FieldType::Json, None);
    }
    if is(&["UUID", "GUID", "UNIQUEIDENTIFIER"]) {
        return (FieldType::Uuid, None);
    }
    if is(&["STRING", "ENUM", "SET", "CITEXT"]) {
        return (FieldType::String, first);
    }
    if is(&["BINARY", "VARBINARY", "BYTEA", "IMAGE"]) {
        return (FieldType::Blob, None);
    }
    if name.contains("INT") && !name.contains("POINT") && !name.contains("INTERVAL") {
        (FieldType::BigInt, None)
    } else if name.contains("CHAR") {
        (FieldType::String, first)
    } else if name.contains("BLOB") {
        (FieldType::Blob, None)
    } else if name.contains("REAL") || name.contains("FLOA") || name.contains("DOUB") {
        (FieldType::Double, None)
    } else {
        (FieldType::Text, None)
    }
}

/// The words of a declared type in upper case, and the numbers in its brackets.
fn name_and_arguments(declared: &str) -> (String, Vec<u32>) {
    let (name, rest) = declared.split_once('(').unwrap_or((declared, ""));
    let (arguments, suffix) = rest.split_once(')').unwrap_or((rest, ""));
    let words = name.split_whitespace().chain(suffix.split_whitespace());
    let name = words.filter(|word| !word.eq_ignore_ascii_case("UNSIGNED")).collect::<Vec<_>>().join(" ");
    (
        name.to_ascii_uppercase(),
        arguments.split(',').filter_map(|number| number.trim().parse().ok()).collect(),
    )
}

fn decimal(name: &str, arguments: &[u32]) -> FieldType {
    let digits = |number: Option<&u32>| number.and_then(|&number| u8::try_from(number).ok());
    match (digits(arguments.first()), digits(arguments.get(1))) {
        (Some(precision @ 1..), Some(scale)) if scale <= precision => FieldType::Decimal { precision, scale },
        (Some(precision @ 1..), None) if arguments.len() == 1 => FieldType::Decimal { precision, scale: 0 },
        _ if name.ends_with("MONEY") => FieldType::MONEY,
        // Without digits it means any number, and SQLite stores a fraction as a float.
        _ => FieldType::Double,
    }
}

/// The default of a column by the SQL text of it. Constants that fit the type are values; everything else is left to the
/// database.
pub(super) fn default_value(sql: &str, kind: &FieldType) -> DefaultValue {
    let all = tokens(sql);
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
    let value = match literal(constant) {
        Some((value, [])) => Some(value),
        _ => bare_word(constant),
    };
    match value.and_then(|value| fitting(value, kind)) {
        Some(value) => DefaultValue::Value(value),
        None => DefaultValue::Database(sql.to_owned()),
    }
}

/// `DEFAULT red` is the text `red`, a leniency of SQLite.
fn bare_word(constant: &[Token<'_>]) -> Option<Value> {
    let [word] = constant else { return None };
    let is_call = ["CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"].iter().any(|name| word.is_word(name));
    (matches!(word.kind, Kind::Word | Kind::Quoted) && !is_call)
        .then(|| word.text.clone().into_owned().into())
}

/// A constant as the field holds it, if it can hold it.
fn fitting(value: Value, kind: &FieldType) -> Option<Value> {
    let text = value.to_text();
    Some(match kind {
        FieldType::Id | FieldType::Integer | FieldType::BigInt => match &value {
            Value::Int(_) => value,
            Value::Bool(flag) => Value::Int(i64::from(*flag)),
            _ => Value::Int(text.trim().parse().ok()?),
        },
        FieldType::Double => {
            Value::Float(text.trim().parse().ok().filter(|number: &f64| number.is_finite())?)
        }
        FieldType::Decimal { .. } => Value::Decimal(text.trim().parse::<Decimal>().ok()?.normalize()),
        FieldType::Boolean => match &*text.to_ascii_lowercase() {
            "1" | "true" | "t" => Value::Bool(true),
            "0" | "false" | "f" => Value::Bool(false),
            _ => return None,
        },
        FieldType::Date => Value::Date(text.parse::<Date>().ok()?),
        FieldType::Time => Value::Time(text.parse::<Time>().ok()?),
        FieldType::DateTime => Value::DateTime(text.parse::<DateTime>().ok()?),
        FieldType::Instant => Value::DateTime(crate::coerce::instant_of(&text)?),
        FieldType::Uuid => Value::Uuid(text.parse::<Uuid>().ok()?),
        FieldType::Json => match &value {
            Value::Text(text) => serde_json::from_str::<serde_json::Value>(text).ok()?.into(),
            _ => return None,
        },
        FieldType::Blob => match value {
            Value::Bytes(_) => value,
            _ => return None,
        },
        FieldType::String | FieldType::Text | FieldType::Password | FieldType::Upload => match &value {
            Value::Bytes(_) => return None,
            Value::Bool(flag) => Value::Text(u8::from(*flag).to_string()),
            _ => Value::Text(text.into_owned()),
        },
        // A reference holds what the other key holds: whole numbers stay numbers.
        FieldType::Reference { .. } => match value {
            Value::Int(_) | Value::Text(_) => value,
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types() {
        for (declared, kind, length) in [
            ("INTEGER", "bigint", None),
            ("int", "bigint", None),
            ("BIGINT UNSIGNED", "bigint", None),
            ("integer unsigned", "bigint", None),
            ("TINYINT(1)", "boolean", None),
            ("tinyint unsigned", "integer", None),
            ("SMALLINT", "integer", None),
            ("bool", "boolean", None),
            ("NVARCHAR(160)", "string", Some(160)),
            ("varchar ( 30 )", "string", Some(30)),
            ("CHARACTER VARYING(5)", "string", Some(5)),
            ("VARCHAR", "string", None),
            ("VARCHAR(max)", "string", None),
            ("TEXT", "text", None),
            ("LONGTEXT", "text", None),
            ("CLOB", "text", None),
            ("NUMERIC(10,2)", "decimal(10,2)", None),
            ("decimal(5)", "decimal(5,0)", None),
            ("NUMERIC", "double", None),
            ("DECIMAL(2,5)", "double", None),
            ("DECIMAL(999,2)", "double", None),
            ("MONEY", "decimal(18,2)", None),
            ("DOUBLE PRECISION", "double", None),
            ("REAL", "double", None),
            ("FLOAT(24)", "double", None),
            ("DATETIME", "datetime", None),
            ("TIMESTAMP WITH TIME ZONE", "instant", None),
            ("timestamptz", "instant", None),
            ("timestamp(6) without time zone", "datetime", None),
            ("DATE", "date", None),
            ("TIME", "time", None),
            ("TIME WITH TIME ZONE", "time", None),
            ("JSON", "json", None),
            ("JSON TEXT", "json", None),
            ("UUID", "uuid", None),
            ("BLOB", "blob", None),
            ("VARBINARY(16)", "blob", None),
            ("STRING", "string", None),
            ("", "text", None),
            ("ANY", "text", None),
            ("POINT", "text", None),
            ("INTERVAL", "text", None),
            ("FLOATING POINT", "double", None),
            ("((", "text", None),
        ] {
            let (found, found_length) = field_type(declared);
            assert_eq!((found.to_string().as_str(), found_length), (kind, length), "{declared}");
        }
    }

    #[test]
    fn constants_are_values_and_expressions_are_left_to_the_database() {
        use frontdesk_validate::civil::date;
        let of = |sql: &str, kind: FieldType| match default_value(sql, &kind) {
            DefaultValue::Value(value) => Some(value),
            DefaultValue::None => Some(Value::Null),
            _ => None,
        };
        assert_eq!(of("'it''s'", FieldType::Text), Some("it's".into()));
        assert_eq!(of("\"red\"", FieldType::String), Some("red".into()));
        assert_eq!(of("red", FieldType::String), Some("red".into()));
        assert_eq!(of("-5", FieldType::BigInt), Some(Value::Int(-5)));
        assert_eq!(of("(5)", FieldType::Integer), Some(Value::Int(5)));
        assert_eq!(of("'7'", FieldType::Integer), Some(Value::Int(7)));
        assert_eq!(of("0.10", FieldType::MONEY), Some(Value::Decimal("0.10".parse().unwrap())));
        assert_eq!(of("1", FieldType::Boolean), Some(Value::Bool(true)));
        assert_eq!(of("FALSE", FieldType::Boolean), Some(Value::Bool(false)));
        assert_eq!(of("'2020-02-29'", FieldType::Date), Some(Value::Date(date(2020, 2, 29))));
        assert_eq!(of("'2020-02-30'", FieldType::Date), None);
        assert_eq!(of("x'00ff'", FieldType::Blob), Some(Value::Bytes(vec![0, 255])));
        assert_eq!(of("'{}'", FieldType::Json), Some(serde_json::json!({}).into()));
        assert_eq!(of("NULL", FieldType::Text), Some(Value::Null));
        assert_eq!(of("(NULL)", FieldType::Text), Some(Value::Null));
        for (sql, kind) in [
            ("CURRENT_TIMESTAMP", FieldType::DateTime),
            ("CURRENT_TIMESTAMP", FieldType::Text),
            ("datetime('now')", FieldType::DateTime),
            ("'now'", FieldType::DateTime),
            ("1 + 1", FieldType::Integer),
            ("'abc'", FieldType::Integer),
            ("lower(hex(randomblob(16)))", FieldType::Text),
            ("", FieldType::Text),
        ] {
            assert_eq!(of(sql, kind), None, "{sql}");
        }
    }
}
