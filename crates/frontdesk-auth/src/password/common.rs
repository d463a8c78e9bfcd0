//! Passwords that many people choose.

use std::collections::HashSet;
use std::sync::LazyLock;

/// One a line, lower case, sorted. `scripts/common-passwords` makes it, and says of what.
const LIST: &str = include_str!("common.txt");

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| LIST.lines().collect());

/// The keys that stand side by side, in the rows of the usual keyboards.
const ROWS: [&str; 9] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "abcdefghijklmnopqrstuvwxyz",
];

/// Whether a password, in lower case, is one that many people choose: one of the list, also with letters written as digits
/// or with digits and signs behind it; the same few characters again and again; rows of keys.
pub(super) fn is_common(folded: &str) -> bool {
    let plain = unleet(folded);
    let is_listed = |text: &str| COMMON.contains(text);
    let bare = |text: &str| -> String {
        text.trim_end_matches(|letter: char| !letter.is_alphabetic())
            .trim_start_matches(|letter: char| !letter.is_alphabetic())
            .to_owned()
    };
    let together: String = folded.chars().filter(|letter| letter.is_alphanumeric()).collect();
    is_listed(folded)
        || is_listed(&plain)
        || is_listed(&together)
        || is_listed(&bare(folded))
        || is_listed(&bare(&plain))
        || is_listed(&bare(&together))
        || is_repetition(&together)
        || is_repetition(&bare(folded))
        || is_rows_of_keys(&together)
        || folded.chars().all(|letter| !letter.is_alphanumeric() && letter.is_ascii())
}

/// With letters where signs stand for them.
fn unleet(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '@' | '4' => 'a',
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '$' | '5' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

/// Whether it is nothing but one short text, again and again: at most six characters, or a word of the list.
fn is_repetition(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let repeats = |length: usize| {
        letters
            .iter()
            .zip(letters.iter().cycle().skip(length))
            .take(letters.len() - length)
            .all(|(a, b)| a == b)
    };
    if letters.len() < 8 {
        return false;
    }
    (1..=6).any(repeats)
        || (7..=letters.len() / 2)
            .any(|length| repeats(length) && COMMON.contains(&*letters[..length].iter().collect::<String>()))
}

/// Whether neighbours on the keyboard, or in the alphabet, make up nearly all of it.
fn is_rows_of_keys(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() < 8 {
        return false;
    }
    let neighbours = |a: char, b: char| {
        a == b
            || ROWS.iter().any(|row| {
                let at = |letter| row.chars().position(|known| known == letter);
                matches!((at(a), at(b)), (Some(a), Some(b)) if a.abs_diff(b) == 1)
            })
    };
    let steps = letters.windows(2).filter(|pair| neighbours(pair[0], pair[1])).count();
    // One step in five may be one to another row.
    steps * 5 >= (letters.len() - 1) * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_04_the_list_is_long_enough_and_in_order() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert!(lines.is_sorted() && lines.iter().all(|line| line.chars().count() >= 8));
        assert!(lines.iter().filter(|line| line.chars().count() >= 15).count() >= 3000);
        assert!(lines.iter().all(|line| is_common(line)));
        assert!(lines.iter().all(|line| *line == line.to_lowercase()));
    }

    #[test]
    fn sentences_are_not_common() {
        for text in [
            "lamps drift over quiet harbours",
            "zyphlornquist vabe umdrek",
            "mein hund heißt pünktchen 7",
            "tres tristes tigres tragaban",
            "x7#qvw0-zzap!k2mmn",
            "3f9c1b7e2a8d4c6f",
        ] {
            assert!(!is_common(text), "{text}");
        }
    }
}
