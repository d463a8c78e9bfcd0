//! Every widget, in every style and every state, on a page each: to look at, and to test in a browser.
//!
//! Run it with `cargo run -p example-widget-lab`, then open <http://127.0.0.1:3000>. The stylesheets of the frameworks
//! are not part of this repository: `tests/browser/stylesheets.mjs DIR` collects them from npm, and `--assets DIR` says
//! where they are. Without them only the plain style looks as it should.

mod fields;
mod page;

use std::error::Error;
use std::future::ready;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRef, Path as Segments, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use axum::{Router, response};
use clap::Parser;
use frontdesk::prelude::*;
use frontdesk::web::{SecurityHeaders, ServeOptions, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
struct Args {
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The folder of the database and the files.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
    /// The folder of the frameworks' stylesheets: bulma.css, bootstrap4.css, bootstrap5.css, tailwind.css.
    #[arg(long, default_value = "assets")]
    assets: PathBuf,
    /// Prints all classes of the Tailwind style, for its compiler, and ends.
    #[arg(long)]
    classes: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    if args.classes {
        println!("{}", Style::tailwind().class_list());
        return Ok(());
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let app = app(&args.folder, &args.assets).await?;
    let listener = TcpListener::bind(args.listen).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    println!("listening on http://{}", listener.local_addr()?);
    let stop = async move {
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = terminate.recv() => {} }
    };
    Ok(serve(listener, app, ServeOptions::default(), stop).await?)
}

/// What every page needs.
#[derive(Clone)]
struct App {
    db: Db,
    table: Arc<Table>,
    desk: Desk,
    assets: Arc<Path>,
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

type Answer = response::Result<Response>;

/// The states that a control can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    Filled,
    Refused,
    ReadOnly,
    Disabled,
    /// Every text is one that would be markup.
    Odd,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Empty, Self::Filled, Self::Refused, Self::ReadOnly, Self::Disabled, Self::Odd];

    fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Filled => "filled",
            Self::Refused => "error",
            Self::ReadOnly => "readonly",
            Self::Disabled => "disabled",
            Self::Odd => "odd",
        }
    }
}

type MakeStyle = fn() -> Style;

const STYLES: [(&str, MakeStyle); 5] = [
    ("plain", Style::plain),
    ("bulma", Style::bulma),
    ("bootstrap4", Style::bootstrap4),
    ("bootstrap5", Style::bootstrap5),
    ("tailwind", Style::tailwind),
];

async fn app(folder: &Path, assets: &Path) -> Result<Router, Box<dyn Error>> {
    // With the language for tests, `en-XA`.
    let languages = Languages::new().with_pseudo();
    let desk = Desk::new(Secret::random()).upload_folder(folder.join("uploads")).speak(languages);
    let (db, table) = fields::prepare(folder, &desk).await?;
    let headers = SecurityHeaders::default();
    let secured = map_response(move |mut response: Response| {
        headers.apply(response.headers_mut());
        ready(response)
    });
    let form = MethodFilter::GET.or(MethodFilter::POST);
    Ok(Router::new()
        .route("/", get(async || response::Html(page::index())))
        .route("/{style}/{state}/", on(form, whole))
        .route("/{style}/{state}/{field}/", on(form, single))
        .route("/files/{key}", get(file))
        .route("/assets/{name}", get(asset))
        .route("/lab.css", get(([(CONTENT_TYPE, "text/css")], include_str!("../assets/lab.css"))))
        .layer(secured)
        .with_state(App { db, table, desk, assets: assets.into() }))
}

/// All widgets in one form.
async fn whole(
    State(app): State<App>,
    Segments((style, state)): Segments<(String, String)>,
    request: FormRequest,
) -> Answer {
    app.answer(&style, &state, None, request).await
}

/// One widget.
async fn single(
    State(app): State<App>,
    Segments((style, state, field)): Segments<(String, String, String)>,
    request: FormRequest,
) -> Answer {
    app.answer(&style, &state, Some(&field), request).await
}

async fn file(State(app): State<App>, Segments(key): Segments<String>) -> impl IntoResponse {
    serve_upload(app.desk.uploads(), &key).await
}

