use frontdesk_html::{Sink, SinkExt, name};

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
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        out.open(name!("textarea"));
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.attr(name!("rows"), &self.rows.to_string());
        out.attr_opt(name!("placeholder"), control.placeholder());
        control.describe_as(Slot::Textarea, out);
        out.text(control.value());
        out.close();
    }
}
