//! Rows one after the other, however many there are.

use std::time::{Duration, Instant};

use frontdesk_data::sea_query::{Condition, Expr};
use frontdesk_data::{Db, DbErrorKind, DbOptions, Row, RowStream, Set, Values};

use crate::support::{File, id, texts};

const MANY: i64 = 20_000;

/// A table of [`MANY`] rows, in WAL mode.
fn many() -> File {
    File::made_by(&format!(
        "PRAGMA journal_mode = wal; CREATE TABLE n (id INTEGER PRIMARY KEY, text VARCHAR(40));
         WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {MANY})
         INSERT INTO n SELECT i, 'row ' || i FROM c"
    ))
}

async fn all(db: &Db) -> Set {
    db.introspect().await.unwrap();
    db.set(&db.table("n").unwrap())
}

async fn rest(mut stream: RowStream) -> Vec<Row> {
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row.unwrap());
    }
    rows
}

#[tokio::test]
async fn a_stream_has_the_rows_of_its_set() {
    let file = many();
    let db = file.open().await;
    let set = all(&db).await;
    for set in [
        set.clone(),
        set.clone().columns(["text"]).order_by_desc("text").limit(1000),
        set.clone().after(&id(MANY - 3)),
        set.clone().filter(set.col("id").lt(0)),
        set.clone().offset(MANY as u64 - 7),
        set.clone().cut(3).limit(10),
    ] {
        let rows = rest(set.stream().await.unwrap()).await;
        assert_eq!(rows, set.rows().await.unwrap());
    }
    assert_eq!(set.stream().await.unwrap().next().await.unwrap().unwrap().id(), Some(&id(1)));
}

#[tokio::test]
async fn all_rows_are_of_one_moment() {
    let file = many();
    let db = file.open().await;
    let set = all(&db).await;
    let mut stream = set.stream().await.unwrap();
    stream.next().await.unwrap().unwrap();
    db.set(set.table()).update(Values::new().with("text", "changed")).await.unwrap();
    db.set(set.table()).filter(set.col("id").gt(100)).delete().await.unwrap();
    let rows = rest(stream).await;
    assert_eq!(rows.len() as i64, MANY - 1);
    assert!(texts(&rows, "text").iter().all(|text| text.starts_with("row ")));
    assert_eq!(rest(set.stream().await.unwrap()).await.len(), 100);
}

#[tokio::test]
async fn streams_keep_no_reader_from_its_work_and_are_bounded_in_number() {
    let file = many();
    let db = file.open_with(DbOptions::new().readers(1).streams(2)).await;
    let set = all(&db).await;
    let open = [set.stream().await.unwrap(), set.stream().await.unwrap()];
    assert_eq!(db.get(set.table(), &id(5)).await.unwrap().unwrap()["text"].as_str(), Some("row 5"));
    assert_eq!(set.stream().await.unwrap_err().kind(), DbErrorKind::Busy);
    drop(open);
    // Their threads notice it soon.
    let begun = Instant::now();
    while set.stream().await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_time_out_holds_for_a_chunk_and_not_for_the_whole() {
    let file = many();
    let db = file.open_with(DbOptions::new().statement_timeout(Duration::from_millis(400))).await;
    let set = all(&db).await;
    let (begun, mut stream, mut count) = (Instant::now(), set.stream().await.unwrap(), 0);
    while let Some(row) = stream.next().await {
        row.unwrap();
        count += 1;
        if count % 2000 == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert_eq!(count, MANY);
    assert!(begun.elapsed() > Duration::from_millis(900));

    let endless =
        "0 = (WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c)";
    let endless = set.filter(Condition::all().add(Expr::cust(endless)));
    let begun = Instant::now();
    let error = endless.stream().await.unwrap().next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), DbErrorKind::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_ended_and_says_so() {
    let file = many();
    let db = file.open_with(DbOptions::new().idle_timeout(Duration::from_millis(100))).await;
    let mut stream = all(&db).await.stream().await.unwrap();
    tokio::time::sleep(Duration::from_millis(800)).await;
    let mut read = 0;
    let error = loop {
        match stream.next().await.expect("it does not end as if all had been read") {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), DbErrorKind::Timeout);
    assert!(read < MANY);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_stream_ends_with_the_database_and_the_log_is_tidied_up() {
    let file = many();
    let db = file.open().await;
    let set = all(&db).await;
    db.set(set.table()).filter(set.col("id").eq(1)).delete().await.unwrap();
    let mut stream = set.stream().await.unwrap();
    stream.next().await.unwrap().unwrap();
    let begun = Instant::now();
    db.close().await;
    assert!(begun.elapsed() < Duration::from_secs(3));
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), DbErrorKind::Unavailable);
    assert_eq!(set.stream().await.unwrap_err().kind(), DbErrorKind::Unavailable);
    assert!(!file.path.with_extension("db-wal").exists());
}

#[tokio::test]
async fn what_has_no_stream_is_told_at_once() {
    let file = many();
    let db = file.open().await;
    let set = all(&db).await;
    assert_eq!(set.clone().before(&id(5)).stream().await.unwrap_err().kind(), DbErrorKind::Unsupported);
    let missing = set.clone().order_by("none").stream().await.unwrap_err();
    assert_eq!(missing.kind(), DbErrorKind::NotFound("none".into()));
    let transaction = db.begin().await.unwrap();
    let within = transaction.set(set.table()).stream().await.unwrap_err();
    assert_eq!(within.kind(), DbErrorKind::Unsupported);
    transaction.rollback().await.unwrap();
    file.other().execute_batch("DROP TABLE n").unwrap();
    assert_eq!(set.stream().await.unwrap_err().kind(), DbErrorKind::NotFound("n".into()));
}

#[tokio::test]
async fn an_unread_stream_that_is_dropped_leaves_nothing_behind() {
    let file = many();
    let db = file.open_with(DbOptions::new().streams(1)).await;
    let set = all(&db).await;
    for _ in 0..50 {
        let begun = Instant::now();
        let stream = loop {
            match set.stream().await {
                Ok(stream) => break stream,
                Err(_) => assert!(begun.elapsed() < Duration::from_secs(5)),
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        drop(stream);
    }
    // Nothing is read any more: a program that wants the database to itself gets it.
    db.close().await;
    file.other().execute_batch("PRAGMA journal_mode = delete; BEGIN EXCLUSIVE; COMMIT").unwrap();
}
