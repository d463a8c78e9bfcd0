//! How a value looks in a list.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_data::{Field, FieldType, Row, Value};
use frontdesk_html::{HtmlWriter, Sink, SinkExt};
use frontdesk_web::Language;

use super::address;
use super::labels::{Labels, shortened};
use super::page::link;
use super::words;

/// How many characters of a text a cell shows.
const SHOWN: usize = 120;

/// How many characters of a long value a list reads; more than a cell shows, since blanks are left out of it.
pub(crate) const READ: u32 = 1000;

/// How many items of a list a cell shows.
const ITEMS: usize = 8;

/// The class of a field's cells: numbers stand to the right. Where the database does not tell the type, as in most views,
/// the values do.
pub(crate) fn class(field: &Field, rows: &[Row]) -> &'static str {
    match field.kind {
        _ if field.represent.is_some() => "",
        FieldType::Integer | FieldType::BigInt | FieldType::Double | FieldType::Decimal { .. } => "number",
        FieldType::Id => "number quiet",
        FieldType::Date | FieldType::Time | FieldType::DateTime | FieldType::Instant | FieldType::Boolean => {
            "short"
        }
        FieldType::Uuid | FieldType::Json => "code",
        FieldType::String | FieldType::Text | FieldType::Blob if has_numbers(field, rows) => "number",
        _ => "",
    }
}

fn has_numbers(field: &Field, rows: &[Row]) -> bool {
    let mut values = rows.iter().map(|row| &row[&field.name]).filter(|value| !value.is_null()).peekable();
    values.peek().is_some()
        && values.all(|value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Decimal(_)))
}

/// The words of cells in one language: looked up once, and not for each cell.
pub(crate) struct Words {
    language: Language,
    null: String,
    empty: String,
    blank: String,
    yes: String,
    no: String,
    no_record: String,
}

impl Words {
    pub(crate) fn new(language: &Language) -> Self {
        Self {
            null: language.t("serve-null"),
            empty: language.t("serve-empty"),
            blank: language.t("serve-blank"),
            yes: language.t("serve-yes"),
            no: language.t("serve-no"),
            no_record: language.t("serve-no-record"),
            language: language.clone(),
        }
    }
}

/// Writes what is in a cell.
pub(crate) fn write(
    field: &Field,
    row: &Row,
    labels: &HashMap<Arc<str>, Labels>,
    words: &Words,
    out: &mut HtmlWriter,
) {
    let value = &row[&field.name];
    if field.represent.is_some() {
        return out.node(&field.represented(value, Some(row)));
    }
    let labels = labels.get(&field.name);
    match value {
        Value::Null => out.text_element("span", "null", &words.null),
        Value::List(items) => {
            for (index, item) in items.iter().take(ITEMS).enumerate() {
                if index > 0 {
                    out.text(", ");
                }
                one(field, item, labels, words, out);
            }
            if items.len() > ITEMS {
                out.text(" …");
            }
        }
        // Only its length was read.
        Value::Bytes(_) if let Some(length) = row.full_length(&field.name) => {
            out.text(&words::count(&words.language, "serve-bytes", length))
        }
        // Blanks may be all that was read of it.
        Value::Text(beginning) if labels.is_none() && row.full_length(&field.name).is_some() => {
            out.text(shortened(beginning, SHOWN).trim_end_matches('…'));
            out.text("…");
        }
        one_value => one(field, one_value, labels, words, out),
    }
}

fn one(field: &Field, value: &Value, labels: Option<&Labels>, words: &Words, out: &mut HtmlWriter) {
    if let Some(labels) = labels {
        let Some(label) = labels.of(value) else {
            out.text(&text(value, words));
            out.text(" ");
            return out.text_element("span", "null", &words.no_record);
        };
        return match &label.id {
            Some(id) => link(out, &address::edit(&labels.table.name, id), &label.text),
            None => out.text(&label.text),
        };
    }
    match (&field.kind, value) {
        (kind, Value::Text(key)) if kind.is_upload() && !key.is_empty() => match &field.upload.download_url {
            Some(url) => out.element("a", |out| {
                out.attr_url("href", &url(key));
                out.text(&shortened(key, 40));
            }),
            None => out.text(&shortened(key, 40)),
        },
        (_, Value::Text(empty)) if empty.is_empty() => out.text_element("span", "null", &words.empty),
        (_, Value::Text(blank)) if blank.trim().is_empty() => out.text_element("span", "null", &words.blank),
        _ => out.text(&text(value, words)),
    }
}

/// A value in one line: bytes by their number, a long text by its beginning; numbers and dates as the language writes
/// them.
pub(crate) fn text<'t>(value: &'t Value, words: &'t Words) -> Cow<'t, str> {
    let language = &words.language;
    let whole = || value.to_text();
    match value {
        Value::Bool(true) => Cow::Borrowed(&words.yes),
        Value::Bool(false) => Cow::Borrowed(&words.no),
        Value::Bytes(content) => Cow::Owned(words::count(language, "serve-bytes", content.len() as u64)),
        // Without signs between groups: a year is a number too.
        Value::Float(_) | Value::Decimal(_) => Cow::Owned(language.write_number(&whole()).into_owned()),
        Value::Date(_) => Cow::Owned(language.write_date(&whole())),
        Value::Time(_) => Cow::Owned(language.write_time(&whole())),
        Value::DateTime(_) => Cow::Owned(language.write_datetime(&whole())),
        value => Cow::Owned(shortened(&value.to_text(), SHOWN)),
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_data::Columns;

    use super::*;

    fn shown(field: Field, value: Value) -> String {
        let row = Row::new(Arc::new(Columns::new(vec![Arc::clone(&field.name)])), vec![value], None);
        let mut out = HtmlWriter::new();
        let words = Words::new(&words::LANGUAGES.get("en").unwrap());
        write(&field, &row, &HashMap::new(), &words, &mut out);
        out.into_string()
    }

    #[test]
    fn null_the_empty_text_and_a_text_are_told_apart() {
        assert_eq!(shown(Field::string("a"), Value::Null), r#"<span class="null">null</span>"#);
        assert_eq!(shown(Field::string("a"), "".into()), r#"<span class="null">empty</span>"#);
        assert_eq!(shown(Field::string("a"), " \n".into()), r#"<span class="null">blank</span>"#);
        assert_eq!(shown(Field::string("a"), "null".into()), "null");
    }

    #[test]
    fn what_is_long_or_no_text_is_described() {
        assert_eq!(shown(Field::new("a", FieldType::Blob), Value::Bytes(vec![0; 12_345])), "12,345 bytes");
        assert_eq!(shown(Field::text("a"), "x".repeat(10_000).into()).chars().count(), SHOWN + 1);
        assert_eq!(shown(Field::boolean("a"), Value::Bool(true)), "yes");
        assert_eq!(shown(Field::string("a"), "<b>".into()), "&lt;b&gt;");
    }

    #[test]
    fn form_18_numbers_and_dates_are_written_as_the_language_does() {
        let german = Words::new(&words::LANGUAGES.get("de").unwrap());
        let date = Value::from(frontdesk_validate::civil::date(2024, 12, 24));
        assert_eq!(text(&Value::Float(1234.5), &german), "1234,5");
        assert_eq!(text(&date, &german), "24.12.2024");
        assert_eq!(text(&Value::Int(2024), &german), "2024");
        assert_eq!(text(&Value::Bool(true), &german), "ja");
        assert_eq!(text(&Value::Bytes(vec![0; 12_345]), &german), "12.345 Bytes");
    }
}
