//! Validators on fields: one, several, messages, and a check without any form.

use std::sync::Arc;

use frontdesk::prelude::*;

use crate::{accepted, ask, refused};

/// In the definition, and afterwards.
#[tokio::test]
async fn a_validator_for_a_table_field() {
    let defined = Table::new("person")
        .field(Field::string("name").requires(IsNotEmpty::new()))
        .field(Field::string("job"));

    let mut changed = Table::new("person").field(Field::string("name")).field(Field::string("job"));
    changed.get_mut("name").unwrap().requires = Some(IsNotEmpty::new().into());

    for table in [defined, changed] {
        let name = table.get("name").unwrap();
        assert_eq!(name.validate("").await.unwrap_err().text(), "Enter a value");
    }
}

/// `[IS_NOT_EMPTY(), IS_NOT_IN_DB(db, 'person.name')]`.
#[tokio::test]
async fn a_list_of_validators() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let rules = Rules::list().and(IsNotEmpty::new()).and(IsNotInDb::new(&db, "person.name"));
    let person = Table::new("person").field(Field::string("name").requires(rules)).create();
    let person = db.define(person).await.unwrap();
    db.insert(&person, Values::new().with("name", "Elaine")).await.unwrap();

    let name = person.get("name").unwrap();
    assert_eq!(name.validate("").await.unwrap_err().text(), "Enter a value");
    assert_eq!(name.validate("Elaine").await.unwrap_err().text(), "Value already in database or empty");
    assert_eq!(name.validate("George").await, Ok("George".into()));
}

/// The validators that `list:` fields take.
#[tokio::test]
async fn validators_of_list_fields() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let tag = db.define(Table::new("tag").field(Field::string("name")).create()).await.unwrap();
    db.insert(&tag, Values::new().with("name", "strong")).await.unwrap();

    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.into()).collect());
    let tags = Field::new("tags", FieldType::ListReference { table: "tag".into() });
    let tags = tags.requires(IsInDb::new(&db, "tag.id").multiple(..));
    assert!(tags.validate(list(&["1"])).await.is_ok());
    assert!(tags.validate(list(&["1", "2"])).await.is_err());

    assert_eq!(ask(IsInSet::new(["a", "b"]).multiple(..), list(&["a", "b"])), Ok(list(&["a", "b"])));
    assert_eq!(ask(IsNotEmpty::new(), list(&[])), refused("Enter a value"));
    assert_eq!(ask(IsListOfEmails::new(), list(&["a@b.com"])), Ok(list(&["a@b.com"])));
    assert_eq!(ask(IsListOf::new(IsEmail::new()), list(&["a@b.com"])), Ok(list(&["a@b.com"])));

    // `multiple=(1, 1000)`: at least one choice. A range says whether its end is included.
    let some = IsInSet::new(["a", "b"]).multiple(1..1000);
    assert!(ask(some.clone(), list(&[])).is_err());
    assert!(ask(some, list(&["b"])).is_ok());
    let data = serde_json::json!({"rule": "is_in_set", "theset": ["a", "b"], "multiple": [1, 1000]});
    assert!(Registry::standard().rules(&data).unwrap().check_now(list(&[])).is_err());
}

/// `error_message`, on the validator and on a field's.
#[tokio::test]
async fn error_messages() {
    assert_eq!(ask(IsNotEmpty::new().error_message("cannot be empty!"), ""), refused("cannot be empty!"));

    // A translation is a text like any other.
    let translate =
        |text: &str| if text == "fill this!" { "bitte ausfüllen!".to_owned() } else { text.to_owned() };
    let name = Field::string("name").requires(IsNotEmpty::new().error_message(translate("fill this!")));
    assert_eq!(name.validate(" ").await.unwrap_err().text(), "bitte ausfüllen!");
}

/// `db.person.name.validate(value)`: the value, or the error.
#[tokio::test]
async fn a_field_checks_a_value() {
    let name = Field::string("name").requires(IsUpper::new());
    assert_eq!(name.validate("ada").await, Ok("ADA".into()));
}

/// The console of the document.
#[test]
fn validators_called_directly() {
    assert_eq!(ask(IsAlphanumeric::new(), "test"), accepted("test"));
    assert_eq!(ask(IsAlphanumeric::new(), "test!"), refused("Enter only letters, numbers, and underscore"));
    let own = IsAlphanumeric::new().error_message("this is not alphanumeric");
    assert_eq!(ask(own, "test!"), refused("this is not alphanumeric"));
}

/// `dir(validators)`: every validator of the document is known by its name.
#[test]
fn the_list_of_all_validators() {
    let names: Vec<_> = Registry::standard().names().collect();
    for name in [
        "any_of",
        "cleanup",
        "crypt",
        "is_alphanumeric",
        "is_date",
        "is_date_in_range",
        "is_datetime",
        "is_datetime_in_range",
        "is_decimal_in_range",
        "is_email",
        "is_empty_or",
        "is_equal_to",
        "is_expr",
        "is_file",
        "is_float_in_range",
        "is_image",
        "is_in_set",
        "is_int_in_range",
        "is_ipaddress",
        "is_ipv4",
        "is_ipv6",
        "is_json",
        "is_length",
        "is_list_of",
        "is_list_of_emails",
        "is_lower",
        "is_match",
        "is_not_empty",
        "is_null_or",
        "is_safe",
        "is_slug",
        "is_strong",
        "is_time",
        "is_upload_filename",
        "is_upper",
        "is_url",
    ] {
        assert!(names.contains(&name), "{name}");
    }
}

/// A rule is shared by fields without a copy.
#[test]
fn a_validator_can_be_shared() {
    let rule: Arc<dyn Validator> = Arc::new(IsLower::new());
    for field in [Field::string("a").requires(Arc::clone(&rule)), Field::string("b").requires(rule)] {
        assert_eq!(field.rules().check_now("A".into()), Ok("a".into()));
    }
}
