//! What happens to a submission, up to the point where it is written.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_data::{Field, FieldType};
use frontdesk_html::Markup;
use frontdesk_validate::{BoxFuture, Checked, Context, Lookup, Message, ValidationError, Value};
use http::{Method, StatusCode};

use super::bind::{self, Bound};
use super::conflict::Take;
use super::prepare::{Token, as_typed};
use super::rows::Rows;
use super::spec::Validation;
use super::{Form, FormCheck, Mode};
use crate::body::{Entry, Submission, Trouble};
use crate::ledger::{Claim, Ticket};
use crate::request::Nonce;
use crate::state::{Binding, FormState, StateError};
use crate::upload::check_files;
use crate::{Desk, FormError, FormRequest};

/// How long rules that ask others may take, all together.
pub(super) const CHECK_TIME: Duration = Duration::from_secs(10);
/// How long a repeated submission waits for what becomes of the first.
const REPEAT_TIME: Duration = Duration::from_secs(20);

/// What buttons and the script ask for that is no submission.
const ASKED: [&str; 5] = ["_rows", "_lookup", "_create", "_refresh", "_draft"];

/// What is to be done next.
pub(super) enum Next {
    /// The form is shown, whatever became of it.
    Draw,
    /// Everything passed.
    CarryOut(Work),
}

/// What a submission that passed every check asks for.
pub(super) struct Work {
    /// Whether the record is deleted; else it is written.
    pub(super) deletes: bool,
    /// The fields that stay as they are.
    pub(super) keep: Vec<usize>,
    pub(super) ticket: Option<Ticket>,
}

/// The submitted values, for rules that look at other fields.
pub(super) struct Submitted<'s>(pub(super) &'s Submission);

impl Lookup for Submitted<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.all(name).find_map(|entry| match entry {
            Entry::Text(text) if self.0.is_json => Some(Value::Text(text.to_owned())),
            Entry::Text(text) => Some(Value::Text(bind::unix_lines(text))),
            Entry::Typed(value) => Some(value.clone()),
            _ => None,
        })
    }
}

/// A check that has to be awaited, of the field with that index.
type Waiting<'a> = (usize, BoxFuture<'a, Result<Value, ValidationError>>);

/// What the rules made of it.
type Answered = (usize, Result<Value, ValidationError>);

