//! Languages: what visitors read, and how they write numbers and dates.

mod arg;
mod catalogue;
mod check;
mod date;
mod errors;
mod extract;
mod fields;
mod formats;
mod languages;
mod negotiate;
mod number;
mod pseudo;
mod shipped;
mod texts;

pub use self::arg::Arg;
pub use self::check::{CatalogueTrouble, LanguageError};
pub use self::fields::FieldText;
pub use self::languages::{LANGUAGE_COOKIE, Languages};
pub use self::texts::{Direction, Language};
