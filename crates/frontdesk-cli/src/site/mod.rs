//! The site that `frontdesk serve` serves: a page for each table, forms for its rows.

pub(crate) mod address;
mod assets;
mod cell;
mod guard;
mod health;
pub(crate) mod home;
mod labels;
mod list;
mod media;
mod page;
mod query;
mod record;
mod shell;
mod trouble;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use frontdesk_data::{Db, Field, FieldType, Table};
use frontdesk_forms::{Desk, Form, FormSpec};
use frontdesk_web::{Secret, SecurityHeaders};
use tower_http::catch_panic::CatchPanicLayer;

use self::trouble::Trouble;

/// How a [`Site`] is set up.
#[derive(Debug)]
#[non_exhaustive]
pub struct SiteOptions {
    /// What the site is called: the name of the database, mostly.
    pub title: String,
    /// What signs forms.
    pub secret: Secret,
    /// The folder for uploaded files.
    pub media: PathBuf,
    /// A sentence for the first page.
    pub welcome: Option<String>,
}

impl SiteOptions {
    /// A random secret, and uploads in the folder `media`.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), secret: Secret::random(), media: PathBuf::from("media"), welcome: None }
    }

    /// Sets what signs forms.
    #[must_use]
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secret = secret;
        self
    }

    /// Sets the folder for uploaded files.
    #[must_use]
    pub fn media(mut self, folder: impl Into<PathBuf>) -> Self {
        self.media = folder.into();
        self
    }

    /// Sets a sentence for the first page.
    #[must_use]
    pub fn welcome(mut self, text: impl Into<String>) -> Self {
        self.welcome = Some(text.into());
        self
    }
}

/// A database as a site. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    db: Db,
    desk: Desk,
    title: String,
    welcome: Option<String>,
    tables: Vec<Arc<Table>>,
    /// The places of the tables, in the order of what people call them.
    by_label: Vec<usize>,
    forms: HashMap<Arc<str>, FormSpec>,
}

impl Site {
    /// A site of all tables that the database knows, as [`open_described`](crate::open_described) gives it.
    pub fn new(db: &Db, options: SiteOptions) -> Self {
        let tables = db.tables();
        let forms =
            tables.iter().map(|table| (Arc::clone(&table.name), Form::for_table(db, table))).collect();
        let mut by_label: Vec<usize> = (0..tables.len()).collect();
        by_label.sort_by_cached_key(|&at| (tables[at].label.to_lowercase(), Arc::clone(&tables[at].name)));
        let desk = Desk::new(options.secret).upload_folder(options.media);
        Self(Arc::new(Inner {
            db: db.clone(),
            desk,
            title: options.title,
            welcome: options.welcome,
            tables,
            by_label,
            forms,
        }))
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    pub(crate) fn title(&self) -> &str {
        &self.0.title
    }

    pub(crate) fn welcome(&self) -> Option<&str> {
        self.0.welcome.as_deref()
    }

    /// The tables and views, in order of name.
    pub(crate) fn tables(&self) -> &[Arc<Table>] {
        &self.0.tables
    }

    /// The tables and views, in the order of what people call them.
    pub(crate) fn by_label(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.0.by_label.iter().map(|&at| &self.0.tables[at])
    }

    pub(crate) fn table(&self, name: &str) -> Option<&Arc<Table>> {
        let at = self.0.tables.binary_search_by(|table| (*table.name).cmp(name)).ok()?;
        Some(&self.0.tables[at])
    }

    pub(crate) fn form(&self, table: &Table) -> Option<FormSpec> {
        self.0.forms.get(&table.name).cloned()
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("title", &self.0.title).finish_non_exhaustive()
    }
}

impl FromRef<Site> for Desk {
    fn from_ref(site: &Site) -> Self {
        site.desk().clone()
    }
}

/// The table with the addresses at which its uploaded files are served; `None` if it has no files.
pub(crate) fn with_downloads(table: &Table) -> Option<Table> {
    let is_file = |field: &Field| field.kind == FieldType::Upload;
    if !table.fields.iter().any(is_file) {
        return None;
    }
    let mut table = table.clone();
    let name = Arc::clone(&table.name);
    for field in table.fields.iter_mut().filter(|field| is_file(field)) {
        let (table, column) = (Arc::clone(&name), Arc::clone(&field.name));
        let options = std::mem::take(&mut field.upload);
        field.upload = options.download_url(move |key| address::media(&table, &column, key));
    }
    Some(table)
}

/// The site as a router.
///
/// There is no sign-in: it is for this computer alone. Requests under another name than that of a loopback address are
/// refused, so that no web site can reach it by a name of its own that leads here.
///
/// ```
/// use frontdesk_cli::{Site, SiteOptions, app, open_described};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = open_described("sqlite::memory:", None).await.unwrap().db;
/// let router = app(Site::new(&db, SiteOptions::new("shop")));
/// # let _ = router;
/// # });
/// ```
pub fn app(site: Site) -> Router {
    let headers = SecurityHeaders::default();
    let record = || get(record::edit).post(record::edit);
    Router::new()
        .route("/", get(home::show))
        .route("/tables/{table}/", get(list::show))
        .route("/tables/{table}", get(shell::with_slash))
        .route("/forms/{table}/", get(record::create).post(record::create))
        .route("/forms/{table}", get(shell::with_slash))
        .route("/forms/{table}/{id}/", record())
        .route("/forms/{table}/{id}", get(shell::with_slash))
        .route("/media/{table}/{field}/{key}", get(media::serve))
        .route("/assets/{name}", get(shell::asset))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || Trouble::no_page())
        .method_not_allowed_fallback(async || Trouble::method())
        .layer(from_fn(guard::check))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(site.clone(), page::draw_trouble))
        .layer(map_response(move |mut response: Response| {
            headers.apply(response.headers_mut());
            std::future::ready(response)
        }))
        .with_state(site)
}

/// A panic is a fault of the program; its message went to standard error already.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    axum::response::IntoResponse::into_response(Trouble::fault(&"a panic"))
}
