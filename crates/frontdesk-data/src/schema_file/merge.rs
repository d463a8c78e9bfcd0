//! Puts what a schema file says over what the database has.

use std::borrow::Cow;
use std::sync::Arc;

use frontdesk_validate::{Condition, Registry, Value};
use serde_json::Value as Json;

use super::document::At;
use super::entry::{FieldEntry, TableEntry, UploadEntry};
use super::error::did_you_mean;
use super::{SchemaFile, SchemaFileError, SchemaProblem};
use crate::coerce::coerce;
use crate::{DefaultValue, Field, FieldType, ForeignKey, Schema, Table, UploadOptions, WidgetChoice};

impl SchemaFile {
    /// The tables of `schema` with what the file says of them, and those that the file makes. Rules are read through
    /// `registry`.
    ///
    /// Nothing is done to the database: pass the tables on to [`Db::define`](crate::Db::define).
    ///
    /// # Errors
    /// [`SchemaFileError`] with all tables and fields that do not exist (and are not to be made), rules that cannot be
    /// read, and values that do not fit.
    pub fn merge(&self, schema: &Schema, registry: &Registry) -> Result<Schema, SchemaFileError> {
        let mut merger = Merger { file: self, schema, registry, problems: Vec::new() };
        let mut tables = schema.tables.clone();
        for entry in &self.tables {
            let Some(table) = merger.table(entry) else { continue };
            let table = Arc::new(table);
            match tables.iter_mut().find(|known| known.name == table.name) {
                Some(known) => *known = table,
                None => tables.push(table),
            }
        }
        let merged = Schema::new(tables);
        for entry in &self.tables {
            merger.check_references(entry, &merged);
            merger.check_children(entry, &merged);
        }
        let mut problems = merger.problems;
        problems.extend(self.access_problems(&merged));
        if problems.is_empty() {
            return Ok(merged);
        }
        problems.sort_by_key(|problem| problem.line);
        Err(SchemaFileError { file: self.name.clone(), problems })
    }
}

impl SchemaFile {
    /// The tables that there will be, without rules: what rules may name. Mistakes are left to [`merge`](Self::merge).
    pub(crate) fn tables_of(&self, schema: &Schema) -> Schema {
        let registry = Registry::empty();
        let mut merger = Merger { file: self, schema, registry: &registry, problems: Vec::new() };
        let made = self.tables.iter().filter_map(|entry| merger.table(entry)).map(Arc::new);
        let mut tables = schema.tables.clone();
        for table in made {
            match tables.iter_mut().find(|known| known.name == table.name) {
                Some(known) => *known = table,
                None => tables.push(table),
            }
        }
        Schema::new(tables)
    }
}

struct Merger<'m> {
    file: &'m SchemaFile,
    schema: &'m Schema,
    registry: &'m Registry,
    problems: Vec<SchemaProblem>,
}

