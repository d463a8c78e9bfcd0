//! A walk through forms, with superheroes: one table, and a page for each idea.
//!
//! Run it with `cargo run -p example-superheroes`, then open <http://127.0.0.1:3000>. The heroes live in
//! `superheroes.db` and their pictures in `uploads`, both in the current folder or where `--folder` says.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::ready;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{FromRef, Path as Segment, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodFilter, get, on};
use axum::{Router, response};
use clap::Parser;
use frontdesk::forms::form_formatter;
use frontdesk::html;
use frontdesk::prelude::*;
use frontdesk::web::{SecurityHeaders, ServeOptions, serve};
use minijinja::{Environment, context};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
struct Args {
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The folder of the database and the pictures.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let app = app(&args.folder).await?;
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
    thing: Arc<Table>,
    desk: Desk,
    templates: Arc<Environment<'static>>,
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

type Answer = response::Result<Response>;

async fn app(folder: &Path) -> Result<Router, DbError> {
    let url = format!("sqlite://{}", folder.join("superheroes.db").display());
    let db = Db::open_with(&url, DbOptions::new().create_if_missing(true)).await?;
    let image = UploadOptions::default().download_url(|key| format!("/download/{key}"));
    let thing = Table::new("thing")
        .field(Field::string("name").requires(IsNotEmpty::new()))
        .field(Field::string("color").requires(IsInSet::new(["red", "blue", "green"])))
        .field(Field::upload("image").requires(IsEmptyOr::new(IsImage::new())).upload_options(image))
        .create();
    let thing = db.define(thing).await?;
    let desk = Desk::new(Secret::random()).upload_folder(folder.join("uploads"));

    let headers = SecurityHeaders::default();
    let secured = map_response(move |mut response: Response| {
        headers.apply(response.headers_mut());
        ready(response)
    });
    let form = MethodFilter::GET.or(MethodFilter::POST);
    Ok(Router::new()
        .route("/", get(home))
        .route("/create_form", on(form, create_form))
        .route("/update_form/{id}", on(form, update_form))
        .route("/radio_widget", on(form, radio_widget))
        .route("/custom_widget", on(form, custom_widget))
        .route("/custom_form", on(form, custom_form))
        .route("/structure", on(form, structure))
        .route("/validation", on(form, validation))
        .route("/form_minimal", on(form, form_minimal))
        .route("/bulma", on(form, bulma))
        .route("/download/{key}", get(download))
        .route("/style.css", get(([(CONTENT_TYPE, "text/css")], include_str!("../assets/style.css"))))
        .route("/bulma.css", get(([(CONTENT_TYPE, "text/css")], include_str!("../assets/bulma.css"))))
        .layer(secured)
        .with_state(App { db, thing, desk, templates: Arc::new(templates()) }))
}

/// The page that all others vary: a form over a table, and the rows.
async fn create_form(State(app): State<App>, request: FormRequest) -> Answer {
    app.create(app.form(), request).await
}

async fn update_form(State(app): State<App>, Segment(id): Segment<i64>, mut request: FormRequest) -> Answer {
    let cancel = html::a().href("/create_form").class("button").child("Cancel");
    let form = app.form().record(id).sidecar(cancel).process(&mut request).await?;
    if form.accepted() {
        let done = if form.deleted() { "record deleted" } else { "record updated" };
        return Ok(redirect_with_flash(request.headers(), "/create_form", done, "success"));
    }
    app.page(&form, &request).await
}

async fn radio_widget(State(app): State<App>, request: FormRequest) -> Answer {
    let style = Style::plain().widget("color", RadioWidget::new());
    app.create(app.form().formstyle(style), request).await
}

async fn custom_widget(State(app): State<App>, request: FormRequest) -> Answer {
    let big = widget_fn(|control: &Control<'_>| {
        html::input()
            .attr("type", "text")
            .id(control.id().to_owned())
            .attr("name", control.name().to_owned())
            .attr("value", control.value().to_owned())
            .attr("placeholder", control.placeholder().unwrap_or("..").to_owned())
            .class("red-on-black")
    });
    let style = Style::plain().widget("name", big).widget("color", RadioWidget::new());
    app.create(app.form().formstyle(style), request).await
}

/// The layout is in `templates/custom_form.html`.
async fn custom_form(State(app): State<App>, request: FormRequest) -> Answer {
    app.create(app.form().submit_value("Click me"), request).await
}

async fn structure(State(app): State<App>, mut request: FormRequest) -> Answer {
    let mut form = app.form().process(&mut request).await?;
    if form.accepted() {
        return Ok(redirect_with_flash(request.headers(), "/structure", "record created", "success"));
    }
    let color = form.structure().find_mut("[name=color]").expect("a selector");
    color.expect("the form has a color").add_class("my-class");
    app.page(&form, &request).await
}

