use std::fmt;
use std::sync::Arc;

use crate::{
    Checked, ChoiceSearch, Constraints, Context, JsonSchema, Limit, Options, ValidationError, Validator,
    Value,
};

/// The rules of a field: none, one, or several in order, each fed the value of the one before. The first error ends it.
///
/// One rule and a list of one rule differ in one thing: a single `IsInDb` makes the field a drop-down list, in a list
/// it only checks.
///
/// ```
/// use frontdesk_validate::{IsInSet, IsIntInRange, Rules, Value};
///
/// let prime = Rules::list().and(IsInSet::new([2, 3, 5, 7])).and(IsIntInRange::any().min(0));
/// assert_eq!(prime.check_now("5".into()), Ok(Value::Int(5)));
/// assert!(prime.check_now("4".into()).is_err());
/// ```
#[derive(Clone, Default)]
pub struct Rules {
    rules: Vec<Arc<dyn Validator>>,
    is_list: bool,
}

impl Rules {
    /// No rule: every value passes unchanged.
    pub const fn none() -> Self {
        Self { rules: Vec::new(), is_list: false }
    }

    /// A single rule.
    pub fn one(rule: impl Validator) -> Self {
        Self { rules: vec![Arc::new(rule)], is_list: false }
    }

    /// A list to which [`and`](Self::and) adds.
    pub const fn list() -> Self {
        Self { rules: Vec::new(), is_list: true }
    }

    /// Adds a rule behind the others. What was a single rule becomes a list.
    #[must_use]
    pub fn and(self, rule: impl Validator) -> Self {
        self.and_shared(Arc::new(rule))
    }

    /// Adds a rule that is shared already.
    #[must_use]
    pub fn and_shared(mut self, rule: Arc<dyn Validator>) -> Self {
        self.is_list = true;
        self.rules.push(rule);
        self
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Validator>> {
        self.rules.iter()
    }

    /// Runs the rules up to the first that has to be awaited.
    pub fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
        check_from(&self.rules, value, context)
    }

    /// Runs the rules, and waits where needed.
    ///
    /// # Errors
    /// That of the first rule that refuses.
    pub async fn validate(&self, value: Value, context: Context<'_>) -> Result<Value, ValidationError> {
        self.check(value, context).wait().await
    }

    /// Runs rules that need no waiting.
    ///
    /// # Errors
    /// That of the first rule that refuses; [`ValidationError::unavailable`] if a rule would have to be awaited.
    pub fn check_now(&self, value: Value) -> Result<Value, ValidationError> {
        match self.check(value, Context::empty()) {
            Checked::Done(result) => result,
            Checked::Later(_) => Err(ValidationError::unavailable()),
        }
    }

