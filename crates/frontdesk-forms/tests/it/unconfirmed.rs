//! A connection that is lost while a row is written: nobody knows whether it was, and it is not written twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use frontdesk_data::{Db, DbOptions, Field, Table};
use frontdesk_forms::{Form, Ledger};
use frontdesk_validate::Uuid;
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::visitor::Visitor;

/// Carries what is sent to the server until a text goes by while it is armed. That still arrives; no answer comes back.
async fn carry(client: TcpStream, host: String, at: &'static str, armed: Arc<AtomicBool>) {
    let Ok(server) = TcpStream::connect(host).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let there = async {
        let mut buffer = vec![0; 65536];
        let mut written = false;
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            if to_server.write_all(&buffer[..read]).await.is_err() {
                return;
            }
            let has = |text: &str| buffer[..read].windows(text.len()).any(|part| part == text.as_bytes());
            // Reads of SQL of one's own are transactions too, and may be on the way before.
            written |= armed.load(Ordering::SeqCst) && has("Chair");
            let is_it = written && has(at);
            if is_it && armed.load(Ordering::SeqCst) {
                return;
            }
        }
    };
    tokio::select! {
        () = there => tokio::time::sleep(Duration::from_millis(200)).await,
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
}

/// The address of the server over a line that is cut at a text, once it is armed.
async fn line(server: &str, at: &'static str) -> (String, Arc<AtomicBool>) {
    let (user, rest) = server.split_once('@').unwrap();
    let (host, database) = rest.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let armed = Arc::new(AtomicBool::new(false));
    let (host, is_armed) = (host.to_owned(), Arc::clone(&armed));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, host.clone(), at, Arc::clone(&is_armed)));
        }
    });
    (format!("{user}@127.0.0.1:{port}/{database}?sslmode=disable"), armed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn form_11_crud_11_what_may_be_written_is_not_written_twice() {
    let server = std::env::var("FRONTDESK_TEST_POSTGRES").expect(
        "this test needs a PostgreSQL server: start one with `eval \"$(scripts/setup-postgres start)\"`",
    );
    let admin = Db::open_with(&server, DbOptions::new().connections(1)).await.unwrap();
    let name = format!("fd_{}", Uuid::new_v4().simple());
    admin.execute(format!("CREATE DATABASE {name}"), []).await.unwrap();
    let own = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let elsewhere = Ledger::database(&Db::open("sqlite::memory:").await.unwrap());
    // Nobody works on it any more, soon.
    let elsewhere = elsewhere.lease(Duration::from_millis(1));
    // A lone statement is cut itself; with a ledger in the same database it is the end of the transaction.
    for (round, (at, ledger)) in
        [("Chair", Some(Ledger::memory())), ("Chair", Some(elsewhere)), ("COMMIT", None)]
            .into_iter()
            .enumerate()
    {
        let (url, armed) = line(&own, at).await;
        let db = Db::open(&url).await.unwrap();
        let thing = Table::new(format!("thing{round}")).field(Field::string("name")).create();
        let thing = db.define(thing).await.unwrap();
        let is_here = ledger.is_none();
        let ledger = ledger.unwrap_or_else(|| Ledger::database(&db));
        let mut visitor = Visitor::new();
        visitor.desk = visitor.desk.clone().remember_submissions(ledger);
        let spec = Form::for_table(&db, &thing);
        // The first one makes the ledger's tables.
        let typing = visitor.get(&spec).await.typing().set("name", "Table");
        assert!(visitor.post(&spec, &typing).await.form().accepted());
        let typing = visitor.get(&spec).await.typing().set("name", "Chair");
        armed.store(true, Ordering::SeqCst);
        let first = visitor.post(&spec, &typing).await;
        armed.store(false, Ordering::SeqCst);
        assert!(!first.form().accepted());
        assert_eq!(first.status, StatusCode::INTERNAL_SERVER_ERROR, "{round}: {}", first.html);
        assert!(first.alert().unwrap().contains("look whether it was"), "{}", first.html);
        assert_eq!(db.set(&thing).count().await.unwrap(), 2, "here it was");
        let second = visitor.post(&spec, &typing).await;
        assert_eq!(second.form().repeated(), is_here, "{}", second.html);
        assert_eq!(db.set(&thing).count().await.unwrap(), 2);
        db.close().await;
    }
    admin.execute(format!("DROP DATABASE {name} WITH (FORCE)"), []).await.unwrap();
}
