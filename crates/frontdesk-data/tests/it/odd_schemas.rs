//! Schemas that invite mistakes which cost data.

use frontdesk_data::{DbErrorKind, Field, FieldType, IsNotInDb, RowId, Table, Value, Values};
use frontdesk_validate::{Context, Rules};

use crate::support::File;

#[tokio::test]
async fn a_key_that_is_unique_in_another_collation_tells_no_rows_apart() {
    let file = File::made_by(
        "CREATE TABLE by_index (k TEXT NOT NULL COLLATE NOCASE, v);
         CREATE UNIQUE INDEX u ON by_index (k COLLATE BINARY);
         CREATE TABLE by_key (k TEXT NOT NULL COLLATE NOCASE, v, PRIMARY KEY (k COLLATE BINARY));
         CREATE TABLE alike (k TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, v);",
    );
    let schema = file.open().await.introspect().await.unwrap();
    assert!(!schema.get("by_index").unwrap().has_key());
    assert!(!schema.get("by_key").unwrap().has_key());
    assert!(schema.get("alike").unwrap().has_key());
}

#[tokio::test]
async fn a_schema_in_another_encoding_is_read() {
    let file = File::made_by("CREATE TABLE plain (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'cafeX');");
    // As a program that knows nothing of UTF-8 would have written it.
    let mut bytes = file.bytes();
    let at = bytes.windows(5).position(|part| part == b"cafeX").unwrap();
    bytes[at + 3] = 0xE9;
    bytes[at + 4] = b' ';
    std::fs::write(&file.path, bytes).unwrap();
    let schema = file.open().await.introspect().await.unwrap();
    assert_eq!(schema.get("plain").unwrap().fields.len(), 2);
}

#[tokio::test]
async fn a_trigger_that_came_later_leaves_nothing_half_done() {
    let file = File::made_by("CREATE TABLE f (id INTEGER PRIMARY KEY, a TEXT);");
    let db = file.open().await;
    let table = db.introspect().await.unwrap().get("f").unwrap().clone();
    db.insert(&table, Values::new().with("a", "first")).await.unwrap();
    let trigger = "CREATE TRIGGER t AFTER INSERT ON f BEGIN SELECT RAISE(FAIL, 'no'); END;";
    file.other().execute_batch(trigger).unwrap();
    assert!(db.insert(&table, Values::new().with("a", "second")).await.is_err());
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_worked_out_fits_the_row_that_is_written() {
    let file = File::made_by(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, price INTEGER, qty INTEGER, total INTEGER);",
    );
    let db = file.open().await;
    let number = |values: &Values, name: &str| values.get(name).and_then(Value::as_int).unwrap_or_default();
    let total = Field::integer("total")
        .compute(move |values| (number(values, "price") * number(values, "qty")).into());
    let table = Table::new("item").field(Field::integer("price")).field(Field::integer("qty")).field(total);
    let table = db.define(table).await.unwrap();
    let id = db.insert(&table, Values::new().with("price", 1).with("qty", 1)).await.unwrap().unwrap();
    for round in 2..30 {
        let (one, two) = tokio::join!(
            db.update(&table, &id, Values::new().with("price", round)),
            db.update(&table, &id, Values::new().with("qty", 10 * round)),
        );
        one.unwrap().unwrap();
        two.unwrap().unwrap();
        let row = db.get(&table, &id).await.unwrap().unwrap();
        assert_eq!(row["total"], Value::Int(10 * round * round));
    }
}

#[tokio::test]
async fn a_record_of_the_same_key_in_another_table_is_another_record() {
    let file = File::made_by(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO person VALUES (3, 'ada');
         CREATE TABLE barred (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO barred VALUES (3, 'bob');",
    );
    let db = file.open().await;
    db.introspect().await.unwrap();
    let key = [("id", Value::Int(3))];
    let context = Context::empty().with_record(&key).with_table("person");
    let barred = Rules::one(IsNotInDb::new(&db, "barred.name"));
    assert!(barred.validate("bob".into(), context).await.is_err());
    let own = Rules::one(IsNotInDb::new(&db, "person.name"));
    assert!(own.validate("ada".into(), context).await.is_ok());
}

#[tokio::test]
async fn a_view_that_fails_on_its_rows_is_refused_and_a_long_word_is_found_nowhere() {
    let file = File::made_by(
        "CREATE TABLE d (id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO d VALUES (1, 'no json');
         CREATE VIEW v AS SELECT json_extract(doc, '$.a') AS a FROM d;",
    );
    let db = file.open().await;
    let schema = db.introspect().await.unwrap();
    let error = db.set(schema.get("v").unwrap()).rows().await.unwrap_err();
    assert_eq!(error.kind(), DbErrorKind::Refused);
    let table = Table::new("t").field(Field::new("a", FieldType::Text)).create();
    let table = db.define(table).await.unwrap();
    let word = "a".repeat(201);
    db.insert(&table, Values::new().with("a", word.as_str())).await.unwrap();
    assert_eq!(db.set(&table).search(&word[..200]).count().await.unwrap(), 1);
    assert_eq!(db.set(&table).search(&word).count().await.unwrap(), 0);
    assert!(db.get(&table, &RowId::from(1)).await.unwrap().is_some());
}
