//! How people sign in at a site.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use frontdesk_auth::mfa::{AuthenticatorProvider, EmailCodeProvider};
use frontdesk_auth::{Auth, AuthError, Passkeys, SessionCookie, SessionInfo, Sessions, User, Users};
use frontdesk_data::{Actor, Db, Policy, Registration, SecondFactor};
use frontdesk_forms::{Captcha, Desk};
use frontdesk_web::limits::Limiter;
use frontdesk_web::{Signer, is_loopback_host};
use http::HeaderMap;
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use crate::account::{Grants, administrators};

/// For how long the link is good that makes the first administrator.
pub(crate) const SETUP_LIVES: Duration = Duration::from_hours(1);

/// What makes the counts of attempts, with the signer of the site.
type MakeLimiter = dyn Fn(&Signer) -> Limiter + Send + Sync;

/// How people sign in at a [`Site`](crate::Site): where users and sessions are, and under which names the site is reached.
///
/// ```
/// use frontdesk_cli::{Site, SiteOptions, SignInOptions, app, open_described};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = open_described("sqlite::memory:", None).await.unwrap().db;
/// let state = frontdesk_data::Db::open("sqlite::memory:").await.unwrap();
/// let site = Site::new(&db, SiteOptions::new("shop").sign_in(SignInOptions::new(&state)));
/// // Until there is an administrator, this computer alone is served; the link makes the first one.
/// assert!(site.setup_path().unwrap().starts_with("/setup/"));
/// let router = app(site);
/// # let _ = router;
/// # });
/// ```
#[derive(Clone)]
pub struct SignInOptions {
    pub(crate) db: Db,
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    /// Changes what all of sign-in shares: the address of the site, mail, second factors.
    pub(crate) set_up: Arc<dyn Fn(Auth) -> Auth + Send + Sync>,
    pub(crate) hosts: Vec<String>,
    pub(crate) always: bool,
    pub(crate) is_https: bool,
    pub(crate) registration: Registration,
    pub(crate) captcha: Option<Captcha>,
    pub(crate) idle: Duration,
    limiter: Option<Arc<MakeLimiter>>,
    second_factors: Vec<SecondFactor>,
    url: Option<Url>,
}

