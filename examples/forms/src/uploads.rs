//! Files that need not be chosen twice, several files in one field, small pictures, and a folder that keeps itself tidy.
//!
//! Choose a picture, leave the title empty, and save: the form comes back with the picture in it. Give it a title now.
//!
//! Run with `cargo run -p example-forms --bin uploads`.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path as Segment, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use frontdesk::forms::{FileKey, Sweeper, UploadError};
use frontdesk::prelude::*;

use crate::page::{App, page, saved};

/// The whole program: an album with a cover and further files, kept in `folder`. What was left behind is removed as long
/// as the sweeper lives.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app(folder: &Path) -> Result<(Router, Sweeper), Box<dyn std::error::Error>> {
    let url = format!("sqlite://{}", folder.join("albums.db").display());
    let db = Db::open_with(&url, DbOptions::new().create_if_missing(true)).await?;
    // Place, time and device are taken out of the picture.
    let cover = UploadOptions::default().max_bytes(5 << 20).strip_metadata(true);
    let extras = UploadOptions::default().max_files(3);
    let album = Table::new("album")
        .field(Field::string("title").requires(IsNotEmpty::new()))
        .field(
            Field::upload("cover")
                .requires(IsEmptyOr::new(IsImage::new()))
                .upload_options(cover.download_url(|key| format!("/small/{key}"))),
        )
        .field(
            Field::new("extras", FieldType::ListUpload)
                .upload_options(extras.download_url(|key| format!("/files/{key}"))),
        );
    db.define(album.create()).await?;
    let desk = Desk::new(Secret::random()).upload_folder(folder.join("uploads"));
    let sweeper = desk.uploads().sweep_every(&db, Duration::from_secs(3600));
    let routes = Router::new()
        .route("/", any(create))
        .route("/album/{id}", any(edit))
        .route("/small/{key}", get(small))
        .route("/files/{key}", get(file));
    Ok((routes.merge(desk.router()).with_state(App { desk, db }), sweeper))
}

async fn create(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    let album = app.db.table("album").expect("it was defined at the start");
    let form = Form::for_table(&app.db, &album).process(&mut request).await?;
    if let (true, Some(id)) = (form.accepted(), form.id()) {
        return Ok(saved(&request, &format!("/album/{id}")));
    }
    Ok(page(&app.desk, &request, "A new album", &form))
}

async fn edit(
    State(app): State<App>,
    Segment(id): Segment<String>,
    mut request: FormRequest,
) -> Result<Response, FormError> {
    let album = app.db.table("album").expect("it was defined at the start");
    let id: RowId = id.parse().map_err(|_| FormError::NotFound)?;
    let form = Form::for_table(&app.db, &album).record(id.clone()).process(&mut request).await?;
    if form.accepted() {
        let to = if form.deleted() { "/".to_owned() } else { format!("/album/{id}") };
        return Ok(saved(&request, &to));
    }
    Ok(page(&app.desk, &request, "An album", &form))
}

/// Who may see a file is decided here: these are for everyone.
async fn file(State(app): State<App>, Segment(key): Segment<String>) -> impl IntoResponse {
    serve_upload(app.desk.uploads(), &key).await
}

async fn small(State(app): State<App>, Segment(key): Segment<String>) -> Result<Response, UploadError> {
    let key = FileKey::parse(&key).ok_or(UploadError::NotFound)?;
    let small = app.desk.uploads().thumbnail(&key, 240).await?;
    Ok(([(CONTENT_TYPE, small.media_type)], small.content).into_response())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::visitor::{PIXEL, Visitor};

    #[tokio::test]
    async fn files_outlive_a_refused_form_and_are_stored_with_the_accepted_one() {
        let folder = tempfile::tempdir().unwrap();
        let (app, _sweeper) = app(folder.path()).await.unwrap();
        let mut visitor = Visitor::new(&app);
        let opened = visitor.get("/").await;
        let files: [(&str, &str, &[u8]); 3] =
            [("cover", "sea.png", PIXEL), ("extras", "a.txt", b"one"), ("extras", "b.txt", b"two")];
        let refused = visitor.send_files("/", &opened, &[("title", "")], &files).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        for name in ["sea.png", "a.txt", "b.txt"] {
            assert!(refused.html.contains(name), "{name}: {}", refused.html);
        }

        // No file this time.
        let saved = visitor.send_files("/", &refused, &[("title", "Holidays")], &[]).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
        let album = visitor.get(&saved.location.unwrap()).await;
        let address = |start: &str| {
            let at = album.html.find(start).unwrap_or_else(|| panic!("{start}: {}", album.html));
            album.html[at..].split('"').next().unwrap().to_owned()
        };
        assert_eq!(visitor.get(&address("/files/")).await.html, "one");
        assert_eq!(visitor.get(&address("/small/")).await.status, StatusCode::OK);
    }
}
