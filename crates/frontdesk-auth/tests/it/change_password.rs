//! Section 6 of the contract: change of password.

use frontdesk_auth::{ChangePassword, change_password};

use crate::site::{NEW_PASSWORD, PASSWORD, Site};

const FIELDS: [(&str, &str); 3] =
    [("current_password", PASSWORD), ("new_password", NEW_PASSWORD), ("confirm_new_password", NEW_PASSWORD)];

#[tokio::test]
async fn auth_10_each_check_is_told_by_its_sentence_in_both_answers() {
    let site = Site::new().await;
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    let long: &'static str = "horse ".repeat(50).leak();
    let page = browser.get("/change-password/").await;
    assert_eq!(page.texts("h1"), ["Change Password"]);
    assert!(page.body.contains("You are signed in as ada."));
    for (index, value, sentence) in [
        (0, "", "Form is invalid. Missing one or more fields."),
        (1, "", "Form is invalid. Missing one or more fields."),
        (2, "", "Form is invalid. Missing one or more fields."),
        (1, "short", "Password must be at least 15 characters long."),
        (1, long, "Password must be at most 256 characters long."),
        (2, "another green lamp", "Passwords do not match."),
        (0, "wrong horse battery", "Incorrect password."),
    ] {
        let mut fields = FIELDS;
        fields[index].1 = value;
        assert_eq!(browser.form("/change-password/", &fields).await.said(), (422, sentence.to_owned()));
        assert_eq!(browser.post("/change-password/", &fields).await.said(), (422, sentence.to_owned()));
    }
    assert_eq!(browser.who().await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn auth_11_a_new_password_ends_all_sessions() {
    let site = Site::new().await;
    let mut here = site.browser().sign_in("ada", PASSWORD).await;
    let mut there = site.browser().sign_in("ada", PASSWORD).await;
    site.add("bob").await;
    let mut bob = site.browser().sign_in("bob", PASSWORD).await;
    let answer = here.form("/change-password/", &FIELDS).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/login/"));
    assert!(answer.cookie("id").unwrap().contains("Max-Age=0"));
    assert_eq!((here.who().await, there.who().await), (None, None));
    assert_eq!(bob.who().await.as_deref(), Some("bob"));
    let old = site.browser().form("/login/", &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, 401);
    site.browser().sign_in("ada", NEW_PASSWORD).await;
    let mails = site.mails().await;
    assert_eq!(mails.len(), 1, "the user is told");
    assert_eq!(
        (&*mails[0].to, &*mails[0].subject),
        ("ada@example.com", "Your password at The Shop was changed")
    );
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_the_login_page() {
    let site = Site::new().await;
    let answer = site.browser().get("/change-password/?tab=1").await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (307, "/login/?next=%2Fchange-password%2F%3Ftab%3D1")
    );
    assert_eq!(site.browser().form("/change-password/", &FIELDS).await.status, 401);
    let page = site.browser().post("/change-password/", &FIELDS).await;
    assert_eq!((page.status.as_u16(), page.location()), (303, "/login/"));
}

#[tokio::test]
async fn read_only_is_405_in_plain_text() {
    let mut site = Site::new().await;
    site.app = axum::Router::new()
        .nest("/fixed/", change_password(ChangePassword::new(&site.auth).read_only(true)))
        .merge(site.app);
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    let answer = browser.form("/fixed/", &FIELDS).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (405, "Running in read only mode"));
}
