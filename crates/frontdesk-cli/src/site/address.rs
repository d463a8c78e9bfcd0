//! The addresses of pages, and reading them back.
//!
//! Names are percent-encoded, but for the unreserved characters. Three of them no path can say, percent-encoded or not:
//! the empty name, `.` and `..`, since browsers take those segments out. They, and names that begin with `~`, get a `~`
//! in front.

use std::fmt::Write;

use frontdesk_data::RowId;

/// The page of a table's rows.
pub(crate) fn rows(table: &str) -> String {
    with("/tables/", &[table])
}

/// The form for a new row.
pub(crate) fn create(table: &str) -> String {
    with("/forms/", &[table])
}

/// The form of one row.
pub(crate) fn edit(table: &str, id: &RowId) -> String {
    let mut address = create(table);
    // The text form of an identity is safe in a path as it is.
    let _ = write!(address, "{id}/");
    address
}

/// An uploaded file.
pub(crate) fn media(table: &str, field: &str, key: &str) -> String {
    let mut address = with("/media/", &[table, field]);
    push(&mut address, key);
    address
}

fn with(start: &str, names: &[&str]) -> String {
    let mut address =
        String::with_capacity(start.len() + names.iter().map(|name| name.len() + 2).sum::<usize>());
    address.push_str(start);
    for name in names {
        push(&mut address, name);
        address.push('/');
    }
    address
}

fn needs_mark(name: &str) -> bool {
    matches!(name, "" | "." | "..") || name.starts_with('~')
}

fn push(address: &mut String, name: &str) {
    if needs_mark(name) {
        address.push('~');
    }
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
}

/// The name that a segment of a path says; `None` if it says none.
pub(crate) fn name(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? << 4 | digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    match text.strip_prefix('~') {
        Some(marked) => needs_mark(marked).then(|| marked.to_owned()),
        None => (!needs_mark(&text)).then_some(text),
    }
}

/// The segments of a path behind its first one, without the empty one at its end.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_suffix('/').unwrap_or(path).split('/').skip(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_from_its_address() {
        for table in [
            "Album",
            "",
            ".",
            "..",
            "...",
            "~",
            "~e",
            "~~",
            "a/b?c#d%2Fe f",
            "größe",
            "日本 🦀",
            "'\"<>&",
            "\n",
        ] {
            let address = rows(table);
            assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{address}");
            let found: Vec<_> = segments(&address).collect();
            assert_eq!(found.len(), 1, "{address}");
            assert_eq!(name(found[0]).as_deref(), Some(table));
            assert!(!matches!(found[0], "" | "." | ".."), "{address}");
        }
        assert_eq!(media("a b", "..", "x.png"), "/media/a%20b/~../x.png");
        assert_eq!(edit("t", &RowId::from("a/b")), "/forms/t/a~2Fb/");
    }

    #[test]
    fn what_no_address_of_ours_says_is_no_name() {
        for segment in ["", ".", "%2e%2E", "~x", "%7Ex", "%", "%2", "%zz", "%ff", "%é"] {
            assert_eq!(name(segment), None, "{segment}");
        }
        assert_eq!(name("%41lbum").as_deref(), Some("Album"));
    }
}
