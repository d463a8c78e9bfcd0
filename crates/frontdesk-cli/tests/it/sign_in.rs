//! The site behind sign-in: who is asked to sign in, what they then see, and what ends it.

use frontdesk_auth::mfa::LoginAttempt;
use frontdesk_auth::{Entry, Sessions, SignIn, Step, Users, Visit};
use frontdesk_cli::{SignInOptions, Site, SiteOptions, app, open_described};
use frontdesk_data::{Db, DbOptions, SchemaFile};
use http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::command::{Frontdesk, Server};
use crate::sample::{Sample, data};
use crate::users::{PASSWORD, add, run, secret};
use crate::visitor::{Page, Visitor};

/// The token of a new session of somebody.
pub(crate) async fn token(state: &Db, name: &str) -> String {
    let users = Users::own(state);
    let proof = users.check_credentials(name, PASSWORD).await.unwrap().expect("the password is right");
    let attempt = LoginAttempt::new("1");
    let step = SignIn::new([]).by_password(Entry::Password, proof, None, None, &attempt).await.unwrap();
    let Step::SignedIn(signed_in) = step else { panic!("no second factor is asked for") };
    let visit = Visit::new(Some("203.0.113.7".parse().unwrap()), Some("a browser"));
    let opened = Sessions::database(state).open(&signed_in, &visit, None).await.unwrap();
    opened.token.as_str().to_owned()
}

/// A site whose users are in `users.db` beside the database.
pub(crate) async fn behind_sign_in(mut sample: Sample, schema: Option<&str>) -> (Sample, Db) {
    let file = sample.folder.path().join("users.db");
    let options = DbOptions::new().create_if_missing(true);
    let state = Db::open_with(&format!("sqlite://{}", file.display()), options).await.unwrap();
    let schema = schema.map(|text| SchemaFile::parse("frontdesk.toml", text).unwrap());
    let described = open_described(sample.path.to_str().unwrap(), schema.as_ref()).await.unwrap();
    let options = SiteOptions::new("sample").media(sample.folder.path().join("media")).state(&state);
    let options = match schema {
        Some(schema) => options.schema(schema),
        None => options,
    };
    let sign_in = SignInOptions::new(&state).hosts(["desk.example.com"]);
    sample.visitor = Visitor::new(app(Site::new(&described.db, options.sign_in(sign_in))));
    (sample, state)
}

fn location(page: &Page) -> &str {
    page.header("location")
}

#[tokio::test]
async fn auth_12_until_there_is_an_administrator_this_computer_alone_is_served() {
    let (mut sample, state) = behind_sign_in(Sample::chinook().await, None).await;
    assert!(sample.visitor.get("/tables/Artist/").await.text().contains("AC/DC"));
    // Elsewhere, or by way of a proxy, nobody is an administrator without a word.
    for (name, value) in [
        ("host", "desk.example.com"),
        ("host", "evil.example"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("via", "1.1 proxy"),
    ] {
        let page = sample.visitor.send(Request::get("/tables/Artist/").header(name, value), "").await;
        assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST, "{name}: {value}");
        assert!(!page.text().contains("AC/DC"));
    }
    // The very next request meets the sign-in, whoever made the administrator.
    add(sample.folder.path(), "ada", &["--admin"]);
    for address in
        ["/", "/tables/Artist/", "/forms/Artist/1/?list=q%3Da", "/forms/Artist/", "/media/a/b/c", "/nowhere"]
    {
        let page = sample.visitor.get(address).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{address}");
        let next: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
        assert_eq!(location(&page), format!("/login/?next={next}"));
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.body.is_empty());
        let page = sample.visitor.method(Method::POST, address).await;
        assert!(matches!(page.status.as_u16(), 401 | 403 | 405), "{address}: {}", page.status);
        // A picture is not replaced by a page.
        let request = Request::get(address).header("sec-fetch-dest", "image");
        assert_eq!(sample.visitor.send(request, "").await.status, StatusCode::UNAUTHORIZED, "{address}");
    }
    assert_eq!(sample.visitor.get("/healthz").await.status, StatusCode::OK);
    // It is reached from elsewhere now.
    let page = sample.visitor.send(Request::get("/").header("host", "DESK.example.com:443"), "").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let page = sample.visitor.send(Request::get("/").header("host", "evil.example"), "").await;
    assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST);
    // There is no way back: without administrators nobody is one.
    let connection = rusqlite::Connection::open(sample.folder.path().join("users.db")).unwrap();
    connection.execute("UPDATE frontdesk_users SET admin = 0", []).unwrap();
    assert_eq!(sample.visitor.get("/tables/Artist/").await.status, StatusCode::SEE_OTHER);
    state.close().await;
}

