//! Databases on the PostgreSQL server of the tests.

use std::fmt::Write as _;
use std::process::Command;

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The address of the server's own database, for a role that may do anything.
fn server() -> String {
    std::env::var("FRONTDESK_TEST_POSTGRES").expect(
        "tests on PostgreSQL need a server: run eval \"$(scripts/setup-postgres start)\" before, or scripts/test",
    )
}

/// A database of its own; it goes when this is dropped.
pub(crate) struct Scratch {
    server: String,
    name: String,
}

impl Scratch {
    pub(crate) async fn new(sql: &str) -> Self {
        Self::on(server(), sql).await
    }

    async fn on(server: String, sql: &str) -> Self {
        let scratch = Self { server, name: format!("fd_{}", frontdesk_validate::Uuid::new_v4().simple()) };
        execute(&scratch.server, &format!("CREATE DATABASE {}", scratch.name)).await;
        scratch.execute(sql).await;
        scratch
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.server.rsplit_once('/').unwrap().0, self.name)
    }

    /// The address for another user, perhaps with a password.
    pub(crate) fn url_of(&self, user: &str) -> String {
        format!("postgres://{user}@{}", self.url().split_once('@').unwrap().1)
    }

    pub(crate) async fn execute(&self, sql: &str) {
        execute(&self.url(), sql).await;
    }

    /// The first column of a question's answer.
    pub(crate) async fn ask(&self, sql: &str) -> Vec<String> {
        let client = connect(&self.url()).await;
        let messages = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        messages
            .iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("NULL").to_owned()),
                _ => None,
            })
            .collect()
    }

    /// All rows of all tables, as text; with `places` also where each is, and since when.
    pub(crate) async fn dump(&self, places: bool) -> Vec<String> {
        let names = "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema' ORDER BY 1";
        let mut sql = String::from("SELECT '' WHERE false");
        for name in self.ask(names).await {
            let place = if places { "xmin || ' ' || ctid || ' ' || " } else { "" };
            let quoted = name.replace('\'', "''");
            let _ = write!(
                sql,
                " UNION ALL SELECT '{quoted}: ' || {place} row_of::text FROM ONLY {name} AS row_of"
            );
        }
        let mut dump = self.ask(&sql).await;
        dump.sort();
        dump
    }

    /// The schema, with the transaction that wrote each part of it.
    pub(crate) async fn catalog(&self) -> Vec<String> {
        self.ask(
            "SELECT xmin || ' ' || relname FROM pg_class UNION ALL
             SELECT xmin || ' ' || attrelid || ' ' || attname FROM pg_attribute UNION ALL
             SELECT xmin || ' ' || nspname FROM pg_namespace UNION ALL
             SELECT xmin || ' ' || conname FROM pg_constraint UNION ALL
             SELECT xmin || ' ' || typname FROM pg_type ORDER BY 1",
        )
        .await
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A test's own runtime may be at its end.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                // The server may be gone too.
                if let Ok((client, connection)) = tokio_postgres::connect(&server, NoTls).await {
                    tokio::spawn(connection);
                    let _ = client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                }
            });
        });
        let _ = dropped.join();
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error:?}"));
}

/// A server that belongs to one test, which may end it.
pub(crate) struct OwnServer {
    folder: String,
    url: String,
}

impl OwnServer {
    pub(crate) fn start() -> Self {
        let said = script(&["start"]);
        let value = |name: &str| {
            let from = said.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("{said}")).1;
            from.split_whitespace().next().unwrap().to_owned()
        };
        Self { folder: value("FRONTDESK_TEST_POSTGRES_FOLDER"), url: value("FRONTDESK_TEST_POSTGRES") }
    }

    pub(crate) async fn database(&self, sql: &str) -> Scratch {
        Scratch::on(self.url.clone(), sql).await
    }

    /// Ends it without a word to those who are connected.
    pub(crate) fn crash(&self) {
        script(&["crash", &self.folder]);
    }

    pub(crate) fn again(&self) {
        script(&["again", &self.folder]);
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        script(&["stop", &self.folder]);
    }
}

fn script(args: &[&str]) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/setup-postgres");
    let output = Command::new(path).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
