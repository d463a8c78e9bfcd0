//! What keeps limits.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use frontdesk_validate::BoxFuture;
use jiff::Timestamp;

use super::{Backoff, Quota, Verdict};

/// What keeps limits: memory, a database, Redis, or something of your own, for
/// [`Limiter::with_store`](super::Limiter::with_store).
///
/// # Contract
/// Each operation is atomic: of any number that run at once, in any number of processes, no more pass than would one after
/// the other. What is kept outlives the process, unless [`is_shared`](Self::is_shared) says otherwise. A store that cannot
/// tell answers with an error, and never with [`Verdict::Pass`].
pub trait LimitStore: fmt::Debug + Send + Sync + 'static {
    /// Counts one use of a quota at the time `now`.
    fn take<'s>(
        &'s self,
        key: HashedKey,
        quota: &'s Quota,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>>;

    /// Counts an attempt, as failed, at the time `now`.
    fn begin<'s>(
        &'s self,
        key: HashedKey,
        backoff: &'s Backoff,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>>;

    /// Takes one attempt back.
    fn undo<'s>(
        &'s self,
        key: HashedKey,
        backoff: &'s Backoff,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<(), StoreTrouble>>;

    /// Forgets all attempts.
    fn forgive(&self, key: HashedKey) -> BoxFuture<'_, Result<(), StoreTrouble>>;

    /// Whether several processes count together in it.
    fn is_shared(&self) -> bool;
}

/// A key as a store sees it: 16 bytes of a keyed hash, which tell nothing of what was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashedKey([u8; 16]);

impl HashedKey {
    pub(super) fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(super) fn words(self) -> [u64; 2] {
        let number = u128::from_le_bytes(self.0);
        [number as u64, (number >> 64) as u64]
    }

    #[cfg(test)]
    pub(super) fn of_words(words: [u64; 2]) -> Self {
        Self((u128::from(words[0]) | u128::from(words[1]) << 64).to_le_bytes())
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for HashedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a store could not tell. The text is for operators and logs.
#[derive(Clone)]
pub struct StoreTrouble {
    message: Arc<str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl StoreTrouble {
    /// Trouble of that kind, such as `Redis does not answer`.
    pub fn new(message: impl Into<Arc<str>>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// Adds the error behind it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }
}

impl fmt::Display for StoreTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for StoreTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source.as_ref().map(ToString::to_string);
        f.debug_struct("StoreTrouble").field("message", &self.message).field("source", &source).finish()
    }
}

impl Error for StoreTrouble {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
