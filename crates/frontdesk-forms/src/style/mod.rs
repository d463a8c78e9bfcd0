//! How forms look.

mod frameworks;
mod slot;
mod tailwind;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use frontdesk_data::{Field, FieldType, WidgetChoice};
use frontdesk_html::{Name, Sink};
use frontdesk_validate::Choice;

pub use self::slot::Slot;
use crate::Widget;
use crate::widget::{
    CheckboxWidget, DateTimeWidget, FileUploadWidget, InputWidget, ListWidget, PasswordWidget, SelectWidget,
    TextareaWidget, by_name,
};

const SLOTS: usize = Slot::ALL.len();

/// The widget for the fields of a name.
type FieldWidgets = (Arc<str>, Arc<dyn Widget>);

/// How forms look: the classes of their parts, and which widget edits which field.
///
/// A style is a value. Changing one gives another one, and no form but those that it is given to is touched.
///
/// ```
/// use frontdesk_forms::{RadioWidget, Slot, Style};
///
/// let style = Style::bulma().widget("color", RadioWidget::new()).class(Slot::Submit, "button is-primary");
/// assert_eq!(style.class_of(Slot::Submit), "button is-primary");
/// assert_eq!(Style::bulma().class_of(Slot::Submit), "button is-success");
/// ```
#[derive(Clone)]
pub struct Style {
    classes: Arc<[Cow<'static, str>; SLOTS]>,
    widgets: Arc<Vec<FieldWidgets>>,
}

impl Style {
    /// The default: few classes, all beginning with `fd-`, for the bundled stylesheet or one of your own.
    pub fn plain() -> Self {
        Self::with_classes(frameworks::plain)
    }

    /// The classes of [Bulma](https://bulma.io) 1.
    pub fn bulma() -> Self {
        Self::with_classes(frameworks::bulma)
    }

    /// The classes of [Bootstrap](https://getbootstrap.com) 4.
    pub fn bootstrap4() -> Self {
        Self::with_classes(frameworks::bootstrap4)
    }

    /// The classes of [Bootstrap](https://getbootstrap.com) 5.
    pub fn bootstrap5() -> Self {
        Self::with_classes(frameworks::bootstrap5)
    }

    /// Utility classes of [Tailwind CSS](https://tailwindcss.com) 4, light and dark.
    ///
    /// Tailwind's compiler makes rules only for classes that it finds: write [`class_list`](Self::class_list) into a file
    /// that it reads.
    pub fn tailwind() -> Self {
        Self::with_classes(tailwind::tailwind)
    }

    /// Every class of this style, in alphabetical order, with blanks between: for tools that have to know them all.
    ///
    /// ```
    /// use frontdesk_forms::{Slot, Style};
    ///
    /// let style = Style::tailwind().class(Slot::Submit, "btn");
    /// assert!(style.class_list().split(' ').any(|class| class == "btn"));
    /// ```
    pub fn class_list(&self) -> String {
        let classes: BTreeSet<&str> =
            self.classes.iter().flat_map(|classes| classes.split_whitespace()).collect();
        classes.into_iter().collect::<Vec<_>>().join(" ")
    }

    fn with_classes(class: impl Fn(Slot) -> &'static str) -> Self {
        let mut classes = [const { Cow::Borrowed("") }; SLOTS];
        for slot in Slot::ALL {
            classes[*slot as usize] = Cow::Borrowed(class(*slot));
        }
        Self { classes: Arc::new(classes), widgets: Arc::default() }
    }

    /// This style with other classes for one part; several are separated by blanks.
    #[must_use]
    pub fn class(mut self, slot: Slot, classes: impl Into<Cow<'static, str>>) -> Self {
        Arc::make_mut(&mut self.classes)[slot as usize] = classes.into();
        self
    }

    /// This style with a widget for the fields of that name.
    #[must_use]
    pub fn widget(mut self, field: impl Into<Arc<str>>, widget: impl Widget) -> Self {
        let field = field.into();
        let widgets = Arc::make_mut(&mut self.widgets);
        widgets.retain(|(known, _)| *known != field);
        widgets.push((field, Arc::new(widget)));
        self
    }

    /// Whether a widget was chosen for the fields of that name.
    pub(crate) fn has_widget_for(&self, field: &str) -> bool {
        self.widgets.iter().any(|(known, _)| **known == *field)
    }

    /// This style with the widgets that `other` has for fields by name, where it has none for them itself.
    pub(crate) fn with_widgets_of(mut self, other: &Self) -> Self {
        let widgets = Arc::make_mut(&mut self.widgets);
        for (field, widget) in other.widgets.iter() {
            if !widgets.iter().any(|(known, _)| known == field) {
                widgets.push((Arc::clone(field), Arc::clone(widget)));
            }
        }
        self
    }

    /// The classes of a part; empty where it has none.
    pub fn class_of(&self, slot: Slot) -> &str {
        &self.classes[slot as usize]
    }

