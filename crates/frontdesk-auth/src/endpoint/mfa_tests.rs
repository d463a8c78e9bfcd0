//! Second factors over HTTP.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base64::Engine;
use frontdesk_data::Db;
use frontdesk_forms::Desk;
use frontdesk_web::{Clock, Secret};
use http::{Request, StatusCode};
use scraper::{Html, Selector};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret as TotpSecret};
use tower::ServiceExt;

use super::{MfaSetup, SessionLogin, mfa_setup, session_login};
use crate::mfa::{AuthenticatorProvider, EmailCodeProvider};
use crate::{Auth, Mailer, NewUser, Outbox, Sessions, User, Users};

const PASSWORD: &str = "correct horse battery staple";

struct Site {
    auth: Auth,
    app: Router,
    clock: Clock,
    mailer: Mailer,
    outbox: Outbox,
    ada: User,
}

/// A site with an authenticator app, codes by mail where `with_mail`, and passkeys where they are built in.
async fn site(with_mail: bool) -> Site {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
    let desk = Desk::new(Secret::random());
    let signer = desk.signer();
    let (mailer, outbox) = Mailer::outbox();
    let mut auth = Auth::new(Users::own(&db), Sessions::database(&db), &desk)
        .clock(clock.clone())
        .mailer(mailer.clone())
        .base_url("https://shop.example.com".parse().unwrap())
        .mfa_provider(AuthenticatorProvider::new(&db, signer).clock(clock.clone()));
    if with_mail {
        auth = auth.mfa_provider(EmailCodeProvider::new(&db, signer, &mailer).clock(clock.clone()));
    }
    #[cfg(feature = "passkeys")]
    {
        let origin = "https://shop.example.com".parse().unwrap();
        let passkeys = crate::Passkeys::new(&db, signer, "shop.example.com", &origin).unwrap();
        auth = auth.with_passkeys(passkeys.clock(clock.clone()));
    }
    let ada = NewUser::new("ada").email("ada@example.com").password(PASSWORD).active(true);
    let ada = auth.users().insert(ada).await.unwrap();
    let app = Router::new()
        .nest("/login/", session_login(SessionLogin::new(&auth).redirect_to("/in/")))
        .nest("/mfa/", mfa_setup(MfaSetup::new(&auth)));
    Site { auth, app, clock, mailer, outbox, ada }
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }

    fn value(&self, selector: &str) -> String {
        let page = Html::parse_document(&self.text);
        let found = page.select(&Selector::parse(selector).unwrap()).next();
        found.unwrap_or_else(|| panic!("{selector}: {}", self.text)).attr("value").unwrap().to_owned()
    }

    fn texts(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.text);
        page.select(&Selector::parse(selector).unwrap()).map(|found| found.text().collect()).collect()
    }
}

/// A browser: it keeps cookies.
#[derive(Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    async fn send(&mut self, site: &Site, request: http::request::Builder, body: String) -> Answer {
        let cookies: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("host", "shop.example.com").header("cookie", cookies.join("; "));
        let response = site.app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.0.insert(name.to_owned(), value.to_owned());
        }
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(parts.headers["cache-control"], "no-store", "{text}");
        Answer { status: parts.status, headers: parts.headers, text }
    }

    async fn get(&mut self, site: &Site, path: &str) -> Answer {
        self.send(site, Request::get(path), String::new()).await
    }

    async fn post(&mut self, site: &Site, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(site, request, body).await
    }

    async fn login(&mut self, site: &Site) -> Answer {
        self.post(site, "/login/", &[("format", "html"), ("username", "ada"), ("password", PASSWORD)]).await
    }

    /// A change on the set-up page, answered as JSON.
    async fn change(&mut self, site: &Site, action: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = [&[("format", "json"), ("action", action)], fields].concat();
        self.post(site, "/mfa/", &fields).await
    }

    fn session(&self) -> &str {
        self.0.iter().find(|(name, _)| name.ends_with("id")).map(|(_, value)| &**value).unwrap_or_default()
    }
}

const APP: (&str, &str) = ("mfa_provider_name", "Authenticator App");
const MAIL: (&str, &str) = ("mfa_provider_name", "Email");

impl Site {
    fn code(&self, secret: &str) -> String {
        let secret = TotpSecret::try_from_base32(secret.replace(' ', "")).unwrap();
        Builder::new()
            .with_secret(secret)
            .build()
            .unwrap()
            .generate(self.clock.now().as_second() as u64)
            .to_string()
    }

