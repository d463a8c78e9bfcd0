//! What is kept and what is logged while people sign in: nothing that would do to sign in.

use std::fmt::{Debug, Write};
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use axum::Router;
use axum::body::Body;
use frontdesk_auth::mfa::AuthenticatorProvider;
use frontdesk_auth::{
    Account, Auth, AuthLayer, AuthenticationBackendJunction, ChangePassword, ConfirmEmail, JwtAuthBackend,
    JwtLogin, JwtSecret, Mailer, MfaProvider, Outbox, PasswordReset, Register, SessionHash, SessionLogin,
    SessionLogout, Sessions, SessionsAuthBackend, TokenAuthBackend, TokenLogin, Tokens, UserDefaults, Users,
    account, change_password, confirm_email, jwt_login, password_reset, register, session_login,
    session_logout, token_login,
};
use frontdesk_data::{Db, DbOptions};
use frontdesk_forms::Desk;
use frontdesk_web::{Secret, Signer};
use http::{Request, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret as TotpSecret};
use tracing::field::{Field, Visit};
use tracing::span;

use super::support::{Answer, get, send};

/// All that is logged, by whomever, on whatever level.
struct Log;

static LOGGED: Mutex<String> = Mutex::new(String::new());

impl Log {
    fn listen() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Self).unwrap());
    }

    fn write(write: impl FnOnce(&mut String)) {
        write(&mut LOGGED.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn text() -> String {
        LOGGED.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        Self::write(|log| {
            log.push_str(span.metadata().name());
            span.record(&mut Fields(log));
            log.push('\n');
        });
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        Self::write(|log| values.record(&mut Fields(log)));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        Self::write(|log| {
            let _ = write!(log, "{} {}", event.metadata().level(), event.metadata().target());
            event.record(&mut Fields(log));
            log.push('\n');
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Site {
    auth: Auth,
    app: Router,
    db: Db,
    outbox: Outbox,
    folder: tempfile::TempDir,
    factor: AuthenticatorProvider,
    /// What nobody but its owner is to know: what it is, and the text.
    secrets: Vec<(&'static str, String)>,
}

impl Site {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("site.db").display());
        let db = Db::open_with(&url, DbOptions::default().create_if_missing(true)).await.unwrap();
        let signing = "7f0e2c61b0a94d5f9c3ab8e1d2467a55c0ffee11";
        let signer = Signer::new(Secret::new(signing).unwrap());
        let factor = AuthenticatorProvider::new(&db, &signer);
        let (mailer, outbox) = Mailer::outbox();
        let users = Users::own(&db);
        let tokens = Tokens::database(&db, &users);
        let auth = Auth::new(users, Sessions::database(&db), &Desk::with_signer(&signer))
            .base_url("https://shop.example".parse().unwrap())
            .mailer(mailer)
            .mfa_provider(factor.clone());
        let jwt = JwtSecret::new("kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj").unwrap();
        let any = AuthenticationBackendJunction::new()
            .backend(SessionsAuthBackend::of(&auth).admin_only(false))
            .backend(TokenAuthBackend::new(tokens.clone()))
            .backend(JwtAuthBackend::new(&auth, jwt.clone()));
        let at_once = UserDefaults::default().active(true);
        let app = Router::new()
            .nest("/login/", session_login(SessionLogin::new(&auth)))
            .nest("/logout/", session_logout(SessionLogout::new(&auth)))
            .nest(
                "/register/",
                register(Register::new(&auth).user_defaults(at_once).confirm_email().unwrap()),
            )
            .nest("/confirm-email/", confirm_email(ConfirmEmail::new(&auth)))
            .nest("/password-reset/", password_reset(PasswordReset::new(&auth).unwrap()))
            .nest("/change-password/", change_password(ChangePassword::new(&auth)))
            .nest("/account/", account(Account::new(&auth)))
            .nest("/token-login/", token_login(TokenLogin::new(&auth, &tokens)))
            .nest("/jwt-login/", jwt_login(JwtLogin::new(&auth, jwt)))
            .route("/whoami", axum::routing::get(async || "somebody").layer(AuthLayer::new(any)));
        let secrets = vec![("the site's secret", signing.to_owned())];
        Self { auth, app, db, outbox, folder, factor, secrets }
    }

    /// Notes that this is not to be found anywhere.
    fn secret(&mut self, what: &'static str, text: impl Into<String>) -> String {
        let text = text.into();
        assert!(text.len() >= 6, "{what} is too short to be looked for: {text}");
        self.secrets.push((what, text.clone()));
        text
    }

    async fn post(&self, path: &str, cookie: &str, fields: serde_json::Value) -> Answer {
        let request = Request::post(path).header("host", "localhost").header("cookie", cookie);
        let request = request.header("content-type", "application/json");
        send(&self.app, request.body(Body::from(fields.to_string())).unwrap()).await
    }

    async fn post_form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header("host", "localhost").header("cookie", cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        send(&self.app, request.body(Body::from(body)).unwrap()).await
    }

    /// The cookie of that name that an answer sets, as `name=value`.
    fn cookie(&mut self, what: &'static str, name: &str, answer: &Answer) -> String {
        let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let pair = set
            .filter_map(|cookie| cookie.split(';').next())
            .find(|pair| pair.starts_with(&format!("{name}=")))
            .unwrap_or_else(|| panic!("no cookie {name}: {:?} {}", answer.headers, answer.body))
            .to_owned();
        self.secret(what, pair.split_once('=').unwrap().1);
        pair
    }

    /// The token of the link in the last mail.
    async fn mailed(&mut self, what: &'static str) -> String {
        self.auth.mails().unwrap().flush().await;
        let mail = self.outbox.take().pop().unwrap_or_else(|| panic!("no mail with {what}"));
        let (_, rest) = mail.text.split_once("token=").unwrap_or_else(|| panic!("no link: {}", mail.text));
        let token = rest.split_whitespace().next().unwrap().to_owned();
        assert!(!format!("{mail:?}").contains(&token));
        self.secret(what, token)
    }

    fn code(&self, secret: &str, steps: i64) -> String {
        let totp = Builder::new().with_secret(TotpSecret::try_from_base32(secret).unwrap()).build().unwrap();
        totp.generate((self.auth.now().as_second() + 30 * steps) as u64).to_string()
    }

    /// All bytes of the database's files: rows, and what is left of those that are gone.
    fn stored(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
        files.flat_map(|file: std::path::PathBuf| read(&file)).collect()
    }
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap()
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(all, part).is_some()
}

/// A secret as it is, and as it may look where it is stored.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    let mut all = vec![
        secret.as_bytes().to_vec(),
        hex(secret.as_bytes()),
        STANDARD_NO_PAD.encode(secret).into_bytes(),
        URL_SAFE_NO_PAD.encode(secret).into_bytes(),
    ];
    if let Ok(bytes) = URL_SAFE_NO_PAD.decode(secret)
        && bytes.len() >= 16
    {
        all.extend([hex(&bytes), STANDARD.encode(&bytes).into_bytes(), bytes]);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn auth_08_auth_14_mfa_01_mfa_03_sess_01_ops_05_nothing_that_is_kept_or_logged_signs_anybody_in() {
    Log::listen();
    let mut site = Site::open().await;
    let first = site.secret("the first password", "seven grey pebbles on a sill");
    let second = site.secret("the second password", "nine thin ladders in the fog");
    let third = site.secret("the third password", "four round kettles of brass");
    let wrong = site.secret("a wrong password", "eight pale lanterns at sea");
    let mistaken = site.secret("a password in the wrong field", "two odd gloves on a fence");

    // Registration, and the link that confirms the address.
    let (name, email) = ("ada", "ada@shop.example");
    let fields = json!({ "username": name, "email": email, "password": first, "confirm_password": first });
    assert_eq!(site.post("/register/", "", fields).await.status, StatusCode::SEE_OTHER);
    let token = site.mailed("a link that confirms").await;
    assert_eq!(get(&site.app, &format!("/confirm-email/?token={token}"), &[]).await.status, StatusCode::OK);
    let confirmed = site.post("/confirm-email/", "", json!({ "token": token })).await;
    assert!(confirmed.status.is_success() || confirmed.status.is_redirection(), "{}", confirmed.body);

    // Login: wrong, with the password for a name, and right.
    let refused = site.post("/login/", "", json!({ "username": name, "password": wrong })).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let refused = site.post("/login/", "", json!({ "username": mistaken, "password": wrong })).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let right = json!({ "username": name, "password": first });
    let session = site.post("/login/", "", right).await;
    let session = site.cookie("a session that ended", "id", &session);
    assert_eq!(get(&site.app, "/whoami", &[("cookie", &session)]).await.status, StatusCode::OK);

    // A new password, and one in place of a forgotten one.
    let fields = json!({ "current_password": first, "new_password": second, "confirm_new_password": second });
    let changed = site.post("/change-password/", &session, fields).await;
    assert!(changed.status.is_success() || changed.status.is_redirection(), "{}", changed.body);
    site.auth.mails().unwrap().flush().await;
    site.outbox.take();
    site.post("/password-reset/", "", json!({ "email": email })).await;
    let token = site.mailed("a link that resets").await;
    assert_eq!(get(&site.app, &format!("/password-reset/?token={token}"), &[]).await.status, StatusCode::OK);
    let fields = json!({ "token": token, "new_password": third, "confirm_new_password": third });
    let reset = site.post("/password-reset/", "", fields).await;
    assert!(reset.status.is_success() || reset.status.is_redirection(), "{}", reset.body);
    site.auth.mails().unwrap().flush().await;
    site.outbox.take();
    // One that nobody used.
    site.post("/password-reset/", "", json!({ "email": email })).await;
    site.mailed("a link that resets, unused").await;

    // Tokens for programs.
    let right = json!({ "username": name, "password": third });
    let token = site.post("/token-login/", "", right.clone()).await.json();
    let token = site.secret("a token", token["token"].as_str().unwrap());
    let jwt = site.post("/jwt-login/", "", right.clone()).await.json();
    let jwt = site.secret("a JSON web token", jwt["token"].as_str().unwrap());
    for bearer in [&token, &jwt] {
        let bearer = format!("Bearer {bearer}");
        assert_eq!(get(&site.app, "/whoami", &[("authorization", &bearer)]).await.status, StatusCode::OK);
        let cut = &bearer[..bearer.len() - 1];
        assert_eq!(
            get(&site.app, "/whoami", &[("authorization", cut)]).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let session = site.post("/login/", "", right.clone()).await;
    let session = site.cookie("a session", "id", &session);

    // A second factor, with what belongs to it.
    let user = site.auth.users().by_name(name).await.unwrap().unwrap();
    let registration = site.factor.begin_registration(&user).await.unwrap().unwrap();
    let seed = site.secret("the authenticator's secret", registration.secret.clone().unwrap());
    for code in &registration.recovery_codes {
        site.secret("a recovery code", code.clone());
        site.secret("a recovery code, plain", code.replace('-', ""));
    }
    assert!(site.factor.confirm_registration(&user, &site.code(&seed, -1)).await.unwrap());
    let half = [("username", name), ("password", &*third), ("format", "html")];
    let half = site.post_form("/login/", "", &half).await;
    let half = site.cookie("a half-open session", "id_mfa", &half);
    let wrong_code = [("mfa_code", "000000"), ("mfa_provider_name", "Authenticator App"), ("format", "html")];
    site.post_form("/login/", &half, &wrong_code).await;
    let with_recovery = json!({
        "username": name, "password": third,
        "mfa_code": registration.recovery_codes[0], "mfa_provider_name": "Authenticator App",
    });
    let full = site.post("/login/", "", with_recovery).await;
    assert_eq!(full.status, StatusCode::SEE_OTHER, "{}", full.body);
    site.cookie("a session by a recovery code", "id", &full);

    // Things that go wrong: what cannot be read, and a database that fails.
    for path in
        ["/login/", "/register/", "/password-reset/", "/change-password/", "/account/", "/token-login/"]
    {
        let odd = json!({ "username": [wrong], "password": { "a": wrong }, "token": 1, "mfa_code": wrong });
        site.post(path, &session, odd).await;
        let everywhere = json!({
            "username": mistaken, "email": format!("{mistaken}@x"), "password": wrong, "confirm_password": third,
            "current_password": wrong, "new_password": mistaken, "confirm_new_password": mistaken,
            "token": mistaken, "mfa_code": mistaken, "mfa_provider_name": mistaken, "format": "html",
            "next": mistaken, "csrftoken": mistaken, "action": mistaken,
        });
        site.post(&format!("{path}?token={}", mistaken.replace(' ', "+")), &session, everywhere).await;
        let cut = Request::post(path).header("host", "localhost").header("cookie", &session);
        let cut = cut.header("content-type", "application/json").header("x-csrftoken", &mistaken);
        send(&site.app, cut.body(Body::from(format!("{{\"password\": \"{wrong}\", "))).unwrap()).await;
    }
    let stored = site.stored();
    let rows = super::support::dump_all(&site.db).await;
    for table in ["frontdesk_users", "frontdesk_sessions", "frontdesk_links"] {
        site.db.execute(format!("DROP TABLE {table}"), []).await.unwrap();
    }
    for path in ["/login/", "/register/", "/password-reset/", "/token-login/", "/jwt-login/"] {
        let fields = json!({
            "username": name, "email": email, "password": third, "confirm_password": third, "token": token,
            "new_password": second, "confirm_new_password": second,
        });
        let answer = site.post(path, &session, fields).await;
        assert!(!answer.body.contains("frontdesk_users"), "{path}: {}", answer.body);
    }
    site.auth.mails().unwrap().flush().await;

    // What is looked for would be found.
    let session_hash = SessionHash::of(session.split_once('=').unwrap().1).unwrap().to_string();
    for known in [email, &*session_hash] {
        assert!(rows.contains(known) && contains(&stored, known.as_bytes()), "{known} is not kept");
    }
    let token_hash: String = Sha256::digest(&token).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(rows.contains(&token_hash) || rows.contains("fd_"), "the token's hash is not kept");
    let log = Log::text();
    assert!(log.contains("frontdesk_auth") && log.lines().count() >= 3, "nothing was logged: {log}");

    for (what, secret) in &site.secrets {
        for spelling in spellings(secret) {
            assert!(!contains(&stored, &spelling), "the database's files hold {what}: {secret}");
            assert!(!contains(rows.as_bytes(), &spelling), "the database holds {what}: {secret}");
            assert!(!contains(log.as_bytes(), &spelling), "the log holds {what}: {secret}");
        }
    }
}
