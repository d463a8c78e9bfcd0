//! What the fuzz targets in `fuzz/` do with bytes. A test replays their corpus.

use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use frontdesk_data::Db;
use frontdesk_forms::Desk;
use frontdesk_validate::Crypt;
use frontdesk_web::{Clock, CsrfLayer, Secret, SignedUrls, Signer};
use http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, StatusCode};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::mfa::AuthenticatorProvider;
use crate::{
    Account, Auth, AuthBackend, ChangePassword, ConfirmEmail, LinkPurpose, Mailer, MfaSetup, NewUser,
    PasswordReset, Register, SecretTokens, SessionHash, SessionLogin, SessionLogout, Sessions,
    SessionsAuthBackend, TokenAuthBackend, TokenLogin, Tokens, Users, account, change_password,
    confirm_email, mfa_setup, password_reset, register, session_login, session_logout, token_login,
};

/// A site with a user in it, whom nobody may become: nobody knows the password.
struct Site {
    runtime: Runtime,
    auth: Auth,
    clock: Clock,
    guards: Vec<Box<dyn AuthBackend>>,
    /// The endpoints.
    app: Router,
    /// What only a token against forged requests opens.
    behind_csrf: Router,
    urls: SignedUrls,
}

/// What is kept of a page's answer when nobody may be let in.
const PATHS: [&str; 10] = [
    "/login/",
    "/logout/",
    "/register/",
    "/password-reset/",
    "/confirm-email/",
    "/change-password/",
    "/account/",
    "/mfa/",
    "/token-login/",
    "/jwt-login/",
];
const KINDS: [&str; 4] =
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=X", ""];

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(site()).unwrap_or_else(|error| panic!("{error}")).into_site(runtime)
});

/// What a [`Site`] is made of.
struct Made {
    auth: Auth,
    clock: Clock,
    tokens: Tokens,
    signer: Signer,
}

async fn site() -> Result<Made, crate::AuthError> {
    let db = Db::open("sqlite::memory:").await?;
    let signer = Signer::new(Secret::random());
    // Hashing is not what is looked for here, and would take all the time.
    let crypt = Crypt::new().digest_alg("sha256").expect("there is such an algorithm");
    let users = Users::own(&db).hasher(crypt)?;
    let clock = Clock::stopped(jiff::Timestamp::now());
    let tokens = Tokens::database(&db, &users);
    let (mailer, _) = Mailer::outbox();
    let auth = Auth::new(users, Sessions::database(&db), &Desk::with_signer(&signer))
        .base_url("https://shop.example".parse().expect("it is an address"))
        .mailer(mailer)
        .mfa_provider(AuthenticatorProvider::new(&db, &signer).clock(clock.clone()))
        .clock(clock.clone());
    let password = signer.purpose("password").token(&[]);
    let ada = NewUser::new("ada").email("ada@example.com").password(password).active(true).admin(true);
    auth.users().insert(ada).await.map_err(|error| crate::AuthError::Fault(error.to_string()))?;
    Ok(Made { auth, clock, tokens, signer })
}

impl Made {
    fn into_site(self, runtime: Runtime) -> Site {
        let Self { auth, clock, tokens, signer } = self;
        let (reset, join) = (PasswordReset::new(&auth), Register::new(&auth).confirm_email());
        let app = Router::new()
            .nest("/login/", session_login(SessionLogin::new(&auth)))
            .nest("/logout/", session_logout(SessionLogout::new(&auth)))
            .nest("/register/", register(join.expect("there is a mailer")))
            .nest("/password-reset/", password_reset(reset.expect("there is a mailer")))
            .nest("/confirm-email/", confirm_email(ConfirmEmail::new(&auth)))
            .nest("/change-password/", change_password(ChangePassword::new(&auth)))
            .nest("/account/", account(Account::new(&auth)))
            .nest("/mfa/", mfa_setup(MfaSetup::new(&auth)))
            .nest("/token-login/", token_login(TokenLogin::new(&auth, &tokens)));
        let mut guards: Vec<Box<dyn AuthBackend>> = vec![
            Box::new(SessionsAuthBackend::of(&auth).admin_only(false)),
            Box::new(TokenAuthBackend::new(tokens)),
            Box::new(TokenAuthBackend::new(SecretTokens::new([signer.purpose("token").token(&[])]))),
        ];
        #[cfg(feature = "jwt")]
        let app = {
            let secret =
                crate::JwtSecret::new("kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj").expect("it is long enough");
            guards.push(Box::new(crate::JwtAuthBackend::new(&auth, secret.clone())));
            app.nest("/jwt-login/", crate::jwt_login(crate::JwtLogin::new(&auth, secret)))
        };
        guards.shrink_to_fit();
        let behind_csrf =
            Router::new().route("/", post(async || StatusCode::ACCEPTED)).layer(CsrfLayer::new(&signer));
        let urls = SignedUrls::new(&signer, "download");
        Site { runtime, auth, clock, guards, app, behind_csrf, urls }
    }
}

