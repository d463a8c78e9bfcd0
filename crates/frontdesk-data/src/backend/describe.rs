//! What follows from what a database says of a table, whichever database it is.

use std::borrow::Cow;
use std::sync::Arc;

use crate::check::{self, Says};
use crate::{FieldType, ForeignKey, Table, TableKind, label_guess};

/// How rows are shown where others refer to them, and words for what has none.
pub(super) fn settle_labels(table: &mut Table) {
    table.readable = label_guess::guess(table);
    let labels = table.fields.iter_mut().map(|field| &mut field.label).chain([&mut table.label]);
    labels.filter(|label| label.is_empty()).for_each(|label| *label = Cow::Borrowed("(no name)"));
}

/// What checks say of types: a JSON document, a length, no NULL.
pub(super) fn apply_checks(table: &mut Table, names: &[Arc<str>]) {
    let facts: Vec<_> =
        table.checks.iter().flat_map(|check| check::facts(&check.expression, names)).collect();
    for fact in facts {
        let Some(field) = table.get_mut(&fact.field) else { continue };
        match fact.says {
            Says::Json if field.kind.is_text() => {
                field.kind = FieldType::Json;
                field.length = None;
            }
            Says::MaxLength(most) if field.kind.is_text() => {
                field.length = Some(field.length.map_or(most, |length| length.min(most)));
            }
            Says::NotNull => field.null = false,
            _ => {}
        }
    }
}

/// A field that is unique by itself is marked so; where there is no primary key, the smallest unique set without NULL
/// serves as key.
pub(super) fn settle_key_and_uniques(table: &mut Table) {
    if table.key.is_empty() {
        let known = |name: &Arc<str>| table.get(name).is_some_and(|field| !field.null);
        let serving = (table.uniques.iter().enumerate())
            .filter(|(_, unique)| unique.fields.iter().all(known))
            .min_by_key(|(index, unique)| (unique.fields.len(), *index))
            .map(|(index, _)| index);
        if let Some(index) = serving {
            table.key = table.uniques.remove(index).fields;
        }
    }
    let single: Vec<Arc<str>> =
        table.uniques.iter().filter(|u| u.fields.len() == 1).map(|u| Arc::clone(&u.fields[0])).collect();
    for name in single {
        if let Some(field) = table.get_mut(&name) {
            field.unique = true;
        }
    }
}

/// The longest text that is edited in one line.
const LONGEST_LINE: u32 = 255;

/// TEXT is for texts of any kind. Those that serve as a key, are unique, are one of a list, or are limited to a
/// line's length, are of one line; all others may have many.
pub(super) fn narrow_texts(table: &mut Table, is_compared_loosely: impl Fn(&str) -> bool) {
    let names: Vec<Arc<str>> = table.fields.iter().map(|field| Arc::clone(&field.name)).collect();
    let listed: Vec<Arc<str>> = (table.checks.iter())
        .flat_map(|check| check::facts(&check.expression, &names))
        .filter(|fact| matches!(fact.says, Says::OneOf(_)))
        .map(|fact| fact.field)
        .collect();
    let key = table.key.clone();
    for field in &mut table.fields {
        let is_line = field.unique
            || key.contains(&field.name)
            || listed.contains(&field.name)
            || is_compared_loosely(&field.name)
            || field.length.is_some_and(|length| length <= LONGEST_LINE);
        if field.kind == FieldType::Text && is_line {
            field.kind = FieldType::String;
        }
    }
}

/// The other table and its column, if the column tells rows apart and its values can be chosen in a form.
pub(super) fn single_target<'t>(
    key: &ForeignKey,
    target: Option<&'t Table>,
) -> Option<(&'t Table, Arc<str>)> {
    let [column] = &key.columns[..] else { return None };
    let target = target.filter(|table| table.kind == TableKind::Table)?;
    let known = target.get(column)?;
    let tells_apart = known.unique || target.key == key.columns;
    let choosable = !matches!(known.kind, FieldType::Blob | FieldType::Json);
    (tells_apart && choosable).then(|| (target, Arc::clone(column)))
}

/// Makes a field a reference, unless its values cannot be chosen in a form.
pub(super) fn make_reference(table: &mut Table, name: &str, target: Arc<str>, column: &str) {
    let refers_to_itself = *target == *table.name && column == name;
    let Some(field) = table.get_mut(name) else { return };
    if refers_to_itself
        || matches!(field.kind, FieldType::Blob | FieldType::Json | FieldType::Reference { .. })
    {
        return;
    }
    // A key that is the other row's key too is chosen, not assigned.
    field.writable = !field.generated;
    field.kind = FieldType::Reference { table: target };
    if let Some(label) = field.label.strip_suffix(" Id").or_else(|| field.label.strip_suffix(" ID"))
        && !label.is_empty()
    {
        field.label = Cow::Owned(label.to_owned());
    }
}
