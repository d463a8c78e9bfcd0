use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::Choice;

use super::describe::Own;
use super::{Control, Widget, choices};
use crate::Slot;

/// A drop-down list; a list box where several values may be chosen. Choices of a group stand under its heading.
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
    fn is_plain(&self) -> bool {
        true
    }

    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        let wrapped = open_wrap(control, out);
        out.open(name!("select"));
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.flag_if(name!("multiple"), control.is_multiple());
        control.finish("select", Slot::Select, Own::default(), out);
        let strays = choices::strays(control);
        let choices =
            control.choices().iter().filter(|choice| !(control.is_multiple() && choice.value.is_empty()));
        write_options(strays.iter().chain(choices), |value| control.is_chosen(value), out);
        out.close();
        if wrapped {
            out.close();
        }
    }
}

/// Begins what stands around a drop-down list, where the style wants something there.
pub(super) fn open_wrap(control: &Control<'_>, out: &mut dyn Sink) -> bool {
    if control.style().class_of(Slot::SelectWrap).is_empty() {
        return false;
    }
    let mut class = control.class(Slot::SelectWrap);
    let multiple = control.style().class_of(Slot::SelectWrapMultiple);
    if control.is_multiple() && !multiple.is_empty() {
        class = format!("{class} {multiple}").into();
    }
    out.open(name!("div"));
    out.attr(name!("class"), &class);
    true
}

/// Options, with an `optgroup` around those of a group.
pub(super) fn write_options<'c>(
    choices: impl Iterator<Item = &'c Choice>,
    is_chosen: impl Fn(&str) -> bool,
    out: &mut dyn Sink,
) {
    let mut heading: Option<&str> = None;
    for choice in choices {
        let group = choice.group.as_deref();
        if group != heading {
            if heading.is_some() {
                out.close();
            }
            if let Some(group) = group {
                out.open(name!("optgroup"));
                out.attr(name!("label"), group);
            }
            heading = group;
        }
        out.open(name!("option"));
        out.attr(name!("value"), &choice.value);
        out.flag_if(name!("selected"), is_chosen(&choice.value));
        out.text(&choice.label);
        out.close();
    }
    if heading.is_some() {
        out.close();
    }
}
