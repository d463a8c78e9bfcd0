//! A record out of an accepted form.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method};
use frontdesk::data::RecordErrorKind;
use frontdesk::forms::FormSpec;
use frontdesk::prelude::*;
use frontdesk::web::Secret;
use scraper::{Html, Selector};

#[derive(Debug, PartialEq, FieldValue)]
enum Color {
    Red,
    Blue,
}

#[derive(Debug, PartialEq, Table)]
#[table(create)]
struct Thing {
    id: Id,
    #[field(unique)]
    name: String,
    color: Option<Color>,
    size: u8,
    #[field(default = 3, writable = false)]
    stock: i64,
    #[field(compute = |row| Value::from(row["name"].to_text().len() as i64))]
    letters: i64,
    tags: Vec<String>,
}

/// Opens the form, fills it in, and submits it.
async fn submitted(desk: &Desk, spec: &FormSpec, values: &[(&str, &str)]) -> Form {
    let uri = || "/".parse().unwrap();
    let mut request = FormRequest::new(desk.clone(), Method::GET, uri(), HeaderMap::new(), Body::empty());
    let form = spec.process(&mut request).await.unwrap();
    let page = form.to_string();
    let response = form.respond(page.clone());
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();

    let mut body = form_urlencoded(&hidden(&page));
    body.push('&');
    body.push_str(&form_urlencoded(values));
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::from_str(&cookie).unwrap());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let mut request = FormRequest::new(desk.clone(), Method::POST, uri(), headers, Body::from(body));
    spec.process(&mut request).await.unwrap()
}

fn hidden(page: &str) -> Vec<(String, String)> {
    let selector = Selector::parse("input[type=hidden]").unwrap();
    Html::parse_document(page)
        .select(&selector)
        .filter_map(|input| {
            Some((input.attr("name")?.to_owned(), input.attr("value").unwrap_or_default().to_owned()))
        })
        .collect()
}

fn form_urlencoded<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    let encoded = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encoded(key.as_ref()), encoded(value.as_ref())))
        .collect();
    pairs.join("&")
}

#[tokio::test]
async fn an_accepted_form_is_a_record() {
    let desk = Desk::new(Secret::random());
    let db = Db::open("sqlite::memory:").await.unwrap();
    let things = db.define_records::<Thing>().await.unwrap();
    let spec = Form::for_table(&db, things.table());

    let refused = submitted(&desk, &spec, &[("name", "ball"), ("size", "256"), ("tags", "a")]).await;
    assert!(refused.error_of("size").is_some());
    assert_eq!(refused.to_record::<Thing>().unwrap_err().kind(), RecordErrorKind::NotAccepted);

    let values = [("name", "ball"), ("color", "red"), ("size", "255"), ("tags", "a"), ("tags", "b")];
    let form = submitted(&desk, &spec, &values).await;
    assert!(form.accepted(), "{:?}", form.errors().collect::<Vec<_>>());
    let ball: Thing = form.to_record().unwrap();
    let tags = vec!["a".to_owned(), "b".to_owned()];
    let expected = Thing {
        id: Id::from(1),
        name: "ball".into(),
        color: Some(Color::Red),
        size: 255,
        stock: 3,
        letters: 4,
        tags,
    };
    assert_eq!(ball, expected);
    assert_eq!(things.get(1).await.unwrap(), Some(ball));

    // Of a row that is edited, what the form does not have stays.
    things.update(&Thing { stock: 9, ..expected }).await.unwrap();
    let edit = Form::for_table(&db, things.table()).record(1);
    let form =
        submitted(&desk, &edit, &[("name", "cube"), ("color", ""), ("size", "1"), ("tags", "c")]).await;
    assert!(form.accepted(), "{:?}", form.errors().collect::<Vec<_>>());
    let cube: Thing = form.to_record().unwrap();
    assert_eq!((cube.stock, cube.letters, &cube.color), (9, 4, &None));
    assert_eq!(things.get(1).await.unwrap(), Some(cube));
}

#[tokio::test]
async fn a_form_without_a_table_is_a_record_too() {
    #[derive(Debug, PartialEq, Table)]
    #[table(keyless)]
    struct Message {
        from: String,
        #[field(type = "text", requires = IsLength::max(1000))]
        text: String,
    }
    let desk = Desk::new(Secret::random());
    let spec = Form::for_fields("message", Message::table().fields);
    let form = submitted(&desk, &spec, &[("from", "Ada"), ("text", "Hello")]).await;
    let message: Message = form.to_record().unwrap();
    assert_eq!(message, Message { from: "Ada".into(), text: "Hello".into() });
}
