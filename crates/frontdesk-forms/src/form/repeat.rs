//! Forms that are submitted again: one that was carried out gets its first answer.

use frontdesk_data::RowId;
use frontdesk_validate::{ValidationError, Value};
use http::StatusCode;
use serde_json::{Map, Value as Json, json};

use super::spec::is_upload;
use super::{FieldState, Form, Mode, bind};
use crate::FormError;
use crate::body::Submission;
use crate::ledger::{Outcome, Taken};

impl Form {
    /// What is to be known of this submission when it comes again: the row's identity and the keys of its files.
    pub(super) fn outcome(&self, deleted: bool) -> Outcome {
        let files = self.def.fields().iter().filter(|field| is_upload(field)).filter_map(|field| {
            let keys = bind::keys(self.vars.get(&field.name)?);
            Some((field.name.to_string(), Json::from(keys)))
        });
        let outcome = json!({
            "id": self.id.as_ref().map(ToString::to_string),
            "deleted": deleted,
            "files": files.collect::<Map<_, _>>(),
        });
        Outcome::new(outcome.to_string())
    }

    /// Answers a submission that came before.
    pub(super) async fn answer_taken(
        &mut self,
        taken: Taken,
        submission: &Submission,
    ) -> Result<(), FormError> {
        match &taken {
            Taken::Repeat(_) if self.is_written() => {
                // The values are worked out again, for whoever answers by them. What a rule says now, after the row was
                // written, does not matter.
                self.check_fields(submission).await?;
                self.status = StatusCode::OK;
                self.form_errors.clear();
                for state in &mut self.states {
                    state.error = None;
                    state.forget_uploads();
                }
            }
            _ => {
                self.bind_all(submission);
                self.bind_rows();
            }
        }
        self.note_taken(taken);
        Ok(())
    }

    /// Says what became of this submission before.
    pub(super) fn note_taken(&mut self, taken: Taken) {
        match taken {
            Taken::Repeat(outcome) => self.repeat(&outcome),
            Taken::Changed(_) => {
                self.status = StatusCode::CONFLICT;
                // What is there now is what the visitor made of it, or somebody else since.
                self.show_changes();
                self.children
                    .iter_mut()
                    .flat_map(|rows| &mut rows.rows)
                    .for_each(|row| row.form.show_changes());
                self.form_errors.push(ValidationError::new(
                    "form_changed",
                    "This form was saved already, with other values than these. Nothing more was saved: submit it again if you want to save this too",
                ));
            }
            Taken::Unknown => {
                self.status = StatusCode::CONFLICT;
                self.form_errors.push(ValidationError::new(
                    "form_unknown",
                    "This form was submitted before, and the server broke off while it was being saved. Please look whether it was saved before you submit it again",
                ));
            }
            Taken::Busy => {
                self.status = StatusCode::SERVICE_UNAVAILABLE;
                self.form_errors.push(ValidationError::new(
                    "form_busy",
                    "This form is still being saved. Please wait a moment, then look whether it was saved",
                ));
            }
        }
    }

    /// Gives the first answer.
    fn repeat(&mut self, outcome: &Outcome) {
        self.repeated = true;
        self.base = None;
        self.children.clear();
        if !self.is_written() {
            self.seldom.notices.push(ValidationError::new(
                "form_repeated",
                "This form was sent already. It was not sent again",
            ));
            for state in &mut self.states {
                *state = FieldState::default();
            }
            return;
        }
        let outcome: Json = serde_json::from_str(outcome.data()).unwrap_or_default();
        self.id = outcome["id"].as_str().and_then(|id| id.parse::<RowId>().ok());
        self.deleted = outcome["deleted"].as_bool().unwrap_or_default();
        self.accepted = true;
        for field in self.def.clone().fields().iter().filter(|field| is_upload(field)) {
            let Some(keys) = outcome["files"][&*field.name].as_array() else { continue };
            let keys: Vec<Value> = keys.iter().filter_map(Json::as_str).map(Value::from).collect();
            self.vars.set(
                std::sync::Arc::clone(&field.name),
                match field.kind.is_list() {
                    true => Value::List(keys),
                    false => keys.into_iter().next().unwrap_or(Value::Null),
                },
            );
        }
        if self.mode == Mode::Create && !self.def.keep_values {
            for state in &mut self.states {
                *state = FieldState::default();
            }
        }
    }
}
