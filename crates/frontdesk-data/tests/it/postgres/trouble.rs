//! A server that is gone, busy, or slow: clear answers, nothing half done, and recovery by itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use frontdesk_data::sea_query::Expr;
use frontdesk_data::{Db, DbErrorKind, DbOptions, Guard, Table, Value, Values, WriteError};

use super::server::{Line, OwnServer};
use crate::support::{Postgres, hero, heroes, id};

fn named(name: &str) -> Values {
    Values::new().with("name", name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crud_11_a_server_that_is_killed_and_restarted_under_load_loses_nothing_that_was_told_as_done() {
    let server = OwnServer::start();
    let options = || DbOptions::new().connections(6).connect_timeout(Duration::from_secs(2));
    let db = Db::open_with(&server.url, options()).await.unwrap();
    let table = heroes(&db, &[]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let (db, table, stop) = (db.clone(), table.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let (mut done, mut unknown, mut refused) = (Vec::new(), Vec::new(), 0);
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("{worker} {number}");
                    // By one statement, and by a transaction.
                    let written = match worker % 2 {
                        0 => db.insert(&table, named(&name)).await.map(|_| ()),
                        _ => {
                            async {
                                let transaction = db.begin().await?;
                                transaction.insert(&table, named(&name)).await?;
                                transaction.commit().await
                            }
                            .await
                        }
                    };
                    match written {
                        Ok(()) => done.push(name),
                        Err(WriteError::Db(error)) if error.kind() == DbErrorKind::Unconfirmed => {
                            unknown.push(name)
                        }
                        Err(WriteError::Db(error)) => {
                            let kind = error.kind();
                            assert!(
                                matches!(
                                    kind,
                                    DbErrorKind::Unavailable | DbErrorKind::Busy | DbErrorKind::Ended
                                ),
                                "{error:?}"
                            );
                            refused += 1;
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                        Err(other) => panic!("{other:?}"),
                    }
                }
                (done, unknown, refused)
            })
        })
        .collect();
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (db, table, stop) = (db.clone(), table.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut most = 0;
                while !stop.load(Ordering::Relaxed) {
                    match db.set(&table).count().await {
                        Ok(count) => {
                            assert!(count >= most, "rows that were seen are gone: {most}, {count}");
                            most = count;
                        }
                        Err(error) => {
                            assert!(error.is_temporary(), "{error:?}");
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                }
            })
        })
        .collect();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        tokio::task::block_in_place(|| server.crash());
        let down = db.get(&table, &id(1)).await.unwrap_err();
        assert!(down.is_temporary(), "{down:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::block_in_place(|| server.again());
    }
    // It works again, without a restart of ours.
    let deadline = Instant::now() + Duration::from_secs(10);
    while db.insert(&table, named("after")).await.is_err() {
        assert!(Instant::now() < deadline, "it has not recovered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    let (mut all_done, mut all_unknown) = (BTreeSet::new(), BTreeSet::new());
    let mut all_refused = 0;
    for worker in workers {
        let (done, unknown, refused) = worker.await.unwrap();
        all_done.extend(done);
        all_unknown.extend(unknown);
        all_refused += refused;
    }
    let there: BTreeSet<String> = db
        .set(&table)
        .columns(["name"])
        .rows()
        .await
        .unwrap()
        .iter()
        .map(|row| row["name"].to_text().into_owned())
        .filter(|name| name != "after")
        .collect();
    let lost: Vec<_> = all_done.difference(&there).collect();
    assert!(lost.is_empty(), "told as done, and lost: {lost:?}");
    let told: BTreeSet<String> = all_done.union(&all_unknown).cloned().collect();
    let secret: Vec<_> = there.difference(&told).collect();
    assert!(secret.is_empty(), "told as not done, and there: {secret:?}");
    assert!(all_done.len() > 50 && all_refused > 0, "{} {all_refused}", all_done.len());
    db.close().await;
}

#[tokio::test]
async fn crud_11_a_connection_that_was_lost_while_idle_is_replaced_without_a_word() {
    let server = OwnServer::start();
    let db = Db::open_with(&server.url, DbOptions::new().connections(2)).await.unwrap();
    let table = heroes(&db, &["Ada"]).await;
    server.crash();
    // That it is gone has been heard.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let down = db.insert(&table, named("Bob")).await.unwrap_err();
    assert_eq!(down.db_kind(), Some(DbErrorKind::Unavailable), "{down:?}");
    assert_eq!(db.begin().await.unwrap_err().kind(), DbErrorKind::Unavailable);
    server.again();
    db.insert(&table, named("Bob")).await.unwrap();
    // Just as after a restart that nobody noticed.
    server.crash();
    server.again();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
    db.insert(&table, named("Cleo")).await.unwrap();
}

#[tokio::test]
async fn crud_11_a_line_that_is_cut_at_commit_leaves_it_open_whether_it_was_done() {
    let server = Postgres::new().await;
    let line = Line::new(&server.url(), "COMMIT").await;
    let db = Db::open_with(&line.url(&server.url()), DbOptions::new().connections(2)).await.unwrap();
    let table = heroes(&db, &["Ada"]).await;
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("Bob")).await.unwrap();
    line.arm();
    let error = transaction.commit().await.unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::Unconfirmed), "{error:?}");
    // The same for a guarded write, whose commit is part of it.
    let row = server.open().await.get(&table, &id(1)).await.unwrap().unwrap();
    let guard = Guard::of(&row, ["name"]);
    let error = db.update_if(&table, &id(1), named("Eve"), &guard).await.unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::Unconfirmed), "{error:?}");
    line.disarm();
    // Here both were done.
    let names = db.set(&table).order_by("name").rows().await.unwrap();
    assert_eq!(crate::support::texts(&names, "name"), ["Bob", "Eve"]);
}

