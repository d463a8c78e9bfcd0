//! What happens when a form meets a request.

use std::sync::Arc;

use frontdesk_data::{Row, Values};
use frontdesk_web::{CsrfToken, Language};
use http::{Method, StatusCode};

use super::prepare::Token;
use super::rows::Rows;
use super::spec::{Definition, Record, Source, is_upload};
use super::submit::Next;
use super::{FieldState, Form, FormSpec, Mode, Seldom};
use crate::body::Submission;
use crate::body::multipart::{FilePolicy, Intake};
use crate::state::StateError;
use crate::{FormError, FormRequest};

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
        if let Some(asker) = self.asker.as_ref().filter(|asker| !asker.is_unlimited()) {
            return self.process_limited(asker, request).await;
        }
        let mut gone = None;
        let record = match self.load().await {
            Ok(record) => record,
            // What was typed into the form of a record that is gone by now must come back.
            Err(FormError::NotFound) if *request.method() == Method::POST && !self.def.readonly => {
                let (Record::Id(id) | Record::Gone(id)) = &self.record else {
                    return Err(FormError::NotFound);
                };
                gone = Some(id.to_string());
                None
            }
            Err(error) => {
                Box::pin(request.drain()).await;
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
        let language = request.language();
        let mut form = Form::new(Arc::clone(&self.def), mode, record, language);
        if gone.is_some() {
            form.seldom.gone = gone;
        }
        form.limit(self.limits.as_deref());
        let mode = form.mode;
        form.has_script = request.desk().is_served();
        form.csrf = CsrfToken::of(request.extensions()).cloned();
        if self.def.protection.is_some() {
            form.seldom.proofs = Some(request.desk().proofs().clone());
        }
        if request.uri().query().is_some() {
            form.answer = Box::pin(form.answer_search(request)).await.map(Box::new);
        }
        if form.answer.is_some() {
            return Ok(form);
        }
        if mode == Mode::ReadOnly {
            if form.limits.is_some() {
                Box::pin(form.turn_away(request)).await;
            }
            Box::pin(request.drain()).await;
        } else {
            let (name, method) = (self.def.form_name(), &self.def.method);
            let submission = match request.is_multipart() {
                true => Box::pin(form.receive(request)).await,
                false => request.submission(name, method, Intake::NOTHING).await,
            };
            if let Some(submission) = submission {
                let next = Box::pin(form.submit(submission, request)).await?;
                if let Next::CarryOut(work) = next {
                    form = form.go_on(work, request.desk()).await?;
                }
            }
            if form.seldom.gone.is_some() && !form.submitted {
                Box::pin(request.drain()).await;
                return Err(FormError::NotFound);
            }
        }
        form.prepare(request).await?;
        Ok(form)
    }

    async fn load(&self) -> Result<Option<Box<Row>>, FormError> {
        match (&self.record, &self.def.source) {
            (Record::None, _) => Ok(None),
            (Record::Row(row), _) => Ok(Some(row.clone())),
            (Record::Id(id), Source::Table { db, table }) => {
                let row = Box::pin(db.get(table, id)).await?;
                row.map(|row| Some(Box::new(row))).ok_or(FormError::NotFound)
            }
            (Record::Gone(_), _) => Err(FormError::NotFound),
            (Record::Id(_), Source::Fields { .. }) => Err(FormError::NotFound),
        }
    }
}

impl Form {
    /// Reads what was submitted with files.
    async fn receive(&self, request: &mut FormRequest) -> Option<Submission> {
        let def = &self.def;
        let policy = |name: &str| match def.fields().iter().find(|field| *field.name == *name) {
            Some(field) => (is_upload(field) && field.writable).then(|| FilePolicy::of(field)),
            None => def.children.iter().find_map(|children| Rows::policy(children, name)),
        };
        // A forged form fills no disk: its files are dropped as they come. Those of an expired one are kept.
        let (nonce, is_foreign, desk) = (request.nonce(), request.is_foreign(), request.desk().clone());
        let admits = |so_far: &Submission| {
            let key = so_far.text("_formkey").unwrap_or_default();
            let verified = self.verify_key(key, &nonce, is_foreign, &desk);
            !matches!(verified, Err(StateError::Invalid))
        };
        let intake = Intake { owner: self.owner(request), policy: &policy, admission: &admits };
        request.submission(def.form_name(), &def.method, intake).await
    }

    pub(super) fn new(
        def: Arc<Definition>,
        mode: Mode,
        record: Option<Box<Row>>,
        language: Language,
    ) -> Self {
        let count = def.plan().fields.len();
        let mut states = Vec::with_capacity(count);
        for _ in 0..count {
            states.push(FieldState::default());
        }
        Self {
            sidecar: None,
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
            token: Token::None,
            cookies: Vec::new(),
            structure: None,
            extras: Vec::new(),
            children: Vec::new(),
            answer: None,
            has_script: false,
            language,
            state: None,
            repeated: false,
            base: None,
            limits: None,
            csrf: None,
            seldom: Seldom::default(),
        }
    }

    /// The record's identity as text; empty for a new one. What states are bound to.
    pub(super) fn record_text(&self) -> String {
        match &self.seldom.gone {
            Some(id) => id.clone(),
            None => self.record.as_deref().and_then(Row::id).map(ToString::to_string).unwrap_or_default(),
        }
    }
}
