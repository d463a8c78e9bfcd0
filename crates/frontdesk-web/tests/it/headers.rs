//! Headers of every response, and what a panic becomes.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use frontdesk_web::{CatchPanics, ContentSecurityPolicy, CspNonce, SecurityHeaders, TrustedProxies};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use tower::ServiceExt;

fn app(headers: SecurityHeaders) -> Router {
    let own = async || [("content-security-policy", "default-src 'none'"), ("x-frame-options", "SAMEORIGIN")];
    let typed = |kind: &'static str| get(async move || [(CONTENT_TYPE, kind)].into_response());
    let nonce = async |nonce: CspNonce| Html(nonce.as_str().to_owned());
    Router::new()
        .route("/", get(async || Html("page")))
        .route("/own", get(own))
        .route("/nonce", get(nonce))
        .route("/bare", typed("text/plain"))
        .route("/css", typed("text/css;"))
        .route("/latin", typed("text/html; Charset=iso-8859-1"))
        .route("/json", typed("application/json"))
        .route("/panic", get(async || -> String { panic!("the password is hunter2") }))
        .layer(CatchPanics::new())
        .layer(headers)
}

async fn ask(app: &Router, path: &str, host: &str) -> Response {
    let request = Request::get(path).header("host", host).body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

fn all<'r>(response: &'r Response, name: &str) -> Vec<&'r str> {
    response.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn ops_01_every_answer_has_them_once() {
    let app = app(SecurityHeaders::default());
    let policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
                  frame-ancestors 'none'";
    for path in ["/", "/bare", "/json", "/nowhere", "/panic"] {
        let response = ask(&app, path, "shop.example").await;
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(all(&response, name), [value], "{path}");
        }
    }
    let own = ask(&app, "/own", "shop.example").await;
    assert_eq!(all(&own, "content-security-policy"), ["default-src 'none'"]);
    assert_eq!(all(&own, "x-frame-options"), ["SAMEORIGIN"]);
}

#[tokio::test]
async fn ops_01_every_text_says_its_charset() {
    let app = app(SecurityHeaders::default());
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/bare", "text/plain; charset=utf-8"),
        ("/css", "text/css; charset=utf-8"),
        ("/latin", "text/html; Charset=iso-8859-1"),
        ("/json", "application/json"),
        ("/panic", "text/plain; charset=utf-8"),
    ] {
        assert_eq!(all(&ask(&app, path, "shop.example").await, "content-type"), [kind], "{path}");
    }
}

#[tokio::test]
async fn ops_01_https_is_asked_for_where_the_site_has_it() {
    let plain = app(SecurityHeaders::default());
    let hsts = "strict-transport-security";
    for (host, has) in
        [("shop.example", true), ("localhost:8000", false), ("127.0.0.1", false), ("[::1]:1", false)]
    {
        assert_eq!(!all(&ask(&plain, "/", host).await, hsts).is_empty(), has, "{host}");
    }
    let proxied = plain.layer(TrustedProxies::new(["10.0.0.1"]).unwrap());
    for (proto, has) in [("https", true), ("http", false)] {
        let mut request = Request::get("/").header("host", "shop.example").header("x-forwarded-proto", proto);
        let peer: std::net::SocketAddr = "10.0.0.1:1".parse().unwrap();
        request.extensions_mut().unwrap().insert(ConnectInfo(peer));
        let response = proxied.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(!all(&response, hsts).is_empty(), has, "{proto}");
    }
    let day = std::time::Duration::from_hours(24);
    let wide = app(SecurityHeaders::default().hsts_with_subdomains(day));
    assert_eq!(all(&ask(&wide, "/", "a.example").await, hsts), ["max-age=86400; includeSubDomains"]);
    let none = app(SecurityHeaders::default().without_hsts());
    assert!(all(&ask(&none, "/", "a.example").await, hsts).is_empty());
}

#[tokio::test]
async fn ops_01_a_nonce_is_in_the_policy_of_its_response_alone() {
    let app = app(SecurityHeaders::default());
    let mut seen = Vec::new();
    for _ in 0..2 {
        let response = ask(&app, "/nonce", "shop.example").await;
        let policy = all(&response, "content-security-policy")[0].to_owned();
        let body = to_bytes(response.into_body(), 100).await.unwrap();
        let nonce = String::from_utf8(body.to_vec()).unwrap();
        for directive in ["script-src", "style-src"] {
            assert!(policy.contains(&format!("{directive} 'self' 'nonce-{nonce}'")), "{policy}");
        }
        seen.push(nonce);
    }
    assert_ne!(seen[0], seen[1]);
    assert!(!all(&ask(&app, "/", "shop.example").await, "content-security-policy")[0].contains("nonce"));
}

#[tokio::test]
async fn options_change_what_is_said() {
    let policy = ContentSecurityPolicy::default().report_uri("/csp-violations/").unwrap();
    let headers = SecurityHeaders::default()
        .csp(policy)
        .frame_ancestors("https://a.example")
        .unwrap()
        .header(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    let response = ask(&app(headers), "/", "shop.example").await;
    let policy = all(&response, "content-security-policy")[0];
    assert!(policy.contains("frame-ancestors https://a.example; report-uri /csp-violations/"), "{policy}");
    assert!(all(&response, "x-frame-options").is_empty());
    assert_eq!(all(&response, "referrer-policy"), ["no-referrer"]);
    let own = SecurityHeaders::default().frame_ancestors("self").unwrap();
    assert_eq!(all(&ask(&app(own), "/", "shop.example").await, "x-frame-options"), ["SAMEORIGIN"]);
}

#[tokio::test]
async fn ops_06_a_panic_is_a_plain_500_that_tells_nothing() {
    let app = app(SecurityHeaders::default());
    let response = ask(&app, "/panic", "shop.example").await;
    assert_eq!(response.status(), 500);
    assert_eq!(all(&response, "cache-control"), ["no-store"]);
    let body = to_bytes(response.into_body(), 1000).await.unwrap();
    assert_eq!(body, "Internal Server Error");
    assert_eq!(ask(&app, "/", "shop.example").await.status(), 200, "others go on");

    let own = Router::new()
        .route("/", get(async || -> String { panic!("hunter2") }))
        .layer(CatchPanics::new().answer(|| panic!("hunter2")));
    let response = ask(&own, "/", "shop.example").await;
    assert_eq!(to_bytes(response.into_body(), 1000).await.unwrap(), "Internal Server Error");
    let own = Router::new().route("/", get(async || -> String { panic!("hunter2") })).layer(
        CatchPanics::new().answer(|| (http::StatusCode::INTERNAL_SERVER_ERROR, "sorry").into_response()),
    );
    let response = ask(&own, "/", "shop.example").await;
    assert_eq!(to_bytes(response.into_body(), 1000).await.unwrap(), "sorry");
}
