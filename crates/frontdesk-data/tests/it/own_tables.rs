//! The tables that frontdesk keeps for itself.

use std::process::Command;

use frontdesk_data::{Db, DbErrorKind, DbOptions, OwnTables, Values};

use crate::support::File;

const FIRST: OwnTables = OwnTables::new(
    "notes",
    &["frontdesk_notes"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS frontdesk_notes_text ON frontdesk_notes (text)",
    ]],
);
const SECOND: OwnTables = OwnTables::new(
    "notes",
    &["frontdesk_notes"],
    &[
        &[
            "CREATE TABLE IF NOT EXISTS frontdesk_notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL)",
            "CREATE INDEX IF NOT EXISTS frontdesk_notes_text ON frontdesk_notes (text)",
        ],
        // Done twice, it fails.
        &["ALTER TABLE frontdesk_notes ADD COLUMN pinned BIGINT", "UPDATE frontdesk_notes SET pinned = 7"],
    ],
);
const BROKEN: OwnTables = OwnTables::new(
    "notes",
    &["frontdesk_notes"],
    &[
        &["CREATE TABLE IF NOT EXISTS frontdesk_notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"],
        &["ALTER TABLE frontdesk_notes ADD COLUMN pinned BIGINT", "nonsense"],
    ],
);

const SHOP: &str = "CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT, pinned TEXT);
    CREATE INDEX shop_name ON shop (name); INSERT INTO shop VALUES (1, 'corner', NULL)";

/// The schema, but for what is frontdesk's own.
fn schema(file: &File) -> Vec<String> {
    let connection = file.other();
    let mut statement = connection
        .prepare(
            "SELECT name || ': ' || sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'frontdesk%' ORDER BY 1",
        )
        .unwrap();
    let found = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>();
    found.unwrap()
}

async fn version(db: &Db) -> Option<i64> {
    let rows =
        db.query("SELECT version FROM frontdesk_versions WHERE component = 'notes'", []).await.unwrap();
    rows.first().and_then(|row| row["version"].as_int())
}

#[tokio::test]
async fn crud_10_tables_of_ours_are_brought_forward_and_those_of_others_stay_as_they_are() {
    let file = File::made_by(SHOP);
    let before = schema(&file);
    let db = file.open().await;
    FIRST.make(&db).await.unwrap();
    db.execute("INSERT INTO frontdesk_notes VALUES ('a', 'kept')", []).await.unwrap();
    assert_eq!(version(&db).await, Some(1));
    SECOND.make(&db).await.unwrap();
    SECOND.make(&db).await.unwrap();
    let rows = db.query("SELECT text, pinned FROM frontdesk_notes", []).await.unwrap();
    assert_eq!((rows[0]["text"].as_str(), rows[0]["pinned"].as_int()), (Some("kept"), Some(7)));
    assert_eq!(version(&db).await, Some(2));
    assert_eq!(schema(&file), before);
}

#[tokio::test]
async fn tables_from_before_versions_were_counted_are_taken_over() {
    let file = File::made_by(
        "CREATE TABLE frontdesk_notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL);
         INSERT INTO frontdesk_notes VALUES ('a', 'from before')",
    );
    let db = file.open().await;
    SECOND.make(&db).await.unwrap();
    let rows = db.query("SELECT text, pinned FROM frontdesk_notes", []).await.unwrap();
    assert_eq!((rows[0]["text"].as_str(), rows[0]["pinned"].as_int()), (Some("from before"), Some(7)));
}

#[tokio::test]
async fn what_a_newer_version_made_is_refused_and_left_alone() {
    let file = File::made_by(SHOP);
    let db = file.open().await;
    SECOND.make(&db).await.unwrap();
    for refused in [FIRST.make(&db).await.unwrap_err(), FIRST.plan(&db).await.unwrap_err()] {
        assert_eq!(refused.kind(), DbErrorKind::Unsupported);
        assert!(refused.to_string().contains("newer frontdesk"), "{refused}");
        assert!(refused.to_string().contains("version 2; this one knows 1"), "{refused}");
    }
    assert_eq!(version(&db).await, Some(2));
}

