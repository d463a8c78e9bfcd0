//! Two who edit the same record.

use std::sync::Arc;

use frontdesk_data::{Db, Field, FieldType, RowId, Table, Value, Values};
use frontdesk_forms::{DateTimeWidget, FieldWidget, Form, FormSpec, JsonWidget};
use frontdesk_validate::{IsInSet, IsNotEmpty};
use http::StatusCode;

use crate::visitor::{PIXEL, Page, Visitor};

struct Shared {
    db: Db,
    page: Arc<Table>,
    ada: Visitor,
    eve: Visitor,
}

impl Shared {
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let page = Table::new("page")
            .field(Field::string("title").requires(IsNotEmpty::new()))
            .field(Field::text("body"))
            .field(Field::boolean("done"))
            .field(Field::upload("picture"))
            .field(Field::password("pin"))
            .create();
        let page = db.define(page).await.unwrap();
        let ada = Visitor::new();
        Self { db, page, eve: ada.another(), ada }
    }

    async fn add(&self, title: &str, body: &str) -> i64 {
        let values = Values::new().with("title", title).with("body", body).with("done", false);
        let id = self.db.insert(&self.page, values).await.unwrap().unwrap();
        id.values()[0].as_int().unwrap()
    }

    fn spec(&self, id: i64) -> FormSpec {
        Form::for_table(&self.db, &self.page).record(id)
    }

    async fn text(&self, id: i64, field: &str) -> String {
        let row = self.db.get(&self.page, &RowId::from(id)).await.unwrap().unwrap();
        row[field].to_text().into_owned()
    }
}

fn titles(page: &Page) -> Vec<String> {
    page.select(".fd-conflict, [id$=_conflict]").iter().map(|element| element.text().collect()).collect()
}

#[tokio::test]
async fn crud_07_lost_update_the_second_one_sees_yours_theirs_and_before_and_decides() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await;
    let theirs = s.eve.get(&spec).await.typing().set("title", "eves").set("done", "ON");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());

    let page = s.ada.post(&spec, &mine.typing().set("title", "adas").set("body", "new body")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(s.text(id, "title").await, "eves", "nothing is overwritten");
    assert_eq!(page.value_of("title").as_deref(), Some("adas"), "what was typed is there");
    assert_eq!(page.value_of("body").as_deref(), Some("new body"));
    assert_eq!(page.value_of("done").as_deref(), Some("ON"), "an untouched field shows what is there now");
    for text in ["one", "eves", "adas"] {
        assert!(page.html.contains(text), "{text}");
    }
    assert_eq!(page.select("[name=_take_title]").len(), 2);
    assert_eq!(page.select("[name=_take_body]").len(), 0, "only one of them changed that");

    let again = s.ada.post(&spec, &page.typing()).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "no choice, no write");
    assert_eq!(again.value_of("title").as_deref(), Some("adas"));
    let done = s.ada.post(&spec, &again.typing().set("_take_title", "mine")).await;
    assert!(done.form().accepted(), "{}", done.html);
    assert_eq!(s.text(id, "title").await, "adas");
    assert_eq!(s.text(id, "body").await, "new body");
    assert_eq!(s.text(id, "done").await, "true");
}

#[tokio::test]
async fn crud_07_lost_update_taking_theirs_keeps_it_and_what_was_typed_until_it_is_saved() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id).validation(|form| {
        if form.text("body") == "bad" {
            form.refuse("body", "not so");
        }
    });
    let mine = s.ada.get(&spec).await.typing().set("title", "adas").set("body", "bad");
    let theirs = s.eve.get(&spec).await.typing().set("title", "eves");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let page = s.ada.post(&spec, &page.typing().set("_take_title", "theirs")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value_of("title").as_deref(), Some("adas"), "one may still think otherwise");
    assert_eq!(page.value_of("_take_title").as_deref(), Some("theirs"), "and the choice is kept");
    let page = s.ada.post(&spec, &page.typing().set("body", "good")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!((s.text(id, "title").await, s.text(id, "body").await), ("eves".into(), "good".into()));
}

