//! Second factors.

mod authenticator;
mod email_code;
#[cfg(test)]
mod email_code_tests;
mod encryption;
#[cfg(test)]
pub(crate) mod fixture;
mod qr;
mod recovery;
mod registration;
mod store;
#[cfg(test)]
mod tests;
mod tries;

use futures_util::future::BoxFuture;

pub use self::authenticator::AuthenticatorProvider;
pub use self::email_code::EmailCodeProvider;
pub use self::encryption::{
    DecryptError, EncryptionProvider, FernetProvider, InvalidKey, PlainTextProvider, SealerProvider,
    XChaCha20Provider, migrate_encrypted_value,
};
pub use self::registration::Registration;
#[cfg(feature = "passkeys")]
pub(crate) use self::store::{Store, number, text};

use crate::{AuthError, User};

/// A second factor: an authenticator app, codes by mail, passkeys, or one of the application's own.
///
/// The methods are called after the password was right, and on the page where the factor is set up.
pub trait MfaProvider: Send + Sync + 'static {
    /// What it is called, on pages and in the field `mfa_provider_name`: `Authenticator App`.
    fn name(&self) -> &str;

    /// Whether the user has set it up, so that it is asked for at sign-in.
    fn is_user_enrolled<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<bool, AuthError>>;

    /// Sends a code, where that is how it works; tells whether one was sent. `attempt` names the sign-in that is under way:
    /// a code that was sent for one is not good for another.
    fn send_code<'a>(
        &'a self,
        user: &'a User,
        attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        let _ = (user, attempt);
        Box::pin(std::future::ready(Ok(false)))
    }

    /// Whether the code is right. It is spent by that: the same code is refused from then on, also of two that come at once.
    fn authenticate_user<'a>(
        &'a self,
        user: &'a User,
        code: &'a str,
        attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>>;

    /// Begins to set the factor up for a user; what they need for that. It counts once
    /// [`confirm_registration`](Self::confirm_registration) was given the first right code. `None` if the user has set it up
    /// already, or it is not set up this way.
    fn begin_registration<'a>(
        &'a self,
        user: &'a User,
    ) -> BoxFuture<'a, Result<Option<Registration>, AuthError>> {
        let _ = user;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Makes the factor count, if the code is the first right one.
    fn confirm_registration<'a>(
        &'a self,
        user: &'a User,
        code: &'a str,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        let _ = (user, code);
        Box::pin(std::future::ready(Ok(false)))
    }

    /// Makes new recovery codes, which void the old ones; `None` where there are none.
    fn new_recovery_codes<'a>(
        &'a self,
        user: &'a User,
    ) -> BoxFuture<'a, Result<Option<Vec<String>>, AuthError>> {
        let _ = user;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// How many recovery codes the user has left; `None` where there are none.
    fn recovery_codes_left<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<Option<usize>, AuthError>> {
        let _ = user;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Takes the factor away from a user.
    fn delete_registration<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<(), AuthError>>;
}

/// A sign-in that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginAttempt(String);

impl LoginAttempt {
    /// The attempt of that identity: of a half-open session, or of one request.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Its identity.
    pub fn id(&self) -> &str {
        &self.0
    }
}

/// Random bytes.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}
