//! Files that come in: into the quarantine, in large pieces.

use std::any::Any;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use frontdesk_validate::FileValue;
use tokio::task::spawn_blocking;

use super::owner::Owner;
use super::quota::Over;
use super::store::Shared;
use crate::fault;

/// How much of a file is gathered before it goes to the disk. It is copied: to hold on to what the network gave would
/// make it allocate anew for each read.
const PIECE: usize = 256 * 1024;

/// As [`PIECE`], while many files come in at the same time.
const SMALL_PIECE: usize = 32 * 1024;

/// How many files are many.
const MANY: usize = 64;

/// What becomes of a file in the quarantine when nobody holds it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Fate {
    /// It is removed.
    Loose = 0,
    /// It stays until it expires.
    Held = 1,
    /// It is there no more: it was moved.
    Moved = 2,
}

/// A file in the quarantine.
#[derive(Debug)]
pub(crate) struct SpooledFile {
    shared: Arc<Shared>,
    name: Box<str>,
    fate: AtomicU8,
}

impl SpooledFile {
    pub(super) fn new(shared: Arc<Shared>, name: Box<str>, fate: Fate) -> Self {
        Self { shared, name, fate: AtomicU8::new(fate as u8) }
    }

    /// The file's name in the quarantine.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whose it is.
    pub(super) fn owner(&self) -> Option<Owner> {
        Owner::parse(self.name.get(..Owner::LENGTH)?)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.shared.incoming().join(&*self.name)
    }

    pub(super) fn fate(&self) -> Fate {
        match self.fate.load(Ordering::Acquire) {
            0 => Fate::Loose,
            1 => Fate::Held,
            _ => Fate::Moved,
        }
    }

    pub(super) fn set_fate(&self, fate: Fate) {
        self.fate.store(fate as u8, Ordering::Release);
    }

    /// The file in the quarantine that a value stands for.
    pub(super) fn of(file: &FileValue) -> Option<Arc<Self>> {
        Arc::clone(file.handle()?).downcast().ok()
    }
}

impl Drop for SpooledFile {
    fn drop(&mut self) {
        if self.fate() != Fate::Loose {
            return;
        }
        if let Err(error) = std::fs::remove_file(self.path())
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, name = %self.name, "a file that nobody accepted cannot be removed");
        }
        self.shared.usage().forget(&self.name);
    }
}

/// Why a file is not taken in.
#[derive(Debug)]
pub(crate) enum SpoolError {
    /// There is no room for it.
    Over(Over),
    /// The file system failed.
    Io(io::Error),
}

impl<E: Into<io::Error>> From<E> for SpoolError {
    fn from(error: E) -> Self {
        Self::Io(error.into())
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
    /// Begins to receive a file.
    pub(super) async fn begin(shared: &Arc<Shared>, owner: Owner) -> Result<Self, SpoolError> {
        if !shared.usage().is_seeded {
            let shared = Arc::clone(shared);
            spawn_blocking(move || shared.seed()).await??;
        }
        let name = shared.new_name(owner);
        shared.usage().begin(&name, owner, &shared.options).map_err(SpoolError::Over)?;
        // From here on it is forgotten, and the file removed, when it is dropped: also if the request breaks off while the
        // file is being made, since it goes with that.
        let spooled = SpooledFile::new(Arc::clone(shared), name, Fate::Loose);
        let made = spawn_blocking(move || {
            let path = spooled.path();
            let file = match new_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    spooled.shared.make_folder(&spooled.shared.incoming())?;
                    new_file(&path)
                }
                other => other,
            };
            file.map(|file| (Some(file), spooled))
        });
        let (file, spooled) = made.await??;
        Ok(Self { file, spooled, waiting: Vec::new(), head: Vec::new(), size: 0 })
    }

    /// Takes the next bytes.
    pub(crate) async fn write(&mut self, chunk: &[u8]) -> Result<(), SpoolError> {
        let shared = &self.spooled.shared;
        let many = {
            let mut usage = shared.usage();
            usage.grow(&self.spooled.name, chunk.len() as u64, &shared.options).map_err(SpoolError::Over)?;
            usage.open() > MANY
        };
        let missing = FileValue::HEAD.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..missing]);
        self.size += chunk.len() as u64;
        self.waiting.extend_from_slice(chunk);
        let piece = if many { SMALL_PIECE } else { PIECE };
        if self.waiting.len() >= piece { Ok(self.flush().await?) } else { Ok(()) }
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
        fault::point("streaming");
        Ok(())
    }

    /// All bytes have come.
    pub(crate) async fn finish(mut self, name: &str) -> Result<FileValue, SpoolError> {
        self.flush().await?;
        let Self { spooled, head, size, .. } = self;
        spooled.shared.usage().close(&spooled.name);
        fault::point("received");
        let handle: Arc<dyn Any + Send + Sync> = Arc::new(spooled);
        Ok(FileValue::stored(name, size, head, handle))
    }
}

/// Makes a file that only this user may read, and that was not there before.
pub(super) fn new_file(path: &std::path::Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};
    use std::time::Duration;

    use super::*;
    use crate::UploadStore;

    #[tokio::test]
    async fn upld_08_a_request_that_breaks_off_while_a_file_is_made_leaves_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let ada = Owner::of("ada");
        drop(store.receive(ada).await.unwrap());
        let mut broken_off = 0;
        for _ in 0..90 {
            let mut receiving = Box::pin(store.receive(ada));
            let polled = receiving.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            broken_off += u32::from(polled.is_pending());
        }
        assert!(broken_off > 0, "the disk is never that quick");
        // Blocking work that was begun is done all the same.
        for _ in 0..200 {
            if store.shared.usage().total() == (0, 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(store.shared.usage().total(), (0, 0));
        assert_eq!(std::fs::read_dir(folder.path().join(".incoming")).unwrap().count(), 0);
    }
}
