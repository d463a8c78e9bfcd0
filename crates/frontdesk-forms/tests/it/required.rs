//! What counts as an answer: for each type, each way to say something or nothing.

use frontdesk_data::{Field, FieldType, Value};
use frontdesk_forms::{Form, FormSpec};
use frontdesk_validate::{IsDate, IsDecimalInRange, IsIntInRange, IsNotEmpty, Rules};
use serde_json::{Value as Json, json};

use crate::visitor::Visitor;

fn spec(kind: &FieldType) -> FormSpec {
    let needed = || Rules::list().and(IsNotEmpty::new());
    let rules = match kind {
        FieldType::Integer => needed().and(IsIntInRange::any()),
        FieldType::Decimal { .. } => needed().and(IsDecimalInRange::any()),
        FieldType::Date => needed().and(IsDate::new()),
        _ => needed(),
    };
    let field = Field::new("a", kind.clone());
    // A boolean is yes or no; that of three answers is another widget.
    let field = if *kind == FieldType::Boolean { field } else { field.requires(rules) };
    Form::for_fields("t", [field, Field::string("other")])
}

/// What was taken: a value, or `None` where the form was refused.
async fn html(kind: &FieldType, texts: &[&str]) -> Option<Value> {
    let values: Vec<_> = texts.iter().map(|text| ("a", *text)).chain([("other", "x")]).collect();
    let page = Visitor::new().submit(&spec(kind), &values).await;
    page.form().accepted().then(|| page.form().vars().get("a").cloned().unwrap_or(Value::Null))
}

async fn as_json(kind: &FieldType, value: Option<Json>) -> Option<Value> {
    let mut values = json!({ "other": "x" });
    if let Some(value) = value {
        values["a"] = value;
    }
    let page = Visitor::new().submit_json(&spec(kind), values).await;
    page.form().accepted().then(|| page.form().vars().get("a").cloned().unwrap_or(Value::Null))
}

#[tokio::test]
async fn form_04_zero_and_no_are_answers_of_every_type_and_nothing_is_none() {
    let kinds: [(&str, &[(&str, Value)]); 6] = [
        (
            "string",
            &[("0", "0".into()), ("false", "false".into()), ("no", "no".into()), (" 0 ", " 0 ".into())],
        ),
        ("text", &[("0", "0".into()), ("false", "false".into())]),
        ("integer", &[("0", 0.into()), ("-0", 0.into()), ("00", 0.into())]),
        ("decimal(10,2)", &[("0", 0.into()), ("0.00", "0.00".into())]),
        ("date", &[("2024-02-29", Value::Date(frontdesk_validate::civil::date(2024, 2, 29)))]),
        (
            "list:string",
            &[("0", Value::List(vec!["0".into()])), ("false", Value::List(vec!["false".into()]))],
        ),
    ];
    for (name, answers) in kinds {
        let kind: FieldType = name.parse().unwrap();
        for (text, expected) in answers {
            let found = html(&kind, &[text]).await;
            assert_eq!(found.as_ref().map(Value::to_text), Some(expected.to_text()), "{name}: {text:?}");
        }
        for nothing in [&[][..], &[""], &[" "], &["\t\r\n"]] {
            assert_eq!(html(&kind, nothing).await, None, "{name}: {nothing:?}");
        }
        for nothing in [Json::Null, json!(""), json!(" "), json!([])] {
            assert_eq!(as_json(&kind, Some(nothing.clone())).await, None, "{name}: {nothing}");
        }
    }
    // What JSON gives a type.
    for (name, value) in [
        ("integer", json!(0)),
        ("decimal(10,2)", json!(0)),
        ("string", json!("0")),
        ("string", json!("false")),
        ("boolean", json!(false)),
        ("list:string", json!(["0"])),
    ] {
        let kind: FieldType = name.parse().unwrap();
        assert!(as_json(&kind, Some(value.clone())).await.is_some(), "{name}: {value}");
    }
}

#[tokio::test]
async fn form_04_a_box_says_no_by_not_being_sent() {
    let kind = FieldType::Boolean;
    for (texts, expected) in
        [(&["ON"][..], true), (&["0"], false), (&["false"], false), (&["no"], false), (&[], false)]
    {
        assert_eq!(html(&kind, texts).await, Some(Value::Bool(expected)), "{texts:?}");
    }
    assert_eq!(html(&kind, &["maybe"]).await, None);
    assert_eq!(as_json(&kind, Some(json!("maybe"))).await, None);
}
