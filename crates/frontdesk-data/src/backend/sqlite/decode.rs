//! Stored cells as values. A cell that does not fit the type of its field stays as it is stored.

use frontdesk_validate::{Decimal, Value};
use rusqlite::types::ValueRef;

use crate::RowId;
use crate::row::{Gathered, Lengths};
use crate::statement::{Codec, Shape};
use crate::stored::{boolean, date, date_time, instant, list, time, uuid};

/// Reads a row of a result.
pub(super) fn row(row: &rusqlite::Row<'_>, shape: &Shape, gathered: &mut Gathered) -> rusqlite::Result<()> {
    let id = id(row, &shape.key)?;
    let values = gathered.values();
    values.reserve(shape.codecs.len());
    for (at, codec) in shape.codecs.iter().enumerate() {
        values.push(cell(row.get_ref(at)?, *codec));
    }
    let cut = if shape.cut.is_empty() { None } else { lengths(row, shape)? };
    gathered.end_row(id, cut);
    Ok(())
}

/// How many bytes the texts and blobs among the first columns take.
pub(super) fn size(row: &rusqlite::Row<'_>, columns: usize) -> usize {
    let size = |at| match row.get_ref(at) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes.len(),
        _ => 0,
    };
    (0..columns).map(size).sum()
}

/// The columns of which there is only a beginning, and how long they are.
fn lengths(row: &rusqlite::Row<'_>, shape: &Shape) -> rusqlite::Result<Option<Lengths>> {
    let mut found = Vec::new();
    for (length, column) in &shape.cut {
        let ValueRef::Integer(length) = row.get_ref(*length)? else { continue };
        let length = u64::try_from(length).unwrap_or_default();
        // A text may have few letters in many bytes.
        if row.get_ref(*column)?.as_bytes().is_ok_and(|bytes| bytes.len() as u64 != length) {
            found.push((*column, length));
        }
    }
    Ok((!found.is_empty()).then(|| found.into()))
}

/// Reads the identity: the raw values of the key. `None` where one of them is NULL.
pub(super) fn id(row: &rusqlite::Row<'_>, key: &[usize]) -> rusqlite::Result<Option<RowId>> {
    if let [at] = key
        && let ValueRef::Integer(number) = row.get_ref(*at)?
    {
        return Ok(Some(RowId::from(number)));
    }
    let mut parts = Vec::with_capacity(key.len());
    for at in key {
        parts.push(plain(row.get_ref(*at)?));
    }
    Ok(RowId::from_values(parts))
}

pub(super) fn cell(stored: ValueRef<'_>, codec: Codec) -> Value {
    let fitting = match (codec, stored) {
        (Codec::Plain | Codec::Own, _) | (_, ValueRef::Null) => None,
        (Codec::Boolean, ValueRef::Integer(number @ (0 | 1))) => Some(Value::Bool(number == 1)),
        (Codec::Boolean, ValueRef::Text(text)) => boolean(text),
        // Beyond 2^53 floats leave out integers.
        (Codec::Double, ValueRef::Integer(number)) if number.unsigned_abs() <= 1 << 53 => {
            Some(Value::Float(number as f64))
        }
        (Codec::Decimal { scale }, stored) => decimal(stored, scale).map(Value::Decimal),
        (Codec::Date, ValueRef::Text(text)) => date(text).map(Value::Date),
        (Codec::Time, ValueRef::Text(text)) => time(text).map(Value::Time),
        (Codec::DateTime, ValueRef::Text(text)) => date_time(text).map(Value::DateTime),
        (Codec::Instant, ValueRef::Text(text)) => instant(text).map(Value::DateTime),
        (Codec::Json, ValueRef::Text(text)) => serde_json::from_slice(text).ok().map(Value::Json),
        (Codec::Json, ValueRef::Integer(number)) => Some(serde_json::Value::from(number).into()),
        (Codec::Json, ValueRef::Real(number)) if number.is_finite() => {
            Some(serde_json::Value::from(number).into())
        }
        (Codec::Uuid, ValueRef::Text(text)) => uuid(text).map(Value::Uuid),
        (Codec::Texts, ValueRef::Text(text)) => list(text, false),
        (Codec::Integers, ValueRef::Text(text)) => list(text, true),
        _ => None,
    };
    fitting.unwrap_or_else(|| plain(stored))
}

