use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Db, OwnTables, Row};
use frontdesk_validate::Value;
use frontdesk_web::Clock;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::session::{later, random, random_id};
use crate::{AuthError, SignedIn, User, UserId, Users};

const TABLES: OwnTables = OwnTables::new(
    "tokens",
    &["frontdesk_tokens"],
    &[&[
        "CREATE TABLE IF NOT EXISTS frontdesk_tokens (\
         hash TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, user_id TEXT NOT NULL, \
         user_number BIGINT, scopes TEXT NOT NULL, created BIGINT NOT NULL, expiry BIGINT, last_used BIGINT)",
        "CREATE INDEX IF NOT EXISTS frontdesk_tokens_user ON frontdesk_tokens (user_id)",
    ]],
);
const COLUMNS: &str = "id, name, user_id, user_number, scopes, created, expiry, last_used";
const INSERT: &str = "INSERT INTO frontdesk_tokens (hash, id, name, user_id, user_number, scopes, created, expiry) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const USED: &str = "UPDATE frontdesk_tokens SET last_used = ? WHERE hash = ?";
const DELETE_ONE: &str = "DELETE FROM frontdesk_tokens WHERE user_id = ? AND id = ?";
const DELETE_ALL: &str = "DELETE FROM frontdesk_tokens WHERE user_id = ?";
const SWEEP: &str = "DELETE FROM frontdesk_tokens WHERE expiry <= ?";

/// What every token begins with: so that it is found where it was put by mistake, in a repository or a log.
const PREFIX: &str = "fd_";
/// The length of a token.
const LENGTH: usize = PREFIX.len() + 43;
/// How long the name of a token may be, in characters.
const LONGEST_NAME: usize = 100;
/// How many tokens a user may have.
const MOST: usize = 100;
/// How often "last used" is written at most.
const USED_EVERY: Duration = Duration::from_mins(1);

/// Tokens for programs: each belongs to a user, has a name and perhaps an end and scopes, and can be revoked.
///
/// A token begins with `fd_` and has 256 random bits. It is shown once; what is stored in the table `frontdesk_tokens` is
/// its SHA-256.
#[derive(Clone)]
pub struct Tokens {
    db: Db,
    users: Users,
    clock: Clock,
    made: Arc<OnceCell<()>>,
}

/// A token to be.
#[derive(Clone, Debug)]
#[must_use]
pub struct NewToken {
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    pub(super) expiry: Option<Duration>,
}

/// What is known of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// A name for lists and for revoking it; of no use as a token.
    pub id: Arc<str>,
    /// What its user calls it.
    pub name: Arc<str>,
    /// Whose it is.
    pub user_id: UserId,
    /// To what it is limited; nothing means to nothing.
    pub scopes: Vec<Arc<str>>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends, if ever.
    pub expiry: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used: Option<Timestamp>,
}

/// A token that was just made. The text is to be had here and never again; it hides itself in `Debug` output.
#[derive(Clone)]
#[non_exhaustive]
pub struct CreatedToken {
    /// The token.
    pub token: String,
    /// What is known of it.
    pub info: TokenInfo,
}

impl fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedToken").field("info", &self.info).finish_non_exhaustive()
    }
}

impl NewToken {
    /// A token of that name, at most 100 characters, which has no end and all the rights of its user.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), scopes: Vec::new(), expiry: None }
    }

    /// Lets it end after that time.
    pub fn expires_after(mut self, age: Duration) -> Self {
        self.expiry = Some(age);
        self
    }

    /// Limits it to these scopes: words of the application's own, without blanks.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }
}

