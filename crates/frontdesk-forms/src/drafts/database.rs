//! Drafts in a table, shared by all processes that open the database.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use frontdesk_data::{Db, OwnTables, Value, WriteError};
use tokio::sync::OnceCell;

use super::{Kept, now};
use crate::FormError;

pub(super) const TABLES: OwnTables = OwnTables::new(
    "drafts",
    &["frontdesk_drafts"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_drafts (\
         place TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, sealed TEXT NOT NULL, \
         saved BIGINT NOT NULL, expires BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS frontdesk_drafts_owner ON frontdesk_drafts (owner, saved)",
        "CREATE INDEX IF NOT EXISTS frontdesk_drafts_expires ON frontdesk_drafts (expires)",
    ]],
);
const PUT: &str = "INSERT INTO frontdesk_drafts (place, owner, sealed, saved, expires) VALUES (?, ?, ?, ?, ?) \
    ON CONFLICT (place) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed, saved = excluded.saved, \
    expires = excluded.expires";
const TRIM: &str = "DELETE FROM frontdesk_drafts WHERE place IN \
    (SELECT place FROM frontdesk_drafts WHERE owner = ? AND place <> ? ORDER BY saved DESC LIMIT 1000 OFFSET ?)";
const GET: &str = "SELECT sealed FROM frontdesk_drafts WHERE place = ? AND expires > ?";
const ALL: &str = "SELECT place, sealed FROM frontdesk_drafts WHERE owner = ? AND expires > ?";
const REMOVE: &str = "DELETE FROM frontdesk_drafts WHERE place = ?";
const ERASE: &str = "DELETE FROM frontdesk_drafts WHERE owner = ?";
const SWEEP: &str = "DELETE FROM frontdesk_drafts WHERE place IN \
    (SELECT place FROM frontdesk_drafts WHERE expires <= ? LIMIT 1000)";
/// Removes those that were not saved for longest, beyond so many drafts or so many bytes.
const MAKE_ROOM: &str = "DELETE FROM frontdesk_drafts WHERE place IN (SELECT place FROM (\
    SELECT place, ROW_NUMBER() OVER newest AS number, SUM(octet_length(sealed)) OVER newest AS bytes \
    FROM frontdesk_drafts WINDOW newest AS (ORDER BY saved DESC, place ROWS UNBOUNDED PRECEDING)\
    ) WHERE number > ? OR bytes > ?)";

/// Which part of the capacity may come in before it is looked whether there is room: looking reads the whole index.
const PART: usize = 16;

/// How often saving also sweeps, in milliseconds.
const SWEEP_EVERY: i64 = 10 * 60 * 1000;

#[derive(Clone)]
pub(super) struct Database {
    db: Db,
    made: Arc<OnceCell<()>>,
    swept: Arc<AtomicI64>,
    /// How many drafts, and how many bytes in them.
    pub(super) capacity: (usize, usize),
    /// How much of both was saved since it was looked whether there is room; `None` before the first time.
    since: Arc<Mutex<Option<(usize, usize)>>>,
}

impl Database {
    pub(super) fn new(db: Db, capacity: (usize, usize)) -> Self {
        let swept = Arc::new(AtomicI64::new(now()));
        Self { db, made: Arc::default(), swept, capacity, since: Arc::default() }
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    async fn execute<const N: usize>(&self, sql: &'static str, params: [Value; N]) -> Result<u64, FormError> {
        self.make().await?;
        self.db.execute(sql, params).await.map_err(trouble)
    }

    async fn make(&self) -> Result<(), FormError> {
        let make = async || Ok(TABLES.make(&self.db).await?);
        self.made.get_or_try_init(make).await.copied()
    }

    pub(super) async fn put(&self, kept: Kept, per_owner: usize) -> Result<(), FormError> {
        self.sweep_now_and_then().await?;
        let Kept { owner, place, sealed, saved, expires } = kept;
        let size = sealed.len();
        let params =
            [place.clone().into(), owner.clone().into(), sealed.into(), saved.into(), expires.into()];
        self.execute(PUT, params).await?;
        let others = i64::try_from(per_owner.saturating_sub(1)).unwrap_or(i64::MAX);
        self.execute(TRIM, [owner.into(), place.into(), others.into()]).await?;
        if self.is_time_to_make_room(size) {
            let most = |most: usize| Value::from(i64::try_from(most).unwrap_or(i64::MAX));
            let removed = self.execute(MAKE_ROOM, [most(self.capacity.0), most(self.capacity.1)]).await?;
            if removed > 0 {
                tracing::warn!(removed, "there are too many drafts; the oldest are removed");
            }
        }
        Ok(())
    }

    /// Counts a draft that was saved.
    fn is_time_to_make_room(&self, size: usize) -> bool {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let part = |most: usize| (most / PART).max(1);
        match &mut *since {
            // Other processes, and this one before it was started again, count for themselves.
            None => {}
            Some((drafts, bytes)) => {
                (*drafts, *bytes) = (drafts.saturating_add(1), bytes.saturating_add(size));
                if *drafts < part(self.capacity.0) && *bytes < part(self.capacity.1) {
                    return false;
                }
            }
        }
        *since = Some((0, 0));
        true
    }

    pub(super) async fn get(&self, place: &str) -> Result<Option<String>, FormError> {
        self.make().await?;
        let rows = self.db.query(GET, [place.into(), now().into()]).await?;
        Ok(rows.first().and_then(|row| row["sealed"].as_str().map(str::to_owned)))
    }

    pub(super) async fn remove(&self, places: &[String]) -> Result<u64, FormError> {
        let mut removed = 0;
        for place in places {
            removed += self.execute(REMOVE, [place.as_str().into()]).await?;
        }
        Ok(removed)
    }

    /// The places of the owners, and what is sealed there.
    pub(super) async fn all(&self, owners: &[String]) -> Result<Vec<(String, String)>, FormError> {
        self.make().await?;
        let mut all = Vec::new();
        for owner in owners {
            let rows = self.db.query(ALL, [owner.as_str().into(), now().into()]).await?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            all.extend(rows.iter().map(|row| (text(&row["place"]), text(&row["sealed"]))));
        }
        Ok(all)
    }

    pub(super) async fn erase(&self, owners: &[String]) -> Result<u64, FormError> {
        let mut erased = 0;
        for owner in owners {
            erased += self.execute(ERASE, [owner.as_str().into()]).await?;
        }
        Ok(erased)
    }

    pub(super) async fn sweep_all(&self) -> Result<u64, FormError> {
        let mut all = 0;
        loop {
            let swept = self.execute(SWEEP, [now().into()]).await?;
            all += swept;
            if swept == 0 {
                return Ok(all);
            }
        }
    }

    /// A part at a time: a request does not pay for all that has piled up.
    async fn sweep_now_and_then(&self) -> Result<(), FormError> {
        let (now, last) = (now(), self.swept.load(Ordering::Relaxed));
        if now.saturating_sub(last) >= SWEEP_EVERY
            && self.swept.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.execute(SWEEP, [now.into()]).await?;
        }
        Ok(())
    }
}

/// The table has no rules that drafts could break: what is refused is the operator's matter.
fn trouble(error: WriteError) -> FormError {
    match error {
        WriteError::Db(error) => error.into(),
        refused => FormError::Unavailable(format!("frontdesk_drafts cannot be written: {refused}")),
    }
}
