//! What a submission may bring at most: one less and just as much is taken; one more gives the form back, and says why.

use frontdesk_data::{Field, FieldType, UploadOptions};
use frontdesk_forms::{Form, FormSpec, Limits};
use frontdesk_validate::IsNotEmpty;
use http::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::visitor::{Page, Visitor, encode};

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=XX";
const JSON: &str = "application/json";

/// Longer than any other name in the form.
const LONG: &str = "a_field_whose_name_is_longer_than_the_names_of_all_others";

fn spec() -> FormSpec {
    Form::for_fields(
        "t",
        [
            Field::string("name").requires(IsNotEmpty::new()),
            Field::string(LONG),
            Field::new("doc", FieldType::Json),
            Field::upload("file").upload_options(UploadOptions::default().max_bytes(2048)),
            Field::new("files", FieldType::ListUpload).upload_options(UploadOptions::default().max_files(3)),
        ],
    )
}

type Pairs = Vec<(String, String)>;

/// A part of a multipart body: a text, or a file of that name.
struct Part {
    name: String,
    file: Option<&'static str>,
    content: String,
}

fn parts(pairs: Pairs) -> Vec<Part> {
    pairs.into_iter().map(|(name, content)| Part { name, file: None, content }).collect()
}

fn file(name: &str, file: &'static str, size: usize) -> Part {
    Part { name: name.to_owned(), file: Some(file), content: "x".repeat(size) }
}

fn multipart(parts: &[Part]) -> Vec<u8> {
    let mut body = String::new();
    for Part { name, file, content } in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body +=
            &format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n");
    }
    (body + "--XX--\r\n").into_bytes()
}

/// The names and texts of a multipart body, in bytes.
fn texts(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.name.len() + part.file.map_or(part.content.len(), |file| file.len())).sum()
}

/// A form as it was drawn: what its hidden inputs hold, as pairs and as JSON.
struct Drawn {
    pairs: Pairs,
    json: Json,
}

impl Drawn {
    /// With these values besides.
    fn pairs(&self, values: &[(&str, &str)]) -> Pairs {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.pairs.iter().cloned().chain(values).collect()
    }

    fn json(&self, values: Json) -> Json {
        let mut all = self.json.clone();
        let members = all.as_object_mut().unwrap();
        members.extend(values.as_object().unwrap().clone());
        all
    }
}

