//! What a schema file says of tables and fields, before it is known what the database has.

use frontdesk_validate::{Condition, ConditionError, Value};
use serde_json::Value as Json;

use super::access::{FieldAccess, TableAccess};
use super::document::{At, Section};
use crate::{ChoicesWhen, FieldType, LabelTemplate};

/// Rows of another table that are edited in the form of a table's rows, as the file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildRows {
    /// The other table.
    pub table: String,
    /// Its field that refers to the row.
    pub by: String,
    /// Its field of whole numbers that keeps the order.
    pub order_by: Option<String>,
    /// How many rows there may be, from the first number to the second.
    pub rows: Option<(usize, usize)>,
}

#[derive(Clone, Debug)]
pub(super) struct TableEntry {
    pub(super) name: String,
    pub(super) part: String,
    pub(super) line: usize,
    pub(super) create: bool,
    pub(super) readable: Option<At<LabelTemplate>>,
    pub(super) label: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) key: Option<At<Vec<String>>>,
    pub(super) unique: Option<At<Vec<Vec<String>>>>,
    pub(super) access: Option<TableAccess>,
    pub(super) children: Option<At<Vec<ChildRows>>>,
    pub(super) fields: Vec<FieldEntry>,
}

#[derive(Clone, Debug)]
pub(super) struct FieldEntry {
    pub(super) name: String,
    pub(super) part: String,
    pub(super) line: usize,
    pub(super) kind: Option<At<FieldType>>,
    pub(super) length: Option<u32>,
    pub(super) null: Option<bool>,
    pub(super) default: Option<At<Json>>,
    pub(super) update: Option<At<Json>>,
    pub(super) unique: Option<bool>,
    pub(super) zone: Option<At<String>>,
    pub(super) label: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) placeholder: Option<String>,
    pub(super) title: Option<String>,
    pub(super) readable: Option<bool>,
    pub(super) writable: Option<bool>,
    pub(super) requires: Option<At<Json>>,
    pub(super) widget: Option<String>,
    pub(super) secret: Option<bool>,
    pub(super) upload: Option<UploadEntry>,
    pub(super) show_when: Option<At<Condition>>,
    pub(super) require_when: Option<At<Condition>>,
    pub(super) choices_when: Option<At<Vec<ChoicesWhen>>>,
    pub(super) live_check: bool,
    pub(super) access: FieldAccess,
}

#[derive(Clone, Debug)]
pub(super) struct UploadEntry {
    pub(super) max_bytes: Option<u64>,
    /// An empty list stands for all.
    pub(super) allowed_extensions: Option<Vec<String>>,
    pub(super) allowed_characters: Option<String>,
    pub(super) max_files: Option<u32>,
    pub(super) max_pixels: Option<u64>,
    pub(super) strip_metadata: Option<bool>,
}

impl TableEntry {
    pub(super) fn read(name: &str, section: &mut Section<'_, '_>) -> Self {
        Self {
            name: name.to_owned(),
            part: section.part(),
            line: section.line,
            create: section.flag("create").unwrap_or(false),
            readable: section.parsed("readable"),
            label: section.text("label").map(|at| at.value),
            comment: section.text("comment").map(|at| at.value),
            key: section.texts("key"),
            unique: section.lists("unique"),
            access: section.section("access", TableAccess::read),
            children: children(section),
            fields: section.section("fields", |fields| fields.sections(FieldEntry::read)).unwrap_or_default(),
        }
    }
}

impl FieldEntry {
    fn read(name: &str, section: &mut Section<'_, '_>) -> Self {
        let mut text = |key| section.text(key).map(|at| at.value);
        let (label, comment, placeholder) = (text("label"), text("comment"), text("placeholder"));
        let (title, widget) = (text("title"), text("widget"));
        Self {
            name: name.to_owned(),
            part: section.part(),
            line: section.line,
            kind: section.parsed("type"),
            length: section.count("length").map(|length| u32::try_from(length).unwrap_or(u32::MAX)),
            null: section.flag("null"),
            default: section.json("default"),
            update: section.json("update"),
            unique: section.flag("unique"),
            zone: section.text("zone"),
            label,
            comment,
            placeholder,
            title,
            readable: section.flag("readable"),
            writable: section.flag("writable"),
            requires: section.json("requires"),
            widget,
            secret: section.flag("secret"),
            upload: section.section("upload", upload),
            show_when: section.parsed("show_when"),
            require_when: section.parsed("require_when"),
            choices_when: choices_when(section),
            live_check: section.flag("live_check").unwrap_or(false),
            access: section.section("access", FieldAccess::read).unwrap_or_default(),
        }
    }
}

