use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use frontdesk_validate::Value;

use super::{ReadError, RecordError, RecordKey, Ref};
use crate::backend::Session;
use crate::{
    Columns, Db, DbError, DbErrorKind, DefaultValue, FieldType, Guard, Guarded, Row, RowId, Set, Table,
    Transaction, Values, WriteError,
};

/// A struct that is a row of a table.
///
/// `#[derive(Table)]` writes it; the [module](super) shows it by hand. It adds typed reading and writing to the table,
/// and nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no record of a table",
    label = "no record",
    note = "`#[derive(Table)]` on the struct makes it one"
)]
pub trait Record: Sized + Send + Sync + 'static {
    /// The key's type: `i64` for an [`Id`](super::Id), a tuple for a key of several fields, `()` for none.
    type Key: RecordKey;
    /// The table's name.
    const TABLE: &'static str;
    /// The names of the key's fields, in the key's order.
    const KEY: &'static [&'static str];

    /// The table, to be [defined](Db::define).
    ///
    /// # Panics
    /// Those of [`condition`](super::condition) and [`rules`](super::rules), for what cannot be read in an attribute.
    fn table() -> Table;

    /// The record that a row is.
    ///
    /// # Errors
    /// [`RecordError`], if a column lacks, or holds what is none of the member's type.
    fn from_row(row: &Row) -> Result<Self, RecordError>;

    /// The record as values by column.
    fn values(&self) -> Values;

    /// The identity of the row; `None` for a record that has none yet, or a table without a key.
    fn row_id(&self) -> Option<RowId> {
        let values = self.values();
        RowId::from_values(Self::KEY.iter().map(|name| values[*name].clone()))
    }

    /// A reference to this record; `None` for one that has no key yet.
    fn to_ref(&self) -> Option<Ref<Self>> {
        Ref::from_row_id(&self.row_id()?)
    }

    /// The record that values are, such as those of an accepted form. Fields of `table` that `values` does not name take their
    /// default, and computed ones are worked out.
    ///
    /// # Errors
    /// As [`from_row`](Self::from_row).
    fn from_values(table: &Table, mut values: Values) -> Result<Self, RecordError> {
        for field in &table.fields {
            if !values.contains(&field.name) && !field.generated {
                let default = match &field.default {
                    // A key that the database has not assigned yet is none.
                    DefaultValue::None if field.null || field.kind == FieldType::Id => Some(Value::Null),
                    other => other.value(),
                };
                if let Some(value) = default {
                    values.set(Arc::clone(&field.name), value);
                }
            }
        }
        for field in table.fields.iter().filter(|field| !field.generated) {
            if let Some(compute) = &field.compute {
                let value = (compute.0)(&values);
                values.set(Arc::clone(&field.name), value);
            }
        }
        let id = RowId::from_values(table.key.iter().map(|name| values[name].clone()));
        let (names, values) = values.into_iter().unzip();
        Self::from_row(&Row::new(Arc::new(Columns::new(names)), values, id))
    }
}

/// The rows of a table as records: what [`Db::records`] gives.
///
/// It checks what the database checks, no rules: those are for what visitors type, and run in forms.
pub struct Records<T> {
    db: Db,
    session: Option<Session>,
    table: Arc<Table>,
    record: PhantomData<fn() -> T>,
}

impl Db {
    /// Makes the table of `T` known, as [`define`](Self::define) does, and gives its rows as records.
    ///
    /// # Errors
    /// As [`define`](Self::define).
    pub async fn define_records<T: Record>(&self) -> Result<Records<T>, DbError> {
        let table = self.define(T::table()).await?;
        Ok(Records { db: self.clone(), session: None, table, record: PhantomData })
    }

    /// The rows of the table of `T` as records. The table is the one that was defined under that name; where none was,
    /// what `T` says of it.
    pub fn records<T: Record>(&self) -> Records<T> {
        Records { db: self.clone(), session: None, table: known_table::<T>(self), record: PhantomData }
    }
}

impl Transaction {
    /// As [`Db::records`], within the transaction.
    pub fn records<T: Record>(&self) -> Records<T> {
        let (db, session) = self.parts();
        Records { table: known_table::<T>(&db), db, session: Some(session), record: PhantomData }
    }
}

fn known_table<T: Record>(db: &Db) -> Arc<Table> {
    db.table(T::TABLE).unwrap_or_else(table_of::<T>)
}

/// What `T` says of its table, made once.
pub(super) fn table_of<T: Record>() -> Arc<Table> {
    static TABLES: LazyLock<RwLock<HashMap<TypeId, Arc<Table>>>> = LazyLock::new(RwLock::default);
    let known = TABLES.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
    known.unwrap_or_else(|| {
        let table = Arc::new(T::table());
        TABLES.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), Arc::clone(&table));
        table
    })
}

impl<T: Record> Records<T> {
    /// The table, for forms and whatever else wants it.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The rows, to be narrowed down, as rows.
    pub fn set(&self) -> Set {
        Set::new(self.db.clone(), self.session.clone(), Arc::clone(&self.table))
    }

