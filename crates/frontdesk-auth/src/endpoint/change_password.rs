use std::borrow::Cow;

use axum::Router;
use axum::response::Response;
use frontdesk_web::redirect_with_flash;
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;

use super::letters::Letters;
use super::register::bad_password;
use super::{Endpoint, Refusal, need, note, plain, router, see_other, temporary, to_login};
use crate::input::Input;
use crate::page::{Caller, Page, PageTemplate, Sentence, problem};
use crate::{Auth, AuthError, User};

/// The configuration of [`change_password`].
#[derive(Clone)]
#[must_use]
pub struct ChangePassword {
    auth: Auth,
    template: PageTemplate,
    login_url: Cow<'static, str>,
    read_only: bool,
}

impl ChangePassword {
    /// Change of password with the defaults.
    pub fn new(auth: &Auth) -> Self {
        Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("change_password.html"),
            login_url: "/login/".into(),
            read_only: false,
        }
    }

    /// Sets where to go afterwards, and where visitors go who are not signed in. Default: `/login/`.
    pub fn login_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.login_url = place.into();
        self
    }

    super::page_options!();

    /// Refuses every change. Default: no.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }
}

/// Lets users change their password.
///
/// GET answers with the form; POST takes `current_password`, `new_password`, `confirm_new_password`. Success is a redirect
/// (303) to `login_url`: all sessions of the user end, on every device, and they sign in with the new password. They are told
/// by mail, where there is a [mailer](Auth::mailer). What is wrong with the input is 422. Wrong passwords are slowed down as
/// at the login.
///
/// Visitors who are not signed in are sent to the login page: GET by 307, POST by 303 where `format=html` asks for a page,
/// else they get 401.
///
/// ```
/// use axum::Router;
/// use frontdesk_auth::{Auth, ChangePassword, change_password};
///
/// fn app(auth: &Auth) -> Router {
///     Router::new().nest("/change-password/", change_password(ChangePassword::new(auth)))
/// }
/// ```
pub fn change_password(config: ChangePassword) -> Router {
    router(config)
}

impl Endpoint for ChangePassword {
    const FIELDS: &'static [&'static str] = &["current_password", "new_password", "confirm_new_password"];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let Some((_, user)) = self.auth.signed_in(parts).await? else {
            return Ok(temporary(&to_login(&self.login_url, parts)));
        };
        let caller = Caller::new(&self.auth, parts);
        Ok(caller.page(&self.template, self.complete(Page::new(StatusCode::OK), &user)))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        if self.read_only {
            return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "Running in read only mode"));
        }
        let html = input.wants_html();
        let Some((_, user)) = self.auth.signed_in(parts).await? else {
            return Ok(match html {
                true => see_other(&self.login_url),
                false => problem(StatusCode::UNAUTHORIZED, Some(&Sentence::new("auth-no-session-cookie"))),
            });
        };
        let caller = Caller::new(&self.auth, parts);
        match self.change(caller, &user, input).await? {
            Ok(()) => {}
            Err(refusal) => {
                return Ok(refusal.answer(caller, &self.template, html, |page| self.complete(page, &user)));
            }
        }
        if let (Some(email), Ok((mailer, places))) = (user.email.as_deref(), self.auth.post_office()) {
            // The password is changed, whatever becomes of the mail.
            let letters = Letters::new(&self.auth, caller.language(), &places);
            if let Err(error) = mailer.send(letters.password(&user, email)) {
                tracing::error!(%error, "a change of password could not be told by mail");
            }
        }
        let mut response = match html {
            true => {
                let said = caller.say("auth-done-password", &[]);
                redirect_with_flash(&parts.headers, &self.login_url, &said, "success")
            }
            false => see_other(&self.login_url),
        };
        let cookie = self.auth.session_cookie().clear(&parts.headers);
        response.headers_mut().append(SET_COOKIE, cookie);
        Ok(response)
    }
}

impl ChangePassword {
    fn complete(&self, page: Page, user: &User) -> Page {
        page.set("username", &*user.username).set("min_password_length", self.auth.password_policy().least())
    }

    async fn change(
        &self,
        caller: Caller<'_>,
        user: &User,
        input: &Input,
    ) -> Result<Result<(), Refusal>, AuthError> {
        let texts = (
            need(input, "current_password"),
            need(input, "new_password"),
            need(input, "confirm_new_password"),
        );
        let (current, new) = match texts {
            (Ok(current), Ok(new), Ok(again)) => match self.auth.password_policy().check_for(new, user) {
                Err(problem) => return Ok(Err(bad_password(problem, "new_password"))),
                Ok(()) if new != again => {
                    return Ok(Err(Refusal::of("auth-passwords-differ", "confirm_new_password")));
                }
                Ok(()) => (current, new),
            },
            (Err(missing), ..) | (_, Err(missing), _) | (.., Err(missing)) => return Ok(Err(missing)),
        };
        if let Err(refusal) = super::check_own_password(caller, user, current).await? {
            return Ok(Err(refusal));
        }
        self.auth.replace_password(&user.id, new).await?;
        note("password.change", Some(&user.id), caller.parts);
        Ok(Ok(()))
    }
}
