//! Signed values: HMAC-SHA-256 with a key for each purpose.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::Sealer;

/// A secret that signs: at least 32 bytes. It hides itself in `Debug` output.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

/// A secret that is too short, or a known sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret needs at least 32 bytes of random data; `head -c 32 /dev/urandom | base64` makes one")]
pub struct InvalidSecret;

impl Secret {
    /// The shortest secret in bytes.
    pub const MIN: usize = 32;

    /// A secret of the given bytes.
    ///
    /// # Errors
    /// [`InvalidSecret`], if there are fewer than 32, or they are all the same.
    ///
    /// ```
    /// use frontdesk_web::Secret;
    ///
    /// assert!(Secret::new("changeme").is_err());
    /// assert!(Secret::new("kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj").is_ok());
    /// ```
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, InvalidSecret> {
        let bytes = bytes.into();
        if bytes.len() < Self::MIN || bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(InvalidSecret);
        }
        Ok(Self(bytes.into()))
    }

    /// A random secret. What it signed is void once the process ends.
    ///
    /// # Panics
    /// If the operating system has no random numbers to give.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        Self(Box::new(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Signs values, and checks what was signed with its secret or an older one.
///
/// Each use has a [`Purpose`] with a key of its own, so that what was signed for one is worth nothing for another.
///
/// ```
/// use frontdesk_web::{Secret, Signer};
///
/// let old = Signer::new(Secret::random());
/// let token = old.purpose("download").token(&[b"photo.png"]);
///
/// assert!(old.purpose("download").verify(&[b"photo.png"], &token));
/// assert!(!old.purpose("upload").verify(&[b"photo.png"], &token));
/// assert!(!old.purpose("download").verify(&[b"other.png"], &token));
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    secrets: Vec<Secret>,
}

impl Signer {
    /// A signer with one secret.
    pub fn new(secret: Secret) -> Self {
        Self { secrets: vec![secret] }
    }

    /// Accepts also what an older secret signed, so that secrets can be changed without voiding what is out there.
    #[must_use]
    pub fn also_accept(mut self, older: Secret) -> Self {
        self.secrets.push(older);
        self
    }

    /// The keys of one purpose. Keep it: making it costs a hash for each secret.
    pub fn purpose(&self, name: &str) -> Purpose {
        let keys = self.secrets.iter().map(|secret| {
            let derived =
                keyed(&secret.0).chain_update(b"frontdesk\0").chain_update(name.as_bytes()).finalize();
            keyed(&derived.into_bytes())
        });
        Purpose { keys: keys.collect() }
    }

    /// The encryption keys of one purpose. They are others than those that sign for it.
    pub fn sealer(&self, name: &str) -> Sealer {
        Sealer::new(self.secrets.iter().map(|secret| {
            let derived = keyed(&secret.0).chain_update(b"frontdesk sealer\0").chain_update(name.as_bytes());
            derived.finalize().into_bytes().into()
        }))
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Signs for one purpose. A cheap handle: clones share the keys.
#[derive(Clone)]
pub struct Purpose {
    keys: Arc<[Hmac<Sha256>]>,
}

impl Purpose {
    /// The length of a token in characters: 32 bytes in URL-safe base64 without padding.
    pub const TOKEN_LENGTH: usize = 43;

    /// The keys for what has `parts` in common: tokens by them need not sign these parts again, and are good for nothing
    /// else. Keep it: making it costs two hashes for each secret.
    ///
    /// ```
    /// use frontdesk_web::{Secret, Signer};
    ///
    /// let download = Signer::new(Secret::random()).purpose("download");
    /// let of_thing = download.narrow(&[b"thing"]);
    /// let token = of_thing.token(&[b"photo.png"]);
    /// assert!(of_thing.verify(&[b"photo.png"], &token));
    /// assert!(!download.narrow(&[b"person"]).verify(&[b"photo.png"], &token));
    /// ```
    #[must_use]
    pub fn narrow(&self, parts: &[&[u8]]) -> Self {
        Self { keys: self.keys.iter().map(|key| keyed(&mac(key, parts))).collect() }
    }

    /// Whether there is one key, so that whatever it verifies it would sign alike: no older secret is accepted.
    pub fn has_one_key(&self) -> bool {
        self.keys.len() == 1
    }

    /// Whether both are handles of the same keys.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.keys, &other.keys)
    }

    /// The token of `parts`. Where one part ends and the next begins counts.
    pub fn token(&self, parts: &[&[u8]]) -> String {
        let mut token = String::with_capacity(Self::TOKEN_LENGTH);
        self.write_token(parts, &mut token);
        token
    }

    /// Appends [`token`](Self::token) to `out`.
    pub fn write_token(&self, parts: &[&[u8]], out: &mut String) {
        URL_SAFE_NO_PAD.encode_string(mac(&self.keys[0], parts), out);
    }

    /// The tokens of `parts` by each secret, the current one first: what was stored under a token of an older secret is
    /// found by that one.
    pub fn tokens(&self, parts: &[&[u8]]) -> impl Iterator<Item = String> {
        self.keys.iter().map(|key| URL_SAFE_NO_PAD.encode(mac(key, parts)))
    }

    /// The MAC of `parts` by the current secret.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.keys[0], parts)
    }