#[tokio::test]
async fn sess_03_sess_07_what_ends_a_session_ends_it_at_once() {
    let (mut sample, state) = behind_sign_in(Sample::chinook().await, None).await;
    let here = sample.folder.path().to_path_buf();
    add(&here, "ada", &["--admin", "--superuser"]);
    add(&here, "bob", &["--admin"]);
    let list = || {
        let (code, out, error) = run(&here, &["session", "list", "--json"], "");
        assert_eq!(code, 0, "{error}");
        serde_json::from_str::<Value>(&out).unwrap().as_array().unwrap().clone()
    };
    assert!(list().is_empty());
    let steps: [&[&str]; 7] = [
        &["session", "end", "--user", "bob"],
        &["session", "end", "--all"],
        &["user", "passwd", "bob", "--password-stdin"],
        &["user", "role", "bob", "staff"],
        &["user", "admin", "bob", "--remove"],
        &["user", "disable", "bob"],
        &["user", "delete", "bob"],
    ];
    for step in steps {
        if step[0] == "user" && step[1] == "disable" {
            run(&here, &["user", "enable", "bob"], "");
        }
        sample.visitor.set_cookie("id", &token(&state, "bob").await);
        let page = sample.visitor.get("/").await;
        assert_eq!(page.status == StatusCode::OK, !page.headers.contains_key("location"), "{step:?}");
        if step[1] != "disable" && step[1] != "delete" {
            assert_eq!(page.status, StatusCode::OK, "{step:?}");
        }
        let (code, _, error) = run(&here, step, &format!("{PASSWORD}\n"));
        assert_eq!(code, 0, "{step:?}: {error}");
        let page = sample.visitor.get("/tables/Artist/").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{step:?}");
        if step[1] == "disable" {
            run(&here, &["user", "enable", "bob"], "");
        }
    }
    // One session of two, by its name.
    let (one, two) = (token(&state, "ada").await, token(&state, "ada").await);
    let sessions = list();
    assert_eq!(sessions.len(), 2);
    assert_eq!((&sessions[0]["user"], &sessions[0]["address"]), (&"ada".into(), &"203.0.113.7".into()));
    let text = run(&here, &["session", "list"], "").1;
    assert!(text.contains("a browser") && !text.contains(&one) && !text.contains(&two), "{text}");
    let name = sessions[0]["id"].as_str().unwrap();
    assert_eq!(run(&here, &["session", "end", name], "").0, 0);
    assert_eq!(list().len(), 1);
    let (code, _, error) = run(&here, &["session", "end", name], "");
    assert!(code == 1 && error.contains("no session"), "{error}");
    let (code, _, error) = run(&here, &["session", "end", "-Begins_with-a-hyphen"], "");
    assert!(code == 1 && error.contains("no session"), "{error}");
    assert_eq!(run(&here, &["session", "end"], "").0, 2);
    let (code, out, _) = run(&here, &["session", "clean", "--json"], "");
    assert_eq!((code, out.trim()), (0, "{\"removed\":0}"));
    state.close().await;
}

