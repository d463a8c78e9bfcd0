//! What crosses the seam to a database: texts with parameters, and how the answers are to be read.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_validate::Value;

use crate::plan::Plan;
use crate::{Columns, FieldType, RowDigest, RowId};

/// A read.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) sql: Arc<str>,
    pub(crate) params: Vec<Value>,
    /// How the result becomes rows; `None` takes it as it is stored, under the result's own names.
    pub(crate) shape: Option<Arc<Shape>>,
    /// How many rows to make room for; there may be fewer or more.
    pub(crate) rows: usize,
    /// How long it may run, where that is shorter than for others.
    pub(crate) limit: Option<Duration>,
    /// Whether the SQL is the application's own, which may have mistakes and must not write.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has no need of it"))]
    pub(crate) own: bool,
}

/// How a result becomes rows. It is worked out once per table for the usual shapes.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The names of the columns that the rows have; the result may have more behind them.
    pub(crate) columns: Arc<Columns>,
    /// How to read each of them.
    pub(crate) codecs: Vec<Codec>,
    /// Where in the result the key's values stand; empty where rows have no identity.
    pub(crate) key: Vec<usize>,
    /// Where in the result the lengths of columns stand that may be cut, and which columns these are.
    pub(crate) cut: Vec<(usize, usize)>,
}

/// How a stored value becomes a [`Value`]. What does not fit stays as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// As it is stored, in SQL of the application's own.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has no need of it"))]
    Own,
    /// As it is stored.
    Plain,
    Boolean,
    Double,
    Decimal {
        scale: u8,
    },
    Date,
    Time,
    DateTime,
    Instant,
    Json,
    Uuid,
    Texts,
    Integers,
}

impl Codec {
    pub(crate) fn of(kind: &FieldType) -> Self {
        match kind {
            FieldType::Boolean => Self::Boolean,
            FieldType::Double => Self::Double,
            FieldType::Decimal { scale, .. } => Self::Decimal { scale: *scale },
            FieldType::Date => Self::Date,
            FieldType::Time => Self::Time,
            FieldType::DateTime => Self::DateTime,
            FieldType::Instant => Self::Instant,
            FieldType::Json => Self::Json,
            FieldType::Uuid => Self::Uuid,
            FieldType::ListString | FieldType::ListUpload => Self::Texts,
            FieldType::ListInteger | FieldType::ListReference { .. } => Self::Integers,
            FieldType::Id
            | FieldType::String
            | FieldType::Text
            | FieldType::Integer
            | FieldType::BigInt
            | FieldType::Blob
            | FieldType::Password
            | FieldType::Upload
            | FieldType::Reference { .. } => Self::Plain,
        }
    }
}

/// A write of one statement. It can be run again if the transaction that it shared was undone by another one's fault.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) sql: Arc<str>,
    pub(crate) params: Vec<Value>,
    pub(crate) op: Op,
    /// The table, to find out about identities and violations; `None` for SQL of the application's own.
    pub(crate) plan: Option<Arc<Plan>>,
    /// What the row must still be for the write to be done; the digest is the last parameter.
    pub(crate) guard: Option<Check>,
}

/// How it is told why a guarded write touched no row.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// Asks for the digest of the row of a key.
    pub(crate) look: Arc<str>,
    pub(crate) digest: RowDigest,
    /// The positions of the columns of which it is the digest.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has no need of it"))]
    pub(crate) columns: Arc<[usize]>,
}

/// What a write does.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Inserts a row; `fields` are positions in the table, in the order of the parameters.
    Insert { fields: Arc<[usize]>, returning: Option<Arc<str>> },
    /// Updates the row of that identity; the key's values follow those of the fields.
    Update { fields: Arc<[usize]>, id: RowId, rekeys: bool },
    /// Deletes the row of that identity.
    Delete { id: RowId },
    /// Changes any number of rows; `fields` are empty for deletes and SQL of the application's own.
    Many { fields: Arc<[usize]> },
}

/// One of many writes.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) first: Write,
    /// What is done where the first one, an update, finds no row.
    pub(crate) otherwise: Option<Write>,
}

/// What one of many writes did.
#[derive(Clone, Debug)]
pub(crate) struct Stepped {
    pub(crate) written: Written,
    /// Whether a row was inserted.
    pub(crate) is_new: bool,
}

/// What a write did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// The identity of the row, where one was inserted or updated and it has one.
    pub(crate) id: Option<RowId>,
    /// How many rows.
    pub(crate) rows: u64,
    /// Whether nothing was written since the row is not what the guard says.
    pub(crate) changed: bool,
}

impl Written {
    /// One row was written.
    pub(crate) fn row(id: Option<RowId>) -> Self {
        Self { id, rows: 1, changed: false }
    }
}
