//! Row filters: which rows an actor reaches.

mod bind;
mod check;
mod eval;
mod parse;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use frontdesk_validate::Value;

pub(crate) use self::bind::{Bound, bind};
pub(crate) use self::eval::Truth;
use super::{Actor, Role};
use crate::{Field, FieldType, Table};

/// Which rows an actor reaches: an expression over a row and an actor.
///
/// # How it is written
/// ```text
/// row.owner == actor.id
/// row.published == true or row.author == actor.id or actor is staff
/// row.tenant in actor.tenants and not (row.state in ["draft", "deleted"])
/// row.closed is null and row.price <= 100
/// ```
/// `row.x` is a column, `actor.x` an attribute of the [`Actor`] (`actor.id` is the identity). They are compared with each
/// other or with literals (numbers, texts in quotes, `true`, `false`) by `==`, `!=`, `<`, `<=`, `>` and `>=`; `in` and
/// `not in` look for a value in a list, or in an attribute that is one; `is null` and `is not null` ask of columns whether
/// there is a value; `actor is ROLE` asks for a role. Conditions are joined by `not`, `and` and `or`, which bind in this
/// order, and by brackets; `true` and `false` stand for all rows and for none. A name that is no word stands in backticks:
/// `` row.`in stock` ``.
///
/// # What it means
/// It is SQL's `WHERE`, with the logic of three values: a comparison with a null is neither true nor false, and only rows for
/// which the whole is true are reached. An attribute that the actor lacks, or that the column could not hold, is such a null:
/// it lets nobody in, also under `not`. Values are compared as the type of their column.
///
/// # Limits
/// 4,096 bytes, nested up to 32 deep.
///
/// ```
/// use frontdesk_data::{Actor, Field, RowFilter, Table, Value};
///
/// let note = Table::new("note").field(Field::integer("owner")).field(Field::boolean("public"));
/// let filter: RowFilter = "row.public == true or row.owner == actor.id".parse().unwrap();
/// let row = |name: &str| Some(if name == "owner" { Value::Int(7) } else { Value::Bool(false) });
/// assert!(filter.matches(&note, row, &Actor::user(7)));
/// assert!(!filter.matches(&note, row, &Actor::user(8)));
/// assert!(!filter.matches(&note, row, &Actor::anonymous()));
///
/// let error = "row.public = true".parse::<RowFilter>().unwrap_err();
/// assert_eq!(error.to_string(), "unexpected `=`; write `==` at character 12");
/// ```
#[derive(Clone)]
pub struct RowFilter {
    source: Arc<str>,
    node: Arc<Node>,
}

/// Why a text is no [`RowFilter`], or one that does not fit its table; and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {}", .at + 1)]
pub struct RowFilterError {
    problem: String,
    at: usize,
}

impl RowFilterError {
    fn new(at: usize, problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), at }
    }

    /// Where the mistake is, in characters from 0.
    pub fn position(&self) -> usize {
        self.at
    }
}

