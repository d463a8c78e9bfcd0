//! Tidying up: what expired, and what a crash or a request that broke off left behind.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use frontdesk_data::{Db, DbError, FieldType, Set};
use frontdesk_validate::Value;
use tokio::task::{JoinHandle, spawn_blocking};

use super::FileKey;
use super::promote::decoded;
use super::store::{Shared, UploadStore, remove_file};

/// What a [sweep](UploadStore::sweep) did, in files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SweepReport {
    /// Files in the quarantine that expired, and were removed.
    pub expired: u64,
    /// Files that waited for a row which names them, and were moved to their places.
    pub promoted: u64,
    /// Files that waited for a row which was never written, and were removed.
    pub removed: u64,
    /// Old files that no row names any more, and were removed.
    pub replaced: u64,
    /// Files about which nothing could be found out, and that stay for the next sweep: of a table that is not known, or
    /// while the database does not answer.
    pub left: u64,
}

/// A sweep that runs again and again, until this is dropped.
#[derive(Debug)]
#[must_use = "sweeping ends when this is dropped"]
pub struct Sweeper(JoinHandle<()>);

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl UploadStore {
    /// Removes what expired, and brings to its end what a crash left half done. `is_named` says whether a row names a
    /// file: it gets the table, the field and the key.
    ///
    /// Nothing is touched but files of this store's own making in its quarantine, and those that a row let go. It may
    /// run at any time, in several processes.
    ///
    /// # Errors
    /// Those of the file system. What `is_named` cannot say is logged, and left to the next sweep.
    pub async fn sweep<F, E>(
        &self,
        is_named: impl Fn(String, String, FileKey) -> F,
    ) -> io::Result<SweepReport>
    where
        F: Future<Output = Result<bool, E>>,
        E: std::fmt::Display,
    {
        let mut report = SweepReport::default();
        let shared = Arc::clone(&self.shared);
        let (expired, ready, gone) = spawn_blocking(move || {
            io::Result::Ok((
                shared.sweep_quarantine()?,
                shared.noted(&shared.ready())?,
                shared.noted(&shared.gone())?,
            ))
        })
        .await??;
        report.expired = expired;
        for note in ready {
            let Some(named) = ask(&is_named, &note, &mut report).await else { continue };
            let place = self.shared.place(&note.key);
            let path = note.path.clone();
            spawn_blocking(move || if named { promote(&path, &place) } else { remove_file(&path) }).await??;
            *(if named { &mut report.promoted } else { &mut report.removed }) += 1;
        }
        for note in gone {
            let Some(named) = ask(&is_named, &note, &mut report).await else { continue };
            let place = self.shared.place(&note.key);
            let path = note.path.clone();
            let removed = spawn_blocking(move || {
                let is_there = !named && place.try_exists()?;
                if is_there {
                    remove_file(&place)?;
                }
                remove_file(&path)?;
                io::Result::Ok(is_there)
            });
            report.replaced += u64::from(removed.await??);
        }
        if report != SweepReport::default() {
            tracing::info!(?report, "swept the folder of uploaded files");
        }
        Ok(report)
    }

    /// [Sweeps](Self::sweep), and asks a database which files its rows name.
    ///
    /// # Errors
    /// Those of the file system.
    ///
    /// ```
    /// # use frontdesk_data::Db;
    /// # use frontdesk_forms::UploadStore;
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let db = Db::open("sqlite::memory:").await.unwrap();
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let uploads = folder.path().join("uploads");
    /// let store = UploadStore::new(uploads);
    /// let report = store.sweep_db(&db).await.unwrap();
    /// assert_eq!(report.expired, 0);
    /// # });
    /// ```
    pub async fn sweep_db(&self, db: &Db) -> io::Result<SweepReport> {
        self.sweep(async |table, field, key| is_named(db, &table, &field, &key).await).await
    }

    /// [Sweeps](Self::sweep_db) now and then, until the answer is dropped. To be called within tokio's runtime. It is
    /// enough that one of several processes does it.
    pub fn sweep_every(&self, db: &Db, interval: Duration) -> Sweeper {
        let (store, db) = (self.clone(), db.clone());
        Sweeper(tokio::spawn(async move {
            let mut ticks = tokio::time::interval(interval.max(Duration::from_millis(1)));
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let db = db.clone();
                let named = move |table: String, field: String, key: FileKey| {
                    let db = db.clone();
                    async move { is_named(&db, &table, &field, &key).await }
                };
                if let Err(error) = store.sweep(named).await {
                    tracing::error!(%error, "the folder of uploaded files cannot be swept");
                }
            }
        }))
    }
}

