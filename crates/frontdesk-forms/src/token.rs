//! The token that shows that a submission comes from a form of ours, in this browser.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use frontdesk_web::Purpose;

/// What a token is bound to. A token made for other values is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding<'a> {
    pub(crate) form_name: &'a str,
    /// The record that is edited; empty for a new one.
    pub(crate) record: &'a str,
    /// The session, or the browser's random value.
    pub(crate) session: &'a str,
    pub(crate) signing_info: &'a str,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// It is none, or made for something else.
    Invalid,
    /// It was good, and is too old.
    Expired,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Binding<'_> {
    fn parts<'p>(&'p self, issued: &'p [u8; 8]) -> [&'p [u8]; 5] {
        [
            issued,
            self.form_name.as_bytes(),
            self.record.as_bytes(),
            self.session.as_bytes(),
            self.signing_info.as_bytes(),
        ]
    }

    /// A token made now: when, in hexadecimal, a period, and the signature.
    pub(crate) fn token(&self, purpose: &Purpose) -> String {
        self.token_at(purpose, now())
    }

    fn token_at(&self, purpose: &Purpose, issued: u64) -> String {
        let mut token = String::with_capacity(17 + Purpose::TOKEN_LENGTH);
        let digits = (u64::BITS - issued.leading_zeros()).div_ceil(4).max(1);
        for digit in (0..digits).rev() {
            let value = u32::try_from(issued >> (4 * digit) & 0xF).unwrap_or_default();
            token.push(char::from_digit(value, 16).unwrap_or('0'));
        }
        token.push('.');
        purpose.write_token(&self.parts(&issued.to_be_bytes()), &mut token);
        token
    }

    /// Checks a token, and its age where it has a lifespan.
    pub(crate) fn verify(
        &self,
        purpose: &Purpose,
        token: &str,
        lifespan: Option<Duration>,
    ) -> Result<(), TokenError> {
        let (issued, signature) = token.split_once('.').ok_or(TokenError::Invalid)?;
        let issued = u64::from_str_radix(issued, 16).map_err(|_| TokenError::Invalid)?;
        if !purpose.verify(&self.parts(&issued.to_be_bytes()), signature) {
            return Err(TokenError::Invalid);
        }
        match lifespan {
            Some(lifespan) if now().saturating_sub(issued) > lifespan.as_secs() => Err(TokenError::Expired),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_web::{Secret, Signer};

    use super::*;

    const MINE: Binding<'_> = Binding { form_name: "thing", record: "7", session: "abc", signing_info: "" };

    #[test]
    fn csrf_02_a_token_is_good_for_what_it_was_made_for_alone() {
        let purpose = Signer::new(Secret::random()).purpose("form");
        let token = MINE.token(&purpose);
        assert_eq!(MINE.verify(&purpose, &token, None), Ok(()));
        for other in [
            Binding { form_name: "other", ..MINE },
            Binding { record: "8", ..MINE },
            Binding { session: "abd", ..MINE },
            Binding { signing_info: "x", ..MINE },
        ] {
            assert_eq!(other.verify(&purpose, &token, None), Err(TokenError::Invalid), "{other:?}");
        }
        let stranger = Signer::new(Secret::random()).purpose("form");
        assert_eq!(MINE.verify(&stranger, &token, None), Err(TokenError::Invalid));
    }

    #[test]
    fn csrf_02_every_changed_byte_is_noticed() {
        let purpose = Signer::new(Secret::random()).purpose("form");
        let token = MINE.token(&purpose);
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(MINE.verify(&purpose, &changed, None).is_err(), "{changed}");
        }
        for token in ["", ".", "x.", &token[1..]] {
            assert!(MINE.verify(&purpose, token, None).is_err());
        }
    }

    #[test]
    fn csrf_06_an_old_token_is_expired_not_invalid() {
        let purpose = Signer::new(Secret::random()).purpose("form");
        let old = MINE.token_at(&purpose, now() - 100);
        assert_eq!(MINE.verify(&purpose, &old, Some(Duration::from_secs(99))), Err(TokenError::Expired));
        assert_eq!(MINE.verify(&purpose, &old, Some(Duration::from_secs(200))), Ok(()));
        assert_eq!(MINE.verify(&purpose, &old, None), Ok(()));
    }
}
