use frontdesk_html::{Sink, SinkExt, name};

use super::describe::Own;
use super::{Control, Widget};
use crate::Slot;

/// A text of several lines.
#[derive(Clone, Debug)]
pub struct TextareaWidget {
    rows: u16,
}

impl Default for TextareaWidget {
    fn default() -> Self {
        Self { rows: 5 }
    }
}

impl TextareaWidget {
    /// Five lines high.
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

impl Widget for TextareaWidget {
    fn is_template(&self, value: &str) -> bool {
        !value.starts_with('\n') // a parser would swallow it: it is written twice
    }

    fn is_plain(&self) -> bool {
        true
    }

    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        open(control, self.rows, out);
        control.finish("textarea", Slot::Textarea, Own::default(), out);
        out.text(control.value());
        out.close();
    }
}

/// Begins a `textarea`; what it says of itself and its text are to follow.
pub(super) fn open(control: &Control<'_>, rows: u16, out: &mut dyn Sink) {
    out.open(name!("textarea"));
    out.attr(name!("id"), control.id());
    out.attr(name!("name"), control.name());
    out.attr(name!("rows"), &rows.to_string());
    out.attr_opt(name!("placeholder"), control.placeholder());
}

/// Adds what a text for machines needs: no spelling checker, and the mark by which the script knows it.
pub(super) fn finish_code(control: &Control<'_>, mark: frontdesk_html::Name, out: &mut dyn Sink) {
    out.attr(name!("spellcheck"), "false");
    out.attr(name!("autocapitalize"), "off");
    if control.has_script() {
        out.flag(mark);
    }
    control.finish("textarea", Slot::Code, Own { autocomplete: Some("off"), ..Own::default() }, out);
}
