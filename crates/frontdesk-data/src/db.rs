use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use frontdesk_validate::Value;

use crate::backend::{Backend, Session};
use crate::plan::{Plan, Plans};
use crate::statement::{Op, Query, Write, Written};
use crate::{
    DbError, DbOptions, FieldType, Guard, Guarded, Row, RowId, Set, Table, Transaction, Values, WriteError,
    prepare,
};

/// A database. A cheap handle: clones share the connections, which end with the last of them.
///
/// ```
/// use frontdesk_data::{Db, Field, Table, Values};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let hero = db.define(Table::new("hero").field(Field::string("name").not_null()).create()).await.unwrap();
///
/// let id = db.insert(&hero, Values::new().with("name", "Ada")).await.unwrap().unwrap();
/// let row = db.get(&hero, &id).await.unwrap().unwrap();
/// assert_eq!(row["name"].as_str(), Some("Ada"));
///
/// let refused = db.insert(&hero, Values::new()).await.unwrap_err();
/// assert_eq!(refused.violations()[0].error.code(), "not_null");
/// # });
/// ```
///
/// # Cancellation
/// With PostgreSQL, the statement of a future that is dropped is ended on the server. A future that is dropped before its statement began leaves nothing behind; one that is dropped later may leave the
/// whole statement done, never half of it.
#[derive(Clone)]
pub struct Db {
    backend: Arc<Backend>,
    known: KnownTables,
}

/// The tables that are known, and their statements.
#[derive(Default)]
struct Known {
    tables: RwLock<BTreeMap<Arc<str>, Arc<Table>>>,
    plans: Plans,
}

/// A handle on what is known. The rules of a known table may hold the database; theirs are weak, or the two would keep
/// each other for ever.
#[derive(Clone)]
enum KnownTables {
    Own(Arc<Known>),
    Weak(Weak<Known>),
}

impl KnownTables {
    fn get(&self) -> Option<Arc<Known>> {
        match self {
            Self::Own(known) => Some(Arc::clone(known)),
            Self::Weak(known) => known.upgrade(),
        }
    }
}

