//! Headers that tell browsers to be careful, and the check of where a request comes from.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Uri};
use tower::{Layer, Service};

use crate::layer::{Around, Step};
use crate::{ClientAddress, ContentSecurityPolicy, CspNonce, InvalidDirective, is_loopback_host};

/// The headers that tell browsers to be careful, for every response. It is a layer; what a response says itself stays, and
/// no header is there twice.
///
/// # Defaults
/// | header | value |
/// |---|---|
/// | `Content-Security-Policy` | the default of [`ContentSecurityPolicy`], with the [`CspNonce`] where a page asked for it |
/// | `X-Content-Type-Options` | `nosniff` |
/// | `X-Frame-Options` | `DENY`, for old browsers; others read `frame-ancestors` of the policy |
/// | `Referrer-Policy` | `strict-origin-when-cross-origin` |
/// | `Cross-Origin-Opener-Policy` | `same-origin` |
/// | `Strict-Transport-Security` | `max-age=63072000` (two years), unless the site is reached by a loopback name or a [trusted proxy](crate::TrustedProxies) says that it was plain HTTP |
///
/// And every `Content-Type: text/…` says its charset: `utf-8`, unless it says so itself.
///
/// ```
/// use axum::Router;
/// use frontdesk_web::{ContentSecurityPolicy, SecurityHeaders};
///
/// let policy = ContentSecurityPolicy::default().allow("img-src", "https://images.example.com")?;
/// let app: Router = Router::new().layer(SecurityHeaders::default().csp(policy));
/// # Ok::<(), frontdesk_web::InvalidDirective>(())
/// ```
#[derive(Clone, Debug)]
pub struct SecurityHeaders(Arc<Said>);

#[derive(Clone, Debug)]
struct Said {
    policy: ContentSecurityPolicy,
    /// The policy without a nonce is among them.
    headers: Vec<(HeaderName, HeaderValue)>,
    hsts: Option<HeaderValue>,
}

impl Default for SecurityHeaders {
    fn default() -> Self {
        // Worked out once: some pages make one for each response.
        static DEFAULT: LazyLock<Arc<Said>> = LazyLock::new(|| Arc::new(Said::default()));
        Self(Arc::clone(&DEFAULT))
    }
}

