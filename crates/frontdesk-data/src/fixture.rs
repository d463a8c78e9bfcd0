//! A database out of one line of JSON: what the published vectors for rules are checked against.
//!
//! ```
//! use frontdesk_data::fixture;
//! use frontdesk_validate::{Protocol, Registry};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let mut protocol = Protocol::new(Registry::standard()).on_fixture(|request| Box::pin(fixture::rules(request)));
//! let fixture = r#"{"id": "db", "kind": "fixture", "tables": [
//!     {"name": "dog", "fields": [{"name": "name", "type": "string"}], "rows": [{"id": 1, "name": "Rex"}]}
//! ]}"#;
//! assert_eq!(protocol.answer(&fixture.replace('\n', " ")).await, r#"{"id":"db","ok":true}"#);
//! let check = r#"{"id": 1, "rule": {"rule": "is_in_db", "field": "dog.name"}, "input": "Rex"}"#;
//! assert_eq!(protocol.answer(check).await, r#"{"id":1,"ok":true,"value":"Rex"}"#);
//! # });
//! ```

use frontdesk_validate::{Registry, Value};
use serde_json::Value as Json;

use crate::{Db, DbError, Field, FieldType, Table, Values, WriteError};

/// Why no database could be made of a fixture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FixtureError {
    /// The JSON does not describe tables.
    #[error("{0}")]
    Shape(String),
    /// A row does not fit its table.
    #[error("a row of `{table}` does not fit: {source}")]
    Row {
        /// The table.
        table: String,
        /// What is wrong.
        source: WriteError,
    },
    /// The database is in trouble.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A database in memory with the tables and rows of `fixture`, an object with a member `tables`: for each table `name`,
/// `fields` (`name`, `type`), perhaps `format` (the label of its rows), and `rows`. Each table has an integer `id`
/// besides.
///
/// # Errors
/// [`FixtureError`]
pub async fn database(fixture: &Json) -> Result<Db, FixtureError> {
    let db = Db::open("sqlite::memory:").await?;
    let tables = fixture
        .get("tables")
        .and_then(Json::as_array)
        .ok_or_else(|| shape("a fixture has a list `tables`"))?;
    for described in tables {
        let table = db.define(table(described)?).await?;
        let none = Vec::new();
        for row in described.get("rows").and_then(Json::as_array).unwrap_or(&none) {
            let row = row.as_object().ok_or_else(|| shape("a row is an object"))?;
            let mut values = Values::new();
            for (name, json) in row {
                let value = Value::from_tagged_json(json).map_err(|error| shape(error.to_string()))?;
                values.set(name.as_str(), value);
            }
            db.insert(&table, values)
                .await
                .map_err(|source| FixtureError::Row { table: table.name.to_string(), source })?;
        }
    }
    Ok(db)
}

/// The standard rules, and those that ask the database that [`database`] makes of `request`: what
/// [`Protocol::on_fixture`](frontdesk_validate::Protocol::on_fixture) takes.
///
/// # Errors
/// What is wrong with the fixture, in words.
pub async fn rules(request: Json) -> Result<Registry, String> {
    let db = database(&request).await.map_err(|error| error.to_string())?;
    let mut registry = Registry::standard();
    crate::rules::register(&mut registry, &db);
    Ok(registry)
}

fn table(described: &Json) -> Result<Table, FixtureError> {
    let name = described.get("name").and_then(Json::as_str).ok_or_else(|| shape("a table has a `name`"))?;
    let fields = described
        .get("fields")
        .and_then(Json::as_array)
        .ok_or_else(|| shape(format!("`{name}` has no `fields`")))?;
    let mut table = Table::new(name).create();
    for field in fields {
        let text = |key| field.get(key).and_then(Json::as_str);
        let (Some(name), Some(kind)) = (text("name"), text("type")) else {
            return Err(shape(format!("a field of `{name}` has a `name` and a `type`")));
        };
        let kind: FieldType = kind.parse().map_err(|error| shape(format!("{error}")))?;
        table = table.field(Field::new(name, kind));
    }
    if let Some(format) = described.get("format").and_then(Json::as_str) {
        table = table.readable(format.parse().map_err(|error| shape(format!("{error}")))?);
    }
    Ok(table)
}

fn shape(problem: impl Into<String>) -> FixtureError {
    FixtureError::Shape(problem.into())
}
