use frontdesk_html::{Sink, SinkExt, name};

use super::describe::Own;
use super::{Control, Widget};
use crate::Slot;

/// Several values, an input for each, and empty ones to add more. Empty inputs are no values.
#[derive(Clone, Debug)]
pub struct ListWidget {
    spare: usize,
}

impl Default for ListWidget {
    fn default() -> Self {
        Self { spare: 2 }
    }
}

impl ListWidget {
    /// A list with two empty inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many empty inputs there are: at least 1.
    #[must_use]
    pub fn spare(mut self, spare: usize) -> Self {
        self.spare = spare.max(1);
        self
    }
}

impl Widget for ListWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        control.open_group(Slot::Inner, out);
        for (index, value) in with_spare(control, self.spare).enumerate() {
            out.open(name!("div"));
            control.write_class(Slot::Item, out);
            write_item(control, index, value, out);
            out.close();
        }
        out.close();
    }

    fn is_group(&self, _: &Control<'_>) -> bool {
        true
    }
}

/// The values that are none of the empty inputs, and then `spare` empty ones.
pub(super) fn with_spare<'c>(control: &'c Control<'_>, spare: usize) -> impl Iterator<Item = &'c str> {
    let filled = control.values().iter().filter(|value| !value.is_empty()).map(|value| &**value);
    filled.chain(std::iter::repeat_n("", spare))
}

/// The input of one value.
pub(super) fn write_item(control: &Control<'_>, index: usize, value: &str, out: &mut dyn Sink) {
    // An input of one line would drop the line breaks.
    let lines = value.contains(['\n', '\r']);
    out.open(if lines { name!("textarea") } else { name!("input") });
    if !lines {
        out.attr(name!("type"), "text");
    }
    out.attr(name!("id"), &control.id_at(index));
    out.attr(name!("name"), control.name());
    if !lines {
        out.attr(name!("value"), value);
    }
    out.attr(name!("aria-label"), &format!("{} {}", control.label(), index + 1));
    out.attr_opt(name!("placeholder"), control.placeholder());
    let (kind, slot) = if lines { ("textarea", Slot::Textarea) } else { ("text", Slot::Input) };
    control.finish_item(kind, slot, Own { autocomplete: Some(""), ..Own::default() }, out);
    if lines {
        out.text(value);
    }
    out.close();
}
