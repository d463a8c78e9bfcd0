use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::SessionHash;
use crate::UserId;

/// How much of a browser's name for itself is kept, in characters.
const LONGEST_AGENT: usize = 256;

/// What is known of a session. The token is not among it, nor what would do in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// A name for lists and for ending it; random, and of no use as a token.
    pub id: Arc<str>,
    /// Whose it is.
    pub user_id: UserId,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute or so.
    pub last_seen: Timestamp,
    /// When it ends, unless it is extended.
    pub expiry: Timestamp,
    /// When it ends at the latest.
    pub max_expiry: Timestamp,
    /// When the user last showed who they are: by signing in, or by the password once more.
    pub authenticated_at: Timestamp,
    /// From which address it began.
    pub address: Option<Arc<str>>,
    /// What the browser said it was when it began; at most 256 characters.
    pub user_agent: Option<Arc<str>>,
    /// Whether a second factor is still to come. Such a session has no rights.
    pub is_half_open: bool,
    pub(crate) epoch: i64,
    pub(crate) hash: SessionHash,
}

impl SessionInfo {
    /// Whether it has not ended by then.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.expiry > now && self.max_expiry > now
    }

    /// Whether the user showed who they are within the last `age`: what changes of password, address and factors ask for.
    pub fn is_fresh(&self, now: Timestamp, age: Duration) -> bool {
        later(self.authenticated_at, age) > now
    }

    /// All of it as JSON, for a [store](super::SessionStore) of one's own.
    pub fn to_json(&self) -> String {
        let (number, text) = match &self.user_id {
            UserId::Int(id) => (Some(*id), None),
            UserId::Text(id) => (None, Some(id.to_string())),
        };
        let kept = Kept {
            id: self.id.to_string(),
            number,
            text,
            created: self.created.as_millisecond(),
            last_seen: self.last_seen.as_millisecond(),
            expiry: self.expiry.as_millisecond(),
            max_expiry: self.max_expiry.as_millisecond(),
            authenticated_at: self.authenticated_at.as_millisecond(),
            address: self.address.as_deref().map(str::to_owned),
            user_agent: self.user_agent.as_deref().map(str::to_owned),
            half_open: self.is_half_open,
            epoch: self.epoch,
        };
        serde_json::to_string(&kept).expect("texts and numbers become JSON")
    }

    /// The inverse of [`to_json`](Self::to_json), for the session that is stored under that hash; nothing for what is none.
    pub fn from_json(hash: &SessionHash, json: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(json).ok()?;
        let at = |millis| Timestamp::from_millisecond(millis).ok();
        Some(Self {
            id: kept.id.into(),
            user_id: match (kept.number, kept.text) {
                (Some(id), _) => UserId::Int(id),
                (None, Some(id)) => UserId::Text(id.into()),
                (None, None) => return None,
            },
            created: at(kept.created)?,
            last_seen: at(kept.last_seen)?,
            expiry: at(kept.expiry)?,
            max_expiry: at(kept.max_expiry)?,
            authenticated_at: at(kept.authenticated_at)?,
            address: kept.address.map(Into::into),
            user_agent: kept.user_agent.map(Into::into),
            is_half_open: kept.half_open,
            epoch: kept.epoch,
            hash: *hash,
        })
    }

    pub(crate) fn apply(&mut self, change: &SessionChange) {
        self.last_seen = change.last_seen.unwrap_or(self.last_seen);
        self.expiry = change.expiry.unwrap_or(self.expiry);
        self.authenticated_at = change.authenticated_at.unwrap_or(self.authenticated_at);
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    created: i64,
    last_seen: i64,
    expiry: i64,
    max_expiry: i64,
    authenticated_at: i64,
    address: Option<String>,
    user_agent: Option<String>,
    half_open: bool,
    epoch: i64,
}

/// What changes about a session; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionChange {
    /// When it was last used.
    pub last_seen: Option<Timestamp>,
    /// When it ends.
    pub expiry: Option<Timestamp>,
    /// When the user last showed who they are.
    pub authenticated_at: Option<Timestamp>,
}

/// From where somebody signs in: what lists of sessions show.
///
/// ```
/// use frontdesk_auth::Visit;
///
/// let visit = Visit::new(Some("203.0.113.7".parse().unwrap()), Some("Mozilla/5.0 (X11; Linux x86_64)"));
/// assert_eq!(visit.address(), Some("203.0.113.7"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    address: Option<Arc<str>>,
    user_agent: Option<Arc<str>>,
}

impl Visit {
    /// A visit from an address, with what the browser says it is.
    pub fn new(address: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let agent = user_agent.map(|agent| {
            let kept: String =
                agent.chars().filter(|letter| !letter.is_control()).take(LONGEST_AGENT).collect();
            kept.into()
        });
        Self { address: address.map(|address| address.to_canonical().to_string().into()), user_agent: agent }
    }

    /// A visit with what the head of a request says of the browser.
    pub fn of(address: Option<IpAddr>, headers: &http::HeaderMap) -> Self {
        let agent = headers.get(http::header::USER_AGENT).map(http::HeaderValue::as_bytes);
        Self::new(address, agent.map(String::from_utf8_lossy).as_deref())
    }

    /// The address.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// What the browser says it is.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    pub(super) fn parts(&self) -> (Option<Arc<str>>, Option<Arc<str>>) {
        (self.address.clone(), self.user_agent.clone())
    }
}

/// A point in time, so much later; the last one there is, if that is too much.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.saturating_add(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_short_and_plain() {
        let visit = Visit::new(Some("::ffff:10.0.0.1".parse().unwrap()), Some(&"a\u{1b}é".repeat(500)));
        assert_eq!(visit.address(), Some("10.0.0.1"));
        let agent = visit.user_agent().unwrap();
        assert!(agent.chars().count() == LONGEST_AGENT && !agent.contains('\u{1b}'));
    }
}
