//! Schemas that nobody wrote: they are made, described, and rows go through them and come back as they were.

use std::fmt::Write;

use frontdesk_data::{Db, FieldType, Row, RowId, Table, Value, Values};
use frontdesk_validate::civil;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::on_each_database;

on_each_database! { crud_11_crud_13_rows_go_through_any_schema_unchanged }

/// How many schemas each run tries.
const SCHEMAS: usize = 40;

/// A table as it is to be made.
#[derive(Clone, Debug)]
struct Made {
    name: String,
    columns: Vec<MadeColumn>,
    /// How many of the first columns are its key.
    key: usize,
    /// Whether it refers to the table before it, where that one has a key of one column.
    refers: bool,
}

#[derive(Clone, Debug)]
struct MadeColumn {
    name: String,
    kind: Kind,
    null: bool,
    unique: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Integer,
    BigInt,
    Varchar,
    Text,
    Double,
    Numeric,
    Boolean,
    Date,
    Timestamp,
    Bytes,
    Json,
    Uuid,
}

impl Kind {
    fn sql(self, postgres: bool) -> &'static str {
        match self {
            Self::Integer => "INTEGER",
            Self::BigInt => "BIGINT",
            Self::Varchar => "VARCHAR(20)",
            Self::Text => "TEXT",
            Self::Double if postgres => "DOUBLE PRECISION",
            Self::Double => "REAL",
            Self::Numeric => "NUMERIC(10,2)",
            Self::Boolean => "BOOLEAN",
            Self::Date => "DATE",
            Self::Timestamp => "TIMESTAMP",
            Self::Bytes if postgres => "BYTEA",
            Self::Bytes => "BLOB",
            Self::Json if postgres => "JSONB",
            Self::Json => "JSON",
            Self::Uuid => "UUID",
        }
    }

    fn field_type(self, postgres: bool, in_index: bool) -> FieldType {
        match self {
            Self::Integer if postgres => FieldType::Integer,
            // SQLite's have 64 bits whatever they are called.
            Self::Integer => FieldType::BigInt,
            // Texts that tell rows apart have one line.
            Self::Text if in_index => FieldType::String,
            Self::BigInt => FieldType::BigInt,
            Self::Varchar => FieldType::String,
            Self::Text => FieldType::Text,
            Self::Double => FieldType::Double,
            Self::Numeric => FieldType::Decimal { precision: 10, scale: 2 },
            Self::Boolean => FieldType::Boolean,
            Self::Date => FieldType::Date,
            Self::Timestamp => FieldType::DateTime,
            Self::Bytes => FieldType::Blob,
            Self::Json => FieldType::Json,
            Self::Uuid => FieldType::Uuid,
        }
    }

    /// A value, another one for each number below a thousand; but for booleans, of which there are two.
    fn value(self, number: i64) -> Value {
        let text = format!("ä'\"\\%_ {number}");
        match self {
            Self::Integer => Value::Int(number - 500),
            Self::BigInt => Value::Int(i64::MAX - number),
            Self::Varchar | Self::Text => text.into(),
            Self::Double => Value::Float(number as f64 / 8.0 + 0.125),
            Self::Numeric => Value::Decimal(format!("-{number}.25").parse().unwrap()),
            Self::Boolean => Value::Bool(number % 2 == 0),
            Self::Date => Value::Date(civil::date(1900, 2, 28).saturating_add(days(number))),
            Self::Timestamp => {
                Value::DateTime(civil::date(2024, 2, 29).at(23, 59, 59, 0).saturating_add(days(number)))
            }
            Self::Bytes => Value::Bytes(vec![0, 255, (number % 256) as u8, (number / 256) as u8]),
            Self::Json => serde_json::json!({ "number": number, "text": text }).into(),
            Self::Uuid => Value::Uuid(frontdesk_validate::Uuid::from_u128(number as u128)),
        }
    }

    fn may_be_key(self) -> bool {
        !matches!(self, Self::Double | Self::Boolean | Self::Json)
    }
}

fn days(number: i64) -> jiff::Span {
    jiff::Span::new().days(number)
}

