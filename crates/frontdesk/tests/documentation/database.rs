//! Database validators, validation functions.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::prelude::*;
use frontdesk::time::{DateTime, date};

use crate::browser::{open, submit};
use crate::thing;

async fn people(db: &Db, names: &[&str]) -> Arc<Table> {
    let person =
        db.define(Table::new("person").field(Field::string("name").unique()).create()).await.unwrap();
    for &name in names {
        db.insert(&person, Values::new().with("name", name)).await.unwrap();
    }
    person
}

/// A name that is not there yet. The database holds it too, and what it refuses is the same error beside the field.
#[tokio::test]
async fn is_not_in_db() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let person = people(&db, &["Elaine"]).await;
    let name = Field::string("name").requires(IsNotInDb::new(&db, "person.name"));
    assert_eq!(name.validate("Elaine").await.unwrap_err().text(), "Value already in database or empty");
    assert!(name.validate("George").await.is_ok());

    // With a set only its rows count.
    let late = db.set(&person);
    let late = late.clone().filter(late.col("id").gt(1));
    let name = Field::string("name").requires(IsNotInDb::new(late, "person.name"));
    assert!(name.validate("Elaine").await.is_ok());

    let overridden = IsNotInDb::new(&db, "person.name").allowed_override(["Elaine"]).error_message("taken");
    assert!(Field::string("name").requires(overridden).validate("Elaine").await.is_ok());

    // A record may keep its own name.
    let form = submit(&Form::for_table(&db, &person).record(1), "name=Elaine").await;
    assert!(form.accepted(), "{form:?}");
    let taken = submit(&Form::for_table(&db, &person), "name=Elaine").await;
    assert_eq!(taken.error_of("name").unwrap().text(), "Value already in database or empty");
    // Two at once: the rule can be passed, the database cannot.
    let raced = db.insert(&person, Values::new().with("name", "Elaine")).await.unwrap_err();
    assert_eq!(&*raced.violations()[0].fields[0], "name");
}

/// No two registrations of one name within ten days.
#[tokio::test]
async fn is_not_in_db_among_recent_rows() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let now: DateTime = date(2024, 3, 20).at(12, 0, 0, 0);
    let person = Table::new("person")
        .field(Field::string("name"))
        .field(Field::datetime("registration_stamp").default(now));
    let person = db.define(person.create()).await.unwrap();
    let old = date(2024, 3, 1).at(12, 0, 0, 0);
    db.insert(&person, Values::new().with("name", "George").with("registration_stamp", old)).await.unwrap();
    db.insert(&person, Values::new().with("name", "Elaine")).await.unwrap();

    let all = db.set(&person);
    let recent = all.clone().filter(all.col("registration_stamp").gt(date(2024, 3, 10).at(12, 0, 0, 0)));
    let name = Field::string("name").requires(IsNotInDb::new(recent, "person.name"));
    assert!(name.validate("George").await.is_ok());
    assert!(name.validate("Elaine").await.is_err());
}

