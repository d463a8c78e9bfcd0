//! Values as parameters. The server says of which type each parameter is; what has no form of its own goes as text, which
//! PostgreSQL reads by the type.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;

use frontdesk_validate::{Decimal, Uuid, ValidationError, Value};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};

use super::dates;
use super::decode::is_text;
use crate::coerce::integer_range;

/// A value in the form in which it is sent.
#[derive(Debug)]
pub(super) enum Param<'v> {
    Null,
    Bool(bool),
    Int2(i16),
    Int4(i32),
    Int8(i64),
    Oid(u32),
    Float4(f32),
    Float8(f64),
    Uuid(Uuid),
    Bytes(Cow<'v, [u8]>),
    Date(i32),
    /// Microseconds, of a time or of a date and time.
    Micros(i64),
    /// A text, in the binary form of texts.
    Text(Cow<'v, str>),
    /// What the server reads by the parameter's type.
    Written(Cow<'v, str>),
}

/// Why a value is none of a parameter's type.
#[derive(Clone, Debug)]
pub(super) enum Misfit {
    /// Not of the type at all.
    Type,
    /// A whole number beyond its range.
    Range(i64, i64),
    /// A text with a NUL character, which PostgreSQL does not keep.
    Nul,
}

impl Misfit {
    pub(super) fn error(&self) -> ValidationError {
        match self {
            Self::Type => ValidationError::new("type", "This value is not of the right kind"),
            Self::Range(least, most) => integer_range(*least, *most),
            Self::Nul => ValidationError::new("nul", "The text must not contain a NUL character"),
        }
    }
}

/// The value for a parameter of a type; `None` for a type that is not known, where the server shall find it out.
pub(super) fn param<'v>(value: &'v Value, kind: Option<&Type>) -> Result<Param<'v>, Misfit> {
    let Some(kind) = kind else { return written(value) };
    if value.is_null() {
        return Ok(Param::Null);
    }
    let fits = match kind.kind() {
        Kind::Domain(inner) => return param(value, Some(inner)),
        Kind::Enum(_) => return no_nul(value.to_text()).map(Param::Text),
        Kind::Array(_) => return written(value),
        // No name is longer.
        _ if *kind == Type::NAME && value.to_text().len() > 63 => return Err(Misfit::Type),
        _ if is_text(kind) => return textual(value),
        _ => match *kind {
            Type::BOOL => boolean(value).map(Param::Bool),
            Type::INT2 => return ranged(value, i16::MIN.into(), i16::MAX.into(), |n| Param::Int2(n as i16)),
            Type::INT4 => return ranged(value, i32::MIN.into(), i32::MAX.into(), |n| Param::Int4(n as i32)),
            Type::INT8 => return ranged(value, i64::MIN, i64::MAX, Param::Int8),
            Type::OID => return ranged(value, 0, u32::MAX.into(), |n| Param::Oid(n as u32)),
            Type::FLOAT8 => float(value).map(Param::Float8),
            Type::FLOAT4 => float(value).and_then(short).map(Param::Float4),
            Type::NUMERIC => return number(value),
            Type::UUID => uuid(value).map(Param::Uuid),
            Type::BYTEA => bytes(value).map(Param::Bytes),
            Type::DATE => match value {
                Value::Date(date) => Some(Param::Date(dates::of_date(*date))),
                _ => return written(value),
            },
            Type::TIME => match value {
                Value::Time(time) => Some(Param::Micros(dates::of_time(*time))),
                _ => return written(value),
            },
            Type::TIMESTAMP | Type::TIMESTAMPTZ => match value {
                Value::DateTime(at) => Some(Param::Micros(dates::of_date_time(*at))),
                _ => return written(value),
            },
            Type::JSON | Type::JSONB => match value {
                Value::Text(_) | Value::Json(_) => return written(value),
                Value::File(_) => None,
                other => return Ok(Param::Written(other.to_plain_json().to_string().into())),
            },
            _ => return written(value),
        },
    };
    fits.ok_or(Misfit::Type)
}

/// A text that the server reads by the type.
fn written(value: &Value) -> Result<Param<'_>, Misfit> {
    Ok(match value {
        Value::Null => Param::Null,
        Value::List(items) => Param::Written(no_nul(array(items).into())?),
        value => Param::Written(no_nul(value.to_text())?),
    })
}

fn textual(value: &Value) -> Result<Param<'_>, Misfit> {
    match value {
        Value::Bytes(_) | Value::File(_) => Err(Misfit::Type),
        value => no_nul(value.to_text()).map(Param::Text),
    }
}

