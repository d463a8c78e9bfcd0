use frontdesk_validate::Value;
use serde_json::Value as Json;

use super::{Limits, Other, Submission, Trouble};

/// Decodes a JSON object: a member for each field. Arrays are several values; `{"$date": …}` and the like are typed.
pub(crate) fn decode(body: &[u8], limits: &Limits) -> Submission {
    if body.len() > limits.text_bytes {
        return Submission::failed(Trouble::TooLarge);
    }
    let members = match serde_json::from_slice(body) {
        Ok(json) if depth(&json) > limits.nesting => return too_deep(limits),
        Ok(Json::Object(members)) => members,
        Ok(_) => return Submission::failed(Trouble::Malformed("a JSON object is expected".to_owned())),
        // The parser's own limit, of which its error says no more.
        Err(error) if error.to_string().starts_with("recursion limit") => return too_deep(limits),
        Err(error) => {
            return Submission::failed(Trouble::Malformed(format!("the JSON is not valid: {error}")));
        }
    };
    let count = members.values().map(|member| member.as_array().map_or(1, |items| items.len().max(1)));
    if count.sum::<usize>() > limits.entries || members.keys().any(|name| name.len() > limits.name_bytes) {
        return Submission::failed(Trouble::TooLarge);
    }
    let mut submission = Submission { is_json: true, ..Submission::default() };
    for (name, json) in members {
        match json {
            Json::String(text) => submission.push_text(&name, &text),
            other => match Value::from_tagged_json(&other) {
                Ok(value) => submission.push(&name, Other::Typed(value)),
                Err(error) => {
                    return Submission::failed(Trouble::Malformed(format!("member `{name}`: {error}")));
                }
            },
        }
    }
    submission
}

/// How many lists and objects lie in each other. The parser stops at 127, so that this ends.
fn depth(json: &Json) -> usize {
    match json {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn too_deep(limits: &Limits) -> Submission {
    let most = limits.nesting.min(127);
    Submission::failed(Trouble::Malformed(format!("it is nested more than {most} deep")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Entry;

    #[test]
    fn members_keep_their_types() {
        let submission = decode(br#"{"a": "x", "b": 1, "c": ["y"], "d": null}"#, &Limits::default());
        let entry = |name| submission.all(name).next().unwrap();
        assert_eq!(entry("a"), Entry::Text("x"));
        assert_eq!(entry("b"), Entry::Typed(&Value::Int(1)));
        assert_eq!(entry("c"), Entry::Typed(&Value::List(vec!["y".into()])));
        assert_eq!(entry("d"), Entry::Typed(&Value::Null));
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for body in ["", "[]", "1", "{", "{\"a\": {\"$date\": 1}}"] {
            let submission = decode(body.as_bytes(), &Limits::default());
            assert!(matches!(submission.trouble, Some(Trouble::Malformed(_))), "{body}");
        }
    }
}
