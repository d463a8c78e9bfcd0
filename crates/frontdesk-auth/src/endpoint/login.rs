use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use frontdesk_forms::{Captcha, WhenDown};
use frontdesk_web::{ClientAddress, RedirectTargets};
use http::StatusCode;
use http::header::SET_COOKIE;
use http::request::Parts;

use super::{Endpoint, Gate, Refusal, limited, note, router, see_other};
use crate::attempts::{Held, Try};
use crate::hooks::{HookAnswer, LoginContext, LoginHooks, RequestHead};
use crate::input::Input;
use crate::mfa::LoginAttempt;
use crate::page::{Caller, Page, PageTemplate, Sentence};
use crate::{
    Auth, AuthError, Decision, Entry, HalfSignedIn, MfaProvider, MfaRefusal, PasswordProof, Proofs,
    SessionCookie, SessionInfo, Sessions, SignedIn, Step, User, Visit,
};

/// The configuration of [`session_login`].
#[derive(Clone)]
#[must_use]
pub struct SessionLogin {
    auth: Auth,
    template: PageTemplate,
    sessions: Sessions,
    cookie: SessionCookie,
    redirect_to: Option<Cow<'static, str>>,
    targets: RedirectTargets,
    hooks: LoginHooks,
    gate: Gate,
    password_reset_url: Option<Cow<'static, str>>,
    register_url: Option<Cow<'static, str>>,
}

impl SessionLogin {
    /// Login with the defaults.
    pub fn new(auth: &Auth) -> Self {
        Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("login.html"),
            sessions: auth.sessions().clone(),
            cookie: auth.session_cookie().clone(),
            redirect_to: Some("/".into()),
            targets: RedirectTargets::own(),
            hooks: LoginHooks::new(),
            // Nobody is locked out because a third party is down: wrong passwords are slowed down all the same.
            gate: Gate::new("login", WhenDown::Accept),
            password_reset_url: None,
            register_url: None,
        }
    }

    /// Sets where to go after success, unless `next` names an own path. Default: `/`.
    pub fn redirect_to(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.redirect_to = Some(place.into());
        self
    }

    /// Answers success by JSON, `{"message": "logged in"}`, in place of a redirect.
    pub fn without_redirect(mut self) -> Self {
        self.redirect_to = None;
        self
    }

    /// Sets where `next` may lead. Default: own paths.
    pub fn redirect_targets(mut self, targets: RedirectTargets) -> Self {
        self.targets = targets;
        self
    }

    /// Sets how long a session lasts. Default: that of [`Auth`]'s sessions, 1 hour.
    pub fn session_expiry(mut self, time: Duration) -> Self {
        self.sessions = self.sessions.expiry(time);
        self
    }

    /// Sets the latest end of a session, if a guard extends it, and the cookie's age. Default: that of [`Auth`]'s sessions,
    /// 7 days.
    pub fn max_session_expiry(mut self, time: Duration) -> Self {
        self.sessions = self.sessions.max_expiry(time);
        self
    }

    /// Sets the session cookie: its name, and whether it is `Secure` on loopback names too. Default: that of
    /// [`Auth::cookie`], which the guard goes by.
    pub fn cookie(mut self, cookie: SessionCookie) -> Self {
        self.cookie = cookie;
        self
    }

    /// Sets functions of the application's own that run at each login. Default: none.
    pub fn hooks(mut self, hooks: LoginHooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// Sets a captcha. While it cannot be checked, logins go on without it; wrong passwords are slowed down all the same.
    /// Default: none.
    pub fn captcha(mut self, captcha: impl Into<Captcha>) -> Self {
        self.gate.set(captcha.into());
        self
    }

    super::page_options!();

    /// Shows a link to the page where a forgotten password is replaced. Default: none.
    pub fn password_reset_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.password_reset_url = Some(place.into());
        self
    }

    /// Shows a link to the page where one registers. Default: none.
    pub fn register_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.register_url = Some(place.into());
        self
    }

    /// Sets the second factors that are asked for. Default: those of [`Auth`].
    pub fn mfa_providers(mut self, providers: impl IntoIterator<Item = Arc<dyn MfaProvider>>) -> Self {
        self.auth = self.auth.with_mfa_providers(providers);
        self
    }
}

