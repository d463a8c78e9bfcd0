//! Where drafts live, and what is remembered of submissions.

use crate::command::{Frontdesk, Server};
use crate::sample::data;

/// Never the same: a key that stands in a file is refused.
static SECRET: std::sync::LazyLock<String> = std::sync::LazyLock::new(crate::users::secret);

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data("chinook.sqlite"), folder.path().join("chinook.db")).unwrap();
    folder
}

fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // The journal of a database of our own may stay behind.
    let mut names: Vec<_> = names.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
    names.sort();
    names
}

#[test]
fn the_start_log_says_where_it_is_and_nothing_is_written_unasked() {
    for (state, secret, told, file) in [
        (None, None, "in memory (no FRONTDESK_SECRET_KEY is set)", None),
        (Some("memory"), Some(SECRET.as_str()), "in memory (as asked for)", None),
        (Some("same"), Some(SECRET.as_str()), "in the database itself", None),
        (Some("chinook.db"), Some(SECRET.as_str()), "in the database itself", None),
        (None, Some(SECRET.as_str()), "in frontdesk.db", Some("frontdesk.db")),
        (Some("kept.db"), None, "in kept.db", Some("kept.db")),
    ] {
        let folder = folder();
        let before = std::fs::read(folder.path().join("chinook.db")).unwrap();
        let mut command =
            Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--listen", "127.0.0.1:0"]);
        if let Some(state) = state {
            command = command.env("FRONTDESK_STATE", state);
        }
        if let Some(secret) = secret {
            command = command.env("FRONTDESK_SECRET_KEY", secret);
        }
        let server = Server::start(command);
        assert!(server.said.contains(told), "{state:?} {secret:?}: {}", server.said);
        assert!(server.get("/forms/Artist/1/").contains("AC/DC"));
        server.stop();
        assert_eq!(std::fs::read(folder.path().join("chinook.db")).unwrap(), before);
        let expected: Vec<_> = [Some("chinook.db"), file].into_iter().flatten().collect();
        assert_eq!(names(&folder), expected, "{state:?}");
    }
}

#[test]
fn the_schema_file_says_it_relative_to_itself_and_the_command_line_comes_first() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("conf")).unwrap();
    let schema = "[server]\nstate = 'kept.db'\ndatabase = 'chinook.db'\nlisten = '127.0.0.1:0'";
    std::fs::write(folder.path().join("conf/shop.toml"), schema).unwrap();
    let serve = || Frontdesk::new(folder.path()).args(["serve", "--schema", "conf/shop.toml"]);
    Server::start(serve()).stop();
    assert!(folder.path().join("conf/kept.db").exists());
    let server = Server::start(serve().env("FRONTDESK_STATE", "memory"));
    assert!(server.said.contains("in memory"), "{}", server.said);
    server.stop();
    let (code, told) = serve().env("FRONTDESK_STATE", "no/such/folder/x.db").fails();
    assert_eq!(code, 1);
    assert!(told.contains("no/such/folder/x.db"), "{told}");
}
