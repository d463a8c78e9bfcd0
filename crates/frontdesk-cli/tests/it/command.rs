//! The program itself: what it says, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::sample::data;

/// The program, in a folder, with nothing in its environment that would change it.
pub(crate) struct Frontdesk(Command);

impl Frontdesk {
    pub(crate) fn new(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command.current_dir(folder).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("FRONTDESK_") || name == "RUST_LOG" {
                command.env_remove(name);
            }
        }
        Self(command)
    }

    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// The command, to be run in a way of its own.
    pub(crate) fn into_command(self) -> Command {
        self.0
    }

    pub(crate) fn output(mut self) -> Output {
        self.0.output().unwrap()
    }

    /// Runs it with that input.
    pub(crate) fn feed(mut self, input: Vec<u8>) -> Output {
        let mut child =
            self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || _ = stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    /// Runs it, and gives its exit code and what it said on standard error.
    pub(crate) fn fails(self) -> (i32, String) {
        let output = self.output();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("panicked"), "{said}");
        (output.status.code().unwrap(), said)
    }
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    pub(crate) said: String,
    address: String,
}

impl Server {
    pub(crate) fn start(mut command: Frontdesk) -> Self {
        let mut child = command.0.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let before = said.len();
            if lines.read_line(&mut said).unwrap() == 0 {
                let mut error = String::new();
                child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
                panic!("it ended:\n{said}{error}");
            }
            if let Some(address) = said[before..].trim().strip_prefix("listening on http://") {
                break address.to_owned();
            }
        };
        Self { child, said, address }
    }

    /// The whole answer to a GET, head and body.
    pub(crate) fn get(&self, path: &str) -> String {
        self.ask("GET", path, &[("Host", &self.address)], "")
    }

    /// The whole answer to a request.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it as the system does, and checks that it ends well.
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn here() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data("chinook.sqlite"), folder.path().join("chinook.db")).unwrap();
    folder
}

