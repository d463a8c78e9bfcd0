use super::{Entry, Limits, Submission, Trouble};

/// Decodes `application/x-www-form-urlencoded` as the URL standard says. It is total: what is no valid percent-encoding
/// stays as it is, and bytes that are no UTF-8 become U+FFFD.
pub(crate) fn decode(body: &[u8], limits: &Limits) -> Submission {
    if body.len() > limits.text_bytes {
        return Submission::failed(Trouble::TooLarge);
    }
    // Looked at once for all of them. Bytes that are none by themselves may be some together with what is encoded.
    let plain = std::str::from_utf8(body).ok();
    let mut entries = Vec::with_capacity(8);
    let mut begins = 0;
    while begins < body.len() {
        let (name, value, end) = match plain.and_then(|body| read_plain(body, begins)) {
            Some((name, value, end)) => (name.to_owned(), value.to_owned(), end),
            None => {
                let rest = &body[begins..];
                let end = memchr::memchr(b'&', rest).unwrap_or(rest.len());
                let (name, value) = form_urlencoded::parse(&rest[..end]).next().unwrap_or_default();
                (name.into_owned(), value.into_owned(), begins + end)
            }
        };
        let is_empty = begins == end;
        begins = end + 1;
        if is_empty {
            continue;
        }
        if name.len() > limits.name_bytes || entries.len() == limits.entries {
            return Submission::failed(Trouble::TooLarge);
        }
        entries.push((name, Entry::Text(value)));
    }
    Submission { entries, trouble: None, is_json: false, outer: None }
}

/// Reads the name and the value that begin there, and tells where they end; `None` where something in them is encoded, which
/// is not usual.
fn read_plain(body: &str, begins: usize) -> Option<(&str, &str, usize)> {
    let rest = &body.as_bytes()[begins..];
    // Names are short.
    let special =
        rest.iter().position(|byte| matches!(byte, b'=' | b'&' | b'%' | b'+')).unwrap_or(rest.len());
    let name = &body[begins..begins + special];
    match rest.get(special) {
        None | Some(b'&') => Some((name, "", begins + special)),
        Some(b'=') => {
            let value = &rest[special + 1..];
            let length = memchr::memchr3(b'&', b'%', b'+', value).unwrap_or(value.len());
            let from = begins + special + 1;
            let is_plain = value.get(length).is_none_or(|byte| *byte == b'&');
            is_plain.then(|| (name, &body[from..from + length], from + length))
        }
        Some(_) => None,
    }
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
        fn form_05_any_body_decodes_as_the_standard_says(
            body in proptest::collection::vec(proptest::sample::select(b"ab=&+%C3A9\xc3\xa9\xff\0".to_vec()), 0..40)
        ) {
            let ours = decode(&body, &Limits::default()).entries;
            let theirs: Vec<_> = form_urlencoded::parse(&body)
                .map(|(name, value)| (name.into_owned(), Entry::Text(value.into_owned())))
                .collect();
            prop_assert_eq!(ours, theirs);
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
