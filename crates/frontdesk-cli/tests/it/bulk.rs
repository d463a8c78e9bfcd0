//! Rows out of a table into a file, and back.

use std::path::Path;
use std::process::Output;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::command::Frontdesk;
use crate::sample::data;

/// A folder with a database.
fn with(sql: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).execute_batch(sql).unwrap();
    folder
}

fn open(folder: &Path) -> Connection {
    Connection::open(folder.join("shop.db")).unwrap()
}

fn run<'a>(folder: &Path, args: impl IntoIterator<Item = &'a str>) -> Ran {
    Ran::of(Frontdesk::new(folder).args(args).output())
}

fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(folder.path().join(name), content).unwrap();
}

#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    said: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("panicked"), "{said}");
        let out = String::from_utf8(output.stdout).unwrap();
        Self { code: output.status.code().unwrap(), out, said }
    }

    fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// All rows, each value as SQL writes it, with its type.
fn dump(folder: &Path, table: &str) -> Vec<String> {
    let connection = open(folder);
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cell = |at| row.get_ref(at).map(|value| format!("{value:?}"));
        (0..columns).map(cell).collect::<Result<Vec<_>, _>>().map(|cells| cells.join(" | "))
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

const EVERYTHING: &str = "CREATE TABLE everything (
    id INTEGER PRIMARY KEY, string VARCHAR(80), text TEXT NOT NULL, number INTEGER, large BIGINT, double DOUBLE,
    money DECIMAL(10,2), yes BOOLEAN, day DATE, hour TIME, at DATETIME, then_at TIMESTAMPTZ, doc JSON TEXT, uid UUID, data BLOB,
    parent INTEGER REFERENCES everything, shout TEXT GENERATED ALWAYS AS (upper(string)));
