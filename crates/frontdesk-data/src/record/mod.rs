//! Rows as structs of your own.
//!
//! A [`Record`] is a struct that knows its table: it is made of a [`Row`], and gives its [`Values`]. Its members are
//! [`FieldValue`]s, types that know which kind of column holds them. `#[derive(Table)]` of `frontdesk` writes the
//! implementation; by hand it looks like this, and is the same:
//!
//! ```
//! use frontdesk_data::record::{FieldValue, Id, Record, RecordError, field};
//! use frontdesk_data::{Db, Row, Table, Values};
//!
//! struct Hero {
//!     id: Id,
//!     name: String,
//!     age: Option<i32>,
//! }
//!
//! impl Record for Hero {
//!     type Key = i64;
//!     const TABLE: &'static str = "hero";
//!     const KEY: &'static [&'static str] = &["id"];
//!
//!     fn table() -> Table {
//!         Table::new("hero")
//!             .field(field::<Id>("id"))
//!             .field(field::<String>("name"))
//!             .field(field::<Option<i32>>("age"))
//!             .create()
//!     }
//!
//!     fn from_row(row: &Row) -> Result<Self, RecordError> {
//!         Ok(Self { id: row.read("id")?, name: row.read("name")?, age: row.read("age")? })
//!     }
//!
//!     fn values(&self) -> Values {
//!         Values::new()
//!             .with("id", self.id.to_value())
//!             .with("name", self.name.to_value())
//!             .with("age", self.age.to_value())
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let db = Db::open("sqlite::memory:").await.unwrap();
//! let heroes = db.define_records::<Hero>().await.unwrap();
//! let ada = heroes.insert(&Hero { id: Id::new(), name: "Ada".into(), age: Some(36) }).await.unwrap();
//! assert_eq!(heroes.get(ada).await.unwrap().unwrap().age, Some(36));
//! # });
//! ```
//!
//! This module also has what such an implementation names, so that one path is enough.

mod dates;
mod error;
mod key;
mod list;
mod parts;
mod read;
mod records;
mod typed_column;
mod value;

pub use self::error::{Expected, ReadError, RecordError, RecordErrorKind};
pub use self::key::{Id, RecordKey, Ref};
pub use self::list::ListItem;
pub use self::parts::{Password, Upload};
pub use self::read::{condition, label, rules};
pub use self::records::{Record, Records};
pub use self::typed_column::TypedColumn;
pub use self::value::{FieldValue, field, field_as};
pub use crate::{Action, Field, FieldType, Row, Table, UploadOptions, Values};
pub use frontdesk_validate::{IsInSet, Rules, Value};
