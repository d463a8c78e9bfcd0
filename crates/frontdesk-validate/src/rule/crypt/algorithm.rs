//! The algorithms of the `alg$salt$hash` text.

use std::fmt;
use std::fmt::Write;
use std::str::FromStr;

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Digest as _;

/// More rounds than anybody stores. A stored hash that asks for more does not match, instead of keeping a core busy.
pub(super) const MAX_ROUNDS: u32 = 10_000_000;

/// The longest key that PBKDF2 may be asked for, in bytes.
const MAX_KEY: usize = 1024;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// Runs `$body` with `$D` standing for the digest's type.
macro_rules! with_digest {
    ($digest:expr, $D:ident => $body:expr) => {
        match $digest {
            Digest::Md5 => {
                type $D = md5::Md5;
                $body
            }
            Digest::Sha1 => {
                type $D = sha1::Sha1;
                $body
            }
            Digest::Sha224 => {
                type $D = sha2::Sha224;
                $body
            }
            Digest::Sha256 => {
                type $D = sha2::Sha256;
                $body
            }
            Digest::Sha384 => {
                type $D = sha2::Sha384;
                $body
            }
            Digest::Sha512 => {
                type $D = sha2::Sha512;
                $body
            }
        }
    };
}

impl Digest {
    /// The digest whose hash has so many hexadecimal digits.
    pub(super) fn by_hex_length(length: usize) -> Option<Self> {
        Some(match length {
            32 => Self::Md5,
            40 => Self::Sha1,
            56 => Self::Sha224,
            64 => Self::Sha256,
            96 => Self::Sha384,
            128 => Self::Sha512,
            _ => return None,
        })
    }

    /// The hash of `parts` one after the other, hexadecimal.
    fn hash(self, parts: [&str; 2]) -> String {
        with_digest!(self, D => {
            let mut digest = D::new();
            parts.iter().for_each(|part| digest.update(part));
            hex(&digest.finalize())
        })
    }

    /// The HMAC of `text`, hexadecimal.
    fn hmac(self, key: &str, text: &str) -> String {
        fn hmac<D: EagerHash>(key: &str, text: &str) -> String {
            let mut mac = Hmac::<D>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
            mac.update(text.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
        with_digest!(self, D => hmac::<D>(key, text))
    }

    /// PBKDF2 with HMAC.
    pub(super) fn pbkdf2(self, password: &str, salt: &str, rounds: u32, length: usize) -> Vec<u8> {
        let mut key = vec![0; length];
        with_digest!(self, D => pbkdf2::pbkdf2_hmac::<D>(password.as_bytes(), salt.as_bytes(), rounds, &mut key));
        key
    }
}

impl FromStr for Digest {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Ok(match name {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return Err(()),
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        })
    }
}

/// What stands first in the `alg$salt$hash` text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// A hash, or with a key its HMAC.
    Digest(Digest),
    /// `pbkdf2(rounds,length,digest)`; it takes no key.
    Pbkdf2 { rounds: u32, length: usize, digest: Digest },
}

impl Algorithm {
    /// `pbkdf2(1000,20,sha512)`, the default of the originals.
    pub(super) const PBKDF2: Self = Self::Pbkdf2 { rounds: 1000, length: 20, digest: Digest::Sha512 };

    /// The hash of a password, hexadecimal. An empty `key` is none.
    pub(super) fn hash(self, password: &str, key: &str, salt: &str) -> String {
        match self {
            Self::Pbkdf2 { rounds, length, digest } => hex(&digest.pbkdf2(password, salt, rounds, length)),
            Self::Digest(digest) if key.is_empty() => digest.hash([password, salt]),
            Self::Digest(digest) => digest.hmac(&format!("{key}{salt}"), password),
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let unknown = || UnknownAlgorithm(name.chars().take(60).collect());
        let Some(inner) = name.strip_prefix("pbkdf2(").and_then(|rest| rest.strip_suffix(')')) else {
            return name.parse().map(Self::Digest).map_err(|()| unknown());
        };
        let mut parts = inner.split(',').map(str::trim);
        let (Some(rounds), Some(length), Some(digest), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unknown());
        };
        let rounds =
            rounds.parse().ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds)).ok_or_else(unknown)?;
        let length =
            length.parse().ok().filter(|length| (1..=MAX_KEY).contains(length)).ok_or_else(unknown)?;
        Ok(Self::Pbkdf2 { rounds, length, digest: digest.parse().map_err(|()| unknown())? })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest(digest) => digest.fmt(f),
            Self::Pbkdf2 { rounds, length, digest } => write!(f, "pbkdf2({rounds},{length},{digest})"),
        }
    }
}

/// A name of a hash algorithm that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown hash algorithm `{0}`; known are md5, sha1, sha224, sha256, sha384, sha512 and pbkdf2(rounds,length,digest)"
)]
pub struct UnknownAlgorithm(String);

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for name in ["md5", "sha224", "pbkdf2(1000,20,sha512)", "pbkdf2(1,64,md5)"] {
            assert_eq!(name.parse::<Algorithm>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn what_would_take_for_ever_is_unknown() {
        for name in [
            "pbkdf2(4000000000,20,sha512)",
            "pbkdf2(1,100000000000,md5)",
            "pbkdf2(0,20,sha512)",
            "pbkdf2(1,0,sha512)",
            "pbkdf2(1,1)",
            "pbkdf2(1,1,md5,x)",
            "pbkdf2",
            "SHA1",
            "",
        ] {
            assert!(name.parse::<Algorithm>().is_err(), "{name}");
        }
    }
}
