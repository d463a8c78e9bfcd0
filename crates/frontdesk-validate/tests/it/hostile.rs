//! Input that is meant to hurt: megabytes of repeats, and values of every kind. No rule may panic, or take more than
//! time in proportion.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use frontdesk_validate::{Context, Decimal, FileValue, Registry, Rules, Uuid, Value, civil};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

/// Every rule that this crate has, some of them in several ways.
fn rules() -> Vec<Json> {
    let rule = |name: &str| json!({ "rule": name });
    let mut rules: Vec<Json> = [
        "cleanup",
        "crypt",
        "is_alphanumeric",
        "is_date",
        "is_date_in_range",
        "is_datetime",
        "is_datetime_in_range",
        "is_decimal_in_range",
        "is_email",
        "is_file",
        "is_float_in_range",
        "is_image",
        "is_int_in_range",
        "is_ipaddress",
        "is_ipv4",
        "is_ipv6",
        "is_json",
        "is_length",
        "is_list_of",
        "is_list_of_emails",
        "is_lower",
        "is_not_empty",
        "is_safe",
        "is_slug",
        "is_strong",
        "is_time",
        "is_upload_filename",
        "is_upper",
        "is_url",
    ]
    .map(rule)
    .to_vec();
    rules.extend([
        json!({"rule": "any_of", "subs": [rule("is_email"), rule("is_date"), rule("is_url")]}),
        json!({"rule": "cleanup", "regex": "[0-9]"}),
        json!({"rule": "cleanup", "regex": "(?<!a)b"}),
        json!({"rule": "crypt", "key": "sha512:k", "salt": "s"}),
        json!({"rule": "is_alphanumeric", "unicode": true}),
        json!({"rule": "is_date", "format": "%d/%b/%Y"}),
        json!({"rule": "is_decimal_in_range", "dot": ",", "minimum": 0}),
        json!({"rule": "is_email", "banned": "^.*\\.com(|\\..*)$", "forced": "(?=a)(a|aa)*"}),
        json!({"rule": "is_empty_or", "other": rule("is_date"), "empty_regex": "(a|aa)+$"}),
        json!({"rule": "is_equal_to", "expression": "a"}),
        json!({"rule": "is_equal_to", "field": "password"}),
        json!({"rule": "is_expr", "expression": "int(value) > 3 or 'aaab' in value or len(lower(value)) < 0"}),
        json!({"rule": "is_file", "filename": {"$regex": "(a|aa)+x"}, "extension": ["pdf", {"$regex": "t.*"}]}),
        json!({"rule": "is_in_set", "theset": ["a", "b"]}),
        json!({"rule": "is_in_set", "theset": ["a", "b"], "multiple": true}),
        json!({"rule": "is_json", "native_json": true}),
        json!({"rule": "is_list_of", "other": [rule("is_lower"), rule("is_email")]}),
        json!({"rule": "is_match", "expression": "^(a+)+$"}),
        json!({"rule": "is_match", "expression": "(.*)(.*)(.*)x", "search": true, "extract": true}),
        json!({"rule": "is_match", "expression": "(?=.*\\d)(?=.*[a-z]).{6,}"}),
        json!({"rule": "is_match", "expression": "(a|aa)+(?!.)\\1x", "search": true}),
        json!({"rule": "is_not_empty", "empty_regex": "^(\\s|-)*$"}),
        json!({"rule": "is_null_or", "other": rule("is_time")}),
        json!({"rule": "is_safe", "mode": "sanitize"}),
        json!({"rule": "is_safe", "mode": "sanitize", "sanitizer": "xml"}),
        json!({"rule": "is_slug", "check": true, "keep_underscores": true}),
        json!({"rule": "is_strong", "entropy": 50}),
        json!({"rule": "is_upload_filename", "filename": "(a|aa)+x", "extension": "pdf"}),
        json!({"rule": "is_url", "mode": "generic"}),
    ]);
    rules
}

