//! Rules that would ask a database, where there is none.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use frontdesk_validate::{Checked, Constraints, Context, JsonSchema, Validator, Value};

/// What was not checked, since it would have taken a database, in words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Mutex<BTreeSet<String>>>);

impl Notes {
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// Accepts every value, and notes that it was asked.
#[derive(Debug)]
pub(crate) struct Unasked {
    name: &'static str,
    says: String,
    notes: Notes,
}

impl Unasked {
    pub(crate) fn new(name: &'static str, says: String, notes: &Notes) -> Self {
        Self { name, says, notes: notes.clone() }
    }
}

impl Validator for Unasked {
    fn name(&self) -> &str {
        self.name
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let mut notes = self.notes.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.contains(&self.says) {
            notes.insert(self.says.clone());
        }
        Ok(value).into()
    }

    fn constraints(&self, _: &mut Constraints) {}

    fn json_schema(&self, _: &mut JsonSchema) {}
}
