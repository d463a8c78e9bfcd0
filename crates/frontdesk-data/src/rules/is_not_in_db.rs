use std::sync::Arc;

use frontdesk_validate::{
    Checked, Constraints, Context, JsonSchema, Message, ValidationError, Validator, Value,
};
use sea_query::Condition;

use super::is_in_db::unavailable;
use super::source::{Named, Source};
use crate::Asker;

const MESSAGE: Message = Message::new("Value already in database or empty");

/// `IS_NOT_IN_DB`: a value that no row has in a column yet, besides the record that is being edited. Nothing, and a text
/// of blanks only, are refused.
///
/// The check comes before the write, so that two visitors could pass it at once. Make the column unique in the database
/// too: its refusal becomes the same error beside the same field, without a race.
///
/// The record that is being edited is told by [`Context::record`], the names and values of its key. It is left out where
/// the table has a key of the same names.
///
/// # Errors
/// Code `is_not_in_db`. [`ValidationError::unavailable`] if the database cannot be asked, which is logged.
///
/// ```
/// use frontdesk_data::{Db, Field, Table, Values};
/// use frontdesk_data::rules::IsNotInDb;
/// use frontdesk_validate::{Context, Rules};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let person = db.define(Table::new("person").field(Field::string("name")).create()).await.unwrap();
/// db.insert(&person, Values::new().with("name", "George")).await.unwrap();
///
/// let name = Rules::one(IsNotInDb::new(&db, "person.name"));
/// assert!(name.validate("Elaine".into(), Context::empty()).await.is_ok());
/// let error = name.validate("George".into(), Context::empty()).await.unwrap_err();
/// assert_eq!(error.text(), "Value already in database or empty");
/// // George may keep his name.
/// assert!(name.validate("George".into(), Context::empty().with_record(&[("id", 1.into())])).await.is_ok());
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct IsNotInDb {
    source: Source,
    named: Named,
    allowed: Vec<Value>,
    message: Message,
}

impl IsNotInDb {
    pub(crate) const NAME: &'static str = "is_not_in_db";

    /// A value that `field` has in no row of `source`, a `&Db` or a [`Set`](crate::Set). The field is `"table.field"`.
    pub fn new(source: impl Into<Source>, field: impl Into<Arc<str>>) -> Self {
        Self {
            source: source.into(),
            named: Named::Path(field.into()),
            allowed: Vec::new(),
            message: MESSAGE,
        }
    }

    /// As [`new`](Self::new), for names that hold dots.
    pub fn column(source: impl Into<Source>, table: impl Into<Arc<str>>, field: impl Into<Arc<str>>) -> Self {
        let named = Named::Column { table: table.into(), field: Some(field.into()) };
        Self { source: source.into(), named, allowed: Vec::new(), message: MESSAGE }
    }

    /// Accepts these values though they are in the database.
    #[must_use]
    pub fn allowed_override<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.allowed = values.into_iter().map(Into::into).collect();
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    fn refused(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }

    async fn ask(&self, value: Value, context: Context<'_>) -> Result<Value, ValidationError> {
        let mut place = self.source.place_of_all(&self.named).map_err(|error| unavailable(&error))?;
        // Where the database decides in the end, nothing is told of rows that whoever asks may not read. Elsewhere only this
        // rule keeps the value from being there twice.
        if let Some(asker) = Asker::now().filter(|_| place.is_unique()) {
            place = place.asked_by(&asker);
        }
        let mut set = place.set.clone().filter(place.set.col(&place.field).eq(value.clone()));
        // The own record is one of the table that is edited; one of the same key elsewhere is another.
        let is_own_table = context.table().is_none_or(|table| table == &*place.table.name);
        if let Some(others) = others(&place.set, &place.table, context.record()).filter(|_| is_own_table) {
            set = set.filter(others);
        }
        match set.exists().await {
            Ok(false) => Ok(value),
            Ok(true) => Err(self.refused()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

/// The rows that are not the record, where it is one of this table.
fn others(set: &crate::Set, table: &crate::Table, record: &[(&str, Value)]) -> Option<Condition> {
    if record.is_empty()
        || record.len() != table.key.len()
        || !record.iter().all(|(name, _)| table.is_key(name))
    {
        return None;
    }
    let different = |(name, value): &(&str, Value)| {
        let column = set.col(name);
        Condition::any().add(column.ne(value.clone())).add(column.is_null())
    };
    Some(record.iter().fold(Condition::any(), |any, part| any.add(different(part))))
}

impl Validator for IsNotInDb {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
        let is_single = !matches!(value, Value::List(_) | Value::Json(_) | Value::File(_));
        if value.is_empty() || !is_single {
            return Checked::Done(Err(self.refused()));
        }
        let text = value.to_text();
        if self.allowed.iter().any(|allowed| allowed.to_text() == text) {
            return Checked::Done(Ok(value));
        }
        Checked::Later(Box::pin(self.ask(value, context)))
    }

    // The value passes on as it came; only the database knows more.
    fn constraints(&self, _: &mut Constraints) {}

    fn json_schema(&self, _: &mut JsonSchema) {}
}
