//! The rules, one file each (or one for each small family).

mod cleanup;
mod crypt;
mod date_format;
mod emptiness;
mod is_alphanumeric;
mod is_date;
mod is_date_in_range;
mod is_datetime;
mod is_datetime_in_range;
mod is_decimal_in_range;
mod is_email;
mod is_empty_or;
mod is_equal_to;
mod is_expr;
mod is_float_in_range;
mod is_in_set;
mod is_int_in_range;
mod is_json;
mod is_length;
mod is_list_of_emails;
mod is_lower;
mod is_match;
mod is_not_empty;
mod is_slug;
mod is_strong;
mod is_time;
mod is_upper;
mod range;
mod text;

use std::sync::Arc;

use crate::{FromArgs, Registry};

pub use self::cleanup::Cleanup;
pub use self::crypt::{Crypt, UnknownAlgorithm, Verified};
pub use self::date_format::DateFormatError;
pub use self::is_alphanumeric::IsAlphanumeric;
pub use self::is_date::IsDate;
pub use self::is_date_in_range::IsDateInRange;
pub use self::is_datetime::IsDatetime;
pub use self::is_datetime_in_range::IsDatetimeInRange;
pub use self::is_decimal_in_range::IsDecimalInRange;
pub use self::is_email::IsEmail;
pub use self::is_empty_or::{IsEmptyOr, IsNullOr};
pub use self::is_equal_to::IsEqualTo;
pub use self::is_expr::{ExprError, IsExpr};
pub use self::is_float_in_range::IsFloatInRange;
pub use self::is_in_set::IsInSet;
pub use self::is_int_in_range::IsIntInRange;
pub use self::is_json::IsJson;
pub use self::is_length::IsLength;
pub use self::is_list_of_emails::IsListOfEmails;
pub use self::is_lower::IsLower;
pub use self::is_match::IsMatch;
pub use self::is_not_empty::IsNotEmpty;
pub use self::is_slug::IsSlug;
pub use self::is_strong::IsStrong;
pub use self::is_time::IsTime;
pub use self::is_upper::IsUpper;

/// Adds every rule of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.add::<Cleanup>();
    registry.add::<Crypt>();
    registry.add::<IsAlphanumeric>();
    registry.add::<IsDate>();
    registry.add::<IsDateInRange>();
    registry.add::<IsDatetime>();
    registry.add::<IsDatetimeInRange>();
    registry.add::<IsDecimalInRange>();
    registry.add::<IsEmail>();
    registry.add::<IsEmptyOr>();
    registry.add::<IsEqualTo>();
    registry.add::<IsExpr>();
    registry.add::<IsFloatInRange>();
    registry.add::<IsInSet>();
    registry.add::<IsIntInRange>();
    registry.add::<IsJson>();
    registry.add::<IsLength>();
    registry.add::<IsListOfEmails>();
    registry.add::<IsLower>();
    registry.add::<IsMatch>();
    registry.add::<IsNotEmpty>();
    registry.add_with("is_null_or", IsEmptyOr::ARGS, |args| Ok(Arc::new(IsEmptyOr::from_args(args)?)));
    registry.add::<IsSlug>();
    registry.add::<IsStrong>();
    registry.add::<IsTime>();
    registry.add::<IsUpper>();
}
