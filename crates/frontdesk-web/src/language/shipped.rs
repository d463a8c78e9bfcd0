//! The catalogues that come with this crate.

use std::sync::{Arc, LazyLock};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::Entry;
use unic_langid::LanguageIdentifier;

use super::catalogue::{Catalogue, Voice};
use super::check;

/// The catalogues of one language.
pub(super) struct Shipped {
    pub(super) language: LanguageIdentifier,
    pub(super) resources: Vec<Arc<FluentResource>>,
    pub(super) catalogue: Arc<Catalogue>,
}

macro_rules! files {
    ($tag:literal) => {
        (
            $tag,
            [
                include_str!(concat!("../../locales/", $tag, "/rules.ftl")),
                include_str!(concat!("../../locales/", $tag, "/forms.ftl")),
                include_str!(concat!("../../locales/", $tag, "/uploads.ftl")),
                include_str!(concat!("../../locales/", $tag, "/database.ftl")),
                include_str!(concat!("../../locales/", $tag, "/script.ftl")),
                include_str!(concat!("../../locales/", $tag, "/auth.ftl")),
                include_str!(concat!("../../locales/", $tag, "/mfa.ftl")),
            ],
        )
    };
}

static SHIPPED: LazyLock<Vec<Shipped>> = LazyLock::new(|| {
    let files = [files!("en"), files!("de"), files!("pt")];
    files.map(|(tag, texts)| read(tag, &texts)).into()
});

/// English with numbers as rules write them: by it a default text is known again.
static PLAIN: LazyLock<Catalogue> = LazyLock::new(|| {
    let english = english();
    Catalogue::new(&english.language, &english.resources, &[], Voice::Plain)
});

fn read(tag: &str, texts: &[&str]) -> Shipped {
    let language: LanguageIdentifier = tag.parse().expect("ours are tags");
    let read = |text: &&str| FluentResource::try_new((*text).to_owned()).expect("a test reads all of ours");
    let resources: Vec<_> = texts.iter().map(read).map(Arc::new).collect();
    let catalogue = Arc::new(Catalogue::new(&language, &resources, &[], Voice::Normal));
    Shipped { language, resources, catalogue }
}

/// All shipped languages, English first.
pub(super) fn all() -> &'static [Shipped] {
    &SHIPPED
}

pub(super) fn english() -> &'static Shipped {
    &SHIPPED[0]
}

pub(super) fn plain_english() -> &'static Catalogue {
    &PLAIN
}

/// The keys of our variants of a message: `unique--several` of `unique`.
pub(super) fn variants(key: &str) -> impl Iterator<Item = &'static str> {
    let entries = english().resources.iter().flat_map(|resource| resource.entries());
    entries
        .filter_map(super::catalogue::key)
        .filter(move |known| known.strip_prefix(key).is_some_and(|rest| rest.starts_with("--")))
}

/// The variables that our message of that key is given; `None` where it is none of ours.
pub(super) fn variables(key: &str) -> Option<Vec<&'static str>> {
    let mut entries = english().resources.iter().flat_map(|resource| resource.entries());
    entries.find_map(|entry| match entry {
        Entry::Message(message) if message.id.name == key => {
            let mut found = Vec::new();
            message.value.iter().for_each(|pattern| check::variables(pattern, &mut found));
            Some(found)
        }
        _ => None,
    })
}

/// The keys of what the script says, each with its variables.
pub(super) fn script() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let entries = english().resources.iter().flat_map(|resource| resource.entries());
    let keys = entries.filter_map(super::catalogue::key).filter(|key| key.starts_with("script-"));
    keys.map(|key| (key, variables(key).unwrap_or_default()))
}
