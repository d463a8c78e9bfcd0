//! A struct as a row of a table.

use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, LitStr, Path};

use super::{check_names, default_krate, field, flag, idents, krate, label, setter, text};
use crate::mistakes::Mistakes;
use crate::model::{Column, Record, Setter};
use crate::names::{did_you_mean, snake};
use crate::syntax::{Args, Body, Entries, Entry, Member, Written};

const TABLE: &[&str] = &[
    "name",
    "schema",
    "key",
    "keyless",
    "unique",
    "foreign_key",
    "check",
    "readable",
    "label",
    "comment",
    "create",
    "view",
    "cannot",
    "crate",
];
const TABLE_REPEATABLE: &[&str] = &["unique", "foreign_key", "check"];

pub(crate) fn check(written: Written) -> syn::Result<Record> {
    let Written { ident, entries, body } = written;
    let mut mistakes = Mistakes::default();
    let members = match body {
        Body::Struct(members) => members,
        Body::Tuple(_) => {
            let text = "a table's columns have names: `struct Hero { name: String }`; to store a type that wraps \
                        another one in a column, derive `FieldValue`";
            mistakes.add(ident.span(), text);
            return mistakes.unless(unreachable_record(ident));
        }
        Body::Enum(_) => {
            let text = "a row of a table is a struct; to store an enum in a column, derive `FieldValue`";
            mistakes.add(ident.span(), text);
            return mistakes.unless(unreachable_record(ident));
        }
    };
    check_names(&entries, TABLE, TABLE_REPEATABLE, &mut mistakes);
    let krate = entries
        .iter()
        .find(|entry| entry.name == "crate")
        .and_then(|entry| krate(entry, &mut mistakes))
        .unwrap_or_else(default_krate);
    let mut record = unreachable_record(ident);
    record.krate = krate;
    let marked = columns(members, &mut record, &mut mistakes);
    for entry in &entries {
        of_table(entry, &mut record, &mut mistakes);
    }
    schema(&entries, &mut record, &mut mistakes);
    key(&entries, marked, &mut record, &mut mistakes);
    mistakes.unless(record)
}

/// A record of which nothing is known yet but its name.
fn unreachable_record(ident: Ident) -> Record {
    Record {
        krate: default_krate(),
        table: snake(&ident.unraw().to_string()),
        ident,
        columns: Vec::new(),
        skipped: Vec::new(),
        key: Vec::new(),
        setters: Vec::new(),
    }
}

/// Reads the members; gives the columns that are marked as the key, each with the mark.
fn columns(members: Vec<Member>, record: &mut Record, mistakes: &mut Mistakes) -> Vec<(usize, Ident)> {
    let mut marked = Vec::new();
    let mut known = field::KNOWN.to_vec();
    known.extend(["name", "key", "skip"]);
    for member in members {
        let Some(ident) = member.ident else { continue };
        check_names(&member.entries, &known, field::REPEATABLE, mistakes);
        if let Some(skip) = member.entries.iter().find(|entry| entry.name == "skip") {
            flag(skip, mistakes);
            if let Some(other) = member.entries.iter().find(|entry| entry.name != "skip") {
                mistakes.add(
                    other.span(),
                    "a member that is skipped is in no column, of which something could be said",
                );
            }
            record.skipped.push(ident);
            continue;
        }
        let mut name = LitStr::new(&ident.unraw().to_string(), ident.span());
        for entry in &member.entries {
            if entry.name == "name" {
                name = text(entry, mistakes).unwrap_or(name);
            } else if entry.name == "key" && flag(entry, mistakes) {
                marked.push((record.columns.len(), entry.name.clone()));
            }
        }
        let (place, name) = (name.span(), name.value());
        if name.is_empty() {
            mistakes.add(place, "a column has a name");
        } else if record.columns.iter().any(|known| known.name == name) {
            mistakes.add(place, format!("there is a column `{name}` already"));
        }
        let said = field::said(&member.entries, &record.krate, mistakes);
        record.columns.push(Column {
            ident,
            visibility: member.visibility,
            ty: member.ty,
            name,
            kind: said.kind,
            setters: said.setters,
            widget: said.widget,
        });
    }
    marked
}

/// Works the key out: `key(a, b)` on the struct, members marked `key`, or the member `id`.
fn key(entries: &[Entry], marked: Vec<(usize, Ident)>, record: &mut Record, mistakes: &mut Mistakes) {
    let keyless = entries.iter().find(|entry| entry.name == "keyless");
    let listed = entries.iter().find(|entry| entry.name == "key");
    if let (Some(entry), true) = (keyless, listed.is_some() || !marked.is_empty()) {
        mistakes.add(entry.span(), "`keyless` has no meaning beside `key`");
        return;
    }
    if let Some(entry) = keyless {
        flag(entry, mistakes);
        return;
    }
    if let Some(entry) = listed {
        if let Some((_, mark)) = marked.first() {
            mistakes.add(mark.span(), "the key is said on the struct already");
        }
        let Some(names) = idents(entry, mistakes) else { return };
        record.key = names.iter().filter_map(|name| position(name, record, mistakes)).collect();
    } else if !marked.is_empty() {
        record.key = marked.into_iter().map(|(at, _)| at).collect();
    } else if let Some(id) = record.columns.iter().position(|column| column.ident == "id") {
        record.key = vec![id];
    } else {
        let text = "which member is the key? Name one `id`, mark the members with `#[field(key)]`, or say \
                    `#[table(keyless)]` for rows that cannot be told apart";
        mistakes.add(record.ident.span(), text);
        return;
    }
    if record.key.len() > 4 {
        mistakes.add(record.ident.span(), "a key has at most four members");
    }
}

