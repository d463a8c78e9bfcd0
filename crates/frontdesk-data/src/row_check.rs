//! Checking a whole row by the rules of its table, without a form.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

use frontdesk_validate::{Checked, Context, Lookup, ValidationError, Value};

use crate::{DbError, DefaultValue, Field, FieldType, Table, Values, Violation, WriteError};

/// Checks rows by the rules of a table, as its form does: for rows that come from elsewhere, such as a file.
///
/// Of a new row each field is checked, those that have no value too; of one that is updated, those that are given.
/// Conditions on other fields count: what is not shown by them is neither checked nor written.
///
/// In two things it is broader than a form. The key of a row may be given though the database assigns it, and bytes may
/// be. The key of a stored file is taken as it is, since there is no file here to look at.
///
/// ```
/// use frontdesk_data::{Field, RowCheck, Table, Values};
/// use frontdesk_validate::{IsEmail, IsNotEmpty};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let person = Table::new("person")
///     .field(Field::string("name").requires(IsNotEmpty::new()))
///     .field(Field::string("email").requires(IsEmail::new()));
/// let check = RowCheck::of(&person);
///
/// let row = Values::new().with("name", "Ada").with("email", "ada@example.com");
/// assert_eq!(check.new_row(row.clone()).await.unwrap()["name"].as_str(), Some("Ada"));
///
/// let refused = check.new_row(row.with("email", "nobody").with("name", "")).await.unwrap_err();
/// let fields: Vec<_> = refused.violations().iter().map(|violation| &*violation.fields[0]).collect();
/// assert_eq!(fields, ["name", "email"]);
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RowCheck<'t> {
    table: &'t Table,
    keep_empty: bool,
}

/// Rows are looked through again when a field is shown by one that is hidden, and so on; a circle ends here.
const MOST_STEPS: usize = 20;

impl<'t> RowCheck<'t> {
    /// The rules of that table, which should be a [defined](crate::Db::define) one: then they include what the database
    /// enforces.
    pub fn of(table: &'t Table) -> Self {
        Self { table, keep_empty: false }
    }

    /// Takes a text that is given as empty, or as nothing but blanks, as it is, also where the rules ask for more. Default:
    /// no.
    #[must_use]
    pub fn keep_empty(mut self, keep: bool) -> Self {
        self.keep_empty = keep;
        self
    }

    /// Checks a new row, and returns what is to be inserted.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with everything that is wrong, each beside its field; [`WriteError::Db`] if a rule could not
    /// be asked.
    pub async fn new_row(&self, values: Values) -> Result<Values, WriteError> {
        self.row_of(values, &[], true, true).await.unwrap_or_else(unanswered)
    }

    /// As [`new_row`](Self::new_row), where that takes no waiting: `None` if a rule would ask somebody, such as the
    /// database. Nobody was asked then.
    pub fn new_row_now(&self, values: Values) -> Option<Result<Values, WriteError>> {
        now(self.row_of(values, &[], true, false))
    }

    /// As [`new_row`](Self::new_row), for a row that is there already if its key is given: its own values are not taken by
    /// somebody else. Fields that are not given have no value if `is_new`, else they stay as they are.
    ///
    /// # Errors
    /// As [`new_row`](Self::new_row).
    pub async fn row(&self, values: Values, is_new: bool) -> Result<Values, WriteError> {
        let key = self.key(&values);
        self.row_of(values, &key, is_new, true).await.unwrap_or_else(unanswered)
    }

    /// As [`row`](Self::row), where that takes no waiting, as [`new_row_now`](Self::new_row_now).
    pub fn row_now(&self, values: Values, is_new: bool) -> Option<Result<Values, WriteError>> {
        let key = self.key(&values);
        now(self.row_of(values, &key, is_new, false))
    }

    /// The key that is given; empty where it is not given whole.
    fn key(&self, values: &Values) -> Vec<(&'t str, Value)> {
        let key: Option<Vec<(&str, Value)>> = (self.table.key.iter())
            .map(|name| Some((&**name, values.get(name).filter(|value| !value.is_null())?.clone())))
            .collect();
        key.unwrap_or_default()
    }

