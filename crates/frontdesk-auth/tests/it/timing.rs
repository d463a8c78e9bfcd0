//! Whether an answer, or the time that it takes, tells who has an account. Over HTTP, 500 tries of each.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use axum::Router;
use frontdesk_auth::{
    Auth, Mailer, NewUser, PasswordReset, Register, SessionLogin, Sessions, Users, password_reset, register,
    session_login,
};
use frontdesk_data::{Db, DbOptions};
use frontdesk_forms::Desk;
use frontdesk_web::Secret;
use tokio::runtime::Runtime;

const TRIES: usize = 500;
const PASSWORD: &str = "lamps drift over quiet harbours";

/// A site with many users, on loopback, on threads of its own: what it goes on doing after an answer must not hold up who
/// takes the time.
struct Site {
    runtime: Runtime,
    address: SocketAddr,
    auth: Auth,
    _folder: tempfile::TempDir,
}

impl Site {
    fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (address, auth, folder) = runtime.block_on(serve());
        Self { runtime, address, auth, _folder: folder }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream }
    }

    /// Waits until nothing is left to be mailed, so that it disturbs no measurement.
    fn calm(&self) {
        if let Some(mailer) = self.auth.mails() {
            self.runtime.block_on(mailer.flush());
        }
    }
}

async fn serve() -> (SocketAddr, Auth, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("site.db").display());
    let db = Db::open_with(&url, DbOptions::default().create_if_missing(true)).await.unwrap();
    let users = Users::own(&db);
    users.insert(NewUser::new("first").password(PASSWORD).active(true)).await.unwrap();
    // All have the first one's password: hashing it for each would take longer than the rest of the test.
    let copy = "INSERT INTO frontdesk_users (username, username_key, email, email_key, password, active, admin, \
            superuser, created, epoch) SELECT ?, ?, ?, ?, password, active, admin, superuser, created, epoch \
            FROM frontdesk_users WHERE username = 'first'";
    for number in 0..TRIES {
        let (name, email) = (known_name(number), known_email(number));
        let values = [(&*name).into(), (&*name).into(), (&*email).into(), (&*email).into()];
        db.execute(copy, values).await.unwrap();
    }
    let (mailer, _) = Mailer::outbox();
    let auth = Auth::new(users, Sessions::database(&db), &Desk::new(Secret::random()))
        .base_url("https://shop.example".parse().unwrap())
        .mailer(mailer);
    let router = Router::new()
        .nest("/login/", session_login(SessionLogin::new(&auth)))
        .nest("/register/", register(Register::new(&auth).confirm_email().unwrap()))
        .nest("/password-reset/", password_reset(PasswordReset::new(&auth).unwrap()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        // It knows no address, so that it counts nobody's attempts by that.
        axum::serve(listener, router).await
    });
    (address, auth, folder)
}

fn known_name(number: usize) -> String {
    format!("known{number:03}")
}

fn known_email(number: usize) -> String {
    format!("known{number:03}@shop.example")
}

fn other_name(number: usize) -> String {
    format!("other{number:03}")
}

fn other_email(number: usize) -> String {
    format!("other{number:03}@shop.example")
}

/// A connection that is kept.
struct Client {
    stream: TcpStream,
}

impl Client {
    /// Posts a form; the answer, and how long it took.
    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (String, Duration) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.exchange(&request)
    }

    fn get(&mut self, path: &str) {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    fn exchange(&mut self, request: &str) -> (String, Duration) {
        let start = Instant::now();
        self.stream.write_all(request.as_bytes()).unwrap();
        let (mut answer, mut chunk) = (Vec::with_capacity(16 * 1024), [0; 16 * 1024]);
        loop {
            let read = self.stream.read(&mut chunk).unwrap();
            assert_ne!(read, 0, "the server hung up");
            answer.extend_from_slice(&chunk[..read]);
            let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if answer.len() >= end + 4 + length.unwrap_or_default() {
                return (String::from_utf8(answer).unwrap(), start.elapsed());
            }
        }
    }
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    let (_, median, _) = times.select_nth_unstable_by(TRIES / 2, f64::total_cmp);
    *median
}

/// Numbers that look random, the same each time.
struct Shuffle(u64);

