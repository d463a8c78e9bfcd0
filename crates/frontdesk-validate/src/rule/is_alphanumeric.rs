use super::text::scalar_text;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value, json_schema,
};

const MESSAGE: Message = Message::new("Enter only letters, numbers, and underscore");

const ASCII: &str = "[0-9A-Za-z_]*";

/// `IS_ALPHANUMERIC`: nothing but `a-z`, `A-Z`, `0-9` and `_`. Empty text passes.
///
/// # Defaults
/// Only ASCII; [`unicode`](Self::unicode) takes the letters and digits of all scripts.
///
/// # Errors
/// Code `is_alphanumeric`.
///
/// ```
/// use frontdesk_validate::{IsAlphanumeric, Rules};
///
/// let name = Rules::one(IsAlphanumeric::new());
/// assert!(name.check_now("abc_123".into()).is_ok());
/// assert_eq!(
///     name.check_now("test!".into()).unwrap_err().text(),
///     "Enter only letters, numbers, and underscore",
/// );
/// assert!(name.check_now("naïve".into()).is_err());
/// assert!(Rules::one(IsAlphanumeric::new().unicode()).check_now("naïve".into()).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct IsAlphanumeric {
    unicode: bool,
    message: Message,
}

impl Default for IsAlphanumeric {
    fn default() -> Self {
        Self { unicode: false, message: MESSAGE }
    }
}

impl IsAlphanumeric {
    /// The rule with its defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes letters and digits of all scripts. A letter that is written as a base and a combining mark is refused.
    #[must_use]
    pub fn unicode(mut self) -> Self {
        self.unicode = true;
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    fn allows(&self, text: &str) -> bool {
        if self.unicode {
            text.chars().all(|c| c == '_' || c.is_alphanumeric())
        } else {
            text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        }
    }
}

impl IsAlphanumeric {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsAlphanumeric {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match scalar_text(value) {
            Some(text) if self.allows(&text) => Ok(Value::Text(text)),
            _ => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        // A browser may know fewer letters than we do.
        if !self.unicode {
            out.match_whole(ASCII, self.error());
        }
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json_schema::scalar((!self.unicode).then_some(ASCII)));
    }
}

impl FromArgs for IsAlphanumeric {
    const NAME: &'static str = "is_alphanumeric";
    const ARGS: &'static [&'static str] = &["unicode", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            unicode: args.flag("unicode")?.unwrap_or(false),
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}
