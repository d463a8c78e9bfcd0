//! The statements of a table whose shape never changes, built once and kept as text.

use std::collections::HashMap;
#[cfg(feature = "sqlite")]
use std::sync::OnceLock;
use std::sync::{Arc, PoisonError, RwLock};

#[cfg(feature = "sqlite")]
use crate::backend::sqlite::Affinity;
use crate::backend::{Dialect, Guarding};
use crate::identifier::{
    push_cast, push_column, push_compared, push_name, push_names, push_read, push_table,
};
use crate::statement::{Check, Codec, Shape};
use crate::{Columns, DbError, FieldType, RowDigest, Table};

/// What is known of a table's statements.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) table: Arc<Table>,
    pub(crate) dialect: Dialect,
    /// How each field is written: its type, or for a reference that of what it refers to.
    pub(crate) kinds: Vec<FieldType>,
    /// The whole row, in the table's order.
    pub(crate) shape: Arc<Shape>,
    /// `SELECT … FROM …`, with the key behind the columns where it is not among them.
    pub(crate) select: Arc<str>,
    /// A row by its key.
    pub(crate) get: Arc<str>,
    /// Whether a row of that key exists.
    pub(crate) exists: Arc<str>,
    /// Deletes a row by its key.
    pub(crate) delete: Arc<str>,
    /// Whether the key is SQLite's own row id, so that an insert tells it without being asked.
    #[cfg(feature = "sqlite")]
    pub(crate) key_is_rowid: OnceLock<bool>,
    /// What each column makes of texts that are numbers.
    #[cfg(feature = "sqlite")]
    pub(crate) affinities: OnceLock<Vec<Affinity>>,
    inserts: ByColumns<InsertText>,
    updates: ByColumns<Arc<str>>,
    guarded_updates: ByColumns<GuardedText>,
    guarded_deletes: ByColumns<GuardedText>,
}

#[derive(Debug)]
pub(crate) struct InsertText {
    pub(crate) fields: Arc<[usize]>,
    pub(crate) sql: Arc<str>,
    /// The same, answering with the key; `None` for a table without one.
    pub(crate) returning: Option<Arc<str>>,
}

/// A write that is done only to a row that is still what it was.
#[derive(Debug)]
pub(crate) struct GuardedText {
    pub(crate) fields: Arc<[usize]>,
    pub(crate) sql: Arc<str>,
    /// Asks for the digest of the row of a key, or for the columns of which it is one.
    pub(crate) look: Arc<str>,
    /// The positions of these columns.
    pub(crate) guard: Arc<[usize]>,
    pub(crate) rekeys: bool,
}

impl GuardedText {
    /// How it is told why the write touched no row.
    pub(crate) fn check(&self, digest: RowDigest) -> Check {
        Check { look: Arc::clone(&self.look), digest, columns: Arc::clone(&self.guard) }
    }
}

/// Texts by the positions of the columns that they set.
type ByColumns<T> = RwLock<HashMap<Box<[usize]>, (Arc<[usize]>, Arc<T>)>>;

/// Forms draw few different sets of fields; a program that makes up ever new ones must not fill the memory.
const MOST_TEXTS: usize = 256;

impl Plan {
    pub(crate) fn new(table: Arc<Table>, kinds: Vec<FieldType>, dialect: Dialect) -> Self {
        let name = &*table.name;
        let shape = Arc::new(Shape {
            columns: Arc::new(Columns::new(
                table.fields.iter().map(|field| Arc::clone(&field.name)).collect(),
            )),
            codecs: table.fields.iter().map(|field| Codec::of(&field.kind)).collect(),
            key: key_positions(&table).unwrap_or_default(),
            cut: Vec::new(),
        });
        let mut select = String::from("SELECT ");
        for (index, field) in table.fields.iter().enumerate() {
            if index > 0 {
                select.push_str(", ");
            }
            push_read(&mut select, name, field);
        }
        if table.fields.is_empty() {
            select.push('1');
        }
        select.push_str(" FROM ");
        push_table(&mut select, &table);

        let mut by_key = String::from(" WHERE ");
        push_key(&mut by_key, &table);
        let mut exists = String::from("SELECT 1 FROM ");
        push_table(&mut exists, &table);
        let mut delete = String::from("DELETE FROM ");
        push_table(&mut delete, &table);
        Self {
            get: format!("{select}{by_key}").into(),
            exists: format!("{exists}{by_key}").into(),
            delete: format!("{delete}{by_key}").into(),
            select: select.into(),
            shape,
            kinds,
            dialect,
            #[cfg(feature = "sqlite")]
            key_is_rowid: OnceLock::new(),
            #[cfg(feature = "sqlite")]
            affinities: OnceLock::new(),
            inserts: RwLock::default(),
            updates: RwLock::default(),
            guarded_updates: RwLock::default(),
            guarded_deletes: RwLock::default(),
            table,
        }
    }