impl SignInOptions {
    /// Users and sessions in tables of a database, each made when it is first needed. It may be the one that is served.
    pub fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            users: Users::own(db),
            sessions: Sessions::database(db),
            set_up: Arc::new(|auth| auth),
            hosts: Vec::new(),
            always: false,
            is_https: false,
            registration: Registration::Off,
            captcha: None,
            idle: Duration::from_hours(1),
            limiter: None,
            second_factors: Vec::new(),
            url: None,
        }
    }

    /// Sets where sessions are kept.
    #[must_use]
    pub fn sessions(self, sessions: Sessions) -> Self {
        Self { sessions, ..self }
    }

    /// Sets the names under which the site answers, without ports, besides those of this computer.
    #[must_use]
    pub fn hosts(self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { hosts: hosts.into_iter().map(|host| host.into().to_ascii_lowercase()).collect(), ..self }
    }

    /// Sets the address at which people reach the site. It answers under that name, too; unless that is one of this
    /// computer, nobody is let in without signing in, also while there is no administrator.
    #[must_use]
    pub fn url(mut self, url: &Url) -> Self {
        self.hosts.extend(url.host_str().map(str::to_ascii_lowercase));
        self.is_https = url.scheme() == "https";
        self.always |= !crate::check::is_loopback(url);
        self.url = Some(url.clone());
        let url = url.clone();
        self.also(move |auth| auth.base_url(url.clone()))
    }

    /// Says that nobody is let in without signing in, also while there is no administrator. Default: then whoever uses this
    /// computer is one.
    #[must_use]
    pub fn always(self, always: bool) -> Self {
        Self { always, ..self }
    }

    /// Sets how long a session lasts that is not used: each use of it makes it last so long again, up to its latest end.
    /// Default: 1 hour.
    #[must_use]
    pub fn idle(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    /// Sets where attempts are counted, by the site's own signer. Default: beside the users.
    #[must_use]
    pub fn limits(mut self, limiter: impl Fn(&Signer) -> Limiter + Send + Sync + 'static) -> Self {
        self.limiter = Some(Arc::new(limiter));
        self
    }

    /// Sets the second factors that users may set up. They are encrypted with a key of the site's secret: with a random one,
    /// nobody who has set one up could sign in after a restart. Default: none.
    #[must_use]
    pub fn second_factors(self, factors: impl IntoIterator<Item = SecondFactor>) -> Self {
        Self { second_factors: factors.into_iter().collect(), ..self }
    }

    /// Sets whether visitors can make themselves an account. Default: they cannot.
    #[must_use]
    pub fn registration(self, registration: Registration) -> Self {
        Self { registration, ..self }
    }

    /// Sets what keeps programs from registering, and from having mails sent. Default: nothing.
    #[must_use]
    pub fn captcha(self, captcha: impl Into<Captcha>) -> Self {
        Self { captcha: Some(captcha.into()), ..self }
    }

    /// Changes what all of sign-in shares: mail, second factors, which passwords are good enough.
    #[must_use]
    pub fn also(mut self, change: impl Fn(Auth) -> Auth + Send + Sync + 'static) -> Self {
        let before = Arc::clone(&self.set_up);
        self.set_up = Arc::new(move |auth| change(before(auth)));
        self
    }

    /// Adds a second factor, where there is what it needs: mail for codes by mail, an address of the site for passkeys.
    fn with_factor(&self, auth: Auth, factor: SecondFactor, signer: &Signer, title: &str) -> Auth {
        match (factor, auth.mails().cloned(), &self.url) {
            (SecondFactor::Authenticator, ..) => {
                auth.mfa_provider(AuthenticatorProvider::new(&self.db, signer).issuer_name(title))
            }
            (SecondFactor::Mail, Some(mailer), _) => {
                auth.mfa_provider(EmailCodeProvider::new(&self.db, signer, &mailer).site_name(title))
            }
            (SecondFactor::Passkey, _, Some(url)) => {
                let name = url.domain().unwrap_or_default();
                match Passkeys::new(&self.db, signer, name, url) {
                    Ok(passkeys) => auth.with_passkeys(passkeys.site_name(title)),
                    Err(error) => {
                        tracing::warn!(%error, "no passkeys: they need an address with a name");
                        auth
                    }
                }
            }
            _ => auth,
        }
    }

    pub(super) fn build(self, desk: &Desk, signer: &Signer, title: &str, policy: &Policy) -> SignIn {
        // Where the site is reached over HTTPS, no cookie is ever sent without.
        let cookie = SessionCookie::default().production(self.is_https);
        let auth = Auth::new(self.users.clone(), self.sessions.clone(), desk).site_name(title).cookie(cookie);
        let limiter = match &self.limiter {
            Some(limiter) => limiter(signer),
            None => Limiter::database(&self.db, signer),
        };
        let mut auth = (self.set_up)(auth.limits(limiter.clone()));
        for factor in &self.second_factors {
            auth = self.with_factor(auth, *factor, signer, title);
        }
        SignIn {
            auth,
            limiter,
            grants: Grants::new(&self.db),
            db: self.db,
            policy: policy.clone(),
            hosts: self.hosts,
            always: self.always,
            is_https: self.is_https,
            registration: self.registration,
            captcha: self.captcha,
            idle: self.idle,
            has_admin: AtomicBool::new(false),
            setup: Setup::new(),
        }
    }
}

impl std::fmt::Debug for SignInOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInOptions")
            .field("hosts", &self.hosts)
            .field("always", &self.always)
            .finish_non_exhaustive()
    }
}

/// How people sign in here.
pub(crate) struct SignIn {
    auth: Auth,
    limiter: Limiter,
    db: Db,
    grants: Grants,
    policy: Policy,
    hosts: Vec<String>,
    always: bool,
    is_https: bool,
    registration: Registration,
    captcha: Option<Captcha>,
    idle: Duration,
    /// Whether there was an administrator once. It does not go back: a site that has been signed in to is never open again
    /// while it runs.
    has_admin: AtomicBool,
    setup: Setup,
}

