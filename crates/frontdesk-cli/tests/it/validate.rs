//! `frontdesk validate`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::command::Frontdesk;
use crate::sample::data;

fn frontdesk<'a>(args: impl IntoIterator<Item = &'a str>) -> Frontdesk {
    Frontdesk::new(&std::env::temp_dir()).args(["validate"]).args(args)
}

/// What it prints, and its exit code.
fn printed<'a>(args: impl IntoIterator<Item = &'a str>) -> (String, i32) {
    let output = frontdesk(args).output();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

#[test]
fn each_value_is_printed_as_the_rule_returns_it_or_with_its_error() {
    let email = r#"{"rule":"is_email"}"#;
    assert_eq!(printed(["--rule", email, "ada@example.com"]), ("ada@example.com\n".to_owned(), 0));
    let (text, code) = printed(["--rule", email, "ada@example.com", "nobody", "-x"]);
    assert_eq!(code, 1);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "ada@example.com");
    assert!(lines[1].starts_with("error: ") && lines[2].starts_with("error: "), "{text}");
    let list = r#"[{"rule":"is_int_in_range","minimum":0,"maximum":5},{"rule":"is_not_empty"}]"#;
    assert_eq!(printed(["--rule", list, "3"]), ("3\n".to_owned(), 0));
}

#[test]
fn a_rule_that_is_none_is_told_with_the_nearest_one() {
    for (rule, part) in [
        (r#"{"rule":"is_emial"}"#, "did you mean `is_email`?"),
        (r#"{"rule":"is_length","maxsise":5}"#, "did you mean `maxsize`?"),
        ("is_email", "no JSON"),
        ("7", "a rule is an object"),
    ] {
        let output = frontdesk(["--rule", rule, "x"]).output();
        assert_eq!(output.status.code(), Some(2), "{rule}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(part), "{said}");
    }
}

/// All published vectors.
fn vectors() -> Vec<Value> {
    let mut files: Vec<_> = std::fs::read_dir(data("conformance"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .filter(|path| path.file_stem().is_some_and(|name| name != "divergences"))
        .collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>())
        .collect()
}

#[test]
fn every_published_vector_is_answered_in_order_and_those_of_the_documents_as_they_say() {
    let vectors = vectors();
    assert!(vectors.len() > 1000, "{}", vectors.len());
    let mut input = Vec::new();
    for vector in &vectors {
        let mut request = vector.as_object().unwrap().clone();
        for expectation in ["ok", "value", "value_regex", "error", "options", "matches", "tags"] {
            request.remove(expectation);
        }
        serde_json::to_writer(&mut input, &request).unwrap();
        input.push(b'\n');
    }
    let output = frontdesk(["--jsonl"]).feed(input);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids = |values: &[Value]| values.iter().map(|value| value["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&answers), ids(&vectors));

    let (mut right, mut wrong) = (0, BTreeMap::new());
    for (vector, answer) in vectors.iter().zip(&answers) {
        assert!(answer.get("error_in_request").is_none(), "{answer}");
        let documented = vector["tags"].as_array().is_some_and(|tags| tags.contains(&json!("doc")));
        // Values are compared in depth by the tests of the rules; here it counts that they are let in and out.
        let same = ["ok", "error", "matches"].iter().all(|member| vector.get(member) == answer.get(member));
        match same {
            true => right += 1,
            false if documented => _ = wrong.insert(vector["id"].to_string(), answer.to_string()),
            false => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(right * 100 > vectors.len() * 98, "{right} of {}", vectors.len());
}

#[test]
fn lines_that_make_no_sense_are_answered_and_the_next_one_too() {
    let mut input = b"nonsense\n\xff\xfe\n\n[]\n".to_vec();
    input.extend(br#"{"id":7,"rule":{"rule":"is_upper"},"input":"a"}"#);
    let output = frontdesk(["--jsonl"]).feed(input);
    assert_eq!(output.status.code(), Some(0));
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 4);
    assert!(answers[..3].iter().all(|answer| answer["error_in_request"].is_string()), "{answers:?}");
    assert_eq!(answers[3], json!({"id": 7, "ok": true, "value": "A"}));
}
