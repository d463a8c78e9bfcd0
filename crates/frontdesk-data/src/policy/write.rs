//! Writing what a policy allows.

use std::sync::Arc;

use frontdesk_validate::{ValidationError, Value};

use super::access::{Access, Handle, Reach};
use super::filter::Truth;
use super::rules::{RowRule, place};
use crate::column::from_sea;
use crate::statement::{Check, Op, Write};
use crate::{
    Action, Db, DbError, DefaultValue, FieldType, ForeignKey, Guard, Guarded, Row, RowId, Values, Violation,
    WriteError, prepare, violation,
};

impl Access {
    /// Inserts a row, as [`Db::insert`] does, if the actor may create such a row. For a column that has to be equal to one
    /// value, and is not given, that value is filled in.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with code `denied` if the actor may not insert rows here, `not_allowed` if not this one,
    /// `unknown_field` for columns that there are not or that the actor may not write, `foreign_key` for a reference to a row
    /// that the actor may not read; as [`Db::insert`]. A row that turned out not to be allowed only after it was inserted ends
    /// the transaction that it was inserted in.
    pub async fn insert<'h>(
        &self,
        handle: impl Into<Handle<'h>>,
        values: Values,
    ) -> Result<Option<RowId>, WriteError> {
        let handle = handle.into();
        if self.is_unlimited() {
            return handle.on().insert(self.full_table(), values).await;
        }
        self.insert_limited(handle, values).await.map_err(|error| self.worded(error))
    }

    /// Updates a row, as [`Db::update`] does, if the actor may; `None` if there is no such row for the actor.
    ///
    /// # Errors
    /// As [`insert`](Self::insert) and [`Db::update`].
    pub async fn update<'h>(
        &self,
        handle: impl Into<Handle<'h>>,
        id: &RowId,
        values: Values,
    ) -> Result<Option<RowId>, WriteError> {
        let handle = handle.into();
        if self.is_unlimited() {
            return handle.on().update(self.full_table(), id, values).await;
        }
        let done = self.update_limited(handle, id, values, None).await;
        match done.map_err(|error| self.worded(error))? {
            Guarded::Done(id) => Ok(Some(id)),
            _ => Ok(None),
        }
    }

    /// As [`update`](Self::update), if the row is still what `guard` says, as for [`Db::update_if`].
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn update_if<'h>(
        &self,
        handle: impl Into<Handle<'h>>,
        id: &RowId,
        values: Values,
        guard: &Guard,
    ) -> Result<Guarded, WriteError> {
        let handle = handle.into();
        if self.is_unlimited() {
            return handle.on().update_if(self.full_table(), id, values, guard).await;
        }
        let done = self.update_limited(handle, id, values, Some(guard)).await;
        done.map_err(|error| self.worded(error))
    }

    /// Deletes a row, as [`Db::delete`] does, if the actor may; tells whether there was one for the actor.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with code `denied` if the actor may not delete rows here; as [`Db::delete`].
    pub async fn delete<'h>(&self, handle: impl Into<Handle<'h>>, id: &RowId) -> Result<bool, WriteError> {
        let handle = handle.into();
        if self.is_unlimited() {
            return handle.on().delete(self.full_table(), id).await;
        }
        let done = self.delete_limited(handle, id, None).await;
        Ok(matches!(done.map_err(|error| self.worded(error))?, Guarded::Done(_)))
    }

    /// As [`delete`](Self::delete), if the row is still what `guard` says, as for [`Db::delete_if`].
    ///
    /// # Errors
    /// As [`delete`](Self::delete).
    pub async fn delete_if<'h>(
        &self,
        handle: impl Into<Handle<'h>>,
        id: &RowId,
        guard: &Guard,
    ) -> Result<Guarded, WriteError> {
        let handle = handle.into();
        if self.is_unlimited() {
            return handle.on().delete_if(self.full_table(), id, guard).await;
        }
        let done = self.delete_limited(handle, id, Some(guard)).await;
        done.map_err(|error| self.worded(error))
    }

    async fn insert_limited(
        &self,
        handle: Handle<'_>,
        mut values: Values,
    ) -> Result<Option<RowId>, WriteError> {
        if !self.can(Action::Create) {
            return Err(denied());
        }
        self.check_columns(&values)?;
        let table = self.full_table();
        let references = self.limited_references(handle.db, &values);
        for (column, value) in self.presets() {
            if !values.contains(&column) {
                values.set(column, value);
            }
        }
        let reach = self.reach(handle.db, Action::Create, &table.name);
        match (&reach, self.foresees(&values)) {
            (Reach::None, _) | (_, Some(false)) => return Err(not_allowed()),
            // Without a key the row is not found again.
            (Reach::Where(_), None) if !table.has_key() => return Err(not_allowed()),
            (Reach::All, _) if references.is_empty() => return handle.on().insert(table, values).await,
            _ => {}
        }
        if handle.session.is_none() {
            let transaction = handle.db.begin().await?;
            let id = Box::pin(self.insert_within((&transaction).into(), values, &references, &reach)).await?;
            transaction.commit().await?;
            return Ok(id);
        }
        self.insert_within(handle, values, &references, &reach).await
    }

    async fn insert_within(
        &self,
        handle: Handle<'_>,
        values: Values,
        references: &[Reference],
        reach: &Reach,
    ) -> Result<Option<RowId>, WriteError> {
        for reference in references {
            self.check_reference(handle, reference, None).await?;
        }
        let id = handle.on().insert(self.full_table(), values).await?;
        if let (Reach::Where(_), Some(id)) = (reach, &id)
            && !self.reaches(handle, id, reach).await?
        {
            return Err(undone(handle));
        }
        Ok(id)
    }

    async fn update_limited(
        &self,
        handle: Handle<'_>,
        id: &RowId,
        values: Values,
        guard: Option<&Guard>,
    ) -> Result<Guarded, WriteError> {
        if !self.can(Action::Read) {
            return Ok(Guarded::Gone);
        }
        if !self.can(Action::Update) {
            return Err(denied());
        }
        self.check_columns(&values)?;
        let table = self.full_table();
        let references = self.limited_references(handle.db, &values);
        let before = self.reach_to_change(handle.db, Action::Update);
        if before == Reach::None || id.values().len() != table.key.len() {
            return Ok(Guarded::Gone);
        }
        if before == Reach::All && references.is_empty() {
            return match guard {
                Some(guard) => handle.on().update_if(table, id, values, guard).await,
                None => {
                    let updated = handle.on().update(table, id, values).await?;
                    Ok(updated.map_or(Guarded::Gone, Guarded::Done))
                }
            };
        }
        if handle.session.is_none() {
            let transaction = handle.db.begin().await?;
            let within = (&transaction).into();
            let done = Box::pin(self.update_within(within, id, values, guard, &references, &before)).await?;
            transaction.commit().await?;
            return Ok(done);
        }
        self.update_within(handle, id, values, guard, &references, &before).await
    }

    async fn update_within(
        &self,
        handle: Handle<'_>,
        id: &RowId,
        values: Values,
        guard: Option<&Guard>,
        references: &[Reference],
        before: &Reach,
    ) -> Result<Guarded, WriteError> {
        let table = self.full_table();
        if !self.reaches(handle, id, before).await? {
            return Ok(Guarded::Gone);
        }
        for reference in references {
            self.check_reference(handle, reference, Some(id)).await?;
        }
        let plan = handle.db.plan(table);
        let row = match prepare::needs_row(table, &values) {
            true => handle.on().get(table, id).await?,
            false => None,
        };
        let (fields, mut params) = prepare::changes(table, &plan, values, row.as_ref())?;
        if fields.is_empty() {
            return match guard {
                None => Ok(Guarded::Done(id.clone())),
                Some(guard) => handle.on().update_if(table, id, Values::new(), guard).await,
            };
        }
        let mut sql = plan.update_text(&fields);
        params.extend_from_slice(id.values());
        push_reach(handle.db, &mut sql, &mut params, before)?;
        let guard = match guard {
            Some(guard) => Some(self.push_guard(&plan, guard, &mut sql, &mut params)?),
            None => None,
        };
        let rekeys = plan.shape.key.iter().any(|at| fields.contains(at));
        let sql = if rekeys { crate::plan::returning_key(&sql, table) } else { sql.into() };
        let op = Op::Update { fields: fields.into(), id: id.clone(), rekeys };
        let written = handle.on().write(Write { sql, params, op, plan: Some(plan), guard }).await?;
        let done = Guarded::from(written, id);
        if let Guarded::Done(id) = &done {
            let after = self.reach(handle.db, Action::Update, &table.name);
            if matches!(after, Reach::Where(_)) && !self.reaches(handle, id, &after).await? {
                return Err(undone(handle));
            }
        }
        Ok(done)
    }

    async fn delete_limited(
        &self,
        handle: Handle<'_>,
        id: &RowId,
        guard: Option<&Guard>,
    ) -> Result<Guarded, WriteError> {
        if !self.can(Action::Read) {
            return Ok(Guarded::Gone);
        }
        if !self.can(Action::Delete) {
            return Err(denied());
        }
        let table = self.full_table();
        let reach = self.reach_to_change(handle.db, Action::Delete);
        if reach == Reach::All {
            return match guard {
                Some(guard) => handle.on().delete_if(table, id, guard).await,
                None => Ok(match handle.on().delete(table, id).await? {
                    true => Guarded::Done(id.clone()),
                    false => Guarded::Gone,
                }),
            };
        }
        // The statement says it as well: between the two the row may have become somebody else's.
        if !self.reaches(handle, id, &reach).await? {
            return Ok(Guarded::Gone);
        }
        let plan = handle.db.plan(table);
        let mut sql = plan.delete.to_string();
        let mut params = id.values().to_vec();
        push_reach(handle.db, &mut sql, &mut params, &reach)?;
        let guard = match guard {
            Some(guard) => Some(self.push_guard(&plan, guard, &mut sql, &mut params)?),
            None => None,
        };
        let op = Op::Delete { id: id.clone() };
        let write = Write { sql: sql.into(), params, op, plan: Some(plan), guard };
        Ok(Guarded::from(handle.on().write(write).await?, id))
    }

    /// Appends that the row has a digest, which is the last parameter.
    fn push_guard(
        &self,
        plan: &crate::plan::Plan,
        guard: &Guard,
        sql: &mut String,
        params: &mut Vec<Value>,
    ) -> Result<Check, DbError> {
        let columns = plan.positions(&guard.columns)?;
        let guarding = plan.dialect.guarding(plan, &columns);
        if let Some(condition) = &guarding.condition {
            sql.push_str(" AND ");
            sql.push_str(condition);
        }
        params.push(guard.digest.into());
        Ok(Check { look: plan.look_text(&guarding), digest: guard.digest, columns: columns.into() })
    }

    /// Refuses columns that may not be written as those that there are not. Values of generated columns are left out
    /// anyway.
    fn check_columns(&self, values: &Values) -> Result<(), WriteError> {
        let table = self.full_table();
        let unknown = |name: &str| match table.fields.iter().position(|field| &*field.name == name) {
            Some(at) => !(self.may_write(at) || table.fields[at].generated && self.compiled().sees(at)),
            None => true,
        };
        let refused: Vec<Violation> = (values.iter())
            .filter(|(name, _)| unknown(name))
            .map(|(name, _)| {
                let error = ValidationError::new("unknown_field", "There is no such field");
                Violation::field(Arc::clone(name), error)
            })
            .collect();
        if refused.is_empty() { Ok(()) } else { Err(WriteError::Refused(refused)) }
    }

    /// The values that new rows must have in certain columns.
    fn presets(&self) -> Vec<(Arc<str>, Value)> {
        let rules = &self.compiled().rows[place(Action::Create)];
        let filters = rules.iter().filter_map(|rule| match rule {
            RowRule::Filter(filter) => Some(filter),
            RowRule::With(_) => None,
        });
        let known = |name: &str| self.full_table().get(name).is_some_and(|field| !field.generated);
        filters.flat_map(|filter| filter.presets(self.actor())).filter(|(name, _)| known(name)).collect()
    }

    /// Whether a new row of these values will be allowed; `None` where only the database can tell.
    fn foresees(&self, values: &Values) -> Option<bool> {
        let table = self.full_table();
        let mut all = Some(true);
        for rule in &self.compiled().rows[place(Action::Create)] {
            let RowRule::Filter(filter) = rule else {
                all = None;
                continue;
            };
            let is_settled = filter.columns().iter().all(|name| {
                values.contains(name)
                    || table.get(name).is_some_and(|field| {
                        matches!(field.default, DefaultValue::None | DefaultValue::Value(_))
                            && field.compute.is_none()
                            && !field.generated
                            && field.kind != FieldType::Id
                    })
            });
            if !is_settled {
                all = None;
                continue;
            }
            let value = |name: &str| match values.get(name) {
                Some(value) => Some(value.clone()),
                None => table.get(name)?.default.value(),
            };
            if filter.truth(table, &value, self.actor()) != Truth::True {
                return Some(false);
            }
        }
        all
    }

    /// The references among `values` that lead to tables of which the actor may not read all rows.
    fn limited_references(&self, db: &Db, values: &Values) -> Vec<Reference> {
        let table = self.full_table();
        let given = |name: &Arc<str>| values.get(name).filter(|value| !value.is_empty());
        let mut references = Vec::new();
        for key in &table.foreign_keys {
            if !key.fields.iter().any(|name| given(name).is_some()) {
                continue;
            }
            let Some(target) = db.table(&key.table) else { continue };
            let access = self.asker().access(&target);
            if access.reach(db, Action::Read, &target.name) != Reach::All {
                references.push(Reference::Key { key: key.clone(), values: values.clone(), access });
            }
        }
        for field in &table.fields {
            let (FieldType::ListReference { table: target }, Some(Value::List(items))) =
                (&field.kind, values.get(&field.name))
            else {
                continue;
            };
            let Some(target) = db.table(target) else { continue };
            let access = self.asker().access(&target);
            if !items.is_empty() && access.reach(db, Action::Read, &target.name) != Reach::All {
                references.push(Reference::List {
                    field: Arc::clone(&field.name),
                    items: items.clone(),
                    access,
                });
            }
        }
        references
    }

    /// Refuses a reference to a row that the actor may not read as one to a row that there is not. One that stays as it was is
    /// no news.
    async fn check_reference(
        &self,
        handle: Handle<'_>,
        reference: &Reference,
        id: Option<&RowId>,
    ) -> Result<(), WriteError> {
        let before = match id {
            Some(id) => handle.on().get(self.full_table(), id).await?,
            None => None,
        };
        let is_there = match reference {
            Reference::Key { key, values, access } => {
                let target = access.full_table();
                let columns = if key.columns.is_empty() { &target.key } else { &key.columns };
                let mut set = access.set(handle);
                let mut changed = false;
                let old = |name: &str| before.as_ref().and_then(|row: &Row| row.get(name));
                let mut is_null = false;
                for (field, column) in key.fields.iter().zip(columns) {
                    let value = values.get(field).or_else(|| old(field)).cloned().unwrap_or_default();
                    changed |= old(field) != Some(&value);
                    is_null |= value.is_empty();
                    set = set.filter_own(target.col(column).eq(value));
                }
                !changed || is_null || access.can(Action::Read) && set.exists().await?
            }
            Reference::List { field, items, access } => {
                let target = access.full_table();
                let [column] = &target.key[..] else { return Ok(()) };
                let old: Vec<Value> = match before.as_ref().and_then(|row| row.get(field)) {
                    Some(Value::List(items)) => items.clone(),
                    _ => Vec::new(),
                };
                let mut all = true;
                for item in items.iter().filter(|item| !old.contains(item)) {
                    let set = access.set(handle).filter_own(target.col(column).eq(item.clone()));
                    all &= access.can(Action::Read) && set.exists().await?;
                }
                all
            }
        };
        if is_there {
            return Ok(());
        }
        let (fields, table) = match reference {
            Reference::Key { key, access, .. } => (key.fields.clone(), access.full_table()),
            Reference::List { field, access, .. } => (vec![Arc::clone(field)], access.full_table()),
        };
        Err(violation::foreign_key(fields, &table.name).into())
    }

    /// A refusal in which nothing is told of columns and tables that the actor may not read.
    fn worded(&self, error: WriteError) -> WriteError {
        let WriteError::Refused(violations) = error else { return error };
        let table = self.full_table();
        let sees = |name: &Arc<str>| {
            let at = table.fields.iter().position(|field| field.name == *name);
            at.is_none_or(|at| self.compiled().sees(at) || self.may_write(at))
        };
        let reworded = violations.into_iter().map(|found| match found.error.code() {
            "referenced" => violation::referenced(&[]),
            // Whoever asks has named it.
            "unknown_field" => found,
            _ if found.fields.iter().all(sees) => found,
            "unique" => violation::unique(None, Vec::new()),
            "not_null" => violation::not_null(Vec::new()),
            "check" => violation::check(Vec::new()),
            _ => violation::constraint(),
        });
        WriteError::Refused(reworded.collect())
    }
}