/// A drop-down list of people; from a set; with a label of a field, a template, a closure.
#[tokio::test]
async fn is_in_db() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let person = people(&db, &["George", "Elaine", "Kramer"]).await;
    let owner = IsInDb::new(&db, "person.id").label("%(name)s").unwrap().zero("choose one");
    let dog = Table::new("dog")
        .field(Field::string("name"))
        .field(Field::reference("owner", "person").requires(owner));
    let dog = db.define(dog.create()).await.unwrap();

    let form = open(&Form::for_table(&db, &dog)).await.to_string();
    assert!(form.contains("<option value=\"\">choose one</option>"), "{form}");
    assert!(form.contains("<option value=\"2\">Elaine</option>"), "{form}");
    let refused = submit(&Form::for_table(&db, &dog), "name=Rex&owner=7").await;
    assert_eq!(refused.error_of("owner").unwrap().text(), "Value not in database");
    assert!(submit(&Form::for_table(&db, &dog), "name=Rex&owner=2").await.accepted());

    let labels = async |rule: IsInDb| {
        let rules = Rules::one(rule.without_zero());
        let choices = rules.options().wait().await.unwrap().unwrap();
        choices.iter().map(|choice| choice.label.clone()).collect::<Vec<_>>().join(" ")
    };
    let all = db.set(&person);
    let from_two = all.clone().filter(all.col("id").gte(2));
    assert_eq!(labels(IsInDb::new(from_two, "person.id").label_field("name")).await, "Elaine Kramer");
    let rule = || IsInDb::new(&db, "person.id");
    assert_eq!(
        labels(rule().label_with(|row| format!("<{}>", row["id"])).order_by("~id")).await,
        "<3> <2> <1>"
    );
    assert_eq!(labels(rule().label_field("name").order_by("id")).await, "George Elaine Kramer");
    let sorted = rule().label_field("name").order_by("id").sort().cache(Duration::from_secs(60)).distinct();
    assert_eq!(labels(sorted).await, "Elaine George Kramer");
}

/// In a list of rules it checks and is no drop-down list; `_and` keeps the list.
#[tokio::test]
async fn is_in_db_with_further_validators() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let person = people(&db, &["George", "Elaine"]).await;
    let in_db = || IsInDb::new(&db, "person.id").label("{name}").unwrap();
    let listed = Field::reference("owner", "person").requires(Rules::list().and(in_db()));
    assert!(!open(&Form::for_fields("dog", [listed])).await.to_string().contains("<select"));

    let all = db.set(&person);
    let subset = all.clone().filter(all.col("id").gt(1));
    let both = Field::reference("owner", "person").requires(in_db().and(IsNotInDb::new(subset, "person.id")));
    assert!(both.validate("1").await.is_ok());
    assert!(both.validate("2").await.is_err());
    assert!(open(&Form::for_fields("dog", [both])).await.to_string().contains("<select"));
}

/// `multiple=True` and `multiple=(1, 10)` on a `list:reference` field.
#[tokio::test]
async fn is_in_db_and_tagging() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    people(&db, &["George", "Elaine"]).await;
    let tags = |rule: IsInDb| {
        Field::new("owners", FieldType::ListReference { table: "person".into() }).requires(rule)
    };
    let some = tags(IsInDb::new(&db, "person.id").multiple(1..10));
    assert!(some.validate(Value::List(vec![])).await.is_err());
    assert!(some.validate(Value::List(vec!["1".into(), "2".into()])).await.is_ok());

    let any = tags(IsInDb::new(&db, "person.id").multiple(..));
    let dog = db.define(Table::new("dog").field(any).create()).await.unwrap();
    assert!(
        open(&Form::for_table(&db, &dog))
            .await
            .to_string()
            .contains("<select id=\"dog_owners\" name=\"owners\" multiple")
    );
    assert!(submit(&Form::for_table(&db, &dog), "owners=1&owners=2").await.accepted());
    let row = db.get(&dog, &RowId::from(1)).await.unwrap().unwrap();
    assert_eq!(row["owners"], Value::List(vec![1.into(), 2.into()]));
}

/// `custom_check`.
#[tokio::test]
async fn validation_functions() {
    fn custom_check(form: &mut FormCheck) {
        if form.error("name").is_none() && form.text("name").chars().count() < 4 {
            form.refuse("name", "too short");
        }
    }

    let (db, thing) = thing().await;
    let spec = Form::for_table(&db, &thing).validation(custom_check);
    let short = submit(&spec, "name=Ant&color=red").await;
    assert_eq!(short.error_of("name").unwrap().text(), "too short");
    assert_eq!(db.set(&thing).count().await.unwrap(), 0, "no database I/O takes place");
    assert_eq!(submit(&spec, "name=&color=red").await.error_of("name").unwrap().text(), "Enter a value");
    assert!(submit(&spec, "name=Hulk&color=red").await.accepted());
}
