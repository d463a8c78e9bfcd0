//! PostgreSQL, through tokio-postgres.
//!
//! Reads and single writes each borrow a connection of a pool for as long as they last; a transaction has one until it
//! ends. A connection that is given up in the middle of something is closed, never used again.

mod connection;
mod dates;
mod decode;
mod encode;
mod error;
mod index;
mod introspect;
mod numeric;
mod placeholders;
mod run;
mod session;
mod settings;
mod stream;
mod tls;
mod violation;

use std::sync::Arc;

use deadpool::managed::{Pool, PoolError, TimeoutType, Timeouts};
use tokio::sync::{Semaphore, watch};

use self::connection::{Connection, Lease, Manager};
pub(crate) use self::encode::array;
pub(crate) use self::placeholders::unnumbered;
pub(crate) use self::session::Session;
use self::settings::Settings;
use super::Dialect;
use crate::statement::{Query, Write, Written};
use crate::{DbError, DbErrorKind, DbOptions, Row, Table, Value, WriteError};

/// A PostgreSQL database.
pub(crate) struct Postgres {
    pool: Pool<Manager>,
    /// How many more streams may be opened.
    streams: Arc<Semaphore>,
    /// Whether streams shall end.
    stop: watch::Sender<bool>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Postgres").field(self.pool.manager()).finish()
    }
}

