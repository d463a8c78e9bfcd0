use std::borrow::Cow;

use super::{Entry, Limits, Submission, Trouble};

/// Decodes `application/x-www-form-urlencoded` as the URL standard says. It is total: what is no valid percent-encoding
/// stays as it is, and bytes that are no UTF-8 become U+FFFD.
pub(crate) fn decode(body: &[u8], limits: &Limits) -> Submission {
    if body.len() > limits.text_bytes {
        return Submission::failed(Trouble::TooLarge);
    }
    let count = 1 + memchr::memchr_iter(b'&', body).count();
    if count > limits.entries {
        return Submission::failed(Trouble::TooLarge);
    }
    // Looked at once for all of them.
    let body = match std::str::from_utf8(body) {
        Ok(body) => Cow::Borrowed(body),
        Err(_) => String::from_utf8_lossy(body),
    };
    let mut entries = Vec::with_capacity(count);
    let ends = memchr::memchr_iter(b'&', body.as_bytes()).chain([body.len()]);
    let mut begins = 0;
    for end in ends {
        let pair = &body[std::mem::replace(&mut begins, end + 1)..end];
        if pair.is_empty() {
            continue;
        }
        let (name, value) = read(pair);
        if name.len() > limits.name_bytes {
            return Submission::failed(Trouble::TooLarge);
        }
        entries.push((name, Entry::Text(value)));
    }
    Submission { entries, trouble: None, is_json: false, outer: None }
}

/// Reads one name with its value. Most have nothing that is encoded, and are read as they are.
fn read(pair: &str) -> (String, String) {
    if memchr::memchr2(b'%', b'+', pair.as_bytes()).is_some() {
        let (name, value) = form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
        return (name.into_owned(), value.into_owned());
    }
    let at = memchr::memchr(b'=', pair.as_bytes());
    let (name, value) = at.map_or((pair, ""), |at| (&pair[..at], &pair[at + 1..]));
    (name.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn form_05_urlencoded_round_trips(pairs: Vec<(String, String)>) {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let submission = decode(body.as_bytes(), &Limits::default());
            let read: Vec<_> = submission.entries.into_iter().map(|(name, entry)| match entry {
                Entry::Text(text) => (name, text),
                other => panic!("{other:?}"),
            }).collect();
            // An encoder writes nothing at all for one pair of empty texts among others, and `=` for it alone.
            prop_assert_eq!(read, pairs);
        }

        #[test]
        fn form_05_pairs_are_read_as_the_standard_says(body in "[ab=&+%0C3A9é]{0,40}") {
            let ours = decode(body.as_bytes(), &Limits::default()).entries;
            let theirs: Vec<_> = form_urlencoded::parse(body.as_bytes())
                .map(|(name, value)| (name.into_owned(), Entry::Text(value.into_owned())))
                .collect();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn form_05_any_body_decodes(body: Vec<u8>) {
            let _ = decode(&body, &Limits::default());
        }
    }

    #[test]
    fn repeated_names_keep_their_order() {
        let submission = decode(b"a=1&b=%C3%A9+x&a=2&a&=3&c=%ZZ", &Limits::default());
        let all: Vec<_> = submission.all("a").cloned().collect();
        assert_eq!(all, ["1", "2", ""].map(|text| Entry::Text(text.to_owned())));
        assert_eq!(submission.text("b"), Some("é x"));
        assert_eq!(submission.text("c"), Some("%ZZ"));
    }

    #[test]
    fn form_12_too_many_names_are_refused() {
        let body = "a=1&".repeat(10_001);
        assert_eq!(decode(body.as_bytes(), &Limits::default()).trouble, Some(Trouble::TooLarge));
    }
}
