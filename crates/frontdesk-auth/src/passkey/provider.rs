use std::sync::Arc;

use frontdesk_data::Db;
use frontdesk_web::{Clock, Sealer, Signer};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use url::Url;
use webauthn_rs::prelude as webauthn;
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::keep::{self, TABLES};
use super::{Challenge, Passkey, PasskeyError, PasskeyProof, challenge};
use crate::mfa::{LoginAttempt, Store};
use crate::{AuthError, MfaProvider, User};

/// What a challenge to sign in is about; one to register names the user and the session.
const LOGIN: &str = "login";
/// How many passkeys a user may have.
const MOST: usize = 50;
/// How long the name of a passkey may be, in characters.
const LONGEST_NAME: usize = 100;

/// Passkeys as a second factor, and as the only one: registered by a user who is signed in, used at login.
///
/// Nothing here trusts a request for where the site is: name the *relying party*, the domain to which passkeys are bound,
/// and the address at which the site's pages are. On another domain they do not work, so choose the relying party such that
/// it stays: `example.com` for pages at `https://shop.example.com`. Browsers want HTTPS, but for `localhost`.
///
/// ```
/// use frontdesk_auth::{MfaProvider, Passkeys};
/// use frontdesk_data::Db;
/// use frontdesk_web::{Secret, Signer};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let signer = Signer::new(Secret::random());
/// let origin = "https://shop.example.com".parse().unwrap();
/// let passkeys = Passkeys::new(&db, &signer, "example.com", &origin).unwrap().site_name("Example shop");
/// assert_eq!(passkeys.name(), "Passkey");
/// assert!(Passkeys::new(&db, &signer, "example.org", &origin).is_err());
/// # });
/// ```
#[derive(Clone)]
pub struct Passkeys(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    store: Store,
    sealer: Sealer,
    clock: Clock,
    webauthn: Webauthn,
    rp_id: String,
    origins: Vec<Url>,
    site_name: String,
}

/// What the page sends: what came with the challenge, and the browser's answer.
#[derive(Deserialize)]
struct Answer<'a> {
    state: String,
    #[serde(borrow)]
    credential: &'a RawValue,
}

impl Passkeys {
    /// Passkeys of the relying party `rp_id` for pages at `origin`.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if the relying party is not the origin's host or a domain above it.
    pub fn new(db: &Db, signer: &Signer, rp_id: &str, origin: &Url) -> Result<Self, AuthError> {
        let origins = vec![origin.clone()];
        Ok(Self(Arc::new(Inner {
            store: Store::new(db, TABLES),
            sealer: signer.sealer("passkey challenge"),
            clock: Clock::system(),
            webauthn: library(rp_id, &origins, rp_id)?,
            rp_id: rp_id.to_owned(),
            origins,
            site_name: rp_id.to_owned(),
        })))
    }

