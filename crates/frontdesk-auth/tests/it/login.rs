//! Section 3 of the contract: login.

use std::time::Duration;

use axum::body::Body;
use frontdesk_auth::{LoginContext, LoginHooks, NewUser, SessionCookie};
use frontdesk_forms::Captcha;
use frontdesk_html::Markup;
use http::Method;

use crate::site::{PASSWORD, Site};

fn riddle() -> Captcha {
    Captcha::new(Markup::trusted("<label>Two and two? <input name=\"sum\"></label>"), "sum", |token, _| {
        (token != Some("4")).then_some("That is not what they make.")
    })
}

#[tokio::test]
async fn auth_05_the_form_has_what_browsers_and_password_managers_need() {
    let site = Site::new().await;
    let page = site.browser().get("/login/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("h1"), ["Login"]);
    assert_eq!(page.attr("input[name=username]", "autocomplete").as_deref(), Some("username"));
    assert_eq!(page.attr("input[name=password]", "autocomplete").as_deref(), Some("current-password"));
    assert_eq!(page.attr("input[name=format]", "value").as_deref(), Some("html"));
    assert_eq!(page.attr("input[name=password]", "value"), None);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn each_way_to_fail_is_told_by_status_and_sentence() {
    let site = Site::with(|login| login.captcha(riddle()), |register| register).await;
    let inactive = NewUser::new("gone").email("gone@example.com").password(PASSWORD);
    site.auth.users().insert(inactive).await.unwrap();
    let right = [("username", "ada"), ("password", PASSWORD), ("sum", "4")];
    for (fields, client, page) in [
        (&[][..], (422, "Missing username or password"), (422, "Missing username or password")),
        (
            &[("username", "ada")],
            (422, "Missing username or password"),
            (422, "Missing username or password"),
        ),
        (
            &[("username", ""), ("password", "x")],
            (422, "Missing username or password"),
            (422, "Missing username or password"),
        ),
        (&right[..2], (422, "That is not what they make."), (422, "That is not what they make.")),
        (
            &[("username", "ada"), ("password", "wrong horse battery"), ("sum", "4")],
            (401, "Login failed"),
            (401, "The username or password is incorrect."),
        ),
        (
            &[("username", "eve"), ("password", PASSWORD), ("sum", "4")],
            (401, "Login failed"),
            (401, "The username or password is incorrect."),
        ),
        (
            &[("username", "gone"), ("password", PASSWORD), ("sum", "4")],
            (401, "Login failed"),
            (401, "The username or password is incorrect."),
        ),
    ] {
        let mut browser = site.browser();
        let answer = browser.form("/login/", fields).await;
        assert_eq!(answer.said(), (client.0, client.1.to_owned()), "{fields:?}");
        let answer = browser.json("/login/", fields).await;
        assert_eq!(answer.said(), (client.0, client.1.to_owned()), "{fields:?}");
        let answer = browser.post("/login/", fields).await;
        assert_eq!(answer.said(), (page.0, page.1.to_owned()), "{fields:?}");
        assert!(answer.texts("label").len() >= 3, "the form is there again, with its riddle");
        assert_eq!(browser.who().await, None);
    }
    assert_eq!(site.browser().form("/login/", &right).await.status, 303);
}

#[tokio::test]
async fn sess_02_success_sets_the_cookie_as_documented() {
    let site = Site::new().await;
    let fields = [("username", "ada"), ("password", PASSWORD)];
    for format in [&[][..], &[("format", "html")]] {
        let mut browser = site.browser();
        let answer = browser.form("/login/", &[&fields[..], format].concat()).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
        let cookie = answer.cookie("id").unwrap();
        let token = cookie.split(['=', ';']).nth(1).unwrap();
        assert_eq!(token.len(), 43);
        assert_eq!(cookie, format!("id={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age=604800"));
        assert_eq!(browser.who().await.as_deref(), Some("ada"));
        assert!(!site.dump().await.contains(token), "the database has only a hash of it");
    }
    let mut far = site.browser().header("host", "shop.example");
    let answer = far.form("/login/", &fields).await;
    let cookie = answer.cookie("__Host-id").unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=604800"), "{cookie}");
    assert!(site.user("ada").await.last_login.is_some());
}

#[tokio::test]
async fn options_are_kept() {
    let site = Site::with(
        |login| {
            login
                .without_redirect()
                .max_session_expiry(Duration::from_secs(3600))
                .cookie(SessionCookie::new("sid").production(true))
                .password_reset_url("/password-reset/")
                .register_url("/register/")
        },
        |register| register,
    )
    .await;
    let answer = site.browser().form("/login/", &[("username", "ada"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, r#"{"message":"logged in"}"#);
    let cookie = answer.cookie("__Host-sid").unwrap();
    assert!(cookie.contains("; Secure;") && cookie.ends_with("Max-Age=3600"), "{cookie}");
    let page = site.browser().get("/login/").await;
    assert_eq!(page.attr(".links a", "href").as_deref(), Some("/password-reset/"));
    assert_eq!(page.texts(".links a").len(), 2);
}

#[tokio::test]
async fn sess_03_a_login_makes_a_new_session_whatever_came_along() {
    let site = Site::new().await;
    site.add("bob").await;
    let mut browser = site.browser();
    let brought = "A".repeat(43);
    browser.cookies.insert("id".to_owned(), brought.clone());
    let mut browser = browser.sign_in("ada", PASSWORD).await;
    let first = browser.cookies["id"].clone();
    assert_ne!(first, brought, "an identity that was brought is not taken");
    let mut other = site.browser().sign_in("ada", PASSWORD).await;

    // As somebody else, while signed in.
    let mut browser_of_bob = browser.clone().sign_in("bob", PASSWORD).await;
    assert_eq!(browser_of_bob.who().await.as_deref(), Some("bob"));
    assert_ne!(browser_of_bob.cookies["id"], first);
    assert_eq!(browser.who().await, None, "the session that came along has ended");
    assert_eq!(other.who().await.as_deref(), Some("ada"), "others of the user stay");
}

#[tokio::test]
async fn sess_09_next_leads_to_own_pages_alone() {
    let site = Site::new().await;
    let fields = [("username", "ada"), ("password", PASSWORD)];
    for (next, place) in [
        ("/forms/thing/?page=2", "/forms/thing/?page=2"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("https:evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nset-cookie: a=b", "/"),
    ] {
        let in_form = [&fields[..], &[("next", next)]].concat();
        assert_eq!(site.browser().form("/login/", &in_form).await.location(), place, "{next:?}");
        let encoded: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = site.browser().post(&format!("/login/?next={encoded}"), &fields).await;
        assert_eq!(answer.location(), place, "{next:?} in the query");
    }
}

#[tokio::test]
async fn csrf_04_other_sites_cannot_sign_anybody_in() {
    let site = Site::new().await;
    let fields = [("username", "ada"), ("password", PASSWORD)];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let mut browser = site.browser().header(name, value);
        for path in ["/login/", "/logout/", "/register/", "/password-reset/", "/confirm-email/", "/account/"]
        {
            let answer = browser.post(path, &fields).await;
            assert_eq!(answer.status, 403, "{path} with {name}: {value}");
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let site = Site::new().await;
    for path in ["/login/", "/logout/", "/register/", "/change-password/", "/password-reset/", "/account/"] {
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = site.browser().send(method, path, "", Body::empty()).await;
            assert_eq!(answer.status, 405);
            assert!(answer.header("allow").contains("GET") && answer.header("allow").contains("POST"));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn auth_13_hooks_run_on_every_path_and_are_shown_as_they_ask_to() {
    let hooks = LoginHooks::new()
        .pre_login(|login: &LoginContext| (&*login.username == "pest").then_some("You are <banned>"))
        .login_success(async |login: LoginContext| {
            assert!(login.user_id.is_some());
            (&*login.username == "bob").then_some("Not today")
        })
        .login_failure(|_: &LoginContext| Markup::trusted("Reset it <a href=\"/password-reset/\">here</a>."));
    let site = Site::with(|login| login.hooks(hooks), |register| register).await;
    site.add("bob").await;
    for (name, password, text, html) in [
        ("pest", "x", "You are <banned>", "You are &lt;banned&gt;"),
        ("bob", PASSWORD, "Not today", "Not today"),
        (
            "ada",
            "wrong horse battery",
            "Reset it <a href=\"/password-reset/\">here</a>.",
            "Reset it <a href=\"/password-reset/\">here</a>.",
        ),
    ] {
        let mut browser = site.browser();
        let fields = [("username", name), ("password", password)];
        let answer = browser.form("/login/", &fields).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.body, format!("Login failed: {text}"));
        let answer = browser.post("/login/", &fields).await;
        assert_eq!(answer.status, 401);
        assert!(answer.body.contains(&format!("<p class=\"error\">{html}</p>")), "{}", answer.body);
        assert_eq!(browser.who().await, None);
    }
    assert_eq!(site.browser().sign_in("ada", PASSWORD).await.who().await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn auth_13_a_hook_that_fails_lets_nobody_in() {
    for hooks in [
        LoginHooks::new().pre_login(|_: &LoginContext| -> () { panic!("a fault") }),
        LoginHooks::new().login_success(async |_: LoginContext| Err::<(), _>("a fault")),
        LoginHooks::new().login_success(|_: &LoginContext| -> () { panic!("a fault") }),
    ] {
        let site = Site::with(|login| login.hooks(hooks), |register| register).await;
        let mut browser = site.browser();
        let fields = [("username", "ada"), ("password", PASSWORD)];
        let answer = browser.form("/login/", &fields).await;
        assert_eq!(answer.status, 500);
        assert!(!answer.body.contains("a fault"), "{}", answer.body);
        let page = browser.post("/login/", &fields).await;
        assert_eq!(page.status, 500);
        assert_eq!(page.texts("h1"), ["Something went wrong"]);
        assert_eq!(browser.who().await, None);
    }
}

#[tokio::test]
async fn pages_speak_the_visitors_language_and_problems_english() {
    let site = Site::new().await;
    let mut browser = site.browser().header("accept-language", "de");
    let fields = [("username", "ada"), ("password", "wrong horse battery")];
    assert_eq!(browser.post("/login/", &fields).await.error(), "Benutzername oder Passwort ist falsch.");
    assert_eq!(browser.form("/login/", &fields).await.detail(), "Login failed");
}

#[tokio::test]
async fn ops_06_a_database_that_is_gone_lets_nobody_in() {
    let site = Site::new().await;
    site.db.close().await;
    let fields = [("username", "ada"), ("password", PASSWORD)];
    let answer = site.browser().form("/login/", &fields).await;
    assert!([500, 503].contains(&answer.status.as_u16()), "{}", answer.status);
    assert!(answer.headers.get("set-cookie").is_none());
    let page = site.browser().post("/login/", &fields).await;
    assert_eq!(page.status, answer.status);
    assert_eq!(page.texts("h1"), ["Something went wrong"]);
}

#[tokio::test]
async fn auth_06_a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let site = Site::new().await;
    let inactive = NewUser::new("gone").email("gone@example.com").password(PASSWORD);
    site.auth.users().insert(inactive).await.unwrap();
    let mut answers = Vec::new();
    for (name, password) in
        [("ada", "wrong horse battery"), ("eve", "wrong horse battery"), ("gone", PASSWORD)]
    {
        let answer = site.browser().json("/login/", &[("username", name), ("password", password)]).await;
        answers.push(format!("{:?} {:?} {}", answer.status, answer.headers, answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}
