//! Sessions in a table.

use std::sync::{Arc, LazyLock};

use frontdesk_data::{Db, OwnTables};
use frontdesk_validate::Value;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{SessionChange, SessionHash, SessionInfo, SessionOfUser, SessionStore, SessionsOf};
use crate::user::{OWN_COLUMNS, read_own};
use crate::{AuthError, UserId, Users};

const TABLES: OwnTables = OwnTables::new(
    "sessions",
    &["frontdesk_sessions"],
    &[&[
        // The number of a user is kept beside the text, so that a join finds them by the index of their table.
        "CREATE TABLE IF NOT EXISTS frontdesk_sessions (\
         hash TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, user_id TEXT NOT NULL, user_number BIGINT, \
         half_open BIGINT NOT NULL, epoch BIGINT NOT NULL, created BIGINT NOT NULL, last_seen BIGINT NOT NULL, \
         expiry BIGINT NOT NULL, max_expiry BIGINT NOT NULL, authenticated BIGINT NOT NULL, address TEXT, \
         user_agent TEXT)",
        "CREATE INDEX IF NOT EXISTS frontdesk_sessions_user ON frontdesk_sessions (user_id)",
        "CREATE INDEX IF NOT EXISTS frontdesk_sessions_expiry ON frontdesk_sessions (expiry)",
    ]],
);

macro_rules! columns {
    () => {
        "s.hash AS s_hash, s.id AS s_id, s.user_id AS s_user_id, s.user_number AS s_user_number, \
         s.half_open AS s_half_open, s.epoch AS s_epoch, s.created AS s_created, s.last_seen AS s_last_seen, \
         s.expiry AS s_expiry, s.max_expiry AS s_max_expiry, s.authenticated AS s_authenticated, \
         s.address AS s_address, s.user_agent AS s_user_agent"
    };
}
/// How many columns these are.
const WIDTH: usize = 13;

static FIND: LazyLock<Arc<str>> =
    LazyLock::new(|| concat!("SELECT ", columns!(), " FROM frontdesk_sessions s WHERE s.hash = ?").into());
static FIND_WITH_USER: LazyLock<Arc<str>> = LazyLock::new(|| {
    [
        concat!("SELECT ", columns!(), ", "),
        OWN_COLUMNS,
        " FROM frontdesk_sessions s LEFT JOIN frontdesk_users u ON u.id = s.user_number WHERE s.hash = ?",
    ]
    .concat()
    .into()
});
const INSERT: &str = "INSERT INTO frontdesk_sessions (hash, id, user_id, user_number, half_open, epoch, created, \
    last_seen, expiry, max_expiry, authenticated, address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const RENAME: &str = "UPDATE frontdesk_sessions SET hash = ? WHERE hash = ?";
const DELETE: &str = "DELETE FROM frontdesk_sessions WHERE hash = ?";
const DELETE_ALL: &str = "DELETE FROM frontdesk_sessions WHERE user_id = ?";
const DELETE_ONE: &str = "DELETE FROM frontdesk_sessions WHERE user_id = ? AND id = ?";
const DELETE_OTHERS: &str = "DELETE FROM frontdesk_sessions WHERE user_id = ? AND id <> ?";
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM frontdesk_sessions s WHERE s.user_id = ? ORDER BY s.created DESC, s.id DESC LIMIT 1000"
);
const SWEEP: &str = "DELETE FROM frontdesk_sessions WHERE hash IN \
    (SELECT hash FROM frontdesk_sessions WHERE expiry <= ? LIMIT 1000)";

pub(super) struct Database {
    db: Db,
    made: OnceCell<()>,
}

impl Database {
    pub(super) fn new(db: &Db) -> Self {
        Self { db: db.clone(), made: OnceCell::new() }
    }

    async fn make(&self) -> Result<(), AuthError> {
        let make = async || Ok(TABLES.make(&self.db).await?);
        self.made.get_or_try_init(make).await.copied()
    }

    async fn execute(
        &self,
        sql: &'static str,
        params: impl IntoIterator<Item = Value>,
    ) -> Result<u64, AuthError> {
        self.make().await?;
        Ok(self.db.execute(sql, params).await?)
    }
}

/// The session in what a row has for [`columns!`].
fn read(values: &[Value], hash: &SessionHash) -> Option<SessionInfo> {
    let [
        _,
        id,
        user_text,
        user_number,
        half_open,
        epoch,
        created,
        last_seen,
        expiry,
        max_expiry,
        authenticated,
        address,
        agent,
    ] = values.get(..WIDTH)?
    else {
        return None;
    };
    let at = |value: &Value| Timestamp::from_millisecond(value.as_int()?).ok();
    Some(SessionInfo {
        id: id.as_str()?.into(),
        user_id: match user_number.as_int() {
            Some(id) => UserId::Int(id),
            None => UserId::Text(user_text.as_str()?.into()),
        },
        created: at(created)?,
        last_seen: at(last_seen)?,
        expiry: at(expiry)?,
        max_expiry: at(max_expiry)?,
        authenticated_at: at(authenticated)?,
        address: address.as_str().map(Into::into),
        user_agent: agent.as_str().map(Into::into),
        is_half_open: half_open.as_int()? != 0,
        epoch: epoch.as_int()?,
        hash: *hash,
    })
}

