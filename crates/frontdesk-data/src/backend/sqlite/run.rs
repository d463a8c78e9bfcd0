//! Running statements on a connection.

use std::sync::Arc;

use super::bind::bind;
use super::connection::Connection;
use super::decode;
use super::{affinity, rowid, violation};
use crate::row::Gathered;
use crate::statement::{Codec, Op, Query, Shape, Write, Written};
use crate::{Columns, Row, TableKind, Violation, WriteError};

/// Runs a read.
pub(super) fn query(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<Row>> {
    match query.limit {
        Some(limit) => connection.start_for(limit),
        None => connection.start(),
    }
    let mut statement = connection.prepare_cached(&query.sql)?;
    bind(&mut statement, &query.params)?;
    let shape = shape(&statement, query);
    let mut found = Gathered::new(&shape.columns, query.rows);
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        decode::row(row, &shape, &mut found)?;
    }
    Ok(found.into_rows())
}

/// How the result becomes rows: as the query says, or under the result's own names.
pub(super) fn shape(statement: &rusqlite::Statement<'_>, query: &Query) -> Arc<Shape> {
    if let Some(shape) = &query.shape {
        return Arc::clone(shape);
    }
    let names: Vec<Arc<str>> = statement.column_names().into_iter().map(Into::into).collect();
    Arc::new(Shape {
        codecs: vec![Codec::Plain; names.len()],
        columns: Arc::new(Columns::new(names)),
        key: Vec::new(),
        cut: Vec::new(),
    })
}

/// What became of a write that met no error.
pub(super) enum Done {
    Written(Written),
    /// The database left the row out without an error, by `ON CONFLICT IGNORE` or a trigger's `RAISE(IGNORE)`.
    Ignored,
    /// There is no such row.
    Missing,
    /// The row is no longer what the write's guard says.
    Changed,
    /// The database would keep something else than what was given.
    Refused(Vec<Violation>),
}

impl Done {
    /// What whoever asked for the write is told.
    pub(super) fn answer(self) -> Result<Written, WriteError> {
        match self {
            Self::Written(written) => Ok(written),
            Self::Missing => Ok(Written::default()),
            Self::Changed => Ok(Written { changed: true, ..Written::default() }),
            Self::Ignored => Err(violation::ignored()),
            Self::Refused(violations) => Err(WriteError::Refused(violations)),
        }
    }
}

/// Runs a write, in the transaction that is open or in one of its own.
pub(super) fn write(connection: &Connection, write: &Write) -> rusqlite::Result<Done> {
    connection.start();
    let is_view = write.plan.as_ref().is_some_and(|plan| plan.table.kind == TableKind::View);
    let lost = affinity::lost_texts(connection, write)?;
    if !lost.is_empty() {
        return Ok(Done::Refused(lost));
    }
    match &write.op {
        Op::Insert { returning, .. } => {
            let plan = write.plan.as_ref();
            match (returning, plan) {
                (Some(returning), Some(plan)) if !rowid::is_key(connection, plan)? => {
                    let mut statement = connection.prepare_cached(returning)?;
                    bind(&mut statement, &write.params)?;
                    let mut rows = statement.raw_query();
                    let positions: Vec<usize> = (0..plan.table.key.len()).collect();
                    let Some(row) = rows.next()? else { return Ok(Done::Ignored) };
                    let id = decode::id(row, &positions)?;
                    // The statement ends, and outside a transaction commits, only when it is stepped to its end.
                    while rows.next()?.is_some() {}
                    Ok(Done::Written(Written::row(id)))
                }
                (returning, _) => {
                    let changed = execute(connection, &write.sql, write)?;
                    if changed == 0 && !is_view {
                        return Ok(Done::Ignored);
                    }
                    let id = returning.is_some().then(|| connection.last_insert_rowid().into());
                    Ok(Done::Written(Written::row(id)))
                }
            }
        }
        Op::Update { id, rekeys, .. } => {
            // What is written through a view is not counted: it has to be known before.
            if is_view && let Some(done) = look(connection, write, id)? {
                return Ok(done);
            }
            if *rekeys {
                let mut statement = connection.prepare_cached(&write.sql)?;
                bind(&mut statement, &write.params)?;
                let mut rows = statement.raw_query();
                let positions: Vec<usize> = (0..id.values().len()).collect();
                if let Some(row) = rows.next()? {
                    let id = decode::id(row, &positions)?;
                    while rows.next()?.is_some() {}
                    return Ok(Done::Written(Written::row(id)));
                }
            } else if execute(connection, &write.sql, write)? > 0 {
                return Ok(Done::Written(Written::row(Some(id.clone()))));
            }
            if !is_view && let Some(done) = look(connection, write, id)? {
                return Ok(done);
            }
            // Changes through a view are not counted.
            Ok(match (exists(connection, write, id)?, is_view) {
                (true, true) => Done::Written(Written::row(Some(id.clone()))),
                (true, false) => Done::Ignored,
                (false, _) => Done::Missing,
            })
        }
        Op::Delete { id } => {
            if is_view && let Some(done) = look(connection, write, id)? {
                return Ok(done);
            }
            let seen = is_view && exists(connection, write, id)?;
            let rows = execute(connection, &write.sql, write)?;
            if rows > 0 || seen {
                return Ok(Done::Written(Written::row(None)));
            }
            if let Some(done) = look(connection, write, id)? {
                return Ok(done);
            }
            Ok(if exists(connection, write, id)? { Done::Ignored } else { Done::Missing })
        }
        Op::Many { .. } => {
            let rows = execute(connection, &write.sql, write)?;
            Ok(Done::Written(Written { rows, ..Written::default() }))
        }
    }
}

fn execute(connection: &Connection, sql: &str, write: &Write) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, &write.params)?;
    if statement.column_count() > 0 {
        // SQL of the application's own may answer with rows; they are not asked for here.
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        return Ok(connection.changes());
    }
    statement.raw_execute().map(|changed| changed as u64)
}

fn exists(connection: &Connection, write: &Write, id: &crate::RowId) -> rusqlite::Result<bool> {
    let Some(plan) = &write.plan else { return Ok(false) };
    let mut statement = connection.prepare_cached(&plan.exists)?;
    bind(&mut statement, id.values())?;
    let mut rows = statement.raw_query();
    rows.next().map(|row| row.is_some())
}

/// What keeps a guarded write from being done: that the row has changed, or is gone. `None` if nothing does.
fn look(connection: &Connection, write: &Write, id: &crate::RowId) -> rusqlite::Result<Option<Done>> {
    let Some(guard) = &write.guard else { return Ok(None) };
    let mut statement = connection.prepare_cached(&guard.look)?;
    bind(&mut statement, id.values())?;
    let mut rows = statement.raw_query();
    Ok(match rows.next()? {
        None => Some(Done::Missing),
        Some(row) if row.get_ref(0)?.as_blob().ok() == Some(guard.digest.as_bytes()) => None,
        Some(_) => Some(Done::Changed),
    })
}
