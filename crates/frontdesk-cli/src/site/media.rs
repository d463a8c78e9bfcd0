//! Uploaded files.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use frontdesk_forms::{UploadError, serve_upload};
use http::Uri;

use super::trouble::Trouble;
use super::{Site, address};

/// `/media/<table>/<field>/<key>`: a file, if that table has such a field of files, which may be seen.
pub(crate) async fn serve(State(site): State<Site>, uri: Uri) -> Result<Response, Trouble> {
    let mut names = address::segments(uri.path()).map(address::name);
    let (Some(table), Some(field), Some(key)) =
        (names.next().flatten(), names.next().flatten(), names.next().flatten())
    else {
        return Err(Trouble::no_page());
    };
    let is_upload = site
        .table(&table)
        .and_then(|table| table.get(&field))
        .is_some_and(|field| field.kind.is_upload() && field.readable && !field.secret);
    if !is_upload {
        return Err(Trouble::no_page());
    }
    match serve_upload(site.desk().uploads(), &key).await {
        Ok(response) => Ok(response.into_response()),
        Err(UploadError::NotFound) => Err(Trouble::no_page()),
        Err(error) => Err(Trouble::fault(&error)),
    }
}
