//! Runs one vector, and compares what came out with what was expected.

use std::fs;
use std::path::PathBuf;

use frontdesk_validate::{Protocol, Registry, Value};
use serde_json::{Value as Json, json};

/// The folder of the vectors.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/conformance")
}

/// All vectors of one file.
pub(crate) fn vectors(file: &str) -> Vec<Json> {
    let path = folder().join(format!("{file}.jsonl"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect("a vector is JSON")).collect()
}

pub(crate) fn id(vector: &Json) -> &str {
    vector["id"].as_str().expect("a vector has an id")
}

/// Rules that need a database are another crate's.
pub(crate) fn needs_database(rule: &Json) -> bool {
    let text = rule.to_string();
    text.contains(r#""rule":"is_in_db""#) || text.contains(r#""rule":"is_not_in_db""#)
}

/// What our rules make of a vector, in the vectors' own words, by way of the line protocol; `{"unbuilt": …}` where the
/// rule cannot be made.
pub(crate) fn outcome(vector: &Json) -> Json {
    // Some rules answer later.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let answer = runtime.block_on(Protocol::new(Registry::standard()).answer(&vector.to_string()));
    let answer: Json = serde_json::from_str(&answer).expect("an answer is JSON");
    assert_eq!(answer["id"], vector["id"]);
    match answer.get("error_in_request") {
        Some(error) => json!({ "unbuilt": error }),
        None => answer,
    }
}

/// Whether `ours` is what a vector expects: the members of `expected` that state an outcome.
pub(crate) fn agrees(expected: &Json, ours: &Json) -> bool {
    if let Some(expression) = expected.get("value_regex") {
        let expression = regex::Regex::new(expression.as_str().expect("a text")).expect("an expression");
        return ours["ok"] == true && ours["value"].as_str().is_some_and(|text| expression.is_match(text));
    }
    let stated = |member| expected.get(member).is_some();
    assert!(["ok", "options", "matches", "unbuilt"].into_iter().any(stated), "no outcome in {expected}");
    ["ok", "value", "error", "options", "matches", "unbuilt"].into_iter().all(|member| {
        match (expected.get(member), ours.get(member)) {
            (None, _) => true,
            // The engines' own words are not ours to fix: a part of the message is enough.
            (Some(Json::String(part)), Some(Json::String(whole))) if member == "unbuilt" => {
                whole.contains(part)
            }
            (Some(expected), Some(ours)) => same(expected, ours),
            (Some(_), None) => false,
        }
    })
}

/// The README's "Comparing".
fn same(expected: &Json, ours: &Json) -> bool {
    match (expected, ours) {
        (Json::Number(a), Json::Number(b)) => {
            if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
                return a == b;
            }
            let (Some(x), Some(y)) = (a.as_f64(), b.as_f64()) else { return false };
            let near = (x - y).abs() <= 1e-9 * x.abs().max(1.0);
            if a.is_f64() { near } else { x == y }
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            let tagged = a.len() == 1 && a.keys().all(|key| key.starts_with('$'));
            if tagged {
                return match (Value::from_tagged_json(expected), Value::from_tagged_json(ours)) {
                    (Ok(a), Ok(b)) => a == b || a.to_tagged_json() == b.to_tagged_json(),
                    _ => false,
                };
            }
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => expected == ours,
    }
}

#[test]
fn comparing_is_as_the_readme_says() {
    let same_text =
        |a: &str, b: &str| same(&serde_json::from_str(a).unwrap(), &serde_json::from_str(b).unwrap());
    for (a, b) in [
        ("1", "1"),
        ("1000.0", "1e3"),
        ("0.1", "0.10000000000000001"),
        (r#"{"$decimal":"1.5"}"#, r#"{"$decimal":"1.50"}"#),
        (r#"{"$time":"13:05:00"}"#, r#"{"$time":"13:05"}"#),
        (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
        (r#"{"$float":"nan"}"#, r#"{"$float":"nan"}"#),
    ] {
        assert!(same_text(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("1", "true"),
        ("1", "\"1\""),
        ("9007199254740993", "9007199254740992"),
        ("0.1", "0.1001"),
        ("null", "\"\""),
        ("[1]", "[1,2]"),
        (r#"{"$decimal":"1.5"}"#, "1.5"),
        (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
    ] {
        assert!(!same_text(a, b), "{a} {b}");
    }
}
