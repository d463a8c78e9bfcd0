//! What a page may load and run.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::request::Parts;
use http::{Extensions, HeaderValue};

/// A [Content-Security-Policy](https://www.w3.org/TR/CSP3/): from where a page may load scripts, styles, pictures and the
/// rest, and who may frame it.
///
/// # Defaults
/// `default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors
/// 'none'`: nothing of other sites, and no inline scripts and styles but those with the page's [nonce](CspNonce).
///
/// Keywords may be written without quotes: `self`, `none`, `unsafe-inline`.
///
/// ```
/// use frontdesk_web::ContentSecurityPolicy;
///
/// let policy = ContentSecurityPolicy::default()
///     .allow("script-src", "https://js.hcaptcha.com")?
///     .report_uri("/csp-violations/")?;
/// let header = policy.header_value(None);
/// assert!(header.to_str().unwrap().contains("script-src 'self' https://js.hcaptcha.com;"));
/// # Ok::<(), frontdesk_web::InvalidDirective>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentSecurityPolicy {
    directives: Vec<(Cow<'static, str>, String)>,
}

/// What cannot stand in a policy: a name that is none, or a source with a `;`, a `,` or a character outside of ASCII.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot stand in a Content-Security-Policy")]
pub struct InvalidDirective(pub String);

impl Default for ContentSecurityPolicy {
    fn default() -> Self {
        let directives = [
            ("default-src", "'self'"),
            ("img-src", "'self' data:"),
            ("object-src", "'none'"),
            ("base-uri", "'none'"),
            ("form-action", "'self'"),
            ("frame-ancestors", "'none'"),
        ];
        let directives = directives.map(|(name, sources)| (Cow::Borrowed(name), sources.to_owned()));
        Self { directives: directives.into() }
    }
}

impl ContentSecurityPolicy {
    /// Sets from where anything may be loaded for which no other directive says so. Default: `self`.
    ///
    /// # Errors
    /// As [`directive`](Self::directive).
    pub fn default_src(self, sources: &str) -> Result<Self, InvalidDirective> {
        self.directive("default-src", sources)
    }

    /// Sets where browsers report what was against the policy. Default: nowhere.
    ///
    /// # Errors
    /// As [`directive`](Self::directive).
    pub fn report_uri(self, address: &str) -> Result<Self, InvalidDirective> {
        self.directive("report-uri", address)
    }

    /// Sets a directive, with its sources between blanks.
    ///
    /// # Errors
    /// [`InvalidDirective`], if it would not be one directive, or no header.
    pub fn directive(mut self, name: &str, sources: &str) -> Result<Self, InvalidDirective> {
        let sources = read(name, sources)?;
        match self.find(name) {
            Some(index) => self.directives[index].1 = sources,
            None => self.directives.push((Cow::Owned(name.to_owned()), sources)),
        }
        Ok(self)
    }

    /// Adds a source to a directive. One that is not there yet begins as `default-src` is.
    ///
    /// # Errors
    /// As [`directive`](Self::directive).
    pub fn allow(mut self, name: &str, source: &str) -> Result<Self, InvalidDirective> {
        let source = read(name, source)?;
        self.add(name, &source);
        Ok(self)
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.directives.iter().position(|(known, _)| known == name)
    }

    fn add(&mut self, name: &str, source: &str) {
        let index = self.find(name).unwrap_or_else(|| {
            let start = self.find("default-src").map(|index| self.directives[index].1.clone());
            self.directives.push((Cow::Owned(name.to_owned()), start.unwrap_or_default()));
            self.directives.len() - 1
        });
        let sources = &mut self.directives[index].1;
        if sources.split(' ').any(|known| known == source) {
            return;
        }
        // Besides others, `'none'` would be passed over with a warning.
        if sources == "'none'" {
            sources.clear();
        }
        if !sources.is_empty() {
            sources.push(' ');
        }
        sources.push_str(source);
    }

    /// The header's value. With a nonce, inline scripts and styles that have it may run.
    pub fn header_value(&self, nonce: Option<&CspNonce>) -> HeaderValue {
        let with_nonce = nonce.map(|nonce| {
            let (mut policy, source) = (self.clone(), format!("'nonce-{}'", nonce.as_str()));
            policy.add("script-src", &source);
            policy.add("style-src", &source);
            policy
        });
        let policy = with_nonce.as_ref().unwrap_or(self);
        let mut text = String::with_capacity(256);
        for (name, sources) in &policy.directives {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(name);
            if !sources.is_empty() {
                text.push(' ');
                text.push_str(sources);
            }
        }
        HeaderValue::try_from(text).expect("directives are printable ASCII")
    }
}

