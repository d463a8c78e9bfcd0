//! What happens when a form meets a request.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Field, FieldType, Row, Values};
use frontdesk_validate::{BoxFuture, Checked, Context, Lookup, ValidationError, Value};
use http::{Method, StatusCode};

use super::bind::{self, Bound};
use super::spec::{Definition, Record, Source, Validation};
use super::{FieldState, Form, FormCheck, FormSpec, Mode};
use crate::body::multipart::{FilePolicy, Intake};
use crate::body::{Entry, Submission, Trouble};
use crate::token::{Binding, TokenError};
use crate::upload::Owner;
use crate::{Desk, FormError, FormRequest};

/// How long rules that ask others may take, all together.
const CHECK_TIME: Duration = Duration::from_secs(10);

impl FormSpec {
    /// Meets a request: draws an empty form, or reads what was submitted, checks it, and writes it.
    ///
    /// Immediate rules of all fields run first, then those that have to be awaited, at the same time and only for fields
    /// that passed so far; then the functions for the form as a whole. The row is written if nothing was refused, and what
    /// the database refuses is an error on its fields.
    ///
    /// # Errors
    /// [`FormError::NotFound`] if there is no such record; [`FormError::Unavailable`] if the database, or what a rule asks,
    /// is out of reach. What a visitor did wrong is no error: it is in the form.
    pub async fn process(&self, request: &mut FormRequest) -> Result<Form, FormError> {
        let record = match self.load().await {
            Ok(record) => record,
            Err(error) => {
                request.drain().await;
                return Err(error);
            }
        };
        let mode = match &record {
            _ if self.def.readonly => Mode::ReadOnly,
            // What cannot be told from other rows can only be looked at.
            Some(row) if row.id().is_none() && self.def.table().is_some() => Mode::ReadOnly,
            Some(_) => Mode::Update,
            None => Mode::Create,
        };
        let mut form = Form::new(Arc::clone(&self.def), mode, record);
        if mode != Mode::ReadOnly {
            let def = Arc::clone(&self.def);
            let limit = |name: &str| {
                let field = def.fields().iter().find(|field| &*field.name == name)?;
                (field.kind.is_upload() && field.writable).then(|| FilePolicy::of(field))
            };
            // A forged form fills no disk: its files are dropped as they come.
            let nonce = request.nonce().value.clone();
            let is_foreign = request.is_foreign();
            let signer = request.desk().clone();
            let admits = |entries: &[(String, Entry)]| {
                let key = entries.iter().find_map(|(name, entry)| match entry {
                    Entry::Text(text) if name == "_formkey" => Some(&**text),
                    _ => None,
                });
                form.verify_key(key.unwrap_or_default(), &nonce, is_foreign, &signer).is_ok()
            };
            let owner = Owner::of(def.csrf_session.as_deref().unwrap_or(&nonce));
            let intake = Intake { owner, policy: &limit, admission: &admits };
            let submission = request.submission(def.form_name(), &def.method, intake).await;
            if let Some(submission) = submission {
                form.submit(&submission, request).await?;
            }
        } else {
            request.drain().await;
        }
        form.prepare(request).await?;
        Ok(form)
    }

    async fn load(&self) -> Result<Option<Row>, FormError> {
        match (&self.record, &self.def.source) {
            (Record::None, _) => Ok(None),
            (Record::Row(row), _) => Ok(Some((**row).clone())),
            (Record::Id(id), Source::Table { db, table }) => {
                db.get(table, id).await?.map(Some).ok_or(FormError::NotFound)
            }
            (Record::Id(_), Source::Fields { .. }) => Err(FormError::NotFound),
        }
    }
}

/// The submitted values, for rules that look at other fields.
struct Submitted<'s>(&'s Submission);

impl Lookup for Submitted<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.all(name).find_map(|entry| match entry {
            Entry::Text(text) if self.0.is_json => Some(Value::Text(text.clone())),
            Entry::Text(text) => Some(Value::Text(bind::unix_lines(text))),
            Entry::Typed(value) => Some(value.clone()),
            _ => None,
        })
    }
}

/// A check that has to be awaited, of the field with that index.
type Waiting<'a> = (usize, BoxFuture<'a, Result<Value, ValidationError>>);