fn kind() -> impl Strategy<Value = Kind> {
    use Kind::*;
    proptest::sample::select(vec![
        Integer, BigInt, Varchar, Text, Double, Numeric, Boolean, Date, Timestamp, Bytes, Json, Uuid,
    ])
}

/// A name with what breaks careless SQL, and addresses. A number makes it one of its kind, in any letter case.
fn name() -> impl Strategy<Value = String> {
    "(select |order|id|__|)[aZé漢 \"'.?$%;/~\\-\\[\\]&+]{0,6}"
}

fn column() -> impl Strategy<Value = MadeColumn> {
    (name(), kind(), any::<bool>(), proptest::bool::weighted(0.2))
        .prop_map(|(name, kind, null, unique)| MadeColumn { name, kind, null, unique })
}

fn table() -> impl Strategy<Value = Made> {
    (name(), proptest::collection::vec(column(), 1..7), 0..3_usize, any::<bool>()).prop_map(
        |(name, mut columns, key, refers)| {
            let key = key.min(columns.len());
            for (at, column) in columns.iter_mut().enumerate() {
                let _ = write!(column.name, "c{at}");
                if at < key {
                    column.null = false;
                    column.unique = false;
                    if !column.kind.may_be_key() {
                        column.kind = Kind::Varchar;
                    }
                }
                // Two values are no more than two rows, and documents are not compared alike everywhere.
                column.unique &= !matches!(column.kind, Kind::Boolean | Kind::Json);
                // Without a key, one that tells rows apart is as good as it.
                column.unique &= key > 0 || column.null;
            }
            Made { name, columns, key, refers }
        },
    )
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Made {
    fn sql(&self, before: Option<&Self>, postgres: bool) -> String {
        let mut parts: Vec<String> = Vec::new();
        for column in &self.columns {
            let null = if column.null { "" } else { " NOT NULL" };
            let unique = if column.unique { " UNIQUE" } else { "" };
            parts.push(format!("{} {}{null}{unique}", quoted(&column.name), column.kind.sql(postgres)));
        }
        if let Some((other, key)) = self.target(before) {
            parts.push(format!(
                "\"refers\" {} REFERENCES {} ({})",
                key.kind.sql(postgres),
                quoted(&other.name),
                quoted(&key.name)
            ));
        }
        if self.key > 0 {
            let key: Vec<_> = self.columns[..self.key].iter().map(|column| quoted(&column.name)).collect();
            parts.push(format!("PRIMARY KEY ({})", key.join(", ")));
        }
        format!("CREATE TABLE {} ({})", quoted(&self.name), parts.join(", "))
    }

    fn target<'m>(&self, before: Option<&'m Self>) -> Option<(&'m Self, &'m MadeColumn)> {
        let other = before.filter(|other| self.refers && other.key == 1)?;
        Some((other, &other.columns[0]))
    }
}

async fn crud_11_crud_13_rows_go_through_any_schema_unchanged(db: Db) {
    let is_postgres = db.has_schemas();
    let mut runner = TestRunner::default();
    for schema in 0..SCHEMAS {
        let tree = proptest::collection::vec(table(), 1..4).new_tree(&mut runner).unwrap();
        let mut made = tree.current();
        for (at, table) in made.iter_mut().enumerate() {
            let _ = write!(table.name, "t{schema}_{at}");
        }
        let mut statements = Vec::new();
        for (at, table) in made.iter().enumerate() {
            let sql = table.sql(at.checked_sub(1).map(|before| &made[before]), is_postgres);
            db.execute(sql.clone(), []).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            statements.push(sql);
        }
        let all = statements.join(";\n");
        let described = db.introspect().await.unwrap();
        for (at, table) in made.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &made[before]);
            let found =
                described.get(&table.name).unwrap_or_else(|| panic!("not found: {}\n{all}", table.name));
            compare(found, table, before, is_postgres, &all);
            go_through(&db, found, table, before, &all).await;
        }
        for table in made.iter().rev() {
            db.execute(format!("DROP TABLE {}", quoted(&table.name)), []).await.unwrap();
        }
    }
}

