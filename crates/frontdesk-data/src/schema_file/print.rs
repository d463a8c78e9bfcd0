//! Writes the schema file that describes a schema.

use std::borrow::Cow;
use std::fmt::Write;

use frontdesk_validate::Value;
use serde_json::Value as Json;

use super::access;
use crate::{
    Action, ChoicesWhen, DefaultValue, Field, FieldType, Policy, Schema, Table, TableKind, UploadOptions,
    WidgetChoice,
};

impl Schema {
    /// The schema file that describes these tables, with comments for what only the database can say (keys, references,
    /// unique sets, checks).
    ///
    /// Parsed again and merged over the same schema, it changes nothing. What is code (rules, closures, custom widgets)
    /// has no text and is left out.
    ///
    /// ```
    /// use frontdesk_data::{Field, Schema, Table};
    ///
    /// let person = Table::new("person").field(Field::string("name").length(40).not_null());
    /// assert_eq!(
    ///     Schema::new([person]).to_toml(),
    ///     r#"[tables.person]
    /// ## key: id, assigned by the database
    ///
    /// [tables.person.fields]
    /// id = { type = "id" }
    /// name = { type = "string", length = 40, null = false }
    /// "#
    /// );
    /// ```
    pub fn to_toml(&self) -> String {
        self.written(None)
    }

    /// As [`to_toml`](Self::to_toml), with what a policy says of the tables. What closures say of rows has no text and is left
    /// out.
    pub fn to_toml_with(&self, policy: &Policy) -> String {
        self.written(Some(policy))
    }

    fn written(&self, policy: Option<&Policy>) -> String {
        let mut out = String::new();
        if let Some(settings) = policy.and_then(access::settings_text) {
            out.push_str(&settings);
        }
        for table in &self.tables {
            if !out.is_empty() {
                out.push('\n');
            }
            write_table(&mut out, table, policy);
        }
        out
    }
}

fn write_table(out: &mut String, table: &Table, policy: Option<&Policy>) {
    let path = format!("tables.{}", key(&table.name));
    line(out, format_args!("[{path}]"));
    write_comments(out, table);
    if table.create {
        out.push_str("create = true\n");
    }
    if let Some(readable) = &table.readable {
        line(out, format_args!("readable = {}", text(&readable.to_string())));
    }
    if table.label != Table::new(table.name.clone()).label {
        line(out, format_args!("label = {}", text(&table.label)));
    }
    if let Some(comment) = &table.comment {
        line(out, format_args!("comment = {}", text(comment)));
    }
    if table.create && table.key_fields().all(|field| field.kind != FieldType::Id) && table.has_key() {
        line(out, format_args!("key = {}", texts(&table.key)));
    }
    if table.create && table.uniques.iter().any(|unique| unique.fields.len() > 1) {
        let sets: Vec<String> = table
            .uniques
            .iter()
            .filter(|unique| unique.fields.len() > 1)
            .map(|unique| texts(&unique.fields))
            .collect();
        line(out, format_args!("unique = [{}]", sets.join(", ")));
    }
    if let Some(access) = policy.and_then(|policy| access::table_text(policy, &table.name)) {
        line(out, format_args!("access = {access}"));
    }
    if !table.fields.is_empty() {
        line(out, format_args!("\n[{path}.fields]"));
    }
    for field in &table.fields {
        let access = policy.and_then(|policy| access::field_text(policy, &table.name, &field.name));
        write_field(out, table, field, access);
    }
}

fn write_comments(out: &mut String, table: &Table) {
    if table.kind == TableKind::View {
        out.push_str("# a view\n");
    }
    if let [name] = &table.key[..]
        && table.get(name).is_some_and(|field| field.kind == FieldType::Id)
    {
        comment(out, &format!("key: {name}, assigned by the database"));
    } else if table.has_key() {
        comment(out, &format!("key: {}", table.key.join(", ")));
    } else if table.kind == TableKind::Table {
        comment(out, "no key: its rows can be listed, not changed");
    }
    for unique in &table.uniques {
        comment(out, &format!("unique: {}", unique.fields.join(", ")));
    }
    for key in &table.foreign_keys {
        comment(
            out,
            &format!("reference: {} -> {} ({})", key.fields.join(", "), key.table, key.columns.join(", ")),
        );
    }
    for check in &table.checks {
        comment(out, &format!("check: {}", check.expression));
    }
    for (action, reason) in &table.impossible {
        let action = match action {
            Action::Read => "read",
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        };
        comment(out, &format!("cannot {action}: {reason}"));
    }
}

