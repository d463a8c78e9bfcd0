//! Uploads that outlive a refused form.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Db, Field, FieldType, RowId, Table, Value, Values};
use frontdesk_forms::{Children, Form, FormSpec};
use frontdesk_validate::IsNotEmpty;
use http::StatusCode;

use crate::visitor::{PIXEL, Page, Visitor};

struct Album {
    db: Db,
    album: Arc<Table>,
    photo: Arc<Table>,
    visitor: Visitor,
}

impl Album {
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let album = Table::new("album")
            .field(Field::string("title").requires(IsNotEmpty::new()))
            .field(Field::upload("cover"))
            .field(Field::new("extras", FieldType::ListUpload))
            .create();
        let album = db.define(album).await.unwrap();
        let photo = Table::new("photo")
            .field(Field::reference("album_id", "album").not_null())
            .field(Field::string("caption").requires(IsNotEmpty::new()))
            .field(Field::upload("image"))
            .create();
        let photo = db.define(photo).await.unwrap();
        Self { db, album, photo, visitor: Visitor::new() }
    }

    fn create(&self) -> FormSpec {
        let photos = Children::of(&self.db, &self.photo, "album_id").unwrap().named("photos");
        Form::for_table(&self.db, &self.album).children(photos)
    }

    async fn only(&self, table: &Arc<Table>) -> frontdesk_data::Row {
        let mut rows = self.db.set(table).rows().await.unwrap();
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    fn content(&self, key: &Value) -> Vec<u8> {
        std::fs::read(self.visitor.folder.path().join(&*key.to_text())).unwrap()
    }
}

/// The page when its request is over: what it held is let go.
fn settled(page: Page) -> Page {
    let mut page = page;
    page.form = None;
    page
}

#[tokio::test]
async fn upld_09_files_survive_three_refusals_in_the_form_and_in_its_rows() {
    let mut a = Album::open().await;
    let spec = a.create();
    let page = a.visitor.get(&spec).await;
    let typing = page
        .typing()
        .file("cover", "cover.png", PIXEL)
        .file("extras", "one.txt", b"one")
        .file("extras", "two.txt", b"two")
        .file("photos[0].image", "photo.png", PIXEL);
    let mut page = a.visitor.post(&spec, &typing).await;
    for round in 0..3 {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{round}");
        for name in ["cover.png", "one.txt", "two.txt", "photo.png"] {
            assert!(page.html.contains(name), "{round} {name}");
        }
        page = settled(page);
        assert_eq!((a.visitor.quarantined(), a.visitor.stored().len()), (4, 0), "{round}");
        page = settled(a.visitor.post(&spec, &page.typing()).await);
    }
    let done = page.typing().set("title", "Holidays").set("photos[0].caption", "Sea");
    let page = a.visitor.post(&spec, &done).await;
    assert!(page.form().accepted(), "{}", page.html);
    let (album, photo) = (a.only(&a.album).await, a.only(&a.photo).await);
    assert_eq!((a.content(&album["cover"]), a.content(&photo["image"])), (PIXEL.to_vec(), PIXEL.to_vec()));
    let Value::List(extras) = &album["extras"] else { panic!("{:?}", album["extras"]) };
    assert_eq!((a.content(&extras[0]), a.content(&extras[1])), (b"one".to_vec(), b"two".to_vec()));
    assert_eq!((a.visitor.quarantined(), a.visitor.stored().len()), (0, 4));
}

#[tokio::test]
async fn upld_09_a_kept_file_can_be_given_up_or_replaced() {
    let mut a = Album::open().await;
    let spec = a.create();
    let page = a.visitor.get(&spec).await;
    let typing = page.typing().file("cover", "cover.png", PIXEL).file("extras", "one.txt", b"one");
    let page = a.visitor.post(&spec, &typing).await;
    let token = page.attr("[name=_delete_extras]", "value").unwrap();
    let page = a.visitor.post(&spec, &page.typing().set("_delete_extras", &token)).await;
    assert!(!page.html.contains("one.txt") && page.html.contains("cover.png"));
    let page = settled(page);
    assert_eq!(a.visitor.quarantined(), 1);
    let page = a.visitor.post(&spec, &page.typing().file("cover", "better.png", PIXEL)).await;
    assert!(!page.html.contains("cover.png") && page.html.contains("better.png"));
    let page = settled(page);
    assert_eq!(a.visitor.quarantined(), 1);
    let page = a.visitor.post(&spec, &page.typing().set("title", "x")).await;
    assert!(page.form().accepted());
    assert!(a.only(&a.album).await["cover"].to_text().starts_with("better-"));
}

#[tokio::test]
async fn upld_09_a_kept_file_belongs_to_one_browser_one_form_and_one_field() {
    let mut a = Album::open().await;
    let mut eve = a.visitor.another();
    let spec = a.create();
    let page = a.visitor.get(&spec).await;
    let page = a.visitor.post(&spec, &page.typing().file("cover", "secret.png", PIXEL)).await;
    let key = page.typing().get("_formkey").unwrap().to_owned();
    // Another browser.
    let stolen = eve.get(&spec).await.typing().set("_formkey", &key).set("title", "x");
    let answer = eve.post(&spec, &stolen).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.html.contains("secret.png"));
    // Another form, and another record.
    let other = a.create().form_name("other");
    let typing = a.visitor.get(&other).await.typing().set("_formkey", &key).set("title", "x");
    assert_eq!(a.visitor.post(&other, &typing).await.status, StatusCode::FORBIDDEN);
    let id = a.db.insert(&a.album, Values::new().with("title", "x")).await.unwrap().unwrap();
    let edit = a.create().record(id);
    let typing = a.visitor.get(&edit).await.typing().set("_formkey", &key);
    let answer = a.visitor.post(&edit, &typing).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.html.contains("secret.png"));
    // A name that was made up, as the text of a file field.
    let token = page.attr("[name=_delete_cover]", "value").unwrap_or_default();
    for name in ["../secret", "cover", &token] {
        let typing =
            page.typing().set("_formkey", &key).without_all("cover").set("extras", name).set("title", "y");
        let answer = a.visitor.post(&spec, &typing).await;
        assert!(!answer.form().accepted() || !answer.html.contains("secret"), "{name}");
    }
    assert!(a.visitor.stored().is_empty());
}

