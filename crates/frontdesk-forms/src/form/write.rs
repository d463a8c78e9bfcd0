//! Carrying an accepted form out: the row and its files.

use std::sync::Arc;

use frontdesk_data::{Db, Field, FieldType, Row, RowId, Table, Values, Violation, WriteError};
use frontdesk_validate::{FileValue, ValidationError, Value};
use http::{Method, StatusCode};

use super::spec::Source;
use super::{FieldState, Form, Mode, bind};
use crate::{Desk, FileKey, FormError, FormRequest};

impl Form {
    pub(super) fn can_delete(&self) -> bool {
        let possible = |table: &Table| table.impossible(frontdesk_data::Action::Delete).is_none();
        self.mode == Mode::Update
            && self.def.deletable
            && self.def.method != Method::GET
            && self.def.table().is_none_or(|table| possible(table))
    }

    /// Whether the form offers to delete its record.
    pub(super) fn offers_deletion(&self) -> bool {
        self.can_delete() && !self.deleted
    }

    pub(super) async fn delete(&mut self, request: &FormRequest) -> Result<(), FormError> {
        if let Source::Table { db, table } = &self.def.source
            && self.def.dbio
        {
            let id = self.row_id()?;
            let (db, table) = (db.clone(), Arc::clone(table));
            match db.delete(&table, &id).await {
                Ok(true) => {}
                Ok(false) => return Err(FormError::NotFound),
                Err(error) => {
                    self.refused_by_database(error);
                    return Ok(());
                }
            }
            self.id = Some(id);
            let files: Vec<String> = table
                .fields
                .iter()
                .filter(|field| field.kind == FieldType::Upload)
                .filter_map(|field| self.record.as_ref()?.get(&field.name)?.as_str().map(str::to_owned))
                .collect();
            remove_files(request.desk(), &files).await;
        }
        self.deleted = true;
        self.accepted = true;
        Ok(())
    }

    fn row_id(&self) -> Result<RowId, FormError> {
        self.record.as_ref().and_then(Row::id).cloned().ok_or(FormError::NotFound)
    }

    /// Writes what was accepted; `keep` are the fields that stay as they are.
    pub(super) async fn carry_out(
        &mut self,
        keep: Vec<usize>,
        request: &FormRequest,
    ) -> Result<(), FormError> {
        let def = Arc::clone(&self.def);
        if let Source::Table { db, table } = &def.source
            && def.dbio
            && def.method != Method::GET
        {
            let Some(files) = self.name_files() else { return Ok(()) };
            // The files are in their places before a row names them: whatever breaks off in between leaves a file that
            // no row names, never a row whose file is lost.
            if keep_files(request.desk(), &files).await.is_err() {
                self.fail(FormError::Storage);
                return Ok(());
            }
            if let Err(error) = self.write_row(db, table).await {
                let keys: Vec<String> = files.iter().map(|(_, key)| key.to_string()).collect();
                remove_files(request.desk(), &keys).await;
                self.refused_by_database(error);
                return Ok(());
            }
            self.remove_replaced_files(table, request).await;
        }
        self.accepted = true;
        if def.keep_values {
            for index in keep {
                self.states[index].bound = false;
            }
        } else if self.mode == Mode::Create {
            for state in &mut self.states {
                *state = FieldState::default();
            }
        }
        Ok(())
    }

