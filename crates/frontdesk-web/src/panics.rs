//! A panic is answered, and ends nothing but its own request.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tower::{Layer, Service};

use crate::layer::{Around, Step};

/// Answers a request whose handler panics with 500 and nothing of what happened. Lay it around everything else but
/// [`SecurityHeaders`](crate::SecurityHeaders).
///
/// A panic is a fault of the program; its message goes to standard error, as always. Transactions that were open are rolled
/// back as they are dropped.
///
/// # Defaults
/// `Internal Server Error` as plain text, not to be kept.
///
/// ```
/// use axum::{Router, routing::get};
/// use frontdesk_web::CatchPanics;
///
/// async fn faulty() -> &'static str {
///     panic!("the database's password is hunter2")
/// }
///
/// let app: Router = Router::new().route("/", get(faulty)).layer(CatchPanics::new());
/// ```
#[derive(Clone, Default)]
pub struct CatchPanics {
    answer: Option<Arc<dyn Fn() -> Response + Send + Sync>>,
}

impl CatchPanics {
    /// With the default answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers with a response of your own. Should that panic too, the default one is sent.
    #[must_use]
    pub fn answer(mut self, answer: impl Fn() -> Response + Send + Sync + 'static) -> Self {
        self.answer = Some(Arc::new(answer));
        self
    }

    fn response(&self) -> Response {
        let own = self.answer.as_ref();
        own.and_then(|answer| std::panic::catch_unwind(AssertUnwindSafe(|| answer())).ok()).unwrap_or_else(
            || {
                let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
                (StatusCode::INTERNAL_SERVER_ERROR, headers, "Internal Server Error").into_response()
            },
        )
    }
}

impl fmt::Debug for CatchPanics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CatchPanics")
    }
}

impl<S> Layer<S> for CatchPanics {
    type Service = Around<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Around::new(inner, self.clone())
    }
}

impl Step for CatchPanics {
    async fn run<S>(self, request: Request, mut next: S) -> Result<Response, S::Error>
    where
        S: Service<Request, Response = Response> + Send,
        S::Future: Send,
        S::Error: Send,
    {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        // Nothing that a panic may have left half-done is looked at again: the service was made for this request.
        match AssertUnwindSafe(async move { next.call(request).await }).catch_unwind().await {
            Ok(result) => result,
            Err(_) => {
                tracing::error!(%method, path, "a request ended in a panic");
                Ok(self.response())
            }
        }
    }
}
