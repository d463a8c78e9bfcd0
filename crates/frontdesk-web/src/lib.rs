//! What forms, sign-in and REST share of HTTP: signed values, cookies, flash messages, security headers, problem
//! documents, languages, and a server with time-outs.

mod alarm;
mod clock;
mod cookies;
mod flash;
mod language;
mod problem;
mod sealer;
mod security;
mod serve;
mod signer;

pub use self::clock::Clock;
pub use self::cookies::{CookieScope, cookie, is_loopback_host};
pub use self::flash::{Flash, FlashMessage, redirect_with_flash};
pub use self::language::{
    Arg, CatalogueTrouble, Direction, FieldText, LANGUAGE_COOKIE, Language, LanguageError, Languages,
};
pub use self::problem::Problem;
pub use self::sealer::Sealer;
pub use self::security::{SecurityHeaders, same_site_only};
pub use self::serve::{ServeOptions, serve};
pub use self::signer::{InvalidSecret, Purpose, Secret, Signer};