    /// Gives each new file its key. `None` if a name is refused.
    fn name_files(&mut self) -> Option<Vec<(FileValue, FileKey)>> {
        let def = Arc::clone(&self.def);
        let mut files = Vec::new();
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            let Some(Value::File(file)) =
                self.vars.get(&field.name).filter(|_| field.kind == FieldType::Upload)
            else {
                continue;
            };
            match FileKey::generate(file.name(), &field.upload) {
                Ok(key) => {
                    files.push((file.clone(), key.clone()));
                    self.vars.set(Arc::clone(&field.name), key.as_str());
                }
                Err(error) => {
                    self.states[index].error = Some(error.into());
                    self.vars.remove(&field.name);
                }
            }
        }
        if self.is_refused() {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
            return None;
        }
        Some(files)
    }

    /// Writes the row.
    async fn write_row(&mut self, db: &Db, table: &Arc<Table>) -> Result<(), WriteError> {
        let values: Values = self
            .vars
            .iter()
            .map(|(name, value)| (Arc::clone(name), filtered(table.get(name), value.clone())))
            .collect();
        let Some(record) = &self.record else {
            self.id = db.insert(table, values).await?;
            return Ok(());
        };
        // What is as it was is not written: odd data that nobody touched stays as it is.
        let changed: Values = values
            .into_iter()
            .filter(|(name, value)| record.get(name).is_some_and(|old| !bind::is_unchanged(value, old)))
            .collect();
        self.id = record.id().cloned();
        if let Some(id) = self.id.take_if(|_| !changed.is_empty()) {
            self.id = db.update(table, &id, changed).await?;
            if self.id.is_none() {
                let gone = ValidationError::new("gone", "This record was deleted in the meantime");
                return Err(Violation::form(gone).into());
            }
        }
        Ok(())
    }

    /// Removes the files that new ones took the place of.
    async fn remove_replaced_files(&self, table: &Table, request: &FormRequest) {
        let replaced: Vec<String> = table
            .fields
            .iter()
            .filter(|field| field.kind == FieldType::Upload)
            .filter_map(|field| {
                let old = self.record.as_ref()?.get(&field.name)?.as_str()?;
                let new = self.vars.get(&field.name)?;
                (new.as_str() != Some(old)).then(|| old.to_owned())
            })
            .collect();
        remove_files(request.desk(), &replaced).await;
    }

    /// Stores the files of an accepted form that is not written to a database: each gets its key, and is moved to it. The
    /// values are then keys, as in a table. Gives whether all names were fit; if not, the form has errors to show.
    ///
    /// # Errors
    /// [`FormError::Storage`], if a file cannot be moved to its place.
    pub async fn store_files(&mut self, desk: &Desk) -> Result<bool, FormError> {
        let Some(files) = self.name_files() else {
            self.accepted = false;
            return Ok(false);
        };
        if let Err(error) = keep_files(desk, &files).await {
            self.accepted = false;
            return Err(error);
        }
        Ok(true)
    }

    /// Puts what the database refused beside the fields.
    fn refused_by_database(&mut self, error: WriteError) {
        match error {
            WriteError::Refused(violations) => {
                self.status = StatusCode::UNPROCESSABLE_ENTITY;
                for violation in violations {
                    if violation.fields.is_empty() {
                        self.form_errors.push(violation.error);
                    } else {
                        for field in &violation.fields {
                            self.set_error(field, violation.error.clone());
                        }
                    }
                }
            }
            WriteError::Db(error) => self.fail(error.into()),
            other => self.fail(FormError::Unavailable(other.to_string())),
        }
    }

    /// Says that something failed which is nobody's fault here: the text is kept, so that it can be submitted again.
    pub(super) fn fail(&mut self, error: FormError) {
        tracing::error!(%error, form = self.name(), "a submission could not be carried out");
        self.status = error.status();
        if !self.form_errors.iter().any(|known| known.code() == "failed") {
            self.form_errors.push(ValidationError::new("failed", error.public_text()));
        }
    }
}

fn filtered(field: Option<&Field>, value: Value) -> Value {
    match field.and_then(|field| field.filter_in.as_ref()) {
        Some(filter) => (filter.0)(value),
        None => value,
    }
}

/// Moves new files to their keys: all of them or none.
async fn keep_files(desk: &Desk, files: &[(FileValue, FileKey)]) -> Result<(), FormError> {
    for (index, (file, key)) in files.iter().enumerate() {
        if let Err(error) = desk.uploads().keep(file, key).await {
            tracing::error!(%error, %key, "a file cannot be moved to its place");
            let moved: Vec<String> = files[..index].iter().map(|(_, key)| key.to_string()).collect();
            remove_files(desk, &moved).await;
            return Err(FormError::Storage);
        }
    }
    Ok(())
}

/// Removes stored files that no row names any more; only those under keys of our making, since a database that somebody
/// else filled may name one file in many rows. That it fails loses disk space, nothing else.
async fn remove_files(desk: &Desk, keys: &[String]) {
    for key in keys.iter().filter_map(|key| FileKey::parse(key)).filter(FileKey::is_generated) {
        if let Err(error) = desk.uploads().remove(&key).await {
            tracing::warn!(%error, %key, "a file that no row names any more cannot be removed");
        }
    }
}
