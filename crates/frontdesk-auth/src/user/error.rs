use frontdesk_data::{Violation, WriteError};

use crate::AuthError;

/// Why a user was not made or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserError {
    /// Somebody else has the name, the e-mail address, or both.
    #[error("User with email or username already exists.")]
    Taken {
        /// Whether it is the name.
        username: bool,
        /// Whether it is the e-mail address.
        email: bool,
    },
    /// The name cannot be one; the sentence is for the visitor.
    #[error("{0}")]
    Name(&'static str),
    /// The e-mail address is too long, or has characters that none has; the sentence is for the visitor.
    #[error("Invalid email address.")]
    Email,
    /// The table refused the row for another reason: a column of the application's own that needs a value, say.
    #[error("{}", WriteError::Refused(.0.clone()))]
    Refused(Vec<Violation>),
    /// It was not the input.
    #[error(transparent)]
    Auth(#[from] AuthError),
}
