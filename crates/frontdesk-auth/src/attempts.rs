//! How often somebody may try to get in.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_web::limits::{Backoff, LimitKey, Limited, Limiter};
use frontdesk_web::{ClientAddress, Clock, Purpose, Signer};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use icu_normalizer::ComposingNormalizerBorrowed;

use crate::{AuthError, SessionCookie};

/// Attempts at one account.
fn of_account() -> Backoff {
    Backoff::default()
}

/// Attempts from one address, behind which there may be an office.
fn of_address() -> Backoff {
    Backoff::default().free(50)
}

/// How long a device is remembered: as long as browsers keep a cookie.
const REMEMBERED: Duration = Duration::from_hours(400 * 24);

/// Counts attempts to get in, so that whoever guesses gets slower and slower: by account, and by address.
///
/// A device from which somebody has signed in before is counted by itself. So who guesses at an account holds up others who
/// guess, and not its owner.
#[derive(Clone)]
pub(crate) struct Attempts {
    limiter: Limiter,
    devices: Purpose,
}

/// An attempt that is under way, counted as failed so far.
pub(crate) struct Try<'a> {
    limiter: &'a Limiter,
    own: LimitKey,
    address: Option<LimitKey>,
    /// Which one in a row it is, as far as that is counted.
    pub(crate) number: u32,
}

/// Why there is no attempt now.
pub(crate) enum Held {
    /// There were too many: not before that has passed.
    For(Duration),
    /// Nobody knows.
    Unknown(AuthError),
}

impl From<Limited> for Held {
    fn from(limited: Limited) -> Self {
        match limited {
            Limited::Wait(wait) => Self::For(wait),
            trouble => Self::Unknown(AuthError::Unavailable(trouble.to_string())),
        }
    }
}

impl Attempts {
    pub(crate) fn new(limiter: Limiter, signer: &Signer) -> Self {
        Self { limiter, devices: signer.purpose("known device") }
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub(crate) fn clock(self, clock: Clock) -> Self {
        Self { limiter: self.limiter.clock(clock), ..self }
    }

    /// Begins an attempt: `purpose` says with what.
    ///
    /// # Errors
    /// [`Held`], if there were too many, or it is not known how many there were: then nobody gets in.
    pub(crate) async fn begin(
        &self,
        purpose: &str,
        parts: &Parts,
        cookie: &SessionCookie,
        username: &str,
    ) -> Result<Try<'_>, Held> {
        let name = folded(username);
        if let Some(device) = self.device(&parts.headers, cookie, &name) {
            let key = LimitKey::new(purpose).account(&name).part("device", device);
            return self.start(key, None).await;
        }
        self.begin_of_stranger(purpose, ClientAddress::of(&parts.extensions), username).await
    }

    /// Begins an attempt of a client that no device is known by: a program.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub(crate) async fn begin_of_stranger(
        &self,
        purpose: &str,
        client: Option<ClientAddress>,
        username: &str,
    ) -> Result<Try<'_>, Held> {
        let account = LimitKey::new(purpose).account(&folded(username));
        self.start(account, client.map(|client| LimitKey::new(purpose).address(client))).await
    }

    async fn start(&self, own: LimitKey, address: Option<LimitKey>) -> Result<Try<'_>, Held> {
        if let Some(address) = &address {
            self.limiter.begin(address, &of_address()).await?;
        }
        match self.limiter.begin(&own, &of_account()).await {
            Ok(left) => {
                let number = number(left.remaining, left.reset);
                Ok(Try { limiter: &self.limiter, own, address, number })
            }
            Err(held) => {
                // It was none, so it is none from there either.
                if let Some(address) = &address {
                    self.limiter.undo(address, &of_address()).await?;
                }
                Err(held.into())
            }
        }
    }

    /// The cookie by which a device is known to that account. Its name does not tell whose it is.
    fn cookie_of(&self, session: &SessionCookie, name: &str) -> SessionCookie {
        let own = self.devices.token(&[b"cookie", name.as_bytes()]);
        session.with_suffix(&format!("_device_{}", own.get(..8).unwrap_or_default()))
    }

    /// The identity of the device, if it has signed in as that user before.
    fn device<'h>(&self, headers: &'h HeaderMap, session: &SessionCookie, name: &str) -> Option<&'h str> {
        let (id, proof) = self.cookie_of(session, name).read(headers)?.split_once('.')?;
        self.devices.verify(&[b"device", id.as_bytes(), name.as_bytes()], proof).then_some(id)
    }

    /// The `Set-Cookie` header by which the device is known to the account from now on.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`], if there are no random numbers.
    pub(crate) fn remember(
        &self,
        headers: &HeaderMap,
        session: &SessionCookie,
        username: &str,
    ) -> Result<HeaderValue, AuthError> {
        let name = folded(username);
        let id = match self.device(headers, session, &name) {
            Some(id) => id.to_owned(),
            None => {
                let mut random = [0; 16];
                getrandom::fill(&mut random).map_err(|error| AuthError::Unavailable(error.to_string()))?;
                URL_SAFE_NO_PAD.encode(random)
            }
        };
        let proof = self.devices.token(&[b"device", id.as_bytes(), name.as_bytes()]);
        Ok(self.cookie_of(session, &name).set_value(headers, &format!("{id}.{proof}"), REMEMBERED))
    }
}

