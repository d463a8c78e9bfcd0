//! Sub-forms: rows of another table, edited with their record.

use std::sync::Arc;
use std::time::{Duration, Instant};

use frontdesk_data::rules::IsInDb;
use frontdesk_data::{Db, Field, Row, RowId, Table, Value, Values};
use frontdesk_forms::{Children, Form, FormSpec, Limits};
use frontdesk_validate::{IsInSet, IsNotEmpty};
use http::StatusCode;

use crate::typing::Typing;
use crate::visitor::{Page, Visitor};

struct Office {
    db: Db,
    invoice: Arc<Table>,
    item: Arc<Table>,
    ada: Visitor,
    eve: Visitor,
}

impl Office {
    async fn open() -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let invoice = Table::new("invoice")
            .field(Field::string("customer").requires(IsNotEmpty::new()))
            .field(Field::text("note"));
        let invoice = db.define(invoice.create()).await.unwrap();
        let item = Table::new("item")
            .field(Field::reference("invoice_id", "invoice").not_null())
            .field(Field::string("what").not_null().unique().requires(IsNotEmpty::new()))
            .field(Field::double("price"))
            .field(Field::boolean("paid").default(true))
            .field(Field::integer("place").not_null())
            .unique(["invoice_id", "place"])
            .create();
        let item = db.define(item).await.unwrap();
        let mut ada = Visitor::new();
        let mut limits = Limits::default();
        limits.entries = 50_000;
        ada.desk = ada.desk.clone().limits(limits);
        Self { db, invoice, item, eve: ada.another(), ada }
    }

    fn items(&self) -> Children {
        Children::of(&self.db, &self.item, "invoice_id").unwrap().named("items").order_by("place")
    }

    fn create(&self) -> FormSpec {
        Form::for_table(&self.db, &self.invoice).children(self.items())
    }

    fn edit(&self, id: i64) -> FormSpec {
        self.create().record(id)
    }

    async fn add(&self, items: &[&str]) -> i64 {
        let id = self.db.insert(&self.invoice, Values::new().with("customer", "Ada")).await.unwrap().unwrap();
        let id = id.values()[0].as_int().unwrap();
        for (at, what) in items.iter().enumerate() {
            self.add_item(id, what, at as i64 + 1).await;
        }
        id
    }

    async fn add_item(&self, invoice: i64, what: &str, place: i64) {
        let values = Values::new().with("invoice_id", invoice).with("what", what).with("place", place);
        self.db.insert(&self.item, values.with("paid", true)).await.unwrap();
    }

    async fn rows(&self, id: i64) -> Vec<Row> {
        let set = self.db.set(&self.item).filter(self.item.col("invoice_id").eq(id));
        set.order_by("place").rows().await.unwrap()
    }

    async fn whats(&self, id: i64) -> Vec<String> {
        self.rows(id).await.iter().map(|row| row["what"].to_text().into_owned()).collect()
    }
}

