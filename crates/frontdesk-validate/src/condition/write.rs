//! Conditions as text and as JSON.

use std::fmt::{self, Write};

use serde_json::{Value as Json, json};

use super::parse::{is_word, is_word_start};
use super::{Kind, Literal, Node};

pub(super) fn node(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match node {
        Node::Compare(name, comparison, value) => {
            field(name, f)?;
            write!(f, " {} ", comparison.symbol())?;
            literal(value, f)
        }
        Node::In(name, values) => {
            field(name, f)?;
            f.write_str(" in [")?;
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                literal(value, f)?;
            }
            f.write_char(']')
        }
        Node::IsSet(name) => {
            field(name, f)?;
            f.write_str(" is set")
        }
        Node::Not(inner) => match &**inner {
            Node::IsSet(name) => {
                field(name, f)?;
                f.write_str(" is not set")
            }
            Node::Not(_) => {
                f.write_str("not ")?;
                self::node(inner, f)
            }
            inner => {
                f.write_str("not ")?;
                bracketed(inner, true, f)
            }
        },
        Node::All(parts) => joined(parts, " and ", |part| matches!(part, Node::All(_) | Node::Any(_)), f),
        Node::Any(parts) => joined(parts, " or ", |part| matches!(part, Node::Any(_)), f),
    }
}

fn joined(
    parts: &[Node],
    word: &str,
    needs_brackets: impl Fn(&Node) -> bool,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        bracketed(part, needs_brackets(part), f)?;
    }
    Ok(())
}

fn bracketed(inner: &Node, brackets: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !brackets {
        return node(inner, f);
    }
    f.write_char('(')?;
    node(inner, f)?;
    f.write_char(')')
}

fn field(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_plain = name.chars().next().is_some_and(is_word_start)
        && name.chars().all(|c| is_word_start(c) || c.is_ascii_digit())
        && !is_word(name);
    if is_plain {
        f.write_str(name)
    } else {
        write!(f, "`{}`", name.replace('\\', r"\\").replace('`', r"\`"))
    }
}

fn literal(Literal(kind): &Literal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        Kind::Flag(flag) => write!(f, "{flag}"),
        // The shortest digits that read back, without a fraction where there is none.
        Kind::Number(number) => {
            let text = format!("{number:?}");
            f.write_str(text.strip_suffix(".0").unwrap_or(&text))
        }
        Kind::Text(text) => {
            f.write_char('"')?;
            for c in text.chars() {
                match c {
                    '"' | '\\' => write!(f, "\\{c}")?,
                    '\n' => f.write_str("\\n")?,
                    '\r' => f.write_str("\\r")?,
                    '\t' => f.write_str("\\t")?,
                    c => f.write_char(c)?,
                }
            }
            f.write_char('"')
        }
    }
}

pub(super) fn json(node: &Node) -> Json {
    match node {
        Node::Compare(name, comparison, value) => {
            json!({"field": name, "op": comparison.symbol(), "value": json_literal(value)})
        }
        Node::In(name, values) => {
            json!({"field": name, "in": values.iter().map(json_literal).collect::<Vec<_>>()})
        }
        Node::IsSet(name) => json!({"field": name, "set": true}),
        Node::Not(inner) => json!({"not": json(inner)}),
        Node::All(parts) => json!({"all": parts.iter().map(json).collect::<Vec<_>>()}),
        Node::Any(parts) => json!({"any": parts.iter().map(json).collect::<Vec<_>>()}),
    }
}

fn json_literal(Literal(kind): &Literal) -> Json {
    match kind {
        Kind::Flag(flag) => (*flag).into(),
        Kind::Text(text) => text.clone().into(),
        #[expect(clippy::cast_possible_truncation, reason = "checked: it is whole and small")]
        Kind::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => (*number as i64).into(),
        Kind::Number(number) => (*number).into(),
    }
}
