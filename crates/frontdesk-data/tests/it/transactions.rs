//! Transactions: seen at once or never, and never left open.

use std::time::{Duration, Instant};

use frontdesk_data::{Db, DbErrorKind, DbOptions, Field, Table, Values};

use crate::support::{File, heroes, id, refusal};

fn named(name: &str) -> Values {
    Values::new().with("name", name)
}

async fn a_transaction_is_seen_by_others_when_it_is_committed(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let transaction = db.begin().await.unwrap();
    let eve = transaction.insert(&table, named("Eve")).await.unwrap().unwrap();
    transaction.update(&table, &id(1), Values::new().with("age", 36)).await.unwrap();
    assert_eq!(transaction.get(&table, &eve).await.unwrap().unwrap()["name"], "Eve".into());
    assert_eq!(transaction.set(&table).count().await.unwrap(), 2);
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
    transaction.commit().await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
    assert_eq!(db.get(&table, &id(1)).await.unwrap().unwrap()["age"], 36.into());
}

async fn a_transaction_that_is_dropped_or_rolled_back_leaves_nothing(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let transaction = db.begin().await.unwrap();
    assert!(transaction.delete(&table, &id(1)).await.unwrap());
    transaction.rollback().await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 1);

    let transaction = db.begin().await.unwrap();
    let set = transaction.set(&table);
    assert_eq!(set.delete().await.unwrap(), 1);
    // A set of the transaction that lives on does not keep it open.
    drop(transaction);
    db.insert(&table, named("Eve")).await.unwrap();
    assert_eq!(set.count().await.unwrap_err().kind(), DbErrorKind::Ended);
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
}

async fn a_refused_write_undoes_only_itself(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("Eve")).await.unwrap();
    assert_eq!(
        refusal(transaction.insert(&table, named("Ada")).await),
        [("name".to_owned(), "unique".to_owned())]
    );
    transaction.insert(&table, named("Bob")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 3);
}

#[tokio::test]
async fn writes_wait_for_an_open_transaction() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = heroes(&db, &[]).await;
    let transaction = db.begin().await.unwrap();
    let waiting = tokio::spawn({
        let (db, table) = (db.clone(), table.clone());
        async move { db.insert(&table, named("Eve")).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    transaction.insert(&table, named("Ada")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), Some(id(2)));
}

#[tokio::test]
async fn an_idle_transaction_is_ended() {
    let file =
        File::made_by("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, color TEXT)");
    let db = file.open_with(DbOptions::new().idle_timeout(Duration::from_millis(50))).await;
    let table = heroes(&db, &[]).await;
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("Ada")).await.unwrap();
    // The write that waits behind it goes on once the time is over.
    let begun = Instant::now();
    db.insert(&table, named("Eve")).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(40), "{:?}", begun.elapsed());
    let error = transaction.get(&table, &id(1)).await.unwrap_err();
    assert_eq!(error.kind(), DbErrorKind::Timeout);
    assert_eq!(transaction.commit().await.unwrap_err().db_kind(), Some(DbErrorKind::Timeout));
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_constraint_that_is_checked_at_the_end_refuses_the_commit() {
    let file = File::made_by(
        "CREATE TABLE up (id INTEGER PRIMARY KEY);
         CREATE TABLE down (id INTEGER PRIMARY KEY, up INTEGER REFERENCES up DEFERRABLE INITIALLY DEFERRED);",
    );
    let db = file.open().await;
    let up = db.define(Table::new("up")).await.unwrap();
    let down = db.define(Table::new("down").field(Field::reference("up", "up"))).await.unwrap();
    let transaction = db.begin().await.unwrap();
    transaction.insert(&down, Values::new().with("up", 7)).await.unwrap();
    let error = transaction.commit().await.unwrap_err();
    let [violation] = error.violations() else { panic!("{error:?}") };
    assert_eq!((&*violation.fields, violation.error.code()), (&["up".into()][..], "foreign_key"));
    for (param, value) in [("table", "up"), ("of", "down"), ("row", "1")] {
        assert_eq!(violation.error.param(param), Some(&value.into()));
    }
    assert_eq!(db.set(&down).count().await.unwrap(), 0);
    // What was put right within the transaction is no fault; what was deleted from under others is.
    let transaction = db.begin().await.unwrap();
    transaction.insert(&up, Values::new().with("id", 1)).await.unwrap();
    for (at, to) in [(1, 7), (2, 1), (3, 1)] {
        let row = Values::new().with("id", at).with("up", to);
        transaction.insert(&down, row).await.unwrap();
    }
    transaction.update(&down, &id(1), Values::new().with("up", 1)).await.unwrap();
    transaction.commit().await.unwrap();
    let transaction = db.begin().await.unwrap();
    transaction.delete(&up, &id(1)).await.unwrap();
    let error = transaction.commit().await.unwrap_err();
    let [violation] = error.violations() else { panic!("{error:?}") };
    assert_eq!(violation.error.code(), "referenced");
    assert_eq!(violation.error.param("table"), Some(&"down".into()));
    db.set(&down).delete().await.unwrap();
    db.set(&up).delete().await.unwrap();
    // The other order is what deferring is for.
    let transaction = db.begin().await.unwrap();
    transaction.insert(&down, Values::new().with("up", 7)).await.unwrap();
    transaction.insert(&up, Values::new().with("id", 7)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(db.set(&down).count().await.unwrap(), 1);
}

#[tokio::test]
async fn the_database_may_end_a_transaction() {
    let file =
        File::made_by("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT ROLLBACK)");
    let db = file.open().await;
    let table = db.define(Table::new("t").field(Field::string("name"))).await.unwrap();
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("a")).await.unwrap();
    assert_eq!(
        refusal(transaction.insert(&table, named("a")).await),
        [("name".to_owned(), "unique".to_owned())]
    );
    assert_eq!(transaction.insert(&table, named("b")).await.unwrap_err().db_kind(), Some(DbErrorKind::Ended));
    assert_eq!(transaction.commit().await.unwrap_err().db_kind(), Some(DbErrorKind::Ended));
    assert_eq!(db.set(&table).count().await.unwrap(), 0);
}

