use std::borrow::Cow;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use frontdesk_web::{Arg, redirect_with_flash};
use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use minijinja::value::Value;

use super::confirm_email::{done, invalid, message, secretive, token_of};
use super::letters::{Letters, Places};
use super::register::is_email;
use super::{Endpoint, Refusal, agent, need, note, router, see_other, temporary, to_login};
use crate::input::{Input, accepts_json};
use crate::page::{Caller, Page, PageTemplate, Sentence, problem};
use crate::{Auth, AuthError, LinkPurpose, Mailer, NewLink, SessionInfo, User, UserError};

/// How long a login counts as fresh.
const FRESH: Duration = Duration::from_mins(10);
/// How long the link to a new address is good for.
const LINK_LIVES: Duration = Duration::from_hours(24);

/// The configuration of [`account`].
#[derive(Clone)]
#[must_use]
pub struct Account {
    auth: Auth,
    template: PageTemplate,
    path: Cow<'static, str>,
    login_url: Cow<'static, str>,
    links: AccountLinks,
    post: Option<(Mailer, Places)>,
}

/// The addresses of other pages.
#[derive(Clone)]
struct AccountLinks {
    change_password: Option<Cow<'static, str>>,
    mfa: Option<Cow<'static, str>>,
    logout: Option<Cow<'static, str>>,
}

impl Account {
    /// The account page with the defaults. Users can change their e-mail address where there are a [mailer](Auth::mailer)
    /// and a [base URL](Auth::base_url).
    pub fn new(auth: &Auth) -> Self {
        let mfa = (!auth.mfa_providers().is_empty()).then_some("/mfa/".into());
        Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("account.html"),
            path: "/account/".into(),
            login_url: "/login/".into(),
            links: AccountLinks {
                change_password: Some("/change-password/".into()),
                mfa,
                logout: Some("/logout/".into()),
            },
            post: auth.post_office().ok(),
        }
    }

    /// Sets the path where this endpoint is, to which the links in mails lead. Default: `/account/`.
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets where visitors go who are not signed in. Default: `/login/`.
    pub fn login_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.login_url = place.into();
        self
    }

    /// Sets the address of the page to change the password; `None` for no link. Default: `/change-password/`.
    pub fn change_password_url(mut self, place: Option<&'static str>) -> Self {
        self.links.change_password = place.map(Cow::Borrowed);
        self
    }

    /// Sets the address of the page to set up second factors; `None` for no link. Default: `/mfa/`, where there are any.
    pub fn mfa_url(mut self, place: Option<&'static str>) -> Self {
        self.links.mfa = place.map(Cow::Borrowed);
        self
    }

    /// Sets the address of the page to sign out; `None` for no link. Default: `/logout/`.
    pub fn logout_url(mut self, place: Option<&'static str>) -> Self {
        self.links.logout = place.map(Cow::Borrowed);
        self
    }

    super::page_options!();
}

/// Shows users where they are signed in, and lets them end that, and change their e-mail address.
///
/// GET answers with the page, or with JSON where `Accept` says so: `{"user": {…}, "sessions": [{"id": …, "current": true,
/// …}]}`. POST takes `action`:
///
/// | `action` | further fields | what it does |
/// |---|---|---|
/// | `end_session` | `session`: an `id` of the list | ends that session |
/// | `end_others` | | ends all but this one |
/// | `change_email` | `email`; `current_password`, unless the login is younger than 10 minutes | mails a link to the new address, and a notice to the old one |
///
/// The address is changed once the link in the mail is followed, which leads to `email/` below this endpoint; it can be done
/// on another device, and signs nobody in. The old address is told about that too.
///
/// Success is a redirect (303) back to the page where `format=html` asks for one, else 200 `{"message": …}`. Visitors who are
/// not signed in are sent to the login page, or get 401.
pub fn account(config: Account) -> Router {
    let email = Router::new().nest("/email/", router(ChangeEmail(config.clone())));
    router(config).merge(email)
}