#[tokio::test]
async fn crud_07_lost_update_a_third_change_forgets_no_choice() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await.typing().set("title", "adas");
    let theirs = s.eve.get(&spec).await.typing().set("title", "eves");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    let theirs = s.eve.get(&spec).await.typing().set("body", "eves body");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());

    // Without a choice the title stays asked; with one it stays chosen.
    let unsaid = s.ada.post(&spec, &page.typing()).await;
    assert_eq!(unsaid.status, StatusCode::CONFLICT);
    assert_eq!(unsaid.select("[name=_take_title]").len(), 2);
    assert_eq!(s.ada.post(&spec, &unsaid.typing()).await.status, StatusCode::CONFLICT);
    let page = s.ada.post(&spec, &page.typing().set("_take_title", "theirs")).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "the body changed as well");
    assert_eq!(page.value_of("_take_title").as_deref(), Some("theirs"));
    let page = s.ada.post(&spec, &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!((s.text(id, "title").await, s.text(id, "body").await), ("eves".into(), "eves body".into()));

    // And where the asked field itself changes again, it is asked anew.
    let mine = s.ada.get(&spec).await.typing().set("title", "ada 2");
    let theirs = s.eve.get(&spec).await.typing().set("title", "eve 2");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &mine).await;
    let theirs = s.eve.get(&spec).await.typing().set("title", "eve 3");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &page.typing().set("_take_title", "mine")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.value_of("_take_title"), None, "that was said about another text");
    assert_eq!(s.text(id, "title").await, "eve 3");
}

#[tokio::test]
async fn crud_07_lost_update_who_does_the_same_or_nothing_is_not_asked() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await.typing().set("title", "two");
    let theirs = s.eve.get(&spec).await.typing().set("title", "two");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &mine).await;
    assert!(page.form().accepted(), "{:?}", titles(&page));
}

#[tokio::test]
async fn crud_07_lost_update_an_upload_is_part_of_the_record() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await.typing().file("picture", "mine.png", PIXEL);
    let theirs = s.eve.get(&spec).await.typing().file("picture", "theirs.png", PIXEL);
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let stored = s.text(id, "picture").await;
    let page = s.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(s.text(id, "picture").await, stored);
    assert_eq!(s.ada.stored(), [&*stored]);
    assert!(page.html.contains("mine.png"), "the file is kept");
    let page = s.ada.post(&spec, &page.typing().set("_take_picture", "mine")).await;
    assert!(page.form().accepted(), "{}", page.html);
    let now = s.text(id, "picture").await;
    assert!(now.starts_with("mine-"), "{now}");
    assert_eq!(s.ada.stored(), [&*now], "and theirs is gone");
    assert_eq!(s.ada.quarantined(), 0);
}

#[tokio::test]
async fn crud_07_lost_update_a_change_between_reading_and_writing_is_noticed_too() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let (db, table) = (s.db.clone(), Arc::clone(&s.page));
    // While the rules run, somebody writes.
    let spec = s.spec(id).validation_async(move |form| {
        let (db, table) = (db.clone(), Arc::clone(&table));
        Box::pin(async move {
            if form.text("title") == "adas" {
                let values = Values::new().with("title", "eves");
                db.update(&table, &RowId::from(id), values).await.unwrap();
            }
        })
    });
    let page = s.ada.get(&spec).await;
    let page = s.ada.post(&spec, &page.typing().set("title", "adas")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(s.text(id, "title").await, "eves");
    assert_eq!(page.value_of("title").as_deref(), Some("adas"));
    assert_eq!(page.select("[name=_take_title]").len(), 2);
}

#[tokio::test]
async fn crud_07_lost_update_a_deletion_does_not_pass_over_a_change() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await.typing().set("_delete", "ON");
    let theirs = s.eve.get(&spec).await.typing().set("body", "important");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(s.text(id, "body").await, "important");
    let page = s.ada.post(&spec, &page.typing().set("_delete", "ON")).await;
    assert!(page.form().deleted());
}

#[tokio::test]
async fn crud_07_lost_update_a_record_that_is_gone_gives_back_what_was_typed() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await.typing().set("body", "an hour's work");
    let mine = mine.file("picture", "mine.png", PIXEL);
    let theirs = s.eve.get(&spec).await.typing().set("_delete", "ON");
    assert!(s.eve.post(&spec, &theirs).await.form().deleted());
    let page = s.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert_eq!(page.value_of("body").as_deref(), Some("an hour's work"));
    assert!(page.html.contains("mine.png"));
    let page = s.ada.post(&spec, &page.typing()).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.html.contains("mine.png"), "as often as it comes");
    assert_eq!(s.db.set(&s.page).count().await.unwrap(), 0, "and nothing is written");
}

