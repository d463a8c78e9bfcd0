//! Carrying an accepted form out: the row and its files.

use std::sync::Arc;

use frontdesk_data::{
    Access, Db, DbError, Field, Guard, Guarded, Handle, Row, RowId, Table, Transaction, Values, Violation,
    WriteError,
};
use frontdesk_validate::{BoxFuture, ValidationError, Value};
use http::{Method, StatusCode};

use super::spec::{Source, is_upload};
use super::submit::Work;
use super::{FieldState, Form, Mode, bind};
use crate::ledger::{Outcome, SettleError, Taken, Ticket};
use crate::upload::{NewFile, OldFile};
use crate::{Desk, FileKey, FormError};

impl Form {
    pub(super) fn can_delete(&self) -> bool {
        let possible = |table: &Table| table.impossible(frontdesk_data::Action::Delete).is_none();
        self.mode == Mode::Update
            && self.def.deletable
            && self.def.method != Method::GET
            && self.def.table().is_none_or(|table| possible(table))
            && self.limits.as_ref().is_none_or(|limits| limits.may_delete)
    }

    /// Whether the form offers to delete its record.
    pub(super) fn offers_deletion(&self) -> bool {
        self.can_delete() && !self.deleted
    }

    /// Does what a submission asks for. Boxed, as forms are drawn more often than they are written.
    pub(super) fn go_on<'d>(mut self, work: Work, desk: &'d Desk) -> BoxFuture<'d, Result<Self, FormError>> {
        if !self.is_written() {
            return Box::pin(async move {
                self.accept(&work.keep, work.deletes);
                if let Some(ticket) = work.ticket {
                    settle(ticket, self.outcome(work.deletes)).await;
                }
                Ok(self)
            });
        }
        if work.ticket.is_none() && self.children.is_empty() && !self.def.plan().takes_files {
            // One statement, of which nobody has to know but who waits for it.
            return Box::pin(async move {
                self.write_to_database(work, desk).await;
                Ok(self)
            });
        }
        // In a task of its own: a browser that gives its request up, as it does when a button is pressed again, must not
        // leave a write behind of which nobody knows.
        let desk = desk.clone();
        Box::pin(async move {
            let written = tokio::spawn(async move {
                self.write_to_database(work, &desk).await;
                self
            });
            written.await.map_err(|error| FormError::Unavailable(error.to_string()))
        })
    }

    /// Whether an accepted form is written to a database.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.def.source, Source::Table { .. }) && self.def.dbio && self.def.method != Method::GET
    }

    fn row_id(&self) -> Option<RowId> {
        self.record.as_deref().and_then(Row::id).cloned()
    }

    /// Notes that everything is done.
    pub(super) fn accept(&mut self, keep: &[usize], deletes: bool) {
        self.accepted = true;
        self.deleted = deletes;
        self.base = None;
        // What the rows are now, numbers and all, is read anew where they are shown again.
        self.children.clear();
        for state in &mut self.states {
            state.forget_conflict();
            state.forget_uploads();
        }
        if self.def.keep_values {
            for index in keep {
                self.states[*index].bound = false;
            }
        } else if self.mode == Mode::Create {
            for state in &mut self.states {
                *state = FieldState::default();
            }
        }
    }

    /// Writes or deletes the row, and moves its files.
    async fn write_to_database(&mut self, work: Work, desk: &Desk) {
        let Work { deletes, keep, mut ticket } = work;
        let def = Arc::clone(&self.def);
        let Source::Table { db, table } = &def.source else { return };
        let mut files = match deletes {
            true => Vec::new(),
            false => match self.name_files() {
                Some(files) => files,
                None => return,
            },
        };
        let mut replaced = self.replaced_files(table, deletes);
        if deletes && self.access().is_some() {
            replaced = match self.files_of_record(db).await {
                Ok(files) => files,
                Err(error) => return self.fail(error.into()),
            };
        }
        if !deletes && !self.move_files_of_rows(&mut files, &mut replaced) {
            return;
        }
        // The new files are where a crash cannot lose them before a row names them, and the old ones stay until no row
        // names them any more.
        let pending = match files.is_empty() && replaced.is_empty() {
            true => None,
            false => match desk.uploads().prepare(files, replaced).await {
                Ok(pending) => Some(pending),
                // What was noted in an image cannot be told from the rest.
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    self.status = StatusCode::UNPROCESSABLE_ENTITY;
                    return self
                        .form_errors
                        .push(ValidationError::new("upload.image", "This image cannot be read"));
                }
                Err(error) => {
                    tracing::error!(%error, "a file cannot be moved to its place");
                    return self.fail(FormError::Storage);
                }
            },
        };
        crate::fault::point("before-write");
        let written = self.write_row(db, table, deletes, &mut ticket, desk).await;
        crate::fault::point("after-write");
        match written {
            Ok(()) => {
                if let Some(pending) = pending {
                    pending.commit().await;
                }
                self.accept(&keep, deletes);
                if let Some(ticket) = ticket {
                    settle(ticket, self.outcome(deletes)).await;
                }
            }
            Err(refusal) => {
                match pending {
                    Some(pending) if refusal.may_be_written() => pending.leave().await,
                    Some(pending) => pending.roll_back().await,
                    None => {}
                }
                if let Some(ticket) = ticket {
                    give_back(ticket, db, desk, refusal.may_be_written()).await;
                }
                match refusal {
                    Refusal::Changed => self.report_change(db, table).await,
                    Refusal::Taken(taken) => self.note_taken(taken),
                    Refusal::Write(error) => self.refused_by_database(error),
                    Refusal::Form(error) => self.fail(error),
                    Refusal::Rows => self.report_rows(db).await,
                }
            }
        }
    }

    /// Gives each new file its key. `None` if a name is refused.
    pub(super) fn name_files(&mut self) -> Option<Vec<NewFile>> {
        let def = Arc::clone(&self.def);
        let mut files = Vec::new();
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            if !is_upload(field) {
                continue;
            }
            let mut name = |value: Value| match value {
                Value::File(file) => FileKey::generate(file.name(), &field.upload).map(|key| {
                    let value = Value::Text(key.to_string());
                    let file = NewFile::new(file, key, def.source_name(), Arc::clone(&field.name));
                    files.push(file.strip_metadata(field.upload.strip_metadata));
                    value
                }),
                other => Ok(other),
            };
            let named = match self.vars.get(&field.name).cloned() {
                Some(Value::List(items)) => {
                    items.into_iter().map(&mut name).collect::<Result<_, _>>().map(Value::List)
                }
                Some(value) => name(value),
                None => continue,
            };
            match named {
                Ok(value) => self.vars.set(Arc::clone(&field.name), value),
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

    /// Writes the row, and what became of the submission where both are in one database.
    async fn write_row(
        &mut self,
        db: &Db,
        table: &Arc<Table>,
        deletes: bool,
        ticket: &mut Option<Ticket>,
        desk: &Desk,
    ) -> Result<(), Refusal> {
        let ledger = desk.ledger();
        match ticket {
            Some(ticket) if ledger.is_in(db) => {
                let transaction = db.begin().await.map_err(WriteError::Db)?;
                self.change_all(&transaction, table, deletes).await?;
                ticket.settle_in(&transaction, &self.outcome(deletes)).await?;
                transaction.commit().await?;
                return Ok(());
            }
            Some(ticket) if !ledger.is_in_memory() => ticket.hold().await?,
            _ => {}
        }
        if self.children.is_empty() || deletes {
            let guard = self.guard();
            return self.change_row(db, table, deletes, guard).await;
        }
        let transaction = db.begin().await.map_err(WriteError::Db)?;
        self.change_all(&transaction, table, deletes).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes the row and those of its sub-forms.
    async fn change_all(
        &mut self,
        to: &Transaction,
        table: &Arc<Table>,
        deletes: bool,
    ) -> Result<(), Refusal> {
        let guard = self.guard();
        if deletes {
            return self.change_row(to, table, deletes, guard).await;
        }
        self.meet_changes_in(to).await?;
        self.change_row(to, table, deletes, guard).await?;
        self.change_children(to).await
    }

    /// The values that are to be written: of a row that exists, those that it does not hold already. What nobody touched
    /// stays as it is, odd data and what an input does not show, such as parts of a second.
    pub(super) fn changed_values(&self, table: &Table) -> Values {
        let values = self
            .vars
            .iter()
            .map(|(name, value)| (Arc::clone(name), filtered(table.get(name), value.clone())));
        let Some(record) = &self.record else { return values.collect() };
        let is_as_shown = |name: &str| {
            let mut states = self.def.plan().fields.iter().zip(&self.states);
            states.any(|(plan, state)| {
                state.as_shown.as_deref().is_some_and(|shown| self.vars.get(name) == Some(shown))
                    && *plan.field(&self.def).name == *name
            })
        };
        // What the actor may not read is written as the application says.
        let is_hidden =
            |name: &str| self.access().is_some_and(|access| access.full_table().get(name).is_some());
        values
            .filter(|(name, value)| match record.get(name) {
                Some(old) => !bind::is_unchanged(value, old),
                None => is_hidden(name),
            })
            .filter(|(name, _)| !is_as_shown(name))
            .collect()
    }

    /// Writes or deletes the row, if it still is what the guard says.
    pub(super) async fn change_row(
        &mut self,
        to: &impl Target,
        table: &Arc<Table>,
        deletes: bool,
        guard: Option<Guard>,
    ) -> Result<(), Refusal> {
        if deletes {
            let id = self.row_id().ok_or(Refusal::gone())?;
            match self.delete_in(to, table, &id, guard).await? {
                Guarded::Done(_) => self.id = Some(id),
                Guarded::Changed => return Err(Refusal::Changed),
                _ => return Err(Refusal::gone()),
            }
            return Ok(());
        }
        let changed = self.changed_values(table);
        let Some(record) = &self.record else {
            self.id = match self.access() {
                Some(access) => access.any_column().insert(to.handle(), changed).await?,
                None => to.insert(table, changed).await?,
            };
            return Ok(());
        };
        self.id = record.id().cloned();
        if let Some(id) = self.id.take_if(|_| !changed.is_empty()) {
            match self.update_in(to, table, &id, changed, guard).await? {
                Guarded::Done(id) => self.id = Some(id),
                Guarded::Changed => return Err(Refusal::Changed),
                _ => return Err(Refusal::gone()),
            }
        }
        Ok(())
    }

    /// Updates the record, if the actor may. Which columns are the form's was settled when it was bound.
    async fn update_in(
        &self,
        to: &impl Target,
        table: &Table,
        id: &RowId,
        values: Values,
        guard: Option<Guard>,
    ) -> Result<Guarded, WriteError> {
        let Some(access) = self.access().map(Access::any_column) else {
            return to.update(table, id, values, guard).await;
        };
        match guard {
            Some(guard) => access.update_if(to.handle(), id, values, &guard).await,
            None => {
                let updated = access.update(to.handle(), id, values).await?;
                Ok(updated.map_or(Guarded::Gone, Guarded::Done))
            }
        }
    }

    /// Deletes the record, if the actor may.
    async fn delete_in(
        &self,
        to: &impl Target,
        table: &Table,
        id: &RowId,
        guard: Option<Guard>,
    ) -> Result<Guarded, WriteError> {
        let Some(access) = self.access() else { return to.delete(table, id, guard).await };
        match guard {
            Some(guard) => access.delete_if(to.handle(), id, &guard).await,
            None => {
                let deleted = access.delete(to.handle(), id).await?;
                Ok(if deleted { Guarded::Done(id.clone()) } else { Guarded::Gone })
            }
        }
    }

    /// All files of the record, also those that the actor does not see.
    async fn files_of_record(&self, db: &Db) -> Result<Vec<OldFile>, DbError> {
        let (Some(access), Some(id)) = (self.access(), self.row_id()) else { return Ok(Vec::new()) };
        let table = access.full_table();
        let Some(row) = db.get(table, &id).await? else { return Ok(Vec::new()) };
        let fields = table.fields.iter().filter(|field| is_upload(field));
        let files = fields.flat_map(|field| {
            let keys = row.get(&field.name).map(bind::keys).unwrap_or_default();
            let file = |key: String| OldFile::new(&key, Arc::clone(&table.name), Arc::clone(&field.name));
            keys.into_iter().filter_map(file).collect::<Vec<_>>()
        });
        Ok(files.collect())
    }

    /// The stored files that no row will name any more.
    pub(super) fn replaced_files(&self, table: &Table, deletes: bool) -> Vec<OldFile> {
        let mut replaced = Vec::new();
        for field in table.fields.iter().filter(|field| is_upload(field)) {
            let Some(old) = self.record.as_deref().and_then(|record| record.get(&field.name)) else {
                continue;
            };
            let new = match self.vars.get(&field.name) {
                _ if deletes => Vec::new(),
                Some(new) => bind::keys(new),
                None => continue,
            };
            let old = bind::keys(old).into_iter().filter(|key| !new.contains(key));
            replaced.extend(
                old.filter_map(|key| OldFile::new(&key, Arc::clone(&table.name), Arc::clone(&field.name))),
            );
        }
        replaced
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
        match desk.uploads().prepare(files, Vec::new()).await {
            Ok(pending) => pending.commit().await,
            Err(error) => {
                tracing::error!(%error, "a file cannot be moved to its place");
                self.accepted = false;
                return Err(FormError::Storage);
            }
        }
        Ok(true)
    }

    /// Puts what the database refused beside the fields.
    pub(super) fn refused_by_database(&mut self, error: WriteError) {
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

    /// Whether something failed which is nobody's fault here.
    pub(super) fn has_failed(&self) -> bool {
        self.status.is_server_error() || self.form_errors.iter().any(|error| error.code() == "failed")
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

/// Why a row is not written.
pub(super) enum Refusal {
    /// Somebody else changed it since the form was drawn.
    Changed,
    /// The same submission was carried out by another process.
    Taken(Taken),
    Write(WriteError),
    Form(FormError),
    /// Rows of sub-forms were refused; what is wrong is noted in them.
    Rows,
}

impl Refusal {
    pub(super) fn gone() -> Self {
        let gone = ValidationError::new("gone", "This record was deleted in the meantime");
        Self::Write(Violation::form(gone).into())
    }

    /// Whether the row may be written all the same: the database broke off, perhaps while it answered.
    fn may_be_written(&self) -> bool {
        let error = match self {
            Self::Write(WriteError::Db(error)) | Self::Form(FormError::Db(error)) => error,
            _ => return false,
        };
        use frontdesk_data::DbErrorKind::{Corrupt, Other, Unconfirmed};
        matches!(error.kind(), Unconfirmed | Corrupt | Other)
    }
}

impl From<WriteError> for Refusal {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<SettleError> for Refusal {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Taken(taken) => Self::Taken(taken),
            SettleError::Form(error) => Self::Form(error),
        }
    }
}

/// What rows are written to: a database, or a transaction in it.
pub(super) trait Target: Sync {
    fn handle(&self) -> Handle<'_>;
    fn insert(
        &self,
        table: &Table,
        values: Values,
    ) -> impl Future<Output = Result<Option<RowId>, WriteError>> + Send;
    fn update(
        &self,
        table: &Table,
        id: &RowId,
        values: Values,
        guard: Option<Guard>,
    ) -> impl Future<Output = Result<Guarded, WriteError>> + Send;
    fn delete(
        &self,
        table: &Table,
        id: &RowId,
        guard: Option<Guard>,
    ) -> impl Future<Output = Result<Guarded, WriteError>> + Send;
}

macro_rules! target {
    ($type:ty) => {
        impl Target for $type {
            fn handle(&self) -> Handle<'_> {
                self.into()
            }

            async fn insert(&self, table: &Table, values: Values) -> Result<Option<RowId>, WriteError> {
                <$type>::insert(self, table, values).await
            }

            async fn update(
                &self,
                table: &Table,
                id: &RowId,
                values: Values,
                guard: Option<Guard>,
            ) -> Result<Guarded, WriteError> {
                match guard {
                    Some(guard) => self.update_if(table, id, values, &guard).await,
                    None => {
                        let updated = <$type>::update(self, table, id, values).await?;
                        Ok(updated.map_or(Guarded::Gone, Guarded::Done))
                    }
                }
            }

            async fn delete(
                &self,
                table: &Table,
                id: &RowId,
                guard: Option<Guard>,
            ) -> Result<Guarded, WriteError> {
                match guard {
                    Some(guard) => self.delete_if(table, id, &guard).await,
                    None => {
                        let deleted = <$type>::delete(self, table, id).await?;
                        Ok(if deleted { Guarded::Done(id.clone()) } else { Guarded::Gone })
                    }
                }
            }
        }
    };
}

target!(Db);
target!(Transaction);

/// Gives back the ticket of a submission that was not carried out, so that it can be sent again. One that may have been
/// is kept from being written twice: it finds out what became of it in the row's own transaction, or that nobody knows.
async fn give_back(ticket: Ticket, db: &Db, desk: &Desk, may_be_written: bool) {
    let ledger = desk.ledger();
    let done = match may_be_written {
        false => ticket.release().await,
        // The outcome was written with the row, or neither was.
        true if ledger.is_in(db) => Ok(()),
        true if ledger.is_in_memory() => match ticket.hold().await {
            Err(SettleError::Form(error)) => Err(error),
            _ => Ok(()),
        },
        // It is held already.
        true => Ok(()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "a submission that was refused cannot be given back");
    }
}

/// Notes what became of a submission. The row is written: that this fails is told in the log alone.
async fn settle(ticket: Ticket, outcome: Outcome) {
    if let Err(error) = ticket.settle(outcome).await {
        tracing::warn!(%error, "what became of a submission cannot be noted: repeated, it would be written again");
    }
}
