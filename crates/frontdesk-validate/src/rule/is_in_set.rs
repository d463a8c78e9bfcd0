use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::{Bound, RangeBounds};

use serde_json::{Value as Json, json};

use super::range::{self, Count};
use crate::{
    Args, Checked, Choice, Constraints, Context, FromArgs, JsonSchema, Message, Options, RuleError,
    ValidationError, Validator, Value,
};

const MESSAGE: Message = Message::new("Value not allowed");

/// `IS_IN_SET`: one of a set of values, or with [`multiple`](Self::multiple) several of them. It makes the field a
/// drop-down list.
///
/// Values are compared by their text, so that the `"3"` of a form is in a set of numbers. What was submitted comes back
/// unchanged; put [`IsIntInRange`](crate::IsIntInRange) behind this rule to get a number. Nothing is in an empty set.
///
/// # Defaults
/// One value, not several; the options begin with an empty choice without a label, and keep the order of the set.
///
/// # Errors
/// Code `is_in_set`.
///
/// ```
/// use frontdesk_validate::{IsInSet, Rules, Value};
///
/// let color = Rules::one(IsInSet::new(["red", "blue"]).zero("choose one").sort());
/// assert_eq!(color.check_now("red".into()), Ok("red".into()));
/// assert_eq!(color.check_now("pink".into()).unwrap_err().text(), "Value not allowed");
///
/// let fruit = IsInSet::pairs([("A", "Apple"), ("B", "Banana")]).without_zero();
/// assert_eq!(fruit.choices()[1].label, "Banana");
///
/// let tags = Rules::one(IsInSet::new(["a", "b", "c"]).multiple(1..=2));
/// assert!(tags.check_now(Value::List(vec!["a".into(), "c".into()])).is_ok());
/// assert!(tags.check_now(Value::List(vec![])).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct IsInSet {
    members: Vec<Choice>,
    keys: HashSet<String>,
    zero: Option<String>,
    multiple: Option<Count>,
    sort: bool,
    message: Message,
    /// The options in the order and with the empty choice that the fields above ask for; kept so that drawing a form
    /// does not work them out again.
    options: Vec<Choice>,
}

