//! A server that a test may kill, and a line to it that a test may cut.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server of one's own.
pub(super) struct OwnServer {
    pub(super) url: String,
    folder: String,
}

fn script(arguments: &[&str]) -> String {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/setup-postgres");
    let done = Command::new(script).args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

impl OwnServer {
    pub(super) fn start() -> Self {
        let said = script(&["start"]);
        let value = |name: &str| {
            let mut words = said.split_whitespace().filter_map(|word| word.split_once('='));
            let (_, value) = words.find(|(known, _)| *known == name).unwrap();
            value.trim_matches(['\'', '"', ';']).to_owned()
        };
        Self { url: value("FRONTDESK_TEST_POSTGRES"), folder: value("FRONTDESK_TEST_POSTGRES_FOLDER") }
    }

    /// Ends it at once, as a loss of power would.
    pub(super) fn crash(&self) {
        script(&["crash", &self.folder]);
    }

    pub(super) fn again(&self) {
        script(&["again", &self.folder]);
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            script(&["stop", &self.folder]);
        }
    }
}

/// A line to the tests' server. Once it is armed, it is cut when a text goes over it: the text arrives, and no answer.
pub(super) struct Line {
    port: u16,
    armed: Arc<AtomicBool>,
}

impl Line {
    /// A line that is cut when `at` goes over it.
    pub(super) async fn new(to: &str, at: &'static str) -> Self {
        let host = to.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicBool::new(false));
        let is_armed = Arc::clone(&armed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (host, is_armed) = (host.clone(), Arc::clone(&is_armed));
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(host).await {
                        carry(client, server, at, &is_armed).await;
                    }
                });
            }
        });
        Self { port, armed }
    }

    /// The address over this line; nothing is encrypted on it.
    pub(super) fn url(&self, to: &str) -> String {
        let (before, rest) = to.split_once('@').unwrap();
        let database = rest.split_once('/').unwrap().1;
        format!("{before}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    pub(super) fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    pub(super) fn disarm(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }
}

async fn carry(client: TcpStream, server: TcpStream, at: &str, armed: &AtomicBool) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let there = async {
        let mut buffer = vec![0; 65536];
        loop {
            let Ok(read @ 1..) = from_client.read(&mut buffer).await else { return false };
            if to_server.write_all(&buffer[..read]).await.is_err() {
                return false;
            }
            let is_it = buffer[..read].windows(at.len()).any(|part| part == at.as_bytes());
            if is_it && armed.load(Ordering::SeqCst) {
                return true;
            }
        }
    };
    let back = async {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    };
    let is_cut = tokio::select! {
        cut = there => cut,
        () = back => false,
    };
    if is_cut {
        // What the server answers arrives nowhere; it has time to do what it was told.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}
