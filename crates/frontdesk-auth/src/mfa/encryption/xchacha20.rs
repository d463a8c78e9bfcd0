//! XChaCha20-Poly1305, stored as PyNaCl's `Aead` gives it.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::{DecryptError, EncryptionProvider, hidden, own, random, text};

const NONCE: usize = 24;

/// Encrypts with XChaCha20-Poly1305 and a key of its own. It opens what Piccolo API has stored with the same key.
///
/// ```
/// use frontdesk_auth::mfa::{EncryptionProvider, XChaCha20Provider};
///
/// let provider = XChaCha20Provider::new(XChaCha20Provider::new_key());
/// assert!(provider.encrypt("JBSWY3DP", "").starts_with("xchacha20-"));
/// ```
#[derive(Clone)]
pub struct XChaCha20Provider(XChaCha20Poly1305);

impl XChaCha20Provider {
    /// A provider with that key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// A random key.
    ///
    /// # Panics
    /// If the operating system has no random numbers to give.
    pub fn new_key() -> [u8; 32] {
        random()
    }
}

impl EncryptionProvider for XChaCha20Provider {
    fn prefix(&self) -> &'static str {
        "xchacha20-"
    }

    fn encrypt(&self, text: &str, _context: &str) -> String {
        let nonce = random::<NONCE>();
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), text.as_bytes())
            .expect("the cipher takes texts of up to 256 GiB");
        let digit = |value: u8| char::from_digit(value.into(), 16).expect("four bits");
        let hex = nonce.iter().chain(&sealed).flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        self.prefix().chars().chain(hex).collect()
    }

    fn decrypt(&self, stored: &str, _context: &str) -> Result<String, DecryptError> {
        let sealed = unhex(own(self, stored)?).ok_or(DecryptError::Refused)?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(DecryptError::Refused)?;
        text(self.0.decrypt(&XNonce::from(*nonce), sealed).ok())
    }
}

impl fmt::Debug for XChaCha20Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hidden(f, "XChaCha20Provider")
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_nonce_and_then_ciphertext() {
        let provider = XChaCha20Provider::new([7; 32]);
        let stored = provider.encrypt("abc", "");
        let digits = stored.strip_prefix("xchacha20-").unwrap();
        assert_eq!(digits.len(), 2 * (NONCE + 3 + 16));
        assert!(digits.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit)));
        let nonce: [u8; NONCE] = unhex(digits).unwrap()[..NONCE].try_into().unwrap();
        let cipher = XChaCha20Poly1305::new(&[7; 32].into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), &b"abc"[..]).unwrap();
        assert_eq!(unhex(digits).unwrap()[NONCE..], sealed);
    }
}
