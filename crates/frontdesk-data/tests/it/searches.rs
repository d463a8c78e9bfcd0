//! References to tables that are too large for a drop-down list: found, labelled and added by the rule.

use std::time::Duration;

use frontdesk_data::{Db, DbOptions, Field, FieldType, IsInDb, Table, Value, Values, rules};
use frontdesk_validate::{Choice, Context, Found, IsEmptyOr, IsLength, IsNotEmpty, Registry, Rules};
use serde_json::json;

use crate::support::File;

async fn found(rules: &Rules, text: &str, most: usize) -> (Vec<String>, bool) {
    let Found { choices, more } =
        rules.search().expect("it can be searched").search(text, most).await.unwrap();
    (choices.into_iter().map(|choice| choice.label).collect(), more)
}

async fn labels(rules: &Rules, text: &str) -> Vec<String> {
    let (labels, more) = found(rules, text, 20).await;
    assert!(!more, "{labels:?}");
    labels
}

async fn people(db: Db, names: &[&str]) -> Db {
    let person = Table::new("person")
        .field(Field::string("name"))
        .field(Field::string("town"))
        .field(Field::string("note").secret())
        .readable("{name} ({town})".parse().unwrap())
        .create();
    let person = db.define(person).await.unwrap();
    for name in names {
        let (name, town) = name.split_once('/').unwrap_or((name, ""));
        let values = Values::new().with("name", name).with("town", town).with("note", "hidden");
        db.insert(&person, values).await.unwrap();
    }
    db
}

async fn choices_are_found_by_the_words_of_their_labels(db: Db) {
    let db = people(
        db,
        &["Nina Simone/Tryon", "Simone Weil/Paris", "John Cage/Los Angeles", "Ärzte/Berlin", "50% Off_"],
    )
    .await;
    let rules = Rules::one(IsInDb::new(&db, "person"));
    // What begins with the text comes first; then what has its words somewhere.
    assert_eq!(labels(&rules, "simone").await, ["Simone Weil (Paris)", "Nina Simone (Tryon)"]);
    assert_eq!(labels(&rules, "  SIMONE ").await.len(), 2);
    assert_eq!(labels(&rules, "paris weil").await, ["Simone Weil (Paris)"]);
    assert_eq!(labels(&rules, "ärz").await, ["Ärzte (Berlin)"]);
    assert_eq!(labels(&rules, "ÄRZTE").await, ["Ärzte (Berlin)"]);
    assert_eq!(labels(&rules, "%").await, ["50% Off_ ()"]);
    assert_eq!(labels(&rules, "f_").await, ["50% Off_ ()"]);
    // The value itself is found, before texts that have it.
    assert_eq!(labels(&rules, "3").await, ["John Cage (Los Angeles)"]);
    assert_eq!(labels(&rules, "5").await, ["50% Off_ ()"]);
    assert_eq!(labels(&rules, "nobody").await, [""; 0]);
    // What may not be read is not found by it.
    assert_eq!(labels(&rules, "hidden").await, [""; 0]);
    assert_eq!(labels(&rules, &"x".repeat(100_000)).await, [""; 0]);
    let (mut often, mut once) = (labels(&rules, &"a ".repeat(100_000)).await, labels(&rules, "a").await);
    often.sort();
    once.sort();
    assert_eq!(often, once);
    labels(&rules, "si\0mone ' \" \\ ; -- [ ] * ?").await;
    // Without text, the first of all.
    assert_eq!(
        found(&rules, "", 2).await,
        (vec!["50% Off_ ()".to_owned(), "John Cage (Los Angeles)".to_owned()], true)
    );
    assert!(!found(&rules, " ", 5).await.1);
    assert_eq!(found(&rules, "o", 0).await, (vec![], true));
}

async fn a_search_is_there_for_every_way_to_say_a_reference(db: Db) {
    let db = people(db, &["Ada", "Eve"]).await;
    let is_in_db = || IsInDb::new(&db, "person").most_choices(1);
    for rules in [
        Rules::one(is_in_db()),
        Rules::one(IsEmptyOr::new(is_in_db())),
        Rules::one(IsEmptyOr::new(is_in_db().multiple(..))),
        Rules::one(is_in_db().label("{name}").unwrap()),
        Rules::one(is_in_db().label_with(|row| row["name"].to_text().into_owned())),
        Rules::one(is_in_db().order_by("~name").sort().cache(Duration::from_secs(9))),
    ] {
        assert!(rules.options().wait().await.unwrap().is_none(), "too many for a list");
        assert_eq!(labels(&rules, "ev").await.len(), 1, "{rules:?}");
        assert!(!rules.search().unwrap().creates());
        assert_eq!(rules.search().unwrap().create("Bob").await.unwrap_err().code(), "create");
    }
    // Behind another rule it only checks, as in a drop-down list.
    assert!(Rules::list().and(is_in_db()).search().is_none());
    assert!(Rules::one(IsNotEmpty::new()).search().is_none());

    // References of a table that is described by the database itself.
    let pet = Table::new("pet")
        .field(Field::reference("owner", "person"))
        .field(Field::new("friends", FieldType::ListReference { table: "person".into() }))
        .create();
    let pet = db.define(pet).await.unwrap();
    for field in ["owner", "friends"] {
        assert_eq!(labels(pet.get(field).unwrap().rules(), "ad").await, ["Ada ()"], "{field}");
    }
    let schema = db.introspect().await.unwrap();
    let owner = schema.get("pet").unwrap().get("owner").unwrap().rules().clone();
    assert_eq!(labels(&owner, "ad").await.len(), 1);
}

