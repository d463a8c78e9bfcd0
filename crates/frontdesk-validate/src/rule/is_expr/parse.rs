use super::token::{ExprError, Token, tokens};
use crate::Value;

/// An expression. Chains are kept flat, so that its depth is that of its brackets.
#[derive(Debug)]
pub(super) enum Node {
    /// The value that is checked.
    Value,
    Literal(Value),
    List(Vec<Node>),
    Not(Box<Node>),
    Negative(Box<Node>),
    Chain(Box<Node>, Vec<(Operator, Node)>),
    Compare(Box<Node>, Vec<(Comparison, Node)>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Call(Function, Box<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    DivideDown,
    Remainder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Bool,
    Float,
    Int,
    Len,
    Lower,
    Str,
    Upper,
}

const FUNCTIONS: [(&str, Function); 8] = [
    ("abs", Function::Abs),
    ("bool", Function::Bool),
    ("float", Function::Float),
    ("int", Function::Int),
    ("len", Function::Len),
    ("lower", Function::Lower),
    ("str", Function::Str),
    ("upper", Function::Upper),
];

const MAX_BYTES: usize = 4096;
const MAX_DEPTH: usize = 32;

pub(super) fn parse(source: &str) -> Result<Node, ExprError> {
    if source.len() > MAX_BYTES {
        return Err(ExprError::new(0, format!("more than {MAX_BYTES} bytes")));
    }
    let mut parser = Parser { tokens: tokens(source)?, next: 0, depth: 0 };
    let node = parser.or()?;
    match parser.peek() {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("an operator or the end")),
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

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Symbol(here) if *here == symbol);
        self.next += usize::from(is_it);
        is_it
    }

    fn take_name(&mut self, name: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Name(here) if here == name);
        self.next += usize::from(is_it);
        is_it
    }

    fn unexpected(&self, wanted: &str) -> ExprError {
        ExprError::new(self.at(), format!("expected {wanted}, found {}", self.peek().shown()))
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), ExprError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, ExprError>) -> Result<T, ExprError> {
        if self.depth == MAX_DEPTH {
            return Err(ExprError::new(self.at(), format!("nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn or(&mut self) -> Result<Node, ExprError> {
        self.joined("or", Self::and, Node::Or)
    }

    fn and(&mut self) -> Result<Node, ExprError> {
        self.joined("and", Self::not, Node::And)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Node, ExprError>,
        join: fn(Vec<Node>) -> Node,
    ) -> Result<Node, ExprError> {
        let first = part(self)?;
        if !matches!(self.peek(), Token::Name(here) if here == word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_name(word) {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn not(&mut self) -> Result<Node, ExprError> {
        if self.take_name("not") {
            return self.nested(|parser| Ok(Node::Not(Box::new(parser.not()?))));
        }
        let first = self.sum()?;
        let mut compared = Vec::new();
        while let Some(comparison) = self.comparison()? {
            compared.push((comparison, self.sum()?));
        }
        Ok(if compared.is_empty() { first } else { Node::Compare(Box::new(first), compared) })
    }

    fn comparison(&mut self) -> Result<Option<Comparison>, ExprError> {
        let comparison = match self.peek() {
            Token::Symbol("==") => Comparison::Equal,
            Token::Symbol("!=") => Comparison::Unequal,
            Token::Symbol("<") => Comparison::Less,
            Token::Symbol("<=") => Comparison::LessOrEqual,
            Token::Symbol(">") => Comparison::Greater,
            Token::Symbol(">=") => Comparison::GreaterOrEqual,
            Token::Name(name) if name == "in" => Comparison::In,
            Token::Name(name) if name == "not" => {
                self.next += 1;
                if !matches!(self.peek(), Token::Name(name) if name == "in") {
                    return Err(self.unexpected("`in`"));
                }
                Comparison::NotIn
            }
            _ => return Ok(None),
        };
        self.next += 1;
        Ok(Some(comparison))
    }

    fn sum(&mut self) -> Result<Node, ExprError> {
        self.chain(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Node, ExprError> {
        let operators = [
            ("*", Operator::Multiply),
            ("//", Operator::DivideDown),
            ("/", Operator::Divide),
            ("%", Operator::Remainder),
        ];
        self.chain(&operators, Self::negative)
    }

    fn chain(
        &mut self,
        operators: &[(&str, Operator)],
        part: fn(&mut Self) -> Result<Node, ExprError>,
    ) -> Result<Node, ExprError> {
        let first = part(self)?;
        let mut rest = Vec::new();
        while let Some((_, operator)) = operators.iter().find(|(symbol, _)| self.take_symbol(symbol)) {
            rest.push((*operator, part(self)?));
        }
        Ok(if rest.is_empty() { first } else { Node::Chain(Box::new(first), rest) })
    }

    fn negative(&mut self) -> Result<Node, ExprError> {
        if self.take_symbol("-") {
            return self.nested(|parser| Ok(Node::Negative(Box::new(parser.negative()?))));
        }
        if self.take_symbol("+") {
            return self.nested(Self::negative);
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<Node, ExprError> {
        let at = self.at();
        let token = self.peek().clone();
        let node = match token {
            Token::Int(number) => Node::Literal(Value::Int(number)),
            Token::Float(number) => Node::Literal(Value::Float(number)),
            Token::Text(text) => Node::Literal(Value::Text(text)),
            Token::Symbol("(") => {
                self.next += 1;
                let inner = self.nested(Self::or)?;
                self.expect_symbol(")")?;
                return Ok(inner);
            }
            Token::Symbol("[") => {
                self.next += 1;
                return self.nested(Self::list);
            }
            Token::Name(name) => match &*name {
                "value" => Node::Value,
                "true" | "True" => Node::Literal(Value::Bool(true)),
                "false" | "False" => Node::Literal(Value::Bool(false)),
                "null" | "None" => Node::Literal(Value::Null),
                "and" | "or" | "not" | "in" => return Err(self.unexpected("a value")),
                name => {
                    self.next += 1;
                    return self.call(name, at);
                }
            },
            _ => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        Ok(node)
    }

    fn list(&mut self) -> Result<Node, ExprError> {
        let mut items = Vec::new();
        while !self.take_symbol("]") {
            items.push(self.or()?);
            if !self.take_symbol(",") {
                self.expect_symbol("]")?;
                break;
            }
        }
        Ok(Node::List(items))
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Node, ExprError> {
        let is_call = self.take_symbol("(");
        let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let (problem, hint) = if is_call {
                ("unknown function", "; there are abs, bool, float, int, len, lower, str and upper")
            } else {
                ("unknown name", "; there is `value`")
            };
            return Err(ExprError { problem: format!("{problem} `{name}`"), at, hint });
        };
        if !is_call {
            return Err(self.unexpected("`(`"));
        }
        let argument = self.nested(Self::or)?;
        self.expect_symbol(")")?;
        Ok(Node::Call(*function, Box::new(argument)))
    }
}
