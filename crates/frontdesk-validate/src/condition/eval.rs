//! Working conditions out, as `condition.js` does for browsers: change one with the other.

use std::borrow::Cow;

use super::{Comparison, Kind, Literal, Node};
use crate::{Lookup, Value};

pub(super) fn holds(node: &Node, fields: &dyn Lookup) -> bool {
    match node {
        Node::Compare(name, comparison, literal) => {
            let value = fields.get(name).unwrap_or(Value::Null);
            compare(&texts(&value), *comparison, literal)
        }
        Node::In(name, literals) => {
            let value = fields.get(name).unwrap_or(Value::Null);
            let texts = texts(&value);
            literals.iter().any(|literal| compare(&texts, Comparison::Equal, literal))
        }
        Node::IsSet(name) => fields.get(name).is_some_and(|value| !texts(&value).is_empty()),
        Node::Not(inner) => !holds(inner, fields),
        Node::All(parts) => parts.iter().all(|part| holds(part, fields)),
        Node::Any(parts) => parts.iter().any(|part| holds(part, fields)),
    }
}

/// The texts that a browser would submit for the value, without those that are blank.
fn texts(value: &Value) -> Vec<Cow<'_, str>> {
    let mut all: Vec<_> = match value {
        Value::List(items) => items.iter().map(Value::to_text).collect(),
        Value::Bool(false) | Value::Null => Vec::new(),
        one => vec![one.to_text()],
    };
    all.retain(|text| !text.trim().is_empty());
    all
}

fn compare(texts: &[Cow<'_, str>], comparison: Comparison, Literal(literal): &Literal) -> bool {
    if comparison == Comparison::Unequal {
        return !compare(texts, Comparison::Equal, &Literal(literal.clone()));
    }
    match literal {
        Kind::Flag(wanted) => *wanted == texts.iter().any(|text| says_yes(text)),
        Kind::Text(wanted) => texts.iter().any(|text| ordered(comparison, &**text, &**wanted)),
        Kind::Number(wanted) => {
            texts.iter().filter_map(|text| number(text)).any(|found| ordered(comparison, &found, wanted))
        }
    }
}

/// Texts compare by their UTF-8, which is by code point.
fn ordered<T: PartialOrd + ?Sized>(comparison: Comparison, found: &T, wanted: &T) -> bool {
    match comparison {
        Comparison::Equal => found == wanted,
        Comparison::Unequal => found != wanted,
        Comparison::Less => found < wanted,
        Comparison::LessOrEqual => found <= wanted,
        Comparison::Greater => found > wanted,
        Comparison::GreaterOrEqual => found >= wanted,
    }
}

/// What a ticked checkbox may send.
fn says_yes(text: &str) -> bool {
    ["on", "true", "1", "yes", "t", "y"].iter().any(|yes| yes.eq_ignore_ascii_case(text))
}

/// The longest text that is read as a number.
const MAX_NUMBER: usize = 64;

/// Reads `[+-]? ([0-9]+ (. [0-9]*)? | . [0-9]+) ([eE] [+-]? [0-9]+)?` with white space around it.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if text.len() > MAX_NUMBER || !digits.starts_with(|c: char| c == '.' || c.is_ascii_digit()) {
        return None; // the standard library knows infinity by name
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Condition;

    struct One(Value);

    impl Lookup for One {
        fn get(&self, name: &str) -> Option<Value> {
            (name == "x").then(|| self.0.clone())
        }
    }

    fn holds(source: &str, value: impl Into<Value>) -> bool {
        source.parse::<Condition>().unwrap().eval(&One(value.into()))
    }

    #[test]
    fn values_of_the_database_are_compared_by_their_texts() {
        assert!(holds("x == 3", 3) && holds("x == 3", 3.0));
        assert!(holds("x == true", true) && holds("x == false", false));
        assert!(!holds("x is set", false) && !holds("x is set", Value::Null));
        assert!(holds(r#"x < "2010-01-01""#, crate::civil::date(2009, 12, 31)));
        assert!(holds(r#"x == "a.png""#, crate::FileValue::in_memory("a.png", *b"")));
    }

    #[test]
    fn a_field_that_is_not_there_is_not_set() {
        assert!(!holds("y is set", "a"));
        assert!(holds("y is not set and y != 'a' and y == false", "a"));
        assert!(!holds("y == '' or y < 5 or y > 'a' or y in [1, 'b']", "a"));
    }

    #[test]
    fn numbers_are_read_strictly() {
        for (text, value) in [("+5", 5.0), ("5.", 5.0), (".5", 0.5), (" 1e3\u{85}", 1000.0), ("-0", 0.0)] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        let long = "1".repeat(65);
        for text in ["", ".", "inf", "nan", "+inf", "1e400", "0x10", "1_0", "1,5", "1 2", "٣", &long] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
