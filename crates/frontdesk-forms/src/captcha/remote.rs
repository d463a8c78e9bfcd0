//! Captchas of providers: the widget comes from them, and they are asked about the token that it leaves.

mod ask;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_html::{Sink, name};
use sha2::{Digest, Sha256};

use self::ask::{Asking, Reply};
use super::validator::TIME_LIMIT;
use super::{CaptchaContext, CaptchaRefusal, WhenDown};
use crate::Ledger;
use crate::ledger::{Claim, Id, SettleError};

/// What is the same for all sites of a provider.
#[derive(Debug)]
struct Provider {
    name: &'static str,
    token_field: &'static str,
    script: &'static str,
    class: &'static str,
    verify: &'static str,
    /// Whether a token is bound to an action.
    has_action: bool,
    /// Whether the site key is checked with the token.
    takes_site_key: bool,
    csp: &'static [(&'static str, &'static str)],
}

static HCAPTCHA: Provider = Provider {
    name: "hCaptcha",
    token_field: "h-captcha-response",
    script: "https://js.hcaptcha.com/1/api.js",
    class: "h-captcha",
    verify: "https://hcaptcha.com/siteverify",
    has_action: false,
    takes_site_key: true,
    csp: &[
        ("script-src", "https://hcaptcha.com"),
        ("script-src", "https://*.hcaptcha.com"),
        ("frame-src", "https://hcaptcha.com"),
        ("frame-src", "https://*.hcaptcha.com"),
        ("style-src", "https://hcaptcha.com"),
        ("style-src", "https://*.hcaptcha.com"),
        ("connect-src", "https://hcaptcha.com"),
        ("connect-src", "https://*.hcaptcha.com"),
    ],
};

static RECAPTCHA_V2: Provider = Provider {
    name: "reCAPTCHA",
    token_field: "g-recaptcha-response",
    script: "https://www.google.com/recaptcha/api.js",
    class: "g-recaptcha",
    verify: "https://www.google.com/recaptcha/api/siteverify",
    has_action: false,
    takes_site_key: false,
    csp: &[
        ("script-src", "https://www.google.com/recaptcha/"),
        ("script-src", "https://www.gstatic.com/recaptcha/"),
        ("frame-src", "https://www.google.com/recaptcha/"),
        ("frame-src", "https://recaptcha.google.com/recaptcha/"),
        ("connect-src", "https://www.google.com/recaptcha/"),
    ],
};

static TURNSTILE: Provider = Provider {
    name: "Turnstile",
    token_field: "cf-turnstile-response",
    script: "https://challenges.cloudflare.com/turnstile/v0/api.js",
    class: "cf-turnstile",
    verify: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    has_action: true,
    takes_site_key: false,
    csp: &[
        ("script-src", "https://challenges.cloudflare.com"),
        ("frame-src", "https://challenges.cloudflare.com"),
        ("connect-src", "https://challenges.cloudflare.com"),
    ],
};

/// The longest action of Turnstile.
const LONGEST_ACTION: usize = 32;

/// The captcha of a provider, from [`hcaptcha`], [`recaptcha_v2`] or [`turnstile`].
///
/// A token is refused if the provider does not say that it is good, if it was solved on another host or (Turnstile) for
/// another action, or if it came before: that is remembered in the desk's [`Ledger`].
///
/// While the provider is down, `register` and `reset` are closed, and so are forms; login is open, since it has rate
/// limits of its own. [`when_down`](Self::when_down) changes that. Down is: no answer within the time limit, a status
/// other than 200 without an answer in it, something that is no answer, more than 64 KiB of it, or an answer that our
/// own request was at fault, such as a wrong secret key. Where submissions are accepted meanwhile, those without any
/// token are too, since browsers get no widget then.
#[derive(Clone)]
pub struct RemoteCaptcha {
    provider: &'static Provider,
    site_key: Arc<str>,
    secret_key: Arc<str>,
    hosts: Hosts,
    when_down: Option<WhenDown>,
    asking: Arc<Asking>,
}

#[derive(Clone, Debug)]
enum Hosts {
    /// That of the form or endpoint.
    Known,
    These(Arc<[String]>),
    Any,
}

