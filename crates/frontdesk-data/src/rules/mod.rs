//! Rules that ask the database, and those that follow from what the database enforces.
//!
//! [`IsInDb`] and [`IsNotInDb`] are written in Rust, or named in data once [`register`] has added them:
//!
//! ```
//! use frontdesk_data::{Db, Field, Table, Values, rules};
//! use frontdesk_validate::{Context, Registry};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let db = Db::open("sqlite::memory:").await.unwrap();
//! let person = db.define(Table::new("person").field(Field::string("name")).create()).await.unwrap();
//! db.insert(&person, Values::new().with("name", "Ada")).await.unwrap();
//!
//! let mut registry = Registry::standard();
//! rules::register(&mut registry, &db);
//! let owner = registry.rules(&serde_json::json!({"rule": "is_in_db", "field": "person.id", "label": "%(name)s"})).unwrap();
//! assert!(owner.validate("1".into(), Context::empty()).await.is_ok());
//! assert!(owner.validate("2".into(), Context::empty()).await.is_err());
//! # });
//! ```

mod data;
mod derived;
mod fits_type;
mod is_in_db;
mod is_not_in_db;
mod source;
mod unasked;

pub use self::data::register;
pub(crate) use self::data::{DB_RULE_ARGS, register_for};
pub(crate) use self::derived::{complete, complete_alone};
pub use self::is_in_db::IsInDb;
pub(crate) use self::is_in_db::spellings_for;
pub use self::is_not_in_db::IsNotInDb;
pub use self::source::Source;
pub(crate) use self::unasked::{Notes, Unasked};