#[tokio::test]
async fn csrf_02_a_form_is_good_for_the_session_that_it_was_drawn_in() {
    const SCHEMA: &str = "[tables.inbox]\naccess = { read = 'user', create = 'public', update = 'user' }\n";
    let sql =
        "CREATE TABLE inbox (id INTEGER PRIMARY KEY, message TEXT); INSERT INTO inbox VALUES (1, 'hush');";
    let (mut sample, state) = behind_sign_in(Sample::described(sql, Some(SCHEMA)).await, Some(SCHEMA)).await;
    let here = sample.folder.path().to_path_buf();
    add(&here, "root", &["--admin"]);
    add(&here, "ada", &[]);
    add(&here, "bob", &[]);
    let anonymous = sample.visitor.form("/forms/inbox/").await.set("message", "before");
    let (first, second) = (token(&state, "ada").await, token(&state, "ada").await);
    sample.visitor.set_cookie("id", &first);
    let page = sample.visitor.submit(&anonymous).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "a form from before signing in");
    let adas = sample.visitor.form("/forms/inbox/1/").await.set("message", "hers");
    for other in [second, token(&state, "bob").await] {
        sample.visitor.set_cookie("id", &other);
        assert_eq!(sample.visitor.submit(&adas).await.status, StatusCode::FORBIDDEN, "another session");
    }
    sample.visitor.set_cookie("id", &first);
    let page = sample.visitor.submit(&adas).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("cache-control"), "no-store");
    let dump = sample.dump().join("\n");
    assert!(dump.contains("hers") && !dump.contains("before"), "{dump}");
    // A draft is the user's, in whatever browser, and nobody else's.
    let draft =
        sample.visitor.form("/forms/inbox/").await.set("message", "half a thought").set("_draft", "save");
    sample.visitor.submit(&draft).await;
    for (name, sees) in [("ada", true), ("bob", false)] {
        sample.visitor.set_cookie("id", &token(&state, name).await);
        let page = sample.visitor.get("/forms/inbox/").await;
        assert_eq!(page.text().contains("value=\"restore\""), sees, "{name}");
    }
    state.close().await;
}

/// The form of the set-up link, filled in.
async fn set_up(visitor: &mut Visitor, path: &str, name: &str) -> crate::visitor::Filled {
    let form = visitor.form(path).await;
    let form = form.set("username", name).set("email", &format!("{name}@example.com"));
    form.set("password", PASSWORD).set("confirm_password", PASSWORD)
}

async fn log_in(visitor: &mut Visitor, address: &str, name: &str, password: &str) -> Page {
    let form = visitor.form(address).await.set("username", name).set("password", password);
    visitor.submit(&form).await
}

#[tokio::test]
async fn auth_12_the_link_makes_one_administrator_who_then_signs_in() {
    let sample = Sample::chinook().await;
    let state = Db::open_with(
        &format!("sqlite://{}", sample.folder.path().join("users.db").display()),
        DbOptions::new().create_if_missing(true),
    )
    .await
    .unwrap();
    let site = Site::new(&sample.db, SiteOptions::new("chinook").sign_in(SignInOptions::new(&state)));
    let path = site.setup_path().unwrap();
    let router = app(site);
    let [mut one, mut two] = [Visitor::new(router.clone()), Visitor::new(router.clone())];
    // Another link is none, and a password that is too weak makes nobody.
    assert_eq!(one.get("/setup/0123456789/").await.status, StatusCode::NOT_FOUND);
    let page = one.get(&path).await;
    assert_eq!((page.status, page.header("referrer-policy")), (StatusCode::OK, "no-referrer"));
    let weak = set_up(&mut one, &path, "ada").await.set("password", "short").set("confirm_password", "short");
    assert_eq!(one.submit(&weak).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let forged = set_up(&mut one, &path, "ada").await.without("csrftoken");
    assert_eq!(one.submit(&forged).await.status, StatusCode::FORBIDDEN);
    assert!(!Users::own(&state).has_admin().await.unwrap());
    // Of two who use it at once, one is made.
    let first = set_up(&mut one, &path, "ada").await;
    let second = set_up(&mut two, &path, "bob").await;
    let (_, _) = tokio::join!(one.submit(&first), two.submit(&second));
    let users = Users::own(&state).list(None, 10).await.unwrap();
    assert_eq!(users.len(), 1);
    assert!(users[0].admin && users[0].superuser && users[0].active);
    let name = users[0].username.to_string();
    let mut visitor = Visitor::new(router);
    assert!(visitor.get(&path).await.header("location").starts_with("/login/"), "it is of no use any more");
    // And signs in: back to where they wanted to go.
    let wanted = visitor.get("/tables/Artist/?q=AC").await;
    let login = wanted.header("location").to_owned();
    let page = log_in(&mut visitor, &login, &name, "not the right one").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    let page = log_in(&mut visitor, &login, &name, PASSWORD).await;
    assert_eq!((page.status, &*page.address), (StatusCode::OK, "/tables/Artist/?q=AC"));
    assert!(page.text().contains("AC/DC") && page.texts(".who").concat().contains(&name));
    // The button of each page signs out.
    let button = page.form().unwrap();
    assert_eq!(button.action, "/logout/");
    let page = visitor.submit(&button.clone().without("csrftoken")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let page = visitor.submit(&button).await;
    assert_eq!((page.status, &*page.address), (StatusCode::OK, "/login/"));
    assert_eq!(visitor.get("/tables/Artist/").await.status, StatusCode::SEE_OTHER);
    state.close().await;
}

#[tokio::test]
async fn sess_09_nobody_is_led_elsewhere_by_signing_in() {
    let (mut sample, state) = behind_sign_in(Sample::chinook().await, None).await;
    add(sample.folder.path(), "ada", &["--admin"]);
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
    ] {
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = log_in(&mut sample.visitor, &format!("/login/?next={next}"), "ada", PASSWORD).await;
        assert_eq!((page.status, &*page.address), (StatusCode::OK, "/"), "{next}");
        sample.visitor.forget();
    }
    state.close().await;
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data("chinook.sqlite"), folder.path().join("chinook.db")).unwrap();
    folder
}

