use std::borrow::Cow;
use std::fmt::Write;

use super::host;

/// The parts of a URL, as far as punctuation tells them.
pub(super) struct Split<'t> {
    /// What stands before the first colon of the head, if it can be a scheme.
    pub(super) scheme: Option<&'t str>,
    /// What follows `//`, if that stands at the beginning or behind the scheme.
    pub(super) authority: Option<&'t str>,
    /// Everything behind those.
    pub(super) tail: &'t str,
    /// Everything before the first `/`, `?` or `#`.
    pub(super) head: &'t str,
}

impl<'t> Split<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let until = |text: &'t str| text.split_at(text.find(['/', '?', '#']).unwrap_or(text.len()));
        let head = until(text).0;
        let scheme = head.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| is_scheme(scheme));
        let rest = scheme.map_or(text, |scheme| &text[scheme.len() + 1..]);
        let (authority, tail) = match rest.strip_prefix("//").map(until) {
            Some((authority, tail)) => (Some(authority), tail),
            None => (None, rest),
        };
        Self { scheme, authority, tail, head }
    }
}

/// RFC 3986, 3.1.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

pub(super) fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The characters of RFC 2396 that may stand anywhere behind the scheme.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b";/?:@&=+$,-_.!~*'()%".contains(&byte)
}

/// Whether every `%` is followed by two hexadecimal digits.
fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|behind| {
        let digits = behind.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// User, host and port, with the host in ASCII. The host in ASCII has to satisfy `is_host`, an IPv6 address aside.
pub(super) fn authority(text: &str, is_host: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
    let (user, address) = match text.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, text),
    };
    let is_user = |user: &str| {
        user.bytes().all(|byte| is_url_byte(byte) && !matches!(byte, b'/' | b'?' | b'@'))
            && escapes_are_whole(user)
    };
    if !user.is_none_or(is_user) {
        return None;
    }
    if let Some(rest) = address.strip_prefix('[') {
        let (literal, port) = rest.split_once(']')?;
        literal.parse::<std::net::Ipv6Addr>().ok()?;
        return is_port_part(port).then_some(Cow::Borrowed(text));
    }
    let (typed, port) = address.split_at(address.find(':').unwrap_or(address.len()));
    let host = host::to_ascii(typed)?;
    let is_plain = host.bytes().all(|byte| is_url_byte(byte) && !matches!(byte, b'/' | b'?' | b'@' | b':'));
    if !(is_plain && escapes_are_whole(&host) && is_port_part(port) && is_host(&host)) {
        return None;
    }
    Some(match host {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(host) => {
            let user = &text[..text.len() - address.len()];
            Cow::Owned(format!("{user}{host}{port}"))
        }
    })
}

/// Nothing, or a colon with a port from 0 to 65535, or a lone colon.
fn is_port_part(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else { return text.is_empty() };
    let significant = port.trim_start_matches('0');
    port.bytes().all(|byte| byte.is_ascii_digit())
        && (significant.is_empty() || significant.parse::<u16>().is_ok())
}

/// Path, query and fragment, percent-encoded where needed.
pub(super) fn tail(text: &str, encode_blanks: bool) -> Option<Cow<'_, str>> {
    let mut hashes = 0;
    let mut changes = false;
    for byte in text.bytes() {
        match byte {
            b'#' => hashes += 1,
            b' ' if encode_blanks => changes = true,
            byte if !byte.is_ascii() => changes = true,
            byte if is_url_byte(byte) => {}
            _ => return None,
        }
    }
    if hashes > 1 || !escapes_are_whole(text) || text.contains(|c: char| !c.is_ascii() && c.is_control()) {
        return None;
    }
    if !changes {
        return Some(Cow::Borrowed(text));
    }
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii() && byte != b' ' {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Some(Cow::Owned(encoded))
}
