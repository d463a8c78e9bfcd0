//! Sets: filters, order, pages, joins, counts, and changes of many rows.

use std::sync::Arc;

use frontdesk_data::sea_query::{Cond, Expr, ExprTrait};
use frontdesk_data::{Db, DbErrorKind, Field, RowId, Set, Table, Value, Values};

use crate::support::{File, heroes, id, null, refusal, texts};

/// Artists with albums; an album without artist.
async fn music(db: Db) -> (Db, Arc<Table>, Arc<Table>) {
    let artist =
        Table::new("artist").field(Field::string("name")).field(Field::reference("country", "country"));
    let country = Table::new("country").field(Field::string("name")).create();
    let album = Table::new("album")
        .field(Field::string("title"))
        .field(Field::reference("artist_id", "artist"))
        .field(Field::integer("year"))
        .field(Field::password("secret"));
    let country = db.define(country).await.unwrap();
    let artist = db.define(artist.create()).await.unwrap();
    let album = db.define(album.create()).await.unwrap();
    db.insert(&country, Values::new().with("name", "Germany")).await.unwrap();
    for (name, country) in [("Nina", null()), ("Can", Value::Int(1)), ("Abba", null())] {
        db.insert(&artist, Values::new().with("name", name).with("country", country)).await.unwrap();
    }
    for (title, by, year) in [
        ("Pastel Blues", Value::Int(1), Value::Int(1965)),
        ("Tago Mago", Value::Int(2), Value::Int(1971)),
        ("100% Blues", Value::Int(1), null()),
        ("Ege_Bamyasi", Value::Int(2), Value::Int(1972)),
        ("Arrival", Value::Int(3), Value::Int(1976)),
        ("Nobody's", null(), null()),
        ("Future Days", Value::Int(2), Value::Int(1972)),
    ] {
        let values = Values::new()
            .with("title", title)
            .with("artist_id", by)
            .with("year", year)
            .with("secret", "blues");
        db.insert(&album, values).await.unwrap();
    }
    (db, artist, album)
}

async fn titles(set: Set) -> Vec<String> {
    texts(&set.rows().await.unwrap(), "title")
}

async fn filters_add_up(db: Db) {
    let (db, _, album) = music(db).await;
    let col = |name: &str| album.col(name);
    for (filter, found) in [
        (col("year").eq("1972"), &["Ege_Bamyasi", "Future Days"][..]),
        (col("year").eq(null()), &["100% Blues", "Nobody's"]),
        (col("year").ne(1972), &["Pastel Blues", "Tago Mago", "Arrival"]),
        (col("year").is_in([1965, 1976]), &["Pastel Blues", "Arrival"]),
        (col("year").is_in([0; 0]), &[]),
        (col("year").is_not_in([0; 0]).and(col("year").lt(1970)), &["Pastel Blues"]),
        (col("year").between(1966, 1971), &["Tago Mago"]),
        (col("title").contains("100%"), &["100% Blues"]),
        (col("title").contains("e_b"), &["Ege_Bamyasi"]),
        (col("title").starts_with("a"), &["Arrival"]),
        (col("title").ends_with("BLUES"), &["Pastel Blues", "100% Blues"]),
        (col("title").eq("Nobody's"), &["Nobody's"]),
        (col("year").is_null().or(col("year").gte(1976)), &["100% Blues", "Arrival", "Nobody's"]),
        (Expr::col("year").gt(1975), &["Arrival"]),
    ] {
        assert_eq!(titles(db.set(&album).filter(filter.clone())).await, found, "{filter:?}");
    }
    let both = db
        .set(&album)
        .filter(album.col("year").gt(1965))
        .filter(Cond::any().add(album.col("title").eq("Arrival")).add(album.col("title").eq("Pastel Blues")));
    assert_eq!(titles(both).await, ["Arrival"]);
}

