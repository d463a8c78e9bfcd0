use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use frontdesk_data::Db;
use frontdesk_web::Clock;
use jiff::Timestamp;

use super::database::Database;
use super::info::later;
use super::memory::Memory;
use super::token::random_id;
use super::{
    SessionChange, SessionHash, SessionInfo, SessionOfUser, SessionStore, SessionToken, SessionsOf, Visit,
};
use crate::{AuthError, HalfSignedIn, PasswordProof, SignedIn, User, UserId, Users};

/// How long a session lasts unless it is extended.
const EXPIRY: Duration = Duration::from_hours(1);
/// How long it lasts at most.
const MAX_EXPIRY: Duration = Duration::from_hours(7 * 24);
/// How long a half-open one lasts.
const HALF_OPEN: Duration = Duration::from_mins(10);
/// How many sessions a user may have; of more, the oldest end.
const MOST: usize = 100;
/// How often "last seen" is written at most.
const SEEN_EVERY: Duration = Duration::from_mins(1);
/// How often opening a session also sweeps, in milliseconds.
const SWEEP_EVERY: i64 = 10 * 60 * 1000;

/// The sessions of an application: who is signed in, and until when.
///
/// A session is a token of 256 random bits in a cookie, of which only the SHA-256 is stored. It ends after an hour, or later
/// where a guard [extends](Self::extend) it, but within seven days; when it is ended here; or when the password or the
/// rights of its user change. Visitors who are not signed in have none. All times are UTC.
///
/// Only [`SignedIn`], which nothing but the state machine of sign-in makes, opens one.
///
/// A cheap handle.
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn SessionStore>,
    clock: Clock,
    expiry: Duration,
    max_expiry: Duration,
    most: usize,
    swept: Arc<AtomicI64>,
}

/// A session that was just opened: the token for the cookie, and the rest.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenSession {
    /// The token.
    pub token: SessionToken,
    /// What is known of the session.
    pub info: SessionInfo,
}

impl Sessions {
    /// Sessions in the table `frontdesk_sessions`, which is made when it is first needed. Where the users are in
    /// `frontdesk_users` of the same database, a request costs one query for both.
    pub fn database(db: &Db) -> Self {
        Self::store(Database::new(db))
    }

    /// Sessions in memory, for one process until it ends; 100,000 at most.
    pub fn memory() -> Self {
        Self::store(Memory::new())
    }

    /// As [`memory`](Self::memory), with another limit. Of more sessions, those go first that end first.
    pub fn memory_of(capacity: usize) -> Self {
        Self::store(Memory::with_capacity(capacity.max(1)))
    }

    /// Sessions in Redis or Valkey, shared by all processes that use it: `redis://:password@127.0.0.1:6379/0`, or
    /// `rediss://` for TLS. It is connected to when it is first needed, and again when the connection is lost; while it
    /// cannot be reached, nobody is let in.
    ///
    /// # Warnings
    /// A Redis that comes back from an old snapshot has sessions in it that were ended since. Let it write its
    /// append-only file (`appendfsync everysec`), or keep nothing.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if the address is none.
    #[cfg(feature = "redis")]
    pub fn redis(url: &str) -> Result<Self, AuthError> {
        Ok(Self::store(super::redis::Redis::new(url)?))
    }

