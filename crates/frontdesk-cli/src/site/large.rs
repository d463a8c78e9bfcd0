//! Tables of so many rows that not everything is offered: only what an index serves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use frontdesk_data::{DbError, Set, TableKind};

use super::query::{Listing, can_sort};

/// From how many rows on a table is large: to read and sort so many takes longer than a page may.
const LARGE: u64 = 50_000;

/// For how long it is taken for known whether a table is large, and what its indexes are.
const KNOWN: Duration = Duration::from_mins(1);

/// How long it may take to find out. What takes longer is large.
const TIME: Duration = Duration::from_millis(500);

/// What a large table offers.
#[derive(Debug)]
pub(crate) struct Large {
    /// The columns by which an index has the rows in order.
    sorts: Vec<Arc<str>>,
    /// The columns of whose texts the beginnings are found.
    pub(crate) searched: Vec<Arc<str>>,
}

/// What is known of the sizes of tables.
#[derive(Debug, Default)]
pub(crate) struct Sizes(Mutex<HashMap<Arc<str>, Known>>);

/// When a table was looked at, and what is large of it, if it is.
type Known = (Instant, Option<Arc<Large>>);

impl Sizes {
    /// What the table of a set of all rows offers if it is large; `None` if it is not, and offers everything.
    pub(crate) async fn of(&self, set: &Set) -> Option<Arc<Large>> {
        let table = set.table();
        let known = |sizes: &Self| {
            let sizes = sizes.0.lock().unwrap_or_else(PoisonError::into_inner);
            sizes
                .get(&table.name)
                .filter(|(since, _)| since.elapsed() < KNOWN)
                .map(|(_, large)| large.clone())
        };
        if let Some(large) = known(self) {
            return large;
        }
        let large = Large::of(set).await;
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.insert(Arc::clone(&table.name), (Instant::now(), large.clone()));
        large
    }
}

impl Large {
    /// What these rows offer if they are many; `None` if they are not. What somebody may not read does not count.
    pub(crate) async fn of(set: &Set) -> Option<Arc<Self>> {
        match Self::look(set).await {
            Ok(large) => large.map(Arc::new),
            Err(error) => {
                // The page says what is wrong when it reads the rows.
                tracing::debug!(table = &*set.table().name, %error, "the size of a table is not known");
                None
            }
        }
    }

    async fn look(set: &Set) -> Result<Option<Self>, DbError> {
        let table = set.table();
        // A view is as large as what it makes of others; nothing is known of it before.
        if table.kind != TableKind::Table {
            return Ok(None);
        }
        let is_large = match tokio::time::timeout(TIME, set.count_up_to(LARGE + 1)).await {
            Ok(count) => count? > LARGE,
            Err(_) => true,
        };
        if !is_large {
            return Ok(None);
        }
        let mut sorts = Vec::new();
        for field in table.fields.iter().filter(|field| can_sort(field)) {
            let sorted = set.clone().order_by(Arc::clone(&field.name)).limit(50);
            if !sorted.sorts_all().await? {
                sorts.push(Arc::clone(&field.name));
            }
        }
        Ok(Some(Self { sorts, searched: set.searched_by_index().await? }))
    }

    /// Whether rows can be ordered by that column.
    pub(crate) fn can_sort(&self, field: &str) -> bool {
        self.sorts.iter().any(|known| **known == *field)
    }

    /// Takes out of a list what the table does not offer.
    pub(crate) fn limit(&self, listing: &mut Listing) {
        let searches = !listing.search.is_empty() && !self.searched.is_empty();
        // What an index finds comes in the index's order.
        if searches || listing.sort.as_ref().is_some_and(|sort| !self.can_sort(&sort.field)) {
            listing.sort = None;
        }
    }

    /// The rows of `all`, which is not searched yet, that a search finds by an index; `None` if there is none to search by.
    pub(crate) async fn search(&self, all: &Set, text: &str) -> Result<Option<Set>, DbError> {
        if self.searched.is_empty() { Ok(None) } else { all.search_by_index(text).await }
    }
}
