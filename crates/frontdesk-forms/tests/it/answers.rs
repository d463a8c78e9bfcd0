//! Who is answered what, and who is not: questions from other sites, without a token, about other people's things.

use axum::body::Body;
use frontdesk_data::rules::IsInDb;
use frontdesk_data::{Db, Field, FieldType, Table, Values};
use frontdesk_forms::{Form, FormSpec};
use frontdesk_validate::{IsNotEmpty, Rules};
use http::header::{ACCEPT, COOKIE};
use http::{HeaderValue, Method, Request, StatusCode};
use tower::ServiceExt as _;

use crate::visitor::{PIXEL, Page, Visitor, encode};

struct Shop {
    visitor: Visitor,
    db: Db,
    author: std::sync::Arc<Table>,
    book: std::sync::Arc<Table>,
}

impl Shop {
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let author = Table::new("author")
            .field(Field::string("name").not_null().unique())
            .readable("{name}".parse().unwrap());
        let author = db.define(author.create()).await.unwrap();
        for name in ["Ada Lovelace", "Grace Hopper", "Alan Turing"] {
            db.insert(&author, Values::new().with("name", name)).await.unwrap();
        }
        let rule = || IsInDb::new(&db, "author").most_choices(1).create_with("name");
        let book = Table::new("book")
            .field(Field::string("title").requires(Rules::one(IsNotEmpty::new())))
            .field(Field::reference("author", "author").requires(rule()))
            .field(Field::reference("agent", "author").requires(rule()).secret())
            .field(Field::reference("seller", "author").requires(rule()).writable(false));
        let book = db.define(book.create()).await.unwrap();
        Self { visitor: Visitor::new(), db, author, book }
    }

    fn spec(&self) -> FormSpec {
        Form::for_table(&self.db, &self.book)
    }

    async fn authors(&self) -> u64 {
        self.db.set(&self.author).count().await.unwrap()
    }

    async fn at(&mut self, spec: &FormSpec, method: Method, address: &str) -> Page {
        let request = self.visitor.request(method, address, "", Body::empty());
        self.visitor.send(spec, request).await.unwrap()
    }

    async fn post(&mut self, spec: &FormSpec, pairs: &[(&str, &str)]) -> Page {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let kind = "application/x-www-form-urlencoded";
        let request = self.visitor.request(Method::POST, "/", kind, encode(&pairs));
        self.visitor.send(spec, request).await.unwrap()
    }
}

fn is_page(page: &Page) -> bool {
    page.html.starts_with("<form")
}

#[tokio::test]
async fn csrf_01_what_writes_or_tells_needs_the_forms_token() {
    let mut shop = Shop::open().await;
    let spec = shop.spec().live_check("title").drafts();
    shop.visitor.get(&spec).await;
    for asked in [
        ("_check", "title"),
        ("_draft", "save"),
        ("_draft", "restore"),
        ("_draft", "discard"),
        ("_create", "author"),
        ("_lookup", "author"),
        ("_rows", "add:x"),
        ("_refresh", "1"),
    ] {
        let pairs = [("_formname", "book"), ("title", "x"), ("_find_author", "New One"), asked];
        let page = shop.post(&spec, &pairs).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{asked:?}");
        assert!(is_page(&page), "what was typed comes back: {asked:?}");
        assert!(!page.html.contains("Ada Lovelace"), "{asked:?}");
    }
    // A token of another site's making a visitor's browser send it is none.
    let token = shop.visitor.get(&spec).await.attr("[name=_formkey]", "value").unwrap();
    shop.visitor.headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    for asked in [("_check", "title"), ("_draft", "save"), ("_create", "author")] {
        let pairs = [
            ("_formname", "book"),
            ("_formkey", &*token),
            ("title", "x"),
            ("_find_author", "New One"),
            asked,
        ];
        assert_eq!(shop.post(&spec, &pairs).await.status, StatusCode::FORBIDDEN, "{asked:?}");
    }
    assert_eq!(shop.authors().await, 3);
    assert!(!shop.visitor.cookies.contains_key("_draft"));
}

#[tokio::test]
async fn csrf_01_a_form_by_get_writes_nothing() {
    let mut shop = Shop::open().await;
    let spec = shop.spec().get().drafts();
    let page = shop.at(&spec, Method::GET, "/?_formname=book&_find_author=New+One&_create=author").await;
    assert!(is_page(&page));
    assert_eq!(page.select("[name=_create]").len(), 0);
    for what in ["save", "discard", "restore"] {
        let page = shop.at(&spec, Method::GET, &format!("/?_formname=book&title=x&_draft={what}")).await;
        assert!(is_page(&page));
        assert_eq!(page.select("[name=_draft]").len(), 0);
    }
    assert_eq!(shop.authors().await, 3);
    assert!(!shop.visitor.cookies.contains_key("_draft"));
    let page = shop.at(&spec, Method::GET, "/?_formname=book&_find_author=ada&_lookup=author").await;
    assert!(page.html.contains("Ada Lovelace"), "reading is what such a form is for");
}

