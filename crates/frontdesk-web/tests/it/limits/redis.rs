//! When Redis, or the database, goes away.

use std::error::Error;
use std::time::Instant;

use axum::response::IntoResponse;
use frontdesk_web::limits::{Backoff, LimitKey, Limited, Limiter, Quota};

use super::{File, OwnRedis, SECOND, clock, signer};

fn key() -> LimitKey {
    LimitKey::new("login").account("ada")
}

#[tokio::test]
async fn rate_01_without_redis_nobody_is_let_through_and_the_answer_says_so() {
    let redis = OwnRedis::start();
    let (quota, backoff) = (Quota::new(100, 60 * SECOND), Backoff::default());
    let limiter = Limiter::redis(&redis.url, &signer()).unwrap().clock(clock());
    limiter.take(&key(), &quota).await.unwrap();
    redis.crash();
    for _ in 0..3 {
        let began = Instant::now();
        let refused = limiter.take(&key(), &quota).await.unwrap_err();
        assert!(began.elapsed() < 4 * SECOND, "{:?}", began.elapsed());
        assert!(matches!(refused, Limited::Unavailable(_)), "{refused:?}");
        let cause = refused.source().unwrap().to_string();
        assert!(cause.contains("Redis"), "{cause}");
        let response = refused.into_response();
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key("retry-after"));
    }
    assert!(matches!(limiter.begin(&key(), &backoff).await, Err(Limited::Unavailable(_))));
    assert!(matches!(limiter.forgive(&key()).await, Err(Limited::Unavailable(_))));
    redis.again();
    let began = Instant::now();
    while limiter.take(&key(), &quota).await.is_err() {
        assert!(began.elapsed() < 10 * SECOND, "it does not come back");
        tokio::time::sleep(SECOND / 20).await;
    }
}

#[tokio::test]
async fn rate_01_a_redis_that_is_not_there_yet_is_no_fault_of_the_start() {
    let redis = OwnRedis::start();
    redis.crash();
    let limiter = Limiter::redis(&redis.url, &signer()).unwrap().clock(clock());
    let quota = Quota::new(100, 60 * SECOND);
    assert!(matches!(limiter.take(&key(), &quota).await, Err(Limited::Unavailable(_))));
    redis.again();
    let began = Instant::now();
    while limiter.take(&key(), &quota).await.is_err() {
        assert!(began.elapsed() < 10 * SECOND, "it does not come back");
        tokio::time::sleep(SECOND / 20).await;
    }
}

#[tokio::test]
async fn rate_01_without_its_database_nobody_is_let_through() {
    let file = File::new();
    let db = file.open().await;
    let limiter = Limiter::database(&db, &signer()).clock(clock());
    let quota = Quota::new(100, 60 * SECOND);
    limiter.take(&key(), &quota).await.unwrap();
    db.execute("DROP TABLE frontdesk_limits", []).await.unwrap();
    assert!(matches!(limiter.take(&key(), &quota).await, Err(Limited::Unavailable(_))));
    assert!(matches!(limiter.begin(&key(), &Backoff::default()).await, Err(Limited::Unavailable(_))));
}

#[tokio::test]
async fn a_redis_that_does_not_speak_tls_is_none() {
    let url = super::redis_url().replacen("redis:", "rediss:", 1);
    let limiter = Limiter::redis(&url, &signer()).unwrap().clock(clock());
    let refused = limiter.take(&key(), &Quota::new(100, 60 * SECOND)).await.unwrap_err();
    assert!(matches!(refused, Limited::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn an_address_that_is_none_is_told_without_its_password() {
    let refused = Limiter::redis("redis://:hunter2@[/", &signer()).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
}