    /// Whether this is the plan of `table`: the same names, types, key and constraints.
    pub(crate) fn fits(&self, table: &Table) -> bool {
        let own = &*self.table;
        std::ptr::eq(own, table)
            || (own.name == table.name
                && own.source == table.source
                && own.kind == table.kind
                && own.key == table.key
                && own.fields.len() == table.fields.len()
                && own.fields.iter().zip(&table.fields).all(|(a, b)| {
                    a.name == b.name && a.kind == b.kind && a.unique == b.unique && a.native == b.native
                })
                && own.uniques == table.uniques
                && own.foreign_keys == table.foreign_keys
                && own.checks == table.checks)
    }

    /// The text that inserts a row with the columns at these positions, which ascend.
    pub(crate) fn insert(&self, fields: &[usize]) -> Arc<InsertText> {
        by_columns(&self.inserts, fields, |shared| {
            let table = &*self.table;
            let mut sql = String::from("INSERT INTO ");
            push_table(&mut sql, table);
            if fields.is_empty() {
                sql.push_str(" DEFAULT VALUES");
            } else {
                sql.push_str(" (");
                push_names(&mut sql, fields.iter().map(|&at| &*table.fields[at].name));
                sql.push_str(") VALUES (?");
                sql.push_str(&", ?".repeat(fields.len() - 1));
                sql.push(')');
            }
            let returning = (!self.shape.key.is_empty()).then(|| returning_key(&sql, table));
            InsertText { fields: Arc::clone(shared), sql: sql.into(), returning }
        })
        .1
    }

    /// The text that updates the columns at these positions of the row of a key, and the positions.
    pub(crate) fn update(&self, fields: &[usize]) -> (Arc<[usize]>, Arc<str>, bool) {
        let table = &*self.table;
        let rekeys = self.shape.key.iter().any(|at| fields.contains(at));
        let (fields, sql) = by_columns(&self.updates, fields, |_| {
            let sql = self.update_text(fields);
            if rekeys { returning_key(&sql, table) } else { sql.into() }
        });
        (fields, Arc::clone(&sql), rekeys)
    }

    pub(crate) fn update_text(&self, fields: &[usize]) -> String {
        let table = &*self.table;
        let mut sql = String::from("UPDATE ");
        push_table(&mut sql, table);
        sql.push_str(" SET ");
        for (index, &at) in fields.iter().enumerate() {
            if index > 0 {
                sql.push_str(", ");
            }
            push_name(&mut sql, &table.fields[at].name);
            sql.push_str(" = ?");
        }
        sql.push_str(" WHERE ");
        push_key(&mut sql, table);
        sql
    }

    /// Where these columns stand.
    ///
    /// # Errors
    /// If the table has no such column.
    pub(crate) fn positions(&self, columns: &[Arc<str>]) -> Result<Vec<usize>, DbError> {
        let table = &*self.table;
        columns
            .iter()
            .map(|name| {
                table.fields.iter().position(|field| field.name == *name).ok_or_else(|| {
                    DbError::not_found(
                        Arc::clone(name),
                        format!("the table `{}` has no field `{name}`", table.name),
                    )
                })
            })
            .collect()
    }

    /// As [`update`](Self::update), of a row whose columns at `guard` have a digest, which is the last parameter.
    pub(crate) fn guarded_update(&self, fields: &[usize], guard: &[usize]) -> Arc<GuardedText> {
        // No field stands at the position that parts the two.
        let both: Vec<usize> =
            fields.iter().copied().chain([usize::MAX]).chain(guard.iter().copied()).collect();
        by_columns(&self.guarded_updates, &both, |_| {
            let table = &*self.table;
            let rekeys = self.shape.key.iter().any(|at| fields.contains(at));
            let guarding = self.dialect.guarding(self, guard);
            let sql = guarded_text(self.update_text(fields), &guarding);
            let sql = if rekeys { returning_key(&sql, table) } else { sql.into() };
            let look = self.look_text(&guarding);
            GuardedText { fields: fields.into(), sql, look, guard: guard.into(), rekeys }
        })
        .1
    }

