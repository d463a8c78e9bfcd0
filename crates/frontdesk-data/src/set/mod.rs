//! Sets of rows.

mod by_index;
mod join;
mod sql;

use std::sync::Arc;
use std::time::Duration;

use frontdesk_validate::Value;
use sea_query::{Condition, Expr, ExprTrait};

use self::join::Join;
use crate::backend::Session;
use crate::column::{Column, to_sea};
use crate::db::{On, plain_query};
use crate::policy::{Reach, denied};
use crate::{
    Access, Action, Asker, Db, DbError, Field, Handle, Row, RowId, RowStream, Table, Transaction, Values,
    WriteError, prepare,
};

/// Rows of a table: all of them, or those that filters leave, in an order, a page at a time.
///
/// It is a description that is asked for rows as often as one likes. What is wrong with it, such as the name of a column
/// that there is not, is told then.
///
/// ```
/// # use frontdesk_data::{Db, Field, Table, Values};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let db = Db::open("sqlite::memory:").await.unwrap();
/// # let artist = db.define(Table::new("artist").field(Field::string("name")).create()).await.unwrap();
/// # let album = Table::new("album").field(Field::string("title")).field(Field::reference("artist_id", "artist"));
/// # let album = db.define(album.create()).await.unwrap();
/// # db.insert(&artist, Values::new().with("name", "Nina Simone")).await.unwrap();
/// # db.insert(&album, Values::new().with("title", "Pastel Blues").with("artist_id", 1)).await.unwrap();
/// let page = db.set(&album).join("artist_id").search("blues").order_by("artist_id.name").limit(20);
/// let rows = page.rows().await.unwrap();
/// assert_eq!(rows[0]["artist_id.name"].as_str(), Some("Nina Simone"));
/// // The next page begins behind the last row of this one, however many rows there are before it.
/// let next = page.after(rows[0].id().unwrap()).rows().await.unwrap();
/// assert!(next.is_empty());
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "a set asks the database only when its rows are wanted"]
pub struct Set {
    db: Db,
    session: Option<Session>,
    table: Arc<Table>,
    filter: Condition,
    orders: Vec<Order>,
    limit: Option<u64>,
    offset: u64,
    columns: Option<Vec<Arc<str>>>,
    joins: Vec<Join>,
    group_by: Vec<Arc<str>>,
    distinct: bool,
    cursor: Option<Cursor>,
    timeout: Option<Duration>,
    cut: Option<u32>,
    problem: Option<DbError>,
    /// Whose rows these are, where a policy limits them.
    scope: Option<Arc<Scope>>,
}

/// What somebody may read.
#[derive(Clone, Debug)]
struct Scope {
    access: Access,
    rows: Reach,
}

#[derive(Clone, Debug)]
struct Order {
    path: Arc<str>,
    descending: bool,
}

/// Where a page begins or ends.
#[derive(Clone, Debug)]
struct Cursor {
    id: RowId,
    backward: bool,
}

/// How many words of a search are looked at; the rest is left out.
const MOST_WORDS: usize = 8;

/// The longest word that is searched for, in bytes; no row has a longer one.
const LONGEST_WORD: usize = 200;

impl Set {
    pub(crate) fn new(db: Db, session: Option<Session>, table: Arc<Table>) -> Self {
        Self {
            db,
            session,
            table,
            filter: Condition::all(),
            orders: Vec::new(),
            limit: None,
            offset: 0,
            columns: None,
            joins: Vec::new(),
            group_by: Vec::new(),
            distinct: false,
            cursor: None,
            timeout: None,
            cut: None,
            problem: None,
            scope: None,
        }
    }

    /// The rows of a table that somebody may read.
    pub(crate) fn guarded(db: Db, session: Option<Session>, access: &Access) -> Self {
        let table = Arc::clone(access.table());
        let rows = access.reach(&db, Action::Read, &table.name);
        let problem = (!access.can(Action::Read)).then(|| {
            DbError::not_found(Arc::clone(&table.name), format!("there is no table `{}`", table.name))
        });
        let scope = Scope { access: access.clone(), rows };
        Self { problem, scope: Some(Arc::new(scope)), ..Self::new(db, session, table) }
    }