impl Endpoint for Account {
    const FIELDS: &'static [&'static str] = &["action", "session", "email", "current_password"];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let json = accepts_json(&parts.headers);
        let Some((session, user)) = self.auth.signed_in(parts).await? else {
            return Ok(match json {
                true => nobody(),
                false => temporary(&to_login(&self.login_url, parts)),
            });
        };
        let sessions = self.auth.sessions().list(&user).await?;
        if json {
            return Ok(as_json(&user, &session, &sessions));
        }
        let caller = Caller::new(&self.auth, parts);
        let page = self.complete(caller, Page::new(StatusCode::OK), &session, &user, &sessions);
        Ok(caller.page(&self.template, page))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        let html = input.wants_html();
        let Some((session, user)) = self.auth.signed_in(parts).await? else {
            return Ok(if html { see_other(&self.login_url) } else { nobody() });
        };
        let caller = Caller::new(&self.auth, parts);
        let outcome = match input.text("action") {
            Some("end_session") => self.end_session(&user, input).await?,
            Some("end_others") => {
                self.auth.sessions().end_others(&user.id, &session.id).await?;
                Ok("auth-done-sessions-ended")
            }
            Some("change_email") => self.change_email(caller, &session, &user, input).await?,
            _ => Err(Refusal::of("auth-form-incomplete", "")),
        };
        match outcome {
            Ok(key) if html => {
                let address = input.text("email").unwrap_or_default().trim();
                let address = [("address", Arg::from(address))];
                let args = if key == "auth-done-email-sent" { &address[..] } else { &[] };
                Ok(redirect_with_flash(&parts.headers, &self.path, &caller.say(key, args), "success"))
            }
            Ok("auth-done-email-sent") => {
                let text =
                    "We have sent a mail to the new address. It is changed once you follow the link in it.";
                Ok(axum::Json(serde_json::json!({ "message": text })).into_response())
            }
            Ok(key) => Ok(message(key)),
            Err(refusal) => {
                let sessions = self.auth.sessions().list(&user).await?;
                Ok(refusal.answer(caller, &self.template, html, |page| {
                    self.complete(caller, page, &session, &user, &sessions)
                        .set("new_email", input.text("email").unwrap_or_default())
                }))
            }
        }
    }
}

impl Account {
    fn complete(
        &self,
        caller: Caller<'_>,
        page: Page,
        current: &SessionInfo,
        user: &User,
        sessions: &[SessionInfo],
    ) -> Page {
        let sessions: Vec<Value> = sessions
            .iter()
            .map(|session| {
                minijinja::context! {
                    id => &*session.id,
                    device => device(caller, session),
                    address => session.address.as_deref(),
                    created => time(caller, session.created),
                    last_seen => time(caller, session.last_seen),
                    current => session.id == current.id,
                }
            })
            .collect();
        let links = minijinja::context! {
            change_password => self.links.change_password.as_deref(),
            mfa => self.links.mfa.as_deref(),
            logout => self.links.logout.as_deref(),
        };
        page.set("username", &*user.username)
            .set("email", user.email.as_deref())
            .set("sessions", sessions)
            .set("links", links)
            .set("can_change_email", self.post.is_some())
            .set("needs_password", !current.is_fresh(self.auth.now(), FRESH))
    }

    async fn end_session(
        &self,
        user: &User,
        input: &Input,
    ) -> Result<Result<&'static str, Refusal>, AuthError> {
        let id = match need(input, "session") {
            Ok(id) => id,
            Err(refusal) => return Ok(Err(refusal)),
        };
        Ok(match self.auth.sessions().end_one(&user.id, id).await? {
            true => Ok("auth-done-session-ended"),
            false => Err(Refusal::of("auth-no-session", "")),
        })
    }

    async fn change_email(
        &self,
        caller: Caller<'_>,
        session: &SessionInfo,
        user: &User,
        input: &Input,
    ) -> Result<Result<&'static str, Refusal>, AuthError> {
        let Some((mailer, places)) = &self.post else {
            return Ok(Err(Refusal::of("auth-unavailable", "email")));
        };
        let email = match need(input, "email").map(str::trim) {
            Ok(email) if is_email(email) => email,
            Ok(_) => return Ok(Err(Refusal::of("auth-email-invalid", "email"))),
            Err(refusal) => return Ok(Err(refusal)),
        };
        if user.email.as_deref() == Some(email) {
            return Ok(Err(Refusal::of("auth-email-same", "email")));
        }
        if !session.is_fresh(self.auth.now(), FRESH) {
            let password = match need(input, "current_password") {
                Ok(password) => password,
                Err(refusal) => return Ok(Err(refusal)),
            };
            if let Err(refusal) = super::check_own_password(caller, user, password).await? {
                return Ok(Err(refusal));
            }
        }
        let (auth, user) = (self.auth.clone(), user.clone());
        let letters = Letters::new(&auth, caller.language(), places);
        let path = format!("{}email/", self.path);
        let email = email.to_owned();
        // Behind the queue: whether the address is somebody else's is told to who reads its mail, and to nobody else.
        mailer.later(async move {
            let links = auth.links();
            let by_user = user.id.to_string();
            if !auth.may_mail("change", &email).await? || !auth.may_mail("change of", &by_user).await? {
                return Ok(Vec::new());
            }
            let mut mails = Vec::new();
            if let Some(old) = user.email.as_deref() {
                mails.push(letters.changing(&user, old, &email));
            }
            match auth.users().by_email(&email).await? {
                Some(other) if other.id != user.id => mails.push(letters.exists(&other, &email)),
                _ => {
                    links.void(&user.id, LinkPurpose::ChangeEmail).await?;
                    let old = user.email.as_deref().unwrap_or_default();
                    let link = NewLink::new(LinkPurpose::ChangeEmail, LINK_LIVES);
                    let token = links.create(link.user(&user.id).address(&email).data(old)).await?;
                    mails.push(letters.change(&user, &email, &path, &token, LINK_LIVES));
                }
            }
            Ok(mails)
        })?;
        Ok(Ok("auth-done-email-sent"))
    }
}