fn write_field(out: &mut String, table: &Table, field: &Field, access: Option<String>) {
    let plain = Field::new(field.name.clone(), field.kind.clone());
    let mut members: Vec<(&str, String)> = Vec::new();
    // The name of a table may be such that the type cannot be read back; then the database's word is enough.
    if field.kind.to_string().parse() == Ok(field.kind.clone()) {
        members.push(("type", text(&field.kind.to_string())));
    }
    if let Some(length) = field.length.filter(|_| !table.create || field.length != plain.length) {
        members.push(("length", length.to_string()));
    }
    if field.null != plain.null {
        members.push(("null", field.null.to_string()));
    }
    if field.unique {
        members.push(("unique", "true".to_owned()));
    }
    members.extend(default_text(&field.default).map(|value| ("default", value)));
    members.extend(default_text(&field.update).map(|value| ("update", value)));
    if let Some(zone) = &field.zone {
        members.push(("zone", text(zone)));
    }
    if field.label != plain.label {
        members.push(("label", text(&field.label)));
    }
    for (name, given) in
        [("comment", &field.comment), ("placeholder", &field.placeholder), ("title", &field.title)]
    {
        members.extend(given.as_ref().map(|given| (name, text(given))));
    }
    if field.readable != plain.readable {
        members.push(("readable", field.readable.to_string()));
    }
    if field.writable != plain.writable && !field.generated {
        members.push(("writable", field.writable.to_string()));
    }
    if field.secret != plain.secret {
        members.push(("secret", field.secret.to_string()));
    }
    if let Some(WidgetChoice::Named(name)) = &field.widget {
        members.push(("widget", text(name)));
    }
    members.extend(upload_text(&field.upload).map(|upload| ("upload", upload)));
    for (name, condition) in [("show_when", &field.show_when), ("require_when", &field.require_when)] {
        members.extend(condition.as_ref().map(|condition| (name, text(&condition.to_string()))));
    }
    if !field.choices_when.is_empty() {
        let one = |choices: &ChoicesWhen| {
            format!("{{ when = {}, only = {} }}", text(&choices.when.to_string()), texts(&choices.only))
        };
        let all: Vec<String> = field.choices_when.iter().map(one).collect();
        members.push(("choices_when", format!("[{}]", all.join(", "))));
    }

    members.extend(access.map(|access| ("access", access)));
    let members: Vec<String> = members.into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let note = if field.generated { " # generated by the database" } else { "" };
    line(out, format_args!("{} = {{ {} }}{note}", key(&field.name), members.join(", ")));
}

fn default_text(default: &DefaultValue) -> Option<String> {
    match default {
        DefaultValue::None | DefaultValue::With(_) => None,
        // As the text of the document, since TOML has no null, and `{ now = true }` means something else.
        DefaultValue::Value(Value::Json(json)) => Some(text(&json.to_string())),
        DefaultValue::Value(value) => inline(&value.to_tagged_json()),
        DefaultValue::Database(sql) => Some(format!("{{ database = {} }}", text(sql))),
    }
}

/// A value in one line; nothing for NULL, which TOML cannot say.
fn inline(json: &Json) -> Option<String> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => integer.to_string(),
            (None, Some(_)) => Value::from_tagged_json(json).ok()?.into_text(),
            _ => return None,
        },
        Json::String(string) => text(string),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect::<Option<_>>()?;
            format!("[{}]", items.join(", "))
        }
        Json::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, member)| Some(format!("{} = {}", key(name), inline(member)?)))
                .collect::<Option<_>>()?;
            format!("{{ {} }}", members.join(", "))
        }
    })
}

fn upload_text(options: &UploadOptions) -> Option<String> {
    let plain = UploadOptions::default();
    let mut members = Vec::new();
    if options.max_bytes != plain.max_bytes {
        members.push(format!("max_bytes = {}", options.max_bytes));
    }
    if options.allowed_extensions != plain.allowed_extensions {
        let extensions = options.allowed_extensions.as_ref().map_or_else(|| text("all"), |list| texts(list));
        members.push(format!("allowed_extensions = {extensions}"));
    }
    if options.allowed_characters != plain.allowed_characters {
        members.push(format!(
            "allowed_characters = {}",
            text(options.allowed_characters.as_deref().unwrap_or_default())
        ));
    }
    (!members.is_empty()).then(|| format!("{{ {} }}", members.join(", ")))
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// A comment of one line, whatever the text holds.
fn comment(out: &mut String, text: &str) {
    out.push_str("# ");
    let words = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty());
    for (index, word) in words.enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.push('\n');
}

/// A key as TOML writes it: bare where it can be.
pub(super) fn key(name: &str) -> Cow<'_, str> {
    let is_bare =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_bare { Cow::Borrowed(name) } else { Cow::Owned(text(name)) }
}

/// A text in double quotes.
pub(super) fn text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

pub(super) fn texts<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|item| text(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}
