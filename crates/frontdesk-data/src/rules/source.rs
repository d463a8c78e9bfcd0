use std::sync::Arc;

use frontdesk_validate::Value;
use sea_query::Expr;

use crate::coerce::coerce;
use crate::{Access, Action, Asker, Db, DbError, FieldType, Set, Table};

/// Where a rule looks: a database, or a set of rows of one table.
///
/// A rule keeps no tables alive, since it may well be the rule of one: keep the [`Db`] as long as its rules are used.
#[derive(Clone, Debug)]
pub struct Source(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Db(Db),
    Set(Box<Set>),
}

impl From<&Db> for Source {
    fn from(db: &Db) -> Self {
        Self(Kind::Db(db.for_rules()))
    }
}

impl From<Set> for Source {
    fn from(set: Set) -> Self {
        Self(Kind::Set(Box::new(set.for_rules())))
    }
}

impl From<&Set> for Source {
    fn from(set: &Set) -> Self {
        set.clone().into()
    }
}

/// The column that a rule names.
#[derive(Clone, Debug)]
pub(super) enum Named {
    /// `table.field` or `table`, as people write it.
    Path(Arc<str>),
    /// A field, or the only field of the key.
    Column { table: Arc<str>, field: Option<Arc<str>> },
}

/// A column that was found.
pub(super) struct Place {
    /// The rows to look among.
    pub(super) set: Set,
    pub(super) table: Arc<Table>,
    pub(super) field: Arc<str>,
    /// The column's type; of a reference, that of what it refers to.
    pub(super) kind: FieldType,
    /// What whoever asks may do with the table, where that is limited.
    pub(super) access: Option<Access>,
}

impl Source {
    /// Finds the column, among the rows that whoever asks may read.
    pub(super) fn place(&self, named: &Named) -> Result<Place, DbError> {
        let place = self.place_of_all(named)?;
        Ok(match Asker::now() {
            Some(asker) => place.asked_by(&asker),
            None => place,
        })
    }

    /// Finds the column, among all rows; it may have been defined since the rule was made.
    pub(super) fn place_of_all(&self, named: &Named) -> Result<Place, DbError> {
        match (&self.0, named) {
            (Kind::Db(db), Named::Column { table, field }) => {
                let known = db.table(table).ok_or_else(|| no_table(table))?;
                in_table(db.set(&known), field.as_deref())
            }
            (Kind::Db(db), Named::Path(path)) => {
                let (table, field) = split(path, |name| db.table(name)).ok_or_else(|| no_table(path))?;
                in_table(db.set(&table), field)
            }
            (Kind::Set(set), Named::Column { table, field }) if set.table().name == *table => {
                in_table(Set::clone(set), field.as_deref())
            }
            (Kind::Set(set), Named::Path(path)) => {
                let own = |name: &str| (*set.table().name == *name).then(|| Arc::clone(set.table()));
                let field = match split(path, own) {
                    Some((_, field)) => field,
                    None => Some(&**path),
                };
                in_table(Set::clone(set), field)
            }
            (Kind::Set(set), Named::Column { table, .. }) => Err(DbError::not_found(
                Arc::clone(table),
                format!("the rule is about the table `{table}`, its set about `{}`", set.table().name),
            )),
        }
    }
}

/// Splits `table.field`, or `table`, at the dot before which there is a table; names may hold dots themselves.
pub(super) fn split<T>(path: &str, table: impl Fn(&str) -> Option<T>) -> Option<(T, Option<&str>)> {
    if let Some(whole) = table(path) {
        return Some((whole, None));
    }
    path.match_indices('.').find_map(|(dot, _)| Some((table(&path[..dot])?, Some(&path[dot + 1..]))))
}

fn in_table(set: Set, field: Option<&str>) -> Result<Place, DbError> {
    let table = Arc::clone(set.table());
    let at = match field {
        Some(name) => table.fields.iter().position(|known| *known.name == *name).ok_or_else(|| {
            DbError::not_found(name, format!("the table `{}` has no field `{name}`", table.name))
        })?,
        None => match &table.key[..] {
            [key] => table.fields.iter().position(|known| known.name == *key),
            _ => None,
        }
        .ok_or_else(|| {
            DbError::unsupported(format!(
                "the key of the table `{}` is not a single field: name the field",
                table.name
            ))
        })?,
    };
    let kind = set.db().plan(&table).kinds[at].clone();
    Ok(Place { field: Arc::clone(&table.fields[at].name), kind, set, table, access: None })
}

fn no_table(name: &str) -> DbError {
    DbError::not_found(name, format!("a rule names `{name}`, which is in no table that is known"))
}

impl Place {
    /// The same with no more than somebody may read: perhaps nothing.
    pub(super) fn asked_by(self, asker: &Asker) -> Self {
        let full = self.set.db().table(&self.table.name).unwrap_or_else(|| Arc::clone(&self.table));
        let access = asker.access(&full);
        let is_seen = access.can(Action::Read) && access.table().get(&self.field).is_some();
        let (set, table) = match is_seen {
            true => (self.set.asked_by(asker), Arc::clone(access.table())),
            false => (self.set.filter(Expr::cust("1 = 0")), self.table),
        };
        Self { set, table, access: Some(access), ..self }
    }

    /// Whether the database itself lets no two rows have the same value in the column.
    pub(super) fn is_unique(&self) -> bool {
        let is_alone = |names: &[Arc<str>]| names.len() == 1 && names[0] == self.field;
        self.table.get(&self.field).is_some_and(|field| field.unique)
            || is_alone(&self.table.key)
            || self.table.uniques.iter().any(|unique| is_alone(&unique.fields))
    }

    /// The value as the column holds it; nothing for one that it cannot hold. A number is an integer in its plain form:
    /// neither `true`, nor `1.5`, nor `+1` is one.
    pub(super) fn typed(&self, value: Value) -> Option<Value> {
        match (&self.kind, &value) {
            (_, Value::Null) => return None,
            (FieldType::Id | FieldType::Integer | FieldType::BigInt, _) => {
                return match value {
                    Value::Int(_) => Some(value),
                    Value::Text(text) if !text.starts_with('+') => text.parse().ok().map(Value::Int),
                    _ => None,
                };
            }
            (FieldType::Boolean, _) => {}
            (_, Value::Bool(_)) => return None,
            _ => {}
        }
        // A text column does not hold bytes or lists; an empty text is a text, but no date.
        coerce(&self.kind, value).ok().filter(|value| !value.is_null())
    }
}
