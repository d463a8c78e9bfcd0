//! A visitor's browser, in process.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Request, StatusCode};
use frontdesk::prelude::*;
use http_body_util::BodyExt;
use scraper::{Html, Selector};
use tower::ServiceExt;

pub(crate) struct Browser {
    app: Router,
    cookie: String,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(app: Router) -> Self {
        Self { app, cookie: String::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Opens a page, fills in its form and submits it.
    pub(crate) async fn submit(&mut self, path: &str, fields: &str) -> Page {
        let body = self.get(path).await.hidden() + fields;
        self.send(Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded"), body.into())
            .await
    }

    /// As [`submit`](Self::submit), with a file in the field `image`.
    pub(crate) async fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        file: &str,
        content: &[u8],
    ) -> Page {
        let page = self.get(path).await;
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend(format!("--sep\r\nContent-Disposition: form-data; {head}\r\n\r\n").into_bytes());
            body.extend(content.iter().chain(b"\r\n"));
        };
        for (name, value) in page.hidden_fields() {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, value) in fields {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        part(format!("name=\"image\"; filename=\"{file}\""), content);
        body.extend(b"--sep--\r\n");
        let request = Request::post(path).header(CONTENT_TYPE, "multipart/form-data; boundary=sep");
        self.send(request, body.into()).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Page {
        let request = request.header(COOKIE, &self.cookie).body(body).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            self.cookie += cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie += "; ";
        }
        let status = response.status();
        let location = response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Page { status, location, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

impl Page {
    /// The one element that matches, as HTML.
    pub(crate) fn one(&self, selector: &str) -> String {
        let html = Html::parse_document(&self.body);
        let found: Vec<_> =
            html.select(&Selector::parse(selector).unwrap()).map(|element| element.html()).collect();
        assert_eq!(found.len(), 1, "{selector} in {}", self.body);
        found.into_iter().next().unwrap()
    }

    fn hidden_fields(&self) -> Vec<(String, String)> {
        let html = Html::parse_document(&self.body);
        let inputs = Selector::parse("input[type=hidden]").unwrap();
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        html.select(&inputs).map(|input| (text(input.attr("name")), text(input.attr("value")))).collect()
    }

    fn hidden(&self) -> String {
        self.hidden_fields().iter().map(|(name, value)| format!("{name}={value}&")).collect()
    }
}

/// What becomes of a form when it is opened.
pub(crate) async fn open(spec: &FormSpec) -> Form {
    Visitor::new().open(spec).await
}

/// What becomes of a form when it is opened, filled in and submitted.
pub(crate) async fn submit(spec: &FormSpec, fields: &str) -> Form {
    Visitor::new().submit_drawn(spec, spec, fields).await
}

/// A visitor of one form, without pages.
pub(crate) struct Visitor {
    desk: Desk,
}

impl Visitor {
    pub(crate) fn new() -> Self {
        Self { desk: Desk::new(Secret::random()) }
    }

    pub(crate) async fn open(&self, spec: &FormSpec) -> Form {
        let request = Request::get("/").body(Body::empty()).unwrap();
        spec.process(&mut self.request(request)).await.unwrap()
    }

    /// Submits to `spec` the form that `drawn` drew.
    pub(crate) async fn submit_drawn(&self, drawn: &FormSpec, spec: &FormSpec, fields: &str) -> Form {
        let form = self.open(drawn).await;
        let cookie = form.respond("").headers().get(SET_COOKIE).cloned();
        let hidden = form.as_json()["hidden"].as_object().unwrap().clone();
        let hidden: String =
            hidden.iter().map(|(name, value)| format!("{name}={}&", value.as_str().unwrap())).collect();
        let mut request = Request::post("/").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie.to_str().unwrap().split(';').next().unwrap());
        }
        spec.process(&mut self.request(request.body(Body::from(hidden + fields)).unwrap())).await.unwrap()
    }

    fn request(&self, request: Request<Body>) -> FormRequest {
        let (head, body) = request.into_parts();
        FormRequest::new(self.desk.clone(), head.method, head.uri, head.headers, body)
    }
}
