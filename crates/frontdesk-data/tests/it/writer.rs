//! Writes that share a commit: what fails undoes only itself.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Db, DbErrorKind, DbOptions, Field, RowId, Table, Values, WriteError};

use crate::support::{File, heroes, refusal, texts};

type Answer = Result<Option<RowId>, WriteError>;

fn named(name: &str) -> Values {
    Values::new().with("name", name)
}

/// Queues the writes behind an open transaction, so that the writer finds them all at once.
async fn together<F>(db: &Db, writes: impl IntoIterator<Item = F>) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let gate = db.begin().await.unwrap();
    let tasks: Vec<_> = writes.into_iter().map(|write| tokio::spawn(write)).collect();
    // Each task has to be polled once to stand in the queue.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    gate.rollback().await.unwrap();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn inserts(
    db: &Db,
    table: &Arc<Table>,
    names: &[&str],
) -> Vec<impl Future<Output = Answer> + Send + 'static> {
    names
        .iter()
        .map(|name| {
            let (db, table, values) = (db.clone(), Arc::clone(table), named(name));
            async move { db.insert(&table, values).await }
        })
        .collect()
}

async fn names(db: &Db, table: &Arc<Table>) -> Vec<String> {
    texts(&db.set(table).order_by("name").rows().await.unwrap(), "name")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn form_07_fifty_parallel_inserts_of_one_unique_value_are_one_row_and_49_field_errors() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = heroes(&db, &[]).await;
    let tasks: Vec<_> = inserts(&db, &table, &["Ada"; 50]).into_iter().map(tokio::spawn).collect();
    let (mut inserted, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => inserted += 1,
            answer => {
                assert_eq!(refusal(answer), [("name".to_owned(), "unique".to_owned())]);
                refused += 1;
            }
        }
    }
    assert_eq!((inserted, refused), (1, 49));
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
}

#[tokio::test]
async fn form_07_the_same_within_one_commit() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = heroes(&db, &[]).await;
    let answers = together(&db, inserts(&db, &table, &["Ada"; 50])).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(answer), [("name".to_owned(), "unique".to_owned())]);
    }
    assert_eq!(names(&db, &table).await, ["Ada"]);
}

#[tokio::test]
async fn a_failing_write_undoes_only_itself() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = heroes(&db, &["b"]).await;
    let answers = together(&db, inserts(&db, &table, &["a", "b", "c"])).await;
    assert_eq!(answers[0].as_ref().unwrap(), &Some(RowId::from(2)));
    assert!(answers[1].is_err());
    assert_eq!(answers[2].as_ref().unwrap(), &Some(RowId::from(3)));
    assert_eq!(names(&db, &table).await, ["a", "b", "c"]);
}

/// Schemas in which a failing statement does more, or less, than undo itself.
async fn on_schema(schema: &str, guilty: &str, expected: &[&str]) {
    let file = File::made_by(schema);
    let db = file.open().await;
    let table = db.define(Table::new("t").field(Field::string("name"))).await.unwrap();
    let answers = together(&db, inserts(&db, &table, &["a", guilty, "c", "d"])).await;
    let ok: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true, true], "{answers:?}");
    assert!(matches!(answers[1], Err(WriteError::Refused(_))), "{answers:?}");
    assert_eq!(names(&db, &table).await, expected);
    // Alone it fails as well, and leaves nothing.
    assert!(matches!(db.insert(&table, named(guilty)).await, Err(WriteError::Refused(_))));
    assert_eq!(names(&db, &table).await, expected);
    // The writer is in order afterwards.
    db.insert(&table, named("e")).await.unwrap();
    assert_eq!(names(&db, &table).await.last().unwrap(), "e");
}

#[tokio::test]
async fn on_conflict_rollback_does_not_take_the_others_with_it() {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT ROLLBACK);
        INSERT INTO t (name) VALUES ('b');";
    on_schema(schema, "b", &["a", "b", "c", "d"]).await;
}

#[tokio::test]
async fn raise_rollback_does_not_take_the_others_with_it() {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TRIGGER no AFTER INSERT ON t WHEN NEW.name = 'b' BEGIN SELECT RAISE(ROLLBACK, 'no b'); END;";
    on_schema(schema, "b", &["a", "c", "d"]).await;
}

#[tokio::test]
async fn raise_fail_does_not_leave_half_a_statement() {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TRIGGER no AFTER INSERT ON t WHEN NEW.name = 'b' BEGIN SELECT RAISE(FAIL, 'no b'); END;";
    on_schema(schema, "b", &["a", "c", "d"]).await;
}

