use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use frontdesk_web::Language;

/// What becomes of a submission when it cannot be found out whether its captcha was solved: the provider does not answer,
/// or with an error, or with something that is no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenDown {
    /// It is refused; the visitor is asked to try again in a moment.
    #[default]
    Refuse,
    /// It goes on. For forms that something else protects too, as rate limits do with login: nobody is locked out because
    /// a third party is down.
    Accept,
}

/// What a captcha is for, and who sends it.
#[derive(Clone)]
#[non_exhaustive]
pub struct CaptchaContext {
    /// What the form is for, such as `login`: what was solved for another one is refused where the captcha can tell.
    pub action: Cow<'static, str>,
    /// The address of the client.
    pub address: Option<IpAddr>,
    /// The host name that visitors know the site by. Providers say on which site a captcha was solved.
    pub host: Option<String>,
    /// What becomes of a submission when the captcha cannot be checked. Default: it is refused.
    pub when_down: WhenDown,
    /// The visitor's language. Default: English.
    pub language: Option<Language>,
}

impl CaptchaContext {
    /// A context: what the form is for, and nothing else.
    pub fn new(action: impl Into<Cow<'static, str>>) -> Self {
        Self { action: action.into(), address: None, host: None, when_down: WhenDown::Refuse, language: None }
    }

    /// Sets the address of the client.
    #[must_use]
    pub fn address(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// Sets the host name that visitors know the site by, best from configuration: `Host` is what the client says.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Sets what becomes of a submission when the captcha cannot be checked.
    #[must_use]
    pub fn when_down(mut self, when_down: WhenDown) -> Self {
        self.when_down = when_down;
        self
    }

    /// Sets the visitor's language.
    #[must_use]
    pub fn language(mut self, language: &Language) -> Self {
        self.language = Some(language.clone());
        self
    }

    /// A text in the visitor's language.
    pub(super) fn word(&self, key: &str, english: &'static str) -> Cow<'static, str> {
        match &self.language {
            Some(language) => language.say_or(key, &[], english),
            None => english.into(),
        }
    }
}

impl fmt::Debug for CaptchaContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptchaContext")
            .field("action", &self.action)
            .field("address", &self.address)
            .field("host", &self.host)
            .field("when_down", &self.when_down)
            .finish_non_exhaustive()
    }
}

/// What a submission brought for its captcha, from [`Captcha::read`](super::Captcha::read). It hides itself in `Debug`
/// output.
#[derive(Clone, Default)]
pub struct CaptchaAnswer {
    pub(super) token: Option<String>,
    pub(super) honeypot: Option<String>,
    pub(super) drawn: Option<String>,
}

impl CaptchaAnswer {
    /// An answer that is a token alone; an empty one is none.
    pub fn new(token: Option<String>) -> Self {
        Self { token: token.filter(|token| !token.is_empty()), ..Self::default() }
    }
}

impl fmt::Debug for CaptchaAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaptchaAnswer(..)")
    }
}
