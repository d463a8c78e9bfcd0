use frontdesk_html::{Sink, name};
use frontdesk_validate::Choice;

use super::describe::Own;
use super::list::{with_spare, write_item};
use super::{Control, Widget, select};
use crate::Slot;

/// Several values whose order matters: a numbered list of inputs, or of drop-down lists where there are choices. The
/// order of the inputs is the order of the values.
///
/// The script gives each line buttons that move it.
///
/// ```
/// use frontdesk_data::{Field, FieldType};
/// use frontdesk_forms::{FieldWidget, OrderedListWidget};
/// use frontdesk_validate::IsInSet;
///
/// let wishes = Field::new("wishes", FieldType::ListString)
///     .requires(IsInSet::new(["a bike", "a kite", "a book"]).multiple(..))
///     .with_widget(OrderedListWidget::new());
/// ```
#[derive(Clone, Debug)]
pub struct OrderedListWidget {
    spare: usize,
}

impl Default for OrderedListWidget {
    fn default() -> Self {
        Self { spare: 2 }
    }
}

impl OrderedListWidget {
    /// A list with two empty inputs at its end.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many empty inputs there are: at least 1. Of drop-down lists there are no more than choices.
    #[must_use]
    pub fn spare(mut self, spare: usize) -> Self {
        self.spare = spare.max(1);
        self
    }
}

impl Widget for OrderedListWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        control.open_group(Slot::Inner, out);
        out.open(name!("ol"));
        control.write_class(Slot::Ordered, out);
        if control.has_script() {
            out.flag(name!("data-fd-ordered"));
        }
        let offered: Vec<&Choice> =
            control.choices().iter().filter(|choice| !choice.value.is_empty()).collect();
        let filled = control.values().iter().filter(|value| !value.is_empty()).count();
        let spare = match offered.len() {
            0 => self.spare,
            choices => self.spare.min(choices.saturating_sub(filled)),
        };
        for (index, value) in with_spare(control, spare).enumerate() {
            out.open(name!("li"));
            control.write_class(Slot::Item, out);
            if offered.is_empty() {
                write_item(control, index, value, out);
            } else {
                write_select(control, &offered, index, value, out);
            }
            out.close();
        }
        out.close();
        out.close();
    }

    fn is_group(&self, _: &Control<'_>) -> bool {
        true
    }
}

fn write_select(control: &Control<'_>, offered: &[&Choice], index: usize, value: &str, out: &mut dyn Sink) {
    let wrapped = !control.style().class_of(Slot::SelectWrap).is_empty();
    if wrapped {
        out.open(name!("div"));
        out.attr(name!("class"), &control.class(Slot::SelectWrap));
    }
    out.open(name!("select"));
    out.attr(name!("id"), &control.id_at(index));
    out.attr(name!("name"), control.name());
    out.attr(name!("aria-label"), &format!("{} {}", control.label(), index + 1));
    control.finish_item("select", Slot::Select, Own { autocomplete: Some(""), ..Own::default() }, out);
    let none = Choice::new("", "");
    let stray = Choice::new(value, value);
    let is_stray = !value.is_empty() && !offered.iter().any(|choice| choice.value == value);
    let choices = std::iter::once(&none).chain(is_stray.then_some(&stray)).chain(offered.iter().copied());
    select::write_options(choices, |known| known == value, out);
    out.close();
    if wrapped {
        out.close();
    }
}
