mod create;
mod drawn;
mod search;

pub(crate) use self::search::spellings_for;

use std::collections::HashSet;
use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use frontdesk_validate::{
    Checked, Choice, ChoiceSearch, Constraints, Context, Message, Options, Rules, Unavailable,
    ValidationError, Validator, Value,
};

use self::drawn::Drawn;
use super::source::{Named, Place, Source};
use crate::{Asker, DbError, DbErrorKind, LabelTemplate, Row};

const MESSAGE: Message = Message::new("Value not in database");

/// How many choices a drop-down list has at most, where nothing else is said.
const MOST_CHOICES: usize = 500;

/// How many values are asked for at once.
const CHUNK: usize = 500;

/// How many values a multiple choice may have.
const MOST_VALUES: usize = 1_000;

/// `IS_IN_DB`: a value of a column of the database, such as the key of another table's row. It makes the field a
/// drop-down list of the rows, as long as they are not too many for one.
///
/// The value comes back as the column holds it: the `"1"` of a form is the integer `1`. With
/// [`multiple`](Self::multiple) several values may be chosen, which come back as they were given.
///
/// Rows that are too many for a list are searched: by the words of their labels, or by the value
/// ([`Rules::search`](frontdesk_validate::Rules::search)).
///
/// In a list of rules it only checks, as in the originals: `Rules::list().and(IsInDb::new(…))` is no drop-down list. For
/// one with further rules there is [`and`](Self::and).
///
/// # Defaults
/// The label is the [`readable`](crate::Table::readable) of the table where the column is its key, else the column; the
/// choices are in the order of what the label shows, behind an empty one; more than 500 are no drop-down list.
///
/// # Errors
/// Code `is_in_db`. [`ValidationError::unavailable`] if the database cannot be asked, which is logged.
///
/// ```
/// use frontdesk_data::{Db, Field, Table, Values};
/// use frontdesk_data::rules::IsInDb;
/// use frontdesk_validate::{Context, Rules, Value};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let person = db.define(Table::new("person").field(Field::string("name")).create()).await.unwrap();
/// for name in ["George", "Elaine"] {
///     db.insert(&person, Values::new().with("name", name)).await.unwrap();
/// }
/// let owner = Rules::one(IsInDb::new(&db, "person.id").label("{name}").unwrap().zero("choose one"));
/// assert_eq!(owner.validate("1".into(), Context::empty()).await, Ok(Value::Int(1)));
/// let error = owner.validate("3".into(), Context::empty()).await.unwrap_err();
/// assert_eq!(error.text(), "Value not in database");
///
/// let choices = owner.options().wait().await.unwrap().unwrap();
/// assert_eq!(choices.iter().map(|choice| &*choice.label).collect::<Vec<_>>(), ["choose one", "Elaine", "George"]);
/// # });
/// ```
#[derive(Debug)]
pub struct IsInDb {
    source: Source,
    named: Named,
    label: Label,
    order_by: Vec<Order>,
    group_by: Vec<Arc<str>>,
    distinct: bool,
    left: Vec<Arc<str>>,
    sort: bool,
    zero: Option<String>,
    multiple: Option<Count>,
    delimiter: Option<String>,
    and: Rules,
    most: usize,
    cache: Option<Cache>,
    create_with: Option<Arc<str>>,
    message: Message,
}

enum Label {
    Default,
    Template(LabelTemplate),
    With(Arc<dyn Fn(&Row) -> String + Send + Sync>),
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("Default"),
            Self::Template(template) => fmt::Display::fmt(template, f),
            Self::With(_) => f.write_str("With(..)"),
        }
    }
}

#[derive(Clone, Debug)]
struct Order {
    column: Arc<str>,
    descending: bool,
}

/// How many values.
pub(super) type Count = (Bound<usize>, Bound<usize>);

/// Choices that were read, and when; `None` where they were too many.
#[derive(Debug)]
struct Cache {
    lifetime: Duration,
    read: Mutex<Option<(Instant, Option<Vec<Choice>>)>>,
}

