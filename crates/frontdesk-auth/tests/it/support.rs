//! Databases, users and requests to test with.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use frontdesk_auth::{
    Auth, Entry, NewUser, OpenSession, Sessions, SignedIn, Step, User, Users, Visit, mfa::LoginAttempt,
};
use frontdesk_data::{Db, DbOptions};
use frontdesk_forms::Desk;
use frontdesk_web::{Clock, Secret};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "lamps drift over quiet harbours";

/// A database of its own on the PostgreSQL server of the tests; it goes when this is dropped.
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

    pub(crate) async fn open(&self) -> Db {
        let (before, _) = self.server.rsplit_once('/').unwrap();
        Db::open(&format!("{before}/{}", self.name)).await.unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(admin) = Db::open_with(&server, DbOptions::new().connections(1)).await {
                    let _ = admin.execute(sql, []).await;
                }
            });
        });
        let _ = dropped.join();
    }
}

/// The contract: tests that hold on each kind of database, each with a new one of its own.
macro_rules! on_each_database {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(frontdesk_data::Db::open("sqlite::memory:").await.unwrap()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let server = crate::support::Postgres::new().await;
                super::$name(server.open().await).await;
            }
        }
    )*};
}
pub(crate) use on_each_database;

/// Sign-in that goes by a clock of its own.
pub(crate) struct Site {
    pub(crate) auth: Auth,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
}

impl Site {
    pub(crate) fn new(db: &Db, users: Users, sessions: Sessions) -> Self {
        // Not any time: Redis goes by a clock of its own.
        let now = jiff::Timestamp::from_millisecond(jiff::Timestamp::now().as_millisecond()).unwrap();
        let clock = Clock::stopped(now);
        let auth = Auth::new(users, sessions, &Desk::new(Secret::random())).clock(clock.clone());
        Self { auth, clock, db: db.clone() }
    }

    pub(crate) fn own(db: &Db) -> Self {
        Self::new(db, Users::own(db), Sessions::database(db))
    }

    pub(crate) async fn memory() -> Self {
        Self::own(&Db::open("sqlite::memory:").await.unwrap())
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        self.auth.users().insert(NewUser::new(name).password(PASSWORD).active(true)).await.unwrap()
    }

    pub(crate) async fn admin(&self, name: &str) -> User {
        self.auth
            .users()
            .insert(NewUser::new(name).password(PASSWORD).active(true).admin(true))
            .await
            .unwrap()
    }

    pub(crate) async fn signed_in(&self, name: &str, entry: Entry) -> SignedIn {
        let proof = self.auth.users().check_credentials(name, PASSWORD).await.unwrap().expect("the password");
        let attempt = LoginAttempt::new("test");
        match self.auth.sign_in().by_password(entry, proof, None, None, &attempt).await.unwrap() {
            Step::SignedIn(signed_in) => signed_in,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn open(&self, name: &str) -> OpenSession {
        let signed_in = self.signed_in(name, Entry::Password).await;
        self.auth.open_session(&signed_in, &Visit::default(), None).await.unwrap()
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let rows = self.db.query(format!("SELECT count(*) AS n FROM {table}"), []).await.unwrap();
        rows[0]["n"].as_int().unwrap()
    }
}

pub(crate) fn hours(count: u64) -> Duration {
    Duration::from_hours(count)
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The sentence of a problem document.
    pub(crate) fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A GET with these headers.
pub(crate) async fn get(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(Request::get(path).header("host", "localhost"), |request, (name, value)| {
            request.header(*name, *value)
        });
    send(app, request.body(Body::empty()).unwrap()).await
}

pub(crate) async fn post_json(app: &Router, path: &str, body: &str) -> Answer {
    let request = Request::post(path).header("host", "localhost").header("content-type", "application/json");
    send(app, request.body(Body::from(body.to_owned())).unwrap()).await
}

/// A second factor whose code is `right`, for users whose name begins with `mfa`.
pub(crate) struct RightIsRight;

impl frontdesk_auth::MfaProvider for RightIsRight {
    fn name(&self) -> &str {
        "Right"
    }

    fn is_user_enrolled<'a>(
        &'a self,
        user: &'a User,
    ) -> futures_util::future::BoxFuture<'a, Result<bool, frontdesk_auth::AuthError>> {
        Box::pin(std::future::ready(Ok(user.username.starts_with("mfa"))))
    }

    fn authenticate_user<'a>(
        &'a self,
        _: &'a User,
        code: &'a str,
        _: &'a LoginAttempt,
    ) -> futures_util::future::BoxFuture<'a, Result<bool, frontdesk_auth::AuthError>> {
        Box::pin(std::future::ready(Ok(code == "right")))
    }

    fn delete_registration<'a>(
        &'a self,
        _: &'a User,
    ) -> futures_util::future::BoxFuture<'a, Result<(), frontdesk_auth::AuthError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// All that a database holds, as one text: what a thief of it would see.
pub(crate) async fn dump(db: &Db, tables: &[&str]) -> String {
    let mut text = String::new();
    for table in tables {
        for row in db.query(format!("SELECT * FROM {table}"), []).await.unwrap() {
            for (name, value) in row.iter() {
                text += &format!("{name}={}\n", value.to_text());
            }
        }
    }
    text
}

/// As [`dump`], of all tables of an SQLite database.
pub(crate) async fn dump_all(db: &Db) -> String {
    let tables = db.query("SELECT name FROM sqlite_master WHERE type = 'table'", []).await.unwrap();
    let tables: Vec<&str> = tables.iter().filter_map(|row| row["name"].as_str()).collect();
    assert!(tables.len() >= 4, "{tables:?}");
    dump(db, &tables).await
}
