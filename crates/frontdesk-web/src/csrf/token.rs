//! The token, and what it is bound to.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use http::{Extensions, HeaderName, StatusCode};

use crate::{Problem, Purpose};

/// The length of a random part: 16 bytes in base64.
const RANDOM: usize = 22;

/// What tokens are bound to: the session, or the visitor's own random value.
#[derive(Clone)]
pub(super) struct Binding {
    session: Option<Arc<str>>,
    visitor: Option<Arc<str>>,
    /// Whether the browser has to be given the visitor's value.
    is_fresh: bool,
}

impl Binding {
    pub(super) fn new(session: Option<&str>, visitor: Option<&str>) -> Self {
        Self { session: session.map(Into::into), visitor: visitor.map(Into::into), is_fresh: false }
    }

    pub(super) fn is_none(&self) -> bool {
        self.session.is_none() && self.visitor.is_none()
    }

    /// Makes a value for a visitor who has nothing that a token could be bound to.
    pub(super) fn settle(&mut self) {
        if self.is_none() {
            self.visitor = Some(random().into());
            self.is_fresh = true;
        }
    }

    pub(super) fn set_session(&mut self, session: Option<&str>) {
        self.session = session.map(Into::into);
        self.settle();
    }

    /// The visitor's value that the browser has to be given, where tokens are bound to it.
    pub(super) fn fresh_visitor(&self) -> Option<&str> {
        self.visitor.as_deref().filter(|_| self.is_fresh && self.session.is_none())
    }

    fn parts(&self) -> (&'static [u8], &str) {
        match (&self.session, &self.visitor) {
            (Some(session), _) => (b"session", session),
            (None, Some(visitor)) => (b"visitor", visitor),
            (None, None) => (b"visitor", ""),
        }
    }

    /// A token: random text, so that no two are alike, and what signs it together with what it is bound to.
    pub(super) fn token(&self, purpose: &Purpose) -> String {
        let mut token = random();
        let (kind, value) = self.parts();
        let signature = purpose.token(&[kind, value.as_bytes(), token.as_bytes()]);
        token.push_str(&signature);
        token
    }

    /// Whether a token is one of these, in constant time. Where the browser says that a page of this site asks, one that
    /// was bound to the visitor before they signed in still counts: forms that stood open in another tab go on working.
    pub(super) fn verify(&self, purpose: &Purpose, token: &str, from_here: bool) -> bool {
        let Some((random, signature)) = token.split_at_checked(RANDOM) else { return false };
        let is_of = |kind: &[u8], value: &str| {
            let parts = [kind, value.as_bytes(), random.as_bytes()];
            !value.is_empty() && purpose.verify(&parts, signature)
        };
        let (kind, value) = self.parts();
        is_of(kind, value)
            || (from_here && self.visitor.as_deref().is_some_and(|visitor| is_of(b"visitor", visitor)))
    }
}

fn random() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn is_random(value: &str) -> bool {
    value.len() == RANDOM
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// What a page writes into its forms, so that [`CsrfLayer`](super::CsrfLayer) lets them pass. The layer puts it among the
/// request's extensions.
///
/// As an extractor it is 500 where no such layer is laid around; `Option<CsrfToken>` is then `None`.
#[derive(Clone)]
pub struct CsrfToken(Arc<Inner>);

struct Inner {
    purpose: Purpose,
    binding: Binding,
    field: Arc<str>,
    header: HeaderName,
}

impl CsrfToken {
    pub(super) fn new(purpose: &Purpose, binding: &Binding, field: &Arc<str>, header: &HeaderName) -> Self {
        let (purpose, binding) = (purpose.clone(), binding.clone());
        Self(Arc::new(Inner { purpose, binding, field: Arc::clone(field), header: header.clone() }))
    }

    /// That of a request with these extensions.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// The token, in other bytes each time: letters, digits, `-` and `_`.
    pub fn value(&self) -> String {
        self.0.binding.token(&self.0.purpose)
    }

    /// The name of the form field for it, which is that of the cookie for scripts too.
    pub fn field_name(&self) -> &str {
        &self.0.field
    }

    /// The name of the header for it.
    pub fn header_name(&self) -> &HeaderName {
        &self.0.header
    }

    /// A hidden input with it, as HTML.
    pub fn hidden_input(&self) -> String {
        // Neither has anything that is to be escaped.
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", self.field_name(), self.value())
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(..)")
    }
}

impl<S: Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        Self::of(&parts.extensions).cloned().ok_or_else(|| {
            tracing::error!("a handler asks for a CsrfToken, and there is no CsrfLayer around its route");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for CsrfToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(&parts.extensions).cloned())
    }
}
