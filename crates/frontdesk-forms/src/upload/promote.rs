//! From the quarantine to the place where a row names a file, in two steps with the row's commit between them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use frontdesk_validate::FileValue;
use tokio::task::spawn_blocking;

use super::FileKey;
use super::content::Kind;
use super::image::{is_strippable, strip};
use super::spool::{Fate, SpooledFile, new_file};
use super::store::{Shared, UploadStore, remove_file};
use crate::fault;

/// A received file that a row is about to name.
#[derive(Clone, Debug)]
pub struct NewFile {
    file: FileValue,
    key: FileKey,
    table: Arc<str>,
    field: Arc<str>,
    strip_metadata: bool,
}

impl NewFile {
    /// A file, the key that the row will have, and the table and the field that it will have it in.
    pub fn new(
        file: FileValue,
        key: FileKey,
        table: impl Into<Arc<str>>,
        field: impl Into<Arc<str>>,
    ) -> Self {
        Self { file, key, table: table.into(), field: field.into(), strip_metadata: false }
    }

    /// Sets whether what a camera or a program noted in a JPEG, PNG or WebP image is taken out: place, time, device,
    /// author, comments. The image itself is not encoded anew, and stays the right way up.
    #[must_use]
    pub fn strip_metadata(mut self, strip: bool) -> Self {
        self.strip_metadata = strip;
        self
    }
}

/// A stored file that a row is about to let go.
#[derive(Clone, Debug)]
pub struct OldFile {
    key: FileKey,
    table: Arc<str>,
    field: Arc<str>,
}

impl OldFile {
    /// The key that the row has, and the table and the field that it has it in.
    ///
    /// `None` for a key that is not of [our making](FileKey::is_generated): a database that somebody else filled may name
    /// one file in many rows, so it stays.
    pub fn new(key: &str, table: impl Into<Arc<str>>, field: impl Into<Arc<str>>) -> Option<Self> {
        let key = FileKey::parse(key).filter(FileKey::is_generated)?;
        Some(Self { key, table: table.into(), field: field.into() })
    }
}

/// Files that wait for what becomes of a row: see [`UploadStore::prepare`].
///
/// Dropped without a word, as when the request breaks off while the database writes, it leaves everything to a
/// [sweep](UploadStore::sweep), which asks the database.
#[derive(Debug)]
#[must_use = "files wait until the row is committed or refused"]
pub struct Pending {
    shared: Arc<Shared>,
    files: Vec<Ready>,
    /// The old files, each with the marker that notes it.
    old: Vec<(PathBuf, PathBuf)>,
}

/// A file that waits.
#[derive(Debug)]
struct Ready {
    waiting: PathBuf,
    place: PathBuf,
    /// The file in the quarantine that it was or, if it is a copy, still is.
    spooled: Option<(Arc<SpooledFile>, Fate)>,
    is_copy: bool,
}

impl UploadStore {
    /// Makes files ready for the row that will name them, and notes the ones that it will let go.
    ///
    /// Call it when everything is checked, write the row, then call [`Pending::commit`] or, if the row was refused,
    /// [`Pending::roll_back`]. However the process ends in between, no row names a missing file: a file that waits is
    /// found by [`path`](Self::path) and served; and a [sweep](Self::sweep) moves it to its place if a row names it, or
    /// else removes it, and removes old files that no row names any more.
    ///
    /// # Errors
    /// Those of the file system; [`AlreadyExists`](io::ErrorKind::AlreadyExists) if there is a file of a key;
    /// [`NotFound`](io::ErrorKind::NotFound) if a received file is gone, since another request used it;
    /// [`InvalidData`](io::ErrorKind::InvalidData) if an image is broken, so that its metadata cannot be told from the
    /// rest. Then everything is as it was.
    pub async fn prepare(&self, files: Vec<NewFile>, replaced: Vec<OldFile>) -> io::Result<Pending> {
        let shared = Arc::clone(&self.shared);
        let mut pending = Pending { shared, files: Vec::new(), old: Vec::new() };
        if files.is_empty() && replaced.is_empty() {
            return Ok(pending);
        }
        spawn_blocking(move || match pending.prepare(files, replaced) {
            Ok(()) => Ok(pending),
            Err(error) => {
                pending.undo();
                Err(error)
            }
        })
        .await?
    }
}

