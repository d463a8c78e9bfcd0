use std::sync::Arc;

use frontdesk_data::{Db, Field, RowId, Table, UploadOptions, Value, Values};
use frontdesk_forms::{Form, FormSpec};
use frontdesk_validate::{IsInSet, IsNotEmpty};
use http::StatusCode;
use serde_json::json;

use crate::visitor::{PIXEL, Visitor, status};

struct Shop {
    visitor: Visitor,
    db: Db,
    thing: Arc<Table>,
}

impl Shop {
    async fn open() -> Self {
        let visitor = Visitor::new();
        let db = Db::open("sqlite::memory:").await.unwrap();
        let upload = UploadOptions::default().download_url(|key| format!("/download/{key}"));
        let thing = Table::new("thing")
            .field(Field::string("name").not_null().unique().requires(IsNotEmpty::new()))
            .field(Field::string("color").requires(IsInSet::new(["red", "blue", "green"])))
            .field(Field::text("note"))
            .field(Field::upload("image").upload_options(upload))
            .create();
        let thing = db.define(thing).await.unwrap();
        Self { visitor, db, thing }
    }

    fn create(&self) -> FormSpec {
        Form::for_table(&self.db, &self.thing)
    }

    fn edit(&self, id: i64) -> FormSpec {
        self.create().record(id)
    }

    async fn add(&self, name: &str) -> i64 {
        let values = Values::new().with("name", name).with("color", "red").with("note", "a\r\nb");
        let id = self.db.insert(&self.thing, values).await.unwrap().unwrap();
        id.values()[0].as_int().unwrap()
    }

    async fn row(&self, id: i64) -> frontdesk_data::Row {
        self.db.get(&self.thing, &RowId::from(id)).await.unwrap().unwrap()
    }

    async fn count(&self) -> u64 {
        self.db.set(&self.thing).count().await.unwrap()
    }
}

