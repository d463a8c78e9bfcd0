//! Rows in bulk: out of a table into a file, and back.

pub(crate) mod cell;
pub(crate) mod check;
pub(crate) mod export;
mod header;
pub(crate) mod import;
mod interrupt;
mod json;
mod progress;
mod read;
mod report;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use frontdesk_data::{DbOptions, Table};

use crate::{CliError, Described};

/// How rows are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values, as RFC 4180 says, with a line of names
    Csv,
    /// A JSON object a line
    Jsonl,
}

impl Format {
    /// What was asked for, or what the file's name says.
    fn of(asked: Option<Self>, file: Option<&Path>) -> Self {
        let by_name = || {
            let extension = file?.extension()?.to_str()?.to_ascii_lowercase();
            ["jsonl", "ndjson", "json"].contains(&extension.as_str()).then_some(Self::Jsonl)
        };
        asked.or_else(by_name).unwrap_or(Self::Csv)
    }
}

/// How a database is opened for work that may take long, and whose reader may take a pause.
fn patient() -> DbOptions {
    const LONG: Duration = Duration::from_hours(1);
    DbOptions::new().statement_timeout(LONG * 24).idle_timeout(LONG).readers(2)
}

/// The table of that name.
fn table(described: &Described, name: &str) -> Result<Arc<Table>, CliError> {
    described.db.table(name).ok_or_else(|| {
        let tables = described.db.tables();
        let near = nearest(name, tables.iter().map(|table| &*table.name));
        CliError::failed(format!("{} has no table `{name}`{near}", described.name))
    })
}

/// `; did you mean …?`, where one of `known` is near to `wrong`.
fn nearest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    if wrong.len() > 128 {
        return String::new();
    }
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

/// A count for people: `1,234,567`.
fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `1,234 rows`.
fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", number(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(count), text);
        }
        assert_eq!((rows(1), rows(2000)), ("1 row".to_owned(), "2,000 rows".to_owned()));
    }
}