impl Pending {
    /// The row is committed: moves the files to their places, and removes the old ones. What cannot be moved or removed
    /// is logged, and left to a sweep; a file that could not be moved is served all the same.
    pub async fn commit(self) {
        if self.files.is_empty() && self.old.is_empty() {
            return;
        }
        // It runs to its end even if the request breaks off now.
        if let Err(error) = spawn_blocking(move || self.carry_out()).await {
            tracing::error!(%error, "uploaded files could not be moved to their places");
        }
    }

    /// Nobody knows whether the row was committed, since the database broke off while it answered: a sweep will find out.
    /// Where the file system has links, the files are in the quarantine as well, so that a form can keep them.
    pub async fn leave(self) {
        if self.files.is_empty() {
            return;
        }
        let left = spawn_blocking(move || {
            for ready in &self.files {
                let Some((spooled, fate)) = &ready.spooled else { continue };
                // A copy, whose original is still there, needs nothing.
                if !ready.is_copy && std::fs::hard_link(&ready.waiting, spooled.path()).is_ok() {
                    self.shared.add(spooled, *fate);
                }
            }
        });
        if let Err(error) = left.await {
            tracing::error!(%error, "uploaded files could not be linked back");
        }
    }

    /// The row was refused: the files are in the quarantine as before, and the old ones stay.
    pub async fn roll_back(mut self) {
        if self.files.is_empty() && self.old.is_empty() {
            return;
        }
        if let Err(error) = spawn_blocking(move || self.undo()).await {
            tracing::error!(%error, "uploaded files could not be moved back");
        }
    }

    fn prepare(&mut self, files: Vec<NewFile>, replaced: Vec<OldFile>) -> io::Result<()> {
        let mut folders: Vec<PathBuf> = Vec::new();
        for new in files {
            let folder = self.shared.ready().join(encoded(&new.table)).join(encoded(&new.field));
            self.shared.make_folder(&folder)?;
            let ready = make_ready(&self.shared, &folder, &new)?;
            self.files.push(ready);
            folders.push(folder);
        }
        // A row must not outlive its file when the power fails: the names count too.
        folders.sort();
        folders.dedup();
        if self.shared.options.write_through {
            folders.iter().try_for_each(|folder| sync_folder(folder))?;
        }
        fault::point("ready");
        for old in replaced {
            let folder = self.shared.gone().join(encoded(&old.table)).join(encoded(&old.field));
            self.shared.make_folder(&folder)?;
            let marker = folder.join(old.key.as_str());
            match new_file(&marker) {
                // Another form lets it go too, or one that broke off did: the time counts from now.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => touch(&marker)?,
                other => drop(other?),
            }
            self.old.push((self.shared.place(&old.key), marker));
        }
        fault::point("marked");
        fault::point("before-commit");
        Ok(())
    }

    fn carry_out(self) {
        fault::point("after-commit");
        for ready in &self.files {
            // A sweep may have been faster.
            if let Err(error) = std::fs::rename(&ready.waiting, &ready.place)
                && !ready.place.exists()
            {
                tracing::error!(%error, file = %ready.waiting.display(), "a file cannot be moved to its place");
            }
            if let Some((spooled, _)) = ready.spooled.as_ref().filter(|_| ready.is_copy) {
                // The copy is what counts; the file itself goes when nobody holds it.
                spooled.set_fate(Fate::Loose);
            }
        }
        fault::point("renamed");
        for (place, marker) in &self.old {
            if let Err(error) = remove_file(place) {
                tracing::warn!(%error, file = %place.display(), "a replaced file cannot be removed");
                continue;
            }
            fault::point("removed");
            if let Err(error) = remove_file(marker) {
                tracing::warn!(%error, file = %marker.display(), "a note cannot be removed");
            }
        }
    }

