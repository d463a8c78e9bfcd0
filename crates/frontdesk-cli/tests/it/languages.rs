//! The site in the visitor's language.

use axum::body::Body;
use http::Request;
use http::header::ACCEPT_LANGUAGE;

use crate::sample::Sample;
use crate::visitor::Page;

async fn get(sample: &mut Sample, address: &str, language: &str) -> Page {
    sample.visitor.send(Request::get(address).header(ACCEPT_LANGUAGE, language), Body::empty()).await
}

const PAGES: [&str; 13] = [
    "/",
    "/tables/Track/",
    "/tables/Track/?q=nothing+like+this",
    "/tables/Track/?q=love",
    "/tables/Album/?field=ArtistId&is=1",
    "/tables/Artist/?after=99999",
    "/tables/nothing/",
    "/forms/Artist/",
    "/forms/Artist/1/",
    "/forms/Artist/99999/",
    "/forms/Track/1/",
    "/nowhere",
    "/media/Track/Name/x",
];

#[tokio::test]
async fn form_18_pages_are_in_the_visitors_language() {
    let mut sample = Sample::chinook().await;
    for (language, heading, button) in [
        ("de-DE,en;q=0.5", "Neuer Eintrag in Artist", "Anlegen"),
        ("pt-BR", "Novo registro em Artist", "Criar"),
    ] {
        let page = get(&mut sample, "/forms/Artist/", language).await;
        assert_eq!(page.texts("h1"), [heading]);
        assert!(page.text().contains(&format!("value=\"{button}\"")), "{}", page.text());
        assert!(page.text().contains(&format!("lang=\"{}", &language[..2])));
        assert!(page.text().contains("dir=\"ltr\""));
    }
    let list = get(&mut sample, "/tables/Track/?q=love", "de").await;
    assert!(list.texts(".title .sub")[0].contains("passende Zeilen"), "{:?}", list.texts(".title .sub"));
    assert!(list.texts("td").contains(&"0,99".to_owned()), "numbers are written as in German");
    let gone = get(&mut sample, "/forms/Artist/99999/", "pt").await;
    assert_eq!(gone.texts("h1"), ["Este registro não existe"]);
}

/// In the pseudo-language every sentence of ours is in brackets: one that is not was forgotten.
#[tokio::test]
async fn form_18_no_sentence_is_left_in_english() {
    let catalogue = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en.ftl")).unwrap();
    let english: Vec<&str> = catalogue
        .lines()
        .filter_map(|line| Some(line.strip_prefix("serve-")?.split_once(" = ")?.1))
        .filter(|text| !text.contains('{'))
        .collect();
    assert!(english.len() > 50);
    let mut sample = Sample::chinook().await;
    for address in PAGES {
        let page = get(&mut sample, address, "en-XA").await;
        assert!(page.text().contains("lang=\"en-XA\""), "{address}");
        assert!(page.text().contains(" ~"), "{address}");
        let document = page.document();
        for node in document.tree.nodes() {
            if node
                .parent()
                .and_then(|parent| parent.value().as_element())
                .is_some_and(|element| ["td", "a", "option"].contains(&element.name()))
            {
                continue; // what the database says
            }
            let texts = match node.value() {
                scraper::Node::Text(text) => vec![text.trim().to_owned()],
                scraper::Node::Element(element) => ["placeholder", "aria-label", "value", "title"]
                    .iter()
                    .filter_map(|name| element.attr(name).map(str::to_owned))
                    .collect(),
                _ => continue,
            };
            for text in texts {
                assert!(!english.contains(&&*text), "{address}: {text}");
                // A sentence that was put together elsewhere; what the database has are names, and short.
                let is_sentence = text.ends_with('.') && text.len() > 30;
                assert!(!is_sentence || text.contains('['), "{address}: {text}");
            }
        }
    }
}
