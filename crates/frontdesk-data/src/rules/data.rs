//! The rules as data.

use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_validate::{Args, Registry, RuleError, Value};
use serde_json::Value as Json;

use super::is_in_db::Count;
use super::source::split;
use super::{IsInDb, IsNotInDb, Source};
use crate::column::Column;
use crate::{Db, Set, Table};

const IN_DB: &[&str] = &[
    "field",
    "set",
    "label",
    "error_message",
    "orderby",
    "groupby",
    "distinct",
    "left",
    "cache",
    "sort",
    "zero",
    "multiple",
    "delimiter",
    "_and",
    "most_choices",
    "create_with",
    "ignore_common_filters",
];
const NOT_IN_DB: &[&str] = &["field", "set", "error_message", "allowed_override", "ignore_common_filters"];

/// The arguments of either rule, where nothing is made of them but the name of the field.
pub(crate) const DB_RULE_ARGS: &[&str] = &[
    "field",
    "set",
    "label",
    "error_message",
    "orderby",
    "groupby",
    "distinct",
    "left",
    "cache",
    "sort",
    "zero",
    "multiple",
    "delimiter",
    "_and",
    "most_choices",
    "create_with",
    "ignore_common_filters",
    "allowed_override",
];

/// Adds `is_in_db` and `is_not_in_db` to the rules that can be named in data. They ask `db`.
///
/// The tables that a rule names must be known to `db` when the rule is read; an unknown one is an error then, with the
/// nearest known name.
///
/// `set` is a list of conditions that must all hold, each `[field, operator, value]` with `=`, `!=`, `<`, `<=`, `>` or
/// `>=`. `orderby`, `groupby` and `left` take one field or a list; `cache` is a number of seconds. Common filters do not
/// exist here, so that `ignore_common_filters` changes nothing.
pub fn register(registry: &mut Registry, db: &Db) {
    let known = db.clone();
    register_for(registry, db, Arc::new(move |name: &str| known.table(name)));
}

/// Finds a table by its name.
pub(crate) type FindTable = Arc<dyn Fn(&str) -> Option<Arc<Table>> + Send + Sync>;

/// As [`register`], where the tables that rules may name are not yet known to the database.
pub(crate) fn register_for(registry: &mut Registry, db: &Db, find: FindTable) {
    let (database, tables) = (db.clone(), Arc::clone(&find));
    registry.add_with(IsInDb::NAME, IN_DB, move |args| Ok(Arc::new(in_db(args, &database, &tables)?)));
    let (database, tables) = (db.clone(), find);
    registry
        .add_with(IsNotInDb::NAME, NOT_IN_DB, move |args| Ok(Arc::new(not_in_db(args, &database, &tables)?)));
}

/// The column that `field` names, and where to look.
struct Asked {
    source: Source,
    table: Arc<Table>,
    /// Absent where only the table is named.
    field: Option<Arc<str>>,
}

fn asked(args: &mut Args<'_>, db: &Db, find: &FindTable) -> Result<Asked, RuleError> {
    let path = args.text("field")?.ok_or_else(|| args.missing("field"))?;
    let Some((table, field)) = split(&path, |name| find(name)) else {
        let near = db.tables().iter().map(|table| table.name.to_string()).collect::<Vec<_>>();
        let wanted = path.split('.').next().unwrap_or_default();
        return Err(
            args.senseless("field", format!("names `{path}`, which is in no table{}", meant(wanted, &near)))
        );
    };
    if let Some(name) = field
        && table.get(name).is_none()
    {
        let near: Vec<String> = table.fields.iter().map(|field| field.name.to_string()).collect();
        let problem =
            format!("names `{name}`, which the table `{}` does not have{}", table.name, meant(name, &near));
        return Err(args.senseless("field", problem));
    }
    let field = field.map(Arc::from);
    let source = match args.take("set").filter(|json| !json.is_null()) {
        None => Source::from(db),
        Some(json) => conditions(args, &json, db.set(&table))?.into(),
    };
    Ok(Asked { source, table, field })
}

