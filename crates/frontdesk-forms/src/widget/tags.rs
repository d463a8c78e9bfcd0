use std::borrow::Cow;

use frontdesk_data::Field;
use frontdesk_html::{Sink, name};
use frontdesk_validate::ValidationError;

use super::describe::Own;
use super::{Control, ListWidget, Widget, textarea};
use crate::Slot;

/// Several short texts in one input, a line for each; the script makes tags of them. Empty lines are no values.
///
/// A value of several lines would become several values, so a list that has one is edited as by [`ListWidget`].
///
/// ```
/// use frontdesk_data::{Field, FieldType};
/// use frontdesk_forms::{FieldWidget, TagsWidget};
///
/// let topics = Field::new("topics", FieldType::ListString).with_widget(TagsWidget::new());
/// ```
#[derive(Clone, Debug, Default)]
pub struct TagsWidget {}

impl TagsWidget {
    /// Tags.
    pub fn new() -> Self {
        Self {}
    }
}

impl Widget for TagsWidget {
    fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
        if control.values().len() > 1 {
            return ListWidget::new().write(control, out);
        }
        let lines = control.value().lines().count();
        textarea::open(control, u16::try_from(lines + 1).unwrap_or(u16::MAX).clamp(3, 12), out);
        if control.has_script() {
            out.flag(name!("data-fd-tags"));
        }
        // Limits of the text as a whole are none of one tag.
        let own = Own { autocomplete: Some("off"), other_range: true, ..Own::default() };
        control.finish("list", Slot::Textarea, own, out);
        out.text(control.value());
        out.close();
    }

    fn is_group(&self, control: &Control<'_>) -> bool {
        control.values().len() > 1
    }

    fn show(&self, _: &Field, texts: Vec<Cow<'static, str>>) -> Vec<Cow<'static, str>> {
        if texts.is_empty() {
            return texts;
        }
        if texts.iter().any(|text| text.contains(['\n', '\r'])) {
            // More than one text, so that it is drawn, and read again, as a list.
            return texts.into_iter().chain([Cow::Borrowed("")]).collect();
        }
        vec![Cow::Owned(texts.join("\n"))]
    }

    fn read(&self, _: &Field, typed: Vec<String>) -> Result<Vec<String>, ValidationError> {
        match &*typed {
            [lines] => Ok(lines.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()),
            _ => Ok(typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_data::FieldType;

    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        let field = Field::new("topics", FieldType::ListString);
        let widget = TagsWidget::new();
        for texts in [vec![], vec!["a"], vec!["a", "b c", " d "], vec!["a\nb"], vec!["a\nb", "c"]] {
            let shown = widget.show(&field, texts.iter().map(|text| Cow::Borrowed(*text)).collect());
            let read = widget.read(&field, shown.iter().map(|text| text.to_string()).collect()).unwrap();
            let read: Vec<_> = read.into_iter().filter(|text| !text.is_empty()).collect();
            assert_eq!(read, texts, "{shown:?}");
        }
    }
}
