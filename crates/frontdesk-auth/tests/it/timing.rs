//! The time of an answer does not tell who has an account.

use std::time::{Duration, Instant};

use frontdesk_auth::NewUser;

use crate::site::{NEW_PASSWORD, PASSWORD, Site};

const TRIES: usize = 500;

/// The median times of two requests, made in turns.
async fn medians(site: &Site, path: &str, one: &[(&str, &str)], other: &[(&str, &str)]) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..2 * TRIES + 20 {
        // Nobody is slowed down for having tried before.
        site.clock.advance(Duration::from_hours(25));
        let fields = if number % 2 == 0 { one } else { other };
        let mut browser = site.browser();
        let started = Instant::now();
        let answer = browser.form(path, fields).await;
        // The first ones find everything cold.
        if number >= 20 {
            times[number % 2].push(started.elapsed());
        }
        assert!(answer.status != 429, "{}", answer.body);
        site.auth.mails().unwrap().flush().await;
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

fn assert_alike([known, unknown]: [Duration; 2], what: &str) {
    let noise = (known.max(unknown) / 10).max(Duration::from_micros(300));
    assert!(
        known.abs_diff(unknown) < noise,
        "{what}: {known:?} where there is an account, {unknown:?} where not"
    );
}

#[tokio::test]
async fn auth_06_a_login_takes_the_same_time_for_known_and_unknown_users() {
    let site = Site::new().await;
    let known = [("username", "ada"), ("password", "wrong horse battery")];
    let unknown = [("username", "eve"), ("password", "wrong horse battery")];
    assert_alike(medians(&site, "/login/", &known, &unknown).await, "login");
}

#[tokio::test]
async fn auth_06_a_reset_and_a_registration_take_the_same_time() {
    let site = Site::with(|login| login, |register| register.confirm_email().unwrap()).await;
    let pair = [[("email", "ada@example.com")], [("email", "eve@example.com")]];
    assert_alike(medians(&site, "/password-reset/", &pair[0], &pair[1]).await, "password reset");

    // Of somebody who has an account, and of a name that is long taken: nobody is made by either.
    let bob = NewUser::new("bob").email("bob@example.com").password(PASSWORD).active(true);
    site.auth.users().insert(bob).await.unwrap();
    let join = |name: &'static str, email: &'static str| {
        [("username", name), ("email", email), ("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)]
    };
    let (known, unknown) = (join("carl", "ada@example.com"), join("ada", "carl@example.com"));
    assert_alike(medians(&site, "/register/", &known, &unknown).await, "registration");
}
