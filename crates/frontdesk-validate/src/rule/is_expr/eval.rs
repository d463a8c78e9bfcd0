use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::parse::{Comparison, Function, Node, Operator};
use crate::Value;
use crate::rule::is_equal_to::equal;

/// The expression has no result for this value: a wrong kind, a division by zero, an overflow.
struct Undefined;

type Result<T> = std::result::Result<T, Undefined>;

/// Whether the expression is true of `value`; where it has no result, it is not.
pub(super) fn holds(node: &Node, value: &Value) -> bool {
    let scalar;
    let value = match value {
        Value::Json(json) => match from_json(json) {
            Some(plain) => {
                scalar = plain;
                &scalar
            }
            None => value,
        },
        other => other,
    };
    eval(node, value).is_ok_and(|result| is_true(&result))
}

/// A JSON document that is one thing.
fn from_json(json: &serde_json::Value) -> Option<Value> {
    Some(match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64()?),
        },
        _ => return None,
    })
}

fn eval<'a>(node: &'a Node, value: &'a Value) -> Result<Cow<'a, Value>> {
    Ok(match node {
        Node::Value => Cow::Borrowed(value),
        Node::Literal(literal) => Cow::Borrowed(literal),
        Node::List(items) => {
            let items = items.iter().map(|item| eval(item, value).map(Cow::into_owned));
            Cow::Owned(Value::List(items.collect::<Result<_>>()?))
        }
        Node::Not(inner) => Cow::Owned(Value::Bool(!is_true(&*eval(inner, value)?))),
        Node::Negative(inner) => Cow::Owned(negative(&*eval(inner, value)?)?),
        Node::Chain(first, rest) => {
            let mut result = eval(first, value)?;
            for (operator, node) in rest {
                result = Cow::Owned(calculate(*operator, &result, &*eval(node, value)?)?);
            }
            result
        }
        Node::Compare(first, rest) => {
            let mut left = eval(first, value)?;
            for (comparison, node) in rest {
                let right = eval(node, value)?;
                if !compare(*comparison, &left, &right)? {
                    return Ok(Cow::Owned(Value::Bool(false)));
                }
                left = right;
            }
            Cow::Owned(Value::Bool(true))
        }
        Node::And(parts) => first_that(parts, value, |result| !is_true(result))?,
        Node::Or(parts) => first_that(parts, value, is_true)?,
        Node::Call(function, argument) => call(*function, eval(argument, value)?)?,
    })
}

/// The first result that `decides`, or the last one; what is behind it is not worked out.
fn first_that<'a>(
    parts: &'a [Node],
    value: &'a Value,
    decides: fn(&Value) -> bool,
) -> Result<Cow<'a, Value>> {
    let mut result = Cow::Owned(Value::Null);
    for part in parts {
        result = eval(part, value)?;
        if decides(&result) {
            break;
        }
    }
    Ok(result)
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Int(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::Decimal(number) => !number.is_zero(),
        Value::Text(text) => !text.is_empty(),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Json(json) => members(json) != Some(0),
        _ => true,
    }
}

fn finite(number: f64) -> Result<f64> {
    if number.is_finite() { Ok(number) } else { Err(Undefined) }
}

fn negative(value: &Value) -> Result<Value> {
    match value {
        Value::Int(number) => number.checked_neg().map(Value::Int).ok_or(Undefined),
        Value::Float(number) => Ok(Value::Float(-finite(*number)?)),
        Value::Decimal(number) => Ok(Value::Decimal(-number)),
        _ => Err(Undefined),
    }
}

/// Two numbers, as what they are calculated in: floats if one is a float, else decimals if one is a decimal.
enum Numbers {
    Ints(i64, i64),
    Decimals(Decimal, Decimal),
    Floats(f64, f64),
}

fn numbers(a: &Value, b: &Value) -> Result<Numbers> {
    let decimal = |value: &Value| match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    };
    let float = |value: &Value| match value {
        Value::Int(number) => number.to_f64(),
        Value::Decimal(number) => number.to_f64(),
        Value::Float(number) => Some(*number).filter(|number| number.is_finite()),
        _ => None,
    };
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(Numbers::Ints(*a, *b)),
        (Value::Float(_), _) | (_, Value::Float(_)) => {
            float(a).zip(float(b)).map(|(a, b)| Numbers::Floats(a, b))
        }
        _ => decimal(a).zip(decimal(b)).map(|(a, b)| Numbers::Decimals(a, b)),
    }
    .ok_or(Undefined)
}

