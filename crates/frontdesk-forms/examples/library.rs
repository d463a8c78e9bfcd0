//! A form with most of what the script makes nicer: run it, and switch JavaScript off and on.
//!
//! ```text
//! cargo run -p frontdesk-forms --example library
//! ```

use std::error::Error;
use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, response};
use frontdesk_data::rules::{IsInDb, IsNotInDb};
use frontdesk_data::{Db, DbOptions, Field, FieldType, Table, UploadOptions, Values};
use frontdesk_forms::{
    BotProtection, Children, Desk, Difficulty, FieldWidget, Form, FormRequest, FormSpec, OrderedListWidget,
    RadioWidget, TagsWidget,
};
use frontdesk_html::{HtmlWriter, Markup};
use frontdesk_validate::{IsEmptyOr, IsImage, IsInSet, IsIntInRange, IsLength, IsNotEmpty, Rules};
use frontdesk_web::{Secret, SecurityHeaders, ServeOptions, serve};

#[derive(Clone)]
struct App {
    db: Db,
    book: Arc<Table>,
    chapter: Arc<Table>,
    desk: Desk,
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("library.db").display());
    let db = Db::open_with(&url, DbOptions::new().create_if_missing(true)).await?;
    let (book, chapter) = tables(&db).await?;
    let desk = Desk::new(Secret::random()).upload_folder(folder.path().join("uploads"));
    let headers = SecurityHeaders::default();
    let secured = map_response(move |mut response: Response| {
        headers.apply(response.headers_mut());
        std::future::ready(response)
    });
    let app = Router::new()
        .route("/", get(|| async { Redirect::to("/books/new") }))
        .route("/books/new", get(new_book).post(new_book))
        .route("/contact", get(contact).post(contact))
        .route("/brief", get(brief).post(brief))
        .route("/done", get(|| async { Html(page("Saved", &Markup::trusted(""), "<p>Saved.</p>")) }))
        .merge(desk.router())
        .layer(secured)
        .with_state(App { db, book, chapter, desk });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(serve(listener, app, ServeOptions::default(), std::future::pending()).await?)
}

async fn tables(db: &Db) -> Result<(Arc<Table>, Arc<Table>), Box<dyn Error>> {
    let author = Table::new("author")
        .field(Field::string("name").requires(IsLength::max(40).min(1)))
        .readable("{name}".parse()?)
        .create();
    let author = db.define(author).await?;
    for name in ["Ursula K. Le Guin", "Octavia Butler", "Italo Calvino", "Stanisław Lem", "Anna Seghers"] {
        db.insert(&author, Values::new().with("name", name)).await?;
    }
    let find = IsInDb::new(db, "author").most_choices(2).create_with("name");
    let book = Table::new("book")
        .field(
            Field::string("title").requires(
                Rules::one(IsNotEmpty::new())
                    .and(IsLength::max(30))
                    .and(IsNotInDb::column(db, "book", "title").error_message("This title is taken")),
            ),
        )
        .field(Field::reference("author", "author").requires(find))
        .field(Field::integer("year").requires(IsIntInRange::new(1450..=2100)))
        .field(
            Field::string("kind").requires(IsInSet::new(["paper", "sound"])).with_widget(RadioWidget::new()),
        )
        .field(Field::string("speaker").requires(IsNotEmpty::new()).show_when("kind == 'sound'".parse()?))
        .field(Field::new("topics", FieldType::ListString).with_widget(TagsWidget::new()))
        .field(Field::new("awards", FieldType::ListString).with_widget(OrderedListWidget::new()))
        .field(
            Field::upload("cover")
                .requires(IsEmptyOr::new(IsImage::new()))
                .upload_options(UploadOptions::default()),
        )
        .create();
    let book = db.define(book).await?;
    let chapter = Table::new("chapter")
        .label("Chapters")
        .field(Field::reference("book", "book").not_null())
        .field(Field::string("name").requires(IsNotEmpty::new()))
        .field(Field::integer("pages").requires(IsIntInRange::new(1..=999)))
        .field(Field::integer("place"))
        .create();
    let chapter = db.define(chapter).await?;
    Ok((book, chapter))
}

async fn new_book(State(app): State<App>, request: FormRequest) -> response::Result<Response> {
    let chapters = Children::of(&app.db, &app.chapter, "book").map_err(|error| error.to_string())?;
    let spec = Form::for_table(&app.db, &app.book)
        .children(chapters.named("chapters").order_by("place").rows(0..=5))
        .live_check("title")
        .drafts()
        .submit_value("Save");
    answer(spec, &app, "A new book", request).await
}

async fn contact(State(app): State<App>, request: FormRequest) -> response::Result<Response> {
    let protection =
        BotProtection::new().time_trap(std::time::Duration::ZERO).proof_of_work(Difficulty::fixed(20_000));
    let spec =
        Form::for_fields("contact", [Field::text("message").requires(IsNotEmpty::new())]).protect(protection);
    answer(spec, &app, "Contact", request).await
}

/// A form that has to be sent within seconds.
async fn brief(State(app): State<App>, request: FormRequest) -> response::Result<Response> {
    let fields = [Field::string("name").requires(IsNotEmpty::new()), Field::upload("picture")];
    let spec = Form::for_fields("brief", fields).lifespan(std::time::Duration::from_secs(3));
    answer(spec, &app, "A brief moment", request).await
}

async fn answer(
    spec: FormSpec,
    app: &App,
    title: &str,
    mut request: FormRequest,
) -> response::Result<Response> {
    let form = spec.process(&mut request).await?;
    if form.accepted() {
        return Ok(Redirect::to("/done").into_response());
    }
    let mut out = HtmlWriter::with_capacity(8192);
    form.write(&mut out);
    Ok(form.respond(page(title, &app.desk.head(), &out.into_string())))
}

fn page(title: &str, head: &Markup, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title>{}</head><body><main><h1>{title}</h1>{body}</main></body></html>",
        head.as_str(),
    )
}
