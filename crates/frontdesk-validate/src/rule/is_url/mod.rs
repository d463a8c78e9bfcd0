mod host;
mod parts;
mod schemes;

use std::borrow::Cow;

use self::parts::{Split, authority, is_port, is_scheme, tail};
use serde_json::json;

use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Enter a valid URL");

/// `IS_URL`: the value looks like a URL. Nothing is fetched.
///
/// [`new`](Self::new) takes addresses of web pages: `http` or `https`, a host whose top-level domain exists (or
/// `localhost`, or an IP address), and also `google.ca` or `google.ca:80/x`, to which `http://` is added, and paths such
/// as `/about`. [`generic`](Self::generic) takes any known scheme, and leaves what has none as it is.
///
/// The scheme becomes lower case; a host in other scripts becomes Punycode; in path, query and fragment, characters
/// beyond ASCII (and for web pages blanks) are percent-encoded as UTF-8. Everything else stays as it was typed.
/// Refused are control characters, blanks elsewhere, `"<>[\]^{|}` and the backquote, a `%` without two hexadecimal digits,
/// ports above 65535.
///
/// # Defaults
/// All schemes of the mode, and none; `http://` is added; the top-level domains of the Public Suffix List.
///
/// # Errors
/// Code `is_url`.
///
/// ```
/// use frontdesk_validate::{IsUrl, Rules};
///
/// let url = Rules::one(IsUrl::new());
/// assert_eq!(url.check_now("google.ca".into()), Ok("http://google.ca".into()));
/// assert_eq!(url.check_now("http://bücher.ch/é".into()), Ok("http://xn--bcher-kva.ch/%C3%A9".into()));
/// assert_eq!(url.check_now("javascript:alert(1)".into()).unwrap_err().text(), "Enter a valid URL");
///
/// let secure = Rules::one(IsUrl::new().schemes(["https"])?.abbreviated(false));
/// assert!(secure.check_now("http://google.ca".into()).is_err());
/// # Ok::<(), frontdesk_validate::UrlSchemeError>(())
/// ```
///
/// # Warnings
/// A generic URL may well be `javascript:…`. Do not link to one without a look at its scheme.
#[derive(Clone, Debug)]
pub struct IsUrl {
    mode: Mode,
    /// `None`: all that the mode knows.
    schemes: Option<Vec<String>>,
    abbreviated: bool,
    prepend: Option<String>,
    tlds: Option<Vec<String>>,
    message: Message,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Http,
    Generic,
}

/// A scheme that a URL rule cannot allow or add.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{scheme}` {problem}")]
pub struct UrlSchemeError {
    scheme: String,
    problem: &'static str,
}

impl Default for IsUrl {
    fn default() -> Self {
        Self {
            mode: Mode::Http,
            schemes: None,
            abbreviated: true,
            prepend: Some("http".to_owned()),
            tlds: None,
            message: MESSAGE,
        }
    }
}

impl IsUrl {
    /// Addresses of web pages.
    pub fn new() -> Self {
        Self::default()
    }

    /// URLs of any known scheme.
    pub fn generic() -> Self {
        Self { mode: Mode::Generic, ..Self::default() }
    }

    /// Only these schemes. If `http` is not among them, the first of them is added where one is missing.
    ///
    /// # Errors
    /// [`UrlSchemeError`], for what cannot be a scheme, and for a web page's other than `http` and `https`.
    pub fn schemes<S: AsRef<str>>(
        mut self,
        schemes: impl IntoIterator<Item = S>,
    ) -> Result<Self, UrlSchemeError> {
        let schemes: Vec<String> =
            schemes.into_iter().map(|scheme| scheme.as_ref().to_ascii_lowercase()).collect();
        for scheme in &schemes {
            let problem = match self.mode {
                Mode::Http if !matches!(&**scheme, "http" | "https") => {
                    "is no scheme of a web page: http or https"
                }
                Mode::Generic if !is_scheme(scheme) => "cannot be a scheme",
                _ => continue,
            };
            return Err(UrlSchemeError { scheme: scheme.clone(), problem });
        }
        if self.prepend.as_ref().is_some_and(|prepend| !schemes.contains(prepend)) {
            self.prepend = schemes.first().cloned();
        }
        self.schemes = Some(schemes);
        Ok(self)
    }

    /// Whether a URL may do without a scheme. Default: yes.
    #[must_use]
    pub fn abbreviated(mut self, yes: bool) -> Self {
        self.abbreviated = yes;
        self
    }

    /// The scheme that is added where one is missing. Default: `http`. Call it behind [`schemes`](Self::schemes).
    ///
    /// # Errors
    /// [`UrlSchemeError`], if `scheme` is not allowed itself.
    pub fn prepend_scheme(mut self, scheme: &str) -> Result<Self, UrlSchemeError> {
        let scheme = scheme.to_ascii_lowercase();
        if !self.allows(&scheme) {
            return Err(UrlSchemeError { scheme, problem: "is not among the allowed schemes" });
        }
        self.prepend = Some(scheme);
        Ok(self)
    }

