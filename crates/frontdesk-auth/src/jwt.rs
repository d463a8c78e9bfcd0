//! JSON web tokens for programs.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use frontdesk_web::Problem;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};

use crate::guard::{ExcludedPaths, path_of, token_answer};
use crate::session::{later, random_id};
use crate::token::program::{Credentials, NoCredentials, ProgramStep, finish, refuse, trouble, wait};
use crate::token::{BearerError, bearer};
use crate::{Auth, AuthBackend, AuthError, Entry, Identity, Refusal, SignedIn, User, UserId};

/// How long a token lasts.
const EXPIRY: Duration = Duration::from_hours(24);
/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// The secret that signs JSON web tokens, by HMAC with SHA-256: at least 32 bytes. It hides itself in `Debug` output.
#[derive(Clone)]
pub struct JwtSecret {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl JwtSecret {
    /// A secret of these bytes.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if there are fewer than 32, or they are all the same.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, AuthError> {
        let bytes = bytes.as_ref();
        frontdesk_web::Secret::new(bytes).map_err(|error| AuthError::Setup(error.to_string()))?;
        Ok(Self { encoding: EncodingKey::from_secret(bytes), decoding: DecodingKey::from_secret(bytes) })
    }
}

impl fmt::Debug for JwtSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSecret(..)")
    }
}

/// What [`jwt_login`] is to do.
///
/// # Defaults
/// Tokens last for one day, and name neither who made them nor whom they are for.
#[derive(Clone, Debug)]
#[must_use]
pub struct JwtLogin {
    auth: Auth,
    secret: JwtSecret,
    expiry: Duration,
    issuer: Option<Arc<str>>,
    audience: Option<Arc<str>>,
}

impl JwtLogin {
    /// Makes tokens for the users of `auth`.
    pub fn new(auth: &Auth, secret: JwtSecret) -> Self {
        Self { auth: auth.clone(), secret, expiry: EXPIRY, issuer: None, audience: None }
    }

    /// Sets how long tokens last. Default: 1 day.
    pub fn expiry(mut self, expiry: Duration) -> Self {
        self.expiry = expiry;
        self
    }

    /// Says who makes the tokens (`iss`).
    pub fn issuer(mut self, issuer: impl Into<Arc<str>>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Says whom the tokens are for (`aud`).
    pub fn audience(mut self, audience: impl Into<Arc<str>>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Only who is signed in gets one.
    fn issue(&self, signed_in: &SignedIn) -> Result<String, AuthError> {
        let (user, now) = (signed_in.user(), self.auth.now());
        let mut claims = Map::new();
        let id = match &user.id {
            UserId::Int(id) => json!(id),
            UserId::Text(id) => json!(&**id),
        };
        claims.insert("user_id".into(), id);
        claims.insert("exp".into(), json!(later(now, self.expiry).as_second()));
        claims.insert("iat".into(), json!(now.as_second()));
        claims.insert("jti".into(), json!(random_id()?));
        // With the password or the rights of the user it changes, and the token is void.
        claims.insert("epoch".into(), json!(user.epoch));
        if let Some(issuer) = &self.issuer {
            claims.insert("iss".into(), json!(&**issuer));
        }
        if let Some(audience) = &self.audience {
            claims.insert("aud".into(), json!(&**audience));
        }
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.secret.encoding)
            .map_err(|error| AuthError::Fault(format!("a JSON web token could not be signed: {error}")))
    }
}

/// A router with one endpoint, POST, for programs: `{"username": …, "password": …}` as JSON, and where the user has a second
/// factor `mfa_code` and perhaps `mfa_provider_name`.
///
/// | | status | body |
/// |---|---|---|
/// | right | 200 | `{"token": "…"}` |
/// | wrong | 401 | a problem document with `Login failed` |
/// | a second factor is missing or wrong | 401 | the same with `MFA code required`, … |
/// | a field is missing, no JSON object, or a field is no text | 422 | a problem document |
/// | from another site's page | 403 | a problem document |
///
/// ```
/// use frontdesk_auth::{Auth, JwtAuthBackend, JwtLogin, JwtSecret, AuthLayer, jwt_login};
/// # fn example(auth: &Auth) -> Result<(), frontdesk_auth::AuthError> {
/// let secret = JwtSecret::new("kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj")?;
/// let api = axum::Router::new().layer(AuthLayer::new(JwtAuthBackend::new(auth, secret.clone())));
/// let app: axum::Router = axum::Router::new()
///     .nest("/jwt-login/", jwt_login(JwtLogin::new(auth, secret)))
///     .nest("/api/", api);
/// # Ok(())
/// # }
/// ```
pub fn jwt_login(config: JwtLogin) -> Router {
    Router::new().route("/", post(login)).with_state(config)
}

async fn login(State(config): State<JwtLogin>, request: Request) -> Response {
    let missing = || {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY).detail("Missing username or password").into_response()
    };
    let answer = match Credentials::read(request).await {
        Err(NoCredentials::Missing) => missing(),
        Err(reason) => refuse(&reason).unwrap_or_else(missing),
        Ok(credentials) => answer(&config, &credentials).await.unwrap_or_else(trouble),
    };
    finish(answer)
}

