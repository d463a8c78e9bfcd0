use std::collections::HashSet;

use serde_json::json;

use super::is_email::{email_pattern, is_email_address};
use crate::{
    Args, Checked, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError, Validator, Value,
    json_schema,
};

const MESSAGE: Message = Message::new("Invalid emails: %s");

/// How many bad addresses an error names.
const MAX_NAMED: usize = 20;

/// `IS_LIST_OF_EMAILS`: email addresses, separated by commas, semicolons or white space; the value becomes their list.
///
/// A list, and a text that is a JSON list, are taken item by item. Quotation marks around an address are dropped. No
/// address at all passes as the empty list.
///
/// # Errors
/// Code `is_list_of_emails` with `emails`: those that look wrong, each once, the first 20 of them. The text may name
/// them as `%s`.
///
/// ```
/// use frontdesk_validate::{IsListOfEmails, Rules, Value};
///
/// let emails = Rules::one(IsListOfEmails::new());
/// let list = Value::List(vec!["a@b.com".into(), "c@d.org".into()]);
/// assert_eq!(emails.check_now("a@b.com; c@d.org".into()), Ok(list));
/// assert_eq!(emails.check_now("a@b.com, x y".into()).unwrap_err().text(), "Invalid emails: x, y");
/// ```
#[derive(Clone, Debug)]
pub struct IsListOfEmails {
    message: Message,
}

impl Default for IsListOfEmails {
    fn default() -> Self {
        Self { message: MESSAGE }
    }
}

impl IsListOfEmails {
    /// The rule.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another text for the error; it may name `%s` or `%(emails)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

fn items(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) => items,
        Value::Null => Vec::new(),
        Value::Text(text) => json_list(&text).unwrap_or_else(|| split(&text).map(Value::from).collect()),
        other => vec![other],
    }
}

fn json_list(text: &str) -> Option<Vec<Value>> {
    let text = text.trim();
    if !(text.starts_with('[') && text.ends_with(']')) {
        return None;
    }
    let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    let value = |item| match item {
        serde_json::Value::String(text) => Value::Text(text),
        other => other.into(),
    };
    Some(items.into_iter().map(value).collect())
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| matches!(c, ',' | ';') || c.is_whitespace())
        .map(|part| part.strip_prefix('"').and_then(|part| part.strip_suffix('"')).unwrap_or(part))
        .filter(|part| !part.is_empty())
}

/// What an error shows of an item.
fn shown(item: &Value) -> String {
    if item.is_null() { "null".to_owned() } else { item.to_text().into_owned() }
}

impl Validator for IsListOfEmails {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let items = items(value);
        let mut bad = Vec::new();
        let mut seen = HashSet::new();
        let wrong = |item: &&Value| !item.as_str().is_some_and(is_email_address);
        for text in items.iter().filter(wrong).map(shown) {
            if bad.len() == MAX_NAMED {
                bad.push("…".to_owned());
                break;
            }
            if seen.insert(text.clone()) {
                bad.push(text);
            }
        }
        if bad.is_empty() {
            return Ok(Value::List(items)).into();
        }
        let params = vec![("emails", Value::Text(bad.join(", ")))];
        Err(ValidationError::with_params(Self::NAME, &self.message, params)).into()
    }

    fn format(&self, value: &Value) -> Option<String> {
        let items = value.as_list()?;
        Some(items.iter().map(|item| item.to_text()).collect::<Vec<_>>().join(", "))
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        let pattern = json_schema::whole(&email_pattern());
        out.and(json!({"items": {"type": "string", "format": "email", "pattern": pattern}}));
        out.end();
    }
}

impl FromArgs for IsListOfEmails {
    const NAME: &'static str = "is_list_of_emails";
    const ARGS: &'static [&'static str] = &["error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self { message: args.message()?.unwrap_or(MESSAGE) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn an_error_names_a_few_of_many() {
        let text: String = (0..1000).map(|number| format!("{number} ")).collect();
        let error = Rules::one(IsListOfEmails::new()).check_now(text.into()).unwrap_err();
        assert!(error.text().ends_with("18, 19, …"), "{error}");
    }

    #[test]
    fn the_list_is_written_as_it_is_read() {
        let rule = IsListOfEmails::new();
        let list = Value::List(vec!["a@b.com".into(), "c@d.org".into()]);
        let text = rule.format(&list).unwrap();
        assert_eq!(text, "a@b.com, c@d.org");
        assert_eq!(Rules::one(rule).check_now(text.into()), Ok(list));
    }
}
