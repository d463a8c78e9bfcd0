use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use minijinja::value::Value;
use minijinja::{Environment, Error, UndefinedBehavior};

use super::Styles;
use crate::AuthError;

/// The templates that come with this crate. A template of one's own may extend and include them.
const BUILT_IN: [(&str, &str); 15] = [
    ("layout.html", include_str!("templates/layout.html")),
    ("controls.html", include_str!("templates/controls.html")),
    ("hidden.html", include_str!("templates/hidden.html")),
    ("page.css", include_str!("templates/page.css")),
    ("page.js", include_str!("templates/page.js")),
    ("login.html", include_str!("templates/login.html")),
    ("logout.html", include_str!("templates/logout.html")),
    ("register.html", include_str!("templates/register.html")),
    ("change_password.html", include_str!("templates/change_password.html")),
    ("password_reset.html", include_str!("templates/password_reset.html")),
    ("confirm.html", include_str!("templates/confirm.html")),
    ("message.html", include_str!("templates/message.html")),
    ("mfa_setup.html", include_str!("templates/mfa_setup.html")),
    ("passkey.js", include_str!("templates/passkey.js")),
    ("account.html", include_str!("templates/account.html")),
];

static ENVIRONMENT: LazyLock<Arc<Environment<'static>>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // What a page has nothing to say of, is left out.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    for (name, source) in BUILT_IN {
        environment.add_template(name, source).expect("a test compiles all of ours");
    }
    Arc::new(environment)
});

/// The page of an endpoint: a template of ours or of the application's, and its colours.
#[derive(Clone, Debug)]
pub(crate) struct PageTemplate {
    environment: Arc<Environment<'static>>,
    name: Cow<'static, str>,
    styles: Arc<Styles>,
}

impl PageTemplate {
    /// One of ours, by its file's name.
    pub(crate) fn built_in(name: &'static str) -> Self {
        Self { environment: Arc::clone(&ENVIRONMENT), name: name.into(), styles: Arc::default() }
    }

    pub(crate) fn styles(mut self, styles: Styles) -> Self {
        self.styles = Arc::new(styles);
        self
    }

    /// Takes a file instead. It is read now, and not again.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if it cannot be read, or is no template.
    pub(crate) fn file(mut self, path: &Path) -> Result<Self, AuthError> {
        let setup = |error: &dyn std::fmt::Display| AuthError::Setup(format!("{}: {error}", path.display()));
        let source = std::fs::read_to_string(path).map_err(|error| setup(&error))?;
        // Under a name that none of ours has, so that it may extend the one that it stands for.
        let name = format!("own/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let name = if name.ends_with(".html") { name } else { format!("{name}.html") };
        let mut environment = Environment::clone(&self.environment);
        environment.add_template_owned(name.clone(), source).map_err(|error| setup(&format!("{error:#}")))?;
        self.environment = Arc::new(environment);
        self.name = name.into();
        Ok(self)
    }

    /// The colours, for templates: each by its name, and what our layout has of them.
    pub(super) fn styles_value(&self) -> Value {
        let mut values: BTreeMap<&'static str, Value> =
            self.styles.entries().map(|(name, color)| (name, color.into())).collect();
        values.insert("color_scheme", self.styles.color_scheme().into());
        values.insert("css", Value::from_safe_string(self.styles.css()));
        Value::from(values)
    }

    pub(super) fn render(&self, context: Value) -> Result<String, Error> {
        self.environment.get_template(&self.name)?.render(context)
    }

    /// The same colours on another one of ours: what follows on an endpoint's own page.
    pub(crate) fn sibling(&self, name: &'static str) -> Self {
        Self { environment: Arc::clone(&ENVIRONMENT), name: name.into(), styles: Arc::clone(&self.styles) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_templates_compile() {
        for (name, _) in BUILT_IN {
            assert!(ENVIRONMENT.get_template(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_no_template_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("login.html");
        let template = || PageTemplate::built_in("login.html").file(&path);
        assert!(template().unwrap_err().to_string().contains("login.html"), "it is not there");
        std::fs::write(&path, "<p>\n{{ oh").unwrap();
        let error = template().unwrap_err().to_string();
        assert!(error.contains("login.html") && error.contains(":2"), "{error}");
        std::fs::write(&path, "{% extends 'login.html' %}{% block title %}Hi{% endblock %}").unwrap();
        assert!(template().is_ok());
    }
}