INSERT INTO everything (id, string, text, number, large, double, money, yes, day, hour, at, then_at, doc, uid, data, parent) VALUES
    (1, '=cmd|''/C calc''!A0', '+1', -5, 9223372036854775807, -0.1, '1234567.89', 1, '2008-03-03', '10:05:00',
     '2008-03-03 10:05:06', '2008-03-03 10:05:06Z', '{\"b\":[1,2.5,null],\"a\":\"=1\"}', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', x'00ff', NULL),
    (2, NULL, ' ', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
    (3, '', char(9) || 'a' || char(13, 10) || '\"b\",c;d', 0, -9223372036854775808, 1e300, 0.1, 0, '0001-01-01', '23:59:59.5',
     '9999-12-31 23:59:59.000001', '1969-12-31 00:00:00Z', '-2', NULL, x'', 3),
    (4, '''=x', '''', 2147483647, 1, 0.30000000000000004, -0.5, 1, NULL, NULL, NULL, NULL, '\"=1\"', NULL, x'3d', 2),
    (5, 'ü€😀', '@x', 1, 2, 3, 4, 0, NULL, NULL, NULL, NULL, '[]', NULL, NULL, 5);";

#[test]
fn crud_15_what_is_exported_comes_back_just_as_it_was() {
    let folder = with(EVERYTHING);
    let path = folder.path();
    let before = dump(path, "everything");
    for name in ["rows.csv", "rows.jsonl"] {
        let ran = run(path, ["export", "shop.db", "everything", "-o", name]).ok();
        assert_eq!(
            (ran.out.as_str(), ran.said.trim()),
            ("", &*format!("5 rows of `everything` written to {name}"))
        );
        open(path).execute_batch("DELETE FROM everything").unwrap();
        let ran = run(path, ["import", "shop.db", "everything", name, "--keep-empty"]).ok();
        assert_eq!(ran.said.trim(), "5 rows written to `everything`");
        assert_eq!(dump(path, "everything"), before, "{name}");
        // Once more over what is there: nothing is different.
        run(path, ["import", "shop.db", "everything", name, "--keep-empty", "--upsert"]).ok();
        assert_eq!(dump(path, "everything"), before, "{name}");
    }
    let left: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn crud_15_the_csv_is_that_of_rfc_4180_with_a_guard_against_formulas() {
    let folder = with(EVERYTHING);
    let ran =
        run(folder.path(), ["export", "shop.db", "everything", "--columns", "id,string,text,number,money"])
            .ok();
    assert_eq!(
        ran.out,
        "id,string,text,number,money\r\n\
         1,'=cmd|'/C calc'!A0,'+1,-5,1234567.89\r\n\
         2,, ,,\r\n\
         3,',\"'\ta\r\n\"\"b\"\",c;d\",0,0.10\r\n\
         4,''=x,'',2147483647,-0.50\r\n\
         5,ü€😀,'@x,1,4.00\r\n"
    );
    let ran =
        run(folder.path(), ["export", "shop.db", "everything", "--columns", "doc,id", "--format", "jsonl"])
            .ok();
    assert_eq!(ran.out.lines().next().unwrap(), "{\"doc\":{\"b\":[1,2.5,null],\"a\":\"=1\"},\"id\":1}");
}

#[test]
fn an_export_takes_columns_and_conditions_and_never_has_secrets() {
    let folder = with(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, password TEXT, \"=x\" TEXT);
         INSERT INTO person VALUES (1, 'Ada', 36, 'hash', 'a'), (2, 'Eve', 17, 'hash', 'b'), (3, 'Bob', NULL, 'hash', NULL)",
    );
    file(&folder, "shop.toml", "[tables.person.fields.password]\ntype = \"password\"");
    let export = |args: &[&str]| {
        let args = ["export", "shop.db", "person", "--schema", "shop.toml"].iter().chain(args);
        run(folder.path(), args.copied())
    };
    assert_eq!(export(&[]).ok().out, "id,name,age,'=x\r\n1,Ada,36,a\r\n2,Eve,17,b\r\n3,Bob,,\r\n");
    let ran = export(&["--columns", "name", "--where", "age >= 18 or name == 'Bob'"]).ok();
    assert_eq!(ran.out, "name\r\nAda\r\nBob\r\n");
    for (args, code, part) in [
        (&["--columns", "password"][..], 1, "has no column `password`"),
        (&["--columns", "nmae"], 1, "did you mean `name`?"),
        (&["--columns", "name,name"], 2, "named twice"),
        (&["--where", "password == 'hash'"], 1, "has no column `password`"),
        (&["--where", "age >"], 2, "--where"),
        (&["-o", "none/here.csv"], 1, "none/here.csv"),
        (&["--format", "xml"], 2, "possible values"),
    ] {
        let ran = export(args);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.said.contains(part) && ran.out.is_empty(), "{ran:?}");
    }
    let ran = run(folder.path(), ["export", "shop.db", "persons"]);
    assert!(ran.code == 1 && ran.said.contains("did you mean `person`?"), "{ran:?}");
}

#[test]
fn an_export_that_fails_leaves_no_file_and_what_was_there_before() {
    let folder = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW broken AS SELECT id, abs(-9223372036854775808) AS x FROM t; INSERT INTO t VALUES (1)",
    );
    file(&folder, "rows.csv", "before");
    let ran = run(folder.path(), ["export", "shop.db", "broken", "-o", "rows.csv"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("rows.csv")).unwrap(), "before");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    // Into what is no ordinary file it goes straight.
    run(folder.path(), ["export", "shop.db", "t", "-o", "/dev/null"]).ok();
}

#[test]
fn values_that_do_not_fit_their_column_are_counted() {
    let folder = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, t TEXT); INSERT INTO t VALUES (1, 'many', x'00'), (2, 3, 'x')",
    );
    let ran = run(folder.path(), ["export", "shop.db", "t"]).ok();
    assert_eq!(ran.out, "id,n,t\r\n1,many,\\x00\r\n2,3,x\r\n");
    assert!(ran.said.contains("2 values do not have the type of their column"), "{ran:?}");
}

const PERSON: &str = "CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO team VALUES (1, 'red'), (2, 'blue');
    CREATE TABLE person (id INTEGER PRIMARY KEY, email VARCHAR(40) NOT NULL UNIQUE, age INTEGER CHECK (age >= 0),
        team INTEGER REFERENCES team, boss INTEGER REFERENCES person, color TEXT DEFAULT 'red');
    INSERT INTO person VALUES (1, 'ada@example.com', 36, 1, NULL, 'blue');";

const SCHEMA: &str = "[tables.person.fields.email]\nrequires = [{ rule = \"is_email\" }, { rule = \"is_not_in_db\", field = \"person.email\" }]";

