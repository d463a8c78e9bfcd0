//! What the database refuses, as errors beside fields.

use std::sync::Arc;

use frontdesk_data::{Db, Field, RowId, Table, Value, Values, WriteError};

use crate::support::{File, id, null, refusal};

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
async fn a_unique_set_is_told_on_all_its_fields() {
    let file = File::made_by(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, first TEXT, last TEXT, email TEXT, nick TEXT, city TEXT,
             UNIQUE (last, first));
         CREATE UNIQUE INDEX mail ON person (lower(email));
         CREATE UNIQUE INDEX some ON person (nick) WHERE city = 'Rome';
         INSERT INTO person VALUES (1, 'Ada', 'King', 'a@x', 'n', 'Rome');",
    );
    let db = file.open().await;
    let person = table(&db, "person", &["first", "last", "email", "nick", "city"]).await;
    let refused = db.insert(&person, values(&[("first", "Ada"), ("last", "King")])).await;
    assert_eq!(text_of(refused), "Another record has the same Last, First already");
    for (given, field) in [
        (&[("first", "Ada"), ("last", "King")][..], "last,first"),
        (&[("email", "A@X")], "email"),
        (&[("nick", "n"), ("city", "Rome")], "nick"),
        (&[("id", "1")], "id"),
    ] {
        assert_eq!(refusal(db.insert(&person, values(given)).await), one(field, "unique"), "{given:?}");
    }
    db.insert(&person, values(&[("nick", "n"), ("city", "Oslo")])).await.unwrap();
    let moved = db.update(&person, &id(2), values(&[("city", "Rome")])).await;
    assert_eq!(refusal(moved), one("nick", "unique"));
}

#[tokio::test]
async fn keys_of_all_kinds_are_unique() {
    let file = File::made_by(
        "CREATE TABLE a (x INTEGER, y TEXT, PRIMARY KEY (y, x)); INSERT INTO a VALUES (1, 'k');
         CREATE TABLE b (x TEXT PRIMARY KEY, y TEXT) WITHOUT ROWID; INSERT INTO b VALUES ('k', NULL);
         CREATE TABLE c (x INT PRIMARY KEY, y TEXT); INSERT INTO c VALUES (1, NULL);",
    );
    let db = file.open().await;
    let fields = || vec![Field::string("x"), Field::string("y")];
    for (name, key, given) in
        [("a", &["y", "x"][..], ["1", "k"]), ("b", &["x"], ["k", "z"]), ("c", &["x"], ["1", "z"])]
    {
        let key: Vec<Arc<str>> = key.iter().map(|&part| part.into()).collect();
        let table = db.define(Table::with_fields(name, fields(), key.clone())).await.unwrap();
        let refused = db.insert(&table, values(&[("x", given[0]), ("y", given[1])])).await;
        assert_eq!(refusal(refused), one(&key.join(","), "unique"), "{name}");
    }
    // `INT PRIMARY KEY` is not the row id, so its values are what identifies the row.
    let c = db.define(Table::with_fields("c", fields(), vec!["x".into()])).await.unwrap();
    assert_eq!(db.insert(&c, values(&[("x", "77")])).await.unwrap(), Some(RowId::from(77)));
}