async fn a_search_looks_for_each_word_in_the_texts_that_may_be_read(db: Db) {
    let (db, _, album) = music(db).await;
    for (words, found) in [
        ("blues", &["Pastel Blues", "100% Blues"][..]),
        ("BLUES pas", &["Pastel Blues"]),
        ("%", &["100% Blues"]),
        ("_", &["Ege_Bamyasi"]),
        ("\\", &[]),
        ("'", &["Nobody's"]),
        ("1972", &[]),
        ("tago\0mago", &["Tago Mago"]),
    ] {
        assert_eq!(titles(db.set(&album).search(words)).await, found, "{words}");
    }
    assert_eq!(db.set(&album).search("  ").count().await.unwrap(), 7);
    assert_eq!(db.set(&album).search(&"x".repeat(1 << 20)).count().await.unwrap(), 0);
    assert_eq!(db.set(&album).search(&"x ".repeat(1 << 16)).count().await.unwrap(), 0);

    let numbers = db.define(Table::new("numbers").field(Field::integer("one")).create()).await.unwrap();
    db.insert(&numbers, Values::new().with("one", 1)).await.unwrap();
    assert_eq!(db.set(&numbers).search("1").count().await.unwrap(), 0);
}

async fn joins_follow_references(db: Db) {
    let (db, _, album) = music(db).await;
    let set = db.set(&album).join("artist_id").join("artist_id.country");
    let rows = set.rows().await.unwrap();
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[1]["artist_id.name"], "Can".into());
    assert_eq!(rows[1]["artist_id.country.name"], "Germany".into());
    assert_eq!(rows[5]["artist_id.name"], null());
    assert_eq!(rows[5].id(), Some(&id(6)));

    let inner = db.set(&album).inner_join("artist_id");
    assert_eq!(inner.count().await.unwrap(), 6);
    let cans =
        inner.clone().filter(inner.col("artist_id.name").eq("Can")).columns(["title", "artist_id.name"]);
    let rows = cans.rows().await.unwrap();
    assert_eq!(texts(&rows, "title"), ["Tago Mago", "Ege_Bamyasi", "Future Days"]);
    assert_eq!(rows[0].columns().names().len(), 2);
    assert_eq!(rows[0].id(), Some(&id(2)));

    for (bad, name) in [
        (db.set(&album).join("year"), "year"),
        (db.set(&album).join("artist_id.nope"), "artist_id.nope"),
        (db.set(&album).order_by("artist_id.name"), "artist_id.name"),
        (db.set(&album).columns(["nope"]), "nope"),
        (db.set(&album).filter(album.col("nope").eq(1)), "album.nope"),
    ] {
        assert_eq!(bad.rows().await.unwrap_err().kind(), DbErrorKind::NotFound(name.into()));
    }
}

async fn pages_by_key_go_forward_and_back(db: Db) {
    let (db, _, album) = music(db).await;
    let page = db.set(&album).limit(3);
    let first = page.rows().await.unwrap();
    let second = page.clone().after(first[2].id().unwrap()).rows().await.unwrap();
    assert_eq!(texts(&second, "id"), ["4", "5", "6"]);
    let third = page.clone().after(second[2].id().unwrap()).rows().await.unwrap();
    assert_eq!(texts(&third, "id"), ["7"]);
    assert_eq!(page.clone().before(third[0].id().unwrap()).rows().await.unwrap(), second);
    // The key alone says where to go on, even if that row is gone.
    db.delete(&album, &id(3)).await.unwrap();
    assert_eq!(texts(&page.after(&id(3)).rows().await.unwrap(), "id"), ["4", "5", "6"]);
}

