//! The rows of sub-forms: each is a form of its own, whose names begin with its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_data::{Db, Row, RowId, Transaction, Value};
use frontdesk_validate::ValidationError;
use http::StatusCode;

use super::spec::{Source, is_upload};
use super::write::Refusal;
use super::{Children, Form, Mode, Names, bind};
use crate::body::multipart::FilePolicy;
use crate::body::{Entry, Submission};
use crate::state::RowState;
use crate::upload::{NewFile, OldFile};
use crate::{FormError, FormRequest};

/// A sub-form of a form that met a request.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) spec: Arc<Children>,
    /// Its number among the form's sub-forms.
    pub(super) number: u32,
    pub(super) rows: Vec<SubRow>,
    /// A row that the script copies for new ones.
    pub(super) template: Box<Form>,
    pub(super) error: Option<ValidationError>,
    /// There are more rows than can be edited here.
    pub(super) too_many: bool,
}

/// A row of a sub-form.
#[derive(Debug)]
pub(super) struct SubRow {
    pub(super) index: u32,
    pub(super) form: Form,
    /// What was submitted for it.
    submission: Submission,
    pub(super) removed: bool,
    /// The fields that stay as they are.
    keep: Vec<usize>,
    /// A new row in which nothing was entered.
    is_blank: bool,
}

/// How many rows can be edited in one form.
const MOST: usize = 2000;
/// The greatest number of a row.
const LAST: u32 = 99_999;

impl Rows {
    pub(super) fn is_refused(&self) -> bool {
        self.error.is_some() || self.rows.iter().any(|row| !row.removed && row.form.is_refused())
    }

    fn row(&self, parent: &Form, index: u32, record: Option<Row>, submission: Submission) -> SubRow {
        let mode = match record {
            _ if parent.mode == Mode::ReadOnly => Mode::ReadOnly,
            Some(_) => Mode::Update,
            None => Mode::Create,
        };
        let names = names(parent, &self.spec, &index.to_string());
        let mut form = Form::new(Arc::clone(self.spec.def()), mode, record, names, parent.language.clone());
        form.has_script = parent.has_script;
        SubRow { index, form, submission, removed: false, keep: Vec::new(), is_blank: false }
    }

    fn next_index(&self) -> u32 {
        self.rows.iter().map(|row| row.index + 1).max().unwrap_or(0)
    }

    /// The rows that will be there.
    fn staying(&self) -> impl Iterator<Item = &SubRow> {
        self.rows.iter().filter(|row| !row.removed && !row.is_blank)
    }
}

fn names(parent: &Form, spec: &Children, index: &str) -> Names {
    Names {
        prefix: format!("{}[{index}].", spec.name),
        ids: format!("{}_{}_{index}_", parent.ids(), spec.name).replace(char::is_whitespace, "-"),
    }
}

impl Form {
    /// Reads the rows that belong to the record, for a form that is shown.
    pub(super) async fn load_rows(&mut self) -> Result<(), FormError> {
        for number in 0..self.def.children.len() {
            let mut rows = self.empty_rows(number);
            let records = match &self.record {
                Some(record) => self.records_of(&rows.spec, record).await?,
                None => Vec::new(),
            };
            rows.too_many = records.len() > MOST;
            if !rows.too_many {
                for record in records {
                    let row = rows.row(self, rows.next_index(), Some(record), Submission::default());
                    rows.rows.push(row);
                }
                if self.mode == Mode::ReadOnly {
                    self.children.push(rows);
                    continue;
                }
                let spare = rows.spec.spare.min(rows.spec.max.saturating_sub(rows.rows.len()));
                for _ in 0..spare.max(rows.spec.min.saturating_sub(rows.rows.len())) {
                    let row = rows.row(self, rows.next_index(), None, Submission::default());
                    rows.rows.push(row);
                }
            }
            self.children.push(rows);
        }
        Ok(())
    }

    fn empty_rows(&self, number: usize) -> Rows {
        let spec = Arc::clone(&self.def.children[number]);
        let template = names(self, &spec, "__i__");
        let mut template =
            Form::new(Arc::clone(spec.def()), Mode::Create, None, template, self.language.clone());
        template.has_script = self.has_script;
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Rows { spec, number, rows: Vec::new(), template: Box::new(template), error: None, too_many: false }
    }

