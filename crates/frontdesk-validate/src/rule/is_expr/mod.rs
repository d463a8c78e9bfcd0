mod eval;
mod parse;
mod token;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use self::parse::Node;
pub use self::token::ExprError;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value,
};

const MESSAGE: Message = Message::new("Invalid expression");

/// `IS_EXPR`: a condition of your own. The value passes unchanged.
///
/// In Rust it is a closure that answers with what is wrong, or with nothing. As data it is a text in a small language
/// that can do no more than compare and calculate:
///
/// - `value`, numbers (`3`, `2.5`), texts (`'yes'`, `"no"`), lists (`[1, 2]`), `true`, `false`, `null` (and Python's
///   spellings `True`, `False`, `None`)
/// - `==`, `!=`, `<`, `<=`, `>`, `>=`, also chained (`5 < value < 10`); `in` and `not in` a list or a text
/// - `+`, `-`, `*`, `/`, `//` (rounded down) and `%` (with the sign of the divisor) over numbers
/// - `and`, `or`, `not`, brackets
/// - `int()`, `float()`, `str()`, `bool()`, `len()`, `abs()`, `lower()`, `upper()`
///
/// A value that the expression cannot be worked out for is refused: text where it needs a number, a division by zero, a
/// number that grows beyond 64 bits. An expression has at most 4,096 bytes and 32 levels of nesting.
///
/// # Errors
/// Code `is_expr`; the text is that of the closure, or `error_message`.
///
/// ```
/// use frontdesk_validate::{IsExpr, Rules, Value};
///
/// let third = Rules::one(IsExpr::new(|value: &Value| {
///     (value.as_int()? % 3 != 0).then_some("not divisible by 3")
/// }));
/// assert!(third.check_now(Value::Int(9)).is_ok());
/// assert_eq!(third.check_now(Value::Int(10)).unwrap_err().text(), "not divisible by 3");
///
/// let third = Rules::one(IsExpr::parse("int(value) % 3 == 0")?);
/// assert_eq!(third.check_now("9".into()), Ok("9".into()));
/// assert_eq!(third.check_now("abc".into()).unwrap_err().text(), "Invalid expression");
///
/// let error = IsExpr::parse("import os").unwrap_err();
/// assert_eq!(error.to_string(), "unknown name `import` at character 1; there is `value`");
/// # Ok::<(), frontdesk_validate::ExprError>(())
/// ```
#[derive(Clone, Debug)]
pub struct IsExpr {
    condition: Condition,
    message: Message,
}

type Complaint = dyn Fn(&Value) -> Option<Cow<'static, str>> + Send + Sync;

#[derive(Clone)]
enum Condition {
    Expression(Arc<Node>),
    Closure(Arc<Complaint>),
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(node) => node.fmt(f),
            Self::Closure(_) => f.write_str("closure"),
        }
    }
}

impl IsExpr {
    /// A condition from a closure, which answers with what is wrong with the value, or with nothing.
    pub fn new<F, M>(complaint: F) -> Self
    where
        F: Fn(&Value) -> Option<M> + Send + Sync + 'static,
        M: Into<Cow<'static, str>>,
    {
        let complaint = move |value: &Value| complaint(value).map(Into::into);
        Self { condition: Condition::Closure(Arc::new(complaint)), message: MESSAGE }
    }

    /// A condition from a text: the value passes if the expression is true, or anything but `0`, `null` and what is
    /// empty.
    ///
    /// # Errors
    /// [`ExprError`], with the place of the mistake.
    pub fn parse(expression: &str) -> Result<Self, ExprError> {
        Ok(Self { condition: Condition::Expression(Arc::new(parse::parse(expression)?)), message: MESSAGE })
    }

    /// Another text for the error of an expression. A closure says its own.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

impl Validator for IsExpr {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let error = match &self.condition {
            Condition::Closure(complaint) => match complaint(&value) {
                None => return Ok(value).into(),
                Some(text) => {
                    ValidationError::new(Self::NAME, "").reworded(&Message::from(text.into_owned()))
                }
            },
            Condition::Expression(node) => {
                if eval::holds(node, &value) {
                    return Ok(value).into();
                }
                ValidationError::with_params(Self::NAME, &self.message, Vec::new())
            }
        };
        Err(error).into()
    }

    // The value passes on as it came.
    fn constraints(&self, _: &mut Constraints) {}

    fn json_schema(&self, _: &mut JsonSchema) {}
}

impl FromArgs for IsExpr {
    const NAME: &'static str = "is_expr";
    const ARGS: &'static [&'static str] = &["expression", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let expression = args.text("expression")?.ok_or_else(|| args.missing("expression"))?;
        let mut rule = Self::parse(&expression)
            .map_err(|error| args.senseless("expression", format!("is no expression: {error}")))?;
        rule.message = args.message()?.unwrap_or(MESSAGE);
        Ok(rule)
    }
}
