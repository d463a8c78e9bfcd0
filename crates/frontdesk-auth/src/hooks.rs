//! What the application does of its own at a login.

use std::any::Any;
use std::fmt;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use frontdesk_html::Markup;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};

use crate::{AuthError, UserId};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Functions of the application's own that run at a login: plain ones and asynchronous ones, in the order in which they
/// were added.
///
/// - `pre_login`: before the password is looked at.
/// - `login_success`: after the password and the second factor, before the session is made.
/// - `login_failure`: after a wrong user name or password.
///
/// A plain function takes `&LoginContext`, an asynchronous one takes `LoginContext`. What they return, decides (see
/// [`IntoHookAnswer`]): `None` or `()` goes on; a text ends the login and is shown, escaped; [`Markup`] is shown as it
/// is, a link for example. The first one that says something is the last one that runs. An error or a panic ends the
/// login too, with a plain 500: nobody gets in because a hook could not be asked.
///
/// ```
/// use frontdesk_auth::{LoginContext, LoginHooks};
/// use frontdesk_html::Markup;
/// # struct Log;
/// # impl Log { async fn record(&self, _: String) {} }
/// # static MY_LOGGING_SERVICE: Log = Log;
///
/// fn check_ban_list(login: &LoginContext) -> Option<&'static str> {
///     ["nuisance", "pest"]
///         .contains(&&*login.username)
///         .then_some("This account has been temporarily suspended")
/// }
///
/// async fn log_success(login: LoginContext) {
///     MY_LOGGING_SERVICE.record(format!("{} just logged in", login.username)).await;
/// }
///
/// async fn log_failure(login: LoginContext) -> Markup {
///     MY_LOGGING_SERVICE.record(format!("{} could not log in", login.username)).await;
///     Markup::trusted(r#"To reset your password go <a href="/password-reset/">here</a>."#)
/// }
///
/// let hooks = LoginHooks::new()
///     .pre_login(check_ban_list)
///     .login_success(log_success)
///     .login_failure(log_failure);
/// ```
#[derive(Clone, Default)]
pub struct LoginHooks {
    pre_login: Vec<Hook>,
    login_success: Vec<Hook>,
    login_failure: Vec<Hook>,
}

type Hook = Arc<dyn Fn(LoginContext) -> BoxFuture<'static, Result<HookAnswer, BoxError>> + Send + Sync>;

/// The login that a hook is asked about. Cheap to clone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginContext {
    /// The name that was typed, which need not be that of a user.
    pub username: Arc<str>,
    /// Who signs in; known in `login_success` alone.
    pub user_id: Option<UserId>,
    /// Where the request comes from, if that is known.
    pub address: Option<IpAddr>,
    /// Which try this is of those that failed in a row for the account, the present one counted: 1 for the first.
    pub attempt: u32,
    /// The head of the request.
    pub request: RequestHead,
}

impl LoginContext {
    pub(crate) fn new(username: &str, address: Option<IpAddr>, attempt: u32, request: RequestHead) -> Self {
        Self { username: username.into(), user_id: None, address, attempt, request }
    }

    pub(crate) fn of_user(&self, id: &UserId) -> Self {
        Self { user_id: Some(id.clone()), ..self.clone() }
    }
}

/// The head of a request: method, address, headers. Cheap to clone. Its `Debug` output leaves out what may be secret.
#[derive(Clone)]
pub struct RequestHead(Arc<(Method, Uri, HeaderMap)>);

impl RequestHead {
    /// The head of that request.
    pub fn of(parts: &Parts) -> Self {
        Self(Arc::new((parts.method.clone(), parts.uri.clone(), parts.headers.clone())))
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.0.0
    }

    /// The address.
    pub fn uri(&self) -> &Uri {
        &self.0.1
    }

    /// The headers, cookies among them.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.2
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestHead({} {})", self.method(), self.uri().path())
    }
}

/// What a hook says: nothing, or why the login ends.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HookAnswer {
    /// The login goes on.
    GoOn,
    /// It ends with this text. On a page it is escaped.
    Text(String),
    /// It ends with this piece of HTML, which a page shows as it is.
    Markup(Markup),
}

impl HookAnswer {
    /// What is said, for a page.
    pub(crate) fn markup(&self) -> Option<Markup> {
        match self {
            Self::GoOn => None,
            Self::Text(text) => Some(Markup::escaped(text)),
            Self::Markup(markup) => Some(markup.clone()),
        }
    }

