//! Forgotten passwords.

use std::time::Duration;

use crate::site::{Answer, NEW_PASSWORD, PASSWORD, Site};

fn bytes(answer: &Answer) -> String {
    format!("{:?} {:?} {}", answer.status, answer.headers, answer.body)
}

/// A page without its nonce, which is another one each time.
fn page_bytes(answer: &Answer) -> String {
    let nonce = answer.attr("style", "nonce").unwrap();
    let mut answer = answer.clone();
    let policy = answer.header("content-security-policy").replace(&nonce, "");
    answer.headers.insert("content-security-policy", policy.parse().unwrap());
    answer.body = answer.body.replace(&nonce.replace('/', "&#x2f;"), "").replace(&nonce, "");
    bytes(&answer)
}

async fn ask(site: &Site, email: &str) -> String {
    assert_eq!(site.browser().json("/password-reset/", &[("email", email)]).await.status, 200);
    site.mailed_token().await
}

fn new(token: &str) -> Vec<(&str, &str)> {
    vec![("token", token), ("new_password", NEW_PASSWORD), ("confirm_new_password", NEW_PASSWORD)]
}

#[tokio::test]
async fn auth_06_the_answer_does_not_tell_whether_there_is_an_account() {
    let site = Site::new().await;
    let mut known = site.browser();
    let mut unknown = site.browser();
    let (ada, eve) = ([("email", "ada@example.com")], [("email", "eve@example.com")]);
    let client = bytes(&known.json("/password-reset/", &ada).await);
    assert_eq!(client, bytes(&unknown.json("/password-reset/", &eve).await));
    let page = known.post("/password-reset/", &ada).await;
    assert_eq!(page.texts(".notice p").len(), 1);
    assert_eq!(page_bytes(&page), page_bytes(&unknown.post("/password-reset/", &eve).await));
    let mails = site.mails().await;
    assert!(mails.iter().all(|mail| mail.to == "ada@example.com"));
    assert_eq!(mails.len(), 2);
}

#[tokio::test]
async fn auth_08_the_link_sets_a_new_password_once_and_signs_nobody_in() {
    let site = Site::new().await;
    let mut elsewhere = site.browser().sign_in("ada", PASSWORD).await;
    let token = ask(&site, "ADA@example.com").await;
    assert!(token.len() >= 43 && !site.dump().await.contains(&token));

    let mut browser = site.browser();
    let page = browser.get(&format!("/password-reset/?token={token}")).await;
    assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "no-referrer"));
    assert_eq!(page.attr("input[name=new_password]", "autocomplete").as_deref(), Some("new-password"));
    for (changed, sentence) in [
        (("new_password", "short"), "Password must be at least 15 characters long."),
        (("confirm_new_password", "another green lamp"), "Passwords do not match."),
        (("new_password", ""), "Form is invalid. Missing one or more fields."),
    ] {
        let mut fields = new(&token);
        fields.iter_mut().find(|(name, _)| *name == changed.0).unwrap().1 = changed.1;
        let page = browser.post("/password-reset/", &fields).await;
        assert_eq!(page.said(), (422, sentence.to_owned()));
        assert_eq!(
            page.attr("input[name=token]", "value").as_deref(),
            Some(&*token),
            "it may be tried again"
        );
    }
    let answer = browser.post("/password-reset/", &new(&token)).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/login/"));
    assert_eq!(browser.who().await, None);
    assert_eq!(elsewhere.who().await, None, "all sessions have ended");
    let mails = site.mails().await;
    assert_eq!(mails[0].subject, "Your password at The Shop was changed");
    browser.sign_in("ada", NEW_PASSWORD).await;

    let again = site.browser().form("/password-reset/", &new(&token)).await;
    assert_eq!(again.said(), (422, "This link is not valid any more. Please ask for a new one.".to_owned()));
    assert_eq!(site.browser().get(&format!("/password-reset/?token={token}")).await.status, 422);
}

#[tokio::test]
async fn auth_08_of_many_who_follow_a_link_at_once_one_succeeds() {
    let site = Site::new().await;
    let token = ask(&site, "ada@example.com").await;
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (mut browser, token) = (site.browser(), token.clone());
            tokio::spawn(async move { browser.json("/password-reset/", &new(&token)).await.status.as_u16() })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            200 => done += 1,
            other => assert_eq!(other, 422),
        }
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn auth_08_a_link_ends_with_time_and_with_what_it_was_for() {
    let site = Site::new().await;
    let ada = site.user("ada").await.id;
    let users = site.auth.users().clone();

    let token = ask(&site, "ada@example.com").await;
    site.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(site.browser().form("/password-reset/", &new(&token)).await.status, 422, "half an hour");

    site.clock.advance(Duration::from_secs(3600));
    let token = ask(&site, "ada@example.com").await;
    site.auth.replace_password(&ada, "a loud purple lamp").await.unwrap();
    assert_eq!(site.browser().form("/password-reset/", &new(&token)).await.status, 422, "another password");

    site.clock.advance(Duration::from_secs(3600));
    let token = ask(&site, "ada@example.com").await;
    users.set_email(&ada, Some("lovelace@example.com"), None).await.unwrap();
    assert_eq!(site.browser().form("/password-reset/", &new(&token)).await.status, 422, "another address");

    site.clock.advance(Duration::from_secs(3600));
    let token = ask(&site, "lovelace@example.com").await;
    users.set_active(&ada, false).await.unwrap();
    assert_eq!(site.browser().form("/password-reset/", &new(&token)).await.status, 422, "switched off");
    assert!(users.check_credentials("ada", NEW_PASSWORD).await.unwrap().is_none());
}

#[tokio::test]
async fn auth_08_the_link_leads_to_the_configured_site_whatever_the_request_says() {
    let site = Site::new().await;
    let mut browser =
        site.browser().header("host", "evil.example").header("x-forwarded-host", "evil.example");
    assert_eq!(browser.json("/password-reset/", &[("email", "ada@example.com")]).await.status, 200);
    let mails = site.mails().await;
    assert!(mails[0].text.contains("https://shop.example/password-reset/?token="), "{}", mails[0].text);
    assert!(!mails[0].text.contains("evil"));
}

#[tokio::test]
async fn nobodys_mailbox_is_filled() {
    let site = Site::new().await;
    for _ in 0..10 {
        site.browser().json("/password-reset/", &[("email", "ada@example.com")]).await;
    }
    assert_eq!(site.mails().await.len(), 5);
    site.clock.advance(Duration::from_secs(3601));
    site.browser().json("/password-reset/", &[("email", "ada@example.com")]).await;
    assert_eq!(site.mails().await.len(), 1);
    for (fields, sentence) in [
        (&[("email", "nobody")][..], "Invalid email address."),
        (&[], "Form is invalid. Missing one or more fields."),
    ] {
        assert_eq!(site.browser().form("/password-reset/", fields).await.said(), (422, sentence.to_owned()));
    }
}