impl IsInDb {
    /// A value of `field` among the rows of `source`, a `&Db` or a [`Set`](crate::Set). The field is `"table.field"`;
    /// `"table"` stands for the table's key.
    ///
    /// The table may be defined later; a check that does not find it is unavailable.
    pub fn new(source: impl Into<Source>, field: impl Into<Arc<str>>) -> Self {
        Self::named(source.into(), Named::Path(field.into()))
    }

    /// A value of a field of that table, for names that hold dots; without a field, of its key.
    pub fn column(source: impl Into<Source>, table: impl Into<Arc<str>>, field: Option<Arc<str>>) -> Self {
        Self::named(source.into(), Named::Column { table: table.into(), field })
    }

    fn named(source: Source, named: Named) -> Self {
        Self {
            source,
            named,
            label: Label::Default,
            order_by: Vec::new(),
            group_by: Vec::new(),
            distinct: false,
            left: Vec::new(),
            sort: false,
            zero: Some(String::new()),
            multiple: None,
            delimiter: None,
            and: Rules::none(),
            most: MOST_CHOICES,
            cache: None,
            create_with: None,
            message: MESSAGE,
        }
    }

    /// Labels the choices by a template: `"{name}"` or `"%(name)s"`. With [`left`](Self::left) it may show columns of the
    /// joined table: `"{artist_id.name}"`.
    ///
    /// # Errors
    /// [`LabelTemplateError`](crate::LabelTemplateError), if a place in it has no end.
    pub fn label(mut self, template: &str) -> Result<Self, crate::LabelTemplateError> {
        self.label = Label::Template(template.parse()?);
        Ok(self)
    }

    /// Labels the choices by a field.
    #[must_use]
    pub fn label_field(mut self, field: impl Into<Arc<str>>) -> Self {
        self.label = Label::Template(LabelTemplate::column(field));
        self
    }

    /// Labels the choices by a closure, which gets the whole row.
    #[must_use]
    pub fn label_with(mut self, label: impl Fn(&Row) -> String + Send + Sync + 'static) -> Self {
        self.label = Label::With(Arc::new(label));
        self
    }

    /// Orders the choices by a field; `~` before it means the greatest first. Further calls decide among equals.
    #[must_use]
    pub fn order_by(mut self, field: &str) -> Self {
        let (column, descending) = match field.strip_prefix('~') {
            Some(column) => (column, true),
            None => (field, false),
        };
        self.order_by.push(Order { column: column.into(), descending });
        self
    }

    /// Makes one choice of all rows that are equal in this field; further calls add fields.
    #[must_use]
    pub fn group_by(mut self, field: impl Into<Arc<str>>) -> Self {
        self.group_by.push(field.into());
        self
    }

    /// Leaves out repeated choices.
    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// Joins the table to which a reference refers, so that the label can show its columns. Rows that refer to none stay.
    #[must_use]
    pub fn left(mut self, reference: impl Into<Arc<str>>) -> Self {
        self.left.push(reference.into());
        self
    }

    /// Orders the choices by label, upper and lower case alike.
    #[must_use]
    pub fn sort(mut self) -> Self {
        self.sort = true;
        self
    }

    /// The label of the empty choice that stands before the others and is not accepted. Default: an empty one.
    #[must_use]
    pub fn zero(mut self, label: impl Into<String>) -> Self {
        self.zero = Some(label.into());
        self
    }

    /// No empty choice.
    #[must_use]
    pub fn without_zero(mut self) -> Self {
        self.zero = None;
        self
    }

    /// Lets several values be chosen, as many as `count` says; `..` is any number, none included. A value that is given
    /// twice counts once.
    #[must_use]
    pub fn multiple(mut self, count: impl RangeBounds<usize>) -> Self {
        self.multiple = Some((count.start_bound().cloned(), count.end_bound().cloned()));
        self
    }

    /// With [`multiple`](Self::multiple): what stands between values that come as one text.
    #[must_use]
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> Self {
        self.delimiter = Some(delimiter.into()).filter(|delimiter| !delimiter.is_empty());
        self
    }

