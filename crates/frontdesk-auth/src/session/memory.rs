//! Sessions in memory: for one process, until it ends.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{SessionChange, SessionHash, SessionInfo, SessionStore, SessionsOf};
use crate::{AuthError, UserId};

/// How many sessions are kept; of more, those go first that end first.
const CAPACITY: usize = 100_000;

pub(super) struct Memory {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<SessionHash, SessionInfo>,
    of_users: HashMap<UserId, HashSet<SessionHash>>,
    /// By when they end.
    ends: BTreeSet<(Timestamp, SessionHash)>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end(session: &SessionInfo) -> Timestamp {
    session.expiry.min(session.max_expiry)
}

impl State {
    fn put(&mut self, hash: SessionHash, session: SessionInfo) {
        self.ends.insert((end(&session), hash));
        self.of_users.entry(session.user_id.clone()).or_default().insert(hash);
        self.sessions.insert(hash, session);
    }

    fn take(&mut self, hash: &SessionHash) -> Option<SessionInfo> {
        let session = self.sessions.remove(hash)?;
        self.ends.remove(&(end(&session), *hash));
        if let Some(of_user) = self.of_users.get_mut(&session.user_id) {
            of_user.remove(hash);
            if of_user.is_empty() {
                self.of_users.remove(&session.user_id);
            }
        }
        Some(session)
    }

    fn of(&self, user: &UserId) -> Vec<SessionHash> {
        self.of_users.get(user).into_iter().flatten().copied().collect()
    }
}

fn now<T: Send + 'static>(value: T) -> BoxFuture<'static, Result<T, AuthError>> {
    Box::pin(ready(Ok(value)))
}

impl SessionStore for Memory {
    fn insert<'a>(
        &'a self,
        session: &'a SessionInfo,
        hash: &'a SessionHash,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        let mut state = self.lock();
        while state.sessions.len() >= self.capacity {
            let Some((_, first)) = state.ends.first().copied() else { break };
            state.take(&first);
        }
        state.put(*hash, SessionInfo { hash: *hash, ..session.clone() });
        now(())
    }

    fn find<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<Option<SessionInfo>, AuthError>> {
        now(self.lock().sessions.get(hash).cloned())
    }

    fn update<'a>(
        &'a self,
        hash: &'a SessionHash,
        change: &'a SessionChange,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        let mut state = self.lock();
        let Some(mut session) = state.take(hash) else { return now(false) };
        session.apply(change);
        state.put(*hash, session);
        now(true)
    }

    fn rename<'a>(
        &'a self,
        hash: &'a SessionHash,
        new: &'a SessionHash,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        let mut state = self.lock();
        let Some(session) = state.take(hash) else { return now(false) };
        state.put(*new, SessionInfo { hash: *new, ..session });
        now(true)
    }

    fn delete<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<bool, AuthError>> {
        now(self.lock().take(hash).is_some())
    }

    fn delete_of<'a>(
        &'a self,
        user: &'a UserId,
        which: SessionsOf<'a>,
    ) -> BoxFuture<'a, Result<u64, AuthError>> {
        let mut state = self.lock();
        let mut deleted = 0;
        for hash in state.of(user) {
            let is_meant = state.sessions.get(&hash).is_some_and(|session| match which {
                SessionsOf::All => true,
                SessionsOf::One(id) => *session.id == *id,
                SessionsOf::AllBut(id) => *session.id != *id,
            });
            if is_meant && state.take(&hash).is_some() {
                deleted += 1;
            }
        }
        now(deleted)
    }

    fn list<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<SessionInfo>, AuthError>> {
        let state = self.lock();
        let mut sessions: Vec<SessionInfo> =
            state.of(user).iter().filter_map(|hash| state.sessions.get(hash).cloned()).collect();
        sessions.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        now(sessions)
    }

    fn sweep(&self, at: Timestamp) -> BoxFuture<'_, Result<u64, AuthError>> {
        let mut state = self.lock();
        let mut swept = 0;
        while let Some((end, first)) = state.ends.first().copied() {
            if end > at {
                break;
            }
            state.take(&first);
            swept += 1;
        }
        now(swept)
    }
}
