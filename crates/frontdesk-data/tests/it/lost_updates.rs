//! Lost updates: of two who change what both have loaded, only one does, and whoever is alone is never told otherwise.

use std::sync::Arc;

use frontdesk_data::{Db, DbErrorKind, Field, Guard, Guarded, Row, RowId, Table, Value, Values};

use crate::support::{File, everything, heroes, id, refusal};

fn named(name: &str) -> Values {
    Values::new().with("name", name)
}

async fn loaded(db: &Db, table: &Table, number: i64) -> Row {
    db.get(table, &id(number)).await.unwrap().unwrap()
}

/// What the row is in all of its columns.
fn whole(row: &Row) -> Guard {
    Guard::of(row, row.columns().names().iter().map(Arc::clone))
}

async fn lost_update_the_second_of_two_changes_is_told_of_the_first(db: Db) {
    let table = heroes(&db, &["Ada", "Eve"]).await;
    let guard = whole(&loaded(&db, &table, 1).await);
    let first = db.update_if(&table, &id(1), named("Bob"), &guard).await.unwrap();
    assert_eq!(first, Guarded::Done(id(1)));
    let second = db.update_if(&table, &id(1), named("Carl"), &guard).await.unwrap();
    assert_eq!(second, Guarded::Changed);
    assert_eq!(db.delete_if(&table, &id(1), &guard).await.unwrap(), Guarded::Changed);
    assert_eq!(loaded(&db, &table, 1).await["name"], "Bob".into());

    let guard = whole(&loaded(&db, &table, 1).await);
    assert_eq!(db.delete_if(&table, &id(1), &guard).await.unwrap(), Guarded::Done(id(1)));
    assert_eq!(db.delete_if(&table, &id(1), &guard).await.unwrap(), Guarded::Gone);
    assert_eq!(db.update_if(&table, &id(1), named("Dora"), &guard).await.unwrap(), Guarded::Gone);
    assert_eq!(db.update_if(&table, &RowId::from("x"), named("Dora"), &guard).await.unwrap(), Guarded::Gone);
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
}

async fn lost_update_of_twenty_at_once_one_is_done(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    for round in 0..20 {
        let guard = whole(&loaded(&db, &table, 1).await);
        // While this is open the others gather, and share a transaction once it ends.
        let gate = db.begin().await.unwrap();
        let writers: Vec<_> = (0..20)
            .map(|number| {
                let (db, table, guard) = (db.clone(), Arc::clone(&table), guard.clone());
                tokio::spawn(async move {
                    let values = named(&format!("{round} {number}"));
                    (number, db.update_if(&table, &id(1), values, &guard).await.unwrap())
                })
            })
            .collect();
        tokio::task::yield_now().await;
        gate.rollback().await.unwrap();
        let mut done = Vec::new();
        for writer in writers {
            match writer.await.unwrap() {
                (number, Guarded::Done(_)) => done.push(number),
                (_, other) => assert_eq!(other, Guarded::Changed),
            }
        }
        let [winner] = done[..] else { panic!("{done:?} were all done") };
        assert_eq!(loaded(&db, &table, 1).await["name"], format!("{round} {winner}").into());
    }
}

async fn lost_update_what_was_not_looked_at_may_change(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let guard = Guard::of(&loaded(&db, &table, 1).await, ["name"]);
    db.update(&table, &id(1), Values::new().with("age", 36)).await.unwrap();
    assert_eq!(db.update_if(&table, &id(1), named("Eve"), &guard).await.unwrap(), Guarded::Done(id(1)));
    // No column at all guards against the row's being gone.
    let nothing = Guard::of(&loaded(&db, &table, 1).await, [""; 0]);
    assert_eq!(db.update_if(&table, &id(1), named("Bob"), &nothing).await.unwrap(), Guarded::Done(id(1)));
    assert_eq!(db.update_if(&table, &id(2), named("Bob"), &nothing).await.unwrap(), Guarded::Gone);
    let unknown = Guard::new(["name", "size"], guard.digest);
    for error in [
        db.update_if(&table, &id(1), named("x"), &unknown).await.unwrap_err(),
        db.delete_if(&table, &id(1), &unknown).await.unwrap_err(),
    ] {
        assert_eq!(error.db_kind(), Some(DbErrorKind::NotFound("size".into())));
    }
}

