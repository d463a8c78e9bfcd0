//! Passkeys ([WebAuthn]): as a second factor, and as the only one.
//!
//! A passkey is a key pair in a phone, a computer or a security key. It signs a challenge for this site alone, after the
//! device has made sure of its owner, by a PIN or a finger. There is nothing that could be read off, guessed, or typed into
//! the wrong page.
//!
//! [WebAuthn]: https://www.w3.org/TR/webauthn-3/

mod challenge;
mod keep;
mod provider;
#[cfg(test)]
mod soft_key;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::Value;

pub use self::provider::Passkeys;
#[cfg(test)]
pub(crate) use self::soft_key::SoftKey;
use crate::{AuthError, UserId};

/// What a browser is asked to sign, and what has to come back with the answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Challenge {
    /// The options for `navigator.credentials.create` or `.get`, as JSON with binary values in base64url: an object with
    /// `publicKey`.
    pub options: Value,
    /// Comes back with the answer: the challenge and what it is for, encrypted. Good for five minutes, and once.
    pub state: String,
}

/// A passkey that a user has registered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Passkey {
    /// Names it in lists and forms. It is not the credential's own identity.
    pub id: String,
    /// What the user calls it.
    pub name: String,
    /// When it was registered.
    pub created: Timestamp,
    /// When it last signed its user in.
    pub last_used: Option<Timestamp>,
    /// Whether it is kept in more than one place, such as an account at the maker of the phone.
    pub is_backed_up: bool,
}

/// Who has signed in with a passkey. There is no other way to get one than an answer that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyProof {
    user: UserId,
    passkey: String,
    at: Timestamp,
}

impl PasskeyProof {
    /// When the answer was checked.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The user whose passkey it is. Whether they may sign in at all is another question.
    pub fn user_id(&self) -> &UserId {
        &self.user
    }

    /// Which of their passkeys it was.
    pub fn passkey(&self) -> &str {
        &self.passkey
    }
}

/// Why an answer is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasskeyError {
    /// The challenge is too old, was used, or was for somebody or something else.
    #[error("that took too long; try again")]
    Stale,
    /// The answer does not fit the challenge, the site, or the passkey. The reason is for the log.
    #[error("the passkey was not accepted")]
    Refused(String),
    /// Nobody has such a passkey here.
    #[error("this passkey is not known here")]
    Unknown,
    /// The passkey is registered already, or the user has too many.
    #[error("this passkey is registered already")]
    Taken,
    /// There would not be ways enough left to get in.
    #[error("keep at least two ways to sign in: add a passkey, or set a password")]
    LastWay,
    /// The database failed, say.
    #[error(transparent)]
    Auth(#[from] AuthError),
}

/// A challenge as a page got it.
#[cfg(test)]
pub(crate) fn challenge_of(options: Value, state: &str) -> Challenge {
    Challenge { options, state: state.to_owned() }
}
