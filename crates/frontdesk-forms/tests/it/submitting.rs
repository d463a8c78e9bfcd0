use axum::body::Body;
use frontdesk_data::{Field, FieldType, Value};
use frontdesk_forms::{CheckboxWidget, FieldWidget, Form, FormSpec, ListWidget, RadioWidget, Slot, Style};
use frontdesk_validate::{
    IsEmail, IsEmptyOr, IsEqualTo, IsInSet, IsIntInRange, IsLength, IsListOf, IsNotEmpty, IsUpper, Rules,
    async_rule_fn,
};
use http::{Method, StatusCode};
use serde_json::json;

use crate::visitor::Visitor;

fn guest() -> FormSpec {
    Form::for_fields(
        "guest",
        [
            Field::string("name").requires(IsNotEmpty::new()),
            Field::string("color").requires(IsInSet::new(["red", "blue", "green"])),
        ],
    )
}

#[tokio::test]
async fn an_accepted_form_gives_its_values_and_is_empty_again() {
    let mut visitor = Visitor::new();
    let page = visitor.submit(&guest(), &[("name", "Ada"), ("color", "blue")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.form().accepted() && page.form().submitted());
    assert_eq!(page.form().vars().get("name"), Some(&Value::from("Ada")));
    assert_eq!(page.value_of("name").as_deref(), Some(""));

    let page = visitor.submit(&guest().keep_values(true), &[("name", "Ada"), ("color", "blue")]).await;
    assert_eq!(page.value_of("name").as_deref(), Some("Ada"));
    assert_eq!(page.value_of("color").as_deref(), Some("blue"));
}

#[tokio::test]
async fn form_01_a_refused_form_is_422_with_all_text_kept_and_errors_tied_to_inputs() {
    let mut visitor = Visitor::new();
    let hostile = "\"><script>alert(1)</script> & 'x'\u{202e}\r\n  <b>";
    let spec = Form::for_fields(
        "t",
        [
            Field::string("a").requires(IsEmail::new()),
            Field::text("b").requires(IsLength::max(1)),
            Field::string("c").requires(IsInSet::new(["x"])).with_widget(RadioWidget::new()),
            Field::string("d").requires(IsInSet::new(["x"])),
            Field::integer("e").requires(IsIntInRange::new(0..9)),
            Field::date("f").requires(frontdesk_validate::IsDate::new()),
            Field::string("g").widget("number").requires(IsIntInRange::any()),
            Field::new("h", FieldType::ListString)
                .requires(IsListOf::new(IsEmail::new()))
                .with_widget(ListWidget::new()),
        ],
    );
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let values: Vec<_> = names.iter().map(|name| (*name, hostile)).collect();
    let page = visitor.submit(&spec, &values).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!page.form().accepted());
    let kept = hostile.replace("\r\n", "\n");
    for name in names {
        assert!(page.error_of(name).is_some(), "{name}: {}", page.html);
        // A group of radio buttons shows its choices alone.
        if name != "c" {
            // A parser takes the line break out of an input of one line; what matters is that it is there.
            assert_eq!(page.value_of(name).as_deref(), Some(&*kept), "{name}");
        }
    }
    assert!(page.select("script").is_empty());
    assert!(!page.html.contains("<script"));
}

#[tokio::test]
async fn form_01_passwords_are_never_sent_back() {
    let mut visitor = Visitor::new();
    let spec =
        Form::for_fields("t", [Field::password("secret"), Field::string("a").requires(IsNotEmpty::new())]);
    let page = visitor.submit(&spec, &[("secret", "correct horse"), ("a", "")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!page.html.contains("correct horse"));
}

#[tokio::test]
async fn form_03_what_is_no_writable_field_is_not_taken() {
    let spec = Form::for_fields(
        "t",
        [
            Field::string("a"),
            Field::string("fixed").writable(false).default("x"),
            Field::string("hidden").readable(false).writable(false),
        ],
    );
    let mut visitor = Visitor::new();
    let page =
        visitor.submit(&spec, &[("a", "1"), ("fixed", "evil"), ("hidden", "evil"), ("other", "evil")]).await;
    assert!(page.form().accepted());
    let names: Vec<_> = page.form().vars().iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["a"]);

    let page = visitor.submit_json(&spec, json!({"a": "1", "fixed": "evil"})).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.form().form_errors()[0].code(), "unknown_field");
}

