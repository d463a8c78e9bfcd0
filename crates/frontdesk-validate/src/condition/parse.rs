//! Reading conditions.

use super::{Comparison, Kind, Literal, Node};

/// Why a text is no [`Condition`](super::Condition), and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {}", .at + 1)]
pub struct ConditionError {
    problem: String,
    at: usize,
}

impl ConditionError {
    fn new(at: usize, problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), at }
    }

    /// Where the mistake is, in characters from 0.
    pub fn position(&self) -> usize {
        self.at
    }
}

/// The longest expression that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 4096;
const MAX_DEPTH: usize = 32;

const WORDS: [&str; 8] = ["and", "or", "not", "in", "is", "set", "true", "false"];

/// Whether the language has this word for itself.
pub(super) fn is_word(name: &str) -> bool {
    WORDS.contains(&name)
}

/// Whether a name may begin with the character without backticks.
pub(super) fn is_word_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Literal),
    Field(String),
    /// A word of the language, or a symbol.
    Word(&'static str),
    End,
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Literal(Literal(Kind::Text(_))) => "a text".to_owned(),
            Self::Literal(Literal(Kind::Number(number))) => format!("`{number}`"),
            Self::Literal(Literal(Kind::Flag(flag))) => format!("`{flag}`"),
            Self::Field(name) => format!("`{}`", name.chars().take(60).collect::<String>()),
            Self::Word(word) => format!("`{word}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The tokens with their places, [`Token::End`] last.
fn tokens(source: &str) -> Result<Vec<(usize, Token)>, ConditionError> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&next) = chars.get(at) {
        let start = at;
        let starts_with =
            |symbol: &&str| symbol.chars().eq(chars[start..].iter().copied().take(symbol.len()));
        let token = match next {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '"' | '\'' => Token::Literal(quoted(&chars, &mut at, "text")?.into()),
            '`' => Token::Field(quoted(&chars, &mut at, "name")?),
            '0'..='9' | '-' | '.' => Token::Literal(Literal(Kind::Number(number(&chars, &mut at)?))),
            c if is_word_start(c) => {
                at += chars[at..].iter().take_while(|c| is_word_start(**c) || c.is_ascii_digit()).count();
                let name: String = chars[start..at].iter().collect();
                match WORDS.into_iter().find(|word| *word == name) {
                    Some("true") => Token::Literal(true.into()),
                    Some("false") => Token::Literal(false.into()),
                    Some(word) => Token::Word(word),
                    None => Token::Field(name),
                }
            }
            c => {
                let comparisons = Comparison::ALL.map(Comparison::symbol);
                let symbol = comparisons.into_iter().chain(["(", ")", "[", "]", ","]).find(starts_with);
                let Some(symbol) = symbol else {
                    let hint = if c == '=' { "; write `==`" } else { "" };
                    return Err(ConditionError::new(at, format!("unexpected `{}`{hint}", c.escape_debug())));
                };
                at += symbol.len();
                Token::Word(symbol)
            }
        };
        tokens.push((start, token));
    }
    tokens.push((chars.len(), Token::End));
    Ok(tokens)
}

fn quoted(chars: &[char], at: &mut usize, what: &str) -> Result<String, ConditionError> {
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
                    _ => return Err(ConditionError::new(*at - 2, "unknown escape")),
                });
            }
            c => text.push(c),
        }
    }
    Err(ConditionError::new(start, format!("{what} without an end")))
}

fn number(chars: &[char], at: &mut usize) -> Result<f64, ConditionError> {
    let start = *at;
    let mut last = '\0';
    while let Some(&next) = chars.get(*at) {
        let is_part = match next {
            '0'..='9' | '.' | 'e' | 'E' => true,
            '-' => *at == start || matches!(last, 'e' | 'E'),
            '+' => matches!(last, 'e' | 'E'),
            _ => false,
        };
        if !is_part {
            break;
        }
        last = next;
        *at += 1;
    }
    let text: String = chars[start..*at].iter().collect();
    super::eval::number(&text).ok_or_else(|| {
        ConditionError::new(start, format!("bad number `{}`", text.chars().take(60).collect::<String>()))
    })
}

