//! How a database file is opened, and how long a statement may run on it.

use std::fmt::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;
use tokio::sync::oneshot;

use super::{digest, error};
use crate::database_url::{DatabaseUrl, Mode};
use crate::{DbError, DbErrorKind, DbOptions, Row};

/// How many prepared statements each connection keeps.
const STATEMENTS: usize = 256;

/// After how many of SQLite's instructions the time-out is looked at: some 50 µs of work.
const INSTRUCTIONS: i32 = 4000;

/// Where the database is and how it is opened.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    pub(super) options: DbOptions,
    /// Whether nobody writes to the file while it is open.
    immutable: bool,
    /// The file of a database "in memory"; it goes with the last connection.
    temporary: Option<TemporaryFolder>,
}

impl Source {
    /// Finds the file, or makes it where that was asked for. An existing file is left exactly as it is.
    pub(super) fn new(url: &str, mut options: DbOptions) -> Result<Self, DbError> {
        match DatabaseUrl::parse(url)? {
            DatabaseUrl::Postgres => Err(DbError::unsupported("this is no SQLite database")),
            DatabaseUrl::SqliteMemory => {
                let folder = TemporaryFolder::new()?;
                let source = Self {
                    path: folder.0.join("memory.db"),
                    options,
                    immutable: false,
                    temporary: Some(folder),
                };
                source.create()?;
                Ok(source)
            }
            DatabaseUrl::SqliteFile { path, mode } => {
                match mode {
                    Some(Mode::Read | Mode::Immutable) => options.read_only = true,
                    Some(Mode::Write) => options.create_if_missing = false,
                    Some(Mode::Create) => options.create_if_missing = true,
                    None => {}
                }
                // Absolute, since connections are opened later too; and so that no name can be taken for a `file:` URI.
                let absolute = std::path::absolute(&path).map_err(|error| {
                    DbError::unavailable(format!("the path `{}` cannot be resolved", path.display()))
                        .caused_by(error)
                })?;
                let immutable = mode == Some(Mode::Immutable);
                let source = Self { path: absolute, options, immutable, temporary: None };
                source.check_or_create(&path)?;
                Ok(source)
            }
        }
    }

    fn check_or_create(&self, named: &Path) -> Result<(), DbError> {
        let named = named.display();
        match std::fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => {
                Err(DbError::unavailable(format!("`{named}` is a folder, not a database")))
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if !self.options.create_if_missing || self.options.read_only {
                    return Err(DbError::unavailable(format!("the database file `{named}` does not exist")));
                }
                match self.path.parent() {
                    Some(folder) if !folder.is_dir() => Err(DbError::unavailable(format!(
                        "the folder of the database file `{named}` does not exist"
                    ))),
                    _ => self.create(),
                }
            }
            Err(error) => {
                Err(DbError::unavailable(format!("the database file `{named}` cannot be read"))
                    .caused_by(error))
            }
        }
    }

    /// Makes the file, in WAL mode.
    fn create(&self) -> Result<(), DbError> {
        let make = || -> rusqlite::Result<()> {
            let connection = rusqlite::Connection::open_with_flags(
                &self.path,
                OpenFlags::SQLITE_OPEN_READ_WRITE
                    | OpenFlags::SQLITE_OPEN_CREATE
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?;
            connection.busy_timeout(self.options.busy_timeout)?;
            connection.pragma_update(None, "journal_mode", "wal")
        };
        make().map_err(|error| {
            let path = self.path.display();
            DbError::new(error::of_write_kind(&error), format!("the database file `{path}` cannot be made"))
                .caused_by(error)
        })
    }

    /// Opens a connection that cannot write.
    pub(super) fn reader(&self) -> Result<Connection, DbError> {
        self.open(OpenFlags::SQLITE_OPEN_READ_ONLY, "PRAGMA query_only = 1")
            .map_err(|error| self.not_opened(error))
    }

    /// Opens the connection that writes.
    pub(super) fn writer(&self) -> Result<Connection, DbError> {
        if self.options.read_only {
            return Err(DbError::new(DbErrorKind::ReadOnly, "the database was opened for reading only"));
        }
        let connection = self
            .open(OpenFlags::SQLITE_OPEN_READ_WRITE, "PRAGMA foreign_keys = 1")
            .and_then(|connection| digest::register(&connection).map(|()| connection))
            .map_err(|error| self.not_opened(error))?;
        let prepare = || -> rusqlite::Result<bool> {
            // SQLite silently opens for reading what it may not write.
            if connection.is_readonly("main")? {
                return Ok(true);
            }
            let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
            if self.temporary.is_some() {
                connection.execute_batch("PRAGMA synchronous = OFF")?;
            } else if journal == "wal" {
                // In WAL mode a crash of the machine may lose the last commits, never damage the file.
                connection.execute_batch("PRAGMA synchronous = NORMAL")?;
            }
            Ok(false)
        };
        match prepare() {
            Ok(false) => Ok(connection),
            Ok(true) => Err(DbError::new(DbErrorKind::ReadOnly, "the database file cannot be written to")),
            Err(error) => Err(self.not_opened(error)),
        }
    }

    /// Removes the log that readers alone have left behind in WAL mode: they need one, and may not remove it. One that
    /// holds anything stays, as moving that into the file would change it.
    pub(super) fn remove_empty_log(&self) {
        if self.options.read_only || self.immutable || self.temporary.is_some() {
            return;
        }
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        if std::fs::metadata(log).is_ok_and(|found| found.len() == 0) {
            // SQLite removes it with the last connection, and only then. What cannot be opened leaves it there.
            drop(self.writer());
        }
    }

    fn open(&self, flags: OpenFlags, setting: &str) -> rusqlite::Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let inner = if self.immutable {
            rusqlite::Connection::open_with_flags(self.immutable_uri(), flags | OpenFlags::SQLITE_OPEN_URI)?
        } else {
            rusqlite::Connection::open_with_flags(&self.path, flags)?
        };
        inner.busy_timeout(self.options.busy_timeout)?;
        inner.set_prepared_statement_cache_capacity(STATEMENTS);
        inner.execute_batch(setting)?;
        let connection = Connection {
            inner,
            clock: Arc::default(),
            asker: Arc::default(),
            opened: Instant::now(),
            limit: self.options.statement_timeout,
        };
        let asker = Arc::clone(&connection.asker);
        connection.end_when(move || {
            let asker = asker.lock().unwrap_or_else(PoisonError::into_inner);
            asker.as_ref().is_some_and(Asker::is_closed)
        })?;
        connection.start();
        // Reads the schema: what is no database, or locked for long, is told now.
        connection.query_row("SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)", [], |_| Ok(()))?;
        Ok(connection)
    }

    fn immutable_uri(&self) -> String {
        let mut uri = String::from("file:");
        for byte in self.path.to_string_lossy().bytes() {
            if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
        uri + "?immutable=1"
    }

    fn not_opened(&self, error: rusqlite::Error) -> DbError {
        let described = error::of_read(error);
        let path = self.path.display();
        if described.kind() == DbErrorKind::ReadOnly {
            // Reading does not write, but in WAL mode readers share a file beside the database.
            return DbError::new(
                DbErrorKind::ReadOnly,
                format!(
                    "the database `{path}` is in WAL mode, which needs a folder that can be written to; if nobody writes \
                     to it, open it with `?immutable=1` behind its name"
                ),
            )
            .caused_by(described);
        }
        DbError::new(described.kind(), format!("the database `{path}` cannot be opened: {described}"))
            .caused_by(described)
    }
}