    /// Keeps the rows for which a condition holds that is ours, and may name any column.
    pub(crate) fn filter_own(mut self, condition: impl Into<Condition>) -> Self {
        match &mut self.scope {
            None => self.filter(condition),
            Some(scope) => {
                let scope = Arc::make_mut(scope);
                let rows = std::mem::replace(&mut scope.rows, Reach::None);
                scope.rows = rows.and(Reach::Where(condition.into()));
                self
            }
        }
    }

    /// The row of a key, among those of the set.
    pub(crate) async fn of_key(self, id: &RowId) -> Result<Option<Row>, DbError> {
        if !self.table.has_key() || id.values().len() != self.table.key.len() {
            return Ok(None);
        }
        let set = self.table.key.clone().iter().zip(id.values()).fold(self, |set, (name, value)| {
            // As it is: the identity is made of what is stored.
            let column = set.table.col(name).expr();
            set.filter_own(column.eq(Expr::val(to_sea(value.clone()))))
        });
        set.first().await
    }

    fn asker(&self) -> Option<&Asker> {
        self.scope.as_deref().map(|scope| scope.access.asker())
    }

    /// The same set with no more rows and columns than somebody may read, where it is not somebody's already.
    pub(crate) fn asked_by(self, asker: &Asker) -> Self {
        if self.asker().is_some_and(|known| known.is(asker)) {
            return self;
        }
        let full = self.db.table(&self.table.name).unwrap_or_else(|| Arc::clone(&self.table));
        let access = asker.access(&full);
        let guarded = Self::guarded(self.db.clone(), self.session.clone(), &access);
        let joins: Vec<_> = self.joins.iter().map(|join| (Arc::clone(&join.path), join.inner)).collect();
        let set = Self {
            table: guarded.table,
            problem: self.problem.clone().or(guarded.problem),
            joins: Vec::new(),
            ..self
        };
        // What the application filters by is its own to say.
        let filter = set.filter.clone();
        let rows = match filter.is_empty() {
            true => guarded.scope,
            false => guarded.scope.map(|mut scope| {
                let of = Arc::make_mut(&mut scope);
                let rows = std::mem::replace(&mut of.rows, Reach::None);
                of.rows = rows.and(Reach::Where(filter));
                scope
            }),
        };
        let set = Self { filter: Condition::all(), scope: rows, ..set };
        let mut set = joins.into_iter().fold(set, |set, (path, inner)| set.joined(&path, inner));
        let orders = std::mem::take(&mut set.orders);
        set.orders = orders.into_iter().filter(|order| set.field(&order.path).is_some()).collect();
        set
    }

    /// Whether a reference can be joined.
    pub(crate) fn can_join(&self, reference: &str) -> bool {
        Join::find(&self.db, &self.table, &self.joins, reference, false, self.asker()).is_ok()
    }

    /// The same set for the rules of a table: its handle on the database keeps no tables alive.
    pub(crate) fn for_rules(mut self) -> Self {
        self.db = self.db.for_rules();
        self
    }

