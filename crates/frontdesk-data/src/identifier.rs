//! Names in SQL text.

use crate::{Field, Table};

/// Appends `name` as a quoted identifier: within double quotes, each double quote in it doubled.
pub(crate) fn push_name(sql: &mut String, name: &str) {
    sql.push('"');
    for part in name.split_inclusive('"') {
        sql.push_str(part);
        if part.ends_with('"') {
            sql.push('"');
        }
    }
    sql.push('"');
}

/// Appends `"table"."column"`.
///
/// SQLite takes a lone quoted name that is no column for a text; behind the table's name it is an error instead.
pub(crate) fn push_column(sql: &mut String, table: &str, column: &str) {
    push_name(sql, table);
    sql.push('.');
    push_name(sql, column);
}

/// Appends names with `, ` between them.
pub(crate) fn push_names<'a>(sql: &mut String, names: impl IntoIterator<Item = &'a str>) {
    for (index, name) in names.into_iter().enumerate() {
        if index > 0 {
            sql.push_str(", ");
        }
        push_name(sql, name);
    }
}

/// Appends the table as a statement names it first: `"table"`, or for one of another schema
/// `"schema"."table" AS "name"`, so that its columns are `"name"."column"` in either case.
pub(crate) fn push_table(sql: &mut String, table: &Table) {
    push_place(sql, table);
    if table.source.is_some() {
        sql.push_str(" AS ");
        push_name(sql, &table.name);
    }
}

/// As [`push_table`], without a name for the rest of the statement.
pub(crate) fn push_place(sql: &mut String, table: &Table) {
    match &table.source {
        Some(source) => push_column(sql, &source.schema, &source.name),
        None => push_name(sql, &table.name),
    }
}

/// Appends `"table"."column"` as it is read: a value of a type that is the database's own, as text.
pub(crate) fn push_read(sql: &mut String, table: &str, field: &Field) {
    push_column(sql, table, &field.name);
    push_cast(sql, field);
}

/// Appends what makes a text of a value of a type that is the database's own.
pub(crate) fn push_cast(sql: &mut String, field: &Field) {
    if field.native.is_some() {
        sql.push_str("::text");
    }
}

/// Appends `"table"."column"` as it is compared and sorted by.
pub(crate) fn push_compared(sql: &mut String, table: &str, field: &Field) {
    push_column(sql, table, &field.name);
    if field.compared_as_text {
        sql.push_str("::text");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_other_schemas_have_a_name_in_the_statement() {
        let table = Table::new("a.b\"c").source("a", "b\"c");
        let mut sql = String::new();
        push_table(&mut sql, &table);
        assert_eq!(sql, "\"a\".\"b\"\"c\" AS \"a.b\"\"c\"");
        sql.clear();
        push_table(&mut sql, &Table::new("a.b"));
        assert_eq!(sql, "\"a.b\"");
    }

    #[test]
    fn quotes_are_doubled() {
        for (name, quoted) in
            [("a", "\"a\""), ("a\"b", "\"a\"\"b\""), ("\"", "\"\"\"\""), ("", "\"\""), ("ü b", "\"ü b\"")]
        {
            let mut sql = String::new();
            push_name(&mut sql, name);
            assert_eq!(sql, quoted);
        }
    }
}
