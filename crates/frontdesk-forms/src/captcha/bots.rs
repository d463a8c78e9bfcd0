//! A [`BotProtection`] as the captcha of a form that has no signed state of its own.
//!
//! When the form was drawn is signed into a hidden input, with a random value, and good for one submission: otherwise one
//! page would do for any number of them.

use std::time::Duration;

use frontdesk_html::{HtmlWriter, Markup, Sink, SinkExt, name};
use frontdesk_web::{Arg, Purpose};
use jiff::Timestamp;

use super::refusal::Drawn;
use super::{CaptchaAnswer, CaptchaContext, CaptchaRefusal};
use crate::bot::{BotCheck, BotPlace, BotProtection, BotTexts, Verdict};
use crate::ledger::{Claim, Id, SettleError};
use crate::{Desk, FormError};

/// The hidden input that says when the form was drawn.
const DRAWN: &str = "_drawn";
/// Seconds since 1970, a random value, a signature.
const LONGEST: usize = 20 + 1 + RANDOM + 1 + Purpose::TOKEN_LENGTH;
const RANDOM: usize = 32;

pub(super) fn draw(
    protection: &BotProtection,
    desk: &Desk,
    context: &CaptchaContext,
    refusal: Option<&CaptchaRefusal>,
) -> Markup {
    let mut out = HtmlWriter::with_capacity(1024);
    let drawn = match refusal.and_then(|refusal| refusal.drawn.clone()) {
        Some(Drawn(drawn)) => drawn,
        None => sign(desk, &context.action, Timestamp::now().as_second()),
    };
    out.open(name!("input"));
    out.attrs([("type", "hidden"), ("name", DRAWN), ("value", &drawn)]);
    out.close();
    let wait = context.language.as_ref().filter(|language| !language.is_default()).and_then(|language| {
        let seconds = i64::try_from(protection.seconds_without_script()?).unwrap_or(i64::MAX);
        language.say("form-bot-noscript-wait", &[("seconds", Arg::from(seconds))])
    });
    let texts = BotTexts {
        leave_empty: &context.word("form-bot-leave-empty", "Leave this empty"),
        wait: wait.as_deref(),
        script: &context.word("form-bot-needs-script", "This form needs JavaScript, to keep robots out."),
    };
    let honeypot = protection.honeypot_name(|_| false);
    let place = BotPlace { key: desk.proofs(), form: &context.action, honeypot: honeypot.as_deref(), texts };
    protection.write(place, &mut out);
    if protection.asks_for_proof() && desk.is_served() {
        out.markup(&desk.script());
    }
    out.into_markup()
}

pub(super) fn read(protection: &BotProtection, field: impl Fn(&str) -> Option<String>) -> CaptchaAnswer {
    CaptchaAnswer {
        honeypot: protection.honeypot_name(|_| false).and_then(|name| field(&name)),
        drawn: field(DRAWN),
        ..CaptchaAnswer::new(field(BotProtection::PROOF))
    }
}

pub(super) async fn check(
    protection: &BotProtection,
    desk: &Desk,
    context: &CaptchaContext,
    answer: &CaptchaAnswer,
) -> Result<(), CaptchaRefusal> {
    let Some(given) = answer.drawn.as_deref().filter(|drawn| !drawn.is_empty()) else {
        return Err(CaptchaRefusal::missing());
    };
    let now = Timestamp::now();
    let (drawn, id) = verify(desk, &context.action, given).ok_or_else(CaptchaRefusal::failed)?;
    let age = Duration::try_from(now.duration_since(drawn)).unwrap_or_default();
    if age > protection.lives() {
        return Err(CaptchaRefusal::of(BotProtection::expired()));
    }
    let claim = desk.ledger().claim(id, [0; 32], Duration::ZERO).await.map_err(trouble)?;
    let Claim::Mine(ticket) = claim else { return Err(CaptchaRefusal::failed()) };
    let check = BotCheck {
        form: &context.action,
        honeypot: answer.honeypot.as_deref(),
        proof: answer.token.as_deref(),
        drawn,
        now,
    };
    match protection.check(desk.proofs(), desk.ledger(), check).await.map_err(trouble)? {
        Verdict::Human => match ticket.hold().await {
            Ok(()) => Ok(()),
            Err(SettleError::Taken(_)) => Err(CaptchaRefusal::failed()),
            Err(SettleError::Form(error)) => Err(trouble(error)),
        },
        Verdict::Refuse(error) => Err(CaptchaRefusal::of(error)),
        Verdict::Wait(time) => {
            let error = Verdict::Wait(time).error().unwrap_or_else(BotProtection::expired);
            let mut refusal = CaptchaRefusal::wait(error, time);
            refusal.drawn = Some(Drawn(given.to_owned()));
            Err(refusal)
        }
    }
}

fn trouble(error: FormError) -> CaptchaRefusal {
    tracing::error!(%error, "the check against robots could not be made");
    CaptchaRefusal::down()
}

/// The text of the hidden input.
fn sign(desk: &Desk, action: &str, seconds: i64) -> String {
    let mut random = [0; RANDOM / 2];
    getrandom::fill(&mut random).expect("the operating system gives random numbers");
    let random = u128::from_ne_bytes(random);
    let mut text = format!("{seconds}.{random:032x}");
    let token = key(desk).token(&[action.as_bytes(), text.as_bytes()]);
    text.push('.');
    text.push_str(&token);
    text
}

/// When the form was drawn, and its identity.
fn verify(desk: &Desk, action: &str, text: &str) -> Option<(Timestamp, Id)> {
    let (signed, token) = Some(text).filter(|text| text.len() <= LONGEST)?.rsplit_once('.')?;
    if !key(desk).verify(&[action.as_bytes(), signed.as_bytes()], token) {
        return None;
    }
    let (seconds, random) = signed.split_once('.')?;
    let drawn = Timestamp::from_second(seconds.parse().ok()?).ok()?;
    Some((drawn, u128::from_str_radix(random, 16).ok()?.to_ne_bytes()))
}

/// Other keys than those of challenges, which sign texts too.
fn key(desk: &Desk) -> Purpose {
    desk.proofs().narrow(&[b"drawn"])
}
