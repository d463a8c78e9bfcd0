//! One table model: a struct, a builder, a schema file and an existing database give the same table.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use frontdesk::data::{Schema, SchemaFile};
use frontdesk::prelude::*;

/// What all four can say.
mod plain {
    use super::*;

    #[derive(Table)]
    #[table(create, readable = "{name}")]
    pub(super) struct Person {
        id: Id,
        #[field(length = 40)]
        name: String,
    }

    #[derive(Table)]
    #[table(name = "thing", create, unique(shelf, place), check = "price >= 0", readable = "{name}")]
    pub(super) struct Thing {
        id: Id,
        #[field(length = 80, unique)]
        name: String,
        #[field(type = "decimal(10,2)", default = "1.50")]
        price: Decimal,
        count: Option<i64>,
        on_sale: bool,
        #[field(type = "text")]
        notes: Option<String>,
        made: Option<civil::Date>,
        owner: Option<Ref<Person>>,
        shelf: String,
        place: i64,
    }

    pub(super) fn built() -> [Table; 2] {
        let person = Table::new("person")
            .field(Field::string("name").length(40).not_null())
            .create()
            .readable("{name}".parse().unwrap());
        let thing = Table::new("thing")
            .field(Field::string("name").not_null().length(80).unique())
            .field(
                Field::new("price", FieldType::Decimal { precision: 10, scale: 2 })
                    .not_null()
                    .default("1.50"),
            )
            .field(Field::new("count", FieldType::BigInt))
            .field(Field::boolean("on_sale").not_null())
            .field(Field::text("notes"))
            .field(Field::date("made"))
            .field(Field::reference("owner", "person"))
            .field(Field::string("shelf").not_null())
            .field(Field::new("place", FieldType::BigInt).not_null())
            .create()
            .unique(["shelf", "place"])
            .check("price >= 0")
            .readable("{name}".parse().unwrap());
        [person, thing]
    }

    /// The same, but for the CHECK constraint, which a schema file cannot say.
    pub(super) const FILE: &str = r#"
        [tables.person]
        create = true
        readable = "{name}"
        [tables.person.fields]
        name = { type = "string", length = 40, null = false }

        [tables.thing]
        create = true
        unique = [["shelf", "place"]]
        readable = "{name}"
        [tables.thing.fields]
        name = { type = "string", length = 80, null = false, unique = true }
        price = { type = "decimal(10,2)", null = false, default = "1.50" }
        count = { type = "bigint" }
        on_sale = { type = "boolean", null = false }
        notes = { type = "text" }
        made = { type = "date" }
        owner = { type = "reference person" }
        shelf = { type = "string", null = false }
        place = { type = "bigint", null = false }
    "#;
}

/// The table as it was made in a database, and its empty form, without what is another one each time.
async fn seen(db: &Db, table: &Arc<Table>) -> (String, String) {
    let sql = "SELECT group_concat(sql, ';') AS sql FROM sqlite_schema ORDER BY name";
    let sql = db.query(sql, []).await.unwrap()[0]["sql"].to_text().into_owned();
    (sql, drawn(db, table).await)
}

async fn drawn(db: &Db, table: &Arc<Table>) -> String {
    let desk = Desk::new(Secret::random());
    let mut request =
        FormRequest::new(desk, Method::GET, "/".parse().unwrap(), Default::default(), Body::empty());
    let form = Form::for_table(db, table).process(&mut request).await.unwrap().to_string();
    let (before, rest) = form.split_once("name=\"_formkey\"").unwrap();
    let (_, after) = rest.split_once('>').unwrap();
    format!("{before}{after}")
}

async fn memory() -> Db {
    Db::open("sqlite::memory:").await.unwrap()
}

async fn defined(tables: [Table; 2]) -> (Db, Arc<Table>) {
    let db = memory().await;
    let [first, second] = tables;
    db.define(first).await.unwrap();
    let table = db.define(second).await.unwrap();
    (db, table)
}

#[tokio::test]
async fn a_struct_a_builder_and_a_database_give_the_same_table() {
    let (by_struct, of_struct) = defined([plain::Person::table(), plain::Thing::table()]).await;
    let (by_builder, of_builder) = defined(plain::built()).await;
    // As values, before and after the rules that follow are put in, but for the database that some of them hold.
    assert_eq!(format!("{:?}", plain::Thing::table()), format!("{:?}", plain::built()[1]));
    assert_eq!(
        seen(&by_struct, &of_struct).await,
        seen(&by_builder, &of_builder).await,
        "what is made and what is drawn, byte for byte"
    );

    // An existing database, of which nobody says anything, knows all of that.
    let schema = by_struct.introspect().await.unwrap();
    let found = schema.get("thing").unwrap();
    assert_eq!(drawn(&by_struct, found).await, drawn(&by_builder, &of_builder).await);
    let mut printed = Vec::new();
    for table in [&of_struct, &of_builder, found] {
        let mut table = Table::clone(table);
        // That it would be made, only those say who make it.
        table.create = false;
        let text = Schema::new([table]).to_toml();
        // A database tells a unique column as a set, too; as a remark, which nobody reads back.
        printed.push(text.replace("# unique: name\n", ""));
    }
    assert_eq!(printed[0], printed[1]);
    assert_eq!(printed[0], printed[2]);
}

