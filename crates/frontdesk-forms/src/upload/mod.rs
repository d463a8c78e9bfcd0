//! Uploaded files on the local disk.

mod content;
mod image;
mod kept;
mod key;
mod link;
mod owner;
mod promote;
mod quota;
mod serve;
mod spool;
mod store;
mod sweep;

pub(crate) use self::content::check_files;
#[cfg(feature = "images")]
pub use self::image::Thumbnail;
pub(crate) use self::kept::serve_kept;
pub use self::key::{FileKey, FileNameError};
pub use self::link::DownloadLinks;
pub(crate) use self::owner::Owner;
pub use self::promote::{NewFile, OldFile, Pending};
pub(crate) use self::quota::Over;
pub use self::quota::QuarantineOptions;
pub use self::serve::{UploadError, serve_upload, serve_upload_to};
pub(crate) use self::spool::{Spool, SpoolError};
pub(crate) use self::store::KeptFile;
pub use self::store::UploadStore;
pub use self::sweep::{SweepReport, Sweeper};