#[tokio::test]
async fn form_04_zero_and_false_are_values() {
    let spec = Form::for_fields(
        "t",
        [
            Field::integer("n").requires(Rules::list().and(IsNotEmpty::new()).and(IsIntInRange::any())),
            Field::boolean("b"),
            Field::boolean("c"),
        ],
    );
    let mut visitor = Visitor::new();
    let page = visitor.submit(&spec, &[("n", "0"), ("c", "ON")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    assert_eq!(page.form().vars().get("n"), Some(&Value::Int(0)));
    assert_eq!(page.form().vars().get("b"), Some(&Value::Bool(false)));
    assert_eq!(page.form().vars().get("c"), Some(&Value::Bool(true)));
    let page = visitor.submit_json(&spec, json!({"n": 0, "b": false, "c": true})).await;
    assert!(page.form().accepted(), "{:?}", page.form());
}

#[tokio::test]
async fn form_05_a_single_value_sent_twice_is_refused() {
    let mut visitor = Visitor::new();
    let page = visitor.submit(&guest(), &[("name", "Ada"), ("name", "Eve"), ("color", "red")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.form().error_of("name").unwrap().code(), "duplicate");
}

#[tokio::test]
async fn form_05_repeated_names_of_a_list_are_all_taken() {
    let spec = Form::for_fields(
        "t",
        [
            Field::new("tags", FieldType::ListString).requires(IsInSet::new(["a", "b", "c"]).multiple(..)),
            Field::new("mails", FieldType::ListString).requires(IsListOf::new(IsEmail::new())),
            Field::new("boxes", FieldType::ListString)
                .requires(IsInSet::new(["x", "y"]).multiple(..))
                .with_widget(CheckboxWidget::new()),
        ],
    );
    let mut visitor = Visitor::new();
    let values = [
        ("tags", "c"),
        ("tags", "a"),
        ("mails", "a@b.com"),
        ("mails", ""),
        ("mails", "c@d.com"),
        ("boxes", "y"),
    ];
    let page = visitor.submit(&spec.clone().keep_values(true), &values).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let texts = |name: &str| {
        page.form()
            .vars()
            .get(name)
            .unwrap()
            .as_list()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(texts("tags"), ["c", "a"]);
    assert_eq!(texts("mails"), ["a@b.com", "c@d.com"]);
    assert_eq!(page.select("[name=tags] option[selected]").len(), 2);
    assert_eq!(page.select("[name=boxes][checked]").len(), 1);
    let page = visitor.submit(&spec, &[]).await;
    assert_eq!(page.form().vars().get("tags"), Some(&Value::List(vec![])), "nothing chosen is an empty list");
}

#[tokio::test]
async fn one_definition_reads_urlencoded_multipart_and_json() {
    let spec = Form::for_fields(
        "t",
        [Field::string("name").requires(IsUpper::new()), Field::integer("n").requires(IsIntInRange::any())],
    );
    let mut visitor = Visitor::new();
    let urlencoded = visitor.submit(&spec, &[("name", "é"), ("n", "7")]).await;
    let multipart = visitor.upload(&spec, &[("name", "é"), ("n", "7")], &[]).await;
    let json = visitor.submit_json(&spec, json!({"name": "é", "n": 7})).await;
    for page in [urlencoded, multipart, json] {
        assert!(page.form().accepted(), "{:?}", page.form());
        assert_eq!(page.form().vars().get("name"), Some(&Value::from("É")));
        assert_eq!(page.form().vars().get("n"), Some(&Value::Int(7)));
    }
}

#[tokio::test]
async fn a_search_form_submits_by_get() {
    let spec =
        Form::for_fields("search", [Field::string("q").requires(IsNotEmpty::new())]).get().keep_values(true);
    let mut visitor = Visitor::new();
    let page = visitor.get(&spec).await;
    assert_eq!(page.attr("form", "method").as_deref(), Some("get"));
    assert!(!page.form().submitted());
    let request = visitor.request(Method::GET, "/?_formname=search&q=a+b", "", Body::empty());
    let page = visitor.send(&spec, request).await.unwrap();
    assert!(page.form().accepted());
    assert_eq!(page.value_of("q").as_deref(), Some("a b"));
}

#[tokio::test]
async fn several_forms_of_a_page_recognise_their_own_submission() {
    let first = guest().form_name("first");
    let second = guest().form_name("second");
    let mut visitor = Visitor::new();
    for multipart in [false, true] {
        let mut hidden = visitor.get(&second).await.hidden();
        hidden.extend([("name".to_owned(), "Ada".to_owned()), ("color".to_owned(), "red".to_owned())]);
        let mut request = if multipart {
            let mut body = String::new();
            for (name, value) in &hidden {
                body +=
                    &format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            }
            visitor.request(Method::POST, "/", "multipart/form-data; boundary=XX", body + "--XX--\r\n")
        } else {
            visitor.request(
                Method::POST,
                "/",
                "application/x-www-form-urlencoded",
                crate::visitor::encode(&hidden),
            )
        };
        let one = first.process(&mut request).await.unwrap();
        let two = second.process(&mut request).await.unwrap();
        assert!(!one.submitted() && two.accepted());
    }
}

#[tokio::test]
async fn the_function_for_the_whole_form_sees_values_and_adds_errors() {
    let spec = guest()
        .validation(|form| {
            if form.error("name").is_none() && form.text("name").chars().count() < 4 {
                form.refuse("name", "too short");
            }
        })
        .validation_async(|form| {
            Box::pin(async move {
                tokio::task::yield_now().await;
                if form.text("color") == "red" {
                    form.refuse_form("no red today");
                } else {
                    form.set("color", "changed");
                }
            })
        });
    let mut visitor = Visitor::new();
    let page = visitor.submit(&spec, &[("name", "Ada"), ("color", "red")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.error_of("name").as_deref(), Some("too short"));
    assert_eq!(page.alert().as_deref(), Some("no red today"));
    let page = visitor.submit(&spec, &[("name", "Grace"), ("color", "blue")]).await;
    assert_eq!(page.form().vars().get("color"), Some(&Value::from("changed")));
}

#[tokio::test]
async fn form_06_rules_that_wait_run_after_all_others_and_never_pass_by_failing() {
    let spec = Form::for_fields(
        "t",
        [
            Field::string("a").requires(async_rule_fn(async |value: Value| match &*value.to_text() {
                "down" => Err(frontdesk_validate::ValidationError::unavailable()),
                "bad" => Err("bad".into()),
                _ => Ok(value),
            })),
            Field::string("b").requires(IsNotEmpty::new()),
        ],
    );
    let mut visitor = Visitor::new();
    let page = visitor.submit(&spec, &[("a", "bad"), ("b", "")]).await;
    assert_eq!(page.error_of("a").as_deref(), Some("bad"));
    assert!(page.error_of("b").is_some(), "all errors at once");
    let page = visitor.submit(&spec, &[("a", "down"), ("b", "x")]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!page.form().accepted());
    assert_eq!(page.value_of("b").as_deref(), Some("x"), "what was typed is kept");
    assert!(page.alert().unwrap().contains("nothing was changed"));
}

#[tokio::test]
async fn a_field_can_be_compared_with_another() {
    let spec = Form::for_fields(
        "t",
        [
            Field::password("one"),
            Field::password("two").requires(IsEqualTo::field("one").error_message("passwords do not match")),
        ],
    );
    let mut visitor = Visitor::new();
    assert!(visitor.submit(&spec, &[("one", "a"), ("two", "a")]).await.form().accepted());
    let page = visitor.submit(&spec, &[("one", "a"), ("two", "b")]).await;
    assert_eq!(page.error_of("two").as_deref(), Some("passwords do not match"));
}

#[tokio::test]
async fn form_12_too_large_a_body_is_413_with_the_form() {
    let mut visitor = Visitor::new();
    let page = visitor.submit(&guest(), &[("name", &"x".repeat(3 << 20)), ("color", "red")]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.alert().unwrap().contains("more than the form takes"));
    assert_eq!(page.select("[name=name]").len(), 1);
}

#[tokio::test]
async fn what_is_no_form_is_answered_with_the_form_and_the_reason() {
    let mut visitor = Visitor::new();
    for (kind, body, status) in [
        ("application/json", "[1]", StatusCode::BAD_REQUEST),
        ("text/plain", "name=Ada", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("multipart/form-data", "x", StatusCode::BAD_REQUEST),
        ("multipart/form-data; boundary=XX", "--XX\r\nhello", StatusCode::BAD_REQUEST),
    ] {
        let request = visitor.request(Method::POST, "/", kind, body);
        let page = visitor.send(&guest(), request).await.unwrap();
        assert_eq!(page.status, status, "{kind}");
        assert!(page.alert().is_some());
    }
}

#[tokio::test]
async fn hidden_fields_and_empty_rules_keep_what_is_sent() {
    let spec = Form::for_fields("t", [Field::string("a").requires(IsEmptyOr::new(IsEmail::new()))])
        .hidden("next", "/x?<");
    let mut visitor = Visitor::new();
    let page = visitor.get(&spec).await;
    assert_eq!(page.value_of("next").as_deref(), Some("/x?<"));
    let page = visitor.submit(&spec, &[("a", " ")]).await;
    assert_eq!(page.form().vars().get("a"), Some(&Value::Null));
}

#[tokio::test]
async fn form_17_a_style_changed_for_one_form_leaves_others_alone() {
    let mut visitor = Visitor::new();
    let changed =
        guest().formstyle(Style::bulma().class(Slot::Submit, "mine").widget("color", RadioWidget::new()));
    let page = visitor.get(&changed).await;
    assert_eq!(page.attr("[name=_submit]", "class").as_deref(), Some("mine"));
    assert_eq!(page.select("input[type=radio][name=color]").len(), 3);
    let page = visitor.get(&guest().formstyle(Style::bulma())).await;
    assert_eq!(page.attr("[name=_submit]", "class").as_deref(), Some("button is-success"));
    assert_eq!(page.select("select[name=color]").len(), 1);
}

#[tokio::test]
async fn a_form_that_may_be_sent_again_is_taken_each_time() {
    let mut visitor = Visitor::new();
    for (spec, accepted) in [(guest(), 1), (guest().once(false), 3)] {
        let mut pairs = visitor.get(&spec).await.hidden();
        pairs.extend([("name".to_owned(), "Grace".to_owned()), ("color".to_owned(), "blue".to_owned())]);
        let mut taken = 0;
        for _ in 0..3 {
            let kind = "application/x-www-form-urlencoded";
            let request = visitor.request(Method::POST, "/", kind, crate::visitor::encode(&pairs));
            taken += usize::from(visitor.send(&spec, request).await.unwrap().form().accepted());
        }
        assert_eq!(taken, accepted);
    }
}