impl Form {
    /// Checks a submission. What is seldom awaited is boxed: the future of all others need not have room for it.
    pub(super) async fn submit(
        &mut self,
        mut submission: Submission,
        request: &mut FormRequest,
    ) -> Result<Next, FormError> {
        self.submitted = true;
        let asks_more = self.note_extras(&submission);
        if let Some(trouble) = &submission.trouble {
            let (status, error) = describe(trouble);
            self.refuse_form(error);
            self.status = status;
            // What came before the trouble is kept: texts, and files that came whole.
            let key = submission.text("_formkey").unwrap_or_default();
            self.state = match self.verified(key, request) {
                Ok(state) => Some(state).filter(|_| self.is_signed()),
                Err(StateError::Expired(state)) => Some(*state),
                Err(StateError::Invalid) => None,
            };
            self.base = self.state.as_ref().and_then(|state| state.own().cloned()).map(Box::new);
            Box::pin(self.reopen_kept(&mut submission, request)).await;
            if !request.is_foreign() {
                Box::pin(self.keep_all(&submission, request)).await;
            }
            return Ok(Next::Draw);
        }
        let key = submission.text("_formkey").unwrap_or_default();
        match self.verified(key, request) {
            Ok(state) => self.state = Some(state).filter(|_| self.is_signed()),
            Err(error) => {
                let key = key.to_owned();
                Box::pin(self.refuse_state(error, &key, &mut submission, request)).await;
                return Ok(Next::Draw);
            }
        }
        self.base = self.state.as_ref().and_then(|state| state.own().cloned()).map(Box::new);
        // What the script asks while somebody fills in the form gives up no file.
        request.note_question(asks_more && is_question(&submission, request));
        // Before kept files come in: the second time they may be gone.
        let has_kept =
            self.state.as_ref().is_some_and(|state| state.rows.iter().any(|row| !row.kept.is_empty()));
        let digest = has_kept.then(|| submission.digest());
        if has_kept {
            Box::pin(self.reopen_kept(&mut submission, request)).await;
        }
        if self.seldom.gone.is_some() {
            // It may be gone by this very submission, which then gets its first answer.
            if let Err(next) = self.claim(&submission, digest, request).await?
                && self.repeated
            {
                return Ok(next);
            }
            Box::pin(self.keep_all(&submission, request)).await;
            self.form_errors.clear();
            self.status = StatusCode::GONE;
            self.refuse_form(ValidationError::new("gone", "This record was deleted in the meantime"));
            return Ok(Next::Draw);
        }
        if submission.is_json {
            self.refuse_unknown(&submission);
        }
        self.settle_submitted(&submission);
        self.note_forgotten(&submission);
        if asks_more
            && let Some(what) = submission.action("_draft").map(str::to_owned)
            && let Some(answer) = Box::pin(self.keep_draft(&what, &mut submission, request)).await?
        {
            self.answer = Some(Box::new(answer));
            return Ok(Next::Draw);
        }
        if !self.def.children.is_empty() {
            Box::pin(self.read_rows(&submission, request)).await;
        }
        if self.has_failed() {
            Box::pin(self.keep_all(&submission, request)).await;
            return Ok(Next::Draw);
        }
        if asks_more && asks(&submission) && Box::pin(self.is_asked(&submission, request)).await {
            return Ok(Next::Draw);
        }
        // A field that was searched for and not chosen; the search takes no script.
        let is_unchosen = self.def.plan().has_searches && Box::pin(self.search_unchosen(&submission)).await;
        if is_unchosen || self.shows_more(&submission) {
            self.bind_all(&submission);
            self.bind_rows();
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(Next::Draw);
        }
        // A form of which nothing is known was not submitted before. Most of those that are refused never come to be
        // written, and need no claim.
        let is_late = self.may_claim_late(request);
        let mut ticket = None;
        if !is_late {
            ticket = match self.claim(&submission, digest, request).await? {
                Ok(ticket) => ticket,
                Err(next) => return Ok(next),
            };
        }
        if self.def.protection.is_some() {
            let verdict = Box::pin(self.is_bot(&submission, request)).await;
            if !matches!(verdict, Ok(false)) {
                self.bind_all(&submission);
                self.bind_rows();
                if let Err(error) = verdict {
                    self.fail(error);
                }
                return Ok(Next::Draw);
            }
        }
        if self.def.captcha.is_some() && Box::pin(self.is_captcha_missed(&submission, request)).await {
            self.bind_all(&submission);
            self.bind_rows();
            return Ok(Next::Draw);
        }
        if self.meet_all_changes(&submission) {
            return Ok(Next::Draw);
        }
        let wants_deletion = asks_more && submission.text("_delete").is_some_and(bind::is_true);
        if wants_deletion && self.can_delete() {
            // Where the database refuses, the form comes back with what was in it.
            self.bind_all(&submission);
            self.bind_rows();
            return Ok(Next::CarryOut(Work { deletes: true, keep: Vec::new(), ticket }));
        }
        let keep = self.check_fields(&submission).await?;
        if !self.def.validation.is_empty() {
            Box::pin(self.check_whole()).await;
        }
        if !self.children.is_empty() {
            Box::pin(self.check_rows()).await?;
        }
        if self.status.is_server_error() {
            return Ok(Next::Draw); // something failed: that says more than what was refused
        }
        let is_refused = self.is_refused();
        // Refused perhaps for what the same submission wrote in the meantime.
        if is_late && (!is_refused || self.is_known(request)) {
            ticket = match self.claim(&submission, digest, request).await? {
                Ok(ticket) => ticket,
                Err(next) => return Ok(next),
            };
        }
        if is_refused {
            self.status = self.refused_status();
            self.keep_token(&submission, request);
            return Ok(Next::Draw);
        }
        Ok(Next::CarryOut(Work { deletes: false, keep, ticket }))
    }