impl Form {
    fn new(def: Arc<Definition>, mode: Mode, record: Option<Row>) -> Self {
        let states = def.plan().fields.iter().map(|_| FieldState::default()).collect();
        Self {
            sidecar: def.sidecar.clone(),
            def,
            mode,
            record,
            states,
            form_errors: Vec::new(),
            vars: Values::new(),
            id: None,
            accepted: false,
            deleted: false,
            submitted: false,
            status: StatusCode::OK,
            token: None,
            cookie: None,
            structure: None,
            sidecar_changed: false,
            extras: Vec::new(),
        }
    }

    /// The record's identity as text; empty for a new one. What tokens are bound to.
    fn record_text(&self) -> String {
        self.record.as_ref().and_then(Row::id).map(ToString::to_string).unwrap_or_default()
    }

    async fn submit(&mut self, submission: &Submission, request: &mut FormRequest) -> Result<(), FormError> {
        self.submitted = true;
        self.extras = submission
            .entries()
            .iter()
            .filter(|(name, _)| name == "_submit" || self.def.hidden.iter().any(|(hidden, _)| hidden == name))
            .filter_map(|(name, entry)| match entry {
                Entry::Text(text) => Some((name.clone(), text.clone())),
                _ => None,
            })
            .collect();
        if let Some(trouble) = &submission.trouble {
            let (status, error) = describe(trouble);
            self.refuse_form(error);
            self.status = status;
            // What came before the trouble is kept.
            self.bind_all(submission);
            return Ok(());
        }
        if let Err(error) = self.verify_token(submission, request) {
            let foreign = request.is_foreign();
            self.status = if error == TokenError::Expired {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::FORBIDDEN
            };
            self.refuse_form(match error {
                TokenError::Expired => {
                    ValidationError::new("form_expired", "This form was open for too long. Please check it and submit it again")
                }
                TokenError::Invalid => ValidationError::new(
                    "form_token",
                    "This form could not be verified and nothing was saved. Please check it and submit it again",
                ),
            });
            if !foreign {
                self.bind_all(submission);
            }
            return Ok(());
        }
        if submission.is_json {
            self.refuse_unknown(submission);
        }
        let wants_deletion = submission.text("_delete").is_some_and(bind::is_true);
        if wants_deletion && self.can_delete() {
            // Where the database refuses, the form comes back with what was in it.
            self.bind_all(submission);
            return self.delete(request).await;
        }
        let keep = self.check_fields(submission).await?;
        self.check_whole().await;
        if self.status.is_server_error() {
            return Ok(()); // something failed: that says more than what was refused
        }
        if self.is_refused() {
            let too_large = self
                .states
                .iter()
                .any(|state| state.error.as_ref().is_some_and(|e| e.code() == "upload.too_large"));
            self.status =
                if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
            return Ok(());
        }
        self.carry_out(keep, request).await?;
        Ok(())
    }

    fn verify_token(&mut self, submission: &Submission, request: &mut FormRequest) -> Result<(), TokenError> {
        let key = submission.text("_formkey").unwrap_or_default();
        let nonce = request.nonce().value.clone();
        self.verify_key(key, &nonce, request.is_foreign(), request.desk())
    }

    fn verify_key(&self, key: &str, nonce: &str, is_foreign: bool, desk: &Desk) -> Result<(), TokenError> {
        if !self.def.csrf_protection || self.def.method == Method::GET {
            return Ok(());
        }
        if is_foreign {
            return Err(TokenError::Invalid);
        }
        let record = self.record_text();
        let session = self.def.csrf_session.as_deref().unwrap_or(nonce);
        self.binding(&record, session).verify(desk.forms(), key, self.def.lifespan)
    }