    /// Adds no scheme: a URL without one passes as it is.
    #[must_use]
    pub fn without_prepending(mut self) -> Self {
        self.prepend = None;
        self
    }

    /// Only these top-level domains, for web pages.
    #[must_use]
    pub fn tlds<S: AsRef<str>>(mut self, tlds: impl IntoIterator<Item = S>) -> Self {
        self.tlds = Some(tlds.into_iter().map(|tld| host::normal_tld(tld.as_ref())).collect());
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    /// Whether a scheme, in lower case, is allowed.
    fn allows(&self, scheme: &str) -> bool {
        match (&self.schemes, self.mode) {
            (Some(schemes), _) => schemes.iter().any(|allowed| allowed == scheme),
            (None, Mode::Http) => matches!(scheme, "http" | "https"),
            (None, Mode::Generic) => schemes::is_known(scheme),
        }
    }

    /// The URL as it is accepted: borrowed if it is what was typed.
    fn accept<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        if text.is_empty() {
            return None;
        }
        match self.mode {
            Mode::Http => self.http(text),
            Mode::Generic => self.generic_url(text),
        }
    }

    fn http<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let split = Split::new(text);
        let is_host = |host: &str| host::is_web_host(host, self.tlds.as_deref());
        if let (Some(scheme), Some(authority)) = (split.scheme, split.authority) {
            let lower = scheme.to_ascii_lowercase();
            if !self.allows(&lower) {
                return None;
            }
            let authority = parts::authority(authority, is_host)?;
            return Some(joined(text, Some((&lower, scheme)), authority, tail(split.tail, true)?));
        }
        if !self.abbreviated {
            return None;
        }
        if split.scheme.is_none() && split.authority.is_none() && text.starts_with('/') {
            return tail(text, true);
        }
        let (head, rest) = match split.authority {
            Some(host) => (host, split.tail),
            // `mailto:a@b.com` is no host with a port.
            None if split.head.split_once(':').is_some_and(|(_, port)| !is_port(port)) => return None,
            None => (split.head, &text[split.head.len()..]),
        };
        let authority = authority(head, is_host)?;
        let tail = tail(rest, true)?;
        Some(match &self.prepend {
            Some(scheme) => format!("{scheme}://{authority}{tail}").into(),
            None => joined(text, None, authority, tail),
        })
    }

    fn generic_url<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let split = Split::new(text);
        let any_host = |_: &str| true;
        if let Some(scheme) = split.scheme {
            let lower = scheme.to_ascii_lowercase();
            if self.allows(&lower) {
                let lower = Some((&*lower, scheme));
                return Some(match split.authority {
                    Some(host) => joined(text, lower, authority(host, any_host)?, tail(split.tail, false)?),
                    None => joined_opaque(text, lower, tail(split.tail, false)?),
                });
            }
        }
        if !self.abbreviated {
            return None;
        }
        if let Some(host) = split.authority {
            // With a scheme it would be one that is not allowed.
            let network_path = split.scheme.is_none();
            return network_path.then_some(joined(
                text,
                None,
                authority(host, any_host)?,
                tail(split.tail, false)?,
            ));
        }
        let rest = &text[split.head.len()..];
        match split.head.split_once(':') {
            Some((_, port)) if is_port(port) => {
                let authority = authority(split.head, any_host)?;
                let tail = tail(rest, false)?;
                Some(match &self.prepend {
                    Some(scheme) => format!("{scheme}://{authority}{tail}").into(),
                    None => joined(text, None, authority, tail),
                })
            }
            Some(_) => None,
            None if split.head.is_ascii() => tail(text, false),
            None => Some(joined(text, None, authority(split.head, any_host)?, tail(rest, false)?)),
        }
    }
}

/// The URL from its parts, or the text itself where no part has changed. `scheme` is given in lower case and as typed.
fn joined<'t>(
    text: &'t str,
    scheme: Option<(&str, &str)>,
    authority: Cow<'_, str>,
    tail: Cow<'_, str>,
) -> Cow<'t, str> {
    let same_scheme = scheme.is_none_or(|(lower, typed)| lower == typed);
    match (&authority, &tail) {
        (Cow::Borrowed(_), Cow::Borrowed(_)) if same_scheme => Cow::Borrowed(text),
        _ => match scheme {
            Some((lower, _)) => format!("{lower}://{authority}{tail}").into(),
            None if text.starts_with("//") => format!("//{authority}{tail}").into(),
            None => format!("{authority}{tail}").into(),
        },
    }
}

/// As [`joined`], for a URL without a host, such as `mailto:a@b.com`.
fn joined_opaque<'t>(text: &'t str, scheme: Option<(&str, &str)>, tail: Cow<'_, str>) -> Cow<'t, str> {
    match (scheme, &tail) {
        (Some((lower, typed)), Cow::Borrowed(_)) if lower == typed => Cow::Borrowed(text),
        (Some((lower, _)), _) => format!("{lower}:{tail}").into(),
        (None, _) => Cow::Owned(tail.into_owned()),
    }
}

