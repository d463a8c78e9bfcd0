//! What stays quick however large a table is: orders and searches that an index serves.

use std::sync::Arc;

use super::{LONGEST_WORD, Set};
use crate::DbError;
use crate::db::plain_query;
use crate::rules::spellings_for;

impl Set {
    /// How the database will find the rows: its own words, a line a step. What a transaction has changed so far is not
    /// looked at.
    ///
    /// ```
    /// # use frontdesk_data::{Db, Field, Table};
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let db = Db::open("sqlite::memory:").await.unwrap();
    /// let hero = Table::new("hero").field(Field::string("name").unique()).field(Field::string("color"));
    /// let hero = db.define(hero.create()).await.unwrap();
    ///
    /// let by_name = db.set(&hero).order_by("name").limit(50);
    /// assert!(by_name.explain().await.unwrap()[0].contains("USING INDEX"));
    /// assert!(!by_name.sorts_all().await.unwrap());
    /// // No index has the colors in order: all rows are read and sorted, for 50 of them.
    /// assert!(db.set(&hero).order_by("color").limit(50).sorts_all().await.unwrap());
    /// # });
    /// ```
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn explain(&self) -> Result<Vec<String>, DbError> {
        let anchor = self.anchor().await?;
        let query = self.select(anchor.as_deref())?;
        let sql = format!("{} {}", self.db.backend().dialect().explain(), query.sql);
        self.db.backend().explain(plain_query(sql.into(), query.params)).await
    }

    /// Whether the database reads and sorts all rows of the set before it has the first one: no index has them in this
    /// order.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn sorts_all(&self) -> Result<bool, DbError> {
        let dialect = self.db.backend().dialect();
        Ok(self.explain().await?.iter().any(|line| dialect.is_whole_sort(line)))
    }

    /// The rows in which a column begins with `text`, found by an index however many rows there are: for tables that are
    /// too large for [`search`](Self::search), which looks through all of them. ASCII and other letters are tried in the
    /// usual cases: as typed, small, capital, and with capital beginnings.
    ///
    /// Of the columns that `search` looks at, the first one counts that has an index and such a value; the rows come in
    /// its order, and no longer in that of the set. A set of no rows if there is no such value; `None` if no column has an
    /// index, so that there is nothing to search by.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn search_by_index(&self, text: &str) -> Result<Option<Self>, DbError> {
        let text = text.replace('\0', " ");
        let text = text.trim();
        let dialect = self.db.backend().dialect();
        let mut has_index = false;
        for column in self.indexed_texts().await? {
            let (name, collation) = column;
            has_index = true;
            if text.len() > LONGEST_WORD || text.is_empty() {
                continue;
            }
            for spelling in spellings_for(text, collation.ignores_case()) {
                let range = dialect.begins(self.col(&name).expr(), collation, &spelling);
                let mut found = self.clone().filter(range);
                found.orders.clear();
                if found.exists().await? {
                    return Ok(Some(found.order_by(name)));
                }
            }
        }
        let nothing = || self.clone().filter(sea_query::Expr::cust("1 = 0"));
        Ok(has_index.then(nothing))
    }

    /// The columns of which [`search_by_index`](Self::search_by_index) looks at the beginnings.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn searched_by_index(&self) -> Result<Vec<Arc<str>>, DbError> {
        Ok(self.indexed_texts().await?.into_iter().map(|(name, _)| name).collect())
    }

    async fn indexed_texts(&self) -> Result<Vec<(Arc<str>, crate::backend::Collation)>, DbError> {
        let mut found = Vec::new();
        for field in &self.table.fields {
            if field.kind.is_text()
                && field.readable
                && !field.secret
                && let Some(collation) = self.db.backend().index_of(&self.table, &field.name).await?
            {
                found.push((Arc::clone(&field.name), collation));
            }
        }
        Ok(found)
    }
}