#[tokio::test]
async fn crud_11_a_line_that_is_cut_in_a_write_leaves_it_open_and_in_a_read_it_is_read_again() {
    let server = Postgres::new().await;
    let line = Line::new(&server.url(), "cut here").await;
    let db = Db::open_with(&line.url(&server.url()), DbOptions::new().connections(2)).await.unwrap();
    let table = heroes(&db, &["Ada"]).await;
    line.arm();
    let error = db.insert(&table, named("cut here")).await.unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::Unconfirmed), "{error:?}");
    // Within a transaction nothing is written before its end.
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("Bob")).await.unwrap();
    let error = transaction.insert(&table, named("and cut here")).await.unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::Unavailable), "{error:?}");
    assert_eq!(transaction.commit().await.unwrap_err().db_kind(), Some(DbErrorKind::Ended));
    // A read over a line that is cut again and again fails; once, it does not show.
    let set = db.set(&table).filter(table.col("name").eq("cut here"));
    assert_eq!(set.count().await.unwrap_err().kind(), DbErrorKind::Unavailable);
    let (count, ()) = tokio::join!(set.count(), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        line.disarm();
    });
    assert_eq!(count.unwrap(), 1);
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_connection_whose_server_process_is_ended_is_replaced() {
    let server = Postgres::new().await;
    let db = server.open_with(DbOptions::new().connections(1)).await;
    let table = heroes(&db, &["Ada"]).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let admin = server.open_with(DbOptions::new().connections(1)).await;
    admin.query(end, []).await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("Bob")).await.unwrap();
    admin.query(end, []).await.unwrap();
    let error = transaction.insert(&table, named("Eve")).await.unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::Unavailable), "{error:?}");
    assert_eq!(transaction.commit().await.unwrap_err().db_kind(), Some(DbErrorKind::Ended));
    db.insert(&table, named("Cleo")).await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
}

