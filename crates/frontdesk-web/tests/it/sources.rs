//! The messages that stand in the sources of the workspace's crates.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Functions that choose among several texts of one code: file, function, code.
const CHOOSERS: [(&str, &str, &str); 6] = [
    ("frontdesk-data/src/coerce.rs", "fn refused(", "type"),
    ("frontdesk-data/src/violation.rs", "fn not_null(", "not_null"),
    ("frontdesk-data/src/violation.rs", "fn check(", "check"),
    ("frontdesk-data/src/violation.rs", "fn broken_reference(", "constraint"),
    ("frontdesk-forms/src/error.rs", "fn public_text(", "failed"),
    ("frontdesk-validate/src/error.rs", "fn unavailable(", "unavailable"),
];

/// What the sources say to visitors.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The codes of errors, each with where it stands.
    pub(crate) codes: BTreeMap<String, String>,
    /// Codes with texts as they stand there, `%(name)s` for parameters.
    pub(crate) texts: BTreeSet<(String, String)>,
    /// Codes whose text is marked as the application's own, each with where it stands.
    pub(crate) given: BTreeMap<String, String>,
    /// The keys of words, each with the English default that stands beside it, if one does.
    pub(crate) words: BTreeSet<(String, Option<String>)>,
    /// All that might be a key or a part of one.
    pub(crate) literals: BTreeSet<String>,
}

impl Sources {
    pub(crate) fn read() -> Self {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = Vec::new();
        for entry in fs::read_dir(&crates).unwrap() {
            walk(&entry.unwrap().path().join("src"), &mut files);
        }
        assert!(files.len() > 100, "the crates lie beside this one");
        let patterns = Patterns::new();
        let mut found = Self::default();
        for file in files {
            let name = file.strip_prefix(&crates).unwrap().display().to_string();
            let code = code_of(&fs::read_to_string(&file).unwrap());
            // The program, the widgets' HTML and the derives have no errors of fields; the languages have only tables of
            // them.
            if !["frontdesk-cli", "frontdesk-html", "frontdesk-macros", "frontdesk-web"]
                .iter()
                .any(|other| name.starts_with(other))
            {
                found.add_errors(&patterns, &name, &code);
            }
            found.add_words(&patterns, &code);
        }
        // The templates of pages say `t("auth-login")`.
        let mut templates = Vec::new();
        walk_for("html", &crates.join("frontdesk-auth/src"), &mut templates);
        assert!(!templates.is_empty(), "the pages of sign-in are there");
        for file in templates {
            found.add_words(&patterns, &fs::read_to_string(file).unwrap());
        }
        found
    }

    fn add_errors(&mut self, patterns: &Patterns, file: &str, text: &str) {
        for pattern in &patterns.codes {
            for found in pattern.captures_iter(text) {
                self.codes.insert(found[1].to_owned(), file.to_owned());
            }
        }
        for found in patterns.given.captures_iter(text) {
            self.given.insert(found[1].to_owned(), file.to_owned());
        }
        let name = patterns.name.captures(text).map(|found| found[1].to_owned());
        if let Some(name) = name.iter().find(|_| patterns.uses_name.is_match(text)) {
            self.codes.insert(name.clone(), file.to_owned());
        }
        for found in patterns.numbers.captures_iter(text) {
            let (rule, noun) = (&found[1], &found[2]);
            for (suffix, more) in [
                ("", ""),
                (".min", " greater than or equal to %(min)s"),
                (".max", " less than or equal to %(max)s"),
                (".between", " between %(min)s and %(max)s"),
            ] {
                self.codes.insert(format!("{rule}{suffix}"), file.to_owned());
                self.texts.insert((format!("{rule}{suffix}"), format!("Enter {noun}{more}")));
            }
        }
        for found in patterns.text.captures_iter(text) {
            self.texts.insert((found[1].to_owned(), patterns.plain(&found[2])));
        }
        let constant = |name: &str, before: usize| {
            let mut all = patterns.constant.captures_iter(text).filter(|found| &found[1] == name);
            // Functions have constants of one name; the last one before the use is meant.
            let first = all.next()?;
            Some(
                all.take_while(|next| next.get(0).unwrap().start() < before).last().unwrap_or(first)[2]
                    .to_owned(),
            )
        };
        if let (Some(name), Some(found)) = (&name, constant("MESSAGE", text.len())) {
            self.texts.insert((name.clone(), patterns.plain(&found)));
        }
        for used in patterns.uses_constant.captures_iter(text) {
            if let Some(found) = constant(&used[2], used.get(0).unwrap().start()) {
                self.codes.insert(used[1].to_owned(), file.to_owned());
                self.texts.insert((used[1].to_owned(), patterns.plain(&found)));
            }
        }
        for (_, start, code) in CHOOSERS.iter().filter(|(chooser, ..)| *chooser == file) {
            let at = text.find(start).unwrap_or_else(|| panic!("{file} has no {start}"));
            let body = text[at..].split("\n}\n").next().unwrap().split("\n    }\n").next().unwrap();
            self.codes.insert((*code).to_owned(), file.to_owned());
            let sentences = patterns.sentence.captures_iter(body);
            self.texts.extend(sentences.map(|found| ((*code).to_owned(), found[1].to_owned())));
        }
    }

