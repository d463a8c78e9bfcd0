//! Range, set and equality validators.

use frontdesk::prelude::*;
use frontdesk::time::date;

use crate::browser::{open, submit};
use crate::{accepted, ask, refused};

/// With a value, and with another field of the form.
#[tokio::test]
async fn is_equal_to() {
    let same = || IsEqualTo::new("s3cret").error_message("passwords do not match");
    assert_eq!(ask(same(), "s3cret"), accepted("s3cret"));
    assert_eq!(ask(same(), "secret"), refused("passwords do not match"));

    let again = IsEqualTo::field("password").error_message("passwords do not match");
    let spec =
        Form::for_fields("register", [Field::string("password"), Field::string("again").requires(again)]);
    assert!(submit(&spec, "password=s3cret&again=s3cret").await.accepted());
    let refused = submit(&spec, "password=s3cret&again=secret").await;
    assert_eq!(refused.error_of("again").unwrap().text(), "passwords do not match");
}

#[test]
fn is_not_empty() {
    let rule = || IsNotEmpty::new().error_message("cannot be empty!");
    for nothing in [Value::Null, "".into(), " \n".into(), Value::List(vec![])] {
        assert_eq!(ask(rule(), nothing), refused("cannot be empty!"));
    }
    let null =
        IsNotEmpty::new().error_message("Enter a value").empty_regex(Pattern::new("NULL(?i)").unwrap());
    assert_eq!(ask(null, "null"), refused("Enter a value"));
}

/// `IS_NULL_OR` is its older name.
#[test]
fn is_empty_or() {
    assert_eq!(ask(IsEmptyOr::new(IsDate::new()), ""), Ok(Value::Null));
    assert_eq!(ask(IsEmptyOr::new(IsDate::new()), "2008-03-03"), accepted(date(2008, 3, 3)));
    assert!(ask(IsNullOr::new(IsDate::new()), "soon").is_err());
    assert_eq!(ask(IsEmptyOr::new(IsAlphanumeric::new()).null("anonymous"), " "), accepted("anonymous"));
    let none = IsEmptyOr::new(IsIntInRange::any()).empty_regex(Pattern::new("none(?i)").unwrap());
    assert_eq!(ask(none, "None"), Ok(Value::Null));
}

/// A closure; an expression as text; behind a rule that makes sure of a number.
#[test]
fn is_expr() {
    let by_three = |value: &Value| match value.to_text().parse::<i64>() {
        Ok(number) if number % 3 == 0 => None,
        _ => Some("not divisible by 3"),
    };
    assert_eq!(ask(IsExpr::new(by_three), "9"), accepted("9"));
    assert_eq!(ask(IsExpr::new(by_three), "10"), refused("not divisible by 3"));

    let text = || IsExpr::parse("int(value) % 3 == 0").unwrap().error_message("not divisible by 3");
    assert_eq!(ask(text(), "9"), accepted("9"));
    assert_eq!(ask(text(), "10"), refused("not divisible by 3"));
    assert_eq!(ask(text(), "abc"), refused("not divisible by 3"), "what cannot be worked out is refused");

    let rules = Rules::list().and(IsIntInRange::any().min(0)).and(IsExpr::new(by_three));
    assert_eq!(ask(rules.clone(), "9"), accepted(9));
    assert_eq!(ask(rules, "-3"), refused("Enter an integer greater than or equal to 0"));
}

/// Both ends are included, and either may be missing.
#[test]
fn is_decimal_in_range() {
    let rule = || IsDecimalInRange::new(Decimal::ZERO..=Decimal::from(10)).dot('.');
    assert_eq!(ask(rule(), "10"), accepted(Decimal::from(10)));
    assert_eq!(ask(rule(), "0.1"), accepted("0.1".parse::<Decimal>().unwrap()));
    assert_eq!(ask(rule(), "10.01"), refused("Enter a number between 0 and 10"));
    assert_eq!(ask(IsDecimalInRange::any().dot(','), "-1,5"), accepted("-1.5".parse::<Decimal>().unwrap()));
}

