use std::fmt;
use std::sync::Arc;

use frontdesk_validate::ValidationError;

use crate::{DbError, DbErrorKind};

/// Why a write was not done: what was to be written is refused, or the database is in trouble.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// The values are refused: each violation belongs beside its fields.
    Refused(Vec<Violation>),
    /// The database is in trouble; trying other values does not help.
    Db(DbError),
}

/// One thing that is wrong with what was to be written.
///
/// The codes are stable:
///
/// | code | what is wrong |
/// |---|---|
/// | `unique` | another row has the same value, or the same values of a set of fields |
/// | `not_null` | the field needs a value |
/// | `check` | a CHECK constraint does not hold |
/// | `foreign_key` | the row that is referred to does not exist; parameter `table`, and where a transaction finds it at its end, `of` and `row`: the table and the identity of the row that refers |
/// | `referenced` | other rows still refer to this one; parameter `table` |
/// | `type`, `nul` | the value is none of the field's type; a text has a NUL character |
/// | `integer_range` | a whole number is beyond what the column holds; parameters `min` and `max` |
/// | `decimal_places`, `decimal_digits`, `decimal_exact` | a decimal has more digits than its type, or the database, keeps |
/// | `becomes_number` | the column would make another number of the text, as `1234` of `01234`; parameter `number` |
/// | `too_long` | the value is larger than the database takes |
/// | `trigger` | a trigger refused; the text is its own |
/// | `ignored` | the database left the row out by a rule of its own (`ON CONFLICT IGNORE`, `RAISE(IGNORE)`) |
/// | `unknown_field` | the table has no such field |
/// | `constraint` | another constraint |
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The fields that it belongs to; empty for the whole form.
    pub fields: Vec<Arc<str>>,
    /// The error that visitors see.
    pub error: ValidationError,
}

impl Violation {
    /// A violation of one field.
    pub fn field(name: impl Into<Arc<str>>, error: ValidationError) -> Self {
        Self { fields: vec![name.into()], error }
    }

    /// A violation of the whole form.
    pub fn form(error: ValidationError) -> Self {
        Self { fields: Vec::new(), error }
    }
}

impl WriteError {
    /// The violations; none if the database is in trouble.
    pub fn violations(&self) -> &[Violation] {
        match self {
            Self::Refused(violations) => violations,
            Self::Db(_) => &[],
        }
    }

    /// The kind of the database's trouble; `None` if the values are refused.
    pub fn db_kind(&self) -> Option<DbErrorKind> {
        match self {
            Self::Refused(_) => None,
            Self::Db(error) => Some(error.kind()),
        }
    }
}

impl From<DbError> for WriteError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<Violation> for WriteError {
    fn from(violation: Violation) -> Self {
        Self::Refused(vec![violation])
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(violations) => {
                for (index, violation) in violations.iter().enumerate() {
                    if index > 0 {
                        f.write_str("; ")?;
                    }
                    if !violation.fields.is_empty() {
                        write!(f, "{}: ", violation.fields.join(", "))?;
                    }
                    f.write_str(violation.error.text())?;
                }
                Ok(())
            }
            Self::Db(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Db(error) => std::error::Error::source(error),
        }
    }
}
