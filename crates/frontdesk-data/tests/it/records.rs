//! Rows as structs: what goes in comes out, and odd rows are told.

use frontdesk_data::record::{Expected, FieldValue, RecordKey};
use frontdesk_data::sea_query::{Condition, Expr};
use frontdesk_data::{
    Db, Guarded, Id, Password, ReadError, Record, RecordErrorKind, Ref, RowId, Upload, Value, Values,
    WriteError,
};
use frontdesk_macros::{FieldValue, Table};
use frontdesk_validate::{Decimal, Timestamp, Uuid, civil};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{File, refusal};

crate::support::on_each_database! {
    every_type_comes_back_as_it_went_in,
    conditions_are_typed,
    what_the_table_works_out_is_left_to_it,
    an_update_that_somebody_was_faster_with_is_told,
    a_transaction_has_records_of_its_own,
    dates_of_other_crates_are_the_same_columns,
    a_table_that_is_not_there_is_an_error,
}

#[derive(Clone, Copy, Debug, PartialEq, FieldValue)]
#[field(crate = "frontdesk_data")]
enum Color {
    Red,
    DarkGreen,
    #[field(value = "navy", label = "Navy blue")]
    Blue,
}

#[derive(Clone, Debug, PartialEq, FieldValue)]
#[field(crate = "frontdesk_data", length = 40)]
struct Isbn(String);

#[derive(Clone, Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", create)]
struct Everything {
    id: Id,
    string: String,
    #[field(type = "text")]
    text: String,
    flag: bool,
    tiny: i8,
    small: i16,
    integer: i32,
    bigint: i64,
    byte: u8,
    word: u16,
    wide: u32,
    double: f64,
    money: Decimal,
    #[field(type = "decimal(12,6)")]
    exact: Decimal,
    date: civil::Date,
    time: civil::Time,
    datetime: civil::DateTime,
    #[field(zone = "Europe/Berlin")]
    instant: Timestamp,
    uuid: Uuid,
    json: serde_json::Value,
    blob: Vec<u8>,
    password: Password,
    upload: Upload,
    color: Color,
    isbn: Isbn,
    parent: Option<Ref<Everything>>,
    strings: Vec<String>,
    integers: Vec<i64>,
    uploads: Vec<Upload>,
    colors: Vec<Color>,
    others: Vec<Ref<Everything>>,
    nothing: Option<i32>,
    #[field(skip)]
    loaded: bool,
}

fn everything() -> Everything {
    Everything {
        id: Id::new(),
        string: "Ada".into(),
        text: "two\nlines".into(),
        flag: true,
        tiny: i8::MIN,
        small: i16::MAX,
        integer: i32::MIN,
        bigint: i64::MAX,
        byte: 255,
        word: u16::MAX,
        wide: u32::MAX,
        double: 0.1,
        money: "1234567890.12".parse().unwrap(),
        exact: "123456.654321".parse().unwrap(),
        date: civil::date(2024, 2, 29),
        time: civil::time(23, 59, 59, 0),
        datetime: civil::date(1999, 12, 31).at(23, 59, 58, 0),
        instant: "2024-06-01T10:00:00.5Z".parse().unwrap(),
        uuid: Uuid::from_u128(7),
        json: json!({"b": [1, null], "a": "x"}),
        blob: vec![0, 255],
        password: Password::new("$argon2id$x"),
        upload: Upload::new("a/b.png"),
        color: Color::DarkGreen,
        isbn: Isbn("978-3".into()),
        parent: None,
        strings: vec!["a,b".into(), String::new()],
        integers: vec![-1, i64::MAX],
        uploads: vec![Upload::new("x")],
        colors: vec![Color::Blue, Color::Red],
        others: Vec::new(),
        nothing: None,
        loaded: false,
    }
}

