use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use frontdesk_validate::Value;

use crate::{DbError, RowId};

/// What a [`FieldValue`](super::FieldValue) expects of a value, said by one that refuses it: `an integer from 0 to 255`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected(Cow<'static, str>);

impl Expected {
    /// In words, with the article.
    pub fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a row, or an accepted form, is no record of the type that was asked for; match on [`kind`](Self::kind).
///
/// The text names the column, what was expected and what kind of value was found, and the row where it is known. It
/// holds no value, since it goes into logs; [`found`](Self::found) does.
///
/// ```
/// use std::sync::Arc;
/// use frontdesk_data::{Columns, Row, RowId};
///
/// let columns = Arc::new(Columns::new(vec!["age".into()]));
/// let row = Row::new(columns, vec!["many".into()], Some(RowId::from(7)));
/// let error = row.read::<i32>("age").unwrap_err();
/// assert_eq!(error.to_string(), "column `age` of the row 7: expected an integer of 32 bits, found a text");
/// ```
#[derive(Clone, PartialEq)]
pub struct RecordError(Box<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    kind: RecordErrorKind,
    column: Arc<str>,
    expected: Option<Expected>,
    found: Value,
    row: Option<RowId>,
}

/// What kind of trouble a [`RecordError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordErrorKind {
    /// The column holds a value that is none of the member's type, such as text in a column of numbers, or NULL where
    /// the member is no `Option`.
    Unreadable,
    /// There is no such column in the row.
    Missing,
    /// The row holds only the beginning of the value: it comes from a [cut](crate::Set::cut) set.
    Cut,
    /// The form was not accepted.
    NotAccepted,
}

impl RecordError {
    pub(super) fn new(kind: RecordErrorKind, column: &str, row: Option<&RowId>) -> Self {
        let row = row.cloned();
        Self(Box::new(Inner { kind, column: column.into(), expected: None, found: Value::Null, row }))
    }

    pub(super) fn unreadable(column: &str, expected: Expected, found: &Value, row: Option<&RowId>) -> Self {
        let mut error = Self::new(RecordErrorKind::Unreadable, column, row);
        error.0.expected = Some(expected);
        error.0.found = found.clone();
        error
    }

    /// For a form that was not accepted, which therefore holds no record.
    pub fn not_accepted() -> Self {
        Self::new(RecordErrorKind::NotAccepted, "", None)
    }

    /// What kind of trouble this is.
    pub fn kind(&self) -> RecordErrorKind {
        self.0.kind
    }

    /// The column; empty where it is about none.
    pub fn column(&self) -> &str {
        &self.0.column
    }

    /// What was expected, where the value is unreadable.
    pub fn expected(&self) -> Option<&Expected> {
        self.0.expected.as_ref()
    }

    /// The value that was found, where it is unreadable; else null.
    pub fn found(&self) -> &Value {
        &self.0.found
    }

    /// The row, where it is known.
    pub fn row(&self) -> Option<&RowId> {
        self.0.row.as_ref()
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, column, expected, found, row } = &*self.0;
        if *kind == RecordErrorKind::NotAccepted {
            return f.write_str("the form was not accepted, so that there is no record");
        }
        write!(f, "column `{column}`")?;
        if let Some(row) = row {
            write!(f, " of the row {row}")?;
        }
        match (kind, expected) {
            (RecordErrorKind::Unreadable, Some(expected)) => {
                let kind = found.kind();
                let article = match kind {
                    "null" => "",
                    "integer" => "an ",
                    "bytes" => "",
                    _ => "a ",
                };
                write!(f, ": expected {expected}, found {article}{kind}")
            }
            (RecordErrorKind::Cut, _) => f.write_str(": the row holds only the beginning of the value"),
            _ => f.write_str(": there is no such column in the row"),
        }
    }
}

impl fmt::Debug for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordError({self})")
    }
}

impl std::error::Error for RecordError {}

/// Why records could not be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The database is in trouble.
    Db(DbError),
    /// A row is no record of that type.
    Record(RecordError),
}

impl From<DbError> for ReadError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<RecordError> for ReadError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Db(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Db(error) => std::error::Error::source(error),
            Self::Record(_) => None,
        }
    }
}
