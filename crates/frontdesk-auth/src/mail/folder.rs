use std::path::PathBuf;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::letter::letter;
use super::{Mail, MailError, MailTransport};

/// A folder with a file for each mail.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl MailTransport for Folder {
    fn deliver<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let now = Timestamp::now();
            let id = uuid::Uuid::new_v4();
            let text = letter(mail, &id.to_string(), now);
            // By time, so that the newest stands last.
            let name = format!("{}-{}.eml", now.strftime("%Y%m%d-%H%M%S"), id.simple());
            let later = |error: std::io::Error| MailError::Later(format!("{}: {error}", self.0.display()));
            tokio::fs::create_dir_all(&self.0).await.map_err(later)?;
            tokio::fs::write(self.0.join(name), text).await.map_err(later)
        })
    }
}
