//! Writing many rows.

use std::time::Duration;

use frontdesk_data::{Db, DbErrorKind, DbOptions, Field, ManyError, Table, Value, Values};

use crate::support::{File, hero, heroes, id, texts};

fn named(name: &str) -> Values {
    Values::new().with("name", name)
}

fn refused(error: ManyError) -> Vec<(Option<usize>, String, String)> {
    let ManyError::Refused(rows) = error else { panic!("{error:?}") };
    let of_row = |row: frontdesk_data::RefusedRow| {
        let number = row.row;
        row.violations.into_iter().map(move |v| (number, v.fields.join(","), v.error.code().to_owned()))
    };
    rows.into_iter().flat_map(of_row).collect()
}

async fn many_rows_are_as_if_each_had_been_inserted(db: Db) {
    let table =
        hero().field(Field::string("shout").compute(|values| values["name"].to_text().to_uppercase().into()));
    let table = db.define(table).await.unwrap();
    let rows = (0..1000).map(|number| named(&format!("hero {number}")).with("age", number.to_string()));
    let saved = db.insert_many(&table, rows).await.unwrap();
    assert_eq!(saved.len(), 1000);
    assert!(saved.iter().all(|row| row.is_new));
    assert_eq!(saved[999].id, Some(id(1000)));
    let row = db.get(&table, &id(500)).await.unwrap().unwrap();
    assert_eq!(row["age"], Value::Int(499));
    assert_eq!((row["color"].as_str(), row["shout"].as_str()), (Some("red"), Some("HERO 499")));
    assert!(db.insert_many(&table, []).await.unwrap().is_empty());
}

async fn crud_08_many_rows_are_written_all_or_none_and_each_refused_row_is_told(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let mut rows: Vec<Values> = (0..600).map(|number| named(&format!("hero {number}"))).collect();
    rows[7] = named("Ada");
    rows[300] = named("hero 3");
    rows[400] = Values::new().with("age", 3);
    rows[401] = named("x").with("age", "old").with("size", 1);
    let error = db.insert_many(&table, rows).await.unwrap_err();
    assert!(error.to_string().contains("row 7: name"), "{error}");
    let expected = [
        (7, "name", "unique"),
        (300, "name", "unique"),
        (400, "name", "not_null"),
        (401, "size", "unknown_field"),
    ];
    let expected: Vec<_> =
        expected.map(|(row, field, code)| (Some(row), field.to_owned(), code.to_owned())).into();
    assert_eq!(refused(error), expected);
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
}

