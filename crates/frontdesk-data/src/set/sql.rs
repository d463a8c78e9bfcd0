//! The statements of a set. Filters are sea-query's to write; the rest has few shapes and is written here, which is
//! quicker.

use std::fmt::Write as _;
use std::sync::Arc;

use frontdesk_validate::Value;

use super::{Cursor, Order, Set};
use crate::column::from_sea;
use crate::identifier::{
    push_column, push_compared, push_name, push_names, push_place, push_read, push_table,
};
use crate::plan::Plan;
use crate::policy::{Reach, push_reach};
use crate::statement::{Codec, Op, Query, Shape, Write};
use crate::{Columns, DbError, Field, FieldType, Table};

/// A column that was found: its table's name in the statement, its own, its type.
struct Place<'a> {
    qualifier: &'a str,
    name: &'a str,
    kind: &'a FieldType,
    field: &'a Field,
    /// Whether it may be null.
    null: bool,
}

impl<'a> Place<'a> {
    fn new(qualifier: &'a str, table: &Table, field: &'a Field, is_joined: bool) -> Self {
        let null = is_joined || field.null && !table.is_key(&field.name);
        Self { qualifier, name: &field.name, kind: &field.kind, field, null }
    }

    /// What the column is where it is read: a type that is the database's own is read as text.
    fn read_kind(&self) -> &'a FieldType {
        if self.field.native.is_some() { &FieldType::Text } else { self.kind }
    }

    /// Appends the column as it is compared and sorted by.
    fn push(&self, sql: &mut String) {
        push_compared(sql, self.qualifier, self.field);
    }
}

/// An order by a column of a set's table, or of a joined one.
struct By<'a> {
    place: Place<'a>,
    descending: bool,
}

fn no_column(table: &Table, path: &str) -> DbError {
    DbError::not_found(path, format!("there is no column `{path}` in a set of `{}`", table.name))
}

/// A name of a column in SQL.
#[derive(Debug, PartialEq)]
struct Name {
    qualifier: Option<String>,
    name: String,
}

/// The quoted names in a text of SQL: those of columns, as sea-query writes them.
fn names(text: &str) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut rest = text;
    let mut is_part = false;
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = &rest[at..=at];
        let between = &rest[..at];
        rest = &rest[at + 1..];
        let mut inner = String::new();
        while let Some(end) = rest.find(quote) {
            inner.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            // Twice the quote is one of the text.
            match rest.strip_prefix(quote) {
                Some(more) => {
                    inner.push_str(quote);
                    rest = more;
                }
                None => break,
            }
        }
        if quote == "'" {
            is_part = false;
            continue;
        }
        match names.last_mut() {
            Some(last) if is_part && between == "." && last.qualifier.is_none() => {
                *last = Name { qualifier: Some(std::mem::take(&mut last.name)), name: inner };
            }
            _ => names.push(Name { qualifier: None, name: inner }),
        }
        is_part = true;
    }
    names
}

/// How many columns a result may have whose values are cut: each takes another one for its length.
const MOST_CUT: usize = 900;

