//! In which order rows are written, so that values that no two rows may share can pass from one to another.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_data::{Field, FieldType, Row, Table, Values};
use frontdesk_validate::Value;
use uuid::Uuid;

/// What is to become of a row.
#[derive(Debug)]
pub(super) struct Change<'r> {
    /// What it is; `None` for a new one.
    pub(super) old: Option<&'r Row>,
    /// The values that change; `None` where nothing does.
    pub(super) new: Option<Values>,
    pub(super) goes: bool,
}

/// A write of the row of that number.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// It becomes what it is to be.
    Write(usize),
    /// It takes these values for a moment: another row needs its own before it can have others.
    Aside(usize, Values),
}

/// How far a row is.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Waiting,
    Begun,
    Aside,
    Done,
}

/// The writes in an order in which nothing stands in another's way, where there is one: rows that go; then the others, each
/// after the row whose values it takes over; new ones last.
pub(super) fn steps(table: &Table, changes: &[Change<'_>]) -> Vec<Step> {
    let goes = (0..changes.len()).filter(|at| changes[*at].goes);
    let mut steps: Vec<Step> = goes.map(Step::Write).collect();
    let uniques = uniques(table);
    // Who holds what others may want, and lets it go.
    let mut holders: HashMap<(usize, String), usize> = HashMap::new();
    for (at, change) in changes.iter().enumerate().filter(|(_, change)| change.old.is_some()) {
        for (unique, fields) in uniques.iter().enumerate() {
            if let (Some(old), Some(new)) = (change.before(fields), change.after(fields))
                && Some(&old) != new.as_ref()
            {
                holders.insert((unique, old), at);
            }
        }
    }
    let wanted = |at: usize| {
        let taken = uniques.iter().enumerate().filter_map(|(unique, fields)| {
            let new = changes[at].after(fields)??;
            holders.get(&(unique, new)).copied().filter(|holder| *holder != at).map(|holder| (unique, holder))
        });
        taken.collect::<Vec<_>>()
    };
    let mut progress = vec![Progress::Waiting; changes.len()];
    let is_update = |at: &usize| changes[*at].old.is_some() && changes[*at].new.is_some();
    for first in (0..changes.len()).filter(is_update) {
        if progress[first] != Progress::Waiting {
            continue;
        }
        // Depth first, without recursion: a chain may be as long as there are rows.
        progress[first] = Progress::Begun;
        let mut stack = vec![(first, wanted(first))];
        while let Some((at, waits_for)) = stack.last_mut() {
            let at = *at;
            match waits_for.pop() {
                None => {
                    steps.push(Step::Write(at));
                    progress[at] = Progress::Done;
                    stack.pop();
                }
                Some((unique, holder)) => match progress[holder] {
                    Progress::Waiting => {
                        progress[holder] = Progress::Begun;
                        stack.push((holder, wanted(holder)));
                    }
                    // They wait for each other.
                    Progress::Begun => {
                        if let Some(values) = aside(table, &changes[holder], &uniques[unique]) {
                            steps.push(Step::Aside(holder, values));
                            progress[holder] = Progress::Aside;
                        }
                    }
                    Progress::Aside | Progress::Done => {}
                },
            }
        }
    }
    let is_new = |at: &usize| changes[*at].old.is_none() && changes[*at].new.is_some();
    steps.extend((0..changes.len()).filter(is_new).map(Step::Write));
    steps
}

/// The sets of fields that no two rows may share.
fn uniques(table: &Table) -> Vec<Vec<Arc<str>>> {
    let single = table.fields.iter().filter(|field| field.unique).map(|field| vec![Arc::clone(&field.name)]);
    let mut uniques: Vec<_> =
        table.uniques.iter().map(|unique| unique.fields.clone()).chain(single).collect();
    if table.has_key() {
        uniques.push(table.key.clone());
    }
    uniques
}

impl Change<'_> {
    /// What the row holds in these fields; `None` where that stands in nobody's way.
    fn before(&self, fields: &[Arc<str>]) -> Option<String> {
        together(fields.iter().map(|field| self.old?.get(field)))
    }

    /// What it will hold in them, within `None` where that can be shared; `None` if it does not change at all.
    fn after(&self, fields: &[Arc<str>]) -> Option<Option<String>> {
        let new = self.new.as_ref()?;
        Some(together(fields.iter().map(|field| new.get(field).or_else(|| self.old?.get(field)))))
    }
}

/// Values as one text that differs where they do; `None` if one of them is null, which is like no other.
fn together<'v>(values: impl Iterator<Item = Option<&'v Value>>) -> Option<String> {
    let mut whole = String::new();
    for value in values {
        let text = value.filter(|value| !value.is_null())?.to_text();
        whole.push_str(&format!("{}:{text}", text.len()));
    }
    Some(whole)
}

