//! Uploads that survive: the files of a form that was refused stay in the quarantine, and its next submission brings
//! them along.

use std::sync::Arc;

use frontdesk_validate::FileValue;

use super::spec::is_upload;
use super::{Form, bind};
use crate::FormRequest;
use crate::body::{Entry, Other, Submission};
use crate::state::{FormState, Kept};
use crate::upload::{self, Owner};

/// An upload that is kept, as it is drawn.
#[derive(Clone, Debug)]
pub(super) struct KeptFile {
    pub(super) file: Kept,
    /// Where a small picture of it is served.
    pub(super) preview: Option<String>,
}

impl Kept {
    fn as_kept(&self, field: &str) -> upload::KeptFile {
        upload::KeptFile {
            field: field.to_owned(),
            token: self.token.clone(),
            name: self.name.clone(),
            size: self.size,
            media_type: self.media_type.clone(),
        }
    }
}

impl Form {
    /// Adds the files that an earlier submission of this form brought, where this one has no other in their place and does
    /// not give them up.
    pub(super) async fn reopen_kept(&self, submission: &mut Submission, request: &mut FormRequest) {
        if self.state.as_ref().and_then(FormState::own).is_some_and(|own| !own.kept.is_empty()) {
            let owner = self.owner(request);
            self.reopen_kept_of(submission, owner, request).await;
        }
    }

    /// As [`reopen_kept`](Self::reopen_kept), for a row whose files are that owner's.
    pub(super) async fn reopen_kept_of(
        &self,
        submission: &mut Submission,
        owner: Owner,
        request: &FormRequest,
    ) {
        if request.is_question() {
            return;
        }
        let kept = match self.state.as_ref().and_then(|state| state.rows.first()) {
            Some(own) if !own.kept.is_empty() => own.kept.clone(),
            _ => return,
        };
        let uploads = request.desk().uploads().clone();
        for file in kept {
            let Some(plan) = self.def.plan().fields.get(file.field as usize) else { continue };
            let field = plan.field(&self.def);
            if !is_upload(field) || !self.is_input(plan) {
                continue;
            }
            let given_up = submission.all(&format!("_delete_{}", field.name)).any(|entry| {
                matches!(entry, Entry::Text(text) if text == file.token || !field.kind.is_list() && bind::is_true(text))
            });
            let replaced = !field.kind.is_list()
                && submission.all(&field.name).any(|entry| {
                    matches!(entry, Entry::File(new) if !new.name().is_empty() || new.size() > 0)
                        || matches!(entry, Entry::FileTooLarge { .. })
                });
            let kept = file.as_kept(&field.name);
            let reopened = match uploads.reopen(owner, &kept).await {
                Ok(reopened) => reopened,
                Err(error) => {
                    tracing::error!(%error, "a kept file cannot be read");
                    None
                }
            };
            match reopened {
                Some(file) if given_up || replaced => uploads.release(&file),
                Some(file) => submission.push(&field.name, Other::File(file)),
                None if given_up || replaced => {}
                None => submission.push(&field.name, Other::FileGone { name: file.name }),
            }
        }
    }

    /// Keeps the files of a form that comes back, so that nobody has to choose them again. One that was refused itself is
    /// not kept.
    pub(super) fn hold_uploads(&mut self, owner: Owner, request: &FormRequest) {
        let def = Arc::clone(&self.def);
        let viewer = request.browser();
        let uploads = request.desk().uploads().clone();
        for ((number, plan), state) in (0_u32..).zip(&def.plan().fields).zip(&mut self.states) {
            if state.uploads.is_empty() {
                continue;
            }
            let files: Vec<FileValue> = std::mem::take(&mut state.uploads);
            let field = plan.field(&def);
            // In a field of several files it is not said which of them was refused.
            if state.error.is_some() && !field.kind.is_list() {
                files.iter().for_each(|file| uploads.release(file));
                continue;
            }
            for file in files {
                let Some(kept) = uploads.hold(&field.name, &file) else { continue };
                let preview = viewer.and_then(|viewer| request.desk().preview_url(owner, viewer, &kept));
                let kept = Kept {
                    field: number,
                    token: kept.token,
                    name: kept.name,
                    size: kept.size,
                    media_type: kept.media_type,
                };
                state.kept.push(KeptFile { file: kept, preview });
                state.uploads.push(file);
            }
        }
    }

    /// Whose files these are: the session's, or the browser's.
    pub(super) fn owner(&self, request: &mut FormRequest) -> Owner {
        match &self.def.csrf_session {
            Some(session) => Owner::of(session),
            None => Owner::of(request.nonce().as_str()),
        }
    }
}