    /// Does what a button or the script asks for that is no submission: the form comes back with what was typed, changed
    /// as the button says. Gives whether it was asked.
    async fn is_asked(&mut self, submission: &Submission, request: &mut FormRequest) -> bool {
        if let Some(name) = submission.action("_check") {
            self.answer = Some(Box::new(self.answer_check(name, submission, request).await));
            return true;
        }
        let Some((what, value)) =
            ASKED.iter().find_map(|what| Some((*what, submission.action(what)?.to_owned())))
        else {
            return false;
        };
        self.bind_all(submission);
        self.bind_rows();
        match what {
            "_rows" => self.rearrange(&value),
            "_lookup" | "_create" => {
                if let Err(wait) = self.may_ask(request) {
                    let seconds = i64::try_from(wait.as_secs() + 1).unwrap_or(i64::MAX);
                    self.status = StatusCode::TOO_MANY_REQUESTS;
                    self.refuse_form(ValidationError::with_params(
                        "form_too_often",
                        &Message::new("That was too often. Please try again in %(seconds)s seconds"),
                        vec![("seconds", Value::Int(seconds))],
                    ));
                    return true;
                }
                self.ask_row(what, &value, submission).await;
            }
            _ => {}
        }
        true
    }

    /// Searches in the form or in a row of a sub-form.
    async fn ask_row(&mut self, what: &str, name: &str, submission: &Submission) {
        let Some((form, field, submission)) = self.row_of(name, submission) else { return };
        match what {
            "_create" => form.create_choice(field, submission).await,
            _ => form.look_up(field, submission).await,
        }
    }

    /// Keeps what was submitted beside the fields. Gives whether there is more than that and what names and signs the form: a
    /// button that asks for something, a question.
    fn note_extras(&mut self, submission: &Submission) -> bool {
        let hidden = &self.def.hidden;
        let mut asks_more = false;
        for (name, entry) in submission.entries() {
            if let Entry::Text(text) = entry
                && (name == "_submit" || hidden.iter().any(|(hidden, _)| hidden == name))
            {
                self.extras.push((name.to_owned(), text.to_owned()));
            }
            asks_more |= name.starts_with('_') && !matches!(name, "_formname" | "_formkey" | "_submit");
        }
        asks_more
    }

    /// Whether the form carries a signed state.
    pub(super) fn is_signed(&self) -> bool {
        self.def.csrf_protection && self.def.method != Method::GET
    }

    fn verified(&self, key: &str, request: &mut FormRequest) -> Result<FormState, StateError> {
        let nonce = request.nonce();
        self.verify_key(key, &nonce, request.is_foreign(), request.desk())
    }

    pub(super) fn verify_key(
        &self,
        key: &str,
        nonce: &Nonce,
        is_foreign: bool,
        desk: &Desk,
    ) -> Result<FormState, StateError> {
        if !self.is_signed() {
            return Ok(FormState::new());
        }
        if is_foreign {
            return Err(StateError::Invalid);
        }
        let record = self.record_text();
        let binding = Binding { record: &record, session: self.def.session(nonce) };
        FormState::verify(key, &self.def.key(desk.forms()), binding, self.def.lifespan)
    }

    /// Gives back a form whose state is not accepted, with what was typed and the reason.
    async fn refuse_state(
        &mut self,
        error: StateError,
        key: &str,
        submission: &mut Submission,
        request: &mut FormRequest,
    ) {
        match error {
            StateError::Expired(state) => {
                self.status = StatusCode::UNPROCESSABLE_ENTITY;
                self.refuse_form(ValidationError::new(
                    "form_expired",
                    "This form was open for too long. Please check it and submit it again",
                ));
                self.state = Some(*state);
            }
            StateError::Invalid => {
                self.status = StatusCode::FORBIDDEN;
                self.refuse_form(ValidationError::new(
                    "form_token",
                    "This form could not be verified and nothing was saved. Please check it and submit it again",
                ));
                // What the rows were like when they were seen still counts. Who alters it fools nobody but himself. Files
                // are another matter.
                self.state =
                    FormState::peek(key).filter(|_| !request.is_foreign()).map(FormState::without_files);
            }
        }
        self.base = self.state.as_ref().and_then(|state| state.own().cloned()).map(Box::new);
        if !request.is_foreign() {
            self.reopen_kept(submission, request).await;
            Box::pin(self.keep_all(submission, request)).await;
        }
    }

    /// Has a refused form come back with the token it brought, where that is as good as a new one: nothing was known of its
    /// rows, and neither its age nor its key counts. So it is also written once if somebody goes back past the refusal.
    fn keep_token(&mut self, submission: &Submission, request: &FormRequest) {
        let is_bare = self.state.as_ref().is_some_and(|state| state.rows.is_empty());
        let is_ageless = self.def.lifespan.is_none() && self.def.protection.is_none();
        if is_bare && is_ageless && request.desk().forms().has_one_key() {
            let key = submission.text("_formkey").unwrap_or_default();
            self.token = Token::Signed(Markup::trusted(key.to_owned()));
        }
    }