impl Merger<'_> {
    fn problem(&mut self, line: usize, part: &str, text: impl Into<String>) {
        self.problems.push(SchemaProblem { line, part: part.to_owned(), text: text.into() });
    }

    fn table(&mut self, entry: &TableEntry) -> Option<Table> {
        let mut table = match self.schema.get(&entry.name) {
            Some(known) => Table::clone(known),
            None if entry.create => return Some(self.new_table(entry)),
            None => {
                let known = self.schema.tables.iter().map(|table| &*table.name);
                let meant = did_you_mean(&entry.name, known);
                let hint = if meant.is_empty() { "; `create = true` makes it" } else { "" };
                self.problem(
                    entry.line,
                    &entry.part,
                    format!("the database has no table `{}`{meant}{hint}", entry.name),
                );
                return None;
            }
        };
        for field in &entry.fields {
            let Some(at) = table.fields.iter().position(|known| *known.name == *field.name) else {
                let meant = did_you_mean(&field.name, table.fields.iter().map(|known| &*known.name));
                let hint = if meant.is_empty() { "; a table that exists is never altered" } else { "" };
                let text = format!("the table `{}` has no column `{}`{meant}{hint}", entry.name, field.name);
                self.problem(field.line, &field.part, text);
                continue;
            };
            if changes_rules(field, &table.fields[at]) {
                // They followed from what the file says otherwise; defining the table works them out anew.
                table.fields[at].requires = None;
            }
            self.change_field(field, &mut table.fields[at]);
            note_reference(&mut table, at);
        }
        if let Some(key) = &entry.key
            && *key.value != *table.key.iter().map(|name| name.to_string()).collect::<Vec<_>>()
        {
            if table.has_key() {
                let known = table.key.join("`, `");
                self.problem(
                    key.line,
                    &entry.part,
                    format!("the table has another key, `{known}`, which cannot be changed"),
                );
            } else if self.are_fields(&table, "key", &key.value, key.line, &entry.part) {
                table.key = key.value.iter().map(|name| name.as_str().into()).collect();
            }
        }
        if let Some(unique) = &entry.unique {
            for fields in &unique.value {
                let known = |set: &[Arc<str>]| {
                    set.len() == fields.len()
                        && fields.iter().all(|field| set.iter().any(|name| **name == **field))
                };
                if !table.uniques.iter().any(|set| known(&set.fields)) && !known(&table.key) {
                    let text = format!(
                        "the database does not keep `{}` unique; a table that exists is never altered",
                        fields.join("`, `")
                    );
                    self.problem(unique.line, &entry.part, text);
                }
            }
        }
        self.describe(entry, &mut table);
        Some(table)
    }

    fn new_table(&mut self, entry: &TableEntry) -> Table {
        let mut table = Table::new(entry.name.as_str()).create();
        for field in &entry.fields {
            let kind = field.kind.as_ref().map_or(FieldType::String, |kind| kind.value.clone());
            let mut new = Field::new(field.name.as_str(), kind);
            self.change_field(field, &mut new);
            table = table.field(new);
        }
        if let Some(key) = &entry.key
            && self.are_fields(&table, "key", &key.value, key.line, &entry.part)
        {
            table = table.key(key.value.iter().map(String::as_str));
        }
        if let Some(unique) = &entry.unique {
            for fields in &unique.value {
                if self.are_fields(&table, "unique", fields, unique.line, &entry.part) {
                    table = table.unique(fields.iter().map(String::as_str));
                }
            }
        }
        if entry.readable.is_none() {
            table.readable = crate::label_guess::guess(&table);
        }
        self.describe(entry, &mut table);
        table
    }

    /// Whether all of `names` are fields; those that are not are mistakes of the key `what`.
    fn are_fields(&mut self, table: &Table, what: &str, names: &[String], line: usize, part: &str) -> bool {
        let unknown: Vec<_> = names.iter().filter(|name| table.get(name).is_none()).collect();
        for name in &unknown {
            let meant = did_you_mean(name, table.fields.iter().map(|field| &*field.name));
            self.problem(line, part, format!("`{what}` names the field `{name}`, which there is not{meant}"));
        }
        unknown.is_empty() && !names.is_empty()
    }

    fn describe(&mut self, entry: &TableEntry, table: &mut Table) {
        self.check_conditions(entry, table);
        if let Some(readable) = &entry.readable {
            let names: Vec<String> = readable.value.columns().map(|name| name.to_string()).collect();
            self.are_fields(table, "readable", &names, readable.line, &entry.part);
            table.readable = Some(readable.value.clone());
        }
        if let Some(label) = &entry.label {
            table.label = Cow::Owned(label.clone());
        }
        if let Some(comment) = &entry.comment {
            table.comment = Some(Cow::Owned(comment.clone()));
        }
    }

    fn change_field(&mut self, entry: &FieldEntry, field: &mut Field) {
        if let Some(kind) = &entry.kind
            && kind.value != field.kind
        {
            change_kind(field, kind.value.clone());
        }
        set(&mut field.null, entry.null);
        set(&mut field.unique, entry.unique);
        set(&mut field.readable, entry.readable);
        set(&mut field.secret, entry.secret);
        if let Some(writable) = entry.writable {
            if writable && field.generated {
                self.problem(
                    entry.line,
                    &entry.part,
                    "`writable` cannot be true: the database generates the value",
                );
            }
            field.writable = writable && !field.generated;
        }
        field.length = entry.length.or(field.length);
        if let Some(At { value, line }) = &entry.zone {
            if jiff::tz::TimeZone::get(value).is_err() {
                self.problem(*line, &entry.part, format!("`zone`: no time zone is called `{value}` here"));
            }
            field.zone = Some(value.as_str().into());
        }
        if let Some(label) = &entry.label {
            field.label = Cow::Owned(label.clone());
        }
        let texts = [
            (&mut field.comment, &entry.comment),
            (&mut field.placeholder, &entry.placeholder),
            (&mut field.title, &entry.title),
        ];
        for (text, given) in texts {
            if let Some(given) = given {
                *text = Some(Cow::Owned(given.clone()));
            }
        }
        if let Some(default) = self.value(entry, "default", entry.default.as_ref(), &field.kind) {
            field.default = default;
        }
        if let Some(update) = self.value(entry, "update", entry.update.as_ref(), &field.kind) {
            field.update = update;
        }
        if let Some(requires) = &entry.requires {
            match self.registry.rules(&requires.value) {
                Ok(rules) => field.requires = Some(rules),
                Err(error) => self.problem(requires.line, &entry.part, format!("`requires`: {error}")),
            }
        }
        if let Some(widget) = &entry.widget {
            field.widget = Some(WidgetChoice::Named(Cow::Owned(widget.clone())));
        }
        if let Some(upload) = &entry.upload {
            if !field.kind.is_upload() {
                self.problem(
                    entry.line,
                    &entry.part,
                    format!("`upload` is for the types `upload` and `list:upload`, not `{}`", field.kind),
                );
            }
            change_upload(&mut field.upload, upload);
        }
        if let Some(condition) = &entry.show_when {
            field.show_when = Some(condition.value.clone());
        }
        if let Some(condition) = &entry.require_when {
            field.require_when = Some(condition.value.clone());
        }
        if let Some(choices) = &entry.choices_when {
            field.choices_when.clone_from(&choices.value);
        }
    }

    /// Conditions may name fields that come further down, so this is done when the table is complete.
    fn check_conditions(&mut self, entry: &TableEntry, table: &Table) {
        for field in &entry.fields {
            let one = |condition: &Option<At<Condition>>| {
                condition.iter().map(|at| (at.value.clone(), at.line)).collect::<Vec<_>>()
            };
            let choices = field
                .choices_when
                .iter()
                .flat_map(|at| at.value.iter().map(|choices| (choices.when.clone(), at.line)));
            for (what, conditions) in [
                ("show_when", one(&field.show_when)),
                ("require_when", one(&field.require_when)),
                ("choices_when", choices.collect()),
            ] {
                for (condition, line) in conditions {
                    let names: Vec<String> = condition.fields().into_iter().map(str::to_owned).collect();
                    self.are_fields(table, what, &names, line, &field.part);
                    if what == "show_when" && names.contains(&field.name) {
                        self.problem(
                            line,
                            &field.part,
                            "`show_when` looks at the field itself: once hidden, it would stay so",
                        );
                    }
                }
            }
        }
    }

    /// A value of the file as the field holds it.
    fn value(
        &mut self,
        entry: &FieldEntry,
        key: &str,
        json: Option<&At<Json>>,
        kind: &FieldType,
    ) -> Option<DefaultValue> {
        let json = json?;
        let mut refuse = |text: String| {
            self.problems.push(SchemaProblem { line: json.line, part: entry.part.clone(), text });
            None
        };
        if let Some(object) = json.value.as_object().filter(|_| *kind != FieldType::Json)
            && let Some((name, inner)) =
                object.iter().next().filter(|(name, _)| object.len() == 1 && !name.starts_with('$'))
        {
            return match (name.as_str(), inner) {
                ("database", Json::String(sql)) if key == "default" => {
                    Some(DefaultValue::Database(sql.clone()))
                }
                ("now", Json::Bool(true)) => now(kind).or_else(|| {
                    refuse(format!(
                        "`{key}`: a field of the type `{kind}` holds no time; dates, times and datetimes do"
                    ))
                }),
                _ => refuse(format!(
                    "`{key}` wants a value, {{ now = true }}, or for `default` {{ database = \"…\" }}"
                )),
            };
        }
        let value = match Value::from_tagged_json(&json.value) {
            Ok(value) => value,
            Err(error) => return refuse(format!("`{key}`: {error}")),
        };
        match coerce(kind, value) {
            Ok(value) => Some(DefaultValue::Value(value)),
            Err(error) => refuse(format!("`{key}` does not fit the type `{kind}`: {error}")),
        }
    }

    /// A type may refer to a table that the file makes further down, so this comes last.
    fn check_references(&mut self, entry: &TableEntry, merged: &Schema) {
        for field in &entry.fields {
            let Some(kind) = &field.kind else { continue };
            let Some(target) = kind.value.referenced_table() else { continue };
            if merged.get(target).is_none() && !self.file.tables.iter().any(|table| *table.name == **target) {
                let meant = did_you_mean(target, merged.tables.iter().map(|table| &*table.name));
                self.problem(
                    kind.line,
                    &field.part,
                    format!("`type` refers to the table `{target}`, which there is not{meant}"),
                );
            }
        }
    }
}

