//! What a form answers besides being submitted: live checks, searches, rows made on the fly, drafts, other languages.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use frontdesk_data::rules::{IsInDb, IsNotInDb};
use frontdesk_data::{Db, Field, Table, Values};
use frontdesk_forms::{BotProtection, Children, Desk, Difficulty, Drafts, Form, FormSpec};
use frontdesk_validate::{Condition, IsIntInRange, IsNotEmpty, Rules, Value};
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};

use crate::visitor::{Visitor, encode};

struct Library {
    visitor: Visitor,
    db: Db,
    book: std::sync::Arc<Table>,
}

impl Library {
    /// Books by authors, of whom there are more than a drop-down list may have.
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let author = db
            .define(
                Table::new("author")
                    .field(Field::string("name").not_null().unique())
                    .readable("{name}".parse().unwrap())
                    .create(),
            )
            .await
            .unwrap();
        for name in ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Barbara Liskov"] {
            db.insert(&author, Values::new().with("name", name)).await.unwrap();
        }
        let author_rule = IsInDb::new(&db, "author").most_choices(2).create_with("name");
        let book = Table::new("book")
            .field(
                Field::string("title")
                    .requires(Rules::list().and(IsNotEmpty::new()).and(IsNotInDb::new(&db, "book.title"))),
            )
            .field(Field::reference("author", "author").requires(author_rule))
            .field(Field::integer("pages"))
            .field(Field::double("price"));
        let book = db.define(book.create()).await.unwrap();
        Self { visitor: Visitor::new(), db, book }
    }

    fn spec(&self) -> FormSpec {
        Form::for_table(&self.db, &self.book)
    }

    async fn post(&mut self, spec: &FormSpec, values: &[(&str, &str)]) -> crate::visitor::Page {
        self.visitor.submit(spec, values).await
    }

    async fn count(&self) -> u64 {
        self.db.set(&self.book).count().await.unwrap()
    }

    /// What the script is answered.
    async fn json(&mut self, spec: &FormSpec, values: &[(&str, &str)]) -> (StatusCode, serde_json::Value) {
        let mut pairs = self.visitor.get(spec).await.hidden();
        pairs.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let kind = "application/x-www-form-urlencoded";
        let mut request = self.visitor.request(Method::POST, "/", kind, encode(&pairs));
        let form = spec.process(&mut request).await.unwrap();
        let response = form.respond(form.to_string());
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

#[tokio::test]
async fn a_live_check_tells_whether_a_name_is_free_and_writes_nothing() {
    let mut library = Library::open().await;
    let taken = Values::new().with("title", "Notes").with("author", 1);
    library.db.insert(&library.book, taken).await.unwrap();
    let spec = library.spec().live_check("title");
    let (status, found) = library.json(&spec, &[("title", "Notes"), ("_check", "title")]).await;
    assert_eq!((status, &found["ok"]), (StatusCode::OK, &false.into()), "{found}");
    assert_eq!(found["text"], "Value already in database or empty");
    let (_, found) = library.json(&spec, &[("title", "Other"), ("_check", "title")]).await;
    assert_eq!((&found["field"], &found["ok"]), (&"title".into(), &true.into()));
    // Only what the application opened to such questions is answered.
    let (status, _) = library.json(&spec, &[("author", "1"), ("_check", "author")]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(library.count().await, 1);
}

#[tokio::test]
async fn rate_01_live_checks_are_limited() {
    let mut library = Library::open().await;
    let spec = library.spec().live_check("title");
    let mut limited = 0;
    for n in 0..40 {
        let (status, _) = library.json(&spec, &[("title", &n.to_string()), ("_check", "title")]).await;
        limited += usize::from(status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!((5..=12).contains(&limited), "{limited}");
}

#[tokio::test]
async fn a_large_table_is_searched_without_a_script() {
    let mut library = Library::open().await;
    let spec = library.spec();
    let page = library.visitor.get(&spec).await;
    assert_eq!(page.select("[name=_find_author]").len(), 1);
    assert_eq!(page.select("button[name=_lookup][value=author]").len(), 1);

    let values = [("title", "Notes"), ("_find_author", "ada"), ("_lookup", "author")];
    let page = library.post(&spec, &values).await;
    assert_eq!((page.status, library.count().await), (StatusCode::OK, 0));
    assert_eq!(page.value_of("title").as_deref(), Some("Notes"), "what was typed is kept");
    let found: Vec<String> =
        page.select("select[name=author] option").iter().map(|option| option.text().collect()).collect();
    assert!(found.contains(&"Ada Lovelace".to_owned()), "{found:?}");
    assert!(!found.contains(&"Grace Hopper".to_owned()));

    // Submitted with a search and no choice, it asks to choose, and shows what there is.
    let page = library.post(&spec, &[("title", "Notes"), ("_find_author", "grace"), ("author", "")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("Grace Hopper"));

    let page = library.post(&spec, &[("title", "Notes"), ("_find_author", "Ada"), ("author", "1")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let page = library.visitor.get(&spec.record(1)).await;
    assert!(page.html.contains("Ada Lovelace"), "what is chosen has its label");
}

#[tokio::test]
async fn a_large_table_is_searched_as_one_types() {
    let library = Library::open().await;
    let spec = library.spec();
    let mut request = library.visitor.request(Method::GET, "/?_search=author&q=l", "", Body::empty());
    let form = spec.process(&mut request).await.unwrap();
    let response = form.respond(form.to_string());
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let found: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let labels: Vec<_> =
        found["choices"].as_array().unwrap().iter().map(|c| c["label"].as_str().unwrap()).collect();
    assert!(labels.contains(&"Ada Lovelace") && labels.contains(&"Barbara Liskov"), "{labels:?}");
    // What is no searchable field of the form is no question.
    let mut request = library.visitor.request(Method::GET, "/?_search=title&q=l", "", Body::empty());
    let form = spec.process(&mut request).await.unwrap();
    assert_ne!(form.respond(form.to_string()).headers()[CONTENT_TYPE], "application/json");
}

#[tokio::test]
async fn a_row_is_made_on_the_fly_and_chosen() {
    let mut library = Library::open().await;
    let spec = library.spec();
    let values = [("title", "COBOL"), ("_find_author", "Jean Sammet"), ("_create", "author")];
    let page = library.post(&spec, &values).await;
    assert_eq!((page.status, library.count().await), (StatusCode::OK, 0));
    assert_eq!(page.value_of("author").as_deref(), Some("5"));
    assert_eq!(page.value_of("title").as_deref(), Some("COBOL"));
    let page = library.post(&spec, &[("title", "COBOL"), ("author", "5")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
}

#[tokio::test]
async fn a_row_is_checked_live_as_the_form_is() {
    let mut library = Library::open().await;
    let loan = Table::new("loan")
        .field(Field::reference("book", "book").not_null())
        .field(Field::string("number").requires(IsNotInDb::new(&library.db, "loan.number")))
        .field(Field::string("note"));
    let loan = library.db.define(loan.create()).await.unwrap();
    let id = library
        .db
        .insert(&library.book, Values::new().with("title", "Notes").with("author", 1))
        .await
        .unwrap()
        .unwrap();
    for number in ["L1", "L2"] {
        let values = Values::new().with("book", 1).with("number", number);
        library.db.insert(&loan, values).await.unwrap();
    }
    let loans = Children::of(&library.db, &loan, "book").unwrap().named("loans").live_check("number");
    let spec = library.spec().children(loans).record(id);
    let (status, found) =
        library.json(&spec, &[("loans[0].number", "L2"), ("_check", "loans[0].number")]).await;
    assert_eq!((status, &found["ok"]), (StatusCode::OK, &false.into()), "{found}");
    assert_eq!(found["field"], "loans[0].number", "the name that was asked for");
    // Its own number is no other row's.
    let (_, found) = library.json(&spec, &[("loans[0].number", "L1"), ("_check", "loans[0].number")]).await;
    assert_eq!(found["ok"], true);
    // So is a row that the script added.
    let (_, found) = library.json(&spec, &[("loans[7].number", "L2"), ("_check", "loans[7].number")]).await;
    assert_eq!((&found["field"], &found["ok"]), (&"loans[7].number".into(), &false.into()));
    library.visitor.headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
    let (_, german) = library.json(&spec, &[("loans[7].number", "L2"), ("_check", "loans[7].number")]).await;
    assert_ne!(german["text"], found["text"]);
    for odd in
        ["loans[0].note", "loans[0]", "loans[0].", "loans[99999999999].number", "].", "[", "x[0].number"]
    {
        let (status, _) = library.json(&spec, &[("loans[0].note", "x"), ("_check", odd)]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{odd}");
    }
    assert_eq!(library.db.set(&loan).count().await.unwrap(), 2);
}

fn shipping() -> FormSpec {
    let condition = |text: &str| text.parse::<Condition>().unwrap();
    Form::for_fields(
        "shipping",
        [
            Field::boolean("elsewhere"),
            Field::string("street").requires(IsNotEmpty::new()).show_when(condition("elsewhere == true")),
            Field::string("company"),
            Field::string("tax_number").require_when(condition("company is set")),
        ],
    )
}

#[tokio::test]
async fn a_hidden_field_is_neither_checked_nor_taken() {
    let mut visitor = Visitor::new();
    let page = visitor.get(&shipping()).await;
    assert!(page.attr("#shipping_street_field", "hidden").is_some());
    assert!(page.attr("#shipping_street", "disabled").is_some(), "a browser does not send it");
    let page = visitor.submit(&shipping(), &[("company", ""), ("street", "made by hand")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    assert_eq!(page.form().vars().get("street"), None);
}

#[tokio::test]
async fn a_hidden_field_is_not_checked_live() {
    let mut library = Library::open().await; // any visitor
    let spec = shipping().live_check("street");
    let (status, _) = library.json(&spec, &[("street", "Main St"), ("_check", "street")]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let values = [("elsewhere", "ON"), ("street", "Main St"), ("_check", "street")];
    let (status, found) = library.json(&spec, &values).await;
    assert_eq!((status, &found["ok"]), (StatusCode::OK, &true.into()));
}

#[tokio::test]
async fn without_a_script_the_form_comes_back_with_the_fields_that_belong_to_it_now() {
    let mut visitor = Visitor::new();
    let page = visitor.submit(&shipping(), &[("elsewhere", "ON")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.form().error_of("street").is_none(), "nobody has seen it yet");
    assert!(page.attr("#shipping_street_field", "hidden").is_none());
    assert!(page.html.contains("There are more fields now"));
    let page = visitor.submit(&shipping(), &[("elsewhere", "ON"), ("street", "")]).await;
    assert!(page.form().error_of("street").is_some());
    let page = visitor.submit(&shipping(), &[("elsewhere", "ON"), ("street", "Main St")]).await;
    assert!(page.form().accepted());
    let page = visitor.submit(&shipping(), &[("elsewhere", "ON"), ("_refresh", "1")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.attr("#shipping_street_field", "hidden").is_none());
}

#[tokio::test]
async fn a_field_is_needed_while_its_condition_holds() {
    let mut visitor = Visitor::new();
    let page = visitor.submit(&shipping(), &[("company", "ACME"), ("tax_number", "")]).await;
    assert_eq!(page.error_of("tax_number").as_deref(), Some("Enter a value"));
    let page = visitor.submit(&shipping(), &[("company", ""), ("tax_number", "")]).await;
    assert!(page.form().accepted());
}

#[tokio::test]
async fn form_18_messages_and_numbers_are_the_visitors() {
    let mut library = Library::open().await;
    library.visitor.headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de-DE, en;q=0.5"));
    let spec = library.spec();
    let values = [("title", ""), ("author", "1"), ("pages", "1.234"), ("price", "12,5")];
    let page = library.post(&spec, &values).await;
    let german = library.visitor.desk.languages().get("de").unwrap();
    let error = page.form().error_of("title").unwrap();
    assert_eq!(Some(error.text().to_owned()), german.say("is-not-empty", &[]));
    assert_eq!(page.value_of("price").as_deref(), Some("12,5"), "as it was typed");
    let values = [("title", "Notizen"), ("author", "1"), ("pages", "1.234"), ("price", "12,5")];
    let page = library.post(&spec, &values).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let row = library.db.get(&library.book, &1.into()).await.unwrap().unwrap();
    assert_eq!((&row["pages"], &row["price"]), (&Value::Int(1234), &Value::Float(12.5)));
    let page = library.visitor.get(&spec.clone().record(1)).await;
    assert_eq!(page.value_of("price").as_deref(), Some("12,5"));
    // ISO is always accepted.
    let values = [("title", "Notizen"), ("author", "1"), ("pages", "1234"), ("price", "12.75")];
    let page = library.post(&spec.record(1), &values).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let row = library.db.get(&library.book, &1.into()).await.unwrap().unwrap();
    assert_eq!(row["price"], Value::Float(12.75));
}

#[tokio::test]
async fn a_rules_own_format_is_not_read_another_way() {
    let mut visitor = Visitor::new();
    visitor.headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en-US"));
    let date = Field::date("day").requires(frontdesk_validate::IsDate::with_format("%d/%m/%Y").unwrap());
    let spec = Form::for_fields("t", [date, Field::integer("n").requires(IsIntInRange::any())]);
    let page = visitor.submit(&spec, &[("day", "03/04/2024"), ("n", "1,234")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let vars = page.form().vars();
    assert_eq!(vars.get("day"), Some(&Value::Date(jiff::civil::date(2024, 4, 3))));
    assert_eq!(vars.get("n"), Some(&Value::Int(1234)));
}

#[tokio::test]
async fn a_draft_is_offered_restored_and_thrown_away() {
    let mut visitor = Visitor::new();
    let spec = Form::for_fields(
        "letter",
        [Field::text("text"), Field::string("pin").secret(), Field::boolean("ok")],
    )
    .drafts();
    let page =
        visitor.submit(&spec, &[("text", "Dear"), ("pin", "1234"), ("ok", "ON"), ("_draft", "save")]).await;
    assert_eq!(page.status, StatusCode::NO_CONTENT, "the script asks for no page");
    let page = visitor.get(&spec).await;
    assert!(page.html.contains("There is a draft of"), "{}", page.html);
    assert_eq!(page.value_of("text").as_deref(), Some(""), "nothing changes unasked");
    let page = visitor.submit(&spec, &[("_draft", "restore")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.value_of("text").as_deref(), Some("Dear"));
    assert_eq!(page.value_of("ok").as_deref(), Some("ON"));
    assert!(!page.html.contains("1234"), "a secret is not kept");

    let page = visitor.submit(&spec, &[("text", "Dear"), ("_draft", "discard")]).await;
    assert_eq!(page.value_of("text").as_deref(), Some("Dear"));
    assert!(!visitor.get(&spec).await.html.contains("There is a draft of"));

    // A form that is accepted needs its draft no more.
    visitor.submit(&spec, &[("text", "Dear"), ("_draft", "save")]).await;
    assert!(visitor.submit(&spec, &[("text", "Dear Ada")]).await.form().accepted());
    assert!(!visitor.get(&spec).await.html.contains("There is a draft of"));
}

#[tokio::test]
async fn a_draft_is_saved_by_a_button() {
    let mut visitor = Visitor::new();
    visitor.headers.insert(ACCEPT, HeaderValue::from_static("text/html,*/*"));
    let spec = Form::for_fields("letter", [Field::text("text")]).drafts();
    let page = visitor.submit(&spec, &[("text", "Dear"), ("_draft", "save")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.html.contains("Your draft is saved"));
    assert_eq!(page.value_of("text").as_deref(), Some("Dear"));
    // Another visitor does not see it.
    let mut other = Visitor { desk: visitor.desk.clone(), ..Visitor::new() };
    assert!(!other.get(&spec).await.html.contains("draft of"));
}

#[tokio::test]
async fn a_store_of_drafts_that_is_out_of_reach_loses_nothing_that_was_typed() {
    let drafts = Db::open("sqlite::memory:").await.unwrap();
    let mut visitor = Visitor::new();
    visitor.desk = visitor.desk.clone().keep_drafts(Drafts::database(&drafts));
    let spec = Form::for_fields("letter", [Field::text("text")]).drafts();
    visitor.submit(&spec, &[("text", "Dear"), ("_draft", "save")]).await;
    drafts.close().await;
    let quiet = visitor.submit(&spec, &[("text", "Dear Ada"), ("_draft", "save")]).await;
    assert_eq!((quiet.status, &*quiet.html), (StatusCode::SERVICE_UNAVAILABLE, ""));
    visitor.headers.insert(ACCEPT, HeaderValue::from_static("text/html,*/*"));
    for what in ["save", "restore", "discard"] {
        let page = visitor.submit(&spec, &[("text", "Dear Ada"), ("_draft", what)]).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
        assert_eq!(page.value_of("text").as_deref(), Some("Dear Ada"), "{what}");
        assert!(page.alert().is_some(), "{what}");
    }
}

#[tokio::test]
async fn bots_are_kept_out_and_what_was_typed_comes_back() {
    let mut visitor = Visitor::new();
    let fields = || [Field::text("message")];
    let slow = Form::for_fields("contact", fields())
        .protect(BotProtection::new().time_trap(Duration::from_secs(60)));
    let page = visitor.submit(&slow, &[("message", "Hello")]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(page.value_of("message").as_deref(), Some("Hello"));

    let quick = Form::for_fields("contact", fields()).protect(BotProtection::new().time_trap(Duration::ZERO));
    let page = visitor.submit(&quick, &[("message", "Hello"), ("website", "http://spam.example")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value_of("message").as_deref(), Some("Hello"));
    let page = visitor.submit(&quick, &[("message", "Hello"), ("website", "")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());

    let proof = Form::for_fields("contact", fields())
        .protect(BotProtection::new().time_trap(Duration::ZERO).proof_of_work(Difficulty::fixed(1000)));
    let page = visitor.get(&proof).await;
    assert!(page.attr("[data-fd-altcha]", "data-fd-altcha").unwrap().contains("SHA-256"));
    let page = visitor.submit(&proof, &[("message", "Hello"), ("altcha", "garbage")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_script_is_served_and_forms_count_on_it() {
    let desk = Desk::new(frontdesk_web::Secret::random());
    let router: axum::Router = desk.router();
    let mut visitor = Visitor { desk: desk.clone(), ..Visitor::new() };
    let page = visitor.get(&shipping()).await;
    assert!(page.attr("form", "data-fd-form").is_some());
    let head = desk.head().into_string();
    for address in head.split('"').filter(|part| part.starts_with("/_frontdesk/")) {
        let request = http::Request::get(address).body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{address}");
        assert!(answer.headers()[http::header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
    let request = http::Request::get("/_frontdesk/kept/x.y").body(Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_script_is_sent_compressed_and_once() {
    use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY};
    use std::io::Read;

    let desk = Desk::new(frontdesk_web::Secret::random());
    let router: axum::Router = desk.router();
    let ask = async |address: &str, name: http::HeaderName, value: &str| {
        let request = http::Request::get(address).header(name, value).body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        let (head, body) = answer.into_parts();
        (head, to_bytes(body, usize::MAX).await.unwrap())
    };
    let head = desk.head().into_string();
    for address in head.split('"').filter(|part| part.starts_with("/_frontdesk/")) {
        let (plain, content) = ask(address, ACCEPT_ENCODING, "identity").await;
        assert!(!plain.headers.contains_key(CONTENT_ENCODING));
        let (packed, body) = ask(address, ACCEPT_ENCODING, "gzip, deflate, br").await;
        assert_eq!(packed.headers[CONTENT_ENCODING], "gzip");
        assert!(body.len() * 2 < content.len(), "{} of {}", body.len(), content.len());
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == content, "{address}");
        for one in [&plain, &packed] {
            assert_eq!(one.headers[VARY], "accept-encoding");
            assert!(one.headers[http::header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
        // Two encodings are two things to a cache.
        assert_ne!(plain.headers[ETAG], packed.headers[ETAG]);
        let (again, body) = ask(address, IF_NONE_MATCH, plain.headers[ETAG].to_str().unwrap()).await;
        assert_eq!((again.status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        let (other, _) = ask(address, IF_NONE_MATCH, "\"other\"").await;
        assert_eq!(other.status, StatusCode::OK);
    }
}
