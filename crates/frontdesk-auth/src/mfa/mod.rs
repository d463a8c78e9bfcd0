//! Second factors.

use futures_util::future::BoxFuture;

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
