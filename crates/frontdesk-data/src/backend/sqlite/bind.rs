//! Values as SQLite stores them.

use std::borrow::Cow;
use std::fmt::Write;

use frontdesk_validate::Value;
use rusqlite::Statement;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

/// Binds `values` to the parameters of a statement, in order.
pub(super) fn bind<'v>(
    statement: &mut Statement<'_>,
    values: impl IntoIterator<Item = &'v Value>,
) -> rusqlite::Result<()> {
    for (index, value) in values.into_iter().enumerate() {
        statement.raw_bind_parameter(index + 1, Stored(value))?;
    }
    Ok(())
}

/// A value as it is stored: dates and times as ISO 8601 with a blank between, decimals, UUIDs and JSON as text,
/// booleans as 0 and 1, lists as JSON.
pub(super) struct Stored<'v>(pub(super) &'v Value);

impl ToSql for Stored<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => borrowed(ValueRef::Null),
            Value::Bool(flag) => borrowed(ValueRef::Integer(i64::from(*flag))),
            Value::Int(number) => borrowed(ValueRef::Integer(*number)),
            Value::Float(number) => borrowed(ValueRef::Real(*number)),
            Value::Text(text) => borrowed(ValueRef::Text(text.as_bytes())),
            Value::Bytes(bytes) => borrowed(ValueRef::Blob(bytes)),
            Value::DateTime(at) => {
                let mut text = String::with_capacity(29);
                // Writing to a String cannot fail.
                let _ = write!(text, "{} {}", at.date(), at.time());
                owned(text)
            }
            other => match other.to_text() {
                Cow::Borrowed(text) => borrowed(ValueRef::Text(text.as_bytes())),
                Cow::Owned(text) => owned(text),
            },
        })
    }
}

fn borrowed(value: ValueRef<'_>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(value)
}

fn owned(text: String) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(rusqlite::types::Value::Text(text))
}