/// Signs users in, by a session.
///
/// GET answers with the form. POST takes `username` and `password`, and `mfa_code` and `mfa_provider_name` of who has a
/// second factor; as JSON, urlencoded or multipart. The first of these that fails ends it:
///
/// | step | without `format` | `format=html` |
/// |---|---|---|
/// | user name and password are there | 422 `Missing username or password` | 422, the page |
/// | `pre_login` hooks | 401, text `Login failed: …` | 401, the page |
/// | captcha | 422, its sentence | 422, the page |
/// | not too many wrong passwords lately | 429 with `Retry-After` | 429, the page |
/// | the password is right, the user active | `login_failure` hooks; else 401 `Login failed` | 401, the page |
/// | second factor | 401 `MFA code required`, `MFA provider must be specified`, `MFA provider not recognised.`, `MFA failed` | a page that asks for the code; 401 for a wrong one |
/// | `login_success` hooks | 401, text `Login failed: …` | 401, the page |
/// | success | 303, or 200 `{"message": "logged in"}` | the same |
///
/// Each success makes a new session, whatever cookie came along; one that came along ends. `next`, in the query or the form,
/// says where to go on success, if it is an own path.
///
/// A page asks for the code in a second step, for which the browser has a cookie of ten minutes that has no other rights. Other
/// clients send everything again, with the code.
///
/// ```
/// use axum::Router;
/// use frontdesk_auth::{Auth, SessionLogin, session_login};
///
/// fn app(auth: &Auth) -> Router {
///     Router::new().nest("/login/", session_login(SessionLogin::new(auth).redirect_to("/welcome/")))
/// }
/// ```
///
/// Where there are passkeys (`Auth::with_passkeys`), `passkey/` below this endpoint answers a GET with a challenge, and POST
/// takes the browser's answer, JSON of `state` and `credential`, as the field `passkey` in place of name and password.
pub fn session_login(config: SessionLogin) -> Router {
    #[cfg(feature = "passkeys")]
    if let Some(passkeys) = config.auth.passkeys().cloned() {
        let challenge = async move || match passkeys.begin_login() {
            Ok(challenge) => {
                let mut answer = challenge.options;
                answer["state"] = challenge.state.into();
                crate::page::finish(axum::Json(answer).into_response())
            }
            Err(error) => crate::page::trouble(&error),
        };
        return router(config).route("/passkey/", axum::routing::get(challenge));
    }
    router(config)
}

/// A login that is under way.
struct Attempt<'a> {
    caller: Caller<'a>,
    input: &'a Input,
    html: bool,
    context: LoginContext,
}

/// What became of a code.
struct CodeStep {
    response: Response,
    /// Whether the half-open session is still to be used.
    is_open: bool,
}

impl Endpoint for SessionLogin {
    const FIELDS: &'static [&'static str] =
        &["username", "password", "mfa_code", "mfa_provider_name", "passkey", "next"];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let caller = Caller::new(&self.auth, parts);
        let page = Page::new(StatusCode::OK);
        // Who has shown the password is asked for the code, until they want to start again.
        if !parts.uri.query().is_some_and(|query| query.split('&').any(|part| part == "again"))
            && let Some((_, user)) = self.half_open(parts).await?
        {
            let enrolled = self.auth.sign_in().enrolled(&user).await?;
            let names: Vec<String> = enrolled.names().into_iter().map(str::to_owned).collect();
            return Ok(self.code_page(caller, page, &names, None));
        }
        Ok(caller.page(&self.template, self.gate.draw(caller, None, self.complete(page, None))))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        let username = input.filled("username").unwrap_or_default();
        let address = ClientAddress::of(&parts.extensions).map(ClientAddress::ip);
        let attempt = Attempt {
            caller: Caller::new(&self.auth, parts),
            input,
            html: input.wants_html(),
            context: LoginContext::new(username, address, 1, RequestHead::of(parts)),
        };
        #[cfg(feature = "passkeys")]
        if let (Some(answer), Some(passkeys)) = (input.filled("passkey"), self.auth.passkeys()) {
            return self.by_passkey(attempt, passkeys, answer).await;
        }
        match (input.filled("username"), input.filled("password")) {
            (Some(_), Some(password)) => self.by_password(attempt, password).await,
            (None, None) => match self.half_open(parts).await? {
                Some((session, user)) => self.by_code(attempt, &session, &user).await,
                None => Ok(self.missing(&attempt)),
            },
            _ => Ok(self.missing(&attempt)),
        }
    }
}