fn shown(page: &Page) -> Vec<String> {
    let inputs = page.select("form [data-fd-row] [name$='.what']").into_iter();
    inputs
        .filter(|input| !input.attr("name").unwrap().contains("__i__"))
        .map(|input| input.attr("value").unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn form_10_rows_are_added_changed_removed_and_left_with_their_record() {
    let mut o = Office::open().await;
    let spec = o.create();
    let page = o.ada.get(&spec).await;
    let typing =
        page.typing().set("customer", "Ada").set("items[0].what", "pen").set("items[0].price", "1.5");
    let page = o.ada.post(&spec, &typing).await;
    assert!(page.form().accepted(), "{}", page.html);
    let id = page.form().id().unwrap().values()[0].as_int().unwrap();
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    let page = o.ada.post(&spec, &page.typing().set("items[1].what", "ink")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.whats(id).await, ["pen", "ink"]);
    let page = o.ada.get(&spec).await;
    let typing = page.typing().set("items[0].what", "pencil").set("items[1]._delete", "ON");
    let page = o.ada.post(&spec, &typing.set("items[2].what", "ink")).await;
    assert!(page.form().accepted(), "what goes makes room for what comes: {}", page.html);
    assert_eq!(o.whats(id).await, ["pencil", "ink"]);
    assert_eq!(o.rows(id).await[0]["price"], Value::Float(1.5), "what nobody touched stays");
}

#[tokio::test]
async fn form_10_a_row_that_is_left_empty_is_no_row() {
    let mut o = Office::open().await;
    let spec = o.create();
    let page = o.ada.get(&spec).await;
    assert_eq!(page.value_of("items[0].paid").as_deref(), Some("ON"), "though it has a default");
    let page = o.ada.post(&spec, &page.typing().set("customer", "Ada")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.db.set(&o.item).count().await.unwrap(), 0);
    // One that was only unticked is one that somebody touched.
    let page = o.ada.get(&spec).await;
    let page = o.ada.post(&spec, &page.typing().set("customer", "Ada").without("items[0].paid")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn form_10_defaults_that_differ_each_time_and_first_choices_make_no_row() {
    use std::sync::atomic::{AtomicI64, Ordering};
    let o = Office::open().await;
    let next = Arc::new(AtomicI64::new(0));
    let part = Table::new("part")
        .field(Field::reference("invoice_id", "invoice").not_null())
        .field(Field::string("kind").requires(IsInSet::new(["a", "b"]).without_zero()))
        .field(
            Field::integer("number").default_with(move || Value::Int(next.fetch_add(1, Ordering::Relaxed))),
        )
        .field(Field::string("text"))
        .create();
    let part = o.db.define(part).await.unwrap();
    let parts = || Children::of(&o.db, &part, "invoice_id").unwrap();
    let spec = Form::for_table(&o.db, &o.invoice).children(parts());
    let mut ada = Visitor::new();
    let page = ada.get(&spec).await;
    let typing = page.typing().set("customer", "");
    // A second row, as the script adds it.
    let copy: Vec<_> = page
        .select("template input, template select")
        .iter()
        .filter_map(|e| {
            Some((e.attr("name")?.replace("__i__", "1"), e.attr("value").unwrap_or("a").to_owned()))
        })
        .collect();
    let typing = copy.iter().fold(typing, |typing, (name, value)| match name.ends_with("_drawn") {
        true => typing,
        false => typing.set(name, value),
    });
    let page = ada.post(&spec, &typing).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.html);
    let page = ada.post(&spec, &page.typing().set("customer", "Ada")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.db.set(&part).count().await.unwrap(), 0);
    let page = ada.get(&spec).await;
    let page = ada.post(&spec, &page.typing().set("customer", "Ada").set("part[0].number", "1000")).await;
    assert!(page.form().accepted());
    assert_eq!(o.db.set(&part).count().await.unwrap(), 1, "a number that was typed is one");
}

#[tokio::test]
async fn form_10_a_row_of_another_record_is_out_of_reach() {
    let mut o = Office::open().await;
    let (mine, other) = (o.add(&["mine"]).await, o.add(&["theirs"]).await);
    let spec = o.edit(mine);
    let page = o.ada.get(&spec).await;
    let theirs = o.rows(other).await[0].id().unwrap().to_string();
    // By every name under which a row might be named.
    for field in ["id", "_key", "_id", "invoice_id"] {
        let typing = page.typing().set(&format!("items[0].{field}"), &theirs);
        let typing = typing.set("items[0].what", "stolen").set("items[0]._delete", "");
        o.ada.post(&spec, &typing).await;
        assert_eq!(o.whats(other).await, ["theirs"], "{field}");
    }
    // With the state of the other's form.
    let key = o.ada.get(&o.edit(other)).await.typing();
    let typing = page.typing().set("_formkey", key.get("_formkey").unwrap()).set("items[0].what", "stolen");
    assert_eq!(o.ada.post(&spec, &typing).await.status, StatusCode::FORBIDDEN);
    assert_eq!(o.whats(other).await, ["theirs"]);
    // Without a signed state, where a row says itself which it is.
    let open = o.edit(mine).csrf_protection(false);
    let page = o.ada.get(&open).await;
    assert_eq!(page.typing().get("items[0]._key"), Some(&*o.rows(mine).await[0].id().unwrap().to_string()));
    let typing = page.typing().set("items[0]._key", &theirs).set("items[0].what", "stolen");
    o.ada.post(&open, &typing).await;
    assert_eq!(o.whats(other).await, ["theirs"]);
}

#[tokio::test]
async fn form_10_without_a_signed_state_rows_are_not_written_again() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let open = o.edit(id).csrf_protection(false);
    for round in 0..2 {
        let page = o.ada.get(&open).await;
        let page = o.ada.post(&open, &page.typing().set("items[1].what", &format!("b{round}"))).await;
        assert!(page.form().accepted(), "{}", page.html);
        assert_eq!(o.whats(id).await, ["a".to_owned(), format!("b{round}")]);
    }
}

#[tokio::test]
async fn form_10_odd_numbers_of_rows_are_refused_or_no_rows() {
    let mut o = Office::open().await;
    let id = o.add(&["a"]).await;
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    for name in [
        "items[-1]",
        "items[+1]",
        "items[01]",
        "items[ 1]",
        "items[1e3]",
        "items[99999999999999999999]",
        "items[]",
        "items[x]",
    ] {
        let page = o.ada.post(&spec, &page.typing().set(&format!("{name}.what"), "x")).await;
        assert!(page.status == StatusCode::OK || page.status == StatusCode::CONFLICT, "{name}");
        assert_eq!(o.whats(id).await, ["a"], "{name}");
    }
    for name in ["items[100000]", "items[4294967295]"] {
        let page = o.ada.get(&spec).await;
        let page = o.ada.post(&spec, &page.typing().set(&format!("{name}.what"), "x")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert_eq!(o.whats(id).await, ["a"], "{name}");
    }
    // The greatest number there may be, and a row more after it.
    let page = o.ada.get(&spec).await;
    let typing = page.typing().set("items[99999].what", "last").set("_rows", "add:items");
    let page = o.ada.post(&spec, &typing).await;
    let page = o.ada.post(&spec, &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.whats(id).await, ["a", "last"]);
}

#[tokio::test]
async fn form_10_limits_of_the_number_of_rows_hold_on_the_server() {
    let mut o = Office::open().await;
    let id = o.add(&["a"]).await;
    let spec = Form::for_table(&o.db, &o.invoice).children(o.items().rows(1..=3)).record(id);
    let page = o.ada.get(&spec).await;
    let four = (1..4).fold(page.typing(), |t, at| t.set(&format!("items[{at}].what"), &format!("w{at}")));
    let page = o.ada.post(&spec, &four).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("3 at most"));
    assert_eq!(shown(&page), ["a", "w1", "w2", "w3"], "nothing typed is lost");
    let page = o.ada.get(&spec).await;
    let page = o.ada.post(&spec, &page.typing().set("items[0]._delete", "ON")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("at least one"));
    assert_eq!(page.value_of("items[0]._delete").as_deref(), Some("ON"), "the tick is kept");
    // Rows that somebody else added meanwhile count too.
    let page = o.ada.get(&spec).await;
    o.add_item(id, "eve 1", 2).await;
    o.add_item(id, "eve 2", 3).await;
    let page = o.ada.post(&spec, &page.typing().set("items[1].what", "mine")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(o.whats(id).await, ["a", "eve 1", "eve 2"]);
    assert!(page.html.contains("eve 1"), "and they are shown");
}

#[tokio::test]
async fn form_10_ten_thousand_and_one_rows_are_refused_quickly() {
    let mut o = Office::open().await;
    let spec = Form::for_table(&o.db, &o.invoice).children(o.items().rows(..));
    let page = o.ada.get(&spec).await;
    let mut typing = page.typing().set("customer", "Ada");
    for at in 1..=10_001 {
        typing.pairs.push((format!("items[{at}].what"), format!("w{at}")));
    }
    let begun = Instant::now();
    let page = o.ada.post(&spec, &typing).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(
        (o.db.set(&o.invoice).count().await.unwrap(), o.db.set(&o.item).count().await.unwrap()),
        (0, 0)
    );
    // And with the limits that there are unless others are set, before they are even looked at.
    let mut visitor = Visitor::new();
    let hidden = visitor.get(&spec).await.typing();
    let mut all = hidden;
    all.pairs.extend(typing.pairs);
    let typing: Typing = all;
    assert_eq!(visitor.post(&spec, &typing).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn form_10_rows_are_put_in_another_order_by_buttons_and_by_number() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b", "c"]).await;
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    let page =
        o.ada.post(&spec, &page.typing().set("_rows", "down:items[0]").set("items[1].price", "7")).await;
    assert_eq!(shown(&page)[..3], ["b", "a", "c"]);
    assert_eq!(page.value_of("items[1].price").as_deref(), Some("7"), "what was typed is kept");
    assert_eq!(o.whats(id).await, ["a", "b", "c"], "a button writes nothing");
    let page = o.ada.post(&spec, &page.typing()).await;
    assert!(page.form().accepted(), "places are unique, and yet they are traded: {}", page.html);
    assert_eq!(o.whats(id).await, ["b", "a", "c"]);
    // All the way round, and hostile numbers.
    let page = o.ada.get(&spec).await;
    let typing =
        page.typing().set("items[2]._position", "-5").set("items[0]._position", "99999999999999999999");
    let page = o.ada.post(&spec, &typing.set("items[1]._position", "x")).await;
    assert!(page.form().accepted(), "{}", page.html);
    let places: Vec<_> = o.rows(id).await.iter().map(|row| row["place"].as_int().unwrap()).collect();
    assert_eq!((o.whats(id).await[0].as_str(), &places[..]), ("c", &[1, 2, 3][..]));
}

#[tokio::test]
async fn form_10_a_position_cannot_be_set_by_hand() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    let typing =
        page.typing().set("items[0].place", "77").set("items[0].invoice_id", "1").set("items[0].id", "99");
    assert!(o.ada.post(&spec, &typing).await.form().accepted());
    let rows = o.rows(id).await;
    assert_eq!((rows[0]["place"].as_int(), rows.len()), (Some(1), 2));
}

#[tokio::test]
async fn form_10_unique_values_trade_places_in_one_submission() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b", "c"]).await;
    let ids: Vec<_> = o.rows(id).await.iter().map(|row| row.id().unwrap().clone()).collect();
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    let typing = page.typing().set("items[0].what", "b").set("items[1].what", "c").set("items[2].what", "a");
    let page = o.ada.post(&spec, &typing).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.whats(id).await, ["b", "c", "a"]);
    let now: Vec<_> = o.rows(id).await.iter().map(|row| row.id().unwrap().clone()).collect();
    assert_eq!(now, ids, "the rows are the same");
    // Two that want the same are refused, beside the second one.
    let page = o.ada.get(&spec).await;
    let page = o.ada.post(&spec, &page.typing().set("items[0].what", "x").set("items[1].what", "x")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shown(&page)[..3], ["x", "x", "a"]);
    assert!(
        page.error_of("items[0].what").is_some() != page.error_of("items[1].what").is_some(),
        "{}",
        page.html
    );
    assert_eq!(o.whats(id).await, ["b", "c", "a"], "all or nothing");
}

#[tokio::test]
async fn form_10_add_and_remove_buttons_keep_all_that_was_typed() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    let typing = page.typing().set("customer", "").set("items[2].what", "new").set("items[0].what", "a2");
    let page = o.ada.post(&spec, &typing.clone().set("_rows", "add:items")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(shown(&page), ["a2", "b", "new", ""]);
    assert_eq!(page.value_of("customer").as_deref(), Some(""));
    let page = o.ada.post(&spec, &page.typing().set("_rows", "remove:items[2]")).await;
    assert_eq!(shown(&page), ["a2", "b", ""]);
    let page = o.ada.post(&spec, &page.typing().set("_rows", "remove:items[1]")).await;
    assert_eq!(page.value_of("items[1]._delete").as_deref(), Some("ON"));
    for odd in
        ["add:nothing", "up:items[77]", "down:items[", "remove:items[x]", "", "x", "add:", "up:items[-1]"]
    {
        let page = o.ada.post(&spec, &page.typing().set("_rows", odd)).await;
        assert_eq!(shown(&page), ["a2", "b", ""], "{odd}");
    }
    let page = o.ada.post(&spec, &page.typing().set("customer", "Ada")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.whats(id).await, ["a2"]);
}

#[tokio::test]
async fn form_10_what_is_wrong_in_a_row_is_told_there_and_nothing_is_written() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    let typing = page.typing().set("customer", "Eve").set("items[0].price", "much").set("items[1].what", "");
    let page = o.ada.post(&spec, &typing.set("items[2].price", "5")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for name in ["items[0].price", "items[1].what", "items[2].what"] {
        assert!(page.error_of(name).is_some(), "{name}");
    }
    assert_eq!(page.value_of("items[0].price").as_deref(), Some("much"));
    assert_eq!(page.value_of("customer").as_deref(), Some("Eve"));
    let mut ids: Vec<_> = page.select("[id]").iter().map(|e| e.attr("id").unwrap().to_owned()).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "each id is there once");
    let row = o.db.get(&o.invoice, &RowId::from(id)).await.unwrap().unwrap();
    assert_eq!(row["customer"], Value::from("Ada"));
}

