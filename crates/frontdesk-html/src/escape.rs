//! Escaping: text in, text of the HTML syntax out.

/// What stands in for each byte that cannot be written as it is; empty for those that can.
const REPLACEMENT: [&str; 256] = {
    let mut table = [""; 256];
    table[b'&' as usize] = "&amp;";
    table[b'<' as usize] = "&lt;";
    table[b'>' as usize] = "&gt;";
    table[b'"' as usize] = "&quot;";
    table[b'\'' as usize] = "&#39;";
    table[b'\r' as usize] = "&#13;"; // a parser reads a bare one as LF
    table[0] = "\u{fffd}"; // what parsers make of it, since HTML cannot say NUL
    table
};

const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = is_special(byte as u8);
        assert!(table[byte] == (!REPLACEMENT[byte].is_empty() || byte == 0xEF), "the two lists agree");
        byte += 1;
    }
    table
};

/// Whether a byte cannot be written as it is. 0xEF begins U+FEFF among others, and is looked at more closely.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'' | b'\r' | 0 | 0xEF)
}

/// Where the next special byte stands.
fn next_special(bytes: &[u8]) -> Option<usize> {
    let mut begins = 0;
    let (chunks, _) = bytes.as_chunks::<32>();
    for chunk in chunks {
        // Without a branch for each byte, so that many are looked at together: most texts have none.
        if chunk.iter().fold(false, |any, &byte| any | is_special(byte)) {
            break;
        }
        begins += chunk.len();
    }
    let rest = &bytes[begins..];
    rest.iter().position(|&byte| SPECIAL[usize::from(byte)]).map(|at| begins + at)
}

/// Appends `s` to `out` so that an HTML parser reads it back as text: `&`, `<`, `>`, `"` and `'` become character
/// references, and so do a carriage return, which parsers turn into a line feed, and U+FEFF, which they drop
/// at the beginning of a document.
///
/// NUL cannot be said in HTML and becomes U+FFFD. Quotes are escaped in text too: what was meant for a text stays
/// harmless in an attribute.
///
/// Not enough inside `<script>` and `<style>`, where parsers read no references: the text cannot break out
/// there, but it does not read back unchanged either.
///
/// ```
/// let mut out = String::new();
/// frontdesk_html::escape_text("fish & <chips>", &mut out);
/// assert_eq!(out, "fish &amp; &lt;chips&gt;");
/// ```
pub fn escape_text(s: &str, out: &mut String) {
    let bytes = s.as_bytes();
    out.reserve(bytes.len());
    let mut written = 0;
    let mut at = 0;
    while let Some(plain) = next_special(&bytes[at..]) {
        at += plain;
        let byte = bytes[at];
        let (replacement, width) = match byte {
            0xEF if bytes[at..].starts_with("\u{feff}".as_bytes()) => ("&#65279;", 3),
            0xEF => {
                at += 3;
                continue;
            }
            _ => (REPLACEMENT[usize::from(byte)], 1),
        };
        out.push_str(&s[written..at]);
        out.push_str(replacement);
        at += width;
        written = at;
    }
    out.push_str(&s[written..]);
}

/// Appends `s` to `out` so that it can stand between double or single quotes as the value of an attribute.
///
/// The same rules as those of [`escape_text`].
///
/// ```
/// let mut out = String::from("<p title=\"");
/// frontdesk_html::escape_attr(r#"5" <wide>"#, &mut out);
/// assert_eq!(out, "<p title=\"5&quot; &lt;wide&gt;");
/// ```
pub fn escape_attr(s: &str, out: &mut String) {
    escape_text(s, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(s: &str) -> String {
        let mut out = String::new();
        escape_text(s, &mut out);
        out
    }

    #[test]
    fn runs_between_specials_stay() {
        assert_eq!(escaped(""), "");
        assert_eq!(escaped("plain"), "plain");
        assert_eq!(escaped("<"), "&lt;");
        assert_eq!(escaped("a<b>c&d\"e'f"), "a&lt;b&gt;c&amp;d&quot;e&#39;f");
        assert_eq!(escaped("é & 漢字"), "é &amp; 漢字");
    }

    #[test]
    fn what_a_parser_would_change_is_written_as_reference() {
        assert_eq!(escaped("a\r\nb\rc\nd"), "a&#13;\nb&#13;c\nd");
        assert_eq!(escaped("\u{feff}a，\u{fefe}\u{feff}"), "&#65279;a，\u{fefe}&#65279;");
        assert_eq!(escaped("a\0b"), "a\u{fffd}b");
    }
}