impl SessionLogin {
    /// Completes the form for name and password.
    fn complete(&self, page: Page, input: Option<&Input>) -> Page {
        let username = input.and_then(|input| input.text("username")).unwrap_or_default();
        let links = minijinja::context! {
            password_reset => self.password_reset_url.as_deref(),
            register => self.register_url.as_deref(),
        };
        #[cfg(feature = "passkeys")]
        let has_passkeys = self.auth.passkeys().is_some();
        #[cfg(not(feature = "passkeys"))]
        let has_passkeys = false;
        page.set("username", username)
            .set("username_autocomplete", if has_passkeys { "username webauthn" } else { "username" })
            .set("passkey_login", has_passkeys)
            .set("links", links)
    }

    /// The page that asks for a code.
    fn code_page(&self, caller: Caller<'_>, page: Page, names: &[String], chosen: Option<&str>) -> Response {
        caller.page(&self.template, self.complete_code(page, names, chosen))
    }

    /// Completes the form for a code.
    fn complete_code(&self, page: Page, names: &[String], chosen: Option<&str>) -> Page {
        self.complete(page, None)
            .set("show_mfa_input", true)
            .set("mfa_only", true)
            .set("mfa_provider_names", names.to_vec())
            .set("mfa_provider_name", chosen)
    }

    /// The half-open session that the request brings, and its user.
    async fn half_open(&self, parts: &Parts) -> Result<Option<(SessionInfo, User)>, AuthError> {
        match self.cookie.half_open().read(&parts.headers) {
            Some(token) => self.sessions.find_half(token, self.auth.users()).await,
            None => Ok(None),
        }
    }

    fn missing(&self, attempt: &Attempt<'_>) -> Response {
        self.refuse(attempt, Refusal::of("auth-missing-credentials", "username"))
    }

    fn refuse(&self, attempt: &Attempt<'_>, refusal: Refusal) -> Response {
        let Attempt { caller, input, html, .. } = *attempt;
        refusal.answer(caller, &self.template, html, |page| {
            self.gate.draw(caller, None, self.complete(page, Some(input)))
        })
    }

    /// What a hook said, if it said something: in plain text for who did not ask for a page.
    fn hooked(&self, attempt: &Attempt<'_>, answer: &HookAnswer) -> Option<Response> {
        let text = answer.text()?;
        if !attempt.html {
            return Some((StatusCode::UNAUTHORIZED, format!("Login failed: {text}")).into_response());
        }
        let sentence = Sentence::Markup(answer.markup()?);
        Some(self.refuse(attempt, Refusal::new(StatusCode::UNAUTHORIZED, sentence, "")))
    }

    async fn by_password(&self, attempt: Attempt<'_>, password: &str) -> Result<Response, AuthError> {
        let mut attempt = attempt;
        let Attempt { caller, input, html, .. } = attempt;
        // Counted as a failure before anything is looked at, so that of many at once no more get through.
        let username = Arc::clone(&attempt.context.username);
        let begun = self.auth.attempts().begin("login", caller.parts, &self.cookie, &username).await;
        let counted = match begun {
            Ok(counted) => counted,
            Err(Held::For(wait)) => return Ok(self.refuse(&attempt, Refusal::held(wait))),
            Err(Held::Unknown(error)) => return Err(error),
        };
        attempt.context.attempt = counted.number;
        let said = self.hooks.before(&attempt.context).await?;
        if let Some(response) = self.hooked(&attempt, &said) {
            return Ok(response);
        }
        if let Err(refusal) = self.gate.check(caller, input).await {
            // Nothing was guessed.
            counted.undo().await?;
            let said = Refusal::new(refusal.status(), Sentence::Error(refusal.error().clone()), "");
            return Ok(said.answer(caller, &self.template, html, |page| {
                self.gate.draw(caller, Some(&refusal), self.complete(page, Some(input)))
            }));
        }
        let Some(proof) = self.auth.users().check_credentials(&username, password).await? else {
            return self.wrong(&attempt).await;
        };
        counted.forgive().await?;
        match html {
            true => self.step_of_page(&attempt, proof).await,
            false => self.step_of_client(&attempt, proof).await,
        }
    }

