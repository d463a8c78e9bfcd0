//! What the forms do for those who edit: conflicts, double clicks, drafts, rows of other tables, large references.

use http::StatusCode;

use crate::sample::Sample;

const SHOP: &str = "
    CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, note TEXT, kind TEXT, reason TEXT);
    CREATE TABLE item (
        id INTEGER PRIMARY KEY,
        invoice_id INTEGER NOT NULL REFERENCES invoice (id),
        position INTEGER,
        what TEXT NOT NULL
    );
    CREATE TABLE parcel (id INTEGER PRIMARY KEY, weight TEXT, way TEXT);
    CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE tagged (id INTEGER PRIMARY KEY, tag_id INTEGER NOT NULL REFERENCES tag (id));
    INSERT INTO invoice VALUES (1, 'Ada', 'first', 'plain', NULL);
    INSERT INTO item VALUES (1, 1, 1, 'Tea'), (2, 1, 2, 'Cake');
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)
    INSERT INTO tag SELECT i, 'tag ' || i FROM n;
";

const SCHEMA: &str = r#"
    [tables.invoice]
    children = [{ table = "item", by = "invoice_id", order_by = "position", rows = [1, 3] }]
    [tables.invoice.fields]
    customer = { live_check = true }
    kind = { requires = { rule = "is_in_set", theset = ["plain", "special"] } }
    reason = { show_when = "kind == 'special'", require_when = "kind == 'special'" }
    [tables.parcel.fields]
    weight = { requires = { rule = "is_empty_or", other = { rule = "is_in_set", theset = ["light", "heavy"] } } }
    way = { requires = { rule = "is_in_set", theset = ["post", "courier", "bike"] }, choices_when = [
        { when = "weight == 'heavy'", only = ["post", "courier"] },
        { when = "weight is not set", only = ["post"] },
    ] }
    [tables.tagged.fields]
    tag_id = { requires = { rule = "is_in_db", field = "tag.id", label = "{name}", create_with = "name" } }
"#;

async fn shop() -> Sample {
    Sample::described(SHOP, Some(SCHEMA)).await
}

