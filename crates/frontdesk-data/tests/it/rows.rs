//! Rows: written, read back, changed, deleted. Every kind of database has to pass these.

use frontdesk_data::{Db, DbErrorKind, Field, FieldType, RowId, Table, Value, Values};
use frontdesk_validate::civil::{date, time};

use crate::support::{everything, hero, heroes, id, null, refusal};

async fn every_type_reads_back_as_it_was_written(db: Db) {
    let table = db.define(everything()).await.unwrap();
    let values = Values::new()
        .with("string", "it's \"quoted\" – ü 😀")
        .with("text", "a\r\nb")
        .with("integer", -42)
        .with("bigint", i64::MIN)
        .with("double", 0.1)
        .with("decimal", Value::Decimal("12345678.90".parse().unwrap()))
        .with("boolean", false)
        .with("date", date(2008, 3, 3))
        .with("time", time(10, 5, 6, 0))
        .with("datetime", date(2008, 3, 3).at(10, 0, 0, 123_000_000))
        .with("json", serde_json::json!({"a": [1, null, "x"]}))
        .with("uuid", frontdesk_validate::Uuid::from_u128(7))
        .with("blob", vec![0_u8, 255, 39])
        .with("password", "$argon2id$...")
        .with("upload", "a1/b2.png")
        .with("reference", Value::Null)
        .with("list_string", Value::List(vec!["a|b".into(), "".into()]))
        .with("list_upload", Value::List(vec!["thing.image.0123.png".into(), "|.pdf".into()]))
        .with("list_integer", Value::List(vec![Value::Int(1), Value::Int(-2)]))
        .with("list_reference", Value::List(vec![Value::Int(3)]));
    let written = db.insert(&table, values.clone()).await.unwrap().unwrap();
    let row = db.get(&table, &written).await.unwrap().unwrap();
    assert_eq!(row.id(), Some(&written));
    for (name, value) in values.iter() {
        assert_eq!(&row[name], value, "{name}");
    }
    // And once more through an update with what was read.
    let again = db.update(&table, &written, row.to_values()).await.unwrap();
    assert_eq!(again, Some(written.clone()));
    assert_eq!(db.get(&table, &written).await.unwrap().unwrap(), row);
}

async fn null_of_every_type_is_null(db: Db) {
    let table = db.define(everything()).await.unwrap();
    let written = db.insert(&table, Values::new()).await.unwrap().unwrap();
    let row = db.get(&table, &written).await.unwrap().unwrap();
    assert!(row.iter().all(|(name, value)| &**name == "id" || value.is_null()), "{row:?}");
}

#[tokio::test]
async fn what_is_stored_is_what_others_expect() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = db.define(everything()).await.unwrap();
    let values = Values::new()
        .with("boolean", true)
        .with("datetime", "2008-03-03T10:00:00")
        .with("decimal", "1.50")
        .with("list_integer", Value::List(vec![Value::Int(1)]));
    db.insert(&table, values).await.unwrap();
    let sql = "SELECT boolean, datetime, list_integer, typeof(boolean) FROM everything";
    let rows = db.query(sql, []).await.unwrap();
    assert_eq!(
        rows[0].values(),
        [Value::Int(1), "2008-03-03 10:00:00".into(), "[1]".into(), "integer".into()]
    );
}

async fn an_update_changes_what_it_names_and_nothing_else(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    assert_eq!(db.update(&table, &id(1), Values::new().with("age", 36)).await.unwrap(), Some(id(1)));
    let row = db.get(&table, &id(1)).await.unwrap().unwrap();
    assert_eq!(row["name"], "Ada".into());
    assert_eq!(row["color"], "red".into());
    assert_eq!(row["age"], Value::Int(36));

    assert_eq!(db.update(&table, &id(2), Values::new().with("age", 1)).await.unwrap(), None);
    assert_eq!(db.update(&table, &id(1), Values::new()).await.unwrap(), Some(id(1)));
    assert_eq!(db.update(&table, &id(2), Values::new()).await.unwrap(), None);
}

