use std::collections::HashSet;

use serde_json::{Value as Json, json};

use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value, json_schema,
};

const SPECIALS: &str = "~!@#$%^&*()_+-=?<>,.:;{}[]|";

/// `IS_STRONG`: asks for kinds of characters in a password, or for a minimal entropy.
///
/// Length is what makes a password strong; such rules mostly make people write `Passw0rd!`. It is here for those who
/// have to use it.
///
/// Characters are counted, those that repeat too, and letters of any script. Five or more `*` and nothing else pass: a
/// form shows them in place of a password that stays as it is.
///
/// # Defaults
/// At least 8 characters, with one upper-case letter, one lower-case letter, one digit and one special character of
/// ``~!@#$%^&*()_+-=?<>,.:;{}[]|``; neither blank nor `"`. With [`entropy`](Self::entropy) only the last holds.
///
/// # Errors
/// Code `is_strong`, with one parameter for each requirement that is not met: `entropy`, `min`, `max`, `special`,
/// `invalid`, `upper`, `lower`, `number`; beside `special` also `specials`, the characters that count. The text says them
/// all.
///
/// ```
/// use frontdesk_validate::{IsStrong, Rules};
///
/// let strong = Rules::one(IsStrong::new().min(10).special(2));
/// assert!(strong.check_now("Abcdefgh1!#".into()).is_ok());
/// assert_eq!(
///     strong.check_now("Abc1!#".into()).unwrap_err().text(),
///     "Minimum length is 10",
/// );
///
/// let error = Rules::one(IsStrong::only().entropy(100.0)).check_now("hello".into()).unwrap_err();
/// assert_eq!(error.text(), "Entropy (24.53) less than required (100.0)");
/// ```
#[derive(Clone, Debug)]
pub struct IsStrong {
    min: Option<u64>,
    max: Option<u64>,
    upper: Option<u64>,
    lower: Option<u64>,
    number: Option<u64>,
    special: Option<u64>,
    specials: String,
    invalid: String,
    /// A number, as it is to be shown.
    entropy: Option<Value>,
    message: Option<Message>,
}

impl Default for IsStrong {
    fn default() -> Self {
        Self {
            min: Some(8),
            upper: Some(1),
            lower: Some(1),
            number: Some(1),
            special: Some(1),
            ..Self::only()
        }
    }
}

impl IsStrong {
    /// The documented requirements, see above.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for nothing but what the calls behind it say (and that there is neither blank nor `"`).
    pub fn only() -> Self {
        Self {
            min: None,
            max: None,
            upper: None,
            lower: None,
            number: None,
            special: None,
            specials: SPECIALS.to_owned(),
            invalid: " \"".to_owned(),
            entropy: None,
            message: None,
        }
    }

    /// At least so many characters; 0 is any number.
    #[must_use]
    pub fn min(mut self, min: u64) -> Self {
        self.min = Some(min);
        self
    }

    /// At most so many characters; 0 is any number.
    #[must_use]
    pub fn max(mut self, max: u64) -> Self {
        self.max = Some(max);
        self
    }

    /// At least so many upper-case letters; 0 forbids them.
    #[must_use]
    pub fn upper(mut self, count: u64) -> Self {
        self.upper = Some(count);
        self
    }

    /// At least so many lower-case letters; 0 forbids them.
    #[must_use]
    pub fn lower(mut self, count: u64) -> Self {
        self.lower = Some(count);
        self
    }

    /// At least so many of the digits 0 to 9; 0 forbids them.
    #[must_use]
    pub fn number(mut self, count: u64) -> Self {
        self.number = Some(count);
        self
    }

    /// At least so many special characters; 0 forbids them.
    #[must_use]
    pub fn special(mut self, count: u64) -> Self {
        self.special = Some(count);
        self
    }

    /// Which characters are special.
    #[must_use]
    pub fn specials(mut self, characters: impl Into<String>) -> Self {
        self.specials = characters.into();
        self
    }

    /// Which characters are not allowed. Default: blank and `"`.
    #[must_use]
    pub fn invalid(mut self, characters: impl Into<String>) -> Self {
        self.invalid = characters.into();
        self
    }

    /// At least this entropy in bits, by a simple estimate: length times the logarithm of an alphabet that grows with
    /// each kind of character, each new character, and each change of kind. It does not know words.
    #[must_use]
    pub fn entropy(mut self, bits: f64) -> Self {
        self.entropy = Some(Value::Float(bits));
        self
    }

    /// Another text for the error; it may name the parameters.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }

