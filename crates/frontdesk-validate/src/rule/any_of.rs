use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Value as Json, json};

use crate::{
    Args, Checked, Choice, Context, FromArgs, JsonSchema, Message, Options, RuleError, Rules,
    ValidationError, Validator, Value,
};

/// `ANY_OF`: what one of several rules accepts, as the first that does returns it.
///
/// It offers choices where all of its rules do: those of all.
///
/// # Errors
/// That of the last rule, or with [`error_message`](Self::error_message) the code `any_of` with that text. Without any
/// rule nothing is accepted.
///
/// ```
/// use frontdesk_validate::{AnyOf, IsDate, IsTime, Rules};
///
/// let when = Rules::one(AnyOf::new().or(IsTime::new()).or(IsDate::new()));
/// assert!(when.check_now("21:30".into()).is_ok());
/// assert!(when.check_now("2008-03-03".into()).is_ok());
/// assert_eq!(when.check_now("soon".into()).unwrap_err().text(), "Enter date as 1963-08-28");
/// ```
#[derive(Clone, Debug, Default)]
pub struct AnyOf {
    subs: Vec<Rules>,
    message: Option<Message>,
}

impl AnyOf {
    /// Without a rule yet; add them with [`or`](Self::or).
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an alternative: a rule, or [`Rules`] that all have to accept.
    #[must_use]
    pub fn or(mut self, rules: impl Into<Rules>) -> Self {
        self.subs.push(rules.into());
        self
    }

    /// One text for the error, in place of that of the last rule.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }

    fn error(&self, last: ValidationError) -> ValidationError {
        match &self.message {
            // That nobody could be asked is never reworded to a refusal.
            Some(message) if !last.is_unavailable() => {
                ValidationError::with_params(Self::NAME, message, last.params().to_vec())
            }
            _ => last,
        }
    }

    /// Tries the alternatives from `next` on; `last` is the error of the one before.
    fn check_from<'a>(
        &'a self,
        next: usize,
        value: Value,
        context: Context<'a>,
        mut last: ValidationError,
    ) -> Checked<'a> {
        for (index, rules) in self.subs.iter().enumerate().skip(next) {
            if index + 1 == self.subs.len() {
                return rules.check(value, context).map_err(|error| self.error(error));
            }
            match rules.check(value.clone(), context) {
                Checked::Done(Ok(accepted)) => return Ok(accepted).into(),
                Checked::Done(Err(error)) => last = error,
                Checked::Later(future) => {
                    return Checked::Later(Box::pin(async move {
                        match future.await {
                            Ok(accepted) => Ok(accepted),
                            Err(error) => self.check_from(index + 1, value, context, error).wait().await,
                        }
                    }));
                }
            }
        }
        Err(self.error(last)).into()
    }
}

/// All choices in order, each value once.
fn merged(all: Vec<Vec<Choice>>) -> Vec<Choice> {
    let mut seen = HashSet::new();
    all.into_iter().flatten().filter(|choice| seen.insert(choice.value.clone())).collect()
}

impl Validator for AnyOf {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
        self.check_from(0, value, context, ValidationError::new(Self::NAME, "Value not allowed"))
    }

    fn options(&self) -> Options<'_> {
        let mut ready = Vec::new();
        for (index, rules) in self.subs.iter().enumerate() {
            match rules.options() {
                // What the others accept could not be chosen.
                Options::None => return Options::None,
                Options::Ready(choices) => ready.push(choices.into_owned()),
                first @ Options::Later(_) => {
                    return Options::Later(Box::pin(async move {
                        let mut rest = Some(first);
                        for rules in &self.subs[index..] {
                            let options = rest.take().unwrap_or_else(|| rules.options());
                            let Some(choices) = options.wait().await? else { return Ok(None) };
                            ready.push(choices.into_owned());
                        }
                        Ok(Some(merged(ready)))
                    }));
                }
            }
        }
        if ready.is_empty() { Options::None } else { Options::Ready(Cow::Owned(merged(ready))) }
    }

    fn offers_in_list(&self) -> bool {
        self.subs.iter().flat_map(|rules| rules.iter().next()).all(|rule| rule.offers_in_list())
    }

    fn multiple(&self) -> bool {
        self.subs.iter().any(Rules::multiple)
    }

    fn format(&self, value: &Value) -> Option<String> {
        self.subs.iter().find_map(|rules| rules.format(value))
    }

    fn accepts_empty(&self) -> bool {
        self.subs.iter().any(Rules::accept_empty)
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        if !self.subs.is_empty() {
            out.and(json!({"anyOf": self.subs.iter().map(Rules::json_schema).collect::<Vec<_>>()}));
        }
        out.end();
    }
}

impl FromArgs for AnyOf {
    const NAME: &'static str = "any_of";
    const ARGS: &'static [&'static str] = &["subs", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let json = args.take("subs").ok_or_else(|| args.missing("subs"))?;
        let subs = match &json {
            Json::Array(items) if !items.is_empty() => {
                items.iter().map(|item| args.registry().rules(item)).collect::<Result<_, _>>()?
            }
            _ => return Err(args.wrong("subs", "a list of at least one rule", &json)),
        };
        Ok(Self { subs, message: args.message()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IsEmptyOr, IsInSet, IsIntInRange, IsLength, Registry, async_rule_fn};

    #[tokio::test]
    async fn an_alternative_may_answer_later() {
        let later = |wanted: &'static str| {
            async_rule_fn(async move |value: Value| match value.as_str() == Some(wanted) {
                true => Ok(value),
                false => Err(wanted.into()),
            })
        };
        let rules = Rules::one(AnyOf::new().or(later("a")).or(IsIntInRange::any()).or(later("c")));
        for text in ["a", "7", "c"] {
            assert!(rules.validate(text.into(), Context::empty()).await.is_ok(), "{text}");
        }
        assert_eq!(rules.validate("d".into(), Context::empty()).await.unwrap_err().text(), "c");
    }

    #[test]
    fn choices_are_offered_where_all_offer_some() {
        let set = |a, b| IsInSet::new([a, b]).without_zero();
        let values = |rule: &AnyOf| match rule.options() {
            Options::Ready(choices) => choices.iter().map(|choice| choice.value.clone()).collect(),
            _ => Vec::new(),
        };
        assert_eq!(values(&AnyOf::new().or(set("a", "b")).or(set("b", "c"))), ["a", "b", "c"]);
        assert_eq!(values(&AnyOf::new().or(set("a", "b")).or(IsLength::max(3))), Vec::<String>::new());
    }

    #[test]
    fn nothing_is_accepted_where_one_alternative_accepts_it() {
        assert!(AnyOf::new().or(IsIntInRange::any()).or(IsEmptyOr::new(IsIntInRange::any())).accepts_empty());
        assert!(!AnyOf::new().or(IsIntInRange::any()).accepts_empty());
    }

    #[test]
    fn no_alternative_accepts_nothing() {
        assert_eq!(Rules::one(AnyOf::new()).check_now("x".into()).unwrap_err().code(), "any_of");
        let error = Registry::standard().rules(&json!({"rule": "any_of", "subs": []})).unwrap_err();
        assert!(error.to_string().contains("`subs` wants a list of at least one rule"), "{error}");
    }
}
