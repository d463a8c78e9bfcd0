//! Sessions in Redis or Valkey.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};
use tokio::sync::OnceCell;

use super::{SessionChange, SessionHash, SessionInfo, SessionStore, SessionsOf};
use crate::{AuthError, UserId};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Each session is a hash with what never changes in `data`, and beside it what does; the hashes of a user's tokens are in a
/// sorted set, by the latest end of their sessions. Both go by themselves when that has come.
///
/// Keys: session, set of the user. Arguments: hash, data, last seen, expiry, authenticated, latest end (milliseconds), now.
static INSERT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "redis.call('HSET', KEYS[1], 'data', ARGV[2], 'last_seen', ARGV[3], 'expiry', ARGV[4], 'authenticated', ARGV[5]) \
         redis.call('PEXPIREAT', KEYS[1], ARGV[6]) \
         redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[7]) \
         redis.call('ZADD', KEYS[2], ARGV[6], ARGV[1]) \
         local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES') \
         redis.call('PEXPIREAT', KEYS[2], last[2]) \
         return 1",
    )
});
/// Never makes a session: what was deleted stays so. Arguments: names and values in turn.
static UPDATE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end \
         if #ARGV > 0 then redis.call('HSET', KEYS[1], unpack(ARGV)) end \
         return 1",
    )
});
/// Keys: old session, new session, set of the user. Arguments: old hash, new hash.
static RENAME: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end \
         redis.call('RENAME', KEYS[1], KEYS[2]) \
         local score = redis.call('ZSCORE', KEYS[3], ARGV[1]) \
         if score then redis.call('ZREM', KEYS[3], ARGV[1]) redis.call('ZADD', KEYS[3], score, ARGV[2]) end \
         return 1",
    )
});

pub(super) struct Redis {
    client: Client,
    manager: OnceCell<ConnectionManager>,
}

impl Redis {
    pub(super) fn new(url: &str) -> Result<Self, AuthError> {
        // The address may hold a password: the error does not show it.
        let client = Client::open(url).map_err(|error| {
            AuthError::Setup(format!(
                "the address of Redis is none ({}): write redis://HOST:PORT/DATABASE",
                error.kind_text()
            ))
        })?;
        Ok(Self { client, manager: OnceCell::new() })
    }

    async fn connection(&self) -> Result<ConnectionManager, AuthError> {
        let connect = async || {
            let config = ConnectionManagerConfig::new()
                .set_response_timeout(Some(PATIENCE))
                .set_connection_timeout(Some(PATIENCE))
                .set_number_of_retries(1);
            ConnectionManager::new_lazy_with_config(self.client.clone(), config).map_err(trouble)
        };
        self.manager.get_or_try_init(connect).await.cloned()
    }

    async fn get(&self, hash: &SessionHash) -> Result<Option<SessionInfo>, AuthError> {
        let mut connection = self.connection().await?;
        let fields: HashMap<String, String> =
            redis::cmd("HGETALL").arg(key(hash)).query_async(&mut connection).await.map_err(trouble)?;
        Ok(read(&fields, hash))
    }

    /// The hashes of a user's tokens.
    async fn hashes(&self, user: &UserId) -> Result<Vec<SessionHash>, AuthError> {
        let mut connection = self.connection().await?;
        let hashes: Vec<String> = redis::cmd("ZREVRANGE")
            .arg(set_of(user))
            .arg(0)
            .arg(-1)
            .query_async(&mut connection)
            .await
            .map_err(trouble)?;
        Ok(hashes.iter().filter_map(|hash| SessionHash::from_hex(hash)).collect())
    }

    async fn remove(&self, hash: &SessionHash, user: Option<&UserId>) -> Result<bool, AuthError> {
        let mut connection = self.connection().await?;
        let deleted: u64 =
            redis::cmd("DEL").arg(key(hash)).query_async(&mut connection).await.map_err(trouble)?;
        if let Some(user) = user {
            let _: u64 = redis::cmd("ZREM")
                .arg(set_of(user))
                .arg(hash.to_string())
                .query_async(&mut connection)
                .await
                .map_err(trouble)?;
        }
        Ok(deleted > 0)
    }
}

fn key(hash: &SessionHash) -> String {
    format!("frontdesk:session:{hash}")
}