#[tokio::test]
async fn crud_07_lost_update_a_refused_form_still_knows_what_was_seen() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let page = s.ada.get(&spec).await;
    // Refused three times for another reason, while somebody else saves.
    let mut page = s.ada.post(&spec, &page.typing().set("title", "").set("body", "adas")).await;
    let theirs = s.eve.get(&spec).await.typing().set("body", "eves");
    for round in 0..3 {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{round}");
        page = s.ada.post(&spec, &page.typing()).await;
    }
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &page.typing().set("title", "two")).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(s.text(id, "body").await, "eves");
    assert_eq!(page.value_of("title").as_deref(), Some("two"));
}

#[tokio::test]
async fn crud_07_lost_update_an_expired_or_unverified_form_still_knows_what_was_seen() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    for broken in ["session", "signature"] {
        let first = s.spec(id).csrf_session("one");
        let second = s.spec(id).csrf_session("two");
        let mut mine = s.ada.get(&first).await.typing().set("body", &format!("adas {broken}"));
        if broken == "signature" {
            let mut key = mine.get("_formkey").unwrap().to_owned();
            key.replace_range(key.len() - 4.., "AAAA");
            mine = mine.set("_formkey", &key);
        }
        let theirs = s.eve.get(&spec).await.typing().set("body", &format!("eves {broken}"));
        assert!(s.eve.post(&spec, &theirs).await.form().accepted());
        let page = s.ada.post(&second, &mine).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        let page = s.ada.post(&second, &page.typing()).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{broken}");
        assert_eq!(s.text(id, "body").await, format!("eves {broken}"));
    }
}

#[tokio::test]
async fn form_03_a_field_that_was_not_in_the_submission_is_neither_written_nor_asked_about() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await.typing().without("body").set("title", "two");
    let theirs = s.eve.get(&spec).await.typing().set("body", "eves");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let page = s.ada.post(&spec, &mine).await;
    assert_eq!(page.select("[name=_take_body]").len(), 0);
    let page = s.ada.post(&spec, &page.typing().without("body")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!((s.text(id, "title").await, s.text(id, "body").await), ("two".into(), "eves".into()));
}

#[tokio::test]
async fn a_secret_is_no_conflict_and_no_loss() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id);
    let mine = s.ada.get(&spec).await.typing().set("title", "two");
    let theirs = s.eve.get(&spec).await.typing().set("pin", "1234");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());
    let pin = s.text(id, "pin").await;
    assert!(s.ada.post(&spec, &mine).await.form().accepted());
    assert_eq!(s.text(id, "pin").await, pin);
}

#[tokio::test]
async fn what_a_widget_shows_in_its_own_way_is_no_change() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = Table::new("t")
        .field(Field::string("name"))
        .field(Field::new("settings", FieldType::Json).with_widget(JsonWidget::new()))
        .field(Field::datetime("at").with_widget(DateTimeWidget::zoned("Europe/Berlin").unwrap()))
        .field(Field::datetime("when"))
        .field(Field::new("tags", FieldType::ListString).requires(IsInSet::new(["a", "b", "c"]).multiple(..)))
        .field(Field::double("price"))
        .field(Field::text("long"))
        .create();
    let table = db.define(table).await.unwrap();
    let long = "line\r\nline\n".repeat(400);
    let values = Values::new()
        .with("name", "x")
        .with("settings", serde_json::json!({"b": [1, 2], "a": "x"}))
        .with("at", "2024-06-01 10:00:00")
        .with("when", "2024-06-01 10:00:00.5")
        .with("tags", Value::List(vec!["c".into(), "a".into()]))
        .with("price", 0.1 + 0.2)
        .with("long", &*long);
    let id = db.insert(&table, values).await.unwrap().unwrap();
    let before = db.get(&table, &id).await.unwrap().unwrap();
    let spec = Form::for_table(&db, &table).record(id.clone());
    let mut ada = Visitor::new();
    let mine = ada.get(&spec).await.typing();
    db.update(&table, &id, Values::new().with("name", "y")).await.unwrap();
    let page = ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    for field in ["settings", "at", "when", "tags", "price", "long"] {
        assert_eq!(page.select(&format!("[id=t_{field}_conflict]")).len(), 0, "{field}");
    }
    assert_eq!(page.select("[name^=_take_]").len(), 0, "nothing was touched");
    let page = ada.post(&spec, &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    let after = db.get(&table, &id).await.unwrap().unwrap();
    for field in ["settings", "at", "when", "price", "long"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(after["name"], Value::from("y"));
    // And all of these can be changed by two.
    let mine = ada.get(&spec).await.typing().set("settings", "{\"mine\": 1}").set("price", "7");
    db.update(&table, &id, Values::new().with("price", 0.5).with("settings", serde_json::json!([1])))
        .await
        .unwrap();
    let page = ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.select("[name^=_take_]").len(), 4);
}

