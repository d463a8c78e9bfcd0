use frontdesk_validate::{Decimal, ValidationError, Value};
use sea_query::{Condition, Query, SqliteQueryBuilder};

use super::sqlite;
use crate::FieldType;
use crate::statement::Codec;

/// In what a database's SQL and its storage differ from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
}

impl Dialect {
    /// The value as the database can keep it without loss, in a column of that type.
    ///
    /// # Errors
    /// Code `decimal_exact`: SQLite makes floating-point numbers of the decimals in columns that are declared as such,
    /// exact to 15 digits and not always further. What would come back as another number is refused.
    pub(crate) fn storable(self, kind: &FieldType, value: Value) -> Result<Value, ValidationError> {
        let inexact = || {
            Err(ValidationError::new(
                "decimal_exact",
                "This number has more digits than the database can keep exactly",
            ))
        };
        match (self, kind, &value) {
            (Self::Sqlite, _, Value::Decimal(number)) if !survives_sqlite(*number) => inexact(),
            (Self::Sqlite, FieldType::Decimal { .. }, Value::Text(_)) => inexact(),
            _ => Ok(self.in_place(kind, value)),
        }
    }

    /// The value in the form in which a column of that type holds it, to be compared with what is there.
    pub(crate) fn in_place(self, kind: &FieldType, value: Value) -> Value {
        match (self, kind, &value) {
            (Self::Sqlite, FieldType::Instant, Value::DateTime(_)) => Value::Text(value.into_text() + "Z"),
            _ => value,
        }
    }

    /// The expression that gives the [digest](crate::RowDigest) of these columns of a row, each with the way it is read.
    pub(crate) fn digest(self, columns: impl IntoIterator<Item = (Codec, String)>) -> String {
        match self {
            Self::Sqlite => sqlite::digest_text(columns),
        }
    }

    /// An expression for the beginning of a long column, and one for its length where it is longer.
    pub(crate) fn cut(self, column: &str, most: u32) -> [String; 2] {
        match self {
            // What is measured only is not read from the file.
            Self::Sqlite => {
                let is_long =
                    format!("typeof({column}) IN ('text', 'blob') AND octet_length({column}) > {most}");
                let beginning = format!(
                    "CASE typeof({column}) WHEN 'text' THEN substr({column}, 1, {most}) ELSE x'' END"
                );
                [
                    format!("CASE WHEN {is_long} THEN {beginning} ELSE {column} END"),
                    format!("CASE WHEN {is_long} THEN octet_length({column}) END"),
                ]
            }
        }
    }

    /// The statement by which a transaction waits until no other one makes tables of frontdesk's own; `None` where
    /// transactions that write wait for each other anyway.
    pub(crate) fn lock_for_own_tables(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
        }
    }

    /// A condition as text, and the values of its places; `None` if it says nothing.
    pub(crate) fn condition(self, condition: Condition) -> Option<(String, Vec<sea_query::Value>)> {
        let mut probe = Query::select();
        probe.cond_where(condition);
        let (text, values) = match self {
            Self::Sqlite => probe.build(SqliteQueryBuilder),
        };
        // sea-query writes whole statements only; this one has nothing before its condition.
        let (_, text) = text.split_once(" WHERE ")?;
        Some((text.to_owned(), values.0))
    }
}

/// Whether a number comes back from a column of SQLite's NUMERIC affinity as it went in.
fn survives_sqlite(number: Decimal) -> bool {
    const SAFE: i128 = 1_000_000_000_000_000;
    let number = number.normalize();
    if number.mantissa().abs() < SAFE {
        return true;
    }
    if number.scale() == 0 {
        return i64::try_from(number.mantissa()).is_ok();
    }
    number
        .to_string()
        .parse::<f64>()
        .is_ok_and(|float| Decimal::from_str_exact(&float.to_string()) == Ok(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_that_sqlite_would_round_are_refused() {
        for (number, kept) in [
            ("0.1", true),
            ("9999999999999.99", true),
            ("9223372036854775807", true),
            ("9223372036854775808", false),
            ("1234567890123456.78", false),
            ("0.1234567890123456789", false),
            ("-99999999999999.9999", false),
        ] {
            let number: Decimal = number.parse().unwrap();
            assert_eq!(Dialect::Sqlite.storable(&FieldType::MONEY, number.into()).is_ok(), kept, "{number}");
        }
    }
}