    /// The rows that refer to a record, in their order; one more than can be edited, if there are that many.
    async fn records_of(&self, spec: &Children, record: &Row) -> Result<Vec<Row>, FormError> {
        let Source::Table { db, table } = &spec.def().source else { return Ok(Vec::new()) };
        let mut set = db.set(table);
        for (field, value) in self.reference_of(spec, Some(record), record.id()) {
            set = set.filter(table.col(&field).eq(value));
        }
        if let Some(position) = &spec.position {
            set = set.order_by(Arc::clone(position));
        }
        for key in &table.key {
            set = set.order_by(Arc::clone(key));
        }
        Ok(set.limit(MOST as u64 + 1).rows().await?)
    }

    /// What the rows of a sub-form hold in the fields of their reference.
    fn reference_of(
        &self,
        spec: &Children,
        record: Option<&Row>,
        id: Option<&RowId>,
    ) -> Vec<(Arc<str>, Value)> {
        let key = self.def.table().map(|table| &table.key[..]).unwrap_or_default();
        let value_of = |column: &str| {
            let at = key.iter().position(|name| &**name == column);
            at.and_then(|at| id?.values().get(at).cloned())
                .or_else(|| self.vars.get(column).cloned())
                .or_else(|| record?.get(column).cloned())
        };
        let named = spec.reference.iter().enumerate().map(|(at, (field, column))| {
            let column = column.as_ref().or_else(|| key.get(at));
            (Arc::clone(field), column.and_then(|column| value_of(column)).unwrap_or(Value::Null))
        });
        named.collect()
    }

    /// Finds the rows in a submission, each with the record that it was drawn from.
    pub(super) async fn read_rows(&mut self, submission: &Submission, request: &mut FormRequest) {
        for number in 0..self.def.children.len() {
            let mut rows = self.empty_rows(number);
            let mut records = match &self.record {
                None => Vec::new(),
                Some(record) => match self.records_of(&rows.spec, record).await {
                    Ok(records) => records,
                    Err(error) => {
                        self.fail(error);
                        Vec::new()
                    }
                },
            };
            rows.too_many = records.len() > MOST;
            let known: BTreeMap<u32, RowState> = self
                .state
                .iter()
                .flat_map(|state| &state.rows)
                .filter_map(|row| match row.place {
                    Some((children, index)) if children == rows.number => Some((index, row.clone())),
                    _ => None,
                })
                .collect();
            let mut parts = submission.rows(&rows.spec.name);
            if parts.len() > rows.spec.max.max(MOST) || parts.keys().any(|index| *index > LAST) {
                rows.error = Some(too_many(rows.spec.max));
                parts = parts.into_iter().take(rows.spec.max).filter(|(index, _)| *index <= LAST).collect();
            }
            // A row that was drawn and is not in the submission stays as it is.
            for index in known.keys() {
                parts.entry(*index).or_default();
            }
            let outer = rows.spec.def().plan().has_conditions.then(|| Arc::new(submission.clone()));
            for (index, mut part) in parts {
                part.outer.clone_from(&outer);
                let state = known.get(&index);
                let key = state.map(|state| &*state.key).filter(|key| !key.is_empty());
                let found = key.and_then(|key| {
                    let id: RowId = key.parse().ok()?;
                    let at = records.iter().position(|record| record.id() == Some(&id))?;
                    Some(records.swap_remove(at))
                });
                let is_gone = key.is_some() && found.is_none();
                let mut row = rows.row(self, index, found, part);
                if let (Some(state), Some(form)) = (state, &self.state) {
                    let own = RowState { place: None, ..state.clone() };
                    row.form.base = (!is_gone).then(|| own.clone());
                    row.form.state =
                        Some(crate::state::FormState { issued: form.issued, id: form.id, rows: vec![own] });
                }
                let mut part = std::mem::take(&mut row.submission);
                row.form.settle_submitted(&part);
                row.form.reopen_kept_of(&mut part, self.owner(request), request).await;
                row.removed = part.text("_delete").is_some_and(bind::is_true);
                row.submission = part;
                if is_gone && !row.removed && !row.submission.entries().is_empty() {
                    row.form.refuse_form(ValidationError::new(
                        "row_gone",
                        "This row was deleted in the meantime. Submit again to add it anew, or remove it",
                    ));
                }
                rows.rows.push(row);
            }
            let position = |row: &SubRow| {
                row.submission.text("_position").and_then(|text| text.parse::<u32>().ok()).unwrap_or(u32::MAX)
            };
            rows.rows.sort_by_key(|row| (position(row), row.index));
            for row in &mut rows.rows {
                row.is_blank = row.form.record.is_none() && row.form.is_blank(&row.submission);
            }
            self.children.push(rows);
        }
    }