async fn validation(State(app): State<App>, request: FormRequest) -> Answer {
    let custom_check = |form: &mut FormCheck| {
        if form.error("name").is_none() && form.text("name").chars().count() < 4 {
            form.refuse("name", "too short");
        }
    };
    app.create(app.form().validation(custom_check), request).await
}

async fn form_minimal(State(app): State<App>, mut request: FormRequest) -> Answer {
    let fields = [
        Field::string("name").requires(IsNotEmpty::new()),
        Field::string("color").requires(IsInSet::new(["red", "blue", "green"])),
    ];
    let form = Form::for_fields("form_minimal", fields).process(&mut request).await?;
    if form.accepted() {
        let told = format!("{} is {}", form.vars()["name"], form.vars()["color"]);
        return Ok(redirect_with_flash(request.headers(), "/form_minimal", &told, "success"));
    }
    app.page(&form, &request).await
}

async fn bulma(State(app): State<App>, request: FormRequest) -> Answer {
    let style = Style::bulma().class(Slot::Submit, "button is-primary");
    app.create(app.form().formstyle(style), request).await
}

async fn download(State(app): State<App>, Segment(key): Segment<String>) -> impl IntoResponse {
    serve_upload(app.desk.uploads(), &key).await
}

async fn home() -> Redirect {
    Redirect::to(PAGES[0].0)
}

impl App {
    /// A form over the heroes, for a new one.
    fn form(&self) -> FormSpec {
        Form::for_table(&self.db, &self.thing)
    }

    /// Draws a form; once it is accepted, the visitor comes back to the page by GET, and is told.
    async fn create(&self, spec: FormSpec, mut request: FormRequest) -> Answer {
        let form = spec.process(&mut request).await?;
        if form.accepted() {
            let page = request.uri().path();
            return Ok(redirect_with_flash(request.headers(), page, "record created", "success"));
        }
        self.page(&form, &request).await
    }

    /// The page of the request's address: the form, and the rows with their pictures.
    async fn page(&self, form: &Form, request: &FormRequest) -> Answer {
        let path = request.uri().path();
        let (address, title, about) =
            PAGES.into_iter().find(|page| path.starts_with(page.0)).unwrap_or(PAGES[0]);
        let rows = self.db.set(&self.thing).order_by("id").rows().await.map_err(FormError::from)?;
        let texts = |row: &Row| {
            row.iter().map(|(name, value)| (name.to_string(), value.to_text().into_owned())).collect()
        };
        let rows: Vec<BTreeMap<String, String>> = rows.iter().map(texts).collect();
        let flash = Flash::from_headers(request.headers());
        let message = flash.message().map(|flash| context! { text => &flash.message, class => &flash.class });
        let name = if address == "/custom_form" { "custom_form.html" } else { "page.html" };
        let page = self.templates.get_template(name).and_then(|template| {
            let form = form.for_template();
            template.render(context! { form, flash => message, address, title, about, rows, pages => PAGES })
        });
        let page = page.map_err(|error| {
            tracing::error!(%error, "a template is wrong");
            StatusCode::INTERNAL_SERVER_ERROR
        })?;
        Ok((flash, form.respond(page)).into_response())
    }
}

/// The pages: address, title, what to look at.
const PAGES: [(&str, &str, &str); 9] = [
    (
        "/create_form",
        "Create form",
        "What a rule refuses comes back as you typed it, with the reason beside it.",
    ),
    (
        "/update_form",
        "Update form",
        "Change the row, its picture, or delete it. Cancel is the form's sidecar.",
    ),
    ("/radio_widget", "Radio buttons", "Another widget for one field, in this form alone."),
    ("/custom_widget", "Custom widget", "A widget of our own: a closure that builds an element."),
    ("/custom_form", "Custom layout", "A template takes the form apart, and writes the colors itself."),
    ("/structure", "Structure", "The form as a tree: the color got a class before the page was sent."),
    (
        "/validation",
        "Validation function",
        "The form as a whole is checked: fewer than four letters are too short.",
    ),
    ("/form_minimal", "Without a database", "A form from a plain list of fields. Nothing is stored."),
    ("/bulma", "Bulma", "The first form again, with the classes of the Bulma framework."),
];