async fn lost_update_no_values_only_look(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let guard = whole(&loaded(&db, &table, 1).await);
    assert_eq!(db.update_if(&table, &id(1), Values::new(), &guard).await.unwrap(), Guarded::Done(id(1)));
    db.update(&table, &id(1), named("Eve")).await.unwrap();
    assert_eq!(db.update_if(&table, &id(1), Values::new(), &guard).await.unwrap(), Guarded::Changed);
    assert_eq!(db.update_if(&table, &id(9), Values::new(), &guard).await.unwrap(), Guarded::Gone);
}

#[tokio::test]
async fn lost_update_in_a_transaction_and_by_another_program() {
    let file = File::made_by(
        "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER, color TEXT);
         INSERT INTO hero VALUES (1, 'Ada', 36, 'red'), (2, 'Eve', 17, NULL);",
    );
    let db = file.open().await;
    let table = heroes(&db, &[]).await;
    let guard = whole(&loaded(&db, &table, 1).await);
    let transaction = db.begin().await.unwrap();
    assert_eq!(
        transaction.update_if(&table, &id(1), named("A"), &guard).await.unwrap(),
        Guarded::Done(id(1))
    );
    assert_eq!(transaction.update_if(&table, &id(1), named("B"), &guard).await.unwrap(), Guarded::Changed);
    assert_eq!(transaction.delete_if(&table, &id(1), &guard).await.unwrap(), Guarded::Changed);
    // A refusal under a guard says what any other does, and leaves the transaction as it was.
    let now = whole(&transaction.get(&table, &id(1)).await.unwrap().unwrap());
    let refused = transaction.update_if(&table, &id(1), named("Eve"), &now).await;
    assert_eq!(refusal(refused), [("name".to_owned(), "unique".to_owned())]);
    transaction.commit().await.unwrap();

    let guard = whole(&loaded(&db, &table, 2).await);
    file.other().execute("UPDATE hero SET age = 18 WHERE id = 2", []).unwrap();
    assert_eq!(db.update_if(&table, &id(2), named("E"), &guard).await.unwrap(), Guarded::Changed);
    file.other().execute("UPDATE hero SET age = 17 WHERE id = 2", []).unwrap();
    assert_eq!(db.update_if(&table, &id(2), named("E"), &guard).await.unwrap(), Guarded::Done(id(2)));
}

#[tokio::test]
async fn lost_update_of_keys() {
    let file = File::made_by(
        "CREATE TABLE seat (line TEXT NOT NULL, number INTEGER NOT NULL, guest TEXT, PRIMARY KEY (line, number)) WITHOUT ROWID;
         INSERT INTO seat VALUES ('A/1', -1, 'Ada'), ('A/1', 2, NULL);",
    );
    let db = file.open().await;
    let seat = db.introspect().await.unwrap().get("seat").unwrap().clone();
    let [from, to] = [-1, 3].map(|number| RowId::from_values(["A/1".into(), Value::Int(number)]).unwrap());
    let guard = whole(&db.get(&seat, &from).await.unwrap().unwrap());
    let moved = db.update_if(&seat, &from, Values::new().with("number", 3), &guard).await.unwrap();
    assert_eq!(moved, Guarded::Done(to.clone()));
    assert_eq!(
        db.update_if(&seat, &from, Values::new().with("number", 4), &guard).await.unwrap(),
        Guarded::Gone
    );
    let again = db.update_if(&seat, &to, Values::new().with("number", 4), &guard).await.unwrap();
    assert_eq!(again, Guarded::Changed);
    let taken = Guard::of(&db.get(&seat, &to).await.unwrap().unwrap(), ["guest"]);
    let refused = db.update_if(&seat, &to, Values::new().with("number", 2), &taken).await;
    assert_eq!(refusal(refused), [("line,number".to_owned(), "unique".to_owned())]);
    // An identity of another width is that of no row.
    assert_eq!(db.delete_if(&seat, &id(1), &taken).await.unwrap(), Guarded::Gone);
}

