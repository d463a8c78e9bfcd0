//! A database that is locked, damaged, or can only be read.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_cli::{Site, SiteOptions, app};
use frontdesk_data::{Db, DbOptions};
use http::StatusCode;
use rusqlite::Connection;

use crate::sample::{Sample, data};
use crate::visitor::{Page, Visitor};

/// No word of the database's own, and nothing of where it is.
fn assert_discreet(page: &Page) {
    let text = page.text();
    for word in ["SQLITE", "sqlite_", "rusqlite", "SELECT", "/tmp", "panicked"] {
        assert!(!text.contains(word), "the page says {word}: {text}");
    }
}

#[tokio::test]
async fn a_locked_database_is_answered_with_503_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chinook.sqlite");
    std::fs::copy(data("chinook.sqlite"), &path).unwrap();
    let options = DbOptions::new().busy_timeout(Duration::from_millis(100));
    let db = Db::open_with(&format!("sqlite://{}", path.display()), options).await.unwrap();
    db.introspect().await.unwrap();
    let mut visitor = Visitor::new(app(Site::new(&db, SiteOptions::new("chinook"))));
    let form = visitor.form("/forms/Artist/1/").await.set("Name", "changed");

    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let page = visitor.submit(&form).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.header("retry-after"), "5");
    assert_discreet(&page);
    let page = visitor.get("/tables/Artist/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.texts(".trouble")[0].contains("try again"));
    assert_eq!(visitor.get("/").await.status, StatusCode::OK, "the first page needs no rows");
    assert_eq!(visitor.get("/healthz").await.status, StatusCode::OK);

    other.execute_batch("ROLLBACK").unwrap();
    let page = visitor.submit(&form).await;
    assert_eq!(page.texts(".flash-success"), ["Saved “changed”."]);
}

#[tokio::test]
async fn a_database_that_can_only_be_read_can_be_looked_at() {
    let sample = Sample::chinook().await;
    sample.db.close().await;
    let url = format!("sqlite://{}?mode=ro", sample.path.display());
    let db = frontdesk_cli::open_described(&url, None).await.unwrap().db;
    let mut visitor = Visitor::new(app(Site::new(&db, SiteOptions::new("chinook"))));
    assert_eq!(visitor.get("/tables/Artist/").await.status, StatusCode::OK);
    let form = visitor.form("/forms/Artist/1/").await.set("Name", "changed");
    let page = visitor.submit(&form).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text().contains("can only be read"), "{}", page.text());
    assert_discreet(&page);
}

#[tokio::test]
async fn a_damaged_database_is_told_without_its_innards() {
    let sample = Sample::chinook().await;
    let url = sample.path.to_str().unwrap().to_owned();
    sample.db.close().await;
    let number = |sql: &str| -> usize {
        Connection::open(&sample.path)
            .unwrap()
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .unwrap()
            .try_into()
            .unwrap()
    };
    let (size, page) =
        (number("PRAGMA page_size"), number("SELECT rootpage FROM sqlite_schema WHERE name = 'Track'"));
    let mut bytes = sample.bytes();
    bytes[(page - 1) * size..page * size].fill(0xa5);
    std::fs::write(&sample.path, bytes).unwrap();
    let db = frontdesk_cli::open_described(&url, None).await.unwrap().db;
    let mut visitor = Visitor::new(app(Site::new(&db, SiteOptions::new("chinook"))));
    assert_eq!(visitor.get("/").await.status, StatusCode::OK);
    let page = visitor.get("/tables/Track/").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(page.texts(".trouble code")[0].len(), 8, "the log tells the cause by its mark");
    assert_discreet(&page);
}

#[tokio::test]
async fn a_fault_of_the_program_is_a_page_and_the_next_one_is_fine() {
    let sample = Sample::chinook().await;
    let mut artist = Arc::unwrap_or_clone(sample.db.table("Artist").unwrap());
    let name = artist.get_mut("Name").unwrap();
    *name = name.clone().represent(|_, _| panic!("a fault"));
    sample.db.define(artist).await.unwrap();
    let mut visitor = Visitor::new(app(Site::new(&sample.db, SiteOptions::new("chinook"))));
    let page = visitor.get("/tables/Artist/").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").contains("default-src"));
    assert_discreet(&page);
    assert_eq!(visitor.get("/tables/Album/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_the_schema_asks_for_in_vain_is_told_and_keeps_no_form_from_being_drawn() {
    let mut sample = Sample::sql(
        "CREATE TABLE d (id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO d VALUES (1, 'no json');
         CREATE VIEW v AS SELECT json_extract(doc, '$.a') AS a FROM d;
         CREATE TABLE kid (id INTEGER PRIMARY KEY, v_id INTEGER REFERENCES d (id));
         INSERT INTO kid VALUES (1, 1);",
    )
    .await;
    let page = sample.visitor.get("/tables/v/").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_discreet(&page);
    assert_eq!(sample.visitor.get("/forms/kid/1/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_text_too_long_to_be_sent_back_is_shown_and_kept() {
    let mut sample = Sample::sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, long TEXT);
         INSERT INTO t VALUES (1, 'a', printf('%.*c', 400000, 'x'));",
    )
    .await;
    let form = sample.visitor.form("/forms/t/1/").await;
    assert!(!form.has("long"));
    let page = sample.visitor.submit(&form.set("name", "b")).await;
    assert!(page.text().contains("Saved"), "{}", page.text());
    let kept = "SELECT name || length(long) FROM t";
    let kept: String = Connection::open(&sample.path).unwrap().query_row(kept, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "b400000");
}
