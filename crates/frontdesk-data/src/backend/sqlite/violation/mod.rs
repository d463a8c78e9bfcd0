//! What a constraint of SQLite has refused, as errors beside fields.
//!
//! SQLite names tables and columns in its messages without quotes, and they may contain dots, commas and blanks. So no
//! message is taken apart: what it would say of each column and unique set that there is, is compared with what it says.

mod foreign_key;

use std::sync::Arc;

use frontdesk_validate::Value;
use rusqlite::{Connection, ErrorCode, ffi};

use super::error;
use super::session::History;
use crate::plan::Plan;
use crate::statement::{Op, Write};
use crate::{Check, DbError, Table, Violation, WriteError, check, violation};

/// Whether an error is the fault of the values, not of the database.
pub(super) fn is_one(error: &rusqlite::Error) -> bool {
    matches!(
        error::code(error),
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
    ) || is_broken_reference(error)
}

/// Whether a reference leads to a table that is gone, or to columns that are no key: SQLite takes such a schema, and
/// refuses what it would have to check by it. A trigger that names a table that is gone ends so too.
fn is_broken_reference(error: &rusqlite::Error) -> bool {
    error::parts(error).is_some_and(|(code, _, message)| {
        code == ErrorCode::Unknown
            && (message.starts_with("foreign key mismatch") || message.starts_with("no such table: main."))
    })
}

/// The error of a write that failed. Where its transaction is still open, what is read here is what it saw.
pub(super) fn of(connection: &Connection, write: &Write, error: rusqlite::Error) -> WriteError {
    told(connection, write, error, error::of_write)
}

/// The error of the commit of a write: references that are checked there, or a disk that failed.
pub(super) fn of_end(connection: &Connection, write: &Write, error: rusqlite::Error) -> WriteError {
    told(connection, write, error, error::of_commit)
}

fn told(
    connection: &Connection,
    write: &Write,
    error: rusqlite::Error,
    trouble: fn(rusqlite::Error) -> DbError,
) -> WriteError {
    match find(connection, write, &error) {
        // What a constraint refused is refused, even if it could not be found out what.
        Ok(Some(violations)) => WriteError::Refused(violations),
        Ok(None) => trouble(error).into(),
        Err(trouble) => {
            tracing::warn!(%trouble, %error, "what a constraint refused could not be told");
            violation::constraint().into()
        }
    }
}

/// The error of a transaction whose end was refused: references that are checked there. It is still open.
pub(super) fn of_commit(connection: &Connection, history: &History, error: rusqlite::Error) -> WriteError {
    if !is_one(&error) {
        return error::of_commit(error).into();
    }
    match foreign_key::at_end(connection, history) {
        Ok(violations) => WriteError::Refused(violations),
        Err(trouble) => {
            tracing::warn!(%trouble, %error, "what kept a transaction from being committed could not be told");
            violation::some_foreign_key().into()
        }
    }
}

/// The database left the row out by a rule of its own.
pub(super) fn ignored() -> WriteError {
    violation::ignored().into()
}

