//! A mail as a file has it ([RFC 5322](https://www.rfc-editor.org/rfc/rfc5322)).

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::Mail;

/// The mail with its headers; lines end with CR LF.
pub(super) fn letter(mail: &Mail, id: &str, now: Timestamp) -> String {
    let date = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let mut out = String::new();
    let mut header = |name: &str, value: &str| {
        let _ = write!(out, "{name}: {value}\r\n");
    };
    header("From", &word(&mail.from));
    header("To", &word(&mail.to));
    header("Subject", &word(&mail.subject));
    header("Date", &date.to_string());
    header("Message-ID", &format!("<{id}@frontdesk>"));
    header("MIME-Version", "1.0");
    header("Content-Type", "text/plain; charset=utf-8");
    header("Content-Transfer-Encoding", "8bit");
    out.push_str("\r\n");
    for line in mail.text.lines() {
        out.push_str(line);
        out.push_str("\r\n");
    }
    out
}

/// A value without line breaks, in encoded words ([RFC 2047](https://www.rfc-editor.org/rfc/rfc2047)) where it is not
/// ASCII. Of an address `Name <address>` only the name is encoded.
fn word(text: &str) -> String {
    let plain: String = text.chars().filter(|letter| !letter.is_control()).collect();
    if plain.is_ascii() {
        return plain;
    }
    let (name, address) = match plain.rsplit_once(" <") {
        Some((name, address)) if address.ends_with('>') => (name.to_owned(), format!(" <{address}")),
        _ => (plain, String::new()),
    };
    let mut words: Vec<String> = Vec::new();
    let mut part = String::new();
    for letter in name.chars() {
        if part.len() + letter.len_utf8() > 45 {
            words.push(std::mem::take(&mut part));
        }
        part.push(letter);
    }
    words.push(part);
    let encoded: Vec<_> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    encoded.join("\r\n ") + &address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_ascii_in_its_headers_and_nothing_adds_one() {
        let mut mail =
            Mail::new("ada@example.com\r\nBcc: eve@example.com", "Grüße\r\nX-Evil: 1", "Hallo\nÄ\n");
        mail.from = "Käse <shop@example.com>".to_owned();
        let text = letter(&mail, "1", "2026-11-23T08:00:00Z".parse().unwrap());
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.is_ascii());
        assert_eq!(head.lines().count(), 8, "{head}");
        assert!(head.contains("\r\nTo: ada@example.comBcc: eve@example.com\r\n"), "{head}");
        assert!(head.starts_with("From: =?utf-8?B?S8Okc2U=?= <shop@example.com>\r\n"), "{head}");
        assert!(head.contains("Date: Mon, 23 Nov 2026 08:00:00 +0000"), "{head}");
        assert_eq!(body, "Hallo\r\nÄ\r\n");
    }

    #[test]
    fn a_long_subject_goes_on_several_lines_between_letters() {
        let encoded = word(&"ä".repeat(100));
        let words: Vec<_> = encoded.split("\r\n ").collect();
        assert!(words.len() > 3 && words.iter().all(|word| word.len() <= 75), "{encoded}");
    }
}