    /// Whether `token` is that of `parts`, in constant time.
    pub fn verify(&self, parts: &[&[u8]], token: &str) -> bool {
        let mut given = [0; 32];
        matches!(URL_SAFE_NO_PAD.decode_slice(token, &mut given), Ok(32)) && self.verify_mac(parts, &given)
    }

    /// The bytes of which [`token`](Self::token) is the text, for what is put into base64 together with what it signs.
    ///
    /// ```
    /// use frontdesk_web::{Secret, Signer};
    ///
    /// let purpose = Signer::new(Secret::random()).purpose("download");
    /// assert!(purpose.verify_mac(&[b"photo.png"], &purpose.mac(&[b"photo.png"])));
    /// assert!(!purpose.verify_mac(&[b"other.png"], &purpose.mac(&[b"photo.png"])));
    /// ```
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.keys[0], parts)
    }

    /// Whether `given` is the [`mac`](Self::mac) of `parts`, in constant time.
    pub fn verify_mac(&self, parts: &[&[u8]], given: &[u8; 32]) -> bool {
        self.keys.iter().any(|key| is_same(&mac(key, parts), given))
    }
}

/// Compares in constant time, by words: by bytes it takes as long as a quarter of the hash.
fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let (one, other) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    let words =
        one.iter().zip(other).map(|(one, other)| (u64::from_ne_bytes(*one), u64::from_ne_bytes(*other)));
    words.fold(Choice::from(1), |same, (one, other)| same & one.ct_eq(&other)).into()
}

fn mac(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = key.clone();
    // A short message, as most are, is put together first: taking six pieces in costs the hash more than that.
    let mut short = [0; 128];
    if parts.iter().map(|part| LONGEST_LENGTH + part.len()).sum::<usize>() <= short.len() {
        let mut end = 0;
        write_parts(parts, |bytes| {
            short[end..end + bytes.len()].copy_from_slice(bytes);
            end += bytes.len();
        });
        mac.update(&short[..end]);
    } else {
        write_parts(parts, |bytes| mac.update(bytes));
    }
    mac.finalize().into_bytes().into()
}

/// How many bytes the length of a part takes at most.
const LONGEST_LENGTH: usize = 10;

/// Writes each part behind its length.
fn write_parts(parts: &[&[u8]], mut write: impl FnMut(&[u8])) {
    for part in parts {
        // The length, seven bits a byte, the least first: the usual message keeps within one block of the hash.
        let (mut length, mut bytes, mut count) = (part.len(), [0; LONGEST_LENGTH], 0);
        while length >= 0x80 {
            bytes[count] = (length & 0x7F) as u8 | 0x80;
            length >>= 7;
            count += 1;
        }
        bytes[count] = length as u8;
        write(&bytes[..=count]);
        write(part);
    }
}

impl fmt::Debug for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Purpose(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_parts_end_counts() {
        let purpose = Signer::new(Secret::random()).purpose("test");
        assert!(!purpose.verify(&[b"a", b"bc"], &purpose.token(&[b"ab", b"c"])));
    }

    #[test]
    fn a_short_message_is_signed_as_a_long_one() {
        let key = keyed(&[7; 32]);
        for length in [0, 1, 60, 98, 99, 100, 127, 128, 129, 300] {
            let part = vec![b'x'; length];
            let mut whole = Vec::new();
            write_parts(&[&part, b"y"], |bytes| whole.extend_from_slice(bytes));
            let expected: [u8; 32] = key.clone().chain_update(&whole).finalize().into_bytes().into();
            assert_eq!(mac(&key, &[&part, b"y"]), expected, "{length}");
        }
    }

    #[test]
    fn an_older_secret_still_verifies() {
        let (old, new) = (Secret::random(), Secret::random());
        let token = Signer::new(old.clone()).purpose("test").token(&[b"x"]);
        assert!(!Signer::new(new.clone()).purpose("test").verify(&[b"x"], &token));
        let both = Signer::new(new).also_accept(old).purpose("test");
        assert!(both.verify(&[b"x"], &token));
        assert_eq!(both.tokens(&[b"x"]).collect::<Vec<_>>(), [both.token(&[b"x"]), token]);
    }

    #[test]
    fn csrf_02_a_mac_differs_in_any_of_its_bits() {
        let mac = Signer::new(Secret::random()).purpose("test").mac(&[b"x"]);
        assert!(is_same(&mac, &mac.clone()));
        for bit in 0..256 {
            let mut other = mac;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_same(&mac, &other), "{bit}");
        }
    }

    #[test]
    fn garbage_is_no_token() {
        let purpose = Signer::new(Secret::random()).purpose("test");
        for token in ["", "a", "=", &"A".repeat(43), &"A".repeat(4096), "é"] {
            assert!(!purpose.verify(&[], token));
        }
    }
}
