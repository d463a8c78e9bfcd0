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
pub(crate) mod words;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use frontdesk_data::{ChildRows, Db, Field, SchemaFile, Table};
use frontdesk_forms::{Children, Desk, Drafts, Form, FormSpec, Ledger};
use frontdesk_web::{Languages, Secret, SecurityHeaders};
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
    /// What a schema file says of forms: rows of other tables that are edited with a row, fields that are checked live.
    pub schema: Option<SchemaFile>,
    /// The database for what is remembered of submissions, and for drafts; `None` to keep them in memory.
    pub state: Option<Db>,
    /// The file of the demo, where this is the demo.
    pub(crate) demo: Option<String>,
}

impl SiteOptions {
    /// A random secret, and uploads in the folder `media`.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            secret: Secret::random(),
            media: PathBuf::from("media"),
            welcome: None,
            schema: None,
            state: None,
            demo: None,
        }
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

    /// Sets what a schema file says of forms.
    #[must_use]
    pub fn schema(mut self, file: SchemaFile) -> Self {
        self.schema = Some(file);
        self
    }

    /// Keeps what is remembered of submissions, and drafts, in tables of a database: `frontdesk_submissions` and
    /// `frontdesk_drafts`, each made when it is first needed. It may be the database that is served. Default: in memory.
    #[must_use]
    pub fn state(mut self, db: &Db) -> Self {
        self.state = Some(db.clone());
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
    demo: Option<String>,
    schema: Option<SchemaFile>,
    tables: Vec<Arc<Table>>,
    /// The places of the tables, in the order of what people call them.
    by_label: Vec<usize>,
    forms: HashMap<Arc<str>, FormSpec>,
}

impl Site {
    /// A site of all tables that the database knows, as [`open_described`](crate::open_described) gives it.
    pub fn new(db: &Db, options: SiteOptions) -> Self {
        let mut desk =
            Desk::new(options.secret).upload_folder(options.media).speak(Languages::new().with_pseudo());
        let mut tables = db.tables();
        if let Some(state) = &options.state {
            desk = desk.remember_submissions(Ledger::database(state)).keep_drafts(Drafts::database(state));
            if state.is_same(db) {
                tables.retain(|table| !is_own(&table.name));
            }
        }
        let mut by_label: Vec<usize> = (0..tables.len()).collect();
        by_label.sort_by_cached_key(|&at| (tables[at].label.to_lowercase(), Arc::clone(&tables[at].name)));
        let schema = options.schema;
        let forms =
            tables.iter().map(|table| (Arc::clone(&table.name), spec(db, table, schema.as_ref()))).collect();
        Self(Arc::new(Inner {
            db: db.clone(),
            desk,
            title: options.title,
            welcome: options.welcome,
            demo: options.demo,
            schema,
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

    /// The file of the demo, where this is the demo.
    pub(crate) fn demo(&self) -> Option<&str> {
        self.0.demo.as_deref()
    }

    /// The form over a table that is like one of the site's, but for some fields.
    pub(crate) fn spec(&self, table: &Arc<Table>) -> FormSpec {
        spec(self.db(), table, self.0.schema.as_ref())
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

/// Whether a table is the site's own, where these are in the database that is served.
pub(crate) fn is_own(table: &str) -> bool {
    let mut own = [Ledger::own_tables(), Drafts::own_tables()].into_iter().flat_map(|own| own.tables());
    table == "frontdesk_versions" || own.any(|own| *own == table)
}

/// The form over a table, with what the schema file says of it.
fn spec(db: &Db, table: &Arc<Table>, schema: Option<&SchemaFile>) -> FormSpec {
    let mut spec = Form::for_table(db, table).drafts();
    let Some(schema) = schema else { return spec };
    for field in schema.live_checks(&table.name) {
        spec = spec.live_check(field);
    }
    let all = schema.children(&table.name);
    for rows in all {
        // Two references of one table to this one make two sub-forms.
        let is_only = all.iter().filter(|other| other.table == rows.table).count() == 1;
        match children(db, rows, is_only) {
            Some(children) => spec = spec.children(children),
            None => tracing::warn!(
                table = &*table.name,
                children = rows.table,
                "these rows cannot be edited here"
            ),
        }
    }
    spec
}

/// The sub-form that the schema file describes.
fn children(db: &Db, rows: &ChildRows, is_only: bool) -> Option<Children> {
    let table = db.table(&rows.table)?;
    let mut children = Children::of(db, &table, &rows.by).ok()?;
    if !is_only {
        let by = table.get(&rows.by)?;
        children = children
            .named(format!("{}_{}", rows.table, rows.by))
            .label(format!("{} ({})", table.label, by.label));
    }
    if let Some(order) = &rows.order_by {
        children = children.order_by(order.as_str());
    }
    if let Some((least, most)) = rows.rows {
        children = children.rows(least..=most);
    }
    Some(children)
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
    let is_file = |field: &Field| field.kind.is_upload();
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
        .merge(site.desk().router())
        .layer(Extension(words::LANGUAGES.clone()))
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
