//! Streams: long reads, each on a thread and a connection of its own, so that they keep no reader from its work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{oneshot, watch};

use super::bind::bind;
use super::connection::{Connection, Source};
use super::{Sqlite, decode, error, failed, run, spawn, stopped};
use crate::row::Gathered;
use crate::statement::Query;
use crate::stream::{Feed, RowStream};
use crate::{Db, DbError, DbErrorKind, Row};

/// How many rows a chunk has at most, and after how many bytes it is full.
const ROWS: usize = 256;
const BYTES: usize = 256 * 1024;

/// The streams of a database that are open.
#[derive(Debug)]
pub(super) struct Streams {
    free: Arc<Slots>,
    /// Whether they shall end.
    stop: watch::Sender<bool>,
}

/// How many more streams may be opened.
#[derive(Debug)]
pub(super) struct Slots {
    free: Mutex<usize>,
    back: Condvar,
    all: usize,
}

/// The place of an open stream; free again when it is dropped.
struct Slot(Arc<Slots>);

impl Streams {
    pub(super) fn new(most: usize) -> Self {
        let free = Slots { free: Mutex::new(most), back: Condvar::new(), all: most };
        Self { free: Arc::new(free), stop: watch::Sender::new(false) }
    }

    pub(super) fn slots(&self) -> Arc<Slots> {
        Arc::clone(&self.free)
    }

    /// Ends all of them, soon.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl Slots {
    fn take(self: &Arc<Self>) -> Option<Slot> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(1)?;
        Some(Slot(Arc::clone(self)))
    }

    /// Waits until no stream is open any more.
    pub(super) fn wait(&self) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < self.all {
            free = self.back.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.back.notify_all();
    }
}

impl Sqlite {
    /// Begins a read whose rows come one after the other. `db` is kept open by it.
    pub(crate) async fn stream(&self, query: Query, db: Db) -> Result<RowStream, DbError> {
        if *self.streams.stop.borrow() {
            return Err(stopped());
        }
        let slot = self.streams.free.take().ok_or_else(|| {
            DbError::new(
                DbErrorKind::Busy,
                format!("{} streams of rows are open already, and no more may be", self.streams.free.all),
            )
        })?;
        let (feed, stream) = RowStream::new(db);
        let (opened, answer) = oneshot::channel();
        let (source, stop) = (Arc::clone(&self.source), self.streams.stop.subscribe());
        spawn("frontdesk-stream", move || {
            let work = AssertUnwindSafe(|| {
                let mut reading = Reading { source: &source, feed: &feed, stop, waits: None };
                reading.run(&query, opened)
            });
            let ending = catch_unwind(work).unwrap_or_else(|_| {
                tracing::error!("a stream of rows has panicked");
                Err(failed())
            });
            feed.end(ending);
            // The connection is closed by now.
            drop(slot);
        })?;
        answer.await.map_err(|_| failed())??;
        Ok(stream)
    }
}

struct Reading<'a> {
    source: &'a Source,
    feed: &'a Feed,
    stop: watch::Receiver<bool>,
    /// What waits until there is room for a chunk.
    waits: Option<tokio::runtime::Runtime>,
}

impl Reading<'_> {
    fn run(&mut self, query: &Query, opened: oneshot::Sender<Result<(), DbError>>) -> Result<(), DbError> {
        let connection = match self.source.reader() {
            Ok(connection) => connection,
            Err(error) => {
                // Nobody waits any more: nothing is lost.
                let _ = opened.send(Err(error));
                return Ok(());
            }
        };
        let (chunks, stop) = (self.feed.chunks().clone().downgrade(), self.stop.clone());
        let has_gone = move || chunks.upgrade().is_none_or(|chunks| chunks.is_closed()) || *stop.borrow();
        let begun = connection.end_when(has_gone).and_then(|()| {
            self.start(&connection, query);
            connection.prepare(&query.sql).and_then(|mut statement| {
                bind(&mut statement, &query.params)?;
                Ok(statement)
            })
        });
        let mut statement = match begun {
            Ok(statement) => statement,
            Err(error) => {
                let _ = opened.send(Err(error::of_read(error)));
                return Ok(());
            }
        };
        if opened.send(Ok(())).is_err() {
            return Ok(());
        }
        let shape = run::shape(&statement, query);
        let mut rows = statement.raw_query();
        let mut more = true;
        while more {
            self.start(&connection, query);
            let mut found = Gathered::new(&shape.columns, ROWS);
            let (mut count, mut bytes) = (0, 0);
            while count < ROWS && bytes < BYTES {
                let row = match rows.next() {
                    Ok(Some(row)) => row,
                    Ok(None) => {
                        more = false;
                        break;
                    }
                    Err(_) if *self.stop.borrow() => return Err(stopped()),
                    Err(error) => return Err(error::of_read(error)),
                };
                count += 1;
                bytes += decode::size(row, shape.codecs.len());
                decode::row(row, &shape, &mut found).map_err(error::of_read)?;
            }
            if count > 0 && !self.send(found.into_rows())? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Begins the time of a chunk. What the one who reads takes for it does not count.
    fn start(&self, connection: &Connection, query: &Query) {
        match query.limit {
            Some(limit) => connection.start_for(limit),
            None => connection.start(),
        }
    }

    /// Gives a chunk to the one who reads; false if they have gone.
    fn send(&mut self, chunk: Vec<Row>) -> Result<bool, DbError> {
        let chunk = match self.feed.chunks().try_send(chunk) {
            Ok(()) => return Ok(true),
            Err(TrySendError::Closed(_)) => return Ok(false),
            Err(TrySendError::Full(chunk)) => chunk,
        };
        let runtime = match &self.waits {
            Some(runtime) => runtime,
            None => {
                let made = tokio::runtime::Builder::new_current_thread().enable_time().build();
                let made = made.map_err(|error| {
                    DbError::unavailable("no timer could be made for a stream").caused_by(error)
                })?;
                self.waits.insert(made)
            }
        };
        let (idle, stop) = (self.source.options.idle_timeout, &mut self.stop);
        runtime.block_on(async {
            tokio::select! {
                sent = self.feed.chunks().send(chunk) => Ok(sent.is_ok()),
                _ = stop.wait_for(|stop| *stop) => Err(stopped()),
                () = tokio::time::sleep(idle) => Err(idle_for(idle)),
            }
        })
    }
}

/// What is read is kept from being changed or tidied up for as long as it is read.
fn idle_for(idle: Duration) -> DbError {
    tracing::warn!(?idle, "nobody read a stream of rows for too long; it has been ended");
    DbError::new(DbErrorKind::Timeout, "nobody read the rows for too long, and reading has been given up")
}