    /// Accepts answers from pages at a further address below the relying party too.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn also_at(mut self, origin: &Url) -> Result<Self, AuthError> {
        let inner = Arc::make_mut(&mut self.0);
        // Looked at alone, since the library looks at the first one only.
        library(&inner.rp_id, std::slice::from_ref(origin), &inner.site_name)?;
        inner.origins.push(origin.clone());
        inner.webauthn = library(&inner.rp_id, &inner.origins, &inner.site_name)?;
        Ok(self)
    }

    /// Sets the name of the site that browsers and devices show. Default: the relying party.
    #[must_use]
    pub fn site_name(mut self, name: &str) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        if let Ok(webauthn) = library(&inner.rp_id, &inner.origins, name) {
            (inner.webauthn, inner.site_name) = (webauthn, name.to_owned());
        }
        self
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        Arc::make_mut(&mut self.0).clock = clock;
        self
    }

    /// The user's passkeys, the oldest first.
    ///
    /// # Errors
    /// [`AuthError::Db`].
    pub async fn list(&self, user: &User) -> Result<Vec<Passkey>, AuthError> {
        Ok(keep::all(&self.0.store, user).await?.into_iter().map(|(passkey, _)| passkey).collect())
    }

    /// Begins to register a passkey for a user who is signed in. `session` names that session: the answer has to come from
    /// the same one.
    ///
    /// # Errors
    /// [`PasskeyError::Taken`] if the user has 50 already; [`PasskeyError::Auth`].
    pub async fn begin_registration(&self, user: &User, session: &str) -> Result<Challenge, PasskeyError> {
        let kept = keep::all(&self.0.store, user).await?;
        if kept.len() >= MOST {
            return Err(PasskeyError::Taken);
        }
        let exclude = kept.iter().map(|(_, credential)| credential.cred_id().clone()).collect();
        let handle = keep::handle(&self.0.store, user).await?;
        let shown = display_name(user);
        let (options, state) = self
            .0
            .webauthn
            .start_passkey_registration(handle, &user.username, &shown, Some(exclude))
            .map_err(fault)?;
        let mut options = serde_json::to_value(options).map_err(fault)?;
        // To sign in with it alone, the device has to keep it together with whose it is.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = json!("required");
        selection["requireResidentKey"] = json!(true);
        let state = challenge::seal(&self.0.sealer, &self.0.clock, &registration(user, session), state)?;
        Ok(Challenge { options, state })
    }

    /// Registers the passkey of the browser's answer, a JSON object of `state` and `credential`. The name is cut to 100
    /// characters; without one it is called `Passkey`.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn finish_registration(
        &self,
        user: &User,
        session: &str,
        answer: &str,
        name: &str,
    ) -> Result<Passkey, PasskeyError> {
        let answer = parse(answer)?;
        let about = registration(user, session);
        let opened = challenge::open::<webauthn::PasskeyRegistration>(
            &self.0.sealer,
            &self.0.clock,
            &about,
            &answer.state,
        )?;
        let credential: webauthn::RegisterPublicKeyCredential = read(answer.credential)?;
        let passkey =
            self.0.webauthn.finish_passkey_registration(&credential, &opened.state).map_err(refused)?;
        opened.use_up(&self.0.store, &self.0.clock).await?;
        keep::add(&self.0.store, user, &passkey, &clean(name), self.0.clock.now()).await
    }

    /// Begins a login with a passkey: whose it is, the answer tells. Nothing is kept.
    ///
    /// # Errors
    /// [`AuthError`], if the library fails.
    pub fn begin_login(&self) -> Result<Challenge, AuthError> {
        let (options, state) = self.0.webauthn.start_discoverable_authentication().map_err(broken)?;
        let mut options = serde_json::to_value(options).map_err(broken)?;
        // Whether the browser asks at once or waits at the field for the name is up to the page.
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        let state = challenge::seal(&self.0.sealer, &self.0.clock, LOGIN, state)?;
        Ok(Challenge { options, state })
    }

    /// Checks the browser's answer, a JSON object of `state` and `credential`: signature, challenge, origin, relying party,
    /// that the device has made sure of its owner, that the counter has gone up, and that it was not used before.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub async fn finish_login(&self, answer: &str) -> Result<PasskeyProof, PasskeyError> {
        let answer = parse(answer)?;
        let opened = challenge::open::<webauthn::DiscoverableAuthentication>(
            &self.0.sealer,
            &self.0.clock,
            LOGIN,
            &answer.state,
        )?;
        let credential: webauthn::PublicKeyCredential = read(answer.credential)?;
        let kept = keep::find(&self.0.store, credential.get_credential_id()).await?;
        let mut kept = kept.ok_or(PasskeyError::Unknown)?;
        let (handle, _) =
            self.0.webauthn.identify_discoverable_authentication(&credential).map_err(refused)?;
        if handle != kept.handle {
            return Err(PasskeyError::Refused("the passkey is of another user".to_owned()));
        }
        let checked = self
            .0
            .webauthn
            .finish_discoverable_authentication_v2(&credential, opened.state.clone(), &kept.credential)
            .map_err(|error| {
                if matches!(error, webauthn::WebauthnError::CredentialPossibleCompromise) {
                    tracing::warn!(user = %kept.user, passkey = kept.id, "a passkey's counter went back: it may have been copied");
                }
                refused(error)
            })?;
        // The library looks at this when a passkey is registered alone.
        if is_framed(&credential.response.client_data_json) {
            return Err(PasskeyError::Refused("the page was in a frame of another site".to_owned()));
        }
        if !checked.user_verified() {
            return Err(PasskeyError::Refused("the device did not make sure of its owner".to_owned()));
        }
        opened.use_up(&self.0.store, &self.0.clock).await?;
        kept.credential.update_credential(&checked);
        if !keep::used(&self.0.store, &kept.id, &kept.credential, self.0.clock.now()).await? {
            return Err(PasskeyError::Refused("another answer has counted as far".to_owned()));
        }
        Ok(PasskeyProof { user: kept.user, passkey: kept.id, at: self.0.clock.now() })
    }

    /// Gives one of the user's passkeys another name; tells whether there is such a one.
    ///
    /// # Errors
    /// [`AuthError::Db`].
    pub async fn rename(&self, user: &User, id: &str, name: &str) -> Result<bool, AuthError> {
        keep::rename(&self.0.store, user, id, &clean(name)).await
    }

    /// Removes one of the user's passkeys; tells whether there was such a one. A user without a password keeps at least two.
    ///
    /// # Errors
    /// [`PasskeyError::LastWay`], [`PasskeyError::Auth`].
    pub async fn remove(&self, user: &User, id: &str, has_password: bool) -> Result<bool, PasskeyError> {
        if has_password {
            return Ok(keep::remove(&self.0.store, user, id, 0).await?);
        }
        if keep::remove(&self.0.store, user, id, WAYS).await? {
            return Ok(true);
        }
        if self.list(user).await?.iter().any(|passkey| passkey.id == id) {
            return Err(PasskeyError::LastWay);
        }
        Ok(false)
    }

    /// Whether the user can do without a password: they have two passkeys at least.
    ///
    /// # Errors
    /// [`AuthError::Db`].
    pub async fn may_give_up_password(&self, user: &User) -> Result<bool, AuthError> {
        Ok(self.list(user).await?.len() as i64 >= WAYS)
    }
}

