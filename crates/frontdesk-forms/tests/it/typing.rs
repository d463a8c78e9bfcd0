//! What a browser would submit from a page, to be changed as somebody types.

use axum::body::Body;
use frontdesk_forms::FormSpec;
use http::Method;
use scraper::ElementRef;

use crate::visitor::{Page, Visitor, encode};

/// The controls of a page as they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typing {
    pub(crate) pairs: Vec<(String, String)>,
    files: Vec<(String, String, Vec<u8>)>,
    file_inputs: Vec<String>,
}

impl Page {
    /// What a browser would submit, if the form's own button were pressed now.
    pub(crate) fn typing(&self) -> Typing {
        let mut typing = Typing::default();
        for element in self.select("form input, form select, form textarea") {
            let is_out = |around: ElementRef<'_>| {
                around.value().name() == "template" || around.attr("disabled").is_some()
            };
            if is_out(element) || element.ancestors().filter_map(ElementRef::wrap).any(is_out) {
                continue;
            }
            let Some(name) = element.attr("name") else { continue };
            let mut add = |value: &str| typing.pairs.push((name.to_owned(), value.to_owned()));
            match (element.value().name(), element.attr("type").unwrap_or_default()) {
                ("textarea", _) => add(&element.text().collect::<String>().replace('\n', "\r\n")),
                ("select", _) => {
                    let all = scraper::Selector::parse("option").unwrap();
                    let chosen = element.select(&all).filter(|option| option.attr("selected").is_some());
                    let chosen: Vec<_> = chosen.collect();
                    let one = element.attr("multiple").is_none();
                    let first = element.select(&all).next().filter(|_| chosen.is_empty() && one);
                    for option in chosen.into_iter().chain(first) {
                        add(option.attr("value").unwrap_or_default());
                    }
                }
                (_, "submit" | "button" | "image" | "reset") => {}
                (_, "file") => typing.file_inputs.push(name.to_owned()),
                (_, "checkbox" | "radio") => {
                    if element.attr("checked").is_some() {
                        add(element.attr("value").unwrap_or("on"));
                    }
                }
                _ => add(element.attr("value").unwrap_or_default()),
            }
        }
        typing
    }
}

impl Typing {
    /// Types into a control, or chooses, or ticks.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        match self.pairs.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value.to_owned(),
            None => self.pairs.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Unticks, or leaves a control out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(known, _)| known != name);
        self
    }

    /// Leaves out all controls whose name begins so, and what says that they were drawn.
    pub(crate) fn without_all(mut self, start: &str) -> Self {
        self.pairs.retain(|(known, _)| !known.starts_with(start));
        self.file_inputs.retain(|known| !known.starts_with(start));
        self
    }

    /// Chooses a file.
    pub(crate) fn file(mut self, name: &str, file: &str, content: &[u8]) -> Self {
        self.files.push((name.to_owned(), file.to_owned(), content.to_owned()));
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    fn multipart(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.pairs {
            let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.bytes());
        }
        let chosen = |name: &String| self.files.iter().any(|(known, ..)| known == name);
        let empty = self.file_inputs.iter().filter(|name| !chosen(name));
        let empty = empty.map(|name| (name.clone(), String::new(), Vec::new()));
        for (name, file, content) in self.files.iter().cloned().chain(empty) {
            let head = format!(
                "--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend(content);
            body.extend(b"\r\n");
        }
        body.extend(b"--XX--\r\n");
        body
    }
}

impl Visitor {
    /// Another browser in front of the same application.
    pub(crate) fn another(&self) -> Self {
        Self { desk: self.desk.clone(), ..Self::new() }
    }

    pub(crate) fn request_of(&self, typing: &Typing) -> frontdesk_forms::FormRequest {
        if typing.file_inputs.is_empty() && typing.files.is_empty() {
            let kind = "application/x-www-form-urlencoded";
            return self.request(Method::POST, "/", kind, Body::from(encode(&typing.pairs)));
        }
        self.request(Method::POST, "/", "multipart/form-data; boundary=XX", typing.multipart())
    }

    pub(crate) async fn post(&mut self, spec: &FormSpec, typing: &Typing) -> Page {
        let request = self.request_of(typing);
        self.send(spec, request).await.unwrap()
    }
}
