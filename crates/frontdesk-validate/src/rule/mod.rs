//! The rules, one file each (or one for each small family).

mod is_in_set;
mod is_int_in_range;
mod is_length;
mod range;

use crate::Registry;

pub use self::is_in_set::IsInSet;
pub use self::is_int_in_range::IsIntInRange;
pub use self::is_length::IsLength;

/// Adds every rule of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.add::<IsInSet>();
    registry.add::<IsIntInRange>();
    registry.add::<IsLength>();
}
