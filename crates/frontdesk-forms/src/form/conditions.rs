//! Fields that depend on others: shown, required, or limited in their choices while a condition holds.

use std::sync::Arc;

use frontdesk_data::{Field, FieldType};
use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::{Lookup, ValidationError, Value};
use http::StatusCode;
use serde_json::Value as Json;

use super::spec::{FieldPlan, is_upload};
use super::{FieldState, Form, bind};
use crate::body::{Entry, Submission};

/// The texts of the other fields, as a browser submits them.
struct Texts<'a> {
    texts: &'a (dyn Fn(&str) -> Vec<String> + Sync),
}

impl Lookup for Texts<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        let texts = (self.texts)(name);
        (!texts.is_empty()).then(|| Value::List(texts.into_iter().map(Value::Text).collect()))
    }
}

/// The texts that a submission has of a field.
fn submitted(submission: &Submission, name: &str) -> Vec<String> {
    let own = submission.all(name).filter_map(|entry| match entry {
        Entry::Text(text) => Some(text.to_owned()),
        Entry::Typed(Value::List(items)) => {
            Some(items.iter().map(|item| item.to_text().into_owned()).collect::<Vec<_>>().join(","))
        }
        Entry::Typed(value) => Some(value.to_text().into_owned()),
        Entry::File(file) => Some(file.name().to_owned()),
        _ => None,
    });
    own.collect()
}

impl Form {
    /// Whether any field depends on others.
    pub(super) fn has_conditions(&self) -> bool {
        self.def.plan().has_conditions
    }

    /// Works out which fields are hidden and which are needed, from what was submitted.
    pub(super) fn settle_submitted(&mut self, submission: &Submission) {
        if !self.has_conditions() {
            return;
        }
        let outer = submission.outer.clone();
        let def = Arc::clone(&self.def);
        self.settle(&|name| match (&outer, def.fields().iter().any(|field| *field.name == *name)) {
            (Some(outer), false) => submitted(outer, name),
            _ => submitted(submission, name),
        });
    }

    /// Works out which fields are hidden and which are needed, from what stands in the controls.
    pub(super) fn settle_shown(&mut self, outer: &(dyn Fn(&str) -> Vec<String> + Sync)) {
        if !self.has_conditions() {
            return;
        }
        let shown: Vec<(Arc<str>, Vec<String>)> = self.shown_texts();
        self.settle(&|name| match shown.iter().find(|(known, _)| **known == *name) {
            Some((_, texts)) => texts.clone(),
            None => outer(name),
        });
    }

    /// What the controls hold, as a browser would submit it.
    pub(super) fn shown_texts(&self) -> Vec<(Arc<str>, Vec<String>)> {
        let states = self.def.plan().fields.iter().zip(&self.states);
        let shown = states.map(|(plan, state)| {
            let field = plan.field(&self.def);
            let texts = match field.kind {
                _ if !self.is_input(plan) || is_upload(field) => Vec::new(),
                FieldType::Boolean => {
                    state.values.iter().filter(|text| bind::is_true(text)).map(|_| "ON".to_owned()).collect()
                }
                _ => state.values.iter().map(|text| text.to_string()).collect(),
            };
            (Arc::clone(&field.name), texts)
        });
        shown.collect()
    }

    fn settle(&mut self, texts: &(dyn Fn(&str) -> Vec<String> + Sync)) {
        let def = Arc::clone(&self.def);
        let plans = &def.plan().fields;
        for state in &mut self.states {
            state.hidden = false;
        }
        // What is hidden is not submitted, so that a field may depend on one that depends on a third. A circle ends all the
        // same.
        for _ in 0..=plans.len().min(20) {
            let hidden: Vec<&str> = plans
                .iter()
                .zip(&self.states)
                .filter(|(_, state)| state.hidden)
                .map(|(plan, _)| &*plan.field(&def).name)
                .collect();
            let visible = |name: &str| if hidden.contains(&name) { Vec::new() } else { texts(name) };
            let lookup = Texts { texts: &visible };
            let settled: Vec<(bool, bool)> = plans
                .iter()
                .map(|plan| {
                    let field = plan.field(&def);
                    let holds = |condition: &Option<frontdesk_validate::Condition>| {
                        condition.as_ref().map(|condition| condition.eval(&lookup))
                    };
                    (holds(&field.show_when) == Some(false), holds(&field.require_when) == Some(true))
                })
                .collect();
            let mut moved = false;
            for (state, (hidden, needed)) in self.states.iter_mut().zip(settled) {
                moved |= state.hidden != hidden;
                (state.hidden, state.needed) = (hidden, needed);
            }
            if !moved {
                break;
            }
        }
    }

    /// Whether fields belong to the form by now that the visitor has not seen: without a script they are shown only when
    /// the form comes back. It comes back then.
    pub(super) fn shows_more(&mut self, submission: &Submission) -> bool {
        if !self.has_conditions() || submission.is_json {
            return false;
        }
        let def = Arc::clone(&self.def);
        let unseen = def.plan().fields.iter().zip(&self.states).any(|(plan, state)| {
            let field = plan.field(&def);
            field.show_when.is_some()
                && !state.hidden
                && self.is_input(plan)
                && !submission.contains(&field.name)
                && !submission.is_drawn(&field.name)
        });
        if unseen {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
            self.seldom.notices.push(ValidationError::new(
                "form_more_fields",
                "There are more fields now, by what you entered. Nothing was saved yet",
            ));
        }
        unseen
    }

    /// Refuses a value that is no choice while a condition holds, or that is missing while one holds.
    pub(super) fn check_conditions(
        field: &Field,
        state: &FieldState,
        value: &Value,
        submission: &Submission,
    ) -> Result<(), ValidationError> {
        if state.needed && value.is_empty() {
            return Err(ValidationError::new("is_not_empty", "Enter a value"));
        }
        if field.choices_when.is_empty() {
            return Ok(());
        }
        let texts = |name: &str| submitted(submission, name);
        let lookup = Texts { texts: &texts };
        let given: Vec<String> = match value {
            Value::List(items) => items.iter().map(|item| item.to_text().into_owned()).collect(),
            Value::Null => Vec::new(),
            one => vec![one.to_text().into_owned()],
        };
        let fits = field.choices_when.iter().filter(|limit| limit.when.eval(&lookup)).all(|limit| {
            given.iter().all(|text| text.is_empty() || limit.only.iter().any(|only| only == text))
        });
        if fits { Ok(()) } else { Err(ValidationError::new("is_in_set", "Value not allowed")) }
    }

    /// Tells the script on what a field depends, and hides it where it does not belong now.
    pub(super) fn write_conditions(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        if !self.is_input(plan) {
            return;
        }
        let field = plan.field(&self.def);
        if let Some(condition) = &field.show_when {
            out.attr(name!("data-fd-show"), &condition.to_json().to_string());
            out.flag_if(name!("hidden"), state.hidden);
        }
        if let Some(condition) = &field.require_when {
            out.attr(name!("data-fd-require"), &condition.to_json().to_string());
        }
        if !field.choices_when.is_empty() {
            let limits: Json = field.choices_when.iter().map(|limit| limit.to_json()).collect();
            out.attr(name!("data-fd-choices"), &limits.to_string());
        }
    }
}
