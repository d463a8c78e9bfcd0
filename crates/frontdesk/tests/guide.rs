//! What the README and the guide say beside their Rust examples: data, links, and that no rule or argument is left out.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::{Path, PathBuf};

use frontdesk::data::SchemaFile;
use frontdesk::prelude::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The README and the pages of the guide, with their paths.
fn pages() -> Vec<(PathBuf, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = docs
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain([root().join("README.md")])
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    assert!(pages.len() >= 9, "the guide has its pages");
    pages
}

/// The fenced blocks of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A database with the tables that rules of the guide name, and the rules that can be named in data.
async fn known() -> (Db, Registry) {
    let db = Db::open("sqlite::memory:").await.unwrap();
    for name in ["person", "tag"] {
        db.define(Table::new(name).field(Field::string("name")).create()).await.unwrap();
    }
    let mut registry = Registry::standard();
    frontdesk::data::rules::register(&mut registry, &db);
    (db, registry)
}

#[tokio::test]
async fn rules_and_schema_files_are_read() {
    let (db, registry) = known().await;
    let (mut rules, mut files) = (0, 0);
    for (path, text) in pages() {
        for block in blocks(&text, "toml") {
            if block.starts_with("requires = ") {
                let data: toml::Table =
                    toml::from_str(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
                registry
                    .rules_from_toml(&data["requires"])
                    .unwrap_or_else(|error| panic!("{error}\n{block}"));
                rules += 1;
            } else if ["[tables.", "[server]", "[sign_in]", "[mail]"].iter().any(|part| block.contains(part))
            {
                let file = SchemaFile::parse("frontdesk.toml", block).unwrap();
                db.apply(&file, &registry).await.unwrap();
                files += 1;
                let wrong = block.replace("readable = ", "readible = ");
                if wrong == block {
                    continue;
                }
                let error = SchemaFile::parse("frontdesk.toml", &wrong).unwrap_err();
                assert!(text.contains(&error.to_string()), "{} should say: {error}", path.display());
            } else {
                assert!(block.contains("[dependencies]"), "{block}");
            }
        }
    }
    assert!(rules > 30 && files > 0);
}

#[tokio::test]
async fn every_rule_and_argument_is_described() {
    let (_, registry) = known().await;
    let text = std::fs::read_to_string(root().join("docs/validators.md")).unwrap();
    let mut count = 0;
    for name in registry.names() {
        let sections = || text.split("\n### ").skip(1).map(|section| section.split("\n## ").next().unwrap());
        let heading = format!("`{name}`");
        let section = sections()
            .find(|section| section.lines().next().unwrap().contains(&heading))
            .unwrap_or_else(|| panic!("{name} has no section"));
        let wrong = serde_json::json!({ "rule": name, "no such argument": 1, "theset": [], "subs": [{ "rule": "is_lower" }] });
        let mut wrong = wrong.as_object().unwrap().clone();
        // What is needed comes first, so that the unknown argument is what is wrong.
        for (needed, value) in [
            ("other", serde_json::json!({ "rule": "is_lower" })),
            ("expression", "1".into()),
            ("field", "person.name".into()),
        ] {
            wrong.insert(needed.to_owned(), value);
        }
        let known = loop {
            match registry.rule(&wrong.clone().into()) {
                Err(RuleError::UnknownArgument { argument, known, .. }) if argument == "no such argument" => {
                    break known;
                }
                Err(RuleError::UnknownArgument { argument, .. } | RuleError::Argument { argument, .. }) => {
                    assert!(wrong.remove(&argument).is_some(), "{name}: {argument}");
                }
                other => panic!("{name}: {other:?}"),
            }
        };
        let shared = ["is_ipaddress", "is_datetime_in_range"];
        for argument in known.iter().filter(|known| *known != "error_message" && !shared.contains(&name)) {
            if argument == "ignore_common_filters" {
                continue; // there are none
            }
            assert!(
                section.contains(&format!("`{argument}`")) || section.contains(&format!("`{argument} = ")),
                "{name}: {argument}"
            );
        }
        count += 1;
    }
    assert!(count >= 38, "{count}");
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for (path, text) in pages() {
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{link} in {}", path.display());
            if !anchor.is_empty() {
                let headings = std::fs::read_to_string(&target).unwrap();
                let known = headings.lines().filter(|line| line.starts_with('#')).any(|line| {
                    // As repositories make them: punctuation is left out.
                    let text = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
                    let slug = text.replace(|sign: char| !sign.is_alphanumeric() && !"-_".contains(sign), "");
                    slug == anchor
                });
                assert!(known, "{link} in {}", path.display());
            }
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}
