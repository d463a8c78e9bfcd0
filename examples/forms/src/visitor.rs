//! A browser, as far as the examples' tests need one.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// A picture of one pixel.
pub(crate) const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0,
    1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x60, 0,
    0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

pub(crate) struct Visitor {
    app: Router,
    cookies: Vec<String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) html: String,
}

impl Visitor {
    pub(crate) fn new(app: &Router) -> Self {
        Self { app: app.clone(), cookies: Vec::new() }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let request = request.header(COOKIE, self.cookies.join("; ")).body(body).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = pair.split('=').next().unwrap().to_owned();
            self.cookies.retain(|known| known.split('=').next() != Some(&name));
            self.cookies.push(pair);
        }
        let location = response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, location, html: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends the form of a page that was opened before, filled in.
    pub(crate) async fn send_form(&mut self, path: &str, opened: &Answer, values: &[(&str, &str)]) -> Answer {
        let pairs = opened.filled_in(values);
        let body: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body.join("&"))).await
    }

    /// The same with files: field, name, content.
    pub(crate) async fn send_files(
        &mut self,
        path: &str,
        opened: &Answer,
        values: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in opened.filled_in(values) {
            let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.bytes());
        }
        for (name, file, content) in files {
            let head = format!(
                "--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n"
            );
            body.extend([head.as_bytes(), content, b"\r\n"].concat());
        }
        body.extend(b"--XX--\r\n");
        let request = Request::post(path).header(CONTENT_TYPE, "multipart/form-data; boundary=XX");
        self.send(request, Body::from(body)).await
    }

    /// Opens a page, fills its form in, and sends it.
    pub(crate) async fn submit(&mut self, path: &str, values: &[(&str, &str)]) -> Answer {
        let opened = self.get(path).await;
        self.send_form(path, &opened, values).await
    }
}

impl Answer {
    fn filled_in<'v>(&self, values: &[(&'v str, &str)]) -> Vec<(&'v str, String)> {
        let mut pairs = vec![("_formname", self.hidden("_formname")), ("_formkey", self.hidden("_formkey"))];
        pairs.extend(values.iter().map(|(name, value)| (*name, (*value).to_owned())));
        pairs
    }

    /// The value of a hidden input.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let Some(at) = self.html.find(&start) else { return String::new() };
        self.html[at + start.len()..].split('"').next().unwrap_or_default().to_owned()
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
