//! Drawing a form.

use std::borrow::Cow;

use frontdesk_data::{FieldType, Value};
use frontdesk_html::{HtmlWriter, Markup, Name, Sink, SinkExt, name};

use super::spec::{FieldPlan, Pristine};
use super::{FieldState, Form, Mode, bind};
use crate::style::default_widget;
use crate::{Control, ShownFile, Slot, Style, Widget};

impl Form {
    /// Writes the form as HTML. For a tree of its elements see [`structure`](Self::structure).
    ///
    /// A page that is written into one [`HtmlWriter`] with its form is copied nowhere.
    ///
    /// ```
    /// use frontdesk_forms::Form;
    /// use frontdesk_html::{HtmlWriter, SinkExt};
    ///
    /// fn page(form: &Form) -> axum::response::Response {
    ///     let mut out = HtmlWriter::with_capacity(4096);
    ///     out.text_element("title", "", "New thing");
    ///     form.write(&mut out);
    ///     form.respond(out.into_string())
    /// }
    /// ```
    pub fn write(&self, out: &mut dyn Sink) {
        if let Some(structure) = &self.structure {
            return out.node(structure);
        }
        let Some(Pristine { before, after }) = self.pristine() else { return self.write_parts(out) };
        out.markup(before);
        if let Some(token) = &self.token {
            out.text(token);
        }
        out.markup(after);
    }

    /// The form as it was drawn before, if it is one that nobody filled in yet.
    pub(super) fn pristine(&self) -> Option<&Pristine> {
        let plan = self.def.plan();
        let untouched = self.mode == Mode::Create
            && !self.submitted
            && !self.sidecar_changed
            && self.form_errors.is_empty()
            && plan.is_constant;
        untouched.then(|| {
            self.def.pristine.get_or_init(|| {
                let mut out = HtmlWriter::with_capacity(1024);
                self.write_parts(&mut out);
                let html = out.into_string();
                let token = self.token.as_deref().filter(|token| !token.is_empty());
                // A token is signed, so it stands nowhere else.
                let (before, after) = token.and_then(|token| html.split_once(token)).unwrap_or((&html, ""));
                Pristine {
                    before: Markup::trusted(before.to_owned()),
                    after: Markup::trusted(after.to_owned()),
                }
            })
        })
    }

    /// Writes the form element by element.
    pub(super) fn write_parts(&self, out: &mut dyn Sink) {
        self.open_form(out);
        self.write_hidden(out);
        self.write_summary(out);
        for (plan, state) in self.shown() {
            self.write_field(plan, state, out);
        }
        if self.offers_deletion() {
            self.write_delete_field(out);
        }
        if self.mode != Mode::ReadOnly {
            out.open(name!("div"));
            class(self.style(), Slot::Buttons, out);
            self.write_submit(out);
            if let Some(sidecar) = &self.sidecar {
                out.node(sidecar);
            }
            out.close();
        }
        out.close();
    }

    pub(super) fn style(&self) -> &Style {
        &self.def.style
    }