/// A folder with a database of persons, a schema file, and rows to be imported.
fn persons(rows: &str) -> TempDir {
    let folder = with(PERSON);
    file(&folder, "shop.toml", SCHEMA);
    file(&folder, "rows.csv", rows);
    folder
}

fn import(folder: &TempDir, args: &[&str]) -> Ran {
    let all = ["import", "shop.db", "person", "rows.csv", "--schema", "shop.toml"];
    run(folder.path(), all.iter().chain(args).copied())
}

const WRONG: &str = "email,age,team,boss\n\
    bob@example.com,20,1,1\n\
    nobody,20,2,\n\
    eve@example.com,-1,3,\n\
    bob@example.com,21,,\n\
    ada@example.com,old,,\n\
    carol@example.com,22,,2\n\
    dan@example.com,1\n\
    ,,,\n";

const PROBLEMS: [&str; 8] = [
    "rows.csv:3: email: Enter a valid email address",
    "rows.csv:4: age: ",
    "rows.csv:4: team: ",
    "rows.csv:5: email: Value already in database",
    "rows.csv:6: email: Value already in database",
    "rows.csv:6: age: Enter an integer",
    "rows.csv:8: this line has 2 cells",
    "rows.csv:9: email: ",
];

fn assert_problems(ran: &Ran) {
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), PROBLEMS.len(), "{ran:?}");
    for (line, problem) in lines.iter().zip(PROBLEMS) {
        assert!(line.starts_with(problem), "{line}\nis not\n{problem}");
    }
}

#[test]
fn crud_15_every_rule_is_applied_and_a_dry_run_tells_line_column_and_error() {
    let folder = persons(WRONG);
    let before = std::fs::read(folder.path().join("shop.db")).unwrap();
    let ran = import(&folder, &["--dry-run"]);
    assert_eq!(ran.code, 1);
    assert_problems(&ran);
    assert_eq!(ran.said.trim(), "2 rows would pass, 6 rows refused; nothing was written");
    assert_eq!(std::fs::read(folder.path().join("shop.db")).unwrap(), before);

    file(&folder, "rows.csv", "email\nbob@example.com\n");
    let ran = import(&folder, &["--dry-run"]).ok();
    assert_eq!(ran.said.trim(), "1 row would be written, 0 rows refused; nothing was written");
    assert_eq!(std::fs::read(folder.path().join("shop.db")).unwrap(), before);
}

#[test]
fn crud_15_an_import_writes_all_rows_or_none() {
    let folder = persons(WRONG);
    let before = dump(folder.path(), "person");
    let ran = import(&folder, &[]);
    assert_eq!(ran.code, 1);
    assert_problems(&ran);
    assert!(ran.said.contains("nothing was written: of 8 rows that were read, 6 are refused"), "{ran:?}");
    assert_eq!(dump(folder.path(), "person"), before);

    let ran = import(&folder, &["--keep-going"]);
    assert_eq!(ran.code, 1);
    assert_problems(&ran);
    assert_eq!(ran.said.trim(), "2 rows written to `person`, 6 rows refused");
    // The row to which another one of the file refers comes before it; what is not given has its default.
    let rows = dump(folder.path(), "person");
    assert_eq!(rows.len(), 3);
    assert!(rows[1].contains("bob@example.com") || rows[1].contains("Text"), "{rows:?}");
    let connection = open(folder.path());
    let of_carol = "SELECT boss || ' ' || color FROM person WHERE email = 'carol@example.com'";
    let carol: String = connection.query_row(of_carol, [], |row| row.get(0)).unwrap();
    assert_eq!(carol, "2 red");
}

#[test]
fn crud_15_rows_are_upserted_by_their_key() {
    let folder = persons(
        "id;age;email\n1;37;ada@example.com\n7;20;bob@example.com\n7;21;bob@example.com\n;1;eve@example.com\n",
    );
    let ran = import(&folder, &["--upsert"]).ok();
    assert_eq!(ran.said.trim(), "4 rows (2 new, 2 updated) written to `person`");
    let connection = open(folder.path());
    let mut statement =
        connection.prepare("SELECT id || ' ' || email || ' ' || age || ' ' || color FROM person").unwrap();
    let rows: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    // What the file does not name is as it was.
    assert_eq!(rows, ["1 ada@example.com 37 blue", "7 bob@example.com 21 red", "8 eve@example.com 1 red"]);
    file(&folder, "rows.csv", "id,age\n1,38\n");
    import(&folder, &["--upsert"]).ok();
    file(&folder, "rows.csv", "id,age\n99,38\n");
    let ran = import(&folder, &["--upsert"]);
    assert!(ran.code == 1 && ran.out.starts_with("rows.csv:2: email: "), "{ran:?}");
    file(&folder, "rows.csv", "age\n99\n");
    let ran = import(&folder, &["--upsert"]);
    assert!(ran.said.contains("no column for `id`: the key"), "{ran:?}");
}

