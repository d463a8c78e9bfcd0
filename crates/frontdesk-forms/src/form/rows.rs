//! The rows of sub-forms: each is a form of its own, whose names begin with its place.

use std::sync::Arc;

use frontdesk_data::{Access, Action, Row, RowId, Set, Table, Value};
use frontdesk_validate::{Message, ValidationError};

use super::limits::{Limits, set_of};
use super::spec::{Source, is_upload};
use super::{Children, Form, Mode, Names};
use crate::body::Submission;
use crate::body::multipart::FilePolicy;
use crate::state::RowState;
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
    /// What the actor may do with the rows, where a policy limits it.
    pub(super) access: Option<Access>,
    /// There are more rows than can be edited here.
    pub(super) too_many: bool,
}

/// A row of a sub-form.
#[derive(Debug)]
pub(super) struct SubRow {
    pub(super) index: u32,
    pub(super) form: Form,
    /// What was submitted for it.
    pub(super) submission: Submission,
    pub(super) removed: bool,
    /// A new row in which nothing was entered.
    pub(super) is_blank: bool,
    /// What was known of it, where it could not be looked up this time.
    pub(super) held: Option<RowState>,
}

/// How many rows can be edited in one form.
pub(super) const MOST: usize = 2000;
/// The greatest number of a row.
pub(super) const LAST: u32 = 99_999;
/// Stands in a state for the row that new ones are copied from.
pub(super) const TEMPLATE: u32 = u32::MAX;

impl Rows {
    pub(super) fn is_refused(&self) -> bool {
        self.error.is_some() || self.rows.iter().any(|row| !row.removed && row.form.is_refused())
    }

    pub(super) fn row(
        &self,
        parent: &Form,
        index: u32,
        record: Option<Row>,
        submission: Submission,
    ) -> SubRow {
        let mode = match &record {
            _ if parent.mode == Mode::ReadOnly => Mode::ReadOnly,
            // What cannot be told from other rows can only be looked at.
            Some(record) if record.id().is_none() => Mode::ReadOnly,
            Some(_) if self.access.as_ref().is_some_and(|access| !access.can(Action::Update)) => {
                Mode::ReadOnly
            }
            Some(_) => Mode::Update,
            None => Mode::Create,
        };
        let names = names(parent, &self.spec, &index.to_string());
        let record = record.map(Box::new);
        let mut form = Form::new(Arc::clone(self.spec.def()), mode, record, parent.language.clone());
        form.seldom.names = names;
        form.has_script = parent.has_script;
        form.limits = self.access.as_ref().map(|access| {
            let may_delete = access.can(Action::Delete);
            Box::new(Limits { access: access.clone(), may_update: true, may_delete })
        });
        SubRow { index, form, submission, removed: false, is_blank: false, held: None }
    }

    /// A number that no row has.
    pub(super) fn next_index(&self) -> u32 {
        let next = self.rows.iter().map(|row| row.index + 1).max().unwrap_or(0);
        if next <= LAST {
            return next;
        }
        let taken: std::collections::HashSet<u32> = self.rows.iter().map(|row| row.index).collect();
        (0..=LAST).find(|index| !taken.contains(index)).unwrap_or(LAST)
    }

    /// The rows that will be there.
    pub(super) fn staying(&self) -> impl Iterator<Item = &SubRow> {
        self.rows.iter().filter(|row| !row.removed && !row.is_blank)
    }

    /// The number in the order of each row, from 1; of rows that go, any.
    pub(super) fn positions(&self) -> Vec<i64> {
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

impl SubRow {
    /// What the next submission is to know of it; nothing for a new row that nobody touched.
    fn state(&self, number: u32) -> Option<RowState> {
        let state = self.form.row_state();
        let place = Some((number, self.index));
        if let Some(held) = &self.held {
            let kept = state.map(|state| state.kept).unwrap_or_default();
            return Some(RowState { place, kept, ..held.clone() });
        }
        let key = self.form.record.as_deref().and_then(Row::id).map(ToString::to_string).unwrap_or_default();
        if key.is_empty() && (state.is_none() || self.form.record.is_some()) {
            return None;
        }
        Some(RowState { place, key, ..state.unwrap_or_default() })
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
                let room = if rows.spec.adds { rows.spec.max } else { 0 };
                let spare = rows.spec.spare.min(room.saturating_sub(rows.rows.len()));
                let least = if rows.spec.adds { rows.spec.min } else { 0 };
                for _ in 0..spare.max(least.saturating_sub(rows.rows.len())) {
                    let row = rows.row(self, rows.next_index(), None, Submission::default());
                    rows.rows.push(row);
                }
            }
            self.children.push(rows);
        }
        Ok(())
    }

