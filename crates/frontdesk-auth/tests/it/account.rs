//! The account page.

use std::time::Duration;

use crate::site::{NEW_PASSWORD, PASSWORD, Site, token};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[tokio::test]
async fn sess_07_users_see_and_end_their_sessions() {
    let site = Site::new().await;
    site.add("bob").await;
    let mut here = site.browser().header("user-agent", FIREFOX).sign_in("ada", PASSWORD).await;
    let mut there = site.browser().sign_in("ada", PASSWORD).await;
    let mut third = site.browser().sign_in("ada", PASSWORD).await;
    let mut bob = site.browser().sign_in("bob", PASSWORD).await;

    let page = here.get("/account/").await;
    assert_eq!(page.texts("h1"), ["Account"]);
    assert_eq!(page.texts(".sessions li").len(), 3);
    assert_eq!(page.texts(".badge"), ["this device"]);
    assert!(page.texts(".sessions strong").contains(&"Firefox on Linux".to_owned()));
    let answer = here.clone().header("accept", "application/json").get("/account/").await.json();
    assert_eq!(answer["user"]["username"], "ada");
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    assert!(!answer.to_string().contains(&here.cookies["id"]), "tokens are not shown");

    // The one of the browser `there`: neither this one nor the newest.
    let id = there.clone().header("accept", "application/json").get("/account/").await.json();
    let own = id["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    let fields = [("action", "end_session"), ("session", own["id"].as_str().unwrap())];
    let foreign = bob.form("/account/", &fields).await;
    assert_eq!(foreign.said(), (422, "This session has ended already.".to_owned()), "not somebody else's");
    assert_eq!(there.who().await.as_deref(), Some("ada"));
    let answer = here.post("/account/", &fields).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account/"));
    assert_eq!(here.get("/account/").await.texts(".notice p"), ["That device is signed out."]);
    assert_eq!(there.who().await, None);
    assert_eq!(third.who().await.as_deref(), Some("ada"));

    let answer = here.json("/account/", &[("action", "end_others")]).await;
    assert_eq!(answer.json()["message"], "All other devices are signed out.");
    assert_eq!((third.who().await, here.who().await.as_deref()), (None, Some("ada")));
    assert_eq!(bob.who().await.as_deref(), Some("bob"));
}

#[tokio::test]
async fn who_is_not_signed_in_sees_nothing() {
    let site = Site::new().await;
    let answer = site.browser().get("/account/").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (307, "/login/?next=%2Faccount%2F"));
    assert_eq!(site.browser().header("accept", "application/json").get("/account/").await.status, 401);
    assert_eq!(site.browser().json("/account/", &[("action", "end_others")]).await.status, 401);
    assert_eq!(site.browser().post("/account/", &[("action", "end_others")]).await.location(), "/login/");
}

#[tokio::test]
async fn auth_10_an_address_changes_by_fresh_proof_and_both_addresses_are_told() {
    let site = Site::new().await;
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    let new = [("action", "change_email"), ("email", "lovelace@example.com")];
    site.clock.advance(Duration::from_secs(11 * 60));
    for (more, sentence) in [
        (&[][..], "Form is invalid. Missing one or more fields."),
        (&[("current_password", "wrong horse battery")], "Incorrect password."),
    ] {
        let answer = browser.form("/account/", &[&new[..], more].concat()).await;
        assert_eq!(answer.said(), (422, sentence.to_owned()));
    }
    assert!(site.mails().await.is_empty());
    let answer = browser.post("/account/", &[&new[..], &[("current_password", PASSWORD)]].concat()).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account/"));
    let notice = browser.get("/account/").await.texts(".notice p");
    assert!(notice[0].starts_with("We have sent a mail to lovelace@example.com."), "{notice:?}");
    let mails = site.mails().await;
    assert_eq!(
        mails.iter().map(|mail| &*mail.to).collect::<Vec<_>>(),
        ["ada@example.com", "lovelace@example.com"]
    );
    assert!(mails[0].text.contains("lovelace@example.com"), "the old one is told");
    assert_eq!(
        site.user("ada").await.email.as_deref(),
        Some("ada@example.com"),
        "not before it is confirmed"
    );

    let token = token(&mails[1].text);
    let mut elsewhere = site.browser();
    let page = elsewhere.get(&format!("/account/email/?token={token}")).await;
    assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "no-referrer"));
    assert_eq!(elsewhere.post("/account/email/", &[("token", &token)]).await.location(), "/account/");
    assert_eq!(elsewhere.who().await, None, "it signs nobody in");
    let ada = site.user("ada").await;
    assert_eq!(ada.email.as_deref(), Some("lovelace@example.com"));
    assert!(ada.email_confirmed.is_some());
    let mails = site.mails().await;
    assert_eq!((mails.len(), &*mails[0].to), (1, "ada@example.com"));
    assert_eq!(elsewhere.form("/account/email/", &[("token", &token)]).await.status, 422);
}

#[tokio::test]
async fn auth_10_a_login_of_the_last_ten_minutes_is_proof_enough() {
    let site = Site::new().await;
    site.add("bob").await;
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    assert_eq!(browser.get("/account/").await.attr("input[name=current_password]", "type"), None);
    for (email, sentence) in [
        ("nobody", "Invalid email address."),
        ("", "Form is invalid. Missing one or more fields."),
        ("ada@example.com", "This is your e-mail address already."),
    ] {
        let answer = browser.post("/account/", &[("action", "change_email"), ("email", email)]).await;
        assert_eq!(answer.said(), (422, sentence.to_owned()));
    }
    let taken = browser.json("/account/", &[("action", "change_email"), ("email", "bob@example.com")]).await;
    let free = browser.json("/account/", &[("action", "change_email"), ("email", "free@example.com")]).await;
    assert_eq!(
        (taken.status, &taken.body),
        (free.status, &free.body),
        "AUTH-06: nobody learns who has an account"
    );
    let mails = site.mails().await;
    let to_bob: Vec<_> = mails.iter().filter(|mail| mail.to == "bob@example.com").collect();
    assert!(to_bob.len() == 1 && !to_bob[0].text.contains("?token="), "{to_bob:?}");

    // A link of before the password changed is void.
    let link = mails.iter().find(|mail| mail.to == "free@example.com").unwrap();
    let token = token(&link.text);
    site.auth.replace_password(&site.user("ada").await.id, NEW_PASSWORD).await.unwrap();
    assert_eq!(site.browser().form("/account/email/", &[("token", &token)]).await.status, 422);
}

#[tokio::test]
async fn auth_11_who_is_switched_off_or_deleted_is_out_at_once() {
    let site = Site::new().await;
    let mut ada = site.browser().sign_in("ada", PASSWORD).await;
    site.auth.set_active(&site.user("ada").await.id, false).await.unwrap();
    assert_eq!(ada.who().await, None);
    let bob = site.add("bob").await;
    let mut browser = site.browser().sign_in("bob", PASSWORD).await;
    site.auth.users().delete(&bob.id).await.unwrap();
    assert_eq!(browser.who().await, None);
}
