use std::borrow::Cow;

use frontdesk_data::Field;
use frontdesk_html::{Sink, name};
use frontdesk_validate::{Message, ValidationError, Value};
use serde_json::{Map, Value as Json};

use super::json::{set_in_lines, write_json};
use super::{Control, Widget, textarea};

/// Names with texts, kept as a JSON object: a line `name: text` for each. The script makes a table of two columns.
///
/// An object that holds anything but texts, or texts that do not fit on such a line, is edited as JSON, as by
/// [`JsonWidget`](crate::JsonWidget); what begins with `{` is always read as JSON.
///
/// ```
/// use frontdesk_data::{Field, FieldType};
/// use frontdesk_forms::{FieldWidget, KeyValueWidget};
///
/// let labels = Field::new("labels", FieldType::Json).with_widget(KeyValueWidget::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyValueWidget {}

impl KeyValueWidget {
    /// Lines of names and texts.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for KeyValueWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        if is_json(control.value()) {
            return write_json(control, 8, out);
        }
        let lines = control.value().lines().count();
        textarea::open(control, u16::try_from(lines + 2).unwrap_or(u16::MAX).clamp(4, 16), out);
        textarea::finish_code(control, name!("data-fd-keyvalue"), out);
        out.text(control.value());
        out.close();
    }

    fn show(&self, _: &Field, texts: Vec<Cow<'static, str>>) -> Vec<Cow<'static, str>> {
        let shown = |text: Cow<'static, str>| match lines(&text).or_else(|| set_in_lines(&text)) {
            Some(shown) => Cow::Owned(shown),
            None => text,
        };
        texts.into_iter().map(shown).collect()
    }

    fn read(&self, _: &Field, typed: Vec<String>) -> Result<Vec<String>, ValidationError> {
        typed.into_iter().map(|text| if is_json(&text) { Ok(text) } else { read_lines(&text) }).collect()
    }
}

/// Whether a text is read as JSON, good or bad.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// The lines of an object; `None` if that cannot be said in lines.
fn lines(json: &str) -> Option<String> {
    let Json::Object(object) = serde_json::from_str::<Json>(json).ok()? else { return None };
    if object.is_empty() {
        return None; // no lines would be nothing at all
    }
    let mut lines = String::new();
    for (key, value) in &object {
        let value = value.as_str()?;
        let fits = |text: &str| text.trim() == text && !text.chars().any(char::is_control);
        if !fits(key) || !fits(value) || key.is_empty() || key.contains(':') || is_json(key) {
            return None;
        }
        lines.push_str(key);
        lines.push(':');
        if !value.is_empty() {
            lines.push(' ');
            lines.push_str(value);
        }
        lines.push('\n');
    }
    // An object that names a key twice would lose the first.
    let again = serde_json::to_string(&object).ok()?;
    let bare = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    (bare(&again) == bare(json)).then(|| lines.trim_end_matches('\n').to_owned())
}

/// The object that lines say; the empty text for none.
fn read_lines(text: &str) -> Result<String, ValidationError> {
    let mut object = Map::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = Value::Int(i64::try_from(index + 1).unwrap_or(i64::MAX));
        let parts = line.split_once(':').map(|(key, value)| (key.trim(), value.trim()));
        let Some((key, value)) = parts.filter(|(key, _)| !key.is_empty()) else {
            return Err(ValidationError::with_params(
                "key_value.no_colon",
                &Message::new("Line %(line)s: write a name, a colon and a text"),
                vec![("line", number)],
            ));
        };
        if object.insert(key.to_owned(), Json::String(value.to_owned())).is_some() {
            return Err(ValidationError::with_params(
                "key_value.twice",
                &Message::new("Line %(line)s: this name stands there twice"),
                vec![("line", number)],
            ));
        }
    }
    Ok(if object.is_empty() { String::new() } else { Json::Object(object).to_string() })
}

#[cfg(test)]
mod tests {
    use frontdesk_data::FieldType;

    use super::*;

    fn show(json: &str) -> String {
        let field = Field::new("labels", FieldType::Json);
        KeyValueWidget::new().show(&field, vec![Cow::Owned(json.to_owned())]).remove(0).into_owned()
    }

    #[test]
    fn what_is_shown_is_read_back() {
        let field = Field::new("labels", FieldType::Json);
        for json in [
            r#"{"a":"1","b c":"x: y","e":""}"#,
            r#"{"a":1}"#,
            r#"{"a:b":"1"}"#,
            r#"{" a":"1"}"#,
            r#"{"a":"1\n2"}"#,
            r#"{"{":"1"}"#,
            r#"{"":"1"}"#,
            r#"{"a":{"b":"c"}}"#,
            r#"["a"]"#,
            "{}",
        ] {
            let read = KeyValueWidget::new().read(&field, vec![show(json)]).unwrap().remove(0);
            let same = |text: &str| serde_json::from_str::<Json>(text).unwrap();
            assert_eq!(same(&read), same(json), "{}", show(json));
        }
        assert_eq!(show(r#"{"a":"1","b c":"x: y"}"#), "a: 1\nb c: x: y");
        assert_eq!(show("no json"), "no json");
        assert!(show(r#"{"a":"1","a":"2"}"#).contains(r#""a": "2""#));
    }

    #[test]
    fn a_line_that_says_nothing_is_refused_by_its_number() {
        let refused = |text: &str| read_lines(text).unwrap_err().text().to_owned();
        assert_eq!(refused("a: 1\n\nb"), "Line 3: write a name, a colon and a text");
        assert_eq!(refused(": 1"), "Line 1: write a name, a colon and a text");
        assert_eq!(refused("a: 1\na: 2"), "Line 2: this name stands there twice");
        assert_eq!(read_lines(" \n").as_deref(), Ok(""));
    }
}
