//! How a value looks in a list.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_data::{Field, FieldType, Row, Value};
use frontdesk_html::{HtmlWriter, Sink, SinkExt};

use super::address;
use super::labels::{Labels, shortened};
use super::page::link;

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
        FieldType::Date | FieldType::Time | FieldType::DateTime | FieldType::Boolean => "short",
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

/// Writes what is in a cell.
pub(crate) fn write(field: &Field, row: &Row, labels: &HashMap<Arc<str>, Labels>, out: &mut HtmlWriter) {
    let value = &row[&field.name];
    if field.represent.is_some() {
        return out.node(&field.represented(value, Some(row)));
    }
    let labels = labels.get(&field.name);
    match value {
        Value::Null => out.text_element("span", "null", "null"),
        Value::List(items) => {
            for (index, item) in items.iter().take(ITEMS).enumerate() {
                if index > 0 {
                    out.text(", ");
                }
                one(field, item, labels, out);
            }
            if items.len() > ITEMS {
                out.text(" …");
            }
        }
        // Only its length was read.
        Value::Bytes(_) if let Some(length) = row.full_length(&field.name) => out.text(&bytes(length)),
        // Blanks may be all that was read of it.
        Value::Text(beginning) if labels.is_none() && row.full_length(&field.name).is_some() => {
            out.text(shortened(beginning, SHOWN).trim_end_matches('…'));
            out.text("…");
        }
        one_value => one(field, one_value, labels, out),
    }
}

fn one(field: &Field, value: &Value, labels: Option<&Labels>, out: &mut HtmlWriter) {
    if let Some(labels) = labels {
        let Some(label) = labels.of(value) else {
            out.text(&text(value));
            return out.text_element("span", "null", " (no such record)");
        };
        return match &label.id {
            Some(id) => link(out, &address::edit(&labels.table.name, id), &label.text),
            None => out.text(&label.text),
        };
    }
    match (&field.kind, value) {
        (FieldType::Upload, Value::Text(key)) if !key.is_empty() => match &field.upload.download_url {
            Some(url) => out.element("a", |out| {
                out.attr_url("href", &url(key));
                out.text(&shortened(key, 40));
            }),
            None => out.text(&shortened(key, 40)),
        },
        (_, Value::Text(empty)) if empty.is_empty() => out.text_element("span", "null", "empty"),
        (_, Value::Text(blank)) if blank.trim().is_empty() => out.text_element("span", "null", "blank"),
        _ => out.text(&text(value)),
    }
}

/// A value in one line: bytes by their number, a long text by its beginning.
pub(crate) fn text(value: &Value) -> Cow<'static, str> {
    match value {
        Value::Bool(true) => Cow::Borrowed("yes"),
        Value::Bool(false) => Cow::Borrowed("no"),
        Value::Bytes(content) => bytes(content.len() as u64),
        value => Cow::Owned(shortened(&value.to_text(), SHOWN)),
    }
}

fn bytes(length: u64) -> Cow<'static, str> {
    match length {
        1 => Cow::Borrowed("1 byte"),
        length => Cow::Owned(format!("{} bytes", grouped(length))),
    }
}

/// A number with a comma after each three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use frontdesk_data::Columns;

    use super::*;

    fn shown(field: Field, value: Value) -> String {
        let row = Row::new(Arc::new(Columns::new(vec![Arc::clone(&field.name)])), vec![value], None);
        let mut out = HtmlWriter::new();
        write(&field, &row, &HashMap::new(), &mut out);
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
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