    /// Deletes a row whose columns at `guard` have a digest, which is the last parameter.
    pub(crate) fn guarded_delete(&self, guard: &[usize]) -> Arc<GuardedText> {
        by_columns(&self.guarded_deletes, guard, |_| {
            let guarding = self.dialect.guarding(self, guard);
            let sql = guarded_text(self.delete.to_string(), &guarding).into();
            let look = self.look_text(&guarding);
            GuardedText { fields: Arc::default(), sql, look, guard: guard.into(), rekeys: false }
        })
        .1
    }

    pub(crate) fn look_text(&self, guarding: &Guarding) -> Arc<str> {
        let mut sql = format!("SELECT {} FROM ", guarding.look);
        push_table(&mut sql, &self.table);
        sql.push_str(" WHERE ");
        push_key(&mut sql, &self.table);
        sql.push_str(guarding.look_end);
        sql.into()
    }
}

fn guarded_text(sql: String, guarding: &Guarding) -> String {
    match &guarding.condition {
        Some(condition) => format!("{sql} AND {condition}"),
        None => sql,
    }
}

/// Where the key's fields stand; `None` if there is no key, or one with a field that the table does not have.
fn key_positions(table: &Table) -> Option<Vec<usize>> {
    table.key.iter().map(|name| table.fields.iter().position(|field| field.name == *name)).collect()
}

/// Appends `"t"."a" = ? AND "t"."b" = ?`.
fn push_key(sql: &mut String, table: &Table) {
    for (index, name) in table.key.iter().enumerate() {
        if index > 0 {
            sql.push_str(" AND ");
        }
        match table.get(name) {
            Some(field) => push_compared(sql, &table.name, field),
            None => push_column(sql, &table.name, name),
        }
        sql.push_str(" = ?");
    }
    if table.key.is_empty() {
        sql.push_str("1 = 0");
    }
}

pub(crate) fn returning_key(sql: &str, table: &Table) -> Arc<str> {
    let mut sql = format!("{sql} RETURNING ");
    for (index, name) in table.key.iter().enumerate() {
        if index > 0 {
            sql.push_str(", ");
        }
        push_name(&mut sql, name);
        table.get(name).into_iter().for_each(|field| push_cast(&mut sql, field));
    }
    sql.into()
}

fn by_columns<T>(
    texts: &ByColumns<T>,
    fields: &[usize],
    build: impl FnOnce(&Arc<[usize]>) -> T,
) -> (Arc<[usize]>, Arc<T>) {
    if let Some((fields, text)) = texts.read().unwrap_or_else(PoisonError::into_inner).get(fields) {
        return (Arc::clone(fields), Arc::clone(text));
    }
    let shared: Arc<[usize]> = fields.into();
    let built = (Arc::clone(&shared), Arc::new(build(&shared)));
    let mut texts = texts.write().unwrap_or_else(PoisonError::into_inner);
    if texts.len() >= MOST_TEXTS {
        texts.clear();
    }
    texts.insert(fields.into(), (Arc::clone(&built.0), Arc::clone(&built.1)));
    built
}

/// The plans of a database's tables.
#[derive(Debug, Default)]
pub(crate) struct Plans(RwLock<HashMap<Arc<str>, Vec<Arc<Plan>>>>);

/// How many tables of the same name but different fields are remembered.
const MOST_VARIANTS: usize = 8;

impl Plans {
    /// The plan of `table`, made by `build` where there is none.
    pub(crate) fn of(&self, table: &Table, build: impl FnOnce() -> Plan) -> Arc<Plan> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) =
            known.get(&*table.name).and_then(|plans| plans.iter().find(|plan| plan.fits(table)))
        {
            return Arc::clone(plan);
        }
        drop(known);
        let plan = Arc::new(build());
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let variants = known.entry(Arc::clone(&table.name)).or_default();
        if variants.len() >= MOST_VARIANTS {
            variants.remove(0);
        }
        variants.push(Arc::clone(&plan));
        plan
    }

    /// Forgets them: what a reference refers to may have changed.
    pub(crate) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