fn children(section: &mut Section<'_, '_>) -> Option<At<Vec<ChildRows>>> {
    let At { value, line } = section.json("children")?;
    let read = || {
        let items = value.as_array().ok_or_else(children_shape)?;
        items.iter().map(child_rows).collect::<Result<Vec<_>, String>>()
    };
    match read() {
        Ok(value) => Some(At { value, line }),
        Err(problem) => {
            section.problem(line, format!("`children` {problem}"));
            None
        }
    }
}

fn children_shape() -> String {
    "wants a list such as [{ table = \"item\", by = \"order_id\", order_by = \"position\", rows = [1, 50] }]"
        .to_owned()
}

fn child_rows(json: &Json) -> Result<ChildRows, String> {
    let members = json.as_object().ok_or_else(children_shape)?;
    if let Some(unknown) =
        members.keys().find(|key| !["table", "by", "order_by", "rows"].contains(&key.as_str()))
    {
        return Err(format!("has an unknown key `{unknown}`; it takes `table`, `by`, `order_by` and `rows`"));
    }
    let text = |key: &str| match members.get(key) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(children_shape()),
    };
    let rows = match members.get("rows") {
        None => None,
        Some(rows) => {
            let ends: Option<Vec<usize>> = rows.as_array().and_then(|ends| {
                ends.iter().map(|end| end.as_u64().and_then(|end| usize::try_from(end).ok())).collect()
            });
            match ends.as_deref() {
                Some(&[least, most]) if least <= most && (1..=1000).contains(&most) => Some((least, most)),
                _ => return Err("wants `rows` as [least, most], and at most 1,000".to_owned()),
            }
        }
    };
    let (table, by) = (text("table")?, text("by")?);
    let (Some(table), Some(by)) = (table, by) else { return Err(children_shape()) };
    Ok(ChildRows { table, by, order_by: text("order_by")?, rows })
}

fn choices_when(section: &mut Section<'_, '_>) -> Option<At<Vec<ChoicesWhen>>> {
    let At { value, line } = section.json("choices_when")?;
    let read = || {
        let items = value.as_array().ok_or_else(shape)?;
        items.iter().map(choices).collect::<Result<Vec<_>, String>>()
    };
    match read() {
        Ok(value) => Some(At { value, line }),
        Err(problem) => {
            section.problem(line, format!("`choices_when` {problem}"));
            None
        }
    }
}

fn shape() -> String {
    "wants a list such as [{ when = \"country == 'US'\", only = [\"AL\", \"AK\"] }]".to_owned()
}

fn choices(json: &Json) -> Result<ChoicesWhen, String> {
    let members = json.as_object().filter(|members| members.len() == 2).ok_or_else(shape)?;
    let (Some(Json::String(when)), Some(Json::Array(only))) = (members.get("when"), members.get("only"))
    else {
        return Err(shape());
    };
    let when = when.parse().map_err(|error: ConditionError| format!("has a mistake in `when`: {error}"))?;
    let value = |json| match Value::from_tagged_json(json) {
        Ok(Value::List(_) | Value::Json(_) | Value::Null) | Err(_) => Err(shape()),
        Ok(one) => Ok(one.into_text()),
    };
    Ok(ChoicesWhen::new(when, only.iter().map(value).collect::<Result<Vec<_>, _>>()?))
}

fn upload(section: &mut Section<'_, '_>) -> UploadEntry {
    let extensions = if section.is_text("allowed_extensions") {
        let all = section.text("allowed_extensions");
        if let Some(text) = all.as_ref().filter(|text| text.value != "all") {
            section.problem(text.line, "`allowed_extensions` wants a list of texts, or \"all\"");
        }
        all.map(|_| Vec::new())
    } else {
        section.texts("allowed_extensions").map(|at| {
            at.value.into_iter().map(|extension| extension.trim_start_matches('.').to_lowercase()).collect()
        })
    };
    UploadEntry {
        max_bytes: section.count("max_bytes"),
        allowed_extensions: extensions,
        allowed_characters: section.text("allowed_characters").map(|at| at.value),
        max_files: section.count("max_files").map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
        max_pixels: section.count("max_pixels"),
        strip_metadata: section.flag("strip_metadata"),
    }
}