#[tokio::test]
async fn null_checks_and_types() {
    let file = File::made_by(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x',
             price INTEGER CHECK (price >= 0), state TEXT CONSTRAINT known CHECK (state IN ('new', 'old')),
             \"from\" INTEGER, \"to\" INTEGER, CHECK (\"from\" < \"to\")) ;
         CREATE TABLE strict (id INTEGER PRIMARY KEY, \"a.b\" INTEGER NOT NULL, \"it's\" TEXT) STRICT;",
    );
    let db = file.open().await;
    let item = table(&db, "item", &["name", "price", "state", "from", "to"]).await;
    for (given, field, code) in [
        (Values::new().with("name", null()), "name", "not_null"),
        (values(&[("price", "-1")]), "price", "check"),
        (values(&[("id", "abc")]), "id", "type"),
    ] {
        assert_eq!(refusal(db.insert(&item, given.clone()).await), one(field, code), "{given:?}");
    }
    // A named constraint says only its name; what it is about has to be known from the schema.
    assert_eq!(refusal(db.insert(&item, values(&[("state", "odd")])).await), one("", "check"));
    db.introspect().await.unwrap();
    let item = db.table("item").unwrap();
    assert_eq!(refusal(db.insert(&item, values(&[("state", "odd")])).await), one("state", "check"));
    assert_eq!(
        refusal(db.insert(&item, values(&[("from", "2"), ("to", "1")])).await),
        one("from,to", "check")
    );

    let strict = table(&db, "strict", &["a.b", "it's"]).await;
    assert_eq!(refusal(db.insert(&strict, values(&[("a.b", "many")])).await), one("a.b", "type"));
    assert_eq!(refusal(db.insert(&strict, values(&[("it's", "x")])).await), one("a.b", "not_null"));
    let id = db.insert(&strict, values(&[("a.b", "5")])).await.unwrap().unwrap();
    assert_eq!(db.get(&strict, &id).await.unwrap().unwrap()["a.b"], Value::Int(5));
}

#[tokio::test]
async fn the_reference_that_leads_nowhere_is_found() {
    let file = File::made_by(
        "CREATE TABLE country (code TEXT PRIMARY KEY);
         CREATE TABLE town (land TEXT, name TEXT, PRIMARY KEY (land, name));
         CREATE TABLE person (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES person, country TEXT REFERENCES country,
             born_land TEXT, born_town TEXT, home TEXT DEFAULT 'de' REFERENCES country (code),
             FOREIGN KEY (born_land, born_town) REFERENCES town);
         INSERT INTO country VALUES ('it'), ('de');
         INSERT INTO town VALUES ('it', 'Rome');
         INSERT INTO person (id, country, born_land, born_town) VALUES (1, 'it', 'it', 'Rome');",
    );
    let db = file.open().await;
    let person = table(&db, "person", &["boss", "country", "born_land", "born_town", "home"]).await;
    for (given, fields) in [
        (&[("country", "xx")][..], &["country"][..]),
        (&[("boss", "99")], &["boss"]),
        (&[("born_land", "it"), ("born_town", "Oslo")], &["born_land,born_town"]),
        (&[("country", "xx"), ("boss", "99"), ("home", "de")], &["boss", "country"]),
    ] {
        let mut refused = refusal(db.insert(&person, values(given)).await);
        refused.sort();
        let expected: Vec<_> = fields.iter().flat_map(|field| one(field, "foreign_key")).collect();
        assert_eq!(refused, expected, "{given:?}");
    }
    // An update names what it changes only; the rest of a composite reference stays in the row.
    let update = db.update(&person, &id(1), values(&[("born_town", "Oslo")])).await;
    assert_eq!(refusal(update), one("born_land,born_town", "foreign_key"));
    // A row may refer to itself, and null refers to nothing.
    db.insert(&person, values(&[("id", "5"), ("boss", "5")])).await.unwrap();
    let given = values(&[("id", "6"), ("boss", "6"), ("country", "xx")]);
    assert_eq!(refusal(db.insert(&person, given).await), one("country", "foreign_key"));
    db.update(&person, &id(1), Values::new().with("born_town", null())).await.unwrap();
    let gone = db.execute("DELETE FROM country WHERE code = 'de'", []).await;
    assert_eq!(refusal(gone), one("", "foreign_key"));
}

#[tokio::test]
async fn what_still_refers_to_a_row_is_told() {
    let file = File::made_by(
        "CREATE TABLE artist (id INTEGER PRIMARY KEY, code TEXT UNIQUE, up INTEGER REFERENCES artist);
         CREATE TABLE album (id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist);
         CREATE TABLE \"fan's\" (id INTEGER PRIMARY KEY, code TEXT REFERENCES artist (code) ON DELETE RESTRICT);
         CREATE TABLE note (id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist ON DELETE CASCADE);
         CREATE TABLE word (id INTEGER PRIMARY KEY, note INTEGER REFERENCES note);
         INSERT INTO artist VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'c', 3), (4, 'd', 3), (5, 'e', 5), (6, 'f', NULL);
         INSERT INTO album VALUES (1, 1); INSERT INTO \"fan's\" VALUES (1, 'a'), (2, 'b');
         INSERT INTO note VALUES (1, 2), (2, 6); INSERT INTO word VALUES (1, 2);",
    );
    let db = file.open().await;
    let artist = table(&db, "artist", &["code", "up"]).await;
    for (key, text) in [
        (1, "Records of album, fan's still refer to this one"),
        (2, "Records of fan's still refer to this one"),
        (3, "Records of artist still refer to this one"),
        // The note would go with it, but a word keeps the note.
        (6, "Other records still refer to this one"),
    ] {
        let refused = db.delete(&artist, &id(key)).await;
        assert_eq!(text_of(refused.clone()), text, "{key}");
        assert_eq!(refusal(refused), one("", "referenced"));
    }
    assert!(db.delete(&artist, &id(4)).await.unwrap());
    assert!(db.delete(&artist, &id(5)).await.unwrap());
    let renamed = db.update(&artist, &id(2), values(&[("code", "z")])).await;
    assert_eq!(text_of(renamed), "Records of fan's still refer to this one");
    assert_eq!(refusal(db.update(&artist, &id(2), values(&[("up", "99")])).await), one("up", "foreign_key"));
}

