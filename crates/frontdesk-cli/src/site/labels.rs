//! How the rows that others refer to are called.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_data::{Action, DbError, Field, FieldType, Row, RowId, Table, Value};
use futures_util::future::join_all;

use super::Seen;

/// How a row is called, by the value that refers to it.
pub(crate) struct Labels {
    /// The table that is referred to.
    pub(crate) table: Arc<Table>,
    known: HashMap<String, Label>,
}

/// How one row is called.
pub(crate) struct Label {
    pub(crate) text: String,
    pub(crate) id: Option<RowId>,
}

impl Labels {
    /// The label for a value; `None` where there is no such row.
    pub(crate) fn of(&self, value: &Value) -> Option<&Label> {
        self.known.get(&*value.to_text())
    }
}

/// The labels that the rows of one page need, by field: one statement for each field that refers to something.
///
/// They only make a list nicer: where one cannot be had (the other table is gone), the list shows the bare value.
pub(crate) async fn of_rows<'f>(
    seen: &Seen,
    table: &Table,
    fields: impl IntoIterator<Item = &'f Field>,
    rows: &[Row],
) -> HashMap<Arc<str>, Labels> {
    let wanted = fields.into_iter().filter_map(|field| {
        let (target, column) = target(seen, table, field)?;
        let mut values: Vec<Value> = Vec::new();
        for value in rows.iter().filter_map(|row| row.get(&field.name)) {
            match value {
                Value::Null => {}
                Value::List(items) => values.extend(items.iter().filter(|item| !item.is_null()).cloned()),
                one => values.push(one.clone()),
            }
        }
        // Lists may be long; what a cell shows of them is not.
        values.truncate(1000);
        Some((Arc::clone(&field.name), target, column, values))
    });
    let asked =
        wanted.filter(|(.., values)| !values.is_empty()).map(async |(name, target, column, values)| {
            match labels(seen, &target, &column, values).await {
                Ok(known) => Some((name, Labels { table: target, known })),
                Err(error) => {
                    tracing::debug!(field = &*name, %error, "no labels for a reference");
                    None
                }
            }
        });
    join_all(asked).await.into_iter().flatten().collect()
}

/// The table and column that a field refers to.
fn target(seen: &Seen, table: &Table, field: &Field) -> Option<(Arc<Table>, Arc<str>)> {
    let (name, column) = match (table.reference_of(&field.name), &field.kind) {
        (Some(key), _) => (&key.table, key.columns.first().cloned()),
        (None, FieldType::ListReference { table } | FieldType::Reference { table }) => (table, None),
        _ => return None,
    };
    let target = Arc::clone(seen.table(name)?);
    if target.impossible(Action::Read).is_some() {
        return None;
    }
    let column = match column {
        Some(column) => column,
        None if target.key.len() == 1 => Arc::clone(&target.key[0]),
        None => return None,
    };
    target.get(&column)?;
    Some((target, column))
}

async fn labels(
    seen: &Seen,
    target: &Arc<Table>,
    column: &Arc<str>,
    values: Vec<Value>,
) -> Result<HashMap<String, Label>, DbError> {
    let mut columns = vec![Arc::clone(column)];
    if let Some(readable) = &target.readable {
        let shown = readable
            .columns()
            .filter(|name| target.get(name).is_some_and(|field| field.readable && !field.secret));
        columns.extend(shown.cloned());
    }
    columns.dedup();
    let most = values.len() as u64;
    let set = seen.set(target).filter(target.col(column).is_in(values)).columns(columns).limit(most);
    let rows = set.rows().await?;
    let label = |row: &Row| Label { text: of_row(target, row), id: row.id().cloned() };
    Ok(rows.iter().map(|row| (row[column].to_text().into_owned(), label(row))).collect())
}

/// How a row is called: by its table's label template, or by its key.
pub(crate) fn of_row(table: &Table, row: &Row) -> String {
    of_values(table, |name| row.get(name).cloned())
        .or_else(|| {
            let id = row.id()?;
            Some(id.values().iter().map(|value| value.to_text().into_owned()).collect::<Vec<_>>().join(", "))
        })
        .unwrap_or_default()
}

/// How a row of these values is called by its table's label template; `None` where that says nothing.
pub(crate) fn of_values(table: &Table, value: impl Fn(&str) -> Option<Value>) -> Option<String> {
    let shown = |name: &str| {
        let field = table.get(name).filter(|field| field.readable && !field.secret)?;
        match value(&field.name)? {
            // Nobody knows a row by its bytes.
            Value::Bytes(_) => None,
            value => Some(value),
        }
    };
    let label = table.readable.as_ref()?.render(shown);
    let label = label.trim();
    (!label.is_empty()).then(|| shortened(label, 80))
}

/// The first `most` characters of a text, with `…` where some are left out; white space is one blank.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let mut short = String::new();
    let mut count = 0;
    for word in text.split_whitespace() {
        if count > 0 {
            short.push(' ');
            count += 1;
        }
        for letter in word.chars() {
            if count >= most {
                short.push('…');
                return short;
            }
            short.push(letter);
            count += 1;
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("a\n b  c", 10), "a b c");
        assert_eq!(shortened("größe", 3), "grö…");
        assert_eq!(shortened("größe", 5), "größe");
        assert_eq!(shortened("", 5), "");
        assert_eq!(shortened(&"x ".repeat(1_000_000), 4), "x x …");
    }
}
