use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why the database could not do what was asked; match on [`kind`](Self::kind).
///
/// The text is for operators and logs: it says what to do, and holds no values of rows. What a visitor's input did wrong
/// is never a `DbError` but a [`Violation`](crate::Violation).
#[derive(Clone)]
pub struct DbError {
    kind: DbErrorKind,
    message: Cow<'static, str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What kind of trouble a [`DbError`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DbErrorKind {
    /// The database cannot be reached or opened, or more is queued than may wait. Answered with 503.
    Unavailable,
    /// Somebody else held the database locked for longer than the busy time-out. Answered with 503.
    Busy,
    /// The disk, or the database's own limit, is full. Nothing was written.
    Full,
    /// The file, its folder, or the way it was opened does not allow writing.
    ReadOnly,
    /// A statement ran for longer than the statement time-out, or a transaction was idle for too long.
    Timeout,
    /// The file is damaged, or no database.
    Corrupt,
    /// There is no such table (or column, or row to continue after); the name is given.
    NotFound(Arc<str>),
    /// The database, or this version of frontdesk, cannot do that.
    Unsupported,
    /// The connection was lost, or the disk failed, while a write was being committed: nobody knows whether it was done.
    /// Look before you write again.
    Unconfirmed,
    /// The transaction has ended: it was committed, rolled back, or ended by the database.
    Ended,
    /// The database refused to run the statement: SQL that does not fit the schema, or a schema that asks for what this
    /// SQLite lacks (a collation, a function), or a view that fails on what is in its rows.
    Refused,
    /// Anything else.
    Other,
}

impl DbError {
    pub(crate) fn new(kind: DbErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    #[must_use]
    pub(crate) fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DbErrorKind::Unavailable, message)
    }

    pub(crate) fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DbErrorKind::Unsupported, message)
    }

    pub(crate) fn unconfirmed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DbErrorKind::Unconfirmed, message)
    }

    pub(crate) fn not_found(name: impl Into<Arc<str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DbErrorKind::NotFound(name.into()), message)
    }

    /// What kind of trouble this is.
    pub fn kind(&self) -> DbErrorKind {
        self.kind.clone()
    }

    /// Whether the same call may well succeed a little later: the database was busy or overloaded. Nothing was written.
    pub fn is_temporary(&self) -> bool {
        matches!(self.kind, DbErrorKind::Unavailable | DbErrorKind::Busy | DbErrorKind::Timeout)
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("DbError");
        out.field("kind", &self.kind).field("message", &self.message);
        if let Some(source) = &self.source {
            out.field("source", &source.to_string());
        }
        out.finish()
    }
}

impl Error for DbError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
