//! Limits in a table, shared by all processes that open the database.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use frontdesk_data::{Db, DbError, OwnTables, Value, WriteError};
use frontdesk_validate::BoxFuture;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::quota::{self, Backoff, Quota, State, Verdict, instant};
use super::store::{HashedKey, LimitStore, StoreTrouble};

pub(super) const TABLES: OwnTables = OwnTables::new(
    "limits",
    &["frontdesk_limits"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_limits (\
         id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, n BIGINT NOT NULL, expires BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS frontdesk_limits_expires ON frontdesk_limits (expires)",
    ]],
);
const FIND: &str = "SELECT at, n FROM frontdesk_limits WHERE id = ?";
/// Changes no row where that would be one too many, whatever others did since the row was read.
const TAKE: &str = "INSERT INTO frontdesk_limits (id, at, n, expires) VALUES (?, ?, 0, ?) ON CONFLICT (id) DO UPDATE SET \
    at = (CASE WHEN frontdesk_limits.at > ? THEN frontdesk_limits.at ELSE ? END) + ?, n = 0, \
    expires = (CASE WHEN frontdesk_limits.at > ? THEN frontdesk_limits.at ELSE ? END) + ? \
    WHERE frontdesk_limits.n <= ? AND frontdesk_limits.at <= ?";
const INSERT: &str =
    "INSERT INTO frontdesk_limits (id, at, n, expires) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
/// Changes no row where somebody else did since it was read.
const SWAP: &str = "UPDATE frontdesk_limits SET at = ?, n = ?, expires = ? WHERE id = ? AND at = ? AND n = ?";
const TAKE_BACK: &str = "DELETE FROM frontdesk_limits WHERE id = ? AND at = ? AND n = ?";
const FORGIVE: &str = "DELETE FROM frontdesk_limits WHERE id = ?";
const SWEEP: &str = "DELETE FROM frontdesk_limits WHERE id IN \
    (SELECT id FROM frontdesk_limits WHERE expires <= ? LIMIT 1000)";

/// After how many writes rows that have expired are removed. A sweep removes more than were written since the last.
const SWEEP_AFTER: u32 = 500;
/// How often it is tried anew when others change the same row. Each time at least one of them came further.
const TRIES: usize = 40;
/// How long to wait for those whose tries were not enough.
const CROWDED: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Database {
    db: Db,
    made: OnceCell<()>,
    writes: AtomicU32,
}

impl Database {
    pub(super) fn new(db: &Db) -> Self {
        Self { db: db.clone(), made: OnceCell::new(), writes: AtomicU32::new(0) }
    }

    async fn find(&self, id: &Value) -> Result<Option<State>, StoreTrouble> {
        let make = async || TABLES.make(&self.db).await.map_err(trouble);
        self.made.get_or_try_init(make).await?;
        let rows = self.db.query(FIND, [id.clone()]).await.map_err(trouble)?;
        let Some(row) = rows.first() else { return Ok(None) };
        match (row["at"].as_int(), row["n"].as_int()) {
            (Some(at), Some(n)) => Ok(Some(State { at, n })),
            _ => Err(StoreTrouble::new("frontdesk_limits has a row that is none of ours")),
        }
    }

    async fn write<const N: usize>(
        &self,
        sql: &'static str,
        params: [Value; N],
    ) -> Result<bool, StoreTrouble> {
        let rows = self.db.execute(sql, params).await.map_err(refused)?;
        Ok(rows > 0)
    }

    /// Whether `new` is kept now in place of `old`, which was read.
    async fn swap(
        &self,
        id: &Value,
        old: Option<State>,
        new: State,
        expires: i64,
    ) -> Result<bool, StoreTrouble> {
        let new = [new.at.into(), new.n.into(), expires.into()];
        let ([at, n, expires], id) = (new, id.clone());
        match old {
            Some(old) => self.write(SWAP, [at, n, expires, id, old.at.into(), old.n.into()]).await,
            None => self.write(INSERT, [id, at, n, expires]).await,
        }
    }

