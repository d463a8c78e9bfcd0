//! A transaction that lasts over several calls. While it is open, it has the writer to itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::writer::Writer;
use super::{error, run, violation};
use crate::plan::Plan;
use crate::statement::{Op, Query, Step, Stepped, Write, Written};
use crate::{DbError, DbErrorKind, Row, RowId, WriteError};

enum Job {
    Read(Query, oneshot::Sender<Result<Vec<Row>, DbError>>),
    Write(Write, oneshot::Sender<Result<Written, WriteError>>),
    WriteEach(Vec<Step>, oneshot::Sender<Vec<Result<Stepped, WriteError>>>),
    Commit(oneshot::Sender<Result<(), WriteError>>),
    Rollback(Option<oneshot::Sender<Result<(), DbError>>>),
}

/// A handle of an open transaction. The last one to be dropped rolls it back.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    jobs: mpsc::Sender<Job>,
    ending: Arc<Ending>,
}

/// How a transaction ended, for those who still hold a handle.
#[derive(Debug, Default)]
struct Ending(AtomicU8);

const IDLE: u8 = 1;
const BY_DATABASE: u8 = 2;

impl Ending {
    fn note(&self, ending: u8) {
        self.0.store(ending, Ordering::Release);
    }

    fn error(&self) -> DbError {
        match self.0.load(Ordering::Acquire) {
            IDLE => DbError::new(
                DbErrorKind::Timeout,
                "the transaction was idle for too long and has been rolled back",
            ),
            BY_DATABASE => DbError::new(DbErrorKind::Ended, "the database has rolled the transaction back"),
            _ => DbError::new(DbErrorKind::Ended, "the transaction has ended"),
        }
    }
}

impl Session {
    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        self.ask(|reply| Job::Read(query, reply)).await?
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        self.ask(|reply| Job::Write(write, reply)).await?
    }

    pub(crate) async fn write_each(
        &self,
        steps: Vec<Step>,
    ) -> Result<Vec<Result<Stepped, WriteError>>, DbError> {
        let wanted = steps.len();
        let done = self.ask(|reply| Job::WriteEach(steps, reply)).await?;
        // It stops where the database ends the transaction.
        if done.len() == wanted { Ok(done) } else { Err(self.ending.error()) }
    }

    pub(crate) async fn commit(&self) -> Result<(), WriteError> {
        self.ask(Job::Commit).await?
    }

    pub(crate) async fn rollback(&self) -> Result<(), DbError> {
        self.ask(|reply| Job::Rollback(Some(reply))).await?
    }

    /// Rolls back without waiting for it.
    pub(crate) fn abandon(&self) {
        // A transaction that has ended already needs no more.
        let _ = self.jobs.send(Job::Rollback(None));
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, DbError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).map_err(|_| self.ending.error())?;
        answer.await.map_err(|_| self.ending.error())
    }
}

/// What a transaction has written, to tell what is wrong if its end is refused.
#[derive(Default)]
pub(super) struct History {
    /// Rows that were inserted or updated.
    pub(super) rows: Vec<(Arc<Plan>, RowId)>,
    /// Tables of which rows were deleted.
    pub(super) deleted: Vec<Arc<Plan>>,
}

/// How many rows are remembered. Forms write few; where there are more, less can be told.
const MOST_ROWS: usize = 4096;

impl History {
    fn note(&mut self, plan: Arc<Plan>, op: &Op, done: &Written) {
        match (op, &done.id) {
            (Op::Delete { .. }, _) if self.deleted.iter().any(|known| Arc::ptr_eq(known, &plan)) => {}
            (Op::Delete { .. }, _) => self.deleted.push(plan),
            (_, Some(id)) if self.rows.len() < MOST_ROWS => self.rows.push((plan, id.clone())),
            _ => {}
        }
    }
}

/// Opens a transaction for the one who waits for `reply`, and works for it until it ends.
pub(super) fn run(writer: &mut Writer, reply: oneshot::Sender<Result<Session, DbError>>, idle: Duration) {
    if reply.is_closed() {
        return;
    }
    if let Err(error) = writer.begin() {
        let _ = reply.send(Err(error));
        return;
    }
    let (sender, jobs) = mpsc::channel();
    let ending = Arc::new(Ending::default());
    // If nobody waits any more, the handle is dropped here, and with it the transaction ends below.
    let _ = reply.send(Ok(Session { jobs: sender, ending: Arc::clone(&ending) }));
    let mut history = History::default();
    loop {
        match jobs.recv_timeout(idle) {
            Ok(Job::Read(query, reply)) => {
                let found = run::query(&writer.connection, &query).map_err(error::of_read);
                let _ = reply.send(found);
            }
            Ok(Job::Write(write, reply)) => {
                let _ = reply.send(noted(writer, write, &mut history));
            }
            Ok(Job::WriteEach(steps, reply)) => {
                let mut done = Vec::with_capacity(steps.len());
                for step in steps {
                    // Nobody waits any more, or there is no transaction to write in: whoever asked is told, or has gone.
                    if reply.is_closed() || writer.connection.is_autocommit() {
                        break;
                    }
                    done.push(stepped(writer, step, &mut history));
                }
                if writer.connection.is_autocommit() {
                    ending.note(BY_DATABASE);
                }
                let _ = reply.send(done);
            }
            Ok(Job::Commit(reply)) => {
                writer.connection.start();
                let done = writer
                    .connection
                    .execute_batch("COMMIT")
                    .map_err(|error| violation::of_commit(&writer.connection, &history, error));
                writer.end_transaction();
                let _ = reply.send(done);
                return;
            }
            Ok(Job::Rollback(reply)) => {
                writer.end_transaction();
                if let Some(reply) = reply {
                    let _ = reply.send(Ok(()));
                }
                return;
            }
            Err(RecvTimeoutError::Timeout) => {
                ending.note(IDLE);
                tracing::warn!(idle = ?idle, "a transaction was idle for too long and has been rolled back");
                break;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if writer.connection.is_autocommit() {
            ending.note(BY_DATABASE);
            break;
        }
    }
    writer.end_transaction();
}

/// Runs a write, and remembers what it did.
fn noted(writer: &Writer, write: Write, history: &mut History) -> Result<Written, WriteError> {
    let answer = one(writer, &write);
    if let (Ok(done), Some(plan)) = (&answer, write.plan) {
        history.note(plan, &write.op, done);
    }
    answer
}

fn stepped(writer: &Writer, step: Step, history: &mut History) -> Result<Stepped, WriteError> {
    let is_insert = matches!(step.first.op, Op::Insert { .. });
    let written = noted(writer, step.first, history)?;
    match step.otherwise {
        Some(otherwise) if written.rows == 0 => {
            Ok(Stepped { written: noted(writer, otherwise, history)?, is_new: true })
        }
        _ => Ok(Stepped { written, is_new: is_insert }),
    }
}

/// Runs a write of which a failure leaves nothing behind.
fn one(writer: &Writer, write: &Write) -> Result<Written, WriteError> {
    let guarded = writer.fails_halfway();
    if guarded {
        writer.connection.execute_batch("SAVEPOINT frontdesk").map_err(error::of_write)?;
    }
    let answer = match run::write(&writer.connection, write) {
        Ok(done) => done.answer(),
        Err(error) => Err(violation::of(&writer.connection, write, error)),
    };
    if guarded && !writer.connection.is_autocommit() {
        let end =
            if answer.is_ok() { "RELEASE frontdesk" } else { "ROLLBACK TO frontdesk; RELEASE frontdesk" };
        writer.connection.execute_batch(end).map_err(error::of_write)?;
    }
    answer
}
