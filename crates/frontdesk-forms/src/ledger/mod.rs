//! What became of submissions, so that one drawn form is written once.

mod database;
mod flight;
mod memory;
mod outcome;
mod ticket;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Db, OwnTables};
use tokio::time::Instant;

use self::database::Database;
use self::flight::{Flight, Flights};
use self::memory::Memory;
pub use self::outcome::{Outcome, submission_digest};
pub use self::ticket::{SettleError, Ticket};
use crate::FormError;

/// The identity of a submission: random, drawn into the form and signed with it.
pub(crate) type Id = [u8; 16];
/// The digest of what was submitted.
pub(crate) type Digest = [u8; 32];

/// Remembers what became of submissions, by the random id that each drawn form carries. A form that is sent twice is
/// written once, and the second time gets the first answer.
///
/// A submission is claimed before it is looked at, and settled once its row is written. Equal submissions that come in
/// between wait, and then get the first one's outcome; if the first one was refused, the next one has its turn.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_forms::{Claim, Ledger, Outcome, Taken, submission_digest};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let ledger = Ledger::memory();
/// let (id, digest) = ([7; 16], submission_digest(["name", "Ada"]));
/// let wait = Duration::from_secs(5);
///
/// let Claim::Mine(ticket) = ledger.claim(id, digest, wait).await.unwrap() else { panic!() };
/// // The row is written here.
/// ticket.settle(Outcome::new("row 1")).await.unwrap();
///
/// let Claim::Taken(Taken::Repeat(outcome)) = ledger.claim(id, digest, wait).await.unwrap() else { panic!() };
/// assert_eq!(outcome.data(), "row 1");
/// # });
/// ```
///
/// # Where outcomes are kept
/// [`memory`](Self::memory) serves one process, and forgets when it ends. [`database`](Self::database) serves several
/// processes over one database, and remembers across restarts; where the form's own table is in the same database, the
/// outcome is part of the row's transaction ([`Ticket::settle_in`]), and not even a crash leads to a second row.
///
/// Outcomes are forgotten after [`keep_for`](Self::keep_for); the same submission is a new one then. Let forms live no
/// longer than that.
///
/// # Requests that are given up
/// A browser drops its first request when a button is pressed again, and servers then drop the handler where it stands.
/// Run what is written, from the claim on, in a task of its own, and wait for the task: it goes on without the request.
#[derive(Clone)]
pub struct Ledger(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    flights: Flights,
    store: Store,
}

#[derive(Clone)]
enum Store {
    Memory(Memory),
    Database(Database),
}

/// What [`Ledger::claim`] found.
#[derive(Debug)]
#[must_use = "a claim that is dropped is given back"]
pub enum Claim {
    /// The submission is the caller's to process. Equal ones wait until the ticket is settled or dropped.
    Mine(Ticket),
    /// Somebody else has processed it, or does so now.
    Taken(Taken),
}

/// What became of a submission that came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The same submission was accepted: answer as it was answered.
    Repeat(Outcome),
    /// A submission of the same drawn form was accepted, with other values. These here are not written.
    Changed(Outcome),
    /// Another one is being processed, and was not done within the time to wait. Trying again in a moment helps.
    Busy,
    /// Another one was being processed when its process ended: whether its row was written is not known.
    Unknown,
}

/// What a store knows of a submission.
#[derive(Clone, Debug)]
enum Found {
    Settled {
        digest: Digest,
        outcome: Outcome,
    },
    /// Somebody may be writing; `stale` if nobody is any more.
    Held {
        stale: bool,
    },
}

impl Found {
    /// What it means for a submission with that digest; `None` where somebody may still settle it.
    fn taken(self, digest: &Digest) -> Option<Taken> {
        match self {
            Self::Settled { digest: theirs, outcome } if theirs == *digest => Some(Taken::Repeat(outcome)),
            Self::Settled { outcome, .. } => Some(Taken::Changed(outcome)),
            Self::Held { stale: true } => Some(Taken::Unknown),
            Self::Held { stale: false } => None,
        }
    }
}

/// How long outcomes are kept unless said otherwise.
const KEPT: Duration = Duration::from_hours(24);
/// How many outcomes are kept in memory unless said otherwise.
const CAPACITY: usize = 100_000;
/// How long a claim in a database is taken for being worked on.
const LEASE: Duration = Duration::from_mins(1);
/// How often a claim that another process works on is looked at.
const LOOK: Duration = Duration::from_millis(100);

impl Ledger {
    /// A ledger in memory, for 100,000 outcomes.
    pub fn memory() -> Self {
        Self::of(Store::Memory(Memory::new(CAPACITY, KEPT)))
    }

    /// A ledger in the table `frontdesk_submissions` of a database, which is made when the first submission comes.
    ///
    /// It holds ids, digests and outcomes in clear, and no values that were typed unless the outcome has them. What is
    /// too old is removed now and then, and by [`sweep`](Self::sweep).
    pub fn database(db: &Db) -> Self {
        Self::of(Store::Database(Database::new(db.clone(), KEPT, LEASE)))
    }

