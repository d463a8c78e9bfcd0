use std::borrow::Cow;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use frontdesk_web::{Arg, Sealer, redirect_with_flash};
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use minijinja::value::Value;
use serde_json::json;

use super::letters::Letters;
use super::{Endpoint, Refusal, check_own_password, limited, router, see_other, temporary, to_login};
use crate::input::{Input, accepts_json};
use crate::mfa::Registration;
use crate::page::{Caller, Page, PageTemplate, Sentence, problem};
use crate::{Auth, AuthError, MfaProvider, SessionInfo, User};

/// How long a login counts as fresh.
#[cfg(feature = "passkeys")]
const FRESH: Duration = Duration::from_mins(10);

/// The configuration of [`mfa_setup`].
#[derive(Clone)]
#[must_use]
pub struct MfaSetup {
    auth: Auth,
    template: PageTemplate,
    path: Cow<'static, str>,
    login_url: Cow<'static, str>,
    account_url: Option<Cow<'static, str>>,
    sealer: Sealer,
}

impl MfaSetup {
    /// The setting up of second factors with the defaults: of all those that [`Auth::mfa_provider`] has added.
    pub fn new(auth: &Auth) -> Self {
        Self {
            auth: auth.clone(),
            template: PageTemplate::built_in("mfa_setup.html"),
            path: "/mfa/".into(),
            login_url: "/login/".into(),
            account_url: Some("/account/".into()),
            sealer: auth.desk().signer().sealer("second factor being set up"),
        }
    }

    /// Sets the path where this endpoint is. Default: `/mfa/`.
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets where visitors go who are not signed in. Default: `/login/`.
    pub fn login_url(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.login_url = place.into();
        self
    }

    /// Sets the address of the account page; `None` for no link. Default: `/account/`.
    pub fn account_url(mut self, place: Option<&'static str>) -> Self {
        self.account_url = place.map(Cow::Borrowed);
        self
    }

    super::page_options!();
}

/// Lets users set up second factors, and take them away.
///
/// GET answers with the page, or with JSON where `Accept` says so: `{"factors": [{"name": …, "enrolled": true, …}]}`. POST
/// takes `action`, and `mfa_provider_name` where there are several factors; it answers with a page, or with JSON where
/// `format=json` or `Accept` asks for it:
///
/// | `action` | further fields | answer |
/// |---|---|---|
/// | `register` | `password` | page with QR code and recovery codes; `{"qrcode_image": base64 of the PNG, "secret", "otpauth_uri", "recovery_codes"}` |
/// | `confirm` | `mfa_code`: the first code | the factor counts from now on; `{"message": …}` |
/// | `recovery_codes` | `password` | a page with new ones, the old ones are void; `{"recovery_codes": […]}` |
/// | `revoke` | `password` | page, `{"message": "MFA Disabled"}` |
/// | `passkey_begin` | `password`, unless the login is younger than 10 minutes | `{"publicKey": options, "state": …}` |
/// | `passkey_add` | `passkey`: JSON of `state` and `credential`; `name` | `{"message": …}` |
/// | `passkey_rename` | `id`, `name` | `{"message": …}` |
/// | `passkey_remove` | `id`; `password`, unless the login is younger than 10 minutes | `{"message": …}` |
/// | `password_give_up` | `password` | the user signs in with passkeys alone, two at least; `{"message": …}` |
///
/// A wrong or no password is 401 `Incorrect password.`; a wrong code 401 `MFA failed`; a factor that is set up already, or an
/// action that there is not, 422. Users are told of each change by mail, where there is a [mailer](Auth::mailer). The session
/// gets a new id when a factor is turned on. Visitors who are not signed in are sent to the login page, or get 401.
///
/// ```
/// use axum::Router;
/// use frontdesk_auth::mfa::AuthenticatorProvider;
/// use frontdesk_auth::{Auth, MfaSetup, mfa_setup};
/// use frontdesk_data::Db;
///
/// fn app(auth: Auth, db: &Db) -> Router {
///     let authenticator = AuthenticatorProvider::new(db, auth.desk().signer()).issuer_name("Example shop");
///     let auth = auth.mfa_provider(authenticator);
///     Router::new().nest("/mfa/", mfa_setup(MfaSetup::new(&auth)))
/// }
/// ```
pub fn mfa_setup(config: MfaSetup) -> Router {
    router(config)
}

