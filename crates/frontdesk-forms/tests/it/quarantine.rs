//! Files that are not accepted yet: kept for the next try, their owner's alone, and within limits.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use frontdesk_data::{Field, UploadOptions, Value};
use frontdesk_forms::{Desk, Form, FormSpec, Limits, QuarantineOptions, UploadStore};
use frontdesk_validate::IsNotEmpty;
use frontdesk_web::Secret;
use futures_util::{StreamExt, stream};
use http::{Method, StatusCode};

use crate::visitor::{PIXEL, Page, Visitor};

const MULTIPART: &str = "multipart/form-data; boundary=XX";

fn spec() -> FormSpec {
    named("t")
}

fn named(form: &'static str) -> FormSpec {
    let gallery = UploadOptions::default().max_files(3);
    Form::for_fields(
        form,
        [
            Field::string("name").requires(IsNotEmpty::new()),
            Field::upload("file"),
            Field::new("gallery", "list:upload".parse().unwrap()).upload_options(gallery),
        ],
    )
}

/// A body of texts, of files, and of texts behind them.
fn body(texts: &[(String, String)], files: &[(&str, &str, &[u8])], behind: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut text = |name: &str, value: &str| {
        let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.bytes());
    };
    texts.iter().for_each(|(name, value)| text(name, value));
    let mut rest = Vec::new();
    for (name, file, content) in files {
        let head =
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
        rest.extend(head.bytes());
        rest.extend_from_slice(content);
        rest.extend(b"\r\n");
    }
    for (name, value) in behind {
        let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        rest.extend(part.bytes());
    }
    body.extend(rest);
    body.extend(b"--XX--\r\n");
    body
}