/// What was found is what was made.
fn compare(found: &Table, made: &Made, before: Option<&Made>, postgres: bool, all: &str) {
    let names: Vec<&str> = made.columns.iter().map(|column| &*column.name).collect();
    let target = made.target(before);
    let found_names: Vec<&str> = found.fields.iter().map(|field| &*field.name).collect();
    assert_eq!(found_names[..names.len()], names, "{all}");
    assert_eq!(found.fields.len(), names.len() + usize::from(target.is_some()), "{all}");
    assert_eq!(found.key.iter().map(|name| &**name).collect::<Vec<_>>(), names[..made.key], "{all}");
    for (at, (column, field)) in made.columns.iter().zip(&found.fields).enumerate() {
        let in_index = at < made.key || column.unique;
        let is_rowid = field.kind == FieldType::Id; // SQLite's INTEGER PRIMARY KEY
        assert!(is_rowid || field.kind == column.kind.field_type(postgres, in_index), "{field:?}\n{all}");
        assert!(is_rowid || field.null == column.null, "{field:?}\n{all}");
        assert_eq!(field.unique, column.unique, "{field:?}\n{all}");
        assert_eq!(field.length, (column.kind == Kind::Varchar).then_some(20), "{field:?}\n{all}");
    }
    match (target, &*found.foreign_keys) {
        (None, []) => {}
        (Some((other, key)), [one]) => {
            assert_eq!((&*one.table, &*one.columns[0]), (&*other.name, &*key.name), "{all}");
        }
        other => panic!("{other:?}\n{all}"),
    }
}

/// Rows come back as they went in; one of several is found, changed and deleted by its identity, through its text.
async fn go_through(db: &Db, table: &std::sync::Arc<Table>, made: &Made, before: Option<&Made>, all: &str) {
    let row = |number: i64| {
        let mut values = Values::new();
        for column in &made.columns {
            values.set(&*column.name, column.kind.value(number));
        }
        if let Some((_, key)) = made.target(before) {
            values.set("refers", key.kind.value(1));
        }
        values
    };
    let is_like = |row: &Row, values: &Values| {
        // A reference is read as it is stored, and looked at below.
        for (name, value) in values.iter().filter(|(name, _)| &***name != "refers") {
            assert_eq!(&row[&**name], value, "{name} of {}\n{all}", table.name);
        }
    };
    for number in 1..4 {
        let id = db.insert(table, row(number)).await.unwrap_or_else(|error| panic!("{error:?}\n{all}"));
        assert_eq!(id.is_some(), made.key > 0, "{all}");
        let Some(id) = id else { continue };
        let id: RowId = id.to_string().parse().unwrap_or_else(|error| panic!("{id}: {error:?}\n{all}"));
        let found = db.get(table, &id).await.unwrap().unwrap_or_else(|| panic!("{id} is lost\n{all}"));
        is_like(&found, &row(number));
        assert_eq!(found.id(), Some(&id), "{all}");
    }
    if let Some((_, key)) = made.target(before) {
        for row in db.set(table).join("refers").rows().await.unwrap() {
            assert_eq!(row[&*format!("refers.{}", key.name)], key.kind.value(1), "{all}");
        }
    }
    let rows = db.set(table).rows().await.unwrap();
    assert_eq!(rows.len(), 3, "{all}");
    let Some(id) = rows[1].id() else { return };
    let mut changed = row(4);
    for column in &made.columns[..made.key] {
        changed.remove(&column.name);
    }
    if !changed.is_empty() {
        db.update(table, id, changed.clone()).await.unwrap().unwrap_or_else(|| panic!("{id} is lost\n{all}"));
        is_like(&db.get(table, id).await.unwrap().unwrap(), &changed);
    }
    // The first is referred to, perhaps; the others are not.
    let last = rows[2].id().unwrap();
    let is_first = rows[2][&*made.columns[0].name] == made.columns[0].kind.value(1);
    if !is_first {
        assert!(db.delete(table, last).await.unwrap(), "{all}");
        assert_eq!(db.set(table).count().await.unwrap(), 2, "{all}");
    }
}