fn built() -> Vec<(Json, Rules)> {
    let registry = Registry::standard();
    let build = |rule: Json| {
        let built = registry.rules(&rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
        (rule, built)
    };
    rules().into_iter().map(build).collect()
}

#[test]
fn no_rule_is_left_out() {
    let here: BTreeSet<String> =
        rules().iter().map(|rule| rule["rule"].as_str().unwrap().to_owned()).collect();
    let known: BTreeSet<String> = Registry::standard().names().map(str::to_owned).collect();
    assert_eq!(here, known);
}

/// What is repeated, behind what.
#[rustfmt::skip] // One row a text.
const TEXTS: &[(&str, &str)] = &[
    ("", "a"),
    ("", "0"),
    ("", "("),
    ("", "@"),
    ("", "."),
    ("", "<"),
    ("", "["),
    ("", "{\"a\":"),
    ("", "\0"),
    ("", " "),
    ("", "-"),
    ("", "&"),
    ("", "&a;"),
    ("", "\u{301}"),
    ("e", "\u{301}\u{316}"),
    ("", "ß"),
    ("", "日"),
    ("", "😀"),
    ("", "a,"),
    ("", "a@b.co,"),
    ("", "<a "),
    ("", "<b>"),
    ("", "<b><p>"),
    ("", "<table><b>"),
    ("", "<!--"),
    ("<script>", "</"),
    ("<a ", "x='"),
    ("<a ", "x=1 "),
    ("a@", "a."),
    ("a@", "ü."),
    ("a@", "ü"),
    ("http://", "%"),
    ("http://", "a."),
    ("http://", "ü."),
    ("http://", "@"),
    ("http://a.com/", "é"),
    ("1", ":0"),
    ("0.", "0"),
    ("2008-", "0"),
    ("::", "0"),
    ("[", "1,"),
    ("\"", "\\u0000"),
];

fn repeated((front, unit): (&str, &str), size: usize) -> String {
    let mut text = String::with_capacity(size + unit.len());
    text.push_str(front);
    while text.len() < size {
        text.push_str(unit);
    }
    text
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime")
}

/// The time that this thread has computed for, where the system tells; else the time of day serves.
fn clock() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let computed = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = computed.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGAN.elapsed(), Duration::from_nanos)
}

fn time(runtime: &Runtime, rules: &Rules, value: &Value) -> Duration {
    let value = value.clone();
    let began = clock();
    let _ = runtime.block_on(rules.validate(value, Context::empty()));
    clock() - began
}

/// What took less is in proportion, whatever it is: a quadratic megabyte takes minutes.
const QUICK: Duration = Duration::from_millis(300);
const SLOW: Duration = Duration::from_secs(5);

/// Of the rules, every second one from `first`: two tests share the work.
fn check_growth(first: usize) {
    let runtime = runtime();
    let texts: Vec<_> = TEXTS
        .iter()
        .map(|&text| {
            let of_size = |size| Value::Text(repeated(text, size));
            (text, of_size(256 << 10), of_size(1 << 20))
        })
        .collect();
    for (rule, rules) in built().into_iter().skip(first).step_by(2) {
        for (text, small, large) in &texts {
            // A machine that is busy elsewhere gets more than one try.
            let is_fine = (0..4).any(|_| {
                let took = time(&runtime, &rules, large);
                took < QUICK || (took < SLOW && took < 8 * time(&runtime, &rules, small).max(QUICK / 8))
            });
            assert!(is_fine, "{rule} on {text:?}: {:?}", time(&runtime, &rules, large));
        }
    }
}

#[test]
fn form_13_a_megabyte_of_text_takes_time_in_proportion() {
    check_growth(0);
}

#[test]
fn form_13_a_megabyte_of_text_takes_time_in_proportion_for_the_other_rules() {
    check_growth(1);
}

#[test]
fn form_13_a_megabyte_of_html_is_sanitized_in_proportion() {
    let runtime = runtime();
    let rules = Registry::standard().rules(&json!({"rule": "is_safe", "mode": "sanitize"})).unwrap();
    let further =
        ["&am", "&am x", "¿", "\u{a0}", "\r\n", "\r", "&#1;", "<b>x</b>y", "<p><b title=x>", "<a href=?&&>"];
    for unit in TEXTS.iter().map(|(_, unit)| *unit).chain(further) {
        // Something unsafe in front, so that there is something to do; in a table, parsers move what has no cell.
        for front in ["<script></script>", "<table><script></script>", "<script></script><a href='?"] {
            let html = Value::Text(repeated((front, unit), 1 << 20));
            let took = time(&runtime, &rules, &html);
            assert!(took < 2 * SLOW, "{front}{unit} and so on: {took:?}");
        }
    }
}