    /// The table of a ledger in a database, as it is made when it is needed: to make it before, or to see how.
    pub const fn own_tables() -> OwnTables {
        database::TABLES
    }

    fn of(store: Store) -> Self {
        Self(Arc::new(Inner { flights: Flights::default(), store }))
    }

    /// Sets how long outcomes are kept. Default: 24 hours.
    ///
    /// Set it before the ledger is used: clones made earlier keep what they were told.
    #[must_use]
    pub fn keep_for(mut self, kept: Duration) -> Self {
        match &mut Arc::make_mut(&mut self.0).store {
            Store::Memory(memory) => memory.keep_for(kept),
            Store::Database(database) => database.kept = kept,
        }
        self
    }

    /// Sets how many outcomes are kept in memory at most; the oldest go first. Default: 100,000. A database keeps all.
    ///
    /// Set it before the ledger is used, as [`keep_for`](Self::keep_for).
    #[must_use]
    pub fn capacity(mut self, outcomes: usize) -> Self {
        if let Store::Memory(memory) = &mut Arc::make_mut(&mut self.0).store {
            memory.capacity(outcomes);
        }
        self
    }

    /// Sets for how long a claim that was [held](Ticket::hold) in a database is taken for being worked on by another
    /// process: until then an equal submission finds it [`Busy`](Taken::Busy), later [`Unknown`](Taken::Unknown).
    /// Default: one minute.
    ///
    /// Set it before the ledger is used, as [`keep_for`](Self::keep_for).
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        if let Store::Database(database) = &mut Arc::make_mut(&mut self.0).store {
            database.lease = lease;
        }
        self
    }

    /// Whether outcomes are kept in that database, so that [`Ticket::settle_in`] can make them part of a row's
    /// transaction.
    pub fn is_in(&self, db: &Db) -> bool {
        match &self.0.store {
            Store::Memory(_) => false,
            Store::Database(database) => database.db.is_same(db),
        }
    }

    /// Whether outcomes are kept in memory alone.
    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.0.store, Store::Memory(_))
    }

    /// Whether something may be known of a submission: `false` only if it was certainly never claimed.
    pub(crate) fn may_know(&self, id: &Id) -> bool {
        match &self.0.store {
            Store::Memory(memory) => self.0.flights.has(id) || memory.find(id).is_some(),
            Store::Database(_) => true,
        }
    }

    /// Claims a submission, or tells what became of it. If an equal one is being processed, this waits for it, `wait`
    /// at most.
    ///
    /// `digest` is that of what was submitted ([`submission_digest`]): with another digest than the accepted one's, the
    /// answer is [`Taken::Changed`].
    ///
    /// # Errors
    /// [`FormError`], if the ledger's database is in trouble. Nothing is claimed then.
    pub async fn claim(&self, id: Id, digest: Digest, wait: Duration) -> Result<Claim, FormError> {
        let deadline = Instant::now() + wait;
        let flight = loop {
            match self.0.flights.begin(id) {
                Ok(flight) => break flight,
                Err(other) => match tokio::time::timeout_at(deadline, other.ended()).await {
                    Err(_) => return Ok(Claim::Taken(Taken::Busy)),
                    Ok(Some(found)) => {
                        if let Some(taken) = found.taken(&digest) {
                            return Ok(Claim::Taken(taken));
                        }
                    }
                    // It was refused: the next one has its turn.
                    Ok(None) => {}
                },
            }
        };
        loop {
            let found = match &self.0.store {
                Store::Memory(memory) => memory.find(&id),
                Store::Database(database) => database.find(&id).await?,
            };
            let Some(found) = found else {
                return Ok(Claim::Mine(Ticket::new(Arc::clone(&self.0), flight, id, digest)));
            };
            if let Some(taken) = found.clone().taken(&digest) {
                flight.publish(found);
                return Ok(Claim::Taken(taken));
            }
            // Another process works on it, and cannot wake this one.
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Claim::Taken(Taken::Busy));
            }
            tokio::time::sleep(LOOK.min(left)).await;
        }
    }

    /// Forgets what is too old, and returns how many outcomes that were. The ledger also does so on its own, a part at a
    /// time.
    ///
    /// # Errors
    /// [`FormError`], if the ledger's database is in trouble.
    pub async fn sweep(&self) -> Result<u64, FormError> {
        match &self.0.store {
            Store::Memory(memory) => Ok(memory.sweep()),
            Store::Database(database) => database.sweep_all().await,
        }
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::memory()
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.store {
            Store::Memory(_) => f.write_str("Ledger::memory(..)"),
            Store::Database(database) => f.debug_tuple("Ledger::database").field(&database.db).finish(),
        }
    }
}
