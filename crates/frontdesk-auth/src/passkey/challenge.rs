//! Challenges between the page and the answer. They are given out encrypted, not kept: whoever asks for many fills no
//! table. What is kept is which ones were used, until they are too old anyway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_web::{Clock, Sealer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::mfa::Store;
use crate::{AuthError, PasskeyError};

/// How long a challenge is good, in milliseconds.
const LIFETIME: i64 = 5 * 60 * 1000;

/// Changes no row where it stands already.
const USE: &str =
    "INSERT INTO frontdesk_used_challenges (id, expires) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";
const SWEEP: &str = "DELETE FROM frontdesk_used_challenges WHERE expires <= ?";

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    id: String,
    expires: i64,
    state: T,
}

/// A challenge that came back in time. It still has to be [used up](Self::use_up).
pub(super) struct Opened<T> {
    id: String,
    expires: i64,
    pub(super) state: T,
}

/// Encrypts the state of a ceremony for what it is about.
pub(super) fn seal<T: Serialize>(
    sealer: &Sealer,
    clock: &Clock,
    about: &str,
    state: T,
) -> Result<String, AuthError> {
    let expires = clock.now().as_millisecond().saturating_add(LIFETIME);
    let sealed = Sealed { id: Uuid::new_v4().to_string(), expires, state };
    let json =
        serde_json::to_vec(&sealed).map_err(|error| AuthError::Fault(format!("a challenge: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(sealer.seal(&json, about.as_bytes())))
}

/// The state of a ceremony that is about that, if it is not too old.
pub(super) fn open<T: DeserializeOwned>(
    sealer: &Sealer,
    clock: &Clock,
    about: &str,
    sealed: &str,
) -> Result<Opened<T>, PasskeyError> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| PasskeyError::Stale)?;
    let json = sealer.open(&bytes, about.as_bytes()).ok_or(PasskeyError::Stale)?;
    let Sealed { id, expires, state } = serde_json::from_slice(&json).map_err(|_| PasskeyError::Stale)?;
    if expires <= clock.now().as_millisecond() {
        return Err(PasskeyError::Stale);
    }
    Ok(Opened { id, expires, state })
}

impl<T> Opened<T> {
    /// Uses the challenge up, once its answer was found right. Of two who come with the same one, the second is refused.
    pub(super) async fn use_up(self, store: &Store, clock: &Clock) -> Result<T, PasskeyError> {
        store.execute(SWEEP, [clock.now().as_millisecond().into()]).await?;
        match store.execute(USE, [self.id.into(), self.expires.into()]).await? {
            0 => Err(PasskeyError::Stale),
            _ => Ok(self.state),
        }
    }
}
