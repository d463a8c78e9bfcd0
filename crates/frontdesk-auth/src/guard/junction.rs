use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::StatusCode;
use http::request::Parts;

use super::{AuthBackend, Identity, Refusal};

/// Several ways to be let in: whoever any of them knows, gets through.
///
/// They are asked in turn, and the first that knows somebody decides. Where none does but one allows anonymous visitors,
/// that is what the visitor is. Else the answer is 401 `Auth failed on all backends.`, or 403 if one of them knew the user,
/// who may not.
///
/// There is no counterpart to `JunctionMiddleware`, which tries several applications at one path until one does not answer
/// 404: an [`axum::Router`] does that with [`merge`](axum::Router::merge) and
/// [`fallback_service`](axum::Router::fallback_service).
///
/// ```
/// use frontdesk_auth::{AuthLayer, AuthenticationBackendJunction, SecretTokens, SessionsAuthBackend, TokenAuthBackend};
/// # fn example(auth: &frontdesk_auth::Auth) {
/// let either = AuthenticationBackendJunction::new()
///     .backend(SessionsAuthBackend::of(auth).admin_only(false))
///     .backend(TokenAuthBackend::new(SecretTokens::new(["fd_a-long-random-text-of-32-bytes-or-more"])));
/// let app: axum::Router = axum::Router::new().layer(AuthLayer::new(either));
/// # }
/// ```
#[derive(Clone, Default)]
pub struct AuthenticationBackendJunction {
    backends: Vec<Arc<dyn AuthBackend>>,
}

impl AuthenticationBackendJunction {
    /// No way in yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a way in.
    #[must_use]
    pub fn backend(mut self, backend: impl AuthBackend) -> Self {
        self.backends.push(Arc::new(backend));
        self
    }
}

impl AuthBackend for AuthenticationBackendJunction {
    fn authenticate<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Refusal>> {
        Box::pin(async move {
            let mut anonymous = None;
            let mut refusal = Refusal::unauthorized("Auth failed on all backends.");
            for backend in &self.backends {
                match backend.authenticate(request).await {
                    Ok(identity) if identity.is_authenticated() => return Ok(identity),
                    Ok(identity) => anonymous = Some(identity),
                    // Whether it would have let somebody in, nobody knows.
                    Err(broken) if broken.status().is_server_error() => return Err(broken),
                    Err(may_not) if may_not.status() == StatusCode::FORBIDDEN => refusal = may_not,
                    Err(_) => {}
                }
            }
            anonymous.ok_or(refusal)
        })
    }
}

impl std::fmt::Debug for AuthenticationBackendJunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthenticationBackendJunction").field("backends", &self.backends.len()).finish()
    }
}