async fn pages_in_any_order_lose_and_repeat_no_row(db: Db) {
    let (db, _, album) = music(db).await;
    let by = |column: &str, descending: bool| {
        let set = db.set(&album).join("artist_id");
        if descending { set.order_by_desc(column) } else { set.order_by(column) }
    };
    for (column, descending) in [
        ("year", false),
        ("year", true),
        ("artist_id.name", false),
        ("artist_id.name", true),
        ("title", false),
        ("id", true),
    ] {
        let whole = texts(&by(column, descending).rows().await.unwrap(), "id");
        assert_eq!(whole.len(), 7);
        let mut paged = Vec::new();
        let mut last: Option<RowId> = None;
        loop {
            let page = by(column, descending).limit(2);
            let page = match &last {
                Some(last) => page.after(last),
                None => page,
            };
            let rows = page.rows().await.unwrap();
            let Some(row) = rows.last() else { break };
            last = row.id().cloned();
            paged.extend(texts(&rows, "id"));
        }
        assert_eq!(paged, whole, "{column} {descending}");

        let end = whole.last().unwrap().parse().unwrap();
        let before = by(column, descending).before(&end).limit(6).rows().await.unwrap();
        assert_eq!(texts(&before, "id"), whole[..6], "{column} {descending} back");
    }
    let gone = by("year", false).after(&id(99)).rows().await.unwrap_err();
    assert_eq!(gone.kind(), DbErrorKind::NotFound("99".into()));
}

#[tokio::test]
async fn composite_keys_page_as_well() {
    let file = File::made_by(
        "CREATE TABLE pt (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
         INSERT INTO pt VALUES (1,'x'),(1,'y'),(2,'a'),(2,'b'),(3,'');",
    );
    let db = file.open().await;
    let table =
        Table::with_fields("pt", vec![Field::integer("a"), Field::string("b")], vec!["a".into(), "b".into()]);
    let table = db.define(table).await.unwrap();
    let mut seen = Vec::new();
    let mut page = db.set(&table).limit(2).rows().await.unwrap();
    while let Some(last) = page.last() {
        let next = db.set(&table).limit(2).after(last.id().unwrap()).rows().await.unwrap();
        seen.extend(page.iter().map(|row| row.id().unwrap().to_string()));
        page = next;
    }
    assert_eq!(seen, ["1,x", "1,y", "2,a", "2,b", "3,~e"]);
    assert_eq!(db.set(&table).order_by_desc("a").limit(3).delete().await.unwrap(), 3);
    assert_eq!(db.set(&table).count().await.unwrap(), 2);
}

async fn counts_stop_where_they_are_told_to(db: Db) {
    let (db, _, album) = music(db).await;
    let set = db.set(&album);
    assert_eq!(set.count().await.unwrap(), 7);
    assert_eq!(set.count_up_to(5).await.unwrap(), 5);
    assert_eq!(set.count_up_to(50).await.unwrap(), 7);
    assert_eq!(set.clone().limit(3).count().await.unwrap(), 3);
    assert_eq!(set.clone().offset(5).count().await.unwrap(), 2);
    assert!(set.exists().await.unwrap());
    assert!(!set.clone().filter(album.col("year").eq(1)).exists().await.unwrap());
    assert_eq!(set.clone().columns(["year"]).distinct().count().await.unwrap(), 5);
    assert_eq!(set.clone().group_by(["artist_id"]).count().await.unwrap(), 4);
    assert_eq!(set.first().await.unwrap().unwrap().id(), Some(&id(1)));
    assert_eq!(set.limit(0).first().await.unwrap(), None);
}

async fn groups_and_distinct_rows_have_no_identity(db: Db) {
    let (db, _, album) = music(db).await;
    let years = db.set(&album).columns(["year"]).distinct().order_by("year").rows().await.unwrap();
    assert_eq!(texts(&years, "year"), ["", "1965", "1971", "1972", "1976"]);
    assert_eq!(years[0].id(), None);
    let set = db.set(&album).join("artist_id").group_by(["artist_id.name"]).order_by_desc("artist_id.name");
    let rows = set.rows().await.unwrap();
    assert_eq!(texts(&rows, "artist_id.name"), ["Nina", "Can", "Abba", ""]);
}