#[test]
fn crud_15_what_the_file_is_like_is_told_before_a_row_is_read() {
    let folder = persons("");
    for (content, part) in [
        (&b"emial,age\n"[..], "did you mean `email`?"),
        (b"email,age,email\n", "`email` is there twice"),
        (b"age\n", "no column for `email`"),
        (b"", "the file is empty"),
        (b"\xff\xfee\0", "UTF-16"),
        (b"email,\n", "column 2 has no name"),
    ] {
        file(&folder, "rows.csv", content);
        let ran = import(&folder, &[]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.said.contains(part) && ran.out.is_empty(), "{ran:?}");
    }
    for (args, code, part) in [
        (["shop.db", "person", "none.csv"], 1, "there is no file `none.csv`"),
        (["shop.db", "persons", "rows.csv"], 1, "did you mean `person`?"),
        (["none.db", "person", "rows.csv"], 1, "there is no file `none.db`"),
        (["shop.db", "person", "."], 1, "is a folder"),
    ] {
        let ran = run(folder.path(), ["import"].into_iter().chain(args));
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.said.contains(part), "{ran:?}");
    }
    let ran = import(&folder, &["--delimiter", "abc"]);
    assert!(ran.code == 2 && ran.said.contains("--delimiter abc"), "{ran:?}");
}

#[test]
fn crud_15_what_is_wrong_is_printed_up_to_a_number_and_counted_beyond() {
    let rows: String = (0..1000).map(|number| format!("nobody {number}\n")).collect();
    let folder = persons(&format!("email\n{rows}"));
    let ran = import(&folder, &["--dry-run", "--max-errors", "3"]);
    assert_eq!(ran.out.lines().count(), 3);
    assert!(ran.said.contains("1,000 rows refused; of 1,000 problems the first 3 are shown"), "{ran:?}");
    let ran = import(&folder, &["--max-errors", "3"]);
    assert_eq!(ran.out.lines().count(), 3);
    assert!(ran.said.contains("nothing was written: of 3 rows that were read, 3 are refused"), "{ran:?}");
}

#[test]
fn rows_come_from_standard_input_and_json_lines_have_their_own_form() {
    let folder = with(PERSON);
    let lines = "{\"email\":\"bob@example.com\",\"age\":20}\n{\"email\":7,\"team\":[1]}\n{\"email\":\"x\",\"team\":9}\n";
    let command = Frontdesk::new(folder.path()).args([
        "import",
        "shop.db",
        "person",
        "-",
        "--format",
        "jsonl",
        "--keep-going",
    ]);
    let ran = Ran::of(command.feed(lines.into()));
    assert_eq!(ran.code, 1);
    let said: Vec<&str> = ran.out.lines().collect();
    assert_eq!(said[0], "standard input:2: team: A list or an object is no value of this field");
    assert!(said[1].starts_with("standard input:3: team: "), "{ran:?}");
    assert_eq!(ran.said.trim(), "1 row written to `person`, 2 rows refused");
}

#[test]
fn crud_08_an_import_that_is_killed_leaves_nothing_half_done() {
    let folder = with(PERSON);
    let before = dump(folder.path(), "person");
    for signal in ["INT", "KILL"] {
        let mut command =
            Frontdesk::new(folder.path()).args(["import", "shop.db", "person", "-"]).into_command();
        let mut child =
            command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let rows: String = (0..20_000).map(|number| format!("p{number}@example.com,{number}\n")).collect();
        std::io::Write::write_all(&mut stdin, format!("email,age\n{rows}").as_bytes()).unwrap();
        // It waits for more. What was written so far may be in the log, and is not committed.
        std::thread::sleep(std::time::Duration::from_millis(500));
        let pid = child.id().to_string();
        std::process::Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap();
        let status = child.wait().unwrap();
        if signal == "INT" {
            assert_eq!(status.code(), Some(130));
        }
        drop(stdin);
        assert_eq!(dump(folder.path(), "person"), before);
    }
}

