//! Two who edit the same record: what each of them did, and which of it shall stay.

use std::borrow::Cow;
use std::sync::Arc;

use frontdesk_data::{Db, Field, FieldType, Guard, Row, RowDigest, Table};
use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::ValidationError;
use http::StatusCode;

use super::prepare::as_typed;
use super::spec::{FieldPlan, is_upload};
use super::{FieldState, Form, bind};
use crate::Slot;
use crate::body::Submission;
use crate::state::Shown;

/// A field that somebody else changed since the form was drawn.
#[derive(Clone, Debug)]
pub(super) struct FieldConflict {
    /// What stood there when the form was drawn.
    pub(super) before: Vec<Shown>,
    /// Whether the visitor changed it as well, to something else, and so has to choose.
    pub(super) asks: bool,
    /// What was chosen.
    pub(super) take: Option<Take>,
}

/// The two versions of a field that the visitor did not type, for people.
pub(super) struct ConflictTexts {
    pub(super) before: String,
    pub(super) theirs: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    Mine,
    Theirs,
}

/// The texts of a control in the one form in which they can be compared.
pub(super) fn comparable<T: AsRef<str>>(field: &Field, texts: &[T]) -> Vec<String> {
    if field.kind == FieldType::Boolean {
        return vec![texts.first().is_some_and(|text| bind::is_true(text.as_ref())).to_string()];
    }
    let texts = texts.iter().map(|text| as_typed(field, text.as_ref()));
    let mut texts: Vec<String> = texts
        .map(|text| match field.kind {
            // Browsers drop seconds that are zero.
            FieldType::DateTime | FieldType::Instant | FieldType::Time if text.matches(':').count() == 2 => {
                text.strip_suffix(":00").unwrap_or(&text).to_owned()
            }
            _ => text,
        })
        .filter(|text| !text.is_empty())
        .collect();
    if field.rules().multiple() {
        texts.sort_unstable(); // a browser sends what was chosen in the order in which it is offered
    }
    texts
}

/// What a state carries of the texts of a control.
pub(super) fn carried<T: AsRef<str>>(field: &Field, texts: &[T]) -> Vec<Shown> {
    comparable(field, texts).iter().map(|text| Shown::new(text)).collect()
}

/// Whether a control that showed `shown` says `texts`.
pub(super) fn are<T: AsRef<str>>(field: &Field, shown: &[Shown], texts: &[T]) -> bool {
    let texts = comparable(field, texts);
    shown.len() == texts.len() && shown.iter().zip(&texts).all(|(shown, text)| shown.is(text))
}

impl Form {
    /// What the record must still be when it is written; `None` where the form was drawn without knowing it.
    pub(super) fn guard(&self) -> Option<Guard> {
        self.record.as_deref()?;
        self.state.as_ref()?.own()?.digest?;
        let record = self.record.as_deref()?;
        Some(Guard::of(record, self.guarded().map(Arc::<str>::from)))
    }

    /// Looks at whether somebody changed the record since the form was drawn, and at what was chosen where that was told
    /// already. Gives whether the visitor has to look at it before anything is written; what was typed is noted then.
    pub(super) fn meet_changes(&mut self, submission: &Submission) -> bool {
        let Some(seen) = self.state.as_ref().and_then(|state| state.own()).cloned() else { return false };
        let (Some(record), Some(digest)) = (&self.record, seen.digest) else { return false };
        let is_as_seen = record.digest(self.guarded()) == RowDigest::from_bytes(digest);
        if is_as_seen && seen.asked.is_empty() {
            return false;
        }
        self.bind_all(submission);
        let def = Arc::clone(&self.def);
        for (number, before) in seen.asked {
            let Some(plan) = def.plan().fields.get(number as usize) else { continue };
            let field = plan.field(&def);
            if self.is_input(plan) {
                let take = match submission.text(&format!("_take_{}", field.name)) {
                    Some("mine") => Some(Take::Mine),
                    Some("theirs") => Some(Take::Theirs),
                    _ => None,
                };
                self.states[number as usize].conflict = Some(FieldConflict { before, asks: true, take });
            }
        }
        let mut unresolved = false;
        if !is_as_seen {
            unresolved = self.compare(&seen.shown);
            // From now on the visitor sees what is there now.
            self.base = None;
        }
        let asked = self.states.iter().filter_map(|state| state.conflict.as_ref());
        unresolved |= asked.into_iter().any(|conflict| conflict.asks && conflict.take.is_none());
        if unresolved {
            self.refuse_changed();
        }
        unresolved
    }

