//! References between tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, named_params};

use crate::backend::describe;
use crate::{ForeignKey, Table, TableKind};

/// Fills in the foreign keys, and makes a field that refers to another table by itself a reference. References to what
/// does not exist stay foreign keys, since the database still enforces them; their fields stay as they are.
pub(super) fn resolve(connection: &Connection, tables: &mut [Table]) -> rusqlite::Result<()> {
    let by_name: BTreeMap<String, usize> =
        tables.iter().enumerate().map(|(index, table)| (table.name.to_ascii_lowercase(), index)).collect();
    for index in 0..tables.len() {
        if tables[index].kind == TableKind::View {
            continue;
        }
        for declared in declared(connection, &tables[index].name)? {
            let target = by_name.get(&declared.table.to_ascii_lowercase()).map(|&index| &tables[index]);
            let key = declared.resolved(target);
            if let ([field], Some((target, column))) =
                (&key.fields[..], describe::single_target(&key, target))
            {
                let (target, field) = (Arc::clone(&target.name), Arc::clone(field));
                describe::make_reference(&mut tables[index], &field, target, &column);
            }
            tables[index].foreign_keys.push(key);
        }
    }
    Ok(())
}

/// A foreign key as the database lists it.
struct Declared {
    table: String,
    /// Columns here, and there where they are named; else the other table's primary key is meant.
    columns: Vec<(String, Option<String>)>,
}

fn declared(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Declared>> {
    // The last one declared is listed first.
    let sql = r#"SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(:table, 'main') ORDER BY id DESC, seq"#;
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! {":table": table})?;
    let mut keys: Vec<(i64, Declared)> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let column = (row.get(2)?, row.get(3)?);
        match keys.last_mut() {
            Some((last, key)) if *last == id => key.columns.push(column),
            _ => keys.push((id, Declared { table: row.get(1)?, columns: vec![column] })),
        }
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

impl Declared {
    /// With the names as the other table spells them. The columns are empty where they cannot be told.
    fn resolved(self, target: Option<&Table>) -> ForeignKey {
        let spelled = |name: &str| -> Arc<str> {
            let known = target
                .and_then(|table| table.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)));
            known.map_or_else(|| name.into(), |field| Arc::clone(&field.name))
        };
        let named: Option<Vec<Arc<str>>> =
            self.columns.iter().map(|(_, to)| to.as_deref().map(spelled)).collect();
        let key = || target.map(|table| table.key.clone()).filter(|key| key.len() == self.columns.len());
        ForeignKey {
            name: None,
            columns: named.or_else(key).unwrap_or_default(),
            table: target.map_or_else(|| self.table.as_str().into(), |table| Arc::clone(&table.name)),
            fields: self.columns.iter().map(|(from, _)| from.as_str().into()).collect(),
        }
    }
}
