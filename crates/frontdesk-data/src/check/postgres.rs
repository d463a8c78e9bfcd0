//! What PostgreSQL writes differently: each constant has its type behind it, and a list is `= ANY (ARRAY[…])`.

use std::borrow::Cow;

use super::token::{Kind, Token};

/// The tokens as they would be without that. Tokens that are not PostgreSQL's stay as they are.
pub(super) fn plain<'s>(tokens: Vec<Token<'s>>) -> Vec<Token<'s>> {
    lists(without_brackets_of_one(without_casts(tokens)))
}

/// Types to which a value may be brought without becoming another one, for what checks say of it.
const WIDER: &[&str] = &["text", "character varying", "bpchar", "numeric", "double precision", "bigint"];

/// Takes off `::type`: behind constants whatever the type, behind all else only where the value stays what it is.
pub(crate) fn without_casts<'s>(tokens: Vec<Token<'s>>) -> Vec<Token<'s>> {
    if !tokens.iter().any(|token| token.is_sign("::")) {
        return tokens;
    }
    let mut plain: Vec<Token<'s>> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.is_sign("::") {
            let (end, name) = type_at(&tokens, at + 1);
            if end > at + 1 && (is_constant(&plain) || WIDER.contains(&&*name)) {
                if NUMBERS.contains(&&*name) {
                    unquote_number(&mut plain);
                }
                at = end;
                continue;
            }
        }
        plain.push(token.clone());
        at += 1;
    }
    plain
}

/// Types whose negative constants are written as texts.
const NUMBERS: &[&str] = &["integer", "smallint", "bigint", "numeric", "double precision", "real"];

/// `'-1'`, of a type of numbers, is `-1`.
fn unquote_number(said: &mut Vec<Token<'_>>) {
    let Some(Token { kind: Kind::Text, text: Cow::Borrowed(text), span }) = said.last().cloned() else {
        return;
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return;
    }
    said.pop();
    if digits.len() < text.len() {
        said.push(Token { kind: Kind::Sign, text: Cow::Borrowed("-"), span: span.clone() });
    }
    said.push(Token { kind: Kind::Number, text: Cow::Borrowed(digits), span });
}

/// Whether what was said last is a constant: a text, a number, in brackets or with a sign, or a list.
fn is_constant(said: &[Token<'_>]) -> bool {
    match said {
        [.., last] if matches!(last.kind, Kind::Text | Kind::Number) || last.is_word("NULL") => true,
        [.., last] if last.is_sign("]") => true,
        // A list is brought to another type as a whole.
        [.., list, close] if list.is_sign("]") && close.is_sign(")") => true,
        [.., open, number, close]
            if open.is_sign("(") && number.kind == Kind::Number && close.is_sign(")") =>
        {
            true
        }
        [.., open, minus, number, close]
            if open.is_sign("(")
                && minus.is_sign("-")
                && number.kind == Kind::Number
                && close.is_sign(")") =>
        {
            true
        }
        _ => false,
    }
}

/// Where the type that begins at `from` ends, and its name without brackets.
fn type_at(tokens: &[Token<'_>], from: usize) -> (usize, String) {
    let mut at = from;
    let mut name = String::new();
    let is = |at: usize, sign: &str| tokens.get(at).is_some_and(|token| token.is_sign(sign));
    if tokens.get(at).is_none_or(|token| !token.is_name()) {
        return (from, name);
    }
    name.push_str(&tokens[at].text);
    at += 1;
    while is(at, ".") && tokens.get(at + 1).is_some_and(Token::is_name) {
        name = tokens[at + 1].text.clone().into_owned();
        at += 2;
    }
    // `character varying`, `timestamp(3) without time zone`: words that begin no other part of an expression.
    loop {
        if is(at, "(") && tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Number) {
            match tokens[at..].iter().position(|token| token.is_sign(")")) {
                Some(close) => at += close + 1,
                None => return (from, name),
            }
        }
        let goes_on = ["varying", "precision", "with", "without", "time", "zone"]
            .iter()
            .any(|word| tokens.get(at).is_some_and(|token| token.is_word(word)));
        if !goes_on {
            break;
        }
        name.push(' ');
        name.push_str(&tokens[at].text);
        at += 1;
    }
    // `[]`, which elsewhere would be a name.
    while tokens.get(at).is_some_and(|token| token.kind == Kind::Quoted && token.text.is_empty()) {
        name.push_str("[]");
        at += 1;
    }
    (at, name)
}

/// `(name)` is `name`, but for the arguments of functions.
fn without_brackets_of_one<'s>(tokens: Vec<Token<'s>>) -> Vec<Token<'s>> {
    let mut plain: Vec<Token<'s>> = Vec::with_capacity(tokens.len());
    for token in tokens {
        plain.push(token);
        if let [.., before, open, one, close] = &plain[..]
            && open.is_sign("(")
            && close.is_sign(")")
            && one.kind != Kind::Sign
            && !before.is_name()
        {
            let one = one.clone();
            plain.truncate(plain.len() - 3);
            plain.push(one);
        } else if let [open, one, close] = &plain[..]
            && open.is_sign("(")
            && close.is_sign(")")
            && one.kind != Kind::Sign
        {
            plain = vec![one.clone()];
        }
    }
    plain
}

