//! A database that nobody should have made, but somebody did: every page answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use http::StatusCode;

use crate::sample::{Sample, assert_same};

/// So many pages of one kind are looked at: the others are alike.
const EACH: usize = 8;

/// Follows all links but some, and gives the forms that were found.
pub(crate) async fn crawl(sample: &mut Sample, but: &[&str]) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = but.iter().chain(&["/"]).map(|&address| address.to_owned()).collect();
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let mut per_table: BTreeMap<String, usize> = BTreeMap::new();
    let mut forms = BTreeSet::new();
    while let Some(address) = waiting.pop_front() {
        let page = sample.visitor.get(&address).await;
        assert!(
            page.status == StatusCode::OK,
            "{address} answers {}: {:?}",
            page.status,
            page.texts("h1, .trouble p")
        );
        if !page.header("content-type").starts_with("text/html") {
            continue;
        }
        if page.form().is_some() {
            forms.insert(address);
        }
        for link in page.links("a[href], link[href]") {
            assert!(link.starts_with('/') || link.starts_with('#'), "{link} leads elsewhere");
            if link.starts_with('#') || !known.insert(link.clone()) {
                continue;
            }
            let kind = link.split('/').take(3).collect::<Vec<_>>().join("/");
            let seen = per_table.entry(kind).or_default();
            *seen += 1;
            if *seen <= EACH {
                waiting.push_back(link);
            }
        }
    }
    forms
}

#[tokio::test]
async fn every_page_answers_and_looking_changes_nothing() {
    let mut sample = Sample::hostile().await;
    let (bytes, files) = (sample.bytes(), sample.files());
    let tables = sample.db.tables().len();
    let home = sample.visitor.get("/").await;
    assert_eq!(home.texts(".about h3").len(), tables);
    let forms = crawl(&mut sample, &[]).await;
    assert!(forms.len() > 80, "{} forms", forms.len());
    assert!(bytes == sample.bytes(), "looking changed the file");
    assert_eq!(files, sample.files());
}

#[tokio::test]
async fn every_form_can_be_submitted_as_it_stands() {
    let mut sample = Sample::hostile().await;
    for address in crawl(&mut sample, &[]).await {
        let page = sample.visitor.get(&address).await;
        // An earlier one may have led to its end.
        let Some(form) = page.form() else { continue };
        let page = sample.visitor.submit(&form).await;
        assert!(
            matches!(page.status, StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY),
            "{address} answers {}: {:?}",
            page.status,
            page.texts("h1, .trouble p, .fd-error"),
        );
        let told = page.texts(".flash-success, .flash-error, .fd-summary");
        assert!(!told.is_empty(), "{address} says nothing");
    }
    assert_eq!(sample.visitor.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn odd_values_that_nobody_touched_stay_as_they_are() {
    let mut sample = Sample::hostile().await;
    let before = sample.dump();
    let mut saved = 0;
    for address in crawl(&mut sample, &[]).await {
        // Only forms of rows that exist: the others make new ones.
        if address.trim_matches('/').split('/').count() < 3 {
            continue;
        }
        let form = sample.visitor.form(&address).await;
        let page = sample.visitor.submit(&form).await;
        saved += usize::from(page.status == StatusCode::OK);
    }
    assert!(saved > 40, "{saved} forms were saved");
    assert_same(&before, &sample.dump());
}

#[tokio::test]
async fn what_is_not_possible_is_refused_and_the_page_says_why() {
    let mut sample = Sample::hostile().await;
    for (address, status, part) in [
        ("/tables/broken_view/", StatusCode::FORBIDDEN, "cannot open it"),
        ("/forms/node_names/", StatusCode::FORBIDDEN, "view"),
        ("/forms/node_names/1/", StatusCode::FORBIDDEN, "view"),
        ("/forms/no_key/1/", StatusCode::FORBIDDEN, "no key"),
        ("/tables/nothing/", StatusCode::NOT_FOUND, "no table or view"),
        ("/forms/nothing/", StatusCode::NOT_FOUND, "no table or view"),
        ("/forms/empty/7/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/empty/%2F/", StatusCode::NOT_FOUND, "no record"),
        ("/forms/composite/1/", StatusCode::NOT_FOUND, "no record"),
        ("/nothing/at/all", StatusCode::NOT_FOUND, "address"),
        ("/tables/%ff/", StatusCode::NOT_FOUND, "no table or view"),
    ] {
        let page = sample.visitor.get(address).await;
        assert_eq!(page.status, status, "{address}");
        assert!(page.texts(".trouble p").concat().contains(part), "{address}: {:?}", page.texts(".trouble"));
    }
    for (address, part) in [("/tables/node_names/", "view"), ("/tables/no_key/", "no key")] {
        let page = sample.visitor.get(address).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.texts(".note")[0].contains(part), "{address}: {:?}", page.texts(".note"));
    }
}
