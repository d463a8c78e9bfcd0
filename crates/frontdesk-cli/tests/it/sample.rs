//! Databases to be served.

use std::path::{Path, PathBuf};

use frontdesk_cli::{Site, SiteOptions, app, open_described};
use frontdesk_data::{Db, SchemaFile};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tempfile::TempDir;

use crate::postgres_server::Scratch;
use crate::visitor::Visitor;

/// A database in a file in a folder of its own, or on a server, and the site over it.
pub(crate) struct Sample {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) db: Db,
    pub(crate) visitor: Visitor,
    /// The database on the server; its handle ends before.
    pub(crate) server: Option<Scratch>,
}

pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name)
}

impl Sample {
    pub(crate) async fn chinook() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("chinook.sqlite");
        std::fs::copy(data("chinook.sqlite"), &path).unwrap();
        Self::serve(folder, path, None).await
    }

    /// What nobody should have made.
    pub(crate) async fn hostile() -> Self {
        Self::sql(&std::fs::read_to_string(data("hostile.sql")).unwrap()).await
    }

    pub(crate) async fn sql(sql: &str) -> Self {
        Self::described(sql, None).await
    }

    /// A database made by SQL, with a schema file.
    pub(crate) async fn described(sql: &str, schema: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("sample.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        Self::serve(folder, path, schema).await
    }

    /// A PostgreSQL database made by SQL.
    pub(crate) async fn postgres(sql: &str) -> Self {
        let server = Scratch::new(sql).await;
        let url = server.url();
        Self {
            server: Some(server),
            ..Box::pin(Self::open(tempfile::tempdir().unwrap(), PathBuf::new(), &url, None)).await
        }
    }

    async fn serve(folder: TempDir, path: PathBuf, schema: Option<&str>) -> Self {
        let database = path.to_str().unwrap().to_owned();
        Box::pin(Self::open(folder, path, &database, schema)).await
    }

    async fn open(folder: TempDir, path: PathBuf, database: &str, schema: Option<&str>) -> Self {
        let schema = schema.map(|text| SchemaFile::parse("frontdesk.toml", text).unwrap());
        let described = Box::pin(open_described(database, schema.as_ref())).await.unwrap();
        let mut options = SiteOptions::new(&described.name).media(folder.path().join("media"));
        options.schema = described.schema.clone();
        let site = Site::new(&described.db, options);
        Self { visitor: Visitor::new(app(site)), db: described.db, folder, path, server: None }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }

    /// The files in the folder, by name.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// All rows of all tables, each value with its type.
    pub(crate) fn dump(&self) -> Vec<String> {
        let connection = Connection::open(&self.path).unwrap();
        let names: Vec<String> = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let mut dump = Vec::new();
        for name in names {
            let sql = format!("SELECT * FROM \"{}\"", name.replace('"', "\"\""));
            let mut statement = connection.prepare(&sql).unwrap();
            let count = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<String> = (0..count)
                    .map(|at| match row.get_ref(at).unwrap() {
                        ValueRef::Text(text) => format!("text {:?}", String::from_utf8_lossy(text)),
                        other => format!("{other:?}"),
                    })
                    .collect();
                dump.push(format!("{name}: {}", values.join(" | ")));
            }
        }
        dump
    }

    pub(crate) fn count(&self, table: &str) -> i64 {
        let connection = Connection::open(&self.path).unwrap();
        connection.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0)).unwrap()
    }
}

/// What is in one and not in the other, for messages that can be read.
pub(crate) fn assert_same(before: &[String], after: &[String]) {
    let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).take(12).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).take(12).collect();
    assert!(gone.is_empty() && new.is_empty(), "the database changed:\n- {gone:#?}\n+ {new:#?}");
    assert_eq!(before.len(), after.len());
}
