use std::sync::Arc;

use frontdesk_data::{Db, Table, WriteError};
use frontdesk_validate::Crypt;
use frontdesk_web::Clock;
use jiff::Timestamp;

use super::credentials::Hasher;
use super::mapped::Mapped;
use super::own::Own;
use super::{By, Change, Found, NewRow, NewUser, User, UserColumns, UserError, UserId};
use crate::AuthError;
use crate::password::normalized;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The longest e-mail address, in bytes: what fits between the angle brackets of SMTP.
const LONGEST_EMAIL: usize = 254;
/// The longest password, in characters.
const LONGEST_PASSWORD: usize = 256;

/// The users of an application: in a table of frontdesk's own, or in one that exists.
///
/// A cheap handle. Passwords are hashed with Argon2id, on threads where that disturbs nobody; hashes of other programs
/// ([`Crypt`] tells which) are accepted, and replaced when the user next signs in.
///
/// ```
/// use frontdesk_auth::{NewUser, UserError, Users};
/// use frontdesk_data::Db;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let db = Db::open("sqlite::memory:").await.unwrap();
/// let users = Users::own(&db);
/// let ada = NewUser::new("ada").email("ada@example.com").password("correct horse battery").active(true);
/// let ada = users.insert(ada).await.unwrap();
///
/// assert_eq!(users.by_name("Ada").await.unwrap(), Some(ada.clone()));
/// assert!(users.check_credentials("ada", "correct horse battery").await.unwrap().is_some());
/// assert!(users.check_credentials("ada", "wrong horse battery").await.unwrap().is_none());
/// assert!(matches!(users.insert(NewUser::new("ADA")).await, Err(UserError::Taken { username: true, .. })));
/// # });
/// ```
#[derive(Clone)]
pub struct Users {
    store: Arc<Store>,
    clock: Clock,
    hasher: Arc<Hasher>,
    longest_password: usize,
}

enum Store {
    Own(Own),
    Mapped(Mapped),
}

/// Calls the same method of either.
macro_rules! store {
    ($users:expr, $store:ident => $call:expr) => {
        match &*$users.store {
            Store::Own($store) => $call,
            Store::Mapped($store) => $call,
        }
    };
}

impl Users {
    /// Users in the table `frontdesk_users`, which is made when it is first needed. Names and e-mail addresses that differ
    /// only in the case of letters are the same there.
    pub fn own(db: &Db) -> Self {
        Self::of(Store::Own(Own::new(db)))
    }

