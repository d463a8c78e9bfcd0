use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::{ChoiceSearch, Constraints, JsonSchema, Rules, ValidationError, Value};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Finds the value of another field.
pub trait Lookup: Sync {
    /// The value of the field called `name` as it was submitted, if there is one.
    fn get(&self, name: &str) -> Option<Value>;
}

/// What a rule may know besides the value. Cheap to copy.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    record: &'a [(&'a str, Value)],
    table: Option<&'a str>,
    fields: Option<&'a dyn Lookup>,
}

impl<'a> Context<'a> {
    /// A context that knows nothing: the value alone decides.
    pub const fn empty() -> Self {
        Self { record: &[], table: None, fields: None }
    }

    /// States which record is being edited: the names and values of its key.
    #[must_use]
    pub fn with_record(mut self, key: &'a [(&'a str, Value)]) -> Self {
        self.record = key;
        self
    }

    /// States which table the record is of, or will be.
    #[must_use]
    pub fn with_table(mut self, table: &'a str) -> Self {
        self.table = Some(table);
        self
    }

    /// The table that the record is of, where that is known.
    pub fn table(&self) -> Option<&'a str> {
        self.table
    }

    /// Gives rules access to the other fields of the submission.
    #[must_use]
    pub fn with_fields(mut self, fields: &'a dyn Lookup) -> Self {
        self.fields = Some(fields);
        self
    }

    /// The key of the record that is being edited; empty for a new one.
    pub fn record(&self) -> &'a [(&'a str, Value)] {
        self.record
    }

    /// The submitted value of another field.
    pub fn field(&self, name: &str) -> Option<Value> {
        self.fields?.get(name)
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("record", &self.record).finish_non_exhaustive()
    }
}

/// What a rule answers: at once, or later.
///
/// A rule that needs no waiting answers with [`Done`](Self::Done) and costs no allocation. One that asks a database, or
/// computes for long, answers with [`Later`](Self::Later); a form awaits those only after every field's immediate rules
/// have run.
pub enum Checked<'a> {
    /// The value as the next rule shall see it, or the error.
    Done(Result<Value, ValidationError>),
    /// The same, to be awaited.
    Later(BoxFuture<'a, Result<Value, ValidationError>>),
}

impl<'a> Checked<'a> {
    /// The answer, awaited where needed.
    ///
    /// # Errors
    /// That of the rule.
    pub async fn wait(self) -> Result<Value, ValidationError> {
        match self {
            Self::Done(result) => result,
            Self::Later(future) => future.await,
        }
    }

    /// Feeds an accepted value to what comes next.
    #[must_use]
    pub fn and_then(self, next: impl FnOnce(Value) -> Checked<'a> + Send + 'a) -> Self {
        match self {
            Self::Done(Ok(value)) => next(value),
            Self::Done(Err(error)) => Self::Done(Err(error)),
            Self::Later(future) => Self::Later(Box::pin(async move { next(future.await?).wait().await })),
        }
    }

    /// Changes the error of a refusal.
    #[must_use]
    pub fn map_err(self, change: impl FnOnce(ValidationError) -> ValidationError + Send + 'a) -> Self {
        match self {
            Self::Done(result) => Self::Done(result.map_err(change)),
            Self::Later(future) => Self::Later(Box::pin(async move { future.await.map_err(change) })),
        }
    }
}

impl From<Result<Value, ValidationError>> for Checked<'_> {
    fn from(result: Result<Value, ValidationError>) -> Self {
        Self::Done(result)
    }
}

impl fmt::Debug for Checked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(result) => f.debug_tuple("Done").field(result).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}

/// One choice of a drop-down list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is submitted.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// The heading under which it stands in the list (an `optgroup`); choices of one group follow each other.
    pub group: Option<Cow<'static, str>>,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), group: None }
    }

    /// Puts the choice under a heading.
    ///
    /// ```
    /// use frontdesk_validate::Choice;
    ///
    /// let apple = Choice::new("a", "Apple").in_group("Fruit");
    /// assert_eq!(apple.group.as_deref(), Some("Fruit"));
    /// ```
    #[must_use]
    pub fn in_group(mut self, heading: impl Into<Cow<'static, str>>) -> Self {
        self.group = Some(heading.into());
        self
    }
}

