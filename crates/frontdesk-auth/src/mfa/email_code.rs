//! Codes by mail.

use frontdesk_data::{Db, OwnTables};
use frontdesk_web::{Arg, Clock, Languages, Purpose, Signer};
use futures_util::future::BoxFuture;

use super::store::{Store, number, text};
use super::tries::Tries;
use super::{LoginAttempt, MfaProvider, Registration, random};
use crate::{AuthError, Mail, Mailer, User};

const TABLES: OwnTables = OwnTables::new(
    "mail codes",
    &["frontdesk_mail_codes", "frontdesk_mail_factors"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_mail_codes (\
         attempt TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, hash TEXT NOT NULL, tries BIGINT NOT NULL, \
         created BIGINT NOT NULL, expires BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS frontdesk_mail_codes_user ON frontdesk_mail_codes (user_id, created)",
        "CREATE INDEX IF NOT EXISTS frontdesk_mail_codes_created ON frontdesk_mail_codes (created)",
        "CREATE TABLE IF NOT EXISTS frontdesk_mail_factors (\
         user_id TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL, since BIGINT NOT NULL)",
    ]],
);
/// A code that is sent again replaces the one before it, and its tries with it; how many are sent is limited.
const ADD: &str = "INSERT INTO frontdesk_mail_codes (attempt, user_id, hash, tries, created, expires) \
    VALUES (?, ?, ?, 0, ?, ?) ON CONFLICT (attempt) DO UPDATE SET user_id = excluded.user_id, hash = excluded.hash, \
    tries = 0, created = excluded.created, expires = excluded.expires";
const SENT: &str = "SELECT count(*) AS number FROM frontdesk_mail_codes WHERE user_id = ? AND created > ?";
const AGE: &str = "SELECT created FROM frontdesk_mail_codes WHERE attempt = ? AND user_id = ? AND expires > ? AND tries < 5";
/// Counts a try before it is known whether it is right.
const TRY: &str = "UPDATE frontdesk_mail_codes SET tries = tries + 1 \
    WHERE attempt = ? AND user_id = ? AND tries < 5 AND expires > ?";
/// Of two who come with the right code, one changes the row. It stays, to be counted.
const SPEND: &str = "UPDATE frontdesk_mail_codes SET tries = 1000000 \
    WHERE attempt = ? AND user_id = ? AND hash = ? AND tries < 1000000 AND expires > ?";
const SWEEP: &str = "DELETE FROM frontdesk_mail_codes WHERE created <= ?";
const REMOVE_CODES: &str = "DELETE FROM frontdesk_mail_codes WHERE user_id = ?";
const ENROLLED: &str = "SELECT address FROM frontdesk_mail_factors WHERE user_id = ?";
const ENROL: &str = "INSERT INTO frontdesk_mail_factors (user_id, address, since) VALUES (?, ?, ?) \
    ON CONFLICT (user_id) DO UPDATE SET address = excluded.address, since = excluded.since";
const REMOVE: &str = "DELETE FROM frontdesk_mail_factors WHERE user_id = ?";

/// For how long a code is good.
const LIFETIME: i64 = 10 * 60 * 1000;
/// How long a code has to be out before another one is sent for the same sign-in, in milliseconds.
const PATIENCE: i64 = 30 * 1000;
/// How many sign-ins of a user get a code within [`WITHIN`].
const MOST: i64 = 5;
const WITHIN: i64 = 60 * 60 * 1000;

/// A second factor by codes of six digits that are sent by mail.
///
/// A code is good for ten minutes, for five tries, once, and for the one sign-in that it was sent for: the half-open session
/// that the password has opened. What is stored is a keyed hash: a code is too short for any hash that is not keyed, and is
/// worth nothing by the time that a key leaks. A user gets codes for five sign-ins an hour.
///
/// Whoever reads the mail of somebody can also set a new password: it is the weakest of the factors. Offer an authenticator
/// app or passkeys too.
///
/// ```
/// use frontdesk_auth::mfa::EmailCodeProvider;
/// use frontdesk_auth::{Mailer, MfaProvider};
/// use frontdesk_data::Db;
/// use frontdesk_web::{Secret, Signer};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let (mailer, _outbox) = Mailer::outbox();
/// let provider = EmailCodeProvider::new(&db, &Signer::new(Secret::random()), &mailer).site_name("Example shop");
/// assert_eq!(provider.name(), "Email");
/// # });
/// ```
#[derive(Clone)]
pub struct EmailCodeProvider {
    store: Store,
    hashes: Purpose,
    mailer: Mailer,
    tries: Tries,
    clock: Clock,
    languages: Languages,
    site_name: String,
}

impl EmailCodeProvider {
    /// A provider that keeps its tables in `db`, and sends by that mailer.
    pub fn new(db: &Db, signer: &Signer, mailer: &Mailer) -> Self {
        Self {
            store: Store::new(db, TABLES),
            hashes: signer.purpose("mail code"),
            mailer: mailer.clone(),
            tries: Tries::new(db, "mail"),
            clock: Clock::system(),
            languages: Languages::new(),
            site_name: "frontdesk".to_owned(),
        }
    }

