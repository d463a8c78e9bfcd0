//! Errors as JSON documents.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

/// A problem document ([RFC 9457]): what clients that read JSON get instead of a page.
///
/// ```
/// use axum::response::IntoResponse;
/// use frontdesk_web::Problem;
/// use http::StatusCode;
///
/// let problem = Problem::new(StatusCode::NOT_FOUND).detail("there is no thing 7");
/// let response = problem.into_response();
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem of that status; the title is the status's name.
    pub fn new(status: StatusCode) -> Self {
        let members = Map::from_iter([
            ("title".to_owned(), json!(status.canonical_reason().unwrap_or("Error"))),
            ("status".to_owned(), json!(status.as_u16())),
        ]);
        Self { status, members }
    }

    /// Explains this occurrence, in a sentence for the one who made the request.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.with("detail", detail.into())
    }

    /// Adds a member of your own.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Value::Object(self.members).to_string();
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(CONTENT_TYPE, kind)], body).into_response()
    }
}
