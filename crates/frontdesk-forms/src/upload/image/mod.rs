//! Images: how large they are before anything decodes them, what was noted in them, and small pictures of them.

mod bounds;
mod metadata;
#[cfg(feature = "images")]
mod thumbnail;

pub(crate) use self::bounds::check_image_bounds;
pub(super) use self::metadata::{is_strippable, strip};
#[cfg(feature = "images")]
pub use self::thumbnail::Thumbnail;
#[cfg(feature = "images")]
pub(super) use self::thumbnail::thumbnail;
