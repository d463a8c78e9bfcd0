//! Groups of radio buttons and of checkboxes.

use std::borrow::Cow;

use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::Choice;

use super::Control;
use super::describe::Own;
use crate::Slot;

/// An input for each choice, in a group; the first has the control's id.
pub(super) fn write(control: &Control<'_>, kind: &'static str, slot: Slot, out: &mut dyn Sink) {
    control.open_group(Slot::Choices, out);
    // What may be left empty has to be able to become empty again.
    let offered = control
        .choices()
        .iter()
        .filter(|choice| !choice.value.is_empty() || (kind == "radio" && !control.is_required()));
    let strays = strays(control);
    let mut heading: Option<&str> = None;
    let mut headings = 0;
    for (index, choice) in offered.chain(&strays).enumerate() {
        let group = choice.group.as_deref();
        if group != heading {
            if heading.is_some() {
                out.close();
            }
            if let Some(group) = group {
                headings += 1;
                let id = format!("{}_group_{headings}", control.id());
                out.open(name!("div"));
                control.write_class(Slot::ChoiceSet, out);
                out.attr(name!("role"), "group");
                out.attr(name!("aria-labelledby"), &id);
                out.open(name!("div"));
                control.write_class(Slot::ChoiceGroup, out);
                out.attr(name!("id"), &id);
                out.text(group);
                out.close();
            }
            heading = group;
        }
        write_choice(control, kind, slot, index, choice, out);
    }
    if heading.is_some() {
        out.close();
    }
    out.close();
}

fn write_choice(
    control: &Control<'_>,
    kind: &'static str,
    slot: Slot,
    index: usize,
    choice: &Choice,
    out: &mut dyn Sink,
) {
    out.open(name!("label"));
    control.write_class(Slot::Choice, out);
    out.open(name!("input"));
    out.attr(name!("type"), kind);
    out.attr(name!("id"), &control.id_at(index));
    out.attr(name!("name"), control.name());
    out.attr(name!("value"), &choice.value);
    out.flag_if(name!("checked"), control.is_chosen(&choice.value));
    // Of several radio buttons it is enough that one says it; of checkboxes each would have to be ticked.
    let optional = index > 0 || kind == "checkbox";
    let own = Own { in_group: true, optional, autocomplete: Some(""), ..Own::default() };
    control.finish(if index == 0 { kind } else { "" }, slot, own, out);
    out.close();
    out.text(" ");
    let text =
        if choice.label.is_empty() { control.word("form-none", "None") } else { Cow::from(&*choice.label) };
    write_text(control, &text, out);
    out.close();
}

/// The text of a label beside its input.
pub(super) fn write_text(control: &Control<'_>, text: &str, out: &mut dyn Sink) {
    out.text_element(name!("span"), control.style().class_of(Slot::ChoiceText), text);
}

/// The values that are no choice (any more): they must not vanish by saving the form.
pub(super) fn strays(control: &Control<'_>) -> Vec<Choice> {
    let stray = control.values().iter().filter(|value| {
        !value.is_empty() && !control.choices().iter().any(|choice| choice.value == ***value)
    });
    stray.map(|value| Choice::new(value.clone(), value.clone())).collect()
}
