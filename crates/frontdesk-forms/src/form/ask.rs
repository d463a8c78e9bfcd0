//! What a form is asked besides being submitted: whether one value is good, which rows fit a search. Nothing is written.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use frontdesk_validate::{ChoiceSearch, Context, Found, ValidationError, Value};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value as Json, json};

use super::bind::{self, Bound};
use super::submit::{CHECK_TIME, Submitted};
use super::{Form, Mode};
use crate::body::{Submission, urlencoded};
use crate::{FormError, FormRequest};

/// How many rows a search finds.
const FOUND: usize = 20;

/// An answer that is no page.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    json: Option<Json>,
    retry_after: Option<Duration>,
}

impl Answer {
    fn json(json: Json) -> Self {
        Self { status: StatusCode::OK, json: Some(json), retry_after: None }
    }

    /// Done, and nothing to say.
    pub(super) fn done() -> Self {
        Self { status: StatusCode::NO_CONTENT, json: None, retry_after: None }
    }

    pub(super) fn failed(status: StatusCode) -> Self {
        Self { status, json: None, retry_after: None }
    }

    pub(super) fn too_often(wait: Duration) -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, json: None, retry_after: Some(wait) }
    }

    /// Takes the place of the page.
    pub(crate) fn apply(&self, response: &mut Response) {
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.remove(CONTENT_TYPE);
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
        }
        *response.body_mut() = match &self.json {
            Some(json) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
    }
}

/// What was searched for in a field, and what was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Searched {
    pub(super) text: String,
    /// How many of the field's choices were found; `None` if nothing was searched for.
    pub(super) found: Option<usize>,
    pub(super) more: bool,
    pub(super) creates: bool,
}

impl Form {
    /// Counts a question of the visitor's; how long they have to wait if it is one too many.
    pub(super) fn may_ask(&self, request: &mut FormRequest) -> Result<(), Duration> {
        let owner = self.owner(request);
        request.desk().rate().ask(owner)
    }

    /// The search of a field whose choices are too many to list.
    fn search_of(&self, index: usize) -> Option<&dyn ChoiceSearch> {
        let plan = &self.def.plan().fields[index];
        let field = plan.field(&self.def);
        (self.is_input(field) && !field.secret).then(|| field.rules().search()).flatten()
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        self.def.fields().iter().position(|field| *field.name == *name)
    }

