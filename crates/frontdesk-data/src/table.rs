use std::borrow::Cow;
use std::sync::Arc;

use crate::{Field, FieldType, LabelTemplate, check};

/// A table, or a view: its fields, its key, and what the database enforces.
///
/// ```
/// use frontdesk_data::{Field, Table};
/// use frontdesk_validate::{IsInSet, IsNotEmpty};
///
/// let thing = Table::new("thing")
///     .field(Field::string("name").requires(IsNotEmpty::new()))
///     .field(Field::string("color").requires(IsInSet::new(["red", "blue", "green"])))
///     .field(Field::upload("image"));
/// assert_eq!(thing.key.len(), 1); // an `id` that the database assigns, since none was declared
/// assert!(thing.get("color").is_some());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Table {
    /// The name, by which addresses, schema files and other tables call it. In the database it is called the same, unless
    /// there is a [`source`](Self::source).
    pub name: Arc<str>,
    /// Where it is in the database, if not in the schema that is looked in first. Default: none.
    pub source: Option<Source>,
    /// Table or view.
    pub kind: TableKind,
    /// The fields, in order.
    pub fields: Vec<Field>,
    /// The names of the key's fields, in the key's order; empty where rows have no identity.
    pub key: Vec<Arc<str>>,
    /// Sets of fields that no two rows share, besides the key.
    pub uniques: Vec<Unique>,
    /// References, single and composite.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints.
    pub checks: Vec<Check>,
    /// How a row is shown in one line, where another one refers to it. As data: `readable`.
    pub readable: Option<LabelTemplate>,
    /// What the table is called for people. Default: the name in words.
    pub label: Cow<'static, str>,
    /// A help text.
    pub comment: Option<Cow<'static, str>>,
    /// Whether defining the table makes it in the database when it is missing. A table that exists is never altered.
    pub create: bool,
    /// Actions that are not possible, with the reason for people.
    pub impossible: Vec<(Action, Cow<'static, str>)>,
}

/// The place of a table in a database that has several schemas, such as PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The schema.
    pub schema: Arc<str>,
    /// The table's name within it.
    pub name: Arc<str>,
}

/// What a [`Table`] is in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableKind {
    /// A table.
    Table,
    /// A view.
    View,
}

/// Something done to a table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// See rows.
    Read,
    /// Insert a row.
    Create,
    /// Change a row.
    Update,
    /// Delete a row.
    Delete,
}

/// A set of fields that no two rows share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The constraint's or index's name in the database.
    pub name: Option<Arc<str>>,
    /// The fields.
    pub fields: Vec<Arc<str>>,
}

/// A reference to another table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name in the database.
    pub name: Option<Arc<str>>,
    /// The fields of this table.
    pub fields: Vec<Arc<str>>,
    /// The other table.
    pub table: Arc<str>,
    /// The fields of the other table, in the same order.
    pub columns: Vec<Arc<str>>,
}

/// A CHECK constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The constraint's name in the database.
    pub name: Option<Arc<str>>,
    /// The SQL expression.
    pub expression: Arc<str>,
    /// The fields that it names.
    pub fields: Vec<Arc<str>>,
}

