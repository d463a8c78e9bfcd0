//! What PostgreSQL reports, as the errors that callers act upon.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError as Reported, SqlState};

use crate::{DbError, DbErrorKind};

/// Whether the connection is no more.
pub(super) fn is_lost(error: &Error) -> bool {
    match error.code() {
        Some(code) => is_shutdown(code),
        None => {
            error.is_closed()
                || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
        }
    }
}

fn is_shutdown(code: &SqlState) -> bool {
    [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW].contains(code)
        || code.code().starts_with("08")
        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
}

/// Whether a statement that is prepared no longer fits what it is about.
pub(super) fn is_outdated(error: &Error) -> bool {
    error.as_db_error().is_some_and(|reported| {
        // The text may be in another language; the place in PostgreSQL's source is not.
        *reported.code() == SqlState::FEATURE_NOT_SUPPORTED
            && (reported.routine() == Some("RevalidateCachedQuery")
                || reported.message().contains("cached plan must not change"))
            || *reported.code() == SqlState::INVALID_SQL_STATEMENT_NAME
            // A parameter has the type that its column had.
            || *reported.code() == SqlState::DATATYPE_MISMATCH
    })
}

/// Whether a value is none that the type reads.
pub(super) fn is_bad_value(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::INVALID_TEXT_REPRESENTATION,
            SqlState::INVALID_BINARY_REPRESENTATION,
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
            SqlState::INVALID_DATETIME_FORMAT,
            SqlState::DATETIME_FIELD_OVERFLOW,
            SqlState::INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
            SqlState::INVALID_PARAMETER_VALUE,
            SqlState::CHARACTER_NOT_IN_REPERTOIRE,
            SqlState::UNTRANSLATABLE_CHARACTER,
            SqlState::INTERVAL_FIELD_OVERFLOW,
        ]
        .contains(code)
    })
}

/// Why there is no connection.
pub(super) fn of_connect(error: Error, place: &str) -> DbError {
    let text = match error.as_db_error() {
        Some(reported) => match why_not(reported.code()) {
            Some(why) => format!("the database {place} {why}"),
            None => format!("the database {place} does not let us in: {}", reported.message()),
        },
        None => {
            let mut cause = std::error::Error::source(&error);
            let mut text = format!("the database {place} cannot be reached");
            while let Some(error) = cause {
                text.push_str(": ");
                text.push_str(&error.to_string());
                cause = error.source();
            }
            text
        }
    };
    let kind = match error.code() {
        Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => DbErrorKind::Busy,
        _ => DbErrorKind::Unavailable,
    };
    DbError::new(kind, text).caused_by(error)
}

/// What the server refuses a connection for, in words that say what to do.
fn why_not(code: &SqlState) -> Option<&'static str> {
    Some(match code {
        code if *code == SqlState::INVALID_PASSWORD => {
            "refuses the user or the password: check both (a password may also come in the environment, as PGPASSWORD)"
        }
        code if *code == SqlState::INVALID_CATALOG_NAME => {
            "does not exist: check the name in the address, or make it first, with `createdb`"
        }
        code if *code == SqlState::TOO_MANY_CONNECTIONS => "has as many connections as it takes",
        code if *code == SqlState::CANNOT_CONNECT_NOW => {
            "is being started or shut down: try again in a moment"
        }
        _ => return None,
    })
}

/// The error of a statement that writes nothing, or of one that was undone.
pub(super) fn of_statement(error: Error) -> DbError {
    let (kind, text) = match error.as_db_error() {
        Some(reported) => describe(reported),
        None if is_lost(&error) => {
            (DbErrorKind::Unavailable, "the connection to the database was lost".to_owned())
        }
        None => (DbErrorKind::Other, "the database gave an answer that does not fit the question".to_owned()),
    };
    DbError::new(kind, text).caused_by(error)
}

/// The error of a commit, or of a statement that commits by itself: where the connection was lost, nobody knows whether
/// it was done.
pub(super) fn of_commit(error: Error) -> DbError {
    if is_lost(&error) {
        return unconfirmed().caused_by(error);
    }
    of_statement(error)
}

pub(super) fn unconfirmed() -> DbError {
    DbError::unconfirmed("the connection to the database was lost; whether this was written is not known")
}

pub(super) fn unanswered() -> DbError {
    DbError::new(DbErrorKind::Timeout, "the database has not answered in time")
}

/// The name in the first quotes of a message, whatever its language.
fn quoted(message: &str) -> Option<&str> {
    let rest = message.split_once(['"', '«', '»', '„', '“'])?.1;
    rest.split(['"', '»', '«', '“', '”']).next().map(str::trim)
}

fn describe(reported: &Reported) -> (DbErrorKind, String) {
    let message = reported.message();
    let code = reported.code();
    let refused = || (DbErrorKind::Refused, format!("the database refused the statement: {message}"));
    let (kind, text) = match code {
        code if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::UNDEFINED_COLUMN => {
            let what = if *code == SqlState::UNDEFINED_TABLE { "table" } else { "column" };
            return match quoted(message).or_else(|| message.strip_prefix("column ")?.split(' ').next()) {
                Some(name) => {
                    (DbErrorKind::NotFound(name.into()), format!("the database has no {what} `{name}`"))
                }
                None => refused(),
            };
        }
        code if *code == SqlState::QUERY_CANCELED => {
            (DbErrorKind::Timeout, "the statement took longer than the statement time-out allows")
        }
        code if *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => {
            (DbErrorKind::Timeout, "the transaction was idle for too long and has been rolled back")
        }
        code if *code == SqlState::LOCK_NOT_AVAILABLE => {
            (DbErrorKind::Busy, "somebody else has held a row or a table locked for too long")
        }
        code if *code == SqlState::T_R_DEADLOCK_DETECTED => {
            (DbErrorKind::Busy, "two transactions waited for each other; this one was rolled back")
        }
        code if code.code().starts_with("40") => {
            (DbErrorKind::Busy, "somebody else changed the same rows at the same time; this was rolled back")
        }
        code if *code == SqlState::TOO_MANY_CONNECTIONS => {
            (DbErrorKind::Busy, "the database has as many connections as it takes")
        }
        code if is_shutdown(code) => (DbErrorKind::Unavailable, "the database is being shut down or started"),
        code if *code == SqlState::DISK_FULL => (DbErrorKind::Full, "the database's disk is full"),
        code if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
            (DbErrorKind::ReadOnly, "the database can only be read: it is a standby, or was opened so")
        }
        code if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            return (DbErrorKind::ReadOnly, format!("the role may not do this: {message}"));
        }
        code if *code == SqlState::IN_FAILED_SQL_TRANSACTION => {
            (DbErrorKind::Ended, "the database has rolled the transaction back")
        }
        code if code.code().starts_with("53") => {
            (DbErrorKind::Unavailable, "the database is short of memory or other means")
        }
        code if code.code().starts_with("58") || code.code() == "XX001" || code.code() == "XX002" => {
            (DbErrorKind::Corrupt, "the database reports that its files are damaged or cannot be read")
        }
        _ => return refused(),
    };
    (kind, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_messages_of_any_language() {
        assert_eq!(quoted("relation \"hero\" does not exist"), Some("hero"));
        assert_eq!(quoted("Relation »hero« existiert nicht"), Some("hero"));
        assert_eq!(quoted("la relation « hero » n'existe pas"), Some("hero"));
    }
}
