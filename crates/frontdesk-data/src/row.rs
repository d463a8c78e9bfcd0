use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use frontdesk_validate::Value;

use crate::digest::Digesting;
use crate::{RowDigest, RowId, Values};

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
#[derive(Clone)]
pub struct Row {
    columns: Arc<Columns>,
    values: Cells,
    id: Option<RowId>,
    /// Which cells are only beginnings, and how long they are in the database; nearly always none.
    cut: Option<Lengths>,
}

/// Positions of columns, and lengths in bytes.
pub(crate) type Lengths = Arc<[(usize, u64)]>;

/// Where a row's values are. Rows of one result share their memory: an allocation for each costs more than reading it.
#[derive(Clone)]
enum Cells {
    Own(Vec<Value>),
    /// From that position on.
    Shared(Arc<Vec<Value>>, usize),
}

/// How many rows share their memory at most: a row that is kept keeps that many.
const SHARING: usize = 64;

/// Gathers the rows of a result.
pub(crate) struct Gathered {
    columns: Arc<Columns>,
    values: Vec<Value>,
    ids: Vec<(Option<RowId>, Option<Lengths>)>,
    rows: Vec<Row>,
}

impl Gathered {
    /// For a result of perhaps `rows` rows.
    pub(crate) fn new(columns: &Arc<Columns>, rows: usize) -> Self {
        let rows = rows.min(SHARING);
        Self {
            columns: Arc::clone(columns),
            values: Vec::with_capacity(rows * columns.names.len()),
            ids: Vec::with_capacity(rows),
            rows: Vec::new(),
        }
    }

    /// Where the values of the next row go, one for each column, before [`end_row`](Self::end_row).
    pub(crate) fn values(&mut self) -> &mut Vec<Value> {
        &mut self.values
    }

    pub(crate) fn end_row(&mut self, id: Option<RowId>, cut: Option<Lengths>) {
        self.ids.push((id, cut));
        debug_assert_eq!(self.values.len(), self.ids.len() * self.columns.names.len());
        if self.ids.len() == SHARING {
            self.flush();
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.rows.is_empty()
    }

    pub(crate) fn into_rows(mut self) -> Vec<Row> {
        self.flush();
        self.rows
    }

    fn flush(&mut self) {
        let width = self.columns.names.len();
        let values = std::mem::take(&mut self.values);
        if self.ids.len() == 1 {
            if let Some((id, cut)) = self.ids.pop() {
                let values = Cells::Own(values);
                self.rows.push(Row { columns: Arc::clone(&self.columns), values, id, cut });
            }
            return;
        }
        let shared = Arc::new(values);
        self.rows.extend(self.ids.drain(..).enumerate().map(|(index, (id, cut))| Row {
            columns: Arc::clone(&self.columns),
            values: Cells::Shared(Arc::clone(&shared), index * width),
            id,
            cut,
        }));
    }
}

impl Row {
    /// A row of `columns`; there must be a value for each.
    ///
    /// # Panics
    /// If there are more or fewer values than columns.
    pub fn new(columns: Arc<Columns>, values: Vec<Value>, id: Option<RowId>) -> Self {
        assert_eq!(columns.names.len(), values.len(), "a row has a value for each column");
        Self { columns, values: Cells::Own(values), id, cut: None }
    }

    /// The identity; `None` for a row of a view, of a table without a key, or with NULL in its key.
    pub fn id(&self) -> Option<&RowId> {
        self.id.as_ref()
    }

    /// The value of that column.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.columns.position(name).map(|at| &self.values()[at])
    }

    /// How long the value of that column is in the database, in bytes, where the row has only its beginning: in a set
    /// that is [cut](crate::Set::cut).
    pub fn full_length(&self, name: &str) -> Option<u64> {
        let lengths = self.cut.as_ref()?;
        let at = self.columns.position(name)?;
        lengths.iter().find(|(cut, _)| *cut == at).map(|(_, length)| *length)
    }

    /// Column names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.columns.names.iter().zip(self.values())
    }

    /// The values, in the order of the columns.
    pub fn values(&self) -> &[Value] {
        match &self.values {
            Cells::Own(values) => values,
            Cells::Shared(values, start) => &values[*start..*start + self.columns.names.len()],
        }
    }

    /// The columns.
    pub fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// The digest of these columns, by which it is found out whether they have changed since: see
    /// [`Db::update_if`](crate::Db::update_if). A column that the row does not have counts as such, and of a
    /// [cut](crate::Set::cut) value only what is there.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use frontdesk_data::{Columns, Row, Value};
    ///
    /// let columns = Arc::new(Columns::new(vec!["name".into(), "age".into()]));
    /// let ada = |age: i64| Row::new(Arc::clone(&columns), vec!["Ada".into(), age.into()], None);
    /// assert_eq!(ada(36).digest(["name"]), ada(37).digest(["name"]));
    /// assert_ne!(ada(36).digest(["name", "age"]), ada(37).digest(["name", "age"]));
    /// ```
    pub fn digest(&self, columns: impl IntoIterator<Item = impl AsRef<str>>) -> RowDigest {
        let mut digest = Digesting::begin(&[]);
        columns.into_iter().for_each(|column| digest.push(self.get(column.as_ref())));
        digest.end()
    }

    /// The row as values by name.
    pub fn to_values(&self) -> Values {
        self.iter().map(|(name, value)| (Arc::clone(name), value.clone())).collect()
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns && self.values() == other.values() && self.id == other.id
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("id", &self.id).field("values", &self.to_values()).finish()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_share_their_memory_have_their_own_values() {
        for count in [0, 1, 2, 63, 64, 65, 129] {
            let columns = Arc::new(Columns::new(vec!["a".into(), "b".into()]));
            let mut gathered = Gathered::new(&columns, 3);
            for number in 0..count {
                gathered.values().extend([Value::Int(number), Value::from("b")]);
                gathered.end_row(Some(RowId::from(number)), None);
            }
            let rows = gathered.into_rows();
            assert_eq!(rows.len() as i64, count);
            for (number, row) in (0..count).zip(&rows) {
                let same =
                    Row::new(Arc::clone(&columns), vec![Value::Int(number), "b".into()], Some(number.into()));
                assert_eq!(*row, same);
            }
        }
    }
}