/// What is said once it is done, or what is shown.
enum Done {
    Said(&'static str),
    Shown(Box<Page>, serde_json::Value),
}

type Outcome = Result<Done, Refusal>;

/// Who changes what, and by which request.
struct Change<'a> {
    caller: Caller<'a>,
    input: &'a Input,
    session: &'a SessionInfo,
    user: &'a User,
    has_password: bool,
}

impl Endpoint for MfaSetup {
    const FIELDS: &'static [&'static str] =
        &["action", "password", "mfa_code", "mfa_provider_name", "registration", "passkey", "id", "name"];

    fn auth(&self) -> &Auth {
        &self.auth
    }

    fn template(&self) -> &PageTemplate {
        &self.template
    }

    async fn show(&self, parts: &Parts) -> Result<Response, AuthError> {
        let json = accepts_json(&parts.headers);
        let Some((session, user)) = self.auth.signed_in(parts).await? else {
            return Ok(if json { nobody() } else { temporary(&to_login(&self.login_url, parts)) });
        };
        let caller = Caller::new(&self.auth, parts);
        if json {
            return self.as_json(&user).await;
        }
        let page = self.complete(caller, Page::new(StatusCode::OK), &session, &user).await?;
        Ok(caller.page(&self.template, page))
    }

    async fn submit(&self, parts: &Parts, input: &Input) -> Result<Response, AuthError> {
        let json = input.text("format") == Some("json") || accepts_json(&parts.headers);
        let Some((session, user)) = self.auth.signed_in(parts).await? else {
            return Ok(if json { nobody() } else { see_other(&self.login_url) });
        };
        let caller = Caller::new(&self.auth, parts);
        let has_password = self.auth.users().has_password(&user.id).await?;
        let change = Change { caller, input, session: &session, user: &user, has_password };
        let outcome = match input.text("action").unwrap_or_default() {
            "register" => self.register(&change).await?,
            "confirm" => return self.confirm(&change, json).await,
            "recovery_codes" => self.recovery_codes(&change).await?,
            "revoke" => self.revoke(&change).await?,
            #[cfg(feature = "passkeys")]
            action if action.starts_with("passkey_") || action == "password_give_up" => {
                self.passkeys(&change, action).await?
            }
            _ => Err(Refusal::of("auth-form-incomplete", "")),
        };
        match outcome {
            Ok(done) => self.answer(&change, done, json).await,
            Err(refusal) => self.refuse(&change, refusal, json).await,
        }
    }
}

impl MfaSetup {
    async fn answer(&self, change: &Change<'_>, done: Done, json: bool) -> Result<Response, AuthError> {
        let (caller, user) = (change.caller, change.user);
        Ok(match done {
            Done::Said(key) if json => said(key),
            // What a page of the contract's says, it says at once.
            Done::Said("mfa-done-off") => {
                let page = Page::new(StatusCode::OK).notice(caller.say("mfa-done-off", &[]));
                caller.page(&self.template, self.complete(caller, page, change.session, user).await?)
            }
            Done::Said(key) => {
                redirect_with_flash(&caller.parts.headers, &self.path, &caller.say(key, &[]), "success")
            }
            Done::Shown(_, answer) if json => axum::Json(answer).into_response(),
            Done::Shown(page, _) => caller.page(&self.template, *page),
        })
    }

    async fn refuse(&self, change: &Change<'_>, refusal: Refusal, json: bool) -> Result<Response, AuthError> {
        if json {
            return Ok(problem(refusal.status, Some(&refusal.sentence)));
        }
        let open = change.input.filled("id").or(change.input.filled("mfa_provider_name"));
        let page = Page::new(refusal.status)
            .error(refusal.sentence, refusal.field)
            .set("open", open.unwrap_or_default());
        let page = self.complete(change.caller, page, change.session, change.user).await?;
        Ok(change.caller.page(&self.template, page))
    }