impl Db {
    /// Opens a database by its URL: `sqlite://shop.db` (relative), `sqlite:///srv/shop.db` (absolute) or
    /// `sqlite::memory:`; with the feature `postgres`, `postgres://USER:PASSWORD@HOST:PORT/DATABASE` with the options of
    /// libpq, such as `?sslmode=verify-full`.
    ///
    /// An existing file is left byte for byte as it is until something is written to it; in particular its journal mode
    /// is never changed. A database in memory is shared by all clones of the handle, and is in truth a temporary file,
    /// so that it behaves as others do.
    ///
    /// # Errors
    /// [`DbErrorKind::Unsupported`](crate::DbErrorKind::Unsupported) for another kind of database, `Unavailable` if the
    /// file does not exist or cannot be opened, or the server cannot be reached or lets nobody in, `Corrupt` if it is no SQLite database, `Busy` if it stays locked.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        Self::open_with(url, DbOptions::default()).await
    }

    /// As [`open`](Self::open), with options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(url: &str, options: DbOptions) -> Result<Self, DbError> {
        let backend = Arc::new(Backend::open(url, options).await?);
        Ok(Self { backend, known: KnownTables::Own(Arc::default()) })
    }

    /// Ends the connections once what is queued is done, and waits for that. Later calls fail as unavailable.
    pub async fn close(&self) {
        self.backend.close().await;
    }

    /// Whether both are handles of one opened database, so that one transaction can hold what is written through either.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.backend, &other.backend)
    }

    /// Whether tables are in schemas, so that one may have the name of another: as in PostgreSQL, not in SQLite.
    pub fn has_schemas(&self) -> bool {
        self.backend.has_schemas()
    }

    /// The table of that name, if it is defined.
    pub fn table(&self, name: &str) -> Option<Arc<Table>> {
        self.known.get()?.tables.read().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone)
    }

    /// The tables that are defined, in order of name.
    pub fn tables(&self) -> Vec<Arc<Table>> {
        let Some(known) = self.known.get() else { return Vec::new() };
        let tables = known.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.values().map(Arc::clone).collect()
    }

    /// Remembers tables; those of the same names are replaced.
    pub(crate) fn remember(&self, tables: impl IntoIterator<Item = Arc<Table>>) {
        let Some(known) = self.known.get() else { return };
        known
            .tables
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(tables.into_iter().map(|table| (Arc::clone(&table.name), table)));
        known.plans.clear();
    }

    /// The same database for the rules of its tables: a handle that keeps none of the tables alive.
    pub(crate) fn for_rules(&self) -> Self {
        let known = match &self.known {
            KnownTables::Own(known) => KnownTables::Weak(Arc::downgrade(known)),
            weak @ KnownTables::Weak(_) => weak.clone(),
        };
        Self { backend: Arc::clone(&self.backend), known }
    }

    /// The same database with a memory of its own: what is defined through it is not known to other handles.
    pub(crate) fn with_own_tables(&self) -> Self {
        let own = Self { backend: Arc::clone(&self.backend), known: KnownTables::Own(Arc::default()) };
        own.remember(self.tables());
        own
    }

    /// The row of that identity.
    ///
    /// # Errors
    /// [`DbError`], if the database is in trouble or has no such table or column.
    pub async fn get(&self, table: &Table, id: &RowId) -> Result<Option<Row>, DbError> {
        self.on(None).get(table, id).await
    }

    /// Inserts a row, and returns its identity; `None` for a table without a key.
    ///
    /// A field that `values` does not name takes its default. Fields with `compute` are worked out. Values of generated
    /// columns are left out.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with what is wrong beside which field, or [`WriteError::Db`].
    pub async fn insert(&self, table: &Table, values: Values) -> Result<Option<RowId>, WriteError> {
        self.on(None).insert(table, values).await
    }

    /// Updates the row of that identity with `values`, and returns its identity, which changes with the values of the
    /// key; `None` if there is no such row. Fields that `values` does not name stay, but for those with an `update`
    /// value or a `compute`. No values at all change nothing.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub async fn update(
        &self,
        table: &Table,
        id: &RowId,
        values: Values,
    ) -> Result<Option<RowId>, WriteError> {
        self.on(None).update(table, id, values).await
    }

    /// Deletes the row of that identity; tells whether there was one.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with code `referenced`, if other rows still refer to it; as [`insert`](Self::insert).
    pub async fn delete(&self, table: &Table, id: &RowId) -> Result<bool, WriteError> {
        self.on(None).delete(table, id).await
    }

    /// As [`update`](Self::update), if the row is still what `guard` says. The digest is checked in the UPDATE itself:
    /// of two who change a row that both have loaded, only one does.
    ///
    /// # Errors
    /// As [`insert`](Self::insert); [`DbErrorKind::NotFound`](crate::DbErrorKind::NotFound) if the guard names a column
    /// that there is not.
    ///
    /// ```
    /// use frontdesk_data::{Db, Field, Guard, Guarded, RowId, Table, Values};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let db = Db::open("sqlite::memory:").await.unwrap();
    /// # let hero = db.define(Table::new("hero").field(Field::string("name")).create()).await.unwrap();
    /// # db.insert(&hero, Values::new().with("name", "Ada")).await.unwrap();
    /// let id = RowId::from(1);
    /// let loaded = db.get(&hero, &id).await.unwrap().unwrap();
    /// let guard = Guard::of(&loaded, ["name"]);
    /// let first = db.update_if(&hero, &id, Values::new().with("name", "Eve"), &guard).await.unwrap();
    /// assert_eq!(first, Guarded::Done(id.clone()));
    /// let second = db.update_if(&hero, &id, Values::new().with("name", "Bob"), &guard).await.unwrap();
    /// assert_eq!(second, Guarded::Changed);
    /// # });
    /// ```
    pub async fn update_if(
        &self,
        table: &Table,
        id: &RowId,
        values: Values,
        guard: &Guard,
    ) -> Result<Guarded, WriteError> {
        self.on(None).update_if(table, id, values, guard).await
    }

    /// As [`delete`](Self::delete), if the row is still what `guard` says, as for [`update_if`](Self::update_if).
    ///
    /// # Errors
    /// As [`delete`](Self::delete) and [`update_if`](Self::update_if).
    pub async fn delete_if(&self, table: &Table, id: &RowId, guard: &Guard) -> Result<Guarded, WriteError> {
        self.on(None).delete_if(table, id, guard).await
    }

    /// The rows of a table, to be narrowed down.
    pub fn set(&self, table: &Arc<Table>) -> Set {
        Set::new(self.clone(), None, Arc::clone(table))
    }

    /// Begins a transaction. With SQLite, all other writes wait until it ends.
    ///
    /// # Errors
    /// [`DbError`], if the database is in trouble, or cannot be written to.
    pub async fn begin(&self) -> Result<Transaction, DbError> {
        Ok(Transaction::new(self.clone(), self.backend.begin().await?))
    }

    /// Reads with SQL of your own. The columns of the rows are named as the result's, and hold what is stored.
    ///
    /// # Errors
    /// [`DbError`], if the SQL does not fit the database, or would write.
    pub async fn query(
        &self,
        sql: impl Into<Arc<str>>,
        params: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Row>, DbError> {
        self.on(None).read(own_query(sql.into(), params)).await
    }

    /// Writes with SQL of your own: one statement, with `?` for each parameter, whatever the database (`??` is PostgreSQL's
    /// operator `?`). Returns how many rows it changed.
    ///
    /// # Errors
    /// As [`insert`](Self::insert); violations belong to no field.
    pub async fn execute(
        &self,
        sql: impl Into<Arc<str>>,
        params: impl IntoIterator<Item = Value>,
    ) -> Result<u64, WriteError> {
        self.on(None).write(own_write(sql.into(), params)).await.map(|written| written.rows)
    }

    /// Runs `work`, whose reads go through that session.
    pub(crate) async fn within<T>(&self, session: &Session, work: impl Future<Output = T>) -> T {
        let seen = Seen { backend: Arc::clone(&self.backend), session: session.clone() };
        SEEN.scope(seen, work).await
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The operations, within a transaction or without.
    pub(crate) fn on<'a>(&'a self, session: Option<&'a Session>) -> On<'a> {
        On { db: self, session }
    }

    pub(crate) fn plan(&self, table: &Table) -> Arc<Plan> {
        let build = || {
            let shared = match self.table(&table.name) {
                Some(known) if std::ptr::eq(&*known, table) => known,
                _ => Arc::new(table.clone()),
            };
            let kinds =
                table.fields.iter().map(|field| self.kind_of(table, &field.name, &field.kind)).collect();
            Plan::new(shared, kinds, self.backend.dialect())
        };
        match self.known.get() {
            Some(known) => known.plans.of(table, build),
            None => Arc::new(build()),
        }
    }

    /// The type by which a field is written: for a reference, that of the column that it refers to, where it is known.
    fn kind_of(&self, table: &Table, name: &str, kind: &FieldType) -> FieldType {
        let mut kind = kind.clone();
        let mut place = (table.name.to_string(), name.to_owned());
        // A key may be a reference itself; the number of steps guards against a circle.
        for _ in 0..8 {
            if !matches!(kind, FieldType::Reference { .. }) {
                break;
            }
            let known = self.table(&place.0);
            let here = if place.0 == *table.name {
                table
            } else if let Some(known) = &known {
                known
            } else {
                break;
            };
            let Some((target, column)) = referred(self, here, &place.1) else { break };
            let next = self.table(&target);
            let there = if *target == *table.name {
                table
            } else if let Some(next) = &next {
                next
            } else {
                break;
            };
            let Some(field) = there.get(&column) else { break };
            if target.as_ref() == place.0 && *column == *place.1 {
                break;
            }
            kind = field.kind.clone();
            place = (target.to_string(), column.to_string());
        }
        kind
    }
}

/// The table and column that a field refers to.
fn referred(db: &Db, table: &Table, field: &str) -> Option<(Arc<str>, Arc<str>)> {
    let (key, at) = table
        .foreign_keys
        .iter()
        .filter_map(|key| Some((key, key.fields.iter().position(|name| &**name == field)?)))
        .min_by_key(|(key, _)| key.fields.len())?;
    let column = match key.columns.get(at) {
        Some(column) => Arc::clone(column),
        None if key.table == table.name => Arc::clone(table.key.get(at)?),
        None => Arc::clone(db.table(&key.table)?.key.get(at)?),
    };
    Some((Arc::clone(&key.table), column))
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("backend", &self.backend).finish_non_exhaustive()
    }
}