    async fn try_take(&self, key: HashedKey, quota: &Quota, now: i64) -> Result<Verdict, StoreTrouble> {
        let id = quota_id(key);
        let terms = quota.terms();
        for _ in 0..TRIES {
            let old = self.find(&id).await?;
            let (new, verdict) = quota::take(old, quota, now);
            if let Verdict::Wait(_) = verdict {
                if old.is_some_and(|old| old != new) {
                    self.swap(&id, old, new, quota.expiry(new)).await?;
                }
                return Ok(verdict);
            }
            let first = now + terms.interval;
            let start = [Value::from(now), now.into(), terms.interval.into()];
            let ([a, b, c], [d, e, f]) = (start.clone(), start);
            let latest = now + terms.span - terms.interval;
            let params =
                [id.clone(), first.into(), first.into(), a, b, c, d, e, f, now.into(), latest.into()];
            if self.write(TAKE, params).await? {
                self.sweep_now_and_then(now).await;
                return Ok(verdict);
            }
        }
        Ok(Verdict::Wait(CROWDED))
    }

    async fn try_begin(&self, key: HashedKey, backoff: &Backoff, now: i64) -> Result<Verdict, StoreTrouble> {
        let id = delay_id(key);
        for _ in 0..TRIES {
            let old = self.find(&id).await?;
            let (new, verdict) = quota::begin(old, backoff, now);
            if let Verdict::Wait(_) = verdict {
                if old.is_some_and(|old| old != new) {
                    self.swap(&id, old, new, backoff.expiry(new)).await?;
                }
                return Ok(verdict);
            }
            if self.swap(&id, old, new, backoff.expiry(new)).await? {
                self.sweep_now_and_then(now).await;
                return Ok(verdict);
            }
        }
        Ok(Verdict::Wait(CROWDED))
    }

    async fn try_undo(&self, key: HashedKey, backoff: &Backoff, now: i64) -> Result<(), StoreTrouble> {
        let id = delay_id(key);
        for _ in 0..TRIES {
            let Some(old) = self.find(&id).await? else { return Ok(()) };
            let done = match quota::undo(old, backoff, now) {
                Some(new) => self.swap(&id, Some(old), new, backoff.expiry(new)).await?,
                None => self.write(TAKE_BACK, [id.clone(), old.at.into(), old.n.into()]).await?,
            };
            if done {
                break;
            }
        }
        Ok(())
    }

    async fn sweep_now_and_then(&self, now: i64) {
        if !self.writes.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_AFTER) {
            return;
        }
        if let Err(error) = self.write(SWEEP, [now.into()]).await {
            tracing::warn!(%error, "old limits could not be removed");
        }
    }
}

/// Quotas and delays have rows of their own.
fn quota_id(key: HashedKey) -> Value {
    format!("quota:{key}").into()
}

fn delay_id(key: HashedKey) -> Value {
    format!("delay:{key}").into()
}

fn trouble(error: DbError) -> StoreTrouble {
    StoreTrouble::new("limits cannot be read from the database").caused_by(error)
}

/// The table has no rules that values could break.
fn refused(error: WriteError) -> StoreTrouble {
    StoreTrouble::new("limits cannot be written to the database").caused_by(error)
}

impl LimitStore for Database {
    fn take<'s>(
        &'s self,
        key: HashedKey,
        quota: &'s Quota,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>> {
        Box::pin(self.try_take(key, quota, instant(now)))
    }

    fn begin<'s>(
        &'s self,
        key: HashedKey,
        backoff: &'s Backoff,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>> {
        Box::pin(self.try_begin(key, backoff, instant(now)))
    }

    fn undo<'s>(
        &'s self,
        key: HashedKey,
        backoff: &'s Backoff,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<(), StoreTrouble>> {
        Box::pin(self.try_undo(key, backoff, instant(now)))
    }

    fn forgive(&self, key: HashedKey) -> BoxFuture<'_, Result<(), StoreTrouble>> {
        Box::pin(async move {
            let id = delay_id(key);
            if self.find(&id).await?.is_some() {
                self.write(FORGIVE, [id]).await?;
            }
            Ok(())
        })
    }

    fn is_shared(&self) -> bool {
        true
    }
}