#[tokio::test]
async fn a_create_form_inserts() {
    let mut shop = Shop::open().await;
    let page =
        shop.visitor.submit(&shop.create(), &[("name", "Chair"), ("color", "red"), ("note", "")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let id = page.form().id().unwrap().values()[0].as_int().unwrap();
    assert_eq!(shop.row(id).await["name"], Value::from("Chair"));
}

#[tokio::test]
async fn an_update_form_shows_the_record_and_changes_it() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    let page = shop.visitor.get(&shop.edit(id)).await;
    assert_eq!(page.value_of("name").as_deref(), Some("Chair"));
    assert_eq!(page.value_of("color").as_deref(), Some("red"));
    assert_eq!(page.select("[name=_delete]").len(), 1);
    assert_eq!(page.select("[name=id]").len(), 0);
    let page = shop
        .visitor
        .submit(&shop.edit(id), &[("name", "Chair"), ("color", "blue"), ("note", "a\r\nb")])
        .await;
    assert!(page.form().accepted(), "{:?}", page.form());
    assert_eq!(shop.row(id).await["color"], Value::from("blue"));
    assert_eq!(shop.row(id).await["note"], Value::from("a\r\nb"), "what nobody touched stays as it was");
    assert_eq!(page.value_of("color").as_deref(), Some("blue"), "the form shows the record as it is now");
}

#[tokio::test]
async fn an_unknown_record_is_404() {
    let mut shop = Shop::open().await;
    let request = shop.visitor.request(http::Method::GET, "/", "", "");
    let error = shop.visitor.send(&shop.edit(99), request).await.err().unwrap();
    assert_eq!(status(error), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn form_19_csrf_02_a_form_of_one_record_does_not_write_another() {
    let mut shop = Shop::open().await;
    let (one, two) = (shop.add("One").await, shop.add("Two").await);
    let mut hidden = shop.visitor.get(&shop.edit(one)).await.hidden();
    hidden.push(("name".into(), "Changed".into()));
    let body = crate::visitor::encode(&hidden);
    let request = shop.visitor.request(http::Method::POST, "/", "application/x-www-form-urlencoded", body);
    let page = shop.visitor.send(&shop.edit(two), request).await.unwrap();
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(shop.row(two).await["name"], Value::from("Two"));
}

#[tokio::test]
async fn a_record_can_be_deleted_where_that_is_offered() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    let kept = shop.edit(id).deletable(false);
    assert!(shop.visitor.get(&kept).await.select("[name=_delete]").is_empty());
    let page = shop.visitor.submit(&kept, &[("name", "Chair"), ("color", "red"), ("_delete", "ON")]).await;
    assert!(!page.form().deleted());
    assert_eq!(shop.count().await, 1);
    let page = shop.visitor.submit(&shop.edit(id), &[("_delete", "ON")]).await;
    assert!(page.form().deleted() && page.form().accepted());
    assert_eq!(shop.count().await, 0);
}

#[tokio::test]
async fn form_01_a_refused_deletion_keeps_what_was_typed() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    let part = Table::new("part").field(Field::reference("thing_id", "thing")).create();
    let part = shop.db.define(part).await.unwrap();
    shop.db.insert(&part, Values::new().with("thing_id", id)).await.unwrap();

    let values = [("name", "Stool"), ("color", "red"), ("note", "a"), ("_delete", "ON")];
    let page = shop.visitor.submit(&shop.edit(id), &values).await;
    assert_eq!(page.form().status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.form().form_errors()[0].code(), "referenced");
    assert_eq!(page.value_of("name").as_deref(), Some("Stool"));
    assert_eq!(shop.row(id).await["name"].as_str(), Some("Chair"));
}

#[tokio::test]
async fn form_07_what_the_database_refuses_is_an_error_on_its_field() {
    let mut shop = Shop::open().await;
    shop.add("Chair").await;
    let page = shop.visitor.submit(&shop.create(), &[("name", "Chair"), ("color", "red")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error_of("name").is_some());
    assert_eq!(page.value_of("name").as_deref(), Some("Chair"));
}

#[tokio::test]
async fn form_07_fifty_at_once_give_one_row_and_49_field_errors() {
    let mut shop = Shop::open().await;
    let mut bodies = Vec::new();
    for _ in 0..50 {
        // A form that is sent twice would be written once: these are fifty visitors.
        let mut hidden = shop.visitor.get(&shop.create()).await.hidden();
        hidden.extend([("name".into(), "Only".into()), ("color".into(), "red".into())]);
        bodies.push(crate::visitor::encode(&hidden));
    }
    let spec = shop.create();
    let posts = bodies.into_iter().map(|body| {
        let mut request =
            shop.visitor.request(http::Method::POST, "/", "application/x-www-form-urlencoded", body);
        let spec = spec.clone();
        async move { spec.process(&mut request).await.unwrap() }
    });
    let forms = futures_util::future::join_all(posts).await;
    assert_eq!(forms.iter().filter(|form| form.accepted()).count(), 1);
    assert_eq!(forms.iter().filter(|form| form.error_of("name").is_some()).count(), 49);
    assert_eq!(shop.count().await, 1);
}

#[tokio::test]
async fn a_file_is_stored_with_its_row_replaced_and_removed() {
    let mut shop = Shop::open().await;
    let values = [("name", "Chair"), ("color", "red")];
    let page = shop.visitor.upload(&shop.create(), &values, &[("image", "a.png", PIXEL)]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let id = page.form().id().unwrap().values()[0].as_int().unwrap();
    let key = shop.row(id).await["image"].to_text().into_owned();
    assert_eq!(shop.visitor.stored(), [&*key]);
    let page = shop.visitor.get(&shop.edit(id)).await;
    assert_eq!(page.attr(".fd-stored img", "src"), Some(format!("/download/{key}")));
    assert_eq!(page.select("[name=_delete_image]").len(), 1);

    // Without a new file the old one stays.
    shop.visitor.upload(&shop.edit(id), &values, &[("image", "", b"")]).await;
    assert_eq!(shop.visitor.stored(), [&*key]);

    shop.visitor.upload(&shop.edit(id), &values, &[("image", "b.png", PIXEL)]).await;
    let second = shop.row(id).await["image"].to_text().into_owned();
    assert_ne!(second, key);
    assert_eq!(shop.visitor.stored(), [&*second]);

    let both = [values[0], values[1], ("_delete_image", "ON")];
    shop.visitor.upload(&shop.edit(id), &both, &[("image", "", b"")]).await;
    assert_eq!(shop.row(id).await["image"], Value::Null);
    assert!(shop.visitor.stored().is_empty());

    shop.visitor.upload(&shop.edit(id), &values, &[("image", "c.png", PIXEL)]).await;
    assert_eq!(shop.visitor.stored().len(), 1);
    shop.visitor.submit(&shop.edit(id), &[("_delete", "ON")]).await;
    assert!(shop.visitor.stored().is_empty(), "the file goes with its row");
}

#[tokio::test]
async fn upld_02_a_refused_form_stores_no_file_and_no_row() {
    let mut shop = Shop::open().await;
    shop.add("Chair").await;
    let values = [("name", "Chair"), ("color", "red")];
    let page = shop.visitor.upload(&shop.create(), &values, &[("image", "a.png", PIXEL)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    drop(page);
    assert!(shop.visitor.stored().is_empty());
    assert_eq!((shop.visitor.quarantined(), shop.count().await), (1, 1), "it is kept for the next try");
}

#[tokio::test]
async fn a_read_only_form_shows_and_writes_nothing() {
    let mut shop = Shop::open().await;
    let id = shop.add("<b>Chair").await;
    let spec = shop.edit(id).readonly(true);
    let page = shop.visitor.get(&spec).await;
    assert!(page.select("input, select, textarea, button").is_empty());
    assert!(page.html.contains("&lt;b&gt;Chair"));
    let request = shop.visitor.request(
        http::Method::POST,
        "/",
        "application/x-www-form-urlencoded",
        "_formname=thing&name=x&_delete=ON",
    );
    let page = shop.visitor.send(&spec, request).await.unwrap();
    assert!(!page.form().submitted());
    assert_eq!(shop.count().await, 1);
}

#[tokio::test]
async fn dbio_off_checks_and_writes_nothing() {
    let mut shop = Shop::open().await;
    let page = shop.visitor.submit(&shop.create().dbio(false), &[("name", "Chair"), ("color", "red")]).await;
    assert!(page.form().accepted());
    assert_eq!(shop.count().await, 0);
}

#[tokio::test]
async fn json_changes_only_what_it_names() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    let page = shop.visitor.submit_json(&shop.edit(id), json!({"color": "green"})).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let row = shop.row(id).await;
    assert_eq!((&row["name"], &row["color"]), (&Value::from("Chair"), &Value::from("green")));
}

#[tokio::test]
async fn a_deleted_record_is_no_error_500() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    let row = shop.row(id).await;
    shop.db.delete(&shop.thing, &RowId::from(id)).await.unwrap();
    let spec = shop.create().record_row(row);
    let page = shop.visitor.submit(&spec, &[("name", "Other"), ("color", "red")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.alert().unwrap().contains("deleted in the meantime"));
}

#[tokio::test]
async fn upld_10_where_the_file_cannot_be_stored_no_row_names_it() {
    let mut shop = Shop::open().await;
    let values = [("name", "Chair"), ("color", "red")];
    let page = shop.visitor.upload(&shop.create(), &values, &[("image", "a.png", PIXEL)]).await;
    let id = page.form().id().unwrap().values()[0].as_int().unwrap();
    let before = shop.row(id).await;

    // The folder goes away between the upload and the moment its file is moved: a rule does it, to be exact in time.
    let folder = shop.visitor.folder.path().to_owned();
    let breaks = move || {
        let folder = folder.clone();
        move |_: &mut frontdesk_forms::FormCheck| {
            for entry in std::fs::read_dir(folder.join(".incoming")).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    std::fs::remove_file(path).unwrap();
                }
            }
        }
    };
    let other = [("name", "Table"), ("color", "blue")];
    let page =
        shop.visitor.upload(&shop.edit(id).validation(breaks()), &other, &[("image", "b.png", PIXEL)]).await;
    assert_eq!(page.status, StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(page.value_of("name").as_deref(), Some("Table"), "what was typed is kept");
    assert_eq!(shop.row(id).await, before);
    let page =
        shop.visitor.upload(&shop.create().validation(breaks()), &other, &[("image", "b.png", PIXEL)]).await;
    assert_eq!(page.status, StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!((shop.count().await, shop.visitor.stored().len()), (1, 1));
}

#[tokio::test]
async fn odd_data_that_nobody_touched_is_no_error_and_stays() {
    let mut shop = Shop::open().await;
    let odd = Values::new().with("name", "Chair").with("color", "purple").with("note", "");
    let id = shop.db.insert(&shop.thing, odd).await.unwrap().unwrap().values()[0].as_int().unwrap();
    let values = [("name", "Table"), ("color", "purple"), ("note", "")];
    let page = shop.visitor.submit(&shop.edit(id), &values).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    let row = shop.row(id).await;
    assert_eq!((&row["name"], &row["color"]), (&Value::from("Table"), &Value::from("purple")));
    assert_eq!(row["note"], Value::from(""), "the empty text is not made null");

    let page = shop.visitor.submit(&shop.edit(id), &[("name", "Table"), ("color", "yellow")]).await;
    assert!(page.error_of("color").is_some(), "what was touched is checked");
}

#[tokio::test]
async fn an_unticked_checkbox_that_stays_unticked_changes_nothing() {
    let mut shop = Shop::open().await;
    let table = Table::new("flags").field(Field::string("name")).field(Field::boolean("flag")).create();
    let flags = shop.db.define(table).await.unwrap();
    let id = shop.db.insert(&flags, Values::new().with("name", "a")).await.unwrap().unwrap();
    let spec = Form::for_table(&shop.db, &flags).record(id.clone());
    for (values, flag) in [
        (&[("name", "b")][..], Value::Null),
        (&[("name", "b"), ("flag", "ON")], Value::Bool(true)),
        (&[("name", "b")], Value::Bool(false)),
    ] {
        let page = shop.visitor.submit(&spec, values).await;
        assert!(page.form().accepted(), "{:?}", page.form());
        let row = shop.db.get(&flags, &id).await.unwrap().unwrap();
        assert_eq!((&row["name"], &row["flag"]), (&Value::from("b"), &flag));
    }
}

#[tokio::test]
async fn csrf_01_a_form_by_get_deletes_and_writes_nothing() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    let spec = shop.edit(id).get();
    for query in ["/?_formname=thing&_delete=ON", "/?_formname=thing&name=x&color=red"] {
        let request = shop.visitor.request(http::Method::GET, query, "", "");
        let page = shop.visitor.send(&spec, request).await.unwrap();
        assert!(!page.form().deleted());
        assert!(page.select("[name=_delete]").is_empty());
    }
    assert_eq!(shop.row(id).await["name"], Value::from("Chair"));
}

#[tokio::test]
async fn what_a_submission_did_not_bring_is_not_lost_by_the_next_one() {
    let mut shop = Shop::open().await;
    let id = shop.add("Chair").await;
    // A layout of one's own that has the name alone.
    let mut hidden = shop.visitor.get(&shop.edit(id)).await.hidden();
    hidden.retain(|(name, _)| name != "_drawn");
    hidden.push(("name".into(), String::new()));
    let body = crate::visitor::encode(&hidden);
    let request = shop.visitor.request(http::Method::POST, "/", "application/x-www-form-urlencoded", body);
    let page = shop.visitor.send(&shop.edit(id), request).await.unwrap();
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value_of("color").as_deref(), Some("red"), "shown as it is in the record");
    assert_eq!(page.value_of("name").as_deref(), Some(""));
}

#[tokio::test]
async fn form_03_form_04_what_was_not_drawn_is_not_written() {
    let mut shop = Shop::open().await;
    let table = Table::new("flags")
        .field(Field::string("name"))
        .field(Field::boolean("active"))
        .field(Field::new("tags", frontdesk_data::FieldType::ListString))
        .create();
    let flags = shop.db.define(table).await.unwrap();
    let tags = Value::List(vec!["a".into()]);
    let values = Values::new().with("name", "x").with("active", true).with("tags", tags.clone());
    let id = shop.db.insert(&flags, values).await.unwrap().unwrap();
    let spec = Form::for_table(&shop.db, &flags).record(id.clone());
    let mut hidden = shop.visitor.get(&spec).await.hidden();
    assert_eq!(hidden.iter().filter(|(name, _)| name == "_drawn").count(), 2);
    hidden.retain(|(name, _)| name != "_drawn");
    hidden.push(("name".into(), "y".into()));
    let body = crate::visitor::encode(&hidden);
    let request = shop.visitor.request(http::Method::POST, "/", "application/x-www-form-urlencoded", body);
    assert!(shop.visitor.send(&spec, request).await.unwrap().form().accepted());
    let row = shop.db.get(&flags, &id).await.unwrap().unwrap();
    assert_eq!((&row["name"], &row["active"], &row["tags"]), (&"y".into(), &Value::Bool(true), &tags));
    // Drawn and unticked is false.
    assert!(shop.visitor.submit(&spec, &[("name", "y")]).await.form().accepted());
    assert_eq!(shop.db.get(&flags, &id).await.unwrap().unwrap()["active"], Value::Bool(false));
}

#[tokio::test]
async fn a_record_that_cannot_be_told_from_others_is_read_only() {
    let mut shop = Shop::open().await;
    let columns = Arc::new(frontdesk_data::Columns::new(vec!["name".into()]));
    let row = frontdesk_data::Row::new(columns, vec!["Chair".into()], None);
    let page = shop.visitor.get(&shop.create().record_row(row)).await;
    assert!(page.select("input, select").is_empty());
    assert!(page.html.contains("Chair"));
}

#[tokio::test]
async fn columns_of_any_name_are_written() {
    let mut shop = Shop::open().await;
    let odd = ["a\"b", "a\\b", "a b", "ü;x", "50%", "_delete", "_formname"];
    let mut table = Table::new("odd").field(Field::upload("file")).create();
    for name in odd {
        table = table.field(Field::string(name));
    }
    let table = shop.db.define(table).await.unwrap();
    let spec = Form::for_table(&shop.db, &table);
    let page = shop.visitor.get(&spec).await;
    assert!(page.select("input[type=text][name=_delete], input[type=text][name=_formname]").is_empty());
    let escape = |name: &str| name.replace('"', "%22");
    let names: Vec<String> = odd[..5].iter().map(|name| escape(name)).collect();
    let values: Vec<_> = names.iter().map(|name| (&**name, "x")).collect();
    let page = shop.visitor.upload(&spec, &values, &[]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    for name in &odd[..5] {
        assert_eq!(page.form().vars().get(name), Some(&Value::from("x")), "{name}");
    }
}

#[tokio::test]
async fn clients_that_draw_forms_themselves_get_the_cookie_too() {
    let shop = Shop::open().await;
    let mut request = shop.visitor.request(http::Method::GET, "/", "", "");
    let form = shop.create().hidden("next", "/x").process(&mut request).await.unwrap();
    let response = form.respond_json();
    assert!(response.headers().contains_key("set-cookie"));
    assert_eq!(response.headers()["content-type"], "application/json");
    let mut own = axum::response::Response::default();
    form.apply(&mut own);
    assert!(own.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn hidden_texts_and_the_button_can_be_read() {
    let mut shop = Shop::open().await;
    let spec = shop.create().hidden("next", "/x");
    let page = shop.visitor.submit(&spec, &[("name", "Chair"), ("color", "red"), ("_submit", "Save")]).await;
    assert_eq!(page.form().submitted_text("next"), Some("/x"));
    assert_eq!(page.form().submitted_text("_submit"), Some("Save"));
    assert_eq!(page.form().submitted_text("_formkey"), None);
}

#[tokio::test]
async fn a_json_field_takes_any_document() {
    let mut shop = Shop::open().await;
    let table = Table::new("docs").field(Field::new("doc", frontdesk_data::FieldType::Json)).create();
    let docs = shop.db.define(table).await.unwrap();
    let spec = Form::for_table(&shop.db, &docs);
    for doc in [json!([1]), json!([1, 2]), json!([]), json!({"a": [1]})] {
        let page = shop.visitor.submit_json(&spec, json!({ "doc": doc })).await;
        assert!(page.form().accepted(), "{doc}: {:?}", page.form());
        let row = shop.db.get(&docs, page.form().id().unwrap()).await.unwrap().unwrap();
        assert_eq!(row["doc"], Value::from(doc));
    }
}

#[tokio::test]
async fn texts_that_mean_yes_and_lone_line_ends_stay_as_they_are() {
    let mut shop = Shop::open().await;
    let table = Table::new("odd").field(Field::string("name")).field(Field::boolean("active")).create();
    let odd = shop.db.define(table).await.unwrap();
    let id = shop.db.insert(&odd, Values::new().with("name", "a\rb")).await.unwrap().unwrap();
    let sql = "UPDATE odd SET active = 'Y' WHERE id = ?1";
    shop.db.execute(sql, [id.values()[0].clone()]).await.unwrap();
    let before = shop.db.get(&odd, &id).await.unwrap().unwrap();
    let spec = Form::for_table(&shop.db, &odd).record(id.clone());
    let page = shop.visitor.submit(&spec, &[("name", "a\r\nb"), ("active", "ON")]).await;
    assert!(page.form().accepted(), "{:?}", page.form());
    assert_eq!(shop.db.get(&odd, &id).await.unwrap().unwrap(), before);
}
