//! How often somebody may do something: quotas, delays that grow, and where they are kept.
//!
//! A [`Limiter`] counts by [`LimitKey`]s, in memory, in a database or in Redis. It knows two ways to count: a [`Quota`] for
//! requests, and a [`Backoff`] for attempts to get in. [`RateLimitLayer`] lays a quota around a router.
//!
//! ```
//! use std::time::Duration;
//! use frontdesk_web::limits::{Backoff, LimitKey, Limited, Limiter, Quota};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let limiter = Limiter::memory();
//! let searches = Quota::new(2, Duration::from_secs(10));
//! let key = LimitKey::new("search").account("ada");
//!
//! assert!(limiter.take(&key, &searches).await.is_ok());
//! assert!(limiter.take(&key, &searches).await.is_ok());
//! let Err(Limited::Wait(wait)) = limiter.take(&key, &searches).await else { panic!() };
//! assert!(wait <= Duration::from_secs(5));
//! # });
//! ```

mod database;
mod key;
mod layer;
mod memory;
mod quota;
#[cfg(feature = "redis")]
mod redis;
mod store;

use std::fmt;
use std::sync::{Arc, Once};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use frontdesk_data::{Db, OwnTables};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

pub use self::key::LimitKey;
pub use self::layer::RateLimitLayer;
pub use self::quota::{Backoff, Quota, Verdict};
pub use self::store::{HashedKey, LimitStore, StoreTrouble};
use crate::{Clock, Problem, Purpose, Secret, Signer};

/// Counts, and says when it is too much. A cheap handle: clones count together.
#[derive(Clone, Debug)]
pub struct Limiter {
    store: Arc<dyn LimitStore>,
    keys: Purpose,
    clock: Clock,
}

/// What is left when something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Left {
    /// How many more may be done at once; for a [`Backoff`], how many attempts need not wait.
    pub remaining: u32,
    /// How long until all is as if nothing had been; for a [`Backoff`], how long the next attempt has to wait.
    pub reset: Duration,
}

/// Why something may not be done.
///
/// As a response it is 429, plain text, with `Retry-After`, or a problem document with 503.
#[derive(Debug, thiserror::Error)]
pub enum Limited {
    /// It was too much: not before that has passed.
    #[error("too many requests: wait for {} s", seconds(*.0))]
    Wait(Duration),
    /// Nobody knows, since the database or Redis cannot be asked.
    #[error("limits cannot be checked")]
    Unavailable(#[source] StoreTrouble),
}

impl Limited {
    /// How long to wait before asking again, in whole seconds: at least 1.
    pub fn retry_after(&self) -> u64 {
        match self {
            Self::Wait(wait) => seconds(*wait),
            Self::Unavailable(_) => 5,
        }
    }
}

impl IntoResponse for Limited {
    fn into_response(self) -> Response {
        let wait = [(RETRY_AFTER, HeaderValue::from(self.retry_after()))];
        match self {
            Self::Wait(_) => {
                let kind = HeaderValue::from_static("text/plain; charset=utf-8");
                (StatusCode::TOO_MANY_REQUESTS, wait, [(CONTENT_TYPE, kind)], "Too many requests")
                    .into_response()
            }
            Self::Unavailable(trouble) => {
                tracing::error!(error = %WithCause(&trouble), "a request is refused, since limits cannot be checked");
                let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE);
                (wait, problem.detail("Please try again in a moment.")).into_response()
            }
        }
    }
}

/// An error and what is behind it.
struct WithCause<'e>(&'e dyn std::error::Error);