/// Where the link in a mail to a new address leads.
#[derive(Clone)]
struct ChangeEmail(Account);

impl Endpoint for ChangeEmail {
    const FIELDS: &'static [&'static str] = &["token"];

    fn auth(&self) -> &Auth {
        &self.0.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.0.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let caller = Caller::new(self.auth(), parts);
        let token = token_of(&parts.uri);
        let page = match self.auth().links().look(LinkPurpose::ChangeEmail, &token).await? {
            Some(_) => Page::new(StatusCode::OK).set("token", token),
            None => Page::new(StatusCode::UNPROCESSABLE_ENTITY).error(invalid(), ""),
        };
        Ok(secretive(caller.page(&self.0.template.sibling("confirm.html"), page)))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        let caller = Caller::new(self.auth(), parts);
        let html = input.wants_html();
        let token = input.text("token").unwrap_or_default();
        let response = match self.change(caller, token).await? {
            Ok(()) => done(caller, html, &self.0.path, "auth-done-email-changed"),
            Err(refusal) => {
                refusal.answer(caller, &self.0.template.sibling("confirm.html"), html, |page| page)
            }
        };
        Ok(secretive(response))
    }
}

impl ChangeEmail {
    async fn change(&self, caller: Caller<'_>, token: &str) -> Result<Result<(), Refusal>, AuthError> {
        let (auth, links) = (self.auth(), self.auth().links());
        let Some(link) = links.claim(LinkPurpose::ChangeEmail, token).await? else {
            return Ok(Err(Refusal::of("auth-link-invalid", "")));
        };
        // The link holds the address that it was asked from: since another change it is good for nothing.
        let user = auth.users().by_id_text(&link.user_id).await?;
        let user = user.filter(|user| user.active && user.email.as_deref().unwrap_or_default() == link.data);
        let Some(user) = user else { return Ok(Err(Refusal::of("auth-link-invalid", ""))) };
        match auth.users().set_email(&user.id, Some(&link.address), Some(auth.now())).await {
            Ok(true) => {}
            Ok(false) => return Ok(Err(Refusal::of("auth-link-invalid", ""))),
            Err(UserError::Auth(error)) => return Err(error),
            Err(_) => return Ok(Err(Refusal::of("auth-user-exists", ""))),
        }
        links.void_all(&user.id).await?;
        note("email.change", Some(&user.id), caller.parts);
        if let (Some(old), Some((mailer, places))) = (user.email.as_deref(), &self.0.post) {
            let letters = Letters::new(auth, caller.language(), places);
            mailer.send(letters.changed(&user, old, &link.address))?;
        }
        Ok(Ok(()))
    }
}

fn nobody() -> Response {
    problem(StatusCode::UNAUTHORIZED, Some(&Sentence::new("auth-no-session-cookie")))
}

fn device(caller: Caller<'_>, session: &SessionInfo) -> String {
    let agent = session.user_agent.as_deref().unwrap_or_default();
    match agent::names(agent) {
        (Some(browser), Some(system)) => {
            caller.say("auth-session-on", &[("browser", Arg::from(browser)), ("system", Arg::from(system))])
        }
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => caller.say("auth-session-unknown", &[]),
    }
}

/// A time to the minute. The server does not know where the visitor is, so it is UTC and says so.
pub(super) fn time(caller: Caller<'_>, at: Timestamp) -> String {
    let text = at.strftime("%Y-%m-%d %H:%M").to_string();
    format!("{} UTC", caller.language().write_datetime(&text))
}

fn as_json(user: &User, current: &SessionInfo, sessions: &[SessionInfo]) -> Response {
    let sessions: Vec<_> = sessions
        .iter()
        .map(|session| {
            serde_json::json!({
                "id": &*session.id,
                "current": session.id == current.id,
                "created": session.created.to_string(),
                "last_seen": session.last_seen.to_string(),
                "address": session.address.as_deref(),
                "user_agent": session.user_agent.as_deref(),
            })
        })
        .collect();
    let user = serde_json::json!({
        "id": user.id.to_string(),
        "username": &*user.username,
        "email": user.email.as_deref(),
        "email_confirmed": user.email_confirmed.is_some(),
    });
    axum::Json(serde_json::json!({ "user": user, "sessions": sessions })).into_response()
}
