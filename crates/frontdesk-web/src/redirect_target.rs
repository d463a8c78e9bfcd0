//! Where visitors may be sent: paths of this site, and sites that are listed.

use std::sync::LazyLock;

use url::{Origin, Url};

/// A longer target is refused: no page of ours has such an address.
const MOST_BYTES: usize = 4096;

/// Where a visitor may be sent to after signing in, by a `next` or a referrer that the request named: to own paths, and to
/// sites that are listed.
///
/// What a request names was written by somebody, and who is sent on from a page of yours trusts where they land. So a
/// target is read as browsers read it (the [URL standard](https://url.spec.whatwg.org/)), and only what surely stays here
/// is let through.
///
/// ```
/// use frontdesk_web::RedirectTargets;
///
/// let targets = RedirectTargets::own().allow("https://shop.example.com").unwrap();
/// assert_eq!(targets.check("/account/?tab=1").as_deref(), Some("/account/?tab=1"));
/// assert_eq!(targets.check("https://shop.example.com/cart").as_deref(), Some("https://shop.example.com/cart"));
/// assert_eq!(targets.check("https://shop.example.com.evil.example/cart"), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RedirectTargets {
    origins: Vec<Origin>,
}

/// What is no origin: `https://` and a host, and a port where it is unusual.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no origin; one reads `https://shop.example.com`")]
pub struct InvalidOrigin(pub String);

/// The target if it is a path of this site, as browsers read it; `None` for all else. What comes back is ASCII and begins
/// with one slash, so it can be written into a `Location` header or a link as it is.
///
/// ```
/// use frontdesk_web::redirect_target;
///
/// assert_eq!(redirect_target("/forms/thing/?page=2").as_deref(), Some("/forms/thing/?page=2"));
/// for elsewhere in ["//evil.example", r"/\evil.example", "https:evil.example", "/\t/evil.example", "javascript:alert(1)"] {
///     assert_eq!(redirect_target(elsewhere), None);
/// }
/// ```
pub fn redirect_target(next: &str) -> Option<String> {
    RedirectTargets::own().check(next)
}

impl RedirectTargets {
    /// Paths of this site alone.
    pub const fn own() -> Self {
        Self { origins: Vec::new() }
    }

    /// Lets everything at an origin through, such as `https://shop.example.com`: scheme, host and port have to be the same,
    /// and its subdomains are others.
    ///
    /// # Errors
    /// [`InvalidOrigin`], unless it is `http` or `https` with a host, and nothing behind.
    pub fn allow(mut self, origin: &str) -> Result<Self, InvalidOrigin> {
        let invalid = || InvalidOrigin(origin.to_owned());
        let url = Url::parse(origin).map_err(|_| invalid())?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_web(&url) || !is_bare || has_userinfo(&url) {
            return Err(invalid());
        }
        self.origins.push(url.origin());
        Ok(self)
    }

    /// The target, as browsers read it, if it may be followed: an own path, or something at a listed origin.
    ///
    /// Targets with control characters or backslashes are refused, wherever they stand: browsers take some of them out and
    /// others for slashes. So are those with a user name, and those of more than 4,096 bytes.
    pub fn check(&self, target: &str) -> Option<String> {
        let is_odd = |c: char| c.is_control() || c == '\\';
        if target.len() > MOST_BYTES || target.contains(is_odd) || target.trim() != target {
            return None;
        }
        match target.strip_prefix('/') {
            Some(rest) if rest.starts_with('/') => None,
            Some(_) => own_path(target),
            None => self.listed(target),
        }
    }

