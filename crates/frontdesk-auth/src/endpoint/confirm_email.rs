use std::borrow::Cow;

use axum::Router;
use axum::response::Response;
use frontdesk_web::redirect_with_flash;
use http::request::Parts;
use http::{HeaderValue, StatusCode, Uri};

use super::register::ACTIVATES;
use super::{Endpoint, Refusal, router};
use crate::input::Input;
use crate::page::{Caller, Page, PageTemplate, Sentence};
use crate::{Auth, AuthError, Link, LinkPurpose, User};

/// The configuration of [`confirm_email`].
#[derive(Clone)]
#[must_use]
pub struct ConfirmEmail {
    auth: Auth,
    template: PageTemplate,
    login_url: Cow<'static, str>,
}

impl ConfirmEmail {
    /// Confirmation with the defaults.
    pub fn new(auth: &Auth) -> Self {
        Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("confirm.html"),
            login_url: "/login/".into(),
        }
    }

    /// Sets the address of the login page, where visitors go afterwards. Default: `/login/`.
    pub fn login_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.login_url = place.into();
        self
    }

    super::page_options!();

    fn complete(&self, page: Page, token: &str) -> Page {
        page.set("token", token).set("links", minijinja::context! { login => &*self.login_url })
    }

    /// Does what the link is for; `None` where it is good for nothing any more.
    async fn confirm(&self, token: &str) -> Result<Option<()>, AuthError> {
        let links = self.auth.links();
        let Some(link) = links.claim(LinkPurpose::Confirm, token).await? else { return Ok(None) };
        let Some(user) = user_of(&self.auth, &link).await? else { return Ok(None) };
        let users = self.auth.users();
        if !users.confirm_email(&user.id, &link.address).await? {
            return Ok(None);
        }
        if link.data == ACTIVATES && !user.active && user.last_login.is_none() {
            users.set_active(&user.id, true).await?;
        }
        links.void(&user.id, LinkPurpose::Confirm).await?;
        Ok(Some(()))
    }
}

/// Confirms the e-mail address of who has registered: the links of [`Register::confirm_email`](super::Register) lead here.
///
/// GET with `token` answers with a page that asks; it changes nothing, since programs that look at mails follow links too.
/// POST with `token` confirms: 303 to the login page, or 200 `{"message": …}` for who did not ask for a page. A link that
/// is not good any more is 422. Nobody is signed in by this.
pub fn confirm_email(config: ConfirmEmail) -> Router {
    router(config)
}

impl Endpoint for ConfirmEmail {
    const FIELDS: &'static [&'static str] = &["token"];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let caller = Caller::new(&self.auth, parts);
        let token = token_of(&parts.uri);
        let is_good = self.auth.links().look(LinkPurpose::Confirm, &token).await?.is_some();
        let page = match is_good {
            true => self.complete(Page::new(StatusCode::OK), &token),
            false => self.complete(Page::new(StatusCode::UNPROCESSABLE_ENTITY).error(invalid(), ""), ""),
        };
        Ok(secretive(caller.page(&self.template, page)))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        let caller = Caller::new(&self.auth, parts);
        let token = input.text("token").unwrap_or_default();
        let html = input.wants_html();
        let response = match self.confirm(token).await? {
            Some(()) => done(caller, html, &self.login_url, "auth-done-confirmed"),
            None => Refusal::of("auth-link-invalid", "")
                .answer(caller, &self.template, html, |page| self.complete(page, "")),
        };
        Ok(secretive(response))
    }
}

/// What is said of a link that is good for nothing.
pub(super) fn invalid() -> Sentence {
    Sentence::new("auth-link-invalid")
}

/// The token in the address of a page that a mail led to.
pub(super) fn token_of(uri: &Uri) -> String {
    let query = uri.query().unwrap_or_default().as_bytes();
    let token = form_urlencoded::parse(query).find(|(name, _)| name == "token");
    token.map(|(_, token)| token.into_owned()).unwrap_or_default()
}

/// Whoever the page leads to is not told where the visitor comes from: the address has the token in it.
pub(super) fn secretive(mut response: Response) -> Response {
    response.headers_mut().insert(http::header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The answer to what was done: on to a page that says so, or a message.
pub(super) fn done(caller: Caller<'_>, html: bool, place: &str, key: &'static str) -> Response {
    if html {
        return redirect_with_flash(&caller.parts.headers, place, &caller.say(key, &[]), "success");
    }
    message(key)
}

/// A message as JSON.
pub(super) fn message(key: &'static str) -> Response {
    use axum::response::IntoResponse;
    axum::Json(serde_json::json!({ "message": Sentence::new(key).english() })).into_response()
}

/// The user that a link is for, if they still have the address that it was sent to.
pub(super) async fn user_of(auth: &Auth, link: &Link) -> Result<Option<User>, AuthError> {
    let user = auth.users().by_id_text(&link.user_id).await?;
    Ok(user
        .filter(|user| user.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&link.address))))
}