    /// Whether the ledger has heard of this form, or works on it.
    fn is_known(&self, request: &FormRequest) -> bool {
        let state = self.state.as_ref().filter(|_| self.def.once);
        state.is_some_and(|state| request.desk().ledger().may_know(&state.id))
    }

    /// Whether it is early enough to claim the submission when it is about to be written: a new row in a form that was
    /// not submitted before.
    fn may_claim_late(&self, request: &FormRequest) -> bool {
        self.mode == Mode::Create
            && self.children.is_empty()
            && self.def.protection.is_none()
            && self.def.captcha.is_none()
            && !self.is_known(request)
    }

    /// Claims the submission, so that it is written once; or finds what became of it before.
    async fn claim(
        &mut self,
        submission: &Submission,
        digest: Option<[u8; 32]>,
        request: &FormRequest,
    ) -> Result<Result<Option<Ticket>, Next>, FormError> {
        match self.state.as_ref().filter(|_| self.def.once) {
            Some(state) => Box::pin(self.claim_of(state.id, submission, digest, request)).await,
            None => Ok(Ok(None)),
        }
    }

    async fn claim_of(
        &mut self,
        id: [u8; 16],
        submission: &Submission,
        digest: Option<[u8; 32]>,
        request: &FormRequest,
    ) -> Result<Result<Option<Ticket>, Next>, FormError> {
        let digest = digest.unwrap_or_else(|| submission.digest());
        match request.desk().ledger().claim(id, digest, REPEAT_TIME).await {
            Ok(Claim::Mine(ticket)) => Ok(Ok(Some(ticket))),
            Ok(Claim::Taken(taken)) => {
                self.answer_taken(taken, submission).await?;
                Ok(Err(Next::Draw))
            }
            Err(error) => {
                self.bind_all(submission);
                self.bind_rows();
                self.fail(error);
                Ok(Err(Next::Draw))
            }
        }
    }

    pub(super) fn refuse_form(&mut self, error: ValidationError) {
        self.form_errors.push(error);
    }

    pub(super) fn is_refused(&self) -> bool {
        !self.form_errors.is_empty()
            || self.states.iter().any(|state| state.error.is_some())
            || self.children.iter().any(Rows::is_refused)
    }

    pub(super) fn refused_status(&self) -> StatusCode {
        let mut errors = self.states.iter().filter_map(|state| state.error.as_ref());
        match errors.any(|error| error.code() == "upload.too_large") {
            true => StatusCode::PAYLOAD_TOO_LARGE,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Whether a field was drawn as an input, as the state says.
    fn was_drawn(&self, index: usize) -> bool {
        let drawn = self.state.as_ref().and_then(|state| state.own()).and_then(|own| own.drawn.as_ref());
        drawn.is_none_or(|drawn| drawn.iter().any(|number| *number as usize == index))
    }

    /// Members that are no field of this form, which a JSON client should not send.
    fn refuse_unknown(&mut self, submission: &Submission) {
        for (name, _) in submission.entries() {
            let known = name.starts_with('_')
                || self.inputs().any(|field| *name == *field.name)
                || self.def.hidden.iter().any(|(hidden, _)| hidden == name)
                || self.def.captcha.as_ref().is_some_and(|captcha| captcha.token_field() == name)
                || self.is_in_rows(name);
            if !known {
                let shown: String = name.chars().take(80).collect();
                self.form_errors.push(ValidationError::new(
                    "unknown_field",
                    format!("There is no field `{shown}` to be written"),
                ));
            }
        }
    }

    /// In debug builds: finds the fields that a hand-made layout did not draw.
    fn note_forgotten(&mut self, submission: &Submission) {
        if !cfg!(debug_assertions) || submission.is_json {
            return;
        }
        let def = Arc::clone(&self.def);
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            let left_a_trace = submission.contains(&field.name) || submission.is_drawn(&field.name);
            // A conditional field may have been out of sight, and a search has inputs of its own.
            let may_say_nothing =
                field.show_when.is_some() || submission.contains(&format!("_find_{}", field.name));
            if self.is_input(plan) && self.was_drawn(index) && !left_a_trace && !may_say_nothing {
                tracing::warn!(
                    form = self.name(),
                    field = &*field.name,
                    "the layout of this form does not draw this field: nothing of it is written",
                );
                self.seldom.forgotten.push(Arc::clone(&field.name));
            }
        }
    }

    /// Notes what was typed, without checking it.
    pub(super) fn bind_all(&mut self, submission: &Submission) {
        let def = Arc::clone(&self.def);
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            if self.is_input(plan) && self.was_drawn(index) {
                let (state, record) = (&mut self.states[index], self.record.as_deref());
                let bound = bind::bind(field, plan, state, submission, self.mode, record, &self.language);
                // A file that is not there again has to be told of, whatever else is wrong.
                if let Bound::Refused(error) = bound
                    && matches!(error.code(), "upload.gone" | "upload.too_large")
                {
                    state.error.get_or_insert(error);
                }
            }
        }
    }

