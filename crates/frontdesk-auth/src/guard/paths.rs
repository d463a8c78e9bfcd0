//! Paths that need nobody to be signed in.

use std::borrow::Cow;
use std::sync::Arc;

/// Paths that a guard leaves alone: `/about` is that path, `/docs/*` everything that begins with `/docs/`.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExcludedPaths(Arc<[String]>);

impl ExcludedPaths {
    pub(crate) fn new(paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(paths.into_iter().map(Into::into).collect())
    }

    /// Whether a path, as it was sent, is one of them.
    ///
    /// It has to be so in either of the ways in which a program may read it: as it is, and with `.` and `..` resolved, both
    /// after percent-decoding. So `/docs/../admin` is not below `/docs/`, and `/admin/../docs/` is not either: routers do not
    /// resolve it, and would hand it to `/admin/`.
    pub(crate) fn contain(&self, path: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let Some(plain) = decode(path) else { return false };
        let resolved = resolve(&plain);
        self.0.iter().any(|pattern| matches(pattern, &plain) && matches(pattern, &resolved))
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == pattern,
    }
}

/// Percent-decoded; nothing for what different programs would read differently: an encoded `/` or `%`, a backslash, control
/// characters, what is no UTF-8, or no encoding.
fn decode(path: &str) -> Option<Cow<'_, str>> {
    let odd = |byte: u8| byte == b'\\' || byte.is_ascii_control();
    if !path.contains('%') {
        return (!path.bytes().any(odd)).then_some(Cow::Borrowed(path));
    }
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            if odd(byte) {
                return None;
            }
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        let decoded = u8::try_from(high << 4 | low).ok()?;
        if decoded == b'/' || decoded == b'%' || odd(decoded) {
            return None;
        }
        out.push(decoded);
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

/// Without `.` and `..`, and with one slash for several.
fn resolve(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = String::with_capacity(path.len());
    for part in &parts {
        out.push('/');
        out.push_str(part);
    }
    if out.is_empty() || path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..") {
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_as_documented() {
        let paths = ExcludedPaths::new(["/about", "/docs/*", "/sp ace/*"]);
        for path in ["/about", "/%61bout", "/docs/", "/docs/a/b", "/docs/a%20b", "/sp%20ace/x"] {
            assert!(paths.contain(path), "{path}");
        }
        for path in ["/about/", "/docs", "/", "", "/About", "/doc", "/docsx"] {
            assert!(!paths.contain(path), "{path}");
        }
        assert!(!ExcludedPaths::default().contain("/about"));
        assert!(ExcludedPaths::new(["*"]).contain("/anything"));
    }

    #[test]
    fn what_gets_round_a_guard_elsewhere_does_not_here() {
        let paths = ExcludedPaths::new(["/docs/*", "/about"]);
        for path in [
            "/docs/../admin",
            "/docs/..",
            "/docs/%2e%2e/admin",
            "/docs/%2E%2e%2fadmin",
            "/docs/.%2e/admin",
            "/docs/a/../../admin",
            "/docs/..\\admin",
            "/docs/%5c..%5cadmin",
            "/docs%2f..%2fadmin",
            "/docs/%252e%252e/admin",
            "/docs/%00",
            "/docs/%zz",
            "/docs/%",
            "/docs/%ff",
            "/admin/../docs/x",
            "/admin/../about",
            "/admin/%2e%2e/about",
            "//docs/x",
        ] {
            assert!(!paths.contain(path), "{path}");
        }
    }
}
