use std::ops::Index;
use std::sync::Arc;

use frontdesk_validate::Value;

use crate::{RowId, Values};

/// The names of a result's columns, shared by its rows.
#[derive(Debug, PartialEq, Eq)]
pub struct Columns {
    names: Vec<Arc<str>>,
}

impl Columns {
    /// Columns of these names.
    pub fn new(names: Vec<Arc<str>>) -> Self {
        Self { names }
    }

    /// The names, in order.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| &**known == name)
    }
}

/// One row: values by column name, and the row's identity where it has one.
///
/// A column of a joined table is named by the reference and the column: `artist_id.name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    columns: Arc<Columns>,
    values: Vec<Value>,
    id: Option<RowId>,
}

impl Row {
    /// A row of `columns`; there must be a value for each.
    ///
    /// # Panics
    /// If there are more or fewer values than columns.
    pub fn new(columns: Arc<Columns>, values: Vec<Value>, id: Option<RowId>) -> Self {
        assert_eq!(columns.names.len(), values.len(), "a row has a value for each column");
        Self { columns, values, id }
    }

    /// The identity; `None` for a row of a view, of a table without a key, or with NULL in its key.
    pub fn id(&self) -> Option<&RowId> {
        self.id.as_ref()
    }

    /// The value of that column.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.columns.position(name).map(|at| &self.values[at])
    }

    /// Column names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.columns.names.iter().zip(&self.values)
    }

    /// The values, in the order of the columns.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The columns.
    pub fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// The row as values by name.
    pub fn to_values(&self) -> Values {
        self.iter().map(|(name, value)| (Arc::clone(name), value.clone())).collect()
    }
}

impl Index<&str> for Row {
    type Output = Value;

    /// The value of that column; null where there is no such column.
    fn index(&self, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.get(name).unwrap_or(&NULL)
    }
}
