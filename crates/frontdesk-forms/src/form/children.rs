use std::borrow::Cow;
use std::sync::Arc;

use frontdesk_data::{Db, FieldType, Table};

use super::FormCheck;
use super::spec::{Definition, FormSpec, Source};
use crate::{Form, Style, Widget};

/// A sub-form: the rows of another table that refer to the record of a form, edited with it and written in one
/// transaction with it.
///
/// Rows are added, removed and put in order by buttons that work without a script. A row that is left empty is no row.
///
/// In the submission the field `price` of the third row is called `items[2].price`.
///
/// # Defaults
/// Named and labelled after the table; from 0 to 100 rows, of which one is empty to begin with; in the order of their key;
/// all fields but the reference itself.
///
/// ```
/// # use frontdesk_data::{Db, Field, Table};
/// use frontdesk_forms::{Children, Form};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let db = Db::open("sqlite::memory:").await.unwrap();
/// let invoice = Table::new("invoice").field(Field::string("customer"));
/// let invoice = db.define(invoice.create()).await.unwrap();
/// let item = Table::new("item")
///     .field(Field::reference("invoice_id", "invoice").not_null())
///     .field(Field::string("what"))
///     .field(Field::integer("position"));
/// let item = db.define(item.create()).await.unwrap();
///
/// let items = Children::of(&db, &item, "invoice_id").unwrap().named("items").rows(1..=50).order_by("position");
/// let spec = Form::for_table(&db, &invoice).children(items);
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Children {
    pub(super) name: Arc<str>,
    pub(super) label: Cow<'static, str>,
    pub(super) form: FormSpec,
    /// The fields that refer to the parent, each with the parent's column; `None` for the column of its key.
    pub(super) reference: Vec<(Arc<str>, Option<Arc<str>>)>,
    pub(super) position: Option<Arc<str>>,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) spare: usize,
    /// Whether rows can be added.
    pub(super) adds: bool,
}

/// A sub-form was made with a field that refers to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field `{field}` of the table `{table}` is no reference, so its rows belong to no record")]
pub struct NoReference {
    table: Arc<str>,
    field: String,
}

impl Children {
    /// The rows of `table` that refer to the form's record by `field`, a reference. Where the reference has several
    /// columns, `field` is one of them.
    ///
    /// # Errors
    /// [`NoReference`], if the table has no such reference.
    pub fn of(db: &Db, table: &Arc<Table>, field: &str) -> Result<Self, NoReference> {
        let key = table.foreign_keys.iter().find(|key| key.fields.iter().any(|name| &**name == field));
        let reference: Vec<(Arc<str>, Option<Arc<str>>)> = match key {
            Some(key) => key
                .fields
                .iter()
                .enumerate()
                .map(|(at, name)| (Arc::clone(name), key.columns.get(at).cloned()))
                .collect(),
            None => match table.get(field) {
                Some(known) if matches!(known.kind, FieldType::Reference { .. }) => {
                    vec![(Arc::clone(&known.name), None)]
                }
                _ => {
                    return Err(NoReference { table: Arc::clone(&table.name), field: field.to_owned() });
                }
            },
        };
        let children = Self {
            name: Arc::clone(&table.name),
            label: Cow::Owned(table.label.to_string()),
            form: Form::for_table(db, table).deletable(true),
            reference,
            position: None,
            min: 0,
            max: 100,
            spare: 1,
            adds: true,
        };
        let hidden: Vec<Arc<str>> = children.reference.iter().map(|(field, _)| Arc::clone(field)).collect();
        Ok(children.without(&hidden))
    }

    /// The same without some fields.
    fn without(mut self, hidden: &[Arc<str>]) -> Self {
        if let Source::Table { db, table } = &self.form.def.source {
            let mut changed = Table::clone(table);
            for field in changed.fields.iter_mut().filter(|field| hidden.contains(&field.name)) {
                field.writable = false;
                field.readable = false;
            }
            let (db, changed) = (db.clone(), Arc::new(changed));
            self.form = self.form.with_source(Source::Table { db, table: changed });
        }
        self
    }

    /// Sets the name by which the rows are submitted. Default: the table's.
    #[must_use]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets what stands above the rows. Default: the table's label.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets how many rows there may be. Default: `0..=100`; without an end, 1,000.
    #[must_use]
    pub fn rows(mut self, count: impl std::ops::RangeBounds<usize>) -> Self {
        use std::ops::Bound;
        self.min = match count.start_bound() {
            Bound::Included(min) => *min,
            Bound::Excluded(min) => min + 1,
            Bound::Unbounded => 0,
        };
        self.max = match count.end_bound() {
            Bound::Included(max) => *max,
            Bound::Excluded(max) => max.saturating_sub(1),
            Bound::Unbounded => 1000,
        };
        self
    }

    /// Sets how many empty rows a form has when it is first shown. Default: 1.
    #[must_use]
    pub fn spare(mut self, rows: usize) -> Self {
        self.spare = rows;
        self
    }

    /// Keeps the order of the rows in a field of whole numbers, from 1. The field is not shown, and visitors can move
    /// rows up and down.
    #[must_use]
    pub fn order_by(mut self, field: impl Into<Arc<str>>) -> Self {
        let field = field.into();
        self.position = Some(Arc::clone(&field));
        self.without(&[field])
    }

    /// Draws only these fields.
    #[must_use]
    pub fn fields<N: AsRef<str>>(self, shown: impl IntoIterator<Item = N>) -> Self {
        let shown: Vec<N> = shown.into_iter().collect();
        let fields = self.form.def.fields().iter().map(|field| Arc::clone(&field.name));
        let hidden: Vec<Arc<str>> =
            fields.filter(|name| !shown.iter().any(|shown| shown.as_ref() == &**name)).collect();
        self.without(&hidden)
    }

    /// Sets the widget of one field.
    #[must_use]
    pub fn widget(mut self, field: impl Into<Arc<str>>, widget: impl Widget) -> Self {
        self.form = self.form.widget(field, widget);
        self
    }

    /// Checks a field of each row while it is filled in, as [`FormSpec::live_check`] does.
    #[must_use]
    pub fn live_check(mut self, field: impl Into<Arc<str>>) -> Self {
        self.form = self.form.live_check(field);
        self
    }

    /// Adds a check of each row as a whole.
    #[must_use]
    pub fn validation(mut self, check: impl Fn(&mut FormCheck) + Send + Sync + 'static) -> Self {
        self.form = self.form.validation(check);
        self
    }

    /// The sub-form in the form's own style.
    pub(super) fn in_style(mut self, style: &Style) -> Self {
        self.form = self.form.inherit_style(style);
        self
    }

    pub(super) fn def(&self) -> &Arc<Definition> {
        &self.form.def
    }
}
