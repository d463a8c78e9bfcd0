//! One rule, four enforcers: what a browser or a JSON Schema checks is never stricter than the rule itself.

mod browser;
mod cases;

use frontdesk_validate::{Registry, Rules, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use self::browser::Verdict;
use self::cases::{CASES, Case, SHARED};

fn rules(case: &Case) -> Rules {
    let rule: Json = serde_json::from_str(case.rule).expect(case.rule);
    Registry::standard().rules(&rule).expect(case.rule)
}

/// Whether the server takes a text. Rules that need to be awaited are not among the cases, but `crypt` when it is content.
fn server_takes(rules: &Rules, value: Value) -> bool {
    match rules.check_now(value) {
        Ok(_) => true,
        Err(error) => error.is_unavailable(),
    }
}

/// What a client can send, as the REST interface reads it.
fn sent(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => items.iter().map(sent).collect(),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| number.as_f64().expect("a number").into(), Value::Int)
        }
        object => object.clone().into(),
    }
}

fn texts(case: &'static Case) -> impl Iterator<Item = String> {
    SHARED.iter().chain(case.values).map(|&text| text.to_owned()).chain(
        // Lengths around those that the cases name.
        (0..=20).flat_map(|count| ["a", "é", "😀", " ", "7", "*"].map(|unit| unit.repeat(count))),
    )
}

fn agree(case: &Case, rules: &Rules, text: &str) -> Result<(), String> {
    let constraints = rules.constraints();
    let taken = server_takes(rules, text.into());
    for input in ["text", "textarea"] {
        if input == "text" && text.contains('\n') {
            continue; // an input of one line has none
        }
        let native = browser::native(&constraints, input, text);
        let script = browser::script(&constraints, input, text);
        if taken && (native == Verdict::Refused || script == Verdict::Refused) {
            return Err(format!("{}: {text:?} is refused in a {input}: {constraints:?}", case.rule));
        }
        // Of white space alone the script says nothing but that it is missing.
        let is_said = case.exact_in_browser && !text.trim().is_empty();
        if is_said && !taken && native == Verdict::Taken && script == Verdict::Taken {
            return Err(format!("{}: {text:?} passes a {input}: {constraints:?}", case.rule));
        }
    }
    Ok(())
}

fn schema_agrees(
    case: &Case,
    rules: &Rules,
    schema: &jsonschema::Validator,
    json: &Json,
) -> Result<(), String> {
    let (taken, valid) = (server_takes(rules, sent(json)), schema.is_valid(json));
    if taken && !valid {
        return Err(format!("{}: {json} is refused by {}", case.rule, rules.json_schema()));
    }
    if case.exact_schema && json.is_string() && valid && !taken {
        return Err(format!("{}: {json} passes {}", case.rule, rules.json_schema()));
    }
    Ok(())
}

fn schema_of(rules: &Rules) -> jsonschema::Validator {
    let schema = rules.json_schema();
    assert!(jsonschema::meta::is_valid(&schema), "{schema}");
    jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{schema}: {error}"))
}

#[test]
fn form_14_no_browser_is_stricter_than_the_rule() {
    for case in CASES {
        let rules = rules(case);
        for text in texts(case) {
            agree(case, &rules, &text).unwrap_or_else(|problem| panic!("{problem}"));
        }
    }
}

#[test]
fn form_14_no_schema_is_stricter_than_the_rule() {
    let others = json!([
        null, true, false, 0, 1, 2, 3, 7, -1, 42, 149, 150, 1e3, 0.5, -0.5, 1.5, 2.0, 9_007_199_254_740_993_i64, 1e300, [], [""], ["a"],
        ["a", "c"], ["red", "blue"], ["a", "b", "c"], [1, 2], [1, "x"], [null], [[]], ["a@b.com"], {}, {"a": 1}, 9_223_372_036_854_775_807_i64
    ]);
    for case in CASES {
        let rules = rules(case);
        let schema = schema_of(&rules);
        let others = others.as_array().expect("it is one");
        for json in texts(case).map(Json::from).chain(others.iter().cloned()) {
            schema_agrees(case, &rules, &schema, &json).unwrap_or_else(|problem| panic!("{problem}"));
        }
    }
}