/// Where the rows of a read go.
pub(super) type Asker = oneshot::Sender<Result<Vec<Row>, DbError>>;

/// A connection whose statements end after a time.
pub(super) struct Connection {
    inner: rusqlite::Connection,
    /// When the running statement has to end, in milliseconds since `opened`.
    clock: Arc<AtomicU64>,
    /// Who waits for the rows of the running statement: it ends when they have gone.
    asker: Arc<Mutex<Option<Asker>>>,
    opened: Instant,
    limit: Duration,
}

impl Connection {
    /// Begins the time of a statement.
    pub(super) fn start(&self) {
        self.start_for(self.limit);
    }

    /// As [`start`](Self::start), for no longer than `limit`.
    pub(super) fn start_for(&self, limit: Duration) {
        let limit = limit.min(self.limit);
        self.clock.store(millis(self.opened.elapsed().saturating_add(limit)), Ordering::Relaxed);
    }

    /// Ends the statements that follow when `asker` goes, up to [`answer`](Self::answer).
    pub(super) fn work_for(&self, asker: Asker) {
        *self.asker.lock().unwrap_or_else(PoisonError::into_inner) = Some(asker);
    }

    /// Ends statements when `has_gone` says so, and no more when somebody does that was given to
    /// [`work_for`](Self::work_for).
    pub(super) fn end_when(&self, has_gone: impl Fn() -> bool + Send + 'static) -> rusqlite::Result<()> {
        let (clock, opened) = (Arc::clone(&self.clock), self.opened);
        self.progress_handler(
            INSTRUCTIONS,
            Some(move || millis(opened.elapsed()) > clock.load(Ordering::Relaxed) || has_gone()),
        )
    }

    /// Answers whoever waits.
    pub(super) fn answer(&self, found: Result<Vec<Row>, DbError>) {
        let asker = self.asker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(asker) = asker {
            let _ = asker.send(found);
        }
    }
}

impl Deref for Connection {
    type Target = rusqlite::Connection;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A folder of our own that is removed with its content.
#[derive(Debug)]
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Result<Self, DbError> {
        let path = std::env::temp_dir().join(format!("frontdesk-{}", frontdesk_validate::Uuid::new_v4()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| {
            DbError::unavailable(format!("the temporary folder `{}` cannot be made", path.display()))
                .caused_by(error)
        })?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Nothing is lost if it stays.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