    /// Checks a row; `None` if that takes waiting and must not.
    async fn row_of(
        &self,
        values: Values,
        key: &[(&str, Value)],
        is_new: bool,
        may_wait: bool,
    ) -> Option<Result<Values, WriteError>> {
        let mut violations = Vec::new();
        for (name, _) in values.iter().filter(|(name, _)| self.table.get(name).is_none()) {
            let error = ValidationError::new("unknown_field", "There is no such field");
            violations.push(Violation::field(Arc::clone(name), error));
        }
        let hidden = self.hidden(&values);
        let given = Given { values: &values, hidden: &hidden };
        let context = Context::empty().with_fields(&given).with_record(key).with_table(&self.table.name);
        let mut checked = Values::with_capacity(self.table.fields.len());
        for field in self.table.fields.iter().filter(|field| !hidden.contains(&&*field.name)) {
            let value = match self.wanted(field, &values, is_new) {
                Wanted::Nothing => continue,
                Wanted::AsIs(value) => {
                    checked.set(Arc::clone(&field.name), value);
                    continue;
                }
                Wanted::Refused => {
                    let error = ValidationError::new("read_only", "This field is not to be written");
                    violations.push(Violation::field(Arc::clone(&field.name), error));
                    continue;
                }
                Wanted::Checked(value) => value,
            };
            let given_text = value.as_str().filter(|text| field.kind.is_text() && text.trim().is_empty());
            let blank: Option<Value> =
                given_text.filter(|text| text.is_empty() || self.keep_empty).map(Value::from);
            let result = match conditions(field, &value, &given) {
                Ok(()) => match field.rules().check(value, context) {
                    Checked::Done(result) => result,
                    // Nobody is asked before it is awaited.
                    Checked::Later(_) if !may_wait => return None,
                    Checked::Later(answer) => answer.await,
                },
                refused => refused.map(|()| Value::Null),
            };
            let result = match (result, blank) {
                // A text that was given as empty is one.
                (Ok(Value::Null), Some(blank)) => Ok(blank),
                (Err(error), Some(blank)) if self.keep_empty && !error.is_unavailable() => Ok(blank),
                (Ok(value), _) if field.kind == FieldType::Boolean => boolean(field, value, &values),
                (other, _) => other,
            };
            match result {
                Ok(value) => checked.set(Arc::clone(&field.name), filtered(field, value)),
                Err(error) if error.is_unavailable() => {
                    let text = format!("the rules of `{}` could not be checked", field.name);
                    return Some(Err(DbError::unavailable(text).into()));
                }
                Err(error) => violations.push(Violation::field(Arc::clone(&field.name), error)),
            }
        }
        Some(if violations.is_empty() { Ok(checked) } else { Err(WriteError::Refused(violations)) })
    }

    /// What is to be done with a field.
    fn wanted(&self, field: &Field, values: &Values, is_new: bool) -> Wanted {
        let given = values.get(&field.name);
        let is_assigned = field.kind == FieldType::Id || self.table.is_key(&field.name) && !field.writable;
        match given {
            // The database, or a closure, works it out.
            _ if field.generated || field.compute.is_some() => Wanted::Nothing,
            Some(value) if is_assigned => Wanted::AsIs(value.clone()),
            None if is_assigned => Wanted::Nothing,
            Some(_) if !field.writable => Wanted::Refused,
            None if !field.writable => Wanted::Nothing,
            Some(value) if field.kind.is_upload() && !value.is_empty() => Wanted::AsIs(value.clone()),
            // No rule finds the row before it is there; the database sees to it.
            Some(value) if self.is_itself(field, value, values) => Wanted::AsIs(value.clone()),
            Some(value) if is_new && value.is_null() && is_left_to_database(field) => Wanted::Nothing,
            Some(value) => Wanted::Checked(value.clone()),
            None if !is_new => Wanted::Nothing,
            None => match field.default.value() {
                Some(value) => Wanted::Checked(value),
                None if is_left_to_database(field) => Wanted::Nothing,
                None if field.kind.is_list() => Wanted::Checked(Value::List(Vec::new())),
                None => Wanted::Checked(Value::Null),
            },
        }
    }

    /// Whether a reference is one to the very row.
    fn is_itself(&self, field: &Field, value: &Value, values: &Values) -> bool {
        let Some(key) = self.table.reference_of(&field.name).filter(|key| key.table == self.table.name)
        else {
            return false;
        };
        let Some(column) = key.columns.first().or(self.table.key.first()) else { return false };
        !value.is_null() && values.get(column).is_some_and(|own| own.to_text() == value.to_text())
    }

    /// The fields that conditions hide.
    fn hidden(&self, values: &Values) -> Vec<&'t str> {
        let mut hidden: Vec<&str> = Vec::new();
        if self.table.fields.iter().all(|field| field.show_when.is_none()) {
            return hidden;
        }
        for _ in 0..=self.table.fields.len().min(MOST_STEPS) {
            let given = Given { values, hidden: &hidden };
            let fields = self.table.fields.iter();
            let now: Vec<&str> =
                fields.filter(|field| !field.is_shown(&given)).map(|field| &*field.name).collect();
            if now == hidden {
                break;
            }
            hidden = now;
        }
        hidden
    }
}

/// The answer of a check that does not wait.
fn now<T>(check: impl Future<Output = Option<T>>) -> Option<T> {
    match pin!(check).poll(&mut std::task::Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => None,
    }
}

