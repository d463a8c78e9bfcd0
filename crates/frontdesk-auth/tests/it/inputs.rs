//! Section 1 of the contract: what a POST may look like.

use axum::body::Body;
use http::Method;

use crate::site::{PASSWORD, Site};

#[tokio::test]
async fn a_login_is_read_from_json_urlencoded_and_multipart_alike() {
    let site = Site::new().await;
    let json = format!(r#"{{"username": "ada", "password": "{PASSWORD}", "more": [1, 2]}}"#);
    let form = format!("username=ada&password={}&more=1", PASSWORD.replace(' ', "+"));
    let part = |name: &str, value: &str| {
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let multipart = format!("{}{}--x--\r\n", part("username", "ada"), part("password", PASSWORD));
    for (kind, body) in [
        ("application/json", &json),
        ("text/plain", &json),
        ("", &json),
        ("application/x-www-form-urlencoded", &json),
        ("application/x-www-form-urlencoded", &form),
        ("text/plain", &form),
        ("multipart/form-data; boundary=x", &multipart),
    ] {
        let answer = site.browser().send(Method::POST, "/login/", kind, Body::from(body.clone())).await;
        assert_eq!(answer.status, 303, "{kind}: {body}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_is_no_object_or_no_text_is_422() {
    let site = Site::new().await;
    for path in
        ["/login/", "/logout/", "/register/", "/change-password/", "/password-reset/", "/confirm-email/"]
    {
        for body in ["[]", "1", "null", "\"x\"", "{", r#"{"format": 1}"#] {
            let body = Body::from(body);
            let answer = site.browser().send(Method::POST, path, "application/json", body).await;
            assert_eq!(answer.status, 422, "{path}: {}", answer.body);
        }
    }
    for body in [r#"{"username": 1, "password": "x"}"#, r#"{"username": "ada", "password": ["x"]}"#] {
        let answer = site.browser().send(Method::POST, "/login/", "application/json", Body::from(body)).await;
        assert_eq!(answer.status, 422, "{body}");
    }
    let large = Body::from(format!("username={}", "a".repeat(100_000)));
    let answer = site.browser().send(Method::POST, "/login/", "", large).await;
    assert_eq!(answer.status, 413);
}
