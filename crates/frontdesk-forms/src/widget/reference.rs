use std::borrow::Cow;

use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::Choice;

use super::describe::Own;
use super::{Control, Search, SelectWidget, Widget, choices, select};
use crate::Slot;

/// A row of another table, searched for by its label: for references to tables with too many rows to list.
///
/// Without the script the search is a button that brings the form back with what was found to choose from; with it, rows
/// are found while one types. Where the rows can be listed, it is a [`SelectWidget`].
///
/// ```
/// use frontdesk_data::Field;
/// use frontdesk_forms::{FieldWidget, ReferenceWidget};
///
/// let album = Field::reference("album", "album").with_widget(ReferenceWidget::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReferenceWidget {}

impl ReferenceWidget {
    /// A search.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for ReferenceWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        let Some(search) = control.search() else { return SelectWidget::new().write(control, out) };
        out.open(name!("div"));
        control.write_class(Slot::Search, out);
        write_search(control, search, out);
        write_found(control, search, out);
        if control.is_multiple() {
            write_several(control, out);
        } else {
            write_one(control, out);
        }
        out.close();
    }
}

fn write_search(control: &Control<'_>, search: &Search<'_>, out: &mut dyn Sink) {
    out.open(name!("div"));
    control.write_class(Slot::Joined, out);
    out.open(name!("input"));
    out.attr(name!("type"), "text");
    out.attr(name!("id"), control.id());
    out.attr(name!("name"), &control.name_with("_find_"));
    out.attr(name!("value"), search.text);
    out.attr(name!("enterkeyhint"), "search");
    out.attr(name!("autocomplete"), "off");
    out.attr_opt(name!("placeholder"), control.placeholder());
    if control.has_script() {
        out.attr(name!("data-fd-search"), control.name());
        out.flag_if(name!("data-fd-create"), search.creates);
    }
    let class = control.class(Slot::Input);
    if !class.is_empty() {
        out.attr(name!("class"), &class);
    }
    out.attr_opt(name!("title"), control.title());
    out.flag_if(name!("disabled"), control.is_disabled());
    // Of what may be chosen nothing is typed here: only that something has to be chosen is said.
    if control.is_required() {
        out.attr(name!("aria-required"), "true");
    }
    control.tie(out);
    out.close();
    write_button(control, "_lookup", &control.word("form-search", "Search"), out);
    if search.creates && !search.text.trim().is_empty() {
        write_button(control, "_create", &control.word("form-create", "Add as new"), out);
    }
    out.close();
}

fn write_button(control: &Control<'_>, name: &str, text: &str, out: &mut dyn Sink) {
    out.open(name!("button"));
    out.attr(name!("type"), "submit");
    out.attr(name!("name"), name);
    out.attr(name!("value"), control.name());
    out.flag(name!("formnovalidate"));
    control.write_class(Slot::Button, out);
    out.attr(name!("aria-label"), &format!("{text}: {}", control.label()));
    out.flag_if(name!("disabled"), control.is_disabled());
    out.text(text);
    out.close();
}

/// Says what came of the search.
fn write_found(control: &Control<'_>, search: &Search<'_>, out: &mut dyn Sink) {
    let Some(found) = search.found else { return };
    let text: Cow<'_, str> = match (found, search.more) {
        (0, _) => control.word("form-search-nothing", "Nothing was found. Try another word"),
        (_, true) => control
            .word("form-search-more", "There are more than these. Write more of the name to find the others"),
        (1, false) => control.word("form-search-one", "One was found. Choose it below"),
        _ => control.word("form-search-found", "Choose one of those that were found"),
    };
    out.open(name!("p"));
    control.write_class(Slot::Info, out);
    out.attr(name!("role"), "status");
    out.text(&text);
    out.close();
}

/// The labels of what is chosen and what was found.
fn offered<'c>(control: &'c Control<'_>) -> impl Iterator<Item = &'c Choice> {
    control.choices().iter().filter(|choice| !choice.value.is_empty())
}

fn write_one(control: &Control<'_>, out: &mut dyn Sink) {
    let strays = choices::strays(control);
    let none = Choice::new("", control.word("form-nothing-chosen", "Nothing chosen"));
    let wrapped = select::open_wrap(control, out);
    out.open(name!("select"));
    out.attr(name!("id"), &format!("{}_value", control.id()));
    out.attr(name!("name"), control.name());
    out.attr(name!("aria-label"), &format!("{}: {}", control.label(), control.word("form-choice", "choice")));
    if control.has_script() {
        out.flag(name!("data-fd-value"));
    }
    let own = Own { autocomplete: Some("off"), optional: true, ..Own::default() };
    control.finish("select", Slot::Select, own, out);
    // What may be left empty has to be able to become empty again.
    let empty = (control.value().is_empty() || !control.is_required()).then_some(&none);
    select::write_options(
        empty.into_iter().chain(&strays).chain(offered(control)),
        |value| value == control.value(),
        out,
    );
    out.close();
    if wrapped {
        out.close();
    }
}

fn write_several(control: &Control<'_>, out: &mut dyn Sink) {
    out.open(name!("div"));
    control.write_class(Slot::Choices, out);
    out.attr(name!("role"), "group");
    out.attr(
        name!("aria-label"),
        &format!("{}: {}", control.label(), control.word("form-choices", "choices")),
    );
    if control.has_script() {
        out.flag(name!("data-fd-value"));
    }
    let strays = choices::strays(control);
    for (index, choice) in strays.iter().chain(offered(control)).enumerate() {
        out.open(name!("label"));
        control.write_class(Slot::Choice, out);
        out.open(name!("input"));
        out.attr(name!("type"), "checkbox");
        out.attr(name!("id"), &format!("{}_value_{index}", control.id()));
        out.attr(name!("name"), control.name());
        out.attr(name!("value"), &choice.value);
        out.flag_if(name!("checked"), control.is_chosen(&choice.value));
        let own = Own { in_group: true, optional: true, autocomplete: Some(""), ..Own::default() };
        control.finish("", Slot::Checkbox, own, out);
        out.close();
        out.text(" ");
        choices::write_text(control, &choice.label, out);
        out.close();
    }
    out.close();
}
