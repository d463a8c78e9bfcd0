//! Whoever guesses gets slower and slower, and locks nobody else out.

use std::time::Duration;

use frontdesk_auth::{LoginContext, LoginHooks, Sessions, Users};
use frontdesk_web::ClientAddress;

use crate::site::{Browser, PASSWORD, Site};

const WRONG: [(&str, &str); 2] = [("username", "ada"), ("password", "wrong horse battery")];
const RIGHT: [(&str, &str); 2] = [("username", "ada"), ("password", PASSWORD)];

async fn guess(browser: &mut Browser, times: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..times {
        statuses.push(browser.form("/login/", &WRONG).await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn auth_07_wrong_passwords_are_slowed_down_more_and_more() {
    let site = Site::new().await;
    let mut browser = site.browser();
    assert_eq!(guess(&mut browser, 7).await, [401, 401, 401, 401, 401, 429, 429]);
    let answer = browser.form("/login/", &RIGHT).await;
    assert_eq!(answer.status, 429, "the right one too");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.detail(), "Too many attempts. Please wait a second, then try again.");
    assert_eq!(browser.post("/login/", &WRONG).await.status, 429);
    for wait in [1, 2, 4, 8] {
        site.clock.advance(Duration::from_secs(wait));
        assert_eq!(guess(&mut browser, 2).await, [401, 429], "after {wait} s");
    }
    // What is not a user's name is slowed down in the same way: it tells nothing.
    let fields = [("username", "nobody"), ("password", "x")];
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(site.browser().form("/login/", &fields).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn auth_07_no_other_spelling_of_the_name_gives_more_attempts() {
    let site = Site::new().await;
    let mut statuses = Vec::new();
    for name in ["ada", "ADA", "Ada", "aDA", "ａda", "adA"] {
        let fields = [("username", name), ("password", "x")];
        statuses.push(site.browser().form("/login/", &fields).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn auth_07_a_known_device_gets_in_while_somebody_guesses() {
    let site = Site::new().await;
    let mut known = site.browser().sign_in("ada", PASSWORD).await;
    known.form("/logout/", &[]).await;
    let mut stranger = site.browser();
    guess(&mut stranger, 6).await;
    assert_eq!(stranger.form("/login/", &RIGHT).await.status, 429);
    assert_eq!(known.clone().form("/login/", &RIGHT).await.status, 303);
    // It is slowed down by its own failures.
    let mut own = known.clone();
    assert_eq!(guess(&mut own, 6).await.last(), Some(&429));
    // And it is known to its own account alone.
    site.add("bob").await;
    let fields = [("username", "bob"), ("password", "x")];
    for _ in 0..5 {
        stranger.form("/login/", &fields).await;
    }
    assert_eq!(known.form("/login/", &[("username", "bob"), ("password", PASSWORD)]).await.status, 429);
}

#[tokio::test]
async fn auth_07_success_forgives_and_time_does() {
    let site = Site::new().await;
    let mut browser = site.browser();
    guess(&mut browser, 4).await;
    assert_eq!(site.browser().form("/login/", &RIGHT).await.status, 303);
    assert_eq!(guess(&mut browser, 6).await, [401, 401, 401, 401, 401, 429]);
    site.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(guess(&mut browser, 6).await, [401, 401, 401, 401, 401, 429]);
}

#[tokio::test]
async fn auth_07_of_many_guesses_at_once_no_more_get_through() {
    let site = Site::new().await;
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let mut browser = site.browser();
            tokio::spawn(async move { browser.form("/login/", &WRONG).await.status.as_u16() })
        })
        .collect();
    let mut tried = 0;
    for task in tasks {
        tried += usize::from(task.await.unwrap() == 401);
    }
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn auth_07_limits_outlast_a_restart() {
    let site = Site::new().await;
    guess(&mut site.browser(), 5).await;
    // The same database and secret, and nothing else.
    let auth =
        frontdesk_auth::Auth::new(Users::own(&site.db), Sessions::database(&site.db), site.auth.desk())
            .clock(site.clock.clone());
    let app = axum::Router::new()
        .nest("/login/", frontdesk_auth::session_login(frontdesk_auth::SessionLogin::new(&auth)));
    let mut browser = Browser { app, ..site.browser() };
    assert_eq!(browser.form("/login/", &RIGHT).await.status, 429);
}

#[tokio::test]
async fn auth_07_other_places_that_take_a_password_are_slowed_down_too() {
    let site = Site::new().await;
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    let fields = [
        ("current_password", "wrong horse battery"),
        ("new_password", "a quiet green lamp"),
        ("confirm_new_password", "a quiet green lamp"),
    ];
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(browser.form("/change-password/", &fields).await.status.as_u16());
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
}

#[tokio::test]
async fn auth_07_an_address_that_tries_many_accounts_is_slowed_down() {
    let site = Site::new().await;
    let near = ClientAddress::new("203.0.113.7".parse().unwrap());
    let app = site.app.clone().layer(axum::Extension(near));
    let mut browser = Browser { app, ..site.browser() };
    let mut held = None;
    for number in 0..60 {
        let name = format!("user{number}");
        let fields = [("username", &*name), ("password", "password1")];
        if browser.form("/login/", &fields).await.status == 429 {
            held.get_or_insert(number);
        }
    }
    assert_eq!(held, Some(50));
    assert_eq!(site.browser().form("/login/", &RIGHT).await.status, 303, "others are not");
}

#[tokio::test]
async fn hooks_see_which_attempt_it_is() {
    let hooks =
        LoginHooks::new().pre_login(|login: &LoginContext| Some(format!("attempt {}", login.attempt)));
    let site = Site::with(|login| login.hooks(hooks), |register| register).await;
    for number in 1..4 {
        let answer = site.browser().form("/login/", &WRONG).await;
        assert_eq!(answer.body, format!("Login failed: attempt {number}"));
    }
}