impl Table {
    /// A table without fields but for an `id` that the database assigns.
    ///
    /// [`key`](Self::key) or a field of type `id` replaces that `id`.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        let label = Field::string(Arc::clone(&name)).label;
        Self {
            name,
            source: None,
            kind: TableKind::Table,
            fields: vec![Field::new("id", FieldType::Id)],
            key: vec!["id".into()],
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            readable: None,
            label,
            comment: None,
            create: false,
            impossible: Vec::new(),
        }
    }

    /// A table with exactly these fields and this key, which may be empty.
    pub fn with_fields(name: impl Into<Arc<str>>, fields: Vec<Field>, key: Vec<Arc<str>>) -> Self {
        Self { fields, key, ..Self::new(name) }
    }

    /// Adds a field; one of the same name is replaced.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        if field.kind == FieldType::Id && self.key.len() == 1 && &*self.key[0] == "id" {
            // The application's own `id` field takes the place of the one that is there by default.
            self.fields.retain(|known| known.kind != FieldType::Id);
            self.key = vec![Arc::clone(&field.name)];
            self.fields.insert(0, field);
            return self;
        }
        if let FieldType::Reference { table } = &field.kind
            && !self.foreign_keys.iter().any(|known| known.fields.len() == 1 && known.fields[0] == field.name)
        {
            // The referenced column is filled in when the table is defined and its target is known.
            self.foreign_keys.push(ForeignKey {
                name: None,
                fields: vec![Arc::clone(&field.name)],
                table: Arc::clone(table),
                columns: Vec::new(),
            });
        }
        match self.fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field,
            None => self.fields.push(field),
        }
        self
    }

    /// Sets the key: fields of this table. The default `id` goes.
    #[must_use]
    pub fn key<N: Into<Arc<str>>>(mut self, fields: impl IntoIterator<Item = N>) -> Self {
        self.key = fields.into_iter().map(Into::into).collect();
        let key = &self.key;
        self.fields.retain(|field| field.kind != FieldType::Id || key.contains(&field.name));
        self
    }

    /// Adds a set of fields that no two rows may share.
    #[must_use]
    pub fn unique<N: Into<Arc<str>>>(mut self, fields: impl IntoIterator<Item = N>) -> Self {
        self.uniques.push(Unique { name: None, fields: fields.into_iter().map(Into::into).collect() });
        self
    }

    /// Says in which schema of the database the table is, and how it is called there.
    ///
    /// ```
    /// use frontdesk_data::{Field, Table};
    ///
    /// let sale = Table::new("archive.sale").source("archive", "sale").field(Field::string("customer"));
    /// ```
    #[must_use]
    pub fn source(mut self, schema: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        self.source = Some(Source { schema: schema.into(), name: name.into() });
        self
    }

    /// Sets how a row is shown in one line.
    #[must_use]
    pub fn readable(mut self, label: LabelTemplate) -> Self {
        self.readable = Some(label);
        self
    }

    /// Sets what the table is called for people.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the help text.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<Cow<'static, str>>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Adds a reference of several fields to another table. One of a single field is a field of type `reference`.
    ///
    /// ```
    /// use frontdesk_data::{Field, Table};
    ///
    /// let grade = Table::new("grade")
    ///     .field(Field::integer("course"))
    ///     .field(Field::integer("student"))
    ///     .foreign_key(["course", "student"], "enrolment", ["course_id", "student_id"]);
    /// assert_eq!(&*grade.foreign_keys[0].table, "enrolment");
    /// ```
    #[must_use]
    pub fn foreign_key<F: Into<Arc<str>>, C: Into<Arc<str>>>(
        mut self,
        fields: impl IntoIterator<Item = F>,
        table: impl Into<Arc<str>>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        self.foreign_keys.push(ForeignKey {
            name: None,
            fields: fields.into_iter().map(Into::into).collect(),
            table: table.into(),
            columns: columns.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Adds a CHECK constraint: an SQL expression over the fields that are there by now. Rules follow from it, as they do
    /// from those of an existing database.
    #[must_use]
    pub fn check(mut self, expression: impl Into<Arc<str>>) -> Self {
        let expression = expression.into();
        let names: Vec<Arc<str>> = self.fields.iter().map(|field| Arc::clone(&field.name)).collect();
        let fields = check::mentioned(&expression, &names);
        self.checks.push(Check { name: None, expression, fields });
        self
    }

    /// Says that it is a view in the database, which is never made.
    #[must_use]
    pub fn view(mut self) -> Self {
        self.kind = TableKind::View;
        self
    }

    /// Says that an action is not possible, with the reason for people.
    #[must_use]
    pub fn cannot(mut self, action: Action, reason: impl Into<Cow<'static, str>>) -> Self {
        self.impossible.push((action, reason.into()));
        self
    }

    /// Makes the table in the database when it is missing.
    #[must_use]
    pub fn create(mut self) -> Self {
        self.create = true;
        self
    }

    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    /// The field of that name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| &*field.name == name)
    }

    /// The fields of the key, in the key's order.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.key.iter().filter_map(|name| self.get(name))
    }

    /// Whether a field belongs to the key.
    pub fn is_key(&self, field: &str) -> bool {
        self.key.iter().any(|name| &**name == field)
    }

    /// Whether rows can be told apart.
    pub fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    /// The reference that starts at this field alone.
    pub fn reference_of(&self, field: &str) -> Option<&ForeignKey> {
        self.foreign_keys.iter().find(|key| key.fields.len() == 1 && &*key.fields[0] == field)
    }

    /// Why an action is not possible on this table at all; `None` where it is. That says nothing of whether somebody
    /// may do it.
    pub fn impossible(&self, action: Action) -> Option<&str> {
        if let Some((_, reason)) = self.impossible.iter().find(|(known, _)| *known == action) {
            return Some(reason);
        }
        (matches!(action, Action::Update | Action::Delete) && !self.has_key())
            .then_some("Its rows have no key by which one could be told from another")
    }
}
