use rusqlite::Connection;

use super::*;

const HOSTILE: &str = include_str!("../../../../../../tests/data/hostile.sql");

fn of(sql: &str) -> Vec<Table> {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap();
    tables(&connection).unwrap()
}

/// A table in words: one line each for (the first) fields, keys and constraints.
fn shown(table: &Table) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for field in table.fields.iter().take(30) {
        let _ = write!(out, "{:?} {}", field.name, field.kind);
        if let Some(length) = field.length {
            let _ = write!(out, " [{length}]");
        }
        for (word, applies) in [
            ("not null", !field.null),
            ("unique", field.unique),
            ("generated", field.generated),
            ("read-only", !field.writable && !field.generated && field.kind != FieldType::Id),
        ] {
            if applies {
                let _ = write!(out, " {word}");
            }
        }
        match &field.default {
            crate::DefaultValue::None => {}
            default => {
                let _ = write!(out, " = {default:?}");
            }
        }
        out.push('\n');
    }
    let _ = writeln!(out, "key {:?}", table.key);
    for unique in &table.uniques {
        let _ = writeln!(out, "unique {:?} {:?}", unique.name, unique.fields);
    }
    for key in &table.foreign_keys {
        let _ = writeln!(out, "{:?} -> {:?} {:?}", key.fields, key.table, key.columns);
    }
    for check in &table.checks {
        let _ = writeln!(out, "check {:?} {} {:?}", check.name, check.expression, check.fields);
    }
    for (action, reason) in &table.impossible {
        let _ = writeln!(out, "no {action:?}: {reason}");
    }
    if let Some(label) = &table.readable {
        let _ = writeln!(out, "label {label}");
    }
    out
}

fn snapshot(tables: &[Table]) -> String {
    tables.iter().map(|table| format!("## {:?} {:?}\n{}\n", table.name, table.kind, shown(table))).collect()
}

#[test]
fn a_hostile_schema_is_described() {
    insta::assert_snapshot!(snapshot(&of(HOSTILE)));
}

#[test]
fn chinook_is_described() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/chinook.sqlite");
    let connection = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    insta::assert_snapshot!(snapshot(&tables(&connection).unwrap()));
}

#[test]
fn other_schemas_are_left_out() {
    let connection = Connection::open_in_memory().unwrap();
    let sql = "ATTACH ':memory:' AS other;
        CREATE TABLE other.t (elsewhere); CREATE TABLE other.only_there (x); CREATE TEMP TABLE temporary (x);
        CREATE TABLE main.t (here TEXT UNIQUE)";
    connection.execute_batch(sql).unwrap();
    let tables = tables(&connection).unwrap();
    assert_eq!(tables.iter().map(|table| &*table.name).collect::<Vec<_>>(), ["t"]);
    assert_eq!(&*tables[0].fields[0].name, "here");
    assert_eq!(tables[0].uniques.len(), 1);
}

#[test]
fn a_module_that_is_not_at_hand_breaks_only_its_own_table() {
    let connection = Connection::open_in_memory().unwrap();
    let sql = "CREATE TABLE fine (id INTEGER PRIMARY KEY);
        PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema VALUES ('table', 'gone', 'gone', 0, 'CREATE VIRTUAL TABLE gone USING no_such_module(a)');
        PRAGMA writable_schema = RESET;";
    connection.execute_batch(sql).unwrap();
    let tables = tables(&connection).unwrap();
    assert_eq!(tables.len(), 2);
    assert_eq!(
        tables[1].impossible(Action::Read),
        Some("The database cannot open it: no such module: no_such_module")
    );
}