    /// Completes the overview.
    async fn complete(
        &self,
        caller: Caller<'_>,
        page: Page,
        session: &SessionInfo,
        user: &User,
    ) -> Result<Page, AuthError> {
        let providers: Vec<_> = self.factors().collect();
        let mut factors = Vec::new();
        for provider in &providers {
            let codes_left = provider.recovery_codes_left(user).await?;
            let codes_left = codes_left.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
            factors.push(minijinja::context! {
                name => provider.name(),
                label => label(caller, provider.name()),
                hint => hint(caller, provider.name(), user),
                enrolled => provider.is_user_enrolled(user).await?,
                sole => providers.len() == 1,
                codes_left => codes_left,
            });
        }
        let page = page
            .set("factors", factors)
            .set("username", &*user.username)
            .set("has_password", self.auth.users().has_password(&user.id).await?)
            .set("account_url", self.account_url.as_deref());
        #[cfg(feature = "passkeys")]
        let page = self.complete_passkeys(caller, page, session, user).await?;
        #[cfg(not(feature = "passkeys"))]
        let _ = session;
        Ok(page)
    }

    /// The factors that are set up by a first code: passkeys are set up otherwise.
    fn factors(&self) -> impl Iterator<Item = &dyn MfaProvider> {
        self.auth
            .mfa_providers()
            .iter()
            .map(|provider| &**provider)
            .filter(|provider| provider.name() != "Passkey")
    }

    /// The factor that a request names; where there is one alone, it needs no name.
    fn factor(&self, input: &Input) -> Result<&dyn MfaProvider, Refusal> {
        match input.filled("mfa_provider_name") {
            Some(name) => self.factors().find(|provider| provider.name() == name).ok_or("auth-mfa-none"),
            None => {
                let mut all = self.factors();
                let first = all.next();
                first.filter(|_| all.next().is_none()).ok_or("auth-mfa-unspecified")
            }
        }
        .map_err(|key| Refusal::of(key, ""))
    }

    async fn as_json(&self, user: &User) -> Result<Response, AuthError> {
        let mut factors = Vec::new();
        for provider in self.factors() {
            factors.push(json!({
                "name": provider.name(),
                "enrolled": provider.is_user_enrolled(user).await?,
                "recovery_codes_left": provider.recovery_codes_left(user).await?,
            }));
        }
        #[cfg_attr(not(feature = "passkeys"), expect(unused_mut, reason = "passkeys are a feature"))]
        let mut answer = json!({ "factors": factors });
        #[cfg(feature = "passkeys")]
        if let Some(passkeys) = self.auth.passkeys() {
            let all = passkeys.list(user).await?;
            let all = all.iter().map(|passkey| {
                json!({
                    "id": passkey.id, "name": passkey.name, "created": passkey.created.to_string(),
                    "last_used": passkey.last_used.map(|time| time.to_string()), "is_backed_up": passkey.is_backed_up,
                })
            });
            answer["passkeys"] = all.collect();
        }
        Ok(axum::Json(answer).into_response())
    }

    /// Whether the user has just shown who they are: by the password; who has none, by a login a short time ago.
    async fn is_proven(&self, change: &Change<'_>) -> Result<Result<(), Refusal>, AuthError> {
        if !change.has_password {
            return Ok(match change.session.is_fresh(self.auth.now(), Duration::from_mins(10)) {
                true => Ok(()),
                false => Err(unauthorized("mfa-sign-in-again")),
            });
        }
        let Some(password) = change.input.filled("password") else {
            return Ok(Err(unauthorized("auth-password-wrong")));
        };
        let checked = check_own_password(change.caller, change.user, password).await?;
        Ok(checked.map_err(|refusal| match refusal.status {
            StatusCode::UNPROCESSABLE_ENTITY => Refusal::new(StatusCode::UNAUTHORIZED, refusal.sentence, ""),
            _ => refusal,
        }))
    }

