//! The demo: a little shop for heroes, for a first look without a database of one's own.

use std::path::{Path, PathBuf};

use frontdesk_data::{Db, DbOptions, SchemaFile, Value};

use crate::CliError;
use crate::database::{Described, open_described, url_of};

/// The file of the demo, in the current folder.
const FILE: &str = "frontdesk-demo.db";

/// By which SQLite files tell whose they are (`PRAGMA application_id`): "FrDd".
const APPLICATION: i64 = 0x4672_4464;

/// The tables and rows. Each statement ends with a `;` at the end of a line.
const TABLES: &str = include_str!("demo.sql");

/// What the database cannot know of them.
const SCHEMA: &str = include_str!("demo.toml");

/// Opens the demo in the current folder, and makes it where there is none. Gives the path of its file too.
pub(crate) async fn open() -> Result<(Described, PathBuf), CliError> {
    let folder = std::env::current_dir()
        .map_err(|error| CliError::failed(format!("the current folder cannot be found: {error}")))?;
    let path = folder.join(FILE);
    open_at(&path).await.map(|described| (described, path))
}

async fn open_at(path: &Path) -> Result<Described, CliError> {
    if path.try_exists().unwrap_or(true) {
        check_ours(path).await?;
    } else {
        make(path).await.map_err(|error| {
            CliError::failed(format!("cannot make the demo database {}: {error}", path.display()))
        })?;
    }
    let schema = SchemaFile::parse("the demo's schema file", SCHEMA)?;
    let path =
        path.to_str().ok_or_else(|| CliError::failed("the path of the current folder is not UTF-8 text"))?;
    open_described(path, Some(&schema)).await
}

/// A file of that name may be somebody else's: it is left alone then.
async fn check_ours(path: &Path) -> Result<(), CliError> {
    let db = Db::open(&url_of(path)?).await;
    let marked = match &db {
        Ok(db) => db.query("PRAGMA application_id", []).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    if let Ok(db) = &db {
        db.close().await;
    }
    if marked.first().is_some_and(|row| row.values().first() == Some(&Value::Int(APPLICATION))) {
        return Ok(());
    }
    Err(CliError::failed(format!(
        "{} is there already, and is not the demo that frontdesk makes, so it is left alone. To serve it, name it: \
         `frontdesk serve {FILE}`; for a demo, run this in another folder.",
        path.display()
    )))
}

async fn make(path: &Path) -> Result<(), CliError> {
    let db = Db::open_with(&url_of(path)?, DbOptions::new().create_if_missing(true)).await?;
    let made = fill(&db).await;
    db.close().await;
    if made.is_err() {
        // It was not there before, and nobody may take half a demo for a whole one.
        let _ = std::fs::remove_file(path);
    }
    made
}

/// Makes the tables and rows, all or nothing.
async fn fill(db: &Db) -> Result<(), CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::failed(error.to_string());
    let transaction = db.begin().await?;
    for statement in statements() {
        transaction.execute(statement, []).await.map_err(|error| failed(&error))?;
    }
    let mark = format!("PRAGMA application_id = {APPLICATION}");
    transaction.execute(mark, []).await.map_err(|error| failed(&error))?;
    transaction.commit().await.map_err(|error| failed(&error))
}

fn statements() -> impl Iterator<Item = &'static str> {
    TABLES.split(";\n").map(str::trim).filter(|statement| !statement.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_demo_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let db = open_at(&path).await.unwrap().db;
        let hero = db.table("hero").unwrap();
        let count = db.set(&hero).count().await.unwrap();
        assert!(count > 3);
        let first = db.set(&hero).first().await.unwrap().unwrap();
        db.delete(&hero, first.id().unwrap()).await.unwrap_err(); // it has orders
        db.execute("DELETE FROM hero WHERE id NOT IN (SELECT hero_id FROM purchase)", []).await.unwrap();
        let left = db.set(&hero).count().await.unwrap();
        assert!(left < count);
        db.close().await;

        let db = open_at(&path).await.unwrap().db;
        let hero = db.table("hero").unwrap();
        assert_eq!(db.set(&hero).count().await.unwrap(), left, "it is not made anew");
    }

    #[tokio::test]
    async fn a_file_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for content in ["", "not a database at all, but somebody's notes"] {
            std::fs::write(&path, content).unwrap();
            let error = open_at(&path).await.unwrap_err();
            assert!(error.to_string().contains("left alone"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
    }
}