#[tokio::test]
async fn upld_09_a_kept_file_that_is_gone_is_told_of_and_nothing_is_written() {
    let mut a = Album::open().await;
    let spec = a.create();
    let page = a.visitor.get(&spec).await;
    let page = a.visitor.post(&spec, &page.typing().file("cover", "cover.png", PIXEL)).await;
    let incoming = a.visitor.folder.path().join(".incoming");
    for entry in std::fs::read_dir(&incoming).unwrap().map(Result::unwrap).filter(|e| e.path().is_file()) {
        std::fs::remove_file(entry.path()).unwrap();
    }
    for button in [None, Some("add:photos")] {
        let mut typing = page.typing().set("title", "x");
        if let Some(button) = button {
            typing = typing.set("_rows", button);
        }
        let answer = a.visitor.post(&spec, &typing).await;
        assert!(answer.error_of("cover").unwrap().contains("cover.png"), "{}", answer.html);
    }
    assert_eq!(a.db.set(&a.album).count().await.unwrap(), 0);
}

#[tokio::test]
async fn csrf_06_files_of_an_expired_form_are_kept_with_its_texts_and_rows() {
    let mut a = Album::open().await;
    let spec = a.create().lifespan(Duration::ZERO);
    let page = a.visitor.get(&spec).await;
    let typing = page
        .typing()
        .set("title", "Holidays")
        .file("cover", "cover.png", PIXEL)
        .set("photos[0].caption", "Sea")
        .file("photos[0].image", "photo.png", PIXEL);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let page = a.visitor.post(&spec, &typing).await;
    assert_eq!(page.form().form_errors()[0].code(), "form_expired");
    assert_eq!(page.value_of("title").as_deref(), Some("Holidays"));
    assert_eq!(page.value_of("photos[0].caption").as_deref(), Some("Sea"));
    assert!(page.html.contains("cover.png") && page.html.contains("photo.png"), "{}", page.html);
    // Expired once more, with kept files this time; then at once.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let page = a.visitor.post(&spec, &page.typing()).await;
    assert_eq!(page.form().form_errors()[0].code(), "form_expired");
    let page = a.visitor.post(&a.create(), &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(a.content(&a.only(&a.album).await["cover"]), PIXEL);
    assert_eq!(a.content(&a.only(&a.photo).await["image"]), PIXEL);
}

#[tokio::test]
async fn upld_09_a_database_that_refuses_keeps_the_files_too() {
    let mut a = Album::open().await;
    a.db.execute("CREATE UNIQUE INDEX one_title ON album (title)", []).await.unwrap();
    a.db.insert(&a.album, Values::new().with("title", "taken")).await.unwrap();
    let spec = a.create();
    let page = a.visitor.get(&spec).await;
    let typing = page
        .typing()
        .set("title", "taken")
        .file("cover", "cover.png", PIXEL)
        .set("photos[0].caption", "Sea")
        .file("photos[0].image", "photo.png", PIXEL);
    let page = a.visitor.post(&spec, &typing).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((a.visitor.quarantined(), a.visitor.stored().len()), (2, 0));
    let page = a.visitor.post(&spec, &page.typing().set("title", "free")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!((a.visitor.quarantined(), a.visitor.stored().len()), (0, 2));
}

#[tokio::test]
async fn a_new_row_that_the_script_took_away_stays_away_with_its_kept_file() {
    let mut a = Album::open().await;
    let spec = a.create();
    let page = a.visitor.get(&spec).await;
    let typing = page.typing().set("title", "x").file("photos[0].image", "photo.png", PIXEL);
    let page = a.visitor.post(&spec, &typing).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "it has no caption");
    let gone = page.typing().without_all("photos[0]");
    let page = a.visitor.post(&spec, &gone).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(a.db.set(&a.photo).count().await.unwrap(), 0);
}

#[tokio::test]
async fn upld_10_a_replaced_and_a_removed_file_of_a_row_go_when_the_row_is_written() {
    let mut a = Album::open().await;
    let spec = a.create();
    let page = a.visitor.get(&spec).await;
    let typing = page.typing().set("title", "x").set("photos[0].caption", "Sea");
    let page = a.visitor.post(&spec, &typing.file("photos[0].image", "old.png", PIXEL)).await;
    assert!(page.form().accepted(), "{}", page.html);
    let id: RowId = a.only(&a.album).await.id().unwrap().clone();
    let edit = a.create().record(id);
    let page = a.visitor.get(&edit).await;
    let page = a.visitor.post(&edit, &page.typing().file("photos[0].image", "new.png", PIXEL)).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert!(a.visitor.stored()[0].starts_with("new-") && a.visitor.stored().len() == 1);
    let page = a.visitor.get(&edit).await;
    let page = a.visitor.post(&edit, &page.typing().set("photos[0]._delete", "ON")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!((a.db.set(&a.photo).count().await.unwrap(), a.visitor.stored().len()), (0, 0));
}