#[tokio::test]
async fn a_trigger_speaks_for_itself() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
         CREATE TRIGGER a BEFORE INSERT ON t WHEN NEW.name = 'a' BEGIN SELECT RAISE(ABORT, 'No more a''s, please.'); END;
         CREATE TRIGGER b BEFORE INSERT ON t WHEN NEW.name = 'b' BEGIN SELECT RAISE(IGNORE); END;
         CREATE TRIGGER c AFTER INSERT ON t WHEN NEW.name = 'c' BEGIN INSERT INTO log (name) VALUES ('c'), ('c'); END;
         CREATE TRIGGER d AFTER INSERT ON t WHEN NEW.name = 'd' BEGIN INSERT INTO log (id, name) VALUES (500, 'd'); END;",
    );
    let db = file.open().await;
    let table = table(&db, "t", &["name"]).await;
    let refused = db.insert(&table, values(&[("name", "a")])).await;
    assert_eq!(text_of(refused.clone()), "No more a's, please.");
    assert_eq!(refusal(refused), one("", "trigger"));
    assert_eq!(refusal(db.insert(&table, values(&[("name", "b")])).await), one("", "ignored"));
    assert_eq!(refusal(db.insert(&table, values(&[("name", "c")])).await), one("", "unique"));
    assert_eq!(db.set(&table).count().await.unwrap(), 0);
    // The identity is that of the row, not of what a trigger inserted.
    assert_eq!(db.insert(&table, values(&[("name", "d")])).await.unwrap(), Some(id(1)));
}

#[tokio::test]
async fn a_conflict_that_is_ignored_is_told() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT IGNORE); INSERT INTO t VALUES (1, 'a'), (2, 'b');",
    );
    let db = file.open().await;
    let table = table(&db, "t", &["name"]).await;
    assert_eq!(refusal(db.insert(&table, values(&[("name", "a")])).await), one("", "ignored"));
    assert_eq!(refusal(db.update(&table, &id(2), values(&[("name", "a")])).await), one("", "ignored"));
    assert_eq!(db.update(&table, &id(3), values(&[("name", "a")])).await.unwrap(), None);
}

#[tokio::test]
async fn views_are_written_through_their_triggers() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
         CREATE VIEW v AS SELECT id, name FROM t;
         CREATE VIEW fixed AS SELECT id, name FROM t;
         CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO t (name) VALUES (NEW.name); END;
         CREATE TRIGGER vu INSTEAD OF UPDATE ON v BEGIN UPDATE t SET name = NEW.name WHERE id = OLD.id; END;
         CREATE TRIGGER vd INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = OLD.id; END;",
    );
    let db = file.open().await;
    let mut view = Table::new("v").field(Field::string("name"));
    view.kind = frontdesk_data::TableKind::View;
    let view = db.define(view).await.unwrap();
    db.insert(&view, values(&[("name", "a")])).await.unwrap();
    assert_eq!(db.update(&view, &id(1), values(&[("name", "b")])).await.unwrap(), Some(id(1)));
    assert_eq!(db.update(&view, &id(2), values(&[("name", "b")])).await.unwrap(), None);
    assert_eq!(db.get(&view, &id(1)).await.unwrap().unwrap()["name"], "b".into());
    assert!(db.delete(&view, &id(1)).await.unwrap());
    assert!(!db.delete(&view, &id(1)).await.unwrap());

    let fixed = table(&db, "fixed", &["name"]).await;
    assert!(matches!(db.insert(&fixed, values(&[("name", "a")])).await, Err(WriteError::Db(_))));
}

#[tokio::test]
async fn a_reference_to_what_is_not_there_is_told_as_the_schemas_fault() {
    let file = File::made_by(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE nowhere_child (id INTEGER PRIMARY KEY, name TEXT REFERENCES nowhere (id));
         CREATE TABLE loose_child (id INTEGER PRIMARY KEY, name TEXT REFERENCES parent (name));",
    );
    let db = file.open().await;
    for name in ["nowhere_child", "loose_child"] {
        let child = table(&db, name, &["name"]).await;
        let refused = db.insert(&child, values(&[("name", "a")])).await;
        assert!(text_of(refused.clone()).contains("not there"), "{name}");
        assert_eq!(refusal(refused), one("", "constraint"), "{name}");
    }
    // That a table is gone altogether is no fault of the values.
    let gone = table(&db, "parent", &["name"]).await;
    file.other().execute_batch("DROP TABLE loose_child; DROP TABLE parent").unwrap();
    assert!(matches!(db.insert(&gone, values(&[("name", "a")])).await, Err(WriteError::Db(_))));
}

#[tokio::test]
async fn what_is_too_large_is_told_on_its_field() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table =
        db.define(Table::new("t").field(Field::string("a")).field(Field::text("b")).create()).await.unwrap();
    // SQLite's limit is a thousand million bytes.
    let large = Values::new().with("a", "x").with("b", "b".repeat(1_000_000_001));
    assert_eq!(refusal(db.insert(&table, large).await), one("b", "too_long"));
}
