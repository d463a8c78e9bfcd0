//! Dates and times, which PostgreSQL counts from the year 2000.

use frontdesk_validate::{Value, civil};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 24 * 60 * 60 * SECOND;

/// Days from 1970-01-01 to 2000-01-01.
const EPOCH: i64 = 10_957;

/// A date by the days since 2000-01-01. One that is none of ours, such as `infinity` or one before Christ, is the text
/// that PostgreSQL writes.
pub(super) fn date(days: i32) -> Value {
    match days {
        i32::MAX => "infinity".into(),
        i32::MIN => "-infinity".into(),
        days => match of_calendar(i64::from(days)) {
            Ok(date) => Value::Date(date),
            Err(text) => Value::Text(text.date + text.era),
        },
    }
}

/// A time by the microseconds since midnight.
pub(super) fn time(micros: i64) -> Value {
    match time_of(micros) {
        Some(time) => Value::Time(time),
        // The end of a day.
        None => "24:00:00".into(),
    }
}

/// A date and time by the microseconds since 2000-01-01, as [`date`]; `zone` is what PostgreSQL writes behind it.
pub(super) fn date_time(micros: i64, zone: &str) -> Value {
    match micros {
        i64::MAX => return "infinity".into(),
        i64::MIN => return "-infinity".into(),
        _ => {}
    }
    let time = time_of(micros.rem_euclid(DAY)).unwrap_or_default();
    match of_calendar(micros.div_euclid(DAY)) {
        Ok(date) => Value::DateTime(date.to_datetime(time)),
        Err(text) => Value::Text(format!("{} {time}{zone}{}", text.date, text.era)),
    }
}

pub(super) fn of_date(date: civil::Date) -> i32 {
    i32::try_from(days(date)).unwrap_or_default()
}

pub(super) fn of_time(time: civil::Time) -> i64 {
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * SECOND + i64::from(time.subsec_nanosecond()) / 1000
}

pub(super) fn of_date_time(at: civil::DateTime) -> i64 {
    days(at.date()) * DAY + of_time(at.time())
}

fn time_of(micros: i64) -> Option<civil::Time> {
    let (seconds, micros) = (micros / SECOND, micros % SECOND);
    let part = |number: i64| i8::try_from(number).ok();
    let nanos = i32::try_from(micros * 1000).ok()?;
    civil::Time::new(part(seconds / 3600)?, part(seconds / 60 % 60)?, part(seconds % 60)?, nanos).ok()
}

/// Days since 2000-01-01.
fn days(date: civil::Date) -> i64 {
    // By Howard Hinnant's `days_from_civil`: years begin in March, so that the odd day stands at their end.
    let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468 - EPOCH
}

/// A date that is none of ours.
struct Far {
    date: String,
    era: &'static str,
}

/// The date of so many days since 2000-01-01, from the years 1 to 9999; the text of another one.
fn of_calendar(days: i64) -> Result<civil::Date, Far> {
    // The inverse, `civil_from_days`.
    let days = days + EPOCH + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * shifted + 2) / 5 + 1, (shifted + 2) % 12 + 1);
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let near = || civil::Date::new(i16::try_from(year).ok()?, month as i8, day as i8).ok();
    match near() {
        Some(date) if year >= 1 => Ok(date),
        _ => {
            // There is no year 0: the one before 1 is 1 before Christ.
            let (year, era) = if year < 1 { (1 - year, " BC") } else { (year, "") };
            Err(Far { date: format!("{year:04}-{month:02}-{day:02}"), era })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn type_03_dates_beyond_the_calendar_are_texts() {
        assert_eq!(date(0), Value::Date(civil::date(2000, 1, 1)));
        assert_eq!(date(-1), Value::Date(civil::date(1999, 12, 31)));
        assert_eq!(date(59), Value::Date(civil::date(2000, 2, 29)));
        assert_eq!(date(i32::MAX), "infinity".into());
        assert_eq!(date(of_date(civil::date(9999, 12, 31)) + 1), "10000-01-01".into());
        assert_eq!(date(of_date(civil::date(1, 1, 1)) - 1), "0001-12-31 BC".into());
        assert_eq!(date_time(i64::MIN, ""), "-infinity".into());
        assert_eq!(
            date_time(of_date_time(civil::date(9999, 12, 31).at(23, 59, 59, 0)) + SECOND, "+00"),
            "10000-01-01 00:00:00+00".into()
        );
        assert_eq!(time(DAY), "24:00:00".into());
        assert_eq!(time(DAY - 1), Value::Time(civil::time(23, 59, 59, 999_999_000)));
    }

    proptest! {
        #[test]
        fn any_date_and_time_comes_back(days in -730_119_i32..=2_921_939, micros in 0..DAY) {
            let Value::Date(day) = date(days) else { panic!("{days}") };
            prop_assert_eq!(of_date(day), days);
            let at = i64::from(days) * DAY + micros;
            let Value::DateTime(found) = date_time(at, "") else { panic!("{at}") };
            prop_assert_eq!(of_date_time(found), at);
            prop_assert_eq!(found.date(), day);
        }

        #[test]
        fn any_number_is_read(days: i32, micros: i64) {
            let _ = (date(days), date_time(micros, "+00"), time(micros));
        }
    }
}