fn find(
    connection: &Connection,
    write: &Write,
    error: &rusqlite::Error,
) -> rusqlite::Result<Option<Vec<Violation>>> {
    let Some((code, extended, message)) = error::parts(error) else { return Ok(None) };
    if is_broken_reference(error) {
        return Ok(Some(vec![violation::broken_reference()]));
    }
    let plan = write.plan.as_deref();
    let table = plan.map(|plan| &*plan.table);
    let one = match (code, extended) {
        (ErrorCode::TooBig, _) => violation::too_long(longest(write)),
        // Only the row id takes nothing but whole numbers.
        (ErrorCode::TypeMismatch, _) => {
            violation::wrong_type(table.map(|table| table.key.clone()).unwrap_or_default())
        }
        (
            ErrorCode::ConstraintViolation,
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID,
        ) => violation::unique(
            table,
            match table {
                Some(table) => unique_fields(connection, table, message)?,
                None => Vec::new(),
            },
        ),
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_NOTNULL) => violation::not_null(
            table
                .map(|table| columns_at_end(table, message, "NOT NULL constraint failed: "))
                .unwrap_or_default(),
        ),
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_CHECK) => {
            violation::check(table.map(|table| checked_fields(table, message)).unwrap_or_default())
        }
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => {
            return foreign_key::find(connection, write).map(Some);
        }
        // `ON DELETE RESTRICT` is a trigger of SQLite's own.
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_TRIGGER)
            if message == "FOREIGN KEY constraint failed" =>
        {
            return foreign_key::find(connection, write).map(Some);
        }
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_DATATYPE) => {
            violation::wrong_type(table.map(|table| columns_at_end(table, message, "")).unwrap_or_default())
        }
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_TRIGGER) => violation::trigger(message),
        (ErrorCode::ConstraintViolation, _) => violation::constraint(),
        _ => return Ok(None),
    };
    Ok(Some(vec![one]))
}

/// The fields of the unique set that the message names.
fn unique_fields(connection: &Connection, table: &Table, message: &str) -> rusqlite::Result<Vec<Arc<str>>> {
    let Some(said) = message.strip_prefix("UNIQUE constraint failed: ") else { return Ok(Vec::new()) };
    let spelled = |columns: &[Arc<str>]| {
        columns.iter().map(|column| format!("{}.{column}", table.name)).collect::<Vec<_>>().join(", ")
    };
    let declared = std::iter::once(&table.key).chain(table.uniques.iter().map(|unique| &unique.fields));
    for columns in declared {
        if spelled(columns).eq_ignore_ascii_case(said) {
            return Ok(columns.clone());
        }
    }
    // The model may know less than the database.
    for index in unique_indexes(connection, table)? {
        match index.columns {
            Some(columns) if spelled(&columns).eq_ignore_ascii_case(said) => return Ok(columns),
            // An index on expressions is called by its name.
            None if said == format!("index '{}'", index.name) => {
                let expressions = index.sql.split_once('(').map_or("", |(_, rest)| rest);
                return Ok(check::mentioned(expressions, table.fields.iter().map(|field| &field.name)));
            }
            _ => {}
        }
    }
    Ok(columns_at_end(table, message, "UNIQUE constraint failed: "))
}

/// A unique index as the database has it.
struct Index {
    name: String,
    /// `None` if it is on expressions.
    columns: Option<Vec<Arc<str>>>,
    sql: String,
}

fn unique_indexes(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Index>> {
    let mut statement = connection.prepare(
        "SELECT list.name, info.name, coalesce(schema.sql, '')
         FROM pragma_index_list(?1) AS list, pragma_index_xinfo(list.name) AS info
         LEFT JOIN sqlite_schema AS schema ON schema.type = 'index' AND schema.name = list.name
         WHERE list.\"unique\" AND info.key
         ORDER BY list.seq, info.seqno",
    )?;
    let mut rows = statement.query([&*table.name])?;
    let mut indexes: Vec<Index> = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, column): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        if indexes.last().is_none_or(|last| last.name != name) {
            indexes.push(Index { name, columns: Some(Vec::new()), sql: row.get(2)? });
        }
        if let Some(index) = indexes.last_mut() {
            match (column, &mut index.columns) {
                (Some(column), Some(columns)) => columns.push(field_named(table, &column)),
                _ => index.columns = None,
            }
        }
    }
    Ok(indexes)
}

/// The field whose name, behind that of the table, is all that follows `before`; with an empty `before`, that the
/// message ends with.
fn columns_at_end(table: &Table, message: &str, before: &str) -> Vec<Arc<str>> {
    let ends = |name: &str| {
        let full = format!("{}.{name}", table.name);
        match message.strip_prefix(before) {
            Some(said) if !before.is_empty() => said.eq_ignore_ascii_case(&full),
            _ => {
                let at = message.len().checked_sub(full.len() + 1);
                at.and_then(|at| message.get(at..))
                    .is_some_and(|end| end[1..].eq_ignore_ascii_case(&full) && end.starts_with(' '))
            }
        }
    };
    table
        .fields
        .iter()
        .filter(|field| ends(&field.name))
        .map(|field| Arc::clone(&field.name))
        .take(1)
        .collect()
}

