use std::sync::Arc;
use std::time::Duration;

use frontdesk_forms::Desk;
use frontdesk_web::Clock;
use frontdesk_web::limits::{LimitKey, Limited, Limiter, Quota};
use http::request::Parts;
use url::Url;

use crate::attempts::Attempts;
use crate::endpoint::{Letters, Places};

use crate::{
    AuthError, Links, Mailer, MfaProvider, OpenSession, PasswordPolicy, SessionCookie, SessionInfo, Sessions,
    SignIn, SignedIn, User, UserId, Users, Visit,
};

/// How many mails of a kind go to one address.
const MAILS: Quota = Quota::new(5, Duration::from_hours(1));

/// What all of sign-in shares: users and sessions, the desk (with the secret that signs, and languages), the clock, what the
/// site is called and where it is.
///
/// Make one at the start. Cloning is cheap.
///
/// ```
/// use frontdesk_auth::{Auth, Sessions, Users};
/// use frontdesk_data::Db;
/// use frontdesk_forms::Desk;
/// use frontdesk_web::Secret;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let desk = Desk::new(Secret::random());
/// let auth = Auth::new(Users::own(&db), Sessions::database(&db), &desk).site_name("The Shop");
/// assert!(!auth.users().has_admin().await.unwrap());
/// # });
/// ```
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    users: Users,
    sessions: Sessions,
    cookie: SessionCookie,
    passwords: PasswordPolicy,
    desk: Desk,
    clock: Clock,
    base_url: Option<Url>,
    site_name: Arc<str>,
    mfa_providers: Vec<Arc<dyn MfaProvider>>,
    links: Links,
    attempts: Attempts,
    mailer: Option<Mailer>,
    #[cfg(feature = "passkeys")]
    passkeys: Option<crate::Passkeys>,
}

impl Auth {
    /// Sign-in of these users, by these sessions, with the secret and the languages of a desk.
    pub fn new(users: Users, sessions: Sessions, desk: &Desk) -> Self {
        Self(Arc::new(Inner {
            links: Links::new(users.db(), desk.signer(), Clock::system()),
            mailer: None,
            attempts: Attempts::new(Limiter::database(users.db(), desk.signer()), desk.signer()),
            users,
            sessions,
            cookie: SessionCookie::default(),
            passwords: PasswordPolicy::new().site_name("frontdesk"),
            desk: desk.clone(),
            clock: Clock::system(),
            base_url: None,
            site_name: "frontdesk".into(),
            mfa_providers: Vec::new(),
            #[cfg(feature = "passkeys")]
            passkeys: None,
        }))
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets the clock, of users and sessions too. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.change(|auth| {
            auth.users = auth.users.clone().clock(clock.clone());
            auth.sessions = auth.sessions.clone().clock(clock.clone());
            auth.links = auth.links.clone().clock(clock.clone());
            auth.attempts = auth.attempts.clone().clock(clock.clone());
            auth.clock = clock;
        })
    }

    /// Sets the cookie that holds the sessions' tokens. Default: [`SessionCookie::default`].
    #[must_use]
    pub fn cookie(self, cookie: SessionCookie) -> Self {
        self.change(|auth| auth.cookie = cookie)
    }

    /// Sets which passwords are accepted. Default: [`PasswordPolicy::new`] with the site's name.
    #[must_use]
    pub fn passwords(self, policy: PasswordPolicy) -> Self {
        self.change(|auth| auth.passwords = policy)
    }

    /// Sets the address of the site, for links in mails. It is never taken from a request: whoever sends one could choose it.
    #[must_use]
    pub fn base_url(self, url: Url) -> Self {
        self.change(|auth| auth.base_url = Some(url))
    }

    /// Sets what the site is called, in mails and authenticator apps. Default: `frontdesk`.
    #[must_use]
    pub fn site_name(self, name: impl Into<Arc<str>>) -> Self {
        self.change(|auth| {
            auth.site_name = name.into();
            auth.passwords = auth.passwords.clone().site_name(Arc::clone(&auth.site_name));
        })
    }

