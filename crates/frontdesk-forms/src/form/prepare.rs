//! What drawing needs, and what the next submission is to know.

use std::borrow::Cow;
use std::sync::Arc;

use frontdesk_data::{DefaultValue, Field, FieldType, Row};
use frontdesk_validate::Value;

use super::conflict::carried;
use super::spec::{Definition, Reads, Source, is_upload};
use super::{Form, Mode, bind};
use crate::state::{Binding, FormState, RowState};
use crate::{Desk, FormError, FormRequest};

/// What the form's token is made of.
pub(super) struct Seal {
    state: FormState,
    session: Arc<str>,
    desk: Desk,
}

impl Form {
    /// Makes what drawing needs: choices, the signed state, the texts of untouched fields. What is seldom awaited is boxed,
    /// as in [`submit`](Self::submit).
    pub(super) async fn prepare(&mut self, request: &mut FormRequest) -> Result<(), FormError> {
        if self.answer.is_some() {
            return Ok(()); // nothing is drawn
        }
        if self.accepted && self.mode == Mode::Update && !self.deleted {
            Box::pin(self.refresh()).await;
        }
        self.fill_in().await?;
        self.translate();
        let is_signed = self.is_signed() && self.mode != Mode::ReadOnly;
        if !self.accepted && is_signed && self.states.iter().any(|state| !state.uploads.is_empty()) {
            let owner = self.owner(request);
            self.hold_uploads(owner, request);
        }
        if !self.def.children.is_empty() {
            Box::pin(self.prepare_rows(request)).await?;
        }
        if self.def.drafts.is_some() {
            Box::pin(self.find_draft(request)).await;
        }
        if is_signed {
            let mut state = FormState::new();
            state.issued = self.issued.unwrap_or(state.issued);
            let own = self.row_state();
            let rows = self.rows_state();
            if own.is_some() || !rows.is_empty() {
                state.rows.push(own.unwrap_or_default());
            }
            state.rows.extend(rows);
            let session = match &self.def.csrf_session {
                Some(session) => Arc::clone(session),
                None => Arc::clone(&request.nonce().value),
            };
            self.seal = Some(Seal { state, session, desk: request.desk().clone() });
            // Pictures of kept files are shown to the browser that brought them, wherever its session comes from.
            if self.def.csrf_session.is_none() || self.has_previews() {
                self.cookies.extend(request.set_cookie());
            }
        }
        Ok(())
    }

    /// The signed state, once the form is prepared. It is signed when it is asked for: a form that was accepted is seldom
    /// drawn again.
    pub(super) fn token(&self) -> Option<&str> {
        let Seal { state, session, desk } = self.seal.as_ref()?;
        let token = self.token.get_or_init(|| {
            let record = self.record_text();
            state.sign(&self.def.key(desk.forms()), Binding { record: &record, session })
        });
        Some(token)
    }

    fn has_previews(&self) -> bool {
        let rows = self.children.iter().flat_map(|rows| &rows.rows).map(|row| &row.form);
        std::iter::once(self)
            .chain(rows)
            .any(|form| form.states.iter().flat_map(|state| &state.kept).any(|kept| kept.preview.is_some()))
    }

    /// Asks for choices, and fills in what nobody submitted.
    pub(super) async fn fill_in(&mut self) -> Result<(), FormError> {
        let def = Arc::clone(&self.def);
        let awaits = def.plan().awaits_choices;
        if awaits {
            Box::pin(self.await_choices(&def)).await?;
        }
        self.fill_untouched();
        if awaits {
            Box::pin(self.label_chosen()).await?;
        }
        self.settle_shown(&|_| Vec::new());
        Ok(())
    }

