use std::borrow::Cow;

/// RFC 1035, 2.3.4: of a name as text, without the last dot.
const MAX_HOST: usize = 253;
const MAX_LABEL: usize = 63;

/// The host in ASCII; nothing if that cannot be.
///
/// The document asks for RFC 3490, which reads four characters otherwise than its successors: ß as ss, a final sigma as
/// any sigma, and joiners as nothing.
pub(super) fn to_ascii(host: &str) -> Option<Cow<'_, str>> {
    if host.is_ascii() {
        return Some(Cow::Borrowed(host));
    }
    // No name that fits is longer than this in UTF-8.
    if host.len() > 4 * MAX_HOST {
        return None;
    }
    let mut older = String::with_capacity(host.len());
    for c in host.chars() {
        match c {
            'ß' | 'ẞ' => older.push_str("ss"),
            'ς' => older.push('σ'),
            '\u{200c}' | '\u{200d}' => {}
            c => older.push(c),
        }
    }
    idna::domain_to_ascii(&older).ok().filter(|ascii| !ascii.is_empty()).map(Cow::Owned)
}

/// A top-level domain as [`is_web_host`] compares it.
pub(super) fn normal_tld(tld: &str) -> String {
    to_ascii(tld).map_or_else(|| tld.to_owned(), Cow::into_owned).to_ascii_lowercase()
}

/// Whether a host in ASCII is four numbers, or a domain name whose top-level domain exists (is among `tlds`).
pub(super) fn is_web_host(host: &str, tlds: Option<&[String]>) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if host.len() <= MAX_HOST && host.split('.').count() == 4 && host.split('.').all(is_number) {
        return true;
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.len() > MAX_HOST || !name.split('.').all(is_label) {
        return false;
    }
    let tld = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    let is_word = tld.len() >= 2 && tld.starts_with(|c: char| c.is_ascii_alphabetic());
    is_word && tlds.map_or_else(|| tld_exists(&tld), |tlds| tlds.contains(&tld))
}

fn is_label(label: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = label.as_bytes();
    bytes.len() <= MAX_LABEL
        && is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn tld_exists(tld: &str) -> bool {
    // Some countries have no names directly below them, so the list knows only what is two levels down.
    let below = format!("a.b.{tld}");
    tld == "localhost" || psl::suffix(below.as_bytes()).is_some_and(|suffix| suffix.is_known())
}
