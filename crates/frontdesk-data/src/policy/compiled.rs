//! What all actors of the same roles have in common.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::actor::Rank;
use super::rules::{ACTIONS, RowRule, place};
use super::{Actor, Decided, Role};
use crate::{Action, Table};

/// A table as actors of certain roles have it.
#[derive(Debug)]
pub(super) struct Compiled {
    /// As it is.
    pub(super) table: Arc<Table>,
    /// With the columns that may be read.
    pub(super) view: Arc<Table>,
    pub(super) can: [bool; ACTIONS.len()],
    /// The limits of each action. Administrators have none.
    pub(super) rows: [Vec<RowRule>; ACTIONS.len()],
    /// By field: whether the policy lets it be read, and written.
    pub(super) readable: Vec<bool>,
    pub(super) writable: Vec<bool>,
}

impl Compiled {
    pub(super) fn new(decided: &Decided, actor: &Actor, table: &Arc<Table>) -> Self {
        let rules = decided.rules(&table.name);
        let problems = rules.map(|rules| decided.problems_of(rules, table)).unwrap_or_default();
        for problem in &problems {
            tracing::error!(problem, "a policy does not fit its table, which is denied to everybody");
        }
        let is_broken = !problems.is_empty();
        let can = ACTIONS.map(|action| {
            let said = rules.and_then(|rules| rules.actions[place(action)].as_ref());
            !is_broken && said.unwrap_or(&decided.otherwise).include(actor)
        });
        let rows = ACTIONS.map(|action| match rules {
            Some(rules) if actor.rank() < Rank::Admin => {
                let holds = |of: &Option<Action>| of.is_none_or(|of| of == action);
                rules.rows.iter().filter(|(of, _)| holds(of)).map(|(_, rule)| rule.clone()).collect()
            }
            _ => Vec::new(),
        });
        let said = |name: &str| rules?.columns.iter().find(|column| &*column.name == name);
        let readable: Vec<bool> = (table.fields.iter())
            .map(|field| {
                let roles = said(&field.name).and_then(|column| column.readable.as_ref());
                table.is_key(&field.name) || roles.is_none_or(|roles| roles.include(actor))
            })
            .collect();
        let writable: Vec<bool> = (table.fields.iter())
            .zip(&readable)
            .map(|(field, readable)| {
                let roles = said(&field.name).and_then(|column| column.writable.as_ref());
                field.writable && roles.map_or(*readable, |roles| roles.include(actor))
            })
            .collect();
        let mut compiled =
            Self { view: Arc::clone(table), table: Arc::clone(table), can, rows, readable, writable };
        compiled.view = Arc::new(compiled.view());
        compiled
    }

    /// The table without what may not be seen.
    fn view(&self) -> Table {
        let mut view = Table::clone(&self.table);
        let sees = |name: &str| {
            let at = self.table.fields.iter().position(|field| &*field.name == name);
            at.is_some_and(|at| self.sees(at))
        };
        for (field, writable) in view.fields.iter_mut().zip(&self.writable) {
            field.writable = *writable;
        }
        view.fields.retain(|field| sees(&field.name));
        view.uniques.retain(|unique| unique.fields.iter().all(|name| sees(name)));
        view.foreign_keys.retain(|key| key.fields.iter().all(|name| sees(name)));
        view.checks.retain(|check| check.fields.iter().all(|name| sees(name)));
        self.note_denied(&mut view);
        view
    }

    /// Says of a table what is denied.
    pub(super) fn note_denied(&self, table: &mut Table) {
        for (action, can) in ACTIONS.into_iter().zip(self.can) {
            // What cannot be read cannot be changed.
            let can = can && (matches!(action, Action::Create) || self.can[place(Action::Read)]);
            if !can && table.impossible(action).is_none() {
                let reason = match action {
                    Action::Create => "You may not add records here",
                    Action::Update => "You may not change these records",
                    Action::Delete => "You may not delete these records",
                    _ => "You may not see these records",
                };
                table.impossible.push((action, reason.into()));
            }
        }
    }

    /// Whether sets show a field: what the policy lets be read, and the table shows.
    pub(super) fn sees(&self, at: usize) -> bool {
        let field = &self.table.fields[at];
        self.table.is_key(&field.name) || self.readable[at] && field.readable && !field.secret
    }
}

/// By what actors differ for a policy: kind, and which of its roles they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Rank, Option<u128>);

impl Key {
    /// The key of an actor; without roles where there are too many to tell apart quickly.
    pub(super) fn of(actor: &Actor, roles: &[Arc<str>]) -> Self {
        if roles.len() > 128 {
            return Self(actor.rank(), None);
        }
        let has = |at: usize| actor.has(&Role::Named(Arc::clone(&roles[at])));
        let mask = (0..roles.len()).filter(|at| has(*at)).fold(0, |mask, at| mask | 1 << at);
        Self(actor.rank(), Some(mask))
    }
}

/// How many tables, as actors of different roles have them, are remembered of one name.
const MOST: usize = 64;

/// What was worked out already.
#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<Known>);

/// By the name of the table.
type Known = HashMap<Arc<str>, Vec<(Key, Arc<Compiled>)>>;

impl Cache {
    pub(super) fn get(&self, table: &Arc<Table>, key: Key, make: impl FnOnce() -> Compiled) -> Arc<Compiled> {
        if key.1.is_none() {
            return Arc::new(make());
        }
        let find = |known: &Known| {
            let mut known = known.get(&*table.name)?.iter();
            // The table may have been defined anew, and be another one of the same name.
            known
                .find(|(of, made)| *of == key && Arc::ptr_eq(&made.table, table))
                .map(|(_, made)| Arc::clone(made))
        };
        if let Some(known) = find(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let made = Arc::new(make());
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let of_table = known.entry(Arc::clone(&table.name)).or_default();
        if of_table.len() >= MOST {
            of_table.remove(0);
        }
        of_table.push((key, Arc::clone(&made)));
        made
    }
}