#[test]
fn form_13_look_around_is_given_up_on_in_time() {
    let runtime = runtime();
    // Each step runs a look-ahead over all of the text.
    let rule = json!({"rule": "is_match", "expression": "(?=.*x)(?=.*y)", "search": true});
    let rules = Registry::standard().rules(&rule).unwrap();
    for size in [1 << 10, 1 << 14, 1 << 20] {
        let took = time(&runtime, &rules, &Value::Text("a".repeat(size)));
        assert!(took < SLOW, "{size}: {took:?}");
    }
}

#[test]
fn form_13_so_does_a_file_of_that_name() {
    let runtime = runtime();
    for (rule, rules) in built() {
        for unit in ["a", ".", "a.", "\u{301}"] {
            let file =
                Value::File(FileValue::in_memory(unit.repeat((1 << 20) / unit.len()), *b"\x89PNG\r\n\x1a\n"));
            let took = time(&runtime, &rules, &file);
            assert!(took < SLOW, "{rule} on a file called {unit:?} and so on: {took:?}");
        }
    }
}

#[test]
fn form_13_images_that_lie_are_read_in_bounded_time() {
    let rules = Registry::standard().rules(&json!({"rule": "is_image", "maxsize": [10, 10]})).unwrap();
    let runtime = runtime();
    for head in [&b"\xff\xd8\xff\xe0"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF\0\0\0\0WEBPVP8 "] {
        for byte in [0x00, 0xff, 0xd8, 0x80] {
            let mut content = head.to_vec();
            content.resize(1 << 20, byte);
            let file = Value::File(FileValue::in_memory("a.jpeg", content));
            let took = time(&runtime, &rules, &file);
            assert!(took < Duration::from_secs(1), "{head:?} {byte}: {took:?}");
        }
    }
}

#[test]
fn form_13_long_and_deep_lists_are_read() {
    let runtime = runtime();
    let long: Value = (0..100_000).map(|number| Value::Int(number % 7)).collect();
    let deep = (0..100).fold(Value::from("a"), |inner, _| Value::List(vec![inner]));
    for (rule, rules) in built() {
        for value in [&long, &deep] {
            let took = time(&runtime, &rules, value);
            assert!(took < SLOW, "{rule}: {took:?}");
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let date = || (-9999_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| civil::date(y, m, d));
    let time =
        || (0_i8..24, 0_i8..60, 0_i8..60, 0..1_000_000_000).prop_map(|(h, m, s, n)| civil::time(h, m, s, n));
    let name = "[a-zA-Z0-9._/\\\\ \\x00-\\x1fé]{0,12}";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]).prop_map(Value::Float),
        (any::<i64>(), 0_u32..=28).prop_map(|(digits, scale)| Value::Decimal(Decimal::new(digits, scale))),
        Just(Value::Decimal(Decimal::MAX)),
        any::<String>().prop_map(Value::Text),
        "[-+0-9.,:/eE ]{0,24}".prop_map(Value::Text),
        "[a-z0-9@:/?#%&=<>'\" .-]{0,40}".prop_map(Value::Text),
        date().prop_map(Value::Date),
        time().prop_map(Value::Time),
        (date(), time()).prop_map(|(date, time)| Value::DateTime(date.to_datetime(time))),
        any::<u128>().prop_map(|bits| Value::Uuid(Uuid::from_u128(bits))),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        (name, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(name, content)| Value::File(FileValue::in_memory(name, content))),
        (any::<u64>(), prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(size, head)| Value::File(FileValue::stored("a.png", size, head, Arc::new(())))),
        (any::<String>(), any::<f64>()).prop_map(|(key, number)| json!({ key: [number, null, true] }).into()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).into()),
    ];
    scalar.prop_recursive(3, 24, 6, |inner| prop::collection::vec(inner, 0..6).prop_map(Value::List))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_value_makes_a_rule_panic(value in values()) {
        let runtime = runtime();
        for (_, rules) in built() {
            let _ = rules.format(&value);
            let _ = rules.accept_empty();
            let _ = runtime.block_on(rules.validate(value.clone(), Context::empty()));
        }
    }
}
