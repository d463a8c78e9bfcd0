//! Connections, the statements that are prepared on them, and who has one at the moment.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::settings::Settings;
use super::tls::Mode;
use super::{decode, error, placeholders, tls};
use crate::identifier::push_name;
use crate::statement::Shape;
use crate::{DbError, DbOptions};

/// How many prepared statements each connection keeps.
const STATEMENTS: usize = 256;

/// After how long without work a connection is asked whether it still is one.
const DOUBT: Duration = Duration::from_secs(1);

/// How long an answer to that, or to a request to end a statement, may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much longer than the server's own time-out an answer is waited for.
const GRACE: Duration = Duration::from_secs(2);

/// What makes connections.
pub(super) struct Manager {
    settings: Settings,
    tls: Option<MakeRustlsConnect>,
    options: DbOptions,
}

impl Manager {
    pub(super) fn new(settings: Settings, options: DbOptions) -> Result<Self, DbError> {
        let tls = tls::connector(&settings.tls)?;
        Ok(Self { settings, tls, options })
    }

    pub(super) fn options(&self) -> &DbOptions {
        &self.options
    }

    /// Opens a connection, and makes its settings those on which all that is read and written relies.
    pub(super) async fn connect(&self) -> Result<Connection, DbError> {
        let connected = tokio::time::timeout(self.options.connect_timeout, self.open()).await;
        match connected {
            Ok(connected) => connected,
            Err(_) => Err(DbError::unavailable(format!(
                "the database {} has not answered within {:?}",
                self.settings.place(),
                self.options.connect_timeout
            ))),
        }
    }

    async fn open(&self) -> Result<Connection, DbError> {
        let config = &self.settings.config;
        let refused = |error| error::of_connect(error, &self.settings.place());
        let client = match &self.tls {
            None => {
                let (client, connection) = config.connect(NoTls).await.map_err(refused)?;
                tokio::spawn(async move { told(connection.await) });
                client
            }
            Some(tls) => {
                let connected = config.connect(tls.clone()).await;
                match connected {
                    Ok((client, connection)) => {
                        tokio::spawn(async move { told(connection.await) });
                        client
                    }
                    // A server whose TLS does not work is asked without, as libpq does.
                    Err(error) if self.settings.tls.mode == Mode::Prefer && error.as_db_error().is_none() => {
                        let mut plain = config.clone();
                        plain.ssl_mode(tokio_postgres::config::SslMode::Disable);
                        let (client, connection) = plain.connect(NoTls).await.map_err(refused)?;
                        tokio::spawn(async move { told(connection.await) });
                        client
                    }
                    Err(error) => return Err(refused(error)),
                }
            }
        };
        client.batch_execute(&self.set_up()).await.map_err(refused)?;
        let cancel = Cancel { token: client.cancel_token(), tls: self.tls.clone() };
        Ok(Connection { client, cancel, statements: Mutex::default(), broken: AtomicBool::new(false) })
    }

    /// The settings of a connection: those by which text is written, and how long things may take.
    fn set_up(&self) -> String {
        let options = &self.options;
        let millis = |time: Duration| time.as_millis().min(i32::MAX as u128);
        let mut sql = format!(
            "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; \
             SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on; \
             SET client_min_messages = warning; SET statement_timeout = {}; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = {}",
            millis(options.statement_timeout),
            millis(options.busy_timeout),
            millis(options.idle_timeout.saturating_add(GRACE)),
        );
        if let Some(schema) = &options.own_schema {
            let mut name = String::new();
            push_name(&mut name, schema);
            let name = name.replace('\'', "''");
            sql.push_str("; SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), '");
            sql.push_str(&name);
            sql.push_str("'), false)");
        }
        if options.read_only {
            sql.push_str("; SET default_transaction_read_only = on");
        }
        sql
    }
}

