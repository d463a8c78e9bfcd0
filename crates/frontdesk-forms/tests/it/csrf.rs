use std::time::Duration;

use frontdesk_data::Field;
use frontdesk_forms::{Form, FormSpec};
use frontdesk_validate::IsNotEmpty;
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::visitor::{Visitor, encode};

fn spec() -> FormSpec {
    Form::for_fields("t", [Field::string("a")])
}

async fn post(visitor: &mut Visitor, spec: &FormSpec, pairs: &[(String, String)]) -> crate::visitor::Page {
    let request = visitor.request(Method::POST, "/", "application/x-www-form-urlencoded", encode(pairs));
    visitor.send(spec, request).await.unwrap()
}

fn with(mut hidden: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    hidden.retain(|(known, _)| known != name);
    hidden.push((name.to_owned(), value.to_owned()));
    hidden
}

#[tokio::test]
async fn csrf_02_a_token_of_another_browser_is_refused_and_the_text_kept() {
    let (mut ada, mut eve) = (Visitor::new(), Visitor::new());
    eve.desk = ada.desk.clone();
    ada.get(&spec()).await;
    let foreign = eve.get(&spec()).await.hidden();
    let page = post(&mut ada, &spec(), &with(foreign, "a", "typed")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.form().accepted() && page.form().vars().is_empty());
    assert_eq!(page.value_of("a").as_deref(), Some("typed"));
    assert!(page.alert().unwrap().contains("nothing was saved"));
    // What comes back can be submitted.
    let again = with(page.hidden(), "a", "typed");
    assert!(post(&mut ada, &spec(), &again).await.form().accepted());
}