pub(crate) fn own_query(sql: Arc<str>, params: impl IntoIterator<Item = Value>) -> Query {
    Query { sql, params: params.into_iter().collect(), shape: None, rows: 1, limit: None, own: true }
}

/// A read of ours whose result is taken as it is stored.
pub(crate) fn plain_query(sql: Arc<str>, params: Vec<Value>) -> Query {
    Query { sql, params, shape: None, rows: 1, limit: None, own: false }
}

pub(crate) fn own_write(sql: Arc<str>, params: impl IntoIterator<Item = Value>) -> Write {
    Write {
        sql,
        params: params.into_iter().collect(),
        op: Op::Many { fields: Arc::default() },
        plan: None,
        guard: None,
    }
}

tokio::task_local! {
    /// What this task reads of a database, it reads there.
    static SEEN: Seen;
}

struct Seen {
    backend: Arc<Backend>,
    session: Session,
}

impl Seen {
    fn of(&self, db: &Db) -> Option<Session> {
        Arc::ptr_eq(&self.backend, &db.backend).then(|| self.session.clone())
    }
}

/// A database, perhaps within a transaction: what both can do is here.
#[derive(Clone, Copy)]
pub(crate) struct On<'a> {
    db: &'a Db,
    session: Option<&'a Session>,
}

