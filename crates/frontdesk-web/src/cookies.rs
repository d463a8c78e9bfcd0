//! Reading and writing cookies.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HOST};
use http::{HeaderMap, HeaderValue};

/// The value of the request's cookie called `name`, as it stands there. The first of several counts.
///
/// ```
/// use http::{HeaderMap, HeaderValue, header::COOKIE};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(COOKIE, HeaderValue::from_static("a=1; b=2"));
/// assert_eq!(frontdesk_web::cookie(&headers, "b"), Some("2"));
/// assert_eq!(frontdesk_web::cookie(&headers, "c"), None);
/// ```
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get_all(COOKIE).iter().find_map(|header| {
        let mut pairs = cookie_pairs(header);
        let (_, value) = pairs.find(|(known, _)| *known == name.as_bytes())?;
        std::str::from_utf8(value).ok().filter(|value| value.is_ascii())
    })
}

/// The names and values of one `Cookie` header, as they stand there; what has no `=` is left out.
///
/// ```
/// use http::HeaderValue;
///
/// let header = HeaderValue::from_static("a=1; odd; b=2");
/// let pairs: Vec<_> = frontdesk_web::cookie_pairs(&header).collect();
/// assert_eq!(pairs, [(&b"a"[..], &b"1"[..]), (b"b", b"2")]);
/// ```
pub fn cookie_pairs(header: &HeaderValue) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = Some(header.as_bytes());
    let pairs = std::iter::from_fn(move || {
        let all = rest?;
        let end = memchr::memchr(b';', all);
        rest = end.map(|end| &all[end + 1..]);
        Some(&all[..end.unwrap_or(all.len())])
    });
    pairs.filter_map(|pair| {
        let pair = pair.trim_ascii();
        let middle = pair.iter().position(|byte| *byte == b'=')?;
        Some((&pair[..middle], &pair[middle + 1..]))
    })
}

/// Whether the request was made to this machine by a loopback name: `localhost`, `127.0.0.1`, `[::1]`.
///
/// Browsers that come from elsewhere never send such a `Host`, so a cookie without `Secure` set for it does not reach
/// them.
pub fn is_loopback_host(headers: &HeaderMap) -> bool {
    headers.get(HOST).is_some_and(|host| is_loopback(host.as_bytes()))
}

fn is_loopback(host: &[u8]) -> bool {
    let (host, end) = match host.strip_prefix(b"[") {
        Some(rest) => (rest, b']'),
        None => (host, b':'),
    };
    let name = &host[..memchr::memchr(end, host).unwrap_or(host.len())];
    // Asked of each request: the usual names are told without reading an address.
    let may_be_address = end == b']' || name.last().is_some_and(u8::is_ascii_digit);
    name == b"127.0.0.1"
        || name.eq_ignore_ascii_case(b"localhost")
        || may_be_address
            && std::str::from_utf8(name)
                .is_ok_and(|name| name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()))
}

/// How cookies of ours are set: `HttpOnly`, `SameSite=Lax`, `Path=/`, and `Secure` unless the request came over a
/// loopback name.
#[derive(Clone, Copy, Debug)]
pub struct CookieScope {
    secure: bool,
}

impl CookieScope {
    /// The scope that suits a request.
    pub fn of(request: &HeaderMap) -> Self {
        Self::of_host(request.get(HOST))
    }

    /// The scope that suits a request whose `Host` header was looked up already.
    pub fn of_host(host: Option<&HeaderValue>) -> Self {
        Self { secure: !host.is_some_and(|host| is_loopback(host.as_bytes())) }
    }