#[test]
fn is_float_in_range() {
    let rule = || IsFloatInRange::new(0.0..=100.0).dot('.').error_message("negative or too large!");
    assert_eq!(ask(rule(), "100"), accepted(100.0));
    assert_eq!(ask(rule(), "-0.1"), refused("negative or too large!"));
}

/// `0 <= value < 100`.
#[test]
fn is_int_in_range() {
    let rule = || IsIntInRange::new(0..100).error_message("negative or too large!");
    assert_eq!(ask(rule(), "99"), accepted(99));
    assert_eq!(ask(rule(), "100"), refused("negative or too large!"));
    assert_eq!(ask(rule(), "-1"), refused("negative or too large!"));
}

/// A drop-down list, with a text for "none yet".
#[tokio::test]
async fn is_in_set() {
    let rule = || IsInSet::new(["a", "b", "c"]).zero("choose one").error_message("must be a or b or c");
    assert_eq!(ask(rule(), "a"), accepted("a"));
    assert_eq!(ask(rule(), ""), refused("must be a or b or c"));
    let form = open(&Form::for_fields("set", [Field::string("letter").requires(rule())])).await.to_string();
    assert!(form.contains("<option value=\"\">choose one</option>"), "{form}");
    let without =
        open(&Form::for_fields("set", [Field::string("letter").requires(rule().without_zero())])).await;
    assert!(!without.to_string().contains("choose one"));

    let prime = IsInSet::new([2, 3, 5, 7]).error_message("must be prime and less than 10");
    let prime = Rules::list().and(prime).and(IsIntInRange::any().min(0));
    assert_eq!(ask(prime.clone(), "7"), accepted(7));
    assert_eq!(ask(prime, "9"), refused("must be prime and less than 10"));
}

/// A checkbox that has to be ticked.
#[tokio::test]
async fn checkbox_validation() {
    let terms = Field::boolean("terms").requires(IsInSet::new(["ON"])).widget("checkbox");
    let spec = Form::for_fields("register", [terms]);
    assert!(open(&spec).await.to_string().contains("type=\"checkbox\""));
    assert_eq!(submit(&spec, "").await.error_of("terms").unwrap().text(), "Value not allowed");
    let ticked = submit(&spec, "terms=ON").await;
    assert!(ticked.accepted(), "{ticked:?}");
    assert_eq!(ticked.vars()["terms"], Value::Bool(true));
}

/// Labels for the values; in the order of the labels.
#[test]
fn pairs_and_sorted_options() {
    let fruit = IsInSet::pairs([("A", "Apple"), ("B", "Banana"), ("C", "Cherry")]).without_zero();
    assert_eq!(
        fruit.choices().iter().map(|choice| &*choice.label).collect::<Vec<_>>(),
        ["Apple", "Banana", "Cherry"]
    );

    let hero = IsInSet::pairs([("H", "Hulk"), ("S", "Superman"), ("B", "Batman")]).sort().without_zero();
    let Options::Ready(choices) = hero.options() else { panic!("the choices are there") };
    assert_eq!(
        choices.iter().map(|choice| &*choice.label).collect::<Vec<_>>(),
        ["Batman", "Hulk", "Superman"]
    );
}

/// `multiple=True` takes none, too; `multiple=(a, b)` from a up to but without b.
#[tokio::test]
async fn is_in_set_and_tagging() {
    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.into()).collect());
    let tags = || IsInSet::new(["a", "b", "c"]);
    assert_eq!(ask(tags().multiple(..), list(&[])), Ok(list(&[])));
    assert!(ask(tags().multiple(1..3), list(&[])).is_err());
    assert_eq!(ask(tags().multiple(1..3), list(&["a", "b"])), Ok(list(&["a", "b"])));
    assert!(ask(tags().multiple(1..3), list(&["a", "b", "c"])).is_err());

    let field = Field::new("tags", FieldType::ListString).requires(tags().multiple(..));
    let form = submit(&Form::for_fields("post", [field]), "tags=a&tags=c").await;
    assert_eq!(form.vars()["tags"], list(&["a", "c"]));
}