/// The sources as they are written: keywords, nonces and hashes between quotes.
fn read(name: &str, sources: &str) -> Result<String, InvalidDirective> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let is_plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b';' && byte != b',';
    if !is_name {
        return Err(InvalidDirective(name.to_owned()));
    }
    if !sources.bytes().all(is_plain) {
        return Err(InvalidDirective(sources.to_owned()));
    }
    let quoted = sources.split_ascii_whitespace().map(|source| {
        let is_keyword = matches!(source, "self" | "none" | "strict-dynamic" | "report-sample")
            || ["unsafe-", "nonce-", "sha256-", "sha384-", "sha512-", "wasm-unsafe-"]
                .iter()
                .any(|start| source.starts_with(start));
        if is_keyword { Cow::Owned(format!("'{source}'")) } else { Cow::Borrowed(source) }
    });
    Ok(quoted.collect::<Vec<_>>().join(" "))
}

/// The nonce of one response: inline scripts and styles that have it may run (`<script nonce="…">`).
///
/// [`SecurityHeaders`](crate::SecurityHeaders), laid around a router, puts one among each request's extensions, and names it
/// in the policy if it was asked for. It is random, and made only then. It is an extractor too.
///
/// ```
/// use axum::{Router, response::Html, routing::get};
/// use frontdesk_web::{CspNonce, SecurityHeaders};
///
/// async fn page(nonce: CspNonce) -> Html<String> {
///     Html(format!("<script nonce=\"{}\">console.log('here')</script>", nonce.as_str()))
/// }
///
/// let app: Router = Router::new().route("/", get(page)).layer(SecurityHeaders::default());
/// ```
#[derive(Clone, Default)]
pub struct CspNonce(Arc<OnceLock<Box<str>>>);

impl CspNonce {
    /// A new one.
    pub fn new() -> Self {
        Self::default()
    }

    /// That of a request with these extensions; a new one, which no layer knows of, where they have none.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// The nonce: 24 characters of base64, none of which is to be escaped in HTML.
    pub fn as_str(&self) -> &str {
        self.0.get_or_init(|| {
            let mut random = [0; 18];
            getrandom::fill(&mut random).expect("the operating system gives random numbers");
            STANDARD_NO_PAD.encode(random).into()
        })
    }

    /// Whether somebody has asked for it.
    pub fn is_used(&self) -> bool {
        self.0.get().is_some()
    }
}

impl fmt::Debug for CspNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CspNonce(..)")
    }
}

impl<S: Sync> FromRequestParts<S> for CspNonce {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let nonce = Self::of(&parts.extensions);
        parts.extensions.insert(nonce.clone());
        Ok(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(policy: &ContentSecurityPolicy, nonce: Option<&CspNonce>) -> String {
        policy.header_value(nonce).to_str().unwrap().to_owned()
    }

    #[test]
    fn ops_01_the_default_lets_nothing_of_others_in() {
        let default = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                       form-action 'self'; frame-ancestors 'none'";
        assert_eq!(text(&ContentSecurityPolicy::default(), None), default);
    }

    #[test]
    fn directives_are_set_once_and_keywords_are_quoted() {
        let policy = ContentSecurityPolicy::default()
            .default_src("none")
            .and_then(|policy| policy.directive("script-src", "self  https://a.example unsafe-inline"))
            .and_then(|policy| policy.directive("script-src", "self strict-dynamic"))
            .and_then(|policy| policy.allow("object-src", "self"))
            .and_then(|policy| policy.allow("frame-src", "https://a.example"))
            .and_then(|policy| policy.allow("frame-src", "https://a.example"))
            .and_then(|policy| policy.directive("upgrade-insecure-requests", ""))
            .and_then(|policy| policy.report_uri("/csp/"))
            .unwrap();
        let expected = "default-src 'none'; img-src 'self' data:; object-src 'self'; base-uri 'none'; \
                        form-action 'self'; frame-ancestors 'none'; script-src 'self' 'strict-dynamic'; \
                        frame-src https://a.example; upgrade-insecure-requests; report-uri /csp/";
        assert_eq!(text(&policy, None), expected);
    }

    #[test]
    fn what_would_be_another_directive_is_refused() {
        let policy = ContentSecurityPolicy::default;
        for sources in ["self; script-src *", "self, default-src *", "self\r\nX: y", "größe", "a\tb"] {
            assert!(policy().default_src(sources).is_err(), "{sources:?}");
            assert!(policy().allow("img-src", sources).is_err(), "{sources:?}");
        }
        for name in ["", "img src", "img-src;", "Img-Src"] {
            assert!(policy().directive(name, "self").is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_nonce_is_for_scripts_and_styles_and_never_the_same() {
        let (one, two) = (CspNonce::new(), CspNonce::new());
        assert!(!one.is_used());
        assert_ne!(one.as_str(), two.as_str());
        assert!(one.is_used() && one.as_str().len() == 24);
        let policy = text(&ContentSecurityPolicy::default(), Some(&one));
        for directive in ["script-src", "style-src"] {
            assert!(policy.contains(&format!("; {directive} 'self' 'nonce-{}'", one.as_str())), "{policy}");
        }
    }
}