#[tokio::test]
async fn a_schema_file_gives_the_same_table() {
    let without_check = || {
        let mut table = plain::Thing::table();
        table.checks.clear();
        table
    };
    let (by_struct, of_struct) = defined([plain::Person::table(), without_check()]).await;
    let db = memory().await;
    let file = SchemaFile::parse("frontdesk.toml", plain::FILE).unwrap();
    let schema = db.apply(&file, &Registry::standard()).await.unwrap();
    let of_file = schema.get("thing").unwrap();
    assert_eq!(seen(&db, of_file).await, seen(&by_struct, &of_struct).await);
    assert_eq!(
        Schema::new([Table::clone(of_file)]).to_toml(),
        Schema::new([Table::clone(&of_struct)]).to_toml()
    );
}

/// What only a program and a schema file say.
#[derive(Table)]
#[table(label = "Lodgers", create, readable = "{name} ({size})")]
struct Guest {
    id: Id,
    #[field(
        label = "Full name",
        comment = "As in the passport",
        placeholder = "Ada Lovelace",
        title = "First and last name",
        requires = [IsNotEmpty::new(), IsLength::max(15).min(2)],
        length = 15
    )]
    name: String,
    #[field(requires = IsInSet::new(["S", "M", "L"]), widget = "radio", default = "M", choices_when("age < 12", ["S", "M"]))]
    size: Option<String>,
    #[field(
        requires = r#"{"rule": "is_empty_or", "other": {"rule": "is_int_in_range", "minimum": 0, "maximum": 150}}"#
    )]
    age: Option<i32>,
    #[field(show_when = "age >= 18", require_when = "size == 'L'", type = "text")]
    drink: Option<String>,
    #[field(upload(max_bytes = 5000, allowed_extensions = ["png"], any_characters))]
    photo: Option<Upload>,
    #[field(readable = false, writable = false, default = 7, update = 8)]
    visits: i64,
    #[field(secret)]
    pin: Option<String>,
}

const GUESTS: &str = r#"
    [tables.guest]
    label = "Lodgers"
    create = true
    readable = "{name} ({size})"

    [tables.guest.fields.name]
    type = "string"
    null = false
    label = "Full name"
    comment = "As in the passport"
    placeholder = "Ada Lovelace"
    title = "First and last name"
    requires = [{ rule = "is_not_empty" }, { rule = "is_length", maxsize = 15, minsize = 2 }]
    length = 15

    [tables.guest.fields.size]
    type = "string"
    requires = { rule = "is_in_set", theset = ["S", "M", "L"] }
    widget = "radio"
    default = "M"
    choices_when = [{ when = "age < 12", only = ["S", "M"] }]

    [tables.guest.fields.age]
    type = "integer"
    requires = { rule = "is_empty_or", other = { rule = "is_int_in_range", minimum = 0, maximum = 150 } }

    [tables.guest.fields.drink]
    type = "text"
    show_when = "age >= 18"
    require_when = "size == 'L'"

    [tables.guest.fields.photo]
    type = "upload"
    upload = { max_bytes = 5000, allowed_extensions = ["png"], allowed_characters = "" }

    [tables.guest.fields.visits]
    type = "bigint"
    null = false
    readable = false
    writable = false
    default = 7
    update = 8

    [tables.guest.fields.pin]
    type = "string"
    secret = true
"#;

#[tokio::test]
async fn what_is_said_in_attributes_is_what_a_schema_file_says() {
    let by_struct = memory().await;
    let of_struct = by_struct.define(Guest::table()).await.unwrap();
    let by_file = memory().await;
    let file = SchemaFile::parse("frontdesk.toml", GUESTS).unwrap();
    let schema = by_file.apply(&file, &Registry::standard()).await.unwrap();
    let of_file = schema.get("guest").unwrap();
    assert_eq!(seen(&by_struct, &of_struct).await, seen(&by_file, of_file).await);
    assert_eq!(
        Schema::new([Table::clone(of_file)]).to_toml(),
        Schema::new([Table::clone(&of_struct)]).to_toml()
    );
    for (one, other) in of_struct.fields.iter().zip(&of_file.fields) {
        assert_eq!(one.rules().json_schema(), other.rules().json_schema(), "{}", one.name);
        for text in ["", "M", "Q", "7", "-7", "x", "a name that is too long"] {
            assert_eq!(
                one.rules().check_now(text.into()),
                other.rules().check_now(text.into()),
                "{}",
                one.name
            );
        }
        assert_eq!(one.upload.max_bytes, other.upload.max_bytes);
    }
    assert_eq!(of_struct.get("photo").unwrap().upload.max_bytes, 5000);
}