    /// Sessions in a store of your own.
    pub fn store(store: impl SessionStore) -> Self {
        Self {
            store: Arc::new(store),
            clock: Clock::system(),
            expiry: EXPIRY,
            max_expiry: MAX_EXPIRY,
            most: MOST,
            swept: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Sets how long the sessions that this handle opens last, unless they are extended. Default: 1 hour.
    #[must_use]
    pub fn expiry(self, expiry: Duration) -> Self {
        Self { expiry, ..self }
    }

    /// Sets how long the sessions that this handle opens last at most. Default: 7 days.
    #[must_use]
    pub fn max_expiry(self, max_expiry: Duration) -> Self {
        Self { max_expiry, ..self }
    }

    /// Sets how many sessions a user may have; of more, the oldest end. Default: 100.
    #[must_use]
    pub fn most_per_user(self, most: usize) -> Self {
        Self { most: most.max(1), ..self }
    }

    /// How long a session lasts at most: the age of its cookie.
    pub fn longest(&self) -> Duration {
        self.max_expiry
    }

    /// Opens a session for who has signed in. `replaces` is the token that the request brought, if any: its session ends.
    /// The new one has a token of its own, whatever was brought.
    ///
    /// # Errors
    /// [`AuthError`], if the store fails.
    pub async fn open(
        &self,
        signed_in: &SignedIn,
        visit: &Visit,
        replaces: Option<&str>,
    ) -> Result<OpenSession, AuthError> {
        let user = signed_in.user();
        let opened = self.insert(user, signed_in.at(), visit, false).await?;
        if let Some(old) = replaces.and_then(SessionHash::of) {
            self.store.delete(&old).await?;
        }
        self.keep_to_limits(&user.id).await;
        Ok(opened)
    }

    /// Opens a session without rights for who still owes a second factor; it lasts 10 minutes. Its token belongs into the
    /// [cookie for that](super::SessionCookie::half_open).
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_half(&self, half: &HalfSignedIn, visit: &Visit) -> Result<OpenSession, AuthError> {
        let opened = self.insert(half.user(), half.at(), visit, true).await?;
        self.keep_to_limits(&half.user().id).await;
        Ok(opened)
    }

    async fn insert(
        &self,
        user: &User,
        authenticated_at: Timestamp,
        visit: &Visit,
        is_half_open: bool,
    ) -> Result<OpenSession, AuthError> {
        let token = SessionToken::random()?;
        let (now, hash) = (self.now(), token.hash());
        let (expiry, max_expiry) = match is_half_open {
            true => (later(now, HALF_OPEN), later(now, HALF_OPEN)),
            false => (later(now, self.expiry.min(self.max_expiry)), later(now, self.max_expiry)),
        };
        let (address, user_agent) = visit.parts();
        let info = SessionInfo {
            id: random_id()?.into(),
            user_id: user.id.clone(),
            created: now,
            last_seen: now,
            expiry,
            max_expiry,
            authenticated_at,
            address,
            user_agent,
            is_half_open,
            epoch: user.epoch,
            hash,
        };
        self.store.insert(&info, &hash).await?;
        Ok(OpenSession { token, info })
    }

    /// What piles up is no reason to refuse a sign-in that has succeeded.
    async fn keep_to_limits(&self, user: &UserId) {
        let trim = async {
            let sessions = self.store.list(user).await?;
            for old in sessions.get(self.most..).unwrap_or_default() {
                self.store.delete(&old.hash).await?;
            }
            let (now, last) = (self.now().as_millisecond(), self.swept.load(Ordering::Relaxed));
            if now.saturating_sub(last) >= SWEEP_EVERY
                && self.swept.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
            {
                self.store.sweep(self.now()).await?;
            }
            Ok::<(), AuthError>(())
        };
        if let Err(error) = trim.await {
            tracing::warn!(%error, "old sessions could not be removed");
        }
    }

    /// The session of a token; nothing if there is none, if it is over, or if a second factor is still to come.
    ///
    /// Whether its user is still there and has changed nothing that ends it, [`find_user`](Self::find_user) asks.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn find(&self, token: &str) -> Result<Option<SessionInfo>, AuthError> {
        let Some(hash) = SessionHash::of(token) else { return Ok(None) };
        Ok(self.store.find(&hash).await?.filter(|session| self.is_full(session)))
    }

    /// The session of a token and its user: as [`find`](Self::find), and nothing if the user's password or rights have
    /// changed since. A user who was deleted is none.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn find_user(&self, token: &str, users: &Users) -> Result<Option<SessionOfUser>, AuthError> {
        Ok(self.look_up(token, users).await?.filter(|(session, _)| self.is_full(session)))
    }

