//! Who may do what, as a schema file says it.

use super::document::{At, Section};
use super::entry::TableEntry;
use super::error::did_you_mean;
use super::print::{text, texts};
use super::{SchemaFile, SchemaProblem};
use crate::{Action, Policy, Role, Roles, RowFilter, Schema, TableRules};

/// The `[access]` part: what there is besides the tables.
#[derive(Clone, Debug, Default)]
pub(super) struct AccessSettings {
    roles: Vec<String>,
    attributes: Vec<String>,
    otherwise: Option<At<Vec<String>>>,
}

/// The `access` of a table.
#[derive(Clone, Debug)]
pub(super) struct TableAccess {
    actions: Vec<(Action, At<Vec<String>>)>,
    rows: Vec<(Option<Action>, At<RowFilter>)>,
}

/// The `access` of a field: who may read and write it.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldAccess {
    pub(super) line: usize,
    read: Option<At<Vec<String>>>,
    write: Option<At<Vec<String>>>,
}

const ACTIONS: [(&str, Action); 4] = [
    ("read", Action::Read),
    ("create", Action::Create),
    ("update", Action::Update),
    ("delete", Action::Delete),
];

impl AccessSettings {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let mut names = |key| section.texts(key).map(|at| at.value).unwrap_or_default();
        Self { roles: names("roles"), attributes: names("attributes"), otherwise: section.texts("otherwise") }
    }
}

impl TableAccess {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let mut actions = Vec::new();
        for (name, action) in ACTIONS {
            actions.extend(section.texts(name).map(|roles| (action, roles)));
        }
        let rows = if section.is_table("rows") {
            section.section("rows", |rows| {
                let mut limits = Vec::new();
                for (name, action) in ACTIONS {
                    limits.extend(rows.parsed(name).map(|filter| (Some(action), filter)));
                }
                limits
            })
        } else {
            section.parsed("rows").map(|filter| vec![(None, filter)])
        };
        Self { actions, rows: rows.unwrap_or_default() }
    }
}

impl FieldAccess {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        Self { line: section.line, read: section.texts("read"), write: section.texts("write") }
    }
}

impl SchemaFile {
    /// The policy that the file describes: the `access` of its tables and fields.
    ///
    /// What the file says nothing of is for administrators alone (`[access] otherwise`). Mistakes in it are found by
    /// [`merge`](Self::merge).
    ///
    /// ```
    /// use frontdesk_data::{Action, Actor, Field, SchemaFile, Table};
    ///
    /// let text = r#"
    /// [tables.note]
    /// access = { read = "public", create = "user", update = "user", rows = "row.owner == actor.id" }
    /// "#;
    /// let policy = SchemaFile::parse("frontdesk.toml", text).unwrap().policy();
    /// let note = std::sync::Arc::new(Table::new("note").field(Field::integer("owner")));
    /// assert!(policy.access(&Actor::anonymous(), &note).can(Action::Read));
    /// assert!(!policy.access(&Actor::user(1), &note).can(Action::Delete));
    /// assert!(policy.access(&Actor::admin(), &note).can(Action::Delete));
    /// ```
    pub fn policy(&self) -> Policy {
        let otherwise = match &self.access.otherwise {
            Some(roles) => roles_of(&roles.value),
            None => Role::Admin.into(),
        };
        let policy = Policy::new()
            .otherwise(otherwise)
            .roles(self.access.roles.iter().map(String::as_str))
            .attributes(self.access.attributes.iter().map(String::as_str));
        self.tables.iter().fold(policy, |policy, entry| match rules(entry) {
            Some(rules) => policy.table(entry.name.as_str(), rules),
            None => policy,
        })
    }

    /// What is wrong with who may do what: roles and attributes that there are not, rows that cannot be told so.
    pub(super) fn access_problems(&self, merged: &Schema) -> Vec<SchemaProblem> {
        let mut problems = Vec::new();
        let mut check_roles = |roles: Option<&At<Vec<String>>>, part: &str| {
            for name in roles.into_iter().flat_map(|roles| &roles.value) {
                let known = || {
                    let own = self.access.roles.iter().map(String::as_str);
                    Role::NAMES.into_iter().chain(["nobody"]).chain(own)
                };
                if !known().any(|known| known == name) {
                    let meant = did_you_mean(name, known());
                    let hint = if meant.is_empty() { "; name it in `[access] roles`" } else { "" };
                    problems.push(SchemaProblem {
                        line: roles.map_or(1, |roles| roles.line),
                        part: part.to_owned(),
                        text: format!("there is no role `{name}`{meant}{hint}"),
                    });
                }
            }
        };
        check_roles(self.access.otherwise.as_ref(), "[access]");
        for entry in &self.tables {
            for (_, roles) in entry.access.iter().flat_map(|access| &access.actions) {
                check_roles(Some(roles), &entry.part);
            }
            for field in &entry.fields {
                check_roles(field.access.read.as_ref(), &field.part);
                check_roles(field.access.write.as_ref(), &field.part);
            }
        }
        let policy = self.policy();
        for entry in &self.tables {
            let Some(table) = merged.get(&entry.name) else { continue };
            for (_, filter) in entry.access.iter().flat_map(|access| &access.rows) {
                if let Some(error) = policy.problem_of(&filter.value, table) {
                    let text = format!("`rows`: {error}");
                    problems.push(SchemaProblem { line: filter.line, part: entry.part.clone(), text });
                }
            }
            for field in entry.fields.iter().filter(|field| field.access.read.is_some()) {
                if table.is_key(&field.name) {
                    let text =
                        "`access`: the key of a row is in its address, so whoever reads a row reads it";
                    let (line, part) = (field.access.line, field.part.clone());
                    problems.push(SchemaProblem { line, part, text: text.to_owned() });
                }
            }
        }
        problems
    }
}