fn set_of(user: &UserId) -> String {
    match user {
        UserId::Int(id) => format!("frontdesk:sessions:n{id}"),
        UserId::Text(id) => format!("frontdesk:sessions:t{id}"),
    }
}

fn read(fields: &HashMap<String, String>, hash: &SessionHash) -> Option<SessionInfo> {
    let mut session = SessionInfo::from_json(hash, fields.get("data")?)?;
    let at = |name: &str| Timestamp::from_millisecond(fields.get(name)?.parse().ok()?).ok();
    session.last_seen = at("last_seen")?;
    session.expiry = at("expiry")?;
    session.authenticated_at = at("authenticated")?;
    Some(session)
}

fn trouble(error: RedisError) -> AuthError {
    AuthError::Unavailable(format!("Redis: {error}"))
}

/// What kind of error it is, without the text, which may repeat what it is about.
trait KindText {
    fn kind_text(&self) -> String;
}

impl KindText for RedisError {
    fn kind_text(&self) -> String {
        format!("{:?}", self.kind())
    }
}

impl SessionStore for Redis {
    fn insert<'a>(
        &'a self,
        session: &'a SessionInfo,
        hash: &'a SessionHash,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let _: i64 = INSERT
                .key(key(hash))
                .key(set_of(&session.user_id))
                .arg(hash.to_string())
                .arg(session.to_json())
                .arg(session.last_seen.as_millisecond())
                .arg(session.expiry.as_millisecond())
                .arg(session.authenticated_at.as_millisecond())
                .arg(session.max_expiry.as_millisecond())
                .arg(session.created.as_millisecond())
                .invoke_async(&mut connection)
                .await
                .map_err(trouble)?;
            Ok(())
        })
    }

    fn find<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<Option<SessionInfo>, AuthError>> {
        Box::pin(self.get(hash))
    }

    fn update<'a>(
        &'a self,
        hash: &'a SessionHash,
        change: &'a SessionChange,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let mut call = UPDATE.key(key(hash));
            let parts = [
                ("last_seen", change.last_seen),
                ("expiry", change.expiry),
                ("authenticated", change.authenticated_at),
            ];
            for (name, at) in parts {
                if let Some(at) = at {
                    call.arg(name).arg(at.as_millisecond());
                }
            }
            let done: i64 = call.invoke_async(&mut connection).await.map_err(trouble)?;
            Ok(done == 1)
        })
    }

    fn rename<'a>(
        &'a self,
        hash: &'a SessionHash,
        new: &'a SessionHash,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async move {
            let Some(session) = self.get(hash).await? else { return Ok(false) };
            let mut connection = self.connection().await?;
            let done: i64 = RENAME
                .key(key(hash))
                .key(key(new))
                .key(set_of(&session.user_id))
                .arg(hash.to_string())
                .arg(new.to_string())
                .invoke_async(&mut connection)
                .await
                .map_err(trouble)?;
            Ok(done == 1)
        })
    }

    fn delete<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async move {
            let user = self.get(hash).await?.map(|session| session.user_id);
            self.remove(hash, user.as_ref()).await
        })
    }

    fn delete_of<'a>(
        &'a self,
        user: &'a UserId,
        which: SessionsOf<'a>,
    ) -> BoxFuture<'a, Result<u64, AuthError>> {
        Box::pin(async move {
            let mut deleted = 0;
            for hash in self.hashes(user).await? {
                let is_meant = match which {
                    SessionsOf::All => true,
                    SessionsOf::One(id) => self.get(&hash).await?.is_some_and(|session| *session.id == *id),
                    SessionsOf::AllBut(id) => self.get(&hash).await?.is_none_or(|session| *session.id != *id),
                };
                if is_meant && self.remove(&hash, Some(user)).await? {
                    deleted += 1;
                }
            }
            Ok(deleted)
        })
    }

    fn list<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<SessionInfo>, AuthError>> {
        Box::pin(async move {
            let mut sessions = Vec::new();
            for hash in self.hashes(user).await? {
                sessions.extend(self.get(&hash).await?);
            }
            sessions.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
            Ok(sessions)
        })
    }

    /// Redis does it by itself, when the latest end of a session has come.
    fn sweep(&self, _: Timestamp) -> BoxFuture<'_, Result<u64, AuthError>> {
        Box::pin(std::future::ready(Ok(0)))
    }
}
