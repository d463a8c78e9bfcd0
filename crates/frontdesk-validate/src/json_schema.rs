//! Rules as JSON Schema.

use serde_json::{Map, Value as Json, json};

use crate::portable::WHITE_SPACE;

/// What a value has to be as JSON, in the vocabulary of [JSON Schema 2020-12]: put together by
/// [`Rules::json_schema`](crate::Rules::json_schema).
///
/// The schema is of the value as a client sends it, before any rule converts it. It never refuses what the rules accept.
/// What cannot be said that exactly is not said.
///
/// [JSON Schema 2020-12]: https://json-schema.org/draft/2020-12
///
/// ```
/// use frontdesk_validate::{IsInSet, IsLength, IsNotEmpty, Rules};
/// use serde_json::json;
///
/// assert_eq!(Rules::one(IsInSet::new(["red", "blue"])).json_schema(), json!({"enum": ["red", "blue"]}));
///
/// let name = Rules::list().and(IsLength::max(15)).json_schema();
/// assert_eq!(name, json!({"maxLength": 15, "maxItems": 15}));
/// ```
#[derive(Clone, Debug, Default)]
pub struct JsonSchema {
    all: Vec<Map<String, Json>>,
    ended: bool,
}

impl JsonSchema {
    /// Adds a schema that the value has to match too. Anything but an object is left out.
    pub fn and(&mut self, schema: Json) {
        if let (false, Json::Object(schema)) = (self.ended, schema)
            && !schema.is_empty()
        {
            self.all.push(schema);
        }
    }

    /// Ends what can be said: the next rule gets something else than what was sent.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// One schema; where two say the same keyword, all of them under `allOf`.
    pub(crate) fn finish(self) -> Json {
        let mut merged = Map::new();
        let mut apart = Vec::new();
        for schema in self.all {
            if schema.keys().any(|key| merged.contains_key(key)) {
                // Saying twice what types there are is saying it once, if it is the same.
                let schema: Map<_, _> =
                    schema.into_iter().filter(|(key, value)| merged.get(key) != Some(value)).collect();
                if schema.keys().any(|key| merged.contains_key(key)) {
                    apart.push(Json::Object(schema));
                    continue;
                }
                merged.extend(schema);
            } else {
                merged.extend(schema);
            }
        }
        if !apart.is_empty() {
            merged.insert("allOf".to_owned(), apart.into());
        }
        Json::Object(merged)
    }
}

/// An expression for a whole text.
pub(crate) fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// A value that is one thing, so that rules over text take its text; the pattern is only for texts.
pub(crate) fn scalar(pattern: Option<&str>) -> Json {
    match pattern {
        Some(pattern) => json!({"type": ["string", "number", "boolean"], "pattern": whole(pattern)}),
        None => json!({"type": ["string", "number", "boolean"]}),
    }
}

/// Nothing, as [`Value::is_empty`](crate::Value::is_empty) has it, or what `schema` matches.
pub(crate) fn nothing_or(schema: Json) -> Json {
    json!({"anyOf": [
        {"type": "null"},
        {"type": "string", "pattern": whole(&format!("{WHITE_SPACE}*"))},
        {"type": "array", "maxItems": 0},
        schema,
    ]})
}

/// Something, as [`Value::is_empty`](crate::Value::is_empty) has it.
pub(crate) fn something() -> Json {
    let visible = format!("[^{}", &WHITE_SPACE[1..]);
    json!({"type": ["string", "number", "boolean", "array", "object"], "pattern": visible, "minItems": 1})
}