fn millis(at: Timestamp) -> Value {
    at.as_millisecond().into()
}

impl SessionStore for Database {
    fn insert<'a>(
        &'a self,
        session: &'a SessionInfo,
        hash: &'a SessionHash,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        let number = match session.user_id {
            UserId::Int(id) => id.into(),
            UserId::Text(_) => Value::Null,
        };
        let values = [
            hash.to_string().into(),
            (&*session.id).into(),
            session.user_id.to_string().into(),
            number,
            i64::from(session.is_half_open).into(),
            session.epoch.into(),
            millis(session.created),
            millis(session.last_seen),
            millis(session.expiry),
            millis(session.max_expiry),
            millis(session.authenticated_at),
            session.address.as_deref().into(),
            session.user_agent.as_deref().into(),
        ];
        Box::pin(async move { self.execute(INSERT, values).await.map(drop) })
    }

    fn find<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<Option<SessionInfo>, AuthError>> {
        Box::pin(async move {
            self.make().await?;
            let rows = self.db.query(Arc::clone(&FIND), [hash.to_string().into()]).await?;
            Ok(rows.first().and_then(|row| read(row.values(), hash)))
        })
    }

    fn find_with_user<'a>(
        &'a self,
        hash: &'a SessionHash,
        users: &'a Users,
    ) -> BoxFuture<'a, Result<Option<SessionOfUser>, AuthError>> {
        Box::pin(async move {
            // Users that are not in our table, or elsewhere, cost a second look.
            if !users.can_join(&self.db).await? {
                let Some(session) = self.find(hash).await? else { return Ok(None) };
                let user = users.by_id(&session.user_id).await?;
                return Ok(Some((session, user)));
            }
            self.make().await?;
            let rows = self.db.query(Arc::clone(&FIND_WITH_USER), [hash.to_string().into()]).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let Some(session) = read(row.values(), hash) else { return Ok(None) };
            let user = row.values().get(WIDTH..).and_then(read_own);
            Ok(Some((session, user)))
        })
    }

    fn update<'a>(
        &'a self,
        hash: &'a SessionHash,
        change: &'a SessionChange,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async move {
            let parts = [
                (change.last_seen, "last_seen = ?"),
                (change.expiry, "expiry = ?"),
                (change.authenticated_at, "authenticated = ?"),
            ];
            let (sets, mut params): (Vec<&str>, Vec<Value>) =
                parts.into_iter().filter_map(|(at, set)| Some((set, millis(at?)))).unzip();
            if sets.is_empty() {
                return Ok(self.find(hash).await?.is_some());
            }
            params.push(hash.to_string().into());
            self.make().await?;
            let sql = format!("UPDATE frontdesk_sessions SET {} WHERE hash = ?", sets.join(", "));
            Ok(self.db.execute(sql, params).await? > 0)
        })
    }

    fn rename<'a>(
        &'a self,
        hash: &'a SessionHash,
        new: &'a SessionHash,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        let values = [new.to_string().into(), hash.to_string().into()];
        Box::pin(async move { Ok(self.execute(RENAME, values).await? > 0) })
    }

    fn delete<'a>(&'a self, hash: &'a SessionHash) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async move { Ok(self.execute(DELETE, [hash.to_string().into()]).await? > 0) })
    }

    fn delete_of<'a>(
        &'a self,
        user: &'a UserId,
        which: SessionsOf<'a>,
    ) -> BoxFuture<'a, Result<u64, AuthError>> {
        let user: Value = user.to_string().into();
        Box::pin(async move {
            match which {
                SessionsOf::All => self.execute(DELETE_ALL, [user]).await,
                SessionsOf::One(id) => self.execute(DELETE_ONE, [user, id.into()]).await,
                SessionsOf::AllBut(id) => self.execute(DELETE_OTHERS, [user, id.into()]).await,
            }
        })
    }

    fn list<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<SessionInfo>, AuthError>> {
        Box::pin(async move {
            self.make().await?;
            let rows = self.db.query(LIST, [user.to_string().into()]).await?;
            let read = |values: &[Value]| read(values, &SessionHash::from_hex(values.first()?.as_str()?)?);
            Ok(rows.iter().filter_map(|row| read(row.values())).collect())
        })
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, AuthError>> {
        Box::pin(self.execute(SWEEP, [millis(now)]))
    }
}