/// The stylesheets of the frameworks.
async fn asset(State(app): State<App>, Segments(name): Segments<String>) -> Answer {
    let known = STYLES.iter().any(|(style, _)| name.strip_suffix(".css") == Some(style));
    let css = if name == "plain.css" {
        include_str!("../../../crates/frontdesk-forms/assets/frontdesk.css").to_owned()
    } else {
        let read = async { tokio::fs::read_to_string(app.assets.join(&name)).await.ok() };
        if known { read.await } else { None }.ok_or(StatusCode::NOT_FOUND)?
    };
    Ok(([(CONTENT_TYPE, "text/css")], css).into_response())
}

impl App {
    async fn answer(&self, style: &str, state: &str, field: Option<&str>, request: FormRequest) -> Answer {
        let (style_name, style) =
            STYLES.iter().find(|(name, _)| *name == style).ok_or(StatusCode::NOT_FOUND)?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == state).ok_or(StatusCode::NOT_FOUND)?;
        let spec = self.spec(kind, field)?.formstyle(fields::style(style(), kind, &self.table));
        let (mut request, cookie) =
            if matches!(kind, Kind::Refused | Kind::Odd) && *request.method() == Method::GET {
                self.submission(&spec, &request, field, kind).await?
            } else {
                (request, None)
            };
        let form = spec.process(&mut request).await?;
        let mut response = form.respond(page::page(style_name, kind, field, &self.table, &form));
        if let Some(cookie) = cookie {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// The form of a page.
    fn spec(&self, kind: Kind, field: Option<&str>) -> Result<FormSpec, StatusCode> {
        let table = match field {
            None if kind == Kind::Odd => Arc::new(fields::odd(&self.table)),
            None => Arc::clone(&self.table),
            Some(name) => Arc::new(fields::only(&self.table, name).ok_or(StatusCode::NOT_FOUND)?),
        };
        let spec =
            Form::for_table(&self.db, &table).dbio(false).keep_values(true).show_id(false).deletable(false);
        Ok(match kind {
            Kind::Empty => spec,
            Kind::Filled | Kind::Disabled => spec.record(1),
            Kind::Refused | Kind::Odd => {
                let text = if kind == Kind::Odd { fields::ODD } else { "This is how an error looks" };
                let inputs =
                    table.fields.iter().filter(|field| field.writable && field.kind != FieldType::Id);
                spec.validation(fields::refuse(inputs.map(|field| field.name.to_string()).collect(), text))
            }
            Kind::ReadOnly => spec.record(1).readonly(true),
        })
    }

    /// What a browser would send that opened the form and submitted it with odd values.
    async fn submission(
        &self,
        spec: &FormSpec,
        request: &FormRequest,
        field: Option<&str>,
        kind: Kind,
    ) -> Result<(FormRequest, Option<HeaderValue>), FormError> {
        let again = |method, body: Body, headers: &HeaderMap| {
            FormRequest::new(self.desk.clone(), method, request.uri().clone(), headers.clone(), body)
        };
        let mut headers = request.headers().clone();
        let mut opened = again(Method::GET, Body::empty(), &headers);
        let form = spec.process(&mut opened).await?;
        let mut body = form_urlencoded::Serializer::new(String::new());
        let json = form.as_json();
        for (name, value) in json["hidden"].as_object().into_iter().flatten() {
            body.append_pair(name, value.as_str().unwrap_or_default());
        }
        for (name, value) in
            fields::REFUSED.iter().filter(|(name, _)| field.is_none_or(|field| field == *name))
        {
            body.append_pair(name, if kind == Kind::Odd { fields::ODD } else { value });
        }
        let mut response = ().into_response();
        form.apply(&mut response);
        let cookie = response.headers().get(SET_COOKIE).cloned();
        if let Some(cookie) = &cookie {
            headers.insert(COOKIE, cookie.clone()); // its attributes are pairs that nobody asks for
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        Ok((again(Method::POST, Body::from(body.finish()), &headers), cookie))
    }
}
