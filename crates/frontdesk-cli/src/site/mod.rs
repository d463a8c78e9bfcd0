//! The site that `frontdesk serve` serves: a page for each table, forms for its rows.

pub(crate) mod address;
mod assets;
mod cell;
mod gate;
mod health;
pub(crate) mod home;
mod labels;
mod large;
mod list;
mod media;
mod page;
mod query;
mod record;
mod seen;
mod setup;
mod shell;
pub(crate) mod sign_in;
mod trouble;
#[cfg(test)]
mod walk;
pub(crate) mod words;

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::FromRef;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use frontdesk_data::{Actor, Db, Field, Policy, SchemaFile, Table};
use frontdesk_forms::Desk;
use frontdesk_web::{Secret, SecurityHeaders, TrustedProxies};
use http::HeaderValue;
use http::header::STRICT_TRANSPORT_SECURITY;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use self::seen::Seen;
pub use self::seen::Site;
pub use self::sign_in::SignInOptions;
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
    /// Who may do what. `None`: what the schema file says; what nobody said is for administrators.
    pub policy: Option<Policy>,
    /// Who is at the site, unless the request says so: an [`Actor`] among its extensions. Default: an administrator.
    pub actor: Actor,
    /// How people sign in. `None`: nobody does, and this computer alone is served.
    pub sign_in: Option<SignInOptions>,
    /// The proxies in front, whose word on who the client is is taken.
    pub proxies: Option<TrustedProxies>,
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
            policy: None,
            actor: Actor::admin(),
            sign_in: None,
            proxies: None,
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

    /// Sets who may do what, in place of what the schema file says.
    #[must_use]
    pub fn policy(mut self, policy: &Policy) -> Self {
        self.policy = Some(policy.clone());
        self
    }

    /// Sets who is at the site, where a request does not say so.
    #[must_use]
    pub fn actor(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// Lets people sign in: from then on the policy decides what each of them may do, and other addresses than those of this
    /// computer are answered.
    #[must_use]
    pub fn sign_in(mut self, sign_in: SignInOptions) -> Self {
        self.sign_in = Some(sign_in);
        self
    }

    /// Sets a sentence for the first page.
    #[must_use]
    pub fn welcome(mut self, text: impl Into<String>) -> Self {
        self.welcome = Some(text.into());
        self
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
/// Without [sign-in](SiteOptions::sign_in) it is for this computer alone: requests under another name than that of a loopback
/// address are refused, so that no web site can reach it by a name of its own that leads here. With sign-in, everybody
/// signs in from the time on when there is an administrator.
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
    let router = ROUTES
        .iter()
        .fold(Router::new(), |router, route| router.route(route.path, (route.make)()))
        .fallback(async || Trouble::no_page())
        .method_not_allowed_fallback(async || Trouble::method())
        .merge(site.desk().router());
    let router = match site.sign_in() {
        Some(sign_in) => router.merge(setup::routes(&site, sign_in)),
        None => router,
    };
    guarded(router, &site).with_state(site)
}

/// What is around all routes: who may ask, pages for what did not work, headers.
fn guarded(router: Router<Site>, site: &Site) -> Router<Site> {
    let headers = SecurityHeaders::default();
    // Browsers that came once over HTTPS never come in the clear again.
    let is_https = site.sign_in().is_some_and(|sign_in| sign_in.is_https());
    router
        .layer(Extension(words::LANGUAGES.clone()))
        .layer(from_fn_with_state(site.clone(), gate::check))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(site.clone(), page::draw_trouble))
        .layer(map_response(move |mut response: Response| {
            headers.apply(response.headers_mut());
            if is_https {
                let year = HeaderValue::from_static("max-age=31536000");
                response.headers_mut().entry(STRICT_TRANSPORT_SECURITY).or_insert(year);
            }
            std::future::ready(response)
        }))
        .layer(site.proxies())
}

/// A route, and what decides over it.
struct Route {
    path: &'static str,
    make: fn() -> MethodRouter<Site>,
    /// Whether it shows or changes what is in the database, and so asks the policy: its handlers take a [`Seen`].
    #[cfg_attr(not(test), expect(dead_code, reason = "a test walks over the routes by it"))]
    asks: bool,
}

impl Route {
    /// A route to what is in the database.
    const fn asks(path: &'static str, make: fn() -> MethodRouter<Site>) -> Self {
        Self { path, make, asks: true }
    }

    /// A route to what is for everybody, and of which the database is no part.
    const fn open(path: &'static str, make: fn() -> MethodRouter<Site>) -> Self {
        Self { path, make, asks: false }
    }
}

/// All routes of the site but those of [`Desk::router`], which have no table behind them.
const ROUTES: [Route; 11] = [
    Route::asks("/", || get(home::show)),
    Route::asks("/tables/{table}/", || get(list::show)),
    Route::open("/tables/{table}", || get(shell::with_slash)),
    Route::asks("/forms/{table}/", || get(record::create).post(record::create)),
    Route::open("/forms/{table}", || get(shell::with_slash)),
    Route::asks("/forms/{table}/{id}/", || get(record::edit).post(record::edit)),
    Route::open("/forms/{table}/{id}", || get(shell::with_slash)),
    Route::asks("/media/{table}/{field}/{key}", || get(media::serve)),
    Route::open("/assets/{name}", || get(shell::asset)),
    Route::open("/healthz", || get(health::alive)),
    Route::open("/readyz", || get(health::ready)),
];

/// A panic is a fault of the program; its message went to standard error already.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    axum::response::IntoResponse::into_response(Trouble::fault(&"a panic"))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use frontdesk_data::{Table, Values};
    use http::{Method, Request};
    use tower::ServiceExt;

    use super::*;

    /// Every route is walked over, as somebody who may do nothing: what is not open to everybody tells nothing.
    #[tokio::test]
    async fn crud_02_no_route_is_without_a_decision() {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let table = Table::new("treasure").field(Field::string("gold")).field(Field::upload("map"));
        let table = db.define(table.create()).await.unwrap();
        db.insert(&table, Values::new().with("gold", "bullion").with("map", "map.abc.txt")).await.unwrap();
        let media = tempfile::tempdir().unwrap();
        std::fs::write(media.path().join("map.abc.txt"), "bullion").unwrap();
        let policy = Policy::new();
        let options = SiteOptions::new("site").media(media.path()).policy(&policy);
        let router = app(Site::new(&db, options));
        for route in &ROUTES {
            let address = route
                .path
                .replace("{table}", "treasure")
                .replace("{id}", "1")
                .replace("{field}", "map")
                .replace("{key}", "map.abc.txt")
                .replace("{name}", "style.css");
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE] {
                for actor in [Actor::anonymous(), Actor::user(1), Actor::staff(1), Actor::admin()] {
                    let request =
                        Request::builder().method(&method).uri(&address).header("host", "127.0.0.1");
                    let mut request = request.body(Body::from("gold=x")).unwrap();
                    request.extensions_mut().insert(actor);
                    let response = router.clone().oneshot(request).await.unwrap();
                    let status = response.status();
                    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
                    let body = String::from_utf8_lossy(&body).to_lowercase();
                    if route.asks && address != "/" {
                        assert!(status.is_client_error(), "{method} {address}: {status}");
                    }
                    for hidden in ["bullion", "treasure/", ">treasure"] {
                        assert!(!body.contains(hidden), "{method} {address} tells {hidden}: {body}");
                    }
                }
            }
        }
        assert_eq!(db.set(&table).count().await.unwrap(), 1);
    }
}
