//! The seam behind which databases stand.
//!
//! A backend runs a [`Query`], a [`Write`] of one statement, and sessions (transactions), and describes the tables that
//! it finds. What is above it knows no driver.

mod describe;
mod dialect;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("choose a database: the feature `sqlite`, `postgres`, or both");

pub(crate) use self::dialect::{Collation, Dialect, ESCAPE, Guarding};
use crate::database_url::DatabaseUrl;
use crate::statement::{Query, Step, Stepped, Write, Written};
use crate::stream::RowStream;
use crate::{Db, DbError, DbOptions, Row, Table, WriteError};

/// A database. An enum rather than a trait: its calls need no boxed futures.
///
/// Those of PostgreSQL are boxed all the same: they are large, and made of many, down to the driver's.
#[derive(Debug)]
pub(crate) enum Backend {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Postgres>),
}

impl Backend {
    pub(crate) async fn open(url: &str, options: DbOptions) -> Result<Self, DbError> {
        match DatabaseUrl::parse(url)? {
            #[cfg(feature = "sqlite")]
            DatabaseUrl::SqliteFile { .. } | DatabaseUrl::SqliteMemory => {
                sqlite::Sqlite::open(url, options).await.map(Self::Sqlite)
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres => Box::pin(postgres::Postgres::open(url, options))
                .await
                .map(|opened| Self::Postgres(Box::new(opened))),
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            other => {
                let _ = options;
                let feature = if other == DatabaseUrl::Postgres { "postgres" } else { "sqlite" };
                Err(DbError::unsupported(format!(
                    "this program was built without the feature `{feature}`, which such databases need"
                )))
            }
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.read(query).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => Box::pin(postgres.read(query)).await,
        }
    }

    /// How a statement will be carried out, a line a step; the statement is that question already.
    pub(crate) async fn explain(&self, query: Query) -> Result<Vec<String>, DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.explain(query).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => {
                let rows = postgres.read(query).await?;
                let line = |row: &Row| row.values().last().map(|value| value.to_text().into_owned());
                Ok(rows.iter().filter_map(line).collect())
            }
        }
    }

    /// Begins a read whose rows come one after the other; `db` is this database, which the stream keeps open.
    pub(crate) async fn stream(&self, query: Query, db: Db) -> Result<RowStream, DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.stream(query, db).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => Box::pin(postgres.stream(query, db)).await,
        }
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.write(write).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => Box::pin(postgres.write(write)).await,
        }
    }

    pub(crate) async fn begin(&self) -> Result<Session, DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.begin().await.map(Session::Sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => Box::pin(postgres.begin()).await.map(Session::Postgres),
        }
    }

    /// Whether tables are in schemas.
    pub(crate) fn has_schemas(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
        }
    }

    /// What is run in a transaction that makes tables of frontdesk's own, before these.
    pub(crate) fn before_own_tables(&self) -> Vec<String> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Vec::new(),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.before_own_tables(),
        }
    }

    /// Whether there is a table, or a view, of the table's name.
    pub(crate) async fn has_table(&self, table: &Table) -> Result<bool, DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.has_table(table).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => Box::pin(postgres.has_table(table)).await,
        }
    }

    /// Runs a statement that makes a table.
    pub(crate) async fn make(&self, sql: String) -> Result<(), DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.change(move |connection| connection.execute_batch(&sql)).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => Box::pin(postgres.make(&sql)).await,
        }
    }

    /// How an index over all rows that begins with this column compares it, so that a range of it is found without
    /// reading them all. Of several, that which finds more. `None` without any.
    pub(crate) async fn index_of(&self, table: &Table, column: &str) -> Result<Option<Collation>, DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.index_of(&table.name, column).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => Box::pin(postgres.index_of(table, column)).await,
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => sqlite.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// A transaction that is open in a database. Dropping the last clone rolls it back.
#[derive(Clone, Debug)]
pub(crate) enum Session {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Session),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Session),
}

impl Session {
    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(session) => session.read(query).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(session) => session.read(query).await,
        }
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(session) => session.write(write).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(session) => session.write(write).await,
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
            #[cfg(feature = "sqlite")]
            Self::Sqlite(session) => session.write_each(steps).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(session) => session.write_each(steps).await,
        }
    }

    pub(crate) async fn commit(&self) -> Result<(), WriteError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(session) => session.commit().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(session) => session.commit().await,
        }
    }

    pub(crate) async fn rollback(&self) -> Result<(), DbError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(session) => session.rollback().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(session) => session.rollback().await,
        }
    }

    /// Rolls back without waiting for it.
    pub(crate) fn abandon(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(session) => session.abandon(),
            #[cfg(feature = "postgres")]
            Self::Postgres(session) => session.abandon(),
        }
    }
}