    /// Whether nothing was entered in a new row that its empty controls do not say.
    fn is_blank(&self, submission: &Submission) -> bool {
        submission.entries().iter().all(|(name, entry)| {
            let Some(field) = self.def.fields().iter().find(|field| *field.name == **name) else {
                return true;
            };
            match entry {
                Entry::Text(text) => {
                    text.is_empty()
                        || field.default.value().is_some_and(|default| {
                            super::prepare::shown(field, &default).iter().any(|shown| shown == text)
                        })
                }
                Entry::File(file) => file.name().is_empty() && file.size() == 0,
                Entry::Typed(value) => value.is_null(),
                _ => false,
            }
        })
    }

    /// Notes what was typed into the rows, without checking it.
    pub(super) fn bind_rows(&mut self) {
        for row in self.children.iter_mut().flat_map(|rows| &mut rows.rows) {
            row.form.submitted = true;
            row.form.bind_all(&row.submission);
        }
    }

    /// As [`meet_changes`](Self::meet_changes), for the rows.
    pub(super) fn meet_changes_in_rows(&mut self) -> bool {
        let mut changed = false;
        for row in self.children.iter_mut().flat_map(|rows| &mut rows.rows) {
            row.form.submitted = true;
            changed |= row.form.meet_changes(&row.submission);
        }
        if changed {
            self.bind_rows_keeping();
            self.status = StatusCode::CONFLICT;
        }
        changed
    }

    /// Notes what was typed into the rows that nobody else changed.
    fn bind_rows_keeping(&mut self) {
        for row in self.children.iter_mut().flat_map(|rows| &mut rows.rows) {
            if row.form.form_errors.is_empty() {
                row.form.bind_all(&row.submission);
            }
        }
    }

