//! Who can sign in.

use std::fmt;
use std::sync::Arc;

use frontdesk_data::Actor;
use frontdesk_validate::Value;
use jiff::Timestamp;

/// The identity of a user: the key of their row, a whole number or a text (a UUID, say).
///
/// Its text form is what sessions and tokens keep.
///
/// ```
/// use frontdesk_auth::UserId;
///
/// assert_eq!(UserId::from(42).to_string(), "42");
/// assert_eq!(UserId::from("ada").to_string(), "ada");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserId {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(Arc<str>),
}

impl From<i64> for UserId {
    fn from(id: i64) -> Self {
        Self::Int(id)
    }
}

impl From<&str> for UserId {
    fn from(id: &str) -> Self {
        Self::Text(id.into())
    }
}

impl From<UserId> for Value {
    fn from(id: UserId) -> Self {
        match id {
            UserId::Int(id) => id.into(),
            UserId::Text(id) => (&*id).into(),
        }
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(id) => write!(f, "{id}"),
            Self::Text(id) => f.write_str(id),
        }
    }
}

/// A user, without what is secret about them: the hash of the password never leaves the table of users.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct User {
    /// The key of their row.
    pub id: UserId,
    /// The name that they sign in with. It is how they are shown.
    pub username: Arc<str>,
    /// Their e-mail address, where there is one.
    pub email: Option<Arc<str>>,
    /// Their first name.
    pub first_name: Option<Arc<str>>,
    /// Their last name.
    pub last_name: Option<Arc<str>>,
    /// Whether they may sign in at all.
    pub active: bool,
    /// Whether they may enter the administration.
    pub admin: bool,
    /// Whether they may manage users.
    pub superuser: bool,
    /// When they were registered.
    pub created: Option<Timestamp>,
    /// When they last signed in.
    pub last_login: Option<Timestamp>,
    /// When they have shown that the e-mail address is theirs.
    pub email_confirmed: Option<Timestamp>,
}

impl User {
    /// Who asks, for a [`Policy`](frontdesk_data::Policy): an administrator, or the user by their identity.
    pub fn actor(&self) -> Actor {
        if self.admin || self.superuser { Actor::admin() } else { Actor::user(self.id.clone()) }
    }
}
