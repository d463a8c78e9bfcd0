//! The fields of a POST: as JSON, urlencoded or multipart, all alike.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use frontdesk_web::Problem;
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value as Json;

/// What a body may bring: names, passwords, the answer of a passkey, the token of a CAPTCHA.
const MOST_BYTES: usize = 64 << 10;
/// How many fields.
const MOST_FIELDS: usize = 200;
/// How long a client may take to send it.
const MOST_TIME: Duration = Duration::from_secs(30);

/// The fields of a POST, by name.
///
/// The content type is looked at for `multipart/form-data` alone: a body that parses as JSON is JSON, any other is
/// urlencoded. Names that nobody asks for are passed over.
#[derive(Default)]
pub(crate) struct Input {
    fields: Vec<(String, Text)>,
}

enum Text {
    Is(String),
    /// JSON's null, which is as good as nothing.
    Absent,
    /// A number, a list, a file.
    No,
}

/// Why a body could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InputError {
    #[error("The request is too large.")]
    TooLarge,
    #[error("The request did not arrive whole.")]
    Incomplete,
    #[error("A JSON object or a form is expected.")]
    NotAnObject,
    #[error("The JSON is not valid.")]
    Malformed,
    #[error("The field {0} is not text.")]
    NotText(String),
}

impl InputError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::NotAnObject | Self::Malformed | Self::NotText(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl IntoResponse for InputError {
    fn into_response(self) -> Response {
        Problem::new(self.status()).detail(self.to_string()).into_response()
    }
}

impl Input {
    /// Reads a body. The fields called `known`, and `format`, have to be texts.
    ///
    /// # Errors
    /// Why it cannot be read, or which field is no text.
    pub(crate) async fn read(headers: &HeaderMap, body: Body, known: &[&str]) -> Result<Self, InputError> {
        let bytes =
            tokio::time::timeout(MOST_TIME, collect(body)).await.map_err(|_| InputError::Incomplete)??;
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let input = match multer::parse_boundary(kind) {
            Ok(boundary) => Self::multipart(bytes, boundary).await?,
            Err(_) => Self::of_text(kind, &bytes)?,
        };
        let odd = input
            .fields
            .iter()
            .find(|(name, text)| matches!(text, Text::No) && (name == "format" || known.contains(&&**name)));
        match odd {
            Some((name, _)) => Err(InputError::NotText(name.clone())),
            None => Ok(input),
        }
    }

    fn of_text(kind: &str, bytes: &[u8]) -> Result<Self, InputError> {
        match serde_json::from_slice(bytes) {
            Ok(Json::Object(members)) => {
                if members.len() > MOST_FIELDS {
                    return Err(InputError::TooLarge);
                }
                let text = |json| match json {
                    Json::String(text) => Text::Is(text),
                    Json::Null => Text::Absent,
                    _ => Text::No,
                };
                Ok(Self { fields: members.into_iter().map(|(name, json)| (name, text(json))).collect() })
            }
            Ok(_) => Err(InputError::NotAnObject),
            Err(_) if is_json(kind) => Err(InputError::Malformed),
            Err(_) => {
                let mut fields = Vec::new();
                for (name, text) in form_urlencoded::parse(bytes) {
                    if fields.len() == MOST_FIELDS {
                        return Err(InputError::TooLarge);
                    }
                    fields.push((name.into_owned(), Text::Is(text.into_owned())));
                }
                Ok(Self { fields })
            }
        }
    }

    async fn multipart(bytes: Vec<u8>, boundary: String) -> Result<Self, InputError> {
        let stream = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes)]);
        let mut parts = multer::Multipart::new(stream, boundary);
        let mut fields = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(|_| InputError::Incomplete)? {
            if fields.len() == MOST_FIELDS {
                return Err(InputError::TooLarge);
            }
            let name = part.name().unwrap_or_default().to_owned();
            let text = match part.file_name() {
                Some(_) => Text::No,
                None => {
                    let bytes = part.bytes().await.map_err(|_| InputError::Incomplete)?;
                    Text::Is(String::from_utf8_lossy(&bytes).into_owned())
                }
            };
            fields.push((name, text));
        }
        Ok(Self { fields })
    }

    /// The first text of that name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let named = self.fields.iter().find(|(known, _)| known == name);
        named.and_then(|(_, text)| match text {
            Text::Is(text) => Some(&**text),
            Text::Absent | Text::No => None,
        })
    }

    /// The first text of that name, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Whether the answer is to be a page.
    pub(crate) fn wants_html(&self) -> bool {
        self.text("format") == Some("html")
    }
}

