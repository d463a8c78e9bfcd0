//! What people sign in, sign out and register by: one router for each.

mod account;
mod agent;
mod all;
mod change_password;
mod confirm_email;
mod letters;
mod login;
mod logout;
mod mfa_setup;
#[cfg(test)]
mod mfa_tests;
mod password_reset;
mod register;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{OriginalUri, Request, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use frontdesk_forms::{Captcha, CaptchaContext, CaptchaRefusal, WhenDown};
use frontdesk_web::{ClientAddress, Problem, same_site_only};
use futures_util::FutureExt;
use http::header::{LOCATION, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

pub use self::account::{Account, account};
pub use self::change_password::{ChangePassword, change_password};
pub use self::confirm_email::{ConfirmEmail, confirm_email};
pub(crate) use self::letters::{Letters, Places};
pub use self::login::{SessionLogin, session_login};
pub use self::logout::{SessionLogout, session_logout};
pub use self::mfa_setup::{MfaSetup, mfa_setup};
pub use self::password_reset::{PasswordReset, password_reset};
pub use self::register::{Register, UserDefaults, register};
use crate::attempts::Held;
use crate::input::Input;
use crate::page::{Caller, Page, PageTemplate, Sentence, finish, problem, trouble};
use crate::{Auth, AuthError, User, UserId};

/// What the configuration of each page has: colours, and a template of one's own.
macro_rules! page_options {
    () => {
        /// Sets the colours.
        pub fn styles(mut self, styles: crate::Styles) -> Self {
            self.template = self.template.styles(styles);
            self
        }

        /// Takes a file as the page. It is read now.
        ///
        /// # Errors
        /// [`AuthError::Setup`](crate::AuthError::Setup), if it cannot be read, or is no template.
        pub fn template_path(mut self, path: impl AsRef<std::path::Path>) -> Result<Self, crate::AuthError> {
            self.template = self.template.file(path.as_ref())?;
            Ok(self)
        }
    };
}
pub(crate) use page_options;

/// A page with a form, and what becomes of it.
pub(crate) trait Endpoint: Send + Sync + 'static {
    /// The fields that have to be texts.
    const FIELDS: &'static [&'static str];

    /// What all share.
    fn auth(&self) -> &Auth;

    /// The page.
    fn template(&self) -> &PageTemplate;

    /// Answers a GET.
    fn show(&self, parts: &Parts) -> impl Future<Output = Result<Response, AuthError>> + Send;

    /// Answers a POST.
    fn submit(
        &self,
        parts: &Parts,
        input: &Input,
    ) -> impl Future<Output = Result<Response, AuthError>> + Send;
}

/// The router of an endpoint. It is safe by itself: requests of other sites are refused, and no answer is kept.
pub(crate) fn router<E: Endpoint>(endpoint: E) -> Router {
    Router::new()
        .route("/", get(show::<E>).post(submit::<E>))
        .layer(map_response(async |response: Response| finish(response)))
        .with_state(Arc::new(endpoint))
}

async fn show<E: Endpoint>(State(endpoint): State<Arc<E>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let shown = AssertUnwindSafe(endpoint.show(&parts)).catch_unwind().await;
    settle(&*endpoint, &parts, shown, !crate::input::accepts_json(&parts.headers))
}

async fn submit<E: Endpoint>(State(endpoint): State<Arc<E>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !same_site_only(&parts.method, &parts.uri, &parts.headers) {
        let said = "This request comes from another site.";
        return Problem::new(StatusCode::FORBIDDEN).detail(said).into_response();
    }
    let input = match Input::read(&parts.headers, body, E::FIELDS).await {
        Ok(input) => input,
        Err(error) => return error.into_response(),
    };
    let html = input.wants_html();
    let submitted = AssertUnwindSafe(endpoint.submit(&parts, &input)).catch_unwind().await;
    settle(&*endpoint, &parts, submitted, html)
}

fn settle<E: Endpoint, P>(
    endpoint: &E,
    parts: &Parts,
    answer: Result<Result<Response, AuthError>, P>,
    html: bool,
) -> Response {
    let error = match answer {
        Ok(Ok(response)) => return response,
        Ok(Err(error)) => error,
        Err(_) => AuthError::Fault("an endpoint of sign-in panicked".to_owned()),
    };
    let plain = trouble(&error);
    if !html {
        return plain;
    }
    let caller = Caller::new(endpoint.auth(), parts);
    let key =
        if plain.status() == StatusCode::SERVICE_UNAVAILABLE { "auth-unavailable" } else { "auth-trouble" };
    let page = Page::new(plain.status())
        .error(Sentence::new(key), "")
        .set("title", caller.say("auth-trouble-title", &[]));
    let mut response = caller.page(&endpoint.template().sibling("message.html"), page);
    if let Some(after) = plain.headers().get(RETRY_AFTER) {
        response.headers_mut().insert(RETRY_AFTER, after.clone());
    }
    response
}

/// Tells the log what happened to an account, in one form. Names and addresses that were typed are left out: people type
/// passwords there.
pub(crate) fn note(event: &'static str, user: Option<&UserId>, parts: &Parts) {
    let user = user.map(ToString::to_string);
    let address = ClientAddress::of(&parts.extensions).map(|client| client.ip().to_string());
    tracing::info!(
        target: "frontdesk_auth::events",
        event,
        user = user.as_deref(),
        address = address.as_deref()
    );
}

