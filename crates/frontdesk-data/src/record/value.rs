use frontdesk_validate::{Decimal, IsEmptyOr, IsIntInRange, Timestamp, Uuid, Value, civil};
use jiff::tz::Offset;

use super::Expected;
use crate::coerce::coerce;
use crate::{Field, FieldType};

/// A Rust type that a column can hold.
///
/// | in Rust | the field's type |
/// |---|---|
/// | [`Id`](super::Id) | `id`: a whole number that the database assigns |
/// | `String` | `string` (512 characters, unless the field says otherwise) |
/// | `bool` | `boolean` |
/// | `i32`; `i8`, `i16`, `u8`, `u16` | `integer`; with a rule for the range |
/// | `i64`; `u32` | `bigint`; with a rule for the range |
/// | `f64` | `double` |
/// | [`Decimal`] | [`FieldType::MONEY`], `decimal(18,2)`, unless the field says otherwise |
/// | [`civil::Date`], [`civil::Time`], [`civil::DateTime`] | `date`, `time`, `datetime` |
/// | [`Timestamp`] | `instant`: a point in time |
/// | [`Uuid`], `serde_json::Value`, `Vec<u8>` | `uuid`, `json`, `blob` |
/// | [`Password`](super::Password), [`Upload`](super::Upload) | `password`, `upload` |
/// | [`Ref<T>`](super::Ref) | `reference` to the table of `T` |
/// | `Vec<String>`, `Vec<i64>`, `Vec<Upload>`, `Vec<Ref<T>>` | `list:string`, `list:integer`, `list:upload`, `list:reference` |
/// | `Option<T>` | that of `T`, and NULL may be stored; for all others it may not |
///
/// Enums and types that wrap another one derive it: `#[derive(FieldValue)]`. A type of your own says how it is stored:
///
/// ```
/// use frontdesk_data::record::{Expected, FieldType, FieldValue, Value, field};
///
/// struct Percent(i64);
///
/// impl FieldValue for Percent {
///     type Plain = Self;
///
///     fn field_type() -> FieldType {
///         FieldType::Integer
///     }
///
///     fn from_value(value: &Value) -> Result<Self, Expected> {
///         let number = i64::from_value(value)?;
///         (0..=100).contains(&number).then_some(Self(number)).ok_or(Expected::new("an integer from 0 to 100"))
///     }
///
///     fn to_value(&self) -> Value {
///         self.0.into()
///     }
/// }
///
/// assert!(!field::<Percent>("done").null);
/// assert!(field::<Option<Percent>>("done").null);
/// assert!(Percent::from_value(&Value::Int(101)).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "a column cannot hold `{Self}`",
    label = "no type of a column",
    note = "an enum of plain variants, or a struct that wraps one value, gets there by `#[derive(FieldValue)]`",
    note = "a reference to another table is `Ref<Record>`; `u64` and `usize` exceed the 64 bits of databases, take `i64`"
)]
pub trait FieldValue: Sized {
    /// The type without what only a column adds: `T` of an `Option<T>`, `i64` of an [`Id`](super::Id), else the type
    /// itself. It is what columns are compared with, and what a key is made of.
    type Plain: FieldValue;

    /// Whether NULL may be stored: yes for `Option`.
    const NULL: bool = false;

    /// The type of the field, where the field does not say another one.
    fn field_type() -> FieldType;

    /// Adds what the type says of a field besides, such as the rule for its range.
    fn describe(field: Field) -> Field {
        field
    }

    /// The value of a column.
    ///
    /// # Errors
    /// [`Expected`], if it is none of this type.
    fn from_value(value: &Value) -> Result<Self, Expected>;

    /// The value to be stored.
    fn to_value(&self) -> Value;
}

/// The field that holds a `T`.
///
/// ```
/// use frontdesk_data::FieldType;
/// use frontdesk_data::record::field;
///
/// let name = field::<String>("name").label("Full name");
/// assert_eq!((name.kind, name.null), (FieldType::String, false));
/// ```
pub fn field<T: FieldValue>(name: &str) -> Field {
    field_as::<T>(name, T::field_type())
}

/// The field that holds a `T` as another type than the usual one: a `String` as [`FieldType::Text`].
pub fn field_as<T: FieldValue>(name: &str, kind: FieldType) -> Field {
    let mut field = Field::new(name, kind);
    if !T::NULL {
        field = field.not_null();
    }
    T::describe(field)
}

/// Takes the value out; one of another kind is brought to the field's type first, if that loses nothing.
pub(super) fn taken<T>(
    kind: &FieldType,
    value: &Value,
    expected: impl FnOnce() -> Expected,
    take: impl Fn(&Value) -> Option<T>,
) -> Result<T, Expected> {
    if let Some(taken) = take(value) {
        return Ok(taken);
    }
    if value.is_null() {
        return Err(expected());
    }
    coerce(kind, value.clone()).ok().and_then(|value| take(&value)).ok_or_else(expected)
}

macro_rules! values {
    ($($type:ty, $kind:expr, $expected:literal, $pattern:pat => $taken:expr, $given:expr;)*) => {$(
        impl FieldValue for $type {
            type Plain = Self;

            fn field_type() -> FieldType {
                $kind
            }

            fn from_value(value: &Value) -> Result<Self, Expected> {
                taken(&$kind, value, || Expected::new($expected), |value| match value {
                    $pattern => $taken,
                    _ => None,
                })
            }

            fn to_value(&self) -> Value {
                let given: fn(&Self) -> Value = $given;
                given(self)
            }
        }
    )*};
}

