//! SQLite, on threads of its own: a few that read, and one that writes.
//!
//! Calls into SQLite block, so none runs on the async threads. Readers take from one bounded queue; the writer commits
//! together what is queued.

mod affinity;
mod bind;
mod connection;
mod decode;
mod digest;
mod error;
mod index;
pub(crate) mod introspect;
mod queue;
mod reader;
mod rowid;
mod run;
mod session;
mod stream;
mod violation;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

pub(crate) use self::affinity::Affinity;
use self::connection::Source;
pub(crate) use self::digest::text as digest_text;
use self::queue::{Queue, Refused};
pub(crate) use self::session::Session;
use crate::statement::{Query, Write, Written};
use crate::{DbError, DbErrorKind, DbOptions, Row, Table, WriteError};

/// An SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    readers: Arc<Queue<reader::Job>>,
    writer: Arc<Queue<writer::Job>>,
    streams: stream::Streams,
    source: Arc<Source>,
    /// The writer, which ends last.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What a thread works for `call` and `change`.
type Task = Box<dyn FnOnce(Result<&rusqlite::Connection, DbError>) + Send>;

impl Sqlite {
    pub(crate) async fn open(url: &str, options: DbOptions) -> Result<Self, DbError> {
        let (opened, source) = oneshot::channel();
        let url = url.to_owned();
        let readers = Queue::new(options.queue);
        let writer = Queue::new(options.queue);
        let count = options.readers;
        let streams = stream::Streams::new(options.streams);
        let first_jobs = readers.worker();
        // Finding and opening the file blocks, so the first reader does it.
        let first = spawn("frontdesk-read-0", move || {
            let made = Source::new(&url, options)
                .and_then(|source| source.reader().map(|connection| (source, connection)));
            match made {
                Ok((source, connection)) => {
                    let source = Arc::new(source);
                    if opened.send(Ok(Arc::clone(&source))).is_ok() {
                        reader::run(&source, Some(connection), &first_jobs);
                    }
                }
                Err(error) => drop(opened.send(Err(error))),
            }
        })?;
        let source = source.await.map_err(|_| stopped())??;
        let mut threads = vec![first];
        for index in 1..count {
            let (source, jobs) = (Arc::clone(&source), readers.worker());
            threads
                .push(spawn(&format!("frontdesk-read-{index}"), move || reader::run(&source, None, &jobs))?);
        }
        let (write_jobs, slots, shared) = (writer.worker(), streams.slots(), Arc::clone(&source));
        let thread = spawn("frontdesk-write", move || writer::run(shared, &write_jobs, threads, &slots))?;
        Ok(Self { readers, writer, streams, source, thread: Mutex::new(Some(thread)) })
    }

    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        let (reply, answer) = oneshot::channel();
        send(&self.readers, reader::Job::Query(query, reply))?;
        answer.await.map_err(|_| unanswered(&self.readers))?
    }

    /// Runs `task` on a connection that cannot write.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        task: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        let (reply, answer) = oneshot::channel();
        let task: Task = Box::new(move |connection| {
            // Nobody waits any more: nothing is lost.
            let _ = reply.send(connection.and_then(|connection| task(connection).map_err(error::of_read)));
        });
        send(&self.readers, reader::Job::Call(task))?;
        answer.await.map_err(|_| unanswered(&self.readers))?
    }

    pub(crate) async fn has_table(&self, table: &Table) -> Result<bool, DbError> {
        let name = Arc::clone(&table.name);
        self.call(move |connection| {
            let mut known = connection.prepare_cached(
                "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?1)",
            )?;
            known.exists([&*name])
        })
        .await
    }

    /// Runs `task` in a transaction of its own, which is committed if it succeeds.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        task: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DbError> {
        let (reply, answer) = oneshot::channel();
        let task: Task = Box::new(move |connection| {
            let _ = reply.send(connection.and_then(|connection| {
                let transaction = rusqlite::Transaction::new_unchecked(
                    connection,
                    rusqlite::TransactionBehavior::Immediate,
                )
                .map_err(error::of_write)?;
                let done = task(&transaction).map_err(error::of_write)?;
                transaction.commit().map_err(error::of_commit)?;
                Ok(done)
            }));
        });
        send(&self.writer, writer::Job::Call(task))?;
        answer.await.map_err(|_| unanswered(&self.writer))?
    }

    /// How a statement will be carried out, a line a step.
    pub(crate) async fn explain(&self, query: Query) -> Result<Vec<String>, DbError> {
        self.call(move |connection| {
            // A question is answered by the schema as this connection knows it: it has to look whether there is a newer one.
            connection
                .query_row("SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)", [], |_| Ok(()))?;
            let mut statement = connection.prepare(&query.sql)?;
            bind::bind(&mut statement, &query.params)?;
            let mut rows = statement.raw_query();
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                lines.push(row.get("detail")?);
            }
            Ok(lines)
        })
        .await
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        let (reply, answer) = oneshot::channel();
        let asker = Handle::try_current().ok();
        send(&self.writer, writer::Job::Write(writer::Pending { write, reply, asker }))?;
        answer.await.map_err(|_| unanswered(&self.writer))?
    }

    pub(crate) async fn begin(&self) -> Result<Session, DbError> {
        let (reply, answer) = oneshot::channel();
        send(&self.writer, writer::Job::Begin(reply))?;
        answer.await.map_err(|_| unanswered(&self.writer))?
    }

    /// Ends the threads once what is queued is done, and waits for that.
    pub(crate) async fn close(&self) {
        self.streams.stop();
        self.readers.close();
        self.writer.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        let (done, ended) = oneshot::channel::<()>();
        // Joining blocks, for as long as a statement may run.
        let joining = spawn("frontdesk-close", move || {
            let _ = thread.join();
            drop(done);
        });
        if joining.is_ok() {
            let _ = ended.await;
        }
    }
}