async fn sql_cannot_begin_or_end_a_transaction_behind_our_back(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    for sql in ["BEGIN", "SAVEPOINT x", "COMMIT", "ROLLBACK"] {
        assert!(db.execute(sql, []).await.is_err(), "{sql}");
        db.insert(&table, named(sql)).await.unwrap();
    }
    // Among writes that wait together too.
    let gate = db.begin().await.unwrap();
    let (one, end, other) = tokio::join!(
        db.insert(&table, named("one")),
        async {
            gate.rollback().await.unwrap();
            db.execute("COMMIT", []).await
        },
        db.insert(&table, named("other")),
    );
    assert!(one.is_ok() && end.is_err() && other.is_ok());
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("x")).await.unwrap();
    match transaction.execute("ROLLBACK", []).await {
        // SQLite does it, and it is noticed.
        Ok(_) => {
            let ended = transaction.insert(&table, named("y")).await.unwrap_err();
            assert_eq!(ended.db_kind(), Some(DbErrorKind::Ended));
        }
        Err(error) => {
            assert_eq!(error.db_kind(), Some(DbErrorKind::Unsupported));
            transaction.rollback().await.unwrap();
        }
    }
    assert_eq!(db.set(&table).count().await.unwrap(), 7);
}

async fn dropping_the_future_that_begins_leaves_no_transaction(db: Db) {
    let table = heroes(&db, &[]).await;
    for wait in [0, 1, 5, 50, 500, 5000] {
        // Whether it is granted before or after the time is up, nothing stays open.
        let _ = tokio::time::timeout(Duration::from_micros(wait), db.begin()).await;
        tokio::time::timeout(Duration::from_secs(5), db.insert(&table, named(&wait.to_string())))
            .await
            .expect("the writer is free again")
            .unwrap();
    }
    assert_eq!(db.set(&table).count().await.unwrap(), 6);
}

async fn a_transaction_is_not_starved_by_writes(db: Db) {
    let table = heroes(&db, &[]).await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (db, table) = (db.clone(), table.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    if db.insert(&table, named(&format!("{writer} {number}"))).await.is_err() {
                        break;
                    }
                }
            })
        })
        .collect();
    for round in 0..20 {
        let begun = Instant::now();
        let transaction = db.begin().await.unwrap();
        transaction.insert(&table, named(&format!("transaction {round}"))).await.unwrap();
        transaction.commit().await.unwrap();
        // It waits for what was asked for before it, not for what comes later.
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
    db.close().await;
    for writer in writers {
        writer.await.unwrap();
    }
}

crate::support::on_each_database! {
    a_transaction_is_seen_by_others_when_it_is_committed,
    a_transaction_that_is_dropped_or_rolled_back_leaves_nothing,
    a_refused_write_undoes_only_itself,
    sql_cannot_begin_or_end_a_transaction_behind_our_back,
    dropping_the_future_that_begins_leaves_no_transaction,
    a_transaction_is_not_starved_by_writes,
}
