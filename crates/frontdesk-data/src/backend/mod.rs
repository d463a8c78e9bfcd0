//! The seam behind which databases stand.
//!
//! A backend runs a [`Query`], a [`Write`] of one statement, and sessions (transactions), and describes the tables that
//! it finds. What is above it knows no driver.

mod dialect;
pub(crate) mod sqlite;

pub(crate) use self::dialect::Dialect;
use crate::statement::{Query, Step, Stepped, Write, Written};
use crate::stream::RowStream;
use crate::{Db, DbError, DbOptions, Row, WriteError};

/// A database. An enum rather than a trait: its calls need no boxed futures.
#[derive(Debug)]
pub(crate) enum Backend {
    Sqlite(sqlite::Sqlite),
}

impl Backend {
    pub(crate) async fn open(url: &str, options: DbOptions) -> Result<Self, DbError> {
        sqlite::Sqlite::open(url, options).await.map(Self::Sqlite)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(query).await,
        }
    }

    /// Begins a read whose rows come one after the other; `db` is this database, which the stream keeps open.
    pub(crate) async fn stream(&self, query: Query, db: Db) -> Result<RowStream, DbError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.stream(query, db).await,
        }
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write(write).await,
        }
    }

    pub(crate) async fn begin(&self) -> Result<Session, DbError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.begin().await.map(Session::Sqlite),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
        }
    }
}

/// A transaction that is open in a database. Dropping the last clone rolls it back.
#[derive(Clone, Debug)]
pub(crate) enum Session {
    Sqlite(sqlite::Session),
}

impl Session {
    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Sqlite(session) => session.read(query).await,
        }
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        match self {
            Self::Sqlite(session) => session.write(write).await,
        }
    }

    /// Does many writes, and tells of each what it did; one that is refused undoes only itself.
    ///
    /// # Errors
    /// If the database is in trouble: then it is not known how many were done, and the transaction is of no more use.
    pub(crate) async fn write_each(
        &self,
        steps: Vec<Step>,
    ) -> Result<Vec<Result<Stepped, WriteError>>, DbError> {
        match self {
            Self::Sqlite(session) => session.write_each(steps).await,
        }
    }

    pub(crate) async fn commit(&self) -> Result<(), WriteError> {
        match self {
            Self::Sqlite(session) => session.commit().await,
        }
    }

    pub(crate) async fn rollback(&self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(session) => session.rollback().await,
        }
    }

    /// Rolls back without waiting for it.
    pub(crate) fn abandon(&self) {
        match self {
            Self::Sqlite(session) => session.abandon(),
        }
    }
}
