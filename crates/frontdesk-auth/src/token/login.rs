use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::future::BoxFuture;
use http::StatusCode;

use super::program::{Credentials, NoCredentials, ProgramStep, finish, refuse, trouble, wait};
use super::{NewToken, Tokens};
use crate::guard::token_answer;
use crate::{Auth, AuthError, Entry, SignedIn};

/// How many of the tokens that were made here a user keeps.
const KEPT: usize = 10;

/// What [`token_login`] is to do.
///
/// # Defaults
/// Tokens are called `token login`, last for a year, and have all the rights of their users.
#[derive(Clone)]
#[must_use]
pub struct TokenLogin {
    auth: Auth,
    tokens: Tokens,
    token: NewToken,
    provider: Option<Provider>,
}

/// Says which token somebody gets.
type Provider = Arc<dyn Fn(SignedIn) -> BoxFuture<'static, Result<Option<String>, AuthError>> + Send + Sync>;

impl fmt::Debug for TokenLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenLogin").field("token", &self.token).finish_non_exhaustive()
    }
}

impl TokenLogin {
    /// Makes tokens for the users of `auth`.
    pub fn new(auth: &Auth, tokens: &Tokens) -> Self {
        let token = NewToken::new("token login").expires_after(Duration::from_hours(365 * 24));
        Self { auth: auth.clone(), tokens: tokens.clone(), token, provider: None }
    }

    /// Sets what tokens are like that are made here: their name, end and scopes.
    pub fn token(mut self, token: NewToken) -> Self {
        self.token = token;
        self
    }

    /// Sets who says which token somebody gets who has signed in; with none, the answer is that the credentials were
    /// incorrect. Default: a new one is made.
    ///
    /// ```
    /// # fn example(auth: &frontdesk_auth::Auth, tokens: &frontdesk_auth::Tokens) {
    /// use frontdesk_auth::TokenLogin;
    ///
    /// let login = TokenLogin::new(auth, tokens).provider(|signed_in| async move {
    ///     Ok((&*signed_in.user().username == "till").then(|| "the token of the till".to_owned()))
    /// });
    /// # }
    /// ```
    pub fn provider<F, R>(mut self, provider: F) -> Self
    where
        F: Fn(SignedIn) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Option<String>, AuthError>> + Send + 'static,
    {
        self.provider = Some(Arc::new(move |signed_in| Box::pin(provider(signed_in))));
        self
    }
}

/// A router with one endpoint, POST, for programs: `{"username": …, "password": …}` as JSON, and where the user has a second
/// factor `mfa_code` and perhaps `mfa_provider_name`.
///
/// | | status | body |
/// |---|---|---|
/// | right | 200 | `{"token": "fd_…"}` |
/// | wrong | 401 | text `The credentials were incorrect` |
/// | a field is missing or empty | 401 | text `No credentials were found.` |
/// | a second factor is missing or wrong | 401 | text `MFA code required`, … |
/// | no JSON object, or a field is no text | 422 | a problem document |
/// | too many wrong passwords or codes lately | 429 | a problem document |
/// | from another site's page | 403 | a problem document |
///
/// Each time a new token is made, since what is stored of the older ones does not tell them. A user keeps the last ten.
///
/// ```
/// use frontdesk_auth::{Auth, TokenLogin, Tokens, token_login};
/// # fn example(auth: &Auth, tokens: &Tokens) {
/// let app: axum::Router = axum::Router::new().nest("/token-login/", token_login(TokenLogin::new(auth, tokens)));
/// # }
/// ```
pub fn token_login(config: TokenLogin) -> Router {
    Router::new().route("/", post(login)).with_state(config)
}

async fn login(State(config): State<TokenLogin>, request: Request) -> Response {
    let answer = match Credentials::read(request).await {
        Err(NoCredentials::Missing) => unauthorized("No credentials were found."),
        Err(reason) => refuse(&reason).unwrap_or_else(|| unauthorized("No credentials were found.")),
        Ok(credentials) => answer(&config, &credentials).await.unwrap_or_else(trouble),
    };
    finish(answer)
}

async fn answer(config: &TokenLogin, credentials: &Credentials) -> Result<Response, AuthError> {
    let signed_in = match credentials.sign_in(&config.auth, Entry::TokenLogin).await? {
        ProgramStep::SignedIn(signed_in) => signed_in,
        ProgramStep::Wrong => return Ok(unauthorized("The credentials were incorrect")),
        ProgramStep::Code(sentence) => return Ok(unauthorized(&sentence)),
        ProgramStep::Wait(time) => return Ok(wait(time)),
    };
    if let Some(provider) = &config.provider {
        let user = signed_in.user().id.clone();
        let Some(token) = provider(signed_in).await? else {
            return Ok(unauthorized("The credentials were incorrect"));
        };
        config.auth.users().note_login(&user).await?;
        return Ok(token_answer(&token));
    }
    let user = &signed_in.user().id;
    let made_here =
        config.tokens.list(user).await?.into_iter().filter(|token| *token.name == *config.token.name);
    for old in made_here.skip(KEPT - 1) {
        config.tokens.revoke(user, &old.id).await?;
    }
    let created = config.tokens.create(&signed_in, config.token.clone()).await?;
    config.auth.users().note_login(user).await?;
    Ok(token_answer(&created.token))
}

fn unauthorized(sentence: &str) -> Response {
    (StatusCode::UNAUTHORIZED, sentence.to_owned()).into_response()
}
