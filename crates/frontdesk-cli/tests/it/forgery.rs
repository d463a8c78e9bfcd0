//! Nothing that another site makes a browser send changes anything.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};

use crate::sample::{Sample, assert_same};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn csrf_01_no_route_takes_a_post_without_its_token() {
    let mut sample = Sample::chinook().await;
    let before = sample.dump();
    let tables = sample.db.tables();
    for table in &tables {
        let rows = sample.db.set(table).limit(1).rows().await.unwrap();
        let id = rows[0].id().unwrap().to_string();
        let values = table.fields.iter().map(|field| (field.name.to_string(), "1".to_owned()));
        for address in [format!("/forms/{}/", table.name), format!("/forms/{}/{id}/", table.name)] {
            for extra in [("_delete", "ON"), ("_formkey", ""), ("_formkey", "65a0.AAAA")] {
                let mut pairs: Vec<(String, String)> = values.clone().collect();
                pairs.push(("_formname".to_owned(), table.name.to_string()));
                pairs.push((extra.0.to_owned(), extra.1.to_owned()));
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
                let page =
                    sample.visitor.send(Request::post(&address).header(CONTENT_TYPE, FORM), body).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{address}");
            }
        }
    }
    for address in ["/", "/tables/Album/", "/healthz", "/readyz", "/media/a/b/c", "/nowhere", "/assets/x"] {
        let page = sample.visitor.send(Request::post(address).header(CONTENT_TYPE, FORM), "a=1").await;
        assert!(
            matches!(page.status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_FOUND),
            "{address}: {}",
            page.status
        );
    }
    assert_same(&before, &sample.dump());
}

#[tokio::test]
async fn csrf_01_no_get_changes_anything() {
    let mut sample = Sample::chinook().await;
    let bytes = sample.bytes();
    for address in [
        "/",
        "/tables/Album/",
        "/forms/Album/",
        "/forms/Album/1/",
        "/forms/Album/1/?_delete=ON",
        "/forms/Album/?Title=x&ArtistId=1&_formname=Album",
        "/healthz",
        "/readyz",
        "/media/Album/Title/x",
        "/nowhere",
    ] {
        for method in [Method::GET, Method::HEAD] {
            let page = sample.visitor.method(method, address).await;
            assert!(page.status.as_u16() < 500, "{address}");
        }
        for method in [Method::DELETE, Method::PUT, Method::PATCH] {
            let page = sample.visitor.method(method, address).await;
            assert!(page.status.is_client_error(), "{address}: {}", page.status);
        }
    }
    assert!(bytes == sample.bytes());
}

#[tokio::test]
async fn csrf_03_a_good_form_from_another_site_is_refused() {
    let mut sample = Sample::chinook().await;
    let before = sample.dump();
    let form = sample.visitor.form("/forms/Artist/1/").await.set("Name", "changed");
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "http://127.0.0.1:9999"),
        ("origin", "null"),
    ] {
        let request = Request::post("/forms/Artist/1/").header(CONTENT_TYPE, FORM).header(name, value);
        let page = sample.visitor.send(request, body.clone()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_same(&before, &sample.dump());
    let request = Request::post("/forms/Artist/1/")
        .header(CONTENT_TYPE, FORM)
        .header("origin", "http://127.0.0.1:8000");
    assert_eq!(sample.visitor.send(request, body).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_token_of_one_record_is_no_good_for_another() {
    let mut sample = Sample::chinook().await;
    let before = sample.dump();
    let mut form = sample.visitor.form("/forms/Artist/1/").await.set("Name", "changed");
    form.action = "/forms/Artist/2/".to_owned();
    assert_eq!(sample.visitor.submit(&form).await.status, StatusCode::FORBIDDEN);
    form.action = "/forms/Genre/1/".to_owned();
    let other = sample.visitor.submit(&form).await;
    assert!(other.texts(".flash-success").is_empty());
    assert_same(&before, &sample.dump());
}

#[tokio::test]
async fn only_this_computer_is_answered_under_its_own_name() {
    let mut sample = Sample::chinook().await;
    for name in ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000"] {
        let page = sample.visitor.send(Request::get("/").header("host", name), Body::empty()).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
    }
    for name in ["evil.example", "127.0.0.1.evil.example:8000", "192.168.0.7:8000", ""] {
        let page =
            sample.visitor.send(Request::get("/tables/Artist/").header("host", name), Body::empty()).await;
        assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST, "{name}");
        assert!(!page.text().contains("AC/DC"));
    }
}
