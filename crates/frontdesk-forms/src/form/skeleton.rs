//! Drawing a form from what was drawn before.
//!
//! A form that comes back differs from the one before in its token, in what was typed and in what is wrong. All that stands
//! between is drawn once for a definition, with marks where the rest belongs, and cut up at the marks.

use std::sync::{Arc, OnceLock};

use frontdesk_html::{HtmlWriter, Markup, Sink};
use frontdesk_validate::{Options, ValidationError};

use super::spec::{Definition, FieldPlan, Pristine};
use super::{FieldState, Form, Mode};

/// The most choices of a field whose controls are kept, each with another one chosen.
const MOST_CHOICES: usize = 32;

const FORM_END: &str = "</form>";

/// The parts of a definition's forms, drawn at the first use: of those for new rows and for rows that exist, with the script
/// and without it.
#[derive(Clone, Debug, Default)]
pub(super) struct Skeletons([OnceLock<Arc<Skeleton>>; 4]);

#[derive(Debug)]
pub(super) struct Skeleton {
    marks: Marks,
    /// The start tag and the hidden inputs.
    head: Pristine,
    /// The box of errors: up to its title, up to the first of its lines, and after the last.
    summary: [Markup; 3],
    /// Up to the first of its lines, where that is the only one.
    summary_of_one: Markup,
    fields: Vec<FieldParts>,
    /// What stands below the fields, and the end of the form, where that is the same each time.
    end: OnceLock<Markup>,
}

/// Texts that stand nowhere else.
#[derive(Debug)]
struct Marks {
    value: String,
    error: String,
}

#[derive(Debug, Default)]
struct FieldParts {
    /// The field's line in the box of errors.
    line: OnceLock<Parts>,
    /// The field with any text in it; with an error the second.
    text: [OnceLock<Parts>; 2],
    /// The field with nothing in it, and with each of its choices.
    chosen: Vec<(Option<String>, OnceLock<Parts>)>,
}

/// HTML in pieces, with what belongs behind each.
#[derive(Debug)]
struct Parts(Vec<(Markup, Hole)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hole {
    Value,
    Error,
    /// Nothing: it is the last piece.
    End,
}

impl Marks {
    fn new() -> Self {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).expect("the operating system gives random numbers");
        let random = u128::from_ne_bytes(random);
        Self { value: format!("value{random:032x}"), error: format!("error{random:032x}") }
    }

    /// Draws something in which the marks stand, and cuts it up.
    fn draw(&self, draw: impl FnOnce(&mut HtmlWriter)) -> Parts {
        let mut out = HtmlWriter::with_capacity(512);
        draw(&mut out);
        let html = out.into_string();
        let mut parts = Vec::new();
        let mut rest = &*html;
        loop {
            let value = rest.find(&self.value).map(|at| (at, Hole::Value, self.value.len()));
            let error = rest.find(&self.error).map(|at| (at, Hole::Error, self.error.len()));
            let Some((at, hole, length)) = value.into_iter().chain(error).min_by_key(|(at, ..)| *at) else {
                parts.push((Markup::trusted(rest.to_owned()), Hole::End));
                return Parts(parts);
            };
            parts.push((Markup::trusted(rest[..at].to_owned()), hole));
            rest = &rest[at + length..];
        }
    }
}

impl Parts {
    fn write(&self, value: &str, error: &str, out: &mut dyn Sink) {
        for (markup, hole) in &self.0 {
            out.markup(markup);
            // What is escaped for a text is escaped for an attribute.
            match hole {
                Hole::Value => out.text(value),
                Hole::Error => out.text(error),
                Hole::End => {}
            }
        }
    }
}

impl Skeleton {
    fn of(form: &Form) -> Self {
        let marks = Marks::new();
        let head = Pristine::cut(
            form.token(),
            &form.unclosed(|out| {
                form.open_form(out);
                form.write_hidden_of_all(out);
            }),
        );
        let summary =
            marks.draw(|out| form.write_refusal(&marks.value, &[], &|out| out.text(&marks.error), out));
        let mut summary = summary.0.into_iter().map(|(markup, _)| markup);
        let summary: [Markup; 3] = std::array::from_fn(|_| summary.next().unwrap_or_default());
        let [title, lines, _] = &summary;
        let of_one = format!("{title}{}{lines}", form.title_of_refusal(1));
        let fields = form.def.plan().fields.iter().map(|plan| FieldParts::of(plan, &form.def)).collect();
        Self {
            head,
            summary,
            // In the default language, which is all that is drawn by parts: nothing in it has to be escaped.
            summary_of_one: Markup::trusted(of_one),
            fields,
            end: OnceLock::new(),
            marks,
        }
    }
}