async fn deleting_tells_whether_there_was_a_row(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    assert!(db.delete(&table, &id(1)).await.unwrap());
    assert!(!db.delete(&table, &id(1)).await.unwrap());
    assert_eq!(db.get(&table, &id(1)).await.unwrap(), None);
}

async fn an_identity_of_another_shape_is_that_of_no_row(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    for text in ["1,2", "x", "~e", "~x01"] {
        let id: RowId = text.parse().unwrap();
        assert_eq!(db.get(&table, &id).await.unwrap(), None, "{text}");
        assert_eq!(db.update(&table, &id, Values::new().with("age", 1)).await.unwrap(), None, "{text}");
        assert!(!db.delete(&table, &id).await.unwrap(), "{text}");
    }
}

async fn keys_of_every_kind(db: Db) {
    let text = Table::new("country")
        .field(Field::string("code"))
        .field(Field::string("name"))
        .key(["code"])
        .create();
    let text = db.define(text).await.unwrap();
    let written =
        db.insert(&text, Values::new().with("code", "a/b %").with("name", "x")).await.unwrap().unwrap();
    assert_eq!(written, RowId::from("a/b %"));
    assert!(db.get(&text, &written).await.unwrap().is_some());
    // The identity changes with the key.
    let moved = db.update(&text, &written, Values::new().with("code", "c")).await.unwrap().unwrap();
    assert_eq!(moved, RowId::from("c"));
    assert_eq!(db.get(&text, &written).await.unwrap(), None);
    assert!(db.delete(&text, &moved).await.unwrap());

    let pair = Table::new("track")
        .field(Field::integer("list"))
        .field(Field::string("song"))
        .field(Field::integer("place"))
        .key(["song", "list"])
        .create();
    let pair = db.define(pair).await.unwrap();
    let values = Values::new().with("list", 1).with("song", "s").with("place", 9);
    let written = db.insert(&pair, values).await.unwrap().unwrap();
    assert_eq!(written.values(), ["s".into(), Value::Int(1)]);
    assert_eq!(db.get(&pair, &written).await.unwrap().unwrap()["place"], Value::Int(9));
    let moved = db.update(&pair, &written, Values::new().with("list", 2)).await.unwrap().unwrap();
    assert_eq!(moved.values(), ["s".into(), Value::Int(2)]);
    assert!(db.delete(&pair, &moved).await.unwrap());

    let uuid = Table::new("thing").field(Field::new("key", FieldType::Uuid)).key(["key"]).create();
    let uuid = db.define(uuid).await.unwrap();
    let key = frontdesk_validate::Uuid::from_u128(7);
    let written = db.insert(&uuid, Values::new().with("key", key)).await.unwrap().unwrap();
    assert_eq!(written, RowId::from(&*key.to_string()));
    assert_eq!(db.get(&uuid, &written).await.unwrap().unwrap()["key"], key.into());

    let none = Table::with_fields("log", vec![Field::string("line")], Vec::new()).create();
    let none = db.define(none).await.unwrap();
    assert_eq!(db.insert(&none, Values::new().with("line", "x")).await.unwrap(), None);
    let rows = db.set(&none).rows().await.unwrap();
    assert_eq!((rows.len(), rows[0].id()), (1, None));
    assert_eq!(db.get(&none, &id(1)).await.unwrap(), None);
}

async fn defaults_updates_and_computed_values_are_filled_in(db: Db) {
    let table = Table::new("item")
        .field(Field::integer("price").default(10))
        .field(Field::integer("count").default_with(|| Value::Int(2)))
        .field(Field::string("state").default("new").update("changed"))
        .field(Field::integer("total").compute(|values| {
            let of = |name| values.get(name).and_then(Value::as_int).unwrap_or(0);
            Value::Int(of("price") * of("count"))
        }))
        .create();
    let table = db.define(table).await.unwrap();
    let written = db.insert(&table, Values::new().with("total", 1)).await.unwrap().unwrap();
    let row = db.get(&table, &written).await.unwrap().unwrap();
    assert_eq!((&row["total"], &row["state"]), (&Value::Int(20), &"new".into()));

    // The computed value sees what stays in the row, too.
    db.update(&table, &written, Values::new().with("count", 5)).await.unwrap();
    let row = db.get(&table, &written).await.unwrap().unwrap();
    assert_eq!((&row["total"], &row["state"]), (&Value::Int(50), &"changed".into()));

    // Null that is given is not replaced by the default.
    let written = db.insert(&table, Values::new().with("price", null())).await.unwrap().unwrap();
    assert!(db.get(&table, &written).await.unwrap().unwrap()["price"].is_null());
}