impl Default for Said {
    fn default() -> Self {
        let policy = ContentSecurityPolicy::default();
        Self {
            headers: vec![
                (CONTENT_SECURITY_POLICY, policy.header_value(None)),
                (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
                (REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
                (
                    HeaderName::from_static("cross-origin-opener-policy"),
                    HeaderValue::from_static("same-origin"),
                ),
            ],
            hsts: Some(HeaderValue::from_static("max-age=63072000")),
            policy,
        }
    }
}

impl SecurityHeaders {
    /// Sets the policy of pages.
    #[must_use]
    pub fn csp(self, policy: ContentSecurityPolicy) -> Self {
        let value = policy.header_value(None);
        self.change(|said| said.policy = policy).header(CONTENT_SECURITY_POLICY, value)
    }

    fn change(mut self, change: impl FnOnce(&mut Said)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets who may show pages of this site in a frame: `none`, `self`, or origins. Default: `none`.
    ///
    /// # Errors
    /// [`InvalidDirective`], if these are no sources.
    pub fn frame_ancestors(self, sources: &str) -> Result<Self, InvalidDirective> {
        let policy = self.0.policy.clone().directive("frame-ancestors", sources)?;
        let this = self.csp(policy);
        Ok(match sources {
            "none" | "'none'" => this.header(X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            "self" | "'self'" => this.header(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
            // It cannot say that, and would forbid what the policy allows in some browsers.
            _ => this.without(&X_FRAME_OPTIONS),
        })
    }

    /// Sets for how long browsers are to ask this site over HTTPS alone. Default: two years.
    #[must_use]
    pub fn hsts(self, age: Duration) -> Self {
        self.change(|said| said.hsts = Some(hsts(age, "")))
    }

    /// As [`hsts`](Self::hsts), and all subdomains too. Be sure that they have HTTPS: there is no way back before that has
    /// passed.
    #[must_use]
    pub fn hsts_with_subdomains(self, age: Duration) -> Self {
        self.change(|said| said.hsts = Some(hsts(age, "; includeSubDomains")))
    }

    /// Does not ask for HTTPS, for sites that do without.
    #[must_use]
    pub fn without_hsts(self) -> Self {
        self.change(|said| said.hsts = None)
    }

    /// Sets a header of your own, or another value of one of these, such as `Referrer-Policy`.
    #[must_use]
    pub fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.change(|said| match said.headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => said.headers.push((name, value)),
        })
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(self, name: &HeaderName) -> Self {
        self.change(|said| said.headers.retain(|(known, _)| known != name))
    }

    /// Adds them where the response does not say otherwise itself; all but `Strict-Transport-Security`, which depends on the
    /// request, and a nonce. For what the layer does not reach.
    pub fn apply(&self, response: &mut HeaderMap) {
        for (name, value) in &self.0.headers {
            response.entry(name).or_insert_with(|| value.clone());
        }
        if let Some(kind) = response.get_mut(CONTENT_TYPE)
            && let Some(with_charset) = with_charset(kind)
        {
            *kind = with_charset;
        }
    }
}

fn hsts(age: Duration, more: &str) -> HeaderValue {
    HeaderValue::try_from(format!("max-age={}{more}", age.as_secs())).expect("plain ASCII")
}

/// The type with its charset, where it is one of text that does not say it.
fn with_charset(kind: &HeaderValue) -> Option<HeaderValue> {
    let text = kind.to_str().ok()?;
    let is_text = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"));
    if !is_text || text.to_ascii_lowercase().contains("charset=") {
        return None;
    }
    HeaderValue::try_from(format!("{}; charset=utf-8", text.trim_end_matches([';', ' ']))).ok()
}

impl<S> Layer<S> for SecurityHeaders {
    type Service = Around<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Around::new(inner, self.clone())
    }
}

impl Step for SecurityHeaders {
    async fn run<S>(self, mut request: Request, mut next: S) -> Result<Response, S::Error>
    where
        S: Service<Request, Response = Response> + Send,
        S::Future: Send,
        S::Error: Send,
    {
        let https = ClientAddress::of(request.extensions()).and_then(ClientAddress::is_https);
        let is_plain = https == Some(false) || (https.is_none() && is_loopback_host(request.headers()));
        // Where there is one already, a layer further out names it.
        let nonce = CspNonce::of(request.extensions());
        request.extensions_mut().insert(nonce.clone());
        let mut response = next.call(request).await?;
        let headers = response.headers_mut();
        if nonce.is_used() && !headers.contains_key(CONTENT_SECURITY_POLICY) {
            headers.insert(CONTENT_SECURITY_POLICY, self.0.policy.header_value(Some(&nonce)));
        }
        if let Some(hsts) = self.0.hsts.as_ref().filter(|_| !is_plain) {
            headers.entry(STRICT_TRANSPORT_SECURITY).or_insert_with(|| hsts.clone());
        }
        self.apply(headers);
        Ok(response)
    }
}

/// Whether an unsafe request comes from a page of this very origin, as far as its headers tell (`Sec-Fetch-Site`, else
/// `Origin` against `Host`). Safe methods pass; so do clients that send neither header, such as scripts: the token in
/// the form decides then.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method};
///
/// let headers = HeaderMap::from_iter([("sec-fetch-site".parse().unwrap(), HeaderValue::from_static("cross-site"))]);
/// let here = "/".parse().unwrap();
/// assert!(!frontdesk_web::same_site_only(&Method::POST, &here, &headers));
/// assert!(frontdesk_web::same_site_only(&Method::GET, &here, &headers));
/// ```
pub fn same_site_only(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    let provenance = || Provenance {
        fetch_site: headers.get(FETCH_SITE),
        origin: headers.get(ORIGIN),
        host: headers.get(HOST),
    };
    method.is_safe() || provenance().is_here(uri)
}

const FETCH_SITE: &str = "sec-fetch-site";

/// The headers of a request that tell where it comes from, for who looked them up already: see [`same_site_only`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Provenance<'h> {
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<&'h HeaderValue>,
    /// `Origin`.
    pub origin: Option<&'h HeaderValue>,
    /// `Host`.
    pub host: Option<&'h HeaderValue>,
}

impl Provenance<'_> {
    /// Whether the request comes from a page of this very origin, as far as these headers tell.
    ///
    /// ```
    /// use frontdesk_web::Provenance;
    /// use http::{HeaderValue, Uri};
    ///
    /// let (origin, host) = (HeaderValue::from_static("https://shop.example"), HeaderValue::from_static("shop.example"));
    /// let provenance = Provenance { origin: Some(&origin), host: Some(&host), ..Provenance::default() };
    /// assert!(provenance.is_here(&Uri::from_static("/")));
    /// ```
    pub fn is_here(&self, uri: &Uri) -> bool {
        if let Some(site) = self.fetch_site {
            // `none`: the user started it, by the address bar or a bookmark.
            return site == "same-origin" || site == "none";
        }
        let Some(origin) = self.origin.map(HeaderValue::as_bytes) else { return true };
        // HTTP/2 has no `Host`; the address says the same there.
        let host = self.host.map(HeaderValue::as_bytes);
        let Some(host) = host.or(uri.authority().map(|name| name.as_str().as_bytes())) else { return false };
        let (scheme, port) =
            if origin.starts_with(b"https://") { (8, &b":443"[..]) } else { (7, &b":80"[..]) };
        let is_http = origin.starts_with(b"https://") || origin.starts_with(b"http://");
        is_http && without(&origin[scheme..], port) == without(host, port)
    }
}

/// A host without the port that goes without saying.
fn without<'h>(host: &'h [u8], port: &[u8]) -> &'h [u8] {
    host.strip_suffix(port).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        same_site_only(&Method::POST, &Uri::from_static("/"), &headers)
    }

    #[test]
    fn csrf_03_where_a_request_comes_from() {
        assert!(post(&[]));
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(post(&[("sec-fetch-site", "none")]));
        assert!(!post(&[("sec-fetch-site", "same-site")]), "a subdomain is not trusted");
        assert!(!post(&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")]));
        assert!(post(&[("origin", "http://a:81"), ("host", "a:81")]));
        assert!(post(&[("origin", "https://a"), ("host", "a:443")]), "the port that goes without saying");
        assert!(!post(&[("origin", "http://b"), ("host", "a")]));
        assert!(!post(&[("origin", "null"), ("host", "a")]));
        assert!(!post(&[("origin", "http://a")]));
    }
}