/// Values for a moment, with which a row holds what nobody else does; `None` where there are none of that kind.
fn aside(table: &Table, change: &Change<'_>, fields: &[Arc<str>]) -> Option<Values> {
    let new = change.new.as_ref()?;
    let changed = fields.iter().filter(|field| new.contains(field) && !table.is_key(field));
    let found = changed.filter_map(|name| Some((name, nobodys(table.get(name)?)?))).next();
    let (name, value) = found?;
    Some(Values::new().with(Arc::clone(name), value))
}

fn nobodys(field: &Field) -> Option<Value> {
    let random = Uuid::new_v4();
    Some(match field.kind {
        _ if field.null => Value::Null,
        // Ten digits: they fit in 32 bits, and stand in few rows.
        FieldType::Integer | FieldType::BigInt => {
            Value::Int(1_000_000_000 + (random.as_u128() % 1_000_000_000) as i64)
        }
        FieldType::String | FieldType::Text => {
            let text = random.simple().to_string();
            let length = field.length.map_or(text.len(), |length| text.len().min(length as usize));
            Value::from(&text[..length])
        }
        FieldType::Uuid => Value::from(random.to_string()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use frontdesk_data::{Columns, RowId};

    use super::*;

    fn table() -> Table {
        Table::new("t")
            .field(Field::string("name").not_null().unique())
            .field(Field::integer("a"))
            .field(Field::integer("b").not_null())
            .unique(["a", "b"])
    }

    fn row(id: i64, name: &str) -> Row {
        let columns = ["id", "name", "a", "b"].map(Arc::from).to_vec();
        let values = vec![Value::Int(id), name.into(), Value::Int(1), Value::Int(id)];
        Row::new(Arc::new(Columns::new(columns)), values, Some(RowId::from(id)))
    }

    fn rename<'r>(row: &'r Row, name: &str) -> Change<'r> {
        Change { old: Some(row), new: Some(Values::new().with("name", name)), goes: false }
    }

    fn order(steps: &[Step]) -> Vec<(usize, bool)> {
        let write = |step: &Step| match step {
            Step::Write(at) => (*at, true),
            Step::Aside(at, values) => {
                assert_eq!(values.len(), 1);
                (*at, false)
            }
        };
        steps.iter().map(write).collect()
    }

    #[test]
    fn each_row_is_written_after_the_one_whose_value_it_takes() {
        let rows = [row(1, "x"), row(2, "y"), row(3, "z")];
        let chain = [rename(&rows[0], "y"), rename(&rows[1], "z"), rename(&rows[2], "new")];
        assert_eq!(order(&steps(&table(), &chain)), [(2, true), (1, true), (0, true)]);
        let circle = [rename(&rows[0], "y"), rename(&rows[1], "z"), rename(&rows[2], "x")];
        let circle = order(&steps(&table(), &circle));
        assert_eq!(circle, [(0, false), (2, true), (1, true), (0, true)]);
        let taken = [rename(&rows[0], "y"), Change { old: Some(&rows[1]), new: None, goes: false }];
        assert_eq!(order(&steps(&table(), &taken)), [(0, true)], "the database refuses it");
    }

    #[test]
    fn what_goes_makes_room_first_and_what_comes_waits() {
        let rows = [row(1, "x"), row(2, "y")];
        let new = Change { old: None, new: Some(Values::new().with("name", "y")), goes: false };
        let gone = Change { old: Some(&rows[1]), new: None, goes: true };
        assert_eq!(
            order(&steps(&table(), &[new, rename(&rows[0], "z"), gone])),
            [(2, true), (1, true), (0, true)]
        );
    }

    #[test]
    fn numbers_in_an_order_trade_places() {
        let rows = [row(1, "x"), row(2, "y")];
        let place =
            |row, b: i64| Change { old: Some(row), new: Some(Values::new().with("b", b)), goes: false };
        let swapped = steps(&table(), &[place(&rows[0], 2), place(&rows[1], 1)]);
        assert_eq!(order(&swapped), [(0, false), (1, true), (0, true)]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let rows: Vec<Row> = (0..50_000).map(|at| row(at, &at.to_string())).collect();
        let chain: Vec<_> =
            rows.iter().enumerate().map(|(at, row)| rename(row, &(at + 1).to_string())).collect();
        let steps = steps(&table(), &chain);
        assert_eq!((steps.len(), &steps[0]), (50_000, &Step::Write(49_999)));
    }
}
