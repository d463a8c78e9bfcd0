//! Which column of a file is which field.

use std::fmt::Write;

use frontdesk_data::{DefaultValue, Field, FieldType, Table};

use super::{cell, nearest};
use crate::CliError;

/// Where the values of a file's columns go.
#[derive(Debug)]
pub(super) struct Header {
    /// The field of each column, by its position in the table; `None` for what the database works out.
    pub(super) fields: Vec<Option<usize>>,
}

impl Header {
    /// Matches the names of columns, as they stand in the file, with the fields of the table.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with what to do about it.
    pub(super) fn read(names: &[String], table: &Table) -> Result<Self, CliError> {
        let (mut fields, mut problems) = (Vec::with_capacity(names.len()), Vec::new());
        for (index, name) in names.iter().enumerate() {
            if name.trim().is_empty() {
                problems.push(format!("column {} has no name", index + 1));
                continue;
            }
            match column(cell::unguarded(name), table) {
                Ok(at) if fields.contains(&Some(at)) => {
                    problems.push(format!("the column `{}` is there twice", table.fields[at].name));
                }
                Ok(at) => fields.push(Some(at).filter(|&at| is_given(&table.fields[at]))),
                Err(problem) => problems.push(problem),
            }
        }
        refuse(table, problems)?;
        Ok(Self { fields })
    }

    /// Refuses a file that has no values for fields that need some: each row would be wrong.
    pub(super) fn check(&self, table: &Table, upsert: bool) -> Result<(), CliError> {
        let has = |name: &str| self.fields.iter().flatten().any(|&at| *table.fields[at].name == *name);
        let missing: Vec<&str> = match upsert {
            // Rows that are there need no more than their key.
            true => table.key.iter().map(|name| &**name).filter(|name| !has(name)).collect(),
            false => (table.fields.iter().filter(|field| needs_value(table, field)))
                .map(|field| &*field.name)
                .filter(|name| !has(name))
                .collect(),
        };
        if missing.is_empty() {
            return Ok(());
        }
        let why = if upsert { "the key, by which rows are found again" } else { "what a new row needs" };
        refuse(table, vec![format!("it has no column for `{}`: {why}", missing.join("`, `"))])
    }
}

fn refuse(table: &Table, problems: Vec<String>) -> Result<(), CliError> {
    if problems.is_empty() {
        return Ok(());
    }
    let mut text = format!("the file does not fit the table `{}`:", table.name);
    for problem in problems {
        let _ = write!(text, "\n  {problem}");
    }
    let names: Vec<&str> =
        table.fields.iter().filter(|field| is_given(field)).map(|field| &*field.name).collect();
    let _ = write!(text, "\nIts columns are: {}", names.join(", "));
    Err(CliError::failed(text))
}

/// The field that a name means: by its name, in any case where that is clear, or by its label.
///
/// # Errors
/// A sentence with the nearest name.
pub(super) fn column(name: &str, table: &Table) -> Result<usize, String> {
    if let Some(at) = table.fields.iter().position(|field| *field.name == *name) {
        return writable(at, table);
    }
    let wanted = name.trim().to_lowercase();
    let only = |is_it: &dyn Fn(&Field) -> bool| {
        let mut found = table.fields.iter().enumerate().filter(|(_, field)| is_it(field)).map(|(at, _)| at);
        found.next().filter(|_| found.next().is_none())
    };
    let found = only(&|field| field.name.to_lowercase() == wanted)
        .or_else(|| only(&|field| field.label.to_lowercase() == wanted));
    match found {
        Some(at) => writable(at, table),
        None => {
            let near = nearest(name, table.fields.iter().map(|field| &*field.name));
            Err(format!("the table has no column `{name}`{near}"))
        }
    }
}

fn writable(at: usize, table: &Table) -> Result<usize, String> {
    let field = &table.fields[at];
    let is_key = field.kind == FieldType::Id || table.is_key(&field.name);
    if field.writable || is_key || !is_given(field) {
        return Ok(at);
    }
    Err(format!("the column `{}` is not to be written: leave it out of the file", field.name))
}

/// Whether rows give a value for a field, rather than the database or a program working it out.
fn is_given(field: &Field) -> bool {
    !field.generated && field.compute.is_none()
}

/// Whether a new row without a value for this field is refused.
fn needs_value(table: &Table, field: &Field) -> bool {
    let is_needed = !field.null || table.is_key(&field.name);
    is_needed
        && is_given(field)
        && !matches!(field.kind, FieldType::Id | FieldType::Boolean)
        && !field.kind.is_list()
        && matches!(field.default, DefaultValue::None)
        && field.show_when.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::new("person")
            .field(Field::string("first_name").not_null())
            .field(Field::string("E-Mail").label("Address"))
            .field(Field::string("note").writable(false))
            .field(Field::string("shout").compute(|values| values["first_name"].clone()))
    }

    fn read(names: &[&str]) -> Result<Vec<Option<usize>>, String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Header::read(&names, &table()).map(|header| header.fields).map_err(|error| error.to_string())
    }

    #[test]
    fn crud_15_names_are_found_and_those_that_are_none_told_with_the_nearest_one() {
        assert_eq!(read(&["first_name", "e-mail", "id"]), Ok(vec![Some(1), Some(2), Some(0)]));
        assert_eq!(read(&["First Name", "address"]), Ok(vec![Some(1), Some(2)]));
        assert_eq!(read(&["first_name", "shout"]), Ok(vec![Some(1), None]));
        for (names, part) in [
            (&["frist_name"][..], "did you mean `first_name`?"),
            (&["first_name", "FIRST_NAME"], "`first_name` is there twice"),
            (&["first_name", ""], "column 2 has no name"),
            (&["note"], "`note` is not to be written"),
            (&["zzz"], "Its columns are: id, first_name, E-Mail, note"),
        ] {
            let error = read(names).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn crud_15_columns_that_are_missing_are_told() {
        let header = Header { fields: vec![Some(2)] };
        let error = header.check(&table(), false).unwrap_err().to_string();
        assert!(error.contains("no column for `first_name`"), "{error}");
        let error = header.check(&table(), true).unwrap_err().to_string();
        assert!(error.contains("no column for `id`: the key"), "{error}");
        Header { fields: vec![Some(1)] }.check(&table(), false).unwrap();
    }
}