#[test]
fn auth_12_ops_02_other_addresses_are_listened_on_once_people_sign_in() {
    let folder = folder();
    let here = folder.path();
    let key = secret();
    let url = ("FRONTDESK_URL", "https://desk.example.com");
    let with = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = Frontdesk::new(here).args(["serve", "chinook.db", "--listen", "0.0.0.0:0"]);
        for (name, value) in variables {
            command = command.env(name, value);
        }
        command.args(args.iter().copied())
    };
    let good = [("FRONTDESK_SECRET_KEY", key.as_str()), url];
    for (variables, args, why, remedy) in [
        (&[url][..], &[][..], "no secret key", "/dev/urandom"),
        (&good[..1], &[], "under which name", "FRONTDESK_URL"),
        (&[good[0], ("FRONTDESK_URL", "http://desk.example.com")], &[], "not https", "certificate"),
        (&good, &["--as", "public"], "--as", "FRONTDESK_AS"),
        (&good, &["--state", "memory"], "no place for users", "--state"),
        (&good, &[], "no administrator", "frontdesk user add NAME --admin"),
        (&good, &["--state", "kept.db"], "no administrator", "user add NAME --admin --state kept.db"),
    ] {
        let (code, said) = with(variables, args).fails();
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("refusing to listen on 0.0.0.0") && said.contains(why), "{why}: {said}");
        assert!(said.contains(remedy) && said.contains("127.0.0.1"), "{remedy}: {said}");
    }
    let user = Frontdesk::new(here).args(["user", "add", "ada", "--admin", "--password-stdin"]);
    assert_eq!(user.env("FRONTDESK_SECRET_KEY", &key).feed(PASSWORD.into()).status.code(), Some(0));
    let server = Server::start(with(&good, &[]));
    assert!(server.said.contains("Everybody signs in: https://desk.example.com/login/"), "{}", server.said);
    let answer = server.ask("GET", "/tables/Artist/", &[("Host", "desk.example.com")], "");
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("/login/?next="), "{answer}");
    let answer = server.ask("GET", "/healthz", &[("Host", "10.0.0.7:8000")], "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.stop();
}

#[test]
fn the_start_says_who_is_let_in() {
    let folder = folder();
    let here = folder.path();
    let start = |args: &[&str]| {
        let args = ["serve", "chinook.db", "--listen", "127.0.0.1:0"].into_iter().chain(args.iter().copied());
        Server::start(Frontdesk::new(here).args(args))
    };
    let server = start(&[]);
    assert!(server.said.contains("Nobody signs in") && !server.said.contains("/setup/"), "{}", server.said);
    server.stop();
    let server = start(&["--state", "users.db"]);
    assert!(
        server.said.contains("no administrator yet") && server.said.contains("/setup/"),
        "{}",
        server.said
    );
    assert!(server.get("/tables/Artist/").contains("AC/DC"));
    server.stop();
    add(here, "ada", &["--admin"]);
    let server = start(&["--state", "users.db"]);
    assert!(server.said.contains("Everybody signs in: http://127.0.0.1:"), "{}", server.said);
    assert!(!server.said.contains("/setup/") && !server.get("/tables/Artist/").contains("AC/DC"));
    server.stop();
    // Who may read the files may look as anybody.
    let server = start(&["--state", "users.db", "--as", "admin"]);
    assert!(
        server.said.contains("Nobody signs in") && server.get("/tables/Artist/").contains("AC/DC"),
        "{}",
        server.said
    );
    server.stop();
}