    /// Further rules for a value that is in the database. As data: `_and`.
    #[must_use]
    pub fn and(mut self, rules: impl Into<Rules>) -> Self {
        self.and = rules.into();
        self
    }

    /// How many rows may still be a drop-down list. Beyond, the rule offers no choices, and forms draw a search.
    /// Default: 500.
    #[must_use]
    pub fn most_choices(mut self, rows: usize) -> Self {
        self.most = rows;
        self
    }

    /// Keeps the choices for that long instead of reading them for each form. Whether a value is in the database is
    /// always asked anew. Default: not at all.
    #[must_use]
    pub fn cache(mut self, lifetime: Duration) -> Self {
        self.cache = Some(Cache { lifetime, read: Mutex::default() });
        self
    }

    /// Lets people add a row that is missing: what they type goes into this field of the table, and must pass the rules
    /// of all its fields. Default: no.
    ///
    /// It says nothing of who may: give the rule that has it to those who may insert into that table.
    ///
    /// ```
    /// use frontdesk_data::{Db, Field, IsInDb, Table};
    /// use frontdesk_validate::{IsLength, Rules};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let db = Db::open("sqlite::memory:").await.unwrap();
    /// let name = Field::string("name").unique().requires(IsLength::max(20).min(1));
    /// db.define(Table::new("tag").field(name).create()).await.unwrap();
    ///
    /// let tag = Rules::one(IsInDb::new(&db, "tag").label("{name}").unwrap().create_with("name"));
    /// let search = tag.search().unwrap();
    /// let rust = search.create("rust").await.unwrap();
    /// assert_eq!((&*rust.value, &*rust.label), ("1", "rust"));
    /// assert_eq!(search.create("rust").await.unwrap(), rust);
    /// assert_eq!(search.create("").await.unwrap_err().code(), "is_length");
    /// assert_eq!(search.search("ru", 20).await.unwrap().choices, [rust]);
    /// # });
    /// ```
    #[must_use]
    pub fn create_with(mut self, field: impl Into<Arc<str>>) -> Self {
        self.create_with = Some(field.into());
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    pub(super) fn set_multiple(&mut self, count: Option<Count>) {
        self.multiple = count;
    }

    fn refused(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }

    async fn check_one(&self, value: Value) -> Result<Value, ValidationError> {
        let place = self.place()?;
        let Some(value) = place.typed(value) else { return Err(self.refused()) };
        let column = place.set.col(&place.field);
        match place.set.clone().filter(column.eq(value.clone())).exists().await {
            Ok(true) => Ok(value),
            Ok(false) => Err(self.refused()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn check_many(&self, items: Vec<Value>, count: &Count) -> Result<Value, ValidationError> {
        let place = self.place()?;
        let mut wanted: Vec<(String, Value)> = Vec::with_capacity(items.len());
        let mut given = Vec::with_capacity(items.len());
        let mut seen = HashSet::new();
        for item in items {
            let Some(typed) = place.typed(item.clone()) else { return Err(self.refused()) };
            let text = typed.to_text().into_owned();
            if seen.insert(text.clone()) {
                wanted.push((text, typed));
                given.push(item);
            }
        }
        if !count.contains(&given.len()) || given.len() > MOST_VALUES {
            return Err(self.refused());
        }
        for chunk in wanted.chunks(CHUNK) {
            let column = place.set.col(&place.field);
            let found = place
                .set
                .clone()
                .filter(column.is_in(chunk.iter().map(|(_, value)| value.clone())))
                .columns([Arc::clone(&place.field)])
                .distinct()
                .rows()
                .await
                .map_err(|error| unavailable(&error))?;
            let found: HashSet<String> =
                found.iter().map(|row| row[&*place.field].to_text().into_owned()).collect();
            for (_, value) in chunk.iter().filter(|(text, _)| !found.contains(text)) {
                // The database may take another text for the same, as a column without regard to case does.
                let same = place.set.clone().filter(column.eq(value.clone())).exists().await;
                if !same.map_err(|error| unavailable(&error))? {
                    return Err(self.refused());
                }
            }
        }
        Ok(Value::List(given))
    }

    fn place(&self) -> Result<Place, ValidationError> {
        self.source.place(&self.named).map_err(|error| unavailable(&error))
    }

    async fn choices(&self) -> Result<Option<Vec<Choice>>, Unavailable> {
        // What is kept is for those who may read everything.
        let is_kept = Asker::now().is_none();
        if let Some(cached) = self.cached().filter(|_| is_kept) {
            return Ok(cached);
        }
        let choices = match self.read_choices().await {
            Ok(choices) => choices,
            Err(error) => {
                tracing::warn!(%error, rule = Self::NAME, "the choices cannot be read");
                // What does not pass by waiting must not keep a form from being drawn: it gets another input.
                if error.kind() != DbErrorKind::Refused {
                    return Err(Unavailable(error.to_string()));
                }
                None
            }
        };
        if let Some(cache) = self.cache.as_ref().filter(|_| is_kept) {
            *cache.read.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((Instant::now(), choices.clone()));
        }
        Ok(choices)
    }

    fn cached(&self) -> Option<Option<Vec<Choice>>> {
        let cache = self.cache.as_ref()?;
        let read = cache.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.as_ref().filter(|(at, _)| at.elapsed() < cache.lifetime).map(|(_, choices)| choices.clone())
    }

    async fn read_choices(&self) -> Result<Option<Vec<Choice>>, DbError> {
        let place = self.source.place(&self.named)?;
        let drawn = Drawn::of(self, &place);
        let rows = drawn.ordered().limit(self.most as u64 + 1).rows().await?;
        if rows.len() > self.most {
            return Ok(None);
        }
        let mut choices: Vec<Choice> = rows.iter().filter_map(|row| drawn.choice(row)).collect();
        if self.sort {
            choices.sort_by_cached_key(|choice| choice.label.to_lowercase());
        }
        if let (Some(zero), None) = (&self.zero, &self.multiple) {
            choices.insert(0, Choice::new("", zero));
        }
        Ok(Some(choices))
    }
}

/// The error for the visitor; what happened goes to the log.
pub(super) fn unavailable(error: &DbError) -> ValidationError {
    tracing::warn!(%error, "a rule cannot ask the database");
    ValidationError::unavailable()
}

impl IsInDb {
    pub(crate) const NAME: &'static str = "is_in_db";
}

impl Validator for IsInDb {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
        let Some(count) = &self.multiple else {
            if value.is_null() {
                return Checked::Done(Err(self.refused()));
            }
            let checked = Checked::Later(Box::pin(self.check_one(value)));
            return checked.and_then(move |value| self.and.check(value, context));
        };
        let items = match value {
            Value::List(items) => items,
            Value::Null => Vec::new(),
            Value::Text(text) if text.is_empty() => Vec::new(),
            Value::Text(text) => match &self.delimiter {
                Some(delimiter) => text.split(&**delimiter).map(Value::from).collect(),
                None => vec![Value::Text(text)],
            },
            one => vec![one],
        };
        if items.is_empty() {
            let answer = if count.contains(&0) { Ok(Value::List(items)) } else { Err(self.refused()) };
            return Checked::Done(answer).and_then(move |value| self.and.check(value, context));
        }
        Checked::Later(Box::pin(self.check_many(items, count)))
            .and_then(move |value| self.and.check(value, context))
    }

    fn options(&self) -> Options<'_> {
        // Always to be awaited, cached or not, so that a form may plan by the kind of the answer.
        Options::Later(Box::pin(self.choices()))
    }

    fn search(&self) -> Option<&dyn ChoiceSearch> {
        Some(self)
    }

    fn offers_in_list(&self) -> bool {
        false
    }

    fn multiple(&self) -> bool {
        self.multiple.is_some()
    }

    fn constraints(&self, out: &mut Constraints) {
        if !self.accepts_empty() {
            out.require(self.refused());
        }
        out.end();
    }

    fn accepts_empty(&self) -> bool {
        self.multiple.as_ref().is_some_and(|count| count.contains(&0)) && self.and.accept_empty()
    }
}
