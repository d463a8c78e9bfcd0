//! Values and the rules that check them.
//!
//! A rule takes what a visitor typed, and answers with the value as the application wants it or with an error that
//! says what is wrong. Rules keep the names that py4web's users know: `IS_INT_IN_RANGE` is [`IsIntInRange`] in Rust
//! and `{"rule": "is_int_in_range"}` as data.
//!
//! ```
//! use frontdesk_validate::{IsIntInRange, Rules, Value};
//!
//! let age = Rules::one(IsIntInRange::new(0..150));
//! assert_eq!(age.check_now("42".into()), Ok(Value::Int(42)));
//!
//! let error = age.check_now("-1".into()).unwrap_err();
//! assert_eq!(error.code(), "is_int_in_range.between");
//! assert_eq!(error.to_string(), "Enter an integer between 0 and 149");
//! ```
//!
//! The crate does no input or output of its own: rules that ask a database are in `frontdesk-data`, and rules of your
//! own are closures ([`rule_fn`], [`async_rule_fn`]) or implement [`Validator`].
//!
//! # Crate features
//! - **chrono** (off), **time** (off): dates and times of these crates as values, and conversions to and from them.
//!
//! It is not a parser of requests and knows no forms: `frontdesk-forms` brings values here and errors back to the page.

mod args;
mod choice_search;
mod closure;
mod condition;
mod constraints;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod json_schema;
mod message;
mod pattern;
mod portable;
mod protocol;
mod registry;
mod rule;
mod rules;
mod validator;
mod value;
#[cfg(feature = "chrono")]
pub mod with_chrono;
#[cfg(feature = "time")]
pub mod with_time;

pub use self::args::Args;
pub use self::choice_search::{ChoiceSearch, Found};
pub use self::closure::{async_rule_fn, rule_fn};
pub use self::condition::{Condition, ConditionError, Literal};
pub use self::constraints::{Attribute, Constraints, InputKind, Limit};
pub use self::error::ValidationError;
pub use self::json_schema::JsonSchema;
pub use self::message::Message;
pub use self::pattern::{Pattern, PatternError, Place, StepLimit};
pub use self::protocol::Protocol;
pub use self::registry::{FromArgs, Registry, RuleError};
pub use self::rule::*;
pub use self::rules::Rules;
pub use self::validator::{BoxFuture, Checked, Choice, Context, Lookup, Options, Unavailable, Validator};
pub use self::value::{FileValue, TaggedJsonError, Value};

pub use jiff::{Timestamp, civil};
pub use rust_decimal::Decimal;
pub use uuid::Uuid;
