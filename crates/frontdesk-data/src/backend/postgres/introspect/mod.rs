//! Describes the tables and views of an existing PostgreSQL database, as the role sees them.
//!
//! Everything is read from the catalogue in one go, however many tables there are. What the role may not do is not
//! possible, and the reason says so; columns that it may not read are left out.

mod catalog;
mod default;
mod types;
mod view;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio_postgres::{Client, Error};

use self::catalog::{Catalog, Column, Constraint, May, Relation};
use self::types::Types;
use crate::backend::describe;
use crate::check::token::tokens;
use crate::{Action, Check, DefaultValue, Field, FieldType, ForeignKey, Source, Table, TableKind, Unique};

/// All tables and views that the role can name, but for those of the system and of extensions, in the order of their
/// names. Those of the schema that is looked in first are called by their own name, others `schema.name`.
///
/// # Errors
/// Those of the database.
pub(super) async fn tables(client: &Client) -> Result<Vec<Table>, Error> {
    let catalog = match catalog::read(client).await {
        // A table that is dropped meanwhile is an error in the midst of the answer.
        Err(error) if !client.is_closed() && error.as_db_error().is_some() => {
            tracing::debug!(%error, "the catalogue changed while it was read");
            catalog::read(client).await?
        }
        read => read?,
    };
    Ok(described(&catalog))
}

fn described(catalog: &Catalog) -> Vec<Table> {
    let types = Types::new(catalog);
    let names = names(&catalog.relations);
    let mut columns: HashMap<u32, Vec<&Column>> = HashMap::new();
    for column in &catalog.columns {
        columns.entry(column.relation).or_default().push(column);
    }
    let mut constraints: HashMap<u32, Vec<&Constraint>> = HashMap::new();
    for constraint in &catalog.constraints {
        constraints.entry(constraint.relation).or_default().push(constraint);
    }
    let mut tables: Vec<Table> = Vec::with_capacity(catalog.relations.len());
    for relation in &catalog.relations {
        let columns = columns.get(&relation.oid).map(Vec::as_slice).unwrap_or_default();
        let describer = Describer {
            catalog,
            types: &types,
            relation,
            may: may(relation, columns),
            columns,
            constraints: constraints.get(&relation.oid).map(Vec::as_slice).unwrap_or_default(),
            of_domains: constraints.get(&0).map(Vec::as_slice).unwrap_or_default(),
        };
        tables.push(describer.table(&names));
    }
    let references = References { catalog, columns: &columns, constraints: &constraints };
    references.resolve(&mut tables);
    view::resolve(catalog, &mut tables);
    for (table, relation) in tables.iter_mut().zip(&catalog.relations) {
        let columns = columns.get(&relation.oid).map(Vec::as_slice).unwrap_or_default();
        settle_possible(table, relation, may(relation, columns), &catalog.role);
        describe::settle_labels(table);
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    tables
}

/// What each relation is called here; no two are called alike.
fn names(relations: &[Relation]) -> HashMap<u32, Arc<str>> {
    let mut names: HashMap<u32, Arc<str>> = HashMap::new();
    let mut taken: HashSet<Arc<str>> = HashSet::new();
    for relation in relations.iter().filter(|relation| relation.is_first) {
        let name: Arc<str> = relation.name.as_str().into();
        taken.insert(Arc::clone(&name));
        names.insert(relation.oid, name);
    }
    for relation in relations.iter().filter(|relation| !relation.is_first) {
        let mut name = format!("{}.{}", relation.schema, relation.name);
        // A name may have a dot too.
        while taken.contains(&*name) {
            name.push('\'');
        }
        let name: Arc<str> = name.into();
        taken.insert(Arc::clone(&name));
        names.insert(relation.oid, name);
    }
    names
}

/// What the role may do with the relation, or with some of its columns.
fn may(relation: &Relation, columns: &[&Column]) -> May {
    let May { select, insert, update, delete } = relation.may;
    May {
        select: select || columns.iter().any(|column| column.may.select),
        insert: insert || columns.iter().any(|column| column.may.insert),
        update: update || columns.iter().any(|column| column.may.update),
        delete,
    }
}

/// Describes one relation, but for what others say of it.
struct Describer<'c> {
    catalog: &'c Catalog,
    types: &'c Types<'c>,
    relation: &'c Relation,
    may: May,
    columns: &'c [&'c Column],
    constraints: &'c [&'c Constraint],
    of_domains: &'c [&'c Constraint],
}