impl Shuffle {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % below as u64) as usize
    }
}

/// The difference of the medians, and what difference chance alone makes: the same times are dealt out anew a thousand
/// times, as if it made no difference who was asked about.
fn difference(known: &[f64], other: &[f64]) -> (f64, f64) {
    let mut all = [known, other].concat();
    let mut shuffle = Shuffle(7);
    let mut noise = 0.0_f64;
    for _ in 0..1000 {
        for at in (1..all.len()).rev() {
            all.swap(at, shuffle.next(at + 1));
        }
        let (one, two) = all.split_at(TRIES);
        noise = noise.max((median(one) - median(two)).abs());
    }
    ((median(known) - median(other)).abs(), noise)
}

/// The times of both, asked in turns.
fn measure(
    site: &Site,
    path: &str,
    known: impl Fn(usize) -> Vec<(&'static str, String)>,
    other: impl Fn(usize) -> Vec<(&'static str, String)>,
) -> [Vec<f64>; 2] {
    let mut client = site.connect();
    let mut times = [Vec::with_capacity(TRIES), Vec::with_capacity(TRIES)];
    let mut shuffle = Shuffle(42);
    let mut first = None;
    for number in 0..TRIES {
        // Who is second may find something warm that the first one made so.
        let turn = shuffle.next(2);
        for which in [turn, 1 - turn] {
            // What went on after the answer before this one (a hash takes 19 MiB) is to disturb nobody's.
            client.get(path);
            let fields = if which == 0 { known(number) } else { other(number) };
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
            let (answer, took) = client.post(path, &fields);
            times[which].push(took.as_secs_f64() * 1e6);
            let answer = plain(&answer);
            let first = first.get_or_insert_with(|| answer.clone());
            assert_eq!(answer, *first, "{path} {number}");
            site.calm();
        }
    }
    times
}

/// An answer without what is another one each time.
fn plain(answer: &str) -> String {
    let lines = answer.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date: "));
    lines.collect::<Vec<_>>().join("\n")
}

fn login(name: String, password: &str) -> Vec<(&'static str, String)> {
    vec![("username", name), ("password", password.to_owned())]
}

fn registration(name: String, email: String) -> Vec<(&'static str, String)> {
    let password = || "seven grey pebbles on a sill".to_owned();
    vec![("username", name), ("email", email), ("password", password()), ("confirm_password", password())]
}

/// Gives how much chance alone makes.
fn assert_equal(what: &str, [known, other]: &[Vec<f64>; 2]) -> f64 {
    let (difference, noise) = difference(known, other);
    println!(
        "{what}: known {:.0} µs, unknown {:.0} µs, difference {difference:.1}, noise {noise:.1}",
        median(known),
        median(other)
    );
    assert!(difference <= noise, "{what}: {difference:.1} µs, where chance makes {noise:.1}");
    noise
}

#[test]
fn auth_06_the_time_of_an_answer_does_not_tell_who_has_an_account() {
    let site = Site::start();
    let wrong = "another lamp over harbours";
    let times = measure(
        &site,
        "/login/",
        |number| login(known_name(number), wrong),
        |number| login(other_name(number), wrong),
    );
    let noise = assert_equal("login", &times);

    // What is measured would show it: nobody hashes a password that is longer than any.
    let long = "x".repeat(300);
    let mut client = site.connect();
    let mut at_once = Vec::with_capacity(TRIES);
    for number in 0..TRIES {
        let (_, took) = client.post("/login/", &[("username", &known_name(number)), ("password", &long)]);
        at_once.push(took.as_secs_f64() * 1e6);
    }
    let shown = median(&times[0]) - median(&at_once);
    assert!(shown > 2.0 * noise, "{shown:.1} µs would be hidden by {noise:.1}");

    let times = measure(
        &site,
        "/password-reset/",
        |number| vec![("email", known_email(number))],
        |number| vec![("email", other_email(number))],
    );
    assert_equal("password reset", &times);

    let times = measure(
        &site,
        "/register/",
        |number| registration(known_name(number), known_email(number)),
        |number| registration(other_name(number), other_email(number)),
    );
    assert_equal("registration", &times);
}
