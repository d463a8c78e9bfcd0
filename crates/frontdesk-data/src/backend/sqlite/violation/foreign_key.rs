//! SQLite says only that some reference does not hold. Which one is found out by looking.

use std::sync::Arc;

use frontdesk_validate::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::super::bind::Stored;
use super::super::decode::plain;
use super::super::session::History;
use super::{field_named, given};
use crate::identifier::{push_column, push_name};
use crate::plan::Plan;
use crate::statement::{Op, Write};
use crate::{Violation, violation};

/// A reference as the database has it.
struct Reference {
    /// The table that refers.
    from: String,
    /// The table that is referred to.
    to: String,
    /// The columns that refer, and those that they refer to.
    columns: Vec<(String, String)>,
}

/// What is wrong with the references of a write: those of its own row that lead nowhere, else those that lead to it.
pub(super) fn find(connection: &Connection, write: &Write) -> rusqlite::Result<Vec<Violation>> {
    let Some(plan) = write.plan.as_deref() else { return Ok(vec![violation::some_foreign_key()]) };
    let mut violations = Vec::new();
    if !matches!(write.op, Op::Delete { .. }) {
        for reference in references(connection, "lower(schema.name) = lower(?1)", &plan.table.name)? {
            if leads_nowhere(connection, write, plan, &reference)? {
                let fields =
                    reference.columns.iter().map(|(column, _)| field_named(&plan.table, column)).collect();
                violations.push(violation::foreign_key(fields, &reference.to));
            }
        }
    }
    if !violations.is_empty() {
        return Ok(violations);
    }
    Ok(vec![match &write.op {
        Op::Insert { .. } => violation::some_foreign_key(),
        // An update, or many deletes with no fields to set.
        Op::Many { fields } if !fields.is_empty() => violation::some_foreign_key(),
        Op::Update { id, .. } | Op::Delete { id } => {
            violation::referenced(&referring(connection, plan, Some(id.values()))?)
        }
        Op::Many { .. } => violation::referenced(&referring(connection, plan, None)?),
    }])
}

/// What is wrong with the references of rows that a transaction has written, as they are at its end; else which rows
/// refer to those that it has deleted.
pub(super) fn at_end(connection: &Connection, history: &History) -> rusqlite::Result<Vec<Violation>> {
    let mut violations: Vec<Violation> = Vec::new();
    for (plan, id) in &history.rows {
        // The row as it is: nothing is set.
        let write = Write {
            sql: Arc::clone(&plan.get),
            params: Vec::new(),
            op: Op::Update { fields: Arc::default(), id: id.clone(), rekeys: false },
            plan: Some(Arc::clone(plan)),
            guard: None,
        };
        for reference in references(connection, "lower(schema.name) = lower(?1)", &plan.table.name)? {
            if leads_nowhere(connection, &write, plan, &reference)? {
                let fields =
                    reference.columns.iter().map(|(column, _)| field_named(&plan.table, column)).collect();
                let found = violation::foreign_key_of(fields, &reference.to, &plan.table.name, id);
                if !violations.contains(&found) {
                    violations.push(found);
                }
            }
        }
    }
    if !violations.is_empty() {
        return Ok(violations);
    }
    let mut tables = Vec::new();
    for plan in &history.deleted {
        for table in referring(connection, plan, None)? {
            if !tables.contains(&table) {
                tables.push(table);
            }
        }
    }
    Ok(vec![match tables.is_empty() {
        true => violation::some_foreign_key(),
        false => violation::referenced(&tables),
    }])
}

