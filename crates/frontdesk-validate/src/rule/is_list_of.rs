use serde_json::{Value as Json, json};

use crate::{
    Args, Checked, Choice, Context, FromArgs, JsonSchema, Message, Options, RuleError, Rules,
    ValidationError, Validator, Value,
};

const TOO_FEW: Message = Message::new("Minimum length is %(min)s");
const TOO_MANY: Message = Message::new("Maximum length is %(max)s");

/// `IS_LIST_OF`: a list whose every item other rules accept, of a certain length.
///
/// One value becomes a list of it, nothing the empty list; a text that is a JSON array becomes that list. The other
/// rules may change the items. It lets several values be chosen, of the other rules' choices.
///
/// # Defaults
/// Any items; any length, the empty list included.
///
/// # Errors
/// Code `is_list_of.min` with `min`, `is_list_of.max` with `max`; else the error of the first item that is refused.
///
/// ```
/// use frontdesk_validate::{IsIntInRange, IsListOf, Rules, Value};
///
/// let marks = Rules::one(IsListOf::new(IsIntInRange::new(1..=6)).min(2));
/// let list = |texts: &[&str]| texts.iter().map(|&text| Value::from(text)).collect::<Value>();
/// assert_eq!(marks.check_now(list(&["1", "6"])), Ok(vec![Value::Int(1), Value::Int(6)].into()));
/// assert_eq!(marks.check_now("1".into()).unwrap_err().text(), "Minimum length is 2");
/// assert_eq!(marks.check_now(list(&["1", "7"])).unwrap_err().text(), "Enter an integer between 1 and 6");
/// ```
#[derive(Clone, Debug, Default)]
pub struct IsListOf {
    other: Rules,
    min: u64,
    max: Option<u64>,
    message: Option<Message>,
}

impl IsListOf {
    /// A list whose items `other` accepts: a rule, or [`Rules`].
    pub fn new(other: impl Into<Rules>) -> Self {
        Self { other: other.into(), ..Self::default() }
    }

    /// A list of anything.
    pub fn any() -> Self {
        Self::default()
    }

    /// At least so many items.
    #[must_use]
    pub fn min(mut self, min: u64) -> Self {
        self.min = min;
        self
    }

    /// At most so many items.
    #[must_use]
    pub fn max(mut self, max: u64) -> Self {
        self.max = Some(max);
        self
    }

    /// Another text for the errors about the length; it may name `%(min)s` or `%(max)s`.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }

    fn error(
        &self,
        code: &'static str,
        message: &Message,
        name: &'static str,
        bound: u64,
    ) -> ValidationError {
        let bound = Value::Int(i64::try_from(bound).unwrap_or(i64::MAX));
        ValidationError::with_params(code, self.message.as_ref().unwrap_or(message), vec![(name, bound)])
    }
}

/// The items of what was submitted.
fn items(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) => items,
        Value::Text(text) if text.starts_with('[') && text.ends_with(']') => match array(&text) {
            Some(items) => items,
            None => vec![Value::Text(text)],
        },
        Value::Json(json) => match *json {
            Json::Array(items) => items.into_iter().map(plain).collect(),
            one => vec![one.into()],
        },
        nothing if nothing.is_empty() => Vec::new(),
        one => vec![one],
    }
}

fn array(text: &str) -> Option<Vec<Value>> {
    let items: Vec<Json> = serde_json::from_str(text).ok()?;
    Some(items.into_iter().map(plain).collect())
}

/// A value from JSON that a visitor wrote: there are no tags in it.
fn plain(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => items.into_iter().map(plain).collect(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::Int(integer),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Text(number.to_string()),
        },
        object @ Json::Object(_) => object.into(),
    }
}

