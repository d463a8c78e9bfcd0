//! A schema file without a database.

use std::sync::Arc;

use frontdesk_validate::Registry;

use super::SchemaFile;
use crate::rules::{Notes, Unasked, complete_alone};
use crate::{IsInDb, IsNotInDb, Schema, SchemaFileError, Table};

/// The tables that a schema file describes by itself, without a database: for checking values by their rules.
///
/// Rules that would ask the database accept everything, and [`unchecked`](Self::unchecked) tells of those that were asked.
#[derive(Clone, Debug)]
pub struct SchemaAlone {
    schema: Schema,
    notes: Notes,
}

impl SchemaAlone {
    /// The tables, with their rules.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What was not checked so far, since it would have taken the database: a sentence each.
    pub fn unchecked(&self) -> Vec<String> {
        self.notes.all()
    }
}

impl SchemaFile {
    /// The tables as the file alone describes them, those too that it would not make. What
    /// [`Schema::to_toml`] has written of a database is complete.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    ///
    /// ```
    /// use frontdesk_data::{RowCheck, SchemaFile, Values};
    /// use frontdesk_validate::Registry;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let text = "[tables.artist]\n[tables.album.fields]\ntitle = { type = 'string', null = false }\nartist = { type = 'reference artist' }";
    /// let file = SchemaFile::parse("frontdesk.toml", text).unwrap();
    /// let alone = file.describe_alone(&Registry::standard()).unwrap();
    /// let check = RowCheck::of(alone.schema().get("album").unwrap());
    ///
    /// assert!(check.new_row(Values::new().with("artist", 7)).await.is_err()); // no title
    /// check.new_row(Values::new().with("title", "Pastel Blues").with("artist", 7)).await.unwrap();
    /// assert_eq!(alone.unchecked(), ["album.artist: whether `artist` has such a row"]);
    /// # });
    /// ```
    pub fn describe_alone(&self, registry: &Registry) -> Result<SchemaAlone, SchemaFileError> {
        let notes = Notes::default();
        let mut registry = registry.clone();
        for (rule, asks) in [(IsInDb::NAME, "has such a row"), (IsNotInDb::NAME, "has no such row yet")] {
            let notes = notes.clone();
            registry.add_with(rule, crate::rules::DB_RULE_ARGS, move |args| {
                let field = args.text("field")?.unwrap_or_default();
                // What else is said of it would be asked of the database too.
                for name in crate::rules::DB_RULE_ARGS {
                    args.take(name);
                }
                Ok(Arc::new(Unasked::new(rule, format!("{rule}: whether `{field}` {asks}"), &notes)))
            });
        }
        let mut file = self.clone();
        file.tables.iter_mut().for_each(|entry| entry.create = true);
        let merged = file.merge(&Schema::default(), &registry)?;
        let tables = merged.tables.iter().map(|table| {
            let mut table = Table::clone(table);
            complete_alone(&notes, &mut table);
            table
        });
        Ok(SchemaAlone { schema: Schema::new(tables), notes })
    }
}
