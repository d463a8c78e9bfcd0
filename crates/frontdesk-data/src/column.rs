use std::sync::Arc;

use frontdesk_validate::Value;
use sea_query::{Expr, ExprTrait, LikeExpr};

use crate::backend::ESCAPE;
use crate::coerce::for_condition;
use crate::{FieldType, Table};

/// A column in a condition: `table.col("age").gt(18)`.
///
/// Values are brought to the column's type where they fit it, and compared as they are where they don't: an existing
/// database may well have the text `many` in a column of numbers.
///
/// ```
/// # use frontdesk_data::{Db, Field, Table, Values};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let db = Db::open("sqlite::memory:").await.unwrap();
/// let table = Table::new("hero").field(Field::string("name")).field(Field::integer("age")).create();
/// let hero = db.define(table).await.unwrap();
/// for (name, age) in [("Ada", 36), ("Eve", 17)] {
///     db.insert(&hero, Values::new().with("name", name).with("age", age)).await.unwrap();
/// }
/// let adults = db.set(&hero).filter(hero.col("age").gte("18")).rows().await.unwrap();
/// assert_eq!(adults.len(), 1);
/// assert_eq!(adults[0]["name"].as_str(), Some("Ada"));
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Column {
    /// The table's name, or what it is called in a join.
    qualifier: Arc<str>,
    name: Arc<str>,
    kind: Option<FieldType>,
    /// Whether the value is of a type that is the database's own, and whether its text is what is compared.
    native: bool,
    compared_as_text: bool,
}

impl Table {
    /// The column of that name, for a condition. A name that is no column is an error when the condition is used.
    pub fn col(&self, name: &str) -> Column {
        Column::new(Arc::clone(&self.name), self, name)
    }
}

impl Column {
    pub(crate) fn new(qualifier: Arc<str>, table: &Table, name: &str) -> Self {
        match table.get(name) {
            Some(field) => Self {
                qualifier,
                name: Arc::clone(&field.name),
                kind: Some(field.kind.clone()),
                native: field.native.is_some(),
                compared_as_text: field.compared_as_text,
            },
            None => Self { qualifier, name: name.into(), kind: None, native: false, compared_as_text: false },
        }
    }

    /// The column as an expression, for what sea-query can do besides.
    pub fn expr(&self) -> Expr {
        let column = Expr::col((self.qualifier.to_string(), self.name.to_string()));
        if self.compared_as_text { column.cast_as("text") } else { column }
    }

    fn value(&self, value: impl Into<Value>) -> Expr {
        let value = for_condition(self.kind.as_ref(), value.into());
        Expr::val(to_sea(match (&self.kind, value) {
            // Whatever the database: with a zone it is the same point in time.
            (Some(FieldType::Instant), at @ Value::DateTime(_)) => Value::Text(at.into_text() + "Z"),
            (_, value) => value,
        }))
    }

    /// Equal to `value`; null is equal to null.
    pub fn eq(&self, value: impl Into<Value>) -> Expr {
        match value.into() {
            Value::Null => self.is_null(),
            value => self.expr().eq(self.value(value)),
        }
    }

    /// Not equal to `value`. As in SQL, a row with null in the column is not found by that: null is neither equal nor
    /// unequal to a value. `ne(Value::Null)` is [`is_not_null`](Self::is_not_null).
    pub fn ne(&self, value: impl Into<Value>) -> Expr {
        match value.into() {
            Value::Null => self.is_not_null(),
            value => self.expr().ne(self.value(value)),
        }
    }

    /// Less than `value`.
    pub fn lt(&self, value: impl Into<Value>) -> Expr {
        self.expr().lt(self.value(value))
    }

    /// Less than or equal to `value`.
    pub fn lte(&self, value: impl Into<Value>) -> Expr {
        self.expr().lte(self.value(value))
    }

    /// Greater than `value`.
    pub fn gt(&self, value: impl Into<Value>) -> Expr {
        self.expr().gt(self.value(value))
    }