pub(super) fn parse(source: &str) -> Result<Node, ConditionError> {
    if source.len() > MAX_BYTES {
        return Err(ConditionError::new(MAX_BYTES, format!("longer than {MAX_BYTES} bytes")));
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
        // The last token is the end, and nothing steps over it.
        self.tokens.get(self.next).map_or(&Token::End, |(_, token)| token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |(at, _)| *at)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Word(here) if *here == word);
        self.next += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, word: &str) -> Result<(), ConditionError> {
        if self.take(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> ConditionError {
        ConditionError::new(self.at(), format!("expected {wanted}, found {}", self.peek().shown()))
    }

    fn deeper(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Node, ConditionError>,
    ) -> Result<Node, ConditionError> {
        if self.depth == MAX_DEPTH {
            return Err(ConditionError::new(self.at(), format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let node = parse(self);
        self.depth -= 1;
        node
    }

    fn any(&mut self) -> Result<Node, ConditionError> {
        let first = self.all()?;
        let mut parts = vec![first];
        while self.take("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Node::Any))
    }

    fn all(&mut self) -> Result<Node, ConditionError> {
        let first = self.not()?;
        let mut parts = vec![first];
        while self.take("and") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Node::All))
    }

    fn not(&mut self) -> Result<Node, ConditionError> {
        if self.take("not") {
            return self.deeper(|parser| Ok(Node::Not(Box::new(parser.not()?))));
        }
        if self.take("(") {
            return self.deeper(|parser| {
                let inner = parser.any()?;
                parser.expect(")")?;
                Ok(inner)
            });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node, ConditionError> {
        let Token::Field(name) = self.peek().clone() else {
            return Err(self.unexpected("the name of a field"));
        };
        self.next += 1;
        if self.take("is") {
            let not = self.take("not");
            self.expect("set")?;
            let is_set = Node::IsSet(name);
            return Ok(if not { Node::Not(Box::new(is_set)) } else { is_set });
        }
        if self.take("in") {
            return Ok(Node::In(name, self.list()?));
        }
        let Some(comparison) = Comparison::ALL.into_iter().find(|known| self.take(known.symbol())) else {
            return Err(self.unexpected("`==`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `is`"));
        };
        let is_order = !matches!(comparison, Comparison::Equal | Comparison::Unequal);
        match self.peek().clone() {
            Token::Literal(literal) if !(is_order && matches!(literal.0, Kind::Flag(_))) => {
                self.next += 1;
                Ok(Node::Compare(name, comparison, literal))
            }
            _ if is_order => Err(self.unexpected("a text in quotes or a number")),
            _ => Err(self.unexpected("a text in quotes, a number, `true` or `false`")),
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, ConditionError> {
        self.expect("[")?;
        let mut values = Vec::new();
        if self.take("]") {
            return Ok(values);
        }
        loop {
            let Token::Literal(literal) = self.peek().clone() else {
                return Err(self.unexpected("a text in quotes, a number, `true` or `false`"));
            };
            self.next += 1;
            values.push(literal);
            if !self.take(",") {
                self.expect("]")?;
                return Ok(values);
            }
        }
    }
}

/// The only part, or all of them joined.
fn one_or(mut parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Condition;

    fn error(source: &str) -> String {
        source.parse::<Condition>().unwrap_err().to_string()
    }

    #[test]
    fn a_mistake_says_where_it_is_and_what_would_do() {
        for (source, words) in [
            ("", "expected the name of a field, found the end at character 1"),
            ("a", "expected `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `is`, found the end at character 2"),
            ("a = 1", "unexpected `=`; write `==` at character 3"),
            ("a == b", "expected a text in quotes, a number, `true` or `false`, found `b` at character 6"),
            ("é < true", "expected a text in quotes or a number, found `true` at character 5"),
            ("a is unset", "expected `set`, found `unset` at character 6"),
            ("a in 'x'", "expected `[`, found a text at character 6"),
            ("a in ['x' 'y']", "expected `]`, found a text at character 11"),
            ("(a is set", "expected `)`, found the end at character 10"),
            ("a is set b", "expected `and`, `or` or the end, found `b` at character 10"),
            ("1 == a", "expected the name of a field, found `1` at character 1"),
            ("a == 1.2.3", "bad number `1.2.3` at character 6"),
            ("a == 1e999", "bad number `1e999` at character 6"),
            ("a == 'x", "text without an end at character 6"),
            (r"a == '\q'", "unknown escape at character 7"),
            ("a == 1 + 1", "unexpected `+` at character 8"),
            (
                "len(a) == 1",
                "expected `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `is`, found `(` at character 4",
            ),
        ] {
            assert_eq!(error(source), words, "{source}");
        }
        assert_eq!("ab is".parse::<Condition>().unwrap_err().position(), 5);
    }

    #[test]
    fn form_13_depth_and_length_have_limits() {
        let deep = |depth: usize| format!("{}a is set{}", "(".repeat(depth), ")".repeat(depth));
        assert!(deep(MAX_DEPTH).parse::<Condition>().is_ok());
        assert!(error(&deep(MAX_DEPTH + 1)).contains("nested more than 32 deep"));
        assert!(error(&"not ".repeat(500)).contains("nested more than 32 deep"));
        let long = |count: usize| vec!["a is set"; count].join(" or ");
        assert!(long(340).parse::<Condition>().is_ok());
        assert!(error(&long(342)).starts_with("longer than 4096 bytes"));
    }

    #[test]
    fn words_of_the_language_can_be_names_in_backticks() {
        let condition: Condition =
            "`set` is set and `size (cm)` == 'a\\'\"b' and `a\\`b` is not set".parse().unwrap();
        assert_eq!(condition.fields(), ["a`b", "set", "size (cm)"]);
        assert_eq!(condition.to_string().parse(), Ok(condition));
    }
}