#[tokio::test]
async fn odd_data_causes_no_conflict_with_itself() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    db.execute(
        "CREATE TABLE odd (id INTEGER PRIMARY KEY, n INTEGER, d DATE, b BOOLEAN, t TEXT, r REAL, c INTEGER, x TEXT)",
        [],
    )
    .await
    .unwrap();
    db.execute(
        "INSERT INTO odd VALUES (1, 'text', '2024-13-45', 'maybe', x'00ff41', 'nan', 1e300, char(0, 13, 10, 65)), \
         (2, x'41', 12, 7, 'a' || char(13) || 'b', 9e999, -1, ''), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        [],
    )
    .await
    .unwrap();
    // Whoever writes to the table, a trigger writes as well.
    db.execute(
        "CREATE TRIGGER touch AFTER UPDATE OF x ON odd BEGIN UPDATE odd SET c = coalesce(c, 0) + 1 WHERE id = new.id; END",
        [],
    )
    .await
    .unwrap();
    let schema = db.introspect().await.unwrap();
    let odd = schema.tables.iter().find(|table| &*table.name == "odd").unwrap().clone();
    let mut ada = Visitor::new();
    for id in 1..=3 {
        let spec = Form::for_table(&db, &odd).record(id);
        for round in 0..3 {
            let page = ada.get(&spec).await;
            let page = ada.post(&spec, &page.typing().set("x", &format!("round {round}"))).await;
            assert!(page.form().accepted(), "{id} {round} {}", page.html);
        }
        let row = db.get(&odd, &RowId::from(id)).await.unwrap().unwrap();
        assert_eq!(row["x"], Value::from("round 2"));
    }
    let rows = db
        .query("SELECT typeof(n) || typeof(d) || typeof(b) || typeof(t) AS kinds FROM odd", [])
        .await
        .unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| row["kinds"].to_text().into_owned()).collect();
    assert_eq!(
        kinds,
        ["texttexttextblob", "blobintegerintegertext", "nullnullnullnull"],
        "all else is as it was"
    );
}

#[tokio::test]
async fn a_draft_of_a_record_that_others_changed_overwrites_nothing_unasked() {
    let mut s = Shared::open().await;
    let id = s.add("one", "text").await;
    let spec = s.spec(id).drafts();
    let page = s.ada.get(&spec).await;
    s.ada.post(&spec, &page.typing().set("body", "adas body").set("_draft", "save")).await;
    let theirs = s.eve.get(&spec).await.typing().set("title", "eves");
    assert!(s.eve.post(&spec, &theirs).await.form().accepted());

    // Another day, from a page that was drawn after the change.
    let page = s.ada.get(&spec).await;
    assert!(page.html.contains("There is a draft of"), "{}", page.html);
    let page = s.ada.post(&spec, &page.typing().set("_draft", "restore")).await;
    assert_eq!(page.value_of("body").as_deref(), Some("adas body"));
    let page = s.ada.post(&spec, &page.typing()).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.html);
    assert_eq!(page.value_of("title").as_deref(), Some("eves"));
    let page = s.ada.post(&spec, &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!((s.text(id, "title").await, s.text(id, "body").await), ("eves".into(), "adas body".into()));
}