    /// What is said, for a client that is no browser.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::GoOn => None,
            Self::Text(text) => Some(text),
            Self::Markup(markup) => Some(markup.as_str()),
        }
    }
}

/// What a hook may return: `()`, texts, [`Markup`], [`HookAnswer`], an `Option` of those, and a `Result` of any of them.
///
/// # Errors
/// An `Err` ends the login with a plain 500; it is for the log alone.
#[diagnostic::on_unimplemented(
    message = "a login hook cannot return `{Self}`",
    note = "it returns (), a text, Markup, an Option or a Result of those"
)]
pub trait IntoHookAnswer {
    /// What is said.
    ///
    /// # Errors
    /// The hook's own.
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError>;
}

impl IntoHookAnswer for HookAnswer {
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError> {
        Ok(self)
    }
}

impl IntoHookAnswer for () {
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError> {
        Ok(HookAnswer::GoOn)
    }
}

impl IntoHookAnswer for &str {
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError> {
        Ok(HookAnswer::Text(self.to_owned()))
    }
}

impl IntoHookAnswer for String {
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError> {
        Ok(HookAnswer::Text(self))
    }
}

impl IntoHookAnswer for Markup {
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError> {
        Ok(HookAnswer::Markup(self))
    }
}

impl<T: IntoHookAnswer> IntoHookAnswer for Option<T> {
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError> {
        self.map_or(Ok(HookAnswer::GoOn), T::into_hook_answer)
    }
}

impl<T: IntoHookAnswer, E: Into<BoxError>> IntoHookAnswer for Result<T, E> {
    fn into_hook_answer(self) -> Result<HookAnswer, BoxError> {
        self.map_err(Into::into)?.into_hook_answer()
    }
}

/// A function that can be a hook: a plain one of `&LoginContext`, or an asynchronous one of `LoginContext`.
///
/// `M` only tells the two kinds apart; the compiler finds it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no login hook",
    note = "a hook is `fn(&LoginContext) -> impl IntoHookAnswer` or `async fn(LoginContext) -> impl IntoHookAnswer`"
)]
pub trait LoginHook<M>: Send + Sync + 'static {
    /// Asks it.
    fn ask(&self, login: LoginContext) -> BoxFuture<'static, Result<HookAnswer, BoxError>>;
}

impl<F, R> LoginHook<fn(&LoginContext) -> R> for F
where
    F: Fn(&LoginContext) -> R + Send + Sync + 'static,
    R: IntoHookAnswer,
{
    fn ask(&self, login: LoginContext) -> BoxFuture<'static, Result<HookAnswer, BoxError>> {
        Box::pin(std::future::ready(self(&login).into_hook_answer()))
    }
}

impl<F, A, R> LoginHook<fn(LoginContext) -> (A, R)> for F
where
    F: Fn(LoginContext) -> A + Send + Sync + 'static,
    A: Future<Output = R> + Send + 'static,
    R: IntoHookAnswer,
{
    fn ask(&self, login: LoginContext) -> BoxFuture<'static, Result<HookAnswer, BoxError>> {
        let answer = self(login);
        Box::pin(async move { answer.await.into_hook_answer() })
    }
}

impl LoginHooks {
    /// No hooks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a hook that runs before the password is looked at.
    #[must_use]
    pub fn pre_login<M>(mut self, hook: impl LoginHook<M>) -> Self {
        self.pre_login.push(boxed(hook));
        self
    }

    /// Adds a hook that runs after password and second factor, before the session is made.
    #[must_use]
    pub fn login_success<M>(mut self, hook: impl LoginHook<M>) -> Self {
        self.login_success.push(boxed(hook));
        self
    }

    /// Adds a hook that runs after a wrong user name or password.
    #[must_use]
    pub fn login_failure<M>(mut self, hook: impl LoginHook<M>) -> Self {
        self.login_failure.push(boxed(hook));
        self
    }

    pub(crate) async fn before(&self, login: &LoginContext) -> Result<HookAnswer, AuthError> {
        run("pre_login", &self.pre_login, login).await
    }

    pub(crate) async fn succeeded(&self, login: &LoginContext) -> Result<HookAnswer, AuthError> {
        run("login_success", &self.login_success, login).await
    }

    pub(crate) async fn failed(&self, login: &LoginContext) -> Result<HookAnswer, AuthError> {
        run("login_failure", &self.login_failure, login).await
    }
}