/// Everything that a field and a table have, by attribute and by setter.
mod complete {
    use frontdesk::data::Action;
    use frontdesk::html::Node;

    use super::*;

    fn shown(value: &Value, _: Option<&Row>) -> Node {
        Node::from(format!("<{value}>"))
    }

    #[derive(Table)]
    #[table(
        name = "bookings",
        schema = "hotel",
        key(room, day),
        unique(guest, day),
        unique(number),
        foreign_key(members(room, floor), table = "room", columns(nr, level)),
        check = "floor >= 0",
        readable = "%(room)s",
        label = "All bookings",
        comment = "One for each night",
        create,
        view,
        cannot(update = "Book anew", delete = "Ask the desk")
    )]
    pub(super) struct Booking {
        day: civil::Date,
        room: i64,
        floor: i64,
        guest: String,
        #[field(name = "no", default_sql = "random()")]
        number: i64,
        #[field(default_with = || Value::from("now"), update_with = || Value::from("later"))]
        at: String,
        #[field(compute = |row| row["guest"].clone(), represent = shown)]
        sign: Option<String>,
        #[field(filter_in = |value| value, writable = true, generated)]
        made: Option<String>,
        #[field(widget = RadioWidget::default(), show_when = Condition::is_set("guest"))]
        choice: Option<String>,
        #[field(upload = UploadOptions::default().max_files(3), type = "list:upload")]
        files: Option<Vec<Upload>>,
        #[field(upload(
            max_files = 2,
            max_pixels = 3,
            max_frames = 4,
            strip_metadata = true,
            any_content,
            any_extension,
            allowed_characters = "abc",
            download_url = |key| format!("/f/{key}")
        ))]
        pictures: Vec<Upload>,
        #[field(zone = "Europe/Berlin")]
        arrives: Timestamp,
        #[field(native = "inet")]
        from: String,
        #[field(type = "reference person")]
        person: i64,
        #[field(type = "list:reference person")]
        people: Vec<i64>,
    }

    #[test]
    fn nothing_is_left_out() {
        let built = Table::new("hotel.bookings")
            .source("hotel", "bookings")
            .field(Field::date("day").not_null())
            .field(Field::new("room", FieldType::BigInt).not_null())
            .field(Field::new("floor", FieldType::BigInt).not_null())
            .field(Field::string("guest").not_null())
            .field(Field::new("no", FieldType::BigInt).not_null().default_sql("random()"))
            .field(
                Field::string("at").not_null().default_with(|| "now".into()).update_with(|| "later".into()),
            )
            .field(Field::string("sign").compute(|row| row["guest"].clone()).represent(shown))
            .field(Field::string("made").filter_in(|value| value).writable(true).generated())
            .field(
                Field::string("choice")
                    .show_when("guest is set".parse().unwrap())
                    .with_widget(RadioWidget::default()),
            )
            .field(
                Field::new("files", FieldType::ListUpload)
                    .upload_options(UploadOptions::default().max_files(3)),
            )
            .field(
                Field::new("pictures", FieldType::ListUpload).not_null().upload_options(
                    UploadOptions::default()
                        .max_files(2)
                        .max_pixels(3)
                        .max_frames(4)
                        .strip_metadata(true)
                        .any_content()
                        .any_extension()
                        .allowed_characters("abc")
                        .download_url(|key| format!("/f/{key}")),
                ),
            )
            .field(Field::instant("arrives").not_null().zone("Europe/Berlin"))
            .field(Field::string("from").not_null().native("inet"))
            .field(Field::reference("person", "person").not_null())
            .field(Field::new("people", FieldType::ListReference { table: "person".into() }).not_null())
            .key(["room", "day"])
            .unique(["guest", "day"])
            .unique(["no"])
            .foreign_key(["room", "floor"], "room", ["nr", "level"])
            .check("floor >= 0")
            .readable("%(room)s".parse().unwrap())
            .label("All bookings")
            .comment("One for each night")
            .create()
            .view()
            .cannot(Action::Update, "Book anew")
            .cannot(Action::Delete, "Ask the desk");
        let derived = Booking::table();
        assert_eq!(format!("{derived:#?}"), format!("{built:#?}"));
        let options = |table: &Table| {
            let UploadOptions { max_files, max_pixels, max_frames, strip_metadata, match_content, .. } =
                table.get("pictures").unwrap().upload.clone();
            let upload = &table.get("pictures").unwrap().upload;
            let names = (upload.allowed_extensions.clone(), upload.allowed_characters.clone());
            let url = upload.download_url.as_ref().map(|url| url("k"));
            (max_files, max_pixels, max_frames, strip_metadata, match_content, names, url)
        };
        assert_eq!(options(&derived), options(&built));
        assert_eq!(
            derived.get("sign").unwrap().represented(&"x".into(), None).render(),
            built.get("sign").unwrap().represented(&"x".into(), None).render()
        );
        assert_eq!(Booking::NUMBER.name(), "no");
        assert_eq!(Booking::KEY, ["room", "day"]);
    }
}
