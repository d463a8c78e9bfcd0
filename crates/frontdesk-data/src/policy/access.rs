use std::sync::Arc;

use frontdesk_validate::Value;
use sea_query::Condition;

use super::compiled::Compiled;
use super::filter::Truth;
use super::rules::{RowColumns, RowRule, place};
use super::{Actor, Asker, Bound, Policy};
use crate::backend::Session;
use crate::db::{On, plain_query};
use crate::{Action, Db, DbError, Field, Row, RowId, Set, Table, Transaction};

/// What one actor may do with one table: [`Policy::access`] gives it. Cheap to clone.
///
/// It reads and writes like a [`Db`], and no more than the policy allows:
/// - A column that may not be read is unknown: it is in no row, and a filter, order, search, group, join or page that names it
///   is refused as one that names a column that there is not.
/// - A row out of reach is not there: it is not found, counted, changed or deleted, nor shown where others refer to it.
/// - Whatever an UPDATE or DELETE touches, its statement itself says which rows may be touched. A row that is created or
///   changed must be one that the actor may create or change, and refer to nothing that the actor may not read.
///
/// With a policy that [allows everything](Policy::allow_all) it is the database, without any work in between.
#[derive(Clone, Debug)]
pub struct Access {
    asker: Asker,
    compiled: Arc<Compiled>,
    /// Whether the application answers for which columns are written.
    any_column: bool,
}

/// Where rows are read and written: a database, or a transaction in it. Made from a reference to either.
#[derive(Clone, Copy)]
pub struct Handle<'h> {
    pub(super) db: &'h Db,
    pub(super) session: Option<&'h Session>,
}

impl<'h> From<&'h Db> for Handle<'h> {
    fn from(db: &'h Db) -> Self {
        Self { db, session: None }
    }
}

impl<'h> From<&'h Transaction> for Handle<'h> {
    fn from(transaction: &'h Transaction) -> Self {
        Self { db: transaction.db(), session: Some(transaction.session()) }
    }
}

impl<'h> Handle<'h> {
    pub(crate) fn new(db: &'h Db, session: Option<&'h Session>) -> Self {
        Self { db, session }
    }

    pub(super) fn on(self) -> On<'h> {
        self.db.on(self.session)
    }
}

impl std::fmt::Debug for Handle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("in_transaction", &self.session.is_some()).finish_non_exhaustive()
    }
}

/// Which rows of a table an action reaches.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reach {
    All,
    None,
    Where(Condition),
}

impl Reach {
    /// The rows that both reach.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::All, one) | (one, Self::All) => one,
            (Self::Where(one), Self::Where(other)) if one == other => Self::Where(one),
            (Self::Where(one), Self::Where(other)) => Self::Where(Condition::all().add(one).add(other)),
        }
    }
}

impl Access {
    pub(super) fn new(policy: Policy, actor: Actor, compiled: Arc<Compiled>) -> Self {
        Self { asker: Asker::new(&policy, &actor), compiled, any_column: false }
    }

