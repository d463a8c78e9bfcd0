//! Who can sign in.

mod columns;
mod credentials;
mod error;
mod mapped;
mod new_user;
mod own;
mod users;

use std::fmt;
use std::sync::Arc;

use frontdesk_data::Actor;
use frontdesk_validate::Value;
use icu_normalizer::ComposingNormalizerBorrowed;
use jiff::Timestamp;

pub use self::columns::UserColumns;
pub use self::credentials::PasswordProof;
pub use self::error::UserError;
pub use self::new_user::NewUser;
pub(crate) use self::own::{COLUMNS as OWN_COLUMNS, read as read_own};
pub use self::users::Users;

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
    /// What was given to the user before this number changed is void: it changes with the password and with rights.
    pub(crate) epoch: i64,
}

impl User {
    /// Who asks, for a [`Policy`](frontdesk_data::Policy): an administrator, or the user by their identity.
    pub fn actor(&self) -> Actor {
        if self.admin || self.superuser { Actor::admin() } else { Actor::user(self.id.clone()) }
    }
}

/// By what a user is looked for.
#[derive(Clone, Copy)]
enum By<'a> {
    Id(&'a UserId),
    Name(&'a str),
    Email(&'a str),
}

/// A user and the hash of their password, which leaves this module no further than into a comparison.
struct Found {
    user: User,
    hash: Option<String>,
}

/// A row to be.
struct NewRow<'a> {
    username: &'a str,
    email: Option<&'a str>,
    hash: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    active: bool,
    admin: bool,
    superuser: bool,
    email_confirmed: Option<Timestamp>,
    now: Timestamp,
}

/// One thing to be changed about a user.
enum Change<'a> {
    Username(&'a str),
    Email(Option<&'a str>),
    EmailConfirmed(Option<Timestamp>),
    Hash(Option<&'a str>),
    FirstName(Option<&'a str>),
    LastName(Option<&'a str>),
    Active(bool),
    Admin(bool),
    Superuser(bool),
    LastLogin(Timestamp),
    /// What was given to the user before is void.
    Epoch,
}

/// What of a name or an address tells two of them apart: neither the case of letters, nor how Unicode spells them.
fn key_of(text: &str) -> String {
    let folded = ComposingNormalizerBorrowed::new_nfkc().normalize(text).to_lowercase();
    match ComposingNormalizerBorrowed::new_nfkc().normalize(&folded) {
        std::borrow::Cow::Borrowed(_) => folded,
        std::borrow::Cow::Owned(again) => again,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for [one, other] in [["Ada", "ada"], ["ﬁn", "FIN"], ["Zoë", "zoe\u{308}"], ["ＡＤＡ", "ada"]] {
            assert_eq!(key_of(one), key_of(other));
        }
        assert_ne!(key_of("zoë"), key_of("zoe"));
    }
}