/// Whether a row of that table names the file in that field.
async fn is_named(db: &Db, table: &str, field: &str, key: &FileKey) -> Result<bool, String> {
    let table = db.table(table).ok_or("the database handle knows no such table")?;
    let kind = &table.get(field).ok_or("the table has no such field")?.kind;
    let (rows, column) = (db.set(&table), table.col(field));
    let named = if *kind == FieldType::ListUpload {
        // Better to keep a file too many.
        names_in_lists(rows.filter(column.contains(key.as_str())), field, key, true).await
    } else {
        rows.filter(column.eq(key.as_str())).exists().await
    };
    named.map_err(|error| error.to_string())
}

/// Whether one of the lists in which the key occurs as a piece of text has it as an item; `odd` is the answer for odd data
/// that is no list.
pub(super) async fn names_in_lists(
    rows: Set,
    field: &str,
    key: &FileKey,
    odd: bool,
) -> Result<bool, DbError> {
    // A key is random: there are no more rows than name it, but for hostile texts.
    let rows = rows.columns([field.to_owned()]).limit(1000).rows().await?;
    Ok(rows.iter().any(|row| match &row[field] {
        Value::List(items) => items.iter().any(|item| item.as_str() == Some(key.as_str())),
        _ => odd,
    }))
}

/// Asks about one file. `None` where there is no answer.
async fn ask<F, E>(
    is_named: impl Fn(String, String, FileKey) -> F,
    note: &Note,
    report: &mut SweepReport,
) -> Option<bool>
where
    F: Future<Output = Result<bool, E>>,
    E: std::fmt::Display,
{
    match is_named(note.table.clone(), note.field.clone(), note.key.clone()).await {
        Ok(named) => Some(named),
        Err(error) => {
            let Note { table, field, key, .. } = note;
            tracing::warn!(%error, table, field, %key, "nobody knows whether a row names a file");
            report.left += 1;
            None
        }
    }
}

