use frontdesk_html::{Sink, name};

use super::input::{shows, write_input};
use super::{Control, Widget};
use crate::Slot;

/// A colour, as `#rrggbb`: the browser's own palette, with the value beside it.
///
/// A palette always has a colour. So what may be left empty, and what is no such colour, is edited as text.
///
/// ```
/// use frontdesk_data::Field;
/// use frontdesk_forms::{ColorWidget, FieldWidget};
/// use frontdesk_validate::IsMatch;
///
/// let hex = IsMatch::new("#[0-9a-f]{6}$")?;
/// let accent = Field::string("accent").requires(hex).with_widget(ColorWidget::new());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ColorWidget {}

impl ColorWidget {
    /// A palette.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for ColorWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        if !control.is_required() || !shows("color", control.value()) {
            return write_input(control, "text", None, out);
        }
        out.open(name!("div"));
        control.write_class(Slot::Joined, out);
        write_input(control, "color", None, out);
        write_output(control, control.value(), out);
        out.close();
    }
}

/// What the input beside it says; the script keeps it so.
pub(super) fn write_output(control: &Control<'_>, value: &str, out: &mut dyn Sink) {
    out.open(name!("output"));
    out.attr(name!("for"), control.id());
    control.write_class(Slot::Output, out);
    out.text(value);
    out.close();
}