impl fmt::Display for WithCause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Whole seconds, so that who waits so long has waited long enough.
fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl Limiter {
    /// How many keys of each kind are remembered in memory, unless more is asked for.
    pub const REMEMBERED: usize = 65_536;

    /// Limits in memory: each process counts for itself, and begins anew when it starts.
    ///
    /// At most [`REMEMBERED`](Self::REMEMBERED) keys of each kind are remembered, in up to 5 MiB. Whoever comes when it is
    /// full takes the place of the one that has asked least.
    pub fn memory() -> Self {
        Self::memory_for(Self::REMEMBERED)
    }

    /// As [`memory`](Self::memory), for about that many keys of each kind; each takes 40 bytes. The log says once that each
    /// process counts for itself.
    pub fn memory_for(keys: usize) -> Self {
        static TELL: Once = Once::new();
        TELL.call_once(|| tracing::info!("limits are kept in memory: each process counts for itself"));
        Self::with_store(memory::Memory::new(keys), &Signer::new(Secret::random()))
    }

    /// Limits in the table `frontdesk_limits` of a database, which is made when it is first needed: shared by all processes
    /// that use it, and kept when they start anew. They have to have the same secret, by which keys are hashed, and clocks
    /// that agree.
    pub fn database(db: &Db, signer: &Signer) -> Self {
        Self::with_store(database::Database::new(db), signer)
    }

    /// The tables of [`database`](Self::database).
    pub const fn own_tables() -> OwnTables {
        database::TABLES
    }

    /// Limits in Redis or Valkey, version 6 or newer, such as `redis://127.0.0.1/` or `rediss://:password@host/`: as with
    /// [`database`](Self::database).
    ///
    /// It connects when it is first asked. What Redis forgets when it starts anew is its own matter: switch its
    /// append-only file on.
    ///
    /// # Errors
    /// [`StoreTrouble`] if that is no address of Redis.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[cfg(feature = "redis")]
    pub fn redis(url: &str, signer: &Signer) -> Result<Self, StoreTrouble> {
        Ok(Self::with_store(redis::Redis::new(url)?, signer))
    }

    /// Limits in a store of your own. The signer hashes keys.
    pub fn with_store(store: impl LimitStore, signer: &Signer) -> Self {
        Self { store: Arc::new(store), keys: signer.purpose("limits"), clock: Clock::system() }
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Whether several processes count together. Where not, say so when you start: each process lets the whole quota
    /// through.
    pub fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    /// Counts one use of a quota.
    ///
    /// # Errors
    /// [`Limited`] if it is too much, which is not counted, or if the store cannot be asked.
    pub async fn take(&self, key: &LimitKey, quota: &Quota) -> Result<Left, Limited> {
        let verdict = self.store.take(self.hash(key), quota, self.clock.now()).await;
        settle(verdict)
    }

    /// Counts an attempt to get in as failed, before it is known how it ends: so of many at once no more are let through
    /// than one after the other. When it succeeds, [`forgive`](Self::forgive) it, or [`undo`](Self::undo) it.
    ///
    /// # Errors
    /// [`Limited`] if there were too many, and this one is not counted, or if the store cannot be asked.
    ///
    /// ```
    /// use frontdesk_web::limits::{Backoff, LimitKey, Limited, Limiter};
    ///
    /// # async fn matches(name: &str, password: &str) -> bool { true }
    /// async fn sign_in(limiter: &Limiter, name: &str, password: &str) -> Result<bool, Limited> {
    ///     let (key, backoff) = (LimitKey::new("login").account(name), Backoff::default());
    ///     limiter.begin(&key, &backoff).await?;
    ///     let is_right = matches(name, password).await;
    ///     if is_right {
    ///         limiter.forgive(&key).await?;
    ///     }
    ///     Ok(is_right)
    /// }
    /// ```
    pub async fn begin(&self, key: &LimitKey, backoff: &Backoff) -> Result<Left, Limited> {
        let verdict = self.store.begin(self.hash(key), backoff, self.clock.now()).await;
        settle(verdict)
    }

    /// Takes one attempt back that [`begin`](Self::begin) counted, and leaves the others. This is for keys that several
    /// accounts share, such as an address: whoever has one account there would otherwise get rid of the failures at others
    /// by signing in.
    ///
    /// # Errors
    /// [`Limited::Unavailable`].
    pub async fn undo(&self, key: &LimitKey, backoff: &Backoff) -> Result<(), Limited> {
        let done = self.store.undo(self.hash(key), backoff, self.clock.now()).await;
        done.map_err(Limited::Unavailable)
    }

    /// Forgets all attempts that [`begin`](Self::begin) counted.
    ///
    /// # Errors
    /// [`Limited::Unavailable`].
    pub async fn forgive(&self, key: &LimitKey) -> Result<(), Limited> {
        self.store.forgive(self.hash(key)).await.map_err(Limited::Unavailable)
    }

    fn hash(&self, key: &LimitKey) -> HashedKey {
        let digest = self.keys.digest(&[key.bytes()]);
        let (start, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
        HashedKey::new(*start)
    }
}

fn settle(verdict: Result<Verdict, StoreTrouble>) -> Result<Left, Limited> {
    match verdict {
        Ok(Verdict::Pass { remaining, reset }) => Ok(Left { remaining, reset }),
        Ok(Verdict::Wait(wait)) => Err(Limited::Wait(wait)),
        Err(trouble) => Err(Limited::Unavailable(trouble)),
    }
}
