//! Widgets: what edits a field.

mod checkbox;
pub(crate) mod control;
mod datetime;
mod file;
mod function;
mod input;
mod list;
mod password;
mod radio;
mod select;
mod textarea;

use std::fmt;
use std::sync::Arc;

use frontdesk_data::{Field, WidgetChoice};
use frontdesk_html::Sink;

pub use self::checkbox::CheckboxWidget;
pub use self::control::{Control, Search, ShownFile};
pub use self::datetime::DateTimeWidget;
pub use self::file::FileUploadWidget;
pub use self::function::widget_fn;
pub use self::input::InputWidget;
pub use self::list::ListWidget;
pub use self::password::PasswordWidget;
pub use self::radio::RadioWidget;
pub use self::select::SelectWidget;
pub use self::textarea::TextareaWidget;

/// Draws the control of a field.
///
/// What it must uphold so that forms work: the control is named [`Control::name`], has the id [`Control::id`] (or, if it
/// is several inputs, the first one has), and shows [`Control::values`]. Calling [`Control::describe`] on each input ties
/// errors and help to it.
///
/// ```
/// use frontdesk_forms::{Control, Widget};
/// use frontdesk_html::{Sink, SinkExt};
///
/// /// A slider.
/// #[derive(Debug)]
/// struct Slider;
///
/// impl Widget for Slider {
///     fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
///         out.element("input", |out| {
///             out.attrs([("type", "range"), ("id", control.id()), ("name", control.name())]);
///             out.attribute("value", control.value());
///             control.describe(out);
///         });
///     }
/// }
/// ```
///
/// See [`widget_fn`] for one that is a closure over elements.
pub trait Widget: fmt::Debug + Send + Sync + 'static {
    /// Writes the control.
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink);

    /// Whether it writes something else each time, other than by what is in the control; the current time, say. A form
    /// that nobody filled in yet is otherwise drawn once and shown many times. Default: no.
    fn varies(&self) -> bool {
        false
    }

    /// Whether the control is several inputs, so that the field's label names a group instead of an input.
    /// Default: no.
    fn is_group(&self, _control: &Control<'_>) -> bool {
        false
    }

    /// Whether the label stands beside the control and is drawn by the widget. Default: no.
    fn draws_label(&self, _control: &Control<'_>) -> bool {
        false
    }
}

/// Chooses a widget object for a field; the counterpart of [`Field::widget`] for widgets of your own.
pub trait FieldWidget {
    /// Sets the widget.
    ///
    /// ```
    /// use frontdesk_data::Field;
    /// use frontdesk_forms::{FieldWidget, RadioWidget};
    ///
    /// let color = Field::string("color").with_widget(RadioWidget::new());
    /// ```
    #[must_use]
    fn with_widget(self, widget: impl Widget) -> Self;
}

impl FieldWidget for Field {
    fn with_widget(mut self, widget: impl Widget) -> Self {
        let widget: Arc<dyn Widget> = Arc::new(widget);
        self.widget = Some(WidgetChoice::Custom(Arc::new(widget)));
        self
    }
}

/// The standard widget of that name; `None` for an unknown name.
///
/// The names are `text`, `textarea`, `select`, `radio`, `checkbox`, `list`, `password`, `upload`, `date`, `time`,
/// `datetime`, and the input types `number`, `email`, `url`, `tel`, `search`, `color`, `range`, `month`, `week`.
pub fn by_name(name: &str) -> Option<Arc<dyn Widget>> {
    Some(match name {
        "text" | "string" => Arc::new(InputWidget::text()),
        "textarea" => Arc::new(TextareaWidget::new()),
        "select" | "options" => Arc::new(SelectWidget::new()),
        "radio" => Arc::new(RadioWidget::new()),
        "checkbox" => Arc::new(CheckboxWidget::new()),
        "list" => Arc::new(ListWidget::new()),
        "password" => Arc::new(PasswordWidget::new()),
        "upload" | "file" => Arc::new(FileUploadWidget::new()),
        "date" => Arc::new(DateTimeWidget::date()),
        "time" => Arc::new(DateTimeWidget::time()),
        "datetime" => Arc::new(DateTimeWidget::datetime()),
        other => {
            let known = InputWidget::TYPES.iter().find(|known| **known == other)?;
            Arc::new(InputWidget::new(known))
        }
    })
}
