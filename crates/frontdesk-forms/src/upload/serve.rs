use std::io;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use frontdesk_data::{Access, Action, Db, DbError};
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use tokio::task::spawn_blocking;

use super::sweep::names_in_lists;
use super::{FileKey, UploadStore};
use crate::FormError;

/// Why a file is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// There is no file of that key.
    #[error("there is no such file")]
    NotFound,
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Io(#[source] io::Error),
    /// It is no image that can be drawn.
    #[error("this is no image that can be drawn")]
    Image,
    /// Whether it may be served cannot be told: the database failed.
    #[error("whether the file may be served cannot be told")]
    Db(#[source] DbError),
}

impl IntoResponse for UploadError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Image => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Db(error) => return FormError::from(error.clone()).into_response(),
            Self::Io(error) => {
                tracing::error!(%error, "an uploaded file cannot be read");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, self.to_string()).into_response()
    }
}

/// Media types that a browser may show in place. Everything else is offered for download.
const SHOWN: &[(&str, &str)] = &[
    ("gif", "image/gif"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("bmp", "image/bmp"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("mov", "video/quicktime"),
    ("txt", "text/plain; charset=utf-8"),
];

/// Answers with a stored file, in pieces.
///
/// Pictures, sounds, videos and plain text are shown in place; anything else is offered for download, as
/// `application/octet-stream`. Nothing in it can run on this site: `nosniff` and a policy that allows nothing.
///
/// Asking whether the visitor may see the file is the caller's.
///
/// # Errors
/// [`UploadError::NotFound`], if the key is none or there is no such file.
///
/// ```
/// use axum::{extract::{Path, State}, response::IntoResponse};
/// use frontdesk_forms::{Desk, serve_upload};
///
/// async fn download(State(desk): State<Desk>, Path(key): Path<String>) -> impl IntoResponse {
///     serve_upload(desk.uploads(), &key).await
/// }
/// ```
pub async fn serve_upload(store: &UploadStore, key: &str) -> Result<Response, UploadError> {
    let key = FileKey::parse(key).ok_or(UploadError::NotFound)?;
    let path = store.path(&key);
    let opened = spawn_blocking(move || -> io::Result<_> {
        // A link would lead out of the folder.
        if !std::fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = std::fs::File::open(path)?;
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok((file, about.len()))
    });
    let (file, size) = match opened.await.map_err(|error| UploadError::Io(error.into()))? {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(UploadError::NotFound),
        Err(error) => return Err(UploadError::Io(error)),
    };
    let extension = key.extension();
    let shown = SHOWN.iter().find(|(known, _)| *known == extension).map(|(_, media_type)| *media_type);
    let mut response = Response::new(Body::from_stream(pieces(file)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(shown.unwrap_or("application/octet-stream")));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    // The key is random and its file never changes, but who may see it can.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    if shown.is_none() {
        headers.insert(CONTENT_DISPOSITION, attachment(key.as_str()));
    }
    Ok(response)
}

/// As [`serve_upload`], to an actor: a file that a row names in a field, if the actor may read that row and that field. Any
/// other answers as a file that there is not.
///
/// Whether a row names the file is asked of the database by the field's value: an index on it makes that quick.
///
/// # Errors
/// As [`serve_upload`]; [`UploadError::Db`], if the database cannot be asked.
///
/// ```
/// use axum::{extract::{Path, State}, response::IntoResponse};
/// use frontdesk_data::{Actor, Db, Policy, Table};
/// use frontdesk_forms::{Desk, serve_upload_to};
///
/// async fn paper(desk: Desk, db: Db, order: std::sync::Arc<Table>, policy: Policy, key: String) -> impl IntoResponse {
///     let actor = Actor::user(42); // from the session
///     serve_upload_to(desk.uploads(), &db, &policy.access(&actor, &order), "paper", &key).await
/// }
/// ```
pub async fn serve_upload_to(
    store: &UploadStore,
    db: &Db,
    access: &Access,
    field: &str,
    key: &str,
) -> Result<Response, UploadError> {
    let file = FileKey::parse(key).ok_or(UploadError::NotFound)?;
    let seen = access.table().get(field).filter(|field| field.kind.is_upload() && !field.secret);
    let is_list = seen.ok_or(UploadError::NotFound)?.kind.is_list();
    if !access.can(Action::Read) {
        return Err(UploadError::NotFound);
    }
    let (rows, column) = (access.set(db), access.table().col(field));
    let named = match is_list {
        true => names_in_lists(rows.filter(column.contains(file.as_str())), field, &file, false).await,
        false => rows.filter(column.eq(file.as_str())).exists().await,
    };
    if !named.map_err(UploadError::Db)? {
        return Err(UploadError::NotFound);
    }
    let mut response = serve_upload(store, key).await?;
    // Who may see it can change from one moment to the next.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

pub(super) fn pieces(file: std::fs::File) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    futures_util::stream::try_unfold(file, |mut file| async move {
        spawn_blocking(move || {
            let mut piece = vec![0; 128 * 1024];
            let read = io::Read::read(&mut file, &mut piece)?;
            piece.truncate(read);
            Ok((read > 0).then(|| (Bytes::from(piece), file)))
        })
        .await?
    })
}

/// `attachment` with the name twice, as RFC 6266 asks: in ASCII for old clients, in UTF-8 for the others.
fn attachment(name: &str) -> HeaderValue {
    use std::fmt::Write;
    let mut value = String::from("attachment; filename=\"");
    value.extend(name.chars().map(|letter| {
        let plain = letter.is_ascii_graphic() || letter == ' ';
        if plain && letter != '"' && letter != '\\' { letter } else { '_' }
    }));
    value.push_str("\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            value.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    HeaderValue::try_from(value).expect("only visible ASCII was written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn upld_06_what_a_browser_would_run_is_offered_for_download() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        for name in ["a.svg", "a.html", "größe.xml", "a"] {
            std::fs::write(folder.path().join(name), "<script>alert(1)</script>").unwrap();
            let response = serve_upload(&store, name).await.unwrap();
            assert_eq!(response.headers()[CONTENT_TYPE], "application/octet-stream");
            assert!(response.headers()[CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
            assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
        }
        std::fs::write(folder.path().join("a.png"), "x").unwrap();
        assert_eq!(serve_upload(&store, "a.png").await.unwrap().headers()[CONTENT_TYPE], "image/png");
        assert_eq!(
            attachment("gr\"ö.xml"),
            "attachment; filename=\"gr__.xml\"; filename*=UTF-8''gr%22%C3%B6.xml"
        );
    }

    #[tokio::test]
    async fn upld_04_a_path_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("x")).unwrap();
        let store = UploadStore::new(folder.path().join("x"));
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        for key in ["../secret", "..", ".", ".incoming", "", "x/../../secret", "\0"] {
            assert!(matches!(serve_upload(&store, key).await, Err(UploadError::NotFound)), "{key}");
        }
    }
}
