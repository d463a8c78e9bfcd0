//! A process that is killed at any step leaves no row without its file and, after a sweep, no file without its row.
//!
//! A test starts this test binary again as the process that is killed ([`killed`]); the fault points of the feature
//! `fault-points` stop it where it is to die.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Db, Field, Row, RowId, Table, UploadOptions, Value};
use frontdesk_forms::{Desk, FileKey, Form, FormSpec, QuarantineOptions, UploadStore, serve_upload};
use frontdesk_validate::IsNotEmpty;
use frontdesk_web::Secret;

use crate::visitor::Visitor;

const FOLDER: &str = "FRONTDESK_CRASH_FOLDER";
const DEED: &str = "FRONTDESK_CRASH_DEED";

/// The steps of a submission at which the process is killed, in order.
const STEPS: [&str; 11] = [
    "streaming",
    "received",
    "ready",
    "marked",
    "before-commit",
    "before-write",
    // The row is written from here on.
    "after-write",
    "after-commit",
    "renamed",
    "removed",
    "",
];

const WRITTEN: usize = 6;

/// A database, a folder of uploads, and a table in between.
struct Place {
    folder: PathBuf,
    db: Db,
    table: Arc<Table>,
}

impl Place {
    async fn open(folder: &Path) -> Self {
        let db = Db::open(&format!("sqlite://{}?mode=rwc", folder.join("data.db").display())).await.unwrap();
        let options = UploadOptions::default().max_bytes(10 << 20).max_files(10);
        let gallery = Field::new("gallery", "list:upload".parse().unwrap()).upload_options(options.clone());
        let table = Table::new("a doc")
            .field(Field::string("name").requires(IsNotEmpty::new()))
            .field(Field::upload("file").upload_options(options))
            .field(gallery)
            .create();
        let table = db.define(table).await.unwrap();
        Self { folder: folder.to_owned(), db, table }
    }

    fn uploads(&self) -> PathBuf {
        self.folder.join("uploads")
    }

    fn visitor(&self) -> Visitor {
        let mut visitor = Visitor::new();
        visitor.desk = Desk::new(Secret::random()).upload_folder(self.uploads());
        visitor
    }

    fn create(&self) -> FormSpec {
        Form::for_table(&self.db, &self.table)
    }

    fn edit(&self, id: i64) -> FormSpec {
        self.create().record(RowId::from(id)).deletable(true)
    }

    async fn rows(&self) -> Vec<Row> {
        self.db.set(&self.table).order_by("id").rows().await.unwrap()
    }

    /// Submits a form with a large file and two small ones.
    async fn write(&self, visitor: &mut Visitor, spec: &FormSpec, name: &str) {
        let large = vec![name.as_bytes()[0]; 1 << 20];
        let files: [(&str, &str, &[u8]); 3] =
            [("file", "large.txt", &large), ("gallery", "one.txt", b"1"), ("gallery", "two.txt", b"2")];
        let page = visitor.upload(spec, &[("name", name)], &files).await;
        assert!(page.form().accepted(), "{:?}", page.form());
    }

    /// The keys that rows name.
    async fn named(&self) -> BTreeSet<String> {
        let mut named = BTreeSet::new();
        for row in self.rows().await {
            named.extend(row["file"].as_str().map(str::to_owned));
            if let Value::List(keys) = &row["gallery"] {
                named.extend(keys.iter().filter_map(Value::as_str).map(str::to_owned));
            }
        }
        named
    }

    /// What must hold however the process ended, before and after a sweep.
    async fn check(&self, how: &str) {
        let options = QuarantineOptions::default().grace(Duration::ZERO).lifetime(Duration::ZERO);
        let store = UploadStore::new(self.uploads()).quarantine(options);
        for key in self.named().await {
            let path = store.path(&FileKey::parse(&key).unwrap());
            let size = std::fs::metadata(&path)
                .unwrap_or_else(|_| panic!("{how}: a row names a missing file"))
                .len();
            assert!(size == 1 << 20 || size == 1, "{how}: the file is whole, not {size} bytes");
            assert!(serve_upload(&store, &key).await.is_ok(), "{how}: it is served");
        }
        // What is old enough for a sweep is older than no time at all.
        tokio::time::sleep(Duration::from_millis(20)).await;
        store.sweep_db(&self.db).await.unwrap();
        let mut stored = BTreeSet::new();
        for entry in std::fs::read_dir(self.uploads()).into_iter().flatten() {
            stored.insert(entry.unwrap().file_name().into_string().unwrap());
        }
        stored.remove(".incoming");
        assert_eq!(stored, self.named().await, "{how}: each file has a row, and each row its files");
        assert_eq!(files(&self.uploads().join(".incoming")), 0, "{how}: the quarantine is empty");
    }
}

