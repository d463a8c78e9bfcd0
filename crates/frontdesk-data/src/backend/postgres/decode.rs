//! Cells as PostgreSQL sends them, as values. All come in its binary form, which no setting changes.

use std::error::Error;

use frontdesk_validate::{Decimal, Uuid, Value};
use tokio_postgres::types::{FromSql, Kind, Type};

use super::{dates, numeric};
use crate::row::{Gathered, Lengths};
use crate::statement::{Codec, Shape};
use crate::{DbError, DbErrorKind, RowId, stored};

/// Reads a row of a result.
pub(super) fn row(row: &tokio_postgres::Row, shape: &Shape, gathered: &mut Gathered) -> Result<(), DbError> {
    let id = id(row, &shape.key)?;
    let values = gathered.values();
    values.reserve(shape.codecs.len());
    for (at, codec) in shape.codecs.iter().enumerate() {
        values.push(fitting(plain(row, at)?, *codec));
    }
    let cut = if shape.cut.is_empty() { None } else { lengths(row, shape)? };
    gathered.end_row(id, cut);
    Ok(())
}

/// The columns of which there is only a beginning, and how long they are.
fn lengths(row: &tokio_postgres::Row, shape: &Shape) -> Result<Option<Lengths>, DbError> {
    let mut found = Vec::new();
    for (length, column) in &shape.cut {
        let Value::Int(length) = plain(row, *length)? else { continue };
        let length = u64::try_from(length).unwrap_or_default();
        let here = match plain(row, *column)? {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => continue,
        };
        // A text may have few letters in many bytes.
        if here as u64 != length {
            found.push((*column, length));
        }
    }
    Ok((!found.is_empty()).then(|| found.into()))
}

/// Reads the identity. `None` where a part of it is NULL.
pub(super) fn id(row: &tokio_postgres::Row, key: &[usize]) -> Result<Option<RowId>, DbError> {
    let mut parts = Vec::with_capacity(key.len());
    for at in key {
        parts.push(match plain(row, *at)? {
            // As the database writes it, so that it is found again in any column.
            Value::Json(json) => Value::Text(json.to_string()),
            Value::List(items) => Value::Text(super::encode::array(&items)),
            value => value,
        });
    }
    Ok(RowId::from_values(parts))
}

/// A cell by the type of its column.
pub(super) fn plain(row: &tokio_postgres::Row, at: usize) -> Result<Value, DbError> {
    match row.try_get::<_, Cell>(at) {
        Ok(Cell(value)) => Ok(value),
        Err(error) => {
            let text = "the database gave an answer that does not fit the question";
            Err(DbError::new(DbErrorKind::Other, text).caused_by(error))
        }
    }
}

/// Whether columns of a type are read as values; others are read as PostgreSQL writes them.
pub(super) fn is_known(kind: &Type, codec: Option<Codec>) -> bool {
    match kind.kind() {
        Kind::Array(item) => is_scalar(item) && matches!(codec, None | Some(Codec::Texts | Codec::Integers)),
        _ => is_scalar(kind),
    }
}

fn is_scalar(kind: &Type) -> bool {
    match kind.kind() {
        Kind::Enum(_) => true,
        Kind::Domain(inner) => is_scalar(inner),
        Kind::Simple => {
            is_text(kind)
                || [
                    Type::BOOL,
                    Type::INT2,
                    Type::INT4,
                    Type::INT8,
                    Type::OID,
                    Type::FLOAT4,
                    Type::FLOAT8,
                    Type::NUMERIC,
                    Type::JSON,
                    Type::JSONB,
                    Type::UUID,
                    Type::BYTEA,
                    Type::DATE,
                    Type::TIME,
                    Type::TIMESTAMP,
                    Type::TIMESTAMPTZ,
                ]
                .contains(kind)
        }
        _ => *kind == Type::VOID,
    }
}

/// Whether the binary form is the text.
pub(super) fn is_text(kind: &Type) -> bool {
    [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::CHAR, Type::UNKNOWN, Type::XML].contains(kind)
        || matches!(kind.kind(), Kind::Simple) && kind.name() == "citext"
}

struct Cell(Value);