    /// Texts that are long enough, and not too long, or stand for a password that stays.
    fn length_pattern(&self) -> Option<String> {
        let min = self.min.unwrap_or(0);
        let max = self.max.filter(|&max| max > 0).map(|max| max.to_string());
        // A larger number than this is none that an expression can ask for.
        let is_sane = min <= 1000 && self.max.is_none_or(|max| max <= 1000);
        (is_sane && (min > 0 || max.is_some()))
            .then(|| format!(r"[\s\S]{{{min},{}}}|\*{{5,}}", max.unwrap_or_default()))
    }

    fn length_error(&self) -> Option<ValidationError> {
        let number = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let min = self.min.filter(|&min| min > 0);
        let min = min.map(|min| ("min", number(min), format!("Minimum length is {min}")));
        let max = self.max.filter(|&max| max > 0);
        let max = max.map(|max| ("max", number(max), format!("Maximum length is {max}")));
        let failures: Vec<_> = min.into_iter().chain(max).collect();
        (!failures.is_empty()).then(|| self.error(failures))
    }

    fn error(&self, failures: Vec<(&'static str, Value, String)>) -> ValidationError {
        let text = failures.iter().map(|(_, _, text)| &**text).collect::<Vec<_>>().join(", ");
        let mut params: Vec<_> = failures.into_iter().map(|(name, wanted, _)| (name, wanted)).collect();
        if params.iter().any(|(name, _)| *name == "special") {
            params.push(("specials", self.specials.clone().into())); // translations name them too
        }
        match &self.message {
            Some(message) => ValidationError::with_params(Self::NAME, message, params),
            None => ValidationError::with_text(Self::NAME, text, params),
        }
    }
}

/// The kinds of bytes, and how many there are of each. The last is for what no other kind holds.
const KINDS: [(&[u8], usize); 6] = [
    (b"abcdefghijklmnopqrstuvwxyz", 26),
    (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 26),
    (b"0123456789", 10),
    (b"!@#$%^&*() ", 11),
    (b"~`-_=+[]{}\\|;:'\",.<>?/", 22),
    (b"", 194),
];

/// The estimate of [`IsStrong::entropy`], in bits, rounded to two places.
fn entropy(text: &str) -> f64 {
    let mut kinds_seen = [false; KINDS.len()];
    let mut bytes_seen = [false; 256];
    let mut last = None;
    let mut alphabet = 0;
    for byte in text.bytes() {
        let kind = KINDS.iter().position(|(bytes, _)| bytes.contains(&byte)).unwrap_or(KINDS.len() - 1);
        if !kinds_seen[kind] {
            kinds_seen[kind] = true;
            alphabet += KINDS[kind].1;
        } else if !bytes_seen[usize::from(byte)] {
            bytes_seen[usize::from(byte)] = true;
            alphabet += 1;
        }
        if last != Some(kind) {
            last = Some(kind);
            alphabet += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "texts and alphabets are far smaller than 2^52")]
    let bits = text.len() as f64 * (alphabet.max(1) as f64).log2();
    (bits * 100.0).round() / 100.0
}

impl Validator for IsStrong {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let text = match &value {
            Value::List(_) | Value::Json(_) | Value::Bytes(_) | Value::File(_) => "".into(),
            scalar => scalar.to_text(),
        };
        if text.len() > 4 && text.bytes().all(|byte| byte == b'*') {
            return Ok(value).into();
        }
        let mut failures = Vec::new();
        if let Some(required) = &self.entropy {
            let wanted = match required {
                Value::Float(bits) => *bits,
                #[expect(clippy::cast_precision_loss, reason = "nobody asks for 2^52 bits")]
                Value::Int(bits) => *bits as f64,
                _ => 0.0,
            };
            let found = entropy(&text);
            if found < wanted {
                let text = format!("Entropy ({}) less than required ({required})", Value::Float(found));
                failures.push(("entropy", required.clone(), text));
            }
        }
        let mut fail = |name, wanted: u64, text| {
            failures.push((name, Value::Int(i64::try_from(wanted).unwrap_or(i64::MAX)), text));
        };

