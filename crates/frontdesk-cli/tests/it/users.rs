//! `frontdesk user`: the users of a site, on its own database and state.

use std::path::Path;

use serde_json::Value;

use crate::command::{Frontdesk, Server};
use crate::sample::data;

pub(crate) const PASSWORD: &str = "seven quiet lamps burn";

pub(crate) fn secret() -> String {
    (0..2).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data("chinook.sqlite"), folder.path().join("chinook.db")).unwrap();
    folder
}

/// Runs the command with `--state users.db`; gives its exit code, what it printed, and what it complained of.
pub(crate) fn run(folder: &Path, args: &[&str], input: &str) -> (i32, String, String) {
    let command = Frontdesk::new(folder).args(args.iter().copied()).env("FRONTDESK_STATE", "users.db");
    let output = command.feed(input.as_bytes().to_vec());
    let (out, error) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(!error.contains("panicked"), "{error}");
    (output.status.code().unwrap(), out, error)
}

pub(crate) fn add(folder: &Path, name: &str, more: &[&str]) {
    let args: Vec<&str> =
        ["user", "add", name, "--password-stdin"].into_iter().chain(more.iter().copied()).collect();
    let (code, _, error) = run(folder, &args, &format!("{PASSWORD}\n"));
    assert_eq!(code, 0, "{error}");
}

fn list(folder: &Path) -> Vec<Value> {
    let (code, out, error) = run(folder, &["user", "list", "--json"], "");
    assert_eq!(code, 0, "{error}");
    serde_json::from_str::<Value>(&out).unwrap().as_array().unwrap().clone()
}

#[test]
fn auth_12_users_are_added_listed_and_changed_by_command() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(list(here), Vec::<Value>::new());
    assert!(!here.join("users.db").exists(), "a list makes nothing");
    add(here, "ada", &["--admin", "--email", "ada@example.com"]);
    add(here, "bob", &[]);
    add(here, "sue", &["--superuser"]);
    let users = list(here);
    let of = |name: &str, key: &str| users.iter().find(|user| user["username"] == name).unwrap()[key].clone();
    assert_eq!((of("ada", "admin"), of("ada", "superuser")), (true.into(), false.into()));
    assert_eq!((of("sue", "admin"), of("sue", "superuser")), (true.into(), true.into()));
    assert_eq!((of("bob", "admin"), of("bob", "active")), (false.into(), true.into()));
    assert_eq!(of("ada", "email"), "ada@example.com");
    let (_, table, _) = run(here, &["user", "list"], "");
    assert!(
        table.starts_with("NAME") && table.contains("ada@example.com") && table.contains("superuser"),
        "{table}"
    );

    let changed = |args: &[&str], key: &str| {
        let args: Vec<&str> = ["user"].iter().chain(args).chain(&["--json"]).copied().collect();
        let (code, out, error) = run(here, &args, &format!("{PASSWORD} again\n"));
        assert_eq!(code, 0, "{args:?}: {error}");
        serde_json::from_str::<Value>(&out).unwrap()[key].clone()
    };
    assert_eq!(changed(&["disable", "bob"], "active"), false);
    assert_eq!(changed(&["enable", "bob"], "active"), true);
    assert_eq!(changed(&["admin", "bob"], "admin"), true);
    assert_eq!(changed(&["admin", "bob", "--remove"], "admin"), false);
    assert_eq!(changed(&["passwd", "bob", "--password-stdin"], "username"), "bob");
    assert_eq!(changed(&["role", "bob", "staff"], "roles"), serde_json::json!(["staff"]));
    assert_eq!(changed(&["role", "bob", "--remove", "staff"], "roles"), serde_json::json!([]));
    assert_eq!(changed(&["delete", "bob"], "username"), "bob");
    assert_eq!(list(here).len(), 2);
}

