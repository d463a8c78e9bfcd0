//! What only the text of a declaration says: CHECK constraints, collations, what a trigger stands for.

use crate::Action;
use crate::check::token::{Token, tokens};

/// A CHECK constraint as it was written.
#[derive(Debug, PartialEq)]
pub(super) struct DeclaredCheck {
    pub(super) name: Option<String>,
    /// The text between the brackets, as SQLite repeats it when it is violated.
    pub(super) expression: String,
}

/// The CHECK constraints of `CREATE TABLE …`, those of columns and of the table, in order.
pub(super) fn checks(sql: &str) -> Vec<DeclaredCheck> {
    let tokens = tokens(sql);
    let body = body(&tokens);
    let mut checks = Vec::new();
    let mut name: Option<String> = None;
    let mut index = 0;
    while index < body.len() {
        let token = &body[index];
        if token.is_sign("(") {
            // Brackets of types, keys, defaults and generated columns hold no constraint of this table.
            index = end_of_brackets(body, index) + 1;
            continue;
        }
        if token.is_sign(",") {
            name = None;
        } else if token.is_word("CONSTRAINT") && body.get(index + 1).is_some_and(Token::is_name) {
            name = Some(body[index + 1].text.clone().into_owned());
            index += 1;
        } else if token.is_word("CHECK") && body.get(index + 1).is_some_and(|next| next.is_sign("(")) {
            let end = end_of_brackets(body, index + 1);
            let from = body[index + 1].span.end;
            let to = body.get(end).map_or(sql.len(), |close| close.span.start);
            checks.push(DeclaredCheck {
                name: name.take(),
                expression: sql[from..to.max(from)].trim().to_owned(),
            });
            index = end;
        }
        index += 1;
    }
    checks
}

/// The names of the columns that compare without regard to case or to blanks at the end.
pub(super) fn loosely_collated(sql: &str) -> Vec<String> {
    let tokens = tokens(sql);
    let body = body(&tokens);
    let mut columns = Vec::new();
    let (mut from, mut index) = (0, 0);
    while index < body.len() {
        let token = &body[index];
        if token.is_sign("(") {
            index = end_of_brackets(body, index);
        } else if token.is_sign(",") {
            from = index + 1;
        } else if token.is_word("COLLATE")
            && body.get(index + 1).is_some_and(|name| !name.text.eq_ignore_ascii_case("BINARY"))
        {
            columns.push(body[from].text.clone().into_owned());
        }
        index += 1;
    }
    columns
}

/// What stands between the first bracket and its end.
fn body<'t, 's>(tokens: &'t [Token<'s>]) -> &'t [Token<'s>] {
    match tokens.iter().position(|token| token.is_sign("(")) {
        Some(start) => &tokens[start + 1..end_of_brackets(tokens, start)],
        None => &[],
    }
}

/// The index of the bracket that ends the one at `start`; behind the last token if there is none.
fn end_of_brackets(tokens: &[Token<'_>], start: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        if token.is_sign("(") {
            depth += 1;
        } else if token.is_sign(")") {
            depth -= 1;
            if depth == 0 {
                return index;
            }
        }
    }
    tokens.len()
}

/// The action that a trigger `INSTEAD OF` takes over, if it is one.
pub(super) fn instead_of(trigger: &str) -> Option<Action> {
    let tokens = tokens(trigger);
    // The name of the trigger may be any word in quotes, which is_word does not take for a keyword.
    let at = tokens.iter().take(12).position(|token| token.is_word("INSTEAD"))?;
    let action = tokens.get(at + 2)?;
    [("INSERT", Action::Create), ("UPDATE", Action::Update), ("DELETE", Action::Delete)]
        .into_iter()
        .find(|(word, _)| action.is_word(word))
        .map(|(_, action)| action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sql: &str) -> Vec<(Option<String>, String)> {
        checks(sql).into_iter().map(|check| (check.name, check.expression)).collect()
    }

    #[test]
    fn checks_are_found_where_they_stand() {
        let sql = r#"CREATE TABLE "a(b" ( -- CHECK (no)
            "check" TEXT CHECK( "check" <> ')' ),
            n INT DEFAULT (abs(1)) CONSTRAINT "n range" CHECK (n > 0 /* ) */ AND n < (9)) CONSTRAINT other NOT NULL,
            m NUMERIC(1,2) GENERATED ALWAYS AS (n * 2) CHECK(m),
            CONSTRAINT whole CHECK (n < m)
            CHECK ([check] IN ('a'))
        ) STRICT"#;
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(
            found(sql),
            [
                (None, "\"check\" <> ')'".to_owned()),
                (name("n range"), "n > 0 /* ) */ AND n < (9)".to_owned()),
                (None, "m".to_owned()),
                (name("whole"), "n < m".to_owned()),
                (None, "[check] IN ('a')".to_owned()),
            ]
        );
    }

    #[test]
    fn odd_texts_have_no_checks() {
        for sql in [
            "",
            "CREATE TABLE t",
            "CREATE VIRTUAL TABLE t USING fts5(a)",
            "CREATE TABLE t (a CHECK",
            ")(",
            "CREATE TABLE t(a))",
        ] {
            assert_eq!(found(sql), [], "{sql}");
        }
        assert_eq!(found("CREATE TABLE t (a CHECK (a > 1"), [(None, "a > 1".to_owned())]);
    }

    #[test]
    fn collations_belong_to_their_column() {
        let sql = "CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT COLLATE binary, [c d] TEXT DEFAULT ('x' COLLATE NOCASE))";
        assert_eq!(loosely_collated(sql), ["a"]);
    }

    #[test]
    fn triggers_instead_of_an_action() {
        assert_eq!(
            instead_of("create trigger \"instead\" INSTEAD OF insert ON v BEGIN SELECT 1; END"),
            Some(Action::Create)
        );
        assert_eq!(
            instead_of("CREATE TRIGGER IF NOT EXISTS x INSTEAD OF UPDATE OF a ON v BEGIN SELECT 1; END"),
            Some(Action::Update)
        );
        assert_eq!(instead_of("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 'INSTEAD OF'; END"), None);
    }
}