    /// Sets the name of the site, for the mails. Default: `frontdesk`.
    #[must_use]
    pub fn site_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.site_name);
        self
    }

    /// Sets the languages; mails are written in the first one. Default: those of frontdesk, English first.
    #[must_use]
    pub fn speak(mut self, languages: &Languages) -> Self {
        self.languages = languages.clone();
        self
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.tries = self.tries.clock(clock.clone());
        self.clock = clock;
        self
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// What a sign-in is called in the table: it may be a session's name.
    fn key(&self, attempt: &LoginAttempt) -> String {
        self.hashes.token(&[b"attempt", attempt.id().as_bytes()])
    }

    fn hash(&self, user: &str, address: &str, attempt: &LoginAttempt, code: &str) -> String {
        let parts = [b"code", user.as_bytes(), address.as_bytes(), attempt.id().as_bytes(), code.as_bytes()];
        self.hashes.token(&parts)
    }

    /// The address that the user has shown to be theirs.
    async fn address(&self, user: &User) -> Result<Option<String>, AuthError> {
        let Some(row) = self.store.row(ENROLLED, [user.id.to_string().into()]).await? else {
            return Ok(None);
        };
        let address = text(&row, "address")?;
        // A new address is shown to be theirs when it is changed.
        Ok(Some(user.email.as_deref().unwrap_or(address).to_owned()))
    }

    async fn send(&self, user: &User, address: &str, attempt: &LoginAttempt) -> Result<bool, AuthError> {
        let (user_id, now) = (user.id.to_string(), self.now());
        self.store.execute(SWEEP, [now.saturating_sub(WITHIN).into()]).await?;
        let key = self.key(attempt);
        let young = self.store.row(AGE, [key.as_str().into(), user_id.as_str().into(), now.into()]).await?;
        let is_young = match &young {
            Some(row) => number(row, "created")?.saturating_add(PATIENCE) > now,
            None => false,
        };
        if is_young {
            return Ok(true);
        }
        let since = now.saturating_sub(WITHIN);
        let sent = self.store.row(SENT, [user_id.as_str().into(), since.into()]).await?;
        if sent.map_or(Ok(0), |row| number(&row, "number"))? >= MOST {
            tracing::warn!(user = %user.id, "no more codes are mailed to this user for a while");
            return Ok(false);
        }
        let code = new_code();
        let hash = self.hash(&user_id, address, attempt, &code);
        let row = [key.into(), user_id.into(), hash.into(), now.into(), now.saturating_add(LIFETIME).into()];
        self.store.execute(ADD, row).await?;
        self.mailer.send(self.mail(user, address, &code))?;
        Ok(true)
    }

    fn mail(&self, user: &User, address: &str, code: &str) -> Mail {
        let language = self.languages.default_language();
        let args = [
            ("name", Arg::from(&*user.username)),
            ("site", Arg::from(&*self.site_name)),
            ("code", Arg::from(code)),
            ("minutes", Arg::from(LIFETIME / 60_000)),
        ];
        let say = |key: &str| language.say(key, &args).unwrap_or_else(|| format!("{key}: {code}"));
        Mail::new(address, &say("mfa-mail-code-subject"), say("mfa-mail-code"))
    }

    async fn is_right(
        &self,
        user: &User,
        address: &str,
        code: &str,
        attempt: &LoginAttempt,
    ) -> Result<bool, AuthError> {
        let code: String = code.chars().filter(|typed| !typed.is_ascii_whitespace()).take(7).collect();
        let (user_id, now, key) = (user.id.to_string(), self.now(), self.key(attempt));
        let tried = self.tries.begin(&user_id).await?;
        let row = [key.as_str().into(), user_id.as_str().into(), now.into()];
        if self.store.execute(TRY, row).await? == 0 {
            return Ok(false);
        }
        let hash = self.hash(&user_id, address, attempt, &code);
        if self.store.execute(SPEND, [key.into(), user_id.into(), hash.into(), now.into()]).await? == 0 {
            return Ok(false);
        }
        tried.forgive().await?;
        Ok(true)
    }
}

/// Six digits, each as likely as any other.
pub(super) fn new_code() -> String {
    loop {
        // The largest multiple of a million below 2^32.
        let number = u32::from_le_bytes(random());
        if number < 4_294_000_000 {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

/// The attempt of setting it up: of this user, and no sign-in.
fn setting_up(user: &User) -> LoginAttempt {
    LoginAttempt::new(format!("set up/{}", user.id))
}

impl MfaProvider for EmailCodeProvider {
    fn name(&self) -> &str {
        "Email"
    }

    fn is_user_enrolled<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async { Ok(self.address(user).await?.is_some()) })
    }

    fn send_code<'a>(
        &'a self,
        user: &'a User,
        attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async {
            match self.address(user).await? {
                Some(address) => self.send(user, &address, attempt).await,
                None => Ok(false),
            }
        })
    }

    fn authenticate_user<'a>(
        &'a self,
        user: &'a User,
        code: &'a str,
        attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async {
            match self.address(user).await? {
                Some(address) => self.is_right(user, &address, code, attempt).await,
                None => Ok(false),
            }
        })
    }

    /// Sends a code to the user's address; nothing if there is none.
    fn begin_registration<'a>(
        &'a self,
        user: &'a User,
    ) -> BoxFuture<'a, Result<Option<Registration>, AuthError>> {
        Box::pin(async {
            let Some(address) = user.email.as_deref() else { return Ok(None) };
            if self.address(user).await?.is_some() || !self.send(user, address, &setting_up(user)).await? {
                return Ok(None);
            }
            Ok(Some(Registration { sent_to: Some(address.to_owned()), ..Registration::default() }))
        })
    }

    fn confirm_registration<'a>(
        &'a self,
        user: &'a User,
        code: &'a str,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async {
            let Some(address) = user.email.as_deref() else { return Ok(false) };
            if !self.is_right(user, address, code, &setting_up(user)).await? {
                return Ok(false);
            }
            let row = [user.id.to_string().into(), address.into(), self.now().into()];
            self.store.execute(ENROL, row).await?;
            Ok(true)
        })
    }

    fn delete_registration<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async {
            self.store.execute(REMOVE_CODES, [user.id.to_string().into()]).await?;
            self.store.execute(REMOVE, [user.id.to_string().into()]).await.map(drop)
        })
    }
}
