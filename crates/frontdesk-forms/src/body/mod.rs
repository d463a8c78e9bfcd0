//! From a request's body to a [`Submission`]: raw texts and files, nothing interpreted yet.

pub(crate) mod json;
pub(crate) mod multipart;
pub(crate) mod pace;
pub(crate) mod urlencoded;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_validate::{FileValue, Value};

/// What a request may bring.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// All names and texts of a form together, in bytes; also the size of an urlencoded or JSON body. Default: 2 MiB.
    pub text_bytes: usize,
    /// How many names and values, files among them. Default: 10,000: as a sub-form of a thousand rows has.
    pub entries: usize,
    /// The name of a value, and the name of a file, in bytes. Default: 1,024.
    pub name_bytes: usize,
    /// How deep lists and objects of a JSON body may lie in each other, the body itself counted. Default: 64. More than
    /// 127 is never read.
    pub nesting: usize,
    /// All files of a form together, in bytes. Default: 1 GiB. Each field has its own limit besides.
    pub file_bytes: u64,
    /// How much of a body that is too large is read (and dropped) so that the browser comes to see the answer.
    /// Default: 1 GiB.
    pub drain_bytes: u64,
    /// How long a client may send nothing. Default: 30 s.
    pub idle: Duration,
    /// How many bytes a second a client has to send at least, counted over the time that we wait for it, in stretches of
    /// [`idle`](Self::idle). A body that ends within the first of them may be as short as it likes. Default: 1,024.
    pub least_rate: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_bytes: 2 << 20,
            entries: 10_000,
            name_bytes: 1024,
            nesting: 64,
            file_bytes: 1 << 30,
            drain_bytes: 1 << 30,
            idle: Duration::from_secs(30),
            least_rate: 1024,
        }
    }
}

/// What a visitor submitted, as it came: names and values in order, each name as often as it came.
///
/// Decoding is total: there is no body that does not give a submission, or else [`Trouble`] that says why.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// All names and texts, one behind the other: most of them are short.
    texts: String,
    entries: Vec<(Span, Stored)>,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) is_json: bool,
    /// Of the row of a sub-form: what the whole form submitted.
    pub(crate) outer: Option<Arc<Submission>>,
}

/// One value of a submission.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Entry<'s> {
    /// A text.
    Text(&'s str),
    /// A value that JSON gave a type.
    Typed(&'s Value),
    /// A file.
    File(&'s FileValue),
    /// A file that was dropped since it has more than `limit` bytes.
    FileTooLarge {
        /// The limit in bytes.
        limit: u64,
        /// The file's name.
        name: &'s str,
    },
    /// A file that was kept from an earlier submission, and is there no more.
    FileGone {
        /// The file's name.
        name: &'s str,
    },
}

/// Where a name or a text stands.
#[derive(Clone, Copy, Debug)]
struct Span {
    begins: usize,
    ends: usize,
}

impl Span {
    fn len(self) -> usize {
        self.ends - self.begins
    }
}

/// One value, as it is kept.
#[derive(Clone, Debug)]
enum Stored {
    Text(Span),
    Other(Box<Other>),
}

/// One value that is no text.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    Typed(Value),
    File(FileValue),
    FileTooLarge { limit: u64, name: String },
    FileGone { name: String },
}

/// Why a body was not read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// It has more than the limits allow.
    TooLarge,
    /// It is not what its content type says.
    Malformed(String),
    /// The client stopped sending.
    Incomplete,
    /// A file could not be kept: the disk or the quarantine is full, or the folder cannot be written.
    Storage,
    /// This visitor has as many files in the quarantine as one may have.
    Quota,
    /// Its content type is none that forms have.
    UnsupportedType,
}

