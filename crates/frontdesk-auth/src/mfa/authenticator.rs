//! Authenticator apps: time-based one-time passwords.

use std::sync::Arc;

use frontdesk_data::{Db, OwnTables};
use frontdesk_web::{Clock, Signer};
use futures_util::future::BoxFuture;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

use super::store::{Store, number, text};
use super::tries::Tries;
use super::{EncryptionProvider, LoginAttempt, MfaProvider, Registration, SealerProvider, qr, recovery};
use crate::{AuthError, User};

pub(super) const TABLES: OwnTables = OwnTables::new(
    "authenticators",
    &["frontdesk_authenticators", "frontdesk_recovery_codes"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_authenticators (\
         id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, secret TEXT NOT NULL, salt TEXT NOT NULL, \
         created BIGINT NOT NULL, confirmed BIGINT, last_step BIGINT NOT NULL, last_used BIGINT)",
        // A user has one app that counts.
        "CREATE UNIQUE INDEX IF NOT EXISTS frontdesk_authenticators_confirmed \
         ON frontdesk_authenticators (user_id) WHERE confirmed IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS frontdesk_authenticators_user ON frontdesk_authenticators (user_id)",
        "CREATE TABLE IF NOT EXISTS frontdesk_recovery_codes (\
         authenticator TEXT NOT NULL, hash TEXT NOT NULL, used BIGINT, PRIMARY KEY (authenticator, hash))",
    ]],
);
const FIND: &str =
    "SELECT id, secret, salt FROM frontdesk_authenticators WHERE user_id = ? AND confirmed IS NOT NULL";
const FIND_PENDING: &str = "SELECT id, secret FROM frontdesk_authenticators \
    WHERE user_id = ? AND confirmed IS NULL AND created > ? ORDER BY created DESC LIMIT 1";
/// A code is good for one step, and steps only go up: of two who come with the same code, one changes a row.
const SPEND_STEP: &str = "UPDATE frontdesk_authenticators SET last_step = ?, last_used = ? \
    WHERE id = ? AND confirmed IS NOT NULL AND last_step < ?";
const SPEND_CODE: &str =
    "UPDATE frontdesk_recovery_codes SET used = ? WHERE authenticator = ? AND hash = ? AND used IS NULL";
const CONFIRM: &str = "UPDATE frontdesk_authenticators SET confirmed = ?, last_used = ?, last_step = ? \
    WHERE id = ? AND confirmed IS NULL AND last_step < ?";
const ADD: &str = "INSERT INTO frontdesk_authenticators (id, user_id, secret, salt, created, last_step) \
    VALUES (?, ?, ?, ?, ?, -1)";
const ADD_CODE: &str = "INSERT INTO frontdesk_recovery_codes (authenticator, hash) VALUES (?, ?)";
const REMOVE_PENDING_CODES: &str = "DELETE FROM frontdesk_recovery_codes WHERE authenticator IN \
    (SELECT id FROM frontdesk_authenticators WHERE user_id = ? AND confirmed IS NULL)";
const REMOVE_PENDING: &str = "DELETE FROM frontdesk_authenticators WHERE user_id = ? AND confirmed IS NULL";
const REMOVE_CODES: &str = "DELETE FROM frontdesk_recovery_codes WHERE authenticator IN \
    (SELECT id FROM frontdesk_authenticators WHERE user_id = ?)";
const REMOVE: &str = "DELETE FROM frontdesk_authenticators WHERE user_id = ?";
const REMOVE_CODES_OF: &str = "DELETE FROM frontdesk_recovery_codes WHERE authenticator = ?";
const CHANGE_SALT: &str = "UPDATE frontdesk_authenticators SET salt = ? WHERE id = ? AND salt = ?";
const COUNT_CODES: &str = "SELECT count(*) AS number FROM frontdesk_recovery_codes WHERE used IS NULL AND authenticator IN \
    (SELECT id FROM frontdesk_authenticators WHERE user_id = ? AND confirmed IS NOT NULL)";
const ALL_SECRETS: &str =
    "SELECT id, user_id, secret FROM frontdesk_authenticators WHERE id > ? ORDER BY id LIMIT 500";