    /// Runs the rules. Gives the indexes of fields that keep what they have.
    pub(super) async fn check_fields(&mut self, submission: &Submission) -> Result<Vec<usize>, FormError> {
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
        let nothing = Submission::default();
        let mut keep = Vec::new();
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        // Fields are settled in their order: those behind one that has to be awaited when that has answered.
        let mut results: Vec<Answered> = Vec::new();
        for (index, plan) in def.plan().fields.iter().enumerate() {
            let field = plan.field(&def);
            if !self.is_input(plan) {
                continue;
            }
            let conflict = self.states[index].conflict.as_ref();
            if conflict.is_some_and(|conflict| conflict.take == Some(Take::Theirs)) {
                // What was typed is kept as long as the form may come back.
                let (state, record) = (&mut self.states[index], self.record.as_deref());
                bind::bind(field, plan, state, submission, self.mode, record, &self.language);
                keep.push(index);
                continue;
            }
            // A field that was not drawn is as if nothing had been sent for it, whatever was.
            let given = if self.was_drawn(index) { submission } else { &nothing };
            let state = &mut self.states[index];
            if state.hidden {
                // Neither checked nor written.
                continue;
            }
            let record = self.record.as_deref();
            let result = match bind::bind(field, plan, state, given, self.mode, record, &self.language) {
                Bound::Absent => continue,
                Bound::Keep => {
                    keep.push(index);
                    continue;
                }
                Bound::Refused(error) => Err(error),
                Bound::Check(value) => match Self::check_conditions(field, state, &value, submission) {
                    Ok(()) => match field.rules().check(value, context) {
                        Checked::Done(result) => result,
                        Checked::Later(future) => {
                            waiting.push((index, future));
                            continue;
                        }
                    },
                    Err(error) => Err(error),
                },
                Bound::CheckEach(values) => {
                    waiting.push((index, Box::pin(check_each(field, values, context))));
                    continue;
                }
            };
            match waiting.is_empty() {
                true => self.settle_field(index, field, result, submission, &mut keep),
                false => results.push((index, result)),
            }
        }
        if !waiting.is_empty() {
            let Some(answers) = Box::pin(await_all(waiting)).await else {
                self.fail(FormError::Unavailable("a rule did not answer in time".to_owned()));
                return Ok(keep);
            };
            results.extend(answers);
            results.sort_by_key(|(index, _)| *index);
            for (index, result) in results {
                let field = def.plan().fields[index].field(&def);
                self.settle_field(index, field, result, submission, &mut keep);
            }
        }
        Ok(keep)
    }

