//! One-time links: a mailed text that is good for one thing, once.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_data::{Db, OwnTables, Row, Value};
use frontdesk_web::{Clock, Purpose, Signer};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use crate::{AuthError, UserId};

pub(crate) const TABLES: OwnTables = OwnTables::new(
    "links",
    &["frontdesk_links"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_links (\
         hash TEXT NOT NULL PRIMARY KEY, purpose TEXT NOT NULL, user_id TEXT NOT NULL, address TEXT NOT NULL, \
         data TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT)",
        "CREATE INDEX IF NOT EXISTS frontdesk_links_user ON frontdesk_links (user_id, purpose)",
        "CREATE INDEX IF NOT EXISTS frontdesk_links_expires ON frontdesk_links (expires)",
    ]],
);
const INSERT: &str = "INSERT INTO frontdesk_links (hash, purpose, user_id, address, data, created, expires) \
    VALUES (?, ?, ?, ?, ?, ?, ?)";
const FIND: &str = "SELECT user_id, address, data, created, expires FROM frontdesk_links \
    WHERE hash = ? AND purpose = ? AND used IS NULL AND expires > ?";
/// What one statement claims, no other one claims.
const CLAIM: &str = "UPDATE frontdesk_links SET used = ? \
    WHERE hash = ? AND purpose = ? AND used IS NULL AND expires > ?";
const CLAIMED: &str =
    "SELECT user_id, address, data, created, expires FROM frontdesk_links WHERE hash = ? AND purpose = ?";
const VOID: &str = "DELETE FROM frontdesk_links WHERE user_id = ? AND purpose = ?";
const VOID_ALL: &str = "DELETE FROM frontdesk_links WHERE user_id = ?";
const OPEN: &str = "SELECT 1 AS one FROM frontdesk_links \
    WHERE user_id = ? AND purpose = ? AND used IS NULL AND expires > ? LIMIT 1";
const SWEEP: &str = "DELETE FROM frontdesk_links WHERE hash IN \
    (SELECT hash FROM frontdesk_links WHERE expires <= ? LIMIT 1000)";

/// What a link is good for. It is good for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkPurpose {
    /// To set a new password in place of a forgotten one.
    Reset,
    /// To show that the e-mail address of an account is its owner's.
    Confirm,
    /// To show that a new e-mail address is the owner's, and to change to it.
    ChangeEmail,
    /// To set the first password of an account that somebody else made.
    Invite,
    /// To make the first administrator.
    Setup,
    /// To show, at one sign-in, that one reads the mail.
    MailCode,
}

impl LinkPurpose {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Reset, Self::Confirm, Self::ChangeEmail, Self::Invite, Self::Setup, Self::MailCode];

    fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Confirm => "confirm",
            Self::ChangeEmail => "change-email",
            Self::Invite => "invite",
            Self::Setup => "setup",
            Self::MailCode => "mail-code",
        }
    }
}

/// A link that is to be.
#[derive(Clone, Debug)]
#[must_use]
pub struct NewLink<'a> {
    purpose: LinkPurpose,
    user: Option<&'a UserId>,
    address: &'a str,
    data: &'a str,
    lives: Duration,
}

impl<'a> NewLink<'a> {
    /// A link for one purpose, for so long.
    pub fn new(purpose: LinkPurpose, lives: Duration) -> Self {
        Self { purpose, user: None, address: "", data: "", lives }
    }

    /// Binds it to a user.
    pub fn user(mut self, user: &'a UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Binds it to an e-mail address: the one that it is sent to.
    pub fn address(mut self, address: &'a str) -> Self {
        self.address = address;
        self
    }

    /// Keeps a text with it.
    pub fn data(mut self, data: &'a str) -> Self {
        self.data = data;
        self
    }
}

/// A link that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// The text form of the user's identity; empty for a link that is nobody's.
    pub user_id: String,
    /// The e-mail address that it was sent to.
    pub address: String,
    /// The text that was kept with it.
    pub data: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// One-time links in the table `frontdesk_links`, which is made when it is first needed.
///
/// A link is known by a random text of 256 bits. The table holds only a keyed hash of it, so that who reads the table has no
/// link that works. Each is bound to one [purpose](LinkPurpose), one user and one address; of two who follow it at once, one
/// succeeds.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_auth::{LinkPurpose, Links, NewLink};
/// use frontdesk_data::Db;
/// use frontdesk_web::{Clock, Secret, Signer};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let links = Links::new(&db, &Signer::new(Secret::random()), Clock::system());
/// let link = NewLink::new(LinkPurpose::Reset, Duration::from_mins(30)).address("ada@example.com");
/// let token = links.create(link).await.unwrap();
///
/// assert!(links.claim(LinkPurpose::Confirm, &token).await.unwrap().is_none());
/// assert_eq!(links.claim(LinkPurpose::Reset, &token).await.unwrap().unwrap().address, "ada@example.com");
/// assert!(links.claim(LinkPurpose::Reset, &token).await.unwrap().is_none());
/// # });
/// ```
#[derive(Clone)]
pub struct Links {
    db: Db,
    key: Purpose,
    clock: Clock,
    made: Arc<OnceCell<()>>,
}

impl Links {
    /// Links in that database.
    pub fn new(db: &Db, signer: &Signer, clock: Clock) -> Self {
        Self { db: db.clone(), key: signer.purpose("one-time link"), clock, made: Arc::default() }
    }

