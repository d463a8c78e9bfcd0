//! Encrypted values: XChaCha20-Poly1305 with a key for each purpose.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

/// Encrypts for one purpose, and opens what was encrypted with its secret or an older one. It comes from
/// [`Signer::sealer`](crate::Signer::sealer).
///
/// What is sealed is bound to a context, such as the place where it is stored: it opens there alone.
///
/// ```
/// use frontdesk_web::{Secret, Signer};
///
/// let sealer = Signer::new(Secret::random()).sealer("notes");
/// let sealed = sealer.seal(b"hush", b"note 7");
///
/// assert_eq!(sealer.open(&sealed, b"note 7").as_deref(), Some(&b"hush"[..]));
/// assert_eq!(sealer.open(&sealed, b"note 8"), None);
/// ```
///
/// The cipher is that of the [CFRG draft](https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03); its nonce is
/// long enough to be random.
#[derive(Clone)]
pub struct Sealer {
    /// One for each secret, the current one first.
    ciphers: Box<[XChaCha20Poly1305]>,
}

const NONCE: usize = 24;

impl Sealer {
    /// By how many bytes a sealed value is longer than what it holds.
    pub const OVERHEAD: usize = NONCE + 16;

    pub(crate) fn new(keys: impl Iterator<Item = [u8; 32]>) -> Self {
        Self { ciphers: keys.map(|key| XChaCha20Poly1305::new(&key.into())).collect() }
    }

    /// Encrypts `text` for `context`, with a random nonce. Equal texts give different results.
    ///
    /// # Panics
    /// If the operating system has no random numbers to give.
    pub fn seal(&self, text: &[u8], context: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).expect("the operating system gives random numbers");
        let payload = Payload { msg: text, aad: context };
        let sealed = self.ciphers[0]
            .encrypt(&XNonce::from(nonce), payload)
            .expect("the cipher takes texts of up to 256 GiB");
        [&nonce, &*sealed].concat()
    }

    /// What was sealed for `context`; `None` if it was not, was altered, or its secret is not known any more.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>()?;
        let nonce = XNonce::from(*nonce);
        self.ciphers
            .iter()
            .find_map(|cipher| cipher.decrypt(&nonce, Payload { msg: text, aad: context }).ok())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

#[cfg(test)]
mod tests {
    use crate::{Secret, Signer};

    #[test]
    fn what_is_sealed_opens_with_its_secret_purpose_and_context_alone() {
        let signer = Signer::new(Secret::random());
        let sealer = signer.sealer("a");
        for text in [&b""[..], b"x", &[7; 5000]] {
            let sealed = sealer.seal(text, b"here");
            assert_eq!(sealed.len(), text.len() + super::Sealer::OVERHEAD);
            assert_eq!(sealer.open(&sealed, b"here").as_deref(), Some(text));
            assert_eq!(sealer.open(&sealed, b"there"), None);
            assert_eq!(signer.sealer("b").open(&sealed, b"here"), None);
            assert_eq!(Signer::new(Secret::random()).sealer("a").open(&sealed, b"here"), None);
        }
        assert_ne!(sealer.seal(b"x", b""), sealer.seal(b"x", b""));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealer = Signer::new(Secret::random()).sealer("a");
        let sealed = sealer.seal(b"hush", b"");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open(&changed, b""), None);
            assert_eq!(sealer.open(&sealed[..at], b""), None);
        }
    }

    #[test]
    fn an_older_secret_still_opens() {
        let (old, new) = (Secret::random(), Secret::random());
        let sealed = Signer::new(old.clone()).sealer("a").seal(b"hush", b"");
        assert_eq!(Signer::new(new.clone()).sealer("a").open(&sealed, b""), None);
        let both = Signer::new(new).also_accept(old).sealer("a");
        assert_eq!(both.open(&sealed, b"").as_deref(), Some(&b"hush"[..]));
    }
}
