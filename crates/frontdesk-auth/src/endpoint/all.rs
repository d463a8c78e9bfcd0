//! All of it at once.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use frontdesk_web::limits::{LimitKey, RateLimitLayer};
use frontdesk_web::{ClientAddress, CsrfLayer};

use super::{
    Account, ChangePassword, ConfirmEmail, MfaSetup, PasswordReset, Register, SessionLogin, SessionLogout,
    account, change_password, confirm_email, mfa_setup, password_reset, register, session_login,
    session_logout,
};
use crate::{Auth, AuthError};

/// How many submissions one address may send within five minutes: there may be an office behind it.
const SUBMISSIONS: u32 = 300;
/// How many registrations and requests for links within an hour: each may lead to a mail.
const WITH_MAILS: u32 = 60;

impl Auth {
    /// All pages of sign-in at their default addresses: `/login/`, `/logout/`, `/register/`, `/change-password/`,
    /// `/account/`; and with a [mailer](Self::mailer) and a [base URL](Self::base_url) `/password-reset/` and
    /// `/confirm-email/`, which new users then have to follow; and `/mfa/` with [second factors](Self::mfa_provider).
    ///
    /// Without a mailer, who registers is not active: somebody switches them on. To set up one page differently, mount the
    /// functions by yourself: [`session_login`] and its like.
    ///
    /// Submissions need a token against forged requests ([`CsrfLayer`]), which the pages have in their forms, and scripts in
    /// a cookie. They are limited for each address, where it is known.
    ///
    /// ```
    /// use axum::Router;
    /// use frontdesk_auth::Auth;
    ///
    /// fn app(auth: &Auth) -> Router {
    ///     Router::new().merge(auth.router())
    /// }
    /// ```
    pub fn router(&self) -> Router {
        let (login, mut join) = (SessionLogin::new(self).register_url("/register/"), Register::new(self));
        let mut mailed = Router::new();
        let login = match self.mailed(join.clone()) {
            Ok((confirmed, routes)) => {
                (join, mailed) = (confirmed, routes);
                login.password_reset_url("/password-reset/")
            }
            // There is nobody to send mails.
            Err(_) => login,
        };
        mailed
            .nest("/register/", register(join))
            .layer(self.limit("sign-in-mails", WITH_MAILS, Duration::from_hours(1)))
            .nest("/login/", session_login(login))
            .nest("/logout/", session_logout(SessionLogout::new(self).redirect_to("/login/")))
            .nest("/change-password/", change_password(ChangePassword::new(self)))
            .nest("/account/", account(Account::new(self)))
            .merge(self.second_factors())
            .layer(self.csrf())
            .layer(self.limit("sign-in", SUBMISSIONS, Duration::from_mins(5)))
    }

    /// The check of tokens against forged requests, bound to the sessions here: for the routers of the application too.
    pub fn csrf(&self) -> CsrfLayer {
        let cookie = self.session_cookie();
        CsrfLayer::new(self.desk().signer())
            .session_cookie(cookie.plain_name())
            .production(cookie.is_production())
    }

    /// What there is where second factors can be set up.
    fn second_factors(&self) -> Router {
        match self.mfa_providers() {
            [] => Router::new(),
            _ => Router::new().nest("/mfa/", mfa_setup(MfaSetup::new(self))),
        }
    }

    /// What there is where mails can be sent.
    fn mailed(&self, join: Register) -> Result<(Register, Router), AuthError> {
        let reset = PasswordReset::new(self)?;
        let routes = Router::new()
            .nest("/password-reset/", password_reset(reset))
            .nest("/confirm-email/", confirm_email(ConfirmEmail::new(self)));
        Ok((join.confirm_email()?, routes))
    }

    /// A limit of submissions for each address. Pages that are only looked at cost nobody anything.
    fn limit(&self, name: &'static str, submissions: u32, time: Duration) -> RateLimitLayer {
        let key = move |request: &Request| {
            let client = ClientAddress::of(request.extensions()).filter(|_| !request.method().is_safe())?;
            Some(LimitKey::new(name).address(client))
        };
        RateLimitLayer::new(self.attempts().limiter()).name(name).limit(submissions).timespan(time).by(key)
    }
}