/// Each row of a table, deleted under a guard of all that was loaded. Nothing stays done.
async fn no_row_conflicts(db: &Db, table: &Arc<Table>) -> usize {
    let rows = db.set(table).rows().await.unwrap();
    let transaction = db.begin().await.unwrap();
    transaction.execute("PRAGMA defer_foreign_keys = 1", []).await.unwrap();
    for row in &rows {
        let id = row.id().unwrap();
        let done = transaction.delete_if(table, id, &whole(row)).await.unwrap();
        assert_eq!(done, Guarded::Done(id.clone()), "{}: {row:?}", table.name);
    }
    assert_eq!(transaction.set(table).count().await.unwrap(), 0);
    transaction.rollback().await.unwrap();
    rows.len()
}

#[tokio::test]
async fn lost_update_chinook_has_no_false_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chinook.db");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/chinook.sqlite"), &path).unwrap();
    let db = Db::open(&format!("sqlite://{}", path.display())).await.unwrap();
    let mut rows = 0;
    for table in db.introspect().await.unwrap().tables.iter().filter(|table| table.has_key()) {
        rows += no_row_conflicts(&db, table).await;
    }
    assert!(rows > 15_000, "{rows}");
}

const ODD: &str = "
    PRAGMA foreign_keys = 0;
    INSERT INTO everything DEFAULT VALUES;
    INSERT INTO everything (integer, bigint, double, decimal) VALUES ('many', 9223372036854775807, 9e999, 1e400);
    INSERT INTO everything (integer, bigint, double, decimal) VALUES (1.5, -9223372036854775808, -9e999, '12.10');
    INSERT INTO everything (double, decimal, boolean) VALUES (-0.0, 0.1, 'T');
    INSERT INTO everything (double, decimal, boolean) VALUES (3, 1234567890123456789, 'maybe');
    INSERT INTO everything (double, decimal, boolean) VALUES (0.1 + 0.2, 0.1 + 0.2, 2);
    INSERT INTO everything (double, decimal, boolean) VALUES (5e-324, 1e300, x'01');
    INSERT INTO everything (date, time, datetime) VALUES ('2008-02-30', '25:00', '2008-03-03T10:00');
    INSERT INTO everything (date, time, datetime) VALUES (20080303, 10.5, '2008-03-03 10:00:00+02:00');
    INSERT INTO everything (date, time, datetime) VALUES ('2008-03-03', '10:00:00.000000001', CURRENT_TIMESTAMP);
    INSERT INTO everything (json, uuid, blob) VALUES ('{', 'no', CAST(x'ff00fe' AS TEXT));
    INSERT INTO everything (json, uuid, blob) VALUES ('{\"a\": 1, \"a\": 2.0e1}', '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', zeroblob(70000));
    INSERT INTO everything (json, uuid, blob) VALUES (17, x'00', 'text');
    INSERT INTO everything (string, text) VALUES (CAST(x'fffe' AS TEXT), 'a' || char(0) || 'b');
    INSERT INTO everything (string, text) VALUES ('', x'');
    INSERT INTO everything (list_string, list_integer, list_reference) VALUES ('|a||b|', '|1|2|', '[\"a\", 1]');
    INSERT INTO everything (list_string, list_integer, list_reference) VALUES ('[1]', '[', NULL);
    INSERT INTO everything (reference, upload, password) VALUES ('x', 1, 1.0);";