    /// Shows what became of the record since the form was drawn, for a form that comes back for another reason.
    pub(super) fn show_changes(&mut self) {
        let seen = self.state.as_ref().and_then(|state| state.own()).map(|own| own.shown.clone());
        if let (Some(seen), Some(_)) = (seen, &self.record) {
            self.compare(&seen);
        }
        self.base = None;
    }

    /// Says that the record was changed between being looked at and being written, and shows how.
    pub(super) async fn report_change(&mut self, db: &Db, table: &Arc<Table>) {
        let seen = self.state.as_ref().and_then(|state| state.own()).map(|own| own.shown.clone());
        let id = self.record.as_deref().and_then(Row::id).cloned();
        let (Some(seen), Some(id)) = (seen, id) else { return };
        match self.fetch(db, table, &id).await {
            Ok(Some(record)) => {
                self.record = Some(Box::new(record));
                self.compare(&seen);
                self.base = None;
                self.refuse_changed();
            }
            Ok(None) => {
                self.status = StatusCode::GONE;
                self.refuse_form(ValidationError::new("gone", "This record was deleted in the meantime"));
            }
            Err(error) => self.fail(error.into()),
        }
    }

    fn refuse_changed(&mut self) {
        self.status = StatusCode::CONFLICT;
        self.form_errors.push(ValidationError::new(
            "conflict",
            "Somebody else changed this record while you were editing it. Nothing was saved yet: look at the marked fields, then submit again",
        ));
    }

    /// Compares, field by field, what was seen, what is there now, and what was submitted. Gives whether there is something
    /// that the visitor has not seen yet.
    fn compare(&mut self, seen: &[(u32, Vec<Shown>)]) -> bool {
        let def = Arc::clone(&self.def);
        let Some(record) = self.record.take() else { return false };
        let mut any = false;
        for (number, plan) in (0_u32..).zip(&def.plan().fields) {
            let field = plan.field(&def);
            if !self.is_input(plan) || field.secret {
                continue;
            }
            let before = seen.iter().find(|(seen, _)| *seen == number).map_or(&[][..], |(_, shown)| shown);
            let theirs = self.texts_in(number as usize, &record);
            if are(field, before, &theirs) {
                continue; // what was asked of it before stays asked
            }
            let state = &mut self.states[number as usize];
            let touched = match is_upload(field) {
                true => !state.uploads.is_empty() || !state.removed.is_empty(),
                false => state.bound && !are(field, before, &state.values),
            };
            let asks = touched
                && (is_upload(field) || comparable(field, &state.values) != comparable(field, &theirs));
            if touched && !asks {
                state.forget_conflict();
                continue; // both did the same
            }
            if !touched && !is_upload(field) {
                state.values = theirs.into();
                state.bound = true;
            }
            state.conflict = Some(FieldConflict { before: before.to_vec(), asks, take: None });
            any = true;
        }
        self.record = Some(record);
        any
    }

    /// What stood in a field before, and what somebody else put there.
    pub(super) fn conflict_texts(&self, plan: &FieldPlan, state: &FieldState) -> Option<ConflictTexts> {
        let (conflict, record) = (state.conflict.as_ref()?, self.record.as_deref()?);
        let before = conflict.before.iter().map(|text| self.label_of(plan, state, &text.text()).into_owned());
        let before = before.collect::<Vec<_>>().join(", ");
        Some(ConflictTexts { before, theirs: self.readable(plan, state, record) })
    }

