//! The rules that ask the database, in every form that the vectors do not show.

use std::time::Duration;

use frontdesk_data::{Db, Field, IsInDb, IsNotInDb, Table, Value, Values, rules};
use frontdesk_validate::{Context, IsIntInRange, Registry, Rules};
use serde_json::{Value as Json, json};

async fn albums(db: Db) -> Db {
    let artist = db.define(Table::new("artist").field(Field::string("name")).create()).await.unwrap();
    let album =
        Table::new("album").field(Field::string("title")).field(Field::reference("artist_id", "artist"));
    let album = db.define(album.field(Field::integer("year")).create()).await.unwrap();
    for name in ["Nina Simone", "aretha"] {
        db.insert(&artist, Values::new().with("name", name)).await.unwrap();
    }
    for (title, by, year) in
        [("Pastel Blues", Some(1), 1965), ("Lady Soul", Some(2), 1968), ("Unknown", None, 1965)]
    {
        let values = Values::new().with("title", title).with("artist_id", Value::from(by)).with("year", year);
        db.insert(&album, values).await.unwrap();
    }
    db
}

async fn choices(rules: impl Into<Rules>) -> Vec<(String, String)> {
    let rules = rules.into();
    let choices =
        rules.options().wait().await.expect("the database is there").expect("it is a choice").into_owned();
    choices.into_iter().map(|choice| (choice.value, choice.label)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
}

async fn code(rules: &Rules, value: impl Into<Value>) -> Result<Value, String> {
    rules.validate(value.into(), Context::empty()).await.map_err(|error| error.code().to_owned())
}

async fn labels_are_templates_fields_closures_and_joined_columns(db: Db) {
    let db = albums(db).await;
    let rule = || IsInDb::new(&db, "album").without_zero();
    let titled = pairs(&[("2", "Lady Soul"), ("1", "Pastel Blues"), ("3", "Unknown")]);
    assert_eq!(choices(rule().label("{title}").unwrap()).await, titled);
    assert_eq!(choices(rule().label_field("title")).await, titled);
    assert_eq!(
        choices(rule().label_with(|row| format!("{} ({})", row["title"], row["year"]))).await,
        pairs(&[("1", "Pastel Blues (1965)"), ("2", "Lady Soul (1968)"), ("3", "Unknown (1965)")])
    );
    assert_eq!(
        choices(rule().left("artist_id").label("{title}, {artist_id.name}").unwrap()).await,
        pairs(&[("2", "Lady Soul, aretha"), ("1", "Pastel Blues, Nina Simone"), ("3", "Unknown, ")])
    );
    assert_eq!(choices(rule().label("{title}{nothing}{artist_id.name}").unwrap()).await, titled);
    assert!(rule().label("{title").is_err());
}

async fn order_groups_and_sets(db: Db) {
    let db = albums(db).await;
    let album = db.table("album").unwrap();
    let by_year = IsInDb::new(&db, "album").label("{title}").unwrap().order_by("~year").order_by("title");
    assert_eq!(
        choices(by_year).await,
        pairs(&[("", ""), ("2", "Lady Soul"), ("1", "Pastel Blues"), ("3", "Unknown")])
    );
    let years = IsInDb::new(&db, "album.year").distinct().zero("which year?");
    assert_eq!(choices(years).await, pairs(&[("", "which year?"), ("1965", "1965"), ("1968", "1968")]));
    let groups = IsInDb::new(&db, "album.year").group_by("album.year").order_by("~album.year").without_zero();
    assert_eq!(choices(groups).await, pairs(&[("1968", "1968"), ("1965", "1965")]));
    let old = IsInDb::new(db.set(&album).filter(album.col("year").lt(1966)), "album.id").without_zero();
    assert_eq!(
        choices(old.label("{title}").unwrap().sort()).await,
        pairs(&[("1", "Pastel Blues"), ("3", "Unknown")])
    );
    // The artists of albums: a column that may be null offers none for it.
    let artists = IsInDb::new(&db, "album.artist_id").without_zero();
    assert_eq!(choices(artists).await, pairs(&[("1", "1"), ("2", "2")]));
}

async fn in_a_list_it_only_checks(db: Db) {
    let db = albums(db).await;
    let listed = Rules::list().and(IsInDb::new(&db, "album"));
    assert!(listed.options().wait().await.unwrap().is_none());
    assert_eq!(code(&listed, "1").await, Ok(Value::Int(1)));
    let further = Rules::one(IsInDb::new(&db, "album").and(IsIntInRange::any().min(2)));
    assert!(further.options().wait().await.unwrap().is_some());
    assert_eq!(code(&further, "1").await, Err("is_int_in_range.min".to_owned()));
    assert_eq!(code(&further, "9").await, Err("is_in_db".to_owned()));
}

#[tokio::test]
async fn several_values_are_each_in_the_database() {
    let db = albums(Db::open("sqlite::memory:").await.unwrap()).await;
    let several = Rules::one(IsInDb::new(&db, "album").multiple(1..=2).delimiter(";"));
    assert!(several.multiple() && !several.accept_empty());
    for (value, expected) in [
        (Value::List(vec!["1".into(), Value::Int(3)]), Ok(Value::List(vec!["1".into(), Value::Int(3)]))),
        (Value::List(vec!["1".into(), Value::Int(1)]), Ok(Value::List(vec!["1".into()]))),
        (Value::List(vec![1.into(), 2.into(), 3.into()]), Err("is_in_db".to_owned())),
        (Value::List(vec![1.into(), 9.into()]), Err("is_in_db".to_owned())),
        (Value::List(vec![1.into(), Value::Null]), Err("is_in_db".to_owned())),
        (Value::List(vec![Value::List(vec![1.into()])]), Err("is_in_db".to_owned())),
        ("1;3".into(), Ok(Value::List(vec!["1".into(), "3".into()]))),
        (Value::Null, Err("is_in_db".to_owned())),
        (Value::List((0..100_000).map(Value::from).collect()), Err("is_in_db".to_owned())),
    ] {
        assert_eq!(code(&several, value.clone()).await, expected);
    }
    // A column may take two texts for the same.
    db.execute("CREATE TABLE tag (name TEXT COLLATE NOCASE PRIMARY KEY NOT NULL)", []).await.unwrap();
    db.execute("INSERT INTO tag VALUES ('Red'), ('blue')", []).await.unwrap();
    db.introspect().await.unwrap();
    let tags = Rules::one(IsInDb::new(&db, "tag").multiple(..));
    assert!(code(&tags, Value::List(vec!["RED".into(), "Red".into(), "blue".into()])).await.is_ok());
    assert!(code(&tags, Value::List(vec!["RED".into(), "green".into()])).await.is_err());
}

async fn too_many_rows_are_no_list(db: Db) {
    let db = albums(db).await;
    assert!(Rules::one(IsInDb::new(&db, "album").most_choices(2)).options().wait().await.unwrap().is_none());
    assert_eq!(choices(IsInDb::new(&db, "album").most_choices(3)).await.len(), 4);
}

async fn kept_choices_are_read_once_and_checks_are_not_kept(db: Db) {
    let db = albums(db).await;
    let kept = Rules::one(IsInDb::new(&db, "artist").cache(Duration::from_secs(3600)));
    let count = async |rules: &Rules| rules.options().wait().await.unwrap().unwrap().len();
    assert_eq!(count(&kept).await, 3);
    let artist = db.table("artist").unwrap();
    db.insert(&artist, Values::new().with("name", "Etta")).await.unwrap();
    assert_eq!(count(&kept).await, 3);
    assert_eq!(code(&kept, "3").await, Ok(Value::Int(3)));
    assert_eq!(count(&Rules::one(IsInDb::new(&db, "artist").cache(Duration::ZERO))).await, 4);
}

async fn form_06_a_database_that_cannot_be_asked_is_never_a_pass(db: Db) {
    let db = albums(db).await;
    let album = db.table("album").unwrap();
    let rules = [
        Rules::one(IsInDb::new(&db, "album")),
        Rules::one(IsInDb::new(&db, "album").multiple(..)),
        Rules::one(IsNotInDb::new(&db, "album.title")),
        Rules::one(IsInDb::new(db.set(&album), "album.id")),
    ];
    let unknown = [
        Rules::one(IsInDb::new(&db, "no_table.id")),
        Rules::one(IsInDb::new(&db, "album.no_field")),
        Rules::one(IsInDb::new(db.set(&album), "artist.id")),
        Rules::one(IsNotInDb::new(&db, "no_table.id")),
    ];
    for rules in &unknown {
        assert!(
            rules.validate("1".into(), Context::empty()).await.unwrap_err().is_unavailable(),
            "{rules:?}"
        );
    }
    db.close().await;
    for rules in &rules {
        assert!(
            rules.validate("1".into(), Context::empty()).await.unwrap_err().is_unavailable(),
            "{rules:?}"
        );
    }
    assert!(rules[0].options().wait().await.is_err());
}

#[tokio::test]
async fn the_own_record_is_left_out_by_its_whole_key() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let sql = "CREATE TABLE seat (area TEXT, number INTEGER, guest TEXT, PRIMARY KEY (area, number))";
    db.execute(sql, []).await.unwrap();
    db.execute("INSERT INTO seat VALUES ('a', 1, 'Ada'), ('a', 2, 'Bob'), (NULL, 3, 'Eve')", [])
        .await
        .unwrap();
    db.introspect().await.unwrap();
    let guest = Rules::one(IsNotInDb::new(&db, "seat.guest"));
    let first = [("area", "a".into()), ("number", 1.into())];
    let other_table = [("id", 1.into())];
    let is_ok = async |name: &str, record: &[(&str, Value)]| {
        guest.validate(name.into(), Context::empty().with_record(record)).await.is_ok()
    };
    assert!(is_ok("Ada", &first).await);
    assert!(!is_ok("Bob", &first).await);
    assert!(!is_ok("Eve", &first).await, "a row without an identity is another one");
    assert!(!is_ok("Ada", &other_table).await);
    assert!(!is_ok("Ada", &[]).await);
}

