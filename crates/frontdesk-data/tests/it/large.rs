//! What stays quick on tables with many rows.

use frontdesk_data::{Db, DbOptions, Field, Table, Value, Values};

use crate::support::{on_each_database, texts};

/// A table of 5,000 rows, with an index over its names.
async fn people(db: &Db) -> std::sync::Arc<Table> {
    let table =
        Table::new("person").field(Field::string("name").not_null()).field(Field::string("city")).create();
    let table = db.define(table).await.unwrap();
    let row = |number: i64| {
        let name = format!("Person {number:04}");
        Values::new().with("name", name).with("city", format!("city {}", number % 7))
    };
    db.insert_many(&table, (0..5000).map(row)).await.unwrap();
    let is_postgres = db.query("SELECT version()", []).await.is_ok();
    db.execute("CREATE INDEX by_name ON person (name)", []).await.unwrap();
    if is_postgres {
        db.execute("CREATE INDEX by_beginning ON person (name text_pattern_ops)", []).await.unwrap();
        db.execute("ANALYZE person", []).await.unwrap();
    }
    table
}

async fn crud_12_it_is_known_which_orders_an_index_has(db: Db) {
    let table = people(&db).await;
    let set = db.set(&table).limit(20);
    for (sorted, by_index) in [
        (set.clone(), true),
        (set.clone().order_by("name"), true),
        (set.clone().order_by_desc("name"), true),
        (set.clone().order_by("city"), false),
    ] {
        assert_eq!(!sorted.sorts_all().await.unwrap(), by_index, "{:?}", sorted.explain().await);
    }
}

async fn crud_12_a_search_by_index_finds_beginnings(db: Db) {
    let table = people(&db).await;
    let set = db.set(&table);
    assert_eq!(set.searched_by_index().await.unwrap(), ["name".into()]);
    // As typed, and in another case.
    for text in ["Person 123", "person 123", " PERSON 123 "] {
        let found = set.search_by_index(text).await.unwrap().unwrap();
        let rows = found.clone().limit(20).rows().await.unwrap();
        assert_eq!(
            texts(&rows, "name"),
            (1230..1240).map(|n| format!("Person {n}")).collect::<Vec<_>>(),
            "{text}"
        );
        // Page after page.
        let page = found.after(rows[4].id().unwrap()).limit(2).rows().await.unwrap();
        assert_eq!(texts(&page, "name"), ["Person 1235", "Person 1236"]);
    }
    for text in ["nobody", "", "\0", &"x".repeat(1000)] {
        assert!(set.search_by_index(text).await.unwrap().unwrap().rows().await.unwrap().is_empty(), "{text}");
    }
    let other = db.define(Table::new("other").field(Field::string("name")).create()).await.unwrap();
    assert!(db.set(&other).search_by_index("x").await.unwrap().is_none());
    let secret = Table::new("person").field(Field::string("name").secret()).field(Field::string("city"));
    let secret = db.define(secret).await.unwrap();
    assert!(db.set(&secret).search_by_index("Person 1").await.unwrap().is_none());
}

async fn a_stream_has_all_rows_of_one_moment(db: Db) {
    let table = people(&db).await;
    let mut stream = db.set(&table).order_by("name").stream().await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first["name"].as_str(), Some("Person 0000"));
    db.set(&table).filter(table.col("name").gt("Person 2")).delete().await.unwrap();
    db.set(&table).update(Values::new().with("city", Value::Null)).await.unwrap();
    let mut count = 1;
    while let Some(row) = stream.next().await {
        assert!(!row.unwrap()["city"].is_null());
        count += 1;
    }
    assert_eq!(count, 5000);
    assert!(db.set(&table).count().await.unwrap() < 5000);
}

on_each_database! {
    crud_12_it_is_known_which_orders_an_index_has,
    crud_12_a_search_by_index_finds_beginnings,
    a_stream_has_all_rows_of_one_moment,
}

#[tokio::test]
async fn options_bound_what_is_open() {
    let db = Db::open_with("sqlite::memory:", DbOptions::new().streams(1)).await.unwrap();
    let table = people(&db).await;
    let open = db.set(&table).stream().await.unwrap();
    assert!(db.set(&table).stream().await.is_err());
    drop(open);
}
