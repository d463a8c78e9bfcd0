//! Writing many rows.

use std::fmt;

use crate::coerce::coerce;
use crate::plan::Plan;
use crate::statement::{Step, Stepped};
use crate::{Db, DbError, RowId, Table, Transaction, Values, Violation, WriteError, prepare};

/// How many rows go to the database at once.
const TOGETHER: usize = 256;

/// A row that [`Db::insert_many`] or [`Db::upsert_many`] has written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Saved {
    /// The row's identity; `None` for a table without a key.
    pub id: Option<RowId>,
    /// Whether the row is new; else it was there and has been updated.
    pub is_new: bool,
}

/// Why many rows were not written: none of them was.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ManyError {
    /// Some rows are refused; all of them are told.
    Refused(Vec<RefusedRow>),
    /// The database is in trouble; trying other values does not help.
    Db(DbError),
}

/// What is wrong with one of many rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RefusedRow {
    /// Which row, from 0; `None` where the database found it only at the end, when all were written.
    pub row: Option<usize>,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

impl From<DbError> for ManyError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl fmt::Display for ManyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = match self {
            Self::Refused(rows) => rows,
            Self::Db(error) => return error.fmt(f),
        };
        for (index, refused) in rows.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            if let Some(row) = refused.row {
                write!(f, "row {row}: ")?;
            }
            WriteError::Refused(refused.violations.clone()).fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ManyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Db(error) => std::error::Error::source(error),
        }
    }
}

/// What became of one of many rows.
pub type SavedOrRefused = Result<Saved, Vec<Violation>>;

impl Db {
    /// Inserts many rows in one transaction, each as [`insert`](Self::insert) does: all of them, or none.
    ///
    /// # Errors
    /// [`ManyError::Refused`] with each row that is refused, and why; [`ManyError::Db`].
    ///
    /// ```
    /// use frontdesk_data::{Db, Field, ManyError, Table, Values};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let db = Db::open("sqlite::memory:").await.unwrap();
    /// let hero = Table::new("hero").field(Field::string("name").not_null().unique()).create();
    /// let hero = db.define(hero).await.unwrap();
    /// let named = |name: &str| Values::new().with("name", name);
    ///
    /// let saved = db.insert_many(&hero, [named("Ada"), named("Eve")]).await.unwrap();
    /// assert_eq!(saved[1].id, Some(2.into()));
    ///
    /// let error = db.insert_many(&hero, [named("Bob"), named("Ada")]).await.unwrap_err();
    /// let ManyError::Refused(rows) = error else { panic!() };
    /// assert_eq!((rows[0].row, rows[0].violations[0].error.code()), (Some(1), "unique"));
    /// assert_eq!(db.set(&hero).count().await.unwrap(), 2);
    /// # });
    /// ```
    pub async fn insert_many(
        &self,
        table: &Table,
        rows: impl IntoIterator<Item = Values, IntoIter: Send>,
    ) -> Result<Vec<Saved>, ManyError> {
        let transaction = self.begin().await?;
        let saved = transaction.insert_many(table, rows).await?;
        end(transaction, saved).await
    }

    /// As [`insert_many`](Self::insert_many), but a row whose key is there already is updated with the values that are
    /// given, as [`update`](Self::update) does it.
    ///
    /// # Errors
    /// As [`insert_many`](Self::insert_many);
    /// [`DbErrorKind::Unsupported`](crate::DbErrorKind::Unsupported) for a table without a key.
    pub async fn upsert_many(
        &self,
        table: &Table,
        rows: impl IntoIterator<Item = Values, IntoIter: Send>,
    ) -> Result<Vec<Saved>, ManyError> {
        let transaction = self.begin().await?;
        let saved = transaction.upsert_many(table, rows).await?;
        end(transaction, saved).await
    }
}

/// Commits if no row was refused.
async fn end(transaction: Transaction, saved: Vec<SavedOrRefused>) -> Result<Vec<Saved>, ManyError> {
    let refused: Vec<RefusedRow> = saved
        .iter()
        .enumerate()
        .filter_map(|(row, saved)| {
            let violations = saved.as_ref().err()?.clone();
            Some(RefusedRow { row: Some(row), violations })
        })
        .collect();
    if !refused.is_empty() {
        transaction.rollback().await?;
        return Err(ManyError::Refused(refused));
    }
    match transaction.commit().await {
        Ok(()) => Ok(saved.into_iter().filter_map(Result::ok).collect()),
        Err(WriteError::Db(error)) => Err(error.into()),
        Err(WriteError::Refused(violations)) => {
            Err(ManyError::Refused(vec![RefusedRow { row: None, violations }]))
        }
    }
}

impl Transaction {
    /// Inserts many rows, each as [`insert`](Self::insert) does, and tells what became of each. One that is refused undoes
    /// only itself.
    ///
    /// # Errors
    /// [`DbError`] if the database is in trouble, or the transaction has ended.
    pub async fn insert_many(
        &self,
        table: &Table,
        rows: impl IntoIterator<Item = Values, IntoIter: Send>,
    ) -> Result<Vec<SavedOrRefused>, DbError> {
        let mut many = Many::new(self, table);
        for values in rows {
            many.insert(values).await?;
        }
        many.end().await
    }

