use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::rule;
use crate::{Args, Rules, Validator};

/// Why a rule could not be made from data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// There is no rule of that name.
    #[error("unknown rule `{name}`{}", did_you_mean(.nearest))]
    UnknownRule {
        /// The name that was given.
        name: String,
        /// The known name that is nearest to it, if one is near.
        nearest: Option<String>,
    },
    /// The rule has no argument of that name.
    #[error("rule `{rule}` has no argument `{argument}`{}; it takes {}", did_you_mean(.nearest), list(.known))]
    UnknownArgument {
        /// The rule.
        rule: String,
        /// The argument that was given.
        argument: String,
        /// The known argument that is nearest to it, if one is near.
        nearest: Option<String>,
        /// All arguments of the rule.
        known: Vec<String>,
    },
    /// An argument is of the wrong kind or makes no sense.
    #[error("rule `{rule}`: argument `{argument}` {problem}")]
    Argument {
        /// The rule.
        rule: String,
        /// The argument.
        argument: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A needed argument is absent.
    #[error("rule `{rule}` needs the argument `{argument}`")]
    Missing {
        /// The rule.
        rule: String,
        /// The argument.
        argument: String,
    },
    /// The data is no rule: not an object with a member `rule`.
    #[error("a rule is an object with a member `rule`, such as {{\"rule\": \"is_email\"}}, not {found}")]
    Shape {
        /// What was found, shortened.
        found: String,
    },
    /// The rules hold rules too deeply.
    #[error("rules are nested more than {max} deep")]
    TooDeep {
        /// The deepest nesting that is read.
        max: usize,
    },
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A rule that can be read from data. What the rules of this crate implement, and what a rule of your own implements
/// to be named in a schema file.
pub trait FromArgs: Validator + Sized {
    /// The rule's name as data.
    const NAME: &'static str;
    /// The names of all its arguments.
    const ARGS: &'static [&'static str];

    /// Makes the rule.
    ///
    /// # Errors
    /// [`RuleError`], if an argument is missing, of the wrong kind, or makes no sense.
    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError>;
}

type Build = Arc<dyn Fn(&mut Args<'_>) -> Result<Arc<dyn Validator>, RuleError> + Send + Sync>;

#[derive(Clone)]
struct Entry {
    args: &'static [&'static str],
    build: Build,
}

/// The rules that can be named in data, by name.
///
/// ```
/// use frontdesk_validate::Registry;
///
/// let rules = Registry::standard();
/// let name = rules.rules(&serde_json::json!([{"rule": "is_not_empty"}, {"rule": "is_length", "maxsize": 15}])).unwrap();
/// assert!(name.check_now("Ada".into()).is_ok());
///
/// let error = rules.rules(&serde_json::json!({"rule": "is_lenght"})).unwrap_err();
/// assert_eq!(error.to_string(), "unknown rule `is_lenght`; did you mean `is_length`?");
/// ```
#[derive(Clone)]
pub struct Registry {
    entries: BTreeMap<&'static str, Entry>,
}

/// How deeply rules may hold rules, as data.
const MAX_DEPTH: usize = 32;

impl Registry {
    /// A registry without rules.
    pub fn empty() -> Self {
        Self { entries: BTreeMap::new() }
    }

    /// All rules of this crate.
    pub fn standard() -> Self {
        let mut registry = Self::empty();
        rule::register(&mut registry);
        registry
    }

    /// Adds a rule type under its own name.
    pub fn add<R: FromArgs>(&mut self) {
        self.add_with(R::NAME, R::ARGS, |args| Ok(Arc::new(R::from_args(args)?)));
    }

