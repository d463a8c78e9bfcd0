use std::fmt::{self, Write};
use std::sync::Arc;

use super::access::{Access, Handle, Reach};
use super::rules::{RowRule, place};
use crate::policy::write::push_reach;
use crate::{Action, Db, DbError, RowId};

/// A decision of a policy, and why: what `frontdesk explain` prints.
///
/// ```
/// use frontdesk_data::{Action, Actor, Db, Field, Policy, Table, TableRules};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let note = db.define(Table::new("note").field(Field::integer("owner")).create()).await.unwrap();
/// let rules = TableRules::new().read("user").rows("row.owner == actor.id").unwrap();
/// let policy = Policy::new().table("note", rules);
///
/// let why = policy.access(&Actor::user(42), &note).explain(&db, Action::Read, None).await.unwrap();
/// assert!(why.is_allowed());
/// assert!(why.to_string().contains("sql      \"note\".\"owner\" = ?   with 42"));
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Explanation {
    allowed: bool,
    text: String,
}

impl Explanation {
    /// Whether it is allowed.
    pub fn is_allowed(&self) -> bool {
        self.allowed
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The word for an action.
pub(super) fn verb(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
        _ => "read",
    }
}

impl Access {
    /// Why the actor may or may not do that with the table's rows, or with one of them: which rule decides, which rows it
    /// leaves, with its SQL, and which columns.
    ///
    /// # Errors
    /// As [`Db::get`](crate::Db::get).
    pub async fn explain<'h>(
        &self,
        handle: impl Into<Handle<'h>>,
        action: Action,
        id: Option<&RowId>,
    ) -> Result<Explanation, DbError> {
        self.explained(handle.into(), action, id).await
    }

    async fn explained(
        &self,
        handle: Handle<'_>,
        action: Action,
        id: Option<&RowId>,
    ) -> Result<Explanation, DbError> {
        let table = self.full_table();
        let mut reasons = String::new();
        let mut say = |what: &str, text: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(reasons, "  {what:<8} {text}");
        };
        let mut allowed = true;
        if let Some(why) = table.impossible(action) {
            allowed = false;
            say("table", &format!("not possible at all: {why}"));
        }
        for (rule, allows) in self.deciding(action) {
            allowed &= allows;
            say("rule", &rule);
        }
        let reach = match action {
            Action::Create => self.reach(handle.db, action, &table.name),
            _ => self.reach_to_change(handle.db, action),
        };
        if allowed {
            for filter in self.filters(action) {
                say("rows", &filter);
            }
            match &reach {
                Reach::All => say("rows", "all"),
                Reach::None => {
                    allowed = false;
                    say(
                        "rows",
                        "none: the filter can be true of no row, since the actor lacks what it asks for",
                    );
                }
                Reach::Where(_) => say("sql", &sql_of(handle.db, &reach)?),
            }
        }
        if let (Some(id), true) = (id, allowed && action != Action::Create) {
            let reaches = self.reaches(handle, id, &reach).await?;
            let exists = self.reaches(handle, id, &Reach::All).await?;
            allowed = reaches;
            say(
                "row",
                match (exists, reaches) {
                    (false, _) => "there is no such row",
                    (true, false) => "out of reach: the actor is told that there is no such row",
                    (true, true) => "within reach",
                },
            );
        }
        if allowed {
            let names = |of: &mut dyn Iterator<Item = &crate::Field>| {
                let names: Vec<&str> = of.map(|field| &*field.name).collect();
                if names.is_empty() { "none".to_owned() } else { names.join(", ") }
            };
            if action != Action::Delete {
                say("reads", &names(&mut self.readable()));
                let hidden: Vec<&str> = (table.fields.iter())
                    .filter(|field| !self.readable().any(|shown| shown.name == field.name))
                    .map(|field| &*field.name)
                    .collect();
                if !hidden.is_empty() {
                    say("hidden", &hidden.join(", "));
                }
            }
            if matches!(action, Action::Create | Action::Update) {
                say("writes", &names(&mut self.writable()));
            }
        }
        let decision = if allowed { "allowed" } else { "denied" };
        let of = id.map(|id| format!(" {id}")).unwrap_or_default();
        let text = format!("{decision}: {} {} {}{of}\n{reasons}", self.actor(), verb(action), table.name);
        Ok(Explanation { allowed, text })
    }

    /// What the policy says of an action, and whether that allows it.
    fn deciding(&self, action: Action) -> Vec<(String, bool)> {
        let decided = &self.asker().policy().decided;
        let rules = decided.rules(&self.full_table().name);
        let mut said = Vec::new();
        if let Some(rules) = rules {
            for problem in decided.problems_of(rules, self.full_table()) {
                said.push((format!("{problem}: so nobody may"), false));
            }
        }
        let mut asked = vec![action];
        if matches!(action, Action::Update | Action::Delete) {
            asked.insert(0, Action::Read);
        }
        for action in asked {
            let roles = rules.and_then(|rules| rules.actions[place(action)].as_ref());
            let allows = roles.unwrap_or(&decided.otherwise).include(self.actor());
            said.push(match (roles, rules) {
                (Some(roles), _) => (format!("{} is for {roles}", verb(action)), allows),
                (None, Some(_)) => {
                    let text = format!(
                        "no rule names {}, and what is not named is for {}",
                        verb(action),
                        decided.otherwise
                    );
                    (text, allows)
                }
                (None, None) => {
                    (format!("the table has no rules, and such tables are for {}", decided.otherwise), allows)
                }
            });
        }
        said
    }

    /// The limits of an action, as they were written.
    fn filters(&self, action: Action) -> Vec<String> {
        let mut actions = vec![action];
        if matches!(action, Action::Update | Action::Delete) {
            actions.insert(0, Action::Read);
        }
        let mut filters: Vec<String> = Vec::new();
        for action in actions {
            for rule in &self.compiled().rows[place(action)] {
                let text = match rule {
                    RowRule::Filter(filter) => filter.to_string(),
                    RowRule::With(_) => "a closure of the application".to_owned(),
                };
                if !filters.contains(&text) {
                    filters.push(text);
                }
            }
        }
        filters
    }
}

/// The condition as SQL, and its values.
fn sql_of(db: &Db, reach: &Reach) -> Result<String, DbError> {
    let (mut sql, mut params) = (String::new(), Vec::new());
    push_reach(db, &mut sql, &mut params, reach)?;
    let sql = sql.strip_prefix(" AND (").and_then(|sql| sql.strip_suffix(')')).unwrap_or(&sql).to_owned();
    if params.is_empty() {
        return Ok(sql);
    }
    let values: Vec<Arc<str>> = params
        .iter()
        .map(|value| match value.as_str() {
            Some(text) => format!("{text:?}").into(),
            None => value.to_text().into(),
        })
        .collect();
    Ok(format!("{sql}   with {}", values.join(", ")))
}
