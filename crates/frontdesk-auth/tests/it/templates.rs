//! Section 7 of the contract: colours, and templates of one's own.

use frontdesk_auth::{SessionLogin, Styles, session_login};

use crate::site::Site;

#[tokio::test]
async fn colours_are_custom_properties_under_the_pages_nonce() {
    let styles = Styles::default().button_color("#7A1F5C").unwrap();
    let site = Site::with(|login| login.styles(styles), |register| register).await;
    let page = site.browser().get("/login/").await;
    let style = page.texts("style").concat();
    assert!(
        style.contains("--button_color: #7A1F5C;") && style.contains("--link_color: #419EF8;"),
        "{style}"
    );
    let nonce = page.attr("style", "nonce").unwrap();
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!("style-src 'self' 'nonce-{nonce}'")), "{policy}");
    assert!(
        policy.contains("object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
    );
    let other = site.browser().get("/login/").await;
    assert_ne!(other.attr("style", "nonce").unwrap(), nonce, "each page has its own");
}

#[tokio::test]
async fn a_template_of_ones_own_is_given_what_the_contract_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.html");
    let source = "{% extends 'layout.html' %}{% block title %}{{ t('auth-login') }}{% endblock %}{% block content %}\
        <p id='mine'>{{ request.path }}|{{ styles.button_color }}|{{ username }}|{{ csrftoken }}|{{ none_such.at_all }}</p>\
        <form method='post'>{% include 'hidden.html' %}{{ captcha }}</form>{% endblock %}";
    std::fs::write(&path, source).unwrap();
    let site = Site::with(|login| login.template_path(&path).unwrap(), |register| register).await;
    let page = site.browser().post("/login/", &[("username", "<ada>")]).await;
    assert_eq!(page.said(), (422, "Missing username or password".to_owned()));
    assert_eq!(page.texts("#mine"), ["/login/|#419EF8|<ada>||"]);
    assert!(SessionLogin::new(&site.auth).template_path(folder.path().join("none.html")).is_err());
    drop(session_login(SessionLogin::new(&site.auth)));
}