/// A check that may wait has an answer; without one nothing is to be written.
fn unanswered() -> Result<Values, WriteError> {
    Err(DbError::unavailable("the rules of the row could not be checked").into())
}

enum Wanted {
    /// It is not written.
    Nothing,
    /// It is written as it is.
    AsIs(Value),
    /// The rules decide.
    Checked(Value),
    /// It must not be given.
    Refused,
}

/// What other fields of the row hold; one that is hidden holds nothing.
struct Given<'a> {
    values: &'a Values,
    hidden: &'a [&'a str],
}

impl Lookup for Given<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        self.values.get(name).filter(|_| !self.hidden.contains(&name)).cloned()
    }
}

fn is_left_to_database(field: &Field) -> bool {
    matches!(field.default, DefaultValue::Database(_))
}

/// What the field's conditions on other fields ask for.
fn conditions(field: &Field, value: &Value, given: &Given<'_>) -> Result<(), ValidationError> {
    if value.is_empty() && field.is_required_now(given) {
        return Err(ValidationError::new("is_not_empty", "Enter a value"));
    }
    let offers = |value: &Value| field.offers_choice(&value.to_text(), given);
    let offered = match value {
        Value::List(items) => items.iter().all(offers),
        one => offers(one),
    };
    if offered { Ok(()) } else { Err(ValidationError::new("is_in_set", "Value not allowed")) }
}

/// Only a field that may be null tells nothing from no, and only where nothing was given as such.
fn boolean(field: &Field, value: Value, values: &Values) -> Result<Value, ValidationError> {
    if value.is_empty() {
        let is_null = field.null && values.contains(&field.name);
        return Ok(if is_null { Value::Null } else { Value::Bool(false) });
    }
    crate::coerce::coerce(&FieldType::Boolean, value)
}

fn filtered(field: &Field, value: Value) -> Value {
    match &field.filter_in {
        Some(filter) => (filter.0)(value),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_validate::{IsInSet, IsNotEmpty};

    use super::*;

    fn block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn told(result: Result<Values, WriteError>) -> String {
        match result {
            Ok(values) => values.iter().map(|(name, value)| format!("{name}={value:?} ")).collect::<String>(),
            Err(error) => error
                .violations()
                .iter()
                .map(|violation| format!("{}: {} ", violation.fields.join(","), violation.error.code()))
                .collect(),
        }
    }

    #[test]
    fn crud_15_conditions_count_and_what_is_hidden_is_neither_checked_nor_written() {
        let table = Table::new("address")
            .field(Field::string("country").requires(IsNotEmpty::new()))
            .field(
                Field::string("state")
                    .requires(IsInSet::new(["NY", "CA"]))
                    .show_when("country == 'US'".parse().unwrap()),
            )
            .field(Field::string("note").require_when("country == 'other'".parse().unwrap()));
        let check = RowCheck::of(&table);
        let row = |country: &str, state: &str| Values::new().with("country", country).with("state", state);
        assert_eq!(told(block(check.new_row(row("DE", "?")))), "country=Text(\"DE\") note=Null ");
        assert_eq!(told(block(check.new_row(row("US", "?")))), "state: is_in_set ");
        assert_eq!(told(block(check.new_row(row("other", "")))), "note: is_not_empty ");
    }

    #[test]
    fn crud_15_what_is_not_to_be_written_is_refused_and_the_key_is_taken() {
        let mut table = Table::new("t")
            .field(Field::string("fixed").writable(false))
            .field(Field::string("loud").compute(|values| values["name"].clone()))
            .field(Field::string("name"))
            .field(Field::boolean("yes").not_null())
            .field(Field::boolean("maybe"));
        table.get_mut("name").unwrap().default = DefaultValue::Database("'x'".into());
        let check = RowCheck::of(&table);
        let row = Values::new().with("id", 7).with("loud", "!").with("maybe", Value::Null);
        assert_eq!(told(block(check.row(row, true))), "id=Int(7) yes=Bool(false) maybe=Null ");
        assert_eq!(told(block(check.row(Values::new().with("id", 7), false))), "id=Int(7) ");
        let row = Values::new().with("fixed", "a").with("none", "b");
        assert_eq!(told(block(check.new_row(row))), "none: unknown_field fixed: read_only ");
    }

    #[test]
    fn crud_15_a_text_that_is_given_as_empty_is_one() {
        let table = Table::new("t")
            .field(Field::string("free"))
            .field(Field::string("needed").requires(IsNotEmpty::new()));
        let row = Values::new().with("free", "").with("needed", "");
        assert_eq!(told(block(RowCheck::of(&table).new_row(row.clone()))), "needed: is_not_empty ");
        let kept = block(RowCheck::of(&table).keep_empty(true).new_row(row));
        assert_eq!(told(kept), "free=Text(\"\") needed=Text(\"\") ");
    }
}