        let count = |is: &dyn Fn(char) -> bool| text.chars().filter(|&c| is(c)).count() as u64;
        let length = count(&|_| true);
        if let Some(min) = self.min.filter(|&min| length < min) {
            fail("min", min, format!("Minimum length is {min}"));
        }
        if let Some(max) = self.max.filter(|&max| max > 0 && max < length) {
            fail("max", max, format!("Maximum length is {max}"));
        }
        if let Some(wanted) = self.special {
            let specials: HashSet<char> = self.specials.chars().collect();
            let found = count(&|c| specials.contains(&c));
            let all = &self.specials;
            if found < wanted {
                fail("special", wanted, format!("Must include at least {wanted} of the following: {all}"));
            } else if wanted == 0 && found > 0 {
                fail("special", 0, format!("May not contain any of the following: {all}"));
            }
        }
        if text.contains(|c| self.invalid.contains(c)) {
            let text = format!("May not contain any of the following: {}", self.invalid);
            failures.push(("invalid", self.invalid.clone().into(), text));
        }
        let kinds: [(_, _, &dyn Fn(char) -> bool, _, _); 3] = [
            ("upper", self.upper, &char::is_uppercase, "uppercase", "uppercase letters"),
            ("lower", self.lower, &char::is_lowercase, "lowercase", "lowercase letters"),
            ("number", self.number, &|c| c.is_ascii_digit(), "number", "numbers"),
        ];
        for (name, wanted, is, one, many) in kinds {
            let Some(wanted) = wanted else { continue };
            let found = count(is);
            let text = if found < wanted {
                let noun = if name == "number" && wanted > 1 { many } else { one };
                format!("Must include at least {wanted} {noun}")
            } else if wanted == 0 && found > 0 {
                format!("May not include any {many}")
            } else {
                continue;
            };
            failures.push((name, Value::Int(i64::try_from(wanted).unwrap_or(i64::MAX)), text));
        }

        drop(text);
        if failures.is_empty() { Ok(value) } else { Err(self.error(failures)) }.into()
    }

    fn constraints(&self, out: &mut Constraints) {
        if let (Some(pattern), Some(error)) = (self.length_pattern(), self.length_error()) {
            out.match_whole(pattern, error);
        }
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        if let Some(pattern) = self.length_pattern() {
            out.and(json!({"pattern": json_schema::whole(&pattern)}));
        }
    }
}

impl FromArgs for IsStrong {
    const NAME: &'static str = "is_strong";
    const ARGS: &'static [&'static str] = &[
        "min",
        "max",
        "upper",
        "lower",
        "number",
        "special",
        "specials",
        "invalid",
        "entropy",
        "error_message",
    ];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let entropy = match args.value("entropy")? {
            None | Some(Value::Null) => None,
            Some(bits @ (Value::Int(_) | Value::Float(_))) => Some(bits),
            Some(other) => return Err(args.wrong("entropy", "a number", &other.to_tagged_json())),
        };
        let mut rule = if entropy.is_some() { Self::only() } else { Self::new() };
        rule.entropy = entropy;
        let mut count = |name, default| match args.take(name) {
            None | Some(Json::Null) => Ok(default),
            Some(Json::Bool(false)) => Ok(None),
            Some(json) => match json.as_u64() {
                Some(number) => Ok(Some(number)),
                None => Err(args.wrong(name, "a whole number from 0, or false", &json)),
            },
        };
        rule.min = count("min", rule.min)?;
        rule.max = count("max", rule.max)?;
        rule.upper = count("upper", rule.upper)?;
        rule.lower = count("lower", rule.lower)?;
        rule.number = count("number", rule.number)?;
        rule.special = count("special", rule.special)?;
        rule.specials = args.text("specials")?.unwrap_or(rule.specials);
        rule.invalid = args.text("invalid")?.unwrap_or(rule.invalid);
        rule.message = args.message()?;
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn failures_are_parameters() {
        let error = Rules::one(IsStrong::new().max(2)).check_now("abc".into()).unwrap_err();
        let names: Vec<_> = error.params().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["min", "max", "special", "upper", "number", "specials"]);
        assert_eq!(error.param("min"), Some(&Value::Int(8)));
    }

    #[test]
    fn a_percent_sign_is_a_special_character() {
        let error =
            Rules::one(IsStrong::only().special(1).specials("%s")).check_now("abc".into()).unwrap_err();
        assert_eq!(error.text(), "Must include at least 1 of the following: %s");
    }

    #[test]
    fn letters_of_any_script_count() {
        let rules = Rules::one(IsStrong::new());
        assert!(rules.check_now("Écdefgh1!".into()).is_ok());
        assert!(rules.check_now("Aéèàñ1!!".into()).is_ok());
    }

    #[test]
    fn special_characters_count_each_time() {
        assert!(Rules::one(IsStrong::new().special(2)).check_now("Abcdefg1!!".into()).is_ok());
    }

    #[test]
    fn any_byte_has_an_entropy() {
        assert_eq!(entropy(""), 0.0);
        assert!(entropy("€") > 20.0);
    }
}
