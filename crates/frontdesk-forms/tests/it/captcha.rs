//! Captchas: validators of the application's own, providers that answer in all ways that one can, forms with either.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use frontdesk_data::{Db, Field};
use frontdesk_forms::{
    BotProtection, Captcha, CaptchaAnswer, CaptchaContext, CaptchaDown, CaptchaRefusal, Desk, Difficulty,
    Form, Ledger, RemoteCaptcha, WhenDown, WithoutScript, hcaptcha, recaptcha_v2, turnstile,
};
use frontdesk_html::Markup;
use frontdesk_validate::{IsNotEmpty, ValidationError};
use frontdesk_web::{Languages, Secret};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::visitor::{Visitor, encode};

/// How the provider feels.
#[derive(Clone, Debug)]
enum Mood {
    /// It knows tokens that begin with `good`.
    Well,
    /// It answers that, with 200.
    Says(Value),
    Status(u16),
    /// The answer comes too late.
    Slow,
    /// The head comes at once, and the rest never.
    Stalls,
    Text(&'static str),
    /// An answer that never ends.
    Huge,
    Redirect,
}

/// What it was asked: names and values.
type Question = Vec<(String, String)>;

/// A provider on this machine.
#[derive(Clone)]
struct Provider {
    at: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            at: listener.local_addr().unwrap(),
            mood: Arc::new(Mutex::new(Mood::Well)),
            asked: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn feels(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn says(&self, answer: Value) {
        self.feels(Mood::Says(answer));
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn address(&self) -> String {
        format!("http://{}/siteverify", self.at)
    }

    fn turnstile(&self) -> RemoteCaptcha {
        turnstile("site", "secret").verify_at(self.address())
    }
}

async fn answer(State(provider): State<Provider>, body: Bytes) -> Response {
    let form: Question = form_urlencoded::parse(&body).into_owned().collect();
    let token = form.iter().find(|(name, _)| name == "response").map(|(_, token)| token.clone()).unwrap();
    provider.asked.lock().unwrap().push(form);
    let mood = provider.mood.lock().unwrap().clone();
    match mood {
        // It forgets what it said: that a token is good once is our own doing.
        Mood::Well if token.starts_with("good") => {
            axum::Json(json!({ "success": true, "hostname": "shop.example", "action": "login" }))
                .into_response()
        }
        Mood::Well => {
            axum::Json(json!({ "success": false, "error-codes": ["invalid-input-response"] })).into_response()
        }
        Mood::Says(value) => axum::Json(value).into_response(),
        Mood::Status(status) => {
            (StatusCode::from_u16(status).unwrap(), r#"{"success": true, "hostname": "shop.example"}"#)
                .into_response()
        }
        Mood::Slow => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            "too late".into_response()
        }
        Mood::Stalls => Body::from_stream(futures_util::StreamExt::chain(
            futures_util::stream::iter([Ok::<_, std::io::Error>("{\"success\": true,")]),
            futures_util::stream::pending(),
        ))
        .into_response(),
        Mood::Text(text) => text.into_response(),
        Mood::Huge => {
            let piece = " ".repeat(16 * 1024);
            Body::from_stream(futures_util::stream::repeat_with(move || {
                Ok::<_, std::io::Error>(piece.clone())
            }))
            .into_response()
        }
        Mood::Redirect => (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response(),
    }
}

fn desk() -> Desk {
    Desk::new(Secret::random())
}

fn login() -> CaptchaContext {
    CaptchaContext::new("login").host("shop.example")
}

async fn ask(
    captcha: impl Into<Captcha>,
    desk: &Desk,
    context: &CaptchaContext,
    token: Option<&str>,
) -> Result<(), CaptchaRefusal> {
    let captcha = captcha.into();
    let answer =
        captcha.read(|name| (name == captcha.token_field()).then(|| token.map(str::to_owned)).flatten());
    captcha.check(desk, context, answer).await
}

async fn code(
    captcha: impl Into<Captcha>,
    desk: &Desk,
    context: &CaptchaContext,
    token: Option<&str>,
) -> String {
    match ask(captcha, desk, context, token).await {
        Ok(()) => "ok".to_owned(),
        Err(refusal) => refusal.error().code().to_owned(),
    }
}

#[tokio::test]
async fn capt_01_a_token_is_good_once_on_its_host_for_its_action() {
    let (provider, db) = (Provider::start().await, Db::open("sqlite::memory:").await.unwrap());
    let memory = desk();
    let database = desk().remember_submissions(Ledger::database(&db));
    for desk in [memory, database] {
        let captcha = Captcha::from(provider.turnstile());
        assert_eq!(code(captcha.clone(), &desk, &login(), Some("good-1")).await, "ok");
        assert_eq!(
            code(captcha.clone(), &desk, &login(), Some("good-1")).await,
            "captcha.failed",
            "it was used"
        );
        assert_eq!(code(captcha.clone(), &desk, &login(), Some("bad")).await, "captcha.failed");
        assert_eq!(code(captcha.clone(), &desk, &login(), Some("")).await, "captcha.missing");
        assert_eq!(code(captcha.clone(), &desk, &login(), None).await, "captcha.missing");
        let register = CaptchaContext::new("register").host("shop.example");
        assert_eq!(code(captcha.clone(), &desk, &register, Some("good-2")).await, "captcha.failed");
        let elsewhere = CaptchaContext::new("login").host("other.example");
        assert_eq!(code(captcha.clone(), &desk, &elsewhere, Some("good-2")).await, "captcha.failed");
        let nowhere = CaptchaContext::new("login");
        assert_eq!(code(captcha.clone(), &desk, &nowhere, Some("good-2")).await, "captcha.failed");
        let port = CaptchaContext::new("login").host("SHOP.example:8443");
        assert_eq!(
            code(captcha, &desk, &port, Some("good-2")).await,
            "ok",
            "what was refused is not used up"
        );
        let named = provider.turnstile().hosts(["a.example", "shop.example"]);
        assert_eq!(
            code(named.clone(), &desk, &elsewhere, Some("good-3")).await,
            "ok",
            "settings say which hosts"
        );
        assert_eq!(code(named.hosts(["a.example"]), &desk, &login(), Some("good-4")).await, "captcha.failed");
        assert_eq!(code(provider.turnstile().any_host(), &desk, &nowhere, Some("good-4")).await, "ok");
    }
}

#[tokio::test]
async fn capt_01_what_each_provider_is_asked() {
    let (provider, desk) = (Provider::start().await, desk());
    for (captcha, field, script, site_key) in [
        (hcaptcha("site", "secret"), "h-captcha-response", "https://js.hcaptcha.com/1/api.js", true),
        (
            recaptcha_v2("site", "secret"),
            "g-recaptcha-response",
            "https://www.google.com/recaptcha/api.js",
            false,
        ),
        (
            turnstile("site", "secret"),
            "cf-turnstile-response",
            "https://challenges.cloudflare.com/turnstile/v0/api.js",
            false,
        ),
    ] {
        let captcha = Captcha::from(captcha.verify_at(provider.address()));
        assert_eq!(captcha.token_field(), field);
        ask(captcha.clone(), &desk, &login(), Some("good.token-1_A")).await.unwrap();
        let asked = provider.asked.lock().unwrap().pop().unwrap();
        let mut expected = vec![("secret", "secret"), ("response", "good.token-1_A")];
        expected.extend(site_key.then_some(("sitekey", "site")));
        let asked: Vec<_> = asked.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(asked, expected);

        let html = captcha.html(&desk, &login()).into_string();
        assert!(html.contains(&format!(r#"<script src="{script}" async defer></script>"#)), "{html}");
        assert!(html.contains(r#" data-sitekey="site""#) && !html.contains("secret"), "{html}");
        assert!(!format!("{captcha:?} {:?}", login()).contains("secret"));
        // The page's policy lets the script in.
        let origin = script.split('/').take(3).collect::<Vec<_>>().join("/");
        let covers = |source: &str| {
            let stars = source.replace("*.", "js.");
            script.starts_with(source) || origin == source || origin == stars
        };
        assert!(
            captcha.csp().any(|(directive, source)| directive == "script-src" && covers(source)),
            "{script}"
        );
        assert!(captcha.csp().any(|(directive, _)| directive == "frame-src"));
    }
    let quoted = Captcha::from(turnstile(r#"a"><b>"#, "secret"));
    assert!(!quoted.html(&desk, &CaptchaContext::new("x\"y ä")).as_str().contains("<b>"));
    assert!(quoted.html(&desk, &CaptchaContext::new("x\"y ä")).as_str().contains(r#"data-action="x_y__""#));
}

#[tokio::test]
async fn capt_01_when_a_provider_fails_the_form_is_closed_and_login_open() {
    let (provider, desk) = (Provider::start().await, desk());
    let captcha = provider.turnstile().time_limit(Duration::from_millis(400));
    let open = login().when_down(WhenDown::Accept);
    let moods = [
        Mood::Slow,
        Mood::Stalls,
        Mood::Status(500),
        Mood::Status(503),
        Mood::Status(404),
        Mood::Status(201),
        Mood::Text(""),
        Mood::Text("<html>sorry</html>"),
        Mood::Text("true"),
        Mood::Text(r#"{"success": "true", "hostname": "shop.example", "action": "login"}"#),
        Mood::Text(r#"{"success": 1}"#),
        Mood::Text(r#"{"hostname": "shop.example"}"#),
        Mood::Text("{\"success\": true"),
        Mood::Huge,
        Mood::Redirect,
        Mood::Says(json!({ "success": false, "error-codes": ["invalid-input-secret"] })),
        Mood::Says(json!({ "success": false, "error-codes": ["internal-error"] })),
    ];
    for mood in moods {
        provider.feels(mood.clone());
        let start = Instant::now();
        let refusal = ask(captcha.clone(), &desk, &login(), Some("good-1")).await.unwrap_err();
        assert!(refusal.is_down(), "{mood:?}");
        assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(code(captcha.clone(), &desk, &open, Some("good-1")).await, "ok", "{mood:?}");
        assert_eq!(code(captcha.clone(), &desk, &open, None).await, "ok", "{mood:?}: there is no widget");
        assert_eq!(code(captcha.clone(), &desk, &login(), None).await, "captcha.missing");
        assert!(start.elapsed() < Duration::from_secs(4), "{mood:?}: {:?}", start.elapsed());
        // What a site says goes before what its endpoints say.
        let closed = captcha.clone().when_down(WhenDown::Refuse);
        assert_eq!(code(closed, &desk, &open, Some("good-1")).await, "captcha.down");
        let opened = Captcha::from(captcha.clone()).when_down(WhenDown::Accept);
        assert_eq!(code(opened, &desk, &login(), Some("good-1")).await, "ok");
    }
    // Nobody listens there.
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    for address in [&*nobody, "http://provider.example/", "no address", "ftp://127.0.0.1/"] {
        let captcha = turnstile("site", "secret").verify_at(address);
        assert_eq!(code(captcha.clone(), &desk, &login(), Some("good-1")).await, "captcha.down", "{address}");
        assert_eq!(code(captcha, &desk, &open, Some("good-1")).await, "ok", "{address}");
    }
    // It is well again, and was never asked to say yes.
    provider.feels(Mood::Well);
    assert_eq!(
        code(captcha, &desk, &login(), Some("good-1")).await,
        "ok",
        "tokens are not used up meanwhile"
    );
}

#[tokio::test]
async fn capt_01_what_a_visitor_sends_does_not_make_a_provider_look_down() {
    let (provider, desk) = (Provider::start().await, desk());
    let open = login().when_down(WhenDown::Accept);
    let captcha = provider.turnstile();
    provider.feels(Mood::Status(403));
    for token in [
        "<script>",
        "' OR 1=1",
        "../../etc/passwd",
        "good\0",
        "gööd",
        &"a".repeat(20_000),
        "good 1",
        "good%20",
    ] {
        assert_eq!(code(captcha.clone(), &desk, &open, Some(token)).await, "captcha.failed", "{token}");
    }
    assert_eq!(provider.asked(), 0, "such tokens go nowhere");
    for reason in ["bad-request", "sitekey-secret-mismatch", "timeout-or-duplicate", "whatever"] {
        provider.says(json!({ "success": false, "error-codes": [reason] }));
        assert_eq!(code(captcha.clone(), &desk, &open, Some("good")).await, "captcha.failed", "{reason}");
        assert_eq!(code(captcha.clone(), &desk, &open, None).await, "captcha.missing", "{reason}");
    }
    for (host, action) in [
        (json!(null), json!("login")),
        (json!(""), json!("login")),
        (json!("shop.example.evil.example"), json!("login")),
        (json!("shop.example"), json!(null)),
        (json!("shop.example"), json!("")),
        (json!("shop.example"), json!("LOGIN")),
    ] {
        provider.says(json!({ "success": true, "hostname": host, "action": action }));
        assert_eq!(
            code(captcha.clone(), &desk, &open, Some("good")).await,
            "captcha.failed",
            "{host} {action}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn capt_01_of_parallel_submissions_with_one_token_one_is_let_in() {
    let provider = Provider::start().await;
    let db = Db::open("sqlite::memory:").await.unwrap();
    // Two of them share a database, as replicas do.
    let replicas: Vec<_> =
        (0..2).map(|_| Desk::new(Secret::random()).remember_submissions(Ledger::database(&db))).collect();
    for round in 0..5 {
        let token = format!("good-{round}");
        let tasks: Vec<_> = (0..20)
            .map(|at| {
                let (captcha, desk, token) = (provider.turnstile(), replicas[at % 2].clone(), token.clone());
                tokio::spawn(async move { ask(captcha, &desk, &login(), Some(&token)).await.is_ok() })
            })
            .collect();
        let mut passed = 0;
        for task in tasks {
            passed += usize::from(task.await.unwrap());
        }
        assert_eq!(passed, 1);
    }
}

#[tokio::test]
async fn capt_01_a_flood_waits_for_nobody_and_opens_nothing() {
    let (provider, desk) = (Provider::start().await, desk());
    provider.feels(Mood::Slow);
    let captcha = provider.turnstile().time_limit(Duration::from_secs(2));
    let open = login().when_down(WhenDown::Accept);
    let asked: Vec<_> = (0..200)
        .map(|at| {
            let (captcha, desk, open) = (captcha.clone(), desk.clone(), open.clone());
            tokio::spawn(async move { code(captcha, &desk, &open, Some(&format!("good-{at}"))).await })
        })
        .collect();
    let mut closed = 0;
    for task in asked {
        closed += usize::from(task.await.unwrap() == "captcha.down");
    }
    assert!(closed >= 200 - 64, "{closed} were turned away at once");
    assert!(provider.asked() <= 64);
}

struct Riddle {
    answer: &'static str,
}

impl Riddle {
    fn judge(&self, token: Option<&str>, _: &CaptchaContext) -> Option<&'static str> {
        (token != Some(self.answer)).then_some("No.")
    }
}

fn by_name(token: Option<&str>, context: &CaptchaContext) -> Option<String> {
    (token != Some("yes")).then(|| format!("Not for {}.", context.action))
}

async fn later(token: Option<String>, _: CaptchaContext) -> Result<Option<String>, CaptchaDown> {
    tokio::task::yield_now().await;
    match token.as_deref() {
        Some("down") => Err(CaptchaDown("the riddles are out".to_owned())),
        token => Ok((token != Some("yes")).then(|| "Not later either.".to_owned())),
    }
}

#[tokio::test]
async fn capt_01_whatever_can_be_called_is_called() {
    let desk = desk();
    let html = || Markup::trusted("<riddle></riddle>");
    let (calls, riddle) = (Arc::new(AtomicUsize::new(0)), Arc::new(Riddle { answer: "yes" }));
    let counting = {
        let calls = Arc::clone(&calls);
        move |token: Option<&str>, _: &CaptchaContext| {
            calls.fetch_add(1, Ordering::Relaxed);
            (token != Some("yes")).then_some("Counted, and no.")
        }
    };
    let pointer: fn(Option<&str>, &CaptchaContext) -> Option<String> = by_name;
    type Boxed = Box<dyn Fn(Option<&str>, &CaptchaContext) -> Option<String> + Send + Sync>;
    let boxed: Boxed = Box::new(by_name);
    // A function with one argument put in already.
    let partly = |wanted: &'static str| {
        move |token: Option<&str>, _: &CaptchaContext| (token != Some(wanted)).then_some("Not that.")
    };
    let captchas = [
        Captcha::new(html(), "riddle", by_name),
        Captcha::new(html(), "riddle", pointer),
        Captcha::new(html(), "riddle", boxed),
        Captcha::new(html(), "riddle", counting),
        Captcha::new(html(), "riddle", partly("yes")),
        Captcha::new(html(), "riddle", move |token, context| riddle.judge(token, context)),
        Captcha::new(html(), "riddle", |token, _| match token {
            Some("yes") => Ok(()),
            _ => Err(ValidationError::new("captcha.failed", "CAPTCHA failed.")),
        }),
        Captcha::new_async(html(), "riddle", later),
        Captcha::new_async(html(), "riddle", async |token, _| {
            (token.as_deref() != Some("yes")).then_some("No.")
        }),
    ];
    for captcha in captchas {
        assert_eq!(
            ask(captcha.clone(), &desk, &login(), Some("yes")).await.map_err(|e| e.to_string()),
            Ok(())
        );
        for token in [None, Some("no"), Some("")] {
            let refusal = ask(captcha.clone(), &desk, &login(), token).await.unwrap_err();
            assert_eq!(refusal.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert!(!refusal.text().is_empty());
        }
        assert_eq!(captcha.html(&desk, &login()).as_str(), "<riddle></riddle>");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn capt_01_a_validator_that_fails_lets_nobody_in() {
    let desk = desk();
    let html = || Markup::trusted("<riddle></riddle>");
    let open = login().when_down(WhenDown::Accept);
    type Broken = Result<Option<String>, std::io::Error>;
    let failing = [
        Captcha::new(html(), "riddle", |_, _| -> Option<String> { panic!("at once") }),
        Captcha::new_async(html(), "riddle", |_, _| -> std::future::Ready<Option<String>> {
            panic!("at once")
        }),
        Captcha::new_async(html(), "riddle", async |_, _| -> Option<String> { panic!("later") }),
        Captcha::new(html(), "riddle", |_, _| -> Broken { Err(std::io::Error::other("no disk")) }),
        Captcha::new_async(html(), "riddle", async |_, _| -> Broken {
            Err(std::io::Error::other("no disk"))
        }),
        Captcha::new_async(html(), "riddle", async |_, _| {
            tokio::time::sleep(Duration::from_secs(6)).await;
            None::<String>
        }),
        Captcha::new(html(), "riddle", |_, _| -> Result<(), _> { Err(ValidationError::unavailable()) }),
    ];
    for (at, captcha) in failing.into_iter().enumerate() {
        for context in [login(), open.clone()] {
            let refusal = ask(captcha.clone(), &desk, &context, Some("yes")).await.unwrap_err();
            assert!(refusal.is_down(), "{at}");
            assert!(!refusal.text().contains("disk"), "{at}: what went wrong is for the log");
        }
    }
    // Only who says that somebody else is down leaves it to the endpoint.
    let captcha = Captcha::new_async(html(), "riddle", later);
    assert_eq!(code(captcha.clone(), &desk, &login(), Some("down")).await, "captcha.down");
    assert_eq!(code(captcha, &desk, &open, Some("down")).await, "ok");
}

#[tokio::test]
async fn capt_01_a_form_with_a_captcha() {
    let provider = Provider::start().await;
    let captcha = provider.turnstile().hosts(["shop.example"]);
    let spec =
        Form::for_fields("login", [Field::text("message").requires(IsNotEmpty::new())]).captcha(captcha);
    let mut visitor = Visitor::new();
    let page = visitor.get(&spec).await;
    let widget = page.html.find("cf-turnstile").unwrap();
    assert!(
        widget < page.html.find(r#"type="submit""#).unwrap()
            && widget > page.html.find("login_message").unwrap()
    );

    let page = visitor.submit(&spec, &[("message", "Hello <b>")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains(r#"role="alert""#) && page.html.contains("Unable to find CAPTCHA token."));
    assert!(page.html.contains("Hello &lt;b&gt;"), "what was typed is there");
    let page = visitor.submit(&spec, &[("message", "Hi"), ("cf-turnstile-response", "bad")]).await;
    assert!(page.html.contains("CAPTCHA failed."));
    // It is judged before the rules of the fields.
    let page = visitor.submit(&spec, &[("message", ""), ("cf-turnstile-response", "bad")]).await;
    assert!(!page.html.contains("Enter a value"));
    let page = visitor.submit(&spec, &[("message", ""), ("cf-turnstile-response", "good-0")]).await;
    assert!(page.html.contains("Enter a value") && !page.html.contains("CAPTCHA"));

    let good = [("message", "Hi"), ("cf-turnstile-response", ""), ("cf-turnstile-response", "good-1")];
    let page = visitor.submit(&spec, &good).await;
    assert!(page.form.unwrap().accepted());
    let page = visitor.submit(&spec, &good).await;
    assert!(!page.form.unwrap().accepted(), "the token was used");

    provider.feels(Mood::Status(500));
    let page = visitor.submit(&spec, &[("message", "Hi"), ("cf-turnstile-response", "good-2")]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.html.contains("could not be checked just now") && page.html.contains("Hi"));
}

#[tokio::test]
async fn capt_01_a_repeat_gets_the_first_answer_though_its_token_is_used() {
    let provider = Provider::start().await;
    let spec = Form::for_fields("login", [Field::text("message")]).captcha(provider.turnstile().any_host());
    let mut visitor = Visitor::new();
    let mut pairs = visitor.get(&spec).await.hidden();
    pairs.push(("message".to_owned(), "Hi".to_owned()));
    pairs.push(("cf-turnstile-response".to_owned(), "good-1".to_owned()));
    for accepted in [true, false] {
        let body = encode(&pairs);
        let request = visitor.request(Method::POST, "/", "application/x-www-form-urlencoded", body);
        let page = visitor.send(&spec, request).await.unwrap();
        assert_eq!(page.form().accepted(), accepted);
        assert_eq!(page.html.contains("This form was sent already"), !accepted);
    }
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn capt_01_a_form_knows_its_host_by_the_request() {
    let provider = Provider::start().await;
    let spec = Form::for_fields("login", [Field::text("message")]).captcha(provider.turnstile());
    let mut visitor = Visitor::new();
    visitor.headers.insert("host", HeaderValue::from_static("shop.example:8000"));
    let page = visitor.submit(&spec, &[("cf-turnstile-response", "good-1")]).await;
    assert!(page.form.unwrap().accepted());
    visitor.headers.insert("host", HeaderValue::from_static("other.example"));
    let page = visitor.submit(&spec, &[("cf-turnstile-response", "good-2")]).await;
    assert!(page.html.contains("CAPTCHA failed."));
}

#[tokio::test]
async fn capt_01_as_json_and_in_pieces() {
    let captcha = Captcha::new(Markup::trusted(r#"<input name="sum">"#), "sum", |token, _| {
        (token != Some("4")).then_some("That is not what they make.")
    });
    let spec = Form::for_fields("guest", [Field::text("message")]).captcha(captcha);
    let mut visitor = Visitor::new();
    let page = visitor.get(&spec).await;
    assert_eq!(page.form.as_ref().unwrap().custom().captcha.as_str(), r#"<input name="sum">"#);
    let key = page.hidden().into_iter().find(|(name, _)| name == "_formkey").unwrap().1;
    for (sum, accepted) in [("5", false), ("4", true)] {
        let body = json!({ "_formname": "guest", "_formkey": key, "message": "Hi", "sum": sum }).to_string();
        let request = visitor.request(Method::POST, "/", "application/json", body);
        let page = visitor.send(&spec, request).await.unwrap();
        assert_eq!(page.form.unwrap().accepted(), accepted, "{}", page.html);
    }
    let readonly = visitor.get(&spec.clone().readonly(true)).await;
    assert!(!readonly.html.contains("sum"));
    // Languages say the sentences that are ours, and leave those of the application.
    let german = Languages::new().get("de").unwrap();
    let provider = Provider::start().await;
    let ours = ask(provider.turnstile(), &desk(), &login(), None).await.unwrap_err();
    assert_eq!(german.error(ours.error()), "Bitte lösen Sie das CAPTCHA.");
}

#[tokio::test]
async fn capt_01_the_protection_of_forms_is_a_captcha_too() {
    let desk = desk();
    let protection = BotProtection::new().time_trap(Duration::ZERO);
    let captcha = Captcha::from(protection.clone());
    let answer_of = |html: &str, add: &[(&str, &str)]| {
        let inputs = super::visitor::inputs(html);
        let find = |name: &str| {
            let added = add.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            added.or(inputs.get(name).cloned())
        };
        captcha.read(find)
    };
    let html = captcha.html(&desk, &login()).into_string();
    assert!(captcha.check(&desk, &login(), answer_of(&html, &[])).await.is_ok());
    let again = captcha.check(&desk, &login(), answer_of(&html, &[])).await.unwrap_err();
    assert_eq!(again.error().code(), "captcha.failed", "a page is good for one submission");
    let none = captcha.check(&desk, &login(), CaptchaAnswer::default()).await.unwrap_err();
    assert_eq!(none.error().code(), "captcha.missing");

    let html = captcha.html(&desk, &login()).into_string();
    let filled = captcha.check(&desk, &login(), answer_of(&html, &[("website", "spam")])).await.unwrap_err();
    assert_eq!(filled.error().code(), "bot.filled");
    let register = CaptchaContext::new("register");
    for drawn in ["", "x", "1.2.3", "99999999999999999999.0.x", &"9".repeat(200)] {
        assert!(captcha.check(&desk, &login(), answer_of(&html, &[("_drawn", drawn)])).await.is_err());
    }
    assert!(captcha.check(&desk, &register, answer_of(&html, &[])).await.is_err(), "it is another form's");
    let other = Desk::new(Secret::random());
    assert!(captcha.check(&other, &login(), answer_of(&html, &[])).await.is_err(), "it is another site's");
    assert!(captcha.check(&desk, &login(), answer_of(&html, &[])).await.is_ok(), "nothing used it up so far");
    // On a form it is what `protect` is.
    let spec = Form::for_fields("guest", [Field::text("message")]).captcha(BotProtection::new());
    assert!(Visitor::new().get(&spec).await.html.contains("fd-honeypot"));
}

#[tokio::test]
async fn capt_01_who_has_to_wait_waits_since_the_form_was_first_opened() {
    let desk = desk();
    let wait = WithoutScript::Wait(Duration::from_millis(1200));
    let protection = BotProtection::new()
        .time_trap(Duration::ZERO)
        .proof_of_work(Difficulty::fixed(1_000))
        .without_script(wait);
    let captcha = Captcha::from(protection);
    let read = |html: &str| {
        let inputs = super::visitor::inputs(html);
        captcha.read(|name| inputs.get(name).cloned().filter(|_| name != "altcha"))
    };
    let html = captcha.html(&desk, &login()).into_string();
    assert!(html.contains("data-fd-altcha"));
    let refusal = captcha.check(&desk, &login(), read(&html)).await.unwrap_err();
    assert_eq!(refusal.status(), StatusCode::TOO_MANY_REQUESTS);
    let left = refusal.retry_after().unwrap();
    assert!(left <= Duration::from_millis(1200));
    let html = captcha.html_after(&desk, &login(), &refusal).into_string();
    tokio::time::sleep(left + Duration::from_millis(1100)).await;
    assert!(captcha.check(&desk, &login(), read(&html)).await.is_ok());
}
