use std::borrow::Cow;
use std::time::Duration;

use frontdesk_web::{CookieScope, cookie};
use http::{HeaderMap, HeaderValue};

use super::SessionToken;

/// The cookie that holds a session's token: what it is called, and whether it is ever sent over plain HTTP.
///
/// It is `HttpOnly`, `SameSite=Lax` and `Path=/`. Over HTTPS it is `Secure` too, and called `__Host-id`, so that no
/// neighbouring site can set it. A request to a loopback name (`localhost`) gets it without either, unless the site is in
/// [production](Self::production).
///
/// ```
/// use frontdesk_auth::SessionCookie;
/// use http::{HeaderMap, HeaderValue, header::HOST};
///
/// let cookie = SessionCookie::new("id");
/// let local = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost:8000"))]);
/// assert_eq!(cookie.name(&HeaderMap::new()), "__Host-id");
/// assert_eq!(cookie.name(&local), "id");
/// assert_eq!(cookie.clone().production(true).name(&local), "__Host-id");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    name: Cow<'static, str>,
    production: bool,
}

impl Default for SessionCookie {
    fn default() -> Self {
        Self::new("id")
    }
}

impl SessionCookie {
    /// A cookie of that name. The default's is `id`.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), production: false }
    }

    /// Sets whether the cookie is `Secure` even where the site is reached by a loopback name. Default: no.
    #[must_use]
    pub fn production(mut self, production: bool) -> Self {
        self.production = production;
        self
    }

    /// The cookie of half-open sessions that belongs to this one: `id_mfa`.
    #[must_use]
    pub fn half_open(&self) -> Self {
        self.with_suffix("_mfa")
    }

    /// A further cookie that belongs to this one.
    pub(crate) fn with_suffix(&self, suffix: &str) -> Self {
        Self { name: format!("{}{suffix}", self.name).into(), production: self.production }
    }

    /// The name without `__Host-`.
    pub(crate) fn plain_name(&self) -> &str {
        &self.name
    }

    /// Whether the cookie is always `Secure`.
    pub(crate) fn is_production(&self) -> bool {
        self.production
    }

    fn scope(&self, request: &HeaderMap) -> CookieScope {
        // A request without a host is to no loopback name.
        if self.production { CookieScope::of(&HeaderMap::new()) } else { CookieScope::of(request) }
    }

    /// What it is called where that request was made.
    pub fn name(&self, request: &HeaderMap) -> String {
        self.scope(request).own(&self.name).into_owned()
    }

    /// What the request brings in it.
    pub fn read<'h>(&self, request: &'h HeaderMap) -> Option<&'h str> {
        cookie(request, &self.scope(request).own(&self.name)).filter(|value| !value.is_empty())
    }

    /// The `Set-Cookie` header that sets it, for as long as the session lasts at most.
    pub fn set(&self, request: &HeaderMap, token: &SessionToken, age: Duration) -> HeaderValue {
        self.set_value(request, token.as_str(), age)
    }

    /// As [`set`](Self::set), for what is no token of a session.
    pub(crate) fn set_value(&self, request: &HeaderMap, value: &str, age: Duration) -> HeaderValue {
        let scope = self.scope(request);
        scope.persistent(&scope.own(&self.name), value, age)
    }

    /// The `Set-Cookie` header that removes it.
    pub fn clear(&self, request: &HeaderMap) -> HeaderValue {
        let scope = self.scope(request);
        scope.removal(&scope.own(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, HOST};

    use super::*;

    #[test]
    fn sess_02_the_cookie_is_the_hosts_own() {
        let cookie = SessionCookie::default();
        let token = SessionToken::random().unwrap();
        let remote = HeaderMap::from_iter([(HOST, HeaderValue::from_static("shop.example"))]);
        let header = cookie.set(&remote, &token, Duration::from_secs(604_800));
        let wanted =
            format!("__Host-id={}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800", token.as_str());
        assert_eq!(header, wanted);
        assert_eq!(cookie.clear(&remote), "__Host-id=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
        let local = HeaderMap::from_iter([(HOST, HeaderValue::from_static("127.0.0.1:8000"))]);
        assert!(!cookie.set(&local, &token, Duration::ZERO).to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn sess_02_a_cookie_that_a_neighbour_can_set_is_not_read() {
        let cookie = SessionCookie::default();
        let request = |host, cookies| {
            HeaderMap::from_iter([
                (HOST, HeaderValue::from_static(host)),
                (COOKIE, HeaderValue::from_static(cookies)),
            ])
        };
        assert_eq!(cookie.read(&request("shop.example", "id=theirs")), None);
        assert_eq!(cookie.read(&request("shop.example", "id=theirs; __Host-id=ours")), Some("ours"));
        assert_eq!(cookie.read(&request("localhost", "id=ours; __Host-id=theirs")), Some("ours"));
        assert_eq!(cookie.half_open().read(&request("localhost", "id=ours; id_mfa=half")), Some("half"));
    }
}