fn told(ended: Result<(), tokio_postgres::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the database has ended");
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = DbError;

    async fn create(&self) -> Result<Connection, DbError> {
        self.connect().await
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<DbError> {
        if connection.is_lost() {
            return Err(RecycleError::message("the connection is closed"));
        }
        if metrics.last_used() > DOUBT {
            // The server may have gone without a word. Better to learn it now than of a write.
            match tokio::time::timeout(PATIENCE, connection.client.check_connection()).await {
                Ok(Ok(())) => {}
                _ => return Err(RecycleError::message("the connection does not answer")),
            }
        }
        Ok(())
    }
}

/// A connection.
pub(super) struct Connection {
    client: Client,
    cancel: Cancel,
    statements: Mutex<Statements>,
    /// Whether it must not be used any more.
    broken: AtomicBool,
}

/// What ends the running statement of a connection.
#[derive(Clone)]
struct Cancel {
    token: tokio_postgres::CancelToken,
    tls: Option<MakeRustlsConnect>,
}

impl Cancel {
    async fn run(self) {
        let done = async {
            match self.tls {
                Some(tls) => self.token.cancel_query(tls).await,
                None => self.token.cancel_query(NoTls).await,
            }
        };
        if !matches!(tokio::time::timeout(PATIENCE, done).await, Ok(Ok(()))) {
            tracing::debug!("the database could not be told to end a statement");
        }
    }
}

/// A statement that is ready to run.
#[derive(Clone)]
pub(super) struct Prepared(Arc<Inner>);

struct Inner {
    statement: Statement,
    /// The names of the result's columns, as they were asked for.
    names: Vec<Arc<str>>,
}

impl Prepared {
    pub(super) fn statement(&self) -> &Statement {
        &self.0.statement
    }

    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.0.names
    }

    pub(super) fn params(&self) -> &[Type] {
        self.0.statement.params()
    }
}

/// The statements that are prepared, by their text and whether their result is read by a shape; those that were not used
/// for long go first.
#[derive(Default)]
struct Statements {
    known: HashMap<(Arc<str>, bool), (Prepared, u64)>,
    clock: u64,
}

impl Statements {
    fn get(&mut self, key: &(Arc<str>, bool)) -> Option<Prepared> {
        self.clock += 1;
        let (prepared, used) = self.known.get_mut(key)?;
        *used = self.clock;
        Some(prepared.clone())
    }

    fn put(&mut self, key: (Arc<str>, bool), prepared: Prepared) {
        if self.known.len() >= STATEMENTS {
            let mut used: Vec<u64> = self.known.values().map(|(_, used)| *used).collect();
            let (_, middle, _) = used.select_nth_unstable(STATEMENTS / 4);
            let oldest = *middle;
            self.known.retain(|_, (_, used)| *used > oldest);
        }
        self.known.insert(key, (prepared, self.clock));
    }
}

impl Connection {
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    pub(super) fn is_lost(&self) -> bool {
        self.client.is_closed() || self.broken.load(Ordering::Relaxed)
    }

    /// Takes the connection out of use once it is given back.
    pub(super) fn give_up(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    fn statements(&self) -> std::sync::MutexGuard<'_, Statements> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self, sql: &Arc<str>, shape: Option<&Shape>) -> Option<Prepared> {
        self.statements().get(&(Arc::clone(sql), shape.is_some()))
    }

    /// Forgets a statement: what it was prepared for has changed.
    pub(super) fn forget(&self, sql: &Arc<str>) {
        let mut statements = self.statements();
        for shaped in [false, true] {
            statements.known.remove(&(Arc::clone(sql), shaped));
        }
    }

    /// The statement, prepared now unless it is known. Columns of types that are not known here are read as the database
    /// writes them.
    pub(super) async fn prepare(
        &self,
        sql: &Arc<str>,
        shape: Option<&Shape>,
    ) -> Result<Prepared, tokio_postgres::Error> {
        if let Some(prepared) = self.known(sql, shape) {
            return Ok(prepared);
        }
        let text = placeholders::numbered(sql);
        let first = self.client.prepare(&text).await?;
        let names = first.columns().iter().map(|column| column.name().into()).collect();
        let statement = match as_text(&text, first.columns(), shape) {
            Some(text) => self.client.prepare(&text).await?,
            None => first,
        };
        let prepared = Prepared(Arc::new(Inner { statement, names }));
        self.statements().put((Arc::clone(sql), shape.is_some()), prepared.clone());
        Ok(prepared)
    }

