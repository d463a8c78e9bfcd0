use super::policy::Policy;
use super::token::{Token, Tokens};

/// HTML with more tags than this is not sanitized. Rich text of a megabyte has fewer.
const MAX_TAGS: usize = 20_000;
/// Elements within elements; deeper ones are dropped, their text stays.
const MAX_DEPTH: usize = 100;
const MAX_FORMATTING: usize = 16;
/// HTML parsers compare each attribute of a tag with those before it.
const MAX_ATTRIBUTES: usize = 64;
/// Longer values, in bytes, are dropped with their attribute.
const MAX_VALUE: usize = 4096;

const VOID: [&str; 6] = ["area", "br", "col", "hr", "img", "wbr"];

/// Elements that a parser opens again in the next block until they are closed.
const FORMATTING: [&str; 13] =
    ["a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"];

/// Whether the text has nothing that `policy` forbids.
pub(super) fn is_safe(text: &str, policy: &Policy) -> bool {
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(_) | Token::Comment => {}
            Token::Odd => return false,
            Token::End(name) | Token::Start(name) => {
                let tag = policy.tag(name);
                if tag.is_none() && !policy.tolerates(name) {
                    return false;
                }
                let is_start = matches!(token, Token::Start(_));
                if is_start
                    && !tokens.attributes().iter().all(|(name, value)| policy.allows(tag, name, value))
                {
                    return false;
                }
            }
        }
    }
    true
}

/// The text with only allowed tags and attributes, every element closed where it was opened, and nesting bounded;
/// nothing if there are too many tags. What comes of it is to be [`undisguised`].
///
/// This is not what makes it safe: the sanitizer behind it does. But an HTML parser takes quadratic time and memory for
/// unclosed elements, and megabytes of hostile input would make it take all there is.
pub(super) fn prune(text: &str, policy: &Policy) -> Option<String> {
    let mut pruned = Pruned { out: String::with_capacity(text.len()), open: Vec::new() };
    let mut tokens = Tokens::new(text);
    let mut tags = 0;
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => pruned.text(text),
            Token::Comment | Token::Odd => {}
            Token::Start(name) => {
                tags += 1;
                match policy.tag(name) {
                    Some(tag) => pruned.start(tag, tokens.attributes(), policy),
                    None => tokens.skip_raw_text(name),
                }
            }
            Token::End(name) => {
                tags += 1;
                if let Some(tag) = policy.tag(name) {
                    pruned.end(tag);
                }
            }
        }
        if tags > MAX_TAGS {
            return None;
        }
    }
    while let Some(tag) = pruned.open.last().copied() {
        pruned.end(tag);
    }
    Some(pruned.out)
}

struct Pruned {
    out: String,
    open: Vec<&'static str>,
}

/// The serializer takes quadratic time for a text with many `&`, or many characters from U+0080 to U+00BF, and the
/// parser for carriage returns. In a text, not in an attribute, these are no danger, so they pass in disguise: as
/// characters for private use, which [`undisguised`] turns back.
const DISGUISE: u32 = 0xF_0000;

