use super::{Limits, Span, Stored, Submission, Trouble};

/// For how many values there is room at first.
const USUAL: usize = 12;

/// Decodes `application/x-www-form-urlencoded` as the URL standard says. It is total: what is no valid percent-encoding
/// stays as it is, and bytes that are no UTF-8 become U+FFFD.
pub(crate) fn decode(body: &[u8], limits: &Limits) -> Submission {
    if body.len() > limits.text_bytes {
        return Submission::failed(Trouble::TooLarge);
    }
    // Looked at once for all of them. Bytes that are none by themselves may be some together with what is encoded.
    let plain = std::str::from_utf8(body).ok();
    let texts = plain.map(str::to_owned).unwrap_or_default();
    let mut submission = Submission { texts, entries: Vec::with_capacity(USUAL), ..Submission::default() };
    let mut begins = 0;
    while begins < body.len() {
        let (name, value, end) = match plain.and_then(|_| read_plain(body, begins)) {
            Some(read) => read,
            None => {
                let rest = &body[begins..];
                let end = memchr::memchr(b'&', rest).unwrap_or(rest.len());
                let (name, value) = form_urlencoded::parse(&rest[..end]).next().unwrap_or_default();
                (submission.write(&name), submission.write(&value), begins + end)
            }
        };
        let is_empty = begins == end;
        begins = end + 1;
        if is_empty {
            continue;
        }
        if name.len() > limits.name_bytes || submission.entries.len() == limits.entries {
            return Submission::failed(Trouble::TooLarge);
        }
        submission.entries.push((name, Stored::Text(value)));
    }
    submission
}

/// Finds the name and the value that begin there, and where they end; `None` where something in them is encoded, which is
/// not usual.
fn read_plain(body: &[u8], begins: usize) -> Option<(Span, Span, usize)> {
    let rest = &body[begins..];
    // Names are short.
    let special =
        rest.iter().position(|byte| matches!(byte, b'=' | b'&' | b'%' | b'+')).unwrap_or(rest.len());
    let ends = begins + special;
    let name = Span { begins, ends };
    match rest.get(special) {
        None | Some(b'&') => Some((name, Span { begins: ends, ends }, ends)),
        Some(b'=') => {
            let value = &rest[special + 1..];
            let length = memchr::memchr3(b'&', b'%', b'+', value).unwrap_or(value.len());
            let begins = ends + 1;
            let ends = begins + length;
            let is_plain = value.get(length).is_none_or(|byte| *byte == b'&');
            is_plain.then_some((name, Span { begins, ends }, ends))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::body::Entry;

    fn pairs(submission: &Submission) -> Vec<(&str, &str)> {
        let entries = submission.entries().map(|(name, entry)| match entry {
            Entry::Text(text) => (name, text),
            other => panic!("{other:?}"),
        });
        entries.collect()
    }

    fn theirs(body: &[u8]) -> Vec<(String, String)> {
        let pairs = form_urlencoded::parse(body);
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    fn same(ours: &[(&str, &str)], theirs: &[(String, String)]) -> bool {
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| a.0 == b.0 && a.1 == b.1)
    }

    proptest! {
        #[test]
        fn form_05_urlencoded_round_trips(pairs: Vec<(String, String)>) {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let submission = decode(body.as_bytes(), &Limits::default());
            // An encoder writes nothing at all for one pair of empty texts among others, and `=` for it alone.
            let read = self::pairs(&submission);
            prop_assert!(same(&read, &pairs), "{read:?} {pairs:?}");
        }

        #[test]
        fn form_05_pairs_are_read_as_the_standard_says(body in "[ab=&+%0C3A9é]{0,40}") {
            let ours = decode(body.as_bytes(), &Limits::default());
            let (ours, theirs) = (pairs(&ours), theirs(body.as_bytes()));
            prop_assert!(same(&ours, &theirs), "{ours:?} {theirs:?}");
        }

        #[test]
        fn form_05_any_body_decodes_as_the_standard_says(
            body in proptest::collection::vec(proptest::sample::select(b"ab=&+%C3A9\xc3\xa9\xff\0".to_vec()), 0..40)
        ) {
            let ours = decode(&body, &Limits::default());
            let (ours, theirs) = (pairs(&ours), theirs(&body));
            prop_assert!(same(&ours, &theirs), "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn repeated_names_keep_their_order() {
        let submission = decode(b"a=1&b=%C3%A9+x&a=2&a&=3&c=%ZZ", &Limits::default());
        assert_eq!(submission.all("a").collect::<Vec<_>>(), ["1", "2", ""].map(Entry::Text));
        assert_eq!(submission.text("b"), Some("é x"));
        assert_eq!(submission.text("c"), Some("%ZZ"));
    }

    #[test]
    fn form_12_too_many_names_are_refused() {
        let body = "a=1&".repeat(10_001);
        assert_eq!(decode(body.as_bytes(), &Limits::default()).trouble, Some(Trouble::TooLarge));
    }
}
