use frontdesk_html::{Sink, SinkExt, name};

use super::describe::Own;
use super::{Control, TextareaWidget, Widget};
use crate::Slot;

/// An `input` of one line: text, or one of the typed inputs.
///
/// ```
/// use frontdesk_forms::InputWidget;
///
/// let amount = InputWidget::text().inputmode("decimal");
/// let phone = InputWidget::new("tel");
/// ```
#[derive(Clone, Debug)]
pub struct InputWidget {
    kind: &'static str,
    inputmode: Option<&'static str>,
}

impl InputWidget {
    /// The input types that hold one value which can be written as text.
    pub const TYPES: &'static [&'static str] =
        &["text", "number", "email", "url", "tel", "search", "color", "range", "month", "week"];

    /// An input of the given type.
    pub fn new(kind: &'static str) -> Self {
        Self { kind, inputmode: None }
    }

    /// A text input.
    pub fn text() -> Self {
        Self::new("text")
    }

    /// Says which keyboard a phone shows: `numeric`, `decimal`, `email`, `tel`, `url`, `search`.
    #[must_use]
    pub fn inputmode(mut self, mode: &'static str) -> Self {
        self.inputmode = Some(mode);
        self
    }
}

/// Whether a browser shows `value` in an input of that type as it is. What it does not would be lost, so it goes into a
/// text input.
pub(super) fn shows(kind: &str, value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        // These cannot be empty: a browser would send a value that nobody chose.
        "range" => is_number(value),
        "color" => {
            value.len() == 7
                && value.starts_with('#')
                && value[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        _ if value.is_empty() => true,
        "number" => is_number(value),
        "month" => value.split_once('-').is_some_and(|(year, month)| {
            digits(year) && year.len() == 4 && digits(month) && matches!(month.parse(), Ok(1..=12))
        }),
        "week" => value.split_once("-W").is_some_and(|(year, week)| {
            digits(year) && year.len() == 4 && digits(week) && matches!(week.parse(), Ok(1..=53))
        }),
        _ => true,
    }
}

/// A number as HTML writes it: no `+`, no bare point, no infinity.
pub(super) fn is_number(value: &str) -> bool {
    let ends = value.ends_with(|letter: char| letter.is_ascii_digit());
    let begins =
        value.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_digit() || letter == '.');
    ends && begins && !value.contains('+') && value.parse::<f64>().is_ok_and(f64::is_finite)
}

impl Widget for InputWidget {
    fn is_template(&self, value: &str) -> bool {
        matches!(self.kind, "text" | "email" | "url" | "tel" | "search") && !value.contains(['\n', '\r'])
    }

    fn is_plain(&self) -> bool {
        true
    }

    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        if control.value().contains(['\n', '\r']) {
            // An input of one line would drop the line breaks.
            return TextareaWidget::new().write(control, out);
        }
        let kind = if shows(self.kind, control.value()) { self.kind } else { "text" };
        write_input(control, kind, self.inputmode, out);
    }
}

/// An input of that type with the control's value.
pub(super) fn write_input(
    control: &Control<'_>,
    kind: &str,
    inputmode: Option<&'static str>,
    out: &mut dyn Sink,
) {
    out.open(name!("input"));
    out.attr(name!("type"), kind);
    out.attr(name!("id"), control.id());
    out.attr(name!("name"), control.name());
    out.attr(name!("value"), control.value());
    out.attr_opt(name!("placeholder"), control.placeholder());
    if matches!(inputmode, Some("email" | "url")) {
        // As browsers do by themselves in inputs of those types.
        out.attr(name!("autocapitalize"), "none");
        out.attr(name!("spellcheck"), "false");
    }
    let slot = match kind {
        "color" => Slot::Color,
        "range" => Slot::Range,
        _ => Slot::Input,
    };
    control.finish(kind, slot, Own { inputmode, ..Own::default() }, out);
    out.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_shows_is_given_to_it() {
        for (kind, value) in [
            ("number", "-1.5"),
            ("number", ""),
            ("number", "1e3"),
            ("color", "#00fF00"),
            ("month", "2024-12"),
            ("week", "2024-W01"),
            ("range", "0"),
            ("text", "anything"),
        ] {
            assert!(shows(kind, value), "{kind} {value}");
        }
        for (kind, value) in [
            ("number", "inf"),
            ("number", "nan"),
            ("number", "+5"),
            ("number", "5."),
            ("number", "abc"),
            ("range", ""),
            ("color", ""),
            ("color", "red"),
            ("color", "#0000é"),
            ("month", "2024-13"),
            ("week", "W1"),
        ] {
            assert!(!shows(kind, value), "{kind} {value}");
        }
    }
}