impl Try<'_> {
    /// It was right: the failures before it are forgotten, but not those at other accounts from the same address.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`], if the limits cannot be written.
    pub(crate) async fn forgive(&self) -> Result<(), AuthError> {
        let trouble = |error: Limited| AuthError::Unavailable(error.to_string());
        self.limiter.forgive(&self.own).await.map_err(trouble)?;
        if let Some(address) = &self.address {
            self.limiter.undo(address, &of_address()).await.map_err(trouble)?;
        }
        Ok(())
    }

    /// It was none: nothing was guessed by it.
    ///
    /// # Errors
    /// As [`forgive`](Self::forgive).
    pub(crate) async fn undo(&self) -> Result<(), AuthError> {
        let trouble = |error: Limited| AuthError::Unavailable(error.to_string());
        self.limiter.undo(&self.own, &of_account()).await.map_err(trouble)?;
        if let Some(address) = &self.address {
            self.limiter.undo(address, &of_address()).await.map_err(trouble)?;
        }
        Ok(())
    }
}

/// One spelling of a name, so that nobody gets more attempts by another one.
fn folded(username: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(username).to_lowercase()
}

/// Which attempt in a row it is, by what is left after it.
fn number(remaining: u32, wait: Duration) -> u32 {
    let backoff = of_account();
    let free = (0..).take_while(|n| backoff.wait_after(*n).is_zero()).count();
    let free = u32::try_from(free).unwrap_or(u32::MAX);
    match remaining {
        0 => (free..free.saturating_add(32)).find(|n| backoff.wait_after(*n) >= wait).unwrap_or(free),
        left => free.saturating_sub(left),
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_web::Secret;

    use super::*;

    #[test]
    fn the_number_of_an_attempt_is_known_by_what_is_left() {
        let backoff = of_account();
        for made in 1..16 {
            assert_eq!(number(5_u32.saturating_sub(made), backoff.wait_after(made)), made);
        }
    }

    #[test]
    fn auth_07_a_device_is_known_to_the_account_that_signed_in_and_to_no_other() {
        let attempts = Attempts::new(Limiter::memory(), &Signer::new(Secret::random()));
        let session = SessionCookie::default();
        let host = || HeaderMap::from_iter([(http::header::HOST, HeaderValue::from_static("localhost"))]);
        let set = attempts.remember(&host(), &session, "Ada").unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut headers = host();
        headers.insert(http::header::COOKIE, pair.parse().unwrap());
        assert!(attempts.device(&headers, &session, &folded("ADA")).is_some());
        assert!(attempts.device(&headers, &session, "bob").is_none());
        // Under the name that the other account's cookie has, it is of no use.
        let theirs = attempts.cookie_of(&session, "bob").name(&host());
        let forged = format!("{theirs}={}", pair.split_once('=').unwrap().1);
        headers.insert(http::header::COOKIE, forged.parse().unwrap());
        assert!(attempts.device(&headers, &session, "bob").is_none());
    }
}
