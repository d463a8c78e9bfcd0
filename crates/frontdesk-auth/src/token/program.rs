//! What the ways in for programs have in common: JSON in, a token out.

use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use frontdesk_web::{ClientAddress, Problem, SecurityHeaders, same_site_only};
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

use crate::attempts::Held;
use crate::mfa::LoginAttempt;
use crate::{Auth, AuthError, Entry, Refusal, SignedIn, Step};

/// The longest body, in bytes.
const LONGEST_BODY: usize = 16 * 1024;

/// What a program sends to sign in.
pub(crate) struct Credentials {
    username: String,
    password: String,
    mfa_code: Option<String>,
    mfa_provider_name: Option<String>,
    client: Option<ClientAddress>,
}

/// Why there are no credentials.
pub(crate) enum NoCredentials {
    /// Another site's page sends this.
    CrossSite,
    /// The body is too long.
    TooLong,
    /// It is no JSON object, or a field is no text.
    Malformed,
    /// Name or password is missing or empty.
    Missing,
}

/// Where a program's sign-in has come to.
pub(crate) enum ProgramStep {
    SignedIn(SignedIn),
    /// The name or the password is wrong, or the user may not sign in.
    Wrong,
    /// A second factor is missing or wrong, in the words of the contract.
    Code(String),
    /// There were too many attempts.
    Wait(Duration),
}

impl Credentials {
    pub(crate) async fn read(request: Request) -> Result<Self, NoCredentials> {
        if !same_site_only(request.method(), request.uri(), request.headers()) {
            return Err(NoCredentials::CrossSite);
        }
        let client = ClientAddress::of(request.extensions());
        let body = axum::body::to_bytes(request.into_body(), LONGEST_BODY)
            .await
            .map_err(|_| NoCredentials::TooLong)?;
        let fields: Map<String, Value> =
            serde_json::from_slice(&body).map_err(|_| NoCredentials::Malformed)?;
        let text = |name: &str| match fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(_) => Err(NoCredentials::Malformed),
        };
        let (mfa_code, mfa_provider_name) = (text("mfa_code")?, text("mfa_provider_name")?);
        match (text("username")?, text("password")?) {
            (Some(username), Some(password)) => {
                Ok(Self { username, password, mfa_code, mfa_provider_name, client })
            }
            _ => Err(NoCredentials::Missing),
        }
    }

    pub(crate) async fn sign_in(&self, auth: &Auth, entry: Entry) -> Result<ProgramStep, AuthError> {
        let attempts = auth.attempts();
        let counted = match attempts.begin_of_stranger("login", self.client, &self.username).await {
            Ok(counted) => counted,
            Err(Held::For(wait)) => return Ok(ProgramStep::Wait(wait)),
            Err(Held::Unknown(error)) => return Err(error),
        };
        let Some(proof) = auth.users().check_credentials(&self.username, &self.password).await? else {
            return Ok(ProgramStep::Wrong);
        };
        counted.forgive().await?;
        let code_counted = match self.mfa_code {
            Some(_) => match attempts.begin_of_stranger("mfa", self.client, &self.username).await {
                Ok(counted) => Some(counted),
                Err(Held::For(wait)) => return Ok(ProgramStep::Wait(wait)),
                Err(Held::Unknown(error)) => return Err(error),
            },
            None => None,
        };
        // A code that was sent for one request comes with the next one.
        let attempt = LoginAttempt::new(format!("program:{}", proof.user().id));
        let (code, provider) = (self.mfa_code.as_deref(), self.mfa_provider_name.as_deref());
        let step = auth.sign_in().by_password(entry, proof, code, provider, &attempt).await?;
        Ok(match step {
            Step::SignedIn(signed_in) => {
                if let Some(counted) = code_counted {
                    counted.forgive().await?;
                }
                ProgramStep::SignedIn(signed_in)
            }
            Step::Code { refusal, .. } => ProgramStep::Code(refusal.to_string()),
            Step::SignInFirst | Step::Refused => ProgramStep::Wrong,
        })
    }
}

/// What every answer of these endpoints has.
pub(crate) fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    SecurityHeaders::default().apply(headers);
    response
}

/// The answer to who has tried too often.
pub(crate) fn wait(time: Duration) -> Response {
    let seconds = (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1);
    let sentence = format!("Too many attempts. Please wait {seconds} seconds, then try again.");
    let mut response = Problem::new(StatusCode::TOO_MANY_REQUESTS).detail(sentence).into_response();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The answer to what is nobody's fault but ours.
pub(crate) fn trouble(error: AuthError) -> Response {
    Refusal::from(error).into_response()
}

/// The answers that do not depend on which endpoint it is.
pub(crate) fn refuse(reason: &NoCredentials) -> Option<Response> {
    let (status, sentence) = match reason {
        NoCredentials::CrossSite => (StatusCode::FORBIDDEN, "This request comes from another site."),
        NoCredentials::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too long."),
        NoCredentials::Malformed => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Send a JSON object with the texts username and password.")
        }
        NoCredentials::Missing => return None,
    };
    Some(Problem::new(status).detail(sentence).into_response())
}