/// What a rule could not reach, for the log; visitors see [`ValidationError::unavailable`].
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// The choices that a rule offers.
pub enum Options<'a> {
    /// None: the field is not a choice.
    None,
    /// These.
    Ready(Cow<'a, [Choice]>),
    /// To be awaited, such as the rows of another table; `None` where they turn out to be too many for a list.
    Later(BoxFuture<'a, Result<Option<Vec<Choice>>, Unavailable>>),
}

impl<'a> Options<'a> {
    /// The choices, awaited where needed; `None` where the field is not a choice.
    ///
    /// # Errors
    /// [`Unavailable`], if what holds the choices is out of reach.
    pub async fn wait(self) -> Result<Option<Cow<'a, [Choice]>>, Unavailable> {
        match self {
            Self::None => Ok(None),
            Self::Ready(choices) => Ok(Some(choices)),
            Self::Later(future) => Ok(future.await?.map(Cow::Owned)),
        }
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Ready(choices) => f.debug_tuple("Ready").field(choices).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}

/// A rule: takes a value, gives it back as the application wants it, or says why not.
///
/// # Minimal implementation
/// `name` and `check`. For a rule of one closure see [`rule_fn`](crate::rule_fn).
///
/// ```
/// use frontdesk_validate::{Checked, Context, Rules, ValidationError, Validator, Value};
///
/// #[derive(Debug)]
/// struct IsEven;
///
/// impl Validator for IsEven {
///     fn name(&self) -> &str {
///         "is_even"
///     }
///
///     fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
///         match value {
///             Value::Int(number) if number % 2 == 0 => Ok(value),
///             _ => Err(ValidationError::new("is_even", "Enter an even number")),
///         }
///         .into()
///     }
/// }
///
/// assert!(Rules::one(IsEven).check_now(Value::Int(3)).is_err());
/// ```
pub trait Validator: fmt::Debug + Send + Sync + 'static {
    /// The rule's name as data, such as `is_length`.
    fn name(&self) -> &str;

    /// Checks `value`.
    ///
    /// A rule refuses what it cannot read; it never panics, and takes no more than linear time in the size of `value`.
    fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a>;

    /// The choices for a drop-down list. Default: none.
    fn options(&self) -> Options<'_> {
        Options::None
    }

    /// The search among the choices, where there may be too many for a list. Default: there is none.
    fn search(&self) -> Option<&dyn ChoiceSearch> {
        None
    }

    /// Whether a field whose rules are a *list* that begins with this one still becomes a drop-down list.
    /// Default: yes.
    fn offers_in_list(&self) -> bool {
        true
    }

    /// Whether several values may be chosen. Default: no.
    fn multiple(&self) -> bool {
        false
    }

    /// What a browser can check of this rule, added to what the rules before it said. See [`Constraints`].
    ///
    /// A rule that says something must never be stricter in the browser than it is here. Default: the rule says nothing,
    /// and lets no rule behind it say anything either, since it may pass on another value than was typed. A rule that
    /// passes on what it got, and that a browser cannot check, does nothing here.
    fn constraints(&self, out: &mut Constraints) {
        out.end();
    }

    /// What this rule asks of a value in JSON, added to what the rules before it ask. See [`JsonSchema`].
    ///
    /// The schema must never refuse what the rule accepts. Default: as for [`constraints`](Self::constraints), nothing is
    /// said, and no rule behind this one says anything.
    fn json_schema(&self, out: &mut JsonSchema) {
        out.end();
    }

    /// The rules that each item of a list has to pass, where this is a rule over lists. Default: it is none.
    fn item_rules(&self) -> Option<&Rules> {
        None
    }

    /// How a stored value is written into an input so that this rule reads it back, where that differs from
    /// [`Value::to_text`]; for example a date in the rule's format. Default: no difference.
    fn format(&self, _value: &Value) -> Option<String> {
        None
    }

    /// Whether the rule accepts that nothing was entered. Default: by asking
    /// [`check`](Self::check) with the empty text; a rule that answers later counts as refusing.
    fn accepts_empty(&self) -> bool {
        matches!(self.check(Value::Text(String::new()), Context::empty()), Checked::Done(Ok(_)))
    }
}