    /// Users in a table of the application's, or of another program that shares it.
    ///
    /// ```
    /// use frontdesk_auth::{UserColumns, Users};
    /// use frontdesk_data::{Db, Field, Table};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let db = Db::open("sqlite::memory:").await.unwrap();
    /// let people = Table::new("people").field(Field::string("login").unique()).field(Field::password("secret"));
    /// let people = db.define(people.create()).await.unwrap();
    /// assert!(Users::table(&db, &people, UserColumns::new("id", "login", "secret")).is_ok());
    /// assert!(Users::table(&db, &people, UserColumns::new("id", "name", "secret")).is_err());
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`AuthError::Setup`] if the table lacks one of the columns, or has another key.
    pub fn table(db: &Db, table: &Arc<Table>, columns: UserColumns) -> Result<Self, AuthError> {
        Ok(Self::of(Store::Mapped(Mapped::new(db, table, columns)?)))
    }

    fn of(store: Store) -> Self {
        Self {
            store: Arc::new(store),
            clock: Clock::system(),
            hasher: Arc::default(),
            longest_password: LONGEST_PASSWORD,
        }
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Sets how passwords are hashed, for a table whose hashes need a key: `Crypt::new().key("sha512:…")`. Default: Argon2id.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`], if the system gives no random numbers.
    pub fn hasher(self, crypt: Crypt) -> Result<Self, AuthError> {
        Ok(Self { hasher: Arc::new(Hasher::new(crypt)?), ..self })
    }

    /// Sets the length in characters beyond which no password is compared. Default: 256. It is no less than what
    /// [`PasswordPolicy::max_length`](crate::PasswordPolicy::max_length) lets pass.
    #[must_use]
    pub fn longest_password(self, characters: usize) -> Self {
        Self { longest_password: characters, ..self }
    }

    /// The database that they are in.
    pub fn db(&self) -> &Db {
        store!(self, store => &store.db)
    }

    /// Whether these are in our own table, in that database: whether a statement can join them.
    pub(crate) async fn can_join(&self, db: &Db) -> Result<bool, AuthError> {
        match &*self.store {
            Store::Own(own) if own.db.is_same(db) => own.make().await.map(|()| true),
            _ => Ok(false),
        }
    }

    async fn ready(&self) -> Result<(), AuthError> {
        match &*self.store {
            Store::Own(own) => own.make().await,
            Store::Mapped(_) => Ok(()),
        }
    }

    pub(super) fn hasher_ref(&self) -> &Hasher {
        &self.hasher
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn longest_name(&self) -> usize {
        LONGEST_NAME
    }

    pub(super) fn is_too_long(&self, password: &str) -> bool {
        password.len() > self.longest_password && normalized(password).chars().count() > self.longest_password
    }

    pub(super) async fn find(&self, by: By<'_>) -> Result<Option<Found>, AuthError> {
        store!(self, store => store.find(by).await)
    }

    /// The user of that identity.
    ///
    /// # Errors
    /// [`AuthError`], if the database fails.
    pub async fn by_id(&self, id: &UserId) -> Result<Option<User>, AuthError> {
        store!(self, store => store.by_id(id).await)
    }

    /// The user of that name.
    ///
    /// # Errors
    /// As [`by_id`](Self::by_id).
    pub async fn by_name(&self, username: &str) -> Result<Option<User>, AuthError> {
        if username.contains('\0') {
            return Ok(None);
        }
        Ok(self.find(By::Name(username)).await?.map(|found| found.user))
    }

    /// The user of that e-mail address.
    ///
    /// # Errors
    /// As [`by_id`](Self::by_id).
    pub async fn by_email(&self, email: &str) -> Result<Option<User>, AuthError> {
        if email.contains('\0') {
            return Ok(None);
        }
        Ok(self.find(By::Email(email)).await?.map(|found| found.user))
    }

    /// The user whose identity reads so: as in an address, or on the command line.
    ///
    /// # Errors
    /// As [`by_id`](Self::by_id).
    pub async fn by_id_text(&self, id: &str) -> Result<Option<User>, AuthError> {
        if let Ok(number) = id.parse::<i64>()
            && let Some(user) = self.by_id(&UserId::Int(number)).await?
        {
            return Ok(Some(user));
        }
        if id.contains('\0') {
            return Ok(None);
        }
        self.by_id(&UserId::from(id)).await
    }

    /// Adds a user. The password is hashed; whether it is good enough was asked before.
    ///
    /// # Errors
    /// [`UserError::Taken`] if somebody has the name or the e-mail address already, also when two ask at once;
    /// [`UserError::Name`] for a name of no or of more than 100 characters, with control characters, or with white space
    /// around it.
    pub async fn insert(&self, user: NewUser) -> Result<User, UserError> {
        check_name(&user.username)?;
        let email = user.email.as_deref().filter(|email| !email.is_empty());
        email.map_or(Ok(()), check_email)?;
        self.ready().await?;
        // First, so that it costs the same whether the name is taken or not.
        let hash = match &user.password {
            Some(password) => Some(self.hash(password).await?),
            None => None,
        };
        if let [username, email] = self.taken(&user.username, email).await?
            && (username || email)
        {
            return Err(UserError::Taken { username, email });
        }
        let row = NewRow {
            username: &user.username,
            email,
            hash: hash.as_deref(),
            first_name: user.first_name.as_deref(),
            last_name: user.last_name.as_deref(),
            active: user.active,
            admin: user.admin,
            superuser: user.superuser,
            email_confirmed: user.email_confirmed.filter(|_| email.is_some()),
            now: self.now(),
        };
        if let Err(error) = store!(self, store => store.insert(&row).await) {
            return Err(self.refused(error, Some(&user.username), email).await);
        }
        self.by_name(&user.username)
            .await?
            .ok_or_else(|| AuthError::Fault("a user who was just added is not there".into()).into())
    }

    /// Sets the password. Sessions of the user end, here and everywhere. Tells whether there is such a user.
    ///
    /// # Errors
    /// [`AuthError`], if the database fails.
    pub async fn set_password(&self, id: &UserId, password: &str) -> Result<bool, AuthError> {
        let hash = self.hash(password).await?;
        self.change(id, &[Change::Hash(Some(&hash)), Change::Epoch]).await
    }

    /// Whether the user has a password.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn has_password(&self, id: &UserId) -> Result<bool, AuthError> {
        Ok(self.find(By::Id(id)).await?.is_some_and(|found| found.hash.is_some()))
    }

    /// Takes the password away: nobody signs in by one until another is set. Sessions of the user end, here and everywhere.
    /// Look first whether they have other ways in. Tells whether there is such a user.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn remove_password(&self, id: &UserId) -> Result<bool, AuthError> {
        self.change(id, &[Change::Hash(None), Change::Epoch]).await
    }

    /// Sets whether the user may sign in. Whoever may not any more, is out at once.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn set_active(&self, id: &UserId, active: bool) -> Result<bool, AuthError> {
        self.change(id, &[Change::Active(active), Change::Epoch]).await
    }

    /// Sets whether the user may enter the administration. Their sessions end: rights come with a new one.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn set_admin(&self, id: &UserId, admin: bool) -> Result<bool, AuthError> {
        self.change(id, &[Change::Admin(admin), Change::Epoch]).await
    }

    /// Sets whether the user may manage users. Their sessions end: rights come with a new one.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn set_superuser(&self, id: &UserId, superuser: bool) -> Result<bool, AuthError> {
        self.change(id, &[Change::Superuser(superuser), Change::Epoch]).await
    }

    /// Sets the e-mail address, and since when it is known to be the user's.
    ///
    /// # Errors
    /// [`UserError::Taken`] if it is somebody else's.
    pub async fn set_email(
        &self,
        id: &UserId,
        email: Option<&str>,
        confirmed: Option<Timestamp>,
    ) -> Result<bool, UserError> {
        let email = email.filter(|email| !email.is_empty());
        email.map_or(Ok(()), check_email)?;
        let changes = [Change::Email(email), Change::EmailConfirmed(confirmed.filter(|_| email.is_some()))];
        self.try_change(id, &changes, None, email).await
    }

    /// Notes that the e-mail address was shown to be the user's, if it is still that one.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn confirm_email(&self, id: &UserId, email: &str) -> Result<bool, AuthError> {
        let Some(user) = self.by_id(id).await? else { return Ok(false) };
        if user.email.as_deref().map(super::key_of) != Some(super::key_of(email)) {
            return Ok(false);
        }
        self.change(id, &[Change::EmailConfirmed(Some(self.now()))]).await
    }

    /// Sets the name to sign in with.
    ///
    /// # Errors
    /// [`UserError::Taken`] if it is somebody else's; [`UserError::Name`] as for [`insert`](Self::insert).
    pub async fn set_username(&self, id: &UserId, username: &str) -> Result<bool, UserError> {
        check_name(username)?;
        self.try_change(id, &[Change::Username(username)], Some(username), None).await
    }

    /// Sets first and last name.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn set_names(
        &self,
        id: &UserId,
        first: Option<&str>,
        last: Option<&str>,
    ) -> Result<bool, AuthError> {
        self.change(id, &[Change::FirstName(first), Change::LastName(last)]).await
    }

    /// Ends all that was given to a user: sessions, half-open ones, JSON web tokens. Tokens that have a row of their own
    /// stay.
    ///
    /// With a table of the application's there is nothing to note it in: sessions are then ended in their
    /// [store](crate::Sessions::end_all) alone.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn end_everything(&self, id: &UserId) -> Result<bool, AuthError> {
        self.change(id, &[Change::Epoch]).await
    }

    /// Notes that the user has signed in now.
    ///
    /// # Errors
    /// As [`set_password`](Self::set_password).
    pub async fn note_login(&self, id: &UserId) -> Result<bool, AuthError> {
        self.change(id, &[Change::LastLogin(self.now())]).await
    }

    /// Deletes a user. Their sessions and tokens are of no use from then on.
    ///
    /// # Errors
    /// [`UserError::Refused`] if other rows still refer to the user.
    pub async fn delete(&self, id: &UserId) -> Result<bool, UserError> {
        self.ready().await?;
        match store!(self, store => store.delete(id).await) {
            Ok(done) => Ok(done),
            Err(error) => Err(self.refused(error, None, None).await),
        }
    }

    /// At most `limit` users in order of their identity, beginning behind `after`.
    ///
    /// # Errors
    /// As [`by_id`](Self::by_id).
    pub async fn list(&self, after: Option<&UserId>, limit: u64) -> Result<Vec<User>, AuthError> {
        store!(self, store => store.list(after, limit).await)
    }

    /// Whether there is an active user who may enter the administration or manage users.
    ///
    /// # Errors
    /// As [`by_id`](Self::by_id).
    pub async fn has_admin(&self) -> Result<bool, AuthError> {
        store!(self, store => store.has_admin().await)
    }

    /// Which of the two are somebody's already.
    pub(crate) async fn taken(&self, username: &str, email: Option<&str>) -> Result<[bool; 2], AuthError> {
        store!(self, store => store.taken(username, email).await)
    }

    async fn hash(&self, password: &str) -> Result<String, AuthError> {
        Ok(self.hasher.crypt.hash_async(&*normalized(password)).await?)
    }

    async fn change(&self, id: &UserId, changes: &[Change<'_>]) -> Result<bool, AuthError> {
        self.ready().await?;
        Ok(store!(self, store => store.change(id, changes, None).await)?)
    }

    pub(super) async fn change_if(
        &self,
        id: &UserId,
        changes: &[Change<'_>],
        hash: &str,
    ) -> Result<bool, AuthError> {
        Ok(store!(self, store => store.change(id, changes, Some(hash)).await)?)
    }

    async fn try_change(
        &self,
        id: &UserId,
        changes: &[Change<'_>],
        username: Option<&str>,
        email: Option<&str>,
    ) -> Result<bool, UserError> {
        self.ready().await?;
        match store!(self, store => store.change(id, changes, None).await) {
            Ok(done) => Ok(done),
            Err(error) => Err(self.refused(error, username, email).await),
        }
    }

    /// Why the table refused a row.
    async fn refused(&self, error: WriteError, username: Option<&str>, email: Option<&str>) -> UserError {
        let violations = match error {
            WriteError::Refused(violations) => violations,
            other => return AuthError::from(other).into(),
        };
        if !violations.iter().any(|violation| violation.error.code() == "unique") {
            return UserError::Refused(violations);
        }
        match self.taken(username.unwrap_or(""), email).await {
            Ok([username, email]) if username || email => UserError::Taken { username, email },
            // Who had it is gone already.
            Ok(_) => UserError::Taken { username: username.is_some(), email: email.is_some() },
            Err(error) => error.into(),
        }
    }
}

impl std::fmt::Debug for Users {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Users").field("db", self.db()).finish_non_exhaustive()
    }
}

fn check_name(name: &str) -> Result<(), UserError> {
    if name.is_empty() {
        return Err(UserError::Name("Enter a username."));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(UserError::Name("The username must be at most 100 characters long."));
    }
    if name.contains(char::is_control) || name.trim() != name {
        return Err(UserError::Name(
            "The username must not begin or end with a blank, or have control characters.",
        ));
    }
    Ok(())
}

fn check_email(email: &str) -> Result<(), UserError> {
    let odd = |letter: char| letter.is_control() || letter.is_whitespace();
    if email.len() > LONGEST_EMAIL || email.contains(odd) { Err(UserError::Email) } else { Ok(()) }
}
