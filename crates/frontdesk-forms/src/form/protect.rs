//! Keeping bots out of a form.

use frontdesk_html::Sink;
use frontdesk_web::Arg;
use http::StatusCode;
use jiff::Timestamp;

use super::{Form, Mode};
use crate::body::{Entry, Submission};
use crate::bot::{BotCheck, BotPlace, BotProtection, BotTexts, Verdict};
use crate::{CaptchaContext, FormError, FormRequest};

impl Form {
    /// Judges whether a submission comes from a person. Gives whether it is to be refused, which is noted then.
    pub(super) async fn is_bot(
        &mut self,
        submission: &Submission,
        request: &FormRequest,
    ) -> Result<bool, FormError> {
        let (Some(protection), Some(state)) = (&self.def.protection, &self.state) else { return Ok(false) };
        let honeypot = self.honeypot(protection);
        let drawn = i64::try_from(state.issued).ok().and_then(|issued| Timestamp::from_second(issued).ok());
        let check = BotCheck {
            form: self.def.form_name(),
            honeypot: honeypot.as_deref().and_then(|name| submission.text(name)),
            // ALTCHA's own widget brings an input of that name beside ours.
            proof: texts(submission, BotProtection::PROOF).find(|text| !text.is_empty()),
            drawn: drawn.unwrap_or(Timestamp::UNIX_EPOCH),
            now: Timestamp::now(),
        };
        let desk = request.desk();
        let verdict = protection.check(desk.proofs(), desk.ledger(), check).await?;
        // Who has to wait waits since the form was first opened, not since it came back.
        self.seldom.issued = Some(state.issued);
        let waits = matches!(verdict, Verdict::Wait(_));
        let Some(error) = verdict.error() else { return Ok(false) };
        self.status = if waits { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
        self.refuse_form(error);
        Ok(true)
    }

    /// Judges the captcha. Gives whether the submission is to be refused, which is noted then.
    pub(super) async fn is_captcha_missed(&mut self, submission: &Submission, request: &FormRequest) -> bool {
        let Some(captcha) = &self.def.captcha else { return false };
        // Scripts of two providers on one page may both leave a field of that name.
        let given = |name: &str| texts(submission, name).find(|text| !text.is_empty()).map(str::to_owned);
        let mut context = self.captcha_context().address(request.address());
        context.host = request.host().map(str::to_owned);
        let answer = captcha.read(given);
        let Err(refusal) = captcha.check(request.desk(), &context, answer).await else { return false };
        self.status = refusal.status();
        self.refuse_form(refusal.error().clone());
        true
    }

    fn captcha_context(&self) -> CaptchaContext {
        CaptchaContext::new(self.def.form_name().to_owned()).language(&self.language)
    }

    /// Draws the captcha.
    pub(super) fn write_captcha(&self, out: &mut dyn Sink) {
        if let Some(captcha) = &self.def.captcha
            && self.mode != Mode::ReadOnly
        {
            captcha.write(&self.captcha_context(), out);
        }
    }

    fn honeypot(&self, protection: &BotProtection) -> Option<std::borrow::Cow<'static, str>> {
        let hidden = |name: &str| self.def.hidden.iter().any(|(hidden, _)| hidden == name);
        let field = |name: &str| self.def.fields().iter().any(|field| *field.name == *name);
        protection.honeypot_name(|name| hidden(name) || field(name))
    }

    /// Draws what keeps bots out.
    pub(super) fn write_protection(&self, out: &mut dyn Sink) {
        let (Some(protection), Some(key)) = (&self.def.protection, &self.seldom.proofs) else { return };
        if self.mode == Mode::ReadOnly {
            return;
        }
        let seconds = protection.seconds_without_script().unwrap_or_default();
        let seconds = [("seconds", Arg::from(i64::try_from(seconds).unwrap_or(i64::MAX)))];
        let wait = match self.language.is_default() {
            true => None,
            false => self.language.say("form-bot-noscript-wait", &seconds),
        };
        let texts = BotTexts {
            leave_empty: &self.word("form-bot-leave-empty", "Leave this empty"),
            wait: wait.as_deref(),
            script: &self.word("form-bot-needs-script", "This form needs JavaScript, to keep robots out."),
        };
        let honeypot = self.honeypot(protection);
        let place = BotPlace { key, form: self.def.form_name(), honeypot: honeypot.as_deref(), texts };
        protection.write(place, out);
    }
}

/// The texts of that name.
fn texts<'s>(submission: &'s Submission, name: &'s str) -> impl Iterator<Item = &'s str> {
    submission.all(name).filter_map(|entry| match entry {
        Entry::Text(text) => Some(text),
        _ => None,
    })
}
