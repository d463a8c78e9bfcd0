//! Lists: a page at a time, searched, ordered.

use http::StatusCode;

use crate::sample::Sample;

const LETTERS: &str = "
    CREATE TABLE letter (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, size INTEGER);
    INSERT INTO letter (name, kind, size) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
        SELECT 'letter ' || i, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'a' ELSE 'b' END, i % 7 FROM n;
    CREATE TABLE few (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, size INTEGER);
    INSERT INTO few SELECT * FROM letter WHERE id <= 277;
    CREATE TABLE loose (name TEXT);
    INSERT INTO loose SELECT name FROM letter WHERE id <= 120;
    CREATE VIEW big AS SELECT name, size FROM letter WHERE size = 6;
";

/// Walks from page to page, and gives the texts of a column on all of them.
async fn walk(sample: &mut Sample, start: &str, relation: &str, column: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(start.to_owned());
    while let Some(address) = next {
        let page = sample.visitor.get(&address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        pages.push(page.texts(column));
        next = page.links(&format!(".pager a[rel={relation}]")).into_iter().next();
        assert!(pages.len() < 100, "{address} leads in a circle");
    }
    pages
}

#[tokio::test]
async fn every_row_is_on_one_page_whichever_way_one_goes() {
    let mut sample = Sample::sql(LETTERS).await;
    for order in ["", "?sort=name", "?sort=-kind", "?sort=size", "?sort=-size"] {
        let start = format!("/tables/few/{order}");
        let pages = walk(&mut sample, &start, "next", "tbody td:nth-child(2)").await;
        assert_eq!(pages.len(), 6, "{order}");
        assert!(pages[..5].iter().all(|page| page.len() == 50), "{order}");
        let mut all: Vec<u32> = pages.concat().iter().map(|id| id.parse().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(all, (1..=277).collect::<Vec<_>>(), "{order}");

        // And back again, over the same pages.
        let last = {
            let mut address = start.clone();
            loop {
                let page = sample.visitor.get(&address).await;
                match page.links(".pager a[rel=next]").into_iter().next() {
                    Some(next) => address = next,
                    None => break address,
                }
            }
        };
        let mut back = walk(&mut sample, &last, "prev", "tbody td:nth-child(2)").await;
        back.reverse();
        let (first, rest) = pages.split_first().unwrap();
        assert_eq!(&back[1..], rest, "{order}");
        assert_eq!(&back[0], first, "{order}");
    }
}

#[tokio::test]
async fn rows_without_a_key_are_listed_by_page_number() {
    let mut sample = Sample::sql(LETTERS).await;
    let pages = walk(&mut sample, "/tables/loose/", "next", "tbody td").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    let last = sample.visitor.get("/tables/loose/?page=3").await;
    assert_eq!(last.links(".pager a"), ["/tables/loose/?page=2"]);
    let beyond = sample.visitor.get("/tables/loose/?page=999999999999").await;
    assert_eq!(beyond.texts(".empty h2"), ["There are no more rows"]);
    let pages = walk(&mut sample, "/tables/big/", "next", "tbody tr").await;
    assert_eq!(pages.concat().len(), 176);
    assert!(sample.visitor.get("/tables/loose/").await.links(".open a").is_empty());
}

#[tokio::test]
async fn a_large_table_is_not_counted_to_its_end() {
    let mut sample = Sample::sql(LETTERS).await;
    assert!(sample.visitor.get("/tables/letter/").await.texts(".sub")[0].starts_with("more than 1000 rows"));
    assert!(sample.visitor.get("/tables/loose/").await.texts(".sub")[0].starts_with("120 rows"));
    assert_eq!(
        sample.visitor.get("/").await.texts(".count"),
        ["277 rows", "more than 1000 rows", "120 rows"]
    );
}

#[tokio::test]
async fn a_search_finds_each_word_somewhere_in_the_texts() {
    let mut sample = Sample::sql(LETTERS).await;
    let found = sample.visitor.get("/tables/letter/?q=LETTER+1000").await;
    assert_eq!(found.texts("tbody td:nth-child(3)"), ["letter 1000"]);
    assert!(found.texts(".sub")[0].starts_with("1 matching row"));
    assert_eq!(
        found.document().select(&scraper::Selector::parse("#q").unwrap()).next().unwrap().attr("value"),
        Some("LETTER 1000")
    );
    // Signs that mean something elsewhere are themselves.
    for text in ["%25", "_", "'", "%22", "%00", "a%00b", "%5C", "%F0%9F%92%A9"] {
        let page = sample.visitor.get(&format!("/tables/letter/?q={text}")).await;
        assert_eq!(page.status, StatusCode::OK, "{text}");
        let found = page.texts("tbody tr").len();
        assert!(matches!(text, "%00") || found == 0, "{text} found {found}");
    }
    let nothing = sample.visitor.get("/tables/letter/?q=%3Cb%3Enowhere").await;
    assert_eq!(nothing.texts(".empty h2"), ["Nothing matches “<b>nowhere”"]);
    // A search is kept from page to page, and in the order.
    let page = sample.visitor.get("/tables/letter/?q=letter&sort=-id").await;
    assert_eq!(page.links(".pager a"), ["/tables/letter/?q=letter&sort=-id&after=1185"]);
}

#[tokio::test]
async fn a_page_that_begins_behind_a_row_that_is_gone_is_answered() {
    let mut sample = Sample::sql(LETTERS).await;
    for address in
        ["?after=999999", "?after=0", "?before=999999", "?sort=name&after=999999", "?after=a,b", "?after=%2F"]
    {
        let page = sample.visitor.get(&format!("/tables/letter/{address}")).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
    }
}

#[tokio::test]
async fn null_empty_and_bytes_are_told_apart() {
    let mut sample = Sample::sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB);
         INSERT INTO t VALUES (1, NULL, x'00ff'), (2, '', NULL), (3, 'null', x'');
         INSERT INTO t VALUES (4, printf('%.*c', 5000, 'x'), zeroblob(20000));",
    )
    .await;
    let page = sample.visitor.get("/tables/t/").await;
    assert_eq!(page.texts("tbody td:nth-child(3)")[..3], ["null", "empty", "null"]);
    assert_eq!(page.texts("tbody .null"), ["null", "empty", "null"]);
    assert_eq!(page.texts("tbody td:nth-child(4)"), ["2 bytes", "null", "0 bytes", "20,000 bytes"]);
    assert_eq!(page.texts("tbody td:nth-child(3)")[3].chars().count(), 121);
    assert!(page.body.len() < 10_000);
}

