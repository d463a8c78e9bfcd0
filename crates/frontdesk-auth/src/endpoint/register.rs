use std::borrow::Cow;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use frontdesk_forms::{Captcha, WhenDown};
use frontdesk_validate::{IsEmail, Rules};
use frontdesk_web::redirect_with_flash;
use http::StatusCode;
use http::request::Parts;

use super::letters::{Letters, Places};
use super::{Endpoint, Gate, Refusal, need, note, plain, router, see_other};
use crate::input::Input;
use crate::page::{Caller, Page, PageTemplate, Sentence, finish};
use crate::{Auth, AuthError, LinkPurpose, Mail, Mailer, NewLink, NewUser, PasswordProblem, User, UserError};

/// The longest user name, in characters.
const LONGEST_NAME: usize = 100;

/// The configuration of [`register`].
#[derive(Clone)]
#[must_use]
pub struct Register {
    auth: Auth,
    template: PageTemplate,
    redirect_to: Cow<'static, str>,
    login_url: Cow<'static, str>,
    defaults: UserDefaults,
    gate: Gate,
    read_only: bool,
    confirmation: Option<Confirmation>,
}

/// What new users are, where the form does not say it.
///
/// ```
/// use frontdesk_auth::UserDefaults;
///
/// let at_once = UserDefaults::default().active(true);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct UserDefaults {
    active: Option<bool>,
    admin: bool,
    superuser: bool,
}

impl UserDefaults {
    /// Sets whether they may sign in. Default: no; once they have confirmed their address, where that is asked for.
    pub fn active(self, active: bool) -> Self {
        Self { active: Some(active), ..self }
    }

    /// Sets whether they may enter the administration. Default: no.
    pub fn admin(self, admin: bool) -> Self {
        Self { admin, ..self }
    }

    /// Sets whether they may manage users. Default: no.
    pub fn superuser(self, superuser: bool) -> Self {
        Self { superuser, ..self }
    }
}

/// What is needed to ask for a confirmation of addresses.
#[derive(Clone)]
struct Confirmation {
    mailer: Mailer,
    places: Places,
    path: Cow<'static, str>,
    lives: Duration,
}

impl Register {
    /// Registration with the defaults.
    pub fn new(auth: &Auth) -> Self {
        Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("register.html"),
            redirect_to: "/login/".into(),
            login_url: "/login/".into(),
            defaults: UserDefaults::default(),
            // Nobody is locked out by this one being closed for a while.
            gate: Gate::new("register", WhenDown::Refuse),
            read_only: false,
            confirmation: None,
        }
    }

    /// Sets where to go after success. Default: `/login/`.
    pub fn redirect_to(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.redirect_to = place.into();
        self
    }

    /// Sets the address of the login page, to which the page has a link. Default: `/login/`.
    pub fn login_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.login_url = place.into();
        self
    }

    /// Sets what new users are. Default: not active.
    pub fn user_defaults(mut self, defaults: UserDefaults) -> Self {
        self.defaults = defaults;
        self
    }

    /// Sets a captcha. While it cannot be checked, nobody is registered. Default: none.
    pub fn captcha(mut self, captcha: impl Into<Captcha>) -> Self {
        self.gate.set(captcha.into());
        self
    }

    super::page_options!();

    /// Refuses every registration. Default: no.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Asks new users to confirm their e-mail address: they are active once they have followed a link in a mail, which is
    /// good for two days (see [`confirm_email`](super::confirm_email)). `user_defaults` with `active(false)` leaves them
    /// to be switched on by somebody.
    ///
    /// The answer is then the same whether there is an account already or not, and so is the time that it takes: whoever
    /// reads the mail is told.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if there is no [mailer](Auth::mailer) or no [base URL](Auth::base_url).
    pub fn confirm_email(self) -> Result<Self, AuthError> {
        self.confirm_email_at("/confirm-email/", Duration::from_hours(48))
    }

    /// As [`confirm_email`](Self::confirm_email), with the path of that endpoint and the time for which links are good.
    ///
    /// # Errors
    /// As [`confirm_email`](Self::confirm_email).
    pub fn confirm_email_at(
        mut self,
        path: impl Into<Cow<'static, str>>,
        lives: Duration,
    ) -> Result<Self, AuthError> {
        let (mailer, places) = self.auth.post_office()?;
        self.confirmation = Some(Confirmation { mailer, places, path: path.into(), lives });
        Ok(self)
    }
}

