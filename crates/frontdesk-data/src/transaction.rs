use std::fmt;
use std::sync::Arc;

use frontdesk_validate::Value;

use crate::backend::{Dialect, Session};
use crate::db::{own_query, own_write};
use crate::{Db, DbError, Guard, Guarded, Row, RowId, Set, Table, Values, WriteError};

/// A transaction: its writes are seen by others all at once when it is committed, or never.
///
/// Dropping it rolls it back, and so does leaving it idle for longer than
/// [`DbOptions::idle_timeout`](crate::DbOptions::idle_timeout). With SQLite all other writes wait while it is open: keep it
/// short, and await nothing slow in it. A write that is refused undoes only itself; the transaction goes on.
///
/// ```
/// # use frontdesk_data::{Db, Field, Table, Values};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let db = Db::open("sqlite::memory:").await.unwrap();
/// # let hero = db.define(Table::new("hero").field(Field::string("name")).create()).await.unwrap();
/// let transaction = db.begin().await.unwrap();
/// transaction.insert(&hero, Values::new().with("name", "Ada")).await.unwrap();
/// transaction.insert(&hero, Values::new().with("name", "Eve")).await.unwrap();
/// transaction.commit().await.unwrap();
///
/// let transaction = db.begin().await.unwrap();
/// transaction.set(&hero).delete().await.unwrap();
/// drop(transaction);
/// assert_eq!(db.set(&hero).count().await.unwrap(), 2);
/// # });
/// ```
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    db: Db,
    session: Session,
}

impl Transaction {
    pub(crate) fn new(db: Db, session: Session) -> Self {
        Self { db, session }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Runs `work` such that the rules that it asks see what the transaction has written: whether the row is there to
    /// which one refers, whether a value is taken. Everything that `work` itself reads of the same database without the
    /// transaction comes from there too. Writes do not.
    ///
    /// ```
    /// # use frontdesk_data::{Db, Field, IsNotInDb, Table, Values};
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let db = Db::open("sqlite::memory:").await.unwrap();
    /// let name = Field::string("name").requires(IsNotInDb::new(&db, "hero.name"));
    /// let hero = db.define(Table::new("hero").field(name).create()).await.unwrap();
    /// let name = hero.get("name").unwrap();
    ///
    /// let transaction = db.begin().await.unwrap();
    /// transaction.insert(&hero, Values::new().with("name", "Ada")).await.unwrap();
    /// assert!(name.validate("Ada").await.is_ok());
    /// assert!(transaction.seen_by(name.validate("Ada")).await.is_err());
    /// # });
    /// ```
    pub async fn seen_by<T>(&self, work: impl Future<Output = T>) -> T {
        self.db.within(&self.session, work).await
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.db.backend().dialect()
    }

    /// The database, and the session of the transaction.
    pub(crate) fn parts(&self) -> (Db, Session) {
        (self.db.clone(), self.session.clone())
    }

    /// As [`Db::get`], within the transaction.
    ///
    /// # Errors
    /// As [`Db::get`]; [`DbErrorKind::Ended`](crate::DbErrorKind::Ended) or `Timeout` if the transaction has ended.
    pub async fn get(&self, table: &Table, id: &RowId) -> Result<Option<Row>, DbError> {
        self.db.on(Some(&self.session)).get(table, id).await
    }

    /// As [`Db::insert`], within the transaction.
    ///
    /// # Errors
    /// As [`Db::insert`] and [`get`](Self::get).
    pub async fn insert(&self, table: &Table, values: Values) -> Result<Option<RowId>, WriteError> {
        self.db.on(Some(&self.session)).insert(table, values).await
    }

    /// As [`Db::update`], within the transaction.
    ///
    /// # Errors
    /// As [`Db::insert`] and [`get`](Self::get).
    pub async fn update(
        &self,
        table: &Table,
        id: &RowId,
        values: Values,
    ) -> Result<Option<RowId>, WriteError> {
        self.db.on(Some(&self.session)).update(table, id, values).await
    }

    /// As [`Db::delete`], within the transaction.
    ///
    /// # Errors
    /// As [`Db::delete`] and [`get`](Self::get).
    pub async fn delete(&self, table: &Table, id: &RowId) -> Result<bool, WriteError> {
        self.db.on(Some(&self.session)).delete(table, id).await
    }

    /// As [`Db::update_if`], within the transaction. What the transaction itself has written before counts as a change
    /// too, and so does what a trigger made of it: check the row that was loaded first.
    ///
    /// # Errors
    /// As [`Db::update_if`] and [`get`](Self::get).
    pub async fn update_if(
        &self,
        table: &Table,
        id: &RowId,
        values: Values,
        guard: &Guard,
    ) -> Result<Guarded, WriteError> {
        self.db.on(Some(&self.session)).update_if(table, id, values, guard).await
    }

    /// As [`Db::delete_if`], within the transaction, as for [`update_if`](Self::update_if).
    ///
    /// # Errors
    /// As [`Db::delete_if`] and [`get`](Self::get).
    pub async fn delete_if(&self, table: &Table, id: &RowId, guard: &Guard) -> Result<Guarded, WriteError> {
        self.db.on(Some(&self.session)).delete_if(table, id, guard).await
    }

    /// As [`Db::set`], within the transaction.
    pub fn set(&self, table: &Arc<Table>) -> Set {
        Set::new(self.db.clone(), Some(self.session.clone()), Arc::clone(table))
    }

    /// As [`Db::query`], within the transaction.
    ///
    /// # Errors
    /// As [`Db::query`] and [`get`](Self::get).
    pub async fn query(
        &self,
        sql: impl Into<Arc<str>>,
        params: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Row>, DbError> {
        self.db.on(Some(&self.session)).read(own_query(sql.into(), params)).await
    }

    /// As [`Db::execute`], within the transaction.
    ///
    /// # Errors
    /// As [`Db::execute`] and [`get`](Self::get).
    pub async fn execute(
        &self,
        sql: impl Into<Arc<str>>,
        params: impl IntoIterator<Item = Value>,
    ) -> Result<u64, WriteError> {
        self.db.on(Some(&self.session)).write(own_write(sql.into(), params)).await.map(|written| written.rows)
    }

    /// Commits: from now on others see what was written.
    ///
    /// # Errors
    /// [`WriteError::Refused`] if references that are checked at the end do not hold, with the fields and, as parameters
    /// `of` and `row`, the row that has them; [`WriteError::Db`] if the
    /// database is in trouble or the transaction has ended. Nothing is written then.
    pub async fn commit(self) -> Result<(), WriteError> {
        self.session.commit().await
    }

    /// Undoes what was written.
    ///
    /// # Errors
    /// [`DbError`], if the transaction has ended already.
    pub async fn rollback(self) -> Result<(), DbError> {
        self.session.rollback().await
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // Sets of this transaction may live on; it ends all the same.
        self.session.abandon();
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("db", &self.db).finish_non_exhaustive()
    }
}
