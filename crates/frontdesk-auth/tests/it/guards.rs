//! Who gets through to what.

use std::time::Duration;

use axum::Router;
use axum::routing::{any, get as on_get};
use frontdesk_auth::{
    AuthBackend, AuthLayer, AuthenticationBackendJunction, Entry, Identity, Refusal, RequireAdmin,
    RequireSuperuser, SecretTokens, SessionInfo, SessionsAuthBackend, TokenAuthBackend, User, Visit,
};
use frontdesk_data::{Actor, Db, Role};
use http::Extensions;
use http::request::Parts;

use crate::support::{Answer, PASSWORD, RightIsRight, Site, get, hours, on_each_database};

/// Tells who it is.
fn app() -> Router {
    let whoami = async |identity: Identity, user: Option<User>, extensions: Extensions| {
        let actor = extensions.get::<Actor>().map_or("none".to_owned(), ToString::to_string);
        let user = user.map_or("nobody".to_owned(), |user| user.username.to_string());
        format!("{}|{user}|{actor}", identity.display_name())
    };
    Router::new()
        .route("/", any(whoami))
        .route("/about", any(whoami))
        .route("/docs/{*rest}", any(whoami))
        .route("/user", on_get(async |user: User| user.username.to_string()))
        .route("/session", on_get(async |session: SessionInfo| session.id.to_string()))
        .route("/admin", on_get(async |RequireAdmin(admin): RequireAdmin| admin.username.to_string()))
        .route("/super", on_get(async |RequireSuperuser(user): RequireSuperuser| user.username.to_string()))
        .route("/kept", on_get(async || ([("cache-control", "private, max-age=60")], "kept")))
}

fn guarded(backend: impl AuthBackend) -> Router {
    app().layer(AuthLayer::new(backend))
}

async fn by_cookie(app: &Router, path: &str, token: &str) -> Answer {
    get(app, path, &[("cookie", &format!("id={token}"))]).await
}

async fn the_session_guard_says_who_and_why_not(db: Db) {
    let site = Site::own(&db);
    let (ada, eve) = (site.admin("ada").await, site.user("eve").await);
    let app = guarded(SessionsAuthBackend::of(&site.auth));
    let [as_ada, as_eve] = [site.open("ada").await, site.open("eve").await];

    let answer = by_cookie(&app, "/", as_ada.token.as_str()).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "ada|ada|admin"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        by_cookie(&app, "/kept", as_ada.token.as_str()).await.header("cache-control"),
        "private, max-age=60"
    );
    assert_eq!(by_cookie(&app, "/session", as_ada.token.as_str()).await.body, *as_ada.info.id);

    let unknown = "A".repeat(43);
    for (cookie, status, sentence) in [
        (None, 401, "No session cookie found."),
        (Some(""), 401, "No session cookie found."),
        (Some("garbage"), 401, "No matching session found."),
        (Some(&*unknown), 401, "No matching session found."),
        (Some(as_eve.token.as_str()), 403, "Admin users only"),
    ] {
        for path in ["/", "/nowhere"] {
            let answer = match cookie {
                Some(cookie) => by_cookie(&app, path, cookie).await,
                None => get(&app, path, &[]).await,
            };
            assert_eq!((answer.status.as_u16(), &*answer.detail()), (status, sentence), "{path}");
            assert_eq!(answer.json()["error"], sentence);
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }

    let app = guarded(SessionsAuthBackend::of(&site.auth).admin_only(false));
    let expected = format!("eve|eve|user:{}", eve.id);
    assert_eq!(by_cookie(&app, "/", as_eve.token.as_str()).await.body, expected);
    assert_eq!(by_cookie(&app, "/nowhere", as_eve.token.as_str()).await.status, 404);
    let app = guarded(SessionsAuthBackend::of(&site.auth).admin_only(false).superuser_only(true));
    let answer = by_cookie(&app, "/", as_ada.token.as_str()).await;
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (403, "Superusers only"));

    site.auth.users().delete(&ada.id).await.unwrap();
    let app = guarded(SessionsAuthBackend::of(&site.auth));
    let answer = by_cookie(&app, "/", as_ada.token.as_str()).await;
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (401, "That user doesn't exist anymore"));
}