/// Lets visitors register.
///
/// GET answers with the form; POST takes `username`, `email`, `password`, `confirm_password`. Success is a redirect (303)
/// to `redirect_to`; the user is not signed in. What is wrong with the input is 422, with a sentence, or with the form
/// where `format=html` asks for it. Other fields, such as `admin`, have no effect.
///
/// Without [`confirm_email`](Register::confirm_email) a name or address that is taken is 422 `User with email or username
/// already exists.`, which tells strangers who has an account. With it, nobody is told but the reader of the mail.
///
/// ```
/// # use frontdesk_auth::{Auth, Sessions, Users};
/// use axum::Router;
/// use frontdesk_auth::{Register, UserDefaults, register};
///
/// fn app(auth: &Auth) -> Router {
///     let config = Register::new(auth).user_defaults(UserDefaults::default().active(true));
///     Router::new().nest("/register/", register(config))
/// }
/// ```
pub fn register(config: Register) -> Router {
    router(config)
}

impl Endpoint for Register {
    const FIELDS: &'static [&'static str] = &["username", "email", "password", "confirm_password"];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let caller = Caller::new(&self.auth, parts);
        Ok(caller.page(
            &self.template,
            self.gate.draw(caller, None, self.complete(Page::new(StatusCode::OK), None)),
        ))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        if self.read_only {
            return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "Running in read only mode."));
        }
        let caller = Caller::new(&self.auth, parts);
        let html = input.wants_html();
        if let Err(refusal) = self.gate.check(caller, input).await {
            let said = Refusal::new(refusal.status(), Sentence::Error(refusal.error().clone()), "");
            return Ok(said.answer(caller, &self.template, html, |page| {
                self.gate.draw(caller, Some(&refusal), self.complete(page, Some(input)))
            }));
        }
        let refuse = |refusal: Refusal| {
            Ok(refusal.answer(caller, &self.template, html, |page| {
                self.gate.draw(caller, None, self.complete(page, Some(input)))
            }))
        };
        let wanted = match self.read(input) {
            Ok(wanted) => wanted,
            Err(refusal) => return refuse(refusal),
        };
        let active = self.defaults.active.unwrap_or(false);
        let user = NewUser::new(wanted.username)
            .email(wanted.email)
            .password(wanted.password)
            .active(active)
            .admin(self.defaults.admin)
            .superuser(self.defaults.superuser);
        if let Some(confirmation) = &self.confirmation {
            self.register_later(confirmation, caller, user.active(false), &wanted)?;
            return Ok(self.accepted(caller, html, "auth-done-register-sent"));
        }
        match self.auth.users().insert(user).await {
            Ok(user) => {
                note("register", Some(&user.id), parts);
                let key = if active { "auth-done-registered" } else { "auth-done-registered-inactive" };
                Ok(self.accepted(caller, html, key))
            }
            Err(UserError::Auth(error)) => Err(error),
            Err(UserError::Name(_)) => refuse(Refusal::of("auth-username-invalid", "username")),
            Err(UserError::Email) => refuse(Refusal::of("auth-email-invalid", "email")),
            Err(UserError::Taken { .. }) => refuse(Refusal::of("auth-user-exists", "username")),
            Err(UserError::Refused(violations)) => {
                tracing::error!(?violations, "the table of users takes no users that register");
                Err(AuthError::Fault("the table of users takes no users that register".to_owned()))
            }
        }
    }
}

/// What somebody wants to be.
struct Wanted<'i> {
    username: &'i str,
    email: &'i str,
    password: &'i str,
}

impl Register {
    fn complete(&self, page: Page, input: Option<&Input>) -> Page {
        let text = |name| input.and_then(|input| input.text(name)).unwrap_or_default();
        page.set("username", text("username"))
            .set("email", text("email"))
            .set("min_password_length", self.auth.password_policy().least())
            .set("links", minijinja::context! { login => &*self.login_url })
    }

    /// The checks that need no database, in order.
    fn read<'i>(&self, input: &'i Input) -> Result<Wanted<'i>, Refusal> {
        let username = need(input, "username")?;
        let email = need(input, "email")?;
        let password = need(input, "password")?;
        let again = need(input, "confirm_password")?;
        if !is_email(email) {
            return Err(Refusal::of("auth-email-invalid", "email"));
        }
        if username.chars().count() > LONGEST_NAME {
            let sentence = Sentence::with("auth-username-long", "max", LONGEST_NAME);
            return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, sentence, "username"));
        }
        if username.contains(char::is_control) || username.trim() != username {
            return Err(Refusal::of("auth-username-invalid", "username"));
        }
        let policy = self.auth.password_policy();
        policy.check(password, &[username, email]).map_err(|problem| bad_password(problem, "password"))?;
        if password != again {
            return Err(Refusal::of("auth-passwords-differ", "confirm_password"));
        }
        Ok(Wanted { username, email, password })
    }
}