#[tokio::test]
async fn a_search_tells_what_the_form_itself_would() {
    let mut shop = Shop::open().await;
    let spec = shop.spec();
    let address = |field: &str| format!("/?_search={field}&q=");
    let page = shop.at(&spec, Method::GET, &address("author")).await;
    assert!(page.html.contains("Ada Lovelace"));
    assert!(!is_page(&page));
    assert!(!is_page(&shop.at(&spec, Method::HEAD, &address("author")).await), "HEAD is as GET");
    for field in ["agent", "seller", "title", "id", "nothing", "author].x", "book[0].author", ""] {
        assert!(is_page(&shop.at(&spec, Method::GET, &address(field)).await), "{field}");
    }
    let disabled = spec.clone().disable("author");
    assert!(is_page(&shop.at(&disabled, Method::GET, &address("author")).await));
    shop.db.insert(&shop.book, Values::new().with("title", "Notes").with("author", 1)).await.unwrap();
    let readonly = spec.clone().record(1).readonly(true);
    assert!(is_page(&shop.at(&readonly, Method::GET, &address("author")).await));
    let other = "/?_formname=other&_search=author&q=";
    assert!(is_page(&shop.at(&spec, Method::GET, other).await), "another form of the page is asked");
    for (site, is_answered) in
        [("cross-site", false), ("same-site", false), ("same-origin", true), ("none", true)]
    {
        shop.visitor.headers.insert("sec-fetch-site", HeaderValue::from_static(site));
        let page = shop.at(&spec, Method::GET, &address("author")).await;
        assert_eq!(!is_page(&page), is_answered, "{site}");
    }
}

#[tokio::test]
async fn what_is_chosen_is_labelled_only_if_it_is_a_choice() {
    let mut shop = Shop::open().await;
    let only = shop.db.set(&shop.author).filter(shop.author.col("name").ne("Alan Turing"));
    let only = IsInDb::new(only, "author");
    let field = Field::reference("author", "author").requires(only.most_choices(1));
    let spec = Form::for_fields("pick", [Field::string("title").requires(IsNotEmpty::new()), field]);
    let page = shop.visitor.submit(&spec, &[("title", ""), ("author", "1")]).await;
    assert!(page.html.contains("Ada Lovelace"));
    let page = shop.visitor.submit(&spec, &[("title", ""), ("author", "3")]).await;
    assert!(!page.html.contains("Alan Turing"), "{}", page.html);
}

#[tokio::test]
async fn an_answer_replaces_the_page_whole() {
    let mut shop = Shop::open().await;
    let spec = shop.spec();
    let mut request = shop.visitor.request(Method::GET, "/?_search=author&q=ada", "", Body::empty());
    let form = spec.process(&mut request).await.unwrap();
    let mut response = http::Response::builder()
        .status(200)
        .header("content-type", "text/html")
        .header("content-length", "5")
        .header("content-encoding", "gzip")
        .header("etag", "\"x\"")
        .body(Body::from("12345"))
        .unwrap();
    form.apply(&mut response);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    for gone in ["content-length", "content-encoding", "etag"] {
        assert!(!headers.contains_key(gone), "{gone}");
    }
    // What is beside it on the page changes nothing.
    let mut other = shop.visitor.request(Method::GET, "/", "", Body::empty());
    let other = Form::for_fields("other", [Field::string("a")]).process(&mut other).await.unwrap();
    let response = frontdesk_forms::respond_all("page", [&other, &form]);
    assert_eq!(response.headers()["content-type"], "application/json");
    shop.visitor.get(&spec).await;
    assert_eq!(shop.authors().await, 3);
}

#[tokio::test]
async fn a_draft_is_its_owners_of_that_form_and_record() {
    let mut ada = Visitor::new();
    ada.headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
    let db = Db::open("sqlite::memory:").await.unwrap();
    let note = db.define(Table::new("note").field(Field::text("text")).create()).await.unwrap();
    for text in ["one", "two"] {
        db.insert(&note, Values::new().with("text", text)).await.unwrap();
    }
    let of = |id: i64| Form::for_table(&db, &note).record(id).drafts();
    ada.submit(&of(1), &[("text", "my secret"), ("_draft", "save")]).await;
    let is_offered = |page: &Page| page.html.contains("There is a draft of");
    assert!(is_offered(&ada.get(&of(1)).await));
    assert!(!is_offered(&ada.get(&of(2)).await), "another record");
    assert!(!is_offered(&ada.get(&of(1).form_name("other")).await), "another form");
    let mut eve = ada.another();
    for spec in [of(1), of(2)] {
        assert!(!is_offered(&eve.get(&spec).await));
        let page = eve.submit(&spec, &[("text", "mine"), ("_draft", "restore")]).await;
        assert!(!page.html.contains("my secret") && page.html.contains("mine"));
    }
    // Who signs in at the same browser has drafts of their own.
    let user = Form::for_table(&db, &note).record(1).drafts_of("eve");
    assert!(!is_offered(&ada.get(&user).await));
    eve.submit(&of(1), &[("text", ""), ("_draft", "discard")]).await;
    assert!(is_offered(&ada.get(&of(1)).await), "nobody else throws it away");
}

