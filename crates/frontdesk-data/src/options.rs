use std::sync::Arc;
use std::time::Duration;

/// How a database is opened.
///
/// ```
/// use frontdesk_data::{Db, DbOptions};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir().unwrap();
/// # let url = format!("sqlite://{}/heroes.db", folder.path().display());
/// let db = Db::open_with(&url, DbOptions::new().create_if_missing(true).readers(2)).await.unwrap();
/// # db.close().await;
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct DbOptions {
    pub(crate) create_if_missing: bool,
    pub(crate) read_only: bool,
    pub(crate) readers: usize,
    pub(crate) streams: usize,
    pub(crate) busy_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) queue: usize,
    pub(crate) connections: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) acquire_timeout: Duration,
    pub(crate) application_name: Arc<str>,
    pub(crate) prepare: bool,
    pub(crate) own_schema: Option<Arc<str>>,
}

impl Default for DbOptions {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            create_if_missing: false,
            read_only: false,
            readers: processors.clamp(2, 8),
            streams: 4,
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(10),
            queue: 1024,
            connections: 10,
            connect_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            application_name: "frontdesk".into(),
            prepare: true,
            own_schema: None,
        }
    }
}

impl DbOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the file when it is missing, in WAL mode. Default: no, a missing file is an error. The URL can say it too:
    /// `sqlite://heroes.db?mode=rwc`.
    pub fn create_if_missing(mut self, create: bool) -> Self {
        self.create_if_missing = create;
        self
    }

    /// Refuses all writes. Default: no. The URL can say it too: `sqlite://shop.db?mode=ro`.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Sets how many reads run at the same time (at least 1). Default: the number of processors, from 2 to 8.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// Sets how many [streams of rows](crate::Set::stream) may be open at the same time (at least 1), each on a connection
    /// of its own; another one is refused as busy. Default: 4.
    pub fn streams(mut self, streams: usize) -> Self {
        self.streams = streams.max(1);
        self
    }

    /// Sets how long to wait for a lock that another program holds; with PostgreSQL, anybody else's lock of a row or a
    /// table. Default: 5 seconds.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets how long one statement may run; of a [stream](crate::Set::stream), how long it may take from one chunk of rows
    /// to the next. Default: 30 seconds.
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout;
        self
    }

    /// Sets after how long a transaction in which nothing happens is rolled back, and a [stream](crate::Set::stream) ended
    /// from which nobody reads. Default: 10 seconds.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how many reads, and how many writes, may wait (at least 1). What comes on top is refused at once, as
    /// unavailable. Default: 1,024.
    pub fn queue(mut self, length: usize) -> Self {
        self.queue = length.max(1);
        self
    }

    /// Sets how many connections to PostgreSQL there are at most (at least 1), besides those of
    /// [streams](Self::streams). Default: 10. SQLite has [readers](Self::readers).
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// Sets how long opening a connection to PostgreSQL may take. Default: 5 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long to wait for a connection to PostgreSQL while all are in use; then the database counts as
    /// [busy](crate::DbErrorKind::Busy). Default: 5 seconds.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// Sets by which name PostgreSQL lists the connections, unless the URL says another. Default: `frontdesk`.
    pub fn application_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.application_name = name.into();
        self
    }

    /// Sets the PostgreSQL schema of the [tables that frontdesk keeps for itself](crate::OwnTables): it is made with the
    /// first of them, and is the last that is looked in for other tables. Default: none, they are in the schema that is
    /// looked in first. SQLite has no schemas.
    pub fn own_schema(mut self, name: impl Into<Arc<str>>) -> Self {
        self.own_schema = Some(name.into());
        self
    }

    /// Says whether statements are prepared once for each connection, and kept. Default: yes. Say no behind a PgBouncer
    /// before 1.21 that hands out connections per transaction: there a statement may not be where it was prepared. All
    /// parameters go as text then; a list is written as an array, so that such columns have to be arrays.
    pub fn prepare(mut self, prepare: bool) -> Self {
        self.prepare = prepare;
        self
    }
}