impl Validator for IsListOf {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
        let items = items(value);
        let length = items.len() as u64;
        if length < self.min {
            return Err(self.error("is_list_of.min", &TOO_FEW, "min", self.min)).into();
        }
        if let Some(max) = self.max.filter(|&max| max < length) {
            return Err(self.error("is_list_of.max", &TOO_MANY, "max", max)).into();
        }
        if self.other.is_empty() {
            return Ok(Value::List(items)).into();
        }
        let mut accepted = Vec::with_capacity(items.len());
        let mut items = items.into_iter();
        while let Some(item) = items.next() {
            match self.other.check(item, context) {
                Checked::Done(Ok(item)) => accepted.push(item),
                Checked::Done(Err(error)) => return Err(error).into(),
                Checked::Later(first) => {
                    return Checked::Later(Box::pin(async move {
                        accepted.push(first.await?);
                        for item in items {
                            accepted.push(self.other.check(item, context).wait().await?);
                        }
                        Ok(Value::List(accepted))
                    }));
                }
            }
        }
        Ok(Value::List(accepted)).into()
    }

    fn options(&self) -> Options<'_> {
        // Choosing none of several needs no choice of its own.
        fn without_empty(mut choices: Vec<Choice>) -> Vec<Choice> {
            choices.retain(|choice| !choice.value.is_empty());
            choices
        }
        match self.other.options() {
            Options::Ready(choices) if choices.iter().any(|choice| choice.value.is_empty()) => {
                Options::Ready(without_empty(choices.into_owned()).into())
            }
            Options::Later(future) => {
                Options::Later(Box::pin(async move { Ok(future.await?.map(without_empty)) }))
            }
            other => other,
        }
    }

    fn item_rules(&self) -> Option<&Rules> {
        Some(&self.other)
    }

    fn multiple(&self) -> bool {
        true
    }

    fn format(&self, value: &Value) -> Option<String> {
        match value {
            // A list has as many inputs as items; each is asked for by itself.
            Value::List(_) => None,
            item => self.other.format(item),
        }
    }

    fn accepts_empty(&self) -> bool {
        self.min == 0
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        let mut schema = json!({"items": self.other.json_schema()});
        if self.min > 0 {
            schema["minItems"] = self.min.into();
        }
        if let Some(max) = self.max {
            schema["maxItems"] = max.into();
        }
        out.and(schema);
        out.end();
    }
}

impl FromArgs for IsListOf {
    const NAME: &'static str = "is_list_of";
    const ARGS: &'static [&'static str] = &["other", "minimum", "maximum", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self {
            other: args.rules("other")?.unwrap_or_default(),
            min: args.size("minimum")?.unwrap_or(0),
            max: args.size("maximum")?,
            message: args.message()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IsDate, IsInSet, async_rule_fn};

    #[test]
    fn what_looks_like_json_and_is_none_is_one_text() {
        let rules = Rules::one(IsListOf::any());
        let one = |text: &str| Ok(Value::List(vec![text.into()]));
        assert_eq!(rules.check_now("[abc]".into()), one("[abc]"));
        assert_eq!(
            rules.check_now(r#"[{"$file": 1}]"#.into()),
            Ok(vec![Value::from(serde_json::json!({"$file": 1}))].into()),
            "visitors have no tags"
        );
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(rules.check_now(deep.as_str().into()), one(&deep));
    }

    #[tokio::test]
    async fn items_may_be_checked_later() {
        let later = async_rule_fn(async |value: Value| match value.as_str() {
            Some("b") => Err("no b".into()),
            _ => Ok(value),
        });
        let rules = Rules::one(IsListOf::new(later));
        let check = async |texts: [&str; 3]| {
            rules.validate(texts.into_iter().map(Value::from).collect(), Context::empty()).await
        };
        assert!(check(["a", "c", "d"]).await.is_ok());
        assert_eq!(check(["a", "c", "b"]).await.unwrap_err().text(), "no b");
    }

    #[test]
    fn it_offers_what_the_other_rule_offers() {
        let rule = IsListOf::new(IsInSet::new(["a", "b"]).zero("choose"));
        assert!(rule.multiple());
        let Options::Ready(choices) = rule.options() else { panic!("no choices") };
        assert_eq!(choices.len(), 2, "{choices:?}");
        let dates = IsListOf::new(IsDate::with_format("%d.%m.%Y").unwrap());
        assert_eq!(dates.format(&crate::civil::date(2008, 3, 3).into()).as_deref(), Some("03.03.2008"));
    }
}
