//! Showing a visitor the picture that a refused form keeps.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use super::content::Kind;
use super::owner::Owner;
use super::serve::{UploadError, pieces};
use super::spool::SpooledFile;
use super::store::{KeptFile, UploadStore};

/// The largest file that is shown as it is, in bytes.
const SHOWN: u64 = 2 << 20;

/// The longer side of the picture that is shown instead, in pixels.
#[cfg(feature = "images")]
const SIDE: u32 = 192;

/// Answers with a picture of a kept file: small, where the feature `images` can draw it, or else the file itself if it is
/// a picture of at most 2 MiB. What is no picture by its content is answered with 404, as is what expired.
///
/// The answer is for this visitor now: nothing keeps it, and nothing in it can run. That the visitor may ask for it is
/// shown by what the caller has verified.
pub(crate) async fn serve_kept(store: &UploadStore, owner: Owner, kept: &KeptFile) -> Response {
    match picture(store, owner, kept).await {
        Ok((media_type, body)) => {
            let mut response = Response::new(body);
            let headers = response.headers_mut();
            for (name, value) in [
                (CONTENT_TYPE, media_type),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
                (CACHE_CONTROL, "private, no-store"),
                (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            ] {
                headers.insert(name, HeaderValue::from_static(value));
            }
            response
        }
        Err(UploadError::Image) => {
            (StatusCode::NOT_FOUND, "there is no picture of this file").into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn picture(
    store: &UploadStore,
    owner: Owner,
    kept: &KeptFile,
) -> Result<(&'static str, Body), UploadError> {
    let file = store.reopen(owner, kept).await.map_err(UploadError::Io)?.ok_or(UploadError::NotFound)?;
    let media_type = Kind::of(file.head()).raster_type().ok_or(UploadError::Image)?;
    let path = SpooledFile::of(&file).ok_or(UploadError::NotFound)?.path();
    #[cfg(feature = "images")]
    if let Ok(small) = super::image::thumbnail(path.clone(), SIDE).await {
        return Ok((small.media_type, small.content.into()));
    }
    if file.size() > SHOWN {
        return Err(UploadError::Image);
    }
    let opened = tokio::task::spawn_blocking(move || std::fs::File::open(path)).await;
    let opened = opened.map_err(|error| UploadError::Io(error.into()))?.map_err(UploadError::Io)?;
    Ok((media_type, Body::from_stream(pieces(opened))))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    const GIF: &[u8] =
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";

    async fn kept(store: &UploadStore, content: &[u8]) -> KeptFile {
        let mut spool = store.receive(Owner::of("ada")).await.unwrap();
        spool.write(content).await.unwrap();
        store.hold("f", &spool.finish("a.gif").await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn upld_06_a_kept_picture_is_shown_and_nothing_in_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let store = UploadStore::new(folder.path());
        let picture = kept(&store, GIF).await;
        let response = serve_kept(&store, Owner::of("ada"), &picture).await;
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers().clone();
        assert!(headers[CONTENT_TYPE].to_str().unwrap().starts_with("image/"));
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
        assert_eq!(headers[CACHE_CONTROL], "private, no-store");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let shown = Kind::of(&body).raster_type().unwrap();
        assert_eq!(headers[CONTENT_TYPE], shown, "what it is, is what it says");
        let again = serve_kept(&store, Owner::of("ada"), &picture).await;
        assert_eq!(again.status(), StatusCode::OK, "to be shown does not use it up");
        let others = serve_kept(&store, Owner::of("eve"), &picture).await;
        assert_eq!(others.status(), StatusCode::NOT_FOUND);
        for content in
            [&b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..], b"<script>", b"%PDF-1.7"]
        {
            let response = serve_kept(&store, Owner::of("ada"), &kept(&store, content).await).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
        }
    }
}
