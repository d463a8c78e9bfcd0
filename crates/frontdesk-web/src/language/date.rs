//! Dates and times as people write them, and as programs do.

use std::borrow::Cow;

use frontdesk_validate::civil::{Date, Time};

use super::formats::{DateStyle, Order};

/// No date or time that anyone types is longer.
const MAX: usize = 60;

/// Words that stand between a date and a time, after a comma or a space.
const BETWEEN: [&str; 4] = ["um ", "às ", "as ", "at "];

impl DateStyle {
    /// The date that `text` stands for, as `2024-12-24`. A text of that form stays as it is.
    pub(super) fn read_date<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let text = text.trim();
        if is_iso_date(text) {
            return Some(text.into());
        }
        if text.len() > MAX {
            return None;
        }
        let sign = text.chars().find(|letter| !letter.is_ascii_digit() && *letter != ' ')?;
        if sign != self.sign && !self.other_signs.contains(sign) {
            return None;
        }
        let mut parts = text.split(sign).map(str::trim);
        let parts = [parts.next()?, parts.next()?, parts.next()?, parts.next().unwrap_or("")];
        let (year, month, day) = match (self.order, parts) {
            (Order::Day, [day, month, year, ""]) => (year, month, day),
            (Order::Month, [month, day, year, ""]) => (year, month, day),
            (Order::Year, [year, month, day, ""]) => (year, month, day),
            _ => return None,
        };
        // Of two digits nobody can tell the century.
        let year = number(year).filter(|_| year.len() == 4)?;
        let date = Date::new(year, small(month)?, small(day)?).ok().filter(|date| date.year() > 0)?;
        Some(date.to_string().into())
    }

    /// The time that `text` stands for, as `13:05` or `13:05:00`. A text of that form stays as it is.
    pub(super) fn read_time<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let text = text.trim();
        if is_iso_time(text) {
            return Some(text.into());
        }
        if text.is_empty() || text.len() > MAX {
            return None;
        }
        let text = text.to_lowercase().replace(['\u{202f}', '\u{a0}'], " ");
        let text = text.strip_suffix("uhr").map_or(&*text, str::trim_end);
        let (text, half) = match () {
            () if text.ends_with("am") || text.ends_with("pm") => {
                (text[..text.len() - 2].trim_end(), Some(text.ends_with("pm")))
            }
            () if text.ends_with("a.m.") || text.ends_with("p.m.") => {
                (text[..text.len() - 4].trim_end(), Some(text.ends_with("p.m.")))
            }
            () => (text, None),
        };
        let mut parts = text.splitn(3, [':', 'h']);
        let (hour, minute, second) = (parts.next()?, parts.next(), parts.next());
        let mut hour = small(hour)?;
        let minute = match minute {
            // "13h" is said in Portuguese, "1 pm" in English; a lone number is none.
            None if half.is_some() => 0,
            None => return None,
            Some("") if second.is_none() && text.ends_with('h') => 0,
            Some(minute) => small(minute).filter(|_| minute.len() == 2)?,
        };
        let second = match second {
            None => 0,
            Some(second) => small(second).filter(|_| second.len() == 2)?,
        };
        if let Some(afternoon) = half {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if afternoon { 12 } else { 0 };
        }
        Some(Time::new(hour, minute, second, 0).ok()?.to_string().into())
    }

    /// The moment that `text` stands for, as `2024-12-24 13:05:00`. A text of that form, or with a `T` in it, stays.
    pub(super) fn read_datetime<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let text = text.trim();
        if let Some((date, time)) = text.split_once(['T', ' '])
            && is_iso_date(date)
            && is_iso_time(time)
        {
            return Some(text.into());
        }
        if text.len() > MAX {
            return None;
        }
        // The date has all its digits before a comma, or a blank that no sign of a date stands beside.
        let splits = text.char_indices().filter(|(_, letter)| *letter == ',' || letter.is_whitespace());
        for (at, letter) in splits {
            let Some(date) = self.read_date(&text[..at]) else { continue };
            let mut rest = text[at + letter.len_utf8()..].trim_start();
            for word in BETWEEN {
                rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
            }
            return self.read_time(rest).map(|time| format!("{date} {time}").into());
        }
        None
    }

    /// A date in the language's way. What is no `2024-12-24` stays as it is.
    pub(super) fn write_date(&self, text: &str) -> String {
        if !is_iso_date(text) || self.is_iso() {
            return text.to_owned();
        }
        let (year, month, day, sign) = (&text[..4], &text[5..7], &text[8..], self.sign);
        match self.order {
            Order::Day => format!("{day}{sign}{month}{sign}{year}"),
            Order::Month => format!("{month}{sign}{day}{sign}{year}"),
            Order::Year => format!("{year}{sign}{month}{sign}{day}"),
        }
    }

    /// A time in the language's way: without seconds where they are zero. What is no `13:05:00` stays as it is.
    pub(super) fn write_time(&self, text: &str) -> String {
        if !is_iso_time(text) || text.contains('.') {
            return text.to_owned();
        }
        let seconds = text.get(5..).filter(|seconds| *seconds != ":00").unwrap_or("");
        if !self.twelve {
            return format!("{}{seconds}", &text[..5]);
        }
        let hour: u8 = text[..2].parse().unwrap_or(0);
        let (shown, half) =
            (if hour.is_multiple_of(12) { 12 } else { hour % 12 }, if hour < 12 { "AM" } else { "PM" });
        format!("{shown}{}{seconds} {half}", &text[2..5])
    }

    /// A date and time in the language's way. What is none stays as it is.
    pub(super) fn write_datetime(&self, text: &str) -> String {
        match text.split_once(['T', ' ']) {
            Some((date, time)) if is_iso_date(date) && is_iso_time(time) => {
                let between = if self.is_iso() { " " } else { ", " };
                format!("{}{between}{}", self.write_date(date), self.write_time(time))
            }
            _ => text.to_owned(),
        }
    }

    fn is_iso(&self) -> bool {
        self.order == Order::Year && self.sign == '-'
    }
}