#[tokio::test]
async fn a_question_gives_up_no_kept_file() {
    let mut visitor = Visitor::new();
    let title = Field::string("title").requires(IsNotEmpty::new());
    let spec =
        Form::for_fields("post", [title, Field::upload("image")]).live_check("title").drafts().dbio(false);
    let page = visitor.upload(&spec, &[("title", "")], &[("image", "a.png", PIXEL)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let hidden = page.hidden();
    drop(page);
    assert_eq!(visitor.quarantined(), 1);
    for asked in [("_check", "title"), ("_draft", "save")] {
        let mut pairs = hidden.clone();
        for (name, value) in [("title", "x"), ("_delete_image", "ON"), asked] {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        let kind = "application/x-www-form-urlencoded";
        let request = visitor.request(Method::POST, "/", kind, encode(&pairs));
        let page = visitor.send(&spec, request).await.unwrap();
        assert!(page.status.is_success(), "{asked:?}");
        drop(page);
        assert_eq!(visitor.quarantined(), 1, "{asked:?}");
    }
}

#[tokio::test]
async fn upld_09_a_picture_of_a_kept_file_is_shown_to_the_browser_that_brought_it() {
    for in_session in [false, true] {
        let mut ada = Visitor::new();
        let router: axum::Router = ada.desk.router();
        let title = Field::string("title").requires(IsNotEmpty::new());
        let mut spec = Form::for_fields("post", [title, Field::upload("image")]);
        if in_session {
            spec = spec.csrf_session("session of ada");
        }
        let page = ada.upload(&spec, &[("title", "")], &[("image", "a.png", PIXEL)]).await;
        let address = page.attr("img", "src").unwrap();
        let ask = async |address: String, cookie: Option<String>| {
            let mut request = Request::get(address);
            if let Some(cookie) = cookie {
                request = request.header(COOKIE, cookie);
            }
            router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
        };
        let own = format!("__Host-_formkey={}", ada.cookies["__Host-_formkey"]);
        let shown = ask(address.clone(), Some(own.clone())).await;
        assert_eq!(shown.status(), StatusCode::OK);
        assert!(shown.headers()["content-type"].to_str().unwrap().starts_with("image/"));
        assert_eq!(shown.headers()["cache-control"], "private, no-store");
        let mut eve = ada.another();
        eve.get(&Form::for_fields("other", [Field::string("a")])).await;
        let other = format!("__Host-_formkey={}", eve.cookies["__Host-_formkey"]);
        for cookie in [None, Some(other), Some("__Host-_formkey=".to_owned())] {
            assert_eq!(ask(address.clone(), cookie).await.status(), StatusCode::NOT_FOUND);
        }
        // Another name, or the signature of another address, leads nowhere.
        let (reference, signature) = address.split_once('.').unwrap();
        let wrong = format!("{}.{signature}", &reference[..reference.len() - 2]);
        assert_eq!(ask(wrong, Some(own.clone())).await.status(), StatusCode::NOT_FOUND);
        drop(page);
        let _ = ada.upload(&spec, &[("title", "done")], &[]).await;
        assert_eq!(ada.quarantined(), 1, "it belongs to the form that came back alone");
    }
}

#[tokio::test]
async fn odd_names_of_fields_are_names() {
    let mut visitor = Visitor::new();
    let names = ["a].b", "x[0].y", "with blank", "q\"<'&", "größe", "%5B", "_search", "#"];
    let fields: Vec<Field> =
        names.iter().map(|name| Field::string(*name).requires(IsNotEmpty::new())).collect();
    let mut spec = Form::for_fields("od d[0].", fields);
    for name in names {
        spec = spec.live_check(name);
    }
    let page = visitor.get(&spec).await;
    for name in names.iter().filter(|name| **name != "_search") {
        let input = page.select("form input").into_iter().find(|input| input.attr("name") == Some(*name));
        let id = input.unwrap().attr("id").unwrap();
        assert!(!id.contains(char::is_whitespace), "{id}");
        let page = visitor.submit(&spec, &[(*name, "x"), ("_check", *name)]).await;
        let answer: serde_json::Value = serde_json::from_str(&page.html).unwrap();
        assert_eq!((&answer["field"], &answer["ok"]), (&(*name).into(), &true.into()));
    }
    assert_eq!(page.select("[name=_search]").len(), 0, "that is ours");
}

#[tokio::test]
async fn several_files_are_a_list_of_theirs_in_questions_too() {
    // A live check of a field of files has nothing to say, and takes none of them.
    let mut visitor = Visitor::new();
    let spec = Form::for_fields("post", [Field::new("files", FieldType::ListUpload)]).live_check("files");
    let page = visitor.upload(&spec, &[("_check", "files")], &[("files", "a.png", PIXEL)]).await;
    let answer: serde_json::Value = serde_json::from_str(&page.html).unwrap();
    assert_eq!(answer["ok"], true);
    drop(page);
    assert_eq!(visitor.quarantined(), 0);
}
