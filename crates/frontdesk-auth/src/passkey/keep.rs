//! The tables of passkeys.

use frontdesk_data::{OwnTables, Row};
use jiff::Timestamp;
use uuid::Uuid;
use webauthn_rs::prelude as webauthn;

use super::{Passkey, PasskeyError};
use crate::mfa::{Store, number, text};
use crate::{AuthError, User, UserId};

pub(super) const TABLES: OwnTables = OwnTables::new(
    "passkeys",
    &["frontdesk_passkeys", "frontdesk_passkey_users", "frontdesk_used_challenges"],
    &[&[
        // `user_key` tells what kind of key the user's is; `credential` has the public key, and its counter and flags too.
        "CREATE TABLE IF NOT EXISTS frontdesk_passkeys (\
         id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, user_key TEXT NOT NULL, credential_id TEXT NOT NULL UNIQUE, \
         credential TEXT NOT NULL, counter BIGINT NOT NULL, backed_up BIGINT NOT NULL, name TEXT NOT NULL, \
         created BIGINT NOT NULL, last_used BIGINT)",
        "CREATE INDEX IF NOT EXISTS frontdesk_passkeys_user ON frontdesk_passkeys (user_id, created)",
        "CREATE TABLE IF NOT EXISTS frontdesk_passkey_users (\
         user_id TEXT NOT NULL PRIMARY KEY, handle TEXT NOT NULL UNIQUE)",
        "CREATE TABLE IF NOT EXISTS frontdesk_used_challenges (id TEXT NOT NULL PRIMARY KEY, expires BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS frontdesk_used_challenges_expires ON frontdesk_used_challenges (expires)",
    ]],
);
const ALL: &str = "SELECT id, name, created, last_used, backed_up, credential FROM frontdesk_passkeys \
    WHERE user_id = ? ORDER BY created, id";
const FIND: &str = "SELECT passkey.id AS id, passkey.user_key AS user_key, passkey.user_id AS user_id, \
    passkey.credential AS credential, owner.handle AS handle FROM frontdesk_passkeys passkey \
    JOIN frontdesk_passkey_users owner ON owner.user_id = passkey.user_id WHERE passkey.credential_id = ?";
const ADD: &str = "INSERT INTO frontdesk_passkeys \
    (id, user_id, user_key, credential_id, credential, counter, backed_up, name, created) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credential_id) DO NOTHING";
/// A counter only goes up, where the passkey counts at all: of two answers with the same count, one changes the row.
const USED: &str = "UPDATE frontdesk_passkeys SET credential = ?, counter = ?, backed_up = ?, last_used = ? \
    WHERE id = ? AND (counter < ? OR (counter = 0 AND ? = 0))";
const RENAME: &str = "UPDATE frontdesk_passkeys SET name = ? WHERE id = ? AND user_id = ?";
const REMOVE: &str = "DELETE FROM frontdesk_passkeys WHERE id = ? AND user_id = ? \
    AND (SELECT count(*) FROM frontdesk_passkeys others WHERE others.user_id = ?) > ?";
const REMOVE_ALL: &str = "DELETE FROM frontdesk_passkeys WHERE user_id = ?";
const REMOVE_HANDLE: &str = "DELETE FROM frontdesk_passkey_users WHERE user_id = ?";
/// Changes nothing, but whoever else wants to waits until the transaction ends.
const LOCK: &str = "UPDATE frontdesk_passkey_users SET handle = handle WHERE user_id = ?";
const HANDLE: &str = "SELECT handle FROM frontdesk_passkey_users WHERE user_id = ?";
const ADD_HANDLE: &str =
    "INSERT INTO frontdesk_passkey_users (user_id, handle) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING";

/// A passkey that an answer names.
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) user: UserId,
    pub(super) handle: Uuid,
    pub(super) credential: webauthn::Passkey,
}

pub(super) async fn find(store: &Store, credential_id: &[u8]) -> Result<Option<Kept>, AuthError> {
    let Some(row) = store.row(FIND, [base64url(credential_id).into()]).await? else { return Ok(None) };
    Ok(Some(Kept {
        id: text(&row, "id")?.to_owned(),
        user: user_of(&row)?,
        handle: Uuid::parse_str(text(&row, "handle")?).map_err(broken)?,
        credential: serde_json::from_str(text(&row, "credential")?).map_err(broken)?,
    }))
}

pub(super) async fn all(store: &Store, user: &User) -> Result<Vec<(Passkey, webauthn::Passkey)>, AuthError> {
    let rows = store.rows(ALL, [user.id.to_string().into()]).await?;
    rows.iter()
        .map(|row| {
            let passkey = Passkey {
                id: text(row, "id")?.to_owned(),
                name: text(row, "name")?.to_owned(),
                created: time(number(row, "created")?)?,
                last_used: row["last_used"].as_int().map(time).transpose()?,
                is_backed_up: number(row, "backed_up")? != 0,
            };
            Ok((passkey, serde_json::from_str(text(row, "credential")?).map_err(broken)?))
        })
        .collect()
}

