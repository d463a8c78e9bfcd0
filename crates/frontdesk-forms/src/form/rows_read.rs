//! Reading the rows of sub-forms, and what their buttons do.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use frontdesk_data::{FieldType, RowId};
use frontdesk_validate::{Options, ValidationError, Value};
use http::StatusCode;

use super::conflict::{are, comparable};
use super::rows::{LAST, MOST, Rows, SubRow, TEMPLATE, too_many};
use super::spec::{FieldPlan, is_upload};
use super::{Form, Mode, bind};
use crate::FormRequest;
use crate::body::{Entry, Submission};
use crate::state::{FormState, RowState};

impl Form {
    /// Notes all that was typed and brought, for a form that comes back before it was checked.
    pub(super) async fn keep_all(&mut self, submission: &Submission, request: &mut FormRequest) {
        if self.children.is_empty() {
            self.read_rows(submission, request).await;
        }
        self.bind_all(submission);
        self.bind_rows();
    }

    /// Finds the rows in a submission, each with the record that it was drawn from.
    pub(super) async fn read_rows(&mut self, submission: &Submission, request: &mut FormRequest) {
        for number in 0..self.def.children.len() {
            let mut rows = self.empty_rows(number);
            let mut parts = submission.rows(&rows.spec.name);
            let mut known = self.known_rows(rows.number, &parts);
            let template = known.remove(&TEMPLATE);
            let mut is_lost = false;
            let records = match &self.record {
                None => Vec::new(),
                Some(record) => self.records_of(&rows.spec, record).await.unwrap_or_else(|error| {
                    is_lost = true;
                    self.fail(error);
                    Vec::new()
                }),
            };
            rows.too_many = records.len() > MOST && known.values().all(|row| row.key.is_empty());
            if rows.too_many {
                self.children.push(rows); // nothing of them was drawn
                continue;
            }
            let is_whole = records.len() <= MOST;
            let mut records: BTreeMap<usize, _> = records.into_iter().enumerate().collect();
            let by_key: HashMap<String, usize> =
                records.iter().filter_map(|(at, record)| Some((record.id()?.to_string(), *at))).collect();
            if parts.len() > rows.spec.max.max(MOST) || parts.keys().any(|index| *index > LAST) {
                rows.error = Some(too_many(rows.spec.max));
                parts = parts.into_iter().take(rows.spec.max).filter(|(index, _)| *index <= LAST).collect();
            }
            // A row that was drawn and is not in the submission stays as it is; a new one was removed by the script.
            for (index, row) in &known {
                if !row.key.is_empty() || submission.trouble.is_some() {
                    parts.entry(*index).or_default();
                }
            }
            let outer = rows.spec.def().plan().has_conditions.then(|| Arc::new(submission.clone()));
            for (index, mut part) in parts {
                part.outer.clone_from(&outer);
                let state = known.get(&index);
                let key = state.map(|state| &*state.key).filter(|key| !key.is_empty());
                let found = key.and_then(|key| {
                    let id: RowId = key.parse().ok()?;
                    records.remove(by_key.get(&id.to_string())?)
                });
                let is_gone = key.is_some() && found.is_none() && !is_lost && self.seldom.gone.is_none();
                let mut row = rows.row(self, index, found, part);
                if is_lost && key.is_some() {
                    row.held = state.cloned();
                }
                if let (Some(state), Some(form)) = (state.or(template.as_ref()), &self.state) {
                    let own = RowState { place: None, ..state.clone() };
                    row.form.base = (!is_gone).then(|| Box::new(own.clone()));
                    row.form.state = Some(FormState { issued: form.issued, id: form.id, rows: vec![own] });
                }
                let is_new = key.is_none() && !rows.spec.adds;
                let mut part = std::mem::take(&mut row.submission);
                row.form.settle_submitted(&part);
                row.form.reopen_kept_of(&mut part, self.owner(request), request).await;
                row.removed = part.text("_delete").is_some_and(bind::is_true);
                row.submission = part;
                if is_new && !row.submission.is_empty() {
                    row.form.refuse_form(ValidationError::new("denied", "You may not do this"));
                }
                if is_gone && !row.removed && !row.submission.is_empty() {
                    row.form.refuse_form(ValidationError::new(
                        "row_gone",
                        "This row was deleted in the meantime. Submit again to add it anew, or remove it",
                    ));
                }
                rows.rows.push(row);
            }
            if is_whole && (self.state.is_some() || !self.is_signed()) {
                // Rows that others added meanwhile count, keep their place, and are seen if the form comes back.
                for record in records.into_values() {
                    let row = rows.row(self, rows.next_index(), Some(record), Submission::default());
                    rows.rows.push(row);
                }
            }
            rows.put_in_order();
            for row in &mut rows.rows {
                row.is_blank =
                    row.form.record.is_none() && row.held.is_none() && row.form.is_blank(&row.submission);
            }
            self.children.push(rows);
        }
    }

