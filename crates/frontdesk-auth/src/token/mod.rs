//! Tokens for programs.

mod backend;
mod login;
pub(crate) mod program;
mod tokens;

#[cfg(feature = "jwt")]
pub(crate) use self::backend::{BearerError, bearer};
pub use self::backend::{SecretTokens, TokenAuthBackend, TokenAuthProvider};
pub use self::login::{TokenLogin, token_login};
pub use self::tokens::{CreatedToken, NewToken, TokenInfo, Tokens};
