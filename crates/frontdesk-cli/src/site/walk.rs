//! Walks over every route of the site: with all methods, as everybody who may come.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use frontdesk_auth::mfa::LoginAttempt;
use frontdesk_auth::{AuthError, Entry, MfaProvider, NewUser, Sessions, SignIn, Step, User, Users, Visit};
use frontdesk_data::{Field, Table, Values};
use futures_util::future::BoxFuture;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION};
use http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt;

use super::*;

const PASSWORD: &str = "seven quiet lamps burn";

/// The addresses of sign-in, which its own crate serves.
const SIGN_IN: [&str; 9] = [
    "/login/",
    "/logout/",
    "/register/",
    "/change-password/",
    "/password-reset/",
    "/confirm-email/",
    "/account/",
    "/mfa/",
    "/setup/0123456789abcdef/",
];

const METHODS: [Method; 8] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
];

/// A second factor that everybody has.
struct Asked;

impl MfaProvider for Asked {
    fn name(&self) -> &'static str {
        "Asked"
    }

    fn is_user_enrolled<'a>(&'a self, _: &'a User) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async { Ok(true) })
    }

    fn authenticate_user<'a>(
        &'a self,
        _: &'a User,
        _: &'a str,
        _: &'a LoginAttempt,
    ) -> BoxFuture<'a, Result<bool, AuthError>> {
        Box::pin(async { Ok(false) })
    }

    fn delete_registration<'a>(&'a self, _: &'a User) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async { Ok(()) })
    }
}

/// A site with a table and an administrator, to which people sign in.
struct Walk {
    router: Router,
    db: Db,
    state: Db,
    _media: tempfile::TempDir,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Walk {
    async fn new() -> Self {
        Self::with("sqlite::memory:").await
    }

    /// With users and sessions in that database.
    async fn with(state: &str) -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let table = Table::new("treasure").field(Field::string("gold")).field(Field::upload("map"));
        let table = db.define(table.create()).await.unwrap();
        db.insert(&table, Values::new().with("gold", "bullion").with("map", "map.abc.txt")).await.unwrap();
        let media = tempfile::tempdir().unwrap();
        std::fs::write(media.path().join("map.abc.txt"), "bullion").unwrap();
        let state =
            Db::open_with(state, frontdesk_data::DbOptions::new().create_if_missing(true)).await.unwrap();
        let root = NewUser::new("root").password(PASSWORD).active(true).admin(true).superuser(true);
        Users::own(&state).insert(root).await.unwrap();
        let url = "https://desk.example.com".parse().unwrap();
        let sign_in = SignInOptions::new(&state).url(&url).also(|auth| auth.mfa_provider(Asked));
        let options = SiteOptions::new("site").media(media.path()).policy(&Policy::new().otherwise("admin"));
        let router = app(Site::new(&db, options.sign_in(sign_in)));
        Self { router, db, state, _media: media }
    }

    /// The cookie of somebody who is signed in, or half in.
    async fn cookie(&self, half: bool) -> String {
        let (users, sessions) = (Users::own(&self.state), Sessions::database(&self.state));
        let proof = users.check_credentials("root", PASSWORD).await.unwrap().unwrap();
        let factors: Vec<Arc<dyn MfaProvider>> = if half { vec![Arc::new(Asked)] } else { Vec::new() };
        let attempt = LoginAttempt::new("1");
        let step =
            SignIn::new(factors).by_password(Entry::Password, proof, None, None, &attempt).await.unwrap();
        let token = match step {
            Step::SignedIn(signed_in) if !half => {
                sessions.open(&signed_in, &Visit::default(), None).await.unwrap()
            }
            Step::Code { half: found, .. } if half => {
                sessions.open_half(&found, &Visit::default()).await.unwrap()
            }
            _ => panic!("the password is right"),
        };
        let token = token.token.as_str().to_owned();
        // Each cookie in the place of the other, too.
        match half {
            true => format!("__Host-id_mfa={token}; __Host-id={token}; id={token}"),
            false => format!("__Host-id={token}"),
        }
    }

