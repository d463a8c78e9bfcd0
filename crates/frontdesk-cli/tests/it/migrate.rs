//! Making the tables that are missing.

use std::path::Path;
use std::process::Stdio;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::command::Frontdesk;

const SCHEMA: &str = "[tables.thing]\ncreate = true\n[tables.thing.fields.name]\nlength = 40\n\
    [tables.thing.fields.owner]\ntype = \"reference person\"\n\
    [tables.person.fields.name]\nlabel = \"Full name\"\n";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sql =
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX by_name ON person (name);
        CREATE VIEW names AS SELECT name FROM person; INSERT INTO person VALUES (1, 'Ada')";
    Connection::open(folder.path().join("shop.db")).unwrap().execute_batch(sql).unwrap();
    std::fs::write(folder.path().join("shop.toml"), SCHEMA).unwrap();
    folder
}

fn schema(folder: &Path, file: &str) -> Vec<String> {
    let connection = Connection::open(folder.join(file)).unwrap();
    let mut statement = connection
        .prepare("SELECT name || ': ' || ifnull(sql, '') FROM sqlite_schema ORDER BY name")
        .unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn migrate(folder: &Path, args: &[&str]) -> (String, String) {
    let all = ["migrate", "shop.db", "--schema", "shop.toml"];
    let output = Frontdesk::new(folder).args(all.iter().chain(args).copied()).output();
    let (out, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{said}");
    (out, said)
}

#[test]
fn crud_10_a_plan_prints_the_sql_of_what_is_missing_and_changes_nothing() {
    let folder = folder();
    let path = folder.path();
    let before = std::fs::read(path.join("shop.db")).unwrap();
    let (plan, _) = migrate(path, &["--state", "same", "--plan"]);
    assert_eq!(std::fs::read(path.join("shop.db")).unwrap(), before);
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 2);
    for part in [
        "-- shop.db: tables that",
        "CREATE TABLE IF NOT EXISTS \"thing\"",
        "REFERENCES \"person\"",
        "frontdesk_submissions",
    ] {
        assert!(plan.contains(part), "{part} is not in\n{plan}");
    }
    assert!(!plan.contains("TABLE \"person\""));
    // It is SQL, and makes what `migrate` makes.
    std::fs::copy(path.join("shop.db"), path.join("by-hand.db")).unwrap();
    Connection::open(path.join("by-hand.db")).unwrap().execute_batch(&plan).unwrap();
    migrate(path, &["--state", "same"]);
    let own = |name: &str| {
        let made = schema(path, name).into_iter().filter(|line| !line.contains("frontdesk_versions"));
        made.collect::<Vec<_>>()
    };
    assert_eq!(own("shop.db"), own("by-hand.db"));
    let (plan, _) = migrate(path, &["--state", "same", "--plan"]);
    assert_eq!(plan, "-- nothing is missing\n");
    let (_, said) = migrate(path, &["--state", "same"]);
    assert!(said.contains("nothing is missing"), "{said}");
}

#[test]
fn crud_10_tables_that_are_there_are_never_altered() {
    let folder = folder();
    let before = schema(folder.path(), "shop.db");
    migrate(folder.path(), &["--state", "same"]);
    let after = schema(folder.path(), "shop.db");
    assert!(before.iter().all(|line| after.contains(line)), "{after:#?}");
    // What is new besides are frontdesk's own, and what the file asks for.
    let is_ours = |line: &&String| line.contains("frontdesk_") || line.starts_with("thing:");
    assert_eq!(after.iter().filter(|line| !before.contains(line)).filter(|line| !is_ours(line)).count(), 0);
}

#[test]
fn the_file_for_state_is_made_only_when_it_is_wanted() {
    let folder = folder();
    let (plan, _) = migrate(folder.path(), &["--state", "state.db", "--plan"]);
    assert!(plan.contains("-- state.db: frontdesk's own tables"), "{plan}");
    assert!(!folder.path().join("state.db").exists());
    migrate(folder.path(), &["--state", "state.db"]);
    assert!(schema(folder.path(), "state.db").iter().any(|line| line.starts_with("frontdesk_drafts:")));
    let output = Frontdesk::new(folder.path()).args(["migrate"]).output();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn two_that_start_at_once_make_the_tables_once() {
    for _ in 0..5 {
        let folder = folder();
        let start = || {
            let all = ["migrate", "shop.db", "--schema", "shop.toml", "--state", "same"];
            let mut command = Frontdesk::new(folder.path()).args(all).into_command();
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        for child in [start(), start(), start()] {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert!(schema(folder.path(), "shop.db").iter().any(|line| line.starts_with("frontdesk_versions:")));
    }
}

#[test]
fn what_a_newer_version_has_made_is_refused() {
    let folder = folder();
    migrate(folder.path(), &["--state", "same"]);
    let newer = "UPDATE frontdesk_versions SET version = 99 WHERE component = 'drafts'";
    Connection::open(folder.path().join("shop.db")).unwrap().execute_batch(newer).unwrap();
    let args = ["migrate", "shop.db", "--state", "same"];
    let (code, said) = Frontdesk::new(folder.path()).args(args).fails();
    assert_eq!(code, 1);
    assert!(said.contains("a newer frontdesk has made the tables for `drafts`"), "{said}");
}