impl Postgres {
    pub(crate) async fn open(url: &str, options: DbOptions) -> Result<Self, DbError> {
        let settings = Settings::parse(url, &options)?;
        let timeouts = Timeouts {
            wait: Some(options.acquire_timeout),
            // Both have a time-out of their own, with a better text.
            create: None,
            recycle: None,
        };
        let (connections, streams) = (options.connections, options.streams);
        let pool = Pool::builder(Manager::new(settings, options)?)
            .max_size(connections)
            .timeouts(timeouts)
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| DbError::unavailable("no pool of connections can be made").caused_by(error))?;
        let opened =
            Self { pool, streams: Arc::new(Semaphore::new(streams)), stop: watch::Sender::new(false) };
        // A wrong address or password is told now, and not to the first visitor.
        drop(opened.lease().await?);
        Ok(opened)
    }

    fn options(&self) -> &DbOptions {
        self.pool.manager().options()
    }

    fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// A connection to be had alone.
    async fn lease(&self) -> Result<Lease, DbError> {
        if self.pool.status().waiting >= self.options().queue {
            return Err(DbError::unavailable("too many statements are waiting for the database"));
        }
        match self.pool.get().await {
            Ok(connection) => Ok(Lease::new(connection)),
            Err(PoolError::Timeout(TimeoutType::Wait)) => Err(DbError::new(
                DbErrorKind::Busy,
                format!("all {} connections to the database are in use", self.options().connections),
            )),
            Err(PoolError::Backend(error)) => Err(error),
            Err(PoolError::Closed) => Err(closed()),
            Err(error) => {
                Err(DbError::unavailable(format!("there is no connection to the database: {error}")))
            }
        }
    }

    /// A connection beside the pool.
    async fn connect(&self) -> Result<Connection, DbError> {
        self.pool.manager().connect().await
    }

    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        if query.own && is_transaction_control(&query.sql) {
            return Err(no_transaction_control());
        }
        // The application's own SQL might write.
        let around = query.own.then_some(("BEGIN READ ONLY", "COMMIT"));
        let mut again = true;
        loop {
            let mut connection = self.lease().await?;
            connection.begin();
            let found = run::query(&connection, &query, self.options(), around).await;
            // After an error the end of the transaction has been sent all the same.
            if !matches!(&found, Err(run::Failed::Silent)) {
                connection.end();
            }
            match found {
                Ok(rows) => return Ok(rows),
                // The server was restarted, perhaps: nothing is lost by asking again.
                Err(failed) if again && failed.is_lost() => {
                    connection.give_up();
                    again = false;
                }
                Err(failed) => return Err(failed.into_error()),
            }
        }
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        if self.options().read_only {
            return Err(read_only().into());
        }
        if write.plan.is_none() && is_transaction_control(&write.sql) {
            return Err(no_transaction_control().into());
        }
        let mut again = true;
        loop {
            let mut connection = self.lease().await?;
            match run::write_alone(&mut connection, &write, self.options()).await {
                Ok(answer) => return answer,
                // Nothing was written: the connection was lost before.
                Err(failed) if again && (failed.is_lost() || connection.is_lost()) => {
                    connection.give_up();
                    again = false;
                }
                Err(failed) => return Err(failed.into_error().into()),
            }
        }
    }

    pub(crate) async fn begin(&self) -> Result<Session, DbError> {
        if self.options().read_only {
            return Err(read_only());
        }
        Ok(Session::begin(self.lease().await?, self.options().clone()))
    }

    pub(crate) async fn has_table(&self, table: &Table) -> Result<bool, DbError> {
        const FIND: &str = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = ? AND ";
        let (name, mut sql) = match &table.source {
            Some(source) => (&source.name, format!("{FIND} n.nspname = ?")),
            None => (&table.name, format!("{FIND} pg_table_is_visible(c.oid)")),
        };
        sql.push_str(" LIMIT 1");
        let mut params: Vec<Value> = vec![(&**name).into()];
        params.extend(table.source.as_ref().map(|source| Value::from(&*source.schema)));
        Ok(!self.read(crate::db::plain_query(sql.into(), params)).await?.is_empty())
    }

    /// Runs a statement that makes a table.
    pub(crate) async fn make(&self, sql: &str) -> Result<(), DbError> {
        if self.options().read_only {
            return Err(read_only());
        }
        // `IF NOT EXISTS` looks before it makes: of two who do both at once, one is refused. Statements that are sent together
        // are one transaction, so frontdesk's own wait for each other; another program's is met at the second try.
        let lock = Dialect::Postgres.lock_for_own_tables();
        let sql: String = lock.into_iter().chain([sql]).collect::<Vec<_>>().join("; ");
        for again in [true, false] {
            let mut connection = self.lease().await?;
            connection.begin();
            let limit = connection::limit(self.options(), None);
            let made = connection.limited(limit, connection.client().batch_execute(&sql)).await;
            match made {
                None => return Err(error::unconfirmed()),
                Some(made) => {
                    connection.end();
                    match made {
                        Ok(()) => return Ok(()),
                        Err(error)
                            if again
                                && error.code().is_some_and(|code| {
                                    ["23505", "42P07", "42710"].contains(&code.code())
                                }) => {}
                        Err(error) => return Err(error::of_commit(error)),
                    }
                }
            }
        }
        Ok(())
    }

    /// What makes the schema of frontdesk's own tables, and what is made after it go there.
    pub(crate) fn before_own_tables(&self) -> Vec<String> {
        let Some(schema) = &self.options().own_schema else { return Vec::new() };
        let mut name = String::new();
        crate::identifier::push_name(&mut name, schema);
        vec![format!("CREATE SCHEMA IF NOT EXISTS {name}"), format!("SET LOCAL search_path = {name}")]
    }

    /// Describes all tables and views.
    pub(crate) async fn tables(&self) -> Result<Vec<Table>, DbError> {
        for again in [true, false] {
            let mut connection = self.lease().await?;
            connection.begin();
            let limit = connection::limit(self.options(), None);
            let described = connection.limited(limit, introspect::tables(connection.client())).await;
            let Some(described) = described else { return Err(error::unanswered()) };
            if described.is_ok() || !connection.is_lost() {
                connection.end();
            }
            match described {
                Ok(tables) => return Ok(tables),
                Err(error) if again && error::is_lost(&error) => connection.give_up(),
                Err(error) => return Err(error::of_statement(error)),
            }
        }
        Err(failed())
    }

    /// Ends the connections once their statements are done, and waits for that.
    pub(crate) async fn close(&self) {
        self.stop.send_replace(true);
        let all = u32::try_from(self.options().streams).unwrap_or(u32::MAX);
        // Whoever waits for a connection is refused; those that are in use are closed when they come back.
        self.pool.close();
        let pool = async {
            while self.pool.status().size > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let most = self.options().statement_timeout.saturating_add(std::time::Duration::from_secs(5));
        let _ = tokio::time::timeout(most, pool).await;
        let _ = tokio::time::timeout(most, self.streams.acquire_many(all)).await;
    }
}

fn closed() -> DbError {
    DbError::unavailable("the database has been closed")
}

fn read_only() -> DbError {
    DbError::new(DbErrorKind::ReadOnly, "the database was opened for reading only")
}

/// What was asked for could not be done, by a fault of ours.
fn failed() -> DbError {
    DbError::new(DbErrorKind::Other, "the statement has failed unexpectedly; the log may say more")
}

/// Whether SQL of the application's own begins or ends a transaction. The connection is not its own.
fn is_transaction_control(sql: &str) -> bool {
    let word: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    let words = [
        "BEGIN",
        "START",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT",
        "RELEASE",
        "PREPARE",
        "DISCARD",
    ];
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn no_transaction_control() -> DbError {
    DbError::unsupported("a transaction is begun by `Db::begin`, not by SQL")
}
