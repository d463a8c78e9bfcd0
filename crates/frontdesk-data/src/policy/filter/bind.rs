//! From a filter and an actor to a condition of SQL.

use std::sync::Arc;

use frontdesk_validate::Value;
use sea_query::{Condition, Expr, ExprTrait};

use super::eval::{Truth, compare, typed};
use super::{Among, Comparison, Node, Side};
use crate::column::{Column, to_sea};
use crate::policy::Actor;
use crate::{FieldType, Table};

/// A filter for one actor: decided already, or a condition on rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    Known(Truth),
    Rows(Condition),
}

impl Bound {
    fn into_condition(self) -> Condition {
        let text = match self {
            Self::Rows(condition) => return condition,
            Self::Known(Truth::True) => "1 = 1",
            Self::Known(Truth::False) => "1 = 0",
            Self::Known(Truth::Unknown) => "NULL",
        };
        Condition::all().add(Expr::cust(text))
    }
}

/// The condition for rows of `table`, called `qualifier` in the statement; `kinds` are the types of its fields, those of
/// references found.
pub(crate) fn bind(
    node: &Node,
    table: &Table,
    kinds: &[FieldType],
    qualifier: &Arc<str>,
    actor: &Actor,
) -> Bound {
    Binder { table, kinds, qualifier, actor }.bind(node)
}

struct Binder<'b> {
    table: &'b Table,
    kinds: &'b [FieldType],
    qualifier: &'b Arc<str>,
    actor: &'b Actor,
}

impl Binder<'_> {
    fn bind(&self, node: &Node) -> Bound {
        match node {
            Node::Const(flag) => Bound::Known((*flag).into()),
            Node::Is(role, _) => Bound::Known(self.actor.has(role).into()),
            Node::Null(name) => rows(self.column(&name.name).is_null()),
            Node::Not(inner) => match self.bind(inner) {
                Bound::Known(truth) => Bound::Known(!truth),
                Bound::Rows(condition) => Bound::Rows(Condition::all().add(condition.not())),
            },
            Node::All(parts) => self.joined(parts, Truth::False),
            Node::Any(parts) => self.joined(parts, Truth::True),
            Node::Compare(Side::Row(left), comparison, Side::Row(right)) => {
                rows(apply(self.column(&left.name), *comparison, self.column(&right.name)))
            }
            Node::Compare(Side::Row(name), comparison, other) => self.compare(&name.name, *comparison, other),
            Node::Compare(other, comparison, Side::Row(name)) => {
                self.compare(&name.name, comparison.flipped(), other)
            }
            Node::Compare(left, comparison, right) => match (self.known(left), self.known(right)) {
                (Some(left), Some(right)) => Bound::Known(compare(&left, *comparison, &right)),
                _ => Bound::Known(Truth::Unknown),
            },
            Node::In(side, among) => self.among(side, among),
        }
    }

    /// `all` ends with the first that is false, `any` with the first that is true: `end`.
    fn joined(&self, parts: &[Node], end: Truth) -> Bound {
        let mut known = !end;
        let mut conditions = Vec::new();
        for part in parts {
            match self.bind(part) {
                Bound::Known(truth) if truth == end => return Bound::Known(end),
                Bound::Known(Truth::Unknown) => known = Truth::Unknown,
                Bound::Known(_) => {}
                Bound::Rows(condition) => conditions.push(condition),
            }
        }
        if conditions.is_empty() {
            return Bound::Known(known);
        }
        if known == Truth::Unknown {
            conditions.push(Bound::Known(Truth::Unknown).into_condition());
        }
        let begun = if end == Truth::False { Condition::all() } else { Condition::any() };
        Bound::Rows(conditions.into_iter().fold(begun, Condition::add))
    }

    fn compare(&self, name: &str, comparison: Comparison, other: &Side) -> Bound {
        match self.known(other).and_then(|value| typed(self.kind(name), value)) {
            Some(value) => rows(apply(self.column(name), comparison, Expr::val(to_sea(value)))),
            None => Bound::Known(Truth::Unknown),
        }
    }

    fn among(&self, side: &Side, among: &Among) -> Bound {
        let items: Vec<Value> = match among {
            Among::Literals(values) => values.iter().map(|(value, _)| value.clone()).collect(),
            Among::Actor(name) => match self.actor.get(&name.name) {
                None => return Bound::Known(Truth::Unknown),
                Some(Value::List(items)) => items.clone(),
                Some(one) => vec![one.clone()],
            },
        };
        if items.is_empty() {
            return Bound::Known(Truth::False);
        }
        let Side::Row(name) = side else {
            let Some(value) = self.known(side) else { return Bound::Known(Truth::Unknown) };
            let equal = items.iter().map(|item| compare(&value, Comparison::Equal, item));
            return Bound::Known(equal.max().unwrap_or(Truth::False));
        };
        let count = items.len();
        let kind = self.kind(&name.name);
        let fitting: Vec<Value> = items.into_iter().filter_map(|item| typed(kind, item)).collect();
        let all_fit = fitting.len() == count;
        let is_in = match fitting.is_empty() {
            true => Bound::Known(Truth::Unknown),
            false => {
                rows(self.column(&name.name).is_in(fitting.into_iter().map(|value| Expr::val(to_sea(value)))))
            }
        };
        match is_in {
            // One that does not fit is neither equal nor unequal.
            Bound::Rows(condition) if !all_fit => Bound::Rows(
                Condition::any().add(condition).add(Bound::Known(Truth::Unknown).into_condition()),
            ),
            other => other,
        }
    }

    fn known(&self, side: &Side) -> Option<Value> {
        match side {
            Side::Row(_) => None,
            Side::Actor(name) => {
                self.actor.get(&name.name).filter(|value| !matches!(value, Value::List(_))).cloned()
            }
            Side::Literal(value, _) => Some(value.clone()),
        }
    }

    fn column(&self, name: &str) -> Expr {
        Column::new(Arc::clone(self.qualifier), self.table, name).expr()
    }

    fn kind(&self, name: &str) -> Option<&FieldType> {
        let at = self.table.fields.iter().position(|field| &*field.name == name)?;
        self.kinds.get(at)
    }
}

fn rows(expr: Expr) -> Bound {
    Bound::Rows(Condition::all().add(expr))
}

fn apply(left: Expr, comparison: Comparison, right: Expr) -> Expr {
    match comparison {
        Comparison::Equal => left.eq(right),
        Comparison::Unequal => left.ne(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lte(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gte(right),
    }
}
