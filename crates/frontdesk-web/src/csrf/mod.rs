//! Requests that another site makes a visitor's browser send (cross-site request forgery).

mod body;
mod origin;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower::{Layer, Service};

use self::origin::Origin;
use self::token::Binding;
pub use self::token::CsrfToken;
use crate::layer::{Around, Step};
use crate::{ClientAddress, CookieScope, Purpose, Signer, cookie};

/// The cookie with a visitor's own random value, to which tokens are bound as long as there is no session.
const VISITOR: &str = "csrf_visitor";

/// Refuses requests that another site made a visitor's browser send, with 403 and a sentence as plain text.
///
/// GET, HEAD, OPTIONS and TRACE pass; every other request has to
/// 1. come from a page of this site, as far as the browser says (`Sec-Fetch-Site`, else `Origin`, else `Referer`), and
/// 2. bring a token: in the header `X-CSRFToken`, or in the field `csrftoken` of a form, urlencoded or multipart.
///
/// Pages write the token that the layer puts among a request's extensions, the [`CsrfToken`]; scripts read the cookie
/// `csrftoken`. A token is bound to the session by HMAC, so that of one session is worth nothing in another, and looks
/// different on each page. There is a new one after signing in and out. To find the token, the layer reads the beginning of
/// a form, and hands it on whole.
///
/// A request with `Authorization: Bearer …` and without a session's cookie needs no token: no browser adds that by itself.
///
/// # Defaults
/// | option | here | `CSRFMiddleware` |
/// |---|---|---|
/// | [`allowed_hosts`](Self::allowed_hosts) | none: the site itself | none: no check |
/// | [`cookie_name`](Self::cookie_name) | `csrftoken` | the same |
/// | [`header_name`](Self::header_name) | `X-CSRFToken` | the same |
/// | [`max_age`](Self::max_age) | a year | the same |
/// | [`allow_header_param`](Self::allow_header_param) | true | the same |
/// | [`allow_form_param`](Self::allow_form_param) | **true** | false |
///
/// ```
/// use axum::{Router, response::Html, routing::get};
/// use frontdesk_web::{CsrfLayer, CsrfToken, Secret, Signer};
///
/// async fn page(token: CsrfToken) -> Html<String> {
///     Html(format!("<form method=post>{}<button>Send</button></form>", token.hidden_input()))
/// }
///
/// let signer = Signer::new(Secret::random());
/// let app: Router = Router::new()
///     .route("/", get(page).post(async || "done"))
///     .layer(CsrfLayer::new(&signer));
/// ```
#[derive(Clone, Debug)]
pub struct CsrfLayer(Arc<Settings>);

#[derive(Clone)]
struct Settings {
    purpose: Purpose,
    allowed_hosts: Vec<Box<str>>,
    cookie_name: Arc<str>,
    header_name: HeaderName,
    max_age: Duration,
    in_header: bool,
    in_form: bool,
    session_cookie: Arc<str>,
    production: bool,
    form_bytes: usize,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("allowed_hosts", &self.allowed_hosts)
            .field("cookie_name", &self.cookie_name)
            .field("header_name", &self.header_name)
            .field("session_cookie", &self.session_cookie)
            .finish_non_exhaustive()
    }
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    NoCookie,
    NoToken,
    InHeader,
    InForm,
    Elsewhere,
}

impl Refusal {
    fn sentence(self) -> &'static str {
        match self {
            Self::NoCookie => "No CSRF cookie found",
            Self::NoToken => "The CSRF token wasn't found in the form data or header.",
            Self::InHeader => "The CSRF token in the header doesn't match the cookie.",
            Self::InForm => "The CSRF token in the form doesn't match the cookie.",
            Self::Elsewhere => "Referer or origin is incorrect",
        }
    }
}

impl CsrfLayer {
    /// A layer whose tokens are signed by that signer; all instances of a site need the same secret.
    pub fn new(signer: &Signer) -> Self {
        Self(Arc::new(Settings {
            purpose: signer.purpose("csrf"),
            allowed_hosts: Vec::new(),
            cookie_name: "csrftoken".into(),
            header_name: HeaderName::from_static("x-csrftoken"),
            max_age: Duration::from_secs(31_536_000),
            in_header: true,
            in_form: true,
            session_cookie: "id".into(),
            production: false,
            form_bytes: 1 << 20,
        }))
    }