fn calculate(operator: Operator, a: &Value, b: &Value) -> Result<Value> {
    match numbers(a, b)? {
        Numbers::Ints(a, b) => match operator {
            Operator::Add => a.checked_add(b),
            Operator::Subtract => a.checked_sub(b),
            Operator::Multiply => a.checked_mul(b),
            Operator::DivideDown => floor_divide(a, b).map(|(quotient, _)| quotient),
            Operator::Remainder => floor_divide(a, b).map(|(_, remainder)| remainder),
            Operator::Divide if b == 0 => None,
            Operator::Divide => return Ok(Value::Float(a as f64 / b as f64)),
        }
        .map(Value::Int),
        Numbers::Decimals(a, b) => match operator {
            Operator::Add => a.checked_add(b),
            Operator::Subtract => a.checked_sub(b),
            Operator::Multiply => a.checked_mul(b),
            Operator::Divide => a.checked_div(b),
            Operator::DivideDown => a.checked_div(b).map(|quotient| quotient.floor()),
            Operator::Remainder => a.checked_rem(b).and_then(|rest| match rest {
                rest if rest.is_zero() || rest.is_sign_negative() == b.is_sign_negative() => Some(rest),
                rest => rest.checked_add(b),
            }),
        }
        .map(Value::Decimal),
        Numbers::Floats(a, b) => {
            let result = match operator {
                Operator::Add => a + b,
                Operator::Subtract => a - b,
                Operator::Multiply => a * b,
                Operator::Divide => a / b,
                Operator::DivideDown => (a / b).floor(),
                Operator::Remainder => a - b * (a / b).floor(),
            };
            return finite(result).map(Value::Float);
        }
    }
    .ok_or(Undefined)
}

/// Quotient and remainder of a division that rounds down.
fn floor_divide(a: i64, b: i64) -> Option<(i64, i64)> {
    let (quotient, remainder) = (a.checked_div(b)?, a.checked_rem(b)?);
    let is_rounded_up = remainder != 0 && (remainder < 0) != (b < 0);
    Some(if is_rounded_up { (quotient - 1, remainder + b) } else { (quotient, remainder) })
}

fn compare(comparison: Comparison, a: &Value, b: &Value) -> Result<bool> {
    Ok(match comparison {
        Comparison::Equal => equal(a, b),
        Comparison::Unequal => !equal(a, b),
        Comparison::Less => order(a, b)?.is_lt(),
        Comparison::LessOrEqual => order(a, b)?.is_le(),
        Comparison::Greater => order(a, b)?.is_gt(),
        Comparison::GreaterOrEqual => order(a, b)?.is_ge(),
        Comparison::In => contains(b, a)?,
        Comparison::NotIn => !contains(b, a)?,
    })
}