#[tokio::test]
async fn a_plan_changes_nothing() {
    let file = File::made_by(SHOP);
    let before = file.bytes();
    let db = file.open().await;
    assert_eq!(SECOND.plan(&db).await.unwrap().len(), 4);
    db.close().await;
    assert_eq!(file.bytes(), before);
    let db = file.open().await;
    FIRST.make(&db).await.unwrap();
    assert_eq!(SECOND.plan(&db).await.unwrap().len(), 2);
    SECOND.make(&db).await.unwrap();
    assert!(SECOND.plan(&db).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_behind() {
    let file = File::made_by(SHOP);
    let db = file.open().await;
    BROKEN.make(&db).await.unwrap_err();
    let made: i64 = file
        .other()
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'frontdesk%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(made, 0);
    SECOND.make(&db).await.unwrap();
}

#[tokio::test]
async fn what_somebody_has_dropped_is_made_anew() {
    let file = File::made_by(SHOP);
    let db = file.open().await;
    SECOND.make(&db).await.unwrap();
    db.execute("DROP TABLE frontdesk_notes", []).await.unwrap();
    SECOND.make(&db).await.unwrap();
    db.execute("INSERT INTO frontdesk_notes VALUES ('a', 'b', 1)", []).await.unwrap();
    assert_eq!(version(&db).await, Some(2));
}

#[tokio::test]
async fn what_is_there_needs_no_right_to_write() {
    let file = File::made_by(SHOP);
    SECOND.make(&file.open().await).await.unwrap();
    let read_only = file.open_with(DbOptions::new().read_only(true)).await;
    SECOND.make(&read_only).await.unwrap();
    let other = File::made_by(SHOP);
    let read_only = other.open_with(DbOptions::new().read_only(true)).await;
    assert_eq!(SECOND.make(&read_only).await.unwrap_err().kind(), DbErrorKind::ReadOnly);
}

#[tokio::test]
async fn two_processes_that_start_at_once_make_the_tables_once() {
    for round in 0..8 {
        let file = File::made_by(SHOP);
        if round % 2 == 1 {
            FIRST.make(&file.open().await).await.unwrap();
        }
        let children: Vec<_> = (0..4)
            .map(|_| {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args(["--exact", "own_tables::one_of_two_processes", "--ignored", "--nocapture"]);
                command.env("FRONTDESK_TEST_FILE", &file.path).stdout(std::process::Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success() && said.contains("1 passed"), "{said}");
        }
        let db = file.open().await;
        assert_eq!(version(&db).await, Some(2));
        db.introspect().await.unwrap();
        let notes = db.table("frontdesk_notes").unwrap();
        assert_eq!(notes.fields.len(), 3);
        db.insert(&notes, Values::new().with("id", "a").with("text", "b")).await.unwrap();
    }
}

#[tokio::test]
#[ignore = "it is started by the test above"]
async fn one_of_two_processes() {
    let Ok(path) = std::env::var("FRONTDESK_TEST_FILE") else { return };
    let db = Db::open(&format!("sqlite://{path}")).await.unwrap();
    SECOND.make(&db).await.unwrap();
    db.close().await;
}

/// Eight at once, and one after the other.
async fn steps_are_done_once_and_forward(db: Db) {
    db.execute("CREATE TABLE shop (id BIGINT PRIMARY KEY)", []).await.unwrap();
    assert_eq!(FIRST.plan(&db).await.unwrap().len(), 2);
    let all = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { SECOND.make(&db).await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    db.execute("INSERT INTO frontdesk_notes (id, text) VALUES (?, ?)", ["a".into(), "b".into()])
        .await
        .unwrap();
    assert_eq!(version(&db).await, Some(2));
    assert!(SECOND.plan(&db).await.unwrap().is_empty());
    assert_eq!(FIRST.make(&db).await.unwrap_err().kind(), DbErrorKind::Unsupported);
    db.execute("DROP TABLE frontdesk_notes", []).await.unwrap();
    SECOND.make(&db).await.unwrap();
    assert!(db.query("SELECT pinned FROM frontdesk_notes", []).await.unwrap().is_empty());
    db.execute("UPDATE frontdesk_versions SET version = 1", []).await.unwrap();
    db.execute("ALTER TABLE frontdesk_notes DROP COLUMN pinned", []).await.unwrap();
    // A step that fails leaves the version where it was.
    BROKEN.make(&db).await.unwrap_err();
    assert_eq!(version(&db).await, Some(1));
    SECOND.make(&db).await.unwrap();
    assert_eq!(version(&db).await, Some(2));
}

crate::support::on_each_database! { steps_are_done_once_and_forward }