/// A number of one to four digits.
fn number(text: &str) -> Option<i16> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

/// A number of one or two digits.
fn small(text: &str) -> Option<i8> {
    if text.len() > 2 { None } else { number(text).and_then(|number| number.try_into().ok()) }
}

fn is_iso_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes.iter().enumerate().all(|(at, byte)| at == 4 || at == 7 || byte.is_ascii_digit())
        && !text.starts_with("0000")
        && text.parse::<Date>().is_ok()
}

/// `13:05`, `13:05:00`, `13:05:00.25`.
fn is_iso_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = |at: usize, byte: u8| match at {
        2 | 5 => byte == b':',
        8 => byte == b'.',
        _ => byte.is_ascii_digit(),
    };
    (bytes.len() == 5 || bytes.len() == 8 || (10..=18).contains(&bytes.len()))
        && bytes.iter().enumerate().all(|(at, byte)| shape(at, *byte))
        && text.parse::<Time>().is_ok()
        && !text[6.min(text.len())..].starts_with("60")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn style(tag: &str) -> DateStyle {
        DateStyle::of(&tag.parse().unwrap())
    }

    #[test]
    fn form_18_dates_are_read_in_the_region_s_order() {
        for (tag, text, iso) in [
            ("de", "24.12.2024", Some("2024-12-24")),
            ("de", "3.4.2024", Some("2024-04-03")),
            ("de", "24. 12. 2024", Some("2024-12-24")),
            ("pt", "24/12/2024", Some("2024-12-24")),
            ("pt-BR", "3/4/2024", Some("2024-04-03")),
            ("en-US", "12/24/2024", Some("2024-12-24")),
            ("en-US", "3/4/2024", Some("2024-03-04")),
            ("en-GB", "24/12/2024", Some("2024-12-24")),
            ("en-GB", "3/4/2024", Some("2024-04-03")),
            ("ja", "2024/12/24", Some("2024-12-24")),
            ("de", " 2024-12-24 ", Some("2024-12-24")),
            ("en", "2024-12-24", Some("2024-12-24")),
            // No guesses.
            ("en", "3/4/2024", None),
            ("en", "12/24/2024", None),
            ("en-US", "24/12/2024", None),
            ("en-GB", "12/24/2024", None),
            ("de", "24.12.24", None),
            ("de", "24.12.", None),
            ("de", "24/12/2024", None),
            ("de", "31.2.2024", None),
            ("hr", "24.12.2024.", Some("2024-12-24")),
            ("de", "24.12.2024.1", None),
            ("de", "1.1.0000", None),
            ("de", "001.1.2024", None),
            ("de", "heute", None),
            ("de", "", None),
        ] {
            assert_eq!(style(tag).read_date(text).as_deref(), iso, "{text} in {tag}");
        }
    }

    #[test]
    fn form_18_times_are_read_by_either_clock() {
        for (text, iso) in [
            ("13:05", Some("13:05")),
            ("13:05:09", Some("13:05:09")),
            ("13:05:09.25", Some("13:05:09.25")),
            ("9:05", Some("09:05:00")),
            ("1:05 pm", Some("13:05:00")),
            ("1:05:09 PM", Some("13:05:09")),
            ("1:05\u{202f}p.m.", Some("13:05:00")),
            ("12:00 am", Some("00:00:00")),
            ("12pm", Some("12:00:00")),
            ("13:05 Uhr", Some("13:05:00")),
            ("13h05", Some("13:05:00")),
            ("13h", Some("13:00:00")),
            ("13", None),
            ("13:5", None),
            ("13:05 pm", None),
            ("0:05 am", None),
            ("24:00", None),
            ("12:60", None),
            ("12:00:60", None),
            ("", None),
        ] {
            assert_eq!(style("de").read_time(text).as_deref(), iso, "{text}");
        }
    }

    #[test]
    fn moments_are_a_date_and_a_time() {
        for (tag, text, iso) in [
            ("de", "24.12.2024, 13:05", Some("2024-12-24 13:05")),
            ("de", "24.12.2024 um 9:05 Uhr", Some("2024-12-24 09:05:00")),
            ("de", "24. 12. 2024 13:05", Some("2024-12-24 13:05")),
            ("pt", "24/12/2024 às 13h05", Some("2024-12-24 13:05:00")),
            ("en-US", "12/24/2024, 1:05 PM", Some("2024-12-24 13:05:00")),
            ("de", "2024-12-24T13:05", Some("2024-12-24T13:05")),
            ("de", "2024-12-24 13:05:00", Some("2024-12-24 13:05:00")),
            ("de", "24.12.2024", None),
            ("de", "13:05", None),
            ("de", "24.12.2024 13", None),
        ] {
            assert_eq!(style(tag).read_datetime(text).as_deref(), iso, "{text} in {tag}");
        }
    }

    #[test]
    fn dates_are_written_in_the_region_s_order() {
        for (tag, shown) in [
            ("de", "24.12.2024, 13:05"),
            ("pt", "24/12/2024, 13:05"),
            ("en-GB", "24/12/2024, 13:05"),
            ("en-US", "12/24/2024, 1:05 PM"),
            ("en", "2024-12-24 13:05"),
        ] {
            assert_eq!(style(tag).write_datetime("2024-12-24 13:05:00"), shown, "{tag}");
        }
        assert_eq!(style("de").write_date("soon"), "soon");
        assert_eq!(style("en-US").write_time("00:05:09"), "12:05:09 AM");
        assert_eq!(style("de").write_time("13:05:00.25"), "13:05:00.25");
    }

    const TAGS: [&str; 9] = ["en", "de", "pt", "en-US", "en-GB", "en-AU", "nl", "ja", "fr-CA"];

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            (year, month, day) in (1i16..=9999, 1i8..=12, 1i8..=31),
            (hour, minute, second) in (0i8..24, 0i8..60, 0i8..60),
            tag in 0..TAGS.len(),
        ) {
            let style = style(TAGS[tag]);
            let Ok(date) = Date::new(year, month, day) else { return Ok(()) };
            let time = Time::new(hour, minute, second, 0).unwrap();
            let (date_text, time_text) = (date.to_string(), time.to_string());
            let shown = style.write_date(&date_text);
            prop_assert_eq!(style.read_date(&shown), Some((&*date_text).into()));
            prop_assert_eq!(style.read_date(&date_text), Some((&*date_text).into()));
            let read = style.read_time(&style.write_time(&time_text)).unwrap().parse::<Time>().unwrap();
            prop_assert_eq!(read, time);
            let moment = format!("{date_text} {time_text}");
            let read = style.read_datetime(&style.write_datetime(&moment)).unwrap().into_owned();
            let (read_date, read_time) = read.split_once(' ').unwrap();
            prop_assert_eq!((read_date, read_time.parse::<Time>().unwrap()), (&*date_text, time));
        }

        #[test]
        fn reading_never_panics(text in "[0-9/.:, apmh-]{0,24}|\\PC{0,40}", tag in 0..TAGS.len()) {
            let style = style(TAGS[tag]);
            if let Some(date) = style.read_date(&text) {
                prop_assert!(date.parse::<Date>().is_ok());
            }
            if let Some(time) = style.read_time(&text) {
                prop_assert!(time.parse::<Time>().is_ok());
            }
            let _ = style.read_datetime(&text);
            prop_assert!(!style.write_datetime(&text).is_empty() || text.is_empty());
        }
    }
}
