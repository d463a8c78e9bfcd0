use frontdesk_html::{Sink, name};
use frontdesk_validate::InputKind;

use super::color::write_output;
use super::describe::Own;
use super::input::{is_number, write_input};
use super::{Control, Widget};
use crate::Slot;

/// A number on a slider, from the least to the greatest value that the rules accept, with the number beside it.
///
/// A slider always has a value, and one between its ends. So what may be left empty, and a number that is not on it, is
/// edited in a number input. The number beside the slider moves with the script; without it, it is the one that was
/// there at first, and says so.
///
/// ```
/// use frontdesk_data::Field;
/// use frontdesk_forms::{FieldWidget, RangeWidget};
/// use frontdesk_validate::IsIntInRange;
///
/// let volume = Field::integer("volume").requires(IsIntInRange::new(0..=10)).with_widget(RangeWidget::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct RangeWidget {}

impl RangeWidget {
    /// A slider.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for RangeWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        let value = control.value();
        if !is_on_slider(control) {
            let kind = if value.is_empty() || is_number(value) { "number" } else { "text" };
            return write_input(control, kind, None, out);
        }
        out.open(name!("div"));
        control.write_class(Slot::Joined, out);
        out.open(name!("input"));
        out.attr(name!("type"), "range");
        out.attr(name!("id"), control.id());
        out.attr(name!("name"), control.name());
        out.attr(name!("value"), value);
        control.finish("range", Slot::Range, Own::default(), out);
        out.close();
        if control.has_script() {
            write_output(control, value, out);
        } else {
            write_output(control, &format!("{} {value}", control.word("form-range-was", "was")), out);
        }
        out.close();
    }
}

/// Whether a slider can hold the value as it is.
fn is_on_slider(control: &Control<'_>) -> bool {
    let constraints = control.constraints();
    let number = |text: &str| text.parse::<f64>().ok();
    let (Some(min), Some(max)) = (&constraints.min, &constraints.max) else { return false };
    let (Some(min), Some(max)) = (number(&min.value), number(&max.value)) else { return false };
    let value = control.value();
    if !control.is_required() || !is_number(value) {
        return false;
    }
    let whole = constraints.kind.as_ref().is_some_and(|kind| kind.value == InputKind::Integer);
    number(value).is_some_and(|value| {
        (min..=max).contains(&value) && (!whole || ((value - min) % 1.0).abs() < f64::EPSILON)
    })
}
