use std::fmt;
use std::sync::Arc;

use sea_query::Condition;

use super::{Actor, Roles, RowFilter, RowFilterError};
use crate::column::Column;
use crate::{Action, Table};

/// Who may do what with the rows of one table: roles for each action, which rows, which columns.
///
/// # Defaults
/// An action that is not named is left to [`Policy::otherwise`](crate::Policy::otherwise), and so to nobody; every row; every
/// column that the table itself shows, and lets be written. A column that somebody may not read they may not write either,
/// unless [`writable`](Self::writable) says so.
///
/// Columns of the key are always readable, as they are in addresses. Row filters do not bind
/// [administrators](Actor::admin).
///
/// ```
/// use frontdesk_data::{Action, TableRules};
///
/// let note = TableRules::new()
///     .read("public")
///     .create("user")
///     .update("user")
///     .delete("staff")
///     .rows("row.published == true or row.owner == actor.id or actor is staff")?
///     .rows_for(Action::Update, "row.owner == actor.id or actor is staff")?
///     .readable("ip_address", "staff")
///     .writable("published", ["staff", "editor"]);
/// # Ok::<(), frontdesk_data::RowFilterError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "rules do nothing until they are part of a policy"]
pub struct TableRules {
    pub(super) actions: [Option<Roles>; ACTIONS.len()],
    pub(super) rows: Vec<(Option<Action>, RowRule)>,
    pub(super) columns: Vec<ColumnRules>,
}

/// The actions that a policy decides on.
pub(super) const ACTIONS: [Action; 4] = [Action::Read, Action::Create, Action::Update, Action::Delete];

/// Where an action stands among [`ACTIONS`].
pub(super) fn place(action: Action) -> usize {
    ACTIONS.iter().position(|known| *known == action).unwrap_or(0)
}

/// Which rows.
#[derive(Clone)]
pub(super) enum RowRule {
    Filter(RowFilter),
    With(Arc<RowsOf>),
}

/// The rows that an actor reaches.
type RowsOf = dyn Fn(&Actor, &RowColumns<'_>) -> Condition + Send + Sync;

impl fmt::Debug for RowRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(filter) => filter.fmt(f),
            Self::With(_) => f.write_str("With(..)"),
        }
    }
}

/// Who may read and write one column, where that is said.
#[derive(Clone, Debug)]
pub(super) struct ColumnRules {
    pub(super) name: Arc<str>,
    pub(super) readable: Option<Roles>,
    pub(super) writable: Option<Roles>,
}

/// The columns of the rows that a closure decides on: what the table is called differs from statement to statement.
#[derive(Clone, Copy, Debug)]
pub struct RowColumns<'r> {
    pub(super) table: &'r Table,
    pub(super) qualifier: &'r Arc<str>,
}

impl RowColumns<'_> {
    /// The column of that name, for a condition.
    pub fn col(&self, name: &str) -> Column {
        Column::new(Arc::clone(self.qualifier), self.table, name)
    }
}

impl TableRules {
    /// Nothing is said yet: nobody may do anything.
    pub fn new() -> Self {
        Self::default()
    }

    fn allow(mut self, action: Action, roles: impl Into<Roles>) -> Self {
        self.actions[place(action)] = Some(roles.into());
        self
    }

    /// Sets who may see rows: a role, or several of which one is enough.
    pub fn read(self, roles: impl Into<Roles>) -> Self {
        self.allow(Action::Read, roles)
    }

    /// Sets who may insert rows.
    pub fn create(self, roles: impl Into<Roles>) -> Self {
        self.allow(Action::Create, roles)
    }

    /// Sets who may change rows. What cannot be read cannot be changed.
    pub fn update(self, roles: impl Into<Roles>) -> Self {
        self.allow(Action::Update, roles)
    }

    /// Sets who may delete rows. What cannot be read cannot be deleted.
    pub fn delete(self, roles: impl Into<Roles>) -> Self {
        self.allow(Action::Delete, roles)
    }

