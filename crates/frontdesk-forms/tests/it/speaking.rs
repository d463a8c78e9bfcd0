//! Forms in the visitor's language: every word of them.

use axum::body::Body;
use frontdesk_data::{Db, DefaultValue, Field, FieldType, Table, Values};
use frontdesk_forms::{Children, Form, FormSpec};
use frontdesk_validate::{IsDecimalInRange, IsEmail, IsInSet, IsIntInRange, IsNotEmpty, Rules};
use frontdesk_web::Languages;
use http::header::ACCEPT_LANGUAGE;
use http::{Extensions, HeaderValue, Method};

use crate::visitor::{Page, Visitor};

const CATALOGUE: &str = "
field-thing-kind = Art
    .choice-red = rot
    .comment = Wie es aussieht
field-thing-sold = Verkauft
field-thing-number = Nummer
    .placeholder = zum Beispiel 7
    .title = Eine Zahl
form-thing-submit = Ding sichern
children-parts = Teile
";

fn german() -> Visitor {
    let mut visitor = Visitor::new();
    let languages = Languages::new().add("de", CATALOGUE).unwrap();
    visitor.desk = visitor.desk.clone().speak(languages);
    visitor.headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
    visitor
}

fn thing() -> FormSpec {
    Form::for_fields(
        "thing",
        [
            Field::string("kind").requires(IsInSet::new(["red", "blue"])),
            Field::boolean("sold"),
            Field::integer("number").requires(IsIntInRange::new(1..)),
        ],
    )
}

fn text(page: &Page, selector: &str) -> String {
    page.select(selector).first().map(|element| element.text().collect()).unwrap_or_default()
}

#[tokio::test]
async fn form_18_labels_choices_hints_and_buttons_are_the_applications() {
    let mut visitor = german();
    let page = visitor.get(&thing()).await;
    assert_eq!(text(&page, "label[for=thing_kind]"), "Art");
    assert_eq!(text(&page, "option[value=red]"), "rot");
    assert_eq!(text(&page, "option[value=blue]"), "blue", "what has no text keeps its own");
    assert_eq!(text(&page, "#thing_kind_help"), "Wie es aussieht");
    assert_eq!(page.attr("#thing_kind", "aria-describedby").as_deref(), Some("thing_kind_help"));
    assert!(text(&page, "label:has(#thing_sold)").contains("Verkauft"), "a checkbox draws its label itself");
    assert_eq!(page.attr("#thing_number", "placeholder").as_deref(), Some("zum Beispiel 7"));
    assert_eq!(page.attr("#thing_number", "title").as_deref(), Some("Eine Zahl"));
    assert_eq!(page.attr("[type=submit]", "value").as_deref(), Some("Ding sichern"));
    let page = visitor.get(&thing().submit_value("Go")).await;
    assert_eq!(page.attr("[type=submit]", "value").as_deref(), Some("Go"), "what was set stays");
    let other = Form::for_fields("other", [Field::string("a")]);
    assert_eq!(visitor.get(&other).await.attr("[type=submit]", "value").as_deref(), Some("Absenden"));
}

#[tokio::test]
async fn form_18_widgets_and_the_script_speak_it_too() {
    let mut visitor = german();
    let _router: axum::Router = visitor.desk.router();
    let page = visitor.get(&thing()).await;
    assert!(page.attr("form", "data-fd-text-searching").is_some());
    assert_eq!(
        page.attr("#thing_number", "data-fd-error-min").as_deref(),
        Some("Geben Sie eine ganze Zahl ab 1 ein")
    );
    let english = Visitor { desk: visitor.desk.clone(), ..Visitor::new() }.get(&thing()).await;
    assert!(english.attr("form", "data-fd-text-searching").is_none(), "the script has its own English");
}

#[tokio::test]
async fn form_18_rows_have_their_heading() {
    let mut visitor = german();
    let db = Db::open("sqlite::memory:").await.unwrap();
    let thing = db.define(Table::new("thing").field(Field::string("kind")).create()).await.unwrap();
    let part = Table::new("part").field(Field::reference("thing", "thing")).field(Field::string("name"));
    let part = db.define(part.create()).await.unwrap();
    let parts = Children::of(&db, &part, "thing").unwrap().named("parts");
    let page = visitor.get(&Form::for_table(&db, &thing).children(parts)).await;
    assert_eq!(text(&page, "#thing_parts > legend"), "Teile");
    assert_eq!(page.attr("[data-fd-row]", "aria-label").as_deref(), Some("Teile 1"));
}