/// A reference that is written.
enum Reference {
    Key { key: ForeignKey, values: Values, access: Access },
    List { field: Arc<str>, items: Vec<Value>, access: Access },
}

/// The actor may not do that at all.
pub(crate) fn denied() -> WriteError {
    Violation::form(ValidationError::new("denied", "You may not do this")).into()
}

/// The actor may not make such a row.
fn not_allowed() -> WriteError {
    Violation::form(ValidationError::new("not_allowed", "You may not save a record with these values")).into()
}

/// The same of a row that is written already: what was done goes with the transaction.
fn undone(handle: Handle<'_>) -> WriteError {
    if let Some(session) = handle.session {
        session.abandon();
    }
    not_allowed()
}

/// Appends ` AND (…)`.
pub(crate) fn push_reach(
    db: &Db,
    sql: &mut String,
    params: &mut Vec<Value>,
    reach: &Reach,
) -> Result<(), DbError> {
    let condition = match reach {
        Reach::All => return Ok(()),
        Reach::None => {
            sql.push_str(" AND 1 = 0");
            return Ok(());
        }
        Reach::Where(condition) => condition.clone(),
    };
    let Some((text, values)) = db.backend().dialect().condition(condition) else { return Ok(()) };
    sql.push_str(" AND (");
    sql.push_str(&text);
    sql.push(')');
    for value in values {
        params.push(from_sea(value).ok_or_else(|| {
            DbError::unsupported(
                "a row filter holds a value of a kind that is not supported; give it as a text",
            )
        })?);
    }
    Ok(())
}
