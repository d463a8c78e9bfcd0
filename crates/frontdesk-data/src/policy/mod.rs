//! Who may do what: one policy that every path asks.

mod access;
mod actor;
mod asker;
mod compiled;
mod explain;
mod filter;
mod rules;
mod write;

use std::fmt;
use std::sync::Arc;

pub(crate) use self::access::Reach;
pub use self::access::{Access, Handle};
pub use self::actor::{Actor, Role, Roles};
pub use self::asker::Asker;
use self::compiled::{Cache, Compiled, Key};
pub use self::explain::Explanation;
pub(crate) use self::filter::Bound;
pub use self::filter::{RowFilter, RowFilterError};
pub use self::rules::{RowColumns, TableRules};
pub(crate) use self::write::{denied, push_reach};
use crate::schema_file::did_you_mean;
use crate::{Action, Table};

/// Who may do what with which rows and columns of which tables. A value, cheap to clone, that forms, lists, searches, counts
/// and downloads ask: [`access`](Self::access) gives what one actor may do with one table.
///
/// What is not allowed is denied: a table that the policy does not name is nobody's, unless [`otherwise`](Self::otherwise)
/// gives it to somebody. It comes from code, or from a schema file ([`SchemaFile::policy`](crate::SchemaFile::policy)).
///
/// ```
/// use frontdesk_data::{Action, Actor, Db, Field, Policy, RowId, Table, TableRules, Values};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let note = Table::new("note").field(Field::string("text")).field(Field::integer("owner"));
/// let note = db.define(note.create()).await.unwrap();
///
/// let rules = TableRules::new().everything("user").rows("row.owner == actor.id").unwrap();
/// let policy = Policy::new().table("note", rules.writable("owner", "staff"));
/// policy.check(&db.tables()).unwrap();
///
/// // A new row belongs to whoever makes it, and nobody else comes to see it.
/// let ada = policy.access(&Actor::user(1), &note);
/// let id = ada.insert(&db, Values::new().with("text", "mine")).await.unwrap().unwrap();
/// assert_eq!(ada.set(&db).count().await.unwrap(), 1);
///
/// let eve = policy.access(&Actor::user(2), &note);
/// assert_eq!(eve.get(&db, &id).await.unwrap(), None);
/// assert_eq!(eve.update(&db, &id, Values::new().with("text", "hers")).await.unwrap(), None);
///
/// assert!(!policy.access(&Actor::anonymous(), &note).can(Action::Read));
/// # });
/// ```
#[derive(Clone)]
pub struct Policy {
    decided: Arc<Decided>,
    cache: Arc<Cache>,
}

/// What a policy says.
#[derive(Clone, Debug, Default)]
struct Decided {
    tables: Vec<(Arc<str>, TableRules)>,
    /// Who may do what nothing is said of.
    otherwise: Roles,
    /// The roles of the application's own.
    roles: Vec<Arc<str>>,
    /// The attributes of actors, besides `id`.
    attributes: Vec<Arc<str>>,
}

impl Policy {
    /// A policy that denies everything to everybody.
    pub fn new() -> Self {
        Self::of(Decided::default())
    }

    /// A policy that allows everything to everybody.
    ///
    /// # Warnings
    /// It is for the tools of one operator, and for tests. Whoever reaches the program may do anything.
    pub fn allow_all() -> Self {
        Self::new().otherwise("public")
    }

    fn of(decided: Decided) -> Self {
        Self { decided: Arc::new(decided), cache: Arc::default() }
    }

    fn change(self, change: impl FnOnce(&mut Decided)) -> Self {
        let mut decided = Arc::unwrap_or_clone(self.decided);
        change(&mut decided);
        Self::of(decided)
    }

    /// Sets the rules of a table, in place of those that it had.
    #[must_use]
    pub fn table(self, name: impl Into<Arc<str>>, rules: TableRules) -> Self {
        let name = name.into();
        self.change(|decided| {
            decided.tables.retain(|(known, _)| *known != name);
            decided.tables.push((name, rules));
        })
    }

    /// Sets who may do what nothing is said of: with tables without rules, and actions that rules do not name. Default:
    /// nobody.
    #[must_use]
    pub fn otherwise(self, roles: impl Into<Roles>) -> Self {
        let roles = roles.into();
        self.change(|decided| decided.otherwise = roles)
    }