    fn binding<'b>(&'b self, record: &'b str, session: &'b str) -> Binding<'b> {
        Binding { form_name: self.def.form_name(), record, session, signing_info: &self.def.signing_info }
    }

    fn refuse_form(&mut self, error: ValidationError) {
        self.form_errors.push(error);
    }

    pub(super) fn is_refused(&self) -> bool {
        !self.form_errors.is_empty() || self.states.iter().any(|state| state.error.is_some())
    }

    /// Members that are no field of this form, which a JSON client should not send.
    fn refuse_unknown(&mut self, submission: &Submission) {
        for (name, _) in submission.entries() {
            let known = name.starts_with('_')
                || self.def.fields().iter().any(|field| **name == *field.name && self.is_input(field))
                || self.def.hidden.iter().any(|(hidden, _)| hidden == name);
            if !known {
                let shown: String = name.chars().take(80).collect();
                self.form_errors.push(ValidationError::new(
                    "unknown_field",
                    format!("There is no field `{shown}` to be written"),
                ));
            }
        }
    }

    /// Notes what was typed, without checking it.
    fn bind_all(&mut self, submission: &Submission) {
        let def = Arc::clone(&self.def);
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            if self.is_input(field) {
                bind::bind(field, plan, &mut self.states[index], submission, self.mode, self.record.as_ref());
            }
        }
    }

    /// Runs the rules. Gives the indexes of fields that keep what they have.
    async fn check_fields(&mut self, submission: &Submission) -> Result<Vec<usize>, FormError> {
        let def = Arc::clone(&self.def);
        let lookup = Submitted(submission);
        let record: Vec<(&str, Value)> = match (&self.record, def.table()) {
            (Some(row), Some(table)) => table.key.iter().map(|name| (&**name, row[name].clone())).collect(),
            _ => Vec::new(),
        };
        let mut context = Context::empty().with_fields(&lookup).with_record(&record);
        if let Some(table) = def.table() {
            context = context.with_table(&table.name);
        }
        let mut keep = Vec::new();
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        let mut results: Vec<(usize, Result<Value, ValidationError>)> = Vec::with_capacity(self.states.len());
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            if !self.is_input(field) {
                continue;
            }
            match bind::bind(
                field,
                plan,
                &mut self.states[index],
                submission,
                self.mode,
                self.record.as_ref(),
            ) {
                Bound::Absent => {}
                Bound::Keep => keep.push(index),
                Bound::Refused(error) => results.push((index, Err(error))),
                Bound::Check(value) => match field.rules().check(value, context) {
                    Checked::Done(result) => results.push((index, result)),
                    Checked::Later(future) => waiting.push((index, future)),
                },
            }
        }
        if !waiting.is_empty() {
            // All at once: the slowest decides how long it takes.
            let all = futures_util::future::join_all(
                waiting.into_iter().map(async |(index, check)| (index, check.await)),
            );
            match tokio::time::timeout(CHECK_TIME, all).await {
                Ok(answers) => results.extend(answers),
                Err(_) => {
                    self.fail(FormError::Unavailable("a rule did not answer in time".to_owned()));
                    return Ok(keep);
                }
            }
        }
        results.sort_by_key(|(index, _)| *index);
        for (index, result) in results {
            let field = def.plan().fields[index].field(&def);
            let result = match field.kind {
                FieldType::Boolean => result.and_then(bind::boolean),
                _ => result,
            };
            // Only a checkbox says nothing when it is unticked.
            let is_checkbox = !submission.is_json && !submission.contains(&field.name);
            match result {
                Ok(Value::Bool(false)) if is_checkbox && self.stays_unticked(field) => keep.push(index),
                Ok(value) => self.vars.set(Arc::clone(&field.name), value),
                Err(error) if error.is_unavailable() => {
                    let rules = format!("the rules of `{}` could not be checked", field.name);
                    self.fail(FormError::Unavailable(rules));
                }
                // Odd data that was there before is not this visitor's mistake: it stays as it is.
                Err(_) if self.is_untouched(index, field) => keep.push(index),
                Err(error) => self.states[index].error = Some(error),
            }
        }
        Ok(keep)
    }

    /// Whether the record holds what a checkbox shows as unticked and is not false: null, or odd data. Left unticked, that
    /// stays.
    fn stays_unticked(&self, field: &Field) -> bool {
        let stored = self.record.as_ref().and_then(|record| record.get(&field.name));
        stored.is_some_and(|stored| {
            !matches!(stored, Value::Bool(_) | Value::Int(0 | 1)) && !bind::is_true(&stored.to_text())
        })
    }

    /// Whether a field was submitted just as it was shown from the record, and is not empty.
    fn is_untouched(&self, index: usize, field: &Field) -> bool {
        let Some(stored) = self.record.as_ref().and_then(|record| record.get(&field.name)) else {
            return false;
        };
        let typed = &self.states[index].values;
        let widget = &self.def.plan().fields[index].widget;
        !typed.is_empty()
            && !typed.iter().all(|text| text.is_empty())
            && widget
                .show(field, shown(field, stored))
                .iter()
                .map(|text| as_typed(field, text))
                .eq(typed.iter().map(|text| as_typed(field, text)))
    }

    /// Runs the functions for the form as a whole.
    async fn check_whole(&mut self) {
        if self.def.validation.is_empty() {
            return;
        }
        let def = Arc::clone(&self.def);
        let mut check = FormCheck {
            vars: std::mem::take(&mut self.vars),
            errors: self.errors().map(|(name, error)| (Arc::from(name), error.clone())).collect(),
            form_errors: std::mem::take(&mut self.form_errors),
            record: self.record.take(),
        };
        for validation in &def.validation {
            match validation {
                Validation::Now(validate) => validate(&mut check),
                Validation::Later(validate) => validate(&mut check).await,
            }
        }
        self.vars = check.vars;
        self.record = check.record;
        self.form_errors = check.form_errors;
        for (name, error) in check.errors {
            self.set_error(&name, error);
        }
    }

    /// Puts an error beside its field; above the form if the field is not drawn.
    pub(super) fn set_error(&mut self, name: &str, error: ValidationError) {
        let def = Arc::clone(&self.def);
        let at = def.plan().fields.iter().position(|plan| &*plan.field(&def).name == name);
        match at.filter(|&at| self.is_input(def.plan().fields[at].field(&def))) {
            Some(at) => {
                self.vars.remove(name);
                self.states[at].error.get_or_insert(error);
            }
            None => self.form_errors.push(error),
        }
    }

    /// Makes what drawing needs: choices, the token, the texts of untouched fields.
    async fn prepare(&mut self, request: &mut FormRequest) -> Result<(), FormError> {
        let def = Arc::clone(&self.def);
        if self.accepted && self.mode == Mode::Update && !self.deleted {
            self.refresh().await;
        }
        self.await_choices(&def).await?;
        let untouched = !self.submitted || (self.accepted && !self.def.keep_values);
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            if !self.is_shown(field) {
                continue;
            }
            // What the submission did not bring is shown as it is in the record, so that it is not lost the next time.
            if untouched || !self.states[index].bound || !self.is_input(field) {
                self.fill(index, field);
            }
        }
        if def.csrf_protection && def.method != Method::GET && self.mode != Mode::ReadOnly {
            let record = self.record_text();
            let token = match &def.csrf_session {
                Some(session) => self.binding(&record, session).token(request.desk().forms()),
                None => {
                    let session = request.nonce().value.clone();
                    self.binding(&record, &session).token(request.desk().forms())
                }
            };
            self.token = Some(token);
            if def.csrf_session.is_none() {
                self.cookie = request.set_cookie();
            }
        }
        Ok(())
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
        let answers = tokio::time::timeout(CHECK_TIME, futures_util::future::join_all(asked)).await;
        let mut failed = None;
        for (index, choices) in answers.unwrap_or_else(|_| {
            failed = Some(late());
            Vec::new()
        }) {
            match choices {
                Ok(choices) => self.states[index].choices = choices,
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
            match db.get(table, id).await {
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
        let state = &mut self.states[index];
        state.values.clear();
        state.remove_ticked = false;
        if field.kind == FieldType::Upload {
            state.stored = value.as_str().filter(|key| !key.is_empty()).map(str::to_owned);
        }
        if field.secret {
            return;
        }
        state.values = self.def.plan().fields[index].widget.show(field, shown(field, &value));
    }
}

/// The texts of a control that shows `value`.
fn shown(field: &Field, value: &Value) -> Vec<Cow<'static, str>> {
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
fn as_typed(field: &Field, text: &str) -> String {
    match field.kind {
        FieldType::DateTime => text.replacen('T', " ", 1),
        _ => bind::as_browsers_read(text),
    }
}

fn describe(trouble: &Trouble) -> (StatusCode, ValidationError) {
    let (status, code, text): (_, _, Cow<'static, str>) = match trouble {
        Trouble::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "This was more than the form takes, and nothing was saved".into(),
        ),
        Trouble::Malformed(why) => {
            (StatusCode::BAD_REQUEST, "malformed", format!("The form could not be read: {why}").into())
        }
        Trouble::Incomplete => (
            StatusCode::BAD_REQUEST,
            "incomplete",
            "The form did not arrive whole, and nothing was saved. Please submit it again".into(),
        ),
        Trouble::Storage => (
            StatusCode::INSUFFICIENT_STORAGE,
            "storage",
            "The file cannot be stored just now, and nothing was saved. Please try again later".into(),
        ),
        Trouble::Quota => (
            StatusCode::TOO_MANY_REQUESTS,
            "quota",
            "Too many of your files are waiting for a form to be accepted, and nothing was saved. Please submit or leave \
             the other forms first"
                .into(),
        ),
        Trouble::UnsupportedType => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_type",
            "Forms are sent as urlencoded, multipart or JSON".into(),
        ),
    };
    (status, ValidationError::new(code, text))
}
