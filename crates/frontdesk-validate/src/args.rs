use serde_json::{Map, Value as Json};

use crate::{Message, Pattern, PatternError, Registry, RuleError, Rules, Value};

/// The arguments of a rule that is read from data. Each is taken once; what nobody took is an unknown argument.
#[derive(Debug)]
pub struct Args<'r> {
    rule: &'r str,
    left: Map<String, Json>,
    registry: &'r Registry,
}

impl<'r> Args<'r> {
    pub(crate) fn new(rule: &'r str, left: Map<String, Json>, registry: &'r Registry) -> Self {
        Self { rule, left, registry }
    }

    /// The registry that reads this rule, for rules that hold rules.
    pub fn registry(&self) -> &'r Registry {
        self.registry
    }

    /// Takes an argument as it stands. Absent is `None`; an explicit null is `Some(Json::Null)`.
    pub fn take(&mut self, name: &str) -> Option<Json> {
        self.left.shift_remove(name)
    }

    /// An error about an argument: `wanted` completes the sentence "… wants …".
    pub fn wrong(&self, name: &str, wanted: &str, found: &Json) -> RuleError {
        RuleError::Argument {
            rule: self.rule.to_owned(),
            argument: name.to_owned(),
            problem: format!("wants {wanted}, not {found}"),
        }
    }

    /// An error about an argument whose value is of the right kind but makes no sense, with the reason.
    pub fn senseless(&self, name: &str, problem: impl Into<String>) -> RuleError {
        RuleError::Argument { rule: self.rule.to_owned(), argument: name.to_owned(), problem: problem.into() }
    }

    /// An error about an argument that is needed and absent.
    pub fn missing(&self, name: &str) -> RuleError {
        RuleError::Missing { rule: self.rule.to_owned(), argument: name.to_owned() }
    }

    fn convert<T>(
        &mut self,
        name: &str,
        wanted: &str,
        convert: impl FnOnce(&Json) -> Option<T>,
    ) -> Result<Option<T>, RuleError> {
        match self.take(name) {
            None | Some(Json::Null) => Ok(None),
            Some(json) => convert(&json).map(Some).ok_or_else(|| self.wrong(name, wanted, &json)),
        }
    }

    /// A text, or nothing where the argument is absent or null.
    ///
    /// # Errors
    /// [`RuleError::Argument`], if it is something else. So for the other takers.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, RuleError> {
        self.convert(name, "a text", |json| json.as_str().map(str::to_owned))
    }

    /// One text or a list of texts.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, RuleError> {
        self.convert(name, "a text or a list of texts", |json| match json {
            Json::String(text) => Some(vec![text.clone()]),
            Json::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        })
    }

    /// A whole number.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn int(&mut self, name: &str) -> Result<Option<i64>, RuleError> {
        self.convert(name, "a whole number", Json::as_i64)
    }

    /// A whole number that is not negative.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn size(&mut self, name: &str) -> Result<Option<u64>, RuleError> {
        self.convert(name, "a whole number from 0", Json::as_u64)
    }

    /// A number.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn float(&mut self, name: &str) -> Result<Option<f64>, RuleError> {
        self.convert(name, "a number", Json::as_f64)
    }

    /// True or false.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, RuleError> {
        self.convert(name, "true or false", Json::as_bool)
    }

    /// Any value, tags such as `{"$date": …}` included. An explicit null is `Some(Value::Null)`.
    ///
    /// # Errors
    /// [`RuleError::Argument`], if a tag's content is not of its kind.
    pub fn value(&mut self, name: &str) -> Result<Option<Value>, RuleError> {
        match self.take(name) {
            None => Ok(None),
            Some(json) => match Value::from_tagged_json(&json) {
                Ok(value) => Ok(Some(value)),
                Err(error) => Err(self.senseless(name, error.to_string())),
            },
        }
    }

    /// A regular expression: a text, or `{"$regex": "…"}`.
    ///
    /// # Errors
    /// [`RuleError::Argument`], with the engine's words where it cannot be compiled.
    pub fn pattern(&mut self, name: &str) -> Result<Option<Pattern>, RuleError> {
        match self.take(name) {
            None | Some(Json::Null) => Ok(None),
            Some(json) => {
                let source =
                    pattern_source(&json).ok_or_else(|| self.wrong(name, "a regular expression", &json))?;
                Pattern::new(source).map(Some).map_err(|error| self.bad_pattern(name, &error))
            }
        }
    }

    pub(crate) fn bad_pattern(&self, name: &str, error: &PatternError) -> RuleError {
        self.senseless(name, format!("is no regular expression: {error}"))
    }

    /// A rule, or a list of rules.
    ///
    /// # Errors
    /// [`RuleError`], if one of them is wrong.
    pub fn rules(&mut self, name: &str) -> Result<Option<Rules>, RuleError> {
        match self.take(name) {
            None | Some(Json::Null) => Ok(None),
            Some(json) => self.registry.rules(&json).map(Some),
        }
    }

    /// The argument `error_message`.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn message(&mut self) -> Result<Option<Message>, RuleError> {
        Ok(self.text("error_message")?.map(Message::from))
    }

    pub(crate) fn first_left(&self) -> Option<&str> {
        self.left.keys().next().map(String::as_str)
    }
}

/// The expression in `"…"` or `{"$regex": "…"}`.
pub(crate) fn pattern_source(json: &Json) -> Option<&str> {
    match json {
        Json::String(source) => Some(source),
        Json::Object(object) if object.len() == 1 => object.get("$regex")?.as_str(),
        _ => None,
    }
}
