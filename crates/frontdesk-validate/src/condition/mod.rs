//! Conditions on the other fields of a form.

mod eval;
mod parse;
mod write;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value as Json;

pub use self::parse::ConditionError;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use self::parse::MAX_BYTES;
use crate::Lookup;

/// A condition on the fields of a form: whether another field is shown, is required, or offers a choice.
///
/// It is worked out here and, while a visitor types, by a script in the browser, from [`to_json`](Self::to_json); both
/// come to the same answer for whatever is typed.
///
/// # How it is written
/// ```text
/// country == "US" and not (age < 18)
/// color in ["red", "blue"] or email is set
/// newsletter == true
/// ```
/// A field is compared with a literal: by `==` and `!=` with a text in quotes (`"` or `'`; `\"`, `\'`, `\\`, `\n`, `\t` and
/// `\r` stand for characters), with a number, or with `true` and `false`; by `<`, `<=`, `>` and `>=` with a text or a number;
/// by `in` with a list of literals. `is set` and `is not set` ask whether anything is entered. Conditions are joined by
/// `not`, `and` and `or`, which bind in this order, and by brackets. A field whose name is no word, or is one of the words
/// above, stands in backticks: `` `size (cm)` ``.
///
/// # What it means
/// It looks at the texts of a field, as a browser submits them. A field has one text, several (a list, a choice of
/// several) or none; texts that are empty or only white space (Unicode's `White_Space`) do not count. A file's text is its
/// name, and an unticked checkbox has none.
/// - A field `is set` if it has a text.
/// - `==` with a **text** holds if one of the texts is that one. `<` and its kin hold if one of them comes before it, and
///   so on; texts are ordered by code point, as ISO dates are.
/// - `==`, `<` and the others with a **number** hold if one of the texts reads as a number for which they hold. Such a
///   text is, once white space around it is gone, up to 64 characters: perhaps a sign, digits that may have a point
///   before, between or behind them, perhaps an exponent (`-1.5`, `.5`, `2.`, `1e3`). Numbers are doubles; what is beyond
///   them is none.
/// - `== true` holds if one of the texts says yes as a checkbox does (`on`, `true`, `1`, `yes`, `t` or `y`, in any case), and
///   `== false` if none does.
/// - `!=` holds where `==` does not; so it holds of a field that is not set.
/// - `in` holds if `==` does for one of the literals.
///
/// # Limits
/// 4,096 bytes; brackets and `not` up to 32 deep.
///
/// ```
/// use frontdesk_validate::{Condition, Lookup, Value};
///
/// struct Submitted;
///
/// impl Lookup for Submitted {
///     fn get(&self, name: &str) -> Option<Value> {
///         (name == "age").then(|| "17".into())
///     }
/// }
///
/// let minor: Condition = "age < 18".parse()?;
/// assert!(minor.eval(&Submitted));
/// assert_eq!(minor.fields(), ["age"]);
///
/// let error = "age < ".parse::<Condition>().unwrap_err();
/// assert_eq!(error.to_string(), "expected a text in quotes or a number, found the end at character 7");
/// # Ok::<(), frontdesk_validate::ConditionError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Condition(Arc<Node>);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Compare(String, Comparison, Literal),
    In(String, Vec<Literal>),
    IsSet(String),
    Not(Box<Node>),
    /// At least two.
    All(Vec<Node>),
    /// At least two.
    Any(Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    const ALL: [Self; 6] =
        [Self::Equal, Self::Unequal, Self::LessOrEqual, Self::GreaterOrEqual, Self::Less, Self::Greater];

    const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// What a [`Condition`] compares a field with: made from a text, a whole number, or true and false.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Text(String),
    /// Finite.
    Number(f64),
    Flag(bool),
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self(Kind::Text(text.to_owned()))
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self(Kind::Text(text))
    }
}

impl From<i32> for Literal {
    fn from(number: i32) -> Self {
        Self(Kind::Number(number.into()))
    }
}

impl From<bool> for Literal {
    fn from(flag: bool) -> Self {
        Self(Kind::Flag(flag))
    }
}

impl Condition {
    /// The field called `field` equals `value`.
    ///
    /// ```
    /// use frontdesk_validate::Condition;
    ///
    /// let condition = Condition::equals("country", "US").and(Condition::is_set("email").negated());
    /// assert_eq!(condition.to_string(), r#"country == "US" and email is not set"#);
    /// ```
    pub fn equals(field: impl Into<String>, value: impl Into<Literal>) -> Self {
        Self::of(Node::Compare(field.into(), Comparison::Equal, value.into()))
    }

    /// The field called `field` equals one of `values`.
    pub fn is_one_of<I>(field: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Literal>,
    {
        Self::of(Node::In(field.into(), values.into_iter().map(Into::into).collect()))
    }

    /// Something is entered in the field called `field`.
    pub fn is_set(field: impl Into<String>) -> Self {
        Self::of(Node::IsSet(field.into()))
    }

    /// This condition and another one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut all = match Arc::unwrap_or_clone(self.0) {
            Node::All(all) => all,
            one => vec![one],
        };
        all.push(Arc::unwrap_or_clone(other.0));
        Self::of(Node::All(all))
    }

    /// This condition or another one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut any = match Arc::unwrap_or_clone(self.0) {
            Node::Any(any) => any,
            one => vec![one],
        };
        any.push(Arc::unwrap_or_clone(other.0));
        Self::of(Node::Any(any))
    }

    /// Where this condition does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::of(Node::Not(Box::new(Arc::unwrap_or_clone(self.0))))
    }

    fn of(node: Node) -> Self {
        Self(Arc::new(node))
    }

    /// Whether it holds.
    pub fn eval(&self, fields: &dyn Lookup) -> bool {
        eval::holds(&self.0, fields)
    }

    /// The names of the fields that it looks at, sorted, each once.
    pub fn fields(&self) -> Vec<&str> {
        fn collect<'n>(node: &'n Node, names: &mut BTreeSet<&'n str>) {
            match node {
                Node::Compare(name, ..) | Node::In(name, _) | Node::IsSet(name) => {
                    names.insert(name);
                }
                Node::Not(inner) => collect(inner, names),
                Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| collect(part, names)),
            }
        }
        let mut names = BTreeSet::new();
        collect(&self.0, &mut names);
        names.into_iter().collect()
    }

    /// The condition for the script: `{"field": …, "op": "<", "value": …}`, `{"field": …, "in": […]}`,
    /// `{"field": …, "set": true}`, `{"not": …}`, `{"all": […]}`, `{"any": […]}`.
    ///
    /// ```
    /// use frontdesk_validate::Condition;
    ///
    /// let condition: Condition = "age >= 18 and not (color in ['red'])".parse().unwrap();
    /// assert_eq!(
    ///     condition.to_json().to_string(),
    ///     r#"{"all":[{"field":"age","op":">=","value":18},{"not":{"field":"color","in":["red"]}}]}"#,
    /// );
    /// ```
    pub fn to_json(&self) -> Json {
        write::json(&self.0)
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(source: &str) -> Result<Self, ConditionError> {
        parse::parse(source).map(Self::of)
    }
}

/// As it is written; it reads back as the same condition. With blanks and escapes it may be longer than what was read, so
/// that one near the limit of 4,096 bytes may not.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write::node(&self.0, f)
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({self})")
    }
}