fn references(connection: &Connection, condition: &str, table: &str) -> rusqlite::Result<Vec<Reference>> {
    let mut statement = connection.prepare(&format!(
        "SELECT schema.name, key.id, key.\"table\", key.\"from\", key.\"to\",
             (SELECT info.name FROM pragma_table_info(key.\"table\") AS info WHERE info.pk = key.seq + 1)
         FROM sqlite_schema AS schema, pragma_foreign_key_list(schema.name) AS key
         WHERE schema.type = 'table' AND {condition}
         ORDER BY schema.name, key.id, key.seq"
    ))?;
    let mut rows = statement.query([table])?;
    let mut found: Vec<Reference> = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (from, id): (String, i64) = (row.get(0)?, row.get(1)?);
        let to: Option<String> = row.get(4)?;
        // Without columns it is the key that is referred to.
        let Some(to) = to.or(row.get(5)?) else { continue };
        let pair = (row.get(3)?, to);
        match found.last_mut().filter(|_| last.as_ref() == Some(&(from.clone(), id))) {
            Some(reference) => reference.columns.push(pair),
            None => {
                found.push(Reference { from: from.clone(), to: row.get(2)?, columns: vec![pair] });
                last = Some((from, id));
            }
        }
    }
    Ok(found)
}

/// Whether the row, as the write would leave it, refers to a row that does not exist.
fn leads_nowhere(
    connection: &Connection,
    write: &Write,
    plan: &Plan,
    reference: &Reference,
) -> rusqlite::Result<bool> {
    let mut values = Vec::with_capacity(reference.columns.len());
    for (column, _) in &reference.columns {
        let value = match given(write, plan, column) {
            Some(value) => value.clone(),
            None => match stays(connection, write, plan, column)? {
                Some(value) => value,
                None => return Ok(false),
            },
        };
        // A reference with null in it refers to nothing.
        if value.is_null() {
            return Ok(false);
        }
        values.push(value);
    }
    let is_itself = reference.to.eq_ignore_ascii_case(&plan.table.name)
        && reference.columns.iter().zip(&values).all(|((_, to), value)| {
            given(write, plan, to).is_some_and(|given| given.to_text() == value.to_text())
        });
    if is_itself {
        return Ok(false);
    }
    let mut sql = String::from("SELECT 1 FROM ");
    push_name(&mut sql, &reference.to);
    for (index, (_, to)) in reference.columns.iter().enumerate() {
        sql.push_str(if index == 0 { " WHERE " } else { " AND " });
        push_column(&mut sql, &reference.to, to);
        sql.push_str(" = ?");
    }
    let mut parent = match connection.prepare(&sql) {
        Ok(parent) => parent,
        // The other table is not there at all.
        Err(_) => return Ok(true),
    };
    parent.exists(params_from_iter(values.iter().map(Stored))).map(|exists| !exists)
}

/// The value of a column that the write does not set: of the row as it is, or the default of a new one. `None` if it
/// differs from row to row.
fn stays(
    connection: &Connection,
    write: &Write,
    plan: &Plan,
    column: &str,
) -> rusqlite::Result<Option<Value>> {
    let read = |row: &rusqlite::Row<'_>| row.get_ref(0).map(plain);
    match &write.op {
        Op::Update { id, .. } => {
            let mut sql = String::from("SELECT ");
            push_column(&mut sql, &plan.table.name, column);
            push_source(&mut sql, plan);
            connection.query_row(&sql, params_from_iter(id.values().iter().map(Stored)), read).optional()
        }
        Op::Insert { .. } => {
            let default: Option<Option<String>> = connection
                .query_row(
                    "SELECT dflt_value FROM pragma_table_info(?1) WHERE lower(name) = lower(?2)",
                    [&*plan.table.name, column],
                    |row| row.get(0),
                )
                .optional()?;
            match default.flatten() {
                Some(expression) => {
                    connection.query_row(&format!("SELECT ({expression})"), [], read).map(Some)
                }
                None => Ok(Some(Value::Null)),
            }
        }
        Op::Many { .. } | Op::Delete { .. } => Ok(None),
    }
}

fn push_source(sql: &mut String, plan: &Plan) {
    sql.push_str(" FROM ");
    push_name(sql, &plan.table.name);
    for (index, name) in plan.table.key.iter().enumerate() {
        sql.push_str(if index == 0 { " WHERE " } else { " AND " });
        push_column(sql, &plan.table.name, name);
        sql.push_str(" = ?");
    }
}

/// The tables with rows that refer to the row of `key`, and keep it from going. For many rows (`None`), or for one that is
/// gone until the transaction is undone, the tables with references that lead nowhere now, or the only one that may.
fn referring(connection: &Connection, plan: &Plan, key: Option<&[Value]>) -> rusqlite::Result<Vec<String>> {
    let stops = "lower(key.\"table\") = lower(?1) AND key.on_delete IN ('NO ACTION', 'RESTRICT')";
    let references = references(connection, stops, &plan.table.name)?;
    let key = match key {
        Some(key)
            if connection.prepare(&plan.exists)?.exists(params_from_iter(key.iter().map(Stored)))? =>
        {
            Some(key)
        }
        _ => None,
    };
    let mut orphans = connection
        .prepare("SELECT 1 FROM pragma_foreign_key_check(?1) WHERE lower(parent) = lower(?2) LIMIT 1")?;
    let mut tables: Vec<String> = Vec::new();
    for reference in &references {
        let refers = match key {
            Some(key) => refers(connection, plan, reference, key)?,
            None => references.len() == 1 || orphans.exists([&*reference.from, &*plan.table.name])?,
        };
        if refers && !tables.contains(&reference.from) {
            tables.push(reference.from.clone());
        }
    }
    Ok(tables)
}

/// Whether any row refers to the row of `key` by this reference.
fn refers(
    connection: &Connection,
    plan: &Plan,
    reference: &Reference,
    key: &[Value],
) -> rusqlite::Result<bool> {
    let mut sql = String::from("SELECT 1 FROM ");
    push_name(&mut sql, &reference.from);
    sql.push_str(" AS child, ");
    push_name(&mut sql, &plan.table.name);
    sql.push_str(" AS parent WHERE ");
    for (from, to) in &reference.columns {
        push_column(&mut sql, "parent", to);
        sql.push_str(" = ");
        push_column(&mut sql, "child", from);
        sql.push_str(" AND ");
    }
    push_key(&mut sql, "parent", &plan.table.key);
    let mut params: Vec<Stored<'_>> = key.iter().map(Stored).collect();
    if reference.from.eq_ignore_ascii_case(&plan.table.name) {
        // A row that refers to itself keeps nobody from deleting it.
        sql.push_str(" AND NOT (");
        push_key(&mut sql, "child", &plan.table.key);
        sql.push(')');
        params.extend(key.iter().map(Stored));
    }
    sql.push_str(" LIMIT 1");
    connection.prepare(&sql)?.exists(params_from_iter(params))
}

fn push_key(sql: &mut String, table: &str, key: &[Arc<str>]) {
    for (index, name) in key.iter().enumerate() {
        if index > 0 {
            sql.push_str(" AND ");
        }
        push_column(sql, table, name);
        sql.push_str(" = ?");
    }
}
