//! What a constraint of SQLite has refused, as errors beside fields.

use rusqlite::ErrorCode;

use super::connection::Connection;
use super::error;
use crate::statement::Write;
use crate::violation::code;
use crate::{Violation, WriteError};

/// Whether an error is the fault of the values, not of the database.
pub(super) fn is_one(error: &rusqlite::Error) -> bool {
    matches!(
        error::code(error),
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
    )
}

/// The error of a write that failed; the transaction is still open where the database has not ended it.
pub(super) fn of(_connection: &Connection, _write: &Write, error: rusqlite::Error) -> WriteError {
    if !is_one(&error) {
        return error::of_write(error).into();
    }
    Violation::form(code::constraint()).into()
}

/// The error of a commit that failed.
pub(super) fn of_commit(error: rusqlite::Error) -> WriteError {
    if is_one(&error) { Violation::form(code::foreign_key_at_commit()).into() } else { error::of_write(error).into() }
}

/// The database left the row out by a rule of its own.
pub(super) fn ignored() -> WriteError {
    Violation::form(code::ignored()).into()
}