    fn change(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Lets pages at other hosts send requests too: `admin.example.com`, which is then any port, or `localhost:5173`.
    /// Subdomains are others. Default: pages of the host that the request names alone.
    #[must_use]
    pub fn allowed_hosts<T: AsRef<str>>(self, hosts: impl IntoIterator<Item = T>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.as_ref().to_ascii_lowercase().into()).collect();
        self.change(|settings| settings.allowed_hosts = hosts)
    }

    /// Sets the name of the cookie that scripts read, which is the form field's name too. Default: `csrftoken`.
    ///
    /// # Panics
    /// If it is not made of ASCII letters, digits, `-`, `_`.
    #[must_use]
    pub fn cookie_name(self, name: &str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(!name.is_empty() && name.bytes().all(is_plain), "`{name}` is no name for a cookie of ours");
        self.change(|settings| settings.cookie_name = name.into())
    }

    /// Sets the name of the header. Default: `X-CSRFToken`.
    #[must_use]
    pub fn header_name(self, name: HeaderName) -> Self {
        self.change(|settings| settings.header_name = name)
    }

    /// Sets how long the cookies last. Default: a year.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        self.change(|settings| settings.max_age = age)
    }

    /// Whether a token in the header counts. Default: yes.
    #[must_use]
    pub fn allow_header_param(self, allow: bool) -> Self {
        self.change(|settings| settings.in_header = allow)
    }

    /// Whether a token in a form counts, which is looked for where there is none in the header. Default: yes.
    #[must_use]
    pub fn allow_form_param(self, allow: bool) -> Self {
        self.change(|settings| settings.in_form = allow)
    }

    /// Sets the name of the session's cookie, without `__Host-`. Default: `id`.
    #[must_use]
    pub fn session_cookie(self, name: &str) -> Self {
        self.change(|settings| settings.session_cookie = name.into())
    }

    /// Whether cookies are `Secure` even where the site is reached by a loopback name; set it as the session's cookie has
    /// it. Default: no.
    #[must_use]
    pub fn production(self, production: bool) -> Self {
        self.change(|settings| settings.production = production)
    }

    /// Sets within how many bytes of a form the token has to come: so many are kept in memory. Put it before files.
    /// Default: 1 MiB.
    #[must_use]
    pub fn max_form_bytes(self, bytes: usize) -> Self {
        self.change(|settings| settings.form_bytes = bytes)
    }
}

impl Settings {
    fn scope(&self, request: &HeaderMap) -> CookieScope {
        if self.production { CookieScope::of(&HeaderMap::new()) } else { CookieScope::of(request) }
    }

    /// What the tokens of this request are bound to.
    fn binding(&self, scope: CookieScope, headers: &HeaderMap) -> Binding {
        // The cookie's name is that which no neighbouring site can set, or somebody else might choose the session.
        let session = cookie(headers, &scope.own(&self.session_cookie)).filter(|value| !value.is_empty());
        let visitor = cookie(headers, &scope.own(VISITOR)).filter(|value| token::is_random(value));
        Binding::new(session, visitor)
    }

    /// Whether a program asks, that no browser sent: with a token of its own, and without any session's cookie.
    fn is_program(&self, headers: &HeaderMap) -> bool {
        let mut schemes = headers.get_all(AUTHORIZATION).iter().map(|value| value.as_bytes().get(..7));
        let bears = |start: Option<&[u8]>| start.is_some_and(|start| start.eq_ignore_ascii_case(b"bearer "));
        let is_bearer = schemes.next().is_some_and(bears) && schemes.next().is_none();
        let name = &*self.session_cookie;
        let names = [name.to_owned(), format!("{name}_mfa")];
        let has_session = |name: &String| {
            cookie(headers, name).is_some() || cookie(headers, &format!("__Host-{name}")).is_some()
        };
        is_bearer && !names.iter().any(has_session)
    }

