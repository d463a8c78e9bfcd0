//! Drafts: what was typed and not submitted yet, and is offered again later.

use std::sync::Arc;

use frontdesk_data::FieldType;
use frontdesk_html::{Sink, SinkExt, name};
use frontdesk_validate::ValidationError;
use frontdesk_web::Arg;
use http::StatusCode;
use jiff::Timestamp;

use super::ask::Answer;
use super::conflict::comparable;
use super::render::class;
use super::{Form, Mode};
use crate::body::{Entry, Submission};
use crate::{DraftError, DraftOwner, FormError, FormRequest, Slot};

/// Whose drafts a form keeps.
#[derive(Clone, Debug)]
pub(super) enum Keeper {
    /// The visitor's, who is known by a cookie.
    Visitor,
    User(Arc<str>),
}

/// A draft that there is.
#[derive(Clone, Debug)]
pub(super) struct Found {
    saved: Timestamp,
    /// The labels of the fields in which it differs from what is shown.
    differs: Vec<String>,
}

impl Form {
    fn draft_owner(&self, request: &FormRequest) -> Option<DraftOwner> {
        match self.def.drafts.as_ref()? {
            Keeper::User(user) => Some(DraftOwner::user(user)),
            Keeper::Visitor => DraftOwner::visitor(request.headers()),
        }
    }

    /// What of a submission may be kept: texts of the form's own inputs, and no secrets.
    fn draft_entries(&self, submission: &Submission) -> Vec<(String, String)> {
        let is_kept = |name: &str| {
            let field = |form: &super::Definition, name: &str| {
                let found = form.fields().iter().find(|field| *field.name == *name);
                found.map(|field| field.secret || field.kind == FieldType::Password)
            };
            if let Some(is_secret) = field(&self.def, name) {
                return !is_secret;
            }
            self.place_of(name)
                .is_some_and(|(at, _, name)| field(self.def.children[at].def(), name) == Some(false))
        };
        let kept = submission.entries().iter().filter_map(|(name, entry)| match entry {
            Entry::Text(text) if is_kept(name) => Some((name.clone(), text.clone())),
            _ => None,
        });
        kept.collect()
    }

    /// Does what a button or the script asks of the draft. An answer takes the place of the page.
    pub(super) async fn keep_draft(
        &mut self,
        what: &str,
        submission: &mut Submission,
        request: &mut FormRequest,
    ) -> Result<Option<Answer>, FormError> {
        // A form that is submitted by GET keeps none: a link would be enough to throw them away.
        if self.def.drafts.is_none() || self.def.method == http::Method::GET {
            return Ok(None);
        }
        let drafts = request.desk().drafts().clone();
        let (form, record) = (self.def.form_name().to_owned(), self.record_text());
        match what {
            "save" => {
                // The script asks for no page.
                let quietly = !request.wants_html();
                if let Err(wait) = self.may_ask(request) {
                    return Ok(Some(Answer::too_often(wait)));
                }
                let owner = self.draft_owner(request).unwrap_or_else(|| {
                    let (owner, cookie) = DraftOwner::new_visitor(request.headers(), drafts.kept());
                    self.cookies.push(cookie);
                    owner
                });
                match drafts.save(&owner, &form, &record, self.draft_entries(submission)).await {
                    Ok(()) if quietly => return Ok(Some(Answer::done())),
                    Ok(()) => self.notices.push(ValidationError::new(
                        "form_draft_saved",
                        "Your draft is saved. You can come back to it later",
                    )),
                    Err(DraftError::Form(error)) => return Err(error),
                    Err(error) if quietly => {
                        tracing::debug!(%error, "a draft is not kept");
                        return Ok(Some(Answer::failed(StatusCode::PAYLOAD_TOO_LARGE)));
                    }
                    Err(_) => self.notices.push(ValidationError::new(
                        "form_draft_large",
                        "This is too much for a draft. It was not saved",
                    )),
                }
            }
            "restore" => {
                let Some(owner) = self.draft_owner(request) else { return Ok(None) };
                if let Some(draft) = drafts.load(&owner, &form, &record).await? {
                    // Only what the form has: names that it had once lead nowhere.
                    submission.entries.retain(|(name, _)| name.starts_with('_'));
                    let texts = draft.into_entries().into_iter();
                    submission.entries.extend(texts.map(|(name, text)| (name, Entry::Text(text))));
                    self.draw_everything(submission);
                    self.restored = true;
                }
            }
            "discard" => {
                if let Some(owner) = self.draft_owner(request) {
                    drafts.discard(&owner, &form, &record).await?;
                }
                self.restored = true;
            }
            _ => {}
        }
        Ok(None)
    }

