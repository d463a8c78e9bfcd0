//! The thread that writes: all writes of the process go through it, in the order in which they were asked for.
//!
//! What is queued shares one transaction, whose commit costs more than most of what is in it. That must never show: a
//! statement that fails undoes only itself, and where it took the transaction with it, the others are run again, each in
//! a transaction of its own. Answers go out after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::ErrorCode;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::connection::{Connection, Source};
use super::queue::Worker;
use super::run::Done;
use super::stream::Slots;
use super::{Session, Task, error, run, session, violation};
use crate::statement::{Write, Written};
use crate::{DbError, WriteError};

/// How many writes share a transaction at most, so that the first of them does not wait for long.
const MOST_TOGETHER: usize = 256;

/// What the writer does.
pub(super) enum Job {
    Write(Pending),
    /// Something that manages its own transaction.
    Call(Task),
    Begin(oneshot::Sender<Result<Session, DbError>>),
}

/// A write whose answer somebody waits for.
pub(super) struct Pending {
    pub(super) write: Write,
    pub(super) reply: oneshot::Sender<Answer>,
    /// The runtime in which they wait.
    pub(super) asker: Option<Handle>,
}

type Answer = Result<Written, WriteError>;

/// The answers of one transaction.
struct Answers(Vec<(oneshot::Sender<Answer>, Answer)>);

impl Answers {
    /// Gives each its answer. Every answer from another thread wakes a runtime by a call of the operating system, which
    /// then takes the processor; so one wakes it, and gives out all of them there.
    fn send(self, asker: Option<Handle>) {
        match asker {
            Some(runtime) if self.0.len() > 1 => drop(runtime.spawn(async move { drop(self) })),
            _ => drop(self),
        }
    }
}

impl Drop for Answers {
    /// Also where the runtime has ended before it came to it: who waits may be in another one.
    fn drop(&mut self) {
        for (reply, answer) in self.0.drain(..) {
            let _ = reply.send(answer);
        }
    }
}

/// Works off `jobs` until the last handle of the database is gone. The connection is opened at the first job.
///
/// It waits for the `readers` and the `streams` then: only the connection that writes can move what is in the log to the file, and only the
/// last one that is closed does so and removes the log.
pub(super) fn run(source: Arc<Source>, jobs: &Worker<Job>, readers: Vec<JoinHandle<()>>, streams: &Slots) {
    let mut opened: Option<Writer> = None;
    while let Some(job) = jobs.next_of_many() {
        let writer = match &mut opened {
            Some(writer) => Ok(writer),
            closed => source.writer().map(|connection| closed.insert(Writer::new(connection))),
        };
        // As for readers; what was open is rolled back with the connection.
        let work = AssertUnwindSafe(|| match (job, writer) {
            (first @ Job::Write(_), Ok(writer)) => {
                let mut batch = vec![first];
                // SQL of the application's own may end a transaction: it has one to itself.
                if matches!(&batch[0], Job::Write(first) if first.write.plan.is_some()) {
                    jobs.take_while(
                        &mut batch,
                        MOST_TOGETHER,
                        |job| matches!(job, Job::Write(next) if next.write.plan.is_some()),
                    );
                }
                let writes = batch.into_iter().filter_map(|job| match job {
                    // Whoever asked may have gone before the work began: then it is not done at all.
                    Job::Write(pending) if !pending.reply.is_closed() => Some(pending),
                    _ => None,
                });
                writer.work(writes.collect());
            }
            (Job::Write(pending), Err(error)) => drop(pending.reply.send(Err(error.into()))),
            (Job::Call(task), Ok(writer)) => {
                writer.connection.start();
                task(Ok(&writer.connection));
                writer.end_transaction();
                let _ = writer.look_at_schema();
            }
            (Job::Call(task), Err(error)) => task(Err(error)),
            (Job::Begin(reply), Ok(writer)) => session::run(writer, reply, source.options.idle_timeout),
            (Job::Begin(reply), Err(error)) => drop(reply.send(Err(error))),
        });
        if catch_unwind(work).is_err() {
            tracing::error!("a write has panicked; it goes on with a new connection");
            opened = None;
        }
    }
    for reader in readers {
        // One that has panicked has closed its connection as well.
        let _ = reader.join();
    }
    streams.wait();
    if opened.is_none() {
        source.remove_empty_log();
    }
}

/// The connection that writes.
pub(super) struct Writer {
    pub(super) connection: Connection,
    /// Whether the schema has conflict clauses or triggers by which a failing statement keeps what it did so far.
    fails_halfway: bool,
    /// The version of the schema of which that is known.
    schema: Option<i64>,
}

impl Writer {
    fn new(connection: Connection) -> Self {
        let mut writer = Self { connection, fails_halfway: true, schema: None };
        // If it cannot be read now, the next write says so.
        let _ = writer.look_at_schema();
        writer
    }

