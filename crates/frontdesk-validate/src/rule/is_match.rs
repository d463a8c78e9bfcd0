use super::text::scalar_text;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, Pattern, PatternError, Place,
    RuleError, ValidationError, Validator, Value, json_schema, portable,
};

const MESSAGE: Message = Message::new("Invalid expression");

/// `IS_MATCH`: matches a regular expression, by default from the beginning to wherever the expression reaches.
///
/// See [`Pattern`] for the syntax, and for what happens with expressions that would take long.
///
/// # Defaults
/// Anchored at the beginning, not at the end; the value comes back whole.
///
/// # Errors
/// Code `is_match`.
///
/// ```
/// use frontdesk_validate::{IsMatch, Rules};
///
/// let zip = Rules::one(IsMatch::new(r"^\d{5}(-\d{4})?$")?.error_message("not a zip code"));
/// assert!(zip.check_now("60614-1234".into()).is_ok());
/// assert_eq!(zip.check_now("6061".into()).unwrap_err().text(), "not a zip code");
///
/// let number = Rules::one(IsMatch::new(r"\d+")?.search().extract());
/// assert_eq!(number.check_now("age 42!".into()), Ok("42".into()));
/// # Ok::<(), frontdesk_validate::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct IsMatch {
    pattern: Pattern,
    place: Place,
    extract: bool,
    message: Message,
}

impl IsMatch {
    /// Matches from the beginning.
    ///
    /// # Errors
    /// [`PatternError`], if `expression` is no regular expression.
    pub fn new(expression: &str) -> Result<Self, PatternError> {
        Pattern::new(expression).map(Self::pattern)
    }

    /// As [`new`](Self::new), with an expression that is compiled already.
    pub fn pattern(pattern: Pattern) -> Self {
        Self { pattern, place: Place::Start, extract: false, message: MESSAGE }
    }

    /// The expression has to match the whole text.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.place = Place::Whole;
        self
    }

    /// The expression may match anywhere in the text. After [`strict`](Self::strict) it changes nothing.
    #[must_use]
    pub fn search(mut self) -> Self {
        if self.place == Place::Start {
            self.place = Place::Anywhere;
        }
        self
    }

    /// Gives back what matched instead of all of the text.
    #[must_use]
    pub fn extract(mut self) -> Self {
        self.extract = true;
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    fn matched(&self, mut text: String) -> Option<String> {
        if !self.extract {
            return self.pattern.is_match(self.place, &text).unwrap_or(false).then_some(text);
        }
        let found = self.pattern.find_at(self.place, &text).unwrap_or(None)?;
        text.truncate(found.end);
        text.drain(..found.start);
        Some(text)
    }
}

impl IsMatch {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsMatch {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match scalar_text(value).and_then(|text| self.matched(text)) {
            Some(text) => Ok(Value::Text(text)),
            None => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        if let Some(pattern) = portable::whole(&self.pattern, self.place) {
            out.match_whole(pattern, self.error());
        }
        if self.extract {
            out.end();
        }
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json_schema::scalar(portable::whole(&self.pattern, self.place).as_deref()));
        if self.extract {
            out.end();
        }
    }
}

impl FromArgs for IsMatch {
    const NAME: &'static str = "is_match";
    const ARGS: &'static [&'static str] = &["expression", "strict", "search", "extract", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let mut rule = Self::pattern(args.pattern("expression")?.ok_or_else(|| args.missing("expression"))?);
        if args.flag("strict")?.unwrap_or(false) {
            rule = rule.strict();
        }
        if args.flag("search")?.unwrap_or(false) {
            rule = rule.search();
        }
        rule.extract = args.flag("extract")?.unwrap_or(false);
        rule.message = args.message()?.unwrap_or(MESSAGE);
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Registry, Rules};

    #[test]
    fn a_bad_expression_is_told_when_the_rule_is_made() {
        let error = Registry::standard().rules(&json!({"rule": "is_match", "expression": "(a"})).unwrap_err();
        assert!(error.to_string().contains("argument `expression` is no regular expression"), "{error}");
        assert!(error.to_string().contains("unclosed group"), "{error}");
        let error = Registry::standard().rules(&json!({"rule": "is_match"})).unwrap_err();
        assert_eq!(error.to_string(), "rule `is_match` needs the argument `expression`");
    }

    #[test]
    fn what_takes_too_many_steps_is_refused() {
        let slow = Rules::one(IsMatch::new(r"(a|aa)+(?!.)\1x").unwrap());
        assert!(slow.check_now("a".repeat(500).into()).is_err());
    }
}