#[tokio::test]
async fn lost_update_odd_data_has_no_false_conflict() {
    let file = File::made_by("");
    let db = file.open().await;
    let table = db.define(everything()).await.unwrap();
    let other = file.other();
    other.execute_batch(ODD).unwrap();
    let count = no_row_conflicts(&db, &table).await;
    assert_eq!(count, ODD.matches("INSERT").count());
    // Each column by itself tells when it has changed.
    for field in table.fields.iter().filter(|field| &*field.name != "id") {
        let row = loaded(&db, &table, 1).await;
        let guard = Guard::of(&row, [Arc::clone(&field.name)]);
        other.execute(&format!("UPDATE everything SET \"{}\" = 7 WHERE id = 1", field.name), []).unwrap();
        let done = db.update_if(&table, &id(1), Values::new().with("string", "x"), &guard).await.unwrap();
        assert_eq!(done, Guarded::Changed, "{}", field.name);
        other.execute(&format!("UPDATE everything SET \"{}\" = NULL WHERE id = 1", field.name), []).unwrap();
        let done = db.update_if(&table, &id(1), Values::new().with("id", 1), &guard).await.unwrap();
        assert_eq!(done, Guarded::Done(id(1)), "{}", field.name);
    }
}

#[tokio::test]
async fn lost_update_columns_without_a_type_and_of_every_affinity() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, any, num NUMERIC, n NUMERIC(10,2), r REAL, b BOOLEAN, i INT, \"a.b\"\"c\" TEXT,
             double AS (num * 2) STORED, twice AS (r || 'x'));
         INSERT INTO t (any, num, n, r, b, i, \"a.b\"\"c\") VALUES
             (1, '01234', '1.10', 1, 'T', '7', 'x'), ('1', 9007199254740993, 1.1, 1e308, 1, 7.5, 1),
             (x'31', 'abc', 'abc', 'abc', 'abc', 'abc', x'ff'), (1.0, 1e20, 1e20, '1e3', 0, -0.0, NULL);",
    );
    let db = file.open().await;
    let table = db.introspect().await.unwrap().get("t").unwrap().clone();
    assert_eq!(no_row_conflicts(&db, &table).await, 4);
    // The type of what is stored counts, not only its look.
    let guard = Guard::of(&loaded(&db, &table, 1).await, ["any"]);
    file.other().execute("UPDATE t SET any = '1' WHERE id = 1", []).unwrap();
    assert_eq!(db.delete_if(&table, &id(1), &guard).await.unwrap(), Guarded::Changed);
}

#[tokio::test]
async fn lost_update_tables_of_many_columns() {
    let columns: Vec<String> = (0..450).map(|number| format!("c{number} INTEGER DEFAULT {number}")).collect();
    let file = File::made_by(&format!(
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, {}); INSERT INTO wide (id) VALUES (1);",
        columns.join(", ")
    ));
    let db = file.open().await;
    let wide = db.introspect().await.unwrap().get("wide").unwrap().clone();
    assert_eq!(no_row_conflicts(&db, &wide).await, 1);
    let guard = whole(&loaded(&db, &wide, 1).await);
    for column in ["c0", "c98", "c99", "c100", "c299", "c449"] {
        db.update(&wide, &id(1), Values::new().with(column, -1)).await.unwrap();
        assert_eq!(db.delete_if(&wide, &id(1), &guard).await.unwrap(), Guarded::Changed, "{column}");
        let before: i64 = column[1..].parse().unwrap();
        let back = Values::new().with(column, before);
        db.update(&wide, &id(1), back).await.unwrap();
    }
    assert_eq!(db.delete_if(&wide, &id(1), &guard).await.unwrap(), Guarded::Done(id(1)));
}

