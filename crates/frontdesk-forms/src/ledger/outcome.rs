use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// What became of an accepted submission, as text of the caller's: enough to give the same answer again.
///
/// It hides its text in `Debug` output. Keep it short, since many are remembered, and free of what was typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    data: Arc<str>,
    at: Timestamp,
}

impl Outcome {
    /// An outcome of now.
    pub fn new(data: impl Into<Arc<str>>) -> Self {
        Self { data: data.into(), at: Timestamp::now() }
    }

    /// An outcome as it was stored.
    pub(super) fn of(data: impl Into<Arc<str>>, at: Timestamp) -> Self {
        Self { data: data.into(), at }
    }

    /// The caller's text.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// When it came about.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("at", &self.at).finish_non_exhaustive()
    }
}

/// The digest of what was submitted: SHA-256 over the parts, with the length of each before it.
///
/// ```
/// use frontdesk_forms::submission_digest;
///
/// assert_eq!(submission_digest(["name", "Ada"]), submission_digest([b"name".as_slice(), b"Ada"]));
/// assert_ne!(submission_digest(["name", "Ada"]), submission_digest(["nameA", "da"]));
/// ```
pub fn submission_digest<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
