use std::borrow::Cow;
use std::sync::Arc;

use frontdesk_data::{Row, Values};
use frontdesk_validate::{ValidationError, Value};

/// A form under validation: what the function given to [`FormSpec::validation`](crate::FormSpec::validation) sees and
/// changes.
#[derive(Debug)]
pub struct FormCheck {
    pub(super) vars: Values,
    pub(super) errors: Vec<(Arc<str>, ValidationError)>,
    pub(super) form_errors: Vec<ValidationError>,
    pub(super) record: Option<Box<Row>>,
}

impl FormCheck {
    /// The values that passed their rules.
    pub fn vars(&self) -> &Values {
        &self.vars
    }

    /// One value; null where the field was refused or is not there.
    pub fn value(&self, field: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.vars.get(field).unwrap_or(&NULL)
    }

    /// One value as text; empty where the field was refused or is not there.
    pub fn text(&self, field: &str) -> Cow<'_, str> {
        self.value(field).to_text()
    }

    /// Changes a value before it is written.
    pub fn set(&mut self, field: impl Into<Arc<str>>, value: impl Into<Value>) {
        self.vars.set(field, value);
    }

    /// What is wrong with a field so far.
    pub fn error(&self, field: &str) -> Option<&ValidationError> {
        self.errors.iter().find(|(name, _)| &**name == field).map(|(_, error)| error)
    }

    /// Whether nothing is wrong so far.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.form_errors.is_empty()
    }

    /// Refuses a field. The first error of a field is shown.
    pub fn refuse(&mut self, field: impl Into<Arc<str>>, error: impl Into<ValidationError>) {
        self.errors.push((field.into(), error.into()));
    }

    /// Refuses the form as a whole.
    pub fn refuse_form(&mut self, error: impl Into<ValidationError>) {
        self.form_errors.push(error.into());
    }

    /// The record that is edited, as it is in the database; `None` for a new one.
    pub fn record(&self) -> Option<&Row> {
        self.record.as_deref()
    }
}
