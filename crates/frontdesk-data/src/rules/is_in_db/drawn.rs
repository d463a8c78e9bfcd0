use std::sync::Arc;

use frontdesk_validate::Choice;

use super::{IsInDb, Label};
use crate::rules::source::Place;
use crate::{Field, LabelTemplate, Row, Set};

/// The rows of a rule as choices.
pub(super) struct Drawn<'r> {
    rule: &'r IsInDb,
    place: &'r Place,
    /// `None` where a closure makes the label.
    template: Option<LabelTemplate>,
    /// The columns of the label that there are.
    pub(super) shown: Vec<Arc<str>>,
    /// The rows, with what their labels need.
    pub(super) set: Set,
}

impl<'r> Drawn<'r> {
    pub(super) fn of(rule: &'r IsInDb, place: &'r Place) -> Self {
        let template = match &rule.label {
            Label::Template(template) => Some(template.clone()),
            Label::With(_) => None,
            Label::Default => {
                let is_key = place.table.key.len() == 1 && place.table.key[0] == place.field;
                let readable = place.table.readable.clone().filter(|_| is_key);
                Some(readable.unwrap_or_else(|| LabelTemplate::column(Arc::clone(&place.field))))
            }
        };
        // What whoever asks may not read is not there.
        let is_limited = place.access.is_some();
        let mut set = rule.left.iter().fold(place.set.clone(), |set, reference| {
            if is_limited && !set.can_join(reference) { set } else { set.join(reference) }
        });
        // A label may name what there is not, and shows nothing for it.
        let is_joined = |column: &str| match is_limited {
            true => set.field(column).is_some(),
            false => rule
                .left
                .iter()
                .any(|path| column.strip_prefix(&**path).is_some_and(|rest| rest.starts_with('.'))),
        };
        let shown: Vec<Arc<str>> = (template.iter().flat_map(LabelTemplate::columns))
            .filter(|column| place.table.get(column).is_some() || is_joined(column))
            .cloned()
            .collect();
        if template.is_some() {
            let mut columns: Vec<Arc<str>> = vec![Arc::clone(&place.field)];
            columns.extend(shown.iter().filter(|column| **column != place.field).cloned());
            set = set.columns(columns);
        }
        if !rule.group_by.is_empty() {
            let columns: Vec<Arc<str>> = rule.group_by.iter().map(|column| own(place, column)).collect();
            let known = columns.into_iter().filter(|column| !is_limited || set.field(column).is_some());
            let known: Vec<Arc<str>> = known.collect();
            set = set.group_by(known);
        }
        if rule.distinct {
            set = set.distinct();
        }
        Self { rule, place, template, shown, set }
    }

    /// The rows in the order in which they are listed.
    pub(super) fn ordered(&self) -> Set {
        let mut set = self.set.clone();
        if self.rule.order_by.is_empty() {
            set = self.shown.iter().fold(set, |set, column| set.order_by(Arc::clone(column)));
            if !self.rule.distinct || self.template.is_none() {
                set = set.order_by(Arc::clone(&self.place.field));
            }
        }
        for order in &self.rule.order_by {
            let column = own(self.place, &order.column);
            if self.place.access.is_some() && set.field(&column).is_none() {
                continue;
            }
            set = if order.descending { set.order_by_desc(column) } else { set.order_by(column) };
        }
        set
    }

    /// The choice that a row is; none where it has no value.
    pub(super) fn choice(&self, row: &Row) -> Option<Choice> {
        let value = row.get(&self.place.field).filter(|value| !value.is_null())?;
        let label = match (&self.template, &self.rule.label) {
            (Some(template), _) => template.render(|column| row.get(column).cloned()),
            (None, Label::With(label)) => label(row),
            (None, _) => value.to_text().into_owned(),
        };
        Some(Choice::new(value.to_text(), label))
    }

    /// The columns in which words are looked for: those of the label, or where it tells none the texts of the table.
    ///
    /// What may not be read may not be found either.
    pub(super) fn searched(&self) -> Vec<Arc<str>> {
        let may_be_read = |field: &Field| field.readable && !field.secret;
        let table = &self.place.table;
        let columns: Vec<Arc<str>> = (self.shown.iter())
            .filter(|column| match table.get(column) {
                Some(field) => may_be_read(field),
                None => self.set.field(column).is_some_and(may_be_read),
            })
            .cloned()
            .collect();
        if !columns.is_empty()
            || self.template.as_ref().is_some_and(|template| template.columns().count() > 0)
        {
            return columns;
        }
        let texts = table.fields.iter().filter(|field| field.kind.is_text() && may_be_read(field));
        texts.map(|field| Arc::clone(&field.name)).collect()
    }
}

/// The originals write `table.field` in orderby and groupby.
fn own(place: &Place, column: &str) -> Arc<str> {
    let field = column.strip_prefix(&*place.table.name).and_then(|rest| rest.strip_prefix('.'));
    field.filter(|field| place.table.get(field).is_some()).unwrap_or(column).into()
}
