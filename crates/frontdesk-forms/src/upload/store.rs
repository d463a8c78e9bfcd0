use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use frontdesk_validate::FileValue;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::owner::Owner;
use super::quota::Usage;
use super::spool::{Fate, Spool, SpoolError, SpooledFile, new_file};
use super::{FileKey, QuarantineOptions};

/// A folder of uploaded files, with a quarantine for those that are not accepted yet.
///
/// A file comes in under a random name in `.incoming`. When its form is accepted, it is made ready before the row that
/// names it is written, and moved to its key after that ([`prepare`](Self::prepare)). When its form is refused, the form
/// can keep it for the next try. What nobody accepts is removed, at the latest by a [`sweep`](Self::sweep).
///
/// Cloning is cheap, and clones count the quarantine together.
#[derive(Clone, Debug)]
pub struct UploadStore {
    pub(super) shared: Arc<Shared>,
}

/// What the clones of a store have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    folder: Box<Path>,
    pub(super) options: QuarantineOptions,
    usage: Mutex<Usage>,
}

/// A file that a refused form keeps for the next try: plain data, to be carried in the form's signed state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptFile {
    /// The field that it is for.
    pub(crate) field: String,
    /// Its random name, without whose it is: 32 hexadecimal digits.
    pub(crate) token: String,
    /// The name that the visitor's file had.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// The media type that the visitor's browser stated.
    pub(crate) media_type: Option<String>,
}

impl Shared {
    /// The quarantine.
    pub(super) fn incoming(&self) -> PathBuf {
        self.folder.join(".incoming")
    }

    /// Where files of a field wait for their row.
    pub(super) fn ready(&self) -> PathBuf {
        self.folder.join(".incoming/ready")
    }

    /// Where it is noted that files of a field are let go.
    pub(super) fn gone(&self) -> PathBuf {
        self.folder.join(".incoming/gone")
    }

    /// The place of a file that a row names.
    pub(super) fn place(&self, key: &FileKey) -> PathBuf {
        self.folder.join(key.as_str())
    }

    pub(super) fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new random name in the quarantine.
    pub(super) fn new_name(&self, owner: Owner) -> Box<str> {
        format!("{owner}-{}", Uuid::new_v4().simple()).into()
    }

    /// Makes a folder below the store's own, for this user alone.
    pub(super) fn make_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    /// The files in the quarantine: name, owner, size, and when they were last touched.
    pub(super) fn quarantined(&self) -> io::Result<Vec<Quarantined>> {
        let mut found = Vec::new();
        let entries = match std::fs::read_dir(self.incoming()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let Some((name, owner)) = entry.file_name().into_string().ok().and_then(own_name) else {
                continue;
            };
            // It does not follow links; and what was there may be gone by now.
            let Ok(about) = entry.metadata() else { continue };
            if about.is_file() {
                let touched = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.push(Quarantined { name, owner, size: about.len(), touched });
            }
        }
        Ok(found)
    }

    /// Counts what lies in the quarantine, of an earlier run or another process.
    pub(super) fn seed(&self) -> io::Result<()> {
        let found = self.quarantined()?;
        let mut usage = self.usage();
        let there: HashSet<&str> = found.iter().map(|file| &*file.name).collect();
        for name in usage.closed() {
            if !there.contains(&*name) {
                usage.forget(&name);
            }
        }
        for file in &found {
            if !usage.is_known(&file.name) {
                usage.add(&file.name, file.owner, file.size);
            }
        }
        usage.is_seeded = true;
        Ok(())
    }
}

/// A file in the quarantine, as the folder tells it.
pub(super) struct Quarantined {
    pub(super) name: Box<str>,
    pub(super) owner: Owner,
    pub(super) size: u64,
    pub(super) touched: SystemTime,
}

/// Reads a name of our making: whose it is, a hyphen, the token.
fn own_name(name: String) -> Option<(Box<str>, Owner)> {
    let (owner, token) = name.split_once('-')?;
    let owner = Owner::parse(owner).filter(|_| is_token(token))?;
    Some((name.into(), owner))
}

