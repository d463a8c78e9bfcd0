use super::text::map_texts;
use crate::{
    Args, Checked, Context, FromArgs, Message, Pattern, RuleError, StepLimit, ValidationError, Validator,
    Value,
};

const MESSAGE: Message = Message::new("Invalid expression");

/// `CLEANUP`: removes characters from a text, after the white space at its ends.
///
/// Numbers come back as text, null as the empty text; in a list each text is cleaned.
///
/// # Defaults
/// Removes all but line feed, carriage return and the codes from 32 to 127.
///
/// # Errors
/// It never refuses with the default. With an expression that takes too long on the text (see [`Pattern`]) it does:
/// code `cleanup`.
///
/// ```
/// use frontdesk_validate::{Cleanup, Pattern, Rules};
///
/// assert_eq!(Rules::one(Cleanup::new()).check_now("  helloò\0 ".into()), Ok("hello".into()));
///
/// let digits = Rules::one(Cleanup::removing(Pattern::new(r"[^\d]")?));
/// assert_eq!(digits.check_now("Hello 123 world 456".into()), Ok("123456".into()));
/// # Ok::<(), frontdesk_validate::PatternError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cleanup {
    pattern: Option<Pattern>,
}

impl Cleanup {
    /// Removes what is not plain ASCII text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes what `pattern` matches.
    pub fn removing(pattern: Pattern) -> Self {
        Self { pattern: Some(pattern) }
    }
}

fn trim(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.drain(..text.len() - text.trim_start().len());
}

impl Validator for Cleanup {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        if value.is_null() {
            return Ok(Value::Text(String::new())).into();
        }
        let failed = std::cell::Cell::new(false);
        let value = map_texts(value, &|mut text| {
            trim(&mut text);
            match &self.pattern {
                None => text.retain(|c| matches!(c, '\n' | '\r' | ' '..='\x7f')),
                Some(pattern) => match pattern.replace_all(&text, "") {
                    Ok(std::borrow::Cow::Owned(cleaned)) => return cleaned,
                    Ok(std::borrow::Cow::Borrowed(_)) => {}
                    Err(StepLimit) => failed.set(true),
                },
            }
            text
        });
        if failed.get() {
            return Err(ValidationError::with_params(Self::NAME, &MESSAGE, Vec::new())).into();
        }
        Ok(value).into()
    }
}

impl FromArgs for Cleanup {
    const NAME: &'static str = "cleanup";
    const ARGS: &'static [&'static str] = &["regex"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self { pattern: args.pattern("regex")? })
    }
}
