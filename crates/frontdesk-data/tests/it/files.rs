//! Files: left as they are, made where that was asked for.

use std::time::Duration;

use frontdesk_data::{Db, DbErrorKind, DbOptions, Field, Table, Values};

use crate::support::{File, hero, heroes, id, texts};

const SCHEMA: &str =
    "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, age INTEGER, color TEXT);
    INSERT INTO hero (name) VALUES ('Ada'), ('Eve');";

fn wal(file: &File) -> String {
    file.other().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn reading_leaves_the_file_byte_for_byte_as_it_is() {
    for journal in ["delete", "truncate", "persist", "wal"] {
        let file =
            File::made_by(&format!("PRAGMA journal_mode = {journal}; PRAGMA page_size = 1024; {SCHEMA}"));
        let before = file.bytes();
        let modified = std::fs::metadata(&file.path).unwrap().modified().unwrap();
        let db = file.open().await;
        db.introspect().await.unwrap();
        let table = db.define(hero()).await.unwrap();
        assert!(db.set(&table).search("a").join("id").count_up_to(10).await.is_err());
        assert_eq!(db.set(&table).search("a").rows().await.unwrap().len(), 1);
        assert!(db.get(&table, &id(1)).await.unwrap().is_some());
        // An update of nothing, and one of no row, write nothing either.
        db.update(&table, &id(1), Values::new()).await.unwrap();
        db.close().await;
        drop(db);
        assert!(file.bytes() == before, "{journal}");
        assert_eq!(std::fs::metadata(&file.path).unwrap().modified().unwrap(), modified, "{journal}");
    }
}

#[tokio::test]
async fn writing_keeps_the_journal_mode() {
    for journal in ["delete", "wal"] {
        let file = File::made_by(&format!("PRAGMA journal_mode = {journal}; {SCHEMA}"));
        let db = file.open().await;
        heroes(&db, &["Bob"]).await;
        db.close().await;
        assert_eq!(wal(&file), journal);
    }
}

#[tokio::test]
async fn what_is_in_the_log_of_another_program_is_read_and_left_there() {
    let file = File::made_by(&format!("PRAGMA journal_mode = wal; {SCHEMA}"));
    let other = file.other();
    other.execute_batch("PRAGMA wal_autocheckpoint = 0; INSERT INTO hero (name) VALUES ('Bob')").unwrap();
    let before = file.bytes();
    let db = file.open().await;
    let table = db.define(hero()).await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 3);
    db.close().await;
    assert!(file.bytes() == before);
}

#[tokio::test]
async fn a_file_is_made_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b%20?.db");
    let url = format!("sqlite://{}", folder.path().join("a b%2520%3F.db").display());
    let missing = Db::open(&url).await.unwrap_err();
    assert_eq!(missing.kind(), DbErrorKind::Unavailable);
    assert!(missing.to_string().contains("does not exist"), "{missing}");
    assert!(!path.exists());

    let db = Db::open(&format!("{url}?mode=rwc")).await.unwrap();
    assert!(path.exists());
    let table = heroes(&db, &["Ada"]).await;
    db.close().await;
    assert_eq!(db.get(&table, &id(1)).await.unwrap_err().kind(), DbErrorKind::Unavailable);
    assert_eq!(db.insert(&table, Values::new()).await.unwrap_err().db_kind(), Some(DbErrorKind::Unavailable));
    assert_eq!(db.begin().await.unwrap_err().kind(), DbErrorKind::Unavailable);

    let connection = rusqlite::Connection::open(&path).unwrap();
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");

    let nowhere = format!("sqlite://{}/no/where.db?mode=rwc", folder.path().display());
    let error = Db::open(&nowhere).await.unwrap_err();
    assert!(error.to_string().contains("folder"), "{error}");
    let error = Db::open(&format!("sqlite://{}", folder.path().display())).await.unwrap_err();
    assert!(error.to_string().contains("is a folder"), "{error}");
}

