//! The vectors that we answer otherwise, knowingly: each with our answer and the reason, which rests on the project's
//! table of differences.

use serde_json::Value as Json;

/// A vector that does not hold here.
pub(crate) struct Exception {
    pub(crate) id: &'static str,
    /// What we answer: an outcome as in the vectors.
    pub(crate) ours: &'static str,
    pub(crate) reason: &'static str,
}

impl Exception {
    pub(crate) fn answer(&self) -> Json {
        serde_json::from_str(self.ours).unwrap_or_else(|error| panic!("{}: {error}", self.id))
    }
}

const fn exception(id: &'static str, ours: &'static str, reason: &'static str) -> Exception {
    Exception { id, ours, reason }
}

const UTF8: &str = "URLs are percent-encoded as UTF-8, as the WHATWG URL standard says";
const PORT: &str = "ports above 65535 are refused";

/// Sorted by id.
pub(crate) const EXCEPTIONS: &[Exception] = &[
    exception("is_url-009", r#"{"ok": true, "value": "http://xn--fiq13b.com/%E4%BA%86"}"#, UTF8),
    exception("is_url-039", r#"{"ok": false, "error": "Enter a valid URL"}"#, PORT),
    exception("is_url-128", r#"{"ok": false, "error": "Enter a valid URL"}"#, PORT),
    exception("is_url-162", r#"{"ok": true, "value": "http://google.com/a%E4%B8%ADb"}"#, UTF8),
    exception("is_url-167", r#"{"ok": true, "value": "ftp://xn--bcher-kva.ch/%E4%BA%86"}"#, UTF8),
];
