//! What SQLite reports, as the errors that callers act upon.

use rusqlite::ErrorCode;

use crate::{DbError, DbErrorKind};

/// The primary and extended codes, and the message.
pub(super) fn parts(error: &rusqlite::Error) -> Option<(ErrorCode, i32, &str)> {
    match error {
        rusqlite::Error::SqliteFailure(inner, message) => {
            Some((inner.code, inner.extended_code, message.as_deref().unwrap_or_default()))
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => Some((error.code, error.extended_code, msg)),
        _ => None,
    }
}

pub(super) fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    parts(error).map(|(code, ..)| code)
}

/// The error of a read.
pub(super) fn of_read(error: rusqlite::Error) -> DbError {
    let (kind, message) = describe(&error);
    DbError::new(kind, message).caused_by(error)
}

/// The error of a write.
pub(super) fn of_write(error: rusqlite::Error) -> DbError {
    if code(&error) == Some(ErrorCode::CannotOpen) {
        // The journal stands beside the file: a folder that cannot be written to shows here first.
        return DbError::new(DbErrorKind::ReadOnly, "the database's folder cannot be written to")
            .caused_by(error);
    }
    of_read(error)
}

/// The error of a commit, or of a statement that commits by itself.
pub(super) fn of_commit(error: rusqlite::Error) -> DbError {
    if code(&error) == Some(ErrorCode::SystemIoFailure) {
        // What reached the disk before it failed may be found there, and carried out, by whoever opens the file next.
        return DbError::unconfirmed("the disk reports an error; whether this was written is not known")
            .caused_by(error);
    }
    of_write(error)
}

/// The kind of trouble that keeps a file from being made.
pub(super) fn of_write_kind(error: &rusqlite::Error) -> DbErrorKind {
    match code(error) {
        Some(ErrorCode::CannotOpen) => DbErrorKind::ReadOnly,
        _ => describe(error).0,
    }
}

fn describe(error: &rusqlite::Error) -> (DbErrorKind, String) {
    let Some((code, _, message)) = parts(error) else {
        return (DbErrorKind::Other, "the database gave an answer that does not fit the question".to_owned());
    };
    let (kind, text) = match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            (DbErrorKind::Busy, "another program holds the database locked")
        }
        ErrorCode::DiskFull => {
            (DbErrorKind::Full, "the disk is full, or the database has reached its size limit")
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            (DbErrorKind::ReadOnly, "the database, or its folder, cannot be written to")
        }
        ErrorCode::CannotOpen => (DbErrorKind::Unavailable, "the database file cannot be opened"),
        ErrorCode::OperationInterrupted => {
            (DbErrorKind::Timeout, "the statement took longer than the statement time-out allows")
        }
        ErrorCode::DatabaseCorrupt => (DbErrorKind::Corrupt, "the database file is damaged"),
        ErrorCode::NotADatabase => (DbErrorKind::Corrupt, "the file is not an SQLite database"),
        ErrorCode::OutOfMemory => (DbErrorKind::Unavailable, "there is not enough memory"),
        ErrorCode::SystemIoFailure => (DbErrorKind::Unavailable, "the disk reports an error"),
        _ => {
            for (prefix, what) in [("no such table: ", "table"), ("no such column: ", "column")] {
                if let Some(name) = message.strip_prefix(prefix) {
                    let name = name.strip_prefix("main.").unwrap_or(name);
                    return (
                        DbErrorKind::NotFound(name.into()),
                        format!("the database has no {what} `{name}`"),
                    );
                }
            }
            return (DbErrorKind::Refused, format!("the database refused the statement: {message}"));
        }
    };
    (kind, text.to_owned())
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn unconfirmed_is_what_a_failing_disk_leaves_of_a_commit() {
        let fails = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        for (code, of_commit, of_write) in [
            (ffi::SQLITE_IOERR_FSYNC, DbErrorKind::Unconfirmed, DbErrorKind::Unavailable),
            (ffi::SQLITE_IOERR_WRITE, DbErrorKind::Unconfirmed, DbErrorKind::Unavailable),
            (ffi::SQLITE_FULL, DbErrorKind::Full, DbErrorKind::Full),
            (ffi::SQLITE_BUSY, DbErrorKind::Busy, DbErrorKind::Busy),
        ] {
            assert_eq!(super::of_commit(fails(code)).kind(), of_commit);
            assert_eq!(super::of_write(fails(code)).kind(), of_write);
        }
    }
}
