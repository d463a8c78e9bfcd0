//! The pages of the endpoints: minijinja templates in one layout, in the visitor's language.

mod sentence;
mod styles;
mod template;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use frontdesk_forms::Desk;
use frontdesk_html::Markup;
use frontdesk_web::{
    Arg, ContentSecurityPolicy, CspNonce, CsrfToken, Flash, Language, Problem, SecurityHeaders,
};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use minijinja::value::{Kwargs, Value, ValueKind};

pub(crate) use self::sentence::Sentence;
pub use self::styles::{InvalidStyle, Styles};
pub(crate) use self::template::PageTemplate;
use crate::{Auth, AuthError};

/// What one page shows.
#[derive(Debug, Default)]
pub(crate) struct Page {
    status: StatusCode,
    error: Option<Sentence>,
    error_field: &'static str,
    notice: Option<String>,
    captcha: Option<Markup>,
    sources: Vec<(String, String)>,
    values: BTreeMap<&'static str, Value>,
}

impl Page {
    /// A page of that status.
    pub(crate) fn new(status: StatusCode) -> Self {
        Self { status, ..Self::default() }
    }

    /// Says what is wrong; `field` is the name of the input that it is about, or empty.
    #[must_use]
    pub(crate) fn error(mut self, error: Sentence, field: &'static str) -> Self {
        self.error = Some(error);
        self.error_field = field;
        self
    }

    /// Says what became of it.
    #[must_use]
    pub(crate) fn notice(mut self, notice: String) -> Self {
        self.notice = Some(notice);
        self
    }

    /// Puts a captcha into the form, and lets the page load what that needs.
    #[must_use]
    pub(crate) fn captcha<'c>(mut self, html: Markup, csp: impl Iterator<Item = (&'c str, &'c str)>) -> Self {
        self.captcha = Some(html);
        self.sources.extend(csp.map(|(directive, source)| (directive.to_owned(), source.to_owned())));
        self
    }

    /// Gives the template a value. Texts are escaped; markup is [`Value::from_safe_string`].
    #[must_use]
    pub(crate) fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }
}

/// The request that a page answers, and what the site is.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) auth: &'a Auth,
    pub(crate) parts: &'a Parts,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(auth: &'a Auth, parts: &'a Parts) -> Self {
        Self { auth, parts }
    }

    fn desk(&self) -> &Desk {
        self.auth.desk()
    }

    pub(crate) fn language(&self) -> Language {
        self.desk().languages().choose(&self.parts.extensions, &self.parts.headers)
    }

    /// A message of the catalogues, in the visitor's language.
    pub(crate) fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.language().say(key, args).unwrap_or_else(|| key.to_owned())
    }

    /// The page.
    pub(crate) fn page(&self, template: &PageTemplate, page: Page) -> Response {
        let nonce = CspNonce::of(&self.parts.extensions);
        let flash = Flash::from_headers(&self.parts.headers);
        let status = page.status;
        let policy = policy(&nonce, &page.sources);
        let html = match template.render(self.context(template, page, &nonce, &flash)) {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(error = %error_chain(&error), "a page of sign-in cannot be drawn");
                return trouble(&AuthError::Setup(String::new()));
            }
        };
        let mut response = (flash, Body::from(html)).into_response();
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        finish(response)
    }

    fn context(&self, template: &PageTemplate, page: Page, nonce: &CspNonce, flash: &Flash) -> Value {
        let language = self.language();
        let mut values: BTreeMap<&'static str, Value> = BTreeMap::from([
            ("lang", language.tag().into()),
            ("dir", language.direction().as_str().into()),
            ("site_name", self.auth.site().into()),
            // It has no character that HTML knows, and one that minijinja escapes.
            ("csp_nonce", Value::from_safe_string(nonce.as_str().to_owned())),
            ("request", self.request()),
            ("styles", template.styles_value()),
            ("error_field", page.error_field.into()),
        ]);
        if let Some((name, token)) = self.csrf() {
            values.insert("csrf_cookie_name", name.into());
            values.insert("csrftoken", token.into());
        }
        if let Some(error) = &page.error {
            values.insert("error", Value::from_safe_string(error.html(&language).into_string()));
        }
        let told = || flash.message().map(|flash| flash.message.clone());
        if let Some(notice) = page.notice.or_else(told) {
            values.insert("notice", notice.into());
        }
        if let Some(captcha) = page.captcha {
            values.insert("captcha", Value::from_safe_string(captcha.into_string()));
        }
        values.extend(page.values);
        values.insert("t", texts(language));
        Value::from(values)
    }

    fn request(&self) -> Value {
        // Where a router is nested, its own address is a part of the whole one.
        let whole = self.parts.extensions.get::<OriginalUri>();
        let uri = whole.map_or(&self.parts.uri, |whole| &whole.0);
        minijinja::context! {
            method => self.parts.method.as_str(),
            path => uri.path(),
            query => uri.query().unwrap_or_default(),
        }
    }

    /// The name of the form field of the CSRF token, and a token; `None` where no layer checks it.
    fn csrf(&self) -> Option<(String, String)> {
        let token = CsrfToken::of(&self.parts.extensions)?;
        Some((token.field_name().to_owned(), token.value()))
    }
}

