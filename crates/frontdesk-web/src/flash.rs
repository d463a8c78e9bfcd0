//! Messages that survive one redirect.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{CookieScope, cookie};

const NAME: &str = "_flash";

/// One message: plain text, to be escaped where it is shown, and a class such as `success`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlashMessage {
    /// The text.
    #[serde(rename = "m")]
    pub message: String,
    /// What kind of message it is: `success`, `info`, `warning`, `error`.
    #[serde(rename = "c")]
    pub class: String,
}

/// The message that the request before left, taken out by reading it.
///
/// As an extractor it reads the cookie; returned with the page, it removes the cookie. A message is text from this
/// site's own cookie: show it escaped, and never act on it.
///
/// ```
/// use axum::response::{Html, IntoResponse};
/// use frontdesk_web::Flash;
///
/// async fn page(flash: Flash) -> impl IntoResponse {
///     let message = flash.message().map_or(String::new(), |flash| flash.message.clone());
///     (flash, format!("told: {message}"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Flash {
    message: Option<FlashMessage>,
    scope: CookieScope,
    present: bool,
}

impl Flash {
    /// Reads the message from a request's headers.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        // Over HTTPS it has a name that no neighbouring site can set: nobody else puts words into this site's mouth.
        let scope = CookieScope::of(headers);
        let text = cookie(headers, &scope.own(NAME));
        let message = text
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { message, scope, present: text.is_some() }
    }

    /// The message, if there is one.
    pub fn message(&self) -> Option<&FlashMessage> {
        self.message.as_ref()
    }
}

impl<S: Sync> FromRequestParts<S> for Flash {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_headers(&parts.headers))
    }
}

impl IntoResponseParts for Flash {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        if self.present {
            response.headers_mut().append(SET_COOKIE, self.scope.removal(&self.scope.own(NAME)));
        }
        Ok(response)
    }
}

/// Sends the visitor to `location` by GET (303), with a message for the page there.
///
/// `request` are the headers of the request that is answered; they tell whether the cookie may be `Secure`. A location
/// that is no valid header value becomes `/`; a message longer than 2,000 bytes is cut, since browsers drop large cookies.
pub fn redirect_with_flash(request: &HeaderMap, location: &str, message: &str, class: &str) -> Response {
    let message = FlashMessage {
        message: message[..message.floor_char_boundary(2000)].to_owned(),
        class: class.to_owned(),
    };
    let text = serde_json::to_vec(&message).expect("texts are JSON");
    let scope = CookieScope::of(request);
    let cookie = scope.session(&scope.own(NAME), &URL_SAFE_NO_PAD.encode(text));
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location), (SET_COOKIE, cookie)]).into_response()
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    #[test]
    fn a_message_survives_the_redirect_and_is_removed_when_shown() {
        let response = redirect_with_flash(&HeaderMap::new(), "/there", "größer & <b>", "success");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let set = response.headers()[SET_COOKIE].to_str().unwrap();
        let pair = set.split(';').next().unwrap();

        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(pair).unwrap())]);
        let flash = Flash::from_headers(&headers);
        assert_eq!(flash.message().unwrap().message, "größer & <b>");
        let shown = (flash, "page").into_response();
        assert!(shown.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn a_broken_cookie_is_no_message() {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("__Host-_flash=%%%"))]);
        let flash = Flash::from_headers(&headers);
        assert!(flash.present && flash.message().is_none());
    }

    #[test]
    fn a_neighbouring_site_says_nothing_here() {
        let text = URL_SAFE_NO_PAD.encode(br#"{"m":"call 555 to keep your account","c":"error"}"#);
        for (name, is_heard) in [("_flash", false), ("__Host-_flash", true)] {
            let cookie = HeaderValue::try_from(format!("{name}={text}")).unwrap();
            let headers = HeaderMap::from_iter([(COOKIE, cookie)]);
            assert_eq!(Flash::from_headers(&headers).message().is_some(), is_heard, "{name}");
        }
    }
}