#[tokio::test]
async fn all_connections_in_use_is_busy_and_passes() {
    let server = Postgres::new().await;
    let options = DbOptions::new().connections(2).acquire_timeout(Duration::from_millis(150));
    let db = server.open_with(options).await;
    let table = heroes(&db, &["Ada"]).await;
    let (one, other) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    let begun = Instant::now();
    assert_eq!(db.get(&table, &id(1)).await.unwrap_err().kind(), DbErrorKind::Busy);
    assert_eq!(db.insert(&table, named("Bob")).await.unwrap_err().db_kind(), Some(DbErrorKind::Busy));
    assert_eq!(db.begin().await.unwrap_err().kind(), DbErrorKind::Busy);
    assert!(begun.elapsed() < Duration::from_secs(2));
    drop(one);
    other.rollback().await.unwrap();
    db.insert(&table, named("Bob")).await.unwrap();
    // Those who wait in too long a line are told at once.
    let db = server.open_with(DbOptions::new().connections(1).queue(2)).await;
    let held = db.begin().await.unwrap();
    let waiting: Vec<_> = (0..6)
        .map(|_| {
            let (db, table) = (db.clone(), table.clone());
            tokio::spawn(async move { db.get(&table, &id(1)).await.map_err(|error| error.kind()) })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    held.rollback().await.unwrap();
    let mut refused = 0;
    for task in waiting {
        match task.await.unwrap() {
            Ok(row) => assert!(row.is_some()),
            Err(kind) => {
                assert_eq!(kind, DbErrorKind::Unavailable);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 4);
}

#[tokio::test]
async fn what_takes_too_long_is_ended_on_the_server_too() {
    let server = Postgres::new().await;
    let options = DbOptions::new().connections(2).statement_timeout(Duration::from_millis(200));
    let db = server.open_with(options).await;
    let table = heroes(&db, &["Ada"]).await;
    let begun = Instant::now();
    assert_eq!(db.query("SELECT pg_sleep(60)", []).await.unwrap_err().kind(), DbErrorKind::Timeout);
    let slow = db.execute("UPDATE hero SET age = 1 WHERE pg_sleep(60) IS NULL", []).await.unwrap_err();
    assert_eq!(slow.db_kind(), Some(DbErrorKind::Timeout));
    let transaction = db.begin().await.unwrap();
    transaction.insert(&table, named("Bob")).await.unwrap();
    assert_eq!(transaction.query("SELECT pg_sleep(60)", []).await.unwrap_err().kind(), DbErrorKind::Timeout);
    // What it did before stays.
    transaction.commit().await.unwrap();
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
    assert!(begun.elapsed() < Duration::from_secs(3));
    // A shorter time for one read.
    let db = server.open().await;
    let table = db.define(hero()).await.unwrap();
    let slow = db.set(&table).filter(Expr::cust("pg_sleep(60) IS NULL")).timeout(Duration::from_millis(100));
    assert_eq!(slow.rows().await.unwrap_err().kind(), DbErrorKind::Timeout);
    assert_eq!(running(&server).await, 0);
}

/// How many statements run on the server, besides this one.
async fn running(server: &Postgres) -> i64 {
    let admin = server.open_with(DbOptions::new().connections(1)).await;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' \
               AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    let rows = admin.query(sql, []).await.unwrap();
    admin.close().await;
    rows[0].values()[0].as_int().unwrap()
}

#[tokio::test]
async fn who_gives_up_ends_the_statement_and_leaves_no_connection_in_the_middle_of_one() {
    let server = Postgres::new().await;
    let db = server.open_with(DbOptions::new().connections(3)).await;
    let table = heroes(&db, &["Ada"]).await;
    for wait in [0, 1, 3, 10, 30] {
        for sql in ["SELECT pg_sleep(60)", "SELECT count(*) FROM generate_series(1, 100000000)"] {
            let _ = tokio::time::timeout(Duration::from_millis(wait), db.query(sql, [])).await;
        }
        let write = db.execute("UPDATE hero SET age = 1 WHERE pg_sleep(60) IS NULL", []);
        let _ = tokio::time::timeout(Duration::from_millis(wait), write).await;
        let row = async { db.get(&table, &id(1)).await.unwrap().unwrap() };
        let guard = Guard::of(&row.await, ["name"]);
        let key = id(1);
        let guarded = db.update_if(&table, &key, Values::new().with("age", wait as i64), &guard);
        let _ = tokio::time::timeout(Duration::from_micros(wait * 100), guarded).await;
        // The connections answer what they are asked.
        for _ in 0..6 {
            assert_eq!(db.query("SELECT 42", []).await.unwrap()[0].values(), [Value::Int(42)]);
        }
    }
    let deadline = Instant::now() + Duration::from_secs(5);
    while running(&server).await > 0 {
        assert!(Instant::now() < deadline, "a statement goes on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let locks =
        "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'hero'";
    assert_eq!(db.query(locks, []).await.unwrap()[0].values(), [Value::Int(0)]);
}

#[tokio::test]
async fn an_idle_transaction_is_ended_and_gives_its_locks_back() {
    let server = Postgres::new().await;
    let db = server.open_with(DbOptions::new().idle_timeout(Duration::from_millis(100))).await;
    let table = heroes(&db, &["Ada"]).await;
    let transaction = db.begin().await.unwrap();
    transaction.update(&table, &id(1), Values::new().with("age", 1)).await.unwrap();
    // Somebody else waits for the row, and gets it.
    assert_eq!(db.update(&table, &id(1), Values::new().with("age", 2)).await.unwrap(), Some(id(1)));
    let error = transaction.insert(&table, named("Bob")).await.unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::Timeout));
    assert_eq!(transaction.commit().await.unwrap_err().db_kind(), Some(DbErrorKind::Timeout));
    assert_eq!(db.get(&table, &id(1)).await.unwrap().unwrap()["age"], 2.into());
}

#[tokio::test]
async fn locks_and_deadlocks_are_busy() {
    let server = Postgres::new().await;
    let db = server.open_with(DbOptions::new().busy_timeout(Duration::from_millis(200))).await;
    let table = heroes(&db, &["Ada", "Eve"]).await;
    let holder = db.begin().await.unwrap();
    holder.update(&table, &id(1), Values::new().with("age", 1)).await.unwrap();
    let waits = db.update(&table, &id(1), Values::new().with("age", 2)).await.unwrap_err();
    assert_eq!(waits.db_kind(), Some(DbErrorKind::Busy), "{waits:?}");
    holder.rollback().await.unwrap();

    let db = server.open().await;
    let (one, other) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    let set = |age: i64| Values::new().with("age", age);
    one.update(&table, &id(1), set(1)).await.unwrap();
    other.update(&table, &id(2), set(2)).await.unwrap();
    let keys = (id(1), id(2));
    let (first, second) =
        tokio::join!(one.update(&table, &keys.1, set(1)), other.update(&table, &keys.0, set(2)));
    let (lost, won) = if first.is_err() { (first, second) } else { (second, first) };
    assert_eq!(lost.unwrap_err().db_kind(), Some(DbErrorKind::Busy));
    won.unwrap();
}

#[tokio::test]
async fn two_who_make_a_table_at_once_both_have_it() {
    let server = Postgres::new().await;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let url = server.url();
            tokio::spawn(async move {
                let db = Db::open_with(&url, DbOptions::new().connections(1)).await.unwrap();
                db.define(hero()).await.map(|table: Arc<Table>| table.fields.len())
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), 4);
    }
}
