use std::borrow::Cow;

use frontdesk_data::Field;
use frontdesk_html::{Node, Sink, SinkExt};
use frontdesk_validate::{Choice, Constraints, ValidationError};
use frontdesk_web::Language;

use crate::Style;

/// What a widget draws: one field of one form, with what is in it and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Control<'a> {
    pub(crate) field: &'a Field,
    pub(crate) style: &'a Style,
    pub(crate) language: &'a Language,
    pub(crate) texts: &'a FieldTexts<'a>,
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) values: &'a [Cow<'a, str>],
    pub(crate) error: Option<&'a str>,
    pub(crate) choices: Option<&'a [Choice]>,
    pub(crate) multiple: bool,
    pub(crate) required: bool,
    /// What a browser can check of the value, and of each of several.
    pub(crate) constraints: &'a Constraints,
    pub(crate) items: &'a Constraints,
    /// Whether the page has the script.
    pub(crate) script: bool,
    /// Whether the script asks the server about the value while it is typed.
    pub(crate) live: bool,
    /// Whether the form has put a `fieldset` with a `legend` around it.
    pub(crate) grouped: bool,
    pub(crate) disabled: bool,
    pub(crate) files: &'a [ShownFile<'a>],
    pub(crate) search: Option<Search<'a>>,
}

/// What is said of a field, in the visitor's language.
#[derive(Clone, Debug)]
pub(crate) struct FieldTexts<'a> {
    pub(crate) label: Cow<'a, str>,
    pub(crate) title: Option<Cow<'a, str>>,
    pub(crate) placeholder: Option<Cow<'a, str>>,
    /// Whether there is a help text below the control.
    pub(crate) has_comment: bool,
}

/// A file that a field has already: stored, or kept from a submission that was refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShownFile<'a> {
    /// The file's name, or the key under which it is stored.
    pub name: Cow<'a, str>,
    /// Where it is served, if it is.
    pub url: Option<Cow<'a, str>>,
    /// Where a small picture of it is served, if it is one.
    pub preview: Option<Cow<'a, str>>,
    /// Whether it was kept from a submission that was refused, and is not stored yet.
    pub kept: bool,
    /// The checkbox that removes it, as name and value; `None` where the field needs a file.
    pub remove: Option<(Cow<'a, str>, Cow<'a, str>)>,
    /// Whether that checkbox is ticked.
    pub remove_ticked: bool,
}

/// The search of a field whose choices are too many for a drop-down list.
///
/// The values in the control are keys; [`Control::choices`] has their labels, and those of what was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Search<'a> {
    /// What was searched for.
    pub text: &'a str,
    /// How many of the choices were found by the search; they come first. `None` if nothing was searched for.
    pub found: Option<usize>,
    /// Whether there are more than those.
    pub more: bool,
    /// Whether a row can be made from the text.
    pub creates: bool,
}

impl<'a> Control<'a> {
    /// The field.
    pub fn field(&self) -> &'a Field {
        self.field
    }

    /// The form's style.
    pub fn style(&self) -> &'a Style {
        self.style
    }

    /// The control's `id`: `<table>_<field>`.
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// The control's `name`: the field's; in a row of a sub-form with the row before it, as in `items[2].price`.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The name of another input that belongs to the control, such as `_delete_image`: `before` and the field's name, in
    /// the row of a sub-form if there is one.
    pub fn name_with(&self, before: &str) -> String {
        let row = &self.name[..self.name.len() - self.field.name.len()];
        format!("{row}{before}{}", self.field.name)
    }

    /// A word or sentence of the widget's own in the visitor's language: the message of that key, or `english`.
    pub fn word(&self, key: &str, english: &'static str) -> Cow<'a, str> {
        self.language.say_or(key, &[], english)
    }

    /// The visitor's language.
    pub fn language(&self) -> &'a Language {
        self.language
    }

    /// The text of an error in the visitor's language.
    pub fn message(&self, error: &'a ValidationError) -> Cow<'a, str> {
        self.language.error(error)
    }

    /// What a browser can check of the value.
    pub fn constraints(&self) -> &'a Constraints {
        self.constraints
    }

    /// What a browser can check of each value, where the control is an input for each of several.
    pub fn item_constraints(&self) -> &'a Constraints {
        self.items
    }

    /// Whether the page has frontdesk's script. What only the script reads need not be written where it is not.
    pub fn has_script(&self) -> bool {
        self.script
    }

    /// Whether a `fieldset` and its `legend`, which is the field's label, stand around the control already.
    ///
    /// They do in a form that is drawn whole, where the widget [is a group](crate::Widget::is_group); in a layout of
    /// one's own the widget has to name its group itself ([`open_group`](Self::open_group) does).
    pub fn is_grouped(&self) -> bool {
        self.grouped
    }

    /// Whether the control can be seen and not used. Such a control is not submitted.
    pub fn is_disabled(&self) -> bool {
        self.disabled
    }

    /// The same control, to be seen and not used: for widgets that decide by themselves when that is so.
    #[must_use]
    pub fn as_disabled(&self) -> Self {
        Self { disabled: true, ..self.clone() }
    }

    /// The files that the field has already, for an upload field.
    pub fn files(&self) -> &'a [ShownFile<'a>] {
        self.files
    }

    /// The search, for a field whose choices are too many to list.
    pub fn search(&self) -> Option<&Search<'a>> {
        self.search.as_ref()
    }

    /// What is in the control, as text; for a field of several values the first.
    pub fn value(&self) -> &str {
        self.values.first().map_or("", |value| value)
    }

    /// All values in the control, as texts.
    pub fn values(&self) -> &[Cow<'a, str>] {
        self.values
    }

    /// Whether `value` is among the values.
    pub fn is_chosen(&self, value: &str) -> bool {
        self.values.iter().any(|chosen| chosen == value)
    }

    /// What is wrong with the value.
    pub fn error(&self) -> Option<&'a str> {
        self.error
    }

    /// The label, in the visitor's language.
    pub fn label(&self) -> &'a str {
        &self.texts.label
    }

    /// The tooltip.
    pub fn title(&self) -> Option<&'a str> {
        self.texts.title.as_deref()
    }

    /// What an empty control shows.
    pub fn placeholder(&self) -> Option<&'a str> {
        self.texts.placeholder.as_deref()
    }

    /// The choices, where the field's rules offer some.
    pub fn choices(&self) -> &'a [Choice] {
        self.choices.unwrap_or_default()
    }

    /// Whether several values may be chosen.
    pub fn is_multiple(&self) -> bool {
        self.multiple
    }

    /// Whether several of a list of choices may be chosen.
    pub(crate) fn is_choice_of_several(&self) -> bool {
        self.choices.is_some() && self.multiple
    }

    /// Whether something has to be entered.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Writes a tree, for widgets that build elements.
    pub fn write_node(&self, node: impl Into<Node>, out: &mut dyn Sink) {
        out.node(&node.into());
    }
}
