//! Fernet tokens: AES-128 in CBC mode and HMAC-SHA-256 over all of it.
//!
//! Source: the [specification](https://github.com/fernet/spec/blob/master/Spec.md).

use std::fmt;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::{DecryptError, EncryptionProvider, InvalidKey, hidden, own, random, text};

const VERSION: u8 = 0x80;
/// Version, seconds, initialisation vector.
const HEAD: usize = 1 + 8 + 16;
const MAC: usize = 32;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Encrypts as Fernet does. It opens what Piccolo API has stored with the same key.
///
/// ```
/// use frontdesk_auth::mfa::{EncryptionProvider, FernetProvider};
///
/// let provider = FernetProvider::new(&FernetProvider::new_key()).unwrap();
/// assert!(provider.encrypt("JBSWY3DP", "").starts_with("fernet-gAAAA"));
/// ```
#[derive(Clone)]
pub struct FernetProvider {
    signing: [u8; 16],
    encryption: [u8; 16],
}

impl FernetProvider {
    /// A provider with that key: 32 bytes in URL-safe base64, 44 characters.
    ///
    /// # Errors
    /// [`InvalidKey`] if it is none.
    pub fn new(key: &str) -> Result<Self, InvalidKey> {
        let key: [u8; 32] = BASE64.decode(key).ok().and_then(|key| key.try_into().ok()).ok_or(InvalidKey)?;
        let (signing, encryption) = key.split_at(16);
        Ok(Self {
            signing: signing.try_into().map_err(|_| InvalidKey)?,
            encryption: encryption.try_into().map_err(|_| InvalidKey)?,
        })
    }

    /// A random key.
    ///
    /// # Panics
    /// If the operating system has no random numbers to give.
    pub fn new_key() -> String {
        BASE64.encode(random::<32>())
    }

    fn mac(&self, signed: &[u8]) -> Hmac<Sha256> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.signing);
        mac.expect("HMAC takes a key of any length").chain_update(signed)
    }

    fn seal(&self, text: &[u8], seconds: u64, vector: [u8; 16]) -> String {
        let cipher = cbc::Encryptor::<aes::Aes128>::new(&self.encryption.into(), &vector.into());
        let mut token = vec![VERSION];
        token.extend(seconds.to_be_bytes());
        token.extend(vector);
        token.extend(cipher.encrypt_padded_vec::<Pkcs7>(text));
        let mac = self.mac(&token).finalize().into_bytes();
        token.extend(mac);
        BASE64.encode(token)
    }

    fn open(&self, token: &str) -> Option<Vec<u8>> {
        let token = BASE64.decode(token).ok()?;
        let (signed, mac) = token.split_at_checked(token.len().checked_sub(MAC)?)?;
        if signed.first() != Some(&VERSION) {
            return None;
        }
        // The padding is looked at after that alone, so that it tells nothing.
        self.mac(signed).verify_slice(mac).ok()?;
        let (head, sealed) = signed.split_at_checked(HEAD)?;
        let vector: [u8; 16] = head[9..].try_into().ok()?;
        let cipher = cbc::Decryptor::<aes::Aes128>::new(&self.encryption.into(), &vector.into());
        cipher.decrypt_padded_vec::<Pkcs7>(sealed).ok()
    }
}

impl EncryptionProvider for FernetProvider {
    fn prefix(&self) -> &'static str {
        "fernet-"
    }

    fn encrypt(&self, text: &str, _context: &str) -> String {
        let seconds = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
        format!("{}{}", self.prefix(), self.seal(text.as_bytes(), seconds, random()))
    }

    /// Opens it, however old it is.
    fn decrypt(&self, stored: &str, _context: &str) -> Result<String, DecryptError> {
        text(self.open(own(self, stored)?))
    }
}

impl fmt::Debug for FernetProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hidden(f, "FernetProvider")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

    /// `generate.json` and `verify.json` of the specification.
    #[test]
    fn the_vectors_of_the_specification() {
        let fernet = FernetProvider::new(KEY).unwrap();
        let token = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
        let vector = std::array::from_fn(|at| at as u8);
        assert_eq!(fernet.seal(b"hello", 499_162_800, vector), token);
        assert_eq!(fernet.decrypt(&format!("fernet-{token}"), "").as_deref(), Ok("hello"));
    }

    /// `invalid.json` of the specification, but for what depends on the time.
    #[test]
    fn what_is_wrong_is_refused() {
        let fernet = FernetProvider::new(KEY).unwrap();
        for token in [
            // Incorrect mac.
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
            // Too short.
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
            // Invalid base64.
            "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcRaSJ2X6XFrrcr0pBGPvAg==",
            // Payload size not a multiple of the block size.
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
            // Payload padding error.
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
            // Incorrect initialisation vector (causes a padding error).
            "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
        ] {
            assert_eq!(fernet.decrypt(&format!("fernet-{token}"), ""), Err(DecryptError::Refused), "{token}");
        }
    }

    #[test]
    fn a_key_is_32_bytes() {
        for key in ["", "cw_0x689RpI", "not base64 at all, but 44 characters long!!!", &KEY[1..]] {
            assert_eq!(FernetProvider::new(key).unwrap_err(), InvalidKey);
        }
        assert!(FernetProvider::new(&KEY[..43]).is_ok(), "padding is optional");
    }
}
