//! Where a request comes from, as far as the browser says.

use http::header::{HOST, ORIGIN, REFERER};
use http::{HeaderMap, Uri};
use url::Url;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A page of this site.
    Here,
    /// A page of a site that is listed.
    Listed,
    /// Nobody says so: an old browser, or no browser at all.
    Unknown,
    /// A page of another site.
    Elsewhere,
}

impl Origin {
    pub(super) fn of(uri: &Uri, headers: &HeaderMap, allowed: &[Box<str>], https: Option<bool>) -> Self {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let (origin, referer) = (text(ORIGIN.as_str()), text(REFERER.as_str()));
        let is_listed = || {
            let url = origin.or(referer).and_then(|text| Url::parse(text).ok());
            url.is_some_and(|url| is_listed(&url, allowed))
        };
        if let Some(site) = text("sec-fetch-site") {
            return match site {
                // `none`: the user started it, by the address bar or a bookmark.
                "same-origin" | "none" => Self::Here,
                _ if is_listed() => Self::Listed,
                _ => Self::Elsewhere,
            };
        }
        // HTTP/2 has no `Host`; the address says the same there.
        let host = text(HOST.as_str()).or(uri.authority().map(|name| name.as_str()));
        match (origin.or(referer), host) {
            (None, _) => Self::Unknown,
            (Some(page), Some(host)) if is_here(page, host, https) => Self::Here,
            (Some(_), _) if is_listed() => Self::Listed,
            (Some(_), _) => Self::Elsewhere,
        }
    }
}

/// Whether the page is at that host. Over HTTPS, a page that came over plain HTTP is another one: anybody on the way may
/// have written it.
fn is_here(page: &str, host: &str, https: Option<bool>) -> bool {
    let Ok(page) = Url::parse(page) else { return false };
    let scheme_fits = match page.scheme() {
        "https" => https != Some(false),
        "http" => https != Some(true),
        _ => false,
    };
    // Read as an address of the page's scheme, the host has the same port where it goes without saying.
    let here = Url::parse(&format!("{}://{host}/", page.scheme()));
    scheme_fits && page.has_host() && here.is_ok_and(|here| here.origin() == page.origin())
}

fn is_listed(page: &Url, allowed: &[Box<str>]) -> bool {
    if !matches!(page.scheme(), "http" | "https") {
        return false;
    }
    let Some(host) = page.host_str() else { return false };
    allowed.iter().any(|known| match known.strip_prefix(host) {
        Some("") => true,
        Some(port) => {
            port.strip_prefix(':').and_then(|port| port.parse().ok()) == page.port_or_known_default()
        }
        None => false,
    })
}