#[test]
fn ops_07_it_serves_until_it_is_told_to_stop() {
    let folder = here();
    for (database, signal) in [("chinook.db", "TERM"), ("sqlite://chinook.db", "INT")] {
        let mut server =
            Server::start(Frontdesk::new(folder.path()).args(["serve", database, "--listen", "127.0.0.1:0"]));
        assert!(server.get("/tables/Artist/").contains("AC/DC"));
        server.signal(signal);
        assert_eq!(server.child.wait().unwrap().code(), Some(0), "{signal}");
        assert!(TcpStream::connect(&server.address).is_err());
    }
    assert!(
        std::fs::read(folder.path().join("chinook.db")).unwrap()
            == std::fs::read(data("chinook.sqlite")).unwrap()
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn a_database_that_does_not_open_is_told_with_what_to_do() {
    let folder = here();
    std::fs::write(
        folder.path().join("notes.txt"),
        "not a database, but notes of some length, as people keep them",
    )
    .unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for (database, code, parts) in [
        ("missing.db", 1, ["no file `missing.db`", "makes a demo"]),
        ("sqlite://missing.db", 1, ["missing.db", "does not exist"]),
        ("notes.txt", 1, ["not an SQLite database", "the right file"]),
        ("folder", 1, ["folder", "not a database"]),
        ("mysql://localhost/shop", 2, ["MySQL", "not supported"]),
        ("oracle://x", 2, ["oracle", "not supported"]),
        ("", 2, ["empty", "shop.db"]),
    ] {
        for command in ["serve", "inspect"] {
            let (exit, said) = Frontdesk::new(folder.path()).args([command, database]).fails_at_any_port();
            assert_eq!(exit, code, "{command} {database}: {said}");
            for part in parts {
                assert!(said.contains(part), "{command} {database}: {said}");
            }
            assert!(said.starts_with("frontdesk: "), "{said}");
        }
    }
}

#[test]
fn a_locked_database_is_told_with_what_to_do() {
    let folder = here();
    let other = rusqlite::Connection::open(folder.path().join("chinook.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (code, said) = Frontdesk::new(folder.path()).args(["serve", "chinook.db"]).fails_at_any_port();
    assert_eq!(code, 1);
    assert!(said.contains("locked") && said.contains("Close that program"), "{said}");
}

impl Frontdesk {
    /// As [`fails`](Self::fails), on a port that nobody else has.
    fn fails_at_any_port(self) -> (i32, String) {
        self.env("FRONTDESK_LISTEN", "127.0.0.1:0").fails()
    }
}

#[test]
fn an_address_that_cannot_be_used_is_told_with_what_to_do() {
    let folder = here();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let serve = |listen: &str| {
        Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--listen", listen]).fails()
    };
    let (code, said) = serve(&format!("127.0.0.1:{port}"));
    assert_eq!(code, 1);
    assert!(said.contains("in use") && said.contains("--listen"), "{said}");
    for listen in ["0.0.0.0:8000", "[::]:8000", "10.1.2.3:80"] {
        let (code, said) = serve(listen);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("no secret key") && said.contains("127.0.0.1"), "{said}");
    }
    let (code, said) = serve("everywhere");
    assert_eq!(code, 2);
    assert!(said.contains("no address"), "{said}");
}

#[test]
fn a_mistake_in_the_schema_file_is_told_with_its_line_and_the_nearest_key() {
    let folder = here();
    let serve = |schema: &str| {
        std::fs::write(folder.path().join("shop.toml"), schema).unwrap();
        let command = Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--schema", "shop.toml"]);
        command.fails_at_any_port()
    };
    for (schema, part) in [
        (
            "[tables.Artist]\n\nlable = \"A\"",
            "shop.toml:3: [tables.Artist] unknown key `lable`; did you mean `label`?",
        ),
        ("[tables.Artists]", "did you mean `Artist`?"),
        ("[tables.Artist.fields.Nam]\nlabel = \"x\"", "did you mean `Name`?"),
        ("[tables.Artist.fields.Name]\nrequires = { rule = \"is_lenght\" }", "did you mean `is_length`?"),
        ("[tables", "shop.toml:1:"),
    ] {
        let (code, said) = serve(schema);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(part), "{said}");
    }
    let missing = Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--schema", "none.toml"]);
    let (code, said) = missing.fails_at_any_port();
    assert_eq!(code, 1);
    assert!(said.contains("no schema file `none.toml`"), "{said}");
}

#[test]
fn the_schema_file_of_the_folder_is_used_where_nothing_else_is_named() {
    let folder = here();
    std::fs::write(
        folder.path().join("frontdesk.toml"),
        "[server]\nlisten = \"127.0.0.1:0\"\ndatabase = \"sqlite://chinook.db\"\n[tables.Artist]\nlabel = \"Musicians\"",
    )
    .unwrap();
    let server = Server::start(Frontdesk::new(folder.path()).args(["serve"]));
    assert!(server.get("/").contains("Musicians"));
    server.stop();
    // With a database it is another matter.
    let server =
        Server::start(Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--listen", "127.0.0.1:0"]));
    assert!(!server.get("/").contains("Musicians"));
    server.stop();
    std::fs::write(folder.path().join("frontdesk.toml"), "[tables.Artist]\nlabel = \"Musicians\"").unwrap();
    let (code, said) = Frontdesk::new(folder.path()).args(["serve"]).fails_at_any_port();
    assert_eq!(code, 2);
    assert!(said.contains("names no database"), "{said}");
}

#[test]
fn secrets_come_from_the_environment_and_are_never_said() {
    let folder = here();
    let serve = || Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--listen", "127.0.0.1:0"]);
    let (code, said) = serve().env("FRONTDESK_SECRET_KEY", "hunter2").fails();
    assert_eq!(code, 1);
    assert!(
        said.contains("FRONTDESK_SECRET_KEY") && said.contains("32 bytes") && !said.contains("hunter2"),
        "{said}"
    );
    let server = Server::start(serve().env("FRONTDESK_SECRET_KEY", &crate::users::secret()));
    assert!(server.get("/forms/Artist/").contains("_formkey"));
    server.stop();
}

#[test]
fn inspect_prints_a_schema_file_that_serves_the_same_database() {
    let folder = here();
    let output = Frontdesk::new(folder.path()).args(["inspect", "chinook.db"]).output();
    assert_eq!(output.status.code(), Some(0));
    let schema = String::from_utf8(output.stdout).unwrap();
    for part in ["[tables.Album]", "[tables.PlaylistTrack]", "reference Artist"] {
        assert!(schema.contains(part), "{part} is not in\n{schema}");
    }
    std::fs::write(folder.path().join("chinook.toml"), schema).unwrap();
    let serve = ["serve", "chinook.db", "--schema", "chinook.toml", "--listen", "127.0.0.1:0"];
    let server = Server::start(Frontdesk::new(folder.path()).args(serve));
    assert!(server.get("/tables/Album/").contains("AC/DC"));
    server.stop();
}

#[test]
fn wrong_usage_is_told_and_ends_with_2() {
    let folder = here();
    for args in [&["serv"][..], &["serve", "--port", "1"], &["validate"], &["inspect"], &[]] {
        let output = Frontdesk::new(folder.path()).args(args.iter().copied()).output();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("Usage"), "{args:?}");
    }
    for args in [&["--help"][..], &["serve", "--help"], &["validate", "--help"], &["--version"]] {
        let output = Frontdesk::new(folder.path()).args(args.iter().copied()).output();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}
