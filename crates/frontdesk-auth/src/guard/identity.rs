use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use frontdesk_data::Actor;
use frontdesk_web::Problem;
use futures_util::future::BoxFuture;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::{AuthError, SessionInfo, User};

/// Finds out who makes a request: by a session, a token, or in a way of the application's own.
///
/// ```
/// use frontdesk_auth::{AuthBackend, Identity, Refusal};
/// use futures_util::future::BoxFuture;
/// use http::request::Parts;
///
/// /// Lets in whoever comes from the machine itself.
/// struct Local;
///
/// impl AuthBackend for Local {
///     fn authenticate<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Refusal>> {
///         let is_local = frontdesk_web::is_loopback_host(&request.headers);
///         Box::pin(async move {
///             if is_local { Ok(Identity::service("local")) } else { Err(Refusal::unauthorized("Not from here.")) }
///         })
///     }
/// }
/// ```
pub trait AuthBackend: Send + Sync + 'static {
    /// Who it is; [`Identity::anonymous`] where that is allowed.
    fn authenticate<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Refusal>>;
}

impl<B: AuthBackend + ?Sized> AuthBackend for Arc<B> {
    fn authenticate<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Refusal>> {
        (**self).authenticate(request)
    }
}

/// Who makes a request. Handlers behind an [`AuthLayer`](crate::AuthLayer) find it in the request's extensions.
#[derive(Clone, Debug)]
pub struct Identity {
    kind: Kind,
    scopes: Vec<Arc<str>>,
    reason: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum Kind {
    Anonymous,
    User(Arc<Known>),
    Service(Arc<str>),
}

/// A user, and by which session. Shared, as it is asked for several times a request.
#[derive(Debug)]
struct Known {
    user: User,
    session: Option<SessionInfo>,
}

impl Identity {
    /// A visitor who is not signed in.
    pub fn anonymous() -> Self {
        Self { kind: Kind::Anonymous, scopes: Vec::new(), reason: None }
    }

    /// A user.
    pub fn user(user: User) -> Self {
        Self { kind: Kind::User(Arc::new(Known { user, session: None })), scopes: Vec::new(), reason: None }
    }

    /// A user, by a session.
    pub fn session(user: User, session: SessionInfo) -> Self {
        Self {
            kind: Kind::User(Arc::new(Known { user, session: Some(session) })),
            scopes: Vec::new(),
            reason: None,
        }
    }

    /// A program that is no user and has no row.
    pub fn service(name: impl Into<Arc<str>>) -> Self {
        Self { kind: Kind::Service(name.into()), scopes: Vec::new(), reason: None }
    }

    /// Limits what is allowed to these scopes; with none, there are no limits.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<Arc<str>>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Says why it is nobody.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Why it is nobody, where the backend says so: `Token has expired`.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// Whether this is anybody at all.
    pub fn is_authenticated(&self) -> bool {
        !matches!(self.kind, Kind::Anonymous)
    }

    /// The name to show; empty for who is anonymous.
    pub fn display_name(&self) -> &str {
        match &self.kind {
            Kind::Anonymous => "",
            Kind::User(known) => &known.user.username,
            Kind::Service(name) => name,
        }
    }

    /// The user, if it is one.
    pub fn as_user(&self) -> Option<&User> {
        match &self.kind {
            Kind::User(known) => Some(&known.user),
            _ => None,
        }
    }

    /// The session, if it was found by one.
    pub fn as_session(&self) -> Option<&SessionInfo> {
        match &self.kind {
            Kind::User(known) => known.session.as_ref(),
            _ => None,
        }
    }

    /// To what the token is limited; empty where it is to nothing.
    pub fn scopes(&self) -> &[Arc<str>] {
        &self.scopes
    }

    /// Whether something is allowed that a token may be limited to. Nobody is limited who came by a session; who is
    /// anonymous, has no scope at all.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.is_authenticated()
            && (self.scopes.is_empty() || self.scopes.iter().any(|known| **known == *scope))
    }

    /// Who asks, for a [`Policy`](frontdesk_data::Policy). A token that is limited never has more than a user's rights, and
    /// its scopes as roles.
    pub fn actor(&self) -> Actor {
        let limited =
            |actor: Actor| self.scopes.iter().fold(actor, |actor, scope| actor.role(Arc::clone(scope)));
        match &self.kind {
            Kind::Anonymous => Actor::anonymous(),
            Kind::User(known) if self.scopes.is_empty() => known.user.actor(),
            Kind::User(known) => limited(Actor::user(known.user.id.clone())),
            Kind::Service(name) => limited(Actor::user(&**name)),
        }
    }
}

/// Why a request is not let through: a status and a sentence.
///
/// As an answer it is a problem document with the sentence as `detail` and as `error`.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    sentence: Cow<'static, str>,
    challenge: Option<&'static str>,
}

impl Refusal {
    /// 401: nobody is signed in.
    pub fn unauthorized(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, sentence: sentence.into(), challenge: None }
    }

    /// 403: the one who is, may not.
    pub fn forbidden(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::FORBIDDEN, sentence: sentence.into(), challenge: None }
    }

    /// Says by which scheme of `Authorization` one would be let in.
    #[must_use]
    pub fn challenge(mut self, scheme: &'static str) -> Self {
        self.challenge = Some(scheme);
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Refusal {}

/// What it was is for the log.
impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        let status = error.status();
        tracing::error!(%error, "nobody could be let in");
        let sentence = match status {
            StatusCode::SERVICE_UNAVAILABLE => "Signing in is not possible just now. Try again in a moment.",
            _ => "Something went wrong. It has been noted.",
        };
        Self { status, sentence: sentence.into(), challenge: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem =
            Problem::new(self.status).detail(self.sentence.clone()).with("error", self.sentence.into_owned());
        let mut response = problem.into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Some(scheme) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
        }
        response
    }
}

/// `{"token": …}`, as programs that sign in get it.
pub(crate) fn token_answer(token: &str) -> Response {
    let mut response = Json(serde_json::json!({ "token": token })).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