impl FieldParts {
    fn of(plan: &FieldPlan, def: &Definition) -> Self {
        let choices = match plan.field(def).rules().options() {
            Options::Ready(choices) if choices.len() <= MOST_CHOICES => {
                choices.iter().map(|choice| Some(choice.value.to_string())).collect()
            }
            _ => Vec::new(),
        };
        let mut chosen = vec![(None, OnceLock::new())];
        chosen.extend(choices.into_iter().map(|choice| (choice, OnceLock::new())));
        Self { chosen, ..Self::default() }
    }
}

impl FieldState {
    /// Whether there is nothing to be drawn of it but a text and an error.
    fn is_plain(&self) -> bool {
        self.values.len() <= 1
            && self.choices.is_none()
            && self.stored.is_empty()
            && self.kept.is_empty()
            && self.conflict.is_none()
            && !self.hidden
            && !self.needed
            && !self.searches
    }
}

impl Form {
    /// The parts of which the form can be drawn, if there are any for its like.
    pub(super) fn skeleton(&self) -> Option<&Skeleton> {
        let has_parts = self.mode != Mode::ReadOnly
            && self.answer.is_none()
            && self.language.is_default()
            && self.seldom.names.ids.is_empty()
            && self.def.plan().is_constant;
        has_parts.then(|| {
            let at = 2 * usize::from(self.mode == Mode::Update) + usize::from(self.has_script);
            &**self.def.skeletons.0[at].get_or_init(|| Arc::new(Skeleton::of(self)))
        })
    }

    /// Writes the form of its parts.
    pub(super) fn write_by(&self, skeleton: &Skeleton, out: &mut dyn Sink) {
        skeleton.head.write(self.token_markup(), out);
        self.write_csrf_token(out);
        self.write_summary_by(skeleton, out);
        let fields = self.def.plan().fields.iter().zip(&self.states).zip(&skeleton.fields);
        for ((plan, state), parts) in fields {
            if self.is_shown(plan) {
                self.write_field_by(plan, state, parts, &skeleton.marks, out);
            }
        }
        if self.offers_deletion() || self.sidecar.is_some() {
            self.write_end(out);
            out.markup(&Markup::trusted(FORM_END));
        } else {
            out.markup(skeleton.end.get_or_init(|| {
                let mut out = HtmlWriter::new();
                self.write_end(&mut out);
                out.markup(&Markup::trusted(FORM_END));
                out.into_markup()
            }));
        }
    }

    fn write_summary_by(&self, skeleton: &Skeleton, out: &mut dyn Sink) {
        if !self.form_errors.is_empty() || !self.seldom.notices.is_empty() {
            return self.write_summary(out);
        }
        let refused = || {
            let shown = self.def.plan().fields.iter().zip(&self.states).zip(&skeleton.fields);
            shown.filter_map(|((plan, state), parts)| {
                let error = state.error.as_ref()?;
                self.is_shown(plan).then_some((plan, parts, error))
            })
        };
        let count = refused().count();
        if count == 0 {
            return;
        }
        let [title, lines, end] = &skeleton.summary;
        if count == 1 {
            out.markup(&skeleton.summary_of_one);
        } else {
            out.markup(title);
            out.markup(&Markup::trusted(self.title_of_refusal(count)));
            out.markup(lines);
        }
        for (plan, parts, error) in refused() {
            let marks = &skeleton.marks;
            let line =
                parts.line.get_or_init(|| marks.draw(|out| self.write_refused(plan, &marks.error, out)));
            line.write("", error.text(), out);
        }
        out.markup(end);
    }

    fn write_field_by(
        &self,
        plan: &FieldPlan,
        state: &FieldState,
        parts: &FieldParts,
        marks: &Marks,
        out: &mut dyn Sink,
    ) {
        if !state.is_plain() || !self.has_control(plan) {
            return self.write_field(plan, state, out);
        }
        let value = state.values.first().map(|value| &**value);
        let draw = |value: Option<&str>, error: Option<&str>| {
            let state = FieldState {
                values: value.map(|value| value.to_owned().into()).into_iter().collect(),
                error: error.map(|error| ValidationError::custom(error.to_owned())),
                ..FieldState::default()
            };
            marks.draw(|out| self.write_field(plan, &state, out))
        };
        let error = state.error.as_ref().map(ValidationError::text);
        if plan.widget.is_template(value.unwrap_or_default()) {
            let parts = &parts.text[usize::from(error.is_some())];
            let parts = parts.get_or_init(|| draw(Some(&marks.value), error.map(|_| &*marks.error)));
            return parts.write(value.unwrap_or_default(), error.unwrap_or_default(), out);
        }
        let known = parts.chosen.iter().find(|(known, _)| known.as_deref() == value);
        match known {
            Some((_, parts)) if error.is_none() => parts.get_or_init(|| draw(value, None)).write("", "", out),
            _ => self.write_field(plan, state, out),
        }
    }
}