    /// Tells the script, on the form element just begun, the classes of what it draws itself.
    pub(crate) fn write_script_classes(&self, out: &mut dyn Sink) {
        const PARTS: [(Name, &str, Slot); 10] = [
            (Name::new_static("data-fd-class-error"), "fd-error", Slot::Error),
            (Name::new_static("data-fd-class-invalid"), "fd-invalid", Slot::Invalid),
            (Name::new_static("data-fd-class-summary"), "fd-summary", Slot::Summary),
            (Name::new_static("data-fd-class-summary-title"), "fd-summary-title", Slot::SummaryTitle),
            (Name::new_static("data-fd-class-summary-list"), "fd-summary-list", Slot::SummaryList),
            (Name::new_static("data-fd-class-summary-link"), "fd-summary-link", Slot::SummaryLink),
            (Name::new_static("data-fd-class-input"), "fd-input", Slot::Input),
            (Name::new_static("data-fd-class-button"), "fd-button", Slot::Button),
            (Name::new_static("data-fd-class-output"), "fd-output", Slot::Output),
            (Name::new_static("data-fd-class-hidden"), "fd-visually-hidden", Slot::Hidden),
        ];
        for (attribute, default, slot) in PARTS {
            let classes = self.class_of(slot);
            if !classes.is_empty() && classes != default {
                out.attr(attribute, classes);
            }
        }
    }

    /// The widget that edits a field: the one set for its name in this style, the one that the field chooses, or the one
    /// that follows from its type and choices.
    pub fn widget_of(&self, field: &Field, choices: Option<&[Choice]>) -> Arc<dyn Widget> {
        if let Some((_, widget)) = self.widgets.iter().find(|(name, _)| *name == field.name) {
            return Arc::clone(widget);
        }
        match &field.widget {
            Some(WidgetChoice::Named(name)) => {
                if let Some(widget) = by_name(name) {
                    return widget;
                }
            }
            Some(WidgetChoice::Custom(custom)) => {
                if let Some(widget) = custom.downcast_ref::<Arc<dyn Widget>>() {
                    return Arc::clone(widget);
                }
            }
            _ => {}
        }
        default_widget(field, choices.is_some())
    }
}

pub(crate) fn default_widget(field: &Field, has_choices: bool) -> Arc<dyn Widget> {
    match &field.kind {
        FieldType::Password => Arc::new(PasswordWidget::new()),
        _ if field.secret => Arc::new(PasswordWidget::new()),
        kind if kind.is_upload() => Arc::new(FileUploadWidget::new()),
        _ if has_choices => Arc::new(SelectWidget::new()),
        FieldType::Boolean => Arc::new(CheckboxWidget::new()),
        FieldType::Date => Arc::new(DateTimeWidget::date()),
        FieldType::Time => Arc::new(DateTimeWidget::time()),
        FieldType::DateTime if field.zone.is_none() => Arc::new(DateTimeWidget::datetime()),
        FieldType::DateTime | FieldType::Instant => {
            let zone = field.zone.as_deref().and_then(|zone| DateTimeWidget::zoned(zone).ok());
            Arc::new(zone.unwrap_or_else(DateTimeWidget::utc))
        }
        FieldType::Text | FieldType::Json | FieldType::Blob => Arc::new(TextareaWidget::new()),
        FieldType::String if field.length.is_some_and(|length| length > 512) => {
            Arc::new(TextareaWidget::new())
        }
        kind if kind.is_list() => Arc::new(ListWidget::new()),
        // Where the rules say what is read, they say the keyboard too: one with a minus sign where that is needed.
        FieldType::Integer
        | FieldType::BigInt
        | FieldType::Id
        | FieldType::Double
        | FieldType::Decimal { .. }
            if field.rules().constraints().inputmode.is_some() =>
        {
            Arc::new(InputWidget::text())
        }
        FieldType::Integer | FieldType::BigInt | FieldType::Id => {
            Arc::new(InputWidget::text().inputmode("numeric"))
        }
        FieldType::Double | FieldType::Decimal { .. } => Arc::new(InputWidget::text().inputmode("decimal")),
        _ => match field
            .rules()
            .iter()
            .map(|rule| rule.name())
            .find(|name| matches!(*name, "is_email" | "is_url"))
        {
            // Not `email`, and not `url`: browsers refuse there what the rules accept, such as addresses with letters
            // beyond ASCII, or complete, such as `example.com`.
            Some("is_email") => Arc::new(InputWidget::text().inputmode("email")),
            Some("is_url") => Arc::new(InputWidget::text().inputmode("url")),
            _ => Arc::new(InputWidget::text()),
        },
    }
}

impl Default for Style {
    fn default() -> Self {
        static PLAIN: std::sync::LazyLock<Style> = std::sync::LazyLock::new(Style::plain);
        PLAIN.clone()
    }
}

impl fmt::Debug for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Style").field("classes", &self.classes).finish_non_exhaustive()
    }
}
