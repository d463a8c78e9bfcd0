//! A browser, as far as this site needs one: it keeps cookies, follows links, and submits forms as they stand.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use scraper::{ElementRef, Html, Selector};
use tower::ServiceExt;

pub(crate) struct Visitor {
    app: Router,
    /// Who it is, where that is not left to the site.
    pub(crate) actor: Option<frontdesk_data::Actor>,
    cookies: BTreeMap<String, String>,
}

pub(crate) struct Page {
    pub(crate) address: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    document: OnceCell<Html>,
}

/// A form as a browser submits it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filled {
    pub(crate) action: String,
    is_multipart: bool,
    pub(crate) fields: Vec<(String, String)>,
    /// Inputs of files: their names, and what was chosen.
    files: Vec<(String, Option<Chosen>)>,
}

/// A file: its name and its content.
type Chosen = (String, Vec<u8>);

impl Visitor {
    pub(crate) fn new(app: Router) -> Self {
        Self { app, actor: None, cookies: BTreeMap::new() }
    }

    /// Sets a cookie, as if the site had.
    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Throws all cookies away.
    pub(crate) fn forget(&mut self) {
        self.cookies.clear();
    }

    pub(crate) async fn send(&mut self, request: http::request::Builder, body: impl Into<Body>) -> Page {
        let mut request: Request<Body> = request.body(body.into()).unwrap();
        let address = request.uri().to_string();
        if !request.headers().contains_key(HOST) {
            request.headers_mut().insert(HOST, "127.0.0.1:8000".parse().unwrap());
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        if let Some(actor) = &self.actor {
            request.extensions_mut().insert(actor.clone());
        }
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Page { address, status: parts.status, headers: parts.headers, body, document: OnceCell::new() }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Page {
        self.send(Request::get(address), Body::empty()).await
    }

    /// Submits a form, and follows where it leads.
    pub(crate) async fn submit(&mut self, form: &Filled) -> Page {
        let (kind, body) = form.body();
        let page = self.send(Request::post(&form.action).header(CONTENT_TYPE, kind), body).await;
        match page.headers.get(LOCATION) {
            Some(location) => {
                assert_eq!(page.status, StatusCode::SEE_OTHER);
                let location = location.to_str().unwrap().to_owned();
                self.get(&location).await
            }
            None => page,
        }
    }

    /// Opens a page and gives its form.
    pub(crate) async fn form(&mut self, address: &str) -> Filled {
        let page = self.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        page.form().unwrap_or_else(|| panic!("{address} has no form"))
    }

    pub(crate) async fn method(&mut self, method: Method, address: &str) -> Page {
        self.send(Request::builder().method(method).uri(address), Body::empty()).await
    }
}

fn selector(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The page, parsed once.
    pub(crate) fn document(&self) -> &Html {
        self.document.get_or_init(|| Html::parse_document(&self.text()))
    }

    /// The texts of all elements that match, white space as one blank.
    pub(crate) fn texts(&self, matching: &str) -> Vec<String> {
        let document = self.document();
        let text = |element: ElementRef<'_>| {
            let text: String = element.text().collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        document.select(&selector(matching)).map(text).collect()
    }

    /// The addresses of all links that match.
    pub(crate) fn links(&self, matching: &str) -> Vec<String> {
        let document = self.document();
        let matching = selector(matching);
        document.select(&matching).filter_map(|link| link.attr("href").map(str::to_owned)).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The page's form that is posted, as a browser would submit it untouched.
    pub(crate) fn form(&self) -> Option<Filled> {
        let document = self.document();
        // The button to sign out is a form, too: that of the page comes first.
        let of_page = document.select(&selector("main form[method=post]")).next();
        let form = of_page.or_else(|| document.select(&selector("form[method=post]")).next())?;
        let mut filled = Filled {
            action: form.attr("action").map_or_else(|| self.address.clone(), str::to_owned),
            is_multipart: form.attr("enctype") == Some("multipart/form-data"),
            ..Filled::default()
        };
        for control in form.select(&selector("input, select, textarea")) {
            // What has no name is not submitted.
            let Some(name) = control.attr("name").filter(|name| !name.is_empty()) else { continue };
            filled.add(name, control);
        }
        Some(filled)
    }
}

impl Filled {
    fn add(&mut self, name: &str, control: ElementRef<'_>) {
        let mut push = |value: String| self.fields.push((name.to_owned(), value));
        match control.value().name() {
            "textarea" => {
                let text: String = control.text().collect();
                push(text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n"));
            }
            "select" => {
                let options: Vec<_> = control.select(&selector("option")).collect();
                let chosen: Vec<_> =
                    options.iter().filter(|option| option.attr("selected").is_some()).collect();
                let is_multiple = control.attr("multiple").is_some();
                // A drop-down list always has something chosen: the last of what is marked, else the first option.
                let chosen = match (is_multiple, chosen.last()) {
                    (true, _) => chosen,
                    (false, Some(last)) => vec![*last],
                    (false, None) => options.first().into_iter().collect(),
                };
                for option in chosen {
                    let text =
                        || option.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
                    push(option.attr("value").map_or_else(text, str::to_owned));
                }
            }
            _ => match control.attr("type").unwrap_or("text") {
                "file" => self.files.push((name.to_owned(), None)),
                "checkbox" | "radio" if control.attr("checked").is_none() => {}
                // These hold one line: browsers take the ends of lines out.
                "text" | "search" | "tel" | "url" | "email" | "password" => {
                    push(control.attr("value").unwrap_or_default().replace(['\n', '\r'], ""));
                }
                _ => push(control.attr("value").unwrap_or("on").to_owned()),
            },
        }
    }

    /// Types something into a control, in place of what is there.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        assert!(name.starts_with('_') || self.has(name), "the form has no control `{name}`");
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Chooses a file.
    pub(crate) fn file(mut self, name: &str, file_name: &str, content: &[u8]) -> Self {
        let input = self.files.iter_mut().find(|(known, _)| known == name);
        input.expect("the form has such an input").1 = Some((file_name.to_owned(), content.to_vec()));
        self
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    fn body(&self) -> (String, Vec<u8>) {
        if !self.is_multipart {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish();
            return ("application/x-www-form-urlencoded".to_owned(), body.into_bytes());
        }
        const EDGE: &str = "----edge-7d81b1c5";
        let escaped = |name: &str| name.replace('\n', "%0A").replace('\r', "%0D").replace('"', "%22");
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head =
                format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", escaped(name));
            body.extend(head.into_bytes().into_iter().chain(value.bytes()).chain(*b"\r\n"));
        }
        for (name, file) in &self.files {
            let (file_name, content) = file.clone().unwrap_or_default();
            let head = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: \
                 application/octet-stream\r\n\r\n",
                escaped(name),
                escaped(&file_name),
            );
            body.extend(head.into_bytes().into_iter().chain(content).chain(*b"\r\n"));
        }
        body.extend(format!("--{EDGE}--\r\n").into_bytes());
        (format!("multipart/form-data; boundary={EDGE}"), body)
    }
}
