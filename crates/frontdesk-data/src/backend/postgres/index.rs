//! Which columns an index finds.

use super::Postgres;
use crate::backend::Collation;
use crate::statement::Query;
use crate::{DbError, Table, Value};

/// The operator class and the collation of indexes over all rows that begin with a column, and the rules of the database.
const INDEXES: &str = "\
    SELECT o.opcname::text, coalesce(nullif(l.collname::text, 'default'), d.datcollate) \
    FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_namespace n ON n.oid = r.relnamespace \
    JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree' \
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
    JOIN pg_opclass o ON o.oid = i.indclass[0] \
    LEFT JOIN pg_collation l ON l.oid = i.indcollation[0] \
    JOIN pg_database d ON d.datname = current_database() \
    WHERE i.indisvalid AND i.indpred IS NULL AND r.relname = ? AND a.attname = ? AND ";

impl Postgres {
    /// How an index over all rows that begins with this column compares it, so that a range of it is found without
    /// reading them all. `None` without any.
    pub(crate) async fn index_of(&self, table: &Table, column: &str) -> Result<Option<Collation>, DbError> {
        let (name, mut sql) = match &table.source {
            Some(source) => (&source.name, format!("{INDEXES} n.nspname = ?")),
            None => (&table.name, format!("{INDEXES} pg_table_is_visible(r.oid)")),
        };
        sql.push_str(" LIMIT 100");
        let mut params: Vec<Value> = vec![(&**name).into(), column.into()];
        params.extend(table.source.as_ref().map(|source| Value::from(&*source.schema)));
        let query = Query { sql: sql.into(), params, shape: None, rows: 4, limit: None, own: false };
        let mut found = None;
        for row in self.read(query).await? {
            let text = |at: usize| row.values().get(at).and_then(Value::as_str).unwrap_or_default();
            match (text(0), text(1)) {
                (class, _) if class.ends_with("_pattern_ops") => found = Some(Collation::Pattern),
                (_, "C" | "POSIX") => found = found.or(Some(Collation::Bytes)),
                _ => {}
            }
        }
        Ok(found)
    }
}
