use std::sync::Arc;

use frontdesk_validate::{Choice, Context, Message, ValidationError, Value};

use super::drawn::Drawn;
use super::{IsInDb, unavailable};
use crate::rules::source::Place;
use crate::{
    Action, DbError, DefaultValue, Field, FieldType, RowId, Set, Table, Transaction, Values, Violation,
    WriteError,
};

/// What is wrong with another field than the one that was typed into.
const OTHER_FIELD: Message = Message::new("%(field)s: %(error)s");

impl IsInDb {
    /// Makes a row with `text` in the field of [`create_with`](Self::create_with), or finds the one that there is.
    pub(super) async fn make(&self, text: &str) -> Result<Choice, ValidationError> {
        let Some(into) = &self.create_with else {
            return Err(ValidationError::new("create", "Nothing can be added here"));
        };
        let place = self.place()?;
        let table = Arc::clone(&place.table);
        if place.access.as_ref().is_some_and(|access| !access.can(Action::Create)) {
            return Err(ValidationError::new("create", "Nothing can be added here"));
        }
        let Some(field) = table.get(into) else {
            let text = format!("`create_with` names `{into}`, which `{}` does not have", table.name);
            return Err(unavailable(&DbError::not_found(Arc::clone(into), text)));
        };
        let making =
            Making { drawn: Drawn::of(self, &place), place: &place, field, text: text.trim().into() };
        if !making.text.is_empty()
            && let Some(known) = making.known(&making.drawn.set).await?
        {
            return Ok(known);
        }
        let values = checked(&table, field, making.text.clone()).await?;
        if values[&*field.name].is_empty() {
            return Err(ValidationError::new("create.empty", "Enter a value"));
        }
        making.insert(values).await
    }
}

/// A row that is made, or would be.
struct Making<'m> {
    drawn: Drawn<'m>,
    place: &'m Place,
    field: &'m Field,
    text: Value,
}

impl Making<'_> {
    /// The row that has the text already, among those of `set`.
    async fn known(&self, set: &Set) -> Result<Option<Choice>, ValidationError> {
        let same = set.clone().filter(self.place.set.col(&self.field.name).eq(self.text.clone()));
        let row = same.first().await.map_err(|error| unavailable(&error))?;
        Ok(row.and_then(|row| self.drawn.choice(&row)))
    }

    async fn insert(&self, values: Values) -> Result<Choice, ValidationError> {
        let begun = self.place.set.db().begin().await;
        let transaction = begun.map_err(|error| unavailable(&error))?;
        let inside = self.drawn.set.within(&transaction);
        let inserted = match &self.place.access {
            Some(access) => access.insert(&transaction, values).await,
            None => transaction.insert(&self.place.table, values).await,
        };
        let made = match inserted {
            Ok(Some(id)) => self.made(&transaction, &inside, &id).await?,
            Ok(None) => self.known(&inside).await?,
            Err(error) => {
                // Somebody else was faster; or the database takes another text for the same.
                let is_there = error.violations().iter().any(|violation| violation.error.code() == "unique");
                if is_there && let Some(known) = self.known(&inside).await? {
                    return Ok(known);
                }
                return Err(self.refused(error));
            }
        };
        // A row that the rule would not take is not left behind.
        let Some(made) = made else { return Err(ValidationError::new("create.outside", NOT_OFFERED)) };
        transaction.commit().await.map_err(|error| self.refused(error))?;
        Ok(made)
    }

    /// The choice that a new row is; `None` if it is none of those that the rule has.
    async fn made(
        &self,
        transaction: &Transaction,
        inside: &Set,
        id: &RowId,
    ) -> Result<Option<Choice>, ValidationError> {
        let find = async {
            let row = transaction.get(&self.place.table, id).await?;
            let Some(value) = row.and_then(|row| row.get(&self.place.field).cloned()) else {
                return Ok(None);
            };
            inside.clone().filter(self.place.set.col(&self.place.field).eq(value)).first().await
        };
        let row = find.await.map_err(|error: DbError| unavailable(&error))?;
        Ok(row.and_then(|row| self.drawn.choice(&row)))
    }

    fn refused(&self, error: WriteError) -> ValidationError {
        match error {
            WriteError::Db(error) => unavailable(&error),
            WriteError::Refused(violations) => {
                let worst =
                    violations.iter().position(|violation| violation.fields.contains(&self.field.name));
                match violations.into_iter().nth(worst.unwrap_or(0)) {
                    Some(Violation { fields, error }) => {
                        told(&self.place.table, self.field, fields.first(), error)
                    }
                    None => ValidationError::new("constraint", "This value is not allowed"),
                }
            }
        }
    }
}

const NOT_OFFERED: &str = "What is added here would not be one of the choices";

/// An error of a field of the row that is made, as one of the field that is typed into.
fn told(table: &Table, own: &Field, name: Option<&Arc<str>>, error: ValidationError) -> ValidationError {
    match name {
        Some(name) if *name != own.name && !error.is_unavailable() => {
            let label = table.get(name).map_or(&**name, |field| &*field.label).to_owned();
            let params = vec![("field", Value::from(label)), ("error", Value::from(error.text()))];
            ValidationError::with_params("create.field", &OTHER_FIELD, params)
        }
        _ => error,
    }
}

/// The values of a new row, as a form of its table would have them from someone who fills in one field: checked by the
/// rules of all.
async fn checked(table: &Table, own: &Field, text: Value) -> Result<Values, ValidationError> {
    let context = Context::empty().with_table(&table.name);
    let mut values = Values::new();
    for field in &table.fields {
        let is_own = field.name == own.name;
        let is_asked = field.writable && !field.generated && field.compute.is_none();
        let has_value = !matches!(field.default, DefaultValue::None) || field.kind == FieldType::Id;
        if !is_own && (!is_asked || has_value) {
            continue;
        }
        let given = if is_own { text.clone() } else { Value::from("") };
        let checked = field.rules().validate(given, context).await;
        let value = checked.map_err(|error| told(table, own, Some(&field.name), error))?;
        match &field.kind {
            _ if is_own => values.set(Arc::clone(&field.name), value),
            // A box that is not ticked.
            FieldType::Boolean if !field.null => values.set(Arc::clone(&field.name), false),
            // Nothing, where there may be nothing.
            _ if field.null && value.is_empty() => {}
            _ => values.set(Arc::clone(&field.name), value),
        }
    }
    Ok(values)
}
