//! A schema file over a database.

use frontdesk_data::{ApplyError, Db, FieldType, SchemaFile, TableKind, Value, Values};
use frontdesk_validate::{Registry, Rules};

use crate::support::File;

const HOSTILE: &str = include_str!("../../../../tests/data/hostile.sql");

async fn apply(db: &Db, text: &str) -> Result<frontdesk_data::Schema, ApplyError> {
    let file = SchemaFile::parse("frontdesk.toml", text).unwrap_or_else(|error| panic!("{error}"));
    db.apply(&file, &Registry::standard()).await
}

async fn code(rules: &Rules, value: &str) -> Option<String> {
    let context = frontdesk_validate::Context::empty();
    rules.validate(value.into(), context).await.err().map(|error| error.code().to_owned())
}

#[tokio::test]
async fn missing_tables_are_made_whatever_their_order() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let text = r#"
        [tables.dog]
        create = true
        [tables.dog.fields]
        name = { type = "string", null = false, unique = true }
        owner_id = { type = "reference owner", requires = { rule = "is_in_db", field = "owner.id", zero = "choose" } }
        [tables.owner]
        create = true
        [tables.owner.fields]
        name = {}
        best_dog = { type = "reference dog" }
    "#;
    let schema = apply(&db, text).await.unwrap();
    let owner = schema.get("owner").unwrap();
    let dog = schema.get("dog").unwrap();
    let id = db.insert(owner, Values::new().with("name", "Ada")).await.unwrap().unwrap();
    let rules = dog.get("owner_id").unwrap().rules();
    assert_eq!(code(rules, &id.to_string()).await, None);
    assert_eq!(code(rules, "9").await.as_deref(), Some("is_in_db"));
    assert_eq!(code(dog.get("name").unwrap().rules(), "").await.as_deref(), Some("is_not_empty"));

    // Again: they exist now, and are found as they were made.
    let again = apply(&db, text).await.unwrap();
    assert_eq!(again.tables.len(), 2);
    assert!(!again.get("dog").unwrap().get("name").unwrap().null);
}

#[tokio::test]
async fn a_wrong_file_makes_nothing() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let text = "[tables.a]\ncreate = true\nfields.b.requires = { rule = \"is_in_db\", field = \"a.c\" }\n[tables.d]\n";
    let error = apply(&db, text).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "frontdesk.toml:3: [tables.a.fields.b] `requires`: rule `is_in_db`: argument `field` names `c`, which the table \
         `a` does not have\nfrontdesk.toml:4: [tables.d] the database has no table `d`; `create = true` makes it"
    );
    assert!(db.introspect().await.unwrap().tables.is_empty());
}

#[tokio::test]
async fn other_types_bring_other_rules() {
    let file = File::made_by(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, day TEXT, price NUMERIC, kind TEXT, ref INTEGER)",
    );
    let db = file.open().await;
    let text = r#"
        [tables.t.fields]
        day = { type = "date" }
        price = { type = "decimal(6,2)", null = false }
        kind = { type = "string", length = 3 }
        ref = { type = "reference t" }
    "#;
    let table = apply(&db, text).await.unwrap().get("t").cloned().unwrap();
    let rules = |name: &str| table.get(name).unwrap().rules();
    assert_eq!(code(rules("day"), "tomorrow").await.as_deref(), Some("is_date"));
    assert_eq!(code(rules("price"), "").await.as_deref(), Some("is_not_empty"));
    assert_eq!(code(rules("price"), "1.234").await.as_deref(), Some("decimal_places"));
    assert_eq!(code(rules("kind"), "abcd").await.as_deref(), Some("is_length"));
    assert_eq!(code(rules("ref"), "7").await.as_deref(), Some("is_in_db"));
    let id = db
        .insert(&table, Values::new().with("day", "2024-02-29").with("price", "1.50"))
        .await
        .unwrap()
        .unwrap();
    let row = db.get(&table, &id).await.unwrap().unwrap();
    assert_eq!(row["day"], Value::Date("2024-02-29".parse().unwrap()));
    assert_eq!(code(rules("ref"), "1").await, None);
}

#[tokio::test]
async fn what_inspect_prints_of_a_hostile_database_applies_to_it() {
    let file = File::made_by(HOSTILE);
    let before = std::fs::read(&file.path).unwrap();
    let db = file.open().await;
    let found = db.introspect().await.unwrap();
    let applied = apply(&db, &found.to_toml()).await.unwrap();
    assert_eq!(applied.to_toml(), found.to_toml());
    for table in &applied.tables {
        let known = db.table(&table.name).unwrap();
        assert_eq!(known.fields.len(), table.fields.len());
        for field in &known.fields {
            let assigned = field.kind == FieldType::Id || field.kind == FieldType::Boolean || field.generated;
            assert!(field.requires.is_some(), "{} {}", table.name, field.name);
            assert!(!assigned || field.rules().is_empty());
        }
    }
    db.close().await;
    assert_eq!(std::fs::read(&file.path).unwrap(), before, "looking changes nothing");
}

#[tokio::test]
async fn every_table_of_a_hostile_database_can_be_read() {
    let file = File::made_by(HOSTILE);
    let db = file.open().await;
    let schema = db.introspect().await.unwrap();
    let mut kinds = [0, 0];
    for table in &schema.tables {
        kinds[usize::from(table.kind == TableKind::View)] += 1;
        if table.impossible(frontdesk_data::Action::Read).is_some() {
            assert_eq!(&*table.name, "broken_view");
            continue;
        }
        let rows =
            db.set(table).limit(100).rows().await.unwrap_or_else(|error| panic!("{}: {error}", table.name));
        for row in &rows {
            if let Some(id) = row.id() {
                let again = db.get(table, &id.to_string().parse().unwrap()).await.unwrap();
                assert!(again.is_some(), "{} {id}", table.name);
            }
            for field in &table.fields {
                let _ = field.represented(&row[&*field.name], Some(row));
            }
        }
        for field in table.fields.iter().filter(|field| field.writable) {
            let choices = field.rules().options().wait().await;
            assert!(choices.is_ok(), "{} {}", table.name, field.name);
        }
    }
    assert!(kinds[0] > 30 && kinds[1] == 3, "{kinds:?}");
}
