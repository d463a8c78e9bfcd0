#[cfg(feature = "sqlite")]
use frontdesk_validate::Decimal;
use frontdesk_validate::{ValidationError, Value};
use sea_query::{Condition, Query};

use crate::FieldType;
use crate::plan::Plan;

/// In what a database's SQL and its storage differ from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// The texts of a write that is done only to a row that is still what it was.
pub(crate) struct Guarding {
    /// What the write's own condition needs besides; the digest is its last parameter. `None` where the row is looked at,
    /// and locked, before.
    pub(crate) condition: Option<String>,
    /// What is read of the row.
    pub(crate) look: String,
    /// What follows the condition of that.
    pub(crate) look_end: &'static str,
}

impl Dialect {
    /// The value as the database can keep it without loss, in a column of that type.
    ///
    /// # Errors
    /// Code `decimal_exact`: SQLite makes floating-point numbers of the decimals in columns that are declared as such,
    /// exact to 15 digits and not always further. What would come back as another number is refused.
    pub(crate) fn storable(self, kind: &FieldType, value: Value) -> Result<Value, ValidationError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let exact = match &value {
                    Value::Decimal(number) => survives_sqlite(*number),
                    Value::Text(_) => !matches!(kind, FieldType::Decimal { .. }),
                    _ => true,
                };
                if !exact {
                    return Err(ValidationError::new(
                        "decimal_exact",
                        "This number has more digits than the database can keep exactly",
                    ));
                }
                // Its point in time is a text.
                Ok(match (kind, &value) {
                    (FieldType::Instant, Value::DateTime(_)) => Value::Text(value.into_text() + "Z"),
                    _ => value,
                })
            }
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                let _ = kind;
                Ok(value)
            }
        }
    }

    /// How a write is kept from a row whose columns at these positions have changed.
    pub(crate) fn guarding(self, plan: &Plan, columns: &[usize]) -> Guarding {
        let read = |&at: &usize| {
            let mut column = String::new();
            crate::identifier::push_read(&mut column, &plan.table.name, &plan.table.fields[at]);
            column
        };
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let digest =
                    super::sqlite::digest_text(columns.iter().map(|at| (plan.shape.codecs[*at], read(at))));
                Guarding { condition: Some(format!("{digest} = ?")), look: digest, look_end: "" }
            }
            // The digest is that of values as they are read, which only this side knows.
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                let columns: Vec<String> = columns.iter().map(read).collect();
                let look = if columns.is_empty() { "1".to_owned() } else { columns.join(", ") };
                Guarding { condition: None, look, look_end: " FOR UPDATE" }
            }
        }
    }

    /// An expression for the beginning of a long column of that type, and one for its length where it is longer.
    pub(crate) fn cut(self, column: &str, kind: &FieldType, most: u32) -> [String; 2] {
        match self {
            // What is measured only is not read from the file.
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let _ = kind;
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
            // Nor here, where it is stored beside its row.
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                let (whole, beginning) = match kind {
                    FieldType::String
                    | FieldType::Text
                    | FieldType::Password
                    | FieldType::Upload
                    | FieldType::Json => {
                        (format!("{column}::text"), format!("substr({column}::text, 1, {most})"))
                    }
                    FieldType::Blob => (column.to_owned(), "''::bytea".to_owned()),
                    _ => return [column.to_owned(), "NULL::bigint".to_owned()],
                };
                let is_long = format!("octet_length({whole}) > {most}");
                [
                    format!("CASE WHEN {is_long} THEN {beginning} ELSE {whole} END"),
                    format!("CASE WHEN {is_long} THEN octet_length({whole})::bigint END"),
                ]
            }
        }
    }

    /// What stands behind a column that may be null in an order, so that null comes first, and last in a descending one.
    pub(crate) fn nulls(self, descending: bool) -> &'static str {
        match (self, descending) {
            #[cfg(feature = "sqlite")]
            (Self::Sqlite, _) => "",
            #[cfg(feature = "postgres")]
            (Self::Postgres, false) => " NULLS FIRST",
            #[cfg(feature = "postgres")]
            (Self::Postgres, true) => " NULLS LAST",
        }
    }

    /// How long a name may be, in bytes. Of a longer one PostgreSQL would take the beginning.
    pub(crate) fn longest_name(self) -> usize {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => usize::MAX,
            #[cfg(feature = "postgres")]
            Self::Postgres => 63,
        }
    }

    /// The limit of a statement that has none.
    pub(crate) fn no_limit(self) -> Value {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => Value::Int(-1),
            #[cfg(feature = "postgres")]
            Self::Postgres => Value::Null,
        }
    }

    /// The column's value of any one of the rows that are grouped together.
    pub(crate) fn any_of(self, column: String) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => column,
            #[cfg(feature = "postgres")]
            Self::Postgres => format!("(array_agg({column}))[1]"),
        }
    }

    /// What makes of a statement the question how it will be carried out.
    pub(crate) fn explain(self) -> &'static str {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => "EXPLAIN QUERY PLAN",
            #[cfg(feature = "postgres")]
            Self::Postgres => "EXPLAIN",
        }
    }

    /// Whether a line of the answer to that says that all rows are sorted. To sort what is equal by an index is no such
    /// thing.
    pub(crate) fn is_whole_sort(self, line: &str) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => line.starts_with("USE TEMP B-TREE FOR ORDER BY"),
            #[cfg(feature = "postgres")]
            Self::Postgres => line.trim_start().trim_start_matches("->").trim_start().starts_with("Sort  ("),
        }
    }

    /// The statement by which a transaction waits until no other one makes tables of frontdesk's own; `None` where
    /// transactions that write wait for each other anyway.
    pub(crate) fn lock_for_own_tables(self) -> Option<&'static str> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => None,
            // A number of our own, so that nobody else waits.
            #[cfg(feature = "postgres")]
            Self::Postgres => Some("SELECT pg_advisory_xact_lock(7381232910562739043)"),
        }
    }

    /// A condition as text, and the values of its places; `None` if it says nothing.
    pub(crate) fn condition(self, condition: Condition) -> Option<(String, Vec<sea_query::Value>)> {
        let mut probe = Query::select();
        probe.cond_where(condition);
        let (text, values) = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => probe.build(sea_query::SqliteQueryBuilder),
            #[cfg(feature = "postgres")]
            Self::Postgres => probe.build(sea_query::PostgresQueryBuilder),
        };
        // sea-query writes whole statements only; this one has nothing before its condition.
        let (_, text) = text.split_once(" WHERE ")?;
        let text = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => text.to_owned(),
            #[cfg(feature = "postgres")]
            Self::Postgres => any_case(super::postgres::unnumbered(text)),
        };
        Some((text, values.0))
    }

    /// The condition that a column begins with a text, by the rules of an index.
    pub(crate) fn begins(self, column: sea_query::Expr, collation: Collation, text: &str) -> Condition {
        use sea_query::{BinOper, Expr, ExprTrait};
        let (from, to) = match collation {
            #[cfg(feature = "sqlite")]
            Collation::Binary | Collation::NoCase => (BinOper::GreaterThanOrEqual, BinOper::SmallerThan),
            #[cfg(feature = "postgres")]
            Collation::Bytes => (BinOper::GreaterThanOrEqual, BinOper::SmallerThan),
            #[cfg(feature = "postgres")]
            Collation::Pattern => (BinOper::Custom("~>=~"), BinOper::Custom("~<~")),
        };
        let column = match collation {
            #[cfg(feature = "sqlite")]
            Collation::Binary => Expr::cust_with_expr("? COLLATE BINARY", column),
            #[cfg(feature = "sqlite")]
            Collation::NoCase => Expr::cust_with_expr("? COLLATE NOCASE", column),
            #[cfg(feature = "postgres")]
            Collation::Bytes | Collation::Pattern => column,
        };
        let end = format!("{text}{}", char::MAX);
        Condition::all()
            .add(column.clone().binary(from, Expr::val(text)))
            .add(column.binary(to, Expr::val(end)))
    }
}

