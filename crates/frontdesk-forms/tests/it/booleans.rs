//! Booleans that may be null, and how one says so.

use std::sync::Arc;

use frontdesk_data::{Db, Field, Table, Value, Values};
use frontdesk_forms::{FieldWidget, Form, FormSpec, NullableWidget};
use serde_json::json;

use crate::visitor::Visitor;

struct Survey {
    db: Db,
    answer: Arc<Table>,
    visitor: Visitor,
}

impl Survey {
    async fn open(field: Field) -> Self {
        let db = Db::open("sqlite::memory:").await.unwrap();
        let table = Table::new("answer").field(field).field(Field::string("note"));
        let answer = db.define(table.create()).await.unwrap();
        for value in [Value::Null, Value::Bool(false), Value::Bool(true)] {
            db.insert(&answer, Values::new().with("likes", value)).await.unwrap();
        }
        Self { db, answer, visitor: Visitor::new() }
    }

    fn spec(&self, id: i64) -> FormSpec {
        Form::for_table(&self.db, &self.answer).record(id)
    }

    async fn stored(&self, id: i64) -> Value {
        self.db.get(&self.answer, &id.into()).await.unwrap().unwrap()["likes"].clone()
    }
}

#[tokio::test]
async fn form_04_null_no_and_yes_are_three_answers() {
    let mut survey = Survey::open(Field::boolean("likes").with_widget(NullableWidget::new())).await;
    let shown = ["", "OFF", "ON"];
    let values = [Value::Null, Value::Bool(false), Value::Bool(true)];
    for (id, chosen) in (1..).zip(shown) {
        let spec = survey.spec(id);
        let page = survey.visitor.get(&spec).await;
        assert_eq!(page.value_of("likes").as_deref(), Some(chosen));
        // Whatever it was, it can become each of the three.
        for (says, value) in shown.into_iter().zip(&values) {
            let page = survey.visitor.submit(&spec, &[("likes", says)]).await;
            assert!(page.form().accepted(), "{:?}", page.form());
            let stored = survey.stored(id).await;
            let expected = if value.is_null() { stored.is_null() } else { stored == *value };
            assert!(expected, "{says}: {stored:?}");
        }
    }
    let page = survey.visitor.submit(&survey.spec(1), &[("likes", "perhaps")]).await;
    assert!(page.form().error_of("likes").is_some());
}

#[tokio::test]
async fn form_04_a_checkbox_leaves_null_alone_until_it_is_ticked() {
    let mut survey = Survey::open(Field::boolean("likes")).await;
    let spec = survey.spec(1);
    let page = survey.visitor.get(&spec).await;
    survey.visitor.post(&spec, &page.typing().set("note", "x")).await;
    assert_eq!(survey.stored(1).await, Value::Null);
    // JSON can say all three.
    for value in [json!(false), json!(null), json!(true), json!(null)] {
        let page = survey.visitor.submit_json(&spec, json!({ "likes": value })).await;
        assert!(page.form().accepted(), "{:?}", page.form());
        let expected = value.as_bool().map_or(Value::Null, Value::Bool);
        assert_eq!(survey.stored(1).await, expected);
    }
}

#[tokio::test]
async fn form_04_a_boolean_that_may_not_be_null_is_never() {
    let mut survey = Survey { ..Survey::open(Field::boolean("likes")).await };
    let spec = Form::for_fields("t", [Field::boolean("ok").not_null().with_widget(NullableWidget::new())]);
    let page = survey.visitor.submit(&spec, &[("ok", "")]).await;
    assert_ne!(page.form().vars().get("ok"), Some(&Value::Null));
}