impl Set {
    fn place(&self, path: &str) -> Result<Place<'_>, DbError> {
        if let Some(field) = self.table.get(path) {
            return Ok(Place::new(&self.table.name, &self.table, field, false));
        }
        self.joins
            .iter()
            .find_map(|join| {
                let column = path.strip_prefix(&*join.path)?.strip_prefix('.')?;
                let field = join.table.get(column)?;
                Some(Place::new(&join.alias, &join.table, field, true))
            })
            .ok_or_else(|| no_column(&self.table, path))
    }

    /// Whether rows stand for rows of the table, so that they have its identity.
    pub(super) fn has_identity(&self) -> bool {
        !self.distinct && self.group_by.is_empty() && self.table.has_key()
    }

    /// The order, down to the key. Where rows have no identity it is what was asked for.
    fn order(&self) -> Result<Vec<By<'_>>, DbError> {
        let mut order = Vec::with_capacity(self.orders.len() + self.table.key.len());
        for Order { path, descending } in &self.orders {
            order.push(By { place: self.place(path)?, descending: *descending });
        }
        if self.has_identity() {
            let last_descends = self.orders.last().is_some_and(|order| order.descending);
            for name in &self.table.key {
                let known = |by: &By<'_>| by.place.qualifier == &*self.table.name && by.place.name == &**name;
                if !order.iter().any(known) {
                    // In the direction of the order before it: an index over both serves it then.
                    order.push(By { place: self.place(name)?, descending: last_descends });
                }
            }
        }
        Ok(order)
    }

    /// The values, in the order's columns, of the row after or before which the set begins; `None` where there is no
    /// such row, or the identity says it all.
    pub(super) async fn anchor(&self) -> Result<Option<Vec<Value>>, DbError> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let Some(Cursor { id, .. }) = &self.cursor else { return Ok(None) };
        if !self.has_identity() || id.values().len() != self.table.key.len() {
            return Err(DbError::unsupported("only rows with an identity have a row to continue after"));
        }
        let order = self.order()?;
        let of_key = |by: &By<'_>| {
            let at = self.table.key.iter().position(|name| &**name == by.place.name)?;
            (by.place.qualifier == &*self.table.name).then(|| id.values()[at].clone())
        };
        if let Some(values) = order.iter().map(of_key).collect() {
            return Ok(Some(values));
        }
        let mut sql = String::from("SELECT ");
        let mut params = Vec::new();
        for (index, by) in order.iter().enumerate() {
            if index > 0 {
                sql.push_str(", ");
            }
            push_read(&mut sql, by.place.qualifier, by.place.field);
        }
        self.push_from(&mut sql, &mut params)?;
        sql.push_str(" WHERE ");
        self.push_key(&mut sql);
        params.extend_from_slice(id.values());
        if let Some(scope) = &self.scope {
            push_reach(&self.db, &mut sql, &mut params, &scope.rows)?;
        }
        let rows = self.on().read(crate::db::plain_query(sql.into(), params)).await?;
        match rows.into_iter().next() {
            Some(row) => Ok(Some(row.values().to_vec())),
            None => Err(DbError::not_found(id.to_string(), "the row after which to continue is gone")),
        }
    }

    fn push_key(&self, sql: &mut String) {
        for (index, name) in self.table.key.iter().enumerate() {
            if index > 0 {
                sql.push_str(" AND ");
            }
            match self.table.get(name) {
                Some(field) => push_compared(sql, &self.table.name, field),
                None => push_column(sql, &self.table.name, name),
            }
            sql.push_str(" = ?");
        }
    }

    fn push_from(&self, sql: &mut String, params: &mut Vec<Value>) -> Result<(), DbError> {
        sql.push_str(" FROM ");
        push_table(sql, &self.table);
        for join in &self.joins {
            sql.push_str(if join.inner { " INNER JOIN " } else { " LEFT JOIN " });
            push_place(sql, &join.table);
            sql.push_str(" AS ");
            push_name(sql, &join.alias);
            for (index, (field, column)) in join.pairs.iter().enumerate() {
                sql.push_str(if index == 0 { " ON " } else { " AND " });
                push_column(sql, &join.alias, column);
                sql.push_str(" = ");
                push_column(sql, &join.from, field);
            }
            push_reach(&self.db, sql, params, &join.reach)?;
        }
        Ok(())
    }

    /// `WHERE …`, from the filters and the cursor.
    fn push_where(
        &self,
        sql: &mut String,
        params: &mut Vec<Value>,
        anchor: Option<&[Value]>,
    ) -> Result<(), DbError> {
        let mut begun = false;
        if !self.filter.is_empty()
            && let Some((text, values)) = self.db.backend().dialect().condition(self.filter.clone())
        {
            begun = true;
            if self.scope.is_some() {
                self.check_names(&text)?;
            }
            let _ = write!(sql, " WHERE ({text})");
            for value in values {
                params.push(from_sea(value).ok_or_else(|| {
                    DbError::unsupported(
                        "a condition holds a value of a kind that is not supported; give it as a text",
                    )
                })?);
            }
        }
        if let Some(scope) = &self.scope
            && scope.rows != Reach::All
        {
            if !begun {
                sql.push_str(" WHERE 1 = 1");
                begun = true;
            }
            push_reach(&self.db, sql, params, &scope.rows)?;
        }
        if let (Some(cursor), Some(anchor)) = (&self.cursor, anchor) {
            sql.push_str(if begun { " AND (" } else { " WHERE (" });
            push_beyond(sql, params, &self.order()?, anchor, cursor.backward);
            sql.push(')');
        }
        Ok(())
    }

    /// Refuses a condition that names columns which the set does not show, as one that names columns that there are not.
    fn check_names(&self, text: &str) -> Result<(), DbError> {
        // The names of a query within it are its own.
        let has_query = text.contains("SELECT ");
        for name in names(text) {
            let path = match &name {
                Name { qualifier: None, .. } if has_query => Ok(()),
                Name { qualifier: None, name } => {
                    self.table.get(name).map(|_| ()).ok_or_else(|| name.clone())
                }
                Name { qualifier: Some(of), name } if **of == *self.table.name => {
                    self.table.get(name).map(|_| ()).ok_or_else(|| name.clone())
                }
                Name { qualifier: Some(of), name } => {
                    match self.joins.iter().find(|join| *join.alias == **of) {
                        Some(join) if join.table.get(name).is_none() => Err(format!("{}.{name}", join.path)),
                        // A table of a query within the condition, which is the application's own.
                        _ => Ok(()),
                    }
                }
            };
            if let Err(path) = path {
                return Err(no_column(&self.table, &path));
            }
        }
        Ok(())
    }

    fn push_group(&self, sql: &mut String) -> Result<(), DbError> {
        for (index, path) in self.group_by.iter().enumerate() {
            sql.push_str(if index == 0 { " GROUP BY " } else { ", " });
            let place = self.place(path)?;
            push_read(sql, place.qualifier, place.field);
        }
        Ok(())
    }

    /// The column, or where rows are grouped by others, its value of one of them.
    fn grouped(&self, column: String, place: &Place<'_>) -> Result<String, DbError> {
        for path in &self.group_by {
            let known = self.place(path)?;
            if known.qualifier == place.qualifier && known.name == place.name {
                return Ok(column);
            }
        }
        Ok(if self.group_by.is_empty() { column } else { self.db.backend().dialect().any_of(column) })
    }

    fn push_order_and_limit(&self, sql: &mut String, params: &mut Vec<Value>) -> Result<(), DbError> {
        let backward = self.cursor.as_ref().is_some_and(|cursor| cursor.backward);
        for (index, by) in self.order()?.iter().enumerate() {
            sql.push_str(if index == 0 { " ORDER BY " } else { ", " });
            let mut column = String::new();
            match self.distinct {
                // What is not read may not decide the order of what is distinct.
                true => push_read(&mut column, by.place.qualifier, by.place.field),
                false => by.place.push(&mut column),
            }
            sql.push_str(&self.grouped(column, &by.place)?);
            let descends = by.descending != backward;
            if descends {
                sql.push_str(" DESC");
            }
            if by.place.null {
                sql.push_str(self.db.backend().dialect().nulls(descends));
            }
        }
        self.push_limit(sql, params);
        Ok(())
    }

    fn push_limit(&self, sql: &mut String, params: &mut Vec<Value>) {
        if self.limit.is_some() || self.offset > 0 {
            let number = |rows: u64| Value::Int(i64::try_from(rows).unwrap_or(i64::MAX));
            sql.push_str(" LIMIT ? OFFSET ?");
            params.push(self.limit.map_or_else(|| self.db.backend().dialect().no_limit(), number));
            params.push(number(self.offset));
        }
    }

    /// The statement that reads the rows.
    pub(super) fn select(&self, anchor: Option<&[Value]>) -> Result<Query, DbError> {
        let plan = self.db.plan(&self.table);
        let mut params = Vec::new();
        let is_whole = self.columns.is_none()
            && self.joins.is_empty()
            && self.group_by.is_empty()
            && !self.distinct
            && self.cut.is_none();
        let (mut sql, shape) = if is_whole {
            let mut sql = String::with_capacity(plan.select.len() + 64);
            sql.push_str(&plan.select);
            (sql, Arc::clone(&plan.shape))
        } else {
            self.push_select(&mut params)?
        };
        self.push_where(&mut sql, &mut params, anchor)?;
        self.push_group(&mut sql)?;
        self.push_order_and_limit(&mut sql, &mut params)?;
        let rows = self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        Ok(Query { sql: sql.into(), params, shape: Some(shape), rows, limit: self.timeout, own: false })
    }

    /// `SELECT … FROM …` with chosen or joined columns, and how to read them.
    fn push_select(&self, params: &mut Vec<Value>) -> Result<(String, Arc<Shape>), DbError> {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut places = Vec::new();
        match &self.columns {
            Some(columns) => {
                for path in columns {
                    places.push(self.place(path)?);
                    names.push(Arc::clone(path));
                }
            }
            None if !self.group_by.is_empty() => {
                for path in &self.group_by {
                    places.push(self.place(path)?);
                    names.push(Arc::clone(path));
                }
            }
            None => {
                for field in &self.table.fields {
                    places.push(Place::new(&self.table.name, &self.table, field, false));
                    names.push(Arc::clone(&field.name));
                }
                for join in &self.joins {
                    for field in &join.table.fields {
                        places.push(Place::new(&join.alias, &join.table, field, true));
                        names.push(format!("{}.{}", join.path, field.name).into());
                    }
                }
            }
        }
        let codecs = places.iter().map(|place| Codec::of(place.kind)).collect();
        let mut key = Vec::new();
        if self.has_identity() {
            for name in &self.table.key {
                let known = |place: &Place<'_>| place.qualifier == &*self.table.name && place.name == &**name;
                key.push(match places.iter().position(known) {
                    Some(at) => at,
                    None => {
                        places.push(self.place(name)?);
                        places.len() - 1
                    }
                });
            }
        }
        let most =
            self.cut.filter(|_| !self.distinct && self.group_by.is_empty() && places.len() <= MOST_CUT);
        let mut cut = Vec::new();
        let mut lengths = String::new();
        let mut sql = String::from(if self.distinct { "SELECT DISTINCT " } else { "SELECT " });
        for (index, place) in places.iter().enumerate() {
            if index > 0 {
                sql.push_str(", ");
            }
            let mut column = String::new();
            push_read(&mut column, place.qualifier, place.field);
            match most {
                Some(most) if !key.contains(&index) => {
                    let [value, length] = self.db.backend().dialect().cut(&column, place.read_kind(), most);
                    sql.push_str(&value);
                    let _ = write!(lengths, ", {length}");
                    cut.push((places.len() + cut.len(), index));
                }
                _ => sql.push_str(&self.grouped(column, place)?),
            }
        }
        sql.push_str(&lengths);
        if places.is_empty() {
            sql.push('1');
        }
        self.push_from(&mut sql, params)?;
        Ok((sql, Arc::new(Shape { columns: Arc::new(Columns::new(names)), codecs, key, cut })))
    }

    /// The statement that counts, and goes no further than `most`.
    pub(super) fn count_sql(
        &self,
        most: Option<u64>,
        anchor: Option<&[Value]>,
    ) -> Result<(String, Vec<Value>), DbError> {
        let mut params = Vec::new();
        let mut inner = if self.distinct || !self.group_by.is_empty() {
            self.push_select(&mut params)?.0
        } else {
            let mut sql = String::from("SELECT 1");
            self.push_from(&mut sql, &mut params)?;
            sql
        };
        self.push_where(&mut inner, &mut params, anchor)?;
        self.push_group(&mut inner)?;
        let most = most.into_iter().chain(self.limit).min();
        Self { limit: most, ..self.clone() }.push_limit(&mut inner, &mut params);
        Ok((format!("SELECT count(*) FROM ({inner}) AS \"counted\""), params))
    }

    /// The statement that updates the rows.
    pub(super) fn update_sql(
        &self,
        fields: &[usize],
        mut params: Vec<Value>,
        plan: Arc<Plan>,
        anchor: Option<&[Value]>,
    ) -> Result<Write, DbError> {
        let mut sql = String::from("UPDATE ");
        push_table(&mut sql, &self.table);
        for (index, &at) in fields.iter().enumerate() {
            sql.push_str(if index == 0 { " SET " } else { ", " });
            push_name(&mut sql, &self.table.fields[at].name);
            sql.push_str(" = ?");
        }
        self.push_rows(&mut sql, &mut params, anchor)?;
        Ok(Write {
            sql: sql.into(),
            params,
            op: Op::Many { fields: fields.into() },
            plan: Some(plan),
            guard: None,
        })
    }

    /// The statement that deletes the rows.
    pub(super) fn delete_sql(&self, plan: Arc<Plan>, anchor: Option<&[Value]>) -> Result<Write, DbError> {
        let mut params = Vec::new();
        let mut sql = String::from("DELETE FROM ");
        push_table(&mut sql, &self.table);
        self.push_rows(&mut sql, &mut params, anchor)?;
        Ok(Write {
            sql: sql.into(),
            params,
            op: Op::Many { fields: Arc::default() },
            plan: Some(plan),
            guard: None,
        })
    }

    /// `WHERE …` of an update or delete: the filters alone, or the keys of the rows where there is more to it.
    fn push_rows(
        &self,
        sql: &mut String,
        params: &mut Vec<Value>,
        anchor: Option<&[Value]>,
    ) -> Result<(), DbError> {
        let is_simple = self.joins.is_empty() && self.limit.is_none() && self.offset == 0;
        if is_simple && self.group_by.is_empty() && !self.distinct {
            return self.push_where(sql, params, anchor);
        }
        if !self.has_identity() {
            return Err(DbError::unsupported("only rows with an identity can be changed through this set"));
        }
        sql.push_str(" WHERE (");
        push_names(sql, self.table.key.iter().map(|name| &**name));
        sql.push_str(") IN (SELECT ");
        for (index, name) in self.table.key.iter().enumerate() {
            if index > 0 {
                sql.push_str(", ");
            }
            push_column(sql, &self.table.name, name);
        }
        self.push_from(sql, params)?;
        self.push_where(sql, params, anchor)?;
        self.push_order_and_limit(sql, params)?;
        sql.push(')');
        Ok(())
    }
}