fn meant(wrong: &str, known: &[String]) -> String {
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

fn conditions(args: &Args<'_>, json: &Json, mut set: Set) -> Result<Set, RuleError> {
    let wrong = |found: &Json| args.wrong("set", "a list of conditions [field, operator, value]", found);
    for condition in json.as_array().ok_or_else(|| wrong(json))? {
        let [Json::String(field), Json::String(operator), value] =
            &condition.as_array().ok_or_else(|| wrong(condition))?[..]
        else {
            return Err(wrong(condition));
        };
        let table = Arc::clone(set.table());
        let own = |name: &str| table.get(name).is_some();
        let name = match field.strip_prefix(&*table.name).and_then(|rest| rest.strip_prefix('.')) {
            Some(name) if own(name) => name,
            _ if own(field) => field,
            _ => {
                let near: Vec<String> = table.fields.iter().map(|field| field.name.to_string()).collect();
                let problem = format!(
                    "names `{field}`, which the table `{}` does not have{}",
                    table.name,
                    meant(field, &near)
                );
                return Err(args.senseless("set", problem));
            }
        };
        let value =
            Value::from_tagged_json(value).map_err(|error| args.senseless("set", error.to_string()))?;
        let column: Column = set.col(name);
        let expression = match operator.as_str() {
            "=" => column.eq(value),
            "!=" => column.ne(value),
            "<" => column.lt(value),
            "<=" => column.lte(value),
            ">" => column.gt(value),
            ">=" => column.gte(value),
            other => {
                let problem = format!("has the operator `{other}`; known are =, !=, <, <=, >, >=");
                return Err(args.senseless("set", problem));
            }
        };
        set = set.filter(expression);
    }
    Ok(set)
}

fn in_db(args: &mut Args<'_>, db: &Db, find: &FindTable) -> Result<IsInDb, RuleError> {
    let Asked { source, table, field } = asked(args, db, find)?;
    if field.is_none() && table.key.len() != 1 {
        let problem =
            format!("names the table `{}`, whose key is not a single field: name the field", table.name);
        return Err(args.senseless("field", problem));
    }
    let mut rule = IsInDb::column(source, Arc::clone(&table.name), field);
    if let Some(label) = args.text("label")? {
        // A field may be named instead of a template.
        let own = label.strip_prefix(&*table.name).and_then(|rest| rest.strip_prefix('.')).unwrap_or(&label);
        rule = if table.get(own).is_some() {
            rule.label_field(own)
        } else {
            rule.label(&label).map_err(|error| args.senseless("label", error.to_string()))?
        };
    }
    for field in args.texts("orderby")?.unwrap_or_default() {
        rule = rule.order_by(&known_field(args, "orderby", &table, &field)?);
    }
    for field in args.texts("groupby")?.unwrap_or_default() {
        rule = rule.group_by(known_field(args, "groupby", &table, &field)?);
    }
    for reference in args.texts("left")?.unwrap_or_default() {
        rule = rule.left(reference);
    }
    if args.flag("distinct")?.unwrap_or(false) {
        rule = rule.distinct();
    }
    if let Some(seconds) = args.float("cache")? {
        let lifetime = Duration::try_from_secs_f64(seconds)
            .map_err(|_| args.senseless("cache", "wants a number of seconds from 0"))?;
        rule = rule.cache(lifetime);
    }
    if args.flag("sort")?.unwrap_or(false) {
        rule = rule.sort();
    }
    match args.take("zero") {
        None => {}
        Some(Json::Null) => rule = rule.without_zero(),
        Some(Json::String(label)) => rule = rule.zero(label),
        Some(other) => return Err(args.wrong("zero", "a text or null", &other)),
    }
    rule.set_multiple(multiple(args)?);
    if let Some(delimiter) = args.text("delimiter")? {
        rule = rule.delimiter(delimiter);
    }
    if let Some(rules) = args.rules("_and")? {
        rule = rule.and(rules);
    }
    if let Some(rows) = args.size("most_choices")? {
        rule = rule.most_choices(usize::try_from(rows).unwrap_or(usize::MAX).min(100_000));
    }
    if let Some(field) = args.text("create_with")? {
        rule = rule.create_with(known_field(args, "create_with", &table, &field)?);
    }
    args.flag("ignore_common_filters")?;
    if let Some(message) = args.message()? {
        rule = rule.error_message(message);
    }
    Ok(rule)
}

/// A field of the table, `~` before it kept and the table's name before it taken off; or a column of a joined table.
fn known_field(args: &Args<'_>, argument: &str, table: &Table, text: &str) -> Result<String, RuleError> {
    let (sign, name) = match text.strip_prefix('~') {
        Some(name) if argument == "orderby" => ("~", name),
        _ => ("", text),
    };
    let own = name.strip_prefix(&*table.name).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
    let is_joined = || own.split_once('.').is_some_and(|(reference, _)| table.get(reference).is_some());
    if table.get(own).is_none() && !is_joined() {
        let near: Vec<String> = table.fields.iter().map(|field| field.name.to_string()).collect();
        let problem =
            format!("names `{own}`, which the table `{}` does not have{}", table.name, meant(own, &near));
        return Err(args.senseless(argument, problem));
    }
    Ok(format!("{sign}{own}"))
}

/// How many values: true is any number, `[a, b]` from a up to but without b, as for `is_in_set`.
fn multiple(args: &mut Args<'_>) -> Result<Option<Count>, RuleError> {
    let json = args.take("multiple").unwrap_or(Json::Null);
    let number = |json: &Json| json.as_u64().map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    match &json {
        Json::Null | Json::Bool(false) => return Ok(None),
        Json::Bool(true) => return Ok(Some((Bound::Unbounded, Bound::Unbounded))),
        Json::Array(ends) => {
            if let [min, max] = &ends[..]
                && let (Some(min), Some(max)) = (number(min), number(max))
            {
                return Ok(Some((Bound::Included(min), Bound::Excluded(max))));
            }
        }
        _ => {}
    }
    Err(args.wrong("multiple", "true, false or two whole numbers [from, below]", &json))
}

fn not_in_db(args: &mut Args<'_>, db: &Db, find: &FindTable) -> Result<IsNotInDb, RuleError> {
    let Asked { source, table, field } = asked(args, db, find)?;
    let field = match (field, &table.key[..]) {
        (Some(field), _) => field,
        (None, [key]) => Arc::clone(key),
        _ => {
            let problem =
                format!("names the table `{}`, whose key is not a single field: name the field", table.name);
            return Err(args.senseless("field", problem));
        }
    };
    let mut rule = IsNotInDb::column(source, Arc::clone(&table.name), field);
    match args.value("allowed_override")? {
        None | Some(Value::Null) => {}
        Some(Value::List(values)) => rule = rule.allowed_override(values),
        Some(one) => rule = rule.allowed_override([one]),
    }
    args.flag("ignore_common_filters")?;
    if let Some(message) = args.message()? {
        rule = rule.error_message(message);
    }
    Ok(rule)
}