/// How many files are in a folder and those below it.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

/// Starts this binary again, to do something in a folder, and to stop at a step.
fn start(folder: &Path, deed: &str, step: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "crash::killed", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(DEED, deed)
        .env("FRONTDESK_FAULT", step)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The process that is killed.
#[tokio::test]
#[ignore = "it is started by the other tests of this module"]
async fn killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let place = Place::open(Path::new(&folder)).await;
    let mut visitor = place.visitor();
    match &*std::env::var(DEED).unwrap() {
        "create" => place.write(&mut visitor, &place.create(), "new").await,
        "replace" => place.write(&mut visitor, &place.edit(1), "new").await,
        "delete" => {
            let page = visitor.submit(&place.edit(1), &[("_delete", "ON")]).await;
            assert!(page.form().accepted(), "{:?}", page.form());
        }
        "all" => loop {
            place.write(&mut visitor, &place.create(), "new").await;
            println!("acknowledged");
            let last = place.rows().await.last().unwrap().id().unwrap().values()[0].as_int().unwrap();
            place.write(&mut visitor, &place.edit(last), "newer").await;
            if last % 3 == 0 {
                visitor.submit(&place.edit(last), &[("_delete", "ON")]).await;
            }
        },
        other => panic!("{other}"),
    }
}

/// Runs a deed up to a step, and kills it there.
async fn kill_at(folder: &Path, deed: &str, step: &str) {
    let mut child = start(folder, deed, step);
    let mut told = String::new();
    let output = BufReader::new(child.stderr.take().unwrap());
    let stopped = output.lines().map_while(Result::ok).any(|line| {
        told.push_str(&line);
        line == format!("fault point: {step}")
    });
    child.kill().unwrap();
    let status = child.wait().unwrap();
    if step.is_empty() {
        assert!(status.success(), "{deed}: {told}");
    } else {
        assert!(stopped, "{deed} did not come to {step}: {told}");
    }
}

async fn killed_at_each_step(deed: &str, steps: &[&str]) {
    for &step in steps {
        let written = STEPS.iter().position(|known| *known == step).unwrap() >= WRITTEN;
        let folder = tempfile::tempdir().unwrap();
        let place = Place::open(folder.path()).await;
        place.write(&mut place.visitor(), &place.create(), "old").await;
        let before = place.named().await;
        assert_eq!(before.len(), 3);
        kill_at(folder.path(), deed, step).await;

        let how = format!("{deed}, killed at `{step}`");
        let rows = place.rows().await;
        let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
        let expected: &[&str] = match (deed, written) {
            ("create", true) => &["old", "new"],
            ("replace", true) => &["new"],
            ("delete", true) => &[],
            _ => &["old"],
        };
        assert_eq!(names, expected, "{how}");
        if !written {
            assert_eq!(place.named().await, before, "{how}: what was acknowledged is there");
        }
        place.check(&how).await;
    }
}

#[tokio::test]
async fn upld_10_killed_while_a_row_is_made() {
    // No old file is noted or removed.
    let steps: Vec<&str> = STEPS.into_iter().filter(|step| *step != "removed").collect();
    killed_at_each_step("create", &steps).await;
}

#[tokio::test]
async fn upld_10_killed_while_a_file_is_replaced() {
    killed_at_each_step("replace", &STEPS).await;
}

#[tokio::test]
async fn upld_10_killed_while_a_row_is_deleted() {
    // No file comes in.
    killed_at_each_step("delete", &STEPS[2..]).await;
}

#[tokio::test]
async fn upld_10_killed_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let mut acknowledged = 0;
    for round in 0_u64..12 {
        let mut child = start(folder.path(), "all", "");
        // From the moment at which it is at work, after a time that is another one each round.
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(output.any(|line| line.ends_with("acknowledged")));
        std::thread::sleep(Duration::from_micros(round * 7919 % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged += 1 + output.filter(|line| line.ends_with("acknowledged")).count();
        place.check(&format!("round {round}")).await;
    }
    // A third of the rows is deleted again.
    let left = place.rows().await.len();
    assert!(left * 3 + 12 * 3 >= acknowledged * 2, "{left} of {acknowledged} rows");
}
