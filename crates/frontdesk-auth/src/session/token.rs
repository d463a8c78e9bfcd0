//! The secret in the cookie, and what is stored of it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::AuthError;

/// The secret of a session: 256 random bits in 43 characters of URL-safe base64. It goes into a cookie and nowhere else; it
/// hides itself in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

/// What is stored of a [`SessionToken`]: its SHA-256. From it nobody gets back to the token.
#[derive(Clone, Copy)]
pub struct SessionHash([u8; 32]);

impl SessionToken {
    /// The length of a token in characters.
    pub const LENGTH: usize = 43;

    /// A new one.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`], if the system gives no random numbers.
    pub(crate) fn random() -> Result<Self, AuthError> {
        random().map(Self)
    }

    /// The text for the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> SessionHash {
        SessionHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

impl SessionHash {
    /// The hash of what a cookie held; nothing for what is no token.
    ///
    /// ```
    /// use frontdesk_auth::SessionHash;
    ///
    /// let hash = SessionHash::of("gXbBFylrxkcac_h2r0enZzi7YPJ9vClo8FNwmKXDyNk").unwrap();
    /// assert_eq!(hash.to_string().len(), 64);
    /// assert!(SessionHash::of("1").is_none());
    /// ```
    pub fn of(token: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (token.len() == SessionToken::LENGTH && token.bytes().all(plain))
            .then(|| Self(Sha256::digest(token.as_bytes()).into()))
    }

    /// The hash that is [displayed](Self#impl-Display-for-SessionHash) so; nothing for what is none.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In constant time.
impl PartialEq for SessionHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SessionHash {}

impl std::hash::Hash for SessionHash {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialOrd for SessionHash {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SessionHash {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// As it is stored: 64 lower-case hexadecimal digits.
impl fmt::Display for SessionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        for (byte, pair) in self.0.iter().zip(text.chunks_exact_mut(2)) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for SessionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionHash(..)")
    }
}

/// 256 random bits in URL-safe base64.
pub(crate) fn random() -> Result<String, AuthError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| AuthError::Unavailable(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// 96 random bits in URL-safe base64, for what is public: names in lists.
pub(crate) fn random_id() -> Result<String, AuthError> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|error| AuthError::Unavailable(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn sess_01_tokens_have_256_random_bits() {
        let tokens: Vec<SessionToken> = (0..2000).map(|_| SessionToken::random().unwrap()).collect();
        let distinct: HashSet<&str> = tokens.iter().map(SessionToken::as_str).collect();
        assert_eq!(distinct.len(), tokens.len());
        let mut ones = [0_u32; 256];
        for token in &tokens {
            assert_eq!(token.as_str().len(), SessionToken::LENGTH);
            let bytes = URL_SAFE_NO_PAD.decode(token.as_str()).unwrap();
            assert_eq!(bytes.len(), 32);
            for (bit, count) in ones.iter_mut().enumerate() {
                *count += u32::from(bytes[bit / 8] >> (bit % 8) & 1);
            }
        }
        // Each bit is set in about half of them: five and more standard deviations off would be no chance.
        assert!(ones.iter().all(|count| (850..1150).contains(count)), "{ones:?}");
    }

    #[test]
    fn what_is_no_token_has_no_hash() {
        for text in ["", "a", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43), &"é".repeat(21)] {
            assert!(SessionHash::of(text).is_none(), "{text}");
        }
        let token = SessionToken::random().unwrap();
        assert_eq!(SessionHash::of(token.as_str()), Some(token.hash()));
        assert_eq!(SessionHash::from_hex(&token.hash().to_string()), Some(token.hash()));
        assert!(!format!("{token:?}{:?}", token.hash()).contains(token.as_str()));
    }
}