async fn many_rows_change_together_or_not_at_all(db: Db) {
    let (db, artist, album) = music(db).await;
    let cans = db.set(&album).join("artist_id");
    let cans = cans.clone().filter(cans.col("artist_id.name").eq("Can"));
    assert_eq!(cans.update(Values::new().with("year", 2000)).await.unwrap(), 3);
    assert_eq!(db.set(&album).filter(album.col("year").eq(2000)).count().await.unwrap(), 3);
    assert_eq!(cans.clone().order_by("title").limit(1).delete().await.unwrap(), 1);
    assert_eq!(titles(cans.clone().order_by("title")).await, ["Future Days", "Tago Mago"]);

    assert_eq!(refusal(db.set(&artist).delete().await), [(String::new(), "referenced".to_owned())]);
    assert_eq!(db.set(&artist).count().await.unwrap(), 3);
    let nowhere = db.set(&album).update(Values::new().with("artist_id", 99)).await;
    assert_eq!(refusal(nowhere), [("artist_id".to_owned(), "foreign_key".to_owned())]);
    assert_eq!(refusal(db.set(&album).update(Values::new().with("year", "x")).await).len(), 1);
    assert_eq!(db.set(&album).update(Values::new()).await.unwrap(), 6);
    assert_eq!(db.set(&album).filter(album.col("year").is_null()).delete().await.unwrap(), 2);
}

async fn computed_fields_are_worked_out_for_each_row_of_a_set(db: Db) {
    let table = Table::new("item")
        .field(Field::integer("a"))
        .field(Field::integer("b").default(1))
        .field(Field::integer("sum").compute(|values| {
            Value::Int(["a", "b"].iter().filter_map(|name| values.get(name)?.as_int()).sum())
        }))
        .create();
    let table = db.define(table).await.unwrap();
    for a in [1, 2] {
        db.insert(&table, Values::new().with("a", a)).await.unwrap();
    }
    assert_eq!(db.set(&table).update(Values::new().with("b", 10)).await.unwrap(), 2);
    assert_eq!(texts(&db.set(&table).rows().await.unwrap(), "sum"), ["11", "12"]);
}

#[tokio::test]
async fn odd_cells_are_shown_and_found_as_they_are() {
    let file = File::made_by(
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, age INTEGER, day DATE, on_ BOOLEAN, price DECIMAL(10,2), name TEXT);
         INSERT INTO odd VALUES (1, 'many', 'yesterday', 'maybe', 'a lot', x'00ff'),
           (2, x'01', 20080303, 7, 1e300, CAST(x'ff41' AS TEXT)), (3, 1.5, '2008-03-03', 1, 1.5, NULL);",
    );
    let db = file.open().await;
    let odd = Table::new("odd")
        .field(Field::integer("age"))
        .field(Field::date("day"))
        .field(Field::boolean("on_"))
        .field(Field::new("price", "decimal(10,2)".parse().unwrap()))
        .field(Field::string("name"));
    let odd = db.define(odd).await.unwrap();
    let rows = db.set(&odd).rows().await.unwrap();
    let expected: [[Value; 5]; 3] = [
        ["many".into(), "yesterday".into(), "maybe".into(), "a lot".into(), vec![0_u8, 255].into()],
        [
            vec![1_u8].into(),
            Value::Int(20_080_303),
            Value::Int(7),
            Value::Float(1e300),
            vec![255_u8, 65].into(),
        ],
        [
            Value::Float(1.5),
            frontdesk_validate::civil::date(2008, 3, 3).into(),
            Value::Bool(true),
            Value::Decimal("1.50".parse().unwrap()),
            null(),
        ],
    ];
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(row.values()[1..], expected);
    }
    assert_eq!(texts(&db.set(&odd).filter(odd.col("age").eq("many")).rows().await.unwrap(), "id"), ["1"]);
    assert_eq!(db.set(&odd).search("z").rows().await.unwrap().len(), 0);
    // Continuing after odd values works too.
    for column in ["age", "day", "name"] {
        let all = db.set(&odd).order_by(column).rows().await.unwrap();
        let rest = db.set(&odd).order_by(column).after(all[0].id().unwrap()).rows().await.unwrap();
        assert_eq!(texts(&rest, "id"), texts(&all[1..], "id"), "{column}");
    }
}

