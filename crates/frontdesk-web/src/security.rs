//! Headers that tell browsers to be careful, and the check of where a request comes from.

use http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Uri};

/// The security headers of every page of ours.
///
/// # Defaults
/// `Content-Security-Policy: default-src 'self'; …` without inline scripts or styles, no framing by others,
/// `nosniff`, and a referrer policy that tells other sites the origin at most.
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    headers: Vec<(HeaderName, HeaderValue)>,
}

const CSP: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
                   frame-ancestors 'none'";

impl Default for SecurityHeaders {
    fn default() -> Self {
        Self {
            headers: vec![
                (CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP)),
                (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
                (REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
                (
                    HeaderName::from_static("cross-origin-opener-policy"),
                    HeaderValue::from_static("same-origin"),
                ),
            ],
        }
    }
}

impl SecurityHeaders {
    /// Adds them where the response does not say otherwise itself.
    ///
    /// ```
    /// use axum::{Router, middleware::map_response, response::Response};
    /// use frontdesk_web::SecurityHeaders;
    ///
    /// let headers = SecurityHeaders::default();
    /// let app: Router = Router::new().layer(map_response(move |mut response: Response| {
    ///     headers.apply(response.headers_mut());
    ///     async { response }
    /// }));
    /// ```
    pub fn apply(&self, response: &mut HeaderMap) {
        for (name, value) in &self.headers {
            response.entry(name).or_insert_with(|| value.clone());
        }
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
    if method.is_safe() {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        // `none`: the user started it, by the address bar or a bookmark.
        return site == "same-origin" || site == "none";
    }
    // HTTP/2 has no `Host`; the address says the same there.
    let host = headers
        .get(HOST)
        .map(|host| host.as_bytes())
        .or(uri.authority().map(|name| name.as_str().as_bytes()));
    match (headers.get(ORIGIN), host) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            let origin = origin.as_bytes();
            let (scheme, port) =
                if origin.starts_with(b"https://") { (8, &b":443"[..]) } else { (7, &b":80"[..]) };
            let is_http = origin.starts_with(b"https://") || origin.starts_with(b"http://");
            is_http && without(&origin[scheme..], port) == without(host, port)
        }
        (Some(_), None) => false,
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