    /// Ada has an authenticator app: its secret and the recovery codes. The time of the first code is over.
    async fn enrolled(&self, browser: &mut Browser) -> (String, Vec<String>) {
        assert_eq!(browser.login(self).await.status, 303);
        let begun = browser.change(self, "register", &[APP, ("password", PASSWORD)]).await.json();
        let secret = begun["secret"].as_str().unwrap().to_owned();
        let done = browser.change(self, "confirm", &[APP, ("mfa_code", &self.code(&secret))]).await;
        assert_eq!(done.status, 200, "{}", done.text);
        self.clock.advance(Duration::from_secs(60));
        let codes = begun["recovery_codes"].as_array().unwrap().iter();
        (secret, codes.map(|code| code.as_str().unwrap().to_owned()).collect())
    }

    async fn mails(&self) -> Vec<crate::Mail> {
        self.mailer.flush().await;
        self.outbox.mails()
    }

    async fn mailed_code(&self) -> String {
        let mail = self.mails().await.pop().unwrap();
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|digit| digit.is_ascii_digit());
        mail.text.split_whitespace().find(is_code).unwrap().to_owned()
    }
}

#[tokio::test]
async fn mfa_01_an_app_is_set_up_on_a_page_and_counts_after_its_first_code() {
    let site = site(false).await;
    let mut browser = Browser::default();
    let nobody = browser.get(&site, "/mfa/").await;
    assert_eq!(
        (nobody.status, &nobody.headers["location"]),
        (StatusCode::TEMPORARY_REDIRECT, &"/login/?next=%2Fmfa%2F".parse().unwrap())
    );
    assert_eq!(browser.change(&site, "register", &[("password", PASSWORD)]).await.status, 401);
    browser.login(&site).await;
    assert_eq!(browser.get(&site, "/mfa/").await.status, 200);
    for password in ["", "wrong"] {
        let refused = browser
            .post(&site, "/mfa/", &[("format", "html"), ("action", "register"), ("password", password), APP])
            .await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.texts("p.error")[0], "Incorrect password.");
    }
    let page = browser
        .post(&site, "/mfa/", &[("format", "html"), ("action", "register"), ("password", PASSWORD), APP])
        .await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("src=\"data:image/png;base64,"));
    let (secret, codes) = (page.texts("code.key")[0].clone(), page.texts("ul.codes code"));
    assert_eq!((secret.replace(' ', "").len(), codes.len()), (32, 10));

    // Abandoned: login goes without a code.
    assert_eq!(Browser::default().login(&site).await.status, 303);

    let sealed = page.value("input[name=registration]");
    let confirm = [("format", "html"), ("action", "confirm"), ("registration", &*sealed), APP];
    let wrong = browser.post(&site, "/mfa/", &[&confirm[..], &[("mfa_code", "000000")]].concat()).await;
    assert_eq!((wrong.status, &*wrong.texts("p.error")[0]), (StatusCode::UNAUTHORIZED, "MFA failed"));
    assert_eq!(wrong.texts("ul.codes code"), codes, "a wrong code does not lose the recovery codes");
    let before = browser.session().to_owned();
    let done =
        browser.post(&site, "/mfa/", &[&confirm[..], &[("mfa_code", &site.code(&secret))]].concat()).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_ne!(browser.session(), before, "the session has a new id");
    let shown = browser.get(&site, "/mfa/").await;
    assert!(shown.text.contains("You are already enrolled."), "{}", shown.text);
    assert!(!shown.text.contains(&codes[0]) && !shown.text.contains(&secret));

    site.clock.advance(Duration::from_secs(60));
    let mut other = Browser::default();
    let asked = other.login(&site).await;
    assert_eq!((asked.status, other.session()), (StatusCode::OK, ""), "no session yet");
    assert!(!asked.texts("label[for=mfa_code]").is_empty(), "{}", asked.text);
    let wrong = other.post(&site, "/login/", &[("format", "html"), ("mfa_code", "000000"), APP]).await;
    assert_eq!(wrong.status, 401);
    let done =
        other.post(&site, "/login/", &[("format", "html"), ("mfa_code", &site.code(&secret)), APP]).await;
    assert_eq!((done.status, &done.headers["location"]), (StatusCode::SEE_OTHER, &"/in/".parse().unwrap()));
}

