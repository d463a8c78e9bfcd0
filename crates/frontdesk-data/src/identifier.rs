//! Names in SQL text.

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

#[cfg(test)]
mod tests {
    use super::*;

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
