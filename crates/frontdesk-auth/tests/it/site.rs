//! A small site with sign-in, and browsers that visit it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use frontdesk_auth::{
    Account, Auth, ChangePassword, ConfirmEmail, Mailer, NewUser, Outbox, PasswordReset, Register,
    SessionLogin, SessionLogout, Sessions, User, UserDefaults, Users, account, change_password,
    confirm_email, password_reset, register, session_login, session_logout,
};
use frontdesk_data::Db;
use frontdesk_forms::Desk;
use frontdesk_web::{Clock, Secret};
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use scraper::{Html, Selector};
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const NEW_PASSWORD: &str = "a quiet green lamp";

/// A site, and what a test looks at.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) auth: Auth,
    pub(crate) app: Router,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
}

/// What all of sign-in shares, in a database of its own.
pub(crate) async fn auth() -> (Auth, Outbox, Clock, Db) {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
    let (mailer, outbox) = Mailer::outbox();
    let desk = Desk::new(Secret::random());
    let auth = Auth::new(Users::own(&db), Sessions::database(&db), &desk)
        .clock(clock.clone())
        .mailer(mailer)
        .site_name("The Shop")
        .base_url("https://shop.example".parse().unwrap());
    (auth, outbox, clock, db)
}

impl Site {
    /// The usual one, with the user Ada.
    pub(crate) async fn new() -> Self {
        Self::with(|login| login, |register| register).await
    }

    /// One whose login and registration are set up by the test.
    pub(crate) async fn with(
        login: impl FnOnce(SessionLogin) -> SessionLogin,
        registration: impl FnOnce(Register) -> Register,
    ) -> Self {
        let (auth, outbox, clock, db) = auth().await;
        let defaults = UserDefaults::default().active(true);
        let app = Router::new()
            .nest("/login/", session_login(login(SessionLogin::new(&auth))))
            .nest("/logout/", session_logout(SessionLogout::new(&auth)))
            .nest("/register/", register(registration(Register::new(&auth).user_defaults(defaults))))
            .nest("/change-password/", change_password(ChangePassword::new(&auth)))
            .nest("/password-reset/", password_reset(PasswordReset::new(&auth).unwrap()))
            .nest("/confirm-email/", confirm_email(ConfirmEmail::new(&auth)))
            .nest("/account/", account(Account::new(&auth)));
        let app = Self::whoami(app, &auth);
        let site = Self { auth, app, outbox, clock, db };
        site.add("ada").await;
        site
    }

    /// A page that says who is signed in.
    pub(crate) fn whoami(app: Router, auth: &Auth) -> Router {
        let auth = auth.clone();
        app.route(
            "/me",
            get(move |request: Request<Body>| async move {
                let (parts, _) = request.into_parts();
                match auth.signed_in(&parts).await.unwrap() {
                    Some((_, user)) => (StatusCode::OK, user.username.to_string()),
                    None => (StatusCode::UNAUTHORIZED, String::new()),
                }
            }),
        )
    }

    /// Adds an active user `name` with `name@example.com` and [`PASSWORD`].
    pub(crate) async fn add(&self, name: &str) -> User {
        let user = NewUser::new(name).email(format!("{name}@example.com")).password(PASSWORD).active(true);
        self.auth.users().insert(user).await.unwrap()
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        self.auth.users().by_name(name).await.unwrap().unwrap()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { app: self.app.clone(), cookies: BTreeMap::new(), headers: HeaderMap::new() }
    }

    /// The mails since the last time, once the queue is empty.
    pub(crate) async fn mails(&self) -> Vec<frontdesk_auth::Mail> {
        self.auth.mails().unwrap().flush().await;
        self.outbox.take()
    }

    /// The token of the link in the only mail.
    pub(crate) async fn mailed_token(&self) -> String {
        let mails = self.mails().await;
        let [mail] = &*mails else { panic!("one mail: {mails:?}") };
        token(&mail.text)
    }

    /// Everything that the database holds, as text.
    pub(crate) async fn dump(&self) -> String {
        let mut dump = String::new();
        for table in ["frontdesk_users", "frontdesk_sessions", "frontdesk_links", "frontdesk_limits"] {
            if let Ok(rows) = self.db.query(format!("SELECT * FROM {table}"), []).await {
                dump.push_str(&format!("{table}: {rows:?}\n"));
            }
        }
        dump
    }
}

/// The token of the link in a mail.
pub(crate) fn token(text: &str) -> String {
    let link = text.lines().find(|line| line.contains("?token=")).unwrap_or_else(|| panic!("{text}"));
    assert!(link.starts_with("https://shop.example/"), "{link}");
    link.split_once("?token=").unwrap().1.trim().to_owned()
}

/// A browser, or another client that keeps cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) app: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Sent with each request.
    pub(crate) headers: HeaderMap,
}

impl Browser {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "", Body::empty()).await
    }

    /// Posts a form, as a page does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("format", "html"));
        self.form(path, &fields).await
    }

    /// Posts an urlencoded form, without saying that a page is wanted.
    pub(crate) async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded(fields);
        self.send(Method::POST, path, "application/x-www-form-urlencoded", Body::from(body)).await
    }

    /// Posts JSON, as programs do.
    pub(crate) async fn json(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: serde_json::Map<_, _> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let body = serde_json::Value::Object(body).to_string();
        self.send(Method::POST, path, "application/json", Body::from(body)).await
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, kind: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.headers.contains_key(HOST) {
            request = request.header(HOST, "localhost:8000");
        }
        if !kind.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        let mut request = request.body(body).unwrap();
        request.headers_mut().extend(self.headers.clone());
        let answer = Answer::of(self.app.clone().oneshot(request).await.unwrap()).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, rest) = set.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match set.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    /// Signs in, and stays so.
    pub(crate) async fn sign_in(mut self, name: &str, password: &str) -> Self {
        let answer = self.form("/login/", &[("username", name), ("password", password)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self
    }

    /// Who is signed in here.
    pub(crate) async fn who(&mut self) -> Option<String> {
        let answer = self.get("/me").await;
        (answer.status == StatusCode::OK).then_some(answer.body)
    }
}

fn serde_urlencoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The sentence of a problem document.
    pub(crate) fn detail(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        json["detail"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), "application/json", "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The texts of the elements that a page has for a selector.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        assert!(self.header("content-type").starts_with("text/html"), "{:?} {}", self.headers, self.body);
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector).map(|element| element.text().collect::<String>().trim().to_owned()).collect()
    }

    /// What the page says is wrong.
    pub(crate) fn error(&self) -> String {
        self.texts("p.error").concat()
    }

    /// The attribute of the first element of a selector.
    pub(crate) fn attr(&self, selector: &str, name: &str) -> Option<String> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector).next()?.attr(name).map(str::to_owned)
    }

    /// The `Set-Cookie` header of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned());
        all.into_iter().find(|set| set.split('=').next() == Some(name))
    }

    /// The status, and what is said: for comparing both kinds of answers with a table.
    pub(crate) fn said(&self) -> (u16, String) {
        let text = match self.header("content-type") {
            "application/problem+json" => self.detail(),
            kind if kind.starts_with("text/html") => self.error(),
            _ => self.body.clone(),
        };
        (self.status.as_u16(), text)
    }
}

/// Something that several tasks count with.
pub(crate) type Shared<T> = Arc<std::sync::Mutex<T>>;
