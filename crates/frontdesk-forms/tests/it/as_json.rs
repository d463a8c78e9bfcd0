//! Forms as data: what a client that draws them itself is told.

use frontdesk_data::{Db, Field, FieldType, Table, Values};
use frontdesk_forms::{Children, Form};
use frontdesk_validate::{Condition, IsInSet, IsIntInRange, IsLength, IsNotEmpty};
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderValue, StatusCode};
use serde_json::{Value as Json, json};

use crate::visitor::{PIXEL, Visitor};

fn field<'j>(form: &'j Json, name: &str) -> &'j Json {
    form["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap()
}

#[tokio::test]
async fn form_02_an_error_is_the_same_in_html_and_in_json() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let order = Table::new("purchase").field(Field::string("number")).field(Field::string("kind"));
    let order = db.define(order.unique(["number", "kind"]).create()).await.unwrap();
    let item = Table::new("item")
        .field(Field::reference("purchase", "purchase").not_null())
        .field(Field::string("what"))
        .field(Field::integer("price").requires(IsIntInRange::new(1..100)));
    let item = db.define(item.create()).await.unwrap();
    let items = || Children::of(&db, &item, "purchase").unwrap().named("items").rows(0..=3);
    let spec = Form::for_table(&db, &order).children(items());
    for (language, text) in
        [("en", "Enter an integer between 1 and 99"), ("de", "Geben Sie eine ganze Zahl von 1 bis 99 ein")]
    {
        let mut visitor = Visitor::new();
        visitor.headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(language));
        let values = [("number", "1"), ("items[2].what", "pen"), ("items[2].price", "0")];
        let page = visitor.submit(&spec, &values).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.error_of("items[2].price").as_deref(), Some(text));
        let json = page.form().as_json();
        assert_eq!(json["language"], language);
        let children = &json["children"][0];
        let row = children["rows"].as_array().unwrap().iter().find(|row| row["path"] == "items[2]").unwrap();
        assert_eq!(
            field(row, "price")["error"],
            json!({
                "path": "items[2].price",
                "code": "is_int_in_range.between",
                "text": text,
                "params": { "min": 1, "max": 99 },
            })
        );
        assert_eq!(field(row, "price")["value"], "0", "what was typed");
        assert_eq!((&children["name"], &children["max"]), (&"items".into(), &3.into()));
        // Too many rows are wrong as a whole.
        let many: Vec<_> = (0..5).map(|n| (format!("items[{n}].what"), "pen")).collect();
        let many: Vec<_> = many.iter().map(|(name, value)| (&**name, *value)).collect();
        let page = visitor.submit(&spec, &many).await;
        let json = page.form().as_json();
        assert_eq!(json["children"][0]["error"]["path"], "items");
        assert_eq!(json["children"][0]["error"]["code"], "rows_too_many");
    }
    // What the database refuses says no word of the database.
    db.insert(&order, Values::new().with("number", "1").with("kind", "x")).await.unwrap();
    let mut visitor = Visitor::new();
    let page = visitor.submit(&spec, &[("number", "1"), ("kind", "x")]).await;
    let json = page.form().as_json();
    let error = &field(&json, "number")["error"];
    assert_eq!((&error["path"], &error["code"]), (&"number".into(), &"unique".into()), "{json}");
    assert_eq!(page.error_of("number").as_deref(), error["text"].as_str());
    for word in ["SQLite", "UNIQUE", "constraint", "purchase.number"] {
        assert!(!json.to_string().contains(word) && !page.html.contains(word), "{word}");
    }
    // An error of the form as a whole has no path.
    let spec = spec.validation(|form| form.refuse_form("Not today"));
    let page = visitor.submit(&spec, &[("number", "2")]).await;
    let json = page.form().as_json();
    assert_eq!(json["errors"][0]["text"], "Not today");
    assert_eq!(json["errors"][0]["path"], "");
    assert_eq!(page.alert().as_deref(), Some("Not today"));
}

