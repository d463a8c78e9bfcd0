use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;
use intl_memoizer::Memoizable;
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::LanguageIdentifier;

use super::formats::NumberStyle;
use super::pseudo;

/// The messages of one language.
pub(super) struct Catalogue {
    bundle: FluentBundle<Arc<FluentResource>>,
    /// Keys of the application's own messages.
    own: HashSet<Box<str>>,
    pseudo: bool,
    says_defaults: bool,
}

/// How a catalogue writes what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// Numbers in the language's way.
    Normal,
    /// Numbers as programs write them.
    Plain,
    /// Accented, longer, and in brackets.
    Pseudo,
}

impl Catalogue {
    /// A catalogue of ours and of the application's; of two messages with one key the later one counts.
    pub(super) fn new(
        language: &LanguageIdentifier,
        ours: &[Arc<FluentResource>],
        own: &[Arc<FluentResource>],
        voice: Voice,
    ) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.clone()]);
        bundle.set_use_isolating(false);
        bundle.add_builtins().expect("an empty bundle has no function yet");
        if voice != Voice::Plain {
            bundle.set_formatter(Some(write_number));
        }
        if voice == Voice::Pseudo {
            bundle.set_transform(Some(pseudo::accented));
        }
        for resource in ours.iter().chain(own) {
            bundle.add_resource_overriding(Arc::clone(resource));
        }
        let own = own.iter().flat_map(|resource| resource.entries()).filter_map(key).map(Box::from).collect();
        let says_defaults = language.language.as_str() == "en" && voice == Voice::Normal;
        Self { bundle, own, pseudo: voice == Voice::Pseudo, says_defaults }
    }

    /// What the catalogue says. `None` if it has no such message, or one that lacks a variable.
    pub(super) fn format(
        &self,
        key: &str,
        attribute: Option<&str>,
        args: Option<&FluentArgs<'_>>,
    ) -> Option<String> {
        let message = self.bundle.get_message(key)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(attribute) => message.get_attribute(attribute)?.value(),
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        if !errors.is_empty() {
            tracing::debug!(key, ?errors, "a message could not be put together");
            return None;
        }
        Some(if self.pseudo { pseudo::bracketed(&text) } else { text.into_owned() })
    }

    /// Whether the application gave this message.
    pub(super) fn is_own(&self, key: &str) -> bool {
        self.own.contains(key)
    }

    /// Whether our messages in it are the defaults, which stand in errors already.
    pub(super) fn says_defaults(&self) -> bool {
        self.says_defaults
    }

    /// Whether the application gave any message.
    pub(super) fn has_own(&self) -> bool {
        !self.own.is_empty()
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("language", &self.bundle.locales).finish_non_exhaustive()
    }
}

/// The key of a message.
pub(super) fn key<'e>(entry: &'e Entry<&str>) -> Option<&'e str> {
    match entry {
        Entry::Message(message) => Some(message.id.name),
        _ => None,
    }
}

/// A language's way with numbers, worked out once per catalogue.
struct Numbers(NumberStyle);

impl Memoizable for Numbers {
    type Args = ();
    type Error = ();

    fn construct(language: LanguageIdentifier, (): ()) -> Result<Self, ()> {
        Ok(Self(NumberStyle::of(&language)))
    }
}

fn write_number(value: &FluentValue<'_>, memoizer: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let text = digits(number);
    memoizer
        .with_try_get::<Numbers, _, _>((), |style| {
            if number.options.use_grouping {
                style.0.write_in_text(&text)
            } else {
                style.0.write(&text, usize::MAX)
            }
        })
        .ok()
}

/// The number as programs write it, with as many digits behind the point as the message asks for.
fn digits(number: &FluentNumber) -> String {
    match number.options.maximum_fraction_digits {
        Some(most) => {
            let text = format!("{:.*}", most.min(20), number.value);
            let least = number.options.minimum_fraction_digits.unwrap_or(0);
            match text.split_once('.') {
                Some((whole, fraction)) => {
                    let mut fraction = fraction.to_owned();
                    while fraction.len() > least && fraction.ends_with('0') {
                        fraction.pop();
                    }
                    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
                }
                None => text,
            }
        }
        None => number.as_string().into_owned(),
    }
}