    /// Finds out whether `ON CONFLICT FAIL` or `RAISE(FAIL, …)` may occur.
    fn look_at_schema(&mut self) -> rusqlite::Result<()> {
        self.connection.start();
        let version =
            self.connection.prepare_cached("PRAGMA schema_version")?.query_row([], |row| row.get(0))?;
        if self.schema == Some(version) {
            return Ok(());
        }
        let asked = self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE sql LIKE '%FAIL%')",
            [],
            |row| row.get(0),
        );
        // In doubt, be careful: it costs only time.
        self.fails_halfway = asked.unwrap_or(true);
        self.schema = Some(version);
        Ok(())
    }

    pub(super) fn fails_halfway(&self) -> bool {
        self.fails_halfway
    }

    /// Does the writes, and answers them.
    fn work(&mut self, batch: Vec<Pending>) {
        // Another program, or SQL of the application's own, may have changed the schema since.
        if let Err(error) = self.look_at_schema() {
            let error = error::of_write(error);
            batch.into_iter().for_each(|pending| drop(pending.reply.send(Err(error.clone().into()))));
            return;
        }
        match batch.len() {
            0 => {}
            1 => batch.into_iter().for_each(|pending| {
                let answer = self.lone(&pending.write);
                let _ = pending.reply.send(answer);
            }),
            _ => self.together(batch),
        }
    }

    /// A write by itself: SQLite's own transaction around one statement is enough.
    fn lone(&mut self, write: &Write) -> Answer {
        // Why a guarded write touched nothing is looked up where nobody comes between.
        if self.fails_halfway || write.guard.is_some() {
            return self.alone(write);
        }
        let done = run::write(&self.connection, write);
        if done.is_ok() && !self.connection.is_autocommit() {
            self.end_transaction();
            return Err(DbError::unsupported("a transaction is begun by `Db::begin`, not by SQL").into());
        }
        match done {
            Ok(done) => done.answer(),
            Err(error) => {
                self.end_transaction();
                // To tell what is wrong takes more reading, which must see what the statement sees: once more, in a
                // transaction that stays open.
                if violation::is_one(&error) {
                    self.alone(write)
                } else {
                    Err(error::of_commit(error).into())
                }
            }
        }
    }

    /// A write in a transaction of its own.
    fn alone(&mut self, write: &Write) -> Answer {
        self.begin()?;
        let answer = match run::write(&self.connection, write) {
            Ok(Done::Written(written)) => match self.connection.execute_batch("COMMIT") {
                Ok(()) => return Ok(written),
                Err(error) => Err(violation::of_end(&self.connection, write, error)),
            },
            Ok(done) => done.answer(),
            Err(error) => Err(violation::of(&self.connection, write, error)),
        };
        self.end_transaction();
        if answer.is_err() {
            // Another program may have changed the schema.
            let _ = self.look_at_schema();
        }
        answer
    }

    /// Several writes in one transaction.
    fn together(&mut self, batch: Vec<Pending>) {
        if let Err(error) = self.begin() {
            batch.into_iter().for_each(|pending| drop(pending.reply.send(Err(error.clone().into()))));
            return;
        }
        let mut answers = Vec::with_capacity(batch.len());
        let mut failed = None;
        for pending in &batch {
            match self.attempt(&pending.write) {
                Ok(answer) => answers.push(answer),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let is_end = failed.is_none();
        let Some(failed) = failed.or_else(|| self.connection.execute_batch("COMMIT").err()) else {
            let asker = batch.iter().find_map(|pending| pending.asker.clone());
            let replies = batch.into_iter().map(|pending| pending.reply);
            Answers(replies.zip(answers).collect()).send(asker);
            return;
        };
        self.end_transaction();
        let code = error::code(&failed);
        if matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
            || is_end && code == Some(ErrorCode::SystemIoFailure)
        {
            // Trying one by one would wait out the lock once for each; and what may be written is not written again.
            let error = if is_end { error::of_commit(failed) } else { error::of_write(failed) };
            batch.into_iter().for_each(|pending| drop(pending.reply.send(Err(error.clone().into()))));
            return;
        }
        // The one that ran for too long is known, and need not run for so long again.
        let slow =
            (code == Some(ErrorCode::OperationInterrupted)).then(|| (answers.len(), error::of_write(failed)));
        for (index, pending) in batch.into_iter().enumerate() {
            let answer = match &slow {
                Some((at, error)) if *at == index => Err(error.clone().into()),
                _ => self.alone(&pending.write),
            };
            let _ = pending.reply.send(answer);
        }
    }

    /// Runs a write in a transaction that it shares.
    ///
    /// # Errors
    /// If that transaction has to be given up, since the statement ended it, kept half of what it did, or met trouble
    /// that the others would meet as well.
    fn attempt(&self, write: &Write) -> rusqlite::Result<Answer> {
        let error = match run::write(&self.connection, write) {
            Ok(done) => return Ok(done.answer()),
            Err(error) => error,
        };
        let is_own_fault = violation::is_one(&error) || error::code(&error) == Some(ErrorCode::Unknown);
        if is_own_fault && !self.fails_halfway && !self.connection.is_autocommit() {
            Ok(Err(violation::of(&self.connection, write, error)))
        } else {
            Err(error)
        }
    }

    pub(super) fn begin(&self) -> Result<(), DbError> {
        self.connection.start();
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")
            .and_then(|mut begin| begin.raw_execute())
            .map_err(error::of_write)?;
        Ok(())
    }

    /// Rolls back what is still open.
    pub(super) fn end_transaction(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}
