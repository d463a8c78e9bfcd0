//! Forms as data.

use frontdesk_validate::ValidationError;
use serde_json::{Map, Value as Json, json};

use super::conflict::Take;
use super::rows::{Rows, SubRow};
use super::spec::{FieldPlan, is_upload};
use super::{FieldState, Form, Mode};

impl Form {
    /// The form as JSON, for clients that draw it themselves.
    ///
    /// An object with
    /// - `name`, `method`, `language`, `submitted`, `accepted`, `repeated`, `deleted`, `deletable`, `id`;
    /// - `hidden`: what to send back;
    /// - `fields`: a list, see below;
    /// - `children`: the sub-forms, each with `name`, `label`, `min`, `max`, `editable`, `rows` and, where it was refused,
    ///   `error`; each row with `path` (`items[2]`), `key`, `removed`, `fields`, `errors`;
    /// - `errors` of the form as a whole, and `notices`, which are no errors;
    /// - `draft`, where there is one: when it was `saved`, and in which labels it `differs`.
    ///
    /// A field has `name`, `path` (what its member is called in a submission: `items[2].price` in a row), `type`, `label`,
    /// `value`, `required`, `multiple`, `writable`, `hidden` (by what other fields hold), `schema` ([JSON Schema] of the
    /// value), and where there are some `comment`, `placeholder`, `choices`, `search`, `files`, `error`, `conflict`, and the
    /// conditions `show_when`, `require_when`, `choices_when`. What is secret has no value.
    ///
    /// An error has `path`, `code`, `text` and `params`. The text is in the visitor's language, and the same as in the
    /// HTML. Of the form as a whole the path is empty.
    ///
    /// Such a client submits a JSON object with a member for each field, and the members of `hidden`.
    ///
    /// [JSON Schema]: https://json-schema.org/draft/2020-12
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// # use frontdesk_forms::{Desk, Form, FormRequest};
    /// # use frontdesk_web::Secret;
    /// # use frontdesk_validate::IsLength;
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let mut request = FormRequest::new(Desk::new(Secret::random()), http::Method::GET, "/".parse().unwrap(), Default::default(), axum::body::Body::empty());
    /// let spec = Form::for_fields("paint", [Field::string("color").requires(IsLength::max(15))]);
    /// let json = spec.process(&mut request).await.unwrap().as_json();
    /// assert_eq!(json["fields"][0]["label"], "Color");
    /// assert_eq!(json["fields"][0]["schema"]["maxLength"], 15);
    /// # });
    /// ```
    pub fn as_json(&self) -> Json {
        let mut hidden = Map::new();
        if self.mode != Mode::ReadOnly {
            hidden.insert("_formname".to_owned(), self.def.form_name().into());
            if let Some(token) = self.token() {
                hidden.insert("_formkey".to_owned(), token.into());
            }
            if let Some(csrf) = self.csrf_token() {
                hidden.insert(csrf.field_name().to_owned(), csrf.value().into());
            }
            for (name, value) in &self.def.hidden {
                hidden.insert(name.clone().into_owned(), value.as_str().into());
            }
        }
        let mut json = json!({
            "name": self.name(),
            "method": self.def.method.as_str(),
            "language": self.language.tag(),
            "submitted": self.submitted,
            "accepted": self.accepted,
            "repeated": self.repeated,
            "deleted": self.deleted,
            "deletable": self.offers_deletion(),
            "id": self.id.as_ref().map(ToString::to_string),
            "hidden": hidden,
            "fields": self.fields_as_json(),
            "errors": errors("", &self.form_errors),
            "notices": errors("", &self.seldom.notices),
        });
        if !self.children.is_empty() {
            json["children"] = self.children.iter().map(|rows| self.rows_as_json(rows)).collect();
        }
        if let Some(draft) = self.draft_as_json() {
            json["draft"] = draft;
        }
        json
    }

    fn fields_as_json(&self) -> Json {
        self.shown().map(|(plan, state)| self.field_as_json(plan, state)).collect()
    }