async fn auth_11_who_is_disabled_is_out_at_the_next_request(db: Db) {
    let site = Site::own(&db);
    let eve = site.user("eve").await;
    let opened = site.open("eve").await;
    let app = guarded(SessionsAuthBackend::of(&site.auth).admin_only(false));
    assert_eq!(by_cookie(&app, "/", opened.token.as_str()).await.status, 200);
    site.auth.users().set_active(&eve.id, false).await.unwrap();
    assert_eq!(by_cookie(&app, "/", opened.token.as_str()).await.status, 401);
    // Switched off by another program, behind our back.
    site.auth.users().set_active(&eve.id, true).await.unwrap();
    let opened = site.open("eve").await;
    db.execute("UPDATE frontdesk_users SET active = 0", []).await.unwrap();
    let answer = by_cookie(&app, "/", opened.token.as_str()).await;
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (403, "Active users only"));
    let app = guarded(SessionsAuthBackend::of(&site.auth).admin_only(false).active_only(false));
    assert_eq!(by_cookie(&app, "/", opened.token.as_str()).await.status, 200, "as asked for");
}

async fn visitors_are_anonymous_where_that_is_allowed(db: Db) {
    let site = Site::own(&db);
    site.user("eve").await;
    let opened = site.open("eve").await;
    let app = guarded(SessionsAuthBackend::of(&site.auth).allow_unauthenticated(true));
    for cookie in ["", "garbage", &"A".repeat(43)] {
        let answer = by_cookie(&app, "/", cookie).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, "|nobody|public"), "{cookie}");
        assert_eq!(answer.header("vary"), "Cookie, Authorization");
    }
    assert_eq!(by_cookie(&app, "/", opened.token.as_str()).await.status, 403, "who may not, may not");
    assert_eq!(get(&app, "/user", &[]).await.status, 401);
    assert_eq!(get(&app, "/admin", &[]).await.status, 401);
}

async fn paths_are_excluded_as_they_are_read(db: Db) {
    let site = Site::own(&db);
    site.admin("ada").await;
    let opened = site.open("ada").await;
    let backend = || SessionsAuthBackend::of(&site.auth).excluded_paths(["/about", "/docs/*"]);
    let app = guarded(backend());
    for path in ["/about", "/docs/a", "/docs/a/b", "/about?x=1"] {
        let answer = by_cookie(&app, path, opened.token.as_str()).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, "|nobody|public"), "{path}");
    }
    for path in
        ["/", "/about/", "/docs", "/docs/../admin", "/docs/%2e%2e/admin", "/docs/..%2fadmin", "/x/../about"]
    {
        assert_eq!(get(&app, path, &[]).await.status, 401, "{path}");
    }
    // Below another router the path is compared whole.
    let nested = Router::new().nest("/shop", guarded(backend()));
    assert_eq!(get(&nested, "/shop/about", &[]).await.status, 401);
    let nested = Router::new()
        .nest("/shop", guarded(SessionsAuthBackend::of(&site.auth).excluded_paths(["/shop/about"])));
    assert_eq!(get(&nested, "/shop/about", &[]).await.status, 200);
}

async fn sess_04_the_guard_extends_sessions(db: Db) {
    let site = Site::own(&db);
    site.user("eve").await;
    let opened = site.open("eve").await;
    let fixed = guarded(SessionsAuthBackend::of(&site.auth).admin_only(false));
    let sliding = guarded(SessionsAuthBackend::of(&site.auth).admin_only(false).increase_expiry(hours(1)));
    for _ in 0..5 {
        site.clock.advance(Duration::from_mins(45));
        assert_eq!(by_cookie(&sliding, "/", opened.token.as_str()).await.status, 200);
    }
    for _ in 0..2 {
        site.clock.advance(hours(1));
        assert_eq!(
            by_cookie(&fixed, "/", opened.token.as_str()).await.status,
            if site.clock.now() < opened.info.created + jiff::SignedDuration::from_mins(5 * 45 + 61) {
                200
            } else {
                401
            }
        );
    }
    assert_eq!(by_cookie(&fixed, "/", opened.token.as_str()).await.status, 401);
}

