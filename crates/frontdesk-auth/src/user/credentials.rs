//! Whether somebody knows a password.

use std::sync::OnceLock;

use frontdesk_validate::Crypt;
use jiff::Timestamp;

use super::{By, Change, Found, User, UserId, Users};
use crate::AuthError;
use crate::password::normalized;

/// What is compared with where there is no user, or none with a password: of the parameters of every new hash, and of no
/// password that anybody knows.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUgOikhIQ$UQN7rWZzoqmnPi7hwI9i4mAFIoQ9DtzyMUCzZnEp7oY";

/// Somebody knew the password of a user who may sign in. Only a comparison makes one.
#[derive(Clone, Debug)]
pub struct PasswordProof {
    user: User,
    at: Timestamp,
}

impl PasswordProof {
    /// For tests of what is decided with it.
    #[cfg(test)]
    pub(crate) fn at_test(user: &User, at: Timestamp) -> Self {
        Self { user: user.clone(), at }
    }

    /// The user.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// When the password was compared.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// How passwords are hashed, and what is compared with for nobody.
#[derive(Debug, Default)]
pub(super) struct Hasher {
    pub(super) crypt: Crypt,
    nobodys: OnceLock<String>,
}

impl Hasher {
    /// # Errors
    /// [`AuthError::Unavailable`], if the system gives no random numbers.
    pub(super) fn new(crypt: Crypt) -> Result<Self, AuthError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| AuthError::Unavailable(error.to_string()))?;
        let nobodys =
            crypt.hash(&bytes.map(|byte| char::from(b'a' + byte % 26)).iter().collect::<String>())?;
        Ok(Self { crypt, nobodys: OnceLock::from(nobodys) })
    }

    fn nobodys(&self) -> &str {
        self.nobodys.get().map_or(NOBODYS, |hash| hash)
    }
}

impl Users {
    /// Whether there is an active user of that name with that password; proof of it, if so.
    ///
    /// It costs the same whether there is such a user or not: one hash, computed off the async threads. Names and passwords
    /// that are longer than any fail at once. A hash in an older format, or with weaker parameters, is replaced.
    ///
    /// Nothing here counts attempts: that is for who calls it.
    ///
    /// # Errors
    /// [`AuthError`], if the database fails.
    pub async fn check_credentials(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Option<PasswordProof>, AuthError> {
        if username.chars().count() > self.longest_name() || self.is_too_long(password) {
            return Ok(None);
        }
        // What cannot be in a database is nobody's name.
        let found = match username.is_empty() || username.contains(char::is_control) {
            true => None,
            false => self.find(By::Name(username)).await?,
        };
        self.compare(found, password).await
    }

    /// Whether this is the user's password; proof of it, if so: for who is signed in and shall say who they are once more.
    ///
    /// # Errors
    /// As [`check_credentials`](Self::check_credentials).
    pub async fn check_password(
        &self,
        id: &UserId,
        password: &str,
    ) -> Result<Option<PasswordProof>, AuthError> {
        if self.is_too_long(password) {
            return Ok(None);
        }
        let found = self.find(By::Id(id)).await?;
        self.compare(found, password).await
    }

    async fn compare(
        &self,
        found: Option<Found>,
        password: &str,
    ) -> Result<Option<PasswordProof>, AuthError> {
        let hasher = self.hasher_ref();
        let plain = normalized(password);
        let stored =
            found.as_ref().and_then(|found| found.hash.as_deref()).unwrap_or_else(|| hasher.nobodys());
        let mut verified = hasher.crypt.verify_async(&*plain, stored).await?;
        if !verified.matches && *plain != *password {
            // Other programs hash what was typed as it came.
            verified = hasher.crypt.verify_async(password, stored).await?;
            verified.needs_rehash = true;
        }
        let Some(Found { mut user, hash: Some(hash) }) = found else { return Ok(None) };
        if !verified.matches || !user.active {
            return Ok(None);
        }
        if verified.needs_rehash {
            let new = hasher.crypt.hash_async(&*plain).await?;
            let changed = self.change_if(&user.id, &[Change::Hash(Some(&new))], &hash).await;
            // A database that cannot be written to at the moment is no reason to send somebody away who is right. But
            // who sets a password meanwhile, wins.
            match changed {
                Ok(true) => match self.by_id(&user.id).await? {
                    Some(current) => user = current,
                    None => return Ok(None),
                },
                Ok(false) => match self.find(By::Id(&user.id)).await? {
                    Some(Found { user: current, hash: Some(hash) }) if current.active => {
                        if !hasher.crypt.verify_async(&*plain, hash).await?.matches {
                            return Ok(None);
                        }
                        user = current;
                    }
                    _ => return Ok(None),
                },
                Err(error) => tracing::warn!(%error, "an old hash of a password could not be replaced"),
            }
        }
        Ok(Some(PasswordProof { user, at: self.now() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_06_nobodys_hash_costs_what_a_new_one_does() {
        let ours = Crypt::new().hash("correct horse").unwrap();
        let cost = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(cost(NOBODYS), cost(&ours));
        // It is read as a hash: one that is none would be refused without any work.
        let started = std::time::Instant::now();
        assert!(!Crypt::new().verify("", NOBODYS).matches);
        let nobodys = started.elapsed();
        let started = std::time::Instant::now();
        assert!(!Crypt::new().verify("", &ours).matches);
        assert!(nobodys * 5 > started.elapsed(), "{nobodys:?}");
    }
}
