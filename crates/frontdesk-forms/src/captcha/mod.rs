//! CAPTCHAs: riddles of a provider, of the application, or our own proof of work.

mod bots;
mod context;
mod refusal;
#[cfg(feature = "captcha-remote")]
mod remote;
mod validator;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "captcha-remote")]
use frontdesk_html::HtmlWriter;
use frontdesk_html::{Markup, Sink};

pub use self::context::{CaptchaAnswer, CaptchaContext, WhenDown};
pub use self::refusal::CaptchaRefusal;
#[cfg(feature = "captcha-remote")]
pub use self::remote::{RemoteCaptcha, hcaptcha, recaptcha_v2, turnstile};
use self::validator::Validator;
pub use self::validator::{CaptchaDown, CaptchaVerdict};
use crate::{BotProtection, Desk};

/// Keeps programs out of a form: HTML that makes a browser add a field, the name of that field, and a function that
/// judges what it holds.
///
/// Ready ones are `hcaptcha`, `recaptcha_v2` and `turnstile` (feature `captcha-remote`), which ask their provider, and
/// [`BotProtection`], which asks nobody: `Captcha::from(BotProtection::new())`. One of your own needs a validator, which
/// refuses by returning a sentence:
///
/// ```
/// use frontdesk_forms::Captcha;
/// use frontdesk_html::Markup;
///
/// let riddle = Captcha::new(
///     Markup::trusted(r#"<label>Two and two? <input name="sum" autocomplete="off"></label>"#),
///     "sum",
///     |token, _| (token != Some("4")).then_some("That is not what they make."),
/// );
/// ```
///
/// A captcha without a validator is none, and does not compile:
///
/// ```compile_fail
/// # use frontdesk_forms::Captcha;
/// # use frontdesk_html::Markup;
/// let open = Captcha::new(Markup::trusted("<p>Welcome</p>"), "token");
/// ```
///
/// It works on any form ([`FormSpec::captcha`](crate::FormSpec::captcha)) and on the endpoints of sign-in. Cloning is
/// cheap.
#[derive(Clone)]
pub struct Captcha(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    /// What pages are to allow, by directive of a Content-Security-Policy.
    csp: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    when_down: Option<WhenDown>,
}

#[derive(Clone)]
enum Kind {
    Own {
        form_html: Markup,
        token_field: Cow<'static, str>,
        validator: Validator,
    },
    Bots(BotProtection),
    #[cfg(feature = "captcha-remote")]
    Remote(RemoteCaptcha),
}

impl Captcha {
    /// A captcha of the application's own, judged at once.
    ///
    /// `form_html` is put into the form as it is; `token_field` is the name of the field that it leads to. The validator
    /// gets the text of that field, `None` if there was none, and a [`CaptchaContext`]. It refuses by a sentence, or with
    /// an error: see [`CaptchaVerdict`]. If it panics, the submission is refused.
    pub fn new<V: CaptchaVerdict>(
        form_html: impl Into<Markup>,
        token_field: impl Into<Cow<'static, str>>,
        validator: impl Fn(Option<&str>, &CaptchaContext) -> V + Send + Sync + 'static,
    ) -> Self {
        Self::own(form_html.into(), token_field.into(), Validator::of(validator))
    }

