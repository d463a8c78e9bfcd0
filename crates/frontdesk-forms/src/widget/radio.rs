use frontdesk_html::{Sink, SinkExt, name};

use frontdesk_validate::Choice;

use super::{Control, Widget};
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
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        write_choices(control, "radio", Slot::Radio, out);
    }

    fn is_group(&self, _: &Control<'_>) -> bool {
        true
    }
}

/// A group of inputs, one for each choice; the first has the control's id.
pub(super) fn write_choices(control: &Control<'_>, kind: &str, slot: Slot, out: &mut dyn Sink) {
    out.open(name!("div"));
    out.attr(name!("role"), if kind == "radio" { "radiogroup" } else { "group" });
    out.attr(name!("aria-labelledby"), &format!("{}_label", control.id()));
    if control.is_required() && kind == "radio" {
        out.attr(name!("aria-required"), "true");
    }
    control.tie(out);
    // What may be left empty has to be able to become empty again.
    let offered = control
        .choices()
        .iter()
        .filter(|choice| !choice.value.is_empty() || (kind == "radio" && !control.is_required()));
    // A stored value that is no choice any more must not vanish by saving the form.
    let stray = control.values().iter().filter(|value| {
        !value.is_empty() && !control.choices().iter().any(|choice| choice.value == ***value)
    });
    let stray: Vec<Choice> = stray.map(|value| Choice::new(value.clone(), value.clone())).collect();
    for (index, choice) in offered.chain(&stray).enumerate() {
        out.open(name!("label"));
        let class = control.style().class_of(Slot::Choice);
        if !class.is_empty() {
            out.attr(name!("class"), class);
        }
        out.open(name!("input"));
        out.attr(name!("type"), kind);
        if index == 0 {
            out.attr(name!("id"), control.id());
        } else {
            out.attr(name!("id"), &format!("{}_{index}", control.id()));
        }
        out.attr(name!("name"), control.name());
        out.attr(name!("value"), &choice.value);
        out.flag_if(name!("checked"), control.is_chosen(&choice.value));
        let class = control.class(slot);
        if !class.is_empty() {
            out.attr(name!("class"), &class);
        }
        out.attr_opt(name!("title"), control.title());
        out.close();
        out.text(" ");
        out.text(if choice.label.is_empty() { "None" } else { &choice.label });
        out.close();
    }
    out.close();
}