fn is_token(token: &str) -> bool {
    token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

impl UploadStore {
    /// A store in `folder`, which is made when the first file comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self::with_options(folder.into(), QuarantineOptions::default())
    }

    fn with_options(folder: PathBuf, options: QuarantineOptions) -> Self {
        let folder = folder.into_boxed_path();
        Self { shared: Arc::new(Shared { folder, options, usage: Mutex::default() }) }
    }

    /// The same store with other limits for its quarantine. To be called before clones are made: they would count for
    /// themselves.
    #[must_use]
    pub fn quarantine(self, options: QuarantineOptions) -> Self {
        Self::with_options(self.shared.folder.to_path_buf(), options)
    }

    /// The limits of the quarantine.
    pub fn quarantine_options(&self) -> &QuarantineOptions {
        &self.shared.options
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// Where the file of that key is: at its own place, or, if its row was written just before a crash, still where it
    /// waited for that.
    pub fn path(&self, key: &FileKey) -> PathBuf {
        let place = self.shared.place(key);
        if key.is_generated()
            && matches!(place.try_exists(), Ok(false))
            && let Some(waiting) = self.shared.waiting(key)
        {
            return waiting;
        }
        place
    }

    /// Moves a received file to its key at once, for files that no row of a database names. It is never put in the place
    /// of another one. Where a row names it, see [`prepare`](Self::prepare).
    ///
    /// # Errors
    /// Those of the file system.
    pub async fn keep(&self, file: &FileValue, key: &FileKey) -> io::Result<()> {
        let target = self.shared.place(key);
        let shared = Arc::clone(&self.shared);
        if let Some(spooled) = SpooledFile::of(file) {
            return spawn_blocking(move || {
                // Keys are random: that another process makes the same one in between does not happen.
                if target.try_exists()? {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                std::fs::rename(spooled.path(), &target)?;
                spooled.set_fate(Fate::Moved);
                shared.usage().forget(spooled.name());
                Ok(())
            })
            .await?;
        }
        let content = file.content().map(<[u8]>::to_vec).ok_or(io::ErrorKind::NotFound)?;
        spawn_blocking(move || {
            std::fs::create_dir_all(&shared.folder)?;
            new_file(&target)?.write_all(&content)
        })
        .await?
    }

    /// Removes the file of that key; that it is not there is no error.
    ///
    /// # Errors
    /// Those of the file system.
    pub async fn remove(&self, key: &FileKey) -> io::Result<()> {
        let path = self.shared.place(key);
        spawn_blocking(move || remove_file(&path)).await?
    }

    /// Begins to receive a file.
    pub(crate) async fn receive(&self, owner: Owner) -> Result<Spool, SpoolError> {
        Spool::begin(&self.shared, owner).await
    }

    /// Makes a received file outlive its request, for a form that was refused; its lifetime begins anew. `None` for a
    /// file that is not in the quarantine (any more).
    pub(crate) fn hold(&self, field: &str, file: &FileValue) -> Option<KeptFile> {
        let spooled = SpooledFile::of(file).filter(|spooled| spooled.fate() != Fate::Moved)?;
        let (_, token) = spooled.name().split_once('-')?;
        let touched = std::fs::File::options().write(true).open(spooled.path());
        if let Err(error) = touched.and_then(|file| file.set_modified(SystemTime::now())) {
            tracing::warn!(%error, name = spooled.name(), "a file cannot be kept for a refused form");
            return None;
        }
        spooled.set_fate(Fate::Held);
        Some(KeptFile {
            field: field.to_owned(),
            token: token.to_owned(),
            name: file.name().to_owned(),
            size: file.size(),
            media_type: file.media_type().map(str::to_owned),
        })
    }

    /// Lets a file go that was held: it is removed when its value is dropped.
    pub(crate) fn release(&self, file: &FileValue) {
        if let Some(spooled) = SpooledFile::of(file).filter(|spooled| spooled.fate() == Fate::Held) {
            spooled.set_fate(Fate::Loose);
        }
    }

    /// Finds a file that a refused form kept. `None` if it expired, was used, or is none of that owner's: the name is one
    /// of our making, and what it leads to is a file of that size, no link.
    pub(crate) async fn reopen(&self, owner: Owner, kept: &KeptFile) -> io::Result<Option<FileValue>> {
        if !is_token(&kept.token) {
            return Ok(None);
        }
        let name: Box<str> = format!("{owner}-{}", kept.token).into();
        let spooled = SpooledFile::new(Arc::clone(&self.shared), name, Fate::Held);
        let (path, size, lifetime) = (spooled.path(), kept.size, self.shared.options.lifetime);
        let head = spawn_blocking(move || read_head(&path, size, lifetime)).await?;
        let head = match head {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let file = FileValue::stored(kept.name.as_str(), kept.size, head, Arc::new(spooled));
        Ok(Some(match &kept.media_type {
            Some(media_type) => file.with_media_type(media_type.as_str()),
            None => file,
        }))
    }
}

/// The head of a kept file, if it is one of that size and not too old.
fn read_head(path: &Path, size: u64, lifetime: std::time::Duration) -> io::Result<Option<Vec<u8>>> {
    // Opening could follow a link; the quarantine is a folder of this user's alone, where nobody else makes one.
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let file = std::fs::File::open(path)?;
    let about = file.metadata()?;
    let age = SystemTime::now().duration_since(about.modified()?).unwrap_or_default();
    if about.len() != size || age > lifetime {
        return Ok(None);
    }
    let mut head = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, FileValue::HEAD as u64), &mut head)?;
    Ok(Some(head))
}

/// Removes a file; that it is not there is no error.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upload::quota::Over;

    fn count(folder: &Path) -> usize {
        std::fs::read_dir(folder.join(".incoming"))
            .map_or(0, |entries| entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count())
    }

    async fn received(store: &UploadStore, owner: Owner, content: &[u8]) -> FileValue {
        let mut spool = store.receive(owner).await.unwrap();
        spool.write(content).await.unwrap();
        spool.finish("a.bin").await.unwrap()
    }

    #[tokio::test]
    async fn a_kept_file_is_whole_and_the_quarantine_empty() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let mut spool = store.receive(Owner::of("x")).await.unwrap();
        let chunk = vec![7; 100_000];
        for _ in 0..11 {
            spool.write(&chunk).await.unwrap();
        }
        let file = spool.finish("a.bin").await.unwrap();
        assert_eq!((file.size(), file.head().len()), (1_100_000, FileValue::HEAD));
        assert_eq!(store.shared.usage().total(), (1, 1_100_000));
        let key = FileKey::parse("a-1.bin").unwrap();
        store.keep(&file, &key).await.unwrap();
        assert!(store.keep(&file, &key).await.is_err(), "a file is never put in the place of another one");
        drop(file);
        assert_eq!(std::fs::read(store.path(&key)).unwrap(), vec![7; 1_100_000]);
        assert_eq!((count(folder.path()), store.shared.usage().total()), (0, (0, 0)));
        store.remove(&key).await.unwrap();
        store.remove(&key).await.unwrap();
        assert!(!store.path(&key).exists());
    }

    #[tokio::test]
    async fn a_held_file_outlives_its_request_and_can_be_had_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let ada = Owner::of("ada");
        let file = received(&store, ada, b"hello").await.with_media_type("text/plain");
        let kept = store.hold("picture", &file).unwrap();
        assert_eq!((&*kept.field, &*kept.name, kept.size), ("picture", "a.bin", 5));
        drop(file);
        let again = store.reopen(ada, &kept).await.unwrap().unwrap();
        assert_eq!((again.head(), again.media_type()), (&b"hello"[..], Some("text/plain")));
        drop(again);
        assert_eq!(count(folder.path()), 1, "refused again, it stays");
        let again = store.reopen(ada, &kept).await.unwrap().unwrap();
        store.release(&again);
        drop(again);
        assert_eq!((count(folder.path()), store.shared.usage().total()), (0, (0, 0)));
        assert!(store.reopen(ada, &kept).await.unwrap().is_none(), "it is gone");
    }

    #[tokio::test]
    async fn upld_09_a_kept_file_is_its_owners_alone_and_no_other_file_can_be_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path().join("uploads"));
        let (ada, eve) = (Owner::of("ada"), Owner::of("eve"));
        let file = received(&store, ada, b"hello").await;
        let kept = store.hold("picture", &file).unwrap();
        assert!(store.reopen(eve, &kept).await.unwrap().is_none(), "another's");
        for size in [4, 6] {
            assert!(store.reopen(ada, &KeptFile { size, ..kept.clone() }).await.unwrap().is_none());
        }
        std::fs::write(folder.path().join("secret"), "hello").unwrap();
        std::fs::write(store.folder().join("secret"), "hello").unwrap();
        let name = format!("{ada}-{}", kept.token);
        for token in [
            "",
            ".",
            "..",
            "../secret",
            "../../secret",
            "x/../../../secret",
            "/etc/passwd",
            "..\\secret",
            "ready",
            &name,
            &kept.token[1..],
            &kept.token.to_uppercase(),
            &format!("{}\0", kept.token),
            &format!("{}/", kept.token),
        ] {
            let other = KeptFile { token: token.to_owned(), ..kept.clone() };
            if *token != *kept.token {
                assert!(store.reopen(ada, &other).await.unwrap().is_none(), "{token}");
            }
        }
        #[cfg(unix)]
        {
            let token = "0".repeat(32);
            let link = store.folder().join(format!(".incoming/{ada}-{token}"));
            std::os::unix::fs::symlink(folder.path().join("secret"), link).unwrap();
            assert!(
                store.reopen(ada, &KeptFile { token, ..kept.clone() }).await.unwrap().is_none(),
                "a link"
            );
        }
        assert!(store.reopen(ada, &kept).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn upld_09_a_kept_file_expires() {
        let folder = tempfile::tempdir().unwrap();
        let lifetime = std::time::Duration::from_millis(200);
        let options = QuarantineOptions::default().lifetime(lifetime);
        let store = UploadStore::new(folder.path()).quarantine(options);
        let file = received(&store, Owner::of("ada"), b"hello").await;
        let kept = store.hold("picture", &file).unwrap();
        tokio::time::sleep(lifetime * 2).await;
        assert!(store.reopen(Owner::of("ada"), &kept).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn upld_08_a_visitors_files_are_counted_after_a_restart_too() {
        let folder = tempfile::tempdir().unwrap();
        let options = QuarantineOptions::default().visitor_bytes(10);
        let store = UploadStore::new(folder.path()).quarantine(options.clone());
        let ada = Owner::of("ada");
        let file = received(&store, ada, b"12345678").await;
        store.hold("a", &file).unwrap();
        drop((file, store));

        let store = UploadStore::new(folder.path()).quarantine(options);
        let mut spool = store.receive(ada).await.unwrap();
        assert!(matches!(spool.write(b"123").await, Err(SpoolError::Over(Over::Visitor))));
        let mut other = store.receive(Owner::of("bob")).await.unwrap();
        other.write(b"123").await.unwrap();
    }
}
