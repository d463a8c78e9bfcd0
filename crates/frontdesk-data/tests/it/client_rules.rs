//! What browsers and clients are told of the rules that follow from a table.

use frontdesk_data::Table;
use serde_json::json;

use crate::support::File;

const SHOP: &str = "
    CREATE TABLE maker (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE thing (
        id INTEGER PRIMARY KEY,
        name VARCHAR(40) NOT NULL UNIQUE,
        note VARCHAR(10),
        stock INTEGER NOT NULL CHECK (stock BETWEEN 0 AND 99),
        price DECIMAL(6,2) CHECK (price >= 0),
        since DATE CHECK (since >= '2008-01-01'),
        color TEXT NOT NULL CHECK (color IN ('red', 'blue')),
        maker INTEGER NOT NULL REFERENCES maker (id),
        second INTEGER REFERENCES maker (id)
    );
";

fn attributes(table: &Table, field: &str, input: &str) -> Vec<String> {
    let constraints = table.get(field).unwrap().rules().constraints();
    let written = constraints.attributes(input).map(|attribute| match &*attribute.value {
        "" => attribute.name.to_owned(),
        value => format!("{}={value}", attribute.name),
    });
    written.filter(|attribute| !attribute.contains("pattern")).collect()
}

#[tokio::test]
async fn form_14_rules_of_the_table_reach_the_browser() {
    let file = File::made_by(SHOP);
    let schema = file.open().await.introspect().await.unwrap();
    let thing = schema.get("thing").unwrap();
    for (field, input, expected) in [
        ("name", "text", &["required", "data-fd-required=blank", "maxlength=80", "data-fd-maxchars=40"][..]),
        ("note", "textarea", &["data-fd-maxchars=10"]),
        (
            "stock",
            "text",
            &[
                "required",
                "data-fd-required=blank",
                "data-fd-min=0",
                "data-fd-max=99",
                "data-fd-type=integer",
                "inputmode=numeric",
            ],
        ),
        ("stock", "number", &["required", "min=0", "max=99", "step=1", "data-fd-type=integer"]),
        ("color", "select", &["required"]),
        ("maker", "select", &["required"]),
        ("second", "select", &[]),
    ] {
        assert_eq!(attributes(thing, field, input), expected, "{field}");
    }
    assert!(attributes(thing, "price", "text").contains(&"data-fd-min=0".to_owned()));
    assert!(attributes(thing, "since", "date").contains(&"min=2008-01-01".to_owned()));
}

#[tokio::test]
async fn form_14_rules_of_the_table_are_a_json_schema() {
    let file = File::made_by(SHOP);
    let schema = file.open().await.introspect().await.unwrap();
    let thing = schema.get("thing").unwrap();
    let of = |field: &str| thing.get(field).unwrap().rules().json_schema();
    assert_eq!(of("color"), json!({"enum": ["red", "blue"]}));
    assert_eq!(of("name")["maxLength"], json!(40));
    assert_eq!(of("stock")["anyOf"][0], json!({"type": "integer", "minimum": 0, "maximum": 99}));
    assert_eq!(of("price")["anyOf"][0], json!({"type": "null"}));
}