#[tokio::test]
async fn crud_07_lost_update_a_conflict_in_a_row_keeps_everything_else_that_was_typed() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let spec = o.edit(id);
    let mine = o.ada.get(&spec).await.typing();
    let mine = mine.set("customer", "new customer").set("items[0].what", "ada's").set("items[1].price", "3");
    let mine = mine.set("items[2].what", "fresh");
    let theirs = o.eve.get(&spec).await.typing().set("items[0].what", "eve's");
    assert!(o.eve.post(&spec, &theirs).await.form().accepted());
    let page = o.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.value_of("customer").as_deref(), Some("new customer"));
    assert_eq!(shown(&page)[..3], ["ada's", "b", "fresh"]);
    assert_eq!(page.value_of("items[1].price").as_deref(), Some("3"));
    assert_eq!(page.select("[name='items[0]._take_what']").len(), 2);
    assert_eq!(o.whats(id).await, ["eve's", "b"]);
    let page = o.ada.post(&spec, &page.typing().set("items[0]._take_what", "theirs")).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.whats(id).await, ["eve's", "b", "fresh"]);
    assert_eq!(o.rows(id).await[1]["price"], Value::Float(3.0));
}

#[tokio::test]
async fn crud_07_lost_update_a_conflict_in_the_record_keeps_what_was_typed_into_rows() {
    let mut o = Office::open().await;
    let id = o.add(&["a"]).await;
    let spec = o.edit(id);
    let mine = o.ada.get(&spec).await.typing().set("items[0].what", "a2").set("items[1].what", "fresh");
    o.db.update(&o.invoice, &RowId::from(id), Values::new().with("note", "eve's")).await.unwrap();
    let page = o.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(shown(&page), ["a2", "fresh"]);
    let page = o.ada.post(&spec, &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.whats(id).await, ["a2", "fresh"]);
}

