//! The words in which visitors read what a database refuses.

use std::sync::Arc;

use frontdesk_validate::{Message, ValidationError, Value};

use crate::{RowId, Table, Violation};

/// Another row has these values already.
pub(crate) fn unique(table: Option<&Table>, fields: Vec<Arc<str>>) -> Violation {
    let error = match (&*fields, table) {
        ([], _) | (_, None) => ValidationError::new("unique", "Another record has the same values already"),
        ([_], _) => ValidationError::new("unique", "Another record has this value already"),
        (several, Some(table)) => {
            let labels: Vec<&str> =
                several.iter().map(|name| table.get(name).map_or(&**name, |field| &*field.label)).collect();
            ValidationError::with_params(
                "unique",
                &Message::new("Another record has the same %(fields)s already"),
                vec![("fields", Value::from(labels.join(", ")))],
            )
        }
    };
    Violation { fields, error }
}

/// The field needs a value.
pub(crate) fn not_null(fields: Vec<Arc<str>>) -> Violation {
    let text = if fields.is_empty() { "A value is missing" } else { "Enter a value" };
    Violation { fields, error: ValidationError::new("not_null", text) }
}

/// The database would make a number of a text.
#[cfg(feature = "sqlite")]
pub(crate) fn becomes_number(field: &Arc<str>, number: Value) -> Violation {
    let error = ValidationError::with_params(
        "becomes_number",
        &Message::new("The database would turn this text into the number %(number)s"),
        vec![("number", number)],
    );
    Violation::field(Arc::clone(field), error)
}

/// A CHECK constraint does not hold.
pub(crate) fn check(fields: Vec<Arc<str>>) -> Violation {
    let text = match fields.len() {
        0 => "These values are not allowed together",
        1 => "This value is not allowed",
        _ => "These values do not fit together",
    };
    Violation { fields, error: ValidationError::new("check", text) }
}

/// The row that is referred to does not exist.
pub(crate) fn foreign_key(fields: Vec<Arc<str>>, table: &str) -> Violation {
    let error = ValidationError::with_params(
        "foreign_key",
        &Message::new("This record does not exist"),
        vec![("table", Value::from(table))],
    );
    Violation { fields, error }
}

/// The same, found when a transaction ended: of a row that it has written.
pub(crate) fn foreign_key_of(fields: Vec<Arc<str>>, table: &str, of: &str, row: &RowId) -> Violation {
    let error = ValidationError::with_params(
        "foreign_key",
        &Message::new("This record does not exist"),
        vec![("table", table.into()), ("of", of.into()), ("row", row.to_string().into())],
    );
    Violation { fields, error }
}

/// Something refers to a row that does not exist; what, could not be told.
pub(crate) fn some_foreign_key() -> Violation {
    Violation::form(ValidationError::new("foreign_key", "Something refers to a record that does not exist"))
}

/// Rows of these tables still refer to the row.
pub(crate) fn referenced(tables: &[String]) -> Violation {
    Violation::form(match tables {
        [] => ValidationError::new("referenced", "Other records still refer to this one"),
        tables => ValidationError::with_params(
            "referenced",
            &Message::new("Records of %(table)s still refer to this one"),
            vec![("table", Value::from(tables.join(", ")))],
        ),
    })
}

/// The value is none that the column takes.
pub(crate) fn wrong_type(fields: Vec<Arc<str>>) -> Violation {
    Violation { fields, error: ValidationError::new("type", "This value is not of the right kind") }
}

/// The value, or the row, is larger than the database takes.
pub(crate) fn too_long(fields: Vec<Arc<str>>) -> Violation {
    Violation { fields, error: ValidationError::new("too_long", "This is too long to be stored") }
}

/// A trigger refused, in its own words.
pub(crate) fn trigger(text: &str) -> Violation {
    if text.trim().is_empty() {
        return constraint();
    }
    Violation::form(ValidationError::new("trigger", text.to_owned()))
}

/// Another constraint.
pub(crate) fn constraint() -> Violation {
    Violation::form(ValidationError::new("constraint", "The database does not accept these values"))
}

/// The schema itself is at fault.
#[cfg(feature = "sqlite")]
pub(crate) fn broken_reference() -> Violation {
    let text =
        "The database cannot save this: one of its references leads to a table or column that is not there";
    Violation::form(ValidationError::new("constraint", text))
}

/// The database left the row out by a rule of its own.
pub(crate) fn ignored() -> Violation {
    Violation::form(ValidationError::new("ignored", "The database did not take this record"))
}