#[tokio::test]
async fn crud_07_two_who_edit_a_record_see_each_other_and_choose() {
    let mut sample = shop().await;
    let mine = sample.visitor.form("/forms/invoice/1/").await.set("note", "mine");
    let theirs = sample.visitor.form("/forms/invoice/1/").await.set("note", "theirs");
    assert_eq!(sample.visitor.submit(&theirs).await.texts(".flash-success").len(), 1);
    let page = sample.visitor.submit(&mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(!page.texts("nav.way").is_empty(), "within the page's frame");
    let conflict = page.texts(".fd-conflict").join(" ");
    for word in ["mine", "theirs", "first"] {
        assert!(conflict.contains(word), "{conflict}");
    }
    let mut again = page.form().unwrap();
    again.fields.push(("_take_note".to_owned(), "mine".to_owned()));
    let page = sample.visitor.submit(&again).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(sample.dump().iter().any(|row| row.starts_with("invoice") && row.contains("mine")));
}

#[tokio::test]
async fn form_11_a_form_that_is_sent_twice_is_one_row_and_both_get_the_same_answer() {
    let mut sample = shop().await;
    let form = sample.visitor.form("/forms/tag/").await.set("name", "once");
    let (first, second) = (sample.visitor.submit(&form).await, sample.visitor.submit(&form).await);
    assert_eq!(first.texts(".flash-success"), ["Created “once”."]);
    assert_eq!(second.texts(".flash-success"), first.texts(".flash-success"));
    assert_eq!(sample.count("tag"), 701);
    let doomed = sample.visitor.form("/forms/tag/701/").await.set("_delete", "ON");
    for _ in 0..2 {
        let page = sample.visitor.submit(&doomed).await;
        assert!(page.texts(".flash-success")[0].starts_with("Deleted"), "{}", page.text());
    }
    assert_eq!(sample.count("tag"), 700);
}

#[tokio::test]
async fn form_10_rows_of_another_table_are_edited_with_a_record() {
    let mut sample = shop().await;
    let page = sample.visitor.get("/forms/invoice/1/").await;
    assert_eq!(page.texts(".fd-rows legend"), ["Item"]);
    let form = page.form().unwrap();
    assert!(form.has("item[0].what") && form.has("item[1].what"), "{:?}", form.fields);
    assert!(!form.has("item[0].invoice_id") && !form.has("item[0].position"));
    // A third row without a script, filled in, and the first one gone.
    let more = sample.visitor.submit(&form.clone().set("_rows", "add:item")).await;
    let mut filled = more.form().unwrap().set("item[2].what", "Jam");
    filled.fields.push(("item[0]._delete".to_owned(), "ON".to_owned()));
    let done = sample.visitor.submit(&filled).await;
    assert_eq!(done.texts(".flash-success").len(), 1, "{:?}", done.texts(".fd-error, .fd-summary"));
    let items: Vec<_> = sample.dump().into_iter().filter(|row| row.starts_with("item")).collect();
    assert_eq!(items.len(), 2, "{items:?}");
    assert!(items[0].contains("Cake") && items[1].contains("Jam"), "{items:?}");
    // At least one is needed.
    let mut none = sample.visitor.form("/forms/invoice/1/").await;
    for row in 0..2 {
        none.fields.push((format!("item[{row}]._delete"), "ON".to_owned()));
    }
    assert_eq!(sample.visitor.submit(&none).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sample.count("item"), 2);
}

#[tokio::test]
async fn a_reference_with_many_rows_is_searched_and_added_to() {
    let mut sample = shop().await;
    let found = sample.visitor.get("/forms/tagged/?_search=tag_id&q=tag+69").await;
    assert_eq!(found.status, StatusCode::OK);
    assert!(found.header("content-type").starts_with("application/json"), "{}", found.text());
    assert!(found.text().contains("tag 699"), "{}", found.text());
    // Without a script.
    let form = sample.visitor.form("/forms/tagged/").await.set("_find_tag_id", "tag 12");
    let page = sample.visitor.submit(&form.clone().set("_lookup", "tag_id")).await;
    assert!(page.texts("select option").contains(&"tag 12".to_owned()), "{:?}", page.texts("select"));
    let page = sample.visitor.submit(&form.set("_find_tag_id", "brand new").set("_create", "tag_id")).await;
    let made = page.form().unwrap();
    assert!(made.fields.contains(&("tag_id".to_owned(), "701".to_owned())), "{:?}", made.fields);
    assert_eq!(sample.visitor.submit(&made).await.texts(".flash-success").len(), 1);
    assert_eq!((sample.count("tag"), sample.count("tagged")), (701, 1));
}

#[tokio::test]
async fn fields_of_a_schema_file_come_and_go_with_others_and_are_checked_live() {
    let mut sample = shop().await;
    let form = sample.visitor.form("/forms/invoice/1/").await;
    // Nothing is asked for that does not belong to the form.
    assert_eq!(sample.visitor.submit(&form).await.texts(".flash-success").len(), 1);
    let form = sample.visitor.form("/forms/invoice/1/").await;
    let page = sample.visitor.submit(&form.clone().set("kind", "special")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.form().unwrap().has("reason"), "the field that belongs to it is there now");
    let checked = sample.visitor.submit(&form.clone().set("customer", " ").set("_check", "customer")).await;
    let answer: serde_json::Value = serde_json::from_slice(&checked.body).unwrap();
    assert_eq!((answer["field"].as_str(), answer["ok"].as_bool()), (Some("customer"), Some(false)));
}

#[tokio::test]
async fn choices_of_a_schema_file_are_limited_by_other_fields() {
    let mut sample = shop().await;
    let page = sample.visitor.get("/forms/parcel/").await;
    // The script limits them in place.
    let rules =
        page.document().select(&scraper::Selector::parse("[data-fd-choices]").unwrap()).next().unwrap();
    let rules: serde_json::Value = serde_json::from_str(rules.attr("data-fd-choices").unwrap()).unwrap();
    assert_eq!(rules[0]["only"], serde_json::json!(["post", "courier"]));
    // The server decides: by the first rule, by the second, and where neither holds.
    for (weight, way, is_accepted) in [
        ("heavy", "bike", false),
        ("", "courier", false),
        ("heavy", "courier", true),
        ("", "post", true),
        ("light", "bike", true),
    ] {
        let before = sample.count("parcel");
        let form = sample.visitor.form("/forms/parcel/").await.set("weight", weight).set("way", way);
        let page = sample.visitor.submit(&form).await;
        assert_eq!(page.texts(".flash-success").len(), usize::from(is_accepted), "{weight} {way}");
        assert_eq!(sample.count("parcel") - before, i64::from(is_accepted), "{weight} {way}");
        if !is_accepted {
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(page.texts("#parcel_way_error"), ["Value not allowed"]);
        }
    }
}

#[tokio::test]
async fn a_draft_is_saved_offered_and_gone_once_it_is_sent() {
    let mut sample = shop().await;
    let form = sample.visitor.form("/forms/tag/").await.set("name", "half a na").set("_draft", "save");
    sample.visitor.submit(&form).await;
    let page = sample.visitor.get("/forms/tag/").await;
    assert_eq!(page.texts(".fd-draft").len(), 1, "{}", page.text());
    let restored = sample.visitor.submit(&page.form().unwrap().set("_draft", "restore")).await;
    let restored = restored.form().unwrap();
    assert!(restored.fields.contains(&("name".to_owned(), "half a na".to_owned())), "{:?}", restored.fields);
    assert_eq!(sample.visitor.submit(&restored).await.texts(".flash-success").len(), 1);
    assert!(sample.visitor.get("/forms/tag/").await.texts(".fd-draft").is_empty());
}
