//! Every vector of every file, but those in [`EXCEPTIONS`], which are held to our own answer.

use std::collections::BTreeSet;
use std::fs;

use crate::exceptions::EXCEPTIONS;
use crate::outcome::{agrees, folder, id, needs_database, outcome, vectors};

fn check(file: &str) {
    let mut wrong = Vec::new();
    for vector in vectors(file) {
        let exception = EXCEPTIONS.iter().find(|exception| exception.id == id(&vector));
        let ours = outcome(&vector);
        let as_decided = match exception {
            None => agrees(&vector, &ours),
            Some(exception) => agrees(&exception.answer(), &ours) && !agrees(&vector, &ours),
        };
        if !as_decided {
            let expected =
                exception.map_or_else(|| vector.to_string(), |exception| exception.ours.to_owned());
            wrong.push(format!("{}\n  ours:     {ours}\n  expected: {expected}", id(&vector)));
        }
    }
    assert!(wrong.is_empty(), "{} of {file} differ:\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! files {
    ($($file:ident),* $(,)?) => {
        $(#[test]
        fn $file() {
            check(stringify!($file));
        })*

        const FILES: &[&str] = &[$(stringify!($file)),*];
    };
}

files! {
    all, any_of, cleanup, crypt, is_alphanumeric, is_date, is_date_in_range, is_datetime, is_datetime_in_range,
    is_decimal_in_range, is_email, is_empty_or, is_equal_to, is_expr, is_file, is_float_in_range, is_image, is_in_set,
    is_int_in_range, is_ipaddress, is_ipv4, is_ipv6, is_json, is_length, is_list_of, is_list_of_emails, is_lower,
    is_match, is_not_empty, is_null_or, is_safe, is_slug, is_strong, is_time, is_upload_filename, is_upper, is_url,
}

/// Rules that need a database are tested in `frontdesk-data`; differences have a table of their own.
const ELSEWHERE: &[&str] = &["divergences", "is_in_db", "is_not_in_db"];

#[test]
fn form_20_every_file_of_public_vectors_is_run() {
    let there: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".jsonl").map(str::to_owned))
        .collect();
    let known: BTreeSet<String> = FILES.iter().chain(ELSEWHERE).map(|&name| name.to_owned()).collect();
    assert_eq!(there, known);
    for file in FILES {
        assert!(vectors(file).iter().all(|vector| !needs_database(&vector["rule"])), "{file}");
    }
}

#[test]
fn exceptions_are_sorted_reasoned_and_real() {
    assert!(EXCEPTIONS.is_sorted_by(|a, b| a.id < b.id), "sorted by id, each once");
    let ids: BTreeSet<String> =
        FILES.iter().flat_map(|file| vectors(file)).map(|vector| id(&vector).to_owned()).collect();
    for exception in EXCEPTIONS {
        assert!(ids.contains(exception.id), "{} is no vector", exception.id);
        assert!(exception.reason.len() > 10, "{} has no reason", exception.id);
    }
}