#[tokio::test]
async fn on_conflict_fail_does_not_leave_half_a_statement() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT FAIL);
         INSERT INTO t (name) VALUES ('a'), ('b'), ('c');",
    );
    let db = file.open().await;
    let table = db.define(Table::new("t").field(Field::string("name"))).await.unwrap();
    let all = db.set(&table).update(named("x")).await;
    assert_eq!(refusal(all), [("name".to_owned(), "unique".to_owned())]);
    assert_eq!(names(&db, &table).await, ["a", "b", "c"]);
    // Within a transaction too.
    let transaction = db.begin().await.unwrap();
    assert!(transaction.set(&table).update(named("x")).await.is_err());
    transaction.insert(&table, named("d")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(names(&db, &table).await, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn a_deferred_foreign_key_fails_only_the_one_who_broke_it() {
    let file = File::made_by(
        "CREATE TABLE up (id INTEGER PRIMARY KEY);
         CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, up INTEGER REFERENCES up DEFERRABLE INITIALLY DEFERRED);",
    );
    let db = file.open().await;
    let table = db
        .define(Table::new("t").field(Field::string("name")).field(Field::reference("up", "up")))
        .await
        .unwrap();
    let one = |name: &str, up: Option<i64>| {
        let (db, table, values) = (db.clone(), Arc::clone(&table), named(name).with("up", up));
        async move { db.insert(&table, values).await }
    };
    let answers = together(&db, [one("a", None), one("b", Some(9)), one("c", None)]).await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(names(&db, &table).await, ["a", "c"]);
    assert_eq!(refusal(answers.into_iter().nth(1).unwrap()), [("up".to_owned(), "foreign_key".to_owned())]);
    assert_eq!(refusal(one("b", Some(9)).await), [("up".to_owned(), "foreign_key".to_owned())]);
    assert_eq!(names(&db, &table).await, ["a", "c"]);
}

#[tokio::test]
async fn a_full_database_fails_those_that_do_not_fit() {
    let file = File::made_by("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
    let db = file.open().await;
    let table = db.define(Table::new("t").field(Field::string("name"))).await.unwrap();
    db.execute("PRAGMA max_page_count = 12", []).await.unwrap();
    let big = "b".repeat(100_000);
    let answers = together(&db, inserts(&db, &table, &["a", &big, "c"])).await;
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    let error = answers.into_iter().nth(1).unwrap().unwrap_err();
    assert_eq!(error.db_kind(), Some(DbErrorKind::Full));
    assert_eq!(names(&db, &table).await, ["a", "c"]);
    assert_eq!(db.insert(&table, named(&big)).await.unwrap_err().db_kind(), Some(DbErrorKind::Full));
    assert_eq!(names(&db, &table).await, ["a", "c"]);
}

#[tokio::test]
async fn a_write_that_takes_too_long_fails_alone() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TRIGGER slow AFTER INSERT ON t WHEN NEW.name = 'slow' BEGIN
           INSERT INTO t (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'n' FROM n LIMIT 1000000000;
         END;",
    );
    let db = file.open_with(DbOptions::new().statement_timeout(Duration::from_millis(200))).await;
    let table = db.define(Table::new("t").field(Field::string("name"))).await.unwrap();
    let answers = together(&db, inserts(&db, &table, &["a", "slow", "c"])).await;
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(answers.into_iter().nth(1).unwrap().unwrap_err().db_kind(), Some(DbErrorKind::Timeout));
    assert_eq!(names(&db, &table).await, ["a", "c"]);
    assert_eq!(db.insert(&table, named("slow")).await.unwrap_err().db_kind(), Some(DbErrorKind::Timeout));
    assert_eq!(names(&db, &table).await, ["a", "c"]);
}

#[tokio::test]
async fn sql_that_does_not_fit_the_schema_fails_alone() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = heroes(&db, &[]).await;
    let wrong = db.define((*table).clone().field(Field::string("nmae"))).await.unwrap();
    let of = |table: &Arc<Table>, values: Values| {
        let (db, table) = (db.clone(), Arc::clone(table));
        async move { db.insert(&table, values).await }
    };
    let writes = [of(&table, named("a")), of(&wrong, named("b").with("nmae", "x")), of(&table, named("c"))];
    let answers = together(&db, writes).await;
    assert!(matches!(answers[1], Err(WriteError::Db(_))), "{answers:?}");
    assert_eq!(names(&db, &table).await, ["a", "c"]);
}

#[tokio::test]
async fn a_write_whose_asker_has_gone_is_not_begun() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = heroes(&db, &[]).await;
    let gate = db.begin().await.unwrap();
    let mut tasks: Vec<_> = inserts(&db, &table, &["a", "b", "c"]).into_iter().map(tokio::spawn).collect();
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    let gone = tasks.remove(1);
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    gate.rollback().await.unwrap();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(names(&db, &table).await, ["a", "c"]);
}
