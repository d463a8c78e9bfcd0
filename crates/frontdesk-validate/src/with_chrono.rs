//! Dates and times of [chrono], for applications that have them. Needs the feature `chrono`.
//!
//! What frontdesk holds is [jiff](crate::civil)'s, from the year -9999 to 9999. What is beyond, and leap seconds, which
//! only chrono keeps, are `None` here; as a [`Value`] they are texts, which no column of dates takes.
//!
//! ```
//! use chrono::{NaiveDate, TimeZone, Utc};
//! use frontdesk_validate::{Value, civil, with_chrono};
//!
//! let leap_day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
//! assert_eq!(with_chrono::date(leap_day), Some(civil::date(2024, 2, 29)));
//! assert_eq!(with_chrono::naive_date(civil::date(2024, 2, 29)), leap_day);
//! assert_eq!(Value::from(leap_day), Value::Date(civil::date(2024, 2, 29)));
//!
//! let at = Utc.with_ymd_and_hms(2024, 2, 29, 12, 0, 0).unwrap();
//! assert_eq!(with_chrono::timestamp(at).unwrap().to_string(), "2024-02-29T12:00:00Z");
//! ```

use ::chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Timelike,
    Utc,
};
use jiff::civil;

use crate::{Timestamp, Value};

/// The date; `None` beyond the year 9999, and before -9999.
pub fn date(date: NaiveDate) -> Option<civil::Date> {
    let (month, day) = (date.month().try_into().ok()?, date.day().try_into().ok()?);
    civil::Date::new(date.year().try_into().ok()?, month, day).ok()
}

/// The date, as chrono has it.
pub fn naive_date(date: civil::Date) -> NaiveDate {
    NaiveDate::from_ymd_opt(
        date.year().into(),
        date.month().unsigned_abs().into(),
        date.day().unsigned_abs().into(),
    )
    .expect("chrono knows all days of the years from -9999 to 9999")
}

/// The time of day; `None` within a leap second.
pub fn time(time: NaiveTime) -> Option<civil::Time> {
    let part = |number: u32| i8::try_from(number).ok();
    let nanosecond = time.nanosecond().try_into().ok()?;
    civil::Time::new(part(time.hour())?, part(time.minute())?, part(time.second())?, nanosecond).ok()
}

/// The time of day, as chrono has it.
pub fn naive_time(time: civil::Time) -> NaiveTime {
    let part = |number: i8| u32::from(number.unsigned_abs());
    NaiveTime::from_hms_nano_opt(
        part(time.hour()),
        part(time.minute()),
        part(time.second()),
        time.subsec_nanosecond().unsigned_abs(),
    )
    .expect("a time of a day without leap seconds")
}

/// The date and time, by [`date()`] and [`time()`].
pub fn datetime(at: NaiveDateTime) -> Option<civil::DateTime> {
    Some(date(at.date())?.to_datetime(time(at.time())?))
}

/// The date and time, as chrono has it.
pub fn naive_datetime(at: civil::DateTime) -> NaiveDateTime {
    naive_date(at.date()).and_time(naive_time(at.time()))
}

/// The point in time, whatever the zone; `None` beyond the years that [`Timestamp`] has, and within a leap second.
pub fn timestamp<Z: TimeZone>(at: DateTime<Z>) -> Option<Timestamp> {
    let nanosecond = at.timestamp_subsec_nanos();
    if nanosecond >= 1_000_000_000 {
        return None;
    }
    Timestamp::new(at.timestamp(), nanosecond.try_into().ok()?).ok()
}

/// The point in time in UTC, as chrono has it.
pub fn utc(at: Timestamp) -> DateTime<Utc> {
    let (second, nanosecond) = (at.as_second(), at.subsec_nanosecond());
    // Before 1970 jiff's fraction is negative too, and chrono's never is.
    let (second, nanosecond) = match nanosecond {
        0.. => (second, nanosecond),
        _ => (second - 1, nanosecond + 1_000_000_000),
    };
    DateTime::from_timestamp(second, nanosecond.unsigned_abs())
        .expect("chrono's points in time reach further")
}

impl From<NaiveDate> for Value {
    fn from(given: NaiveDate) -> Self {
        date(given).map_or_else(|| Self::Text(given.to_string()), Self::Date)
    }
}

impl From<NaiveTime> for Value {
    fn from(given: NaiveTime) -> Self {
        time(given).map_or_else(|| Self::Text(given.to_string()), Self::Time)
    }
}

impl From<NaiveDateTime> for Value {
    fn from(given: NaiveDateTime) -> Self {
        datetime(given).map_or_else(|| Self::Text(given.to_string()), Self::DateTime)
    }
}

/// In UTC, as a point in time is stored.
impl From<DateTime<Utc>> for Value {
    fn from(given: DateTime<Utc>) -> Self {
        match timestamp(given) {
            Some(at) => at.into(),
            None => Self::Text(given.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}

/// In UTC, as a point in time is stored; the offset is gone.
impl From<DateTime<FixedOffset>> for Value {
    fn from(given: DateTime<FixedOffset>) -> Self {
        given.to_utc().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_that_jiff_has_comes_back(
            days in -4_371_587_i32..2_932_896, nanosecond in 0_i64..86_400_000_000_000,
            second in -377_705_023_201_i64..253_402_207_200, fraction in 0_i32..1_000_000_000,
        ) {
            let day = civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let clock = civil::Time::midnight().checked_add(jiff::Span::new().nanoseconds(nanosecond)).unwrap();
            prop_assert_eq!(date(naive_date(day)), Some(day));
            prop_assert_eq!(time(naive_time(clock)), Some(clock));
            prop_assert_eq!(datetime(naive_datetime(day.to_datetime(clock))), Some(day.to_datetime(clock)));
            let at = Timestamp::new(second, fraction).unwrap();
            prop_assert_eq!(timestamp(utc(at)), Some(at));
            prop_assert_eq!(utc(at).timestamp_micros(), at.as_microsecond() - i64::from(at.as_nanosecond() < 0 && at.as_nanosecond() % 1000 != 0));
        }
    }

    #[test]
    fn what_only_chrono_has_is_told() {
        let far = NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap();
        assert_eq!((date(far), Value::from(far)), (None, Value::from("+10000-01-01")));
        let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000).unwrap();
        assert_eq!((time(leap), Value::from(leap)), (None, Value::from("23:59:60.500")));
        let at = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_time(leap);
        assert_eq!((datetime(at), timestamp(at.and_utc())), (None, None));
        assert_eq!(timestamp(far.and_time(NaiveTime::MIN).and_utc()), None);
        assert_eq!(utc(Timestamp::MIN).year(), -9999);
        assert_eq!(utc(Timestamp::MAX).year(), 9999);
    }

    #[test]
    fn an_offset_is_the_same_point_in_time() {
        let at = FixedOffset::east_opt(3600).unwrap().with_ymd_and_hms(2024, 1, 1, 0, 30, 0).unwrap();
        assert_eq!(Value::from(at), Value::DateTime(civil::date(2023, 12, 31).at(23, 30, 0, 0)));
        assert_eq!(timestamp(at), "2023-12-31T23:30:00Z".parse().ok());
    }
}
