//! The few files that forms have of their own: the script, the stylesheet, pictures of uploads that were kept.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_html::{HtmlWriter, Markup, SinkExt};
use frontdesk_web::cookie;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::Desk;
use crate::request::COOKIE;
use crate::upload::{KeptFile, Owner, serve_kept};

/// Where [`Desk::router`] serves.
const MOUNT: &str = "/_frontdesk";

const SCRIPT: &str = include_str!("../assets/frontdesk.js");
const STYLE: &str = include_str!("../assets/frontdesk.css");

/// The files' addresses. They name the content, so that browsers may keep them for ever.
static SCRIPT_URL: LazyLock<String> = LazyLock::new(|| address("js", SCRIPT));
static STYLE_URL: LazyLock<String> = LazyLock::new(|| address("css", STYLE));

fn address(extension: &str, content: &str) -> String {
    let digest = crate::state::digest(&[content.as_bytes()]);
    let hash = URL_SAFE_NO_PAD.encode(&digest[..9]);
    format!("{MOUNT}/frontdesk-{hash}.{extension}")
}

impl Desk {
    /// The routes of the script, the stylesheet and the pictures of kept uploads, below `/_frontdesk/`, for
    /// [`Router::merge`]. From when it is made, forms are drawn for the script as well.
    ///
    /// Everything works without it. With it forms are checked while they are filled in, references are searched as one
    /// types, uploads show their progress, and drafts are saved by themselves.
    ///
    /// Put [`head`](Self::head) into the head of the pages.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.note_served();
        Router::new()
            .route(&SCRIPT_URL, get(|| asset("text/javascript; charset=utf-8", SCRIPT)))
            .route(&STYLE_URL, get(|| asset("text/css; charset=utf-8", STYLE)))
            .route(&format!("{MOUNT}/kept/{{reference}}"), get(kept))
            .with_state(self.clone())
    }

    /// The tags for the script and our own stylesheet, which goes with [`Style::plain`](crate::Style::plain).
    ///
    /// ```
    /// use frontdesk_forms::Desk;
    /// use frontdesk_web::Secret;
    ///
    /// let head = Desk::new(Secret::random()).head();
    /// assert!(head.as_str().starts_with(r#"<link rel="stylesheet" href="/_frontdesk/frontdesk-"#));
    /// ```
    pub fn head(&self) -> Markup {
        let mut out = HtmlWriter::with_capacity(160);
        out.element("link", |out| out.attrs([("rel", "stylesheet"), ("href", &STYLE_URL)]));
        let link = out.into_markup();
        Markup::trusted(format!("{}{}", link.as_str(), self.script().as_str()))
    }

    /// The tag for the script alone, for pages with a stylesheet of their own.
    pub fn script(&self) -> Markup {
        let mut out = HtmlWriter::with_capacity(80);
        out.element("script", |out| {
            out.attribute("src", &SCRIPT_URL);
            out.attribute("defer", "");
        });
        out.into_markup()
    }

    /// The address of a small picture of a kept upload; `None` if it is no picture, or nothing is served.
    ///
    /// The address is signed, and good for the browser that brought the file, which is known by its cookie: `viewer`.
    pub(crate) fn preview_url(&self, owner: Owner, viewer: Owner, kept: &KeptFile) -> Option<String> {
        let name = kept.name.to_ascii_lowercase();
        let is_picture = [".png", ".jpg", ".jpeg", ".gif", ".webp"].iter().any(|end| name.ends_with(end));
        if !is_picture || !self.is_served() {
            return None;
        }
        let reference =
            serde_json::json!([owner.to_string(), viewer.to_string(), kept.token, kept.name, kept.size]);
        let reference = URL_SAFE_NO_PAD.encode(reference.to_string());
        let signature = self.previews().token(&[reference.as_bytes()]);
        Some(format!("{MOUNT}/kept/{reference}.{signature}"))
    }
}

async fn asset(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, content).into_response()
}

/// Serves a picture of a kept upload to whoever brought it.
async fn kept(State(desk): State<Desk>, Path(reference): Path<String>, headers: HeaderMap) -> Response {
    let nobody = || StatusCode::NOT_FOUND.into_response();
    let Some((reference, signature)) = reference.split_once('.') else { return nobody() };
    if !desk.previews().verify(&[reference.as_bytes()], signature) {
        return nobody();
    }
    let read = || {
        let decoded = URL_SAFE_NO_PAD.decode(reference).ok()?;
        serde_json::from_slice::<(String, String, String, String, u64)>(&decoded).ok()
    };
    let Some((owner, viewer, token, name, size)) = read() else { return nobody() };
    let Some(owner) = Owner::parse(&owner) else { return nobody() };
    let browser = cookie(&headers, COOKIE).map(Owner::of);
    if browser.is_none_or(|browser| browser.to_string() != viewer) {
        return nobody();
    }
    let kept = KeptFile { field: String::new(), token, name, size, media_type: None };
    serve_kept(desk.uploads(), owner, &kept).await
}