    pub(crate) fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    async fn make(&self) -> Result<(), AuthError> {
        let make = async || Ok::<_, AuthError>(TABLES.make(&self.db).await?);
        self.made.get_or_try_init(make).await.copied()
    }

    /// What the table knows a text by; those by older secrets too.
    fn hashes(&self, purpose: LinkPurpose, token: &str) -> Vec<String> {
        self.key.tokens(&[purpose.as_str().as_bytes(), token.as_bytes()]).collect()
    }

    /// Makes a link; gives the text that it is known by, 43 characters.
    ///
    /// # Errors
    /// [`AuthError`], if the database fails or there are no random numbers.
    pub async fn create(&self, link: NewLink<'_>) -> Result<String, AuthError> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| AuthError::Unavailable(error.to_string()))?;
        let token = URL_SAFE_NO_PAD.encode(random);
        self.create_as(link, &token).await?;
        Ok(token)
    }

    /// Makes a link that is known by `token`: for short codes, which are bound by that to something that nobody else
    /// knows. The same one twice is an error.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub(crate) async fn create_as(&self, link: NewLink<'_>, token: &str) -> Result<(), AuthError> {
        self.make().await?;
        let now = self.clock.now();
        self.db.execute(SWEEP, [now.as_millisecond().into()]).await?;
        let lives = SignedDuration::try_from(link.lives).unwrap_or(SignedDuration::MAX);
        let expires = now.saturating_add(lives).unwrap_or(Timestamp::MAX);
        let hash = self.key.token(&[link.purpose.as_str().as_bytes(), token.as_bytes()]);
        let user = link.user.map(ToString::to_string).unwrap_or_default();
        let values: [Value; 7] = [
            hash.into(),
            link.purpose.as_str().into(),
            user.into(),
            link.address.into(),
            link.data.into(),
            now.as_millisecond().into(),
            expires.as_millisecond().into(),
        ];
        self.db.execute(INSERT, values).await?;
        Ok(())
    }

    /// The link of that text, if it is still good; nothing is changed. For the page that asks before something happens.
    ///
    /// # Errors
    /// [`AuthError`], if the database fails.
    pub async fn look(&self, purpose: LinkPurpose, token: &str) -> Result<Option<Link>, AuthError> {
        self.make().await?;
        let now = self.clock.now().as_millisecond();
        for hash in self.hashes(purpose, token) {
            let rows = self.db.query(FIND, [hash.into(), purpose.as_str().into(), now.into()]).await?;
            if let Some(row) = rows.first() {
                return Ok(Some(read(row)));
            }
        }
        Ok(None)
    }

    /// Uses a link up. `None` if it is not good any more, or never was; of several who ask at once, one gets it.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub async fn claim(&self, purpose: LinkPurpose, token: &str) -> Result<Option<Link>, AuthError> {
        self.make().await?;
        let now = self.clock.now().as_millisecond();
        for hash in self.hashes(purpose, token) {
            let values: [Value; 4] = [now.into(), (&*hash).into(), purpose.as_str().into(), now.into()];
            if self.db.execute(CLAIM, values).await? == 1 {
                let rows = self.db.query(CLAIMED, [hash.into(), purpose.as_str().into()]).await?;
                return Ok(rows.first().map(read));
            }
        }
        Ok(None)
    }

    /// Voids a user's links of that purpose.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub async fn void(&self, user: &UserId, purpose: LinkPurpose) -> Result<(), AuthError> {
        self.make().await?;
        self.db.execute(VOID, [user.to_string().into(), purpose.as_str().into()]).await?;
        Ok(())
    }

    /// Voids all links of a user: their password or address has changed, or the account is no more.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub async fn void_all(&self, user: &UserId) -> Result<(), AuthError> {
        self.make().await?;
        self.db.execute(VOID_ALL, [user.to_string().into()]).await?;
        Ok(())
    }

    /// Whether a user has a link of that purpose that is still good.
    pub(crate) async fn has_open(&self, user: &UserId, purpose: LinkPurpose) -> Result<bool, AuthError> {
        self.make().await?;
        let values: [Value; 3] =
            [user.to_string().into(), purpose.as_str().into(), self.clock.now().as_millisecond().into()];
        Ok(!self.db.query(OPEN, values).await?.is_empty())
    }
}

fn read(row: &Row) -> Link {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let time = |name: &str| {
        let millis = row[name].as_int().unwrap_or_default();
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
    };
    Link {
        user_id: text("user_id"),
        address: text("address"),
        data: text("data"),
        created: time("created"),
        expires: time("expires"),
    }
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Links(..)")
    }
}