impl Describer<'_> {
    fn table(&self, names: &HashMap<u32, Arc<str>>) -> Table {
        let relation = self.relation;
        let name = names.get(&relation.oid).map_or_else(|| relation.name.as_str().into(), Arc::clone);
        let mut checks = Vec::new();
        // Of a table that may not be read, the columns may still be written.
        let may_read = self.may.select;
        let (seen, hidden): (Vec<&Column>, Vec<&Column>) = self
            .columns
            .iter()
            .partition(|column| column.may.select || (!may_read && (column.may.insert || column.may.update)));
        let fields: Vec<Field> = seen.iter().map(|column| self.field(column, &mut checks)).collect();
        let mut table = Table::with_fields(Arc::clone(&name), fields, Vec::new());
        table.label = Field::string(relation.name.as_str()).label;
        if !relation.is_first {
            table.source =
                Some(Source { schema: relation.schema.as_str().into(), name: relation.name.as_str().into() });
        }
        table.kind = if matches!(relation.kind, 'v' | 'm') { TableKind::View } else { TableKind::Table };
        table.comment = self.comment(&hidden, may_read);
        let needed = || self.columns.iter().filter(|column| needs_value(column) && self.may.insert);
        if let Some(column) = needed().find(|column| !column.may.insert) {
            let reason = format!("A new row needs `{}`, which the database role may not write", column.name);
            table.impossible.push((Action::Create, reason.into()));
        } else if let Some(column) =
            needed().find(|column| hidden.iter().any(|known| known.number == column.number))
        {
            let reason = format!("A new row needs `{}`, which the database role may not read", column.name);
            table.impossible.push((Action::Create, reason.into()));
        }
        if let Some(column) = self.columns.iter().find(|column| column.lacks_sequence) {
            table.impossible.push((
                Action::Create,
                format!("The database role may not use the sequence that numbers `{}`", column.name).into(),
            ));
        }
        // A table's key does not hold for the rows of those that inherit from it.
        if !relation.has_heirs {
            self.key_and_uniques(&mut table, may_read);
        } else if matches!(relation.kind, 'r' | 'f') {
            let reason = "Other tables inherit from it, so that its key does not tell its rows apart";
            table.impossible.extend([Action::Update, Action::Delete].map(|action| (action, reason.into())));
        }
        self.checks(&mut table, checks);
        let names: Vec<Arc<str>> = table.fields.iter().map(|field| Arc::clone(&field.name)).collect();
        describe::apply_checks(&mut table, &names);
        describe::settle_key_and_uniques(&mut table);
        describe::narrow_texts(&mut table, |_| false);
        self.settle_assigned(&mut table);
        table
    }

    fn comment(&self, hidden: &[&Column], may_read: bool) -> Option<Cow<'static, str>> {
        let mut comment = self.relation.comment.clone().unwrap_or_default();
        if may_read && !hidden.is_empty() {
            let names: Vec<&str> = hidden.iter().map(|column| &*column.name).collect();
            if !comment.is_empty() {
                comment.push('\n');
            }
            comment.push_str("Not shown, since the database role may not read them: ");
            comment.push_str(&names.join(", "));
        }
        (!comment.is_empty()).then_some(comment.into())
    }

    /// The field of a column; checks of its domains are added to `checks`.
    fn field(&self, column: &Column, checks: &mut Vec<Check>) -> Field {
        let kind = self.types.of(column.type_, column.modifier, column.dimensions);
        let mut field = Field::new(column.name.as_str(), kind.kind);
        field.length = kind.length;
        field.null = !(column.not_null || kind.not_null);
        field.native = kind.is_native.then(|| column.native.as_str().into());
        field.compared_as_text = kind.is_native && !kind.is_ordered;
        field.one_of = kind.choices;
        field.comment = column.comment.clone().map(Cow::Owned);
        field.generated = column.generated || column.always_identity;
        let default = column.default.as_ref().filter(|_| !column.generated);
        field.default = match default.or(kind.default.as_ref()) {
            Some(sql) => default::default_value(sql, &field.kind),
            None if column.by_default_identity || column.always_identity => {
                DefaultValue::Database("GENERATED AS IDENTITY".to_owned())
            }
            None => DefaultValue::None,
        };
        let (may, any) = (column.may, self.may);
        // What the role may do with no column at all is told of the table.
        let allowed = |this: bool, any: bool| this || !any;
        let can_be_written =
            (may.insert || may.update) && allowed(may.insert, any.insert) && allowed(may.update, any.update);
        field.writable = !field.generated && column.able && can_be_written;
        field.readable = may.select;
        for constraint in self.of_domains.iter().filter(|known| kind.domains.contains(&known.domain)) {
            let Some(expression) = &constraint.expression else { continue };
            checks.push(Check {
                name: Some(constraint.name.as_str().into()),
                expression: of_column(expression, &column.name).into(),
                fields: vec![Arc::clone(&field.name)],
            });
        }
        field
    }

    fn name_of(&self, number: i32) -> Option<&str> {
        self.columns.iter().find(|column| column.number == number).map(|column| &*column.name)
    }

    /// The names of these columns, if all of them are fields.
    fn fields_of(&self, table: &Table, numbers: &[i32]) -> Option<Vec<Arc<str>>> {
        let field = |number: &i32| table.get(self.name_of(*number)?).map(|field| Arc::clone(&field.name));
        numbers.iter().map(field).collect()
    }

    fn key_and_uniques(&self, table: &mut Table, may_read: bool) {
        // A row is found again by its key, and for that the key has to be read.
        if may_read && let Some(key) = self.constraints.iter().find(|constraint| constraint.kind == 'p') {
            table.key = self.fields_of(table, &key.columns).unwrap_or_default();
        }
        for index in self.catalog.indexes.iter().filter(|index| index.relation == self.relation.oid) {
            if index.is_partial {
                continue;
            }
            let Some(fields) = self.fields_of(table, &index.columns).filter(|fields| !fields.is_empty())
            else {
                continue;
            };
            let is_key =
                fields.len() == table.key.len() && fields.iter().all(|field| table.key.contains(field));
            if !is_key {
                table.uniques.push(Unique { name: Some(index.name.as_str().into()), fields });
            }
        }
    }

    fn checks(&self, table: &mut Table, of_domains: Vec<Check>) {
        for constraint in self.constraints.iter().filter(|constraint| constraint.kind == 'c') {
            let Some(expression) = &constraint.expression else { continue };
            // Of columns that are not seen nothing can be told.
            if let Some(fields) = self.fields_of(table, &constraint.columns) {
                table.checks.push(Check {
                    name: Some(constraint.name.as_str().into()),
                    expression: expression.as_str().into(),
                    fields,
                });
            }
        }
        table.checks.extend(of_domains);
    }

    /// A key of one whole number that the database assigns is an id.
    fn settle_assigned(&self, table: &mut Table) {
        let [key] = &table.key[..] else { return };
        let Some(column) = self.columns.iter().find(|column| *column.name == **key) else { return };
        let is_serial = column.default.as_deref().is_some_and(|sql| sql.starts_with("nextval("));
        let is_assigned = column.always_identity || column.by_default_identity || is_serial;
        let key = Arc::clone(key);
        let Some(field) = table.get_mut(&key) else { return };
        if is_assigned && matches!(field.kind, FieldType::Integer | FieldType::BigInt) {
            field.kind = FieldType::Id;
            field.default = DefaultValue::None;
            field.writable = false;
        }
    }
}

