use std::time::Duration;

use frontdesk_data::{DbError, DbErrorKind, WriteError};
use frontdesk_validate::Unavailable;
use http::StatusCode;

/// Why somebody could not be signed in, found or changed, other than by what they typed. The text is for the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// What is asked besides the database is out of reach: a session store, a mail server, a provider of CAPTCHAs, random
    /// numbers.
    #[error("not available just now: {0}")]
    Unavailable(String),
    /// The user has tried too many wrong codes, and has to wait.
    #[error("too many tries; the next one is in {} s", .retry_after.as_secs())]
    TooManyTries {
        /// For how long.
        retry_after: Duration,
    },
    /// The application is set up wrongly: a template that cannot be read, a table without the columns that are needed.
    #[error("{0}")]
    Setup(String),
    /// Something that is a fault of the program: a hook that panicked, say.
    #[error("{0}")]
    Fault(String),
}

impl AuthError {
    /// The status that says the same: 503 for what passes by waiting, 429 after too many tries, else 500.
    ///
    /// ```
    /// assert_eq!(frontdesk_auth::AuthError::Unavailable("redis".into()).status(), 503);
    /// ```
    pub fn status(&self) -> StatusCode {
        use DbErrorKind::{Busy, Ended, Full, Timeout, Unavailable, Unconfirmed};
        match self {
            Self::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Db(error)
                if matches!(error.kind(), Unavailable | Busy | Timeout | Ended | Full | Unconfirmed) =>
            {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Unavailable> for AuthError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.0)
    }
}

/// A write that was refused by a rule of the database, where nothing that was typed could be the reason.
impl From<WriteError> for AuthError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Db(error) => Self::Db(error),
            refused => Self::Fault(format!("the database refused a row of ours: {refused}")),
        }
    }
}
