use std::borrow::Cow;

use axum::Router;
use axum::response::Response;
use frontdesk_web::redirect_with_flash;
use http::header::{HeaderName, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::{Endpoint, Refusal, note, plain, router, see_other};
use crate::input::Input;
use crate::page::{Caller, Page, PageTemplate, Sentence};
use crate::{Auth, AuthError, SessionCookie};

/// The configuration of [`session_logout`].
#[derive(Clone)]
#[must_use]
pub struct SessionLogout {
    auth: Auth,
    template: PageTemplate,
    cookie: SessionCookie,
    redirect_to: Option<Cow<'static, str>>,
}

impl SessionLogout {
    /// Logout with the defaults.
    pub fn new(auth: &Auth) -> Self {
        Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("logout.html"),
            cookie: auth.session_cookie().clone(),
            redirect_to: None,
        }
    }

    /// Sets where to go afterwards. Default: nowhere, the answer is plain text.
    pub fn redirect_to(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.redirect_to = Some(place.into());
        self
    }

    /// Sets the session cookie. Default: that of [`Auth::cookie`], which the guard goes by.
    pub fn cookie(mut self, cookie: SessionCookie) -> Self {
        self.cookie = cookie;
        self
    }

    super::page_options!();
}

/// Signs users out.
///
/// GET answers with a page that asks, and changes nothing. POST ends the session and removes the cookie: 303 to
/// `redirect_to`, or 200 `Successfully logged out`. Without a session cookie it is 401 `The session cookie wasn't found.`;
/// a cookie of no session is fine. `Clear-Site-Data` tells browsers to forget what they kept of the site.
///
/// ```
/// use axum::Router;
/// use frontdesk_auth::{Auth, SessionLogout, session_logout};
///
/// fn app(auth: &Auth) -> Router {
///     Router::new().nest("/logout/", session_logout(SessionLogout::new(auth).redirect_to("/")))
/// }
/// ```
pub fn session_logout(config: SessionLogout) -> Router {
    router(config)
}

impl Endpoint for SessionLogout {
    const FIELDS: &'static [&'static str] = &[];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        Ok(Caller::new(&self.auth, parts).page(&self.template, Page::new(StatusCode::OK)))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        let caller = Caller::new(&self.auth, parts);
        let html = input.wants_html();
        let Some(token) = self.cookie.read(&parts.headers) else {
            let sentence = Sentence::new("auth-no-session-cookie");
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, sentence, "");
            return Ok(refusal.answer(caller, &self.template, html, |page| page));
        };
        self.auth.sessions().end(token).await?;
        note("logout", None, caller.parts);
        let half = self.cookie.half_open();
        if let Some(token) = half.read(&parts.headers) {
            self.auth.sessions().end(token).await?;
        }
        let mut response = match &self.redirect_to {
            Some(place) if html => {
                let said = caller.say("auth-done-logged-out", &[]);
                redirect_with_flash(&parts.headers, place, &said, "success")
            }
            Some(place) => see_other(place),
            None => plain(StatusCode::OK, "Successfully logged out"),
        };
        let headers = response.headers_mut();
        headers.append(SET_COOKIE, self.cookie.clear(&parts.headers));
        headers.append(SET_COOKIE, half.clear(&parts.headers));
        // Not its cookies: the one that says that this device has signed in before stays, as the language does.
        let kept = HeaderValue::from_static("\"cache\", \"storage\"");
        headers.insert(HeaderName::from_static("clear-site-data"), kept);
        Ok(response)
    }
}