    /// The rows of a sub-form that were drawn, by number.
    fn known_rows(&self, children: u32, parts: &BTreeMap<u32, Submission>) -> BTreeMap<u32, RowState> {
        if !self.is_signed() {
            // Without a state a row says itself which it is. It is looked for among those of the record alone.
            let named =
                parts.iter().filter_map(|(index, part)| Some((*index, part.text("_key")?.to_owned())));
            return named.map(|(index, key)| (index, RowState { key, ..RowState::default() })).collect();
        }
        let rows = self.state.iter().flat_map(|state| &state.rows);
        let ours = rows.filter_map(|row| match row.place {
            Some((number, index)) if number == children => Some((index, row.clone())),
            _ => None,
        });
        ours.collect()
    }

    /// Whether nothing was entered in a new row that its untouched controls do not say.
    fn is_blank(&self, submission: &Submission) -> bool {
        let plans = self.def.plan().fields.iter().enumerate();
        plans.filter(|(_, plan)| self.is_input(plan)).all(|(index, plan)| {
            let field = plan.field(&self.def);
            let mut typed = Vec::new();
            for entry in submission.all(&field.name) {
                match entry {
                    Entry::Text(text) => typed.push(text.to_owned()),
                    Entry::File(file) if file.name().is_empty() && file.size() == 0 => {}
                    Entry::Typed(value) if value.is_null() => {}
                    Entry::Typed(value) => typed.push(value.to_text().into_owned()),
                    _ => return false,
                }
            }
            if is_upload(field) {
                return typed.iter().all(String::is_empty);
            }
            let is_boolean = field.kind == FieldType::Boolean;
            if typed.is_empty() && !(is_boolean && submission.is_drawn(&field.name)) {
                return true;
            }
            if !is_boolean && typed.iter().all(String::is_empty) {
                return true;
            }
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let own = self.state.as_ref().and_then(|state| state.own());
            if let Some((_, shown)) = own.and_then(|own| own.shown.iter().find(|(known, _)| *known == number))
            {
                return are(field, shown, &typed);
            }
            let default = self.texts(index, &field.default.value().unwrap_or(Value::Null));
            comparable(field, &typed) == comparable(field, &default)
                || default.is_empty() && is_first_choice(plan, field, &typed)
        })
    }

    /// Notes what was typed into the rows, without checking it.
    pub(super) fn bind_rows(&mut self) {
        for row in self.children.iter_mut().flat_map(|rows| &mut rows.rows) {
            row.bind();
        }
    }

    /// Looks at whether somebody changed the record or its rows since the form was drawn. If so, all that was typed is
    /// noted, and the form comes back before anything is written.
    pub(super) fn meet_all_changes(&mut self, submission: &Submission) -> bool {
        let own = self.meet_changes(submission);
        let mut met = Vec::new();
        for row in self.children.iter_mut().flat_map(|rows| &mut rows.rows) {
            row.form.submitted = true;
            met.push(match row.submission.is_empty() {
                // Nothing of it was submitted: it is shown as it is now.
                true => {
                    row.form.base = None;
                    false
                }
                false => row.form.meet_changes(&row.submission),
            });
        }
        if !own && !met.contains(&true) {
            return false;
        }
        self.status = StatusCode::CONFLICT;
        if !own {
            self.bind_all(submission);
        }
        let rows = self.children.iter_mut().flat_map(|rows| &mut rows.rows);
        rows.zip(met).filter(|(_, met)| !met).for_each(|(row, _)| row.bind());
        true
    }

