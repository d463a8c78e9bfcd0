//! CHECK constraints: what they say of single fields, where that can be told.

mod postgres;
pub(crate) mod token;

use std::sync::Arc;

use frontdesk_validate::{Decimal, Value};

#[cfg(feature = "postgres")]
pub(crate) use self::postgres::without_casts;
use self::token::{Kind, Token, tokens};

/// What a CHECK constraint says of one field, whatever the others hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fact {
    /// The field, as its table spells it.
    pub(crate) field: Arc<str>,
    pub(crate) says: Says,
}

/// NULL satisfies each of these but [`NotNull`](Self::NotNull), as it does in SQL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Says {
    OneOf(Vec<Value>),
    Min { value: Value, included: bool },
    Max { value: Value, included: bool },
    MinLength(u32),
    MaxLength(u32),
    Json,
    NotNull,
}

/// The names among `fields` that an SQL expression mentions, each once, in the order of `fields`.
pub(crate) fn mentioned<'f>(
    expression: &str,
    fields: impl IntoIterator<Item = &'f Arc<str>>,
) -> Vec<Arc<str>> {
    let tokens = tokens(expression);
    let is_name = |index: usize, token: &Token<'_>| {
        token.is_name()
            && !(token.kind == Kind::Word && tokens.get(index + 1).is_some_and(|next| next.is_sign("(")))
    };
    let names: Vec<&str> = (tokens.iter().enumerate())
        .filter(|(index, token)| is_name(*index, token))
        .map(|(_, token)| &*token.text)
        .collect();
    let said = |field: &str| names.iter().any(|name| name.eq_ignore_ascii_case(field));
    fields.into_iter().filter(|field| said(field)).map(Arc::clone).collect()
}

/// What the constraint says of single fields. Parts that are not understood say nothing; the others still hold, since
/// all parts must.
pub(crate) fn facts(expression: &str, fields: &[Arc<str>]) -> Vec<Fact> {
    let mut facts = Vec::new();
    Reader { fields }.all_of(&postgres::plain(tokens(expression)), 0, &mut facts);
    facts
}

/// How deeply brackets are followed.
const MAX_DEPTH: usize = 16;

struct Reader<'f> {
    fields: &'f [Arc<str>],
}

/// One side of a comparison.
enum Operand {
    Field(Arc<str>),
    Length(Arc<str>),
    Literal(Value),
}

