use std::borrow::Cow;

use frontdesk_data::Field;
use frontdesk_html::{Sink, name};
use serde::de::IgnoredAny;

use super::{Control, Widget, textarea};

/// A JSON document as text, set in lines so that it can be read. The script checks it while it is typed.
///
/// Numbers and strings stay as they are written; what is no JSON is shown as it is.
///
/// ```
/// use frontdesk_data::{Field, FieldType};
/// use frontdesk_forms::{FieldWidget, JsonWidget};
///
/// let settings = Field::new("settings", FieldType::Json).with_widget(JsonWidget::new().rows(12));
/// ```
#[derive(Clone, Debug)]
pub struct JsonWidget {
    rows: u16,
}

impl Default for JsonWidget {
    fn default() -> Self {
        Self { rows: 8 }
    }
}

impl JsonWidget {
    /// Eight lines high.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many lines are shown at once.
    #[must_use]
    pub fn rows(mut self, rows: u16) -> Self {
        self.rows = rows;
        self
    }
}

impl Widget for JsonWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        write_json(control, self.rows, out);
    }

    fn show(&self, _: &Field, texts: Vec<Cow<'static, str>>) -> Vec<Cow<'static, str>> {
        texts.into_iter().map(|text| set_in_lines(&text).map_or(text, Cow::Owned)).collect()
    }
}

pub(super) fn write_json(control: &Control<'_>, rows: u16, out: &mut dyn Sink) {
    textarea::open(control, rows, out);
    textarea::finish_code(control, name!("data-fd-json"), out);
    out.text(control.value());
    out.close();
}

/// A JSON text with line breaks and two blanks for each level; `None` if it is none. Only white space changes: a parser
/// in between would write some numbers otherwise.
pub(super) fn set_in_lines(json: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(json).ok()?;
    let mut lines = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut letters = json.chars().peekable();
    let mut in_string = false;
    let mut just_opened = false;
    let new_line = |lines: &mut String, depth: usize| {
        lines.push('\n');
        lines.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(letter) = letters.next() {
        if in_string {
            lines.push(letter);
            match letter {
                '"' => in_string = false,
                '\\' => lines.extend(letters.next()),
                _ => {}
            }
            continue;
        }
        if letter.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(letter, '}' | ']');
        if closes {
            depth -= 1;
        }
        if just_opened != closes && (just_opened || closes) {
            new_line(&mut lines, depth);
        }
        just_opened = false;
        lines.push(letter);
        match letter {
            '"' => in_string = true,
            '{' | '[' => {
                depth += 1;
                just_opened = true;
            }
            ',' => new_line(&mut lines, depth),
            ':' => lines.push(' '),
            _ => {}
        }
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_changes() {
        let json = r#"{"a":[1.10,{"b": "x\" , {"}],"e":{},"f":[ ],"n":12345678901234567890123}"#;
        let lines = "{\n  \"a\": [\n    1.10,\n    {\n      \"b\": \"x\\\" , {\"\n    }\n  ],\n  \"e\": {},\n  \"f\": [],\n  \
                     \"n\": 12345678901234567890123\n}";
        assert_eq!(set_in_lines(json).as_deref(), Some(lines));
        assert_eq!(set_in_lines(lines).as_deref(), Some(lines));
        assert_eq!(set_in_lines("1.0").as_deref(), Some("1.0"));
        assert_eq!(set_in_lines("\"a b\"").as_deref(), Some("\"a b\""));
        for none in ["", "{", "[1,]", "a"] {
            assert_eq!(set_in_lines(none), None);
        }
        let deep = "[".repeat(10_000);
        assert_eq!(set_in_lines(&deep), None);
    }
}