async fn mfa_06_a_half_open_session_opens_no_door(db: Db) {
    let site = Site::own(&db);
    site.admin("mfa-ada").await;
    let auth = site.auth.clone().mfa_provider(RightIsRight);
    let proof = auth.users().check_credentials("mfa-ada", PASSWORD).await.unwrap().unwrap();
    let attempt = frontdesk_auth::mfa::LoginAttempt::new("1");
    let step = auth.sign_in().by_password(Entry::Password, proof, None, None, &attempt).await.unwrap();
    let frontdesk_auth::Step::Code { half, .. } = step else { panic!("{step:?}") };
    let opened = auth.sessions().open_half(&half, &Visit::default()).await.unwrap();
    let app = guarded(SessionsAuthBackend::of(&auth).admin_only(false));
    let open = guarded(SessionsAuthBackend::of(&auth).allow_unauthenticated(true));
    for path in ["/", "/user", "/admin", "/super", "/session", "/docs/a", "/nowhere"] {
        for name in ["id", "id_mfa"] {
            let cookie = format!("{name}={}", opened.token.as_str());
            assert_eq!(get(&app, path, &[("cookie", &cookie)]).await.status, 401, "{path}");
            assert!(!get(&open, path, &[("cookie", &cookie)]).await.body.contains("ada"), "{path}");
        }
    }
}

async fn a_browser_is_sent_to_the_login_page(db: Db) {
    let site = Site::own(&db);
    site.user("eve").await;
    let opened = site.open("eve").await;
    let layer = AuthLayer::new(SessionsAuthBackend::of(&site.auth)).login_url("/login/");
    let app = Router::new().nest("/shop", app()).layer(layer);
    let html = ("accept", "text/html,application/xhtml+xml");
    let answer = get(&app, "/shop/user?page=2&sort=a%20b", &[html]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/login/?next=%2Fshop%2Fuser%3Fpage%3D2%26sort%3Da%2520b");
    assert_eq!(answer.header("cache-control"), "no-store");
    for headers in [
        &[("accept", "application/json")][..],
        &[html, ("sec-fetch-mode", "cors")],
        &[("accept", "*/*")],
        &[],
    ] {
        assert_eq!(get(&app, "/shop/user", headers).await.status, 401, "{headers:?}");
    }
    let cookie = format!("id={}", opened.token.as_str());
    assert_eq!(
        get(&app, "/shop/user", &[html, ("cookie", &cookie)]).await.status,
        403,
        "to sign in does not help"
    );
    let post =
        http::Request::post("/shop/user").header("accept", "text/html").body(axum::body::Body::empty());
    assert_eq!(crate::support::send(&app, post.unwrap()).await.status, 401);
}

async fn a_junction_asks_one_after_the_other(db: Db) {
    let site = Site::own(&db);
    site.user("eve").await;
    let opened = site.open("eve").await;
    let secret = "a-secret-token-of-32-characters!";
    let junction = |allow| {
        AuthenticationBackendJunction::new()
            .backend(SessionsAuthBackend::of(&site.auth).allow_unauthenticated(allow))
            .backend(TokenAuthBackend::new(SecretTokens::new([secret])))
    };
    let app = guarded(junction(false));
    let bearer = format!("Bearer {secret}");
    let cookie = format!("id={}", opened.token.as_str());
    let answer = get(&app, "/", &[("authorization", &bearer)]).await;
    assert_eq!(answer.body, "secret_token_user|nobody|user:secret_token_user");
    let answer = get(&app, "/", &[("authorization", &bearer), ("cookie", &cookie)]).await;
    assert_eq!(answer.status, 200, "one of them is enough");
    let answer = get(&app, "/", &[]).await;
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (401, "Auth failed on all backends."));
    let answer = get(&app, "/", &[("cookie", &cookie)]).await;
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (403, "Admin users only"));
    let open = guarded(junction(true));
    assert_eq!(get(&open, "/", &[]).await.body, "|nobody|public");
    assert_eq!(
        get(&open, "/", &[("authorization", &bearer)]).await.body,
        "secret_token_user|nobody|user:secret_token_user"
    );
    let none = guarded(AuthenticationBackendJunction::new());
    assert_eq!(get(&none, "/", &[]).await.status, 401, "no way in is closed");
}

async fn a_request_writes_nothing_and_asks_once(db: Db) {
    let site = Site::own(&db);
    site.admin("ada").await;
    let opened = site.open("ada").await;
    let app = guarded(SessionsAuthBackend::of(&site.auth));
    // A database that does not let itself be written to lets in all the same.
    let before = crate::support::dump(&db, &["frontdesk_sessions", "frontdesk_users"]).await;
    for _ in 0..5 {
        assert_eq!(by_cookie(&app, "/", opened.token.as_str()).await.status, 200);
    }
    assert_eq!(crate::support::dump(&db, &["frontdesk_sessions", "frontdesk_users"]).await, before);
    assert_eq!(site.count("frontdesk_sessions").await, 1);
}

