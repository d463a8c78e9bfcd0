//! What a form is asked besides being submitted: whether one value is good, which rows fit a search. Nothing is written.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use frontdesk_validate::{Choice, ChoiceSearch, Context, Found, ValidationError, Value};
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::header::{ETAG, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use serde_json::{Value as Json, json};

use super::bind::{self, Bound};
use super::rows::SubRow;
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
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // They were those of the page.
        for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, ETAG, RETRY_AFTER] {
            headers.remove(name);
        }
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
        request.desk().rate().ask(owner, request.address())
    }

    /// The search of a field whose choices are too many to list.
    fn search_of(&self, index: usize) -> Option<&dyn ChoiceSearch> {
        let plan = &self.def.plan().fields[index];
        let field = plan.field(&self.def);
        (self.is_input(plan) && !field.secret).then(|| field.rules().search()).flatten()
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        self.def.fields().iter().position(|field| *field.name == *name)
    }

    /// The form that the control called `name` belongs to, the field's name, and what was submitted of it: the form itself,
    /// or the row of a sub-form.
    pub(super) fn row_of<'s>(
        &'s mut self,
        name: &'s str,
        submission: &'s Submission,
    ) -> Option<(&'s mut Self, &'s str, &'s Submission)> {
        if self.index_of(name).is_some() {
            return Some((self, name, submission));
        }
        let (at, index, field) = self.place_of(name)?;
        let index: u32 = index.parse().ok()?;
        let row = self.children.get_mut(at)?.rows.iter_mut().find(|row| row.index == index)?;
        Some((&mut row.form, field, &row.submission))
    }

    /// Where a name like `items[2].price` leads: the number of the sub-form, the row, the field.
    pub(super) fn place_of<'n>(&self, name: &'n str) -> Option<(usize, &'n str, &'n str)> {
        self.def.children.iter().enumerate().find_map(|(at, children)| {
            let row = name.strip_prefix(&*children.name)?.strip_prefix('[')?;
            let (index, field) = row.split_once("].")?;
            Some((at, index, field))
        })
    }

    /// Answers a search of the script: `?_search=<field>&q=<text>`.
    pub(super) async fn answer_search(&self, request: &mut FormRequest) -> Option<Answer> {
        if !request.only_reads() || self.mode == Mode::ReadOnly || request.is_from_elsewhere() {
            return None;
        }
        let query = request.uri().query().filter(|query| query.contains("_search="))?;
        let query = urlencoded::decode(query.as_bytes(), request.desk().request_limits());
        let name = query.text("_search")?;
        if query.text("_formname").is_some_and(|form| form != self.def.form_name()) {
            return None;
        }
        let (field, search) = match self.index_of(name) {
            Some(index) => (name, self.search_of(index)?),
            None => {
                // A row's search is that of its sub-form, whatever the row.
                let (at, _, field) = self.place_of(name)?;
                let def = self.def.children.get(at)?.def();
                let field = def.fields().iter().find(|known| *known.name == *field)?;
                if !field.writable || field.generated || field.secret || def.disabled.contains(&field.name) {
                    return None;
                }
                (&*field.name, field.rules().search()?)
            }
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

    /// Answers a live check: whether the rules of one field accept what was typed. Fields that are not checked live, or do
    /// not belong to the form now, say nothing.
    pub(super) async fn answer_check(
        &mut self,
        name: &str,
        submission: &Submission,
        request: &mut FormRequest,
    ) -> Answer {
        if let Err(wait) = self.may_ask(request) {
            return Answer::too_often(wait);
        }
        let checked = match self.row_of(name, submission) {
            Some((form, field, part)) => form.check_one(field, part).await,
            None => None,
        };
        match checked {
            None => Answer::failed(StatusCode::NOT_FOUND),
            Some(Ok(())) => {
                let good = self.word("form-available", "This is fine");
                Answer::json(json!({ "field": name, "ok": true, "text": good }))
            }
            Some(Err(error)) if error.is_unavailable() => Answer::failed(StatusCode::SERVICE_UNAVAILABLE),
            Some(Err(error)) => {
                let text = self.language.error(&error);
                Answer::json(json!({ "field": name, "ok": false, "text": text }))
            }
        }
    }

    /// Whether the rules of a field that is checked live accept what a submission has of it.
    async fn check_one(&self, name: &str, submission: &Submission) -> Option<Result<(), ValidationError>> {
        let index = self.index_of(name)?;
        let def = Arc::clone(&self.def);
        let plan = &def.plan().fields[index];
        let (field, settled) = (plan.field(&def), &self.states[index]);
        if !self.is_input(plan) || settled.hidden || !def.live.contains(&field.name) {
            return None;
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
        let mut state = super::FieldState { needed: settled.needed, ..Default::default() };
        let bound = bind::bind(
            field,
            plan,
            &mut state,
            submission,
            self.mode,
            self.record.as_deref(),
            &self.language,
        );
        let value = match bound {
            Bound::Check(value) => value,
            Bound::Refused(error) => return Some(Err(error)),
            Bound::Absent | Bound::Keep | Bound::CheckEach(_) => return Some(Ok(())),
        };
        if let Err(error) = Self::check_conditions(field, &state, &value, submission) {
            return Some(Err(error));
        }
        let check = field.rules().validate(value, context);
        let checked = tokio::time::timeout(CHECK_TIME, check).await;
        Some(checked.unwrap_or(Err(ValidationError::unavailable())).map(drop))
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
        // A request that only reads makes no row.
        if self.def.method == http::Method::GET {
            return;
        }
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
            choices.extend(labels(search, &missing).await);
            let state = &mut self.states[index];
            state.searched.creates = creates;
            state.searches = true;
            state.choices = Some(choices.into());
        }
        Ok(())
    }

    /// As [`label_chosen`](Self::label_chosen), for all rows of a sub-form, of which this is the template: asked row by row,
    /// a thousand rows would be a thousand questions.
    pub(super) async fn label_chosen_of(&self, rows: &mut [SubRow]) {
        for (index, plan) in self.def.plan().fields.iter().enumerate() {
            if !plan.awaits_choices || self.states[index].listed {
                continue;
            }
            let Some(search) = self.search_of(index) else { continue };
            let mut missing = BTreeSet::new();
            for state in rows.iter().map(|row| &row.form.states[index]) {
                let known = |text: &str| {
                    let mut choices = state.choices.iter().flat_map(|choices| choices.iter());
                    choices.any(|choice| choice.value == text)
                };
                let texts = state.values.iter().filter(|text| !text.is_empty() && !known(text));
                missing.extend(texts.map(|text| text.to_string()));
            }
            let missing: Vec<Value> = missing.into_iter().map(Value::Text).collect();
            let mut found: HashMap<String, Choice> = HashMap::new();
            for part in missing.chunks(LABELS) {
                found.extend(
                    labels(search, part).await.into_iter().map(|choice| (choice.value.to_string(), choice)),
                );
            }
            for state in rows.iter_mut().map(|row| &mut row.form.states[index]) {
                let mut choices: Vec<Choice> =
                    state.choices.iter().flat_map(|known| known.iter().cloned()).collect();
                choices.extend(state.values.iter().filter_map(|text| found.get(&**text).cloned()));
                state.searched.creates = search.creates();
                state.searches = true;
                state.choices = Some(choices.into());
            }
        }
    }
}

/// How many labels are asked for at once.
const LABELS: usize = 500;

/// The labels of what is chosen. Where they cannot be had, the keys are shown instead.
async fn labels(search: &dyn ChoiceSearch, values: &[Value]) -> Vec<Choice> {
    if values.is_empty() {
        return Vec::new();
    }
    match tokio::time::timeout(CHECK_TIME, search.labels(values)).await {
        Ok(Ok(labels)) => labels,
        Ok(Err(error)) => {
            tracing::warn!(%error, "what is chosen cannot be labelled");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!("what is chosen could not be labelled in time");
            Vec::new()
        }
    }
}