async fn answer(config: &JwtLogin, credentials: &Credentials) -> Result<Response, AuthError> {
    let refused = |sentence: String| Problem::new(StatusCode::UNAUTHORIZED).detail(sentence).into_response();
    let signed_in = match credentials.sign_in(&config.auth, Entry::JwtLogin).await? {
        ProgramStep::SignedIn(signed_in) => signed_in,
        ProgramStep::Wrong => return Ok(refused("Login failed".into())),
        ProgramStep::Code(sentence) => return Ok(refused(sentence)),
        ProgramStep::Wait(time) => return Ok(wait(time)),
    };
    let token = config.issue(&signed_in)?;
    config.auth.users().note_login(&signed_in.user().id).await?;
    Ok(token_answer(&token))
}

/// Knows which tokens are revoked.
pub trait JwtBlacklist: Send + Sync + 'static {
    /// Whether the token, as it was sent, is revoked.
    fn is_revoked<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<bool, AuthError>>;
}

/// A fixed list of tokens that are revoked.
#[derive(Clone, Debug, Default)]
pub struct StaticJwtBlacklist(HashSet<String>);

impl StaticJwtBlacklist {
    /// These tokens.
    pub fn new(tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(tokens.into_iter().map(Into::into).collect())
    }
}

impl JwtBlacklist for StaticJwtBlacklist {
    fn is_revoked<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<bool, AuthError>> {
        // Signatures that differ in bits that mean nothing are not let through either: decoding is strict.
        Box::pin(std::future::ready(Ok(self.0.contains(token))))
    }
}

/// Finds the user by a JSON web token in `Authorization: Bearer TOKEN`.
///
/// Only HS256 is accepted. A token without `exp` never ends; `exp` and `nbf` that are no numbers are refused, and so is one
/// whose user's password or rights have changed since. Users who are not active are no users.
///
/// # What is answered
/// 401 with, in this order, `Token not found`, `Token revoked`, `Token has expired`, `Token is invalid`, `User not found`.
/// Where anonymous visitors are [allowed](Self::allow_unauthenticated), the sentence is the [`Identity::reason`] instead.
#[derive(Clone)]
pub struct JwtAuthBackend {
    auth: Auth,
    secret: JwtSecret,
    validation: Arc<Validation>,
    blacklist: Option<Arc<dyn JwtBlacklist>>,
    allow_unauthenticated: bool,
    excluded: ExcludedPaths,
}