#[tokio::test]
async fn lost_update_triggers_are_no_conflict() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, changes INTEGER DEFAULT 0, stamp TEXT);
         CREATE TRIGGER t_count AFTER UPDATE OF name ON t BEGIN
             UPDATE t SET changes = changes + 1, stamp = hex(randomblob(8)) WHERE id = new.id; END;
         CREATE TRIGGER t_ignore BEFORE UPDATE ON t WHEN new.name = 'ignore' BEGIN SELECT RAISE(IGNORE); END;
         CREATE TRIGGER t_fail BEFORE DELETE ON t BEGIN SELECT RAISE(FAIL, 'It stays'); END;
         INSERT INTO t (name) VALUES ('a');",
    );
    let db = file.open().await;
    let table = db.introspect().await.unwrap().get("t").unwrap().clone();
    for (round, name) in ["b", "c", "d"].into_iter().enumerate() {
        let guard = whole(&loaded(&db, &table, 1).await);
        assert_eq!(db.update_if(&table, &id(1), named(name), &guard).await.unwrap(), Guarded::Done(id(1)));
        assert_eq!(loaded(&db, &table, 1).await["changes"], Value::Int(round as i64 + 1));
    }
    let guard = whole(&loaded(&db, &table, 1).await);
    // What the database leaves out by its own rules is neither a conflict nor done.
    let ignored = db.update_if(&table, &id(1), named("ignore"), &guard).await;
    assert_eq!(refusal(ignored), [(String::new(), "ignored".to_owned())]);
    assert_eq!(refusal(db.delete_if(&table, &id(1), &guard).await), [(String::new(), "trigger".to_owned())]);
    assert_eq!(db.update_if(&table, &id(1), named("e"), &guard).await.unwrap(), Guarded::Done(id(1)));
}

#[tokio::test]
async fn lost_update_through_a_view() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO t (name) VALUES ('a');
         CREATE VIEW v AS SELECT id, upper(name) AS name FROM t;
         CREATE TRIGGER v_update INSTEAD OF UPDATE ON v BEGIN UPDATE t SET name = new.name WHERE id = old.id; END;
         CREATE TRIGGER v_delete INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = old.id; END;",
    );
    let db = file.open().await;
    let mut view = Table::clone(db.introspect().await.unwrap().get("v").unwrap());
    view.key = vec!["id".into()];
    let guard = whole(&loaded(&db, &view, 1).await);
    assert_eq!(db.update_if(&view, &id(1), named("b"), &guard).await.unwrap(), Guarded::Done(id(1)));
    assert_eq!(db.update_if(&view, &id(1), named("c"), &guard).await.unwrap(), Guarded::Changed);
    assert_eq!(db.delete_if(&view, &id(1), &guard).await.unwrap(), Guarded::Changed);
    assert_eq!(loaded(&db, &view, 1).await["name"], "B".into());
    let guard = whole(&loaded(&db, &view, 1).await);
    assert_eq!(db.delete_if(&view, &id(1), &guard).await.unwrap(), Guarded::Done(id(1)));
    assert_eq!(db.delete_if(&view, &id(1), &guard).await.unwrap(), Guarded::Gone);
}

async fn lost_update_with_fields_that_are_worked_out(db: Db) {
    let table = Table::new("item")
        .field(Field::integer("price"))
        .field(Field::integer("count"))
        .field(Field::integer("total").compute(|values| {
            match (values["price"].as_int(), values["count"].as_int()) {
                (Some(price), Some(count)) => Value::Int(price * count),
                _ => Value::Null,
            }
        }))
        .create();
    let table = db.define(table).await.unwrap();
    db.insert(&table, Values::new().with("price", 3).with("count", 4)).await.unwrap();
    let guard = whole(&loaded(&db, &table, 1).await);
    let values = Values::new().with("count", 5);
    assert_eq!(db.update_if(&table, &id(1), values.clone(), &guard).await.unwrap(), Guarded::Done(id(1)));
    assert_eq!(loaded(&db, &table, 1).await["total"], Value::Int(15));
    assert_eq!(db.update_if(&table, &id(1), values.clone(), &guard).await.unwrap(), Guarded::Changed);
    assert_eq!(db.update_if(&table, &id(2), values, &guard).await.unwrap(), Guarded::Gone);
}

crate::support::on_each_database! {
    lost_update_the_second_of_two_changes_is_told_of_the_first,
    lost_update_of_twenty_at_once_one_is_done,
    lost_update_what_was_not_looked_at_may_change,
    lost_update_no_values_only_look,
    lost_update_with_fields_that_are_worked_out,
}
