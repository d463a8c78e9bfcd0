//! The rules that a table's fields get from its types and constraints.

use std::sync::Arc;

use frontdesk_data::{Db, Field, FieldType, Table, Value, Values};
use frontdesk_validate::{Context, civil::date};

use crate::support::File;

const HOSTILE: &str = include_str!("../../../../tests/data/hostile.sql");

async fn found(file: &File, table: &str) -> (Db, Arc<Table>) {
    let db = file.open().await;
    let schema = db.introspect().await.unwrap();
    (db, Arc::clone(schema.get(table).unwrap()))
}

/// What a field makes of a value: the value, or the code of the error.
async fn made(table: &Table, field: &str, value: impl Into<Value>) -> Result<Value, String> {
    let field = table.get(field).unwrap_or_else(|| panic!("no field {field}"));
    field.validate(value).await.map_err(|error| error.code().to_owned())
}

#[tokio::test]
async fn every_type_checks_its_values() {
    let file = File::made_by(HOSTILE);
    let (_db, types) = found(&file, "types").await;
    for (field, value, expected) in [
        ("tiny", "5", Ok(Value::Int(5))),
        ("tiny", "2147483648", Err("is_int_in_range.between")),
        ("big", "9223372036854775807", Ok(Value::Int(i64::MAX))),
        ("big", "9223372036854775808", Err("is_int_in_range")),
        ("big", "1.5", Err("is_int_in_range")),
        ("d", "1.5", Ok(Value::Float(1.5))),
        ("d", "x", Err("is_float_in_range")),
        ("money", "10.25", Ok(Value::Decimal("10.25".parse().unwrap()))),
        ("money", "10.255", Err("decimal_places")),
        ("money", "123456789.00", Err("decimal_digits")),
        ("whole", "7.5", Err("decimal_places")),
        ("vc", "0123456789", Ok("0123456789".into())),
        ("vc", "0123456789a", Err("is_length")),
        ("t", "any text\nof lines", Ok("any text\nof lines".into())),
        ("da", "2024-02-29", Ok(Value::Date(date(2024, 2, 29)))),
        ("da", "2024-02-30", Err("is_date")),
        ("ti", "25:61", Err("is_time")),
        ("dt", "2024-02-29 13:05:00", Ok(Value::DateTime(date(2024, 2, 29).at(13, 5, 0, 0)))),
        ("dt", "yesterday", Err("is_datetime")),
        ("js", r#"{"a": 1}"#, Ok(serde_json::json!({"a": 1}).into())),
        ("js", "{", Err("is_json")),
        ("uu", "not a uuid", Err("type")),
        (
            "uu",
            "67e55044-10b1-426f-9247-bb680e5fe0c8",
            Ok(Value::Uuid("67e55044-10b1-426f-9247-bb680e5fe0c8".parse().unwrap())),
        ),
        // All of them may be NULL.
        ("tiny", "", Ok(Value::Null)),
        ("money", "", Ok(Value::Null)),
        ("vc", "", Ok(Value::Null)),
        ("js", "", Ok(Value::Null)),
        ("da", "", Ok(Value::Null)),
    ] {
        assert_eq!(made(&types, field, value).await, expected.map_err(str::to_owned), "{field} {value:?}");
    }
    assert!(types.get("id").unwrap().rules().is_empty());
    assert!(types.get("flag").unwrap().rules().is_empty(), "a box that is not ticked sends nothing");
}

#[tokio::test]
async fn checks_become_lists_and_ranges() {
    let file = File::made_by(HOSTILE);
    let (_db, checks) = found(&file, "checks").await;
    for (field, value, expected) in [
        ("color", "red", Ok("red".into())),
        ("color", "pink", Err("is_in_set")),
        ("color", "", Err("is_in_set")),
        ("size", "M", Ok("M".into())),
        ("size", "", Ok(Value::Null)),
        ("size", "L", Err("is_in_set")),
        ("rating", "5", Ok(Value::Int(5))),
        ("rating", "6", Err("is_int_in_range.between")),
        ("percent", "100", Ok(Value::Float(100.0))),
        ("percent", "100.5", Err("is_float_in_range.between")),
        ("price", "0", Err("is_decimal_in_range.min")),
        ("price", "0.01", Ok(Value::Decimal("0.01".parse().unwrap()))),
        ("weight", "10", Err("is_float_in_range.between")),
        ("weight", "9.5", Ok(Value::Float(9.5))),
        ("name", "", Ok(Value::Null)),
        ("born", "1899-12-31", Err("is_date_in_range.min")),
        ("born", "1900-01-01", Ok(Value::Date(date(1900, 1, 1)))),
        ("doc", "[", Err("is_json")),
        // What concerns several fields, or cannot be told, is left to the database.
        ("even", "3", Ok(Value::Int(3))),
        ("low", "9", Ok(Value::Int(9))),
    ] {
        assert_eq!(made(&checks, field, value).await, expected.map_err(str::to_owned), "{field} {value:?}");
    }
    let choices = checks.get("color").unwrap().rules().options().wait().await.unwrap().unwrap().into_owned();
    assert_eq!(choices.iter().map(|choice| &*choice.value).collect::<Vec<_>>(), ["", "red", "green", "blue"]);
    assert_eq!(made(&checks, "name", "x".repeat(41)).await, Err("is_length".to_owned()));
}

#[tokio::test]
async fn what_may_not_be_null_and_has_no_default_needs_a_value() {
    let file = File::made_by(HOSTILE);
    let (db, defaults) = found(&file, "defaults").await;
    for (field, expected) in [
        ("n", Err("is_int_in_range")), // NOT NULL DEFAULT -5: a form begins with -5
        ("t", Ok("".into())),          // NOT NULL DEFAULT 'it''s': an empty text is one
        ("made", Ok(Value::Null)),     // the database fills it in
        ("token", Ok(Value::Null)),
        ("quoted", Ok(Value::Null)),
    ] {
        assert_eq!(made(&defaults, field, "").await, expected.map_err(str::to_owned), "{field}");
    }
    let left_empty = Values::new().with("made", Value::Null).with("token", Value::Null).with("n", 1);
    let id = db.insert(&defaults, left_empty).await.unwrap().unwrap();
    let row = db.get(&defaults, &id).await.unwrap().unwrap();
    assert!(matches!(row["made"], Value::DateTime(_)) && row["token"].is_null(), "{row:?}");

    let node = db.table("node").unwrap();
    assert_eq!(made(&node, "name", " ").await, Err("is_not_empty".to_owned()));
    // A key that may be NULL in SQLite still needs a value, or the row could not be told from others.
    let nullable = db.table("nullable_key").unwrap();
    assert_eq!(made(&nullable, "code", "").await, Err("is_not_empty".to_owned()));
    let generated = db.table("generated").unwrap();
    assert!(generated.get("total").unwrap().rules().is_empty());
}

#[tokio::test]
async fn unique_fields_ask_whether_the_value_is_taken() {
    let file = File::made_by(HOSTILE);
    let (db, uniques) = found(&file, "uniques").await;
    assert_eq!(made(&uniques, "email", "a@example.com").await, Err("is_not_in_db".to_owned()));
    assert_eq!(made(&uniques, "email", "b@example.com").await, Ok("b@example.com".into()));
    assert_eq!(made(&uniques, "email", "").await, Ok(Value::Null));
    // As the database compares: this column has no regard to case.
    assert_eq!(made(&uniques, "e", "e").await, Err("is_not_in_db".to_owned()));
    // A partial index or one over an expression makes no field unique by itself.
    assert_eq!(made(&uniques, "d", "d").await, Ok("d".into()));
    let own = [("id", Value::Int(1))];
    let email = uniques.get("email").unwrap().rules();
    assert!(email.validate("a@example.com".into(), Context::empty().with_record(&own)).await.is_ok());

    // So do keys that people choose.
    let keyed = db.table("unique_key").unwrap();
    assert_eq!(made(&keyed, "code", "A/1").await, Err("is_not_in_db".to_owned()));
    let real = db.table("real_key").unwrap();
    assert_eq!(made(&real, "x", "1.5").await, Err("is_not_in_db".to_owned()));
}

#[tokio::test]
async fn references_are_choices_up_to_a_number() {
    let file = File::made_by(HOSTILE);
    let (db, node) = found(&file, "node").await;
    let parent = node.get("parent_id").unwrap();
    assert_eq!(made(&node, "parent_id", "4").await, Ok(Value::Int(4)));
    assert_eq!(made(&node, "parent_id", "5").await, Err("is_in_db".to_owned()));
    assert_eq!(made(&node, "parent_id", "").await, Ok(Value::Null));
    let choices = parent.rules().options().wait().await.unwrap().unwrap().into_owned();
    let shown: Vec<_> = choices.iter().map(|choice| (&*choice.value, &*choice.label)).collect();
    assert_eq!(shown, [("", ""), ("2", "child"), ("3", "its own parent"), ("4", "orphan"), ("1", "root")]);

    // A reference to a unique column holds what that column holds.
    let reference = db.table("reference").unwrap();
    assert_eq!(made(&reference, "code", "A%1").await, Ok("A%1".into()));

    let many = db.table("many_child").unwrap();
    assert!(many.get("many_id").unwrap().rules().options().wait().await.unwrap().is_none());
    assert_eq!(made(&many, "many_id", "1000").await, Ok(Value::Int(1000)));
    assert_eq!(made(&many, "many_id", "1001").await, Err("is_in_db".to_owned()));

    // A row of the other's key, one to one: a choice that must not be taken yet.
    let detail = db.table("detail").unwrap();
    assert_eq!(made(&detail, "node_id", "1").await, Err("is_not_in_db".to_owned()));
    assert_eq!(made(&detail, "node_id", "2").await, Ok(Value::Int(2)));
}

#[tokio::test]
async fn tables_of_a_program_get_rules_too() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    db.define(Table::new("tag").field(Field::string("name")).create()).await.unwrap();
    let thing = Table::new("thing")
        .field(Field::string("name").length(3).not_null())
        .field(Field::new("tags", FieldType::ListReference { table: "tag".into() }))
        .field(Field::new("numbers", FieldType::ListInteger))
        .field(Field::reference("later", "not_yet"))
        .field(Field::string("own").requires(frontdesk_validate::rule_fn(Ok)))
        .create();
    let thing = db.define(thing).await.unwrap();
    assert_eq!(made(&thing, "name", "").await, Err("is_not_empty".to_owned()));
    assert_eq!(made(&thing, "name", "abcd").await, Err("is_length".to_owned()));
    assert_eq!(made(&thing, "own", "abcd".repeat(200)).await, Ok("abcd".repeat(200).into()));
    assert_eq!(made(&thing, "tags", Value::List(vec!["7".into()])).await, Err("is_in_db".to_owned()));
    assert_eq!(
        made(&thing, "numbers", Value::List(vec!["x".into()])).await,
        Err("is_int_in_range".to_owned())
    );
    // The other table is not known yet, then it is.
    assert_eq!(made(&thing, "later", "1").await, Err("unavailable".to_owned()));
    db.define(Table::new("not_yet").field(Field::string("name")).create()).await.unwrap();
    assert_eq!(made(&thing, "later", "1").await, Err("is_in_db".to_owned()));
}

#[tokio::test]
async fn a_database_ends_though_its_tables_have_rules_that_ask_it() {
    let file =
        File::made_by("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, t_id INTEGER REFERENCES t)");
    let (db, table) = found(&file, "t").await;
    assert_eq!(made(&table, "name", "x").await, Ok("x".into()));
    let watched = Arc::downgrade(&table);
    drop((db, table));
    assert!(watched.upgrade().is_none(), "the tables are freed with the database");
}