    /// Whether an unsafe request may go on.
    async fn check(&self, request: Request, binding: &Binding) -> (Request, Result<(), Refusal>) {
        let headers = request.headers();
        if self.is_program(headers) {
            return (request, Ok(()));
        }
        let https = ClientAddress::of(request.extensions()).and_then(ClientAddress::is_https);
        let origin = Origin::of(request.uri(), headers, &self.allowed_hosts, https);
        if origin == Origin::Elsewhere {
            return (request, Err(Refusal::Elsewhere));
        }
        if binding.is_none() {
            return (request, Err(Refusal::NoCookie));
        }
        let is_valid = |token: &str| binding.verify(&self.purpose, token, origin == Origin::Here);
        let mut given = headers.get_all(&self.header_name).iter();
        if let Some(token) = given.next().filter(|_| self.in_header) {
            let is_one = given.next().is_none();
            let fits = is_one && token.to_str().is_ok_and(is_valid);
            return (request, if fits { Ok(()) } else { Err(Refusal::InHeader) });
        }
        if !self.in_form {
            return (request, Err(Refusal::NoToken));
        }
        let (request, token) = body::find(request, &self.cookie_name, self.form_bytes).await;
        let found = match token {
            Some(token) if is_valid(&token) => Ok(()),
            Some(token) if !token.is_empty() => Err(Refusal::InForm),
            _ => Err(Refusal::NoToken),
        };
        (request, found)
    }

    /// Gives the browser what it needs for the next request.
    fn set_cookies(
        &self,
        scope: CookieScope,
        given: Option<&str>,
        binding: &Binding,
        headers: &mut HeaderMap,
    ) {
        if headers.get_all(CACHE_CONTROL).iter().any(is_for_all) {
            return;
        }
        let mut cookies = Vec::new();
        if let Some(fresh) = binding.fresh_visitor() {
            cookies.push(scope.persistent(&scope.own(VISITOR), fresh, self.max_age));
        }
        if !given.is_some_and(|given| binding.verify(&self.purpose, given, false)) {
            let token = binding.token(&self.purpose);
            cookies.push(scope.readable(&self.cookie_name, &token, self.max_age));
        }
        if cookies.is_empty() {
            return;
        }
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie);
        }
    }

    /// The session after this response, where it sets or removes the cookie: `Some(None)` if it is removed.
    fn session_after(&self, scope: CookieScope, headers: &HeaderMap) -> Option<Option<String>> {
        let name = scope.own(&self.session_cookie).into_owned();
        let lines = headers.get_all(SET_COOKIE).iter().rev();
        lines.filter_map(|line| line.to_str().ok()).find_map(|line| {
            let value = line.strip_prefix(&name)?.strip_prefix('=')?;
            let value = value.split(';').next().unwrap_or_default().trim();
            Some((!value.is_empty() && value != "\"\"").then(|| value.to_owned()))
        })
    }
}

/// Whether a cache may give the response to others.
fn is_for_all(value: &HeaderValue) -> bool {
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    text.split(',').map(str::trim).any(|part| part == "public" || part == "immutable")
}

impl<S> Layer<S> for CsrfLayer {
    type Service = Around<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Around::new(inner, self.clone())
    }
}

impl Step for CsrfLayer {
    async fn run<S>(self, request: Request, mut next: S) -> Result<Response, S::Error>
    where
        S: Service<Request, Response = Response> + Send,
        S::Future: Send,
        S::Error: Send,
    {
        let settings = self.0;
        let scope = settings.scope(request.headers());
        let mut binding = settings.binding(scope, request.headers());
        let given = cookie(request.headers(), &settings.cookie_name).map(str::to_owned);
        let is_safe = request.method().is_safe();
        let mut request = request;
        if !is_safe {
            let (checked, refused) = settings.check(request, &binding).await;
            if let Err(refusal) = refused {
                tracing::info!(uri = %checked.uri().path(), reason = refusal.sentence(), "a request is refused");
                body::drain(checked.into_body()).await;
                return Ok(refuse(refusal));
            }
            request = checked;
        }
        binding.settle();
        let token = CsrfToken::new(&settings.purpose, &binding, &settings.cookie_name, &settings.header_name);
        request.extensions_mut().insert(token);
        let mut response = next.call(request).await?;
        let after = settings.session_after(scope, response.headers());
        let changes = after.is_some();
        if let Some(session) = after {
            binding.set_session(session.as_deref());
        }
        if is_safe || changes {
            settings.set_cookies(scope, given.as_deref(), &binding, response.headers_mut());
        }
        Ok(response)
    }
}

fn refuse(refusal: Refusal) -> Response {
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (StatusCode::FORBIDDEN, headers, refusal.sentence()).into_response()
}
