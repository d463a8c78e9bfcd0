//! What a constraint of PostgreSQL has refused, as errors beside fields.
//!
//! PostgreSQL names the constraint, table and column in fields of their own; its messages may be in any language, and are
//! shown only where a trigger wrote them.

use std::sync::Arc;

use frontdesk_validate::Value;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError as Reported, SqlState};
use tokio_postgres::types::Kind;

use super::connection::Connection;
use super::encode::Misfit;
use super::error;
use super::run::{self, Rows};
use crate::identifier::{push_column, push_table};
use crate::plan::Plan;
use crate::statement::{Op, Query, Write};
use crate::{DbOptions, RowId, Table, Violation, check, violation};

/// The columns of a constraint, or of an index, in its order; an expression has none. With it the text that defines it.
const COLUMNS: &str = "\
    SELECT a.attname::text, pg_get_constraintdef(c.oid) \
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace \
    LEFT JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, place) ON true \
    LEFT JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number \
    WHERE n.nspname = ? AND r.relname = ? AND c.conname = ? \
    ORDER BY k.place";
const INDEX_COLUMNS: &str = "\
    SELECT a.attname::text, pg_get_indexdef(i.indexrelid) \
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid \
    JOIN pg_namespace n ON n.oid = r.relnamespace \
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place) \
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
    WHERE n.nspname = ? AND r.relname = ? AND x.relname = ? AND k.place <= i.indnkeyatts \
    ORDER BY k.place";

/// What is wrong with the values; `None` if the error is not their fault. Where they were written in a transaction, that
/// has been undone up to there.
pub(super) async fn of(
    connection: &Connection,
    write: &Write,
    error: &Error,
    options: &DbOptions,
) -> Option<Vec<Violation>> {
    let reported = error.as_db_error()?;
    let asked = Asked { connection, options, reported };
    let plan = write.plan.as_deref();
    let table = plan.map(|plan| &*plan.table);
    let code = reported.code();
    let is_raised = reported.routine() == Some("exec_stmt_raise");
    Some(vec![match code {
        _ if is_raised && reported.constraint().is_none() && reported.column().is_none() => {
            violation::trigger(reported.message())
        }
        code if *code == SqlState::UNIQUE_VIOLATION => {
            violation::unique(table, asked.constraint_fields(table).await)
        }
        code if *code == SqlState::NOT_NULL_VIOLATION => {
            violation::not_null(reported.column().map(|name| field_named(table, name)).into_iter().collect())
        }
        code if *code == SqlState::FOREIGN_KEY_VIOLATION => asked.foreign_key(write).await,
        code if *code == SqlState::CHECK_VIOLATION && reported.table().is_none() => {
            violation::check(of_domain(connection, write, reported))
        }
        code if *code == SqlState::CHECK_VIOLATION => violation::check(asked.checked_fields(table).await),
        code if *code == SqlState::EXCLUSION_VIOLATION => {
            violation::check(asked.constraint_fields(table).await)
        }
        code if *code == SqlState::WITH_CHECK_OPTION_VIOLATION => violation::check(Vec::new()),
        code if *code == SqlState::STRING_DATA_RIGHT_TRUNCATION => violation::too_long(too_long(write)),
        code if *code == SqlState::PROGRAM_LIMIT_EXCEEDED => violation::too_long(longest(write)),
        code if *code == SqlState::UNTRANSLATABLE_CHARACTER
            || *code == SqlState::CHARACTER_NOT_IN_REPERTOIRE =>
        {
            Violation { fields: by_parameter(write, reported), error: Misfit::Nul.error() }
        }
        _ if error::is_bad_value(error) => violation::wrong_type(by_parameter(write, reported)),
        // Identities and generated columns take no values, and a domain may refuse null.
        code if code.code() == "428C9" => violation::wrong_type(
            reported.column().map(|name| field_named(table, name)).into_iter().collect(),
        ),
        code if code.code().starts_with("22") => violation::wrong_type(by_parameter(write, reported)),
        code if code.code().starts_with("23") => violation::constraint(),
        _ => return None,
    }])
}

