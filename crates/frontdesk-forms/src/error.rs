use axum::response::{IntoResponse, Response};
use frontdesk_data::{DbError, DbErrorKind, ReadError, RecordError};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

/// Why a form could not be drawn or done, other than by what the visitor typed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// There is no record of that identity.
    #[error("there is no such record")]
    NotFound,
    /// The policy does not let the actor do that.
    #[error("the actor may not do this")]
    Denied,
    /// What a rule or its choices ask is out of reach. The text is for the log.
    #[error("not available just now: {0}")]
    Unavailable(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A row is no record of the type that was asked for.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A file could not be put in its place.
    #[error("an uploaded file cannot be stored")]
    Storage,
}

impl FormError {
    /// The status that says the same: 404, 403, 503 for what passes by waiting, 507 for a full disk, else 500.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Denied => StatusCode::FORBIDDEN,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Storage => StatusCode::INSUFFICIENT_STORAGE,
            Self::Record(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Db(error) => match error.kind() {
                DbErrorKind::Unavailable | DbErrorKind::Busy | DbErrorKind::Timeout | DbErrorKind::Ended => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                DbErrorKind::Full => StatusCode::INSUFFICIENT_STORAGE,
                DbErrorKind::ReadOnly => StatusCode::FORBIDDEN,
                DbErrorKind::NotFound(_) => StatusCode::NOT_FOUND,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// Whether nobody knows if what was to be written was.
    pub(crate) fn is_unconfirmed(&self) -> bool {
        matches!(self, Self::Db(error) if error.kind() == DbErrorKind::Unconfirmed)
    }

    /// What a visitor is told: no driver text, and what to do.
    pub fn public_text(&self) -> &'static str {
        if self.is_unconfirmed() {
            return "The connection was lost while this was being saved. Please look whether it was, before you send it again.";
        }
        if matches!(self, Self::Denied) {
            return "You may not do this.";
        }
        match self.status() {
            StatusCode::NOT_FOUND => "There is no such record.",
            StatusCode::SERVICE_UNAVAILABLE => {
                "This is not available just now, and nothing was changed. Please try again in a moment."
            }
            StatusCode::INSUFFICIENT_STORAGE => "There is no room to store this, and nothing was changed.",
            StatusCode::FORBIDDEN => "The database can only be read, so nothing was changed.",
            _ => "Something went wrong, and nothing was changed.",
        }
    }
}

impl From<ReadError> for FormError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Record(error) => Self::Record(error),
            ReadError::Db(error) => Self::Db(error),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl IntoResponse for FormError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status != StatusCode::NOT_FOUND && !matches!(self, Self::Denied) {
            tracing::error!(error = %self, "a form could not be processed");
        }
        let mut response = (status, self.public_text()).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