async fn as_data_what_does_not_exist_is_named(db: Db) {
    let db = albums(db).await;
    let mut registry = Registry::standard();
    rules::register(&mut registry, &db);
    let problem = |rule: Json| registry.rules(&rule).expect_err("it is wrong").to_string();
    for (rule, expected) in [
        (json!({"rule": "is_in_db"}), "rule `is_in_db` needs the argument `field`"),
        (
            json!({"rule": "is_in_db", "field": "albun.id"}),
            "names `albun.id`, which is in no table; did you mean `album`?",
        ),
        (
            json!({"rule": "is_in_db", "field": "album.titel"}),
            "names `titel`, which the table `album` does not have; did you mean `title`?",
        ),
        (
            json!({"rule": "is_in_db", "field": "album", "orderby": "~album.yaer"}),
            "`orderby` names `yaer`, which the table `album` does not have; did you mean `year`?",
        ),
        (
            json!({"rule": "is_in_db", "field": "album", "set": [["album.yar", "=", 1]]}),
            "`set` names `album.yar`",
        ),
        (
            json!({"rule": "is_in_db", "field": "album", "set": [["album.year", "~", 1]]}),
            "has the operator `~`; known are =, !=, <, <=, >, >=",
        ),
        (
            json!({"rule": "is_in_db", "field": "album", "set": [["album.year"]]}),
            "`set` wants a list of conditions",
        ),
        (
            json!({"rule": "is_in_db", "field": "album", "label": "{title"}),
            "`label` the label `{title` has no end",
        ),
        (
            json!({"rule": "is_in_db", "field": "album", "multiple": [1]}),
            "`multiple` wants true, false or two whole numbers",
        ),
        (
            json!({"rule": "is_in_db", "field": "album", "lable": "{title}"}),
            "no argument `lable`; did you mean `label`?",
        ),
        (json!({"rule": "is_not_in_db", "field": "album.nope"}), "names `nope`"),
    ] {
        let found = problem(rule);
        assert!(found.contains(expected), "{found}\nexpected {expected}");
    }
    let all = json!({
        "rule": "is_in_db", "field": "album", "label": "%(title)s, {artist_id.name}", "left": "artist_id", "cache": 0.5,
        "orderby": ["~year", "album.title"], "zero": null, "sort": false, "ignore_common_filters": true, "distinct": false,
        "most_choices": 10, "error_message": "no such album", "_and": [{"rule": "is_int_in_range", "minimum": 2}],
    });
    let rule = registry.rules(&all).unwrap();
    assert_eq!(
        choices(rule).await,
        pairs(&[("2", "Lady Soul, aretha"), ("1", "Pastel Blues, Nina Simone"), ("3", "Unknown, ")])
    );
    let rule = registry.rules(&all).unwrap();
    assert_eq!(rule.validate("9".into(), Context::empty()).await.unwrap_err().text(), "no such album");
}

#[tokio::test]
async fn names_may_hold_dots() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    db.execute("CREATE TABLE \"a.b\" (\"c.d\" TEXT PRIMARY KEY NOT NULL)", []).await.unwrap();
    db.execute("INSERT INTO \"a.b\" VALUES ('x')", []).await.unwrap();
    db.introspect().await.unwrap();
    for rule in
        [IsInDb::new(&db, "a.b"), IsInDb::new(&db, "a.b.c.d"), IsInDb::column(&db, "a.b", Some("c.d".into()))]
    {
        assert_eq!(code(&rule.into(), "x").await, Ok("x".into()));
    }
}

crate::support::on_each_database! {
    labels_are_templates_fields_closures_and_joined_columns,
    order_groups_and_sets,
    in_a_list_it_only_checks,
    too_many_rows_are_no_list,
    kept_choices_are_read_once_and_checks_are_not_kept,
    form_06_a_database_that_cannot_be_asked_is_never_a_pass,
    as_data_what_does_not_exist_is_named,
}
