//! Sign-in for axum: users, sessions, login, logout, registration, password reset, second factors, guards.

mod attempts;
mod auth;
mod endpoint;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
mod hooks;
mod input;
#[cfg(feature = "jwt")]
mod jwt;
mod link;
mod mail;
pub mod mfa;
mod page;
#[cfg(feature = "passkeys")]
mod passkey;
mod password;
mod session;
mod sign_in;
mod token;
mod user;

pub use self::auth::Auth;
pub use self::endpoint::{
    Account, ChangePassword, ConfirmEmail, MfaSetup, PasswordReset, Register, SessionLogin, SessionLogout,
    UserDefaults, account, change_password, confirm_email, mfa_setup, password_reset, register,
    session_login, session_logout,
};
pub use self::error::AuthError;
pub use self::guard::{
    AuthBackend, AuthLayer, AuthService, AuthenticationBackendJunction, Identity, Refusal, RequireAdmin,
    RequireSuperuser, SessionsAuthBackend,
};
pub use self::hooks::{HookAnswer, IntoHookAnswer, LoginContext, LoginHook, LoginHooks, RequestHead};
#[cfg(feature = "jwt")]
pub use self::jwt::{JwtAuthBackend, JwtBlacklist, JwtLogin, JwtSecret, StaticJwtBlacklist, jwt_login};
pub use self::link::{Link, LinkPurpose, Links, NewLink};
pub use self::mail::{Mail, MailError, MailTransport, Mailer, Outbox};
pub use self::mfa::MfaProvider;
pub use self::page::{InvalidStyle, Styles};
#[cfg(feature = "passkeys")]
pub use self::passkey::{Challenge, Passkey, PasskeyError, PasskeyProof, Passkeys};
pub use self::password::{PasswordPolicy, PasswordProblem};
pub use self::session::{
    OpenSession, SessionChange, SessionCookie, SessionHash, SessionInfo, SessionOfUser, SessionStore,
    SessionToken, Sessions, SessionsOf, Visit,
};
pub use self::sign_in::{
    Decision, Enrolled, Entry, FactorProof, HalfSignedIn, MfaRefusal, Proofs, SignIn, SignedIn, Step,
};
pub use self::token::{
    CreatedToken, NewToken, SecretTokens, TokenAuthBackend, TokenAuthProvider, TokenInfo, TokenLogin, Tokens,
    token_login,
};
pub use self::user::{NewUser, PasswordProof, User, UserColumns, UserError, UserId, Users};