/// A cell as it is stored; text that is not UTF-8 is bytes.
pub(super) fn plain(stored: ValueRef<'_>) -> Value {
    match stored {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(text.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

fn decimal(stored: ValueRef<'_>, scale: u8) -> Option<Decimal> {
    let mut number = match stored {
        ValueRef::Integer(number) => Decimal::from(number),
        // The shortest text that reads back as the same number is what was written, up to 15 digits.
        ValueRef::Real(number) => Decimal::from_str_exact(&number.to_string()).ok()?,
        ValueRef::Text(text) => Decimal::from_str_exact(std::str::from_utf8(text).ok()?).ok()?,
        ValueRef::Null | ValueRef::Blob(_) => return None,
    };
    if number.scale() < u32::from(scale) {
        // 1.5 of a decimal(10,2) is 1.50; digits are never taken away.
        number.rescale(u32::from(scale));
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use frontdesk_validate::civil;
    use proptest::prelude::*;

    use super::*;

    fn text(codec: Codec, text: &str) -> Value {
        cell(ValueRef::Text(text.as_bytes()), codec)
    }

    #[test]
    fn what_fits_its_type_is_read_as_it() {
        for (codec, stored, value) in [
            (Codec::Date, "2008-03-03", Value::Date(civil::date(2008, 3, 3))),
            (Codec::Time, "10:05", Value::Time(civil::time(10, 5, 0, 0))),
            (Codec::Time, "10:05:06.5", Value::Time(civil::time(10, 5, 6, 500_000_000))),
            (
                Codec::DateTime,
                "2008-03-03 10:00:00",
                Value::DateTime(civil::date(2008, 3, 3).at(10, 0, 0, 0)),
            ),
            (
                Codec::DateTime,
                "2008-03-03T10:00:00.000001",
                Value::DateTime(civil::date(2008, 3, 3).at(10, 0, 0, 1000)),
            ),
            (
                Codec::Instant,
                "2008-03-03 10:00:00Z",
                Value::DateTime(civil::date(2008, 3, 3).at(10, 0, 0, 0)),
            ),
            (
                Codec::Instant,
                "2008-03-03T10:00:00.5+02:00",
                Value::DateTime(civil::date(2008, 3, 3).at(8, 0, 0, 500_000_000)),
            ),
            (Codec::Instant, "2008-03-03 10:00", Value::DateTime(civil::date(2008, 3, 3).at(10, 0, 0, 0))),
            (Codec::Boolean, "T", Value::Bool(true)),
            (Codec::Boolean, "0", Value::Bool(false)),
            (Codec::Decimal { scale: 2 }, "1.5", Value::Decimal("1.50".parse().unwrap())),
            (Codec::Decimal { scale: 0 }, "1.5", Value::Decimal("1.5".parse().unwrap())),
            (Codec::Json, r#"{"a":1}"#, serde_json::json!({"a": 1}).into()),
            (Codec::Texts, r#"["a","b"]"#, Value::List(vec!["a".into(), "b".into()])),
            (Codec::Texts, "|a|b||c|", Value::List(vec!["a".into(), "b|c".into()])),
            (Codec::Texts, "|", Value::List(vec![])),
            (Codec::Integers, "[1,2]", Value::List(vec![Value::Int(1), Value::Int(2)])),
            (Codec::Integers, "|1|2|", Value::List(vec![Value::Int(1), Value::Int(2)])),
        ] {
            assert_eq!(text(codec, stored), value, "{codec:?} {stored}");
        }
        assert_eq!(
            cell(ValueRef::Real(0.1), Codec::Decimal { scale: 2 }),
            Value::Decimal("0.10".parse().unwrap())
        );
        assert_eq!(cell(ValueRef::Integer(3), Codec::Double), Value::Float(3.0));
        assert_eq!(cell(ValueRef::Integer(1), Codec::Boolean), Value::Bool(true));
    }

    #[test]
    fn what_does_not_fit_stays_as_it_is_stored() {
        for (codec, stored) in [
            (Codec::Date, "2008-02-30"),
            (Codec::Date, "2008-03-03 00:00:00"),
            (Codec::Date, "yesterday"),
            (Codec::Time, "25:00"),
            (Codec::Time, "10:00:00."),
            (Codec::DateTime, "2008-03-03"),
            (Codec::DateTime, "2008-03-03 10:00:00+02:00"),
            (Codec::DateTime, "2008-03-03Ü10:00:00"),
            (Codec::Instant, "2008-03-03 25:00:00Z"),
            (Codec::Instant, "2008-03-03"),
            (Codec::Instant, "soon"),
            (Codec::Boolean, "maybe"),
            (Codec::Decimal { scale: 2 }, "a lot"),
            (Codec::Json, "{"),
            (Codec::Uuid, "no"),
            (Codec::Uuid, "6BA7B810-9DAD-11D1-80B4-00C04FD430C8"),
            (Codec::Uuid, "6ba7b8109dad11d180b400c04fd430c8"),
            (Codec::Texts, "[1]"),
            (Codec::Texts, "a"),
            (Codec::Texts, "|a"),
            (Codec::Integers, "|a|"),
        ] {
            assert_eq!(text(codec, stored), Value::from(stored), "{codec:?} {stored}");
        }
        assert_eq!(cell(ValueRef::Text(&[0xff]), Codec::Plain), Value::Bytes(vec![0xff]));
        assert_eq!(cell(ValueRef::Blob(b"2008-03-03"), Codec::Date), Value::Bytes(b"2008-03-03".to_vec()));
        assert_eq!(cell(ValueRef::Integer(2), Codec::Boolean), Value::Int(2));
        assert_eq!(
            cell(ValueRef::Real(f64::INFINITY), Codec::Decimal { scale: 2 }),
            Value::Float(f64::INFINITY)
        );
        assert_eq!(cell(ValueRef::Real(1e300), Codec::Decimal { scale: 2 }), Value::Float(1e300));
    }

    proptest! {
        #[test]
        fn any_cell_is_read(bytes: Vec<u8>, number: f64, scale in 0_u8..40) {
            for codec in [
                Codec::Boolean, Codec::Double, Codec::Decimal { scale }, Codec::Date, Codec::Time, Codec::DateTime,
                Codec::Instant, Codec::Json, Codec::Uuid, Codec::Texts, Codec::Integers,
            ] {
                let _ = cell(ValueRef::Text(&bytes), codec);
                let _ = cell(ValueRef::Real(number), codec);
            }
        }
    }
}