    fn add_words(&mut self, patterns: &Patterns, text: &str) {
        for found in patterns.word.captures_iter(text) {
            self.words.insert((found[1].to_owned(), found.get(2).map(|default| default.as_str().to_owned())));
        }
        for found in patterns.pair.captures_iter(text) {
            self.words.insert((found[1].to_owned(), Some(found[2].to_owned())));
        }
        self.literals.extend(patterns.literal.captures_iter(text).map(|found| found[1].to_owned()));
    }
}

/// How messages stand in sources.
struct Patterns {
    codes: Vec<Regex>,
    name: Regex,
    uses_name: Regex,
    numbers: Regex,
    given: Regex,
    text: Regex,
    constant: Regex,
    uses_constant: Regex,
    sentence: Regex,
    word: Regex,
    pair: Regex,
    literal: Regex,
    place: Regex,
}

impl Patterns {
    fn new() -> Self {
        let regex = |pattern: &str| {
            Regex::new(&pattern.replace("CODE", r#""([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?)""#)).unwrap()
        };
        // A sentence has small letters.
        let text = r#"CODE,\s*&?(?:Message::(?:new|own)\(|format!\()?\s*"([A-Z][^"]*[a-z][^"]*)""#;
        Self {
            codes: vec![
                regex(r"ValidationError::(?:new|with_params|with_text)\(\s*CODE"),
                regex(r"\.error\(\s*CODE"),
                regex(r"\(\s*CODE,\s*Message::(?:new|own)\("),
                regex(r#"=> "(upload\.[a-z_]+)""#),
                regex(text),
            ],
            name: regex(r"const NAME: &'static str = CODE"),
            uses_name: regex(r"(?:ValidationError::\w+|\.error)\(\s*Self::NAME"),
            numbers: regex(r#"number_texts!\(CODE, "([a-z ]+)""#),
            given: regex(r#"CODE,\s*&"[^"]*"\.into\(\)"#),
            text: regex(text),
            constant: regex(
                r#"const ([A-Z_]+): (?:Message|&str) =\s*(?:Message::new\(\s*)?"([A-Z][^"]* [^"]*)""#,
            ),
            uses_constant: regex(r"CODE,\s*&?([A-Z][A-Z_]+)\b"),
            sentence: regex(r#""([A-Z][^"]* [^"]*)""#),
            word: regex(
                r#"\b(?:word|words|say|say_or|t)\(\s*(?:"([a-z][a-z0-9]*(?:-[a-z0-9]+)+)")(?:,\s*&\[[^\]]*\])?(?:,\s*"([^"]*)")?"#,
            ),
            // In tables: a key, and its English.
            pair: regex(r#""(form-[a-z0-9-]+)",\s*"([A-Z][^"]*)""#),
            literal: regex(r#""([a-z0-9][a-z0-9_.-]*)""#),
            place: regex(r"%\((\w+)\)[a-z]"),
        }
    }

    /// A template with all its places written alike.
    fn plain(&self, template: &str) -> String {
        self.place.replace_all(template, "%($1)s").into_owned()
    }
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    walk_for("rs", folder, out);
}

fn walk_for(kind: &str, folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk_for(kind, &path, out);
        } else if path.extension().is_some_and(|extension| extension == kind)
            && !path.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("tests"))
        {
            out.push(path);
        }
    }
}

/// The code of a file, without comments and tests; texts that go over several lines are in one.
fn code_of(text: &str) -> String {
    // A module of tests that has a file of its own ends nothing.
    let has_body = |at: usize| text[at..].lines().nth(1).is_some_and(|line| line.ends_with('{'));
    let mut tests = text.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at);
    let end = tests.find(|at| has_body(*at)).unwrap_or(text.len());
    let lines = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let mut parts = code.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| joined + part.trim_start())
}
