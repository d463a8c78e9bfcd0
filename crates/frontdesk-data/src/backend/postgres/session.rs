//! A transaction that lasts over several calls: a task that has a connection to itself until it ends.
//!
//! Each statement stands behind a savepoint, so that one that fails undoes only itself. The savepoint, and the beginning
//! of the transaction, are sent together with the statement and cost no time of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::{mpsc, oneshot};
use tokio_postgres::error::SqlState;

use super::Lease;
use super::connection::limit;
use super::run::{self, Failed, Rows};
use super::{error, violation};
use crate::plan::Plan;
use crate::statement::{Op, Query, Step, Stepped, Write, Written};
use crate::{DbError, DbErrorKind, DbOptions, Row, WriteError};

type Answers = Vec<Result<Stepped, WriteError>>;

enum Job {
    Read(Query, oneshot::Sender<Result<Vec<Row>, DbError>>),
    Write(Write, oneshot::Sender<Result<Written, WriteError>>),
    WriteEach(Vec<Step>, oneshot::Sender<Answers>),
    Commit(oneshot::Sender<Result<(), WriteError>>),
    Rollback(Option<oneshot::Sender<Result<(), DbError>>>),
}

/// A handle of an open transaction. The last one to be dropped rolls it back.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    jobs: mpsc::UnboundedSender<Job>,
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
    /// Begins a transaction on a connection. Nothing is sent yet.
    pub(super) fn begin(connection: Lease, options: DbOptions) -> Self {
        let (sender, jobs) = mpsc::unbounded_channel();
        let ending = Arc::new(Ending::default());
        let open = Open {
            connection,
            options,
            begun: false,
            rows: Vec::new(),
            deleted: Vec::new(),
            ending: Arc::clone(&ending),
        };
        tokio::spawn(open.work(jobs));
        Self { jobs: sender, ending }
    }

    pub(crate) async fn read(&self, query: Query) -> Result<Vec<Row>, DbError> {
        self.ask(|reply| Job::Read(query, reply)).await?
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, WriteError> {
        self.ask(|reply| Job::Write(write, reply)).await?
    }

    pub(crate) async fn write_each(&self, steps: Vec<Step>) -> Result<Answers, DbError> {
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

/// How many rows are remembered, to tell what is wrong if the end is refused. Forms write few; where there are more, less
/// can be told.
const MOST_ROWS: usize = 4096;

/// A transaction that is open.
struct Open {
    connection: Lease,
    options: DbOptions,
    /// Whether the server knows of it.
    begun: bool,
    /// Rows that were inserted or updated.
    rows: Rows,
    /// Tables of which rows were deleted.
    deleted: Vec<Arc<Plan>>,
    ending: Arc<Ending>,
}

/// Whether the transaction goes on after a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    On,
    /// It is no more: the connection was lost, or the server has given it up.
    Lost,
}

impl Open {
    async fn work(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        loop {
            let job = match tokio::time::timeout(self.options.idle_timeout, jobs.recv()).await {
                Ok(Some(job)) => job,
                Ok(None) => break,
                Err(_) => {
                    self.ending.note(IDLE);
                    tracing::warn!(
                        idle = ?self.options.idle_timeout,
                        "a transaction was idle for too long and has been rolled back"
                    );
                    break;
                }
            };
            let goes = match job {
                Job::Read(query, reply) => {
                    let (found, goes) = self.read(query).await;
                    self.note(goes);
                    let _ = reply.send(found);
                    goes
                }
                Job::Write(write, reply) => {
                    let (answer, goes) = self.write(write).await;
                    self.note(goes);
                    let _ = reply.send(answer);
                    goes
                }
                Job::WriteEach(steps, reply) => {
                    let mut done = Vec::with_capacity(steps.len());
                    let mut goes = Goes::On;
                    for step in steps {
                        // Nobody waits any more, or there is no transaction to write in.
                        if reply.is_closed() || goes == Goes::Lost {
                            break;
                        }
                        let answer;
                        (answer, goes) = self.step(step).await;
                        done.push(answer);
                    }
                    self.note(goes);
                    let _ = reply.send(done);
                    goes
                }
                Job::Commit(reply) => {
                    let done = self.commit().await;
                    // Whoever writes next may need the connection.
                    drop(self);
                    let _ = reply.send(done);
                    return;
                }
                Job::Rollback(reply) => {
                    self.roll_back().await;
                    drop(self);
                    if let Some(reply) = reply {
                        let _ = reply.send(Ok(()));
                    }
                    return;
                }
            };
            if goes == Goes::Lost {
                break;
            }
        }
        self.roll_back().await;
    }

    fn note(&self, goes: Goes) {
        if goes == Goes::Lost {
            self.ending.note(BY_DATABASE);
        }
    }

    /// What has to be sent before the next statement.
    fn before(&mut self) -> &'static str {
        if self.begun {
            return "RELEASE SAVEPOINT frontdesk; SAVEPOINT frontdesk";
        }
        self.begun = true;
        self.connection.begin();
        "BEGIN; SAVEPOINT frontdesk"
    }

    async fn roll_back(&mut self) {
        if self.begun && !self.connection.is_lost() && run::ended(&self.connection, "ROLLBACK").await {
            self.connection.end();
        }
    }

    /// Undoes the statement that failed.
    async fn undo(&mut self, failed: &Failed) -> Goes {
        let is_over = match failed {
            Failed::Server(error) => {
                error::is_lost(error)
                    || error.code().is_some_and(|code| code.code().starts_with("40"))
                    || error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
            }
            Failed::Silent => true,
            Failed::Misfit(..) | Failed::TooLarge | Failed::Db(_) => false,
        };
        if is_over || !run::ended(&self.connection, "ROLLBACK TO SAVEPOINT frontdesk").await {
            return Goes::Lost;
        }
        Goes::On
    }

    async fn read(&mut self, query: Query) -> (Result<Vec<Row>, DbError>, Goes) {
        if query.own && super::is_transaction_control(&query.sql) {
            return (Err(super::no_transaction_control()), Goes::On);
        }
        let before = self.before();
        let (begun, found) = run::in_turn(
            self.connection.client().batch_execute(before),
            run::query(&self.connection, &query, &self.options, None),
        )
        .await;
        let failed = match (begun, found) {
            (Ok(()), Ok(found)) => return (Ok(found), Goes::On),
            (Err(error), _) => Failed::from(error),
            (_, Err(failed)) => failed,
        };
        let goes = self.undo(&failed).await;
        (Err(failed.into_error()), goes)
    }

    /// Runs a write, and remembers what it did.
    async fn write(&mut self, write: Write) -> (Result<Written, WriteError>, Goes) {
        if write.plan.is_none() && super::is_transaction_control(&write.sql) {
            return (Err(super::no_transaction_control().into()), Goes::On);
        }
        let (answer, goes) = self.one(&write).await;
        if let (Ok(done), Some(plan)) = (&answer, write.plan) {
            match (&write.op, &done.id) {
                (Op::Delete { .. }, _) if self.deleted.iter().any(|known| Arc::ptr_eq(known, &plan)) => {}
                (Op::Delete { .. }, _) => self.deleted.push(plan),
                (_, Some(id)) if self.rows.len() < MOST_ROWS => self.rows.push((plan, id.clone())),
                _ => {}
            }
        }
        (answer, goes)
    }

    async fn step(&mut self, step: Step) -> (Result<Stepped, WriteError>, Goes) {
        let is_insert = matches!(step.first.op, Op::Insert { .. });
        let (written, goes) = self.write(step.first).await;
        let written = match written {
            Ok(written) => written,
            Err(error) => return (Err(error), goes),
        };
        match step.otherwise {
            Some(otherwise) if written.rows == 0 => {
                let (written, goes) = self.write(otherwise).await;
                (written.map(|written| Stepped { written, is_new: true }), goes)
            }
            _ => (Ok(Stepped { written, is_new: is_insert }), goes),
        }
    }

    async fn one(&mut self, write: &Write) -> (Result<Written, WriteError>, Goes) {
        for again in [true, false] {
            let before = self.before();
            let (begun, done) = run::in_turn(
                self.connection.client().batch_execute(before),
                Self::perform(&self.connection, write, &self.options),
            )
            .await;
            let failed = match (begun, done) {
                (Ok(()), Ok(done)) => return (done.answer(), Goes::On),
                (Err(error), _) => Failed::from(error),
                (_, Err(failed)) => failed,
            };
            let goes = self.undo(&failed).await;
            if goes == Goes::Lost {
                return (Err(failed.into_error().into()), goes);
            }
            if again && matches!(&failed, Failed::Server(error) if error::is_outdated(error)) {
                self.connection.forget(&write.sql);
                continue;
            }
            return (Err(run::refused(&self.connection, write, failed, &self.options).await), goes);
        }
        (Err(error::unanswered().into()), Goes::Lost)
    }

    async fn perform(connection: &Lease, write: &Write, options: &DbOptions) -> Result<run::Done, Failed> {
        if let Some(check) = &write.guard
            && let Some(done) = run::look(connection, write, check, options).await?
        {
            return Ok(done);
        }
        let writing = run::prepared(connection, write, options).await?;
        match connection.limited(limit(options, None), writing.run(connection)).await {
            None => Err(Failed::Silent),
            Some(answer) => run::meaning(connection, write, answer?, options).await,
        }
    }

    async fn commit(&mut self) -> Result<(), WriteError> {
        if !self.begun {
            return Ok(());
        }
        if self.rows.len() > 1 {
            // What is checked at the end is checked now, while it can still be asked which row it is about.
            let (begun, checked) = run::in_turn(
                self.connection.client().batch_execute(self.before_end()),
                self.connection.client().batch_execute("SET CONSTRAINTS ALL IMMEDIATE"),
            )
            .await;
            if let Err(error) = begun.and(checked) {
                let failed = Failed::from(error);
                if self.undo(&failed).await == Goes::On
                    && let Failed::Server(error) = &failed
                    && let Some(violations) =
                        violation::at_end(&self.connection, &self.rows, error, &self.options, true).await
                {
                    self.roll_back().await;
                    return Err(WriteError::Refused(violations));
                }
                if failed.is_lost() {
                    return Err(failed.into_error().into());
                }
            }
        }
        let time = limit(&self.options, None);
        let error =
            match self.connection.limited(time, self.connection.client().batch_execute("COMMIT")).await {
                Some(Ok(())) => {
                    self.connection.end();
                    return Ok(());
                }
                None => return Err(error::unconfirmed().into()),
                Some(Err(error)) => error,
            };
        if error::is_lost(&error) {
            return Err(error::of_commit(error).into());
        }
        self.connection.end();
        match violation::at_end(&self.connection, &self.rows, &error, &self.options, false).await {
            Some(violations) => Err(WriteError::Refused(violations)),
            None => Err(error::of_statement(error).into()),
        }
    }

    fn before_end(&self) -> &'static str {
        "RELEASE SAVEPOINT frontdesk; SAVEPOINT frontdesk"
    }
}
