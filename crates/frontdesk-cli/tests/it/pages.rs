//! What all pages have in common.

use http::{Method, StatusCode};

use crate::sample::Sample;

const KINDS: [&str; 7] = [
    "/",
    "/tables/Album/",
    "/tables/Album/?q=nothing+at+all",
    "/forms/Album/",
    "/forms/Album/1/",
    "/forms/Album/99999/",
    "/nowhere",
];

#[tokio::test]
async fn every_page_has_a_frame_and_careful_headers() {
    let mut sample = Sample::chinook().await;
    let mut titles = Vec::new();
    for address in KINDS {
        let page = sample.visitor.get(address).await;
        let html = page.text();
        assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">"), "{address}");
        assert_eq!(page.texts("h1").len(), 1, "{address}");
        assert_eq!(page.texts("main").len(), 1, "{address}");
        assert_eq!(page.links("a.skip"), ["#main"], "{address}");
        assert!(page.header("content-security-policy").starts_with("default-src 'self';"), "{address}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{address}");
        assert!(matches!(page.header("cache-control"), "private, no-cache" | "no-store"), "{address}");
        // Nothing that such a policy would refuse.
        assert_eq!(page.texts("script"), [""], "{address} has a script of its own");
        for refused in ["<script>", "<style", " style=", " onclick=", "http://", "https://"] {
            assert!(!html.contains(refused), "{address} has {refused}");
        }
        titles.push(page.texts("title").concat());
    }
    titles.dedup();
    assert_eq!(titles.len(), KINDS.len() - 1, "a search has the title of its list: {titles:?}");
}

#[tokio::test]
async fn our_own_files_are_kept_by_browsers() {
    let mut sample = Sample::chinook().await;
    let home = sample.visitor.get("/").await;
    let links = home.links("link");
    assert_eq!(links.len(), 3);
    let script = home.document().select(&scraper::Selector::parse("script").unwrap()).next().unwrap();
    let script = script.attr("src").unwrap().to_owned();
    for link in links.into_iter().chain([script]) {
        let file = sample.visitor.get(&link).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.header("cache-control").contains("immutable"), "{link}");
        assert!(!file.body.is_empty());
    }
    assert_eq!(sample.visitor.get("/assets/frontdesk-000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn health_is_told_in_plain_words() {
    let mut sample = Sample::chinook().await;
    for (address, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let page = sample.visitor.get(address).await;
        assert_eq!((page.status, page.text()), (StatusCode::OK, text.to_owned()));
        assert_eq!(page.header("cache-control"), "no-store");
    }
    sample.db.close().await;
    assert_eq!(sample.visitor.get("/healthz").await.status, StatusCode::OK);
    let page = sample.visitor.get("/readyz").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.header("retry-after"), "5");
}

#[tokio::test]
async fn an_address_without_its_slash_leads_to_the_one_with_it() {
    let mut sample = Sample::chinook().await;
    for (from, to) in [
        ("/tables/Album?q=a%20b", "/tables/Album/?q=a%20b"),
        ("/forms/Album", "/forms/Album/"),
        ("/forms/Album/1", "/forms/Album/1/"),
    ] {
        let page = sample.visitor.get(from).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::PERMANENT_REDIRECT, to));
    }
    let page = sample.visitor.get("//evil.example/x").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(
        sample.visitor.method(Method::POST, "/tables/Album/").await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn names_and_values_are_text_wherever_they_stand() {
    let mut sample = Sample::sql(
        "CREATE TABLE \"<b>t</b>&quot;\" (id INTEGER PRIMARY KEY, \"<i>f\"\"</i>\" TEXT);
         INSERT INTO \"<b>t</b>&quot;\" VALUES (1, '<script>alert(1)</script>\"');",
    )
    .await;
    let list = sample.visitor.get("/").await.links(".about a")[0].clone();
    let page = sample.visitor.get(&list).await;
    assert_eq!(page.texts("h1"), ["<b>t</b>&quot;"]);
    assert_eq!(page.texts("tbody td:last-child"), ["<script>alert(1)</script>\""]);
    let form = sample.visitor.get(&page.links(".open a")[0]).await;
    assert_eq!(form.texts("h1"), ["<script>alert(1)</script>\""]);
    for page in [page, form] {
        for element in ["main b", "main i", "script:not([src])"] {
            assert!(page.texts(element).is_empty(), "{}: {element}", page.address);
        }
    }
}

#[tokio::test]
async fn an_empty_database_and_an_empty_table_say_what_to_do_next() {
    let mut sample = Sample::sql("PRAGMA user_version = 1").await;
    let home = sample.visitor.get("/").await;
    assert!(home.texts(".empty")[0].contains("--schema"), "{}", home.text());

    let mut sample = Sample::sql("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)").await;
    let list = sample.visitor.get("/tables/t/").await;
    assert_eq!(list.texts(".empty h2"), ["Nothing here yet"]);
    assert_eq!(list.links(".empty a"), ["/forms/t/"]);
}

#[tokio::test]
async fn a_message_is_shown_once() {
    let mut sample = Sample::chinook().await;
    let form = sample.visitor.form("/forms/Artist/").await.set("Name", "Nina <Simone>");
    let list = sample.visitor.submit(&form).await;
    assert_eq!(list.texts(".flash-success"), ["Created “Nina <Simone>”."]);
    assert!(sample.visitor.get("/tables/Artist/").await.texts(".flash").is_empty());
}