    /// States the roles of the application's own, so that a role that is misspelled is a mistake and not one that nobody has.
    #[must_use]
    pub fn roles<N: Into<Arc<str>>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.change(|decided| decided.roles.extend(names.into_iter().map(Into::into)))
    }

    /// The roles of the application's own that the policy knows.
    pub fn named_roles(&self) -> impl Iterator<Item = &str> {
        self.decided.roles.iter().map(|role| &**role)
    }

    /// The attributes that actors have besides `id`.
    pub fn named_attributes(&self) -> impl Iterator<Item = &str> {
        self.decided.attributes.iter().map(|name| &**name)
    }

    /// States the attributes that actors have besides `id`, for row filters.
    #[must_use]
    pub fn attributes<N: Into<Arc<str>>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.change(|decided| decided.attributes.extend(names.into_iter().map(Into::into)))
    }

    /// Checks the policy against the tables that there are: that what it names exists and fits. Do this once, when the
    /// program starts. A table whose rules do not fit is denied to everybody.
    ///
    /// # Errors
    /// [`PolicyError`], with all that is wrong.
    pub fn check(&self, tables: &[Arc<Table>]) -> Result<(), PolicyError> {
        let mut problems = Vec::new();
        for (name, rules) in &self.decided.tables {
            match tables.iter().find(|table| table.name == *name) {
                Some(table) => problems.extend(self.decided.problems_of(rules, table)),
                None => {
                    let meant = did_you_mean(name, tables.iter().map(|table| &*table.name));
                    problems.push(format!("there is no table `{name}`{meant}"));
                }
            }
        }
        problems.extend(self.decided.unknown_roles(self.decided.otherwise.iter(), "what is not named"));
        if problems.is_empty() { Ok(()) } else { Err(PolicyError { problems }) }
    }

    /// What an actor may do with a table. Cheap: what all actors of the same roles have in common is worked out once.
    pub fn access(&self, actor: &Actor, table: &Arc<Table>) -> Access {
        Access::new(self.clone(), actor.clone(), self.compiled(actor, table))
    }

    /// Whether everything is allowed to an actor, without any limit.
    pub fn is_open_to(&self, actor: &Actor) -> bool {
        self.decided.tables.is_empty() && self.decided.otherwise.include(actor)
    }

    /// Who may do what nothing is said of, the roles and the attributes.
    pub(crate) fn settings(&self) -> (&Roles, &[Arc<str>], &[Arc<str>]) {
        (&self.decided.otherwise, &self.decided.roles, &self.decided.attributes)
    }

    /// What is said of a table: roles by action, and filters.
    #[expect(clippy::type_complexity, reason = "it is for one caller, which takes it apart")]
    pub(crate) fn said_of(
        &self,
        table: &str,
    ) -> Option<(Vec<(Action, &Roles)>, Vec<(Option<Action>, &RowFilter)>)> {
        let rules = self.decided.rules(table)?;
        let actions = rules::ACTIONS.into_iter().zip(&rules.actions);
        let actions = actions.filter_map(|(action, roles)| Some((action, roles.as_ref()?))).collect();
        let filters = rules.rows.iter().filter_map(|(action, rule)| match rule {
            rules::RowRule::Filter(filter) => Some((*action, filter)),
            rules::RowRule::With(_) => None,
        });
        Some((actions, filters.collect()))
    }

    /// Who may read and write a column, where that is said.
    pub(crate) fn said_of_column(
        &self,
        table: &str,
        column: &str,
    ) -> Option<(Option<&Roles>, Option<&Roles>)> {
        let columns = &self.decided.rules(table)?.columns;
        let column = columns.iter().find(|known| &*known.name == column)?;
        Some((column.readable.as_ref(), column.writable.as_ref()))
    }

    pub(crate) fn problem_of(&self, filter: &RowFilter, table: &Table) -> Option<RowFilterError> {
        self.decided.problem_of(filter, table)
    }

    fn compiled(&self, actor: &Actor, table: &Arc<Table>) -> Arc<Compiled> {
        let key = Key::of(actor, &self.decided.roles);
        self.cache.get(table, key, || Compiled::new(&self.decided, actor, table))
    }
}

impl Decided {
    fn rules(&self, table: &str) -> Option<&TableRules> {
        self.tables.iter().find(|(name, _)| &**name == table).map(|(_, rules)| rules)
    }

    /// What keeps rules from fitting a table.
    fn problems_of(&self, rules: &TableRules, table: &Table) -> Vec<String> {
        let of = format!("the rules of the table `{}`", table.name);
        let mut problems = self.unknown_roles(rules.roles(), &of);
        for column in &rules.columns {
            if table.get(&column.name).is_none() {
                let meant = did_you_mean(&column.name, table.fields.iter().map(|field| &*field.name));
                problems.push(format!("{of} name a column `{}`, which it does not have{meant}", column.name));
            } else if table.is_key(&column.name) && column.readable.is_some() {
                problems.push(format!(
                    "{of} hide the column `{}`, which is of its key: the key of a row is in its address",
                    column.name
                ));
            }
        }
        for (_, rule) in &rules.rows {
            let rules::RowRule::Filter(filter) = rule else { continue };
            if let Some(error) = self.problem_of(filter, table) {
                problems.push(format!("{of} have a mistake in `{filter}`: {error}"));
            }
        }
        problems
    }

    /// What keeps a filter from fitting a table: the first mistake.
    fn problem_of(&self, filter: &RowFilter, table: &Table) -> Option<RowFilterError> {
        if let Err(error) = filter.fits(table) {
            return Some(error);
        }
        let (names, roles) = filter.asks_of_actor();
        for (name, at) in names {
            if name != "id" && !self.attributes.iter().any(|known| **known == *name) {
                let known = self.attributes.iter().map(|known| &**known).chain(["id"]);
                let text = format!("actors have no attribute `{name}`{}", did_you_mean(name, known));
                return Some(filter.problem(at, text));
            }
        }
        roles.into_iter().find_map(|(role, at)| Some(filter.problem(at, self.unknown_role(role)?)))
    }

    fn unknown_roles<'r>(&self, roles: impl Iterator<Item = &'r Role>, of: &str) -> Vec<String> {
        let mut problems: Vec<String> =
            roles.filter_map(|role| Some(format!("{of}: {}", self.unknown_role(role)?))).collect();
        problems.dedup();
        problems
    }

    fn unknown_role(&self, role: &Role) -> Option<String> {
        let Role::Named(name) = role else { return None };
        if self.roles.contains(name) {
            return None;
        }
        let known = Role::NAMES.into_iter().chain(self.roles.iter().map(|known| &**known));
        Some(format!("there is no role `{name}`{}", did_you_mean(name, known)))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decided.fmt(f)
    }
}

/// What is wrong with a policy: all mistakes that were found, one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    problems: Vec<String>,
}

impl PolicyError {
    /// The mistakes. There is at least one.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for PolicyError {}
