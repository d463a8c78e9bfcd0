//! Which columns an index finds.

use super::Sqlite;
use crate::DbError;
use crate::backend::Collation;

impl Sqlite {
    /// How an index over all rows that begins with this column compares it, so that a range of it is found without
    /// reading them all. Of several, that which finds more. `None` without any.
    pub(crate) async fn index_of(&self, table: &str, column: &str) -> Result<Option<Collation>, DbError> {
        let (table, column) = (table.to_owned(), column.to_owned());
        self.call(move |connection| {
            let mut indexes = connection.prepare_cached(
                "SELECT upper(info.coll)
                 FROM pragma_index_list(?1, 'main') AS list, pragma_index_xinfo(list.name, 'main') AS info
                 WHERE NOT list.partial AND info.seqno = 0 AND lower(info.name) = lower(?2)",
            )?;
            let mut found = None;
            let mut rows = indexes.query([&table, &column])?;
            while let Some(row) = rows.next()? {
                match row.get_ref(0)?.as_str().unwrap_or_default() {
                    "NOCASE" => found = Some(Collation::NoCase),
                    "BINARY" => found = found.or(Some(Collation::Binary)),
                    _ => {}
                }
            }
            Ok(found)
        })
        .await
    }
}
