//! Who may ask: this computer, under its own name, from this site's own pages.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use frontdesk_web::{is_loopback_host, same_site_only};

use super::trouble::Trouble;

/// Turns away what comes under another name, and what another site makes a browser send.
///
/// The name matters since there is no sign-in: a site whose name suddenly leads to 127.0.0.1 (DNS rebinding) would
/// otherwise read the database through its visitor's browser.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    if !is_loopback_host(request.headers()) {
        return Trouble::host().into_response();
    }
    if !same_site_only(request.method(), request.uri(), request.headers()) {
        return Trouble::foreign().into_response();
    }
    next.run(request).await
}
