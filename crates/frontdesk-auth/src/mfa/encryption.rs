//! How the secrets of second factors are stored.

mod fernet;
mod xchacha20;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_web::{Sealer, Signer};

pub use self::fernet::FernetProvider;
pub use self::xchacha20::XChaCha20Provider;
use super::random;

/// Encrypts what is stored of a second factor, and opens it again.
///
/// What is stored begins with the provider's prefix, so that it can be told which one wrote it.
///
/// | provider | key | stored as |
/// | --- | --- | --- |
/// | [`SealerProvider`], the default | the site's secret; older ones still open | `sealed-` + base64, bound to the user |
/// | [`XChaCha20Provider`] | 32 bytes | `xchacha20-` + nonce and ciphertext in hexadecimal |
/// | [`FernetProvider`] | a Fernet key | `fernet-` + Fernet token |
/// | [`PlainTextProvider`] | none | `plain-` + text |
pub trait EncryptionProvider: Send + Sync + 'static {
    /// What stored values begin with: a name and a hyphen.
    fn prefix(&self) -> &'static str;

    /// Encrypts a text, with the prefix in front. `context` says what it belongs to; a provider may bind it to that.
    fn encrypt(&self, text: &str, context: &str) -> String;

    /// Opens what [`encrypt`](Self::encrypt) gave.
    ///
    /// # Errors
    /// [`DecryptError`], if another provider wrote it, or another key or context.
    fn decrypt(&self, stored: &str, context: &str) -> Result<String, DecryptError>;
}

/// A stored value that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// It begins with the prefix of another provider.
    #[error("the value was stored by another encryption provider")]
    OtherProvider,
    /// The key is another one, or the value was altered.
    #[error("the value does not open with this key")]
    Refused,
}

/// Moves a stored value from one provider to another.
///
/// # Errors
/// [`DecryptError`], if `old` does not open it.
///
/// ```
/// use frontdesk_auth::mfa::{DecryptError, EncryptionProvider, PlainTextProvider, XChaCha20Provider, migrate_encrypted_value};
///
/// let (old, new) = (PlainTextProvider, XChaCha20Provider::new([7; 32]));
/// let moved = migrate_encrypted_value(&old, &new, "plain-JBSWY3DP", "42").unwrap();
/// assert_eq!(new.decrypt(&moved, "42").unwrap(), "JBSWY3DP");
/// assert_eq!(old.decrypt(&moved, "42"), Err(DecryptError::OtherProvider));
/// ```
pub fn migrate_encrypted_value(
    old: &dyn EncryptionProvider,
    new: &dyn EncryptionProvider,
    stored: &str,
    context: &str,
) -> Result<String, DecryptError> {
    Ok(new.encrypt(&old.decrypt(stored, context)?, context))
}

/// Encrypts with a key of the site's secret: XChaCha20-Poly1305, bound to the user. When the secret is changed, the older
/// one still opens as long as the signer [accepts](Signer::also_accept) it.
///
/// ```
/// use frontdesk_auth::mfa::{EncryptionProvider, SealerProvider};
/// use frontdesk_web::{Secret, Signer};
///
/// let provider = SealerProvider::new(&Signer::new(Secret::random()));
/// let stored = provider.encrypt("JBSWY3DP", "42");
/// assert!(stored.starts_with("sealed-"));
/// assert_eq!(provider.decrypt(&stored, "42").unwrap(), "JBSWY3DP");
/// assert!(provider.decrypt(&stored, "43").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct SealerProvider(Sealer);

impl SealerProvider {
    /// A provider with the secrets of a signer.
    pub fn new(signer: &Signer) -> Self {
        Self(signer.sealer("second factor"))
    }
}

impl EncryptionProvider for SealerProvider {
    fn prefix(&self) -> &'static str {
        "sealed-"
    }

    fn encrypt(&self, text: &str, context: &str) -> String {
        let sealed = self.0.seal(text.as_bytes(), context.as_bytes());
        format!("{}{}", self.prefix(), URL_SAFE_NO_PAD.encode(sealed))
    }

    fn decrypt(&self, stored: &str, context: &str) -> Result<String, DecryptError> {
        let sealed = URL_SAFE_NO_PAD.decode(own(self, stored)?).map_err(|_| DecryptError::Refused)?;
        text(self.0.open(&sealed, context.as_bytes()))
    }
}