    /// The form of the row that a control's name belongs to, and the field's name: the form itself, or the row of a
    /// sub-form that is to be drawn.
    pub(super) fn row_of<'n>(&mut self, name: &'n str) -> Option<(&mut Self, &'n str)> {
        let Some((row, field)) = name.split_once("].") else { return Some((self, name)) };
        let (children, index) = row.split_once('[')?;
        let rows = self.children.iter_mut().find(|rows| *rows.spec.name == *children)?;
        if index == "__i__" {
            return Some((&mut rows.template, field));
        }
        let index: u32 = index.parse().ok()?;
        let row = rows.rows.iter_mut().find(|row| row.index == index)?;
        Some((&mut row.form, field))
    }

    /// Answers a search of the script: `?_search=<field>&q=<text>`.
    pub(super) async fn answer_search(&self, request: &mut FormRequest) -> Option<Answer> {
        if *request.method() != Method::GET || self.mode == Mode::ReadOnly || self.def.method == Method::GET {
            return None;
        }
        let query = request.uri().query().filter(|query| query.contains("_search="))?;
        let query = urlencoded::decode(query.as_bytes(), request.desk().request_limits());
        let name = query.text("_search")?;
        if query.text("_formname").is_some_and(|form| form != self.def.form_name()) {
            return None;
        }
        // A row's search is that of its sub-form, whatever the row.
        let (children, field) = match name.split_once("].") {
            Some((row, field)) => (Some(row.split_once('[')?.0), field),
            None => (None, name),
        };
        let search = match children {
            Some(children) => {
                let rows = self.def.children.iter().find(|rows| *rows.name == *children)?;
                let field = rows.def().fields().iter().find(|known| *known.name == *field)?;
                if !field.writable || field.secret {
                    return None;
                }
                field.rules().search()?
            }
            None => self.search_of(self.index_of(field)?)?,
        };
        if let Err(wait) = self.may_ask(request) {
            return Some(Answer::too_often(wait));
        }
        let text = query.text("q").unwrap_or_default().to_owned();
        Some(match tokio::time::timeout(CHECK_TIME, search.search(&text, FOUND)).await {
            Ok(Ok(Found { choices, more })) => {
                let choices: Vec<Json> = choices
                    .iter()
                    .map(|choice| json!({ "value": choice.value, "label": choice.label }))
                    .collect();
                Answer::json(json!({ "choices": choices, "more": more }))
            }
            Ok(Err(error)) => {
                tracing::error!(%error, field, "a search failed");
                Answer::failed(StatusCode::SERVICE_UNAVAILABLE)
            }
            Err(_) => Answer::failed(StatusCode::SERVICE_UNAVAILABLE),
        })
    }

    /// Answers a live check: whether the rules of one field accept what was typed. Fields that are not checked live say
    /// nothing.
    pub(super) async fn answer_check(
        &mut self,
        name: &str,
        submission: &Submission,
        request: &mut FormRequest,
    ) -> Answer {
        let Some(index) = self.index_of(name) else { return Answer::failed(StatusCode::NOT_FOUND) };
        let def = Arc::clone(&self.def);
        let plan = &def.plan().fields[index];
        let field = plan.field(&def);
        if !self.is_input(field) || !def.live.contains(&field.name) {
            return Answer::failed(StatusCode::NOT_FOUND);
        }
        if let Err(wait) = self.may_ask(request) {
            return Answer::too_often(wait);
        }
        let record: Vec<(&str, Value)> = match (&self.record, def.table()) {
            (Some(row), Some(table)) => table.key.iter().map(|name| (&**name, row[name].clone())).collect(),
            _ => Vec::new(),
        };
        let lookup = Submitted(submission);
        let mut context = Context::empty().with_fields(&lookup).with_record(&record);
        if let Some(table) = def.table() {
            context = context.with_table(&table.name);
        }
        let mut state = super::FieldState::default();
        let bound =
            bind::bind(field, plan, &mut state, submission, self.mode, self.record.as_ref(), &self.language);
        let result = match bound {
            Bound::Check(value) => {
                let check = field.rules().validate(value, context);
                tokio::time::timeout(CHECK_TIME, check).await.unwrap_or(Err(ValidationError::unavailable()))
            }
            Bound::Refused(error) => Err(error),
            Bound::Absent | Bound::Keep | Bound::CheckEach(_) => Ok(Value::Null),
        };
        match result {
            Ok(_) => {
                let good = self.word("form-available", "This is fine");
                Answer::json(json!({ "field": name, "ok": true, "text": good }))
            }
            Err(error) if error.is_unavailable() => Answer::failed(StatusCode::SERVICE_UNAVAILABLE),
            Err(error) => {
                let text = self.language.error(&error);
                Answer::json(json!({ "field": name, "ok": false, "text": text }))
            }
        }
    }

    /// Searches for what was typed into the search of a field, for a form that comes back with what was found.
    pub(super) async fn look_up(&mut self, field: &str, submission: &Submission) {
        let Some(index) = self.index_of(field) else { return };
        let text = submission.text(&format!("_find_{field}")).unwrap_or_default().trim().to_owned();
        let Some(search) = self.search_of(index) else { return };
        let creates = search.creates();
        match tokio::time::timeout(CHECK_TIME, search.search(&text, FOUND)).await {
            Ok(Ok(found)) => {
                let searched = Searched { text, found: Some(found.choices.len()), more: found.more, creates };
                self.states[index].searched = searched;
                self.states[index].choices = Some(found.choices.into());
            }
            Ok(Err(error)) => {
                tracing::error!(%error, field, "a search failed");
                self.states[index].error = Some(ValidationError::unavailable());
            }
            Err(_) => self.states[index].error = Some(ValidationError::unavailable()),
        }
    }

    /// Makes a row of the table that a field refers to from what was typed into its search, and chooses it.
    pub(super) async fn create_choice(&mut self, field: &str, submission: &Submission) {
        let Some(index) = self.index_of(field) else { return };
        let text = submission.text(&format!("_find_{field}")).unwrap_or_default().trim().to_owned();
        let Some(search) = self.search_of(index).filter(|search| search.creates()) else { return };
        match search.create(&text).await {
            Ok(choice) => {
                let state = &mut self.states[index];
                let many = self.def.plan().fields[index].multiple;
                if !many {
                    state.values.clear();
                }
                state.values.push(choice.value.to_string().into());
                state.bound = true;
                state.searched =
                    Searched { text: choice.label.to_string(), creates: true, ..Searched::default() };
                state.choices = Some(Arc::from([choice]));
            }
            Err(error) => {
                self.states[index].searched = Searched { text, creates: true, ..Searched::default() };
                self.states[index].error = Some(error);
            }
        }
    }

    /// What was typed into a search and chosen from nothing: what fits is shown, to choose from.
    pub(super) async fn search_unchosen(&mut self, submission: &Submission) -> bool {
        let mut any = false;
        for index in 0..self.states.len() {
            if self.search_of(index).is_none() {
                continue;
            }
            let name = Arc::clone(&self.def.fields()[index].name);
            let typed = submission.text(&format!("_find_{name}")).is_some_and(|text| !text.trim().is_empty());
            let chosen = submission.all(&name).any(|entry| match entry {
                crate::Entry::Text(text) => !text.is_empty(),
                _ => true,
            });
            if typed && !chosen {
                self.look_up(&name, submission).await;
                self.states[index].error =
                    Some(ValidationError::new("form_choose", "Choose one of those that were found"));
                any = true;
            }
        }
        any
    }

    /// Labels what is chosen in fields whose choices are too many to list.
    pub(super) async fn label_chosen(&mut self) -> Result<(), FormError> {
        for index in 0..self.states.len() {
            let plan = &self.def.plan().fields[index];
            if !plan.awaits_choices || self.states[index].listed {
                continue;
            }
            let Some(search) = self.search_of(index) else { continue };
            let values: Vec<Value> = self.states[index]
                .values
                .iter()
                .filter(|text| !text.is_empty())
                .map(|text| Value::Text(text.to_string()))
                .collect();
            let creates = search.creates();
            let known = self.states[index].choices.as_ref();
            let mut choices: Vec<_> = known.into_iter().flat_map(|known| known.iter().cloned()).collect();
            let missing: Vec<Value> = values
                .into_iter()
                .filter(|value| !choices.iter().any(|choice| *choice.value == *value.to_text()))
                .collect();
            if !missing.is_empty() {
                match tokio::time::timeout(CHECK_TIME, search.labels(&missing)).await {
                    Ok(Ok(labels)) => choices.extend(labels),
                    // The keys are shown instead.
                    Ok(Err(error)) => tracing::warn!(%error, "what is chosen cannot be labelled"),
                    Err(_) => tracing::warn!("what is chosen could not be labelled in time"),
                }
            }
            let state = &mut self.states[index];
            state.searched.creates = creates;
            state.searches = true;
            state.choices = Some(choices.into());
        }
        Ok(())
    }
}
