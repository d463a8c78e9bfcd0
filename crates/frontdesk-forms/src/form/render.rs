//! Drawing a form.

use std::borrow::Cow;

use frontdesk_html::{HtmlWriter, Name, Sink, SinkExt, name};
use frontdesk_validate::ValidationError;
use frontdesk_web::{Arg, CsrfToken};

use super::spec::{FieldPlan, Pristine};
use super::{FieldState, Form, Mode};
use crate::{Slot, Style};

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
        if let Some(structure) = self.structure.as_deref() {
            return out.node(structure);
        }
        if let Some(pristine) = self.pristine() {
            return pristine.write(self.token_markup(), out);
        }
        match self.skeleton() {
            Some(skeleton) => self.write_by(skeleton, out),
            None => self.write_parts(out),
        }
    }

    /// The form as it was drawn before, if it is one that nobody filled in yet.
    pub(super) fn pristine(&self) -> Option<&Pristine> {
        let plan = self.def.plan();
        let untouched = self.mode == Mode::Create
            && !self.submitted
            && self.answer.is_none()
            && self.sidecar.is_none()
            && self.form_errors.is_empty()
            && self.language.is_default()
            && self.csrf_token().is_none() // it is this visitor's alone
            && plan.is_constant;
        untouched.then(|| {
            self.def.pristine[usize::from(self.has_script)].get_or_init(|| {
                let mut out = HtmlWriter::with_capacity(1024);
                self.write_parts(&mut out);
                Pristine::cut(self.token(), &out.into_string())
            })
        })
    }

    /// Writes the form element by element.
    pub(super) fn write_parts(&self, out: &mut dyn Sink) {
        self.open_form(out);
        self.write_hidden(out);
        self.write_summary(out);
        self.write_draft(out);
        for (plan, state) in self.shown() {
            self.write_field(plan, state, out);
        }
        for rows in &self.children {
            self.write_rows(rows, out);
        }
        self.write_end(out);
        out.close();
    }

    /// What stands below the fields.
    pub(super) fn write_end(&self, out: &mut dyn Sink) {
        if self.offers_deletion() {
            self.write_delete_field(out);
        }
        self.write_captcha(out);
        if self.mode != Mode::ReadOnly {
            out.open(name!("div"));
            class(self.style(), Slot::Buttons, out);
            self.write_submit(out);
            self.write_refresh(out);
            self.write_save_draft(out);
            if let Some(sidecar) = self.sidecar() {
                out.node(sidecar);
            }
            out.close();
        }
    }

    /// The HTML of what begins the form, which is not ended yet.
    pub(super) fn unclosed(&self, write: impl FnOnce(&mut HtmlWriter)) -> String {
        // A start tag alone is no tree: what the writer ends by itself is cut off again.
        const END: &str = "</form>";
        let mut out = HtmlWriter::with_capacity(512);
        write(&mut out);
        let mut html = out.into_string();
        if html.ends_with(END) {
            html.truncate(html.len() - END.len());
        }
        html
    }

    pub(super) fn style(&self) -> &Style {
        &self.def.style
    }

    /// The fields that are drawn.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&FieldPlan, &FieldState)> {
        let plans = self.def.plan().fields.iter();
        plans.zip(&self.states).filter(|(plan, _)| self.is_shown(plan))
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
        if self.has_script && self.mode != Mode::ReadOnly {
            self.write_script_hooks(out);
        }
    }

    /// The hidden inputs. They come first: a multipart body must name its form before any file.
    pub(super) fn write_hidden(&self, out: &mut dyn Sink) {
        self.write_hidden_of_all(out);
        self.write_csrf_token(out);
    }

    /// The hidden inputs that are those of every visitor, but for the form's own token.
    pub(super) fn write_hidden_of_all(&self, out: &mut dyn Sink) {
        if self.mode == Mode::ReadOnly {
            return;
        }
        hidden("_formname", self.def.form_name(), out);
        if let Some(token) = self.token() {
            hidden("_formkey", token, out);
        }
        for (name, value) in &self.def.hidden {
            hidden(name, value, out);
        }
        self.write_protection(out);
        if self.has_other_buttons() {
            // The Enter key presses the first button of a form: that is to be the one that submits it.
            out.open(name!("button"));
            out.attr(name!("type"), "submit");
            out.attr(name!("name"), "_submit");
            out.attr(name!("value"), &self.submit_value());
            out.attr(name!("tabindex"), "-1");
            out.attr(name!("aria-hidden"), "true");
            out.flag(name!("hidden"));
            out.close();
        }
    }

    pub(super) fn write_csrf_token(&self, out: &mut dyn Sink) {
        if let Some(csrf) = self.csrf_token().filter(|_| self.mode != Mode::ReadOnly) {
            hidden(csrf.field_name(), &csrf.value(), out);
        }
    }

    /// What a `CsrfLayer` wants to see, but never in an address.
    pub(super) fn csrf_token(&self) -> Option<&CsrfToken> {
        self.csrf.as_ref().filter(|_| self.def.method != http::Method::GET)
    }

    /// What is wrong, in a box that screen readers announce: the form as a whole, and each field with a link to it.
    pub(super) fn write_summary(&self, out: &mut dyn Sink) {
        let refused = || self.shown().filter_map(|(plan, state)| Some((plan, state.error.as_ref()?)));
        let count = refused().count();
        let is_refused = !self.form_errors.is_empty() || count > 0;
        for (index, notice) in self.seldom.notices.iter().enumerate() {
            out.open(name!("div"));
            class(self.style(), Slot::Notice, out);
            out.attr(name!("role"), "status");
            if index == 0 && !is_refused {
                // A page that was loaded anew announces nothing by itself.
                out.attr(name!("tabindex"), "-1");
                out.flag(name!("autofocus"));
            }
            out.text_element(name!("p"), "", notice.text());
            out.close();
        }
        if !is_refused {
            return;
        }
        let title = if count > 0 { self.title_of_refusal(count) } else { Cow::Borrowed("") };
        let lines = |out: &mut dyn Sink| {
            for (plan, error) in refused() {
                self.write_refused(plan, error.text(), out);
            }
        };
        self.write_refusal(&title, &self.form_errors, &lines, out);
    }

    pub(super) fn title_of_refusal(&self, count: usize) -> Cow<'static, str> {
        let title = match count {
            1 => Cow::Borrowed("There is 1 problem"),
            count => Cow::Owned(format!("There are {count} problems")),
        };
        if self.language.is_default() {
            return title;
        }
        let count = [("count", Arg::from(i64::try_from(count).unwrap_or(i64::MAX)))];
        self.language.say_or("form-error-summary-title", &count, &title).into_owned().into()
    }

    /// The box of errors: those of the form as a whole, and, where it has a title, `lines` for those of fields.
    pub(super) fn write_refusal(
        &self,
        title: &str,
        errors: &[ValidationError],
        lines: &dyn Fn(&mut dyn Sink),
        out: &mut dyn Sink,
    ) {
        out.open(name!("div"));
        class(self.style(), Slot::Summary, out);
        out.attr(name!("id"), &format!("{}__summary", self.ids()));
        out.attr(name!("role"), "alert");
        // The keyboard begins here after a refusal, without any script.
        out.attr(name!("tabindex"), "-1");
        out.flag(name!("autofocus"));
        out.flag(name!("data-fd-summary"));
        if !title.is_empty() {
            out.text_element(name!("p"), self.style().class_of(Slot::SummaryTitle), title);
        }
        for error in errors {
            out.text_element(name!("p"), "", error.text());
        }
        if !title.is_empty() {
            out.open(name!("ul"));
            class(self.style(), Slot::SummaryList, out);
            lines(out);
            out.close();
        }
        out.close();
    }

    /// A field's line in the box of errors.
    pub(super) fn write_refused(&self, plan: &FieldPlan, error: &str, out: &mut dyn Sink) {
        out.open(name!("li"));
        out.open(name!("a"));
        out.attr(name!("href"), &format!("#{}", self.id_of(plan)));
        class(self.style(), Slot::SummaryLink, out);
        out.text(&self.label(plan.field(&self.def)));
        out.text(": ");
        out.text(error);
        out.close();
        out.close();
    }

    /// What the script is told on the form element.
    fn write_script_hooks(&self, out: &mut dyn Sink) {
        out.flag(name!("data-fd-form"));
        self.style().write_script_classes(out);
        if self.def.drafts.is_some() && self.def.method != http::Method::GET {
            out.attr(name!("data-fd-draft"), "10");
        }
        for (name, text) in self.language.script_texts() {
            out.attr(Name::parse(name.clone()).expect("keys of messages are names"), text);
        }
    }

    /// The button that brings the form back with the fields that belong to it by now, for those without a script.
    pub(super) fn write_refresh(&self, out: &mut dyn Sink) {
        if !self.has_conditions() {
            return;
        }
        out.open(name!("noscript"));
        out.open(name!("button"));
        out.attr(name!("type"), "submit");
        out.attr(name!("name"), "_refresh");
        out.attr(name!("value"), "1");
        out.flag(name!("formnovalidate"));
        class(self.style(), Slot::Button, out);
        out.text(&self.word("form-continue", "Show the fields that belong to this"));
        out.close();
        out.close();
    }

    /// What the ids of the form begin with.
    pub(super) fn ids(&self) -> String {
        match self.seldom.names.ids.strip_suffix('_') {
            Some(row) => row.to_owned(),
            None => self.def.id_prefix().replace(char::is_whitespace, "-"),
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
        out.attr(name!("id"), &format!("{}__delete", self.ids()));
        out.attr(name!("name"), "_delete");
        out.attr(name!("value"), "ON");
        class(self.style(), Slot::Checkbox, out);
        out.close();
        out.text(" ");
        out.text(&self.word("form-delete", "Delete this record"));
        out.close();
    }

    /// The text of the submit button: the application's, else that of the visitor's language.
    fn submit_value(&self) -> Cow<'_, str> {
        if let Some(text) = &self.def.submit_value {
            return Cow::Borrowed(text);
        }
        let own = match self.language.is_default() {
            true => None,
            false => self.language.submit_text(self.def.source_name()),
        };
        own.map_or_else(|| self.word("form-submit", "Submit"), Cow::Owned)
    }

    pub(super) fn write_submit(&self, out: &mut dyn Sink) {
        out.open(name!("input"));
        out.attr(name!("type"), "submit");
        out.attr(name!("name"), "_submit");
        out.attr(name!("value"), &self.submit_value());
        class(self.style(), Slot::Submit, out);
        out.close();
    }
}

pub(super) fn hidden(field: &str, value: &str, out: &mut dyn Sink) {
    out.open(name!("input"));
    out.attr(name!("type"), "hidden");
    out.attr(name!("name"), field);
    out.attr(name!("value"), value);
    out.close();
}

pub(super) fn class(style: &Style, slot: Slot, out: &mut dyn Sink) {
    const CLASS: Name = Name::new_static("class");
    let classes = style.class_of(slot);
    if !classes.is_empty() {
        out.attr(CLASS, classes);
    }
}
