//! Whether a filter fits a table.

use frontdesk_validate::Value;

use super::{Among, Comparison, Family, Name, Node, RowFilterError, Side};
use crate::coerce::coerce;
use crate::schema_file::did_you_mean;
use crate::{Field, Table};

pub(super) fn check(node: &Node, table: &Table) -> Result<(), RowFilterError> {
    match node {
        Node::Const(_) | Node::Is(..) => Ok(()),
        Node::Null(name) => column(table, name).map(drop),
        Node::Compare(Side::Row(left), comparison, Side::Row(right)) => {
            let (one, other) = (compared(table, left, *comparison)?, compared(table, right, *comparison)?);
            let (a, b) = (Family::of(one), Family::of(other));
            if a != b && a != Some(Family::Key) && b != Some(Family::Key) {
                let text = format!(
                    "`row.{}` is of the type {} and cannot be compared with one of the type {}",
                    right.name, other.kind, one.kind
                );
                return Err(RowFilterError::new(right.at, text));
            }
            Ok(())
        }
        Node::Compare(Side::Row(name), comparison, other)
        | Node::Compare(other, comparison, Side::Row(name)) => {
            let field = compared(table, name, *comparison)?;
            match other {
                Side::Literal(value, at) => literal(field, name, value, *at),
                _ => Ok(()),
            }
        }
        Node::Compare(..) => Ok(()),
        Node::In(Side::Row(name), among) => {
            let field = compared(table, name, Comparison::Equal)?;
            match among {
                Among::Literals(values) => {
                    values.iter().try_for_each(|(value, at)| literal(field, name, value, *at))
                }
                Among::Actor(_) => Ok(()),
            }
        }
        Node::In(..) => Ok(()),
        Node::Not(inner) => check(inner, table),
        Node::All(parts) | Node::Any(parts) => parts.iter().try_for_each(|part| check(part, table)),
    }
}

fn column<'t>(table: &'t Table, name: &Name) -> Result<&'t Field, RowFilterError> {
    table.get(&name.name).ok_or_else(|| {
        let meant = did_you_mean(&name.name, table.fields.iter().map(|field| &*field.name));
        let text = format!("the table `{}` has no column `{}`{meant}", table.name, name.name);
        RowFilterError::new(name.at, text)
    })
}

fn compared<'t>(table: &'t Table, name: &Name, comparison: Comparison) -> Result<&'t Field, RowFilterError> {
    let field = column(table, name)?;
    let wrong = |why: &str| Err(RowFilterError::new(name.at, format!("`row.{}` {why}", name.name)));
    match Family::of(field) {
        None if field.secret => wrong("is secret and cannot be compared"),
        None => wrong(&format!("is of the type {}, which cannot be compared", field.kind)),
        Some(Family::Boolean) if !matches!(comparison, Comparison::Equal | Comparison::Unequal) => {
            wrong("is true or false: compare it by `==` or `!=`")
        }
        Some(_) => Ok(field),
    }
}

fn literal(field: &Field, name: &Name, value: &Value, at: usize) -> Result<(), RowFilterError> {
    // What a reference refers to is not known here.
    let is_key = Family::of(field) == Some(Family::Key);
    match coerce(&field.kind, value.clone()) {
        _ if is_key => Ok(()),
        Ok(value) if !value.is_null() => Ok(()),
        _ => {
            let text =
                format!("this value does not fit `row.{}`, which is of the type {}", name.name, field.kind);
            Err(RowFilterError::new(at, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::RowFilter;
    use super::*;
    use crate::FieldType;

    #[test]
    fn crud_02_what_does_not_fit_the_table_is_told_with_its_place() {
        let table = Table::new("note")
            .field(Field::integer("owner"))
            .field(Field::string("state"))
            .field(Field::boolean("public"))
            .field(Field::password("code"))
            .field(Field::date("due"))
            .field(Field::new("data", FieldType::Json));
        let fits =
            |source: &str| source.parse::<RowFilter>().unwrap().fits(&table).map_err(|e| e.to_string());
        for (source, words) in [
            (
                "true and row.ownr == 1",
                "the table `note` has no column `ownr`; did you mean `owner`? at character 10",
            ),
            (
                "row.owner == 'abc'",
                "this value does not fit `row.owner`, which is of the type integer at character 14",
            ),
            (
                "'' == row.owner",
                "this value does not fit `row.owner`, which is of the type integer at character 1",
            ),
            (
                "row.due in ['2024-01-01', 'x']",
                "this value does not fit `row.due`, which is of the type date at character 27",
            ),
            (
                "row.owner == row.state",
                "`row.state` is of the type string and cannot be compared with one of the type integer at character 14",
            ),
            (
                "row.public > false",
                "`row.public` is true or false: compare it by `==` or `!=` at character 1",
            ),
            ("row.code == 'x'", "`row.code` is secret and cannot be compared at character 1"),
            ("row.data == 'x'", "`row.data` is of the type json, which cannot be compared at character 1"),
        ] {
            assert_eq!(fits(source).unwrap_err(), words, "{source}");
        }
        for source in [
            "row.owner == row.id",
            "row.data is null",
            "row.owner in actor.ids",
            "actor.x == 5",
            "row.owner == '5'",
        ] {
            assert_eq!(fits(source), Ok(()), "{source}");
        }
    }
}