/// A problem document with that sentence.
pub(crate) fn problem(status: StatusCode, sentence: Option<&Sentence>) -> Response {
    let problem = Problem::new(status);
    finish(match sentence {
        Some(sentence) => problem.detail(sentence.english()).into_response(),
        None => problem.into_response(),
    })
}

/// The answer to a fault of ours, or of what we stand on. What it was is for the log.
pub(crate) fn trouble(error: &AuthError) -> Response {
    let status = error.status();
    tracing::error!(%error, "sign-in could not be served");
    let key = if status == StatusCode::SERVICE_UNAVAILABLE { "auth-unavailable" } else { "auth-trouble" };
    let mut response = problem(status, Some(&Sentence::new(key)));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// Gives any answer of sign-in what all of them have: it is not to be kept, and browsers are to be careful with it.
pub(crate) fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    SecurityHeaders::default().apply(headers);
    response
}

/// The policy of a page: nothing but its own style and script, and what a captcha needs.
fn policy(nonce: &CspNonce, sources: &[(String, String)]) -> HeaderValue {
    let mut policy = ContentSecurityPolicy::default();
    for (directive, source) in sources {
        policy = match policy.clone().allow(directive, source) {
            Ok(wider) => wider,
            Err(error) => {
                tracing::error!(%error, "a captcha asks for what cannot stand in a policy");
                policy
            }
        };
    }
    policy.header_value(Some(nonce))
}

