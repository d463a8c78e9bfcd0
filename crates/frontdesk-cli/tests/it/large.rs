//! Lists of tables with many rows.

use std::time::{Duration, Instant};

use crate::sample::Sample;

/// A table that is large, with two indexes.
async fn large(rows: u64) -> Sample {
    Sample::sql(&format!(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(40), email VARCHAR(40), city TEXT, age INTEGER);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO person SELECT i, 'Person ' || i, 'p' || i || '@example.com', 'city ' || (i % 100), i % 90 FROM n;
         CREATE INDEX by_name ON person (name); CREATE INDEX by_age ON person (age, email)"
    ))
    .await
}

async fn get(sample: &mut Sample, address: &str) -> String {
    let page = sample.visitor.get(address).await;
    assert_eq!(page.status, 200, "{address}");
    page.text()
}

#[tokio::test]
async fn crud_12_a_large_table_offers_only_orders_that_an_index_has() {
    let mut sample = large(60_000).await;
    let page = get(&mut sample, "/tables/person/").await;
    let offered: Vec<_> = ["id", "name", "email", "city", "age"]
        .into_iter()
        .filter(|name| page.contains(&format!("sort={name}\"")) || page.contains(&format!("sort=-{name}\"")))
        .collect();
    assert_eq!(offered, ["id", "name", "age"]);
    assert!(page.contains("The table is large, and no index has it in this order"));
    // An address that asks for it all the same gets the usual order.
    let page = get(&mut sample, "/tables/person/?sort=-city").await;
    assert!(page.contains("p1@example.com"));
    let page = get(&mut sample, "/tables/person/?sort=-name").await;
    assert!(page.contains("Person 9999"));

    let mut small = large(500).await;
    let page = get(&mut small, "/tables/person/").await;
    assert!(page.contains("sort=city\"") && !page.contains("no index"));
}

#[tokio::test]
async fn crud_12_a_large_table_is_searched_by_its_indexes() {
    let mut sample = large(60_000).await;
    let page = get(&mut sample, "/tables/person/?q=person+5999").await;
    assert!(page.contains("found are rows whose Name begins with the text"));
    for found in ["p5999@", "p59990@", "p59999@"] {
        assert!(page.contains(found), "{found}");
    }
    assert!(!page.contains("p5998@"));
    // A page further on.
    let page = get(&mut sample, "/tables/person/?q=Person+5").await;
    let next = page.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let next = get(&mut sample, &next.replace("&amp;", "&")).await;
    assert!(next.contains("rel=\"prev\"") && next.contains("Person 5"));
    // What no index finds is not looked for in all rows.
    let begun = Instant::now();
    let page = get(&mut sample, "/tables/person/?q=nobody").await;
    assert!(page.contains("nobody") && begun.elapsed() < Duration::from_secs(2));
    let mut small = large(500).await;
    let page = get(&mut small, "/tables/person/?q=city+7").await;
    assert!(page.contains("p7@"));
}
