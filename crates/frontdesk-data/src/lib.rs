//! Tables, fields, rows and sets over an existing database.
//!
//! A [`Table`] is a value: it comes from a builder, from a schema file, or from an existing database, and forms, REST
//! and admin know only that.

#[path = "backend/sqlite/introspect/mod.rs"]
mod introspect;
mod check;
mod field;
mod field_type;
mod label;
mod label_guess;
mod row;
mod row_id;
mod schema;
mod table;
mod values;

pub use self::field::{Compute, DefaultValue, DownloadUrl, Field, FilterIn, Represent, UploadOptions, WidgetChoice};
pub use self::field_type::FieldType;
pub use self::label::{LabelTemplate, LabelTemplateError};
pub use self::row::{Columns, Row};
pub use self::row_id::{RowId, RowIdError};
pub use self::schema::Schema;
pub use self::table::{Action, Check, ForeignKey, Table, TableKind, Unique};
pub use self::values::Values;

pub use frontdesk_validate::{Rules, ValidationError, Value};
pub use sea_query;
