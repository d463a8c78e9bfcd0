//! Checking and writing the rows of sub-forms.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_data::{Db, Row, Table, Transaction, Value, Values, WriteError};
use frontdesk_validate::{Message, ValidationError};
use http::StatusCode;

use super::rows::{Rows, SubRow, too_many};
use super::rows_order::{Change, Step, steps};
use super::write::Refusal;
use super::{Form, Mode};
use crate::FormError;
use crate::upload::{NewFile, OldFile};

impl Form {
    /// Checks the rows.
    pub(super) async fn check_rows(&mut self) -> Result<(), FormError> {
        let mut failed = None;
        for rows in &mut self.children {
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
                if row.is_blank {
                    row.form.base = None; // it is filled in anew
                    continue;
                }
                if row.is_untouched() {
                    continue;
                }
                Box::pin(row.form.check_fields(&row.submission)).await?;
                row.form.check_whole().await;
                if row.form.status.is_server_error() {
                    failed = Some(row.form.status);
                }
            }
            rows.check_count();
        }
        if let Some(status) = failed {
            self.status = status;
        }
        Ok(())
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

    /// Looks at whether the rows that are to be written are as they were seen. This comes before anything is written in
    /// the transaction: what a trigger makes of the first write is nobody else's change.
    pub(super) async fn meet_changes_in(&mut self, to: &Transaction) -> Result<(), Refusal> {
        let mut refused = false;
        for at in 0..self.children.len() {
            self.children[at].number_rows();
            let Some(table) = self.children[at].spec.def().table().cloned() else { continue };
            let written = |row: &SubRow| row.form.record.is_some() && !row.changes(&table).is_empty();
            let (Some(record), true) = (&self.record, self.children[at].rows.iter().any(written)) else {
                continue;
            };
            let all = match &self.children[at].access {
                Some(access) => access.set(to),
                None => to.set(&table),
            };
            let now = self.set_of(&self.children[at].spec, all, &table, record).rows().await;
            let now = now.map_err(WriteError::from)?;
            let now: HashMap<String, &Row> =
                now.iter().filter_map(|row| Some((row.id()?.to_string(), row))).collect();
            for row in &mut self.children[at].rows {
                let Some(id) = row.form.record.as_deref().and_then(Row::id) else { continue };
                if row.changes(&table).is_empty() {
                    continue;
                }
                match now.get(&id.to_string()) {
                    Some(now) if row.form.guard().is_none_or(|guard| guard.holds_for(now)) => {}
                    Some(_) => {
                        row.form.status = StatusCode::CONFLICT;
                        refused = true;
                    }
                    // It was to go, and is gone.
                    None if row.removed => row.form.record = None,
                    None => {
                        if let Refusal::Write(error) = Refusal::gone() {
                            row.form.refused_by_database(error);
                        }
                        refused = true;
                    }
                }
            }
        }
        if refused { Err(Refusal::Rows) } else { Ok(()) }
    }

    /// Writes the rows in the transaction in which the record was written.
    pub(super) async fn change_children(&mut self, to: &Transaction) -> Result<(), Refusal> {
        let mut refused = false;
        for at in 0..self.children.len() {
            let spec = Arc::clone(&self.children[at].spec);
            let reference = self.reference_of(&spec, self.record.as_deref(), self.id.as_ref());
            let Some(table) = spec.def().table().cloned() else { continue };
            let rows = &mut self.children[at].rows;
            for row in rows.iter_mut().filter(|row| row.form.record.is_none() && row.is_written()) {
                if reference.iter().any(|(_, value)| value.is_null()) {
                    let unknown = "the record has no key that the rows of a sub-form could refer to";
                    return Err(Refusal::Form(FormError::Unavailable(unknown.to_owned())));
                }
                for (field, value) in &reference {
                    row.form.vars.set(Arc::clone(field), value.clone());
                }
            }
            let changes: Vec<Change<'_>> = rows.iter().map(|row| row.change(&table)).collect();
            for step in steps(&table, &changes) {
                let (row, aside) = match step {
                    Step::Write(row) => (row, None),
                    Step::Aside(row, values) => (row, Some(values)),
                };
                let row = &mut self.children[at].rows[row];
                match row.write(to, &table, aside).await {
                    Ok(()) => {}
                    Err(Refusal::Write(error @ WriteError::Refused(_))) => {
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
}

impl Rows {
    /// Whether there are as many rows as there may be.
    fn check_count(&mut self) {
        let (count, min, max) = (self.staying().count(), self.spec.min, self.spec.max);
        if self.error.is_some() || self.too_many {
            return;
        }
        if count > max {
            self.error = Some(too_many(max));
        } else if count < min {
            let number = Value::Int(i64::try_from(min).unwrap_or(i64::MAX));
            self.error = Some(match min {
                1 => ValidationError::new("rows_needed", "Enter at least one row"),
                _ => ValidationError::with_params(
                    "rows_too_few",
                    &Message::new("Enter at least %(min)s rows"),
                    vec![("min", number)],
                ),
            });
        }
    }

    /// Gives the rows that stay their numbers in the order.
    fn number_rows(&mut self) {
        let Some(field) = self.spec.position.clone() else { return };
        let positions = self.positions();
        for (row, position) in self.rows.iter_mut().zip(positions) {
            if row.is_written() && !row.removed {
                row.form.vars.set(Arc::clone(&field), position);
            }
        }
    }
}

impl SubRow {
    /// Whether it is a row that exists, and nothing of it was submitted.
    fn is_untouched(&self) -> bool {
        self.form.record.is_some() && self.submission.is_empty()
    }

    /// Whether it can be written at all.
    fn is_written(&self) -> bool {
        !self.is_blank
            && self.form.mode != Mode::ReadOnly
            && self.held.is_none()
            && (self.form.record.is_some() || !self.removed)
    }

    fn changes(&self, table: &Table) -> Changes {
        match () {
            () if !self.is_written() => Changes::None,
            () if self.removed => Changes::Goes,
            () => Changes::Values(self.form.changed_values(table)),
        }
    }

    fn change(&self, table: &Table) -> Change<'_> {
        let old = self.form.record.as_deref();
        match self.changes(table) {
            Changes::None => Change { old, new: None, goes: false },
            Changes::Goes => Change { old, new: None, goes: true },
            Changes::Values(values) if values.is_empty() && old.is_some() => {
                Change { old, new: None, goes: false }
            }
            Changes::Values(values) => Change { old, new: Some(values), goes: false },
        }
    }

    /// Writes it; with `aside`, these values for a moment, to make room for those of another row.
    async fn write(
        &mut self,
        to: &Transaction,
        table: &Arc<Table>,
        aside: Option<Values>,
    ) -> Result<(), Refusal> {
        let id = self.form.record.as_deref().and_then(Row::id);
        if let (Some(values), Some(id)) = (aside, id) {
            match self.form.access() {
                Some(access) => access.any_column().update(to, id, values).await?,
                None => to.update(table, id, values).await?,
            };
            return Ok(());
        }
        self.form.change_row(to, table, self.removed, None).await
    }
}

/// What becomes of a row.
enum Changes {
    None,
    Goes,
    Values(Values),
}

impl Changes {
    fn is_empty(&self) -> bool {
        match self {
            Self::None => true,
            Self::Goes => false,
            Self::Values(values) => values.is_empty(),
        }
    }
}