#[tokio::test]
async fn mfa_01_the_json_has_what_an_app_needs() {
    let site = site(false).await;
    let mut browser = Browser::default();
    browser.login(&site).await;
    let begun = browser.change(&site, "register", &[("password", PASSWORD), APP]).await.json();
    let picture =
        base64::engine::general_purpose::STANDARD.decode(begun["qrcode_image"].as_str().unwrap()).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    let uri = begun["otpauth_uri"].as_str().unwrap();
    assert!(uri.contains(begun["secret"].as_str().unwrap()), "{uri}");
    assert_eq!(begun["recovery_codes"].as_array().unwrap().len(), 10);
    let wrong = browser.change(&site, "confirm", &[("mfa_code", "000000")]).await;
    assert_eq!((wrong.status, &wrong.json()["detail"]), (StatusCode::UNAUTHORIZED, &json!("MFA failed")));
    for odd in ["", "enrol", "revoke all"] {
        assert_eq!(browser.change(&site, odd, &[]).await.status, 422, "{odd}");
    }
    let cross = Request::post("/mfa/").header("sec-fetch-site", "cross-site");
    let cross = site.app.clone().oneshot(cross.body(Body::from("action=revoke")).unwrap()).await.unwrap();
    assert_eq!(cross.status(), 403);
}