    fn listed(&self, target: &str) -> Option<String> {
        if self.origins.is_empty() {
            return None;
        }
        let url = Url::parse(target).ok()?;
        // `https:shop.example.com` is read in two ways, depending on where it is found.
        let begins =
            |scheme: &str| target.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
        let is_whole = begins("https://") || begins("http://");
        let is_fine = is_whole && is_web(&url) && !has_userinfo(&url) && self.origins.contains(&url.origin());
        is_fine.then(|| url.into())
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// A path with one slash at its start, and what follows it.
fn own_path(target: &str) -> Option<String> {
    static HERE: LazyLock<Url> =
        LazyLock::new(|| Url::parse("https://here.invalid/").expect("it is an address"));
    let url = HERE.join(target).ok()?;
    if url.origin() != HERE.origin() || has_userinfo(&url) {
        return None;
    }
    let path = url.path();
    // `/.//evil.example` becomes `//evil.example`, which is a path there and a host in a header. Slashes that are written
    // as `%2F` become slashes in some servers on the way.
    let start = path.get(1..4).unwrap_or(path.get(1..).unwrap_or_default()).to_ascii_lowercase();
    let is_doubtful = start.starts_with('/') || matches!(&*start, "%2f" | "%5c") || has_encoded_control(path);
    (!is_doubtful).then(|| url[url::Position::BeforePath..].to_owned())
}

/// Whether control characters stand in it, written as `%0D`: in a header that some server on the way decodes they would
/// begin a new line.
fn has_encoded_control(path: &str) -> bool {
    path.as_bytes().windows(3).any(|three| match three {
        [b'%', b'0' | b'1', low] => low.is_ascii_hexdigit(),
        [b'%', b'7', b'f' | b'F'] => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each leads away from this site in some browser, or in some server between, or is nothing to follow.
    const ELSEWHERE: [&str; 62] = [
        "",
        " ",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "//evil.example/%2f..",
        r"/\evil.example",
        r"\/evil.example",
        r"\\evil.example",
        r"/\/evil.example",
        r"//\evil.example",
        r"/path\..\..\evil",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "/\r\n/evil.example",
        "/\0/evil.example",
        "/\x0b/evil.example",
        "/\x7f/evil.example",
        "/\u{85}/evil.example",
        "\t//evil.example",
        "\x01//evil.example",
        " //evil.example",
        " /here",
        "/here ",
        "\u{a0}//evil.example",
        "/%09/evil.example",
        "/%0a/evil.example",
        "/%0D%0ASet-Cookie:a=b",
        "/%00/evil.example",
        "/%7F/evil.example",
        "/%2fevil.example",
        "/%2F/evil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/a/../..//evil.example",
        "/%2e//evil.example",
        "/%2e%2e//evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https://evil.example",
        "HTTPS://evil.example",
        "http:evil.example",
        "ht\ttps://evil.example",
        "https://here.invalid@evil.example",
        "https://here.invalid:pass@evil.example/",
        "https://here.invalid/",
        "//here.invalid@evil.example",
        "//here.invalid/",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "evil.example",
        "?next=/",
        "\u{ff0f}\u{ff0f}evil.example",
    ];

    #[test]
    fn sess_09_targets_elsewhere_are_refused() {
        let listing = RedirectTargets::own().allow("https://shop.example.com").unwrap();
        for target in ELSEWHERE {
            assert_eq!(redirect_target(target), None, "{target:?}");
            assert_eq!(listing.check(target), None, "{target:?}");
        }
        assert_eq!(redirect_target(&format!("/{}", "a".repeat(MOST_BYTES))), None);
    }

    #[test]
    fn sess_09_own_paths_are_kept() {
        for (target, kept) in [
            ("/", "/"),
            ("/account/", "/account/"),
            ("/forms/thing/?page=2&q=a+b#below", "/forms/thing/?page=2&q=a+b#below"),
            ("/forms/thing/a%2Fb/", "/forms/thing/a%2Fb/"),
            ("/a/../b", "/b"),
            ("/a//b", "/a//b"),
            ("/größe?q=größe", "/gr%C3%B6%C3%9Fe?q=gr%C3%B6%C3%9Fe"),
            ("/?next=//evil.example", "/?next=//evil.example"),
            ("/#//evil.example", "/#//evil.example"),
            ("/:80/x", "/:80/x"),
            ("/@evil.example", "/@evil.example"),
        ] {
            assert_eq!(redirect_target(target).as_deref(), Some(kept), "{target:?}");
        }
    }

    #[test]
    fn sess_09_of_other_sites_those_on_the_list_alone_are_followed() {
        let targets = RedirectTargets::own()
            .allow("https://shop.example.com")
            .and_then(|targets| targets.allow("http://localhost:8000"))
            .unwrap();
        for (target, kept) in [
            ("https://shop.example.com", "https://shop.example.com/"),
            ("https://SHOP.example.com:443/a?b", "https://shop.example.com/a?b"),
            ("http://localhost:8000/", "http://localhost:8000/"),
            ("/here", "/here"),
        ] {
            assert_eq!(targets.check(target).as_deref(), Some(kept), "{target:?}");
        }
        for target in [
            "http://shop.example.com/",
            "https://shop.example.com:8443/",
            "https://a.shop.example.com/",
            "https://shop.example.com.evil.example/",
            "https://shop.example.com@evil.example/",
            "https://evil.example@shop.example.com/",
            "https://shop.example.com:x@evil.example/",
            "https:shop.example.com/",
            "https:/shop.example.com/",
            r"https:\\shop.example.com/",
            "ftp://shop.example.com/",
            "http://localhost/",
            "//shop.example.com/",
        ] {
            assert_eq!(targets.check(target), None, "{target:?}");
        }
        for origin in ["shop.example.com", "https://shop.example.com/path", "ftp://a", "https://a@b", "", "*"]
        {
            assert!(RedirectTargets::own().allow(origin).is_err(), "{origin:?}");
        }
    }

    proptest! {
        #[test]
        fn sess_09_what_is_kept_stays_here(target in r"[/\\.@:%a-z0-9?#\t\n \u{80}-\u{ffff}]{0,40}") {
            if let Some(kept) = redirect_target(&target) {
                let here = Url::parse("https://shop.example.com/login/?next=x").unwrap();
                prop_assert_eq!(here.join(&kept).unwrap().origin(), here.origin());
                prop_assert!(kept.starts_with('/') && !kept.starts_with("//"));
                prop_assert!(kept.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(redirect_target(&kept), Some(kept.clone()), "it is kept as it is");
            }
        }
    }
}
