//! Tables, fields, rows and sets over an existing database.
//!
//! A [`Table`] is a value: it comes from a builder, from a schema file, or from an existing database, and forms, REST
//! and admin know only that.

mod backend;
mod check;
mod coerce;
mod column;
mod create;
mod database_url;
mod db;
mod db_error;
mod define;
mod digest;
mod field;
mod field_conditions;
mod field_type;
pub mod fixture;
mod guard;
mod identifier;
mod introspection;
mod label;
mod label_guess;
mod many;
mod options;
mod own_tables;
mod plan;
mod policy;
mod prepare;
pub mod record;
mod row;
mod row_check;
mod row_id;
pub mod rules;
mod schema;
mod schema_file;
mod set;
mod statement;
mod stored;
mod stream;
mod table;
mod transaction;
mod values;
mod violation;
mod write_error;

pub use self::column::Column;
pub use self::db::Db;
pub use self::db_error::{DbError, DbErrorKind};
pub use self::digest::{RowDigest, RowDigestError};
pub use self::field::{
    Compute, DefaultValue, DownloadUrl, Field, FilterIn, Represent, UploadOptions, WidgetChoice,
};
pub use self::field_conditions::ChoicesWhen;
pub use self::field_type::FieldType;
pub use self::guard::{Guard, Guarded};
pub use self::introspection::ApplyError;
pub use self::label::{LabelTemplate, LabelTemplateError};
pub use self::many::{ManyError, RefusedRow, Saved, SavedOrRefused};
pub use self::options::DbOptions;
pub use self::own_tables::OwnTables;
pub use self::policy::{
    Access, Actor, Asker, Explanation, Handle, Policy, PolicyError, Role, Roles, RowColumns, RowFilter,
    RowFilterError, TableRules,
};
pub use self::record::{
    FieldValue, Id, Password, ReadError, Record, RecordError, RecordErrorKind, Records, Ref, TypedColumn,
    Upload,
};
pub use self::row::{Columns, Row};
pub use self::row_check::RowCheck;
pub use self::row_id::{RowId, RowIdError};
pub use self::rules::{IsInDb, IsNotInDb};
pub use self::schema::Schema;
pub use self::schema_file::{
    CaptchaSettings, ChildRows, MailDelivery, MailSettings, MediaSettings, Registration, SchemaAlone,
    SchemaFile, SchemaFileError, SchemaProblem, SecondFactor, ServerSettings, SignInSettings,
};
pub use self::set::Set;
pub use self::stream::RowStream;
pub use self::table::{Action, Check, ForeignKey, Source, Table, TableKind, Unique};
pub use self::transaction::Transaction;
pub use self::values::Values;
pub use self::write_error::{Violation, WriteError};

pub use frontdesk_validate::{Rules, ValidationError, Value};
pub use sea_query;