    fn field_as_json(&self, plan: &FieldPlan, state: &FieldState) -> Json {
        let field = plan.field(&self.def);
        let path = self.name_of(field);
        let several = plan.multiple || field.kind.is_list();
        let files = self.files(field, state);
        let is_needed = (plan.required || state.needed) && !self.may_stay_empty(field, &files);
        let mut json = json!({
            "name": *field.name,
            "path": path,
            "type": field.kind.to_string(),
            "label": self.label(field),
            "value": match (is_upload(field), several) {
                (true, true) => json!(state.stored),
                (true, false) => state.stored.first().map_or(Json::Null, |key| json!(key)),
                (false, true) => json!(&state.values[..]),
                (false, false) => state.values.first().map_or(Json::Null, |value| json!(value)),
            },
            "required": is_needed,
            "multiple": several,
            "writable": self.is_input(plan),
            "hidden": state.hidden,
        });
        let mut add = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                json[name] = value;
            }
        };
        let texts = self.texts_of(field);
        add("comment", self.comment(field).map(Json::from));
        add("placeholder", texts.placeholder.map(Json::from));
        add("error", state.error.as_ref().map(|wrong| error(&path, wrong)));
        if self.is_input(plan) {
            add("schema", Some(field.rules().json_schema()));
            add("show_when", field.show_when.as_ref().map(frontdesk_validate::Condition::to_json));
            add("require_when", field.require_when.as_ref().map(frontdesk_validate::Condition::to_json));
            let limits = || field.choices_when.iter().map(|limit| limit.to_json()).collect();
            add("choices_when", (!field.choices_when.is_empty()).then(limits));
        }
        add(
            "choices",
            self.choices(plan, state).map(|choices| {
                choices.iter().map(|choice| json!({ "value": choice.value, "label": choice.label })).collect()
            }),
        );
        add(
            "search",
            state.searches.then(|| {
                let searched = &state.searched;
                json!({ "text": searched.text, "found": searched.found, "more": searched.more, "creates": searched.creates })
            }),
        );
        if !files.is_empty() {
            let files = files.iter().map(|file| {
                let remove =
                    file.remove.as_ref().map(|(name, value)| json!({ "name": name, "value": value }));
                json!({
                    "name": file.name,
                    "url": file.url,
                    "preview": file.preview,
                    "kept": file.kept,
                    "remove": remove,
                })
            });
            add("files", Some(files.collect()));
        }
        add(
            "conflict",
            self.conflict_texts(plan, state).map(|texts| {
                let conflict = state.conflict.as_ref();
                let take = conflict.and_then(|conflict| conflict.take).map(|take| match take {
                    Take::Mine => "mine",
                    Take::Theirs => "theirs",
                });
                let asks = conflict.is_some_and(|conflict| conflict.asks);
                json!({ "asks": asks, "before": texts.before, "theirs": texts.theirs, "take": take })
            }),
        );
        json
    }

    fn rows_as_json(&self, rows: &Rows) -> Json {
        let spec = &rows.spec;
        let row = |row: &SubRow| {
            let path = format!("{}[{}]", spec.name, row.index);
            let key = row.form.record.as_deref().and_then(frontdesk_data::Row::id).map(ToString::to_string);
            json!({
                "path": path,
                "key": key,
                "removed": row.removed,
                "fields": row.form.fields_as_json(),
                "errors": errors(&path, &row.form.form_errors),
            })
        };
        let mut json = json!({
            "name": *spec.name,
            "label": self.children_label(spec),
            "min": spec.min,
            "max": spec.max,
            "editable": self.mode != Mode::ReadOnly && !rows.too_many,
            "rows": rows.rows.iter().map(row).collect::<Vec<_>>(),
        });
        if let Some(wrong) = &rows.error {
            json["error"] = error(&spec.name, wrong);
        }
        json
    }
}

fn errors(path: &str, errors: &[ValidationError]) -> Json {
    errors.iter().map(|wrong| error(path, wrong)).collect()
}

fn error(path: &str, error: &ValidationError) -> Json {
    let params = error.params().iter().map(|(name, value)| ((*name).to_owned(), value.to_plain_json()));
    json!({
        "path": path,
        "code": error.code(),
        "text": error.text(),
        "params": params.collect::<Map<_, _>>(),
    })
}