const CHANGE_SECRET: &str = "UPDATE frontdesk_authenticators SET secret = ? WHERE id = ? AND secret = ?";

/// How long an app may be set up without its first code, in milliseconds.
const PENDING: i64 = 60 * 60 * 1000;

/// A second factor by authenticator apps: codes of six digits that change every 30 seconds ([RFC 6238], with SHA-1, as all
/// apps know it), and recovery codes for who has lost the phone.
///
/// The app counts once it has shown its first right code. Each code is accepted once. After five wrong ones in a row, the
/// user has to wait, longer and longer; only who knows the password gets so far.
///
/// ```
/// use frontdesk_auth::mfa::AuthenticatorProvider;
/// use frontdesk_auth::MfaProvider;
/// use frontdesk_data::Db;
/// use frontdesk_web::{Secret, Signer};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let provider = AuthenticatorProvider::new(&db, &Signer::new(Secret::random())).issuer_name("Example shop");
/// assert_eq!(provider.name(), "Authenticator App");
/// # });
/// ```
///
/// # Defaults
/// Ten recovery codes; one step of 30 seconds before and after is accepted; the secret is encrypted with a key of the
/// site's secret; the apps show `frontdesk` as the issuer.
///
/// [RFC 6238]: https://www.rfc-editor.org/rfc/rfc6238
#[derive(Clone)]
pub struct AuthenticatorProvider {
    store: Store,
    encryption: Arc<dyn EncryptionProvider>,
    /// Those whose values still open.
    older: Vec<Arc<dyn EncryptionProvider>>,
    tries: Tries,
    clock: Clock,
    issuer_name: Arc<str>,
    recovery_code_count: usize,
    valid_window: u16,
}

impl AuthenticatorProvider {
    /// A provider that keeps its tables in `db`, and encrypts with a key of the signer's secret.
    pub fn new(db: &Db, signer: &Signer) -> Self {
        Self {
            store: Store::new(db, TABLES),
            encryption: Arc::new(SealerProvider::new(signer)),
            older: Vec::new(),
            tries: Tries::new(db, "authenticator"),
            clock: Clock::system(),
            issuer_name: "frontdesk".into(),
            recovery_code_count: 10,
            valid_window: 1,
        }
    }

    /// Sets how the secret is stored. What the provider before has stored still opens.
    #[must_use]
    pub fn encryption_provider(mut self, provider: impl EncryptionProvider) -> Self {
        self.older.push(std::mem::replace(&mut self.encryption, Arc::new(provider)));
        self
    }

    /// Sets how many recovery codes there are. Default: 10.
    #[must_use]
    pub fn recovery_code_count(mut self, count: usize) -> Self {
        self.recovery_code_count = count;
        self
    }

    /// Sets the name of the site that the apps show. Default: `frontdesk`. A colon becomes a blank: it has a meaning there.
    #[must_use]
    pub fn issuer_name(mut self, name: &str) -> Self {
        self.issuer_name = name.replace(':', " ").into();
        self
    }

    /// Sets how many steps of 30 seconds before and after are accepted too, for clocks that are not right. Default: 1.
    #[must_use]
    pub fn valid_window(mut self, steps: u16) -> Self {
        self.valid_window = steps;
        self
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.tries = self.tries.clock(clock.clone());
        self.clock = clock;
        self
    }

    /// Encrypts all secrets anew with the present provider and key: then an older one is not needed any more. Returns how
    /// many were stored anew.
    ///
    /// # Errors
    /// [`AuthError::Setup`] if one does not open; those before it are done. [`AuthError::Db`].
    pub async fn encrypt_anew(&self) -> Result<usize, AuthError> {
        let (mut after, mut done) = (String::new(), 0);
        loop {
            let rows = self.store.rows(ALL_SECRETS, [after.as_str().into()]).await?;
            let Some(last) = rows.last() else { return Ok(done) };
            after = text(last, "id")?.to_owned();
            for row in &rows {
                let (id, user, stored) = (text(row, "id")?, text(row, "user_id")?, text(row, "secret")?);
                let anew = self.encryption.encrypt(&self.decrypt(stored, user)?, user);
                let changed =
                    self.store.execute(CHANGE_SECRET, [anew.into(), id.into(), stored.into()]).await?;
                done += usize::from(changed > 0);
            }
        }
    }