/// A table of so many rows.
fn large(rows: u64) -> TempDir {
    with(&format!(
        "PRAGMA journal_mode = wal; CREATE TABLE n (id INTEGER PRIMARY KEY, name VARCHAR(80), amount DECIMAL(10,2));
         WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {rows})
         INSERT INTO n SELECT i, 'the name of row ' || i || ' is as long as names are', i / 100.0 FROM c"
    ))
}

/// Runs a command, and gives the most memory that it took, in KiB, and what it said.
fn memory(folder: &Path, args: &[&str]) -> (u64, Ran) {
    let mut command = Frontdesk::new(folder).args(args.iter().copied()).into_command();
    let stdio = std::process::Stdio::piped;
    let mut child = command.stdout(stdio()).stderr(stdio()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        most = most.max(now);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    (most, Ran::of(child.wait_with_output().unwrap()))
}

#[test]
#[cfg(target_os = "linux")]
fn crud_12_memory_stays_flat_in_a_full_export_and_import() {
    const ROWS: u64 = 400_000;
    let (small, big) = (large(2_000), large(ROWS));
    for name in ["rows.csv", "rows.jsonl"] {
        let (little, ran) = memory(small.path(), &["export", "shop.db", "n", "-o", name]);
        ran.ok();
        let (much, ran) = memory(big.path(), &["export", "shop.db", "n", "-o", name]);
        assert!(ran.ok().said.contains("400,000 rows"));
        let length = std::fs::metadata(big.path().join(name)).unwrap().len() / 1024;
        assert!(length > 20_000, "{length}");
        // SQLite keeps a few MiB of pages; 200 times the rows take no more than that.
        assert!(much < little + 16 * 1024, "{name}: {little} KiB for few rows, {much} KiB for many");
    }
    open(big.path()).execute_batch("DELETE FROM n").unwrap();
    let (little, _) = memory(small.path(), &["import", "shop.db", "n", "rows.csv", "--upsert"]);
    let (much, ran) = memory(big.path(), &["import", "shop.db", "n", "rows.csv"]);
    assert_eq!(ran.ok().said.trim(), "400,000 rows written to `n`");
    assert!(much < little + 24 * 1024, "import: {little} KiB for few rows, {much} KiB for many");
}

#[test]
fn a_file_is_checked_without_a_database() {
    let folder = with(PERSON);
    let inspected = run(folder.path(), ["inspect", "shop.db"]).ok().out;
    file(&folder, "whole.toml", inspected);
    file(&folder, "rows.csv", "email,age,team\nbob@example.com,20,1\n,-1,\n");
    std::fs::remove_file(folder.path().join("shop.db")).unwrap();
    let ran = run(folder.path(), ["validate", "--schema", "whole.toml", "--table", "person", "rows.csv"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("rows.csv:3: email: "), "{ran:?}");
    let said: Vec<&str> = ran.said.lines().collect();
    assert_eq!(said[0], "2 rows checked, 1 refused");
    assert!(
        said.contains(&"not checked without a database: person.team: whether `team` has such a row"),
        "{ran:?}"
    );
    let ran = run(folder.path(), ["validate", "--schema", "whole.toml", "--table", "preson", "rows.csv"]);
    assert!(ran.said.contains("did you mean `person`?"), "{ran:?}");
    assert_eq!(run(folder.path(), ["validate", "--schema", "whole.toml", "rows.csv"]).code, 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn chinook_goes_out_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data("chinook.sqlite"), folder.path().join("shop.db")).unwrap();
    for (table, by) in [("PlaylistTrack", None), ("Artist", None), ("Invoice", Some("--upsert"))] {
        let before = dump(folder.path(), table);
        run(folder.path(), ["export", "shop.db", table, "-o", "rows.csv"]).ok();
        if by.is_none() {
            let clear = format!("PRAGMA foreign_keys = OFF; DELETE FROM \"{table}\"");
            open(folder.path()).execute_batch(&clear).unwrap();
        }
        let args = ["import", "shop.db", table, "rows.csv"].into_iter().chain(by);
        run(folder.path(), args).ok();
        let (mut before, mut after) = (before, dump(folder.path(), table));
        before.sort();
        after.sort();
        assert_eq!(after, before, "{table}");
    }
}
