//! Dates and times in a format such as `%d.%m.%Y`: reading as Python's `strptime` does, and writing.

use std::fmt::Write;

use jiff::civil::{Date, DateTime, date};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The moment that stands for the format in messages: Dr King's speech, as in the documentation.
const SAMPLE: DateTime = date(1963, 8, 28).at(14, 30, 59, 0);

/// Why a format for dates is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateFormatError {
    /// The format has a directive that is not known.
    #[error("has the unknown directive `%{0}`; known are %Y %y %m %b %B %d %H %I %p %M %S and %%")]
    UnknownDirective(char),
    /// The format ends in a lone `%`.
    #[error("ends in a lone `%`; write `%%` for a percent sign")]
    LonePercent,
    /// The format has the same directive twice.
    #[error("has the directive `%{0}` twice")]
    Twice(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// `%` and this letter.
    Directive(char),
    /// The character itself, in any case.
    Literal(char),
    /// White space, of any length but none.
    Blank,
}

impl Item {
    fn is_digits(&self) -> bool {
        match self {
            Self::Directive(letter) => !matches!(letter, 'b' | 'B' | 'p'),
            Self::Literal(c) => c.is_ascii_digit(),
            Self::Blank => false,
        }
    }
}

/// A format of dates, of the directives that the documentation lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DateFormat(Vec<Item>);

impl Default for DateFormat {
    fn default() -> Self {
        Self::iso_date()
    }
}

impl DateFormat {
    pub(super) fn parse(format: &str) -> Result<Self, DateFormatError> {
        let mut items = Vec::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            let item = match c {
                '%' => match chars.next().ok_or(DateFormatError::LonePercent)? {
                    '%' => Item::Literal('%'),
                    c @ ('Y' | 'y' | 'm' | 'b' | 'B' | 'd' | 'H' | 'I' | 'p' | 'M' | 'S') => {
                        Item::Directive(c)
                    }
                    c => return Err(DateFormatError::UnknownDirective(c)),
                },
                c if c.is_whitespace() => Item::Blank,
                c => Item::Literal(c),
            };
            match item {
                Item::Blank if items.last() == Some(&Item::Blank) => {}
                Item::Directive(c) if items.contains(&item) => return Err(DateFormatError::Twice(c)),
                _ => items.push(item),
            }
        }
        Ok(Self(items))
    }

    /// `%Y-%m-%d`.
    pub(super) fn iso_date() -> Self {
        Self::parse("%Y-%m-%d").expect("the directives are known")
    }

    /// `%Y-%m-%d %H:%M:%S`.
    pub(super) fn iso_datetime() -> Self {
        Self::parse("%Y-%m-%d %H:%M:%S").expect("the directives are known")
    }

    /// Reads all of `text`. What the format has no directive for is as on 1900-01-01 at midnight.
    ///
    /// A number may lack its leading zero, unless another number follows it without a separator; names may be in any
    /// case.
    pub(super) fn read(&self, text: &str) -> Option<DateTime> {
        let mut reader = Reader { rest: text };
        let (mut year, mut month, mut day) = (1900, 1, 1);
        let (mut hour, mut minute, mut second, mut afternoon) = (0, 0, 0, None);
        for (at, item) in self.0.iter().enumerate() {
            // Digits that touch can only be told apart when each number is complete.
            let before = at.checked_sub(1).and_then(|before| self.0.get(before));
            let fixed = [before, self.0.get(at + 1)].into_iter().flatten().any(Item::is_digits);
            match *item {
                Item::Literal(wanted) => reader.literal(wanted)?,
                Item::Blank => reader.blank()?,
                Item::Directive('Y') => year = reader.number(4, true)?,
                Item::Directive('y') => {
                    let short = reader.number(2, true)?;
                    year = if short <= 68 { 2000 + short } else { 1900 + short };
                }
                Item::Directive('m') => month = reader.number(2, fixed)?,
                Item::Directive('b') => month = reader.month(|name| &name[..3])?,
                Item::Directive('B') => month = reader.month(|name| name)?,
                Item::Directive('d') => day = reader.day(fixed)?,
                Item::Directive('H') => hour = reader.number(2, fixed)?,
                Item::Directive('I') => {
                    hour = reader.number(2, fixed).filter(|hour| (1..=12).contains(hour))? % 12;
                }
                Item::Directive('p') => {
                    afternoon =
                        Some(if reader.name("AM") { false } else { reader.name("PM").then_some(true)? });
                }
                Item::Directive('M') => minute = reader.number(2, fixed)?,
                Item::Directive(_) => second = reader.number(2, fixed)?,
            }
        }
        if afternoon == Some(true) && hour < 12 && self.0.contains(&Item::Directive('I')) {
            hour += 12;
        }
        // Jiff knows the year 0; people, databases and Python do not.
        if !reader.rest.is_empty() || year < 1 {
            return None;
        }
        let small = |number: i16| i8::try_from(number).ok();
        DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0).ok()
    }

    /// Appends `at` to `out`.
    pub(super) fn write(&self, at: DateTime, out: &mut String) {
        let hour12 = if at.hour() % 12 == 0 { 12 } else { at.hour() % 12 };
        let month = MONTHS.get((at.month() - 1).unsigned_abs() as usize).copied().unwrap_or_default();
        for item in &self.0 {
            // Writing to a String cannot fail.
            let _ = match *item {
                Item::Literal(c) => out.write_char(c),
                Item::Blank => out.write_char(' '),
                Item::Directive('Y') => write!(out, "{:04}", at.year()),
                Item::Directive('y') => write!(out, "{:02}", at.year().rem_euclid(100)),
                Item::Directive('m') => write!(out, "{:02}", at.month()),
                Item::Directive('b') => out.write_str(&month[..3.min(month.len())]),
                Item::Directive('B') => out.write_str(month),
                Item::Directive('d') => write!(out, "{:02}", at.day()),
                Item::Directive('H') => write!(out, "{:02}", at.hour()),
                Item::Directive('I') => write!(out, "{hour12:02}"),
                Item::Directive('p') => out.write_str(if at.hour() < 12 { "AM" } else { "PM" }),
                Item::Directive('M') => write!(out, "{:02}", at.minute()),
                Item::Directive(_) => write!(out, "{:02}", at.second()),
            };
        }
    }

    /// `at` in this format.
    pub(super) fn text(&self, at: DateTime) -> String {
        let mut out = String::with_capacity(24);
        self.write(at, &mut out);
        out
    }

    /// An example of the format, for messages.
    pub(super) fn sample(&self) -> String {
        self.text(SAMPLE)
    }
}

