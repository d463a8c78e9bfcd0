//! Reading row filters.

use frontdesk_validate::{Decimal, Value};

use super::{Among, Comparison, Name, Node, RowFilterError, Side};
use crate::policy::Role;

const MAX_BYTES: usize = 4096;
const MAX_DEPTH: usize = 32;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Value),
    /// A name in backticks.
    Quoted(String),
    Word(String),
    Sign(&'static str),
    End,
}

impl Token {
    fn shown(&self) -> String {
        let short = |text: &str| format!("`{}`", text.chars().take(60).collect::<String>());
        match self {
            Self::Literal(Value::Text(_)) => "a text".to_owned(),
            Self::Literal(value) => short(&value.to_text()),
            Self::Quoted(name) | Self::Word(name) => short(name),
            Self::Sign(sign) => short(sign),
            Self::End => "the end".to_owned(),
        }
    }
}

fn is_word_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// The tokens with their places, [`Token::End`] last.
fn tokens(source: &str) -> Result<Vec<(usize, Token)>, RowFilterError> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&next) = chars.get(at) {
        let start = at;
        let token = match next {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '"' | '\'' => Token::Literal(quoted(&chars, &mut at, "text")?.into()),
            '`' => Token::Quoted(quoted(&chars, &mut at, "name")?),
            '0'..='9' | '-' => Token::Literal(number(&chars, &mut at)?),
            c if is_word_start(c) => {
                at += chars[at..].iter().take_while(|c| is_word_start(**c) || c.is_ascii_digit()).count();
                Token::Word(chars[start..at].iter().collect())
            }
            c => {
                let comparisons = Comparison::ALL.map(Comparison::symbol);
                let starts = |sign: &&str| sign.chars().eq(chars[start..].iter().copied().take(sign.len()));
                let sign = comparisons.into_iter().chain(["(", ")", "[", "]", ",", "."]).find(starts);
                let Some(sign) = sign else {
                    let hint = if c == '=' { "; write `==`" } else { "" };
                    let shown = c.escape_debug();
                    return Err(RowFilterError::new(at, format!("unexpected `{shown}`{hint}")));
                };
                at += sign.len();
                Token::Sign(sign)
            }
        };
        tokens.push((start, token));
    }
    tokens.push((chars.len(), Token::End));
    Ok(tokens)
}

fn quoted(chars: &[char], at: &mut usize, what: &str) -> Result<String, RowFilterError> {
    let start = *at;
    let quote = chars[start];
    let mut text = String::new();
    *at += 1;
    while let Some(&next) = chars.get(*at) {
        *at += 1;
        match next {
            c if c == quote => return Ok(text),
            '\\' => {
                let escaped = chars.get(*at).copied();
                *at += 1;
                text.push(match escaped {
                    Some(c @ ('\\' | '\'' | '"' | '`')) => c,
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    _ => return Err(RowFilterError::new(*at - 2, "unknown escape")),
                });
            }
            c => text.push(c),
        }
    }
    Err(RowFilterError::new(start, format!("{what} without an end")))
}

/// Reads `-? [0-9]+ (. [0-9]+)?`, exactly.
fn number(chars: &[char], at: &mut usize) -> Result<Value, RowFilterError> {
    let start = *at;
    *at += usize::from(chars[start] == '-');
    let digits = |at: usize| chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
    *at += digits(*at);
    if chars.get(*at) == Some(&'.') && digits(*at + 1) > 0 {
        *at += 1 + digits(*at + 1);
    }
    let text: String = chars[start..*at].iter().collect();
    let value = match text.parse::<i64>() {
        Ok(number) => Some(Value::Int(number)),
        Err(_) => Decimal::from_str_exact(&text).ok().map(Value::Decimal),
    };
    value.ok_or_else(|| {
        RowFilterError::new(start, format!("bad number `{}`", text.chars().take(60).collect::<String>()))
    })
}