/// Where the member of that name is.
fn position(name: &Ident, record: &Record, mistakes: &mut Mistakes) -> Option<usize> {
    let found = record.columns.iter().position(|column| column.ident.unraw() == name.unraw());
    if found.is_none() {
        let members: Vec<String> =
            record.columns.iter().map(|column| column.ident.unraw().to_string()).collect();
        let meant = did_you_mean(&name.to_string(), members.iter().map(String::as_str));
        mistakes.add(name.span(), format!("there is no member `{name}` that is a column{meant}"));
    }
    found
}

/// The names of the columns of these members, as texts.
fn names(members: &[Ident], record: &Record, mistakes: &mut Mistakes) -> Vec<String> {
    members
        .iter()
        .filter_map(|name| position(name, record, mistakes))
        .map(|at| record.columns[at].name.clone())
        .collect()
}

fn of_table(entry: &Entry, record: &mut Record, mistakes: &mut Mistakes) {
    let (name, place) = (entry.name.to_string(), entry.span());
    let said = match &*name {
        "name" => {
            if let Some(text) = text(entry, mistakes) {
                record.table = text.value();
            }
            return;
        }
        "create" | "view" => {
            flag(entry, mistakes);
            setter(&name, place, quote!())
        }
        "label" | "comment" | "check" => {
            let Some(value) = super::expr(entry, mistakes) else { return };
            setter(&name, place, value)
        }
        "unique" => {
            let Some(members) = idents(entry, mistakes) else { return };
            let names = names(&members, record, mistakes);
            setter(&name, place, quote!([#(#names),*]))
        }
        "readable" => {
            let Some(template) = text(entry, mistakes) else { return };
            check_label(&template, record, mistakes);
            let krate = &record.krate;
            setter(&name, place, quote!(#krate::record::label(#template)))
        }
        "foreign_key" => {
            let Some(call) = foreign_key(entry, record, mistakes) else { return };
            call
        }
        "cannot" => {
            cannot(entry, record, mistakes);
            return;
        }
        _ => return,
    };
    record.setters.push(said);
}

/// A table of another schema is called `schema.table` everywhere but in the database.
fn schema(entries: &[Entry], record: &mut Record, mistakes: &mut Mistakes) {
    let Some(entry) = entries.iter().find(|entry| entry.name == "schema") else { return };
    let Some(schema) = text(entry, mistakes) else { return };
    let table = format!("{}.{}", schema.value(), record.table);
    let name = std::mem::replace(&mut record.table, table);
    record.setters.insert(0, setter("source", entry.span(), quote!(#schema, #name)));
}

fn check_label(template: &LitStr, record: &Record, mistakes: &mut Mistakes) {
    let source = template.value();
    match label::columns(&source) {
        Err(rest) => mistakes.add(template.span(), format!("the place that begins `{rest}` does not end")),
        Ok(names) => {
            for name in names {
                if !record.columns.iter().any(|column| column.name == name) {
                    let meant = did_you_mean(name, record.columns.iter().map(|column| &*column.name));
                    mistakes.add(template.span(), format!("there is no column `{name}`{meant}"));
                }
            }
        }
    }
}

/// `foreign_key(fields(a, b), table = "other", columns("x", "y"))`.
fn foreign_key(entry: &Entry, record: &Record, mistakes: &mut Mistakes) -> Option<Setter> {
    let wanted = "`foreign_key` wants members, a table and its columns: \
                  `foreign_key(members(course, student), table = \"enrolment\", columns(course_id, student_id))`";
    let Args::List(list) = &entry.args else {
        mistakes.add(entry.span(), wanted);
        return None;
    };
    let Entries(parts) = syn::parse2(list.clone()).map_err(|mistake| mistakes.push(mistake)).ok()?;
    check_names(&parts, &["members", "table", "columns"], &[], mistakes);
    let part = |name: &str| parts.iter().find(|part| part.name == name);
    let (Some(members), Some(table), Some(columns)) = (part("members"), part("table"), part("columns"))
    else {
        mistakes.add(entry.span(), wanted);
        return None;
    };
    let members = idents(members, mistakes)?;
    let columns = idents(columns, mistakes)?;
    let table = text(table, mistakes)?;
    if members.len() != columns.len() {
        mistakes.add(entry.span(), "as many columns as members, in the same order");
    }
    let members = names(&members, record, mistakes);
    let columns = columns.iter().map(|column| column.unraw().to_string());
    Some(setter("foreign_key", entry.span(), quote!([#(#members),*], #table, [#(#columns),*])))
}

/// `cannot(update = "Bills stay as they are")`.
fn cannot(entry: &Entry, record: &mut Record, mistakes: &mut Mistakes) {
    let Args::List(list) = &entry.args else {
        mistakes.add(
            entry.span(),
            "`cannot` wants actions with reasons: `cannot(update = \"Bills stay as they are\")`",
        );
        return;
    };
    let Entries(actions) = match syn::parse2(list.clone()) {
        Ok(actions) => actions,
        Err(mistake) => return mistakes.push(mistake),
    };
    check_names(&actions, &["read", "create", "update", "delete"], &[], mistakes);
    for action in &actions {
        let Some(reason) = text(action, mistakes) else { continue };
        let variant = match &*action.name.to_string() {
            "read" => "Read",
            "create" => "Create",
            "update" => "Update",
            "delete" => "Delete",
            _ => continue,
        };
        let variant = Ident::new(variant, action.span());
        let krate: &Path = &record.krate;
        let call = setter("cannot", entry.span(), quote!(#krate::record::Action::#variant, #reason));
        record.setters.push(call);
    }
}
