use jiff::civil::Time;

use serde_json::json;

use crate::{
    Args, Checked, Constraints, Context, FromArgs, InputKind, JsonSchema, Message, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Enter time as hh:mm:ss (seconds, am, pm optional)");

/// `IS_TIME`: a time of day, as people write it. Text becomes [`Value::Time`].
///
/// Hours, then perhaps minutes, then perhaps seconds, with any separators that are no digits (`21:30`, `21h30`,
/// `9.05.07`), then perhaps `am` or `pm`. `12am` is midnight; `pm` behind an hour past 12 is ignored.
///
/// # Errors
/// Code `is_time`.
///
/// ```
/// use frontdesk_validate::{IsTime, Rules, Value, civil::time};
///
/// let opens = Rules::one(IsTime::new());
/// assert_eq!(opens.check_now("5:30 pm".into()), Ok(Value::Time(time(17, 30, 0, 0))));
/// assert_eq!(
///     opens.check_now("24:30".into()).unwrap_err().text(),
///     "Enter time as hh:mm:ss (seconds, am, pm optional)",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct IsTime {
    message: Message,
}

impl Default for IsTime {
    fn default() -> Self {
        Self { message: MESSAGE }
    }
}

impl IsTime {
    /// A time of day.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

/// Reads all of `text`.
fn parse(text: &str) -> Option<Time> {
    let (mut hour, rest) = number(text)?;
    let (minute, rest) = part(rest).unwrap_or((0, rest));
    let (second, rest) = part(rest).unwrap_or((0, rest));
    let rest = rest.trim();
    if rest.eq_ignore_ascii_case("pm") {
        hour = if (1..12).contains(&hour) { hour + 12 } else { hour };
    } else if rest.eq_ignore_ascii_case("am") {
        hour = if hour == 12 { 0 } else { hour };
    } else if !rest.is_empty() {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

/// A separator and the number behind it.
fn part(text: &str) -> Option<(i8, &str)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let separator = text[..digits].trim_end_matches(' ');
    if separator.is_empty() || separator.contains(' ') {
        return None;
    }
    number(&text[digits..])
}

fn number(text: &str) -> Option<(i8, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

impl IsTime {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsTime {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let time = match &value {
            Value::Time(time) => Some(*time),
            Value::Text(text) => parse(text),
            _ => None,
        };
        match time {
            Some(time) => Ok(Value::Time(time)),
            None => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.read_as(InputKind::Time, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string"}));
        out.end();
    }
}

impl FromArgs for IsTime {
    const NAME: &'static str = "is_time";
    const ARGS: &'static [&'static str] = &["error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self { message: args.message()?.unwrap_or(MESSAGE) })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    #[test]
    fn the_whole_text_is_read() {
        assert_eq!(parse("9:05:07 pm"), Some(time(21, 5, 7, 0)));
        assert_eq!(parse("21: 30"), Some(time(21, 30, 0, 0)));
        for text in [
            "21 30",
            "21:30 5",
            "21:30:59.123",
            "21:30:59Z",
            "10am!",
            "12:30 p",
            "5:30 pmx",
            "21:30::",
            "1 : 2",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn hostile_text_is_refused_at_once() {
        let start = std::time::Instant::now();
        for text in
            ["1".repeat(1 << 20), format!("1{}", ":".repeat(1 << 20)), format!("1{}1", " :".repeat(1 << 19))]
        {
            assert_eq!(parse(&text), None);
        }
        // Quadratic time would be minutes; a busy machine may need seconds.
        assert!(start.elapsed().as_secs() < 10);
    }
}
