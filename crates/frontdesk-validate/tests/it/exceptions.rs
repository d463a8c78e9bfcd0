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

const ISO: &str = "date inputs send ISO dates whatever the format, so they are always read";
const UTF8: &str = "URLs are percent-encoded as UTF-8, as the WHATWG URL standard says";
const PORT: &str = "ports above 65535 are refused";

/// Sorted by id.
pub(crate) const EXCEPTIONS: &[Exception] = &[
    exception("all-029", r#"{"ok": true, "value": {"$date": "2008-03-03"}}"#, ISO),
    exception(
        "crypt-001",
        r#"{"ok": true, "value_regex": "^\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}$"}"#,
        "plain crypt writes Argon2id",
    ),
    exception("is_date-058", r#"{"ok": true, "value": {"$date": "2008-03-03"}}"#, ISO),
    exception("is_date_in_range-042", r#"{"ok": true, "value": {"$date": "2008-03-03"}}"#, ISO),
    exception(
        "is_ipv4-051",
        r#"{"ok": true, "value": "10.0.0.1"}"#,
        "private networks are those of RFC 1918, 10/8 too",
    ),
    exception("is_url-009", r#"{"ok": true, "value": "http://xn--fiq13b.com/%E4%BA%86"}"#, UTF8),
    exception("is_url-039", r#"{"ok": false, "error": "Enter a valid URL"}"#, PORT),
    exception("is_url-128", r#"{"ok": false, "error": "Enter a valid URL"}"#, PORT),
    exception("is_url-162", r#"{"ok": true, "value": "http://google.com/a%E4%B8%ADb"}"#, UTF8),
    exception("is_url-167", r#"{"ok": true, "value": "ftp://xn--bcher-kva.ch/%E4%BA%86"}"#, UTF8),
];