/// The fields that the constraint of the message is about: it gives the constraint's name, or else its expression.
fn checked_fields(table: &Table, message: &str) -> Vec<Arc<str>> {
    let said = message.strip_prefix("CHECK constraint failed: ").unwrap_or(message);
    let blank = |text: &str| text.split_whitespace().collect::<String>();
    // SQLite takes the expression for a name: of one that begins with a quoted name, it gives that name alone.
    let is_said = |check: &&Check| {
        blank(&check.expression) == blank(said) || quoted_start(&check.expression) == Some(said)
    };
    table
        .checks
        .iter()
        .find(|check| check.name.as_deref().is_some_and(|name| name == said))
        .or_else(|| table.checks.iter().filter(|check| check.name.is_none()).find(is_said))
        .map(|check| check.fields.clone())
        .filter(|fields| !fields.is_empty())
        .unwrap_or_else(|| check::mentioned(said, table.fields.iter().map(|field| &field.name)))
}

/// The name in quotes with which an expression begins.
fn quoted_start(expression: &str) -> Option<&str> {
    let expression = expression.trim_start();
    let end = match expression.chars().next()? {
        '[' => ']',
        quote @ ('"' | '`' | '\'') => quote,
        _ => return None,
    };
    expression[1..].split_once(end).map(|(name, _)| name)
}

/// The field's name as the table spells it.
fn field_named(table: &Table, column: &str) -> Arc<str> {
    table
        .fields
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(column))
        .map_or_else(|| column.into(), |field| Arc::clone(&field.name))
}

/// The field with the longest value.
fn longest(write: &Write) -> Vec<Arc<str>> {
    let (Some(plan), Some(fields)) = (write.plan.as_deref(), fields_of(write)) else { return Vec::new() };
    let size = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        other => other.to_text().len(),
    };
    let longest = fields.iter().zip(&write.params).max_by_key(|(_, value)| size(value));
    longest.map(|(at, _)| Arc::clone(&plan.table.fields[*at].name)).into_iter().collect()
}

/// Which fields the first parameters are for.
fn fields_of(write: &Write) -> Option<&[usize]> {
    match &write.op {
        Op::Insert { fields, .. } | Op::Update { fields, .. } | Op::Many { fields } => Some(fields),
        Op::Delete { .. } => None,
    }
}

/// The value that a write gives to a column.
fn given<'w>(write: &'w Write, plan: &Plan, column: &str) -> Option<&'w Value> {
    let at =
        fields_of(write)?.iter().position(|&at| plan.table.fields[at].name.eq_ignore_ascii_case(column))?;
    write.params.get(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;

    #[test]
    fn names_with_dots_and_blanks_are_told_apart() {
        let table = Table::new("a.b")
            .field(Field::string("c"))
            .field(Field::string("b.c"))
            .field(Field::string("column a.b.c"))
            .field(Field::string("größe, \"x\""));
        for (message, field) in [
            ("NOT NULL constraint failed: a.b.c", "c"),
            ("NOT NULL constraint failed: a.b.b.c", "b.c"),
            ("NOT NULL constraint failed: A.B.größe, \"x\"", "größe, \"x\""),
        ] {
            assert_eq!(
                columns_at_end(&table, message, "NOT NULL constraint failed: "),
                [field.into()],
                "{message}"
            );
        }
        assert_eq!(columns_at_end(&table, "cannot store TEXT value in INT column a.b.c", ""), ["c".into()]);
        assert_eq!(
            columns_at_end(&table, "NOT NULL constraint failed: other.c", "NOT NULL constraint failed: "),
            []
        );
        assert_eq!(columns_at_end(&table, "é", ""), []);
    }
}
