//! Drafts: what was typed and not submitted yet, and is offered again later.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
use crate::state::FormState;
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
        let kept = submission.entries().filter_map(|(name, entry)| match entry {
            Entry::Text(text) if is_kept(name) => Some((name.to_owned(), text.to_owned())),
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
                let entries = self.draft_entries(submission);
                match drafts.save_from(&owner, &form, &record, entries, self.draft_base()).await {
                    Ok(()) if quietly => return Ok(Some(Answer::done())),
                    Ok(()) => self.seldom.notices.push(ValidationError::new(
                        "form_draft_saved",
                        "Your draft is saved. You can come back to it later",
                    )),
                    Err(DraftError::Form(error)) if quietly => {
                        tracing::error!(%error, "drafts cannot be kept");
                        return Ok(Some(Answer::failed(error.status())));
                    }
                    // What was typed comes back: it is kept nowhere else.
                    Err(DraftError::Form(error)) => self.fail(error),
                    Err(error) if quietly => {
                        tracing::debug!(%error, "a draft is not kept");
                        return Ok(Some(Answer::failed(StatusCode::PAYLOAD_TOO_LARGE)));
                    }
                    Err(_) => self.seldom.notices.push(ValidationError::new(
                        "form_draft_large",
                        "This is too much for a draft. It was not saved",
                    )),
                }
            }
            "restore" => {
                let Some(owner) = self.draft_owner(request) else { return Ok(None) };
                match drafts.load(&owner, &form, &record).await {
                    Ok(Some(draft)) => {
                        self.go_back_to(draft.base());
                        // Only what the form has: names that it had once lead nowhere.
                        submission.retain(|name| name.starts_with('_'));
                        for (name, text) in draft.entries() {
                            submission.push_text(name, text);
                        }
                        self.draw_everything(submission);
                        self.seldom.restored = true;
                    }
                    Ok(None) => {}
                    Err(error) => self.fail(error),
                }
            }
            "discard" => {
                let discarded = match self.draft_owner(request) {
                    Some(owner) => drafts.discard(&owner, &form, &record).await.map(drop),
                    None => Ok(()),
                };
                match discarded {
                    Ok(()) => self.seldom.restored = true,
                    Err(error) => self.fail(error),
                }
            }
            _ => {}
        }
        Ok(None)
    }

    /// What is known of the record and its rows: a draft may be gone on with when others have changed them.
    fn draft_base(&self) -> Option<String> {
        let state = self.state.as_ref().filter(|_| self.mode == Mode::Update)?.clone().without_files();
        let fields = URL_SAFE_NO_PAD.encode(self.def.plan().fingerprint);
        Some(format!("{fields}.{}", URL_SAFE_NO_PAD.encode(state.encode())))
    }

    /// Takes the record and its rows for what they were when a draft was saved, so that what others changed since is told
    /// when the form is submitted, as if it had been open all the time.
    fn go_back_to(&mut self, base: Option<&str>) {
        let fingerprint = URL_SAFE_NO_PAD.encode(self.def.plan().fingerprint);
        let then = base
            .and_then(|base| base.split_once('.'))
            // A form that has other fields by now counts them in another way.
            .filter(|(fields, _)| *fields == fingerprint)
            .and_then(|(_, state)| FormState::decode(&URL_SAFE_NO_PAD.decode(state).ok()?));
        let (Some(then), Some(state)) = (then, &mut self.state) else { return };
        let kept =
            state.rows.iter_mut().find(|row| row.place.is_none()).map(|own| std::mem::take(&mut own.kept));
        state.rows = then.rows;
        if let (Some(kept), Some(own)) = (kept, state.rows.iter_mut().find(|row| row.place.is_none())) {
            own.kept = kept;
        }
        self.base = state.own().cloned().map(Box::new);
    }

    /// A draft knows texts alone; what it has none of was unticked.
    fn draw_everything(&self, submission: &mut Submission) {
        let names = self.inputs();
        let mut drawn: Vec<(String, String)> =
            names.map(|field| ("_drawn".to_owned(), field.name.to_string())).collect();
        for children in &self.def.children {
            let begin = format!("{}[", children.name);
            let names = submission.entries().filter_map(|(name, _)| {
                let (number, _) = name.strip_prefix(&*begin)?.split_once("].")?;
                Some(&name[..begin.len() + number.len() + 2])
            });
            let rows: BTreeSet<&str> = names.collect();
            for row in rows {
                let fields = children.def().fields().iter();
                drawn.extend(fields.map(|field| (format!("{row}_drawn"), field.name.to_string())));
            }
        }
        for (name, field) in &drawn {
            submission.push_text(name, field);
        }
    }

    /// Looks whether there is a draft to go on with.
    pub(super) async fn find_draft(&mut self, request: &FormRequest) {
        if self.mode == Mode::ReadOnly
            || self.def.method == http::Method::GET
            || self.submitted && !self.accepted
            || self.seldom.restored
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
                    self.seldom.draft = Some(Found { saved: draft.saved(), differs });
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
            .filter(|(plan, _)| self.is_input(plan))
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
        let draft = self.seldom.draft.as_ref()?;
        Some(serde_json::json!({ "saved": draft.saved.to_string(), "differs": draft.differs }))
    }

    /// Offers the draft.
    pub(super) fn write_draft(&self, out: &mut dyn Sink) {
        let Some(draft) = &self.seldom.draft else { return };
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
