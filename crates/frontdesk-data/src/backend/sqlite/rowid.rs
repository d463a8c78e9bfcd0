//! Whether a table's key is SQLite's own row id.

use super::connection::Connection;
use crate::TableKind;
use crate::plan::Plan;

/// Whether the key of the table is the row id, so that `last_insert_rowid` is the identity of an inserted row.
///
/// That is the case where the key is one column and SQLite made no index for it: `INT PRIMARY KEY` and
/// `INTEGER PRIMARY KEY DESC` have one. It is asked once per table.
pub(super) fn is_key(connection: &Connection, plan: &Plan) -> rusqlite::Result<bool> {
    if let Some(known) = plan.key_is_rowid.get() {
        return Ok(*known);
    }
    let found = ask(connection, plan)?;
    Ok(*plan.key_is_rowid.get_or_init(|| found))
}

fn ask(connection: &Connection, plan: &Plan) -> rusqlite::Result<bool> {
    let table = &*plan.table;
    let [key] = &*table.key else { return Ok(false) };
    if table.kind == TableKind::View {
        return Ok(false);
    }
    // A table is WITHOUT ROWID, or virtual, only where this list says so.
    let mut rowid = connection.prepare(
        "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND lower(name) = lower(?1) AND type = 'table' AND wr = 0",
    )?;
    let mut primary = connection
        .prepare("SELECT count(*), max(lower(name) = lower(?2)) FROM pragma_table_info(?1) WHERE pk > 0")?;
    let mut index = connection.prepare("SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'")?;
    Ok(rowid.exists([&*table.name])?
        && primary.query_row([&*table.name, &**key], |row| {
            Ok(row.get::<_, i64>(0)? == 1 && row.get::<_, Option<i64>>(1)? == Some(1))
        })?
        && !index.exists([&*table.name])?)
}