#[tokio::test]
async fn crud_07_lost_update_a_row_that_is_gone_is_told_of_and_can_be_added_anew() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let spec = o.edit(id);
    let mine = o.ada.get(&spec).await.typing().set("items[0].what", "a2");
    let theirs = o.eve.get(&spec).await.typing().set("items[0]._delete", "ON");
    assert!(o.eve.post(&spec, &theirs).await.form().accepted());
    let page = o.ada.post(&spec, &mine).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shown(&page)[..2], ["a2", "b"]);
    assert!(page.html.contains("deleted in the meantime"));
    let again = o.ada.post(&spec, &page.typing()).await;
    assert!(again.form().accepted(), "{}", again.html);
    assert_eq!(o.whats(id).await, ["a2", "b"]);
    // To remove what is gone is no conflict.
    let mine = o.ada.get(&spec).await.typing().set("items[0]._delete", "ON");
    let theirs = o.eve.get(&spec).await.typing().set("items[0]._delete", "ON");
    assert!(o.eve.post(&spec, &theirs).await.form().accepted());
    assert!(o.ada.post(&spec, &mine).await.form().accepted());
    assert_eq!(o.whats(id).await, ["b"]);
}

#[tokio::test]
async fn crud_07_lost_update_rows_that_two_add_are_both_there() {
    let mut o = Office::open().await;
    let id = o.add(&["a"]).await;
    let spec = o.edit(id);
    let mine = o.ada.get(&spec).await.typing().set("items[1].what", "ada's");
    let theirs = o.eve.get(&spec).await.typing().set("items[1].what", "eve's");
    assert!(o.eve.post(&spec, &theirs).await.form().accepted());
    let page = o.ada.post(&spec, &mine).await;
    assert!(page.form().accepted(), "places are unique: {}", page.html);
    let mut whats = o.whats(id).await;
    whats.sort();
    assert_eq!(whats, ["a", "ada's", "eve's"]);
}

