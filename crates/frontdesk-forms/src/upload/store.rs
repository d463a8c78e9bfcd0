use std::any::Any;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use frontdesk_validate::FileValue;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::FileKey;

/// A folder of uploaded files, with a quarantine for those that are not accepted yet.
///
/// A file comes in under a random name in `.incoming`, and is moved to its key when the form is accepted, just before the
/// row that names it is written. What nobody accepts is removed.
///
/// Cloning is cheap.
#[derive(Clone, Debug)]
pub struct UploadStore {
    folder: Arc<Path>,
}

/// How much of a file is gathered before it goes to the disk. It is copied: to hold on to what the network gave would
/// make it allocate anew for each read.
const PIECE: usize = 256 * 1024;

impl UploadStore {
    /// A store in `folder`, which is made when the first file comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into().into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the file of that key is.
    pub fn path(&self, key: &FileKey) -> PathBuf {
        self.folder.join(key.as_str())
    }

    /// Moves a received file to its key. It is never put in the place of another one.
    ///
    /// # Errors
    /// Those of the file system.
    pub async fn keep(&self, file: &FileValue, key: &FileKey) -> io::Result<()> {
        let target = self.path(key);
        let folder = self.folder.clone();
        if let Some(spooled) =
            file.handle().and_then(|handle| Arc::clone(handle).downcast::<SpooledFile>().ok())
        {
            return spawn_blocking(move || {
                // Keys are random: that another process makes the same one in between does not happen.
                if target.try_exists()? {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                std::fs::rename(&spooled.path, &target)?;
                spooled.kept.store(true, Ordering::Relaxed);
                Ok(())
            })
            .await?;
        }
        let content = file.content().map(<[u8]>::to_vec).ok_or(io::ErrorKind::NotFound)?;
        spawn_blocking(move || {
            std::fs::create_dir_all(folder)?;
            new_file(&target)?.write_all(&content)
        })
        .await?
    }

    /// Removes the file of that key; that it is not there is no error.
    ///
    /// # Errors
    /// Those of the file system.
    pub async fn remove(&self, key: &FileKey) -> io::Result<()> {
        let path = self.path(key);
        spawn_blocking(move || match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await?
    }

    /// Begins to receive a file.
    pub(crate) async fn receive(&self) -> io::Result<Spool> {
        let incoming = self.folder.join(".incoming");
        let path = incoming.join(Uuid::new_v4().to_string());
        let file = spawn_blocking({
            let path = path.clone();
            move || match new_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    std::fs::create_dir_all(&incoming)?;
                    new_file(&path)
                }
                other => other,
            }
        })
        .await??;
        Ok(Spool {
            file: Some(file),
            spooled: SpooledFile { path, kept: AtomicBool::new(false) },
            waiting: Vec::new(),
            head: Vec::new(),
            size: 0,
        })
    }
}

/// Makes a file that only this user may read, and that was not there before.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file in the quarantine; removed when nobody holds it any more, unless it was kept by moving it.
#[derive(Debug)]
pub(crate) struct SpooledFile {
    path: PathBuf,
    kept: AtomicBool,
}

impl Drop for SpooledFile {
    fn drop(&mut self) {
        if *self.kept.get_mut() {
            return;
        }
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.path.display(), "a file that nobody accepted cannot be removed");
        }
    }
}

/// Receives one file, in large pieces.
pub(crate) struct Spool {
    file: Option<File>,
    spooled: SpooledFile,
    waiting: Vec<u8>,
    head: Vec<u8>,
    size: u64,
}

impl Spool {
    pub(crate) async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        let missing = FileValue::HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..missing]);
        self.size += chunk.len() as u64;
        self.waiting.extend_from_slice(chunk);
        if self.waiting.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let mut piece = std::mem::take(&mut self.waiting);
        let written = spawn_blocking(move || {
            file.write_all(&piece)?;
            piece.clear();
            io::Result::Ok((file, piece))
        });
        let (file, piece) = written.await??;
        self.file = Some(file);
        self.waiting = piece;
        Ok(())
    }

    pub(crate) async fn finish(mut self, name: &str) -> io::Result<FileValue> {
        self.flush().await?;
        let Self { spooled, head, size, .. } = self;
        let handle: Arc<dyn Any + Send + Sync> = Arc::new(spooled);
        Ok(FileValue::stored(name, size, head, handle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_kept_file_is_whole_and_the_quarantine_empty() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let mut spool = store.receive().await.unwrap();
        let chunk = vec![7; 100_000];
        for _ in 0..11 {
            spool.write(&chunk).await.unwrap();
        }
        let file = spool.finish("a.bin").await.unwrap();
        assert_eq!((file.size(), file.head().len()), (1_100_000, FileValue::HEAD));
        let key = FileKey::parse("a-1.bin").unwrap();
        store.keep(&file, &key).await.unwrap();
        assert!(store.keep(&file, &key).await.is_err(), "a file is never put in the place of another one");
        drop(file);
        assert_eq!(std::fs::read(store.path(&key)).unwrap(), vec![7; 1_100_000]);
        assert_eq!(std::fs::read_dir(folder.path().join(".incoming")).unwrap().count(), 0);
        store.remove(&key).await.unwrap();
        store.remove(&key).await.unwrap();
        assert!(!store.path(&key).exists());
    }
}
