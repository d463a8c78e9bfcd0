//! Section 5 of the contract: registration; and the confirmation of addresses.

use axum::body::Body;
use frontdesk_auth::UserDefaults;
use frontdesk_forms::Captcha;
use frontdesk_html::Markup;
use http::Method;

use crate::site::{Answer, NEW_PASSWORD, PASSWORD, Site, token};

const BOB: [(&str, &str); 4] = [
    ("username", "bob"),
    ("email", "bob@example.com"),
    ("password", NEW_PASSWORD),
    ("confirm_password", NEW_PASSWORD),
];

/// Bob's fields, some of them changed.
fn with(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let change = |(name, value): (&'static str, &'static str)| {
        let new = changed.iter().find(|(known, _)| *known == name);
        (name, new.map_or(value, |(_, new)| new))
    };
    let more = changed.iter().filter(|(name, _)| !BOB.iter().any(|(known, _)| known == name));
    BOB.into_iter().map(change).chain(more.copied()).collect()
}

#[tokio::test]
async fn each_check_is_told_by_its_sentence_in_both_answers() {
    let site = Site::new().await;
    let long: &'static str = "b".repeat(101).leak();
    let long_password: &'static str = "horse ".repeat(50).leak();
    let missing = "Form is invalid. Missing one or more fields.";
    for (changed, sentence) in [
        (&[("username", "")][..], missing),
        (&[("email", "")], missing),
        (&[("password", "")], missing),
        (&[("confirm_password", "")], missing),
        (&[("email", "nobody")], "Invalid email address."),
        (&[("email", "a@b")], "Invalid email address."),
        (
            &[("password", "short"), ("confirm_password", "other")],
            "Password must be at least 15 characters long.",
        ),
        (&[("password", long_password)], "Password must be at most 256 characters long."),
        (
            &[("password", "pbkdf2_sha256$1$x$y")],
            "This looks like the hash of a password. Choose a password.",
        ),
        (
            &[("password", "passwordpassword")],
            "This password is one of those that are guessed first. Choose another one.",
        ),
        (&[("confirm_password", "another green lamp")], "Passwords do not match."),
        (&[("username", long)], "The username must be at most 100 characters long."),
        (
            &[("username", "bob\n")],
            "The username must not begin or end with a blank, or have control characters.",
        ),
        (&[("username", "ada")], "User with email or username already exists."),
        (&[("email", "ada@example.com")], "User with email or username already exists."),
        (&[("username", "ada"), ("email", "ada@example.com")], "User with email or username already exists."),
    ] {
        let fields = with(changed);
        let mut browser = site.browser();
        assert_eq!(
            browser.form("/register/", &fields).await.said(),
            (422, sentence.to_owned()),
            "{changed:?}"
        );
        assert_eq!(
            browser.json("/register/", &fields).await.said(),
            (422, sentence.to_owned()),
            "{changed:?}"
        );
        let page = browser.post("/register/", &fields).await;
        assert_eq!(page.said(), (422, sentence.to_owned()), "{changed:?}");
        let typed = fields.iter().find(|(name, _)| *name == "email").unwrap().1;
        assert_eq!(page.attr("input[name=email]", "value").as_deref(), Some(typed), "what was typed stays");
        assert_eq!(page.attr("input[name=password]", "value"), None, "passwords do not come back");
    }
    assert!(site.auth.users().by_name("bob").await.unwrap().is_none());
}