impl On<'_> {
    pub(crate) async fn read(self, query: Query) -> Result<Vec<Row>, DbError> {
        let seen = match self.session {
            Some(_) => None,
            None => SEEN.try_with(|seen| seen.of(self.db)).ok().flatten(),
        };
        match self.session.or(seen.as_ref()) {
            Some(session) => session.read(query).await,
            None => self.db.backend().read(query).await,
        }
    }

    pub(crate) async fn write(self, write: Write) -> Result<Written, WriteError> {
        match self.session {
            Some(session) => session.write(write).await,
            None => self.db.backend().write(write).await,
        }
    }

    pub(crate) async fn get(self, table: &Table, id: &RowId) -> Result<Option<Row>, DbError> {
        let plan = self.db.plan(table);
        if !fits_key(table, id) {
            return Ok(None);
        }
        let shape = Some(Arc::clone(&plan.shape));
        let query = Query {
            sql: Arc::clone(&plan.get),
            params: id.values().to_vec(),
            shape,
            rows: 1,
            limit: None,
            own: false,
        };
        Ok(self.read(query).await?.pop())
    }

    pub(crate) async fn insert(self, table: &Table, values: Values) -> Result<Option<RowId>, WriteError> {
        let write = prepare::insert(table, self.db.plan(table), values)?;
        Ok(self.write(write).await?.id)
    }

    pub(crate) async fn update(
        self,
        table: &Table,
        id: &RowId,
        values: Values,
    ) -> Result<Option<RowId>, WriteError> {
        if !fits_key(table, id) {
            return Ok(None);
        }
        if self.session.is_none() && prepare::needs_row(table, &values) {
            // What is worked out from the row must be worked out from the row that is written.
            let transaction = self.db.begin().await?;
            let id = Box::pin(transaction.update(table, id, values)).await?;
            transaction.commit().await?;
            return Ok(id);
        }
        let row = match prepare::needs_row(table, &values) {
            true => match self.get(table, id).await? {
                Some(row) => Some(row),
                None => return Ok(None),
            },
            false => None,
        };
        match prepare::update(table, self.db.plan(table), id, values, row.as_ref(), None)? {
            Some(write) => Ok(self.write(write).await?.id),
            None => Ok(self.exists(table, id).await?.then(|| id.clone())),
        }
    }

    pub(crate) async fn update_if(
        self,
        table: &Table,
        id: &RowId,
        values: Values,
        guard: &Guard,
    ) -> Result<Guarded, WriteError> {
        let plan = self.db.plan(table);
        plan.positions(&guard.columns)?;
        if !fits_key(table, id) {
            return Ok(Guarded::Gone);
        }
        let needs_row = prepare::needs_row(table, &values);
        if self.session.is_none() && needs_row {
            let transaction = self.db.begin().await?;
            let done = Box::pin(transaction.update_if(table, id, values, guard)).await?;
            transaction.commit().await?;
            return Ok(done);
        }
        let row = match needs_row {
            true => match self.get(table, id).await? {
                Some(row) => Some(row),
                None => return Ok(Guarded::Gone),
            },
            false => None,
        };
        match prepare::update(table, plan, id, values, row.as_ref(), Some(guard))? {
            Some(write) => Ok(Guarded::from(self.write(write).await?, id)),
            None => Ok(match self.get(table, id).await? {
                None => Guarded::Gone,
                Some(row) if guard.holds_for(&row) => Guarded::Done(id.clone()),
                Some(_) => Guarded::Changed,
            }),
        }
    }

    pub(crate) async fn delete_if(
        self,
        table: &Table,
        id: &RowId,
        guard: &Guard,
    ) -> Result<Guarded, WriteError> {
        let write = prepare::delete_if(self.db.plan(table), id, guard)?;
        if !fits_key(table, id) {
            return Ok(Guarded::Gone);
        }
        Ok(Guarded::from(self.write(write).await?, id))
    }

    pub(crate) async fn delete(self, table: &Table, id: &RowId) -> Result<bool, WriteError> {
        if !fits_key(table, id) {
            return Ok(false);
        }
        let plan = self.db.plan(table);
        let sql = Arc::clone(&plan.delete);
        let write = Write {
            sql,
            params: id.values().to_vec(),
            op: Op::Delete { id: id.clone() },
            plan: Some(plan),
            guard: None,
        };
        Ok(self.write(write).await?.rows > 0)
    }

    async fn exists(self, table: &Table, id: &RowId) -> Result<bool, DbError> {
        let plan = self.db.plan(table);
        Ok(!self.read(plain_query(Arc::clone(&plan.exists), id.values().to_vec())).await?.is_empty())
    }
}

/// Whether an identity has as many parts as the key; another one is that of no row.
fn fits_key(table: &Table, id: &RowId) -> bool {
    table.has_key() && id.values().len() == table.key.len()
}