/// The random name by which the user's passkeys know them. It says nothing about who that is.
pub(super) async fn handle(store: &Store, user: &User) -> Result<Uuid, AuthError> {
    let user = user.id.to_string();
    let fresh = Uuid::new_v4().to_string();
    store.execute(ADD_HANDLE, [user.as_str().into(), fresh.into()]).await?;
    let row = store.row(HANDLE, [user.into()]).await?;
    let row = row.ok_or_else(|| AuthError::Fault("the handle of a user was removed meanwhile".to_owned()))?;
    Uuid::parse_str(text(&row, "handle")?).map_err(broken)
}

pub(super) async fn add(
    store: &Store,
    user: &User,
    credential: &webauthn::Passkey,
    name: &str,
    now: Timestamp,
) -> Result<Passkey, PasskeyError> {
    let (id, stored) = (Uuid::new_v4().to_string(), Stored::of(credential)?);
    let kind = match user.id {
        UserId::Int(_) => "int",
        UserId::Text(_) => "text",
    };
    let values = [
        id.as_str().into(),
        user.id.to_string().into(),
        kind.into(),
        base64url(credential.cred_id()).into(),
        stored.json.into(),
        stored.counter.into(),
        i64::from(stored.is_backed_up).into(),
        name.into(),
        now.as_millisecond().into(),
    ];
    if store.execute(ADD, values).await? == 0 {
        return Err(PasskeyError::Taken);
    }
    let is_backed_up = stored.is_backed_up;
    Ok(Passkey { id, name: name.to_owned(), created: now, last_used: None, is_backed_up })
}

/// Keeps the counter and the flags of an answer; `false` if another answer has counted as far meanwhile.
pub(super) async fn used(
    store: &Store,
    id: &str,
    credential: &webauthn::Passkey,
    now: Timestamp,
) -> Result<bool, AuthError> {
    let Stored { json, counter, is_backed_up } = Stored::of(credential)?;
    let values = [
        json.into(),
        counter.into(),
        i64::from(is_backed_up).into(),
        now.as_millisecond().into(),
        id.into(),
        counter.into(),
        counter.into(),
    ];
    Ok(store.execute(USED, values).await? > 0)
}

pub(super) async fn rename(store: &Store, user: &User, id: &str, name: &str) -> Result<bool, AuthError> {
    Ok(store.execute(RENAME, [name.into(), id.into(), user.id.to_string().into()]).await? > 0)
}

/// Removes one, if there were more than `keep`. Of two who remove at the same time, the second sees what the first has left.
pub(super) async fn remove(store: &Store, user: &User, id: &str, keep: i64) -> Result<bool, AuthError> {
    let user = user.id.to_string();
    let transaction = store.begin().await?;
    transaction.execute(LOCK, [user.as_str().into()]).await?;
    let row = [id.into(), user.as_str().into(), user.as_str().into(), keep.into()];
    let removed = transaction.execute(REMOVE, row).await?;
    transaction.commit().await?;
    Ok(removed > 0)
}

pub(super) async fn remove_all(store: &Store, user: &User) -> Result<(), AuthError> {
    store.execute(REMOVE_ALL, [user.id.to_string().into()]).await?;
    store.execute(REMOVE_HANDLE, [user.id.to_string().into()]).await.map(drop)
}

/// What of a credential stands in columns. The library shows the counter and the flags in what it writes alone.
struct Stored {
    json: String,
    counter: i64,
    is_backed_up: bool,
}

impl Stored {
    fn of(credential: &webauthn::Passkey) -> Result<Self, AuthError> {
        let value = serde_json::to_value(credential).map_err(broken)?;
        let counter = value["cred"]["counter"].as_i64();
        let counter = counter.ok_or_else(|| AuthError::Fault("a passkey has no counter".to_owned()))?;
        let is_backed_up = value["cred"]["backup_state"].as_bool().unwrap_or_default();
        Ok(Self { json: value.to_string(), counter, is_backed_up })
    }
}

fn user_of(row: &Row) -> Result<UserId, AuthError> {
    let id = text(row, "user_id")?;
    match text(row, "user_key")? {
        "int" => Ok(UserId::Int(id.parse().map_err(broken)?)),
        _ => Ok(UserId::from(id)),
    }
}

fn time(milliseconds: i64) -> Result<Timestamp, AuthError> {
    Timestamp::from_millisecond(milliseconds).map_err(broken)
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn broken(error: impl std::fmt::Display) -> AuthError {
    AuthError::Fault(format!("a row of frontdesk_passkeys cannot be read: {error}"))
}