async fn sets_joins_and_distinct_values_are_searched_too(db: Db) {
    let db = people(db, &["Ada/London", "Eve/Paris", "Bob/London", "Ann/"]).await;
    let person = db.table("person").unwrap();
    let pet =
        Table::new("pet").field(Field::string("name")).field(Field::reference("owner", "person")).create();
    let pet = db.define(pet).await.unwrap();
    for (name, owner) in [("Rex", 1), ("Tom", 2)] {
        db.insert(&pet, Values::new().with("name", name).with("owner", owner)).await.unwrap();
    }
    let londoners = IsInDb::new(db.set(&person).filter(person.col("town").eq("London")), "person.id");
    assert_eq!(labels(&Rules::one(londoners), "e").await, [""; 0]);
    let owned = IsInDb::new(&db, "pet").left("owner").label("{name} of {owner.name}").unwrap();
    let owned = Rules::one(owned);
    assert_eq!(labels(&owned, "eve").await, ["Tom of Eve"]);
    assert_eq!(labels(&owned, "eve rex").await, [""; 0]);
    let towns = Rules::one(IsInDb::new(&db, "person.town").distinct());
    assert_eq!(labels(&towns, "lon").await, ["London"]);
    let groups = Rules::one(IsInDb::new(&db, "person.town").group_by("town"));
    assert_eq!(labels(&groups, "a").await, ["Paris"]);
}

#[tokio::test]
async fn values_that_are_chosen_have_their_labels() {
    let db = people(Db::open("sqlite::memory:").await.unwrap(), &["Ada", "Eve", "Bob"]).await;
    let rules = Rules::one(IsInDb::new(&db, "person").multiple(..));
    let values = [Value::from("3"), Value::Int(1), "9".into(), "x".into(), Value::Null, Value::Int(3)];
    let labels = rules.search().unwrap().labels(&values).await.unwrap();
    assert_eq!(labels, [Choice::new("3", "Bob ()"), Choice::new("1", "Ada ()")]);
    assert_eq!(rules.search().unwrap().labels(&[]).await.unwrap(), []);
    let many: Vec<Value> = (0..3000).map(Value::from).collect();
    assert_eq!(rules.search().unwrap().labels(&many).await.unwrap().len(), 3);
    db.execute("CREATE TABLE tag (name TEXT COLLATE NOCASE PRIMARY KEY NOT NULL)", []).await.unwrap();
    db.execute("INSERT INTO tag VALUES ('Red')", []).await.unwrap();
    db.introspect().await.unwrap();
    let tags = Rules::one(IsInDb::new(&db, "tag"));
    assert_eq!(tags.search().unwrap().labels(&["RED".into()]).await.unwrap(), [Choice::new("Red", "Red")]);
    assert_eq!(found(&tags, "re", 20).await.0, ["Red"]);
}

async fn a_missing_row_is_added_by_the_rules_of_its_table(db: Db) {
    let tag = Table::new("tag")
        .field(Field::string("name").not_null().unique().requires(IsLength::max(10)))
        .field(Field::boolean("hot").not_null())
        .field(Field::string("color").default("red"))
        .field(Field::string("note"))
        .create();
    let tag = db.define(tag).await.unwrap();
    let rules =
        Rules::one(IsEmptyOr::new(IsInDb::new(&db, "tag").label("{name}").unwrap().create_with("name")));
    let search = rules.search().unwrap();
    assert!(search.creates());
    let rust = search.create("  rust ").await.unwrap();
    assert_eq!(rust, Choice::new("1", "rust"));
    assert_eq!(rules.validate("1".into(), Context::empty()).await, Ok(Value::Int(1)));
    let row = db.get(&tag, &1.into()).await.unwrap().unwrap();
    assert_eq!((&row["hot"], &row["color"], &row["note"]), (&false.into(), &"red".into(), &Value::Null));
    assert_eq!(search.create("rust").await.unwrap(), rust);
    assert_eq!(search.create("much too long a name").await.unwrap_err().code(), "is_length");
    assert_eq!(search.create(" ").await.unwrap_err().code(), "create.empty");
    assert_eq!(search.create("a\0b").await.unwrap_err().code(), "nul");
    // Of many at once, one row is made.
    let made: Vec<_> = (0..20)
        .map(|_| {
            let rules = rules.clone();
            tokio::spawn(async move { rules.search().unwrap().create("go").await.unwrap() })
        })
        .collect();
    for one in made {
        assert_eq!(one.await.unwrap().label, "go");
    }
    assert_eq!(db.set(&tag).count().await.unwrap(), 2);
}

