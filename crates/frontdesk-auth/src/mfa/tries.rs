//! How often a code may be tried.
//!
//! A code of six digits is one of a million, and three of them are right at a time: whoever may try without end, finds one.
//! Five tries are free. Then there is a wait after each, of 30 seconds at first and twice as long each time, of 15 minutes
//! at most: some hundred tries a day. Only who knows the password gets so far as to try, so nobody else can make the user
//! wait. A right code ends it.

use std::time::Duration;

use frontdesk_data::{Db, OwnTables};
use frontdesk_web::Clock;

use super::store::{Store, number};
use crate::AuthError;

const TABLES: OwnTables = OwnTables::new(
    "factor tries",
    &["frontdesk_factor_tries"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_factor_tries (\
         account TEXT NOT NULL PRIMARY KEY, tries BIGINT NOT NULL, next BIGINT NOT NULL, expires BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS frontdesk_factor_tries_expires ON frontdesk_factor_tries (expires)",
    ]],
);
/// Counts a try before it is known whether it is right, so that many at once are many. Changes no row during a wait. Without
/// the casts PostgreSQL takes the times for numbers of 32 bits, as those beside them are.
const BEGIN: &str = "INSERT INTO frontdesk_factor_tries (account, tries, next, expires) VALUES (?, 1, 0, ?) \
    ON CONFLICT (account) DO UPDATE SET tries = frontdesk_factor_tries.tries + 1, expires = excluded.expires, \
    next = CASE WHEN frontdesk_factor_tries.tries < 4 THEN 0 \
    WHEN frontdesk_factor_tries.tries = 4 THEN CAST(? AS BIGINT) + 30000 \
    WHEN frontdesk_factor_tries.tries = 5 THEN CAST(? AS BIGINT) + 60000 \
    WHEN frontdesk_factor_tries.tries = 6 THEN CAST(? AS BIGINT) + 120000 \
    WHEN frontdesk_factor_tries.tries = 7 THEN CAST(? AS BIGINT) + 240000 \
    WHEN frontdesk_factor_tries.tries = 8 THEN CAST(? AS BIGINT) + 480000 \
    ELSE CAST(? AS BIGINT) + 900000 END WHERE frontdesk_factor_tries.next <= ?";
const NEXT: &str = "SELECT next FROM frontdesk_factor_tries WHERE account = ?";
const FORGIVE: &str = "DELETE FROM frontdesk_factor_tries WHERE account = ?";
const SWEEP: &str = "DELETE FROM frontdesk_factor_tries WHERE expires <= ?";

/// For how long tries are remembered after the last one, in milliseconds.
const REMEMBERED: i64 = 24 * 60 * 60 * 1000;

#[derive(Clone)]
pub(super) struct Tries {
    store: Store,
    clock: Clock,
    factor: &'static str,
}

/// A try that was counted.
#[must_use]
pub(super) struct Tried<'t> {
    tries: &'t Tries,
    account: String,
}

impl Tries {
    /// The tries of one factor.
    pub(super) fn new(db: &Db, factor: &'static str) -> Self {
        Self { store: Store::new(db, TABLES), clock: Clock::system(), factor }
    }

    pub(super) fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Counts a try of that user.
    ///
    /// # Errors
    /// [`AuthError::TooManyTries`] during a wait.
    pub(super) async fn begin(&self, user: &str) -> Result<Tried<'_>, AuthError> {
        let (account, now) = (format!("{}/{user}", self.factor), self.clock.now().as_millisecond());
        self.store.execute(SWEEP, [now.into()]).await?;
        let mut values = [const { frontdesk_data::Value::Null }; 9];
        (values[0], values[1]) = (account.as_str().into(), now.saturating_add(REMEMBERED).into());
        values[2..].fill(now.into());
        if self.store.execute(BEGIN, values).await? > 0 {
            return Ok(Tried { tries: self, account });
        }
        let row = self.store.row(NEXT, [account.into()]).await?;
        let next = row.map_or(Ok(now), |row| number(&row, "next"))?;
        let wait = u64::try_from(next.saturating_sub(now)).unwrap_or_default();
        Err(AuthError::TooManyTries { retry_after: Duration::from_millis(wait) })
    }
}

impl Tried<'_> {
    /// It was right: nothing is held against the user any more.
    pub(super) async fn forgive(self) -> Result<(), AuthError> {
        self.tries.store.execute(FORGIVE, [self.account.into()]).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mfa_02_after_five_tries_there_is_a_wait_that_grows() {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
        let tries = Tries::new(&db, "test").clock(clock.clone());
        for _ in 0..5 {
            let _ = tries.begin("1").await.unwrap();
        }
        let mut day = Duration::ZERO;
        for wait in [30, 60, 120, 240, 480, 900, 900, 900] {
            let Err(AuthError::TooManyTries { retry_after }) = tries.begin("1").await else {
                panic!("{wait}")
            };
            assert_eq!(retry_after, Duration::from_secs(wait));
            let _ = tries.begin("2").await.unwrap().forgive().await;
            clock.advance(retry_after - Duration::from_millis(1));
            assert!(tries.begin("1").await.is_err());
            clock.advance(Duration::from_millis(1));
            let _ = tries.begin("1").await.unwrap();
            day += retry_after;
        }
        assert!(day > Duration::from_mins(60));
        clock.advance(Duration::from_mins(15));
        tries.begin("1").await.unwrap().forgive().await.unwrap();
        for _ in 0..5 {
            let _ = tries.begin("1").await.unwrap();
        }
        assert!(tries.begin("1").await.is_err());
        clock.advance(Duration::from_hours(24));
        let _ = tries.begin("1").await.unwrap();
        let _ = tries.begin("1").await.unwrap();
    }

    #[tokio::test]
    async fn mfa_02_many_at_once_are_many() {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let tries = Tries::new(&db, "test");
        let all = futures_util::future::join_all((0..50).map(|_| tries.begin("1"))).await;
        assert_eq!(all.iter().filter(|tried| tried.is_ok()).count(), 5);
    }
}