fn no_nul(text: Cow<'_, str>) -> Result<Cow<'_, str>, Misfit> {
    if text.contains('\0') { Err(Misfit::Nul) } else { Ok(text) }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        Value::Text(text) => match &*text.trim().to_ascii_lowercase() {
            "true" | "t" | "1" | "on" | "yes" | "y" => Some(true),
            "false" | "f" | "0" | "off" | "no" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn ranged(
    value: &Value,
    least: i64,
    most: i64,
    make: impl Fn(i64) -> Param<'static>,
) -> Result<Param<'static>, Misfit> {
    let number = match value {
        Value::Int(number) => Some(*number),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Decimal(number) if number.fract().is_zero() => i64::try_from(*number).ok(),
        Value::Float(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
            Some(*number as i64)
        }
        _ => None,
    };
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(make(number)),
        Some(_) => Err(Misfit::Range(least, most)),
        None => Err(Misfit::Type),
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Int(number) => Some(*number as f64),
        Value::Decimal(number) => number.to_string().parse().ok(),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The short float; none for a number beyond its range.
fn short(number: f64) -> Option<f32> {
    let short = number as f32;
    (short.is_finite() || !number.is_finite()).then_some(short)
}

/// A number as its digits, which lose nothing.
fn number(value: &Value) -> Result<Param<'_>, Misfit> {
    let is_number = |text: &str| {
        matches!(text, "NaN" | "Infinity" | "-Infinity")
            || text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
                && text.bytes().any(|byte| byte.is_ascii_digit())
    };
    match value {
        Value::Int(number) => Ok(Param::Written(number.to_string().into())),
        Value::Bool(flag) => Ok(Param::Written(u8::from(*flag).to_string().into())),
        Value::Decimal(number) => Ok(Param::Written(Decimal::to_string(number).into())),
        // The shortest text, as everywhere: 0.1 is 0.1.
        Value::Float(number) if number.is_finite() => Ok(Param::Written(number.to_string().into())),
        Value::Float(number) if number.is_nan() => Ok(Param::Written("NaN".into())),
        Value::Text(text) if is_number(text.trim()) => Ok(Param::Written(text.trim().into())),
        _ => Err(Misfit::Type),
    }
}

fn uuid(value: &Value) -> Option<Uuid> {
    match value {
        Value::Uuid(uuid) => Some(*uuid),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
        _ => None,
    }
}

fn bytes(value: &Value) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
        Value::Text(text) => Some(Cow::Borrowed(text.as_bytes())),
        Value::Uuid(uuid) => Some(Cow::Owned(uuid.as_bytes().to_vec())),
        _ => None,
    }
}

/// An array as PostgreSQL writes it: `{"a","b",NULL}`.
pub(crate) fn array(items: &[Value]) -> String {
    let mut text = String::from("{");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        match item {
            Value::Null => text.push_str("NULL"),
            Value::List(inner) => text.push_str(&array(inner)),
            item => {
                text.push('"');
                for letter in item.to_text().chars() {
                    if matches!(letter, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(letter);
                }
                text.push('"');
            }
        }
    }
    // Writing to a String cannot fail.
    let _ = text.write_char('}');
    text
}

impl Param<'_> {
    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) | Self::Written(text) => text.len(),
            _ => 16,
        }
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bool(flag) => out.extend_from_slice(&[u8::from(*flag)]),
            Self::Int2(number) => out.extend_from_slice(&number.to_be_bytes()),
            Self::Int4(number) | Self::Date(number) => out.extend_from_slice(&number.to_be_bytes()),
            Self::Int8(number) | Self::Micros(number) => out.extend_from_slice(&number.to_be_bytes()),
            Self::Oid(number) => out.extend_from_slice(&number.to_be_bytes()),
            Self::Float4(number) => out.extend_from_slice(&number.to_be_bytes()),
            Self::Float8(number) => out.extend_from_slice(&number.to_be_bytes()),
            Self::Uuid(uuid) => out.extend_from_slice(uuid.as_bytes()),
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
            Self::Text(text) | Self::Written(text) => out.extend_from_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(kind, out)
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self {
            Self::Written(_) | Self::Null => Format::Text,
            _ => Format::Binary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_07_whole_numbers_beyond_their_column_are_refused() {
        for (kind, number, fits) in [
            (Type::INT2, 32_767, true),
            (Type::INT2, 32_768, false),
            (Type::INT4, -2_147_483_648, true),
            (Type::INT4, 2_147_483_648, false),
            (Type::INT8, i64::MAX, true),
        ] {
            let value = Value::Int(number);
            match param(&value, Some(&kind)) {
                Ok(_) => assert!(fits, "{kind} {number}"),
                Err(misfit) => assert!(!fits && misfit.error().code() == "integer_range", "{kind} {number}"),
            }
        }
    }

    #[test]
    fn arrays_are_written_so_that_they_come_back() {
        let items =
            [Value::from("a,\"b\\"), Value::Null, Value::from("NULL"), Value::Int(1), Value::from("")];
        assert_eq!(array(&items), r#"{"a,\"b\\",NULL,"NULL","1",""}"#);
        assert_eq!(array(&[]), "{}");
    }
}
