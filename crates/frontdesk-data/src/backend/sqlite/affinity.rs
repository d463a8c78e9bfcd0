//! What SQLite makes of a text in a column that prefers numbers.
//!
//! A column whose declared type it does not know (`STRING`, `ENUM`, `JSON`) prefers numbers: the text `01234` becomes
//! 1234 in it. See <https://sqlite.org/datatype3.html#type_affinity>.

use frontdesk_validate::Value;
use rusqlite::Connection;

use super::decode::plain;
use crate::plan::Plan;
use crate::statement::{Op, Write};
use crate::{TableKind, Violation, violation};

/// What a column makes of texts that are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Affinity {
    /// Nothing: they stay texts.
    None,
    /// Integers, or floating-point numbers where they are none.
    Numeric,
    /// Floating-point numbers.
    Real,
}

/// The texts of a write that would not be kept as they are.
pub(super) fn lost_texts(connection: &Connection, write: &Write) -> rusqlite::Result<Vec<Violation>> {
    let (Some(plan), Op::Insert { fields, .. } | Op::Update { fields, .. } | Op::Many { fields }) =
        (&write.plan, &write.op)
    else {
        return Ok(Vec::new());
    };
    let mut violations = Vec::new();
    for (at, value) in fields.iter().zip(&write.params) {
        if let Value::Text(text) = value
            && looks_like_number(text)
            && let Some(number) = changed(connection, text, affinities(connection, plan)?[*at])?
        {
            violations.push(violation::becomes_number(&plan.table.fields[*at].name, number));
        }
    }
    Ok(violations)
}

/// The affinities of the plan's columns, asked for once.
fn affinities<'p>(connection: &Connection, plan: &'p Plan) -> rusqlite::Result<&'p [Affinity]> {
    if let Some(known) = plan.affinities.get() {
        return Ok(known);
    }
    let mut found = vec![Affinity::None; plan.table.fields.len()];
    // What triggers do with the values of a view is theirs.
    if plan.table.kind != TableKind::View {
        let mut columns = connection.prepare(
            "SELECT name, type, (SELECT strict FROM pragma_table_list
                                 WHERE schema = 'main' AND lower(name) = lower(?1))
             FROM pragma_table_xinfo(?1, 'main')",
        )?;
        let mut rows = columns.query([&*plan.table.name])?;
        while let Some(row) = rows.next()? {
            let (name, declared, strict): (String, String, Option<bool>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let own = plan.table.fields.iter().position(|field| field.name.eq_ignore_ascii_case(&name));
            let keeps_all = strict == Some(true) && declared.eq_ignore_ascii_case("ANY");
            if let Some(at) = own.filter(|_| !keeps_all) {
                found[at] = of_type(&declared);
            }
        }
    }
    Ok(plan.affinities.get_or_init(|| found))
}

/// The affinity of a declared type, by SQLite's rules.
fn of_type(declared: &str) -> Affinity {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if has(&["INT"]) {
        Affinity::Numeric
    } else if declared.is_empty() || has(&["CHAR", "CLOB", "TEXT", "BLOB"]) {
        Affinity::None
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// Whether the text is a number as SQLite reads them: blanks around it, a sign, digits, a point, an exponent. It looks
/// no further than to the first letter that does not fit.
fn looks_like_number(text: &str) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r');
    let mut bytes = text.bytes().skip_while(is_blank).peekable();
    bytes.next_if(|byte| matches!(byte, b'+' | b'-'));
    let mut digits = 0;
    while bytes.next_if(u8::is_ascii_digit).is_some() {
        digits += 1;
    }
    if bytes.next_if_eq(&b'.').is_some() {
        while bytes.next_if(u8::is_ascii_digit).is_some() {
            digits += 1;
        }
    }
    if digits == 0 {
        return false;
    }
    if bytes.next_if(|byte| matches!(byte, b'e' | b'E')).is_some() {
        bytes.next_if(|byte| matches!(byte, b'+' | b'-'));
        if bytes.next_if(u8::is_ascii_digit).is_none() {
            return false;
        }
        while bytes.next_if(u8::is_ascii_digit).is_some() {}
    }
    bytes.all(|byte| is_blank(&byte))
}

/// The number that a column makes of a text, if that reads differently. SQLite itself is asked: it does not round as
/// others do.
fn changed(connection: &Connection, text: &str, affinity: Affinity) -> rusqlite::Result<Option<Value>> {
    let sql = match affinity {
        Affinity::None => return Ok(None),
        Affinity::Numeric => "SELECT CAST(?1 AS NUMERIC)",
        Affinity::Real => "SELECT CAST(?1 AS REAL)",
    };
    let number = connection.prepare_cached(sql)?.query_row([text], |row| row.get_ref(0).map(plain))?;
    // Stored as an integer, a zero has no sign.
    let number = if number == Value::Float(0.0) { Value::Float(0.0) } else { number };
    let shown = number.to_text();
    Ok((shown != text && shown.strip_suffix(".0") != Some(text)).then_some(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What SQLite itself makes of a text.
    fn stored(declared: &str, text: &str) -> Value {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&format!("CREATE TABLE t (a {declared})")).unwrap();
        connection.execute("INSERT INTO t VALUES (?1)", [text]).unwrap();
        connection.query_row("SELECT a FROM t", [], |row| row.get_ref(0).map(plain)).unwrap()
    }

    fn agrees(text: &str) {
        let asked = Connection::open_in_memory().unwrap();
        for declared in [
            "STRING",
            "INTEGER",
            "REAL",
            "TEXT",
            "BLOB",
            "",
            "VARCHAR(9)",
            "DOUBLE",
            "JSON",
            "FLOATING POINT",
        ] {
            let stored = stored(declared, text);
            let lost = match looks_like_number(text) {
                true => changed(&asked, text, of_type(declared)).unwrap(),
                false => None,
            };
            match &lost {
                // Whether a large one is an integer is no difference here.
                Some(number) => {
                    let float = |number: &Value| number.to_text().parse::<f64>().unwrap();
                    assert_eq!(float(number), float(&stored), "{declared} {text:?}");
                    assert_ne!(stored.to_text(), text, "{declared}");
                }
                None => {
                    let kept = stored.to_text();
                    assert!(
                        kept == text || kept.strip_suffix(".0") == Some(text),
                        "{declared} {text:?} {stored:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn it_is_known_which_texts_become_numbers() {
        for text in [
            "01234",
            "1234",
            " 5",
            "5 ",
            "\u{a0}5",
            "+5",
            "-5",
            "-0",
            "1.5",
            "1.50",
            ".5",
            "5.",
            ".",
            "-",
            "",
            "1e3",
            "1E+3",
            "1e",
            "e5",
            "0x10",
            "inf",
            "nan",
            "Infinity",
            "1_000",
            "9223372036854775807",
            "9223372036854775808",
            "1e400",
            "-1e400",
            "12345678901234567890123",
            "0.1",
            "1e-7",
            "5.0",
            "2008-03-03",
            "10:00",
            "٣",
            "1\u{b}",
            "9007199254740993",
        ] {
            agrees(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn sqlite_agrees_on_every_text(text in "[ +-]{0,2}[0-9]{0,12}[.]{0,2}[0-9]{0,4}([eE][+-]?[0-9]{0,3})?[ x]?") {
            agrees(&text);
        }
    }
}