/// The error of a transaction's end: what it has written shall tell which row it is about.
pub(super) async fn at_end(
    connection: &Connection,
    rows: &Rows,
    error: &Error,
    options: &DbOptions,
    can_look: bool,
) -> Option<Vec<Violation>> {
    let reported = error.as_db_error()?;
    if !reported.code().code().starts_with("23") {
        return None;
    }
    let asked = Asked { connection, options, reported };
    let of_table: Vec<&(Arc<Plan>, RowId)> =
        rows.iter().filter(|(plan, _)| reported.table() == Some(relation(&plan.table))).collect();
    if *reported.code() != SqlState::FOREIGN_KEY_VIOLATION {
        let table = of_table.first().map(|(plan, _)| &*plan.table);
        let fields = asked.constraint_fields(table).await;
        return Some(vec![match reported.code() {
            code if *code == SqlState::UNIQUE_VIOLATION => violation::unique(table, fields),
            code if *code == SqlState::CHECK_VIOLATION => violation::check(fields),
            _ => violation::constraint(),
        }]);
    }
    let Some((plan, _)) = of_table.first() else {
        return Some(vec![violation::referenced(
            &reported.table().map(str::to_owned).into_iter().collect::<Vec<_>>(),
        )]);
    };
    let fields = asked.constraint_fields(Some(&plan.table)).await;
    let target = asked.target(&plan.table).await;
    let mut found = Vec::new();
    for (plan, id) in &of_table {
        if !can_look || leads_nowhere(connection, plan, id, &fields, &target, options).await {
            found.push(violation::foreign_key_of(fields.clone(), &target.table, &plan.table.name, id));
        }
    }
    found.dedup();
    if !can_look && found.len() > 1 || found.is_empty() {
        return Some(vec![violation::some_foreign_key()]);
    }
    Some(found)
}

/// What a reference leads to.
struct Target {
    table: String,
    schema: String,
    columns: Vec<String>,
}

/// Whether the reference of a row leads to a row that there is not.
async fn leads_nowhere(
    connection: &Connection,
    plan: &Plan,
    id: &RowId,
    fields: &[Arc<str>],
    target: &Target,
    options: &DbOptions,
) -> bool {
    if fields.is_empty() || fields.len() != target.columns.len() {
        return false;
    }
    let mut sql = String::from("SELECT 1 FROM ");
    push_table(&mut sql, &plan.table);
    sql.push_str(" WHERE ");
    for (index, name) in plan.table.key.iter().enumerate() {
        if index > 0 {
            sql.push_str(" AND ");
        }
        push_column(&mut sql, &plan.table.name, name);
        sql.push_str(" = ?");
    }
    for field in fields {
        sql.push_str(" AND ");
        push_column(&mut sql, &plan.table.name, field);
        sql.push_str(" IS NOT NULL");
    }
    sql.push_str(" AND NOT EXISTS (SELECT 1 FROM ");
    push_column(&mut sql, &target.schema, &target.table);
    sql.push_str(" AS \"frontdesk target\" WHERE ");
    for (index, (field, column)) in fields.iter().zip(&target.columns).enumerate() {
        if index > 0 {
            sql.push_str(" AND ");
        }
        push_column(&mut sql, "frontdesk target", column);
        sql.push_str(" = ");
        push_column(&mut sql, &plan.table.name, field);
    }
    sql.push(')');
    run::exists(connection, &sql.into(), id.values().to_vec(), options).await.unwrap_or(false)
}

/// What is asked of the catalogue about an error.
struct Asked<'a> {
    connection: &'a Connection,
    options: &'a DbOptions,
    reported: &'a Reported,
}

