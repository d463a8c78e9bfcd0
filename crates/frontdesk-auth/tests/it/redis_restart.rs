//! A Redis that goes away and comes back, between two processes that share it.

use std::process::Command;
use std::time::Duration;

use frontdesk_auth::{Entry, Sessions, Users, Visit};
use frontdesk_data::Db;

use crate::support::{Site, hours};

/// A Redis of this test's own, that may be killed.
struct OwnRedis {
    url: String,
    folder: String,
}

impl OwnRedis {
    fn start() -> Self {
        let said = script(&["start"]);
        let value = |name: &str| {
            let from = said.find(name).unwrap() + name.len() + 1;
            said[from..].split_whitespace().next().unwrap().to_owned()
        };
        Self { url: value("FRONTDESK_TEST_REDIS"), folder: value("FRONTDESK_TEST_REDIS_FOLDER") }
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        script(&["stop", &self.folder]);
    }
}

fn script(arguments: &[&str]) -> String {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/setup-redis");
    let done = Command::new(program).args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sess_05_a_redis_that_is_killed_lets_nobody_in_who_should_not_be() {
    let redis = OwnRedis::start();
    let db = Db::open("sqlite::memory:").await.unwrap();
    let site = Site::new(&db, Users::own(&db), Sessions::redis(&redis.url).unwrap());
    // Another process has connections of its own.
    let other = Sessions::redis(&redis.url).unwrap().clock(site.clock.clone());
    let (sessions, users) = (site.auth.sessions(), site.auth.users());
    site.user("ada").await;
    let (kept, ended) = (site.open("ada").await, site.open("ada").await);
    assert_eq!(other.find(kept.token.as_str()).await.unwrap(), Some(kept.info.clone()));
    assert!(other.end(ended.token.as_str()).await.unwrap());
    assert!(
        sessions.find(ended.token.as_str()).await.unwrap().is_none(),
        "what one ends, has ended for the other"
    );

    script(&["crash", &redis.folder]);
    let signed_in = site.signed_in("ada", Entry::Password).await;
    for sessions in [sessions, &other] {
        for token in [&kept.token, &ended.token] {
            let error = sessions.find_user(token.as_str(), users).await.unwrap_err();
            assert_eq!(error.status(), 503, "{error}");
        }
        let error = sessions.open(&signed_in, &Visit::default(), None).await.unwrap_err();
        assert_eq!(error.status(), 503, "{error}");
        assert!(
            sessions.end(kept.token.as_str()).await.is_err(),
            "nobody is told that they are signed out who are not"
        );
    }

    script(&["again", &redis.folder]);
    let mut tries = 0;
    let found = loop {
        match sessions.find(kept.token.as_str()).await {
            Ok(found) => break found,
            Err(error) => {
                tries += 1;
                assert!(tries < 100, "{error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    };
    assert_eq!(found, Some(kept.info.clone()));
    assert!(sessions.find(ended.token.as_str()).await.unwrap().is_none(), "what has ended stays so");
    site.clock.advance(hours(1));
    assert!(sessions.find(kept.token.as_str()).await.unwrap().is_none(), "time goes on without it");
}
