//! What holds on every store.

use std::time::Duration;

use frontdesk_web::limits::{Backoff, Left, LimitKey, Limited, Limiter, Quota};
use frontdesk_web::{ClientAddress, Clock};

use super::{File, Postgres, SECOND, clock, on_database, redis_url, unique};

/// Tests that run on each store, each with a new one or with keys of its own.
macro_rules! on_each_store {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_memory() {
                let clock = super::clock();
                super::$name(super::Limiter::memory().clock(clock.clone()), clock).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let (file, clock) = (super::File::new(), super::clock());
                super::$name(super::on_database(&file.url(), &clock, &super::unique()).await, clock).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let (server, clock) = (super::Postgres::new().await, super::clock());
                super::$name(super::on_database(&server.url(), &clock, &super::unique()).await, clock).await;
                server.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                let clock = super::clock();
                let limiter = super::Limiter::redis(&super::redis_url(), &super::unique()).unwrap();
                super::$name(limiter.clock(clock.clone()), clock).await;
            }
        }
    )*};
}

on_each_store!(
    rate_01_a_quota_lets_through_so_many_and_they_come_back,
    rate_01_of_many_at_once_no_more_pass_than_the_quota,
    rate_01_a_block_keeps_out,
    auth_07_of_many_guesses_at_once_the_free_ones_pass,
    auth_07_a_delay_grows_and_is_forgiven,
    keys_have_nothing_to_do_with_each_other,
    all_stores_reckon_alike,
);

fn ada() -> LimitKey {
    LimitKey::new("login").account("ada")
}

fn wait(result: Result<Left, Limited>) -> Duration {
    match result {
        Err(Limited::Wait(wait)) => wait,
        other => panic!("it should have to wait: {other:?}"),
    }
}

async fn rate_01_a_quota_lets_through_so_many_and_they_come_back(limiter: Limiter, clock: Clock) {
    let quota = Quota::new(5, 10 * SECOND);
    for left in (0..5).rev() {
        assert_eq!(limiter.take(&ada(), &quota).await.unwrap().remaining, left);
    }
    assert_eq!(wait(limiter.take(&ada(), &quota).await), 2 * SECOND);
    clock.advance(SECOND);
    assert_eq!(wait(limiter.take(&ada(), &quota).await), SECOND);
    clock.advance(SECOND);
    let left = limiter.take(&ada(), &quota).await.unwrap();
    assert_eq!((left.remaining, left.reset), (0, 10 * SECOND));
    assert_eq!(wait(limiter.take(&ada(), &quota).await), 2 * SECOND);
    clock.advance(60 * SECOND);
    assert_eq!(limiter.take(&ada(), &quota).await.unwrap().remaining, 4, "all have come back, and no more");
}

async fn rate_01_of_many_at_once_no_more_pass_than_the_quota(limiter: Limiter, _: Clock) {
    let quota = Quota::new(7, 10 * SECOND);
    let tasks: Vec<_> = (0..60)
        .map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.take(&ada(), &quota).await.is_ok() })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        passed += usize::from(task.await.unwrap());
    }
    assert_eq!(passed, 7);
}

async fn rate_01_a_block_keeps_out(limiter: Limiter, clock: Clock) {
    let quota = Quota::new(2, 10 * SECOND).block(60 * SECOND);
    for _ in 0..2 {
        limiter.take(&ada(), &quota).await.unwrap();
    }
    assert_eq!(wait(limiter.take(&ada(), &quota).await), 60 * SECOND);
    clock.advance(59 * SECOND);
    assert_eq!(wait(limiter.take(&ada(), &quota).await), SECOND);
    clock.advance(SECOND);
    assert_eq!(limiter.take(&ada(), &quota).await.unwrap().remaining, 1, "it is all as before");
}

async fn auth_07_of_many_guesses_at_once_the_free_ones_pass(limiter: Limiter, _: Clock) {
    let backoff = Backoff::default();
    let tasks: Vec<_> = (0..60)
        .map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.begin(&ada(), &backoff).await.is_ok() })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        passed += usize::from(task.await.unwrap());
    }
    assert_eq!(passed, 5);
}