/// The function `t` of templates: `t("auth-login")`, `t("auth-password-hint", min=15)`.
fn texts(language: Language) -> Value {
    Value::from_function(move |key: &str, args: Kwargs| -> Result<String, minijinja::Error> {
        let named: Vec<(&str, Value)> =
            args.args().map(|name| args.get(name).map(|value| (name, value))).collect::<Result<_, _>>()?;
        let args: Vec<(&str, Arg<'_>)> = named
            .iter()
            .map(|(name, value)| {
                let number = (value.kind() == ValueKind::Number).then(|| i64::try_from(value.clone()).ok());
                let arg = number.flatten().map_or_else(|| Arg::from(value.to_string()), Arg::from);
                (*name, arg)
            })
            .collect();
        Ok(language.say(key, &args).unwrap_or_else(|| key.to_owned()))
    })
}

fn error_chain(error: &minijinja::Error) -> String {
    let mut text = format!("{error:#}");
    let mut source = std::error::Error::source(error);
    while let Some(next) = source {
        text.push_str(": ");
        text.push_str(&next.to_string());
        source = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use frontdesk_web::Secret;
    use http::Request;
    use scraper::{Html, Selector};

    use super::*;
    use crate::{Sessions, Users};

    async fn auth() -> Auth {
        let db = frontdesk_data::Db::open("sqlite::memory:").await.unwrap();
        let desk = Desk::new(Secret::random());
        Auth::new(Users::own(&db), Sessions::memory(), &desk).site_name("Fish & Chips")
    }

    fn parts(language: &str) -> Parts {
        Request::get("/login/?next=/x").header("accept-language", language).body(()).unwrap().into_parts().0
    }

    async fn html(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn text(page: &Html, selector: &str) -> String {
        let found = page.select(&Selector::parse(selector).unwrap()).next();
        found.unwrap_or_else(|| panic!("{selector}: {}", page.html())).text().collect()
    }

    #[tokio::test]
    async fn a_page_says_what_is_wrong_in_the_visitors_language_and_escapes_it() {
        let (auth, parts) = (auth().await, parts("de"));
        let page = Page::new(StatusCode::UNPROCESSABLE_ENTITY)
            .error(Sentence::Text("<b>no</b>".to_owned()), "username")
            .set("username", "\"><script>")
            .set("username_autocomplete", "username");
        let response = Caller::new(&auth, &parts).page(&PageTemplate::built_in("login.html"), page);
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let html = html(response).await;
        assert!(html.contains(r#"<p class="error">&lt;b&gt;no&lt;/b&gt;</p>"#), "{html}");
        let page = Html::parse_document(&html);
        assert_eq!(text(&page, "h1"), "Anmelden");
        assert_eq!(text(&page, "title"), "Fehler: Anmelden – Fish & Chips");
        assert_eq!(text(&page, "button[type=submit]"), "Anmelden");
        let input = |selector: &str| page.select(&Selector::parse(selector).unwrap()).next().unwrap();
        let username = input("input[name=username]");
        assert_eq!(username.attr("value"), Some("\"><script>"));
        assert_eq!(username.attr("aria-describedby"), Some("error"));
        assert_eq!(username.attr("autocomplete"), Some("username"));
        let password = input("input[name=password]");
        assert_eq!(password.attr("autocomplete"), Some("current-password"));
        assert_eq!(password.attr("aria-invalid"), None);
        assert_eq!(password.attr("maxlength"), None, "a long password is not cut");
        for tag in ["style", "script"] {
            let nonce = input(tag).attr("nonce").unwrap();
            assert!(policy.contains(&format!("{tag}-src 'self' 'nonce-{nonce}'")), "{policy}");
        }
        assert_eq!(page.select(&Selector::parse("script").unwrap()).count(), 1, "{html}");
    }

    #[tokio::test]
    async fn every_template_of_ours_is_drawn() {
        let (auth, parts) = (auth().await, parts("en"));
        let caller = Caller::new(&auth, &parts);
        let links = minijinja::context! { login => "/login/", password_reset => "/password-reset/" };
        let session =
            minijinja::context! { id => "a", device => "Firefox", created => "1", last_seen => "2" };
        for (name, title) in [
            ("login.html", "Login"),
            ("logout.html", "Logout"),
            ("register.html", "Sign Up"),
            ("change_password.html", "Change Password"),
            ("password_reset.html", "Reset Password"),
            ("confirm.html", "Confirm e-mail address"),
            ("account.html", "Account"),
        ] {
            for token in [Value::UNDEFINED, Value::from("abc")] {
                let page = Page::new(StatusCode::OK)
                    .set("links", links.clone())
                    .set("min_password_length", 15)
                    .set("show_mfa_input", true)
                    .set("mfa_provider_names", vec!["App", "Mail"])
                    .set("sessions", vec![session.clone(), session.clone()])
                    .set("can_change_email", true)
                    .set("needs_password", true)
                    .set("username", "ada")
                    .set("token", token)
                    .captcha(
                        Markup::trusted("<i>riddle</i>"),
                        [("frame-src", "https://c.example")].into_iter(),
                    );
                let response = caller.page(&PageTemplate::built_in(name), page);
                let policy = response.headers()["content-security-policy"].to_str().unwrap();
                assert!(policy.contains("frame-src 'self' https://c.example"), "{policy}");
                let page = Html::parse_document(&html(response).await);
                assert_eq!(text(&page, "h1"), title);
                let text: String = page.root_element().text().collect();
                assert!(!text.contains("auth-"), "{name}: a text is missing: {text}");
                let ids: Vec<_> = page
                    .select(&Selector::parse("[id]").unwrap())
                    .filter_map(|element| element.attr("id"))
                    .collect();
                let mut once = ids.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), ids.len(), "{name}: an id is there twice: {ids:?}");
            }
        }
    }

    #[test]
    fn what_clients_read_is_the_wire_contracts() {
        assert_eq!(Sentence::wire("auth-login-failed", "Login failed").english(), "Login failed");
        let short = Sentence::with("auth-password-too-short", "min", 6);
        assert_eq!(short.english(), "Password must be at least 6 characters long.");
    }
}