    /// The name for a cookie that no other site may set: `name` with `__Host-` before it, where the cookie is `Secure`.
    ///
    /// Without it, whoever has a neighbouring site (`evil.example.com` beside `shop.example.com`) can give a browser a
    /// cookie for both of them, and so choose its value. Browsers take such a name from the site itself alone
    /// ([RFC 6265bis, section 4.1.3.2](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2)).
    ///
    /// ```
    /// use frontdesk_web::CookieScope;
    /// use http::{HeaderMap, HeaderValue, header::HOST};
    ///
    /// assert_eq!(CookieScope::of(&HeaderMap::new()).own("theme"), "__Host-theme");
    /// let local = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost:8000"))]);
    /// assert_eq!(CookieScope::of(&local).own("theme"), "theme");
    /// ```
    pub fn own(self, name: &str) -> Cow<'_, str> {
        if self.secure { Cow::Owned(format!("__Host-{name}")) } else { Cow::Borrowed(name) }
    }

    /// A `Set-Cookie` header for a cookie that ends with the browser's session.
    pub fn session(self, name: &str, value: &str) -> HeaderValue {
        if !is_plain(name) || !is_plain(value) {
            return self.header(Cookie::build((name, value)));
        }
        // The usual ones, random values, have nothing that is to be encoded.
        let scope = if self.secure {
            "HttpOnly; SameSite=Lax; Secure; Path=/"
        } else {
            "HttpOnly; SameSite=Lax; Path=/"
        };
        HeaderValue::try_from([name, "=", value, "; ", scope].concat()).expect("plain ASCII")
    }

    /// A `Set-Cookie` header for a cookie that outlives the browser's session: it lasts for `age`, in whole seconds.
    /// Browsers may end it sooner; most keep none for longer than 400 days.
    ///
    /// ```
    /// use std::time::Duration;
    /// use frontdesk_web::CookieScope;
    ///
    /// let scope = CookieScope::of(&http::HeaderMap::new());
    /// let header = scope.persistent("theme", "dark", Duration::from_hours(24));
    /// assert_eq!(header, "theme=dark; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400");
    /// ```
    pub fn persistent(self, name: &str, value: &str, age: Duration) -> HeaderValue {
        let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        self.header(Cookie::build((name, value)).max_age(cookie::time::Duration::seconds(seconds)))
    }

    /// As [`persistent`](Self::persistent), for a cookie that scripts of the site's pages may read. There is nothing to
    /// encode in it.
    pub(crate) fn readable(self, name: &str, value: &str, age: Duration) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let header = format!("{name}={value}; SameSite=Lax{secure}; Path=/; Max-Age={}", age.as_secs());
        HeaderValue::try_from(header).expect("plain ASCII")
    }

    /// A `Set-Cookie` header that removes a cookie.
    pub fn removal(self, name: &str) -> HeaderValue {
        self.header(Cookie::build((name, "")).max_age(cookie::time::Duration::ZERO))
    }

    fn header(self, cookie: cookie::CookieBuilder<'_>) -> HeaderValue {
        let cookie = cookie.path("/").http_only(true).same_site(SameSite::Lax).secure(self.secure).build();
        HeaderValue::try_from(cookie.encoded().to_string()).expect("an encoded cookie is printable ASCII")
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(host: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))])
    }

    #[test]
    fn secure_is_left_out_on_loopback_only() {
        for name in ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:80", "127.9.9.9"] {
            assert!(is_loopback_host(&host(name)), "{name}");
        }
        for name in ["example.com", "localhost.example.com", "10.0.0.1", "[::2]", ""] {
            assert!(!is_loopback_host(&host(name)), "{name}");
        }
        assert_eq!(
            CookieScope::of(&host("example.com")).session("a", "b"),
            "a=b; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
    }

    #[test]
    fn a_plain_value_is_written_as_any_other() {
        for scope in [CookieScope { secure: true }, CookieScope { secure: false }] {
            let slow = scope.header(Cookie::build(("__Host-a_b", "x-_9")));
            assert_eq!(scope.session("__Host-a_b", "x-_9"), slow);
        }
        assert_eq!(
            CookieScope { secure: true }.session("a", "b;c").to_str().unwrap().split(';').next(),
            Some("a=b%3Bc")
        );
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("xa=1; a=2"))]);
        assert_eq!(cookie(&headers, "a"), Some("2"));
    }
}
