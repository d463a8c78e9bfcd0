//! The rules, one file each (or one for each small family).

mod date_format;
mod is_date;
mod is_date_in_range;
mod is_datetime;
mod is_datetime_in_range;
mod is_decimal_in_range;
mod is_float_in_range;
mod is_in_set;
mod is_int_in_range;
mod is_length;
mod is_time;
mod range;

use crate::Registry;

pub use self::date_format::DateFormatError;
pub use self::is_date::IsDate;
pub use self::is_date_in_range::IsDateInRange;
pub use self::is_datetime::IsDatetime;
pub use self::is_datetime_in_range::IsDatetimeInRange;
pub use self::is_decimal_in_range::IsDecimalInRange;
pub use self::is_float_in_range::IsFloatInRange;
pub use self::is_in_set::IsInSet;
pub use self::is_int_in_range::IsIntInRange;
pub use self::is_length::IsLength;
pub use self::is_time::IsTime;

/// Adds every rule of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.add::<IsDate>();
    registry.add::<IsDateInRange>();
    registry.add::<IsDatetime>();
    registry.add::<IsDatetimeInRange>();
    registry.add::<IsDecimalInRange>();
    registry.add::<IsFloatInRange>();
    registry.add::<IsInSet>();
    registry.add::<IsIntInRange>();
    registry.add::<IsLength>();
    registry.add::<IsTime>();
}
