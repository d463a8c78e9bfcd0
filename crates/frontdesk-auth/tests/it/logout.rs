//! Section 4 of the contract: logout.

use crate::site::{PASSWORD, Site};
use frontdesk_auth::{SessionLogout, session_logout};

#[tokio::test]
async fn sess_06_a_get_asks_and_a_post_signs_out() {
    let site = Site::new().await;
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    let page = browser.get("/logout/").await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (200, vec!["Logout".to_owned()]));
    assert_eq!(browser.who().await.as_deref(), Some("ada"), "a GET changes nothing");

    let mut stolen = browser.clone();
    let answer = browser.post("/logout/", &[]).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "Successfully logged out"));
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(answer.cookie("id").unwrap(), "id=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
    assert_eq!(stolen.who().await, None, "the old cookie is of no use");
    assert!(!site.dump().await.contains("user_agent: "), "the row is gone");
    assert_eq!(site.auth.sessions().list(&site.user("ada").await).await.unwrap().len(), 0);
}

#[tokio::test]
async fn without_a_cookie_there_is_nothing_to_end() {
    let site = Site::new().await;
    let sentence = "The session cookie wasn't found.".to_owned();
    assert_eq!(site.browser().form("/logout/", &[]).await.said(), (401, sentence.clone()));
    assert_eq!(site.browser().json("/logout/", &[]).await.said(), (401, sentence.clone()));
    assert_eq!(site.browser().post("/logout/", &[]).await.said(), (401, sentence));
    let mut browser = site.browser();
    browser.cookies.insert("id".to_owned(), "A".repeat(43));
    assert_eq!(browser.form("/logout/", &[]).await.status, 200, "an unknown token is fine");
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn afterwards_one_goes_where_it_says() {
    let mut site = Site::new().await;
    site.app = axum::Router::new()
        .nest("/out/", session_logout(SessionLogout::new(&site.auth).redirect_to("/bye/")))
        .merge(site.app);
    let mut browser = site.browser().sign_in("ada", PASSWORD).await;
    let answer = browser.form("/out/", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/bye/"));
    assert_eq!(browser.who().await, None);
}