async fn a_database_that_fails_lets_nobody_in(db: Db) {
    let site = Site::own(&db);
    site.admin("ada").await;
    let opened = site.open("ada").await;
    let sessions = SessionsAuthBackend::of(&site.auth).allow_unauthenticated(true);
    let app = guarded(sessions.clone());
    let both = guarded(
        AuthenticationBackendJunction::new()
            .backend(sessions)
            .backend(TokenAuthBackend::new(SecretTokens::new(["a-secret-token-of-32-characters!"]))),
    );
    db.close().await;
    for app in [app, both] {
        let answer = by_cookie(&app, "/", opened.token.as_str()).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), "5");
        assert!(!answer.body.to_lowercase().contains("sql"), "{}", answer.body);
    }
}

async fn the_application_says_which_roles_users_have(db: Db) {
    let site = Site::own(&db);
    site.user("eve").await;
    site.admin("ada").await;
    let layer =
        AuthLayer::new(SessionsAuthBackend::of(&site.auth).admin_only(false)).actor(
            |identity| match identity.as_user() {
                Some(user) if user.admin => Actor::staff(user.id.clone()).role("editor"),
                _ => identity.actor(),
            },
        );
    let app = app().layer(layer);
    for (name, wanted) in [("eve", "user"), ("ada", "staff")] {
        let opened = site.open(name).await;
        let actor = by_cookie(&app, "/", opened.token.as_str()).await.body;
        let actor = actor.rsplit('|').next().unwrap().to_owned();
        assert!(actor.starts_with(wanted), "{actor}");
        assert_eq!(actor.ends_with("(editor)"), wanted == "staff", "{actor}");
    }
}

on_each_database! {
    the_application_says_which_roles_users_have,
    the_session_guard_says_who_and_why_not,
    auth_11_who_is_disabled_is_out_at_the_next_request,
    visitors_are_anonymous_where_that_is_allowed,
    paths_are_excluded_as_they_are_read,
    sess_04_the_guard_extends_sessions,
    mfa_06_a_half_open_session_opens_no_door,
    a_browser_is_sent_to_the_login_page,
    a_junction_asks_one_after_the_other,
    a_request_writes_nothing_and_asks_once,
    a_database_that_fails_lets_nobody_in,
}

#[tokio::test]
async fn sess_08_visits_without_a_cookie_write_no_session() {
    let site = Site::memory().await;
    site.admin("ada").await;
    site.open("ada").await;
    let app = guarded(SessionsAuthBackend::of(&site.auth).allow_unauthenticated(true));
    for _ in 0..100_000 {
        let request = http::Request::get("/about").body(axum::body::Body::empty()).unwrap();
        let response = tower::ServiceExt::oneshot(app.clone(), request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers().get("set-cookie").is_none());
    }
    assert_eq!(site.count("frontdesk_sessions").await, 1, "the one of ada");
}

#[tokio::test]
async fn without_a_guard_what_asks_for_a_user_is_closed() {
    let app = app();
    assert_eq!(get(&app, "/", &[]).await.body, "|nobody|none");
    for path in ["/user", "/session", "/admin", "/super"] {
        assert_eq!(get(&app, path, &[]).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn an_inner_guard_does_not_mix_with_an_outer_one() {
    struct Nobody;
    impl AuthBackend for Nobody {
        fn authenticate<'a>(
            &'a self,
            _: &'a Parts,
        ) -> futures_util::future::BoxFuture<'a, Result<Identity, Refusal>> {
            Box::pin(std::future::ready(Ok(Identity::anonymous())))
        }
    }
    let site = Site::memory().await;
    site.admin("ada").await;
    let opened = site.open("ada").await;
    let app = guarded(Nobody).layer(AuthLayer::new(SessionsAuthBackend::of(&site.auth)));
    assert_eq!(by_cookie(&app, "/", opened.token.as_str()).await.body, "|nobody|public");
    assert_eq!(by_cookie(&app, "/user", opened.token.as_str()).await.status, 401);
    assert!(!Identity::anonymous().actor().has(&Role::User));
}
