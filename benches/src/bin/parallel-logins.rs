//! How long another route takes to answer while many people sign in at the same time.
//!
//! `parallel-logins [LOGINS]` serves on loopback, in this process, with as many threads as there are cores; the clients
//! share the cores. Each of 200 logins hashes a password for some 15 ms of a core.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use frontdesk::auth::{SessionLogin, session_login};
use frontdesk::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::{Builder, Handle};

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often the other route is asked.
const EVERY: Duration = Duration::from_millis(4);

type Failed = Box<dyn Error + Send + Sync>;

/// Sends a request and reads the head of the answer and as much of its body as it says; returns the head.
async fn exchange(stream: &mut TcpStream, request: &str) -> Result<String, Failed> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(1024);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err("the server hung up".into());
        }
        let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let mut left = length.unwrap_or_default().saturating_sub(answer.len() - end - 4);
        let mut rest = [0; 4096];
        while left > 0 {
            left -= stream.read(&mut rest[..left.min(4096)]).await?.max(1);
        }
        return Ok(head);
    }
}

/// One login; the time until it was answered.
async fn login(server: SocketAddr, number: usize) -> Result<Duration, Failed> {
    let (_, password) = frontdesk_bench::USER;
    let body = format!(r#"{{"username":"user{number}","password":"{password}"}}"#);
    let start = Instant::now();
    // Each is a person at a place of their own: what comes from one address is slowed down after some attempts.
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 1 + (number / 250) as u8, 1 + (number % 250) as u8], 0).into())?;
    let mut stream = socket.connect(server).await?;
    let request = format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let head = exchange(&mut stream, &request).await?;
    match head.starts_with("http/1.1 303") && head.contains("set-cookie: ") {
        true => Ok(start.elapsed()),
        false => Err(format!("a login was answered by {head}").into()),
    }
}

/// Asks the other route until it is told to stop; the times.
async fn ping(server: SocketAddr, stop: Arc<AtomicBool>) -> Result<Vec<Duration>, Failed> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        exchange(&mut stream, "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        times.push(start.elapsed());
        tokio::time::sleep(EVERY).await;
    }
    Ok(times)
}

fn quantile(times: &mut [Duration], of_thousand: usize) -> f64 {
    times.sort_unstable();
    times[(times.len() * of_thousand / 1000).min(times.len() - 1)].as_secs_f64() * 1000.0
}

async fn serve(logins: usize) -> Result<(SocketAddr, tempfile::TempDir), Failed> {
    let folder = tempfile::tempdir()?;
    let (db, _) = frontdesk_bench::open(folder.path()).await?;
    frontdesk_bench::add_user(&db).await?;
    for number in 0..logins {
        frontdesk_bench::copy_user(&db, &format!("user{number}")).await?;
    }
    let auth = frontdesk_bench::sign_in(&db, &Desk::new(Secret::random()));
    let router = Router::new()
        .route("/ping", get(async || "pong"))
        .nest("/login", session_login(SessionLogin::new(&auth)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let options = frontdesk::web::ServeOptions::default();
    tokio::spawn(async move {
        if let Err(error) = frontdesk::web::serve(listener, router, options, std::future::pending()).await {
            eprintln!("{error}");
        }
    });
    Ok((address, folder))
}

async fn measure(logins: usize, clients: &Handle) -> Result<(), Failed> {
    let (server, _folder) = serve(logins).await?;
    let pings = |time: Option<Duration>| {
        let stop = Arc::new(AtomicBool::new(false));
        let pings = clients.spawn(ping(server, Arc::clone(&stop)));
        async move {
            if let Some(time) = time {
                tokio::time::sleep(time).await;
                stop.store(true, Ordering::Relaxed);
            }
            (pings, stop)
        }
    };
    let (quiet, _) = pings(Some(Duration::from_secs(2))).await;
    let mut quiet = quiet.await??;
    let (busy, stop) = pings(None).await;
    let start = Instant::now();
    let all: Vec<_> = (0..logins).map(|number| clients.spawn(login(server, number))).collect();
    let mut times = Vec::new();
    for login in all {
        times.push(login.await??);
    }
    let took = start.elapsed();
    stop.store(true, Ordering::Relaxed);
    let mut busy = busy.await??;
    println!(
        "{logins} logins in {:.2} s, {:.0} a second",
        took.as_secs_f64(),
        logins as f64 / took.as_secs_f64()
    );
    println!(
        "a login: median {:.0} ms, last {:.0} ms",
        quantile(&mut times, 500),
        quantile(&mut times, 1000)
    );
    for (name, times) in [("quiet", &mut quiet), ("meanwhile", &mut busy)] {
        let (median, p99) = (quantile(times, 500), quantile(times, 990));
        println!(
            "another route, {name}: median {median:.2} ms, p99 {p99:.2} ms, of {} requests",
            times.len()
        );
    }
    match quantile(&mut busy, 990) < 100.0 {
        true => Ok(()),
        false => Err("the p99 of another route is to be below 100 ms".into()),
    }
}

fn main() -> Result<(), Failed> {
    let logins = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    // The clients are on a thread of their own, as clients are.
    let clients = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let measured =
        Builder::new_multi_thread().enable_all().build()?.block_on(measure(logins, clients.handle()));
    clients.shutdown_background();
    measured
}
