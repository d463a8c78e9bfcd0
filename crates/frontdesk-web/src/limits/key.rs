//! What is counted by.

use crate::ClientAddress;

/// What is counted by: a purpose, and an address, an account, a token, or several of them together.
///
/// Keys of different purposes have nothing to do with each other. What a key holds is hashed with a secret before it is
/// kept, so neither addresses nor names are found where limits are.
///
/// ```
/// use frontdesk_web::ClientAddress;
/// use frontdesk_web::limits::LimitKey;
///
/// let client = ClientAddress::new("203.0.113.7".parse().unwrap());
/// let by_address = LimitKey::new("login").address(client);
/// let by_account = LimitKey::new("login").account("ada");
/// let by_both = LimitKey::new("login").account("ada").part("device", "k3Jd9");
/// assert_ne!(by_account, by_both);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LimitKey(Vec<u8>);

impl LimitKey {
    /// Counts for a purpose, such as `login`: everybody together, unless more is said.
    pub fn new(purpose: &str) -> Self {
        Self(Vec::with_capacity(48)).add(purpose.as_bytes())
    }

    /// Counts for each address: one of IPv4, a /64 of IPv6.
    #[must_use]
    pub fn address(self, client: ClientAddress) -> Self {
        self.part("address", &client.network().to_string())
    }

    /// Counts for each account, by what identifies it. Spelling counts: fold the case of names where it does not matter.
    #[must_use]
    pub fn account(self, account: &str) -> Self {
        self.part("account", account)
    }

    /// Counts for each token, such as one of an API.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.part("token", token)
    }

    /// Counts for each value of something else.
    #[must_use]
    pub fn part(self, what: &str, value: &str) -> Self {
        self.add(what.as_bytes()).add(value.as_bytes())
    }

    /// Where one part ends and the next begins counts.
    fn add(mut self, part: &[u8]) -> Self {
        self.0.extend_from_slice(&(part.len() as u64).to_le_bytes());
        self.0.extend_from_slice(part);
        self
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Nothing of what it holds, which may be a token.
impl std::fmt::Debug for LimitKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LimitKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_parts_end_counts() {
        assert_ne!(LimitKey::new("a").part("b", "c"), LimitKey::new("a").part("bc", ""));
        assert_ne!(LimitKey::new("a").account("x"), LimitKey::new("a").token("x"));
        let network = |text: &str| LimitKey::new("a").address(ClientAddress::new(text.parse().unwrap()));
        assert_eq!(network("2001:db8::1"), network("2001:db8::2"));
    }
}
