use std::borrow::Cow;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use frontdesk_forms::{Captcha, WhenDown};
use http::StatusCode;
use http::request::Parts;

use super::confirm_email::{done, invalid, message, secretive, token_of, user_of};
use super::letters::{Letters, Places};
use super::register::{bad_password, is_email};
use super::{Endpoint, Gate, Refusal, need, note, router};
use crate::input::Input;
use crate::page::{Caller, Page, PageTemplate, Sentence};
use crate::{Auth, AuthError, Link, LinkPurpose, Mail, Mailer, NewLink, User};

/// How long a link is good for at most.
const LONGEST: Duration = Duration::from_hours(1);

/// The configuration of [`password_reset`].
#[derive(Clone)]
#[must_use]
pub struct PasswordReset {
    auth: Auth,
    template: PageTemplate,
    login_url: Cow<'static, str>,
    gate: Gate,
    lives: Duration,
    mailer: Mailer,
    places: Places,
}

impl PasswordReset {
    /// Password reset with the defaults.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if there is no [mailer](Auth::mailer) or no [base URL](Auth::base_url).
    pub fn new(auth: &Auth) -> Result<Self, AuthError> {
        let (mailer, places) = auth.post_office()?;
        Ok(Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("password_reset.html"),
            login_url: "/login/".into(),
            // Mails to strangers are what it could be misused for.
            gate: Gate::new("password-reset", WhenDown::Refuse),
            lives: Duration::from_mins(30),
            mailer,
            places,
        })
    }

    /// Sets the path where this endpoint is, to which the links in mails lead. Default: `/password-reset/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.places.reset = path.into();
        self
    }

    /// Sets the address of the login page, where visitors go afterwards. Default: `/login/`.
    pub fn login_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.login_url = place.into();
        self
    }

    /// Sets how long a link is good for, at most an hour. Default: 30 minutes.
    pub fn link_lives(mut self, time: Duration) -> Self {
        self.lives = time.min(LONGEST);
        self
    }

    /// Sets a captcha for the request of a link. While it cannot be checked, no link is sent. Default: none.
    pub fn captcha(mut self, captcha: impl Into<Captcha>) -> Self {
        self.gate.set(captcha.into());
        self
    }

    super::page_options!();
}

/// Lets users set a new password in place of one that they have forgotten.
///
/// - GET answers with a form for an e-mail address. POST with `email` is answered in the same way, whether there is an
///   account with that address or not: 200, a page or `{"message": …}`. If there is one, a mail with a link is on its way.
/// - GET with `token`, where the link leads, answers with a form for the new password. POST with `token`, `new_password` and
///   `confirm_new_password` sets it: 303 to the login page, or 200 `{"message": …}`.
///
/// A link is good for one use, for half an hour, and until the password or the address changes. All sessions of the user end.
/// Nobody is signed in by it, and the second factor is still asked for at sign-in.
///
/// ```
/// use axum::Router;
/// use frontdesk_auth::{Auth, AuthError, Mailer, PasswordReset, password_reset};
///
/// fn app(auth: Auth) -> Result<Router, AuthError> {
///     let auth = auth.base_url("https://shop.example".parse().unwrap()).mailer(Mailer::folder("mails"));
///     Ok(Router::new().nest("/password-reset/", password_reset(PasswordReset::new(&auth)?)))
/// }
/// ```
pub fn password_reset(config: PasswordReset) -> Router {
    router(config)
}

impl Endpoint for PasswordReset {
    const FIELDS: &'static [&'static str] = &["email", "token", "new_password", "confirm_new_password"];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let caller = Caller::new(&self.auth, parts);
        let token = token_of(&parts.uri);
        if token.is_empty() {
            return Ok(secretive(self.ask(caller, Page::new(StatusCode::OK), None)));
        }
        let page = match self.auth.links().look(LinkPurpose::Reset, &token).await? {
            Some(_) => caller.page(&self.template, self.complete(Page::new(StatusCode::OK), &token)),
            None => self.ask(caller, Page::new(StatusCode::UNPROCESSABLE_ENTITY).error(invalid(), ""), None),
        };
        Ok(secretive(page))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        let caller = Caller::new(&self.auth, parts);
        Ok(secretive(match input.filled("token") {
            Some(token) => self.set(caller, input, token).await?,
            None => self.send(caller, input).await?,
        }))
    }
}

impl PasswordReset {
    fn complete(&self, page: Page, token: &str) -> Page {
        page.set("token", token)
            .set("min_password_length", self.auth.password_policy().least())
            .set("links", minijinja::context! { login => &*self.login_url })
    }

    /// The page that asks for an address.
    fn ask(&self, caller: Caller<'_>, page: Page, input: Option<&Input>) -> Response {
        let email = input.and_then(|input| input.text("email")).unwrap_or_default();
        let page = self.gate.draw(caller, None, self.complete(page, "").set("email", email));
        caller.page(&self.template, page)
    }