impl Asked<'_> {
    /// The columns of the constraint, and the text that defines it.
    async fn columns(&self, sql: &'static str) -> (Vec<Option<String>>, String) {
        let (Some(schema), Some(table), Some(name)) =
            (self.reported.schema(), self.reported.table(), self.reported.constraint())
        else {
            return (Vec::new(), String::new());
        };
        let rows = self.ask(sql, vec![schema.into(), table.into(), name.into()]).await;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let definition = rows.first().and_then(|row| text(row.get(1))).unwrap_or_default();
        (rows.iter().map(|row| text(row.first())).collect(), definition)
    }

    async fn ask(&self, sql: &str, params: Vec<Value>) -> Vec<Vec<Value>> {
        let query = Query { sql: sql.into(), params, shape: None, rows: 8, limit: None, own: false };
        match run::query(self.connection, &query, self.options, None).await {
            Ok(rows) => rows.iter().map(|row| row.values().to_vec()).collect(),
            Err(failed) => {
                tracing::warn!(error = %failed.into_error(), "what a constraint refused could not be told");
                Vec::new()
            }
        }
    }

    /// The fields of a key, a unique set, or a reference.
    async fn constraint_fields(&self, table: Option<&Table>) -> Vec<Arc<str>> {
        let Some(table) = table else { return Vec::new() };
        let name = self.reported.constraint();
        let known =
            table.uniques.iter().find(|unique| unique.name.is_some() && unique.name.as_deref() == name);
        if let Some(unique) = known {
            return unique.fields.clone();
        }
        let (mut columns, mut definition) = self.columns(COLUMNS).await;
        if columns.is_empty() {
            (columns, definition) = self.columns(INDEX_COLUMNS).await;
        }
        if columns.iter().all(Option::is_some) {
            return columns.iter().flatten().map(|name| field_named(Some(table), name)).collect();
        }
        // One of its columns is an expression.
        let expressions = definition.split_once('(').map_or("", |(_, rest)| rest);
        check::mentioned(expressions, table.fields.iter().map(|field| &field.name))
    }

    /// The fields of a CHECK constraint.
    async fn checked_fields(&self, table: Option<&Table>) -> Vec<Arc<str>> {
        let Some(table) = table else { return Vec::new() };
        let name = self.reported.constraint();
        let known = table.checks.iter().find(|check| check.name.is_some() && check.name.as_deref() == name);
        if let Some(check) = known.filter(|check| !check.fields.is_empty()) {
            return check.fields.clone();
        }
        let (columns, _) = self.columns(COLUMNS).await;
        columns.iter().flatten().map(|name| field_named(Some(table), name)).collect()
    }

    /// A reference that leads nowhere, or one that leads to a row that was to go.
    async fn foreign_key(&self, write: &Write) -> Violation {
        let referring = self.reported.table().unwrap_or_default();
        let referenced = || violation::referenced(&[referring.to_owned()]);
        let Some(plan) = write.plan.as_deref() else { return violation::some_foreign_key() };
        if matches!(write.op, Op::Delete { .. }) || referring != relation(&plan.table) {
            return referenced();
        }
        let fields = self.constraint_fields(Some(&plan.table)).await;
        let is_set = |name: &Arc<str>| {
            fields_of(write).is_some_and(|set| set.iter().any(|&at| plan.table.fields[at].name == *name))
        };
        let is_insert = matches!(write.op, Op::Insert { .. });
        match &write.op {
            // Deletes of many rows set nothing.
            Op::Many { fields } if fields.is_empty() => return referenced(),
            // The row that others refer to may be one of the same table.
            _ if !is_insert && !fields.iter().any(is_set) => return referenced(),
            _ => {}
        }
        let target = self.target(&plan.table).await;
        violation::foreign_key(fields, &target.table)
    }

    /// What the reference leads to.
    async fn target(&self, table: &Table) -> Target {
        const TARGET: &str = "\
            SELECT r.relname::text, n.nspname::text, a.attname::text \
            FROM pg_constraint c JOIN pg_class o ON o.oid = c.conrelid JOIN pg_namespace m ON m.oid = o.relnamespace \
            JOIN pg_class r ON r.oid = c.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace \
            CROSS JOIN LATERAL unnest(c.confkey) WITH ORDINALITY AS k (number, place) \
            LEFT JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number \
            WHERE m.nspname = ? AND o.relname = ? AND c.conname = ? ORDER BY k.place";
        let name = self.reported.constraint().unwrap_or_default();
        let params = vec![
            self.reported.schema().unwrap_or_default().into(),
            self.reported.table().unwrap_or_default().into(),
            name.into(),
        ];
        let rows = self.ask(TARGET, params).await;
        let text =
            |row: &Vec<Value>, at: usize| row.get(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        match rows.first() {
            Some(first) => Target {
                table: text(first, 0),
                schema: text(first, 1),
                columns: rows.iter().map(|row| text(row, 2)).collect(),
            },
            None => {
                let known = table.foreign_keys.iter().find(|key| key.name.as_deref() == Some(name));
                let table = known.map(|key| key.table.to_string()).unwrap_or_default();
                Target { table, schema: String::new(), columns: Vec::new() }
            }
        }
    }
}

