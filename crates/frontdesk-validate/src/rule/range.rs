//! What the rules over ranges share: bounds, and the wording of their errors.

use std::ops::Bound;

use serde_json::{Value as Json, json};

use crate::portable::{self, WHITE_SPACE};
use crate::{
    Args, Constraints, InputKind, JsonSchema, Message, RuleError, ValidationError, Value, json_schema,
};

/// The texts of a rule over a range, with their codes, by which bounds it has.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) any: (&'static str, Message),
    pub(super) min: (&'static str, Message),
    pub(super) max: (&'static str, Message),
    pub(super) between: (&'static str, Message),
}

impl Texts {
    /// The error of a value that is none or is out of range: both say what to enter. `message` replaces the text.
    pub(super) fn error(
        &self,
        message: Option<&Message>,
        min: Option<Value>,
        max: Option<Value>,
    ) -> ValidationError {
        self.error_with(message, min, max, None)
    }

    /// As [`error`](Self::error), with one parameter more.
    pub(super) fn error_with(
        &self,
        message: Option<&Message>,
        min: Option<Value>,
        max: Option<Value>,
        more: Option<(&'static str, Value)>,
    ) -> ValidationError {
        let (code, text) = match (&min, &max) {
            (None, None) => &self.any,
            (Some(_), None) => &self.min,
            (None, Some(_)) => &self.max,
            (Some(_), Some(_)) => &self.between,
        };
        let params = [("min", min), ("max", max)];
        let params =
            params.into_iter().filter_map(|(name, bound)| Some((name, bound?))).chain(more).collect();
        ValidationError::with_params(*code, message.unwrap_or(text), params)
    }
    /// As [`error`](Self::error) for numbers called `noun`, whose bounds may be excluded: then the parameter `excluded` is
    /// `min`, `max` or `both`.
    pub(super) fn number_error(
        &self,
        noun: &str,
        message: Option<&Message>,
        lower: Bound<Value>,
        upper: Bound<Value>,
    ) -> ValidationError {
        let excluding = match (&lower, &upper) {
            (Bound::Excluded(_), Bound::Unbounded) => " greater than %(min)g",
            (Bound::Unbounded, Bound::Excluded(_)) => " less than %(max)g",
            (Bound::Included(_), Bound::Excluded(_)) => {
                " greater than or equal to %(min)g and less than %(max)g"
            }
            (Bound::Excluded(_), Bound::Included(_)) => {
                " greater than %(min)g and less than or equal to %(max)g"
            }
            (Bound::Excluded(_), Bound::Excluded(_)) => " greater than %(min)g and less than %(max)g",
            _ => "",
        };
        let bound = |bound| match bound {
            Bound::Included(value) | Bound::Excluded(value) => Some(value),
            Bound::Unbounded => None,
        };
        let excluded = match (&lower, &upper) {
            (Bound::Excluded(_), Bound::Excluded(_)) => Some("both"),
            (Bound::Excluded(_), _) => Some("min"),
            (_, Bound::Excluded(_)) => Some("max"),
            _ => None,
        };
        let excluded = excluded.map(|which| ("excluded", which.into()));
        let error = self.error_with(message, bound(lower), bound(upper), excluded);
        if message.is_some() || excluding.is_empty() {
            return error;
        }
        error.reworded(&Message::own(format!("Enter {noun}{excluding}")))
    }
}

/// A number that may have a fraction and an exponent, and blanks around it. Matches more than is read, never less.
fn number_pattern(dot: char) -> String {
    let mut point = String::from(r"[\.");
    if dot != '.' {
        portable::character(dot, &mut point);
    }
    point.push(']');
    format!(
        r"{WHITE_SPACE}*[+\-]?(?:[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+\-]?[0-9]+)?{WHITE_SPACE}*"
    )
}

fn written(bound: Bound<String>) -> Option<String> {
    match bound {
        Bound::Included(bound) | Bound::Excluded(bound) => Some(bound),
        Bound::Unbounded => None,
    }
}

/// What a browser can check of a number with these bounds. It does not know bounds that are excluded.
pub(super) fn number_constraints(
    (lower, upper): (Bound<String>, Bound<String>),
    dot: char,
    error: &ValidationError,
    out: &mut Constraints,
) {
    out.match_whole(number_pattern(dot), error.clone());
    if let Some(min) = written(lower) {
        out.at_least(InputKind::Number, min, error.clone());
    }
    if let Some(max) = written(upper) {
        out.at_most(InputKind::Number, max, error.clone());
    }
    if dot != '.' {
        out.dot = out.dot.or(Some(dot));
    }
    out.read_as(InputKind::Number, error.clone());
}

/// A number with these bounds, or a text of one.
pub(super) fn number_schema((lower, upper): (Bound<String>, Bound<String>), dot: char, out: &mut JsonSchema) {
    let mut schema = json!({"type": "number"});
    let mut bound = |bound: Bound<String>, included, excluded| {
        let keyword = if matches!(bound, Bound::Excluded(_)) { excluded } else { included };
        if let Some(number) = written(bound).and_then(|text| serde_json::from_str::<Json>(&text).ok()) {
            schema[keyword] = number;
        }
    };
    bound(lower, "minimum", "exclusiveMinimum");
    bound(upper, "maximum", "exclusiveMaximum");
    let pattern = json_schema::whole(&number_pattern(dot));
    out.and(json!({"anyOf": [schema, {"type": "string", "pattern": pattern}]}));
    out.end();
}

/// The texts for numbers called `$noun`, under the codes of `$rule`.
macro_rules! number_texts {
    ($rule:literal, $noun:literal) => {
        $crate::rule::range::Texts {
            any: ($rule, Message::new(concat!("Enter ", $noun))),
            min: (
                concat!($rule, ".min"),
                Message::new(concat!("Enter ", $noun, " greater than or equal to %(min)g")),
            ),
            max: (
                concat!($rule, ".max"),
                Message::new(concat!("Enter ", $noun, " less than or equal to %(max)g")),
            ),
            between: (
                concat!($rule, ".between"),
                Message::new(concat!("Enter ", $noun, " between %(min)g and %(max)g")),
            ),
        }
    };
}

pub(super) use number_texts;

/// From how many items to how many.
pub(super) type Count = (Bound<usize>, Bound<usize>);

/// How many items, as the argument `name` says it: true is any number, `[a, b]` from a up to but without b.
pub(super) fn count(args: &mut Args<'_>, name: &str) -> Result<Option<Count>, RuleError> {
    let number = |json: &Json| json.as_u64().map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let json = args.take(name).unwrap_or(Json::Null);
    match &json {
        Json::Null | Json::Bool(false) => return Ok(None),
        Json::Bool(true) => return Ok(Some((Bound::Unbounded, Bound::Unbounded))),
        Json::Array(ends) => {
            if let [min, max] = &ends[..]
                && let (Some(min), Some(max)) = (number(min), number(max))
            {
                return Ok(Some((Bound::Included(min), Bound::Excluded(max))));
            }
        }
        _ => {}
    }
    Err(args.wrong(name, "true, false or two whole numbers [from, below]", &json))
}

/// Reads the character of the argument `dot`, which stands between a number's whole part and its fraction.
pub(super) fn dot(args: &mut Args<'_>) -> Result<char, RuleError> {
    let Some(text) = args.text("dot")? else { return Ok('.') };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(dot), None) if is_dot(dot) => Ok(dot),
        _ => Err(args
            .senseless("dot", "must be one character, such as a comma, and no letter, digit, sign or blank")),
    }
}

/// Whether `dot` can separate a fraction.
pub(super) fn is_dot(dot: char) -> bool {
    !(dot.is_alphanumeric() || dot.is_whitespace() || matches!(dot, '+' | '-'))
}