/// Attributes of an actor, and roles, each with its place.
type Asked<'f> = (Vec<(&'f str, usize)>, Vec<(&'f Role, usize)>);

#[derive(Debug, PartialEq)]
pub(super) enum Node {
    Const(bool),
    Is(Role, usize),
    Compare(Side, Comparison, Side),
    In(Side, Among),
    Null(Name),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Side {
    Row(Name),
    Actor(Name),
    Literal(Value, usize),
}

/// What is looked for a value in.
#[derive(Debug, PartialEq)]
pub(super) enum Among {
    Literals(Vec<(Value, usize)>),
    Actor(Name),
}

/// A name, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) name: Arc<str>,
    pub(super) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    const ALL: [Self; 6] =
        [Self::Equal, Self::Unequal, Self::LessOrEqual, Self::Less, Self::GreaterOrEqual, Self::Greater];

    fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The same with its sides the other way round.
    fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

impl RowFilter {
    /// Whether an actor reaches a row of `table` with these values.
    ///
    /// The database decides where it is asked; this says the same for values that fit their columns, save that texts are
    /// compared by their bytes, whatever the collation of a column.
    pub fn matches(&self, table: &Table, row: impl Fn(&str) -> Option<Value>, actor: &Actor) -> bool {
        self.truth(table, &row, actor) == Truth::True
    }

    pub(crate) fn truth(&self, table: &Table, row: &dyn Fn(&str) -> Option<Value>, actor: &Actor) -> Truth {
        eval::eval(&self.node, &|name| table.get(name).map(|field| &field.kind), row, actor)
    }

    /// Checks that the filter fits a table: that the columns exist and can be compared so.
    ///
    /// # Errors
    /// [`RowFilterError`], with the place.
    pub fn fits(&self, table: &Table) -> Result<(), RowFilterError> {
        check::check(&self.node, table)
    }

    /// The attributes of actors that it names, and the roles, each with its place.
    pub(crate) fn asks_of_actor(&self) -> Asked<'_> {
        let (mut names, mut roles) = (Vec::new(), Vec::new());
        self.node.walk(&mut |node| match node {
            Node::Is(role, at) => roles.push((role, *at)),
            Node::Compare(left, _, right) => {
                names.extend([left, right].into_iter().filter_map(|side| match side {
                    Side::Actor(name) => Some((&*name.name, name.at)),
                    _ => None,
                }));
            }
            Node::In(side, among) => {
                if let Side::Actor(name) = side {
                    names.push((&*name.name, name.at));
                }
                if let Among::Actor(name) = among {
                    names.push((&*name.name, name.at));
                }
            }
            _ => {}
        });
        (names, roles)
    }

    pub(crate) fn problem(&self, at: usize, text: impl Into<String>) -> RowFilterError {
        RowFilterError::new(at, text)
    }

    /// The columns that it names.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        self.node.walk(&mut |node| match node {
            Node::Compare(left, _, right) => {
                names.extend([left, right].into_iter().filter_map(|side| match side {
                    Side::Row(name) => Some(&*name.name),
                    _ => None,
                }));
            }
            Node::In(Side::Row(name), _) | Node::Null(name) => names.push(&name.name),
            _ => {}
        });
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What a new row has to hold wherever it gives nothing else: the columns that must be equal to one value.
    pub(crate) fn presets(&self, actor: &Actor) -> Vec<(Arc<str>, Value)> {
        let mut presets = Vec::new();
        fn collect(node: &Node, actor: &Actor, presets: &mut Vec<(Arc<str>, Value)>) {
            match node {
                Node::All(parts) => parts.iter().for_each(|part| collect(part, actor, presets)),
                Node::Compare(Side::Row(column), Comparison::Equal, other)
                | Node::Compare(other, Comparison::Equal, Side::Row(column)) => {
                    let value = match other {
                        Side::Actor(name) => actor.get(&name.name).cloned(),
                        Side::Literal(value, _) => Some(value.clone()),
                        Side::Row(_) => None,
                    };
                    presets.extend(value.map(|value| (Arc::clone(&column.name), value)));
                }
                _ => {}
            }
        }
        collect(&self.node, actor, &mut presets);
        presets
    }

    pub(crate) fn bind(
        &self,
        table: &Table,
        kinds: &[FieldType],
        qualifier: &Arc<str>,
        actor: &Actor,
    ) -> Bound {
        bind(&self.node, table, kinds, qualifier, actor)
    }
}

impl Node {
    fn walk<'n>(&'n self, see: &mut dyn FnMut(&'n Self)) {
        see(self);
        match self {
            Self::Not(inner) => inner.walk(see),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.walk(see)),
            _ => {}
        }
    }
}

/// What values of a type can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Boolean,
    Date,
    Time,
    DateTime,
    Uuid,
    /// A key, of a type that is not known here.
    Key,
}

impl Family {
    fn of(field: &Field) -> Option<Self> {
        Some(match field.kind {
            _ if field.secret => return None,
            FieldType::Id
            | FieldType::Integer
            | FieldType::BigInt
            | FieldType::Double
            | FieldType::Decimal { .. } => Self::Number,
            FieldType::String | FieldType::Text | FieldType::Upload => Self::Text,
            FieldType::Boolean => Self::Boolean,
            FieldType::Date => Self::Date,
            FieldType::Time => Self::Time,
            FieldType::DateTime => Self::DateTime,
            FieldType::Uuid => Self::Uuid,
            FieldType::Reference { .. } => Self::Key,
            _ => return None,
        })
    }
}

impl FromStr for RowFilter {
    type Err = RowFilterError;

    fn from_str(source: &str) -> Result<Self, RowFilterError> {
        Ok(Self { node: Arc::new(parse::parse(source)?), source: source.trim().into() })
    }
}

/// As it was written.
impl fmt::Display for RowFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl fmt::Debug for RowFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowFilter({})", self.source)
    }
}

impl PartialEq for RowFilter {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for RowFilter {}