#[tokio::test]
async fn success_leads_to_the_login_page_and_signs_nobody_in() {
    let site = Site::new().await;
    let page = site.browser().get("/register/").await;
    assert_eq!(page.texts("h1"), ["Sign Up"]);
    assert_eq!(page.attr("input[name=password]", "autocomplete").as_deref(), Some("new-password"));
    assert_eq!(page.attr("input[name=email]", "autocomplete").as_deref(), Some("email"));

    let mut browser = site.browser();
    let fields = with(&[("admin", "true"), ("superuser", "true"), ("active", "false")]);
    let answer = browser.form("/register/", &fields).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/login/"));
    assert_eq!(browser.who().await, None);
    let bob = site.user("bob").await;
    assert!(bob.active && !bob.admin && !bob.superuser, "fields of the request have no effect");
    let page =
        browser.post("/register/", &with(&[("username", "carl"), ("email", "carl@example.com")])).await;
    assert_eq!(page.location(), "/login/");
    let login = browser.get("/login/").await;
    assert_eq!(login.texts(".notice"), ["Welcome! You can sign in now."]);
    assert!(browser.get("/login/").await.texts(".notice").is_empty(), "it is said once");
    assert_eq!(browser.sign_in("bob", NEW_PASSWORD).await.who().await.as_deref(), Some("bob"));
}

#[tokio::test]
async fn without_user_defaults_nobody_is_active() {
    let site = Site::with(|login| login, |register| register.user_defaults(UserDefaults::default())).await;
    assert_eq!(site.browser().form("/register/", &BOB).await.status, 303);
    assert!(!site.user("bob").await.active);
    let answer = site.browser().form("/login/", &[("username", "bob"), ("password", NEW_PASSWORD)]).await;
    assert_eq!(answer.said(), (401, "Login failed".to_owned()));
}

#[tokio::test]
async fn read_only_is_405_in_plain_text() {
    let site = Site::with(|login| login, |register| register.read_only(true)).await;
    let answer = site.browser().form("/register/", &BOB).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (405, "Running in read only mode."));
}

#[tokio::test]
async fn a_captcha_comes_first_and_is_422_for_clients() {
    let captcha =
        Captcha::new(Markup::trusted("<input name=\"sum\" aria-label=\"sum\">"), "sum", |token, _| {
            (token != Some("4")).then_some("That is not what they make.")
        });
    let site = Site::with(|login| login, |register| register.captcha(captcha)).await;
    let said = (422, "That is not what they make.".to_owned());
    assert_eq!(site.browser().form("/register/", &[]).await.said(), said);
    assert_eq!(site.browser().post("/register/", &BOB).await.said(), said);
    assert_eq!(site.browser().form("/register/", &with(&[("sum", "4")])).await.status, 303);
}

#[tokio::test]
async fn two_who_want_the_same_name_at_once_get_an_answer_each() {
    let site = Site::new().await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let mut browser = site.browser();
            tokio::spawn(async move { browser.form("/register/", &BOB).await.status.as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422, 422, 422, 422, 422, 422, 422]);
}

/// All of an answer but what differs by chance: nothing.
fn bytes(answer: &Answer) -> String {
    format!("{:?} {:?} {}", answer.status, answer.headers, answer.body)
}

#[tokio::test]
async fn auth_06_where_addresses_are_confirmed_the_answer_tells_nothing() {
    let site = Site::with(|login| login, |register| register.confirm_email().unwrap()).await;
    for format in [&[][..], &[("format", "html")]] {
        let mut answers = Vec::new();
        for changed in [
            &[][..],
            &[("username", "ada")],
            &[("email", "ada@example.com")],
            &[("username", "ada"), ("email", "ada@example.com")],
        ] {
            let fields = [&with(changed)[..], format].concat();
            answers.push(bytes(&site.browser().form("/register/", &fields).await));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:#?}");
        assert!(answers[0].starts_with("303"));
    }
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_link_in_the_mail() {
    let site = Site::with(|login| login, |register| register.confirm_email().unwrap()).await;
    let mut browser = site.browser();
    assert_eq!(browser.post("/register/", &BOB).await.location(), "/login/");
    assert!(
        browser.get("/login/").await.texts(".notice")[0].starts_with("Thank you. We have sent you a mail")
    );
    let mails = site.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (&*mails[0].to, &*mails[0].subject),
        ("bob@example.com", "Confirm your e-mail address for The Shop")
    );
    let token = token(&mails[0].text);
    assert!(!site.dump().await.contains(&token), "the table has no usable token");
    let failed = site.browser().form("/login/", &[("username", "bob"), ("password", NEW_PASSWORD)]).await;
    assert_eq!(failed.said(), (401, "Login failed".to_owned()), "not before the address is confirmed");

    let path = format!("/confirm-email/?token={token}");
    let page = browser.get(&path).await;
    assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "no-referrer"));
    assert!(site.user("bob").await.email_confirmed.is_none(), "a GET changes nothing");
    let answer = browser.post("/confirm-email/", &[("token", &token)]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/login/"));
    assert_eq!(browser.who().await, None, "nobody is signed in by that");
    let bob = site.user("bob").await;
    assert!(bob.active && bob.email_confirmed.is_some());
    assert_eq!(browser.sign_in("bob", NEW_PASSWORD).await.who().await.as_deref(), Some("bob"));

    let again = site.browser().form("/confirm-email/", &[("token", &token)]).await;
    assert_eq!(again.said(), (422, "This link is not valid any more. Please ask for a new one.".to_owned()));
    assert_eq!(site.browser().get(&path).await.status, 422);
}

