//! By which column a row is known.

use crate::{Field, FieldType, LabelTemplate, Table};

/// Names of columns by which people know a row, the best first; without `_`, in lower case.
const BEST: &[&str] = &["name", "fullname", "displayname"];
const GOOD: &[&str] = &[
    "title", "label", "caption", "subject", "headline", "username", "login", "nickname", "email", "slug",
    "code", "symbol",
];

/// The label of a table that was given none: a column that is named like one (`name`, `title`, …, `<table>_name`), the
/// first and last name of a person, else the first column of text, else the key. `None` for a table that has neither.
pub(crate) fn guess(table: &Table) -> Option<LabelTemplate> {
    let plain =
        |name: &str| -> String { name.chars().filter(|&c| c != '_').flat_map(char::to_lowercase).collect() };
    let own = plain(&table.name);
    let own = own.strip_suffix('s').unwrap_or(&own);
    let texts: Vec<&Field> =
        table.fields.iter().filter(|field| field.kind.is_text() && usable(field)).collect();
    let find = |wanted: &str| {
        texts.iter().find(|field| {
            let name = plain(&field.name);
            name == wanted || name.strip_prefix(own) == Some(wanted)
        })
    };
    if let Some(field) = BEST.iter().find_map(|name| find(name)) {
        return Some(LabelTemplate::column(field.name.clone()));
    }
    if let (Some(first), Some(last)) = (find("firstname"), find("lastname").or_else(|| find("surname"))) {
        return format!("{{{}}} {{{}}}", first.name, last.name).parse().ok();
    }
    if let Some(field) = GOOD.iter().find_map(|name| find(name)).or_else(|| texts.first()) {
        return Some(LabelTemplate::column(field.name.clone()));
    }
    let key: Vec<String> =
        table.key_fields().filter(|field| usable(field)).map(|field| format!("{{{}}}", field.name)).collect();
    if key.is_empty() { None } else { key.join(", ").parse().ok() }
}

/// Whether a label can name the field, and may show it.
fn usable(field: &Field) -> bool {
    let nameable = !field.name.is_empty() && !field.name.contains(['{', '}']);
    nameable
        && field.readable
        && !field.secret
        && !matches!(field.kind, FieldType::Blob | FieldType::Password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(table: &str, fields: &[&str]) -> Option<String> {
        let fields = fields.iter().map(|&name| Field::string(name)).collect();
        guess(&Table::with_fields(table, fields, vec![])).map(|label| label.to_string())
    }

    #[test]
    fn the_best_name_wins_then_the_first_text_then_the_key() {
        assert_eq!(guessed("t", &["code", "Name"]).as_deref(), Some("{Name}"));
        assert_eq!(
            guessed("Employee", &["LastName", "FirstName", "Title"]).as_deref(),
            Some("{FirstName} {LastName}")
        );
        assert_eq!(guessed("countries", &["iso", "x"]).as_deref(), Some("{iso}"));
        assert_eq!(guessed("film", &["note", "film_title"]).as_deref(), Some("{film_title}"));
        assert_eq!(guessed("t", &["", "a}b", "c"]).as_deref(), Some("{c}"));
        assert_eq!(guessed("t", &[""]), None);
        let pair = Table::with_fields(
            "t",
            vec![Field::integer("a"), Field::integer("b")],
            vec!["a".into(), "b".into()],
        );
        assert_eq!(guess(&pair).map(|label| label.to_string()).as_deref(), Some("{a}, {b}"));
    }
}
