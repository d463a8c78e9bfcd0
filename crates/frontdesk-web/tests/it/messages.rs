//! Every message has a key in every shipped language.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use frontdesk_validate::{
    AnyOf, Crypt, IsAlphanumeric, IsDate, IsDateInRange, IsDatetime, IsDatetimeInRange, IsDecimalInRange,
    IsEmail, IsEqualTo, IsExpr, IsFloatInRange, IsInSet, IsIntInRange, IsIpaddress, IsIpv4, IsIpv6, IsJson,
    IsLength, IsListOf, IsListOfEmails, IsMatch, IsNotEmpty, IsSlug, IsStrong, IsTime, IsUrl, Rules,
    ValidationError, Validator, Value,
};
use frontdesk_web::{Arg, Language, Languages};

use crate::sources::Sources;

const SHIPPED: [&str; 3] = ["en", "de", "pt"];

/// Codes whose texts come from elsewhere: the application, or a trigger of the database.
const NOT_OURS: [&str; 2] = ["custom", "trigger"];

/// A message: its text in the form of the sources (`None` if it chooses among several), and its variables.
#[derive(Debug)]
struct Message {
    text: Option<String>,
    variables: BTreeSet<String>,
}

fn catalogue(tag: &str) -> BTreeMap<String, Message> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(tag);
    let mut found = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        read_into(&mut found, &file.unwrap().path());
    }
    found
}

/// The shipped messages, and those of the ready server, which has catalogues of its own.
fn catalogue_of_all(tag: &str) -> BTreeMap<String, Message> {
    let mut found = catalogue(tag);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontdesk-cli/locales");
    read_into(&mut found, &folder.join(format!("{tag}.ftl")));
    found
}

fn read_into(found: &mut BTreeMap<String, Message>, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let resource =
        parser::parse(&*text).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let Some(value) = &message.value else { continue };
        let mut variables = BTreeSet::new();
        collect(value, &mut variables);
        let key = message.id.name.to_owned();
        let before = found.insert(key.clone(), Message { text: template(value), variables });
        assert!(before.is_none(), "{} has `{key}` twice", path.display());
    }
}

fn collect(pattern: &Pattern<&str>, out: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let (Expression::Inline(inline) | Expression::Select { selector: inline, .. }) = expression;
        if let InlineExpression::VariableReference { id } = inline {
            out.insert(id.name.to_owned());
        }
        if let Expression::Select { variants, .. } = expression {
            variants.iter().for_each(|variant| collect(&variant.value, out));
        }
    }
}

fn template(pattern: &Pattern<&str>) -> Option<String> {
    let part = |element: &PatternElement<&str>| match element {
        PatternElement::TextElement { value } => Some((*value).to_owned()),
        PatternElement::Placeable {
            expression: Expression::Inline(InlineExpression::VariableReference { id }),
        } => Some(format!("%({})s", id.name.replace('-', "_"))),
        PatternElement::Placeable { .. } => None,
    };
    pattern.elements.iter().map(part).collect()
}

fn key(code: &str) -> String {
    code.replace(['.', '_'], "-")
}

/// The keys of a code: its own, and those of its variants.
fn keys<'c>(catalogue: &'c BTreeMap<String, Message>, code: &str) -> Vec<&'c str> {
    let key = key(code);
    let of_code = |known: &&String| {
        known.strip_prefix(&*key).is_some_and(|rest| rest.is_empty() || rest.starts_with("--"))
    };
    catalogue.keys().filter(of_code).map(|key| &**key).collect()
}

