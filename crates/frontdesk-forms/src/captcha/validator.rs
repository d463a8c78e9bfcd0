//! Validators of the application's own: whatever can be called is called, and what goes wrong refuses.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_validate::{BoxFuture, ValidationError};
use futures_util::FutureExt;

use super::{CaptchaContext, CaptchaRefusal, WhenDown};

type BoxError = Box<dyn Error + Send + Sync>;

/// How long a validator may take.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(5);

/// What a validator returns.
///
/// - `Option<&str>` or `Option<String>`: the sentence that refuses, `None` to go on.
/// - `Result<Option<_>, E>`: the same, and an error if it could not be found out. The error goes to the log, and the
///   submission is refused. If it is a [`CaptchaDown`], the form or endpoint decides ([`WhenDown`]).
/// - `Result<(), ValidationError>`: an error with a code, which catalogues translate.
pub trait CaptchaVerdict {
    /// What refuses the submission, if anything does.
    ///
    /// # Errors
    /// Whatever kept the validator from finding out.
    fn refusal(self) -> Result<Option<ValidationError>, Box<dyn Error + Send + Sync>>;
}

impl<S: Into<String>> CaptchaVerdict for Option<S> {
    fn refusal(self) -> Result<Option<ValidationError>, BoxError> {
        Ok(self.map(|sentence| ValidationError::custom(sentence.into())))
    }
}

impl<S: Into<String>, E: Into<BoxError>> CaptchaVerdict for Result<Option<S>, E> {
    fn refusal(self) -> Result<Option<ValidationError>, BoxError> {
        self.map_err(Into::into)?.refusal()
    }
}

impl CaptchaVerdict for Result<(), ValidationError> {
    fn refusal(self) -> Result<Option<ValidationError>, BoxError> {
        Ok(self.err())
    }
}

/// An error that says: whoever judges the captcha is out of reach. The text is for the log.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the CAPTCHA cannot be checked: {0}")]
pub struct CaptchaDown(pub String);

type Judged = Result<Option<ValidationError>, BoxError>;
type Call = dyn Fn(Option<String>, CaptchaContext) -> BoxFuture<'static, Judged> + Send + Sync;

#[derive(Clone)]
pub(super) struct Validator(Arc<Call>);

impl Validator {
    pub(super) fn of<V: CaptchaVerdict>(
        judge: impl Fn(Option<&str>, &CaptchaContext) -> V + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |token, context| {
            let judged = judge(token.as_deref(), &context).refusal();
            Box::pin(std::future::ready(judged))
        }))
    }

    pub(super) fn of_async<V: CaptchaVerdict, F: Future<Output = V> + Send + 'static>(
        judge: impl Fn(Option<String>, CaptchaContext) -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |token, context| {
            let judged = judge(token, context);
            Box::pin(async move { judged.await.refusal() })
        }))
    }

    pub(super) async fn judge(
        &self,
        token: Option<String>,
        context: CaptchaContext,
    ) -> Result<(), CaptchaRefusal> {
        let when_down = context.when_down;
        // The call is within, since it may panic before there is a future.
        let judged = AssertUnwindSafe(async { (self.0)(token, context).await }).catch_unwind();
        match tokio::time::timeout(TIME_LIMIT, judged).await {
            Ok(Ok(Ok(None))) => Ok(()),
            Ok(Ok(Ok(Some(error)))) => Err(CaptchaRefusal::of(error)),
            Ok(Ok(Err(error))) => {
                let is_down = error.is::<CaptchaDown>();
                tracing::error!(%error, "the validator of a CAPTCHA failed");
                match when_down {
                    WhenDown::Accept if is_down => Ok(()),
                    _ => Err(CaptchaRefusal::down()),
                }
            }
            Ok(Err(_)) => {
                tracing::error!("the validator of a CAPTCHA panicked");
                Err(CaptchaRefusal::down())
            }
            Err(_) => {
                tracing::error!("the validator of a CAPTCHA did not answer in {} s", TIME_LIMIT.as_secs());
                Err(CaptchaRefusal::down())
            }
        }
    }
}
