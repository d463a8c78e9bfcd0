//! A quota around a router.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower::{Layer, Service};

use super::{LimitKey, Limited, Limiter, Quota, seconds};
use crate::ClientAddress;
use crate::layer::{Around, Step};

type KeyOf = Arc<dyn Fn(&Request) -> Option<LimitKey> + Send + Sync>;

/// Limits how often each client may ask: more is answered with 429, `Too many requests` as plain text, and `Retry-After`.
///
/// Every request counts, whatever its method, path or outcome. Each answer says in the headers `RateLimit` and
/// `RateLimit-Policy` ([draft 10](https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html)) what is
/// left. If the limiter's store cannot be asked, the answer is 503.
///
/// # Defaults
/// 1,000 requests of each [client's address](ClientAddress) in 300 seconds, no block beyond that. A request whose address
/// is not known is answered with 400, `Client host can't be found.`: behind [`serve`](crate::serve()) every one is known.
///
/// ```
/// use std::time::Duration;
/// use axum::Router;
/// use frontdesk_web::limits::{Limiter, RateLimitLayer};
///
/// let layer = RateLimitLayer::new(&Limiter::memory()).limit(100).timespan(Duration::from_mins(1));
/// let app: Router = Router::new().layer(layer);
/// ```
#[derive(Clone)]
pub struct RateLimitLayer {
    limiter: Limiter,
    quota: Quota,
    name: Arc<str>,
    key: Option<KeyOf>,
}

impl RateLimitLayer {
    /// The default limit, counted by `limiter`.
    pub fn new(limiter: &Limiter) -> Self {
        let quota = Quota::new(1000, Duration::from_secs(300));
        Self { limiter: limiter.clone(), quota, name: "default".into(), key: None }
    }

    /// Sets how many requests may come within a timespan. Default: 1,000.
    ///
    /// # Panics
    /// If it is 0.
    #[must_use]
    pub fn limit(mut self, requests: u32) -> Self {
        self.quota = Quota::new(requests, self.quota.per).block(self.quota.block);
        self
    }

    /// Sets the timespan. Default: 300 s.
    ///
    /// # Panics
    /// If it is nothing.
    #[must_use]
    pub fn timespan(mut self, timespan: Duration) -> Self {
        self.quota = Quota::new(self.quota.count, timespan).block(self.quota.block);
        self
    }

    /// Sets how long at least a client is refused that asked for more. Default: until there is room again.
    #[must_use]
    pub fn block_duration(mut self, time: Duration) -> Self {
        self.quota = self.quota.block(time);
        self
    }

    /// Sets the name of the limit. Layers of the same name count together; the headers show it. Default: `default`.
    ///
    /// # Panics
    /// If it is not made of ASCII letters, digits, `-`, `_`.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(!name.is_empty() && name.bytes().all(is_plain), "`{name}` is no name for a limit");
        self.name = name.into();
        self
    }

    /// Counts by something else than addresses: an account that a layer around this one has found, or a token. Requests
    /// for which there is no key are not limited.
    ///
    /// ```
    /// use axum::extract::Request;
    /// use frontdesk_web::limits::{LimitKey, Limiter, RateLimitLayer};
    ///
    /// let layer = RateLimitLayer::new(&Limiter::memory()).by(|request: &Request| {
    ///     let token = request.headers().get("authorization")?.to_str().ok()?;
    ///     Some(LimitKey::new("api").token(token))
    /// });
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn by(mut self, key: impl Fn(&Request) -> Option<LimitKey> + Send + Sync + 'static) -> Self {
        self.key = Some(Arc::new(key));
        self
    }

    fn note(&self, headers: &mut HeaderMap, remaining: u32, reset: Duration) {
        let (name, count) = (&self.name, self.quota.count);
        let policy = format!("\"{name}\";q={count};w={}", seconds(self.quota.per));
        let now = format!("\"{name}\";r={remaining};t={}", seconds(reset));
        for (header, value) in [("ratelimit-policy", policy), ("ratelimit", now)] {
            let value = HeaderValue::try_from(value).expect("names are plain ASCII");
            // Several layers each say theirs: the headers are lists.
            headers.append(HeaderName::from_static(header), value);
        }
    }
}

impl fmt::Debug for RateLimitLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitLayer")
            .field("name", &self.name)
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = Around<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Around::new(inner, self.clone())
    }
}

impl Step for RateLimitLayer {
    async fn run<S>(self, request: Request, mut next: S) -> Result<Response, S::Error>
    where
        S: Service<Request, Response = Response> + Send,
        S::Future: Send,
        S::Error: Send,
    {
        let key = match &self.key {
            Some(key) => match key(&request) {
                Some(key) => key,
                None => return next.call(request).await,
            },
            None => match ClientAddress::of(request.extensions()) {
                Some(client) => LimitKey::new("requests").part("name", &self.name).address(client),
                None => {
                    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
                    let said = "Client host can't be found.";
                    return Ok((StatusCode::BAD_REQUEST, [(CONTENT_TYPE, kind)], said).into_response());
                }
            },
        };
        match self.limiter.take(&key, &self.quota).await {
            Ok(left) => {
                let mut response = next.call(request).await?;
                self.note(response.headers_mut(), left.remaining, left.reset);
                Ok(response)
            }
            Err(limited) => {
                let wait = match &limited {
                    Limited::Wait(wait) => Some(*wait),
                    Limited::Unavailable(_) => None,
                };
                let mut response = limited.into_response();
                if let Some(wait) = wait {
                    self.note(response.headers_mut(), 0, wait);
                }
                Ok(response)
            }
        }
    }
}