    pub(super) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// The policy, and who asks it.
    pub fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        self.asker.actor()
    }

    /// The table as it is.
    pub fn full_table(&self) -> &Arc<Table> {
        &self.compiled.table
    }

    /// The table as the actor has it: without columns that may not be read, and with what is denied among what is
    /// [impossible](Table::impossible).
    pub fn table(&self) -> &Arc<Table> {
        match self.is_unlimited() {
            true => &self.compiled.table,
            false => &self.compiled.view,
        }
    }

    /// Whether the actor may do everything, with this table and all others.
    pub fn is_unlimited(&self) -> bool {
        self.asker.is_unlimited()
    }

    /// Whether the actor may do that with rows of the table: with which ones is another question. It says nothing of what the
    /// table itself makes [impossible](Table::impossible).
    pub fn can(&self, action: Action) -> bool {
        let can = self.compiled.can;
        can[place(action)] && (matches!(action, Action::Create) || can[place(Action::Read)])
    }

    /// The columns that the actor may read: those of the table's that are shown, and are no secrets.
    pub fn readable(&self) -> impl Iterator<Item = &Field> {
        let fields = self.compiled.table.fields.iter().enumerate();
        fields.filter(|(at, _)| self.can(Action::Read) && self.compiled.sees(*at)).map(|(_, field)| field)
    }

    /// The columns that the actor may write.
    pub fn writable(&self) -> impl Iterator<Item = &Field> {
        let fields = self.compiled.table.fields.iter().zip(&self.compiled.writable);
        let can = self.can(Action::Create) || self.can(Action::Update);
        fields.filter(move |(_, writable)| can && **writable).map(|(field, _)| field)
    }

    /// The same for values that the application itself has chosen: of what is written, the rows are checked and the columns
    /// are not.
    #[must_use]
    pub fn any_column(&self) -> Self {
        Self { any_column: true, ..self.clone() }
    }

    pub(super) fn may_write(&self, at: usize) -> bool {
        self.any_column || self.compiled.writable[at]
    }

    /// A table as forms draw it for the actor: it is the access's own, or that with changes of a form's.
    ///
    /// What may not be read is not there; what may not be written is not writable.
    #[must_use]
    pub fn narrow(&self, table: &Table) -> Table {
        let mut narrow = Table::clone(table);
        let full = &self.compiled.table;
        let place_of = |name: &str| full.fields.iter().position(|field| &*field.name == name);
        narrow.fields.retain(|field| place_of(&field.name).is_none_or(|at| self.compiled.readable[at]));
        let writes = self.can(Action::Create) || self.can(Action::Update);
        for field in &mut narrow.fields {
            let may = place_of(&field.name).is_some_and(|at| self.compiled.writable[at]);
            // A secret is written without being shown; what else is not shown is not edited either.
            let shown = field.readable || field.secret;
            field.writable &= writes && may && shown;
        }
        let has = |fields: &[Field], name: &str| fields.iter().any(|field| &*field.name == name);
        let fields = &narrow.fields;
        narrow.uniques.retain(|unique| unique.fields.iter().all(|name| has(fields, name)));
        narrow.foreign_keys.retain(|key| key.fields.iter().all(|name| has(fields, name)));
        narrow.checks.retain(|check| check.fields.iter().all(|name| has(fields, name)));
        self.compiled.note_denied(&mut narrow);
        narrow
    }

    /// Whether two accesses have the same columns and actions, though perhaps not the same rows.
    pub fn is_like(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.compiled, &other.compiled)
    }

    /// The rows that the actor may read, to be narrowed down. A set of a table that may not be read at all answers as one of a
    /// table that there is not.
    pub fn set<'h>(&self, handle: impl Into<Handle<'h>>) -> Set {
        let handle = handle.into();
        let session = handle.session.cloned();
        if self.is_unlimited() {
            return Set::new(handle.db.clone(), session, Arc::clone(&self.compiled.table));
        }
        Set::guarded(handle.db.clone(), session, self)
    }

    /// The row of that identity, if the actor may read it.
    ///
    /// # Errors
    /// As [`Db::get`].
    pub async fn get<'h>(&self, handle: impl Into<Handle<'h>>, id: &RowId) -> Result<Option<Row>, DbError> {
        let handle = handle.into();
        if self.is_unlimited() {
            return handle.on().get(&self.compiled.table, id).await;
        }
        if !self.can(Action::Read) {
            return Ok(None);
        }
        self.set(handle).of_key(id).await
    }

    /// Whether the actor may do that with the row of that identity, as it is now.
    ///
    /// # Errors
    /// As [`Db::get`].
    pub async fn may<'h>(
        &self,
        handle: impl Into<Handle<'h>>,
        action: Action,
        id: &RowId,
    ) -> Result<bool, DbError> {
        let handle = handle.into();
        if !self.can(action) {
            return Ok(false);
        }
        self.reaches(handle, id, &self.reach_to_change(handle.db, action)).await
    }

    /// Whether an action reaches other rows than reading does.
    pub fn differs_from_reading(&self, action: Action) -> bool {
        let rows = &self.compiled.rows;
        let sources = |rules: &[RowRule]| -> Option<Vec<String>> {
            rules
                .iter()
                .map(|rule| match rule {
                    RowRule::Filter(filter) => Some(filter.to_string()),
                    RowRule::With(_) => None,
                })
                .collect()
        };
        let (own, read) = (&rows[place(action)], &rows[place(Action::Read)]);
        own.len() != read.len() || sources(own).is_none_or(|own| sources(read) != Some(own))
    }

    /// Whether the actor reaches a row with these values, as far as it can be told without asking the database: `None` where a
    /// closure decides.
    pub fn reaches_values(&self, action: Action, row: impl Fn(&str) -> Option<Value>) -> Option<bool> {
        if !self.can(action) {
            return Some(false);
        }
        let mut all = Some(true);
        for rule in &self.compiled.rows[place(action)] {
            match rule {
                RowRule::Filter(filter) => {
                    if filter.truth(&self.compiled.table, &row, self.actor()) != Truth::True {
                        return Some(false);
                    }
                }
                RowRule::With(_) => all = None,
            }
        }
        all
    }

    /// Which rows an action reaches, in a statement in which the table is called `qualifier`.
    pub(crate) fn reach(&self, db: &Db, action: Action, qualifier: &Arc<str>) -> Reach {
        if !self.can(action) {
            return Reach::None;
        }
        let table = &self.compiled.table;
        let rules = &self.compiled.rows[place(action)];
        if rules.is_empty() {
            return Reach::All;
        }
        let plan = db.plan(table);
        let mut reach = Reach::All;
        for rule in rules {
            reach = reach.and(match rule {
                RowRule::Filter(filter) => match filter.bind(table, &plan.kinds, qualifier, self.actor()) {
                    Bound::Known(Truth::True) => Reach::All,
                    Bound::Known(_) => Reach::None,
                    Bound::Rows(condition) => Reach::Where(condition),
                },
                RowRule::With(rows) => Reach::Where(rows(self.actor(), &RowColumns { table, qualifier })),
            });
        }
        reach
    }

    /// The rows that an action may begin with: those that it reaches, and that may be read.
    pub(super) fn reach_to_change(&self, db: &Db, action: Action) -> Reach {
        let name = &self.compiled.table.name;
        let own = self.reach(db, action, name);
        match action {
            Action::Read => own,
            _ => self.reach(db, Action::Read, name).and(own),
        }
    }

    /// Whether the row of a key is among those.
    pub(super) async fn reaches(
        &self,
        handle: Handle<'_>,
        id: &RowId,
        reach: &Reach,
    ) -> Result<bool, DbError> {
        let table = &self.compiled.table;
        if !table.has_key() || id.values().len() != table.key.len() || *reach == Reach::None {
            return Ok(false);
        }
        let plan = handle.db.plan(table);
        let mut sql = plan.exists.to_string();
        let mut params = id.values().to_vec();
        super::write::push_reach(handle.db, &mut sql, &mut params, reach)?;
        Ok(!handle.on().read(plain_query(sql.into(), params)).await?.is_empty())
    }
}
