//! Outcomes in a table, shared by all processes that open the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use frontdesk_data::{Db, OwnTables, Row, Transaction, Value, WriteError};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{Digest, Found, Id, Outcome, SettleError, Taken};
use crate::FormError;

pub(super) const TABLES: OwnTables = OwnTables::new(
    "submissions",
    &["frontdesk_submissions"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_submissions (\
         id TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT, \
         noted BIGINT NOT NULL, expires BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS frontdesk_submissions_expires ON frontdesk_submissions (expires)",
    ]],
);
const FIND: &str =
    "SELECT digest, state, outcome, noted FROM frontdesk_submissions WHERE id = ? AND expires > ?";
/// Changes no row where another one's claim or outcome stands; what is too old is no obstacle.
const CLAIM: &str = "INSERT INTO frontdesk_submissions (id, digest, state, outcome, noted, expires) \
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, state = excluded.state, \
    outcome = excluded.outcome, noted = excluded.noted, expires = excluded.expires \
    WHERE frontdesk_submissions.expires <= ?";
const SETTLE: &str = "INSERT INTO frontdesk_submissions (id, digest, state, outcome, noted, expires) \
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, state = excluded.state, \
    outcome = excluded.outcome, noted = excluded.noted, expires = excluded.expires \
    WHERE frontdesk_submissions.state = 'held' OR frontdesk_submissions.expires <= ?";
const RELEASE: &str = "DELETE FROM frontdesk_submissions WHERE id = ? AND state = 'held'";
const SWEEP: &str = "DELETE FROM frontdesk_submissions WHERE id IN \
    (SELECT id FROM frontdesk_submissions WHERE expires <= ? LIMIT 1000)";

/// How often a claim also sweeps, in milliseconds.
const SWEEP_EVERY: i64 = 10 * 60 * 1000;

#[derive(Clone)]
pub(super) struct Database {
    pub(super) db: Db,
    pub(super) kept: Duration,
    pub(super) lease: Duration,
    made: Arc<OnceCell<()>>,
    swept: Arc<AtomicI64>,
}

impl Database {
    pub(super) fn new(db: Db, kept: Duration, lease: Duration) -> Self {
        Self { db, kept, lease, made: Arc::default(), swept: Arc::new(AtomicI64::new(now())) }
    }

    async fn make(&self) -> Result<(), FormError> {
        let make = async || Ok(TABLES.make(&self.db).await?);
        self.made.get_or_try_init(make).await.copied()
    }

    pub(super) async fn find(&self, id: &Id) -> Result<Option<Found>, FormError> {
        self.make().await?;
        self.sweep_now_and_then().await;
        let now = now();
        let rows = self.db.query(FIND, [hex(id).into(), now.into()]).await?;
        Ok(rows.first().and_then(|row| self.read(row, now)))
    }

    fn read(&self, row: &Row, now: i64) -> Option<Found> {
        let noted = row["noted"].as_int()?;
        if row["state"].as_str() == Some("held") {
            return Some(Found::Held { stale: now.saturating_sub(noted) >= millis(self.lease) });
        }
        let at = Timestamp::from_millisecond(noted).ok()?;
        let outcome = Outcome::of(row["outcome"].as_str()?, at);
        Some(Found::Settled { digest: unhex(row["digest"].as_str()?)?, outcome })
    }

    fn values(&self, id: &Id, digest: &Digest, outcome: Option<&Outcome>) -> [Value; 7] {
        let now = now();
        [
            hex(id).into(),
            hex(digest).into(),
            if outcome.is_some() { "settled" } else { "held" }.into(),
            outcome.map_or(Value::Null, |outcome| outcome.data().into()),
            outcome.map_or(now, |outcome| outcome.at().as_millisecond()).into(),
            now.saturating_add(millis(self.kept)).into(),
            now.into(),
        ]
    }

    pub(super) async fn settle_in(
        &self,
        transaction: &Transaction,
        id: &Id,
        digest: &Digest,
        outcome: &Outcome,
    ) -> Result<(), SettleError> {
        let written = transaction.execute(CLAIM, self.values(id, digest, Some(outcome))).await;
        if written.map_err(trouble)? > 0 {
            return Ok(());
        }
        let now = now();
        let rows = transaction.query(FIND, [hex(id).into(), now.into()]).await.map_err(FormError::from)?;
        Err(self.lost(rows.first(), digest, now))
    }

    pub(super) async fn hold(&self, id: &Id, digest: &Digest) -> Result<(), SettleError> {
        self.make().await?;
        if self.db.execute(CLAIM, self.values(id, digest, None)).await.map_err(trouble)? > 0 {
            return Ok(());
        }
        let now = now();
        let rows = self.db.query(FIND, [hex(id).into(), now.into()]).await.map_err(FormError::from)?;
        Err(self.lost(rows.first(), digest, now))
    }

    /// The claim went to another process, which may not be done yet.
    fn lost(&self, row: Option<&Row>, digest: &Digest, now: i64) -> SettleError {
        let taken = row.and_then(|row| self.read(row, now)).and_then(|found| found.taken(digest));
        SettleError::Taken(taken.unwrap_or(Taken::Busy))
    }

    pub(super) async fn settle(&self, id: &Id, digest: &Digest, outcome: &Outcome) -> Result<(), FormError> {
        self.make().await?;
        self.db.execute(SETTLE, self.values(id, digest, Some(outcome))).await.map_err(trouble)?;
        Ok(())
    }

    pub(super) async fn release(&self, id: &Id) -> Result<(), FormError> {
        self.make().await?;
        self.db.execute(RELEASE, [hex(id).into()]).await.map_err(trouble)?;
        Ok(())
    }

    pub(super) async fn sweep_all(&self) -> Result<u64, FormError> {
        self.make().await?;
        let mut all = 0;
        loop {
            let swept = self.db.execute(SWEEP, [now().into()]).await.map_err(trouble)?;
            all += swept;
            if swept == 0 {
                return Ok(all);
            }
        }
    }

    /// A part at a time: a request does not pay for all that has piled up.
    async fn sweep_now_and_then(&self) {
        let (now, last) = (now(), self.swept.load(Ordering::Relaxed));
        if now.saturating_sub(last) < SWEEP_EVERY
            || self.swept.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return;
        }
        if let Err(error) = self.db.execute(SWEEP, [now.into()]).await {
            tracing::warn!(%error, "old submissions could not be removed");
        }
    }
}

/// The ledger's table has no rules that values could break: what is refused is the operator's matter.
fn trouble(error: WriteError) -> FormError {
    match error {
        WriteError::Db(error) => error.into(),
        refused => FormError::Unavailable(format!("frontdesk_submissions cannot be written: {refused}")),
    }
}

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways() {
        let digest: Digest = std::array::from_fn(|at| (at * 8) as u8);
        assert_eq!(unhex(&hex(&digest)), Some(digest));
        for text in ["", "é", &"g".repeat(64), &hex(&digest)[1..]] {
            assert_eq!(unhex(text), None);
        }
    }
}
