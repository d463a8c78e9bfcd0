//! Conditions: what is written reads back, and browsers come to the same answer.

use std::collections::BTreeMap;

use frontdesk_validate::{Condition, Lookup, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

struct Fields(BTreeMap<&'static str, Vec<&'static str>>);

impl Lookup for Fields {
    fn get(&self, name: &str) -> Option<Value> {
        let texts = self.0.get(name)?;
        match texts[..] {
            [one] => Some(one.into()),
            _ => Some(texts.iter().map(|&text| Value::from(text)).collect()),
        }
    }
}

const CONDITIONS: &[&str] = &[
    "x is set",
    "x is not set",
    "y is set",
    r#"x == "a""#,
    r#"x != "a""#,
    r#"x < "b""#,
    r#"x >= "2009-01-01""#,
    "x > \"\u{ffff}\"",
    "x <= \"\u{1f600}\"",
    "x == 5",
    "x != 5",
    "x < 5",
    "x <= 5.0",
    "x > -1.5e2",
    "x >= 9007199254740993",
    "x == 0.1",
    "x == true",
    "x == false",
    "x != true",
    r#"x in ["a", 5, true]"#,
    "x in []",
    r#"x == "a" and y == "b""#,
    r#"x == "a" or y == "b""#,
    r#"not (x == "a" or y is not set) and (x is set or y < 3)"#,
    "x == \" a\\n\\\"\"",
    r#"`odd name` == "a""#,
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "\u{85}\u{3000}",
    "\u{feff}",
    "\u{180e}",
    "a",
    "A",
    "b",
    " a\n\"",
    "5",
    " 5 ",
    "5.0",
    "+5",
    "05",
    "5e0",
    "5.",
    "4.999999999999999999999",
    ".1",
    "0.1",
    "0.10000000000000001",
    "-150",
    "-151",
    "-0",
    "1e400",
    "1,5",
    "0x5",
    "Infinity",
    "NaN",
    "5\u{a0}",
    "\u{feff}5",
    "9007199254740992",
    "9007199254740993",
    "9007199254740994",
    "on",
    "ON",
    "true",
    "yes",
    "Y",
    "t",
    "1",
    "off",
    "0",
    "no",
    "ｏｎ",
    "2008-12-31",
    "2009-01-01",
    "\u{ffff}",
    "\u{e000}",
    "😀",
    "٣",
    "00000000000000000000000000000000000000000000000000000000000000005",
    "0000000000000000000000000000000000000000000000000000000000000005",
];

/// What the script is asked in `tests/browser/condition.test.mjs`. Written anew with
/// `FRONTDESK_WRITE=1 cargo nextest run -p frontdesk-validate conditions`.
#[test]
fn form_14_the_file_of_conditions_is_up_to_date() {
    let mut fields: Vec<BTreeMap<&'static str, Vec<&'static str>>> = vec![BTreeMap::new()];
    fields.extend(TEXTS.iter().map(|&text| BTreeMap::from([("x", vec![text])])));
    fields.push(BTreeMap::from([("x", vec!["a"]), ("y", vec!["b"])]));
    for (index, &text) in TEXTS.iter().enumerate() {
        let other = TEXTS[(index * 7 + 3) % TEXTS.len()];
        fields.push(BTreeMap::from([("x", vec![text, other]), ("y", vec![other]), ("odd name", vec![text])]));
        fields.push(BTreeMap::from([("x", vec![]), ("y", vec![text])]));
    }
    let lines: Vec<String> = CONDITIONS
        .iter()
        .map(|source| {
            let condition: Condition = source.parse().unwrap_or_else(|error| panic!("{source}: {error}"));
            let holds: Vec<u8> =
                fields.iter().map(|fields| u8::from(condition.eval(&Fields(fields.clone())))).collect();
            assert!(
                source.ends_with("[]") || (holds.contains(&0) && holds.contains(&1)),
                "{source} says nothing"
            );
            json!({"condition": source, "ast": condition.to_json(), "holds": holds}).to_string()
        })
        .collect();
    let fields: Vec<String> = fields.iter().map(|fields| json!(fields).to_string()).collect();
    let file = format!(
        "{{\"fields\": [\n{}\n],\n\"conditions\": [\n{}\n]}}\n",
        fields.join(",\n"),
        lines.join(",\n")
    );
    serde_json::from_str::<Json>(&file).expect("it is JSON");
    crate::data_file::hold("conditions.json", &file);
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let name = prop_oneof!["[a-z_]{1,6}", "and|or|not|in|is|set|true", "\\PC{1,4}", "[a`\\\\ ]{1,4}"];
    let literal = prop_oneof![
        any::<String>().prop_map(frontdesk_validate::Literal::from),
        any::<i32>().prop_map(Into::into),
        any::<bool>().prop_map(Into::into),
    ];
    // Orders and fractions only the language can say.
    let order = (
        prop::sample::select(vec!["<", "<=", ">", ">=", "!="]),
        any::<f64>().prop_filter("no number", |number| number.is_finite()),
    )
        .prop_map(|(symbol, number)| format!("a {symbol} {number:?}").parse().expect("it is a condition"));
    let leaf = prop_oneof![
        (name.clone(), literal.clone()).prop_map(|(name, literal)| Condition::equals(name, literal)),
        (name.clone(), prop::collection::vec(literal, 0..4))
            .prop_map(|(name, literals)| Condition::is_one_of(name, literals)),
        name.prop_map(Condition::is_set),
        order,
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            inner.prop_map(Condition::negated),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(condition in any_condition()) {
        let text = condition.to_string();
        prop_assert_eq!(text.parse(), Ok(condition), "{}", text);
    }

    #[test]
    fn no_text_makes_reading_panic(text in "([a-z]{1,3}|[ ()\\[\\],`'\"\\\\=<>!.0-9eE+-]|and|or|not|is|set|in|true|\\PC){0,12}") {
        if let Err(error) = text.parse::<Condition>() {
            prop_assert!(error.position() <= text.chars().count());
        }
    }
}

#[test]
fn form_13_a_megabyte_is_answered_at_once() {
    let began = std::time::Instant::now();
    for text in [
        "(".repeat(1 << 20),
        "not ".repeat(1 << 18),
        format!("a == '{}", "x".repeat(1 << 20)),
        "a or ".repeat(1 << 18),
    ] {
        assert!(text.parse::<Condition>().is_err());
    }
    struct Long(Value);
    impl Lookup for Long {
        fn get(&self, _: &str) -> Option<Value> {
            Some(self.0.clone())
        }
    }
    let condition: Condition = "a == 5 or a < 'b' or a == true or not (a is set)".parse().unwrap();
    for value in
        [Value::from("9".repeat(1 << 20)), " ".repeat(1 << 20).into(), vec![Value::from("x"); 1 << 16].into()]
    {
        condition.eval(&Long(value));
    }
    assert!(began.elapsed().as_secs() < 10);
}
