use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value,
};

const MESSAGE: Message = Message::new("Invalid json");

/// `IS_JSON`: a text that is JSON becomes the document; a value that is no text passes as it is.
///
/// JSON is RFC 8259's: no `NaN`, no lone surrogates, at most 128 levels. A whole number beyond 64 bits has the
/// precision of a double, and a number beyond a double's range is refused.
///
/// # Defaults
/// The text is converted; with [`native`](Self::native) it stays text.
///
/// # Errors
/// Code `is_json`.
///
/// ```
/// use frontdesk_validate::{IsJson, Rules, Value};
///
/// let json = Rules::one(IsJson::new());
/// assert_eq!(json.check_now(r#"{"a": 100}"#.into()), Ok(serde_json::json!({"a": 100}).into()));
/// assert_eq!(json.check_now("spam1234".into()).unwrap_err().text(), "Invalid json");
/// assert_eq!(Rules::one(IsJson::new().native()).check_now("[1]".into()), Ok("[1]".into()));
/// ```
#[derive(Clone, Debug)]
pub struct IsJson {
    native: bool,
    message: Message,
}

impl Default for IsJson {
    fn default() -> Self {
        Self { native: false, message: MESSAGE }
    }
}

impl IsJson {
    /// The rule with its defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves the text as it was typed: for a column that takes JSON as text.
    #[must_use]
    pub fn native(mut self) -> Self {
        self.native = true;
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

impl IsJson {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsJson {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let Value::Text(text) = value else { return Ok(value).into() };
        // Reading it to the end is the check, also where the text is kept: what skips values is less strict.
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(_) if self.native => Ok(Value::Text(text)),
            Ok(document) => Ok(document.into()),
            Err(_) => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        if !self.native {
            out.end();
        }
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        if !self.native {
            out.end();
        }
    }
}

impl FromArgs for IsJson {
    const NAME: &'static str = "is_json";
    const ARGS: &'static [&'static str] = &["native_json", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            native: args.flag("native_json")?.unwrap_or(false),
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn what_looks_like_a_tag_is_only_json() {
        let document = serde_json::json!({"$date": "x"});
        assert_eq!(Rules::one(IsJson::new()).check_now(document.to_string().into()), Ok(document.into()));
    }

    #[test]
    fn deep_nesting_is_refused() {
        for rule in [IsJson::new(), IsJson::new().native()] {
            assert!(Rules::one(rule).check_now("[".repeat(1 << 20).into()).is_err());
        }
    }
}
