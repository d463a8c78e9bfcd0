use std::borrow::Cow;

use super::emptiness::is_nothing;
use crate::{
    Args, Checked, Choice, ChoiceSearch, Constraints, Context, FromArgs, JsonSchema, Options, Pattern,
    RuleError, Rules, Validator, Value, json_schema,
};

/// `IS_EMPTY_OR`: nothing, or what other rules accept.
///
/// Nothing is null, a text with only white space, the empty list; it becomes null, or what [`null`](Self::null) says.
/// Of the other rules it has their choices (with an empty one in front), their format, and whether several may be chosen.
///
/// # Errors
/// Those of the other rules.
///
/// ```
/// use frontdesk_validate::{IsAlphanumeric, IsEmptyOr, IsIntInRange, Rules, Value};
///
/// let age = Rules::one(IsEmptyOr::new(IsIntInRange::new(0..150)));
/// assert_eq!(age.check_now(" ".into()), Ok(Value::Null));
/// assert_eq!(age.check_now("42".into()), Ok(Value::Int(42)));
/// assert!(age.check_now("x".into()).is_err());
///
/// let name = Rules::one(IsEmptyOr::new(IsAlphanumeric::new()).null("anonymous"));
/// assert_eq!(name.check_now("".into()), Ok("anonymous".into()));
/// ```
#[derive(Clone, Debug)]
pub struct IsEmptyOr {
    other: Rules,
    null: Value,
    empty: Option<Pattern>,
}

/// `IS_NULL_OR`: the older name of [`IsEmptyOr`].
pub type IsNullOr = IsEmptyOr;

impl IsEmptyOr {
    /// Nothing, or what `other` accepts: a rule, or [`Rules`].
    pub fn new(other: impl Into<Rules>) -> Self {
        Self { other: other.into(), null: Value::Null, empty: None }
    }

    /// What nothing becomes. Default: null.
    #[must_use]
    pub fn null(mut self, value: impl Into<Value>) -> Self {
        self.null = value.into();
        self
    }

    /// Texts that count as empty too: those that `pattern` matches from their beginning.
    #[must_use]
    pub fn empty_regex(mut self, pattern: Pattern) -> Self {
        self.empty = Some(pattern);
        self
    }

    /// The other rules.
    pub fn other(&self) -> &Rules {
        &self.other
    }
}

fn with_empty(mut choices: Vec<Choice>) -> Vec<Choice> {
    if choices.iter().all(|choice| !choice.value.is_empty()) {
        choices.insert(0, Choice::new("", ""));
    }
    choices
}

impl Validator for IsEmptyOr {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
        if is_nothing(&value, self.empty.as_ref()) {
            return Ok(self.null.clone()).into();
        }
        self.other.check(value, context)
    }

    fn options(&self) -> Options<'_> {
        // Several choices need no empty one: choosing none of them is empty.
        if self.other.multiple() {
            return self.other.options();
        }
        match self.other.options() {
            Options::None => Options::None,
            Options::Ready(choices) if choices.iter().any(|choice| choice.value.is_empty()) => {
                Options::Ready(choices)
            }
            Options::Ready(choices) => Options::Ready(Cow::Owned(with_empty(choices.into_owned()))),
            Options::Later(future) => {
                Options::Later(Box::pin(async move { Ok(future.await?.map(with_empty)) }))
            }
        }
    }

    fn search(&self) -> Option<&dyn ChoiceSearch> {
        self.other.search()
    }

    fn offers_in_list(&self) -> bool {
        self.other.iter().next().is_none_or(|rule| rule.offers_in_list())
    }

    fn item_rules(&self) -> Option<&Rules> {
        self.other.iter().next()?.item_rules()
    }

    fn constraints(&self, out: &mut Constraints) {
        // What stands for nothing, besides blanks, nobody can say; nothing itself becomes another value.
        if self.empty.is_none() {
            out.or_blank(|out| self.other.constrain(out));
        }
        out.end();
    }

    fn multiple(&self) -> bool {
        self.other.multiple()
    }

    fn format(&self, value: &Value) -> Option<String> {
        self.other.format(value)
    }

    fn accepts_empty(&self) -> bool {
        true
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        if self.empty.is_none() {
            out.and(json_schema::nothing_or(self.other.json_schema()));
        }
        out.end();
    }
}

impl FromArgs for IsEmptyOr {
    const NAME: &'static str = "is_empty_or";
    const ARGS: &'static [&'static str] = &["other", "null", "empty_regex"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            other: args.rules("other")?.ok_or_else(|| args.missing("other"))?,
            null: args.value("null")?.unwrap_or(Value::Null),
            empty: args.pattern("empty_regex")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IsDate, IsInSet, async_rule_fn};

    fn values(options: Options<'_>) -> Vec<String> {
        let Options::Ready(choices) = options else { panic!("{options:?}") };
        choices.iter().map(|choice| choice.value.clone()).collect()
    }

    #[test]
    fn there_is_one_empty_choice() {
        let set = || IsInSet::new(["a", "b"]);
        assert_eq!(values(IsEmptyOr::new(set()).options()), ["", "a", "b"]);
        assert_eq!(values(IsEmptyOr::new(set().zero("choose one")).options()), ["", "a", "b"]);
        assert_eq!(values(IsEmptyOr::new(set().multiple(..)).options()), ["a", "b"]);
        assert!(matches!(IsEmptyOr::new(IsDate::new()).options(), Options::None));
    }

    #[test]
    fn it_formats_as_the_other_rule_does() {
        let date = crate::civil::date(2008, 3, 3).into();
        let rule = IsDate::new();
        assert_eq!(IsEmptyOr::new(rule.clone()).format(&date), rule.format(&date));
    }

    #[tokio::test]
    async fn nothing_is_not_asked_elsewhere() {
        let rules = Rules::one(IsEmptyOr::new(async_rule_fn(async |_| Err("asked".into()))));
        assert_eq!(rules.check_now("".into()), Ok(Value::Null));
        assert_eq!(rules.validate("x".into(), Context::empty()).await.unwrap_err().text(), "asked");
    }
}
