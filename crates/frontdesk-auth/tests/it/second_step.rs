//! Section 11 of the contract: what the login does with second factors.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk_auth::mfa::LoginAttempt;
use frontdesk_auth::{AuthError, LoginContext, LoginHooks, MfaProvider, User};
use futures_util::future::BoxFuture;

use crate::site::{Browser, PASSWORD, Shared, Site};

/// A factor that all but Bob have set up. It sends a code, if it is told to: the identity of the attempt.
struct Factor {
    name: &'static str,
    sends: bool,
    sent: Shared<Vec<String>>,
}

impl MfaProvider for Factor {
    fn name(&self) -> &str {
        self.name
    }

    fn is_user_enrolled<'a>(&'a self, user: &'a User) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(std::future::ready(Ok(&*user.username != "bob")))
    }

    fn send_code<'a>(
        &'a self,
        _: &'a User,
        attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        if self.sends {
            self.sent.lock().unwrap().push(attempt.id().to_owned());
        }
        Box::pin(std::future::ready(Ok(self.sends)))
    }

    fn authenticate_user<'a>(
        &'a self,
        _: &'a User,
        code: &'a str,
        attempt: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        let right = if self.sends { code == attempt.id() } else { code == "123456" };
        Box::pin(std::future::ready(Ok(right)))
    }

    fn delete_registration<'a>(&'a self, _: &'a User) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

fn factor(name: &'static str) -> Arc<dyn MfaProvider> {
    Arc::new(Factor { name, sends: false, sent: Shared::default() })
}

async fn site(factors: Vec<Arc<dyn MfaProvider>>) -> Site {
    let site = Site::with(|login| login.mfa_providers(factors), |register| register).await;
    site.add("bob").await;
    site
}

const ADA: [(&str, &str); 2] = [("username", "ada"), ("password", PASSWORD)];

#[tokio::test]
async fn clients_send_everything_again_with_the_code() {
    let site = site(vec![factor("App"), factor("Key")]).await;
    for (more, said) in [
        (&[][..], "MFA code required"),
        (&[("mfa_code", "123456")], "MFA provider must be specified"),
        (&[("mfa_code", "123456"), ("mfa_provider_name", "Pigeon")], "MFA provider not recognised."),
        (&[("mfa_code", "000000"), ("mfa_provider_name", "App")], "MFA failed"),
    ] {
        let mut browser = site.browser();
        let answer = browser.json("/login/", &[&ADA[..], more].concat()).await;
        assert_eq!(answer.said(), (401, said.to_owned()));
        assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    }
    let all = [&ADA[..], &[("mfa_code", "123456"), ("mfa_provider_name", "Key")]].concat();
    let mut browser = site.browser();
    assert_eq!(browser.json("/login/", &all).await.status, 303);
    assert_eq!(browser.who().await.as_deref(), Some("ada"));
    site.browser().sign_in("bob", PASSWORD).await; // who has none is not asked
}