#[test]
fn form_18_every_code_has_a_message_in_every_shipped_language() {
    let sources = Sources::read();
    assert!(sources.codes.len() > 70, "only {} codes were found: {:?}", sources.codes.len(), sources.codes);
    let mut missing = Vec::new();
    for tag in SHIPPED {
        let catalogue = catalogue(tag);
        for (code, file) in sources.codes.iter().filter(|(code, _)| !NOT_OURS.contains(&&***code)) {
            if keys(&catalogue, code).is_empty() {
                missing.push(format!("{tag} has no `{}` (code `{code}` of {file})", key(code)));
            }
        }
    }
    missing.extend(sources.given.iter().map(|(code, file)| {
        format!(
            "the text of `{code}` in {file} is made by into(): that is the application's, and stays English"
        )
    }));
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn form_18_the_english_catalogue_says_what_the_sources_say() {
    let english = catalogue("en");
    let sources = Sources::read();
    assert!(sources.texts.len() > 60, "only {} texts were found", sources.texts.len());
    let differs =
        sources.texts.iter().filter(|(code, _)| !NOT_OURS.contains(&&**code)).filter(|(code, text)| {
            // What is put together is left to the tests that provoke it.
            !text.contains(['{', '\\'])
                && !text.contains("%s")
                && !keys(&english, code)
                    .iter()
                    .any(|key| english[*key].text.as_ref().is_none_or(|known| known == text))
        });
    let differs: Vec<_> =
        differs.map(|(code, text)| format!("no message of `{}` says: {text}", key(code))).collect();
    assert!(differs.is_empty(), "{}", differs.join("\n"));
}

#[test]
fn form_18_every_word_is_there_in_every_shipped_language() {
    let sources = Sources::read();
    assert!(!sources.words.is_empty());
    let mut wrong = Vec::new();
    for tag in SHIPPED {
        let catalogue = catalogue_of_all(tag);
        for (key, default) in &sources.words {
            match catalogue.get(key) {
                None => wrong.push(format!("{tag} has no `{key}` ({default:?})")),
                Some(message) if tag == "en" => {
                    // Where a default has no place for a variable, it is the text.
                    let differs =
                        default.as_ref().is_some_and(|default| message.text.as_ref() != Some(default));
                    if differs && message.variables.is_empty() {
                        wrong.push(format!(
                            "`{key}` is {:?} in the catalogue, {default:?} in the source",
                            message.text
                        ));
                    }
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn form_18_every_message_can_be_said() {
    let languages = Languages::new().with_pseudo();
    for tag in ["en", "de", "pt", "de-CH", "en-XA"] {
        let language = languages.get(tag).unwrap();
        for (key, message) in catalogue("en") {
            for arg in [Arg::from(0), Arg::from(1), Arg::from(2), Arg::from(1.5), Arg::from("<x>")] {
                let args: Vec<_> = message.variables.iter().map(|name| (&**name, arg.clone())).collect();
                let text =
                    language.say(&key, &args).unwrap_or_else(|| panic!("`{key}` in {tag} with {arg:?}"));
                assert!(
                    !text.is_empty() && !text.contains('$') && text.trim() == text,
                    "`{key}` in {tag}: {text}"
                );
            }
            let without = language.say(&key, &[]);
            assert_eq!(without.is_some(), message.variables.is_empty(), "`{key}` in {tag}: {without:?}");
        }
    }
}

#[test]
fn form_18_the_shipped_languages_have_the_same_keys_and_variables() {
    let english = catalogue("en");
    for tag in &SHIPPED[1..] {
        let other = catalogue(tag);
        let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (english.keys().collect(), other.keys().collect());
        assert_eq!(ours.symmetric_difference(&theirs).collect::<Vec<_>>(), Vec::<&&String>::new(), "{tag}");
        for (key, message) in &english {
            assert_eq!(other[key].variables, message.variables, "`{key}` in {tag}");
        }
    }
}

#[test]
fn form_18_the_script_is_translated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontdesk-forms/assets/src/base.js");
    let script = fs::read_to_string(path).unwrap();
    let texts = script.split("export const TEXTS = {").nth(1).unwrap().split("\n};").next().unwrap();
    let said: BTreeMap<String, String> = texts
        .lines()
        .filter_map(|line| line.trim().strip_prefix('\'')?.strip_suffix("',")?.split_once("': '"))
        .map(|(key, text)| (format!("data-fd-text-{key}"), text.to_owned()))
        .collect();
    assert!(said.len() > 20);
    // An own message makes English more than the default; it says what the script says.
    let languages = Languages::new().add("en", "greeting = Hello").unwrap();
    let english = languages.get("en").unwrap();
    assert_eq!(english.script_texts().iter().cloned().collect::<BTreeMap<_, _>>(), said);
    for tag in ["de", "pt"] {
        let texts: BTreeMap<_, _> = languages.get(tag).unwrap().script_texts().iter().cloned().collect();
        assert!(said.keys().eq(texts.keys()));
        for (name, text) in &texts {
            assert_eq!(text.matches('{').count(), said[name].matches('{').count(), "{text}");
        }
    }
}

#[test]
fn form_18_no_message_is_there_for_nothing() {
    let sources = Sources::read();
    let codes: BTreeSet<String> = sources.codes.keys().map(|code| key(code)).collect();
    let literals: BTreeSet<String> = sources.literals.iter().map(|literal| key(literal)).collect();
    let unused = catalogue("en").into_keys().filter(|key| {
        let base = key.split_once("--").map_or(&**key, |(base, _)| base);
        let of_script = key.starts_with("script-"); // held against the script above
        !codes.contains(base) && !literals.contains(base) && !of_script
    });
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Errors of all rules that can be provoked with a text.
fn provoked() -> Vec<ValidationError> {
    fn refuse(rule: impl Validator + 'static, text: &str) -> ValidationError {
        let checked = Rules::one(rule).check_now(text.into());
        checked.expect_err("the text is one that the rule refuses")
    }
    let date = |text: &str| text.parse::<frontdesk_validate::civil::Date>().unwrap();
    let moment = |text: &str| text.parse::<frontdesk_validate::civil::DateTime>().unwrap();
    let decimal = |text: &str| text.parse::<frontdesk_validate::Decimal>().unwrap();
    use std::ops::Bound::{Excluded, Included, Unbounded};
    vec![
        ValidationError::unavailable(),
        refuse(AnyOf::new(), "x"),
        refuse(Crypt::new().min_length(4), "x"),
        refuse(Crypt::new().max_length(1), "xyz"),
        refuse(IsAlphanumeric::new(), "ä"),
        refuse(IsDate::new(), "x"),
        refuse(IsDateInRange::new(date("2020-01-01")..), "2019-01-01"),
        refuse(IsDateInRange::new(..=date("2020-01-01")), "2021-01-01"),
        refuse(IsDateInRange::new(date("2020-01-01")..=date("2020-12-31")), "2021-01-01"),
        refuse(IsDatetime::new(), "x"),
        refuse(IsDatetimeInRange::new(moment("2020-01-01 10:00")..), "2019-01-01 10:00:00"),
        refuse(IsDatetimeInRange::new(..=moment("2020-01-01 10:00")), "2021-01-01 10:00:00"),
        refuse(IsDecimalInRange::new(decimal("0.5")..), "0.1"),
        refuse(IsDecimalInRange::new(..=decimal("0.5")), "0.6"),
        refuse(IsDecimalInRange::new(decimal("0.5")..=decimal("1")), "2"),
        refuse(IsEmail::new(), "x"),
        refuse(IsEqualTo::new("y"), "x"),
        refuse(IsExpr::parse("value == 'y'").unwrap(), "x"),
        refuse(IsFloatInRange::new(..), "x"),
        refuse(IsFloatInRange::new(0.5..), "0.1"),
        refuse(IsFloatInRange::new(..=0.5), "1"),
        refuse(IsFloatInRange::new(..0.5), "1"),
        refuse(IsFloatInRange::new(0.5..=1.0), "2"),
        refuse(IsFloatInRange::new(0.5..1.0), "2"),
        refuse(IsFloatInRange::new((Excluded(0.5), Included(1.0))), "2"),
        refuse(IsFloatInRange::new((Excluded(0.5), Excluded(1.0))), "2"),
        refuse(IsFloatInRange::new((Excluded(0.5), Unbounded)), "0.1"),
        refuse(IsInSet::new(["a"]), "b"),
        refuse(IsIntInRange::new(..), "x"),
        refuse(IsIntInRange::new(2..), "1"),
        refuse(IsIntInRange::new(..2), "3"),
        refuse(IsIntInRange::new(2..20), "1"),
        refuse(IsIpaddress::new(), "x"),
        refuse(IsIpv4::new(), "x"),
        refuse(IsIpv6::new(), "x"),
        refuse(IsJson::new(), "{"),
        refuse(IsLength::max(3), "xyzzy"),
        refuse(IsListOf::new(Rules::none()).min(2), "x"),
        refuse(IsListOfEmails::new(), "x"),
        refuse(IsMatch::new("a").unwrap(), "b"),
        refuse(IsNotEmpty::new(), ""),
        refuse(IsSlug::new().check(), "A B"),
        refuse(IsStrong::new().min(8), "Aa1!"),
        refuse(IsStrong::new().special(2), "aA1aA1aA1"),
        refuse(IsTime::new(), "x"),
        refuse(IsUrl::new(), "x y"),
    ]
}

#[test]
fn form_18_what_a_rule_says_is_said_in_every_shipped_language() {
    let languages = Languages::new();
    let [german, portuguese] = ["de", "pt"].map(|tag| languages.get(tag).unwrap());
    for error in provoked() {
        assert!(error.is_own_text(), "{error:?}");
        assert_eq!(Language::english().error(&error), error.text());
        for language in [&german, &portuguese] {
            let text = language.error(&error);
            assert_ne!(text, error.text(), "{error:?} in {language}");
            assert!(!text.contains(['$', '\u{2068}']) || error.code() == "is_strong", "{text}");
        }
        let args: Vec<_> = error.params().iter().map(|(name, value)| (*name, Arg::from(value))).collect();
        let english = catalogue("en");
        let says = |key: &&str| Language::english().say(key, &args).as_deref() == Some(error.text());
        let of_password = error.code() == "is_strong"; // its keys go by parameter
        assert!(of_password || keys(&english, error.code()).iter().any(says), "{error:?}");
    }
}

#[test]
fn form_18_a_text_of_the_application_stays_in_every_language() {
    let german = Languages::new().get("de").unwrap();
    let error =
        Rules::one(IsLength::max(3).error_message("Three at most")).check_now("xyzzy".into()).unwrap_err();
    assert_eq!(german.error(&error), "Three at most");
    assert_eq!(german.error(&ValidationError::custom("Too odd")), "Too odd");
    let own = Languages::new().add("de", "too-odd = Zu seltsam: { $what }").unwrap().get("de").unwrap();
    let code = ValidationError::with_params(
        "too_odd",
        &frontdesk_validate::Message::new("Too odd: %(what)s"),
        vec![("what", Value::from("x"))],
    );
    assert_eq!(own.error(&code), "Zu seltsam: x");
    assert_eq!(german.error(&code), "Too odd: x");
}

#[test]
fn one_code_has_the_right_one_of_its_texts() {
    let languages = Languages::new();
    let german = languages.get("de").unwrap();
    for (code, text, said) in [
        ("unique", "Another record has this value already", "Ein anderer Eintrag hat diesen Wert schon"),
        (
            "unique",
            "Another record has the same values already",
            "Ein anderer Eintrag hat dieselben Werte schon",
        ),
        ("type", "Enter an integer", "Geben Sie eine ganze Zahl ein"),
        ("type", "Something new", "Dieser Wert ist nicht von der richtigen Art"),
        ("trigger", "no more than three", "no more than three"),
    ] {
        assert_eq!(german.error(&ValidationError::new(code, text)), said);
    }
    // In English the error's own text may say more than ours; the application's words win over both, for all texts of
    // a code that it has no words of its own for.
    let own = languages.add("en", "type = This does not fit").unwrap().get("en").unwrap();
    let error = ValidationError::new("unknown_field", "There is no field `x` to be written");
    assert_eq!(own.error(&error), error.text());
    assert_eq!(own.error(&ValidationError::new("type", "Enter an integer")), "This does not fit");
    assert_eq!(own.error(&ValidationError::new("type", "Something new")), "This does not fit");
}

#[test]
fn plurals_follow_the_language() {
    let languages = Languages::new();
    let title = |tag: &str, count: usize| {
        languages.get(tag).unwrap().say("form-error-summary-title", &[("count", Arg::from(count))]).unwrap()
    };
    assert_eq!(title("en", 1), "There is 1 problem");
    assert_eq!(title("en", 2), "There are 2 problems");
    assert_eq!(title("de", 1), "Es gibt ein Problem");
    assert_eq!(title("de", 12_000), "Es gibt 12.000 Probleme");
    assert_eq!(title("de-CH", 12_000), "Es gibt 12\u{2019}000 Probleme");
    assert_eq!(title("pt", 1), "Há 1 problema");
    assert_eq!(title("pt", 3), "Há 3 problemas");
}

#[test]
fn numbers_of_any_kind_can_be_said() {
    let languages = Languages::new().add("de", "n = { $n ->\n    [one] eins\n   *[other] { $n }\n}").unwrap();
    let german = languages.get("de").unwrap();
    let say = |arg: Arg<'_>| german.say("n", &[("n", arg)]).unwrap();
    assert_eq!(say(1.into()), "eins");
    assert_eq!(say(1.5.into()), "1,5");
    assert_eq!(say("0.10".parse::<frontdesk_validate::Decimal>().unwrap().into()), "0,10");
    assert_eq!(say(i64::MAX.into()), "9.223.372.036.854.775.807");
    assert_eq!(say(i64::MIN.into()), "-9.223.372.036.854.775.808");
    for odd in
        [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324, -0.0, 1e15, 123_456.789_012_345_67]
    {
        assert!(!say(odd.into()).is_empty());
    }
    assert_eq!(say("2024-12-24".parse::<frontdesk_validate::civil::Date>().unwrap().into()), "24.12.2024");
}
