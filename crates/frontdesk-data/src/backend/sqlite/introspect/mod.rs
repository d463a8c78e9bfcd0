//! Describes the tables and views of an existing SQLite database.
//!
//! It reads the schema of `main` through table-valued pragmas, and the text of declarations for what those leave out. A
//! view that does not work any more, or a virtual table whose module is not at hand, is listed without fields rather
//! than ending it all.

mod ddl;
mod declared;
mod foreign_keys;

use std::borrow::Cow;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, named_params};

use crate::backend::describe;
use crate::{Action, Check, Field, FieldType, Table, TableKind, Unique, check};

/// All tables and views of the schema `main`, in the order of their names. Internal tables and those behind virtual
/// tables are left out.
///
/// # Errors
/// Those of the database: busy, corrupt, …
pub(crate) fn tables(connection: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut tables = Vec::new();
    for object in objects(connection)? {
        match describe(connection, &object) {
            Ok(table) => tables.push(table),
            Err(error) if is_of_this_object(&error) => tables.push(broken(&object, &error)),
            Err(error) => return Err(error),
        }
    }
    foreign_keys::resolve(connection, &mut tables)?;
    tables.iter_mut().for_each(describe::settle_labels);
    Ok(tables)
}

/// A table or view as the schema lists it.
struct Object {
    name: Arc<str>,
    is_view: bool,
    without_rowid: bool,
    sql: String,
}

fn objects(connection: &Connection) -> rusqlite::Result<Vec<Object>> {
    // Names that begin with `sqlite_` are SQLite's own; LIKE would take the `_` for any letter.
    let sql = "SELECT list.name, list.type = 'view', list.wr, coalesce(schema.sql, '')
        FROM pragma_table_list AS list
        JOIN main.sqlite_schema AS schema ON schema.name = list.name AND schema.type IN ('table', 'view')
        WHERE list.schema = 'main' AND list.type <> 'shadow' AND lower(substr(list.name, 1, 7)) <> 'sqlite_'
        ORDER BY list.name";
    let mut statement = connection.prepare(sql)?;
    let objects = statement.query_map([], |row| {
        Ok(Object {
            name: row.get::<_, String>(0)?.into(),
            is_view: row.get(1)?,
            without_rowid: row.get(2)?,
            sql: lossy(row, 3)?.unwrap_or_default(),
        })
    })?;
    objects.collect()
}

/// A text of the schema, which may have been written in another encoding than UTF-8.
fn lossy(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    })
}

/// Whether the error says that this one view or virtual table does not work, and nothing of the database.
fn is_of_this_object(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(cause, _) => cause.code == ErrorCode::Unknown,
        Error::SqlInputError { error: cause, .. } => cause.code == ErrorCode::Unknown,
        _ => false,
    }
}

fn broken(object: &Object, error: &Error) -> Table {
    tracing::warn!(table = &*object.name, %error, "a table cannot be described");
    let mut table = Table::with_fields(Arc::clone(&object.name), Vec::new(), Vec::new());
    table.kind = if object.is_view { TableKind::View } else { TableKind::Table };
    let reason: Cow<'static, str> = format!("The database cannot open it: {}", message(error)).into();
    table.impossible =
        [Action::Read, Action::Create, Action::Update, Action::Delete].map(|a| (a, reason.clone())).into();
    table
}

