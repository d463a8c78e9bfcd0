//! The published vectors of the rules that ask the database, by way of the line protocol.

use frontdesk_data::fixture;
use frontdesk_validate::{Protocol, Registry};
use serde_json::Value as Json;

use self::Decision::{Documented, Own};

fn lines(file: &str) -> Vec<Json> {
    let path = format!("{}/../../tests/data/conformance/{file}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).expect("a vector is JSON")).collect()
}

fn protocol() -> Protocol {
    Protocol::new(Registry::standard()).on_fixture(|request| Box::pin(fixture::rules(request)))
}

async fn answer(protocol: &mut Protocol, vector: &Json) -> Json {
    serde_json::from_str(&protocol.answer(&vector.to_string()).await).expect("an answer is JSON")
}

/// Whether `ours` has the outcome that `expected` states. These vectors hold whole numbers, texts, lists and null only.
fn agrees(expected: &Json, ours: &Json) -> bool {
    ["ok", "value", "error", "options"].into_iter().all(|member| match expected.get(member) {
        Some(stated) => ours.get(member) == Some(stated),
        None => true,
    })
}

async fn check(file: &str) {
    let mut protocol = protocol();
    let mut wrong = Vec::new();
    let vectors = lines(file);
    for vector in &vectors {
        let ours = answer(&mut protocol, vector).await;
        let is_right = match vector["kind"].as_str() {
            Some("fixture") => ours["ok"] == true,
            _ => vector.get("ok").or(vector.get("options")).is_some() && agrees(vector, &ours),
        };
        if !is_right {
            wrong.push(format!("{vector}\n  ours: {ours}"));
        }
    }
    assert!(vectors.len() > 30, "{file} is cut short");
    assert!(wrong.is_empty(), "{} of {file} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn is_in_db() {
    check("is_in_db").await;
}

#[tokio::test]
async fn is_not_in_db() {
    check("is_not_in_db").await;
}

enum Decision {
    /// What a plain reading of the document gives.
    Documented,
    /// Our outcome, and why.
    Own(&'static str, &'static str),
}

/// What we answer where pydal contradicts the document, in the order of the file.
#[rustfmt::skip] // One row a case.
const DECISIONS: &[(&str, Decision)] = &[
    ("is_not_in_db-d01", Documented),
    ("is_not_in_db-d02", Documented),
    ("is_not_in_db-d03", Own(r#"{"ok":false,"error":"Value already in database or empty"}"#,
        "The synopsis shows a small v; the vectors, and every other message, begin with a capital letter")),
    ("is_not_in_db-d04", Documented),
    ("is_in_db-d01", Documented),
    ("is_in_db-d02", Own(r#"{"ok":false,"error":"Value not in database"}"#,
        "As data multiple = (a, b) excludes b, as for is_in_set; in Rust the range type says it")),
    ("is_in_db-d03", Own(r#"{"ok":true,"value":[1]}"#,
        "A value that is given twice is in the database all the same; it counts, and is stored, once")),
    ("is_in_db-d04", Documented),
    ("is_in_db-d05", Documented),
    ("is_in_db-d06", Documented),
    ("is_in_db-d07", Documented),
    ("is_in_db-d08", Documented),
];

#[tokio::test]
async fn form_20_each_difference_is_decided_and_holds() {
    let mut protocol = protocol();
    let is_ours = |vector: &Json| {
        ["is_in_db-d", "is_not_in_db-d"]
            .iter()
            .any(|start| vector["id"].as_str().is_some_and(|id| id.starts_with(start)))
    };
    let vectors: Vec<Json> = lines("divergences").into_iter().filter(is_ours).collect();
    let fixture = lines("is_in_db").remove(0);
    assert_eq!(answer(&mut protocol, &fixture).await["ok"], true);
    assert_eq!(vectors.len(), DECISIONS.len());
    for (vector, (id, decision)) in vectors.iter().zip(DECISIONS) {
        assert_eq!(vector["id"], *id);
        let ours = answer(&mut protocol, vector).await;
        let expected = match decision {
            Documented => vector["documented"].clone(),
            Own(answer, reason) => {
                assert!(reason.len() > 20, "{id}");
                serde_json::from_str(answer).unwrap()
            }
        };
        assert!(expected.get("ok").is_some() && agrees(&expected, &ours), "{vector}\n  ours: {ours}");
    }
}

#[tokio::test]
async fn a_fixture_that_makes_no_sense_is_an_error() {
    for (fixture, part) in [
        (r#"{"kind": "fixture"}"#, "a list `tables`"),
        (r#"{"kind": "fixture", "tables": [{"fields": []}]}"#, "a table has a `name`"),
        (r#"{"kind": "fixture", "tables": [{"name": "t"}]}"#, "`t` has no `fields`"),
        (
            r#"{"kind": "fixture", "tables": [{"name": "t", "fields": [{"name": "a"}]}]}"#,
            "a `name` and a `type`",
        ),
        (
            r#"{"kind": "fixture", "tables": [{"name": "t", "fields": [{"name": "a", "type": "x"}]}]}"#,
            "unknown field type `x`",
        ),
        (
            r#"{"kind": "fixture", "tables": [{"name": "t", "fields": [], "rows": [{"a": 1}]}]}"#,
            "a row of `t` does not fit",
        ),
    ] {
        let answer = protocol().answer(fixture).await;
        assert!(answer.contains("error_in_request") && answer.contains(part), "{fixture}: {answer}");
    }
}