    /// Name or password is wrong, or the user may not sign in: nobody is told which.
    async fn wrong(&self, attempt: &Attempt<'_>) -> Result<Response, AuthError> {
        note("login.failure", None, attempt.caller.parts);
        let said = self.hooks.failed(&attempt.context).await?;
        if let Some(response) = self.hooked(attempt, &said) {
            return Ok(response);
        }
        let sentence = Sentence::wire("auth-login-failed", "Login failed");
        Ok(self.refuse(attempt, Refusal::new(StatusCode::UNAUTHORIZED, sentence, "")))
    }

    /// Signs in by a passkey alone.
    #[cfg(feature = "passkeys")]
    async fn by_passkey(
        &self,
        attempt: Attempt<'_>,
        passkeys: &crate::Passkeys,
        answer: &str,
    ) -> Result<Response, AuthError> {
        let refused = || {
            let sentence = Sentence::wire("mfa-passkey-refused", "Login failed");
            Refusal::new(StatusCode::UNAUTHORIZED, sentence, "")
        };
        let proof = match passkeys.finish_login(answer).await {
            Ok(proof) => proof,
            Err(crate::PasskeyError::Auth(error)) => return Err(error),
            Err(reason) => {
                tracing::info!(?reason, "a passkey was refused");
                return Ok(self.refuse(&attempt, refused()));
            }
        };
        let Some(user) = self.auth.users().by_id(proof.user_id()).await? else {
            return Ok(self.refuse(&attempt, refused()));
        };
        let context = LoginContext { username: Arc::clone(&user.username), ..attempt.context.clone() };
        let attempt = Attempt { context, ..attempt };
        let said = self.hooks.before(&attempt.context).await?;
        if let Some(response) = self.hooked(&attempt, &said) {
            return Ok(response);
        }
        match self.auth.sign_in().by_passkey(&user, &proof).await? {
            Step::SignedIn(signed_in) => self.succeed(&attempt, &signed_in).await,
            Step::Code { .. } | Step::SignInFirst | Step::Refused => Ok(self.refuse(&attempt, refused())),
        }
    }

    /// Goes on for a client that sends everything at once.
    async fn step_of_client(
        &self,
        attempt: &Attempt<'_>,
        proof: PasswordProof,
    ) -> Result<Response, AuthError> {
        let (code, provider) = (attempt.input.filled("mfa_code"), attempt.input.filled("mfa_provider_name"));
        // A code that is mailed has to be good for the next request, which knows no more than this one did.
        let known = LoginAttempt::new(format!("login {}", proof.user().id));
        let counted = match self.begin_code(attempt, code, proof.user()).await? {
            Ok(counted) => counted,
            Err(held) => return Ok(self.refuse(attempt, held)),
        };
        let sign_in = self.auth.sign_in();
        let step = limited(sign_in.by_password(Entry::Password, proof, code, provider, &known).await)?;
        let step = match step {
            Ok(step) => step,
            Err(refusal) => return Ok(self.refuse(attempt, refusal)),
        };
        match step {
            Step::SignedIn(signed_in) => {
                if let Some(counted) = counted {
                    counted.forgive().await?;
                }
                self.succeed(attempt, &signed_in).await
            }
            Step::Code { refusal, .. } => {
                let sentence = Sentence::Text(refusal.to_string());
                Ok(self.refuse(attempt, Refusal::new(StatusCode::UNAUTHORIZED, sentence, "mfa_code")))
            }
            Step::SignInFirst | Step::Refused => self.wrong(attempt).await,
        }
    }