async fn values_that_do_not_fit_are_errors_beside_their_fields(db: Db) {
    let table = db.define(everything()).await.unwrap();
    let values = Values::new()
        .with("integer", "abc")
        .with("bigint", "9223372036854775808")
        .with("text", "a\0b")
        .with("nonsense", 1)
        .with("date", "2008-02-30");
    let refused = refusal(db.insert(&table, values.clone()).await);
    // A name that there is not is a mistake of the program, told by itself.
    assert_eq!(refused, [("nonsense".to_owned(), "unknown_field".to_owned())]);
    let mut values = values;
    values.remove("nonsense");
    let mut refused = refusal(db.insert(&table, values).await);
    refused.sort();
    let expected = [("bigint", "integer_range"), ("date", "type"), ("integer", "type"), ("text", "nul")];
    assert_eq!(refused, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    assert_eq!(db.set(&table).count().await.unwrap(), 0);
}

async fn a_reference_takes_the_type_of_what_it_refers_to(db: Db) {
    let country = Table::new("country").field(Field::string("code")).key(["code"]).create();
    let country = db.define(country).await.unwrap();
    let table = Table::new("town")
        .field(Field::reference("country", "country"))
        .field(Field::reference("twin", "town"))
        .create();
    let town = db.define(table).await.unwrap();
    assert_eq!(&*town.foreign_keys[0].columns[0], "code");
    assert_eq!(&*town.foreign_keys[1].columns[0], "id");
    db.insert(&country, Values::new().with("code", "07")).await.unwrap();
    let first = db.insert(&town, Values::new().with("country", "07")).await.unwrap().unwrap();
    let second = Values::new().with("country", "07").with("twin", "1");
    let second = db.insert(&town, second).await.unwrap().unwrap();
    assert_eq!(db.get(&town, &second).await.unwrap().unwrap()["twin"], first.values()[0]);
    assert_eq!(db.get(&town, &second).await.unwrap().unwrap()["country"], "07".into());
    let refused = refusal(db.update(&town, &second, Values::new().with("twin", "abc")).await);
    assert_eq!(refused, [("twin".to_owned(), "type".to_owned())]);
}

async fn clones_of_a_table_that_differ_are_told_apart(db: Db) {
    let table = heroes(&db, &["Ada"]).await;
    let mut narrow = (*table).clone();
    narrow.fields.retain(|field| &*field.name != "age");
    assert_eq!(db.get(&narrow, &id(1)).await.unwrap().unwrap().values().len(), 3);
    assert_eq!(db.get(&table, &id(1)).await.unwrap().unwrap().values().len(), 4);
    narrow.get_mut("color").unwrap().kind = FieldType::Boolean;
    db.execute("UPDATE hero SET color = 1", []).await.unwrap();
    assert_eq!(db.get(&narrow, &id(1)).await.unwrap().unwrap()["color"], Value::Bool(true));
    assert_eq!(db.get(&table, &id(1)).await.unwrap().unwrap()["color"], "1".into());
}

async fn a_table_or_column_that_is_not_there_is_told_by_name(db: Db) {
    let missing = db.define(Table::new("nowhere")).await.unwrap_err();
    assert_eq!(missing.kind(), DbErrorKind::NotFound("nowhere".into()));
    assert!(missing.to_string().contains("nowhere"), "{missing}");

    db.define(hero()).await.unwrap();
    let wrong = db.define(hero().field(Field::string("nmae"))).await.unwrap();
    let error = db.get(&wrong, &id(1)).await.unwrap_err();
    assert_eq!(error.kind(), DbErrorKind::NotFound("hero.nmae".into()));

    let key = db.define(hero().key(["nothing"])).await.unwrap_err();
    assert_eq!(key.kind(), DbErrorKind::NotFound("nothing".into()));
}

#[tokio::test]
async fn a_table_that_was_made_is_described_as_it_was_declared() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = db.define(everything()).await.unwrap();
    let track = Table::new("track")
        .field(Field::string("code").length(7))
        .field(Field::reference("thing", "everything").not_null())
        .field(Field::integer("place").default(3).unique())
        .key(["thing", "code"])
        .unique(["code", "place"])
        .create();
    let track = db.define(track).await.unwrap();
    let schema = db.introspect().await.unwrap();
    let described = schema.get("everything").unwrap();
    assert_eq!(described.key, table.key);
    for (field, described) in table.fields.iter().zip(&described.fields) {
        assert_eq!(field.name, described.name);
        // SQLite has no types that would tell these from text.
        let kind = match &field.kind {
            FieldType::Upload | FieldType::Password => FieldType::String,
            // Its integers have 64 bits.
            FieldType::Integer => FieldType::BigInt,
            kind if kind.is_list() => FieldType::Text,
            kind => kind.clone(),
        };
        assert_eq!(described.kind, kind, "{}", field.name);
        assert_eq!(described.null, field.null, "{}", field.name);
    }
    let described = schema.get("track").unwrap();
    assert_eq!(described.key, track.key);
    assert_eq!(described.foreign_keys.len(), 1);
    assert_eq!(described.foreign_keys[0].columns, track.foreign_keys[0].columns);
    assert_eq!(described.get("code").unwrap().length, Some(7));
    assert!(described.get("place").unwrap().unique);
    assert_eq!(described.get("place").unwrap().default.value(), Some(Value::Int(3)));
    assert!(described.uniques.iter().any(|unique| unique.fields.len() == 2));
}

