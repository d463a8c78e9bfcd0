//! Sign-in for axum: users, sessions, login, logout, registration, password reset, second factors, guards.

mod auth;
mod error;
pub mod mfa;
mod password;
mod user;

pub use self::auth::Auth;
pub use self::error::AuthError;
pub use self::mfa::MfaProvider;
pub use self::password::{PasswordPolicy, PasswordProblem};
pub use self::user::{NewUser, PasswordProof, User, UserColumns, UserError, UserId, Users};
