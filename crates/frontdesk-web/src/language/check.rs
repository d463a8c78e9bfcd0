//! What is wrong with a catalogue, told when it is read and not when a visitor is there.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::shipped;

/// Why a catalogue, or a choice of languages, is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LanguageError {
    /// The text is no tag of a language, such as `de` or `pt-BR`.
    #[error("`{0}` is not the tag of a language, such as `de` or `pt-BR`")]
    Tag(String),
    /// There is no catalogue for the language.
    #[error("there is no catalogue for `{0}`")]
    NoCatalogue(String),
    /// A file or folder cannot be read.
    #[error("{file} cannot be read")]
    Io {
        /// Which one.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Messages are not right; each is told with its file, line and key.
    #[error("{}", list(.0))]
    Messages(Vec<CatalogueTrouble>),
}

fn list(troubles: &[CatalogueTrouble]) -> String {
    troubles.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What is wrong in one place of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogueTrouble {
    /// The file, or the language's tag where the catalogue came as text.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// The key of the message, as far as it could be read.
    pub key: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for CatalogueTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.text)
    }
}

/// One catalogue that was read, and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) file: String,
    pub(super) resource: Arc<FluentResource>,
}

/// Reads a catalogue.
pub(super) fn read(file: &str, text: String) -> Result<Source, LanguageError> {
    // Editors of one kind begin files with a mark, and end lines with two characters.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let resource = FluentResource::try_new(text).map_err(|(resource, errors)| {
        let text = resource.source();
        let troubles = errors.iter().map(|error| {
            // Where the message begins: what is wrong may show only lines later.
            let start = error.slice.as_ref().map_or(error.pos.start, |slice| slice.start);
            let rest = text.get(start..).unwrap_or_default().trim_start();
            let start = text.len() - rest.len();
            let key = rest.lines().next().unwrap_or_default();
            let key = key.split('=').next().unwrap_or_default().trim();
            CatalogueTrouble {
                file: file.to_owned(),
                line: line_at(text, start),
                key: key.chars().take(60).collect(),
                text: lower_first(&error.kind.to_string()),
            }
        });
        LanguageError::Messages(troubles.collect())
    })?;
    Ok(Source { file: file.to_owned(), resource: Arc::new(resource) })
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// Checks catalogues of one language that were read: `sources` are all of the application's, `new` the first of them
/// that is not checked yet, `ours` what this crate ships.
pub(super) fn check(
    sources: &[Source],
    new: usize,
    ours: &[Arc<FluentResource>],
) -> Result<(), LanguageError> {
    let mut known = Known::default();
    ours.iter().chain(sources.iter().map(|source| &source.resource)).for_each(|resource| known.add(resource));
    let mut troubles = Vec::new();
    for source in &sources[new..] {
        let mut seen = HashSet::new();
        for entry in source.resource.entries() {
            let (key, patterns) = match entry {
                Entry::Message(message) => (
                    message.id.name.to_owned(),
                    message
                        .value
                        .iter()
                        .chain(message.attributes.iter().map(|a| &a.value))
                        .collect::<Vec<_>>(),
                ),
                Entry::Term(term) => (
                    format!("-{}", term.id.name),
                    std::iter::once(&term.value).chain(term.attributes.iter().map(|a| &a.value)).collect(),
                ),
                _ => continue,
            };
            let mut say = |text: String| {
                let line = line_of(source.resource.source(), &key);
                troubles.push(CatalogueTrouble { file: source.file.clone(), line, key: key.clone(), text });
            };
            if !seen.insert(key.clone()) {
                say("this key is there twice".to_owned());
            }
            let mut uses = Uses::default();
            patterns.iter().for_each(|pattern| uses.pattern(pattern));
            if let Some(given) = given(&key) {
                for variable in uses.variables.iter().filter(|name| !given.contains(name)) {
                    say(match given.is_empty() {
                        true => format!("there is no ${variable} here: this message has no variables"),
                        false => format!("there is no ${variable} here, but ${}", given.join(", $")),
                    });
                }
            }
            for missing in uses.references.iter().filter(|name| !known.0.contains(*name)) {
                say(format!("there is no `{missing}`"));
            }
            uses.faults.into_iter().for_each(say);
        }
    }
    if troubles.is_empty() { Ok(()) } else { Err(LanguageError::Messages(troubles)) }
}

/// The variables that a message is given; `None` where only the application knows.
fn given(key: &str) -> Option<Vec<&'static str>> {
    let is_of_table = key.starts_with("field-") || (key.starts_with("form-") && key.ends_with("-submit"));
    shipped::variables(key).or_else(|| is_of_table.then(Vec::new))
}

fn line_of(text: &str, key: &str) -> usize {
    let is_it = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    text.lines().position(is_it).map_or(1, |at| at + 1)
}

/// The names that a message may refer to: `key`, `key.attribute`, `-term`, `-term.attribute`.
#[derive(Default)]
struct Known(HashSet<String>);

impl Known {
    fn add(&mut self, resource: &FluentResource) {
        for entry in resource.entries() {
            let (key, attributes) = match entry {
                Entry::Message(message) => (message.id.name.to_owned(), &message.attributes),
                Entry::Term(term) => (format!("-{}", term.id.name), &term.attributes),
                _ => continue,
            };
            self.0.extend(attributes.iter().map(|attribute| format!("{key}.{}", attribute.id.name)));
            self.0.insert(key);
        }
    }
}

/// The variables of a pattern.
pub(super) fn variables<'p>(pattern: &Pattern<&'p str>, out: &mut Vec<&'p str>) {
    let mut uses = Uses::default();
    uses.pattern(pattern);
    out.extend(uses.variables);
}

/// What patterns use.
#[derive(Default)]
struct Uses<'p> {
    variables: Vec<&'p str>,
    references: Vec<String>,
    faults: Vec<String>,
}

impl<'p> Uses<'p> {
    fn pattern(&mut self, pattern: &Pattern<&'p str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&'p str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                variants.iter().for_each(|variant| self.pattern(&variant.value));
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&'p str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                if !self.variables.contains(&id.name) {
                    self.variables.push(id.name);
                }
            }
            InlineExpression::MessageReference { id, attribute } => {
                self.references.push(match attribute {
                    Some(attribute) => format!("{}.{}", id.name, attribute.name),
                    None => id.name.to_owned(),
                });
            }
            InlineExpression::TermReference { id, attribute, arguments } => {
                self.references.push(match attribute {
                    Some(attribute) => format!("-{}.{}", id.name, attribute.name),
                    None => format!("-{}", id.name),
                });
                arguments.iter().for_each(|arguments| self.arguments(arguments));
            }
            InlineExpression::FunctionReference { id, arguments } => {
                if id.name != "NUMBER" {
                    self.faults.push(format!("there is no function {}(); NUMBER() is the only one", id.name));
                }
                self.arguments(arguments);
                // Plural rules count digits in 64 bits.
                let is_too_much = |value: &&str| value.parse::<u8>().is_ok_and(|digits| digits > 10);
                let digits = arguments.named.iter().filter_map(|argument| match &argument.value {
                    InlineExpression::NumberLiteral { value } => Some(value),
                    _ => None,
                });
                if digits.clone().any(is_too_much) || digits.clone().any(|value| value.parse::<u8>().is_err())
                {
                    self.faults.push("NUMBER() writes from 0 to 10 digits".to_owned());
                }
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }

    fn arguments(&mut self, arguments: &CallArguments<&'p str>) {
        arguments.positional.iter().for_each(|argument| self.inline(argument));
        arguments.named.iter().for_each(|argument| self.inline(&argument.value));
    }
}