    /// As [`insert_many`](Self::insert_many), but a row whose key is there already is updated with the values that are
    /// given, as [`update`](Self::update) does it. A row without its whole key is inserted.
    ///
    /// # Errors
    /// As [`insert_many`](Self::insert_many);
    /// [`DbErrorKind::Unsupported`](crate::DbErrorKind::Unsupported) for a table without a key.
    pub async fn upsert_many(
        &self,
        table: &Table,
        rows: impl IntoIterator<Item = Values, IntoIter: Send>,
    ) -> Result<Vec<SavedOrRefused>, DbError> {
        if !table.has_key() {
            return Err(DbError::unsupported(format!(
                "the rows of `{}` have no key by which one is found again",
                table.name
            )));
        }
        let mut many = Many::new(self, table);
        for values in rows {
            many.upsert(values).await?;
        }
        many.end().await
    }
}

/// Rows on their way to the database, a chunk at a time.
struct Many<'a> {
    transaction: &'a Transaction,
    table: &'a Table,
    plan: std::sync::Arc<Plan>,
    /// The statements that wait, and which rows they are of.
    steps: Vec<Step>,
    of: Vec<usize>,
    /// What became of each row; `None` for those that wait.
    saved: Vec<Option<SavedOrRefused>>,
}

impl<'a> Many<'a> {
    fn new(transaction: &'a Transaction, table: &'a Table) -> Self {
        let plan = transaction.db().plan(table);
        Self { transaction, table, plan, steps: Vec::new(), of: Vec::new(), saved: Vec::new() }
    }

    async fn insert(&mut self, values: Values) -> Result<(), DbError> {
        match prepare::insert(self.table, self.plan.clone(), values) {
            Ok(insert) => self.push(Step { first: insert, otherwise: None }).await,
            Err(error) => self.refuse(error),
        }
    }

    async fn upsert(&mut self, mut values: Values) -> Result<(), DbError> {
        let id = match self.key(&values) {
            Ok(Some(id)) => id,
            Ok(None) => return self.insert(values).await,
            Err(violations) => return self.refuse(WriteError::Refused(violations)),
        };
        let all = values.clone();
        for name in &self.table.key {
            values.remove(name);
        }
        let row = match prepare::needs_row(self.table, &values) {
            true => {
                // It may be one of those that wait.
                self.flush().await?;
                match self.transaction.get(self.table, &id).await? {
                    Some(row) => Some(row),
                    None => return self.insert(all).await,
                }
            }
            false => None,
        };
        match prepare::update(self.table, self.plan.clone(), &id, values, row.as_ref(), None) {
            Ok(Some(update)) => match prepare::insert(self.table, self.plan.clone(), all) {
                Ok(insert) => self.push(Step { first: update, otherwise: Some(insert) }).await,
                Err(error) => self.refuse(error),
            },
            // Nothing but the key was given: there is nothing to update.
            Ok(None) => {
                self.flush().await?;
                if self.transaction.get(self.table, &id).await?.is_none() {
                    return self.insert(all).await;
                }
                self.saved.push(Some(Ok(Saved { id: Some(id), is_new: false })));
                Ok(())
            }
            Err(error) => self.refuse(error),
        }
    }

    /// The identity that the values name; `None` if they do not name all of it.
    fn key(&self, values: &Values) -> Result<Option<RowId>, Vec<Violation>> {
        let mut parts = Vec::with_capacity(self.table.key.len());
        for (name, &at) in self.table.key.iter().zip(&self.plan.shape.key) {
            let Some(value) = values.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
            let value = coerce(&self.plan.kinds[at], value.clone())
                .and_then(|value| self.plan.dialect.storable(&self.plan.kinds[at], value))
                .map_err(|error| vec![Violation::field(name.clone(), error)])?;
            parts.push(value);
        }
        Ok(RowId::from_values(parts))
    }

    fn refuse(&mut self, error: WriteError) -> Result<(), DbError> {
        self.saved.push(Some(Err(refused(error)?)));
        Ok(())
    }

    async fn push(&mut self, step: Step) -> Result<(), DbError> {
        self.of.push(self.saved.len());
        self.saved.push(None);
        self.steps.push(step);
        if self.steps.len() >= TOGETHER { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), DbError> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let done = self.transaction.session().write_each(std::mem::take(&mut self.steps)).await?;
        for (at, done) in self.of.drain(..).zip(done) {
            self.saved[at] = Some(match done {
                Ok(Stepped { written, is_new }) => Ok(Saved { id: written.id, is_new }),
                Err(error) => Err(refused(error)?),
            });
        }
        Ok(())
    }

    async fn end(mut self) -> Result<Vec<SavedOrRefused>, DbError> {
        self.flush().await?;
        Ok(self.saved.into_iter().flatten().collect())
    }
}

fn refused(error: WriteError) -> Result<Vec<Violation>, DbError> {
    match error {
        WriteError::Refused(violations) => Ok(violations),
        WriteError::Db(error) => Err(error),
    }
}
