use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Tokens;
use crate::guard::{ExcludedPaths, path_of};
use crate::{AuthBackend, AuthError, Identity, Refusal};

/// Knows whose a token is.
pub trait TokenAuthProvider: Send + Sync + 'static {
    /// Whose it is; nothing where it is nobody's.
    fn identify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Identity>, AuthError>>;
}

/// The user of the token, limited to its scopes.
impl TokenAuthProvider for Tokens {
    fn identify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Identity>, AuthError>> {
        Box::pin(async move {
            let found = self.find(token).await?;
            Ok(found.map(|(info, user)| Identity::user(user).with_scopes(info.scopes)))
        })
    }
}

/// Tokens that are fixed in the application's configuration. Whoever has one is a service called `secret_token_user`.
///
/// They are held as hashes, and compared in constant time.
///
/// # Warnings
/// A token that people have thought of can be guessed: `head -c 32 /dev/urandom | base64` makes one.
#[derive(Clone)]
pub struct SecretTokens {
    hashes: Arc<[[u8; 32]]>,
}

impl SecretTokens {
    /// These tokens; one of less than 16 characters is left out, with an error in the log.
    pub fn new(tokens: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let hashes = tokens.into_iter().filter_map(|token| {
            let token = token.as_ref();
            if token.len() < 16 {
                tracing::error!("a secret token of less than 16 characters is not accepted");
                return None;
            }
            Some(Sha256::digest(token.as_bytes()).into())
        });
        Self { hashes: hashes.collect() }
    }
}

impl std::fmt::Debug for SecretTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretTokens").field("tokens", &self.hashes.len()).finish()
    }
}

impl TokenAuthProvider for SecretTokens {
    fn identify<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Identity>, AuthError>> {
        let given: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        // All of them are looked at, whichever it is.
        let known = self.hashes.iter().fold(0, |known, hash| known | hash.ct_eq(&given).unwrap_u8());
        let identity = (known == 1).then(|| Identity::service("secret_token_user"));
        Box::pin(std::future::ready(Ok(identity)))
    }
}

/// Finds out who makes a request by `Authorization: Bearer TOKEN`.
///
/// # What is answered
/// 401 with `The Authorization header is missing.`, `The header is in the wrong format.`, or `Token not recognised`; 403 with
/// `The token lacks a scope.` where it lacks one that is [required](Self::require_scope).
///
/// ```
/// use frontdesk_auth::{AuthLayer, TokenAuthBackend, Tokens};
/// # fn example(tokens: &Tokens) {
/// let backend = TokenAuthBackend::new(tokens.clone()).require_scope("orders").excluded_paths(["/docs/*"]);
/// let api: axum::Router = axum::Router::new().layer(AuthLayer::new(backend));
/// # }
/// ```
#[derive(Clone)]
pub struct TokenAuthBackend {
    provider: Arc<dyn TokenAuthProvider>,
    scopes: Vec<Arc<str>>,
    excluded: ExcludedPaths,
}

impl TokenAuthBackend {
    /// Asks `provider`: [`Tokens`], [`SecretTokens`], or one of your own.
    pub fn new(provider: impl TokenAuthProvider) -> Self {
        Self { provider: Arc::new(provider), scopes: Vec::new(), excluded: ExcludedPaths::default() }
    }

    /// Refuses tokens that are limited to other scopes. Where several are required, a token needs all of them.
    #[must_use]
    pub fn require_scope(mut self, scope: impl Into<Arc<str>>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Sets the paths that need no token, as for [sessions](crate::SessionsAuthBackend::excluded_paths). Default: none.
    #[must_use]
    pub fn excluded_paths(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.excluded = ExcludedPaths::new(paths);
        self
    }

    async fn find(&self, request: &Parts) -> Result<Identity, Refusal> {
        if self.excluded.contain(path_of(request)) {
            return Ok(Identity::anonymous());
        }
        let refuse = |sentence: &'static str| Err(Refusal::unauthorized(sentence).challenge("Bearer"));
        let token = match bearer(&request.headers) {
            Ok(token) => token,
            Err(BearerError::Missing) => return refuse("The Authorization header is missing."),
            Err(BearerError::Malformed) => return refuse("The header is in the wrong format."),
        };
        let Some(identity) = self.provider.identify(token).await? else {
            return refuse("Token not recognised");
        };
        if !self.scopes.iter().all(|scope| identity.has_scope(scope)) {
            return Err(Refusal::forbidden("The token lacks a scope."));
        }
        Ok(identity)
    }
}

impl std::fmt::Debug for TokenAuthBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenAuthBackend").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

impl AuthBackend for TokenAuthBackend {
    fn authenticate<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Refusal>> {
        Box::pin(self.find(request))
    }
}

/// Why there is no token in the head of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BearerError {
    Missing,
    Malformed,
}

/// The token of `Authorization: Bearer TOKEN`; the scheme in any case of letters. Of two headers neither counts.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let header = all.next().ok_or(BearerError::Missing)?;
    if all.next().is_some() {
        return Err(BearerError::Malformed);
    }
    let (scheme, token) =
        header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(BearerError::Malformed)?;
    let token = token.trim_matches(' ');
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if scheme.eq_ignore_ascii_case("bearer") && is_token { Ok(token) } else { Err(BearerError::Malformed) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_scheme_ignores_case_and_the_rest_does_not() {
        let read = |value: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            bearer(&headers).map(str::to_owned)
        };
        for value in ["Bearer abc", "bearer abc", "BEARER  abc", "Bearer abc "] {
            assert_eq!(read(value).as_deref(), Ok("abc"), "{value}");
        }
        for value in ["Bearer", "Bearer ", "Basic abc", "abc", "", "Bearer a b", "Bearerabc"] {
            assert_eq!(read(value), Err(BearerError::Malformed), "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), Err(BearerError::Missing));
        let mut two = HeaderMap::new();
        two.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        two.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert_eq!(bearer(&two), Err(BearerError::Malformed));
    }

    #[test]
    fn secret_tokens_are_compared_whole() {
        let tokens = SecretTokens::new(["a-long-random-text", "short", "another-random-text"]);
        let knows = |token: &str| {
            let found = futures_util::FutureExt::now_or_never(tokens.identify(token)).unwrap().unwrap();
            found.map(|identity| identity.display_name().to_owned())
        };
        assert_eq!(knows("another-random-text").as_deref(), Some("secret_token_user"));
        for token in ["short", "", "a-long-random-tex", "a-long-random-text "] {
            assert_eq!(knows(token), None, "{token}");
        }
        assert!(!format!("{tokens:?}").contains("random"));
    }
}