    async fn codes_left(&self, user: &User) -> Result<usize, AuthError> {
        let row = self.store.row(COUNT_CODES, [user.id.to_string().into()]).await?;
        let number = row.map_or(Ok(0), |row| number(&row, "number"))?;
        Ok(usize::try_from(number).unwrap_or_default())
    }

    fn decrypt(&self, stored: &str, user: &str) -> Result<String, AuthError> {
        let providers = std::iter::once(&self.encryption).chain(&self.older);
        let mut of_prefix = providers.filter(|provider| stored.starts_with(provider.prefix()));
        of_prefix.find_map(|provider| provider.decrypt(stored, user).ok()).ok_or_else(|| {
            AuthError::Setup(
                "the secret of an authenticator app does not open: was the site's secret changed, without the old one being \
                 accepted too?"
                    .to_owned(),
            )
        })
    }

    fn totp(&self, secret: Secret, account: &str) -> Result<Totp, AuthError> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(self.valid_window)
            .with_secret(secret)
            .with_issuer(Some(&*self.issuer_name))
            .with_account_name(account.replace(':', " "))
            .build()
            .map_err(|error| AuthError::Setup(format!("authenticator app: {error}")))
    }

    /// The step of which `code` is the code, if it is one of those that are accepted now.
    fn step(&self, stored: &str, user: &str, code: &str) -> Result<Option<i64>, AuthError> {
        let code: String = code.chars().filter(|typed| !typed.is_ascii_whitespace()).take(7).collect();
        let secret = Secret::try_from_base32(self.decrypt(stored, user)?)
            .map_err(|_| AuthError::Fault("the secret of an authenticator app is no base32".to_owned()))?;
        let now = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
        let step = self.totp(secret, "")?.check(&code, now);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    async fn authenticate(&self, user: &User, code: &str) -> Result<bool, AuthError> {
        let user = user.id.to_string();
        let Some(row) = self.store.row(FIND, [user.as_str().into()]).await? else { return Ok(false) };
        let tried = self.tries.begin(&user).await?;
        let id = text(&row, "id")?;
        let now = self.now();
        let spent = if let Some(code) = recovery::normalized(code) {
            let hash = recovery::hashes(vec![code], text(&row, "salt")?).await?.remove(0);
            self.store.execute(SPEND_CODE, [now.into(), id.into(), hash.into()]).await?
        } else if let Some(step) = self.step(text(&row, "secret")?, &user, code)? {
            self.store.execute(SPEND_STEP, [step.into(), now.into(), id.into(), step.into()]).await?
        } else {
            0
        };
        if spent == 0 {
            return Ok(false);
        }
        tried.forgive().await?;
        Ok(true)
    }

    async fn begin(&self, user: &User) -> Result<Option<Registration>, AuthError> {
        let user_id = user.id.to_string();
        if self.store.row(FIND, [user_id.as_str().into()]).await?.is_some() {
            return Ok(None);
        }
        let account = user.email.as_deref().unwrap_or(&user.username);
        let totp = self.totp(Secret::generate(), account)?;
        let secret = totp.secret().to_base32();
        let otpauth_uri =
            totp.to_url().map_err(|error| AuthError::Setup(format!("authenticator app: {error}")))?;
        let recovery_codes = recovery::new_codes(self.recovery_code_count);
        let salt = recovery::new_salt();
        let hashes = recovery::hashes(recovery_codes.clone(), &salt).await?;
        let (id, stored) = (Uuid::new_v4().to_string(), self.encryption.encrypt(&secret, &user_id));

        let transaction = self.store.begin().await?;
        transaction.execute(REMOVE_PENDING_CODES, [user_id.as_str().into()]).await?;
        transaction.execute(REMOVE_PENDING, [user_id.as_str().into()]).await?;
        let row = [id.as_str().into(), user_id.into(), stored.into(), salt.into(), self.now().into()];
        transaction.execute(ADD, row).await?;
        for hash in hashes {
            transaction.execute(ADD_CODE, [id.as_str().into(), hash.into()]).await?;
        }
        transaction.commit().await?;
        let qrcode_image = Some(qr::png(&otpauth_uri)?);
        Ok(Some(Registration {
            qrcode_image,
            secret: Some(secret),
            otpauth_uri: Some(otpauth_uri),
            recovery_codes,
            sent_to: None,
        }))
    }

    async fn confirm(&self, user: &User, code: &str) -> Result<bool, AuthError> {
        let (user, now) = (user.id.to_string(), self.now());
        let since = now.saturating_sub(PENDING);
        let Some(row) = self.store.row(FIND_PENDING, [user.as_str().into(), since.into()]).await? else {
            return Ok(false);
        };
        let tried = self.tries.begin(&user).await?;
        let Some(step) = self.step(text(&row, "secret")?, &user, code)? else { return Ok(false) };
        let id = text(&row, "id")?;
        let values = [now.into(), now.into(), step.into(), id.into(), step.into()];
        let confirmed = match self.store.execute(CONFIRM, values).await {
            Ok(changed) => changed > 0,
            // Another app of this user was confirmed at the same moment.
            Err(AuthError::Fault(_)) => false,
            Err(error) => return Err(error),
        };
        if confirmed {
            tried.forgive().await?;
        }
        Ok(confirmed)
    }

    async fn renew(&self, user: &User) -> Result<Option<Vec<String>>, AuthError> {
        let user = user.id.to_string();
        let Some(row) = self.store.row(FIND, [user.into()]).await? else { return Ok(None) };
        let (id, old) = (text(&row, "id")?, text(&row, "salt")?);
        let (codes, salt) = (recovery::new_codes(self.recovery_code_count), recovery::new_salt());
        let hashes = recovery::hashes(codes.clone(), &salt).await?;
        let transaction = self.store.begin().await?;
        // Of two at once, one makes the codes that count.
        if transaction.execute(CHANGE_SALT, [salt.into(), id.into(), old.into()]).await? == 0 {
            return Ok(None);
        }
        transaction.execute(REMOVE_CODES_OF, [id.into()]).await?;
        for hash in hashes {
            transaction.execute(ADD_CODE, [id.into(), hash.into()]).await?;
        }
        transaction.commit().await?;
        Ok(Some(codes))
    }

    async fn delete(&self, user: &User) -> Result<(), AuthError> {
        let user = user.id.to_string();
        let transaction = self.store.begin().await?;
        transaction.execute(REMOVE_CODES, [user.as_str().into()]).await?;
        transaction.execute(REMOVE, [user.as_str().into()]).await?;
        transaction.commit().await?;
        Ok(())
    }
}

impl MfaProvider for AuthenticatorProvider {
    fn name(&self) -> &str {
        "Authenticator App"
    }

    fn is_user_enrolled<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async { Ok(self.store.row(FIND, [user.id.to_string().into()]).await?.is_some()) })
    }

    fn authenticate_user<'a>(
        &'a self,
        user: &'a User,
        code: &'a str,
        _attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(self.authenticate(user, code))
    }

    fn begin_registration<'a>(
        &'a self,
        user: &'a User,
    ) -> BoxFuture<'a, Result<Option<Registration>, AuthError>> {
        Box::pin(self.begin(user))
    }

    fn confirm_registration<'a>(
        &'a self,
        user: &'a User,
        code: &'a str,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(self.confirm(user, code))
    }

    fn new_recovery_codes<'a>(
        &'a self,
        user: &'a User,
    ) -> BoxFuture<'a, Result<Option<Vec<String>>, AuthError>> {
        Box::pin(self.renew(user))
    }

    fn recovery_codes_left<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<Option<usize>, AuthError>> {
        Box::pin(async { Ok(Some(self.codes_left(user).await?)) })
    }

    fn delete_registration<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(self.delete(user))
    }
}