    /// Shows what nobody submitted as it is in the record, so that it is not lost the next time; or by its default.
    pub(super) fn fill_untouched(&mut self) {
        let def = Arc::clone(&self.def);
        let untouched = !self.submitted || (self.accepted && !self.def.keep_values);
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            if self.is_shown(field) && (untouched || !self.states[index].bound || !self.is_input(field)) {
                self.fill(index, field);
            }
        }
    }

    /// Words what is wrong in the visitor's language, except where the application gave the text.
    pub(super) fn translate(&mut self) {
        if self.language.is_default() {
            return;
        }
        let own = self.states.iter_mut().filter_map(|state| state.error.as_mut());
        for error in own.chain(&mut self.form_errors).chain(&mut self.notices) {
            let text = self.language.error(error).into_owned();
            error.set_text(text);
        }
    }

    /// What the next submission is to know of this row; nothing for a new row that nobody touched.
    pub(super) fn row_state(&self) -> Option<RowState> {
        let def = &self.def;
        let is_untouched = self.base.is_none()
            && self.record.is_none()
            && self.names.prefix.is_empty()
            && self.states.iter().all(|state| state.conflict.is_none() && state.kept.is_empty());
        let is_drawn = |field: &Field| !self.is_input(field) || self.is_shown(field);
        if is_untouched && def.fields().iter().all(is_drawn) {
            return None;
        }
        let numbered = || (0_u32..).zip(&def.plan().fields).map(|(number, plan)| (number, plan.field(def)));
        let mut row = RowState::default();
        if let Some(base) = &self.base {
            // What the visitor saw then is what the row has to be like, however often the form comes back.
            row.digest = base.digest;
            row.shown.clone_from(&base.shown);
        } else if let Some(record) = &self.record {
            row.digest = record.digest(self.guarded()).as_bytes().try_into().ok();
            for (number, field) in numbered().filter(|(_, field)| is_guarded(field) && self.is_input(field)) {
                let texts = self.texts_in(number as usize, record);
                row.shown.push((number, carried(field, &texts)));
            }
        } else if !self.names.prefix.is_empty() {
            // A default that differs each time: only so can be told whether anybody touched the row.
            for ((number, field), state) in numbered().zip(&self.states) {
                if matches!(field.default, DefaultValue::With(_)) && self.is_input(field) && !state.bound {
                    row.shown.push((number, carried(field, &state.values)));
                }
            }
        }
        for ((number, field), state) in numbered().zip(&self.states) {
            if let Some(conflict) = &state.conflict
                && conflict.asks
                && self.is_input(field)
            {
                row.asked.push((number, conflict.before.clone()));
            }
            row.kept.extend(state.kept.iter().map(|kept| kept.file.clone()));
        }
        if !numbered().all(|(_, field)| is_drawn(field)) {
            let drawn = numbered().filter(|(_, field)| self.is_input(field) && self.is_shown(field));
            row.drawn = Some(drawn.map(|(number, _)| number).collect());
        }
        (row != RowState::default()).then_some(row)
    }

    /// The texts of a control that shows `value`, as its widget and the visitor's language have them.
    pub(super) fn texts(&self, index: usize, value: &Value) -> Vec<Cow<'static, str>> {
        let plan = &self.def.plan().fields[index];
        let field = plan.field(&self.def);
        let mut texts = plan.widget.show(field, shown(field, value));
        if plan.reads == Reads::Number && !self.language.is_default() {
            for text in &mut texts {
                *text = Cow::Owned(self.language.write_number(text).into_owned());
            }
        }
        texts
    }

    /// The texts of a field of a record, as its control shows them; of uploads the keys.
    pub(super) fn texts_in(&self, index: usize, record: &Row) -> Vec<Cow<'static, str>> {
        let field = self.def.plan().fields[index].field(&self.def);
        match record.get(&field.name) {
            Some(value) if is_upload(field) => bind::keys(value).into_iter().map(Cow::Owned).collect(),
            Some(value) => self.texts(index, value),
            None => Vec::new(),
        }
    }

    /// The columns that are compared to tell whether somebody changed what the visitor sees: those of the inputs.
    pub(super) fn guarded(&self) -> impl Iterator<Item = &str> {
        let fields = self.def.plan().fields.iter().map(|plan| plan.field(&self.def));
        fields.filter(|field| is_guarded(field) && self.is_input(field)).map(|field| &*field.name)
    }

    /// Asks for the choices of the drawn fields, all at once.
    async fn await_choices(&mut self, def: &Definition) -> Result<(), FormError> {
        let asked = def.plan().fields.iter().enumerate().filter(|(_, plan)| {
            let field = plan.field(def);
            plan.awaits_choices && self.is_input(field) && self.is_shown(field)
        });
        let asked: Vec<_> = asked
            .map(|(index, plan)| async move {
                let choices = plan.field(def).rules().options().wait().await;
                (index, choices.map(|choices| choices.map(Cow::into_owned)))
            })
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        let late = || FormError::Unavailable("the choices did not come in time".to_owned());
        let answers =
            tokio::time::timeout(super::submit::CHECK_TIME, futures_util::future::join_all(asked)).await;
        let mut failed = None;
        for (index, choices) in answers.unwrap_or_else(|_| {
            failed = Some(late());
            Vec::new()
        }) {
            match choices {
                Ok(Some(choices)) => {
                    self.states[index].listed = true;
                    self.states[index].choices = Some(choices.into());
                }
                // Too many to list: what was found or chosen stays.
                Ok(None) => {}
                Err(error) => failed = Some(FormError::Unavailable(error.to_string())),
            }
        }
        match failed {
            None => Ok(()),
            Some(error) if !self.submitted => Err(error),
            // What was done is done, and what was typed is kept: the control is a plain input then.
            Some(error) if self.accepted => {
                tracing::warn!(%error, "the choices of an accepted form cannot be shown");
                Ok(())
            }
            Some(error) => {
                self.fail(error);
                Ok(())
            }
        }
    }

    /// Reads the record again after it was written. If that fails, the record as it was is shown: what was asked for is
    /// done all the same.
    async fn refresh(&mut self) {
        if let (Source::Table { db, table }, Some(id)) = (&self.def.source, &self.id) {
            match self.fetch(db, table, id).await {
                Ok(record) => self.record = record.or(self.record.take()),
                Err(error) => tracing::warn!(%error, "a record that was written cannot be read again"),
            }
        }
    }

    /// Puts the record's value, or the default, into the control.
    fn fill(&mut self, index: usize, field: &Field) {
        let value = match &self.record {
            Some(record) => Cow::Borrowed(&record[&field.name]),
            None => Cow::Owned(field.default.value().unwrap_or(Value::Null)),
        };
        let texts = if field.secret || is_upload(field) { Vec::new() } else { self.texts(index, &value) };
        let state = &mut self.states[index];
        state.values.clear();
        if is_upload(field) {
            state.removed.clear();
            state.stored = bind::keys(&value);
        } else if !field.secret {
            state.values = texts;
        }
    }
}

/// The texts of a control that shows `value`.
pub(super) fn shown(field: &Field, value: &Value) -> Vec<Cow<'static, str>> {
    let text = |value: &Value| {
        let text = field.rules().format(value).unwrap_or_else(|| value.to_text().into_owned());
        Cow::Owned(text)
    };
    match value {
        Value::Null => Vec::new(),
        Value::List(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// A text as a control gives it back: browsers write line breaks and dates in a way of their own.
pub(super) fn as_typed(field: &Field, text: &str) -> String {
    match field.kind {
        FieldType::DateTime | FieldType::Instant => text.replacen('T', " ", 1),
        _ => bind::as_browsers_read(text),
    }
}

/// Whether a field is among those by which a change is noticed: nobody sees a secret, so nobody relies on the one before.
fn is_guarded(field: &Field) -> bool {
    !field.secret
}
