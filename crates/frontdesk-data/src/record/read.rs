//! Reading: members from rows, and what is written in attributes.

use frontdesk_validate::{Condition, Registry, Rules};
use serde_json::Value as Json;

use super::{FieldValue, RecordError, RecordErrorKind};
use crate::{LabelTemplate, Row};

impl Row {
    /// The value of a column as a Rust type.
    ///
    /// A value of another kind is taken where that loses nothing, such as the text `42` for a number.
    ///
    /// # Errors
    /// [`RecordError`], if there is no such column, it holds what is none of the type, or the row holds only the
    /// beginning of it.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use frontdesk_data::{Columns, Row, Value};
    /// # let columns = Arc::new(Columns::new(vec!["name".into(), "age".into()]));
    /// # let row = Row::new(columns, vec!["Ada".into(), Value::Null], None);
    /// assert_eq!(row.read::<String>("name").unwrap(), "Ada");
    /// assert_eq!(row.read::<Option<i32>>("age").unwrap(), None);
    /// assert!(row.read::<i32>("age").is_err());
    /// ```
    pub fn read<T: FieldValue>(&self, column: &str) -> Result<T, RecordError> {
        let Some(value) = self.get(column) else {
            return Err(RecordError::new(RecordErrorKind::Missing, column, self.id()));
        };
        if self.full_length(column).is_some() {
            return Err(RecordError::new(RecordErrorKind::Cut, column, self.id()));
        }
        T::from_value(value).map_err(|expected| RecordError::unreadable(column, expected, value, self.id()))
    }
}

/// The condition that an attribute says: `show_when = "country == 'US'"`.
///
/// # Panics
/// If it cannot be read. As it stands in the program's text, any test that makes the table finds it.
pub fn condition(source: &str) -> Condition {
    match source.parse() {
        Ok(condition) => condition,
        Err(error) => panic!("the condition `{source}` of a record cannot be read: {error}"),
    }
}

/// The label template that an attribute says: `readable = "{name}"`.
///
/// # Panics
/// If it cannot be read; the derive finds that at compile time.
pub fn label(source: &str) -> LabelTemplate {
    match source.parse() {
        Ok(label) => label,
        Err(error) => panic!("{error}"),
    }
}

/// The rules that an attribute says as data, in JSON: `requires = r#"[{"rule": "is_length", "maxsize": 15}]"#`.
///
/// # Panics
/// If they cannot be read. As they stand in the program's text, any test that makes the table finds it.
pub fn rules(json: &str) -> Rules {
    let rules = serde_json::from_str::<Json>(json)
        .map_err(|error| error.to_string())
        .and_then(|json| Registry::standard().rules(&json).map_err(|error| error.to_string()));
    match rules {
        Ok(rules) => rules,
        Err(error) => panic!("the rules `{json}` of a record cannot be read: {error}"),
    }
}
