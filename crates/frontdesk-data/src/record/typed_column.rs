use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use sea_query::Expr;

use super::records::table_of;
use super::{FieldValue, Record};
use crate::Column;

/// A column of the table of `T` that holds a `V`, for conditions that the compiler checks: `Hero::AGE.gte(18)`.
///
/// `#[derive(Table)]` gives a record one for each member. What is not here, the untyped [`Column`] of
/// [`column`](Self::column) has.
pub struct TypedColumn<T, V> {
    name: &'static str,
    types: PhantomData<fn() -> (T, V)>,
}

impl<T: Record, V: FieldValue> TypedColumn<T, V> {
    /// The column of that name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The column without its type.
    pub fn column(&self) -> Column {
        table_of::<T>().col(self.name)
    }

    /// Equal to `value`. Where the column may be null, see [`is_null`](Self::is_null).
    pub fn eq(&self, value: impl Into<V::Plain>) -> Expr {
        self.column().eq(value.into().to_value())
    }

    /// Not equal to `value`; as in SQL, null is found by neither.
    pub fn ne(&self, value: impl Into<V::Plain>) -> Expr {
        self.column().ne(value.into().to_value())
    }

    /// Less than `value`.
    pub fn lt(&self, value: impl Into<V::Plain>) -> Expr {
        self.column().lt(value.into().to_value())
    }

    /// Less than or equal to `value`.
    pub fn lte(&self, value: impl Into<V::Plain>) -> Expr {
        self.column().lte(value.into().to_value())
    }

    /// Greater than `value`.
    pub fn gt(&self, value: impl Into<V::Plain>) -> Expr {
        self.column().gt(value.into().to_value())
    }

    /// Greater than or equal to `value`.
    pub fn gte(&self, value: impl Into<V::Plain>) -> Expr {
        self.column().gte(value.into().to_value())
    }

    /// From `low` to `high`, both included.
    pub fn between(&self, low: impl Into<V::Plain>, high: impl Into<V::Plain>) -> Expr {
        self.column().between(low.into().to_value(), high.into().to_value())
    }

    /// One of `values`; of none where there are none.
    pub fn is_in<P: Into<V::Plain>>(&self, values: impl IntoIterator<Item = P>) -> Expr {
        self.column().is_in(values.into_iter().map(|value| value.into().to_value()))
    }

    /// Null.
    pub fn is_null(&self) -> Expr {
        self.column().is_null()
    }

    /// Not null.
    pub fn is_not_null(&self) -> Expr {
        self.column().is_not_null()
    }

    /// Has `text` somewhere in it, as [`Column::contains`].
    pub fn contains(&self, text: &str) -> Expr {
        self.column().contains(text)
    }

    /// Begins with `text`, as [`Column::starts_with`].
    pub fn starts_with(&self, text: &str) -> Expr {
        self.column().starts_with(text)
    }
}

/// For [`Set::order_by`](crate::Set::order_by) and others that take a column's name.
impl<T, V> From<TypedColumn<T, V>> for Arc<str> {
    fn from(column: TypedColumn<T, V>) -> Self {
        column.name.into()
    }
}

/// For forms, which take the name so.
impl<T, V> From<TypedColumn<T, V>> for Cow<'static, str> {
    fn from(column: TypedColumn<T, V>) -> Self {
        Self::Borrowed(column.name)
    }
}

impl<T, V> Clone for TypedColumn<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V> Copy for TypedColumn<T, V> {}

impl<T, V> fmt::Debug for TypedColumn<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedColumn").field(&self.name).finish()
    }
}
