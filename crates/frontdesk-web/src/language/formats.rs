//! How people of a language and region write numbers and dates. Source: Unicode CLDR.

use unic_langid::LanguageIdentifier;

/// How numbers and dates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Formats {
    pub(super) numbers: NumberStyle,
    pub(super) dates: DateStyle,
}

impl Formats {
    pub(super) fn of(language: &LanguageIdentifier) -> Self {
        Self { numbers: NumberStyle::of(language), dates: DateStyle::of(language) }
    }
}

/// The signs of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumberStyle {
    pub(super) decimal: char,
    pub(super) group: char,
    /// Whether all groups but the last have two digits: 12,34,567.
    pub(super) indian: bool,
    /// How many digits must stand before the last group: where it is 2, 1234 has no sign in it.
    pub(super) least_before_group: usize,
}

const NO_BREAK: char = '\u{a0}';
const NARROW: char = '\u{202f}';
const APOSTROPHE: char = '\u{2019}';

impl NumberStyle {
    const fn new(decimal: char, group: char, least_before_group: usize) -> Self {
        Self { decimal, group, indian: false, least_before_group }
    }

    pub(super) fn of(language: &LanguageIdentifier) -> Self {
        let region = language.region.as_ref().map_or("", |region| region.as_str());
        match (language.language.as_str(), region) {
            ("de" | "it", "CH" | "LI") => Self::new('.', APOSTROPHE, 1),
            ("de", "AT") => Self::new(',', NO_BREAK, 1),
            ("pt", "PT" | "AO" | "MZ") | ("pl" | "bg", _) => Self::new(',', NO_BREAK, 2),
            // Both the point and the comma are in use there; only what is certain is read.
            ("en", "ZA") => Self::new('.', NO_BREAK, 1),
            ("en", "IN") | ("hi" | "mr" | "gu" | "ta" | "te" | "kn" | "ml" | "pa" | "bn", _) => {
                Self { indian: true, ..Self::new('.', ',', 1) }
            }
            ("es", "MX" | "US" | "PR" | "GT" | "HN" | "NI" | "PA" | "PE" | "SV" | "DO") => {
                Self::new('.', ',', 1)
            }
            ("es" | "it" | "ca", _) => Self::new(',', '.', 2),
            ("fr", _) => Self::new(',', NARROW, 1),
            (
                "be" | "cs" | "et" | "fi" | "hu" | "kk" | "lt" | "lv" | "nb" | "nn" | "no" | "ru" | "sk"
                | "sv" | "uk",
                _,
            ) => Self::new(',', NO_BREAK, 1),
            (
                "az" | "bs" | "da" | "de" | "el" | "gl" | "hr" | "id" | "is" | "mk" | "nl" | "pt" | "ro"
                | "sl" | "sr" | "tr" | "vi",
                _,
            ) => Self::new(',', '.', 1),
            _ => Self::new('.', ',', 1),
        }
    }
}

/// What comes first in a date; the rest follows in the order day, month or month, day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Day,
    Month,
    Year,
}

/// How dates and times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DateStyle {
    pub(super) order: Order,
    pub(super) sign: char,
    /// What is read in the place of the sign too.
    pub(super) other_signs: &'static str,
    /// Whether the clock goes to twelve, with AM and PM.
    pub(super) twelve: bool,
}

/// Where English is written day first, with slashes. Elsewhere nobody can tell the day from the month.
const ENGLISH_DAY_FIRST: [&str; 18] = [
    "GB", "AU", "NZ", "IE", "IN", "SG", "HK", "MT", "KE", "NG", "GH", "UG", "TZ", "ZM", "ZW", "PK", "JM",
    "TT",
];
/// Where English has a clock to twelve.
const ENGLISH_TWELVE: [&str; 14] =
    ["US", "PH", "PR", "CA", "AU", "NZ", "IN", "SG", "HK", "PK", "JM", "TT", "ZM", "GH"];

impl DateStyle {
    const ISO: Self = Self::new(Order::Year, '-', "");

    const fn new(order: Order, sign: char, other_signs: &'static str) -> Self {
        Self { order, sign, other_signs, twelve: false }
    }

    pub(super) fn of(language: &LanguageIdentifier) -> Self {
        use Order::{Day, Month, Year};
        let region = language.region.as_ref().map_or("", |region| region.as_str());
        match (language.language.as_str(), region) {
            ("en", region) => {
                let style = match region {
                    "US" | "PH" | "PR" => Self::new(Month, '/', "-"),
                    "ZA" => Self::new(Year, '/', ""),
                    _ if ENGLISH_DAY_FIRST.contains(&region) => Self::new(Day, '/', ".-"),
                    _ => Self::ISO,
                };
                Self { twelve: ENGLISH_TWELVE.contains(&region), ..style }
            }
            // Both orders are in use.
            ("es", "US" | "PR" | "PA") | ("fr", "CA") => Self::ISO,
            ("fr" | "it", "CH") => Self::new(Day, '.', ""),
            ("pt" | "es" | "fr" | "it" | "el" | "ca" | "gl" | "vi" | "id" | "ms", _) => {
                Self::new(Day, '/', ".-")
            }
            ("nl", _) => Self::new(Day, '-', "/."),
            (
                "az" | "be" | "bg" | "bs" | "cs" | "da" | "de" | "et" | "fi" | "hr" | "is" | "kk" | "lv"
                | "mk" | "nb" | "nn" | "no" | "pl" | "ro" | "ru" | "sk" | "sl" | "sr" | "tr" | "uk",
                _,
            ) => Self::new(Day, '.', ""),
            ("zh" | "ja", _) => Self::new(Year, '/', "."),
            _ => Self::ISO,
        }
    }
}

/// The regions of a language that differ in how they write.
pub(super) fn regions(language: &str) -> &'static [&'static str] {
    match language {
        "en" => &[
            "US", "GB", "AU", "CA", "IE", "IN", "NZ", "ZA", "PH", "PR", "SG", "HK", "MT", "KE", "NG", "GH",
            "UG", "TZ", "ZM", "ZW", "PK", "JM", "TT",
        ],
        "de" => &["DE", "AT", "CH", "LI", "LU", "BE"],
        "pt" => &["BR", "PT", "AO", "MZ"],
        "es" => &["ES", "MX", "US", "PR", "GT", "HN", "NI", "PA", "PE", "SV", "DO", "AR", "CL", "CO"],
        "fr" => &["FR", "CH", "CA", "BE", "LU"],
        "it" => &["IT", "CH"],
        "nl" => &["NL", "BE"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_without_a_region_has_no_order_of_its_own() {
        for tag in ["en", "en-CA", "en-XX", "tlh"] {
            assert_eq!(DateStyle::of(&tag.parse().unwrap()).order, Order::Year, "{tag}");
        }
    }

    #[test]
    fn no_sign_of_a_number_stands_for_two_things() {
        for language in ["en", "de", "pt", "es", "fr", "it", "nl", "pl", "hi", "xx"] {
            for region in [""].iter().chain(regions(language)) {
                let tag = format!("{language}-{region}");
                let style = NumberStyle::of(&tag.trim_end_matches('-').parse().unwrap());
                assert_ne!(style.decimal, style.group, "{tag}");
            }
        }
    }
}