#[tokio::test]
async fn form_02_no_secret_is_told() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let user = Table::new("person")
        .field(Field::string("name").requires(IsLength::max(5).min(3)))
        .field(Field::string("pin").secret().requires(IsLength::max(20).min(4)));
    let user = db.define(user.create()).await.unwrap();
    db.insert(&user, Values::new().with("name", "Ada").with("pin", "stored-pin")).await.unwrap();
    let mut visitor = Visitor::new();
    let page =
        visitor.submit(&Form::for_table(&db, &user).record(1), &[("name", "Ada"), ("pin", "ty!")]).await;
    let json = page.form().as_json();
    assert_eq!(field(&json, "pin")["error"]["code"], "is_length");
    assert_eq!(field(&json, "pin")["value"], Json::Null);
    for secret in ["stored-pin", "ty!"] {
        assert!(!json.to_string().contains(secret) && !page.html.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_a_client_needs_to_draw_a_form_is_there() {
    let mut visitor = Visitor::new();
    let condition = |text: &str| text.parse::<Condition>().unwrap();
    let spec = Form::for_fields(
        "order",
        [
            Field::string("color").requires(IsInSet::new(["red", "blue"])).comment("of the paint"),
            Field::string("name").requires(IsLength::max(15).min(2)),
            Field::string("street").show_when(condition("color == 'red'")).requires(IsNotEmpty::new()),
            Field::upload("image"),
            Field::new("extras", FieldType::ListUpload),
        ],
    )
    .drafts();
    let page = visitor
        .upload(
            &spec,
            &[("color", "blue"), ("name", "x")],
            &[("image", "a.png", PIXEL), ("extras", "b.png", PIXEL)],
        )
        .await;
    let json = page.form().as_json();
    let color = field(&json, "color");
    assert_eq!(color["choices"][2], json!({ "value": "blue", "label": "blue" }));
    assert_eq!(color["comment"], "of the paint");
    assert_eq!(color["schema"]["enum"], json!(["red", "blue"]));
    assert_eq!(field(&json, "name")["schema"]["maxLength"], 15);
    let street = field(&json, "street");
    assert_eq!((&street["hidden"], street["show_when"].is_null()), (&true.into(), false));
    for name in ["image", "extras"] {
        let file = &field(&json, name)["files"][0];
        assert_eq!((&file["kept"], file["remove"].is_null()), (&true.into(), false), "{name}: {file}");
        let removed = format!("_delete_{name}");
        assert_eq!(file["remove"]["name"], removed);
    }
    // Draft and notices.
    visitor.submit(&spec, &[("color", "red"), ("name", "Ada"), ("_draft", "save")]).await;
    let json = visitor.get(&spec).await.form().as_json();
    assert_eq!(json["draft"]["differs"], json!(["Color", "Name"]));
    let page = visitor.submit(&spec, &[("color", "red"), ("name", "Ada")]).await;
    assert_eq!(page.form().as_json()["notices"][0]["code"], "form_more_fields");
}

#[tokio::test]
async fn a_conflict_is_told_with_both_versions() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let note = db.define(Table::new("note").field(Field::string("text")).create()).await.unwrap();
    db.insert(&note, Values::new().with("text", "before")).await.unwrap();
    let spec = Form::for_table(&db, &note).record(1);
    let mut visitor = Visitor::new();
    let page = visitor.get(&spec).await;
    db.update(&note, &1.into(), Values::new().with("text", "theirs")).await.unwrap();
    let page = visitor.post(&spec, &page.typing().set("text", "mine")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let json = page.form().as_json();
    let conflict = json!({ "asks": true, "before": "before", "theirs": "theirs", "take": null });
    assert_eq!(field(&json, "text")["conflict"], conflict);
    assert_eq!(field(&json, "text")["value"], "mine");
    assert_eq!(json["errors"][0]["code"], "conflict");
}