    /// Checks the rows.
    pub(super) async fn check_rows(&mut self) -> Result<(), FormError> {
        let mut failed = None;
        for rows in &mut self.children {
            let untouched = |row: &SubRow| row.form.record.is_some() && row.submission.entries().is_empty();
            for row in &mut rows.rows {
                row.form.submitted = true;
                if row.removed {
                    row.form.bind_all(&row.submission);
                    if row.form.record.is_some() && !row.form.can_delete() {
                        row.removed = false;
                        row.form.refuse_form(ValidationError::new("row_stays", "This row cannot be removed"));
                    }
                    continue;
                }
                if row.is_blank || untouched(row) {
                    continue;
                }
                row.keep = Box::pin(row.form.check_fields(&row.submission)).await?;
                row.form.check_whole().await;
                if row.form.status.is_server_error() {
                    failed = Some(row.form.status);
                }
            }
            let count = rows.staying().count();
            if rows.error.is_none() && count > rows.spec.max {
                rows.error = Some(too_many(rows.spec.max));
            } else if count < rows.spec.min {
                let min = Value::Int(i64::try_from(rows.spec.min).unwrap_or(i64::MAX));
                rows.error = Some(match rows.spec.min {
                    1 => ValidationError::new("rows_needed", "Enter at least one row"),
                    _ => ValidationError::with_params(
                        "rows_too_few",
                        &"Enter at least %(min)s rows".into(),
                        vec![("min", min)],
                    ),
                });
            }
        }
        if let Some(status) = failed {
            self.status = status;
        }
        Ok(())
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
            ("add", _) => {
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

    /// Gives the files of the rows their keys. `false` if a name is refused.
    pub(super) fn move_files_of_rows(
        &mut self,
        files: &mut Vec<NewFile>,
        replaced: &mut Vec<OldFile>,
    ) -> bool {
        let mut fits = true;
        for rows in &mut self.children {
            let Some(table) = rows.spec.def().table().cloned() else { continue };
            for row in rows.rows.iter_mut().filter(|row| !row.is_blank) {
                if !row.removed {
                    match row.form.name_files() {
                        Some(named) => files.extend(named),
                        None => fits = false,
                    }
                }
                replaced.extend(row.form.replaced_files(&table, row.removed));
            }
        }
        if !fits {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        fits
    }

    /// Writes the rows in the transaction in which the record was written.
    pub(super) async fn change_children(&mut self, to: &Transaction, deletes: bool) -> Result<(), Refusal> {
        if deletes {
            return Ok(());
        }
        let mut refused = false;
        for at in 0..self.children.len() {
            let spec = Arc::clone(&self.children[at].spec);
            let reference = self.reference_of(&spec, self.record.as_ref(), self.id.as_ref());
            let Some(table) = spec.def().table().cloned() else { continue };
            // What goes makes room first: values of a row that is removed may come back in a new one.
            let mut order: Vec<usize> = (0..self.children[at].rows.len()).collect();
            order.sort_by_key(|row| !self.children[at].rows[*row].removed);
            let positions = self.children[at].positions();
            for row_at in order {
                let position = positions[row_at];
                let row = &mut self.children[at].rows[row_at];
                if row.is_blank || row.removed && row.form.record.is_none() {
                    continue;
                }
                if row.form.record.is_none() {
                    for (field, value) in &reference {
                        row.form.vars.set(Arc::clone(field), value.clone());
                    }
                }
                if let (Some(field), false) = (&spec.position, row.removed) {
                    row.form.vars.set(Arc::clone(field), position);
                }
                match row.form.change_row(to, &table, row.removed).await {
                    Ok(()) => {}
                    Err(Refusal::Changed) => {
                        row.form.status = StatusCode::CONFLICT;
                        refused = true;
                    }
                    Err(Refusal::Write(error @ frontdesk_data::WriteError::Refused(_))) => {
                        row.form.refused_by_database(error);
                        refused = true;
                    }
                    Err(other) => return Err(other),
                }
            }
        }
        if refused { Err(Refusal::Rows) } else { Ok(()) }
    }

    /// Says that rows were refused when they were written.
    pub(super) async fn report_rows(&mut self, db: &Db) {
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
        let mut changed = false;
        for rows in &mut self.children {
            let Some(table) = rows.spec.def().table().cloned() else { continue };
            for row in rows.rows.iter_mut().filter(|row| row.form.status == StatusCode::CONFLICT) {
                row.form.report_change(db, &table).await;
                changed = true;
            }
        }
        if changed {
            self.status = StatusCode::CONFLICT;
        }
    }

    /// What the next submission is to know of the rows.
    pub(super) fn rows_state(&self) -> Vec<RowState> {
        let rows = self.children.iter().flat_map(|rows| rows.rows.iter().map(move |row| (rows.number, row)));
        rows.filter_map(|(number, row)| {
            let key = row.form.record.as_ref().and_then(Row::id).map(ToString::to_string).unwrap_or_default();
            let state = row.form.row_state();
            if key.is_empty() && state.is_none() {
                return None;
            }
            Some(RowState { place: Some((number, row.index)), key, ..state.unwrap_or_default() })
        })
        .collect()
    }

    /// Makes what drawing the rows needs.
    pub(super) async fn prepare_rows(&mut self, request: &mut FormRequest) -> Result<(), FormError> {
        if self.children.is_empty() && !self.deleted && !self.def.children.is_empty() {
            self.load_rows().await?;
        }
        let shown = self.shown_texts();
        let outer = |name: &str| {
            let found = shown.iter().find(|(known, _)| **known == *name);
            found.map(|(_, texts)| texts.clone()).unwrap_or_default()
        };
        let owner = self.owner(request);
        let keeps = self.is_signed() && !self.accepted;
        for rows in &mut self.children {
            // The choices are asked for once, whatever the number of rows.
            Box::pin(rows.template.fill_in()).await?;
            for row in &mut rows.rows {
                for (state, known) in row.form.states.iter_mut().zip(&rows.template.states) {
                    state.choices.clone_from(&known.choices);
                }
                row.form.fill_untouched();
                row.form.label_chosen().await?;
                row.form.settle_shown(&|name| outer(name));
                row.form.translate();
                if keeps {
                    row.form.hold_uploads(owner, request);
                }
            }
            if let Some(error) = &mut rows.error
                && !self.language.is_default()
            {
                let text = self.language.error(error).into_owned();
                error.set_text(text);
            }
        }
        Ok(())
    }
}

impl Rows {
    /// The number in the order of each row, from 1; of rows that go, any.
    fn positions(&self) -> Vec<i64> {
        let mut next = 0;
        let staying = self.rows.iter().map(|row| {
            next += i64::from(!row.removed && !row.is_blank);
            next
        });
        staying.collect()
    }

    /// The files that a field of its rows takes, by the name of a control; `None` for another name.
    pub(super) fn policy(spec: &Children, name: &str) -> Option<FilePolicy> {
        let field = name.strip_prefix(&*spec.name)?.strip_prefix('[')?.split_once("].")?.1;
        let field = spec.def().fields().iter().find(|known| *known.name == *field)?;
        (is_upload(field) && field.writable).then(|| FilePolicy::of(field))
    }
}

fn too_many(max: usize) -> ValidationError {
    let max = Value::Int(i64::try_from(max).unwrap_or(i64::MAX));
    ValidationError::with_params(
        "rows_too_many",
        &"These are too many rows: %(max)s at most".into(),
        vec![("max", max)],
    )
}
