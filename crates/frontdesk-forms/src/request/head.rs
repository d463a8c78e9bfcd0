//! What forms ask of a request's headers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_web::{CookieScope, LANGUAGE_COOKIE, Provenance, cookie_pairs};
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::URLENCODED;

/// The name of the cookie that binds forms to a browser, where the site has no certificate and where it has one: see
/// [`CookieScope::own`].
const NAMES: [&str; 2] = ["_formkey", "__Host-_formkey"];

/// What forms ask of a request's headers, found in one pass over them: looking each of them up costs more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// Whether the headers say that another site made the request.
    pub(super) is_foreign: bool,
    /// How cookies are set.
    pub(super) scope: CookieScope,
    /// The browser's random value, where it has one.
    pub(super) nonce: Option<Nonce>,
    /// Whether they say anything about languages.
    pub(super) wishes_language: bool,
}

/// What kind of body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Urlencoded,
    Multipart,
    Other,
}

/// The random value that binds tokens to a browser: 16 bytes in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nonce([u8; 22]);

impl Head {
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let mut provenance = Provenance::default();
        let mut content_type = None;
        // The first of several counts, and it counts though it be none of ours.
        let mut nonces: [Option<Option<Nonce>>; 2] = [None; 2];
        let mut wishes_language = false;
        for (name, value) in headers {
            if *name == HOST {
                provenance.host.get_or_insert(value);
            } else if *name == COOKIE {
                for (name, value) in cookie_pairs(value) {
                    if let Some(at) = NAMES.iter().position(|known| known.as_bytes() == name) {
                        nonces[at].get_or_insert_with(|| Nonce::read(value));
                    }
                    wishes_language |= name == LANGUAGE_COOKIE.as_bytes();
                }
            } else if *name == CONTENT_TYPE {
                content_type.get_or_insert(value);
            } else if *name == ORIGIN {
                provenance.origin.get_or_insert(value);
            } else if *name == ACCEPT_LANGUAGE {
                wishes_language = true;
            } else if name == "sec-fetch-site" {
                provenance.fetch_site.get_or_insert(value);
            }
        }
        let scope = CookieScope::of_host(provenance.host);
        let is_own = usize::from(scope.own(NAMES[0]) == NAMES[1]);
        Self {
            kind: Kind::of(content_type),
            is_foreign: !method.is_safe() && !provenance.is_here(uri),
            scope,
            nonce: nonces[is_own].flatten(),
            wishes_language,
        }
    }
}

impl Kind {
    fn of(content_type: Option<&HeaderValue>) -> Self {
        let content_type = content_type.map(HeaderValue::as_bytes).unwrap_or_default();
        let is_multipart =
            || content_type.get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/"));
        match content_type == URLENCODED.as_bytes() {
            true => Self::Urlencoded,
            false if is_multipart() => Self::Multipart,
            false => Self::Other,
        }
    }
}

impl Nonce {
    pub(super) fn random() -> Self {
        let (mut random, mut text) = ([0; 16], [0; 22]);
        getrandom::fill(&mut random).expect("the operating system gives random numbers");
        URL_SAFE_NO_PAD.encode_slice(random, &mut text).expect("16 bytes are 22 letters");
        Self(text)
    }

    fn read(text: &[u8]) -> Option<Self> {
        let text: [u8; 22] = text.try_into().ok()?;
        // Without a branch for each byte, so that they are looked at together.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_');
        text.iter().fold(true, |all, byte| all & is_plain(*byte)).then_some(Self(text))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the letters of base64 are ASCII")
    }

    /// The header that gives it to the browser.
    pub(super) fn cookie(&self, scope: CookieScope) -> HeaderValue {
        scope.session(&scope.own(NAMES[0]), self.as_str())
    }
}

/// The browser's random value, where it has one. Its cookie is the site's own: no neighbouring site can give a browser a
/// value that it knows.
pub(crate) fn nonce_of(headers: &HeaderMap) -> Option<Nonce> {
    Head::of(&Method::GET, &Uri::default(), headers).nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "AAAAAAAAAAAAAAAAAAAAAA";
    const EVE: &str = "EEEEEEEEEEEEEEEEEEEEEE";

    fn head(headers: &[(&'static str, &str)]) -> Head {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Head::of(&Method::POST, &Uri::from_static("/"), &headers.collect())
    }

    #[test]
    fn csrf_02_the_random_value_is_that_of_the_cookie_that_no_neighbour_can_set() {
        let cookies = &*format!("_formkey={EVE}; __Host-_formkey={ADA}");
        let nonce = |cookies: &str, host| {
            let nonce = head(&[("cookie", cookies), ("host", host)]).nonce;
            nonce.map(|nonce| nonce.as_str().to_owned())
        };
        assert_eq!(nonce(cookies, "shop.example").as_deref(), Some(ADA));
        assert_eq!(nonce(cookies, "localhost:8000").as_deref(), Some(EVE));
        assert_eq!(nonce(&format!("_formkey={EVE}"), "shop.example"), None);
        for odd in
            ["", "short", "AAAAAAAAAAAAAAAAAAAAA;", "AAAAAAAAAAAAAAAAAAAAA/", "AAAAAAAAAAAAAAAAAAAAAAA"]
        {
            assert_eq!(nonce(&format!("_formkey={odd}"), "localhost"), None, "{odd}");
        }
        assert_eq!(nonce(&format!("_formkey=odd; _formkey={ADA}"), "localhost"), None, "the first counts");
    }

    #[test]
    fn csrf_03_what_another_site_sends_is_foreign() {
        assert!(head(&[("origin", "https://evil.example"), ("host", "shop.example")]).is_foreign);
        assert!(head(&[("sec-fetch-site", "cross-site")]).is_foreign);
        assert!(!head(&[("origin", "https://shop.example"), ("host", "shop.example")]).is_foreign);
        assert!(!head(&[("host", "shop.example")]).is_foreign);
    }

    #[test]
    fn kinds_of_bodies_and_wishes() {
        let kind = |value: &str| head(&[("content-type", value)]).kind;
        assert_eq!(kind(URLENCODED), Kind::Urlencoded);
        assert_eq!(kind("Multipart/form-data; boundary=x"), Kind::Multipart);
        assert_eq!(kind("application/json"), Kind::Other);
        assert!(head(&[("accept-language", "de")]).wishes_language);
        assert!(head(&[("cookie", "a=b; _lang=de")]).wishes_language);
        assert!(!head(&[("cookie", "a=b")]).wishes_language);
    }
}
