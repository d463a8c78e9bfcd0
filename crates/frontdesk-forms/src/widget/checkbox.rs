use frontdesk_html::{Sink, SinkExt, name};

use super::describe::Own;
use super::{Control, Widget, choices};
use crate::Slot;
use crate::form::is_true;

/// A checkbox for a boolean, with its label beside it; a group of checkboxes for a field of several choices.
///
/// Ticked, a boolean is submitted as `ON`.
#[derive(Clone, Debug, Default)]
pub struct CheckboxWidget {}

impl CheckboxWidget {
    /// A checkbox.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for CheckboxWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        if control.is_choice_of_several() {
            return choices::write(control, "checkbox", Slot::Checkbox, out);
        }
        out.open(name!("label"));
        control.write_class(Slot::Choice, out);
        out.open(name!("input"));
        out.attr(name!("type"), "checkbox");
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.attr(name!("value"), "ON");
        out.flag_if(name!("checked"), is_true(control.value()));
        control.finish("checkbox", Slot::Checkbox, Own::default(), out);
        out.close();
        out.text(" ");
        choices::write_text(control, control.label(), out);
        out.close();
    }

    fn is_group(&self, control: &Control<'_>) -> bool {
        control.is_choice_of_several()
    }

    fn draws_label(&self, control: &Control<'_>) -> bool {
        !control.is_choice_of_several()
    }
}
