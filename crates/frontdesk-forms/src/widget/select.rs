use frontdesk_html::{Sink, SinkExt, name};

use super::{Control, Widget};
use crate::Slot;

/// A drop-down list; a list box where several values may be chosen.
///
/// A value that is none of the choices is kept as a choice of its own, so that looking at a record does not change it.
#[derive(Clone, Debug, Default)]
pub struct SelectWidget {}

impl SelectWidget {
    /// A drop-down list.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for SelectWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        let wrap = control.style().class_of(Slot::SelectWrap);
        if !wrap.is_empty() {
            out.open(name!("div"));
            if control.is_multiple() {
                out.attr(name!("class"), &format!("{wrap} is-multiple"));
            } else {
                out.attr(name!("class"), wrap);
            }
        }
        out.open(name!("select"));
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.flag_if(name!("multiple"), control.is_multiple());
        control.describe_as(Slot::Select, out);
        for value in control.values() {
            if !value.is_empty() && !control.choices().iter().any(|choice| choice.value == **value) {
                write_option(value, value, true, out);
            }
        }
        for choice in control.choices() {
            if control.is_multiple() && choice.value.is_empty() {
                continue;
            }
            let chosen = control.is_chosen(&choice.value);
            write_option(&choice.value, &choice.label, chosen, out);
        }
        out.close();
        if !wrap.is_empty() {
            out.close();
        }
    }
}

fn write_option(value: &str, label: &str, selected: bool, out: &mut dyn Sink) {
    out.open(name!("option"));
    out.attr(name!("value"), value);
    out.flag_if(name!("selected"), selected);
    out.text(label);
    out.close();
}