async fn names_may_hold_anything(db: Db) {
    let long = "x".repeat(200);
    for name in ["select", "it's \"quoted\"", "a.b, c", "größe 😀", "?1", "%s", "$1 ?", &long] {
        let table = Table::new(name)
            .field(Field::string(name).not_null().unique())
            .field(Field::reference("up", name))
            .create();
        let table = match db.define(table).await {
            Ok(table) => table,
            // PostgreSQL would take the beginning for the name.
            Err(error) => {
                assert_eq!((error.kind(), name), (DbErrorKind::Unsupported, &*long));
                continue;
            }
        };
        let written = db.insert(&table, Values::new().with(name, "x")).await.unwrap().unwrap();
        db.update(&table, &written, Values::new().with(name, "y").with("up", 1)).await.unwrap();
        let refused = refusal(db.insert(&table, Values::new().with(name, "y")).await);
        assert_eq!(refused, [(name.to_owned(), "unique".to_owned())]);
        let refused = refusal(db.insert(&table, Values::new()).await);
        assert_eq!(refused, [(name.to_owned(), "not_null".to_owned())]);
        let set = db
            .set(&table)
            .join("up")
            .filter(table.col(name).eq("y"))
            .search("y")
            .order_by(format!("up.{name}"));
        let rows = set.rows().await.unwrap();
        assert_eq!(rows[0][&*format!("up.{name}")], "y".into(), "{name}");
        assert_eq!(set.after(&written).rows().await.unwrap(), []);
        assert!(db.delete(&table, &written).await.unwrap());
    }
}