fn disguised(c: char) -> char {
    match c {
        '&' | '\u{80}'..='\u{bf}' => {
            char::from_u32(DISGUISE + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ if is_disguise(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// Whether a character could be taken for one in disguise.
pub(super) fn is_disguise(c: char) -> bool {
    matches!(c, '\u{f0000}'..='\u{f00ff}')
}

/// The sanitized text with what [`prune`] disguised.
pub(super) fn undisguised(text: &str) -> String {
    let undisguise = |c: char| match u32::from(c).checked_sub(DISGUISE) {
        Some(code @ (0x26 | 0x80..=0xbf)) => char::from_u32(code).unwrap_or(c),
        _ => c,
    };
    text.chars().map(undisguise).collect()
}

impl Pruned {
    fn text(&mut self, text: &str) {
        // Escaped, lest it meets the rest of a tag when what was between them is gone.
        let text = if text == "<" { "&lt;" } else { text };
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\0' => {}
                '\r' if chars.peek() == Some(&'\n') => {}
                '\r' => self.out.push('\n'),
                c => self.out.push(disguised(c)),
            }
        }
    }

    fn start(&mut self, tag: &'static str, attributes: &[(&str, &str)], policy: &Policy) {
        while let Some(last) = self.open.last().copied().filter(|last| ends_before(last, tag)) {
            self.end(last);
        }
        let is_void = VOID.contains(&tag);
        if !is_void {
            let formatting = self.open.iter().filter(|open| FORMATTING.contains(open)).count();
            if self.open.len() >= MAX_DEPTH || (FORMATTING.contains(&tag) && formatting >= MAX_FORMATTING) {
                return;
            }
            self.open.push(tag);
        }
        self.out.push('<');
        self.out.push_str(tag);
        let allowed = attributes
            .iter()
            .filter(|(name, value)| value.len() <= MAX_VALUE && policy.allows_name(Some(tag), name));
        for (name, value) in allowed.take(MAX_ATTRIBUTES) {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            for part in value.split_inclusive('"') {
                match part.strip_suffix('"') {
                    Some(part) => {
                        self.out.push_str(part);
                        self.out.push_str("&quot;");
                    }
                    None => self.out.push_str(part),
                }
            }
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// Closes the innermost open element of that name, and those within it.
    fn end(&mut self, tag: &str) {
        let Some(at) = self.open.iter().rposition(|open| *open == tag) else { return };
        for open in self.open.drain(at..).rev() {
            self.out.push_str("</");
            self.out.push_str(open);
            self.out.push('>');
        }
    }
}

/// Whether `open` ends where `next` begins, as a person writes lists and paragraphs.
fn ends_before(open: &str, next: &str) -> bool {
    match open {
        "p" => next == "p",
        "li" => next == "li",
        "dt" | "dd" => matches!(next, "dt" | "dd"),
        "td" | "th" => matches!(next, "td" | "th" | "tr" | "tbody" | "thead" | "tfoot"),
        "tr" => matches!(next, "tr" | "tbody" | "thead" | "tfoot"),
        "tbody" | "thead" | "tfoot" => matches!(next, "tbody" | "thead" | "tfoot"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::STANDARD;
    use super::*;

    #[test]
    fn what_is_left_is_nested_well() {
        for (text, pruned) in [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<B>a<i>b</B>c</i>", "<b>a<i>b</i></b>c"),
            ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
            ("<script>a<b></script>c", "c"),
            ("<img src='a\"b' onerror=x>", "<img src=\"a&quot;b\">"),
            ("<<x>script>", "&lt;script>"),
            ("</b><br><br/>", "<br><br>"),
            ("a<!-- b -->c", "ac"),
            ("<svg><b>x", "<b>x</b>"),
            ("<plaintext><b>x", ""),
            ("a & b &copy; \u{a0}¿\r\n\r\0", "a & b &copy; \u{a0}¿\n\n"),
            ("\u{f0026}\u{f003c}", "\u{fffd}\u{fffd}"),
        ] {
            let found = prune(text, &STANDARD).map(|pruned| undisguised(&pruned));
            assert_eq!(found.as_deref(), Some(pruned), "{text}");
        }
    }

    #[test]
    fn nesting_and_number_are_bounded() {
        let deep = prune(&"<div>".repeat(500), &STANDARD).unwrap();
        assert_eq!(deep.matches("<div>").count(), MAX_DEPTH);
        let formatted = prune(&format!("{}x", "<b>".repeat(500)), &STANDARD).unwrap();
        assert_eq!(formatted.matches("<b>").count(), MAX_FORMATTING);
        assert!(prune(&"<br>".repeat(MAX_TAGS + 1), &STANDARD).is_none());
    }
}
