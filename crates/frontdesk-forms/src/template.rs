//! Forms in minijinja templates.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{AutoEscape, Error, Output, State, escape_formatter};

use crate::Form;
use crate::form::Custom;

impl Form {
    /// The form for a minijinja template, which can say `{{ form }}`, `{{ form.custom.widgets.color }}`,
    /// `{{ form.errors.color }}`, `{{ form.accepted }}`, `{{ form.vars.name }}`, `{{ form.texts.name }}` (what stands in the
    /// input, for inputs that the template writes itself) and loop over `form.custom.fields`.
    ///
    /// Markup is not escaped again; texts are.
    ///
    /// ```
    /// # use frontdesk_data::Field;
    /// # use frontdesk_forms::{Desk, Form, FormRequest};
    /// # use frontdesk_web::Secret;
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let mut request = FormRequest::new(Desk::new(Secret::random()), http::Method::GET, "/".parse().unwrap(), Default::default(), axum::body::Body::empty());
    /// # let form = Form::for_fields("paint", [Field::string("color")]).process(&mut request).await.unwrap();
    /// let mut templates = minijinja::Environment::new();
    /// templates.add_template("page.html", "{{ form.custom.begin }}{{ form.custom.widgets.color }}{{ form.custom.end }}").unwrap();
    /// let page = templates.get_template("page.html").unwrap().render(minijinja::context! { form => form.for_template() }).unwrap();
    /// assert!(page.contains(r#"name="color""#));
    /// # });
    /// ```
    pub fn for_template(&self) -> Value {
        let custom = self.custom();
        let texts = custom.fields.iter().map(|name| (name.clone(), self.text_of(name).to_owned())).collect();
        let errors = self.errors().map(|(name, error)| (name.to_owned(), error.text().to_owned())).collect();
        let vars = self
            .vars()
            .iter()
            .map(|(name, value)| (name.to_string(), Value::from(value.to_text().as_ref())))
            .collect();
        Value::from_object(TemplateForm {
            html: self.html().into_string(),
            custom: custom_value(custom),
            errors,
            texts,
            form_errors: self.form_errors().iter().map(|error| error.text().to_owned()).collect(),
            vars,
            accepted: self.accepted(),
            deleted: self.deleted(),
            submitted: self.submitted(),
        })
    }
}

/// Writes a form as HTML where a template says `{{ form }}`, and everything else as minijinja does.
///
/// A template engine escapes what it does not know to be markup. Without this formatter a template has to say
/// `{{ form.html }}`.
///
/// ```
/// # use frontdesk_data::Field;
/// # use frontdesk_forms::{Desk, Form, FormRequest};
/// # use frontdesk_web::Secret;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let mut request = FormRequest::new(Desk::new(Secret::random()), http::Method::GET, "/".parse().unwrap(), Default::default(), axum::body::Body::empty());
/// # let form = Form::for_fields("paint", [Field::string("color")]).process(&mut request).await.unwrap();
/// let mut templates = minijinja::Environment::new();
/// templates.set_formatter(frontdesk_forms::form_formatter);
/// templates.add_template("page.html", "<h1>{{ title }}</h1>{{ form }}").unwrap();
/// let context = minijinja::context! { title => "A & B", form => form.for_template() };
/// let page = templates.get_template("page.html").unwrap().render(context).unwrap();
/// assert!(page.starts_with("<h1>A &amp; B</h1><form "));
/// # });
/// ```
///
/// # Errors
/// Those of writing.
pub fn form_formatter(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.downcast_object_ref::<TemplateForm>() {
        Some(form) if matches!(state.auto_escape(), AutoEscape::Html) => Ok(out.write_str(&form.html)?),
        _ => escape_formatter(out, state, value),
    }
}

type Named<T> = std::collections::BTreeMap<String, T>;

#[derive(Debug)]
struct TemplateForm {
    html: String,
    custom: Value,
    errors: Named<String>,
    texts: Named<String>,
    form_errors: Vec<String>,
    vars: Named<Value>,
    accepted: bool,
    deleted: bool,
    submitted: bool,
}

fn safe(markup: frontdesk_html::Markup) -> Value {
    Value::from_safe_string(markup.into_string())
}

fn custom_value(custom: Custom) -> Value {
    let map = |named: Named<frontdesk_html::Markup>| {
        named.into_iter().map(|(name, markup)| (name, safe(markup))).collect::<Named<Value>>()
    };
    Value::from(Named::from(
        [
            ("begin", safe(custom.begin)),
            ("widgets", Value::from(map(custom.widgets))),
            ("labels", Value::from(map(custom.labels))),
            ("errors", Value::from(map(custom.errors))),
            ("comments", Value::from(map(custom.comments))),
            ("blocks", Value::from(map(custom.blocks))),
            ("children", Value::from(map(custom.children))),
            ("captcha", safe(custom.captcha)),
            ("submit", safe(custom.submit)),
            ("delete", safe(custom.delete)),
            ("end", safe(custom.end)),
            ("fields", Value::from(custom.fields)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    ))
}

impl Object for TemplateForm {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "custom" => self.custom.clone(),
            "errors" => Value::from(self.errors.clone()),
            "texts" => Value::from(self.texts.clone()),
            "form_errors" => Value::from(self.form_errors.clone()),
            "vars" => Value::from(self.vars.clone()),
            "accepted" => self.accepted.into(),
            "deleted" => self.deleted.into(),
            "submitted" => self.submitted.into(),
            "html" => Value::from_safe_string(self.html.clone()),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[
            "custom",
            "errors",
            "texts",
            "form_errors",
            "vars",
            "accepted",
            "deleted",
            "submitted",
            "html",
        ])
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.html)
    }
}