fn order(a: &Value, b: &Value) -> Result<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Ok(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Ok(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Ok(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => Ok(a.cmp(b)),
        _ => match numbers(a, b)? {
            Numbers::Ints(a, b) => Ok(a.cmp(&b)),
            Numbers::Decimals(a, b) => Ok(a.cmp(&b)),
            Numbers::Floats(a, b) => a.partial_cmp(&b).ok_or(Undefined),
        },
    }
}

fn contains(whole: &Value, part: &Value) -> Result<bool> {
    match (whole, part) {
        (Value::List(items), part) => Ok(items.iter().any(|item| equal(item, part))),
        (Value::Text(whole), Value::Text(part)) => Ok(whole.contains(&**part)),
        _ => Err(Undefined),
    }
}

fn call(function: Function, argument: Cow<'_, Value>) -> Result<Cow<'_, Value>> {
    let value = &*argument;
    Ok(Cow::Owned(match function {
        Function::Int => Value::Int(int(value)?),
        Function::Float => Value::Float(float(value)?),
        Function::Bool => Value::Bool(is_true(value)),
        Function::Len => Value::Int(length(value)?),
        Function::Abs => match value {
            Value::Int(number) => Value::Int(number.checked_abs().ok_or(Undefined)?),
            Value::Float(number) => Value::Float(finite(number.abs())?),
            Value::Decimal(number) => Value::Decimal(number.abs()),
            _ => return Err(Undefined),
        },
        Function::Lower => Value::Text(value.as_str().ok_or(Undefined)?.to_lowercase()),
        Function::Upper => Value::Text(value.as_str().ok_or(Undefined)?.to_uppercase()),
        Function::Str => match value {
            Value::Text(_) => return Ok(argument),
            Value::Null | Value::List(_) | Value::Json(_) | Value::Bytes(_) | Value::File(_) => {
                return Err(Undefined);
            }
            scalar => Value::Text(scalar.to_text().into_owned()),
        },
    }))
}

fn int(value: &Value) -> Result<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::Float(number) => number.to_i64(),
        Value::Decimal(number) => number.to_i64(),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
    .ok_or(Undefined)
}

fn float(value: &Value) -> Result<f64> {
    match value {
        Value::Int(number) => number.to_f64(),
        Value::Bool(flag) => Some(f64::from(*flag)),
        Value::Float(number) => Some(*number),
        Value::Decimal(number) => number.to_f64(),
        // What is no finite number, `nan` and `inf` included, is refused below.
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
    .ok_or(Undefined)
    .and_then(finite)
}

/// How many items an array or an object has.
fn members(json: &serde_json::Value) -> Option<usize> {
    json.as_array().map(Vec::len).or_else(|| json.as_object().map(serde_json::Map::len))
}

fn length(value: &Value) -> Result<i64> {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Json(json) => members(json).ok_or(Undefined)?,
        _ => return Err(Undefined),
    };
    i64::try_from(length).map_err(|_| Undefined)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::is_expr::parse::parse;

    fn test(expression: &str, value: impl Into<Value>) -> bool {
        holds(&parse(expression).unwrap(), &value.into())
    }

    #[test]
    fn operators_bind_as_in_python() {
        for expression in [
            "1 + 2 * 3 == 7",
            "(1 + 2) * 3 == 9",
            "10 - 2 - 3 == 5",
            "-7 // 2 == -4 and -7 % 2 == 1 and 7 % -2 == -1",
            "-2 * -2 == +4",
            "not 1 == 2 and not false",
            "1 < 2 < 3 != 4",
            "false and 1 / 0 or true",
            "2.5e1 == 25 and .5 == 1 / 2",
            r#"'it\'s' == "it's" and 'é' in 'né'"#,
            "2 in [1, 2, 3] and 4 not in [1, 2,] and 'b' not in ['a']",
            "len([]) == 0 and not [] and [1, 'a'] == [1.0, 'a']",
            "upper('a') == 'A' and lower('É') == 'é' and abs(-2) == 2 and str(5) == '5' and bool('x')",
            "int('7') + int(3.9) + int(true) == 11 and float(' 1.5 ') == 1.5",
            "(null or 5) == 5 and None == null and True",
        ] {
            assert!(test(expression, Value::Null), "{expression}");
        }
    }

    #[test]
    fn values_of_all_kinds() {
        assert!(test("value > 1.4 and value * 2 == 3 and value % 1 == 0.5", Decimal::new(15, 1)));
        assert!(test("str(value) >= '2008-01-01'", crate::civil::date(2008, 3, 3)));
        assert!(test("value + 1 == 6", Value::from(serde_json::json!(5))));
        assert!(test("len(value) == 1", Value::from(serde_json::json!({"a": 1}))));
        assert!(test("'a' in value", Value::List(vec!["a".into()])));
    }

    #[test]
    fn what_has_no_result_is_refused() {
        for (expression, value) in [
            ("1 / value", Value::Int(0)),
            ("1 // value == 0", Value::Int(0)),
            ("1 % value == 0", Value::Float(0.0)),
            ("value + 1 > 0", Value::Int(i64::MAX)),
            ("-value > 0", Value::Int(i64::MIN)),
            ("value // -1 > 0", Value::Int(i64::MIN)),
            ("value * value > 0", Value::Float(1e300)),
            ("value > 5", Value::from("6")),
            ("value + 'b' == 'ab'", Value::from("a")),
            ("value < 5", Value::Null),
            ("value < true", Value::Bool(false)),
            ("float(value) > 0", Value::from("inf")),
            ("int(value) >= 0", Value::from("1_0")),
            ("len(value) >= 0", Value::Int(5)),
            ("value != 1 and value < 2", Value::Float(f64::NAN)),
        ] {
            assert!(!test(expression, value.clone()), "{expression} {value:?}");
            assert!(
                !test(&format!("({expression}) == null or true"), value.clone()),
                "{expression} {value:?}"
            );
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (expression, message) in [
            ("", "expected a value, found the end at character 1"),
            ("value ==", "expected a value, found the end at character 9"),
            ("value = 1", "unexpected `=` at character 7"),
            ("value 1", "expected an operator or the end, found `1` at character 7"),
            ("(value", "expected `)`, found the end at character 7"),
            ("'é' == 'a", "text without an end at character 8"),
            ("value == 'a\\d'", "unknown escape (there are \\\\ \\' \\\" \\n \\r \\t) at character 12"),
            ("1.2.3 == value", "bad number `1.2.3` at character 1"),
            ("99999999999999999999", "bad number `99999999999999999999` at character 1"),
            ("value not 1", "expected `in`, found `1` at character 11"),
            ("int", "expected `(`, found the end at character 4"),
            ("and 1", "expected a value, found `and` at character 1"),
            (
                "open('x')",
                "unknown function `open` at character 1; there are abs, bool, float, int, len, lower, str and upper",
            ),
            ("value.name", "unexpected `.` at character 6"),
        ] {
            assert_eq!(parse(expression).unwrap_err().to_string(), message, "{expression}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        for nested in ["(", "[", "-", "not ", "int("] {
            let error = parse(&nested.repeat(500)).unwrap_err();
            assert!(error.to_string().starts_with("nested more than 32 deep"), "{error}");
        }
        assert!(parse(&"1+".repeat(3000)).unwrap_err().to_string().starts_with("more than 4096 bytes"));
        // A chain is long, not deep.
        assert!(test(&format!("{}1 == 2000", "1+".repeat(1999)), Value::Null));
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text: String) {
            let _ = parse(&text);
        }

        #[test]
        fn any_expression_is_worked_out_or_refused(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "value", "1", "0", "2.5", "'a'", "[1,'a']", "+", "-", "*", "/", "//", "%", "==", "<", ">=", "in",
                    "not", "and", "or", "(", ")", "int(", "len(", "str(", "null", "true",
                ]),
                1..12,
            ),
            int: i64,
            text: String,
        ) {
            if let Ok(node) = parse(&words.join(" ")) {
                holds(&node, &Value::Int(int));
                holds(&node, &Value::Text(text));
            }
        }
    }
}