/// A user who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    user: User,
    session: SessionInfo,
}

impl Signed {
    /// What forms are bound to.
    pub(crate) fn session(&self) -> Arc<str> {
        Arc::clone(&self.session.id)
    }

    /// By what drafts are theirs.
    pub(crate) fn user_id(&self) -> String {
        self.user.id.to_string()
    }

    /// How they are shown.
    pub(crate) fn name(&self) -> &str {
        &self.user.username
    }

    /// The user, and what is known of the session.
    pub(crate) fn parts(&self) -> (User, SessionInfo) {
        (self.user.clone(), self.session.clone())
    }
}

impl SignIn {
    pub(crate) fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Whether people reach the site over HTTPS.
    pub(crate) fn is_https(&self) -> bool {
        self.is_https
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(crate) fn registration(&self) -> Registration {
        self.registration
    }

    pub(crate) fn captcha(&self) -> Option<&Captcha> {
        self.captcha.as_ref()
    }

    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Whether whoever is at this computer may do everything, since nobody could sign in yet.
    pub(crate) async fn is_operator(&self) -> Result<bool, AuthError> {
        Ok(!self.always && !self.has_administrator().await?)
    }

    /// Whether there is somebody who could sign in and do everything.
    pub(crate) async fn has_administrator(&self) -> Result<bool, AuthError> {
        if self.has_admin.load(Ordering::Acquire) {
            return Ok(true);
        }
        let has_admin = administrators(&self.db).await? > 0;
        self.has_admin.fetch_or(has_admin, Ordering::AcqRel);
        Ok(has_admin)
    }

    /// Whether the site answers to that name.
    pub(crate) fn answers_to(&self, host: &str, headers: &HeaderMap) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split_once(']').map_or(host, |(name, _)| &host[..name.len() + 2]),
            None => host.split(':').next().unwrap_or_default(),
        };
        is_loopback_host(headers) || self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Who asks; `None` for who has not signed in, or not wholly.
    pub(crate) async fn who(&self, headers: &HeaderMap) -> Result<Option<Signed>, AuthError> {
        let Some(token) = self.auth.session_cookie().read(headers) else { return Ok(None) };
        let sessions = self.auth.sessions();
        let (session, user) = match sessions.find_user(token, self.auth.users()).await? {
            Some((session, Some(user))) if user.active => (session, user),
            _ => return Ok(None),
        };
        match sessions.extend(session.clone(), Some(self.idle)).await {
            Ok(Some(session)) => Ok(Some(Signed { user, session })),
            // Somebody has ended it in the meantime.
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::warn!(%error, "a session could not be extended");
                Ok(Some(Signed { user, session }))
            }
        }
    }

    /// Whom the policy takes a user for.
    pub(crate) async fn actor(&self, signed: &Signed) -> Result<Actor, AuthError> {
        let granted = self.grants.of(&signed.user.id).await?;
        Ok(granted.actor(&signed.user, &self.policy))
    }
}

/// The link that makes the first administrator: random, for an hour, and of no use once there is one.
pub(crate) struct Setup {
    token: String,
    digest: [u8; 32],
    made: std::time::Instant,
    /// Held by the one request that may use it.
    pub(crate) claim: tokio::sync::Mutex<()>,
}

impl Setup {
    fn new() -> Self {
        let token: String = (0..2).map(|_| Uuid::new_v4().simple().to_string()).collect();
        let digest = Sha256::digest(token.as_bytes()).into();
        Self { token, digest, made: std::time::Instant::now(), claim: tokio::sync::Mutex::default() }
    }

    pub(crate) fn path(&self) -> String {
        format!("/setup/{}/", self.token)
    }

    /// Whether that is its token, and it has not ended. Digests are compared, so that the time it takes tells nothing.
    pub(crate) fn is_good(&self, token: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        digest == self.digest && self.made.elapsed() < SETUP_LIVES
    }
}
