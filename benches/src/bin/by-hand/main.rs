//! What an expert would write by hand for the work of `bench-server` on PostgreSQL: no library for forms, validation or
//! tables in between. It serves the table that `bench-server init` makes.
//!
//! Environment: `BENCH_DATABASE` (a `postgres://` URL), `BENCH_PORT`, `BENCH_STORE` (`tokio-postgres` or `sqlx`).

mod store;

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use self::store::{BySqlx, ByTokioPostgres, Store, StoreError, Thing};

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct App<S> {
    store: S,
    key: Hmac<Sha256>,
}

type Shared<S> = State<Arc<App<S>>>;

const COLORS: [&str; 3] = ["red", "green", "blue"];

fn answer(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn json(status: StatusCode, value: &impl serde::Serialize) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(body) => answer(status, "application/json", body),
        Err(error) => fail(&error),
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn fail(error: &dyn Error) -> Response<Body> {
    eprintln!("{error}");
    status(StatusCode::INTERNAL_SERVER_ERROR)
}

fn failed(error: StoreError) -> Response<Body> {
    fail(&*error)
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

/// The browser's random value, which the token in a form is made of.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values =
        pairs.flat_map(|pairs| pairs.split(';')).filter_map(|pair| pair.trim_start().strip_prefix("csrf="));
    values.find(|value| value.len() == 22)
}

impl<S> App<S> {
    fn token(&self, cookie: &str) -> [u8; 32] {
        let mut mac = self.key.clone();
        mac.update(cookie.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn is_good(&self, headers: &HeaderMap, token: &str) -> bool {
        let Some(cookie) = cookie(headers) else { return false };
        let mut given = [0; 32];
        let mut mac = self.key.clone();
        mac.update(cookie.as_bytes());
        matches!(URL_SAFE_NO_PAD.decode_slice(token, &mut given), Ok(32)) && mac.verify_slice(&given).is_ok()
    }

    fn page(
        &self,
        headers: &HeaderMap,
        code: StatusCode,
        typed: [&str; 2],
        errors: [Option<&str>; 2],
    ) -> Response<Body> {
        let (value, fresh) = match cookie(headers) {
            Some(value) => (value.to_owned(), false),
            None => {
                let mut random = [0; 16];
                if let Err(error) = getrandom::fill(&mut random) {
                    return fail(&error);
                }
                (URL_SAFE_NO_PAD.encode(random), true)
            }
        };
        let [name, color] = typed;
        let mut html = String::with_capacity(1024);
        html.push_str(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>New thing</title></head>\n<body>\n\
             <h1>New thing</h1>\n<form action=\"/thing/new\" method=\"post\">\n<label for=\"name\">Name</label>\
             <input id=\"name\" name=\"name\" maxlength=\"200\" required value=\"",
        );
        escape(name, &mut html);
        html.push_str("\">");
        if let Some(error) = errors[0] {
            html.push_str("<p class=\"error\">");
            html.push_str(error);
            html.push_str("</p>");
        }
        html.push_str("<label for=\"color\">Color</label><select id=\"color\" name=\"color\">");
        for known in COLORS {
            html.push_str(if known == color { "<option selected>" } else { "<option>" });
            html.push_str(known);
            html.push_str("</option>");
        }
        html.push_str("</select>");
        if let Some(error) = errors[1] {
            html.push_str("<p class=\"error\">");
            html.push_str(error);
            html.push_str("</p>");
        }
        html.push_str("<input type=\"hidden\" name=\"_formkey\" value=\"");
        URL_SAFE_NO_PAD.encode_string(self.token(&value), &mut html);
        html.push_str("\"><input type=\"submit\"></form>\n</body>\n</html>\n");
        let mut response = answer(code, "text/html; charset=utf-8", html);
        if fresh {
            let cookie = format!("csrf={value}; HttpOnly; SameSite=Lax; Path=/");
            match HeaderValue::try_from(cookie) {
                Ok(cookie) => drop(response.headers_mut().append(SET_COOKIE, cookie)),
                Err(error) => return fail(&error),
            }
        }
        response
    }
}

fn refusals(name: &str, color: &str) -> [Option<&'static str>; 2] {
    let name = match name.chars().count() {
        0 => Some("Enter a value"),
        1..=200 => None,
        _ => Some("Too long"),
    };
    [name, (!COLORS.contains(&color)).then_some("Value not allowed")]
}

async fn new<S: Store>(State(app): Shared<S>, headers: HeaderMap) -> Response<Body> {
    app.page(&headers, StatusCode::OK, ["", ""], [None, None])
}

async fn create<S: Store>(State(app): Shared<S>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let (mut name, mut color, mut token) = (None, None, None);
    for (key, value) in form_urlencoded::parse(&body) {
        match &*key {
            "name" => name = Some(value),
            "color" => color = Some(value),
            "_formkey" => token = Some(value),
            _ => {}
        }
    }
    let (name, color) = (name.unwrap_or_default(), color.unwrap_or_default());
    if !app.is_good(&headers, &token.unwrap_or_default()) {
        return app.page(&headers, StatusCode::FORBIDDEN, [&name, &color], [None, None]);
    }
    let errors = refusals(&name, &color);
    if errors.iter().any(Option::is_some) {
        return app.page(&headers, StatusCode::UNPROCESSABLE_ENTITY, [&name, &color], errors);
    }
    match app.store.insert(&name, &color).await {
        Ok(_) => {
            let mut response = status(StatusCode::SEE_OTHER);
            response.headers_mut().insert(LOCATION, HeaderValue::from_static("/thing/new"));
            response
        }
        Err(error) => failed(error),
    }
}

#[derive(Deserialize)]
struct New {
    name: String,
    color: String,
}

#[derive(serde::Serialize)]
struct Rows {
    rows: Vec<Thing>,
}

#[derive(serde::Serialize)]
struct Made {
    id: i64,
}

async fn insert<S: Store>(State(app): Shared<S>, body: Bytes) -> Response<Body> {
    let Ok(new) = serde_json::from_slice::<New>(&body) else { return status(StatusCode::BAD_REQUEST) };
    if refusals(&new.name, &new.color).iter().any(Option::is_some) {
        return status(StatusCode::BAD_REQUEST);
    }
    match app.store.insert(&new.name, &new.color).await {
        Ok(id) => json(StatusCode::CREATED, &Made { id }),
        Err(error) => failed(error),
    }
}

async fn list<S: Store>(State(app): Shared<S>) -> Response<Body> {
    match app.store.list().await {
        Ok(rows) => json(StatusCode::OK, &Rows { rows }),
        Err(error) => failed(error),
    }
}

async fn one<S: Store>(State(app): Shared<S>, Path(id): Path<i64>) -> Response<Body> {
    match app.store.one(id).await {
        Ok(Some(thing)) => json(StatusCode::OK, &thing),
        Ok(None) => status(StatusCode::NOT_FOUND),
        Err(error) => failed(error),
    }
}

async fn serve<S: Store>(store: S) -> Result<(), StoreError> {
    let port: u16 = std::env::var("BENCH_PORT").unwrap_or_default().parse().unwrap_or(8000);
    let mut key = [0; 32];
    getrandom::fill(&mut key)?;
    let app = App { store, key: Hmac::new_from_slice(&key)? };
    let router = Router::new()
        .route("/ping", get(async || "pong"))
        .route("/thing/new", get(new::<S>).post(create::<S>))
        .route("/api/thing", get(list::<S>).post(insert::<S>))
        .route("/api/thing/{id}", get(one::<S>))
        .with_state(Arc::new(app));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let url = std::env::var("BENCH_DATABASE").map_err(|_| "BENCH_DATABASE is the URL of the database")?;
    match std::env::var("BENCH_STORE").as_deref() {
        Ok("tokio-postgres") => serve(ByTokioPostgres::open(&url)?).await,
        Ok("sqlx") => serve(BySqlx::open(&url).await?).await,
        _ => Err("BENCH_STORE is `tokio-postgres` or `sqlx`".into()),
    }
}
