//! Layouts made by hand, which may forget a field.

use std::sync::Arc;

use frontdesk_data::{Db, Field, FieldType, RowId, Table, UploadOptions, Value, Values};
use frontdesk_forms::{Form, FormSpec};
use frontdesk_validate::IsInSet;

use crate::visitor::{Page, Visitor};

struct Odds {
    db: Db,
    table: Arc<Table>,
    visitor: Visitor,
}

impl Odds {
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let table = Table::new("thing")
            .field(Field::string("name"))
            .field(Field::text("note"))
            .field(Field::boolean("ok"))
            .field(Field::string("color").requires(IsInSet::new(["red", "blue"])).widget("radio"))
            .field(Field::new("tags", FieldType::ListString).requires(IsInSet::new(["a", "b"]).multiple(..)))
            .field(Field::new("words", FieldType::ListString))
            .field(Field::upload("file").upload_options(UploadOptions::default()))
            .field(Field::date("day"))
            .field(Field::double("price"))
            .create();
        let table = db.define(table).await.unwrap();
        Self { db, table, visitor: Visitor::new() }
    }

    async fn add(&self) -> i64 {
        let values = Values::new()
            .with("name", "a name")
            .with("note", "a note")
            .with("ok", true)
            .with("color", "red")
            .with("tags", Value::List(vec!["a".into()]))
            .with("words", Value::List(vec!["x".into(), "y".into()]))
            .with("file", "stored.txt")
            .with("day", "2024-02-29")
            .with("price", 1.5);
        let id = self.db.insert(&self.table, values).await.unwrap().unwrap();
        id.values()[0].as_int().unwrap()
    }

    fn spec(&self) -> FormSpec {
        Form::for_table(&self.db, &self.table)
    }

    fn names(&self) -> Vec<String> {
        self.table.fields.iter().map(|field| field.name.to_string()).filter(|name| name != "id").collect()
    }

    /// The page of a layout that draws all fields but one.
    async fn laid_out(&mut self, spec: &FormSpec, forgotten: &str) -> Page {
        let form = self.visitor.get(spec).await.form.unwrap();
        let custom = form.custom();
        let widgets = custom.widgets.iter().filter(|(name, _)| *name != forgotten);
        let widgets: String = widgets.map(|(_, markup)| markup.as_str()).collect();
        let html = format!("{}{widgets}{}{}", custom.begin, custom.submit, custom.end);
        self.visitor.read(html)
    }
}

#[tokio::test]
async fn form_16_a_layout_that_forgets_a_field_is_reported() {
    let mut odds = Odds::open().await;
    for forgotten in odds.names() {
        let id = odds.add().await;
        let spec = odds.spec().record(id);
        let before = odds.db.get(&odds.table, &RowId::from(id)).await.unwrap().unwrap();
        let page = odds.laid_out(&spec, &forgotten).await;
        // All that is drawn is emptied or changed.
        let mut typing = page.typing();
        if forgotten != "file" {
            typing = typing.set("_delete_file", "ON");
        }
        for (name, value) in typing.pairs.iter_mut().filter(|(name, _)| !name.starts_with('_')) {
            *value = match name.as_str() {
                "name" | "note" | "words" => "changed".to_owned(),
                "color" => "blue".to_owned(),
                "tags" => "b".to_owned(),
                "day" => "2025-01-01".to_owned(),
                "price" => "9".to_owned(),
                _ => value.clone(),
            };
        }
        let page = odds.visitor.post(&spec, &typing.without("ok")).await;
        assert!(page.form().accepted(), "{forgotten}: {}", page.html);
        let reported: Vec<&str> = page.form().forgotten_fields().iter().map(|name| &**name).collect();
        assert_eq!(reported, [&*forgotten]);
        let after = odds.db.get(&odds.table, &RowId::from(id)).await.unwrap().unwrap();
        for name in odds.names() {
            if name == forgotten {
                assert_eq!(after[&*name], before[&*name], "{name} is never written");
            } else {
                assert_ne!(after[&*name], before[&*name], "without {forgotten}, {name} is");
            }
        }
    }
}

#[tokio::test]
async fn form_16_a_new_row_has_nothing_of_a_forgotten_field() {
    let mut odds = Odds::open().await;
    for forgotten in odds.names() {
        let spec = odds.spec();
        let page = odds.laid_out(&spec, &forgotten).await;
        let page = odds.visitor.post(&spec, &page.typing()).await;
        let reported: Vec<&str> = page.form().forgotten_fields().iter().map(|name| &**name).collect();
        assert_eq!(reported, [&*forgotten]);
    }
}

#[tokio::test]
async fn form_16_a_whole_layout_is_not_reported() {
    let mut odds = Odds::open().await;
    let id = odds.add().await;
    for spec in [odds.spec(), odds.spec().record(id)] {
        let page = odds.laid_out(&spec, "").await;
        let page = odds.visitor.post(&spec, &page.typing().without("ok").without("tags")).await;
        assert!(page.form().forgotten_fields().is_empty(), "{:?}", page.form().forgotten_fields());
        let page = odds.visitor.get(&spec).await;
        let page = odds.visitor.post(&spec, &page.typing()).await;
        assert!(page.form().forgotten_fields().is_empty());
    }
}

#[tokio::test]
async fn form_16_what_a_forgotten_field_refuses_is_shown_above() {
    let mut odds = Odds::open().await;
    let table = Table::new("must")
        .field(Field::string("a").not_null().requires(frontdesk_validate::IsNotEmpty::new()));
    let table = odds.db.define(table.field(Field::string("b")).create()).await.unwrap();
    let spec = Form::for_table(&odds.db, &table);
    let page = odds.laid_out(&spec, "a").await;
    let page = odds.visitor.post(&spec, &page.typing().set("b", "x")).await;
    assert!(!page.form().accepted());
    let custom = page.form().custom();
    assert!(
        custom.begin.as_str().contains("must_a"),
        "the layout that shows no error of it shows the summary"
    );
}
