use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use frontdesk_data::Actor;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, CACHE_CONTROL, LOCATION, VARY};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use tower::{Layer, Service};

use super::{AuthBackend, Identity, Refusal, original_uri};

/// Lets nobody through to what it is laid around unless a [backend](AuthBackend) says who they are.
///
/// It covers every path and method of the router, also such as there are not. What is behind finds the
/// [`User`](crate::User), the [`SessionInfo`](crate::SessionInfo), the [`Identity`] and the
/// [`Actor`](frontdesk_data::Actor) in the request's extensions; the first of these are extractors too. Its answers are not
/// kept by browsers (`Cache-Control: no-store`), unless they say otherwise themselves.
///
/// ```
/// use axum::{Router, routing::get};
/// use frontdesk_auth::{AuthLayer, SessionsAuthBackend, User};
///
/// # fn example(auth: &frontdesk_auth::Auth) {
/// let backend = SessionsAuthBackend::of(auth).admin_only(false);
/// let app: Router = Router::new()
///     .route("/hello", get(|user: User| async move { format!("Hello {}", user.username) }))
///     .layer(AuthLayer::new(backend).login_url("/login/"));
/// # }
/// ```
///
/// # Refusals
/// 401 or 403, as [`Refusal`] says. Where there is a [login page](Self::login_url), a browser that wants to see a page and
/// is not signed in is sent there, with the address as `next`.
#[derive(Clone)]
pub struct AuthLayer {
    backend: Arc<dyn AuthBackend>,
    login_url: Option<Arc<str>>,
    actor: Arc<dyn Fn(&Identity) -> Actor + Send + Sync>,
}

impl AuthLayer {
    /// A layer that asks `backend`.
    pub fn new(backend: impl AuthBackend) -> Self {
        Self { backend: Arc::new(backend), login_url: None, actor: Arc::new(Identity::actor) }
    }

    /// Sets where browsers are sent that are not signed in. Default: nowhere, they are refused like programs.
    #[must_use]
    pub fn login_url(mut self, url: impl Into<Arc<str>>) -> Self {
        self.login_url = Some(url.into());
        self
    }

    /// Sets as whom the [policy](frontdesk_data::Policy) knows who makes a request: with roles of the application's own, say.
    /// Default: [`Identity::actor`], by which administrators and superusers are `admin`, and other users `user`.
    ///
    /// ```
    /// use frontdesk_auth::{AuthLayer, SessionsAuthBackend};
    /// use frontdesk_data::Actor;
    ///
    /// # fn example(auth: &frontdesk_auth::Auth) {
    /// let guard = AuthLayer::new(SessionsAuthBackend::of(auth).admin_only(false)).actor(|identity| {
    ///     match identity.as_user() {
    ///         Some(user) if user.superuser => Actor::admin(),
    ///         Some(user) if user.admin => Actor::staff(user.id.clone()).role("editor"),
    ///         _ => identity.actor(),
    ///     }
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn actor(mut self, actor: impl Fn(&Identity) -> Actor + Send + Sync + 'static) -> Self {
        self.actor = Arc::new(actor);
        self
    }

    /// The answer to who is not let through.
    fn refuse(&self, refusal: Refusal, request: &Parts) -> Response {
        let to_login = self.login_url.as_deref().filter(|_| {
            refusal.status() == StatusCode::UNAUTHORIZED
                && request.method == Method::GET
                && wants_page(request)
        });
        let Some(url) = to_login else { return refusal.into_response() };
        let next = original_uri(request).path_and_query().map_or("/", |path| path.as_str());
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let joint = if url.contains('?') { '&' } else { '?' };
        match HeaderValue::try_from(format!("{url}{joint}next={next}")) {
            Ok(location) => {
                let no_store = HeaderValue::from_static("no-store");
                (StatusCode::SEE_OTHER, [(LOCATION, location), (CACHE_CONTROL, no_store)]).into_response()
            }
            Err(_) => refusal.into_response(),
        }
    }
}

impl std::fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthLayer").field("login_url", &self.login_url).finish_non_exhaustive()
    }
}

/// Whether this is a browser that is going to show what comes: scripts that fetch something want a status.
fn wants_page(request: &Parts) -> bool {
    match request.headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => {
            request.headers.get_all(ACCEPT).iter().any(|accept| {
                accept.as_bytes().windows(9).any(|kind| kind.eq_ignore_ascii_case(b"text/html"))
            })
        }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService { inner, layer: self.clone() }
    }
}

/// What [`AuthLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    inner: S,
    layer: AuthLayer,
}

impl<S> Service<Request> for AuthService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let layer = self.layer.clone();
        // The one that was asked whether it is ready is the one to call.
        let fresh = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let identity = match layer.backend.authenticate(&parts).await {
                Ok(identity) => identity,
                Err(refusal) => return Ok(layer.refuse(refusal, &parts)),
            };
            let is_authenticated = identity.is_authenticated();
            parts.extensions.insert((layer.actor)(&identity));
            put(identity, &mut parts);
            let mut response = ready.call(Request::from_parts(parts, body)).await?;
            let headers = response.headers_mut();
            if is_authenticated {
                headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
            } else {
                // Who is signed in sees another one, perhaps.
                headers.append(VARY, HeaderValue::from_static("Cookie, Authorization"));
            }
            Ok(response)
        })
    }
}

fn put(identity: Identity, request: &mut Parts) {
    let extensions = &mut request.extensions;
    // What an outer guard has found is not to be mixed with this.
    extensions.remove::<crate::User>();
    extensions.remove::<crate::SessionInfo>();
    if let Some(user) = identity.as_user() {
        extensions.insert(user.clone());
    }
    if let Some(session) = identity.as_session() {
        extensions.insert(session.clone());
    }
    extensions.insert(identity);
}
