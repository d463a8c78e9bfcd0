//! What every input says of itself: classes, limits, ties to its messages.

use std::borrow::Cow;

use frontdesk_html::{Name, Sink, SinkExt, name};
use frontdesk_validate::Constraints;

use super::{Control, autocomplete};
use crate::Slot;

/// What a widget says of its input itself, before what follows from rules and names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Own<'o> {
    /// Which keyboard a phone shows.
    pub(super) inputmode: Option<&'static str>,
    /// What a browser may fill in; `Some("")` for nothing said.
    pub(super) autocomplete: Option<&'static str>,
    /// Whether `min` and `max` are of another kind than what is typed.
    pub(super) other_range: bool,
    /// Whether something may be missing here, whatever the rules say of the whole.
    pub(super) optional: bool,
    /// Whether it is one of several inputs whose group has the ties to error and help.
    pub(super) in_group: bool,
    /// The id of a text of the widget's own that tells more.
    pub(super) note: Option<&'o str>,
}

impl<'a> Control<'a> {
    /// The classes for a control of this slot, with those for a value that was refused and for a control that cannot be
    /// used, where it is so.
    pub fn class(&self, slot: Slot) -> Cow<'a, str> {
        let mut classes = Cow::Borrowed(self.style.class_of(slot));
        for (applies, more) in [(self.error.is_some(), Slot::Invalid), (self.disabled, Slot::Disabled)] {
            let more = self.style.class_of(more);
            if applies && !more.is_empty() {
                classes = match &*classes {
                    "" => Cow::Borrowed(more),
                    some => Cow::Owned(format!("{some} {more}")),
                };
            }
        }
        classes
    }

    /// Adds to the element just begun the classes of a slot, if it has some.
    pub fn write_class(&self, slot: Slot, out: &mut dyn Sink) {
        let class = self.style.class_of(slot);
        if !class.is_empty() {
            out.attr(name!("class"), class);
        }
    }

    /// Adds to the input just begun: classes, tooltip, whether it can be used, and the ties to its error and help text.
    pub fn describe(&self, out: &mut dyn Sink) {
        self.describe_as(Slot::Input, out);
    }

    /// As [`describe`](Self::describe), with the classes of another slot.
    pub fn describe_as(&self, slot: Slot, out: &mut dyn Sink) {
        self.write_common(slot, out);
        if self.required {
            out.attr(name!("aria-required"), "true");
        }
        self.tie(out);
    }

    /// Adds to the input just begun what a browser can check of the field's rules, for an input of type `kind` (`text`,
    /// `date`, ...), a `textarea` or a `select`: `required`, `maxlength`, `pattern`, ... A text input may also say what a
    /// browser can fill in (`autocomplete`) where the field's name tells, such as `email`.
    ///
    /// Where the page has the script, the message of each stands beside it, in `data-fd-error-…`.
    ///
    /// ```
    /// use frontdesk_forms::{Control, Widget};
    /// use frontdesk_html::{Sink, SinkExt};
    ///
    /// #[derive(Debug)]
    /// struct Plain;
    ///
    /// impl Widget for Plain {
    ///     fn write(&self, control: &Control<'_>, out: &mut dyn Sink) {
    ///         out.element("input", |out| {
    ///             out.attrs([("id", control.id()), ("name", control.name()), ("value", control.value())]);
    ///             control.constrain("text", out);
    ///             control.describe(out);
    ///         });
    ///     }
    /// }
    /// ```
    pub fn constrain(&self, kind: &str, out: &mut dyn Sink) {
        self.write_constraints(kind, self.constraints, Own::default(), out);
    }

    /// All of it, for an input of ours.
    pub(super) fn finish(&self, kind: &str, slot: Slot, own: Own<'_>, out: &mut dyn Sink) {
        self.finish_with(kind, self.constraints, slot, own, out);
    }

    /// As [`finish`](Self::finish), for one of the inputs of a list.
    pub(super) fn finish_item(&self, kind: &str, slot: Slot, own: Own<'_>, out: &mut dyn Sink) {
        self.finish_with(kind, self.items, slot, Own { optional: true, in_group: true, ..own }, out);
    }

    fn finish_with(
        &self,
        kind: &str,
        constraints: &Constraints,
        slot: Slot,
        own: Own<'_>,
        out: &mut dyn Sink,
    ) {
        let says_required = self.write_constraints(kind, constraints, own, out);
        self.write_common(slot, out);
        if self.required && !says_required && !own.optional && kind != "radio" && kind != "checkbox" {
            out.attr(name!("aria-required"), "true");
        }
        if !own.in_group {
            self.tie_with(own.note, out);
        } else if self.error.is_some() {
            out.attr(name!("aria-invalid"), "true");
        }
    }

    fn write_common(&self, slot: Slot, out: &mut dyn Sink) {
        let class = self.class(slot);
        if !class.is_empty() {
            out.attr(name!("class"), &class);
        }
        out.attr_opt(name!("title"), self.title());
        out.flag_if(name!("disabled"), self.disabled);
        if self.live && self.script {
            out.flag(name!("data-fd-live"));
        }
    }

    /// Writes what constraints say; whether `required` is among it.
    fn write_constraints(
        &self,
        kind: &str,
        constraints: &Constraints,
        own: Own<'_>,
        out: &mut dyn Sink,
    ) -> bool {
        let mut required = false;
        let mut said: Vec<&'static str> = Vec::new();
        out.attr_opt(name!("inputmode"), own.inputmode);
        let filled_in = match own.autocomplete {
            Some(own) => Some(own).filter(|own| !own.is_empty()),
            None if self.field.secret => None,
            None => constraints.autocomplete.as_deref().or_else(|| autocomplete::of(&self.field.name, kind)),
        };
        out.attr_opt(name!("autocomplete"), filled_in);
        for attribute in constraints.attributes(kind) {
            match attribute.name {
                "inputmode" if own.inputmode.is_some() => continue,
                "autocomplete" => continue,
                "required" if own.optional => continue,
                "data-fd-required" if own.optional => continue,
                "min" | "max" | "data-fd-min" | "data-fd-max" | "data-fd-type" if own.other_range => continue,
                // Only the script reads these.
                data if data.starts_with("data-") && !self.script => continue,
                "required" => {
                    out.flag(name!("required"));
                    required = true;
                }
                known => out.attr(Name::new_static(known), &attribute.value),
            }
            if let (true, Some(error)) = (self.script, attribute.error)
                && !said.contains(&attribute.error_name)
            {
                said.push(attribute.error_name);
                out.attr(Name::new_static(attribute.error_name), &self.message(error));
            }
        }
        required
    }

    /// Adds the ties to error and help text alone.
    pub fn tie(&self, out: &mut dyn Sink) {
        self.tie_with(None, out);
    }

    /// As [`tie`](Self::tie), with a text of the widget's own: the id of its element.
    pub(super) fn tie_with(&self, more: Option<&str>, out: &mut dyn Sink) {
        if self.error.is_some() {
            out.attr(name!("aria-invalid"), "true");
        }
        self.write_described_by(more, out);
    }

    /// Adds to the `fieldset` just begun what it needs: the classes of the field's box, and the ties to error and help.
    pub(crate) fn begin_fieldset(&self, out: &mut dyn Sink) {
        let (outer, group) = (self.style.class_of(Slot::Outer), self.style.class_of(Slot::Group));
        match (outer, group) {
            ("", "") => {}
            ("", only) | (only, "") => out.attr(name!("class"), only),
            _ => out.attr(name!("class"), &format!("{outer} {group}")),
        }
        self.tie_group(out);
    }

    /// Adds the ties to the element that groups the inputs of this control.
    pub(crate) fn tie_group(&self, out: &mut dyn Sink) {
        self.write_described_by(None, out);
    }

    fn write_described_by(&self, more: Option<&str>, out: &mut dyn Sink) {
        let mut ids = String::new();
        let mut add = |parts: &[&str]| {
            if !ids.is_empty() {
                ids.push(' ');
            }
            parts.iter().for_each(|part| ids.push_str(part));
        };
        if self.error.is_some() {
            add(&[self.id, "_error"]);
        }
        if let Some(more) = more {
            add(&[more]);
        }
        if self.texts.has_comment {
            add(&[self.id, "_help"]);
        }
        if !ids.is_empty() {
            out.attr(name!("aria-describedby"), &ids);
        }
    }

    /// Begins the element around several inputs: a `div`, or a `fieldset` that is named by the field's label where nobody
    /// has put one around it yet ([`is_grouped`](Self::is_grouped)). The widget closes it.
    pub fn open_group(&self, slot: Slot, out: &mut dyn Sink) {
        if self.grouped {
            out.open(name!("div"));
            self.write_class(slot, out);
            return;
        }
        out.open(name!("fieldset"));
        self.write_class(slot, out);
        out.attr(name!("aria-labelledby"), &format!("{}_label", self.id));
        self.tie_group(out);
    }

    /// The id of the input at `index`, for a control of several: the first one has the control's own.
    pub(super) fn id_at(&self, index: usize) -> Cow<'a, str> {
        match index {
            0 => Cow::Borrowed(self.id),
            _ => Cow::Owned(format!("{}_{index}", self.id)),
        }
    }
}
