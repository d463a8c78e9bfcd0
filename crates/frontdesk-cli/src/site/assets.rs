//! Our own files: the stylesheet and the icon. Their names change with their content, so that browsers keep them.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

/// One file.
pub(crate) struct Asset {
    /// Its address.
    pub(crate) address: String,
    media_type: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content.as_bytes());
        let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { address: format!("/assets/{name}-{hash}.{extension}"), media_type, content }
    }
}

/// The stylesheet.
pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("frontdesk", "css", "text/css; charset=utf-8", include_str!("../assets/frontdesk.css"))
});

/// The icon.
pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("frontdesk", "svg", "image/svg+xml", include_str!("../assets/frontdesk.svg"))
});

/// Answers with the file of that address, if it is one of ours.
pub(crate) fn find(address: &str) -> Option<Response> {
    let asset = [&*STYLE, &*ICON].into_iter().find(|asset| asset.address == address)?;
    let headers: [(HeaderName, HeaderValue); 2] = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Some((headers, asset.content).into_response())
}