fn templates() -> Environment<'static> {
    let mut templates = Environment::new();
    templates.set_formatter(form_formatter);
    for (name, source) in [
        ("page.html", include_str!("../templates/page.html")),
        ("custom_form.html", include_str!("../templates/custom_form.html")),
    ] {
        templates.add_template(name, source).expect("a template that tests render");
    }
    templates
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use axum::http::header::{COOKIE, SET_COOKIE};
    use http_body_util::BodyExt;
    use scraper::{ElementRef, Html, Selector};
    use tower::ServiceExt;

    use super::*;

    /// A browser, without pictures.
    struct Visitor {
        app: Router,
        cookie: String,
        _folder: tempfile::TempDir,
    }

    struct Page {
        status: StatusCode,
        html: Html,
    }

    impl Visitor {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            Self { app: app(folder.path()).await.unwrap(), cookie: String::new(), _folder: folder }
        }

        async fn send(&mut self, request: Request<Body>) -> Page {
            let response = self.app.clone().oneshot(request).await.unwrap();
            assert!(
                response.headers()["content-security-policy"]
                    .to_str()
                    .unwrap()
                    .contains("default-src 'self'")
            );
            for cookie in response.headers().get_all(SET_COOKIE) {
                self.cookie += cookie.to_str().unwrap().split(';').next().unwrap();
                self.cookie += "; ";
            }
            let status = response.status();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            Page { status, html: Html::parse_document(std::str::from_utf8(&body).unwrap()) }
        }

        async fn get(&mut self, path: &str) -> Page {
            self.send(Request::get(path).header(COOKIE, &self.cookie).body(Body::empty()).unwrap()).await
        }

        /// Opens a page, fills in its form and submits it.
        async fn submit(&mut self, path: &str, fields: &str) -> Page {
            let page = self.get(path).await;
            let hidden = page.all("input[type=hidden]").map(|input| {
                let value = |name| input.attr(name).unwrap_or_default();
                format!("{}={}&", value("name"), value("value"))
            });
            let body = hidden.collect::<String>() + fields;
            let request = Request::post(path).header(COOKIE, &self.cookie);
            let kind = "application/x-www-form-urlencoded";
            self.send(request.header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap()).await
        }
    }

    impl Page {
        fn all(&self, selector: &str) -> impl Iterator<Item = ElementRef<'_>> {
            self.html.select(&Selector::parse(selector).unwrap()).collect::<Vec<_>>().into_iter()
        }

        fn text(&self, selector: &str) -> String {
            self.all(selector).flat_map(|element| element.text()).collect()
        }
    }

    #[tokio::test]
    async fn a_row_is_created_updated_and_deleted() {
        let mut visitor = Visitor::new().await;
        let made = visitor.submit("/create_form", "name=Hulk&color=green").await;
        assert_eq!(made.status, StatusCode::SEE_OTHER);
        let page = visitor.get("/create_form").await;
        assert_eq!(page.text("[role=status]"), "record created");
        assert!(page.text(".heroes").contains("1: Hulk has color green"));

        let changed = visitor.submit("/update_form/1", "name=Thor&color=red").await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER);
        assert!(visitor.get("/create_form").await.text(".heroes").contains("1: Thor has color red"));

        let deleted = visitor.submit("/update_form/1", "name=Thor&color=red&_delete=ON").await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        assert_eq!(visitor.get("/update_form/1").await.status, StatusCode::NOT_FOUND);
        assert_eq!(visitor.get("/update_form/one").await.status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_refused_form_keeps_what_was_typed() {
        let mut visitor = Visitor::new().await;
        for (page, fields, error) in [
            ("/create_form", "name=Ant&color=pink", "Value not allowed"),
            ("/custom_form", "name=Ant&color=", "Value not allowed"),
            ("/validation", "name=Ant&color=red", "too short"),
            ("/form_minimal", "name=Ant", "Value not allowed"),
            ("/bulma", "name=Ant", "Value not allowed"),
        ] {
            let refused = visitor.submit(page, fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
            assert_eq!(refused.text("[id$=_error]"), error, "{page}");
            assert_eq!(refused.all("[name=name]").next().unwrap().attr("value"), Some("Ant"), "{page}");
        }
        assert_eq!(visitor.get("/create_form").await.all(".heroes li").count(), 0);
    }

    #[tokio::test]
    async fn each_page_shows_what_it_is_about() {
        let mut visitor = Visitor::new().await;
        visitor.submit("/create_form", "name=Hulk&color=green").await;
        for (page, part) in [
            ("/create_form", "select[name=color]"),
            ("/create_form", "input[type=file][name=image]"),
            ("/update_form/1", "input[name=_delete]"),
            ("/update_form/1", "a.button[href='/create_form']"),
            ("/radio_widget", "fieldset input[type=radio][value=red]"),
            ("/custom_widget", "input#thing_name.red-on-black"),
            ("/custom_form", "form .card fieldset input[type=radio][value=red]"),
            ("/structure", "select#thing_color.my-class"),
            ("/form_minimal", "#form_minimal_name"),
            ("/bulma", ".field .control .select select"),
        ] {
            let shown = visitor.get(page).await;
            assert_eq!(shown.status, StatusCode::OK, "{page}");
            assert_eq!(shown.all(part).count(), 1, "{part} on {page}");
        }
    }
}