async fn what_the_table_refuses_is_not_added(db: Db) {
    let club = Table::new("club")
        .field(Field::string("name"))
        .field(Field::string("mail").not_null().requires(IsNotEmpty::new()))
        .field(Field::string("kind"))
        .create();
    let club = db.define(club).await.unwrap();
    let rule = || IsInDb::new(&db, "club").label("{name}").unwrap();
    let error = Rules::one(rule().create_with("name")).search().unwrap().create("x").await.unwrap_err();
    assert_eq!((error.code(), error.text()), ("create.field", "Mail: Enter a value"));
    // A row that would be none of the choices.
    let outside =
        IsInDb::new(db.set(&club).filter(club.col("kind").eq("open")), "club.id").create_with("mail");
    let error = Rules::one(outside).search().unwrap().create("x@y").await.unwrap_err();
    assert_eq!(error.code(), "create.outside");
    let error = Rules::one(rule().create_with("size")).search().unwrap().create("x").await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(db.set(&club).count().await.unwrap(), 0);
    let added = Rules::one(rule().create_with("mail")).search().unwrap().create("x@y").await.unwrap();
    let id = added.value.parse::<i64>().unwrap().into();
    assert_eq!(db.get(&club, &id).await.unwrap().unwrap()["mail"], "x@y".into());
}

async fn adding_is_asked_for_as_data(db: Db) {
    let db = people(db, &["Ada"]).await;
    let mut registry = Registry::standard();
    rules::register(&mut registry, &db);
    let data = json!({"rule": "is_empty_or", "other":
        {"rule": "is_in_db", "field": "person.id", "label": "{name}", "create_with": "person.name"}});
    let owner = registry.rules(&data).unwrap();
    assert_eq!(owner.search().unwrap().create("Eve").await.unwrap(), Choice::new("2", "Eve"));
    let wrong = json!({"rule": "is_in_db", "field": "person.id", "create_with": "nam"});
    let error = registry.rules(&wrong).unwrap_err().to_string();
    assert!(error.contains("create_with") && error.contains("`name`"), "{error}");
}

/// 100,000 people with an index on their names, in a file that another program made.
fn many(index: &str) -> File {
    File::made_by(&format!(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         INSERT INTO person (name)
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
             SELECT printf('%s%05d', char(65 + i % 26), i) FROM n;
         INSERT INTO person (name) VALUES ('Zoë Quinn'), ('zoë lower'), ('ZOË UPPER');
         {index}"
    ))
}

const INDEXES: [&str; 3] =
    ["CREATE INDEX by_name ON person (name)", "CREATE INDEX by_name ON person (name COLLATE NOCASE)", ""];

async fn names_of(file: &File, options: DbOptions) -> (Db, Rules) {
    let db = file.open_with(options).await;
    db.define(Table::new("person").field(Field::string("name"))).await.unwrap();
    let rules = Rules::one(IsInDb::new(&db, "person").label("{name}").unwrap());
    (db, rules)
}

#[tokio::test]
async fn a_large_table_is_searched_with_and_without_an_index() {
    for index in INDEXES {
        let file = many(index);
        let (_db, rules) = names_of(&file, DbOptions::new()).await;
        assert!(rules.options().wait().await.unwrap().is_none());
        let (names, more) = found(&rules, "c00", 20).await;
        assert_eq!((names.len(), &*names[0], more), (20, "C00002", true), "{index}");
        assert!(names.iter().all(|name| name.starts_with("C00")), "{names:?}");
        let mut zoes = labels(&rules, "zoë").await;
        zoes.sort();
        assert_eq!(zoes, ["ZOË UPPER", "Zoë Quinn", "zoë lower"], "{index}");
        // The row of that key, and the label that has it.
        assert_eq!(labels(&rules, "99999").await, ["C99998", "D99999"], "{index}");
        assert_eq!(labels(&rules, "quinn").await, ["Zoë Quinn"], "{index}");
        let (names, more) = found(&rules, "", 20).await;
        assert_eq!((&*names[0], more), ("A00000", true), "{index}");
    }
}

#[tokio::test]
async fn what_begins_with_a_text_is_found_without_reading_the_whole_table() {
    for index in INDEXES {
        let file = many(index);
        // Whatever looks at more than a few rows is ended at once.
        let (_db, rules) = names_of(&file, DbOptions::new().statement_timeout(Duration::ZERO)).await;
        let expected = if index.is_empty() { 0 } else { 20 };
        let (names, more) = found(&rules, "c00", 20).await;
        assert_eq!((names.len(), more), (expected, true), "{index}");
        // The value itself takes no time either; and what was found is told though the rest took too long.
        let (names, more) = found(&rules, "4711", 20).await;
        assert_eq!((names, more), (vec!["E04710".to_owned()], true), "{index}");
    }
}

crate::support::on_each_database! {
    choices_are_found_by_the_words_of_their_labels,
    a_search_is_there_for_every_way_to_say_a_reference,
    sets_joins_and_distinct_values_are_searched_too,
    adding_is_asked_for_as_data,
    a_missing_row_is_added_by_the_rules_of_its_table,
    what_the_table_refuses_is_not_added,
}