    /// Notes what the rules made of a field: its value, an error, or in `keep` that it stays as it is.
    fn settle_field(
        &mut self,
        index: usize,
        field: &Field,
        result: Result<Value, ValidationError>,
        submission: &Submission,
        keep: &mut Vec<usize>,
    ) {
        let result = match field.kind {
            // Only a checkbox says nothing when it is unticked: nothing that is said is no answer.
            FieldType::Boolean if field.null && submission.contains(&field.name) => {
                result.and_then(|value| if value.is_null() { Ok(value) } else { bind::boolean(value) })
            }
            FieldType::Boolean => result.and_then(bind::boolean),
            // After the rules, which say it in their own words.
            _ if field.kind.is_upload() => result.and_then(|value| check_files(value, &field.upload)),
            _ => result,
        };
        // Only a checkbox says nothing when it is unticked.
        let is_checkbox = || !submission.is_json && !submission.contains(&field.name);
        match result {
            Ok(Value::Bool(false)) if is_checkbox() && self.stays_unticked(field) => keep.push(index),
            Ok(value) => {
                let stored = self.record.as_deref().and_then(|record| record.get(&field.name));
                if stored.is_some_and(|stored| !bind::is_unchanged(&value, stored))
                    && self.is_untouched(index, field)
                {
                    self.states[index].as_shown = Some(Box::new(value.clone()));
                }
                self.vars.set(Arc::clone(&field.name), value);
            }
            Err(error) if error.is_unavailable() => {
                let rules = format!("the rules of `{}` could not be checked", field.name);
                self.fail(FormError::Unavailable(rules));
            }
            // Odd data that was there before is not this visitor's mistake: it stays as it is.
            Err(_) if self.is_untouched(index, field) => keep.push(index),
            Err(error) => self.states[index].error = Some(error),
        }
    }

    /// Whether the record holds what a checkbox shows as unticked and is not false: null, or odd data. Left unticked, that
    /// stays.
    fn stays_unticked(&self, field: &Field) -> bool {
        let stored = self.record.as_deref().and_then(|record| record.get(&field.name));
        stored.is_some_and(|stored| {
            !matches!(stored, Value::Bool(_) | Value::Int(0 | 1)) && !bind::is_true(&stored.to_text())
        })
    }

    /// Whether a field was submitted just as it was shown from the record, and is not empty.
    fn is_untouched(&self, index: usize, field: &Field) -> bool {
        let Some(stored) = self.record.as_deref().and_then(|record| record.get(&field.name)) else {
            return false;
        };
        let typed = &self.states[index].values;
        !typed.is_empty()
            && !typed.iter().all(|text| text.is_empty())
            && self
                .texts(index, stored)
                .iter()
                .map(|text| as_typed(field, text))
                .eq(typed.iter().map(|text| as_typed(field, text)))
    }

    /// Runs the functions for the form as a whole.
    pub(super) async fn check_whole(&mut self) {
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
        match at.filter(|&at| self.is_input(&def.plan().fields[at])) {
            Some(at) => {
                self.vars.remove(name);
                self.states[at].error.get_or_insert(error);
            }
            None => self.form_errors.push(error),
        }
    }
}

/// Awaits what rules ask others, all at once: the slowest decides how long it takes. `None` if that is too long.
async fn await_all(waiting: Vec<Waiting<'_>>) -> Option<Vec<Answered>> {
    let all = waiting.into_iter().map(async |(index, check)| (index, check.await));
    tokio::time::timeout(CHECK_TIME, futures_util::future::join_all(all)).await.ok()
}

/// Checks the files of a field that holds several, each by the field's rules.
async fn check_each(
    field: &Field,
    values: Vec<Value>,
    context: Context<'_>,
) -> Result<Value, ValidationError> {
    let mut checked = Vec::with_capacity(values.len());
    for value in values {
        checked.push(match value {
            // The key of a file that is stored passed them before.
            Value::Text(_) => value,
            _ => field.rules().check(value, context).wait().await?,
        });
    }
    if checked.is_empty() {
        field.rules().check(Value::Null, context).wait().await?;
    }
    Ok(Value::List(checked))
}

/// Whether a button or the script asks for something that is no submission.
fn asks(submission: &Submission) -> bool {
    submission.entries().any(|(name, _)| name == "_check" || ASKED.contains(&name))
}

/// Whether this is asked by the script beside the page, which stays as it is.
fn is_question(submission: &Submission, request: &FormRequest) -> bool {
    let is_quiet = |what| what == "save" && !request.wants_html();
    submission.action("_check").is_some() || submission.action("_draft").is_some_and(is_quiet)
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
        Trouble::Quota => (
            StatusCode::TOO_MANY_REQUESTS,
            "upload.quota",
            "There is no room for more files of yours just now, and nothing was saved. Please try again later".into(),
        ),
        Trouble::Storage => (
            StatusCode::INSUFFICIENT_STORAGE,
            "storage",
            "The file cannot be stored just now, and nothing was saved. Please try again later".into(),
        ),
        Trouble::UnsupportedType => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_type",
            "Forms are sent as urlencoded, multipart or JSON".into(),
        ),
    };
    (status, ValidationError::new(code, text))
}