async fn a_set_can_be_sent_to_another_task(db: Db) {
    let table = heroes(&db, &["Ada", "Eve"]).await;
    let set = db.set(&table).filter(table.col("name").eq("Eve"));
    let rows = tokio::spawn(async move { set.rows().await.unwrap() }).await.unwrap();
    assert_eq!(texts(&rows, "name"), ["Eve"]);
}

#[tokio::test]
async fn lists_read_no_more_of_a_long_value_than_they_show() {
    let file = File::made_by(
        "PRAGMA foreign_keys = 0;
         CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, body TEXT, data BLOB, json JSON, price REAL, other TEXT REFERENCES t);
         INSERT INTO t VALUES
             (printf('%.200c', 'k'), printf('%.5000c', 'x'), zeroblob(3000000), '[\"' || printf('%.200c', 'y') || '\"]', 3, NULL),
             ('b', 'äöü' || printf('%.96c', 'z'), x'00', '{}', 0.1, printf('%.200c', 'k')),
             ('c', 'a' || char(0) || printf('%.200c', 'b'), CAST(printf('%.200c', 'b') AS BLOB), 'no', NULL, 'b'),
             ('d', CAST(x'ff' || zeroblob(200) AS TEXT), printf('%.200c', 'b'), NULL, 12345678901234567890, 'gone');",
    );
    let db = file.open().await;
    let table = db.introspect().await.unwrap().get("t").unwrap().clone();
    let whole = db.set(&table).order_by("body").rows().await.unwrap();
    let cut = db.set(&table).order_by("body").cut(100).rows().await.unwrap();
    assert_eq!(whole.len(), 4);
    for (whole, cut) in whole.iter().zip(&cut) {
        assert_eq!(whole.id(), cut.id());
        for (name, value) in cut.iter() {
            match (cut.full_length(name), value, &whole[name]) {
                (None, value, whole) => assert_eq!(value, whole, "{name}"),
                (Some(length), Value::Text(part), whole) => {
                    assert!(part.chars().count() <= 100 && part.len() < length as usize);
                    assert!(whole.to_text().starts_with(&**part), "{name} {part}");
                }
                (Some(length), Value::Bytes(part), Value::Bytes(whole)) => {
                    assert!(part.len() <= 100 && whole.len() as u64 == length, "{name}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    let by_id = |id: &str| cut.iter().find(|row| row.id().unwrap().to_string().starts_with(id)).unwrap();
    assert_eq!(by_id("k").full_length("data"), Some(3_000_000));
    assert_eq!(by_id("k").full_length("body"), Some(5000));
    assert_eq!(by_id("k")["id"].as_str().unwrap().len(), 200, "a key is whole");
    assert_eq!(by_id("k")["price"], Value::Float(3.0));
    // 99 letters of 102 bytes are not cut.
    assert_eq!(by_id("b").full_length("body"), None);
    let joined = db
        .set(&table)
        .join("other")
        .columns(["other.body", "body"])
        .order_by("id")
        .cut(10)
        .rows()
        .await
        .unwrap();
    assert_eq!(joined[0]["other.body"].as_str(), Some("xxxxxxxxxx"));
    assert_eq!(joined[0].full_length("other.body"), Some(5000));
    // Pages go on from rows that are cut; groups are what they were.
    let next = db.set(&table).order_by("body").cut(5).after(cut[0].id().unwrap()).rows().await.unwrap();
    assert_eq!(next.len(), 3);
    let groups = db.set(&table).group_by(["body"]).cut(5).rows().await.unwrap();
    assert!(groups.iter().any(|row| row["body"].to_text().len() == 5000));
}

crate::support::on_each_database! {
    filters_add_up,
    a_search_looks_for_each_word_in_the_texts_that_may_be_read,
    joins_follow_references,
    pages_by_key_go_forward_and_back,
    pages_in_any_order_lose_and_repeat_no_row,
    counts_stop_where_they_are_told_to,
    groups_and_distinct_rows_have_no_identity,
    many_rows_change_together_or_not_at_all,
    computed_fields_are_worked_out_for_each_row_of_a_set,
    a_set_can_be_sent_to_another_task,
}
