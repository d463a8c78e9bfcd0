//! Databases to test on.

use std::path::PathBuf;
use std::sync::Arc;

use frontdesk_data::{Db, DbOptions, Field, FieldType, RowId, Table, Value, Values, WriteError};
use tempfile::TempDir;

/// A database in a file of its own.
pub(crate) struct File {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
}

impl File {
    /// A file made by another program, in SQLite's own default mode.
    pub(crate) fn made_by(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        Self { folder, path }
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.path.display())
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.url()).await.unwrap()
    }

    pub(crate) async fn open_with(&self, options: DbOptions) -> Db {
        Db::open_with(&self.url(), options).await.unwrap()
    }

    /// Another program's view of it.
    pub(crate) fn other(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(&self.path).unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }
}

/// A table of heroes, as it would be declared.
pub(crate) fn hero() -> Table {
    Table::new("hero")
        .field(Field::string("name").not_null().unique())
        .field(Field::integer("age"))
        .field(Field::string("color").default("red"))
        .create()
}

/// A table with every type of field.
pub(crate) fn everything() -> Table {
    [
        Field::string("string"),
        Field::text("text"),
        Field::integer("integer"),
        Field::new("bigint", FieldType::BigInt),
        Field::double("double"),
        Field::new("decimal", FieldType::Decimal { precision: 10, scale: 2 }),
        Field::boolean("boolean"),
        Field::date("date"),
        Field::new("time", FieldType::Time),
        Field::datetime("datetime"),
        Field::new("json", FieldType::Json),
        Field::new("uuid", FieldType::Uuid),
        Field::new("blob", FieldType::Blob),
        Field::password("password"),
        Field::upload("upload"),
        Field::reference("reference", "everything"),
        Field::new("list_string", FieldType::ListString),
        Field::new("list_upload", FieldType::ListUpload),
        Field::new("list_integer", FieldType::ListInteger),
        Field::new("list_reference", FieldType::ListReference { table: "everything".into() }),
    ]
    .into_iter()
    .fold(Table::new("everything"), Table::field)
    .create()
}

pub(crate) async fn heroes(db: &Db, names: &[&str]) -> Arc<Table> {
    let table = db.define(hero()).await.unwrap();
    for name in names {
        db.insert(&table, Values::new().with("name", *name)).await.unwrap();
    }
    table
}

pub(crate) fn id(number: i64) -> RowId {
    RowId::from(number)
}

/// The fields and codes of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, WriteError>) -> Vec<(String, String)> {
    match result {
        Err(WriteError::Refused(violations)) => violations
            .iter()
            .map(|violation| (violation.fields.join(","), violation.error.code().to_owned()))
            .collect(),
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) fn texts(rows: &[frontdesk_data::Row], column: &str) -> Vec<String> {
    rows.iter().map(|row| row[column].to_text().into_owned()).collect()
}

pub(crate) fn null() -> Value {
    Value::Null
}