impl Submission {
    /// The values of that name, in order.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Entry<'s>> {
        let named = self.entries.iter().filter(move |(known, _)| self.span(*known) == name);
        named.map(|(_, stored)| self.entry(stored))
    }

    /// The first text of that name.
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut named = self.entries.iter().filter(|(known, _)| self.span(*known) == name);
        named.find_map(|(_, stored)| match self.entry(stored) {
            Entry::Text(text) => Some(text),
            Entry::Typed(Value::Text(text)) => Some(text),
            _ => None,
        })
    }

    fn span(&self, span: Span) -> &str {
        &self.texts[span.begins..span.ends]
    }

    fn entry<'s>(&'s self, stored: &'s Stored) -> Entry<'s> {
        match stored {
            Stored::Text(span) => Entry::Text(self.span(*span)),
            Stored::Other(other) => match &**other {
                Other::Typed(value) => Entry::Typed(value),
                Other::File(file) => Entry::File(file),
                Other::FileTooLarge { limit, name } => Entry::FileTooLarge { limit: *limit, name },
                Other::FileGone { name } => Entry::FileGone { name },
            },
        }
    }

    fn write(&mut self, text: &str) -> Span {
        let begins = self.texts.len();
        self.texts.push_str(text);
        Span { begins, ends: self.texts.len() }
    }

    /// Adds a text.
    pub(crate) fn push_text(&mut self, name: &str, text: &str) {
        let name = self.write(name);
        let text = self.write(text);
        self.entries.push((name, Stored::Text(text)));
    }

    /// Adds what is no text.
    pub(crate) fn push(&mut self, name: &str, other: Other) {
        let name = self.write(name);
        self.entries.push((name, Stored::Other(Box::new(other))));
    }

    fn push_entry(&mut self, name: &str, entry: Entry<'_>) {
        match entry {
            Entry::Text(text) => self.push_text(name, text),
            Entry::Typed(value) => self.push(name, Other::Typed(value.clone())),
            Entry::File(file) => self.push(name, Other::File(file.clone())),
            Entry::FileTooLarge { limit, name: file } => {
                self.push(name, Other::FileTooLarge { limit, name: file.to_owned() });
            }
            Entry::FileGone { name: file } => self.push(name, Other::FileGone { name: file.to_owned() }),
        }
    }

    /// Drops the values whose names are not to be kept.
    pub(crate) fn retain(&mut self, keeps: impl Fn(&str) -> bool) {
        let texts = &self.texts;
        self.entries.retain(|(name, _)| keeps(&texts[name.begins..name.ends]));
    }

    /// Whether there is a value of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// All names and values, in order.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&str, Entry<'_>)> + Clone {
        self.entries.iter().map(|(name, stored)| (self.span(*name), self.entry(stored)))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the form says that the control of that name was in it, though it may have sent nothing.
    pub(crate) fn is_drawn(&self, name: &str) -> bool {
        self.all("_drawn").any(|entry| entry == Entry::Text(name))
    }

    /// The rows of the sub-form called `name`, by number: what is called `name[2].price` here is called `price` in the
    /// submission of row 2.
    pub(crate) fn rows(&self, name: &str) -> BTreeMap<u32, Self> {
        let mut rows: BTreeMap<u32, Self> = BTreeMap::new();
        for (entry_name, entry) in self.entries() {
            let Some(rest) = entry_name.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')) else {
                continue;
            };
            let Some((index, field)) = rest.split_once("].") else { continue };
            // Only the plain form of a number, so that no two names mean one row.
            let is_plain = index.bytes().all(|digit| digit.is_ascii_digit())
                && (index == "0" || !index.starts_with('0'));
            let Some(index) = index.parse().ok().filter(|_| is_plain) else { continue };
            let row = rows.entry(index).or_insert_with(|| Self {
                is_json: self.is_json,
                trouble: self.trouble.clone(),
                ..Self::default()
            });
            row.push_entry(field, entry);
        }
        rows
    }

    /// The digest of what was submitted, for telling a repeated submission from another one.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut parts: Vec<Cow<'_, [u8]>> = Vec::with_capacity(2 * self.entries.len());
        for (name, entry) in self.entries().filter(|(name, _)| *name != "_formkey") {
            parts.push(name.as_bytes().into());
            parts.push(match entry {
                Entry::Text(text) => text.as_bytes().into(),
                Entry::Typed(value) => format!("{value:?}").into_bytes().into(),
                Entry::File(file) => {
                    let mut about = format!("{}\0{}\0", file.name(), file.size()).into_bytes();
                    about.extend_from_slice(file.head());
                    about.into()
                }
                Entry::FileTooLarge { name, .. } | Entry::FileGone { name } => name.as_bytes().into(),
            });
        }
        crate::ledger::submission_digest(parts)
    }

    /// The first text of that name that is the value of a submit button or a hidden input, and not empty.
    pub(crate) fn action(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    pub(crate) fn failed(trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), ..Self::default() }
    }
}