/// SQLite's words, without the statement that met the error.
fn message(error: &Error) -> String {
    match error {
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

fn describe(connection: &Connection, object: &Object) -> rusqlite::Result<Table> {
    let columns = columns(connection, object)?;
    let mut key: Vec<(u32, Arc<str>)> =
        columns.iter().filter_map(|column| column.key.map(|at| (at, column.name.clone()))).collect();
    key.sort_unstable();
    let key: Vec<Arc<str>> = key.into_iter().map(|(_, name)| name).collect();
    let indexes = indexes(connection, &object.name)?;
    // What is unique in one collation may be several rows in the column's own, by which rows are found.
    let loose = ddl::loosely_collated(&object.sql);
    let key = if indexes.iter().any(|index| index.of_key && !index.compares_as_columns(&loose)) {
        Vec::new()
    } else {
        key
    };
    let indexes: Vec<Index> = indexes.into_iter().filter(|index| index.compares_as_columns(&loose)).collect();
    let assigned = assigned_key(object, &columns, &key, &indexes);

    let fields =
        columns.iter().map(|column| column.field(assigned.as_deref() == Some(&*column.name))).collect();
    let mut table = Table::with_fields(Arc::clone(&object.name), fields, key);
    if object.is_view {
        table.kind = TableKind::View;
        table.impossible = impossible_for_view(connection, &object.name)?;
        return Ok(table);
    }
    table.uniques = indexes.into_iter().filter_map(|index| index.unique(&table.key)).collect();
    let names: Vec<Arc<str>> = table.fields.iter().map(|field| Arc::clone(&field.name)).collect();
    table.checks = (ddl::checks(&object.sql).into_iter())
        .map(|check| Check {
            name: check.name.map(Arc::from),
            fields: check::mentioned(&check.expression, &names),
            expression: check.expression.into(),
        })
        .collect();
    describe::apply_checks(&mut table, &names);
    describe::settle_key_and_uniques(&mut table);
    let is_line = |name: &str| loose.iter().any(|column| column.eq_ignore_ascii_case(name));
    describe::narrow_texts(&mut table, is_line);
    Ok(table)
}

/// A column as `table_xinfo` lists it.
struct Column {
    name: Arc<str>,
    declared: String,
    not_null: bool,
    default: Option<String>,
    /// The place in the primary key, from 1.
    key: Option<u32>,
    generated: bool,
}

fn columns(connection: &Connection, object: &Object) -> rusqlite::Result<Vec<Column>> {
    // hidden: 1 is a parameter or the like of a virtual table, 2 and 3 are generated columns.
    let sql = r#"SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(:table, 'main') WHERE hidden <> 1"#;
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.query_map(named_params! {":table": &*object.name}, |row| {
        Ok(Column {
            name: row.get::<_, String>(0)?.into(),
            declared: lossy(row, 1)?.unwrap_or_default(),
            not_null: row.get(2)?,
            default: lossy(row, 3)?,
            key: Some(row.get(4)?).filter(|&at| at > 0),
            generated: row.get::<_, i64>(5)? >= 2,
        })
    })?;
    columns.collect()
}

impl Column {
    fn field(&self, assigned: bool) -> Field {
        if assigned {
            return Field::new(Arc::clone(&self.name), FieldType::Id);
        }
        let (kind, length) = declared::field_type(&self.declared);
        let mut field = Field::new(Arc::clone(&self.name), kind);
        field.length = length;
        field.null = !self.not_null;
        field.generated = self.generated;
        field.writable = !self.generated;
        // The expression of a generated column stands where others have their default.
        if let Some(sql) = self.default.as_deref().filter(|_| !self.generated) {
            field.default = declared::default_value(sql, &field.kind);
        }
        field
    }
}

/// The column that stands for the number of the row, which the database assigns: a key declared as exactly INTEGER, in a
/// table that has such numbers, and no index of its own (as `INTEGER PRIMARY KEY DESC` has).
fn assigned_key(
    object: &Object,
    columns: &[Column],
    key: &[Arc<str>],
    indexes: &[Index],
) -> Option<Arc<str>> {
    let [name] = key else { return None };
    let column = columns.iter().find(|column| column.name == *name)?;
    let is_alias = !object.without_rowid
        && column.declared.eq_ignore_ascii_case("INTEGER")
        && !indexes.iter().any(|index| index.of_key);
    is_alias.then(|| Arc::clone(name))
}

/// A unique index.
struct Index {
    name: Arc<str>,
    /// Made by CREATE INDEX, so that its name is a name people gave.
    named: bool,
    of_key: bool,
    partial: bool,
    /// `None` stands for an expression or the number of the row.
    columns: Vec<Option<Arc<str>>>,
    /// For each column, whether it is compared byte by byte.
    is_binary: Vec<bool>,
}

impl Index {
    /// Whether the index compares its columns as they are compared elsewhere; `loose` are the columns with a collation of
    /// their own.
    fn compares_as_columns(&self, loose: &[String]) -> bool {
        self.columns.iter().zip(&self.is_binary).all(|(column, is_binary)| match column {
            Some(column) => *is_binary != loose.iter().any(|name| name.eq_ignore_ascii_case(column)),
            None => true,
        })
    }

    /// The set of fields that it makes unique, if it does so for all rows.
    fn unique(self, key: &[Arc<str>]) -> Option<Unique> {
        if self.partial || self.of_key {
            return None;
        }
        let fields: Vec<Arc<str>> = self.columns.into_iter().collect::<Option<_>>()?;
        let is_key = fields.len() == key.len() && fields.iter().all(|field| key.contains(field));
        (!is_key && !fields.is_empty()).then_some(Unique { name: self.named.then_some(self.name), fields })
    }
}

fn indexes(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Index>> {
    let mut list = connection.prepare_cached(
        r#"SELECT name, origin, partial FROM pragma_index_list(:table, 'main') WHERE "unique" ORDER BY seq DESC"#,
    )?;
    let mut columns = connection.prepare_cached(
        "SELECT name, coll FROM pragma_index_xinfo(:index, 'main') WHERE key ORDER BY seqno",
    )?;
    let indexes = list.query_map(named_params! {":table": table}, |row| {
        let name: Arc<str> = row.get::<_, String>(0)?.into();
        let origin: String = row.get(1)?;
        let (columns, is_binary) = columns
            .query_map(named_params! {":index": &*name}, |row| {
                let collation: Option<String> = row.get(1)?;
                let is_binary = collation.is_none_or(|name| name.eq_ignore_ascii_case("BINARY"));
                Ok((row.get::<_, Option<String>>(0)?.map(Arc::from), is_binary))
            })?
            .collect::<rusqlite::Result<(Vec<_>, Vec<_>)>>()?;
        Ok(Index {
            name,
            named: origin == "c",
            of_key: origin == "pk",
            partial: row.get(2)?,
            columns,
            is_binary,
        })
    })?;
    indexes.collect()
}

/// A view takes new rows where a trigger does that for it. Which of its rows a change is about, no key tells.
fn impossible_for_view(
    connection: &Connection,
    view: &str,
) -> rusqlite::Result<Vec<(Action, Cow<'static, str>)>> {
    let mut statement = connection.prepare_cached(
        "SELECT sql FROM main.sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(:view)",
    )?;
    let triggers =
        statement.query_map(named_params! {":view": view}, |row| Ok(lossy(row, 0)?.unwrap_or_default()))?;
    let taken_over: Vec<Action> = triggers
        .map(|sql| Ok(ddl::instead_of(&sql?)))
        .collect::<rusqlite::Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect();
    let mut impossible = Vec::new();
    if !taken_over.contains(&Action::Create) {
        impossible
            .push((Action::Create, Cow::Borrowed("It is a view, and the database takes no new rows for it")));
    }
    impossible
        .push((Action::Update, Cow::Borrowed("It is a view: its rows are changed where they come from")));
    impossible
        .push((Action::Delete, Cow::Borrowed("It is a view: its rows are deleted where they come from")));
    Ok(impossible)
}

#[cfg(test)]
mod tests;
