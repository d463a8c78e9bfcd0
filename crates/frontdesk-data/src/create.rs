//! Making a table that is missing.
//!
//! Declared types are those by which introspection finds the field's type again.

use std::fmt::Write;

use frontdesk_validate::Value;

use crate::identifier::{push_name, push_names, push_place};
use crate::{DbError, DefaultValue, Field, FieldType, ForeignKey, Table};

/// The statement that makes `table`, unless there is one of that name. `kinds` are the types of its fields, references
/// followed to the column that they refer to.
pub(crate) fn sql(table: &Table, kinds: &[FieldType], targets: &[ForeignKey]) -> Result<String, DbError> {
    let mut sql = String::from("CREATE TABLE IF NOT EXISTS ");
    push_place(&mut sql, table);
    sql.push_str(" (");
    for (index, (field, kind)) in table.fields.iter().zip(kinds).enumerate() {
        sql.push_str(if index == 0 { "\n  " } else { ",\n  " });
        push_field(&mut sql, table, field, kind)?;
    }
    if !is_rowid(table) && table.has_key() {
        push_list(&mut sql, ",\n  PRIMARY KEY (", &table.key);
    }
    for unique in &table.uniques {
        push_list(&mut sql, ",\n  UNIQUE (", &unique.fields);
    }
    for key in targets {
        push_list(&mut sql, ",\n  FOREIGN KEY (", &key.fields);
        sql.push_str(" REFERENCES ");
        push_name(&mut sql, &key.table);
        if !key.columns.is_empty() {
            push_list(&mut sql, " (", &key.columns);
        }
    }
    for check in &table.checks {
        let _ = write!(sql, ",\n  CHECK ({})", check.expression);
    }
    sql.push_str("\n)");
    Ok(sql)
}

fn push_list(sql: &mut String, before: &str, names: &[std::sync::Arc<str>]) {
    sql.push_str(before);
    push_names(sql, names.iter().map(|name| &**name));
    sql.push(')');
}

/// Whether the key is a whole number that the database assigns.
fn is_rowid(table: &Table) -> bool {
    matches!(&*table.key, [key] if table.get(key).is_some_and(|field| field.kind == FieldType::Id))
}

fn push_field(sql: &mut String, table: &Table, field: &Field, kind: &FieldType) -> Result<(), DbError> {
    push_name(sql, &field.name);
    let is_rowid = is_rowid(table) && table.is_key(&field.name);
    if is_rowid {
        // Without AUTOINCREMENT: that costs another table, and a look into it at each insert.
        sql.push_str(" INTEGER PRIMARY KEY");
    } else {
        sql.push(' ');
        push_type(sql, field, kind);
    }
    if !is_rowid && (!field.null || table.is_key(&field.name)) {
        sql.push_str(" NOT NULL");
    }
    let alone = |unique: &crate::Unique| unique.fields.len() == 1 && unique.fields[0] == field.name;
    if field.unique && !is_rowid && !table.uniques.iter().any(alone) {
        sql.push_str(" UNIQUE");
    }
    match &field.default {
        DefaultValue::Value(value) => push_default(sql, field, kind, value),
        DefaultValue::Database(expression) => {
            let _ = write!(sql, " DEFAULT ({expression})");
        }
        DefaultValue::None | DefaultValue::With(_) => {}
    }
    if field.generated {
        return Err(DbError::unsupported(format!(
            "the column `{}` of `{}` is generated, and its expression is not known",
            field.name, table.name
        )));
    }
    Ok(())
}

fn push_type(sql: &mut String, field: &Field, kind: &FieldType) {
    let fixed = match kind {
        FieldType::String => {
            let _ = write!(sql, "VARCHAR({})", field.length.unwrap_or(512));
            return;
        }
        FieldType::Decimal { precision, scale } => {
            let _ = write!(sql, "DECIMAL({precision},{scale})");
            return;
        }
        FieldType::Id | FieldType::Integer => "INTEGER",
        // What is not known yet is nearly always a whole number.
        FieldType::BigInt | FieldType::Reference { .. } => "BIGINT",
        FieldType::Text => "TEXT",
        FieldType::Double => "DOUBLE",
        FieldType::Boolean => "BOOLEAN",
        FieldType::Date => "DATE",
        FieldType::Time => "TIME",
        FieldType::DateTime => "DATETIME",
        FieldType::Instant => "TIMESTAMPTZ",
        // `JSON` alone is a type that SQLite does not know: texts that are numbers become numbers in it.
        FieldType::Json => "JSON TEXT",
        FieldType::Uuid => "UUID",
        FieldType::Blob => "BLOB",
        FieldType::Password | FieldType::Upload => "VARCHAR(512)",
        FieldType::ListString
        | FieldType::ListInteger
        | FieldType::ListUpload
        | FieldType::ListReference { .. } => "TEXT",
    };
    sql.push_str(fixed);
}

/// Appends ` DEFAULT …`, where the value is one of the field's type: rows that others insert have it too.
fn push_default(sql: &mut String, field: &Field, kind: &FieldType, value: &Value) {
    let Ok(value) = crate::coerce::coerce(kind, value.clone()) else { return };
    if field.secret {
        return;
    }
    let _ = match value {
        Value::Null => Ok(()),
        Value::Bool(flag) => write!(sql, " DEFAULT {}", u8::from(flag)),
        Value::Int(number) => write!(sql, " DEFAULT {number}"),
        Value::Float(number) if number.is_finite() => write!(sql, " DEFAULT {number:?}"),
        Value::Float(_) => Ok(()),
        Value::Bytes(bytes) => {
            sql.push_str(" DEFAULT x'");
            let _ = bytes.iter().try_for_each(|byte| write!(sql, "{byte:02x}"));
            sql.write_char('\'')
        }
        other => write!(sql, " DEFAULT '{}'", other.to_text().replace('\'', "''")),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(table: &Table) -> String {
        let kinds: Vec<_> = table.fields.iter().map(|field| field.kind.clone()).collect();
        sql(table, &kinds, &table.foreign_keys).unwrap()
    }

    #[test]
    fn the_statement_says_all_that_the_table_does() {
        let table = Table::new("it's \"quoted\"")
            .field(Field::string("name").length(20).not_null().unique().default("O'Hara"))
            .field(Field::boolean("on").default(true))
            .field(Field::new("price", FieldType::MONEY).default("1.50"))
            .field(Field::reference("artist", "artist"))
            .unique(["name", "on"]);
        assert_eq!(
            made(&table),
            "CREATE TABLE IF NOT EXISTS \"it's \"\"quoted\"\"\" (\n  \
               \"id\" INTEGER PRIMARY KEY,\n  \
               \"name\" VARCHAR(20) NOT NULL UNIQUE DEFAULT 'O''Hara',\n  \
               \"on\" BOOLEAN DEFAULT 1,\n  \
               \"price\" DECIMAL(18,2) DEFAULT '1.5',\n  \
               \"artist\" BIGINT,\n  \
               UNIQUE (\"name\", \"on\"),\n  \
               FOREIGN KEY (\"artist\") REFERENCES \"artist\"\n)"
        );
    }

    #[test]
    fn a_composite_key_is_not_null() {
        let table = Table::new("track")
            .field(Field::integer("album"))
            .field(Field::string("disc"))
            .key(["album", "disc"]);
        assert_eq!(
            made(&table),
            "CREATE TABLE IF NOT EXISTS \"track\" (\n  \"album\" INTEGER NOT NULL,\n  \
             \"disc\" VARCHAR(512) NOT NULL,\n  PRIMARY KEY (\"album\", \"disc\")\n)"
        );
    }
}
