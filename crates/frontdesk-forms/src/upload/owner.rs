use std::fmt;

use sha2::{Digest, Sha256};

/// Whose a file in the quarantine is: 16 hexadecimal digits of a hash of the session, or of the browser's random value.
///
/// It stands in the file's name, so that a visitor's files are counted after a restart too; and it tells nothing about
/// the session.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Owner([u8; 8]);

impl Owner {
    /// How long its text is.
    pub(super) const LENGTH: usize = 16;

    /// The owner of what comes in a session.
    pub(crate) fn of(session: &str) -> Self {
        let digest = Sha256::new().chain_update(b"frontdesk upload owner\0").chain_update(session).finalize();
        let mut owner = [0; 8];
        owner.copy_from_slice(&digest[..8]);
        Self(owner)
    }

    /// The owner of no file.
    pub(crate) const fn nobody() -> Self {
        Self([0; 8])
    }

    /// Reads the text of an owner.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != Self::LENGTH || !text.bytes().all(is_hex) {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_reads_back_and_is_not_the_session() {
        let owner = Owner::of("abc");
        assert_eq!(Owner::parse(&owner.to_string()), Some(owner));
        assert_ne!(owner, Owner::of("abd"));
        for bad in ["", "abc", "0123456789ABCDEF", "+123456789abcdef", "0123456789abcdef0"] {
            assert_eq!(Owner::parse(bad), None, "{bad}");
        }
    }
}
