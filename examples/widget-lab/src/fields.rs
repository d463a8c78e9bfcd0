//! The table with a field for each widget, its one row, and what is refused.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use frontdesk::forms::{
    ColorWidget, JsonWidget, KeyValueWidget, OrderedListWidget, RangeWidget, ReferenceWidget, TagsWidget,
};
use frontdesk::prelude::*;

use crate::Kind;

/// A picture, so that an upload has something to show.
const PICTURE: &[u8] = include_bytes!("../assets/harbour.png");

/// What is typed into the form whose fields are refused.
pub(crate) const REFUSED: [(&str, &str); 31] = [
    ("name", " "),
    ("email", "ada at example"),
    ("website", "not an address"),
    ("phone", "020 7946 0000"),
    ("age", "seventeen"),
    ("price", "9,99 EUR"),
    ("volume", "11"),
    ("accent", "#2451c4"),
    ("born", "31.02.1990"),
    ("alarm", "25:00"),
    ("starts", "tomorrow"),
    ("meeting", "2024-10-27T02:30"),
    ("month", "2024-13"),
    ("about", "Too long a text for this field, which takes no more than forty characters."),
    ("size", "M"),
    ("fruit", "kale"),
    ("toppings", "olives"),
    ("days", "Monday"),
    ("agreed", "ON"),
    ("nicknames", "Countess"),
    ("nicknames", "Enchantress of Number"),
    ("wishes", "a kite"),
    ("wishes", "a bike"),
    ("topics", "engines\nnumbers"),
    ("settings", "{\"size\": 12,"),
    ("labels", "room: 7\nno colon here"),
    ("country", "GB"),
    ("city", ""),
    ("friends", "1"),
    ("plain_number", "1e"),
    ("password", "short"),
];

/// A text that would be markup, wherever it is not escaped.
pub(crate) const ODD: &str = "\"'`></script></textarea></select></option><script src=/lab.css></script>\
                              <img src=/nowhere.png onerror=alert(1) onload=alert(2)><svg onload=alert(3)> \" autofocus \
                              onfocus=alert(4) x=\"";

/// The database with the one row that filled forms show.
pub(crate) async fn prepare(folder: &Path, desk: &Desk) -> Result<(Db, Arc<Table>), Box<dyn Error>> {
    let url = format!("sqlite://{}", folder.join("lab.db").display());
    let db = Db::open_with(&url, DbOptions::new().create_if_missing(true)).await?;
    let city = Table::new("city").field(Field::string("name").requires(IsNotEmpty::new())).create();
    let city = db.define(city).await?;
    if db.set(&city).count().await? == 0 {
        for name in ["Berlin", "Lisbon", "London", "Porto", "São Paulo"] {
            db.insert(&city, Values::new().with("name", name)).await?;
        }
    }
    let table = db.define(table(&db)?).await?;
    if db.set(&table).count().await? == 0 {
        db.insert(&table, row()).await?;
    }
    tokio::fs::create_dir_all(desk.uploads().folder()).await?;
    for key in KEYS {
        tokio::fs::write(desk.uploads().folder().join(key), PICTURE).await?;
    }
    Ok((db, table))
}

const KEYS: [&str; 3] =
    ["lab.portrait.7d1f0c5e.png", "lab.documents.91b2a4c8.png", "lab.documents.c05e77d1.png"];

