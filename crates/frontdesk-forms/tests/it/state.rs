//! The signed state of a form: what it is good for, and what it lets nobody do.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Db, Field, FieldType, RowId, Table, Value, Values};
use frontdesk_forms::{Form, FormSpec};
use frontdesk_validate::IsNotEmpty;
use http::StatusCode;

use crate::visitor::Visitor;

async fn shop() -> (Db, Arc<Table>) {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let table = Table::new("thing")
        .field(Field::string("name").requires(IsNotEmpty::new()))
        .field(Field::string("fixed").writable(false))
        .field(Field::string("hidden").writable(false).readable(false))
        .field(Field::string("off"))
        .field(Field::new("bytes", FieldType::Blob))
        .create();
    let table = db.define(table).await.unwrap();
    (db, table)
}

async fn add(db: &Db, table: &Arc<Table>) -> RowId {
    let values = Values::new()
        .with("name", "n")
        .with("fixed", "f")
        .with("hidden", "h")
        .with("off", "o")
        .with("bytes", Value::Bytes(vec![1, 2]));
    db.insert(table, values).await.unwrap().unwrap()
}

#[tokio::test]
async fn form_03_only_fields_that_were_drawn_as_inputs_are_written() {
    let (db, table) = shop().await;
    let id = add(&db, &table).await;
    let before = db.get(&table, &id).await.unwrap().unwrap();
    let mut ada = Visitor::new();
    let spec = Form::for_table(&db, &table).record(id.clone()).disable("off").show_id(true);
    let page = ada.get(&spec).await;
    let typing = page.typing().set("name", "new").set("id", "99").set("fixed", "x").set("hidden", "x");
    let typing =
        typing.set("off", "x").set("bytes", "x").set("_drawn", "hidden").set("_id", "99").set("rowid", "99");
    let page = ada.post(&spec, &typing).await;
    assert!(page.form().accepted(), "{}", page.html);
    let after = db.get(&table, &id).await.unwrap().unwrap();
    for field in ["id", "fixed", "hidden", "off", "bytes"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(after["name"], Value::from("new"));
    // A new row takes no more.
    let create = Form::for_table(&db, &table).disable("off");
    let typing = ada
        .get(&create)
        .await
        .typing()
        .set("name", "two")
        .set("id", "77")
        .set("fixed", "x")
        .set("hidden", "x");
    let page = ada.post(&create, &typing.set("off", "x").set("bytes", "x")).await;
    let row = db.get(&table, page.form().id().unwrap()).await.unwrap().unwrap();
    assert_ne!(row["id"], Value::Int(77));
    for field in ["fixed", "hidden", "off", "bytes"] {
        assert!(row[field].is_null(), "{field}: {:?}", row[field]);
    }
}

#[tokio::test]
async fn form_19_a_state_is_good_for_its_own_form_record_session_and_purpose_alone() {
    let (db, table) = shop().await;
    let (one, two) = (add(&db, &table).await, add(&db, &table).await);
    let mut ada = Visitor::new();
    let base = || Form::for_table(&db, &table).csrf_session("s1").signing_info("i1");
    let specs: [(&str, FormSpec); 6] = [
        ("itself", base().record(one.clone())),
        ("another record", base().record(two)),
        ("a new row", base()),
        ("another session", base().csrf_session("s2").record(one.clone())),
        ("another purpose", base().signing_info("i2").record(one.clone())),
        ("another name", base().form_name("other").record(one.clone())),
    ];
    for (from, drawn) in &specs {
        for (to, sent) in &specs {
            let key = ada.get(drawn).await.typing();
            let typing = ada.get(sent).await.typing().set("_formkey", key.get("_formkey").unwrap());
            let page = ada.post(sent, &typing.set("name", "typed")).await;
            if from == to {
                assert!(page.form().accepted(), "{from}");
            } else {
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{from} as {to}");
                assert_eq!(page.value_of("name").as_deref(), Some("typed"), "{from} as {to}");
            }
        }
    }
    // A form with other fields: the state tells fields by their numbers.
    let other = Table::new("thing").field(Field::string("fixed")).field(Field::string("name")).create();
    let wider =
        Form::for_table(&db, &Arc::new(other)).record(one.clone()).csrf_session("s1").signing_info("i1");
    let key = ada.get(&specs[0].1).await.typing();
    let page = ada.post(&wider, &key).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn form_19_csrf_02_every_flipped_byte_of_the_state_is_refused_and_the_text_kept() {
    let (db, table) = shop().await;
    let id = add(&db, &table).await;
    let mut ada = Visitor::new();
    let spec = Form::for_table(&db, &table).record(id.clone());
    let typing = ada.get(&spec).await.typing().set("name", "typed");
    let key = typing.get("_formkey").unwrap().to_owned();
    for at in 0..key.len() {
        let mut bytes = key.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let page = ada.post(&spec, &typing.clone().set("_formkey", &changed)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{at}");
        assert_eq!(page.value_of("name").as_deref(), Some("typed"), "{at}");
    }
    let long = "A".repeat(100_000);
    for odd in ["", ".", "AAAA", "AAAA.", ".AAAA", "é.ü", &*long, &key[..key.len() / 2]] {
        let page = ada.post(&spec, &typing.clone().set("_formkey", odd)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    let absent = ada.post(&spec, &typing.clone().without("_formkey")).await;
    assert_eq!(absent.status, StatusCode::FORBIDDEN);
    let row = db.get(&table, &id).await.unwrap().unwrap();
    assert_eq!(row["name"], Value::from("n"));
    let page = ada.post(&spec, &absent.typing()).await;
    assert!(page.form().accepted(), "submitted again, it is good");
}

#[tokio::test]
async fn csrf_02_two_states_are_never_alike_and_none_without_its_cookie() {
    let (db, table) = shop().await;
    let spec = Form::for_table(&db, &table);
    let mut ada = Visitor::new();
    let one = ada.get(&spec).await.typing();
    let two = ada.get(&spec).await.typing();
    assert_ne!(one.get("_formkey"), two.get("_formkey"));
    // Both are good, in any order: two tabs.
    assert!(ada.post(&spec, &two.set("name", "b")).await.form().accepted());
    ada.cookies.clear();
    assert_eq!(ada.post(&spec, &one.clone().set("name", "a")).await.status, StatusCode::FORBIDDEN);
    ada.cookies.clear();
    assert_eq!(
        ada.post(&spec, &one.without("_formkey").set("name", "a")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(db.set(&table).count().await.unwrap(), 1);
}

#[tokio::test]
async fn csrf_06_an_expired_form_can_be_submitted_again_at_once() {
    let (db, table) = shop().await;
    let id = add(&db, &table).await;
    let mut ada = Visitor::new();
    let spec = Form::for_table(&db, &table).record(id.clone()).lifespan(Duration::ZERO);
    let typing = ada.get(&spec).await.typing().set("name", "typed");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let page = ada.post(&spec, &typing).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value_of("name").as_deref(), Some("typed"));
    let page = ada.post(&Form::for_table(&db, &table).record(id.clone()), &page.typing()).await;
    assert!(page.form().accepted(), "{}", page.html);
    let row = db.get(&table, &id).await.unwrap().unwrap();
    assert_eq!(row["name"], Value::from("typed"));
}