    fn undo(&mut self) {
        for ready in self.files.drain(..) {
            let undone = match ready.spooled {
                Some((spooled, fate)) if !ready.is_copy => {
                    std::fs::rename(&ready.waiting, spooled.path()).map(|()| self.shared.add(&spooled, fate))
                }
                _ => remove_file(&ready.waiting),
            };
            if let Err(error) = undone {
                tracing::warn!(%error, file = %ready.waiting.display(), "a file cannot be moved back");
            }
        }
        for (_, marker) in self.old.drain(..) {
            if let Err(error) = remove_file(&marker) {
                tracing::warn!(%error, file = %marker.display(), "a note cannot be removed");
            }
        }
    }
}

/// Moves or writes one file to where it waits.
fn make_ready(shared: &Shared, folder: &Path, new: &NewFile) -> io::Result<Ready> {
    let (waiting, place) = (folder.join(new.key.as_str()), shared.place(&new.key));
    if place.try_exists()? || waiting.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let through = shared.options.write_through;
    let kind = Kind::of(new.file.head());
    let is_stripped = new.strip_metadata && is_strippable(kind);
    let Some(spooled) = SpooledFile::of(&new.file) else {
        let content = new.file.content().ok_or(io::ErrorKind::NotFound)?;
        written(&waiting, through, |file| {
            if is_stripped { strip(kind, Cursor::new(content), file) } else { file.write_all(content) }
        })?;
        return Ok(Ready { waiting, place, spooled: None, is_copy: true });
    };
    let fate = spooled.fate();
    if fate == Fate::Moved {
        return Err(io::ErrorKind::NotFound.into());
    }
    let from = spooled.path();
    if is_stripped {
        let original = BufReader::with_capacity(64 * 1024, File::open(&from)?);
        written(&waiting, through, |file| strip(kind, original, BufWriter::with_capacity(64 * 1024, file)))?;
        return Ok(Ready { waiting, place, spooled: Some((spooled, fate)), is_copy: true });
    }
    // Its age counts from now on; and its content has to be there when the row is.
    let file = File::options().read(true).write(true).open(&from)?;
    file.set_modified(SystemTime::now())?;
    if through {
        file.sync_data()?;
    }
    std::fs::rename(&from, &waiting)?;
    spooled.set_fate(Fate::Moved);
    shared.usage().forget(spooled.name());
    Ok(Ready { waiting, place, spooled: Some((spooled, fate)), is_copy: false })
}

/// Writes a new file, whole or not at all.
fn written(path: &Path, through: bool, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = new_file(path)?;
    let done = write(&mut file).and_then(|()| if through { file.sync_data() } else { Ok(()) });
    if done.is_err() {
        drop(file);
        remove_file(path)?;
    }
    done
}

fn touch(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.set_modified(SystemTime::now())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(()) // a folder cannot be opened there, and its names need no such help
}

impl Shared {
    /// Counts a file that is in the quarantine again.
    fn add(&self, spooled: &SpooledFile, fate: Fate) {
        let size = spooled.path().metadata().map_or(0, |about| about.len());
        if let Some(owner) = spooled.owner() {
            self.usage().add(spooled.name(), owner, size);
        }
        spooled.set_fate(fate);
    }

    /// Where a file waits for its row, by its key alone.
    pub(super) fn waiting(&self, key: &FileKey) -> Option<PathBuf> {
        let tables = std::fs::read_dir(self.ready()).ok()?;
        let fields = tables.flatten().filter_map(|table| std::fs::read_dir(table.path()).ok());
        fields.flat_map(Iterator::flatten).map(|field| field.path().join(key.as_str())).find(|path| {
            // No link leads out of the folder.
            path.symlink_metadata().is_ok_and(|about| about.is_file())
        })
    }
}

