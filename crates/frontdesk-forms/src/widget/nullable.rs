use std::borrow::Cow;

use frontdesk_data::{Field, FieldType};
use frontdesk_html::{Sink, name};
use frontdesk_validate::{Choice, ValidationError};

use super::describe::Own;
use super::{Control, SelectWidget, Widget, select};
use crate::Slot;
use crate::form::is_true;

/// Yes, no, or no answer, for a boolean that may be null: a checkbox cannot say all three.
///
/// A checkbox shows null as unticked, and null stays null as long as nobody ticks it.
///
/// ```
/// use frontdesk_data::Field;
/// use frontdesk_forms::{FieldWidget, NullableWidget};
///
/// let newsletter = Field::boolean("newsletter").with_widget(NullableWidget::new());
/// ```
///
/// By name it is `nullable`. For a field that is no boolean it is a [`SelectWidget`].
#[derive(Clone, Debug, Default)]
pub struct NullableWidget {}

impl NullableWidget {
    /// A drop-down list of three.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for NullableWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        if control.field().kind != FieldType::Boolean {
            return SelectWidget::new().write(control, out);
        }
        let chosen = match control.value() {
            "" => "",
            text if is_true(text) => "ON",
            _ => "OFF",
        };
        let choices = [
            ("", control.word("form-no-answer", "No answer")),
            ("ON", control.word("form-yes", "Yes")),
            ("OFF", control.word("form-no", "No")),
        ]
        .map(|(value, label)| Choice::new(value, label.into_owned()));
        let wrapped = select::open_wrap(control, out);
        out.open(name!("select"));
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        control.finish("select", Slot::Select, Own::default(), out);
        select::write_options(choices.iter(), |value| value == chosen, out);
        out.close();
        if wrapped {
            out.close();
        }
    }

    fn show(&self, field: &Field, texts: Vec<Cow<'static, str>>) -> Vec<Cow<'static, str>> {
        if field.kind != FieldType::Boolean {
            return texts;
        }
        let as_chosen = |text: Cow<'static, str>| match &*text {
            "" => text,
            yes if is_true(yes) => "ON".into(),
            _ => "OFF".into(),
        };
        texts.into_iter().map(as_chosen).collect()
    }

    fn read(&self, field: &Field, mut typed: Vec<String>) -> Result<Vec<String>, ValidationError> {
        if field.kind == FieldType::Boolean {
            typed.retain(|text| !text.is_empty());
        }
        Ok(typed)
    }
}
