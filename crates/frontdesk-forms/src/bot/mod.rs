//! Protection against programs that fill in forms: a honeypot, a time trap, a proof of work. No third party is asked.

mod load;
mod markup;
mod proof;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_validate::{Message, ValidationError, Value};
use frontdesk_web::Purpose;
use jiff::Timestamp;

pub use self::load::Difficulty;
pub use self::markup::{BotPlace, BotTexts};
use self::proof::{Challenge, ProofError};
use crate::{Claim, FormError, Ledger, SettleError};

/// Keeps cheap bots out of a form, without asking a third party and without a riddle.
///
/// - A **honeypot**: an input that people do not see. Who fills it in is a program.
/// - A **time trap**: who sends the form within two seconds of its being drawn is one, too.
/// - A **proof of work** on request: the visitor's browser searches for a number, for a fraction of a second. Each search
///   is good for one submission, so that a thousand submissions cost a thousand of them. Challenges and solutions are
///   those of [ALTCHA](https://altcha.org), version 1, so that its widget serves as well as our own script.
///
/// It stops programs that try forms by the thousand. It does not stop one that drives a real browser, nor a person.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_forms::{BotProtection, Difficulty, WithoutScript};
///
/// let protection = BotProtection::new()
///     .time_trap(Duration::from_secs(3))
///     .proof_of_work(Difficulty::fixed(100_000))
///     .without_script(WithoutScript::Wait(Duration::from_secs(15)));
/// ```
///
/// Cloning is cheap, and clones share what they know of the load.
#[derive(Clone, Debug)]
pub struct BotProtection(Arc<Settings>);

#[derive(Clone, Debug)]
struct Settings {
    honeypot: Option<Cow<'static, str>>,
    time_trap: Duration,
    difficulty: Option<Difficulty>,
    without_script: WithoutScript,
    lives: Duration,
}

/// What becomes of a submission without a proof of work, such as that of a browser without JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutScript {
    /// It is accepted if the form was drawn so long ago. A program can wait as well: this slows it down to one
    /// submission for each form that it fetched, and no more.
    Wait(Duration),
    /// It is refused: the form needs JavaScript.
    Refuse,
}

/// What a submission brought, and when.
#[derive(Clone, Copy, Debug)]
pub struct BotCheck<'a> {
    /// The name of the form: a proof that was made for another one is refused.
    pub form: &'a str,
    /// The text of the honeypot; `None` if it was not drawn.
    pub honeypot: Option<&'a str>,
    /// The text of the input [`altcha`](BotProtection::PROOF).
    pub proof: Option<&'a str>,
    /// When the form was drawn, as its signed state says.
    pub drawn: Timestamp,
    /// The time now.
    pub now: Timestamp,
}

/// Whether a submission comes from a person, as far as this can tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Human,
    /// It came too early; after that time it would be accepted. Show the form again, with what was typed.
    Wait(Duration),
    /// It looks like a program's. Show the form again, with what was typed: people are taken for programs too.
    Refuse(ValidationError),
}

impl Verdict {
    /// What to tell the visitor; `None` for [`Human`](Self::Human).
    ///
    /// The codes are `bot.wait` (with `seconds`), `bot.filled`, `bot.script`, `bot.proof`, `bot.expired` and `bot.used`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use frontdesk_forms::Verdict;
    ///
    /// let error = Verdict::Wait(Duration::from_millis(1500)).error().unwrap();
    /// assert_eq!(error.text(), "That was very quick. Please wait 2 seconds, then send the form again");
    /// ```
    pub fn error(self) -> Option<ValidationError> {
        match self {
            Self::Human => None,
            Self::Wait(time) => {
                let seconds = i64::try_from(time.as_millis().div_ceil(1000)).unwrap_or(i64::MAX).max(1);
                let message = if seconds == 1 { WAIT_ONE } else { WAIT };
                let params = vec![("seconds", Value::Int(seconds))];
                Some(ValidationError::with_params("bot.wait", &message, params))
            }
            Self::Refuse(error) => Some(error),
        }
    }
}