impl Merger<'_> {
    /// The rows that are edited with those of a table have to be rows that refer to it.
    fn check_children(&mut self, entry: &TableEntry, merged: &Schema) {
        let Some(children) = &entry.children else { return };
        for child in &children.value {
            let problem = match merged.get(&child.table) {
                None => {
                    let meant = did_you_mean(&child.table, merged.tables.iter().map(|table| &*table.name));
                    Some(format!("`children` names the table `{}`, which there is not{meant}", child.table))
                }
                Some(table) => {
                    let names: Vec<String> =
                        [Some(&child.by), child.order_by.as_ref()].into_iter().flatten().cloned().collect();
                    if !self.are_fields(table, "children", &names, children.line, &entry.part) {
                        None
                    } else if !table.has_key() {
                        Some(format!("`children`: the rows of `{}` have no key", child.table))
                    } else {
                        let refers = table.foreign_keys.iter().any(|key| {
                            *key.table == *entry.name && key.fields.iter().any(|field| **field == *child.by)
                        });
                        (!refers).then(|| {
                            format!(
                                "`children`: the field `{}` of `{}` does not refer to `{}`",
                                child.by, child.table, entry.name
                            )
                        })
                    }
                }
            };
            if let Some(problem) = problem {
                self.problem(children.line, &entry.part, problem);
            }
        }
    }
}

