//! The rules that follow from a field's type and from what the database enforces.

use std::ops::Bound;
use std::sync::Arc;

use frontdesk_validate::civil::{Date, DateTime};
use frontdesk_validate::{
    Crypt, Decimal, IsDate, IsDateInRange, IsDatetime, IsDatetimeInRange, IsDecimalInRange, IsEmptyOr,
    IsFloatInRange, IsInSet, IsIntInRange, IsJson, IsLength, IsListOf, IsNotEmpty, IsTime, Rules, Validator,
    Value,
};

use super::fits_type::FitsType;
use super::unasked::{Notes, Unasked};
use super::{IsInDb, IsNotInDb, Source};
use crate::check::{self, Fact, Says};
use crate::{Db, DefaultValue, Field, FieldType, Table};

/// Gives each field that was given no rules those that follow from the table.
///
/// A field that may not be NULL and has no default needs a value, and so does a key that the database does not assign;
/// for a text that means one that is not blank, as it does in pydal. A field that may be NULL takes nothing for NULL.
pub(crate) fn complete(db: &Db, table: &mut Table) {
    complete_by(Asked::Db(db), table);
}

/// As [`complete`], without a database: what would ask it is noted instead.
pub(crate) fn complete_alone(notes: &Notes, table: &mut Table) {
    complete_by(Asked::Nobody(notes), table);
}

/// Who is asked for the rows that there are.
#[derive(Clone, Copy)]
enum Asked<'d> {
    Db(&'d Db),
    Nobody(&'d Notes),
}

fn complete_by(asked: Asked<'_>, table: &mut Table) {
    let names: Vec<Arc<str>> = table.fields.iter().map(|field| Arc::clone(&field.name)).collect();
    let facts: Vec<Fact> =
        table.checks.iter().flat_map(|check| check::facts(&check.expression, &names)).collect();
    let rules: Vec<Option<Rules>> = (table.fields.iter())
        .map(|field| {
            let said: Vec<&Says> =
                facts.iter().filter(|fact| fact.field == field.name).map(|fact| &fact.says).collect();
            field.requires.is_none().then(|| Derived { asked, table, field, said }.rules())
        })
        .collect();
    for (field, rules) in table.fields.iter_mut().zip(rules) {
        field.requires = field.requires.take().or(rules);
    }
}

struct Derived<'d> {
    asked: Asked<'d>,
    table: &'d Table,
    field: &'d Field,
    /// What CHECK constraints say of this field alone.
    said: Vec<&'d Says>,
}

type Shared = Arc<dyn Validator>;