    /// The choices for a drop-down list: those of the only rule, or of the first in a list.
    pub fn options(&self) -> Options<'_> {
        match self.choosing() {
            Some(rule) => rule.options(),
            None => Options::None,
        }
    }

    /// The search among the choices of the rule that [`options`](Self::options) asks, where it has one.
    pub fn search(&self) -> Option<&dyn ChoiceSearch> {
        self.choosing()?.search()
    }

    /// Whether several values may be chosen.
    pub fn multiple(&self) -> bool {
        self.rules.iter().any(|rule| rule.multiple())
    }

    /// How a stored value is written into an input: by the last rule that has its own way.
    pub fn format(&self, value: &Value) -> Option<String> {
        self.rules.iter().rev().find_map(|rule| rule.format(value))
    }

    /// Whether nothing may be entered: every rule accepts it.
    pub fn accept_empty(&self) -> bool {
        self.rules.iter().all(|rule| rule.accepts_empty())
    }

    /// What a browser can check of these rules, for an input that holds one value. See [`Constraints`].
    ///
    /// Something is required where the rules refuse the empty text at once.
    pub fn constraints(&self) -> Constraints {
        let mut constraints = Constraints::default();
        self.constrain(&mut constraints);
        constraints
    }

    /// What these rules ask of a value in JSON. See [`JsonSchema`] for what that promises.
    ///
    /// ```
    /// use frontdesk_validate::{IsIntInRange, Rules};
    ///
    /// let age = Rules::one(IsIntInRange::new(0..150)).json_schema();
    /// assert_eq!(age["anyOf"][0], serde_json::json!({"type": "integer", "minimum": 0, "maximum": 149}));
    /// ```
    pub fn json_schema(&self) -> serde_json::Value {
        let mut schema = JsonSchema::default();
        for rule in &self.rules {
            rule.json_schema(&mut schema);
        }
        schema.finish()
    }

    /// What a browser can check of each item, where the value is a list with an input for each. Empty inputs are no
    /// items, so that nothing is required.
    ///
    /// ```
    /// use frontdesk_validate::{IsIntInRange, IsListOf, Rules};
    ///
    /// let ages = Rules::one(IsListOf::new(IsIntInRange::new(0..150)));
    /// assert_eq!(ages.item_constraints().max.unwrap().value, "149");
    /// ```
    pub fn item_constraints(&self) -> Constraints {
        // A rule in front may change the items.
        let mut constraints = match self.rules.first().and_then(|rule| rule.item_rules()) {
            Some(rules) => rules.constraints(),
            None => Constraints::default(),
        };
        constraints.required = None;
        constraints
    }

    /// Adds what these rules say.
    pub(crate) fn constrain(&self, out: &mut Constraints) {
        for rule in &self.rules {
            rule.constraints(out);
        }
        if !self.accept_empty()
            && let Checked::Done(Err(error)) = self.check(Value::Text(String::new()), Context::empty())
            && !error.is_unavailable()
        {
            out.required.get_or_insert_with(|| Limit::required(error));
        }
    }

    fn choosing(&self) -> Option<&dyn Validator> {
        let first = self.rules.first()?;
        (!self.is_list || first.offers_in_list()).then_some(&**first)
    }
}

/// Runs `rules` in order; the first that has to be awaited takes the rest with it.
fn check_from<'a>(rules: &'a [Arc<dyn Validator>], mut value: Value, context: Context<'a>) -> Checked<'a> {
    for (index, rule) in rules.iter().enumerate() {
        match rule.check(value, context) {
            Checked::Done(Ok(accepted)) => value = accepted,
            later @ Checked::Later(_) if index + 1 < rules.len() => {
                return later.and_then(move |value| check_from(&rules[index + 1..], value, context));
            }
            ended => return ended,
        }
    }
    Checked::Done(Ok(value))
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.rules).finish()
    }
}

impl<V: Validator> From<V> for Rules {
    fn from(rule: V) -> Self {
        Self::one(rule)
    }
}

impl From<Arc<dyn Validator>> for Rules {
    fn from(rule: Arc<dyn Validator>) -> Self {
        Self { rules: vec![rule], is_list: false }
    }
}

impl From<Vec<Arc<dyn Validator>>> for Rules {
    fn from(rules: Vec<Arc<dyn Validator>>) -> Self {
        Self { rules, is_list: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{async_rule_fn, rule_fn};

    #[tokio::test]
    async fn a_rule_behind_an_async_one_sees_its_value() {
        let rules = Rules::list()
            .and(rule_fn(|value| Ok(Value::from(format!("{value}a")))))
            .and(async_rule_fn(async |value: Value| Ok(Value::from(format!("{value}b")))))
            .and(rule_fn(|value| Ok(Value::from(format!("{value}c")))));
        assert_eq!(rules.validate("_".into(), Context::empty()).await, Ok("_abc".into()));
        assert!(rules.check_now("_".into()).unwrap_err().is_unavailable());
    }

    #[test]
    fn the_first_error_ends_it() {
        let rules = Rules::list().and(rule_fn(|_| Err("no".into()))).and(rule_fn(|_| panic!("not reached")));
        assert_eq!(rules.check_now(Value::Null).unwrap_err().text(), "no");
    }
}