    /// Inserts a record, and returns the reference to it. A key that the database assigns is left to it if there is none
    /// yet.
    ///
    /// All members are written, `None` as NULL: the table's defaults are for forms, and for [`Db::insert`].
    ///
    /// # Errors
    /// As [`Db::insert`].
    pub async fn insert(&self, record: &T) -> Result<Ref<T>, WriteError> {
        let id = self.db.on(self.session.as_ref()).insert(&self.table, record.values()).await?;
        T::Key::from_row_id(id.as_ref()).map(Ref::new).ok_or_else(|| {
            let message =
                format!("the row is written to `{}`, but its key is not of the record's type", T::TABLE);
            WriteError::Db(DbError::new(DbErrorKind::Other, message))
        })
    }

    /// The record of that key.
    ///
    /// # Errors
    /// [`ReadError`], if the database is in trouble, or the row is no such record.
    pub async fn get(&self, key: impl Into<Ref<T>>) -> Result<Option<T>, ReadError> {
        let Some(id) = key.into().row_id() else { return Ok(None) };
        let row = self.db.on(self.session.as_ref()).get(&self.table, &id).await?;
        Ok(row.as_ref().map(T::from_row).transpose()?)
    }

    /// Writes a record over the row of its key; tells whether there was one.
    ///
    /// All members are written, but for the key, and for those that the table works out by itself at an update (`update`,
    /// `compute`, generated columns). Whoever has changed the row in between is not noticed:
    /// [`update_if`](Self::update_if) does.
    ///
    /// # Errors
    /// As [`Db::update`].
    pub async fn update(&self, record: &T) -> Result<bool, WriteError> {
        let Some(id) = record.row_id() else { return Ok(false) };
        let values = self.written(record.values());
        let on = self.db.on(self.session.as_ref());
        if values.is_empty() {
            return Ok(on.get(&self.table, &id).await?.is_some());
        }
        Ok(on.update(&self.table, &id, values).await?.is_some())
    }

    /// Writes what is different in `record` from what it was when it was `loaded`, if the row is still as it was then.
    ///
    /// A row with odd data (the text `42` in a column of numbers) counts as changed. A record of another key than
    /// `loaded`, or of none, is [`Guarded::Gone`].
    ///
    /// # Errors
    /// As [`Db::update_if`].
    pub async fn update_if(&self, record: &T, loaded: &T) -> Result<Guarded, WriteError> {
        let Some(id) = loaded.row_id().filter(|id| record.row_id().as_ref() == Some(id)) else {
            return Ok(Guarded::Gone);
        };
        let before = self.written(loaded.values());
        let mut changed = self.written(record.values());
        for (name, value) in before.iter() {
            if changed.get(name) == Some(value) {
                changed.remove(name);
            }
        }
        let (names, values): (Vec<Arc<str>>, Vec<Value>) = before.into_iter().unzip();
        let row = Row::new(Arc::new(Columns::new(names.clone())), values, None);
        let guard = Guard::of(&row, names);
        let on = self.db.on(self.session.as_ref());
        if changed.is_empty() {
            return Ok(match on.get(&self.table, &id).await? {
                Some(row) if guard.holds_for(&row) => Guarded::Done(id),
                Some(_) => Guarded::Changed,
                None => Guarded::Gone,
            });
        }
        on.update_if(&self.table, &id, changed, &guard).await
    }

    /// Deletes the row of that key; tells whether there was one.
    ///
    /// # Errors
    /// As [`Db::delete`].
    pub async fn delete(&self, key: impl Into<Ref<T>>) -> Result<bool, WriteError> {
        let Some(id) = key.into().row_id() else { return Ok(false) };
        self.db.on(self.session.as_ref()).delete(&self.table, &id).await
    }

    /// The records that a set leaves: `heroes.list(|set| set.filter(Hero::AGE.gte(18)).order_by(Hero::NAME))`.
    ///
    /// # Errors
    /// As [`get`](Self::get); one row that is no such record fails the whole list. To see the others, take
    /// [`set`](Self::set) and read each row by [`Record::from_row`].
    pub async fn list(&self, narrow: impl FnOnce(Set) -> Set) -> Result<Vec<T>, ReadError> {
        let rows = narrow(self.set()).rows().await?;
        Ok(rows.iter().map(T::from_row).collect::<Result<_, _>>()?)
    }

    /// The first record that a set leaves.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn first(&self, narrow: impl FnOnce(Set) -> Set) -> Result<Option<T>, ReadError> {
        let rows = narrow(self.set()).limit(1).rows().await?;
        Ok(rows.first().map(T::from_row).transpose()?)
    }

    /// All records, in the order of their keys.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn all(&self) -> Result<Vec<T>, ReadError> {
        self.list(|set| set).await
    }

    /// What an update writes.
    fn written(&self, values: Values) -> Values {
        let is_written = |name: &str| {
            !T::KEY.contains(&name)
                && self.table.get(name).is_none_or(|field| {
                    !field.generated && field.compute.is_none() && matches!(field.update, DefaultValue::None)
                })
        };
        values.into_iter().filter(|(name, _)| is_written(name)).collect()
    }
}

impl<T> Clone for Records<T> {
    fn clone(&self) -> Self {
        Self {
            db: self.db.clone(),
            session: self.session.clone(),
            table: Arc::clone(&self.table),
            record: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("table", &self.table.name).finish_non_exhaustive()
    }
}