    /// Goes on for a page: where a second factor is due, with a half-open session.
    async fn step_of_page(&self, attempt: &Attempt<'_>, proof: PasswordProof) -> Result<Response, AuthError> {
        let sign_in = self.auth.sign_in();
        let user = proof.user().clone();
        let enrolled = sign_in.enrolled(&user).await?;
        match sign_in.decide(Entry::Password, &user, &enrolled, &Proofs::none().password(proof)) {
            Decision::SignedIn(signed_in) => self.succeed(attempt, &signed_in).await,
            Decision::CodeRequired(half) => self.ask_for_code(attempt, &half).await,
            Decision::SignInFirst | Decision::Refused => self.wrong(attempt).await,
        }
    }

    /// Opens a half-open session, and goes on with it.
    async fn ask_for_code(&self, attempt: &Attempt<'_>, half: &HalfSignedIn) -> Result<Response, AuthError> {
        let headers = &attempt.caller.parts.headers;
        let visit = Visit::of(attempt.context.address, headers);
        let opened = self.sessions.open_half(half, &visit).await?;
        let cookie = self.cookie.half_open();
        if let Some(old) = cookie.read(headers) {
            self.sessions.end(old).await?;
        }
        let set = cookie.set(headers, &opened.token, Duration::from_mins(10));
        let mut step = self.code_step(attempt, &opened.info, half.user(), opened.token.as_str()).await?;
        if step.is_open {
            step.response.headers_mut().append(SET_COOKIE, set);
        }
        Ok(step.response)
    }

    /// Goes on with the half-open session that the request brings.
    async fn by_code(
        &self,
        attempt: Attempt<'_>,
        session: &SessionInfo,
        user: &User,
    ) -> Result<Response, AuthError> {
        let context = LoginContext { username: Arc::clone(&user.username), ..attempt.context.clone() };
        let attempt = Attempt { context, ..attempt };
        let said = self.hooks.before(&attempt.context).await?;
        if let Some(response) = self.hooked(&attempt, &said) {
            return Ok(response);
        }
        let half = self.cookie.half_open();
        let token = half.read(&attempt.caller.parts.headers).unwrap_or_default().to_owned();
        Ok(self.code_step(&attempt, session, user, &token).await?.response)
    }