    /// A captcha of the application's own whose validator has to ask somebody. After five seconds without an answer the
    /// submission is refused.
    ///
    /// ```
    /// use frontdesk_forms::Captcha;
    /// use frontdesk_html::Markup;
    ///
    /// # async fn is_known(_: &str) -> Result<bool, std::io::Error> { Ok(true) }
    /// let captcha = Captcha::new_async(Markup::trusted("<my-riddle></my-riddle>"), "riddle", async |token, _| {
    ///     let is_known = is_known(&token.unwrap_or_default()).await?;
    ///     Ok::<_, std::io::Error>((!is_known).then_some("CAPTCHA failed."))
    /// });
    /// ```
    pub fn new_async<V: CaptchaVerdict, F: Future<Output = V> + Send + 'static>(
        form_html: impl Into<Markup>,
        token_field: impl Into<Cow<'static, str>>,
        validator: impl Fn(Option<String>, CaptchaContext) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::own(form_html.into(), token_field.into(), Validator::of_async(validator))
    }

    fn own(form_html: Markup, token_field: Cow<'static, str>, validator: Validator) -> Self {
        Self::of(Kind::Own { form_html, token_field, validator })
    }

    fn of(kind: Kind) -> Self {
        Self(Arc::new(Inner { kind, csp: Vec::new(), when_down: None }))
    }

    /// Says that pages with this captcha need `source` in that directive of their Content-Security-Policy, such as
    /// `script-src` and `https://riddles.example`. The captchas of providers know theirs.
    #[must_use]
    pub fn csp_source(
        mut self,
        directive: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
    ) -> Self {
        Arc::make_mut(&mut self.0).csp.push((directive.into(), source.into()));
        self
    }

    /// Sets what becomes of submissions while whoever is asked is out of reach. Default: what the form or endpoint says
    /// ([`CaptchaContext::when_down`]).
    #[must_use]
    pub fn when_down(mut self, when_down: WhenDown) -> Self {
        Arc::make_mut(&mut self.0).when_down = Some(when_down);
        self
    }

    /// The name of the field that holds the token.
    pub fn token_field(&self) -> &str {
        match &self.0.kind {
            Kind::Own { token_field, .. } => token_field,
            Kind::Bots(_) => BotProtection::PROOF,
            #[cfg(feature = "captcha-remote")]
            Kind::Remote(remote) => remote.token_field(),
        }
    }

    /// What pages with this captcha need beyond a strict Content-Security-Policy: pairs of a directive and a source.
    ///
    /// ```
    /// # #[cfg(feature = "captcha-remote")] {
    /// use frontdesk_forms::{Captcha, turnstile};
    ///
    /// let captcha = Captcha::from(turnstile("0x4AAAAAAA", "secret"));
    /// assert!(captcha.csp().any(|pair| pair == ("frame-src", "https://challenges.cloudflare.com")));
    /// # }
    /// ```
    pub fn csp(&self) -> impl Iterator<Item = (&str, &str)> {
        let known: &[(&str, &str)] = match &self.0.kind {
            Kind::Own { .. } => &[],
            // Our script is a file of the site's own.
            Kind::Bots(protection) if protection.asks_for_proof() => &[("script-src", "'self'")],
            Kind::Bots(_) => &[],
            #[cfg(feature = "captcha-remote")]
            Kind::Remote(remote) => remote.csp(),
        };
        known.iter().copied().chain(self.0.csp.iter().map(|(directive, source)| (&**directive, &**source)))
    }

    /// The HTML that belongs into the form. Make it anew for each page: what it holds may be good for one submission.
    ///
    /// The proof of work of a [`BotProtection`] takes the script of forms, whose tag comes along if the desk
    /// [serves](Desk::router) it, and a form with the attribute `data-fd-form`. Without it, [`WithoutScript`] says what
    /// becomes of submissions.
    ///
    /// [`WithoutScript`]: crate::WithoutScript
    pub fn html(&self, desk: &Desk, context: &CaptchaContext) -> Markup {
        self.draw(desk, context, None)
    }

    /// As [`html`](Self::html), for a form that comes back because of `refusal`: who has to wait waits since the form was
    /// first opened.
    pub fn html_after(&self, desk: &Desk, context: &CaptchaContext, refusal: &CaptchaRefusal) -> Markup {
        self.draw(desk, context, Some(refusal))
    }

    fn draw(&self, desk: &Desk, context: &CaptchaContext, refusal: Option<&CaptchaRefusal>) -> Markup {
        match &self.0.kind {
            Kind::Own { form_html, .. } => form_html.clone(),
            Kind::Bots(protection) => bots::draw(protection, desk, context, refusal),
            #[cfg(feature = "captcha-remote")]
            Kind::Remote(_) => {
                let mut out = HtmlWriter::with_capacity(256);
                self.write(context, &mut out);
                out.into_markup()
            }
        }
    }

    /// Writes what needs no desk.
    #[cfg_attr(
        not(feature = "captcha-remote"),
        expect(unused_variables, reason = "only the captchas of providers say what they are for")
    )]
    pub(crate) fn write(&self, context: &CaptchaContext, out: &mut dyn Sink) {
        match &self.0.kind {
            Kind::Own { form_html, .. } => out.markup(form_html),
            Kind::Bots(_) => {}
            #[cfg(feature = "captcha-remote")]
            Kind::Remote(remote) => remote.write(context, out),
        }
    }

    /// Takes what belongs to the captcha out of a submission: `field` gives the text of a field by its name. If a name
    /// comes more than once, give the first text that is not empty.
    pub fn read(&self, field: impl Fn(&str) -> Option<String>) -> CaptchaAnswer {
        match &self.0.kind {
            Kind::Bots(protection) => bots::read(protection, field),
            _ => CaptchaAnswer::new(field(self.token_field())),
        }
    }

    /// Judges a submission. Do it before any costly work, and once for each: what is good for one submission is used up
    /// by this.
    ///
    /// ```
    /// # use frontdesk_forms::{Captcha, CaptchaContext, Desk};
    /// # use frontdesk_web::Secret;
    /// # async fn of(captcha: Captcha, desk: Desk, form: std::collections::HashMap<String, String>) {
    /// let context = CaptchaContext::new("newsletter");
    /// let answer = captcha.read(|name| form.get(name).cloned());
    /// if let Err(refusal) = captcha.check(&desk, &context, answer).await {
    ///     println!("{} {}", refusal.status(), refusal.text());
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`CaptchaRefusal`], with the sentence for the visitor.
    pub async fn check(
        &self,
        desk: &Desk,
        context: &CaptchaContext,
        answer: CaptchaAnswer,
    ) -> Result<(), CaptchaRefusal> {
        let mut context = context.clone();
        context.when_down = self.0.when_down.unwrap_or(context.when_down);
        match &self.0.kind {
            Kind::Own { validator, .. } => validator.judge(answer.token, context).await,
            Kind::Bots(protection) => bots::check(protection, desk, &context, &answer).await,
            #[cfg(feature = "captcha-remote")]
            Kind::Remote(remote) => remote.check(desk.ledger(), &context, answer.token.as_deref()).await,
        }
    }

    /// The protection that needs no request to anybody, which forms have by themselves.
    pub(crate) fn into_protection(self) -> Result<BotProtection, Self> {
        match &self.0.kind {
            Kind::Bots(protection) => Ok(protection.clone()),
            _ => Err(self),
        }
    }
}

impl From<BotProtection> for Captcha {
    fn from(protection: BotProtection) -> Self {
        Self::of(Kind::Bots(protection))
    }
}

#[cfg(feature = "captcha-remote")]
impl From<RemoteCaptcha> for Captcha {
    fn from(remote: RemoteCaptcha) -> Self {
        Self::of(Kind::Remote(remote))
    }
}

impl fmt::Debug for Captcha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captcha").field("token_field", &self.token_field()).finish_non_exhaustive()
    }
}