/// The captcha of [hCaptcha](https://www.hcaptcha.com): field `h-captcha-response`.
pub fn hcaptcha(site_key: impl Into<Arc<str>>, secret_key: impl Into<Arc<str>>) -> RemoteCaptcha {
    RemoteCaptcha::new(&HCAPTCHA, site_key.into(), secret_key.into())
}

/// The captcha of [Google](https://developers.google.com/recaptcha/docs/display), version 2, with a box to tick: field
/// `g-recaptcha-response`.
pub fn recaptcha_v2(site_key: impl Into<Arc<str>>, secret_key: impl Into<Arc<str>>) -> RemoteCaptcha {
    RemoteCaptcha::new(&RECAPTCHA_V2, site_key.into(), secret_key.into())
}

/// The captcha of [Cloudflare](https://developers.cloudflare.com/turnstile/): field `cf-turnstile-response`. Its tokens are
/// bound to what the form is for.
///
/// ```
/// use frontdesk_data::Field;
/// use frontdesk_forms::{Form, turnstile};
///
/// let captcha = turnstile("site key", "secret key").hosts(["shop.example", "www.shop.example"]);
/// let contact = Form::for_fields("contact", [Field::text("message")]).captcha(captcha);
/// ```
pub fn turnstile(site_key: impl Into<Arc<str>>, secret_key: impl Into<Arc<str>>) -> RemoteCaptcha {
    RemoteCaptcha::new(&TURNSTILE, site_key.into(), secret_key.into())
}

impl RemoteCaptcha {
    fn new(provider: &'static Provider, site_key: Arc<str>, secret_key: Arc<str>) -> Self {
        let asking = Arc::new(Asking::new(provider.verify.into(), TIME_LIMIT));
        Self { provider, site_key, secret_key, hosts: Hosts::Known, when_down: None, asking }
    }

    /// Sets the host names of the sites on which the captcha may have been solved. Default: that of the endpoint's base
    /// address; on a form, the one that the request was sent to.
    #[must_use]
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts = Hosts::These(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Accepts captchas that were solved on any host. The keys that providers give for tests need it: they are solved on
    /// `example.com` or `testkey.google.com`.
    ///
    /// # Warnings
    /// Whoever runs another site can then have its visitors solve captchas for yours, unless the provider's own settings
    /// name your hosts.
    #[must_use]
    pub fn any_host(mut self) -> Self {
        self.hosts = Hosts::Any;
        self
    }

    /// Sets what becomes of submissions while the provider is down, everywhere. Default: what the form or endpoint says
    /// ([`CaptchaContext::when_down`]).
    #[must_use]
    pub fn when_down(mut self, when_down: WhenDown) -> Self {
        self.when_down = Some(when_down);
        self
    }

    /// Sets how long the provider may take to answer: five seconds at most, which is the default.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.asking = Arc::new(Asking::new(self.asking.address().into(), limit.min(TIME_LIMIT)));
        self
    }

    /// Sets the address where tokens are checked: for a proxy of one's own, and for tests. It has to be `https`, unless it
    /// is this very machine's.
    #[must_use]
    pub fn verify_at(mut self, address: impl Into<String>) -> Self {
        self.asking = Arc::new(Asking::new(address.into(), self.asking.limit()));
        self
    }

    pub(super) fn token_field(&self) -> &str {
        self.provider.token_field
    }

