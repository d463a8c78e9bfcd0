//! A browser, as far as forms need one: it keeps its cookie, and reads pages with a real HTML parser.

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use frontdesk_forms::{Desk, Form, FormError, FormRequest, FormSpec};
use frontdesk_web::Secret;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use scraper::{ElementRef, Html, Selector};

/// A picture of one pixel.
pub(crate) const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0,
    1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x60, 0,
    0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

pub(crate) struct Visitor {
    pub(crate) desk: Desk,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) cookies: std::collections::BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) html: String,
    document: Html,
    pub(crate) form: Option<Form>,
}

/// The form as HTML. Whatever it was put together from, it is what is drawn piece by piece.
fn drawn(form: &Form) -> String {
    let (html, pieces) = (form.to_string(), form.custom());
    // A proof of work is another one each time.
    if !pieces.begin.as_str().contains("challenge") {
        assert!(html.starts_with(pieces.begin.as_str()), "{} begins\n{html}", pieces.begin);
    }
    for piece in pieces.blocks.values().chain(pieces.children.values()).chain([&pieces.submit, &pieces.end]) {
        assert!(html.contains(piece.as_str()), "{piece} is not in\n{html}");
    }
    html
}

impl Visitor {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::new(Secret::random()).upload_folder(folder.path());
        Self { desk, folder, cookies: Default::default(), headers: HeaderMap::new() }
    }

    pub(crate) fn request(
        &self,
        method: Method,
        uri: &str,
        kind: &str,
        body: impl Into<Body>,
    ) -> FormRequest {
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.insert(COOKIE, HeaderValue::from_str(&pairs.join("; ")).unwrap());
        }
        if !kind.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_str(kind).unwrap());
        }
        FormRequest::new(self.desk.clone(), method, uri.parse().unwrap(), headers, body.into())
    }

    pub(crate) async fn send(
        &mut self,
        spec: &FormSpec,
        mut request: FormRequest,
    ) -> Result<Page, FormError> {
        let form = spec.process(&mut request).await?;
        let response = form.respond(drawn(&form));
        Ok(self.page(response, Some(form)).await)
    }

    async fn page(&mut self, response: Response, form: Option<Form>) -> Page {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let html = String::from_utf8(body.to_vec()).unwrap();
        Page { status, document: Html::parse_document(&html), html, form }
    }

    /// A page that an application made of pieces.
    pub(crate) fn read(&self, html: String) -> Page {
        Page { status: StatusCode::OK, document: Html::parse_document(&html), html, form: None }
    }

    pub(crate) async fn get(&mut self, spec: &FormSpec) -> Page {
        let request = self.request(Method::GET, "/", "", Body::empty());
        self.send(spec, request).await.unwrap()
    }

    /// Opens the form, fills it in, and submits it as urlencoded.
    pub(crate) async fn submit(&mut self, spec: &FormSpec, values: &[(&str, &str)]) -> Page {
        let mut pairs = self.get(spec).await.hidden();
        pairs.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body = encode(&pairs);
        let request = self.request(Method::POST, "/", "application/x-www-form-urlencoded", body);
        self.send(spec, request).await.unwrap()
    }

    /// As [`submit`](Self::submit), as multipart with files: name, file name, content.
    pub(crate) async fn upload(
        &mut self,
        spec: &FormSpec,
        values: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let mut pairs = self.get(spec).await.hidden();
        pairs.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut body = Vec::new();
        for (name, value) in &pairs {
            body.extend(
                format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (name, file, content) in files {
            let head = format!(
                "--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"--XX--\r\n");
        let request = self.request(Method::POST, "/", "multipart/form-data; boundary=XX", body);
        self.send(spec, request).await.unwrap()
    }

    pub(crate) async fn submit_json(&mut self, spec: &FormSpec, values: serde_json::Value) -> Page {
        let form = self.get(spec).await.form.unwrap().as_json();
        let mut body = form["hidden"].clone();
        for (name, value) in values.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = self.request(Method::POST, "/", "application/json", body.to_string());
        self.send(spec, request).await.unwrap()
    }

    pub(crate) fn stored(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".incoming")
            .collect();
        names.sort();
        names
    }

    pub(crate) fn quarantined(&self) -> usize {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join(".incoming")) else { return 0 };
        entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count()
    }
}

pub(crate) fn encode(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

impl Page {
    pub(crate) fn form(&self) -> &Form {
        self.form.as_ref().unwrap()
    }

    pub(crate) fn select(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.document.select(&Selector::parse(selector).unwrap()).collect()
    }

    pub(crate) fn attr(&self, selector: &str, name: &str) -> Option<String> {
        self.select(selector).first()?.attr(name).map(str::to_owned)
    }

    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        let inputs = self.select("input[type=hidden]").into_iter();
        inputs
            .map(|e| (e.attr("name").unwrap().to_owned(), e.attr("value").unwrap_or_default().to_owned()))
            .collect()
    }

    /// What a control shows: the text of an input or textarea, the chosen option.
    pub(crate) fn value_of(&self, name: &str) -> Option<String> {
        let found = self.select(&format!("[name=\"{name}\"]"));
        let element = found.first()?;
        match element.value().name() {
            "textarea" => Some(element.text().collect()),
            "select" => {
                let chosen = self.select(&format!("[name=\"{name}\"] option[selected]"));
                chosen.first().and_then(|option| option.attr("value")).map(str::to_owned)
            }
            _ => match element.attr("type") {
                Some("radio" | "checkbox") => found
                    .iter()
                    .find(|e| e.attr("checked").is_some())
                    .and_then(|e| e.attr("value"))
                    .map(str::to_owned),
                _ => element.attr("value").map(str::to_owned),
            },
        }
    }

    /// The error that is tied to a control by `aria-describedby`.
    pub(crate) fn error_of(&self, name: &str) -> Option<String> {
        let control = self.attr(
            &format!("[name=\"{name}\"][aria-describedby], [aria-describedby]:has([name=\"{name}\"])"),
            "aria-describedby",
        )?;
        let id = control.split(' ').find(|id| id.ends_with("_error"))?;
        Some(self.select(&format!("[id=\"{id}\"]")).first()?.text().collect())
    }

    pub(crate) fn alert(&self) -> Option<String> {
        Some(self.select("[role=alert] > p:not(.fd-summary-title)").first()?.text().collect())
    }
}

/// The answer to an error, as axum would send it.
pub(crate) fn status(error: FormError) -> StatusCode {
    error.into_response().status()
}

/// The inputs of a piece of HTML: name and value.
pub(crate) fn inputs(html: &str) -> std::collections::BTreeMap<String, String> {
    let fragment = Html::parse_fragment(html);
    let selector = Selector::parse("input[name]").unwrap();
    let inputs = fragment.select(&selector);
    inputs
        .map(|e| (e.attr("name").unwrap().to_owned(), e.attr("value").unwrap_or_default().to_owned()))
        .collect()
}