/// The head of a request: lines of `name: value`, a first line with the path if it begins with `/`.
fn head(bytes: &[u8]) -> Parts {
    let mut request = Request::new(());
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        if line.starts_with(b"/") {
            if let Ok(uri) = http::Uri::try_from(line) {
                *request.uri_mut() = uri;
            }
            continue;
        }
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let value = line[at + 1..].trim_ascii_start();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..at]), HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    request.into_parts().0
}

/// The head of a request: cookies, tokens, JSON web tokens. None of it lets anybody in, and none is a fault of ours.
pub fn identify(bytes: &[u8]) {
    let site = &*SITE;
    let head = head(bytes);
    for guard in &site.guards {
        match site.runtime.block_on(guard.authenticate(&head)) {
            Err(refusal) => assert!(refusal.status().is_client_error(), "{refusal:?}"),
            Ok(identity) => panic!("nobody signed in, and yet this is {identity:?}"),
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = SessionHash::of(text);
        if let Some(hash) = SessionHash::from_hex(text) {
            assert_eq!(hash.to_string(), text.to_ascii_lowercase());
        }
    }
}

/// The body of a submission: the first byte says to which endpoint, the second as what. Nobody gets in by it, and it is no
/// fault of ours.
pub fn submit(bytes: &[u8]) {
    let site = &*SITE;
    let [path, kind, body @ ..] = bytes else { return };
    let path = PATHS[usize::from(*path) % PATHS.len()];
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    let request = Request::post(path)
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, kind)
        .header(COOKIE, "id=gXbBFylrxkcac_h2r0enZzi7YPJ9vClo8FNwmKXDyNk; id_mfa=gXbBFylrxkcac_h2r0enZzi7YPJ9vClo8FNwmKXDyNk")
        .body(Body::from(body.to_vec()))
        .expect("these are headers");
    // What was counted against the last one is forgiven.
    site.clock.advance(Duration::from_hours(48));
    let response = site.runtime.block_on(async {
        let response = site.app.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        if let Some(mailer) = site.auth.mails() {
            mailer.flush().await;
        }
        response
    });
    assert!(!response.status().is_server_error(), "{path} {kind}: {}", response.status());
    for cookie in response.headers().get_all(SET_COOKIE) {
        let cookie = cookie.to_str().expect("ours are texts");
        let is_session = cookie.starts_with("id=") || cookie.starts_with("id_mfa=");
        assert!(!is_session || cookie.contains("Max-Age=0"), "{path}: {cookie}");
    }
}

/// A text that might be a token: of a link in a mail, of an address that was signed, against forged requests. It is none.
pub fn redeem(bytes: &[u8]) {
    let site = &*SITE;
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let purposes = [LinkPurpose::Reset, LinkPurpose::Confirm, LinkPurpose::ChangeEmail, LinkPurpose::Setup];
    site.runtime.block_on(async {
        for purpose in purposes {
            let found = site.auth.links().look(purpose, text).await;
            assert!(matches!(found, Ok(None)), "{found:?}");
            let claimed = site.auth.links().claim(purpose, text).await;
            assert!(matches!(claimed, Ok(None)), "{claimed:?}");
        }
        for address in [text.to_owned(), format!("/file?{text}"), format!("/file?a=b&{text}&c=d")] {
            if let Ok(uri) = address.parse() {
                assert!(site.urls.check_uri(&uri).is_err(), "{address}");
            }
        }
        let (cookie, token) = text.split_once('\n').unwrap_or((text, text));
        let mut request = Request::post("/").header(HOST, "localhost");
        for (name, value) in
            [("cookie", format!("csrftoken={cookie}; id={cookie}")), ("x-csrftoken", token.to_owned())]
        {
            let Ok(value) = HeaderValue::try_from(value) else { return };
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).expect("these are headers");
        let answer = site.behind_csrf.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    });
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Each file of a target's corpus.
    fn replay(target: &str, run: impl Fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        let mut count = 0;
        for file in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            run(&std::fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 0, "the corpus in {} is empty", folder.display());
    }

    #[test]
    fn ops_09_the_corpus_of_heads() {
        replay("auth_head", identify);
    }

    #[test]
    fn ops_09_the_corpus_of_bodies() {
        replay("auth_body", submit);
    }

    #[test]
    fn ops_09_the_corpus_of_tokens() {
        replay("auth_token", redeem);
    }
}
