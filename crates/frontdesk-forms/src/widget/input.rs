use frontdesk_html::{Sink, SinkExt, name};

use super::{Control, Widget};

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

impl Widget for InputWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        // Browsers show nothing for a text that is no number: what was typed would be lost.
        let keeps = !matches!(self.kind, "number" | "range") || control.value().parse::<f64>().is_ok();
        let kind = if keeps || control.value().is_empty() { self.kind } else { "text" };
        out.open(name!("input"));
        out.attr(name!("type"), kind);
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.attr(name!("value"), control.value());
        out.attr_opt(name!("inputmode"), self.inputmode);
        out.attr_opt(name!("placeholder"), control.placeholder());
        control.describe(out);
        out.close();
    }
}