    /// Greater than or equal to `value`.
    pub fn gte(&self, value: impl Into<Value>) -> Expr {
        self.expr().gte(self.value(value))
    }

    /// From `low` to `high`, both included.
    pub fn between(&self, low: impl Into<Value>, high: impl Into<Value>) -> Expr {
        self.gte(low).and(self.lte(high))
    }

    /// Null.
    pub fn is_null(&self) -> Expr {
        self.expr().is_null()
    }

    /// Not null.
    pub fn is_not_null(&self) -> Expr {
        self.expr().is_not_null()
    }

    /// One of `values`; of none where there are none.
    pub fn is_in<V: Into<Value>>(&self, values: impl IntoIterator<Item = V>) -> Expr {
        self.expr().is_in(values.into_iter().map(|value| self.value(value)))
    }

    /// None of `values`.
    pub fn is_not_in<V: Into<Value>>(&self, values: impl IntoIterator<Item = V>) -> Expr {
        self.expr().is_not_in(values.into_iter().map(|value| self.value(value)))
    }

    /// Has `text` somewhere in it. ASCII letters match in either case, `%` and `_` are themselves.
    pub fn contains(&self, text: &str) -> Expr {
        self.like(&format!("%{}%", escaped(text)))
    }

    /// Begins with `text`; as [`contains`](Self::contains).
    pub fn starts_with(&self, text: &str) -> Expr {
        self.like(&format!("{}%", escaped(text)))
    }

    /// Ends with `text`; as [`contains`](Self::contains).
    pub fn ends_with(&self, text: &str) -> Expr {
        self.like(&format!("%{}", escaped(text)))
    }

    fn like(&self, pattern: &str) -> Expr {
        // Only texts have letters to be found.
        let is_text = self.kind.as_ref().is_none_or(|kind| {
            matches!(kind, FieldType::String | FieldType::Text | FieldType::Password | FieldType::Upload)
        });
        let is_text = is_text && !self.native || self.compared_as_text;
        let text = if is_text { self.expr() } else { self.expr().cast_as("text") };
        text.like(LikeExpr::new(pattern).escape(ESCAPE))
    }
}

/// The text with what means something to LIKE escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | ESCAPE) {
            escaped.push(ESCAPE);
        }
        escaped.push(letter);
    }
    escaped
}

/// A value for sea-query, which has no dates or decimals here: they go as the text that is stored.
pub(crate) fn to_sea(value: Value) -> sea_query::Value {
    match value {
        Value::Null => sea_query::Value::String(None),
        Value::Bool(flag) => sea_query::Value::Bool(Some(flag)),
        Value::Int(number) => sea_query::Value::BigInt(Some(number)),
        Value::Float(number) => sea_query::Value::Double(Some(number)),
        Value::Bytes(bytes) => sea_query::Value::Bytes(Some(bytes)),
        other => sea_query::Value::String(Some(other.into_text())),
    }
}

/// The inverse of [`to_sea`]; `None` for a value of a kind that only another crate's features of sea-query can make.
pub(crate) fn from_sea(value: sea_query::Value) -> Option<Value> {
    use sea_query::Value as Sea;
    Some(match value {
        Sea::Bool(flag) => flag.into(),
        Sea::TinyInt(number) => number.into(),
        Sea::SmallInt(number) => number.into(),
        Sea::Int(number) => number.into(),
        Sea::BigInt(number) => number.into(),
        Sea::TinyUnsigned(number) => number.into(),
        Sea::SmallUnsigned(number) => number.into(),
        Sea::Unsigned(number) => number.into(),
        Sea::BigUnsigned(None) => Value::Null,
        Sea::BigUnsigned(Some(number)) => Value::Int(i64::try_from(number).ok()?),
        Sea::Float(number) => number.into(),
        Sea::Double(number) => number.into(),
        Sea::String(text) => text.into(),
        Sea::Bytes(bytes) => bytes.into(),
        other => match other {
            Sea::Char(letter) => letter.into(),
            _ => return None,
        },
    })
}