/// Something that is limited.
struct Case {
    what: &'static str,
    limit: fn(&mut Limits, usize),
    /// A body, and how much of it counts.
    body: fn(&Drawn) -> (&'static str, Vec<u8>, usize),
    status: StatusCode,
    message: &'static str,
    /// Whether what was typed before it is kept.
    keeps: bool,
}

const TOO_LARGE: StatusCode = StatusCode::PAYLOAD_TOO_LARGE;
const MORE: &str = "This was more than the form takes, and nothing was saved";

/// Draws a form, and submits what the case says, under a limit that is off what counts by `off`.
async fn submit(case: &Case, off: isize) -> Page {
    let mut visitor = Visitor::new();
    let page = visitor.get(&spec()).await;
    let drawn = Drawn { pairs: page.hidden(), json: page.form().as_json()["hidden"].clone() };
    let (kind, body, size) = (case.body)(&drawn);
    let mut limits = Limits::default();
    (case.limit)(&mut limits, size.checked_add_signed(off).unwrap());
    visitor.desk = visitor.desk.clone().limits(limits);
    let request = visitor.request(Method::POST, "/", kind, body);
    visitor.send(&spec(), request).await.unwrap()
}

/// Objects that lie in each other.
fn nested(deep: usize) -> Json {
    (0..deep).fold(json!(1), |inner, _| json!({ "a": inner }))
}

const NAME: (&str, &str) = ("name", "Ada");

const CASES: &[Case] = &[
    Case {
        what: "the bytes of an urlencoded body",
        limit: |limits, size| limits.text_bytes = size,
        body: |drawn| {
            let body = encode(&drawn.pairs(&[NAME])).into_bytes();
            let size = body.len();
            (URLENCODED, body, size)
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: false,
    },
    Case {
        what: "the bytes of a JSON body",
        limit: |limits, size| limits.text_bytes = size,
        body: |drawn| {
            let body = drawn.json(json!({ "name": "Ada" })).to_string().into_bytes();
            let size = body.len();
            (JSON, body, size)
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: false,
    },
    Case {
        what: "the names and texts of a multipart body",
        limit: |limits, size| limits.text_bytes = size,
        body: |drawn| {
            let mut parts = parts(drawn.pairs(&[NAME, (LONG, "typed behind it")]));
            parts.insert(parts.len() - 1, file("file", "a.txt", 1000));
            (MULTIPART, multipart(&parts), texts(&parts))
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: true,
    },
    Case {
        what: "the number of values of an urlencoded body",
        limit: |limits, count| limits.entries = count,
        body: |drawn| {
            let pairs = drawn.pairs(&[NAME, ("x", ""), ("x", "")]);
            (URLENCODED, encode(&pairs).into_bytes(), pairs.len())
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: false,
    },
    Case {
        what: "the number of parts of a multipart body",
        limit: |limits, count| limits.entries = count,
        body: |drawn| {
            let mut parts = parts(drawn.pairs(&[NAME]));
            parts.extend([file("file", "", 0), file("files", "", 0), file("x", "a.txt", 10)]);
            (MULTIPART, multipart(&parts), parts.len())
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: true,
    },
    Case {
        what: "the number of values of a JSON body",
        limit: |limits, count| limits.entries = count,
        body: |drawn| {
            let body = drawn.json(json!({ "name": "Ada", "_drawn": ["name", "doc", "file"] }));
            let members = body.as_object().unwrap();
            let counts = members.values().map(|member| member.as_array().map_or(1, Vec::len));
            (JSON, body.to_string().into_bytes(), counts.sum())
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: false,
    },
    Case {
        what: "a name of an urlencoded body",
        limit: |limits, size| limits.name_bytes = size,
        body: |drawn| (URLENCODED, encode(&drawn.pairs(&[NAME, (LONG, "x")])).into_bytes(), LONG.len()),
        status: TOO_LARGE,
        message: MORE,
        keeps: false,
    },
    Case {
        what: "a name of a multipart body",
        limit: |limits, size| limits.name_bytes = size,
        body: |drawn| (MULTIPART, multipart(&parts(drawn.pairs(&[NAME, (LONG, "x")]))), LONG.len()),
        status: TOO_LARGE,
        message: MORE,
        keeps: true,
    },
    Case {
        what: "a name of a JSON body",
        limit: |limits, size| limits.name_bytes = size,
        body: |drawn| {
            let body = drawn.json(json!({ "name": "Ada", LONG: "x" }));
            (JSON, body.to_string().into_bytes(), LONG.len())
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: false,
    },
    Case {
        what: "the name of a file",
        limit: |limits, size| limits.name_bytes = size,
        body: |drawn| {
            let name = "a file whose name is longer than the names of all inputs.txt";
            let mut parts = parts(drawn.pairs(&[NAME]));
            parts.push(file("file", name, 10));
            (MULTIPART, multipart(&parts), name.len())
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: true,
    },
    Case {
        what: "how deep JSON is nested",
        limit: |limits, deep| limits.nesting = deep,
        body: |drawn| {
            let body = drawn.json(json!({ "name": "Ada", "doc": nested(20) }));
            (JSON, body.to_string().into_bytes(), 21)
        },
        status: StatusCode::BAD_REQUEST,
        message: "The form could not be read: it is nested more than 20 deep",
        keeps: false,
    },
    Case {
        what: "the bytes of all files",
        limit: |limits, size| limits.file_bytes = size as u64,
        body: |drawn| {
            let mut parts = parts(drawn.pairs(&[NAME]));
            parts.extend([
                file("files", "a.txt", 600),
                file("file", "c.txt", 300),
                file("files", "b.txt", 500),
            ]);
            // Behind the files that are too large.
            parts.push(Part { name: LONG.to_owned(), file: None, content: "x".to_owned() });
            (MULTIPART, multipart(&parts), 1400)
        },
        status: TOO_LARGE,
        message: MORE,
        keeps: true,
    },
];

#[tokio::test]
async fn form_12_each_limit_is_exact_and_more_gives_the_form_back_with_the_reason() {
    for case in CASES {
        for off in [1, 0] {
            let page = submit(case, off).await;
            assert!(page.form().accepted(), "{}, {off} below: {} {}", case.what, page.status, page.html);
        }
        let page = submit(case, -1).await;
        assert_eq!(page.status, case.status, "{}", case.what);
        assert!(!page.form().accepted(), "{}", case.what);
        assert_eq!(page.alert().as_deref(), Some(case.message), "{}", case.what);
        assert_eq!(page.select("form [name=name]").len(), 1, "{}: {}", case.what, page.html);
        let kept = if case.keeps { "Ada" } else { "" };
        assert_eq!(page.value_of("name").as_deref(), Some(kept), "{}", case.what);
        // And can be sent again: it is a form as any other.
        assert!(page.hidden().iter().any(|(name, value)| name == "_formkey" && !value.is_empty()));
    }
}

#[tokio::test]
async fn form_12_upld_01_the_bytes_of_a_file_and_the_files_of_a_field_are_limited_exactly() {
    let mut visitor = Visitor::new();
    for (size, is_fine) in [(2047, true), (2048, true), (2049, false)] {
        let content = vec![b'x'; size];
        let page = visitor.upload(&spec(), &[NAME], &[("file", "a.txt", &content)]).await;
        assert_eq!(page.form().accepted(), is_fine, "{size}");
        if !is_fine {
            assert_eq!(page.status, TOO_LARGE);
            assert_eq!(page.error_of("file").as_deref(), Some("The file is too large: 2 KiB at most"));
            assert_eq!(page.value_of("name").as_deref(), Some("Ada"));
        }
    }
    for (count, is_fine) in [(2, true), (3, true), (4, false)] {
        let files = vec![("files", "a.txt", &b"x"[..]); count];
        let page = visitor.upload(&spec(), &[NAME], &files).await;
        assert_eq!(page.form().accepted(), is_fine, "{count}");
        if !is_fine {
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(page.form().error_of("files").unwrap().code(), "upload.too_many");
            assert!(
                page.error_of("files").unwrap().contains('3'),
                "it says how many: {:?}",
                page.error_of("files")
            );
        }
    }
}

/// Without a limit of ours the parsers have theirs, and say the same.
#[tokio::test]
async fn form_12_no_nesting_is_too_deep_for_an_answer() {
    let mut limits = Limits::default();
    let most = limits.nesting;
    for (deep, is_fine) in [(most - 2, true), (most - 1, true), (most, false), (100_000, false)] {
        let mut visitor = Visitor::new();
        let page = visitor.get(&spec()).await;
        let hidden = page.form().as_json()["hidden"].to_string();
        let (open, close) = ("{\"a\":".repeat(deep), "}".repeat(deep));
        let body = format!("{},\"name\":\"Ada\",\"doc\":{open}1{close}}}", &hidden[..hidden.len() - 1]);
        let request = visitor.request(Method::POST, "/", JSON, body);
        let page = visitor.send(&spec(), request).await.unwrap();
        assert_eq!(page.form().accepted(), is_fine, "{deep}: {:?}", page.alert());
        if !is_fine {
            assert_eq!(page.status, StatusCode::BAD_REQUEST);
            assert!(page.alert().unwrap().contains("nested more than 64 deep"), "{:?}", page.alert());
        }
    }
    limits.nesting = usize::MAX;
    let mut visitor = Visitor::new();
    visitor.desk = visitor.desk.clone().limits(limits);
    let body = format!("{{\"doc\":{}1{}}}", "[".repeat(127), "]".repeat(127));
    let request = visitor.request(Method::POST, "/", JSON, body);
    let page = visitor.send(&spec(), request).await.unwrap();
    assert!(page.alert().unwrap().contains("nested more than 127 deep"), "{:?}", page.alert());
}

/// Names are as good as texts for filling the memory: a form of them alone is stopped as early.
#[tokio::test]
async fn form_12_names_count_as_texts() {
    let mut visitor = Visitor::new();
    let mut limits = Limits::default();
    limits.text_bytes = 50_000;
    visitor.desk = visitor.desk.clone().limits(limits);
    let hidden = visitor.get(&spec()).await.hidden();
    let long = "n".repeat(1000);
    let mut parts = parts(hidden);
    parts.extend((0..60).map(|number| Part {
        name: format!("{long}{number}"),
        file: None,
        content: String::new(),
    }));
    let request = visitor.request(Method::POST, "/", MULTIPART, multipart(&parts));
    let page = visitor.send(&spec(), request).await.unwrap();
    assert_eq!((page.status, page.alert().as_deref()), (TOO_LARGE, Some(MORE)));
}

/// A form by GET that is over a limit says so, and another form of the page says nothing.
#[tokio::test]
async fn form_12_a_query_over_a_limit_is_told_by_its_form() {
    let mut limits = Limits::default();
    limits.entries = 4;
    let mut visitor = Visitor::new();
    visitor.desk = visitor.desk.clone().limits(limits);
    let spec = |name: &'static str| Form::for_fields(name, [Field::string("q")]).get();
    let query = |count: usize| format!("/?_formname=search{}", "&q=x".repeat(count));
    for (uri, name, status) in [
        (query(1), "search", StatusCode::OK),
        (query(4), "search", StatusCode::PAYLOAD_TOO_LARGE),
        (query(4), "other", StatusCode::OK),
    ] {
        let request = visitor.request(Method::GET, &uri, "", axum::body::Body::empty());
        let page = visitor.send(&spec(name), request).await.unwrap();
        assert_eq!(page.status, status, "{uri} {name}");
        assert_eq!(page.alert().is_some(), status != StatusCode::OK, "{uri} {name}");
    }
}