/// How an index compares texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collation {
    /// Byte by byte.
    #[cfg(feature = "sqlite")]
    Binary,
    /// ASCII letters alike in either case.
    #[cfg(feature = "sqlite")]
    NoCase,
    /// Byte by byte, by the column's own rules.
    #[cfg(feature = "postgres")]
    Bytes,
    /// Byte by byte, by operators of its own (`text_pattern_ops`).
    #[cfg(feature = "postgres")]
    Pattern,
}

impl Collation {
    /// Whether letters in either case are alike.
    pub(crate) fn ignores_case(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::NoCase => true,
            #[cfg(feature = "sqlite")]
            Self::Binary => false,
            #[cfg(feature = "postgres")]
            Self::Bytes | Self::Pattern => false,
        }
    }
}

/// What makes a `LIKE` one of ours: an escape that nobody else uses.
pub(crate) const ESCAPE: char = '\u{1}';

/// Our own `LIKE`s take letters in either case, as SQLite's do.
#[cfg(feature = "postgres")]
fn any_case(text: String) -> String {
    // As sea-query writes it.
    const MARK: &str = r" ESCAPE E'\001'";
    let mut parts = text.split(MARK);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(at) = out.rfind(" LIKE ") {
            out.replace_range(at..at + 6, " ILIKE ");
        }
        out.push_str(MARK);
        out.push_str(part);
    }
    out
}

#[cfg(feature = "sqlite")]
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
#[cfg(feature = "sqlite")]
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

#[cfg(test)]
#[cfg(feature = "postgres")]
mod postgres_tests {
    use super::*;
    use crate::{Field, Table};

    #[test]
    fn our_own_likes_take_either_case() {
        let hero = Table::new("hero").field(Field::string("name"));
        let condition =
            Condition::all().add(hero.col("name").contains("a%")).add(hero.col("name").eq("LIKE ?"));
        let (text, values) = Dialect::Postgres.condition(condition).unwrap();
        assert_eq!(text, "\"hero\".\"name\" ILIKE ? ESCAPE E'\\001' AND \"hero\".\"name\" = ?");
        assert_eq!(values.len(), 2);
    }
}
