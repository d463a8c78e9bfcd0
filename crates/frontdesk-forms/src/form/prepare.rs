//! What drawing needs, and what the next submission is to know.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use frontdesk_data::{DefaultValue, Field, FieldType, Row};
use frontdesk_html::Markup;
use frontdesk_validate::Value;

use super::conflict::carried;
use super::spec::{Definition, FieldPlan, Reads, Source, is_upload};
use super::{Form, Mode, bind};
use crate::request::Nonce;
use crate::state::{Binding, FormState, RowState};
use crate::{Desk, FormError, FormRequest};

/// The signed state, as the HTML that stands in the page.
pub(super) enum Token {
    /// The form has none, or is not prepared yet.
    None,
    Signed(Markup),
    /// That of a form that was accepted, which is seldom drawn again: it is signed when it is asked for.
    Unsigned(Box<Unsigned>),
}

/// What a token is made of, and the token once somebody asked for it.
pub(super) struct Unsigned {
    state: FormState,
    nonce: Nonce,
    desk: Desk,
    signed: OnceLock<Markup>,
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
            let (own, rows) = (self.row_state(), self.rows_state());
            let is_bare = own.is_none() && rows.is_empty();
            let nonce = request.nonce();
            if !(is_bare && matches!(self.token, Token::Signed(_))) {
                let mut state = FormState::new();
                state.issued = self.seldom.issued.unwrap_or(state.issued);
                if !is_bare {
                    state.rows.push(own.unwrap_or_default());
                }
                state.rows.extend(rows);
                self.token = if self.accepted {
                    let (desk, signed) = (request.desk().clone(), OnceLock::new());
                    Token::Unsigned(Box::new(Unsigned { state, nonce, desk, signed }))
                } else {
                    Token::Signed(self.signed(&state, &nonce, request.desk()))
                };
            }
            // Pictures of kept files are shown to the browser that brought them, wherever its session comes from.
            if self.def.csrf_session.is_none() || self.has_previews() {
                self.cookies.extend(request.set_cookie());
            }
        }
        Ok(())
    }

    fn signed(&self, state: &FormState, nonce: &Nonce, desk: &Desk) -> Markup {
        let record = self.record_text();
        let binding = Binding { record: &record, session: self.def.session(nonce) };
        // Nothing in it has to be escaped.
        Markup::trusted(state.sign(&self.def.key(desk.forms()), binding))
    }

    /// The signed state, once the form is prepared.
    pub(super) fn token(&self) -> Option<&str> {
        self.token_markup().map(Markup::as_str)
    }

    /// The same, for what is put together from parts.
    pub(super) fn token_markup(&self) -> Option<&Markup> {
        match &self.token {
            Token::None => None,
            Token::Signed(token) => Some(token),
            Token::Unsigned(token) => {
                let Unsigned { state, nonce, desk, signed } = &**token;
                Some(signed.get_or_init(|| self.signed(state, nonce, desk)))
            }
        }
    }

    fn has_previews(&self) -> bool {
        let rows = self.children.iter().flat_map(|rows| &rows.rows).map(|row| &row.form);
        std::iter::once(self)
            .chain(rows)
            .any(|form| form.states.iter().flat_map(|state| &state.kept).any(|kept| kept.preview.is_some()))
    }

    /// Asks for choices, and fills in what nobody submitted.
    pub(super) async fn fill_in(&mut self) -> Result<(), FormError> {
        let awaits = self.def.plan().awaits_choices;
        if awaits {
            let def = Arc::clone(&self.def);
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
        let untouched = !self.submitted || (self.accepted && !self.def.keep_values);
        for index in 0..self.states.len() {
            let plan = &self.def.plan().fields[index];
            if self.is_shown(plan) && (untouched || !self.states[index].bound || !self.is_input(plan)) {
                self.fill(index);
            }
        }
    }

    /// Words what is wrong in the visitor's language, except where the application gave the text.
    pub(super) fn translate(&mut self) {
        if self.language.is_default() {
            return;
        }
        let own = self.states.iter_mut().filter_map(|state| state.error.as_mut());
        for error in own
            .chain(&mut self.form_errors)
            .chain(self.seldom.0.iter_mut().flat_map(|rarely| &mut rarely.notices))
        {
            let text = self.language.error(error).into_owned();
            error.set_text(text);
        }
    }

    /// What the next submission is to know of this row; nothing for a new row that nobody touched.
    pub(super) fn row_state(&self) -> Option<RowState> {
        let def = &self.def;
        let is_untouched = self.base.is_none()
            && self.record.is_none()
            && self.seldom.names.prefix.is_empty()
            && self.states.iter().all(|state| state.conflict.is_none() && state.kept.is_empty());
        let is_drawn = |plan: &FieldPlan| !self.is_input(plan) || self.is_shown(plan);
        let plans = &def.plan().fields;
        let are_all_drawn = plans.iter().all(is_drawn);
        if is_untouched && are_all_drawn {
            return None;
        }
        let numbered = || (0_u32..).zip(plans).filter(|(_, plan)| self.is_input(plan));
        let mut row = RowState::default();
        if let Some(base) = &self.base {
            // What the visitor saw then is what the row has to be like, however often the form comes back.
            row.digest = base.digest;
            row.shown.clone_from(&base.shown);
        } else if let Some(record) = &self.record {
            row.digest = record.digest(self.guarded()).as_bytes().try_into().ok();
            let inputs = numbered().map(|(number, plan)| (number, plan.field(def)));
            for (number, field) in inputs.filter(|(_, field)| is_guarded(field)) {
                let texts = self.texts_in(number as usize, record);
                row.shown.push((number, carried(field, &texts)));
            }
        } else if !self.seldom.names.prefix.is_empty() {
            // A default that differs each time: only so can be told whether anybody touched the row.
            for (number, plan) in numbered() {
                let (field, state) = (plan.field(def), &self.states[number as usize]);
                if matches!(field.default, DefaultValue::With(_)) && !state.bound {
                    row.shown.push((number, carried(field, &state.values)));
                }
            }
        }
        for (number, _) in numbered() {
            let conflict = self.states[number as usize].conflict.as_ref();
            if let Some(conflict) = conflict.filter(|conflict| conflict.asks) {
                row.asked.push((number, conflict.before.clone()));
            }
        }
        let kept = self.states.iter().flat_map(|state| &state.kept);
        row.kept.extend(kept.map(|kept| kept.file.clone()));
        if !are_all_drawn {
            let drawn = numbered().filter(|(_, plan)| self.is_shown(plan));
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
        self.inputs().filter(|field| is_guarded(field)).map(|field| &*field.name)
    }

    /// Asks for the choices of the drawn fields, all at once.
    async fn await_choices(&mut self, def: &Definition) -> Result<(), FormError> {
        let asked = def
            .plan()
            .fields
            .iter()
            .enumerate()
            .filter(|(_, plan)| plan.awaits_choices && self.is_input(plan) && self.is_shown(plan));
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
                Ok(record) => self.record = record.map(Box::new).or(self.record.take()),
                Err(error) => tracing::warn!(%error, "a record that was written cannot be read again"),
            }
        }
    }

    /// Puts the record's value, or the default, into the control.
    fn fill(&mut self, index: usize) {
        let plan = &self.def.plan().fields[index];
        let field = plan.field(&self.def);
        let has_default = matches!(field.default, DefaultValue::Value(_) | DefaultValue::With(_));
        if self.record.is_none() && !has_default && !is_upload(field) && plan.widget.is_plain() {
            self.states[index].values.clear();
            return;
        }
        let value = match &self.record {
            Some(record) => Cow::Borrowed(&record[&field.name]),
            None => Cow::Owned(field.default.value().unwrap_or(Value::Null)),
        };
        if is_upload(field) {
            let stored = bind::keys(&value);
            let state = &mut self.states[index];
            state.values.clear();
            state.removed.clear();
            state.stored = stored;
        } else {
            let texts = if field.secret { Vec::new() } else { self.texts(index, &value) };
            self.states[index].values = texts.into();
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
