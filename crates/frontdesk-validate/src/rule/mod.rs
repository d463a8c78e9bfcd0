//! The rules, one file each (or one for each small family).

mod is_length;

use crate::Registry;

pub use self::is_length::IsLength;

/// Adds every rule of this crate.
pub(crate) fn register(registry: &mut Registry) {
    registry.add::<IsLength>();
}
