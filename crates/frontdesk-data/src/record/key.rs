use std::fmt;
use std::hash::{Hash, Hasher};

use frontdesk_validate::{Uuid, Value};

use super::value::taken;
use super::{Expected, FieldValue, Record};
use crate::{FieldType, RowId};

/// A key that the database assigns: none yet for a record that is to be inserted.
///
/// ```
/// use frontdesk_data::record::Id;
///
/// assert_eq!(Id::new().get(), None);
/// assert_eq!(Id::from(7).get(), Some(7));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Option<i64>);

impl Id {
    /// None yet: the database assigns it when the record is inserted.
    pub const fn new() -> Self {
        Self(None)
    }

    /// The number; `None` before the record was inserted.
    pub const fn get(self) -> Option<i64> {
        self.0
    }
}

impl From<i64> for Id {
    fn from(id: i64) -> Self {
        Self(Some(id))
    }
}

impl From<Id> for Value {
    fn from(id: Id) -> Self {
        id.0.into()
    }
}

/// The number, or nothing where there is none yet.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |id| id.fmt(f))
    }
}

impl FieldValue for Id {
    type Plain = i64;

    fn field_type() -> FieldType {
        FieldType::Id
    }

    fn from_value(value: &Value) -> Result<Self, Expected> {
        if value.is_null() {
            return Ok(Self::new());
        }
        let id = |value: &Value| value.as_int().map(Self::from);
        taken(&FieldType::Id, value, || Expected::new("an integer"), id)
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

/// The key of a record: one value that a column can hold, a tuple of two to four of them, or `()` for a table whose rows
/// have no identity.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of a record",
    note = "a key is a value that a column can hold and that is `Clone + PartialEq + Debug`, or a tuple of two to four"
)]
pub trait RecordKey: Clone + PartialEq + fmt::Debug + Send + Sync + Sized + 'static {
    /// The key as the identity of a row; `None` where there is no identity.
    fn to_row_id(&self) -> Option<RowId>;

    /// The key that an identity is, if it is one; `None` stands for a row without identity.
    fn from_row_id(id: Option<&RowId>) -> Option<Self>;
}

impl<K: FieldValue + Clone + PartialEq + fmt::Debug + Send + Sync + 'static> RecordKey for K {
    fn to_row_id(&self) -> Option<RowId> {
        RowId::from_values([self.to_value()])
    }

    fn from_row_id(id: Option<&RowId>) -> Option<Self> {
        match id?.values() {
            [value] => K::from_value(value).ok(),
            _ => None,
        }
    }
}

impl RecordKey for () {
    fn to_row_id(&self) -> Option<RowId> {
        None
    }

    fn from_row_id(id: Option<&RowId>) -> Option<Self> {
        id.is_none().then_some(())
    }
}

macro_rules! tuple {
    ($($part:ident $at:tt),*) => {
        impl<$($part: FieldValue + Clone + PartialEq + fmt::Debug + Send + Sync + 'static),*> RecordKey for ($($part,)*) {
            fn to_row_id(&self) -> Option<RowId> {
                RowId::from_values([$(self.$at.to_value()),*])
            }

            fn from_row_id(id: Option<&RowId>) -> Option<Self> {
                let mut values = id?.values().iter();
                let key = ($($part::from_value(values.next()?).ok()?,)*);
                values.next().is_none().then_some(key)
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

/// A reference to a row of the table of `T`: its key, with the table's type.
///
/// As a member of a record it is a column that refers to that table. Its value is made of a key
/// (`Ref::new(7)`), of a record ([`Record::to_ref`]), or comes from an insert.
///
/// ```
/// # use frontdesk_data::record::{FieldValue, Id, Record, RecordError, Ref, field};
/// # use frontdesk_data::{FieldType, Row, Table, Values};
/// # struct Artist { id: Id }
/// # impl Record for Artist {
/// #     type Key = i64;
/// #     const TABLE: &'static str = "artist";
/// #     const KEY: &'static [&'static str] = &["id"];
/// #     fn table() -> Table { Table::new("artist") }
/// #     fn from_row(row: &Row) -> Result<Self, RecordError> { Ok(Self { id: row.read("id")? }) }
/// #     fn values(&self) -> Values { Values::new().with("id", self.id) }
/// # }
/// let artist: Ref<Artist> = Ref::new(7);
/// assert_eq!(artist.key(), &7);
/// assert_eq!(field::<Ref<Artist>>("artist_id").kind, FieldType::Reference { table: "artist".into() });
/// ```
pub struct Ref<T: Record>(T::Key);

impl<T: Record> Ref<T> {
    /// A reference to the row of that key.
    pub fn new(key: impl Into<T::Key>) -> Self {
        Self(key.into())
    }

    /// The key.
    pub fn key(&self) -> &T::Key {
        &self.0
    }

    /// Takes the key out.
    pub fn into_key(self) -> T::Key {
        self.0
    }

    /// The identity of the row; `None` for a table whose rows have none.
    pub fn row_id(&self) -> Option<RowId> {
        self.0.to_row_id()
    }

    /// The reference that the identity of a row is, if it is a key of that type.
    pub fn from_row_id(id: &RowId) -> Option<Self> {
        T::Key::from_row_id(Some(id)).map(Self)
    }
}

impl<T: Record> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Record> Copy for Ref<T> where T::Key: Copy {}

impl<T: Record> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Record> Eq for Ref<T> where T::Key: Eq {}

impl<T: Record> Hash for Ref<T>
where
    T::Key: Hash,
{
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: Record> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({} {:?})", T::TABLE, self.0)
    }
}

impl<T: Record<Key = i64>> From<i64> for Ref<T> {
    fn from(key: i64) -> Self {
        Self(key)
    }
}

impl<T: Record<Key = String>> From<&str> for Ref<T> {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl<T: Record<Key = String>> From<String> for Ref<T> {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl<T: Record<Key = Uuid>> From<Uuid> for Ref<T> {
    fn from(key: Uuid) -> Self {
        Self(key)
    }
}

impl<A, B, T: Record<Key = (A, B)>> From<(A, B)> for Ref<T> {
    fn from(key: (A, B)) -> Self {
        Self(key)
    }
}

impl<A, B, C, T: Record<Key = (A, B, C)>> From<(A, B, C)> for Ref<T> {
    fn from(key: (A, B, C)) -> Self {
        Self(key)
    }
}

impl<T: Record> From<&Ref<T>> for Ref<T> {
    fn from(same: &Ref<T>) -> Self {
        same.clone()
    }
}

impl<T: Record> From<Ref<T>> for Value
where
    T::Key: FieldValue,
{
    fn from(reference: Ref<T>) -> Self {
        reference.to_value()
    }
}

impl<T: Record> FieldValue for Ref<T>
where
    T::Key: FieldValue,
{
    type Plain = Self;

    fn field_type() -> FieldType {
        FieldType::Reference { table: T::TABLE.into() }
    }

    fn from_value(value: &Value) -> Result<Self, Expected> {
        T::Key::from_value(value).map(Self)
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}