/// Stores the text as it is. For tests, and to move values elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainTextProvider;

impl EncryptionProvider for PlainTextProvider {
    fn prefix(&self) -> &'static str {
        "plain-"
    }

    fn encrypt(&self, text: &str, _context: &str) -> String {
        format!("{}{text}", self.prefix())
    }

    fn decrypt(&self, stored: &str, _context: &str) -> Result<String, DecryptError> {
        own(self, stored).map(str::to_owned)
    }
}

/// A key or text that makes no encryption provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Fernet key is 32 random bytes in URL-safe base64")]
pub struct InvalidKey;

/// What follows the provider's prefix.
fn own<'s>(provider: &dyn EncryptionProvider, stored: &'s str) -> Result<&'s str, DecryptError> {
    stored.strip_prefix(provider.prefix()).ok_or(DecryptError::OtherProvider)
}

fn text(opened: Option<Vec<u8>>) -> Result<String, DecryptError> {
    opened.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(DecryptError::Refused)
}

/// A provider that hides its key.
fn hidden(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    write!(f, "{name}(..)")
}

#[cfg(test)]
mod tests {
    use frontdesk_web::Secret;

    use super::*;

    fn all() -> Vec<Box<dyn EncryptionProvider>> {
        vec![
            Box::new(SealerProvider::new(&Signer::new(Secret::random()))),
            Box::new(XChaCha20Provider::new(XChaCha20Provider::new_key())),
            Box::new(FernetProvider::new(&FernetProvider::new_key()).unwrap()),
            Box::new(PlainTextProvider),
        ]
    }

    #[test]
    fn what_one_stores_it_opens_and_no_other() {
        let providers = all();
        for (at, provider) in providers.iter().enumerate() {
            for text in ["", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ä 😀", &"x".repeat(1000)] {
                let stored = provider.encrypt(text, "42");
                assert!(stored.starts_with(provider.prefix()));
                assert_eq!(provider.decrypt(&stored, "42").as_deref(), Ok(text));
                for other in
                    providers.iter().enumerate().filter(|(other, _)| *other != at).map(|other| other.1)
                {
                    assert_eq!(other.decrypt(&stored, "42"), Err(DecryptError::OtherProvider));
                    let moved = migrate_encrypted_value(&**provider, &**other, &stored, "42").unwrap();
                    assert_eq!(other.decrypt(&moved, "42").as_deref(), Ok(text));
                }
            }
        }
    }

    #[test]
    fn what_was_altered_does_not_open() {
        for (provider, again) in all().iter().zip(all()).take(3) {
            let stored = provider.encrypt("hush", "42");
            assert_eq!(again.decrypt(&stored, "42"), Err(DecryptError::Refused), "another key");
            for at in provider.prefix().len()..stored.len() {
                let mut altered = stored.clone().into_bytes();
                altered[at] = if altered[at] == b'0' { b'1' } else { b'0' };
                let altered = String::from_utf8(altered).unwrap();
                // The last digit of base64 may have bits that mean nothing.
                if at + 1 < stored.trim_end_matches('=').len() {
                    assert_eq!(
                        provider.decrypt(&altered, "42"),
                        Err(DecryptError::Refused),
                        "{at}: {altered}"
                    );
                }
            }
            // Fernet's padding may be left out.
            for cut in 0..stored.trim_end_matches('=').len() {
                assert!(provider.decrypt(&stored[..cut], "42").is_err());
            }
            let foreign = format!("{}ä€", provider.prefix());
            assert_eq!(provider.decrypt(&foreign, "42"), Err(DecryptError::Refused));
        }
    }

    #[test]
    fn an_older_secret_still_opens() {
        let (old, new) = (Secret::random(), Secret::random());
        let stored = SealerProvider::new(&Signer::new(old.clone())).encrypt("hush", "42");
        let both = SealerProvider::new(&Signer::new(new).also_accept(old));
        assert_eq!(both.decrypt(&stored, "42").as_deref(), Ok("hush"));
    }
}
