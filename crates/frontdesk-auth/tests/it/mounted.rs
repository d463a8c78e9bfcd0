//! All pages at their default addresses, with what is laid around them.

use axum::Router;
use frontdesk_auth::{Auth, NewUser, Sessions, Users};
use frontdesk_data::Db;
use frontdesk_forms::Desk;
use frontdesk_web::Secret;

use crate::site::{Answer, Browser, NEW_PASSWORD, PASSWORD, Site, auth};

async fn mounted() -> Site {
    let (auth, outbox, clock, db) = auth().await;
    let app = Site::whoami(Router::new().merge(auth.router()), &auth);
    let site = Site { auth, app, outbox, clock, db };
    site.add("ada").await;
    site
}

fn field(page: &Answer) -> String {
    page.attr("input[name=csrftoken]", "value").unwrap_or_else(|| panic!("{}", page.body))
}

async fn post(browser: &mut Browser, path: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
    browser.post(path, &[fields, &[("csrftoken", token)]].concat()).await
}

const ADA: [(&str, &str); 2] = [("username", "ada"), ("password", PASSWORD)];

#[tokio::test]
async fn csrf_04_every_form_of_sign_in_has_a_token_and_needs_it() {
    let site = mounted().await;
    let mut browser = site.browser().header("sec-fetch-site", "same-origin");
    for path in ["/login/", "/logout/", "/register/", "/password-reset/"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!field(&page).is_empty());
        assert_eq!(browser.post(path, &ADA).await.status, 403, "{path} without a token");
        assert_eq!(post(&mut browser, path, "nonsense", &ADA).await.status, 403, "{path} with another");
    }
    let page = browser.get("/login/").await;
    let answer = post(&mut browser, "/login/", &field(&page), &ADA).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    for path in ["/account/", "/change-password/"] {
        assert_eq!(browser.post(path, &[("action", "end_others")]).await.status, 403, "{path}");
    }
    let page = browser.get("/account/").await;
    let answer = post(&mut browser, "/account/", &field(&page), &[("action", "end_others")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account/"));
    // Of another visitor it is worth nothing.
    let mut eve = site.browser().header("sec-fetch-site", "same-origin");
    eve.get("/login/").await;
    let answer = post(&mut eve, "/login/", &field(&page), &ADA).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn csrf_04_a_login_in_another_tab_breaks_no_form() {
    let site = mounted().await;
    let mut browser = site.browser().header("sec-fetch-site", "same-origin");
    let (one, other) = (browser.get("/login/").await, browser.get("/login/").await);
    assert_ne!(field(&one), field(&other), "other bytes on each page");
    assert_eq!(post(&mut browser, "/login/", &field(&one), &ADA).await.status, 303);
    assert_eq!(post(&mut browser, "/login/", &field(&other), &ADA).await.status, 303);
    let (one, other) = (browser.get("/account/").await, browser.get("/change-password/").await);
    assert_eq!(post(&mut browser, "/account/", &field(&one), &[("action", "end_others")]).await.status, 303);
    let fields = [
        ("current_password", PASSWORD),
        ("new_password", NEW_PASSWORD),
        ("confirm_new_password", NEW_PASSWORD),
    ];
    assert_eq!(post(&mut browser, "/change-password/", &field(&other), &fields).await.status, 303);
}

#[tokio::test]
async fn scripts_send_the_token_of_the_cookie_in_a_header() {
    let site = mounted().await;
    let mut browser = site.browser();
    browser.get("/login/").await;
    assert_eq!(browser.json("/login/", &ADA).await.status, 403);
    let token = browser.cookies["csrftoken"].clone();
    let mut browser = browser.header("x-csrftoken", &token);
    assert_eq!(browser.json("/login/", &ADA).await.status, 303);
    assert_eq!(browser.who().await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn who_registers_confirms_and_signs_in() {
    let site = mounted().await;
    let mut browser = site.browser().header("sec-fetch-site", "same-origin");
    let page = browser.get("/register/").await;
    let fields = [
        ("username", "bob"),
        ("email", "bob@example.com"),
        ("password", NEW_PASSWORD),
        ("confirm_password", NEW_PASSWORD),
    ];
    assert_eq!(post(&mut browser, "/register/", &field(&page), &fields).await.location(), "/login/");
    let token = site.mailed_token().await;
    let page = browser.get(&format!("/confirm-email/?token={token}")).await;
    let answer = post(&mut browser, "/confirm-email/", &field(&page), &[("token", &token)]).await;
    assert_eq!(answer.location(), "/login/");
    let page = browser.get("/login/").await;
    let fields = [("username", "bob"), ("password", NEW_PASSWORD)];
    assert_eq!(post(&mut browser, "/login/", &field(&page), &fields).await.status, 303);
    assert_eq!(browser.who().await.as_deref(), Some("bob"));
}

#[tokio::test]
async fn without_a_mailer_there_is_no_reset_and_nobody_is_active_by_themselves() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let auth = Auth::new(Users::own(&db), Sessions::database(&db), &Desk::new(Secret::random()));
    let app = auth.router();
    let ada = NewUser::new("ada").password(PASSWORD).active(true);
    auth.users().insert(ada).await.unwrap();
    let mut browser = Browser { app, ..Site::new().await.browser() };
    assert_eq!(browser.get("/password-reset/").await.status, 404);
    assert_eq!(browser.get("/login/").await.texts(".links a"), ["Sign Up"]);
    let page = browser.get("/register/").await;
    let fields = [
        ("username", "bob"),
        ("email", "bob@example.com"),
        ("password", NEW_PASSWORD),
        ("confirm_password", NEW_PASSWORD),
    ];
    assert_eq!(post(&mut browser, "/register/", &field(&page), &fields).await.status, 303);
    assert!(!auth.users().by_name("bob").await.unwrap().unwrap().active);
}