fn table(db: &Db) -> Result<Table, Box<dyn Error>> {
    let sizes = [("S", "Small"), ("M", "Medium"), ("L", "Large")];
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
    let nothing: [&str; 0] = [];
    let food =
        || IsInSet::new(nothing).group("Fruit", ["apple", "pear"]).group("Vegetables", ["kale", "leek"]);
    let toppings = || {
        IsInSet::new(nothing)
            .group("Cheese", ["mozzarella", "feta"])
            .group("Garden", ["olives", "basil", "chives"])
    };
    let color = IsMatch::new("#[0-9a-f]{6}$")?.error_message("Enter a colour such as #2451c4");
    let list = |name: &'static str| Field::new(name, FieldType::ListString);
    let files = UploadOptions::default().download_url(|key| format!("/files/{key}"));
    Ok(Table::new("lab")
        .label("Widgets")
        .field(
            Field::string("name")
                .requires(IsNotEmpty::new())
                .comment("As it stands on your badge")
                .placeholder("Ada Lovelace")
                .title("Your full name"),
        )
        .field(Field::string("email").requires(IsEmail::new()).comment("We never pass it on"))
        .field(Field::password("password").requires(IsLength::max(64).min(12)))
        .field(Field::string("website").requires(IsEmptyOr::new(IsUrl::new())))
        .field(Field::string("phone").with_widget(InputWidget::new("tel")))
        .field(Field::integer("age").requires(IsIntInRange::new(18..120)))
        .field(Field::new("price", FieldType::MONEY).requires(IsDecimalInRange::any()).comment("In euros"))
        .field(Field::integer("plain_number").label("Number").with_widget(InputWidget::new("number")))
        .field(
            Field::integer("volume")
                .requires(IsIntInRange::new(0..=10))
                .default(4)
                .with_widget(RangeWidget::new()),
        )
        .field(
            Field::string("accent")
                .label("Accent colour")
                .requires(color)
                .default("#2451c4")
                .with_widget(ColorWidget::new()),
        )
        .field(Field::date("born").label("Date of birth"))
        .field(Field::new("alarm", FieldType::Time))
        .field(Field::datetime("starts"))
        .field(
            Field::datetime("meeting")
                .with_widget(DateTimeWidget::zoned("Europe/Berlin")?)
                .comment("When everybody has to be there"),
        )
        .field(Field::string("month").with_widget(InputWidget::new("month")))
        .field(Field::text("about").requires(IsLength::max(40)).placeholder("A few words about yourself"))
        .field(
            Field::string("size")
                .requires(IsInSet::pairs(sizes))
                .comment("Shirts run small")
                .with_widget(RadioWidget::new()),
        )
        .field(Field::string("fruit").label("Food").requires(food().zero("Choose one")))
        .field(list("toppings").requires(toppings().multiple(..)).with_widget(CheckboxWidget::new()))
        .field(list("days").requires(IsInSet::new(days).multiple(..)))
        .field(Field::boolean("agreed").label("I have read the rules of the house"))
        .field(list("nicknames").comment("One in each line"))
        .field(
            list("wishes")
                .requires(IsInSet::new(["a bike", "a kite", "a book", "a boat"]).multiple(..))
                .comment("The dearest first")
                .with_widget(OrderedListWidget::new()),
        )
        .field(list("steps").with_widget(OrderedListWidget::new()))
        .field(list("topics").comment("A line for each").with_widget(TagsWidget::new()))
        .field(
            Field::new("settings", FieldType::Json)
                .requires(IsEmptyOr::new(IsJson::new()))
                .with_widget(JsonWidget::new()),
        )
        .field(
            Field::new("labels", FieldType::Json)
                .requires(IsEmptyOr::new(IsJson::new()))
                .comment("A name, a colon and a text in each line")
                .with_widget(KeyValueWidget::new()),
        )
        .field(Field::string("country").requires(IsInSet::pairs([
            ("DE", "Germany"),
            ("GB", "United Kingdom"),
            ("PT", "Portugal"),
        ])))
        .field(
            Field::reference("city", "city")
                .requires(IsInDb::new(db, "city").label("{name}")?)
                .with_widget(ReferenceWidget::new()),
        )
        .field(
            Field::new("friends", FieldType::ListReference { table: "city".into() })
                .label("Sister cities")
                .requires(IsInDb::new(db, "city").label("{name}")?.multiple(..))
                .with_widget(ReferenceWidget::new()),
        )
        .field(
            Field::upload("portrait")
                .requires(IsEmptyOr::new(IsImage::new()))
                .upload_options(files.clone())
                .comment("A picture of you"),
        )
        .field(Field::new("documents", FieldType::ListUpload).upload_options(files.max_files(4)))
        .field(Field::string("badge").label("Badge number").writable(false))
        .create())
}

