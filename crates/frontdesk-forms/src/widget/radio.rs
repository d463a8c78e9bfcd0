use frontdesk_html::Sink;

use super::{Control, Widget, choices};
use crate::Slot;

/// A radio button for each choice. The choice without a value (`zero`) is left out where something has to be chosen.
#[derive(Clone, Debug, Default)]
pub struct RadioWidget {}

impl RadioWidget {
    /// Radio buttons.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for RadioWidget {
    fn is_plain(&self) -> bool {
        true
    }

    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        choices::write(control, "radio", Slot::Radio, out);
    }

    fn is_group(&self, _: &Control<'_>) -> bool {
        true
    }
}
