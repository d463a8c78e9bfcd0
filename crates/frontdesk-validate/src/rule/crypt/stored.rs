//! The formats of stored password hashes.

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest as _;
use subtle::ConstantTimeEq;

use super::algorithm::{Algorithm, Digest, MAX_ROUNDS, hex};

/// No stored hash is longer; what is longer is none.
const MAX_LENGTH: usize = 4096;

/// The most memory that a stored Argon2 hash may ask for, in KiB: 1 GiB.
const MAX_MEMORY: u32 = 1024 * 1024;

/// The most memory that a stored scrypt hash may ask for, in bytes: 256 MiB.
const MAX_SCRYPT_MEMORY: u64 = 256 * 1024 * 1024;

/// The highest cost of a stored bcrypt hash: some seconds.
const MAX_BCRYPT_COST: u32 = 16;

/// How much of a password bcrypt looks at, in bytes.
const MOST_BCRYPT: usize = 72;

/// A stored hash, told apart by its looks.
#[derive(Debug)]
pub(super) enum Stored<'h> {
    /// A PHC string, as `$argon2id$v=19$m=19456,t=2,p=1$…`.
    Argon2(Box<PasswordHash>, Params),
    /// `alg$salt$hash` of the originals.
    Text { algorithm: Algorithm, salt: &'h str, hash: &'h str },
    /// The hash alone.
    Bare { digest: Digest, hash: &'h str },
    /// `pbkdf2_sha256$rounds$salt$hash`, of Django (base64) and Piccolo (hexadecimal).
    Prefixed { digest: Digest, rounds: u32, salt: &'h str, hash: &'h str },
    /// `$2b$12$…`; Django puts `bcrypt$` before it, or `bcrypt_sha256$` where it is the hash of the password's SHA-256.
    Bcrypt { sha256: bool, hash: &'h str },
    /// `scrypt$16384$salt$8$1$hash`, of Django: the work factor, the block size and the parallelism.
    Scrypt { params: scrypt::Params, salt: &'h str, hash: &'h str },
}

impl<'h> Stored<'h> {
    /// Reads a stored hash; nothing for what is none, or asks for more work than anybody means.
    pub(super) fn parse(text: &'h str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        // Django puts the name of its hasher before the PHC string.
        let phc = text.strip_prefix("argon2").unwrap_or(text);
        if phc.starts_with("$argon2") {
            let hash = PasswordHash::new(phc).ok()?;
            let params = Params::try_from(&hash).ok()?;
            let modest = params.m_cost() <= MAX_MEMORY && params.t_cost() <= 64 && params.p_cost() <= 64;
            return modest.then(|| Self::Argon2(Box::new(hash), params));
        }
        let (sha256, bcrypt) = match text.strip_prefix("bcrypt_sha256$") {
            Some(hash) => (true, hash),
            None => (false, text.strip_prefix("bcrypt$").unwrap_or(text)),
        };
        if ["$2a$", "$2b$", "$2y$"].iter().any(|version| bcrypt.starts_with(version)) {
            let parts: bcrypt::HashParts = bcrypt.parse().ok()?;
            return (parts.get_cost() <= MAX_BCRYPT_COST).then_some(Self::Bcrypt { sha256, hash: bcrypt });
        }
        if let Some(rest) = text.strip_prefix("scrypt$") {
            return Self::scrypt(rest);
        }
        let Some((name, rest)) = text.split_once('$') else {
            let digest = Digest::by_hex_length(text.len())?;
            return Some(Self::Bare { digest, hash: text });
        };
        if let Some(digest) = name.strip_prefix("pbkdf2_") {
            let mut parts = rest.split('$');
            let (rounds, salt, hash) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
            let known = parts.next().is_none() && (1..=MAX_ROUNDS).contains(&rounds);
            return known.then_some(Self::Prefixed { digest: digest.parse().ok()?, rounds, salt, hash });
        }
        // A salt that somebody chose may hold a `$`; neither of the others can.
        let (salt, hash) = rest.rsplit_once('$')?;
        Some(Self::Text { algorithm: name.parse().ok()?, salt, hash })
    }

    fn scrypt(text: &'h str) -> Option<Self> {
        let mut parts = text.split('$');
        let factor: u64 = parts.next()?.parse().ok()?;
        let salt = parts.next()?;
        let (block, lanes): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let hash = parts.next()?;
        let memory = factor.checked_mul(128)?.checked_mul(block.into())?;
        if !factor.is_power_of_two() || memory > MAX_SCRYPT_MEMORY || lanes > 16 || parts.next().is_some() {
            return None;
        }
        let params = scrypt::Params::new(u8::try_from(factor.ilog2()).ok()?, block, lanes).ok()?;
        Some(Self::Scrypt { params, salt, hash })
    }

    /// Whether the password is the one that was hashed. An empty `key` is none.
    pub(super) fn matches(&self, password: &str, key: &str) -> bool {
        match self {
            Self::Argon2(hash, _) => Argon2::default().verify_password(password.as_bytes(), &**hash).is_ok(),
            Self::Text { algorithm, salt, hash } => equal(&algorithm.hash(password, key, salt), hash),
            Self::Bare { digest, hash } => equal(&Algorithm::Digest(*digest).hash(password, key, ""), hash),
            Self::Prefixed { digest, rounds, salt, hash } => {
                // Both are as long as the digest is: the text's length tells the spelling.
                let length = match digest {
                    Digest::Md5 => 16,
                    Digest::Sha1 => 20,
                    Digest::Sha224 => 28,
                    Digest::Sha256 => 32,
                    Digest::Sha384 => 48,
                    Digest::Sha512 => 64,
                };
                let key = digest.pbkdf2(password, salt, *rounds, length);
                let computed = if hash.len() == 2 * length { hex(&key) } else { STANDARD.encode(&key) };
                equal(&computed, hash)
            }
            Self::Bcrypt { sha256: true, hash } => {
                let digest = hex(&sha2::Sha256::digest(password.as_bytes()));
                bcrypt::verify(digest, hash).unwrap_or(false)
            }
            // bcrypt would look at the beginning alone, so that another password with it would do as well.
            Self::Bcrypt { sha256: false, hash } => {
                password.len() <= MOST_BCRYPT
                    && !password.contains('\0')
                    && bcrypt::verify(password, hash).unwrap_or(false)
            }
            Self::Scrypt { params, salt, hash } => {
                let mut key = [0; 64];
                scrypt::scrypt(password.as_bytes(), salt.as_bytes(), params, &mut key).is_ok()
                    && equal(&STANDARD.encode(key), hash)
            }
        }
    }

    /// Whether this is Argon2id with at least the parameters that are written today.
    pub(super) fn is_strong(&self) -> bool {
        match self {
            Self::Argon2(hash, params) => {
                hash.algorithm == argon2::ARGON2ID_IDENT
                    && hash.version == Some(argon2::Version::V0x13.into())
                    && params.m_cost() >= Params::DEFAULT_M_COST
                    && params.t_cost() >= Params::DEFAULT_T_COST
            }
            _ => false,
        }
    }
}

/// Compares without telling by the time taken where the texts differ.
fn equal(computed: &str, stored: &str) -> bool {
    computed.as_bytes().ct_eq(stored.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hashes_that_ask_for_too_much_are_none() {
        for text in [
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "$argon2id$v=19$m=19456,t=4000000000,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "pbkdf2_sha256$4000000000$salt$hash",
            "pbkdf2(4000000000,20,sha512)$salt$hash",
            "$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            "$2b$17$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            "scrypt$1073741824$salt$8$1$hash",
            "scrypt$18446744073709551615$salt$8$1$hash",
            "scrypt$9223372036854775808$salt$4294967295$1$hash",
            "scrypt$1000$salt$8$1$hash",
            "scrypt$1024$salt$0$1$hash",
            "scrypt$1024$salt$8$1000000$hash",
        ] {
            assert!(Stored::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "(\\$?argon2i?d?|pbkdf2_sha256|pbkdf2\\(1,2,md5\\)|md5|(bcrypt\\$)?\\$2b|scrypt)?(\\$[^$]*){0,6}") {
            let _ = Stored::parse(&text);
        }
    }
}
