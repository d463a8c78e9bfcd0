use frontdesk_html::{Sink, SinkExt, name};

use super::{Control, Widget};

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
        out.open(name!("div"));
        out.attr(name!("role"), "group");
        out.attr(name!("aria-labelledby"), &format!("{}_label", control.id()));
        let filled = control.values().iter().filter(|value| !value.is_empty()).map(|value| &**value);
        for (index, value) in filled.chain(std::iter::repeat_n("", self.spare)).enumerate() {
            out.open(name!("input"));
            out.attr(name!("type"), "text");
            if index == 0 {
                out.attr(name!("id"), control.id());
            } else {
                out.attr(name!("id"), &format!("{}_{index}", control.id()));
            }
            out.attr(name!("name"), control.name());
            out.attr(name!("value"), value);
            out.attr(name!("aria-label"), &format!("{} {}", control.label(), index + 1));
            out.attr_opt(name!("placeholder"), control.placeholder());
            control.describe(out);
            out.close();
        }
        out.close();
    }

    fn is_group(&self, _: &Control<'_>) -> bool {
        true
    }
}
