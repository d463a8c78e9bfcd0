//! A language that shows what is not translated yet: English with accents, longer, in brackets.

use std::borrow::Cow;

/// The tag under which the pseudo-language goes.
pub(super) const TAG: &str = "en-XA";

/// The letters of a text with accents.
pub(super) fn accented(text: &str) -> Cow<'_, str> {
    text.chars().map(accent).collect::<String>().into()
}

/// The text in brackets, and by three tenths longer.
pub(super) fn bracketed(text: &str) -> String {
    let more = (text.chars().count() * 3).div_ceil(10);
    let mut out = String::with_capacity(text.len() + more + more / 10 + 3);
    out.push('[');
    out.push_str(text);
    // In words of a usual length, so that lines break as they would.
    for at in 0..more {
        if at % 10 == 0 {
            out.push(' ');
        }
        out.push('~');
    }
    out.push(']');
    out
}

fn accent(letter: char) -> char {
    const PLAIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const ACCENTED: [char; 52] = [
        'Å', 'Ɓ', 'Ç', 'Ð', 'É', 'Ƒ', 'Ĝ', 'Ĥ', 'Î', 'Ĵ', 'Ķ', 'Ļ', 'Ṁ', 'Ñ', 'Ö', 'Þ', 'Ǫ', 'Ŕ', 'Š', 'Ţ',
        'Û', 'Ṽ', 'Ŵ', 'Ẋ', 'Ý', 'Ž', 'å', 'ƀ', 'ç', 'ð', 'é', 'ƒ', 'ĝ', 'ĥ', 'î', 'ĵ', 'ķ', 'ļ', 'ɱ', 'ñ',
        'ö', 'þ', 'ǫ', 'ŕ', 'š', 'ţ', 'û', 'ṽ', 'ŵ', 'ẋ', 'ý', 'ž',
    ];
    PLAIN.find(letter).map_or(letter, |at| ACCENTED[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_another_one() {
        for letter in ('a'..='z').chain('A'..='Z') {
            assert!(!accent(letter).is_ascii(), "{letter}");
        }
        assert_eq!(accented("1, é"), "1, é");
    }

    #[test]
    fn the_text_is_at_least_three_tenths_longer() {
        for text in ["a", "Submit", "There is no such record"] {
            assert!(bracketed(text).chars().count() * 10 >= text.len() * 13, "{text}");
        }
        let long = bracketed(&"word ".repeat(50));
        assert!(long.split(' ').all(|word| word.chars().count() <= 11), "{long}");
    }
}