impl Derived<'_> {
    fn rules(&self) -> Rules {
        let field = self.field;
        let is_assigned = field.kind == FieldType::Id && !field.writable;
        // A box that is not ticked sends nothing, and means no.
        if field.generated || field.compute.is_some() || is_assigned || field.kind == FieldType::Boolean {
            return Rules::none();
        }
        let is_single_key = self.table.key.len() == 1 && self.table.is_key(&field.name);
        let is_unique = field.unique || is_single_key;
        let mut rules = match self.choice(is_unique) {
            Some(choice) => vec![choice],
            None => self.of_type(),
        };
        let can_be_asked =
            !matches!(field.kind, FieldType::Blob | FieldType::Json | FieldType::Reference { .. });
        if is_unique && can_be_asked && !field.kind.is_list() && field.kind != FieldType::Password {
            rules.push(self.not_in_db());
        }
        let may_be_null =
            field.null && !self.said.contains(&&Says::NotNull) && !self.table.is_key(&field.name);
        match field.default {
            DefaultValue::Database(_) => Self::optional(rules),
            DefaultValue::None if !may_be_null => self.needed(rules),
            _ if may_be_null => Self::optional(rules),
            _ => together(rules),
        }
    }

    /// Nothing is NULL, for a text too: an input that is left empty is no text of no letters.
    fn optional(rules: Vec<Shared>) -> Rules {
        Rules::one(IsEmptyOr::new(together(rules)))
    }

    /// A choice refuses nothing by itself, and would be none behind another rule.
    fn needed(&self, mut rules: Vec<Shared>) -> Rules {
        let is_choice =
            rules.first().is_some_and(|rule| !matches!(rule.options(), frontdesk_validate::Options::None));
        if !is_choice {
            rules.insert(0, Arc::new(IsNotEmpty::new()));
        }
        together(rules)
    }

    fn not_in_db(&self) -> Shared {
        let (table, field) = (Arc::clone(&self.table.name), Arc::clone(&self.field.name));
        match self.asked {
            Asked::Db(db) => Arc::new(IsNotInDb::column(db, table, field)),
            Asked::Nobody(notes) => {
                let says = format!("{table}.{field}: whether another row has the same value");
                Arc::new(Unasked::new(IsNotInDb::NAME, says, notes))
            }
        }
    }

    /// The rule that makes the field a choice: a reference, or a list of a CHECK constraint.
    fn choice(&self, is_unique: bool) -> Option<Shared> {
        if let Some(target) = self.field.kind.referenced_table() {
            let key = self.table.reference_of(&self.field.name).filter(|key| key.table == *target);
            let column = key.and_then(|key| key.columns.first()).map(Arc::clone);
            let db = match self.asked {
                Asked::Db(db) => db,
                Asked::Nobody(notes) => {
                    let (table, field) = (&self.table.name, &self.field.name);
                    let says = format!("{table}.{field}: whether `{target}` has such a row");
                    return Some(Arc::new(Unasked::new(IsInDb::NAME, says, notes)));
                }
            };
            let mut rule = IsInDb::column(Source::from(db), Arc::clone(target), column);
            if self.field.kind.is_list() {
                rule = rule.multiple(..);
            }
            if is_unique && !self.field.kind.is_list() {
                rule = rule.and(IsNotInDb::column(
                    db,
                    Arc::clone(&self.table.name),
                    Arc::clone(&self.field.name),
                ));
            }
            return Some(Arc::new(rule));
        }
        let listed = self.said.iter().find_map(|says| match says {
            Says::OneOf(values) => Some(&values[..]),
            _ => None,
        });
        let set = IsInSet::new(listed.or(self.field.one_of.as_deref())?.iter().cloned());
        match self.field.kind {
            FieldType::String | FieldType::Text => Some(Arc::new(set)),
            FieldType::Integer | FieldType::BigInt => Some(Arc::new(set)),
            _ => None,
        }
    }

    fn of_type(&self) -> Vec<Shared> {
        let kind = &self.field.kind;
        match kind {
            FieldType::String | FieldType::Text => self.length(),
            FieldType::Password => vec![Arc::new(Crypt::new())],
            FieldType::Id | FieldType::BigInt => vec![Arc::new(self.integers(i64::MIN, i64::MAX))],
            FieldType::Integer => vec![Arc::new(self.integers(i64::from(i32::MIN), i64::from(i32::MAX)))],
            FieldType::Double => vec![Arc::new(IsFloatInRange::new(self.bounds(float)))],
            // The range would read fewer digits than there may be.
            FieldType::Decimal { precision: 29.., .. } => vec![Arc::new(FitsType(kind.clone()))],
            FieldType::Decimal { .. } => {
                vec![Arc::new(IsDecimalInRange::new(self.bounds(decimal))), Arc::new(FitsType(kind.clone()))]
            }
            FieldType::Date => match self.bounds(|value| value.to_text().parse::<Date>().ok()) {
                (Bound::Unbounded, Bound::Unbounded) => vec![Arc::new(IsDate::new())],
                range => vec![Arc::new(IsDateInRange::new(range))],
            },
            FieldType::DateTime => match self.bounds(|value| value.to_text().parse::<DateTime>().ok()) {
                (Bound::Unbounded, Bound::Unbounded) => vec![Arc::new(IsDatetime::new())],
                range => vec![Arc::new(IsDatetimeInRange::new(range))],
            },
            // With an offset from UTC too, which the rules of dates do not read.
            FieldType::Instant => {
                let mut rules: Vec<Shared> = vec![Arc::new(FitsType(kind.clone()))];
                match self.bounds(|value| crate::coerce::instant_of(&value.to_text())) {
                    (Bound::Unbounded, Bound::Unbounded) => {}
                    range => rules.push(Arc::new(IsDatetimeInRange::new(range))),
                }
                rules
            }
            FieldType::Time => vec![Arc::new(IsTime::new())],
            FieldType::Json => vec![Arc::new(IsJson::new())],
            FieldType::Uuid => vec![Arc::new(FitsType(kind.clone()))],
            FieldType::ListInteger => vec![Arc::new(IsListOf::new(IsIntInRange::any()))],
            _ => Vec::new(),
        }
    }

    fn length(&self) -> Vec<Shared> {
        let least = self
            .said
            .iter()
            .filter_map(|says| if let Says::MinLength(count) = says { Some(*count) } else { None })
            .max();
        let most = self
            .said
            .iter()
            .filter_map(|says| if let Says::MaxLength(count) = says { Some(*count) } else { None });
        let most = most.chain(self.field.length).min();
        if least.is_none() && most.is_none() {
            return Vec::new();
        }
        let most = most.map_or(u64::MAX, u64::from);
        vec![Arc::new(IsLength::max(most).min(least.map_or(0, u64::from)))]
    }

    /// The bounds that checks set, where they are values of the type.
    fn bounds<T: PartialOrd + Copy>(&self, read: impl Fn(&Value) -> Option<T>) -> (Bound<T>, Bound<T>) {
        let (mut min, mut max) = (Bound::Unbounded, Bound::Unbounded);
        for says in &self.said {
            match says {
                Says::Min { value, included } => {
                    if let Some(value) = read(value).filter(|value| is_within(&min, |known| known < value)) {
                        min = if *included { Bound::Included(value) } else { Bound::Excluded(value) };
                    }
                }
                Says::Max { value, included } => {
                    if let Some(value) = read(value).filter(|value| is_within(&max, |known| known > value)) {
                        max = if *included { Bound::Included(value) } else { Bound::Excluded(value) };
                    }
                }
                _ => {}
            }
        }
        (min, max)
    }

    fn integers(&self, least: i64, greatest: i64) -> IsIntInRange {
        let (min, max) = self.bounds(decimal);
        let min = match min {
            Bound::Included(min) => whole(min.ceil()),
            Bound::Excluded(min) => whole(min.floor()).and_then(|min| min.checked_add(1)),
            Bound::Unbounded => None,
        };
        let max = match max {
            Bound::Included(max) => whole(max.floor()),
            Bound::Excluded(max) => whole(max.ceil()).and_then(|max| max.checked_sub(1)),
            Bound::Unbounded => None,
        };
        let (mut rule, min, max) =
            (IsIntInRange::any(), min.unwrap_or(least).max(least), max.unwrap_or(greatest).min(greatest));
        // The bounds of 64 bits hold anyway; an error that names them would puzzle people.
        if min > i64::MIN {
            rule = rule.min(min);
        }
        if max < i64::MAX {
            rule = rule.max(max);
        }
        rule
    }
}

/// Whether there is no bound yet, or `is_wider` holds for the one there is.
fn is_within<T>(known: &Bound<T>, is_wider: impl Fn(&T) -> bool) -> bool {
    match known {
        Bound::Included(known) | Bound::Excluded(known) => is_wider(known),
        Bound::Unbounded => true,
    }
}

fn together(rules: Vec<Shared>) -> Rules {
    match <[Shared; 1]>::try_from(rules) {
        Ok([one]) => Rules::from(one),
        Err(rules) if rules.is_empty() => Rules::none(),
        Err(rules) => Rules::from(rules),
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => value.to_text().parse().ok(),
        _ => None,
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

fn whole(number: Decimal) -> Option<i64> {
    i64::try_from(number).ok()
}