    async fn register(&self, change: &Change<'_>) -> Result<Outcome, AuthError> {
        let provider = match self.factor(change.input) {
            Ok(provider) => provider,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = self.is_proven(change).await? {
            return Ok(Err(refusal));
        }
        if provider.is_user_enrolled(change.user).await? {
            return Ok(Err(Refusal::of("mfa-enrolled", "")));
        }
        let Some(registration) = provider.begin_registration(change.user).await? else {
            return Ok(Err(Refusal::of("mfa-cannot", "")));
        };
        let answer = json!({
            "qrcode_image": registration.qrcode_image.as_ref().map(|picture| STANDARD.encode(picture)),
            "secret": registration.secret,
            "otpauth_uri": registration.otpauth_uri,
            "recovery_codes": registration.recovery_codes,
            "sent_to": registration.sent_to,
        });
        let page = self.page_of(change, Page::new(StatusCode::OK), provider.name(), &registration);
        Ok(Ok(Done::Shown(Box::new(page), answer)))
    }

    /// The page that shows what is needed to set the factor up. It travels along, encrypted, so that a wrong code does not
    /// lose the recovery codes, of which nobody else has more than hashes.
    fn page_of(&self, change: &Change<'_>, page: Page, name: &str, registration: &Registration) -> Page {
        let kept = json!({
            "qrcode": registration.qrcode_image.as_ref().map(|picture| STANDARD.encode(picture)),
            "secret": registration.secret.as_deref().map(in_groups),
            "otpauth_uri": registration.otpauth_uri,
            "recovery_codes": registration.recovery_codes,
            "sent_to": registration.sent_to,
            "name": name,
        });
        self.draw_registration(change, page, &kept)
    }

    fn draw_registration(&self, change: &Change<'_>, page: Page, kept: &serde_json::Value) -> Page {
        let sealed = self.sealer.seal(kept.to_string().as_bytes(), change.about().as_bytes());
        let mut values = kept.clone();
        values["sealed"] = URL_SAFE_NO_PAD.encode(sealed).into();
        values["label"] = label(change.caller, kept["name"].as_str().unwrap_or_default()).into();
        page.set("registration", Value::from(minijinja::value::Serde(&values)))
            .set("passkeys_on", false)
            .set("username", &*change.user.username)
    }

    fn opened(&self, change: &Change<'_>) -> Option<serde_json::Value> {
        let sealed = URL_SAFE_NO_PAD.decode(change.input.filled("registration")?).ok()?;
        serde_json::from_slice(&self.sealer.open(&sealed, change.about().as_bytes())?).ok()
    }

    async fn confirm(&self, change: &Change<'_>, json: bool) -> Result<Response, AuthError> {
        let (caller, user) = (change.caller, change.user);
        let provider = match self.factor(change.input) {
            Ok(provider) => provider,
            Err(refusal) => return self.refuse(change, refusal, json).await,
        };
        let code = change.input.filled("mfa_code").unwrap_or_default();
        let confirmed = provider.confirm_registration(user, code).await;
        match limited(confirmed)? {
            Ok(true) => {}
            refused => {
                let refusal = refused.err().unwrap_or_else(|| {
                    Refusal::new(StatusCode::UNAUTHORIZED, Sentence::new("auth-mfa-failed"), "mfa_code")
                });
                let kept = self.opened(change).filter(|kept| kept["name"] == provider.name());
                let Some(kept) = kept.filter(|_| !json) else {
                    return self.refuse(change, refusal, json).await;
                };
                let page = Page::new(refusal.status).error(refusal.sentence, refusal.field);
                return Ok(caller.page(&self.template, self.draw_registration(change, page, &kept)));
            }
        }
        self.tell(change, "on", &label(caller, provider.name()));
        let mut response = self.answer(change, Done::Said("mfa-done-on"), json).await?;
        if let Some(cookie) = self.rotate(change).await? {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// Gives the session a new id.
    async fn rotate(&self, change: &Change<'_>) -> Result<Option<HeaderValue>, AuthError> {
        let sessions = self.auth.sessions();
        let Some(opened) = sessions.rotate(change.session).await? else { return Ok(None) };
        let headers = &change.caller.parts.headers;
        Ok(Some(self.auth.session_cookie().set(headers, &opened.token, sessions.longest())))
    }

    async fn recovery_codes(&self, change: &Change<'_>) -> Result<Outcome, AuthError> {
        let provider = match self.factor(change.input) {
            Ok(provider) => provider,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = self.is_proven(change).await? {
            return Ok(Err(refusal));
        }
        let Some(codes) = provider.new_recovery_codes(change.user).await? else {
            return Ok(Err(Refusal::of("auth-form-incomplete", "")));
        };
        self.tell(change, "codes", "");
        let page = Page::new(StatusCode::OK).set("recovery_codes", codes.clone()).set("passkeys_on", false);
        Ok(Ok(Done::Shown(Box::new(page), json!({ "recovery_codes": codes }))))
    }

    async fn revoke(&self, change: &Change<'_>) -> Result<Outcome, AuthError> {
        let provider = match self.factor(change.input) {
            Ok(provider) => provider,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = self.is_proven(change).await? {
            return Ok(Err(refusal));
        }
        if provider.is_user_enrolled(change.user).await? {
            provider.delete_registration(change.user).await?;
            self.tell(change, "off", &label(change.caller, provider.name()));
        }
        Ok(Ok(Done::Said("mfa-done-off")))
    }

    /// Tells the user by mail. What was done stays done, whatever becomes of the mail.
    fn tell(&self, change: &Change<'_>, what: &str, factor: &str) {
        let (Some(email), Ok((mailer, places))) = (change.user.email.as_deref(), self.auth.post_office())
        else {
            return;
        };
        let letters = Letters::new(&self.auth, change.caller.language(), &places);
        if let Err(error) = mailer.send(letters.factor(change.user, email, what, factor)) {
            tracing::error!(%error, "a change of second factors could not be told by mail");
        }
    }
}

impl Change<'_> {
    /// What a registration that travels along belongs to.
    fn about(&self) -> String {
        format!("{}\0{}", self.user.id, self.session.id)
    }
}

#[cfg(feature = "passkeys")]
impl MfaSetup {
    async fn complete_passkeys(
        &self,
        caller: Caller<'_>,
        page: Page,
        session: &SessionInfo,
        user: &User,
    ) -> Result<Page, AuthError> {
        let Some(passkeys) = self.auth.passkeys() else { return Ok(page.set("passkeys_on", false)) };
        let all = passkeys.list(user).await?;
        let shown: Vec<Value> = all
            .iter()
            .map(|passkey| {
                minijinja::context! {
                    id => &passkey.id,
                    name => &passkey.name,
                    created => super::account::time(caller, passkey.created),
                    last_used => passkey.last_used.map(|at| super::account::time(caller, at)),
                    is_backed_up => passkey.is_backed_up,
                }
            })
            .collect();
        let has_password = self.auth.users().has_password(&user.id).await?;
        Ok(page
            .set("passkeys_on", true)
            .set("passkeys", shown)
            .set("may_give_up_password", has_password && passkeys.may_give_up_password(user).await?)
            .set("needs_password", has_password && !session.is_fresh(self.auth.now(), FRESH)))
    }

    async fn passkeys(&self, change: &Change<'_>, action: &str) -> Result<Outcome, AuthError> {
        let Some(passkeys) = self.auth.passkeys() else {
            return Ok(Err(Refusal::of("auth-form-incomplete", "")));
        };
        let (user, input, session) = (change.user, change.input, change.session);
        let (id, name) = (input.text("id").unwrap_or_default(), input.text("name").unwrap_or_default());
        // A change of the name is no danger, and the answer to a challenge is asked for by who was proven.
        let is_free = matches!(action, "passkey_rename" | "passkey_add");
        let is_fresh = session.is_fresh(self.auth.now(), FRESH) && action != "password_give_up";
        if !is_free
            && !is_fresh
            && let Err(refusal) = self.is_proven(change).await?
        {
            return Ok(Err(refusal));
        }
        Ok(match action {
            "passkey_begin" => match passkeys.begin_registration(user, &session.id).await {
                Ok(challenge) => {
                    let mut answer = challenge.options;
                    answer["state"] = challenge.state.into();
                    Ok(Done::Shown(Box::default(), answer))
                }
                Err(error) => Err(refusal_of(error, "mfa-passkey-most")?),
            },
            "passkey_add" => {
                let answer = input.filled("passkey").unwrap_or_default();
                match passkeys.finish_registration(user, &session.id, answer, name).await {
                    Ok(passkey) => {
                        self.tell(change, "passkey-on", &passkey.name);
                        Ok(Done::Said("mfa-done-passkey-added"))
                    }
                    Err(error) => Err(refusal_of(error, "mfa-passkey-taken")?),
                }
            }
            "passkey_rename" => match passkeys.rename(user, id, name).await? {
                true => Ok(Done::Said("mfa-done-passkey-renamed")),
                false => Err(Refusal::of("auth-form-incomplete", "")),
            },
            "passkey_remove" => {
                let all = passkeys.list(user).await?;
                match passkeys.remove(user, id, change.has_password).await {
                    Ok(true) => {
                        let name = all.iter().find(|passkey| passkey.id == id).map(|passkey| &*passkey.name);
                        self.tell(change, "passkey-off", name.unwrap_or_default());
                        Ok(Done::Said("mfa-done-passkey-removed"))
                    }
                    Ok(false) => Err(Refusal::of("auth-form-incomplete", "")),
                    Err(error) => Err(refusal_of(error, "mfa-last-way")?),
                }
            }
            "password_give_up" if !change.has_password || !passkeys.may_give_up_password(user).await? => {
                Err(Refusal::of("mfa-last-way", ""))
            }
            "password_give_up" => {
                self.auth.users().remove_password(&user.id).await?;
                self.tell(change, "password-off", "");
                Ok(Done::Said("mfa-done-password"))
            }
            _ => Err(Refusal::of("auth-form-incomplete", "")),
        })
    }
}

/// What is said of an answer that was not accepted.
#[cfg(feature = "passkeys")]
fn refusal_of(error: crate::PasskeyError, taken: &'static str) -> Result<Refusal, AuthError> {
    use crate::PasskeyError;
    Ok(Refusal::of(
        match error {
            PasskeyError::Auth(error) => return Err(error),
            PasskeyError::Stale => "mfa-expired",
            PasskeyError::Taken => taken,
            PasskeyError::LastWay => "mfa-last-way",
            PasskeyError::Refused(reason) => {
                tracing::info!(reason, "a passkey was refused");
                "mfa-passkey-refused"
            }
            PasskeyError::Unknown => "mfa-passkey-refused",
        },
        "",
    ))
}

fn unauthorized(key: &'static str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, Sentence::new(key), "")
}

fn nobody() -> Response {
    problem(StatusCode::UNAUTHORIZED, Some(&Sentence::new("auth-no-session-cookie")))
}

fn said(key: &'static str) -> Response {
    axum::Json(json!({ "message": Sentence::new(key).english() })).into_response()
}

/// What a factor is called on the page.
fn label(caller: Caller<'_>, name: &str) -> String {
    match name {
        "Authenticator App" => caller.say("mfa-app", &[]),
        "Email" => caller.say("mfa-email", &[]),
        other => other.to_owned(),
    }
}

fn hint(caller: Caller<'_>, name: &str, user: &User) -> Option<String> {
    match (name, user.email.as_deref()) {
        ("Authenticator App", _) => Some(caller.say("mfa-app-hint", &[])),
        ("Email", Some(address)) => Some(caller.say("mfa-email-hint", &[("address", Arg::from(address))])),
        ("Email", None) => Some(caller.say("mfa-email-hint-none", &[])),
        _ => None,
    }
}

/// In groups of four, as one types it.
fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}
