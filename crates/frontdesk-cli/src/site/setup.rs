//! The pages of sign-in, and the one that makes the first administrator.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use frontdesk_auth::{
    Account, ChangePassword, ConfirmEmail, MfaSetup, PasswordReset, Register, SessionLogin, SessionLogout,
    UserDefaults, account, change_password, confirm_email, mfa_setup, password_reset, register,
    session_login, session_logout,
};
use frontdesk_data::Registration;
use frontdesk_web::ClientAddress;
use frontdesk_web::limits::{LimitKey, RateLimitLayer};
use http::HeaderValue;
use http::header::REFERRER_POLICY;

use super::Site;
use super::address;
use super::sign_in::SignIn;
use super::trouble::Trouble;

/// How many submissions one address may send within five minutes: there may be an office behind it.
const SUBMISSIONS: u32 = 300;
/// How many registrations and requests for links within an hour: each may lead to a mail.
const WITH_MAILS: u32 = 60;

/// All of them.
pub(crate) fn routes(site: &Site, sign_in: &SignIn) -> Router<Site> {
    let auth = sign_in.auth();
    // Without either there is nothing to mail, or nowhere to lead to.
    let has_mail = auth.mails().is_some() && auth.url().is_some();
    let registers = sign_in.registration() != Registration::Off;
    let mut login = SessionLogin::new(auth);
    if has_mail {
        login = login.password_reset_url("/password-reset/");
    }
    if registers {
        login = login.register_url("/register/");
    }
    let mut mailed = Router::new();
    if let Some(form) = registration(sign_in).filter(|_| registers) {
        mailed = mailed.nest("/register/", register(form));
    }
    if let Ok(mut reset) = PasswordReset::new(auth) {
        if let Some(captcha) = sign_in.captcha() {
            reset = reset.captcha(captcha.clone());
        }
        mailed = mailed.nest("/password-reset/", password_reset(reset));
        mailed = mailed.nest("/confirm-email/", confirm_email(ConfirmEmail::new(auth)));
    }
    let mut router = mailed
        .layer(limit(sign_in, "sign-in-mails", WITH_MAILS, Duration::from_hours(1)))
        .nest("/login/", session_login(login))
        .nest("/logout/", session_logout(SessionLogout::new(auth).redirect_to("/login/")))
        .nest("/change-password/", change_password(ChangePassword::new(auth)))
        .nest("/account/", account(Account::new(auth)));
    if !auth.mfa_providers().is_empty() {
        router = router.nest("/mfa/", mfa_setup(MfaSetup::new(auth)));
    }
    let defaults = UserDefaults::default().active(true).admin(true).superuser(true);
    let first = register(Register::new(auth).user_defaults(defaults).redirect_to("/login/"));
    let first = Router::new().nest("/setup/{token}/", first).layer(from_fn_with_state(site.clone(), once));
    router
        .merge(first)
        .layer(auth.csrf())
        .layer(limit(sign_in, "sign-in", SUBMISSIONS, Duration::from_mins(5)))
        .with_state(())
}

/// A limit of submissions for each address. Pages that are only looked at cost nobody anything.
fn limit(sign_in: &SignIn, name: &'static str, submissions: u32, time: Duration) -> RateLimitLayer {
    let key = move |request: &Request| {
        let client = ClientAddress::of(request.extensions()).filter(|_| !request.method().is_safe())?;
        Some(LimitKey::new(name).address(client))
    };
    RateLimitLayer::new(sign_in.limiter()).name(name).limit(submissions).timespan(time).by(key)
}

/// The form by which visitors make themselves an account.
fn registration(sign_in: &SignIn) -> Option<Register> {
    let auth = sign_in.auth();
    let mut form = Register::new(auth);
    if let Some(captcha) = sign_in.captcha() {
        form = form.captcha(captcha.clone());
    }
    if auth.mails().is_some() && auth.url().is_some() {
        // They are switched on once the address is known to be theirs, unless somebody else does that.
        form = form.confirm_email().ok()?;
        return Some(match sign_in.registration() {
            Registration::Open => form,
            _ => form.user_defaults(UserDefaults::default().active(false)),
        });
    }
    Some(form.user_defaults(UserDefaults::default().active(sign_in.registration() == Registration::Open)))
}

/// Lets through who has the link, as long as there is no administrator. Two who use it at once come one after the other: the
/// second one meets an administrator.
async fn once(State(site): State<Site>, request: Request, next: Next) -> Response {
    let Some(sign_in) = site.sign_in() else { return Trouble::no_page().into_response() };
    let token = address::segments(request.uri().path()).next().unwrap_or_default();
    if !sign_in.setup().is_good(token) {
        return Trouble::no_page().into_response();
    }
    let _claim = sign_in.setup().claim.lock().await;
    match sign_in.has_administrator().await {
        Ok(false) => {}
        Ok(true) => return Trouble::no_page().into_response(),
        Err(error) => return Trouble::from(error).into_response(),
    }
    let mut response = next.run(request).await;
    // The address is what lets people in: it goes nowhere else.
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
