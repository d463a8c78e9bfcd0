//! A quota around a router.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use axum::routing::get;
use axum::{Router, http};
use frontdesk_web::limits::{LimitKey, Limiter, RateLimitLayer};
use frontdesk_web::{Clock, TrustedProxies};
use tower::ServiceExt;

use super::{SECOND, clock};

fn app(layer: RateLimitLayer) -> Router {
    Router::new().route("/", get(async || "here").post(async || "done")).layer(layer)
}

fn limited(clock: &Clock) -> RateLimitLayer {
    let limiter = Limiter::memory().clock(clock.clone());
    RateLimitLayer::new(&limiter).limit(3).timespan(30 * SECOND)
}

async fn ask(app: &Router, from: &str, method: &str) -> Response {
    let mut request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
    if let Ok(address) = from.parse() {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 1)));
    }
    app.clone().oneshot(request).await.unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 10_000).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn rate_01_too_many_requests_are_told_when_to_come_back() {
    let clock = clock();
    let app = app(limited(&clock));
    for (method, left) in [("GET", 2), ("POST", 1), ("DELETE", 0)] {
        let response = ask(&app, "203.0.113.7", method).await;
        assert_ne!(response.status(), 429, "{method}");
        assert_eq!(header(&response, "ratelimit-policy"), "\"default\";q=3;w=30");
        let now = format!("\"default\";r={left};t={}", 10 * (3 - left));
        assert_eq!(header(&response, "ratelimit"), now);
        assert_eq!(header(&response, "retry-after"), "");
    }
    let refused = ask(&app, "203.0.113.7", "GET").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "retry-after"), "10");
    assert_eq!(header(&refused, "ratelimit"), "\"default\";r=0;t=10");
    assert_eq!(header(&refused, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(text(refused).await, "Too many requests");
    assert_eq!(ask(&app, "203.0.113.8", "GET").await.status(), 200, "each address has a window of its own");
    clock.advance(10 * SECOND);
    assert_eq!(ask(&app, "203.0.113.7", "GET").await.status(), 200);
    assert_eq!(ask(&app, "203.0.113.7", "GET").await.status(), 429);
}

#[tokio::test]
async fn rate_02_a_network_of_ipv6_counts_as_one_and_no_header_makes_another_of_it() {
    let app = app(limited(&clock()));
    for last in 1..4 {
        assert_eq!(ask(&app, &format!("2001:db8::{last}"), "GET").await.status(), 200);
    }
    assert_eq!(ask(&app, "2001:db8::ffff", "GET").await.status(), 429);
    assert_eq!(ask(&app, "2001:db8:0:1::1", "GET").await.status(), 200);

    let app = app.layer(TrustedProxies::new(["10.0.0.1"]).unwrap());
    for (peer, said, status) in [
        ("2001:db8::5", "1.1.1.1", 429),
        ("10.0.0.1", "1.1.1.1, 2001:db8::5", 429),
        ("10.0.0.1", "2001:db8::5, 1.1.1.1", 200),
    ] {
        let mut request = Request::builder().uri("/").header("x-forwarded-for", said);
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        request.extensions_mut().unwrap().insert(ConnectInfo(peer));
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{said} by {peer}");
    }
}

#[tokio::test]
async fn rate_01_a_block_lasts_as_long_as_is_set() {
    let clock = clock();
    let app = app(limited(&clock).block_duration(600 * SECOND));
    for _ in 0..3 {
        ask(&app, "203.0.113.7", "GET").await;
    }
    assert_eq!(header(&ask(&app, "203.0.113.7", "GET").await, "retry-after"), "600");
    clock.advance(599 * SECOND);
    assert_eq!(header(&ask(&app, "203.0.113.7", "GET").await, "retry-after"), "1");
    clock.advance(SECOND);
    assert_eq!(ask(&app, "203.0.113.7", "GET").await.status(), 200);
}

#[tokio::test]
async fn a_request_without_an_address_is_refused() {
    let response = ask(&app(limited(&clock())), "", "GET").await;
    assert_eq!(response.status(), 400);
    assert_eq!(text(response).await, "Client host can't be found.");
}

#[tokio::test]
async fn rate_01_accounts_and_tokens_can_be_counted_by() {
    let layer = limited(&clock()).name("api").by(|request: &Request| {
        let token = request.headers().get(http::header::AUTHORIZATION)?.to_str().ok()?;
        Some(LimitKey::new("api").token(token))
    });
    let app = app(layer);
    let ask = async |token: Option<&str>| {
        let mut request = Request::builder().uri("/");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    for _ in 0..3 {
        assert_eq!(ask(Some("Bearer a")).await.status(), 200);
    }
    let refused = ask(Some("Bearer a")).await;
    assert_eq!((refused.status().as_u16(), header(&refused, "ratelimit")), (429, "\"api\";r=0;t=10"));
    assert_eq!(ask(Some("Bearer b")).await.status(), 200);
    let free = ask(None).await;
    assert_eq!((free.status().as_u16(), header(&free, "ratelimit")), (200, ""));
}