impl FromSql<'_> for Cell {
    fn from_sql(kind: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(cell(kind, raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A cell; the bytes where they are not what the type says.
fn cell(kind: &Type, raw: &[u8]) -> Value {
    let known = match kind.kind() {
        Kind::Domain(inner) => return cell(inner, raw),
        Kind::Enum(_) => text(raw),
        Kind::Array(item) => array(item, raw),
        _ => scalar(kind, raw),
    };
    known.unwrap_or_else(|| Value::Bytes(raw.to_vec()))
}

fn text(raw: &[u8]) -> Option<Value> {
    std::str::from_utf8(raw).ok().map(|text| Value::Text(text.to_owned()))
}

fn scalar(kind: &Type, raw: &[u8]) -> Option<Value> {
    if *kind == Type::INT8 {
        return Some(Value::Int(i64::from_be_bytes(raw.try_into().ok()?)));
    }
    if is_text(kind) {
        return text(raw);
    }
    Some(match *kind {
        Type::BOOL => Value::Bool(raw != [0]),
        Type::INT2 => i16::from_be_bytes(raw.try_into().ok()?).into(),
        Type::INT4 => i32::from_be_bytes(raw.try_into().ok()?).into(),
        Type::OID => u32::from_be_bytes(raw.try_into().ok()?).into(),
        // The shortest text of a short float is what was written: 0.1, and not 0.10000000149011612.
        Type::FLOAT4 => {
            let short = f32::from_be_bytes(raw.try_into().ok()?);
            Value::Float(short.to_string().parse().unwrap_or_else(|_| f64::from(short)))
        }
        Type::FLOAT8 => f64::from_be_bytes(raw.try_into().ok()?).into(),
        Type::NUMERIC => numeric::value(raw)?,
        Type::JSON => json(raw)?,
        Type::JSONB => match raw.split_first()? {
            (1, text) => json(text)?,
            _ => return None,
        },
        Type::UUID => Value::Uuid(Uuid::from_slice(raw).ok()?),
        Type::BYTEA => Value::Bytes(raw.to_vec()),
        Type::DATE => dates::date(i32::from_be_bytes(raw.try_into().ok()?)),
        Type::TIME => dates::time(i64::from_be_bytes(raw.try_into().ok()?)),
        Type::TIMESTAMP => dates::date_time(i64::from_be_bytes(raw.try_into().ok()?), ""),
        Type::TIMESTAMPTZ => dates::date_time(i64::from_be_bytes(raw.try_into().ok()?), "+00"),
        Type::VOID => Value::Null,
        _ => return None,
    })
}

/// A document; its text where a number in it is beyond what is held here.
fn json(raw: &[u8]) -> Option<Value> {
    match serde_json::from_slice::<serde_json::Value>(raw) {
        Ok(json) => Some(json.into()),
        Err(_) => text(raw),
    }
}

/// An array: how many dimensions, whether it has nulls, the type of the items, the dimensions, and the items.
fn array(item: &Type, raw: &[u8]) -> Option<Value> {
    let mut rest = raw;
    let dimensions = usize::try_from(take_i32(&mut rest)?).ok()?;
    take_i32(&mut rest)?;
    take_i32(&mut rest)?;
    // PostgreSQL has no arrays of more than 6.
    if dimensions > 6 {
        return None;
    }
    let mut lengths = Vec::with_capacity(dimensions);
    for _ in 0..dimensions {
        lengths.push(usize::try_from(take_i32(&mut rest)?).ok()?);
        take_i32(&mut rest)?;
    }
    let found = if lengths.is_empty() { Vec::new() } else { items(item, &lengths, &mut rest)? };
    rest.is_empty().then_some(Value::List(found))
}

fn items(item: &Type, lengths: &[usize], rest: &mut &[u8]) -> Option<Vec<Value>> {
    let (length, inner) = lengths.split_first()?;
    // Each item takes four bytes at least: what claims more is no array.
    if *length > rest.len() / 4 {
        return None;
    }
    (0..*length)
        .map(|_| {
            if !inner.is_empty() {
                return items(item, inner, rest).map(Value::List);
            }
            let Ok(size) = usize::try_from(take_i32(rest)?) else { return Some(Value::Null) };
            let (raw, after) = rest.split_at_checked(size)?;
            *rest = after;
            Some(cell(item, raw))
        })
        .collect()
}

fn take_i32(rest: &mut &[u8]) -> Option<i32> {
    let (head, after) = rest.split_at_checked(4)?;
    *rest = after;
    Some(i32::from_be_bytes(head.try_into().ok()?))
}

/// The value as the field's type, where it is one; columns may be of another type than what their field says.
fn fitting(value: Value, codec: Codec) -> Value {
    let fitting = match (codec, &value) {
        (Codec::Plain, Value::List(items)) => Some(Value::Text(super::encode::array(items))),
        (Codec::Plain, _) | (_, Value::Null) => None,
        (Codec::Boolean, Value::Int(number @ (0 | 1))) => Some(Value::Bool(*number == 1)),
        (Codec::Boolean, Value::Text(text)) => stored::boolean(text.as_bytes()),
        // Beyond 2^53 floats leave out integers.
        (Codec::Double, Value::Int(number)) if number.unsigned_abs() <= 1 << 53 => {
            Some(Value::Float(*number as f64))
        }
        (Codec::Decimal { scale }, value) => decimal(value, scale).map(Value::Decimal),
        (Codec::Date, Value::Text(text)) => stored::date(text.as_bytes()).map(Value::Date),
        (Codec::Time, Value::Text(text)) => stored::time(text.as_bytes()).map(Value::Time),
        (Codec::DateTime, Value::Text(text)) => stored::date_time(text.as_bytes()).map(Value::DateTime),
        (Codec::Instant, Value::Text(text)) => stored::instant(text.as_bytes()).map(Value::DateTime),
        (Codec::Json, Value::Text(text)) => {
            serde_json::from_str(text).ok().map(|json: serde_json::Value| json.into())
        }
        (Codec::Json, Value::Int(number)) => Some(serde_json::Value::from(*number).into()),
        (Codec::Uuid, Value::Text(text)) => stored::uuid(text.as_bytes()).map(Value::Uuid),
        (Codec::Texts, Value::Text(text)) => stored::list(text.as_bytes(), false),
        (Codec::Integers, Value::Text(text)) => stored::list(text.as_bytes(), true),
        (Codec::Texts | Codec::Integers, Value::Json(json)) => {
            stored::list(json.to_string().as_bytes(), codec == Codec::Integers)
        }
        _ => None,
    };
    fitting.unwrap_or(value)
}

fn decimal(value: &Value, scale: u8) -> Option<Decimal> {
    let mut number = match value {
        Value::Decimal(number) => *number,
        Value::Int(number) => Decimal::from(*number),
        Value::Float(number) => Decimal::from_str_exact(&number.to_string()).ok()?,
        Value::Text(text) => Decimal::from_str_exact(text).ok()?,
        _ => return None,
    };
    if number.scale() < u32::from(scale) {
        // 1.5 of a decimal(10,2) is 1.50; digits are never taken away.
        number.rescale(u32::from(scale));
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read(raw: Vec<u8>) {
            for kind in [
                Type::BOOL, Type::INT2, Type::INT8, Type::FLOAT4, Type::NUMERIC, Type::JSONB, Type::UUID, Type::DATE,
                Type::TIME, Type::TIMESTAMPTZ, Type::TEXT, Type::TEXT_ARRAY, Type::INT4_ARRAY, Type::NUMERIC_ARRAY,
            ] {
                let value = cell(&kind, &raw);
                for codec in [Codec::Plain, Codec::Decimal { scale: 40 }, Codec::Json, Codec::Texts, Codec::Integers] {
                    let _ = fitting(value.clone(), codec);
                }
            }
        }
    }

    #[test]
    fn short_floats_are_what_was_written() {
        assert_eq!(cell(&Type::FLOAT4, &0.1_f32.to_be_bytes()), Value::Float(0.1));
        assert_eq!(cell(&Type::FLOAT4, &f32::INFINITY.to_be_bytes()), Value::Float(f64::INFINITY));
    }
}