    pub(super) fn csp(&self) -> &'static [(&'static str, &'static str)] {
        self.provider.csp
    }

    pub(super) fn write(&self, context: &CaptchaContext, out: &mut dyn Sink) {
        out.open(name!("script"));
        out.attr(name!("src"), self.provider.script);
        out.flag(name!("async"));
        out.flag(name!("defer"));
        out.close();
        out.open(name!("div"));
        out.attr(name!("class"), self.provider.class);
        out.attr(name!("data-sitekey"), &self.site_key);
        if self.provider.has_action {
            out.attr(name!("data-action"), &action(&context.action));
        }
        out.close();
        out.open(name!("noscript"));
        out.open(name!("p"));
        out.attr(name!("class"), "fd-noscript");
        out.text(&context.word("form-bot-needs-script", "This form needs JavaScript, to keep robots out."));
        out.close();
        out.close();
    }

    pub(super) async fn check(
        &self,
        ledger: &Ledger,
        context: &CaptchaContext,
        token: Option<&str>,
    ) -> Result<(), CaptchaRefusal> {
        let when_down = self.when_down.unwrap_or(context.when_down);
        let Some(token) = token else {
            // No widget, no token: only the provider can tell whether it is there.
            if when_down == WhenDown::Accept && matches!(self.ask("").await, Reply::Down(_)) {
                tracing::warn!(
                    provider = self.provider.name,
                    "accepted without a CAPTCHA, since its provider is down"
                );
                return Ok(());
            }
            return Err(CaptchaRefusal::missing());
        };
        if !is_token(token) {
            return Err(CaptchaRefusal::failed());
        }
        let claim = ledger.claim(self.id(token), [0; 32], Duration::ZERO).await;
        let ticket = match claim {
            Ok(Claim::Mine(ticket)) => ticket,
            Ok(Claim::Taken(_)) => return Err(CaptchaRefusal::failed()),
            Err(error) => {
                tracing::error!(%error, "whether a CAPTCHA's token came before could not be looked up");
                return Err(CaptchaRefusal::down());
            }
        };
        match self.ask(token).await {
            Reply::Solved { host, action } => {
                if !self.is_host(context, host.as_deref()) || !self.is_action(context, action.as_deref()) {
                    return Err(CaptchaRefusal::failed());
                }
                // Held for ever is used up. Of two processes, one can hold it.
                match ticket.hold().await {
                    Ok(()) => Ok(()),
                    Err(SettleError::Taken(_)) => Err(CaptchaRefusal::failed()),
                    Err(SettleError::Form(error)) => {
                        tracing::error!(%error, "that a CAPTCHA's token is used up could not be noted");
                        Err(CaptchaRefusal::down())
                    }
                }
            }
            Reply::Refused => Err(CaptchaRefusal::failed()),
            // Whoever makes us ask too much at once must not open a door by that.
            Reply::Busy => Err(CaptchaRefusal::down()),
            Reply::Down(_) if when_down == WhenDown::Accept => {
                tracing::warn!(
                    provider = self.provider.name,
                    "a CAPTCHA was not checked, since its provider is down"
                );
                Ok(())
            }
            Reply::Down(_) => Err(CaptchaRefusal::down()),
        }
    }

    async fn ask(&self, token: &str) -> Reply {
        let site_key = self.provider.takes_site_key.then_some(&*self.site_key);
        let reply = self.asking.ask(&self.secret_key, site_key, token).await;
        if let Reply::Down(reason) = &reply {
            tracing::error!(provider = self.provider.name, %reason, "a CAPTCHA could not be checked");
        }
        reply
    }

    /// What a token is remembered by.
    fn id(&self, token: &str) -> Id {
        let hash = Sha256::new().chain_update(self.provider.name).chain_update(b"\0").chain_update(token);
        let hash = hash.finalize();
        std::array::from_fn(|at| hash[at])
    }

    fn is_host(&self, context: &CaptchaContext, host: Option<&str>) -> bool {
        let is =
            |wanted: &str| host.is_some_and(|host| host_name(host).eq_ignore_ascii_case(host_name(wanted)));
        let fits = match &self.hosts {
            Hosts::Any => true,
            Hosts::These(hosts) => hosts.iter().any(|wanted| is(wanted)),
            Hosts::Known => context.host.as_deref().is_some_and(is),
        };
        if !fits {
            tracing::warn!(
                provider = self.provider.name,
                host = host.unwrap_or_default(),
                "a CAPTCHA was solved on another host; `hosts` names those that are yours"
            );
        }
        fits
    }

    fn is_action(&self, context: &CaptchaContext, given: Option<&str>) -> bool {
        !self.provider.has_action || given == Some(&action(&context.action))
    }
}

impl fmt::Debug for RemoteCaptcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteCaptcha").field("provider", &self.provider.name).finish_non_exhaustive()
    }
}

/// What stands for an action in Turnstile: letters, digits, `_` and `-`.
fn action(text: &str) -> String {
    let known = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    text.chars().map(known).take(LONGEST_ACTION).collect()
}

/// Tokens of all providers are of these letters. Others are not passed on, so that nothing in a token makes a filter
/// before the provider answer in its place.
fn is_token(token: &str) -> bool {
    const LONGEST: usize = 16 * 1024;
    token.len() <= LONGEST
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// A host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
