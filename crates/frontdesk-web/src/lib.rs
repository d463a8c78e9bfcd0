//! What forms, sign-in and REST share of HTTP: signed values, cookies, flash messages, security headers, problem
//! documents, languages, and a server with time-outs.

mod client_address;
mod clock;
mod cookies;
mod csp;
mod csrf;
mod flash;
mod language;
mod layer;
pub mod limits;
mod panics;
mod problem;
mod redirect_target;
mod sealer;
mod security;
mod serve;
mod signed_url;
mod signer;

pub use self::client_address::{ClientAddress, InvalidProxy, TrustedProxies};
pub use self::clock::Clock;
pub use self::cookies::{CookieScope, cookie, cookie_pairs, is_loopback_host};
pub use self::csp::{ContentSecurityPolicy, CspNonce, InvalidDirective};
pub use self::csrf::{CsrfLayer, CsrfToken};
pub use self::flash::{Flash, FlashMessage, redirect_with_flash};
pub use self::language::{
    Arg, CatalogueTrouble, Direction, FieldText, LANGUAGE_COOKIE, Language, LanguageError, Languages,
};
pub use self::layer::Around;
pub use self::panics::CatchPanics;
pub use self::problem::Problem;
pub use self::redirect_target::{InvalidOrigin, RedirectTargets, redirect_target};
pub use self::sealer::Sealer;
pub use self::security::{Provenance, SecurityHeaders, same_site_only};
pub use self::serve::{ServeOptions, serve};
pub use self::signed_url::{SignedUrlError, SignedUrls};
pub use self::signer::{InvalidSecret, Purpose, Secret, Signer};
