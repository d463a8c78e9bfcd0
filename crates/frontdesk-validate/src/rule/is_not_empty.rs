use super::emptiness::is_nothing;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, Pattern, RuleError, ValidationError,
    Validator, Value, json_schema,
};

const MESSAGE: Message = Message::new("Enter a value");

/// `IS_NOT_EMPTY`: refuses null, a text with nothing but white space, and the empty list. `0` and `false` are values.
///
/// # Defaults
/// No expression for texts that count as empty.
///
/// # Errors
/// Code `is_not_empty`.
///
/// ```
/// use frontdesk_validate::{IsNotEmpty, Pattern, Rules, Value};
///
/// let rules = Rules::one(IsNotEmpty::new());
/// assert_eq!(rules.check_now(" x ".into()), Ok(" x ".into()));
/// assert_eq!(rules.check_now("  ".into()).unwrap_err().text(), "Enter a value");
///
/// let rules = Rules::one(IsNotEmpty::new().empty_regex(Pattern::new("NULL(?i)")?));
/// assert!(rules.check_now("null".into()).is_err());
/// # Ok::<(), frontdesk_validate::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct IsNotEmpty {
    empty: Option<Pattern>,
    message: Message,
}

impl Default for IsNotEmpty {
    fn default() -> Self {
        Self { empty: None, message: MESSAGE }
    }
}

impl IsNotEmpty {
    /// The rule with its defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Texts that count as empty too: those that `pattern` matches from their beginning.
    #[must_use]
    pub fn empty_regex(mut self, pattern: Pattern) -> Self {
        self.empty = Some(pattern);
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

impl IsNotEmpty {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsNotEmpty {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        if is_nothing(&value, self.empty.as_ref()) {
            return Err(self.error()).into();
        }
        Ok(value).into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.require_text(self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json_schema::something());
    }
}

impl FromArgs for IsNotEmpty {
    const NAME: &'static str = "is_not_empty";
    const ARGS: &'static [&'static str] = &["empty_regex", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self { empty: args.pattern("empty_regex")?, message: args.message()?.unwrap_or(MESSAGE) })
    }
}
