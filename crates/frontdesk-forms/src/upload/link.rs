use std::time::Duration;

use frontdesk_web::Purpose;

use crate::Desk;

/// Signs addresses of stored files, so that who was given one can fetch that file for a while, and no other.
///
/// A stored file is served to whoever [`serve_upload`](crate::serve_upload) is called for: asking whether a visitor may see
/// the record is the application's. Where the address itself is to be the permission, as in a mail, sign it.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_forms::Desk;
/// use frontdesk_web::Secret;
///
/// let links = Desk::new(Secret::random()).download_links();
/// let query = links.sign("photo-1b9e.png", "", Duration::from_secs(600));
/// assert!(links.allows("photo-1b9e.png", "", Some(&query)));
/// assert!(!links.allows("other-77aa.png", "", Some(&query)));
/// ```
#[derive(Clone, Debug)]
pub struct DownloadLinks(Purpose);

impl Desk {
    /// What signs addresses of stored files with the desk's secret.
    pub fn download_links(&self) -> DownloadLinks {
        DownloadLinks(self.signer().purpose("download"))
    }
}

impl DownloadLinks {
    /// The query, without `?`, that makes the address of the file of that key good for that long. `visitor` is whom it is
    /// for, such as a user's or session's id; empty for whoever has it.
    pub fn sign(&self, key: &str, visitor: &str, lifetime: Duration) -> String {
        let expires = crate::state::now().saturating_add(lifetime.as_secs());
        let signature = self.0.token(&[key.as_bytes(), visitor.as_bytes(), &expires.to_be_bytes()]);
        format!("expires={expires}&signature={signature}")
    }

    /// Whether a request with that query may read the file of that key. It says nothing for anything but reading it:
    /// ask it for GET and HEAD.
    pub fn allows(&self, key: &str, visitor: &str, query: Option<&str>) -> bool {
        let pairs = || form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let find = |name: &str| pairs().find(|(known, _)| known == name).map(|(_, value)| value);
        let Some(expires) = find("expires").and_then(|text| text.parse::<u64>().ok()) else { return false };
        let signature = find("signature").unwrap_or_default();
        let parts: [&[u8]; 3] = [key.as_bytes(), visitor.as_bytes(), &expires.to_be_bytes()];
        self.0.verify(&parts, &signature) && crate::state::now() <= expires
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_web::Secret;

    use super::*;

    #[test]
    fn upld_07_a_signed_link_is_good_for_one_file_one_visitor_and_a_while() {
        let links = Desk::new(Secret::random()).download_links();
        let query = links.sign("a-1.png", "ada", Duration::from_secs(60));
        assert!(links.allows("a-1.png", "ada", Some(&query)));
        for (key, visitor) in [("b-2.png", "ada"), ("a-1.png", "eve"), ("a-1.png", ""), ("", "ada")] {
            assert!(!links.allows(key, visitor, Some(&query)), "{key} {visitor}");
        }
        let later = query.replacen("expires=1", "expires=2", 1);
        assert!(!links.allows("a-1.png", "ada", Some(&later)), "its end cannot be put off");
        for query in [None, Some(""), Some("expires=9999999999"), Some("signature=x&expires=x")] {
            assert!(!links.allows("a-1.png", "ada", query));
        }
        let over = DownloadLinks(links.0.clone());
        let past = crate::state::now() - 1;
        let signature = over.0.token(&[b"a-1.png", b"ada", &past.to_be_bytes()]);
        assert!(!links.allows("a-1.png", "ada", Some(&format!("expires={past}&signature={signature}"))));
        let others = Desk::new(Secret::random()).download_links();
        assert!(!others.allows("a-1.png", "ada", Some(&query)));
    }
}
