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

/// A database of its own on the PostgreSQL server of the tests; it goes when this is dropped.
pub(crate) struct Postgres {
    server: String,
    pub(crate) name: String,
}

impl Postgres {
    pub(crate) async fn new() -> Self {
        let server = std::env::var("FRONTDESK_TEST_POSTGRES").expect(
            "these tests need a PostgreSQL server: start one with `eval \"$(scripts/setup-postgres start)\"`",
        );
        let name = format!("fd_{}", frontdesk_validate::Uuid::new_v4().simple());
        let admin = Db::open_with(&server, DbOptions::new().connections(1)).await.unwrap();
        admin.execute(format!("CREATE DATABASE {name}"), []).await.unwrap();
        admin.close().await;
        Self { server, name }
    }

    pub(crate) fn url(&self) -> String {
        let (before, _) = self.server.rsplit_once('/').unwrap();
        format!("{before}/{}", self.name)
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.url()).await.unwrap()
    }

    pub(crate) async fn open_with(&self, options: DbOptions) -> Db {
        Db::open_with(&self.url(), options).await.unwrap()
    }

    /// Runs statements by another program's connection.
    pub(crate) async fn run(&self, statements: &[&str]) {
        let db = self.open_with(DbOptions::new().connections(1)).await;
        for statement in statements {
            db.execute(*statement, []).await.unwrap();
        }
        db.close().await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(admin) = Db::open_with(&server, DbOptions::new().connections(1)).await {
                    let _ = admin.execute(sql, []).await;
                }
            });
        });
        let _ = dropped.join();
    }
}

/// The contract: tests that hold on each kind of database, each with a new one of its own.
macro_rules! on_each_database {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(frontdesk_data::Db::open("sqlite::memory:").await.unwrap()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let server = crate::support::Postgres::new().await;
                super::$name(server.open().await).await;
            }
        }
    )*};
}
pub(crate) use on_each_database;

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