    /// Ends the running statement. What asks to end it may come before the statement does, which is why it is asked again.
    async fn stop(&self) {
        for wait in [10, 50, 100, 500, 1000, 2000] {
            self.cancel.clone().run().await;
            let idle = self.client.check_connection();
            if tokio::time::timeout(Duration::from_millis(wait), idle).await.is_ok() {
                return;
            }
        }
    }

    /// Waits for an answer, no longer than `limit` (else than the server itself would). A statement that takes longer is
    /// ended; `None` if even that is not answered.
    pub(super) async fn limited<T>(
        &self,
        limit: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Option<Result<T, tokio_postgres::Error>> {
        let mut answer = std::pin::pin!(answer);
        if let Ok(answer) = tokio::time::timeout(limit, &mut answer).await {
            return Some(answer);
        }
        self.cancel.clone().run().await;
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => Some(answer),
            Err(_) => {
                self.give_up();
                None
            }
        }
    }
}

/// For how long an answer is waited for.
pub(super) fn limit(options: &DbOptions, own: Option<Duration>) -> Duration {
    let all = options.statement_timeout.saturating_add(GRACE);
    own.map_or(all, |own| own.min(all))
}

/// As [`as_text`], for a result that came without its statement being prepared.
pub(super) fn read_as_text(
    sql: &str,
    columns: &[tokio_postgres::Column],
    shape: Option<&Shape>,
) -> Option<String> {
    as_text(&placeholders::numbered(sql), columns, shape)
}

/// The text that reads the columns of unknown types as text; `None` where there are none, or nothing can be put around
/// the statement.
fn as_text(sql: &str, columns: &[tokio_postgres::Column], shape: Option<&Shape>) -> Option<String> {
    let known = |(at, column): (usize, &tokio_postgres::Column)| {
        let codec =
            shape.map(|shape| shape.codecs.get(at).copied().unwrap_or(crate::statement::Codec::Plain));
        decode::is_known(column.type_(), codec)
    };
    if columns.iter().enumerate().all(known) || !is_select(sql) {
        return None;
    }
    let mut outer = String::from("SELECT ");
    let mut names = String::new();
    for (at, column) in columns.iter().enumerate() {
        let name = format!("c{at}");
        if at > 0 {
            outer.push_str(", ");
            names.push_str(", ");
        }
        push_name(&mut outer, &name);
        push_name(&mut names, &name);
        if !known((at, column)) {
            outer.push_str("::text");
        }
    }
    // The line's end ends a comment of the inner text.
    Some(format!("{outer} FROM ({}\n) AS inside ({names})", sql.trim_end().trim_end_matches(';')))
}

fn is_select(sql: &str) -> bool {
    let word: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    ["SELECT", "VALUES", "TABLE"].iter().any(|known| word.eq_ignore_ascii_case(known))
        || word.eq_ignore_ascii_case("WITH")
            && !["insert", "update", "delete", "merge"]
                .iter()
                .any(|write| sql.to_ascii_lowercase().contains(write))
}

/// A connection that one has to oneself. It goes back to where it came from, unless it is dropped within a statement or a
/// transaction: then the statement is ended, and the connection closed, since nobody knows how it stands.
pub(super) struct Lease {
    connection: Option<managed::Object<Manager>>,
    /// Whether an answer, or the end of a transaction, is to come.
    open: bool,
}

impl Lease {
    pub(super) fn new(connection: managed::Object<Manager>) -> Self {
        Self { connection: Some(connection), open: false }
    }

    /// Says that something begins which has to come to its end.
    pub(super) fn begin(&mut self) {
        self.open = true;
    }

    /// Says that it has.
    pub(super) fn end(&mut self) {
        self.open = false;
    }
}

impl Deref for Lease {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_deref().expect("a lease has its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if !self.open {
            if connection.is_lost() {
                drop(managed::Object::take(connection));
            }
            return;
        }
        let connection = managed::Object::take(connection);
        if connection.is_lost() {
            return;
        }
        // Outside of a runtime nothing can be told to the server; closing is enough then.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { connection.stop().await });
        }
    }
}
