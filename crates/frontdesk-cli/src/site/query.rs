//! What the address of a list says: which rows, in which order, from where on.

use std::sync::Arc;

use form_urlencoded::Serializer;
use frontdesk_data::{FieldType, Row, RowId, Set, Table, Value};

use super::{Seen, address};

/// How many rows a page has.
pub(crate) const ROWS: usize = 50;

/// How long a text to be searched for may be, in characters.
const LONGEST_SEARCH: usize = 200;

/// The rows that a list shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Listing {
    /// Words that occur in the rows' texts.
    pub(crate) search: String,
    pub(crate) sort: Option<Sort>,
    /// Only rows with that value in that field.
    pub(crate) only: Option<(Arc<str>, Value)>,
    pub(crate) from: From,
    /// Whether all columns of a wide table are shown.
    pub(crate) all_columns: bool,
}

/// The order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sort {
    pub(crate) field: Arc<str>,
    pub(crate) descending: bool,
}

/// Where the page begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum From {
    #[default]
    Start,
    After(RowId),
    Before(RowId),
    /// The page of that number, from 2: for rows without an identity.
    Page(u64),
}

/// The address asks for rows by a field that there is not, or that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownField;

impl Listing {
    /// Reads the query of an address. What makes no sense is left out, but for a filter: without it there would be rows
    /// that were not asked for.
    pub(crate) fn read(query: &str, table: &Table) -> Result<Self, UnknownField> {
        let mut listing = Self::default();
        let (mut field, mut value) = (None, None);
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "q" => listing.search = text.trim().chars().take(LONGEST_SEARCH).collect(),
                "sort" => listing.sort = Sort::read(&text, table),
                "field" => field = Some(text.into_owned()),
                "is" => value = text.parse::<RowId>().ok(),
                "after" => listing.from = text.parse().map_or(From::Start, From::After),
                "before" => listing.from = text.parse().map_or(From::Start, From::Before),
                "page" => {
                    // So many rows are walked over, and never more than these pages.
                    let number = text.parse().unwrap_or(1).min(1_000_000);
                    listing.from = if number > 1 { From::Page(number) } else { From::Start };
                }
                "columns" => listing.all_columns = text == "all",
                _ => {}
            }
        }
        if let Some(field) = field {
            let field =
                table.get(&field).filter(|field| field.readable && !field.secret).ok_or(UnknownField)?;
            let value = value.filter(|value| value.values().len() == 1).ok_or(UnknownField)?;
            listing.only = Some((Arc::clone(&field.name), value.values()[0].clone()));
        }
        let fits = match &listing.from {
            From::Start => true,
            From::Page(_) => !is_keyed(table),
            From::After(id) | From::Before(id) => is_keyed(table) && id.values().len() == table.key.len(),
        };
        if !fits {
            listing.from = From::Start;
        }
        Ok(listing)
    }

    /// The rows of one value in one field.
    pub(crate) fn only(field: &Arc<str>, value: Value) -> Self {
        Self { only: Some((Arc::clone(field), value)), ..Self::default() }
    }

    /// This list from another row on.
    pub(crate) fn from(&self, from: From) -> Self {
        Self { from, ..self.clone() }
    }

    /// The query of this list's address; empty for the plain list.
    pub(crate) fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        if !self.search.is_empty() {
            query.append_pair("q", &self.search);
        }
        if let Some((field, value)) = &self.only
            && let Some(id) = RowId::from_values([value.clone()])
        {
            query.append_pair("field", field).append_pair("is", &id.to_string());
        }
        if let Some(sort) = &self.sort {
            query.append_pair("sort", &format!("{}{}", if sort.descending { "-" } else { "" }, sort.field));
        }
        if self.all_columns {
            query.append_pair("columns", "all");
        }
        match &self.from {
            From::Start => {}
            From::After(id) => _ = query.append_pair("after", &id.to_string()),
            From::Before(id) => _ = query.append_pair("before", &id.to_string()),
            From::Page(number) => _ = query.append_pair("page", &number.to_string()),
        }
        query.finish()
    }

    /// This list's address.
    pub(crate) fn address(&self, table: &Table) -> String {
        let (mut address, query) = (address::rows(&table.name), self.query());
        if !query.is_empty() {
            address.push('?');
            address.push_str(&query);
        }
        address
    }

    /// All rows of the list, wherever the page begins.
    pub(crate) fn set(&self, seen: &Seen, table: &Arc<Table>) -> Set {
        let mut set = seen.set(table).search(&self.search);
        if let Some((field, value)) = &self.only {
            set = set.filter(table.col(field).eq(value.clone()));
        }
        match &self.sort {
            Some(sort) if sort.descending => set.order_by_desc(Arc::clone(&sort.field)),
            Some(sort) => set.order_by(Arc::clone(&sort.field)),
            None => set,
        }
    }
}