/// Moves a file to its place, unless another process just did.
fn promote(waiting: &Path, place: &Path) -> io::Result<()> {
    match std::fs::rename(waiting, place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A file of which the quarantine notes that it waits, or that it is let go.
struct Note {
    table: String,
    field: String,
    key: FileKey,
    path: PathBuf,
}

impl Shared {
    /// Removes expired files, and counts the others anew. Gives how many were removed.
    fn sweep_quarantine(&self) -> io::Result<u64> {
        let mut removed = 0;
        for file in self.quarantined()? {
            // What comes in is touched with each piece; but the clock may jump.
            if !is_older(file.touched, self.options.lifetime) || self.usage().is_open(&file.name) {
                continue;
            }
            match remove_file(&self.incoming().join(&*file.name)) {
                Ok(()) => {
                    self.usage().forget(&file.name);
                    removed += 1;
                }
                Err(error) => tracing::warn!(%error, name = %file.name, "an expired file cannot be removed"),
            }
        }
        self.seed()?;
        Ok(removed)
    }

    /// The files below a folder of tables and fields that are old enough for nobody to be at work on them.
    fn noted(&self, folder: &Path) -> io::Result<Vec<Note>> {
        let mut notes = Vec::new();
        for (table, tables) in folders(folder)? {
            for (field, fields) in folders(&tables)? {
                for entry in read_dir(&fields)? {
                    let key = entry.file_name().to_str().and_then(FileKey::parse);
                    let Some(key) = key.filter(FileKey::is_generated) else { continue };
                    let Ok(about) = entry.metadata() else { continue };
                    let touched = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    if about.is_file() && is_older(touched, self.options.grace) {
                        notes.push(Note {
                            table: table.clone(),
                            field: field.clone(),
                            key,
                            path: entry.path(),
                        });
                    }
                }
            }
        }
        Ok(notes)
    }
}

fn is_older(time: SystemTime, age: Duration) -> bool {
    SystemTime::now().duration_since(time).is_ok_and(|since| since > age)
}

fn read_dir(folder: &Path) -> io::Result<Vec<std::fs::DirEntry>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The folders of our making in a folder, with the names that they stand for.
fn folders(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries =
        read_dir(folder)?.into_iter().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    Ok(entries
        .filter_map(|entry| Some((entry.file_name().to_str().and_then(decoded)?, entry.path())))
        .collect())
}

#[cfg(test)]
mod tests {
    use frontdesk_data::{Field, Table, UploadOptions, Values};
    use frontdesk_validate::FileValue;

    use super::*;
    use crate::upload::{NewFile, OldFile, Owner, QuarantineOptions};

    async fn received(store: &UploadStore, content: &[u8]) -> FileValue {
        let mut spool = store.receive(Owner::of("ada")).await.unwrap();
        spool.write(content).await.unwrap();
        spool.finish("a.txt").await.unwrap()
    }

    fn key() -> FileKey {
        FileKey::generate("a.txt", &UploadOptions::default()).unwrap()
    }

    async fn db() -> (Db, Arc<Table>) {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let gallery = Field::new("all", FieldType::ListUpload);
        let table = Table::new("t").field(Field::upload("one")).field(gallery).create();
        let table = db.define(table).await.unwrap();
        (db, table)
    }

    #[tokio::test]
    async fn upld_10_a_sweep_ends_what_a_crash_left_half_done() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            UploadStore::new(folder.path()).quarantine(QuarantineOptions::default().grace(Duration::ZERO));
        let (db, table) = db().await;
        let keys: Vec<FileKey> = (0..7).map(|_| key()).collect();
        for old in &keys[4..] {
            std::fs::write(store.path(old), "old").unwrap();
        }
        let mut files = Vec::new();
        for (key, (table, field)) in
            keys.iter().zip([("t", "one"), ("t", "all"), ("t", "one"), ("other", "one")])
        {
            files.push(NewFile::new(received(&store, b"new").await, key.clone(), table, field));
        }
        let old = |key: &FileKey, field| OldFile::new(key.as_str(), "t", field).unwrap();
        let replaced = vec![old(&keys[4], "one"), old(&keys[5], "all"), old(&keys[6], "one")];
        let list = |key: &FileKey| Value::List(vec!["x".into(), key.as_str().into()]);
        drop(store.prepare(files, replaced).await.unwrap());
        // The first two are named by a row; the old ones are let go, all but the last.
        let row = Values::new().with("one", keys[0].as_str()).with("all", list(&keys[1]));
        db.insert(&table, row).await.unwrap();
        db.insert(&table, Values::new().with("one", keys[6].as_str())).await.unwrap();
        std::fs::write(folder.path().join(".incoming/ready/t/one/notes.txt"), "not ours").unwrap();
        std::thread::sleep(Duration::from_millis(20));

        let report = store.sweep_db(&db).await.unwrap();
        let expected = SweepReport { expired: 0, promoted: 2, removed: 1, replaced: 2, left: 1 };
        assert_eq!(report, expected);
        let there: Vec<bool> = keys.iter().map(|key| folder.path().join(key.as_str()).exists()).collect();
        assert_eq!(there, [true, true, false, false, false, false, true]);
        assert!(store.path(&keys[3]).exists(), "of a table that is not known here");
        assert!(folder.path().join(".incoming/ready/t/one/notes.txt").exists());
        let report = store.sweep_db(&db).await.unwrap();
        assert_eq!(report, SweepReport { left: 1, ..SweepReport::default() }, "once is enough");
    }

    #[tokio::test]
    async fn upld_10_what_is_being_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let (db, _) = db().await;
        let (new, old) = (key(), key());
        std::fs::write(store.path(&old), "old").unwrap();
        let file = NewFile::new(received(&store, b"new").await, new.clone(), "t", "one");
        let replaced = vec![OldFile::new(old.as_str(), "t", "one").unwrap()];
        let pending = store.prepare(vec![file], replaced).await.unwrap();
        assert_eq!(store.sweep_db(&db).await.unwrap(), SweepReport::default());
        pending.commit().await;
        assert!(folder.path().join(new.as_str()).exists() && !store.path(&old).exists());
    }

    #[tokio::test]
    async fn upld_08_what_expired_goes_and_what_is_not_ours_stays() {
        let folder = tempfile::tempdir().unwrap();
        let options = QuarantineOptions::default().lifetime(Duration::from_millis(300));
        let store = UploadStore::new(folder.path()).quarantine(options);
        let (db, _) = db().await;
        let file = received(&store, b"old").await;
        store.hold("f", &file).unwrap();
        let mut open = store.receive(Owner::of("bob")).await.unwrap();
        open.write(b"x").await.unwrap();
        std::fs::write(folder.path().join(".incoming/notes.txt"), "x").unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let young = received(&store, b"young").await;
        let kept = store.hold("f", &young).unwrap();
        let report = store.sweep_db(&db).await.unwrap();
        assert_eq!(report, SweepReport { expired: 1, ..SweepReport::default() });
        assert!(folder.path().join(".incoming/notes.txt").exists());
        assert!(store.reopen(Owner::of("ada"), &kept).await.unwrap().is_some());
        assert_eq!(open.finish("x").await.unwrap().size(), 1, "what comes in is left alone");
        // Of another process, or removed by somebody: counted anew.
        std::fs::remove_dir_all(folder.path().join(".incoming")).unwrap();
        store.sweep_db(&db).await.unwrap();
        assert_eq!(store.shared.usage().total(), (0, 0));
    }

    #[tokio::test]
    async fn a_sweeper_sweeps_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let options = QuarantineOptions::default().lifetime(Duration::ZERO);
        let store = UploadStore::new(folder.path()).quarantine(options);
        let (db, _) = db().await;
        let sweeper = store.sweep_every(&db, Duration::from_millis(5));
        let file = received(&store, b"x").await;
        store.hold("f", &file).unwrap();
        let waited = tokio::time::timeout(Duration::from_secs(10), async {
            while !store.shared.quarantined().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(waited.await.is_ok(), "the sweeper removed it");
        drop(sweeper);
    }
}