#[tokio::test]
async fn mfa_02_too_many_tries_are_429_for_browsers_and_clients() {
    let site = site(false).await;
    let (secret, _) = site.enrolled(&mut Browser::default()).await;
    let mut browser = Browser::default();
    assert_eq!(browser.login(&site).await.status, 200);
    for _ in 0..5 {
        let wrong = browser.post(&site, "/login/", &[("format", "html"), ("mfa_code", "000000")]).await;
        assert_eq!(wrong.status, 401);
    }
    let code = site.code(&secret);
    let refused = browser.post(&site, "/login/", &[("format", "html"), ("mfa_code", &code)]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert!(refused.texts("p.error")[0].starts_with("Too many attempts."), "{}", refused.text);
    let all = [("username", "ada"), ("password", PASSWORD), ("mfa_code", &code)];
    assert_eq!(Browser::default().post(&site, "/login/", &all).await.status, 429);
    site.clock.advance(Duration::from_secs(30));
    let done = browser.post(&site, "/login/", &[("format", "html"), ("mfa_code", &site.code(&secret))]).await;
    assert_eq!(done.status, 303);
}

#[tokio::test]
async fn mfa_03_recovery_codes_let_in_once_and_are_replaced_as_a_set() {
    let site = site(false).await;
    let mut browser = Browser::default();
    let (_, old) = site.enrolled(&mut browser).await;
    let with = async |code: &str| {
        let mut browser = Browser::default();
        browser.login(&site).await;
        browser.post(&site, "/login/", &[("format", "html"), ("mfa_code", code)]).await.status
    };
    assert_eq!(with(&old[0]).await, 303);
    assert_eq!(with(&old[0]).await, 401);
    assert_eq!(browser.change(&site, "recovery_codes", &[APP]).await.status, 401, "that needs the password");
    let new = browser.change(&site, "recovery_codes", &[APP, ("password", PASSWORD)]).await.json();
    let new = new["recovery_codes"].as_array().unwrap();
    assert_eq!(new.len(), 10);
    assert_eq!(with(&old[1]).await, 401);
    assert_eq!(with(new[0].as_str().unwrap()).await, 303);
}

#[tokio::test]
async fn mfa_04_a_mailed_code_is_good_for_its_own_login_alone() {
    let site = site(true).await;
    let mut browser = Browser::default();
    browser.login(&site).await;
    let begun = browser.change(&site, "register", &[MAIL, ("password", PASSWORD)]).await.json();
    assert_eq!(begun["sent_to"], "ada@example.com");
    let done = browser.change(&site, "confirm", &[MAIL, ("mfa_code", &site.mailed_code().await)]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    site.clock.advance(Duration::from_secs(3600));

    let (mut ours, mut theirs) = (Browser::default(), Browser::default());
    let asked = ours.login(&site).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text.contains("we sent you a code"), "{}", asked.text);
    let code = site.mailed_code().await;
    theirs.login(&site).await;
    let other = site.mailed_code().await;
    let post = async |browser: &mut Browser, code: &str| {
        browser.post(&site, "/login/", &[("format", "html"), ("mfa_code", code)]).await.status
    };
    if code != other {
        assert_eq!(post(&mut theirs, &code).await, 401);
    }
    assert_eq!(post(&mut ours, &code).await, 303);
}

#[tokio::test]
async fn mfa_04_who_has_an_app_too_asks_for_the_mail() {
    let site = site(true).await;
    let mut browser = Browser::default();
    site.enrolled(&mut browser).await;
    browser.change(&site, "register", &[MAIL, ("password", PASSWORD)]).await;
    browser.change(&site, "confirm", &[MAIL, ("mfa_code", &site.mailed_code().await)]).await;
    site.clock.advance(Duration::from_secs(3600));

    let mut other = Browser::default();
    let sent = site.mails().await.len();
    let asked = other.login(&site).await;
    assert_eq!((asked.status, asked.texts("label.choice").len()), (StatusCode::OK, 2));
    assert_eq!(site.mails().await.len(), sent, "the app may be at hand");
    let page = other.post(&site, "/login/", &[("format", "html"), MAIL]).await;
    assert!(page.status == 200 && page.text.contains("we sent you a code"), "{}", page.text);
    assert_eq!(page.value("input[type=radio][checked]"), "Email");
    let code = site.mailed_code().await;
    let done = other.post(&site, "/login/", &[("format", "html"), MAIL, ("mfa_code", &code)]).await;
    assert_eq!(done.status, 303, "{}", done.text);
}

#[tokio::test]
async fn mfa_07_a_factor_goes_by_fresh_proof_and_its_user_is_told() {
    let site = site(false).await;
    let mut browser = Browser::default();
    site.enrolled(&mut browser).await;
    let mail = site.mails().await.pop().unwrap();
    assert!(mail.to == "ada@example.com" && mail.text.contains("turned on"), "{}", mail.text);
    for password in ["", "wrong"] {
        let refused = browser.change(&site, "revoke", &[("password", password)]).await;
        assert_eq!(
            (refused.status, &refused.json()["detail"]),
            (StatusCode::UNAUTHORIZED, &json!("Incorrect password."))
        );
    }
    let again = browser.change(&site, "register", &[APP, ("password", PASSWORD)]).await;
    assert_eq!(
        (again.status, &again.json()["detail"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("You are already enrolled."))
    );
    let done = browser.change(&site, "revoke", &[("password", PASSWORD)]).await;
    assert_eq!((done.status, &done.json()["message"]), (StatusCode::OK, &json!("MFA Disabled")));
    let mail = site.mails().await.pop().unwrap();
    assert!(
        mail.text.contains("turned off") && mail.text.contains("https://shop.example.com/password-reset/"),
        "{}",
        mail.text
    );
    assert_eq!(Browser::default().login(&site).await.status, 303);
}

#[tokio::test]
async fn mfa_07_an_administrator_can_take_factors_away_and_the_user_is_told() {
    let site = site(false).await;
    let mut browser = Browser::default();
    site.enrolled(&mut browser).await;
    site.auth.remove_second_factors(&site.ada).await.unwrap();
    assert_eq!(browser.get(&site, "/mfa/").await.status, 307, "the sessions have ended");
    assert!(site.mails().await.pop().unwrap().text.contains("turned off"));
    assert_eq!(Browser::default().login(&site).await.status, 303);
}

#[tokio::test]
async fn mfa_07_who_is_deleted_leaves_nothing_behind() {
    let site = site(true).await;
    let mut browser = Browser::default();
    site.enrolled(&mut browser).await;
    assert!(site.auth.delete_user(&site.ada).await.unwrap());
    let db = site.auth.users().db();
    for table in
        ["frontdesk_authenticators", "frontdesk_recovery_codes", "frontdesk_mail_codes", "frontdesk_sessions"]
    {
        let rows = db.query(format!("SELECT * FROM {table}"), []).await.unwrap();
        assert!(rows.is_empty(), "{table}");
    }
    assert_eq!(browser.get(&site, "/mfa/").await.status, 307);
}

#[cfg(feature = "passkeys")]
mod with_passkeys {
    use super::*;
    use crate::passkey::SoftKey;

    fn challenge(json: &Value) -> crate::Challenge {
        let mut options = json.clone();
        let state = options.as_object_mut().unwrap().remove("state").unwrap();
        crate::passkey::challenge_of(options, state.as_str().unwrap())
    }

    async fn add(site: &Site, browser: &mut Browser, seed: u8) -> SoftKey {
        let mut key = SoftKey::new("shop.example.com", seed);
        let begun = browser.change(site, "passkey_begin", &[("password", PASSWORD)]).await;
        assert_eq!(begun.status, 200, "{}", begun.text);
        let answer = key.register(&challenge(&begun.json()));
        let added = browser.change(site, "passkey_add", &[("passkey", &answer), ("name", "Phone")]).await;
        assert_eq!(added.status, 200, "{}", added.text);
        key
    }

    #[tokio::test]
    async fn mfa_08_a_passkey_signs_in_alone() {
        let site = site(false).await;
        let mut browser = Browser::default();
        browser.login(&site).await;
        let key = add(&site, &mut browser, 1).await;
        assert!(site.mails().await.pop().unwrap().text.contains("a passkey was added"));
        let page = Browser::default().get(&site, "/login/").await;
        assert!(page.text.contains("autocomplete=\"username webauthn\""), "{}", page.text);

        let mut other = Browser::default();
        let begun = other.get(&site, "/login/passkey/").await;
        let answer = key.sign(&challenge(&begun.json()));
        let done = other.post(&site, "/login/", &[("format", "html"), ("passkey", &answer)]).await;
        assert_eq!(
            (done.status, &done.headers["location"]),
            (StatusCode::SEE_OTHER, &"/in/".parse().unwrap())
        );
        assert_eq!(other.get(&site, "/mfa/").await.status, 200);
        let replayed =
            Browser::default().post(&site, "/login/", &[("format", "html"), ("passkey", &answer)]).await;
        assert_eq!(replayed.status, 401);
        for garbage in ["{}", "x", "[]"] {
            let refused = Browser::default().post(&site, "/login/", &[("passkey", garbage)]).await;
            assert_eq!(
                (refused.status, &refused.json()["detail"]),
                (StatusCode::UNAUTHORIZED, &json!("Login failed"))
            );
        }
        site.auth.set_active(&site.ada.id, false).await.unwrap();
        let begun = other.get(&site, "/login/passkey/").await;
        let answer = key.sign(&challenge(&begun.json()));
        assert_eq!(other.post(&site, "/login/", &[("passkey", &answer)]).await.status, 401, "not active");
    }

    #[tokio::test]
    async fn mfa_08_a_passkey_is_a_second_factor_after_the_password() {
        let site = site(false).await;
        let mut browser = Browser::default();
        browser.login(&site).await;
        let key = add(&site, &mut browser, 1).await;
        let mut other = Browser::default();
        let asked = other.login(&site).await;
        assert_eq!((asked.status, other.session()), (StatusCode::OK, ""));
        assert!(
            asked.texts("input[name=mfa_code][required]").is_empty(),
            "there is no code to type: {}",
            asked.text
        );
        let begun = other.get(&site, "/login/passkey/").await;
        let answer = key.sign(&challenge(&begun.json()));
        let fields = [("format", "html"), ("mfa_provider_name", "Passkey"), ("mfa_code", &answer)];
        assert_eq!(other.post(&site, "/login/", &fields).await.status, 303);
    }

    #[tokio::test]
    async fn mfa_07_mfa_08_passkeys_are_named_removed_and_stand_for_a_password_two_at_a_time() {
        let site = site(false).await;
        let mut browser = Browser::default();
        browser.login(&site).await;
        let first = add(&site, &mut browser, 1).await;
        let give_up = [("password", PASSWORD)];
        let alone = browser.change(&site, "password_give_up", &give_up).await;
        assert_eq!(alone.status, 422, "one way in is not enough");
        add(&site, &mut browser, 2).await;
        site.clock.advance(Duration::from_secs(600));
        let old = browser.change(&site, "passkey_begin", &[]).await;
        assert_eq!(old.status, 401, "an old login needs the password");
        let list = browser
            .send(&site, Request::get("/mfa/").header("accept", "application/json"), String::new())
            .await;
        let id = list.json()["passkeys"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(
            browser.change(&site, "passkey_rename", &[("id", &id), ("name", "Key <ring>")]).await.status,
            200
        );
        assert!(browser.get(&site, "/mfa/").await.text.contains("Key &lt;ring&gt;"));
        assert_eq!(browser.change(&site, "passkey_remove", &[("id", &id)]).await.status, 401);

        assert_eq!(browser.change(&site, "password_give_up", &[("password", "wrong")]).await.status, 401);
        assert_eq!(browser.change(&site, "password_give_up", &give_up).await.status, 200);
        assert_eq!(browser.get(&site, "/mfa/").await.status, 307, "all sessions have ended");
        assert_eq!(Browser::default().login(&site).await.status, 401, "the password is gone");

        let begun = browser.get(&site, "/login/passkey/").await;
        let answer = first.sign(&challenge(&begun.json()));
        assert_eq!(
            browser.post(&site, "/login/", &[("format", "html"), ("passkey", &answer)]).await.status,
            303
        );
        let kept = browser.change(&site, "passkey_remove", &[("id", &id)]).await;
        assert_eq!(kept.status, 422, "two ways in stay");
    }
}
