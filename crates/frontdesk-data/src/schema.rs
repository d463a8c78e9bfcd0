use std::sync::Arc;

use crate::Table;

/// All tables of a database, in the order of their names.
///
/// ```
/// use frontdesk_data::{Schema, Table};
///
/// let schema = Schema::new([Table::new("thing"), Table::new("person")]);
/// assert_eq!(schema.tables.iter().map(|table| &*table.name).collect::<Vec<_>>(), ["person", "thing"]);
/// assert!(schema.get("thing").is_some());
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Schema {
    /// The tables and views.
    pub tables: Vec<Arc<Table>>,
}

impl Schema {
    /// A schema of these tables.
    pub fn new<T: Into<Arc<Table>>>(tables: impl IntoIterator<Item = T>) -> Self {
        let mut tables: Vec<Arc<Table>> = tables.into_iter().map(Into::into).collect();
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        Self { tables }
    }

    /// The table of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.iter().find(|table| &*table.name == name)
    }
}