impl IsInSet {
    /// One of `values`, each its own label.
    pub fn new<I>(values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Value>,
    {
        let choice = |value: I::Item| {
            let key = value.into().into_text();
            Choice::new(key.clone(), key)
        };
        Self::of(values.into_iter().map(choice).collect())
    }

    /// One of the values that stand first in `pairs`; second is the label that people see.
    pub fn pairs<I, V, L>(pairs: I) -> Self
    where
        I: IntoIterator<Item = (V, L)>,
        V: Into<Value>,
        L: Into<String>,
    {
        Self::of(
            pairs.into_iter().map(|(value, label)| Choice::new(value.into().into_text(), label)).collect(),
        )
    }

    /// Adds `values`, each its own label, that stand under a heading in the list.
    ///
    /// ```
    /// use frontdesk_validate::IsInSet;
    ///
    /// let food = IsInSet::new(["bread"]).group("Fruit", ["apple", "pear"]).group("Vegetables", ["kale"]);
    /// assert_eq!(food.choices()[2].group.as_deref(), Some("Fruit"));
    /// ```
    #[must_use]
    pub fn group<I>(self, heading: impl Into<Cow<'static, str>>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Value>,
    {
        let labelled = |value: I::Item| {
            let key = value.into().into_text();
            (key.clone(), key)
        };
        let pairs: Vec<_> = values.into_iter().map(labelled).collect();
        self.group_pairs(heading, pairs)
    }

    /// As [`group`](Self::group), with the labels that people see second in each pair.
    #[must_use]
    pub fn group_pairs<I, V, L>(mut self, heading: impl Into<Cow<'static, str>>, pairs: I) -> Self
    where
        I: IntoIterator<Item = (V, L)>,
        V: Into<Value>,
        L: Into<String>,
    {
        let heading = heading.into();
        for (value, label) in pairs {
            let choice = Choice::new(value.into().into_text(), label).in_group(heading.clone());
            self.keys.insert(choice.value.clone());
            self.members.push(choice);
        }
        self.arranged()
    }

    fn of(members: Vec<Choice>) -> Self {
        let keys = members.iter().map(|choice| choice.value.clone()).collect();
        let zero = Some(String::new());
        let new =
            Self { members, keys, zero, multiple: None, sort: false, message: MESSAGE, options: Vec::new() };
        new.arranged()
    }

    /// The label of the empty choice that stands before the others and is not accepted. Default: an empty one.
    #[must_use]
    pub fn zero(mut self, label: impl Into<String>) -> Self {
        self.zero = Some(label.into());
        self.arranged()
    }

    /// No empty choice: the first value is chosen from the start.
    #[must_use]
    pub fn without_zero(mut self) -> Self {
        self.zero = None;
        self.arranged()
    }

    /// Lets several values be chosen, as many as `count` says; `..` is any number, none included.
    ///
    /// The value becomes a list, and the options have no empty choice.
    #[must_use]
    pub fn multiple(mut self, count: impl RangeBounds<usize>) -> Self {
        self.multiple = Some((count.start_bound().cloned(), count.end_bound().cloned()));
        self.arranged()
    }

    /// Orders the options by label, upper and lower case alike, within each group. Default: as given.
    #[must_use]
    pub fn sort(mut self) -> Self {
        self.sort = true;
        self.arranged()
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    /// The options as a drop-down list shows them.
    pub fn choices(&self) -> &[Choice] {
        &self.options
    }

    fn arranged(mut self) -> Self {
        self.options.clone_from(&self.members);
        if self.sort {
            self.options.sort_by_cached_key(|choice| choice.label.to_lowercase());
        }
        // The choices of a group stay together, groups in the order in which they were given.
        let mut groups: Vec<Option<&str>> = Vec::new();
        for choice in &self.members {
            if !groups.contains(&choice.group.as_deref()) {
                groups.push(choice.group.as_deref());
            }
        }
        if groups.len() > 1 {
            let places: HashMap<_, _> = groups.into_iter().zip(0_usize..).collect();
            self.options.sort_by_key(|choice| places.get(&choice.group.as_deref()).copied());
        }
        if let (Some(label), None, false) = (&self.zero, self.multiple, self.keys.contains("")) {
            self.options.insert(0, Choice::new("", label));
        }
        self
    }

    fn contains(&self, value: &Value) -> bool {
        match value {
            Value::List(_) | Value::Json(_) | Value::Bytes(_) | Value::File(_) => false,
            scalar => self.keys.contains(&*scalar.to_text()),
        }
    }
}

impl Validator for IsInSet {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let Some(count) = self.multiple else {
            return if self.contains(&value) { Ok(value) } else { Err(self.error()) }.into();
        };
        let items = match value {
            Value::List(items) => items,
            Value::Null => Vec::new(),
            Value::Text(text) if text.is_empty() => Vec::new(),
            one => vec![one],
        };
        let pass = count.contains(&items.len()) && items.iter().all(|item| self.contains(item));
        if pass { Ok(Value::List(items)) } else { Err(self.error()) }.into()
    }

    fn options(&self) -> Options<'_> {
        Options::Ready(Cow::Borrowed(&self.options))
    }

    fn multiple(&self) -> bool {
        self.multiple.is_some()
    }

    fn constraints(&self, out: &mut Constraints) {
        // The choices are all that can be chosen.
        if self.multiple.is_some() {
            out.end();
        }
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        let one = json!({"enum": self.members.iter().flat_map(|choice| json_forms(&choice.value)).collect::<Vec<_>>()});
        let Some(count) = self.multiple else { return out.and(one) };
        let mut several = json!({"type": "array", "items": one});
        match count.0 {
            Bound::Included(min) => several["minItems"] = min.into(),
            Bound::Excluded(under) => several["minItems"] = under.saturating_add(1).into(),
            Bound::Unbounded => {}
        }
        match count.1 {
            Bound::Included(max) => several["maxItems"] = max.into(),
            Bound::Excluded(0) => several["maxItems"] = 0.into(),
            Bound::Excluded(over) => several["maxItems"] = (over - 1).into(),
            Bound::Unbounded => {}
        }
        let mut any = vec![several];
        if count.contains(&1) {
            any.push(one);
        }
        if count.contains(&0) {
            any.push(json!({"enum": ["", null]}));
        }
        out.and(json!({"anyOf": any}));
        out.end();
    }
}

impl IsInSet {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl FromArgs for IsInSet {
    const NAME: &'static str = "is_in_set";
    const ARGS: &'static [&'static str] = &["theset", "labels", "multiple", "zero", "sort", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let json = args.take("theset").ok_or_else(|| RuleError::Missing {
            rule: Self::NAME.to_owned(),
            argument: "theset".to_owned(),
        })?;
        let mut members: Vec<Choice> = match &json {
            Json::Array(items) => items.iter().map(member).collect(),
            Json::Object(labels) => {
                labels.iter().map(|(key, label)| group_or_member(key, label)).collect::<Option<Vec<_>>>().map(|all| all.concat())
            }
            _ => None,
        }
        .ok_or_else(|| {
            args.wrong(
                "theset",
                "a list of values, a list of [value, label], or an object of labels or of such lists by heading",
                &json,
            )
        })?;

        if let Some(json) = args.take("labels").filter(|json| !json.is_null()) {
            let labels: Option<Vec<String>> =
                json.as_array().and_then(|labels| labels.iter().map(text).collect());
            let labels = labels.ok_or_else(|| args.wrong("labels", "a list of texts", &json))?;
            if labels.len() != members.len() {
                let problem = format!("has {} labels for {} values", labels.len(), members.len());
                return Err(args.senseless("labels", problem));
            }
            for (choice, label) in members.iter_mut().zip(labels) {
                choice.label = label;
            }
        }
        let mut rule = Self::of(members);
        rule.multiple = range::count(args, "multiple")?;
        rule.zero = match args.take("zero") {
            None => rule.zero,
            Some(Json::Null) => None,
            Some(json) => Some(text(&json).ok_or_else(|| args.wrong("zero", "a text or null", &json))?),
        };
        rule.sort = args.flag("sort")?.unwrap_or(false);
        rule.message = args.message()?.unwrap_or(MESSAGE);
        Ok(rule.arranged())
    }
}

/// The values of JSON whose text is `text`.
fn json_forms(text: &str) -> Vec<Json> {
    let mut forms = vec![Json::from(text)];
    match text {
        "" => forms.push(Json::Null),
        "true" => forms.push(true.into()),
        "false" => forms.push(false.into()),
        number => {
            let number = number.parse::<i64>().map(Value::Int).or_else(|_| number.parse().map(Value::Float));
            if let Ok(number) = number
                && number.to_text() == text
            {
                forms.push(number.to_plain_json());
            }
        }
    }
    forms
}

/// One member of the object: a value with its label, or a heading with a list or an object of values.
fn group_or_member(key: &str, json: &Json) -> Option<Vec<Choice>> {
    let choices: Option<Vec<Choice>> = match json {
        Json::Array(items) => items.iter().map(member).collect(),
        // A tag such as `{"$date": …}` is one value.
        Json::Object(labels) if text(json).is_none() => {
            labels.iter().map(|(key, label)| Some(Choice::new(key, text(label)?))).collect()
        }
        label => return Some(vec![Choice::new(key, text(label)?)]),
    };
    Some(choices?.into_iter().map(|choice| choice.in_group(key.to_owned())).collect())
}

/// One item of the list: a value, or a value with its label.
fn member(json: &Json) -> Option<Choice> {
    match json.as_array().map(Vec::as_slice) {
        Some([value, label]) => Some(Choice::new(text(value)?, text(label)?)),
        Some(_) => None,
        None => text(json).map(|value| Choice::new(value.clone(), value)),
    }
}

/// The text by which a value is compared, and that of a label; nothing for what is no single value.
fn text(json: &Json) -> Option<String> {
    match Value::from_tagged_json(json).ok()? {
        Value::List(_) | Value::Json(_) | Value::Bytes(_) | Value::File(_) | Value::Null => None,
        scalar => Some(scalar.into_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, Rules};

    #[test]
    fn nothing_chosen_is_a_value_where_the_set_says_so() {
        let rule = IsInSet::pairs([("", "none"), ("a", "A")]);
        assert_eq!(rule.choices().len(), 2, "one empty choice is enough");
        let rules = Rules::one(rule);
        assert!(rules.accept_empty());
        assert_eq!(rules.check_now(Value::Null), Ok(Value::Null));
    }

    #[test]
    fn groups_stay_together() {
        let rule = IsInSet::new(["z", "y"]).group("Fruit", ["pear", "apple"]).group("Other", ["x"]);
        let rule = rule.group_pairs("Fruit", [("f", "fig")]).without_zero();
        let values =
            |rule: &IsInSet| rule.choices().iter().map(|choice| choice.value.clone()).collect::<Vec<_>>();
        assert_eq!(values(&rule), ["z", "y", "pear", "apple", "f", "x"]);
        assert_eq!(values(&rule.sort()), ["y", "z", "apple", "f", "pear", "x"]);

        let json = json!({"rule": "is_in_set", "theset": {"b": "bread", "Fruit": ["apple", ["p", "Pear"]], "Nuts": {"h": "Hazel"}}});
        let rule: IsInSet = Registry::standard().typed(&json).unwrap();
        let groups: Vec<_> = rule
            .choices()
            .iter()
            .map(|choice| (choice.group.as_deref().unwrap_or(""), &*choice.value, &*choice.label))
            .collect();
        assert_eq!(
            groups,
            [
                ("", "", ""),
                ("", "b", "bread"),
                ("Fruit", "apple", "apple"),
                ("Fruit", "p", "Pear"),
                ("Nuts", "h", "Hazel")
            ]
        );
        let rules = Rules::one(rule);
        assert!(rules.check_now("p".into()).is_ok());
        assert!(rules.check_now("Fruit".into()).is_err());
    }

    #[test]
    fn structures_are_in_no_set() {
        let rules = Rules::one(IsInSet::new([r#"["a"]"#, "{}", "a.txt"]));
        for value in [
            Value::List(vec!["a".into()]),
            json!({}).into(),
            Value::File(crate::FileValue::in_memory("a.txt", *b"")),
        ] {
            assert_eq!(rules.check_now(value).unwrap_err().code(), "is_in_set");
        }
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (rule, part) in [
            (json!({"rule": "is_in_set"}), "needs the argument `theset`"),
            (json!({"rule": "is_in_set", "theset": "abc"}), "`theset` wants a list"),
            (json!({"rule": "is_in_set", "theset": [["a", "b", "c"]]}), "`theset` wants a list"),
            (
                json!({"rule": "is_in_set", "theset": ["a"], "labels": []}),
                "`labels` has 0 labels for 1 values",
            ),
            (json!({"rule": "is_in_set", "theset": ["a"], "multiple": [1]}), "`multiple` wants"),
        ] {
            let error = Registry::standard().rules(&rule).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