/// The date of a text like `2008-03-03`, which a browser's date input sends whatever it shows.
pub(super) fn native_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i16>().ok())?
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if year < 1 {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The moment of a text like `2008-03-03T12:40`, perhaps with seconds and a fraction, which a browser's
/// `datetime-local` input sends whatever it shows.
pub(super) fn native_datetime(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once('T')?;
    let date = native_date(date)?;
    let bytes = time.as_bytes();
    let shape = match bytes.len() {
        5 => true,
        8 => bytes[5] == b':',
        10..=18 => bytes[5] == b':' && bytes[8] == b'.',
        _ => false,
    };
    let digits = bytes.iter().enumerate().all(|(at, byte)| matches!(at, 2 | 5 | 8) || byte.is_ascii_digit());
    // The 60th second is for the rare minute that has one; jiff would make it the 59th.
    if !shape || !digits || bytes[2] != b':' || time.get(6..8) == Some("60") {
        return None;
    }
    Some(date.to_datetime(time.parse().ok()?))
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    /// Up to `width` digits, exactly so many where `fixed`.
    fn number(&mut self, width: usize, fixed: bool) -> Option<i16> {
        let digits = self.rest.bytes().take(width).take_while(u8::is_ascii_digit).count();
        if digits == 0 || fixed && digits < width {
            return None;
        }
        let number = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        Some(number)
    }

    /// A day: a blank may stand for its leading zero.
    fn day(&mut self, fixed: bool) -> Option<i16> {
        match self.rest.as_bytes() {
            [b' ', digit @ b'1'..=b'9', ..] => {
                self.rest = &self.rest[2..];
                Some(i16::from(digit - b'0'))
            }
            _ => self.number(2, fixed),
        }
    }

    fn literal(&mut self, wanted: char) -> Option<()> {
        let found = self.rest.chars().next()?;
        if found != wanted && !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
        self.rest = &self.rest[found.len_utf8()..];
        Some(())
    }

    fn blank(&mut self) -> Option<()> {
        let rest = self.rest.trim_start();
        if rest.len() == self.rest.len() {
            return None;
        }
        self.rest = rest;
        Some(())
    }

    fn name(&mut self, name: &str) -> bool {
        match self.rest.get(..name.len()) {
            Some(found) if found.eq_ignore_ascii_case(name) => {
                self.rest = &self.rest[name.len()..];
                true
            }
            _ => false,
        }
    }

    fn month(&mut self, part: impl Fn(&'static str) -> &'static str) -> Option<i16> {
        (1..).zip(MONTHS).find_map(|(number, name)| self.name(part(name)).then_some(number))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_format_that_is_none_is_refused() {
        for (format, error) in [
            ("%Q", DateFormatError::UnknownDirective('Q')),
            ("%Y%", DateFormatError::LonePercent),
            ("%d %d", DateFormatError::Twice('d')),
        ] {
            assert_eq!(DateFormat::parse(format), Err(error));
        }
        assert_eq!(DateFormat::parse("100%% %Y").unwrap().sample(), "100% 1963");
    }

    #[test]
    fn digits_that_touch_are_not_guessed_apart() {
        let read = |format, text| DateFormat::parse(format).unwrap().read(text);
        assert_eq!(read("%Y%m%d", "20080303"), Some(date(2008, 3, 3).at(0, 0, 0, 0)));
        assert_eq!(read("%Y%m%d", "200833"), None);
        assert_eq!(read("%H%M", "1240"), Some(date(1900, 1, 1).at(12, 40, 0, 0)));
        assert_eq!(read("%H%M", "124"), None);
        assert_eq!(read("%d%b%y", "3Mar08"), Some(date(2008, 3, 3).at(0, 0, 0, 0)));
    }

    #[test]
    fn the_native_forms_are_strict() {
        assert_eq!(native_date("2008-03-03"), Some(date(2008, 3, 3)));
        for text in ["2008-3-3", "0000-01-01", "2008-03-0é", "+008-03-03", "2008-02-30", ""] {
            assert_eq!(native_date(text), None, "{text}");
        }
        assert_eq!(native_datetime("2008-03-03T12:40"), Some(date(2008, 3, 3).at(12, 40, 0, 0)));
        assert_eq!(
            native_datetime("2008-03-03T12:40:15.5"),
            Some(date(2008, 3, 3).at(12, 40, 15, 500_000_000))
        );
        for text in [
            "2008-03-03 12:40",
            "2008-03-03T1240",
            "2008-03-03T12:40:60",
            "2008-03-03T12:40:15Z",
            "2008-03-03T",
        ] {
            assert_eq!(native_datetime(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            year in 1i16..=9999, month in 1i8..=12, day in 1i8..=28, hour in 0i8..=23, minute in 0i8..=59, second in 0i8..=59,
        ) {
            let at = date(year, month, day).at(hour, minute, second, 0);
            for format in ["%Y-%m-%d %H:%M:%S", "%B %d, %Y at %I:%M:%S %p", "%Y%b%d%H%M%S", "%S.%M.%I%p %d %b %Y"] {
                let format = DateFormat::parse(format).unwrap();
                prop_assert_eq!(format.read(&format.text(at)), Some(at));
            }
        }

        #[test]
        fn reading_never_panics(format in "(%[YymbBdHIpMS]|[ .é])*", text in "\\PC*") {
            if let Ok(format) = DateFormat::parse(&format) {
                let _ = format.read(&text);
            }
            let _ = (native_date(&text), native_datetime(&text));
        }
    }
}
