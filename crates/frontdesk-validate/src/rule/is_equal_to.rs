use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value,
};

const MESSAGE: Message = Message::new("No match");

/// `IS_EQUAL_TO`: the value equals a given one, or what was submitted in another field.
///
/// Values of different kinds differ, except numbers: `1` equals `1.0`, and neither equals `"1"` or `true`. With another
/// field, a value that an earlier rule converted is also compared by its text, since the other field's value is as it
/// was submitted.
///
/// # Errors
/// Code `is_equal_to`; also where the other field was not submitted.
///
/// ```
/// use frontdesk_validate::{IsEqualTo, Rules};
///
/// let same = Rules::one(IsEqualTo::new("s3cret").error_message("passwords do not match"));
/// assert_eq!(same.check_now("secret".into()).unwrap_err().text(), "passwords do not match");
///
/// let repeated = IsEqualTo::field("password"); // in the field where it is typed again
/// # let _ = repeated;
/// ```
#[derive(Clone, Debug)]
pub struct IsEqualTo {
    other: Other,
    message: Message,
}

#[derive(Clone, Debug)]
enum Other {
    Value(Value),
    Field(Cow<'static, str>),
}

impl IsEqualTo {
    /// Equal to `value`.
    pub fn new(value: impl Into<Value>) -> Self {
        Self { other: Other::Value(value.into()), message: MESSAGE }
    }

    /// Equal to what was submitted in the field called `name`.
    pub fn field(name: impl Into<Cow<'static, str>>) -> Self {
        Self { other: Other::Field(name.into()), message: MESSAGE }
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    fn holds(&self, value: &Value, context: Context<'_>) -> bool {
        match &self.other {
            Other::Value(other) => equal(value, other),
            Other::Field(name) => context.field(name).is_some_and(|other| {
                equal(value, &other)
                    || other.as_str().is_some_and(|text| !value.is_null() && value.to_text() == text)
            }),
        }
    }
}

/// Whether two values are equal: numbers by what they are worth, all else also by its kind.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    let integer = |float: f64| (float.fract() == 0.0).then(|| float.to_i64()).flatten();
    match (a, b) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            integer(*float) == Some(*int)
        }
        (Value::Int(int), Value::Decimal(decimal)) | (Value::Decimal(decimal), Value::Int(int)) => {
            *decimal == Decimal::from(*int)
        }
        (Value::Float(float), Value::Decimal(decimal)) | (Value::Decimal(decimal), Value::Float(float)) => {
            Decimal::from_f64(*float) == Some(*decimal)
        }
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        _ => a == b,
    }
}

impl Validator for IsEqualTo {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
        if self.holds(&value, context) {
            return Ok(value).into();
        }
        Err(ValidationError::with_params(Self::NAME, &self.message, Vec::new())).into()
    }

    fn accepts_empty(&self) -> bool {
        // Where the other field may be empty, so may this one.
        match &self.other {
            Other::Value(other) => other.is_empty(),
            Other::Field(_) => true,
        }
    }

    // A value would be a secret as often as not, and the other field is not ours to look at: nothing is said.
    fn constraints(&self, _: &mut Constraints) {}

    fn json_schema(&self, _: &mut JsonSchema) {}
}

impl FromArgs for IsEqualTo {
    const NAME: &'static str = "is_equal_to";
    const ARGS: &'static [&'static str] = &["expression", "field", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let mut rule = match (args.value("expression")?, args.text("field")?) {
            (Some(value), None) => Self::new(value),
            (None, Some(field)) => Self::field(field),
            (None, None) => return Err(args.missing("expression")),
            (Some(_), Some(_)) => {
                return Err(args.senseless("field", "excludes the argument `expression`"));
            }
        };
        rule.message = args.message()?.unwrap_or(MESSAGE);
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Lookup, Registry, Rules};

    struct Submitted;

    impl Lookup for Submitted {
        fn get(&self, name: &str) -> Option<Value> {
            (name == "password").then(|| "42".into())
        }
    }

    fn check(rule: serde_json::Value, value: impl Into<Value>) -> bool {
        let rules = Registry::standard().rules(&rule).unwrap();
        let checked = rules.check(value.into(), Context::empty().with_fields(&Submitted));
        matches!(checked, Checked::Done(Ok(_)))
    }

    #[test]
    fn another_field_is_compared_as_submitted() {
        let rule = json!({"rule": "is_equal_to", "field": "password"});
        assert!(check(rule.clone(), "42"));
        assert!(check(rule.clone(), 42), "an earlier rule may have converted it");
        assert!(!check(rule.clone(), "43"));
        assert!(!check(rule, Value::Null));
        assert!(!check(json!({"rule": "is_equal_to", "field": "absent"}), Value::Null));
        assert!(
            Rules::one(IsEqualTo::field("password")).check_now("42".into()).is_err(),
            "there are no fields"
        );
    }

    #[test]
    fn numbers_are_equal_by_worth() {
        assert!(equal(&1.into(), &1.0.into()));
        assert!(equal(&Decimal::new(150, 2).into(), &1.5.into()));
        assert!(!equal(&i64::MAX.into(), &(i64::MAX as f64).into()));
        assert!(!equal(&1.into(), &true.into()));
        assert!(!equal(&f64::NAN.into(), &f64::NAN.into()));
        assert!(!equal(&"1".into(), &1.into()));
    }

    #[test]
    fn one_of_the_two_arguments_is_needed() {
        let error = |rule| Registry::standard().rules(&rule).unwrap_err().to_string();
        assert_eq!(
            error(json!({"rule": "is_equal_to"})),
            "rule `is_equal_to` needs the argument `expression`"
        );
        assert!(error(json!({"rule": "is_equal_to", "expression": 1, "field": "a"})).contains("excludes"));
    }
}
