//! Reads a TOML document key by key: each key is taken once, with its line; what nobody took is an unknown key.

use std::cell::RefCell;

use serde_json::{Map, Value as Json, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::did_you_mean;
use super::{SchemaFileError, SchemaProblem};

/// A value and the line on which it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// A document that is being read, and the mistakes met so far.
pub(super) struct Document {
    /// Where each line begins.
    lines: Vec<usize>,
    problems: RefCell<Vec<SchemaProblem>>,
}

impl Document {
    /// Parses `text`, lets `read` take what it knows, and refuses the rest.
    pub(super) fn read<T>(
        file: &str,
        text: &str,
        read: impl FnOnce(&mut Section<'_, '_>) -> T,
    ) -> Result<T, SchemaFileError> {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let document = Self { lines, problems: RefCell::default() };
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = document.line(error.span().map_or(0, |span| span.start));
            document.problem(line, "", error.message().to_owned());
        }
        let mut result = None;
        if document.problems.borrow().is_empty() {
            let mut section = Section::new(&document, String::new(), 1, root.get_ref());
            result = Some(read(&mut section));
            section.finish();
        }
        let mut problems = document.problems.into_inner();
        match result {
            Some(result) if problems.is_empty() => Ok(result),
            _ => {
                problems.sort_by_key(|problem| problem.line);
                Err(SchemaFileError { file: file.to_owned(), problems })
            }
        }
    }

    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|&start| start <= at)
    }

    fn problem(&self, line: usize, part: &str, text: String) {
        self.problems.borrow_mut().push(SchemaProblem { line, part: part.to_owned(), text });
    }
}

/// A table of the document.
pub(super) struct Section<'d, 's> {
    document: &'d Document,
    /// The keys that lead here, quoted where they must be.
    path: String,
    /// The line of its heading.
    pub(super) line: usize,
    left: Vec<Entry<'d, 's>>,
    known: Vec<&'static str>,
}

struct Entry<'d, 's> {
    key: &'d str,
    line: usize,
    value: &'d Spanned<DeValue<'s>>,
}

impl<'d, 's> Section<'d, 's> {
    fn new(document: &'d Document, path: String, line: usize, table: &'d DeTable<'s>) -> Self {
        let mut left: Vec<(usize, Entry<'d, 's>)> = table
            .iter()
            .map(|(key, value)| {
                let at = key.span().start;
                (at, Entry { key: key.get_ref(), line: document.line(at), value })
            })
            .collect();
        left.sort_by_key(|(at, _)| *at);
        Self {
            document,
            path,
            line,
            left: left.into_iter().map(|(_, entry)| entry).collect(),
            known: Vec::new(),
        }
    }

    /// Notes a mistake in this section.
    pub(super) fn problem(&self, line: usize, text: impl Into<String>) {
        let part = if self.path.is_empty() { String::new() } else { format!("[{}]", self.path) };
        self.document.problem(line, &part, text.into());
    }

    /// The section as mistakes name it.
    pub(super) fn part(&self) -> String {
        format!("[{}]", self.path)
    }

    fn take(&mut self, name: &'static str) -> Option<Entry<'d, 's>> {
        self.known.push(name);
        let at = self.left.iter().position(|entry| entry.key == name)?;
        Some(self.left.remove(at))
    }

