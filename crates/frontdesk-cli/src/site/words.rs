//! What the site says, in the visitor's language.

use std::sync::LazyLock;

use frontdesk_data::{Action, Table};
use frontdesk_html::{HtmlWriter, Sink, SinkExt};
use frontdesk_web::{Arg, Language, Languages};

/// The languages of the site. Those of its forms are the shipped ones, which say all that forms say.
pub(crate) static LANGUAGES: LazyLock<Languages> = LazyLock::new(|| {
    let catalogues = [
        ("en", include_str!("../../locales/en.ftl")),
        ("de", include_str!("../../locales/de.ftl")),
        ("pt", include_str!("../../locales/pt.ftl")),
    ];
    catalogues.into_iter().fold(Languages::new().with_pseudo(), |languages, (tag, text)| {
        languages.add(tag, text).expect("our own catalogues are right")
    })
});

/// A sentence, before it is known in which language it is said.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// A message, with texts for its variables.
    Key(&'static str, Vec<(&'static str, String)>),
    /// Somebody else's words.
    Raw(String),
}

impl Said {
    pub(crate) fn key(key: &'static str) -> Self {
        Self::Key(key, Vec::new())
    }

    pub(crate) fn about_table(key: &'static str, table: &Table) -> Self {
        Self::Key(key, vec![("table", table.label.to_string())])
    }

    pub(crate) fn text(&self, language: &Language) -> String {
        match self {
            Self::Key(key, variables) => {
                let variables: Vec<_> =
                    variables.iter().map(|(name, text)| (*name, Arg::from(text.as_str()))).collect();
                say(language, key, &variables)
            }
            Self::Raw(text) => text.clone(),
        }
    }
}

/// A message; the key itself where there is none, so that one sees what is missing.
pub(crate) fn say(language: &Language, key: &str, variables: &[(&str, Arg<'_>)]) -> String {
    language.say(key, variables).unwrap_or_else(|| key.to_owned())
}

/// A message with a number in it.
pub(crate) fn count(language: &Language, key: &str, count: u64) -> String {
    say(language, key, &[("count", Arg::from(i64::try_from(count).unwrap_or(i64::MAX)))])
}

/// A message with one text in it.
pub(crate) fn about(language: &Language, key: &str, name: &str, text: &str) -> String {
    say(language, key, &[(name, Arg::from(text))])
}

/// Writes a message in which some variables are elements of their own: name, element and text of each.
pub(crate) fn write_marked(
    language: &Language,
    key: &str,
    parts: &[(&'static str, &'static str, &str)],
    out: &mut HtmlWriter,
) {
    // Characters that no message has stand for the elements.
    let mark = |at: usize| char::from_u32(0xE000 + u32::try_from(at).unwrap_or(0)).unwrap_or('\u{E000}');
    let variables: Vec<_> =
        parts.iter().enumerate().map(|(at, (name, ..))| (*name, Arg::from(mark(at).to_string()))).collect();
    let text = say(language, key, &variables);
    let mut plain = String::new();
    for letter in text.chars() {
        match (0..parts.len()).find(|&at| mark(at) == letter) {
            Some(at) => {
                out.text(&std::mem::take(&mut plain));
                out.text_element(parts[at].1, "", parts[at].2);
            }
            None => plain.push(letter),
        }
    }
    out.text(&plain);
}

/// Writes a text in which backticks enclose what is typed.
pub(crate) fn write_prose(text: &str, out: &mut HtmlWriter) {
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out.text_element("code", "", part);
        } else {
            out.text(part);
        }
    }
}

/// Why something cannot be done with the rows of a table; `None` if it can.
pub(crate) fn why_not(table: &Table, action: Action) -> Option<Said> {
    table.impossible(action).map(reason)
}

/// A reason as introspection gives it.
pub(crate) fn reason(reason: &str) -> Said {
    const BROKEN: &str = "The database cannot open it: ";
    let known = [
        ("Its rows have no key", "serve-why-no-key"),
        ("You may not see", "serve-why-not-read"),
        ("You may not add", "serve-why-not-create"),
        ("You may not change", "serve-why-not-update"),
        ("You may not delete", "serve-why-not-delete"),
        ("It is a view, and the database takes no new rows", "serve-why-view-create"),
        ("It is a view: its rows are changed", "serve-why-view-update"),
        ("It is a view: its rows are deleted", "serve-why-view-delete"),
        ("It is a materialised view", "serve-why-materialised"),
        ("It is in another database", "serve-why-foreign"),
        ("Other tables inherit from it", "serve-why-heirs"),
    ];
    if let Some((_, key)) = known.iter().find(|(beginning, _)| reason.starts_with(beginning)) {
        return Said::key(key);
    }
    // What a role of the database may not do: the first quotes hold its name, or that of a column.
    let of_roles = [
        ("may not read it", "role", "serve-why-role-read"),
        ("may not add rows to it", "role", "serve-why-role-create"),
        ("may not change its rows", "role", "serve-why-role-update"),
        ("may not delete its rows", "role", "serve-why-role-delete"),
        ("which the database role may not write", "column", "serve-why-column-write"),
        ("which the database role may not read", "column", "serve-why-column-read"),
        ("may not use the sequence that numbers", "column", "serve-why-sequence"),
    ];
    if let Some((_, name, key)) = of_roles.iter().find(|(words, ..)| reason.contains(words))
        && let Some((_, rest)) = reason.split_once('`')
        && let Some((value, _)) = rest.rsplit_once('`')
    {
        return Said::Key(key, vec![(name, value.to_owned())]);
    }
    match reason.strip_prefix(BROKEN) {
        Some(message) => {
            Said::Key("serve-why-broken", vec![("message", message.trim_end_matches('.').to_owned())])
        }
        None => Said::Raw(format!("{}.", reason.trim_end_matches('.'))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(text: &str) -> BTreeSet<&str> {
        let keys = text.lines().filter(|line| line.starts_with("serve-"));
        keys.map(|line| line.split_once(" =").expect("a message has a value").0).collect()
    }

    #[test]
    fn form_18_every_sentence_of_the_site_is_there_in_every_language() {
        let english = keys(include_str!("../../locales/en.ftl"));
        for (tag, text) in
            [("de", include_str!("../../locales/de.ftl")), ("pt", include_str!("../../locales/pt.ftl"))]
        {
            let missing: Vec<_> = english.symmetric_difference(&keys(text)).copied().collect();
            assert!(missing.is_empty(), "{tag}: {missing:?}");
        }
        // Each is said somewhere, and nothing is said that there is not.
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/site");
        let mut said = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            said.extend(text.split('"').filter(|part| is_key(part)).map(str::to_owned));
        }
        let said: BTreeSet<&str> = said.iter().map(String::as_str).collect();
        let differ: Vec<_> = english.symmetric_difference(&said).collect();
        assert!(differ.is_empty(), "{differ:?}");
    }

    fn is_key(text: &str) -> bool {
        text.starts_with("serve-") && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    }

    #[test]
    fn elements_stand_where_the_language_wants_them() {
        let german = LANGUAGES.get("de").unwrap();
        let mut out = HtmlWriter::new();
        write_marked(&german, "serve-only", &[("field", "b", "<A>"), ("value", "i", "1")], &mut out);
        assert_eq!(out.into_string(), "Nur Zeilen, bei denen <b>&lt;A&gt;</b> <i>1</i> ist.");
    }
}
