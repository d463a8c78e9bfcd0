//! Dates and times of other crates as types of columns.

#[cfg(any(feature = "chrono", feature = "time"))]
macro_rules! dates {
    ($($(#[$doc:meta])* $type:ty, $kind:expr, $read:expr;)*) => {$(
        $(#[$doc])*
        impl crate::FieldValue for $type {
            type Plain = Self;

            fn field_type() -> crate::FieldType {
                $kind
            }

            fn from_value(value: &crate::Value) -> Result<Self, crate::record::Expected> {
                // As the type that frontdesk itself has for it, and from there.
                crate::FieldValue::from_value(value).map($read)
            }

            fn to_value(&self) -> crate::Value {
                (*self).into()
            }
        }
    )*};
}

#[cfg(feature = "chrono")]
mod of_chrono {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
    use frontdesk_validate::with_chrono;

    use crate::FieldType;

    dates! {
        NaiveDate, FieldType::Date, with_chrono::naive_date;
        NaiveTime, FieldType::Time, with_chrono::naive_time;
        NaiveDateTime, FieldType::DateTime, with_chrono::naive_datetime;
        /// A point in time. Another zone than UTC is not kept by databases.
        DateTime<Utc>, FieldType::Instant, with_chrono::utc;
    }
}

#[cfg(feature = "time")]
mod of_time {
    use frontdesk_validate::{Timestamp, with_time};
    use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime};

    use crate::FieldType;

    dates! {
        Date, FieldType::Date, with_time::time_date;
        Time, FieldType::Time, with_time::time_time;
        PrimitiveDateTime, FieldType::DateTime, with_time::primitive_datetime;
        /// A point in time. It is read in UTC: databases keep no offset.
        OffsetDateTime, FieldType::Instant, with_time::offset_datetime;
        UtcDateTime, FieldType::Instant, |at: Timestamp| with_time::offset_datetime(at).to_utc();
    }
}