/// The name of a table or field as the name of a folder: letters and digits of any script, `_` and `-` stay as they are,
/// other bytes are percent-encoded.
pub(super) fn encoded(name: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_alphanumeric() || letter == '_' || letter == '-' {
            encoded.push(letter);
        } else {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    // A folder has to have a name; no name is encoded as this.
    if encoded.is_empty() { "%".to_owned() } else { encoded }
}

/// The name that a folder stands for; `None` for a folder of nobody's making.
pub(super) fn decoded(folder: &str) -> Option<String> {
    if folder == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(folder.len());
    let mut rest = folder.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
        rest = behind;
    }
    String::from_utf8(bytes).ok().filter(|name| encoded(name) == folder)
}

#[cfg(test)]
mod tests {
    use frontdesk_data::UploadOptions;

    use super::*;
    use crate::upload::owner::Owner;

    async fn received(store: &UploadStore, content: &[u8]) -> FileValue {
        let mut spool = store.receive(Owner::of("ada")).await.unwrap();
        spool.write(content).await.unwrap();
        spool.finish("a.txt").await.unwrap()
    }

    fn key() -> FileKey {
        FileKey::generate("a.txt", &UploadOptions::default()).unwrap()
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                found.extend(files(&entry.path()));
            } else {
                found.push(entry.file_name().into_string().unwrap());
            }
        }
        found.sort();
        found
    }

    #[tokio::test]
    async fn upld_10_a_file_waits_for_its_row_and_the_old_one_goes_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let old = key();
        std::fs::write(store.path(&old), "old").unwrap();
        let (first, second) = (key(), key());
        let file = received(&store, b"new").await;
        let text = FileValue::in_memory("b.txt", *b"in memory");
        let replaced = OldFile::new(old.as_str(), "a/b", "..").unwrap();
        let files_of = vec![
            NewFile::new(file.clone(), first.clone(), "a/b", ".."),
            NewFile::new(text, second.clone(), "", "ö"),
        ];
        let pending = store.prepare(files_of, vec![replaced]).await.unwrap();
        drop(file);
        assert!(store.path(&old).exists(), "the old file stays until the row is committed");
        assert_eq!(std::fs::read(store.path(&first)).unwrap(), b"new", "it is found where it waits");
        assert!(!folder.path().join(first.as_str()).exists());
        pending.commit().await;
        assert!(!store.path(&old).exists());
        assert_eq!(std::fs::read(folder.path().join(first.as_str())).unwrap(), b"new");
        assert_eq!(std::fs::read(folder.path().join(second.as_str())).unwrap(), b"in memory");
        assert!(files(&folder.path().join(".incoming")).is_empty());
    }

    #[tokio::test]
    async fn upld_10_a_refused_row_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let old = key();
        std::fs::write(store.path(&old), "old").unwrap();
        let file = received(&store, b"new").await;
        let new = NewFile::new(file.clone(), key(), "t", "f");
        let pending = store
            .prepare(vec![new.clone()], vec![OldFile::new(old.as_str(), "t", "f").unwrap()])
            .await
            .unwrap();
        pending.roll_back().await;
        assert_eq!(store.shared.usage().total(), (1, 3));
        let kept = store.hold("f", &file).expect("it is in the quarantine again");
        drop(file);
        assert_eq!(files(folder.path()).len(), 2);
        let file = store.reopen(Owner::of("ada"), &kept).await.unwrap().unwrap();
        let again = NewFile::new(file, new.key.clone(), "t", "f");
        store.prepare(vec![again], Vec::new()).await.unwrap().commit().await;
        assert_eq!(std::fs::read(store.path(&new.key)).unwrap(), b"new");
        assert_eq!((files(folder.path()).len(), store.shared.usage().total()), (2, (0, 0)));
    }

    #[tokio::test]
    async fn upld_05_what_was_noted_in_an_image_is_not_stored() {
        const NOTED: &[u8] = b"\xff\xd8\xff\xfe\0\x08SECRET\xff\xda\0\x02image\xff\xd9";
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        for in_memory in [true, false] {
            let file =
                if in_memory { FileValue::in_memory("a.jpg", NOTED) } else { received(&store, NOTED).await };
            for strip in [false, true] {
                let new = NewFile::new(file.clone(), key(), "t", "f").strip_metadata(strip);
                let stored = store.path(&new.key);
                let pending = store.prepare(vec![new.clone()], Vec::new()).await.unwrap();
                pending.roll_back().await;
                if !in_memory {
                    assert!(store.hold("f", &file).is_some(), "the file is there as it came");
                }
                if strip {
                    store.prepare(vec![new], Vec::new()).await.unwrap().commit().await;
                    assert_eq!(std::fs::read(stored).unwrap(), b"\xff\xd8\xff\xda\0\x02image\xff\xd9");
                }
            }
        }
        assert!(files(&folder.path().join(".incoming")).is_empty());

        let broken = received(&store, b"\xff\xd8\xff\xfe\xff\xff").await;
        let new = NewFile::new(broken, key(), "t", "f").strip_metadata(true);
        assert_eq!(
            store.prepare(vec![new], Vec::new()).await.unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
        assert!(files(&folder.path().join(".incoming")).is_empty());
    }

    #[tokio::test]
    async fn upld_10_what_nobody_knows_is_left_to_a_sweep_and_can_be_submitted_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let file = received(&store, b"new").await;
        let new = NewFile::new(file.clone(), key(), "t", "f");
        store.prepare(vec![new.clone()], Vec::new()).await.unwrap().leave().await;
        let kept = store.hold("f", &file).expect("it is in the quarantine too");
        drop((file, new.file));
        let again = store.reopen(Owner::of("ada"), &kept).await.unwrap().unwrap();
        let second = NewFile::new(again, key(), "t", "f");
        store.prepare(vec![second.clone()], Vec::new()).await.unwrap().commit().await;
        for key in [&new.key, &second.key] {
            assert_eq!(std::fs::read(store.path(key)).unwrap(), b"new");
        }
    }

    #[tokio::test]
    async fn upld_10_one_file_that_cannot_be_made_ready_leaves_all_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let (first, second) = (received(&store, b"one").await, received(&store, b"two").await);
        let taken = key();
        std::fs::write(store.path(&taken), "taken").unwrap();
        let files_of =
            vec![NewFile::new(first.clone(), key(), "t", "f"), NewFile::new(second.clone(), taken, "t", "f")];
        let error = store.prepare(files_of, Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(files(&folder.path().join(".incoming")).len(), 2);
        drop((first, second));
        assert_eq!(files(folder.path()).len(), 1);
    }

    #[tokio::test]
    async fn a_file_is_used_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let file = received(&store, b"one").await;
        let kept = store.hold("f", &file).unwrap();
        let twin = store.reopen(Owner::of("ada"), &kept).await.unwrap().unwrap();
        store.prepare(vec![NewFile::new(file, key(), "t", "f")], Vec::new()).await.unwrap().commit().await;
        let error = store.prepare(vec![NewFile::new(twin, key(), "t", "f")], Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(store.reopen(Owner::of("ada"), &kept).await.unwrap().is_none());
        assert!(store.hold("f", &FileValue::in_memory("a", *b"x")).is_none());
    }

    #[test]
    fn upld_04_names_of_tables_are_plain_names_of_folders() {
        for name in [
            "",
            "a",
            "A b",
            "..",
            ".",
            "/",
            "a/../b",
            "größe",
            "日本",
            "%",
            "%2E",
            "a\0",
            "con.",
            "\u{202e}x",
        ] {
            let folder = encoded(name);
            assert!(!folder.contains(['/', '\\', '.', '\0', ' ']) && !folder.is_empty(), "{folder}");
            assert_eq!(decoded(&folder).as_deref(), Some(name));
        }
        for folder in ["%2", "%zz", "%41", "a.b", "%ff", ".."] {
            assert_eq!(decoded(folder), None, "{folder}");
        }
    }
}
