use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};

use crate::Form;

impl Form {
    /// Answers with a page that holds this form: the form's status, the cookie that binds it to the browser where that is
    /// new, and no caching.
    ///
    /// For a page of several forms see [`respond_all`].
    pub fn respond(&self, page: impl Into<String>) -> Response {
        respond_all(page, [self])
    }

    /// Answers with [`as_json`](Self::as_json), for clients that draw forms themselves.
    pub fn respond_json(&self) -> Response {
        let mut response = axum::Json(self.as_json()).into_response();
        apply_all(&mut response, [self]);
        response
    }

    /// Gives a response of the application's own what this form needs: the status, the cookie, no caching. Without the
    /// cookie a browser that is new here cannot submit the form.
    pub fn apply(&self, response: &mut Response) {
        apply_all(response, [self]);
    }
}

/// Answers with a page that holds several forms: the status of the one that was submitted, if one was.
///
/// ```
/// # use frontdesk_forms::{Form, respond_all};
/// fn page(first: &Form, second: &Form) -> axum::response::Response {
///     respond_all(format!("{first}{second}"), [first, second])
/// }
/// ```
pub fn respond_all<'f>(page: impl Into<String>, forms: impl IntoIterator<Item = &'f Form>) -> Response {
    let mut response = Response::new(Body::from(page.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    apply_all(&mut response, forms);
    response
}

fn apply_all<'f>(response: &mut Response, forms: impl IntoIterator<Item = &'f Form>) {
    let mut cookies: Vec<&HeaderValue> = Vec::new();
    let mut answer = None;
    for form in forms {
        if form.submitted() {
            *response.status_mut() = form.status();
        }
        answer = answer.or(form.answer());
        // The forms of a page share the browser's random value.
        let new = form.cookies().iter().filter(|cookie| !cookies.contains(cookie));
        cookies = cookies.iter().copied().chain(new).collect();
    }
    let status = response.status();
    let headers = response.headers_mut();
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie.clone());
    }
    if status == http::StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(answer) = answer {
        answer.apply(response);
    }
}

/// A small page with nothing but the form.
impl IntoResponse for Form {
    fn into_response(self) -> Response {
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"{2}\" dir=\"{3}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{0}</title></head>\
             <body><main><h1>{0}</h1>{1}</main></body></html>",
            frontdesk_html::Markup::escaped(self.table().map_or(self.name(), |table| &table.label)),
            self.html(),
            frontdesk_html::Markup::escaped(self.language().tag()),
            self.language().direction().as_str(),
        );
        self.respond(page)
    }
}
