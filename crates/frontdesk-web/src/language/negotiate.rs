//! What a request says about languages (RFC 9110, section 12.5.4).

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use unic_langid::LanguageIdentifier;

/// No tag is longer (RFC 5646, section 4.4.1).
const MAX_TAG: usize = 35;
/// So much of the header is read.
const MAX_BYTES: usize = 1024;
/// So many languages are considered.
const MAX_WISHES: usize = 20;

/// A language that a visitor reads.
#[derive(Debug)]
pub(super) struct Wish {
    /// Which one; `None` is any other.
    pub(super) tag: Option<LanguageIdentifier>,
    /// How gladly, from 0 (not at all) to 1000.
    pub(super) quality: u16,
}

/// The languages of `Accept-Language`, the dearest first. What cannot be read is passed over.
pub(super) fn wishes(headers: &HeaderMap) -> Vec<Wish> {
    let mut left = MAX_BYTES;
    let mut found = Vec::new();
    for header in headers.get_all(ACCEPT_LANGUAGE).iter().take(4) {
        let Ok(text) = header.to_str() else { continue };
        let text = &text[..text.len().min(left)]; // `to_str` gives ASCII only
        left -= text.len();
        found.extend(text.split(',').filter_map(wish).take(MAX_WISHES - found.len()));
    }
    found.sort_by_key(|wish| std::cmp::Reverse(wish.quality));
    found
}

fn wish(text: &str) -> Option<Wish> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?;
    let mut quality = 1000;
    for part in parts {
        let (key, value) = part.split_once('=')?;
        if key.trim_end().eq_ignore_ascii_case("q") {
            quality = thousandths(value.trim_start())?;
        }
    }
    let tag = if name == "*" { None } else { Some(tag(name)?) };
    Some(Wish { tag, quality })
}

/// A weight: `0`, `0.8`, `1.000`.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_weight =
        matches!(whole, "0" | "1") && fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    if !is_weight {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    let weight = if whole == "1" { 1000 + fraction } else { fraction };
    (weight <= 1000).then_some(weight)
}

/// The tag of a language, without what no catalogue differs in.
pub(super) fn tag(text: &str) -> Option<LanguageIdentifier> {
    if text.is_empty() || text.len() > MAX_TAG || text.eq_ignore_ascii_case("und") {
        return None;
    }
    // Extensions, as in `de-DE-u-co-phonebk`, are about sorting and the like.
    let end = text
        .match_indices('-')
        .find(|(at, _)| is_extension(&text[at + 1..]))
        .map_or(text.len(), |(at, _)| at);
    text[..end].parse().ok()
}

/// Whether a part of one letter comes next.
fn is_extension(rest: &str) -> bool {
    rest.split('-').next().is_some_and(|part| part.len() == 1)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::super::Languages;
    use super::*;

    fn tag_for(languages: &Languages, accept: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(accept).unwrap());
        languages.of(&headers).tag().to_owned()
    }

    #[test]
    fn the_dearest_language_that_is_there_is_taken() {
        for (accept, tag) in [
            ("de", "de"),
            ("DE-at", "de-AT"),
            ("de-DE,de;q=0.9,en-US;q=0.8", "de-DE"),
            ("en;q=0.5, pt;q=0.9", "pt"),
            ("fr, nl;q=0.9, pt-PT;q=0.1", "pt-PT"),
            ("en-US,en;q=0.9", "en-US"),
            ("en, en-GB;q=0.9", "en-GB"),
            ("de-u-co-phonebk", "de"),
            ("de-FR", "de"),
            ("*", "en"),
            ("en;q=0, *", "de"),
            ("fr;q=1, *;q=0.1", "en"),
            ("de;q=0", "en"),
            ("", "en"),
            // Garbage is passed over, and what stands beside it counts.
            ("q=1;;;,,de;q=2,pt;q=0.3", "pt"),
            ("de;q=banana, pt", "pt"),
            ("de;q", "en"),
            ("\u{e4}\u{f6}, de", "en"),
            ("und, x, i-klingon, pt", "pt"),
            ("en-XA", "en"),
        ] {
            assert_eq!(tag_for(&Languages::new(), accept), tag, "{accept}");
        }
    }

    #[test]
    fn scripts_are_told_apart() {
        let languages = Languages::new().add("zh-Hans", "a = 简").unwrap().add("zh-Hant", "a = 繁").unwrap();
        assert_eq!(tag_for(&languages, "zh-TW"), "zh-Hant");
        assert_eq!(tag_for(&languages, "zh-CN"), "zh-Hans");
    }

    #[test]
    fn hostile_headers_are_cut_short() {
        let mut headers = HeaderMap::new();
        for _ in 0..50 {
            headers.append(ACCEPT_LANGUAGE, HeaderValue::from_str(&"xx-YY;q=0.1,".repeat(4000)).unwrap());
        }
        assert!(wishes(&headers).len() <= MAX_WISHES);
        assert_eq!(Languages::new().of(&headers).tag(), "en");
        assert!(tag(&"a-".repeat(10_000)).is_none());
    }

    proptest! {
        #[test]
        fn no_header_panics(text in "[ -~]{0,200}|([a-zA-Z*]{0,9}(-[a-zA-Z0-9]{0,9}){0,3}(;q=[0-9.]{0,5})?,){0,30}") {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(&text).unwrap());
            let language = Languages::new().with_pseudo().of(&headers);
            prop_assert!(!language.tag().is_empty());
        }
    }
}