/// Appends the condition that a row stands behind the anchor in the order (or before it).
///
/// Null is less than everything, as SQLite sorts it; a plain comparison would lose the rows that have it.
fn push_beyond(
    sql: &mut String,
    params: &mut Vec<Value>,
    order: &[By<'_>],
    anchor: &[Value],
    backward: bool,
) {
    let greater = order[0].descending == backward;
    let same_direction = order.iter().all(|by| by.descending == order[0].descending);
    // A comparison of row values leaves out rows with null where it is decided: behind the anchor that is right.
    let nulls_are_right = greater || order.iter().all(|by| !by.place.null);
    if same_direction && nulls_are_right && anchor.iter().all(|value| !value.is_null()) {
        // Row values are what an index answers best.
        sql.push('(');
        for (index, by) in order.iter().enumerate() {
            if index > 0 {
                sql.push_str(", ");
            }
            by.place.push(sql);
        }
        sql.push_str(if greater { ") > (?" } else { ") < (?" });
        sql.push_str(&", ?".repeat(order.len() - 1));
        sql.push(')');
        params.extend_from_slice(anchor);
        return;
    }
    // (a > ?) OR (a = ? AND b > ?) OR …
    for last in 0..order.len() {
        sql.push_str(if last == 0 { "(" } else { " OR (" });
        for (by, value) in order[..last].iter().zip(anchor) {
            by.place.push(sql);
            match value {
                Value::Null => sql.push_str(" IS NULL AND "),
                value => {
                    sql.push_str(" = ? AND ");
                    params.push(value.clone());
                }
            }
        }
        let by = &order[last];
        let greater = by.descending == backward;
        let mut column = String::new();
        by.place.push(&mut column);
        match (&anchor[last], greater) {
            (Value::Null, true) => {
                let _ = write!(sql, "{column} IS NOT NULL");
            }
            (Value::Null, false) => sql.push_str("1 = 0"),
            (value, true) => {
                let _ = write!(sql, "{column} > ?");
                params.push(value.clone());
            }
            (value, false) => {
                let _ = write!(sql, "({column} < ? OR {column} IS NULL)");
                params.push(value.clone());
            }
        }
        sql.push(')');
    }
}