impl JwtAuthBackend {
    /// For the users of `auth`, and tokens that were signed with `secret`.
    pub fn new(auth: &Auth, secret: JwtSecret) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.algorithms = vec![Algorithm::HS256];
        validation.required_spec_claims = HashSet::new();
        // By the clock that everything else goes by, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            auth: auth.clone(),
            secret,
            validation: Arc::new(validation),
            blacklist: None,
            allow_unauthenticated: false,
            excluded: ExcludedPaths::default(),
        }
    }

    /// Sets who knows which tokens are revoked. Default: none are.
    #[must_use]
    pub fn blacklist(mut self, blacklist: impl JwtBlacklist) -> Self {
        self.blacklist = Some(Arc::new(blacklist));
        self
    }

    /// Accepts only tokens that say this one made them (`iss`). Default: any.
    #[must_use]
    pub fn issuer(mut self, issuer: &str) -> Self {
        let validation = Arc::make_mut(&mut self.validation);
        validation.set_issuer(&[issuer]);
        validation.required_spec_claims.insert("iss".into());
        self
    }

    /// Accepts only tokens that say they are for this one (`aud`). Default: such as are for nobody in particular.
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        let validation = Arc::make_mut(&mut self.validation);
        validation.set_audience(&[audience]);
        validation.required_spec_claims.insert("aud".into());
        self
    }

    /// Sets whether visitors without a good token get through, as anonymous ones. Default: no.
    #[must_use]
    pub fn allow_unauthenticated(mut self, allow: bool) -> Self {
        self.allow_unauthenticated = allow;
        self
    }

    /// Sets the paths that need no token, as for [sessions](crate::SessionsAuthBackend::excluded_paths). Default: none.
    #[must_use]
    pub fn excluded_paths(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.excluded = ExcludedPaths::new(paths);
        self
    }

    /// The user, or the sentence that says why there is none.
    async fn user(&self, request: &Parts) -> Result<Result<User, &'static str>, AuthError> {
        let token = match bearer(&request.headers) {
            Ok(token) => token,
            Err(BearerError::Missing | BearerError::Malformed) => return Ok(Err("Token not found")),
        };
        if let Some(blacklist) = &self.blacklist
            && blacklist.is_revoked(token).await?
        {
            return Ok(Err("Token revoked"));
        }
        if token.len() > LONGEST {
            return Ok(Err("Token is invalid"));
        }
        let decoded =
            jsonwebtoken::decode::<Map<String, Value>>(token, &self.secret.decoding, &self.validation);
        let Ok(claims) = decoded.map(|data| data.claims) else { return Ok(Err("Token is invalid")) };
        let now = self.auth.now().as_second();
        match (seconds(&claims, "exp"), seconds(&claims, "nbf")) {
            (Err(()), _) | (_, Err(())) => return Ok(Err("Token is invalid")),
            (Ok(Some(exp)), _) if exp <= now as f64 => return Ok(Err("Token has expired")),
            (_, Ok(Some(nbf))) if nbf > now as f64 => return Ok(Err("Token is invalid")),
            _ => {}
        }
        let id = match claims.get("user_id") {
            Some(Value::Number(id)) => id.as_i64().map(UserId::Int),
            Some(Value::String(id)) if !id.contains('\0') => Some(UserId::from(id.as_str())),
            _ => None,
        };
        let Some(id) = id else { return Ok(Err("User not found")) };
        let Some(user) = self.auth.users().by_id(&id).await?.filter(|user| user.active) else {
            return Ok(Err("User not found"));
        };
        // One of another program's making has none.
        match claims.get("epoch") {
            None => Ok(Ok(user)),
            Some(epoch) if epoch.as_i64() == Some(user.epoch) => Ok(Ok(user)),
            Some(_) => Ok(Err("Token has expired")),
        }
    }
}

/// A time in a token; an error where it is no number.
fn seconds(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, ()> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => {
            number.as_f64().filter(|seconds| seconds.is_finite()).map(Some).ok_or(())
        }
        Some(_) => Err(()),
    }
}

impl fmt::Debug for JwtAuthBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAuthBackend").field("validation", &self.validation).finish_non_exhaustive()
    }
}

impl AuthBackend for JwtAuthBackend {
    fn authenticate<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Refusal>> {
        Box::pin(async move {
            if self.excluded.contain(path_of(request)) {
                return Ok(Identity::anonymous());
            }
            match self.user(request).await? {
                Ok(user) => Ok(Identity::user(user)),
                Err(sentence) if self.allow_unauthenticated => Ok(Identity::anonymous().because(sentence)),
                Err(sentence) => Err(Refusal::unauthorized(sentence).challenge("Bearer")),
            }
        })
    }
}
