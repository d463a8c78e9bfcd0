//! Tables of ours, made when they are first needed.

use std::sync::Arc;

use frontdesk_data::{Db, OwnTables, Row, Transaction, Value};
use tokio::sync::OnceCell;

use crate::AuthError;

#[derive(Clone)]
pub(crate) struct Store {
    db: Db,
    tables: OwnTables,
    made: Arc<OnceCell<()>>,
}

impl Store {
    pub(crate) fn new(db: &Db, tables: OwnTables) -> Self {
        Self { db: db.clone(), tables, made: Arc::default() }
    }

    async fn db(&self) -> Result<&Db, AuthError> {
        self.made.get_or_try_init(async || self.tables.make(&self.db).await).await?;
        Ok(&self.db)
    }

    pub(crate) async fn rows<const N: usize>(
        &self,
        sql: &'static str,
        params: [Value; N],
    ) -> Result<Vec<Row>, AuthError> {
        Ok(self.db().await?.query(sql, params).await?)
    }

    /// The first row, if there is one.
    pub(crate) async fn row<const N: usize>(
        &self,
        sql: &'static str,
        params: [Value; N],
    ) -> Result<Option<Row>, AuthError> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// How many rows were changed.
    pub(crate) async fn execute<const N: usize>(
        &self,
        sql: &'static str,
        params: [Value; N],
    ) -> Result<u64, AuthError> {
        Ok(self.db().await?.execute(sql, params).await?)
    }

    pub(crate) async fn begin(&self) -> Result<Transaction, AuthError> {
        Ok(self.db().await?.begin().await?)
    }
}

/// The text of a column that is never NULL.
pub(crate) fn text<'r>(row: &'r Row, name: &str) -> Result<&'r str, AuthError> {
    row[name]
        .as_str()
        .ok_or_else(|| AuthError::Fault(format!("the column {name} of a table of ours holds no text")))
}

/// The number of a column that is never NULL.
pub(crate) fn number(row: &Row, name: &str) -> Result<i64, AuthError> {
    row[name]
        .as_int()
        .ok_or_else(|| AuthError::Fault(format!("the column {name} of a table of ours holds no number")))
}