impl Reader<'_> {
    fn all_of(&self, tokens: &[Token<'_>], depth: usize, facts: &mut Vec<Fact>) {
        let tokens = without_brackets(tokens);
        if depth > MAX_DEPTH || tokens.is_empty() {
            return;
        }
        let alternatives = split(tokens, "OR");
        if alternatives.len() > 1 {
            return self.any_of(&alternatives, depth, facts);
        }
        let parts = split(tokens, "AND");
        match &parts[..] {
            [one] => facts.extend(self.part(one)),
            parts => parts.iter().for_each(|part| self.all_of(part, depth + 1, facts)),
        }
    }

    /// `a IS NULL OR …` says what the rest says, if that is of `a` too; `a = 1 OR a = 2` is a list.
    fn any_of(&self, alternatives: &[&[Token<'_>]], depth: usize, facts: &mut Vec<Fact>) {
        let mut nullable: Vec<Arc<str>> = Vec::new();
        let mut others: Vec<Vec<Fact>> = Vec::new();
        for alternative in alternatives {
            if let Some(field) = self.is_null(without_brackets(alternative)) {
                nullable.push(field);
                continue;
            }
            let mut inner = Vec::new();
            self.all_of(alternative, depth + 1, &mut inner);
            others.push(inner);
        }
        let Some(field) = others.first().and_then(|facts| facts.first()).map(|fact| Arc::clone(&fact.field))
        else {
            return;
        };
        if nullable.iter().any(|name| *name != field) {
            return;
        }
        if let [only] = &mut others[..] {
            facts.extend(only.drain(..).filter(|fact| fact.field == field && fact.says != Says::NotNull));
            return;
        }
        let mut list = Vec::new();
        for alternative in others {
            match <[Fact; 1]>::try_from(alternative) {
                Ok([Fact { field: same, says: Says::OneOf(values) }]) if same == field => list.extend(values),
                _ => return,
            }
        }
        facts.push(Fact { field, says: Says::OneOf(list) });
    }

    fn is_null(&self, tokens: &[Token<'_>]) -> Option<Arc<str>> {
        match self.operand(tokens)? {
            (Operand::Field(field), rest)
                if is_words(rest, &["IS", "NULL"]) || is_words(rest, &["ISNULL"]) =>
            {
                Some(field)
            }
            _ => None,
        }
    }

    fn part(&self, tokens: &[Token<'_>]) -> Vec<Fact> {
        self.json(tokens).map(|fact| vec![fact]).or_else(|| self.comparison(tokens)).unwrap_or_default()
    }

    fn json(&self, tokens: &[Token<'_>]) -> Option<Fact> {
        let [function, open, name, close] = tokens else { return None };
        let is_call = function.is_word("json_valid") && open.is_sign("(") && close.is_sign(")");
        is_call.then(|| self.field(name)).flatten().map(|field| Fact { field, says: Says::Json })
    }

    fn comparison(&self, tokens: &[Token<'_>]) -> Option<Vec<Fact>> {
        let (left, rest) = self.operand(tokens)?;
        if let Operand::Field(field) = &left
            && (is_words(rest, &["IS", "NOT", "NULL"])
                || is_words(rest, &["NOTNULL"])
                || is_words(rest, &["NOT", "NULL"]))
        {
            return Some(vec![Fact { field: Arc::clone(field), says: Says::NotNull }]);
        }
        let (operator, rest) = rest.split_first()?;
        if operator.is_word("IN") {
            let Operand::Field(field) = left else { return None };
            return Some(vec![Fact { field, says: Says::OneOf(self.literals(rest)?) }]);
        }
        if operator.is_word("BETWEEN") {
            let (low, rest) = self.literal(rest)?;
            let (and, rest) = rest.split_first()?;
            let (high, rest) = self.literal(rest)?;
            if !and.is_word("AND") || !rest.is_empty() {
                return None;
            }
            let mut facts = compared(&left, ">=", low)?;
            facts.extend(compared(&left, "<=", high)?);
            return Some(facts);
        }
        let sign = match &*operator.text {
            _ if operator.is_word("IS") => "=",
            _ if operator.kind != Kind::Sign => return None,
            sign => sign,
        };
        match (left, self.operand(rest)?) {
            (Operand::Literal(value), (right, [])) => compared(&right, mirrored(sign), value),
            (left, (Operand::Literal(value), [])) => compared(&left, sign, value),
            _ => None,
        }
    }

    /// The operand at the start of `tokens`, and what follows.
    fn operand<'t, 's>(&self, tokens: &'t [Token<'s>]) -> Option<(Operand, &'t [Token<'s>])> {
        let (first, rest) = tokens.split_first()?;
        if first.is_sign("(") {
            // A single operand may stand in brackets.
            let end = rest.iter().position(|token| token.is_sign(")"))?;
            let (operand, inner_rest) = self.operand(&rest[..end])?;
            return inner_rest.is_empty().then_some((operand, &rest[end + 1..]));
        }
        if let [open, name, close, after @ ..] = rest
            && first.kind == Kind::Word
            && open.is_sign("(")
        {
            let is_length =
                ["length", "char_length", "character_length"].iter().any(|name| first.is_word(name));
            let field = (is_length && close.is_sign(")")).then(|| self.field(name)).flatten()?;
            return Some((Operand::Length(field), after));
        }
        if let [dot, name, after @ ..] = rest
            && first.is_name()
            && dot.is_sign(".")
        {
            return Some((Operand::Field(self.field(name)?), after));
        }
        if let Some(field) = self.field(first) {
            return Some((Operand::Field(field), rest));
        }
        literal(tokens).map(|(value, rest)| (Operand::Literal(value), rest))
    }

    /// As [`literal`], where a name in double quotes that is a field's is none.
    fn literal<'t, 's>(&self, tokens: &'t [Token<'s>]) -> Option<(Value, &'t [Token<'s>])> {
        match self.field(tokens.first()?) {
            Some(_) => None,
            None => literal(tokens),
        }
    }

    /// The literals of `( … , … )`. A NULL among them makes the list say nothing, since then nothing is refused.
    fn literals(&self, tokens: &[Token<'_>]) -> Option<Vec<Value>> {
        let (first, mut rest) = tokens.split_first()?;
        if !first.is_sign("(") {
            return None;
        }
        let mut values = Vec::new();
        loop {
            let (value, after) = self.literal(rest)?;
            values.push(value);
            let (next, after) = after.split_first()?;
            rest = after;
            match &*next.text {
                "," if next.kind == Kind::Sign => {}
                ")" if next.kind == Kind::Sign && rest.is_empty() => return Some(values),
                _ => return None,
            }
        }
    }

    fn field(&self, token: &Token<'_>) -> Option<Arc<str>> {
        if !token.is_name() {
            return None;
        }
        // Where case tells names apart, they are written as they are.
        let exact = self.fields.iter().find(|field| ***field == *token.text);
        exact
            .or_else(|| self.fields.iter().find(|field| field.eq_ignore_ascii_case(&token.text)))
            .map(Arc::clone)
    }
}

fn is_words(tokens: &[Token<'_>], words: &[&str]) -> bool {
    tokens.len() == words.len() && tokens.iter().zip(words).all(|(token, word)| token.is_word(word))
}

fn mirrored(sign: &str) -> &str {
    match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    }
}

fn compared(operand: &Operand, sign: &str, value: Value) -> Option<Vec<Fact>> {
    let says = match (operand, sign) {
        (Operand::Field(_), "=" | "==") => vec![Says::OneOf(vec![value])],
        (Operand::Field(_), "<>" | "!=") if value == Value::from("") => vec![Says::MinLength(1)],
        (Operand::Field(_), ">" | ">=") => vec![Says::Min { value, included: sign == ">=" }],
        (Operand::Field(_), "<" | "<=") => vec![Says::Max { value, included: sign == "<=" }],
        (Operand::Length(_), _) => {
            let count = u32::try_from(value.as_int()?).ok()?;
            match sign {
                "=" | "==" => vec![Says::MinLength(count), Says::MaxLength(count)],
                ">" => vec![Says::MinLength(count.checked_add(1)?)],
                ">=" => vec![Says::MinLength(count)],
                "<" => vec![Says::MaxLength(count.checked_sub(1)?)],
                "<=" => vec![Says::MaxLength(count)],
                "<>" | "!=" if count == 0 => vec![Says::MinLength(1)],
                _ => return None,
            }
        }
        _ => return None,
    };
    let (Operand::Field(field) | Operand::Length(field)) = operand else { return None };
    Some(says.into_iter().map(|says| Fact { field: Arc::clone(field), says }).collect())
}

/// The literal at the start of `tokens`, and what follows. Numbers are [`Value::Int`], or [`Value::Decimal`] where they
/// fit, else [`Value::Float`].
pub(crate) fn literal<'t, 's>(tokens: &'t [Token<'s>]) -> Option<(Value, &'t [Token<'s>])> {
    let (first, rest) = tokens.split_first()?;
    let value = match first.kind {
        Kind::Text | Kind::DoubleQuoted => Value::Text(first.text.clone().into_owned()),
        Kind::Blob => Value::Bytes(bytes(&first.text)?),
        Kind::Number => number(&first.text, false)?,
        Kind::Sign if matches!(&*first.text, "-" | "+") => {
            let (next, rest) = rest.split_first()?;
            let value =
                (next.kind == Kind::Number).then(|| number(&next.text, first.text == "-")).flatten()?;
            return Some((value, rest));
        }
        Kind::Word if first.is_word("TRUE") => Value::Bool(true),
        Kind::Word if first.is_word("FALSE") => Value::Bool(false),
        _ => return None,
    };
    Some((value, rest))
}

fn number(text: &str, negative: bool) -> Option<Value> {
    let text = text.replace('_', "");
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // As SQLite reads it: 64 bits in two's complement.
        let number = u64::from_str_radix(digits, 16).ok()?.cast_signed();
        return Some(Value::Int(if negative { number.checked_neg()? } else { number }));
    }
    let text = if negative { format!("-{text}") } else { text };
    if let Ok(number) = text.parse::<i64>() {
        return Some(Value::Int(number));
    }
    if let Ok(number) = text.parse::<Decimal>() {
        return Some(Value::Decimal(number));
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Float)
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        hex.chars().map(|digit| digit.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Takes off brackets around the whole; not more than anyone writes, since each takes a look at all of it.
fn without_brackets<'t, 's>(mut tokens: &'t [Token<'s>]) -> &'t [Token<'s>] {
    for _ in 0..MAX_DEPTH {
        let [open, inner @ .., close] = tokens else { break };
        if !open.is_sign("(") || !close.is_sign(")") {
            break;
        }
        let mut depth = 0i32;
        for token in inner {
            depth += step(token);
            if depth < 0 {
                return tokens; // the first bracket ends before the last one, as in (a) OR (b)
            }
        }
        tokens = inner;
    }
    tokens
}

