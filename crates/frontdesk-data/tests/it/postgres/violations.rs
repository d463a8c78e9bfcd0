//! What PostgreSQL refuses, as errors beside fields.

use std::sync::Arc;

use frontdesk_data::{Db, Field, FieldType, Table, Values, WriteError};

use crate::support::{Postgres, id, null, refusal};

fn one(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

fn text_of<T: std::fmt::Debug>(result: Result<T, WriteError>) -> String {
    match result {
        Err(WriteError::Refused(violations)) => violations[0].error.text().to_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

/// A table as a program would declare it that knows nothing of its constraints.
async fn table(db: &Db, name: &str, fields: &[&str]) -> Arc<Table> {
    let table = fields.iter().fold(Table::new(name), |table, field| table.field(Field::string(*field)));
    db.define(table).await.unwrap()
}

fn values(pairs: &[(&'static str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| (*name, *value)).collect()
}

#[tokio::test]
async fn form_07_a_unique_set_is_told_on_all_its_fields() {
    let server = Postgres::new().await;
    server
        .run(&[
            "CREATE TABLE person (id int PRIMARY KEY, first text, last text, email text, nick text, city text, \
             UNIQUE (last, first))",
            "CREATE UNIQUE INDEX mail ON person (lower(email))",
            "CREATE UNIQUE INDEX part ON person (nick) WHERE city = 'Rome'",
            "INSERT INTO person VALUES (1, 'Ada', 'King', 'a@x', 'n', 'Rome')",
        ])
        .await;
    let db = server.open().await;
    let person = table(&db, "person", &["first", "last", "email", "nick", "city"]).await;
    let refused = db.insert(&person, values(&[("id", "2"), ("first", "Ada"), ("last", "King")])).await;
    assert_eq!(text_of(refused), "Another record has the same Last, First already");
    for (given, field) in [
        (&[("id", "2"), ("first", "Ada"), ("last", "King")][..], "last,first"),
        (&[("id", "2"), ("email", "A@X")], "email"),
        (&[("id", "2"), ("nick", "n"), ("city", "Rome")], "nick"),
        (&[("id", "1")], "id"),
    ] {
        assert_eq!(refusal(db.insert(&person, values(given)).await), one(field, "unique"), "{given:?}");
    }
    db.insert(&person, values(&[("id", "2"), ("nick", "n"), ("city", "Oslo")])).await.unwrap();
    let moved = db.update(&person, &id(2), values(&[("city", "Rome")])).await;
    assert_eq!(refusal(moved), one("nick", "unique"));
    // The same within a transaction, which goes on.
    let transaction = db.begin().await.unwrap();
    let refused = transaction.insert(&person, values(&[("id", "3"), ("email", "A@X")])).await;
    assert_eq!(refusal(refused), one("email", "unique"));
    transaction.insert(&person, values(&[("id", "3"), ("email", "b@x")])).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(db.set(&person).count().await.unwrap(), 3);
}

#[tokio::test]
async fn form_07_null_checks_lengths_and_types_are_told_on_their_fields() {
    let server = Postgres::new().await;
    server
        .run(&[
            "CREATE DOMAIN plate AS text CHECK (VALUE ~ '^[A-Z]+$')",
            "CREATE TYPE mood AS ENUM ('sad', 'happy')",
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            "CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT 'x', \
             price int CHECK (price >= 0), state text CONSTRAINT known CHECK (state IN ('new', 'old')), \
             \"from\" int, \"to\" int, CHECK (\"from\" < \"to\"), short varchar(3), small smallint, \
             amount numeric(5,2), plate plate, mood mood, net inet, span int4range, EXCLUDE USING gist (span WITH &&))",
        ])
        .await;
    let db = server.open().await;
    let names = ["name", "price", "state", "from", "to", "plate", "mood", "net", "span"];
    let mut item = names.iter().fold(Table::new("item"), |table, field| table.field(Field::string(*field)));
    item = item
        .field(Field::string("short").length(3))
        .field(Field::integer("small"))
        .field(Field::double("amount"));
    let item = db.define(item).await.unwrap();
    db.insert(&item, values(&[("span", "[1,5)")])).await.unwrap();
    for (given, field, code) in [
        (Values::new().with("name", null()), "name", "not_null"),
        (values(&[("price", "-1")]), "price", "check"),
        (values(&[("state", "odd")]), "state", "check"),
        (values(&[("from", "2"), ("to", "1")]), "from,to", "check"),
        (values(&[("short", "four")]), "short", "too_long"),
        (values(&[("price", "many")]), "price", "type"),
        (values(&[("price", "9223372036854775807")]), "price", "integer_range"),
        (values(&[("small", "32768")]), "small", "integer_range"),
        (values(&[("mood", "odd")]), "mood", "type"),
        (values(&[("name", "x"), ("net", "nowhere")]), "net", "type"),
        (values(&[("span", "[3,1)")]), "span", "type"),
        (values(&[("name", "y"), ("span", "[4,9)")]), "span", "check"),
        (values(&[("name", "y"), ("plate", "no")]), "plate", "check"),
    ] {
        assert_eq!(refusal(db.insert(&item, given.clone()).await), one(field, code), "{given:?}");
    }
    // Which of the values was too large, the server does not say.
    let refused = db.insert(&item, Values::new().with("amount", 1e9)).await;
    assert_eq!(refusal(refused)[0].1, "type");
    let nul = db.insert(&item, Values::new().with("name", "a\0b")).await;
    assert_eq!(refusal(nul), one("name", "nul"));
    assert_eq!(db.set(&item).count().await.unwrap(), 1);
}

#[tokio::test]
async fn crud_08_references_in_both_directions_are_told() {
    let server = Postgres::new().await;
    server
        .run(&[
            "CREATE TABLE country (code text PRIMARY KEY)",
            "CREATE TABLE town (land text, name text, PRIMARY KEY (land, name))",
            "CREATE TABLE person (id int PRIMARY KEY, boss int REFERENCES person, country text REFERENCES country, \
             born_land text, born_town text, FOREIGN KEY (born_land, born_town) REFERENCES town)",
            "INSERT INTO country VALUES ('it'), ('de')",
            "INSERT INTO town VALUES ('it', 'Rome')",
            "INSERT INTO person VALUES (1, NULL, 'it', 'it', 'Rome'), (2, 1, NULL, NULL, NULL)",
        ])
        .await;
    let db = server.open().await;
    let person = table(&db, "person", &["boss", "country", "born_land", "born_town"]).await;
    for (given, field) in [
        (&[("id", "9"), ("country", "xx")][..], "country"),
        (&[("id", "9"), ("boss", "99")], "boss"),
        (&[("id", "9"), ("born_land", "it"), ("born_town", "Oslo")], "born_land,born_town"),
    ] {
        assert_eq!(refusal(db.insert(&person, values(given)).await), one(field, "foreign_key"), "{given:?}");
    }
    let update = db.update(&person, &id(1), values(&[("born_town", "Oslo")])).await;
    assert_eq!(refusal(update), one("born_land,born_town", "foreign_key"));
    // A person who is somebody's boss may not go, nor change the number.
    let gone = db.delete(&person, &id(1)).await;
    assert_eq!(text_of(gone.clone()), "Records of person still refer to this one");
    assert_eq!(refusal(gone), one("", "referenced"));
    assert_eq!(refusal(db.update(&person, &id(1), values(&[("id", "7")])).await), one("", "referenced"));
    let country = Table::with_fields("country", vec![Field::string("code")], vec!["code".into()]);
    let country = db.define(country).await.unwrap();
    assert_eq!(refusal(db.delete(&country, &"it".into()).await), one("", "referenced"));
    assert_eq!(refusal(db.set(&country).delete().await), one("", "referenced"));
}

#[tokio::test]
async fn deferred_references_are_told_when_the_transaction_ends() {
    let server = Postgres::new().await;
    server
        .run(&[
            "CREATE TABLE a (id int PRIMARY KEY, b int)",
            "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE INITIALLY DEFERRED)",
            "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED",
        ])
        .await;
    let db = server.open().await;
    let (a, b) = (table(&db, "a", &["b"]).await, table(&db, "b", &["a"]).await);
    let transaction = db.begin().await.unwrap();
    transaction.insert(&a, values(&[("id", "1"), ("b", "1")])).await.unwrap();
    transaction.insert(&b, values(&[("id", "1"), ("a", "1")])).await.unwrap();
    transaction.commit().await.unwrap();

    // Of several rows, the one that leads nowhere.
    let transaction = db.begin().await.unwrap();
    transaction.insert(&a, values(&[("id", "2"), ("b", "1")])).await.unwrap();
    transaction.insert(&a, values(&[("id", "3"), ("b", "99")])).await.unwrap();
    let error = transaction.commit().await.unwrap_err();
    let violation = &error.violations()[0];
    assert_eq!((&*violation.fields[0], violation.error.code()), ("b", "foreign_key"));
    let params: Vec<_> =
        violation.error.params().iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(params, ["table=b", "of=a", "row=3"]);
    // A lone one without a look.
    let refused = db.insert(&a, values(&[("id", "4"), ("b", "99")])).await;
    assert_eq!(refusal(refused), one("b", "foreign_key"));
    let transaction = db.begin().await.unwrap();
    transaction.insert(&a, values(&[("id", "4"), ("b", "99")])).await.unwrap();
    assert_eq!(refusal(transaction.commit().await), one("b", "foreign_key"));
    assert_eq!(db.set(&a).count().await.unwrap(), 1);
    // What still refers to a row that is deleted.
    let transaction = db.begin().await.unwrap();
    assert!(transaction.delete(&a, &id(1)).await.unwrap());
    assert_eq!(refusal(transaction.commit().await), one("", "referenced"));
}

#[tokio::test]
async fn a_trigger_speaks_for_itself() {
    let server = Postgres::new().await;
    server
        .run(&[
            "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text)",
            "CREATE FUNCTION speak() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF NEW.name = 'a' THEN RAISE EXCEPTION 'No more %''s, please.', NEW.name; END IF; \
             IF NEW.name = 'b' THEN RETURN NULL; END IF; \
             IF NEW.name = 'c' THEN RAISE EXCEPTION 'c is odd' USING ERRCODE = '23514', COLUMN = 'name'; END IF; \
             IF NEW.name = 'd' THEN RAISE EXCEPTION 'd' USING ERRCODE = 'unique_violation', CONSTRAINT = 't_pkey', \
             TABLE = 't', SCHEMA = 'public'; END IF; \
             RETURN NEW; END $$",
            "CREATE TRIGGER speak BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION speak()",
        ])
        .await;
    let db = server.open().await;
    let table = table(&db, "t", &["name"]).await;
    let refused = db.insert(&table, values(&[("name", "a")])).await;
    assert_eq!(text_of(refused.clone()), "No more a's, please.");
    assert_eq!(refusal(refused), one("", "trigger"));
    assert_eq!(refusal(db.insert(&table, values(&[("name", "b")])).await), one("", "ignored"));
    assert_eq!(refusal(db.insert(&table, values(&[("name", "d")])).await), one("id", "unique"));
    let written = db.insert(&table, values(&[("name", "x")])).await.unwrap().unwrap();
    assert_eq!(refusal(db.update(&table, &written, values(&[("name", "b")])).await), one("", "ignored"));
}

#[tokio::test]
async fn crud_13_a_row_that_a_statement_no_longer_fits_is_prepared_again() {
    let server = Postgres::new().await;
    server
        .run(&["CREATE TABLE t (id int PRIMARY KEY, name varchar(9))", "INSERT INTO t VALUES (1, 'a')"])
        .await;
    let db = server.open_with(frontdesk_data::DbOptions::new().connections(1)).await;
    let table = table(&db, "t", &["name"]).await;
    assert_eq!(db.get(&table, &id(1)).await.unwrap().unwrap()["name"], "a".into());
    db.update(&table, &id(1), values(&[("name", "b")])).await.unwrap();
    let transaction = db.begin().await.unwrap();
    assert_eq!(transaction.query("SELECT * FROM t", []).await.unwrap()[0].values().len(), 2);
    transaction.rollback().await.unwrap();
    server
        .run(&[
            "ALTER TABLE t ALTER COLUMN name TYPE int USING 7",
            "ALTER TABLE t ADD COLUMN more text DEFAULT 'more'",
        ])
        .await;
    assert_eq!(db.get(&table, &id(1)).await.unwrap().unwrap()["name"], 7.into());
    db.update(&table, &id(1), values(&[("name", "8")])).await.unwrap();
    assert_eq!(db.query("SELECT * FROM t", []).await.unwrap()[0].values().len(), 3);
}

#[tokio::test]
async fn a_field_of_another_type_than_its_column_is_read_and_written() {
    let server = Postgres::new().await;
    server
        .run(&[
            "CREATE TABLE t (id int PRIMARY KEY, flag int, day text, list text, key uuid, number text)",
            "INSERT INTO t VALUES (1, 1, '2024-02-29', '|a|b|', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '1.5')",
        ])
        .await;
    let db = server.open().await;
    let table = Table::new("t")
        .field(Field::boolean("flag"))
        .field(Field::date("day"))
        .field(Field::new("list", FieldType::ListString))
        .field(Field::string("key"))
        .field(Field::new("number", FieldType::MONEY));
    let table = db.define(table).await.unwrap();
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    assert_eq!(row["flag"], true.into());
    assert_eq!(row["day"].to_text(), "2024-02-29");
    assert_eq!(row["list"].to_text(), r#"["a","b"]"#);
    assert_eq!(row["number"].to_text(), "1.50");
    let changed = Values::new().with("flag", false).with("day", "2024-03-01").with("key", null());
    db.update(&table, &id(1), changed).await.unwrap();
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    assert_eq!((row["flag"].clone(), row["day"].to_text().into_owned()), (false.into(), "2024-03-01".into()));
    // What is none of the column's type equals nothing in it.
    assert_eq!(db.set(&table).filter(table.col("key").eq("no key")).count().await.unwrap(), 0);
    assert_eq!(db.get(&table, &"no number".into()).await.unwrap(), None);
    assert!(!db.delete(&table, &"99999999999999".into()).await.unwrap());
}