fn boxed<M>(hook: impl LoginHook<M>) -> Hook {
    Arc::new(move |login| hook.ask(login))
}

async fn run(list: &'static str, hooks: &[Hook], login: &LoginContext) -> Result<HookAnswer, AuthError> {
    for (index, hook) in hooks.iter().enumerate() {
        // A plain function panics when it is called, an asynchronous one when it is awaited.
        let asked = AssertUnwindSafe(async { hook(login.clone()).await }).catch_unwind().await;
        match asked {
            Ok(Ok(HookAnswer::GoOn)) => {}
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => {
                return Err(AuthError::Fault(format!("the {list} hook {index} failed: {error}")));
            }
            Err(panic) => {
                let said = said(&*panic);
                return Err(AuthError::Fault(format!("the {list} hook {index} panicked: {said}")));
            }
        }
    }
    Ok(HookAnswer::GoOn)
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}

impl fmt::Debug for LoginHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginHooks")
            .field("pre_login", &self.pre_login.len())
            .field("login_success", &self.login_success.len())
            .field("login_failure", &self.login_failure.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn login() -> LoginContext {
        let (parts, ()) = http::Request::post("/login/?x=1").body(()).unwrap().into_parts();
        LoginContext::new("ada", None, 1, RequestHead::of(&parts))
    }

    #[tokio::test]
    async fn auth_13_plain_and_asynchronous_hooks_run_in_the_order_they_were_added() {
        let ran: Arc<Mutex<Vec<u8>>> = Arc::default();
        let plain = |number: u8| {
            let ran = Arc::clone(&ran);
            move |_: &LoginContext| ran.lock().unwrap().push(number)
        };
        let slow = |number: u8| {
            let ran = Arc::clone(&ran);
            move |_: LoginContext| {
                let ran = Arc::clone(&ran);
                async move {
                    tokio::task::yield_now().await;
                    ran.lock().unwrap().push(number);
                }
            }
        };
        let hooks = LoginHooks::new()
            .pre_login(slow(1))
            .pre_login(plain(2))
            .pre_login(slow(3))
            .pre_login(plain(4))
            .pre_login(slow(5));
        assert_eq!(hooks.before(&login()).await.unwrap(), HookAnswer::GoOn);
        assert_eq!(*ran.lock().unwrap(), [1, 2, 3, 4, 5]);
        assert_eq!(hooks.succeeded(&login()).await.unwrap(), HookAnswer::GoOn, "another list");
        assert_eq!(ran.lock().unwrap().len(), 5);
    }

    #[tokio::test]
    async fn auth_13_the_first_one_that_speaks_ends_it() {
        let hooks = LoginHooks::new()
            .login_failure(|_: &LoginContext| None::<String>)
            .login_failure(async |login: LoginContext| Some(format!("<b>{}</b>", login.username)))
            .login_failure(|_: &LoginContext| -> () { panic!("not asked any more") });
        let answer = hooks.failed(&login()).await.unwrap();
        assert_eq!(answer, HookAnswer::Text("<b>ada</b>".to_owned()));
        assert_eq!(answer.markup().unwrap().as_str(), "&lt;b&gt;ada&lt;/b&gt;");
        let hooks = LoginHooks::new().login_failure(|_: &LoginContext| Markup::trusted("<b>x</b>"));
        assert_eq!(hooks.failed(&login()).await.unwrap().markup().unwrap().as_str(), "<b>x</b>");
    }

    #[tokio::test]
    async fn auth_13_an_error_or_a_panic_stops_it() {
        let failing: [LoginHooks; 4] = [
            LoginHooks::new().pre_login(|_: &LoginContext| -> () { panic!("plain") }),
            LoginHooks::new().pre_login(async |_: LoginContext| -> () { panic!("asynchronous {}", 1) }),
            LoginHooks::new().pre_login(|_: &LoginContext| Err::<(), _>("an error")),
            LoginHooks::new()
                .pre_login(async |_: LoginContext| Err::<Option<&str>, _>(std::io::Error::other("an error"))),
        ];
        for hooks in failing {
            let error = hooks.before(&login()).await.unwrap_err();
            assert_eq!(error.status(), 500, "{error}");
        }
    }

    #[test]
    fn what_is_printed_of_a_request_has_no_query_and_no_headers() {
        assert_eq!(format!("{:?}", login().request), "RequestHead(POST /login/)");
    }
}
