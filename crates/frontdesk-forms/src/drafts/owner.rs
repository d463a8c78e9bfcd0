use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_web::{CookieScope, cookie};
use http::{HeaderMap, HeaderValue};

/// Whose a draft is: a user, or a visitor who is known by a random cookie alone.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_forms::DraftOwner;
/// use http::{HeaderMap, header::COOKIE};
///
/// let first = HeaderMap::new();
/// assert_eq!(DraftOwner::visitor(&first), None);
/// let (owner, set_cookie) = DraftOwner::new_visitor(&first, Duration::from_hours(7 * 24));
///
/// let pair = set_cookie.to_str().unwrap().split(';').next().unwrap();
/// let second = HeaderMap::from_iter([(COOKIE, pair.parse().unwrap())]);
/// assert_eq!(DraftOwner::visitor(&second), Some(owner));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DraftOwner(String);

impl DraftOwner {
    /// The name of the visitors' cookie. It has `__Host-` before it, unless the request is to a loopback name: otherwise a
    /// neighbouring site could set it, and so read what is typed here.
    pub const COOKIE: &'static str = "_draft";

    /// The user of that identity, who is signed in.
    pub fn user(id: &str) -> Self {
        Self(format!("user:{id}"))
    }

    /// The visitor whose cookie a request has.
    pub fn visitor(request: &HeaderMap) -> Option<Self> {
        let value = cookie(request, &CookieScope::of(request).own(Self::COOKIE))?;
        let mut bytes = [0; 32];
        // One that we did not make is no secret.
        matches!(URL_SAFE_NO_PAD.decode_slice(value, &mut bytes), Ok(32))
            .then(|| Self(format!("visitor:{value}")))
    }

    /// A visitor who has no cookie yet, and the `Set-Cookie` header that makes them known for `age`. Let it be as long as
    /// drafts are [kept](super::Drafts::kept).
    ///
    /// # Panics
    /// If the operating system has no random numbers to give.
    pub fn new_visitor(request: &HeaderMap, age: Duration) -> (Self, HeaderValue) {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        let value = URL_SAFE_NO_PAD.encode(bytes);
        let scope = CookieScope::of(request);
        let header = scope.persistent(&scope.own(Self::COOKIE), &value, age);
        (Self(format!("visitor:{value}")), header)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for DraftOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A visitor's random value opens their drafts.
        f.write_str(if self.0.starts_with("user:") {
            "DraftOwner::user(..)"
        } else {
            "DraftOwner::visitor(..)"
        })
    }
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, HOST};

    use super::*;

    #[test]
    fn a_cookie_that_is_not_ours_is_nobody() {
        for value in ["", "x", "user:7", &"A".repeat(42), &"A".repeat(44), &"!".repeat(43)] {
            let headers = HeaderMap::from_iter([(COOKIE, format!("__Host-_draft={value}").parse().unwrap())]);
            assert_eq!(DraftOwner::visitor(&headers), None, "{value}");
        }
    }

    #[test]
    fn a_cookie_that_a_neighbouring_site_may_have_set_is_nobody() {
        let cookies = |host: &str, name: &str| {
            let cookie = format!("{name}={}", "A".repeat(43)).parse().unwrap();
            HeaderMap::from_iter([(COOKIE, cookie), (HOST, host.parse().unwrap())])
        };
        assert_eq!(DraftOwner::visitor(&cookies("shop.example.com", "_draft")), None);
        assert!(DraftOwner::visitor(&cookies("shop.example.com", "__Host-_draft")).is_some());
        assert!(DraftOwner::visitor(&cookies("127.0.0.1:8000", "_draft")).is_some());
    }

    #[test]
    fn visitors_differ_and_hide_themselves() {
        let headers = HeaderMap::new();
        let (one, header) = DraftOwner::new_visitor(&headers, Duration::from_secs(60));
        let (other, _) = DraftOwner::new_visitor(&headers, Duration::from_secs(60));
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "DraftOwner::visitor(..)");
        let header = header.to_str().unwrap();
        assert!(header.starts_with("__Host-_draft="), "{header}");
        assert!(header.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"), "{header}");
    }
}