/// The rules of a table; `None` if nothing is said of it.
fn rules(entry: &TableEntry) -> Option<TableRules> {
    let mut rules = TableRules::new();
    let mut is_said = entry.access.is_some();
    if let Some(access) = &entry.access {
        for (action, roles) in &access.actions {
            let roles = roles_of(&roles.value);
            rules = match action {
                Action::Create => rules.create(roles),
                Action::Update => rules.update(roles),
                Action::Delete => rules.delete(roles),
                _ => rules.read(roles),
            };
        }
        for (action, filter) in &access.rows {
            rules = rules.limited_by(*action, filter.value.clone());
        }
    }
    for field in &entry.fields {
        if let Some(roles) = &field.access.read {
            rules = rules.readable(field.name.as_str(), roles_of(&roles.value));
            is_said = true;
        }
        if let Some(roles) = &field.access.write {
            rules = rules.writable(field.name.as_str(), roles_of(&roles.value));
            is_said = true;
        }
    }
    is_said.then_some(rules)
}

fn roles_of(names: &[String]) -> Roles {
    names.iter().map(String::as_str).collect()
}

/// The `[access]` part of a policy; `None` where it says nothing but the defaults.
pub(super) fn settings_text(policy: &Policy) -> Option<String> {
    let (otherwise, roles, attributes) = policy.settings();
    let mut out = String::new();
    for (name, names) in [("roles", roles), ("attributes", attributes)] {
        if !names.is_empty() {
            out.push_str(&format!("{name} = {}\n", texts(names)));
        }
    }
    if *otherwise != Roles::from(Role::Admin) {
        out.push_str(&format!("otherwise = {}\n", roles_text(otherwise)));
    }
    (!out.is_empty()).then(|| format!("[access]\n{out}"))
}

/// The `access` of a table.
pub(super) fn table_text(policy: &Policy, table: &str) -> Option<String> {
    let (actions, filters) = policy.said_of(table)?;
    let mut members = Vec::new();
    for (name, action) in ACTIONS {
        let roles = actions.iter().find(|(of, _)| *of == action).map(|(_, roles)| roles);
        members.extend(roles.map(|roles| format!("{name} = {}", roles_text(roles))));
    }
    // Several limits of one action hold together.
    let of = |action: Option<Action>| {
        let all: Vec<String> = (filters.iter())
            .filter(|(of, _)| *of == action || of.is_none() && filters.iter().any(|(of, _)| of.is_some()))
            .map(|(_, filter)| filter.to_string())
            .collect();
        match all.len() {
            0 => None,
            1 => Some(text(&all[0])),
            _ => Some(text(&format!("({})", all.join(") and (")))),
        }
    };
    if filters.iter().all(|(action, _)| action.is_none()) {
        members.extend(of(None).map(|rows| format!("rows = {rows}")));
    } else {
        let rows: Vec<String> = (ACTIONS.into_iter())
            .filter_map(|(name, action)| Some(format!("{name} = {}", of(Some(action))?)))
            .collect();
        members.push(format!("rows = {{ {} }}", rows.join(", ")));
    }
    (!members.is_empty()).then(|| format!("{{ {} }}", members.join(", ")))
}

/// The `access` of a field.
pub(super) fn field_text(policy: &Policy, table: &str, field: &str) -> Option<String> {
    let (read, write) = policy.said_of_column(table, field)?;
    let members: Vec<String> = [("read", read), ("write", write)]
        .into_iter()
        .filter_map(|(name, roles)| Some(format!("{name} = {}", roles_text(roles?))))
        .collect();
    Some(format!("{{ {} }}", members.join(", ")))
}

fn roles_text(roles: &Roles) -> String {
    let names: Vec<&str> = roles.iter().map(Role::name).collect();
    match &names[..] {
        [one] => text(one),
        several => texts(several),
    }
}
