use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{SessionChange, SessionHash, SessionInfo};
use crate::{AuthError, User, UserId, Users};

/// Which of a user's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionsOf<'a> {
    /// All of them.
    All,
    /// The one of that name.
    One(&'a str),
    /// All but the one of that name.
    AllBut(&'a str),
}

/// A session and its user, who may be gone.
pub type SessionOfUser = (SessionInfo, Option<User>);

/// Where sessions are kept, by the hashes of their tokens.
///
/// Two things are promised by every store: what was deleted stays deleted, whatever else is under way ([`update`](Self::update)
/// and [`rename`](Self::rename) never make a session anew); and a failing store is an error, never an empty answer.
pub trait SessionStore: Send + Sync + 'static {
    /// Adds a session.
    fn insert<'a>(
        &'a self,
        session: &'a SessionInfo,
        hash: &'a SessionHash,
    ) -> BoxFuture<'a, Result<(), AuthError>>;

    /// The session of that hash, whether it is over or not.
    fn find<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<Option<SessionInfo>, AuthError>>;

    /// The session of that hash and its user. A store that shares a database with the users may do both in one.
    fn find_with_user<'a>(
        &'a self,
        hash: &'a SessionHash,
        users: &'a Users,
    ) -> BoxFuture<'a, Result<Option<SessionOfUser>, AuthError>> {
        Box::pin(async move {
            let Some(session) = self.find(hash).await? else { return Ok(None) };
            let user = users.by_id(&session.user_id).await?;
            Ok(Some((session, user)))
        })
    }

    /// Changes a session that is there; tells whether it was.
    fn update<'a>(
        &'a self,
        hash: &'a SessionHash,
        change: &'a SessionChange,
    ) -> BoxFuture<'a, Result<bool, AuthError>>;

    /// Moves a session that is there to another hash; tells whether it was. The old hash is of no use from then on.
    fn rename<'a>(
        &'a self,
        hash: &'a SessionHash,
        new: &'a SessionHash,
    ) -> BoxFuture<'a, Result<bool, AuthError>>;

    /// Deletes a session; tells whether it was there.
    fn delete<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<bool, AuthError>>;

    /// Deletes sessions of a user; tells how many.
    fn delete_of<'a>(
        &'a self,
        user: &'a UserId,
        which: SessionsOf<'a>,
    ) -> BoxFuture<'a, Result<u64, AuthError>>;

    /// The sessions of a user, the newest first, half-open ones and such as are over among them.
    fn list<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<SessionInfo>, AuthError>>;

    /// Deletes sessions that were over by then; tells how many. Called now and then, it may do a part at a time, and is done
    /// where it answers 0.
    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, AuthError>>;
}
