use std::sync::Arc;

use crate::statement::Written;
use crate::{Row, RowDigest, RowId};

/// What a row must still be for a write to be done: the digest of some of its columns as they were loaded.
///
/// Take the columns that whoever changes the row has seen; a change of another one is no conflict then. See
/// [`Db::update_if`](crate::Db::update_if).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The columns, in the order in which they entered the digest.
    pub columns: Arc<[Arc<str>]>,
    /// Their digest.
    pub digest: RowDigest,
}

impl Guard {
    /// These columns shall have that digest.
    pub fn new<N: Into<Arc<str>>>(columns: impl IntoIterator<Item = N>, digest: RowDigest) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), digest }
    }

    /// These columns shall still be what they are in `row`.
    pub fn of<N: Into<Arc<str>>>(row: &Row, columns: impl IntoIterator<Item = N>) -> Self {
        let columns: Arc<[Arc<str>]> = columns.into_iter().map(Into::into).collect();
        Self { digest: row.digest(&*columns), columns }
    }

    /// Whether the row is what the guard says.
    pub fn holds_for(&self, row: &Row) -> bool {
        row.digest(&*self.columns) == self.digest
    }
}

/// What became of a write under a [`Guard`].
#[derive(Clone, Debug, PartialEq)]
pub enum Guarded {
    /// It is done. The identity is the row's from now on; of one that was deleted, that which it had.
    Done(RowId),
    /// Somebody has changed the row since; nothing is written.
    Changed,
    /// There is no such row any more.
    Gone,
}

impl Guarded {
    /// What the write of the row of `id` did.
    pub(crate) fn from(written: Written, id: &RowId) -> Self {
        match written {
            Written { changed: true, .. } => Self::Changed,
            Written { rows: 0, .. } => Self::Gone,
            Written { id: new, .. } => Self::Done(new.unwrap_or_else(|| id.clone())),
        }
    }
}
