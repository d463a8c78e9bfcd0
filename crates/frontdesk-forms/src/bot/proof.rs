//! Proofs of work as ALTCHA states them, version 1: <https://altcha.org/docs/v2/server-integration/>.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use frontdesk_web::Purpose;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const ALGORITHM: &str = "SHA-256";
/// A proof of ours is some 300 characters long.
const LONGEST: usize = 2048;
const SALT: usize = 12;

/// `btoa` pads; other clients may not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which number from 0 to `most`, put behind the salt, has that SHA-256?
pub(super) struct Challenge {
    challenge: String,
    most: u32,
    salt: String,
    signature: String,
}

/// Why a proof of work is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProofError {
    /// It is none, or altered, or its challenge is not ours, or was made for another form.
    Invalid,
    /// Its challenge is too old.
    Expired,
    /// It was accepted before.
    Used,
}

impl ProofError {
    /// The code and text for the visitor.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid => {
                ("bot.proof", "The check against robots did not succeed. Please send the form again")
            }
            Self::Expired => {
                ("bot.expired", "The check against robots has expired. Please send the form again")
            }
            Self::Used => {
                ("bot.used", "The check against robots was used before. Please send the form again")
            }
        }
    }
}

impl Challenge {
    /// A challenge that is good until `expires`, in seconds since 1970.
    pub(super) fn new(key: &Purpose, form: &str, most: u32, expires: i64) -> Self {
        let mut random = [0; SALT + 8];
        getrandom::fill(&mut random).expect("the operating system gives random numbers");
        let (salt, number) = random.split_at(SALT);
        let number = number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        // The `&` at the end keeps digits of the number from being read as a part of the time.
        let salt = format!("{}?expires={expires}&", hex(salt));
        let challenge = digest(&salt, number % (u64::from(most) + 1));
        let signature = key.token(&parts(form, &challenge, &salt));
        Self { challenge, most, salt, signature }
    }

    pub(super) fn to_json(&self) -> String {
        json!({
            "algorithm": ALGORITHM,
            "challenge": self.challenge,
            "maxnumber": self.most,
            "salt": self.salt,
            "signature": self.signature,
        })
        .to_string()
    }

    /// Checks a proof; a random identity of its challenge, for using it up.
    pub(super) fn verify(key: &Purpose, form: &str, proof: &str, now: i64) -> Result<[u8; 16], ProofError> {
        let proof = Some(proof).filter(|proof| proof.len() <= LONGEST);
        let json = proof.and_then(|proof| BASE64.decode(proof).ok()).ok_or(ProofError::Invalid)?;
        let proof: Value = serde_json::from_slice(&json).map_err(|_| ProofError::Invalid)?;
        let text = |name: &str| proof.get(name).and_then(Value::as_str).ok_or(ProofError::Invalid);
        let (challenge, salt) = (text("challenge")?, text("salt")?);
        // What is signed is ours, so that the rest is well formed and the number is the one that we thought of.
        if text("algorithm")? != ALGORITHM
            || !key.verify(&parts(form, challenge, salt), text("signature")?)
            || digest(salt, proof.get("number").and_then(Value::as_u64).ok_or(ProofError::Invalid)?)
                != challenge
        {
            return Err(ProofError::Invalid);
        }
        let expires =
            salt.split(['?', '&']).find_map(|pair| pair.strip_prefix("expires=")?.parse::<i64>().ok());
        if expires.is_none_or(|expires| expires <= now) {
            return Err(ProofError::Expired);
        }
        let whole = Sha256::new().chain_update(b"altcha\0").chain_update(challenge).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&whole[..16]);
        Ok(id)
    }
}

fn parts<'a>(form: &'a str, challenge: &'a str, salt: &'a str) -> [&'a [u8]; 3] {
    [form.as_bytes(), challenge.as_bytes(), salt.as_bytes()]
}

fn digest(salt: &str, number: u64) -> String {
    hex(&Sha256::new().chain_update(salt).chain_update(number.to_string()).finalize())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capt_01_our_challenge_of_a_number_is_the_reference_clients() {
        // createChallenge({ number: 12345, salt: '00112233445566778899aabb', hmacKey: 'key' }) of altcha-lib 2.8.0, v1.
        assert_eq!(digest("00112233445566778899aabb&", 12345), REFERENCE);
    }

    const REFERENCE: &str = "7a405bde8a75bc19ddd15d2fbb1e63ac2c6218f11c551aedc1501ffcf72ff2e1";
}
