//! Limits, on each store.

mod contract;
mod layer;
mod redis;
mod shared;

use std::process::Command;
use std::time::Duration;

use frontdesk_data::{Db, DbOptions};
use frontdesk_web::limits::Limiter;
use frontdesk_web::{Clock, Secret, Signer};
use tempfile::TempDir;

pub(crate) fn signer() -> Signer {
    Signer::new(Secret::new("kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj").unwrap())
}

/// What is limited here and nowhere else, on a server that others use too.
pub(crate) fn unique() -> Signer {
    Signer::new(Secret::random())
}

pub(crate) fn clock() -> Clock {
    Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap())
}

/// A file of SQLite.
pub(crate) struct File(TempDir);

impl File {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A file of SQLite may be empty.
        std::fs::write(folder.path().join("limits.db"), "").unwrap();
        Self(folder)
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("limits.db").display())
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.url()).await.unwrap()
    }
}

/// A database of its own on the PostgreSQL server of the tests.
pub(crate) struct Postgres {
    server: String,
    name: String,
}

impl Postgres {
    pub(crate) async fn new() -> Self {
        let server = std::env::var("FRONTDESK_TEST_POSTGRES").expect(
            "these tests need a PostgreSQL server: start one with `eval \"$(scripts/setup-postgres start)\"`",
        );
        let name = format!("fd_{}", frontdesk_validate::Uuid::new_v4().simple());
        let admin = Db::open_with(&server, DbOptions::new().connections(1)).await.unwrap();
        admin.execute(format!("CREATE DATABASE {name}"), []).await.unwrap();
        admin.close().await;
        Self { server, name }
    }

    pub(crate) fn url(&self) -> String {
        let (before, _) = self.server.rsplit_once('/').unwrap();
        format!("{before}/{}", self.name)
    }

    pub(crate) async fn end(self) {
        let admin = Db::open_with(&self.server, DbOptions::new().connections(1)).await.unwrap();
        admin.execute(format!("DROP DATABASE {} WITH (FORCE)", self.name), []).await.unwrap();
        admin.close().await;
    }
}

pub(crate) fn redis_url() -> String {
    std::env::var("FRONTDESK_TEST_REDIS")
        .expect("these tests need a Redis: start one with `eval \"$(scripts/setup-redis start)\"`")
}

/// A Redis of this test's own, that may be killed.
pub(crate) struct OwnRedis {
    pub(crate) url: String,
    folder: String,
}

impl OwnRedis {
    pub(crate) fn start() -> Self {
        let said = setup_redis(&["start"]);
        let value = |name: &str| {
            let from = said.find(name).unwrap() + name.len() + 1;
            said[from..].split_whitespace().next().unwrap().to_owned()
        };
        Self { url: value("FRONTDESK_TEST_REDIS"), folder: value("FRONTDESK_TEST_REDIS_FOLDER") }
    }

    pub(crate) fn crash(&self) {
        setup_redis(&["crash", &self.folder]);
    }

    pub(crate) fn again(&self) {
        setup_redis(&["again", &self.folder]);
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        setup_redis(&["stop", &self.folder]);
    }
}

fn setup_redis(arguments: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/setup-redis");
    let done = Command::new(script).args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

pub(crate) async fn on_database(url: &str, clock: &Clock, signer: &Signer) -> Limiter {
    let db = Db::open(url).await.unwrap();
    Limiter::database(&db, signer).clock(clock.clone())
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