    async fn send(&self, caller: Caller<'_>, input: &Input) -> Result<Response, AuthError> {
        let html = input.wants_html();
        let complete =
            |page: Page| self.complete(page, "").set("email", input.text("email").unwrap_or_default());
        if let Err(refusal) = self.gate.check(caller, input).await {
            let said = Refusal::new(refusal.status(), Sentence::Error(refusal.error().clone()), "");
            return Ok(said.answer(caller, &self.template, html, |page| {
                self.gate.draw(caller, Some(&refusal), complete(page))
            }));
        }
        let email = match need(input, "email") {
            Ok(email) if is_email(email) => email.to_owned(),
            Ok(_) => {
                return Ok(self.refuse(caller, Refusal::of("auth-email-invalid", "email"), html, complete));
            }
            Err(refusal) => return Ok(self.refuse(caller, refusal, html, complete)),
        };
        let (auth, lives) = (self.auth.clone(), self.lives);
        let letters = Letters::new(&auth, caller.language(), &self.places);
        // Behind the queue, so that the answer takes the same time whether there is such an account or not.
        self.mailer.later(async move { mail(&auth, &letters, &email, lives).await })?;
        if !html {
            return Ok(message("auth-done-reset-sent"));
        }
        let page = Page::new(StatusCode::OK)
            .notice(caller.say("auth-done-reset-sent", &[]))
            .set("title", caller.say("auth-reset", &[]))
            .set("links", minijinja::context! { login => &*self.login_url });
        Ok(caller.page(&self.template.sibling("message.html"), page))
    }

    fn refuse(
        &self,
        caller: Caller<'_>,
        refusal: Refusal,
        html: bool,
        complete: impl FnOnce(Page) -> Page,
    ) -> Response {
        refusal.answer(caller, &self.template, html, |page| self.gate.draw(caller, None, complete(page)))
    }

    async fn set(&self, caller: Caller<'_>, input: &Input, token: &str) -> Result<Response, AuthError> {
        let html = input.wants_html();
        let links = self.auth.links();
        let refuse = |refusal: Refusal, token: &str| {
            Ok(refusal.answer(caller, &self.template, html, |page| self.complete(page, token)))
        };
        let found = links.look(LinkPurpose::Reset, token).await?;
        let Some(user) = self.owner(found).await? else {
            return refuse(Refusal::of("auth-link-invalid", ""), "");
        };
        let new = match (need(input, "new_password"), need(input, "confirm_new_password")) {
            (Ok(new), Ok(again)) => match self.auth.password_policy().check_for(new, &user) {
                Err(problem) => return refuse(bad_password(problem, "new_password"), token),
                Ok(()) if new != again => {
                    return refuse(Refusal::of("auth-passwords-differ", "confirm_new_password"), token);
                }
                Ok(()) => new,
            },
            (Err(missing), _) | (_, Err(missing)) => return refuse(missing, token),
        };
        // What was typed is good: the link is used up now. Of two who come at once, one gets it.
        let claimed = links.claim(LinkPurpose::Reset, token).await?;
        let Some(user) = self.owner(claimed).await? else {
            return refuse(Refusal::of("auth-link-invalid", ""), "");
        };
        self.auth.replace_password(&user.id, new).await?;
        note("password.reset", Some(&user.id), caller.parts);
        if user.email_confirmed.is_none()
            && let Some(email) = user.email.as_deref()
        {
            // Whoever follows the link reads the mail.
            self.auth.users().confirm_email(&user.id, email).await?;
        }
        if let Some(email) = user.email.as_deref() {
            let letters = Letters::new(&self.auth, caller.language(), &self.places);
            self.mailer.send(letters.password(&user, email))?;
        }
        Ok(done(caller, html, &self.login_url, "auth-done-password"))
    }

    /// Whose link it is, if they may sign in at all.
    async fn owner(&self, link: Option<Link>) -> Result<Option<User>, AuthError> {
        match link {
            Some(link) => Ok(user_of(&self.auth, &link).await?.filter(|user| user.active)),
            None => Ok(None),
        }
    }
}

/// What is mailed to whoever has that address.
async fn mail(auth: &Auth, letters: &Letters, email: &str, lives: Duration) -> Result<Vec<Mail>, AuthError> {
    let Some(user) = auth.users().by_email(email).await? else { return Ok(Vec::new()) };
    let Some(address) = user.email.as_deref().filter(|_| user.active) else { return Ok(Vec::new()) };
    let links = auth.links();
    if !auth.may_mail("reset", address).await? {
        return Ok(Vec::new());
    }
    let link = NewLink::new(LinkPurpose::Reset, lives).user(&user.id).address(address);
    let token = links.create(link).await?;
    Ok(vec![letters.reset(&user, address, &token, lives)])
}
