//! Sign-in for axum: users, sessions, login, logout, registration, password reset, second factors, guards.

mod auth;
mod error;
pub mod mfa;
#[cfg(feature = "passkeys")]
mod passkey;
mod password;
mod session;
mod sign_in;
mod user;

pub use self::auth::Auth;
pub use self::error::AuthError;
pub use self::mfa::MfaProvider;
#[cfg(feature = "passkeys")]
pub use self::passkey::{Challenge, Passkey, PasskeyError, PasskeyProof, Passkeys};
pub use self::password::{PasswordPolicy, PasswordProblem};
pub use self::session::{
    OpenSession, SessionChange, SessionCookie, SessionHash, SessionInfo, SessionStore, SessionToken,
    Sessions, SessionsOf, Visit,
};
pub use self::sign_in::{
    Decision, Enrolled, Entry, FactorProof, HalfSignedIn, MfaRefusal, PasskeyProof, Proofs, SignIn, SignedIn,
    Step,
};
pub use self::user::{NewUser, PasswordProof, User, UserColumns, UserError, UserId, Users};