/// How many ways to get in there have to be for who has no password.
const WAYS: i64 = 2;

impl MfaProvider for Passkeys {
    fn name(&self) -> &str {
        "Passkey"
    }

    fn is_user_enrolled<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async { Ok(!self.list(user).await?.is_empty()) })
    }

    /// Whether the answer, a JSON object as for [`finish_login`](Passkeys::finish_login), is of a passkey of this user.
    fn authenticate_user<'a>(
        &'a self,
        user: &'a User,
        code: &'a str,
        _attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async {
            match self.finish_login(code).await {
                Ok(proof) => Ok(proof.user == user.id),
                Err(PasskeyError::Auth(error)) => Err(error),
                Err(refused) => {
                    tracing::info!(user = %user.id, reason = ?refused, "a passkey was refused");
                    Ok(false)
                }
            }
        })
    }

    fn delete_registration<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(keep::remove_all(&self.0.store, user))
    }
}

fn library(rp_id: &str, origins: &[Url], site_name: &str) -> Result<Webauthn, AuthError> {
    let wrong = |error| {
        let at = origins.first().map(Url::as_str).unwrap_or_default();
        AuthError::Setup(format!("passkeys of `{rp_id}` do not work at `{at}`: {error}"))
    };
    let (first, others) =
        origins.split_first().ok_or_else(|| AuthError::Setup("passkeys need an origin".to_owned()))?;
    let builder = WebauthnBuilder::new(rp_id, first).map_err(wrong)?.rp_name(site_name);
    others
        .iter()
        .fold(builder, |builder, origin| builder.append_allowed_origin(origin))
        .build()
        .map_err(wrong)
}

fn registration(user: &User, session: &str) -> String {
    format!("register\0{}\0{session}", user.id)
}

fn display_name(user: &User) -> String {
    let names: Vec<&str> =
        [&user.first_name, &user.last_name].into_iter().filter_map(|name| name.as_deref()).collect();
    if names.is_empty() { user.username.to_string() } else { names.join(" ") }
}

fn clean(name: &str) -> String {
    let name: String = name.trim().chars().filter(|typed| !typed.is_control()).take(LONGEST_NAME).collect();
    if name.is_empty() { "Passkey".to_owned() } else { name }
}

fn parse(answer: &str) -> Result<Answer<'_>, PasskeyError> {
    serde_json::from_str(answer).map_err(|error| PasskeyError::Refused(error.to_string()))
}

/// Whether the browser says that the page was in a frame of another site.
fn is_framed(client_data: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ClientData {
        #[serde(default)]
        cross_origin: bool,
        top_origin: Option<String>,
    }
    serde_json::from_slice::<ClientData>(client_data)
        .is_ok_and(|data| data.cross_origin || data.top_origin.is_some())
}

fn read<'a, T: Deserialize<'a>>(credential: &'a RawValue) -> Result<T, PasskeyError> {
    serde_json::from_str(credential.get()).map_err(|error| PasskeyError::Refused(error.to_string()))
}

fn refused(error: webauthn::WebauthnError) -> PasskeyError {
    PasskeyError::Refused(error.to_string())
}

fn broken(error: impl std::fmt::Display) -> AuthError {
    AuthError::Fault(format!("passkeys: {error}"))
}

fn fault(error: impl std::fmt::Display) -> PasskeyError {
    PasskeyError::Auth(broken(error))
}