async fn every_type_comes_back_as_it_went_in(db: Db) {
    let all = db.define_records::<Everything>().await.unwrap();
    let mut first = everything();
    let key = all.insert(&first).await.unwrap();
    first.id = Id::from(*key.key());
    assert_eq!(all.get(key).await.unwrap().as_ref(), Some(&first));

    let second = Everything { parent: Some(key), others: vec![key, key], nothing: Some(0), ..first.clone() };
    assert!(all.update(&second).await.unwrap());
    assert_eq!(all.all().await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(second.to_ref(), Some(key));

    // What is read without types reads back, too.
    let row = db.get(all.table(), &RowId::from(1)).await.unwrap().unwrap();
    assert_eq!(row["color"], "dark_green".into());
    assert_eq!(Everything::from_row(&row).unwrap(), second);
    assert_eq!(row.to_values(), second.values());

    assert!(all.delete(key).await.unwrap());
    assert!(!all.delete(key).await.unwrap());
    assert!(!all.update(&second).await.unwrap());
    assert_eq!(all.get(key).await.unwrap(), None);
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", name = "hero", create, readable = "{name}")]
struct Hero {
    id: Id,
    #[field(unique)]
    name: String,
    age: Option<i32>,
    #[field(default = Color::Red)]
    color: Color,
    #[field(update_with = || Value::Int(7))]
    changes: i64,
    #[field(compute = |row| Value::from(row["name"].to_text().chars().rev().collect::<String>()))]
    backwards: String,
}

fn hero(name: &str, age: Option<i32>) -> Hero {
    Hero { id: Id::new(), name: name.into(), age, color: Color::Blue, changes: 0, backwards: String::new() }
}

async fn conditions_are_typed(db: Db) {
    let heroes = db.define_records::<Hero>().await.unwrap();
    for (name, age) in [("Ada", Some(36)), ("Eve", None), ("Bob", Some(17)), ("Al", Some(90))] {
        heroes.insert(&hero(name, age)).await.unwrap();
    }
    let names = async |condition: Expr| -> Vec<String> {
        let found = heroes.list(|set| set.filter(condition).order_by(Hero::NAME)).await.unwrap();
        found.into_iter().map(|hero| hero.name).collect()
    };
    assert_eq!(names(Hero::AGE.gte(18)).await, ["Ada", "Al"]);
    assert_eq!(names(Hero::AGE.between(17, 36)).await, ["Ada", "Bob"]);
    assert_eq!(names(Hero::AGE.is_null()).await, ["Eve"]);
    assert_eq!(names(Hero::AGE.is_in([17, 90])).await, ["Al", "Bob"]);
    assert_eq!(names(Hero::NAME.eq("Ada")).await, ["Ada"]);
    assert_eq!(names(Hero::NAME.starts_with("a")).await, ["Ada", "Al"]);
    assert_eq!(names(Hero::COLOR.ne(Color::Blue)).await, [""; 0]);
    assert_eq!(names(Hero::ID.lt(2)).await, ["Ada"]);

    let any = Condition::any().add(Hero::AGE.lt(18)).add(Hero::NAME.contains("v"));
    assert_eq!(heroes.set().filter(any).count().await.unwrap(), 2);
    let oldest = heroes.first(|set| set.order_by_desc(Hero::AGE)).await.unwrap().unwrap();
    assert_eq!(oldest.name, "Al");
}

async fn what_the_table_works_out_is_left_to_it(db: Db) {
    let heroes = db.define_records::<Hero>().await.unwrap();
    let ada = heroes.insert(&hero("Ada", None)).await.unwrap();
    let mut stored = heroes.get(ada).await.unwrap().unwrap();
    assert_eq!((stored.backwards.as_str(), stored.changes), ("adA", 0));
    stored.name = "Eve".into();
    assert!(heroes.update(&stored).await.unwrap());
    let stored = heroes.get(1).await.unwrap().unwrap();
    assert_eq!((stored.backwards.as_str(), stored.changes), ("evE", 7));
}

async fn an_update_that_somebody_was_faster_with_is_told(db: Db) {
    let heroes = db.define_records::<Hero>().await.unwrap();
    let ada = heroes.insert(&hero("Ada", Some(36))).await.unwrap();
    let loaded = heroes.get(ada).await.unwrap().unwrap();
    let mine = Hero { age: Some(37), ..loaded.clone() };
    let theirs = Hero { color: Color::Red, ..loaded.clone() };
    assert_eq!(heroes.update_if(&mine, &loaded).await.unwrap(), Guarded::Done(RowId::from(1)));
    assert_eq!(heroes.update_if(&theirs, &loaded).await.unwrap(), Guarded::Changed);
    assert_eq!(heroes.update_if(&loaded, &loaded).await.unwrap(), Guarded::Changed);
    let now = heroes.get(ada).await.unwrap().unwrap();
    assert_eq!((now.age, now.color), (Some(37), Color::Blue));
    assert_eq!(heroes.update_if(&now, &now).await.unwrap(), Guarded::Done(RowId::from(1)));
    heroes.delete(ada).await.unwrap();
    assert_eq!(heroes.update_if(&mine, &now).await.unwrap(), Guarded::Gone);
    assert_eq!(heroes.update_if(&hero("new", None), &hero("new", None)).await.unwrap(), Guarded::Gone);
}

async fn a_transaction_has_records_of_its_own(db: Db) {
    let heroes = db.define_records::<Hero>().await.unwrap();
    let transaction = db.begin().await.unwrap();
    let inside = transaction.records::<Hero>();
    let ada = inside.insert(&hero("Ada", None)).await.unwrap();
    assert!(inside.get(ada).await.unwrap().is_some());
    assert!(heroes.get(ada).await.unwrap().is_none());
    drop(transaction);
    assert!(heroes.all().await.unwrap().is_empty());

    let transaction = db.begin().await.unwrap();
    transaction.records::<Hero>().insert(&hero("Eve", None)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(heroes.all().await.unwrap().len(), 1);
    assert_eq!(refusal(heroes.insert(&hero("Eve", None)).await), [("name".into(), "unique".into())]);
}

#[tokio::test]
async fn odd_rows_are_told_and_never_a_panic() {
    let file = File::made_by(
        "CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(20), age INTEGER, color VARCHAR(9), changes BIGINT,
             backwards TEXT);
         INSERT INTO hero VALUES (1, 'Ada', 'many', 'red', 0, ''), (2, 'Eve', 5000000000, 'red', 0, ''),
             (3, NULL, 1, 'red', 0, ''), (4, 'Bob', 1, 'pink', 0, ''), (5, x'00', 1, 'red', 0, ''),
             (6, 'Max', '42', 'red', 0, '');",
    );
    // Not defined: what the struct says is enough.
    let db = file.open().await;
    let heroes = db.records::<Hero>();
    for (id, text) in [
        (1, "column `age` of the row 1: expected an integer of 32 bits, found a text"),
        (2, "column `age` of the row 2: expected an integer of 32 bits, found an integer"),
        (3, "column `name` of the row 3: expected a text, found null"),
        (4, "column `color` of the row 4: expected one of red, dark_green, navy, found a text"),
        (5, "column `name` of the row 5: expected a text, found bytes"),
    ] {
        let Err(ReadError::Record(error)) = heroes.get(id).await else { panic!("{id} was read") };
        assert_eq!((error.kind(), error.to_string().as_str()), (RecordErrorKind::Unreadable, text));
        assert_eq!(error.row(), Some(&RowId::from(id)));
        // What goes into a log holds no value.
        assert!(!format!("{error:?}").contains("many"));
    }
    assert_eq!(heroes.get(6).await.unwrap().unwrap().age, Some(42));
    assert!(matches!(heroes.all().await, Err(ReadError::Record(_))));

    let Err(ReadError::Record(error)) = heroes.list(|set| set.columns(["name"]).filter(Hero::ID.eq(6))).await
    else {
        panic!("a column that was not asked for was read")
    };
    assert_eq!((error.kind(), error.column()), (RecordErrorKind::Missing, "id"));
    let Err(ReadError::Record(error)) = heroes.list(|set| set.cut(1).filter(Hero::ID.eq(6))).await else {
        panic!("the beginning of a text was taken for all of it")
    };
    assert_eq!((error.kind(), error.column()), (RecordErrorKind::Cut, "name"));
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", create)]
struct Book {
    #[field(key)]
    isbn: Isbn,
    title: String,
}

/// A key of two references, in another order than the members'.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", name = "hero_book", create, key(hero, book), unique(place, hero))]
struct HeroBook {
    book: Ref<Book>,
    hero: Ref<Hero>,
    place: i32,
}

#[derive(Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", name = "old_hero", keyless, view, cannot(create = "It is a view"))]
struct OldHero {
    name: String,
}

#[tokio::test]
async fn keys_are_texts_tuples_or_none() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let heroes = db.define_records::<Hero>().await.unwrap();
    let books = db.define_records::<Book>().await.unwrap();
    let shelf = db.define_records::<HeroBook>().await.unwrap();
    let ada = heroes.insert(&hero("Ada", Some(70))).await.unwrap();
    let isbn = Isbn("978/1".into());
    let book = books.insert(&Book { isbn: isbn.clone(), title: "Notes".into() }).await.unwrap();
    assert_eq!(book.key(), &isbn);
    assert_eq!(books.get(Ref::new(isbn.clone())).await.unwrap().unwrap().title, "Notes");

    let mut entry = HeroBook { book: book.clone(), hero: ada, place: 1 };
    let key = shelf.insert(&entry).await.unwrap();
    assert_eq!(key.key(), &(ada, book.clone()));
    assert_eq!(HeroBook::KEY, ["hero", "book"]);
    entry.place = 2;
    assert!(shelf.update(&entry).await.unwrap());
    assert_eq!(shelf.get((ada, book.clone())).await.unwrap(), Some(entry.clone()));
    assert_eq!(refusal(shelf.insert(&entry).await).len(), 1);
    let missing = HeroBook { hero: Ref::new(99), ..entry };
    assert_eq!(refusal(shelf.insert(&missing).await), [("hero".into(), "foreign_key".into())]);
    // A reference to a text is a text.
    let sql = db.query("SELECT sql FROM sqlite_schema WHERE name = 'hero_book'", []).await.unwrap();
    assert!(sql[0]["sql"].to_text().contains("\"book\" VARCHAR(512) NOT NULL"), "{}", sql[0]["sql"]);

    db.execute("CREATE VIEW old_hero AS SELECT name FROM hero WHERE age > 60", []).await.unwrap();
    let old = db.define_records::<OldHero>().await.unwrap();
    assert_eq!(old.all().await.unwrap(), [OldHero { name: "Ada".into() }]);
    assert_eq!(old.get(Ref::new(())).await.unwrap(), None);
    assert_eq!(old.all().await.unwrap()[0].to_ref(), None);
    assert_eq!(old.table().impossible(frontdesk_data::Action::Create), Some("It is a view"));
    assert!(!old.update(&OldHero { name: "Eve".into() }).await.unwrap());
}

async fn a_table_that_is_not_there_is_an_error(db: Db) {
    assert!(matches!(db.records::<Book>().all().await, Err(ReadError::Db(_))));
    let written = db.records::<Book>().insert(&Book { isbn: Isbn("1".into()), title: "x".into() }).await;
    assert!(matches!(written, Err(WriteError::Db(_))));
}

#[test]
fn values_of_a_form_become_a_record() {
    let table = Hero::table();
    let values = Values::new().with("id", 7).with("name", "Ada").with("changes", 0);
    let ada = Hero::from_values(&table, values).unwrap();
    assert_eq!((ada.id, ada.color, ada.age, &*ada.backwards), (Id::from(7), Color::Red, None, "adA"));
    let new = Hero::from_values(&table, Values::new().with("name", "Ada").with("changes", 0)).unwrap();
    assert_eq!(new.id, Id::new());
    let error = Hero::from_values(&table, Values::new().with("id", 7).with("name", "Ada")).unwrap_err();
    assert_eq!((error.kind(), error.column()), (RecordErrorKind::Missing, "changes"));
}

#[test]
fn choices_are_labelled_and_several_may_be_chosen() {
    let table = Everything::table();
    let labels = |name: &str| match table.get(name).unwrap().rules().options() {
        frontdesk_validate::Options::Ready(choices) => {
            choices.iter().map(|choice| choice.label.to_string()).filter(|label| !label.is_empty()).collect()
        }
        _ => Vec::new(),
    };
    assert_eq!(labels("color"), ["Red", "Dark Green", "Navy blue"]);
    assert_eq!(labels("colors"), ["Red", "Dark Green", "Navy blue"]);
    assert!(table.get("colors").unwrap().rules().multiple());
    assert_eq!(table.get("isbn").unwrap().length, Some(40));
}

proptest! {
    #[test]
    fn identities_and_keys_are_the_same(number: i64, text in "[^\0]*", bytes: Vec<u8>) {
        let id = number.to_row_id();
        prop_assert_eq!(i64::from_row_id(id.as_ref()), Some(number));
        let key = (text.clone(), number, bytes);
        let id = key.to_row_id();
        prop_assert_eq!(RecordKey::from_row_id(id.as_ref()), Some(key));
        prop_assert_eq!(String::from_row_id(id.as_ref()), None);
        prop_assert_eq!(<(String, i64)>::from_row_id(id.as_ref()), None);
    }

    #[test]
    fn no_value_makes_reading_panic(text: String, number: i64, float: f64, bytes: Vec<u8>) {
        for value in [text.as_str().into(), number.into(), float.into(), bytes.into(), Value::Null, Value::List(vec![text.into()])] {
            let _ = (i8::from_value(&value), u32::from_value(&value), f64::from_value(&value));
            let _ = (Decimal::from_value(&value), Uuid::from_value(&value), Color::from_value(&value));
            let _ = (civil::Date::from_value(&value), civil::DateTime::from_value(&value));
            let _ = (Vec::<i64>::from_value(&value), Vec::<Ref<Hero>>::from_value(&value));
            let read: Result<serde_json::Value, Expected> = FieldValue::from_value(&value);
            let _ = read;
        }
    }
}

/// The same columns as the dates and times of other crates have them.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", name = "event", create)]
struct OfChrono {
    id: Id,
    day: chrono::NaiveDate,
    opens: Option<chrono::NaiveTime>,
    local: chrono::NaiveDateTime,
    at: chrono::DateTime<chrono::Utc>,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", name = "event")]
struct OfTime {
    id: Id,
    day: time::Date,
    opens: Option<time::Time>,
    local: time::PrimitiveDateTime,
    at: time::OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(crate = "frontdesk_data", name = "event")]
struct OfJiff {
    id: Id,
    day: civil::Date,
    opens: Option<civil::Time>,
    local: civil::DateTime,
    at: Timestamp,
}

async fn dates_of_other_crates_are_the_same_columns(db: Db) {
    let ours = db.define_records::<OfChrono>().await.unwrap();
    assert_eq!(format!("{:?}", OfTime::table()), format!("{:?}", OfJiff::table()));
    let event = OfJiff {
        id: Id::from(1),
        day: civil::date(2024, 2, 29),
        opens: Some(civil::time(8, 30, 0, 0)),
        local: civil::date(44, 3, 15).at(10, 0, 0, 0),
        at: "1969-12-31T23:59:59.25Z".parse().unwrap(),
    };
    db.records::<OfJiff>().insert(&event).await.unwrap();
    let by_chrono = ours.get(1).await.unwrap().unwrap();
    assert_eq!(by_chrono.at.to_rfc3339(), "1969-12-31T23:59:59.250+00:00");
    let by_time = db.records::<OfTime>().get(1).await.unwrap().unwrap();
    assert_eq!((by_time.day.year(), by_time.at.millisecond()), (2024, 250));

    // Written back, nothing has changed.
    assert!(ours.update(&by_chrono).await.unwrap());
    assert!(db.records::<OfTime>().update(&by_time).await.unwrap());
    assert_eq!(db.records::<OfJiff>().get(1).await.unwrap(), Some(event));
    assert_eq!(
        ours.list(|set| set.filter(OfChrono::AT.lt(chrono::DateTime::UNIX_EPOCH))).await.unwrap().len(),
        1
    );

    let far = OfChrono { day: chrono::NaiveDate::MAX, ..by_chrono };
    assert_eq!(refusal(ours.update(&far).await), [("day".into(), "type".into())]);
}