pub(super) fn parse(source: &str) -> Result<Node, RowFilterError> {
    if source.len() > MAX_BYTES {
        return Err(RowFilterError::new(MAX_BYTES, format!("longer than {MAX_BYTES} bytes")));
    }
    let mut parser = Parser { tokens: tokens(source)?, next: 0, depth: 0 };
    let node = parser.any()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("`and`, `or` or the end")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> &Token {
        // The last token is the end, and nothing steps over it.
        self.tokens.get(self.next + by).map_or(&Token::End, |(_, token)| token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |(at, _)| *at)
    }

    fn word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Word(here) if here == word);
        self.next += usize::from(is_it);
        is_it
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Sign(here) if *here == sign);
        self.next += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, sign: &str) -> Result<(), RowFilterError> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> RowFilterError {
        RowFilterError::new(self.at(), format!("expected {wanted}, found {}", self.peek().shown()))
    }

    fn deeper(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Node, RowFilterError>,
    ) -> Result<Node, RowFilterError> {
        if self.depth == MAX_DEPTH {
            return Err(RowFilterError::new(self.at(), format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let node = parse(self);
        self.depth -= 1;
        node
    }

    fn any(&mut self) -> Result<Node, RowFilterError> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Node::Any))
    }

    fn all(&mut self) -> Result<Node, RowFilterError> {
        let mut parts = vec![self.not()?];
        while self.word("and") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Node::All))
    }

    fn not(&mut self) -> Result<Node, RowFilterError> {
        if self.word("not") {
            return self.deeper(|parser| Ok(Node::Not(Box::new(parser.not()?))));
        }
        if self.sign("(") {
            return self.deeper(|parser| {
                let inner = parser.any()?;
                parser.expect(")")?;
                Ok(inner)
            });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node, RowFilterError> {
        let start = self.at();
        let is_actor = matches!(self.peek(), Token::Word(word) if word == "actor");
        if is_actor && matches!(self.ahead(1), Token::Word(word) if word == "is") {
            self.next += 2;
            let not = self.word("not");
            let at = self.at();
            let role = match self.peek().clone() {
                Token::Word(name) | Token::Quoted(name) | Token::Literal(Value::Text(name)) => name,
                _ => return Err(self.unexpected("a role")),
            };
            self.next += 1;
            let is = Node::Is(Role::from(&*role), at);
            return Ok(if not { Node::Not(Box::new(is)) } else { is });
        }
        let left = self.side()?;
        if let Side::Literal(Value::Bool(flag), _) = left
            && !self.compares()
        {
            return Ok(Node::Const(flag));
        }
        if self.word("is") {
            let not = self.word("not");
            if !self.word("null") {
                return Err(self.unexpected("`null`"));
            }
            return match left {
                Side::Row(name) if not => Ok(Node::Not(Box::new(Node::Null(name)))),
                Side::Row(name) => Ok(Node::Null(name)),
                _ => Err(RowFilterError::new(start, "only a column can be asked whether it is null")),
            };
        }
        let not = self.word("not");
        if self.word("in") {
            if matches!(left, Side::Literal(..)) {
                return Err(RowFilterError::new(start, "name something of `row` or of `actor` here"));
            }
            let is_in = Node::In(left, self.among()?);
            return Ok(if not { Node::Not(Box::new(is_in)) } else { is_in });
        }
        if not {
            return Err(self.unexpected("`in`"));
        }
        let Some(comparison) = self.operator() else {
            return Err(self.unexpected("`==`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `is`"));
        };
        let right = self.side()?;
        let null = |side: &Side| matches!(side, Side::Literal(Value::Null, _));
        match (left, right) {
            (Side::Row(name), right) if null(&right) => match comparison {
                Comparison::Equal => Ok(Node::Null(name)),
                Comparison::Unequal => Ok(Node::Not(Box::new(Node::Null(name)))),
                _ => Err(RowFilterError::new(start, "null is neither less nor greater than anything")),
            },
            (left, right) if null(&left) || null(&right) => {
                Err(RowFilterError::new(start, "only a column can be compared with null"))
            }
            (Side::Literal(..), Side::Literal(..)) => {
                Err(RowFilterError::new(start, "name something of `row` or of `actor` here"))
            }
            (left, right) => Ok(Node::Compare(left, comparison, right)),
        }
    }

    /// Whether a comparison goes on here.
    fn compares(&self) -> bool {
        match self.peek() {
            Token::Sign(sign) => Comparison::ALL.iter().any(|known| known.symbol() == *sign),
            Token::Word(word) => matches!(word.as_str(), "in" | "is" | "not"),
            _ => false,
        }
    }

    fn operator(&mut self) -> Option<Comparison> {
        let comparison = Comparison::ALL
            .into_iter()
            .find(|known| matches!(self.peek(), Token::Sign(sign) if *sign == known.symbol()))?;
        self.next += 1;
        Some(comparison)
    }

    fn side(&mut self) -> Result<Side, RowFilterError> {
        let at = self.at();
        match self.peek().clone() {
            Token::Literal(value) => {
                self.next += 1;
                Ok(Side::Literal(value, at))
            }
            Token::Word(word) => {
                let literal = match word.as_str() {
                    "true" => Some(Value::Bool(true)),
                    "false" => Some(Value::Bool(false)),
                    "null" => Some(Value::Null),
                    _ => None,
                };
                if let Some(value) = literal {
                    self.next += 1;
                    return Ok(Side::Literal(value, at));
                }
                let of_row = match word.as_str() {
                    "row" => true,
                    "actor" => false,
                    name => {
                        let text = format!(
                            "`{name}` is unknown; a column is `row.{name}`, an attribute of the actor `actor.{name}`"
                        );
                        return Err(RowFilterError::new(at, text));
                    }
                };
                self.next += 1;
                self.expect(".")?;
                let name = match self.peek().clone() {
                    Token::Word(name) | Token::Quoted(name) => name,
                    _ => return Err(self.unexpected("a name")),
                };
                self.next += 1;
                if matches!(self.peek(), Token::Sign(".")) {
                    return Err(RowFilterError::new(
                        self.at(),
                        "a name has no further parts; for rows of other tables give a closure",
                    ));
                }
                let name = Name { name: name.into(), at };
                Ok(if of_row { Side::Row(name) } else { Side::Actor(name) })
            }
            _ => Err(self.unexpected("`row.…`, `actor.…` or a value")),
        }
    }

    fn among(&mut self) -> Result<Among, RowFilterError> {
        if !self.sign("[") {
            let at = self.at();
            return match self.side()? {
                Side::Actor(name) => Ok(Among::Actor(name)),
                _ => Err(RowFilterError::new(at, "expected a list in `[` `]`, or `actor.…`")),
            };
        }
        let mut values = Vec::new();
        while !self.sign("]") {
            if !values.is_empty() {
                self.expect(",")?;
            }
            let at = self.at();
            match self.side()? {
                Side::Literal(Value::Null, at) => {
                    return Err(RowFilterError::new(at, "null is in no list; write `is null`"));
                }
                Side::Literal(value, at) => values.push((value, at)),
                _ => return Err(RowFilterError::new(at, "only values stand in a list")),
            }
        }
        Ok(Among::Literals(values))
    }
}

fn one_or(mut parts: Vec<Node>, several: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            parts.extend(last);
            several(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::RowFilter;
    use super::*;

    fn error(source: &str) -> String {
        source.parse::<RowFilter>().unwrap_err().to_string()
    }

    #[test]
    fn crud_02_mistakes_are_told_with_their_place() {
        for (source, words) in [
            ("", "expected `row.…`, `actor.…` or a value, found the end at character 1"),
            ("row.a = 1", "unexpected `=`; write `==` at character 7"),
            (
                "owner == 1",
                "`owner` is unknown; a column is `row.owner`, an attribute of the actor `actor.owner` at character 1",
            ),
            ("row.a == 1 row.b", "expected `and`, `or` or the end, found `row` at character 12"),
            (
                "row.a",
                "expected `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `is`, found the end at character 6",
            ),
            ("(row.a == 1", "expected `)`, found the end at character 12"),
            ("1 == 2", "name something of `row` or of `actor` here at character 1"),
            ("row.a < null", "null is neither less nor greater than anything at character 1"),
            ("actor.id == null", "only a column can be compared with null at character 1"),
            ("actor.id is null", "only a column can be asked whether it is null at character 1"),
            ("row.a in [1, null]", "null is in no list; write `is null` at character 14"),
            ("row.a in [row.b]", "only values stand in a list at character 11"),
            ("row.a in row.b", "expected a list in `[` `]`, or `actor.…` at character 10"),
            (
                "row.a.b == 1",
                "a name has no further parts; for rows of other tables give a closure at character 6",
            ),
            ("row.a == 'x", "text without an end at character 10"),
            ("row.a == 1; drop table x", "unexpected `;` at character 11"),
            ("row.a not 1", "expected `in`, found `1` at character 11"),
            ("actor is 5", "expected a role, found `5` at character 10"),
            (
                "row.a == 99999999999999999999999999999999",
                "bad number `99999999999999999999999999999999` at character 10",
            ),
        ] {
            assert_eq!(error(source), words, "{source}");
        }
        assert_eq!("row.a ==".parse::<RowFilter>().unwrap_err().position(), 8);
    }

    #[test]
    fn depth_and_length_have_limits() {
        let deep = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
        assert!(deep(MAX_DEPTH).parse::<RowFilter>().is_ok());
        assert!(error(&deep(MAX_DEPTH + 1)).contains("nested more than 32 deep"));
        assert!(error(&"not ".repeat(1000)).contains("nested more than 32 deep"));
        assert!(error(&"true or ".repeat(600)).starts_with("longer than 4096 bytes"));
    }

    #[test]
    fn names_in_backticks_are_names() {
        let filter: RowFilter = "row.`in stock` == actor.`a\\`b` and row.`null` is not null".parse().unwrap();
        assert_eq!(filter.columns(), ["in stock", "null"]);
        assert_eq!(filter.asks_of_actor().0, [("a`b", 18)]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(source in r#"(row|actor|\.|x|`|'| |==|!|<|in|is|not|null|and|or|\(|\)|\[|\]|,|-|1|é){0,40}"#) {
            let _ = source.parse::<RowFilter>();
        }
    }
}