/// `= ANY (ARRAY[…])` is `IN (…)`.
fn lists<'s>(tokens: Vec<Token<'s>>) -> Vec<Token<'s>> {
    let mut plain: Vec<Token<'s>> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some((from, to, end)) = list_at(&tokens, at) {
            let made = |kind, text| Token { kind, text: Cow::Borrowed(text), span: token.span.clone() };
            plain.extend([made(Kind::Word, "IN"), made(Kind::Sign, "(")]);
            plain.extend_from_slice(&tokens[from..to]);
            plain.push(made(Kind::Sign, ")"));
            at = end;
        } else {
            plain.push(token.clone());
            at += 1;
        }
    }
    plain
}

/// Where the items of the list that begins at `at` are, and where it ends.
fn list_at(tokens: &[Token<'_>], at: usize) -> Option<(usize, usize, usize)> {
    let is = |at: usize, sign: &str| tokens.get(at).is_some_and(|token| token.is_sign(sign));
    if !is(at, "=") || !tokens.get(at + 1)?.is_word("ANY") || !is(at + 2, "(") {
        return None;
    }
    let mut from = at + 3;
    while is(from, "(") {
        from += 1;
    }
    let opened = from - (at + 2);
    if !tokens.get(from)?.is_word("ARRAY") || !is(from + 1, "[") {
        return None;
    }
    let items = from + 2;
    let to = items + tokens[items..].iter().position(|token| token.is_sign("]"))?;
    let closed = tokens[to + 1..].iter().take_while(|token| token.is_sign(")")).count();
    (closed >= opened).then_some((items, to, to + 1 + opened))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::token::tokens;
    use super::super::{Says, facts};
    use super::*;

    fn said(expression: &str) -> Vec<String> {
        let fields: Vec<Arc<str>> = ["a", "b", "In Stock"].map(Arc::from).to_vec();
        facts(expression, &fields)
            .into_iter()
            .map(|fact| match fact.says {
                Says::OneOf(values) => {
                    let values: Vec<String> =
                        values.iter().map(|value| value.to_text().into_owned()).collect();
                    format!("{} in {}", fact.field, values.join(","))
                }
                says => format!("{} {says:?}", fact.field),
            })
            .collect()
    }

    #[test]
    fn crud_11_checks_as_postgresql_writes_them() {
        for (expression, expected) in [
            (
                "((a)::text = ANY ((ARRAY['red'::character varying, 'blue'::character varying])::text[]))",
                &["a in red,blue"][..],
            ),
            ("(a = ANY (ARRAY['x'::text, 'it''s'::text]))", &["a in x,it's"]),
            ("(a = ANY (ARRAY[1, 2, '-3'::integer]))", &["a in 1,2,-3"]),
            ("((a IS NULL) OR (a = ANY (ARRAY[1, 2])))", &["a in 1,2"]),
            ("((a = 'x'::bpchar) OR (a = 'y'::bpchar))", &["a in x,y"]),
            (
                "((char_length((a)::text) >= 2) AND (char_length((a)::text) <= 20))",
                &["a MinLength(2)", "a MaxLength(20)"],
            ),
            ("(length(a) > 2)", &["a MinLength(3)"]),
            ("((a)::text <> ''::text)", &["a MinLength(1)"]),
            ("(a > (0)::numeric)", &["a Min { value: Int(0), included: false }"]),
            ("(a >= ('-1'::integer)::numeric)", &["a Min { value: Int(-1), included: true }"]),
            (
                "((b)::double precision <= (5)::double precision)",
                &["b Max { value: Int(5), included: true }"],
            ),
            ("(\"In Stock\" IS NOT NULL)", &["In Stock NotNull"]),
            // What becomes another value says nothing of this one.
            ("((a)::integer >= 1)", &[]),
            ("((a)::date >= '2020-01-01'::date)", &[]),
            ("(lower(a) = 'x'::text)", &[]),
            ("(a = ANY (b))", &[]),
            ("(a <> ALL (ARRAY['x'::text]))", &[]),
            ("(a ~ '^[0-9]+$'::text)", &[]),
        ] {
            assert_eq!(said(expression), expected, "{expression}");
        }
    }

    #[test]
    fn types_of_several_words_end_where_they_do() {
        for (cast, rest) in [
            ("'x'::timestamp(3) without time zone >= a", 2),
            ("'x'::character varying(20)[] AND a", 2),
            ("'x'::\"Odd Schema\".\"mood\" = a", 2),
            ("'x'::numeric(10,2) * a", 2),
            ("'x'::time with time zone", 0),
        ] {
            assert_eq!(without_casts(tokens(cast)).len(), 1 + rest, "{cast}");
        }
    }

    proptest! {
        #[test]
        fn any_tokens_are_taken(sql in r"([a-z=:.,()\[\]' ]|::|ARRAY|ANY|text|\(|\)){0,60}") {
            let count = tokens(&sql).len();
            prop_assert!(plain(tokens(&sql)).len() <= count);
        }
    }
}