/// What the table is called within its schema.
fn relation(table: &Table) -> &str {
    table.source.as_ref().map_or(&*table.name, |source| &*source.name)
}

/// The field's name as the table spells it.
fn field_named(table: Option<&Table>, column: &str) -> Arc<str> {
    let field = table.and_then(|table| table.get(column));
    field.map_or_else(|| column.into(), |field| Arc::clone(&field.name))
}

/// Which fields the first parameters are for.
fn fields_of(write: &Write) -> Option<&[usize]> {
    match &write.op {
        Op::Insert { fields, .. } | Op::Update { fields, .. } | Op::Many { fields } => Some(fields),
        Op::Delete { .. } => None,
    }
}

/// The field that a parameter is for.
pub(super) fn field_of(write: &Write, parameter: usize) -> Option<Arc<str>> {
    let plan = write.plan.as_deref()?;
    fields_of(write)?.get(parameter).map(|&at| Arc::clone(&plan.table.fields[at].name))
}

/// The field of the parameter that could not be read: PostgreSQL says its number where it tells what it was doing.
fn by_parameter(write: &Write, reported: &Reported) -> Vec<Arc<str>> {
    let number = reported.where_().and_then(|context| {
        let digits = context.split_once('$')?.1;
        digits[..digits.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(digits.len())].parse().ok()
    });
    if let Some(field) = number.and_then(|number: usize| field_of(write, number.checked_sub(1)?)) {
        return vec![field];
    }
    match fields_of(write) {
        Some([_]) => field_of(write, 0).into_iter().collect(),
        _ => reported.column().map(Arc::from).into_iter().collect(),
    }
}

/// The fields whose type is the domain that refused.
fn of_domain(connection: &Connection, write: &Write, reported: &Reported) -> Vec<Arc<str>> {
    let sql = match &write.op {
        Op::Insert { returning: Some(returning), .. } => returning,
        _ => &write.sql,
    };
    let Some(prepared) = connection.known(sql, None) else { return Vec::new() };
    let is_it = |kind: &tokio_postgres::types::Type| {
        matches!(kind.kind(), Kind::Domain(_)) && reported.datatype() == Some(kind.name())
    };
    let params = prepared.params().iter().enumerate().filter(|(_, kind)| is_it(kind));
    params.filter_map(|(at, _)| field_of(write, at)).collect()
}

/// The fields with more letters than their column has room for.
fn too_long(write: &Write) -> Vec<Arc<str>> {
    let (Some(plan), Some(fields)) = (write.plan.as_deref(), fields_of(write)) else { return Vec::new() };
    let over = |(at, value): &(&usize, &Value)| {
        let most = plan.table.fields[**at].length;
        most.is_some_and(|most| value.to_text().chars().count() > most as usize)
    };
    let found: Vec<Arc<str>> = fields
        .iter()
        .zip(&write.params)
        .filter(over)
        .map(|(at, _)| Arc::clone(&plan.table.fields[*at].name))
        .collect();
    if found.is_empty() { longest(write) } else { found }
}

/// The field with the longest value.
pub(super) fn longest(write: &Write) -> Vec<Arc<str>> {
    let (Some(plan), Some(fields)) = (write.plan.as_deref(), fields_of(write)) else { return Vec::new() };
    let size = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        other => other.to_text().len(),
    };
    let longest = fields.iter().zip(&write.params).max_by_key(|(_, value)| size(value));
    longest.map(|(at, _)| Arc::clone(&plan.table.fields[*at].name)).into_iter().collect()
}
