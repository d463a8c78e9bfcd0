//! Widgets: what edits a field.

mod autocomplete;
mod checkbox;
mod choices;
mod color;
pub(crate) mod control;
mod datetime;
mod describe;
mod file;
mod function;
mod input;
mod json;
mod key_value;
mod list;
mod nullable;
mod ordered_list;
mod password;
mod radio;
mod range;
mod reference;
mod select;
mod tags;
mod textarea;
mod zoned;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use frontdesk_data::{Field, WidgetChoice};
use frontdesk_html::Sink;
use frontdesk_validate::ValidationError;

pub use self::checkbox::CheckboxWidget;
pub use self::color::ColorWidget;
pub use self::control::{Control, Search, ShownFile};
pub use self::datetime::DateTimeWidget;
pub use self::file::FileUploadWidget;
pub use self::function::widget_fn;
pub use self::input::InputWidget;
pub use self::json::JsonWidget;
pub use self::key_value::KeyValueWidget;
pub use self::list::ListWidget;
pub use self::nullable::NullableWidget;
pub use self::ordered_list::OrderedListWidget;
pub use self::password::PasswordWidget;
pub use self::radio::RadioWidget;
pub use self::range::RangeWidget;
pub use self::reference::ReferenceWidget;
pub use self::select::SelectWidget;
pub use self::tags::TagsWidget;
pub use self::textarea::TextareaWidget;
pub use self::zoned::UnknownZone;

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

    /// Whether the control with `value` in it is the same HTML as with any other value of which this is true, but for the
    /// value itself and the text of the error, which stand, escaped, where those would. A form that comes back is then
    /// put together from parts that were drawn before. Default: no.
    fn is_template(&self, _value: &str) -> bool {
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

    /// The texts in the control for a value's texts: how a widget shows what it does not edit as it is. A time in the
    /// visitor's zone, say, that is stored in UTC. Default: the texts themselves.
    ///
    /// [`read`](Self::read) has to lead back from them.
    fn show(&self, _field: &Field, texts: Vec<Cow<'static, str>>) -> Vec<Cow<'static, str>> {
        texts
    }

    /// What was typed, as the field's rules read it. A refused form shows again what was typed. Default: just that.
    ///
    /// A submission as JSON says values, not what was typed, and does not come here.
    ///
    /// # Errors
    /// Why that cannot be read; it is shown as the field's error.
    fn read(&self, _field: &Field, typed: Vec<String>) -> Result<Vec<String>, ValidationError> {
        Ok(typed)
    }

    /// Whether [`show`](Self::show) and [`read`](Self::read) give back whatever they get, as they do by default, so that they
    /// need not be asked. Default: no.
    fn is_plain(&self) -> bool {
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
/// | name | widget |
/// |---|---|
/// | `text` | [`InputWidget`]; so are the input types `number`, `email`, `url`, `tel`, `search`, `month`, `week` |
/// | `textarea` | [`TextareaWidget`] |
/// | `select`, `radio`, `checkbox` | [`SelectWidget`], [`RadioWidget`], [`CheckboxWidget`] |
/// | `nullable` | [`NullableWidget`]: yes, no, or no answer |
/// | `reference` | [`ReferenceWidget`] |
/// | `date`, `time`, `datetime` | [`DateTimeWidget`]; `datetime:Europe/Berlin` has a time zone |
/// | `color`, `range` | [`ColorWidget`], [`RangeWidget`] |
/// | `list`, `ordered`, `tags` | [`ListWidget`], [`OrderedListWidget`], [`TagsWidget`] |
/// | `json`, `keyvalue` | [`JsonWidget`], [`KeyValueWidget`] |
/// | `password`, `current-password` | [`PasswordWidget`] |
/// | `upload` | [`FileUploadWidget`] |
///
/// ```
/// use frontdesk_forms::widget::by_name;
///
/// assert!(by_name("radio").is_some());
/// assert!(by_name("datetime:Europe/Berlin").is_some());
/// assert!(by_name("teapot").is_none());
/// ```
pub fn by_name(name: &str) -> Option<Arc<dyn Widget>> {
    Some(match name {
        "text" | "string" => Arc::new(InputWidget::text()),
        "textarea" => Arc::new(TextareaWidget::new()),
        "select" | "options" => Arc::new(SelectWidget::new()),
        "radio" => Arc::new(RadioWidget::new()),
        "checkbox" => Arc::new(CheckboxWidget::new()),
        "nullable" => Arc::new(NullableWidget::new()),
        "reference" => Arc::new(ReferenceWidget::new()),
        "list" => Arc::new(ListWidget::new()),
        "ordered" => Arc::new(OrderedListWidget::new()),
        "tags" => Arc::new(TagsWidget::new()),
        "json" => Arc::new(JsonWidget::new()),
        "keyvalue" => Arc::new(KeyValueWidget::new()),
        "color" => Arc::new(ColorWidget::new()),
        "range" => Arc::new(RangeWidget::new()),
        "password" => Arc::new(PasswordWidget::new()),
        "current-password" => Arc::new(PasswordWidget::current()),
        "upload" | "file" => Arc::new(FileUploadWidget::new()),
        "date" => Arc::new(DateTimeWidget::date()),
        "time" => Arc::new(DateTimeWidget::time()),
        "datetime" => Arc::new(DateTimeWidget::datetime()),
        other => {
            if let Some(zone) = other.strip_prefix("datetime:") {
                return Some(Arc::new(DateTimeWidget::zoned(zone).ok()?));
            }
            let known = InputWidget::TYPES.iter().find(|known| **known == other)?;
            Arc::new(InputWidget::new(known))
        }
    })
}