    /// Draws what somebody else did to a field.
    pub(super) fn write_conflict(&self, plan: &FieldPlan, state: &FieldState, out: &mut dyn Sink) {
        let (Some(conflict), Some(texts)) = (&state.conflict, self.conflict_texts(plan, state)) else {
            return;
        };
        let field = plan.field(&self.def);
        let id = self.id_of(plan);
        out.open(name!("div"));
        out.attr(name!("role"), "group");
        out.attr(name!("aria-labelledby"), &format!("{id}_conflict"));
        super::render::class(self.style(), Slot::Conflict, out);
        out.open(name!("p"));
        out.attr(name!("id"), &format!("{id}_conflict"));
        let title = if conflict.asks {
            self.word("form-conflict-title", "Somebody else changed this as well")
        } else {
            self.word("form-conflict-changed", "Somebody else changed this; you see it as it is now")
        };
        out.text(&format!("{}: {title}", self.label(field)));
        out.close();
        out.open(name!("dl"));
        let mut entry = |term: &str, text: &str| {
            out.text_element(name!("dt"), "", term);
            let empty = self.word("form-empty", "(empty)");
            out.text_element(name!("dd"), "", if text.is_empty() { &empty } else { text });
        };
        entry(&self.word("form-conflict-before", "Before"), &texts.before);
        entry(&self.word("form-conflict-theirs", "Theirs, saved now"), &texts.theirs);
        if conflict.asks {
            let mine: Vec<_> = if is_upload(field) {
                state.uploads.iter().map(|file| Cow::Owned(file.name().to_owned())).collect()
            } else {
                state.values.iter().map(|text| self.label_of(plan, state, text)).collect()
            };
            entry(&self.word("form-conflict-yours", "Yours, in the field above"), &mine.join(", "));
        }
        out.close();
        if conflict.asks {
            for (take, value, key, text) in [
                (Take::Mine, "mine", "form-conflict-keep-mine", "Keep mine"),
                (Take::Theirs, "theirs", "form-conflict-take-theirs", "Take theirs"),
            ] {
                out.open(name!("label"));
                super::render::class(self.style(), Slot::Choice, out);
                out.open(name!("input"));
                out.attr(name!("type"), "radio");
                out.attr(name!("id"), &format!("{id}_take_{value}"));
                out.attr(name!("name"), &format!("{}_take_{}", self.seldom.names.prefix, field.name));
                out.attr(name!("value"), value);
                out.flag_if(name!("checked"), conflict.take == Some(take));
                super::render::class(self.style(), Slot::Radio, out);
                out.close();
                out.text(" ");
                out.text(&self.word(key, text));
                out.close();
            }
        }
        out.close();
    }

    /// What a record holds in a field, for people.
    fn readable(&self, plan: &FieldPlan, state: &FieldState, record: &Row) -> String {
        let field = plan.field(&self.def);
        let index = self.def.plan().fields.iter().position(|known| known.id == plan.id).unwrap_or_default();
        let texts = comparable(field, &self.texts_in(index, record));
        texts.iter().map(|text| self.label_of(plan, state, text)).collect::<Vec<_>>().join(", ")
    }

    /// The label of a choice, where a value is one; else the value.
    fn label_of<'t>(&self, plan: &FieldPlan, state: &FieldState, value: &'t str) -> Cow<'t, str> {
        let field = plan.field(&self.def);
        if field.kind == FieldType::Boolean {
            return match value {
                "true" | "ON" => self.word("form-yes", "Yes").into_owned().into(),
                _ => self.word("form-no", "No").into_owned().into(),
            };
        }
        let choices = self.choices(plan, state);
        let found = choices.as_deref().unwrap_or_default().iter().find(|choice| choice.value == value);
        found.map_or(Cow::Borrowed(value), |choice| Cow::Owned(choice.label.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_compare_as_browsers_send_them() {
        let at = Field::datetime("at");
        assert!(are(&at, &carried(&at, &["2024-01-01 10:00:00"]), &["2024-01-01T10:00"]));
        let ok = Field::boolean("ok");
        assert!(are(&ok, &carried(&ok, &["1"]), &["ON"]));
        assert!(are(&ok, &carried::<&str>(&ok, &[]), &["false"]));
        let text = Field::text("text");
        assert!(are(&text, &carried(&text, &["a\r\nb"]), &["a\nb"]));
        assert!(!are(&text, &carried(&text, &["a"]), &["b"]));
        assert!(are(&text, &carried(&text, &[""]), &Vec::<String>::new()));
    }
}
