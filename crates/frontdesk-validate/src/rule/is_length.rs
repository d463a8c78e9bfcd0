use serde_json::json;

use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value,
};

const MESSAGE: Message = Message::new("Enter from %(min)g to %(max)g characters");

/// `IS_LENGTH`: the length of a text in code points, of a file in bytes, of a list in items.
///
/// Other values are measured by their text, and come back as text. Null has the length 0.
///
/// # Defaults
/// At least 0, at most 255.
///
/// # Errors
/// Code `is_length` with `min` and `max`.
///
/// ```
/// use frontdesk_validate::{IsLength, Rules};
///
/// let short = Rules::one(IsLength::max(15).min(2));
/// assert_eq!(short.check_now("example string".into()), Ok("example string".into()));
/// assert_eq!(short.check_now(33.into()), Ok("33".into()));
/// assert_eq!(
///     short.check_now("example long string".into()).unwrap_err().text(),
///     "Enter from 2 to 15 characters",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct IsLength {
    min: u64,
    max: u64,
    message: Message,
}

impl Default for IsLength {
    fn default() -> Self {
        Self { min: 0, max: 255, message: MESSAGE }
    }
}

impl IsLength {
    /// At most `max`.
    pub fn max(max: u64) -> Self {
        Self { max, ..Self::default() }
    }

    /// At least `min`.
    #[must_use]
    pub fn min(mut self, min: u64) -> Self {
        self.min = min;
        self
    }

    /// Another text for the error; it may name `%(min)s` and `%(max)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

impl IsLength {
    fn error(&self) -> ValidationError {
        let params = vec![("min", number(self.min)), ("max", number(self.max))];
        ValidationError::with_params(Self::NAME, &self.message, params)
    }
}

impl Validator for IsLength {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let value = match value {
            keep @ (Value::Null | Value::Text(_) | Value::List(_) | Value::File(_) | Value::Bytes(_)) => keep,
            other => Value::Text(other.into_text()),
        };
        let length = match &value {
            Value::Text(text) => text.chars().count() as u64,
            Value::List(items) => items.len() as u64,
            Value::Bytes(bytes) => bytes.len() as u64,
            Value::File(file) => file.size(),
            _ => 0,
        };
        if (self.min..=self.max).contains(&length) {
            return Ok(value).into();
        }
        Err(self.error()).into()
    }

    fn constraints(&self, out: &mut Constraints) {
        if self.min > 0 {
            out.at_least_chars(self.min, self.error());
        }
        out.at_most_chars(self.max, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        let mut schema = json!({});
        if self.min > 0 {
            schema["type"] = json!(["string", "number", "boolean", "array", "object"]);
            schema["minLength"] = self.min.into();
            schema["minItems"] = self.min.into();
        }
        if self.max < u64::from(u32::MAX) {
            schema["maxLength"] = self.max.into();
            schema["maxItems"] = self.max.into();
        }
        out.and(schema);
        // A number goes on as its text; what the next rule says of texts holds for it all the same, or less.
    }
}

fn number(size: u64) -> Value {
    Value::Int(i64::try_from(size).unwrap_or(i64::MAX))
}

impl FromArgs for IsLength {
    const NAME: &'static str = "is_length";
    const ARGS: &'static [&'static str] = &["maxsize", "minsize", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            max: args.size("maxsize")?.unwrap_or(255),
            min: args.size("minsize")?.unwrap_or(0),
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}
