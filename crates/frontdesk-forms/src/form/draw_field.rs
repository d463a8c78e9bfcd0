//! Drawing fields: labels, controls, errors, help.

use std::borrow::Cow;

use frontdesk_data::{Field, FieldType, Value};
use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::Constraints;
use frontdesk_web::FieldText;

use super::render::class;
use super::spec::{FieldPlan, Part, Reads, is_upload};
use super::{FieldState, Form, Mode, bind};
use crate::style::default_widget;
use crate::widget::control::FieldTexts;
use crate::widget::{ReferenceWidget, Search};
use crate::{Control, ShownFile, Slot, Widget};

impl Form {
    pub(super) fn write_field(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        if !self.has_control(plan) {
            return self.write_box(plan, state, None, out);
        }
        self.with_control(plan, state, |widget, mut control| {
            control.grouped = widget.is_group(&control);
            self.write_box(plan, state, Some((widget, &control)), out);
        });
    }

    /// The element around a field and all that is in it; `drawn` where it has a control.
    fn write_box(
        &self,
        plan: &FieldPlan,
        state: &FieldState,
        drawn: Option<(&dyn Widget, &Control<'_>)>,
        out: &mut dyn Sink,
    ) {
        let field = plan.field(&self.def);
        let style = self.style();
        let grouped = drawn.filter(|(_, control)| control.grouped);
        out.open(if grouped.is_some() { name!("fieldset") } else { name!("div") });
        match grouped {
            Some((_, control)) => control.begin_fieldset(out),
            None => class(style, Slot::Outer, out),
        }
        out.attr(name!("id"), &self.id_with(plan, Part::Field));
        out.attr(name!("data-fd-field"), &self.name_of(field));
        self.write_conditions(plan, state, out);
        if grouped.is_some() {
            out.open(name!("legend"));
            out.attr(name!("id"), &self.id_with(plan, Part::Label));
            class(style, Slot::Legend, out);
            out.text(&self.label(field));
            out.close();
        } else if !drawn.is_some_and(|(widget, control)| widget.draws_label(control)) {
            // What names a value that is no input cannot point at one.
            self.write_label_of(plan, drawn.is_none(), out);
        }
        out.open(name!("div"));
        class(style, Slot::Inner, out);
        match drawn {
            Some((widget, control)) => self.write_drawn(plan, state, widget, control, out),
            None => self.write_value(plan, out),
        }
        out.close();
        self.write_error(plan, state, out);
        self.write_comment(plan, out);
        self.write_conflict(plan, state, out);
        out.close();
    }

    pub(super) fn write_comment(&self, plan: &FieldPlan, out: &mut dyn Sink) {
        let field = plan.field(&self.def);
        if let Some(comment) = self.comment(field) {
            out.open(name!("p"));
            class(self.style(), Slot::Info, out);
            out.attr(name!("id"), &self.id_with(plan, Part::Help));
            out.text(&comment);
            out.close();
        }
    }

    pub(super) fn write_label(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        // What names a group, or a value that is no input, cannot point at one.
        let group = !self.has_control(plan)
            || self.with_control(plan, state, |widget, control| widget.is_group(&control));
        self.write_label_of(plan, group, out);
    }

    fn write_label_of(&self, plan: &FieldPlan, group: bool, out: &mut dyn Sink) {
        out.open(if group { name!("span") } else { name!("label") });
        if group {
            out.attr(name!("id"), &self.id_with(plan, Part::Label));
        } else {
            out.attr(name!("for"), &self.id_of(plan));
        }
        class(self.style(), Slot::Label, out);
        out.text(&self.label(plan.field(&self.def)));
        out.close();
    }

    /// Writes the control, or the value of what is not edited.
    pub(super) fn write_control(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        if !self.has_control(plan) {
            return self.write_value(plan, out);
        }
        self.with_control(plan, state, |widget, control| {
            self.write_drawn(plan, state, widget, &control, out);
        });
    }

    fn write_drawn(
        &self,
        plan: &FieldPlan,
        state: &FieldState,
        widget: &dyn Widget,
        control: &Control<'_>,
        out: &mut dyn Sink,
    ) {
        let field = plan.field(&self.def);
        widget.write(control, out);
        let says_nothing = field.kind == FieldType::Boolean
            || plan.multiple
            || field.kind.is_list()
            || widget.is_group(control);
        if says_nothing && self.is_input(plan) {
            // Unticked and unselected controls send nothing: this says that they were there.
            out.open(name!("input"));
            out.attr(name!("type"), "hidden");
            out.attr(name!("name"), &format!("{}_drawn", self.seldom.names.prefix));
            out.attr(name!("value"), &field.name);
            out.flag_if(name!("disabled"), state.hidden);
            out.close();
        }
    }

    /// Calls `draw` with the widget of a field and what it draws.
    fn with_control<R>(
        &self,
        plan: &FieldPlan,
        state: &FieldState,
        draw: impl FnOnce(&dyn Widget, Control<'_>) -> R,
    ) -> R {
        let field = plan.field(&self.def);
        let choices = self.choices(plan, state);
        let files = self.files(field, state);
        let (id, name) = (self.id_of(plan), self.name_of(field));
        let texts = self.texts_of(field);
        let may_stay_empty = self.may_stay_empty(field, &files);
        let constraints = self.constraints(plan, may_stay_empty);
        let control = Control {
            field,
            style: self.style(),
            language: &self.language,
            texts: &texts,
            id: &id,
            name: &name,
            values: &state.values,
            error: state.error.as_ref().map(|error| error.text()),
            choices: choices.as_deref(),
            multiple: plan.multiple,
            required: (plan.required || state.needed) && !may_stay_empty,
            constraints: &constraints,
            items: &plan.item_constraints,
            script: self.has_script,
            live: self.has_script && self.def.live.contains(&field.name),
            grouped: false,
            disabled: !self.is_input(plan) || state.hidden,
            files: &files,
            search: state.searches.then(|| Search {
                text: &state.searched.text,
                found: state.searched.found,
                more: state.searched.more,
                // A request that only reads makes no row.
                creates: state.searched.creates && self.def.method != http::Method::GET,
            }),
        };
        if state.searches {
            return draw(&ReferenceWidget::new(), control);
        }
        if plan.awaits_choices && choices.is_none() {
            // There are too many to list: the widget that the field's type has without choices.
            return draw(&*default_widget(field, false), control);
        }
        draw(&*plan.widget, control)
    }

    /// Whether nothing need be entered, whatever the rules say: what is there stays then, or the database fills it in.
    pub(super) fn may_stay_empty(&self, field: &Field, files: &[ShownFile<'_>]) -> bool {
        match self.mode {
            Mode::Update if field.secret => true,
            Mode::Create if bind::is_left_to_database(field) => true,
            _ => is_upload(field) && files.iter().any(|file| !file.remove_ticked),
        }
    }

    /// What a browser can check of a field, as the form reads it now.
    fn constraints<'p>(&self, plan: &'p FieldPlan, may_stay_empty: bool) -> Cow<'p, Constraints> {
        let mut constraints = Cow::Borrowed(&plan.constraints);
        if may_stay_empty && constraints.required.is_some() {
            constraints.to_mut().required = None;
        }
        if matches!(plan.reads, Reads::Integer | Reads::Number) && !self.language.is_default() {
            let decimal = self.language.write_number("0.5").chars().nth(1).unwrap_or('.');
            if decimal != '.' {
                constraints.to_mut().read_by_language(decimal);
            }
        }
        constraints
    }

    /// What is said of a field in the visitor's language.
    pub(super) fn texts_of<'f>(&self, field: &'f Field) -> FieldTexts<'f> {
        let text = |which, own| self.text_of_field(field, which, own);
        FieldTexts {
            label: self.label(field),
            title: text(FieldText::Title, field.title.as_ref()),
            placeholder: text(FieldText::Placeholder, field.placeholder.as_ref()),
            has_comment: self.comment(field).is_some(),
        }
    }

    /// The files that a field has: those that are stored, and those kept from a submission that was refused.
    pub(super) fn files<'f>(&'f self, field: &'f Field, state: &'f FieldState) -> Vec<ShownFile<'f>> {
        if state.stored.is_empty() && state.kept.is_empty() {
            return Vec::new();
        }
        let remove: Cow<'_, str> = Cow::Owned(format!("{}_delete_{}", self.seldom.names.prefix, field.name));
        let stored = state.stored.iter().map(|key| {
            let url = field.upload.download_url.as_ref().map(|url| Cow::Owned(url(key)));
            let value = if field.kind.is_list() { Cow::Borrowed(&**key) } else { Cow::Borrowed("ON") };
            let removable = field.kind.is_list() || bind::removable(field);
            ShownFile {
                name: Cow::Borrowed(&**key),
                preview: url.clone().filter(|_| is_picture(key)),
                url,
                kept: false,
                remove: removable.then(|| (remove.clone(), value)),
                remove_ticked: state.removed.contains(key),
            }
        });
        let kept = state.kept.iter().map(|kept| ShownFile {
            name: Cow::Borrowed(&*kept.file.name),
            url: None,
            preview: kept.preview.as_deref().map(Cow::Borrowed),
            kept: true,
            remove: Some((remove.clone(), Cow::Borrowed(&*kept.file.token))),
            remove_ticked: false,
        });
        stored.chain(kept).collect()
    }

    fn write_value(&self, plan: &FieldPlan, out: &mut dyn Sink) {
        let field = plan.field(&self.def);
        out.open(name!("div"));
        class(self.style(), Slot::ReadOnly, out);
        out.attr(name!("id"), &self.id_of(plan));
        let record = self.record.as_deref();
        let value = record.map_or(Cow::Owned(Value::Null), |row| Cow::Borrowed(&row[&field.name]));
        if let (true, Some(url)) = (is_upload(field), &field.upload.download_url) {
            for (index, key) in bind::keys(&value).iter().enumerate() {
                if index > 0 {
                    out.text(", ");
                }
                out.open(name!("a"));
                out.attr_url(name!("href"), &url(key));
                out.text(key);
                out.close();
            }
        } else {
            out.node(&field.represented(&value, record));
        }
        out.close();
    }

    pub(super) fn write_error(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        if let Some(error) = &state.error {
            out.open(name!("p"));
            class(self.style(), Slot::Error, out);
            out.attr(name!("id"), &self.id_with(plan, Part::Error));
            out.text(error.text());
            out.close();
        }
    }

    /// The id of a control.
    pub(super) fn id_of<'p>(&self, plan: &'p FieldPlan) -> Cow<'p, str> {
        if self.seldom.names.ids.is_empty() {
            return Cow::Borrowed(&plan.id);
        }
        let name = &plan.field(&self.def).name;
        Cow::Owned(format!("{}{name}", self.seldom.names.ids).replace(char::is_whitespace, "-"))
    }

    /// The id of an element that belongs to a control.
    pub(super) fn id_with<'p>(&self, plan: &'p FieldPlan, part: Part) -> Cow<'p, str> {
        match self.seldom.names.ids.as_str() {
            "" => Cow::Borrowed(&plan.ids[part as usize]),
            _ => Cow::Owned(format!("{}{}", self.id_of(plan), part.suffix())),
        }
    }

    /// The name of a control.
    pub(super) fn name_of<'n>(&self, field: &'n Field) -> Cow<'n, str> {
        match self.seldom.names.prefix.as_str() {
            "" => Cow::Borrowed(&field.name),
            prefix => Cow::Owned(format!("{prefix}{}", field.name)),
        }
    }

    /// A word or sentence of the form's own in the visitor's language.
    pub(super) fn word(&self, key: &str, english: &'static str) -> Cow<'static, str> {
        self.language.say_or(key, &[], english)
    }

    /// A field's label in the visitor's language.
    pub(super) fn label<'f>(&self, field: &'f Field) -> Cow<'f, str> {
        self.text_of_field(field, FieldText::Label, Some(&field.label)).unwrap_or_default()
    }

    /// A field's help text in the visitor's language.
    pub(super) fn comment<'f>(&self, field: &'f Field) -> Option<Cow<'f, str>> {
        self.text_of_field(field, FieldText::Comment, field.comment.as_ref())
    }

    fn text_of_field<'f>(
        &self,
        field: &Field,
        which: FieldText,
        text: Option<&'f Cow<'static, str>>,
    ) -> Option<Cow<'f, str>> {
        let own = match self.language.is_default() {
            true => None,
            false => self.language.field_text(self.def.source_name(), &field.name, which),
        };
        own.map(Cow::Owned).or_else(|| text.map(|text| Cow::Borrowed(&**text)))
    }
}

/// Whether a file of that name is a picture that browsers show.
fn is_picture(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"].iter().any(|extension| name.ends_with(extension))
}
