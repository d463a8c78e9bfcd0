//! Expressions that mean the same in browsers, in JSON Schema and here.
//!
//! What is written here uses only what JavaScript reads the same with its flags `u` and `v`: characters above all by
//! their number, no class by its name, no shorthand.

use std::fmt::Write;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use crate::{Pattern, Place};

/// Unicode's `White_Space`: what [`str::trim`] takes away. A class in brackets.
pub(crate) const WHITE_SPACE: &str = r"[\t-\r \x85\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]";

/// Any text.
const ANYTHING: &str = r"[\s\S]*";

/// Longer expressions are not worth their place in a page.
const MAX_LENGTH: usize = 1000;

/// Classes of more ranges than this are widened to all that is not ASCII, besides what of ASCII they hold.
const MAX_RANGES: usize = 8;

/// Browsers try and turn back. Each repetition without an end may take the length of the text for a factor, so that few are
/// allowed.
const MAX_REPETITIONS: usize = 6;

/// An expression for whole texts that matches what `pattern` matches at `place`, and perhaps more, but never less.
///
/// It may match more where the expression knows letters of all scripts, since browsers may know an older Unicode, and
/// where it asks for the boundary of a word. `None` where nothing can be said: look-around, and many repetitions or
/// repetitions in repetitions, which browsers can take forever to match.
pub(crate) fn whole(pattern: &Pattern, place: Place) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(&pattern.linear_source()?).ok()?;
    if repetitions(&hir) > MAX_REPETITIONS {
        return None;
    }
    let mut out = String::new();
    if place == Place::Anywhere {
        out.push_str(ANYTHING);
    }
    out.push_str("(?:");
    write(&hir, false, &mut out)?;
    out.push(')');
    if place != Place::Whole {
        out.push_str(ANYTHING);
    }
    Some(out)
}

fn is_many(max: Option<u32>) -> bool {
    max.is_none_or(|max| max > 16)
}

/// How many repetitions have no end, or a late one.
fn repetitions(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Repetition(Repetition { max, sub, .. }) => usize::from(is_many(*max)) + repetitions(sub),
        HirKind::Capture(capture) => repetitions(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(repetitions).sum(),
        HirKind::Alternation(parts) => parts.iter().map(repetitions).max().unwrap_or(0),
        _ => 0,
    }
}

fn write(hir: &Hir, repeated: bool, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok()?.chars().for_each(|c| character(c, out));
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges: Vec<_> = class.iter().map(|range| (range.start(), range.end())).collect();
            write_class(&ranges, out);
        }
        HirKind::Class(Class::Bytes(class)) => {
            if !class.is_ascii() {
                return None;
            }
            let ranges: Vec<_> =
                class.iter().map(|range| (range.start().into(), range.end().into())).collect();
            write_class(&ranges, out);
        }
        HirKind::Look(look) => match look {
            Look::Start => out.push('^'),
            Look::End => out.push('$'),
            Look::StartLF => out.push_str(r"(?<![^\n])"),
            Look::EndLF => out.push_str(r"(?![^\n])"),
            // Asking less is allowed.
            _ => {}
        },
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let many = is_many(*max);
            if many && repeated {
                return None;
            }
            out.push_str("(?:");
            write(sub, many, out)?;
            out.push(')');
            // Writing to a String cannot fail.
            let _ = match (min, max) {
                (0, None) => out.write_char('*'),
                (1, None) => out.write_char('+'),
                (0, Some(1)) => out.write_char('?'),
                (min, None) => write!(out, "{{{min},}}"),
                (min, Some(max)) if min == max => write!(out, "{{{min}}}"),
                (min, Some(max)) => write!(out, "{{{min},{max}}}"),
            };
        }
        HirKind::Capture(capture) => {
            out.push_str("(?:");
            write(&capture.sub, repeated, out)?;
            out.push(')');
        }
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, repeated, out)?;
            }
        }
        HirKind::Alternation(parts) => {
            out.push_str("(?:");
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                write(part, repeated, out)?;
            }
            out.push(')');
        }
    }
    (out.len() <= MAX_LENGTH).then_some(())
}