#[tokio::test]
async fn a_text_that_the_database_would_make_a_number_of_is_refused() {
    let file = crate::support::File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, code STRING, kind ENUM, plain TEXT, any ANY);
         CREATE TABLE s (id INTEGER PRIMARY KEY, any ANY) STRICT;
         CREATE VIEW v AS SELECT * FROM t;
         CREATE TRIGGER v_insert INSTEAD OF INSERT ON v BEGIN INSERT INTO t (plain) VALUES (new.code); END;",
    );
    let db = file.open().await;
    let schema = db.introspect().await.unwrap();
    let table = schema.get("t").unwrap();
    let refused = |values: Values| {
        let (db, table) = (db.clone(), table.clone());
        async move { refusal(db.insert(&table, values).await) }
    };
    let error = [("code".to_owned(), "becomes_number".to_owned())];
    assert_eq!(refused(Values::new().with("code", "01234")).await, error);
    assert_eq!(refused(Values::new().with("kind", "1.50").with("code", " 5")).await.len(), 2);
    let written =
        Values::new().with("code", "1234").with("kind", "a1").with("plain", "01234").with("any", "x");
    let written = db.insert(table, written).await.unwrap().unwrap();
    let row = db.get(table, &written).await.unwrap().unwrap();
    assert_eq!((row["code"].to_text(), row["plain"].to_text()), ("1234".into(), "01234".into()));
    assert_eq!(refusal(db.update(table, &written, Values::new().with("code", "1e3")).await), error);
    assert_eq!(refusal(db.set(table).update(Values::new().with("code", "+5")).await), error);
    let transaction = db.begin().await.unwrap();
    assert_eq!(refusal(transaction.insert(table, Values::new().with("code", "007")).await), error);
    transaction.insert(table, Values::new().with("plain", "007")).await.unwrap();
    transaction.commit().await.unwrap();
    // Where nothing is made of it, it is taken.
    db.insert(schema.get("s").unwrap(), Values::new().with("any", "007")).await.unwrap();
    db.insert(schema.get("v").unwrap(), Values::new().with("code", "007")).await.unwrap();
}

#[tokio::test]
async fn numbers_and_uuids_stay_as_they_are_stored() {
    let upper = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8";
    let file = crate::support::File::made_by(&format!(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC, key UUID UNIQUE);
         CREATE TABLE r (id INTEGER PRIMARY KEY, t UUID REFERENCES t (key));
         INSERT INTO t VALUES (1, 9007199254740993, '{upper}'), (2, -9223372036854775808, NULL), (3, 3, lower('{upper}'));",
    ));
    let db = file.open().await;
    let schema = db.introspect().await.unwrap();
    let table = schema.get("t").unwrap();
    for (number, n, key) in [
        (1, Value::Int(9_007_199_254_740_993), Value::from(upper)),
        (2, Value::Int(i64::MIN), Value::Null),
        (3, Value::Float(3.0), Value::Uuid(upper.parse().unwrap())),
    ] {
        let row = db.get(table, &number.into()).await.unwrap().unwrap();
        assert_eq!((&row["n"], &row["key"]), (&n, &key));
        // What was read is written back as it was.
        db.update(table, &number.into(), row.to_values()).await.unwrap();
        assert_eq!(db.get(table, &number.into()).await.unwrap().unwrap(), row);
    }
    let stored: String =
        file.other().query_row("SELECT key FROM t WHERE id = 1", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, upper);
    // It is found, and referred to, as it is stored.
    assert_eq!(db.set(table).filter(table.col("key").eq(upper)).count().await.unwrap(), 1);
    let reference = schema.get("r").unwrap();
    assert_eq!(reference.get("t").unwrap().validate(upper).await, Ok(upper.into()));
    db.insert(reference, Values::new().with("t", upper)).await.unwrap();
}

crate::support::on_each_database! {
    every_type_reads_back_as_it_was_written,
    null_of_every_type_is_null,
    an_update_changes_what_it_names_and_nothing_else,
    deleting_tells_whether_there_was_a_row,
    an_identity_of_another_shape_is_that_of_no_row,
    keys_of_every_kind,
    defaults_updates_and_computed_values_are_filled_in,
    values_that_do_not_fit_are_errors_beside_their_fields,
    a_reference_takes_the_type_of_what_it_refers_to,
    clones_of_a_table_that_differ_are_told_apart,
    a_table_or_column_that_is_not_there_is_told_by_name,
    names_may_hold_anything,
}