#[tokio::test]
async fn a_wide_table_shows_some_columns_until_all_are_asked_for() {
    let columns: Vec<String> = (0..90).map(|at| format!("c{at} TEXT")).collect();
    let sql = format!(
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, {}); INSERT INTO wide (id) VALUES (1);",
        columns.join(", ")
    );
    let mut sample = Sample::sql(&sql).await;
    let page = sample.visitor.get("/tables/wide/").await;
    assert_eq!(page.texts("thead th").len(), 1 + 20);
    let all = sample.visitor.get(page.links(".grid + .sub a").first().unwrap()).await;
    assert_eq!(all.texts("thead th").len(), 1 + 91);
}

#[tokio::test]
async fn after_saving_the_visitor_is_back_where_the_list_was() {
    let mut sample = Sample::sql(LETTERS).await;
    let list = sample.visitor.get("/tables/letter/?q=letter&after=100").await;
    let form = sample.visitor.form(&list.links(".open a")[3]).await;
    let saved = sample.visitor.submit(&form).await;
    assert_eq!(saved.address, "/tables/letter/?q=letter&after=100");
    // Only to a list of this table, whatever the address says.
    let form = sample.visitor.form("/forms/letter/1/?list=%2F%2Fevil.example%2F%3Fa%0D%0Ax").await;
    assert_eq!(sample.visitor.submit(&form).await.address, "/tables/letter/");
}

#[tokio::test]
async fn long_values_are_shown_by_their_beginning_and_their_length() {
    let mut sample = Sample::sql(
        "CREATE TABLE long (id INTEGER PRIMARY KEY, body TEXT, data BLOB);
         INSERT INTO long (body, data) VALUES (printf('%.2000000c', 'x'), zeroblob(30000000)),
             (printf('%2000s', ' ') || 'end', x'00');",
    )
    .await;
    let page = sample.visitor.get("/tables/long/").await;
    let bodies = page.texts("tbody td:nth-child(3)");
    assert!(
        bodies[0].starts_with("xxx") && bodies[0].ends_with('…') && bodies[0].len() < 200,
        "{}",
        bodies[0]
    );
    // Of many blanks nobody can tell what is behind them; that there is something is told.
    assert_eq!(bodies[1], "…");
    assert_eq!(page.texts("tbody td:nth-child(4)"), ["30,000,000 bytes", "1 byte"]);
}
