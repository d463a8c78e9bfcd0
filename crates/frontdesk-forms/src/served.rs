//! The few files that forms have of their own: the script, the stylesheet, pictures of uploads that were kept.

use std::io::Write;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use frontdesk_html::{HtmlWriter, Markup, SinkExt};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::Desk;
use crate::request::nonce_of;
use crate::upload::{KeptFile, Owner, serve_kept};

/// Where [`Desk::router`] serves.
const MOUNT: &str = "/_frontdesk";

const SCRIPT: &str = include_str!("../assets/frontdesk.js");
const STYLE: &str = include_str!("../assets/frontdesk.css");

static SCRIPT_FILE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("js", "text/javascript; charset=utf-8", SCRIPT));
static STYLE_FILE: LazyLock<Asset> = LazyLock::new(|| Asset::new("css", "text/css; charset=utf-8", STYLE));

/// A file of our own.
struct Asset {
    /// It names the content, so that browsers may keep it for ever.
    address: String,
    media_type: &'static str,
    content: &'static str,
    /// The content as it is sent to those who take gzip, made when the first of them asks.
    packed: LazyLock<Bytes, Box<dyn FnOnce() -> Bytes + Send>>,
    tag: HeaderValue,
    packed_tag: HeaderValue,
}

impl Asset {
    fn new(extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = crate::state::digest(&[content.as_bytes()]);
        let hash = URL_SAFE_NO_PAD.encode(&digest[..9]);
        let tag = |end: &str| {
            HeaderValue::try_from(format!("\"{hash}{end}\""))
                .expect("the letters of base64 may be in a header")
        };
        Self {
            address: format!("{MOUNT}/frontdesk-{hash}.{extension}"),
            media_type,
            content,
            packed: LazyLock::new(Box::new(move || pack(content))),
            tag: tag(""),
            packed_tag: tag("-gzip"),
        }
    }

    fn answer(&self, request: &HeaderMap) -> Response {
        let is_packed = takes_gzip(request);
        let tag = if is_packed { &self.packed_tag } else { &self.tag };
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(self.media_type)),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
            (VARY, HeaderValue::from_static("accept-encoding")),
            (ETAG, tag.clone()),
        ];
        if has_already(request, tag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        if is_packed {
            let encoding = [(CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
            return (headers, encoding, self.packed.clone()).into_response();
        }
        (headers, self.content).into_response()
    }
}

fn pack(content: &str) -> Bytes {
    let mut packer = GzEncoder::new(Vec::with_capacity(content.len() / 3), Compression::best());
    let packed = packer.write_all(content.as_bytes()).and_then(|()| packer.finish());
    packed.expect("memory takes what is written to it").into()
}

/// Whether a client says that it takes gzip (RFC 9110, section 12.5.3).
fn takes_gzip(request: &HeaderMap) -> bool {
    let lists = request.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    let (mut gzip, mut any) = (None, None);
    for one in lists.flat_map(|list| list.split(',')) {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=").map(|weight| weight.trim().parse::<f32>());
        let is_wanted = match weight {
            None => true,
            Some(weight) => weight.is_ok_and(|weight| weight > 0.0),
        };
        match coding.trim() {
            coding if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") => {
                gzip = Some(is_wanted);
            }
            "*" => any = Some(is_wanted),
            _ => {}
        }
    }
    gzip.or(any).unwrap_or(false)
}

/// Whether the client has the content of that tag.
fn has_already(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let lists = request.get_all(IF_NONE_MATCH).iter();
    lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one).as_bytes() == tag.as_bytes()
    })
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
            .route(&SCRIPT_FILE.address, get(async |headers: HeaderMap| SCRIPT_FILE.answer(&headers)))
            .route(&STYLE_FILE.address, get(async |headers: HeaderMap| STYLE_FILE.answer(&headers)))
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
        out.element("link", |out| out.attrs([("rel", "stylesheet"), ("href", &STYLE_FILE.address)]));
        let link = out.into_markup();
        Markup::trusted(format!("{}{}", link.as_str(), self.script().as_str()))
    }

    /// The tag for the script alone, for pages with a stylesheet of their own.
    pub fn script(&self) -> Markup {
        let mut out = HtmlWriter::with_capacity(80);
        out.element("script", |out| {
            out.attribute("src", &SCRIPT_FILE.address);
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
    let browser = nonce_of(&headers).map(|nonce| Owner::of(nonce.as_str()));
    if browser.is_none_or(|browser| browser.to_string() != viewer) {
        return nobody();
    }
    let kept = KeptFile { field: String::new(), token, name, size, media_type: None };
    serve_kept(desk.uploads(), owner, &kept).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_say_that_they_take_it() {
        let takes = |text: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        for text in ["gzip", "br, GZip;q=0.1", "deflate,gzip ; q=1.0", "*", "x-gzip", "identity, *;q=0.5"] {
            assert!(takes(text), "{text}");
        }
        for text in ["", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "gzipped", "gzip;q=x"] {
            assert!(!takes(text), "{text}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