async fn collect(body: Body) -> Result<Vec<u8>, InputError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| InputError::Incomplete)?;
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(InputError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Whether a GET asks for JSON rather than for a page.
pub(crate) fn accepts_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(http::header::ACCEPT).map(HeaderValue::to_str);
    accept
        .and_then(Result::ok)
        .is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: &str, body: impl Into<Body>) -> Result<Input, InputError> {
        let mut headers = HeaderMap::new();
        if !kind.is_empty() {
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        }
        Input::read(&headers, body.into(), &["username", "password"]).await
    }

    #[tokio::test]
    async fn json_urlencoded_and_multipart_are_read_alike() {
        let multipart = "--x\r\ncontent-disposition: form-data; name=\"username\"\r\n\r\nada é\r\n\
                         --x\r\ncontent-disposition: form-data; name=\"password\"\r\n\r\na+b&c\r\n--x--\r\n";
        for (kind, body) in [
            ("", r#"{"username": "ada é", "password": "a+b&c", "more": [1]}"#),
            ("text/plain", r#"{"username": "ada é", "password": "a+b&c"}"#),
            (
                "application/x-www-form-urlencoded",
                r#" {"username": "ada é", "password": "a+b&c", "format": null}"#,
            ),
            ("application/x-www-form-urlencoded", "username=ada+%C3%A9&password=a%2Bb%26c&username=eve"),
            ("", "username=ada+%C3%A9&password=a%2Bb%26c"),
            ("multipart/form-data; boundary=x", multipart),
        ] {
            let input = read(kind, body).await.unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!(input.text("username"), Some("ada é"), "{body}");
            assert_eq!(input.filled("password"), Some("a+b&c"), "{body}");
            assert!(!input.wants_html());
        }
        assert!(read("", "format=html").await.unwrap().wants_html());
        assert!(read("", "").await.unwrap().text("username").is_none());
    }

    #[tokio::test]
    async fn what_is_no_object_or_no_text_is_refused() {
        for body in ["[]", "1", "null", "\"x\"", "[[[[["] {
            let error = read("application/json", body).await.err().unwrap();
            assert_eq!(error.status(), 422, "{body}");
        }
        for body in [r#"{"username": 1}"#, r#"{"password": ["x"]}"#, r#"{"format": {}}"#] {
            let error = read("", body).await.err().unwrap();
            assert!(matches!(error, InputError::NotText(_)), "{body}");
        }
        let file =
            "--x\r\ncontent-disposition: form-data; name=\"password\"; filename=\"a\"\r\n\r\nx\r\n--x--\r\n";
        let error = read("multipart/form-data; boundary=x", file).await.err().unwrap();
        assert_eq!(error, InputError::NotText("password".to_owned()));
    }

    #[tokio::test]
    async fn what_is_too_much_is_refused() {
        let long = format!("username={}", "a".repeat(MOST_BYTES));
        assert_eq!(read("", long).await.err(), Some(InputError::TooLarge));
        assert_eq!(read("", "a=1&".repeat(MOST_FIELDS + 1)).await.err(), Some(InputError::TooLarge));
        let cut = "--x\r\ncontent-disposition: form-data; name=\"password\"\r\n\r\nx";
        assert_eq!(read("multipart/form-data; boundary=x", cut).await.err(), Some(InputError::Incomplete));
        let deep = format!("{{\"a\":{}", "[".repeat(60_000));
        assert_eq!(read("application/json", deep).await.err(), Some(InputError::Malformed));
    }
}
