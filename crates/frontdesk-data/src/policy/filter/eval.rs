//! Working filters out in memory, as SQL does: with three truth values.

use std::cmp::Ordering;

use frontdesk_validate::{Decimal, Value};

use super::{Among, Comparison, Node, Side};
use crate::FieldType;
use crate::coerce::coerce;
use crate::policy::Actor;

/// SQL's truth values. `and` is the least of both, `or` the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    False,
    Unknown,
    True,
}

impl From<bool> for Truth {
    fn from(flag: bool) -> Self {
        if flag { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

type Kinds<'k> = dyn Fn(&str) -> Option<&'k FieldType> + 'k;

pub(super) fn eval<'k>(
    node: &Node,
    kinds: &Kinds<'k>,
    row: &dyn Fn(&str) -> Option<Value>,
    actor: &Actor,
) -> Truth {
    // A null is no value.
    let of_row = |name: &str| row(name).filter(|value| !value.is_null());
    match node {
        Node::Const(flag) => (*flag).into(),
        Node::Is(role, _) => actor.has(role).into(),
        Node::Null(name) => of_row(&name.name).is_none().into(),
        Node::Not(inner) => !eval(inner, kinds, row, actor),
        Node::All(parts) => {
            parts.iter().map(|part| eval(part, kinds, row, actor)).min().unwrap_or(Truth::True)
        }
        Node::Any(parts) => {
            parts.iter().map(|part| eval(part, kinds, row, actor)).max().unwrap_or(Truth::False)
        }
        Node::Compare(left, comparison, right) => {
            let kind = kind_of(left, kinds).or_else(|| kind_of(right, kinds));
            let value = |side: &Side| match side {
                Side::Row(name) => typed(kind, of_row(&name.name)?),
                Side::Actor(name) => typed(kind, actor.get(&name.name)?.clone()),
                Side::Literal(value, _) => typed(kind, value.clone()),
            };
            match (value(left), value(right)) {
                (Some(left), Some(right)) => compare(&left, *comparison, &right),
                _ => Truth::Unknown,
            }
        }
        Node::In(side, among) => {
            let kind = kind_of(side, kinds);
            let value = match side {
                Side::Row(name) => of_row(&name.name),
                Side::Actor(name) => actor.get(&name.name).cloned(),
                Side::Literal(value, _) => Some(value.clone()),
            };
            let items: Vec<Value> = match among {
                Among::Literals(values) => values.iter().map(|(value, _)| value.clone()).collect(),
                Among::Actor(name) => match actor.get(&name.name) {
                    None => return Truth::Unknown,
                    Some(Value::List(items)) => items.clone(),
                    Some(one) => vec![one.clone()],
                },
            };
            if items.is_empty() {
                return Truth::False;
            }
            let Some(value) = value.and_then(|value| typed(kind, value)) else { return Truth::Unknown };
            let equal = |item: Value| match typed(kind, item) {
                Some(item) => compare(&value, Comparison::Equal, &item),
                None => Truth::Unknown,
            };
            items.into_iter().map(equal).max().unwrap_or(Truth::False)
        }
    }
}

fn kind_of<'k>(side: &Side, kinds: &Kinds<'k>) -> Option<&'k FieldType> {
    match side {
        Side::Row(name) => kinds(&name.name),
        _ => None,
    }
}

/// The value as its column holds it; `None` for one that it cannot hold.
pub(super) fn typed(kind: Option<&FieldType>, value: Value) -> Option<Value> {
    let value = match kind {
        Some(kind) => coerce(kind, value).ok()?,
        None => value,
    };
    (!matches!(value, Value::Null | Value::List(_) | Value::Json(_) | Value::File(_))).then_some(value)
}

pub(super) fn compare(left: &Value, comparison: Comparison, right: &Value) -> Truth {
    let Some(order) = order(left, right) else { return Truth::Unknown };
    let holds = match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::Unequal => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    };
    holds.into()
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        _ => match (number(left), number(right)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            (None, None) => match (float(left), float(right)) {
                (Some(a), Some(b)) => a.partial_cmp(&b),
                (None, None) => Some(left.to_text().cmp(&right.to_text())),
                _ => None,
            },
            _ => match (float(left), float(right)) {
                (Some(a), Some(b)) => a.partial_cmp(&b),
                _ => None,
            },
        },
    }
}

/// A number exactly; a text may be one, where it is compared with one.
fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        Value::Text(text) => Decimal::from_str_exact(text.trim()).ok(),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Int(_) | Value::Decimal(_) => value.to_text().parse().ok(),
        _ => None,
    }
}