    /// The database.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// The table whose rows these are.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The field of that name, of the table or of one that is joined (`artist_id.name`).
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.table.get(name).or_else(|| {
            self.joins
                .iter()
                .find_map(|join| join.table.get(name.strip_prefix(&*join.path)?.strip_prefix('.')?))
        })
    }

    /// A column of the table or of one that is joined (`artist_id.name`), for a condition.
    pub fn col(&self, name: &str) -> Column {
        if self.table.get(name).is_none() {
            for join in &self.joins {
                if let Some(column) = name.strip_prefix(&*join.path).and_then(|rest| rest.strip_prefix('.'))
                    && join.table.get(column).is_some()
                {
                    return Column::new(Arc::clone(&join.alias), &join.table, column);
                }
            }
        }
        self.table.col(name)
    }

    /// Keeps the rows for which `condition` holds, besides what other filters say: an expression of
    /// [`col`](Self::col), or any condition of sea-query.
    pub fn filter(mut self, condition: impl Into<Condition>) -> Self {
        self.filter = self.filter.add(condition.into());
        self
    }

    /// Keeps the rows in whose texts each word of `text` occurs: in the columns of type string and text that are
    /// readable and not secret. ASCII letters match in either case; `%` and `_` are themselves. Empty text keeps all
    /// rows; only the first 8 words count, and a word of more than 200 bytes is found nowhere.
    pub fn search(mut self, text: &str) -> Self {
        let fields = || {
            self.table.fields.iter().filter(|field| field.kind.is_text() && field.readable && !field.secret)
        };
        let mut all = Condition::all();
        // SQLite takes no NUL in a pattern. To look for a word costs its length for each letter looked through, and no
        // time-out ends that within one text; so a word has an end.
        let text = text.replace('\0', " ");
        for word in text.split_whitespace().take(MOST_WORDS) {
            let mut any = Condition::any();
            let mut possible = false;
            for field in fields().filter(|_| word.len() <= LONGEST_WORD) {
                any = any.add(self.table.col(&field.name).contains(word));
                possible = true;
            }
            all = all.add(if possible { any } else { Condition::all().add(Expr::cust("1 = 0")) });
        }
        if !all.is_empty() {
            self.filter = self.filter.add(all);
        }
        self
    }

    /// Orders by a column, of the table or a joined one; further ones decide among equal rows. In the end the key
    /// decides, so that pages never overlap. Null comes first.
    pub fn order_by(mut self, column: impl Into<Arc<str>>) -> Self {
        self.orders.push(Order { path: column.into(), descending: false });
        self
    }

    /// As [`order_by`](Self::order_by), the greatest first and null last.
    pub fn order_by_desc(mut self, column: impl Into<Arc<str>>) -> Self {
        self.orders.push(Order { path: column.into(), descending: true });
        self
    }

    /// Takes at most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Leaves out so many rows first. The database walks over them: for long lists use [`after`](Self::after).
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = rows;
        self
    }

    /// Takes the rows behind that one, in the set's order, without walking over those before it.
    pub fn after(mut self, id: &RowId) -> Self {
        self.cursor = Some(Cursor { id: id.clone(), backward: false });
        self
    }

    /// Takes the rows before that one: with a limit, the last ones before it. They come in the set's order.
    pub fn before(mut self, id: &RowId) -> Self {
        self.cursor = Some(Cursor { id: id.clone(), backward: true });
        self
    }

    /// Reads only these columns, of the table or of joined ones. Rows still have their identity.
    pub fn columns<N: Into<Arc<str>>>(mut self, columns: impl IntoIterator<Item = N>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Reads long values only in part, for lists: of a text that takes more than `most` bytes the first `most` characters,
    /// of bytes that are more none at all. [`Row::full_length`] tells how long such a value is; what is to be written
    /// back is read by [`Db::get`].
    ///
    /// The values of the key are never cut, nor is anything in grouped or distinct rows.
    ///
    /// ```
    /// # use frontdesk_data::{Db, Field, Table, Values};
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let db = Db::open("sqlite::memory:").await.unwrap();
    /// let note = db.define(Table::new("note").field(Field::text("body")).create()).await.unwrap();
    /// db.insert(&note, Values::new().with("body", "long ".repeat(1000))).await.unwrap();
    ///
    /// let rows = db.set(&note).cut(9).rows().await.unwrap();
    /// assert_eq!(rows[0]["body"].as_str(), Some("long long"));
    /// assert_eq!(rows[0].full_length("body"), Some(5000));
    /// # });
    /// ```
    pub fn cut(mut self, most: u32) -> Self {
        self.cut = Some(most);
        self
    }

    /// Joins the table that a field refers to; rows that refer to none stay, with null. Its columns are called
    /// `field.column`. A reference of a joined table is joined by `field.reference`.
    pub fn join(self, reference: &str) -> Self {
        self.joined(reference, false)
    }

    /// As [`join`](Self::join), but rows that refer to none are left out.
    pub fn inner_join(self, reference: &str) -> Self {
        self.joined(reference, true)
    }

    fn joined(mut self, path: &str, inner: bool) -> Self {
        if let Some(known) = self.joins.iter_mut().find(|join| &*join.path == path) {
            known.inner |= inner;
            return self;
        }
        match Join::find(&self.db, &self.table, &self.joins, path, inner, self.asker()) {
            Ok(join) => self.joins.push(join),
            Err(problem) => {
                self.problem.get_or_insert(problem);
            }
        }
        self
    }

    /// Makes one row of all rows that are equal in these columns. Rows have no identity then.
    pub fn group_by<N: Into<Arc<str>>>(mut self, columns: impl IntoIterator<Item = N>) -> Self {
        self.group_by.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Leaves out repeated rows. Rows have no identity then, so that two with equal columns are one.
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// Lets [`rows`](Self::rows) run for no longer than that, where it is less than the
    /// [statement time-out](crate::DbOptions::statement_timeout): for what people wait for, such as a search.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// The same rows as a transaction sees them.
    pub(crate) fn within(&self, transaction: &Transaction) -> Self {
        Self { session: transaction.set(&self.table).session, ..self.clone() }
    }

    /// The rows.
    ///
    /// # Errors
    /// [`DbErrorKind::NotFound`](crate::DbErrorKind::NotFound) for a column, a reference, or a row to continue after
    /// that there is not; else as [`Db::get`].
    pub async fn rows(&self) -> Result<Vec<Row>, DbError> {
        let anchor = self.anchor().await?;
        let mut rows = self.on().read(self.select(anchor.as_deref())?).await?;
        if self.cursor.as_ref().is_some_and(|cursor| cursor.backward) {
            rows.reverse();
        }
        Ok(rows)
    }

    /// The rows one after the other, in constant memory however many there are: all as they are at one moment, whatever is
    /// written meanwhile.
    ///
    /// A stream has a connection of its own, so that it keeps nobody else waiting; of those there are
    /// [a few](crate::DbOptions::streams). The [statement time-out](crate::DbOptions::statement_timeout), and a
    /// [shorter one](Self::timeout), hold from one chunk of rows to the next, and not while whoever reads is busy: a long
    /// export is no runaway statement. For the same reason an order that no index serves has to be ready within one
    /// time-out. Who reads nothing for longer than the [idle time-out](crate::DbOptions::idle_timeout) ends the stream.
    ///
    /// An SQLite database that is not in WAL mode takes no writes while a stream of it is open; one in WAL mode does, but
    /// its log grows meanwhile.
    ///
    /// ```
    /// # use frontdesk_data::{Db, Field, Table, Values};
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let db = Db::open("sqlite::memory:").await.unwrap();
    /// # let hero = db.define(Table::new("hero").field(Field::string("name")).create()).await.unwrap();
    /// # db.insert(&hero, Values::new().with("name", "Ada")).await.unwrap();
    /// let mut rows = db.set(&hero).stream().await.unwrap();
    /// while let Some(row) = rows.next().await {
    ///     println!("{}", row.unwrap()["name"].to_text());
    /// }
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`DbErrorKind::Busy`](crate::DbErrorKind::Busy) if as many streams are open as may be; `Unsupported` for a set within
    /// a transaction, and for one that ends [before](Self::before) a row; else as [`rows`](Self::rows). What goes wrong
    /// later is told by [`RowStream::next`].
    pub async fn stream(&self) -> Result<RowStream, DbError> {
        if self.session.is_some() {
            return Err(DbError::unsupported(
                "a transaction has no streams; read it a page at a time, with `limit` and `after`",
            ));
        }
        if self.cursor.as_ref().is_some_and(|cursor| cursor.backward) {
            return Err(DbError::unsupported(
                "a stream begins at the first row or after one, never before one",
            ));
        }
        let anchor = self.anchor().await?;
        self.db.backend().stream(self.select(anchor.as_deref())?, self.db.clone()).await
    }

    /// The first row.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn first(&self) -> Result<Option<Row>, DbError> {
        if self.limit == Some(0) {
            return Ok(None);
        }
        Ok(self.clone().limit(1).rows().await?.into_iter().next())
    }

    /// How many rows there are. The database walks over all of them; [`count_up_to`](Self::count_up_to) does not.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn count(&self) -> Result<u64, DbError> {
        self.counted(None).await
    }

    /// How many rows there are, but no more than `most`.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn count_up_to(&self, most: u64) -> Result<u64, DbError> {
        self.counted(Some(most)).await
    }

    /// Whether there is any row.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub async fn exists(&self) -> Result<bool, DbError> {
        Ok(self.counted(Some(1)).await? > 0)
    }

    async fn counted(&self, most: Option<u64>) -> Result<u64, DbError> {
        let anchor = self.anchor().await?;
        let (sql, params) = self.count_sql(most, anchor.as_deref())?;
        let rows = self.on().read(plain_query(sql.into(), params)).await?;
        let count = rows.first().and_then(|row| row.values().first()).and_then(Value::as_int).unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Updates all rows of the set with `values`, as [`Db::update`] does with one; returns how many there were.
    ///
    /// # Errors
    /// As [`Db::update`]; then no row is changed.
    pub async fn update(&self, values: Values) -> Result<u64, WriteError> {
        if let Some(scope) = &self.scope {
            return self.change_each(&scope.access, Action::Update, Some(values)).await;
        }
        if prepare::needs_row(&self.table, &values) {
            return self.update_each(values).await;
        }
        let plan = self.db.plan(&self.table);
        let (fields, params) = prepare::changes(&self.table, &plan, values, None)?;
        if fields.is_empty() {
            return Ok(self.count().await?);
        }
        let anchor = self.anchor().await?;
        let write = self.update_sql(&fields, params, plan, anchor.as_deref())?;
        Ok(self.on().write(write).await?.rows)
    }

    /// Fields that are worked out of others differ from row to row.
    async fn update_each(&self, values: Values) -> Result<u64, WriteError> {
        let own = match &self.session {
            Some(_) => None,
            None => Some(self.db.begin().await?),
        };
        let set = match &own {
            Some(transaction) => self.within(transaction),
            None => self.clone(),
        };
        let mut changed = 0;
        for row in set.rows().await? {
            if let Some(id) = row.id()
                && set.on().update(&set.table, id, values.clone()).await?.is_some()
            {
                changed += 1;
            }
        }
        if let Some(transaction) = own {
            transaction.commit().await?;
        }
        Ok(changed)
    }

    /// Deletes all rows of the set; returns how many there were.
    ///
    /// # Errors
    /// As [`Db::delete`]; then no row is deleted.
    pub async fn delete(&self) -> Result<u64, WriteError> {
        if let Some(scope) = &self.scope {
            return self.change_each(&scope.access, Action::Delete, None).await;
        }
        let anchor = self.anchor().await?;
        let write = self.delete_sql(self.db.plan(&self.table), anchor.as_deref())?;
        Ok(self.on().write(write).await?.rows)
    }

    /// Updates, or deletes, the rows that somebody may, one by one.
    async fn change_each(
        &self,
        access: &Access,
        action: Action,
        values: Option<Values>,
    ) -> Result<u64, WriteError> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone().into());
        }
        if !access.can(action) {
            return Err(denied());
        }
        if !self.has_identity() {
            return Err(
                DbError::unsupported("only rows with an identity can be changed through this set").into()
            );
        }
        let own = match &self.session {
            Some(_) => None,
            None => Some(self.db.begin().await?),
        };
        let set = match &own {
            Some(transaction) => self.within(transaction),
            None => self.clone(),
        };
        let handle = Handle::new(&set.db, set.session.as_ref());
        let reached = set.clone().filter_reach(access.reach(&set.db, action, &set.table.name));
        let mut changed = 0;
        for row in reached.columns(set.table.key.iter().cloned()).rows().await? {
            let Some(id) = row.id() else { continue };
            changed += u64::from(match &values {
                Some(values) => access.update(handle, id, values.clone()).await?.is_some(),
                None => access.delete(handle, id).await?,
            });
        }
        if let Some(transaction) = own {
            transaction.commit().await?;
        }
        Ok(changed)
    }

    fn filter_reach(self, reach: Reach) -> Self {
        match reach {
            Reach::All => self,
            Reach::None => self.filter_own(Expr::cust("1 = 0")),
            Reach::Where(condition) => self.filter_own(condition),
        }
    }

    fn on(&self) -> On<'_> {
        self.db.on(self.session.as_ref())
    }
}
