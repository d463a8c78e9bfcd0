//! The server that load tests compare with others: forms, rows as JSON, an upload, sign-in and a page behind it.
//!
//! `bench-server init` makes the table; `bench-server serve` serves. Environment: `BENCH_DATA` (folder), `BENCH_PORT`,
//! `BENCH_DATABASE` (the URL of a database in place of a file in the folder).

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use frontdesk::auth::{AuthLayer, SessionLogin, SessionsAuthBackend, session_login};
use frontdesk::forms::{FormSpec, QuarantineOptions, UploadStore};
use frontdesk::html::HtmlWriter;
use frontdesk::prelude::*;

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct App {
    db: Db,
    thing: Arc<Table>,
    desk: Desk,
    create: FormSpec,
    upload: FormSpec,
}

#[derive(Clone)]
struct Shared(Arc<App>);

impl FromRef<Shared> for Desk {
    fn from_ref(Shared(app): &Shared) -> Self {
        app.desk.clone()
    }
}

const NEW_THING: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
    <title>New thing</title></head>\n<body>\n<h1>New thing</h1>\n";
const UPLOAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
    <title>Upload</title></head>\n<body>\n<h1>Upload</h1>\n";

fn page(head: &'static str, form: &Form) -> Response {
    let mut out = HtmlWriter::with_capacity(2048);
    out.markup(&Markup::trusted(head));
    form.write(&mut out);
    out.markup(&Markup::trusted("\n</body>\n</html>\n"));
    form.respond(out.into_string())
}

async fn create(State(Shared(app)): State<Shared>, mut request: FormRequest) -> Result<Response, FormError> {
    let form = app.create.process(&mut request).await?;
    if form.accepted() {
        return Ok(Redirect::to("/thing/new").into_response());
    }
    Ok(page(NEW_THING, &form))
}

async fn upload(State(Shared(app)): State<Shared>, mut request: FormRequest) -> Result<Response, FormError> {
    let mut form = app.upload.process(&mut request).await?;
    if form.accepted() && form.store_files(&app.desk).await? {
        return Ok(Redirect::to("/upload").into_response());
    }
    Ok(page(UPLOAD, &form))
}

fn json(status: StatusCode, body: impl Into<Vec<u8>>) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.into()).into_response()
}

fn fail(error: &dyn Error) -> Response {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn write_row(row: &Row, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (name, value)) in row.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        // Writing JSON into memory cannot fail.
        let _ = serde_json::to_writer(&mut *out, &**name);
        out.push(b':');
        let _ = match value {
            Value::Text(text) => serde_json::to_writer(&mut *out, text),
            Value::Int(number) => serde_json::to_writer(&mut *out, number),
            other => serde_json::to_writer(&mut *out, &other.to_plain_json()),
        };
    }
    out.push(b'}');
}

async fn list(State(Shared(app)): State<Shared>) -> Response {
    match app.db.set(&app.thing).limit(15).order_by("id").rows().await {
        Ok(rows) => {
            let mut body = Vec::with_capacity(2048);
            body.extend_from_slice(b"{\"rows\":[");
            for (index, row) in rows.iter().enumerate() {
                if index > 0 {
                    body.push(b',');
                }
                write_row(row, &mut body);
            }
            body.extend_from_slice(b"]}");
            json(StatusCode::OK, body)
        }
        Err(error) => fail(&error),
    }
}

async fn one(State(Shared(app)): State<Shared>, Path(id): Path<i64>) -> Response {
    match app.db.get(&app.thing, &id.into()).await {
        Ok(Some(row)) => {
            let mut body = Vec::with_capacity(128);
            write_row(&row, &mut body);
            json(StatusCode::OK, body)
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => fail(&error),
    }
}

async fn insert(State(Shared(app)): State<Shared>, body: Bytes) -> Response {
    let Ok(serde_json::Value::Object(mut given)) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut values = Values::with_capacity(3);
    for field in app.thing.fields.iter().filter(|field| field.writable) {
        let given = match given.remove(&*field.name) {
            Some(serde_json::Value::String(text)) => Value::Text(text),
            _ => return StatusCode::BAD_REQUEST.into_response(),
        };
        match field.validate(given).await {
            Ok(value) => values.set(Arc::clone(&field.name), value),
            Err(_) => return StatusCode::BAD_REQUEST.into_response(),
        }
    }
    match app.db.insert(&app.thing, values).await {
        Ok(Some(id)) => json(StatusCode::CREATED, format!("{{\"id\":{id}}}")),
        Ok(None) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(error) => fail(&error),
    }
}

async fn private(user: User) -> Response {
    let mut out = HtmlWriter::with_capacity(128);
    out.markup(&Markup::trusted("<!DOCTYPE html><title>Private</title><p>Hello "));
    out.text(&user.username);
    out.markup(&Markup::trusted("</p>"));
    axum::response::Html(out.into_string()).into_response()
}

async fn serve(data: PathBuf) -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::var("BENCH_PORT").unwrap_or_default().parse().unwrap_or(8000);
    let (db, thing) = frontdesk_bench::open(&data).await?;
    // As durable as the rows are, and as the servers are that this one is compared with.
    let uploads = UploadStore::new(data.join("uploads"));
    let uploads = uploads.quarantine(QuarantineOptions::default().write_through(false));
    let desk = Desk::new(Secret::random()).uploads_in(uploads);
    // The load sends one drawn form again and again, and every one of them is to be written.
    let create_form = Form::for_table(&db, &thing).once(false);
    let options = UploadOptions::default().allowed_extensions(["bin"]);
    let upload_form = Form::for_fields("upload", [Field::upload("file").upload_options(options)]).once(false);
    let auth = frontdesk_bench::sign_in(&db, &desk);
    let guard = SessionsAuthBackend::of(&auth).admin_only(false);
    let private = Router::new().route("/private", get(private)).layer(AuthLayer::new(guard));
    // By the name that the forms' own tokens have: whoever measures looks for one name on all pages.
    let csrf = auth.csrf().cookie_name("_formkey");
    let login = session_login(SessionLogin::new(&auth).redirect_to("/private")).layer(csrf);
    let app = App { db, thing, desk, create: create_form, upload: upload_form };
    let router = Router::new()
        .route("/ping", get(async || "pong"))
        .route("/thing/new", get(create).post(create))
        .route("/api/thing", get(list).post(insert))
        .route("/api/thing/{id}", get(one))
        .route("/upload", get(upload).post(upload))
        .with_state(Shared(Arc::new(app)))
        .nest("/login", login)
        .merge(private);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    frontdesk::web::serve(listener, router, frontdesk::web::ServeOptions::default(), stop).await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let data = PathBuf::from(std::env::var_os("BENCH_DATA").ok_or("BENCH_DATA is the data folder")?);
    let workers = std::thread::available_parallelism()?.get();
    let runtime = if workers == 1 {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?
    } else {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?
    };
    runtime.block_on(async {
        if std::env::args().nth(1).as_deref() == Some("init") {
            let (db, _) = frontdesk_bench::open(&data).await?;
            frontdesk_bench::add_user(&db).await?;
            return Ok(());
        }
        serve(data).await
    })
}