async fn auth_07_a_delay_grows_and_is_forgiven(limiter: Limiter, clock: Clock) {
    let backoff = Backoff::default().free(2).most(4 * SECOND).forget(60 * SECOND);
    let mut waits = Vec::new();
    for _ in 0..7 {
        if let Err(Limited::Wait(wait)) = limiter.begin(&ada(), &backoff).await {
            waits.push(wait.as_secs());
            clock.advance(wait);
            limiter.begin(&ada(), &backoff).await.unwrap();
        }
    }
    assert_eq!(waits, [1, 2, 4, 4, 4]);
    limiter.undo(&ada(), &backoff).await.unwrap();
    assert_eq!(
        wait(limiter.begin(&ada(), &backoff).await),
        4 * SECOND,
        "one is taken back, and six are left"
    );
    limiter.forgive(&ada()).await.unwrap();
    let left = limiter.begin(&ada(), &backoff).await.unwrap();
    assert_eq!((left.remaining, left.reset), (1, Duration::ZERO));
    limiter.undo(&ada(), &backoff).await.unwrap();
    limiter.undo(&ada(), &backoff).await.unwrap();
    for left in [1, 0] {
        assert_eq!(limiter.begin(&ada(), &backoff).await.unwrap().remaining, left);
    }
    clock.advance(60 * SECOND);
    assert_eq!(limiter.begin(&ada(), &backoff).await.unwrap().remaining, 1, "it is long ago");
}

async fn keys_have_nothing_to_do_with_each_other(limiter: Limiter, _: Clock) {
    let (quota, backoff) = (Quota::new(1, 10 * SECOND), Backoff::default().free(1));
    let client = ClientAddress::new("203.0.113.7".parse().unwrap());
    let keys = [
        ada(),
        LimitKey::new("login").account("bob"),
        LimitKey::new("login").token("ada"),
        LimitKey::new("reset").account("ada"),
        LimitKey::new("login").address(client),
        LimitKey::new("login"),
    ];
    for key in &keys {
        limiter.take(key, &quota).await.unwrap();
        limiter.begin(key, &backoff).await.unwrap();
    }
    for key in &keys {
        wait(limiter.take(key, &quota).await);
        wait(limiter.begin(key, &backoff).await);
    }
    limiter.forgive(&keys[0]).await.unwrap();
    limiter.begin(&keys[0], &backoff).await.unwrap();
    wait(limiter.take(&keys[0], &quota).await);
    wait(limiter.begin(&keys[1], &backoff).await);
}

/// Every answer of this store is the one that memory gives.
async fn all_stores_reckon_alike(limiter: Limiter, clock: Clock) {
    let model = Limiter::memory().clock(clock.clone());
    let quotas = [
        Quota::new(3, 7 * SECOND),
        Quota::new(20, Duration::from_millis(333)).block(2 * SECOND),
        Quota::new(1, Duration::from_micros(1)),
    ];
    let backoffs = [
        Backoff::default().free(1).first(Duration::from_millis(30)).most(SECOND).forget(4 * SECOND),
        Backoff::default().free(0).first(SECOND).most(3 * SECOND),
        Backoff::default().free(40).forget(SECOND),
    ];
    let mut random: u64 = 0x2026_1123;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let same = |one: Result<Left, Limited>, two: Result<Left, Limited>, step: usize| match (one, two) {
        (Ok(one), Ok(two)) => assert_eq!(one, two, "step {step}"),
        (Err(Limited::Wait(one)), Err(Limited::Wait(two))) => assert_eq!(one, two, "step {step}"),
        (one, two) => panic!("step {step}: {one:?}, but {two:?} in memory"),
    };
    for step in 0..400 {
        let kind = next(3) as usize;
        let key = LimitKey::new("model").part("kind", &kind.to_string());
        match next(8) {
            0..=2 => {
                let quota = &quotas[kind];
                same(limiter.take(&key, quota).await, model.take(&key, quota).await, step);
            }
            3..=5 => {
                let backoff = &backoffs[kind];
                same(limiter.begin(&key, backoff).await, model.begin(&key, backoff).await, step);
            }
            6 => {
                limiter.undo(&key, &backoffs[kind]).await.unwrap();
                model.undo(&key, &backoffs[kind]).await.unwrap();
            }
            _ if next(4) == 0 => {
                limiter.forgive(&key).await.unwrap();
                model.forgive(&key).await.unwrap();
            }
            _ => clock.advance(Duration::from_micros(next(3_000_000))),
        }
    }
}