    /// Sets who may do all four.
    pub fn everything(self, roles: impl Into<Roles>) -> Self {
        let roles = roles.into();
        ACTIONS.into_iter().fold(self, |rules, action| rules.allow(action, roles.clone()))
    }

    /// Limits every action to rows of which an expression is true ([`RowFilter`]), besides what other limits say. A row that
    /// is created or changed must be such a row afterwards; where a new row gives nothing for a column that has to be equal
    /// to one value (`row.owner == actor.id`), that value is filled in.
    ///
    /// # Errors
    /// [`RowFilterError`], if the text is no such expression.
    pub fn rows(self, filter: &str) -> Result<Self, RowFilterError> {
        Ok(self.limited(None, RowRule::Filter(filter.parse()?)))
    }

    /// As [`rows`](Self::rows), for one action.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub fn rows_for(self, action: Action, filter: &str) -> Result<Self, RowFilterError> {
        Ok(self.limited(Some(action), RowRule::Filter(filter.parse()?)))
    }

    /// Limits every action to rows for which the condition holds that a closure makes for an actor: for what an expression
    /// cannot say, such as a look at another table.
    ///
    /// ```
    /// use frontdesk_data::TableRules;
    /// use frontdesk_data::sea_query::{ExprTrait, Query};
    ///
    /// let item = TableRules::new().everything("user").rows_with(|actor, row| {
    ///     let mut own = Query::select();
    ///     let owner = actor.get("id").map_or(-1, |id| id.as_int().unwrap_or(-1));
    ///     own.column("id").from("invoice").and_where(frontdesk_data::sea_query::Expr::col("owner").eq(owner));
    ///     row.col("invoice_id").expr().in_subquery(own)
    /// });
    /// ```
    pub fn rows_with<C: Into<Condition>>(
        self,
        rows: impl Fn(&Actor, &RowColumns<'_>) -> C + Send + Sync + 'static,
    ) -> Self {
        self.limited(None, RowRule::With(Arc::new(move |actor, row| rows(actor, row).into())))
    }

    /// As [`rows_with`](Self::rows_with), for one action.
    pub fn rows_for_with<C: Into<Condition>>(
        self,
        action: Action,
        rows: impl Fn(&Actor, &RowColumns<'_>) -> C + Send + Sync + 'static,
    ) -> Self {
        self.limited(Some(action), RowRule::With(Arc::new(move |actor, row| rows(actor, row).into())))
    }

    pub(crate) fn limited_by(self, action: Option<Action>, filter: RowFilter) -> Self {
        self.limited(action, RowRule::Filter(filter))
    }

    fn limited(mut self, action: Option<Action>, rule: RowRule) -> Self {
        self.rows.push((action, rule));
        self
    }

    /// Lets only these roles read a column. For all others there is no such column: it is in no row, and nothing is found,
    /// ordered or counted by it.
    pub fn readable(mut self, column: impl Into<Arc<str>>, roles: impl Into<Roles>) -> Self {
        self.column(column.into()).readable = Some(roles.into());
        self
    }

    /// Lets only these roles write a column.
    pub fn writable(mut self, column: impl Into<Arc<str>>, roles: impl Into<Roles>) -> Self {
        self.column(column.into()).writable = Some(roles.into());
        self
    }

    fn column(&mut self, name: Arc<str>) -> &mut ColumnRules {
        let at = match self.columns.iter().position(|known| known.name == name) {
            Some(at) => at,
            None => {
                self.columns.push(ColumnRules { name, readable: None, writable: None });
                self.columns.len() - 1
            }
        };
        &mut self.columns[at]
    }

    /// All roles that the rules name.
    pub(super) fn roles(&self) -> impl Iterator<Item = &super::Role> {
        let actions = self.actions.iter().flatten();
        let columns = self.columns.iter().flat_map(|column| column.readable.iter().chain(&column.writable));
        actions.chain(columns).flat_map(Roles::iter)
    }
}