    /// A draft knows texts alone; what it has none of was unticked.
    fn draw_everything(&self, submission: &mut Submission) {
        let names = self.def.fields().iter().filter(|field| self.is_input(field));
        let drawn: Vec<_> =
            names.map(|field| ("_drawn".to_owned(), Entry::Text(field.name.to_string()))).collect();
        submission.entries.extend(drawn);
    }

    /// Looks whether there is a draft to go on with.
    pub(super) async fn find_draft(&mut self, request: &FormRequest) {
        if self.mode == Mode::ReadOnly
            || self.def.method == http::Method::GET
            || self.submitted && !self.accepted
            || self.restored
        {
            return;
        }
        let Some(owner) = self.draft_owner(request) else { return };
        let drafts = request.desk().drafts();
        let (form, record) = (self.def.form_name(), self.record_text());
        if self.accepted {
            if let Err(error) = drafts.discard(&owner, form, &record).await {
                tracing::warn!(%error, "the draft of a form that was saved cannot be removed");
            }
            return;
        }
        match drafts.load(&owner, form, &record).await {
            Ok(Some(draft)) => {
                let differs = self.differing(draft.entries());
                if !differs.is_empty() {
                    self.draft = Some(Found { saved: draft.saved(), differs });
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "drafts cannot be read"),
        }
    }

    /// The labels of the fields in which a draft differs from what is shown.
    fn differing(&self, entries: &[(String, String)]) -> Vec<String> {
        let plans = self.def.plan().fields.iter().zip(&self.states);
        let mut differs: Vec<String> = plans
            .filter(|(plan, _)| self.is_input(plan.field(&self.def)))
            .filter_map(|(plan, state)| {
                let field = plan.field(&self.def);
                let drafted: Vec<&str> = entries
                    .iter()
                    .filter(|(name, _)| **name == *field.name)
                    .map(|(_, text)| &**text)
                    .collect();
                (comparable(field, &drafted) != comparable(field, &state.values)
                    && !field.secret
                    && !super::spec::is_upload(field))
                .then(|| self.label(field).into_owned())
            })
            .collect();
        for rows in &self.children {
            let begin = format!("{}[", rows.spec.name);
            let drafted = entries.iter().any(|(name, text)| name.starts_with(&begin) && !text.is_empty());
            if drafted {
                differs.push(self.children_label(&rows.spec).into_owned());
            }
        }
        differs
    }

    pub(super) fn draft_as_json(&self) -> Option<serde_json::Value> {
        let draft = self.draft.as_ref()?;
        Some(serde_json::json!({ "saved": draft.saved.to_string(), "differs": draft.differs }))
    }

    /// Offers the draft.
    pub(super) fn write_draft(&self, out: &mut dyn Sink) {
        let Some(draft) = &self.draft else { return };
        out.open(name!("div"));
        class(self.style(), Slot::Draft, out);
        out.attr(name!("role"), "status");
        let saved = draft.saved.to_zoned(jiff::tz::TimeZone::system());
        let iso = saved.strftime("%Y-%m-%d %H:%M").to_string();
        let when = self.language.write_datetime(&iso);
        let args = [("time", Arg::from(when.as_str()))];
        let english = format!("There is a draft of {when} that was not saved.");
        out.text_element(name!("p"), "", &self.language.say_or("form-draft-found", &args, &english));
        let fields = draft.differs.join(", ");
        let args = [("fields", Arg::from(fields.as_str()))];
        let english = format!("It differs in: {fields}");
        out.text_element(name!("p"), "", &self.language.say_or("form-draft-differs", &args, &english));
        for (what, key, text) in [
            ("restore", "form-draft-restore", "Go on with the draft"),
            ("discard", "form-draft-discard", "Throw the draft away"),
        ] {
            self.write_draft_button(what, &self.word(key, text), out);
        }
        out.close();
    }

    /// The button that saves a draft, for those without a script.
    pub(super) fn write_save_draft(&self, out: &mut dyn Sink) {
        if self.def.drafts.is_some() && self.def.method != http::Method::GET {
            self.write_draft_button("save", &self.word("form-save-draft", "Save draft"), out);
        }
    }

    fn write_draft_button(&self, what: &str, text: &str, out: &mut dyn Sink) {
        out.open(name!("button"));
        out.attr(name!("type"), "submit");
        out.attr(name!("name"), "_draft");
        out.attr(name!("value"), what);
        out.flag(name!("formnovalidate"));
        class(self.style(), Slot::Button, out);
        out.text(text);
        out.close();
    }
}