const WAIT: Message =
    Message::new("That was very quick. Please wait %(seconds)s seconds, then send the form again");
const WAIT_ONE: Message = Message::new("That was very quick. Please wait a second, then send the form again");
const FILLED: (&str, &str) = (
    "bot.filled",
    "A field was filled in that people do not see. It is empty again; please send the form again",
);
const SCRIPT: (&str, &str) = ("bot.script", "This form needs JavaScript, to keep robots out");

/// How long a challenge is good for unless said otherwise.
const LIVES: Duration = Duration::from_hours(2);
/// Names of a honeypot, of which the first that the form has no use for is taken. Browsers fill in none of them.
const HONEYPOTS: [&str; 4] = ["website", "homepage", "web_page", "blog_address"];

impl BotProtection {
    /// The name of the hidden input that brings a proof of work, as ALTCHA has it.
    pub const PROOF: &'static str = "altcha";
    /// The purpose for which a [`Signer`](frontdesk_web::Signer) gives the key that signs challenges.
    pub const PURPOSE: &'static str = "altcha";

    /// A honeypot, and a time trap of two seconds.
    pub fn new() -> Self {
        Self(Arc::new(Settings {
            honeypot: Some(Cow::Borrowed(HONEYPOTS[0])),
            time_trap: Duration::from_secs(2),
            difficulty: None,
            without_script: WithoutScript::Wait(Duration::from_secs(10)),
            lives: LIVES,
        }))
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets the honeypot's name: one that programs like to fill in, and browsers do not. Where the form has a field of
    /// that name, another name is taken. Default: `website`.
    #[must_use]
    pub fn honeypot(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.with(|settings| settings.honeypot = Some(name.into()))
    }

    /// Draws no honeypot.
    #[must_use]
    pub fn without_honeypot(self) -> Self {
        self.with(|settings| settings.honeypot = None)
    }

    /// Sets how long a form has to be there before it is sent; zero for no time trap. Default: two seconds.
    #[must_use]
    pub fn time_trap(self, time: Duration) -> Self {
        self.with(|settings| settings.time_trap = time)
    }

    /// Asks for a proof of work. Default: none is asked for.
    #[must_use]
    pub fn proof_of_work(self, difficulty: Difficulty) -> Self {
        self.with(|settings| settings.difficulty = Some(difficulty))
    }

    /// Sets what becomes of a submission without the proof of work that was asked for. Default: it waits until the form
    /// is ten seconds old.
    #[must_use]
    pub fn without_script(self, without: WithoutScript) -> Self {
        self.with(|settings| settings.without_script = without)
    }

    /// Sets how long a challenge is good for. Default: two hours. Let it be shorter than the ledger keeps what it knows,
    /// which is what makes a proof good for one submission.
    #[must_use]
    pub fn proof_lives(self, time: Duration) -> Self {
        self.with(|settings| settings.lives = time)
    }

    /// The name of the honeypot in a form; `is_taken` says which names the form has a use for.
    ///
    /// ```
    /// use frontdesk_forms::BotProtection;
    ///
    /// let protection = BotProtection::new();
    /// assert_eq!(protection.honeypot_name(|_| false).as_deref(), Some("website"));
    /// assert_eq!(protection.honeypot_name(|name| name == "website").as_deref(), Some("homepage"));
    /// ```
    pub fn honeypot_name(&self, is_taken: impl Fn(&str) -> bool) -> Option<Cow<'static, str>> {
        let wanted = self.0.honeypot.clone()?;
        let others = HONEYPOTS.into_iter().map(Cow::Borrowed);
        std::iter::once(wanted).chain(others).find(|name| !is_taken(name))
    }

    /// How long a form is good for that says when it was drawn.
    pub(crate) fn lives(&self) -> Duration {
        self.0.lives
    }