fn row() -> Values {
    let list = |texts: &[&str]| Value::List(texts.iter().map(|text| Value::from(*text)).collect());
    Values::new()
        .with("name", "Ada Lovelace")
        .with("email", "ada@example.org")
        .with("website", "https://example.org/ada")
        .with("phone", "+44 20 7946 0000")
        .with("age", 36)
        .with("price", "9.99")
        .with("plain_number", 1843)
        .with("volume", 7)
        .with("accent", "#8a2be2")
        .with("born", "1915-12-10")
        .with("alarm", "06:30:00")
        .with("starts", "2024-06-01 10:00:00")
        .with("meeting", "2024-06-01 10:00:00")
        .with("month", "2024-06")
        .with("about", "Wrote the first program")
        .with("size", "M")
        .with("fruit", "pear")
        .with("toppings", list(&["feta", "basil"]))
        .with("days", list(&["Monday", "Friday"]))
        .with("agreed", true)
        .with("nicknames", list(&["Countess", "Enchantress of Number"]))
        .with("wishes", list(&["a book", "a kite"]))
        .with("steps", list(&["Plan", "Build", "Look"]))
        .with("topics", list(&["engines", "numbers", "poetry"]))
        .with("settings", serde_json::json!({ "size": 12, "tags": ["a", "b"], "on": true }))
        .with("labels", serde_json::json!({ "room": "7", "floor": "second" }))
        .with("country", "GB")
        .with("city", 3)
        .with("friends", Value::List(vec![Value::Int(1), Value::Int(4)]))
        .with("portrait", KEYS[0])
        .with("documents", list(&KEYS[1..]))
        .with("badge", "0042")
}

/// The table with one of its fields.
pub(crate) fn only(table: &Table, name: &str) -> Option<Table> {
    table.get(name).filter(|field| field.kind != FieldType::Id)?;
    let mut one = table.clone();
    one.fields.retain(|field| &*field.name == name || field.kind == FieldType::Id);
    Some(one)
}

/// The table with such a text in all places.
pub(crate) fn odd(table: &Table) -> Table {
    let mut odd = table.clone();
    for field in odd.fields.iter_mut().filter(|field| field.kind != FieldType::Id) {
        let plain = field.clone();
        *field = plain.label(ODD).comment(ODD).placeholder(ODD).title(ODD);
        if matches!(&*field.name, "size" | "fruit" | "days" | "wishes") {
            let set = IsInSet::pairs([(ODD, ODD)]).group(ODD, [ODD]).zero(ODD);
            *field = field.clone().requires(if field.kind.is_list() { set.multiple(..) } else { set });
        }
    }
    odd
}

/// Refuses each field that its rules have not refused yet.
pub(crate) fn refuse(fields: Vec<String>, text: &'static str) -> impl Fn(&mut FormCheck) + Send + Sync {
    move |form| {
        for field in &fields {
            if form.error(field).is_none() {
                form.refuse(field.clone(), text);
            }
        }
        if fields.len() > 1 {
            form.refuse_form("And this is one of the form as a whole");
        }
    }
}

/// A style, with controls that cannot be used where they are to be shown so.
pub(crate) fn style(style: Style, kind: Kind, table: &Table) -> Style {
    if kind != Kind::Disabled {
        return style;
    }
    table.fields.iter().fold(style, |style, field| {
        let has_choices = !matches!(field.rules().options(), Options::None);
        let widget = style.widget_of(field, has_choices.then_some(&[]));
        style.widget(&*field.name, Disabled(widget))
    })
}

/// A widget whose control can be seen and not used.
#[derive(Debug)]
struct Disabled(Arc<dyn Widget>);

impl Widget for Disabled {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        self.0.write(&control.as_disabled(), out);
    }

    fn is_group(&self, control: &Control<'_>) -> bool {
        self.0.is_group(control)
    }

    fn draws_label(&self, control: &Control<'_>) -> bool {
        self.0.draws_label(control)
    }

    fn show(
        &self,
        field: &Field,
        texts: Vec<std::borrow::Cow<'static, str>>,
    ) -> Vec<std::borrow::Cow<'static, str>> {
        self.0.show(field, texts)
    }
}