/// Whether a row cannot be inserted without a value for the column.
fn needs_value(column: &Column) -> bool {
    column.not_null
        && column.default.is_none()
        && !column.generated
        && !column.always_identity
        && !column.by_default_identity
}

/// The check of a domain as one of a column: `VALUE` is its name.
fn of_column(expression: &str, column: &str) -> String {
    let mut name = String::new();
    crate::identifier::push_name(&mut name, column);
    let mut text = String::with_capacity(expression.len() + name.len());
    let mut from = 0;
    for token in tokens(expression) {
        if token.is_word("VALUE") {
            text.push_str(&expression[from..token.span.start]);
            text.push_str(&name);
            from = token.span.end;
        }
    }
    text.push_str(&expression[from..]);
    text
}

/// What refers to what.
struct References<'c> {
    catalog: &'c Catalog,
    columns: &'c HashMap<u32, Vec<&'c Column>>,
    constraints: &'c HashMap<u32, Vec<&'c Constraint>>,
}

impl References<'_> {
    fn resolve(&self, tables: &mut [Table]) {
        let at: HashMap<u32, usize> = self
            .catalog
            .relations
            .iter()
            .enumerate()
            .map(|(index, relation)| (relation.oid, index))
            .collect();
        for (index, relation) in self.catalog.relations.iter().enumerate() {
            let Some(constraints) = self.constraints.get(&relation.oid) else { continue };
            for constraint in constraints.iter().filter(|constraint| constraint.kind == 'f') {
                // A table that the role cannot name cannot be chosen from either.
                let Some(&target) = at.get(&constraint.target) else { continue };
                let (Some(fields), Some(columns)) = (
                    self.names(relation.oid, &constraint.columns),
                    self.names(constraint.target, &constraint.target_columns),
                ) else {
                    continue;
                };
                if fields.iter().any(|field| tables[index].get(field).is_none()) {
                    continue;
                }
                let key = ForeignKey {
                    name: Some(constraint.name.as_str().into()),
                    fields,
                    table: Arc::clone(&tables[target].name),
                    columns,
                };
                if let ([field], Some((known, column))) =
                    (&key.fields[..], describe::single_target(&key, tables.get(target)))
                {
                    let (name, field) = (Arc::clone(&known.name), Arc::clone(field));
                    let was_writable = tables[index].get(&field).is_some_and(|field| field.writable);
                    let was_assigned =
                        tables[index].get(&field).is_some_and(|field| field.kind == FieldType::Id);
                    describe::make_reference(&mut tables[index], &field, name, &column);
                    if let Some(field) = tables[index].get_mut(&field) {
                        field.writable = was_writable || (was_assigned && !field.generated);
                    }
                }
                tables[index].foreign_keys.push(key);
            }
        }
    }

    fn names(&self, relation: u32, numbers: &[i32]) -> Option<Vec<Arc<str>>> {
        let columns = self.columns.get(&relation)?;
        let name = |number: &i32| {
            columns.iter().find(|column| column.number == *number).map(|column| column.name.as_str().into())
        };
        numbers.iter().map(name).collect()
    }
}

