//! Tokens for programs.

use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use frontdesk_auth::{
    AuthError, AuthLayer, Entry, Identity, NewToken, Proofs, RequireAdmin, SignedIn, TokenAuthBackend,
    TokenLogin, Tokens, token_login,
};
use frontdesk_data::{Actor, Db};

use crate::support::{Answer, PASSWORD, RightIsRight, Site, dump, get, hours, on_each_database, post_json};

fn tokens(site: &Site) -> Tokens {
    Tokens::database(&site.db, site.auth.users()).clock(site.clock.clone())
}

fn app(backend: TokenAuthBackend) -> Router {
    let whoami = async |identity: Identity, axum::Extension(actor): axum::Extension<Actor>| {
        format!("{}|{actor}", identity.display_name())
    };
    Router::new()
        .route("/", on_get(whoami))
        .route("/docs/a", on_get(whoami))
        .route("/admin", on_get(async |RequireAdmin(admin): RequireAdmin| admin.username.to_string()))
        .layer(AuthLayer::new(backend))
}

async fn with(app: &Router, path: &str, token: &str) -> Answer {
    get(app, path, &[("authorization", &format!("Bearer {token}"))]).await
}

async fn auth_14_a_token_is_hashed_shown_once_and_revocable(db: Db) {
    let site = Site::own(&db);
    let ada = site.admin("ada").await;
    let (tokens, signed_in) = (tokens(&site), site.signed_in("ada", Entry::TokenLogin).await);
    let created = tokens.create(&signed_in, NewToken::new("backup")).await.unwrap();
    assert!(created.token.starts_with("fd_") && created.token.len() == 46);
    assert!(!format!("{created:?}").contains(&created.token));
    let all = dump(&db, &["frontdesk_tokens"]).await;
    assert!(all.contains("backup") && !all.contains(&created.token) && !all.contains(&created.token[3..]));

    let app = app(TokenAuthBackend::new(tokens.clone()).excluded_paths(["/docs/*"]));
    assert_eq!(with(&app, "/", &created.token).await.body, "ada|admin");
    assert_eq!(get(&app, "/", &[("authorization", &format!("bearer {}", created.token))]).await.status, 200);
    assert_eq!(get(&app, "/docs/a", &[]).await.body, "|public");
    for (header, sentence) in [
        (None, "The Authorization header is missing."),
        (Some("Token abc"), "The header is in the wrong format."),
        (Some("Bearer abc"), "Token not recognised"),
        (Some("Bearer fd_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "Token not recognised"),
    ] {
        let headers: Vec<(&str, &str)> = header.map(|header| ("authorization", header)).into_iter().collect();
        let answer = get(&app, "/", &headers).await;
        assert_eq!((answer.status.as_u16(), &*answer.detail()), (401, sentence));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    for value in all.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value) {
        assert_ne!(with(&app, "/", &format!("x{value}").replace(' ', "")).await.status, 200);
    }
    assert!(!tokens.revoke(&frontdesk_auth::UserId::from(4711), &created.info.id).await.unwrap());
    assert!(tokens.revoke(&ada.id, &created.info.id).await.unwrap());
    assert_eq!(with(&app, "/", &created.token).await.status, 401);
    assert_eq!(tokens.revoke_all(&ada.id).await.unwrap(), 0);
}

async fn auth_14_a_token_ends_and_its_last_use_is_kept(db: Db) {
    let site = Site::own(&db);
    let ada = site.user("ada").await;
    let (tokens, signed_in) = (tokens(&site), site.signed_in("ada", Entry::TokenLogin).await);
    let short = NewToken::new("short").expires_after(hours(1));
    let created = tokens.create(&signed_in, short).await.unwrap();
    let last_used = async || tokens.list(&ada.id).await.unwrap()[0].last_used;
    assert_eq!(last_used().await, None);
    assert!(tokens.find(&created.token).await.unwrap().is_some());
    let first = last_used().await.unwrap();
    site.clock.advance(Duration::from_secs(30));
    assert!(tokens.find(&created.token).await.unwrap().is_some());
    assert_eq!(last_used().await, Some(first), "once a minute");
    site.clock.advance(Duration::from_secs(30));
    assert!(tokens.find(&created.token).await.unwrap().is_some());
    assert!(last_used().await.unwrap() > first);
    site.clock.advance(hours(1));
    assert!(tokens.find(&created.token).await.unwrap().is_none());
    assert_eq!(tokens.sweep().await.unwrap(), 1);
    assert_eq!(tokens.list(&ada.id).await.unwrap(), []);
}

async fn auth_14_scopes_limit_what_a_token_may(db: Db) {
    let site = Site::own(&db);
    let ada = site.admin("ada").await;
    let (tokens, signed_in) = (tokens(&site), site.signed_in("ada", Entry::TokenLogin).await);
    let mut made = Vec::new();
    for scopes in [&[][..], &["orders"], &["orders", "stock"], &["stock"]] {
        let created =
            tokens.create(&signed_in, NewToken::new("t").scopes(scopes.iter().copied())).await.unwrap();
        made.push((scopes, created.token));
    }
    for required in [&[][..], &["orders"], &["stock"], &["orders", "stock"]] {
        let backend = required
            .iter()
            .fold(TokenAuthBackend::new(tokens.clone()), |backend, scope| backend.require_scope(*scope));
        let app = app(backend);
        for (scopes, token) in &made {
            let allowed = scopes.is_empty() || required.iter().all(|scope| scopes.contains(scope));
            let answer = with(&app, "/", token).await;
            assert_eq!(answer.status.as_u16(), if allowed { 200 } else { 403 }, "{required:?} {scopes:?}");
            if allowed && scopes.is_empty() {
                assert_eq!(answer.body, "ada|admin");
            } else if allowed {
                assert_eq!(answer.body, format!("ada|user:{} ({})", ada.id, scopes.join(", ")));
                assert_eq!(
                    with(&app, "/admin", token).await.status,
                    403,
                    "its limits are not an administrator's"
                );
            }
        }
    }
    for scope in ["", "two words"] {
        let refused = tokens.create(&signed_in, NewToken::new("t").scopes([scope])).await;
        assert!(matches!(refused, Err(AuthError::Setup(_))), "{scope:?}");
    }
}

async fn auth_11_who_is_disabled_has_no_token(db: Db) {
    let site = Site::own(&db);
    let ada = site.user("ada").await;
    let (tokens, signed_in) = (tokens(&site), site.signed_in("ada", Entry::TokenLogin).await);
    let created = tokens.create(&signed_in, NewToken::new("t")).await.unwrap();
    site.auth.users().set_active(&ada.id, false).await.unwrap();
    assert!(tokens.find(&created.token).await.unwrap().is_none());
    site.auth.users().set_active(&ada.id, true).await.unwrap();
    assert!(tokens.find(&created.token).await.unwrap().is_some());
    site.auth.users().delete(&ada.id).await.unwrap();
    assert!(tokens.find(&created.token).await.unwrap().is_none());
}

async fn token_login_answers_as_the_contract_says(db: Db) {
    let site = Site::own(&db);
    site.user("ada").await;
    let tokens = tokens(&site);
    let login: Router = Router::new().nest("/token/", token_login(TokenLogin::new(&site.auth, &tokens)));
    let api = app(TokenAuthBackend::new(tokens.clone()));
    let body = |username: &str, password: &str| {
        serde_json::json!({"username": username, "password": password}).to_string()
    };

    let answer = post_json(&login, "/token/", &body("ada", PASSWORD)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
    assert_eq!(with(&api, "/", &token).await.status, 200);

    for (body, status, text) in [
        (body("ada", "wrong"), 401, "The credentials were incorrect"),
        (body("eve", PASSWORD), 401, "The credentials were incorrect"),
        (body("ada", ""), 401, "No credentials were found."),
        (r#"{"username": "ada"}"#.to_owned(), 401, "No credentials were found."),
        ("{}".to_owned(), 401, "No credentials were found."),
    ] {
        let answer = post_json(&login, "/token/", &body).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (status, text), "{body}");
        assert!(answer.header("content-type").starts_with("text/plain"));
    }
    for body in [
        "",
        "nonsense",
        "[]",
        "1",
        r#"{"username": 1, "password": "x"}"#,
        r#"{"username": "a", "password": ["x"]}"#,
    ] {
        assert_eq!(post_json(&login, "/token/", body).await.status, 422, "{body}");
    }
    assert_eq!(post_json(&login, "/token/", &" ".repeat(100_000)).await.status, 413);
    let answer = get(&login, "/token/", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
    let foreign =
        http::Request::post("/token/").header("host", "localhost").header("sec-fetch-site", "cross-site");
    let foreign = foreign.body(axum::body::Body::from(body("ada", PASSWORD))).unwrap();
    assert_eq!(crate::support::send(&login, foreign).await.status, 403);

    for _ in 0..12 {
        site.clock.advance(Duration::from_secs(1));
        assert_eq!(post_json(&login, "/token/", &body("ada", PASSWORD)).await.status, 200);
    }
    assert_eq!(site.count("frontdesk_tokens").await, 10);
    assert_eq!(with(&api, "/", &token).await.status, 401, "the oldest has gone");
}

async fn mfa_05_token_login_asks_for_the_second_factor(db: Db) {
    let mut site = Site::own(&db);
    site.auth = site.auth.mfa_provider(RightIsRight);
    site.user("mfa-ada").await;
    let tokens = tokens(&site);
    let login: Router = Router::new().nest("/token/", token_login(TokenLogin::new(&site.auth, &tokens)));
    for (code, status, text) in
        [(None, 401, "MFA code required"), (Some("wrong"), 401, "MFA failed"), (Some("right"), 200, "")]
    {
        let body =
            serde_json::json!({"username": "mfa-ada", "password": PASSWORD, "mfa_code": code}).to_string();
        let answer = post_json(&login, "/token/", &body).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        assert!(status == 200 || answer.body == text, "{}", answer.body);
    }
    assert_eq!(site.count("frontdesk_tokens").await, 1);
}

async fn token_login_asks_a_provider_of_the_applications(db: Db) {
    let site = Site::own(&db);
    site.user("till").await;
    site.user("ada").await;
    let config = TokenLogin::new(&site.auth, &tokens(&site)).provider(|signed_in: SignedIn| async move {
        Ok((&*signed_in.user().username == "till").then(|| "the token of the till".to_owned()))
    });
    let login: Router = Router::new().nest("/token/", token_login(config));
    let body =
        |name: &str, password: &str| serde_json::json!({"username": name, "password": password}).to_string();
    let answer = post_json(&login, "/token/", &body("till", PASSWORD)).await;
    assert_eq!(answer.json(), serde_json::json!({"token": "the token of the till"}));
    for (name, password) in [("ada", PASSWORD), ("till", "wrong")] {
        let answer = post_json(&login, "/token/", &body(name, password)).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (401, "The credentials were incorrect"));
    }
}

async fn mfa_05_a_token_is_made_by_who_has_a_full_session(db: Db) {
    let site = Site::own(&db);
    let ada = site.user("ada").await;
    let opened = site.open("ada").await;
    let sign_in = site.auth.sign_in();
    let enrolled = sign_in.enrolled(&ada).await.unwrap();
    let user = site.auth.users().by_name("ada").await.unwrap().unwrap();
    let decision =
        sign_in.decide(Entry::TokenCreation, &user, &enrolled, &Proofs::none().session(opened.info));
    let frontdesk_auth::Decision::SignedIn(signed_in) = decision else { panic!("{decision:?}") };
    assert!(tokens(&site).create(&signed_in, NewToken::new("from the account page")).await.is_ok());
    let nothing = sign_in.decide(Entry::TokenCreation, &user, &enrolled, &Proofs::none());
    assert!(matches!(nothing, frontdesk_auth::Decision::SignInFirst));
}

on_each_database! {
    auth_14_a_token_is_hashed_shown_once_and_revocable,
    auth_14_a_token_ends_and_its_last_use_is_kept,
    auth_14_scopes_limit_what_a_token_may,
    auth_11_who_is_disabled_has_no_token,
    token_login_answers_as_the_contract_says,
    token_login_asks_a_provider_of_the_applications,
    mfa_05_token_login_asks_for_the_second_factor,
    mfa_05_a_token_is_made_by_who_has_a_full_session,
}