impl Sort {
    fn read(text: &str, table: &Table) -> Option<Self> {
        // A name may begin with a hyphen itself: then it is found as it stands.
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) if table.get(text).is_none() => (name, true),
            _ => (text, false),
        };
        let field = table.get(name).filter(|field| can_sort(field))?;
        Some(Self { field: Arc::clone(&field.name), descending })
    }
}

/// Whether rows can be ordered by a field.
pub(crate) fn can_sort(field: &frontdesk_data::Field) -> bool {
    let orderly = !matches!(field.kind, FieldType::Blob | FieldType::Json) && !field.kind.is_list();
    orderly && field.readable && !field.secret
}

/// Whether every row can be told from the others, so that a page can begin behind one.
pub(crate) fn is_keyed(table: &Table) -> bool {
    table.has_key() && table.key_fields().all(|field| !field.null)
}

/// One page of rows, and whether there are some before and behind.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) previous: Option<From>,
    pub(crate) next: Option<From>,
}

impl Rows {
    /// Reads the page of `set` that begins at `from`.
    pub(crate) async fn read(set: &Set, from: &From) -> Result<Self, frontdesk_data::DbError> {
        let most = ROWS as u64;
        match from {
            From::Start | From::Page(_) => {
                let number = if let From::Page(number) = from { *number } else { 1 };
                let mut rows = set.clone().limit(most + 1).offset((number - 1) * most).rows().await?;
                let more = rows.len() > ROWS;
                rows.truncate(ROWS);
                let previous = match number {
                    1 => None,
                    2 => Some(From::Start),
                    number => Some(From::Page(number - 1)),
                };
                let next = match rows.last().and_then(Row::id) {
                    _ if !more => None,
                    Some(last) if is_keyed(set.table()) => Some(From::After(last.clone())),
                    _ => Some(From::Page(number + 1)),
                };
                Ok(Self { rows, previous, next })
            }
            From::After(id) => {
                let mut rows = set.clone().after(id).limit(most + 1).rows().await?;
                let more = rows.len() > ROWS;
                rows.truncate(ROWS);
                let next = rows.last().and_then(Row::id).filter(|_| more).cloned().map(From::After);
                let first = rows.first().and_then(Row::id).cloned();
                Ok(Self { previous: Some(first.map_or(From::Start, From::Before)), next, rows })
            }
            From::Before(id) => {
                let mut rows = set.clone().before(id).limit(most + 1).rows().await?;
                if rows.len() < ROWS {
                    // The beginning: a whole page is better than a few rows.
                    return Box::pin(Self::read(set, &From::Start)).await;
                }
                let more = rows.len() > ROWS;
                if more {
                    rows.remove(0);
                }
                let previous = rows.first().and_then(Row::id).filter(|_| more).cloned().map(From::Before);
                let next = rows.last().and_then(Row::id).cloned().map(From::After);
                Ok(Self { rows, previous, next })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_data::Field;

    use super::*;

    fn table() -> Table {
        Table::new("t")
            .field(Field::string("name"))
            .field(Field::string("-name"))
            .field(Field::string("hidden").readable(false))
            .field(Field::password("word"))
    }

    #[test]
    fn an_address_reads_back() {
        let table = table();
        for listing in [
            Listing::default(),
            Listing { search: "a & b=ü%".to_owned(), ..Listing::default() },
            Listing::only(&"name".into(), "42".into()),
            Listing::only(&"name".into(), 42.into()),
            Listing { sort: Some(Sort { field: "name".into(), descending: true }), ..Listing::default() },
            Listing { sort: Some(Sort { field: "-name".into(), descending: true }), ..Listing::default() },
            Listing { from: From::After("a/b".into()), all_columns: true, ..Listing::default() },
            Listing { from: From::Before(7.into()), ..Listing::default() },
        ] {
            let query = listing.query();
            let expected = match &listing.sort {
                // Read as the field of that very name.
                Some(sort) if &*sort.field == "name" => Listing {
                    sort: Some(Sort { field: "-name".into(), descending: false }),
                    ..listing.clone()
                },
                _ => listing,
            };
            assert_eq!(Listing::read(&query, &table), Ok(expected), "{query}");
        }
    }

    #[test]
    fn a_filter_by_what_is_not_shown_is_refused_and_an_order_ignored() {
        let table = table();
        for field in ["hidden", "word", "nothing"] {
            assert_eq!(Listing::read(&format!("field={field}&is=1"), &table), Err(UnknownField));
            assert_eq!(Listing::read(&format!("sort={field}"), &table), Ok(Listing::default()));
        }
        assert_eq!(Listing::read("field=name&is=%2F", &table), Err(UnknownField));
        assert_eq!(Listing::read("after=%2F&page=x&page=-1&%ff=%fe", &table), Ok(Listing::default()));
    }
}
