//! Small answers: our own files, and addresses without their last slash.

use axum::response::{IntoResponse, Redirect, Response};
use http::Uri;

use super::assets;
use super::trouble::Trouble;

/// One of our own files.
pub(crate) async fn asset(uri: Uri) -> Result<Response, Trouble> {
    assets::find(uri.path()).ok_or_else(Trouble::no_page)
}

/// Sends the visitor to the same address with a slash at its end.
pub(crate) async fn with_slash(uri: Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // The path begins with a word of ours, so that it cannot lead to another site.
    Redirect::permanent(&format!("{}/{query}", uri.path())).into_response()
}
