//! JSON web tokens for programs.

use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_auth::{
    AuthLayer, Identity, JwtAuthBackend, JwtLogin, JwtSecret, StaticJwtBlacklist, jwt_login,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, PASSWORD, RightIsRight, Site, get, hours, post_json};

const SECRET: &str = "kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj";

fn secret() -> JwtSecret {
    JwtSecret::new(SECRET).unwrap()
}

fn app(backend: JwtAuthBackend) -> Router {
    let whoami =
        async |identity: Identity| format!("{}|{}", identity.display_name(), identity.reason().unwrap_or(""));
    Router::new().route("/", on_get(whoami)).layer(AuthLayer::new(backend))
}

fn login(site: &Site) -> Router {
    Router::new().nest("/jwt/", jwt_login(JwtLogin::new(&site.auth, secret())))
}

async fn token(site: &Site, name: &str) -> String {
    let body = json!({"username": name, "password": PASSWORD}).to_string();
    post_json(&login(site), "/jwt/", &body).await.json()["token"].as_str().unwrap().to_owned()
}

async fn with(app: &Router, token: &str) -> Answer {
    get(app, "/", &[("authorization", &format!("Bearer {token}"))]).await
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token with whatever head and claims, signed by HMAC with SHA-256, as by hand.
fn signed(head: &Value, claims: &Value, secret: &str) -> String {
    let text = format!("{}.{}", encode(head), encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn head() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

#[tokio::test]
async fn jwt_login_answers_as_the_contract_says() {
    let site = Site::memory().await;
    let ada = site.user("ada").await;
    let app = app(JwtAuthBackend::new(&site.auth, secret()));
    let token = token(&site, "ada").await;
    let parts: Vec<&str> = token.split('.').collect();
    let read =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!(read(parts[0]), json!({"typ": "JWT", "alg": "HS256"}));
    let claims = read(parts[1]);
    assert_eq!(claims["user_id"], json!(1));
    assert_eq!(ada.id.to_string(), "1");
    assert_eq!(claims["exp"], json!(site.clock.now().as_second() + 24 * 60 * 60));
    assert_eq!(with(&app, &token).await.body, "ada|");

    let login = login(&site);
    let wrong = json!({"username": "ada", "password": "wrong"}).to_string();
    let answer = post_json(&login, "/jwt/", &wrong).await;
    assert_eq!((answer.status.as_u16(), &*answer.detail()), (401, "Login failed"));
    for body in ["", "nonsense", "[]", "{}", r#"{"username": "ada"}"#, r#"{"username": 1, "password": 2}"#] {
        assert_eq!(post_json(&login, "/jwt/", body).await.status, 422, "{body}");
    }
    assert_eq!(get(&login, "/jwt/", &[]).await.status, 405);
}

#[tokio::test]
async fn mfa_05_jwt_login_asks_for_the_second_factor() {
    let mut site = Site::memory().await;
    site.auth = site.auth.mfa_provider(RightIsRight);
    site.user("mfa-ada").await;
    let login = login(&site);
    for (code, status, sentence) in
        [(None, 401, "MFA code required"), (Some("wrong"), 401, "MFA failed"), (Some("right"), 200, "")]
    {
        let body = json!({"username": "mfa-ada", "password": PASSWORD, "mfa_code": code}).to_string();
        let answer = post_json(&login, "/jwt/", &body).await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(status == 200 || answer.detail() == sentence);
    }
}

#[tokio::test]
async fn auth_16_what_was_not_signed_by_us_is_refused() {
    let site = Site::memory().await;
    site.user("ada").await;
    let app = app(JwtAuthBackend::new(&site.auth, secret()));
    let now = site.clock.now().as_second();
    let claims = json!({"user_id": 1, "exp": now + 60});
    assert_eq!(with(&app, &signed(&head(), &claims, SECRET)).await.status, 200, "the test signs as we do");

    let unsigned = |alg: &str| format!("{}.{}.", encode(&json!({"alg": alg, "typ": "JWT"})), encode(&claims));
    let good = signed(&head(), &claims, SECRET);
    let (body, signature) = good.rsplit_once('.').unwrap();
    let other_body = signed(&head(), &json!({"user_id": 2, "exp": now + 60}), SECRET);
    let mut refused: Vec<String> = ["none", "None", "NONE", "nOnE", "HS256", ""].map(unsigned).into();
    refused.extend([
        // The public key of an RSA pair as the secret of HMAC: the head says the one, the signature is the other.
        signed(&json!({"alg": "RS256", "typ": "JWT"}), &claims, SECRET),
        signed(&json!({"alg": "HS384", "typ": "JWT"}), &claims, SECRET),
        signed(&json!({"alg": "HS512", "typ": "JWT"}), &claims, SECRET),
        signed(&json!({"alg": "none", "typ": "JWT"}), &claims, SECRET),
        signed(&json!({"typ": "JWT"}), &claims, SECRET),
        signed(&head(), &claims, "another secret of thirty-two byte"),
        signed(&head(), &claims, ""),
        format!("{body}."),
        body.to_owned(),
        format!("{body}.{signature}A"),
        format!("{body}.{}", &signature[..42]),
        format!("{}.{signature}", other_body.rsplit_once('.').unwrap().0),
        format!("{good}.{signature}"),
        // A key of its own in the head.
        format!(
            "{}.{}.{signature}",
            encode(&json!({"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}})),
            encode(&claims)
        ),
        "a.b.c".to_owned(),
        "..".to_owned(),
        "é".to_owned(),
        "A".repeat(100_000),
    ]);
    for token in refused {
        let answer = with(&app, &token).await;
        let sentence = if token == "é" { "Token not found" } else { "Token is invalid" };
        assert_eq!((answer.status.as_u16(), &*answer.detail()), (401, sentence), "{token:.80}");
    }
}

#[tokio::test]
async fn auth_16_times_and_names_in_a_token_count() {
    let site = Site::memory().await;
    site.user("ada").await;
    let app = |backend: JwtAuthBackend| app(backend);
    let plain = app(JwtAuthBackend::new(&site.auth, secret()));
    let strict = app(JwtAuthBackend::new(&site.auth, secret()).issuer("shop").audience("till"));
    let now = site.clock.now().as_second();
    for (claims, on_plain, on_strict) in [
        (json!({"user_id": 1}), "ada", "Token is invalid"),
        (json!({"user_id": 1, "exp": now + 1, "iss": "shop", "aud": "till"}), "Token is invalid", "ada"),
        (json!({"user_id": 1, "exp": now + 1, "iss": "shop"}), "ada", "Token is invalid"),
        (
            json!({"user_id": 1, "exp": now + 1, "iss": "evil", "aud": "till"}),
            "Token is invalid",
            "Token is invalid",
        ),
        (json!({"user_id": 1, "exp": now, "iss": "shop"}), "Token has expired", "Token is invalid"),
        (json!({"user_id": 1, "exp": now - 1}), "Token has expired", "Token is invalid"),
        (json!({"user_id": 1, "exp": "never"}), "Token is invalid", "Token is invalid"),
        (json!({"user_id": 1, "exp": (now + 60).to_string()}), "Token is invalid", "Token is invalid"),
        (json!({"user_id": 1, "exp": null}), "Token is invalid", "Token is invalid"),
        (json!({"user_id": 1, "exp": true}), "Token is invalid", "Token is invalid"),
        (json!({"user_id": 1, "nbf": now + 60}), "Token is invalid", "Token is invalid"),
        (json!({"user_id": 1, "nbf": "now"}), "Token is invalid", "Token is invalid"),
        (json!({"user_id": 1, "nbf": now}), "ada", "Token is invalid"),
        (json!({}), "User not found", "Token is invalid"),
        (json!({"user_id": null}), "User not found", "Token is invalid"),
        (json!({"user_id": 2}), "User not found", "Token is invalid"),
        (json!({"user_id": "ada"}), "User not found", "Token is invalid"),
        (json!({"user_id": "1\u{0}"}), "User not found", "Token is invalid"),
        (json!({"user_id": 1e300}), "User not found", "Token is invalid"),
    ] {
        let token = signed(&head(), &claims, SECRET);
        for (app, wanted) in [(&plain, on_plain), (&strict, on_strict)] {
            let answer = with(app, &token).await;
            match wanted {
                "ada" => assert_eq!(answer.body, "ada|", "{claims}"),
                sentence => assert_eq!(answer.detail(), sentence, "{claims}"),
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_over_with_its_time_its_password_or_the_blacklist() {
    let site = Site::memory().await;
    let ada = site.user("ada").await;
    let plain = app(JwtAuthBackend::new(&site.auth, secret()));
    let old = token(&site, "ada").await;
    site.clock.advance(hours(24) - Duration::from_secs(1));
    assert_eq!(with(&plain, &old).await.status, 200);
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(with(&plain, &old).await.detail(), "Token has expired");

    let revoked = token(&site, "ada").await;
    let listed =
        app(JwtAuthBackend::new(&site.auth, secret()).blacklist(StaticJwtBlacklist::new([&*revoked])));
    assert_eq!(with(&listed, &revoked).await.detail(), "Token revoked");
    assert_eq!(with(&plain, &revoked).await.status, 200);

    let late = token(&site, "ada").await;
    site.auth.users().set_password(&ada.id, PASSWORD).await.unwrap();
    assert_eq!(with(&plain, &late).await.detail(), "Token has expired");
    let fresh = token(&site, "ada").await;
    assert_eq!(with(&plain, &fresh).await.status, 200);
    site.auth.users().set_active(&ada.id, false).await.unwrap();
    assert_eq!(with(&plain, &fresh).await.detail(), "User not found");

    let open = app(JwtAuthBackend::new(&site.auth, secret()).allow_unauthenticated(true));
    assert_eq!(with(&open, &fresh).await.body, "|User not found");
    assert_eq!(get(&open, "/", &[]).await.body, "|Token not found");
    assert_eq!(get(&plain, "/", &[("authorization", "Basic abc")]).await.detail(), "Token not found");
}

#[test]
fn a_short_secret_is_refused() {
    assert!(JwtSecret::new("changeme").is_err());
    assert!(JwtSecret::new([7; 32]).is_err());
    assert!(!format!("{:?}", secret()).contains("kS9"));
}
