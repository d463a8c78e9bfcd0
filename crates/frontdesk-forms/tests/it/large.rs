//! A file that is larger than the memory: it goes to the disk as it comes.
//!
//! The test starts this test binary again as a server ([`server`]), and looks at how much memory that took at most.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use frontdesk_data::{Field, UploadOptions};
use frontdesk_forms::{Desk, Form, FormRequest, Limits, QuarantineOptions, UploadStore};
use frontdesk_web::Secret;
use scraper::{Html, Selector};

const FOLDER: &str = "FRONTDESK_LARGE_FOLDER";

const MIB: u64 = 1 << 20;

/// Bytes of the upload: 2 GiB.
const SIZE: u64 = 2048 * MIB;

/// The most memory that the server may take, in bytes.
const MEMORY: u64 = 64 * MIB;

async fn form(State(desk): State<Desk>, mut request: FormRequest) -> Response {
    let options = UploadOptions::default().max_bytes(SIZE + MIB);
    let spec = Form::for_fields("t", [Field::upload("file").upload_options(options)]);
    let mut form = spec.process(&mut request).await.unwrap();
    if form.accepted() {
        assert!(form.store_files(&desk).await.unwrap());
        return format!("accepted; memory {}", peak()).into_response();
    }
    form.respond(form.to_string())
}

/// The most memory that this process had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is started by the other test of this module"]
async fn server() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let options = QuarantineOptions::default().visitor_bytes(2 * SIZE);
    let mut limits = Limits::default();
    limits.file_bytes = 2 * SIZE;
    let store = UploadStore::new(Path::new(&folder)).quarantine(options);
    let desk = Desk::new(Secret::random()).uploads_in(store).limits(limits);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nlistening on {}", listener.local_addr().unwrap());
    axum::serve(listener, Router::new().route("/", any(form)).with_state(desk)).await.unwrap();
}

/// The server; it ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a request and reads the answer: its head and its body.
fn ask(address: &str, head: &str, body: impl FnOnce(&mut TcpStream)) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{head}\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    body(&mut stream);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn upld_01_an_upload_of_two_gibibytes_takes_less_than_64_mebibytes_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server(
        Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "large::server", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let output = BufReader::new(server.0.stdout.take().unwrap());
    let address = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        .unwrap();

    let (head, page) = ask(&address, "GET / HTTP/1.1", |_| {});
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let mut before = String::new();
    for input in Html::parse_document(&page).select(&Selector::parse("input[type=hidden]").unwrap()) {
        let (name, value) = (input.attr("name").unwrap(), input.attr("value").unwrap());
        before += &format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    before += "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"large.txt\"\r\n\r\n";
    let behind = "\r\n--XX--\r\n";
    let length = before.len() as u64 + SIZE + behind.len() as u64;
    let request = format!(
        "POST / HTTP/1.1\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=XX\r\n\
         Content-Length: {length}"
    );
    let (head, answer) = ask(&address, &request, |stream| {
        stream.write_all(before.as_bytes()).unwrap();
        let piece = vec![b'x'; MIB as usize];
        for _ in 0..SIZE / MIB {
            stream.write_all(&piece).unwrap();
        }
        stream.write_all(behind.as_bytes()).unwrap();
    });
    assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{answer}");
    let memory: u64 = answer.strip_prefix("accepted; memory ").unwrap().parse().unwrap();
    assert!(memory <= MEMORY, "{} MiB", memory / MIB);
    let sizes: Vec<u64> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap())
        .filter(std::fs::Metadata::is_file)
        .map(|about| about.len())
        .collect();
    assert_eq!(sizes, [SIZE]);
}