values! {
    bool, FieldType::Boolean, "a boolean", Value::Bool(flag) => Some(*flag), |flag| Value::Bool(*flag);
    i32, FieldType::Integer, "an integer of 32 bits", Value::Int(number) => i32::try_from(*number).ok(), |number| Value::from(*number);
    i64, FieldType::BigInt, "an integer", Value::Int(number) => Some(*number), |number| Value::Int(*number);
    f64, FieldType::Double, "a number", Value::Float(number) => Some(*number), |number| Value::Float(*number);
    Decimal, FieldType::MONEY, "a decimal number", Value::Decimal(number) => Some(*number), |number| Value::Decimal(*number);
    String, FieldType::String, "a text", Value::Text(text) => Some(text.clone()), |text| Value::Text(text.clone());
    civil::Date, FieldType::Date, "a date", Value::Date(date) => Some(*date), |date| Value::Date(*date);
    civil::Time, FieldType::Time, "a time", Value::Time(time) => Some(*time), |time| Value::Time(*time);
    civil::DateTime, FieldType::DateTime, "a date and time", Value::DateTime(at) => Some(*at), |at| Value::DateTime(*at);
    Timestamp, FieldType::Instant, "a point in time", Value::DateTime(at) => Offset::UTC.to_timestamp(*at).ok(), |at| Value::from(*at);
    Uuid, FieldType::Uuid, "a UUID", Value::Uuid(uuid) => Some(*uuid), |uuid| Value::Uuid(*uuid);
    serde_json::Value, FieldType::Json, "a JSON document", Value::Json(json) => Some((**json).clone()), |json| json.clone().into();
    Vec<u8>, FieldType::Blob, "bytes", Value::Bytes(bytes) => Some(bytes.clone()), |bytes| Value::Bytes(bytes.clone());
}

/// Integers that are narrower than their column.
macro_rules! narrow {
    ($($type:ty => $kind:expr),* $(,)?) => {$(
        impl FieldValue for $type {
            type Plain = Self;

            fn field_type() -> FieldType {
                $kind
            }

            fn describe(field: Field) -> Field {
                field.requires(IsIntInRange::any().min(i64::from(Self::MIN)).max(i64::from(Self::MAX)))
            }

            fn from_value(value: &Value) -> Result<Self, Expected> {
                let expected = || Expected::new(format!("an integer from {} to {}", Self::MIN, Self::MAX));
                taken(&$kind, value, expected, |value| Self::try_from(value.as_int()?).ok())
            }

            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }
        }
    )*};
}

narrow! {
    i8 => FieldType::Integer, i16 => FieldType::Integer, u8 => FieldType::Integer, u16 => FieldType::Integer,
    u32 => FieldType::BigInt,
}

impl<T: FieldValue> FieldValue for Option<T> {
    type Plain = T;

    const NULL: bool = true;

    fn field_type() -> FieldType {
        T::field_type()
    }

    /// The rules of `T`, which take nothing for NULL.
    fn describe(field: Field) -> Field {
        let mut field = T::describe(field);
        if let Some(rules) = field.requires.take() {
            field = field.requires(IsEmptyOr::new(rules));
        }
        field
    }

    fn from_value(value: &Value) -> Result<Self, Expected> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn comes_back<T: FieldValue + PartialEq + std::fmt::Debug>(value: &T) {
        assert_eq!(T::from_value(&value.to_value()).as_ref(), Ok(value));
        // As the field's own type would store it.
        let stored = coerce(&T::field_type(), value.to_value()).unwrap();
        assert_eq!(T::from_value(&stored).as_ref(), Ok(value));
    }

    proptest! {
        #[test]
        fn numbers_and_texts_come_back(
            small in any::<i8>(), middle in any::<u16>(), wide in any::<u32>(), long in any::<i64>(),
            float in any::<f64>().prop_filter("a number", |number| number.is_finite()),
            text in "[^\0]*", bytes in any::<Vec<u8>>(), flag in any::<bool>(),
        ) {
            comes_back(&small);
            comes_back(&middle);
            comes_back(&wide);
            comes_back(&long);
            comes_back(&Some(long));
            comes_back(&text);
            comes_back(&bytes);
            comes_back(&flag);
            prop_assert_eq!(f64::from_value(&float.to_value()), Ok(float));
        }
    }

    #[test]
    fn what_is_beyond_the_type_is_refused() {
        assert_eq!(u8::from_value(&Value::Int(256)), Err(Expected::new("an integer from 0 to 255")));
        assert!(i32::from_value(&Value::Int(i64::from(i32::MAX) + 1)).is_err());
        assert!(u32::from_value(&Value::Int(-1)).is_err());
        assert!(f64::from_value(&Value::Int(i64::MAX)).is_err());
        assert!(bool::from_value(&Value::Int(2)).is_err());
        assert!(String::from_value(&Value::Bytes(vec![1])).is_err());
        assert!(civil::Date::from_value(&"yesterday".into()).is_err());
        assert!(String::from_value(&Value::Null).is_err());
        assert_eq!(Option::<String>::from_value(&Value::Null), Ok(None));
    }

    #[test]
    fn what_loses_nothing_is_taken() {
        assert_eq!(i32::from_value(&"42".into()), Ok(42));
        assert_eq!(bool::from_value(&Value::Int(1)), Ok(true));
        assert_eq!(String::from_value(&Value::Int(5)), Ok("5".to_owned()));
        assert_eq!(f64::from_value(&Value::Int(3)), Ok(3.0));
    }

    #[test]
    fn nothing_passes_the_rules_of_an_option() {
        let age = field::<Option<u8>>("age");
        assert_eq!(age.rules().check_now("".into()), Ok(Value::Null));
        assert!(age.rules().check_now("256".into()).is_err());
        assert!(field::<u8>("age").rules().check_now("".into()).is_err());
    }
}