#[tokio::test]
async fn who_reads_the_mail_is_told_what_the_answer_did_not() {
    let site = Site::with(|login| login, |register| register.confirm_email().unwrap()).await;
    site.browser().form("/register/", &with(&[("email", "ada@example.com")])).await;
    let mails = site.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ada@example.com");
    assert!(mails[0].text.contains("Its user name is ada."), "{}", mails[0].text);
    site.browser().form("/register/", &with(&[("username", "ada")])).await;
    let mails = site.mails().await;
    assert_eq!((mails.len(), &*mails[0].to), (1, "bob@example.com"));
    assert!(mails[0].text.contains("somebody else has that name"), "{}", mails[0].text);
    assert!(site.auth.users().by_email("bob@example.com").await.unwrap().is_none());
    assert!(site.auth.users().check_credentials("ada", PASSWORD).await.unwrap().is_some());
}

#[tokio::test]
async fn who_registers_again_before_confirming_gets_another_mail_and_the_new_password() {
    let site = Site::with(|login| login, |register| register.confirm_email().unwrap()).await;
    site.browser().form("/register/", &BOB).await;
    let first = site.mailed_token().await;
    let other = with(&[("password", "a loud purple lamp"), ("confirm_password", "a loud purple lamp")]);
    site.browser().form("/register/", &other).await;
    let second = site.mailed_token().await;
    assert_eq!(site.browser().json("/confirm-email/", &[("token", &second)]).await.status, 200);
    assert_eq!(site.browser().json("/confirm-email/", &[("token", &first)]).await.status, 422);
    site.browser().sign_in("bob", "a loud purple lamp").await;
    for _ in 0..9 {
        site.browser()
            .form("/register/", &with(&[("username", "carl"), ("email", "carl@example.com")]))
            .await;
    }
    assert_eq!(site.mails().await.len(), 5, "nobody's mailbox is filled");
}

#[tokio::test]
async fn auth_11_who_was_switched_off_is_not_switched_on_by_an_old_link() {
    let site = Site::with(|login| login, |register| register.confirm_email().unwrap()).await;
    site.browser().form("/register/", &BOB).await;
    let token = site.mailed_token().await;
    site.auth.set_active(&site.user("bob").await.id, false).await.unwrap();
    assert_eq!(site.browser().form("/confirm-email/", &[("token", &token)]).await.status, 422);
    assert!(!site.user("bob").await.active);
}

#[tokio::test]
async fn a_link_to_confirm_ends_after_two_days() {
    let site = Site::with(|login| login, |register| register.confirm_email().unwrap()).await;
    site.browser().form("/register/", &BOB).await;
    let token = site.mailed_token().await;
    site.clock.advance(std::time::Duration::from_secs(48 * 3600));
    assert_eq!(site.browser().form("/confirm-email/", &[("token", &token)]).await.status, 422);
    let head = site.browser().send(Method::HEAD, "/confirm-email/", "", Body::empty()).await;
    assert_eq!(head.status, 422);
}