#[tokio::test]
async fn a_file_of_a_strange_name_is_opened_as_that_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:x?mode=memory", ":memory:", "a'b\"c", "größe"] {
        let path = folder.path().join(name);
        rusqlite::Connection::open(&path).unwrap().execute_batch(SCHEMA).unwrap();
        let url = format!("sqlite://{}", path.display().to_string().replace('?', "%3F"));
        let db = Db::open(&url).await.unwrap();
        assert!(path.exists());
        let table = db.define(hero()).await.unwrap();
        assert_eq!(texts(&db.set(&table).rows().await.unwrap(), "name"), ["Ada", "Eve"], "{name}");
    }
}

#[tokio::test]
async fn what_is_no_database_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    std::fs::write(&path, "this is no database, but it is long enough to be one ".repeat(20)).unwrap();
    let error = Db::open(&format!("sqlite://{}", path.display())).await.unwrap_err();
    assert_eq!(error.kind(), DbErrorKind::Corrupt);
    assert!(error.to_string().contains("not an SQLite database"), "{error}");
}

#[tokio::test]
async fn a_database_in_memory_is_shared_by_clones_alone() {
    let (one, other) =
        (Db::open("sqlite::memory:").await.unwrap(), Db::open("sqlite::memory:").await.unwrap());
    let table = heroes(&one, &["Ada"]).await;
    let clone = one.clone();
    drop(one);
    assert_eq!(clone.set(&table).count().await.unwrap(), 1);
    assert!(matches!(other.define(Table::new("hero")).await.unwrap_err().kind(), DbErrorKind::NotFound(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_make_the_same_table_at_once_agree() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("new.db").display());
    // Handles of their own stand for processes: they share nothing but the file.
    let tasks: Vec<_> = (0..8)
        .map(|number: i64| {
            let url = url.clone();
            tokio::spawn(async move {
                let db = Db::open(&url).await.unwrap();
                let table = db.define(hero()).await.unwrap();
                db.insert(&table, Values::new().with("name", format!("hero {number}"))).await.unwrap();
                db.close().await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let db = Db::open(&url).await.unwrap();
    let table = db.define(hero()).await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 8);
}

#[tokio::test]
async fn a_table_that_exists_is_never_altered() {
    let file = File::made_by(SCHEMA);
    let before = file.bytes();
    let db = file.open().await;
    db.define(hero().field(Field::string("more")).create()).await.unwrap();
    // Names are the same in any case of letters, for SQLite.
    let mut upper = hero();
    upper.name = "HERO".into();
    db.define(upper).await.unwrap();
    db.close().await;
    assert!(file.bytes() == before);
}

#[tokio::test]
async fn a_handle_that_is_dropped_ends_its_threads() {
    let file = File::made_by(&format!("PRAGMA journal_mode = wal; {SCHEMA}"));
    let db = file.open().await;
    heroes(&db, &["Bob"]).await;
    drop(db);
    // The last connection that closes removes the log.
    let log = file.folder.path().join("shop.db-wal");
    for _ in 0..100 {
        if !log.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the connections stay open");
}

#[tokio::test]
async fn a_database_that_was_only_read_is_left_without_a_log() {
    let file = File::made_by(&format!("PRAGMA journal_mode = wal; {SCHEMA}"));
    let before = file.bytes();
    let names = || {
        let entries = std::fs::read_dir(file.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let db = file.open().await;
    let table = db.define(hero()).await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
    assert!(names().len() > 1, "{:?}", names());
    db.close().await;
    assert_eq!(names(), ["shop.db"]);
    assert!(file.bytes() == before);

    // Another program still has it open: its log is its own.
    let other = file.other();
    let read = |sql: &str| other.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let db = file.open().await;
    assert_eq!(read("SELECT count(*) FROM hero"), 2);
    db.close().await;
    assert!(names().len() > 1, "{:?}", names());
    assert_eq!(read("SELECT count(*) FROM hero"), 2);
}

#[tokio::test]
async fn options_are_heeded() {
    let file = File::made_by(SCHEMA);
    let db = file.open_with(DbOptions::new().read_only(true)).await;
    let table = db.define(hero()).await.unwrap();
    let error = db.delete(&table, &id(1)).await.unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::ReadOnly));
    let url = format!("{}?mode=ro", file.url());
    let db = Db::open(&url).await.unwrap();
    assert_eq!(db.begin().await.unwrap_err().kind(), DbErrorKind::ReadOnly);
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
}