/// Whether the file changes what the rules of a field follow from.
fn changes_rules(entry: &FieldEntry, field: &Field) -> bool {
    entry.kind.as_ref().is_some_and(|kind| kind.value != field.kind)
        || entry.length.is_some_and(|length| Some(length) != field.length)
        || entry.null.is_some_and(|null| null != field.null)
        || entry.unique.is_some_and(|unique| unique != field.unique)
        || entry.default.is_some()
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// The field takes another type than the database says: what followed from the type follows the new one.
fn change_kind(field: &mut Field, kind: FieldType) {
    let as_new = Field::new(Arc::clone(&field.name), kind.clone());
    if field.kind == FieldType::Id || kind == FieldType::Id {
        field.writable = as_new.writable && !field.generated;
    }
    field.secret = as_new.secret;
    field.default = match std::mem::take(&mut field.default) {
        DefaultValue::Value(value) => match coerce(&kind, value) {
            Ok(value) => DefaultValue::Value(value),
            Err(_) => DefaultValue::None,
        },
        other => other,
    };
    field.kind = kind;
}

/// A field that was made a reference here needs its foreign key; the other column is found when the table is defined.
fn note_reference(table: &mut Table, at: usize) {
    let field = &table.fields[at];
    let FieldType::Reference { table: target } = &field.kind else { return };
    if table.reference_of(&field.name).is_some_and(|key| key.table == *target) {
        return;
    }
    let (name, target) = (Arc::clone(&field.name), Arc::clone(target));
    table.foreign_keys.retain(|key| !(key.fields.len() == 1 && key.fields[0] == name));
    table.foreign_keys.push(ForeignKey {
        name: None,
        fields: vec![name],
        table: target,
        columns: Vec::new(),
    });
}

fn change_upload(options: &mut UploadOptions, entry: &UploadEntry) {
    set(&mut options.max_bytes, entry.max_bytes);
    set(&mut options.max_files, entry.max_files);
    set(&mut options.max_pixels, entry.max_pixels);
    set(&mut options.strip_metadata, entry.strip_metadata);
    if let Some(extensions) = &entry.allowed_extensions {
        options.allowed_extensions = (!extensions.is_empty())
            .then(|| extensions.iter().map(|text| Cow::Owned(text.clone())).collect());
    }
    if let Some(characters) = &entry.allowed_characters {
        options.allowed_characters = (!characters.is_empty()).then(|| characters.as_str().into());
    }
}

/// The time of the moment, in UTC as the databases' own clocks are, to the second.
fn now(kind: &FieldType) -> Option<DefaultValue> {
    let utc = || {
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        now.date().at(now.hour(), now.minute(), now.second(), 0)
    };
    let value: Arc<dyn Fn() -> Value + Send + Sync> = match kind {
        FieldType::DateTime | FieldType::Instant => Arc::new(move || Value::DateTime(utc())),
        FieldType::Date => Arc::new(move || Value::Date(utc().date())),
        FieldType::Time => Arc::new(move || Value::Time(utc().time())),
        _ => return None,
    };
    Some(DefaultValue::With(value))
}