#[tokio::test]
async fn form_18_the_application_may_choose_the_language() {
    let visitor = german();
    let mut extensions = Extensions::new();
    extensions.insert(visitor.desk.languages().get("pt").unwrap());
    let request = visitor.request(Method::GET, "/", "", Body::empty());
    let mut request = request.with_extensions(extensions);
    let form = thing().process(&mut request).await.unwrap();
    assert_eq!(form.language().tag(), "pt");
    let page = axum::response::IntoResponse::into_response(form);
    let body = axum::body::to_bytes(page.into_body(), usize::MAX).await.unwrap();
    assert!(body.windows(22).any(|part| part == b"<html lang=\"pt\" dir=\"l"));
}

#[tokio::test]
async fn form_14_browsers_are_not_stricter_than_the_form() {
    let mut visitor = Visitor::new();
    let price = IsDecimalInRange::new("0.5".parse::<frontdesk_validate::Decimal>().unwrap()..);
    let spec = Form::for_fields(
        "t",
        [
            Field::integer("count").requires(IsIntInRange::new(1..5000)),
            Field::new("price", FieldType::Decimal { precision: 10, scale: 2 }).requires(price),
            Field::string("email").requires(IsEmail::new()),
        ],
    );
    let values = [("count", "1,234"), ("price", "1,000.5"), ("email", "ada@exämple.com")];
    let page = visitor.submit(&spec, &values).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let page = visitor.get(&spec).await;
    for name in ["count", "price"] {
        assert!(page.attr(&format!("#t_{name}"), "pattern").is_none(), "{name}: groups may be parted");
    }
    assert_eq!(page.attr("#t_email", "type").as_deref(), Some("text"));
    assert_eq!(page.attr("#t_email", "inputmode").as_deref(), Some("email"));
    assert_eq!(page.attr("#t_email", "autocomplete").as_deref(), Some("email"));
    assert_eq!(page.attr("#t_email", "autocapitalize").as_deref(), Some("none"));
    let _router: axum::Router = visitor.desk.router();
    visitor.headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
    let page = visitor.get(&spec).await;
    assert_eq!(page.attr("#t_price", "data-fd-dot").as_deref(), Some(","));
    let values = [("count", "1.234"), ("price", "1.000,5"), ("email", "ada@example.com")];
    assert!(visitor.submit(&spec, &values).await.form().accepted());
}

#[tokio::test]
async fn form_14_nothing_is_asked_for_that_need_not_be_entered() {
    let mut visitor = Visitor::new();
    let db = Db::open("sqlite::memory:").await.unwrap();
    let filled = |name: &'static str| Field::string(name).requires(Rules::one(IsNotEmpty::new()));
    let mut code = filled("code");
    code.default = DefaultValue::Database("'x'".into());
    let table = Table::new("t").field(filled("name")).field(filled("pin").secret()).field(code).create();
    let table = db.define(table).await.unwrap();
    let create = Form::for_table(&db, &table);
    let page = visitor.get(&create).await;
    let is_asked = |page: &Page, name: &str| {
        let id = format!("#t_{name}");
        let asked = page.attr(&id, "required").is_some();
        assert!(asked || page.attr(&id, "aria-required").is_none(), "{name}");
        asked
    };
    assert!(is_asked(&page, "name") && is_asked(&page, "pin"));
    assert!(!is_asked(&page, "code"), "the database fills it in");
    db.insert(&table, Values::new().with("name", "Ada").with("pin", "1234").with("code", "y")).await.unwrap();
    let edit = create.record(1);
    let page = visitor.get(&edit).await;
    assert!(is_asked(&page, "name") && is_asked(&page, "code"));
    assert!(!is_asked(&page, "pin"), "nothing entered leaves it as it is");
    let page = visitor.post(&edit, &page.typing().set("name", "Eve")).await;
    assert!(page.form().accepted(), "{:?}", page.form());
}
