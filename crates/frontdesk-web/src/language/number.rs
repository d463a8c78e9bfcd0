//! Numbers as people write them, and as programs do.

use std::borrow::Cow;

use super::formats::NumberStyle;

/// No number that anyone types is longer.
const MAX: usize = 400;

impl NumberStyle {
    /// The number that `text` stands for, as programs write it. What they could have written stays as it is.
    pub(super) fn read<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let text = text.trim();
        if is_plain(text) { Some(text.into()) } else { self.read_own(text, false).map(Cow::Owned) }
    }

    /// As [`read`](Self::read) for whole numbers, in which a decimal point can only be the sign of a group.
    pub(super) fn read_integer<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let text = text.trim();
        let is_plain = all_digits(text.strip_prefix(['-', '+']).unwrap_or(text));
        if is_plain { Some(text.into()) } else { self.read_own(text, true).map(Cow::Owned) }
    }

    fn read_own(&self, text: &str, whole_only: bool) -> Option<String> {
        if text.is_empty() || text.len() > MAX {
            return None;
        }
        let text: Cow<'_, str> = if text.is_ascii() {
            text.into()
        } else {
            text.chars().map(|letter| self.western(letter)).collect()
        };
        let (minus, text) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest.trim_start()),
            None => (false, &*text),
        };
        let (text, exponent) = match text.find(['e', 'E']) {
            Some(at) if !whole_only => (&text[..at], Some(&text[at + 1..])),
            _ => (text, None),
        };
        if exponent.is_some_and(|digits| !all_digits(digits.strip_prefix(['-', '+']).unwrap_or(digits))) {
            return None;
        }
        let (whole, fraction) = match text.split_once(self.decimal) {
            Some(_) if whole_only => return None,
            Some((whole, fraction)) if all_digits(fraction) => (whole, Some(fraction)),
            Some(_) => return None,
            None => (text, None),
        };
        let mut out = String::with_capacity(text.len() + 2);
        if minus {
            out.push('-');
        }
        match (whole, fraction) {
            ("", Some(_)) => out.push('0'),
            _ if all_digits(whole) => out.push_str(whole),
            _ => self.join_groups(whole, &mut out)?,
        }
        if let Some(fraction) = fraction {
            out.push('.');
            out.push_str(fraction);
        }
        if let Some(exponent) = exponent {
            out.push('e');
            out.push_str(exponent);
        }
        Some(out)
    }

    /// Joins the groups of digits of `whole`, which are all parted by the same sign.
    fn join_groups(&self, whole: &str, out: &mut String) -> Option<()> {
        let sign = whole.chars().find(|letter| !letter.is_ascii_digit())?;
        // A space parts groups and nothing else, in every language.
        if sign != ' ' && sign != self.group {
            return None;
        }
        let count = whole.split(sign).count();
        for (index, group) in whole.split(sign).enumerate() {
            let fits = match count - index {
                _ if !all_digits(group) => false,
                1 => group.len() == 3,
                _ if index == 0 => group.len() <= 3 && !group.starts_with('0'),
                _ => group.len() == 3 || self.indian && group.len() == 2,
            };
            if !fits {
                return None;
            }
            out.push_str(group);
        }
        Some(())
    }

    /// A digit or sign of other scripts as the one it stands for; all spaces as one, all apostrophes as this style's.
    fn western(&self, letter: char) -> char {
        let digit = |zero: char| char::from_digit(letter as u32 - zero as u32, 10).unwrap_or(letter);
        match letter {
            '\u{660}'..='\u{669}' => digit('\u{660}'),
            '\u{6f0}'..='\u{6f9}' => digit('\u{6f0}'),
            '\u{966}'..='\u{96f}' => digit('\u{966}'),
            '\u{ff10}'..='\u{ff19}' => digit('\u{ff10}'),
            '\u{66b}' => self.decimal,
            '\u{66c}' => self.group,
            '\u{2212}' | '\u{ff0d}' => '-',
            '\u{ff0e}' => '.',
            '\u{ff0c}' => ',',
            _ if letter.is_whitespace() => ' ',
            _ => letter,
        }
    }

    /// A number in the language's way, without signs of groups: as an input shows it. What is none stays.
    pub(super) fn write_input<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.decimal == '.' || !text.contains('.') || !is_plain(text) {
            return text.into();
        }
        text.replace('.', self.decimal.encode_utf8(&mut [0; 4])).into()
    }

    /// A number in a sentence: groups are parted from five digits on, so that years and the like stay as they are.
    pub(super) fn write_in_text(&self, text: &str) -> String {
        self.write(text, self.least_before_group.max(2))
    }

    /// A number with groups parted where at least so many digits come before the last one. What is none stays.
    pub(super) fn write(&self, text: &str, least_before_group: usize) -> String {
        if !is_plain(text) {
            return text.to_owned();
        }
        let sign = text.len() - text.trim_start_matches(['-', '+']).len();
        let end = text.find(['.', 'e', 'E']).unwrap_or(text.len());
        let whole = &text[sign..end];
        let mut out = String::with_capacity(text.len() + 8);
        out.push_str(&text[..sign]);
        let parted = whole.len() >= least_before_group.saturating_add(3);
        for (index, digit) in whole.char_indices() {
            let left = whole.len() - index;
            let at_group =
                if self.indian { left == 3 || left > 3 && left % 2 == 1 } else { left.is_multiple_of(3) };
            if parted && index > 0 && at_group {
                out.push(self.group);
            }
            out.push(digit);
        }
        out.extend(text[end..].chars().map(|letter| if letter == '.' { self.decimal } else { letter }));
        out
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` is a number as programs write it: `-1234.5`, `1e21`.
fn is_plain(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let is_number = match mantissa.split_once('.') {
        None => all_digits(mantissa),
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && (fraction.is_empty() || all_digits(fraction)),
    };
    is_number && exponent.is_none_or(|digits| all_digits(digits.strip_prefix(['-', '+']).unwrap_or(digits)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn style(tag: &str) -> NumberStyle {
        NumberStyle::of(&tag.parse().unwrap())
    }

    #[test]
    fn form_18_numbers_are_read_in_the_language_s_way() {
        for (tag, text, plain) in [
            ("de", "1.234,5", Some("1234.5")),
            ("de", "1.234.567", Some("1234567")),
            ("de", "1,5", Some("1.5")),
            ("de", ",5", Some("0.5")),
            ("de", "-1,5", Some("-1.5")),
            ("de", "\u{2212}1,5", Some("-1.5")),
            ("de", "+1,5", Some("1.5")),
            ("de", "1 234,5", Some("1234.5")),
            ("de", "1\u{202f}234,5", Some("1234.5")),
            ("de", "1,5e3", Some("1.5e3")),
            ("pt", "1.234,5", Some("1234.5")),
            ("pt-PT", "12\u{a0}345,5", Some("12345.5")),
            ("en", "1,234.5", Some("1234.5")),
            ("en", "1,234", Some("1234")),
            ("en-IN", "12,34,567.5", Some("1234567.5")),
            ("de-CH", "1\u{2019}234.5", Some("1234.5")),
            ("de-AT", "1\u{a0}234,5", Some("1234.5")),
            ("fr", "1\u{202f}234,5", Some("1234.5")),
            ("ja", "１２３.５", Some("123.5")),
            ("ar", "١٢٣٫٥", Some("123.5")),
            // Programs' way wins where both ways would do.
            ("de", "1.234", Some("1.234")),
            ("de", "1.5", Some("1.5")),
            // No guesses.
            ("en", "1,5", None),
            ("en", "1,23,456", None),
            ("en", "1.234,5", None),
            ("de", "1,234.5", None),
            ("de", "1.23.456", None),
            ("de", "1.2345,6", None),
            ("de", "0.123.456", None),
            ("de", "1,5,5", None),
            ("de", "1..234,5", None),
            ("de", "1.234 567,5", None),
            ("de", "1,", None),
            ("de", ",", None),
            ("de", "", None),
            ("de", "-", None),
            ("de", "1,5e", None),
            ("de", "zwölf", None),
            ("de", "12 €", None),
        ] {
            assert_eq!(style(tag).read(text).as_deref(), plain, "{text} in {tag}");
        }
    }

    #[test]
    fn in_a_whole_number_a_point_parts_groups() {
        for (tag, text, plain) in [
            ("de", "1.234", Some("1234")),
            ("de", "1234", Some("1234")),
            ("de", " -12 ", Some("-12")),
            ("en", "1,234", Some("1234")),
            ("de", "1.5", None),
            ("de", "1,0", None),
            ("en", "1.234", None),
            ("de-CH", "1.234", None),
            ("de", "1e3", None),
        ] {
            assert_eq!(style(tag).read_integer(text).as_deref(), plain, "{text} in {tag}");
        }
    }

    #[test]
    fn numbers_are_written_in_the_language_s_way() {
        let shown = |tag: &str, text: &str| style(tag).write(text, style(tag).least_before_group);
        assert_eq!(shown("de", "1234567.25"), "1.234.567,25");
        assert_eq!(shown("en", "-1234.5"), "-1,234.5");
        assert_eq!(shown("en-IN", "1234567"), "12,34,567");
        assert_eq!(shown("pt-PT", "1234"), "1234");
        assert_eq!(shown("pt-PT", "12345"), "12\u{a0}345");
        assert_eq!(shown("de", "1.5e21"), "1,5e21");
        assert_eq!(shown("de", "n/a"), "n/a");
        assert_eq!(style("de").write_in_text("2100"), "2100");
        assert_eq!(style("de").write_in_text("10000"), "10.000");
        assert_eq!(style("de").write_input("1234.5"), "1234,5");
        assert_eq!(style("de").write_input("1.2.3"), "1.2.3");
    }

    const TAGS: [&str; 10] = ["en", "de", "pt", "de-CH", "de-AT", "fr", "pt-PT", "en-IN", "es", "pl"];

    proptest! {
        #[test]
        fn what_an_input_shows_reads_back(number in "[-]?[0-9]{1,20}(\\.[0-9]{1,9})?(e-?[0-9]{1,3})?", tag in 0..TAGS.len()) {
            let style = style(TAGS[tag]);
            let shown = style.write_input(&number);
            prop_assert_eq!(style.read(&shown), Some((&*number).into()));
            prop_assert_eq!(style.read(&number), Some((&*number).into()));
        }

        #[test]
        fn what_is_shown_with_groups_reads_back_as_a_whole_number(number in "-?[1-9][0-9]{0,20}", tag in 0..TAGS.len()) {
            let style = style(TAGS[tag]);
            let shown = style.write(&number, style.least_before_group);
            prop_assert_eq!(style.read_integer(&shown), Some((&*number).into()));
        }

        #[test]
        fn reading_never_panics_and_gives_numbers_only(text in "[-+ .,'\u{2019}\u{a0}0-9eE\u{660}]{0,20}|\\PC*", tag in 0..TAGS.len()) {
            let style = style(TAGS[tag]);
            if let Some(number) = style.read(&text) {
                prop_assert!(number.trim_end_matches('.').parse::<f64>().is_ok(), "{}", number);
            }
            if let Some(number) = style.read_integer(&text) {
                let digits = number.trim_start_matches(['-', '+']);
                prop_assert!(!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
