//! `frontdesk check`: what is not fit for production.

use std::path::Path;

use serde_json::Value;

use crate::command::Frontdesk;
use crate::sample::data;
use crate::users::{add, run, secret};

const GOOD: &str = "[server]\nurl = 'https://desk.example.com'\ntrusted_proxies = '127.0.0.1'\ndatabase = 'chinook.db'\n\
                    state = 'users.db'\n[mail]\nsmtp = 'smtps://mail.example.com'\nfrom = 'desk@example.com'\n";

fn folder(schema: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data("chinook.sqlite"), folder.path().join("chinook.db")).unwrap();
    std::fs::write(folder.path().join("frontdesk.toml"), schema).unwrap();
    folder
}

/// The exit code, and the rules that find an error.
fn check(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> (i32, Vec<String>, String) {
    let mut command = Frontdesk::new(folder).args(["check", "--json"]).args(args.iter().copied());
    for (name, value) in variables {
        command = command.env(name, value);
    }
    let output = command.output();
    let (text, error) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(error, "");
    let found: Value = serde_json::from_str(&text).unwrap();
    let errors = found.as_array().unwrap().iter().filter(|finding| finding["level"] == "error");
    let rules = errors.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
    (output.status.code().unwrap(), rules, text)
}

#[test]
fn ops_02_what_is_fit_passes_and_each_lack_is_found() {
    let folder = folder(GOOD);
    let here = folder.path();
    let key = secret();
    let good = [("FRONTDESK_SECRET_KEY", key.as_str())];
    let (code, rules, _) = check(here, &good, &[]);
    assert_eq!((code, &*rules), (1, &["no-administrator".to_owned()][..]));
    assert!(!here.join("users.db").exists(), "nothing is made");
    add(here, "ada", &["--admin"]);
    let (code, rules, text) = check(here, &good, &[]);
    assert_eq!((code, rules.len()), (0, 0), "{text}");
    assert!(!text.contains(&key));
    let first = |variables: &[(&str, &str)], args: &[&str]| {
        let (code, rules, text) = check(here, variables, args);
        assert_eq!((code, rules.len()), (1, 1), "{text}");
        rules[0].clone()
    };
    assert_eq!(first(&[], &[]), "secret-missing");
    assert_eq!(first(&[("FRONTDESK_SECRET_KEY", "")], &[]), "secret-weak");
    assert_eq!(first(&[good[0], ("FRONTDESK_STATE", "memory")], &[]), "state-memory");
    assert_eq!(first(&[good[0], ("FRONTDESK_URL", "http://desk.example.com")], &[]), "url-not-https");
    assert_eq!(first(&[good[0], ("FRONTDESK_SECRETKEY", "x")], &[]), "unknown-variable");
    assert_eq!(first(&good, &["--schema", "frontdesk.toml", "missing.db"]), "database-unreachable");
    assert_eq!(first(&good, &["--state", "no/such/folder/x.db"]), "no-administrator");
    assert_eq!(first(&good, &["--schema", "none.toml"]), "schema-file-wrong");
    // The only administrator may not sign in.
    add(here, "bob", &["--admin"]);
    for name in ["ada", "bob"] {
        let connection = rusqlite::Connection::open(here.join("users.db")).unwrap();
        connection.execute("UPDATE frontdesk_users SET active = 0 WHERE username = ?", [name]).unwrap();
    }
    assert_eq!(first(&good, &[]), "no-administrator");
}

#[test]
fn ops_02_an_unknown_key_is_an_error_with_its_line() {
    let folder =
        folder("[server]\nlisten = '127.0.0.1:0'\nur = 'https://a'\n[sign_in]\nregistratoin = 'open'\n");
    let (code, rules, text) = check(folder.path(), &[], &[]);
    assert_eq!((code, &*rules), (1, &["schema-file-wrong".to_owned()][..]));
    for part in ["frontdesk.toml:3", "`url`", "frontdesk.toml:5", "`registration`"] {
        assert!(text.contains(part), "{text}");
    }
    let output = Frontdesk::new(folder.path()).args(["serve"]).fails();
    assert!(output.0 == 1 && output.1.contains("frontdesk.toml:5"), "{}", output.1);
}

#[test]
fn ops_02_people_read_it_too() {
    let folder = folder("");
    let output = Frontdesk::new(folder.path()).args(["check", "chinook.db"]).output();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("error: there is no secret key") && text.contains("[secret-missing]"), "{text}");
    assert!(text.contains("head -c 32 /dev/urandom") && text.trim_end().ends_with("warnings"), "{text}");
    let (code, ..) = run(folder.path(), &["check", "chinook.db"], "");
    assert_eq!(code, 1);
}

#[test]
fn auth_12_ops_02_the_start_is_refused_with_a_secret_that_is_none() {
    let folder = folder("");
    for key in [
        "",
        " ",
        "hunter2",
        "kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj",
        "changeme-changeme-changeme-changeme",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "0123456789abcdef0123456789abcdef",
    ] {
        let serve = Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--listen", "127.0.0.1:0"]);
        let (code, said) = serve.env("FRONTDESK_SECRET_KEY", key).fails();
        assert_eq!(code, 1, "{key}: {said}");
        assert!(said.contains("FRONTDESK_SECRET_KEY") && said.contains("/dev/urandom"), "{said}");
        assert!(key.trim().is_empty() || !said.contains(key), "{said}");
    }
    let serve = Frontdesk::new(folder.path()).args(["serve", "chinook.db", "--listen", "127.0.0.1:0"]);
    let (code, said) = serve.env("FRONTDESK_SECRETKEY", &secret()).fails();
    assert_eq!(code, 2);
    assert!(said.contains("did you mean FRONTDESK_SECRET_KEY?"), "{said}");
}