fn write_class(ranges: &[(char, char)], out: &mut String) {
    if ranges.is_empty() {
        // Matches nothing.
        out.push_str(r"[^\s\S]");
        return;
    }
    out.push('[');
    let widened = ranges.len() > MAX_RANGES && !ranges[ranges.len() - 1].1.is_ascii();
    for &(start, end) in ranges {
        if widened && !start.is_ascii() {
            break;
        }
        let end = if widened && !end.is_ascii() { '\x7f' } else { end };
        character(start, out);
        if start < end {
            out.push('-');
            character(end, out);
        }
    }
    if widened {
        out.push_str(r"\x80-\u{10FFFF}");
    }
    out.push(']');
}

/// Writes a character so that it stands for itself, in a class and outside.
pub(crate) fn character(c: char, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match c {
        _ if c.is_ascii_alphanumeric() || c == '_' => out.write_char(c),
        '\0'..='\u{ff}' => write!(out, "\\x{:02X}", u32::from(c)),
        '\u{100}'..='\u{ffff}' => write!(out, "\\u{:04X}", u32::from(c)),
        _ => write!(out, "\\u{{{:X}}}", u32::from(c)),
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lowered(source: &str, place: Place) -> Option<String> {
        whole(&Pattern::new(source).unwrap(), place)
    }

    #[test]
    fn an_expression_is_said_in_the_common_dialect() {
        assert_eq!(
            lowered(r"^\d{5}(-\d{4})?$", Place::Start).as_deref(),
            Some(r"(?:^(?:[0-9\x80-\u{10FFFF}]){5}(?:(?:\x2D(?:[0-9\x80-\u{10FFFF}]){4}))?$)[\s\S]*")
        );
        assert_eq!(lowered("(?i)ab", Place::Whole).as_deref(), Some("(?:[Aa][Bb])"));
        assert_eq!(lowered("a|b", Place::Anywhere).as_deref(), Some(r"[\s\S]*(?:[a-b])[\s\S]*"));
    }

    #[test]
    fn what_browsers_could_hang_on_is_not_said() {
        for source in ["(a+)+$", "(?:a*b*)*", r"((a{1,99}){2,})x", r"(?=a)b", ".*a.*b.*c.*d.*e.*f.*"] {
            assert_eq!(lowered(source, Place::Whole), None, "{source}");
        }
        assert!(lowered("[a-z]{1,9}([.][a-z]{1,9})+", Place::Whole).is_some());
    }

    proptest! {
        #[test]
        fn form_14_what_the_server_matches_the_lowered_expression_matches(
            source in prop::sample::select(vec![
                r"\d+", r"^\d{5}(-\d{4})?$", r"(?i)[a-k]+ß?", r"\w\b.", "[^a-c]*", "a|bc|", "(?m)^a$", r"\S+@\S+", r"é\s", "(?s).x", "[[:alpha:]]+$", r"\p{Greek}{2}",
            ]),
            text in "[a-kA-K0-9 @ßéαΩ\n.x-]{0,8}|\\PC{0,4}",
            place in prop::sample::select(vec![Place::Anywhere, Place::Start, Place::Whole]),
        ) {
            let pattern = Pattern::new(source).unwrap();
            let common = whole(&pattern, place).unwrap();
            // It must be an expression to this engine too. Here `$` is the end, as in browsers.
            let browser = fancy_regex::Regex::new(&format!("^(?:{common})$")).unwrap();
            if pattern.is_match(place, &text).unwrap() {
                prop_assert!(browser.is_match(&text).unwrap(), "{} {:?}", common, text);
            } else if !common.contains("10FFFF") && !source.contains(r"\b") {
                prop_assert!(!browser.is_match(&text).unwrap(), "{} {:?}", common, text);
            }
        }
    }
}
