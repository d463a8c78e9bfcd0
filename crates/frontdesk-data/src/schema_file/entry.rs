//! What a schema file says of tables and fields, before it is known what the database has.

use frontdesk_validate::{Condition, ConditionError, Value};
use serde_json::Value as Json;

use super::document::{At, Section};
use crate::{ChoicesWhen, FieldType, LabelTemplate};

/// Who may do what with a table's rows: role names by action, such as `public`, `user`, `admin`. An action that is not
/// named is left to the policy's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// Who may see rows.
    pub read: Vec<String>,
    /// Who may insert rows.
    pub create: Vec<String>,
    /// Who may change rows.
    pub update: Vec<String>,
    /// Who may delete rows.
    pub delete: Vec<String>,
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
    pub(super) access: Option<Access>,
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
}

#[derive(Clone, Debug)]
pub(super) struct UploadEntry {
    pub(super) max_bytes: Option<u64>,
    /// An empty list stands for all.
    pub(super) allowed_extensions: Option<Vec<String>>,
    pub(super) allowed_characters: Option<String>,
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
            access: section.section("access", access),
            fields: section.section("fields", |fields| fields.sections(FieldEntry::read)).unwrap_or_default(),
        }
    }
}

fn access(section: &mut Section<'_, '_>) -> Access {
    let mut roles = |action| section.texts(action).map(|at| at.value).unwrap_or_default();
    Access { read: roles("read"), create: roles("create"), update: roles("update"), delete: roles("delete") }
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
        }
    }
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
    }
}