    /// The half-open session of a token and its user, who may still sign in and has the same password as when it began.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn find_half(
        &self,
        token: &str,
        users: &Users,
    ) -> Result<Option<(SessionInfo, User)>, AuthError> {
        Ok(match self.look_up(token, users).await? {
            Some((session, Some(user)))
                if session.is_half_open && session.is_valid_at(self.now()) && user.active =>
            {
                Some((session, user))
            }
            _ => None,
        })
    }

    async fn look_up(&self, token: &str, users: &Users) -> Result<Option<SessionOfUser>, AuthError> {
        let Some(hash) = SessionHash::of(token) else { return Ok(None) };
        let found = self.store.find_with_user(&hash, users).await?;
        Ok(found.filter(|(session, user)| user.as_ref().is_none_or(|user| user.epoch == session.epoch)))
    }

    fn is_full(&self, session: &SessionInfo) -> bool {
        !session.is_half_open && session.is_valid_at(self.now())
    }

    /// Notes that a session is used. Where less than `increase` is left of it, so much is added, up to its latest end.
    ///
    /// It writes at most once a minute, and only to a session that is still there; returns it as it is then, or nothing if
    /// it has been ended meanwhile.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn extend(
        &self,
        session: SessionInfo,
        increase: Option<Duration>,
    ) -> Result<Option<SessionInfo>, AuthError> {
        let now = self.now();
        let mut change = SessionChange::default();
        if let Some(increase) = increase
            && session.expiry < later(now, increase)
            && session.expiry < session.max_expiry
        {
            change.expiry = Some(later(session.expiry, increase).min(session.max_expiry));
        }
        if change.expiry.is_some() || later(session.last_seen, SEEN_EVERY) <= now {
            change.last_seen = Some(now);
        }
        if change == SessionChange::default() {
            return Ok(Some(session));
        }
        if !self.store.update(&session.hash, &change).await? {
            return Ok(None);
        }
        let mut session = session;
        session.apply(&change);
        Ok(Some(session))
    }

    /// Notes that the user of a session has shown by the password once more who they are. Tells whether the session is
    /// still there and that user's.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn confirm(&self, session: &SessionInfo, proof: &PasswordProof) -> Result<bool, AuthError> {
        if proof.user().id != session.user_id || session.is_half_open {
            return Ok(false);
        }
        let change = SessionChange { authenticated_at: Some(proof.at()), ..SessionChange::default() };
        self.store.update(&session.hash, &change).await
    }

    /// Gives a session a new token, as after a second factor was set up; the old one is of no use from then on. Nothing if
    /// the session has been ended.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn rotate(&self, session: &SessionInfo) -> Result<Option<OpenSession>, AuthError> {
        let token = SessionToken::random()?;
        let hash = token.hash();
        if !self.store.rename(&session.hash, &hash).await? {
            return Ok(None);
        }
        Ok(Some(OpenSession { token, info: SessionInfo { hash, ..session.clone() } }))
    }

    /// Ends the session of a token, half-open or not; tells whether there was one.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn end(&self, token: &str) -> Result<bool, AuthError> {
        match SessionHash::of(token) {
            Some(hash) => self.store.delete(&hash).await,
            None => Ok(false),
        }
    }

    /// Ends one session of a user, by the [name](SessionInfo::id) that lists show.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn end_one(&self, user: &UserId, id: &str) -> Result<bool, AuthError> {
        Ok(self.store.delete_of(user, SessionsOf::One(id)).await? > 0)
    }

    /// Ends all sessions of a user but the one of that name; tells how many.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn end_others(&self, user: &UserId, keep: &str) -> Result<u64, AuthError> {
        self.store.delete_of(user, SessionsOf::AllBut(keep)).await
    }

    /// Ends all sessions of a user; tells how many.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn end_all(&self, user: &UserId) -> Result<u64, AuthError> {
        self.store.delete_of(user, SessionsOf::All).await
    }

    /// Where a user is signed in: their sessions that are not over, the newest first.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn list(&self, user: &User) -> Result<Vec<SessionInfo>, AuthError> {
        let mut sessions = self.store.list(&user.id).await?;
        sessions.retain(|session| self.is_full(session) && session.epoch == user.epoch);
        Ok(sessions)
    }

    /// Removes sessions that are over; tells how many. Opening sessions does a part of it every 10 minutes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn sweep(&self) -> Result<u64, AuthError> {
        let mut all = 0;
        loop {
            let swept = self.store.sweep(self.now()).await?;
            all += swept;
            if swept == 0 {
                return Ok(all);
            }
        }
    }

    /// As precise as what stores keep.
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions")
            .field("expiry", &self.expiry)
            .field("max_expiry", &self.max_expiry)
            .finish_non_exhaustive()
    }
}
