//! Limits outlive a process, and are shared by several.

use std::process::{Command, Stdio};

use frontdesk_data::Db;
use frontdesk_web::limits::{Backoff, LimitKey, Limited, Limiter, Quota};
use frontdesk_web::{Clock, Secret, Signer};

use super::{File, OwnRedis, Postgres, SECOND, clock, on_database, redis_url, signer, unique};

fn key() -> LimitKey {
    LimitKey::new("login").account("ada")
}

/// Uses up what there is, and looks at it from elsewhere.
async fn is_shared(one: Limiter, two: Limiter) {
    assert!(one.is_shared());
    let (quota, backoff) = (Quota::new(3, 60 * SECOND), Backoff::default().free(1));
    one.take(&key(), &quota).await.unwrap();
    two.take(&key(), &quota).await.unwrap();
    one.take(&key(), &quota).await.unwrap();
    one.begin(&key(), &backoff).await.unwrap();
    for limiter in [one, two] {
        assert!(matches!(limiter.take(&key(), &quota).await, Err(Limited::Wait(_))));
        assert!(matches!(limiter.begin(&key(), &backoff).await, Err(Limited::Wait(_))));
    }
}

#[tokio::test]
async fn rate_03_two_connections_share_limits() {
    let (file, server, clock) = (File::new(), Postgres::new().await, clock());
    for url in [file.url(), server.url()] {
        let one = on_database(&url, &clock, &signer()).await;
        is_shared(one, on_database(&url, &clock, &signer()).await).await;
    }
    server.end().await;
    let signer = unique();
    let connect = || Limiter::redis(&redis_url(), &signer).unwrap().clock(clock.clone());
    is_shared(connect(), connect()).await;
    assert!(!Limiter::memory().is_shared());
}

#[tokio::test]
async fn auth_07_limits_survive_a_restart() {
    let (file, clock) = (File::new(), clock());
    let (quota, backoff) = (Quota::new(1, 60 * SECOND), Backoff::default().free(1));
    let first = file.open().await;
    let limiter = Limiter::database(&first, &signer()).clock(clock.clone());
    limiter.take(&key(), &quota).await.unwrap();
    limiter.begin(&key(), &backoff).await.unwrap();
    first.close().await;
    let limiter = on_database(&file.url(), &clock, &signer()).await;
    assert!(limiter.take(&key(), &quota).await.is_err());
    assert!(limiter.begin(&key(), &backoff).await.is_err());
}

#[tokio::test]
async fn auth_07_limits_survive_a_crash_of_redis() {
    let (redis, clock) = (OwnRedis::start(), clock());
    let backoff = Backoff::default().free(1);
    let limiter = Limiter::redis(&redis.url, &signer()).unwrap().clock(clock.clone());
    limiter.begin(&key(), &backoff).await.unwrap();
    redis.crash();
    redis.again();
    assert!(
        matches!(limiter.begin(&key(), &backoff).await, Err(Limited::Wait(_))),
        "it is asked again at once"
    );
    let another = Limiter::redis(&redis.url, &signer()).unwrap().clock(clock);
    assert!(matches!(another.begin(&key(), &backoff).await, Err(Limited::Wait(_))));
}

#[tokio::test]
async fn who_has_another_secret_counts_apart() {
    let (file, clock) = (File::new(), clock());
    let quota = Quota::new(1, 60 * SECOND);
    for _ in 0..2 {
        let limiter = on_database(&file.url(), &clock, &Signer::new(Secret::random())).await;
        limiter.take(&key(), &quota).await.unwrap();
    }
}

#[tokio::test]
async fn neither_addresses_nor_names_are_kept() {
    let (file, clock) = (File::new(), clock());
    let db = file.open().await;
    let limiter = Limiter::database(&db, &signer()).clock(clock);
    limiter.begin(&LimitKey::new("login").account("ada-lovelace"), &Backoff::default()).await.unwrap();
    let rows = db.query("SELECT id FROM frontdesk_limits", []).await.unwrap();
    let id = rows[0]["id"].as_str().unwrap();
    assert!(id.starts_with("delay:") && !id.contains("ada") && !id.contains("login"), "{id}");
}

#[tokio::test]
async fn rate_01_what_has_expired_goes() {
    let (file, clock) = (File::new(), clock());
    let db = file.open().await;
    let limiter = Limiter::database(&db, &signer()).clock(clock.clone());
    let quota = Quota::new(10, SECOND);
    for round in 0..3 {
        for number in 0..700 {
            let key = LimitKey::new("page").account(&format!("{round}/{number}"));
            limiter.take(&key, &quota).await.unwrap();
        }
        clock.advance(60 * SECOND);
    }
    let rows = db.query("SELECT count(*) AS n FROM frontdesk_limits", []).await.unwrap();
    let left = rows[0]["n"].as_int().unwrap();
    assert!(left < 1300, "{left} of 2100 rows are left");
}

/// One of two processes: it takes what it can of a quota that both share, and prints how much that was.
#[tokio::test]
#[ignore = "run by the test below"]
async fn one_of_two_processes() {
    let url = std::env::var("FRONTDESK_LIMITS_TEST").unwrap();
    let limiter = if url.starts_with("redis") {
        let secret = std::env::var("FRONTDESK_LIMITS_SECRET").unwrap();
        Limiter::redis(&url, &Signer::new(Secret::new(secret).unwrap())).unwrap()
    } else {
        let db = Db::open(&url).await.unwrap();
        Limiter::database(&db, &signer())
    };
    let (limiter, mut passed) = (limiter.clock(Clock::system()), 0);
    for _ in 0..120 {
        match limiter.take(&key(), &Quota::new(100, 3600 * SECOND)).await {
            Ok(_) => passed += 1,
            Err(Limited::Wait(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    println!("passed: {passed}.");
}

#[tokio::test]
async fn rate_03_two_processes_share_one_limit() {
    let (file, server) = (File::new(), Postgres::new().await);
    let secret = frontdesk_validate::Uuid::new_v4().simple().to_string();
    for url in [file.url(), server.url(), redis_url()] {
        let processes: Vec<_> = (0..2)
            .map(|_| {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args(["--exact", "limits::shared::one_of_two_processes", "--ignored", "--nocapture"]);
                command.env("FRONTDESK_LIMITS_TEST", &url).env("FRONTDESK_LIMITS_SECRET", &secret);
                command.stdout(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let mut all = 0;
        for process in processes {
            let output = process.wait_with_output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{said}");
            let number = said.split("passed: ").nth(1).and_then(|rest| rest.split('.').next());
            all += number.unwrap().parse::<u32>().unwrap();
        }
        assert_eq!(all, 100, "{url}");
    }
    server.end().await;
}