impl Drop for Sqlite {
    /// The threads end when they have done what waits.
    fn drop(&mut self) {
        self.streams.stop();
        self.readers.close();
        self.writer.close();
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, DbError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| DbError::unavailable("no thread could be started for the database").caused_by(error))
}

fn send<T>(queue: &Queue<T>, job: T) -> Result<(), DbError> {
    queue.push(job).map_err(|refused| match refused {
        Refused::Full => DbError::unavailable("too many statements are waiting for the database"),
        Refused::Closed => stopped(),
    })
}

/// What was asked for could not be done, by a fault of ours.
fn failed() -> DbError {
    DbError::new(DbErrorKind::Other, "the statement has failed unexpectedly; the log may say more")
}

/// Why nobody answers a job that was in the queue.
fn unanswered<T>(queue: &Queue<T>) -> DbError {
    if queue.is_closed() { stopped() } else { failed() }
}

fn stopped() -> DbError {
    DbError::new(DbErrorKind::Unavailable, "the database has been closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_takes_nothing_else_with_it() {
        let sqlite = Sqlite::open("sqlite::memory:", DbOptions::new().readers(1)).await.unwrap();
        for _ in 0..3 {
            let failed = sqlite.call(|_| -> rusqlite::Result<()> { panic!("on purpose") }).await;
            assert_eq!(failed.unwrap_err().kind(), DbErrorKind::Other);
            let failed = sqlite
                .change(|connection| -> rusqlite::Result<()> {
                    connection.execute_batch("CREATE TABLE half_done (id)")?;
                    panic!("on purpose")
                })
                .await;
            assert_eq!(failed.unwrap_err().kind(), DbErrorKind::Other);
        }
        let tables = "SELECT count(*) FROM sqlite_schema";
        assert_eq!(sqlite.call(|c| c.query_row(tables, [], |row| row.get::<_, i64>(0))).await.unwrap(), 0);
        sqlite.change(|connection| connection.execute_batch("CREATE TABLE done (id)")).await.unwrap();
        sqlite.close().await;
        let closed = sqlite.call(|_| Ok(())).await;
        assert_eq!(closed.unwrap_err().kind(), DbErrorKind::Unavailable);
    }
}