#[tokio::test]
async fn csrf_02_absent_empty_or_garbled_tokens_are_refused() {
    let mut visitor = Visitor::new();
    let hidden = visitor.get(&spec()).await.hidden();
    let absent: Vec<_> = hidden.iter().filter(|(name, _)| name != "_formkey").cloned().collect();
    assert_eq!(post(&mut visitor, &spec(), &absent).await.status, StatusCode::FORBIDDEN);
    for token in ["", "x", "."] {
        let page = post(&mut visitor, &spec(), &with(hidden.clone(), "_formkey", token)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    let mut without_cookie = Visitor::new();
    without_cookie.desk = visitor.desk.clone();
    assert_eq!(post(&mut without_cookie, &spec(), &hidden).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        post(&mut without_cookie, &spec(), &[("_formname".into(), "t".into())]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn csrf_02_a_token_is_bound_to_form_and_signing_info_and_session() {
    let mut visitor = Visitor::new();
    let hidden = visitor.get(&spec().signing_info("a")).await.hidden();
    assert_eq!(post(&mut visitor, &spec().signing_info("b"), &hidden).await.status, StatusCode::FORBIDDEN);
    assert!(post(&mut visitor, &spec().signing_info("a"), &hidden).await.form().accepted());

    let hidden = visitor.get(&spec()).await.hidden();
    let other = spec().form_name("other");
    let renamed = with(hidden, "_formname", "other");
    assert_eq!(post(&mut visitor, &other, &renamed).await.status, StatusCode::FORBIDDEN);

    let hidden = visitor.get(&spec().csrf_session("session-1")).await.hidden();
    assert_eq!(
        post(&mut visitor, &spec().csrf_session("session-2"), &hidden).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(post(&mut visitor, &spec().csrf_session("session-1"), &hidden).await.form().accepted());
}

#[tokio::test]
async fn csrf_03_a_request_from_another_site_is_refused_and_fills_in_nothing() {
    let mut visitor = Visitor::new();
    let hidden = visitor.get(&spec()).await.hidden();
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "http://evil")]
    {
        visitor.headers.clear();
        visitor.headers.insert("host", HeaderValue::from_static("good"));
        visitor.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        let page = post(&mut visitor, &spec(), &with(hidden.clone(), "a", "planted")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert_eq!(page.value_of("a").as_deref(), Some(""), "{name}");
    }
}

#[tokio::test]
async fn csrf_06_an_expired_form_comes_back_with_the_text_and_the_reason() {
    let mut visitor = Visitor::new();
    let short = spec().lifespan(Duration::ZERO);
    let hidden = visitor.get(&short).await.hidden();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let page = post(&mut visitor, &short, &with(hidden, "a", "typed")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value_of("a").as_deref(), Some("typed"));
    assert!(page.alert().unwrap().contains("open for too long"));
    assert_eq!(page.form().form_errors()[0].code(), "form_expired");
}

#[tokio::test]
async fn the_cookie_is_set_once_and_out_of_reach_of_scripts() {
    let visitor = Visitor::new();
    let mut request = visitor.request(Method::GET, "/", "", axum::body::Body::empty());
    let form = spec().process(&mut request).await.unwrap();
    let response = form.respond("");
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-_formkey="));
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(response.headers()["cache-control"], "no-store");

    let mut visitor = visitor;
    visitor.get(&spec()).await;
    let mut request = visitor.request(Method::GET, "/", "", axum::body::Body::empty());
    let form = spec().process(&mut request).await.unwrap();
    assert!(!form.respond("").headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn protection_can_be_switched_off_by_name_only() {
    let mut visitor = Visitor::new();
    let open = spec().csrf_protection(false);
    assert!(visitor.get(&open).await.hidden().iter().all(|(name, _)| name != "_formkey"));
    let page = post(&mut visitor, &open, &[("_formname".into(), "t".into()), ("a".into(), "1".into())]).await;
    assert!(page.form().accepted());
}

/// A neighbouring site can give a browser a cookie for both; not one of this name (RFC 6265bis, section 4.1.3.2).
#[tokio::test]
async fn csrf_02_no_neighbouring_site_chooses_the_value_that_forms_are_bound_to() {
    let mut visitor = Visitor::new();
    visitor.get(&spec()).await;
    assert!(visitor.cookies.contains_key("__Host-_formkey"), "{:?}", visitor.cookies);
    // The name that others can set counts for nothing.
    let planted = visitor.cookies.remove("__Host-_formkey").unwrap();
    visitor.cookies.insert("_formkey".to_owned(), planted);
    let hidden = visitor.get(&spec()).await.hidden();
    visitor.cookies.remove("__Host-_formkey");
    assert_eq!(post(&mut visitor, &spec(), &with(hidden, "a", "x")).await.status, StatusCode::FORBIDDEN);

    let mut local = Visitor::new();
    local.headers.insert(http::header::HOST, HeaderValue::from_static("localhost:8000"));
    local.get(&spec()).await;
    assert!(local.cookies.contains_key("_formkey"), "{:?}", local.cookies);
}

/// Forms stand behind a `CsrfLayer` as they are: they write its token, and it reads it.
#[tokio::test]
async fn csrf_01_forms_pass_the_layer_around_them() {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::response::{IntoResponse, Response};
    use axum::{Router, routing::any};
    use frontdesk_forms::{Desk, FormRequest};
    use frontdesk_web::{CsrfLayer, Secret, Signer};
    use tower::ServiceExt;

    async fn page(mut request: FormRequest) -> Response {
        let form = Form::for_fields("t", [Field::string("a")]).process(&mut request).await.unwrap();
        if form.accepted() {
            format!("got {}", form.vars()["a"]).into_response()
        } else {
            form.into_response()
        }
    }
    let signer = Signer::new(Secret::random());
    let app = Router::new().route("/", any(page)).with_state(Desk::new(Secret::random()));
    let app = app.layer(CsrfLayer::new(&signer));
    let first = app.clone().oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    let cookies: Vec<_> =
        first.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let cookies: Vec<_> = cookies.iter().map(|line| line.split(';').next().unwrap().to_owned()).collect();
    let html = String::from_utf8(to_bytes(first.into_body(), 100_000).await.unwrap().to_vec()).unwrap();
    let document = scraper::Html::parse_document(&html);
    let inputs = scraper::Selector::parse("input[type=hidden]").unwrap();
    let mut pairs: Vec<(String, String)> = document
        .select(&inputs)
        .map(|input| (input.attr("name").unwrap().to_owned(), input.attr("value").unwrap().to_owned()))
        .collect();
    assert!(pairs.iter().any(|(name, _)| name == "csrftoken"), "{html}");
    pairs.push(("a".to_owned(), "typed".to_owned()));

    let post = async |kind: &str, body: String| {
        let request = Request::post("/").header("cookie", cookies.join("; ")).header("content-type", kind);
        let response = app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        (status, String::from_utf8(to_bytes(response.into_body(), 100_000).await.unwrap().to_vec()).unwrap())
    };
    let kind = "application/x-www-form-urlencoded";
    let (status, said) = post(kind, encode(&pairs)).await;
    assert_eq!((status, &*said), (StatusCode::OK, "got typed"));
    let parts: String = pairs
        .iter()
        .map(|(name, value)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .collect();
    let (status, said) = post("multipart/form-data; boundary=x", format!("{parts}--x--\r\n")).await;
    assert!(status == StatusCode::OK && said.contains("sent already"), "the layer lets it through: {said}");
    pairs.retain(|(name, _)| name != "csrftoken");
    let (status, said) = post(kind, encode(&pairs)).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
}

/// What is drawn once and shown to many holds nobody's token.
#[tokio::test]
async fn csrf_01_each_visitor_gets_a_token_of_the_layers_own() {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::{Router, routing::any};
    use frontdesk_forms::{Desk, FormRequest};
    use frontdesk_web::{CsrfLayer, Secret, Signer};
    use tower::ServiceExt;

    let spec = Form::for_fields("t", [Field::string("a").requires(IsNotEmpty::new())]);
    let page = move |mut request: FormRequest| {
        let spec = spec.clone();
        async move { spec.process(&mut request).await.unwrap() }
    };
    let app = Router::new().route("/", any(page)).with_state(Desk::new(Secret::random()));
    let app = app.layer(CsrfLayer::new(&Signer::new(Secret::random())));
    let inputs = scraper::Selector::parse("input[type=hidden]").unwrap();
    let ask = async |request: Request<Body>| {
        let response = app.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let html =
            String::from_utf8(to_bytes(response.into_body(), 100_000).await.unwrap().to_vec()).unwrap();
        let page = scraper::Html::parse_document(&html);
        let pairs = page
            .select(&inputs)
            .map(|input| (input.attr("name").unwrap().to_owned(), input.attr("value").unwrap().to_owned()));
        let cookies = headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let cookies: Vec<_> = cookies.map(|line| line.split(';').next().unwrap().to_owned()).collect();
        (status, pairs.collect::<Vec<_>>(), cookies.join("; "))
    };
    for visitor in ["first", "second", "third"] {
        let (_, mut pairs, cookies) = ask(Request::get("/").body(Body::empty()).unwrap()).await;
        // The form comes back, is drawn from parts then, and is sent again.
        for round in 0..3 {
            let given = pairs.iter().filter(|(name, _)| name == "csrftoken").count();
            assert_eq!(given, 1, "{visitor} {round}");
            let request = Request::post("/")
                .header("cookie", &cookies)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from(encode(&pairs)));
            let (status, again, _) = ask(request.unwrap()).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{visitor} {round}");
            pairs = again;
        }
    }
}