#[tokio::test]
async fn mfa_06_a_page_asks_in_a_second_step_with_a_session_of_no_rights() {
    let site = site(vec![factor("App")]).await;
    let mut browser = site.browser();
    let page = browser.post("/login/?next=/welcome/", &ADA).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.attr("input[name=mfa_code]", "autocomplete").as_deref(), Some("one-time-code"));
    assert_eq!(page.attr("input[name=password]", "type"), None, "the password is not asked for again");
    let half = browser.cookies["id_mfa"].clone();
    assert!(page.cookie("id_mfa").unwrap().ends_with("Max-Age=600"));
    assert_eq!(browser.who().await, None);

    // In the place of the session's cookie it is of no use either.
    let mut thief = site.browser();
    thief.cookies.insert("id".to_owned(), half.clone());
    assert_eq!(thief.who().await, None);

    let page = browser.post("/login/?next=/welcome/", &[("mfa_code", "000000")]).await;
    assert_eq!(page.said(), (401, "MFA failed".to_owned()));
    assert_eq!(browser.get("/login/").await.attr("input[name=mfa_code]", "type").as_deref(), Some("text"));
    assert!(browser.get("/login/?again").await.attr("input[name=password]", "type").is_some());

    let answer = browser.post("/login/?next=/welcome/", &[("mfa_code", "123456")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/welcome/"));
    assert_eq!(browser.who().await.as_deref(), Some("ada"));
    assert_ne!(browser.cookies["id"], half, "SESS-03: a new identity");
    assert!(!browser.cookies.contains_key("id_mfa"));
    let mut again = site.browser();
    again.cookies.insert("id_mfa".to_owned(), half);
    assert_eq!(again.post("/login/", &[("mfa_code", "123456")]).await.status, 422, "it is used up");
}

#[tokio::test]
async fn everything_at_once_works_on_a_page_too() {
    let site = site(vec![factor("App")]).await;
    let mut browser = site.browser();
    let all = [&ADA[..], &[("mfa_code", "123456")]].concat();
    assert_eq!(browser.post("/login/", &all).await.status, 303);
    assert_eq!(browser.who().await.as_deref(), Some("ada"));
    assert!(!browser.cookies.contains_key("id_mfa"), "{:?}", browser.cookies);
}

#[tokio::test]
async fn mfa_06_the_second_step_ends_after_ten_minutes_and_with_the_password() {
    let site = site(vec![factor("App")]).await;
    let second = async |browser: &mut Browser| {
        browser.post("/login/", &[("mfa_code", "123456")]).await.status.as_u16()
    };
    let mut browser = site.browser();
    browser.post("/login/", &ADA).await;
    site.clock.advance(Duration::from_secs(601));
    assert_eq!(second(&mut browser).await, 422);

    let mut browser = site.browser();
    browser.post("/login/", &ADA).await;
    site.auth.replace_password(&site.user("ada").await.id, "a loud purple lamp").await.unwrap();
    assert_eq!(second(&mut browser).await, 422);
    assert_eq!(browser.who().await, None);
}

#[tokio::test]
async fn mfa_04_a_mailed_code_is_good_for_its_own_login() {
    let sent: Shared<Vec<String>> = Arc::new(Mutex::default());
    let mail: Arc<dyn MfaProvider> = Arc::new(Factor { name: "Mail", sends: true, sent: Arc::clone(&sent) });
    let site = site(vec![mail]).await;
    let (mut one, mut other) = (site.browser(), site.browser());
    let page = one.post("/login/", &ADA).await;
    assert_eq!(page.texts(".notice p"), ["MFA code required (we sent you a code)"]);
    other.post("/login/", &ADA).await;
    let codes = sent.lock().unwrap().clone();
    assert_eq!(codes.len(), 2);
    assert_eq!(other.post("/login/", &[("mfa_code", &codes[0])]).await.status, 401, "the other one's");
    assert_eq!(other.post("/login/", &[("mfa_code", &codes[1])]).await.status, 303);
    assert_eq!(one.post("/login/", &[("mfa_code", &codes[0])]).await.status, 303);

    let answer = site.browser().json("/login/", &ADA).await;
    assert_eq!(answer.detail(), "MFA code required (we sent you a code)");
    let code = sent.lock().unwrap().last().unwrap().clone();
    let answer = site.browser().json("/login/", &[&ADA[..], &[("mfa_code", &code)]].concat()).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn auth_13_success_hooks_run_after_the_code_and_before_the_session() {
    let asked: Shared<Vec<String>> = Shared::default();
    let note = Arc::clone(&asked);
    let hooks = LoginHooks::new().login_success(move |login: &LoginContext| {
        note.lock().unwrap().push(login.username.to_string());
        Some("Not today")
    });
    let factors = vec![factor("App")];
    let site = Site::with(|login| login.mfa_providers(factors).hooks(hooks), |register| register).await;
    let mut browser = site.browser();
    browser.post("/login/", &ADA).await;
    assert!(asked.lock().unwrap().is_empty());
    let answer = browser.post("/login/", &[("mfa_code", "123456")]).await;
    assert_eq!(answer.said(), (401, "Not today".to_owned()));
    assert_eq!(*asked.lock().unwrap(), ["ada"]);
    assert_eq!(browser.who().await, None);
}
