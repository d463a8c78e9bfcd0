//! Recovery codes: for who has lost the phone.
//!
//! A code is 12 characters of a to z and 0 to 9, which is 62 bits. That is too little for one round of a fast hash, keyed
//! or not: a graphics card tries 10^10 SHA-256 a second, so that the ten codes of a user would fall in about a year to one
//! card, or in a day to a few hundred. And they have to last for years: a key in the site's secret would void them whenever
//! the secret is changed, and protect nothing where both have leaked. So they are hashed as passwords are, with Argon2id,
//! which makes it a million times as long.
//!
//! All codes of a set have one salt, random and of this set alone: a code that is typed costs one hash, not one for each
//! code that is left. It also lets one `UPDATE` find the code and spend it, so that of two who come at once one succeeds.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::Semaphore;

use super::random;
use crate::AuthError;

const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// On each side of the hyphen.
const HALF: usize = 6;
const SALT: usize = 16;

/// Recovery codes are rare: whoever sends many waits for the one before, and takes no more than one core.
static ONE: Semaphore = Semaphore::const_new(1);

/// Random codes, all different.
pub(super) fn new_codes(count: usize) -> Vec<String> {
    let mut codes = Vec::with_capacity(count);
    while codes.len() < count {
        let code = new_code();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn new_code() -> String {
    let mut code = String::with_capacity(2 * HALF + 1);
    while code.len() < 2 * HALF + 1 {
        if code.len() == HALF {
            code.push('-');
        }
        // Bytes from 252 on would make the first characters likelier.
        let [byte] = random::<1>();
        if byte < 252 {
            code.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        }
    }
    code
}

/// What was typed, as codes are written, if it can be one. Case, blanks and hyphens make no difference.
pub(super) fn normalized(typed: &str) -> Option<String> {
    let mut code = String::with_capacity(2 * HALF + 1);
    for typed in typed.chars().filter(|typed| !typed.is_ascii_whitespace() && *typed != '-') {
        if code.len() == HALF {
            code.push('-');
        }
        if code.len() > 2 * HALF || !typed.is_ascii_alphanumeric() {
            return None;
        }
        code.push(typed.to_ascii_lowercase());
    }
    (code.len() == 2 * HALF + 1).then_some(code)
}

pub(super) fn new_salt() -> String {
    STANDARD_NO_PAD.encode(random::<SALT>())
}

/// The hashes of codes, in their order.
pub(super) async fn hashes(codes: Vec<String>, salt: &str) -> Result<Vec<String>, AuthError> {
    let salt = STANDARD_NO_PAD
        .decode(salt)
        .map_err(|_| AuthError::Fault("a set of recovery codes has a salt that is none".to_owned()))?;
    let permit = ONE.acquire().await.map_err(|error| AuthError::Fault(error.to_string()))?;
    let work = move || {
        let _permit = permit;
        codes.iter().map(|code| hash(code, &salt)).collect::<Result<Vec<_>, _>>()
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| AuthError::Fault(format!("recovery codes: {error}")))?
        .map_err(|error| AuthError::Fault(format!("argon2: {error}")))
}

fn hash(code: &str, salt: &[u8]) -> Result<String, argon2::Error> {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT);
    let mut hash = [0; 32];
    argon.hash_password_into(code.as_bytes(), salt, &mut hash)?;
    Ok(STANDARD_NO_PAD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mfa_03_codes_are_random_and_of_62_bits() {
        let codes = new_codes(2000);
        let mut seen = std::collections::BTreeMap::new();
        for code in &codes {
            assert_eq!((code.len(), code.find('-')), (13, Some(6)));
            assert_eq!(normalized(code).as_deref(), Some(&**code));
            for character in code.chars().filter(|character| *character != '-') {
                *seen.entry(character).or_insert(0) += 1;
            }
        }
        assert_eq!(seen.len(), 36);
        // 24,000 characters: 667 of each, give or take six standard deviations.
        assert!(seen.values().all(|count| (515..820).contains(count)), "{seen:?}");
        assert_eq!((Params::DEFAULT.m_cost(), Params::DEFAULT.t_cost()), (19 * 1024, 2));
    }

    #[test]
    fn how_a_code_is_typed_makes_no_difference() {
        for typed in ["y9fhib-sg6ogv", " Y9FHIB SG6OGV ", "y9f hib sg6 ogv", "y9fhibsg6ogv", "y9-fhibsg6og-v"]
        {
            assert_eq!(normalized(typed).as_deref(), Some("y9fhib-sg6ogv"), "{typed}");
        }
        for typed in ["", "123456", "y9fhib-sg6og", "y9fhib-sg6ogvv", "y9fhib-sg6ogé", &"a".repeat(100_000)]
        {
            assert_eq!(normalized(typed), None);
        }
    }
}
