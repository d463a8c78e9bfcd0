//! Rows one after the other.

use std::time::Duration;

use frontdesk_data::{Db, DbErrorKind, DbOptions, Field, Set, Table};

use crate::support::Postgres;

const MANY: i64 = 20_000;

async fn many(server: &Postgres, db: &Db) -> Set {
    server
        .run(&[
            "CREATE TABLE n (id int PRIMARY KEY, text varchar(40))",
            &format!("INSERT INTO n SELECT i, 'row ' || i FROM generate_series(1, {MANY}) AS i"),
        ])
        .await;
    db.set(&db.define(Table::new("n").field(Field::string("text"))).await.unwrap())
}

#[tokio::test]
async fn a_stream_has_the_rows_of_one_moment_in_their_order() {
    let server = Postgres::new().await;
    let db = server.open().await;
    let set = many(&server, &db).await;
    let mut stream = set.clone().order_by_desc("id").stream().await.unwrap();
    let mut expected = MANY;
    while let Some(row) = stream.next().await {
        if expected == MANY {
            set.delete().await.unwrap();
        }
        let row = row.unwrap();
        assert_eq!(row["text"].to_text(), format!("row {expected}"));
        assert_eq!(row.id(), Some(&expected.into()));
        expected -= 1;
    }
    assert_eq!(expected, 0);
    assert!(set.stream().await.unwrap().next().await.is_none());
}

#[tokio::test]
async fn streams_are_bounded_in_number_and_end_with_whoever_reads() {
    let server = Postgres::new().await;
    let options = DbOptions::new().streams(1).idle_timeout(Duration::from_millis(200));
    let db = server.open_with(options.statement_timeout(Duration::from_millis(400))).await;
    let set = many(&server, &db).await;
    let stream = set.stream().await.unwrap();
    assert_eq!(set.stream().await.unwrap_err().kind(), DbErrorKind::Busy);
    drop(stream);
    tokio::time::sleep(Duration::from_millis(100)).await;
    // What the reader takes for it is no statement's time.
    let mut slow = set.stream().await.unwrap();
    let mut count = 0;
    while let Some(row) = slow.next().await {
        row.unwrap();
        count += 1;
        if count % 4000 == 0 {
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    }
    assert_eq!(count, MANY);
    // Who reads nothing for too long has no stream any more.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut idle = set.stream().await.unwrap();
    assert!(idle.next().await.unwrap().is_ok());
    tokio::time::sleep(Duration::from_millis(600)).await;
    let ended = loop {
        match idle.next().await.expect("it ends with an error") {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(ended.kind(), DbErrorKind::Timeout);
    assert_eq!(
        set.clone().order_by("nothing").stream().await.unwrap_err().kind(),
        DbErrorKind::NotFound("nothing".into())
    );
    db.close().await;
    assert_eq!(set.stream().await.unwrap_err().kind(), DbErrorKind::Unavailable);
}
