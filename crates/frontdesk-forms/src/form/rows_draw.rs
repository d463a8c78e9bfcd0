//! Drawing the rows of sub-forms.

use std::borrow::Cow;

use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_web::Arg;

use super::render::{class, hidden};
use super::rows::{Rows, SubRow};
use super::{Children, Form, Mode};
use crate::Slot;

impl Form {
    /// Whether the form has submit buttons besides its own. The first button of a form is what the Enter key presses.
    pub(super) fn has_other_buttons(&self) -> bool {
        !self.children.is_empty()
            || self.seldom.draft.is_some()
            || self.def.drafts.is_some()
            || self.states.iter().any(|state| state.searches)
    }

    /// What stands above the rows of a sub-form, in the visitor's language.
    pub(super) fn children_label<'c>(&self, children: &'c Children) -> Cow<'c, str> {
        let own = match self.language.is_default() {
            true => None,
            false => self.language.children_text(&children.name),
        };
        own.map_or(Cow::Borrowed(&*children.label), Cow::Owned)
    }

    /// Draws a sub-form.
    pub(super) fn write_rows(&self, rows: &Rows, out: &mut dyn Sink) {
        let spec = &rows.spec;
        let id = format!("{}_{}", self.ids(), spec.name).replace(char::is_whitespace, "-");
        let editable = self.mode != Mode::ReadOnly && !rows.too_many;
        out.open(name!("fieldset"));
        class(self.style(), Slot::Rows, out);
        out.attr(name!("id"), &id);
        if editable {
            out.attr(name!("data-fd-rows"), &spec.name);
            out.attr(name!("data-fd-min"), &spec.min.to_string());
            let most = if spec.adds { spec.max } else { 0 };
            out.attr(name!("data-fd-max"), &most.to_string());
        }
        if rows.error.is_some() {
            out.attr(name!("aria-describedby"), &format!("{id}_error"));
        }
        let label = self.children_label(spec);
        out.text_element(name!("legend"), self.style().class_of(Slot::Legend), &label);
        if let Some(error) = &rows.error {
            out.open(name!("p"));
            class(self.style(), Slot::Error, out);
            out.attr(name!("id"), &format!("{id}_error"));
            out.text(error.text());
            out.close();
        }
        if rows.too_many {
            let text = self.word("form-rows-not-here", "There are too many rows to edit them here");
            out.text_element(name!("p"), self.style().class_of(Slot::Info), &text);
        }
        for (number, row) in rows.rows.iter().enumerate() {
            self.write_sub_row(rows, row, number + 1, out);
        }
        if editable && spec.adds {
            out.open(name!("template"));
            out.flag(name!("data-fd-row-template"));
            self.write_row_of(rows, &rows.template, "__i__", None, out);
            out.close();
            out.open(name!("div"));
            out.attr(name!("class"), "fd-row-buttons");
            self.write_button(
                &format!("add:{}", spec.name),
                &self.word("form-add-row", "Add a row"),
                None,
                out,
            );
            out.close();
        }
        out.close();
    }

    fn write_sub_row(&self, rows: &Rows, row: &SubRow, number: usize, out: &mut dyn Sink) {
        let index = row.index.to_string();
        self.write_row_of(rows, &row.form, &index, Some((number, row.removed)), out);
    }

    /// Draws a row, or the one that new rows are copied from.
    fn write_row_of(
        &self,
        rows: &Rows,
        row: &Form,
        index: &str,
        place: Option<(usize, bool)>,
        out: &mut dyn Sink,
    ) {
        let spec = &rows.spec;
        let place_name = format!("{}[{index}]", spec.name);
        let removed = place.is_some_and(|(_, removed)| removed);
        let label = match place {
            Some((number, _)) => format!("{} {number}", self.children_label(spec)),
            None => self.children_label(spec).into_owned(),
        };
        out.open(name!("div"));
        class(self.style(), Slot::Row, out);
        out.attr(name!("data-fd-row"), index);
        out.attr(name!("role"), "group");
        out.attr(name!("aria-label"), &label);
        row.write_summary(out);
        for (plan, state) in row.shown() {
            row.write_field(plan, state, out);
        }
        if self.mode != Mode::ReadOnly {
            if spec.position.is_some() {
                let position = place.map_or(String::new(), |(number, _)| number.to_string());
                hidden(&format!("{place_name}._position"), &position, out);
            }
            let key = row.record.as_deref().and_then(frontdesk_data::Row::id);
            if let (Some(key), false) = (key, self.is_signed()) {
                hidden(&format!("{place_name}._key"), &key.to_string(), out);
            }
            out.open(name!("div"));
            out.attr(name!("class"), "fd-row-buttons");
            if row.record.is_some() && !row.can_delete() {
                // It stays.
            } else if row.record.is_some() {
                out.open(name!("label"));
                class(self.style(), Slot::Choice, out);
                out.open(name!("input"));
                out.attr(name!("type"), "checkbox");
                out.attr(name!("name"), &format!("{place_name}._delete"));
                out.attr(name!("value"), "ON");
                out.flag_if(name!("checked"), removed);
                class(self.style(), Slot::Checkbox, out);
                out.close();
                out.text(" ");
                out.text(&self.word("form-remove-row", "Remove this row"));
                out.close();
            } else {
                let text = self.word("form-remove-row", "Remove this row");
                self.write_button(&format!("remove:{place_name}"), &text, Some(&label), out);
            }
            if spec.position.is_some() {
                for (what, key, text) in
                    [("up", "form-move-up", "Move up"), ("down", "form-move-down", "Move down")]
                {
                    self.write_button(
                        &format!("{what}:{place_name}"),
                        &self.word(key, text),
                        Some(&label),
                        out,
                    );
                }
            }
            out.close();
        }
        out.close();
    }

    /// A button that changes the rows, and submits the form without asking for what is required.
    fn write_button(&self, value: &str, text: &str, about: Option<&str>, out: &mut dyn Sink) {
        out.open(name!("button"));
        out.attr(name!("type"), "submit");
        out.attr(name!("name"), "_rows");
        out.attr(name!("value"), value);
        out.flag(name!("formnovalidate"));
        class(self.style(), Slot::RowButton, out);
        if let Some(about) = about {
            let both = [("action", Arg::from(text)), ("row", Arg::from(about))];
            let english = format!("{text}: {about}");
            out.attr(name!("aria-label"), &self.language.say_or("form-row-action", &both, &english));
        }
        out.text(text);
        out.close();
    }
}