#[test]
fn form_14_every_rule_has_a_case() {
    let named = |name: &str| CASES.iter().any(|case| case.rule.contains(&format!("\"{name}\"")));
    let missing: Vec<_> = Registry::standard().names().filter(|name| !named(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn form_14_each_message_is_the_one_that_the_server_gives() {
    for case in CASES {
        let rules = rules(case);
        let constraints = rules.constraints();
        if let Some(required) = &constraints.required {
            assert_eq!(rules.check_now("".into()).err(), required.error, "{}", case.rule);
        }
        for text in texts(case) {
            let Err(error) = rules.check_now(text.clone().into()) else { continue };
            // Where one thing alone is wrong, the message beside it says what the server would say.
            if let [message] = &browser::complaints(&constraints, "text", &text)[..]
                && case.exact_in_browser
            {
                assert_eq!(*message, error.text(), "{} {text:?}", case.rule);
            }
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-cA-C0-9 .@:+*_-]{0,12}",
        "[-+]?[0-9]{1,4}([.,][0-9]{0,3})?([eE][-+]?[0-9])?",
        "[0-9]{1,3}(\\.[0-9]{1,3}){0,4}",
        "[a-z.+_-]{1,5}@[a-z0-9._ßé-]{1,8}(\\.[a-z]{0,3})?",
        "[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}([ T][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2})?)?",
        "\\PC{0,6}",
        "[\\u{0}\\t\\n\\r \\u{85}\\u{a0}\\u{1680}\\u{180e}\\u{2007}\\u{200b}\\u{2028}\\u{3000}\\u{feff}]{0,4}",
        "[a😀é]{0,20}",
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-200i64..200).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        (-200.0..200.0f64).prop_map(Json::from),
        any_text().prop_map(Json::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map("[a-c]", inner, 0..3)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn form_14_no_text_passes_the_server_and_not_the_browser(text in any_text()) {
        thread_local!(static ALL: Vec<Rules> = CASES.iter().map(rules).collect());
        ALL.with(|all| {
            for (case, rules) in CASES.iter().zip(all) {
                agree(case, rules, &text).map_err(TestCaseError::fail)?;
            }
            Ok::<_, TestCaseError>(())
        })?;
    }

    #[test]
    fn form_14_no_value_passes_the_server_and_not_the_schema(json in any_json()) {
        thread_local!(static ALL: Vec<(Rules, jsonschema::Validator)> = CASES.iter().map(|case| {
            let rules = rules(case);
            let schema = schema_of(&rules);
            (rules, schema)
        }).collect());
        ALL.with(|all| {
            for (case, (rules, schema)) in CASES.iter().zip(all) {
                schema_agrees(case, rules, schema, &json).map_err(TestCaseError::fail)?;
            }
            Ok::<_, TestCaseError>(())
        })?;
    }
}

/// What a real browser is asked in `tests/browser/agreement.test.mjs`: for each rule the attributes of an input, and the
/// server's answer to each of the texts, `o` for one that it takes and `r` for one that it refuses. Written anew with
/// `FRONTDESK_WRITE=1 cargo nextest run -p frontdesk-validate agreement`.
#[test]
fn form_14_the_file_for_browsers_is_up_to_date() {
    let mut all = Vec::new();
    let lengths = [2, 3, 4, 5, 8, 15, 16, 20];
    let shared: Vec<String> = SHARED
        .iter()
        .map(|&text| text.to_owned())
        .chain(["a", "é", "😀", " ", "*"].iter().flat_map(|unit| lengths.map(|count| unit.repeat(count))))
        .collect();
    for case in CASES {
        let rules = rules(case);
        let constraints = rules.constraints();
        let answer = |text: &str| if server_takes(&rules, text.into()) { "o" } else { "r" };
        for input in ["text", "textarea"] {
            let attributes: serde_json::Map<String, Json> = constraints
                .attributes(input)
                .map(|attribute| (attribute.name.into(), attribute.value.into()))
                .collect();
            if attributes.is_empty() {
                continue;
            }
            let rule: Json = serde_json::from_str(case.rule).expect(case.rule);
            let one = json!({
                "rule": rule,
                "input": input,
                "constraints": attributes,
                "shared": shared.iter().map(|text| answer(text)).collect::<String>(),
                "own": case.values.iter().map(|text| json!([text, answer(text)])).collect::<Vec<_>>(),
            });
            all.push(one.to_string());
        }
    }
    // One rule a line, so that a change can be seen.
    let file = format!("{{\"shared\": {},\n\"cases\": [\n{}\n]}}\n", json!(shared), all.join(",\n"));
    serde_json::from_str::<Json>(&file).expect("it is JSON");
    crate::data_file::hold("agreement.json", &file);
}