impl Tokens {
    /// Tokens of these users, in the table `frontdesk_tokens` of that database, which is made when it is first needed.
    pub fn database(db: &Db, users: &Users) -> Self {
        Self { db: db.clone(), users: users.clone(), clock: Clock::system(), made: Arc::default() }
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    async fn make(&self) -> Result<(), AuthError> {
        let make = async || Ok(TABLES.make(&self.db).await?);
        self.made.get_or_try_init(make).await.copied()
    }

    /// Makes a token for who has signed in.
    ///
    /// # Errors
    /// [`AuthError::Setup`] for a scope that is empty or has a blank in it, a name that is too long, or where the user has 100
    /// tokens already; else [`AuthError`], if the database fails.
    pub async fn create(&self, signed_in: &SignedIn, new: NewToken) -> Result<CreatedToken, AuthError> {
        if let Some(scope) =
            new.scopes.iter().find(|scope| scope.is_empty() || scope.contains(char::is_whitespace))
        {
            return Err(AuthError::Setup(format!("`{scope}` is no scope: it is a word without blanks")));
        }
        if new.name.chars().count() > LONGEST_NAME || new.name.contains(char::is_control) {
            return Err(AuthError::Setup(
                "the name of a token has at most 100 characters, all printable".into(),
            ));
        }
        let user = signed_in.user();
        if self.rows(&user.id).await?.len() >= MOST {
            return Err(AuthError::Setup(format!("a user has at most {MOST} tokens: revoke one first")));
        }
        let token = format!("{PREFIX}{}", random()?);
        let now = self.clock.now();
        let info = TokenInfo {
            id: random_id()?.into(),
            name: new.name.into(),
            user_id: user.id.clone(),
            scopes: new.scopes.into_iter().map(Into::into).collect(),
            created: now,
            expiry: new.expiry.map(|age| later(now, age)),
            last_used: None,
        };
        let number = match user.id {
            UserId::Int(id) => id.into(),
            UserId::Text(_) => Value::Null,
        };
        let values: [Value; 8] = [
            hash(&token).into(),
            (&*info.id).into(),
            (&*info.name).into(),
            user.id.to_string().into(),
            number,
            info.scopes.join(" ").into(),
            now.as_millisecond().into(),
            info.expiry.map(Timestamp::as_millisecond).into(),
        ];
        self.db.execute(INSERT, values).await?;
        Ok(CreatedToken { token, info })
    }

    /// The token and its user, who may sign in; nothing for what is no token, or is over. It notes that the token is used,
    /// at most once a minute.
    ///
    /// # Errors
    /// [`AuthError`], if the database fails.
    pub async fn find(&self, token: &str) -> Result<Option<(TokenInfo, User)>, AuthError> {
        if token.len() != LENGTH || !token.starts_with(PREFIX) {
            return Ok(None);
        }
        self.make().await?;
        let (hash, now) = (hash(token), self.clock.now());
        let sql = format!("SELECT {COLUMNS} FROM frontdesk_tokens WHERE hash = ?");
        let rows = self.db.query(sql, [hash.as_str().into()]).await?;
        let Some(mut info) = rows.first().and_then(read) else { return Ok(None) };
        if info.expiry.is_some_and(|expiry| expiry <= now) {
            return Ok(None);
        }
        let Some(user) = self.users.by_id(&info.user_id).await?.filter(|user| user.active) else {
            return Ok(None);
        };
        if info.last_used.is_none_or(|used| later(used, USED_EVERY) <= now) {
            match self.db.execute(USED, [now.as_millisecond().into(), hash.into()]).await {
                Ok(0) => return Ok(None),
                Ok(_) => info.last_used = Some(now),
                Err(error) => tracing::warn!(%error, "it could not be noted that a token is used"),
            }
        }
        Ok(Some((info, user)))
    }

    /// The tokens of a user, the newest first, such as are over among them.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn list(&self, user: &UserId) -> Result<Vec<TokenInfo>, AuthError> {
        self.rows(user).await
    }

    async fn rows(&self, user: &UserId) -> Result<Vec<TokenInfo>, AuthError> {
        self.make().await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM frontdesk_tokens WHERE user_id = ? ORDER BY created DESC, id DESC LIMIT 1000"
        );
        let rows = self.db.query(sql, [user.to_string().into()]).await?;
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Revokes one token of a user, by the [name](TokenInfo::id) that lists show; tells whether there was one.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn revoke(&self, user: &UserId, id: &str) -> Result<bool, AuthError> {
        self.make().await?;
        Ok(self.db.execute(DELETE_ONE, [user.to_string().into(), id.into()]).await? > 0)
    }

    /// Revokes all tokens of a user; tells how many.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn revoke_all(&self, user: &UserId) -> Result<u64, AuthError> {
        self.make().await?;
        Ok(self.db.execute(DELETE_ALL, [user.to_string().into()]).await?)
    }

    /// Removes tokens that are over; tells how many.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub async fn sweep(&self) -> Result<u64, AuthError> {
        self.make().await?;
        Ok(self.db.execute(SWEEP, [self.clock.now().as_millisecond().into()]).await?)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("db", &self.db).finish_non_exhaustive()
    }
}

fn read(row: &Row) -> Option<TokenInfo> {
    let [id, name, user_text, user_number, scopes, created, expiry, last_used] = row.values() else {
        return None;
    };
    let at = |value: &Value| Timestamp::from_millisecond(value.as_int()?).ok();
    Some(TokenInfo {
        id: id.as_str()?.into(),
        name: name.as_str()?.into(),
        user_id: match user_number.as_int() {
            Some(id) => UserId::Int(id),
            None => UserId::Text(user_text.as_str()?.into()),
        },
        scopes: scopes.as_str()?.split_whitespace().map(Into::into).collect(),
        created: at(created)?,
        // One that cannot be read is no token without an end.
        expiry: if expiry.is_null() { None } else { Some(at(expiry)?) },
        last_used: at(last_used),
    })
}

/// What is stored of a token, in hexadecimal.
fn hash(token: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(token.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
