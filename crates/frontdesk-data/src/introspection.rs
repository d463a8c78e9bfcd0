//! Describing the tables of an existing database.

use std::sync::Arc;

use crate::backend::Backend;
use crate::{Db, DbError, Schema, SchemaFile, SchemaFileError, Table, rules};

/// Why a schema file could not be applied to a database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The file is wrong.
    #[error(transparent)]
    File(#[from] SchemaFileError),
    /// The database is in trouble.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Db {
    /// Describes all tables and views of the database, and makes them known as [`define`](Self::define) does: types,
    /// lengths, NOT NULL, defaults, keys, references, unique sets, CHECK constraints, generated columns, and the rules
    /// that follow.
    ///
    /// Nothing is written. Tables that were defined before are described anew; those that are no longer there stay
    /// known.
    ///
    /// # Errors
    /// [`DbError`], if the database is in trouble. A view that does not work any more is no trouble: it is described as
    /// one that cannot be read, with the reason.
    ///
    /// ```
    /// use frontdesk_data::{Db, FieldType};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let db = Db::open("sqlite::memory:").await.unwrap();
    /// db.execute("CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE)", []).await.unwrap();
    ///
    /// let schema = db.introspect().await.unwrap();
    /// let name = schema.get("hero").unwrap().get("name").unwrap();
    /// assert_eq!((name.kind.clone(), name.length, name.null, name.unique), (FieldType::String, Some(40), false, true));
    /// assert!(name.validate("").await.is_err());
    /// # });
    /// ```
    pub async fn introspect(&self) -> Result<Schema, DbError> {
        let mut tables = match self.backend() {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(sqlite) => sqlite.call(crate::backend::sqlite::introspect::tables).await?,
            #[cfg(feature = "postgres")]
            Backend::Postgres(postgres) => Box::pin(postgres.tables()).await?,
        };
        for table in &mut tables {
            rules::complete(self, table);
        }
        let schema = Schema::new(tables);
        self.remember(schema.tables.iter().map(Arc::clone));
        Ok(schema)
    }

    /// Describes the database as [`introspect`](Self::introspect) does, puts what the file says over it, and makes the
    /// tables that the file asks for. Returns all tables as they are known then.
    ///
    /// The file's rules may name any rule of `registry`, besides `is_in_db` and `is_not_in_db`.
    ///
    /// # Errors
    /// [`ApplyError`]. If the file is wrong, nothing was made.
    pub async fn apply(
        &self,
        file: &SchemaFile,
        registry: &frontdesk_validate::Registry,
    ) -> Result<Schema, ApplyError> {
        let merged = self.merged(file, registry).await?;
        for table in in_order(file, &merged) {
            self.define(Table::clone(table)).await?;
        }
        Ok(Schema::new(merged.tables.iter().filter_map(|table| self.table(&table.name))))
    }

    /// The statements by which [`apply`](Self::apply) would make the tables that the file asks for and that are missing, in
    /// order. Nothing is changed.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    pub async fn planned_tables(
        &self,
        file: &SchemaFile,
        registry: &frontdesk_validate::Registry,
    ) -> Result<Vec<(Arc<Table>, String)>, ApplyError> {
        // What is found and planned is known to a handle of its own: nobody must take it for what is there.
        let own = self.with_own_tables();
        let merged = own.merged(file, registry).await?;
        let mut planned = Vec::new();
        for table in in_order(file, &merged) {
            let (table, sql) = own.plan_table(Table::clone(table)).await?;
            planned.extend(sql.map(|sql| (table, sql)));
        }
        Ok(planned)
    }

    /// What the database has, with what the file says of it.
    async fn merged(
        &self,
        file: &SchemaFile,
        registry: &frontdesk_validate::Registry,
    ) -> Result<Schema, ApplyError> {
        let found = self.introspect().await?;
        // Rules may name tables that are yet to be made: the first pass finds out which there will be.
        let mut registry = registry.clone();
        let planned = Arc::new(file.tables_of(&found));
        rules::register_for(&mut registry, self, Arc::new(move |name: &str| planned.get(name).cloned()));
        Ok(file.merge(&found, &registry)?)
    }
}

/// The tables that the file speaks of, those first to which others refer; tables that refer to each other come in any
/// order.
fn in_order<'m>(file: &SchemaFile, merged: &'m Schema) -> Vec<&'m Arc<Table>> {
    let mut waiting: Vec<&Arc<Table>> = file.tables().filter_map(|name| merged.get(name)).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let waits = |table: &Table| {
            let is_waiting =
                |name: &Arc<str>| *name != table.name && waiting.iter().any(|other| other.name == *name);
            table.foreign_keys.iter().any(|key| is_waiting(&key.table))
        };
        let (mut later, mut now): (Vec<&Arc<Table>>, Vec<_>) =
            waiting.iter().copied().partition(|table| waits(table));
        if now.is_empty() {
            std::mem::swap(&mut now, &mut later);
        }
        ordered.extend(now);
        waiting = later;
    }
    ordered
}
