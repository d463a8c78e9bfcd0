//! The tokens of SQL text, as SQLite reads it and PostgreSQL writes it: enough to find constraints in a declaration and to understand simple ones.

use std::borrow::Cow;
use std::ops::Range;

/// A token: what it is, what it says without its quotes, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token<'s> {
    pub(crate) kind: Kind,
    /// The text; of a quoted token, what is within the quotes.
    pub(crate) text: Cow<'s, str>,
    /// Where the token stands in the source, in bytes.
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes. SQLite takes it for a text where there is no such name.
    DoubleQuoted,
    /// A name in backticks or brackets.
    Quoted,
    /// A text in single quotes.
    Text,
    /// The hexadecimal digits of `x'…'`.
    Blob,
    /// A number, unsigned.
    Number,
    /// An operator or a bracket.
    Sign,
}

impl Token<'_> {
    /// Whether this is the keyword `word`, in any case, without quotes.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether this is the operator or bracket `sign`.
    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    /// Whether this can be a name.
    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::DoubleQuoted | Kind::Quoted)
    }
}

/// Splits SQL text into tokens; comments and blanks are left out. A quote or comment without an end runs to the end of
/// the text. Takes linear time and never fails: an odd character is a sign of its own.
pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let bytes = sql.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let rest = &sql[at..];
        let (kind, text, length) = match first {
            _ if first.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if rest.starts_with("--") => {
                at += rest.find('\n').map_or(rest.len(), |end| end + 1);
                continue;
            }
            b'/' if rest.starts_with("/*") => {
                at += rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
                continue;
            }
            b'\'' => quoted(rest, '\'', Kind::Text),
            b'"' => quoted(rest, '"', Kind::DoubleQuoted),
            b'`' => quoted(rest, '`', Kind::Quoted),
            // `ARRAY[…]` is a list of PostgreSQL's.
            b'[' if is_array(&tokens) => word(Kind::Sign, rest, 1),
            b'[' => {
                let inner = rest[1..].split_once(']').map_or(&rest[1..], |(inner, _)| inner);
                (Kind::Quoted, Cow::Borrowed(inner), (inner.len() + 2).min(rest.len()))
            }
            b'x' | b'X' if rest[1..].starts_with('\'') => {
                let (_, text, length) = quoted(&rest[1..], '\'', Kind::Blob);
                (Kind::Blob, text, length + 1)
            }
            b'0'..=b'9' => word(Kind::Number, rest, number_length(rest)),
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                word(Kind::Number, rest, number_length(rest))
            }
            _ if is_name_byte(first) => {
                word(Kind::Word, rest, rest.bytes().take_while(|&byte| is_name_byte(byte)).count())
            }
            _ => {
                let two = ["<=", ">=", "<>", "!=", "==", "||", "<<", ">>", "->", "::"]
                    .iter()
                    .any(|sign| rest.starts_with(sign));
                word(Kind::Sign, rest, 1 + usize::from(two))
            }
        };
        tokens.push(Token { kind, text, span: at..at + length });
        at += length;
    }
    tokens
}

/// Whether what comes next is a list's bracket.
fn is_array(tokens: &[Token<'_>]) -> bool {
    tokens.last().is_some_and(|token| token.is_word("ARRAY"))
}

/// Bytes of names; all of a letter beyond ASCII count, as they do for SQLite.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn word(kind: Kind, rest: &str, length: usize) -> (Kind, Cow<'_, str>, usize) {
    (kind, Cow::Borrowed(&rest[..length]), length)
}

/// What stands between `quote` at the start of `rest` and the next single one; two of them are one.
fn quoted(rest: &str, quote: char, kind: Kind) -> (Kind, Cow<'_, str>, usize) {
    let mut doubled = false;
    let mut from = 1;
    let end = loop {
        match rest[from..].find(quote) {
            None => break rest.len(),
            Some(at) if rest[from + at + 1..].starts_with(quote) => {
                doubled = true;
                from += at + 2;
            }
            Some(at) => break from + at,
        }
    };
    let inner = &rest[1..end];
    let quote_text = quote.encode_utf8(&mut [0; 4]).to_owned();
    let text =
        if doubled { inner.replace(&quote_text.repeat(2), &quote_text).into() } else { Cow::Borrowed(inner) };
    (kind, text, (end + 1).min(rest.len()))
}

fn number_length(rest: &str) -> usize {
    let mut before = b'0';
    rest.bytes()
        .take_while(|&byte| {
            let belongs = byte.is_ascii_alphanumeric()
                || matches!(byte, b'.' | b'_')
                || matches!((before, byte), (b'e' | b'E', b'+' | b'-'));
            before = byte;
            belongs
        })
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(sql: &str) -> Vec<(Kind, String)> {
        tokens(sql).into_iter().map(|token| (token.kind, token.text.into_owned())).collect()
    }

    #[test]
    fn quotes_of_four_kinds_and_comments() {
        use Kind::{Blob, DoubleQuoted, Number, Quoted, Sign, Text, Word};
        let sql = "\"a\"\"b\" [c]d]`e``f` 'it''s' -- 'no\n x'0F' /* \" */ >= 1.5e-3 größe.x";
        let expected = [
            (DoubleQuoted, "a\"b"),
            (Quoted, "c"),
            (Word, "d"),
            (Sign, "]"),
            (Quoted, "e`f"),
            (Text, "it's"),
            (Blob, "0F"),
            (Sign, ">="),
            (Number, "1.5e-3"),
            (Word, "größe"),
            (Sign, "."),
            (Word, "x"),
        ];
        assert_eq!(texts(sql), expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn what_has_no_end_ends_with_the_text() {
        for sql in ["'abc", "\"abc''", "[abc", "`abc", "x'ab", "/* abc", "-- abc", "'abc''"] {
            assert!(tokens(sql).len() <= 1, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_tokens(sql: String) {
            let mut end = 0;
            for token in tokens(&sql) {
                prop_assert!(token.span.start >= end && token.span.end > token.span.start);
                end = token.span.end;
                prop_assert!(sql.get(token.span).is_some());
            }
        }
    }
}