    /// Adds a rule that a closure makes, under any name; one of the same name is replaced. `args` are the names of all
    /// its arguments.
    pub fn add_with<F>(&mut self, name: &'static str, args: &'static [&'static str], build: F)
    where
        F: Fn(&mut Args<'_>) -> Result<Arc<dyn Validator>, RuleError> + Send + Sync + 'static,
    {
        self.entries.insert(name, Entry { args, build: Arc::new(build) });
    }

    /// The names of the rules.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.keys().copied()
    }

    /// Reads one rule (an object) or a list of them.
    ///
    /// # Errors
    /// [`RuleError`], naming the rule and the argument, and the nearest known name where one is unknown.
    pub fn rules(&self, json: &Json) -> Result<Rules, RuleError> {
        if depth(json) > MAX_DEPTH {
            return Err(RuleError::TooDeep { max: MAX_DEPTH });
        }
        match json {
            Json::Array(items) => {
                items.iter().map(|item| self.rule(item)).collect::<Result<Vec<_>, _>>().map(Rules::from)
            }
            one => self.rule(one).map(Rules::from),
        }
    }

    /// Reads one rule.
    ///
    /// # Errors
    /// As [`rules`](Self::rules).
    pub fn rule(&self, json: &Json) -> Result<Arc<dyn Validator>, RuleError> {
        let (name, members) = name_and_arguments(json)?;
        let (&known, entry) = self.entries.get_key_value(&*name).ok_or_else(|| self.unknown(&name))?;
        let mut args = Args::new(known, members, self);
        let rule = (entry.build)(&mut args)?;
        all_taken(&args, name, entry.args)?;
        Ok(rule)
    }

    /// Reads a rule of a known type, for what only that type can do.
    ///
    /// # Errors
    /// As [`rules`](Self::rules); another rule is an unknown one.
    ///
    /// ```
    /// use frontdesk_validate::{Crypt, Registry};
    ///
    /// let rule = serde_json::json!({"rule": "crypt", "key": "sha512:thisisthekey"});
    /// let crypt: Crypt = Registry::standard().typed(&rule).unwrap();
    /// let hash = crypt.hash("secret").unwrap();
    /// assert!(crypt.verify("secret", &hash).matches);
    /// ```
    pub fn typed<R: FromArgs>(&self, json: &Json) -> Result<R, RuleError> {
        let (name, members) = name_and_arguments(json)?;
        if name != R::NAME {
            return Err(RuleError::UnknownRule { name, nearest: Some(R::NAME.to_owned()) });
        }
        let mut args = Args::new(R::NAME, members, self);
        let rule = R::from_args(&mut args)?;
        all_taken(&args, name, R::ARGS)?;
        Ok(rule)
    }

    fn unknown(&self, name: &str) -> RuleError {
        RuleError::UnknownRule { name: name.to_owned(), nearest: nearest(name, self.entries.keys().copied()) }
    }

    /// Reads rules from a TOML value: the same shape as JSON.
    ///
    /// # Errors
    /// As [`rules`](Self::rules).
    pub fn rules_from_toml(&self, toml: &toml::Value) -> Result<Rules, RuleError> {
        self.rules(&toml_to_json(toml))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// The parts of a rule as data.
fn name_and_arguments(json: &Json) -> Result<(String, serde_json::Map<String, Json>), RuleError> {
    let shape = || {
        let mut found = json.to_string();
        if found.chars().count() > 60 {
            found = found.chars().take(60).chain(['…']).collect();
        }
        RuleError::Shape { found }
    };
    let mut members = json.as_object().ok_or_else(shape)?.clone();
    match members.shift_remove("rule") {
        Some(Json::String(name)) => Ok((name, members)),
        _ => Err(shape()),
    }
}

/// Refuses arguments that the rule did not take.
fn all_taken(args: &Args<'_>, rule: String, known: &[&str]) -> Result<(), RuleError> {
    match args.first_left() {
        None => Ok(()),
        Some(left) => Err(RuleError::UnknownArgument {
            rule,
            argument: left.to_owned(),
            nearest: nearest(left, known.iter().copied()),
            known: known.iter().map(|&arg| arg.to_owned()).collect(),
        }),
    }
}

/// How deeply arrays and objects nest. Iterative enough: `serde_json` itself reads no more than 128 levels.
fn depth(json: &Json) -> usize {
    match json {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The name nearest to `wrong`, if one is near enough to be meant.
fn nearest<'n>(wrong: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    if wrong.len() > 64 {
        return None;
    }
    known
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

/// TOML has dates of its own; they become the tags that [`Value::from_tagged_json`](crate::Value::from_tagged_json) reads.
fn toml_to_json(toml: &toml::Value) -> Json {
    use serde_json::json;
    match toml {
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) if number.is_finite() => (*number).into(),
        toml::Value::Float(number) => json!({ "$float": number.to_string().to_ascii_lowercase() }),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(at) => {
            let tag = match (at.date, at.time) {
                (Some(_), None) => "$date",
                (None, Some(_)) => "$time",
                _ => "$datetime",
            };
            json!({ tag: at.to_string() })
        }
        toml::Value::Array(items) => items.iter().map(toml_to_json).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), toml_to_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_argument_is_named_with_the_nearest_one() {
        let error = Registry::standard().rules(&json!({"rule": "is_length", "maxsise": 3})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "rule `is_length` has no argument `maxsise`; did you mean `maxsize`?; it takes maxsize, minsize, error_message"
        );
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let registry = Registry::standard();
        for json in [json!(null), json!("is_email"), json!({}), json!({"rule": 1}), json!([[]])] {
            assert!(matches!(registry.rules(&json), Err(RuleError::Shape { .. })), "{json}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut rule = json!({"rule": "is_email"});
        for _ in 0..100 {
            rule = json!({"rule": "is_empty_or", "other": rule});
        }
        assert_eq!(Registry::standard().rules(&rule).unwrap_err(), RuleError::TooDeep { max: MAX_DEPTH });
    }

    #[test]
    fn toml_reads_as_json_does() {
        let toml: toml::Value = toml::from_str("rule = 'is_length'\nmaxsize = 2").unwrap();
        assert!(Registry::standard().rules_from_toml(&toml).unwrap().check_now("abc".into()).is_err());
    }
}
