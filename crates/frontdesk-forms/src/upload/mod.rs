//! Uploaded files on the local disk.

mod key;
mod serve;
mod store;

pub use self::key::{FileKey, FileNameError};
pub use self::serve::{UploadError, serve_upload};
pub use self::store::UploadStore;