    fn convert<T>(
        &mut self,
        name: &'static str,
        wanted: &str,
        convert: impl FnOnce(&DeValue<'s>) -> Option<T>,
    ) -> Option<At<T>> {
        let entry = self.take(name)?;
        let converted = convert(entry.value.get_ref());
        if converted.is_none() {
            self.problem(
                entry.line,
                format!("`{name}` wants {wanted}, not {}", shown(entry.value.get_ref())),
            );
        }
        converted.map(|value| At { value, line: entry.line })
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<At<String>> {
        self.convert(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.convert(name, "true or false", DeValue::as_bool).map(|flag| flag.value)
    }

    /// A whole number from 1.
    pub(super) fn count(&mut self, name: &'static str) -> Option<u64> {
        let wanted = "a whole number from 1";
        self.convert(name, wanted, |value| integer(value)?.as_u64().filter(|&count| count > 0))
            .map(|count| count.value)
    }

    /// One text or a list of texts.
    pub(super) fn texts(&mut self, name: &'static str) -> Option<At<Vec<String>>> {
        self.convert(name, "a text or a list of texts", texts)
    }

    /// A list of lists of texts.
    pub(super) fn lists(&mut self, name: &'static str) -> Option<At<Vec<Vec<String>>>> {
        self.convert(name, "a list of lists of texts", |value| {
            let lists = value.as_array()?;
            lists.iter().map(|list| list.get_ref().as_array().and(texts(list.get_ref()))).collect()
        })
    }

    /// Anything, as JSON in which tags stand for what JSON lacks, in the order of the file.
    pub(super) fn json(&mut self, name: &'static str) -> Option<At<Json>> {
        self.convert(name, "a value that numbers of 64 bits can hold", json)
    }

    /// A text that is parsed.
    pub(super) fn parsed<T: std::str::FromStr>(&mut self, name: &'static str) -> Option<At<T>>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(name)?;
        match text.value.parse() {
            Ok(value) => Some(At { value, line: text.line }),
            Err(error) => {
                self.problem(text.line, format!("`{name}`: {error}"));
                None
            }
        }
    }

    /// A table within this one.
    pub(super) fn section<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Section<'d, 's>) -> T,
    ) -> Option<T> {
        let entry = self.take(name)?;
        self.within(&entry, read)
    }

    /// All keys that are left, each a table within this one.
    pub(super) fn sections<T>(&mut self, mut read: impl FnMut(&str, &mut Section<'d, 's>) -> T) -> Vec<T> {
        let entries = std::mem::take(&mut self.left);
        entries.iter().filter_map(|entry| self.within(entry, |section| read(entry.key, section))).collect()
    }

    fn within<T>(&self, entry: &Entry<'d, 's>, read: impl FnOnce(&mut Section<'d, 's>) -> T) -> Option<T> {
        let DeValue::Table(table) = entry.value.get_ref() else {
            self.problem(
                entry.line,
                format!("`{}` wants a table, not {}", entry.key, shown(entry.value.get_ref())),
            );
            return None;
        };
        let dot = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{dot}{}", self.path, super::print::key(entry.key));
        let mut section = Section::new(self.document, path, entry.line, table);
        let result = read(&mut section);
        section.finish();
        Some(result)
    }

    /// Whether the value of a key that was not taken yet is a text.
    pub(super) fn is_text(&self, name: &str) -> bool {
        self.left.iter().any(|entry| entry.key == name && entry.value.get_ref().is_str())
    }

    /// Whether the value of a key that was not taken yet is a table.
    pub(super) fn is_table(&self, name: &str) -> bool {
        self.left.iter().any(|entry| entry.key == name && matches!(entry.value.get_ref(), DeValue::Table(_)))
    }

    fn finish(&mut self) {
        for entry in std::mem::take(&mut self.left) {
            let mut text = format!("unknown key `{}`", entry.key);
            let meant = did_you_mean(entry.key, self.known.iter().copied());
            match meant.is_empty() {
                true => text.push_str(&format!("; known are {}", self.known.join(", "))),
                false => text.push_str(&meant),
            }
            self.problem(entry.line, text);
        }
    }
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(text) => Some(vec![text.to_string()]),
        DeValue::Array(items) => {
            items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

fn integer(value: &DeValue<'_>) -> Option<Json> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok().map(Json::from)
}

/// TOML has dates of its own; they become tags, as do numbers that JSON cannot write.
fn json(value: &DeValue<'_>) -> Option<Json> {
    Some(match value {
        DeValue::String(text) => Json::from(&**text),
        DeValue::Integer(_) => integer(value)?,
        DeValue::Float(number) => match number.as_str().parse::<f64>().ok()? {
            finite if finite.is_finite() => finite.into(),
            _ => json!({ "$float": number.as_str().trim_start_matches('+') }),
        },
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(at) => {
            let tag = match (at.date, at.time) {
                (Some(_), None) => "$date",
                (None, Some(_)) => "$time",
                _ => "$datetime",
            };
            json!({ tag: at.to_string() })
        }
        DeValue::Array(items) => {
            Json::Array(items.iter().map(|item| json(item.get_ref())).collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let mut members: Vec<_> = table.iter().collect();
            members.sort_by_key(|(key, _)| key.span().start);
            let members = members
                .into_iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), json(value.get_ref())?)));
            Json::Object(members.collect::<Option<Map<_, _>>>()?)
        }
    })
}

/// What was found, for messages; shortened.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Table(_) => "a table".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::String(text) if text.chars().count() > 40 => {
            format!("{:?}", text.chars().take(40).chain(['…']).collect::<String>())
        }
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(at) => at.to_string(),
    }
}
