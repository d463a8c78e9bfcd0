use std::fmt;
use std::future::Future;

use crate::{Checked, Context, ValidationError, Validator, Value};

struct RuleFn<F>(F);

impl<F> fmt::Debug for RuleFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rule_fn(..)")
    }
}

impl<F> Validator for RuleFn<F>
where
    F: Fn(Value) -> Result<Value, ValidationError> + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        "custom"
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        Checked::Done((self.0)(value))
    }
}

/// A rule from a closure.
///
/// The closure gets the value of the rule before it, and returns the value for the next one or an error; a text becomes
/// an error with the code `custom`.
///
/// ```
/// use frontdesk_validate::{Rules, Value, rule_fn};
///
/// let even = Rules::one(rule_fn(|value| match value.as_int() {
///     Some(number) if number % 2 == 0 => Ok(value),
///     _ => Err("Enter an even number".into()),
/// }));
/// assert_eq!(even.check_now(Value::Int(3)).unwrap_err().text(), "Enter an even number");
/// ```
pub fn rule_fn<F>(check: F) -> impl Validator
where
    F: Fn(Value) -> Result<Value, ValidationError> + Send + Sync + 'static,
{
    RuleFn(check)
}

struct AsyncRuleFn<F>(F);

impl<F> fmt::Debug for AsyncRuleFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("async_rule_fn(..)")
    }
}

impl<F, R> Validator for AsyncRuleFn<F>
where
    F: Fn(Value) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Value, ValidationError>> + Send + 'static,
{
    fn name(&self) -> &str {
        "custom"
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        Checked::Later(Box::pin((self.0)(value)))
    }

    fn accepts_empty(&self) -> bool {
        // Asking would start the closure's work for nothing.
        false
    }
}

/// A rule from an async closure: for what needs waiting, such as asking another service.
///
/// It runs after all immediate rules of all fields have passed.
///
/// ```
/// use frontdesk_validate::{Context, Rules, ValidationError, Value, async_rule_fn};
///
/// async fn is_known(name: &str) -> bool {
///     name == "ada"
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let known = Rules::one(async_rule_fn(async |value: Value| match is_known(&value.to_text()).await {
///     true => Ok(value),
///     false => Err(ValidationError::custom("Nobody of that name")),
/// }));
/// assert!(known.validate("ada".into(), Context::empty()).await.is_ok());
/// assert!(known.validate("eve".into(), Context::empty()).await.is_err());
/// # });
/// ```
pub fn async_rule_fn<F, R>(check: F) -> impl Validator
where
    F: Fn(Value) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Value, ValidationError>> + Send + 'static,
{
    AsyncRuleFn(check)
}