#[test]
fn auth_01_auth_04_no_password_is_kept_or_said_and_bad_ones_are_refused() {
    let folder = folder();
    let here = folder.path();
    add(here, "ada", &[]);
    let bytes =
        std::fs::read_dir(here).unwrap().flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let bytes: Vec<u8> = bytes.collect();
    let has = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("$argon2id$v=19$m=19456,t=2,p=1$") && !has(PASSWORD));
    for (password, why) in [
        ("short", "15 characters"),
        ("passwordpassword", "common"),
        ("grace-hopper-grace-hopper", "name"),
        ("", "15 characters"),
    ] {
        let args = ["user", "add", "grace-hopper", "--password-stdin"];
        let (code, out, error) = run(here, &args, password);
        assert_eq!(code, 1, "{password}: {out}");
        assert!(error.contains(why) || !error.is_empty(), "{password}: {error}");
        assert!(password.is_empty() || !error.contains(password), "{error}");
    }
    assert_eq!(list(here).len(), 1);
    // Without a terminal there is nobody to ask.
    let (code, _, error) = run(here, &["user", "add", "eve"], PASSWORD);
    assert_eq!(code, 2);
    assert!(error.contains("--password-stdin"), "{error}");
}

#[test]
fn what_cannot_be_done_is_told_with_what_to_do() {
    let folder = folder();
    let here = folder.path();
    let fails = |args: &[&str], code: i32, part: &str| {
        let (exit, out, error) = run(here, args, &format!("{PASSWORD}\n"));
        assert_eq!(exit, code, "{args:?}: {out}{error}");
        assert!(error.contains(part), "{args:?}: {error}");
    };
    fails(&["user", "disable", "ada"], 1, "no users yet");
    add(here, "ada", &["--admin", "--email", "ada@example.com"]);
    fails(&["user", "disable", "eve"], 1, "no user `eve`");
    fails(&["user", "add", "ADA", "--password-stdin"], 1, "that name already");
    fails(
        &["user", "add", "eve", "--email", "Ada@Example.com", "--password-stdin"],
        1,
        "that e-mail address",
    );
    fails(&["user", "add", "eve", "--email", "nowhere", "--password-stdin"], 2, "--email");
    fails(&["user", "add", " eve", "--password-stdin"], 1, "username");
    for args in
        [&["user", "disable", "ada"][..], &["user", "delete", "ada"], &["user", "admin", "ada", "--remove"]]
    {
        fails(args, 1, "only administrator");
    }
    fails(&["user", "role", "ada", "editor"], 2, "no role `editor`");
    fails(&["user", "role", "ada", "tenant=7"], 2, "no attribute `tenant`");
    // Nowhere to be kept.
    let (exit, error) = Frontdesk::new(here).args(["user", "list"]).fails();
    assert_eq!(exit, 2);
    assert!(error.contains("--state") && error.contains("FRONTDESK_SECRET_KEY"), "{error}");
}

#[test]
fn users_are_where_serve_has_them() {
    let folder = folder();
    let here = folder.path();
    let key = secret();
    let before = std::fs::read(here.join("chinook.db")).unwrap();
    let add = |command: Frontdesk, name: &str| {
        let output = command.args(["user", "add", name, "--password-stdin"]).feed(PASSWORD.into());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    };
    add(Frontdesk::new(here).env("FRONTDESK_SECRET_KEY", &key), "ada");
    assert!(here.join("frontdesk.db").exists());
    assert!(std::fs::read(here.join("chinook.db")).unwrap() == before);
    std::fs::create_dir(here.join("conf")).unwrap();
    std::fs::write(here.join("conf/shop.toml"), "[server]\ndatabase = 'chinook.db'\nstate = 'kept.db'")
        .unwrap();
    add(Frontdesk::new(here).env("FRONTDESK_SCHEMA", "conf/shop.toml"), "bob");
    assert!(here.join("conf/kept.db").exists());
    add(Frontdesk::new(here).env("FRONTDESK_DATABASE", "chinook.db").env("FRONTDESK_STATE", "same"), "eve");
    let connection = rusqlite::Connection::open(here.join("chinook.db")).unwrap();
    let name: String =
        connection.query_row("SELECT username FROM frontdesk_users", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "eve");
    // They are no tables of the site.
    let server = Server::start(Frontdesk::new(here).args([
        "serve",
        "chinook.db",
        "--state",
        "same",
        "--listen",
        "127.0.0.1:0",
    ]));
    let page = server.get("/");
    assert!(page.contains("Artist") && !page.contains("frontdesk_users"), "{page}");
    server.stop();
}

#[cfg(unix)]
#[test]
fn ops_02_the_file_of_users_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    add(folder.path(), "ada", &[]);
    let mode = std::fs::metadata(folder.path().join("users.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
