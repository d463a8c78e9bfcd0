//! `?` in SQL text as PostgreSQL writes it: `$1`, `$2`, …

use std::fmt::Write;

/// The text with `$1`, `$2`, … for each `?` outside of quotes and comments. `??` is the operator `?`.
pub(super) fn numbered(sql: &str) -> String {
    rewritten(sql, |rest, number, out| {
        if let Some(after) = rest.strip_prefix("??") {
            out.push('?');
            return Some(after);
        }
        let after = rest.strip_prefix('?')?;
        *number += 1;
        // Writing to a String cannot fail.
        let _ = write!(out, "${number}");
        Some(after)
    })
}

/// The inverse, for a condition that sea-query has numbered in the order of its values.
pub(crate) fn unnumbered(sql: &str) -> String {
    rewritten(sql, |rest, _, out| {
        if let Some(after) = rest.strip_prefix('?') {
            out.push_str("??");
            return Some(after);
        }
        let digits = rest.strip_prefix('$')?;
        let after = digits.trim_start_matches(|digit: char| digit.is_ascii_digit());
        (after.len() < digits.len()).then(|| {
            out.push('?');
            after
        })
    })
}

/// Copies the text, and gives `replace` what follows outside of quotes and comments; it tells what is left where it has
/// put something else.
fn rewritten<'s>(
    sql: &'s str,
    mut replace: impl FnMut(&'s str, &mut usize, &mut String) -> Option<&'s str>,
) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    let mut number = 0;
    // Whether the letter before belongs to a name: the `$` in `a$b$` begins no quote.
    let mut in_name = false;
    while let Some(first) = rest.chars().next() {
        let quoted = match first {
            '\'' => {
                let escapes = in_name && out.ends_with(['e', 'E']) && !is_name_before(&out);
                Some(quoted(rest, '\'', escapes))
            }
            '"' => Some(quoted(rest, '"', false)),
            '-' if rest.starts_with("--") => Some(rest.find('\n').map_or(rest.len(), |end| end + 1)),
            '/' if rest.starts_with("/*") => Some(comment(rest)),
            '$' if !in_name => dollars(rest),
            _ => None,
        };
        if let Some(length) = quoted {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            in_name = false;
        } else if let Some(after) = replace(rest, &mut number, &mut out) {
            rest = after;
            in_name = false;
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            in_name = is_of_name(first);
        }
    }
    out
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// Whether the last letter ends a longer name: `type'…'` is no `E'…'`.
fn is_name_before(out: &str) -> bool {
    out.chars().rev().nth(1).is_some_and(is_of_name)
}

/// The length of what is quoted, its quotes with it; to the end where there is no second one.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && escapes {
            letters.next();
        } else if letter == quote {
            match letters.next_if(|(_, next)| *next == quote) {
                Some(_) => {}
                None => return at + 1,
            }
        }
    }
    text.len()
}

/// The length of a comment, which may hold comments.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of `$tag$ … $tag$`; `None` if this begins none.
fn dollars(text: &str) -> Option<usize> {
    let tag = text[1..].find('$').map(|end| &text[..end + 2])?;
    let name = &tag[1..tag.len() - 1];
    if name.starts_with(|first: char| first.is_ascii_digit())
        || !name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    {
        return None;
    }
    let after = &text[tag.len()..];
    Some(after.find(tag).map_or(text.len(), |end| tag.len() + end + tag.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn question_marks_are_numbered_outside_of_quotes() {
        for (sql, numbers) in [
            ("SELECT ? + ?", "SELECT $1 + $2"),
            ("SELECT '?', \"?\", ?", "SELECT '?', \"?\", $1"),
            ("SELECT 'it''s ?', ?", "SELECT 'it''s ?', $1"),
            (r"SELECT E'\'?', ?", r"SELECT E'\'?', $1"),
            (r"SELECT '\', ?", r"SELECT '\', $1"),
            (r"SELECT type'\', ?", r"SELECT type'\', $1"),
            ("SELECT ? -- why?\n, ?", "SELECT $1 -- why?\n, $2"),
            ("SELECT /* ? /* ? */ ? */ ?", "SELECT /* ? /* ? */ ? */ $1"),
            ("SELECT $$ ? $$, $a$ ? $$ ? $a$, ?", "SELECT $$ ? $$, $a$ ? $$ ? $a$, $1"),
            ("SELECT a$b$ ? $b$", "SELECT a$b$ $1 $b$"),
            ("SELECT a ?? 'b', ?", "SELECT a ? 'b', $1"),
            ("SELECT '?", "SELECT '?"),
            ("SELECT $é$?$é$ ?", "SELECT $é$?$é$ $1"),
        ] {
            assert_eq!(numbered(sql), numbers);
        }
        assert_eq!(unnumbered("a ? 'b' AND \"$1\" = $1 AND c = $2"), "a ?? 'b' AND \"$1\" = ? AND c = ?");
    }

    proptest! {
        #[test]
        fn any_text_is_read(sql in "[?'\"$a1e\\\\ /*é-]{0,40}") {
            let _ = unnumbered(&numbered(&sql));
        }
    }
}