fn step(token: &Token<'_>) -> i32 {
    if token.is_sign("(") {
        1
    } else if token.is_sign(")") {
        -1
    } else {
        0
    }
}

/// Splits at a keyword outside brackets and CASE; the AND of BETWEEN does not count.
fn split<'t, 's>(tokens: &'t [Token<'s>], keyword: &str) -> Vec<&'t [Token<'s>]> {
    let mut parts = Vec::new();
    let (mut depth, mut from, mut between) = (0i32, 0, false);
    for (index, token) in tokens.iter().enumerate() {
        depth += step(token);
        depth += i32::from(token.is_word("CASE")) - i32::from(token.is_word("END"));
        if depth != 0 {
            continue;
        }
        if token.is_word("BETWEEN") {
            between = true;
        } else if between && token.is_word("AND") {
            between = false;
        } else if token.is_word(keyword) {
            parts.push(&tokens[from..index]);
            from = index + 1;
        }
    }
    parts.push(&tokens[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> Vec<Arc<str>> {
        ["a", "b", "In Stock"].map(Arc::from).to_vec()
    }

    /// The facts in one line each.
    fn said(expression: &str) -> Vec<String> {
        let show = |fact: &Fact| {
            let field = &fact.field;
            match &fact.says {
                Says::OneOf(values) => {
                    let values: Vec<String> =
                        values.iter().map(|value| value.to_text().into_owned()).collect();
                    format!("{field} in {}", values.join(","))
                }
                Says::Min { value, included } => {
                    format!("{field} >{} {value}", if *included { "=" } else { "" })
                }
                Says::Max { value, included } => {
                    format!("{field} <{} {value}", if *included { "=" } else { "" })
                }
                Says::MinLength(count) => format!("#{field} >= {count}"),
                Says::MaxLength(count) => format!("#{field} <= {count}"),
                Says::Json => format!("{field} json"),
                Says::NotNull => format!("{field} not null"),
            }
        };
        facts(expression, &names()).iter().map(show).collect()
    }

    #[test]
    fn lists_ranges_and_lengths_are_understood() {
        for (expression, facts) in [
            ("a IN ('x', 'it''s', \"z\")", &["a in x,it's,z"][..]),
            ("((\"a\" in (1, -2, 0x10)))", &["a in 1,-2,16"]),
            ("a = 'x' OR a = 'y' OR a IS NULL", &["a in x,y"]),
            ("a >= 0", &["a >= 0"]),
            ("0 < t.a", &["a > 0"]),
            ("a BETWEEN 1 AND 5 AND b < 1.50", &["a >= 1", "a <= 5", "b < 1.50"]),
            ("a > 0 AND (a < 10 AND [In Stock] IN (0,1))", &["a > 0", "a < 10", "In Stock in 0,1"]),
            ("a IS NULL OR (a >= 1 AND a <= 3)", &["a >= 1", "a <= 3"]),
            ("length(a) <= 80", &["#a <= 80"]),
            ("length(`a`) BETWEEN 2 AND 4", &["#a >= 2", "#a <= 4"]),
            ("LENGTH(\"a\") = 3 AND a <> ''", &["#a >= 3", "#a <= 3", "#a >= 1"]),
            ("(JSON_VALID(\"a\") OR \"a\" IS NULL)", &["a json"]),
            ("a >= '2000-01-01' -- since then\n", &["a >= 2000-01-01"]),
            ("a IS NOT NULL", &["a not null"]),
            ("(a) > (3)", &["a > 3"]),
            // Parts that are not understood leave the others.
            ("a > 0 AND a % 2 = 0 AND b GLOB 'x*'", &["a > 0"]),
        ] {
            assert_eq!(said(expression), facts, "{expression}");
        }
    }

    #[test]
    fn what_is_no_fact_of_one_field_says_nothing() {
        for expression in [
            "a > b",
            "a > 0 OR b > 0",
            "b IS NULL OR a > 0",
            "a IN ('x', NULL)",
            "a IN ('x', \"b\")",
            "a BETWEEN 1 AND \"b\"",
            "a NOT IN (1, 2)",
            "NOT a > 0",
            "a IN ('x') COLLATE NOCASE",
            "a COLLATE NOCASE IN ('x')",
            "a = 'x' OR b = 'y'",
            "CASE WHEN a > 1 AND b > 1 THEN a < 5 ELSE 1 END",
            "lower(a) = a",
            "length(trim(a)) > 0",
            "a + 1 > 3",
            "a > 1 + 2",
            "a LIKE '%x%'",
            "(a) IN (b)",
            "unknown > 0",
            "'a' > 0",
            "",
            "(",
            ")",
            "a IN (",
            "a BETWEEN 1",
            "AND",
        ] {
            assert_eq!(said(expression), [""; 0], "{expression}");
        }
    }

    #[test]
    fn mentioned_names_are_the_fields_of_a_check() {
        assert_eq!(
            mentioned("A > 1 and length(\"In Stock\") < a", &names()),
            [Arc::from("a"), Arc::from("In Stock")]
        );
        assert!(mentioned("a('b')", &names()).is_empty());
    }

    #[test]
    fn deep_nesting_ends() {
        let deep = format!("{}a > 0{}", "(1 AND ".repeat(5_000), ")".repeat(5_000));
        assert_eq!(said(&deep), [""; 0]);
        let brackets = format!("{}a > 0{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(said(&brackets), [""; 0]);
    }

    proptest! {
        #[test]
        fn no_expression_panics(expression in "[ab()'\"<>=,0-9ANDORINBETWEEN \\[\\]]{0,60}") {
            let _ = said(&expression);
            let _ = mentioned(&expression, &names());
        }
    }
}