    async fn code_step(
        &self,
        attempt: &Attempt<'_>,
        session: &SessionInfo,
        user: &User,
        token: &str,
    ) -> Result<CodeStep, AuthError> {
        let (code, provider) = (attempt.input.filled("mfa_code"), attempt.input.filled("mfa_provider_name"));
        let sign_in = self.auth.sign_in();
        let counted = match self.begin_code(attempt, code, user).await? {
            Ok(counted) => counted,
            Err(held) => return self.ask_again(attempt, user, held).await,
        };
        let step = match limited(sign_in.by_half_open(session, user, code, provider).await)? {
            Ok(step) => step,
            Err(refusal) => return self.ask_again(attempt, user, refusal).await,
        };
        let refusal = match step {
            Step::SignedIn(signed_in) => {
                if let Some(counted) = counted {
                    counted.forgive().await?;
                }
                // It has served its time, and of two requests with it one gets in.
                let response = match self.sessions.end(token).await? {
                    true => self.succeed(attempt, &signed_in).await?,
                    false => self.wrong(attempt).await?,
                };
                return Ok(CodeStep { response, is_open: false });
            }
            Step::Code { refusal, .. } => refusal,
            Step::SignInFirst | Step::Refused => {
                return Ok(CodeStep { response: self.wrong(attempt).await?, is_open: false });
            }
        };
        if !attempt.html {
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, Sentence::Text(refusal.to_string()), "");
            return Ok(CodeStep { response: self.refuse(attempt, refusal), is_open: true });
        }
        let enrolled = sign_in.enrolled(user).await?;
        let names: Vec<String> = enrolled.names().into_iter().map(str::to_owned).collect();
        // To be asked for a code is no error yet.
        let page = match refusal {
            MfaRefusal::CodeRequired { sent: true } => {
                Page::new(StatusCode::OK).notice(attempt.caller.say("auth-mfa-required-sent", &[]))
            }
            MfaRefusal::CodeRequired { sent: false } => Page::new(StatusCode::OK),
            _ => Page::new(StatusCode::UNAUTHORIZED).error(code_sentence(refusal), "mfa_code"),
        };
        let response = self.code_page(attempt.caller, page, &names, provider);
        Ok(CodeStep { response, is_open: true })
    }

    /// Counts a code that came along as a wrong one, until it is known better.
    async fn begin_code(
        &self,
        attempt: &Attempt<'_>,
        code: Option<&str>,
        user: &User,
    ) -> Result<Result<Option<Try<'_>>, Refusal>, AuthError> {
        if code.is_none() {
            return Ok(Ok(None));
        }
        let parts = attempt.caller.parts;
        match self.auth.attempts().begin("mfa", parts, &self.cookie, &user.username).await {
            Ok(counted) => Ok(Ok(Some(counted))),
            Err(Held::For(wait)) => Ok(Err(Refusal::held(wait))),
            Err(Held::Unknown(error)) => Err(error),
        }
    }

    /// The page that asks for a code, with what is wrong.
    async fn ask_again(
        &self,
        attempt: &Attempt<'_>,
        user: &User,
        refusal: Refusal,
    ) -> Result<CodeStep, AuthError> {
        let enrolled = self.auth.sign_in().enrolled(user).await?;
        let names: Vec<String> = enrolled.names().into_iter().map(str::to_owned).collect();
        let chosen = attempt.input.filled("mfa_provider_name");
        let response = refusal.answer(attempt.caller, &self.template, attempt.html, |page| {
            self.complete_code(page, &names, chosen)
        });
        Ok(CodeStep { response, is_open: true })
    }

    /// Asks the last hooks, and opens the session.
    async fn succeed(&self, attempt: &Attempt<'_>, signed_in: &SignedIn) -> Result<Response, AuthError> {
        let parts = attempt.caller.parts;
        let user = signed_in.user();
        let said = self.hooks.succeeded(&attempt.context.of_user(&user.id)).await?;
        if let Some(response) = self.hooked(attempt, &said) {
            return Ok(response);
        }
        let visit = Visit::of(attempt.context.address, &parts.headers);
        let opened = self.sessions.open(signed_in, &visit, self.cookie.read(&parts.headers)).await?;
        self.auth.users().note_login(&user.id).await?;
        note("login.success", Some(&user.id), parts);
        let mut response = match &self.redirect_to {
            Some(place) => see_other(&self.next(attempt).unwrap_or_else(|| place.to_string())),
            None => axum::Json(serde_json::json!({ "message": "logged in" })).into_response(),
        };
        let headers = response.headers_mut();
        headers.append(SET_COOKIE, self.cookie.set(&parts.headers, &opened.token, self.sessions.longest()));
        headers
            .append(SET_COOKIE, self.auth.attempts().remember(&parts.headers, &self.cookie, &user.username)?);
        let half = self.cookie.half_open();
        if half.read(&parts.headers).is_some() {
            headers.append(SET_COOKIE, half.clear(&parts.headers));
        }
        Ok(response)
    }

    /// Where the visitor wanted to go, if that is a place to send them to.
    fn next(&self, attempt: &Attempt<'_>) -> Option<String> {
        let query = attempt.caller.parts.uri.query().unwrap_or_default().as_bytes();
        let in_query =
            || form_urlencoded::parse(query).find(|(name, _)| name == "next").map(|(_, next)| next);
        let next = attempt.input.filled("next").map(Cow::Borrowed).or_else(in_query)?;
        self.targets.check(&next)
    }
}

fn code_sentence(refusal: MfaRefusal) -> Sentence {
    Sentence::new(match refusal {
        MfaRefusal::CodeRequired { sent: true } => "auth-mfa-required-sent",
        MfaRefusal::CodeRequired { sent: false } => "auth-mfa-required",
        MfaRefusal::ProviderRequired => "auth-mfa-unspecified",
        MfaRefusal::ProviderUnknown => "auth-mfa-none",
        MfaRefusal::Failed => "auth-mfa-failed",
    })
}
