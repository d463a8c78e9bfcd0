//! What the layers of this crate have in common.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use tower::Service;

/// What a layer does with each request. Cloning it is cheap.
pub(crate) trait Step: Clone + Send + Sync + 'static {
    /// Answers a request, by `next` or without it.
    fn run<S>(self, request: Request, next: S) -> impl Future<Output = Result<Response, S::Error>> + Send
    where
        S: Service<Request, Response = Response> + Send,
        S::Future: Send,
        S::Error: Send;
}

/// The service that the layers of this crate make: a service, and what is done around it.
#[derive(Clone, Debug)]
pub struct Around<S, T> {
    inner: S,
    step: T,
}

impl<S, T> Around<S, T> {
    pub(crate) fn new(inner: S, step: T) -> Self {
        Self { inner, step }
    }
}

impl<S, T> Service<Request> for Around<S, T>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    T: Step,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was asked whether it is ready is the one to call.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        Box::pin(self.step.clone().run(request, ready))
    }
}