    /// Adds a second factor that users may set up.
    #[must_use]
    pub fn mfa_provider(self, provider: impl MfaProvider) -> Self {
        self.change(|auth| auth.mfa_providers.push(Arc::new(provider)))
    }

    /// Sets who sends mails. Default: nobody, and so there is no password reset and no confirmation of addresses.
    #[must_use]
    pub fn mailer(self, mailer: Mailer) -> Self {
        self.change(|auth| auth.mailer = Some(mailer))
    }

    /// Lets users sign in by passkeys: alone, or as a second factor.
    #[cfg(feature = "passkeys")]
    #[must_use]
    pub fn with_passkeys(self, passkeys: crate::Passkeys) -> Self {
        self.mfa_provider(passkeys.clone()).change(|auth| auth.passkeys = Some(passkeys))
    }

    /// The passkeys, where there are any.
    #[cfg(feature = "passkeys")]
    pub fn passkeys(&self) -> Option<&crate::Passkeys> {
        self.0.passkeys.as_ref()
    }

    /// Sets where attempts to get in are counted: with passwords, and with codes. Default: in the database of the users, so
    /// that they outlast a restart. If they cannot be counted, nobody gets in.
    ///
    /// Who fails five times in a row waits for a second, then two, four, and so on up to 15 minutes: by account, and with
    /// more patience by address. A browser that has signed in before is counted by itself, so that somebody else's failures
    /// do not hold it up.
    #[must_use]
    pub fn limits(self, limiter: Limiter) -> Self {
        self.change(|auth| {
            auth.attempts = Attempts::new(limiter, auth.desk.signer()).clock(auth.clock.clone());
        })
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    pub(crate) fn with_mfa_providers(
        self,
        providers: impl IntoIterator<Item = Arc<dyn MfaProvider>>,
    ) -> Self {
        self.change(|auth| auth.mfa_providers = providers.into_iter().collect())
    }

    /// One-time links: in the database of the users, signed by the desk.
    pub fn links(&self) -> &Links {
        &self.0.links
    }

    /// Who sends mails.
    pub fn mails(&self) -> Option<&Mailer> {
        self.0.mailer.as_ref()
    }

    /// The address of the site.
    pub fn url(&self) -> Option<&Url> {
        self.0.base_url.as_ref()
    }

    /// The users.
    pub fn users(&self) -> &Users {
        &self.0.users
    }

    /// The sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The cookie that holds the sessions' tokens.
    pub fn session_cookie(&self) -> &SessionCookie {
        &self.0.cookie
    }

    /// Which passwords are accepted.
    pub fn password_policy(&self) -> &PasswordPolicy {
        &self.0.passwords
    }

    /// What decides who is signed in, with the second factors that there are.
    pub fn sign_in(&self) -> SignIn {
        SignIn::new(self.0.mfa_providers.iter().cloned()).clock(self.0.clock.clone())
    }

    /// Opens a session for who has signed in, and notes that they have: as [`Sessions::open`].
    ///
    /// # Errors
    /// [`AuthError`], if the users or the sessions cannot be written.
    pub async fn open_session(
        &self,
        signed_in: &SignedIn,
        visit: &Visit,
        replaces: Option<&str>,
    ) -> Result<OpenSession, AuthError> {
        let opened = self.0.sessions.open(signed_in, visit, replaces).await?;
        self.0.users.note_login(&signed_in.user().id).await?;
        Ok(opened)
    }

    /// Who has signed in, and by which session: what a guard put into the request's extensions, else whom the session cookie
    /// belongs to.
    ///
    /// # Errors
    /// [`AuthError`], if the sessions cannot be asked.
    pub async fn signed_in(&self, parts: &Parts) -> Result<Option<(SessionInfo, User)>, AuthError> {
        let known = &parts.extensions;
        if let (Some(session), Some(user)) = (known.get::<SessionInfo>(), known.get::<User>()) {
            return Ok(Some((session.clone(), user.clone())));
        }
        let Some(token) = self.0.cookie.read(&parts.headers) else { return Ok(None) };
        let found = self.0.sessions.find_user(token, &self.0.users).await?;
        Ok(found.and_then(|(session, user)| Some((session, user.filter(|user| user.active)?))))
    }

    /// Sets a user's password, and ends all that the old one has led to: sessions on every device, and one-time links.
    ///
    /// # Errors
    /// [`AuthError`], if the users, the sessions or the links cannot be written.
    pub async fn replace_password(&self, user: &UserId, password: &str) -> Result<(), AuthError> {
        self.0.users.set_password(user, password).await?;
        self.0.sessions.end_all(user).await?;
        self.0.links.void_all(user).await
    }

    /// Sets whether a user may sign in. Whoever may not any more, is out at once, and no link that was mailed to them is of
    /// use.
    ///
    /// # Errors
    /// As [`replace_password`](Self::replace_password).
    pub async fn set_active(&self, user: &UserId, active: bool) -> Result<bool, AuthError> {
        let done = self.0.users.set_active(user, active).await?;
        if !active {
            self.0.sessions.end_all(user).await?;
            self.0.links.void_all(user).await?;
        }
        Ok(done)
    }

    /// Takes all second factors and passkeys away from a user, who has lost them; all their sessions end. That is for an
    /// administrator who knows whom they have before them: it is logged, and the user is told by mail. Nothing makes the user
    /// set a factor up again.
    ///
    /// # Errors
    /// As [`replace_password`](Self::replace_password).
    pub async fn remove_second_factors(&self, user: &User) -> Result<(), AuthError> {
        for provider in &self.0.mfa_providers {
            if !provider.is_user_enrolled(user).await? {
                continue;
            }
            provider.delete_registration(user).await?;
            tracing::warn!(user = %user.id, factor = provider.name(), "a second factor was taken away");
            if let (Some(email), Ok((mailer, places))) = (user.email.as_deref(), self.post_office()) {
                let letters = Letters::new(self, self.0.desk.languages().default_language(), &places);
                mailer.send(letters.factor(user, email, "off", provider.name()))?;
            }
        }
        self.0.users.end_everything(&user.id).await?;
        self.0.sessions.end_all(&user.id).await.map(drop)
    }

    /// Deletes a user, and what is kept of them: sessions, one-time links, second factors, passkeys. With a table of your
    /// own whose keys may be given out again, delete users by this alone.
    ///
    /// # Errors
    /// [`UserError::Refused`](crate::UserError::Refused) if other rows still refer to the user; nothing is done then.
    pub async fn delete_user(&self, user: &User) -> Result<bool, crate::UserError> {
        let done = self.0.users.delete(&user.id).await?;
        self.0.sessions.end_all(&user.id).await?;
        self.0.links.void_all(&user.id).await?;
        for provider in &self.0.mfa_providers {
            provider.delete_registration(user).await?;
        }
        Ok(done)
    }

    /// What it takes to send mails with links.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if something is missing.
    pub(crate) fn post_office(&self) -> Result<(Mailer, Places), AuthError> {
        let setup = |what: &str| AuthError::Setup(format!("mails with links need {what}"));
        let mailer = self.0.mailer.clone().ok_or_else(|| setup("a mailer: Auth::mailer"))?;
        let places = Places::of(self).ok_or_else(|| setup("the address of the site: Auth::base_url"))?;
        Ok((mailer, places))
    }

    /// Whether one more mail of that kind may go to an address: so that nobody fills a stranger's mailbox through us.
    ///
    /// # Errors
    /// [`AuthError`], if mails cannot be counted.
    pub(crate) async fn may_mail(&self, kind: &str, address: &str) -> Result<bool, AuthError> {
        let key = LimitKey::new("mail").part("kind", kind).account(&address.to_lowercase());
        match self.0.attempts.limiter().take(&key, &MAILS).await {
            Ok(_) => Ok(true),
            Err(Limited::Wait(_)) => Ok(false),
            Err(trouble) => Err(AuthError::Unavailable(trouble.to_string())),
        }
    }

    /// The desk.
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// What the site is called.
    pub fn site(&self) -> &str {
        &self.0.site_name
    }

    /// The time by which everything here goes.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    /// The second factors.
    pub fn mfa_providers(&self) -> &[Arc<dyn MfaProvider>] {
        &self.0.mfa_providers
    }
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").field("site_name", &self.0.site_name).finish_non_exhaustive()
    }
}
