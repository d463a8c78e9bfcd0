use serde_json::{Map, Value as Json, json};

use super::{Form, Mode};

impl Form {
    /// The form as JSON, for clients that draw it themselves.
    ///
    /// An object with `name`, `method`, `submitted`, `accepted`, `deleted`, `hidden` (what to send back), `fields` (a list of
    /// `name`, `type`, `label`, `value`, `required`, `multiple`, `writable`, and where there are some `comment`,
    /// `placeholder`, `choices`, `error`) and `errors` of the form as a whole. An error is `code`, `text` and `params`.
    ///
    /// Such a client submits a JSON object with a member for each field, and the members of `hidden`.
    pub fn as_json(&self) -> Json {
        let mut hidden = Map::new();
        if self.mode != Mode::ReadOnly {
            hidden.insert("_formname".to_owned(), self.def.form_name().into());
            if let Some(token) = &self.token {
                hidden.insert("_formkey".to_owned(), token.as_str().into());
            }
            for (name, value) in &self.def.hidden {
                hidden.insert(name.clone().into_owned(), value.as_str().into());
            }
        }
        let fields = self.shown().map(|(plan, state)| {
            let field = plan.field(&self.def);
            let mut json = json!({
                "name": *field.name,
                "type": field.kind.to_string(),
                "label": field.label,
                "value": match (field.kind.is_upload(), plan.multiple || field.kind.is_list()) {
                    (true, true) => json!(state.stored),
                    (true, false) => state.stored.first().map_or(Json::Null, |key| json!(key)),
                    (false, true) => json!(state.values),
                    (false, false) => state.values.first().map_or(Json::Null, |value| json!(value)),
                },
                "required": plan.required,
                "multiple": plan.multiple || field.kind.is_list(),
                "writable": self.is_input(field),
            });
            let mut add = |name: &str, value: Option<Json>| {
                if let Some(value) = value {
                    json[name] = value;
                }
            };
            add("comment", field.comment.as_deref().map(Json::from));
            add("placeholder", field.placeholder.as_deref().map(Json::from));
            add("error", state.error.as_ref().map(error));
            add(
                "choices",
                self.choices(plan, state).map(|choices| {
                    choices
                        .iter()
                        .map(|choice| json!({ "value": choice.value, "label": choice.label }))
                        .collect()
                }),
            );
            json
        });
        json!({
            "name": self.name(),
            "method": self.def.method.as_str(),
            "submitted": self.submitted,
            "accepted": self.accepted,
            "deleted": self.deleted,
            "deletable": self.offers_deletion(),
            "id": self.id.as_ref().map(ToString::to_string),
            "hidden": hidden,
            "fields": fields.collect::<Vec<_>>(),
            "errors": self.form_errors.iter().map(error).collect::<Vec<_>>(),
        })
    }
}

fn error(error: &frontdesk_validate::ValidationError) -> Json {
    let params = error.params().iter().map(|(name, value)| ((*name).to_owned(), value.to_plain_json()));
    json!({ "code": error.code(), "text": error.text(), "params": params.collect::<Map<_, _>>() })
}