async fn in_a_transaction_a_refused_row_undoes_only_itself(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let transaction = db.begin().await.unwrap();
    let saved = transaction.insert_many(&table, ["Bob", "Ada", "Eve"].map(named)).await.unwrap();
    assert_eq!(saved.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(saved[1].as_ref().unwrap_err()[0].error.code(), "unique");
    transaction.commit().await.unwrap();
    let rows = db.set(&table).rows().await.unwrap();
    assert_eq!(texts(&rows, "name"), ["Ada", "Bob", "Eve"]);
}

async fn a_row_whose_key_is_there_is_updated_with_what_is_given(db: Db) {
    let table = heroes(&db, &["Ada", "Eve"]).await;
    db.update(&table, &id(1), Values::new().with("color", "blue")).await.unwrap();
    let rows = [
        // The name need not be given: the row is there.
        Values::new().with("id", 1).with("age", 36),
        named("Bob").with("id", "7"),
        named("Bobby").with("id", 7),
        named("Carol"),
        Values::new().with("id", 2),
    ];
    let saved = db.upsert_many(&table, rows).await.unwrap();
    let told: Vec<_> = saved.iter().map(|row| (row.id.clone().unwrap(), row.is_new)).collect();
    // PostgreSQL counts on where it was, SQLite from the greatest there is.
    let new = told[3].0.clone();
    assert!(new == id(8) || new == id(3), "{new}");
    assert_eq!(told, [(id(1), false), (id(7), true), (id(7), false), (new.clone(), true), (id(2), false)]);
    let rows = db.set(&table).rows().await.unwrap();
    let mut names = texts(&rows, "name");
    names.sort_unstable();
    assert_eq!(names, ["Ada", "Bobby", "Carol", "Eve"]);
    // What was not given is as it was; a new row has its default.
    assert_eq!(texts(&rows, "color"), ["blue", "red", "red", "red"]);
    assert_eq!(rows[0]["age"], Value::Int(36));

    let unknown = [Values::new().with("id", 99).with("age", 1)];
    let error = db.upsert_many(&table, unknown).await.unwrap_err();
    assert_eq!(refused(error), [(Some(0), "name".to_owned(), "not_null".to_owned())]);
    let error = db.upsert_many(&table, [named("x").with("id", "one")]).await.unwrap_err();
    assert_eq!(refused(error), [(Some(0), "id".to_owned(), "type".to_owned())]);
}

async fn keys_of_several_fields_and_worked_out_fields_are_upserted_too(db: Db) {
    let stock = Table::new("stock")
        .field(Field::string("shop"))
        .field(Field::date("day"))
        .field(Field::integer("count"))
        .field(Field::integer("price"))
        .field(Field::integer("worth").compute(|values| {
            let number = |name: &str| values[name].as_int().unwrap_or(0);
            (number("count") * number("price")).into()
        }))
        .key(["shop", "day"])
        .create();
    let stock = db.define(stock).await.unwrap();
    let of = |shop: &str| Values::new().with("shop", shop).with("day", "2026-01-02");
    db.insert_many(&stock, [of("a").with("count", 2).with("price", 5)]).await.unwrap();
    let rows =
        [of("a").with("count", 3), of("b").with("count", 1).with("price", 1), of("b").with("price", 9)];
    let saved = db.upsert_many(&stock, rows).await.unwrap();
    assert_eq!(saved.iter().map(|row| row.is_new).collect::<Vec<_>>(), [false, true, false]);
    let rows = db.set(&stock).rows().await.unwrap();
    assert_eq!(texts(&rows, "worth"), ["15", "9"]);
    let without = db.define(Table::new("log").field(Field::string("line")).key::<&str>([]).create()).await;
    let error = db.upsert_many(&without.unwrap(), [Values::new()]).await.unwrap_err();
    assert!(matches!(error, ManyError::Db(error) if error.kind() == DbErrorKind::Unsupported));
}

#[tokio::test]
async fn references_that_do_not_hold_at_the_end_are_told_without_a_row() {
    let file = File::made_by(
        "CREATE TABLE a (id INTEGER PRIMARY KEY);
         CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED)",
    );
    let db = file.open().await;
    db.introspect().await.unwrap();
    let rows = [Values::new().with("a", 1), Values::new().with("a", 2)];
    let error = db.insert_many(&db.table("b").unwrap(), rows).await.unwrap_err();
    assert!(refused(error).iter().all(|(row, _, code)| row.is_none() && code == "foreign_key"));
}

#[tokio::test]
async fn a_transaction_that_the_database_ends_takes_no_more_rows() {
    let file = File::made_by(
        "CREATE TABLE n (id INTEGER PRIMARY KEY, text TEXT);
         CREATE TRIGGER no BEFORE INSERT ON n WHEN new.text = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    );
    let db = file.open_with(DbOptions::new().idle_timeout(Duration::from_secs(5))).await;
    db.introspect().await.unwrap();
    let table = db.table("n").unwrap();
    let text = |text: &str| Values::new().with("text", text);
    let error = db.insert_many(&table, [text("a"), text("bad"), text("b")]).await.unwrap_err();
    assert!(matches!(&error, ManyError::Db(error) if error.kind() == DbErrorKind::Ended), "{error:?}");
    assert_eq!(db.set(&table).count().await.unwrap(), 0);
}

crate::support::on_each_database! {
    many_rows_are_as_if_each_had_been_inserted,
    crud_08_many_rows_are_written_all_or_none_and_each_refused_row_is_told,
    in_a_transaction_a_refused_row_undoes_only_itself,
    a_row_whose_key_is_there_is_updated_with_what_is_given,
    keys_of_several_fields_and_worked_out_fields_are_upserted_too,
}
