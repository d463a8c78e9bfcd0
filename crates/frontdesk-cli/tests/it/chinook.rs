//! A real database: every table opens, and what is saved untouched is untouched.

use http::StatusCode;

use crate::sample::{Sample, assert_same};

const TABLES: [&str; 11] = [
    "Album",
    "Artist",
    "Customer",
    "Employee",
    "Genre",
    "Invoice",
    "InvoiceLine",
    "MediaType",
    "Playlist",
    "PlaylistTrack",
    "Track",
];

/// The forms of the first and the last row of each table, found as a visitor does.
async fn forms_of_edges(sample: &mut Sample) -> Vec<String> {
    let mut forms = Vec::new();
    for table in TABLES {
        let first = sample.visitor.get(&format!("/tables/{table}/")).await;
        let key = sample.db.table(table).unwrap().key[0].clone();
        let last = sample.visitor.get(&format!("/tables/{table}/?sort=-{key}")).await;
        for page in [first, last] {
            assert_eq!(page.status, StatusCode::OK, "{}", page.address);
            let links = page.links(".open a");
            forms.push(links.first().unwrap_or_else(|| panic!("{} lists no row", page.address)).clone());
        }
    }
    forms
}

#[tokio::test]
async fn every_table_opens_and_looking_leaves_the_file_byte_identical() {
    let mut sample = Sample::chinook().await;
    let (bytes, files) = (sample.bytes(), sample.files());
    let home = sample.visitor.get("/").await;
    assert_eq!(home.links(".about a"), TABLES.map(|table| format!("/tables/{table}/")));
    for table in TABLES {
        let create = sample.visitor.get(&format!("/forms/{table}/")).await;
        assert_eq!(create.status, StatusCode::OK, "{table}");
        assert!(create.form().is_some(), "{table}");
        for address in ["?q=a", "?q=a+b", "?q=%25", "?columns=all"] {
            let page = sample.visitor.get(&format!("/tables/{table}/{address}")).await;
            assert_eq!(page.status, StatusCode::OK, "{table} {address}");
        }
    }
    for form in forms_of_edges(&mut sample).await {
        let page = sample.visitor.get(&form).await;
        assert_eq!(page.status, StatusCode::OK, "{form}");
        assert!(page.form().is_some(), "{form}");
    }
    assert_eq!(sample.visitor.get("/readyz").await.status, StatusCode::OK);
    assert!(bytes == sample.bytes(), "looking changed the file");
    assert_eq!(files, sample.files(), "looking left files behind");
}

#[tokio::test]
async fn a_form_that_is_saved_untouched_changes_nothing() {
    let mut sample = Sample::chinook().await;
    let before = sample.dump();
    for address in forms_of_edges(&mut sample).await {
        let form = sample.visitor.form(&address).await;
        let page = sample.visitor.submit(&form).await;
        assert_eq!(page.status, StatusCode::OK, "{address}: {:?}", page.texts(".fd-error, h1"));
        assert!(page.texts(".flash-success")[0].starts_with("Saved"), "{address}");
    }
    assert_same(&before, &sample.dump());
}

#[tokio::test]
async fn a_composite_key_is_edited_like_any_other() {
    let mut sample = Sample::chinook().await;
    let form = sample.visitor.form("/forms/PlaylistTrack/1,5/").await;
    // Track 99,999 is none; the other row is there already.
    let refused = sample.visitor.submit(&form.clone().set("TrackId", "99999")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.texts(".fd-error").len(), 1, "{:?}", refused.texts(".fd-error"));
    let taken = sample.visitor.submit(&form.clone().set("TrackId", "6")).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);

    // 2 is no track of playlist 1? It is: choose another playlist, which has none.
    let saved = sample.visitor.submit(&form.clone().set("PlaylistId", "2")).await;
    assert_eq!(saved.status, StatusCode::OK, "{:?}", saved.texts(".fd-error"));
    assert_eq!(sample.visitor.get("/forms/PlaylistTrack/1,5/").await.status, StatusCode::NOT_FOUND);
    let moved = sample.visitor.form("/forms/PlaylistTrack/2,5/").await;
    let deleted = sample.visitor.submit(&moved.set("_delete", "ON")).await;
    assert!(deleted.texts(".flash-success")[0].starts_with("Deleted"), "{}", deleted.text());
    assert_eq!(sample.visitor.get("/forms/PlaylistTrack/2,5/").await.status, StatusCode::NOT_FOUND);
    assert_eq!(sample.count("PlaylistTrack"), 8714);
}

#[tokio::test]
async fn a_reference_is_a_drop_down_list_and_shown_by_its_label() {
    let mut sample = Sample::chinook().await;
    let page = sample.visitor.get("/forms/Album/1/").await;
    let chosen = page.texts("select[name=ArtistId] option[selected]");
    assert_eq!(chosen, ["AC/DC"]);
    let list = sample.visitor.get("/tables/Album/").await;
    assert_eq!(
        list.texts("tbody tr:first-child td"),
        ["1", "For Those About To Rock We Salute You", "AC/DC"]
    );
    assert_eq!(list.links("tbody tr:first-child td a"), ["/forms/Artist/1/"]);
    // The rows that refer to a row are one step away from it.
    let artist = sample.visitor.get("/forms/Artist/1/").await;
    let albums = &artist.links(".related a")[0];
    let albums = sample.visitor.get(albums).await;
    assert_eq!(
        albums.texts(".open + td + td"),
        ["For Those About To Rock We Salute You", "Let There Be Rock"]
    );
    assert!(albums.texts(".only")[0].contains("AC/DC"));
}