    /// What is said of one that is not good any more.
    pub(crate) fn expired() -> ValidationError {
        let (code, text) = ProofError::Expired.words();
        ValidationError::new(code, text)
    }

    /// Whether a proof of work is asked for.
    pub fn asks_for_proof(&self) -> bool {
        self.0.difficulty.is_some()
    }

    /// A new challenge for the form of that name, as JSON: what the attribute `data-fd-altcha` of our own markup holds, or
    /// `challenge` (`challengejson` in older versions) of ALTCHA's widget. `None` if no proof of work is asked for.
    ///
    /// ```
    /// use frontdesk_forms::{BotProtection, Difficulty};
    /// use frontdesk_web::{Secret, Signer};
    ///
    /// let key = Signer::new(Secret::random()).purpose(BotProtection::PURPOSE);
    /// let protection = BotProtection::new().proof_of_work(Difficulty::default());
    /// let json = protection.challenge(&key, "contact").unwrap();
    /// assert!(json.starts_with(r#"{"algorithm":"SHA-256","challenge":""#));
    /// ```
    pub fn challenge(&self, key: &Purpose, form: &str) -> Option<String> {
        self.challenge_at(key, form, Timestamp::now())
    }

    fn challenge_at(&self, key: &Purpose, form: &str, now: Timestamp) -> Option<String> {
        let most = self.0.difficulty.as_ref()?.next(now);
        let lives = i64::try_from(self.0.lives.as_secs()).unwrap_or(i64::MAX);
        Some(Challenge::new(key, form, most, now.as_second().saturating_add(lives)).to_json())
    }

    /// Judges a submission. A proof of work that holds is used up thereby: `spent` remembers it.
    ///
    /// Ask the [`Ledger`] for a repeat of the submission first, since a repeat brings the same proof again.
    ///
    /// # Errors
    /// [`FormError`], if the ledger is in trouble.
    pub async fn check(
        &self,
        key: &Purpose,
        spent: &Ledger,
        submission: BotCheck<'_>,
    ) -> Result<Verdict, FormError> {
        if submission.honeypot.is_some_and(|text| !text.is_empty()) {
            return Ok(refuse(FILLED));
        }
        let age = submission.now.duration_since(submission.drawn);
        let age = Duration::try_from(age).unwrap_or_default();
        if let Some(left) = left(self.0.time_trap, age) {
            return Ok(Verdict::Wait(left));
        }
        if self.0.difficulty.is_none() {
            return Ok(Verdict::Human);
        }
        let Some(proof) = submission.proof.filter(|text| !text.is_empty()) else {
            return Ok(match self.0.without_script {
                WithoutScript::Wait(time) => left(time, age).map_or(Verdict::Human, Verdict::Wait),
                WithoutScript::Refuse => refuse(SCRIPT),
            });
        };
        let id = match Challenge::verify(key, submission.form, proof, submission.now.as_second()) {
            Ok(id) => id,
            Err(error) => return Ok(refuse(error.words())),
        };
        let Claim::Mine(ticket) = spent.claim(id, [0; 32], Duration::ZERO).await? else {
            return Ok(refuse(ProofError::Used.words()));
        };
        // Held for ever is used up. Of two processes, one can hold it.
        match ticket.hold().await {
            Ok(()) => Ok(Verdict::Human),
            Err(SettleError::Taken(_)) => Ok(refuse(ProofError::Used.words())),
            Err(SettleError::Form(error)) => Err(error),
        }
    }
}

impl Default for BotProtection {
    fn default() -> Self {
        Self::new()
    }
}

fn refuse((code, text): (&'static str, &'static str)) -> Verdict {
    Verdict::Refuse(ValidationError::new(code, text))
}

fn left(whole: Duration, gone: Duration) -> Option<Duration> {
    whole.checked_sub(gone).filter(|left| !left.is_zero())
}