    pub(super) fn empty_rows(&self, number: usize) -> Rows {
        let spec = Arc::clone(&self.def.children[number]);
        let mut template = Form::new(Arc::clone(spec.def()), Mode::Create, None, self.language.clone());
        template.seldom.names = names(self, &spec, "__i__");
        template.has_script = self.has_script;
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let access = spec.access(self.asker());
        let template = Box::new(template);
        Rows { spec, number, rows: Vec::new(), template, error: None, access, too_many: false }
    }

    /// The rows that refer to a record, in their order; one more than can be edited, if there are that many.
    pub(super) async fn records_of(&self, spec: &Children, record: &Row) -> Result<Vec<Row>, FormError> {
        let Source::Table { db, table } = &spec.def().source else { return Ok(Vec::new()) };
        let access = spec.access(self.asker());
        let mut set = self.set_of(spec, set_of(access.as_ref(), db, table), table, record);
        if let Some(position) = &spec.position {
            set = set.order_by(Arc::clone(position));
        }
        for key in &table.key {
            set = set.order_by(Arc::clone(key));
        }
        Ok(set.limit(MOST as u64 + 1).rows().await?)
    }

    /// Those of a set that refer to a record.
    pub(super) fn set_of(&self, spec: &Children, set: Set, table: &Arc<Table>, record: &Row) -> Set {
        let reference = self.reference_of(spec, Some(record), record.id());
        reference.into_iter().fold(set, |set, (field, value)| set.filter(table.col(&field).eq(value)))
    }

    /// What the rows of a sub-form hold in the fields of their reference.
    pub(super) fn reference_of(
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

    /// What the next submission is to know of the rows.
    pub(super) fn rows_state(&self) -> Vec<RowState> {
        let mut states = Vec::new();
        for rows in &self.children {
            states.extend(rows.rows.iter().filter_map(|row| row.state(rows.number)));
            if let Some(state) = rows.template.row_state() {
                states.push(RowState { place: Some((rows.number, TEMPLATE)), ..state });
            }
        }
        states
    }

    /// Makes what drawing the rows needs.
    pub(super) async fn prepare_rows(&mut self, request: &mut FormRequest) -> Result<(), FormError> {
        if self.children.is_empty() && !self.deleted && !self.def.children.is_empty() {
            match self.load_rows().await {
                Ok(()) => {}
                // What was done is done: that it cannot be shown is no reason to say that it failed.
                Err(error) if self.accepted => {
                    tracing::warn!(%error, "the rows of an accepted form cannot be shown");
                    self.children.clear();
                }
                Err(error) => return Err(error),
            }
        }
        if self.children.is_empty() {
            return Ok(());
        }
        let shown = self.shown_texts();
        let outer = |name: &str| {
            let found = shown.iter().find(|(known, _)| **known == *name);
            found.map(|(_, texts)| texts.clone()).unwrap_or_default()
        };
        let owner = self.owner(request);
        let keeps = self.is_signed() && !self.accepted;
        let (submitted, accepted) = (self.submitted, self.accepted);
        let mut failed = None;
        for rows in &mut self.children {
            // The choices are asked for once, whatever the number of rows. If they do not come, what was typed has to.
            (rows.template.submitted, rows.template.accepted) = (submitted, accepted);
            Box::pin(rows.template.fill_in()).await?;
            if rows.template.status.is_server_error() {
                failed = Some((rows.template.status, std::mem::take(&mut rows.template.form_errors)));
            }
            for row in &mut rows.rows {
                row.submission = Submission::default(); // its files are held by whoever needs them
                let states = row.form.states.iter_mut().zip(&rows.template.states);
                // What was found for one row is that row's.
                for (state, known) in states.filter(|(_, known)| known.listed) {
                    state.choices.clone_from(&known.choices);
                    state.listed = true;
                }
                row.form.fill_untouched();
            }
            rows.template.label_chosen_of(&mut rows.rows).await;
            for row in &mut rows.rows {
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
        if let Some((status, errors)) = failed {
            self.status = status;
            self.form_errors.extend(errors);
        }
        Ok(())
    }
}

pub(super) fn too_many(max: usize) -> ValidationError {
    let max = Value::Int(i64::try_from(max).unwrap_or(i64::MAX));
    let text = Message::new("These are too many rows: %(max)s at most");
    ValidationError::with_params("rows_too_many", &text, vec![("max", max)])
}
