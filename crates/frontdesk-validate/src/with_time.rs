//! Dates and times of the crate [time](::time), for applications that have them. Needs the feature `time`.
//!
//! What frontdesk holds is [jiff](crate::civil)'s, from the year -9999 to 9999, as time's own are unless its feature
//! `large-dates` is on. What is beyond is `None` here; as a [`Value`] it is a text, which no column of dates takes.
//!
//! ```
//! use frontdesk_validate::{Value, civil, with_time};
//! use time::{Date, Month, PrimitiveDateTime, Time};
//!
//! let leap_day = Date::from_calendar_date(2024, Month::February, 29).unwrap();
//! assert_eq!(with_time::date(leap_day), Some(civil::date(2024, 2, 29)));
//! assert_eq!(with_time::time_date(civil::date(2024, 2, 29)), leap_day);
//! assert_eq!(Value::from(leap_day), Value::Date(civil::date(2024, 2, 29)));
//!
//! let at = PrimitiveDateTime::new(leap_day, Time::from_hms(12, 0, 0).unwrap()).assume_utc();
//! assert_eq!(with_time::timestamp(at).unwrap().to_string(), "2024-02-29T12:00:00Z");
//! ```

use ::time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime};
use jiff::civil;

use crate::{Timestamp, Value};

/// The date; `None` beyond the year 9999, and before -9999.
pub fn date(date: Date) -> Option<civil::Date> {
    let (month, day) = (u8::from(date.month()).try_into().ok()?, date.day().try_into().ok()?);
    civil::Date::new(date.year().try_into().ok()?, month, day).ok()
}

/// The date, as time has it.
pub fn time_date(date: civil::Date) -> Date {
    let month = Month::try_from(date.month().unsigned_abs()).expect("there are twelve months");
    Date::from_calendar_date(date.year().into(), month, date.day().unsigned_abs())
        .expect("time knows all days of the years from -9999 to 9999")
}

/// The time of day.
pub fn time(time: Time) -> civil::Time {
    let part = |number: u8| i8::try_from(number).unwrap_or(i8::MAX);
    let nanosecond = i32::try_from(time.nanosecond()).unwrap_or(i32::MAX);
    civil::Time::new(part(time.hour()), part(time.minute()), part(time.second()), nanosecond)
        .expect("neither of the two has leap seconds")
}

/// The time of day, as time has it.
pub fn time_time(time: civil::Time) -> Time {
    let part = i8::unsigned_abs;
    Time::from_hms_nano(
        part(time.hour()),
        part(time.minute()),
        part(time.second()),
        time.subsec_nanosecond().unsigned_abs(),
    )
    .expect("neither of the two has leap seconds")
}

/// The date and time, by [`date()`] and [`time()`].
pub fn datetime(at: PrimitiveDateTime) -> Option<civil::DateTime> {
    Some(date(at.date())?.to_datetime(time(at.time())))
}

/// The date and time, as time has it.
pub fn primitive_datetime(at: civil::DateTime) -> PrimitiveDateTime {
    PrimitiveDateTime::new(time_date(at.date()), time_time(at.time()))
}

/// The point in time, whatever the offset; `None` beyond the years that [`Timestamp`] has.
pub fn timestamp(at: impl Into<OffsetDateTime>) -> Option<Timestamp> {
    Timestamp::from_nanosecond(at.into().unix_timestamp_nanos()).ok()
}

/// The point in time in UTC, as time has it.
pub fn offset_datetime(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(at.as_nanosecond())
        .expect("time's points in time are those of the years from -9999 to 9999")
}

impl From<Date> for Value {
    fn from(given: Date) -> Self {
        date(given).map_or_else(|| Self::Text(given.to_string()), Self::Date)
    }
}

impl From<Time> for Value {
    fn from(given: Time) -> Self {
        Self::Time(time(given))
    }
}

impl From<PrimitiveDateTime> for Value {
    fn from(given: PrimitiveDateTime) -> Self {
        datetime(given).map_or_else(|| Self::Text(given.to_string()), Self::DateTime)
    }
}

/// In UTC, as a point in time is stored; the offset is gone.
impl From<OffsetDateTime> for Value {
    fn from(given: OffsetDateTime) -> Self {
        timestamp(given).map_or_else(|| Self::Text(given.to_string()), Self::from)
    }
}

impl From<UtcDateTime> for Value {
    fn from(given: UtcDateTime) -> Self {
        OffsetDateTime::from(given).into()
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
            prop_assert_eq!(date(time_date(day)), Some(day));
            prop_assert_eq!(time(time_time(clock)), clock);
            prop_assert_eq!(datetime(primitive_datetime(day.to_datetime(clock))), Some(day.to_datetime(clock)));
            let at = Timestamp::new(second, fraction).unwrap();
            prop_assert_eq!(timestamp(offset_datetime(at)), Some(at));
        }
    }

    #[test]
    fn the_ends_of_what_jiff_has_are_known_to_time() {
        assert_eq!(offset_datetime(Timestamp::MIN).year(), -9999);
        assert_eq!(offset_datetime(Timestamp::MAX).year(), 9999);
        assert_eq!(timestamp(OffsetDateTime::UNIX_EPOCH), Some(Timestamp::UNIX_EPOCH));
        // Time's years may end a little later than jiff's points in time, which leave room for zones.
        let last = PrimitiveDateTime::new(time_date(civil::Date::MAX), Time::MIDNIGHT).assume_utc();
        assert_eq!(timestamp(last).is_none(), matches!(Value::from(last), Value::Text(_)));
    }
}
