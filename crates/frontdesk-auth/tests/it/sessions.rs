//! Sessions, by the same contract in every store.

use std::time::Duration;

use frontdesk_auth::{Entry, SessionInfo, Sessions, Users, Visit};
use frontdesk_data::Db;

use crate::support::{PASSWORD, Postgres, Site, dump, hours};

/// Each test of the contract, on each store.
macro_rules! on_each_store {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            use super::{Db, Postgres, Sessions, Site, Users};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_memory() {
                let db = Db::open("sqlite::memory:").await.unwrap();
                super::$name(Site::new(&db, Users::own(&db), Sessions::memory())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_sqlite() {
                super::$name(Site::own(&Db::open("sqlite::memory:").await.unwrap())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_postgres() {
                let server = Postgres::new().await;
                super::$name(Site::own(&server.open().await)).await;
            }

            /// Users and sessions in different databases.
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn apart() {
                let db = Db::open("sqlite::memory:").await.unwrap();
                let other = Db::open("sqlite::memory:").await.unwrap();
                super::$name(Site::new(&db, Users::own(&db), Sessions::database(&other))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_redis() {
                let url = std::env::var("FRONTDESK_TEST_REDIS").expect(
                    "these tests need a Redis server: start one with `eval \"$(scripts/setup-redis start)\"`",
                );
                let db = Db::open("sqlite::memory:").await.unwrap();
                super::$name(Site::new(&db, Users::own(&db), Sessions::redis(&url).unwrap())).await;
            }
        }
    )*};
}

async fn find(site: &Site, token: &str) -> Option<SessionInfo> {
    let found = site.auth.sessions().find_user(token, site.auth.users()).await.unwrap();
    let alone = site.auth.sessions().find(token).await.unwrap();
    assert!(alone.is_some() || found.is_none(), "what is found with its user is found without");
    found.filter(|(_, user)| user.is_some()).map(|(session, _)| session)
}

/// A name that no other test has: stores may be shared.
fn unique(name: &str) -> String {
    format!("{name}{}", frontdesk_validate::Uuid::new_v4().simple())
}

/// The number of a user whom no other test has: Redis is shared, and numbers begin at 1 in every database.
async fn ada(site: &Site) -> String {
    let name = unique("ada");
    let first = (frontdesk_validate::Uuid::new_v4().as_u128() >> 80) as i64;
    site.auth.users().has_admin().await.unwrap();
    let filler = "INSERT INTO frontdesk_users (id, username, username_key, active, admin, superuser, created, epoch) \
        VALUES (?, ?, ?, 1, 0, 0, 0, 0)";
    site.db.execute(filler, [first.into(), (&*name).into(), (&*name).into()]).await.unwrap();
    let user = site.auth.users().by_name(&name).await.unwrap().unwrap();
    site.auth.users().set_password(&user.id, PASSWORD).await.unwrap();
    name
}

async fn a_session_is_found_and_ends(site: Site) {
    let name = ada(&site).await;
    let signed_in = site.signed_in(&name, Entry::Password).await;
    let visit = Visit::new(Some("203.0.113.7".parse().unwrap()), Some("Mozilla/5.0"));
    let opened = site.auth.open_session(&signed_in, &visit, None).await.unwrap();
    let found = find(&site, opened.token.as_str()).await.unwrap();
    assert_eq!(found, opened.info);
    assert_eq!(
        (found.address.as_deref(), found.user_agent.as_deref()),
        (Some("203.0.113.7"), Some("Mozilla/5.0"))
    );
    assert_eq!(found.user_id, signed_in.user().id);
    for other in ["", "a", &"a".repeat(43), &opened.token.as_str()[1..], &*found.id] {
        assert_eq!(find(&site, other).await, None);
        assert!(!site.auth.sessions().end(other).await.unwrap());
    }
    assert!(site.auth.sessions().end(opened.token.as_str()).await.unwrap());
    assert!(!site.auth.sessions().end(opened.token.as_str()).await.unwrap());
    assert_eq!(find(&site, opened.token.as_str()).await, None);
}

async fn sess_03_a_login_has_an_id_of_its_own_and_ends_the_one_it_replaces(site: Site) {
    let (ada, eve) = (ada(&site).await, ada(&site).await);
    let first = site.open(&ada).await;
    let as_eve = site.signed_in(&eve, Entry::Password).await;
    let second =
        site.auth.open_session(&as_eve, &Visit::default(), Some(first.token.as_str())).await.unwrap();
    assert_ne!(first.token, second.token);
    assert_eq!(find(&site, first.token.as_str()).await, None, "the browser has one session");
    assert_eq!(find(&site, second.token.as_str()).await.unwrap().user_id, as_eve.user().id);
    // An id that somebody made up is not taken up, whether it is one by its looks or not.
    for offered in ["1", &"A".repeat(43)] {
        let opened = site.auth.open_session(&as_eve, &Visit::default(), Some(offered)).await.unwrap();
        assert_ne!(opened.token.as_str(), offered);
        assert_eq!(find(&site, offered).await, None);
    }
    // After a second factor was set up.
    let rotated = site.auth.sessions().rotate(&second.info).await.unwrap().unwrap();
    assert_eq!(find(&site, second.token.as_str()).await, None);
    assert_eq!(find(&site, rotated.token.as_str()).await.unwrap().id, second.info.id);
    assert_eq!(site.auth.sessions().list(as_eve.user()).await.unwrap().len(), 3);
    assert!(site.auth.sessions().rotate(&second.info).await.unwrap().is_none(), "that one is no more");
    assert!(site.auth.sessions().end(rotated.token.as_str()).await.unwrap());
    assert!(
        site.auth.sessions().rotate(&rotated.info).await.unwrap().is_none(),
        "what has ended is not revived"
    );
}

async fn sess_03_new_rights_need_a_new_session(site: Site) {
    let name = ada(&site).await;
    let user = site.auth.users().by_name(&name).await.unwrap().unwrap();
    for admin in [true, false] {
        let opened = site.open(&name).await;
        site.auth.users().set_admin(&user.id, admin).await.unwrap();
        assert_eq!(find(&site, opened.token.as_str()).await, None);
        let opened = site.open(&name).await;
        site.auth.users().set_superuser(&user.id, admin).await.unwrap();
        assert_eq!(find(&site, opened.token.as_str()).await, None);
    }
}

async fn sess_04_a_session_ends_in_time(site: Site) {
    let name = ada(&site).await;
    let opened = site.open(&name).await;
    let token = opened.token.as_str();
    assert_eq!(opened.info.expiry, opened.info.created + jiff::SignedDuration::from_hours(1));
    assert_eq!(opened.info.max_expiry, opened.info.created + jiff::SignedDuration::from_hours(7 * 24));
    site.clock.advance(hours(1) - Duration::from_millis(1));
    assert!(find(&site, token).await.is_some());
    site.clock.advance(Duration::from_millis(1));
    assert!(find(&site, token).await.is_none());

    // Extended at each use, it ends with its latest end all the same.
    let opened = site.open(&name).await;
    let token = opened.token.as_str();
    let mut lasted = Duration::ZERO;
    while let Some(session) = find(&site, token).await {
        let extended = site.auth.sessions().extend(session, Some(hours(1))).await.unwrap().unwrap();
        assert!(extended.expiry <= extended.max_expiry);
        assert_eq!(find(&site, token).await.unwrap().expiry, extended.expiry);
        site.clock.advance(Duration::from_mins(50));
        lasted += Duration::from_mins(50);
        assert!(lasted <= hours(7 * 24 + 1));
    }
    assert!(lasted >= hours(7 * 24) && lasted < hours(7 * 24 + 1), "{lasted:?}");

    // Left alone for longer than that, it ends sooner.
    let opened = site.open(&name).await;
    let session = find(&site, opened.token.as_str()).await.unwrap();
    site.auth.sessions().extend(session, Some(hours(1))).await.unwrap().unwrap();
    site.clock.advance(hours(2));
    assert!(find(&site, opened.token.as_str()).await.is_none());
}

async fn sess_04_a_session_is_extended_as_documented(site: Site) {
    let name = ada(&site).await;
    let opened = site.open(&name).await;
    let (sessions, start) = (site.auth.sessions(), opened.info.created);
    let left = |session: &SessionInfo| session.expiry.duration_since(start).as_secs() / 60;
    let session = sessions.extend(opened.info.clone(), None).await.unwrap().unwrap();
    assert_eq!(left(&session), 60, "not at all");
    let session = sessions.extend(session, Some(Duration::from_mins(30))).await.unwrap().unwrap();
    assert_eq!(left(&session), 60, "more than that is left");
    site.clock.advance(Duration::from_mins(31));
    let session = sessions.extend(session, Some(Duration::from_mins(30))).await.unwrap().unwrap();
    assert_eq!(left(&session), 90, "so much is added");
    assert_eq!(find(&site, opened.token.as_str()).await, Some(session));
}

async fn sess_04_last_seen_is_written_once_a_minute(site: Site) {
    let name = ada(&site).await;
    let opened = site.open(&name).await;
    let sessions = site.auth.sessions();
    let mut writes = 0;
    for _ in 0..12 {
        site.clock.advance(Duration::from_secs(10));
        let session = find(&site, opened.token.as_str()).await.unwrap();
        let before = session.last_seen;
        let after = sessions.extend(session, None).await.unwrap().unwrap();
        writes += u32::from(after.last_seen != before);
    }
    assert_eq!(writes, 2);
}

async fn sess_05_what_has_ended_is_never_revived(site: Site) {
    let name = ada(&site).await;
    for round in 0..5 {
        let opened = site.open(&name).await;
        let token = opened.token.as_str();
        site.clock.advance(Duration::from_mins(20));
        let at_work = (0..100).map(async |number| {
            if number == 50 {
                assert!(site.auth.sessions().end(token).await.unwrap());
                return;
            }
            let Some(session) = site.auth.sessions().find(token).await.unwrap() else { return };
            if number % 2 == 0 {
                tokio::task::yield_now().await;
            }
            site.auth.sessions().extend(session, Some(hours(1))).await.unwrap();
        });
        futures_util::future::join_all(at_work).await;
        assert_eq!(find(&site, token).await, None, "round {round}");
        // Late, with what it found before.
        assert_eq!(site.auth.sessions().extend(opened.info.clone(), Some(hours(1))).await.unwrap(), None);
        assert_eq!(find(&site, token).await, None);
        let user = site.auth.users().by_name(&name).await.unwrap().unwrap();
        assert_eq!(site.auth.sessions().list(&user).await.unwrap(), []);
    }
}

async fn auth_11_with_the_password_everything_ends(site: Site) {
    let name = ada(&site).await;
    let user = site.auth.users().by_name(&name).await.unwrap().unwrap();
    let (one, two) = (site.open(&name).await, site.open(&name).await);
    // Somebody signs in with the old password at the very moment.
    let late = site.signed_in(&name, Entry::Password).await;
    site.auth.users().set_password(&user.id, PASSWORD).await.unwrap();
    let late = site.auth.sessions().open(&late, &Visit::default(), None).await.unwrap();
    for token in [&one.token, &two.token, &late.token] {
        assert_eq!(find(&site, token.as_str()).await, None);
    }
    let fresh = site.open(&name).await;
    assert!(find(&site, fresh.token.as_str()).await.is_some());
    site.auth.users().set_active(&user.id, false).await.unwrap();
    assert_eq!(find(&site, fresh.token.as_str()).await, None);
    site.auth.users().set_active(&user.id, true).await.unwrap();
    let fresh = site.open(&name).await;
    site.auth.users().delete(&user.id).await.unwrap();
    assert_eq!(find(&site, fresh.token.as_str()).await, None);
}

async fn sessions_are_listed_and_revoked(site: Site) {
    let (name, other) = (ada(&site).await, ada(&site).await);
    let user = site.auth.users().by_name(&name).await.unwrap().unwrap();
    let sessions = site.auth.sessions();
    let mut opened = Vec::new();
    for _ in 0..4 {
        site.clock.advance(Duration::from_secs(1));
        opened.push(site.open(&name).await);
    }
    let others = site.open(&other).await;
    let ids = async || -> Vec<String> {
        sessions.list(&user).await.unwrap().iter().map(|session| session.id.to_string()).collect()
    };
    let newest_first: Vec<String> = opened.iter().rev().map(|session| session.info.id.to_string()).collect();
    assert_eq!(ids().await, newest_first);
    assert!(!sessions.end_one(&others.info.user_id, &opened[0].info.id).await.unwrap(), "another's");
    assert!(sessions.end_one(&user.id, &opened[0].info.id).await.unwrap());
    assert!(!sessions.end_one(&user.id, &opened[0].info.id).await.unwrap());
    assert_eq!(sessions.end_others(&user.id, &opened[2].info.id).await.unwrap(), 2);
    assert_eq!(ids().await, [opened[2].info.id.to_string()]);
    assert_eq!(sessions.end_all(&user.id).await.unwrap(), 1);
    assert_eq!(ids().await, [] as [String; 0]);
    assert!(find(&site, others.token.as_str()).await.is_some());
}

async fn mfa_06_a_half_open_session_has_no_rights(site: Site) {
    let name = ada(&site).await;
    let (auth, provider) = (&site.auth, crate::support::RightIsRight);
    let user = auth.users().by_name(&name).await.unwrap().unwrap();
    let renamed = unique("mfa");
    auth.users().set_username(&user.id, &renamed).await.unwrap();
    let auth = auth.clone().mfa_provider(provider);
    let proof = auth.users().check_credentials(&renamed, PASSWORD).await.unwrap().unwrap();
    let attempt = frontdesk_auth::mfa::LoginAttempt::new("1");
    let step = auth.sign_in().by_password(Entry::Password, proof, None, None, &attempt).await.unwrap();
    let frontdesk_auth::Step::Code { half, .. } = step else { panic!("{step:?}") };
    let opened = auth.sessions().open_half(&half, &Visit::default()).await.unwrap();
    let token = opened.token.as_str();
    assert!(opened.info.is_half_open);
    assert_eq!(find(&site, token).await, None);
    assert!(auth.sessions().list(&user).await.unwrap().is_empty());

    let (session, user) = auth.sessions().find_half(token, auth.users()).await.unwrap().unwrap();
    let step = auth.sign_in().by_half_open(&session, &user, Some("wrong"), None).await.unwrap();
    assert!(matches!(step, frontdesk_auth::Step::Code { .. }));
    let step = auth.sign_in().by_half_open(&session, &user, Some("right"), None).await.unwrap();
    let frontdesk_auth::Step::SignedIn(signed_in) = step else { panic!("{step:?}") };
    let full = auth.open_session(&signed_in, &Visit::default(), Some(token)).await.unwrap();
    assert_ne!(full.token, opened.token);
    assert!(find(&site, full.token.as_str()).await.is_some());
    assert!(auth.sessions().find_half(token, auth.users()).await.unwrap().is_none(), "it has done its work");
    assert!(auth.sessions().find_half(full.token.as_str(), auth.users()).await.unwrap().is_none());

    // Ten minutes, and no longer with another password.
    let opened = auth.sessions().open_half(&half, &Visit::default()).await.unwrap();
    auth.users().set_password(&user.id, PASSWORD).await.unwrap();
    assert!(auth.sessions().find_half(opened.token.as_str(), auth.users()).await.unwrap().is_none());
    let proof = auth.users().check_credentials(&renamed, PASSWORD).await.unwrap().unwrap();
    let step = auth.sign_in().by_password(Entry::Password, proof, None, None, &attempt).await.unwrap();
    let frontdesk_auth::Step::Code { half, .. } = step else { panic!("{step:?}") };
    let opened = auth.sessions().open_half(&half, &Visit::default()).await.unwrap();
    assert!(auth.sessions().find_half(opened.token.as_str(), auth.users()).await.unwrap().is_some());
    site.clock.advance(Duration::from_mins(10));
    assert!(auth.sessions().find_half(opened.token.as_str(), auth.users()).await.unwrap().is_none());
}

async fn sess_08_what_is_over_is_swept_and_a_user_has_not_any_number(site: Site) {
    let name = ada(&site).await;
    let user = site.auth.users().by_name(&name).await.unwrap().unwrap();
    let signed_in = site.signed_in(&name, Entry::Password).await;
    let sessions = site.auth.sessions().clone().most_per_user(5);
    for _ in 0..12 {
        site.clock.advance(Duration::from_secs(1));
        sessions.open(&signed_in, &Visit::default(), None).await.unwrap();
    }
    assert_eq!(sessions.list(&user).await.unwrap().len(), 5);
    site.clock.advance(hours(2));
    assert_eq!(sessions.list(&user).await.unwrap(), []);
    sessions.sweep().await.unwrap();
    assert_eq!(sessions.sweep().await.unwrap(), 0);
}

async fn a_confirmed_session_is_fresh_again(site: Site) {
    let name = ada(&site).await;
    let opened = site.open(&name).await;
    let age = Duration::from_mins(10);
    assert!(opened.info.is_fresh(site.auth.now(), age));
    site.clock.advance(age);
    assert!(!opened.info.is_fresh(site.auth.now(), age));
    let proof = site.auth.users().check_password(&opened.info.user_id, PASSWORD).await.unwrap().unwrap();
    assert!(site.auth.sessions().confirm(&opened.info, &proof).await.unwrap());
    assert!(find(&site, opened.token.as_str()).await.unwrap().is_fresh(site.auth.now(), age));
    let other = ada(&site).await;
    let others = site.auth.users().check_credentials(&other, PASSWORD).await.unwrap().unwrap();
    assert!(!site.auth.sessions().confirm(&opened.info, &others).await.unwrap(), "another's password");
}

on_each_store! {
    a_session_is_found_and_ends,
    sess_03_a_login_has_an_id_of_its_own_and_ends_the_one_it_replaces,
    sess_03_new_rights_need_a_new_session,
    sess_04_a_session_ends_in_time,
    sess_04_a_session_is_extended_as_documented,
    sess_04_last_seen_is_written_once_a_minute,
    sess_05_what_has_ended_is_never_revived,
    auth_11_with_the_password_everything_ends,
    sessions_are_listed_and_revoked,
    mfa_06_a_half_open_session_has_no_rights,
    sess_08_what_is_over_is_swept_and_a_user_has_not_any_number,
    a_confirmed_session_is_fresh_again,
}

async fn sess_01_a_dump_has_no_token(db: Db) {
    let site = Site::own(&db);
    site.user("ada").await;
    let opened = site.open("ada").await;
    let all = dump(&db, &["frontdesk_sessions"]).await;
    assert!(all.contains(&*opened.info.id) && !all.contains(opened.token.as_str()));
    // Nothing that is stored opens the session.
    for value in all.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value) {
        assert!(site.auth.sessions().find(value).await.unwrap().is_none());
    }
}

/// Whatever the server's zone is, and when clocks are put back there: all times are milliseconds since 1970.
async fn sess_04_times_have_no_zone(db: Db) {
    let site = Site::own(&db);
    site.user("ada").await;
    let opened = site.open("ada").await;
    let rows = db.query("SELECT expiry, max_expiry FROM frontdesk_sessions", []).await.unwrap();
    assert_eq!(rows[0]["expiry"].as_int(), Some(opened.info.expiry.as_millisecond()));
    assert_eq!(rows[0]["max_expiry"].as_int(), Some(opened.info.max_expiry.as_millisecond()));
}

crate::support::on_each_database! { sess_01_a_dump_has_no_token, sess_04_times_have_no_zone }

#[tokio::test]
async fn sess_08_memory_is_bounded() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let site = Site::new(&db, Users::own(&db), Sessions::memory_of(10));
    site.user("ada").await;
    let first = site.open("ada").await;
    let signed_in = site.signed_in("ada", Entry::Password).await;
    for _ in 0..10 {
        site.clock.advance(Duration::from_secs(1));
        site.auth.sessions().open(&signed_in, &Visit::default(), None).await.unwrap();
    }
    assert_eq!(site.auth.sessions().list(signed_in.user()).await.unwrap().len(), 10);
    assert_eq!(find(&site, first.token.as_str()).await, None, "the one that ends first goes first");
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_lets_nobody_in() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let site = Site::new(&db, Users::own(&db), Sessions::redis("redis://127.0.0.1:1/").unwrap());
    site.user("ada").await;
    let signed_in = site.signed_in("ada", Entry::Password).await;
    let error = site.auth.open_session(&signed_in, &Visit::default(), None).await.unwrap_err();
    assert_eq!(error.status(), 503);
    let error = site.auth.sessions().find(&"a".repeat(43)).await.unwrap_err();
    assert_eq!(error.status(), 503);
    let error = Sessions::redis("redis//:secret-password@host").unwrap_err();
    assert!(!error.to_string().contains("secret-password"), "{error}");
}
