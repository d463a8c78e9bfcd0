use std::sync::Arc;

use crate::policy::Reach;
use crate::{Action, Asker, Db, DbError, Table};

/// A table that is joined along a reference.
#[derive(Clone, Debug)]
pub(super) struct Join {
    /// The reference, from the set's table on: `artist_id`, `album_id.artist_id`.
    pub(super) path: Arc<str>,
    /// What the joined table is called in the statement.
    pub(super) alias: Arc<str>,
    pub(super) table: Arc<Table>,
    /// What the table that refers is called.
    pub(super) from: Arc<str>,
    /// The columns that refer, and those that they refer to.
    pub(super) pairs: Vec<(Arc<str>, Arc<str>)>,
    pub(super) inner: bool,
    /// Which of its rows whoever asks may read.
    pub(super) reach: Reach,
}

impl Join {
    /// Finds what `path` refers to, from the set's table or from one that is joined already.
    pub(super) fn find(
        db: &Db,
        table: &Table,
        joins: &[Self],
        path: &str,
        inner: bool,
        asker: Option<&Asker>,
    ) -> Result<Self, DbError> {
        let (from, here, field) = if table.get(path).is_some() {
            (&table.name, table, path)
        } else {
            joins
                .iter()
                .filter_map(|join| Some((join, path.strip_prefix(&*join.path)?.strip_prefix('.')?)))
                .find(|(join, field)| join.table.get(field).is_some())
                .map(|(join, field)| (&join.alias, &*join.table, field))
                .ok_or_else(|| no_reference(table, path))?
        };
        let key = here
            .foreign_keys
            .iter()
            .filter(|key| key.fields.iter().any(|name| &**name == field))
            .min_by_key(|key| key.fields.len())
            .ok_or_else(|| no_reference(table, path))?;
        let target = match db.table(&key.table) {
            Some(target) => target,
            None => {
                return Err(DbError::not_found(
                    Arc::clone(&key.table),
                    format!("the table `{}`, to which `{path}` refers, is not defined", key.table),
                ));
            }
        };
        let access = asker.map(|asker| asker.access(&target));
        if access.as_ref().is_some_and(|access| !access.can(Action::Read)) {
            return Err(no_reference(table, path));
        }
        let columns = if key.columns.is_empty() { &target.key } else { &key.columns };
        if columns.len() != key.fields.len() {
            return Err(no_reference(table, path));
        }
        let pairs = key.fields.iter().cloned().zip(columns.iter().cloned()).collect();
        // A column may be called as its table. Of a longer name than this PostgreSQL takes the beginning.
        let mut alias = if path.len() < 60 { path.to_owned() } else { format!("joined {}", joins.len()) };
        while alias.eq_ignore_ascii_case(&table.name)
            || joins.iter().any(|join| join.alias.eq_ignore_ascii_case(&alias))
        {
            alias.push('_');
        }
        let alias: Arc<str> = alias.into();
        let (target, reach) = match &access {
            Some(access) => (Arc::clone(access.table()), access.reach(db, Action::Read, &alias)),
            None => (target, Reach::All),
        };
        Ok(Self { path: path.into(), alias, table: target, reach, from: Arc::clone(from), pairs, inner })
    }
}

fn no_reference(table: &Table, path: &str) -> DbError {
    DbError::not_found(path, format!("`{path}` is no reference of the table `{}`", table.name))
}