/// Sends the visitor on by GET. A place that no header can hold becomes `/`.
pub(crate) fn see_other(place: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::try_from(place).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, place);
    response
}

/// Sends the visitor on, by the same method.
pub(crate) fn temporary(place: &str) -> Response {
    let mut response = see_other(place);
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response
}

/// The login page, which leads back to where the visitor is now.
pub(crate) fn to_login(login_url: &str, parts: &Parts) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let here = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
    let sign = if login_url.contains('?') { '&' } else { '?' };
    format!("{login_url}{sign}next={next}")
}

/// Too many tries of a second factor are no trouble of ours.
pub(crate) fn limited<T>(result: Result<T, AuthError>) -> Result<Result<T, Refusal>, AuthError> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(AuthError::TooManyTries { retry_after }) => Ok(Err(Refusal::held(retry_after))),
        Err(error) => Err(error),
    }
}

/// Whether who is signed in knows their password.
pub(crate) async fn check_own_password(
    caller: Caller<'_>,
    user: &User,
    password: &str,
) -> Result<Result<(), Refusal>, AuthError> {
    let auth = caller.auth;
    let begun = auth.attempts().begin("password", caller.parts, auth.session_cookie(), &user.username).await;
    let attempt = match begun {
        Ok(attempt) => attempt,
        Err(Held::For(wait)) => return Ok(Err(Refusal::held(wait))),
        Err(Held::Unknown(error)) => return Err(error),
    };
    if auth.users().check_password(&user.id, password).await?.is_none() {
        return Ok(Err(Refusal::of("auth-password-wrong", "current_password")));
    }
    attempt.forgive().await?;
    Ok(Ok(()))
}

/// The text of a field that has to be filled in.
pub(crate) fn need<'i>(input: &'i Input, name: &'static str) -> Result<&'i str, Refusal> {
    input.filled(name).ok_or_else(|| Refusal::of("auth-form-incomplete", name))
}

/// An answer of one plain sentence.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

/// Why a submission was refused: a status, what is said, and the field that it is about.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) sentence: Sentence,
    pub(crate) field: &'static str,
    /// How many seconds to wait before the next try.
    wait: Option<u64>,
}

impl Refusal {
    /// One for what was typed: 422.
    pub(crate) fn of(key: &'static str, field: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Sentence::new(key), field)
    }

    pub(crate) fn new(status: StatusCode, sentence: Sentence, field: &'static str) -> Self {
        Self { status, sentence, field, wait: None }
    }

    /// One for who has tried too often: 429.
    pub(crate) fn held(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let sentence = Sentence::with("auth-too-many", "seconds", seconds);
        Self { wait: Some(seconds.max(1)), ..Self::new(StatusCode::TOO_MANY_REQUESTS, sentence, "") }
    }

    /// The answer: the page that `page` completes for those who asked for one, else a problem.
    pub(crate) fn answer(
        self,
        caller: Caller<'_>,
        template: &PageTemplate,
        html: bool,
        complete: impl FnOnce(Page) -> Page,
    ) -> Response {
        let mut response = match html {
            true => caller.page(template, complete(Page::new(self.status).error(self.sentence, self.field))),
            false => problem(self.status, Some(&self.sentence)),
        };
        if let Some(wait) = self.wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}

/// The captcha of an endpoint.
#[derive(Clone)]
pub(crate) struct Gate {
    captcha: Option<Captcha>,
    action: &'static str,
    when_down: WhenDown,
}

impl Gate {
    /// None yet, for the form of that name; `when_down` is what becomes of it while the provider is out of reach.
    pub(crate) fn new(action: &'static str, when_down: WhenDown) -> Self {
        Self { captcha: None, action, when_down }
    }

    pub(crate) fn set(&mut self, captcha: Captcha) {
        self.captcha = Some(captcha);
    }

    fn context(&self, caller: Caller<'_>) -> CaptchaContext {
        let address = ClientAddress::of(&caller.parts.extensions).map(ClientAddress::ip);
        let context = CaptchaContext::new(self.action)
            .address(address)
            .when_down(self.when_down)
            .language(&caller.language());
        match caller.auth.url().and_then(|url| url.host_str()) {
            Some(host) => context.host(host),
            None => context,
        }
    }

    /// Puts it into the form.
    pub(crate) fn draw(&self, caller: Caller<'_>, refusal: Option<&CaptchaRefusal>, page: Page) -> Page {
        let Some(captcha) = &self.captcha else { return page };
        let context = self.context(caller);
        let html = match refusal {
            Some(refusal) => captcha.html_after(caller.auth.desk(), &context, refusal),
            None => captcha.html(caller.auth.desk(), &context),
        };
        page.captcha(html, captcha.csp())
    }

    /// Whether it was solved.
    pub(crate) async fn check(&self, caller: Caller<'_>, input: &Input) -> Result<(), CaptchaRefusal> {
        let Some(captcha) = &self.captcha else { return Ok(()) };
        let answer = captcha.read(|name| input.filled(name).map(str::to_owned));
        captcha.check(caller.auth.desk(), &self.context(caller), answer).await
    }
}