impl Register {
    /// Answers in the same way whatever becomes of it.
    fn accepted(&self, caller: Caller<'_>, html: bool, key: &'static str) -> Response {
        let headers = &caller.parts.headers;
        match html {
            true => finish(redirect_with_flash(headers, &self.redirect_to, &caller.say(key, &[]), "success")),
            false => see_other(&self.redirect_to),
        }
    }

    /// Registers behind the queue of mails, so that the answer takes the same time whether there is an account or not.
    fn register_later(
        &self,
        confirmation: &Confirmation,
        caller: Caller<'_>,
        user: NewUser,
        wanted: &Wanted<'_>,
    ) -> Result<(), AuthError> {
        let auth = self.auth.clone();
        let letters = Letters::new(&auth, caller.language(), &confirmation.places);
        let activates = self.defaults.active.unwrap_or(true);
        let pending = Pending { auth, letters, path: confirmation.path.clone(), lives: confirmation.lives };
        let (username, email) = (wanted.username.to_owned(), wanted.email.to_owned());
        let password = wanted.password.to_owned();
        confirmation.mailer.later(async move {
            if !pending.auth.may_mail("register", &email).await? {
                return Ok(Vec::new());
            }
            match pending.auth.users().insert(user).await {
                Ok(user) => pending.ask(&user, &email, activates).await,
                Err(UserError::Taken { email: true, .. }) => {
                    pending.again(&email, &password, activates).await
                }
                Err(UserError::Taken { .. }) => Ok(vec![pending.letters.taken(&username, &email)]),
                Err(UserError::Auth(error)) => Err(error),
                Err(refused) => Err(AuthError::Fault(format!(
                    "the table of users takes no users that register: {refused}"
                ))),
            }
        })
    }
}

/// What confirms an address, behind the queue.
pub(super) struct Pending {
    pub(super) auth: Auth,
    pub(super) letters: Letters,
    pub(super) path: Cow<'static, str>,
    pub(super) lives: Duration,
}

/// What is kept with a link that makes its user active.
pub(super) const ACTIVATES: &str = "activate";

impl Pending {
    /// Asks somebody who has just registered.
    async fn ask(&self, user: &User, email: &str, activates: bool) -> Result<Vec<Mail>, AuthError> {
        let links = self.auth.links();
        let link = NewLink::new(LinkPurpose::Confirm, self.lives)
            .user(&user.id)
            .address(email)
            .data(if activates { ACTIVATES } else { "" });
        let token = links.create(link).await?;
        Ok(vec![self.letters.confirm(&user.username, email, &self.path, &token, self.lives)])
    }

    /// Somebody registers with an address that there is an account for. If that was never confirmed, its owner may have lost
    /// the first mail: what they typed now counts, and who typed the first password has no use of it.
    async fn again(&self, email: &str, password: &str, activates: bool) -> Result<Vec<Mail>, AuthError> {
        let users = self.auth.users();
        let Some(user) = users.by_email(email).await? else { return Ok(Vec::new()) };
        let is_pending = !user.active && user.email_confirmed.is_none() && user.last_login.is_none();
        let links = self.auth.links();
        if !is_pending || !links.has_open(&user.id, LinkPurpose::Confirm).await? {
            let to = user.email.as_deref().unwrap_or(email);
            return Ok(vec![self.letters.exists(&user, to)]);
        }
        users.set_password(&user.id, password).await?;
        self.ask(&user, email, activates).await
    }
}

/// Whether a text has the shape of an e-mail address.
pub(super) fn is_email(text: &str) -> bool {
    text.len() <= 254 && Rules::one(IsEmail::new()).check_now(text.into()).is_ok()
}

/// What is wrong with a password.
pub(super) fn bad_password(problem: PasswordProblem, field: &'static str) -> Refusal {
    let sentence = match problem {
        PasswordProblem::TooShort { min } => Sentence::with(problem.key(), "min", min),
        PasswordProblem::TooLong { max } => Sentence::with(problem.key(), "max", max),
        _ => Sentence::new(problem.key()),
    };
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, sentence, field)
}