impl IsUrl {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsUrl {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        if let Value::Text(text) = value {
            match self.accept(&text) {
                Some(Cow::Borrowed(_)) => return Ok(Value::Text(text)).into(),
                Some(Cow::Owned(url)) => return Ok(Value::Text(url)).into(),
                None => {}
            }
        }
        Err(self.error()).into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.looks_like(InputKind::Url, self.error());
        out.end();
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string"}));
        out.end();
    }
}

impl FromArgs for IsUrl {
    const NAME: &'static str = "is_url";
    const ARGS: &'static [&'static str] =
        &["mode", "allowed_schemes", "prepend_scheme", "allowed_tlds", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let mut rule = match args.text("mode")?.as_deref() {
            None | Some("http") => Self::new(),
            Some("generic") => Self::generic(),
            Some(other) => return Err(args.wrong("mode", "\"http\" or \"generic\"", &other.into())),
        };
        if let Some(json) = args.take("allowed_schemes").filter(|json| !json.is_null()) {
            let wrong = || args.wrong("allowed_schemes", "a list of texts and null", &json);
            let items = json.as_array().ok_or_else(wrong)?;
            let mut schemes = Vec::new();
            rule.abbreviated = false;
            for item in items {
                match item {
                    serde_json::Value::Null => rule.abbreviated = true,
                    serde_json::Value::String(scheme) => schemes.push(scheme),
                    _ => return Err(wrong()),
                }
            }
            rule = rule
                .schemes(schemes)
                .map_err(|error| args.senseless("allowed_schemes", format!("cannot be: {error}")))?;
        }
        match args.take("prepend_scheme") {
            None => {}
            Some(serde_json::Value::Null) => rule.prepend = None,
            Some(serde_json::Value::String(scheme)) => {
                rule = rule
                    .prepend_scheme(&scheme)
                    .map_err(|error| args.senseless("prepend_scheme", format!("cannot be: {error}")))?;
            }
            Some(other) => return Err(args.wrong("prepend_scheme", "a text or null", &other)),
        }
        if let Some(tlds) = args.texts("allowed_tlds")? {
            rule = rule.tlds(tlds);
        }
        rule.message = args.message()?.unwrap_or(MESSAGE);
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &str) -> Option<String> {
        IsUrl::new().accept(text).map(Cow::into_owned)
    }

    #[test]
    fn what_is_fine_is_not_copied() {
        for text in ["https://google.ca/a?b#c", "/about", "http://user@localhost:8000/"] {
            assert!(matches!(IsUrl::new().accept(text), Some(Cow::Borrowed(_))), "{text}");
        }
        for text in ["mailto:a@b.com", "//x/y", "http://exa_mple.com", "google.ca"] {
            assert!(matches!(IsUrl::generic().accept(text), Some(Cow::Borrowed(_))), "{text}");
        }
    }

    #[test]
    fn hosts_that_are_addresses() {
        assert!(accept("http://[2001:db8::1]:8080/").is_some());
        assert!(accept("http://[::1]").is_some());
        for bad in ["http://[::1", "http://[::g]/", "http://[::1]x/", "http://[127.0.0.1]/", "http://1.2.3/"]
        {
            assert!(accept(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn hosts_have_the_lengths_of_the_domain_name_system() {
        let label = |length| format!("http://{}.com", "a".repeat(length));
        assert!(accept(&label(63)).is_some());
        assert!(accept(&label(64)).is_none());
        assert!(accept(&format!("http://{}com", "abc.".repeat(62))).is_some());
        assert!(accept(&format!("http://{}com", "abc.".repeat(63))).is_none());
    }

    #[test]
    fn ports_fit_sixteen_bits() {
        for (port, fits) in [("65535", true), ("065535", true), ("65536", false), ("", true), ("8x", false)] {
            assert_eq!(accept(&format!("http://a.com:{port}/")).is_some(), fits, "{port}");
        }
    }

    #[test]
    fn top_level_domains_in_all_forms() {
        for text in ["пример.рф", "http://example.xn--p1ai", "a.b.ck", "x.museum", "x.GAY", "http://a.com."]
        {
            assert!(accept(text).is_some(), "{text}");
        }
        assert!(IsUrl::new().tlds(["рф"]).accept("пример.рф").is_some());
        assert!(IsUrl::new().tlds(["com"]).accept("localhost").is_none());
    }

    #[test]
    fn schemes_are_checked_when_they_are_set() {
        assert_eq!(
            IsUrl::new().schemes(["ftp"]).unwrap_err().to_string(),
            "`ftp` is no scheme of a web page: http or https",
        );
        assert!(IsUrl::generic().schemes(["my app"]).is_err());
        let own = IsUrl::generic().schemes(["myapp"]).unwrap();
        assert!(own.accept("MyApp://open").is_some_and(|url| url == "myapp://open"));
        assert!(IsUrl::new().schemes(["http"]).unwrap().prepend_scheme("https").is_err());
        let secure = IsUrl::new().schemes(["https"]).unwrap();
        assert_eq!(secure.accept("google.ca").unwrap(), "https://google.ca");
    }
}