    /// Whether this is the name of an input in a row of a sub-form.
    pub(super) fn is_in_rows(&self, name: &str) -> bool {
        self.def.children.iter().any(|children| {
            let rest = name.strip_prefix(&*children.name).and_then(|rest| rest.strip_prefix('['));
            let Some((index, field)) = rest.and_then(|rest| rest.split_once("].")) else { return false };
            let mut fields = children.def().fields().iter();
            let is_number = index.parse::<u32>().is_ok_and(|number| number.to_string() == index);
            is_number
                && (field.starts_with('_') || fields.any(|known| *known.name == *field && known.writable))
        })
    }

    /// Adds, removes or moves a row, as a button asked.
    pub(super) fn rearrange(&mut self, op: &str) {
        let Some((what, place)) = op.split_once(':') else { return };
        let (name, index) = match place.split_once('[') {
            Some((name, index)) => {
                (name, index.strip_suffix(']').and_then(|index| index.parse::<u32>().ok()))
            }
            None => (place, None),
        };
        let Some(at) = self.children.iter().position(|rows| *rows.spec.name == *name) else { return };
        let found = index.and_then(|index| self.children[at].rows.iter().position(|row| row.index == index));
        match (what, found) {
            ("add", _) if !self.children[at].too_many && self.children[at].spec.adds => {
                let rows = &self.children[at];
                if rows.rows.iter().filter(|row| !row.removed).count() < rows.spec.max {
                    let mut row = rows.row(self, rows.next_index(), None, Submission::default());
                    row.form.fill_untouched();
                    self.children[at].rows.push(row);
                } else {
                    let max = rows.spec.max;
                    self.children[at].error = Some(too_many(max));
                }
            }
            ("remove", Some(row)) if self.children[at].rows[row].form.record.is_some() => {
                self.children[at].rows[row].removed = true;
            }
            ("remove", Some(row)) => drop(self.children[at].rows.remove(row)),
            ("restore", Some(row)) => self.children[at].rows[row].removed = false,
            ("up", Some(row)) if row > 0 => self.children[at].rows.swap(row - 1, row),
            ("down", Some(row)) if row + 1 < self.children[at].rows.len() => {
                self.children[at].rows.swap(row, row + 1);
            }
            _ => {}
        }
    }
}

impl Rows {
    /// Puts the rows in the order in which they were submitted; those that were not, where they are.
    fn put_in_order(&mut self) {
        let field = self.spec.position.clone();
        let position = |row: &SubRow| {
            let field = field.as_ref()?;
            let submitted = row.submission.text("_position").and_then(|text| text.parse::<i64>().ok());
            submitted.or_else(|| row.form.record.as_deref()?.get(field)?.as_int())
        };
        self.rows.sort_by_key(|row| (position(row).unwrap_or(i64::MAX), row.index));
    }
}

impl SubRow {
    /// Notes what was typed, without checking it.
    fn bind(&mut self) {
        self.form.submitted = true;
        if !self.submission.is_empty() && self.form.mode != Mode::ReadOnly {
            self.form.bind_all(&self.submission);
        }
    }
}

/// Whether this is what a browser chooses by itself in a list that offers nothing empty.
fn is_first_choice(plan: &FieldPlan, field: &frontdesk_data::Field, typed: &[String]) -> bool {
    let ([typed], false) = (typed, plan.multiple) else { return false };
    match field.rules().options() {
        Options::Ready(choices) => {
            choices.first().is_some_and(|first| first.value == *typed)
                && choices.iter().all(|choice| !choice.value.is_empty())
        }
        _ => false,
    }
}
