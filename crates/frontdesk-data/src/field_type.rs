use std::fmt;
use std::sync::Arc;

/// The type of a field, with the names that pydal uses.
///
/// ```
/// use frontdesk_data::FieldType;
///
/// assert_eq!(FieldType::Decimal { precision: 10, scale: 2 }.to_string(), "decimal(10,2)");
/// assert_eq!("list:reference tag".parse(), Ok(FieldType::ListReference { table: "tag".into() }));
/// assert_eq!("list:upload".parse(), Ok(FieldType::ListUpload));
/// assert_eq!(FieldType::ListUpload.to_string(), "list:upload");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// A whole number that the database assigns: the usual key.
    Id,
    /// Text of one line, up to the field's length (default 512).
    String,
    /// Text of many lines.
    Text,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    BigInt,
    /// A floating-point number.
    Double,
    /// An exact decimal number.
    Decimal {
        /// How many digits in all.
        precision: u8,
        /// How many of them behind the point.
        scale: u8,
    },
    /// True or false.
    Boolean,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and a time, without a zone.
    DateTime,
    /// A point in time. It is kept in UTC; [`Field::zone`](crate::Field::zone) says in which zone people read and type it.
    Instant,
    /// A JSON document.
    Json,
    /// A UUID.
    Uuid,
    /// Bytes.
    Blob,
    /// Text that is hashed, never shown.
    Password,
    /// The key of a stored file.
    Upload,
    /// The key of a row of another table.
    Reference {
        /// The other table.
        table: Arc<str>,
    },
    /// Several texts.
    ListString,
    /// Several whole numbers.
    ListInteger,
    /// The keys of several stored files.
    ListUpload,
    /// Several keys of rows of another table.
    ListReference {
        /// The other table.
        table: Arc<str>,
    },
}

impl FieldType {
    /// A decimal with the precision and scale of money: `decimal(18,2)`.
    pub const MONEY: Self = Self::Decimal { precision: 18, scale: 2 };

    /// The table that fields of this type refer to.
    pub fn referenced_table(&self) -> Option<&Arc<str>> {
        match self {
            Self::Reference { table } | Self::ListReference { table } => Some(table),
            _ => None,
        }
    }

    /// Whether a field of this type holds several values.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::ListString | Self::ListInteger | Self::ListUpload | Self::ListReference { .. })
    }

    /// Whether a field of this type holds keys of stored files: one, or several.
    pub fn is_upload(&self) -> bool {
        matches!(self, Self::Upload | Self::ListUpload)
    }

    /// Whether a field of this type holds text that can be searched.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::String | Self::Text)
    }

    /// Whether a field of this type holds numbers.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Id | Self::Integer | Self::BigInt | Self::Double | Self::Decimal { .. })
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id => f.write_str("id"),
            Self::String => f.write_str("string"),
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("integer"),
            Self::BigInt => f.write_str("bigint"),
            Self::Double => f.write_str("double"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::DateTime => f.write_str("datetime"),
            Self::Instant => f.write_str("instant"),
            Self::Json => f.write_str("json"),
            Self::Uuid => f.write_str("uuid"),
            Self::Blob => f.write_str("blob"),
            Self::Password => f.write_str("password"),
            Self::Upload => f.write_str("upload"),
            Self::Reference { table } => write!(f, "reference {table}"),
            Self::ListString => f.write_str("list:string"),
            Self::ListInteger => f.write_str("list:integer"),
            Self::ListUpload => f.write_str("list:upload"),
            Self::ListReference { table } => write!(f, "list:reference {table}"),
        }
    }
}

/// The text names no field type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown field type `{0}`; known are id, string, text, integer, bigint, double, decimal(n,m), boolean, date, time, \
     datetime, instant, json, uuid, blob, password, upload, reference TABLE, list:string, list:integer, list:upload, \
     list:reference TABLE"
)]
pub struct UnknownFieldType(String);

impl std::str::FromStr for FieldType {
    type Err = UnknownFieldType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownFieldType(text.to_owned());
        Ok(match text {
            "id" => Self::Id,
            "string" => Self::String,
            "text" => Self::Text,
            "integer" => Self::Integer,
            "bigint" => Self::BigInt,
            "double" => Self::Double,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "time" => Self::Time,
            "datetime" => Self::DateTime,
            "instant" => Self::Instant,
            "json" => Self::Json,
            "uuid" => Self::Uuid,
            "blob" => Self::Blob,
            "password" => Self::Password,
            "upload" => Self::Upload,
            "list:string" => Self::ListString,
            "list:integer" => Self::ListInteger,
            "list:upload" => Self::ListUpload,
            _ => {
                if let Some(table) = text.strip_prefix("reference ").map(str::trim).filter(|t| !t.is_empty())
                {
                    Self::Reference { table: table.into() }
                } else if let Some(table) =
                    text.strip_prefix("list:reference ").map(str::trim).filter(|t| !t.is_empty())
                {
                    Self::ListReference { table: table.into() }
                } else {
                    let inner = text
                        .strip_prefix("decimal(")
                        .and_then(|t| t.strip_suffix(')'))
                        .ok_or_else(unknown)?;
                    let (precision, scale) = inner.split_once(',').ok_or_else(unknown)?;
                    let precision = precision.trim().parse().map_err(|_| unknown())?;
                    let scale = scale.trim().parse().map_err(|_| unknown())?;
                    if scale > precision {
                        return Err(unknown());
                    }
                    Self::Decimal { precision, scale }
                }
            }
        })
    }
}
