use frontdesk_validate::Value;

use super::value::taken;
use super::{Expected, FieldValue, Record, Ref, Upload};
use crate::{Field, FieldType};

/// A type of which a column can hold several: `Vec<T>` is then a [`FieldValue`].
#[diagnostic::on_unimplemented(
    message = "a column cannot hold several `{Self}`",
    note = "lists are `Vec<String>`, `Vec<i64>`, `Vec<Upload>`, `Vec<Ref<Record>>`, and of enums that derive `FieldValue`; \
            `Vec<u8>` holds bytes"
)]
pub trait ListItem: FieldValue {
    /// The type of a field that holds several.
    fn list_type() -> FieldType;

    /// As [`FieldValue::describe`], for a field that holds several.
    fn describe_list(field: Field) -> Field {
        field
    }
}

impl ListItem for String {
    fn list_type() -> FieldType {
        FieldType::ListString
    }
}

impl ListItem for i64 {
    fn list_type() -> FieldType {
        FieldType::ListInteger
    }
}

impl ListItem for Upload {
    fn list_type() -> FieldType {
        FieldType::ListUpload
    }
}

impl<T: Record> ListItem for Ref<T>
where
    T::Key: FieldValue,
{
    fn list_type() -> FieldType {
        FieldType::ListReference { table: T::TABLE.into() }
    }
}

impl<T: ListItem> FieldValue for Vec<T> {
    type Plain = Self;

    fn field_type() -> FieldType {
        T::list_type()
    }

    fn describe(field: Field) -> Field {
        T::describe_list(field)
    }

    fn from_value(value: &Value) -> Result<Self, Expected> {
        let items = |value: &Value| value.as_list().map(<[Value]>::to_vec);
        let items = taken(&T::list_type(), value, || Expected::new("a list"), items)?;
        items.iter().map(T::from_value).collect()
    }

    fn to_value(&self) -> Value {
        self.iter().map(T::to_value).collect()
    }
}