/// Submits a page as it was drawn, with other texts and files.
async fn again(
    visitor: &mut Visitor,
    spec: &FormSpec,
    hidden: &[(String, String)],
    texts: &[(&str, &str)],
    files: &[(&str, &str, &[u8])],
) -> Page {
    let texts: Vec<(String, String)> = hidden
        .iter()
        .cloned()
        .chain(texts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
        .collect();
    let request = visitor.request(Method::POST, "/", MULTIPART, body(&texts, files, &[]));
    visitor.send(spec, request).await.unwrap()
}

fn content(page: &Page, field: &str) -> Vec<(String, Vec<u8>)> {
    let files = match page.form().vars().get(field) {
        Some(Value::List(items)) => items.clone(),
        Some(single) => vec![single.clone()],
        None => Vec::new(),
    };
    files
        .iter()
        .filter_map(|file| match file {
            Value::File(file) => Some((file.name().to_owned(), file.head().to_vec())),
            _ => None,
        })
        .collect()
}

fn with(folder: &Path, options: QuarantineOptions) -> Desk {
    Desk::new(Secret::random()).uploads_in(UploadStore::new(folder).quarantine(options))
}

#[tokio::test]
async fn upld_09_a_file_is_kept_while_another_field_is_wrong() {
    let mut visitor = Visitor::new();
    let files: [(&str, &str, &[u8]); 3] =
        [("file", "a.png", PIXEL), ("gallery", "one.txt", b"1"), ("gallery", "two.txt", b"2")];
    let mut page = visitor.upload(&spec(), &[("name", "")], &files).await;
    // Twice wrong, they are kept twice.
    for _ in 0..2 {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.html.contains("a.png") && page.html.contains("one.txt"));
        let hidden = page.hidden();
        drop(page);
        assert_eq!(visitor.quarantined(), 3);
        page = again(&mut visitor, &spec(), &hidden, &[("name", "")], &[]).await;
    }
    let page = again(&mut visitor, &spec(), &page.hidden(), &[("name", "Ada")], &[("file", "", b"")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    assert_eq!(content(&page, "file"), [("a.png".to_owned(), PIXEL.to_vec())]);
    let gallery = [("one.txt".to_owned(), b"1".to_vec()), ("two.txt".to_owned(), b"2".to_vec())];
    assert_eq!(content(&page, "gallery"), gallery);
}

#[tokio::test]
async fn upld_09_another_file_or_a_removal_takes_the_place_of_a_kept_one() {
    let mut visitor = Visitor::new();
    let page = visitor.upload(&spec(), &[("name", "")], &[("file", "a.txt", b"first")]).await;
    let page =
        again(&mut visitor, &spec(), &page.hidden(), &[("name", "")], &[("file", "b.txt", b"second")]).await;
    assert!(page.html.contains("b.txt") && !page.html.contains("a.txt"));
    let hidden = page.hidden();
    drop(page);
    assert_eq!(visitor.quarantined(), 1, "what was replaced is gone");
    let page = again(&mut visitor, &spec(), &hidden, &[("name", "Ada"), ("_delete_file", "ON")], &[]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    assert_eq!(page.form().vars().get("file"), Some(&Value::Null));
    drop(page);
    assert_eq!(visitor.quarantined(), 0);
}

#[tokio::test]
async fn upld_09_a_kept_file_is_bound_to_its_visitor_its_form_and_its_field() {
    let mut ada = Visitor::new();
    let mut eve = Visitor::new();
    eve.desk = ada.desk.clone();
    eve.get(&spec()).await;
    let page = ada.upload(&spec(), &[("name", "")], &[("file", "a.txt", b"secret")]).await;
    let hidden = page.hidden();
    drop(page);

    let page = again(&mut eve, &spec(), &hidden, &[("name", "Eve")], &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "of another browser");
    assert!(!page.html.contains("a.txt") && content(&page, "file").is_empty());

    let others: Vec<(String, String)> = hidden
        .iter()
        .map(|(name, value)| {
            (name.clone(), if name == "_formname" { "other".to_owned() } else { value.clone() })
        })
        .collect();
    let page = again(&mut ada, &named("other"), &others, &[("name", "Ada")], &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "of another form");
    assert!(content(&page, "file").is_empty());

    // Another field's place is part of what is signed: no byte of it can be another.
    let key = hidden.iter().position(|(name, _)| name == "_formkey").unwrap();
    let length = hidden[key].1.len();
    for at in (0..length).step_by(7) {
        let mut changed = hidden.clone();
        let old = changed[key].1.as_bytes()[at];
        changed[key].1.replace_range(at..=at, if old == b'A' { "B" } else { "A" });
        let page = again(&mut ada, &spec(), &changed, &[("name", "Ada")], &[]).await;
        assert!(!page.form().accepted() && content(&page, "file").is_empty(), "byte {at}");
    }
    let page = again(&mut ada, &spec(), &hidden, &[("name", "Ada")], &[]).await;
    assert!(page.form().accepted(), "it is Ada's still");
    assert_eq!(content(&page, "file"), [("a.txt".to_owned(), b"secret".to_vec())]);
}

#[tokio::test]
async fn upld_09_a_kept_file_expires_and_the_form_says_so() {
    let mut visitor = Visitor::new();
    let lifetime = Duration::from_millis(100);
    visitor.desk = with(visitor.folder.path(), QuarantineOptions::default().lifetime(lifetime));
    let page = visitor.upload(&spec(), &[("name", "")], &[("file", "a.txt", b"x")]).await;
    tokio::time::sleep(lifetime * 3).await;
    let page = again(&mut visitor, &spec(), &page.hidden(), &[("name", "Ada")], &[]).await;
    assert_eq!(
        page.form().error_of("file").map(|error| error.code().to_owned()).as_deref(),
        Some("upload.gone")
    );
    assert_eq!(page.value_of("name").as_deref(), Some("Ada"));
}

/// What each way to send, or not to send, a file part means.
#[tokio::test]
async fn upld_02_missing_empty_and_duplicate_parts() {
    type Files = &'static [(&'static str, &'static str, &'static [u8])];
    type Case = (&'static str, Files, Result<&'static [&'static str], &'static str>);
    let cases: [Case; 14] = [
        // Nothing chosen, or no part at all, is no file.
        ("file", &[], Ok(&[])),
        ("file", &[("file", "", b"")], Ok(&[])),
        ("file", &[("file", "", b""), ("file", "", b"")], Ok(&[])),
        ("file", &[("file", "a.txt", b"x")], Ok(&["a.txt"])),
        ("file", &[("file", "", b""), ("file", "a.txt", b"x")], Ok(&["a.txt"])),
        // An empty file is a file where its kind may be empty.
        ("file", &[("file", "a.txt", b"")], Ok(&["a.txt"])),
        ("file", &[("file", "a.png", b"")], Err("upload.content")),
        // One without a name cannot be stored.
        ("file", &[("file", "", b"x")], Err("upload.name_empty")),
        ("file", &[("file", "a.txt", b"x"), ("file", "b.txt", b"y")], Err("duplicate_file")),
        ("gallery", &[], Ok(&[])),
        ("gallery", &[("gallery", "", b"")], Ok(&[])),
        (
            "gallery",
            &[("gallery", "a.txt", b"x"), ("gallery", "", b""), ("gallery", "b.txt", b"y")],
            Ok(&["a.txt", "b.txt"]),
        ),
        ("gallery", &[("gallery", "a.txt", b"x"), ("gallery", "a.txt", b"x")], Ok(&["a.txt", "a.txt"])),
        (
            "gallery",
            &[
                ("gallery", "a.txt", b"x"),
                ("gallery", "b.txt", b"x"),
                ("gallery", "c.txt", b"x"),
                ("gallery", "d.txt", b"x"),
            ],
            Err("upload.too_many"),
        ),
    ];
    let mut visitor = Visitor::new();
    for (field, files, expected) in cases {
        let page = visitor.upload(&spec(), &[("name", "Ada")], files).await;
        let found: Vec<String> = content(&page, field).into_iter().map(|(name, _)| name).collect();
        match expected {
            Ok(names) => {
                assert!(page.form().accepted(), "{files:?}: {:?}", page.form());
                assert_eq!(found, names, "{files:?}");
            }
            Err(code) => {
                assert_eq!(
                    page.form().error_of(field).map(|error| error.code().to_owned()).as_deref(),
                    Some(code),
                    "{files:?}"
                );
                assert_eq!(page.value_of("name").as_deref(), Some("Ada"));
            }
        }
        assert!(visitor.stored().is_empty(), "nothing is in its final place before it is checked");
    }
}

#[tokio::test]
async fn upld_08_over_the_quota_the_form_comes_back_with_all_its_texts() {
    let mut visitor = Visitor::new();
    visitor.desk = with(visitor.folder.path(), QuarantineOptions::default().visitor_bytes(1000));
    let hidden = visitor.get(&spec()).await.hidden();
    let large = [b'x'; 800];
    let files: [(&str, &str, &[u8]); 2] = [("gallery", "a.txt", &large), ("gallery", "b.txt", &large)];
    let request =
        visitor.request(Method::POST, "/", MULTIPART, body(&hidden, &files, &[("name", "behind the files")]));
    let page = visitor.send(&spec(), request).await.unwrap();
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(page.value_of("name").as_deref(), Some("behind the files"));
    assert!(page.alert().unwrap().contains("no room for more files of yours"), "{:?}", page.alert());

    // The quarantine as a whole.
    let mut visitor = Visitor::new();
    visitor.desk = with(visitor.folder.path(), QuarantineOptions::default().total_bytes(1000));
    let page = visitor.upload(&spec(), &[("name", "Ada")], &files).await;
    assert_eq!(page.status, StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(page.value_of("name").as_deref(), Some("Ada"));
}

/// A body that sends the beginning of a file, and then nothing.
fn open_body(hidden: &[(String, String)]) -> Body {
    let whole = body(hidden, &[("file", "a.txt", &[b'x'; 20_000])], &[]);
    let start = Bytes::copy_from_slice(&whole[..whole.len() - 5000]);
    Body::from_stream(stream::once(async move { Ok::<_, std::io::Error>(start) }).chain(stream::pending()))
}

async fn until(what: impl Fn() -> bool) -> bool {
    for _ in 0..1000 {
        if what() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn upld_08_a_thousand_open_uploads_leave_room_for_others() {
    let mut visitor = Visitor::new();
    visitor.desk = with(visitor.folder.path(), QuarantineOptions::default().open_files(150));
    let spec = Arc::new(spec());
    let hidden = visitor.get(&spec).await.hidden();
    let mut uploads = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let mut request = visitor.request(Method::POST, "/", MULTIPART, open_body(&hidden));
        let spec = Arc::clone(&spec);
        uploads.spawn(async move { spec.process(&mut request).await.map(drop) });
    }
    assert!(until(|| visitor.quarantined() == 100).await, "one visitor's: {}", visitor.quarantined());
    let mut other = Visitor::new();
    other.desk = visitor.desk.clone();
    let page = other.upload(&spec, &[("name", "Bob")], &[("file", "a.txt", b"x")]).await;
    assert!(page.form().accepted(), "others have room");
    drop(page);

    // However many visitors there are, together they fill no disk.
    for _ in 0..200 {
        let mut one = Visitor::new();
        one.desk = visitor.desk.clone();
        let hidden = one.get(&spec).await.hidden();
        let mut request = one.request(Method::POST, "/", MULTIPART, open_body(&hidden));
        let spec = Arc::clone(&spec);
        uploads.spawn(async move { spec.process(&mut request).await.map(drop) });
    }
    assert!(until(|| visitor.quarantined() == 150).await, "all together: {}", visitor.quarantined());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(visitor.quarantined(), 150);
    uploads.shutdown().await;
    assert!(until(|| visitor.quarantined() == 0).await, "connections that break off leave nothing");
    let page = visitor.upload(&spec, &[("name", "Ada")], &[("file", "a.txt", b"x")]).await;
    assert!(page.form().accepted(), "there is room again");
}

#[tokio::test]
async fn upld_08_a_connection_that_breaks_off_leaves_nothing() {
    let mut visitor = Visitor::new();
    let hidden = visitor.get(&spec()).await.hidden();
    let whole = body(&hidden, &[("file", "a.txt", &[b'x'; 1_000_000])], &[]);
    for part in [0.3, 0.5, 0.9] {
        let half = Bytes::copy_from_slice(&whole[..(whole.len() as f64 * part) as usize]);
        let broken = stream::iter([Ok(half), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]);
        let request = visitor.request(Method::POST, "/", MULTIPART, Body::from_stream(broken));
        let page = visitor.send(&spec(), request).await.unwrap();
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        drop(page);
        assert_eq!((visitor.quarantined(), visitor.stored().len()), (0, 0));
    }
}

/// Whoever sends slowly is given up soon.
fn visitor_of_an_impatient_desk() -> Visitor {
    let mut visitor = Visitor::new();
    let mut limits = Limits::default();
    limits.idle = Duration::from_millis(200);
    limits.least_rate = 100_000;
    visitor.desk = visitor.desk.clone().limits(limits);
    visitor
}

/// The same holds for bodies without files: each would hold a connection for as long as it likes.
#[tokio::test]
async fn form_12_texts_that_dribble_in_are_cut() {
    let mut visitor = visitor_of_an_impatient_desk();
    for kind in ["application/x-www-form-urlencoded", "application/json", "text/plain"] {
        let dribble = stream::iter(0..5000).then(|_| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok::<_, std::io::Error>(Bytes::from_static(b"a"))
        });
        let request = visitor.request(Method::POST, "/", kind, Body::from_stream(dribble));
        let spec = spec();
        let answer = tokio::time::timeout(Duration::from_secs(10), visitor.send(&spec, request));
        let page = answer.await.expect("it is cut").unwrap();
        assert!(page.status.is_client_error(), "{kind}: {}", page.status);
    }
}

#[tokio::test]
async fn upld_08_slow_senders_are_cut_and_get_their_texts_back() {
    let mut visitor = visitor_of_an_impatient_desk();
    let mut hidden = visitor.get(&spec()).await.hidden();
    hidden.push(("name".to_owned(), "Ada".to_owned()));
    let whole = body(&hidden, &[("file", "a.txt", &[b'x'; 50_000])], &[]);
    let (head, rest) = whole.split_at(whole.len() - 50_000);
    let rest = rest.to_vec();
    // A few bytes at a time: never silent, and never done.
    let dribble = stream::iter(rest.into_iter()).then(|byte| async move {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Ok::<_, std::io::Error>(Bytes::copy_from_slice(&[byte]))
    });
    let first = Bytes::copy_from_slice(head);
    let slow = Body::from_stream(stream::once(async move { Ok(first) }).chain(dribble));
    let request = visitor.request(Method::POST, "/", MULTIPART, slow);
    let limit = Duration::from_secs(20);
    let page = tokio::time::timeout(limit, visitor.send(&spec(), request)).await.expect("it is cut").unwrap();
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(page.value_of("name").as_deref(), Some("Ada"));
    drop(page);
    assert_eq!(visitor.quarantined(), 0);
}