#[tokio::test]
async fn csrf_06_rows_of_an_expired_unverified_or_broken_form_come_back_as_they_were_typed() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let short = o.edit(id).lifespan(Duration::ZERO);
    for case in ["expired", "unverified"] {
        let page = o.ada.get(&short).await;
        let typing = page.typing().set("items[0].what", "a2").set("items[1]._delete", "ON");
        let mut typing = typing.set("items[2].what", "fresh");
        if case == "unverified" {
            let mut key = typing.get("_formkey").unwrap().to_owned();
            key.replace_range(key.len() - 4.., "AAAA");
            typing = typing.set("_formkey", &key);
        }
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let page = o.ada.post(&short, &typing).await;
        assert!(page.status.is_client_error(), "{case}");
        assert_eq!(shown(&page), ["a2", "b", "fresh"], "{case}");
        assert_eq!(page.value_of("items[1]._delete").as_deref(), Some("ON"), "{case}");
        let page = o.ada.post(&o.edit(id), &page.typing().set("items[1]._delete", "")).await;
        assert!(page.form().accepted(), "{case}: {}", page.html);
        assert_eq!(o.whats(id).await, ["a2", "b", "fresh"], "{case}: and none of them twice");
        for row in &o.rows(id).await[2..] {
            o.db.delete(&o.item, row.id().unwrap()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn csrf_03_a_foreign_site_plants_nothing_in_rows() {
    let mut o = Office::open().await;
    let id = o.add(&["a"]).await;
    let spec = o.edit(id);
    let typing =
        o.ada.get(&spec).await.typing().set("items[0].what", "planted").set("items[1].what", "planted");
    o.ada.headers.insert("sec-fetch-site", http::HeaderValue::from_static("cross-site"));
    let page = o.ada.post(&spec, &typing).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.html.contains("planted"), "{}", page.html);
}

#[tokio::test]
async fn what_a_trigger_does_to_rows_is_nobodys_change() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    o.db.execute(
        "CREATE TRIGGER dear AFTER UPDATE ON invoice BEGIN \
         UPDATE item SET price = coalesce(price, 0) + 1 WHERE invoice_id = new.id; END",
        [],
    )
    .await
    .unwrap();
    let spec = o.edit(id);
    for round in 1..=2 {
        let page = o.ada.get(&spec).await;
        let typing =
            page.typing().set("note", &format!("note {round}")).set("items[0].what", &format!("a{round}"));
        let page = o.ada.post(&spec, &typing).await;
        assert!(page.form().accepted(), "{}", page.html);
    }
    assert_eq!(o.whats(id).await, ["a2", "b"]);
    assert_eq!(o.rows(id).await[1]["price"], Value::Float(2.0));
}

#[tokio::test]
async fn form_03_rows_take_only_what_was_drawn() {
    let mut o = Office::open().await;
    let id = o.add(&["a"]).await;
    let items = o.items().fields(["what"]);
    let spec = Form::for_table(&o.db, &o.invoice).children(items).record(id);
    let page = o.ada.get(&spec).await;
    let typing = page.typing().set("items[0].price", "99").set("items[0].what", "a2");
    let typing = typing.set("items[1].what", "b").set("items[1].price", "99").set("items[1].place", "50");
    let page = o.ada.post(&spec, &typing).await;
    assert!(page.form().accepted(), "{}", page.html);
    for row in o.rows(id).await {
        assert_eq!(row["price"], Value::Null);
    }
}

#[tokio::test]
async fn form_10_rows_come_as_json_too() {
    let mut o = Office::open().await;
    let id = o.add(&["a"]).await;
    let spec = o.edit(id);
    let body = serde_json::json!({"customer": "Ada", "items[0].what": "a2", "items[1].what": "b", "items[1].price": 2.5});
    let page = o.ada.submit_json(&spec, body).await;
    assert!(page.form().accepted(), "{:?} {:?}", page.form(), page.form().form_errors());
    assert_eq!(o.whats(id).await, ["a2", "b"]);
    for unknown in ["items[-1].what", "items[0].invoice_id", "items[0].nothing", "other[0].what"] {
        let page = o.ada.submit_json(&spec, serde_json::json!({"customer": "Ada", unknown: "1"})).await;
        assert_eq!(page.form().form_errors()[0].code(), "unknown_field", "{unknown}");
    }
}

#[tokio::test]
async fn rows_that_cannot_be_told_apart_can_only_be_looked_at() {
    let o = Office::open().await;
    o.db.execute("CREATE TABLE keyless (invoice_id INTEGER REFERENCES invoice, what TEXT)", [])
        .await
        .unwrap();
    let schema = o.db.introspect().await.unwrap();
    let find = |name: &str| Arc::clone(schema.tables.iter().find(|table| &*table.name == name).unwrap());
    let (invoice, mut keyless) = (find("invoice"), Table::clone(&find("keyless")));
    keyless.key.clear();
    let id = o.add(&[]).await;
    let insert = "INSERT INTO keyless VALUES (?, 'one'), (?, 'two')";
    o.db.execute(insert, [Value::Int(id), Value::Int(id)]).await.unwrap();
    let children = Children::of(&o.db, &Arc::new(keyless), "invoice_id").unwrap();
    let spec = Form::for_table(&o.db, &invoice).children(children).record(id);
    let mut ada = Visitor::new();
    for _ in 0..2 {
        let page = ada.get(&spec).await;
        assert!(page.html.contains("one") && page.html.contains("two"));
        let page = ada.post(&spec, &page.typing().set("note", "x")).await;
        assert!(page.form().accepted(), "{}", page.html);
    }
    let rows = o.db.query("SELECT count(*) AS n FROM keyless", []).await.unwrap();
    assert_eq!(rows[0]["n"], Value::Int(2));
}

/// A form with that many rows, submitted with a change in each.
async fn submit_large(count: usize) -> (Duration, usize) {
    let mut o = Office::open().await;
    let names: Vec<String> = (0..count).map(|at| format!("row {at}")).collect();
    let id = o.add(&names.iter().map(|name| &**name).collect::<Vec<_>>()).await;
    let spec = Form::for_table(&o.db, &o.invoice).children(o.items().rows(..)).record(id);
    let page = o.ada.get(&spec).await;
    let mut typing = page.typing();
    let spare = format!("items[{count}].price");
    for (name, value) in &mut typing.pairs {
        if name.ends_with(".price") && *name != spare {
            *value = "7".to_owned();
        }
    }
    let mut request = o.ada.request_of(&typing);
    let begun = Instant::now();
    let form = spec.process(&mut request).await.unwrap();
    let html = form.to_string();
    let taken = begun.elapsed();
    assert!(form.accepted(), "{}", &html[..2000]);
    assert!(o.rows(id).await.iter().all(|row| row["price"] == Value::Float(7.0)));
    (taken, typing.get("_formkey").unwrap().len())
}

#[tokio::test]
async fn form_10_a_thousand_rows_cost_what_ten_times_a_hundred_cost() {
    let (mut few, mut many, mut state) = (Duration::MAX, Duration::MAX, 0);
    for _ in 0..3 {
        few = few.min(submit_large(100).await.0);
        let (taken, length) = submit_large(1000).await;
        (many, state) = (many.min(taken), length);
    }
    println!("100 rows: {few:?}, 1,000 rows: {many:?}, their state: {state} bytes");
    // Were it quadratic, it would be a hundred times.
    assert!(many < few * 30, "{few:?} {many:?}");
    assert!(state < 200_000, "{state}");
}

#[tokio::test]
async fn form_11_rows_that_could_not_be_looked_up_are_not_written_again_as_new_ones() {
    let mut o = Office::open().await;
    let id = o.add(&["a", "b"]).await;
    let spec = o.edit(id);
    let page = o.ada.get(&spec).await;
    let typing = page.typing().set("items[0].what", "a2").set("items[2].what", "fresh").set("note", "typed");
    o.db.execute("ALTER TABLE item RENAME TO away", []).await.unwrap();
    let mut page = o.ada.post(&spec, &typing).await;
    for _ in 0..2 {
        assert_eq!(page.form().form_errors()[0].code(), "failed");
        assert_eq!(shown(&page)[..3], ["a2", "b", "fresh"]);
        assert_eq!(page.value_of("note").as_deref(), Some("typed"));
        page = o.ada.post(&spec, &page.typing()).await;
    }
    o.db.execute("ALTER TABLE away RENAME TO item", []).await.unwrap();
    let page = o.ada.post(&spec, &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    assert_eq!(o.whats(id).await, ["a2", "b", "fresh"]);
    // And a deletion is not carried out on half of what is known.
    let typing = o.ada.get(&spec).await.typing().set("_delete", "ON");
    o.db.execute("ALTER TABLE item RENAME TO away", []).await.unwrap();
    let page = o.ada.post(&spec, &typing).await;
    assert!(!page.form().accepted() && !page.form().deleted());
    assert_eq!(o.db.set(&o.invoice).count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_draft_finds_its_rows_again_when_others_removed_some() {
    let mut s = Office::open().await;
    let id = s.add(&["a", "b", "c"]).await;
    let spec = s.edit(id).drafts();
    let page = s.ada.get(&spec).await;
    let typing = page.typing().set("items[1].what", "b by ada").without("items[2].paid");
    s.ada.post(&spec, &typing.set("_draft", "save")).await;
    let theirs = s.eve.get(&s.edit(id)).await.typing().set("items[0]._delete", "ON");
    assert!(s.eve.post(&s.edit(id), &theirs).await.form().accepted());
    let before = s.rows(id).await;

    let page = s.ada.get(&spec).await;
    let page = s.ada.post(&spec, &page.typing().set("_draft", "restore")).await;
    assert_eq!(page.value_of("items[1].what").as_deref(), Some("b by ada"), "{}", page.html);
    // The one that is gone may come again, or not: that is said.
    assert!(page.html.contains("This row was deleted in the meantime"), "{}", page.html);
    let page = s.ada.post(&spec, &page.typing().set("items[0]._delete", "ON")).await;
    assert!(page.form().accepted(), "{}", page.html);
    let after = s.rows(id).await;
    assert_eq!(s.whats(id).await, ["b by ada", "c"]);
    // The same rows, and no others in their place.
    assert_eq!(before.iter().map(Row::id).collect::<Vec<_>>(), after.iter().map(Row::id).collect::<Vec<_>>());
    let paid: Vec<bool> = after.iter().map(|row| row["paid"] == Value::Bool(true)).collect();
    assert_eq!(paid, [true, false], "what was unticked in the draft stays so");
}

#[tokio::test]
async fn form_10_a_large_reference_in_a_row_is_searched_without_a_script() {
    let s = Office::open().await;
    let product = Table::new("product").field(Field::string("name")).readable("{name}".parse().unwrap());
    let product = s.db.define(product.create()).await.unwrap();
    for name in ["green tea", "black tea", "cake"] {
        s.db.insert(&product, Values::new().with("name", name)).await.unwrap();
    }
    let any = IsInDb::new(&s.db, "product").most_choices(1);
    let order = Table::new("order_line")
        .field(Field::reference("invoice_id", "invoice").not_null())
        .field(Field::reference("product", "product").requires(any))
        .create();
    let order = s.db.define(order).await.unwrap();
    let id = s.add(&[]).await;
    for product in [3, 3, 1] {
        let values = Values::new().with("invoice_id", id).with("product", product);
        s.db.insert(&order, values).await.unwrap();
    }
    let lines = Children::of(&s.db, &order, "invoice_id").unwrap().named("lines");
    let spec = Form::for_table(&s.db, &s.invoice).children(lines).record(id);
    let mut ada = s.ada;
    let page = ada.get(&spec).await;
    let chosen = |page: &Page, row: usize| -> Vec<String> {
        let options = page.select(&format!("select[name='lines[{row}].product'] option"));
        let texts = options.iter().map(|option| option.text().collect::<String>());
        texts.filter(|text| text.contains("tea") || text.contains("cake")).collect()
    };
    assert_eq!([0, 1, 2].map(|row| chosen(&page, row).join(",")), ["cake", "cake", "green tea"]);
    let typing = page.typing().set("lines[3]._find_product", "tea").set("_lookup", "lines[3].product");
    let page = ada.post(&spec, &typing).await;
    let mut found = chosen(&page, 3);
    found.sort();
    assert_eq!(found, ["black tea", "green tea"], "{}", page.html);
    assert_eq!(chosen(&page, 0), ["cake"], "what was chosen in other rows stays");
    let done = ada.post(&spec, &page.typing().set("lines[3].product", "2")).await;
    assert!(done.form().accepted(), "{}", done.html);
    assert_eq!(s.db.set(&order).filter(order.col("product").eq(2)).count().await.unwrap(), 1);
}
