use std::fmt;
use std::time::Duration;

use frontdesk_validate::ValidationError;
use http::StatusCode;

/// Why a submission did not pass its captcha.
///
/// The codes of [`error`](Self::error) are `captcha.missing`, `captcha.failed`, `captcha.down`, those of
/// [`Verdict`](crate::Verdict) for a [`BotProtection`](crate::BotProtection), and `custom` for a sentence of the
/// application's.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .error.text())]
pub struct CaptchaRefusal {
    error: ValidationError,
    what: What,
    /// When the form was first opened, as the page that comes back is to say again.
    pub(super) drawn: Option<Drawn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Refused,
    Wait(Duration),
    Down,
}

/// A signed time.
#[derive(Clone)]
pub(super) struct Drawn(pub(super) String);

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drawn(..)")
    }
}

impl CaptchaRefusal {
    fn new(code: &'static str, text: &'static str, what: What) -> Self {
        Self { error: ValidationError::new(code, text), what, drawn: None }
    }

    /// There is no token.
    pub(super) fn missing() -> Self {
        Self::new("captcha.missing", "Unable to find CAPTCHA token.", What::Refused)
    }

    /// The token is not good, or not for this, or not any more. Which of them it is would help nobody but programs.
    pub(super) fn failed() -> Self {
        Self::new("captcha.failed", "CAPTCHA failed.", What::Refused)
    }

    /// Nobody knows whether the token is good.
    pub(super) fn down() -> Self {
        Self::new(
            "captcha.down",
            "The CAPTCHA could not be checked just now. Please try again in a moment.",
            What::Down,
        )
    }

    pub(super) fn of(error: ValidationError) -> Self {
        let what = if error.is_unavailable() { What::Down } else { What::Refused };
        Self { error, what, drawn: None }
    }

    pub(super) fn wait(error: ValidationError, time: Duration) -> Self {
        Self { error, what: What::Wait(time), drawn: None }
    }

    /// The error: a code for programs and translators, and the sentence.
    pub fn error(&self) -> &ValidationError {
        &self.error
    }

    /// The sentence for the visitor: plain text, to be escaped. [`Language::error`](frontdesk_web::Language::error) says it
    /// in other languages.
    pub fn text(&self) -> &str {
        self.error.text()
    }

    /// Whether it could not be found out if the captcha was solved.
    pub fn is_down(&self) -> bool {
        self.what == What::Down
    }

    /// How long to wait, where the submission only came too early.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.what {
            What::Wait(time) => Some(time),
            _ => None,
        }
    }

    /// The status that says the same: 503 if the captcha could not be checked, 429 if the submission came too early, else
    /// 422.
    pub fn status(&self) -> StatusCode {
        match self.what {
            What::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            What::Wait(_) => StatusCode::TOO_MANY_REQUESTS,
            What::Down => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
