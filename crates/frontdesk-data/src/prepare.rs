//! From the values that a program gives to the statement that writes them.

use std::sync::Arc;

use frontdesk_validate::{ValidationError, Value};

use crate::coerce::coerce;
use crate::plan::Plan;
use crate::statement::{Op, Write};
use crate::{
    Compute, DefaultValue, Field, FieldType, Guard, Row, RowId, Table, Values, Violation, WriteError,
};

/// A value for each field that is written.
type Slots = Vec<Option<Value>>;

/// The statement that inserts a row of `values`.
pub(crate) fn insert(table: &Table, plan: Arc<Plan>, values: Values) -> Result<Write, WriteError> {
    let mut slots = slots(table, values)?;
    for (slot, field) in slots.iter_mut().zip(&table.fields) {
        // Null for what the database fills in, and cannot be null, means that it shall.
        let filled_in =
            field.kind == FieldType::Id || !field.null && matches!(field.default, DefaultValue::Database(_));
        if filled_in && slot.as_ref().is_some_and(Value::is_null) {
            *slot = None;
        } else if slot.is_none() {
            *slot = field.default.value();
        }
    }
    compute(table, &mut slots, None);
    let (fields, params) = coerced(table, &plan, slots)?;
    let text = plan.insert(&fields);
    Ok(Write {
        sql: Arc::clone(&text.sql),
        params,
        op: Op::Insert { fields: Arc::clone(&text.fields), returning: text.returning.clone() },
        plan: Some(plan),
        guard: None,
    })
}

/// The statement that updates the row of `id`; `None` if nothing is to be changed. `row` is what is there now, for
/// fields that are worked out of others ([`needs_row`]); `guard` what must be there still.
pub(crate) fn update(
    table: &Table,
    plan: Arc<Plan>,
    id: &RowId,
    values: Values,
    row: Option<&Row>,
    guard: Option<&Guard>,
) -> Result<Option<Write>, WriteError> {
    let (fields, mut params) = changes(table, &plan, values, row)?;
    if fields.is_empty() {
        return Ok(None);
    }
    params.extend_from_slice(id.values());
    let Some(guard) = guard else {
        let (fields, sql, rekeys) = plan.update(&fields);
        let op = Op::Update { fields, id: id.clone(), rekeys };
        return Ok(Some(Write { sql, params, op, plan: Some(plan), guard: None }));
    };
    let text = plan.guarded_update(&fields, &plan.positions(&guard.columns)?);
    params.push(guard.digest.into());
    Ok(Some(Write {
        sql: Arc::clone(&text.sql),
        params,
        op: Op::Update { fields: Arc::clone(&text.fields), id: id.clone(), rekeys: text.rekeys },
        plan: Some(plan),
        guard: Some(text.check(guard.digest)),
    }))
}

/// The statement that deletes the row of `id` if it is what `guard` says.
pub(crate) fn delete_if(plan: Arc<Plan>, id: &RowId, guard: &Guard) -> Result<Write, WriteError> {
    let text = plan.guarded_delete(&plan.positions(&guard.columns)?);
    let mut params = id.values().to_vec();
    params.push(guard.digest.into());
    Ok(Write {
        sql: Arc::clone(&text.sql),
        params,
        op: Op::Delete { id: id.clone() },
        plan: Some(plan),
        guard: Some(text.check(guard.digest)),
    })
}

/// What an update sets: positions of fields, ascending, and their values.
pub(crate) fn changes(
    table: &Table,
    plan: &Plan,
    values: Values,
    row: Option<&Row>,
) -> Result<(Vec<usize>, Vec<Value>), WriteError> {
    let mut slots = slots(table, values)?;
    if slots.iter().any(Option::is_some) {
        for (slot, field) in slots.iter_mut().zip(&table.fields) {
            if slot.is_none() {
                *slot = field.update.value();
            }
        }
        compute(table, &mut slots, row);
    }
    coerced(table, plan, slots)
}

/// Whether an update has to know the whole row, since fields are worked out of the others.
pub(crate) fn needs_row(table: &Table, values: &Values) -> bool {
    table.fields.iter().any(|field| field.compute.is_some())
        && !values.is_empty()
        && table
            .fields
            .iter()
            .any(|field| field.compute.is_none() && !field.generated && !values.contains(&field.name))
}

/// Puts the values where their fields are. Those of generated columns are left out: the database makes them.
fn slots(table: &Table, values: Values) -> Result<Slots, WriteError> {
    let mut slots: Slots = std::iter::repeat_with(|| None).take(table.fields.len()).collect();
    let mut unknown = Vec::new();
    for (name, value) in values {
        match table.fields.iter().position(|field| field.name == name) {
            Some(at) if !table.fields[at].generated => slots[at] = Some(value),
            Some(_) => {}
            None => {
                unknown.push(Violation::field(
                    name,
                    ValidationError::new("unknown_field", "There is no such field"),
                ));
            }
        }
    }
    if unknown.is_empty() { Ok(slots) } else { Err(WriteError::Refused(unknown)) }
}

/// Works out the computed fields, each seeing what is written besides them, and what stays in the row.
fn compute(table: &Table, slots: &mut Slots, row: Option<&Row>) {
    let computed = |field: &Field| field.compute.is_some() && !field.generated;
    if !table.fields.iter().any(computed) {
        return;
    }
    let known: Values = table
        .fields
        .iter()
        .zip(&*slots)
        .filter_map(|(field, slot)| {
            let value = slot.as_ref().or_else(|| row?.get(&field.name))?;
            Some((Arc::clone(&field.name), value.clone()))
        })
        .collect();
    for (slot, field) in slots.iter_mut().zip(&table.fields).filter(|(_, field)| computed(field)) {
        if let Some(Compute(work_out)) = &field.compute {
            *slot = Some(work_out(&known));
        }
    }
}

/// Brings the values to the types of their fields; tells all that do not fit, not only the first.
fn coerced(table: &Table, plan: &Plan, slots: Slots) -> Result<(Vec<usize>, Vec<Value>), WriteError> {
    let mut fields = Vec::with_capacity(slots.len());
    let mut params = Vec::with_capacity(slots.len() + table.key.len());
    let mut violations = Vec::new();
    for (at, slot) in slots.into_iter().enumerate() {
        let Some(value) = slot else { continue };
        match coerce(&plan.kinds[at], value).and_then(|value| plan.dialect.storable(&plan.kinds[at], value)) {
            Ok(value) => {
                fields.push(at);
                params.push(value);
            }
            Err(error) => violations.push(Violation::field(Arc::clone(&table.fields[at].name), error)),
        }
    }
    if violations.is_empty() { Ok((fields, params)) } else { Err(WriteError::Refused(violations)) }
}