/// What the kind of relation, and the role, do not allow. The first reason of an action counts.
fn settle_possible(table: &mut Table, relation: &Relation, may: May, role: &str) {
    let mut impossible: Vec<(Action, Cow<'static, str>)> = Vec::new();
    if !may.select {
        impossible.push((Action::Read, format!("The database role `{role}` may not read it").into()));
    }
    match relation.kind {
        'm' => {
            let reason = "It is a materialised view: it changes when the database refreshes it";
            impossible.extend(
                [Action::Create, Action::Update, Action::Delete].map(|action| (action, reason.into())),
            );
        }
        kind => {
            let view = [
                (8, Action::Create, "It is a view, and the database takes no new rows for it"),
                (4, Action::Update, "It is a view: its rows are changed where they come from"),
                (16, Action::Delete, "It is a view: its rows are deleted where they come from"),
            ];
            let foreign = "It is in another database, which takes no changes from here";
            for (bit, action, reason) in view {
                if relation.able & bit == 0 {
                    impossible.push((action, if kind == 'f' { foreign.into() } else { reason.into() }));
                }
            }
        }
    }
    let each = [
        (Action::Create, may.insert, "add rows to it"),
        (Action::Update, may.update, "change its rows"),
        (Action::Delete, may.delete, "delete its rows"),
    ];
    for (action, allowed, what) in each {
        if !allowed {
            impossible.push((action, format!("The database role `{role}` may not {what}").into()));
        }
    }
    impossible.append(&mut table.impossible);
    table.impossible = impossible;
}

#[cfg(test)]
mod tests;