    /// The fields that are drawn.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&FieldPlan, &FieldState)> {
        let plans = self.def.plan().fields.iter();
        plans.zip(&self.states).filter(|(plan, _)| self.is_shown(plan.field(&self.def)))
    }

    pub(super) fn open_form(&self, out: &mut dyn Sink) {
        out.open(name!("form"));
        if let Some(action) = &self.def.action {
            out.attr_url(name!("action"), action);
        }
        out.attr(name!("method"), if self.def.method == http::Method::GET { "get" } else { "post" });
        if self.def.plan().takes_files && self.mode != Mode::ReadOnly {
            out.attr(name!("enctype"), "multipart/form-data");
        }
        // The server decides, and keeps what was typed: a browser's own checks would hide its messages.
        out.flag(name!("novalidate"));
        class(self.style(), Slot::Form, out);
    }

    /// The hidden inputs. They come first: a multipart body must name its form before any file.
    pub(super) fn write_hidden(&self, out: &mut dyn Sink) {
        if self.mode == Mode::ReadOnly {
            return;
        }
        hidden("_formname", self.def.form_name(), out);
        if let Some(token) = &self.token {
            hidden("_formkey", token, out);
        }
        for (name, value) in &self.def.hidden {
            hidden(name, value, out);
        }
    }

    /// What is wrong with the form as a whole, in a box that screen readers announce.
    pub(super) fn write_summary(&self, out: &mut dyn Sink) {
        if self.form_errors.is_empty() {
            return;
        }
        out.open(name!("div"));
        class(self.style(), Slot::Summary, out);
        out.attr(name!("role"), "alert");
        for error in &self.form_errors {
            out.text_element(name!("p"), self.style().class_of(Slot::Error), error.text());
        }
        out.close();
    }

    fn write_field(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        let field = plan.field(&self.def);
        let style = self.style();
        let input = self.is_input(field);
        let grouped =
            input && self.with_control(plan, state, false, |widget, control| widget.is_group(control));
        if grouped {
            out.open(name!("fieldset"));
            self.with_control(plan, state, true, |_, control| control.begin_fieldset(out));
        } else {
            out.open(name!("div"));
            class(style, Slot::Outer, out);
        }
        if grouped {
            out.open(name!("legend"));
            out.attr(name!("id"), &format!("{}_label", plan.id));
            class(style, Slot::Legend, out);
            out.text(&field.label);
            out.close();
        } else if !(input
            && self.with_control(plan, state, false, |widget, control| widget.draws_label(control)))
        {
            self.write_label(plan, state, out);
        }
        out.open(name!("div"));
        class(style, Slot::Inner, out);
        self.write_control_in(plan, state, grouped, out);
        out.close();
        self.write_error(plan, state, out);
        self.write_comment(plan, out);
        out.close();
    }

    pub(super) fn write_comment(&self, plan: &FieldPlan, out: &mut dyn Sink) {
        if let Some(comment) = &plan.field(&self.def).comment {
            out.open(name!("p"));
            class(self.style(), Slot::Info, out);
            out.attr(name!("id"), &format!("{}_help", plan.id));
            out.text(comment);
            out.close();
        }
    }

    pub(super) fn write_label(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        let field = plan.field(&self.def);
        // What names a group, or a value that is no input, cannot point at one.
        let group = !self.is_input(field)
            || self.with_control(plan, state, false, |widget, control| widget.is_group(control));
        out.open(if group { name!("span") } else { name!("label") });
        if group {
            out.attr(name!("id"), &format!("{}_label", plan.id));
        } else {
            out.attr(name!("for"), &plan.id);
        }
        class(self.style(), Slot::Label, out);
        out.text(&field.label);
        out.close();
    }

    /// Writes the control, or the value of what is not edited.
    pub(super) fn write_control(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        self.write_control_in(plan, state, false, out);
    }

    /// As [`write_control`](Self::write_control); `grouped` where a `fieldset` stands around it already.
    fn write_control_in(&self, plan: &FieldPlan, state: &FieldState, grouped: bool, out: &mut dyn Sink) {
        let field = plan.field(&self.def);
        if !self.is_input(field) {
            return self.write_value(plan, state, out);
        }
        self.with_control(plan, state, grouped, |widget, control| widget.write(control, out));
        if field.kind == FieldType::Boolean || field.kind.is_list() || plan.multiple {
            // Unticked and unselected controls send nothing: this says that they were there.
            hidden("_drawn", &field.name, out);
        }
    }

    /// Calls `draw` with the widget of a field and what it draws.
    fn with_control<R>(
        &self,
        plan: &FieldPlan,
        state: &FieldState,
        grouped: bool,
        draw: impl FnOnce(&dyn Widget, &Control<'_>) -> R,
    ) -> R {
        let field = plan.field(&self.def);
        let choices = self.choices(plan, state);
        let files: Vec<ShownFile<'_>> = state
            .stored
            .as_deref()
            .map(|key| {
                let url = field.upload.download_url.as_ref().map(|url| Cow::Owned(url(key)));
                let remove = format!("_delete_{}", field.name);
                ShownFile {
                    name: Cow::Borrowed(key),
                    preview: url.clone().filter(|_| is_picture(key)),
                    url,
                    kept: false,
                    remove: bind::removable(field).then(|| (Cow::Owned(remove), Cow::Borrowed("ON"))),
                    remove_ticked: state.remove_ticked,
                }
            })
            .into_iter()
            .collect();
        let control = Control {
            field,
            style: self.style(),
            id: &plan.id,
            name: &field.name,
            values: &state.values,
            error: state.error.as_ref().map(|error| error.text()),
            choices: choices.as_deref(),
            multiple: plan.multiple,
            required: plan.required,
            constraints: &plan.constraints,
            items: &plan.item_constraints,
            script: false,
            live: false,
            grouped,
            disabled: false,
            files: &files,
            search: None,
        };
        if plan.awaits_choices && choices.is_none() {
            // There are too many to list: the widget that the field's type has without choices.
            return draw(&*default_widget(field, false), &control);
        }
        draw(&*plan.widget, &control)
    }

    fn write_value(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        let field = plan.field(&self.def);
        out.open(name!("div"));
        class(self.style(), Slot::ReadOnly, out);
        out.attr(name!("id"), &plan.id);
        let record = self.record.as_ref();
        let value = record.map_or(Cow::Owned(Value::Null), |row| Cow::Borrowed(&row[&field.name]));
        if let (FieldType::Upload, Some(key), Some(url)) =
            (&field.kind, &state.stored, &field.upload.download_url)
        {
            out.open(name!("a"));
            out.attr_url(name!("href"), &url(key));
            out.text(key);
            out.close();
        } else {
            out.node(&field.represented(&value, record));
        }
        out.close();
    }

    pub(super) fn write_error(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        if let Some(error) = &state.error {
            out.open(name!("p"));
            class(self.style(), Slot::Error, out);
            out.attr(name!("id"), &format!("{}_error", plan.id));
            out.text(error.text());
            out.close();
        }
    }

    fn write_delete_field(&self, out: &mut dyn Sink) {
        out.open(name!("div"));
        class(self.style(), Slot::Outer, out);
        self.write_delete(out);
        out.close();
    }

    /// The checkbox that deletes the record.
    pub(super) fn write_delete(&self, out: &mut dyn Sink) {
        out.open(name!("label"));
        class(self.style(), Slot::Choice, out);
        out.open(name!("input"));
        out.attr(name!("type"), "checkbox");
        out.attr(name!("id"), &format!("{}__delete", self.def.id_prefix()).replace(char::is_whitespace, "-"));
        out.attr(name!("name"), "_delete");
        out.attr(name!("value"), "ON");
        class(self.style(), Slot::Checkbox, out);
        out.close();
        out.text(" Delete this record");
        out.close();
    }

    pub(super) fn write_submit(&self, out: &mut dyn Sink) {
        out.open(name!("input"));
        out.attr(name!("type"), "submit");
        out.attr(name!("name"), "_submit");
        out.attr(name!("value"), &self.def.submit_value);
        class(self.style(), Slot::Submit, out);
        out.close();
    }
}

/// Whether a file of that name is a picture that browsers show.
fn is_picture(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"].iter().any(|extension| name.ends_with(extension))
}

fn hidden(field: &str, value: &str, out: &mut dyn Sink) {
    out.open(name!("input"));
    out.attr(name!("type"), "hidden");
    out.attr(name!("name"), field);
    out.attr(name!("value"), value);
    out.close();
}

fn class(style: &Style, slot: Slot, out: &mut dyn Sink) {
    const CLASS: Name = Name::new_static("class");
    let classes = style.class_of(slot);
    if !classes.is_empty() {
        out.attr(CLASS, classes);
    }
}
