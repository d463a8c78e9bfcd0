//! Uploaded files.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use frontdesk_data::Table;
use frontdesk_forms::UploadError;
use http::Uri;

use super::trouble::Trouble;
use super::{Seen, address};

/// `/media/<table>/<field>/<key>`: a file, if that table has such a field of files, and a row that may be seen names it.
pub(crate) async fn serve(seen: Seen, uri: Uri) -> Result<Response, Trouble> {
    let mut names = address::segments(uri.path()).map(address::name);
    let (Some(table), Some(field), Some(key)) =
        (names.next().flatten(), names.next().flatten(), names.next().flatten())
    else {
        return Err(Trouble::no_page());
    };
    let is_upload = |table: &&Arc<Table>| {
        let field = table.get(&field);
        field.is_some_and(|field| field.kind.is_upload() && field.readable && !field.secret)
    };
    let table = seen.table(&table).filter(is_upload).ok_or_else(Trouble::no_page)?;
    match seen.file(table, &field, &key).await {
        Ok(response) => Ok(response.into_response()),
        Err(UploadError::NotFound) => Err(Trouble::no_page()),
        Err(UploadError::Db(error)) => Err(error.into()),
        Err(error) => Err(Trouble::fault(&error)),
    }
}