    async fn ask(&self, method: &Method, address: &str, cookie: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(address).header("host", "desk.example.com");
        if let Some(cookie) = cookie {
            request = request.header(COOKIE, cookie);
        }
        if !method.is_safe() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = "gold=x&_formname=treasure&_delete=ON&username=eve&email=e%40e.example&password=seven+quiet+lamps+burn\
                    &confirm_password=seven+quiet+lamps+burn&action=register";
        let body = if method.is_safe() { Body::empty() } else { Body::from(body) };
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// All that is kept: rows, users, and how many sessions there are.
    async fn checksum(&self) -> String {
        let mut all = String::new();
        for (db, sql) in [
            (&self.db, "SELECT * FROM treasure ORDER BY id"),
            (
                &self.state,
                "SELECT username, password, active, admin, superuser, epoch FROM frontdesk_users ORDER BY id",
            ),
            (&self.state, "SELECT count(*) AS number FROM frontdesk_sessions"),
        ] {
            all.push_str(&format!("{:?}\n", db.query(sql, []).await.unwrap()));
        }
        all
    }
}

/// All addresses: those of the site, of the forms' own script, and of sign-in.
fn addresses() -> Vec<String> {
    let own = ROUTES.iter().map(|route| {
        route
            .path
            .replace("{table}", "treasure")
            .replace("{id}", "1")
            .replace("{field}", "map")
            .replace("{key}", "map.abc.txt")
            .replace("{name}", "style.css")
    });
    own.chain(SIGN_IN.iter().map(|&path| path.to_owned())).chain(["/nowhere/".to_owned()]).collect()
}

#[tokio::test]
async fn ops_01_every_answer_has_the_headers_that_make_browsers_careful() {
    let walk = Walk::new().await;
    let signed = walk.cookie(false).await;
    for address in addresses() {
        for method in &METHODS {
            for cookie in [None, Some(signed.as_str())] {
                let answer = walk.ask(method, &address, cookie).await;
                let what = format!("{method} {address} {} {:?}", answer.status, answer.headers);
                let header = |name: &str| {
                    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
                };
                let csp = header("content-security-policy");
                // What visitors have uploaded is shut in altogether.
                let is_shut_in = csp == "default-src 'none'; sandbox";
                for part in ["default-src", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
                {
                    assert!(is_shut_in || csp.contains(part), "{part}: {what}");
                }
                assert!(!csp.contains("unsafe-inline") && !csp.contains('*'), "{what}");
                assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
                assert!(!header("referrer-policy").is_empty(), "{what}");
                assert!(header("strict-transport-security").starts_with("max-age="), "{what}");
                let media_type = header("content-type");
                if media_type.starts_with("text/") {
                    assert!(media_type.to_ascii_lowercase().contains("charset=utf-8"), "{what}");
                }
                assert!(answer.status != StatusCode::INTERNAL_SERVER_ERROR, "{what}");
                assert!(!answer.headers.contains_key("access-control-allow-origin"), "{what}");
                for cookie in answer.headers.get_all("set-cookie") {
                    let cookie = cookie.to_str().unwrap();
                    assert!(cookie.contains("Secure") && cookie.contains("SameSite"), "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn csrf_01_every_route_asks_for_a_token_and_no_get_changes_anything() {
    let walk = Walk::new().await;
    let signed = walk.cookie(false).await;
    let before = walk.checksum().await;
    let mut refused = Vec::new();
    for address in addresses() {
        for method in &METHODS {
            for cookie in [None, Some(signed.as_str())] {
                let answer = walk.ask(method, &address, cookie).await;
                let what = format!("{method} {address}: {}", answer.status);
                if !method.is_safe() {
                    assert!(answer.status.is_client_error(), "{what}");
                    if answer.status == StatusCode::FORBIDDEN && cookie.is_some() {
                        refused.push(format!("{method} {address}"));
                    }
                }
                assert_eq!(walk.checksum().await, before, "{what}");
            }
        }
    }
    // What takes a form, and what does not.
    for address in [
        "/forms/treasure/",
        "/forms/treasure/1/",
        "/login/",
        "/logout/",
        "/change-password/",
        "/account/",
        "/mfa/",
    ] {
        assert!(refused.contains(&format!("POST {address}")), "{address} is not among {refused:?}");
    }
}

#[tokio::test]
async fn mfa_06_who_still_owes_a_second_factor_is_let_in_nowhere() {
    let walk = Walk::new().await;
    let half = walk.cookie(true).await;
    let before = walk.checksum().await;
    for route in &ROUTES {
        let address = route.path.replace("{table}", "treasure").replace("{id}", "1");
        let address =
            address.replace("{field}", "map").replace("{key}", "map.abc.txt").replace("{name}", "style.css");
        for method in &METHODS {
            let answer = walk.ask(method, &address, Some(&half)).await;
            let what = format!("{method} {address}: {} {}", answer.status, answer.body);
            assert!(
                !answer.body.to_lowercase().contains("bullion") && !answer.body.contains("root"),
                "{what}"
            );
            if !route.asks {
                continue;
            }
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            match *method {
                Method::GET | Method::HEAD => {
                    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{what}");
                    assert!(location.is_some_and(|to| to.starts_with("/login/?next=%2F")), "{what}");
                }
                _ => assert!(answer.status.is_client_error(), "{what}"),
            }
        }
    }
    for address in ["/account/", "/change-password/", "/mfa/"] {
        for method in [Method::GET, Method::POST] {
            let answer = walk.ask(&method, address, Some(&half)).await;
            let is_sent_away = answer.status.is_redirection() || answer.status.is_client_error();
            assert!(
                is_sent_away && !answer.body.contains("root"),
                "{method} {address}: {} {}",
                answer.status,
                answer.body
            );
        }
    }
    assert_eq!(walk.checksum().await, before);
}

#[tokio::test]
async fn sess_06_pages_behind_sign_in_are_kept_by_no_browser() {
    let walk = Walk::new().await;
    let signed = walk.cookie(false).await;
    for address in addresses() {
        let answer = walk.ask(&Method::GET, &address, Some(&signed)).await;
        let cached = answer.headers.get(CACHE_CONTROL).map_or("", |value| value.to_str().unwrap());
        assert!(cached.contains("no-store"), "{address}: {} {cached}", answer.status);
    }
    let page = walk.ask(&Method::GET, "/", Some(&signed)).await;
    assert!(
        page.body.contains("root") && page.body.contains("/logout/") && page.body.contains("/account/"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn ops_06_a_lost_database_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let walk = Walk::with(&format!("sqlite://{}", folder.path().join("state.db").display())).await;
    let signed = walk.cookie(false).await;
    assert_eq!(walk.ask(&Method::GET, "/tables/treasure/", Some(&signed)).await.status, StatusCode::OK);
    // Users and sessions are out of reach.
    walk.state.close().await;
    for address in addresses() {
        for method in [Method::GET, Method::POST] {
            let answer = walk.ask(&method, &address, Some(&signed)).await;
            let what = format!("{method} {address}: {} {}", answer.status, answer.body);
            assert!(!answer.body.to_lowercase().contains("bullion"), "{what}");
            assert!(!answer.status.is_success() || address == "/healthz" || address == "/readyz", "{what}");
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{what}");
            for word in ["SELECT", "sqlite", "frontdesk_sessions", "panicked"] {
                assert!(!answer.body.contains(word), "{what}");
            }
        }
    }
    let answer = walk.ask(&Method::GET, "/tables/treasure/", Some(&signed)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(walk.ask(&Method::GET, "/healthz", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn ops_06_a_panic_is_a_plain_500_and_the_next_request_is_answered() {
    let walk = Walk::new().await;
    let site =
        Site::new(&walk.db, SiteOptions::new("site").sign_in(SignInOptions::new(&walk.state).always(true)));
    async fn boom() -> &'static str {
        panic!("bullion")
    }
    let boom = Router::new().route("/boom", get(boom));
    let router = guarded(boom, &site).with_state(site);
    for _ in 0..2 {
        let request = Request::get("/boom").header("host", "localhost").body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        assert!(!body.contains("bullion") && !body.contains("treasure"), "{body}");
    }
}
