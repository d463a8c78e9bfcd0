//! Sign-in for axum: users, sessions, login, logout, registration, password reset, second factors, guards.

mod auth;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
#[cfg(feature = "jwt")]
mod jwt;
pub mod mfa;
#[cfg(feature = "passkeys")]
mod passkey;
mod password;
mod session;
mod sign_in;
mod token;
mod user;

pub use self::auth::Auth;
pub use self::error::AuthError;
pub use self::guard::{
    AuthBackend, AuthLayer, AuthService, AuthenticationBackendJunction, Identity, Refusal, RequireAdmin,
    RequireSuperuser, SessionsAuthBackend,
};
#[cfg(feature = "jwt")]
pub use self::jwt::{JwtAuthBackend, JwtBlacklist, JwtLogin, JwtSecret, StaticJwtBlacklist, jwt_login};
pub use self::mfa::MfaProvider;
#[cfg(feature = "passkeys")]
pub use self::passkey::{Challenge, Passkey, PasskeyError, PasskeyProof, Passkeys};
pub use self::password::{PasswordPolicy, PasswordProblem};
pub use self::session::{
    OpenSession, SessionChange, SessionCookie, SessionHash, SessionInfo, SessionStore, SessionToken,
    Sessions, SessionsOf, Visit,
};
pub use self::sign_in::{
    Decision, Enrolled, Entry, FactorProof, HalfSignedIn, MfaRefusal, Proofs, SignIn, SignedIn, Step,
};
pub use self::token::{
    CreatedToken, NewToken, SecretTokens, TokenAuthBackend, TokenAuthProvider, TokenInfo, TokenLogin, Tokens,
    token_login,
};
pub use self::user::{NewUser, PasswordProof, User, UserColumns, UserError, UserId, Users};
