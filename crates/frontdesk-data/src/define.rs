//! Making tables known to a database.

use std::sync::Arc;

use crate::coerce::coerce;
use crate::{Db, DbError, DefaultValue, Table, create, rules};

impl Db {
    /// Makes a table known, and returns it as forms and others shall use it.
    ///
    /// Fields without rules get those that follow from their type and from what the database enforces; references to
    /// tables that are known get the columns to which they refer. With [`Table::create`] the table is made
    /// where it is missing; one that exists is never altered.
    ///
    /// # Errors
    /// [`DbErrorKind::NotFound`](crate::DbErrorKind::NotFound) if the table is neither there nor to be made, or a key,
    /// unique set or reference names a field that it does not have; else as [`Db::get`].
    pub async fn define(&self, mut table: Table) -> Result<Arc<Table>, DbError> {
        check_names(&table)?;
        self.resolve(&mut table);
        type_values(&mut table);
        rules::complete(self, &mut table);
        self.make_or_find(&table).await?;
        let table = Arc::new(table);
        self.remember([Arc::clone(&table)]);
        Ok(table)
    }

    /// Fills in the columns to which references refer: the key of the other table.
    fn resolve(&self, table: &mut Table) {
        let mut keys = std::mem::take(&mut table.foreign_keys);
        for key in keys.iter_mut().filter(|key| key.columns.is_empty()) {
            let columns = if key.table == table.name {
                table.key.clone()
            } else {
                self.table(&key.table).map(|target| target.key.clone()).unwrap_or_default()
            };
            if columns.len() == key.fields.len() {
                key.columns = columns;
            }
        }
        table.foreign_keys = keys;
    }

    async fn make_or_find(&self, table: &Table) -> Result<(), DbError> {
        let Some(sql) = self.missing_sql(table).await? else { return Ok(()) };
        // Two processes may do this at once: the second one finds the table there.
        self.backend().make(sql).await
    }

    /// As [`define`](Self::define), but nothing is made: gives the statement that would make the table, if it is missing.
    pub(crate) async fn plan_table(&self, mut table: Table) -> Result<(Arc<Table>, Option<String>), DbError> {
        check_names(&table)?;
        self.resolve(&mut table);
        let sql = self.missing_sql(&table).await?;
        let table = Arc::new(table);
        self.remember([Arc::clone(&table)]);
        Ok((table, sql))
    }

    /// The statement that makes the table; `None` if it is there.
    async fn missing_sql(&self, table: &Table) -> Result<Option<String>, DbError> {
        let exists = self.backend().has_table(table).await?;
        if exists {
            return Ok(None);
        }
        if !table.create {
            return Err(DbError::not_found(
                Arc::clone(&table.name),
                format!("the database has no table `{}`; to have it made, say so with `create`", table.name),
            ));
        }
        let kinds = self.plan(table).kinds.clone();
        create::sql(table, &kinds, &table.foreign_keys, self.backend().dialect()).map(Some)
    }
}

/// Brings the values that a program set to the types of their fields, as a schema file and an existing database have
/// them: `"1.50"` for a decimal. What does not fit stays, and is told when it is written.
fn type_values(table: &mut Table) {
    for field in &mut table.fields {
        for value in [&mut field.default, &mut field.update] {
            if let DefaultValue::Value(value) = value
                && let Ok(typed) = coerce(&field.kind, value.clone())
            {
                *value = typed;
            }
        }
    }
}

/// Checks that keys, unique sets and references name fields of the table, and fields time zones that there are.
fn check_names(table: &Table) -> Result<(), DbError> {
    let sets = [("key", &table.key)].into_iter();
    let sets = sets.chain(table.uniques.iter().map(|unique| ("unique set", &unique.fields)));
    let sets = sets.chain(table.foreign_keys.iter().map(|key| ("reference", &key.fields)));
    for (what, names) in sets {
        if let Some(name) = names.iter().find(|name| table.get(name).is_none()) {
            return Err(DbError::not_found(
                Arc::clone(name),
                format!("the {what} of the table `{}` names `{name}`, which is no field of it", table.name),
            ));
        }
    }
    for field in &table.fields {
        if let Some(zone) = field.zone.as_deref().filter(|zone| jiff::tz::TimeZone::get(zone).is_err()) {
            return Err(DbError::not_found(
                zone,
                format!(
                    "the field `{}` of the table `{}` names the time zone `{zone}`, which is not known here",
                    field.name, table.name
                ),
            ));
        }
    }
    Ok(())
}
